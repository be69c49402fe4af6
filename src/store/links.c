/* links.c - links that are good once, for one browser. */
#include "store/jobs.h"
#include "store/store_internal.h"
#include <string.h>

static const char *const kinds[] = {
    [LINK_CERTIFICATE] = "certificate", [LINK_EXPORT] = "export", [LINK_PHOTO] = "photo"};

int store_add_link(struct store *s, const struct link_row *l, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ADD_LINK, e);

    if (q == NULL)
        return -1;
    sql_bytes(q, 1, l->token, SHA256_SIZE);
    sql_text(q, 2, kinds[l->kind]);
    sql_text(q, 3, l->subject);
    sql_text(q, 4, l->entry);
    sql_text(q, 5, l->organisation);
    sql_text(q, 6, l->actor);
    sql_text(q, 7, l->origins);
    sql_number(q, 8, l->created);
    sql_number(q, 9, l->expires);
    return sql_run(s, q, e);
}

static void take_link(struct link_row *l, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    const char *kind = (const char *)sqlite3_column_text(q, 1);

    *l = (struct link_row){.kind = LINK_CERTIFICATE,
                           .subject = sql_column_text(q, 2, a, fine),
                           .entry = sql_column_text(q, 3, a, fine),
                           .organisation = sql_column_text(q, 4, a, fine),
                           .actor = sql_column_text(q, 5, a, fine),
                           .origins = sql_column_text(q, 6, a, fine),
                           .created = sqlite3_column_int64(q, 7),
                           .expires = sqlite3_column_int64(q, 8),
                           .used = sqlite3_column_int64(q, 9)};
    sql_column_bytes(l->token, SHA256_SIZE, q, 0);
    sql_column_bytes(l->browser, SHA256_SIZE, q, 10);
    *fine = *fine && kind != NULL;
    for (int i = 0; kind != NULL && i <= LINK_PHOTO; i++) {
        if (strcmp(kinds[i], kind) == 0)
            l->kind = (enum link_kind)i;
    }
}

int store_link(struct link_row *out, struct store *s, const uint8_t token[SHA256_SIZE], int64_t now,
               struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_LINK, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    sql_bytes(q, 1, token, SHA256_SIZE);
    sql_number(q, 2, now);
    if (!sql_row(s, q, &rc, e))
        return rc;
    take_link(out, q, a, &fine);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_use_link(struct store *s, const uint8_t token[SHA256_SIZE], const uint8_t browser[SHA256_SIZE],
                   int64_t now, bool *first, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_USE_LINK, e);

    *first = false;
    if (q == NULL)
        return -1;
    sql_bytes(q, 1, token, SHA256_SIZE);
    sql_bytes(q, 2, browser, SHA256_SIZE);
    sql_number(q, 3, now);
    sql_number(q, 4, now + EXPORT_DAYS * 24 * 60 * 60);
    if (sql_run(s, q, e) != 0)
        return -1;
    *first = sqlite3_changes(s->db) == 1;
    return 0;
}
