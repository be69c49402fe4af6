/* download_pages.c - many certificates in one archive: what was ticked is frozen, then the browser's own
 * download carries it; how far it came is told to the page. */
#include "console/console_internal.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SERIALS_MAX = 30000, EXPORTS_MAX = 100, FORM_BODY = 256 * 1024, WATCHED = 64, STEP_ROWS = 500 };

/* --- how far downloads came --- */

/* The last downloads, by session and export; the one asked for longest ago makes room. */
static struct watched {
    char id[CERTIFICATE_ID_SIZE];
    uint8_t session[SHA256_SIZE];
    uint64_t sent; /* the furthest byte */
    bool cut;      /* ended before the last byte */
    bool cancel;
    int64_t asked;
} watched[WATCHED];
static pthread_mutex_t watching = PTHREAD_MUTEX_INITIALIZER;

static struct watched *lookup(const struct session_row *s, const char *id)
{
    for (size_t i = 0; i < WATCHED; i++)
        if (strcmp(watched[i].id, id) == 0 && memcmp(watched[i].session, s->token, SHA256_SIZE) == 0)
            return &watched[i];
    return NULL;
}

static struct watched *watch(const struct session_row *s, const char *id)
{
    struct watched *w = lookup(s, id);

    for (size_t i = 0; w == NULL && i < WATCHED; i++)
        if (watched[i].id[0] == '\0')
            w = &watched[i];
    if (w == NULL) {
        w = &watched[0];
        for (size_t i = 1; i < WATCHED; i++)
            if (watched[i].asked < w->asked)
                w = &watched[i];
    }
    *w = (struct watched){.asked = clock_monotonic_ms()};
    (void)snprintf(w->id, sizeof w->id, "%s", id);
    memcpy(w->session, s->token, SHA256_SIZE);
    return w;
}

/* A source that notes how far it was read. */
struct counted {
    struct response_source inner;
    struct session_row session;
    char id[CERTIFICATE_ID_SIZE];
    uint64_t end;
};

static int counted_read(void *arg, uint64_t at, uint8_t *out, size_t len)
{
    struct counted *c = arg;
    struct watched *w;
    bool cancel;

    (void)pthread_mutex_lock(&watching);
    w = lookup(&c->session, c->id);
    cancel = w != NULL && w->cancel;
    (void)pthread_mutex_unlock(&watching);
    if (cancel || c->inner.read(c->inner.arg, at, out, len) != 0)
        return -1;
    (void)pthread_mutex_lock(&watching);
    w = lookup(&c->session, c->id);
    if (w != NULL && at + len > w->sent)
        w->sent = at + len;
    (void)pthread_mutex_unlock(&watching);
    return 0;
}

static void counted_close(void *arg)
{
    struct counted *c = arg;
    struct watched *w;

    (void)pthread_mutex_lock(&watching);
    w = lookup(&c->session, c->id);
    if (w != NULL)
        w->cut = w->sent < c->end;
    (void)pthread_mutex_unlock(&watching);
    c->inner.close(c->inner.arg);
    free(c);
}

/* Without memory it goes uncounted. */
static void count_source(struct console_visit *v, const char *id)
{
    struct counted *c = v->res->source.read == NULL ? NULL : calloc(1, sizeof *c);

    if (c == NULL)
        return;
    c->inner = v->res->source;
    c->session = v->session;
    c->end = c->inner.size;
    (void)snprintf(c->id, sizeof c->id, "%s", id);
    v->res->source.read = counted_read;
    v->res->source.close = counted_close;
    v->res->source.arg = c;
    (void)pthread_mutex_lock(&watching);
    (void)watch(&v->session, id);
    (void)pthread_mutex_unlock(&watching);
}

/* --- what was ticked --- */

struct picked {
    const char **ids;
    size_t count, asked; /* asked: also serials that nobody has */
};

static int pick(struct picked *p, struct console_visit *v, const char *filing, unsigned serial, struct err *e)
{
    struct entry_row row;

    if (p->asked++ == SERIALS_MAX)
        return err_set(e, ERR_TOO_LARGE, "Too many people were chosen; take all of the filing instead.",
                       "选择的人数过多，请改为下载全部。");
    if (store_entry_by_serial(&row, v->d->store, filing, serial, v->req->arena, e) != 0)
        return e->code == ERR_NOT_FOUND ? 0 : -1;
    p->ids[p->count] = arena_text(v->req->arena, row.id);
    return p->ids[p->count++] == NULL ? err_no_memory(e) : 0;
}

/* "1-50,53" */
static int pick_ranges(struct picked *p, struct console_visit *v, const char *filing, const char *text,
                       struct err *e)
{
    while (*text != '\0') {
        char *end;
        unsigned long from = strtoul(text, &end, 10), to = from;

        if (end == text)
            return err_set(e, ERR_INVALID, "The selection is not understood.",
                           "选择的内容无效，请重新勾选。");
        if (*end == '-')
            to = strtoul(end + 1, &end, 10);
        if (to < from || to - from > SERIALS_MAX || to > 10000000)
            return err_set(e, ERR_INVALID, "The selection is not understood.",
                           "选择的内容无效，请重新勾选。");
        for (unsigned long n = from; n <= to; n++)
            if (pick(p, v, filing, (unsigned)n, e) != 0)
                return -1;
        text = *end == ',' ? end + 1 : end;
        if (*end != ',' && *end != '\0')
            return err_set(e, ERR_INVALID, "The selection is not understood.",
                           "选择的内容无效，请重新勾选。");
    }
    return 0;
}

/* The boxes of a page without script: e0 to e49. */
static int pick_boxes(struct picked *p, struct console_visit *v, const char *filing, struct err *e)
{
    for (int i = 0; i < CONSOLE_ROWS; i++) {
        char name[8];
        const char *serial;

        (void)snprintf(name, sizeof name, "e%d", i);
        serial = console_field(v, name);
        if (serial[0] != '\0' && strspn(serial, "0123456789") == strlen(serial) && strlen(serial) < 9 &&
            pick(p, v, filing, (unsigned)strtoul(serial, NULL, 10), e) != 0)
            return -1;
    }
    return 0;
}

/* All of a tab or of a search. */
static int pick_filtered(struct picked *p, struct console_visit *v, const char *filing, struct err *e)
{
    const char *search = console_field(v, "q");
    struct entry_filter f = {.filing = filing, .search = search[0] != '\0' ? search : NULL};
    struct entry_row *rows = arena_array(v->req->arena, STEP_ROWS, sizeof *rows);
    struct arena a = ARENA_INIT;
    enum entry_state state;
    uint64_t total;
    size_t count = STEP_ROWS;
    int rc = rows == NULL ? err_no_memory(e) : 0;

    if (entry_state_parse(&state, console_field(v, "state")))
        f.state = &state;
    for (size_t skip = 0; rc == 0 && count == STEP_ROWS; skip += STEP_ROWS) {
        rc = store_list_entries(rows, skip, STEP_ROWS, &count, &total, v->d->store, &f, &a, e);
        for (size_t i = 0; rc == 0 && i < count; i++) {
            if (p->count == SERIALS_MAX)
                rc = err_set(e, ERR_TOO_LARGE, "Too many people were chosen; take all of the filing instead.",
                             "选择的人数过多，请改为下载全部。");
            else if ((p->ids[p->count++] = arena_text(v->req->arena, rows[i].id)) == NULL)
                rc = err_no_memory(e);
        }
        arena_reset(&a);
    }
    arena_dispose(&a);
    return rc;
}

static int read_picked(struct picked *p, struct console_visit *v, const char *filing, struct err *e)
{
    const char *serials = console_field(v, "serials");
    bool filtered = console_field(v, "state")[0] != '\0' || console_field(v, "q")[0] != '\0';

    p->count = p->asked = 0;
    p->ids = arena_array(v->req->arena, SERIALS_MAX, sizeof *p->ids);
    if (p->ids == NULL)
        return err_no_memory(e);
    if (console_field(v, "all")[0] != '\0' && serials[0] == '\0' && !filtered)
        return 0;
    if ((serials[0] != '\0'                   ? pick_ranges(p, v, filing, serials, e)
         : console_field(v, "all")[0] != '\0' ? pick_filtered(p, v, filing, e)
                                              : pick_boxes(p, v, filing, e)) != 0)
        return -1;
    if (p->count == 0) /* which must not end as everybody */
        return err_set(e, ERR_INVALID, "Nobody was ticked.", "没有勾选人员，请先勾选，或选择下载全部。");
    return 0;
}

static int export_page(struct console_visit *v, struct err *e)
{
    struct export_order order;
    struct console_filing f;
    struct filing_row row;
    struct export_row x;
    struct picked p;
    json_t *answer;

    if (console_find_filing(&row, &f, v, e) != 0 || read_picked(&p, v, row.id, e) != 0)
        return -1;
    order = (struct export_order){.filing = row.id, .ids = p.count > 0 ? p.ids : NULL, .id_count = p.count};
    if (export_freeze(&x, v->d->store, &order, &v->who, v->req->arena, e) != 0)
        return -1;
    if (!console_asks_json(v))
        return console_go(v, e, "/console/exports/%s.zip", x.id);
    answer =
        json_pack("{ss so so so sI sI sI}", "id", x.id, "url", json_sprintf("/console/exports/%s.zip", x.id),
                  "progress", json_sprintf("/console/exports/%s.json", x.id), "cancel",
                  json_sprintf("/console/exports/%s/cancel", x.id), "size", (json_int_t)x.size, "files",
                  (json_int_t)x.files, "missing", (json_int_t)x.missing);
    return console_json(v, answer, e);
}

/* --- exports --- */

static int find_export(struct export_row *x, struct console_visit *v, struct err *e)
{
    if (store_export(x, false, v->d->store, v->req->params[0], clock_now(), v->req->arena, e) == 0) {
        if (caller_sees(v->req, x->organisation))
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    v->req->params[0] = NULL; /* is no filing's, for the way back */
    return err_set(e, ERR_NOT_FOUND, "There is no such export, or it has expired.",
                   "没有这个下载任务，或已过期，请重新下载。");
}

static int zip_page(struct console_visit *v, struct err *e)
{
    struct export_archive *archive;
    struct export_row x;

    if (find_export(&x, v, e) != 0 || export_find(&archive, v->app, v->d->store, x.id, e) != 0 ||
        export_answer(v->res, v->req, archive, e) != 0)
        return -1;
    count_source(v, x.id);
    return 0;
}

static int sent_page(struct console_visit *v, struct err *e)
{
    struct watched now = {.sent = 0};
    const struct watched *w;
    struct export_row x;

    if (find_export(&x, v, e) != 0)
        return -1;
    (void)pthread_mutex_lock(&watching);
    w = lookup(&v->session, x.id);
    if (w != NULL)
        now = *w;
    (void)pthread_mutex_unlock(&watching);
    return console_json(v, json_pack("{sI sb}", "sent", (json_int_t)now.sent, "cut", now.cut), e);
}

static int cancel_page(struct console_visit *v, struct err *e)
{
    struct watched *w;
    struct export_row x;

    if (find_export(&x, v, e) != 0)
        return -1;
    (void)pthread_mutex_lock(&watching);
    w = lookup(&v->session, x.id);
    if (w != NULL)
        w->cancel = true;
    (void)pthread_mutex_unlock(&watching);
    return console_json(v, json_pack("{sb}", "cancelled", 1), e);
}

static int exports_page(struct console_visit *v, struct err *e)
{
    struct export_row *rows = arena_array(v->req->arena, EXPORTS_MAX, sizeof *rows);
    struct console_export *list = arena_array(v->req->arena, EXPORTS_MAX, sizeof *list);
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);
    size_t count;

    if (rows == NULL || list == NULL)
        return err_no_memory(e);
    if (store_list_exports(rows, EXPORTS_MAX, &count, v->d->store, v->who.organisation, clock_now(),
                           v->req->arena, e) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct filing_row f;
        struct err unasked;

        list[i] = (struct console_export){.id = rows[i].id,
                                          .file_name = rows[i].file_name,
                                          .size = rows[i].size,
                                          .files = rows[i].files,
                                          .missing = rows[i].missing,
                                          .created = rows[i].created,
                                          .expires = rows[i].expires};
        if (rows[i].filing[0] != '\0' &&
            store_filing(&f, v->d->store, rows[i].filing, v->req->arena, &unasked) == 0)
            list[i].filing_name = f.name;
    }
    return console_answer(v, 200, &html, console_exports_page(&html, &v->site, list, count, e));
}

/* --- routes --- */

static int export_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, export_page, e);
}

static int zip_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, zip_page, e);
}

static int sent_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, sent_page, e);
}

static int cancel_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, cancel_page, e);
}

static int exports_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, exports_page, e);
}

const struct route download_routes[] = {
    {HTTP_POST, "/console/filings/{id}/export", export_post, LANE_FILING, FORM_BODY, ROUTE_FORM, NULL},
    {HTTP_GET, "/console/exports", exports_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_GET, "/console/exports/{id}.zip", zip_get, LANE_FILING, 0, ROUTE_UNPACED, NULL},
    {HTTP_GET, "/console/exports/{id}.json", sent_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/exports/{id}/cancel", cancel_post, LANE_RECORDS, FORM_BODY, ROUTE_FORM, NULL},
    {.pattern = NULL},
};
