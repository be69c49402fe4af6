/* documents.c - /v1/documents: a template and a record in, a PDF out. Nothing is kept and nothing is sealed;
 * what could be sealed bears the watermark of a specimen. */
#include "api/app.h"
#include "records/members.h"
#include <string.h>

enum { BODY_MAX = 512 * 1024, PHOTO_MAX = 1024 * 1024 };

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
    return json_pack("{ss ss sb so sO}", "name", template_name(t), "title", title, "sealable",
                     template_sealable(t), "seal_roles", roles, "sample", template_sample(t));
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

    (void)members_only(&m, names);
    *record = json_object_get(json, "record");
    if (!json_is_object(*record)) {
        err_set(&wrong, ERR_INVALID, "The record to print is required here, as a JSON object.",
                "此处应为要打印的内容（JSON 对象）。");
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

static int document_post(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct buf photo = BUF_INIT(PHOTO_MAX), pdf = BUF_INIT(DOCUMENT_MAX);
    const struct app *app = arg;
    const struct desk *d = req->thread;
    struct faults faults = {.count = 0};
    const struct template *t;
    const json_t *record;
    json_t *json = NULL;
    int rc = -1;

    if (request_query_check(req, (const char *const[]){NULL}, e) != 0 ||
        press_template(&t, d->press, req->params[0], e) != 0 || request_json(&json, req, e) != 0 ||
        read_body(&record, &photo, json, req, &faults, e) != 0)
        goto out;
    if (faults_judge(&faults, e) != 0) {
        rc = respond_faults(req, res, &faults, e);
        goto out;
    }
    if (press_specimen(&pdf, d->press, t, record, buf_view(&photo), app->config.host, e) != 0) {
        rc = point_into_record(req, res, e);
        goto out;
    }
    response_adopt(res, "application/pdf", &pdf);
    response_header(res, "Content-Disposition", "inline; filename=\"document.pdf\"");
    rc = 0;
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
