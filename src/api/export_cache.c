/* export_cache.c - open archives: many ranges of one download, and many downloads of one archive, are read
 * from the same plan, which takes a while to make. */
#include "api/app.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* An archive of 20,000 certificates takes about 6 MB. */
enum { OPEN_MAX = 4, IDLE_MS = 3 * 60 * 1000 };

struct slot {
    char id[CERTIFICATE_ID_SIZE];
    struct export_archive *archive; /* one use of it is the cache's; NULL: free */
    int64_t used_ms;
};

struct export_cache {
    pthread_mutex_t mutex;
    struct slot slots[OPEN_MAX];
};

struct export_cache *export_cache_new(void)
{
    struct export_cache *c = calloc(1, sizeof *c);

    if (c != NULL)
        (void)pthread_mutex_init(&c->mutex, NULL);
    return c;
}

static void empty(struct slot *s)
{
    export_close(s->archive); /* readers that are at it have uses of their own */
    s->archive = NULL;
}

void export_cache_free(struct export_cache *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < OPEN_MAX; i++)
        empty(&c->slots[i]);
    (void)pthread_mutex_destroy(&c->mutex);
    free(c);
}

void export_cache_sweep(struct export_cache *c)
{
    int64_t now = clock_monotonic_ms();

    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&c->mutex);
    for (size_t i = 0; i < OPEN_MAX; i++) {
        if (c->slots[i].archive != NULL && now - c->slots[i].used_ms > IDLE_MS)
            empty(&c->slots[i]);
    }
    (void)pthread_mutex_unlock(&c->mutex);
}

/* The slot of that export, or else the one to be used for it. */
static struct slot *slot_for(struct export_cache *c, const char *id)
{
    struct slot *oldest = &c->slots[0];

    for (size_t i = 0; i < OPEN_MAX; i++) {
        struct slot *s = &c->slots[i];

        if (s->archive != NULL && strcmp(s->id, id) == 0)
            return s;
        if (oldest->archive != NULL && (s->archive == NULL || s->used_ms < oldest->used_ms))
            oldest = s;
    }
    return oldest;
}

/* While the plan is made others wait: were it made for each of fifty who ask at once, all would wait longer.
 */
int export_find(struct export_archive **out, struct app *app, struct store *s, const char *id, struct err *e)
{
    struct export_cache *c = app->exports;
    struct export_archive *opened = NULL;
    struct slot *slot;
    int rc = 0;

    *out = NULL;
    (void)pthread_mutex_lock(&c->mutex);
    slot = slot_for(c, id);
    if (slot->archive == NULL || strcmp(slot->id, id) != 0) {
        rc = export_open(&opened, s, id, clock_now(), e);
        if (rc == 0) {
            empty(slot);
            slot->archive = opened;
            (void)snprintf(slot->id, sizeof slot->id, "%s", id);
        }
    }
    if (rc == 0) {
        slot->used_ms = clock_monotonic_ms();
        *out = export_ref(slot->archive);
    }
    (void)pthread_mutex_unlock(&c->mutex);
    return rc;
}

static int read_archive(void *arg, uint64_t at, uint8_t *out, size_t len)
{
    struct err unasked; /* the connection is cut; export_read() has told the log's readers */

    return export_read(arg, at, out, len, &unasked);
}

static void close_archive(void *arg)
{
    export_reader_close(arg);
}

int export_answer(struct response *res, struct request *req, struct export_archive *x, struct err *e)
{
    struct response_source source = {.size = export_size(x), .read = read_archive, .close = close_archive};
    struct export_reader *reader = NULL;
    const char *name = respond_disposition(req->arena, "attachment", "certificates.zip", export_file_name(x)),
               *etag = arena_text(req->arena, export_etag(x));

    if (name == NULL || etag == NULL) {
        export_close(x);
        return err_no_memory(e);
    }
    if (export_reader_open(&reader, x, e) != 0) {
        export_close(x);
        return -1;
    }
    source.arg = reader;
    res->etag = etag;
    res->ranges = true;
    response_stream(res, "application/zip", &source);
    response_header(res, "Content-Disposition", name);
    response_header(res, "Cache-Control", "private, no-cache");
    return 0;
}
