/* exports.c - /v1/exports: many certificates as one archive whose list is frozen. */
#include "api/view.h"
#include "records/members.h"
#include <string.h>

enum { EXPORTS_LIST_MAX = 200 };

static const char *const no_names[] = {NULL};

static json_t *export_view(const struct export_row *x)
{
    json_t *view = json_object();
    char self[64], zip[64];
    bool fine;

    (void)snprintf(self, sizeof self, "/v1/exports/%s", x->id);
    (void)snprintf(zip, sizeof zip, "/v1/exports/%s.zip", x->id);
    fine = view != NULL && view_text(view, "id", x->id) && view_text(view, "filing", x->filing) &&
           view_text(view, "file_name", x->file_name) && view_number(view, "size", x->size) &&
           view_number(view, "files", x->files) && view_number(view, "missing", x->missing) &&
           view_moment(view, "created", x->created) && view_moment(view, "expires", x->expires) &&
           view_value(view, "links", json_pack("{ss ss}", "self", self, "zip", zip));
    if (fine)
        return view;
    json_decref(view);
    return NULL;
}

/* Another organisation's is none. */
static int find(struct export_row *out, const struct request *req, struct err *e)
{
    const struct desk *d = req->thread;

    if (store_export(out, false, d->store, req->params[0], clock_now(), req->arena, e) == 0) {
        if (caller_sees(req, out->organisation))
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    return err_set(e, ERR_NOT_FOUND, "There is no export with this id, or it has expired; make a new one.",
                   "没有该标识的批量下载，或已过期，请重新生成。");
}

/* --- made --- */

/* The texts of an array; they are the body's. */
static const char *const *take_ids(size_t *count, const struct members *m, const char *name)
{
    const json_t *list = json_object_get(m->object, name), *item;
    struct err wrong;
    const char **ids;
    size_t i;

    *count = 0;
    if (list == NULL)
        return NULL;
    ids = arena_array(m->a, json_array_size(list) + 1, sizeof *ids);
    if (json_is_array(list) && json_array_size(list) > 0 && ids != NULL) {
        json_array_foreach(list, i, item)
        {
            const char *id = json_string_value(item);

            if (id == NULL || strlen(id) >= CERTIFICATE_ID_SIZE)
                break;
            ids[(*count)++] = id;
        }
    }
    if (*count > 0 && *count == json_array_size(list))
        return ids;
    err_set(&wrong, ERR_INVALID, "This must be an array of ids that is not empty.",
            "此处应为非空的标识数组。");
    member_fault(m, name, &wrong);
    return NULL;
}

static int read_order(struct export_order *out, const json_t *body, struct request *req,
                      struct faults *faults, struct err *e)
{
    static const char *const names[] = {"filing", "entries", "certificates", NULL};
    static const struct member_rule filing = {"filing", MEMBER_TEXT, CERTIFICATE_ID_SIZE - 1, false, NULL};
    struct members m = {body, "", req->arena, faults};
    const char *const *certificates;
    size_t count;
    struct err wrong;

    *out = (struct export_order){.filing = NULL};
    if (!members_only(&m, names))
        return faults_judge(faults, e);
    out->filing = member_text(&m, &filing);
    out->ids = take_ids(&out->id_count, &m, "entries");
    certificates = take_ids(&count, &m, "certificates");
    if ((out->filing != NULL) == (certificates != NULL) || (out->filing == NULL && out->ids != NULL)) {
        err_set(&wrong, ERR_INVALID,
                "Send {\"filing\": ..., \"entries\": [...]}, or {\"certificates\": [...]} alone.",
                "请提供 {\"filing\": …, \"entries\": […]}，或只提供 {\"certificates\": […]}。");
        member_fault(&m, "filing", &wrong);
    }
    if (out->filing == NULL) {
        out->ids = certificates;
        out->id_count = count;
    }
    return faults_judge(faults, e);
}

static int freeze(struct request *req, struct response *res, const struct export_order *o, struct err *e)
{
    const struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    struct export_row x;
    const char *address;

    if (export_freeze(&x, d->store, o, &who, req->arena, e) != 0)
        return -1;
    address = arena_printf(req->arena, "/v1/exports/%s", x.id);
    if (address == NULL)
        return err_no_memory(e);
    if (respond_json(res, x.created == who.now ? 201 : 200, export_view(&x), e) != 0)
        return -1;
    response_header(res, "Location", address);
    return 0;
}

/* The same list again finds the same snapshot. */
static int exports_post(void *app, struct request *req, struct response *res, struct err *e)
{
    struct faults faults = {.count = 0};
    struct export_order order;
    json_t *body = NULL;
    int rc;

    (void)app;
    if (request_query_check(req, no_names, e) != 0 || request_json(&body, req, e) != 0)
        return -1;
    if (read_order(&order, body, req, &faults, e) != 0)
        rc = respond_faults(req, res, &faults, e);
    else
        rc = freeze(req, res, &order, e);
    json_decref(body);
    return rc;
}

/* --- found --- */

static int exports_list(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    const struct filing_actor who = actor_of(req);
    struct export_row *rows = arena_array(req->arena, EXPORTS_LIST_MAX, sizeof *rows);
    json_t *items;
    size_t count;

    (void)app;
    if (rows == NULL)
        return err_no_memory(e);
    if (request_query_check(req, no_names, e) != 0 ||
        store_list_exports(rows, EXPORTS_LIST_MAX, &count, d->store, who.organisation, who.now, req->arena,
                           e) != 0)
        return -1;
    items = json_array();
    for (size_t i = 0; i < count; i++) {
        if (json_array_append_new(items, export_view(&rows[i])) != 0) {
            json_decref(items);
            return err_no_memory(e);
        }
    }
    return respond_json(res, 200, items == NULL ? NULL : json_pack("{so}", "items", items), e);
}

static int export_get(void *app, struct request *req, struct response *res, struct err *e)
{
    struct export_row x;

    (void)app;
    if (request_query_check(req, no_names, e) != 0 || find(&x, req, e) != 0)
        return -1;
    return respond_json(res, 200, export_view(&x), e);
}

static int export_zip(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct export_archive *archive;
    struct export_row x;

    if (request_query_check(req, no_names, e) != 0 || find(&x, req, e) != 0 ||
        export_find(&archive, app, d->store, x.id, e) != 0)
        return -1;
    return export_answer(res, req, archive, e);
}

const struct route export_routes[] = {
    {HTTP_POST, "/v1/exports", exports_post, LANE_FILING, JSON_MAX_BYTES, 0, SCOPE_FILINGS},
    {HTTP_GET, "/v1/exports", exports_list, LANE_RECORDS, 0, 0, SCOPE_FILINGS},
    {HTTP_GET, "/v1/exports/{id}.zip", export_zip, LANE_FILING, 0, ROUTE_UNPACED, SCOPE_FILINGS},
    {HTTP_GET, "/v1/exports/{id}", export_get, LANE_RECORDS, 0, 0, SCOPE_FILINGS},
    {.pattern = NULL},
};
