/* filing_pages.c - the list of filings, one filing with its entries, its review, and its moves. */
#include "console/console_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILINGS_MAX = 1000,
    REASON_MAX = 200,
    FORM_BODY = 64 * 1024,
    FAILED_SEEN = 500,
    STEP_ROWS = 500,
    LINES_MAX = 200
};

/* --- the list --- */

static void read_filter(struct console_filter *shown, struct filing_filter *asked, enum filing_status *status,
                        const struct console_visit *v)
{
    const char *year = console_query(v, "year");

    *shown = (struct console_filter){.name = console_query(v, "name"),
                                     .approval_no = console_query(v, "approval_no"),
                                     .type = console_query(v, "type"),
                                     .status = console_query(v, "status")};
    if (strlen(year) == 4 && strspn(year, "0123456789") == 4)
        shown->year = (int)strtol(year, NULL, 10);
    *asked = (struct filing_filter){.organisation = v->who.organisation,
                                    .name = shown->name[0] != '\0' ? shown->name : NULL,
                                    .approval_no = shown->approval_no[0] != '\0' ? shown->approval_no : NULL,
                                    .type = shown->type[0] != '\0' ? shown->type : NULL,
                                    .year = shown->year};
    if (filing_status_parse(status, shown->status))
        asked->status = status;
}

static int filings_page(struct console_visit *v, struct err *e)
{
    struct filing_row *rows = arena_array(v->req->arena, FILINGS_MAX, sizeof *rows);
    struct console_filing list[CONSOLE_FILINGS];
    struct console_filings page = {.list = list, .page = console_page_number(v), .may_create = v->may_file};
    struct filing_filter asked;
    enum filing_status status;
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);
    size_t count, from;

    if (rows == NULL)
        return err_no_memory(e);
    read_filter(&page.filter, &asked, &status, v);
    if (store_list_filings(rows, FILINGS_MAX, &count, v->d->store, &asked, v->req->arena, e) != 0)
        return -1;
    page.total = count;
    from = (size_t)(page.page - 1) * CONSOLE_FILINGS;
    for (size_t i = from; i < count && page.count < CONSOLE_FILINGS; i++)
        if (console_filing_of(&list[page.count++], v, &rows[i], e) != 0)
            return -1;
    return console_answer(v, 200, &html, console_filings_page(&html, &v->site, &page, e));
}

static int filings_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, filings_page, e);
}

/* --- one filing --- */

/* "签章服务无应答 2 份 · ..." */
static const char *failures_of(struct console_visit *v, const char *filing)
{
    static const enum entry_state failed = ENTRY_FAILED;
    struct entry_filter f = {.filing = filing, .state = &failed};
    struct entry_row *rows = arena_array(v->req->arena, FAILED_SEEN, sizeof *rows);
    const char **reasons = arena_array(v->req->arena, FAILED_SEEN, sizeof *reasons), *kept = NULL;
    struct buf text = BUF_INIT(512);
    struct err unasked;
    uint64_t total;
    size_t count = 0;

    if (rows == NULL || reasons == NULL ||
        store_list_entries(rows, 0, FAILED_SEEN, &count, &total, v->d->store, &f, v->req->arena, &unasked) !=
            0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        reasons[i] = console_reason(v, &rows[i]);
    for (size_t i = 0; i < count; i++) {
        const char *why = reasons[i];
        size_t same = 0;

        for (size_t k = i; why != NULL && k < count; k++)
            if (reasons[k] != NULL && strcmp(reasons[k], why) == 0) {
                same++;
                reasons[k] = NULL;
            }
        if (same > 0 && text.len < 300)
            buf_printf(&text, "%s%s %zu 份", text.len > 0 ? " · " : "", why, same);
    }
    if (buf_ok(&text) && text.len > 0)
        kept = arena_slice(v->req->arena, buf_view(&text));
    buf_dispose(&text);
    return kept;
}

/* The rows that kept the filing from its numbers, a line each. */
static size_t refused_of(const char **lines, struct console_visit *v, const char *report)
{
    json_t *list = report == NULL ? NULL : json_loads(report, 0, NULL), *item;
    size_t count = 0, i;

    json_array_foreach(list, i, item)
    {
        const char *column = json_text(item, "column"), *value = json_text(item, "value"),
                   *problem = json_text(item, "problem"), *advice = json_text(item, "advice");

        if (count < LINES_MAX)
            lines[count] = arena_printf(v->req->arena, "序号 %lld　%s %s：%s %s",
                                        (long long)json_integer_value(json_object_get(item, "serial")),
                                        column == NULL ? "" : column, value == NULL ? "" : value,
                                        problem == NULL ? "" : problem, advice == NULL ? "" : advice);
        if (count < LINES_MAX && lines[count] != NULL)
            count++;
    }
    json_decref(list);
    return count;
}

/* About: what is made on this page stands for the rest. */
static uint64_t bytes_about(const struct console_list *l)
{
    enum { USUAL = 200000 };
    uint64_t sum = 0, count = 0;

    for (size_t i = 0; i < l->count; i++) {
        sum += l->entries[i].size;
        count += l->entries[i].size > 0;
    }
    return l->filing.counts[CONSOLE_MADE] * (count == 0 ? USUAL : sum / count);
}

static int list_entries(struct console_list *l, struct console_visit *v, struct entry_filter *f,
                        struct err *e)
{
    struct entry_row *rows = arena_array(v->req->arena, CONSOLE_ROWS, sizeof *rows);
    struct console_entry *list = arena_array(v->req->arena, CONSOLE_ROWS, sizeof *list);
    struct entry data;
    size_t count;

    if (rows == NULL || list == NULL)
        return err_no_memory(e);
    if (store_list_entries(rows, (size_t)(l->page - 1) * CONSOLE_ROWS, CONSOLE_ROWS, &count, &l->total,
                           v->d->store, f, v->req->arena, e) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (console_entry_of(&list[i], &data, v, &rows[i], e) != 0)
            return -1;
    l->entries = list;
    l->count = count;
    return 0;
}

static int filing_page(struct console_visit *v, struct err *e)
{
    const char *lines[LINES_MAX];
    struct console_list l = {.state = -1, .search = console_query(v, "q"), .page = console_page_number(v)};
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);
    enum entry_state state;
    struct entry_filter f;
    struct filing_row row;

    if (console_find_filing(&row, &l.filing, v, e) != 0 ||
        console_progress_of(&l.progress, &l.halt, v, &row, e) != 0)
        return -1;
    f = (struct entry_filter){.filing = row.id, .search = l.search[0] != '\0' ? l.search : NULL};
    if (entry_state_parse(&state, console_query(v, "state"))) {
        f.state = &state;
        l.state = (int)state;
    }
    if (list_entries(&l, v, &f, e) != 0)
        return -1;
    l.made_bytes = bytes_about(&l);
    if (l.filing.counts[CONSOLE_FAILED] > 0)
        l.failures = failures_of(v, row.id);
    if (row.accession_state == ACCESSION_REFUSED) {
        l.refused = lines;
        l.refused_count = refused_of(lines, v, row.accession_report);
    }
    return console_answer(v, 200, &html, console_list_page(&html, &v->site, &l, e));
}

static int filing_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, filing_page, e);
}

static int progress_page(struct console_visit *v, struct err *e)
{
    struct console_progress p;
    struct console_filing f;
    struct filing_row row;
    const char *halt;
    json_t *answer;

    if (console_find_filing(&row, &f, v, e) != 0 || console_progress_of(&p, &halt, v, &row, e) != 0)
        return -1;
    answer = json_pack("{sb sb ss s[sss] sI sI ss*}", "on", p.going == GOING_ON || p.going == GOING_STOPPED,
                       "done", p.going == GOING_NOTHING && p.line[0] != '\0', "line", p.line, "facts",
                       p.facts[0], p.facts[1], p.facts[2], "value", (json_int_t)p.value, "max",
                       (json_int_t)p.max, "halt", halt);
    return console_json(v, answer, e);
}

static int progress_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, progress_page, e);
}

/* --- the approval document --- */

static int document_page(struct console_visit *v, struct err *e)
{
    enum { APPROVAL_MAX = 32 * 1024 * 1024 };
    struct buf pdf = BUF_INIT(APPROVAL_MAX);
    struct console_filing f;
    struct filing_row row;
    char hex[2 * SHA256_SIZE + 1];
    int rc = -1;

    if (console_find_filing(&row, &f, v, e) != 0)
        goto out;
    if (row.document_size == 0) {
        err_set(e, ERR_NOT_FOUND, "There is no approval document yet.", "还没有上传批复文件。");
        goto out;
    }
    hex_encode(hex, (struct slice){row.document_sha256, SHA256_SIZE});
    v->res->etag = arena_printf(v->req->arena, "\"%s\"", hex);
    if (v->res->etag == NULL || store_filing_document(&pdf, v->d->store, &row, e) != 0)
        goto out;
    v->res->ranges = true;
    response_adopt(v->res, "application/pdf", &pdf);
    response_header(v->res, "Content-Disposition", "inline; filename=\"approval.pdf\"");
    console_dress_pdf(v->res);
    rc = 0;
out:
    buf_dispose(&pdf);
    return rc;
}

static int document_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, document_page, e);
}

/* --- review --- */

/* By level, and how many have no photo. */
struct tally {
    struct console_level levels[8];
    size_t count;
    uint64_t no_photo;
};

static void tally_level(struct tally *t, const char *level)
{
    size_t i = 0;

    while (i < t->count && strcmp(t->levels[i].name, level) != 0)
        i++;
    if (i == t->count) {
        if (t->count == sizeof t->levels / sizeof t->levels[0])
            return;
        t->levels[t->count++] = (struct console_level){level, 0};
    }
    t->levels[i].count++;
}

static int tally_all(struct tally *t, struct console_visit *v, const char *filing, struct err *e)
{
    struct entry_row *rows = arena_array(v->req->arena, STEP_ROWS, sizeof *rows);
    struct arena a = ARENA_INIT;
    unsigned after = 0;
    size_t count = STEP_ROWS;
    int rc = 0;

    if (rows == NULL)
        return err_no_memory(e);
    while (rc == 0 && count == STEP_ROWS) {
        rc = store_next_entries(rows, STEP_ROWS, &count, v->d->store, filing, after, &a, e);
        for (size_t i = 0; rc == 0 && i < count; i++) {
            json_t *data = json_loads(rows[i].data_json, 0, NULL);
            const char *level = json_text(data, "level"), *known = NULL;

            for (size_t k = 0; level != NULL && k < t->count; k++)
                if (strcmp(t->levels[k].name, level) == 0)
                    known = t->levels[k].name;
            if (rows[i].state != ENTRY_REMOVED && level != NULL)
                tally_level(t, known != NULL ? known : arena_text(v->req->arena, level));
            t->no_photo += rows[i].state != ENTRY_REMOVED && rows[i].photo_id[0] == '\0';
            after = rows[i].position;
            json_decref(data);
        }
        arena_reset(&a);
    }
    arena_dispose(&a);
    return rc;
}

static int review_page(struct console_visit *v, struct err *e)
{
    struct tally t = {.count = 0};
    struct console_list l = {.page = console_page_number(v)};
    struct console_review r = {.page = l.page};
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);
    const char *warning;
    struct entry_filter f;
    struct filing_row row;

    if (console_find_filing(&row, &r.filing, v, e) != 0)
        return -1;
    f = (struct entry_filter){.filing = row.id};
    if (list_entries(&l, v, &f, e) != 0 || tally_all(&t, v, row.id, e) != 0)
        return -1;
    r.entries = l.entries;
    r.count = l.count;
    r.levels = t.levels;
    r.level_count = t.count;
    warning = arena_printf(
        v->req->arena, "%" PRIu64 " 人还没有照片：入库后证书状态为“未生成”，补照片后自动生成。", t.no_photo);
    if (t.no_photo > 0 && warning != NULL) {
        r.warnings = &warning;
        r.warning_count = 1;
    }
    return console_answer(v, 200, &html, console_review_page(&html, &v->site, &r, e));
}

static int review_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, review_page, e);
}

/* --- moves --- */

static int no_right(struct err *e)
{
    return err_set(e, ERR_FORBIDDEN, "This key may not do this.", "该密钥没有此项操作的权限。");
}

static int decide(struct console_visit *v, const struct filing_row *row, bool pass, struct err *e)
{
    const char *reason;

    if (!v->may_approve)
        return no_right(e);
    if (console_said(&reason, v, "reason", "审核意见", REASON_MAX, e) != 0)
        return -1;
    if (!pass)
        return filing_return(v->d->store, row->id, reason, &v->who, e);
    if (desk_signer(v->d, e) != 0)
        return -1;
    return filing_pass(v->d->store, v->d->signer, row->id, reason, &v->who, e);
}

static int retry(struct console_visit *v, const struct filing_row *row, const char *entry, struct err *e)
{
    struct entry_row r;
    size_t count;

    if (entry != NULL && (store_entry(&r, v->d->store, entry, v->req->arena, e) != 0))
        return -1;
    if (entry != NULL && (strcmp(r.filing, row->id) != 0 || r.state != ENTRY_FAILED))
        return 0; /* it goes on already */
    return filing_retry(&count, v->d->store, row->id, entry, &v->who, e);
}

/* What to say of it afterwards; NULL with *e. */
static const char *make_move(struct console_visit *v, const struct filing_row *row, const char *act,
                             const char *entry, struct err *e)
{
    char job[CERTIFICATE_ID_SIZE];

    if (strcmp(act, "pass") == 0)
        return decide(v, row, true, e) == 0 ? "passed" : NULL;
    if (strcmp(act, "return") == 0)
        return decide(v, row, false, e) == 0 ? "returned" : NULL;
    if (!v->may_file) {
        (void)no_right(e);
        return NULL;
    }
    if (entry[0] != '\0' || strcmp(act, "retry") == 0)
        return retry(v, row, entry[0] != '\0' ? entry : NULL, e) == 0 ? "retried" : NULL;
    if (strcmp(act, "submit") == 0)
        return filing_submit(v->d->store, row->id, &v->who, e) == 0 ? "submitted" : NULL;
    if (strcmp(act, "accession") == 0)
        return filing_accession(job, v->d->store, row->id, &v->who, e) == 0 ? "accession" : NULL;
    if (strcmp(act, "pause") == 0 || strcmp(act, "resume") == 0)
        return filing_pause(v->d->store, row->id, act[0] == 'p', &v->who, e) == 0
                   ? act[0] == 'p' ? "paused" : "resumed"
                   : NULL;
    err_set(e, ERR_INVALID, "This is none of the filing's moves.", "没有这项操作。");
    return NULL;
}

static int do_page(struct console_visit *v, struct err *e)
{
    struct console_filing f;
    struct filing_row row;
    const char *done;

    if (console_find_filing(&row, &f, v, e) != 0)
        return -1;
    done = make_move(v, &row, console_field(v, "act"), console_field(v, "retry"), e);
    if (done == NULL)
        return -1;
    service_wake(v->app);
    return console_go(v, e, "/console/filings/%s?done=%s", row.id, done);
}

static int do_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, do_page, e);
}

const struct route filing_page_routes[] = {
    {HTTP_GET, "/console/filings", filings_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_GET, "/console/filings/{id}", filing_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_GET, "/console/filings/{id}/progress.json", progress_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_GET, "/console/filings/{id}/document.pdf", document_get, LANE_RECORDS, 0, ROUTE_UNPACED, NULL},
    {HTTP_GET, "/console/filings/{id}/review", review_get, LANE_FILING, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/do", do_post, LANE_FILING, FORM_BODY, ROUTE_FORM, NULL},
    {.pattern = NULL},
};
