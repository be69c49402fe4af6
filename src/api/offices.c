/* offices.c - /v1/organizations: who issues, who decides, and whose seals they use. */
#include "api/offices.h"
#include "base/log.h"
#include "base/utf8.h"
#include "seal/seal.h"
#include <string.h>

enum { BODY_MAX = 16 * 1024 };

/* --- what a caller may see --- */

static bool is_id(const char *id, const char *other)
{
    return id != NULL && strcmp(id, other) == 0;
}

static bool refers_to(const struct view *v, const struct organisation *o, const char *own)
{
    if (own == NULL || strcmp(o->id, own) == 0)
        return true;
    for (size_t i = 0; i < v->profile_count; i++) {
        if (is_id(v->profiles[i].issuer, o->id) || is_id(v->profiles[i].committee, o->id))
            return true;
    }
    return false;
}

int view_open(struct view *out, const struct request *req, struct store *s, struct err *e)
{
    const struct caller *c = caller_of(req);
    size_t kept = 0;

    *out = (struct view){NULL, NULL, 0, 0};
    if (c == NULL)
        return err_set(e, ERR_FORBIDDEN, "A key is needed for this.", "此操作需要接口密钥。");
    if (store_list_profiles(&out->profiles, &out->profile_count, s, c->organisation, req->arena, e) != 0 ||
        store_list_organisations(&out->organisations, &out->organisation_count, s, req->arena, e) != 0)
        return -1;
    for (size_t i = 0; i < out->organisation_count; i++) {
        if (refers_to(out, &out->organisations[i], c->organisation))
            out->organisations[kept++] = out->organisations[i];
    }
    out->organisation_count = kept;
    return 0;
}

const struct organisation *view_organisation(const struct view *v, const char *id)
{
    for (size_t i = 0; i < v->organisation_count; i++) {
        if (is_id(id, v->organisations[i].id))
            return &v->organisations[i];
    }
    return NULL;
}

const struct profile *view_profile(const struct view *v, const char *id)
{
    for (size_t i = 0; i < v->profile_count; i++) {
        if (is_id(id, v->profiles[i].id))
            return &v->profiles[i];
    }
    return NULL;
}

/* --- what both kinds have in common --- */

int office_may_write(const struct request *req, struct err *e)
{
    const struct caller *c = caller_of(req);

    if (c != NULL && c->organisation == NULL)
        return 0;
    (void)refuse_as(req, 403, "key-of-one-organisation", 0);
    return err_set(
        e, ERR_FORBIDDEN,
        "Organisations and profiles are changed with a key for all organisations only "
        "(\"sealpress key new --organisation '*'\").",
        "单位和发证配置只能用适用于全部单位的密钥修改（“sealpress key new --organisation '*'”）。");
}

int office_unknown(const char *en, const char *zh, const char *id, struct err *e)
{
    int len = (int)utf8_whole(id, strnlen(id, OFFICE_ID_MAX));

    return err_set(e, ERR_NOT_FOUND, "There is no %1$s \"%3$.*4$s\" that this key may see.%2$.0s",
                   "没有此密钥可见的%2$s “%3$.*4$s”。%1$.0s", en, zh, id, len);
}

void office_fault(struct faults *faults, const char *member, const struct err *e)
{
    struct err at = *e;

    at.code = ERR_INVALID;
    (void)err_field(&at, "/%s", member);
    faults_add(faults, &at);
}

int office_body(json_t **out, const struct request *req, struct faults *faults, struct err *e)
{
    const char *id = req->params[0], *given;
    struct err wrong;

    if (request_query_check(req, (const char *const[]){NULL}, e) != 0 || request_json(out, req, e) != 0)
        return -1;
    if (id == NULL)
        return 0;
    given = json_text(*out, "id");
    if (json_object_get(*out, "id") == NULL) {
        if (json_object_set_new(*out, "id", json_string(id)) != 0)
            return err_no_memory(e);
    } else if (given == NULL || strcmp(given, id) != 0) {
        err_set(&wrong, ERR_INVALID, "This must be the id of the address, or be left out.",
                "此处必须与地址中的标识相同，也可以省略。");
        office_fault(faults, "id", &wrong);
    }
    return 0;
}

void office_changed(const struct request *req, const char *kind, const char *id)
{
    struct log_line l;

    log_begin(&l, "office-changed");
    log_text(&l, "request", req->id);
    log_text(&l, "key", caller_of(req)->key_id);
    log_text(&l, kind, id);
    log_end(&l);
}

json_t *office_list(json_t *items)
{
    return items == NULL ? NULL : json_pack("{so}", "items", items);
}

/* --- organisations --- */

static json_t *organisation_json(const struct organisation *o)
{
    return json_pack("{ss ss ss* ss* ss*}", "id", o->id, "name", o->name, "printed_name", o->printed_name,
                     "uscc", o->uscc, "seal_id", o->seal_id);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_organisation(const struct organisation *a, const struct organisation *b)
{
    return same_text(a->name, b->name) && same_text(a->printed_name, b->printed_name) &&
           same_text(a->uscc, b->uscc) && same_text(a->seal_id, b->seal_id);
}

static int organisations_list(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    json_t *items = json_array();
    struct view v;

    (void)app;
    if (request_query_check(req, (const char *const[]){NULL}, e) != 0 ||
        view_open(&v, req, d->store, e) != 0) {
        json_decref(items);
        return -1;
    }
    for (size_t i = 0; i < v.organisation_count; i++) {
        if (json_array_append_new(items, organisation_json(&v.organisations[i])) != 0) {
            json_decref(items);
            return err_no_memory(e);
        }
    }
    return respond_json(res, 200, office_list(items), e);
}

static int organisation_get(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    const struct organisation *o;
    struct view v;

    (void)app;
    if (request_query_check(req, (const char *const[]){NULL}, e) != 0 || view_open(&v, req, d->store, e) != 0)
        return -1;
    o = view_organisation(&v, req->params[0]);
    if (o == NULL)
        return office_unknown("organisation", "单位", req->params[0], e);
    return respond_json(res, 200, organisation_json(o), e);
}

/* An office seals with its own seal only. */
static int check_seal(const struct organisation *o, const char *data_dir, struct faults *faults,
                      struct err *e)
{
    struct seal *seal;
    struct err wrong;

    if (seal_load(&seal, data_dir, o->seal_id, e) != 0) {
        if (e->code != ERR_NOT_FOUND && e->code != ERR_INVALID)
            return -1;
        office_fault(faults, "seal_id", e);
        return 0;
    }
    if (!seal_belongs(seal, o->name)) {
        err_set(&wrong, ERR_INVALID, "This seal belongs to %s, not to %s; an office seals with its own only.",
                "该印章属于“%s”，不属于“%s”；单位只能使用自己的印章。", seal->owner, o->name);
        office_fault(faults, "seal_id", &wrong);
    }
    seal_free(seal);
    return 0;
}

/* The profiles that an organisation is printed for can still print it; a new one must fit a template that can
 * be sealed. */
static int check_print(struct desk *d, const struct view *v, const struct organisation *o,
                       struct faults *faults, struct err *e)
{
    struct err why = {.code = ERR_NONE};
    bool used = false, fits = false;

    for (size_t i = 0; i < v->profile_count; i++) {
        const struct profile *p = &v->profiles[i];
        bool issues = is_id(p->issuer, o->id), decides = is_id(p->committee, o->id);
        const struct organisation *issuer = issues ? o : view_organisation(v, p->issuer);
        const struct organisation *committee = decides ? o : view_organisation(v, p->committee);
        const struct template *t;

        if ((!issues && !decides) || issuer == NULL)
            continue;
        used = true;
        if (press_template(&t, d->press, p->template_name, &why) == 0 &&
            press_fits_offices(d->press, t, issuer, committee, &why) != 0)
            goto wrong;
    }
    for (size_t i = 0; !used && !fits && i < press_template_count(d->press); i++) {
        const struct template *t = press_template_at(d->press, i);

        /* certificates name their issuer; a form has room for anybody it does not name */
        fits = press_makes_certificates(t) && press_fits_offices(d->press, t, o, NULL, &why) == 0;
    }
    if (used || fits)
        return 0;
wrong:
    if (why.code != ERR_INVALID && why.code != ERR_TOO_LARGE) {
        *e = why;
        return -1;
    }
    office_fault(faults, o->printed_name != NULL ? "printed_name" : "name", &why);
    return 0;
}

/* A licence identifier is made with the issuer's code. */
static void check_code(const struct view *v, const struct organisation *o, struct faults *faults)
{
    struct err e;

    for (size_t i = 0; o->uscc == NULL && i < v->profile_count; i++) {
        if (!is_id(v->profiles[i].issuer, o->id) || v->profiles[i].license_type == NULL)
            continue;
        err_set(&e, ERR_INVALID, "The profile \"%s\" makes licence identifiers, which need this code.",
                "发证配置 “%s” 要生成电子证照标识，需要统一社会信用代码。", v->profiles[i].id);
        office_fault(faults, "uscc", &e);
        return;
    }
}

/* The organisation of the body, if nothing is wrong with it. */
static int take_organisation(struct organisation *out, const struct view *v, struct request *req,
                             struct faults *faults, struct err *e)
{
    struct desk *d = req->thread;
    json_t *json = NULL;
    int rc = -1;

    if (office_body(&json, req, faults, e) != 0)
        goto out;
    if (organisation_read(out, json, req->arena, faults, e) == 0 && faults->count == 0) {
        check_code(v, out, faults);
        if ((out->seal_id != NULL && check_seal(out, d->app->data_dir, faults, e) != 0) ||
            check_print(d, v, out, faults, e) != 0)
            goto out;
    }
    rc = 0;
out:
    json_decref(json);
    return rc;
}

static int answer_organisation(struct request *req, struct response *res, int status,
                               const struct organisation *o, struct err *e)
{
    const char *address = arena_printf(req->arena, "/v1/organizations/%s", o->id);

    if (address == NULL)
        return err_no_memory(e);
    if (status == 201)
        response_header(res, "Location", address);
    return respond_json(res, status, organisation_json(o), e);
}

/* In one transaction, so that of two that come at once one is the second. */
static int add_organisation(int *status, struct store *s, const struct organisation *o, struct request *req,
                            struct err *e)
{
    struct organisation known;
    int rc = -1;

    if (store_begin(s, e) != 0)
        return -1;
    if (store_organisation(&known, s, o->id, req->arena, e) == 0) {
        *status = 200;
        if (same_organisation(&known, o))
            rc = 0;
        else
            (void)err_set(e, ERR_CONFLICT,
                          "There is an organisation \"%s\" with other details; change it with PUT.",
                          "单位 “%s” 已存在且内容不同，请用 PUT 修改。", o->id);
    } else if (e->code == ERR_NOT_FOUND && store_put_organisation(s, o, e) == 0) {
        *status = 201;
        rc = store_commit(s, e);
    }
    store_rollback(s);
    return rc;
}

static int post_once(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct faults faults = {.count = 0};
    struct organisation o;
    struct view v;
    int status;

    (void)app;
    if (office_may_write(req, e) != 0 || view_open(&v, req, d->store, e) != 0 ||
        take_organisation(&o, &v, req, &faults, e) != 0)
        return -1;
    if (faults_judge(&faults, e) != 0)
        return respond_faults(req, res, &faults, e);
    if (add_organisation(&status, d->store, &o, req, e) != 0)
        return -1;
    if (status == 201)
        office_changed(req, "organisation", o.id);
    return answer_organisation(req, res, status, &o, e);
}

static int organisation_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, post_once, e);
}

static int organisation_put(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct faults faults = {.count = 0};
    struct organisation o;
    struct view v;

    (void)app;
    if (office_may_write(req, e) != 0 || view_open(&v, req, d->store, e) != 0)
        return -1;
    if (view_organisation(&v, req->params[0]) == NULL)
        return office_unknown("organisation", "单位", req->params[0], e);
    if (take_organisation(&o, &v, req, &faults, e) != 0)
        return -1;
    if (faults_judge(&faults, e) != 0)
        return respond_faults(req, res, &faults, e);
    if (store_put_organisation(d->store, &o, e) != 0)
        return -1;
    office_changed(req, "organisation", o.id);
    return answer_organisation(req, res, 200, &o, e);
}

/* What is written is first laid out as certificates would bear it, so it goes where a press is. */
const struct route office_routes[] = {
    {HTTP_GET, "/v1/organizations", organisations_list, LANE_RECORDS, 0, 0, SCOPE_OFFICES},
    {HTTP_POST, "/v1/organizations", organisation_post, LANE_ISSUING, BODY_MAX, 0, SCOPE_OFFICES},
    {HTTP_GET, "/v1/organizations/{id}", organisation_get, LANE_RECORDS, 0, 0, SCOPE_OFFICES},
    {HTTP_PUT, "/v1/organizations/{id}", organisation_put, LANE_ISSUING, BODY_MAX, 0, SCOPE_OFFICES},
    {HTTP_GET, "/v1/profiles", profiles_list, LANE_RECORDS, 0, 0, SCOPE_OFFICES},
    {HTTP_POST, "/v1/profiles", profile_post, LANE_ISSUING, BODY_MAX, 0, SCOPE_OFFICES},
    {HTTP_GET, "/v1/profiles/{id}", profile_get, LANE_RECORDS, 0, 0, SCOPE_OFFICES},
    {HTTP_PUT, "/v1/profiles/{id}", profile_put, LANE_ISSUING, BODY_MAX, 0, SCOPE_OFFICES},
    {.pattern = NULL}};
