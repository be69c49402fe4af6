/* profiles.c - /v1/profiles: what an organisation issues, in whose name, under which seals and numbers. */
#include "api/offices.h"
#include <string.h>

static json_t *profile_json(const struct profile *p)
{
    return json_pack("{ss ss ss ss ss* ss ss ss ss ss ss*}", "id", p->id, "name", p->name, "organisation",
                     p->organisation, "issuer", p->issuer, "committee", p->committee, "template",
                     p->template_name, "number_pattern", p->number_pattern, "reissue_prefix",
                     p->reissue_prefix, "province", p->province, "region", p->region, "license_type",
                     p->license_type);
}

static bool same_profile(const struct profile *a, const struct profile *b)
{
    json_t *one = profile_json(a), *other = profile_json(b);
    bool same = one != NULL && json_equal(one, other) == 1;

    json_decref(one);
    json_decref(other);
    return same;
}

int profiles_list(void *app, struct request *req, struct response *res, struct err *e)
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
    for (size_t i = 0; i < v.profile_count; i++) {
        if (json_array_append_new(items, profile_json(&v.profiles[i])) != 0) {
            json_decref(items);
            return err_no_memory(e);
        }
    }
    return respond_json(res, 200, office_list(items), e);
}

int profile_get(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    const struct profile *p;
    struct view v;

    (void)app;
    if (request_query_check(req, (const char *const[]){NULL}, e) != 0 || view_open(&v, req, d->store, e) != 0)
        return -1;
    p = view_profile(&v, req->params[0]);
    if (p == NULL)
        return office_unknown("profile", "发证配置", req->params[0], e);
    return respond_json(res, 200, profile_json(p), e);
}

/* A template that is there, can be sealed, and holds the names of both offices. */
static int check_template(struct desk *d, const struct view *v, const struct profile *p,
                          struct faults *faults, struct err *e)
{
    const struct template *t;
    struct err wrong;

    if (press_template(&t, d->press, p->template_name, &wrong) != 0) {
        office_fault(faults, "template", &wrong);
        return 0;
    }
    if (!press_makes_certificates(t)) {
        err_set(&wrong, ERR_INVALID,
                "Template \"%s\" is not for certificates; name one that is, such as \"certificate\".",
                "模板 “%s” 不是证书模板，请改用 “certificate” 等证书模板。", p->template_name);
        office_fault(faults, "template", &wrong);
        return 0;
    }
    if (press_fits_offices(d->press, t, view_organisation(v, p->issuer), view_organisation(v, p->committee),
                           &wrong) == 0)
        return 0;
    if (wrong.code != ERR_INVALID && wrong.code != ERR_TOO_LARGE) {
        *e = wrong;
        return -1;
    }
    office_fault(faults, "template", &wrong);
    return 0;
}

static int take_profile(struct profile *out, const struct view *v, struct request *req, struct faults *faults,
                        struct err *e)
{
    const struct offices known = {v->organisations, v->organisation_count, NULL, 0};
    json_t *json = NULL;
    int rc = -1;

    if (office_body(&json, req, faults, e) != 0)
        goto out;
    if (profile_read(out, json, &known, req->arena, faults, e) == 0 && faults->count == 0 &&
        check_template(req->thread, v, out, faults, e) != 0)
        goto out;
    rc = 0;
out:
    json_decref(json);
    return rc;
}

static int answer_profile(struct request *req, struct response *res, int status, const struct profile *p,
                          struct err *e)
{
    const char *address = arena_printf(req->arena, "/v1/profiles/%s", p->id);

    if (address == NULL)
        return err_no_memory(e);
    if (status == 201)
        response_header(res, "Location", address);
    return respond_json(res, status, profile_json(p), e);
}

static int add_profile(int *status, struct store *s, const struct profile *p, struct request *req,
                       struct err *e)
{
    struct profile known;
    int rc = -1;

    if (store_begin(s, e) != 0)
        return -1;
    if (store_profile(&known, s, p->id, req->arena, e) == 0) {
        *status = 200;
        if (same_profile(&known, p))
            rc = 0;
        else
            (void)err_set(e, ERR_CONFLICT,
                          "There is a profile \"%s\" with other details; change it with PUT.",
                          "发证配置 “%s” 已存在且内容不同，请用 PUT 修改。", p->id);
    } else if (e->code == ERR_NOT_FOUND && store_put_profile(s, p, e) == 0) {
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
    struct profile p;
    struct view v;
    int status;

    (void)app;
    if (office_may_write(req, e) != 0 || view_open(&v, req, d->store, e) != 0 ||
        take_profile(&p, &v, req, &faults, e) != 0)
        return -1;
    if (faults_judge(&faults, e) != 0)
        return respond_faults(req, res, &faults, e);
    if (add_profile(&status, d->store, &p, req, e) != 0)
        return -1;
    if (status == 201)
        office_changed(req, "profile", p.id);
    return answer_profile(req, res, status, &p, e);
}

int profile_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, post_once, e);
}

/* biz_no and numbers are unique within these two, so they stay once something was issued. */
static int check_fixed(struct store *s, const struct profile *known, const struct profile *p, struct arena *a,
                       struct err *e)
{
    const struct certificate_filter of_profile = {.profile = p->id};
    bool organisation = strcmp(known->organisation, p->organisation) != 0;
    struct certificate_row row;
    size_t count = 0;

    if (!organisation && strcmp(known->issuer, p->issuer) == 0)
        return 0;
    if (store_list_certificates(&row, 1, &count, s, &of_profile, a, e) != 0)
        return -1;
    if (count == 0)
        return 0;
    err_set(e, ERR_CONFLICT,
            "Certificates were ordered with this profile: its organisation and its issuer cannot change any "
            "more. Make a new profile.",
            "该配置已用于办理证书，所属单位和发证机关不能再修改，请新建发证配置。");
    return err_field(e, "/%s", organisation ? "organisation" : "issuer");
}

static int change_profile(struct store *s, const struct profile *p, struct request *req, struct err *e)
{
    struct profile known;
    int rc = -1;

    if (store_begin(s, e) != 0)
        return -1;
    if (store_profile(&known, s, p->id, req->arena, e) == 0 &&
        check_fixed(s, &known, p, req->arena, e) == 0 && store_put_profile(s, p, e) == 0)
        rc = store_commit(s, e);
    store_rollback(s);
    return rc;
}

int profile_put(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct faults faults = {.count = 0};
    struct profile p;
    struct view v;

    (void)app;
    if (office_may_write(req, e) != 0 || view_open(&v, req, d->store, e) != 0)
        return -1;
    if (view_profile(&v, req->params[0]) == NULL)
        return office_unknown("profile", "发证配置", req->params[0], e);
    if (take_profile(&p, &v, req, &faults, e) != 0)
        return -1;
    if (faults_judge(&faults, e) != 0)
        return respond_faults(req, res, &faults, e);
    if (change_profile(d->store, &p, req, e) != 0)
        return -1;
    office_changed(req, "profile", p.id);
    return answer_profile(req, res, 200, &p, e);
}
