/* filing_moves.c - filings submitted, decided, numbered, paused and held. */
#include "store/store_internal.h"
#include <string.h>

static int write_submitted(struct store *s, const struct filing_event *ev, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_SUBMIT_FILING, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, ev->filing);
    sql_text(q, 2, ev->actor);
    sql_number(q, 3, ev->moment);
    return sql_run(s, q, e);
}

static int write_decided(struct store *s, const struct filing_event *ev, enum filing_status to,
                         const char *grantee, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_DECIDE_FILING, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, ev->filing);
    sql_text(q, 2, ev->actor);
    sql_number(q, 3, ev->moment);
    sql_text(q, 4, filing_status_name(to));
    sql_text(q, 5, ev->reason);
    sql_text(q, 6, grantee);
    return sql_run(s, q, e);
}

static int move_filing(struct store *s, const struct filing_event *ev, const char *grantee, struct err *e)
{
    bool submitted = strcmp(ev->event, "submitted") == 0, passed = strcmp(ev->event, "passed") == 0;
    struct filing_standing now;
    int rc;

    if (!submitted && !passed && strcmp(ev->event, "returned") != 0)
        return err_set(e, ERR_INVALID, "A filing does not move by \"%s\".", "批复备案没有“%s”这一操作。",
                       ev->event);
    if (filing_standing(&now, s, ev->filing, e) != 0)
        return -1;
    if (submitted ? now.status != FILING_EDITING && now.status != FILING_RETURNED
                  : now.status != FILING_REVIEWING)
        return filing_wrong_status(now.status, e);
    rc = submitted ? write_submitted(s, ev, e)
                   : write_decided(s, ev, passed ? FILING_APPROVED : FILING_RETURNED, grantee, e);
    return rc == 0 ? store_add_filing_event(s, ev, e) : -1;
}

int store_move_filing(struct store *s, const struct filing_event *ev, const char *grantee, struct err *e)
{
    bool own;

    if (store_enter(s, &own, e) != 0)
        return -1;
    return store_leave(s, own, move_filing(s, ev, grantee, e), e);
}

/* Done is final, and means that no row is without a number. */
static int check_accession(struct store *s, const char *filing, enum accession_state to, struct err *e)
{
    uint64_t counts[ENTRY_STATES];
    struct filing_standing now;

    if (filing_standing(&now, s, filing, e) != 0)
        return -1;
    if (now.status != FILING_APPROVED)
        return filing_wrong_status(now.status, e);
    if (now.accession == ACCESSION_DONE)
        return err_set(e, ERR_CONFLICT, "The filing's entries have their numbers already.",
                       "该批复备案已入库，编号已分配。");
    if (to != ACCESSION_DONE)
        return 0;
    if (store_count_entries(counts, s, filing, e) != 0)
        return -1;
    if (counts[ENTRY_LISTED] == 0)
        return 0;
    return err_set(e, ERR_CONFLICT, "%llu entries of the filing have no number yet.",
                   "还有 %llu 条记录未分配编号，不能完成入库。", (unsigned long long)counts[ENTRY_LISTED]);
}

static int write_accession(struct store *s, const char *filing, enum accession_state state, int64_t now,
                           const char *report, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_SET_ACCESSION, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    sql_text(q, 2, accession_state_name(state));
    sql_text(q, 3, report);
    sql_number(q, 4, now);
    return sql_run(s, q, e);
}

int store_set_accession(struct store *s, const char *filing, enum accession_state state, int64_t now,
                        const char *report, struct err *e)
{
    bool own;
    int rc;

    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = check_accession(s, filing, state, e) == 0 ? write_accession(s, filing, state, now, report, e) : -1;
    return store_leave(s, own, rc, e);
}

static int write_paused(struct store *s, bool paused, const struct filing_event *ev, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PAUSE_FILING, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, ev->filing);
    sql_number(q, 2, paused ? 1 : 0);
    sql_number(q, 3, ev->moment);
    return sql_run(s, q, e) == 0 ? store_add_filing_event(s, ev, e) : -1;
}

int store_pause_filing(struct store *s, bool paused, const struct filing_event *ev, struct err *e)
{
    struct filing_standing now;
    bool own;
    int rc;

    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = filing_standing(&now, s, ev->filing, e);
    if (rc == 0 && now.paused != paused) /* asked twice, it happens once */
        rc = write_paused(s, paused, ev, e);
    return store_leave(s, own, rc, e);
}

int store_hold_filing(struct store *s, const char *filing, int64_t until, const char *code,
                      const struct err *why, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_HOLD_FILING, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    sql_number(q, 2, why == NULL ? 0 : until);
    if (why != NULL) {
        sql_text(q, 3, code);
        sql_text(q, 4, why->en);
        sql_text(q, 5, why->zh);
    }
    return sql_run(s, q, e);
}
