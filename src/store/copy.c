/* copy.c - the database as it is at one moment, copied while others write it. */
#include "store/copy.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static int copy_failed(struct err *e, const char *to, const char *why)
{
    err_set(e, ERR_UNAVAILABLE, "The database could not be copied to %s; check the free space.",
            "无法将数据库复制到 %s，请检查剩余空间。", to);
    return err_detail(e, "sqlite: %s", why);
}

/* The file itself is ours to make: SQLite would make it readable for everybody. */
static int make_empty(const char *path, struct err *e)
{
    int fd;

    (void)unlink(path);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return copy_failed(e, path, strerror(errno));
    (void)close(fd);
    return 0;
}

static int sync_file(const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int rc = fd >= 0 && fsync(fd) == 0 ? 0 : copy_failed(e, path, strerror(errno));

    if (fd >= 0)
        (void)close(fd);
    return rc;
}

int store_copy_database(const char *from, const char *to, struct err *e)
{
    sqlite3 *source = NULL, *copy = NULL;
    sqlite3_backup *backup = NULL;
    bool fine = false;

    if (make_empty(to, e) != 0)
        return -1;
    if (sqlite3_open_v2(from, &source, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
        sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
        backup = sqlite3_backup_init(copy, "main", source, "main");
    if (backup != NULL)
        fine = sqlite3_backup_step(backup, -1) == SQLITE_DONE;
    if (backup != NULL && sqlite3_backup_finish(backup) != SQLITE_OK)
        fine = false;
    /* one file that says itself that it has no log beside it */
    fine = fine && sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) == SQLITE_OK;
    if (!fine)
        (void)copy_failed(e, to, copy == NULL ? "" : sqlite3_errmsg(copy));
    (void)sqlite3_close(copy);
    (void)sqlite3_close(source);
    if (fine && sync_file(to, e) == 0)
        return 0;
    (void)unlink(to);
    return -1;
}

int store_check_database(const char *path, struct err *e)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *q = NULL;
    bool fine = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
                sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &q, NULL) == SQLITE_OK &&
                sqlite3_step(q) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(q, 0), "ok") == 0;

    (void)sqlite3_finalize(q);
    (void)sqlite3_close(db);
    return fine ? 0
                : err_set(e, ERR_INVALID, "%s is damaged, or no database; use another backup.",
                          "%s 已损坏或不是数据库，请使用其他备份。", path);
}
