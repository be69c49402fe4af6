/* http_test.c - requests over real sockets: routes, what is malformed, forms, ranges, lanes, batches. */
#include "unit/http_fixture.h"

static struct fixture fixture;

static int start(void **state)
{
    *state = &fixture;
    fixture_start(&fixture, NULL);
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

static void a_path_finds_its_route_literal_before_parameter(void **state)
{
    static const struct {
        const char *target;
        int status;
        const char *text;
    } rows[] = {
        {"/", 200, "route=/ "},
        {"/x/special", 200, "route=/x/special "},
        {"/x/abc", 200, "route=/x/{id} param=<abc>"},
        {"/x/a%20b%E7%8E%8B", 200, "param=<a b王>"},
        {"/x/abc.pdf", 200, "application/pdf"},
        {"/x/.pdf", 200, "route=/x/{id} param=<.pdf>"},
        {"/v/", 200, "route=/v/ "},
        {"/v/t0ken", 200, "param=<t0ken>"},
        {"http://other/x/abc?q=1", 200, "param=<abc> q=<1>"},
        {"/v", 404, NULL},
        {"/x/abc/", 404, NULL},
        {"/x/abc/def", 404, NULL},
        {"/nothing", 404, NULL},
        {"/x/abc/revoke", 405, "Allow: POST\r\n"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *answer = get_with(*state, rows[i].target, "");

        if (status_of(answer) != rows[i].status)
            fail_msg("%s: %.300s", rows[i].target, answer);
        if (rows[i].text != NULL)
            assert_answer_has(answer, rows[i].text);
        assert_answer_has(answer, "\r\nX-Request-Id: ");
        assert_answer_has(answer, "\r\nX-Dressed: yes\r\n");
        assert_null(strstr(answer, "Server:"));
        free(answer);
    }
}

static void nothing_that_climbs_or_hides_gets_to_a_handler(void **state)
{
    static const char *const targets[] = {
        "/x/..",    "/x/%2e%2e", "/x/.",      "/x/a%2fb",        "/x/a%5cb",    "/x/a%00b",
        "/x/a%0ab", "/x/%7f",    "/x/%C0%AF", "/x/%ED%A0%80",    "/x/%C2%85",   "/x/%",
        "/x/%4",    "/x/%zz",    "//x/abc",   "/x//abc",         "/x/a\\b",     "/x/abc#y",
        "x/abc",    "*",         "http://",   "/?q=%00",         "/?q=1&q=2",   "/?q=%ff",
        "/?=1",     "/?q=%",     "/../x/abc", "/v/%2e%2e%2fetc", "ftp://a/x/b", "/x/\x01",
    };

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        char *answer = get_with(*state, targets[i], "");

        if (status_of(answer) != 400)
            fail_msg("%s: %.200s", targets[i], answer);
        free(answer);
    }
}

static void a_target_too_long_is_414(void **state)
{
    char target[2200];
    char *answer;

    memset(target, 'a', sizeof target - 1);
    target[0] = '/';
    target[sizeof target - 1] = '\0';
    answer = get_with(*state, target, "");
    assert_int_equal(status_of(answer), 414);
    free(answer);
    target[2048] = '\0';
    answer = get_with(*state, target, "");
    assert_int_equal(status_of(answer), 404);
    free(answer);
}

static void queries_languages_and_addresses_are_read(void **state)
{
    static const struct {
        const char *target, *headers, *text;
    } rows[] = {
        {"/?q=a+b%2Bc", "", "q=<a b+c> english=0 address=127.0.0.1"},
        {"/?q", "", "q=<>"},
        {"/", "Accept-Language: en-GB,zh;q=0.8\r\n", "english=1"},
        {"/", "Accept-Language: zh-CN,en;q=0.8\r\n", "english=0"},
        {"/?lang=en", "Accept-Language: zh\r\n", "english=1"},
        {"/?lang=zh", "Accept-Language: en\r\n", "english=0"},
        {"/", "X-Forwarded-For: 1.2.3.4, 203.0.113.9, 10.1.1.1\r\n", "address=203.0.113.9 "},
        {"/", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 203.0.113.9\r\n", "address=203.0.113.9 "},
        {"/", "X-Forwarded-For: rubbish\r\n", "address=127.0.0.1 "},
        {"/", "X-Forwarded-For: 2001:db8:1:2:3:4:5:6\r\n", "address=2001:db8:1:2:: "},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *answer = get_with(*state, rows[i].target, rows[i].headers);

        assert_answer_has(answer, rows[i].text);
        free(answer);
    }
}

static void methods_are_answered_as_they_should(void **state)
{
    int fd = dial(*state);
    char *answer;

    say_text(fd, "HEAD /x/abc HTTP/1.1\r\nHost: a\r\n\r\n");
    answer = hear_answer(fd, true);
    assert_int_equal(status_of(answer), 200);
    assert_null(strstr(answer, "Content-Length: 0"));
    free(answer);
    /* Had a body been sent, the next answer would not begin here. */
    say_text(fd, "OPTIONS /x/abc HTTP/1.1\r\nHost: a\r\n\r\n");
    answer = hear(fd);
    assert_int_equal(status_of(answer), 405);
    assert_answer_has(answer, "Allow: GET, HEAD, PUT\r\n");
    free(answer);
    say_text(fd, "BREW / HTTP/1.1\r\nHost: a\r\n\r\n");
    answer = hear(fd);
    assert_int_equal(status_of(answer), 501);
    free(answer);
    close(fd);
    answer = get_with(*state, "/fail", "");
    assert_int_equal(status_of(answer), 409);
    assert_answer_has(answer, "That was issued before.");
    free(answer);
}

/* What two servers in a row could read as different requests is refused, and the connection ends. */
static void shapes_of_smuggling_are_refused_and_the_connection_ends(void **state)
{
#define POST_X "POST /x HTTP/1.1\r\nHost: a\r\n"
    static const char *const shapes[] = {
        POST_X "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST_X "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        POST_X "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        POST_X "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        POST_X "Content-Length: 5, 5\r\n\r\nhello",
        POST_X "Content-Length: +5\r\n\r\nhello",
        POST_X "Content-Length: 0x5\r\n\r\nhello",
        POST_X "Content-Length: -5\r\n\r\nhello",
        POST_X "Content-Length:\r\n\r\nhello",
        POST_X "Content-Length: 99999999999999999999\r\n\r\nhello",
        POST_X "Content-Length : 5\r\n\r\nhello",
        POST_X "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        POST_X "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        POST_X "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST_X "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        POST_X "Transfer-Encoding: chunked\r\n\r\nz\r\nhello\r\n0\r\n\r\n",
        POST_X "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
        POST_X "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        POST_X "X: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
        POST_X "X: a\nContent-Length: 0\r\n\r\n",
        POST_X "X: a\r\nContent-Length: 0\n\r\n",
        POST_X "X: a\r\nContent-Length: 0\r\n\n",
        POST_X "X:\nContent-Length: 0\r\n\r\n",
        POST_X "X: a\rContent-Length: 0\r\n\r\n",
        POST_X "X: a\x01\r\nContent-Length: 0\r\n\r\n",
        POST_X "X y: a\r\nContent-Length: 0\r\n\r\n",
        POST_X ": a\r\nContent-Length: 0\r\n\r\n",
        POST_X "nocolon\r\nContent-Length: 0\r\n\r\n",
        POST_X "Host: b\r\nContent-Length: 0\r\n\r\n",
        "POST /x HTTP/1.1\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST /x HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
        "POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /x HTTP/1.9\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST /x HTTP/2.0\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "POST /x\r\n\r\n",
        "POST /x y HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        int fd = dial(*state);
        char *answer;

        say_text(fd, shapes[i]);
        say_text(fd, "GET / HTTP/1.1\r\nHost: smuggled\r\n\r\n");
        answer = hear(fd);
        if (status_of(answer) != 0 && (status_of(answer) < 400 || status_of(answer) > 505))
            fail_msg("%s: %.200s", shapes[i], answer);
        free(answer);
        answer = hear(fd);
        if (status_of(answer) != 0)
            fail_msg("a second answer after %s: %.200s", shapes[i], answer);
        free(answer);
        close(fd);
    }
}

static void what_the_library_would_refuse_by_itself_gets_our_answer_once(void **state)
{
    static const char *const shapes[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /  HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /x y HTTP/1.1\r\nHost: a\r\n\r\n",
    };

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        int fd = dial(*state);
        char *answer;

        say_text(fd, shapes[i]);
        answer = hear(fd);
        assert_int_equal(status_of(answer), 400);
        assert_answer_has(answer, "\r\nX-Dressed: yes\r\n");
        assert_null(strstr(answer + 1, "HTTP/1.1 400"));
        free(answer);
        assert_true(hear_end(fd));
        close(fd);
    }
}

static void of_two_keys_none_is_believed(void **state)
{
    assert_int_equal(ask_status(*state, "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer b\r\n"
                                        "authorization: Bearer c\r\n\r\n"),
                     400);
}

static void a_header_with_a_nul_is_refused(void **state)
{
    static const char text[] = "POST /x HTTP/1.1\r\nHost: a\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n";
    char *answer = ask_bytes(*state, text, sizeof text - 1);

    assert_int_equal(status_of(answer), 400);
    free(answer);
}

static void a_header_too_large_is_431_and_too_many_fields_too(void **state)
{
    struct buf b = BUF_INIT(1 << 20);
    char *answer;

    buf_append_text(&b, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    for (size_t i = 0; i < 40000; i++)
        buf_append_char(&b, 'x');
    buf_append_text(&b, "\r\n\r\n");
    answer = ask_bytes(*state, b.data, b.len);
    assert_int_equal(status_of(answer), 431);
    free(answer);
    buf_reset(&b);
    buf_append_text(&b, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (size_t i = 0; i < 100; i++)
        buf_append_text(&b, "X: y\r\n");
    buf_append_text(&b, "\r\n");
    answer = ask_bytes(*state, b.data, b.len);
    assert_int_equal(status_of(answer), 431);
    free(answer);
    buf_dispose(&b);
}

static void bodies_arrive_whole_announced_or_chunked_and_byte_by_byte(void **state)
{
    static const char *const requests[] = {
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /inline HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "PUT /x/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    };
    int fd = dial(*state);

    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        char *answer;

        for (const char *at = requests[i]; *at != '\0'; at++)
            say(fd, at, 1);
        answer = hear(fd);
        assert_answer_has(answer, "body=5:hello");
        free(answer);
    }
    close(fd);
}

static void bodies_too_large_are_413_before_or_while_they_are_read(void **state)
{
    struct buf b = BUF_INIT(1 << 20);
    int fd = dial(*state);
    char *answer;

    say_text(fd, "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
    answer = hear(fd);
    assert_int_equal(status_of(answer), 413);
    assert_non_null(strstr(answer, "larger than the 1000 bytes"));
    free(answer);
    assert_true(hear_end(fd));
    close(fd);
    buf_append_text(&b, "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t i = 0; i < 101; i++)
        buf_append_text(&b, "a\r\n0123456789\r\n");
    buf_append_text(&b, "0\r\n\r\n");
    answer = ask_bytes(*state, b.data, b.len);
    assert_int_equal(status_of(answer), 413);
    free(answer);
    buf_dispose(&b);
    assert_int_equal(ask_status(*state, "GET /x/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"), 413);
    assert_int_equal(fixture_number(*state, "body_bytes "), 0);
}

static void a_body_far_too_large_in_chunks_is_read_to_its_end_and_answered(void **state)
{
    static char chunk[65536];
    int fd = dial(*state);
    char *answer;

    say_text(fd, "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t i = 0; i < 60; i++) {
        say_text(fd, "10000\r\n");
        say(fd, chunk, sizeof chunk);
        say_text(fd, "\r\n");
    }
    say_text(fd, "0\r\n\r\n");
    answer = hear(fd);
    assert_int_equal(status_of(answer), 413);
    free(answer);
    close(fd);
    assert_int_equal(fixture_number(*state, "body_bytes "), 0);
}

static void a_refusal_reaches_a_client_that_sends_all_first(void **state)
{
    static char waste[300000];
    int fd = dial(*state);
    char *answer;

    say_text(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nX-Refuse: 1\r\nContent-Length: 300000\r\n\r\n");
    say(fd, waste, sizeof waste);
    answer = hear(fd);
    assert_int_equal(status_of(answer), 403);
    free(answer);
    assert_true(hear_end(fd));
    close(fd);
}

static void continue_is_said_only_to_who_may_enter(void **state)
{
    static const char text[] = "POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n";
    int fd = dial(*state);
    char *answer;

    say_text(fd, text);
    say_text(fd, "\r\n");
    answer = hear(fd);
    assert_int_equal(status_of(answer), 100);
    free(answer);
    say_text(fd, "hi");
    answer = hear(fd);
    assert_answer_has(answer, "body=2:hi");
    free(answer);
    say_text(fd, text);
    say_text(fd, "X-Refuse: 1\r\n\r\n");
    answer = hear(fd);
    assert_int_equal(status_of(answer), 403);
    free(answer);
    close(fd);
    assert_int_equal(
        ask_status(*state, "POST /x HTTP/1.1\r\nHost: a\r\nExpect: miracle\r\nContent-Length: 0\r\n\r\n"),
        417);
}

static void ranges_and_tags_are_honoured(void **state)
{
    static const struct {
        const char *headers;
        int status;
        const char *text;
        size_t from, len;
    } rows[] = {
        {"", 200, "Content-Length: 200000\r\n", 0, PDF_SIZE},
        {"Range: bytes=0-99\r\n", 206, "Content-Range: bytes 0-99/200000\r\n", 0, 100},
        {"Range: bytes=100-\r\n", 206, "Content-Range: bytes 100-199999/200000\r\n", 100, PDF_SIZE - 100},
        {"Range: bytes=-10\r\n", 206, "Content-Range: bytes 199990-199999/200000\r\n", PDF_SIZE - 10, 10},
        {"Range: bytes=-999999\r\n", 206, "Content-Range: bytes 0-199999/200000\r\n", 0, PDF_SIZE},
        {"Range: bytes=199999-300000\r\n", 206, "bytes 199999-199999/200000", PDF_SIZE - 1, 1},
        {"Range: bytes=200000-\r\n", 416, "Content-Range: bytes */200000\r\n", 0, 0},
        {"Range: bytes=-0\r\n", 416, "Content-Range: bytes */200000\r\n", 0, 0},
        {"Range: bytes=99999999999999999999-\r\n", 416, "bytes */200000", 0, 0},
        {"Range: bytes=0-0,5-9\r\n", 200, "", 0, PDF_SIZE},
        {"Range: bytes=9-5\r\n", 200, "", 0, PDF_SIZE},
        {"Range: bytes=a-b\r\n", 200, "", 0, PDF_SIZE},
        {"Range: lines=1-2\r\n", 200, "", 0, PDF_SIZE},
        {"Range: bytes=0-9\r\nIf-Range: \"abc\"\r\n", 206, "", 0, 10},
        {"Range: bytes=0-9\r\nIf-Range: \"old\"\r\n", 200, "", 0, PDF_SIZE},
        {"Range: bytes=0-9\r\nIf-Range: W/\"abc\"\r\n", 200, "", 0, PDF_SIZE},
        {"If-None-Match: \"abc\"\r\n", 304, "ETag: \"abc\"\r\n", 0, 0},
        {"If-None-Match: \"x\", W/\"abc\"\r\n", 304, "", 0, 0},
        {"If-None-Match: *\r\n", 304, "", 0, 0},
        {"If-None-Match: \"x\"\r\n", 200, "Accept-Ranges: bytes\r\n", 0, PDF_SIZE},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *answer = get_with(*state, "/x/1.pdf", rows[i].headers);
        char *body = strstr(answer, "\r\n\r\n");

        if (status_of(answer) != rows[i].status)
            fail_msg("%s: %.300s", rows[i].headers, answer);
        *body = '\0';
        strcat(body, "\r\n"); /* overwrites the empty line's first half with itself */
        assert_answer_has(answer, rows[i].text);
        if (rows[i].len > 0)
            assert_memory_equal(body + 4, pdf_bytes + rows[i].from, rows[i].len);
        free(answer);
    }
}

static void head_has_the_length_of_the_whole(void **state)
{
    int fd = dial(*state);
    char *answer;

    say_text(fd, "HEAD /x/1.pdf HTTP/1.1\r\nHost: a\r\nRange: bytes=0-9\r\n\r\n");
    answer = hear_answer(fd, true);
    assert_int_equal(status_of(answer), 200);
    assert_answer_has(answer, "Content-Length: 200000\r\n");
    free(answer);
    close(fd);
}

#define FORM_BODY                                                                                            \
    "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nA\r\n-- B\r\n"                              \
    "--B\r\nContent-Type: image/png\r\nContent-Disposition: form-data; name=\"file\"; "                      \
    "filename=\"a;\\\"b.pdf\"\r\n\r\n%PDF\r\n--C\r\n--B--\r\n"

static void a_multipart_form_torn_anywhere_is_read_the_same(void **state)
{
    char header[300];
    int fd = dial(*state);

    (void)snprintf(header, sizeof header,
                   "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=B\r\n"
                   "Content-Length: %zu\r\n\r\n",
                   strlen(FORM_BODY));
    for (size_t cut = 0; cut <= strlen(FORM_BODY); cut++) {
        char *answer;

        say_text(fd, header);
        say(fd, FORM_BODY, cut);
        if (cut % 16 == 0)
            nap(1);
        say_text(fd, &FORM_BODY[cut]);
        answer = hear(fd);
        assert_answer_has(answer, "text=<A\r\n-- B> name=<a;\"b.pdf> file=<%PDF\r\n--C>");
        free(answer);
    }
    close(fd);
}

static void forms_of_other_types_or_cut_short_are_refused(void **state)
{
    static const struct {
        const char *type, *body;
        int status;
    } rows[] = {
        {"application/x-www-form-urlencoded", "text=a+b&more=%E7%8E%8B", 200},
        {"application/x-www-form-urlencoded", "text=%ff", 400},
        {"application/x-www-form-urlencoded", "text=1&text=2", 400},
        {"application/json", "{}", 415},
        {"text/plain", "text=1", 415},
        {"multipart/form-data", "--B--", 400},
        {"multipart/form-data; boundary=B", "", 400},
        {"multipart/form-data; boundary=B", "--B", 400},
        {"multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
         400},
        {"multipart/form-data; boundary=B", "--B\r\n\r\nx\r\n--B--", 400},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1000];

        (void)snprintf(text, sizeof text,
                       "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                       rows[i].type, strlen(rows[i].body), rows[i].body);
        assert_int_equal(ask_status(*state, text), rows[i].status);
    }
}

static void a_full_lane_is_503_at_once_while_others_are_answered(void **state)
{
    struct fixture *f = *state;
    int fds[5];
    char *answer;

    gate_set(f, true);
    f->at_gate = 0;
    for (size_t i = 0; i < 5; i++) { /* two threads work, three requests wait */
        fds[i] = dial(f);
        say_text(fds[i], "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        if (i == 1)
            gate_wait(f, 2);
    }
    while (fixture_number(f, "lane_waiting{lane=\"work\"} ") < 3)
        nap(1);
    answer = get_with(f, "/slow", "");
    assert_int_equal(status_of(answer), 503);
    assert_answer_has(answer, "Retry-After: ");
    free(answer);
    /* A large body is not even asked for. */
    answer =
        ask(f, "POST /slow HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n");
    assert_int_equal(status_of(answer), 503);
    free(answer);
    answer = get_with(f, "/x/abc", "");
    assert_int_equal(status_of(answer), 200);
    free(answer);
    gate_set(f, false);
    for (size_t i = 0; i < 5; i++) {
        answer = hear(fds[i]);
        assert_answer_has(answer, "passed");
        free(answer);
        close(fds[i]);
    }
    answer = get_with(f, "/slow", "");
    assert_int_equal(status_of(answer), 200);
    free(answer);
}

static void strangers_fill_half_of_a_shared_lane_and_wait_behind_those_with_a_key(void **state)
{
    static const char *const asked[] = {"/guest", "/guest", "/guest", "/keyed", "/keyed"};
    struct fixture *f = *state;
    int fds[5];
    char *answer;

    gate_set(f, true);
    f->at_gate = 0;
    for (int i = 0; i < 5; i++) {
        char text[100];

        (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", asked[i]);
        fds[i] = dial(f);
        say_text(fds[i], text);
        if (i == 0)
            gate_wait(f, 1);
        while (fixture_number(f, "lane_waiting{lane=\"shared\"} ") < i)
            nap(1);
        if (i != 2)
            continue;
        answer = get_with(f, "/guest", ""); /* two of four wait: that is half */
        assert_int_equal(status_of(answer), 503);
        free(answer);
    }
    answer = get_with(f, "/keyed", "");
    assert_int_equal(status_of(answer), 503); /* now it is full for all */
    free(answer);
    gate_set(f, false);
    for (size_t i = 0; i < 5; i++) {
        answer = hear(fds[i]);
        assert_answer_has(answer, "passed");
        free(answer);
        close(fds[i]);
    }
    assert_string_equal(f->served, "gkkgg");
}

static void count_job(void *app, void *thread, void *arg)
{
    struct fixture *f = app;

    assert_ptr_equal(thread, app);
    assert_ptr_equal(arg, &f->jobs);
    /* Before the requests that wait. */
    assert_int_equal(atomic_load(&f->batches), 1);
    atomic_fetch_add(&f->jobs, 1);
}

static void waiting_requests_of_a_route_are_taken_together_after_jobs(void **state)
{
    enum { CLIENTS = 40 };
    struct fixture *f = *state;
    int fds[CLIENTS];

    gate_set(f, true);
    f->at_gate = 0;
    for (size_t i = 0; i < CLIENTS; i++) {
        fds[i] = dial(f);
        say_text(fds[i], "GET /together HTTP/1.1\r\nHost: a\r\n\r\n");
        if (i == 0)
            gate_wait(f, 1);
    }
    while (fixture_number(f, "lane_waiting{lane=\"batch\"} ") < CLIENTS - 1)
        nap(1);
    assert_true(http_submit(f->server, 2, count_job, &f->jobs));
    gate_set(f, false);
    for (size_t i = 0; i < CLIENTS; i++) {
        char *answer = hear(fds[i]);

        assert_answer_has(answer, "together");
        free(answer);
        close(fds[i]);
    }
    assert_int_equal(atomic_load(&f->jobs), 1);
    assert_int_equal(atomic_load(&f->largest_batch), HTTP_BATCH_MAX);
    assert_int_equal(atomic_load(&f->batches), 3);
}

static void a_thread_without_work_rests_once_until_it_has_worked_again(void **state)
{
    struct fixture *f = *state;
    unsigned before;

    while (atomic_load(&f->rests) == 0)
        nap(1);
    nap(100); /* five times as long as it takes to rest: a second rest would show */
    before = atomic_load(&f->rests);
    for (unsigned k = 1; k <= 2; k++) {
        char *answer = get_with(f, "/together", "");

        assert_answer_has(answer, "together");
        free(answer);
        while (atomic_load(&f->rests) < before + k)
            nap(1);
    }
    assert_int_equal(atomic_load(&f->rests), before + 2);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    static const char *const wanted[] = {"param=<1>", "application/pdf", "body=2:hi", "param=<4>"};
    int fd = dial(*state);

    say_text(fd, "GET /x/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /x/2.pdf HTTP/1.1\r\nHost: a\r\n\r\n"
                 "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
                 "GET /x/4 HTTP/1.1\r\nHost: a\r\n\r\n");
    for (size_t i = 0; i < 4; i++) {
        char *answer = hear(fd);

        assert_answer_has(answer, wanted[i]);
        free(answer);
    }
    close(fd);
}

static void an_address_in_use_is_told(void **state)
{
    struct fixture *f = *state;
    struct http_config config = f->config;
    struct http_server *other = NULL;
    struct err e = {0};
    char listen_at[32];

    (void)snprintf(listen_at, sizeof listen_at, "127.0.0.1:%u", http_port(f->server));
    config.listen = listen_at;
    assert_int_equal(http_start(&other, &config, &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    assert_null(other);
    config.listen = "nonsense";
    assert_int_equal(http_start(&other, &config, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
}

static void the_metrics_count_by_route_not_by_path(void **state)
{
    struct fixture *f = *state;
    struct buf b = BUF_INIT(1 << 20);
    const char *text;

    free(get_with(f, "/x/secret-1", ""));
    http_metrics(&b, f->server);
    text = buf_text(&b);
    assert_answer_has(text, "sealpress_http_requests_total{method=\"GET\",route=\"/x/{id}\",status=\"2xx\"}");
    assert_answer_has(text, "sealpress_http_duration_seconds_bucket{lane=\"inline\",le=\"0.001\"}");
    assert_null(strstr(text, "secret"));
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_finds_its_route_literal_before_parameter),
        cmocka_unit_test(nothing_that_climbs_or_hides_gets_to_a_handler),
        cmocka_unit_test(a_target_too_long_is_414),
        cmocka_unit_test(queries_languages_and_addresses_are_read),
        cmocka_unit_test(methods_are_answered_as_they_should),
        cmocka_unit_test(shapes_of_smuggling_are_refused_and_the_connection_ends),
        cmocka_unit_test(what_the_library_would_refuse_by_itself_gets_our_answer_once),
        cmocka_unit_test(of_two_keys_none_is_believed),
        cmocka_unit_test(a_header_with_a_nul_is_refused),
        cmocka_unit_test(a_header_too_large_is_431_and_too_many_fields_too),
        cmocka_unit_test(bodies_arrive_whole_announced_or_chunked_and_byte_by_byte),
        cmocka_unit_test(bodies_too_large_are_413_before_or_while_they_are_read),
        cmocka_unit_test(a_body_far_too_large_in_chunks_is_read_to_its_end_and_answered),
        cmocka_unit_test(a_refusal_reaches_a_client_that_sends_all_first),
        cmocka_unit_test(continue_is_said_only_to_who_may_enter),
        cmocka_unit_test(ranges_and_tags_are_honoured),
        cmocka_unit_test(head_has_the_length_of_the_whole),
        cmocka_unit_test(a_multipart_form_torn_anywhere_is_read_the_same),
        cmocka_unit_test(forms_of_other_types_or_cut_short_are_refused),
        cmocka_unit_test(a_full_lane_is_503_at_once_while_others_are_answered),
        cmocka_unit_test(strangers_fill_half_of_a_shared_lane_and_wait_behind_those_with_a_key),
        cmocka_unit_test(waiting_requests_of_a_route_are_taken_together_after_jobs),
        cmocka_unit_test(a_thread_without_work_rests_once_until_it_has_worked_again),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(an_address_in_use_is_told),
        cmocka_unit_test(the_metrics_count_by_route_not_by_path),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
