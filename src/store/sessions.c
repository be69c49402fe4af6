/* sessions.c - who is signed in to the console. */
#include "store/jobs.h"
#include "store/store_internal.h"

enum { NOTED_EVERY_SECONDS = 60 };

int store_add_session(struct store *s, const struct session_row *r, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ADD_SESSION, e);

    if (q == NULL)
        return -1;
    sql_bytes(q, 1, r->token, SHA256_SIZE);
    sql_text(q, 2, r->key_id);
    sql_text(q, 3, r->form_token);
    sql_number(q, 4, r->created);
    sql_number(q, 5, r->seen);
    return sql_run(s, q, e);
}

/* A disk that is full ends no session. */
static void note_seen(struct store *s, const uint8_t token[SHA256_SIZE], int64_t now)
{
    struct err unasked;
    sqlite3_stmt *q = sql_prepare(s, SQL_SESSION_SEEN, &unasked);

    if (q == NULL)
        return;
    sql_bytes(q, 1, token, SHA256_SIZE);
    sql_number(q, 2, now);
    if (sql_run(s, q, &unasked) != 0)
        return;
}

int store_find_session(struct session_row *out, struct store *s, const uint8_t token[SHA256_SIZE],
                       int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_SESSION, e);
    int rc;

    if (q == NULL)
        return -1;
    sql_bytes(q, 1, token, SHA256_SIZE);
    sql_number(q, 2, now - SESSION_IDLE_SECONDS);
    sql_number(q, 3, now - SESSION_SECONDS);
    sql_number(q, 4, now);
    if (!sql_row(s, q, &rc, e))
        return rc;
    *out = (struct session_row){.created = sqlite3_column_int64(q, 3), .seen = sqlite3_column_int64(q, 4)};
    sql_column_bytes(out->token, SHA256_SIZE, q, 0);
    sql_column_name(out->key_id, sizeof out->key_id, q, 1);
    sql_column_name(out->form_token, sizeof out->form_token, q, 2);
    sql_done(q);
    return 0;
}

int store_session(struct session_row *out, struct store *s, const uint8_t token[SHA256_SIZE], int64_t now,
                  struct err *e)
{
    if (store_find_session(out, s, token, now, e) != 0)
        return -1;
    if (now - out->seen >= NOTED_EVERY_SECONDS)
        note_seen(s, token, now);
    return 0;
}

int store_end_session(struct store *s, const uint8_t token[SHA256_SIZE], struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_END_SESSION, e);

    if (q == NULL)
        return -1;
    sql_bytes(q, 1, token, SHA256_SIZE);
    return sql_run(s, q, e);
}
