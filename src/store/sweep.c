/* sweep.c - what was lent and has expired goes. Numbers, events and people stay. */
#include "store/jobs.h"
#include "store/store_internal.h"

static int sweep(struct store *s, enum sql_statement which, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, which, e);

    if (q == NULL)
        return -1;
    sql_number(q, 1, now);
    return sql_run(s, q, e);
}

static int sweep_sessions(struct store *s, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_SWEEP_SESSIONS, e);

    if (q == NULL)
        return -1;
    sql_number(q, 1, now - SESSION_IDLE_SECONDS);
    sql_number(q, 2, now - SESSION_SECONDS);
    return sql_run(s, q, e);
}

/* Whether there is anything to do: asked without the lock. */
static int anything_expired(bool *out, struct store *s, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ANY_EXPIRED, e);
    int rc;

    *out = false;
    if (q == NULL)
        return -1;
    sql_number(q, 1, now);
    sql_number(q, 2, now - SESSION_IDLE_SECONDS);
    sql_number(q, 3, now - SESSION_SECONDS);
    if (!sql_next(s, q, &rc, e))
        return rc;
    *out = true;
    sql_done(q);
    return 0;
}

/* Nothing in the queue waits an hour of its own accord. What does was written before the clock was set back,
 * and would wait as long as it was wrong. */
static int mend_clock(struct store *s, int64_t now, struct err *e)
{
    static const enum sql_statement all[] = {SQL_AHEAD_ENTRIES, SQL_AHEAD_FILINGS, SQL_AHEAD_LEASES,
                                             SQL_AHEAD_JOBS};
    sqlite3_stmt *q = sql_prepare(s, SQL_ANY_AHEAD, e);
    bool own;
    int rc;

    if (q == NULL)
        return -1;
    sql_number(q, 1, now);
    if (!sql_next(s, q, &rc, e))
        return rc;
    sql_done(q);
    if (store_enter(s, &own, e) != 0)
        return -1;
    for (size_t i = 0; rc == 0 && i < sizeof all / sizeof all[0]; i++)
        rc = sweep(s, all[i], now, e);
    return store_leave(s, own, rc, e);
}

int store_sweep(struct store *s, int64_t now, struct err *e)
{
    bool own, any;
    int rc;

    if (mend_clock(s, now, e) != 0 || anything_expired(&any, s, now, e) != 0)
        return -1;
    if (!any)
        return 0;
    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = sweep(s, SQL_SWEEP_EXPORTS, now, e) == 0 && sweep(s, SQL_SWEEP_LINKS, now, e) == 0 &&
                 sweep(s, SQL_SWEEP_PROGRESS, now, e) == 0 && sweep_sessions(s, now, e) == 0
             ? jobs_clear(s, e)
             : -1;
    return store_leave(s, own, rc, e);
}
