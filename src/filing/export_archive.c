/* export_archive.c - the archive that a frozen list stands for, made while it is read. */
#include "base/log.h"
#include "filing/export_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID_BYTES = (CERTIFICATE_ID_SIZE - 1) / 2, OWN_MAX = 256 * 1024 * 1024 };

/* A stored certificate. */
struct member {
    uint8_t id[ID_BYTES];
    uint32_t size, crc32;
};

struct export_archive {
    atomic_uint users;
    struct zip_plan *plan; /* the members, then manifest.csv, then SHA256SUMS */
    struct member *members;
    size_t count, room;
    struct buf manifest, sums;
    char etag[2 * SHA256_SIZE + 3];
    char *data_dir, *file_name;
};

struct export_reader {
    struct export_archive *archive;
    size_t member; /* whose bytes stand in `bytes`; SIZE_MAX: none's */
    struct buf bytes;
};

/* --- made of a list --- */

static void sums_add(struct export_archive *x, const uint8_t sha[SHA256_SIZE], const char *name)
{
    char text[2 * SHA256_SIZE + 1];

    hex_encode(text, (struct slice){sha, SHA256_SIZE});
    buf_printf(&x->sums, "%s  %s\n", text, name);
}

static void manifest_begin(struct export_archive *x)
{
    static const char *const titles[] = {"序号", "证书编号", "姓名",   "证件号码",
                                         "状态", "说明",     "文件名", "SHA-256"};
    const size_t count = sizeof titles / sizeof titles[0];

    buf_append_text(&x->manifest, "\xEF\xBB\xBF"); /* without it Excel reads another encoding */
    for (size_t i = 0; i < count; i++)
        csv_put(&x->manifest, titles[i], i + 1 == count);
}

static void manifest_add(struct export_archive *x, const struct export_line *l)
{
    char serial[16], sha[2 * SHA256_SIZE + 1] = "";

    (void)snprintf(serial, sizeof serial, "%u", l->serial);
    if (l->has_file)
        hex_encode(sha, (struct slice){l->sha256, SHA256_SIZE});
    csv_put(&x->manifest, serial, false);
    csv_put(&x->manifest, l->number, false);
    csv_put(&x->manifest, l->name, false);
    csv_put(&x->manifest, l->masked, false);
    csv_put(&x->manifest, l->state, false);
    csv_put(&x->manifest, l->reason, false);
    csv_put(&x->manifest, l->file, false);
    csv_put(&x->manifest, sha, true);
}

static int member_add(struct export_archive *x, const struct export_line *l, struct err *e)
{
    struct member *m;

    if (x->count == x->room) {
        size_t room = x->room ? x->room * 2 : 256;
        struct member *more = realloc(x->members, room * sizeof *more);

        if (more == NULL)
            return err_no_memory(e);
        x->members = more;
        x->room = room;
    }
    m = &x->members[x->count];
    if (l->size > EXPORT_FILE_MAX || !hex_decode(m->id, ID_BYTES, l->certificate, strlen(l->certificate)))
        return err_set(e, ERR_UNAVAILABLE,
                       "Certificate %.40s cannot be put into an archive; tell the operator.",
                       "证书 %.40s 无法放入压缩包，请联系管理员。", l->number);
    m->size = (uint32_t)l->size;
    m->crc32 = l->crc32;
    x->count++;
    sums_add(x, l->sha256, l->file);
    return zip_plan_add(x->plan, l->file, l->size, l->crc32, e);
}

static int lines_take(struct export_archive *x, struct slice list, struct err *e)
{
    struct export_list lines;
    struct export_line line;
    int rc = -1;

    if (export_list_open(&lines, list, e) != 0 || zip_plan_new(&x->plan, lines.moment, e) != 0)
        goto out;
    manifest_begin(x);
    while (export_list_next(&line, &lines, &rc, e)) {
        manifest_add(x, &line);
        if (line.has_file && member_add(x, &line, e) != 0) {
            rc = -1;
            break;
        }
    }
out:
    export_list_close(&lines);
    return rc;
}

/* What is full is never written to again. */
static void shrink(struct buf *b)
{
    uint8_t *exact = b->len > 0 ? realloc(b->data, b->len) : NULL;

    if (exact != NULL) {
        b->data = exact;
        b->cap = b->len;
    }
}

/* Our own two files end the archive. */
static int own_files_add(struct export_archive *x, struct err *e)
{
    uint8_t sha[SHA256_SIZE];

    sha256(sha, buf_view(&x->manifest));
    sums_add(x, sha, "manifest.csv");
    if (!buf_ok(&x->manifest) || !buf_ok(&x->sums))
        return err_no_memory(e);
    shrink(&x->manifest);
    shrink(&x->sums);
    if (zip_plan_add(x->plan, "manifest.csv", x->manifest.len, crc32_of(buf_view(&x->manifest)), e) != 0 ||
        zip_plan_add(x->plan, "SHA256SUMS", x->sums.len, crc32_of(buf_view(&x->sums)), e) != 0)
        return -1;
    return zip_plan_end(x->plan, e);
}

int export_build(struct export_archive **out, const char *data_dir, const char *name, struct slice list,
                 const uint8_t sha[SHA256_SIZE], struct err *e)
{
    struct export_archive *x = calloc(1, sizeof *x);
    char hex[2 * SHA256_SIZE + 1];

    *out = NULL;
    if (x == NULL)
        return err_no_memory(e);
    atomic_init(&x->users, 1);
    buf_init(&x->manifest, OWN_MAX);
    buf_init(&x->sums, OWN_MAX);
    /* About what they become, at once: growing by doubling would leave holes as large. */
    (void)buf_room(&x->manifest, list.len);
    (void)buf_room(&x->sums, list.len / 2);
    hex_encode(hex, (struct slice){sha, SHA256_SIZE});
    (void)snprintf(x->etag, sizeof x->etag, "\"%s\"", hex);
    x->data_dir = strdup(data_dir);
    x->file_name = strdup(name);
    if (x->data_dir == NULL || x->file_name == NULL) {
        err_no_memory(e);
        export_close(x);
        return -1;
    }
    if (lines_take(x, list, e) != 0 || own_files_add(x, e) != 0) {
        export_close(x);
        return -1;
    }
    *out = x;
    return 0;
}

int export_open(struct export_archive **out, struct store *s, const char *id, int64_t now, struct err *e)
{
    struct arena a = {.max = (size_t)EXPORT_LIST_MAX + 65536};
    uint8_t sha[SHA256_SIZE];
    struct export_row row;
    int rc = -1;

    *out = NULL;
    if (store_export(&row, true, s, id, now, &a, e) != 0)
        goto out;
    sha256(sha, row.list);
    if (memcmp(sha, row.list_sha256, SHA256_SIZE) != 0) {
        err_set(e, ERR_UNAVAILABLE, "The kept list of this export is damaged; make a new one.",
                "此批量下载的存档清单已损坏，请重新生成。");
        goto out;
    }
    rc = export_build(out, store_data_dir(s), row.file_name, row.list, sha, e);
out:
    arena_dispose(&a);
    (void)malloc_trim(0); /* the list's megabytes would else stay with the process */
    return rc;
}

struct export_archive *export_ref(struct export_archive *x)
{
    atomic_fetch_add(&x->users, 1);
    return x;
}

void export_close(struct export_archive *x)
{
    if (x == NULL || atomic_fetch_sub(&x->users, 1) > 1)
        return;
    zip_plan_free(x->plan);
    free(x->members);
    buf_dispose(&x->manifest);
    buf_dispose(&x->sums);
    free(x->data_dir);
    free(x->file_name);
    free(x);
}

uint64_t export_size(const struct export_archive *x)
{
    return zip_plan_size(x->plan);
}

const char *export_etag(const struct export_archive *x)
{
    return x->etag;
}

const char *export_file_name(const struct export_archive *x)
{
    return x->file_name;
}

/* --- stored files --- */

/* The file's path; NULL without memory. */
static char *stored_path(const char *data_dir, const char *certificate)
{
    char name[64], *path;

    store_file_name(name, certificate);
    return asprintf(&path, "%s/%s", data_dir, name) < 0 ? NULL : path;
}

bool export_file_there(const char *data_dir, const char *certificate, uint64_t size)
{
    char *path = stored_path(data_dir, certificate);
    struct stat st;
    bool there = path != NULL && stat(path, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == size;

    free(path);
    return there;
}

/* Whatever is in its place: the archive's bytes were promised, and these are others. */
static int not_the_file(struct err *e, const char *id, const char *why)
{
    struct log_line l;

    log_begin(&l, "export_cut");
    log_text(&l, "certificate", id);
    log_text(&l, "detail", why);
    log_end(&l);
    err_set(e, ERR_UNAVAILABLE,
            "The stored file of certificate %s is not the one that was issued; restore it from a backup.",
            "证书 %s 的存档文件与签发时不一致，请从备份恢复。", id);
    return err_detail(e, "%s", why);
}

static int read_whole(struct buf *out, int fd, size_t size)
{
    uint8_t *to = buf_room(out, size + 1); /* one more shows that it grew */

    while (to != NULL && out->len <= size) {
        ssize_t got = read(fd, out->data + out->len, size + 1 - out->len);

        if (got == 0)
            return 0;
        if (got > 0)
            buf_wrote(out, (size_t)got);
        else if (errno != EINTR)
            return -1;
    }
    if (to == NULL)
        errno = ENOMEM;
    return to == NULL ? -1 : 0;
}

/* Reads member `index` into r, unless it stands there: no byte of it goes out before all were checked. */
static int member_load(struct export_reader *r, size_t index, struct err *e)
{
    const struct member *m = &r->archive->members[index];
    char id[CERTIFICATE_ID_SIZE], *path;
    int fd = -1, rc = -1;

    if (r->member == index)
        return 0;
    r->member = SIZE_MAX;
    buf_reset(&r->bytes);
    hex_encode(id, (struct slice){m->id, ID_BYTES});
    path = stored_path(r->archive->data_dir, id);
    if (path == NULL)
        return err_no_memory(e);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || read_whole(&r->bytes, fd, m->size) != 0) {
        not_the_file(e, id, strerror(errno));
    } else if (r->bytes.len != m->size) {
        not_the_file(e, id, "size");
    } else if (crc32_of(buf_view(&r->bytes)) != m->crc32) {
        not_the_file(e, id, "sum");
    } else {
        r->member = index;
        rc = 0;
    }
    if (fd >= 0)
        (void)close(fd);
    free(path);
    return rc;
}

/* --- reading --- */

int export_reader_open(struct export_reader **out, struct export_archive *x, struct err *e)
{
    struct export_reader *r = calloc(1, sizeof *r);

    *out = NULL;
    if (r == NULL)
        return err_no_memory(e);
    r->archive = x;
    r->member = SIZE_MAX;
    buf_init(&r->bytes, EXPORT_FILE_MAX + 1);
    *out = r;
    return 0;
}

void export_reader_close(struct export_reader *r)
{
    if (r == NULL)
        return;
    buf_dispose(&r->bytes);
    export_close(r->archive);
    free(r);
}

static int content_read(struct export_reader *r, const struct zip_piece *piece, uint8_t *out, size_t len,
                        struct err *e)
{
    struct export_archive *x = r->archive;
    struct slice from;

    if (piece->entry < x->count) {
        if (member_load(r, piece->entry, e) != 0)
            return -1;
        from = buf_view(&r->bytes);
    } else {
        from = buf_view(piece->entry == x->count ? &x->manifest : &x->sums);
    }
    memcpy(out, from.ptr + piece->offset, len);
    return 0;
}

int export_read(struct export_reader *r, uint64_t at, uint8_t *out, size_t len, struct err *e)
{
    const struct zip_plan *plan = r->archive->plan;

    while (len > 0) {
        struct zip_piece piece;
        size_t n;

        zip_plan_locate(&piece, plan, at);
        n = piece.len < len ? (size_t)piece.len : len;
        if (!piece.content)
            zip_plan_read(out, plan, at, n);
        else if (content_read(r, &piece, out, n, e) != 0)
            return -1;
        at += n;
        out += n;
        len -= n;
    }
    return 0;
}
