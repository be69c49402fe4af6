/* zip_directory.c - a stranger's table of contents. The library reads it again for itself; this is what it
 * lets pass and we do not: archives that say one thing to one reader and another to the next, bombs whose
 * entries share their bytes, tables that take more memory than they are worth. */
#include "archive/zip_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    COMMENT_MAX = 65535,
    RECORD_BYTES_MAX = 1024, /* of one entry in the table, on average: names of 260 characters fit */
    TABLE_SPARE = 128 * 1024,
    EXTRA_ZIP64 = 1,
    ATTRIBUTE_FOLDER = 0x10 /* of MS-DOS */
};

/* Where the table is, as the end of the archive says. */
struct end {
    uint64_t at; /* of the end record itself: the table is before it */
    uint64_t table, table_size, count;
};

static int refuse_damaged(struct err *e)
{
    return err_set(e, ERR_INVALID,
                   "The archive's table of contents is damaged; pack the files into a ZIP anew.",
                   "压缩包的目录已损坏，请重新打包为 ZIP。");
}

static int refuse_unknown(struct err *e)
{
    return err_set(e, ERR_INVALID,
                   "This is no ZIP archive, or it is not whole; pack it anew and send it all.",
                   "这不是 ZIP 压缩包，或文件不完整，请重新打包并完整上传。");
}

static int refuse_volumes(struct err *e)
{
    return err_set(e, ERR_INVALID,
                   "The archive is one of several volumes; pack everything into one ZIP instead.",
                   "这是分卷压缩包中的一卷，请改为打成一个 ZIP。");
}

int zip_part_read(void *out, const struct zip_part *p, uint64_t at, size_t len, struct err *e)
{
    size_t done = 0;

    if (at > p->size || len > p->size - at)
        return refuse_unknown(e);
    if (p->bytes != NULL) {
        memcpy(out, p->bytes + at, len);
        return 0;
    }
    while (done < len) {
        ssize_t got = pread(p->fd, (uint8_t *)out + done, len - done, (off_t)(p->offset + at + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            err_set(e, ERR_UNAVAILABLE, "The archive cannot be read now; try again.",
                    "暂时无法读取压缩包，请重试。");
            return err_detail(e, "pread: %s", strerror(errno));
        }
        if (got == 0)
            return refuse_unknown(e);
        done += (size_t)got;
    }
    return 0;
}

/* --- the end of the archive (APPNOTE 4.3.14 to 4.3.16) --- */

/* The end record stands before the comment, and readers look for it from behind: two signatures there mean
 * that two readers may see two archives. NULL with *e. */
static const uint8_t *end_find(struct slice tail, struct err *e)
{
    static const uint8_t signature[] = {'P', 'K', 5, 6};
    const struct slice wanted = {signature, sizeof signature};
    size_t first = slice_find(tail, 0, wanted);

    if (first != SIZE_MAX && slice_find(tail, first + 1, wanted) != SIZE_MAX) {
        err_set(e, ERR_INVALID,
                "The archive holds another archive at its end; pack the files themselves into one ZIP.",
                "压缩包末尾含有另一个压缩包，请把文件本身直接打成一个 ZIP。");
        return NULL;
    }
    if (first == SIZE_MAX || tail.len - first < ZIP_END ||
        first + ZIP_END + zip_get16(tail.ptr + first + 20) != tail.len) {
        refuse_unknown(e);
        return NULL;
    }
    return tail.ptr + first;
}

static int end64_read(struct end *out, const struct zip_part *p, const uint8_t *locator, struct err *e)
{
    uint8_t record[ZIP64_END] = {0};
    uint64_t at = zip_get64(locator + 8);

    if (zip_get32(locator + 4) != 0 || zip_get32(locator + 16) > 1)
        return refuse_volumes(e);
    if (at > out->at || out->at - at < ZIP64_END)
        return refuse_damaged(e);
    if (zip_part_read(record, p, at, sizeof record, e) != 0)
        return -1;
    if (memcmp(record, "PK\6\6", 4) != 0)
        return refuse_damaged(e);
    if (zip_get32(record + 16) != 0 || zip_get32(record + 20) != 0 ||
        zip_get64(record + 24) != zip_get64(record + 32))
        return refuse_volumes(e);
    out->at = at;
    out->count = zip_get64(record + 32);
    out->table_size = zip_get64(record + 40);
    out->table = zip_get64(record + 48);
    return 0;
}

static int end_read(struct end *out, const struct zip_part *p, struct err *e)
{
    size_t len = p->size < ZIP_END + COMMENT_MAX ? (size_t)p->size : ZIP_END + COMMENT_MAX;
    uint8_t *tail = calloc(len + 1, 1), locator[ZIP64_LOCATOR] = {0};
    const uint8_t *record;
    int rc = -1;

    if (tail == NULL)
        return err_no_memory(e);
    if (zip_part_read(tail, p, p->size - len, len, e) != 0 ||
        (record = end_find((struct slice){tail, len}, e)) == NULL)
        goto out;
    out->at = p->size - len + (uint64_t)(record - tail);
    out->count = zip_get16(record + 10);
    out->table_size = zip_get32(record + 12);
    out->table = zip_get32(record + 16);
    if (out->at >= ZIP64_LOCATOR) {
        if (zip_part_read(locator, p, out->at - ZIP64_LOCATOR, sizeof locator, e) != 0)
            goto out;
        if (memcmp(locator, "PK\6\7", 4) == 0) {
            out->at -= ZIP64_LOCATOR;
            rc = end64_read(out, p, locator, e);
            goto out;
        }
    }
    if (zip_get16(record + 4) != 0 || zip_get16(record + 6) != 0 ||
        zip_get16(record + 8) != zip_get16(record + 10)) {
        refuse_volumes(e);
        goto out;
    }
    rc = 0;
out:
    free(tail);
    return rc;
}

static int end_judge(const struct end *end, const struct zip_limits *limits, struct err *e)
{
    if (end->count > limits->entries)
        return err_set(e, ERR_TOO_LARGE, "The archive has %llu entries; at most %llu are taken.",
                       "压缩包内有 %llu 个文件，超过上限 %llu 个，请分批上传。",
                       (unsigned long long)end->count, (unsigned long long)limits->entries);
    if (end->table > end->at || end->table_size > end->at - end->table ||
        end->count > end->table_size / ZIP_CENTRAL)
        return refuse_damaged(e);
    if (end->table_size > end->count * RECORD_BYTES_MAX + TABLE_SPARE)
        return err_set(
            e, ERR_TOO_LARGE,
            "The names and notes in the archive are too long; pack the files anew with short names.",
            "压缩包内的文件名或附注过长，请使用较短的文件名重新打包。");
    return 0;
}

/* --- the table --- */

/* The next 8 bytes of a Zip64 field, where the 32 bits say that it stands there. */
static bool wide_take(uint64_t *value, struct slice *field)
{
    if (*value != UINT32_MAX)
        return true;
    if (field->len < 8)
        return false;
    *value = zip_get64(field->ptr);
    *field = slice_part(*field, 8, field->len - 8);
    return true;
}

/* Sizes and offset that do not fit into 32 bits stand in the extra field, in this order (APPNOTE 4.5.3). */
static bool zip64_take(struct zip_record *r, struct slice extra, uint32_t *disk)
{
    while (extra.len >= 4) {
        size_t size = zip_get16(extra.ptr + 2);
        struct slice field = slice_part(extra, 4, size);

        if (field.len < size)
            return false;
        if (zip_get16(extra.ptr) == EXTRA_ZIP64) {
            if (!wide_take(&r->size, &field) || !wide_take(&r->packed, &field) ||
                !wide_take(&r->offset, &field))
                return false;
            if (*disk == UINT16_MAX && field.len >= 4)
                *disk = zip_get32(field.ptr);
            return true;
        }
        extra = slice_part(extra, 4 + size, extra.len - 4 - size);
    }
    return true;
}

/* One record of the table at *at; moves *at behind it. */
static int record_read(struct zip_record *r, struct slice table, size_t *at, struct err *e)
{
    const uint8_t *p = table.ptr + *at;
    size_t name, extra, whole;
    uint32_t disk;

    if (table.len - *at < ZIP_CENTRAL || memcmp(p, "PK\1\2", 4) != 0)
        return refuse_damaged(e);
    name = zip_get16(p + 28);
    extra = zip_get16(p + 30);
    whole = ZIP_CENTRAL + name + extra + zip_get16(p + 32);
    disk = zip_get16(p + 34);
    if (table.len - *at < whole)
        return refuse_damaged(e);
    *r = (struct zip_record){.offset = zip_get32(p + 42),
                             .packed = zip_get32(p + 20),
                             .size = zip_get32(p + 24),
                             .crc32 = zip_get32(p + 16),
                             .method = zip_get16(p + 10),
                             .flags = zip_get16(p + 8)};
    if (!zip64_take(r, (struct slice){p + ZIP_CENTRAL + name, extra}, &disk))
        return refuse_damaged(e);
    if (disk != 0)
        return refuse_volumes(e);
    if (r->flags & ZIP_FLAG_HIDDEN)
        return err_set(e, ERR_INVALID, "The archive is encrypted; pack it without a password.",
                       "压缩包已加密，请取消密码后重新打包。");
    r->folder = name > 0 && (p[ZIP_CENTRAL + name - 1] == '/' || p[ZIP_CENTRAL + name - 1] == '\\' ||
                             (r->size == 0 && (p[38] & ATTRIBUTE_FOLDER) != 0));
    *at += whole;
    return 0;
}

static int table_read(struct zip_directory *d, const struct zip_part *p, const struct end *end, struct err *e)
{
    uint8_t *bytes = calloc((size_t)end->table_size + 1, 1);
    size_t at = 0;
    int rc = -1;

    d->records = calloc((size_t)end->count + 1, sizeof *d->records);
    if (bytes == NULL || d->records == NULL) {
        err_no_memory(e);
        goto out;
    }
    if (zip_part_read(bytes, p, end->table, (size_t)end->table_size, e) != 0)
        goto out;
    for (; d->count < end->count; d->count++) {
        if (record_read(&d->records[d->count], (struct slice){bytes, (size_t)end->table_size}, &at, e) != 0)
            goto out;
    }
    rc = at == end->table_size ? 0 : refuse_damaged(e);
out:
    free(bytes);
    return rc;
}

/* --- where the entries are --- */

struct extent {
    uint64_t from, end;
};

static int extent_compare(const void *a, const void *b)
{
    const struct extent *x = a, *y = b;

    return x->from != y->from ? (x->from < y->from ? -1 : 1) : (x->end > y->end) - (x->end < y->end);
}

/* From the local header to the last packed byte. */
static int extent_read(struct extent *out, struct zip_record *r, const struct zip_part *p, struct err *e)
{
    uint8_t header[ZIP_LOCAL] = {0};
    uint64_t start;

    *out = (struct extent){r->offset, r->offset};
    r->lost = r->offset > p->size || p->size - r->offset < ZIP_LOCAL;
    if (r->lost)
        return 0;
    if (zip_part_read(header, p, r->offset, sizeof header, e) != 0)
        return -1;
    r->lost = memcmp(header, "PK\3\4", 4) != 0;
    start = r->offset + ZIP_LOCAL + zip_get16(header + 26) + zip_get16(header + 28);
    if (__builtin_add_overflow(start, r->packed, &out->end))
        out->end = UINT64_MAX;
    return 0;
}

static int extents_judge(struct zip_directory *d, const struct zip_part *p, const struct end *end,
                         struct err *e)
{
    struct extent *extents = calloc(d->count + 1, sizeof *extents);
    int rc = -1;

    if (extents == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < d->count; i++) {
        if (extent_read(&extents[i], &d->records[i], p, e) != 0)
            goto out;
    }
    qsort(extents, d->count, sizeof *extents, extent_compare);
    for (size_t i = 0; i < d->count; i++) {
        if (extents[i].end > (i + 1 < d->count ? extents[i + 1].from : end->table)) {
            err_set(e, ERR_INVALID,
                    "Entries of the archive overlap: it is damaged or made to do harm. Pack the files anew.",
                    "压缩包内的文件相互重叠，可能已损坏或被恶意构造，请重新打包。");
            goto out;
        }
    }
    rc = 0;
out:
    free(extents);
    return rc;
}

int zip_directory_read(struct zip_directory *out, const struct zip_part *p, const struct zip_limits *limits,
                       struct err *e)
{
    struct end end = {0};

    *out = (struct zip_directory){NULL, 0};
    if (p->size > limits->packed)
        return err_set(e, ERR_TOO_LARGE, "The archive has %llu bytes; at most %llu are taken.",
                       "压缩包有 %llu 字节，超过上限 %llu 字节，请分批上传。", (unsigned long long)p->size,
                       (unsigned long long)limits->packed);
    if (end_read(&end, p, e) != 0 || end_judge(&end, limits, e) != 0 || table_read(out, p, &end, e) != 0 ||
        extents_judge(out, p, &end, e) != 0) {
        zip_directory_dispose(out);
        return -1;
    }
    return 0;
}

void zip_directory_dispose(struct zip_directory *d)
{
    free(d->records);
    *d = (struct zip_directory){NULL, 0};
}
