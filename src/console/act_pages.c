/* act_pages.c - 更正 补换证 撤销 核减: what is decided about one person, with its reason. */
#include "api/certificates.h"
#include "console/console_internal.h"
#include <string.h>

enum { FORM_BODY = 64 * 1024, REASON_MAX = 200, APPROVER_MAX = 60, DOCUMENT_NAME_MAX = 100 };

static const struct {
    const char *name, *label;
} correctable[] = {{"name", "姓名"},
                   {"gender", "性别"},
                   {"birth_date", "出生日期"},
                   {"id_number", "证件号码（不改则不填）"},
                   {"employer", "所在单位"},
                   {"specialty", "专业"},
                   {"title", "资格名称"},
                   {"level", "级别"},
                   {"obtain_mode", "取得方式"},
                   {"obtained_date", "取得资格时间"}};
enum { CORRECTABLE = sizeof correctable / sizeof correctable[0] };

/* What the entry says now, of a member that may be corrected; document numbers are never shown in a form. */
static const char *now_of(const json_t *data, const char *name)
{
    const char *text = strcmp(name, "id_number") == 0 ? NULL : json_text(data, name);

    return text == NULL ? "" : text;
}

static int answer_act(struct console_visit *v, int status, const struct console_at *at, enum console_act act,
                      const char *problem, struct err *e)
{
    struct console_field fields[CORRECTABLE];
    struct console_acting a = {.act = act,
                               .fields = fields,
                               .problem = problem,
                               .reason = console_field(v, "reason"),
                               .approver = console_field(v, "approver"),
                               .document = console_field(v, "document")};
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);
    json_t *data = NULL;
    struct console_entry entry;
    struct entry unused;
    int rc;

    if (console_entry_of(&entry, &unused, v, &at->entry, e) != 0 ||
        json_read(&data, slice_of(at->entry.data_json), JSON_MAX_BYTES, e) != 0)
        return -1;
    for (int i = 0; act == ACT_CORRECT && i < CORRECTABLE; i++) {
        const char *typed = request_field(v->req, correctable[i].name);

        fields[a.field_count++] =
            (struct console_field){correctable[i].name, correctable[i].label,
                                   typed != NULL ? typed : now_of(data, correctable[i].name)};
    }
    rc = console_act_page(&html, &v->site, &at->shown, &entry, &a, e);
    json_decref(data);
    return console_answer(v, status, &html, rc);
}

static bool act_of(enum console_act *out, const struct console_visit *v)
{
    for (int i = 0; i < CONSOLE_ACTS; i++)
        if (strcmp(v->req->params[2], console_act_query((enum console_act)i)) == 0) {
            *out = (enum console_act)i;
            return true;
        }
    return false;
}

static int no_act(struct err *e)
{
    return err_set(e, ERR_NOT_FOUND, "There is no such page.", "没有这个页面。");
}

static bool may_act(const struct console_filing *f, enum console_act act)
{
    return act == ACT_REMOVE    ? f->remove
           : act == ACT_REVOKE  ? f->revoke
           : act == ACT_CORRECT ? f->correct
                                : f->manage;
}

static int act_page(struct console_visit *v, struct err *e)
{
    enum console_act act;
    struct console_at at;

    if (!act_of(&act, v))
        return no_act(e);
    if (console_find_at(&at, v, e) != 0)
        return -1;
    if (!may_act(&at.shown, act))
        return err_set(e, ERR_FORBIDDEN, "This may not be done with the filing by this key now.",
                       "现在不能办理，或该密钥没有权限。");
    return answer_act(v, 200, &at, act, NULL, e);
}

static int correct(struct console_visit *v, const struct console_at *at, struct err *e)
{
    struct correction c = {.reason = NULL};
    json_t *data = NULL, *changes = json_object();
    struct faults faults = {.count = 0};
    int rc = changes == NULL ? err_no_memory(e)
             : console_said(&c.reason, v, "reason", "更正原因", REASON_MAX, e) != 0 ||
                     console_said(&c.approver, v, "approver", "批准人", APPROVER_MAX, e) != 0 ||
                     console_said(&c.document, v, "document", "依据", DOCUMENT_NAME_MAX, e) != 0
                 ? -1
                 : json_read(&data, slice_of(at->entry.data_json), JSON_MAX_BYTES, e);

    for (int i = 0; rc == 0 && i < CORRECTABLE; i++) {
        const char *name = correctable[i].name, *typed = console_field(v, name);

        if (typed[0] != '\0' && strcmp(typed, now_of(data, name)) != 0 &&
            json_object_set_new(changes, name, json_string(typed)) != 0)
            rc = err_no_memory(e);
    }
    c.changes = changes;
    if (rc == 0 && desk_issuer(v->d, e) != 0 && at->entry.certificate[0] != '\0')
        rc = -1;
    if (rc == 0)
        rc = filing_correct(v->d->issuer, v->d->store, at->filing.id, at->entry.id, &c, &v->who, &faults, e);
    if (rc != 0 && faults.count > 0)
        *e = faults.list[0];
    json_decref(changes);
    json_decref(data);
    return rc;
}

/* The certificate's own order, with another number, for the same photo. */
static json_t *reissue_order(const struct certificate_row *row)
{
    json_t *order = certificate_order_json(row);
    char biz_no[80], today[16];
    struct date d = date_in_shanghai(clock_now());

    (void)snprintf(biz_no, sizeof biz_no, "reissue-%s", row->id);
    (void)snprintf(today, sizeof today, "%04d-%02d-%02d", d.year % 10000, d.month, d.day);
    if (order == NULL || json_object_set_new(order, "biz_no", json_string(biz_no)) != 0 ||
        json_object_set_new(order, "original_no", json_string(row->number)) != 0 ||
        json_object_set_new(order, "reissue_date", json_string(today)) != 0) {
        json_decref(order);
        return NULL;
    }
    (void)json_object_del(order, "certificate_no");
    return order;
}

static int reissue(struct console_visit *v, const struct console_at *at, const char *reason, struct err *e)
{
    enum { PHOTO_ROOM = 1024 * 1024 };
    struct buf photo = BUF_INIT(PHOTO_ROOM);
    struct faults faults = {.count = 0};
    struct issue_answer answer;
    struct certificate_row row;
    json_t *order = NULL;
    int rc = -1;

    if (at->entry.certificate[0] == '\0') {
        (void)console_refuse_unmade(&at->entry, e);
        goto out;
    }
    if (desk_issuer(v->d, e) != 0 ||
        store_certificate(&row, v->d->store, at->entry.certificate, v->req->arena, e) != 0 ||
        store_photo(&photo, v->d->store, row.photo, e) != 0)
        goto out;
    if (strcmp(console_field(v, "of"), row.number) != 0) { /* the same form twice replaces once */
        err_set(e, ERR_CONFLICT, "The certificate has changed since the page was opened.",
                "打开本页之后证书已经变化，请返回查看后再办理。");
        goto out;
    }
    order = reissue_order(&row);
    if (order == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    rc = issue_certificate(&answer, v->d->issuer,
                           &(struct issue_request){.order = order,
                                                   .photo = buf_view(&photo),
                                                   .now = clock_now(),
                                                   .actor = v->who.id,
                                                   .replaces = row.id,
                                                   .reason = reason},
                           &faults, e);
    if (rc != 0 && faults.count > 0)
        *e = faults.list[0];
    if (rc == 0)
        rc = store_set_entry_certificate(v->d->store, at->entry.id, answer.id, clock_now(), e);
out:
    json_decref(order);
    buf_dispose(&photo);
    return rc;
}

static int revoke(struct console_visit *v, const struct console_at *at, const char *reason, struct err *e)
{
    struct certificate_event ev = {
        .moment = clock_now(), .event = "revoked", .actor = v->who.id, .reason = reason};

    if (at->entry.certificate[0] == '\0')
        return console_refuse_unmade(&at->entry, e);
    if (console_said(&ev.document, v, "document", "依据", DOCUMENT_NAME_MAX, e) != 0)
        return -1;
    ev.certificate = at->entry.certificate;
    return store_change_status(v->d->store, at->entry.certificate, STATUS_REVOKED, &ev, e);
}

static int act(struct console_visit *v, const struct console_at *at, enum console_act act, struct err *e)
{
    const char *reason;

    if (console_said(&reason, v, "reason", "原因", REASON_MAX, e) != 0)
        return -1;
    if (reason == NULL)
        return err_set(e, ERR_INVALID, "Say why.", "请填写原因。");
    switch (act) {
    case ACT_CORRECT:
        return correct(v, at, e);
    case ACT_REISSUE:
        return reissue(v, at, reason, e);
    case ACT_REVOKE:
        return revoke(v, at, reason, e);
    case ACT_REMOVE:
        return filing_remove_entry(v->d->store, at->filing.id, at->entry.id, reason, &v->who, e);
    case CONSOLE_ACTS:
        break;
    }
    return no_act(e);
}

static int act_post_page(struct console_visit *v, struct err *e)
{
    static const char *const done[CONSOLE_ACTS + 1] = {"corrected", "reissued", "revoked", "removed", ""};
    enum console_act which = ACT_CORRECT;
    struct err why = {.code = ERR_NONE};
    struct console_at at;

    if (!act_of(&which, v))
        return no_act(e);
    if (console_find_at(&at, v, e) != 0)
        return -1;
    if (!may_act(&at.shown, which))
        return err_set(e, ERR_FORBIDDEN, "This may not be done with the filing by this key now.",
                       "现在不能办理，或该密钥没有权限。");
    if (act(v, &at, which, &why) == 0) {
        service_wake(v->app);
        return console_go(v, e, "/console/filings/%s/entries/%s?done=%s", at.filing.id, at.entry.id,
                          done[which]);
    }
    if (why.code != ERR_INVALID && why.code != ERR_CONFLICT) {
        *e = why;
        return -1;
    }
    return answer_act(v, respond_status(why.code), &at, which, why.zh, e);
}

static int act_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, act_page, e);
}

static int act_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, act_post_page, e);
}

const struct route act_page_routes[] = {
    {HTTP_GET, "/console/filings/{id}/entries/{entry}/{act}", act_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/entries/{entry}/{act}", act_post, LANE_FILING, FORM_BODY, ROUTE_FORM,
     NULL},
    {.pattern = NULL},
};
