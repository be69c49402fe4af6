/* import_pages.c - a list comes in, in steps: it is checked, kept in the inbox under a name that only this
 * session and filing can tell, and taken when whoever sent it says so. */
#include "base/file.h"
#include "console/console_internal.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    NAME_BYTES = 16,
    LIST_NAME = 64, /* 32 random digits, 32 that prove whose it is */
    REPORT_MAX = 8 * 1024 * 1024,
    BOOK_MAX = 32 * 1024 * 1024,
    FORM_ROOM = 64 * 1024,
    FAULTS_SHOWN = 500
};
#define IMPORT_ARENA ((size_t)512 * 1024 * 1024)

/* --- what is kept between the steps --- */

/* The second half of the name: nobody else's session, and no other filing, has it. */
static void proof_of(char out[33], const struct console_visit *v, const char *filing, const char *random)
{
    struct buf text = BUF_INIT(512);
    uint8_t hash[SHA256_SIZE];

    buf_append_bytes(&text, v->session.token, SHA256_SIZE);
    buf_append_text(&text, v->session.form_token);
    buf_append_text(&text, filing);
    buf_append_text(&text, random);
    sha256(hash, buf_view(&text));
    hex_encode(out, (struct slice){hash, NAME_BYTES});
    buf_dispose(&text);
}

static int new_name(char out[LIST_NAME + 1], const struct console_visit *v, const char *filing, struct err *e)
{
    uint8_t bytes[NAME_BYTES];

    if (random_bytes(bytes, sizeof bytes, e) != 0)
        return -1;
    hex_encode(out, (struct slice){bytes, sizeof bytes});
    proof_of(out + 32, v, filing, out);
    return 0;
}

static bool is_mine(const struct console_visit *v, const char *filing, const char *name)
{
    char random[33], proof[33];

    if (strlen(name) != LIST_NAME || name[strspn(name, "0123456789abcdef")] != '\0')
        return false;
    memcpy(random, name, 32);
    random[32] = '\0';
    proof_of(proof, v, filing, random);
    return bytes_equal_constant_time(proof, name + 32, 32);
}

static void path_of(char out[PATH_MAX], const struct console_visit *v, const char *name, const char *suffix)
{
    (void)snprintf(out, PATH_MAX, "%s/inbox/list-%s%s", v->app->data_dir, name, suffix);
}

static void forget(const struct console_visit *v, const char *name)
{
    static const char *const suffixes[] = {".rows", ".json"};
    char path[PATH_MAX];

    for (int i = 0; i < 2; i++) {
        path_of(path, v, name, suffixes[i]);
        (void)unlink(path);
    }
}

/* --- the check --- */

static int check(json_t **report, struct buf *book, struct console_visit *v, const char *filing,
                 struct slice packed, bool keep, struct err *e)
{
    struct import_order order = {.filing = filing, .packed = packed, .check_only = !keep, .replace = true};
    struct arena a = {.max = IMPORT_ARENA};
    struct import_report r;
    struct err unasked;
    int rc;

    (void)!desk_issuer(v->d, &unasked); /* without the signer rows are laid out when they are numbered */
    rc = filing_import(&r, v->d->store, v->d->issuer, &order, &v->who, &a, e);
    if (rc == 0 && report != NULL) {
        *report = import_report_json(&r, false);
        rc = *report == NULL ? err_no_memory(e) : 0;
    }
    if (rc == 0 && book != NULL)
        rc = import_faults_workbook(book, &r.faults, e);
    arena_dispose(&a);
    return rc;
}

static int keep_report(const struct console_visit *v, const char *name, const char *file_name, json_t *report,
                       struct err *e)
{
    struct buf text = BUF_INIT(REPORT_MAX);
    char path[PATH_MAX];
    int rc = -1;

    path_of(path, v, name, ".json");
    if (json_object_set_new(report, "file_name", json_string(file_name)) != 0)
        (void)err_no_memory(e);
    else if (json_write(&text, report, e) == 0)
        rc = file_write(path, buf_view(&text), 0600, e);
    buf_dispose(&text);
    return rc;
}

static int answer_import(struct console_visit *v, int status, const struct console_filing *f,
                         const struct console_import *i, struct err *e)
{
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);

    return console_answer(v, status, &html, console_import_page(&html, &v->site, f, i, e));
}

static int find_open(struct filing_row *row, struct console_filing *f, struct console_visit *v, struct err *e)
{
    if (console_find_filing(row, f, v, e) != 0)
        return -1;
    if (!f->edit)
        return err_set(e, ERR_CONFLICT, "The filing takes no list now.",
                       "备案现在不能导入名单：提交审核后名单不能再改，退回后可以修改。");
    return 0;
}

static int import_page(struct console_visit *v, struct err *e)
{
    struct console_import i = {.step = STEP_CHOOSE, .tab = ""};
    struct console_filing f;
    struct filing_row row;

    if (find_open(&row, &f, v, e) != 0)
        return -1;
    i.has_list = f.total > 0;
    return answer_import(v, 200, &f, &i, e);
}

static int refuse_file(struct console_visit *v, const struct console_filing *f, const struct err *why,
                       struct err *e)
{
    struct console_import i = {.step = STEP_CHOOSE, .tab = "", .has_list = f->total > 0, .problem = why->zh};

    if (why->code != ERR_INVALID && why->code != ERR_TOO_LARGE && why->code != ERR_CONFLICT) {
        *e = *why;
        return -1;
    }
    return answer_import(v, respond_status(why->code), f, &i, e);
}

static int take(char name[LIST_NAME + 1], struct console_visit *v, const char *filing, struct err *e)
{
    struct buf packed = BUF_INIT(SHEET_OUT_MAX);
    const char *file_name = NULL;
    json_t *report = NULL;
    char path[PATH_MAX];
    struct spool file;
    int rc = -1;

    if (!request_spooled_file(&file, &file_name, v->req, "file")) {
        err_set(e, ERR_INVALID, "No file was chosen; choose one first.", "没有选择文件，请先选择名单文件。");
        goto out;
    }
    file_name = console_file_name(v, file_name, "名单");
    if (desk_pack_sheet(&packed, v->d, &file, e) != 0 ||
        check(&report, NULL, v, filing, buf_view(&packed), false, e) != 0 ||
        new_name(name, v, filing, e) != 0)
        goto out;
    path_of(path, v, name, ".rows");
    if (file_write(path, buf_view(&packed), 0600, e) == 0)
        rc = keep_report(v, name, file_name, report, e);
out:
    json_decref(report);
    buf_dispose(&packed);
    return rc;
}

static int take_page(struct console_visit *v, struct err *e)
{
    struct err why = {.code = ERR_NONE};
    char name[LIST_NAME + 1];
    struct console_filing f;
    struct filing_row row;

    if (find_open(&row, &f, v, e) != 0)
        return -1;
    if (take(name, v, row.id, &why) != 0)
        return refuse_file(v, &f, &why, e);
    return console_go(v, e, "/console/filings/%s/import/%s", row.id, name);
}

/* --- what was found --- */

static int kept_is_gone(struct err *e)
{
    return err_set(e, ERR_NOT_FOUND, "The list is not kept any more; choose the file again.",
                   "名单已不再保存，请重新选择文件。");
}

static int read_kept(struct buf *out, const struct console_visit *v, const char *filing, const char *suffix,
                     struct err *e)
{
    const char *name = v->req->params[1];
    char path[PATH_MAX];

    if (!is_mine(v, filing, name))
        return kept_is_gone(e);
    path_of(path, v, name, suffix);
    if (file_read(out, path, e) == 0)
        return 0;
    return e->code == ERR_NOT_FOUND ? kept_is_gone(e) : -1;
}

static size_t take_faults(struct console_row_fault *list, const json_t *report)
{
    static const char *const names[] = {"errors", "warnings"};
    size_t count = 0;

    for (int k = 0; k < 2; k++) {
        json_t *faults = json_object_get(report, names[k]), *item;
        size_t i;

        json_array_foreach(faults, i, item)
        {
            if (i == FAULTS_SHOWN)
                break;
            list[count++] =
                (struct console_row_fault){.row = (unsigned)json_integer_value(json_object_get(item, "row")),
                                           .column = console_text(item, "column"),
                                           .value = console_text(item, "value"),
                                           .problem = console_text(item, "problem"),
                                           .advice = console_text(item, "advice"),
                                           .warning = k == 1};
        }
    }
    return count;
}

static uint64_t number_of(const json_t *report, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(report, name));
}

static int report_page(struct console_visit *v, struct err *e)
{
    struct console_row_fault *list = arena_array(v->req->arena, 2 * (size_t)FAULTS_SHOWN, sizeof *list);
    struct console_import i = {.step = STEP_CHECK, .token = v->req->params[1], .faults = list};
    struct buf text = BUF_INIT(REPORT_MAX);
    const char *tab = console_query(v, "tab");
    struct console_filing f;
    struct filing_row row;
    json_t *report = NULL;
    int rc = -1;

    if (list == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    if (find_open(&row, &f, v, e) != 0 || read_kept(&text, v, row.id, ".json", e) != 0 ||
        json_read(&report, buf_view(&text), REPORT_MAX, e) != 0)
        goto out;
    i.file_name = console_text(report, "file_name");
    i.rows = number_of(report, "rows");
    i.good = number_of(report, "good");
    i.bad = number_of(report, "bad_rows");
    i.errors = number_of(report, "error_count");
    i.warnings = number_of(report, "warning_count");
    i.with_photo = number_of(report, "with_photo");
    i.fault_count = take_faults(list, report);
    i.step = i.errors == 0 && strcmp(console_query(v, "step"), "photos") == 0 ? STEP_PHOTOS : STEP_CHECK;
    i.tab = tab[0] != '\0' ? tab : i.errors > 0 ? "errors" : i.warnings > 0 ? "warnings" : "good";
    rc = answer_import(v, 200, &f, &i, e);
out:
    json_decref(report);
    buf_dispose(&text);
    return rc;
}

static int answer_book(struct console_visit *v, struct buf *book, const char *plain, const char *name,
                       struct err *e)
{
    const char *disposition = respond_disposition(v->req->arena, "attachment", plain, name);

    if (disposition == NULL)
        return err_no_memory(e);
    response_adopt(v->res, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book);
    response_header(v->res, "Content-Disposition", disposition);
    console_dress(v->res);
    return 0;
}

static int errors_page(struct console_visit *v, struct err *e)
{
    struct buf packed = BUF_INIT(SHEET_OUT_MAX), book = BUF_INIT(BOOK_MAX);
    struct console_filing f;
    struct filing_row row;
    int rc = find_open(&row, &f, v, e) != 0 || read_kept(&packed, v, row.id, ".rows", e) != 0 ||
                     check(NULL, &book, v, row.id, buf_view(&packed), false, e) != 0
                 ? -1
                 : answer_book(v, &book, "errors.xlsx", "错误清单.xlsx", e);

    buf_dispose(&packed);
    buf_dispose(&book);
    return rc;
}

/* Checked once more as it is taken: what was sent may fit no longer. */
static int confirm_page(struct console_visit *v, struct err *e)
{
    struct buf packed = BUF_INIT(SHEET_OUT_MAX), text = BUF_INIT(REPORT_MAX);
    struct console_filing f;
    struct filing_row row;
    json_t *report = NULL, *shown = NULL;
    const char *name = v->req->params[1];
    int rc = -1;

    if (find_open(&row, &f, v, e) != 0 || read_kept(&packed, v, row.id, ".rows", e) != 0 ||
        read_kept(&text, v, row.id, ".json", e) != 0 ||
        json_read(&shown, buf_view(&text), REPORT_MAX, e) != 0 ||
        check(&report, NULL, v, row.id, buf_view(&packed), true, e) != 0)
        goto out;
    if (number_of(report, "error_count") > 0) {
        rc = keep_report(v, name, console_text(shown, "file_name"), report, e) != 0
                 ? -1
                 : console_go(v, e, "/console/filings/%s/import/%s", row.id, name);
        goto out;
    }
    forget(v, name);
    service_wake(v->app);
    rc = number_of(report, "with_photo") < number_of(report, "rows")
             ? console_go(v, e, "/console/filings/%s/photos?done=imported", row.id)
             : console_go(v, e, "/console/filings/%s?done=imported", row.id);
out:
    json_decref(report);
    json_decref(shown);
    buf_dispose(&packed);
    buf_dispose(&text);
    return rc;
}

static int template_page(struct console_visit *v, struct err *e)
{
    struct buf book = BUF_INIT(BOOK_MAX);
    struct series_list series;
    int rc = series_load(&series, v->app->data_dir, v->req->arena, e) != 0 ||
                     import_workbook(&book, &series, e) != 0
                 ? -1
                 : answer_book(v, &book, "entries.xlsx", "名单模板.xlsx", e);

    buf_dispose(&book);
    return rc;
}

/* --- routes --- */

static int import_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, import_page, e);
}

static int import_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, take_page, e);
}

static int report_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, report_page, e);
}

static int confirm_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, confirm_page, e);
}

static int errors_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, errors_page, e);
}

static int template_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, template_page, e);
}

const struct route import_page_routes[] = {
    {HTTP_GET, "/console/filings/{id}/import", import_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/import", import_post, LANE_FILING, SHEET_PACKED_MAX + FORM_ROOM,
     ROUTE_FORM | ROUTE_SPOOL, NULL},
    {HTTP_GET, "/console/filings/{id}/import/{list}", report_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/import/{list}", confirm_post, LANE_FILING, FORM_ROOM, ROUTE_FORM,
     NULL},
    {HTTP_GET, "/console/filings/{id}/import/{list}/errors.xlsx", errors_get, LANE_FILING, 0, 0, NULL},
    {HTTP_GET, "/console/entries.xlsx", template_get, LANE_FILING, 0, 0, NULL},
    {.pattern = NULL},
};
