/* counters.c - every counter of numbers at once, for a directory that is made safe after a restore. */
#include "store/counters.h"
#include "store/store_internal.h"

int store_visit_counters(struct store *s, counter_visitor *visit, void *arg, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_COUNTERS, e);
    int rc = 0;

    if (q == NULL)
        return -1;
    while (sql_next(s, q, &rc, e)) {
        if (visit(arg, (const char *)sqlite3_column_text(q, 0), (uint64_t)sqlite3_column_int64(q, 1), e) == 0)
            continue;
        sql_done(q);
        return -1;
    }
    return rc;
}

int store_open_issuing(struct store *s, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_OPEN_ISSUING, e);

    return q == NULL ? -1 : sql_run(s, q, e);
}
