/* http_stream_test.c - bodies that are read while they are sent: whole, in ranges, broken, abandoned. */
#include "unit/http_fixture.h"

static int start(void **state)
{
    static struct fixture f;

    fixture_start(&f, NULL);
    *state = &f;
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

static void assert_all_closed(struct fixture *f)
{
    while (atomic_load(&f->streams_closed) < atomic_load(&f->streams_opened))
        nap(1);
    assert_int_equal(atomic_load(&f->streams_closed), atomic_load(&f->streams_opened));
}

static void assert_bytes(const char *answer, uint64_t from, size_t len)
{
    const char *body = strstr(answer, "\r\n\r\n");

    assert_non_null(body);
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)body[4 + i] != stream_byte(from + i))
            fail_msg("byte %zu of the part from %llu on is wrong", i, (unsigned long long)from);
    }
}

static void the_whole_is_sent_with_its_length(void **state)
{
    static const struct {
        const char *target;
        size_t size;
    } cases[] = {
        {"/stream/1", 1}, {"/stream/65536", 65536}, {"/stream/65537", 65537}, {"/stream/3000000", 3000000}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *answer = get_with(*state, cases[i].target, ""), length[60];

        assert_int_equal(status_of(answer), 200);
        (void)snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", cases[i].size);
        assert_answer_has(answer, length);
        assert_answer_has(answer, "\r\nAccept-Ranges: bytes\r\n");
        assert_answer_has(answer, "\r\nETag: \"made\"\r\n");
        assert_answer_has(answer, "\r\nContent-Type: application/zip\r\n");
        assert_bytes(answer, 0, cases[i].size);
        free(answer);
    }
    assert_all_closed(*state);
}

static void an_empty_stream_is_an_empty_body(void **state)
{
    char *answer = get_with(*state, "/stream/0", "");

    assert_int_equal(status_of(answer), 200);
    assert_answer_has(answer, "\r\nContent-Length: 0\r\n");
    free(answer);
    assert_all_closed(*state);
}

static void ranges_are_exact_beyond_four_gigabytes_too(void **state)
{
    static const struct {
        const char *range, *content;
        uint64_t from;
        size_t len;
        int status;
    } cases[] = {
        {"bytes=0-0", "bytes 0-0/6000000000", 0, 1, 206},
        {"bytes=4294967290-4294967301", "bytes 4294967290-4294967301/6000000000", 4294967290U, 12, 206},
        {"bytes=5999999000-", "bytes 5999999000-5999999999/6000000000", 5999999000U, 1000, 206},
        {"bytes=-7", "bytes 5999999993-5999999999/6000000000", 5999999993U, 7, 206},
        {"bytes=5999999999-9999999999999", "bytes 5999999999-5999999999/6000000000", 5999999999U, 1, 206},
        {"bytes=6000000000-", "bytes */6000000000", 0, 0, 416},
        {"bytes=123456789-123556789", "bytes 123456789-123556789/6000000000", 123456789, 100001, 206},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char header[200], *answer;

        (void)snprintf(header, sizeof header, "Range: %s\r\nIf-Range: \"made\"\r\n", cases[i].range);
        answer = get_with(*state, "/stream/6000000000", header);
        assert_int_equal(status_of(answer), cases[i].status);
        (void)snprintf(header, sizeof header, "\r\nContent-Range: %s\r\n", cases[i].content);
        assert_answer_has(answer, header);
        (void)snprintf(header, sizeof header, "\r\nContent-Length: %zu\r\n", cases[i].len);
        assert_answer_has(answer, header);
        assert_bytes(answer, cases[i].from, cases[i].len);
        free(answer);
    }
    assert_all_closed(*state);
}

static void another_tag_gets_the_whole_and_the_same_nothing(void **state)
{
    struct fixture *f = *state;
    unsigned reads;
    char *answer = get_with(f, "/stream/100", "Range: bytes=1-2\r\nIf-Range: \"other\"\r\n");

    assert_int_equal(status_of(answer), 200);
    assert_bytes(answer, 0, 100);
    free(answer);
    reads = atomic_load(&f->stream_reads);
    answer = get_with(f, "/stream/100", "If-None-Match: \"x\", \"made\"\r\n");
    assert_int_equal(status_of(answer), 304);
    free(answer);
    assert_int_equal(atomic_load(&f->stream_reads), reads);
    assert_all_closed(f);
}

static void head_tells_the_length_and_reads_nothing(void **state)
{
    struct fixture *f = *state;
    unsigned reads = atomic_load(&f->stream_reads);
    int fd = dial(f);
    char *answer;

    for (size_t i = 0; i < 2; i++) { /* twice on one connection: no body stands between */
        say_text(fd, "HEAD /stream/6000000000 HTTP/1.1\r\nHost: a\r\nRange: bytes=1-2\r\n\r\n");
        answer = hear_answer(fd, true);
        assert_int_equal(status_of(answer), 200);
        assert_answer_has(answer, "\r\nContent-Length: 6000000000\r\n");
        free(answer);
    }
    close(fd);
    assert_int_equal(atomic_load(&f->stream_reads), reads);
    assert_all_closed(f);
}

static void a_source_that_fails_cuts_the_connection_short(void **state)
{
    int fd = dial(*state);
    size_t len = 0;
    char *text = malloc(2000000);
    ssize_t n;

    assert_non_null(text);
    say_text(fd, "GET /stream/1000000/broken/500000 HTTP/1.1\r\nHost: a\r\n\r\n");
    while ((n = recv(fd, text + len, 2000000 - len, 0)) > 0)
        len += (size_t)n;
    assert_true(len > 0 && len < 1000000); /* nobody takes it for whole */
    assert_answer_has(text, "\r\nContent-Length: 1000000\r\n");
    free(text);
    close(fd);
    assert_all_closed(*state);
}

static void a_handler_that_refuses_after_all_closes_its_source(void **state)
{
    struct fixture *f = *state;
    unsigned reads = atomic_load(&f->stream_reads);
    char *answer = get_with(f, "/stream/100/refused", "");

    assert_int_equal(status_of(answer), 409);
    assert_answer_has(answer, "Not after all.");
    free(answer);
    assert_int_equal(atomic_load(&f->stream_reads), reads);
    assert_all_closed(f);
}

static void who_leaves_in_the_middle_leaves_nothing_open(void **state)
{
    char text[1000];

    for (size_t i = 0; i < 20; i++) {
        int fd = dial(*state);

        say_text(fd, "GET /stream/6000000000 HTTP/1.1\r\nHost: a\r\n\r\n");
        if (i % 2 == 0)
            assert_true(recv(fd, text, sizeof text, 0) > 0);
        close(fd);
    }
    assert_all_closed(*state);
}

static void many_read_the_same_at_once(void **state)
{
    enum { READERS = 50, SIZE = 400000 };
    int fds[READERS];

    for (size_t i = 0; i < READERS; i++) {
        fds[i] = dial(*state);
        say_text(fds[i], "GET /stream/400000 HTTP/1.1\r\nHost: a\r\n\r\n");
        if (i % 3 == 2) /* the lane of the fixture is short */
            nap(2);
    }
    for (size_t i = 0; i < READERS; i++) {
        char *answer = hear(fds[i]);

        if (status_of(answer) != 503) {
            assert_int_equal(status_of(answer), 200);
            assert_bytes(answer, 0, SIZE);
        }
        free(answer);
        close(fds[i]);
    }
    assert_all_closed(*state);
}

static void a_slow_reader_of_a_stream_is_cut(void **state)
{
    const struct http_limits quick = {.header_ms = 150, .grace_ms = 150, .bytes_per_second = 20000};
    struct fixture f;
    int fd;

    (void)state;
    fixture_start(&f, &quick);
    fd = dial_with(&f, 4096);
    say_text(fd, "GET /stream/6000000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    while (fixture_number(&f, "cut_total{cause=\"slow_reader\"} ") == 0)
        nap(5);
    close(fd);
    assert_all_closed(&f);
    fixture_stop(&f);
}

static void a_stream_may_take_longer_than_other_responses(void **state)
{
    const struct http_limits quick = {
        .header_ms = 100, .grace_ms = 100, .response_ms = 100, .bytes_per_second = 1000};
    struct fixture f;
    char *text = malloc(65536);
    size_t len = 0;
    ssize_t n;
    int fd;

    (void)state;
    assert_non_null(text);
    fixture_start(&f, &quick);
    fd = dial_with(&f, 4096);
    say_text(fd, "GET /stream/1000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    while ((n = recv(fd, text, 20000, 0)) > 0) {
        len += (size_t)n;
        nap(5);
    }
    assert_int_equal(n, 0);
    assert_true(len > 1000000);
    assert_int_equal(fixture_number(&f, "cut_total{cause=\"long_response\"} "), 0);
    free(text);
    close(fd);
    fixture_stop(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_is_sent_with_its_length),
        cmocka_unit_test(an_empty_stream_is_an_empty_body),
        cmocka_unit_test(ranges_are_exact_beyond_four_gigabytes_too),
        cmocka_unit_test(another_tag_gets_the_whole_and_the_same_nothing),
        cmocka_unit_test(head_tells_the_length_and_reads_nothing),
        cmocka_unit_test(a_source_that_fails_cuts_the_connection_short),
        cmocka_unit_test(a_handler_that_refuses_after_all_closes_its_source),
        cmocka_unit_test(who_leaves_in_the_middle_leaves_nothing_open),
        cmocka_unit_test(many_read_the_same_at_once),
        cmocka_unit_test(a_slow_reader_of_a_stream_is_cut),
        cmocka_unit_test(a_stream_may_take_longer_than_other_responses),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
