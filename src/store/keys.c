/* keys.c - keys of the API: their hashes, and what they may do. */
#include "store/store_internal.h"

int store_put_key(struct store *s, const struct api_key *k, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PUT_KEY, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, k->id);
    sql_bytes(q, 2, k->hash, SHA256_SIZE);
    sql_text(q, 3, k->name);
    sql_text(q, 4, k->organisation);
    sql_text(q, 5, k->scopes);
    sql_number(q, 6, k->created);
    sql_number(q, 7, k->expires);
    sql_number(q, 8, k->revoked);
    sql_text(q, 9, k->origins);
    return sql_run(s, q, e);
}

static void take_key(void *key, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    struct api_key *out = key;

    *out = (struct api_key){.name = sql_column_text(q, 2, a, fine),
                            .organisation = sql_column_text(q, 3, a, fine),
                            .scopes = sql_column_text(q, 4, a, fine),
                            .created = sqlite3_column_int64(q, 5),
                            .expires = sqlite3_column_int64(q, 6),
                            .revoked = sqlite3_column_int64(q, 7),
                            .origins = sql_column_text(q, 8, a, fine)};
    sql_column_name(out->id, sizeof out->id, q, 0);
    sql_column_bytes(out->hash, SHA256_SIZE, q, 1);
}

int store_key(struct api_key *out, struct store *s, const char *id, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_KEY, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    if (!sql_row(s, q, &rc, e))
        return rc;
    take_key(out, q, a, &fine);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_list_keys(struct api_key **out, size_t *count, struct store *s, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_KEYS, e);
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    *out = sql_list(count, &rc, s, q, sizeof(struct api_key), take_key, a, e);
    return rc;
}

int store_revoke_key(struct store *s, const char *id, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_REVOKE_KEY, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    sql_number(q, 2, now);
    if (sql_run(s, q, e) != 0)
        return -1;
    if (sqlite3_changes(s->db) == 1)
        return 0;
    return err_set(e, ERR_NOT_FOUND, "There is no key %s; \"sealpress key list\" shows those there are.",
                   "没有密钥 %s，可用 “sealpress key list” 查看。", id);
}
