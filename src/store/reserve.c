/* reserve.c - rows of the journal made: reserved, then issued; or recorded. */
#include "store/store_internal.h"
#include <assert.h>
#include <string.h>

/* Whether the certificate `replaces` may be replaced by another one now. */
static int check_replaceable(struct store *s, const char *replaces, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_REPLACEMENT, e);
    enum certificate_status status;
    bool issued;
    int rc;

    if (q == NULL || certificate_standing(&issued, &status, s, replaces, e) != 0)
        return -1;
    if (!issued || status != STATUS_VALID)
        return err_set(e, ERR_CONFLICT, "The certificate is not valid any more, so it cannot be replaced.",
                       "原证书已不是有效状态，不能补换发。");
    sql_text(q, 1, replaces);
    if (!sql_next(s, q, &rc, e))
        return rc;
    err_set(e, ERR_CONFLICT, "The certificate has a replacement already: %s.",
            "原证书已经补换发，新证书编号为 %s。", (const char *)sqlite3_column_text(q, 0));
    sql_done(q);
    return -1;
}

/* A correction keeps the number of what it corrects, one version on, while nobody has the old file. */
static int check_version(struct store *s, const struct certificate_row *r, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PREDECESSOR, e);
    bool follows, handed_out;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, r->replaces);
    if (!sql_row(s, q, &rc, e))
        return rc;
    follows = strcmp((const char *)sqlite3_column_text(q, 0), r->issuer) == 0 &&
              strcmp((const char *)sqlite3_column_text(q, 1), r->number) == 0 &&
              sqlite3_column_int(q, 2) + 1 == r->version;
    handed_out = sqlite3_column_int64(q, 3) != 0;
    sql_done(q);
    if (!follows)
        return err_set(e, ERR_CONFLICT,
                       "A correction is the next version of the certificate, under the same number.",
                       "更正须沿用原证书编号，且为其下一版本。");
    if (!handed_out)
        return 0;
    return err_set(e, ERR_CONFLICT,
                   "The certificate was handed out already, so it cannot be corrected; replace it (换发).",
                   "证书已发放，不能直接更正，请办理换发。");
}

static int number_is_taken(struct err *e)
{
    return err_set(e, ERR_CONFLICT, "The issuer has given this number out already.",
                   "该编号已被使用，不能重复。");
}

/* A number that a filing's entry was given is for the certificate of that entry only. */
static int check_number(struct store *s, const struct certificate_row *r, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ENTRY_OF_NUMBER, e);
    char id[CERTIFICATE_ID_SIZE] = "";
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, r->issuer);
    sql_text(q, 2, r->number);
    if (sql_next(s, q, &rc, e)) {
        sql_column_name(id, sizeof id, q, 0);
        sql_done(q);
    }
    if (rc != 0)
        return rc;
    return id[0] == '\0' || strcmp(id, r->entry) == 0 ? 0 : number_is_taken(e);
}

/* Whether the row is what its entry waits for, and fence (0: not asked) still counts. */
static int check_entry(struct store *s, const struct certificate_row *r, int64_t fence, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_NUMBER_OF_ENTRY, e);
    const char *issuer, *number, *state;
    bool same, working, made;
    int64_t now;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, r->entry);
    if (!sql_row(s, q, &rc, e))
        return rc;
    issuer = (const char *)sqlite3_column_text(q, 0);
    number = (const char *)sqlite3_column_text(q, 1);
    state = (const char *)sqlite3_column_text(q, 2);
    same =
        number != NULL && issuer != NULL && strcmp(number, r->number) == 0 && strcmp(issuer, r->issuer) == 0;
    working = strcmp(state, "working") == 0;
    made = strcmp(state, "made") == 0;
    now = sqlite3_column_int64(q, 3);
    sql_done(q);
    if (fence != 0 && (!working || now != fence))
        return err_set(e, ERR_CONFLICT, "Another worker has taken this entry over.",
                       "该条目已由其他工作进程接手。");
    if (r->replaces[0] == '\0' && !same)
        return err_set(e, ERR_CONFLICT, "The entry was given another number.", "该条目的编号与此不同。");
    if (r->replaces[0] == '\0' && made)
        return err_set(e, ERR_CONFLICT, "The entry has its certificate already.", "该条目的证书已生成。");
    return 0;
}

static void bind_row(sqlite3_stmt *q, const struct certificate_row *r)
{
    const char *values[] = {r->id,     r->token,  r->organisation, r->profile,
                            r->issuer, r->biz_no, r->number,       r->template_name};

    sql_texts(q, values, sizeof values / sizeof values[0]);
    sql_bytes(q, 9, r->content_hash, SHA256_SIZE);
    sql_text(q, 10, r->order_json);
    sql_text(q, 11, r->record_json);
    sql_number(q, 13, r->created);
    sql_text(q, 14, r->replaces[0] == '\0' ? NULL : r->replaces);
    sql_text(q, 15, r->actor);
    sql_text(q, 16, r->reason);
    sql_number(q, 17, r->version == 0 ? 1 : r->version);
    sql_text(q, 18, r->entry[0] == '\0' ? NULL : r->entry);
    sql_text(q, 19, r->issuer_grantee);
}

static int write_reserved(struct store *s, const struct certificate_row *r, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_RESERVE, e);

    if (q == NULL)
        return -1;
    bind_row(q, r);
    sql_bytes(q, 12, r->photo, SHA256_SIZE);
    return sql_run(s, q, e);
}

int store_reserve_entry(struct store *s, const struct certificate_row *r, int64_t fence, struct err *e)
{
    bool own;
    int rc;

    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = store_check_open(s, e);
    if (rc == 0 && r->replaces[0] != '\0')
        rc = check_replaceable(s, r->replaces, e);
    if (rc == 0 && r->version > 1)
        rc = check_version(s, r, e);
    if (rc == 0 && r->entry[0] != '\0')
        rc = check_entry(s, r, fence, e);
    if (rc == 0)
        rc = check_number(s, r, e);
    if (rc == 0)
        rc = write_reserved(s, r, e);
    return store_leave(s, own, rc, e);
}

int store_reserve(struct store *s, const struct certificate_row *r, struct err *e)
{
    return store_reserve_entry(s, r, 0, e);
}

static int write_recorded(struct store *s, const struct certificate_row *r, struct err *e)
{
    static const uint8_t none[SHA256_SIZE];
    sqlite3_stmt *q = sql_prepare(s, SQL_RECORD, e);
    struct certificate_row row = *r;

    if (q == NULL)
        return -1;
    row.template_name = r->template_name == NULL ? "" : r->template_name;
    row.order_json = r->order_json == NULL ? "{}" : r->order_json;
    bind_row(q, &row);
    if (memcmp(r->photo, none, SHA256_SIZE) != 0)
        sql_bytes(q, 12, r->photo, SHA256_SIZE);
    sql_number(q, 20, r->issued);
    if (r->file_size > 0) {
        sql_number(q, 21, (int64_t)r->file_size);
        sql_bytes(q, 22, r->file_sha256, SHA256_SIZE);
        sql_number(q, 23, r->file_crc32);
    }
    return sql_run(s, q, e);
}

int store_record_certificate(struct store *s, const struct certificate_row *r, struct err *e)
{
    struct certificate_event ev = {.moment = r->created,
                                   .certificate = r->id,
                                   .event = "recorded",
                                   .actor = r->actor,
                                   .reason = r->reason};
    bool own;
    int rc;

    assert(r->recorded && r->replaces[0] == '\0' && r->entry[0] == '\0');
    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = store_check_open(s, e) == 0 && check_number(s, r, e) == 0 && write_recorded(s, r, e) == 0
             ? store_add_event(s, &ev, e)
             : -1;
    return store_leave(s, own, rc, e);
}

static int write_record_file(struct store *s, const char *id, struct slice pdf,
                             const uint8_t sha[SHA256_SIZE], int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_RECORD_FILE, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    sql_number(q, 2, (int64_t)pdf.len);
    sql_bytes(q, 3, sha, SHA256_SIZE);
    sql_number(q, 4, crc32_of(pdf));
    sql_number(q, 5, now);
    return sql_run(s, q, e);
}

/* Inside the transaction, so that of two who send a file for one record the second finds the first one's. The
 * file is on the disk before the row names it; one without a row is written over by the next. */
static int add_record_file(struct store *s, const char *id, struct slice pdf, int64_t now, const char *actor,
                           struct err *e)
{
    struct certificate_event ev = {.moment = now, .certificate = id, .event = "file-added", .actor = actor};
    struct arena a = ARENA_INIT;
    struct certificate_row row;
    uint8_t sha[SHA256_SIZE];
    int rc = store_certificate(&row, s, id, &a, e);

    sha256(sha, pdf);
    if (rc == 0 && !row.recorded)
        rc = err_set(e, ERR_CONFLICT,
                     "Only old certificates (历史证书) are given a file; this one was made here.",
                     "只有历史证书可以补充电子文件；此证书由本系统生成。");
    else if (rc == 0 && row.file_size > 0)
        rc = memcmp(sha, row.file_sha256, sizeof sha) == 0
                 ? 0
                 : err_set(e, ERR_CONFLICT, "This certificate has a file already, which stays as it is.",
                           "此证书已有电子文件，不能更换。");
    else if (rc == 0 && (store_put_file(s, id, pdf, e) != 0 ||
                         write_record_file(s, id, pdf, sha, now, e) != 0 || store_add_event(s, &ev, e) != 0))
        rc = -1;
    arena_dispose(&a);
    return rc;
}

int store_put_recorded_file(struct store *s, const char *id, struct slice pdf, int64_t now, const char *actor,
                            struct err *e)
{
    bool own;

    if (store_enter(s, &own, e) != 0)
        return -1;
    return store_leave(s, own, add_record_file(s, id, pdf, now, actor, e), e);
}

int store_handed_out(struct store *s, const char *id, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_HANDED_OUT, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    sql_number(q, 2, now);
    return sql_run(s, q, e);
}

static int write_issued(struct store *s, const struct certificate_row *r, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ISSUED, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, r->id);
    sql_number(q, 2, r->issued);
    sql_number(q, 3, (int64_t)r->file_size);
    sql_bytes(q, 4, r->file_sha256, SHA256_SIZE);
    sql_number(q, 5, r->file_crc32);
    sql_text(q, 6, r->seals_json);
    if (sql_run(s, q, e) != 0)
        return -1;
    if (sqlite3_changes(s->db) == 1)
        return 0;
    return err_set(e, ERR_CONFLICT, "This certificate was issued by another process already.",
                   "此证书已由其他进程办结。");
}

/* Who ordered the row that was reserved, why, and what it replaces; texts are the arena's. */
static int read_origin(struct certificate_row *out, struct store *s, const char *id, struct arena *a,
                       struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ORIGIN, e);
    bool fine = true;
    int rc;

    *out = (struct certificate_row){0};
    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    if (!sql_row(s, q, &rc, e))
        return rc;
    out->actor = sql_column_text(q, 0, a, &fine);
    out->reason = sql_column_text(q, 1, a, &fine);
    sql_column_name(out->replaces, sizeof out->replaces, q, 2);
    out->version = sqlite3_column_int(q, 3);
    sql_column_name(out->entry, sizeof out->entry, q, 4);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

/* The certificate that the new one replaces. */
static int replace_old(struct store *s, const char *old, const char *replacement, bool corrected,
                       const struct certificate_event *ev, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_SET_REPLACED_BY, e);
    enum certificate_status status;
    bool issued;

    if (q == NULL)
        return -1;
    sql_text(q, 1, old);
    sql_text(q, 2, replacement);
    if (sql_run(s, q, e) != 0 || certificate_standing(&issued, &status, s, old, e) != 0)
        return -1;
    if (status != STATUS_VALID && status != STATUS_SUSPENDED)
        return 0; /* revoked or cancelled meanwhile, and that is final */
    return certificate_set_status(s, old, STATUS_REPLACED, corrected ? "corrected" : NULL, ev, e);
}

int store_issued(struct store *s, const struct certificate_row *r, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct certificate_row origin;
    struct certificate_event ev;
    bool own;
    int rc = -1;

    if (store_enter(s, &own, e) != 0)
        return -1;
    if (write_issued(s, r, e) == 0 && read_origin(&origin, s, r->id, &a, e) == 0) {
        ev = (struct certificate_event){
            .moment = r->issued, .certificate = r->id, .event = "issued", .actor = origin.actor};
        rc = store_add_event(s, &ev, e);
        ev.reason = origin.reason;
        if (rc == 0 && origin.replaces[0] != '\0')
            rc = replace_old(s, origin.replaces, r->id, origin.version > 1, &ev, e);
        if (rc == 0 && origin.entry[0] != '\0')
            rc = store_set_entry_certificate(s, origin.entry, r->id, r->issued, e);
    }
    arena_dispose(&a);
    return store_leave(s, own, rc, e);
}
