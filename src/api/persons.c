/* persons.c - /v1/persons: whose certificates are made, and their photo. */
#include "api/filings.h"
#include "records/filing.h"
#include "records/members.h"
#include <string.h>

static const char *const no_names[] = {NULL};

static json_t *person_view(const struct request *req, const struct person *p, bool full)
{
    char *masked = arena_alloc(req->arena, 4 * strlen(p->id_number) + 16);
    json_t *view = json_object();
    char self[64];
    bool fine = view != NULL && masked != NULL;

    (void)snprintf(self, sizeof self, "/v1/persons/%s", p->id);
    if (fine)
        id_number_mask(masked, 4 * strlen(p->id_number) + 16, p->id_number);
    fine = fine && view_text(view, "id", p->id) && view_text(view, "organisation", p->organisation) &&
           view_text(view, "name", p->name) && view_text(view, "id_type", p->id_type) &&
           view_text(view, "id_number", full ? p->id_number : masked) &&
           view_text(view, "gender", p->gender) && view_text(view, "birth_date", p->birth_date) &&
           view_text(view, "mobile", p->mobile) && view_text(view, "photo_id", p->photo_id) &&
           view_moment(view, "created", p->created) && view_moment(view, "changed", p->changed) &&
           view_value(view, "links", json_pack("{ss}", "self", self));
    if (fine)
        return view;
    json_decref(view);
    return NULL;
}

/* Another organisation's person is none; those of all are everybody's. */
static int find(struct person *out, const struct request *req, const char *id, struct err *e)
{
    const struct desk *d = req->thread;

    if (store_person(out, d->store, id, req->arena, e) == 0) {
        if (caller_sees(req, out->organisation) || out->organisation == NULL)
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    return err_set(e, ERR_NOT_FOUND, "There is no person with this id.", "没有该标识的人员。");
}

/* --- stored --- */

static void fault_at(struct faults *faults, const char *pointer, struct err *why)
{
    why->code = ERR_INVALID;
    (void)err_field(why, "%s", pointer);
    faults_add(faults, why);
}

/* Whose the person becomes. */
static int choose_organisation(struct person *p, const struct request *req, const char *asked,
                               struct faults *faults, struct err *e)
{
    const struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    struct organisation o;
    struct err wrong;

    p->organisation = who.organisation;
    if (asked == NULL || (who.organisation != NULL && strcmp(asked, who.organisation) == 0))
        return 0;
    if (who.organisation != NULL) {
        err_set(&wrong, ERR_INVALID, "This key stores people of its own organisation only; leave this out.",
                "该密钥只能登记本单位的人员，请不要填写此项。");
        fault_at(faults, "/organisation", &wrong);
        return 0;
    }
    if (store_organisation(&o, d->store, asked, req->arena, e) == 0) {
        p->organisation = asked;
        return 0;
    }
    if (e->code != ERR_NOT_FOUND)
        return -1;
    wrong = *e;
    fault_at(faults, "/organisation", &wrong);
    return 0;
}

static int read_person(struct person *out, struct person_order *o, const json_t *body, struct request *req,
                       struct faults *faults, struct err *e)
{
    const struct desk *d = req->thread;
    struct err wrong;
    struct upload u;

    if (person_order_read(o, body, req->arena, faults, e) != 0)
        return -1;
    *out = (struct person){.name = o->name,
                           .id_type = o->id_type,
                           .id_number = o->id_number,
                           .gender = o->gender,
                           .birth_date = o->birth_date,
                           .mobile = o->mobile};
    if (choose_organisation(out, req, o->organisation, faults, e) != 0)
        return -1;
    if (o->photo_id != NULL && upload_find(&u, req, d->store, o->photo_id, &wrong) != 0) {
        if (wrong.code != ERR_NOT_FOUND) {
            *e = wrong;
            return -1;
        }
        fault_at(faults, "/photo_id", &wrong);
    }
    return faults_judge(faults, e);
}

/* Person and photo, one after the other: the same request again carries on. */
static int keep_person(struct request *req, struct response *res, struct person *p, const char *photo,
                       struct err *e)
{
    struct desk *d = req->thread;
    size_t queued = 0;
    const char *address;
    bool made;

    if (store_put_person(p, &made, d->store, clock_now(), e) != 0 ||
        (photo != NULL && store_set_person_photo(d->store, p->id, photo, clock_now(), &queued, e) != 0) ||
        store_person(p, d->store, p->id, req->arena, e) != 0)
        return -1;
    if (queued > 0)
        service_wake(d->app);
    address = arena_printf(req->arena, "/v1/persons/%s", p->id);
    if (address == NULL)
        return err_no_memory(e);
    if (respond_json(res, made ? 201 : 200, person_view(req, p, false), e) != 0)
        return -1;
    response_header(res, "Location", address);
    return 0;
}

/* Idempotent by the document: the same person again is brought up to date. */
static int persons_post(void *app, struct request *req, struct response *res, struct err *e)
{
    struct faults faults = {.count = 0};
    struct person_order order;
    struct person p;
    json_t *body = NULL;
    int rc = -1;

    (void)app;
    if (request_query_check(req, no_names, e) != 0 || request_json(&body, req, e) != 0)
        return -1;
    if (read_person(&p, &order, body, req, &faults, e) == 0)
        rc = keep_person(req, res, &p, order.photo_id, e);
    else if (faults.count > 0)
        rc = respond_faults(req, res, &faults, e);
    json_decref(body);
    return rc;
}

/* People of all are changed with a key of all. */
static int check_own(const struct person *p, const struct request *req, struct err *e)
{
    if (caller_sees(req, p->organisation))
        return 0;
    (void)refuse_as(req, 403, "key-of-one-organisation", 0);
    return err_set(e, ERR_FORBIDDEN,
                   "This person is registered for all organisations; a key for all changes the photo.",
                   "此人员为全部单位共用，照片只能用适用于全部单位的密钥修改。");
}

static int photo_put(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {"photo_id", NULL};
    static const struct member_rule rule = {"photo_id", MEMBER_TEXT, CERTIFICATE_ID_SIZE - 1, true, NULL};
    const struct desk *d = req->thread;
    struct faults faults = {.count = 0};
    struct members m = {NULL, "", req->arena, &faults};
    json_t *body = NULL;
    struct person p;
    struct upload u;
    const char *id;
    size_t queued;
    int rc = -1;

    if (request_query_check(req, no_names, e) != 0 || find(&p, req, req->params[0], e) != 0 ||
        check_own(&p, req, e) != 0 || request_json(&body, req, e) != 0)
        return -1;
    m.object = body;
    id = members_only(&m, names) ? member_text(&m, &rule) : NULL;
    if (id != NULL && upload_find(&u, req, d->store, id, e) != 0) {
        if (e->code != ERR_NOT_FOUND)
            goto out;
        fault_at(&faults, "/photo_id", e);
    }
    if (faults_judge(&faults, e) != 0) {
        rc = respond_faults(req, res, &faults, e);
    } else if (store_set_person_photo(d->store, p.id, u.id, clock_now(), &queued, e) == 0 &&
               find(&p, req, p.id, e) == 0) {
        service_wake(app);
        rc = respond_json(res, 200, person_view(req, &p, false), e);
    }
out:
    json_decref(body);
    return rc;
}

/* --- found --- */

static int persons_list(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {"full", "limit", "cursor", NULL}, *const filters[] = {NULL};
    const struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    struct page_end end = {.more = false};
    struct page_order page;
    struct person *rows;
    json_t *items;
    size_t count;
    bool full;

    (void)app;
    if (request_query_check(req, names, e) != 0 || query_flag(&full, req, "full", e) != 0 ||
        page_order_read(&page, req, filters, e) != 0)
        return -1;
    rows = arena_array(req->arena, (size_t)page.limit + 1, sizeof *rows);
    if (rows == NULL)
        return err_no_memory(e);
    if (store_list_persons(rows, (size_t)page.limit + 1, &count, d->store, who.organisation,
                           page.after_id != NULL ? page.after_id : "", req->arena, e) != 0)
        return -1;
    end.more = count > (size_t)page.limit;
    count -= end.more;
    items = json_array();
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(items, person_view(req, &rows[i], full)) != 0) {
            json_decref(items);
            return err_no_memory(e);
        }
        end.id = rows[i].id;
    }
    if (full)
        log_full_numbers(req, "list", "persons", count);
    return respond_page(res, items, &page, &end, e);
}

static int person_get(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {"full", NULL};
    struct person p;
    bool full;

    (void)app;
    if (request_query_check(req, names, e) != 0 || query_flag(&full, req, "full", e) != 0 ||
        find(&p, req, req->params[0], e) != 0)
        return -1;
    if (full)
        log_full_numbers(req, "person", p.id, 1);
    return respond_json(res, 200, person_view(req, &p, full), e);
}

const struct route person_routes[] = {
    {HTTP_POST, "/v1/persons", persons_post, LANE_RECORDS, FILING_BODY_MAX, 0, SCOPE_PERSONS},
    {HTTP_GET, "/v1/persons", persons_list, LANE_RECORDS, 0, 0, SCOPE_PERSONS},
    {HTTP_GET, "/v1/persons/{id}", person_get, LANE_RECORDS, 0, 0, SCOPE_PERSONS},
    {HTTP_PUT, "/v1/persons/{id}/photo", photo_put, LANE_RECORDS, FILING_BODY_MAX, 0, SCOPE_PERSONS},
    {.pattern = NULL},
};
