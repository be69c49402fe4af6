/* person_pages.c - one person of a filing: what is known, the certificate's preview, and the acts that need a
 * reason. */
#include "api/certificates.h"
#include "api/filings.h"
#include "console/console_internal.h"
#include <stdlib.h>
#include <string.h>

enum { FORM_BODY = 64 * 1024, EVENTS_SHOWN = 50, PDF_MAX = 64 * 1024 * 1024, PICTURE_MAX = 10 * 1024 * 1024 };

/* Filing and entry of the address. */
struct at {
    struct filing_row filing;
    struct console_filing shown;
    struct entry_row entry;
};

static int find(struct at *at, struct console_visit *v, struct err *e)
{
    if (console_find_filing(&at->filing, &at->shown, v, e) != 0)
        return -1;
    return console_find_entry(&at->entry, v, &at->filing, e);
}

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
static int list_events(struct console_person *p, struct console_visit *v, const struct at *at, struct err *e)
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

static int add_certificate(struct console_person *p, struct console_visit *v, const struct at *at,
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

static int fill_person(struct console_person *p, struct console_visit *v, const struct at *at, struct err *e)
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
    struct at at;

    if (find(&at, v, e) != 0 || fill_person(&p, v, &at, e) != 0)
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

static int refuse_unmade(const struct entry_row *row, struct err *e)
{
    if (row->photo_id[0] == '\0')
        return err_set(e, ERR_CONFLICT, "No photo has been uploaded, so the certificate is not made.",
                       "未上传照片，证书未生成，只能查看，不能下载；请先上传照片。");
    return err_set(e, ERR_CONFLICT, "The certificate has not been made yet.",
                   "证书尚未生成，原因见该人员的状态。");
}

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
    struct at at;

    if (find(&at, v, e) != 0)
        return -1;
    if (at.entry.certificate[0] == '\0')
        return refuse_unmade(&at.entry, e);
    if (store_certificate(&row, v->d->store, at.entry.certificate, v->req->arena, e) != 0 ||
        certificate_check_holds(v->req, &row, e) != 0)
        return -1;
    return answer_file(v, &row, at.entry.name, e);
}

/* --- acts --- */

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

static int answer_act(struct console_visit *v, int status, const struct at *at, enum console_act act,
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
    struct at at;

    if (!act_of(&act, v))
        return no_act(e);
    if (find(&at, v, e) != 0)
        return -1;
    if (!may_act(&at.shown, act))
        return err_set(e, ERR_FORBIDDEN, "This may not be done with the filing by this key now.",
                       "现在不能办理，或该密钥没有权限。");
    return answer_act(v, 200, &at, act, NULL, e);
}

static int correct(struct console_visit *v, const struct at *at, struct err *e)
{
    struct correction c = {.reason = console_field(v, "reason"),
                           .approver = console_field(v, "approver"),
                           .document = console_field(v, "document")};
    json_t *data = NULL, *changes = json_object();
    struct faults faults = {.count = 0};
    int rc = changes == NULL ? err_no_memory(e)
                             : json_read(&data, slice_of(at->entry.data_json), JSON_MAX_BYTES, e);

    for (int i = 0; rc == 0 && i < CORRECTABLE; i++) {
        const char *name = correctable[i].name, *typed = console_field(v, name);

        if (typed[0] != '\0' && strcmp(typed, now_of(data, name)) != 0 &&
            json_object_set_new(changes, name, json_string(typed)) != 0)
            rc = err_no_memory(e);
    }
    c.changes = changes;
    if (c.document[0] == '\0')
        c.document = NULL;
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

static int reissue(struct console_visit *v, const struct at *at, const char *reason, struct err *e)
{
    enum { PHOTO_ROOM = 1024 * 1024 };
    struct buf photo = BUF_INIT(PHOTO_ROOM);
    struct faults faults = {.count = 0};
    struct issue_answer answer;
    struct certificate_row row;
    json_t *order = NULL;
    int rc = -1;

    if (at->entry.certificate[0] == '\0') {
        (void)refuse_unmade(&at->entry, e);
        goto out;
    }
    if (desk_issuer(v->d, e) != 0 ||
        store_certificate(&row, v->d->store, at->entry.certificate, v->req->arena, e) != 0 ||
        store_photo(&photo, v->d->store, row.photo, e) != 0)
        goto out;
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

static int revoke(struct console_visit *v, const struct at *at, const char *reason, struct err *e)
{
    const char *document = console_field(v, "document");
    struct certificate_event ev = {.moment = clock_now(),
                                   .event = "revoked",
                                   .actor = v->who.id,
                                   .reason = reason,
                                   .document = document[0] != '\0' ? document : NULL};

    if (at->entry.certificate[0] == '\0')
        return refuse_unmade(&at->entry, e);
    ev.certificate = at->entry.certificate;
    return store_change_status(v->d->store, at->entry.certificate, STATUS_REVOKED, &ev, e);
}

static int act(struct console_visit *v, const struct at *at, enum console_act act, struct err *e)
{
    const char *reason = console_field(v, "reason");

    if (reason[0] == '\0')
        return err_set(e, ERR_INVALID, "Say why.", "请填写原因。");
    if (strlen(reason) > 800)
        return err_set(e, ERR_INVALID, "The reason is too long.", "原因过长，请在 200 字以内。");
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
    static const char *const done[] = {"corrected", "reissued", "revoked", "removed"};
    enum console_act which;
    struct err why = {.code = ERR_NONE};
    struct at at;

    if (!act_of(&which, v))
        return no_act(e);
    if (find(&at, v, e) != 0)
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

/* --- photo --- */

static int answer_cropper(struct console_visit *v, int status, const struct at *at, const char *problem,
                          const char *upload, struct err *e)
{
    struct page_site site = {
        .host = v->app->config.host, .title_issuer = "", .contact = "", .now = clock_now()};
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);
    struct console_entry entry;
    struct entry data;
    struct page_cropper c = {
        .form_token = v->session.form_token, .problem = problem, .upload = upload, .console = true};

    c.post = arena_printf(v->req->arena, "/console/filings/%s/entries/%s/photo", at->filing.id, at->entry.id);
    c.back = arena_printf(v->req->arena, "/console/filings/%s/entries/%s", at->filing.id, at->entry.id);
    if (upload != NULL)
        c.preview = arena_printf(v->req->arena, "%s/%s.jpg", c.post == NULL ? "" : c.post, upload);
    if (c.post == NULL || c.back == NULL || (upload != NULL && c.preview == NULL))
        return err_no_memory(e);
    if (console_entry_of(&entry, &data, v, &at->entry, e) != 0)
        return -1;
    c.name = entry.name;
    c.number = entry.number;
    c.title = entry.title;
    return console_answer(v, status, &html, console_cropper_page(&html, &v->site, &at->shown, &site, &c, e));
}

static int find_for_photo(struct at *at, struct console_visit *v, struct err *e)
{
    if (find(at, v, e) != 0)
        return -1;
    if (!at->shown.upload_photos)
        return err_set(e, ERR_FORBIDDEN, "Photos are the organiser's to upload.", "照片由组建单位上传。");
    return 0;
}

static int photo_page(struct console_visit *v, struct err *e)
{
    struct at at;

    return find_for_photo(&at, v, e) != 0 ? -1 : answer_cropper(v, 200, &at, NULL, NULL, e);
}

/* An upload of this organisation, of the step without script. */
static int find_upload(struct upload *u, struct console_visit *v, const struct at *at, const char *id,
                       struct err *e)
{
    if (store_upload(u, v->d->store, id, v->req->arena, e) == 0 &&
        (v->who.organisation == NULL ||
         (u->organisation != NULL && strcmp(u->organisation, at->filing.organisation) == 0)))
        return 0;
    return err_set(e, ERR_NOT_FOUND, "This photo is not there any more; choose it again.",
                   "照片已不存在，请重新选择。");
}

static int look_page(struct console_visit *v, struct err *e)
{
    enum { JPEG_ROOM = 1024 * 1024 };
    struct buf jpeg = BUF_INIT(JPEG_ROOM);
    struct upload u;
    struct at at;
    int rc = find_for_photo(&at, v, e) != 0 || find_upload(&u, v, &at, v->req->params[2], e) != 0
                 ? -1
                 : store_photo(&jpeg, v->d->store, u.photo, e);

    if (rc == 0)
        response_adopt(v->res, "image/jpeg", &jpeg);
    buf_dispose(&jpeg);
    return rc;
}

/* Without a script the crop is looked at first: kept, and shown. */
static int keep_for_look(char upload[CERTIFICATE_ID_SIZE], struct console_visit *v, const struct at *at,
                         struct slice picture, const struct photo_crop *crop, struct err *e)
{
    enum { JPEG_ROOM = 1024 * 1024 };
    struct buf jpeg = BUF_INIT(JPEG_ROOM);
    struct photo_report report;
    int rc = desk_open_photo(v->d, picture, crop, &jpeg, &report, e);

    if (rc == 0)
        rc = filing_keep_photo(upload, v->d->store, at->filing.organisation,
                               &(struct opened_photo){picture, buf_view(&jpeg), crop, &report}, clock_now(),
                               e);
    buf_dispose(&jpeg);
    return rc;
}

static int take_photo(char look[CERTIFICATE_ID_SIZE], struct console_visit *v, const struct at *at,
                      struct err *e)
{
    const char *id = console_field(v, "upload"), *file_name;
    char taken[CERTIFICATE_ID_SIZE];
    struct slice picture;
    struct photo_crop crop;
    struct upload u;
    bool given;

    look[0] = '\0';
    if (photo_form_crop(&crop, &given, v->req, e) != 0)
        return -1;
    if (id[0] != '\0')
        return find_upload(&u, v, at, id, e) != 0
                   ? -1
                   : store_set_entry_photo(v->d->store, at->entry.id, u.id, clock_now(), e);
    if (!request_file(&picture, &file_name, v->req, "photo") || picture.len == 0)
        return err_set(e, ERR_INVALID, "No photo was chosen; choose one first.",
                       "没有选择照片，请先选择照片文件。");
    if (picture.len > PICTURE_MAX)
        return err_set(e, ERR_TOO_LARGE, "The file is larger than 10 MB.",
                       "文件超过 10 MB，请用手机或电脑另存为较小的 JPG。");
    if (!given)
        return keep_for_look(look, v, at, picture, &crop, e);
    return filing_take_photo(taken, v->d->store, at->entry.id, picture, &crop, desk_open_photo, v->d, &v->who,
                             e);
}

static int photo_post_page(struct console_visit *v, struct err *e)
{
    char look[CERTIFICATE_ID_SIZE];
    struct err why = {.code = ERR_NONE};
    struct at at;

    if (find_for_photo(&at, v, e) != 0)
        return -1;
    if (take_photo(look, v, &at, &why) != 0) {
        if (why.code != ERR_INVALID && why.code != ERR_TOO_LARGE && why.code != ERR_CONFLICT &&
            why.code != ERR_NOT_FOUND) {
            *e = why;
            return -1;
        }
        return answer_cropper(v, respond_status(why.code), &at, why.zh, NULL, e);
    }
    if (look[0] != '\0')
        return answer_cropper(v, 200, &at, NULL, look, e);
    service_wake(v->app);
    return console_go(v, e, "/console/filings/%s/entries/%s?done=photo", at.filing.id, at.entry.id);
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

static int act_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, act_page, e);
}

static int act_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, act_post_page, e);
}

static int photo_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, photo_page, e);
}

static int photo_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, photo_post_page, e);
}

static int look_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, look_page, e);
}

const struct route person_page_routes[] = {
    {HTTP_GET, "/console/filings/{id}/entries/{entry}", person_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/entries/{entry}", person_post, LANE_RECORDS, FORM_BODY, ROUTE_FORM,
     NULL},
    {HTTP_GET, "/console/filings/{id}/entries/{entry}/certificate.pdf", file_get, LANE_RECORDS, 0,
     ROUTE_UNPACED, NULL},
    {HTTP_GET, "/console/filings/{id}/entries/{entry}/photo", photo_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/entries/{entry}/photo", photo_post, LANE_INSPECTION, PHOTO_FORM_BYTES,
     ROUTE_FORM, NULL},
    {HTTP_GET, "/console/filings/{id}/entries/{entry}/photo/{upload}.jpg", look_get, LANE_RECORDS, 0, 0,
     NULL},
    {HTTP_GET, "/console/filings/{id}/entries/{entry}/{act}", act_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/entries/{entry}/{act}", act_post, LANE_FILING, FORM_BODY, ROUTE_FORM,
     NULL},
    {.pattern = NULL},
};
