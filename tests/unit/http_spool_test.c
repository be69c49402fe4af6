/* http_spool_test.c - bodies that go to a file as they come: bounds, full disks, slow disks, forms, cookies.
 */
#include "unit/http_fixture.h"
#include <dirent.h>
#include <sys/syscall.h>

enum { LARGE = 2500000 };

static uint8_t bytes[LARGE];

/* --- a disk that is full, or slow --- */

static atomic_bool disk_full, disk_stands;
static atomic_uint disk_waiting;

/* Stands before the C library. */
ssize_t pwrite(int fd, const void *from, size_t len, off_t at)
{
    if (atomic_load(&disk_full)) {
        errno = ENOSPC;
        return -1;
    }
    atomic_fetch_add(&disk_waiting, 1);
    while (atomic_load(&disk_stands))
        nap(5);
    atomic_fetch_sub(&disk_waiting, 1);
    return syscall(SYS_pwrite64, fd, from, len, at);
}

static unsigned open_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    unsigned count = 0;

    assert_non_null(d);
    while (readdir(d) != NULL)
        count++;
    closedir(d);
    return count;
}

static int start(void **state)
{
    const struct http_limits limits = {.grace_ms = 1000}; /* for clients that have left */
    static struct fixture f;

    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (uint8_t)(i * 13 + i / 251);
    fixture_start(&f, &limits);
    *state = &f;
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

/* Until everything of the uploads is given back. */
static void assert_all_released(struct fixture *f, unsigned files)
{
    for (unsigned i = 0; i < PATIENCE_S * 1000U; i++) {
        if (fixture_number(f, "spool_bytes ") == 0 && fixture_number(f, "in_flight ") == 0 &&
            open_files() <= files)
            break;
        nap(1);
    }
    assert_int_equal(fixture_number(f, "spool_bytes "), 0);
    assert_int_equal(fixture_number(f, "in_flight "), 0);
    assert_true(open_files() <= files);
    assert_int_equal(fixture_number(f, "body_bytes "), 0);
}

static void expect_spooled(const char *answer, struct slice body)
{
    char text[100];

    (void)snprintf(text, sizeof text, "spool=%zu:%08x text=<->", body.len, crc32_of(body));
    assert_answer_has(answer, text);
}

static void head_for(char *out, size_t size, const char *target, size_t len)
{
    (void)snprintf(out, size, "PUT %s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", target, len);
}

static void a_body_goes_to_a_file_byte_for_byte(void **state)
{
    static const size_t sizes[] = {1, 5, 98303, 98304, 98305, 131072, 1000000, LARGE};
    static const char *const targets[] = {"/spool", "/spool/little", "/spool/inline"};
    unsigned files = open_files();

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        int fd = dial(*state);
        char text[200], *answer;

        head_for(text, sizeof text, targets[i % 3], sizes[i]);
        say_text(fd, text);
        assert_true(say(fd, bytes, sizes[i]));
        answer = hear(fd);
        assert_int_equal(status_of(answer), 200);
        expect_spooled(answer, (struct slice){bytes, sizes[i]});
        free(answer);
        say_text(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); /* the connection lives on */
        answer = hear(fd);
        assert_int_equal(status_of(answer), 200);
        free(answer);
        close(fd);
    }
    assert_all_released(*state, files);
}

static void chunks_of_any_size_are_one_body(void **state)
{
    int fd = dial(*state);
    size_t at = 0, chunk = 1;
    char *answer;

    say_text(fd, "PUT /spool HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (at < LARGE) {
        char line[20];

        chunk = chunk * 7 % 65536 + 1 < LARGE - at ? chunk * 7 % 65536 + 1 : LARGE - at;
        (void)snprintf(line, sizeof line, "%zx\r\n", chunk);
        say_text(fd, line);
        say(fd, bytes + at, chunk);
        say_text(fd, "\r\n");
        at += chunk;
    }
    say_text(fd, "0\r\n\r\n");
    answer = hear(fd);
    expect_spooled(answer, (struct slice){bytes, LARGE});
    free(answer);
    close(fd);
}

static void no_body_is_no_file(void **state)
{
    char *answer = ask(*state, "PUT /spool HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");

    assert_int_equal(status_of(answer), 200);
    assert_answer_has(answer, "\r\n\r\n text=<->");
    free(answer);
}

static void what_is_announced_too_large_is_refused_before_it_comes(void **state)
{
    static const char *const lengths[] = {"3000001", "99999999999"};

    for (size_t i = 0; i < 2; i++) {
        char text[200], *answer;

        (void)snprintf(text, sizeof text,
                       "PUT /spool/little HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                       "Content-Length: %s\r\n\r\n",
                       lengths[i]);
        answer = ask(*state, text);
        assert_int_equal(status_of(answer), 413);
        assert_answer_has(answer, "larger than the 2 MB");
        free(answer);
    }
}

static void more_than_four_gigabytes_may_be_announced(void **state)
{
    int fd = dial(*state);
    unsigned files = open_files();
    char *answer;

    say_text(fd, "PUT /spool HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                 "Content-Length: 5368709120\r\n\r\n");
    answer = hear(fd);
    assert_int_equal(status_of(answer), 100);
    free(answer);
    say(fd, bytes, 100);
    close(fd);
    assert_all_released(*state, files);
    assert_int_equal(
        ask_status(*state, "PUT /spool HTTP/1.1\r\nHost: a\r\nContent-Length: 5368709121\r\n\r\n"), 413);
}

static void chunks_are_counted_and_the_refusal_does_not_wait_for_the_rest(void **state)
{
    unsigned files = open_files();
    int fd = dial(*state);
    char *answer;

    say_text(fd, "PUT /spool/little HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t i = 0; i < 2; i++) {
        say_text(fd, "200000\r\n");
        if (!say(fd, bytes, 0x200000))
            break;
        say_text(fd, "\r\n");
    }
    answer = hear(fd); /* no last chunk was sent */
    assert_int_equal(status_of(answer), 413);
    assert_answer_has(answer, "Connection: close\r\n");
    assert_answer_has(answer, "X-Dressed: yes\r\n");
    assert_answer_has(answer, "larger than the 2 MB");
    assert_true(hear_end(fd));
    free(answer);
    close(fd);
    assert_all_released(*state, files);
}

static void a_full_disk_is_told_at_once_and_leaves_nothing(void **state)
{
    static const size_t announced[] = {200000, LARGE, (size_t)4 << 30};
    unsigned files = open_files();

    for (size_t i = 0; i < 3; i++) {
        int fd = dial(*state);
        char text[200], *answer;

        atomic_store(&disk_full, true);
        head_for(text, sizeof text, "/spool", announced[i]);
        say_text(fd, text);
        (void)say(fd, bytes, announced[i] < LARGE ? announced[i] : LARGE);
        answer = hear(fd);
        assert_int_equal(status_of(answer), 503);
        assert_answer_has(answer, "disk is full");
        assert_answer_has(answer, "Retry-After: 60\r\n");
        free(answer);
        close(fd);
        atomic_store(&disk_full, false);
    }
    assert_all_released(*state, files);
}

static void a_disk_that_fills_with_the_last_piece_is_no_success(void **state)
{
    int fd = dial(*state);
    char text[200], *answer;

    head_for(text, sizeof text, "/spool", 150000);
    say_text(fd, text);
    say(fd, bytes, 149999);
    while (fixture_number(*state, "spool_bytes ") == 0)
        nap(1);
    nap(20);
    atomic_store(&disk_full, true);
    say(fd, bytes, 1);
    answer = hear(fd);
    atomic_store(&disk_full, false);
    assert_int_equal(status_of(answer), 503);
    assert_answer_has(answer, "disk is full");
    free(answer);
    close(fd);
}

static void a_disk_that_stands_holds_nobody_else_up_and_cuts_nobody(void **state)
{
    const struct http_limits quick = {.header_ms = 100, .grace_ms = 100, .bytes_per_second = 4000000};
    struct fixture f;
    char text[200], *answer;
    int fds[4];

    (void)state;
    fixture_start(&f, &quick);
    atomic_store(&disk_stands, true);
    for (size_t i = 0; i < 4; i++) { /* more than there are connection threads */
        fds[i] = dial(&f);
        head_for(text, sizeof text, "/spool", LARGE);
        say_text(fds[i], text);
        say(fds[i], bytes, 300000); /* more than the buffer, less than the socket takes */
    }
    while (atomic_load(&disk_waiting) == 0)
        nap(1);
    for (size_t i = 0; i < 40; i++) { /* longer than any deadline */
        assert_int_equal(ask_status(&f, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
        nap(10);
    }
    assert_int_equal(fixture_number(&f, "cut_total{cause=\"slow_body\"} "), 0);
    atomic_store(&disk_stands, false);
    for (size_t i = 0; i < 4; i++) {
        say(fds[i], bytes + 300000, LARGE - 300000);
        answer = hear(fds[i]);
        expect_spooled(answer, (struct slice){bytes, LARGE});
        free(answer);
        close(fds[i]);
    }
    fixture_stop(&f);
}

static void a_spooled_body_that_drips_is_cut(void **state)
{
    const struct http_limits quick = {.header_ms = 150, .grace_ms = 150, .bytes_per_second = 20000};
    unsigned files;
    struct fixture f;
    int fd;

    (void)state;
    fixture_start(&f, &quick);
    files = open_files();
    fd = dial(&f);
    say_text(fd, "PUT /spool HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    while (say(fd, "x", 1))
        nap(15);
    assert_true(hear_end(fd));
    close(fd);
    assert_int_equal(fixture_number(&f, "cut_total{cause=\"slow_body\"} "), 1);
    assert_all_released(&f, files);
    fixture_stop(&f);
}

static void files_have_a_ceiling_together(void **state)
{
    const struct http_limits little = {.spool_bytes = 3000000};
    unsigned files;
    struct fixture f;
    char text[200], *answer;
    int first, second;

    (void)state;
    fixture_start(&f, &little);
    files = open_files();
    first = dial(&f);
    head_for(text, sizeof text, "/spool", LARGE);
    say_text(first, text);
    say(first, bytes, 1000);
    while (fixture_number(&f, "spool_bytes ") < LARGE)
        nap(1);
    second = dial(&f);
    say_text(second, text);
    answer = hear(second); /* before it sends a byte */
    assert_int_equal(status_of(answer), 503);
    assert_answer_has(answer, "Too many files");
    free(answer);
    close(second);
    second = dial(&f); /* without a length it is counted as it comes */
    say_text(second, "PUT /spool HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n");
    (void)say(second, bytes, 0x200000);
    answer = hear(second);
    assert_int_equal(status_of(answer), 503);
    free(answer);
    close(second);
    say(first, bytes + 1000, LARGE - 1000);
    answer = hear(first);
    expect_spooled(answer, (struct slice){bytes, LARGE});
    free(answer);
    close(first);
    assert_all_released(&f, files);
    fixture_stop(&f);
}

static void files_are_limited_in_number(void **state)
{
    enum { FILES = 64 };
    unsigned files = open_files();
    int fds[FILES];
    char text[200];

    head_for(text, sizeof text, "/spool", 10);
    for (size_t i = 0; i < FILES; i++) {
        fds[i] = dial(*state);
        say_text(fds[i], text);
    }
    while (fixture_number(*state, "spool_bytes ") < 10 * FILES)
        nap(1);
    strcat(text, "0123456789");
    assert_int_equal(ask_status(*state, text), 503);
    for (size_t i = 0; i < FILES; i++)
        close(fds[i]);
    assert_all_released(*state, files);
    assert_int_equal(ask_status(*state, "PUT /spool HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
                     200);
}

static void without_a_place_to_write_it_says_so(void **state)
{
    struct fixture f;
    char *answer;

    (void)state;
    fixture_start(&f, NULL);
    http_stop(f.server);
    f.config.spool_dir = NULL;
    assert_int_equal(http_start(&f.server, &f.config, &(struct err){0}), 0);
    answer = ask(&f, "PUT /spool HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    assert_int_equal(status_of(answer), 503);
    assert_answer_has(answer, "cannot write to its disk");
    free(answer);
    fixture_stop(&f);
}

static void a_client_that_leaves_and_a_stop_leave_nothing(void **state)
{
    const struct http_limits hasty = {.drain_ms = 50};
    unsigned files = open_files();
    struct fixture f;
    char text[200];
    int fd;

    (void)state;
    fixture_start(&f, &hasty);
    for (size_t i = 0; i < 20; i++) {
        fd = dial(&f);
        head_for(text, sizeof text, "/spool", LARGE);
        say_text(fd, text);
        say(fd, bytes, i * 20000);
        close(fd);
    }
    fd = dial(&f);
    say_text(fd, text);
    say(fd, bytes, 500000);
    fixture_stop(&f);
    close(fd);
    assert_int_equal(open_files(), files);
}

/* --- forms --- */

static const char form_head[] =
    "POST /spool/form HTTP/1.1\r\nHost: a\r\n"
    "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %zu\r\n\r\n";

static char *ask_form(struct fixture *f, struct slice body)
{
    char text[300], *answer;
    int fd = dial(f);

    (void)snprintf(text, sizeof text, form_head, body.len);
    say_text(fd, text);
    (void)say(fd, body.ptr, body.len);
    answer = hear(fd);
    close(fd);
    return answer;
}

static void files_of_a_form_go_to_the_file_and_fields_do_not(void **state)
{
    struct buf body = BUF_INIT(SIZE_MAX);
    char wanted[300], *answer;

    buf_append_text(&body, "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n你好\r\n"
                           "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n"
                           "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\n"
                           "Content-Type: application/zip\r\n\r\n");
    buf_append_bytes(&body, bytes, LARGE);
    buf_append_text(&body,
                    "\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"空.jpg\"\r\n\r\n"
                    "\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"c\"\r\n\r\n"
                    "abc\r\n--B--\r\n");
    answer = ask_form(*state, buf_view(&body));
    (void)snprintf(wanted, sizeof wanted,
                   " text=<你好> file=<a.zip>:%d:%08x file=<空.jpg>:0:00000000 file=<c>:3:352441c2", LARGE,
                   crc32_of((struct slice){bytes, LARGE}));
    assert_answer_has(answer, wanted);
    free(answer);
    buf_dispose(&body);
}

static void a_form_without_its_end_or_with_too_much_is_refused(void **state)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"c\"\r\n\r\nabc", 400},
        {"--B\r\nContent-Type: text/plain\r\n\r\nabc\r\n--B--", 400},
        {"--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\n"
         "Content-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--B--",
         400},
        {"--Bxx", 400},
        {"", 400},
    };
    struct buf body = BUF_INIT(SIZE_MAX);
    unsigned files = open_files();
    char *answer;

    for (size_t i = 0; i + 1 < sizeof cases / sizeof cases[0]; i++) {
        answer = ask_form(*state, slice_of(cases[i].body));
        assert_int_equal(status_of(answer), cases[i].status);
        free(answer);
    }
    buf_append_text(&body, "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n");
    for (size_t i = 0; i < 100000; i++)
        buf_append_char(&body, 'x');
    buf_append_text(&body, "\r\n--B--\r\n");
    answer = ask_form(*state, buf_view(&body));
    assert_int_equal(status_of(answer), 413);
    free(answer);
    buf_dispose(&body);
    assert_all_released(*state, files);
}

static void a_plain_form_works_there_too_within_64_kib(void **state)
{
    char *answer = ask(*state, "POST /spool/form HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n"
                               "Content-Type: application/x-www-form-urlencoded\r\n\r\ntext=a%20b");

    assert_answer_has(answer, "text=<a b>");
    free(answer);
}

/* --- cookies --- */

static void a_cookie_is_found_whatever_stands_around_it(void **state)
{
    static const struct {
        const char *headers, *value;
    } cases[] = {
        {"", "none"},
        {"Cookie: sid=abc\r\n", "abc"},
        {"Cookie: a=1; sid=abc; b=2\r\n", "abc"},
        {"Cookie: a=1;sid=abc;b\r\n", "abc"},
        {"Cookie: xsid=no; sid=abc \r\n", "abc"},
        {"Cookie: sidx=no\r\n", "none"},
        {"Cookie: sid=\"abc\"\r\n", "abc"},
        {"Cookie: sid=\r\n", ""},
        {"cookie: a=1\r\nCookie: sid=a=b\r\n", "a=b"},
        {"Cookie: sid=one; sid=two\r\n", "none"},
        {"Cookie: sid=one\r\nCookie: sid=one\r\n", "none"},
        {"Cookie: sid=a,b\r\n", "none"},
        {"Cookie: sid=a b\r\n", "none"},
        {"Cookie: SID=abc\r\n", "none"},
        {"Cookie: ;;=;sid\r\n", "none"},
        {"X-Cookie: sid=abc\r\n", "none"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *answer = get_with(*state, "/cookie", cases[i].headers), *body = strstr(answer, "\r\n\r\n");

        assert_int_equal(status_of(answer), 200);
        assert_string_equal(body ? body + 4 : "", cases[i].value);
        free(answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_goes_to_a_file_byte_for_byte),
        cmocka_unit_test(chunks_of_any_size_are_one_body),
        cmocka_unit_test(no_body_is_no_file),
        cmocka_unit_test(what_is_announced_too_large_is_refused_before_it_comes),
        cmocka_unit_test(more_than_four_gigabytes_may_be_announced),
        cmocka_unit_test(chunks_are_counted_and_the_refusal_does_not_wait_for_the_rest),
        cmocka_unit_test(a_full_disk_is_told_at_once_and_leaves_nothing),
        cmocka_unit_test(a_disk_that_fills_with_the_last_piece_is_no_success),
        cmocka_unit_test(a_disk_that_stands_holds_nobody_else_up_and_cuts_nobody),
        cmocka_unit_test(a_spooled_body_that_drips_is_cut),
        cmocka_unit_test(files_have_a_ceiling_together),
        cmocka_unit_test(files_are_limited_in_number),
        cmocka_unit_test(without_a_place_to_write_it_says_so),
        cmocka_unit_test(a_client_that_leaves_and_a_stop_leave_nothing),
        cmocka_unit_test(files_of_a_form_go_to_the_file_and_fields_do_not),
        cmocka_unit_test(a_form_without_its_end_or_with_too_much_is_refused),
        cmocka_unit_test(a_plain_form_works_there_too_within_64_kib),
        cmocka_unit_test(a_cookie_is_found_whatever_stands_around_it),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
