/* certificate_view.c - a row of the journal as the API shows it. */
#include "api/certificates.h"
#include "api/view.h"
#include <stdlib.h>
#include <string.h>

json_t *certificate_order_json(const struct certificate_row *row)
{
    return json_loads(row->recorded ? row->record_json : row->order_json, JSON_REJECT_DUPLICATES, NULL);
}

json_t *certificate_links(const char *id, const char *verify_url)
{
    char self[64], pdf[64];

    (void)snprintf(self, sizeof self, "/v1/certificates/%s", id);
    (void)snprintf(pdf, sizeof pdf, "/v1/certificates/%s.pdf", id);
    return json_pack("{ss ss ss}", "self", self, "pdf", pdf, "verify", verify_url);
}

static bool contains(const json_t *list, const char *word)
{
    size_t i;
    const json_t *item;

    json_array_foreach(list, i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), word) == 0)
            return true;
    }
    return false;
}

/* An office's name without the marks where lines may break. */
static json_t *office_name(const json_t *office)
{
    const char *name = json_text(office, "name");
    struct buf plain = BUF_INIT(4096);
    json_t *text;

    for (; name != NULL && *name != '\0'; name++) {
        if (*name != '|')
            buf_append_char(&plain, *name);
    }
    text = json_stringn((const char *)plain.data, plain.len);
    buf_dispose(&plain);
    return text;
}

/* As it was answered when it was issued: the record keeps it. */
static bool is_test(const struct app *app, const struct certificate_row *row)
{
    json_t *record = json_loads(row->record_json, 0, NULL);
    bool test = app->config.demo || json_is_true(json_object_get(record, "test"));

    json_decref(record);
    return test;
}

/* Which seals the row bears, and those of offices that had none. */
static bool put_seals(json_t *view, const struct certificate_row *row)
{
    static const char *const roles[] = {"committee", "issuer"};
    json_t *record = json_loads(row->record_json, 0, NULL);
    json_t *seals = row->seals_json != NULL ? json_loads(row->seals_json, 0, NULL) : NULL;
    json_t *applied = json_array(), *missing = json_array();
    bool fine = applied != NULL && missing != NULL;

    for (size_t i = 0; fine && row->state == CERTIFICATE_ISSUED && i < 2; i++) {
        const json_t *office = json_object_get(record, roles[i]);

        if (office != NULL)
            fine = json_array_append_new(
                       contains(seals, roles[i]) ? applied : missing,
                       json_pack("{ss so}", "role", roles[i], "office", office_name(office))) == 0;
    }
    if (fine && contains(seals, "service"))
        fine = json_array_append_new(applied, json_pack("{ss ss}", "role", "service", "office", "")) == 0;
    fine = fine && json_object_set(view, "seals_applied", applied) == 0 &&
           json_object_set(view, "seals_missing", missing) == 0;
    json_decref(applied);
    json_decref(missing);
    json_decref(seals);
    json_decref(record);
    return fine;
}

static bool put_file(json_t *view, const struct certificate_row *row)
{
    char hex[2 * SHA256_SIZE + 1], crc[9];
    json_t *file;

    if (row->state != CERTIFICATE_ISSUED || (row->recorded && row->file_size == 0))
        return true;
    hex_encode(hex, (struct slice){row->file_sha256, SHA256_SIZE});
    (void)snprintf(crc, sizeof crc, "%08x", (unsigned)row->file_crc32);
    file = json_pack("{sI ss ss sb}", "size", (json_int_t)row->file_size, "sha256", hex, "crc32", crc,
                     "intact", row->file_fault == 0);
    return file != NULL && view_moment(file, "checked", row->file_checked) &&
           json_object_set_new(view, "file", file) == 0;
}

/* What the order says and people look for in a list. */
static bool put_person(json_t *view, const struct certificate_row *row)
{
    static const char *const names[] = {"name", "specialty", "title", "level", "issue_date"};
    json_t *order = certificate_order_json(row);
    json_t *year = json_object_get(order, "year"); /* old certificates may lack it */
    bool fine = order != NULL && (year == NULL || json_object_set(view, "year", year) == 0);

    for (size_t i = 0; fine && i < sizeof names / sizeof names[0]; i++)
        fine = view_text(view, names[i], json_text(order, names[i]));
    json_decref(order);
    return fine;
}

json_t *certificate_view(const struct app *app, const struct certificate_row *row)
{
    char verify_url[sizeof app->config.public_url + TOKEN_SIZE + 8];
    json_t *view = json_object();
    bool fine;

    (void)snprintf(verify_url, sizeof verify_url, "%s/v/%s", app->config.public_url, row->token);
    fine = view != NULL && view_text(view, "id", row->id) && view_text(view, "certificate_no", row->number) &&
           view_text(view, "biz_no", row->biz_no) && view_text(view, "organisation", row->organisation) &&
           view_text(view, "profile", row->profile) && view_text(view, "issuer", row->issuer) &&
           view_text(view, "template", row->template_name) && put_person(view, row) &&
           view_text(view, "state", row->state == CERTIFICATE_ISSUED ? "issued" : "reserved") &&
           view_text(view, "status", certificate_status_name(row->status)) &&
           view_moment(view, "status_since", row->status_time) &&
           view_text(view, "status_reason", row->status_reason) &&
           view_text(view, "status_document", row->status_document) &&
           view_moment(view, "created", row->created) && view_moment(view, "issued", row->issued) &&
           view_text(view, "replaces", row->replaces) && view_text(view, "replaced_by", row->replaced_by) &&
           view_text(view, "entry", row->entry) &&
           view_number(view, "version", row->version > 1 ? (uint64_t)row->version : 1) &&
           view_flag(view, "recorded", row->recorded) && view_moment(view, "handed_out", row->handed_out) &&
           view_text(view, "verify_url", verify_url) &&
           json_object_set_new(view, "links", certificate_links(row->id, verify_url)) == 0 &&
           json_object_set_new(view, "test", json_boolean(is_test(app, row))) == 0 && put_seals(view, row) &&
           put_file(view, row);
    if (fine)
        return view;
    json_decref(view);
    return NULL;
}

static json_t *event_json(const struct certificate_event *ev)
{
    json_t *event = json_object();

    if (event != NULL && view_moment(event, "moment", ev->moment) && view_text(event, "event", ev->event) &&
        view_text(event, "actor", ev->actor) && view_text(event, "reason", ev->reason) &&
        view_text(event, "document", ev->document))
        return event;
    json_decref(event);
    return NULL;
}

/* With the whole order and what happened to it. */
static int whole_view(json_t **out, const struct app *app, struct store *s, const struct certificate_row *row,
                      struct arena *a, struct err *e)
{
    struct certificate_event *events;
    json_t *view, *list = json_array();
    size_t count = 0;
    bool fine = false;

    *out = NULL;
    view = certificate_view(app, row);
    if (store_list_events(&events, &count, s, row->id, a, e) != 0)
        goto out;
    (void)err_no_memory(e);
    if (view == NULL || list == NULL || json_object_set_new(view, "order", certificate_order_json(row)) != 0)
        goto out;
    fine = true;
    for (size_t i = 0; i < count && fine; i++)
        fine = json_array_append_new(list, event_json(&events[i])) == 0;
    fine = fine && json_object_set(view, "events", list) == 0;
out:
    json_decref(list);
    if (fine)
        *out = view;
    else
        json_decref(view);
    return fine ? 0 : -1;
}

int certificate_find(struct certificate_row *out, const struct request *req, struct store *s, const char *id,
                     struct err *e)
{
    if (store_certificate(out, s, id, req->arena, e) == 0) {
        /* who ordered it, and whose paper it is */
        if (caller_sees(req, out->organisation) || caller_sees(req, out->issuer))
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    return err_set(e, ERR_NOT_FOUND, "There is no certificate with this id.", "没有该标识的证书。");
}

int certificate_get(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {NULL};
    const struct desk *d = req->thread;
    struct certificate_row row;
    json_t *view;

    if (request_query_check(req, names, e) != 0 ||
        certificate_find(&row, req, d->store, req->params[0], e) != 0 ||
        whole_view(&view, app, d->store, &row, req->arena, e) != 0)
        return -1;
    return respond_json(res, 200, view, e);
}
