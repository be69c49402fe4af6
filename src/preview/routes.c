/* routes.c - what the browser asks for. Read only, for the one at this machine: the address is loopback, and
 * a name that another site points at it is no name of ours. */
#include "http/listen.h"
#include "preview/preview_internal.h"
#include "web/assets.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { WATCH_MS = 20000, WATCH_STEP_MS = 250 };

/* Made from preview.css and preview.js when the program is built. */
extern const unsigned char preview_css[], preview_js[];
extern const unsigned preview_css_size, preview_js_size;

static const char PAGE_POLICY[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                                  "connect-src 'self'; frame-src 'self'; "
                                  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/* Browsers' own viewers are stopped by more than this. */
static const char PDF_POLICY[] = "frame-ancestors 'self'";

static int choose_record(struct choice *out, const struct preview *p, const struct records *records,
                         const char *record, struct err *e)
{
    if (record == NULL) {
        out->record = p->extra != NULL && out->folder == p->first ? "+" : "sample.json";
        return 0;
    }
    out->record = record;
    if (strcmp(record, "-") == 0 || (strcmp(record, "+") == 0 && p->extra != NULL))
        return 0;
    for (size_t i = 0; i < records->count; i++) {
        if (strcmp(record, records->list[i]) == 0)
            return 0;
    }
    return err_set(e, ERR_NOT_FOUND, "The template has no record \"%.60s\".", "模板没有数据文件 “%.60s”。",
                   record);
}

/* Everything a query says, held against what there is. */
static int choose(struct choice *out, struct records *records, const struct preview *p,
                  const struct request *req, struct err *e)
{
    static const char *const names[] = {"template", "record", "view", "version",
                                        "since",    "page",   "save", NULL};
    const char *template = request_query(req, "template"), *view = request_query(req, "view");

    if (request_query_check(req, names, e) != 0)
        return -1;
    out->folder = template == NULL ? p->first : folders_lookup(&p->folders, template);
    out->boxes = view != NULL && strcmp(view, "boxes") == 0;
    if (out->folder == NULL)
        return err_set(e, ERR_NOT_FOUND, "There is no template \"%.60s\".", "没有模板 “%.60s”。", template);
    if (records_list(records, out->folder, req->arena, e) != 0)
        return -1;
    return choose_record(out, p, records, request_query(req, "record"), e);
}

static const char *extra_of(const struct preview *p, const struct choice *c)
{
    return strcmp(c->record, "+") == 0 ? p->extra : NULL;
}

static int page_get(void *app, struct request *req, struct response *res, struct err *e)
{
    struct buf html = BUF_INIT(PAGE_MAX);
    struct preview *p = app;
    struct attempt attempt;
    struct records records;
    struct choice choice = {.record = ""};
    char stamp[STAMP_SIZE];
    int rc;

    if (choose(&choice, &records, p, req, e) != 0)
        return -1;
    folder_stamp(stamp, choice.folder,
                 extra_of(p, &choice)); /* before the files are read: later is a change */
    rc = attempt_make(&attempt, p, &choice, e);
    if (rc == 0) {
        const struct page_facts facts = {p, &choice, &records, &attempt, stamp, req->english};

        rc = page_write(&html, &facts, e);
    }
    if (rc == 0) {
        response_header(res, "Content-Security-Policy", PAGE_POLICY);
        response_adopt(res, "text/html; charset=utf-8", &html);
    }
    attempt_dispose(&attempt);
    buf_dispose(&html);
    return rc;
}

static int pdf_get(void *app, struct request *req, struct response *res, struct err *e)
{
    struct preview *p = app;
    struct buf pdf = BUF_INIT(DOCUMENT_MAX);
    const struct kept *kept;
    struct attempt attempt = {.fine = true};
    struct records records;
    struct choice choice = {.record = ""};
    int rc = choose(&choice, &records, p, req, e);

    if (rc != 0)
        return rc;
    kept = kept_lookup(p, &choice);
    if (kept == NULL) {
        rc = attempt_make(&attempt, p, &choice, e);
        kept = attempt.kept;
        if (rc == 0 && kept == NULL) {
            *e = attempt.why;
            rc = -1;
        }
    }
    if (rc == 0) {
        buf_append(&pdf, buf_view(&kept->pdf));
        rc = buf_ok(&pdf) ? 0 : err_no_memory(e);
    }
    if (rc == 0) {
        response_header(res, "Content-Security-Policy", PDF_POLICY);
        if (request_query(req, "save") != NULL)
            response_header(res, "Content-Disposition", "attachment; filename=\"preview.pdf\"");
        response_adopt(res, "application/pdf", &pdf);
    }
    attempt_dispose(&attempt);
    buf_dispose(&pdf);
    return rc;
}

/* Answers when something changed since the stamp, or after a while. On threads of its own, with nothing
 * shared. */
static int changed_get(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct timespec step = {0, WATCH_STEP_MS * 1000000L};
    const char *since = request_query(req, "since");
    struct buf text = BUF_INIT(256);
    struct preview *p = app;
    struct records records;
    struct choice choice = {.record = ""};
    char stamp[STAMP_SIZE];

    if (choose(&choice, &records, p, req, e) != 0)
        return -1;
    for (int waited = 0;; waited += WATCH_STEP_MS) {
        folder_stamp(stamp, choice.folder, extra_of(p, &choice));
        if (since == NULL || strcmp(stamp, since) != 0 || waited >= WATCH_MS || atomic_load(&p->ending))
            break;
        (void)nanosleep(&step, NULL);
    }
    buf_printf(&text, "{\"stamp\":\"%s\"}\n", stamp);
    response_adopt(res, "application/json", &text);
    return 0;
}

static int css_get(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app, (void)req, (void)e;
    response_fixed(res, "text/css; charset=utf-8", (struct slice){preview_css, preview_css_size});
    return 0;
}

static int js_get(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app, (void)req, (void)e;
    response_fixed(res, "text/javascript; charset=utf-8", (struct slice){preview_js, preview_js_size});
    return 0;
}

static int asset_get(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct asset *asset = asset_find(req->path);

    (void)app;
    if (asset == NULL)
        return err_set(e, ERR_NOT_FOUND, "There is nothing at this address.", "此地址没有内容。");
    response_fixed(res, asset->content_type, asset->plain);
    return 0;
}

const struct route preview_routes[] = {
    {HTTP_GET, "/", page_get, LANE_PRESS, 0, 0, NULL},
    {HTTP_GET, "/document.pdf", pdf_get, LANE_PRESS, 0, ROUTE_UNPACED, NULL},
    {HTTP_GET, "/changed", changed_get, LANE_WATCH, 0, 0, NULL},
    {HTTP_GET, "/preview.css", css_get, LANE_INLINE, 0, 0, NULL},
    {HTTP_GET, "/preview.js", js_get, LANE_INLINE, 0, 0, NULL},
    {HTTP_GET, "/static/{file}", asset_get, LANE_INLINE, 0, 0, NULL},
    {.pattern = NULL}};

/* --- every request, every answer --- */

/* With any port, or none: whoever forwards one from elsewhere says his own. */
static bool is_local_name(const char *host)
{
    char with_port[128];
    bool has_port = host != NULL && strrchr(host, ':') != NULL && host[strlen(host) - 1] != ']';

    if (host == NULL ||
        snprintf(with_port, sizeof with_port, "%s%s", host, has_port ? "" : ":80") >= (int)sizeof with_port)
        return false;
    return listen_is_loopback(with_port);
}

int preview_enter(void *app, struct request *req, struct err *e)
{
    (void)app;
    if (is_local_name(request_header(req, "Host")))
        return 0;
    return err_set(e, ERR_FORBIDDEN, "The preview answers to 127.0.0.1, localhost and [::1] only.",
                   "预览只接受以 127.0.0.1、localhost 或 [::1] 访问。");
}

void preview_refuse(void *app, const struct request *req, struct response *res, int status,
                    const struct err *e)
{
    struct buf text = BUF_INIT(2048);

    (void)app;
    res->status = status != 0                  ? status
                  : e->code == ERR_NOT_FOUND   ? 404
                  : e->code == ERR_FORBIDDEN   ? 403
                  : e->code == ERR_INVALID     ? 422
                  : e->code == ERR_UNAVAILABLE ? 503
                                               : 500;
    buf_append_text(&text, req->english ? e->en : e->zh);
    buf_append_char(&text, '\n');
    response_adopt(res, "text/plain; charset=utf-8", &text);
    buf_dispose(&text);
}

void preview_dress(void *app, const struct request *req, struct response *res)
{
    static const char *const headers[][2] = {{"X-Content-Type-Options", "nosniff"},
                                             {"Referrer-Policy", "no-referrer"},
                                             {"Cross-Origin-Opener-Policy", "same-origin"},
                                             {"Cross-Origin-Resource-Policy", "same-origin"},
                                             {"Cache-Control", "no-store"}};
    bool policy = false;

    (void)app;
    (void)req;
    for (size_t i = 0; i < res->header_count; i++)
        policy = policy || strcmp(res->headers[i].name, "Content-Security-Policy") == 0;
    if (!policy)
        response_header(res, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        response_header(res, headers[i][0], headers[i][1]);
}
