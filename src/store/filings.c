/* filings.c - approval filings: what they say, where they stand, and what happened to them. */
#include "store/filings.h"
#include "store/store_internal.h"
#include <string.h>

static const char *const statuses[] = {[FILING_EDITING] = "editing",
                                       [FILING_REVIEWING] = "reviewing",
                                       [FILING_RETURNED] = "returned",
                                       [FILING_APPROVED] = "approved"};
static const char *const statuses_zh[] = {[FILING_EDITING] = "编辑中",
                                          [FILING_REVIEWING] = "审核中",
                                          [FILING_RETURNED] = "退回",
                                          [FILING_APPROVED] = "审核通过"};
static const char *const accessions[] = {[ACCESSION_NONE] = "none",
                                         [ACCESSION_CHECKING] = "checking",
                                         [ACCESSION_DONE] = "done",
                                         [ACCESSION_REFUSED] = "refused"};
enum { FILING_STATUSES = FILING_APPROVED + 1, ACCESSION_STATES = ACCESSION_REFUSED + 1 };

const char *filing_status_name(enum filing_status s)
{
    return statuses[s];
}

bool filing_status_parse(enum filing_status *out, const char *name)
{
    for (int i = 0; i < FILING_STATUSES; i++) {
        if (strcmp(statuses[i], name) == 0) {
            *out = (enum filing_status)i;
            return true;
        }
    }
    return false;
}

const char *accession_state_name(enum accession_state s)
{
    return accessions[s];
}

static bool accession_parse(enum accession_state *out, const char *name)
{
    for (int i = 0; i < ACCESSION_STATES; i++) {
        if (strcmp(accessions[i], name) == 0) {
            *out = (enum accession_state)i;
            return true;
        }
    }
    return false;
}

static void take_moves(struct filing_row *f, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    const char *status = (const char *)sqlite3_column_text(q, 13);
    const char *accession = (const char *)sqlite3_column_text(q, 20);

    *fine = *fine && status != NULL && filing_status_parse(&f->status, status) && accession != NULL &&
            accession_parse(&f->accession_state, accession);
    f->opinion = sql_column_text(q, 14, a, fine);
    f->submitter = sql_column_text(q, 15, a, fine);
    f->decider = sql_column_text(q, 16, a, fine);
    f->submitted = sqlite3_column_int64(q, 17);
    f->decided = sqlite3_column_int64(q, 18);
    f->accession = sqlite3_column_int64(q, 19);
    f->grantee = sql_column_text(q, 21, a, fine);
    f->paused = sqlite3_column_int(q, 22) != 0;
    f->hold_until = sqlite3_column_int64(q, 23);
    f->hold_code = sql_column_text(q, 24, a, fine);
    f->hold_en = sql_column_text(q, 25, a, fine);
    f->hold_zh = sql_column_text(q, 26, a, fine);
    f->created = sqlite3_column_int64(q, 27);
    f->changed = sqlite3_column_int64(q, 28);
    f->accession_report = sql_column_text(q, 29, a, fine);
}

static void take_filing(struct filing_row *f, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    *f = (struct filing_row){.organisation = sql_column_text(q, 1, a, fine),
                             .profile = sql_column_text(q, 2, a, fine),
                             .issuer = sql_column_text(q, 3, a, fine),
                             .committee = sql_column_text(q, 4, a, fine),
                             .name = sql_column_text(q, 5, a, fine),
                             .approval_no = sql_column_text(q, 6, a, fine),
                             .type = sql_column_text(q, 7, a, fine),
                             .year = sqlite3_column_int(q, 8),
                             .issue_date = sql_column_text(q, 9, a, fine),
                             .document_no = sql_column_text(q, 10, a, fine),
                             .document_size = (uint64_t)sqlite3_column_int64(q, 11)};
    sql_column_name(f->id, sizeof f->id, q, 0);
    sql_column_bytes(f->document_sha256, SHA256_SIZE, q, 12);
    take_moves(f, q, a, fine);
}

int store_add_filing(struct store *s, struct filing_row *f, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ADD_FILING, e);
    const char *values[] = {f->id,   f->organisation, f->profile, f->issuer,    f->committee,
                            f->name, f->approval_no,  f->type,    f->issue_date};

    if (q == NULL || store_new_id(f->id, 0, e) != 0)
        return -1;
    sql_texts(q, values, sizeof values / sizeof values[0]);
    sql_number(q, 10, f->year);
    sql_number(q, 11, f->created);
    f->changed = f->created;
    return sql_run(s, q, e);
}

int store_filing(struct filing_row *out, struct store *s, const char *id, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_FILING, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    if (!sql_row(s, q, &rc, e))
        return rc;
    take_filing(out, q, a, &fine);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

int filing_standing(struct filing_standing *out, struct store *s, const char *id, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_FILING_STANDING, e);
    int rc;

    *out = (struct filing_standing){.status = FILING_EDITING};
    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    if (!sql_row(s, q, &rc, e))
        return rc;
    if (!filing_status_parse(&out->status, (const char *)sqlite3_column_text(q, 0)) ||
        !accession_parse(&out->accession, (const char *)sqlite3_column_text(q, 1)))
        rc = err_no_memory(e); /* the CHECKs of the columns leave nothing else */
    out->paused = sqlite3_column_int(q, 2) != 0;
    sql_done(q);
    return rc;
}

int filing_wrong_status(enum filing_status is, struct err *e)
{
    return err_set(e, ERR_CONFLICT, "The filing is %1$s (%2$s), so this cannot be done now.",
                   "批复备案当前为“%2$s”（%1$s），不能进行此操作。", statuses[is], statuses_zh[is]);
}

int filing_check_editable(struct store *s, const char *id, struct err *e)
{
    struct filing_standing now;

    if (filing_standing(&now, s, id, e) != 0)
        return -1;
    return now.status == FILING_EDITING || now.status == FILING_RETURNED ? 0
                                                                         : filing_wrong_status(now.status, e);
}

static int write_change(struct store *s, const struct filing_row *f, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CHANGE_FILING, e);
    const char *values[] = {f->id,   f->profile,     f->issuer, f->committee,
                            f->name, f->approval_no, f->type,   f->issue_date};

    if (q == NULL)
        return -1;
    sql_texts(q, values, sizeof values / sizeof values[0]);
    sql_number(q, 9, f->year);
    sql_number(q, 10, f->changed);
    return sql_run(s, q, e);
}

int store_change_filing(struct store *s, const struct filing_row *f, struct err *e)
{
    bool own;
    int rc;

    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = filing_check_editable(s, f->id, e) == 0 ? write_change(s, f, e) : -1;
    return store_leave(s, own, rc, e);
}

static int write_document(struct store *s, const char *id, const char *file_name, struct slice pdf,
                          const uint8_t sha[SHA256_SIZE], int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_FILING_DOCUMENT, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    sql_text(q, 2, file_name);
    sql_number(q, 3, (int64_t)pdf.len);
    sql_bytes(q, 4, sha, SHA256_SIZE);
    sql_number(q, 5, now);
    return sql_run(s, q, e);
}

int store_put_filing_document(struct store *s, const char *id, const char *file_name, struct slice pdf,
                              int64_t now, struct err *e)
{
    uint8_t sha[SHA256_SIZE];
    bool own;
    int rc;

    sha256(sha, pdf);
    /* asked before the disk is written, and again where it counts */
    if (filing_check_editable(s, id, e) != 0 || store_keep_original(s, sha, pdf, e) != 0 ||
        store_enter(s, &own, e) != 0)
        return -1;
    rc = filing_check_editable(s, id, e) == 0 ? write_document(s, id, file_name, pdf, sha, now, e) : -1;
    return store_leave(s, own, rc, e);
}

int store_filing_document(struct buf *out, struct store *s, const struct filing_row *f, struct err *e)
{
    if (f->document_size == 0)
        return err_set(e, ERR_NOT_FOUND, "The filing has no approval document yet.",
                       "该批复备案尚未上传批复文件。");
    return store_original(out, s, f->document_sha256, e);
}

int store_add_filing_event(struct store *s, const struct filing_event *ev, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ADD_FILING_EVENT, e);
    const char *values[] = {ev->filing, ev->entry, ev->event, ev->actor == NULL ? "service" : ev->actor,
                            ev->reason};

    if (q == NULL)
        return -1;
    sql_texts(q, values, sizeof values / sizeof values[0]);
    sql_number(q, 6, ev->moment);
    return sql_run(s, q, e);
}

static void take_event(void *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    *(struct filing_event *)out = (struct filing_event){
        .moment = sqlite3_column_int64(q, 0),
        .filing = sql_column_text(q, 1, a, fine),
        .entry = sql_column_text(q, 2, a, fine),
        .event = sql_column_text(q, 3, a, fine),
        .actor = sql_column_text(q, 4, a, fine),
        .reason = sql_column_text(q, 5, a, fine),
    };
}

int store_list_filing_events(struct filing_event **out, size_t *count, struct store *s, const char *filing,
                             struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_FILING_EVENTS, e);
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    *out = sql_list(count, &rc, s, q, sizeof(struct filing_event), take_event, a, e);
    return rc;
}

int store_list_filings(struct filing_row *out, size_t max, size_t *count, struct store *s,
                       const struct filing_filter *f, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_LIST_FILINGS, e);
    const char *values[] = {f->organisation, f->name, f->approval_no, f->type,
                            f->status == NULL ? NULL : statuses[*f->status]};
    bool fine = true;
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    sql_texts(q, values, sizeof values / sizeof values[0]);
    if (f->year != 0)
        sql_number(q, 6, f->year);
    sql_number(q, 7, f->after_id == NULL ? INT64_MAX : f->after_created);
    sql_text(q, 8, f->after_id == NULL ? "" : f->after_id);
    sql_number(q, 9, (int64_t)max);
    while (sql_next(s, q, &rc, e))
        take_filing(&out[(*count)++], q, a, &fine);
    return rc != 0 || fine ? rc : err_no_memory(e);
}
