/* zip_read.c - a stranger's archive, entry by entry: the library inflates, every bound is ours. */
#include "archive/zip_internal.h"
#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unistd.h>
#include <zip.h>

enum { PIECE_BYTES = 64 * 1024, NAME_BYTES = 256 * 1024, SHOWN_BYTES = 80 };

struct zip_reader {
    struct zip_part part;
    uint64_t at; /* where the library reads */
    zip_error_t error;
    zip_t *zip;
    struct zip_directory directory;
    struct zip_limits limits;
    uint64_t total; /* of all entries that were read */
    struct buf name;
    UConverter *gb18030;
    uint8_t *piece;
};

/* --- the part of the file, for the library --- */

static zip_int64_t part_give(struct zip_reader *z, void *data, zip_uint64_t len)
{
    uint64_t left = z->part.size - z->at;
    struct err e;

    if (len > left)
        len = left;
    if (zip_part_read(data, &z->part, z->at, (size_t)len, &e) != 0) {
        zip_error_set(&z->error, ZIP_ER_READ, 0);
        return -1;
    }
    z->at += len;
    return (zip_int64_t)len;
}

static zip_int64_t part_seek(struct zip_reader *z, void *data, zip_uint64_t len)
{
    zip_int64_t at = zip_source_seek_compute_offset(z->at, z->part.size, data, len, &z->error);

    if (at < 0)
        return -1;
    z->at = (uint64_t)at;
    return 0;
}

static zip_int64_t part_stat(struct zip_reader *z, void *data, zip_uint64_t len)
{
    zip_stat_t *st = ZIP_SOURCE_GET_ARGS(zip_stat_t, data, len, &z->error);

    if (st == NULL)
        return -1;
    zip_stat_init(st);
    st->valid = ZIP_STAT_SIZE;
    st->size = z->part.size;
    return sizeof *st;
}

static zip_int64_t part_source(void *arg, void *data, zip_uint64_t len, zip_source_cmd_t command)
{
    struct zip_reader *z = arg;

    switch (command) {
    case ZIP_SOURCE_OPEN:
        z->at = 0;
        return 0;
    case ZIP_SOURCE_READ:
        return part_give(z, data, len);
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_STAT:
        return part_stat(z, data, len);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&z->error, data, len);
    case ZIP_SOURCE_SEEK:
        return part_seek(z, data, len);
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)z->at;
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS, -1);
    default:
        zip_error_set(&z->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

/* --- opening --- */

static int refuse_by_library(struct err *e, zip_error_t *why)
{
    int code = zip_error_code_zip(why);

    if (code == ZIP_ER_MEMORY)
        return err_no_memory(e);
    if (code == ZIP_ER_READ || code == ZIP_ER_SEEK)
        err_set(e, ERR_UNAVAILABLE, "The archive cannot be read now; try again.",
                "暂时无法读取压缩包，请重试。");
    else
        err_set(e, ERR_INVALID, "The archive is damaged; pack the files into a ZIP anew.",
                "压缩包已损坏，请重新打包为 ZIP。");
    return err_detail(e, "libzip: %s", zip_error_strerror(why));
}

static int library_open(struct zip_reader *z, struct err *e)
{
    zip_error_t error;
    zip_source_t *source;
    int rc = -1;

    zip_error_init(&error);
    source = zip_source_function_create(part_source, z, &error);
    z->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (z->zip == NULL) {
        zip_source_free(source);
        refuse_by_library(e, &error);
        goto out;
    }
    if (zip_get_num_entries(z->zip, 0) != (zip_int64_t)z->directory.count) {
        zip_error_set(&error, ZIP_ER_INCONS, 0);
        refuse_by_library(e, &error);
        goto out;
    }
    rc = 0;
out:
    zip_error_fini(&error);
    return rc;
}

static int reader_open(struct zip_reader **out, struct zip_part part, const struct zip_limits *limits,
                       struct err *e)
{
    struct zip_reader *z = calloc(1, sizeof *z);

    *out = NULL;
    if (z == NULL)
        return err_no_memory(e);
    z->part = part;
    z->limits = *limits;
    buf_init(&z->name, NAME_BYTES);
    zip_error_init(&z->error);
    z->piece = malloc(PIECE_BYTES);
    if (z->piece == NULL)
        err_no_memory(e);
    if (z->piece == NULL || zip_directory_read(&z->directory, &z->part, limits, e) != 0 ||
        library_open(z, e) != 0) {
        zip_reader_close(z);
        return -1;
    }
    *out = z;
    return 0;
}

int zip_reader_open(struct zip_reader **out, int fd, uint64_t offset, uint64_t size,
                    const struct zip_limits *limits, struct err *e)
{
    return reader_open(out, (struct zip_part){fd, offset, size, NULL}, limits, e);
}

int zip_reader_open_bytes(struct zip_reader **out, struct slice bytes, const struct zip_limits *limits,
                          struct err *e)
{
    return reader_open(out, (struct zip_part){-1, 0, bytes.len, bytes.ptr}, limits, e);
}

void zip_reader_close(struct zip_reader *z)
{
    if (z == NULL)
        return;
    if (z->zip != NULL)
        zip_discard(z->zip);
    if (z->gb18030 != NULL)
        ucnv_close(z->gb18030);
    zip_error_fini(&z->error);
    zip_directory_dispose(&z->directory);
    buf_dispose(&z->name);
    free(z->piece);
    free(z);
}

size_t zip_reader_count(const struct zip_reader *z)
{
    return z->directory.count;
}

/* --- names --- */

/* Some write UTF-8 without saying so. GB18030 that happens to be UTF-8 of three bytes and more throughout is
 * rarer than they are; two-byte forms (Latin, Greek, Cyrillic) would be the contrary. */
static bool looks_like_utf8(struct slice name)
{
    uint32_t cp;
    size_t at = 0;

    while (utf8_next(name, &at, &cp)) {
        if (cp >= 0x80 && cp < 0x800)
            return false;
    }
    return at == name.len;
}

static int name_convert(struct zip_reader *z, struct slice raw, struct err *e)
{
    UErrorCode status = U_ZERO_ERROR;
    size_t room = raw.len * 3 + 1; /* U+FFFD for one byte */
    uint8_t *to;
    int32_t len;

    if (z->gb18030 == NULL)
        z->gb18030 = ucnv_open("gb18030", &status);
    to = buf_room(&z->name, room);
    if (z->gb18030 == NULL || to == NULL)
        return err_no_memory(e);
    len = ucnv_toAlgorithmic(UCNV_UTF8, z->gb18030, (char *)to, (int32_t)room, (const char *)raw.ptr,
                             (int32_t)raw.len, &status);
    if (U_FAILURE(status))
        return err_set(e, ERR_INVALID, "The name of an entry cannot be read; rename it and pack anew.",
                       "压缩包内有文件名无法识别，请改名后重新打包。");
    buf_wrote(&z->name, (size_t)len);
    return 0;
}

/* NULL with *e. */
static const char *name_read(struct zip_reader *z, size_t index, struct err *e)
{
    const char *text = zip_get_name(z->zip, index, ZIP_FL_ENC_RAW);
    struct slice raw = slice_of(text ? text : "");
    bool flagged = (z->directory.records[index].flags & ZIP_FLAG_UTF8) != 0;

    buf_reset(&z->name);
    if (flagged ? utf8_valid(raw) : looks_like_utf8(raw))
        buf_append(&z->name, raw);
    else if (name_convert(z, raw, e) != 0)
        return NULL;
    text = buf_text(&z->name);
    if (text == NULL)
        err_no_memory(e);
    return text;
}

static bool is_encrypted(const struct zip_record *r)
{
    enum { METHOD_AES = 99 };

    return (r->flags & (ZIP_FLAG_ENCRYPTED | ZIP_FLAG_STRONG)) != 0 || r->method == METHOD_AES;
}

int zip_entry_at(struct zip_entry *out, struct zip_reader *z, size_t index, struct err *e)
{
    const struct zip_record *r;
    const char *name;

    *out = (struct zip_entry){.name = ""};
    if (index >= z->directory.count)
        return err_set(e, ERR_INTERNAL, "The archive has no such entry; this is a bug.",
                       "压缩包内没有此项，这是程序缺陷。");
    name = name_read(z, index, e);
    if (name == NULL)
        return -1;
    r = &z->directory.records[index];
    *out =
        (struct zip_entry){.name = name, .size = r->size, .folder = r->folder, .encrypted = is_encrypted(r)};
    return 0;
}

/* --- contents --- */

static bool ends_like_archive(const char *name)
{
    static const char *const endings[] = {".zip", ".rar", ".7z",  ".gz",  ".tgz", ".bz2", ".xz",
                                          ".tar", ".jar", ".zst", ".cab", ".lzh", ".arj"};
    size_t len = strlen(name);

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t ending = strlen(endings[i]);

        if (len >= ending && strcasecmp(name + len - ending, endings[i]) == 0)
            return true;
    }
    return false;
}

static bool begins_like_archive(struct slice content)
{
    static const struct {
        const char *bytes;
        size_t len;
    } beginnings[] = {{"PK\3\4", 4},
                      {"PK\5\6", 4},
                      {"PK\7\x8", 4},
                      {"Rar!\x1a\7", 6},
                      {"7z\xbc\xaf\x27\x1c", 6},
                      {"\x1f\x8b\x8", 3},
                      {"\xfd"
                       "7zXZ",
                       5},
                      {"BZh", 3},
                      {"\x28\xb5\x2f\xfd", 4}};

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        if (content.len >= beginnings[i].len &&
            memcmp(content.ptr, beginnings[i].bytes, beginnings[i].len) == 0)
            return true;
    }
    return false;
}

static int refuse_nested(struct err *e, const char *name)
{
    return err_set(e, ERR_INVALID, "\"%1$.*2$s\" is an archive in the archive; unpack it first.",
                   "“%1$.*2$s”是压缩包中的压缩包，请先解开。", name, (int)utf8_whole(name, SHOWN_BYTES));
}

static int refuse_size(struct err *e, const char *name, uint64_t max)
{
    return err_set(e, ERR_TOO_LARGE, "\"%1$.*2$s\" has more than %3$llu bytes; make it smaller.",
                   "“%1$.*2$s”超过 %3$llu 字节，请减小。", name, (int)utf8_whole(name, SHOWN_BYTES),
                   (unsigned long long)max);
}

static int refuse_entry(struct err *e, const char *name)
{
    return err_set(e, ERR_INVALID, "\"%1$.*2$s\" is damaged in the archive; pack it anew.",
                   "压缩包内的“%1$.*2$s”已损坏，请重新打包。", name, (int)utf8_whole(name, SHOWN_BYTES));
}

/* Whether the library reads the same in the table as we did. */
static bool agreed(struct zip_reader *z, size_t index)
{
    const zip_uint64_t wanted = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD;
    const struct zip_record *r = &z->directory.records[index];
    zip_stat_t st;

    return zip_stat_index(z->zip, index, 0, &st) == 0 && (st.valid & wanted) == wanted &&
           st.size == r->size && st.comp_size == r->packed && st.crc == r->crc32 &&
           st.comp_method == r->method;
}

static int entry_judge(struct zip_reader *z, size_t index, const char *name, struct err *e)
{
    const struct zip_record *r = &z->directory.records[index];
    int shown = (int)utf8_whole(name, SHOWN_BYTES);

    if (is_encrypted(r))
        return err_set(e, ERR_INVALID, "\"%1$.*2$s\" is encrypted; pack it without a password.",
                       "“%1$.*2$s”已加密，请取消密码后重新打包。", name, shown);
    if (r->method != ZIP_METHOD_STORED && r->method != ZIP_METHOD_DEFLATE)
        return err_set(e, ERR_INVALID,
                       "\"%1$.*2$s\" is packed by method %3$u; pack it as a plain ZIP (deflate).",
                       "“%1$.*2$s”使用了不支持的压缩方法 %3$u，请以普通 ZIP（Deflate）重新打包。", name,
                       shown, (unsigned)r->method);
    if (ends_like_archive(name))
        return refuse_nested(e, name);
    if (r->size > z->limits.entry_bytes)
        return refuse_size(e, name, z->limits.entry_bytes);
    return r->lost || !agreed(z, index) ? refuse_entry(e, name) : 0;
}

/* Counts a piece; the sum was below all limits before. */
static int piece_judge(struct zip_reader *z, uint64_t done, struct slice piece, uint64_t said,
                       const char *name, struct err *e)
{
    if (piece.len > z->limits.entry_bytes - done)
        return refuse_size(e, name, z->limits.entry_bytes);
    if (piece.len > said - done)
        return refuse_size(e, name, said);
    if (piece.len > z->limits.total_bytes - z->total)
        return err_set(e, ERR_TOO_LARGE, "The archive unpacks to more than %llu bytes; send less at once.",
                       "压缩包解开后超过 %llu 字节，请分批上传。", (unsigned long long)z->limits.total_bytes);
    if (done == 0 && begins_like_archive(piece))
        return refuse_nested(e, name);
    z->total += piece.len;
    return 0;
}

typedef int piece_taker(void *arg, struct slice piece, struct err *e);

static int pieces_read(struct zip_reader *z, zip_file_t *file, uint64_t said, const char *name,
                       piece_taker *take, void *arg, struct err *e)
{
    uint64_t done = 0;
    zip_int64_t got;

    while ((got = zip_fread(file, z->piece, PIECE_BYTES)) > 0) {
        struct slice piece = {z->piece, (size_t)got};

        if (piece_judge(z, done, piece, said, name, e) != 0 || take(arg, piece, e) != 0)
            return -1;
        done += piece.len;
    }
    if (got < 0) {
        zip_error_t *why = zip_file_get_error(file);
        int code = zip_error_code_zip(why);

        if (code == ZIP_ER_READ || code == ZIP_ER_MEMORY)
            return refuse_by_library(e, why);
        refuse_entry(e, name);
        return err_detail(e, "libzip: %s", zip_error_strerror(why));
    }
    return done == said ? 0 : refuse_entry(e, name);
}

int zip_extract_stream(struct zip_reader *z, size_t index, piece_taker *take, void *arg, struct err *e)
{
    struct zip_entry entry;
    zip_file_t *file;
    int rc;

    if (zip_entry_at(&entry, z, index, e) != 0 || entry_judge(z, index, entry.name, e) != 0)
        return -1;
    file = zip_fopen_index(z->zip, index, 0);
    if (file == NULL) {
        zip_error_t *why = zip_get_error(z->zip);

        return zip_error_code_zip(why) == ZIP_ER_INCONS || zip_error_code_zip(why) == ZIP_ER_NOZIP
                   ? refuse_entry(e, entry.name)
                   : refuse_by_library(e, why);
    }
    rc = pieces_read(z, file, entry.size, entry.name, take, arg, e);
    (void)zip_fclose(file);
    return rc;
}

static int buf_take(void *arg, struct slice piece, struct err *e)
{
    struct buf *out = arg;

    if (piece.len > out->max - out->len)
        return err_set(e, ERR_TOO_LARGE, "An entry of the archive is larger than is taken here; send less.",
                       "压缩包内的文件超过此处的上限，请减小。");
    buf_append(out, piece);
    return buf_ok(out) ? 0 : err_no_memory(e);
}

int zip_extract(struct buf *out, struct zip_reader *z, size_t index, struct err *e)
{
    size_t before = out->len;

    if (zip_extract_stream(z, index, buf_take, out, e) == 0)
        return 0;
    out->len = before;
    out->failed = false;
    return -1;
}
