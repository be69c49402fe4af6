/* filing_entries.c - the rows of a filing: listed, looked at, and what is decided about one of them. */
#include "api/certificates.h"
#include "api/filings.h"
#include "api/photos.h"
#include "records/members.h"
#include <string.h>

enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, REASON_MAX = 200, SKIP_MAX = 999999 };

static const char *const no_names[] = {NULL};

int entry_asked(struct entry_row *out, struct filing_row *f, struct filing_actor *who,
                const struct request *req, struct err *e)
{
    const struct desk *d = req->thread;

    if (filing_asked(f, who, req, e) != 0)
        return -1;
    if (store_entry(out, d->store, req->params[1], req->arena, e) == 0) {
        if (strcmp(out->filing, f->id) == 0)
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    return err_set(e, ERR_NOT_FOUND, "The filing has no entry with this id.", "该备案没有此标识的人员。");
}

int respond_entry(struct request *req, struct response *res, const char *entry, struct err *e)
{
    const struct desk *d = req->thread;
    struct entry_row row;

    if (store_entry(&row, d->store, entry, req->arena, e) != 0)
        return -1;
    return respond_json(res, 200, entry_view(req, &row, false), e);
}

/* --- listed --- */

struct entries_question {
    struct entry_filter filter;
    enum entry_state state;
    int skip, limit;
    bool full;
};

static int read_question(struct entries_question *q, const struct request *req, struct err *e)
{
    static const char *const names[] = {"state", "search", "skip", "limit", "full", NULL};
    const char *state;

    *q = (struct entries_question){.limit = LIMIT_DEFAULT, .filter = {.filing = req->params[0]}};
    if (request_query_check(req, names, e) != 0 || query_text(&state, req, "state", e) != 0 ||
        query_text(&q->filter.search, req, "search", e) != 0 ||
        query_number(&q->skip, req, "skip", 0, SKIP_MAX, e) != 0 ||
        query_number(&q->limit, req, "limit", 1, LIMIT_MAX, e) != 0 ||
        query_flag(&q->full, req, "full", e) != 0)
        return -1;
    if (state == NULL)
        return 0;
    q->filter.state = &q->state;
    if (entry_state_parse(&q->state, state))
        return 0;
    return query_refuse(e, "state", "there are listed, waiting, queued, working, made, failed and removed.",
                        "可用的有 listed、waiting、queued、working、made、failed 和 removed。");
}

static int entries_list(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct entries_question q;
    struct entry_row *rows;
    struct filing_actor who;
    struct filing_row f;
    uint64_t total;
    json_t *items;
    size_t count;

    (void)app;
    if (read_question(&q, req, e) != 0 || filing_asked(&f, &who, req, e) != 0)
        return -1;
    rows = arena_array(req->arena, (size_t)q.limit, sizeof *rows);
    if (rows == NULL)
        return err_no_memory(e);
    if (store_list_entries(rows, (size_t)q.skip, (size_t)q.limit, &count, &total, d->store, &q.filter,
                           req->arena, e) != 0)
        return -1;
    items = json_array();
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(items, entry_view(req, &rows[i], q.full)) != 0) {
            json_decref(items);
            return err_no_memory(e);
        }
    }
    if (q.full)
        log_full_numbers(req, "filing", f.id, count);
    return respond_json(
        res, 200, json_pack("{so sI si}", "items", items, "total", (json_int_t)total, "skip", q.skip), e);
}

static int entry_get(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {"full", NULL};
    struct filing_actor who;
    struct entry_row row;
    struct filing_row f;
    bool full;

    (void)app;
    if (request_query_check(req, names, e) != 0 || query_flag(&full, req, "full", e) != 0 ||
        entry_asked(&row, &f, &who, req, e) != 0)
        return -1;
    if (full)
        log_full_numbers(req, "entry", row.id, 1);
    return respond_json(res, 200, entry_view(req, &row, full), e);
}

/* --- decided --- */

static int remove_once(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct faults faults = {.count = 0};
    struct filing_actor who;
    struct decision why;
    struct entry_row row;
    struct filing_row f;

    (void)app;
    if (request_query_check(req, no_names, e) != 0 || entry_asked(&row, &f, &who, req, e) != 0)
        return -1;
    if (decision_read(&why, req, true, &faults, e) != 0)
        return faults.count > 0 ? respond_faults(req, res, &faults, e) : -1;
    if (filing_remove_entry(d->store, f.id, row.id, why.reason, &who, e) != 0)
        return -1;
    return respond_entry(req, res, row.id, e);
}

static int entry_remove(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, remove_once, e);
}

static int entry_retry(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct filing_actor who;
    struct entry_row row;
    struct filing_row f;
    size_t count;

    if (request_query_check(req, no_names, e) != 0 || entry_asked(&row, &f, &who, req, e) != 0)
        return -1;
    if (row.state == ENTRY_FAILED && filing_retry(&count, d->store, f.id, row.id, &who, e) != 0)
        return -1; /* in any other state there is nothing to be tried again: the same call twice */
    service_wake(app);
    return respond_entry(req, res, row.id, e);
}

/* The ground of a correction; texts are the body's. */
static int read_correction(struct correction *out, const json_t *body, struct request *req,
                           struct faults *faults, struct err *e)
{
    static const char *const names[] = {"changes", "reason", "approver", "document", NULL};
    static const struct member_rule reason = {"reason", MEMBER_TEXT, REASON_MAX, true, NULL},
                                    approver = {"approver", MEMBER_TEXT, 60, true, NULL},
                                    document = {"document", MEMBER_TEXT, 100, false, NULL};
    struct members m = {body, "", req->arena, faults};
    struct err wrong;

    *out = (struct correction){.changes = json_object_get(body, "changes")};
    if (members_only(&m, names)) {
        out->reason = member_text(&m, &reason);
        out->approver = member_text(&m, &approver);
        out->document = member_text(&m, &document);
        if (!json_is_object(out->changes) || json_object_size(out->changes) == 0) {
            err_set(&wrong, ERR_INVALID, "Say what changes: {\"changes\": {\"name\": \"...\"}}.",
                    "请写明更正的内容，例如 {\"changes\": {\"name\": \"…\"}}。");
            member_fault(&m, "changes", &wrong);
        }
    }
    return faults_judge(faults, e);
}

static int correct(struct request *req, struct response *res, const json_t *body, struct err *e)
{
    struct desk *d = req->thread;
    struct faults faults = {.count = 0};
    struct filing_actor who;
    struct correction c;
    struct entry_row row;
    struct filing_row f;

    if (entry_asked(&row, &f, &who, req, e) != 0)
        return -1;
    if (read_correction(&c, body, req, &faults, e) != 0)
        return respond_faults(req, res, &faults, e);
    /* without a certificate there is nothing to be made anew, and no signer is needed */
    if (desk_issuer(d, e) != 0 && row.certificate[0] != '\0')
        return -1;
    if (filing_correct(d->issuer, d->store, f.id, row.id, &c, &who, &faults, e) == 0) {
        service_wake(d->app);
        return respond_entry(req, res, row.id, e);
    }
    return faults.count > 0 && e->code != ERR_UNAVAILABLE && e->code != ERR_NO_MEMORY
               ? respond_faults(req, res, &faults, e)
               : -1;
}

static int correct_once(void *app, struct request *req, struct response *res, struct err *e)
{
    json_t *body = NULL;
    int rc = -1;

    (void)app;
    if (request_query_check(req, no_names, e) == 0 && request_json(&body, req, e) == 0)
        rc = correct(req, res, body, e);
    json_decref(body);
    return rc;
}

static int entry_correct(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, correct_once, e);
}

/* --- photos --- */

static bool is_json(const struct request *req)
{
    const char *type = request_header(req, "Content-Type");

    return type != NULL && strncasecmp(type, "application/json", 16) == 0;
}

/* {"photo_id": ...}: one that POST /v1/photos took, or another person's mistake put right. */
static int use_upload(struct request *req, struct response *res, const struct entry_row *row, struct err *e)
{
    static const char *const names[] = {"photo_id", NULL};
    static const struct member_rule rule = {"photo_id", MEMBER_TEXT, CERTIFICATE_ID_SIZE - 1, true, NULL};
    const struct desk *d = req->thread;
    struct faults faults = {.count = 0};
    struct members m = {NULL, "", req->arena, &faults};
    json_t *body = NULL;
    struct upload u;
    const char *id;
    int rc = -1;

    if (request_query_check(req, no_names, e) != 0 || request_json(&body, req, e) != 0)
        goto out;
    m.object = body;
    id = members_only(&m, names) ? member_text(&m, &rule) : NULL;
    if (id != NULL && upload_find(&u, req, d->store, id, e) != 0) {
        if (e->code != ERR_NOT_FOUND)
            goto out;
        e->code = ERR_INVALID;
        member_fault(&m, "photo_id", e);
    }
    if (faults_judge(&faults, e) != 0)
        rc = respond_faults(req, res, &faults, e);
    else if (store_set_entry_photo(d->store, row->id, u.id, clock_now(), e) == 0)
        rc = respond_entry(req, res, row->id, e);
out:
    json_decref(body);
    return rc;
}

/* The same picture and crop again is the same photo: nothing changes. */
static int entry_photo_put(void *app, struct request *req, struct response *res, struct err *e)
{
    struct desk *d = req->thread;
    char upload[CERTIFICATE_ID_SIZE];
    struct filing_rights rights;
    struct photo_crop crop;
    struct filing_actor who;
    struct entry_row row;
    struct filing_row f;
    int rc;

    if (entry_asked(&row, &f, &who, req, e) != 0)
        return -1;
    filing_rights(&rights, &f, &who);
    if (filing_allows(rights.upload_photos, &f, &who, e) != 0)
        return -1;
    if (is_json(req)) {
        rc = use_upload(req, res, &row, e);
    } else {
        rc = photo_read_crop(&crop, req, e) != 0 || photo_type(req, e) == NULL ||
                     filing_take_photo(upload, d->store, row.id, req->body, &crop, desk_open_photo, d, &who,
                                       e) != 0
                 ? -1
                 : respond_entry(req, res, row.id, e);
    }
    service_wake(app);
    return rc;
}

/* --- the certificate --- */

static int refuse_unmade(const struct request *req, const struct entry_row *row, struct err *e)
{
    if (row->photo_id[0] == '\0') {
        (void)refuse_as(req, 409, "photo_missing", 0);
        return err_set(e, ERR_CONFLICT,
                       "No photo has been uploaded, so the certificate is not made: it can be looked at but "
                       "not downloaded. Upload the photo first.",
                       "未上传照片，证书未生成，只能查看，不能下载；请先上传照片。");
    }
    (void)refuse_as(req, 409, "not-made", 0);
    return err_set(e, ERR_CONFLICT, "The certificate has not been made yet; the entry's state says why.",
                   "证书尚未生成，原因见该人员的状态。");
}

static int entry_certificate_pdf(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {"archive", NULL};
    const struct desk *d = req->thread;
    struct certificate_row certificate;
    struct filing_actor who;
    struct entry_row row;
    struct filing_row f;

    (void)app;
    if (request_query_check(req, names, e) != 0 || entry_asked(&row, &f, &who, req, e) != 0)
        return -1;
    if (row.certificate[0] == '\0')
        return refuse_unmade(req, &row, e);
    if (store_certificate(&certificate, d->store, row.certificate, req->arena, e) != 0)
        return -1;
    return certificate_answer_file(req, res, &certificate, e);
}

const struct route entry_routes[] = {
    {HTTP_POST, "/v1/filings/{id}/entries", entries_post, LANE_FILING, SHEET_PACKED_MAX, ROUTE_SPOOL,
     SCOPE_FILINGS},
    {HTTP_GET, "/v1/filings/{id}/entries", entries_list, LANE_RECORDS, 0, 0, SCOPE_FILINGS},
    {HTTP_GET, "/v1/filings/{id}/entries/{entry}", entry_get, LANE_RECORDS, 0, 0, SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings/{id}/entries/{entry}/remove", entry_remove, LANE_RECORDS, FILING_BODY_MAX, 0,
     SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings/{id}/entries/{entry}/retry", entry_retry, LANE_RECORDS, FILING_BODY_MAX, 0,
     SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings/{id}/entries/{entry}/correct", entry_correct, LANE_FILING, FILING_BODY_MAX, 0,
     SCOPE_FILINGS},
    {HTTP_POST, "/v1/filings/{id}/entries/{entry}/reissue", entry_reissue, LANE_ISSUING, FILING_BODY_MAX, 0,
     SCOPE_FILINGS},
    {HTTP_PUT, "/v1/filings/{id}/entries/{entry}/photo", entry_photo_put, LANE_INSPECTION, PHOTO_MAX_BYTES, 0,
     SCOPE_FILINGS},
    {HTTP_GET, "/v1/filings/{id}/entries/{entry}/certificate.pdf", entry_certificate_pdf, LANE_RECORDS, 0,
     ROUTE_UNPACED, SCOPE_FILINGS},
    {HTTP_GET, "/v1/workbooks/entries.xlsx", entries_workbook, LANE_FILING, 0, 0, SCOPE_FILINGS},
    {HTTP_POST, "/v1/old-certificates", old_certificates_post, LANE_FILING, SHEET_PACKED_MAX, ROUTE_SPOOL,
     SCOPE_FILINGS},
    {.pattern = NULL},
};
