/* zip_plan.c - the layout of an archive that is written later, piece by piece, from anywhere.
 *
 * Stored entries one behind the other, then the table of contents and its end (APPNOTE 4.3). Records are not
 * kept but made again whenever somebody asks for their bytes: an entry takes 32 bytes and its name. */
#include "archive/zip_internal.h"
#include "base/clock.h"
#include "base/utf8.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    MADE_BY = 3 << 8 | 45, /* Unix, APPNOTE 4.5 */
    NEEDED_PLAIN = 10,
    NEEDED_ZIP64 = 45,
    ZIP64_HEAD = 4, /* tag and size of the extra field */
    NAMES_MAX = INT32_MAX,
    ENTRIES_FIRST = 256,
    SHANGHAI = 8 * 3600
};
#define UNIX_MODE ((uint32_t)0100644 << 16) /* a file that its owner writes and everybody reads */

struct entry {
    uint64_t start;   /* of its local header */
    uint64_t central; /* of its record in the table, from the table's beginning */
    uint64_t size;
    uint32_t crc32, name; /* where the name begins; it ends where the next one begins */
};

struct zip_plan {
    struct entry *entries; /* one more than count: where the next one would be */
    size_t count, cap;
    struct buf names;
    uint32_t *seen; /* hash table of entries + 1, while entries are added */
    size_t seen_size;
    uint16_t date, time;
    uint64_t table, table_size, size; /* since zip_plan_end() */
    bool ended;
};

/* --- adding --- */

/* As MS-DOS wrote it, in local time, by two seconds; 1980 to 2107. */
static void stamp(struct zip_plan *p, int64_t mtime)
{
    const int64_t first = 315532800, last = 4354819198; /* 1980-01-01T00:00:00, 2107-12-31T23:59:58 */
    int64_t local = mtime + SHANGHAI, second;
    struct date d;

    local = local < first ? first : local > last ? last : local;
    d = date_in_shanghai(local - SHANGHAI);
    second = local % 86400;
    p->date = (uint16_t)((d.year - 1980) << 9 | d.month << 5 | d.day);
    p->time = (uint16_t)(second / 3600 << 11 | second / 60 % 60 << 5 | second % 60 / 2);
}

int zip_plan_new(struct zip_plan **out, int64_t mtime, struct err *e)
{
    struct zip_plan *p = calloc(1, sizeof *p);

    *out = NULL;
    if (p != NULL)
        p->entries = calloc(ENTRIES_FIRST, sizeof *p->entries);
    if (p == NULL || p->entries == NULL) {
        free(p);
        return err_no_memory(e);
    }
    p->cap = ENTRIES_FIRST;
    buf_init(&p->names, NAMES_MAX);
    stamp(p, mtime);
    *out = p;
    return 0;
}

void zip_plan_free(struct zip_plan *p)
{
    if (p == NULL)
        return;
    free(p->entries);
    free(p->seen);
    buf_dispose(&p->names);
    free(p);
}

static struct slice name_of(const struct zip_plan *p, size_t i)
{
    const struct entry *en = &p->entries[i];

    return slice_part(buf_view(&p->names), en->name, en[1].name - en->name);
}

/* Sizes and offsets that look like the sign for "see the extra field" stand there, too. */
static bool is_wide(uint64_t value)
{
    return value >= UINT32_MAX;
}

static size_t local_extra(const struct entry *en)
{
    return is_wide(en->size) ? ZIP64_HEAD + 16 : 0;
}

static size_t central_extra(const struct entry *en)
{
    size_t len = (is_wide(en->size) ? 16 : 0) + (is_wide(en->start) ? 8 : 0);

    return len > 0 ? ZIP64_HEAD + len : 0;
}

static bool name_valid(struct slice name)
{
    uint32_t cp;

    if (name.len == 0 || name.len > UINT16_MAX || name.ptr[0] == '/' || !utf8_valid(name))
        return false;
    for (size_t at = 0; utf8_next(name, &at, &cp);) {
        if (cp < 0x20 || cp == 0x7F || cp == '\\')
            return false;
    }
    for (size_t from = 0, end; from <= name.len; from = end + 1) {
        end = slice_find(name, from, slice_of("/"));
        if (end == SIZE_MAX)
            end = name.len;
        if (slice_equal(slice_part(name, from, end - from), slice_of("..")))
            return false;
    }
    return true;
}

static uint64_t hash(struct slice s)
{
    uint64_t h = 14695981039346656037U; /* FNV-1a */

    for (size_t i = 0; i < s.len; i++)
        h = (h ^ s.ptr[i]) * 1099511628211U;
    return h ^ h >> 29;
}

/* The place of the name, or of the entry that has it. */
static uint32_t *seen_place(const struct zip_plan *p, uint32_t *table, size_t size, struct slice name)
{
    size_t at = hash(name) & (size - 1);

    while (table[at] != 0 && !slice_equal(name_of(p, table[at] - 1), name))
        at = (at + 1) & (size - 1);
    return &table[at];
}

static int seen_grow(struct zip_plan *p, struct err *e)
{
    size_t size = p->seen_size ? p->seen_size * 2 : 1024;
    uint32_t *table;

    if (p->count + 1 < p->seen_size / 2)
        return 0;
    table = calloc(size, sizeof *table);
    if (table == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < p->count; i++)
        *seen_place(p, table, size, name_of(p, i)) = (uint32_t)i + 1;
    free(p->seen);
    p->seen = table;
    p->seen_size = size;
    return 0;
}

static int entries_grow(struct zip_plan *p, struct err *e)
{
    struct entry *more;

    if (p->count + 2 <= p->cap)
        return 0;
    more = realloc(p->entries, p->cap * 2 * sizeof *more);
    if (more == NULL)
        return err_no_memory(e);
    p->entries = more;
    p->cap *= 2;
    return 0;
}

/* Where the entry behind this one begins. */
static bool follow(struct entry *next, const struct entry *en, size_t name)
{
    uint64_t head = ZIP_LOCAL + name + local_extra(en);

    *next = (struct entry){.name = en->name + (uint32_t)name,
                           .central = en->central + ZIP_CENTRAL + name + central_extra(en)};
    return !__builtin_add_overflow(en->start, head, &next->start) &&
           !__builtin_add_overflow(next->start, en->size, &next->start) && next->start < INT64_MAX;
}

int zip_plan_add(struct zip_plan *p, const char *name, uint64_t size, uint32_t crc32, struct err *e)
{
    struct slice text = slice_of(name);
    struct entry *en;
    uint32_t *place;

    assert(!p->ended);
    if (!name_valid(text))
        return err_set(e, ERR_INVALID, "\"%.80s\" can be no file name in an archive; rename it.",
                       "“%.80s”不能作为压缩包内的文件名，请改名。", name);
    if (entries_grow(p, e) != 0 || seen_grow(p, e) != 0)
        return -1;
    en = &p->entries[p->count];
    place = seen_place(p, p->seen, p->seen_size, text);
    if (*place != 0)
        return err_set(e, ERR_INVALID, "Two files of the archive have the name \"%.80s\"; rename one.",
                       "压缩包内有两个文件名为“%.80s”，请改名。", name);
    en->size = size;
    en->crc32 = crc32;
    if (!follow(&en[1], en, text.len))
        return err_set(e, ERR_TOO_LARGE, "The archive is too large; take fewer files.",
                       "压缩包过大，请减少文件。");
    buf_append(&p->names, text);
    if (!buf_ok(&p->names))
        return err_no_memory(e);
    *place = (uint32_t)++p->count;
    return 0;
}

static bool end_is_wide(const struct zip_plan *p)
{
    return p->count >= UINT16_MAX || is_wide(p->table) || is_wide(p->table_size);
}

int zip_plan_end(struct zip_plan *p, struct err *e)
{
    struct entry *exact = realloc(p->entries, (p->count + 1) * sizeof *exact);

    (void)e;
    assert(!p->ended);
    if (exact != NULL) {
        p->entries = exact;
        p->cap = p->count + 1;
    }
    free(p->seen);
    p->seen = NULL;
    p->seen_size = 0;
    p->table = p->entries[p->count].start;
    p->table_size = p->entries[p->count].central;
    p->size = p->table + p->table_size + (end_is_wide(p) ? ZIP64_END + ZIP64_LOCATOR : 0) + ZIP_END;
    p->ended = true;
    return 0;
}

uint64_t zip_plan_size(const struct zip_plan *p)
{
    assert(p->ended);
    return p->size;
}

size_t zip_plan_count(const struct zip_plan *p)
{
    return p->count;
}

size_t zip_plan_memory(const struct zip_plan *p)
{
    return sizeof *p + p->cap * sizeof *p->entries + p->names.cap + p->seen_size * sizeof *p->seen;
}

/* --- reading --- */

/* The entry whose bytes (or, central, whose record in the table) hold `at`. */
static size_t entry_at(const struct zip_plan *p, uint64_t at, bool central)
{
    size_t low = 0, high = p->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        uint64_t from = central ? p->entries[middle].central : p->entries[middle].start;

        *(from <= at ? &low : &high) = middle;
    }
    return low;
}

void zip_plan_locate(struct zip_piece *out, const struct zip_plan *p, uint64_t at)
{
    const struct entry *en;
    uint64_t content;

    assert(p->ended && at < p->size);
    *out = (struct zip_piece){.content = false};
    if (at >= p->table) {
        out->len = p->size - at;
        return;
    }
    out->entry = entry_at(p, at, false);
    en = &p->entries[out->entry];
    content = en[1].start - en->size;
    out->content = at >= content;
    out->offset = out->content ? at - content : 0;
    out->len = (out->content ? en[1].start : content) - at;
    if (!out->content)
        out->entry = 0;
}

/* Bytes [at, at + len) of a longer text that is written from `now` on. */
struct window {
    uint8_t *out;
    uint64_t at, now;
    size_t len;
};

static void put(struct window *w, const void *bytes, size_t len)
{
    uint64_t from = w->now > w->at ? w->now : w->at, end = w->now + len;

    if (end > w->at + w->len)
        end = w->at + w->len;
    if (from < end)
        memcpy(w->out + (from - w->at), (const uint8_t *)bytes + (from - w->now), (size_t)(end - from));
    w->now += len;
}

static void put16(uint8_t **at, uint64_t value)
{
    *(*at)++ = (uint8_t)value;
    *(*at)++ = (uint8_t)(value >> 8);
}

static void put32(uint8_t **at, uint64_t value)
{
    put16(at, value);
    put16(at, value >> 16);
}

static void put64(uint8_t **at, uint64_t value)
{
    put32(at, value);
    put32(at, value >> 32);
}

static uint32_t narrow(uint64_t value)
{
    return is_wide(value) ? UINT32_MAX : (uint32_t)value;
}

/* From "version needed" to the length of the extra field: the same in both headers (APPNOTE 4.3.7, 4.3.12).
 */
static void put_common(uint8_t **at, const struct zip_plan *p, const struct entry *en, size_t name,
                       size_t extra)
{
    put16(at, extra > 0 ? NEEDED_ZIP64 : NEEDED_PLAIN);
    put16(at, ZIP_FLAG_UTF8);
    put16(at, ZIP_METHOD_STORED);
    put16(at, p->time);
    put16(at, p->date);
    put32(at, en->crc32);
    put32(at, narrow(en->size)); /* packed */
    put32(at, narrow(en->size));
    put16(at, name);
    put16(at, extra);
}

static void put_local(struct window *w, const struct zip_plan *p, size_t i)
{
    const struct entry *en = &p->entries[i];
    struct slice name = name_of(p, i);
    size_t extra = local_extra(en);
    uint8_t bytes[ZIP_LOCAL + ZIP64_HEAD + 16], *at = bytes;

    put32(&at, 0x04034b50);
    put_common(&at, p, en, name.len, extra);
    put(w, bytes, (size_t)(at - bytes));
    put(w, name.ptr, name.len);
    if (extra > 0) {
        at = bytes;
        put16(&at, 1);
        put16(&at, 16);
        put64(&at, en->size);
        put64(&at, en->size);
        put(w, bytes, (size_t)(at - bytes));
    }
}

static void put_central(struct window *w, const struct zip_plan *p, size_t i)
{
    const struct entry *en = &p->entries[i];
    struct slice name = name_of(p, i);
    size_t extra = central_extra(en);
    uint8_t bytes[ZIP_CENTRAL + ZIP64_HEAD + 24], *at = bytes;

    put32(&at, 0x02014b50);
    put16(&at, MADE_BY);
    put_common(&at, p, en, name.len, extra);
    put16(&at, 0); /* comment */
    put16(&at, 0); /* volume */
    put16(&at, 0); /* not known to be text */
    put32(&at, UNIX_MODE);
    put32(&at, narrow(en->start));
    put(w, bytes, (size_t)(at - bytes));
    put(w, name.ptr, name.len);
    if (extra > 0) {
        at = bytes;
        put16(&at, 1);
        put16(&at, extra - ZIP64_HEAD);
        if (is_wide(en->size)) {
            put64(&at, en->size);
            put64(&at, en->size);
        }
        if (is_wide(en->start))
            put64(&at, en->start);
        put(w, bytes, (size_t)(at - bytes));
    }
}

static void put_end(struct window *w, const struct zip_plan *p)
{
    uint8_t bytes[ZIP64_END + ZIP64_LOCATOR + ZIP_END], *at = bytes;
    uint64_t count = p->count;

    if (end_is_wide(p)) {
        put32(&at, 0x06064b50);
        put64(&at, ZIP64_END - 12);
        put16(&at, MADE_BY);
        put16(&at, NEEDED_ZIP64);
        put64(&at, 0); /* this volume, and that of the table */
        put64(&at, count);
        put64(&at, count);
        put64(&at, p->table_size);
        put64(&at, p->table);
        put32(&at, 0x07064b50);
        put32(&at, 0);
        put64(&at, p->table + p->table_size);
        put32(&at, 1);
    }
    put32(&at, 0x06054b50);
    put32(&at, 0);
    put16(&at, count < UINT16_MAX ? count : UINT16_MAX);
    put16(&at, count < UINT16_MAX ? count : UINT16_MAX);
    put32(&at, narrow(p->table_size));
    put32(&at, narrow(p->table));
    put16(&at, 0);
    put(w, bytes, (size_t)(at - bytes));
}

/* NOLINTNEXTLINE(readability-non-const-parameter): a window writes there */
void zip_plan_read(uint8_t *out, const struct zip_plan *p, uint64_t at, size_t len)
{
    struct window w = {.out = out, .at = at, .len = len};
    size_t i;

    assert(p->ended && at <= p->size && len <= p->size - at);
    if (at < p->table) {
        i = entry_at(p, at, false);
        w.now = p->entries[i].start;
        put_local(&w, p, i);
        return;
    }
    if (at - p->table < p->table_size) {
        i = entry_at(p, at - p->table, true);
        w.now = p->table + p->entries[i].central;
        for (; i < p->count && w.now < at + len; i++)
            put_central(&w, p, i);
    }
    if (at + len > p->table + p->table_size) {
        w.now = p->table + p->table_size;
        put_end(&w, p);
    }
}
