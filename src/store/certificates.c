/* certificates.c - the journal: numbers, and how one row is found. */
#include "store/store_internal.h"
#include <string.h>

int store_last_serial(uint64_t *out, struct store *s, const char *counter, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_LAST_SERIAL, e);
    int rc;

    *out = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, counter);
    if (!sql_row(s, q, &rc, e)) /* without any, one row with NULL, which reads as 0 */
        return rc;
    *out = (uint64_t)sqlite3_column_int64(q, 0);
    sql_done(q);
    return 0;
}

int store_set_serial(struct store *s, const char *issuer, const char *counter, uint64_t serial, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_SET_SERIAL, e);

    if (q == NULL || store_check_open(s, e) != 0)
        return -1;
    sql_text(q, 1, issuer);
    sql_text(q, 2, counter);
    sql_number(q, 3, (int64_t)serial);
    return sql_run(s, q, e);
}

int store_number_taken(bool *out, struct store *s, const char *issuer, const char *number, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_NUMBER_TAKEN, e);
    int rc;

    *out = false;
    if (q == NULL)
        return -1;
    sql_text(q, 1, issuer);
    sql_text(q, 2, number);
    if (!sql_row(s, q, &rc, e))
        return e->code == ERR_NOT_FOUND ? 0 : rc;
    *out = true;
    sql_done(q);
    return 0;
}

const char *certificate_state_name(enum certificate_state state)
{
    return state == CERTIFICATE_ISSUED ? "issued" : "reserved";
}

static void read_file_columns(struct certificate_row *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    out->issued = sqlite3_column_int64(q, 14);
    out->file_size = (uint64_t)sqlite3_column_int64(q, 15);
    sql_column_bytes(out->file_sha256, SHA256_SIZE, q, 16);
    out->file_crc32 = (uint32_t)sqlite3_column_int64(q, 17);
    out->seals_json = sql_column_text(q, 18, a, fine);
    out->file_checked = sqlite3_column_int64(q, 25);
    out->file_fault = sqlite3_column_int64(q, 26);
}

static void read_status_columns(struct certificate_row *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    const char *status = (const char *)sqlite3_column_text(q, 19);

    *fine = *fine && status != NULL && certificate_status_parse(&out->status, status);
    out->status_time = sqlite3_column_int64(q, 20);
    out->status_reason = sql_column_text(q, 21, a, fine);
    out->status_document = sql_column_text(q, 22, a, fine);
    sql_column_name(out->replaces, sizeof out->replaces, q, 23);
    sql_column_name(out->replaced_by, sizeof out->replaced_by, q, 24);
    out->actor = sql_column_text(q, 27, a, fine);
    out->reason = sql_column_text(q, 28, a, fine);
    out->version = sqlite3_column_int(q, 29);
    sql_column_name(out->entry, sizeof out->entry, q, 30);
    out->issuer_grantee = sql_column_text(q, 31, a, fine);
    out->handed_out = sqlite3_column_int64(q, 32);
    out->recorded = sqlite3_column_int(q, 33) != 0;
}

int certificate_at(struct certificate_row *out, sqlite3_stmt *q, struct arena *a, struct err *e)
{
    const char *state = (const char *)sqlite3_column_text(q, 13);
    bool fine = state != NULL;

    *out = (struct certificate_row){.state = CERTIFICATE_RESERVED};
    if (fine && strcmp(state, "issued") == 0)
        out->state = CERTIFICATE_ISSUED;
    sql_column_name(out->id, sizeof out->id, q, 0);
    sql_column_name(out->token, sizeof out->token, q, 1);
    out->organisation = sql_column_text(q, 2, a, &fine);
    out->profile = sql_column_text(q, 3, a, &fine);
    out->issuer = sql_column_text(q, 4, a, &fine);
    out->biz_no = sql_column_text(q, 5, a, &fine);
    out->number = sql_column_text(q, 6, a, &fine);
    out->template_name = sql_column_text(q, 7, a, &fine);
    sql_column_bytes(out->content_hash, SHA256_SIZE, q, 8);
    out->order_json = sql_column_text(q, 9, a, &fine);
    out->record_json = sql_column_text(q, 10, a, &fine);
    sql_column_bytes(out->photo, SHA256_SIZE, q, 11);
    out->created = sqlite3_column_int64(q, 12);
    read_file_columns(out, q, a, &fine);
    read_status_columns(out, q, a, &fine);
    return fine ? 0 : err_no_memory(e);
}

int certificate_only(struct certificate_row *out, struct store *s, sqlite3_stmt *q, struct arena *a,
                     struct err *e)
{
    int rc;

    if (!sql_row(s, q, &rc, e))
        return rc;
    rc = certificate_at(out, q, a, e);
    sql_done(q);
    return rc;
}

int store_certificate(struct certificate_row *out, struct store *s, const char *id, struct arena *a,
                      struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CERTIFICATE, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    return certificate_only(out, s, q, a, e);
}

int store_certificate_by_biz_no(struct certificate_row *out, struct store *s, const char *organisation,
                                const char *biz_no, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CERTIFICATE_BY_BIZ_NO, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, organisation);
    sql_text(q, 2, biz_no);
    return certificate_only(out, s, q, a, e);
}

int store_certificate_by_token(struct certificate_row *out, struct store *s, const char *token,
                               struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CERTIFICATE_BY_TOKEN, e);
    char asked[TOKEN_SIZE + 1]; /* one more than any token has: one that is too long stays wrong */

    if (q == NULL)
        return -1;
    (void)snprintf(asked, sizeof asked, "%s", token == NULL ? "" : token);
    sql_text(q, 1, asked);
    return certificate_only(out, s, q, a, e);
}

int store_certificate_by_file(struct certificate_row *out, struct store *s, const uint8_t sha[SHA256_SIZE],
                              struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CERTIFICATE_BY_FILE, e);

    if (q == NULL)
        return -1;
    sql_bytes(q, 1, sha, SHA256_SIZE);
    return certificate_only(out, s, q, a, e);
}

int store_oldest_unfinished(char id[CERTIFICATE_ID_SIZE], struct store *s, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_OLDEST_UNFINISHED, e);
    int rc;

    if (q == NULL || !sql_row(s, q, &rc, e))
        return -1;
    sql_column_name(id, CERTIFICATE_ID_SIZE, q, 0);
    sql_done(q);
    return 0;
}

int store_next_unfinished(char id[CERTIFICATE_ID_SIZE], struct store *s, const char *after, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_NEXT_UNFINISHED, e);
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, after);
    if (!sql_row(s, q, &rc, e))
        return rc;
    (void)snprintf(id, CERTIFICATE_ID_SIZE, "%s", (const char *)sqlite3_column_text(q, 0));
    sql_done(q);
    return 0;
}

int store_registered_time(bool *found, int64_t *moment, struct store *s, const uint8_t sha[SHA256_SIZE],
                          struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_REGISTERED_TIME, e);
    int rc;

    *found = false;
    if (q == NULL)
        return -1;
    sql_bytes(q, 1, sha, SHA256_SIZE);
    if (!sql_row(s, q, &rc, e))
        return e->code == ERR_NOT_FOUND ? 0 : rc;
    *moment = sqlite3_column_int64(q, 0);
    *found = true;
    sql_done(q);
    return 0;
}
