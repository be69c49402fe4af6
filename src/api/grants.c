/* grants.c - /v1/grants: an office lets an issuing profile use its seal. The signer keeps the grants; the
 * operator decides which seals may be granted this way at all. */
#include "api/app.h"
#include "base/log.h"
#include "records/members.h"
#include <string.h>

enum { SEAL_ID_LENGTH = 32, BODY_MAX = 4 * 1024, GRANTS_MAX = 4096, COUNT_MAX = 1000000000 };

/* The seals that the caller's organisation owns, each once. */
struct seals {
    const char **ids;
    size_t count;
};

static bool has_seal(const struct seals *s, const char *id)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->ids[i], id) == 0)
            return true;
    }
    return false;
}

static int own_seals(struct seals *out, const struct request *req, struct store *s, struct err *e)
{
    struct organisation *list;
    size_t count;

    *out = (struct seals){NULL, 0};
    if (store_list_organisations(&list, &count, s, req->arena, e) != 0)
        return -1;
    out->ids = arena_array(req->arena, count + 1, sizeof *out->ids);
    if (out->ids == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < count; i++) {
        if (list[i].seal_id != NULL && caller_sees(req, list[i].id) && !has_seal(out, list[i].seal_id))
            out->ids[out->count++] = list[i].seal_id;
    }
    return 0;
}

static json_t *text_or_null(const char *text)
{
    return text[0] == '\0' ? json_null() : json_string(text);
}

static json_t *grant_json(const struct signer_grant *g)
{
    return json_pack("{ss ss ss so so so sI sb sb}", "id", g->id, "seal", g->seal_id, "to", g->grantee,
                     "from", text_or_null(g->from), "until", text_or_null(g->until), "count",
                     g->count == 0 ? json_null() : json_integer(g->count), "used", (json_int_t)g->used,
                     "active", g->active, "by_operator", g->by_operator);
}

/* Looks for the grant among those of the caller's seals; for anything else it is not there. */
static int find_grant(struct signer_grant *out, const struct request *req, const char *id, struct err *e)
{
    struct desk *d = req->thread;
    struct seals own;

    if (desk_signer(d, e) != 0 || own_seals(&own, req, d->store, e) != 0)
        return -1;
    for (size_t i = 0; i < own.count; i++) {
        for (size_t k = 0; k < GRANTS_MAX; k++) {
            if (signer_grant_at(out, d->signer, own.ids[i], k, e) != 0) {
                if (e->code != ERR_NOT_FOUND)
                    return -1;
                break;
            }
            if (strcmp(out->id, id) == 0)
                return 0;
        }
    }
    return err_set(e, ERR_NOT_FOUND, "There is no grant of this id that this key may see.",
                   "没有此密钥可见的该授权。");
}

static int append_grants(json_t *items, struct desk *d, const char *seal, struct err *e)
{
    struct signer_grant g;

    for (size_t k = 0; k < GRANTS_MAX; k++) {
        if (signer_grant_at(&g, d->signer, seal, k, e) != 0)
            return e->code == ERR_NOT_FOUND ? 0 : -1;
        if (json_array_append_new(items, grant_json(&g)) != 0)
            return err_no_memory(e);
    }
    return 0;
}

/* A seal's id, or none: anything else is a slip, and an empty list would hide it. */
static int check_seal_id(const char *id, struct err *e)
{
    if (id == NULL || (strlen(id) == SEAL_ID_LENGTH && strspn(id, "0123456789abcdef") == SEAL_ID_LENGTH))
        return 0;
    err_set(e, ERR_INVALID, "seal is the id of a seal: %d digits and letters a to f.",
            "seal 应为印章标识：%d 位数字或字母 a 至 f。", SEAL_ID_LENGTH);
    return err_field(e, "?seal");
}

static int grants_list(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {"seal", NULL};
    const char *wanted = request_query(req, "seal");
    struct desk *d = req->thread;
    json_t *items = NULL;
    struct seals own;

    (void)app;
    if (request_query_check(req, names, e) != 0 || check_seal_id(wanted, e) != 0 || desk_signer(d, e) != 0 ||
        own_seals(&own, req, d->store, e) != 0)
        return -1;
    items = json_array();
    for (size_t i = 0; i < own.count; i++) {
        if (wanted != NULL && strcmp(wanted, own.ids[i]) != 0)
            continue;
        if (append_grants(items, d, own.ids[i], e) != 0) {
            json_decref(items);
            return -1;
        }
    }
    return respond_json(res, 200, json_pack("{so}", "items", items), e);
}

static int grant_get(void *app, struct request *req, struct response *res, struct err *e)
{
    struct signer_grant g;

    (void)app;
    if (request_query_check(req, (const char *const[]){NULL}, e) != 0 ||
        find_grant(&g, req, req->params[0], e) != 0)
        return -1;
    return respond_json(res, 200, grant_json(&g), e);
}

static void fault(const struct members *m, const char *name, const char *en, const char *zh)
{
    struct err e;

    err_set(&e, ERR_INVALID, "%s", "%s", en);
    (void)snprintf(e.zh, sizeof e.zh, "%s", zh);
    member_fault(m, name, &e);
}

/* Whether the profile's certificates bear this seal: a grant to any other would never be used. */
static int profile_uses(bool *uses, struct store *s, const char *profile, const char *seal, struct arena *a,
                        struct err *e)
{
    struct organisation o;
    struct profile p;

    *uses = false;
    if (store_profile(&p, s, profile, a, e) != 0)
        return e->code == ERR_NOT_FOUND ? 0 : -1;
    if (store_organisation(&o, s, p.issuer, a, e) != 0)
        return -1;
    *uses = o.seal_id != NULL && strcmp(o.seal_id, seal) == 0;
    if (*uses || p.committee == NULL)
        return 0;
    if (store_organisation(&o, s, p.committee, a, e) != 0)
        return -1;
    *uses = o.seal_id != NULL && strcmp(o.seal_id, seal) == 0;
    return 0;
}

static void copy(char *out, size_t size, const char *text)
{
    (void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

static void read_members(struct signer_grant *g, const struct members *m)
{
    static const char *const names[] = {"seal", "to", "from", "until", "count", NULL};
    static const struct member_rule seal = {"seal", MEMBER_CODE, 32, true, NULL},
                                    to = {"to", MEMBER_CODE, OFFICE_ID_MAX, true, NULL},
                                    from = {"from", MEMBER_DATE, 10, false, NULL},
                                    until = {"until", MEMBER_DATE, 10, false, NULL};
    const json_t *count = json_object_get(m->object, "count");

    (void)members_only(m, names);
    copy(g->seal_id, sizeof g->seal_id, member_text(m, &seal));
    copy(g->grantee, sizeof g->grantee, member_text(m, &to));
    copy(g->from, sizeof g->from, member_text(m, &from));
    copy(g->until, sizeof g->until, member_text(m, &until));
    if (count != NULL && !json_is_null(count))
        g->count = member_int(m, "count", 1, COUNT_MAX);
    if (g->from[0] != '\0' && g->until[0] != '\0' && strcmp(g->from, g->until) > 0)
        fault(m, "until", "The last day is before the first.", "截止日期早于起始日期。");
}

/* The order of the body. A seal that is not the caller's is unknown to it. */
static int take_grant(struct signer_grant *g, struct request *req, struct faults *faults, struct err *e)
{
    struct desk *d = req->thread;
    json_t *json = NULL;
    struct members m = {NULL, "", req->arena, faults};
    struct seals own;
    bool uses;
    int rc = -1;

    memset(g, 0, sizeof *g);
    if (request_query_check(req, (const char *const[]){NULL}, e) != 0 || request_json(&json, req, e) != 0 ||
        own_seals(&own, req, d->store, e) != 0)
        goto out;
    m.object = json;
    read_members(g, &m);
    if (g->seal_id[0] != '\0' && !has_seal(&own, g->seal_id)) {
        fault(&m, "seal", "None of the organisations of this key has this seal.",
              "此密钥所属单位没有这枚印章。");
    } else if (faults->count == 0) {
        if (profile_uses(&uses, d->store, g->grantee, g->seal_id, req->arena, e) != 0)
            goto out;
        if (!uses)
            fault(&m, "to", "There is no issuing profile of this id whose certificates bear this seal.",
                  "没有使用这枚印章的该发证配置。");
    }
    rc = 0;
out:
    json_decref(json);
    return rc;
}

static void log_grant(const struct request *req, const char *event, const struct signer_grant *g)
{
    struct log_line l;

    log_begin(&l, event);
    log_text(&l, "request", req->id);
    log_text(&l, "key", caller_of(req)->key_id);
    log_text(&l, "grant", g->id);
    log_text(&l, "seal", g->seal_id);
    log_text(&l, "to", g->grantee);
    log_end(&l);
}

static int post_once(void *app, struct request *req, struct response *res, struct err *e)
{
    struct faults faults = {.count = 0};
    struct desk *d = req->thread;
    struct signer_grant g;
    const char *address;

    (void)app;
    if (take_grant(&g, req, &faults, e) != 0)
        return -1;
    if (faults_judge(&faults, e) != 0)
        return respond_faults(req, res, &faults, e);
    if (desk_signer(d, e) != 0)
        return -1;
    idempotent_name(g.id, req);
    if (signer_grant_new(d->signer, &g, caller_of(req)->key_id, e) != 0)
        return -1;
    log_grant(req, "grant-given", &g);
    address = arena_printf(req->arena, "/v1/grants/%s", g.id);
    if (address != NULL)
        response_header(res, "Location", address);
    return respond_json(res, 201, grant_json(&g), e);
}

static int grant_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, post_once, e);
}

static int revoke_once(void *app, struct request *req, struct response *res, struct err *e)
{
    struct desk *d = req->thread;
    struct signer_grant g = {.active = false};

    (void)app;
    if (request_query_check(req, (const char *const[]){NULL}, e) != 0 ||
        find_grant(&g, req, req->params[0], e) != 0 ||
        signer_grant_revoke(d->signer, g.id, caller_of(req)->key_id, e) != 0)
        return -1;
    if (g.active)
        log_grant(req, "grant-revoked", &g);
    g.active = false;
    return respond_json(res, 200, grant_json(&g), e);
}

static int grant_revoke(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent(app, req, res, revoke_once, e);
}

const struct route grant_routes[] = {
    {HTTP_GET, "/v1/grants", grants_list, LANE_RECORDS, 0, 0, SCOPE_GRANTS},
    {HTTP_POST, "/v1/grants", grant_post, LANE_RECORDS, BODY_MAX, 0, SCOPE_GRANTS},
    {HTTP_GET, "/v1/grants/{id}", grant_get, LANE_RECORDS, 0, 0, SCOPE_GRANTS},
    {HTTP_POST, "/v1/grants/{id}/revoke", grant_revoke, LANE_RECORDS, BODY_MAX, 0, SCOPE_GRANTS},
    {.pattern = NULL}};
