#include "backup/backup_internal.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "store/copy.h"
#include "store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHEET_MAX = 64 * 1024, PAGE = 200 };

int backup_path(char out[PATH_MAX], const char *dir, const char *name, struct err *e)
{
    if (snprintf(out, PATH_MAX, "%s/%s", dir, name) < PATH_MAX)
        return 0;
    return err_set(e, ERR_INVALID, "The path %.200s is too long.", "路径 %.200s 过长。", dir);
}

int backup_hash_file(char out[2 * SHA256_SIZE + 1], const char *path, struct err *e)
{
    uint8_t sha[SHA256_SIZE];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int rc = fd >= 0 && sha256_of_file(sha, fd) == 0 ? 0
                                                     : err_set(e, ERR_UNAVAILABLE, "Cannot read %s: %s.",
                                                               "无法读取 %s：%s。", path, strerror(errno));

    if (fd >= 0)
        (void)close(fd);
    if (rc == 0)
        hex_encode(out, (struct slice){sha, sizeof sha});
    return rc;
}

/* Only who may read them all copies keys: half of them would be worse than none. */
static int copy_keys(bool *copied, const char *from, const char *to, const struct tree_copy *how,
                     struct err *e)
{
    char path[PATH_MAX];

    *copied = false;
    if (backup_path(path, from, "keys", e) != 0)
        return -1;
    if (faccessat(AT_FDCWD, path, R_OK | X_OK, AT_EACCESS) != 0)
        return 0;
    *copied = true;
    return tree_copy(from, to, "keys", how, e);
}

int backup_copy_folders(const char *from, const char *to, const struct signer_identity *who,
                        struct backup_report *report, backup_watcher *watch, void *arg, struct err *e)
{
    static const struct {
        const char *name;
        enum tree_kind kind;
        bool servers; /* else the signer's */
    } folders[] = {{"files", TREE_DOCUMENTS, true},
                   {"originals", TREE_ORIGINALS, true},
                   {"seals", TREE_FRESH, false},
                   {"trust", TREE_FRESH, false}};
    struct tree_copy how = {.keep = who != NULL, .report = report, .watch = watch, .arg = arg};
    struct signer_identity owners = {.isolated = false};

    if (who != NULL)
        owners = *who;
    how.give = owners.isolated;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        how.kind = folders[i].kind;
        how.uid = folders[i].servers ? owners.server_uid : owners.signer_uid;
        how.gid = folders[i].servers ? owners.server_gid : owners.signer_gid;
        if (tree_copy(from, to, folders[i].name, &how, e) != 0)
            return -1;
    }
    return copy_keys(&report->keys, from, to, &how, e);
}

/* A backup without a database's file of a certificate is none: told now, not when it is needed. */
static int check_files(uint64_t *count, const char *dir, struct err *e)
{
    static const enum certificate_state issued = CERTIFICATE_ISSUED;
    struct certificate_filter filter = {.state = &issued};
    struct certificate_row rows[PAGE];
    struct arena a = ARENA_INIT;
    struct store *s = NULL;
    char name[64], path[PATH_MAX], after[CERTIFICATE_ID_SIZE];
    struct stat st;
    size_t found = PAGE;
    int rc = store_open_reading(&s, dir, e);

    while (rc == 0 && found == PAGE) {
        rc = store_list_certificates(rows, PAGE, &found, s, &filter, &a, e);
        for (size_t i = 0; rc == 0 && i < found; i++) {
            store_file_name(name, rows[i].id);
            rc = backup_path(path, dir, name, e);
            if (rc == 0 && rows[i].file_size > 0 &&
                (stat(path, &st) != 0 || (uint64_t)st.st_size != rows[i].file_size))
                rc = err_set(
                    e, ERR_UNAVAILABLE,
                    "The file of certificate %s is missing or not whole in the data directory; it cannot be "
                    "backed up. Restore it from an earlier backup first.",
                    "数据目录中证书 %s 的存档文件缺失或不完整，无法备份；请先从较早的备份恢复该文件。",
                    rows[i].number);
            *count += rc == 0;
        }
        if (rc == 0 && found == PAGE) {
            filter.after_created = rows[PAGE - 1].created;
            memcpy(after, rows[PAGE - 1].id, sizeof after);
            filter.after_id = after;
            arena_reset(&a);
        }
    }
    store_close(s);
    arena_dispose(&a);
    return rc;
}

static int write_sheet(const char *to, const struct backup_report *r, int64_t now, struct err *e)
{
    struct buf text = BUF_INIT(SHEET_MAX);
    char path[PATH_MAX], hash[2 * SHA256_SIZE + 1], created[21];
    json_t *sheet = NULL;
    int rc = -1;

    clock_rfc3339(created, now);
    if (backup_path(path, to, "sealpress.db", e) != 0 || backup_hash_file(hash, path, e) != 0)
        return -1;
    sheet = json_pack("{si ss ss sI sI sb}", "version", 1, "created", created, "database_sha256", hash,
                      "certificates", (json_int_t)r->certificates, "files", (json_int_t)r->files, "keys",
                      (int)r->keys);
    if (sheet == NULL)
        rc = err_no_memory(e);
    else if (json_write(&text, sheet, e) == 0 && backup_path(path, to, BACKUP_SHEET, e) == 0)
        rc = file_write(path, buf_view(&text), 0600, e);
    json_decref(sheet);
    buf_dispose(&text);
    return rc;
}

bool backup_is_empty(const char *dir)
{
    DIR *list = opendir(dir);
    const struct dirent *entry;
    bool empty = true;

    while (list != NULL && empty && (entry = readdir(list)) != NULL)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (list != NULL)
        (void)closedir(list);
    return empty;
}

/* An earlier backup is gone on with; anything else stays untouched. */
static int take_place(const char *data_dir, const char *to, struct err *e)
{
    char sheet[PATH_MAX], half[PATH_MAX], real[2][PATH_MAX];

    if (backup_path(sheet, to, BACKUP_SHEET, e) != 0 || backup_path(half, to, "sealpress.db.new", e) != 0)
        return -1;
    if (mkdir(to, 0700) != 0 && errno != EEXIST)
        return err_set(e, ERR_UNAVAILABLE, "Cannot make %s: %s.", "无法建立 %s：%s。", to, strerror(errno));
    if (realpath(to, real[0]) != NULL && realpath(data_dir, real[1]) != NULL &&
        strncmp(real[0], real[1], strlen(real[1])) == 0 &&
        (real[0][strlen(real[1])] == '/' || real[0][strlen(real[1])] == '\0'))
        return err_set(e, ERR_INVALID,
                       "A backup inside the data directory is lost with it; name another place.",
                       "备份不能放在数据目录内，请指定其他位置。");
    if (file_exists(sheet) || file_exists(half) || backup_is_empty(to))
        return 0;
    return err_set(e, ERR_CONFLICT, "%s is neither empty nor a backup; name another directory.",
                   "%s 不是空目录，也不是备份，请指定其他目录。", to);
}

int backup_make(struct backup_report *out, const char *data_dir, const char *to, int64_t now,
                backup_watcher *watch, void *arg, struct err *e)
{
    char database[PATH_MAX], copy[PATH_MAX], final[PATH_MAX], config[PATH_MAX];
    bool there;

    *out = (struct backup_report){.files = 0};
    if (backup_path(database, data_dir, "sealpress.db", e) != 0 ||
        backup_path(copy, to, "sealpress.db.new", e) != 0 || backup_path(final, to, "sealpress.db", e) != 0 ||
        backup_path(config, data_dir, "config.json", e) != 0)
        return -1;
    if (!file_exists(database))
        return err_set(e, ERR_NOT_FOUND, "There is no database in %s.", "%s 中没有数据库。", data_dir);
    if (take_place(data_dir, to, e) != 0)
        return -1;
    /* the database first: every file that it names is there by then, and no file ever goes */
    if (store_copy_database(database, copy, e) != 0 ||
        backup_copy_folders(data_dir, to, NULL, out, watch, arg, e) != 0 ||
        tree_copy_file(&there, data_dir, to, "config.json", e) != 0 ||
        tree_copy_file(&there, data_dir, to, "series.json", e) != 0 || tree_sync(to, e) != 0)
        return -1;
    if (rename(copy, final) != 0)
        return err_set(e, ERR_UNAVAILABLE, "Cannot write %s: %s.", "无法写入 %s：%s。", final,
                       strerror(errno));
    if (check_files(&out->certificates, to, e) != 0 || write_sheet(to, out, now, e) != 0)
        return -1;
    return tree_sync(to, e);
}
