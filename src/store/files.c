/* files.c - the signed files, below files/ of the data directory. */
#include "base/file.h"
#include "store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void store_file_name(char out[64], const char *id)
{
    (void)snprintf(out, 64, "files/%.2s/%.32s.pdf", id, id);
}

int store_put_file(struct store *s, const char *id, struct slice pdf, struct err *e)
{
    char dir[PATH_MAX + 64], path[PATH_MAX + 80], name[64];

    store_file_name(name, id);
    (void)snprintf(dir, sizeof dir, "%s/files/%.2s", store_data_dir(s), id);
    (void)snprintf(path, sizeof path, "%s/%s", store_data_dir(s), name);
    if (dir_make(dir, 0750, e) != 0)
        return -1;
    return file_write(path, pdf, 0640, e);
}

void store_sweep_file(struct store *s, const char *id)
{
    char dir[PATH_MAX + 64], begins[64];
    size_t len = (size_t)snprintf(begins, sizeof begins, "%.32s.pdf.", id);
    struct dirent *entry;
    DIR *d;

    (void)snprintf(dir, sizeof dir, "%s/files/%.2s", store_data_dir(s), id);
    d = opendir(dir);
    while (d != NULL && (entry = readdir(d)) != NULL) {
        if (strncmp(entry->d_name, begins, len) == 0)
            (void)unlinkat(dirfd(d), entry->d_name, 0);
    }
    if (d != NULL)
        (void)closedir(d);
}

/* Whatever is in its place, or nothing: to the caller the file is not to be had now. */
static int not_the_file(struct err *e, const struct certificate_row *r, const char *path)
{
    err_set(e, ERR_UNAVAILABLE,
            "The stored file of certificate %s is not the one that was issued; restore it from a backup.",
            "证书 %s 的存档文件与签发时不一致，请从备份恢复。", r->number);
    return err_detail(e, "%s", path);
}

int store_file(struct buf *out, struct store *s, const struct certificate_row *r, struct err *e)
{
    char path[PATH_MAX + 80], name[64];
    uint8_t sha[SHA256_SIZE];
    size_t from = out->len;

    store_file_name(name, r->id);
    (void)snprintf(path, sizeof path, "%s/%s", store_data_dir(s), name);
    if (file_read(out, path, e) != 0)
        return e->code == ERR_NOT_FOUND || e->code == ERR_INVALID || e->code == ERR_TOO_LARGE
                   ? not_the_file(e, r, path)
                   : -1;
    sha256(sha, (struct slice){out->data + from, out->len - from});
    if (memcmp(sha, r->file_sha256, SHA256_SIZE) == 0)
        return 0;
    out->len = from;
    return not_the_file(e, r, path);
}

/* A file on its way: written under another name first. */
struct pending {
    int fd;
    char temporary[PATH_MAX + 96], path[PATH_MAX + 80], folder[PATH_MAX + 64];
};

static int cannot_write(struct err *e, const char *path)
{
    return err_set(e, ERR_UNAVAILABLE, "Cannot write %s: %s. Check the free space and who may write there.",
                   "无法写入 %s：%s。请检查剩余空间和写入权限。", path, strerror(errno));
}

static int write_pending(struct pending *p, struct store *s, const struct stored_file *f, struct err *e)
{
    char name[64];

    p->fd = -1;
    store_file_name(name, f->id);
    (void)snprintf(p->folder, sizeof p->folder, "%s/files/%.2s", store_data_dir(s), f->id);
    (void)snprintf(p->path, sizeof p->path, "%s/%s", store_data_dir(s), name);
    (void)snprintf(p->temporary, sizeof p->temporary, "%s.XXXXXX", p->path);
    if (dir_make(p->folder, 0750, e) != 0)
        return -1;
    p->fd = mkostemp(p->temporary, O_CLOEXEC);
    if (p->fd < 0 || fchmod(p->fd, 0640) != 0 || file_put(p->fd, f->pdf) != 0)
        return cannot_write(e, p->path);
    return 0;
}

/* Sets the disk to work without waiting, so that the fsync() of many files finds their common blocks written
 * once. */
static void start_writing(const struct pending *p)
{
    (void)sync_file_range(p->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* a hint: fsync() is what counts */
}

static int sync_pending(struct pending *p, struct err *e)
{
    int rc = fsync(p->fd);

    if (close(p->fd) != 0)
        rc = -1;
    p->fd = -1;
    return rc == 0 ? 0 : cannot_write(e, p->path);
}

static int name_pending(struct pending *p, struct err *e)
{
    if (rename(p->temporary, p->path) != 0)
        return cannot_write(e, p->path);
    p->temporary[0] = '\0';
    return 0;
}

static void give_up(struct pending *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].fd >= 0)
            (void)close(list[i].fd);
        if (list[i].temporary[0] != '\0')
            (void)unlink(list[i].temporary);
    }
}

int store_put_files(struct store *s, const struct stored_file *files, size_t count, struct err *e)
{
    struct pending *list = calloc(count + 1, sizeof *list);
    size_t written = 0;
    int rc = 0;

    if (list == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < count && rc == 0; i++, written++)
        rc = write_pending(&list[i], s, &files[i], e);
    for (size_t i = 0; i < count && rc == 0; i++)
        start_writing(&list[i]);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = sync_pending(&list[i], e);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = name_pending(&list[i], e);
    for (size_t i = 0; i < count && rc == 0; i++) {
        if (i == 0 || strcmp(list[i].folder, list[i - 1].folder) != 0)
            rc = dir_sync(list[i].folder) == 0 ? 0 : cannot_write(e, list[i].folder);
    }
    if (rc != 0)
        give_up(list, written);
    free(list);
    return rc;
}
