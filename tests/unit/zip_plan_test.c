/* zip_plan_test.c - archives laid out beforehand are what other readers take them for, in any piece. */
#include "archive/zip.h"
#include "base/digest.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

static const int64_t moment = 1768465801; /* 2026-01-15T08:30:01Z, 16:30:01 in Shanghai */

static uint8_t content_byte(size_t entry, uint64_t offset)
{
    return (uint8_t)(entry * 37 + offset * 11 + (offset >> 10));
}

static void content_read(uint8_t *out, size_t entry, uint64_t offset, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = content_byte(entry, offset + i);
}

static struct zip_plan *plan_new(void)
{
    struct zip_plan *p;
    struct err e;

    assert_int_equal(zip_plan_new(&p, moment, &e), 0);
    return p;
}

static void add(struct zip_plan *p, const char *name, uint64_t size, uint32_t crc)
{
    struct err e;

    if (zip_plan_add(p, name, size, crc, &e) != 0)
        fail_msg("%s: %s", name, e.en);
}

/* With the content that content_read() gives, and its sum. */
static void add_made(struct zip_plan *p, const char *name, size_t size)
{
    uint8_t *bytes = malloc(size + 1);

    assert_non_null(bytes);
    content_read(bytes, zip_plan_count(p), 0, size);
    add(p, name, size, crc32_of((struct slice){bytes, size}));
    free(bytes);
}

static void end(struct zip_plan *p)
{
    struct err e;

    assert_int_equal(zip_plan_end(p, &e), 0);
}

/* The archive's bytes, as a server would send them: piece by piece. */
static void read_at(const struct zip_plan *p, uint64_t at, uint8_t *out, size_t len)
{
    while (len > 0) {
        struct zip_piece piece;
        size_t n;

        zip_plan_locate(&piece, p, at);
        assert_true(piece.len > 0);
        n = piece.len < len ? (size_t)piece.len : len;
        if (piece.content)
            content_read(out, piece.entry, piece.offset, n);
        else
            zip_plan_read(out, p, at, n);
        at += n;
        out += n;
        len -= n;
    }
}

static uint8_t *whole(const struct zip_plan *p)
{
    uint8_t *bytes = malloc(zip_plan_size(p));

    assert_non_null(bytes);
    read_at(p, 0, bytes, zip_plan_size(p));
    return bytes;
}

/* --- the library reads it --- */

struct view {
    const struct zip_plan *plan;
    uint64_t at;
    zip_error_t error;
};

static zip_int64_t view_source(void *arg, void *data, zip_uint64_t len, zip_source_cmd_t command)
{
    struct view *v = arg;
    zip_int64_t at;
    zip_stat_t *st = data;

    switch (command) {
    case ZIP_SOURCE_READ:
        if (len > zip_plan_size(v->plan) - v->at)
            len = zip_plan_size(v->plan) - v->at;
        read_at(v->plan, v->at, data, len);
        v->at += len;
        return (zip_int64_t)len;
    case ZIP_SOURCE_STAT:
        zip_stat_init(st);
        st->valid = ZIP_STAT_SIZE;
        st->size = zip_plan_size(v->plan);
        return sizeof *st;
    case ZIP_SOURCE_SEEK:
        at = zip_source_seek_compute_offset(v->at, zip_plan_size(v->plan), data, len, &v->error);
        if (at >= 0)
            v->at = (uint64_t)at;
        return at >= 0 ? 0 : -1;
    case ZIP_SOURCE_TELL:
        return (zip_int64_t)v->at;
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_SEEKABLE;
    default:
        v->at = 0;
        return 0;
    }
}

static zip_t *library_open(struct view *v, const struct zip_plan *p)
{
    zip_error_t error;
    zip_source_t *source;
    zip_t *z;

    *v = (struct view){.plan = p};
    zip_error_init(&v->error);
    zip_error_init(&error);
    source = zip_source_function_create(view_source, v, &error);
    assert_non_null(source);
    z = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    if (z == NULL)
        fail_msg("libzip: %s", zip_error_strerror(&error));
    zip_error_fini(&error);
    return z;
}

static void expect_entry(zip_t *z, size_t i, const char *name, uint64_t size)
{
    zip_stat_t st;

    assert_int_equal(zip_stat_index(z, i, ZIP_FL_ENC_STRICT, &st), 0);
    assert_string_equal(st.name, name);
    assert_true(st.size == size && st.comp_size == size);
    assert_int_equal(st.comp_method, ZIP_CM_STORE);
}

static void expect_content(zip_t *z, size_t i, size_t size)
{
    zip_file_t *f = zip_fopen_index(z, i, 0);
    uint8_t *bytes = malloc(size + 1), *wanted = malloc(size + 1);

    assert_true(f != NULL && bytes != NULL && wanted != NULL);
    assert_int_equal(zip_fread(f, bytes, size + 1), size); /* checks the sum */
    content_read(wanted, i, 0, size);
    assert_memory_equal(bytes, wanted, size);
    assert_int_equal(zip_fclose(f), 0);
    free(bytes);
    free(wanted);
}

static const struct {
    const char *name;
    size_t size;
} mixed[] = {{"34250001_张三.pdf", 100000},
             {"34250002_王𬍛.pdf", 1},
             {"空.pdf", 0},
             {"plain.pdf", 65536},
             {"34250002_王𬍛 (2).pdf", 70001},
             {"a/b/c.txt", 3},
             {"manifest.csv", 12345},
             {"..two dots..", 1}};
enum { MIXED = sizeof mixed / sizeof mixed[0] };

static struct zip_plan *mixed_plan(void)
{
    struct zip_plan *p = plan_new();

    for (size_t i = 0; i < MIXED; i++)
        add_made(p, mixed[i].name, mixed[i].size);
    end(p);
    return p;
}

static void the_library_reads_back_what_was_planned(void **state)
{
    struct zip_plan *p = mixed_plan();
    struct view v;
    zip_t *z = library_open(&v, p);

    (void)state;
    assert_int_equal(zip_get_num_entries(z, 0), MIXED);
    for (size_t i = 0; i < MIXED; i++) {
        expect_entry(z, i, mixed[i].name, mixed[i].size);
        expect_content(z, i, mixed[i].size);
    }
    zip_discard(z);
    zip_plan_free(p);
}

static void our_own_reader_reads_it_back(void **state)
{
    const struct zip_limits limits = {1 << 30, 100, 1 << 20, 1 << 30};
    struct zip_plan *p = mixed_plan();
    uint8_t *bytes = whole(p);
    int fd = memfd_create("archive", MFD_CLOEXEC);
    struct zip_reader *z;
    struct err e;

    (void)state;
    assert_int_equal(write(fd, "before", 6), 6);
    assert_int_equal(write(fd, bytes, zip_plan_size(p)), zip_plan_size(p));
    assert_int_equal(write(fd, "behind", 6), 6);
    if (zip_reader_open(&z, fd, 6, zip_plan_size(p), &limits, &e) != 0)
        fail_msg("%s", e.en);
    assert_int_equal(zip_reader_count(z), MIXED);
    for (size_t i = 0; i < MIXED; i++) {
        struct buf content = BUF_INIT(1 << 20);
        struct zip_entry entry;

        assert_int_equal(zip_entry_at(&entry, z, i, &e), 0);
        assert_string_equal(entry.name, mixed[i].name);
        if (zip_extract(&content, z, i, &e) != 0)
            fail_msg("%s", e.en);
        assert_int_equal(content.len, mixed[i].size);
        for (size_t n = 0; n < content.len; n++)
            assert_int_equal(content.data[n], content_byte(i, n));
        buf_dispose(&content);
    }
    zip_reader_close(z);
    close(fd);
    free(bytes);
    zip_plan_free(p);
}

static void pieces_lie_one_behind_the_other(void **state)
{
    struct zip_plan *p = mixed_plan();
    struct zip_piece piece;
    uint64_t content = 0;
    size_t entries = 0;

    (void)state;
    for (uint64_t at = 0; at < zip_plan_size(p); at += piece.len) {
        zip_plan_locate(&piece, p, at);
        assert_true(piece.len > 0 && piece.len <= zip_plan_size(p) - at);
        if (piece.content) {
            assert_int_equal(piece.offset, 0);
            assert_int_equal(piece.len, mixed[piece.entry].size);
            content += piece.len;
            entries++;
        }
    }
    assert_int_equal(entries, MIXED - 1); /* the empty one has none */
    assert_int_equal(content, 100000 + 1 + 65536 + 70001 + 3 + 12345 + 1);
    zip_plan_free(p);
}

static void a_thousand_random_ranges_equal_the_whole(void **state)
{
    struct zip_plan *p = plan_new();
    uint8_t *bytes, *part;
    size_t size;

    (void)state;
    srandom(5);
    for (size_t i = 0; i < 300; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "3425%06zu_名%zu.pdf", i, i * i);
        add_made(p, name, (size_t)random() % 4000);
    }
    end(p);
    size = zip_plan_size(p);
    bytes = whole(p);
    part = malloc(size);
    assert_non_null(part);
    for (size_t i = 0; i < 1000; i++) {
        size_t at = (size_t)random() % size, len = 1 + (size_t)random() % (i % 3 ? 200 : size - at);

        len = len < size - at ? len : size - at;
        if (i % 5 == 0) { /* the table's bytes, too */
            len = 1 + (size_t)random() % 300;
            at = size - len - (size_t)random() % 20000;
        }
        memset(part, 0xAA, len);
        read_at(p, at, part, len);
        assert_memory_equal(part, bytes + at, len);
    }
    for (size_t at = size - 20000; at < size; at++) { /* byte by byte */
        read_at(p, at, part, 1);
        assert_int_equal(part[0], bytes[at]);
    }
    free(part);
    free(bytes);
    zip_plan_free(p);
}

/* --- Zip64 only where it is needed --- */

static bool has_zip64_end(const struct zip_plan *p)
{
    uint8_t bytes[42];

    read_at(p, zip_plan_size(p) - sizeof bytes, bytes, sizeof bytes);
    assert_memory_equal(bytes + 20, "PK\5\6", 4);
    return memcmp(bytes, "PK\6\7", 4) == 0;
}

static void sizes_and_offsets_of_four_gigabytes_use_zip64_and_smaller_ones_do_not(void **state)
{
    static const struct {
        uint64_t size;
        bool wide;
    } cases[] = {{0xFFFFFFFEU, false}, {0xFFFFFFFFU, true}, {0x100000000U, true}, {0x500000000U, true}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zip_plan *p = plan_new();
        uint8_t local[80];
        struct view v;
        zip_t *z;

        add(p, "large.pdf", cases[i].size, 7);
        add(p, "behind.pdf", 5, 8);
        end(p);
        read_at(p, 0, local, sizeof local);
        assert_int_equal(local[4], cases[i].wide ? 45 : 10);
        assert_int_equal(local[28], cases[i].wide ? 20 : 0);
        assert_true(has_zip64_end(p)); /* the table is behind 4 GiB */
        z = library_open(&v, p);
        expect_entry(z, 0, "large.pdf", cases[i].size);
        expect_entry(z, 1, "behind.pdf", 5);
        zip_discard(z);
        zip_plan_free(p);
    }
}

static void an_offset_at_the_edge_is_told_exactly(void **state)
{
    (void)state;
    for (uint64_t size = 0xFFFFFFFFU - 120; size < 0xFFFFFFFFU - 40; size++) {
        struct zip_plan *p = plan_new();
        struct view v;
        zip_t *z;

        add(p, "a", size / 2, 1);
        add(p, "b", size - size / 2, 2);
        add_made(p, "c", 5); /* about where 32 bits end */
        end(p);
        z = library_open(&v, p);
        expect_entry(z, 2, "c", 5);
        expect_content(z, 2, 5);
        zip_discard(z);
        zip_plan_free(p);
    }
}

static void more_than_65534_entries_use_zip64(void **state)
{
    static const size_t counts[] = {65534, 65535, 65536, 70000};

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct zip_plan *p = plan_new();
        struct view v;
        char name[32];
        zip_t *z;

        for (size_t n = 0; n < counts[i]; n++) {
            (void)snprintf(name, sizeof name, "%zu.pdf", n);
            add_made(p, name, n % 3);
        }
        end(p);
        assert_int_equal(has_zip64_end(p), counts[i] >= 65535);
        z = library_open(&v, p);
        assert_int_equal(zip_get_num_entries(z, 0), counts[i]);
        expect_entry(z, counts[i] - 1, name, (counts[i] - 1) % 3);
        expect_content(z, counts[i] - 1, (counts[i] - 1) % 3);
        zip_discard(z);
        zip_plan_free(p);
    }
}

static void a_small_archive_is_as_small_as_it_can_be(void **state)
{
    struct zip_plan *p = plan_new();

    (void)state;
    add_made(p, "a.pdf", 10);
    end(p);
    assert_int_equal(zip_plan_size(p), 30 + 5 + 10 + 46 + 5 + 22);
    assert_false(has_zip64_end(p));
    zip_plan_free(p);
    p = plan_new();
    end(p);
    assert_int_equal(zip_plan_size(p), 22);
    zip_plan_free(p);
}

/* --- what stands in the headers --- */

static unsigned get16(const uint8_t *at)
{
    return at[0] | (unsigned)at[1] << 8;
}

static void both_headers_say_utf8_stored_time_and_mode(void **state)
{
    struct zip_plan *p = plan_new();
    uint8_t *bytes, *central;

    (void)state;
    add(p, "王𬍛.pdf", 5, 0x12345678);
    end(p);
    bytes = whole(p);
    central = bytes + 30 + 11 + 5;
    assert_memory_equal(bytes, "PK\3\4\x0a\0\0\x08\0\0", 10);
    assert_memory_equal(central, "PK\1\2", 4);
    assert_int_equal(central[5], 3); /* Unix */
    assert_memory_equal(central + 6, bytes + 4, 26);
    assert_int_equal(get16(bytes + 10), 16 << 11 | 30 << 5 | 0); /* time */
    assert_int_equal(get16(bytes + 12), (2026 - 1980) << 9 | 1 << 5 | 15);
    assert_memory_equal(bytes + 14, "\x78\x56\x34\x12\5\0\0\0\5\0\0\0\x0b\0\0\0", 16);
    assert_int_equal(get16(central + 40), 0100644);
    free(bytes);
    zip_plan_free(p);
}

static void moments_that_dos_cannot_tell_become_the_nearest(void **state)
{
    static const struct {
        int64_t moment;
        unsigned date, time;
    } cases[] = {{0, 1 << 5 | 1, 0},
                 {INT64_MIN / 2, 1 << 5 | 1, 0},
                 {INT64_MAX / 2, 127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29},
                 {1767196799, 45 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29}, /* 2025-12-31T15:59:59Z */
                 {1767196800, 46 << 9 | 1 << 5 | 1, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct zip_plan *p;
        uint8_t bytes[14];
        struct err e;

        assert_int_equal(zip_plan_new(&p, cases[i].moment, &e), 0);
        add(p, "a", 0, 0);
        end(p);
        read_at(p, 0, bytes, sizeof bytes);
        assert_int_equal(get16(bytes + 12), cases[i].date);
        assert_int_equal(get16(bytes + 10), cases[i].time);
        zip_plan_free(p);
    }
}

static void names_that_lead_out_or_come_twice_are_refused(void **state)
{
    static const char *const bad[] = {"",       "/a",   "a\\b", "..",   "../a",     "a/..",
                                      "a/../b", "a\nb", "\x7f", "\xff", "a\xc0\xaf"};
    struct zip_plan *p = plan_new();
    char *longest = calloc(1, 65537);
    struct err e;

    (void)state;
    assert_non_null(longest);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(zip_plan_add(p, bad[i], 1, 0, &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
    }
    memset(longest, 'x', 65536);
    assert_int_equal(zip_plan_add(p, longest, 1, 0, &e), -1);
    longest[65535] = '\0';
    add(p, longest, 1, 0);
    for (size_t i = 0; i < 3000; i++) {
        char name[20];

        (void)snprintf(name, sizeof name, "%zu", i);
        add(p, name, 1, 0);
    }
    assert_int_equal(zip_plan_add(p, "1234", 1, 0, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_int_equal(zip_plan_add(p, longest, 1, 0, &e), -1);
    assert_int_equal(zip_plan_count(p), 3001);
    assert_int_equal(zip_plan_add(p, "huge", UINT64_MAX - 100, 0, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    free(longest);
    zip_plan_free(p);
}

static void two_hundred_thousand_names_take_few_bytes(void **state)
{
    enum { MANY = 200000 };
    struct zip_plan *p = plan_new();
    char name[64];

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        (void)snprintf(name, sizeof name, "34250012%08zu_欧阳%zu.pdf", i, i % 1000);
        add(p, name, 200000, (uint32_t)i);
    }
    end(p);
    assert_true(zip_plan_memory(p) < (size_t)MANY * (32 + 2 * 32));
    assert_true(zip_plan_size(p) > (uint64_t)MANY * 200000);
    zip_plan_free(p);
}

/* --- names that every system can unpack --- */

static void names_are_made_safe(void **state)
{
    static const struct {
        const char *stem, *extension, *name;
    } cases[] = {
        {"34250001_张三", ".pdf", "34250001_张三.pdf"},
        {"王𬍛·买买提", ".pdf", "王𬍛·买买提.pdf"},
        {"a<b>c:d\"e/f\\g|h?i*j", ".pdf", "a_b_c_d_e_f_g_h_i_j.pdf"},
        {"a\nb\x7f", ".pdf", "a_b_.pdf"},
        {"", ".pdf", "_.pdf"},
        {"", "", "_"},
        {"CON", ".pdf", "_CON.pdf"},
        {"com7", ".pdf", "_com7.pdf"},
        {"LPT1.x", ".pdf", "_LPT1.x.pdf"},
        {"aux ", ".pdf", "_aux .pdf"},
        {"COM¹", ".pdf", "_COM¹.pdf"},
        {"conout$", ".pdf", "_conout$.pdf"},
        {"CONSTANT", ".pdf", "CONSTANT.pdf"},
        {"COMA", ".pdf", "COMA.pdf"},
        {"a. .", "", "a___"},
        {"..", ".pdf", "...pdf"},
        {"..", "", "__"},
        {"a\xe2\x80\xae"
         "fdp.exe",
         ".pdf", "a_fdp.exe.pdf"},
        {"a\xff\xfe"
         "b",
         ".pdf", "a__b.pdf"},
        {" lead", ".pdf", "_lead.pdf"},
    };
    char out[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        zip_safe_name(out, sizeof out, cases[i].stem, cases[i].extension);
        assert_string_equal(out, cases[i].name);
    }
}

static void long_names_are_cut_between_characters(void **state)
{
    char stem[1000] = "", out[256];

    (void)state;
    for (size_t i = 0; i < 200; i++)
        strcat(stem, "𬍛");
    zip_safe_name(out, sizeof out, stem, ".pdf");
    assert_true(strlen(out) <= 200 && strlen(out) > 190);
    assert_string_equal(out + strlen(out) - 4, ".pdf");
    assert_int_equal((strlen(out) - 4) % 4, 0);
    for (size_t size = 8; size < 40; size++) {
        zip_safe_name(out, size, stem, ".pdf");
        assert_true(strlen(out) < size);
        assert_string_equal(out + strlen(out) - 4, ".pdf");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_library_reads_back_what_was_planned),
        cmocka_unit_test(our_own_reader_reads_it_back),
        cmocka_unit_test(pieces_lie_one_behind_the_other),
        cmocka_unit_test(a_thousand_random_ranges_equal_the_whole),
        cmocka_unit_test(sizes_and_offsets_of_four_gigabytes_use_zip64_and_smaller_ones_do_not),
        cmocka_unit_test(an_offset_at_the_edge_is_told_exactly),
        cmocka_unit_test(more_than_65534_entries_use_zip64),
        cmocka_unit_test(a_small_archive_is_as_small_as_it_can_be),
        cmocka_unit_test(both_headers_say_utf8_stored_time_and_mode),
        cmocka_unit_test(moments_that_dos_cannot_tell_become_the_nearest),
        cmocka_unit_test(names_that_lead_out_or_come_twice_are_refused),
        cmocka_unit_test(two_hundred_thousand_names_take_few_bytes),
        cmocka_unit_test(names_are_made_safe),
        cmocka_unit_test(long_names_are_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
