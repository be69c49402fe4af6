/* answers.c - the first answer under each Idempotency-Key. */
#include "store/store_internal.h"

int store_put_answer(struct store *s, const struct kept_answer *k, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PUT_ANSWER, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, k->owner);
    sql_text(q, 2, k->idempotency_key);
    sql_bytes(q, 3, k->request, SHA256_SIZE);
    sql_number(q, 4, k->status);
    sql_bytes(q, 5, k->body.ptr, k->body.len);
    sql_number(q, 6, now);
    return sql_run(s, q, e);
}

int store_answer(struct kept_answer *out, struct store *s, const char *owner, const char *idempotency_key,
                 struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ANSWER, e);
    bool fine = true;
    const char *body;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, owner);
    sql_text(q, 2, idempotency_key);
    if (!sql_row(s, q, &rc, e))
        return rc;
    *out = (struct kept_answer){.owner = sql_column_text(q, 0, a, &fine),
                                .idempotency_key = sql_column_text(q, 1, a, &fine),
                                .status = sqlite3_column_int(q, 3)};
    sql_column_bytes(out->request, SHA256_SIZE, q, 2);
    body = arena_slice(a, (struct slice){sqlite3_column_blob(q, 4), (size_t)sqlite3_column_bytes(q, 4)});
    out->body = (struct slice){(const uint8_t *)body, (size_t)sqlite3_column_bytes(q, 4)};
    sql_done(q);
    return fine && body != NULL ? 0 : err_no_memory(e);
}
