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

int store_issuing_closed(const char **why, struct store *s, struct arena *a, struct err *e)
{
    if (store_setting(why, s, "issuing_closed", a, e) != 0)
        return -1;
    if (*why != NULL && **why == '\0')
        *why = NULL;
    return 0;
}

int store_check_open(struct store *s, struct err *e)
{
    struct arena a = ARENA_INIT;
    const char *why;
    int rc = store_issuing_closed(&why, s, &a, e);

    if (rc == 0 && why != NULL)
        rc = err_set(e, ERR_UNAVAILABLE,
                     "Issuing is closed: %s. Run \"sealpress recover\", which raises every counter above the "
                     "papers that are out; then go on.",
                     "已停止签发：%s。请运行 “sealpress recover”，将各计数器提升到已发证书之上，然后继续。",
                     why);
    arena_dispose(&a);
    return rc;
}
