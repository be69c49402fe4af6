/* sqlite.c - the store on SQLite. */
#include "base/file.h"
#include "store/schema.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 10000 };

struct store {
    sqlite3 *db;
    sqlite3_stmt *prepared[STATEMENTS];
    char data_dir[PATH_MAX];
};

/* Why SQLite did not do it. */
static int failed(struct store *s, struct err *e)
{
    int code = s->db == NULL ? SQLITE_NOMEM : sqlite3_extended_errcode(s->db);

    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        err_set(e, ERR_CONFLICT, "The store already has a row with this key.", "库中已有相同的记录。");
        break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
        err_set(e, ERR_UNAVAILABLE,
                "The database cannot be written or read: is the disk full? Nothing was lost; try again.",
                "数据库无法读写，磁盘是否已满？没有数据丢失，请处理后重试。");
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        err_set(e, ERR_UNAVAILABLE, "Another process holds the database; try again.",
                "数据库正被其他进程占用，请重试。");
        break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
        err_set(e, ERR_UNAVAILABLE,
                "The database in %s cannot be opened for this; check who may write there.",
                "无法打开 %s 中的数据库，请检查目录权限。", s->data_dir);
        break;
    case SQLITE_NOMEM:
        (void)err_no_memory(e);
        break;
    default:
        err_set(e, ERR_INTERNAL, "The database in %s is damaged or not ours; restore it from a backup.",
                "%s 中的数据库已损坏或不属于本程序，请从备份恢复。", s->data_dir);
    }
    return err_detail(e, "sqlite %d: %s", code, s->db == NULL ? "" : sqlite3_errmsg(s->db));
}

/* The statement, ready for binding; NULL with *e filled. */
static sqlite3_stmt *statement(struct store *s, enum statement which, struct err *e)
{
    if (s->prepared[which] == NULL &&
        sqlite3_prepare_v3(s->db, statements[which], -1, SQLITE_PREPARE_PERSISTENT, &s->prepared[which],
                           NULL) != SQLITE_OK)
        (void)failed(s, e);
    return s->prepared[which];
}

static void bind_text(sqlite3_stmt *q, int at, const char *text)
{
    if (text != NULL)
        (void)sqlite3_bind_text(q, at, text, -1, SQLITE_STATIC);
}

/* ?1 and on. */
static void bind_texts(sqlite3_stmt *q, const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bind_text(q, (int)i + 1, values[i]);
}

static void bind_bytes(sqlite3_stmt *q, int at, const void *bytes, size_t len)
{
    (void)sqlite3_bind_blob64(q, at, bytes, len, SQLITE_STATIC);
}

static void done(sqlite3_stmt *q)
{
    (void)sqlite3_reset(q);
    (void)sqlite3_clear_bindings(q);
}

/* Runs a statement that returns no row. */
static int run(struct store *s, sqlite3_stmt *q, struct err *e)
{
    int rc = sqlite3_step(q) == SQLITE_DONE ? 0 : failed(s, e);

    done(q);
    return rc;
}

/* Steps to the only row; false (rc set) where there is none or it failed. */
static bool row(struct store *s, sqlite3_stmt *q, int *rc, struct err *e)
{
    int step = sqlite3_step(q);

    *rc = 0;
    if (step == SQLITE_ROW)
        return true;
    if (step == SQLITE_DONE)
        *rc = err_set(e, ERR_NOT_FOUND, "The store has no such record.", "库中没有此记录。");
    else
        *rc = failed(s, e);
    done(q);
    return false;
}

static const char *text(sqlite3_stmt *q, int column, struct arena *a, bool *fine)
{
    const unsigned char *value = sqlite3_column_text(q, column);
    const char *kept = value == NULL ? NULL : arena_text(a, (const char *)value);

    *fine = *fine && (value == NULL || kept != NULL);
    return kept;
}

static void bytes(uint8_t *out, size_t len, sqlite3_stmt *q, int column)
{
    const void *value = sqlite3_column_blob(q, column);

    memset(out, 0, len);
    if (value != NULL && (size_t)sqlite3_column_bytes(q, column) == len)
        memcpy(out, value, len);
}

static int execute(struct store *s, const char *sql, struct err *e)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(s, e);
}

static int version(struct store *s, int *out, struct err *e)
{
    sqlite3_stmt *q = NULL;
    int rc = -1;

    if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW) {
        *out = sqlite3_column_int(q, 0);
        rc = 0;
    } else {
        (void)failed(s, e);
    }
    (void)sqlite3_finalize(q);
    return rc;
}

/* One step up, whole or not at all; another process may have done it meanwhile. */
static int migrate_step(struct store *s, int from, struct err *e)
{
    char pragma[64];
    int now;

    (void)snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", from + 1);
    if (execute(s, "BEGIN IMMEDIATE", e) != 0)
        return -1;
    if (version(s, &now, e) == 0 &&
        (now != from || (execute(s, schema_steps[from], e) == 0 && execute(s, pragma, e) == 0)) &&
        execute(s, "COMMIT", e) == 0)
        return 0;
    (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

static int check_version(struct store *s, bool may_migrate, struct err *e)
{
    int now;

    if (version(s, &now, e) != 0)
        return -1;
    if (now > SCHEMA_VERSION || now < 0)
        return err_set(
            e, ERR_INTERNAL,
            "The database in %s has schema %d, this program knows up to %d; use the newer program.",
            "%s 中的数据库版本为 %d，本程序最高支持 %d，请使用新版程序。", s->data_dir, now, SCHEMA_VERSION);
    if (now < SCHEMA_VERSION && !may_migrate)
        return err_set(e, ERR_UNAVAILABLE,
                       "The database in %s is of an older version; run a command that writes first.",
                       "%s 中的数据库版本较旧，请先运行一次写入命令。", s->data_dir);
    for (; now < SCHEMA_VERSION; now++) {
        if (migrate_step(s, now, e) != 0)
            return -1;
    }
    return 0;
}

/* The file itself is ours to make: SQLite would make it readable for everybody. */
static int make_file(const char *path, struct err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return err_set(e, ERR_UNAVAILABLE, "Cannot make %s: %s.", "无法建立 %s：%s。", path, strerror(errno));
    (void)close(fd);
    return 0;
}

static int open_database(struct store *s, bool create, bool reading, struct err *e)
{
    char path[PATH_MAX + 16];

    (void)snprintf(path, sizeof path, "%s/sealpress.db", s->data_dir);
    if (!create && !file_exists(path))
        return err_set(e, ERR_NOT_FOUND,
                       "There is no database in %s; make the data directory with \"sealpress init\".",
                       "%s 中没有数据库，请先用 “sealpress init” 建立数据目录。", s->data_dir);
    if (create && make_file(path, e) != 0)
        return -1;
    if (sqlite3_open_v2(path, &s->db,
                        (reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return failed(s, e);
    (void)sqlite3_busy_timeout(s->db, BUSY_MS);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (!reading &&
        execute(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", e) != 0)
        return -1;
    return check_version(s, !reading, e);
}

static int make_files_dir(const char *data_dir, struct err *e)
{
    char path[PATH_MAX + 16];

    (void)snprintf(path, sizeof path, "%s/files", data_dir);
    return dir_make(path, 0750, e);
}

static int open_store(struct store **out, const char *data_dir, bool create, bool reading, struct err *e)
{
    struct store *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return err_no_memory(e);
    if (snprintf(s->data_dir, sizeof s->data_dir, "%s", data_dir) >= (int)sizeof s->data_dir)
        (void)err_set(e, ERR_INVALID, "The path of the data directory is too long.", "数据目录路径过长。");
    else if (open_database(s, create, reading, e) == 0 && (!create || make_files_dir(data_dir, e) == 0))
        *out = s;
    if (*out != NULL)
        return 0;
    store_close(s);
    return -1;
}

int store_open(struct store **out, const char *data_dir, bool create, struct err *e)
{
    return open_store(out, data_dir, create, false, e);
}

int store_open_reading(struct store **out, const char *data_dir, struct err *e)
{
    return open_store(out, data_dir, false, true, e);
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < STATEMENTS; i++)
        (void)sqlite3_finalize(s->prepared[i]);
    (void)sqlite3_close(s->db);
    free(s);
}

int store_begin(struct store *s, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_BEGIN, e);

    return q == NULL ? -1 : run(s, q, e);
}

int store_commit(struct store *s, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_COMMIT, e);

    return q == NULL ? -1 : run(s, q, e);
}

void store_rollback(struct store *s)
{
    struct err unasked;
    sqlite3_stmt *q;

    if (sqlite3_get_autocommit(s->db)) /* nothing is open */
        return;
    q = statement(s, SQL_ROLLBACK, &unasked);
    if (q != NULL && run(s, q, &unasked) != 0)
        return; /* SQLite has rolled back on its own */
}

int store_put_organisation(struct store *s, const struct organisation *o, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_PUT_ORGANISATION, e);
    const char *values[] = {o->id, o->name, o->printed_name, o->uscc, o->seal_id};

    if (q == NULL)
        return -1;
    bind_texts(q, values, sizeof values / sizeof values[0]);
    return run(s, q, e);
}

int store_organisation(struct organisation *out, struct store *s, const char *id, struct arena *a,
                       struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_ORGANISATION, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    bind_text(q, 1, id);
    if (!row(s, q, &rc, e)) {
        if (e->code == ERR_NOT_FOUND)
            err_set(e, ERR_NOT_FOUND,
                    "There is no organisation \"%s\" here; add it with \"sealpress init --offices\".",
                    "没有单位 “%s”，请用 “sealpress init --offices” 添加。", id);
        return rc;
    }
    *out = (struct organisation){text(q, 0, a, &fine), text(q, 1, a, &fine), text(q, 2, a, &fine),
                                 text(q, 3, a, &fine), text(q, 4, a, &fine), NULL};
    done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_put_profile(struct store *s, const struct profile *p, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_PUT_PROFILE, e);
    const char *values[] = {p->id,        p->name,          p->organisation,   p->issuer,
                            p->committee, p->template_name, p->number_pattern, p->reissue_prefix,
                            p->province,  p->region,        p->license_type};

    if (q == NULL)
        return -1;
    bind_texts(q, values, sizeof values / sizeof values[0]);
    return run(s, q, e);
}

int store_profile(struct profile *out, struct store *s, const char *id, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_PROFILE, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    bind_text(q, 1, id);
    if (!row(s, q, &rc, e)) {
        if (e->code == ERR_NOT_FOUND)
            err_set(e, ERR_NOT_FOUND,
                    "There is no issuing profile \"%s\" here; add it with \"sealpress init --offices\".",
                    "没有发证配置 “%s”，请用 “sealpress init --offices” 添加。", id);
        return rc;
    }
    *out = (struct profile){text(q, 0, a, &fine), text(q, 1, a, &fine), text(q, 2, a, &fine),
                            text(q, 3, a, &fine), text(q, 4, a, &fine), text(q, 5, a, &fine),
                            text(q, 6, a, &fine), text(q, 7, a, &fine), text(q, 8, a, &fine),
                            text(q, 9, a, &fine), text(q, 10, a, &fine)};
    done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_put_setting(struct store *s, const char *name, const char *value, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_PUT_SETTING, e);

    if (q == NULL)
        return -1;
    bind_text(q, 1, name);
    bind_text(q, 2, value);
    return run(s, q, e);
}

int store_setting(const char **value, struct store *s, const char *name, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_SETTING, e);
    bool fine = true;
    int rc;

    *value = NULL;
    if (q == NULL)
        return -1;
    bind_text(q, 1, name);
    if (!row(s, q, &rc, e))
        return e->code == ERR_NOT_FOUND ? 0 : rc;
    *value = text(q, 0, a, &fine);
    done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_last_serial(uint64_t *out, struct store *s, const char *counter, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_LAST_SERIAL, e);
    int rc;

    *out = 0;
    if (q == NULL)
        return -1;
    bind_text(q, 1, counter);
    if (!row(s, q, &rc, e)) /* without any, one row with NULL, which reads as 0 */
        return rc;
    *out = (uint64_t)sqlite3_column_int64(q, 0);
    done(q);
    return 0;
}

int store_set_serial(struct store *s, const char *issuer, const char *counter, uint64_t serial, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_SET_SERIAL, e);

    if (q == NULL)
        return -1;
    bind_text(q, 1, issuer);
    bind_text(q, 2, counter);
    (void)sqlite3_bind_int64(q, 3, (sqlite3_int64)serial);
    return run(s, q, e);
}

int store_number_taken(bool *out, struct store *s, const char *issuer, const char *number, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_NUMBER_TAKEN, e);
    int rc;

    *out = false;
    if (q == NULL)
        return -1;
    bind_text(q, 1, issuer);
    bind_text(q, 2, number);
    if (!row(s, q, &rc, e))
        return e->code == ERR_NOT_FOUND ? 0 : rc;
    *out = true;
    done(q);
    return 0;
}

int store_reserve(struct store *s, const struct certificate_row *r, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_RESERVE, e);
    const char *values[] = {r->id,     r->token,  r->organisation, r->profile,
                            r->issuer, r->biz_no, r->number,       r->template_name};

    if (q == NULL)
        return -1;
    bind_texts(q, values, sizeof values / sizeof values[0]);
    bind_bytes(q, 9, r->content_hash, SHA256_SIZE);
    bind_text(q, 10, r->order_json);
    bind_text(q, 11, r->record_json);
    bind_bytes(q, 12, r->photo, SHA256_SIZE);
    (void)sqlite3_bind_int64(q, 13, r->created);
    return run(s, q, e);
}

int store_issued(struct store *s, const struct certificate_row *r, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_ISSUED, e);

    if (q == NULL)
        return -1;
    bind_text(q, 1, r->id);
    (void)sqlite3_bind_int64(q, 2, r->issued);
    (void)sqlite3_bind_int64(q, 3, (sqlite3_int64)r->file_size);
    bind_bytes(q, 4, r->file_sha256, SHA256_SIZE);
    (void)sqlite3_bind_int64(q, 5, r->file_crc32);
    bind_text(q, 6, r->seals_json);
    if (run(s, q, e) != 0)
        return -1;
    if (sqlite3_changes(s->db) == 1)
        return 0;
    return err_set(e, ERR_CONFLICT, "This certificate was issued by another process already.",
                   "此证书已由其他进程办结。");
}

static int read_certificate(struct certificate_row *out, struct store *s, sqlite3_stmt *q, struct arena *a,
                            struct err *e)
{
    const char *id, *token, *state;
    bool fine = true;
    int rc;

    if (!row(s, q, &rc, e))
        return rc;
    *out = (struct certificate_row){.state = CERTIFICATE_RESERVED};
    id = text(q, 0, a, &fine);
    token = text(q, 1, a, &fine);
    out->organisation = text(q, 2, a, &fine);
    out->profile = text(q, 3, a, &fine);
    out->issuer = text(q, 4, a, &fine);
    out->biz_no = text(q, 5, a, &fine);
    out->number = text(q, 6, a, &fine);
    out->template_name = text(q, 7, a, &fine);
    bytes(out->content_hash, SHA256_SIZE, q, 8);
    out->order_json = text(q, 9, a, &fine);
    out->record_json = text(q, 10, a, &fine);
    bytes(out->photo, SHA256_SIZE, q, 11);
    out->created = sqlite3_column_int64(q, 12);
    state = text(q, 13, a, &fine);
    out->issued = sqlite3_column_int64(q, 14);
    out->file_size = (uint64_t)sqlite3_column_int64(q, 15);
    bytes(out->file_sha256, SHA256_SIZE, q, 16);
    out->file_crc32 = (uint32_t)sqlite3_column_int64(q, 17);
    out->seals_json = text(q, 18, a, &fine);
    done(q);
    if (!fine || id == NULL || token == NULL || state == NULL)
        return err_no_memory(e);
    (void)snprintf(out->id, sizeof out->id, "%s", id);
    (void)snprintf(out->token, sizeof out->token, "%s", token);
    if (strcmp(state, "issued") == 0)
        out->state = CERTIFICATE_ISSUED;
    return 0;
}

int store_certificate(struct certificate_row *out, struct store *s, const char *id, struct arena *a,
                      struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_CERTIFICATE, e);

    if (q == NULL)
        return -1;
    bind_text(q, 1, id);
    return read_certificate(out, s, q, a, e);
}

int store_certificate_by_biz_no(struct certificate_row *out, struct store *s, const char *organisation,
                                const char *biz_no, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_CERTIFICATE_BY_BIZ_NO, e);

    if (q == NULL)
        return -1;
    bind_text(q, 1, organisation);
    bind_text(q, 2, biz_no);
    return read_certificate(out, s, q, a, e);
}

int store_next_unfinished(char id[CERTIFICATE_ID_SIZE], struct store *s, const char *after, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_NEXT_UNFINISHED, e);
    int rc;

    if (q == NULL)
        return -1;
    bind_text(q, 1, after);
    if (!row(s, q, &rc, e))
        return rc;
    (void)snprintf(id, CERTIFICATE_ID_SIZE, "%s", (const char *)sqlite3_column_text(q, 0));
    done(q);
    return 0;
}

int store_put_photo(struct store *s, const uint8_t sha[SHA256_SIZE], struct slice jpeg, struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_PUT_PHOTO, e);

    if (q == NULL)
        return -1;
    bind_bytes(q, 1, sha, SHA256_SIZE);
    bind_bytes(q, 2, jpeg.ptr, jpeg.len);
    return run(s, q, e);
}

int store_photo(struct buf *out, struct store *s, const uint8_t sha[SHA256_SIZE], struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_PHOTO, e);
    int rc;

    if (q == NULL)
        return -1;
    bind_bytes(q, 1, sha, SHA256_SIZE);
    if (!row(s, q, &rc, e))
        return rc;
    buf_append_bytes(out, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
    done(q);
    return buf_ok(out) ? 0 : err_no_memory(e);
}

int store_registered_time(bool *found, int64_t *moment, struct store *s, const uint8_t sha[SHA256_SIZE],
                          struct err *e)
{
    sqlite3_stmt *q = statement(s, SQL_REGISTERED_TIME, e);
    int rc;

    *found = false;
    if (q == NULL)
        return -1;
    bind_bytes(q, 1, sha, SHA256_SIZE);
    if (!row(s, q, &rc, e))
        return e->code == ERR_NOT_FOUND ? 0 : rc;
    *moment = sqlite3_column_int64(q, 0);
    *found = true;
    done(q);
    return 0;
}

const char *store_data_dir(const struct store *s)
{
    return s->data_dir;
}
