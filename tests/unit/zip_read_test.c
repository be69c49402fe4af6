/* zip_read_test.c - strangers' archives: what is good is read, what is made to do harm is refused. */
#include "archive/zip.h"
#include "base/digest.h"
#include <fcntl.h>
#include <libdeflate.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { MAKER_MAX = 64 * 1024 * 1024 };

static const struct zip_limits limits = {64 * 1024 * 1024, 100000, 10 * 1024 * 1024, 64 * 1024 * 1024};

/* --- archives as anybody may make them --- */

struct item {
    const char *name;
    struct slice content;
    unsigned method, flags;
    bool lies_size, lies_crc; /* the two below instead of the truth */
    uint32_t size, crc;
};

struct maker {
    struct buf bytes, table;
    unsigned count;
};

static void maker_begin(struct maker *m)
{
    buf_init(&m->bytes, MAKER_MAX);
    buf_init(&m->table, MAKER_MAX);
    m->count = 0;
}

static void put(struct buf *b, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        buf_append_char(b, (char)(value >> 8 * i));
}

static void put_central(struct maker *m, const struct item *i, uint32_t size, uint32_t crc, uint32_t packed,
                        uint32_t at)
{
    struct buf *t = &m->table;

    put(t, 0x02014b50, 4);
    put(t, 20, 2);
    put(t, 20, 2);
    put(t, i->flags, 2);
    put(t, i->method, 2);
    put(t, 0x5C2F0000, 4);
    put(t, crc, 4);
    put(t, packed, 4);
    put(t, size, 4);
    put(t, (uint32_t)strlen(i->name), 2);
    put(t, 0, 4);
    put(t, 0, 4);
    put(t, 0, 4);
    put(t, at, 4);
    buf_append_text(t, i->name);
    m->count++;
}

static void maker_add(struct maker *m, const struct item *i)
{
    struct buf packed = BUF_INIT(MAKER_MAX);
    uint32_t at = (uint32_t)m->bytes.len, size = i->lies_size ? i->size : (uint32_t)i->content.len,
             crc = i->lies_crc ? i->crc : crc32_of(i->content);

    if (i->method == 8) {
        struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
        size_t room = libdeflate_deflate_compress_bound(c, i->content.len);
        uint8_t *to = buf_room(&packed, room);

        buf_wrote(&packed, libdeflate_deflate_compress(c, i->content.ptr, i->content.len, to, room));
        libdeflate_free_compressor(c);
    } else {
        buf_append(&packed, i->content);
    }
    put(&m->bytes, 0x04034b50, 4);
    put(&m->bytes, 20, 2);
    put(&m->bytes, i->flags, 2);
    put(&m->bytes, i->method, 2);
    put(&m->bytes, 0x5C2F0000, 4);
    put(&m->bytes, crc, 4);
    put(&m->bytes, (uint32_t)packed.len, 4);
    put(&m->bytes, size, 4);
    put(&m->bytes, (uint32_t)strlen(i->name), 2);
    put(&m->bytes, 0, 2);
    buf_append_text(&m->bytes, i->name);
    buf_append(&m->bytes, buf_view(&packed));
    put_central(m, i, size, crc, (uint32_t)packed.len, at);
    buf_dispose(&packed);
}

static void maker_end_as(struct maker *m, unsigned volume, unsigned count, unsigned table)
{
    buf_append(&m->bytes, buf_view(&m->table));
    put(&m->bytes, 0x06054b50, 4);
    put(&m->bytes, volume, 2);
    put(&m->bytes, volume, 2);
    put(&m->bytes, count, 2);
    put(&m->bytes, count, 2);
    put(&m->bytes, (uint32_t)m->table.len, 4);
    put(&m->bytes, table, 4);
    put(&m->bytes, 0, 2);
}

static void maker_end(struct maker *m)
{
    maker_end_as(m, 0, m->count, (uint32_t)m->bytes.len);
}

static void maker_dispose(struct maker *m)
{
    buf_dispose(&m->bytes);
    buf_dispose(&m->table);
}

/* --- reading --- */

static int file_of(struct slice bytes)
{
    int fd = memfd_create("archive", MFD_CLOEXEC);

    assert_true(fd >= 0);
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);

        assert_true(n > 0);
        bytes = slice_part(bytes, (size_t)n, bytes.len - (size_t)n);
    }
    return fd;
}

struct opened {
    int fd;
    struct zip_reader *z;
    struct err e;
    int rc;
};

static struct opened open_with(const struct maker *m, const struct zip_limits *l)
{
    struct opened o = {.fd = file_of(buf_view(&m->bytes))};

    o.rc = zip_reader_open(&o.z, o.fd, 0, m->bytes.len, l, &o.e);
    assert_true(o.rc == 0 || o.z == NULL);
    return o;
}

static void shut(struct opened *o)
{
    zip_reader_close(o->z);
    close(o->fd);
}

static void expect_refused(struct maker *m, const struct zip_limits *l, enum err_code code, const char *en)
{
    struct opened o = open_with(m, l);

    assert_int_equal(o.rc, -1);
    if (o.e.code != code || strstr(o.e.en, en) == NULL || o.e.zh[0] == '\0')
        fail_msg("%d \"%s\"", o.e.code, o.e.en);
    shut(&o);
    maker_dispose(m);
}

static void expect_entry_refused(struct opened *o, size_t index, enum err_code code, const char *en)
{
    struct buf out = BUF_INIT(SIZE_MAX);

    buf_append_text(&out, "before");
    assert_int_equal(zip_extract(&out, o->z, index, &o->e), -1);
    if (o->e.code != code || strstr(o->e.en, en) == NULL || o->e.zh[0] == '\0')
        fail_msg("%d \"%s\"", o->e.code, o->e.en);
    assert_int_equal(out.len, 6); /* nothing of it is left */
    buf_dispose(&out);
}

static void expect_entry(struct opened *o, size_t index, const char *name, struct slice content)
{
    struct buf out = BUF_INIT(SIZE_MAX);
    struct zip_entry entry;

    assert_int_equal(zip_entry_at(&entry, o->z, index, &o->e), 0);
    assert_string_equal(entry.name, name);
    if (zip_extract(&out, o->z, index, &o->e) != 0)
        fail_msg("%s: %s (%s)", name, o->e.en, o->e.detail);
    assert_true(slice_equal(buf_view(&out), content));
    buf_dispose(&out);
}

static void make_good(struct maker *m)
{
    maker_begin(m);
    maker_add(m, &(struct item){.name = "1.jpg", .content = slice_of("one"), .method = 0});
    maker_add(m,
              &(struct item){.name = "2.jpg", .content = slice_of("two two two two two two"), .method = 8});
    maker_add(m, &(struct item){.name = "dir/", .content = slice_of(""), .method = 0});
    maker_end(m);
}

static void good_archives_are_read_also_from_the_middle_of_a_file(void **state)
{
    struct maker m;
    struct buf around = BUF_INIT(MAKER_MAX);
    struct opened o = {.rc = 0};
    struct zip_entry entry;

    (void)state;
    make_good(&m);
    buf_append_text(&around, "PK\5\6 something before");
    buf_append(&around, buf_view(&m.bytes));
    buf_append_text(&around, "PK\5\6 something behind");
    o.fd = file_of(buf_view(&around));
    assert_int_equal(zip_reader_open(&o.z, o.fd, 21, m.bytes.len, &limits, &o.e), 0);
    assert_int_equal(zip_reader_count(o.z), 3);
    expect_entry(&o, 1, "2.jpg", slice_of("two two two two two two"));
    expect_entry(&o, 0, "1.jpg", slice_of("one"));
    assert_int_equal(zip_entry_at(&entry, o.z, 2, &o.e), 0);
    assert_true(entry.folder);
    shut(&o);
    buf_dispose(&around);
    maker_dispose(&m);
}

/* --- names --- */

static void names_are_utf8_by_their_flag_or_by_looks_else_gb18030(void **state)
{
    static const struct {
        const char *raw, *name;
        unsigned flags;
    } cases[] = {
        {"0052.jpg", "0052.jpg", 0},
        {"王𬍛.jpg", "王𬍛.jpg", 1 << 11},
        {"王𬍛.jpg", "王𬍛.jpg", 0},       /* as Macs write it */
        {"\xcd\xf5\xc7\xbf.jpg", "王强.jpg", 0}, /* as Windows writes it */
        {"\xd6\xd0\xb9\xfa.jpg", "中国.jpg", 0},
        {"\xc1\xaa\xcd\xa8.jpg", "联通.jpg", 0}, /* looks like UTF-8 to some */
        {"\x99\x31\xd9\x37.jpg", "𬍛.jpg", 0},
    };
    struct maker m;
    struct opened o;

    (void)state;
    maker_begin(&m);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        maker_add(&m,
                  &(struct item){.name = cases[i].raw, .content = slice_of("x"), .flags = cases[i].flags});
    maker_end(&m);
    o = open_with(&m, &limits);
    assert_int_equal(o.rc, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_entry(&o, i, cases[i].name, slice_of("x"));
    shut(&o);
    maker_dispose(&m);
}

static void names_of_any_bytes_do_no_harm(void **state)
{
    struct maker m;
    struct opened o;
    struct zip_entry entry;

    (void)state;
    maker_begin(&m);
    maker_add(&m, &(struct item){.name = "../../etc/passwd", .content = slice_of("x")});
    maker_add(&m, &(struct item){.name = "\xff\x81\x30\xfe\xfe", .content = slice_of("x")});
    maker_add(&m, &(struct item){.name = "", .content = slice_of("x")});
    maker_end(&m);
    o = open_with(&m, &limits);
    assert_int_equal(o.rc, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(zip_entry_at(&entry, o.z, i, &o.e), 0);
    shut(&o);
    maker_dispose(&m);
}

/* --- bombs --- */

static struct slice zeros(size_t len)
{
    static uint8_t bytes[20 * 1024 * 1024];

    return (struct slice){bytes, len};
}

static int count_taken(void *arg, struct slice piece, struct err *e)
{
    size_t *taken = arg;

    (void)e;
    assert_true(piece.len > 0 && piece.len <= 65536);
    *taken += piece.len;
    return 0;
}

static void what_inflates_beyond_its_limit_is_refused_whatever_it_says(void **state)
{
    struct maker m;
    struct opened o;
    size_t taken = 0;

    (void)state;
    maker_begin(&m);
    maker_add(&m, &(struct item){.name = "honest.jpg", .content = zeros(20 << 20), .method = 8});
    maker_add(
        &m, &(struct item){
                .name = "liar.jpg", .content = zeros(20 << 20), .method = 8, .lies_size = true, .size = 10});
    maker_add(
        &m,
        &(struct item){
            .name = "braggart.jpg", .content = zeros(100), .method = 8, .lies_size = true, .size = 9 << 20});
    maker_add(&m, &(struct item){.name = "fine.jpg", .content = zeros(10 << 20), .method = 8});
    maker_end(&m);
    o = open_with(&m, &limits);
    assert_int_equal(o.rc, 0);
    expect_entry_refused(&o, 0, ERR_TOO_LARGE, "honest.jpg");
    expect_entry_refused(&o, 1, ERR_TOO_LARGE, "liar.jpg");
    expect_entry_refused(&o, 2, ERR_INVALID, "braggart.jpg");
    assert_int_equal(zip_extract_stream(o.z, 1, count_taken, &taken, &o.e), -1);
    assert_true(taken <= 10);
    expect_entry(&o, 3, "fine.jpg", zeros(10 << 20));
    shut(&o);
    maker_dispose(&m);
}

static void all_entries_together_have_a_limit(void **state)
{
    const struct zip_limits tight = {1 << 26, 100, 10 << 20, 5 << 20};
    struct maker m;
    struct opened o;

    (void)state;
    maker_begin(&m);
    for (size_t i = 0; i < 3; i++)
        maker_add(&m, &(struct item){.name = "a.jpg", .content = zeros(2 << 20), .method = 8});
    maker_end(&m);
    o = open_with(&m, &tight);
    assert_int_equal(o.rc, 0);
    expect_entry(&o, 0, "a.jpg", zeros(2 << 20));
    expect_entry(&o, 1, "a.jpg", zeros(2 << 20));
    expect_entry_refused(&o, 2, ERR_TOO_LARGE, "unpacks to more than");
    shut(&o);
    maker_dispose(&m);
}

static void entries_that_share_bytes_are_refused(void **state)
{
    const struct item a = {.name = "a.jpg", .content = slice_of("aaaa")};
    struct maker m;

    (void)state;
    maker_begin(&m); /* two names for one */
    maker_add(&m, &a);
    put_central(&m, &a, 4, crc32_of(a.content), 4, 0);
    maker_end(&m);
    expect_refused(&m, &limits, ERR_INVALID, "overlap");
    maker_begin(&m); /* one inside the other */
    maker_add(&m, &(struct item){.name = "in.jpg", .content = slice_of("bbbb")});
    put_central(&m, &(struct item){.name = "in.jpg"}, 4, 0, 4, 0);
    maker_end(&m);
    expect_refused(&m, &limits, ERR_INVALID, "overlap");
    maker_begin(&m); /* one that reaches over the next */
    maker_add(&m, &a);
    maker_add(&m, &a);
    m.table.data[20] = 60;
    maker_end(&m);
    expect_refused(&m, &limits, ERR_INVALID, "overlap");
    maker_begin(&m); /* into the table */
    maker_add(&m, &a);
    m.table.data[20] = 10;
    maker_end(&m);
    expect_refused(&m, &limits, ERR_INVALID, "overlap");
}

/* --- what we do not take --- */

static void archives_inside_are_refused_by_name_and_by_their_first_bytes(void **state)
{
    static const struct {
        const char *name, *content;
    } cases[] = {{"a.ZIP", "x"},
                 {"b.rar", "x"},
                 {"c.tar", "x"},
                 {"1.jpg", "PK\3\4rest"},
                 {"2.jpg", "Rar!\x1a\7..."},
                 {"3.jpg", "7z\xbc\xaf\x27\x1c.."},
                 {"4.jpg", "\x1f\x8b\x08..."}};
    struct maker m;
    struct opened o;

    (void)state;
    maker_begin(&m);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        maker_add(&m, &(struct item){.name = cases[i].name,
                                     .content = slice_of(cases[i].content),
                                     .method = i % 2 ? 8 : 0});
    maker_add(&m, &(struct item){.name = "good.jpg", .content = slice_of("\xff\xd8\xff")});
    maker_end(&m);
    o = open_with(&m, &limits);
    assert_int_equal(o.rc, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_entry_refused(&o, i, ERR_INVALID, "archive in the archive");
    expect_entry(&o, sizeof cases / sizeof cases[0], "good.jpg", slice_of("\xff\xd8\xff"));
    shut(&o);
    maker_dispose(&m);
}

static void encrypted_and_strangely_packed_entries_are_refused_one_by_one(void **state)
{
    struct maker m;
    struct opened o;
    struct zip_entry entry;

    (void)state;
    maker_begin(&m);
    maker_add(&m, &(struct item){.name = "1.jpg", .content = slice_of("0123456789abcdef"), .flags = 1});
    maker_add(&m,
              &(struct item){.name = "2.jpg", .content = slice_of("0123456789abcdef"), .flags = 1 | 1 << 6});
    maker_add(&m, &(struct item){.name = "3.jpg", .content = slice_of("BZ"), .method = 12});
    maker_add(&m, &(struct item){.name = "4.jpg", .content = slice_of("fine"), .method = 8});
    maker_end(&m);
    o = open_with(&m, &limits);
    assert_int_equal(o.rc, 0);
    assert_int_equal(zip_entry_at(&entry, o.z, 0, &o.e), 0);
    assert_true(entry.encrypted);
    expect_entry_refused(&o, 0, ERR_INVALID, "without a password");
    expect_entry_refused(&o, 1, ERR_INVALID, "without a password");
    expect_entry_refused(&o, 2, ERR_INVALID, "method 12");
    expect_entry(&o, 3, "4.jpg", slice_of("fine"));
    shut(&o);
    maker_dispose(&m);
    maker_begin(&m);
    maker_add(&m, &(struct item){.name = "1.jpg", .content = slice_of("x"), .flags = 1 << 13});
    maker_end(&m);
    expect_refused(&m, &limits, ERR_INVALID, "encrypted");
}

static void volumes_second_ends_and_wrong_counts_are_refused(void **state)
{
    const struct item a = {.name = "a.jpg", .content = slice_of("aaaa")};
    struct maker m;

    (void)state;
    maker_begin(&m);
    maker_add(&m, &a);
    maker_end_as(&m, 1, 1, (uint32_t)m.bytes.len);
    expect_refused(&m, &limits, ERR_INVALID, "volumes");
    maker_begin(&m);
    maker_add(&m, &a);
    m.table.data[34] = 2;
    maker_end(&m);
    expect_refused(&m, &limits, ERR_INVALID, "volumes");
    maker_begin(&m);
    maker_add(&m, &a);
    maker_end_as(&m, 0, 2, (uint32_t)m.bytes.len);
    expect_refused(&m, &limits, ERR_INVALID, "damaged");
    maker_begin(&m);
    maker_add(&m, &a);
    maker_add(&m, &a);
    maker_end_as(&m, 0, 1, (uint32_t)m.bytes.len);
    expect_refused(&m, &limits, ERR_INVALID, "damaged");
    maker_begin(&m);
    maker_add(&m, &a);
    maker_end_as(&m, 0, 1, (uint32_t)m.bytes.len + 1);
    expect_refused(&m, &limits, ERR_INVALID, "damaged");
    maker_begin(&m);
    maker_add(&m, &(struct item){.name = "inner", .content = slice_of("PK\5\6 0123456789 0123456789")});
    maker_end(&m);
    expect_refused(&m, &limits, ERR_INVALID, "another archive at its end");
    maker_begin(&m);
    buf_append_text(&m.bytes, "This is no archive at all, but it is long enough to be one.");
    expect_refused(&m, &limits, ERR_INVALID, "no ZIP archive");
    maker_begin(&m);
    expect_refused(&m, &limits, ERR_INVALID, "no ZIP archive");
}

static void too_many_entries_and_too_many_bytes_are_refused_before_they_are_read(void **state)
{
    const struct zip_limits few = {1 << 20, 3, 100, 1000};
    struct maker m;

    (void)state;
    maker_begin(&m);
    for (size_t i = 0; i < 4; i++)
        maker_add(&m, &(struct item){.name = "a.jpg", .content = slice_of("a")});
    maker_end(&m);
    expect_refused(&m, &few, ERR_TOO_LARGE, "has 4 entries; at most 3");
    maker_begin(&m);
    maker_add(&m, &(struct item){.name = "a.jpg", .content = zeros(1 << 20)});
    maker_end(&m);
    expect_refused(&m, &few, ERR_TOO_LARGE, "at most 1048576");
}

/* Zip64: 100,001 entries that all say they are there. */
static void a_hundred_thousand_and_one_entries_are_one_too_many(void **state)
{
    struct zip_plan *p;
    struct opened o = {.rc = 0};
    uint8_t *bytes;
    struct err e;
    size_t at = 0;

    (void)state;
    for (size_t count = 100000; count <= 100001; count++) {
        assert_int_equal(zip_plan_new(&p, 0, &e), 0);
        for (size_t i = 0; i < count; i++) {
            char name[20];

            (void)snprintf(name, sizeof name, "%zu.jpg", i);
            assert_int_equal(zip_plan_add(p, name, 0, 0, &e), 0);
        }
        assert_int_equal(zip_plan_end(p, &e), 0);
        bytes = malloc(zip_plan_size(p));
        assert_non_null(bytes);
        for (at = 0; at < zip_plan_size(p);) {
            struct zip_piece piece;

            zip_plan_locate(&piece, p, at);
            zip_plan_read(bytes + at, p, at, piece.len);
            at += piece.len;
        }
        o.fd = file_of((struct slice){bytes, at});
        o.rc = zip_reader_open(&o.z, o.fd, 0, at, &limits, &o.e);
        if (count == 100000) {
            assert_int_equal(o.rc, 0);
            assert_int_equal(zip_reader_count(o.z), count);
            expect_entry(&o, 99999, "99999.jpg", slice_of(""));
        } else {
            assert_int_equal(o.e.code, ERR_TOO_LARGE);
        }
        shut(&o);
        free(bytes);
        zip_plan_free(p);
    }
}

/* --- damage --- */

static void wrong_sums_and_broken_streams_are_noticed(void **state)
{
    struct maker m;
    struct opened o;

    (void)state;
    maker_begin(&m);
    maker_add(&m, &(struct item){.name = "1.jpg", .content = slice_of("stored"), .lies_crc = true, .crc = 1});
    maker_add(&m,
              &(struct item){
                  .name = "2.jpg", .content = slice_of("packed"), .method = 8, .lies_crc = true, .crc = 1});
    maker_add(&m, &(struct item){.name = "3.jpg", .content = zeros(100000), .method = 8});
    m.bytes.data[m.bytes.len - 10] ^= 0x55;
    maker_add(&m, &(struct item){.name = "4.jpg", .content = slice_of("lost")});
    memcpy(m.bytes.data + m.bytes.len - 39, "XX", 2);
    maker_add(&m, &(struct item){.name = "5.jpg", .content = slice_of("fine")});
    maker_end(&m);
    o = open_with(&m, &limits);
    if (o.rc != 0)
        fail_msg("%s", o.e.en);
    for (size_t i = 0; i < 4; i++)
        expect_entry_refused(&o, i, ERR_INVALID, "is damaged");
    expect_entry(&o, 4, "5.jpg", slice_of("fine"));
    shut(&o);
    maker_dispose(&m);
}

static void every_truncation_is_refused(void **state)
{
    struct maker m;
    int fd;

    (void)state;
    make_good(&m);
    fd = file_of(buf_view(&m.bytes));
    for (size_t len = 0; len < m.bytes.len; len++) {
        struct zip_reader *z;
        struct err e;

        assert_int_equal(zip_reader_open(&z, fd, 0, len, &limits, &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
    }
    close(fd);
    maker_dispose(&m);
}

/* Whatever is read is what was packed, or it is refused; nothing crashes. */
static void every_flipped_bit_is_harmless(void **state)
{
    static const char *const contents[] = {"one", "two two two two two two", ""};
    struct maker m;

    (void)state;
    make_good(&m);
    for (size_t bit = 0; bit < m.bytes.len * 8; bit++) {
        struct opened o;

        m.bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        o = open_with(&m, &limits);
        for (size_t i = 0; o.rc == 0 && i < zip_reader_count(o.z); i++) {
            struct buf out = BUF_INIT(1 << 20);
            struct zip_entry entry;

            if (zip_entry_at(&entry, o.z, i, &o.e) == 0 && zip_extract(&out, o.z, i, &o.e) == 0)
                assert_true(slice_equal(buf_view(&out), slice_of(contents[i])));
            buf_dispose(&out);
        }
        shut(&o);
        m.bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    maker_dispose(&m);
}

static void a_disk_that_cannot_be_read_is_no_fault_of_the_archive(void **state)
{
    struct maker m;
    struct opened o;
    struct buf out = BUF_INIT(100);
    int nowhere;

    (void)state;
    make_good(&m);
    o = open_with(&m, &limits);
    assert_int_equal(o.rc, 0);
    nowhere = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(dup2(nowhere, o.fd), o.fd); /* EISDIR from here on */
    assert_int_equal(zip_extract(&out, o.z, 1, &o.e), -1);
    assert_int_equal(o.e.code, ERR_UNAVAILABLE);
    assert_int_equal(zip_reader_open(&(struct zip_reader *){NULL}, nowhere, 0, 1000, &limits, &o.e), -1);
    assert_int_equal(o.e.code, ERR_UNAVAILABLE);
    close(nowhere);
    shut(&o);
    maker_dispose(&m);
}

static int stop_at_once(void *arg, struct slice piece, struct err *e)
{
    (void)piece;
    ++*(int *)arg;
    return err_set(e, ERR_CONFLICT, "enough", "够了");
}

static void a_taker_that_has_enough_ends_it(void **state)
{
    struct maker m;
    struct opened o;
    int calls = 0;

    (void)state;
    maker_begin(&m);
    maker_add(&m, &(struct item){.name = "1.jpg", .content = zeros(1 << 20), .method = 8});
    maker_end(&m);
    o = open_with(&m, &limits);
    assert_int_equal(o.rc, 0);
    assert_int_equal(zip_extract_stream(o.z, 0, stop_at_once, &calls, &o.e), -1);
    assert_int_equal(o.e.code, ERR_CONFLICT);
    assert_int_equal(calls, 1);
    shut(&o);
    maker_dispose(&m);
}

static void a_small_buffer_is_told_and_left_as_it_was(void **state)
{
    struct maker m;
    struct opened o;
    struct buf out = BUF_INIT(2);

    (void)state;
    make_good(&m);
    o = open_with(&m, &limits);
    assert_int_equal(zip_extract(&out, o.z, 0, &o.e), -1);
    assert_int_equal(o.e.code, ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    assert_true(buf_ok(&out));
    shut(&o);
    buf_dispose(&out);
    maker_dispose(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_archives_are_read_also_from_the_middle_of_a_file),
        cmocka_unit_test(names_are_utf8_by_their_flag_or_by_looks_else_gb18030),
        cmocka_unit_test(names_of_any_bytes_do_no_harm),
        cmocka_unit_test(what_inflates_beyond_its_limit_is_refused_whatever_it_says),
        cmocka_unit_test(all_entries_together_have_a_limit),
        cmocka_unit_test(entries_that_share_bytes_are_refused),
        cmocka_unit_test(archives_inside_are_refused_by_name_and_by_their_first_bytes),
        cmocka_unit_test(encrypted_and_strangely_packed_entries_are_refused_one_by_one),
        cmocka_unit_test(volumes_second_ends_and_wrong_counts_are_refused),
        cmocka_unit_test(too_many_entries_and_too_many_bytes_are_refused_before_they_are_read),
        cmocka_unit_test(a_hundred_thousand_and_one_entries_are_one_too_many),
        cmocka_unit_test(wrong_sums_and_broken_streams_are_noticed),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(every_flipped_bit_is_harmless),
        cmocka_unit_test(a_disk_that_cannot_be_read_is_no_fault_of_the_archive),
        cmocka_unit_test(a_taker_that_has_enough_ends_it),
        cmocka_unit_test(a_small_buffer_is_told_and_left_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
