#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_read(struct err *e, const char *path, int why)
{
    if (why == ENOENT)
        err_set(e, ERR_NOT_FOUND, "There is no file %s; check the path.", "没有文件 %s，请检查路径。", path);
    else
        err_set(e, ERR_UNAVAILABLE, "Cannot read %s: %s.", "无法读取 %s：%s。", path, strerror(why));
    return -1;
}

static int cannot_write(struct err *e, const char *path, int why)
{
    return err_set(e, ERR_UNAVAILABLE, "Cannot write %s: %s. Check the free space and who may write there.",
                   "无法写入 %s：%s。请检查剩余空间和写入权限。", path, strerror(why));
}

static int too_large(struct err *e, const char *path, size_t max)
{
    return err_set(e, ERR_TOO_LARGE, "%s is larger than the %zu bytes allowed here.",
                   "%s 超过了允许的 %zu 字节。", path, max);
}

static int read_all(struct buf *out, int fd, const char *path, struct err *e)
{
    for (;;) {
        size_t left = out->max - out->len;
        size_t step = left < 65536 ? left : 65536;
        uint8_t *at = buf_room(out, step);
        uint8_t beyond;
        ssize_t got;

        if (at == NULL)
            return err_no_memory(e);
        got = read(fd, step ? at : &beyond, step ? step : 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cannot_read(e, path, errno);
        if (got == 0)
            return 0;
        if (step == 0)
            return too_large(e, path, out->max);
        buf_wrote(out, (size_t)got);
    }
}

int file_read(struct buf *out, const char *path, struct err *e)
{
    struct stat st;
    int fd, rc = -1;

    if (strcmp(path, "-") == 0)
        return read_all(out, STDIN_FILENO, "standard input", e);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return cannot_read(e, path, errno);
    if (fstat(fd, &st) != 0)
        cannot_read(e, path, errno);
    else if (S_ISDIR(st.st_mode))
        err_set(e, ERR_INVALID, "%s is a directory, not a file.", "%s 是目录，不是文件。", path);
    else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > out->max - out->len)
        too_large(e, path, out->max);
    else
        rc = read_all(out, fd, path, e);
    (void)close(fd);
    return rc;
}

int file_put(int fd, struct slice s)
{
    while (s.len > 0) {
        ssize_t put = write(fd, s.ptr, s.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        s = slice_part(s, (size_t)put, s.len);
    }
    return 0;
}

int dir_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc;

    if (fd < 0)
        return -1;
    rc = fsync(fd);
    (void)close(fd);
    return rc;
}

static int sync_parent(const char *path)
{
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);

    if (len >= sizeof parent)
        return -1;
    memcpy(parent, len ? path : ".", len ? len : 1);
    parent[len ? len : 1] = '\0';
    return dir_sync(parent);
}

int file_write(const char *path, struct slice content, mode_t mode, struct err *e)
{
    return file_write_as(path, content, mode, (uid_t)-1, (gid_t)-1, e);
}

int file_write_as(const char *path, struct slice content, mode_t mode, uid_t uid, gid_t gid, struct err *e)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    int fd, why;

    if (length < 0 || (size_t)length >= sizeof temporary)
        return cannot_write(e, path, ENAMETOOLONG);
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return cannot_write(e, path, errno);
    if (file_put(fd, content) != 0 || fchown(fd, uid, gid) != 0 || fchmod(fd, mode) != 0 || fsync(fd) != 0) {
        why = errno;
        (void)close(fd);
        (void)unlink(temporary);
        return cannot_write(e, path, why);
    }
    if (close(fd) != 0 || rename(temporary, path) != 0) {
        why = errno;
        (void)unlink(temporary);
        return cannot_write(e, path, why);
    }
    return sync_parent(path) == 0 ? 0 : cannot_write(e, path, errno);
}

int dir_make(const char *path, mode_t mode, struct err *e)
{
    struct stat st;

    if (mkdir(path, mode) == 0)
        return sync_parent(path) == 0 ? 0 : cannot_write(e, path, errno);
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return 0;
    return cannot_write(e, path, errno);
}

bool file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}
