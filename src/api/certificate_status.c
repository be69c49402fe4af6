/* certificate_status.c - 撤销 注销 冻结 恢复: what a person decides about an issued certificate. */
#include "api/certificates.h"
#include "records/members.h"
#include <string.h>

enum { REASON_MAX = 200, DOCUMENT_NO_MAX = 100 };

struct change {
    enum certificate_status to;
    const char *event;
};

static int read_reason(struct reason *out, const json_t *body, struct request *req, struct faults *faults,
                       struct err *e)
{
    static const char *const names[] = {"reason", "document", NULL};
    static const struct member_rule reason = {"reason", MEMBER_TEXT, REASON_MAX, true, NULL},
                                    document = {"document", MEMBER_TEXT, DOCUMENT_NO_MAX, false, NULL};
    struct members m = {body, "", req->arena, faults};

    if (members_only(&m, names)) {
        out->reason = member_text(&m, &reason);
        out->document = member_text(&m, &document);
    }
    return faults_judge(faults, e);
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Whether this very request changed the status before, and ended before its answer was kept. */
static bool done_before(const struct certificate_row *row, const struct change *change,
                        const struct certificate_event *asked, const struct request *req, struct store *s)
{
    struct certificate_event *events;
    struct err unasked;
    size_t count;

    if (request_header(req, "Idempotency-Key") == NULL || row->status != change->to ||
        store_list_events(&events, &count, s, row->id, req->arena, &unasked) != 0 || count == 0)
        return false;
    const struct certificate_event *last = &events[count - 1];
    return strcmp(last->event, asked->event) == 0 && same_text(last->actor, asked->actor) &&
           same_text(last->reason, asked->reason) && same_text(last->document, asked->document);
}

static int change_status(struct app *app, struct request *req, struct response *res,
                         const struct change *change, const struct reason *why, struct err *e)
{
    const struct caller *c = caller_of(req);
    struct desk *d = req->thread;
    struct certificate_event ev = {.moment = clock_now(),
                                   .event = change->event,
                                   .actor = c != NULL ? c->key_id : "service",
                                   .reason = why->reason,
                                   .document = why->document};
    struct certificate_row row;

    if (certificate_find(&row, req, d->store, req->params[0], e) != 0)
        return -1;
    ev.certificate = row.id;
    if (!done_before(&row, change, &ev, req, d->store) &&
        store_change_status(d->store, row.id, change->to, &ev, e) != 0)
        return -1;
    if (certificate_find(&row, req, d->store, req->params[0], e) != 0)
        return -1;
    return respond_json(res, 200, certificate_view(app, &row), e);
}

static int decide(void *app, struct request *req, struct response *res, const struct change *change,
                  struct err *e)
{
    static const char *const names[] = {NULL};
    struct faults faults = {.count = 0};
    struct reason why = {NULL, NULL};
    json_t *body = NULL;
    int rc;

    if (request_query_check(req, names, e) != 0 || request_json(&body, req, e) != 0)
        return -1;
    if (read_reason(&why, body, req, &faults, e) != 0)
        rc = respond_faults(req, res, &faults, e);
    else
        rc = change_status(app, req, res, change, &why, e);
    json_decref(body);
    return rc;
}

static int revoke_once(void *app, struct request *req, struct response *res, struct err *e)
{
    static const struct change to = {STATUS_REVOKED, "revoked"};

    return decide(app, req, res, &to, e);
}

static int cancel_once(void *app, struct request *req, struct response *res, struct err *e)
{
    static const struct change to = {STATUS_CANCELLED, "cancelled"};

    return decide(app, req, res, &to, e);
}

static int suspend_once(void *app, struct request *req, struct response *res, struct err *e)
{
    static const struct change to = {STATUS_SUSPENDED, "suspended"};

    return decide(app, req, res, &to, e);
}

static int reinstate_once(void *app, struct request *req, struct response *res, struct err *e)
{
    static const struct change to = {STATUS_VALID, "reinstated"};

    return decide(app, req, res, &to, e);
}

int certificate_revoke(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, revoke_once, e);
}

int certificate_cancel(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, cancel_once, e);
}

int certificate_suspend(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, suspend_once, e);
}

int certificate_reinstate(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, reinstate_once, e);
}
