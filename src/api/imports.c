/* imports.c - lists in: the rows of a filing, and old certificates; the workbook to fill in. */
#include "api/filings.h"
#include <string.h>

/* Of a hundred thousand rows. */
enum { WORKBOOK_MAX = 32 * 1024 * 1024 };
#define IMPORT_ARENA_MAX ((size_t)512 * 1024 * 1024)

static const char workbook_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/* The parameters of an import. */
struct wish {
    bool check, partial, replace, workbook;
};

static const char *const entry_names[] = {"check", "partial", "replace", "report", NULL};
static const char *const old_names[] = {"profile", "check", "partial", "report", NULL};

static int read_wish(struct wish *out, const struct request *req, const char *const names[], struct err *e)
{
    const char *report;

    if (request_query_check(req, names, e) != 0 || query_flag(&out->check, req, "check", e) != 0 ||
        query_flag(&out->partial, req, "partial", e) != 0 ||
        query_flag(&out->replace, req, "replace", e) != 0 || query_text(&report, req, "report", e) != 0)
        return -1;
    out->workbook = report != NULL && strcmp(report, "xlsx") == 0;
    if (report != NULL && !out->workbook && strcmp(report, "json") != 0)
        return query_refuse(e, "report", "there are json and xlsx.", "可用的有 json 和 xlsx。");
    if (out->workbook && !out->check)
        return query_refuse(e, "report", "xlsx answers a check only: add check=true.",
                            "xlsx 仅用于检测，请同时加上 check=true。");
    return 0;
}

static int answer_workbook(struct request *req, struct response *res, struct buf *book, const char *plain,
                           const char *name, struct err *e)
{
    const char *disposition = respond_disposition(req->arena, "attachment", plain, name);

    if (disposition == NULL)
        return err_no_memory(e);
    response_adopt(res, workbook_type, book);
    response_header(res, "Content-Disposition", disposition);
    return 0;
}

static int answer_faults_workbook(struct request *req, struct response *res, const struct import_report *r,
                                  struct err *e)
{
    struct buf book = BUF_INIT(WORKBOOK_MAX);
    int rc = import_faults_workbook(&book, &r->faults, e);

    if (rc == 0)
        rc = answer_workbook(req, res, &book, "faults.xlsx", "名单问题.xlsx", e);
    buf_dispose(&book);
    return rc;
}

static void say_rows_at_fault(struct err *e, const struct import_report *r)
{
    err_set(e, ERR_INVALID,
            "%zu rows of the list are at fault, so nothing was taken; mend them and send it again.",
            "名单中有 %zu 行存在问题，未导入任何人员；请按提示修改后重新上传。", r->faults.bad_rows);
    if (r->faults.bad_rows == 0)
        err_set(e, ERR_INVALID, "The list is at fault, so nothing was taken; mend it and send it again.",
                "名单存在问题，未导入任何人员；请按提示修改后重新上传。");
}

/* 200 where everything was taken (or would be), or as much as was asked for; else a problem with the rows. */
static int answer_report(struct request *req, struct response *res, const struct import_report *r,
                         const struct wish *w, struct err *e)
{
    bool fine = r->faults.errors == 0 || (w->partial && r->good > 0);
    struct err why;

    if (w->workbook)
        return answer_faults_workbook(req, res, r, e);
    if (fine)
        return respond_json(res, 200, import_report_json(r, req->english), e);
    say_rows_at_fault(&why, r);
    return respond_problem_with(req, res, 422, "rows-at-fault", import_report_json(r, req->english), &why);
}

/* Reads, checks and keeps in the desk's own store; old: certificates of that profile. */
static int take_list(struct request *req, struct response *res, const struct wish *w, const char *old,
                     struct err *e)
{
    struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    struct import_order order = {
        .filing = req->params[0], .check_only = w->check, .partial = w->partial, .replace = w->replace};
    struct arena a = {.max = IMPORT_ARENA_MAX};
    struct buf packed = BUF_INIT(SHEET_OUT_MAX);
    struct spool file = {.size = 0};
    struct import_report report;
    struct err unasked;
    int rc = -1;

    (void)request_spool(&file, req);
    if (desk_pack_sheet(&packed, d, &file, e) != 0)
        goto out;
    order.packed = buf_view(&packed);
    /* without the signer rows are laid out when they are numbered, at the latest */
    if (old == NULL)
        (void)!desk_issuer(d, &unasked);
    rc = old != NULL ? filing_import_old(&report, d->store, old, &order, &who, &a, e)
                     : filing_import(&report, d->store, d->issuer, &order, &who, &a, e);
    if (rc == 0)
        rc = answer_report(req, res, &report, w, e);
out:
    buf_dispose(&packed);
    arena_dispose(&a);
    return rc;
}

static int entries_once(void *app, struct request *req, struct response *res, struct err *e)
{
    struct filing_actor who;
    struct filing_row f;
    struct wish w;

    (void)app;
    if (read_wish(&w, req, entry_names, e) != 0 || filing_asked(&f, &who, req, e) != 0)
        return -1;
    return take_list(req, res, &w, NULL, e);
}

/* A check keeps nothing, so there is nothing to be kept of it either. */
static bool is_check(const struct request *req)
{
    const char *text = request_query(req, "check");

    return text != NULL && strcmp(text, "true") == 0;
}

int entries_post(void *app, struct request *req, struct response *res, struct err *e)
{
    if (is_check(req))
        return entries_once(app, req, res, e);
    return idempotent_with(app, req, res, entries_once, entry_names, e);
}

/* Whose register it goes to: a profile of the caller's organisation. */
static int check_profile(const struct request *req, const char *profile, struct err *e)
{
    const struct desk *d = req->thread;
    struct profile p;

    if (profile == NULL)
        return query_refuse(e, "profile", "say which issuing profile they belong to.",
                            "请指明历史证书所属的发证配置。");
    if (store_profile(&p, d->store, profile, req->arena, e) == 0) {
        if (caller_sees(req, p.organisation) || caller_sees(req, p.issuer))
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    return query_refuse(e, "profile", "there is no such profile that this key may use.",
                        "没有此密钥可用的这个发证配置。");
}

static int old_once(void *app, struct request *req, struct response *res, struct err *e)
{
    const char *profile;
    struct wish w;

    (void)app;
    if (read_wish(&w, req, old_names, e) != 0 || query_text(&profile, req, "profile", e) != 0 ||
        check_profile(req, profile, e) != 0)
        return -1;
    return take_list(req, res, &w, profile, e);
}

int old_certificates_post(void *app, struct request *req, struct response *res, struct err *e)
{
    if (is_check(req))
        return old_once(app, req, res, e);
    return idempotent_with(app, req, res, old_once, old_names, e);
}

int entries_workbook(void *arg, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {NULL};
    struct buf book = BUF_INIT(WORKBOOK_MAX);
    const struct app *app = arg;
    struct series_list series;
    int rc = -1;

    if (request_query_check(req, names, e) == 0 && series_load(&series, app->data_dir, req->arena, e) == 0 &&
        import_workbook(&book, &series, e) == 0)
        rc = answer_workbook(req, res, &book, "entries.xlsx", "名单模板.xlsx", e);
    buf_dispose(&book);
    return rc;
}
