/* certificate_list.c - certificates by what people look for, newest first, page by page. */
#include "api/certificates.h"
#include "api/view.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

enum {
    LIMIT_DEFAULT = 50,
    LIMIT_MAX = 200,
    FILTER_MAX = 8 * 1024,
    VALUE_MAX = 256,
    CURSOR_SUM = 8,
    CURSOR_BYTES = 32
};

static const char *const filter_names[] = {"biz_no",       "certificate_no", "profile", "name",
                                           "id_number",    "status",         "state",   "year",
                                           "created_from", "created_until"};
enum { FILTERS = sizeof filter_names / sizeof filter_names[0] };

static void cursor_sum(uint8_t out[CURSOR_SUM], const uint8_t at[CURSOR_BYTES - CURSOR_SUM],
                       const char *filter)
{
    struct buf text = BUF_INIT(FILTER_MAX + 64);
    uint8_t whole[SHA256_SIZE];

    buf_append_text(&text, "cursor of certificates\n");
    buf_append_bytes(&text, at, CURSOR_BYTES - CURSOR_SUM);
    buf_append_text(&text, filter);
    sha256(whole, buf_view(&text));
    memcpy(out, whole, CURSOR_SUM);
    buf_dispose(&text);
}

void cursor_write(char out[CURSOR_SIZE], const struct cursor *c, const char *filter)
{
    uint8_t bytes[CURSOR_BYTES] = {0};

    for (size_t i = 0; i < 8; i++)
        bytes[i] = (uint8_t)((uint64_t)c->created >> (56 - 8 * i));
    (void)!hex_decode(bytes + 8, 16, c->id, 32);
    cursor_sum(bytes + 24, bytes, filter);
    hex_encode(out, (struct slice){bytes, sizeof bytes});
}

bool cursor_read(struct cursor *out, const char *text, const char *filter)
{
    uint8_t bytes[CURSOR_BYTES], sum[CURSOR_SUM];
    char again[CURSOR_SIZE];
    uint64_t created = 0;

    if (!hex_decode(bytes, sizeof bytes, text, strlen(text)))
        return false;
    cursor_sum(sum, bytes, filter);
    hex_encode(again, (struct slice){bytes, sizeof bytes});
    if (memcmp(sum, bytes + 24, sizeof sum) != 0 || strcmp(again, text) != 0)
        return false;
    for (size_t i = 0; i < 8; i++)
        created = created << 8 | bytes[i];
    out->created = (int64_t)created;
    hex_encode(out->id, (struct slice){bytes + 8, 16});
    return true;
}

/* The moment at which the day begins in Asia/Shanghai (UTC+8). */
static int read_day(int64_t *out, const struct request *req, const char *name, int64_t later, struct err *e)
{
    const char *text = request_query(req, name);
    char moment[32];
    struct date d;

    if (text == NULL)
        return 0;
    if (!date_parse(&d, text))
        return query_refuse(e, name, "write a day like 2026-01-31.", "请写成 2026-01-31 的形式。");
    (void)snprintf(moment, sizeof moment, "%sT00:00:00Z", text);
    if (!clock_parse_rfc3339(out, moment))
        return query_refuse(e, name, "write a day like 2026-01-31.", "请写成 2026-01-31 的形式。");
    *out += later - 8 * 3600;
    return 0;
}

static int read_state(struct certificate_filter *f, enum certificate_state *state, const struct request *req,
                      struct err *e)
{
    const char *text = request_query(req, "state");

    if (text == NULL)
        return 0;
    f->state = state;
    *state = strcmp(text, "issued") == 0 ? CERTIFICATE_ISSUED : CERTIFICATE_RESERVED;
    if (*state == CERTIFICATE_RESERVED && strcmp(text, "reserved") != 0)
        return query_refuse(e, "state", "there are issued and reserved.", "可用的有 issued 和 reserved。");
    return 0;
}

static int read_status(struct certificate_filter *f, enum certificate_status *status,
                       const struct request *req, struct err *e)
{
    const char *text = request_query(req, "status");

    if (text == NULL)
        return 0;
    f->status = status;
    if (!certificate_status_parse(status, text))
        return query_refuse(e, "status", "there are valid, suspended, revoked, cancelled and replaced.",
                            "可用的有 valid、suspended、revoked、cancelled 和 replaced。");
    return 0;
}

static int read_texts(struct certificate_filter *f, const struct request *req, struct err *e)
{
    const char **const at[] = {&f->biz_no, &f->number, &f->profile, &f->name, &f->id_number};

    for (size_t i = 0; i < sizeof at / sizeof(at[0]); i++) {
        *at[i] = request_query(req, filter_names[i]);
        if (*at[i] != NULL && ((*at[i])[0] == '\0' || strlen(*at[i]) > VALUE_MAX))
            return query_refuse(e, filter_names[i], "it is empty or too long.", "为空或过长。");
    }
    return 0;
}

/* All filters as one text. */
static const char *filter_text(const struct request *req)
{
    const struct caller *c = caller_of(req);
    struct buf text = BUF_INIT(FILTER_MAX);
    const char *kept = NULL;

    buf_printf(&text, "%s\n", c != NULL && c->organisation != NULL ? c->organisation : "*");
    for (size_t i = 0; i < FILTERS; i++) {
        const char *value = request_query(req, filter_names[i]);

        if (value != NULL)
            buf_printf(&text, "%s=%s\n", filter_names[i], value);
    }
    if (buf_ok(&text))
        kept = arena_slice(req->arena, buf_view(&text));
    buf_dispose(&text);
    return kept;
}

struct question {
    struct certificate_filter filter;
    enum certificate_state state;
    enum certificate_status status;
    struct cursor cursor;
    const char *text; /* of the filters */
    int limit;
};

static int read_question(struct question *q, const struct request *req, struct err *e)
{
    const char *names[FILTERS + 3], *cursor = request_query(req, "cursor");
    const struct caller *c = caller_of(req);
    struct certificate_filter *f = &q->filter;

    memcpy(names, filter_names, sizeof filter_names);
    names[FILTERS] = "limit";
    names[FILTERS + 1] = "cursor";
    names[FILTERS + 2] = NULL;
    *q = (struct question){.limit = LIMIT_DEFAULT, .text = filter_text(req)};
    f->organisation = c != NULL ? c->organisation : "";
    if (q->text == NULL)
        return err_no_memory(e);
    if (request_query_check(req, names, e) != 0 || read_texts(f, req, e) != 0 ||
        query_number(&q->limit, req, "limit", 1, LIMIT_MAX, e) != 0 ||
        query_number(&f->year, req, "year", 1949, 2999, e) != 0 ||
        read_day(&f->created_from, req, "created_from", 0, e) != 0 ||
        read_day(&f->created_until, req, "created_until", 86400, e) != 0 || /* that whole day */
        read_state(f, &q->state, req, e) != 0 || read_status(f, &q->status, req, e) != 0)
        return -1;
    if (cursor == NULL)
        return 0;
    if (!cursor_read(&q->cursor, cursor, q->text))
        return query_refuse(e, "cursor", "it is not the next_cursor of a list with these same filters.",
                            "不是相同筛选条件下返回的 next_cursor。");
    f->after_created = q->cursor.created;
    f->after_id = q->cursor.id;
    return 0;
}

static int answer_list(struct response *res, const struct app *app, const struct certificate_row *rows,
                       size_t count, bool more, const char *filter, struct err *e)
{
    json_t *list = json_array(), *answer = json_object();
    bool fine = list != NULL && answer != NULL;

    for (size_t i = 0; i < count && fine; i++)
        fine = json_array_append_new(list, certificate_view(app, &rows[i])) == 0;
    if (fine && more) {
        struct cursor at = {.created = rows[count - 1].created};
        char text[CURSOR_SIZE];

        memcpy(at.id, rows[count - 1].id, sizeof at.id);
        cursor_write(text, &at, filter);
        fine = json_object_set_new(answer, "next_cursor", json_string(text)) == 0;
    } else if (fine) {
        fine = json_object_set_new(answer, "next_cursor", json_null()) == 0;
    }
    fine = fine && json_object_set(answer, "items", list) == 0;
    json_decref(list);
    if (fine)
        return respond_json(res, 200, answer, e);
    json_decref(answer);
    return err_no_memory(e);
}

int certificates_list(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct certificate_row *rows;
    struct question q;
    size_t count, shown;

    if (read_question(&q, req, e) != 0)
        return -1;
    rows = arena_array(req->arena, (size_t)q.limit + 1, sizeof *rows);
    if (rows == NULL)
        return err_no_memory(e);
    if (store_list_certificates(rows, (size_t)q.limit + 1, &count, d->store, &q.filter, req->arena, e) != 0)
        return -1;
    shown = count > (size_t)q.limit ? (size_t)q.limit : count;
    return answer_list(res, app, rows, shown, count > shown, q.text, e);
}
