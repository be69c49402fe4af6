/* idempotent.c - Idempotency-Key: the same POST again gets its first answer, for ever. */
#include "api/visit.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 255, WORKING_MAX = 64, NAME_MAX_BYTES = 64 + KEY_MAX + 2 };

/* Keys whose request is being worked on now. */
struct working_keys {
    pthread_mutex_t mutex;
    char names[WORKING_MAX][NAME_MAX_BYTES]; /* owner, a space, key; "": free */
};

struct working_keys *working_keys_new(void)
{
    struct working_keys *k = calloc(1, sizeof *k);

    if (k != NULL)
        (void)pthread_mutex_init(&k->mutex, NULL);
    return k;
}

void working_keys_free(struct working_keys *k)
{
    if (k == NULL)
        return;
    (void)pthread_mutex_destroy(&k->mutex);
    free(k);
}

/* The place taken, or NULL where somebody works on it, or too many work. */
static char *working_take(struct working_keys *k, const char *name)
{
    char *free_place = NULL;
    bool busy = false;

    (void)pthread_mutex_lock(&k->mutex);
    for (size_t i = 0; i < WORKING_MAX; i++) {
        if (k->names[i][0] == '\0')
            free_place = k->names[i];
        busy = busy || strcmp(k->names[i], name) == 0;
    }
    if (!busy && free_place != NULL)
        (void)snprintf(free_place, NAME_MAX_BYTES, "%s", name);
    (void)pthread_mutex_unlock(&k->mutex);
    return busy ? NULL : free_place;
}

static void working_give_back(struct working_keys *k, char *place)
{
    (void)pthread_mutex_lock(&k->mutex);
    place[0] = '\0';
    (void)pthread_mutex_unlock(&k->mutex);
}

static int check_key(const char *key, struct err *e)
{
    size_t len = strlen(key);

    for (size_t i = 0; i < len; i++) {
        if (key[i] < '!' || key[i] > '~')
            len = 0;
    }
    if (len >= 1 && len <= KEY_MAX)
        return 0;
    return err_set(e, ERR_INVALID, "Idempotency-Key is 1 to %d printable ASCII characters without spaces.",
                   "Idempotency-Key 应为 1 至 %d 个可见 ASCII 字符，不含空格。", KEY_MAX);
}

/* A body that went to a file. */
static int add_spool(struct buf *text, const struct spool *file, struct err *e)
{
    uint8_t hash[SHA256_SIZE];
    struct spool_view view;

    if (spool_map(&view, file, e) != 0)
        return -1;
    sha256(hash, view.bytes);
    spool_unmap(&view);
    buf_append_bytes(text, hash, sizeof hash);
    return 0;
}

/* What must be the same the second time. */
static int hash_request(uint8_t out[SHA256_SIZE], const struct request *req, const char *const names[],
                        struct err *e)
{
    struct buf text = BUF_INIT(req->body.len + 16384);
    struct spool file;
    int rc = 0;

    buf_printf(&text, "%s %s\n", http_method_name(req->method), req->path);
    for (; names != NULL && *names != NULL; names++) {
        if (request_query(req, *names) != NULL)
            buf_printf(&text, "?%s=%s\n", *names, request_query(req, *names));
    }
    buf_append(&text, req->body);
    if ((req->route->flags & ROUTE_SPOOL) != 0 && request_spool(&file, req))
        rc = add_spool(&text, &file, e);
    if (rc == 0 && buf_ok(&text))
        sha256(out, buf_view(&text));
    else if (rc == 0)
        rc = err_no_memory(e);
    buf_dispose(&text);
    return rc;
}

/* Where the first answer said that the new record is: it links to itself; else its id is in the answer, its
 * collection the address. */
static const char *location_of(const struct request *req, const struct kept_answer *kept)
{
    json_t *answer = json_loadb((const char *)kept->body.ptr, kept->body.len, 0, NULL);
    const char *id = json_text(answer, "id"), *self = json_text(json_object_get(answer, "links"), "self"),
               *location = NULL;

    if (self != NULL)
        location = arena_text(req->arena, self);
    else if (id != NULL)
        location = arena_printf(req->arena, "%s/%s", req->path, id);
    json_decref(answer);
    return location;
}

static int repeat_answer(const struct request *req, struct response *res, const struct kept_answer *asked,
                         const struct kept_answer *kept, struct err *e)
{
    struct buf body = BUF_INIT(kept->body.len);

    if (memcmp(kept->request, asked->request, SHA256_SIZE) != 0) {
        (void)refuse_as(req, 409, "idempotency-key-reused", 0);
        return err_set(e, ERR_CONFLICT,
                       "This Idempotency-Key was used for another request; a new request needs a new key.",
                       "该 Idempotency-Key 已用于另一请求，新的请求请使用新的值。");
    }
    buf_append(&body, kept->body);
    if (!buf_ok(&body)) {
        buf_dispose(&body);
        return err_no_memory(e);
    }
    res->status = kept->status;
    response_adopt(res, "application/json", &body);
    response_header(res, "Idempotency-Replayed", "true");
    if (kept->status == 201 || kept->status == 202) {
        const char *location = location_of(req, kept);

        if (location != NULL)
            response_header(res, "Location", location);
    }
    return 0;
}

/* Keeps what the handler answered. A refusal is not kept: it changed nothing and may be mended. */
static int keep_answer(struct desk *d, const struct response *res, struct kept_answer *asked, struct err *e)
{
    struct err conflict;

    if (res->status < 200 || res->status > 299)
        return 0;
    asked->status = res->status;
    asked->body = res->fixed.ptr != NULL ? res->fixed : buf_view(&res->body);
    if (store_put_answer(d->store, asked, clock_now(), &conflict) == 0 || conflict.code == ERR_CONFLICT)
        return 0;
    *e = conflict;
    return -1;
}

static int answer_once(struct app *app, struct request *req, struct response *res, http_handler *handle,
                       struct kept_answer *asked, struct err *e)
{
    struct desk *d = req->thread;
    struct kept_answer kept;

    if (store_answer(&kept, d->store, asked->owner, asked->idempotency_key, req->arena, e) == 0)
        return repeat_answer(req, res, asked, &kept, e);
    if (e->code != ERR_NOT_FOUND || handle(app, req, res, e) != 0)
        return -1;
    return keep_answer(d, res, asked, e);
}

/* Whose key it is. */
static const char *owner_of(const struct request *req)
{
    const struct caller *c = caller_of(req);

    return c != NULL && c->organisation != NULL ? c->organisation : "*";
}

void idempotent_name(char out[17], const struct request *req)
{
    const char *key = request_header(req, "Idempotency-Key");
    struct buf text = BUF_INIT(NAME_MAX_BYTES);
    uint8_t hash[SHA256_SIZE];

    out[0] = '\0';
    if (key == NULL)
        return;
    buf_printf(&text, "%s %s", owner_of(req), key);
    if (buf_ok(&text)) {
        sha256(hash, buf_view(&text));
        hex_encode(out, (struct slice){hash, 8});
    }
    buf_dispose(&text);
}

int idempotent(struct app *app, struct request *req, struct response *res, http_handler *handle,
               struct err *e)
{
    return idempotent_with(app, req, res, handle, NULL, e);
}

int idempotent_with(struct app *app, struct request *req, struct response *res, http_handler *handle,
                    const char *const names[], struct err *e)
{
    struct kept_answer asked = {.idempotency_key = request_header(req, "Idempotency-Key")};
    const char *name;
    char *place;
    int rc;

    if (asked.idempotency_key == NULL)
        return handle(app, req, res, e);
    asked.owner = owner_of(req);
    name = arena_printf(req->arena, "%s %s", asked.owner, asked.idempotency_key);
    if (check_key(asked.idempotency_key, e) != 0 || hash_request(asked.request, req, names, e) != 0)
        return -1;
    if (name == NULL)
        return err_no_memory(e);
    place = working_take(app->working_keys, name);
    if (place == NULL)
        return err_set(e, ERR_IN_PROGRESS,
                       "A request with this Idempotency-Key is being worked on; try again soon.",
                       "使用该 Idempotency-Key 的请求正在处理，请稍后重试。");
    rc = answer_once(app, req, res, handle, &asked, e);
    working_give_back(app->working_keys, place);
    return rc;
}
