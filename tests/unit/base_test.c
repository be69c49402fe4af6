/* base_test.c - bytes, text, days, JSON and the sandbox, each beside its hostile twin. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/worker.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void a_buffer_refuses_to_pass_its_ceiling_and_remembers_it(void **state)
{
    struct buf b = BUF_INIT(4);

    (void)state;
    buf_append_text(&b, "abcd");
    assert_true(buf_ok(&b));
    buf_append_text(&b, "e");
    buf_append_text(&b, "");
    assert_false(buf_ok(&b));
    assert_int_equal(b.len, 4);
    buf_dispose(&b);
}

static void numbers_are_written_without_exponent_or_trailing_zeros(void **state)
{
    static const struct {
        double value;
        int decimals;
        const char *text;
    } rows[] = {{0, 3, "0"},         {-0.0001, 3, "0"}, {1.5, 3, "1.5"},     {-12.3456, 3, "-12.346"},
                {1e6, 3, "1000000"}, {0.05, 2, "0.05"}, {99.9999, 2, "100"}, {7, 0, "7"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b = BUF_INIT(64);

        buf_append_number(&b, rows[i].value, rows[i].decimals);
        assert_string_equal(buf_text(&b), rows[i].text);
        buf_dispose(&b);
    }
}

static void a_number_no_page_can_hold_fails_the_buffer(void **state)
{
    struct buf b = BUF_INIT(64);

    (void)state;
    buf_append_number(&b, 1e300, 3);
    assert_false(buf_ok(&b));
    buf_dispose(&b);
}

static void utf8_beyond_the_bmp_is_read_and_overlong_or_cut_forms_are_not(void **state)
{
    static const char *const bad[] = {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                      "\xE6\xAC", "\x80",         "\xFE"};
    struct slice ouyang = slice_of("欧阳𬍛𫖯");
    uint32_t cp;
    size_t at = 6;

    (void)state;
    assert_true(utf8_valid(ouyang));
    assert_int_equal(utf8_length(ouyang), 4);
    assert_true(utf8_next(ouyang, &at, &cp));
    assert_int_equal(cp, 0x2C35B);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(utf8_valid(slice_of(bad[i])));
}

static void only_days_that_exist_are_read(void **state)
{
    static const char *const bad[] = {"2025-02-29", "2025-13-01", "2025-1-01", "2025-01-01 ",
                                      "",           "1899-12-31", "2025-00-10"};
    struct date d;

    (void)state;
    assert_true(date_parse(&d, "2024-02-29"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(date_parse(&d, bad[i]));
}

static void midnight_in_shanghai_is_sixteen_hundred_utc(void **state)
{
    int64_t t;
    struct date d;

    (void)state;
    assert_true(clock_parse_rfc3339(&t, "2025-12-31T16:00:00Z"));
    d = date_in_shanghai(t);
    assert_int_equal(d.year, 2026);
    assert_int_equal(d.day, 1);
    d = date_in_shanghai(t - 1);
    assert_int_equal(d.year, 2025);
}

static void json_with_duplicates_trailing_bytes_or_abysmal_depth_is_refused(void **state)
{
    static const char *const bad[] = {"{\"a\":1,\"a\":2}",   "{} x", "[1e400]",
                                      "{\"a\":\"\\ud800\"}", "",     "{\"a\":\"\\u0000\"}"};
    char deep[2 * JSON_MAX_DEPTH + 4];
    struct err e;
    json_t *value;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(json_read(&value, slice_of(bad[i]), 1000, &e), -1);
    assert_non_null(strstr(e.en, "NUL")); /* said in our words, not in the library's */
    memset(deep, '[', JSON_MAX_DEPTH + 1);
    memset(deep + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    deep[2 * JSON_MAX_DEPTH + 2] = '\0';
    assert_int_equal(json_read(&value, slice_of(deep), 1000, &e), -1);
    assert_int_equal(json_read(&value, slice_of("{\"name\": \"[[[[\"}"), 1000, &e), 0);
    assert_string_equal(json_text(value, "name"), "[[[[");
    json_decref(value);
    assert_int_equal(json_read(&value, slice_of("{\"a\":1}"), 3, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_int_equal(json_read(&value, slice_of("{\"a\":\"\xC1\xFA\"}"), 1000, &e), -1); /* 龙 in GB18030 */
    assert_non_null(strstr(e.en, "UTF-8"));
    assert_int_equal(json_read(&value, slice_of("\xEF\xBB\xBF{\"a\":1}"), 1000, &e), 0); /* byte order mark */
    json_decref(value);
}

static void an_error_text_is_cut_between_characters(void **state)
{
    char text[2000];
    struct err e;

    (void)state;
    text[0] = 'x';
    for (size_t i = 1; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "龙", 4);
    assert_int_equal(err_set(&e, ERR_INVALID, "%s", "%s", text), -1);
    assert_true(utf8_valid(slice_of(e.en)));
    assert_true(utf8_valid(slice_of(e.zh)));
}

static void a_precision_that_cuts_a_character_leaves_none_of_it(void **state)
{
    struct err e;

    (void)state;
    assert_int_equal(err_set(&e, ERR_INVALID, "\"%.4s\" is wrong: \xC3", "“%.5s”有误。", "龙龙"), -1);
    assert_string_equal(e.en, "\"龙\" is wrong: ");
    assert_string_equal(e.zh, "“龙”有误。");
}

static void digests_and_encodings_match_published_vectors(void **state)
{
    uint8_t digest[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1], text[16];

    (void)state;
    sha256(digest, slice_of("abc")); /* FIPS 180-4 example */
    hex_encode(hex, (struct slice){digest, sizeof digest});
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    base64url_encode(text, slice_of("foob")); /* RFC 4648 section 10 */
    assert_string_equal(text, "Zm9vYg");
    assert_int_equal(crc32_of(slice_of("123456789")), 0xCBF43926);
}

static void a_file_is_hashed_as_its_bytes_are(void **state)
{
    char name[] = "/tmp/base_test.XXXXXX";
    static uint8_t content[200 * 1024 + 1]; /* several pieces and a bit */
    uint8_t whole[SHA256_SIZE], streamed[SHA256_SIZE];
    int fd = mkstemp(name), folder = open("/tmp", O_RDONLY | O_DIRECTORY);

    (void)state;
    memset(content, 7, sizeof content);
    assert_true(fd >= 0 && folder >= 0);
    assert_int_equal(file_put(fd, (struct slice){content, sizeof content}), 0);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(sha256_of_file(streamed, fd), 0);
    sha256(whole, (struct slice){content, sizeof content});
    assert_memory_equal(streamed, whole, SHA256_SIZE);
    assert_int_equal(sha256_of_file(streamed, fd), 0); /* nothing is left */
    sha256(whole, slice_of(""));
    assert_memory_equal(streamed, whole, SHA256_SIZE);
    errno = 0;
    assert_int_equal(sha256_of_file(streamed, folder), -1);
    assert_int_equal(errno, EISDIR);
    (void)close(fd);
    (void)close(folder);
    (void)unlink(name);
}

static int says_hello(struct buf *out, void *arg, struct err *e)
{
    (void)e;
    buf_append_text(out, arg);
    return 0;
}

static int opens_a_file(struct buf *out, void *arg, struct err *e)
{
    (void)arg;
    (void)e;
    buf_append_text(out, open("/etc/passwd", O_RDONLY) < 0 ? "refused" : "opened");
    return 0;
}

static int opens_a_connection(struct buf *out, void *arg, struct err *e)
{
    (void)out;
    (void)arg;
    (void)e;
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? -1 : 0;
}

static int never_ends(struct buf *out, void *arg, struct err *e)
{
    volatile unsigned long i = 0;

    (void)out;
    (void)arg;
    (void)e;
    while (i + 1 != 0)
        i++;
    return 0;
}

static const struct worker_limits small = {64 << 20, 1, 3000, 4096};

static void a_worker_answers_but_reaches_no_file_and_no_network(void **state)
{
    struct buf out = BUF_INIT(4096);
    enum worker_end end;
    struct err e;

    (void)state;
    assert_int_equal(worker_run(&out, &small, says_hello, (char[]){"hello"}, &end, &e), 0);
    assert_string_equal(buf_text(&out), "hello");
    buf_reset(&out);
    assert_int_equal(worker_run(&out, &small, opens_a_file, NULL, &end, &e), 0);
    assert_string_equal(buf_text(&out), "refused");
    buf_reset(&out);
    assert_int_equal(worker_run(&out, &small, opens_a_connection, NULL, &end, &e), -1);
    assert_int_equal(end, WORKER_CRASHED);
    buf_dispose(&out);
}

static void a_worker_that_never_ends_is_ended(void **state)
{
    struct buf out = BUF_INIT(4096);
    enum worker_end end;
    struct err e;

    (void)state;
    assert_int_equal(worker_run(&out, &small, never_ends, NULL, &end, &e), -1);
    assert_int_equal(end, WORKER_OUT_OF_BOUNDS);
    buf_dispose(&out);
}

static void a_file_is_replaced_whole_or_not_at_all(void **state)
{
    char dir[] = "/tmp/sealpress-base-XXXXXX", path[64];
    struct buf b = BUF_INIT(10);
    struct err e;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/file", dir);
    assert_int_equal(file_write(path, slice_of("0123456789"), 0600, &e), 0);
    assert_int_equal(file_read(&b, path, &e), 0);
    assert_int_equal(b.len, 10);
    assert_int_equal(file_write(path, slice_of("0123456789x"), 0600, &e), 0);
    buf_reset(&b);
    assert_int_equal(file_read(&b, path, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/no/file", dir);
    assert_int_equal(file_write(path, slice_of("x"), 0600, &e), -1);
    assert_int_equal(rmdir(dir), 0);
    buf_dispose(&b);
}

static void a_file_belongs_to_whom_it_is_written_for_or_is_not_written(void **state)
{
    char dir[] = "/tmp/sealpress-base-XXXXXX", path[64];
    uid_t someone = geteuid() == 0 ? 61001 : geteuid();
    struct stat st;
    struct err e;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/file", dir);
    assert_int_equal(file_write_as(path, slice_of("x"), 0640, someone, (gid_t)-1, &e), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, someone);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(unlink(path), 0);
    if (geteuid() != 0) {
        assert_int_equal(file_write_as(path, slice_of("x"), 0640, 0, (gid_t)-1, &e), -1);
        assert_int_equal(e.code, ERR_UNAVAILABLE);
    }
    assert_int_equal(rmdir(dir), 0); /* nothing was left in it */
}

static void an_arena_hands_out_zeroed_memory_up_to_its_ceiling(void **state)
{
    struct arena a = {.max = 100000};
    char *text = arena_printf(&a, "%s-%d", "x", 7);

    (void)state;
    assert_string_equal(text, "x-7");
    assert_null(arena_alloc(&a, 200000));
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    assert_non_null(arena_alloc(&a, 50000));
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 90000));
    arena_dispose(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_refuses_to_pass_its_ceiling_and_remembers_it),
        cmocka_unit_test(numbers_are_written_without_exponent_or_trailing_zeros),
        cmocka_unit_test(a_number_no_page_can_hold_fails_the_buffer),
        cmocka_unit_test(utf8_beyond_the_bmp_is_read_and_overlong_or_cut_forms_are_not),
        cmocka_unit_test(only_days_that_exist_are_read),
        cmocka_unit_test(midnight_in_shanghai_is_sixteen_hundred_utc),
        cmocka_unit_test(json_with_duplicates_trailing_bytes_or_abysmal_depth_is_refused),
        cmocka_unit_test(an_error_text_is_cut_between_characters),
        cmocka_unit_test(a_precision_that_cuts_a_character_leaves_none_of_it),
        cmocka_unit_test(digests_and_encodings_match_published_vectors),
        cmocka_unit_test(a_file_is_hashed_as_its_bytes_are),
        cmocka_unit_test(a_worker_answers_but_reaches_no_file_and_no_network),
        cmocka_unit_test(a_worker_that_never_ends_is_ended),
        cmocka_unit_test(a_file_is_replaced_whole_or_not_at_all),
        cmocka_unit_test(a_file_belongs_to_whom_it_is_written_for_or_is_not_written),
        cmocka_unit_test(an_arena_hands_out_zeroed_memory_up_to_its_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
