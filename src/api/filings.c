/* filings.c - /v1/filings: approval filings (批复备案) made, moved on, and their certificates asked for. */
#include "api/filings.h"
#include <string.h>

static const char *const no_names[] = {NULL};

int filing_asked(struct filing_row *out, struct filing_actor *who, const struct request *req, struct err *e)
{
    const struct desk *d = req->thread;

    *who = actor_of(req);
    return filing_find(out, d->store, req->params[0], who, req->arena, e);
}

int filing_allows(bool allowed, const struct filing_row *f, const struct filing_actor *who, struct err *e)
{
    struct filing_rights r;

    if (allowed)
        return 0;
    filing_rights(&r, f, who);
    return err_set(e, ERR_CONFLICT, "This cannot be done with the filing now. %s%.0s",
                   "现在不能对该备案执行此操作。%.0s%s", r.why_en != NULL ? r.why_en : "",
                   r.why_zh != NULL ? r.why_zh : "");
}

/* --- what there is --- */

static int read_filter(struct filing_filter *out, enum filing_status *status, const struct request *req,
                       struct err *e)
{
    const struct filing_actor who = actor_of(req);
    const char *text;

    *out = (struct filing_filter){.organisation = who.organisation};
    if (query_text(&out->name, req, "name", e) != 0 ||
        query_text(&out->approval_no, req, "approval_no", e) != 0 ||
        query_text(&out->type, req, "type", e) != 0 ||
        query_number(&out->year, req, "year", 1949, 2999, e) != 0 || query_text(&text, req, "status", e) != 0)
        return -1;
    if (text == NULL)
        return 0;
    out->status = status;
    if (filing_status_parse(status, text))
        return 0;
    return query_refuse(e, "status", "there are editing, reviewing, returned and approved.",
                        "可用的有 editing、reviewing、returned 和 approved。");
}

static int filings_list(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {"name",   "approval_no", "type",   "year",
                                        "status", "limit",       "cursor", NULL};
    static const char *const filters[] = {"name", "approval_no", "type", "year", "status", NULL};
    const struct desk *d = req->thread;
    struct filing_filter f;
    enum filing_status status;
    struct page_order page;
    struct page_end end = {.more = false};
    struct filing_row *rows;
    json_t *items;
    size_t count;

    (void)app;
    if (request_query_check(req, names, e) != 0 || read_filter(&f, &status, req, e) != 0 ||
        page_order_read(&page, req, filters, e) != 0)
        return -1;
    f.after_created = page.after_created;
    f.after_id = page.after_id;
    rows = arena_array(req->arena, (size_t)page.limit + 1, sizeof *rows);
    if (rows == NULL)
        return err_no_memory(e);
    if (store_list_filings(rows, (size_t)page.limit + 1, &count, d->store, &f, req->arena, e) != 0)
        return -1;
    end.more = count > (size_t)page.limit;
    count -= end.more;
    items = json_array();
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(items, filing_view(req, d->store, &rows[i])) != 0) {
            json_decref(items);
            return err_no_memory(e);
        }
        end.created = rows[i].created;
        end.id = rows[i].id;
    }
    return respond_page(res, items, &page, &end, e);
}

/* What happened to it. */
static json_t *events_json(const struct filing_event *events, size_t count)
{
    json_t *list = json_array();
    bool fine = list != NULL;

    for (size_t i = 0; i < count && fine; i++) {
        json_t *ev = json_object();

        fine = ev != NULL && view_moment(ev, "moment", events[i].moment) &&
               view_text(ev, "event", events[i].event) && view_text(ev, "entry", events[i].entry) &&
               view_text(ev, "actor", events[i].actor) && view_text(ev, "reason", events[i].reason) &&
               json_array_append(list, ev) == 0;
        json_decref(ev);
    }
    if (fine)
        return list;
    json_decref(list);
    return NULL;
}

static int filing_get(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct filing_progress progress;
    struct filing_actor who;
    struct filing_event *events;
    struct filing_row f;
    json_t *view;
    size_t count;

    (void)app;
    if (request_query_check(req, no_names, e) != 0 || filing_asked(&f, &who, req, e) != 0 ||
        filing_progress(&progress, d->store, &f, who.now, req->arena, e) != 0 ||
        store_list_filing_events(&events, &count, d->store, f.id, req->arena, e) != 0)
        return -1;
    view = filing_view(req, d->store, &f);
    if (view == NULL || !view_progress(view, req, &progress) ||
        !view_value(view, "events", events_json(events, count))) {
        json_decref(view);
        return err_no_memory(e);
    }
    return respond_json(res, 200, view, e);
}

/* The filing as it is now. */
static int answer_filing(struct request *req, struct response *res, int status, const char *id, struct err *e)
{
    const struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    const char *address = arena_printf(req->arena, "/v1/filings/%s", id);
    struct filing_row f;

    if (address == NULL)
        return err_no_memory(e);
    if (filing_find(&f, d->store, id, &who, req->arena, e) != 0 ||
        respond_json(res, status, filing_view(req, d->store, &f), e) != 0)
        return -1;
    if (status == 201)
        response_header(res, "Location", address);
    return 0;
}

/* --- made and changed --- */

static bool is_outage(enum err_code code)
{
    return code == ERR_UNAVAILABLE || code == ERR_NO_MEMORY || code == ERR_INTERNAL;
}

/* POST without an id, PUT with one. */
static int take_order(struct request *req, struct response *res, const char *id, struct err *e)
{
    const struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    struct faults faults = {.count = 0};
    struct filing_order order;
    struct filing_row f;
    json_t *body = NULL;
    int rc = -1;

    if (request_query_check(req, no_names, e) != 0 ||
        (id != NULL && filing_find(&f, d->store, id, &who, req->arena, e) != 0) ||
        request_json(&body, req, e) != 0)
        return -1;
    if (filing_order_read(&order, body, req->arena, &faults, e) == 0)
        rc = id == NULL ? filing_create(&f, d->store, &order, &who, &faults, req->arena, e)
                        : filing_change(&f, d->store, id, &order, &who, &faults, req->arena, e);
    if (rc == 0)
        rc = answer_filing(req, res, id == NULL ? 201 : 200, f.id, e);
    else if (faults.count > 0 && !is_outage(e->code))
        rc = respond_faults(req, res, &faults, e);
    json_decref(body);
    return rc;
}

static int post_once(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return take_order(req, res, NULL, e);
}

static int filings_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, post_once, e);
}

static int filing_put(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return take_order(req, res, req->params[0], e);
}

/* --- moved on --- */

enum move { MOVE_SUBMIT, MOVE_PASS, MOVE_RETURN, MOVE_PAUSE, MOVE_RESUME, MOVE_RETRY };

static int make_move(enum move move, struct request *req, const struct decision *why, struct err *e)
{
    struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    const char *id = req->params[0];
    size_t count;

    switch (move) {
    case MOVE_SUBMIT:
        return filing_submit(d->store, id, &who, e);
    case MOVE_PASS:
        if (desk_signer(d, e) != 0)
            return -1;
        return filing_pass(d->store, d->signer, id, why->reason, &who, e);
    case MOVE_RETURN:
        return filing_return(d->store, id, why->reason, &who, e);
    case MOVE_PAUSE:
        return filing_pause(d->store, id, true, &who, e);
    case MOVE_RESUME:
        return filing_pause(d->store, id, false, &who, e);
    case MOVE_RETRY:
        return filing_retry(&count, d->store, id, NULL, &who, e);
    }
    return -1;
}

static int move(enum move move, struct request *req, struct response *res, struct err *e)
{
    struct desk *d = req->thread;
    struct faults faults = {.count = 0};
    struct filing_actor who;
    struct filing_row f;
    struct decision why;

    if (request_query_check(req, no_names, e) != 0 || filing_asked(&f, &who, req, e) != 0)
        return -1;
    if (decision_read(&why, req, move == MOVE_RETURN, &faults, e) != 0)
        return faults.count > 0 ? respond_faults(req, res, &faults, e) : -1;
    if (make_move(move, req, &why, e) != 0)
        return -1;
    service_wake(d->app);
    return answer_filing(req, res, 200, f.id, e);
}

static int submit_once(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return move(MOVE_SUBMIT, req, res, e);
}

static int pass_once(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return move(MOVE_PASS, req, res, e);
}

static int return_once(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return move(MOVE_RETURN, req, res, e);
}

static int retry_once(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return move(MOVE_RETRY, req, res, e);
}

static int filing_submit_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, submit_once, e);
}

static int filing_pass_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, pass_once, e);
}

static int filing_return_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, return_once, e);
}

static int filing_retry_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, retry_once, e);
}

/* The same again changes nothing: no key is needed. */
static int filing_pause_post(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return move(MOVE_PAUSE, req, res, e);
}

static int filing_resume_post(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return move(MOVE_RESUME, req, res, e);
}

/* The same call again finds the same job. */
static int filing_accession_post(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    char job[CERTIFICATE_ID_SIZE];
    struct filing_actor who;
    struct filing_row f;

    if (request_query_check(req, no_names, e) != 0 || filing_asked(&f, &who, req, e) != 0 ||
        filing_accession(job, d->store, f.id, &who, e) != 0)
        return -1;
    service_wake(app);
    return respond_job(req, res, job, e);
}

const struct route filing_routes[] = {
    {HTTP_GET, "/v1/filings", filings_list, LANE_RECORDS, 0, 0, SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings", filings_post, LANE_RECORDS, FILING_BODY_MAX, 0, SCOPE_FILINGS},
    {HTTP_GET, "/v1/filings/{id}", filing_get, LANE_RECORDS, 0, 0, SCOPE_FILINGS},
    {HTTP_PUT, "/v1/filings/{id}", filing_put, LANE_RECORDS, FILING_BODY_MAX, 0, SCOPE_FILINGS},
    {HTTP_PUT, "/v1/filings/{id}/document", filing_document_put, LANE_FILING, DOCUMENT_PDF_MAX, ROUTE_SPOOL,
     SCOPE_FILINGS},
    {HTTP_GET, "/v1/filings/{id}/document", filing_document_get, LANE_RECORDS, 0, ROUTE_UNPACED,
     SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings/{id}/submit", filing_submit_post, LANE_FILING, FILING_BODY_MAX, 0,
     SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings/{id}/pass", filing_pass_post, LANE_FILING, FILING_BODY_MAX, 0, SCOPE_APPROVE},
    {HTTP_POST, "/v1/filings/{id}/return", filing_return_post, LANE_FILING, FILING_BODY_MAX, 0,
     SCOPE_APPROVE},
    {HTTP_POST, "/v1/filings/{id}/accession", filing_accession_post, LANE_FILING, FILING_BODY_MAX, 0,
     SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings/{id}/pause", filing_pause_post, LANE_RECORDS, FILING_BODY_MAX, 0, SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings/{id}/resume", filing_resume_post, LANE_RECORDS, FILING_BODY_MAX, 0,
     SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings/{id}/retry", filing_retry_post, LANE_FILING, FILING_BODY_MAX, 0, SCOPE_FILINGS},
    {HTTP_PUT, "/v1/filings/{id}/photos", filing_photos_put, LANE_FILING, PHOTO_ARCHIVE_MAX, ROUTE_SPOOL,
     SCOPE_FILINGS},
    {HTTP_GET, "/v1/filings/{id}/certificates.zip", filing_certificates_zip, LANE_FILING, 0, 0,
     SCOPE_FILINGS},
    {.pattern = NULL},
};
