#include "cli/photo_folder.h"
#include "archive/zip.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/file.h"
#include "image/photo.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 100000, NAMES_MEMORY = 64 * 1024 * 1024, HEADERS = 64 * 1024 };

struct folder {
    const char *path;
    int dir;
    const char **names;
    size_t count, room;
    struct arena a;
    struct buf content; /* of one file */
};

static int cannot(struct err *e, const char *path)
{
    return err_set(e, ERR_UNAVAILABLE, "Cannot read %s: %s.", "无法读取 %s：%s。", path, strerror(errno));
}

static int add_name(struct folder *f, const char *name, struct err *e)
{
    if (f->count == FILES_MAX)
        return err_set(e, ERR_TOO_LARGE, "%s has more than %d files; divide them.",
                       "%s 中的文件超过 %d 个，请拆分。", f->path, FILES_MAX);
    if (f->count == f->room) {
        size_t room = f->room == 0 ? 256 : 2 * f->room;
        const char **names = realloc(f->names, room * sizeof *names);

        if (names == NULL)
            return err_no_memory(e);
        f->names = names;
        f->room = room;
    }
    f->names[f->count] = arena_text(&f->a, name);
    return f->names[f->count++] != NULL ? 0 : err_no_memory(e);
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Files only; those that begin with a dot are the system's. */
static int list_files(struct folder *f, struct err *e)
{
    int copy = dup(f->dir), rc = 0;
    DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *d;
    struct stat st;

    if (dir == NULL) {
        if (copy >= 0)
            (void)close(copy);
        return cannot(e, f->path);
    }
    while (rc == 0 && (d = readdir(dir)) != NULL) {
        if (d->d_name[0] != '.' && fstatat(f->dir, d->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
            rc = add_name(f, d->d_name, e);
    }
    (void)closedir(dir);
    if (rc == 0 && f->count > 0)
        qsort(f->names, f->count, sizeof *f->names, compare);
    return rc;
}

/* What is too large for a photo is put in cut short: it is refused by its own name then. */
static int read_one(struct folder *f, const char *name, struct err *e)
{
    int fd = openat(f->dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = 1;

    buf_reset(&f->content);
    if (fd < 0)
        return cannot(e, name);
    while (n > 0 && f->content.len <= PHOTO_MAX_BYTES) {
        uint8_t *room = buf_room(&f->content, 256 * 1024);

        if (room == NULL) {
            (void)close(fd);
            return err_no_memory(e);
        }
        n = read(fd, room, 256 * 1024);
        if (n > 0)
            buf_wrote(&f->content, (size_t)n);
    }
    (void)close(fd);
    return n < 0 ? cannot(e, name) : 0;
}

static int plan_files(struct zip_plan *plan, struct folder *f, struct err *e)
{
    for (size_t i = 0; i < f->count; i++) {
        if (read_one(f, f->names[i], e) != 0 ||
            zip_plan_add(plan, f->names[i], f->content.len, crc32_of(buf_view(&f->content)), e) != 0)
            return -1;
    }
    return zip_plan_end(plan, e);
}

static int write_piece(int fd, const struct zip_plan *plan, const struct zip_piece *piece, uint64_t at,
                       struct folder *f, uint64_t *wrote, struct err *e)
{
    struct slice bytes;

    if (piece->content) {
        assert(piece->entry < f->count);
        if (read_one(f, f->names[piece->entry], e) != 0)
            return -1;
        if (f->content.len != piece->len)
            return err_set(e, ERR_CONFLICT, "%s changed while it was read; try again.",
                           "读取过程中 %s 发生了变化，请重试。", f->names[piece->entry]);
    } else {
        size_t len = piece->len < HEADERS ? (size_t)piece->len : HEADERS;
        uint8_t *headers;

        buf_reset(&f->content);
        headers = buf_room(&f->content, len);
        if (headers == NULL)
            return err_no_memory(e);
        zip_plan_read(headers, plan, at, len);
        buf_wrote(&f->content, len);
    }
    bytes = buf_view(&f->content);
    *wrote = bytes.len;
    if (file_put(fd, bytes) == 0)
        return 0;
    return err_set(e, ERR_UNAVAILABLE, "The photos cannot be put together: %s.", "照片无法打包：%s。",
                   strerror(errno));
}

static int write_archive(int fd, const struct zip_plan *plan, struct folder *f, struct err *e)
{
    uint64_t size = zip_plan_size(plan), wrote = 0;

    for (uint64_t at = 0; at < size; at += wrote) {
        struct zip_piece piece;

        zip_plan_locate(&piece, plan, at);
        if (write_piece(fd, plan, &piece, at, f, &wrote, e) != 0)
            return -1;
    }
    return 0;
}

/* Gone with the last descriptor, whatever happens. */
static int nameless_file(struct err *e)
{
    const char *dir = getenv("TMPDIR");
    int fd;

    if (dir == NULL || dir[0] == '\0')
        dir = "/tmp";
    fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
        char path[PATH_MAX];

        (void)snprintf(path, sizeof path, "%s/sealpress-photos.XXXXXX", dir);
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
            (void)unlink(path);
    }
    if (fd < 0)
        err_set(e, ERR_UNAVAILABLE, "Cannot write to %s: %s.", "无法写入 %s：%s。", dir, strerror(errno));
    return fd;
}

int photo_folder_pack(int *fd, uint64_t *size, const char *folder, struct err *e)
{
    struct folder f = {.path = folder,
                       .a = {.max = NAMES_MEMORY},
                       .content = BUF_INIT((size_t)PHOTO_MAX_BYTES + 512 * 1024)};
    struct zip_plan *plan = NULL;
    int rc = -1;

    *fd = -1;
    f.dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f.dir < 0) {
        (void)cannot(e, folder);
        goto out;
    }
    if (list_files(&f, e) != 0 || zip_plan_new(&plan, (int64_t)time(NULL), e) != 0 ||
        plan_files(plan, &f, e) != 0 || (*fd = nameless_file(e)) < 0 || write_archive(*fd, plan, &f, e) != 0)
        goto out;
    *size = zip_plan_size(plan);
    rc = 0;
out:
    if (rc != 0 && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    if (f.dir >= 0)
        (void)close(f.dir);
    zip_plan_free(plan);
    free(f.names);
    arena_dispose(&f.a);
    buf_dispose(&f.content);
    return rc;
}
