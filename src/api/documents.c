/* documents.c - /v1/documents: a template and a record in, a PDF out. Nothing is kept and nothing is sealed;
 * what it bears for that is the template's to say, and a certificate is always a specimen. */
#include "api/app.h"
#include "records/members.h"
#include <string.h>

enum { BODY_MAX = 512 * 1024, PHOTO_MAX = 1024 * 1024 };

static const char *unsealed_word(const struct template *t)
{
    static const char *const words[] = {"specimen", "draft", "plain"}; /* as enum unsealed */

    return words[template_unsealed(t)];
}

static json_t *template_json(const struct template *t, struct arena *a)
{
    json_t *roles = json_array();
    const char *title;
    struct err e;

    for (size_t i = 0; i < template_role_count(t); i++) {
        if (json_array_append_new(roles, json_string(template_role(t, i))) != 0)
            break;
    }
    if (template_blank_title(&title, t, a, &e) != 0) {
        json_decref(roles);
        return NULL;
    }
    return json_pack("{ss ss sb ss sb so sO}", "name", template_name(t), "title", title, "sealable",
                     template_sealable(t), "unsealed", unsealed_word(t), "blank", template_has_blank(t),
                     "seal_roles", roles, "sample", template_sample(t));
}

/* Templates never change once they are loaded, so every thread may read those of the first press. */
static int templates_list(void *arg, struct request *req, struct response *res, struct err *e)
{
    const struct app *app = arg;
    json_t *items;

    if (request_query_check(req, (const char *const[]){NULL}, e) != 0)
        return -1;
    items = json_array();
    for (size_t i = 0; i < press_template_count(app->presses[0]); i++) {
        if (json_array_append_new(items, template_json(press_template_at(app->presses[0], i), req->arena)) !=
            0) {
            json_decref(items);
            return err_no_memory(e);
        }
    }
    return respond_json(res, 200, json_pack("{so}", "items", items), e);
}

static int load_photo(struct buf *out, const struct request *req, struct store *s, const char *id,
                      struct faults *faults, struct err *e)
{
    struct upload u;

    if (upload_find(&u, req, s, id, e) == 0)
        return store_photo(out, s, u.photo, e);
    if (e->code != ERR_NOT_FOUND)
        return -1;
    e->code = ERR_INVALID; /* the document is there, what it refers to is not */
    (void)err_field(e, "/photo_id");
    faults_add(faults, e);
    return 0;
}

/* Checks the members of the body; the record itself is the template's to judge. */
static int read_body(const json_t **record, struct buf *photo, const json_t *json, const struct request *req,
                     struct faults *faults, struct err *e)
{
    static const char *const names[] = {"record", "photo_id", NULL};
    static const struct member_rule photo_id = {"photo_id", MEMBER_CODE, 32, false, NULL};
    const struct members m = {json, "", req->arena, faults};
    const struct desk *d = req->thread;
    const char *id;
    struct err wrong;

    *record = json_object_get(json, "record");
    if (json_is_object(*record)) {
        (void)members_only(&m, names);
    } else { /* nothing of what was sent in its place is at fault by itself */
        err_set(&wrong, ERR_INVALID,
                "The record to print is required here, as a JSON object: {\"record\": {...}}.",
                "此处应为要打印的内容（JSON 对象），请写作 {\"record\": {…}}。");
        member_fault(&m, "record", &wrong);
    }
    id = member_text(&m, &photo_id);
    return id == NULL ? 0 : load_photo(photo, req, d->store, id, faults, e);
}

/* A template speaks of its record; the caller sent it inside another object. */
static int point_into_record(const struct request *req, struct response *res, struct err *e)
{
    struct faults faults = {.count = 0};
    char field[sizeof e->field];

    if (e->code != ERR_INVALID && e->code != ERR_TOO_LARGE)
        return -1;
    memcpy(field, e->field, sizeof field);
    e->code = ERR_INVALID;
    (void)err_field(e, "/record%s", field);
    faults_add(&faults, e);
    return respond_faults(req, res, &faults, e);
}

/* What the query asks for: ?blank=true, ?mark=draft or void. */
static int read_query(struct proof *proof, const struct request *req, struct err *e)
{
    const char *blank = request_query(req, "blank"), *mark = request_query(req, "mark");

    if (request_query_check(req, (const char *const[]){"blank", "mark", NULL}, e) != 0)
        return -1;
    if (blank != NULL && strcmp(blank, "true") != 0 && strcmp(blank, "false") != 0) {
        err_set(e, ERR_INVALID, "blank is true or false.", "blank 应为 true 或 false。");
        return err_field(e, "?blank");
    }
    if (mark != NULL && strcmp(mark, "draft") != 0 && strcmp(mark, "void") != 0) {
        err_set(e, ERR_INVALID, "mark is draft or void; without it the template says what a document bears.",
                "mark 应为 draft 或 void；不写时按模板的规定。");
        return err_field(e, "?mark");
    }
    proof->blank = blank != NULL && strcmp(blank, "true") == 0;
    proof->mark = mark == NULL ? MARK_NONE : strcmp(mark, "void") == 0 ? MARK_VOID : MARK_DRAFT;
    return 0;
}

/* A mistake in a template is not the caller's: the log of the service names it. */
static int find_template(const struct template **out, const struct press *press, const char *name,
                         struct err *e)
{
    struct err why;

    if (press_template(out, press, name, e) == 0 || e->code == ERR_NOT_FOUND)
        return *out != NULL ? 0 : -1;
    why = *e;
    err_set(e, ERR_UNAVAILABLE,
            "The template \"%s\" has a mistake; who runs the service finds it in its log.",
            "模板 “%s” 有错误，请服务的运行人员查看日志。", name);
    return err_detail(e, "%s", why.en);
}

/* The document of a record, or, where res says already why not, of nobody: *made is false then. */
static int take_record(struct proof *proof, bool *made, const json_t *json, struct buf *photo,
                       const struct request *req, struct response *res, struct err *e)
{
    struct faults faults = {.count = 0};

    *made = false;
    if (proof->blank && json_object_size(json) > 0)
        return err_set(e, ERR_INVALID, "A blank form takes no record and no photo: send {}.",
                       "空白表不带内容和照片，请发送 {}。");
    if (!proof->blank && read_body(&proof->record, photo, json, req, &faults, e) != 0)
        return -1;
    proof->photo = buf_view(photo);
    *made = faults_judge(&faults, e) == 0;
    return *made ? 0 : respond_faults(req, res, &faults, e);
}

static int document_post(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct buf photo = BUF_INIT(PHOTO_MAX), pdf = BUF_INIT(DOCUMENT_MAX);
    const struct app *app = arg;
    const struct desk *d = req->thread;
    struct proof proof = {.host = app->config.host};
    json_t *json = NULL;
    bool fine;
    int rc = -1;

    if (read_query(&proof, req, e) != 0 || find_template(&proof.template, d->press, req->params[0], e) != 0)
        goto out;
    if (proof_check(&proof, e) != 0) {
        (void)err_field(e, proof.blank ? "?blank" : "?mark");
        goto out;
    }
    if (request_json(&json, req, e) != 0)
        goto out;
    rc = take_record(&proof, &fine, json, &photo, req, res, e);
    if (rc != 0 || !fine)
        goto out;
    if (press_proof(&pdf, d->press, &proof, e) != 0) {
        rc = point_into_record(req, res, e);
        goto out;
    }
    response_adopt(res, "application/pdf", &pdf);
    response_header(res, "Content-Disposition", "inline; filename=\"document.pdf\"");
out:
    json_decref(json);
    buf_dispose(&photo);
    buf_dispose(&pdf);
    return rc;
}

const struct route document_routes[] = {
    {HTTP_GET, "/v1/templates", templates_list, LANE_RECORDS, 0, 0, SCOPE_DOCUMENTS},
    {HTTP_POST, "/v1/documents/{template}", document_post, LANE_ISSUING, BODY_MAX, ROUTE_UNPACED,
     SCOPE_DOCUMENTS},
    {.pattern = NULL}};
