/* restore.c - a backup becomes a data directory again, in which nothing is issued yet. */
#include "backup/backup_internal.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "store/copy.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHEET_MAX = 64 * 1024, ASIDE_MAX = 1000 };

static int damaged(struct err *e, const char *from)
{
    return err_set(e, ERR_INVALID,
                   "%s is no whole backup: backup.json and sealpress.db do not fit. Use another one.",
                   "%s 不是完整的备份（backup.json 与 sealpress.db 不符），请使用其他备份。", from);
}

static int check_sheet(const char *from, struct err *e)
{
    char path[PATH_MAX], hash[2 * SHA256_SIZE + 1];
    const char *told;
    json_t *sheet = NULL;
    int rc = -1;

    if (backup_path(path, from, BACKUP_SHEET, e) != 0)
        return -1;
    if (!file_exists(path))
        return err_set(e, ERR_NOT_FOUND, "There is no backup in %s (no backup.json).",
                       "%s 中没有备份（缺少 backup.json）。", from);
    if (json_read_file(&sheet, path, SHEET_MAX, e) != 0 || backup_path(path, from, "sealpress.db", e) != 0 ||
        backup_hash_file(hash, path, e) != 0)
        goto out;
    told = json_text(sheet, "database_sha256");
    if (json_integer_value(json_object_get(sheet, "version")) != 1 || told == NULL || strcmp(told, hash) != 0)
        rc = damaged(e, from);
    else
        rc = store_check_database(path, e);
out:
    json_decref(sheet);
    return rc;
}

/* -1: a service runs there. The lock is held until the descriptor is closed. */
static int lock_out_service(int *lock, const char *data_dir, struct err *e)
{
    char path[PATH_MAX];

    if (backup_path(path, data_dir, "serve.lock", e) != 0)
        return -1;
    *lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*lock < 0)
        return err_set(e, ERR_UNAVAILABLE, "Cannot write %s: %s.", "无法写入 %s：%s。", path,
                       strerror(errno));
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return err_set(e, ERR_CONFLICT, "A service runs on %s; stop it first.", "%s 上有服务在运行，请先停止。",
                   data_dir);
}

static int check_place(const char *data_dir, bool over, struct err *e)
{
    if (mkdir(data_dir, 0755) != 0 && errno != EEXIST)
        return err_set(e, ERR_UNAVAILABLE, "Cannot make %s: %s.", "无法建立 %s：%s。", data_dir,
                       strerror(errno));
    if (over || backup_is_empty(data_dir))
        return 0;
    return err_set(e, ERR_CONFLICT,
                   "%s is not empty. Name an empty directory, or say --over: then its database is put aside, "
                   "and its files, keys "
                   "and log stay.",
                   "%s 不是空目录。请指定空目录，或加 --over：原数据库改名保留，原有文件、密钥和日志不动。",
                   data_dir);
}

/* Closed for issuing before it has its name: there is no moment in which it could be used. */
static int prepare_database(const char *from, const char *staging, int64_t now, struct err *e)
{
    char source[PATH_MAX], path[PATH_MAX], when[21], reason[64];
    struct store *s = NULL;
    int rc;

    clock_rfc3339(when, now);
    (void)snprintf(reason, sizeof reason, "restored %s", when);
    if (mkdir(staging, 0700) != 0 && errno != EEXIST)
        return err_set(e, ERR_UNAVAILABLE, "Cannot make %s: %s.", "无法建立 %s：%s。", staging,
                       strerror(errno));
    if (backup_path(source, from, "sealpress.db", e) != 0 ||
        backup_path(path, staging, "sealpress.db", e) != 0 || store_copy_database(source, path, e) != 0 ||
        store_open(&s, staging, false, e) != 0)
        return -1;
    rc = store_put_setting(s, "issuing_closed", reason, e);
    store_close(s); /* which puts its log into the database and takes it away */
    return rc;
}

/* The database that is there and its log get another name together. */
static int put_aside(const char *data_dir, struct err *e)
{
    static const char *const parts[] = {"-wal", "-shm", ""};
    char path[PATH_MAX], aside[PATH_MAX];
    struct stat st;
    int n = 1;

    if (backup_path(path, data_dir, "sealpress.db", e) != 0)
        return -1;
    if (!file_exists(path))
        return 0;
    do
        (void)snprintf(aside, sizeof aside, "%.4000s.before-restore-%d", path, n);
    while (stat(aside, &st) == 0 && ++n < ASIDE_MAX);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char old[PATH_MAX + 8], kept[PATH_MAX + 8];

        (void)snprintf(old, sizeof old, "%s%s", path, parts[i]);
        (void)snprintf(kept, sizeof kept, "%s%s", aside, parts[i]);
        if (rename(old, kept) != 0 && errno != ENOENT)
            return err_set(e, ERR_UNAVAILABLE, "Cannot put %s aside: %s.", "无法将 %s 改名保留：%s。", old,
                           strerror(errno));
    }
    return 0;
}

static int cannot_give(struct err *e, const char *path)
{
    return err_set(e, ERR_UNAVAILABLE, "Cannot give %s to its user: %s.", "无法设置 %s 的所有者：%s。", path,
                   strerror(errno));
}

/* The owners and modes that "sealpress init" sets: the directory, the database, and the lock of issuing. */
static int settle_owners(const char *database, const char *data_dir, const struct signer_identity *who,
                         struct err *e)
{
    char path[PATH_MAX];
    int lock;

    if (backup_path(path, data_dir, "issue.lock", e) != 0)
        return -1;
    lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0)
        return cannot_give(e, path);
    (void)close(lock);
    if (!who->isolated)
        return 0;
    if (chown(path, who->server_uid, who->server_gid) != 0 ||
        chown(database, who->server_uid, who->server_gid) != 0 || chown(data_dir, 0, who->server_gid) != 0 ||
        chmod(data_dir, 01775) != 0)
        return cannot_give(e, data_dir);
    return 0;
}

static int name_database(const char *staging, const char *data_dir, const struct signer_identity *who,
                         struct err *e)
{
    char made[PATH_MAX], path[PATH_MAX];

    if (backup_path(made, staging, "sealpress.db", e) != 0 ||
        backup_path(path, data_dir, "sealpress.db", e) != 0 || settle_owners(made, data_dir, who, e) != 0 ||
        put_aside(data_dir, e) != 0)
        return -1;
    if (rename(made, path) != 0)
        return err_set(e, ERR_UNAVAILABLE, "Cannot write %s: %s.", "无法写入 %s：%s。", path,
                       strerror(errno));
    (void)rmdir(staging);
    return tree_sync(data_dir, e);
}

int backup_restore(struct backup_report *out, const char *from, const char *data_dir, bool over, int64_t now,
                   backup_watcher *watch, void *arg, struct err *e)
{
    char staging[PATH_MAX], config[PATH_MAX];
    struct signer_identity who;
    int lock = -1, rc = -1;
    bool there;

    *out = (struct backup_report){.files = 0};
    signer_identity_find(&who);
    if (check_sheet(from, e) != 0 || check_place(data_dir, over, e) != 0 ||
        lock_out_service(&lock, data_dir, e) != 0 || backup_path(staging, data_dir, ".restoring", e) != 0 ||
        backup_path(config, data_dir, "config.json", e) != 0)
        goto out;
    if (prepare_database(from, staging, now, e) != 0 ||
        backup_copy_folders(from, data_dir, &who, out, watch, arg, e) != 0)
        goto out;
    /* config.json marks a data directory: a restore that was interrupted before is none yet */
    if (!file_exists(config) && (tree_copy_file(&there, from, data_dir, "series.json", e) != 0 ||
                                 tree_copy_file(&there, from, data_dir, "config.json", e) != 0))
        goto out;
    rc = name_database(staging, data_dir, &who, e);
out:
    if (lock >= 0)
        (void)close(lock);
    return rc;
}
