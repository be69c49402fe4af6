/* photos.c - one photo for one entry, and an archive of them taken in for the workshop. */
#include "base/digest.h"
#include "base/file.h"
#include "filing/photos_internal.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

int filing_crop_text(const char **out, const struct photo_crop *c, struct arena *a, struct err *e)
{
    json_t *json =
        json_pack("{sf sf sf sf sf sf ss}", "x", c->x, "y", c->y, "width", c->width, "height", c->height,
                  "rotate", c->rotate, "zoom", c->zoom > 0 ? c->zoom : 1.0, "size", photo_size_name(c->size));
    char *text =
        json != NULL ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(10)) : NULL;

    *out = text != NULL ? arena_text(a, text) : NULL;
    free(text);
    json_decref(json);
    return *out != NULL ? 0 : err_no_memory(e);
}

static int new_id(char out[CERTIFICATE_ID_SIZE], struct err *e)
{
    uint8_t id[16];

    if (random_bytes(id, sizeof id, e) != 0)
        return -1;
    hex_encode(out, (struct slice){id, sizeof id});
    return 0;
}

int photo_upload_init(struct upload *u, const struct filing_row *f, struct slice picture, struct slice jpeg,
                      const struct photo_crop *crop, const struct photo_report *report, int64_t now,
                      struct arena *a, struct err *e)
{
    bool png = picture.len >= 8 && memcmp(picture.ptr, "\x89PNG\r\n\x1a\n", 8) == 0;

    *u = (struct upload){.organisation = f->organisation,
                         .media_type = png ? "image/png" : "image/jpeg",
                         .source_width = report->source_width,
                         .source_height = report->source_height,
                         .width = report->width,
                         .height = report->height,
                         .upscaled = report->warn_upscaled,
                         .created = now};
    sha256(u->original, picture);
    sha256(u->photo, jpeg);
    return new_id(u->id, e) == 0 ? filing_crop_text(&u->crop_json, crop, a, e) : -1;
}

int photo_entry_takes(const struct entry_row *entry, struct err *e)
{
    switch (entry->state) {
    case ENTRY_WORKING:
        return err_set(e, ERR_CONFLICT,
                       "The certificate of %s is being made now; the photo cannot be changed any more.",
                       "%s的证书正在生成，照片不能更换。", entry->name);
    case ENTRY_MADE:
        return err_set(e, ERR_CONFLICT,
                       "The certificate of %s is made; another photo needs a replacement (补换证).",
                       "%s的证书已生成，更换照片请按补换证办理。", entry->name);
    case ENTRY_REMOVED:
        return err_set(e, ERR_CONFLICT, "%s was taken out of the list (核减).", "%s已从名单中核减。",
                       entry->name);
    case ENTRY_LISTED:
    case ENTRY_WAITING:
    case ENTRY_QUEUED:
    case ENTRY_FAILED:
    case ENTRY_STATES:
        break;
    }
    return 0;
}

static int may_upload(const struct filing_row *f, const struct filing_actor *who, struct err *e)
{
    struct filing_rights rights;

    filing_rights(&rights, f, who);
    if (rights.upload_photos)
        return 0;
    return err_set(e, ERR_FORBIDDEN, "Photos are sent by the organiser of the filing.",
                   "照片由备案的组建单位上传。");
}

int filing_take_photo(char upload_id[CERTIFICATE_ID_SIZE], struct store *s, const char *entry,
                      struct slice picture, const struct photo_crop *crop, photo_opener *open, void *arg,
                      const struct filing_actor *who, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct buf jpeg = BUF_INIT(PHOTO_JPEG_MAX);
    struct photo_report report;
    struct entry_row row;
    struct filing_row filing;
    struct upload u;
    int rc = -1;

    if (crop->size != PHOTO_2_CUN) {
        err_set(e, ERR_INVALID, "Certificates need a photo of 2cun.", "证书照片应为 2 寸（2cun）。");
        err_field(e, "?size");
        goto out;
    }
    if (store_entry(&row, s, entry, &a, e) != 0 || filing_find(&filing, s, row.filing, who, &a, e) != 0 ||
        may_upload(&filing, who, e) != 0 || photo_entry_takes(&row, e) != 0 ||
        open(arg, picture, crop, &jpeg, &report, e) != 0 ||
        photo_upload_init(&u, &filing, picture, buf_view(&jpeg), crop, &report, who->now, &a, e) != 0 ||
        store_keep_original(s, u.original, picture, e) != 0 || store_begin(s, e) != 0)
        goto out;
    if (store_put_upload(s, &u, picture, buf_view(&jpeg), e) != 0 ||
        store_set_entry_photo(s, row.id, u.id, who->now, e) != 0 || store_commit(s, e) != 0) {
        store_rollback(s);
        goto out;
    }
    memcpy(upload_id, u.id, sizeof u.id);
    rc = 0;
out:
    buf_dispose(&jpeg);
    arena_dispose(&a);
    return rc;
}

/* --- an archive --- */

enum { PIECE = 8 * 1024 * 1024, ARCHIVE_LEAST = 22, LEFT_OVER_SECONDS = 24 * 60 * 60 };
static const uint64_t ARCHIVE_MAX = 4ULL * 1024 * 1024 * 1024;

/* As the kernel can do it best: shared blocks, its own copy, or by way of us. -1 with errno. */
static ssize_t copy_piece(int to, int from, off_t *at, size_t len)
{
    ssize_t n = copy_file_range(from, at, to, NULL, len, 0);

    if (n >= 0 || (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP &&
                   errno != EBADF && errno != EPERM))
        return n;
    return sendfile(to, from, at, len);
}

static int copy_part(int to, int from, uint64_t offset, uint64_t size)
{
    off_t at = (off_t)offset, end = (off_t)(offset + size);

    while (at < end) {
        ssize_t n = copy_piece(to, from, &at, end - at < PIECE ? (size_t)(end - at) : PIECE);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO; /* shorter than it was said to be */
        if (n <= 0)
            return -1;
    }
    return 0;
}

static int cannot_keep(struct err *e, const char *path)
{
    err_set(e, ERR_UNAVAILABLE, "The archive cannot be kept (%s); check the disk and send it again.",
            "压缩包无法保存（%s），请检查磁盘后重新上传。", strerror(errno));
    return err_detail(e, "%s", path);
}

static int keep_archive(const char *path, int from, uint64_t offset, uint64_t size, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600), rc = 0;

    if (fd < 0)
        return cannot_keep(e, path);
    if (copy_part(fd, from, offset, size) != 0 || fsync(fd) != 0)
        rc = cannot_keep(e, path);
    if (close(fd) != 0 && rc == 0)
        rc = cannot_keep(e, path);
    if (rc != 0)
        (void)unlink(path);
    return rc;
}

static int check_archive(uint64_t size, struct err *e)
{
    if (size > ARCHIVE_MAX)
        return err_set(e, ERR_TOO_LARGE, "The archive is larger than 4 GB; divide it.",
                       "压缩包超过 4 GB，请拆分后分别上传。");
    if (size < ARCHIVE_LEAST)
        return err_set(e, ERR_INVALID, "This is no ZIP archive.", "上传的文件不是 ZIP 压缩包。");
    return 0;
}

/* The folder's name for the file is on the disk before a row names it. */
static int sync_inbox(const struct store *s, struct err *e)
{
    char inbox[PATH_MAX];

    (void)snprintf(inbox, sizeof inbox, "%s/inbox", store_data_dir(s));
    return dir_sync(inbox) == 0 ? 0 : cannot_keep(e, inbox);
}

static int make_inbox(const struct store *s, struct err *e)
{
    char inbox[PATH_MAX];

    (void)snprintf(inbox, sizeof inbox, "%s/inbox", store_data_dir(s));
    return dir_make(inbox, 0700, e);
}

/* Whether a file of the inbox is of no use any more: its job has ended, or never came to be, because the
 * process died before its row was written. */
static bool is_left_over(struct store *s, const char *name, time_t written, int64_t now)
{
    struct arena a = ARENA_INIT;
    struct job_row j;
    struct err why;
    bool over = false;

    if (strlen(name) != CERTIFICATE_ID_SIZE - 1 ||
        strspn(name, "0123456789abcdef") != CERTIFICATE_ID_SIZE - 1)
        return false;
    if (store_job(&j, s, name, &a, &why) == 0)
        over = j.state != JOB_WAITING && j.state != JOB_WORKING;
    else
        over = why.code == ERR_NOT_FOUND && now - (int64_t)written > LEFT_OVER_SECONDS;
    arena_dispose(&a);
    return over;
}

/* Lists that were sent to the console and never taken hold people's data: a day is enough. */
static bool is_old_list(const char *name, time_t written, int64_t now)
{
    return strncmp(name, "list-", 5) == 0 && now - (int64_t)written > LEFT_OVER_SECONDS;
}

void filing_sweep_inbox(struct store *s, int64_t now)
{
    char inbox[PATH_MAX];
    struct dirent *d;
    struct stat st;
    DIR *dir;

    (void)snprintf(inbox, sizeof inbox, "%s/inbox", store_data_dir(s));
    dir = opendir(inbox);
    while (dir != NULL && (d = readdir(dir)) != NULL) {
        if (fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            (is_old_list(d->d_name, st.st_mtime, now) || is_left_over(s, d->d_name, st.st_mtime, now)))
            (void)unlinkat(dirfd(dir), d->d_name, 0);
    }
    if (dir != NULL)
        (void)closedir(dir);
}

int filing_take_archive(char job[CERTIFICATE_ID_SIZE], struct store *s, const char *id, int fd,
                        uint64_t offset, uint64_t size, const char *file_name, const struct filing_actor *who,
                        struct err *e)
{
    struct arena a = ARENA_INIT;
    struct job_row row = {.kind = "photos", .actor = who->id, .state = JOB_WAITING, .created = who->now};
    struct filing_row filing;
    char path[PATH_MAX];
    bool kept = false;
    int rc = -1;

    if (filing_find(&filing, s, id, who, &a, e) != 0 || may_upload(&filing, who, e) != 0 ||
        check_archive(size, e) != 0 || new_id(row.id, e) != 0 || make_inbox(s, e) != 0)
        goto out;
    filing_sweep_inbox(s, who->now);
    store_job_file(path, sizeof path, s, row.id);
    row.organisation = filing.organisation;
    row.file_name = file_name != NULL ? photo_file_shown(file_name, &a) : NULL;
    memcpy(row.filing, filing.id, sizeof row.filing);
    if (keep_archive(path, fd, offset, size, e) != 0)
        goto out;
    kept = true;
    if (sync_inbox(s, e) != 0 || store_add_job(s, &row, e) != 0)
        goto out;
    memcpy(job, row.id, sizeof row.id);
    rc = 0;
out:
    if (rc != 0 && kept)
        (void)unlink(path);
    arena_dispose(&a);
    return rc;
}
