/* settings.c - single values of the installation, and whether anything can be written at all. */
#include "store/store_internal.h"

int store_put_setting(struct store *s, const char *name, const char *value, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PUT_SETTING, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, name);
    sql_text(q, 2, value);
    return sql_run(s, q, e);
}

int store_setting(const char **value, struct store *s, const char *name, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_SETTING, e);
    bool fine = true;
    int rc;

    *value = NULL;
    if (q == NULL)
        return -1;
    sql_text(q, 1, name);
    if (!sql_row(s, q, &rc, e))
        return e->code == ERR_NOT_FOUND ? 0 : rc;
    *value = sql_column_text(q, 0, a, &fine);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_probe(struct store *s, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PROBE, e);

    if (q == NULL)
        return -1;
    sql_number(q, 1, now);
    return sql_run(s, q, e);
}
