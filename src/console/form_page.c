/* form_page.c - a filing is made or changed, with its approval document. */
#include "console/console_internal.h"
#include <stdlib.h>
#include <string.h>

enum { APPROVAL_MAX = 20 * 1024 * 1024, FORM_ROOM = 64 * 1024, FAULTS_SHOWN = FAULTS_MAX + 1 };

static int choose_profiles(struct console_filing_form *f, struct console_visit *v, struct err *e)
{
    struct profile *list;
    struct console_choice *out;
    size_t count;

    if (store_list_profiles(&list, &count, v->d->store, NULL, v->req->arena, e) != 0)
        return -1;
    out = arena_array(v->req->arena, count + 1, sizeof *out);
    if (out == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < count; i++) {
        if (v->who.organisation != NULL && strcmp(v->who.organisation, list[i].issuer) == 0)
            continue; /* nobody approves what they submit */
        out[f->profile_count].value = list[i].id;
        out[f->profile_count].label =
            arena_printf(v->req->arena, "%s（%s）", list[i].name, console_office(v, list[i].issuer));
        if (out[f->profile_count++].label == NULL)
            return err_no_memory(e);
    }
    f->profiles = out;
    return 0;
}

/* A key for all says for whom. */
static int choose_organisers(struct console_filing_form *f, struct console_visit *v, struct err *e)
{
    struct organisation *list;
    struct console_choice *out;
    size_t count;

    if (v->who.organisation != NULL || f->id != NULL)
        return 0;
    if (store_list_organisations(&list, &count, v->d->store, v->req->arena, e) != 0)
        return -1;
    out = arena_array(v->req->arena, count + 1, sizeof *out);
    if (out == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < count; i++)
        out[i] = (struct console_choice){list[i].id, list[i].name};
    f->organisers = out;
    f->organiser_count = count;
    return 0;
}

static int answer_form(struct console_visit *v, int status, struct console_filing_form *f, struct err *e)
{
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);

    if (choose_profiles(f, v, e) != 0 || choose_organisers(f, v, e) != 0)
        return -1;
    return console_answer(v, status, &html, console_filing_form_page(&html, &v->site, f, e));
}

static int new_page(struct console_visit *v, struct err *e)
{
    struct console_filing_form f = {
        .name = "", .approval_no = "", .type = "评审", .profile = "", .issue_date = "", .organiser = ""};

    f.year = arena_printf(v->req->arena, "%d", date_in_shanghai(clock_now()).year);
    return f.year == NULL ? err_no_memory(e) : answer_form(v, 200, &f, e);
}

static int edit_page(struct console_visit *v, struct err *e)
{
    struct console_filing filing;
    struct console_filing_form f;
    struct filing_row row;

    if (console_find_filing(&row, &filing, v, e) != 0)
        return -1;
    if (!filing.edit)
        return err_set(e, ERR_CONFLICT, "The filing cannot be changed now.", "备案现在不能修改。");
    f = (struct console_filing_form){.id = filing.id,
                                     .name = row.name,
                                     .approval_no = row.approval_no,
                                     .year = arena_printf(v->req->arena, "%d", row.year),
                                     .type = row.type,
                                     .profile = row.profile,
                                     .issue_date = row.issue_date == NULL ? "" : row.issue_date,
                                     .organiser = "",
                                     .document_name = row.document_no,
                                     .document_size = row.document_size,
                                     .opinion = row.status == FILING_RETURNED ? row.opinion : NULL};
    return f.year == NULL ? err_no_memory(e) : answer_form(v, 200, &f, e);
}

/* --- what was typed --- */

static void read_form(struct console_filing_form *f, const struct console_visit *v)
{
    f->name = console_field(v, "name");
    f->approval_no = console_field(v, "approval_no");
    f->year = console_field(v, "year");
    f->type = console_field(v, "type");
    f->profile = console_field(v, "profile");
    f->issue_date = console_field(v, "issue_date");
    f->organiser = console_field(v, "organiser");
}

static json_t *order_of(const struct console_filing_form *f)
{
    bool digits =
        f->year[0] != '\0' && strlen(f->year) <= 4 && f->year[strspn(f->year, "0123456789")] == '\0';
    json_t *order = json_pack("{ss ss ss ss so}", "name", f->name, "approval_no", f->approval_no, "type",
                              f->type, "profile", f->profile, "year",
                              digits ? json_integer(strtol(f->year, NULL, 10)) : json_string(f->year));

    if (order != NULL && f->issue_date[0] != '\0')
        (void)json_object_set_new(order, "issue_date", json_string(f->issue_date));
    if (order != NULL && f->organiser[0] != '\0')
        (void)json_object_set_new(order, "organiser", json_string(f->organiser));
    return order;
}

/* Every fault beside its field; what belongs to none stands above. */
static void show_faults(struct console_filing_form *f, struct console_fault *list,
                        const struct faults *faults, const struct err *e)
{
    for (size_t i = 0; i < faults->count; i++)
        list[f->fault_count++] = (struct console_fault){
            faults->list[i].field[0] == '/' ? faults->list[i].field + 1 : "", faults->list[i].zh};
    if (f->fault_count == 0)
        list[f->fault_count++] = (struct console_fault){e->field[0] == '/' ? e->field + 1 : "", e->zh};
    f->faults = list;
}

static int take_document(struct console_visit *v, const char *id, struct err *e)
{
    const char *name = NULL;
    struct spool_view view;
    struct spool file;
    int rc;

    if (!request_spooled_file(&file, &name, v->req, "document") || file.size == 0)
        return 0;
    if (file.size > APPROVAL_MAX)
        return err_set(e, ERR_TOO_LARGE, "The approval document is larger than 20 MB.",
                       "批复文件超过 20 MB，请压缩后重新选择。");
    if (spool_map(&view, &file, e) != 0)
        return -1;
    if (view.bytes.len < 5 || memcmp(view.bytes.ptr, "%PDF-", 5) != 0)
        rc = err_set(e, ERR_INVALID, "The approval document must be a PDF file.",
                     "批复文件应为 PDF 文件，请将扫描件或文档另存为 PDF 后上传。");
    else
        rc = store_put_filing_document(v->d->store, id, console_file_name(v, name, "批复文件.pdf"),
                                       view.bytes, clock_now(), e);
    spool_unmap(&view);
    return rc;
}

static int save(struct console_visit *v, const char *id, struct err *e)
{
    struct console_fault shown[FAULTS_SHOWN];
    struct console_filing_form f = {.id = id};
    struct faults faults = {.count = 0};
    struct filing_order order;
    struct filing_row row;
    json_t *json;
    int rc;

    read_form(&f, v);
    json = order_of(&f);
    if (json == NULL)
        return err_no_memory(e);
    rc = filing_order_read(&order, json, v->req->arena, &faults, e);
    if (rc == 0)
        rc = id == NULL ? filing_create(&row, v->d->store, &order, &v->who, &faults, v->req->arena, e)
                        : filing_change(&row, v->d->store, id, &order, &v->who, &faults, v->req->arena, e);
    json_decref(json);
    if (rc != 0) {
        if (faults.count == 0 && e->code != ERR_INVALID && e->code != ERR_CONFLICT)
            return -1;
        show_faults(&f, shown, &faults, e);
        return answer_form(v, 422, &f, e);
    }
    if (take_document(v, row.id, e) == 0)
        return console_go(v, e, "/console/filings/%s?done=saved", row.id);
    if (e->code != ERR_INVALID && e->code != ERR_TOO_LARGE)
        return -1;
    f.id = row.id; /* it is there by now: the form is that of the filing */
    shown[0] = (struct console_fault){"document", arena_text(v->req->arena, e->zh)};
    f.faults = shown;
    f.fault_count = 1;
    return answer_form(v, 422, &f, e);
}

static int no_right(struct err *e)
{
    return err_set(e, ERR_FORBIDDEN, "This key may not make filings.", "该密钥没有发起备案的权限。");
}

static int new_save(struct console_visit *v, struct err *e)
{
    return v->may_file ? save(v, NULL, e) : no_right(e);
}

static int edit_save(struct console_visit *v, struct err *e)
{
    struct console_filing filing;
    struct filing_row row;

    if (!v->may_file)
        return no_right(e);
    return console_find_filing(&row, &filing, v, e) != 0 ? -1 : save(v, filing.id, e);
}

static int new_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, new_page, e);
}

static int new_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, new_save, e);
}

static int edit_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, edit_page, e);
}

static int edit_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, edit_save, e);
}

const struct route form_page_routes[] = {
    {HTTP_GET, "/console/filings/new", new_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/new", new_post, LANE_FILING, APPROVAL_MAX + FORM_ROOM,
     ROUTE_FORM | ROUTE_SPOOL, NULL},
    {HTTP_GET, "/console/filings/{id}/edit", edit_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/edit", edit_post, LANE_FILING, APPROVAL_MAX + FORM_ROOM,
     ROUTE_FORM | ROUTE_SPOOL, NULL},
    {.pattern = NULL},
};
