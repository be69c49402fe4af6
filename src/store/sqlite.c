/* sqlite.c - the database opened, its locks waited for, its transactions, and the steps of every statement.
 */
#include "base/clock.h"
#include "base/file.h"
#include "store/store_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Issuing threads write in turn, each for as long as a batch takes to reach the disk. */
enum { PATIENCE_MS = 10000 };

static int constraint_failed(struct err *e, int code)
{
    switch (code) {
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return err_set(e, ERR_INVALID, "The record names another one that the store does not have.",
                       "记录引用了库中不存在的另一条记录。");
    case SQLITE_CONSTRAINT_TRIGGER:
        return err_set(e, ERR_CONFLICT, "What the journal holds is never changed or removed.",
                       "台账中的记录不得更改或删除。");
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL:
    case SQLITE_CONSTRAINT_DATATYPE:
        return err_set(e, ERR_INVALID, "The record lacks a value or has one that the store does not take.",
                       "记录缺少必要的值，或有不允许的值。");
    default:
        return err_set(e, ERR_CONFLICT, "The store already has a row with this key.", "库中已有相同的记录。");
    }
}

int store_failed(struct store *s, struct err *e)
{
    int code = s->db == NULL ? SQLITE_NOMEM : sqlite3_extended_errcode(s->db);

    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        (void)constraint_failed(e, code);
        break;
    case SQLITE_FULL:
        err_set(
            e, ERR_UNAVAILABLE,
            "The disk is full, the database cannot be written. Nothing was lost; make room and try again.",
            "磁盘已满，数据库无法写入。没有数据丢失，请清理空间后重试。");
        break;
    case SQLITE_IOERR:
        err_set(
            e, ERR_UNAVAILABLE,
            "The disk does not let the database be written or read. What was confirmed is kept; check the "
            "disk and try again.",
            "磁盘读写出错，数据库无法使用。已确认的数据没有丢失，请检查磁盘后重试。");
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

/* --- statements --- */

sqlite3_stmt *sql_prepare(struct store *s, enum sql_statement which, struct err *e)
{
    if (s->prepared[which] == NULL &&
        sqlite3_prepare_v3(s->db,
                           which < STATEMENTS_FIRST_PART ? statements[which]
                                                         : filing_statements[which - STATEMENTS_FIRST_PART],
                           -1, SQLITE_PREPARE_PERSISTENT, &s->prepared[which], NULL) != SQLITE_OK)
        (void)store_failed(s, e);
    return s->prepared[which];
}

void sql_text(sqlite3_stmt *q, int at, const char *text)
{
    if (text != NULL)
        (void)sqlite3_bind_text(q, at, text, -1, SQLITE_STATIC);
}

void sql_texts(sqlite3_stmt *q, const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sql_text(q, (int)i + 1, values[i]);
}

void sql_bytes(sqlite3_stmt *q, int at, const void *bytes, size_t len)
{
    /* a blob of no bytes is not NULL */
    (void)sqlite3_bind_blob64(q, at, len == 0 ? "" : bytes, len, SQLITE_STATIC);
}

void sql_number(sqlite3_stmt *q, int at, int64_t value)
{
    (void)sqlite3_bind_int64(q, at, value);
}

void sql_done(sqlite3_stmt *q)
{
    (void)sqlite3_reset(q);
    (void)sqlite3_clear_bindings(q);
}

int sql_run(struct store *s, sqlite3_stmt *q, struct err *e)
{
    int rc = sqlite3_step(q) == SQLITE_DONE ? 0 : store_failed(s, e);

    sql_done(q);
    return rc;
}

bool sql_next(struct store *s, sqlite3_stmt *q, int *rc, struct err *e)
{
    int step = sqlite3_step(q);

    *rc = 0;
    if (step == SQLITE_ROW)
        return true;
    if (step != SQLITE_DONE)
        *rc = store_failed(s, e);
    sql_done(q);
    return false;
}

bool sql_row(struct store *s, sqlite3_stmt *q, int *rc, struct err *e)
{
    if (sql_next(s, q, rc, e))
        return true;
    if (*rc == 0)
        *rc = err_set(e, ERR_NOT_FOUND, "The store has no such record.", "库中没有此记录。");
    return false;
}

const char *sql_column_text(sqlite3_stmt *q, int column, struct arena *a, bool *fine)
{
    const unsigned char *value = sqlite3_column_text(q, column);
    const char *kept = value == NULL ? NULL : arena_text(a, (const char *)value);

    *fine = *fine && (value == NULL || kept != NULL);
    return kept;
}

void sql_column_name(char *out, size_t size, sqlite3_stmt *q, int column)
{
    const unsigned char *value = sqlite3_column_text(q, column);

    (void)snprintf(out, size, "%s", value == NULL ? "" : (const char *)value);
}

void sql_column_bytes(uint8_t *out, size_t len, sqlite3_stmt *q, int column)
{
    const void *value = sqlite3_column_blob(q, column);

    memset(out, 0, len);
    if (value != NULL && (size_t)sqlite3_column_bytes(q, column) == len)
        memcpy(out, value, len);
}

int store_execute(struct store *s, const char *sql, struct err *e)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_failed(s, e);
}

static void *list_room(struct arena *a, void *list, size_t count, size_t *room, size_t size)
{
    void *larger;

    if (count < *room)
        return list;
    larger = arena_array(a, *room == 0 ? 8 : 2 * *room, size);
    if (larger == NULL)
        return NULL;
    if (count > 0)
        memcpy(larger, list, count * size);
    *room = *room == 0 ? 8 : 2 * *room;
    return larger;
}

void *sql_list(size_t *count, int *rc, struct store *s, sqlite3_stmt *q, size_t size, sql_take *take,
               struct arena *a, struct err *e)
{
    uint8_t *list = NULL;
    size_t room = 0;
    bool fine = true;

    *count = 0;
    while (sql_next(s, q, rc, e)) {
        list = list_room(a, list, *count, &room, size);
        if (list != NULL)
            take(list + size * (*count)++, q, a, &fine);
        if (list != NULL && fine)
            continue;
        sql_done(q);
        *rc = err_no_memory(e);
        return NULL;
    }
    return list;
}

/* --- opening --- */

/* Who waits for the lock looks again every few milliseconds. SQLite's own handler soon sleeps for 100 ms at a
 * time, in which another thread that writes without a pause gets the lock again and again. */
static int wait_for_lock(void *arg, int times)
{
    struct store *s = arg;
    int64_t now = clock_monotonic_ms();
    struct timespec nap = {0, 1000000L * (times < 4 ? 1 : 1 + (now + times) % 5)};

    if (times == 0)
        s->waits_since = now;
    if (now - s->waits_since >= s->patience_ms)
        return 0;
    (void)nanosleep(&nap, NULL);
    return 1;
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

/* Writers: what is committed is on the disk (synchronous=FULL syncs the log at every commit), and the log is
 * copied into the database every 16 MiB, so that a batch seldom pays for it. Nothing is mapped, since a disk
 * that fails would then end the process. */
static int set_up(struct store *s, bool reading, struct err *e)
{
    (void)sqlite3_busy_handler(s->db, wait_for_lock, s);
    (void)sqlite3_extended_result_codes(s->db, 1);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (reading)
        return store_execute(s, "PRAGMA mmap_size = 0; PRAGMA cache_size = -512", e);
    return store_execute(s,
                         "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                         "PRAGMA mmap_size = 0; PRAGMA cache_size = -2048; PRAGMA wal_autocheckpoint = 4096;"
                         "PRAGMA journal_size_limit = 67108864",
                         e);
}

void store_expect_much(struct store *s, bool much)
{
    struct err unasked; /* it only takes longer */

    (void)!store_execute(s, much ? "PRAGMA cache_size = -32768" : "PRAGMA cache_size = -2048", &unasked);
    if (!much)
        (void)sqlite3_db_release_memory(s->db);
}

bool store_reaches(const char *path, int mode, const char *data_dir, struct err *e)
{
    if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 || errno != EACCES)
        return true;
    (void)err_set(
        e, ERR_UNAVAILABLE,
        "User %u may not open %s. Run this as root or as the owner of %s; for the service, run "
        "\"sealpress init\" on the directory as root: it sets owners and modes as they were (chown, "
        "chmod) and keeps everything.",
        "用户 %u 无权打开 %s。请以 root 或 %s 的所有者运行；如为服务，请以 root 对该目录再运行一次 "
        "“sealpress init”，它会恢复所有者和权限（chown、chmod），数据保留。",
        (unsigned)geteuid(), path, data_dir);
    return false;
}

static int open_database(struct store *s, bool create, bool reading, struct err *e)
{
    char path[PATH_MAX + 16];

    (void)snprintf(path, sizeof path, "%s/sealpress.db", s->data_dir);
    if (!store_reaches(path, reading ? R_OK : R_OK | W_OK, s->data_dir, e))
        return -1;
    if (!create && !file_exists(path))
        return err_set(e, ERR_NOT_FOUND,
                       "There is no database in %s; make the data directory with \"sealpress init\".",
                       "%s 中没有数据库，请先用 “sealpress init” 建立数据目录。", s->data_dir);
    if (create && make_file(path, e) != 0)
        return -1;
    if (sqlite3_open_v2(path, &s->db,
                        (reading ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return store_failed(s, e);
    if (set_up(s, reading, e) != 0)
        return -1;
    return store_migrate(s, !reading, e);
}

static int make_folders(const char *data_dir, struct err *e)
{
    char files[PATH_MAX + 16], originals[PATH_MAX + 16], inbox[PATH_MAX + 16];

    (void)snprintf(files, sizeof files, "%s/files", data_dir);
    (void)snprintf(originals, sizeof originals, "%s/originals", data_dir);
    (void)snprintf(inbox, sizeof inbox, "%s/inbox", data_dir);
    if (dir_make(files, 0750, e) != 0 || dir_make(originals, 0750, e) != 0)
        return -1;
    return dir_make(inbox, 0700, e); /* lists of people, until they are read */
}

static int open_store(struct store **out, const char *data_dir, bool create, bool reading, struct err *e)
{
    struct store *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return err_no_memory(e);
    s->patience_ms = PATIENCE_MS;
    if (snprintf(s->data_dir, sizeof s->data_dir, "%s", data_dir) >= (int)sizeof s->data_dir)
        (void)err_set(e, ERR_INVALID, "The path of the data directory is too long.", "数据目录路径过长。");
    else if (open_database(s, create, reading, e) == 0 && (!create || make_folders(data_dir, e) == 0))
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

const char *store_data_dir(const struct store *s)
{
    return s->data_dir;
}

/* --- transactions --- */

int store_begin(struct store *s, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_BEGIN, e);

    return q == NULL ? -1 : sql_run(s, q, e);
}

int store_commit(struct store *s, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_COMMIT, e);

    if (q != NULL && sql_run(s, q, e) == 0)
        return 0;
    store_rollback(s); /* whatever left it open, the next one must be able to begin */
    return -1;
}

void store_rollback(struct store *s)
{
    struct err unasked;
    sqlite3_stmt *q;

    if (sqlite3_get_autocommit(s->db)) /* nothing is open, or SQLite has rolled back on its own */
        return;
    q = sql_prepare(s, SQL_ROLLBACK, &unasked);
    if (q == NULL || sql_run(s, q, &unasked) != 0)
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_enter(struct store *s, bool *own, struct err *e)
{
    *own = sqlite3_get_autocommit(s->db) != 0;
    return *own ? store_begin(s, e) : 0;
}

int store_leave(struct store *s, bool own, int rc, struct err *e)
{
    if (!own)
        return rc;
    if (rc == 0)
        return store_commit(s, e);
    store_rollback(s);
    return -1;
}
