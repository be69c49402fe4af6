/* migrate.c - a database of an older version becomes one of the present version: whole, once, and with the
 * old one kept. */
#include "base/file.h"
#include "base/log.h"
#include "store/store_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Whoever opens a large database while it is migrated waits for as long as that may take. */
enum { MIGRATION_PATIENCE_MS = 15 * 60 * 1000 };

static int version(struct store *s, int *out, struct err *e)
{
    sqlite3_stmt *q = NULL;
    int rc = -1;

    if (sqlite3_prepare_v2(s->db, "PRAGMA user_version", -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW) {
        *out = sqlite3_column_int(q, 0);
        rc = 0;
    } else {
        (void)store_failed(s, e);
    }
    (void)sqlite3_finalize(q);
    return rc;
}

/* Copies what is committed. The migrating connection holds the write lock and has written nothing yet, so
 * this is the database as it will have been before; a connection of its own reads it, since one with a
 * transaction cannot be copied from. */
static int copy_database(struct store *s, const char *to, struct err *e)
{
    char from[PATH_MAX + 16];
    sqlite3 *source = NULL, *copy = NULL;
    sqlite3_backup *backup = NULL;
    int rc = -1;

    (void)snprintf(from, sizeof from, "%s/sealpress.db", s->data_dir);
    if (sqlite3_open_v2(from, &source, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
        sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
        /* synced and named below: no journal of its own */
        sqlite3_exec(copy, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", NULL, NULL, NULL) ==
            SQLITE_OK)
        backup = sqlite3_backup_init(copy, "main", source, "main");
    if (backup != NULL && sqlite3_backup_step(backup, -1) == SQLITE_DONE)
        rc = 0;
    if (backup != NULL && sqlite3_backup_finish(backup) != SQLITE_OK)
        rc = -1;
    if (rc != 0)
        err_set(e, ERR_UNAVAILABLE,
                "The database could not be copied to %s before its migration, so it was left as it is; check "
                "the free space.",
                "迁移前无法将数据库备份到 %s，数据库未作改动，请检查剩余空间。", to);
    if (rc != 0)
        (void)err_detail(e, "sqlite: %s", copy == NULL ? "" : sqlite3_errmsg(copy));
    (void)sqlite3_close(copy);
    (void)sqlite3_close(source);
    return rc;
}

static int cannot_keep(struct err *e, const char *path)
{
    return err_set(e, ERR_UNAVAILABLE,
                   "The copy of the database %s cannot be kept: %s. The database was left as it is.",
                   "无法保存数据库备份 %s：%s。数据库未作改动。", path, strerror(errno));
}

static int sync_copy(const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int rc = fd < 0 ? -1 : fsync(fd);

    if (rc != 0)
        (void)cannot_keep(e, path);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

/* Keeps the database as it was as sealpress.db.schema-<n>. A copy that an interrupted migration left is
 * replaced: the database may have gone on since. */
static int back_up(struct store *s, int from, struct err *e)
{
    char path[PATH_MAX + 32], half[PATH_MAX + 40];
    int fd;

    (void)snprintf(path, sizeof path, "%s/sealpress.db.schema-%d", s->data_dir, from);
    (void)snprintf(half, sizeof half, "%s.half", path);
    (void)unlink(half);
    fd = open(half, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return cannot_keep(e, half);
    (void)close(fd);
    if (copy_database(s, half, e) == 0 && sync_copy(half, e) == 0) {
        if (rename(half, path) == 0 && dir_sync(s->data_dir) == 0)
            return 0;
        (void)cannot_keep(e, path);
    }
    (void)unlink(half);
    return -1;
}

static bool rebuilds(int from)
{
    while (from > 0 && from < SCHEMA_VERSION && !schema_rebuilds[from])
        from++;
    return from > 0 && from < SCHEMA_VERSION;
}

/* That every reference leads somewhere, where nobody looked while tables were made anew. */
static int check_references(struct store *s, struct err *e)
{
    sqlite3_stmt *q = NULL;
    int step, rc = -1;

    if (sqlite3_prepare_v2(s->db, "PRAGMA foreign_key_check", -1, &q, NULL) != SQLITE_OK)
        return store_failed(s, e);
    step = sqlite3_step(q);
    if (step == SQLITE_DONE)
        rc = 0;
    else if (step != SQLITE_ROW)
        (void)store_failed(s, e);
    else
        (void)err_set(e, ERR_INTERNAL,
                      "A row of table %s refers to one that is not there, so the database was not migrated; "
                      "restore it from a backup.",
                      "表 %s 中的记录引用了不存在的记录，数据库未迁移，请从备份恢复。",
                      (const char *)sqlite3_column_text(q, 0));
    (void)sqlite3_finalize(q);
    return rc;
}

/* Every step up in the one transaction that is open. */
static int step_up(struct store *s, int from, struct err *e)
{
    bool unchecked = rebuilds(from);
    char pragma[64];

    (void)snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", SCHEMA_VERSION);
    if (from > 0 && back_up(s, from, e) != 0)
        return -1;
    for (; from < SCHEMA_VERSION; from++) {
        if (store_execute(s, schema_steps[from], e) != 0)
            return -1;
    }
    if (unchecked && check_references(s, e) != 0)
        return -1;
    return store_execute(s, pragma, e);
}

/* The operator learns where the old database is, whichever command or service came first. */
static void tell(const struct store *s, int from)
{
    char backup[PATH_MAX + 32];
    struct log_line line;

    (void)snprintf(backup, sizeof backup, "%s/sealpress.db.schema-%d", s->data_dir, from);
    log_begin(&line, "migrated");
    log_number(&line, "from", from);
    log_number(&line, "to", SCHEMA_VERSION);
    log_text(&line, "backup", backup);
    log_end(&line);
}

/* from: what the version was a moment ago. */
static int migrate(struct store *s, int from, struct err *e)
{
    int now = SCHEMA_VERSION, patience = s->patience_ms, rc = -1;
    struct err unasked;

    s->patience_ms = MIGRATION_PATIENCE_MS;
    /* only outside a transaction; a new database has no rows that could be lost by references */
    if (rebuilds(from) && store_execute(s, "PRAGMA foreign_keys = OFF", e) != 0)
        rc = -1;
    else if (store_begin(s, e) == 0) {
        /* asked again: another process may have done it while this one waited */
        if (version(s, &now, e) == 0 && (now >= SCHEMA_VERSION || step_up(s, now, e) == 0))
            rc = store_commit(s, e);
        store_rollback(s);
    }
    if (store_execute(s, "PRAGMA foreign_keys = ON", rc == 0 ? e : &unasked) != 0)
        rc = -1;
    s->patience_ms = patience;
    if (rc == 0 && now > 0 && now < SCHEMA_VERSION)
        tell(s, now);
    return rc;
}

int store_migrate(struct store *s, bool may_migrate, struct err *e)
{
    int now;

    if (version(s, &now, e) != 0)
        return -1;
    if (now >= 0 && now < SCHEMA_VERSION) {
        if (!may_migrate)
            return err_set(e, ERR_UNAVAILABLE,
                           "The database in %s is of an older version; run a command that writes first.",
                           "%s 中的数据库版本较旧，请先运行一次写入命令。", s->data_dir);
        if (migrate(s, now, e) != 0 || version(s, &now, e) != 0)
            return -1;
    }
    if (now == SCHEMA_VERSION)
        return 0;
    return err_set(e, ERR_INTERNAL,
                   "The database in %s has schema %d, this program knows up to %d; use the newer program.",
                   "%s 中的数据库版本为 %d，本程序最高支持 %d，请使用新版程序。", s->data_dir, now,
                   SCHEMA_VERSION);
}
