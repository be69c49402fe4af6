/* person_pages.c - one person of a filing: what is known, the certificate's preview, and the acts that need a
 * reason. */
#include "api/certificates.h"
#include "api/filings.h"
#include "console/console_internal.h"
#include <stdlib.h>
#include <string.h>

enum { FORM_BODY = 64 * 1024, EVENTS_SHOWN = 50, PDF_MAX = 64 * 1024 * 1024 };

/* --- what is known --- */

static const char *event_word(const char *event)
{
    static const char *const words[][2] = {
        {"created", "发起备案"}, {"imported", "导入"},   {"submitted", "提交审核"}, {"passed", "审核通过"},
        {"returned", "退回"},    {"accession", "入库"},  {"paused", "暂停"},        {"resumed", "继续"},
        {"retried", "重试"},     {"removed", "核减"},    {"corrected", "更正"},     {"issued", "生成证书"},
        {"revoked", "撤销"},     {"cancelled", "注销"},  {"suspended", "冻结"},     {"reinstated", "恢复"},
        {"replaced", "换发"},    {"reissued", "补换证"}, {"numbered", "给出编号"},  {"photo", "照片"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], event) == 0)
            return words[i][1];
    return event;
}

/* Of the filing's events those of this entry, and the certificate's own. */
static int list_events(struct console_person *p, struct console_visit *v, const struct console_at *at,
                       struct err *e)
{
    struct console_event *list = arena_array(v->req->arena, EVENTS_SHOWN, sizeof *list);
    struct filing_event *of_filing;
    struct certificate_event *of_certificate;
    size_t count;

    if (list == NULL)
        return err_no_memory(e);
    p->events = list;
    if (store_list_filing_events(&of_filing, &count, v->d->store, at->filing.id, v->req->arena, e) != 0)
        return -1;
    for (size_t i = 0; i < count && p->event_count < EVENTS_SHOWN; i++)
        if (of_filing[i].entry != NULL && strcmp(of_filing[i].entry, at->entry.id) == 0)
            list[p->event_count++] = (struct console_event){
                of_filing[i].moment, event_word(of_filing[i].event),
                strcmp(of_filing[i].event, "corrected") == 0 ? NULL : of_filing[i].reason};
    if (at->entry.certificate[0] == '\0')
        return 0;
    if (store_list_events(&of_certificate, &count, v->d->store, at->entry.certificate, v->req->arena, e) != 0)
        return -1;
    for (size_t i = 0; i < count && p->event_count < EVENTS_SHOWN; i++)
        list[p->event_count++] = (struct console_event){
            of_certificate[i].moment, event_word(of_certificate[i].event), of_certificate[i].reason};
    return 0;
}

/* "138****0024" */
static const char *mask_mobile(struct console_visit *v, const char *mobile)
{
    if (mobile == NULL || strlen(mobile) < 8)
        return NULL;
    return arena_printf(v->req->arena, "%.3s****%s", mobile, mobile + strlen(mobile) - 4);
}

static const char *seals_of(struct console_visit *v, const struct certificate_row *c)
{
    json_t *list = c->seals_json == NULL ? NULL : json_loads(c->seals_json, 0, NULL), *item;
    const char *text = NULL;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const char *role = json_string_value(item);
        const char *word = role == NULL                     ? ""
                           : strcmp(role, "committee") == 0 ? "评审委员会"
                           : strcmp(role, "issuer") == 0    ? "发证机关"
                                                            : role;

        text = text == NULL ? arena_text(v->req->arena, word)
                            : arena_printf(v->req->arena, "%s、%s", text, word);
    }
    json_decref(list);
    return text;
}

static int add_certificate(struct console_person *p, struct console_visit *v, const struct console_at *at,
                           struct err *e)
{
    static const char *const words[] = {[STATUS_VALID] = "有效",
                                        [STATUS_SUSPENDED] = "冻结",
                                        [STATUS_REVOKED] = "已撤销",
                                        [STATUS_CANCELLED] = "已注销",
                                        [STATUS_REPLACED] = "已换发"};
    struct certificate_row c;

    if (at->entry.certificate[0] == '\0')
        return 0;
    if (store_certificate(&c, v->d->store, at->entry.certificate, v->req->arena, e) != 0)
        return -1;
    p->status_word = words[c.status];
    p->token = arena_text(v->req->arena, c.token);
    p->seals = seals_of(v, &c);
    p->made = c.issued;
    p->can_reissue = at->shown.manage && c.status == STATUS_VALID && !c.recorded;
    p->can_revoke = at->shown.revoke && (c.status == STATUS_VALID || c.status == STATUS_SUSPENDED);
    p->can_correct = at->shown.correct && c.status == STATUS_VALID && c.handed_out == 0;
    return 0;
}

static int fill_person(struct console_person *p, struct console_visit *v, const struct console_at *at,
                       struct err *e)
{
    enum entry_state state = at->entry.state;
    struct entry data;

    if (console_entry_of(&p->entry, &data, v, &at->entry, e) != 0)
        return -1;
    p->gender = data.gender;
    p->birth_date = data.birth_date;
    p->mobile = mask_mobile(v, data.mobile);
    p->employer = data.employer;
    p->id_type = data.id_type;
    p->obtain_mode = data.obtain_mode;
    p->obtained_date = data.obtained_date;
    p->photo = at->entry.photo_id[0] != '\0';
    p->advice = state == ENTRY_WAITING ? "未上传照片，证书未生成，只能查看，不能下载；请先上传照片。"
                : state == ENTRY_FAILED ? at->entry.fault_zh
                                        : NULL;
    p->can_photo =
        at->shown.upload_photos && state != ENTRY_REMOVED && state != ENTRY_MADE && state != ENTRY_WORKING;
    p->can_retry = at->shown.manage && state == ENTRY_FAILED;
    p->can_remove = at->shown.remove && state == ENTRY_LISTED;
    p->can_correct =
        at->shown.correct && at->entry.number != NULL && state != ENTRY_REMOVED && state != ENTRY_WORKING;
    if (add_certificate(p, v, at, e) != 0)
        return -1;
    return list_events(p, v, at, e);
}

static int answer_person(struct console_visit *v, bool full, struct err *e)
{
    struct console_person p = {.made = 0};
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);
    struct console_at at;

    if (console_find_at(&at, v, e) != 0 || fill_person(&p, v, &at, e) != 0)
        return -1;
    if (full) {
        p.id_number_full = at.entry.id_number;
        log_full_numbers(v->req, "entry", at.entry.id, 1);
    }
    return console_answer(v, 200, &html, console_person_page(&html, &v->site, &at.shown, &p, e));
}

static int person_page(struct console_visit *v, struct err *e)
{
    return answer_person(v, false, e);
}

static int person_full(struct console_visit *v, struct err *e)
{
    return answer_person(v, true, e);
}

/* --- the file --- */

/* A look at it is no handing out: until somebody downloads it, it may be corrected. */
static int answer_file(struct console_visit *v, const struct certificate_row *row, const char *name,
                       struct err *e)
{
    bool download = request_query(v->req, "download") != NULL;
    struct buf pdf = BUF_INIT(PDF_MAX);
    const char *file = arena_printf(v->req->arena, "%s_%s.pdf", row->number, name);
    const char *disposition =
        file == NULL
            ? NULL
            : respond_disposition(v->req->arena, download ? "attachment" : "inline", "certificate.pdf", file);
    char hex[2 * SHA256_SIZE + 1];
    int rc = -1;

    hex_encode(hex, (struct slice){row->file_sha256, SHA256_SIZE});
    v->res->etag = arena_printf(v->req->arena, "\"%s\"", hex);
    if (disposition == NULL || v->res->etag == NULL)
        (void)err_no_memory(e);
    else if (store_file(&pdf, v->d->store, row, e) == 0 &&
             (!download || certificate_left(v->d->store, row, e) == 0))
        rc = 0;
    if (rc == 0) {
        v->res->ranges = true;
        response_adopt(v->res, "application/pdf", &pdf);
        response_header(v->res, "Content-Disposition", disposition);
        console_dress_pdf(v->res);
    }
    buf_dispose(&pdf);
    return rc;
}

static int file_page(struct console_visit *v, struct err *e)
{
    struct certificate_row row;
    struct console_at at;

    if (console_find_at(&at, v, e) != 0)
        return -1;
    if (at.entry.certificate[0] == '\0')
        return console_refuse_unmade(&at.entry, e);
    if (store_certificate(&row, v->d->store, at.entry.certificate, v->req->arena, e) != 0 ||
        certificate_check_holds(v->req, &row, e) != 0)
        return -1;
    return answer_file(v, &row, at.entry.name, e);
}

/* --- routes --- */

static int person_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, person_page, e);
}

static int person_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, person_full, e);
}

static int file_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, file_page, e);
}

const struct route person_page_routes[] = {
    {HTTP_GET, "/console/filings/{id}/entries/{entry}", person_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/entries/{entry}", person_post, LANE_RECORDS, FORM_BODY, ROUTE_FORM,
     NULL},
    {HTTP_GET, "/console/filings/{id}/entries/{entry}/certificate.pdf", file_get, LANE_RECORDS, 0,
     ROUTE_UNPACED, NULL},
    {.pattern = NULL},
};
