/* certificates.c - orders and reissues in, certificates out, in batches; the routes of all that concerns
 * certificates. */
#include "api/certificates.h"
#include "api/filings.h"
#include "records/members.h"
#include "records/order.h"
#include <stdlib.h>
#include <string.h>

enum { PHOTO_JPEG_MAX = 1024 * 1024, REASON_MAX = 200, BODY_MAX = 16 * 1024 };

/* One order on its way. */
struct task {
    struct http_work *work;
    struct desk *desk;
    json_t *body;  /* as it came; owned */
    json_t *order; /* records/order.h; owned */
    const char *photo_id, *template_name, *reason;
    struct certificate_row replaced; /* a reissue's; else its id is "" */
    struct buf photo;
    const char *photo_given; /* what the photo was made from, as one text */
    bool reissue, by_entry;
    const char *entry;  /* by_entry: its id */
    const char *biz_no; /* and what is made for it is called, where the body does not say */
    bool ready;         /* may be issued */
};

static void refused(struct task *t)
{
    t->work->rc = -1;
}

/* ---- what the body says ---- */

static const char *take_text(struct task *t, const char *name, size_t max, bool required,
                             struct faults *faults)
{
    struct members m = {t->body, "", t->work->req->arena, faults};
    struct member_rule rule = {name, MEMBER_TEXT, max, required, NULL};

    return member_text(&m, &rule);
}

static void fault_at(struct faults *faults, const char *pointer, const struct err *why)
{
    struct err at = *why;

    (void)err_field(&at, "%s", pointer);
    faults_add(faults, &at);
}

/* What an order was made from: photo and crop, so that the same upload twice is the same order. */
static int find_upload(struct task *t, struct err *e)
{
    struct request *req = t->work->req;
    char hex[2 * SHA256_SIZE + 1];
    struct upload u;

    if (upload_find(&u, req, t->desk->store, t->photo_id, e) != 0 ||
        store_photo(&t->photo, t->desk->store, u.photo, e) != 0)
        return -1;
    hex_encode(hex, (struct slice){u.original, SHA256_SIZE});
    t->photo_given = arena_printf(req->arena, "%s %s", hex, u.crop_json);
    return t->photo_given != NULL ? 0 : err_no_memory(e);
}

static int take_photo(struct task *t, bool required, struct faults *faults, struct err *e)
{
    t->photo_id = take_text(t, "photo_id", CERTIFICATE_ID_SIZE - 1, required, faults);
    if (t->photo_id == NULL || find_upload(t, e) == 0)
        return 0;
    if (e->code != ERR_NOT_FOUND)
        return -1;
    e->code = ERR_INVALID;
    fault_at(faults, "/photo_id", e);
    return 0;
}

static int take_template(struct task *t, struct faults *faults, struct err *e)
{
    const struct template *unused;

    t->template_name = take_text(t, "template", 64, false, faults);
    if (t->template_name == NULL || press_template(&unused, t->desk->press, t->template_name, e) == 0)
        return 0;
    if (e->code != ERR_NOT_FOUND)
        return -1;
    e->code = ERR_INVALID;
    fault_at(faults, "/template", e);
    return 0;
}

/* With what is wrong so far also everything that is wrong with the order itself. */
static int judge(struct task *t, struct faults *faults, struct err *e)
{
    struct certificate_order unused;

    if (faults->count > 0)
        (void)!certificate_order_read(&unused, t->order, t->work->req->arena, faults, e);
    return faults_judge(faults, e);
}

static int read_order(struct task *t, struct faults *faults, struct err *e)
{
    if (take_photo(t, true, faults, e) != 0 || take_template(t, faults, e) != 0)
        return -1;
    t->order = json_copy(t->body);
    if (t->order == NULL)
        return err_no_memory(e);
    (void)json_object_del(t->order, "photo_id");
    (void)json_object_del(t->order, "template");
    return judge(t, faults, e);
}

/* ---- reissue: the stored order with changes ---- */

/* The day that stands on an earlier try of the same reissue, else today: a retry after midnight is the same.
 */
static int default_day(char out[11], struct task *t, const char *biz_no, struct err *e)
{
    struct date today = date_in_shanghai(clock_now());
    struct certificate_row earlier;
    json_t *order;

    (void)snprintf(out, 11, "%04u-%02u-%02u", (unsigned)today.year % 10000, (unsigned)today.month % 100,
                   (unsigned)today.day % 100);
    if (biz_no == NULL || store_certificate_by_biz_no(&earlier, t->desk->store, t->replaced.organisation,
                                                      biz_no, t->work->req->arena, e) != 0)
        return biz_no == NULL || e->code == ERR_NOT_FOUND ? 0 : -1;
    order = certificate_order_json(&earlier);
    if (json_text(order, "reissue_date") != NULL)
        (void)snprintf(out, 11, "%s", json_text(order, "reissue_date"));
    json_decref(order);
    return 0;
}

/* null takes a member out. */
static void apply_changes(struct task *t, struct faults *faults)
{
    static const char *const fixed[] = {"biz_no", "original_no", "reissue_date", "certificate_no"};
    json_t *changes = json_object_get(t->body, "changes"), *value;
    const char *name;
    struct err e;

    if (changes != NULL && !json_is_object(changes)) {
        err_set(&e, ERR_INVALID, "This must be a JSON object.", "此处应为 JSON 对象。");
        fault_at(faults, "/changes", &e);
        return;
    }
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
        struct members m = {changes, "/changes", t->work->req->arena, faults};

        if (json_object_get(changes, fixed[i]) == NULL)
            continue;
        err_set(&e, ERR_INVALID, "This is not changed here: a reissue has a biz_no and a number of its own.",
                "此项不在 changes 中修改：补换证另有业务编号和证书编号。");
        member_fault(&m, fixed[i], &e);
    }
    json_object_foreach(changes, name, value)
    {
        if (json_is_null(value))
            (void)json_object_del(t->order, name);
        else
            (void)json_object_set(t->order, name, value);
    }
}

/* A reissue asked for by the filing's entry. The same Idempotency-Key again carries on with what it began,
 * also where the entry has the new certificate by now. */
static int find_entrys(struct task *t, struct err *e)
{
    struct request *req = t->work->req;
    char name[17];
    struct certificate_row earlier;
    struct filing_rights rights;
    struct filing_actor who;
    struct entry_row entry;
    struct filing_row f;

    if (entry_asked(&entry, &f, &who, req, e) != 0)
        return -1;
    filing_rights(&rights, &f, &who);
    if (filing_allows(rights.manage, &f, &who, e) != 0)
        return -1;
    if (entry.certificate[0] == '\0')
        return err_set(e, ERR_CONFLICT, "The entry has no certificate yet, so there is none to replace.",
                       "该人员的证书尚未生成，无需补换。");
    t->entry = arena_text(req->arena, entry.id);
    idempotent_name(name, req);
    if (name[0] == '\0') /* once for each certificate, then */
        (void)snprintf(name, sizeof name, "%.16s", entry.certificate);
    t->biz_no = arena_printf(req->arena, "reissue-%s-%.16s", name, entry.id);
    if (t->entry == NULL || t->biz_no == NULL)
        return err_no_memory(e);
    if (store_certificate(&t->replaced, t->desk->store, entry.certificate, req->arena, e) != 0)
        return -1;
    if (store_certificate_by_biz_no(&earlier, t->desk->store, t->replaced.organisation, t->biz_no, req->arena,
                                    e) == 0)
        return store_certificate(&t->replaced, t->desk->store, earlier.replaces, req->arena, e);
    return e->code == ERR_NOT_FOUND ? 0 : -1;
}

static int find_replaced(struct task *t, struct err *e)
{
    if (t->by_entry)
        return find_entrys(t, e);
    return certificate_find(&t->replaced, t->work->req, t->desk->store, t->work->req->params[0], e);
}

static int build_reissue(struct task *t, struct faults *faults, struct err *e)
{
    json_t *biz_no = json_object_get(t->body, "biz_no"), *day = json_object_get(t->body, "reissue_date");
    char today[11];

    t->order = certificate_order_json(&t->replaced);
    if (t->order == NULL)
        return err_no_memory(e);
    apply_changes(t, faults);
    if (default_day(today, t, biz_no != NULL ? json_string_value(biz_no) : t->biz_no, e) != 0)
        return -1;
    (void)json_object_del(t->order, "certificate_no");
    (void)json_object_del(t->order, "biz_no");
    if (((biz_no != NULL || t->biz_no != NULL) &&
         json_object_set_new(t->order, "biz_no",
                             biz_no != NULL ? json_incref(biz_no) : json_string(t->biz_no)) != 0) ||
        json_object_set_new(t->order, "original_no", json_string(t->replaced.number)) != 0 ||
        json_object_set_new(t->order, "reissue_date", day != NULL ? json_incref(day) : json_string(today)) !=
            0)
        return err_no_memory(e);
    return 0;
}

static int read_reissue(struct task *t, struct faults *faults, struct err *e)
{
    static const char *const names[] = {"biz_no",  "reason", "reissue_date", "photo_id", "template",
                                        "changes", NULL};
    struct request *req = t->work->req;
    struct members m = {t->body, "", req->arena, faults};

    if (find_replaced(t, e) != 0)
        return -1;
    if (t->replaced.recorded)
        return err_set(e, ERR_CONFLICT,
                       "This is an old certificate of which only the registration is kept; it cannot be "
                       "reissued here. Order a new one.",
                       "这是仅有登记信息的历史证书，不能在此补换，请另行办理新证。");
    if (t->replaced.state != CERTIFICATE_ISSUED)
        return err_set(e, ERR_IN_PROGRESS, "The certificate is not finished yet; try again soon.",
                       "证书尚未制成，请稍后重试。");
    (void)members_only(&m, names);
    t->reason = take_text(t, "reason", REASON_MAX, true, faults);
    if (take_photo(t, false, faults, e) != 0 || take_template(t, faults, e) != 0 ||
        build_reissue(t, faults, e) != 0)
        return -1;
    if (t->template_name == NULL) /* the look stays what it was */
        t->template_name = t->replaced.template_name;
    if (t->photo_id == NULL && store_photo(&t->photo, t->desk->store, t->replaced.photo, e) != 0)
        return -1;
    return judge(t, faults, e);
}

/* ---- faults as this door names them ---- */

static void rename_fault(const struct task *t, struct err *f)
{
    static const char *const own[] = {"/biz_no", "/reissue_date", "/photo_id", "/reason", "/template"};
    char old[sizeof f->field];

    if (strcmp(f->field, "/photo") == 0)
        (void)snprintf(f->field, sizeof f->field, "/photo_id");
    if (f->code == ERR_NOT_FOUND) /* what the order names is not there: the order is at fault */
        f->code = ERR_INVALID;
    if (!t->reissue || f->field[0] == '\0' || strncmp(f->field, "/changes", 8) == 0)
        return;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (strcmp(f->field, own[i]) == 0)
            return;
    }
    if (json_object_get(t->body, f->field + 1) != NULL) /* a member that does not belong here */
        return;
    memcpy(old, f->field, sizeof old);
    (void)snprintf(f->field, sizeof f->field, "/changes%.80s", old);
}

/* What only time or we can mend is told without a list. */
static bool is_outage(enum err_code code)
{
    return code == ERR_UNAVAILABLE || code == ERR_NO_MEMORY || code == ERR_INTERNAL ||
           code == ERR_IN_PROGRESS;
}

static void answer_faults(struct task *t, struct faults *faults, const struct err *e)
{
    struct http_work *w = t->work;

    w->err = *e;
    if (is_outage(e->code) || faults->count == 0) {
        refused(t);
        return;
    }
    rename_fault(t, &w->err);
    for (size_t i = 0; i < faults->count; i++)
        rename_fault(t, &faults->list[i]);
    w->rc = respond_faults(w->req, w->res, faults, &w->err);
}

/* ---- answers ---- */

static bool put_seals(json_t *view, const struct issue_answer *a)
{
    json_t *lists[2] = {json_array(), json_array()};
    bool fine = lists[0] != NULL && lists[1] != NULL;

    for (size_t i = 0; i < a->seal_count && fine; i++)
        fine = json_array_append_new(
                   lists[a->seals[i].applied ? 0 : 1],
                   json_pack("{ss ss}", "role", a->seals[i].role, "office", a->seals[i].office)) == 0;
    fine = fine && json_object_set(view, "seals_applied", lists[0]) == 0 &&
           json_object_set(view, "seals_missing", lists[1]) == 0;
    json_decref(lists[0]);
    json_decref(lists[1]);
    return fine;
}

static bool put_notes(json_t *view, const struct request *req, const struct faults *faults)
{
    json_t *notes = json_array();
    bool fine = notes != NULL;

    for (size_t i = 0; i < faults->note_count && fine; i++) {
        const struct err *n = &faults->notes[i];

        fine = json_array_append_new(notes, json_pack("{ss ss}", "pointer", n->field, "detail",
                                                      req->english ? n->en : n->zh)) == 0;
    }
    fine = fine && json_object_set(view, "notes", notes) == 0;
    json_decref(notes);
    return fine;
}

static int answer_json(const struct task *t, const struct issue_item *item, enum certificate_status status,
                       struct err *e)
{
    const struct issue_answer *a = &item->answer;
    struct request *req = t->work->req;
    const char *location = arena_printf(req->arena, "/v1/certificates/%s", a->id);
    json_t *view =
        json_pack("{ss ss sO ss ss ss so sb sb}", "id", a->id, "certificate_no", a->certificate_no, "biz_no",
                  json_object_get(t->order, "biz_no"), "state", "issued", "status",
                  certificate_status_name(status), "verify_url", a->verify_url, "links",
                  certificate_links(a->id, a->verify_url), "test", a->test, "repeated", a->repeated);

    if (location == NULL || view == NULL || !put_seals(view, a) || !put_notes(view, req, &item->faults) ||
        (t->reissue && json_object_set_new(view, "replaces", json_string(t->replaced.id)) != 0)) {
        json_decref(view);
        return err_no_memory(e);
    }
    if (respond_json(t->work->res, a->repeated ? 200 : 201, view, e) != 0)
        return -1;
    response_header(t->work->res, "Location", location);
    return 0;
}

/* "0.5" in thousandths; what is no weight from 0 to 1 (RFC 9110 12.4.2) counts as 0. */
static int weight_of(const char *text)
{
    double weight = strtod(text, NULL);

    return weight >= 0 && weight <= 1 ? (int)(weight * 1000) : 0;
}

/* The weight of a media type in Accept, in thousandths; -1 where it is not named. */
static int accept_weight(const char *accept, const char *type)
{
    size_t len = strlen(type);

    for (const char *at = accept; at != NULL && *at != '\0'; at = strchr(at, ',')) {
        const char *q, *end;

        at += strspn(at, ", \t");
        end = at + strcspn(at, ",");
        if (strncasecmp(at, type, len) != 0 || (at[len] != '\0' && strchr(",; \t", at[len]) == NULL))
            continue;
        q = strstr(at, "q=");
        return q != NULL && q < end ? weight_of(q + 2) : 1000;
    }
    return -1;
}

static bool wants_pdf(const struct request *req)
{
    const char *accept = request_header(req, "Accept");
    int pdf = accept != NULL ? accept_weight(accept, "application/pdf") : -1;

    return pdf > 0 && pdf > accept_weight(accept, "application/json");
}

static int answer_file(const struct task *t, const struct issue_answer *a, const struct certificate_row *row,
                       struct err *e)
{
    struct request *req = t->work->req;
    const char *location = arena_printf(req->arena, "/v1/certificates/%s", a->id);
    struct buf pdf = BUF_INIT(DOCUMENT_MAX);
    int rc = -1;

    buf_append(&pdf, a->pdf);
    if (certificate_check_holds(req, row, e) == 0)
        rc = !buf_ok(&pdf) || location == NULL ? err_no_memory(e)
             : certificate_left(t->desk->store, row, e) != 0
                 ? -1
                 : certificate_answer_pdf(t->work->res, req, row, &pdf, e);
    buf_dispose(&pdf);
    if (rc != 0)
        return -1;
    t->work->res->status = a->repeated ? 200 : 201;
    response_header(t->work->res, "Location", location);
    return 0;
}

static int answer(const struct task *t, const struct issue_item *item, struct err *e)
{
    bool pdf = wants_pdf(t->work->req);
    struct certificate_row row = {.status = STATUS_VALID};

    /* a repeated order's certificate may have been revoked meanwhile */
    if ((pdf || item->answer.repeated) &&
        store_certificate(&row, t->desk->store, item->answer.id, t->work->req->arena, e) != 0)
        return -1;
    return pdf ? answer_file(t, &item->answer, &row, e) : answer_json(t, item, row.status, e);
}

/* ---- from bodies to answers ---- */

static void begin(struct task *t)
{
    static const char *const names[] = {NULL};
    struct http_work *w = t->work;
    struct faults faults = {.count = 0};

    w->rc = 0;
    buf_init(&t->photo, PHOTO_JPEG_MAX);
    if (request_query_check(w->req, names, &w->err) != 0 || desk_issuer(t->desk, &w->err) != 0 ||
        request_json(&t->body, w->req, &w->err) != 0) {
        refused(t);
        return;
    }
    if ((t->reissue ? read_reissue(t, &faults, &w->err) : read_order(t, &faults, &w->err)) == 0) {
        t->ready = true;
    } else {
        struct err why = w->err;

        answer_faults(t, &faults, &why);
    }
}

static struct issue_request request_of(const struct task *t)
{
    const struct caller *c = caller_of(t->work->req);

    return (struct issue_request){.order = t->order,
                                  .photo = buf_view(&t->photo),
                                  .photo_given = t->photo_given != NULL ? slice_of(t->photo_given)
                                                                        : (struct slice){NULL, 0},
                                  .template_name = t->template_name,
                                  .now = clock_now(),
                                  /* who may see the filing was asked already */
                                  .organisation = t->by_entry ? NULL
                                                  : c != NULL ? c->organisation
                                                              : "",
                                  .actor = c != NULL ? c->key_id : "service",
                                  .replaces = t->reissue ? t->replaced.id : NULL,
                                  .reason = t->reason,
                                  .no_wait = true};
}

/* What replaces an entry's certificate is the entry's from then on. */
static int give_to_entry(const struct task *t, const struct issue_answer *a, struct err *e)
{
    if (!t->reissue || t->replaced.entry[0] == '\0')
        return 0;
    return store_set_entry_certificate(t->desk->store, t->replaced.entry, a->id, clock_now(), e);
}

static void end(struct task *t, struct issue_item *item)
{
    struct http_work *w = t->work;

    if (item->rc != 0)
        answer_faults(t, &item->faults, &item->err);
    else if (give_to_entry(t, &item->answer, &w->err) != 0)
        refused(t);
    else
        w->rc = answer(t, item, &w->err);
}

static void issue_ready(struct desk *d, struct task *tasks, size_t count)
{
    size_t ready = 0, at[ISSUE_BATCH_MAX];
    struct issue_item *items;

    for (size_t i = 0; i < count; i++) {
        if (tasks[i].ready)
            at[ready++] = i;
    }
    if (ready == 0)
        return;
    items = calloc(ready, sizeof *items);
    for (size_t i = 0; i < ready; i++) {
        if (items != NULL) {
            items[i].request = request_of(&tasks[at[i]]);
        } else {
            (void)err_no_memory(&tasks[at[i]].work->err);
            refused(&tasks[at[i]]);
        }
    }
    if (items == NULL)
        return;
    issue_batch(d->issuer, items, ready);
    for (size_t i = 0; i < ready; i++)
        end(&tasks[at[i]], &items[i]);
    free(items);
}

enum order_kind { ORDER_NEW, ORDER_REISSUE, ORDER_ENTRY_REISSUE };

static void work_together(struct desk *d, struct http_work *work, size_t count, enum order_kind kind)
{
    struct task tasks[ISSUE_BATCH_MAX];

    for (size_t i = 0; i < count; i++) {
        tasks[i] = (struct task){.work = &work[i],
                                 .desk = d,
                                 .reissue = kind != ORDER_NEW,
                                 .by_entry = kind == ORDER_ENTRY_REISSUE};
        begin(&tasks[i]);
    }
    issue_ready(d, tasks, count);
    for (size_t i = 0; i < count; i++) {
        json_decref(tasks[i].order);
        json_decref(tasks[i].body);
        buf_dispose(&tasks[i].photo);
    }
}

static int work_alone(struct request *req, struct response *res, enum order_kind kind, struct err *e)
{
    struct http_work work = {.req = req, .res = res};

    work_together(req->thread, &work, 1, kind);
    if (work.rc != 0)
        *e = work.err;
    return work.rc;
}

static int certificates_post(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return work_alone(req, res, ORDER_NEW, e);
}

static int certificate_reissue(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return work_alone(req, res, ORDER_REISSUE, e);
}

static int entry_reissue_once(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return work_alone(req, res, ORDER_ENTRY_REISSUE, e);
}

int entry_reissue(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, entry_reissue_once, e);
}

bool certificates_together(const struct route *route)
{
    return route->handle == certificates_post;
}

void certificates_batch(void *app, void *thread, struct http_work *work, size_t count)
{
    if (count > 0 && count <= ISSUE_BATCH_MAX && certificates_together(work[0].req->route)) {
        work_together(thread, work, count, ORDER_NEW);
        return;
    }
    for (size_t i = 0; i < count; i++)
        work[i].rc = work[i].req->route->handle(app, work[i].req, work[i].res, &work[i].err);
}

const struct route certificate_routes[] = {
    {HTTP_POST, "/v1/certificates", certificates_post, LANE_ISSUING, ORDER_MAX_BYTES, 0, SCOPE_ISSUE},
    {HTTP_GET, "/v1/certificates", certificates_list, LANE_RECORDS, 0, 0, SCOPE_READ},
    {HTTP_GET, "/v1/certificates/{id}.pdf", certificate_pdf, LANE_RECORDS, 0, ROUTE_UNPACED, SCOPE_READ},
    {HTTP_PUT, "/v1/certificates/{id}.pdf", certificate_pdf_put, LANE_FILING, RECORD_PDF_MAX, ROUTE_SPOOL,
     SCOPE_FILINGS},
    {HTTP_GET, "/v1/certificates/{id}", certificate_get, LANE_RECORDS, 0, 0, SCOPE_READ},
    {HTTP_POST, "/v1/certificates/{id}/revoke", certificate_revoke, LANE_RECORDS, BODY_MAX, 0, SCOPE_REVOKE},
    {HTTP_POST, "/v1/certificates/{id}/cancel", certificate_cancel, LANE_RECORDS, BODY_MAX, 0, SCOPE_REVOKE},
    {HTTP_POST, "/v1/certificates/{id}/suspend", certificate_suspend, LANE_RECORDS, BODY_MAX, 0,
     SCOPE_REVOKE},
    {HTTP_POST, "/v1/certificates/{id}/reinstate", certificate_reinstate, LANE_RECORDS, BODY_MAX, 0,
     SCOPE_REVOKE},
    {HTTP_POST, "/v1/certificates/{id}/reissue", certificate_reissue, LANE_ISSUING, ORDER_MAX_BYTES, 0,
     SCOPE_ISSUE},
    {.pattern = NULL},
};
