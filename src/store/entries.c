/* entries.c - the rows of a filing's list: added, numbered, given a photo, made. */
#include "store/store_internal.h"
#include <string.h>

static int twice_in_list(struct err *e, const struct entry_row *r)
{
    bool serial = strstr(e->detail, "entries.serial") != NULL;

    if (e->code != ERR_CONFLICT || (!serial && strstr(e->detail, "entries.id_number") == NULL))
        return -1;
    if (serial)
        err_set(e, ERR_CONFLICT, "The filing has a row with the serial %u already.",
                "该批复备案中已有序号为 %u 的记录。", r->serial);
    else
        err_set(e, ERR_CONFLICT, "The filing has a row with this document number already.",
                "该批复备案中已有此证件号码的记录，同一人员不能重复。");
    return err_field(e, serial ? "/serial" : "/id_number");
}

int store_add_entry(struct store *s, struct entry_row *r, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ADD_ENTRY, e);
    const char *values[] = {r->filing,
                            r->id,
                            r->name,
                            r->id_type,
                            r->id_number,
                            r->person[0] == '\0' ? NULL : r->person,
                            r->photo_id[0] == '\0' ? NULL : r->photo_id,
                            r->data_json};
    int rc;

    if (q == NULL || store_new_id(r->id, 0, e) != 0)
        return -1;
    r->id[8] = '\0'; /* the filing's id and the position are the rest */
    sql_texts(q, values, sizeof values / sizeof values[0]);
    sql_number(q, 9, r->serial);
    sql_number(q, 10, now);
    if (!sql_next(s, q, &rc, e)) {
        if (rc != 0)
            return twice_in_list(e, r);
        if (filing_check_editable(s, r->filing, e) != 0)
            return -1;
        return err_set(e, ERR_INTERNAL, "The row was not added.", "记录未能添加。");
    }
    sql_column_name(r->id, sizeof r->id, q, 0);
    r->position = (unsigned)sqlite3_column_int(q, 1);
    sql_column_name(r->photo_id, sizeof r->photo_id, q, 2);
    r->state = ENTRY_LISTED;
    r->changed = now;
    sql_done(q);
    return 0;
}

int store_clear_entries(struct store *s, const char *filing, struct err *e)
{
    bool own;
    sqlite3_stmt *q;
    int rc = -1;

    if (store_enter(s, &own, e) != 0)
        return -1;
    if (filing_check_editable(s, filing, e) == 0 && (q = sql_prepare(s, SQL_CLEAR_ENTRIES, e)) != NULL) {
        sql_text(q, 1, filing);
        rc = sql_run(s, q, e);
    }
    return store_leave(s, own, rc, e);
}

/* Who else has the number: a certificate; entries' own numbers are unique in their table. */
static int check_unused(struct store *s, const char *issuer, const char *number, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CERTIFICATE_OF_NUMBER, e);
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, issuer);
    sql_text(q, 2, number);
    if (!sql_next(s, q, &rc, e))
        return rc;
    sql_done(q);
    return err_set(e, ERR_CONFLICT, "The issuer has a certificate with this number already.",
                   "发证单位已有此编号的证书。");
}

static int write_number(struct store *s, const char *entry, const char *issuer, const char *number,
                        int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_NUMBER_ENTRY, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, entry);
    sql_text(q, 2, issuer);
    sql_text(q, 3, number);
    sql_number(q, 4, now);
    if (sql_run(s, q, e) != 0) {
        if (e->code == ERR_CONFLICT && strstr(e->detail, "entries.number") != NULL)
            err_set(e, ERR_CONFLICT, "Another entry has this number already.", "已有其他条目使用此编号。");
        return -1;
    }
    if (sqlite3_changes(s->db) == 1)
        return 0;
    return err_set(e, ERR_CONFLICT,
                   "Only an entry of an approved filing that has no number yet is given one.",
                   "只有审核通过、尚无编号的条目才能分配编号。");
}

int store_number_entry(struct store *s, const char *entry, const char *issuer, const char *number,
                       int64_t now, struct err *e)
{
    if (store_check_open(s, e) != 0 || check_unused(s, issuer, number, e) != 0)
        return -1;
    return write_number(s, entry, issuer, number, now, e);
}

static int take_photo(struct store *s, enum sql_statement which, const char *whose, const char *upload,
                      int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, which, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, whose);
    sql_text(q, 2, upload);
    sql_number(q, 3, now);
    return sql_run(s, q, e);
}

/* The entry's person, if their own organisation's, has this photo from now on, and so have their other
 * entries that have none. */
static int photo_of_person(struct store *s, const char *entry, const char *upload, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PERSON_OWN_PHOTO, e);
    char person[CERTIFICATE_ID_SIZE];
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, entry);
    sql_text(q, 2, upload);
    sql_number(q, 3, now);
    if (!sql_next(s, q, &rc, e))
        return rc;
    sql_column_name(person, sizeof person, q, 0);
    sql_done(q);
    return take_photo(s, SQL_PERSON_OTHER_ENTRIES, person, upload, now, e);
}

static int set_photo(struct store *s, const char *entry, const char *upload, int64_t now, struct err *e)
{
    if (take_photo(s, SQL_ENTRY_PHOTO, entry, upload, now, e) != 0)
        return -1;
    if (sqlite3_changes(s->db) != 1)
        return err_set(e, ERR_CONFLICT,
                       "The entry's certificate was made, or is being made, so its photo stays; replace the "
                       "certificate for another photo.",
                       "该条目的证书已生成或正在生成，照片不能更换；如需更换请办理换发。");
    return photo_of_person(s, entry, upload, now, e);
}

int store_set_entry_photo(struct store *s, const char *entry, const char *upload, int64_t now, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct entry_row r;
    struct upload u;
    bool own;
    int rc = -1;

    if (store_enter(s, &own, e) != 0)
        return -1;
    if (store_upload(&u, s, upload, &a, e) == 0 && store_entry(&r, s, entry, &a, e) == 0)
        rc = set_photo(s, entry, upload, now, e);
    arena_dispose(&a);
    return store_leave(s, own, rc, e);
}

static int remove_entry(struct store *s, const struct filing_event *ev, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_REMOVE_ENTRY, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, ev->entry);
    sql_text(q, 2, ev->filing);
    sql_number(q, 3, ev->moment);
    if (sql_run(s, q, e) != 0)
        return -1;
    if (sqlite3_changes(s->db) == 1)
        return store_add_filing_event(s, ev, e);
    return err_set(e, ERR_CONFLICT,
                   "Only an entry that has no number yet is removed; revoke its certificate instead.",
                   "已分配编号的条目不能核减，请撤销其证书。");
}

int store_remove_entry(struct store *s, const struct filing_event *ev, struct err *e)
{
    bool own;

    if (store_enter(s, &own, e) != 0)
        return -1;
    return store_leave(s, own, remove_entry(s, ev, e), e);
}

int store_correct_entry(struct store *s, const char *entry, const char *name, const char *id_type,
                        const char *id_number, const char *data_json, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CORRECT_ENTRY, e);
    const char *values[] = {entry, name, id_type, id_number, data_json};

    if (q == NULL)
        return -1;
    sql_texts(q, values, sizeof values / sizeof values[0]);
    sql_number(q, 6, now);
    if (sql_run(s, q, e) != 0)
        return twice_in_list(e, &(struct entry_row){.serial = 0});
    if (sqlite3_changes(s->db) == 1)
        return 0;
    return err_set(e, ERR_CONFLICT,
                   "The entry has no number yet, or its certificate is being made now; try again later.",
                   "该条目尚无编号，或其证书正在生成，请稍后再更正。");
}

int store_retry_entries(struct store *s, const char *filing, const char *entry, int64_t now, size_t *count,
                        struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, entry == NULL ? SQL_RETRY_ENTRIES : SQL_RETRY_ENTRY, e);

    *count = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    if (entry != NULL)
        sql_text(q, 2, entry);
    sql_number(q, 3, now);
    if (sql_run(s, q, e) != 0)
        return -1;
    *count = (size_t)sqlite3_changes(s->db);
    return 0;
}

static int add_progress(struct store *s, const char *filing, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PROGRESS, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    sql_number(q, 2, now);
    return sql_run(s, q, e);
}

/* Where the entry has a certificate already: this one came after it. */
static int newer_certificate(struct store *s, const char *entry, const char *certificate, int64_t now,
                             struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ENTRY_CERTIFICATE, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, entry);
    sql_text(q, 2, certificate);
    sql_number(q, 3, now);
    if (sql_run(s, q, e) != 0)
        return -1;
    if (sqlite3_changes(s->db) == 1)
        return 0;
    return err_set(e, ERR_CONFLICT, "The entry has no number, so no certificate is its own.",
                   "该条目尚无编号，不能登记证书。");
}

static int give_certificate(struct store *s, const char *entry, const char *certificate, int64_t now,
                            struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ENTRY_MADE, e);
    char filing[CERTIFICATE_ID_SIZE];
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, entry);
    sql_text(q, 2, certificate);
    sql_number(q, 3, now);
    if (!sql_next(s, q, &rc, e))
        return rc != 0 ? rc : newer_certificate(s, entry, certificate, now, e);
    sql_column_name(filing, sizeof filing, q, 0);
    sql_done(q);
    return add_progress(s, filing, now, e);
}

int store_set_entry_certificate(struct store *s, const char *entry, const char *certificate, int64_t now,
                                struct err *e)
{
    bool own;

    if (store_enter(s, &own, e) != 0)
        return -1;
    return store_leave(s, own, give_certificate(s, entry, certificate, now, e), e);
}
