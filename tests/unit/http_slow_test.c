/* http_slow_test.c - clients that dawdle are cut, those that are only far away are not; crowds, drains. */
#include "unit/http_fixture.h"

static const struct http_limits quick = {.header_ms = 150, .grace_ms = 150, .bytes_per_second = 20000};

static int start(void **state)
{
    static struct fixture f;

    fixture_start(&f, &quick);
    *state = &f;
    return 0;
}

static int stop(void **state)
{
    fixture_stop(*state);
    return 0;
}

/* One byte every few milliseconds is activity, but no progress. */
static void drip(int fd, const char *text)
{
    while (say(fd, text, 1)) {
        nap(15);
        if (text[1] != '\0')
            text++;
    }
}

static void a_header_that_drips_is_cut(void **state)
{
    int fd = dial(*state);

    say_text(fd, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    drip(fd, "x");
    assert_true(hear_end(fd));
    close(fd);
    assert_true(fixture_number(*state, "cut_total{cause=\"slow_header\"} ") >= 1);
}

static void a_connection_that_says_nothing_is_cut_also_after_an_answer(void **state)
{
    int fd = dial(*state), other = dial(*state);
    char *answer;

    say_text(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    answer = hear(fd);
    assert_int_equal(status_of(answer), 200);
    free(answer);
    assert_true(hear_end(fd));
    assert_true(hear_end(other));
    close(fd);
    close(other);
}

static void a_body_that_drips_is_cut(void **state)
{
    static const char *const headers[] = {"Content-Length: 1000000", "Transfer-Encoding: chunked"};

    for (size_t i = 0; i < 2; i++) {
        int fd = dial(*state), before = fixture_number(*state, "cut_total{cause=\"slow_body\"} ");
        char text[200];

        (void)snprintf(text, sizeof text, "POST /upload HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n", headers[i]);
        say_text(fd, text);
        drip(fd, i == 0 ? "x" : "1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\nff\r\nx");
        assert_true(hear_end(fd));
        close(fd);
        assert_true(fixture_number(*state, "cut_total{cause=\"slow_body\"} ") > before);
    }
    assert_int_equal(fixture_number(*state, "body_bytes "), 0);
}

static void a_body_sent_quickly_but_for_its_end_is_not_held_for_long(void **state)
{
    const struct http_limits brisk = {.grace_ms = 100, .bytes_per_second = 4096};
    static char most[900000];
    struct fixture f;
    int fd;

    (void)state;
    fixture_start(&f, &brisk);
    fd = dial(&f);
    say_text(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 900001\r\n\r\n");
    say(fd, most, sizeof most);
    assert_true(hear_end(fd)); /* on the average of the whole it could stay for 219 s */
    assert_int_equal(fixture_number(&f, "cut_total{cause=\"slow_body\"} "), 1);
    close(fd);
    fixture_stop(&f);
}

static void an_upload_at_a_good_rate_may_take_longer_than_any_deadline(void **state)
{
    static char block[4000];
    int fd = dial(*state);
    char *answer;

    say_text(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
    for (size_t i = 0; i < 50; i++) { /* at least 500 ms, more than three times the deadlines */
        assert_true(say(fd, block, sizeof block));
        nap(10);
    }
    answer = hear(fd);
    assert_answer_has(answer, "body=200000");
    free(answer);
    close(fd);
}

/* Reads nothing while the answer fills the buffers of both ends, and a byte now and then. */
static void a_reader_that_sips_is_cut(const struct fixture *f, const char *headers)
{
    int fd = dial_with(f, 4096), before = fixture_number(f, "cut_total{cause=\"slow_reader\"} ");
    char text[200], byte;
    ssize_t n = 1;

    (void)snprintf(text, sizeof text, "GET /x/1.pdf HTTP/1.1\r\nHost: a\r\n%s\r\n", headers);
    say_text(fd, text);
    for (size_t i = 0; i < 2000 && fixture_number(f, "cut_total{cause=\"slow_reader\"} ") == before; i++) {
        n = recv(fd, &byte, 1, MSG_DONTWAIT);
        nap(5);
    }
    (void)n;
    assert_true(fixture_number(f, "cut_total{cause=\"slow_reader\"} ") > before);
    close(fd);
}

static void a_slow_reader_is_cut_though_the_kernel_holds_all_its_bytes(void **state)
{
    a_reader_that_sips_is_cut(*state, "");
}

static void a_slow_reader_of_a_connection_that_closes_is_cut(void **state)
{
    struct fixture *f = *state;
    int fd = dial_with(f, 4096), before = fixture_number(f, "cut_total{cause=\"slow_reader\"} ");
    char text[4096];

    say_text(fd, "GET /x/1.pdf HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    for (size_t i = 0; i < 2000 && fixture_number(f, "cut_total{cause=\"slow_reader\"} ") == before; i++)
        nap(5);
    assert_true(fixture_number(f, "cut_total{cause=\"slow_reader\"} ") > before);
    while (recv(fd, text, sizeof text, 0) > 0)
        ;
    assert_int_equal(errno, ECONNRESET); /* no quiet end: the rest was thrown away */
    close(fd);
}

static void a_reader_at_a_good_rate_gets_all(void **state)
{
    int fd = dial_with(*state, 4096);
    size_t len = 0;
    char *text = malloc(PDF_SIZE + 4096);
    ssize_t n;

    assert_non_null(text);
    say_text(fd, "GET /x/1.pdf HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    while ((n = recv(fd, text + len, 4096 < PDF_SIZE + 4096 - len ? 4096 : PDF_SIZE + 4096 - len, 0)) > 0) {
        len += (size_t)n;
        nap(5);
    }
    assert_int_equal(n, 0);
    assert_true(len > PDF_SIZE);
    assert_memory_equal(text + len - PDF_SIZE, pdf_bytes, PDF_SIZE);
    free(text);
    close(fd);
}

static void what_waits_in_a_lane_is_not_cut(void **state)
{
    struct fixture *f = *state;
    int fd = dial(f), before;
    char *answer;

    gate_set(f, true);
    say_text(fd, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_wait(f, 1);
    before = fixture_number(f, "cut_total{cause=\"slow_header\"} ");
    close(dial(f));
    for (size_t i = 0; i < 3; i++) { /* others, that came later, are cut meanwhile */
        int other = dial(f);

        assert_true(hear_end(other));
        close(other);
    }
    assert_true(fixture_number(f, "cut_total{cause=\"slow_header\"} ") > before);
    gate_set(f, false);
    answer = hear(fd);
    assert_answer_has(answer, "passed");
    free(answer);
    close(fd);
}

static void above_nine_tenths_the_oldest_unfinished_header_goes(void **state)
{
    enum { FEW = 20, THRESHOLD = 18 };
    const struct http_limits few = {.connections = FEW, .header_ms = 60000};
    struct fixture f;
    int fds[3 * FEW];
    char *answer;

    (void)state;
    fixture_start(&f, &few);
    for (size_t i = 0; i < 3 * FEW; i++) {
        fds[i] = dial(&f);
        say_text(fds[i], "GET / HTTP/1.1\r\n");
        while (fixture_number(&f, "connections_total ") < (int)i + 1)
            nap(1);
    }
    for (size_t i = 0; i < 3 * FEW - THRESHOLD; i++)
        assert_true(hear_end(fds[i]));
    assert_int_equal(fixture_number(&f, "cut_total{cause=\"evicted\"} "), 3 * FEW - THRESHOLD);
    /* The youngest are still served, and so is a newcomer. */
    say_text(fds[3 * FEW - 1], "Host: a\r\n\r\n");
    answer = hear(fds[3 * FEW - 1]);
    assert_int_equal(status_of(answer), 200);
    free(answer);
    assert_int_equal(ask_status(&f, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    for (size_t i = 0; i < 3 * FEW; i++)
        close(fds[i]);
    fixture_stop(&f);
}

static void above_nine_tenths_of_busy_connections_requests_get_the_fixed_503(void **state)
{
    enum { FEW = 20, THRESHOLD = 18 };
    const struct http_limits few = {.connections = FEW, .header_ms = 60000, .grace_ms = 60000};
    struct fixture f;
    int fds[THRESHOLD];
    char *answer;

    (void)state;
    fixture_start(&f, &few);
    for (size_t i = 0; i < THRESHOLD; i++) {
        fds[i] = dial(&f);
        say_text(fds[i],
                 "POST /upload HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
        answer = hear(fds[i]);
        assert_int_equal(status_of(answer), 100);
        free(answer);
    }
    answer = ask(&f, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(status_of(answer), 503);
    assert_answer_has(answer, "Retry-After: 1\r\n");
    assert_answer_has(answer, "Connection: close\r\n");
    free(answer);
    for (size_t i = 0; i < THRESHOLD; i++) { /* what was begun ends well */
        say_text(fds[i], "123456789");
        answer = hear(fds[i]);
        assert_answer_has(answer, "body=9");
        free(answer);
        close(fds[i]);
    }
    fixture_stop(&f);
}

static void bodies_have_a_ceiling_together(void **state)
{
    const struct http_limits small = {.body_bytes = 100000};
    static char block[60000];
    static const char header[] = "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n";
    struct fixture f;
    int first, second;
    char *answer;

    (void)state;
    fixture_start(&f, &small);
    first = dial(&f);
    say_text(first, header);
    say(first, block, sizeof block);
    while (fixture_number(&f, "body_bytes ") < (int)sizeof block)
        nap(1);
    second = dial(&f);
    say_text(second, header);
    say(second, block, sizeof block);
    say(second, block, 30000);
    answer = hear(second);
    assert_int_equal(status_of(answer), 503);
    free(answer);
    say(first, block, 30000);
    answer = hear(first);
    assert_answer_has(answer, "body=90000");
    free(answer);
    assert_int_equal(fixture_number(&f, "body_bytes "), 0);
    close(first);
    close(second);
    fixture_stop(&f);
}

static void no_large_body_is_begun_while_there_is_no_room(void **state)
{
    const struct http_limits small = {.body_bytes = 100000};
    static char block[100000];
    struct fixture f;
    int first, second;
    char *answer;

    (void)state;
    fixture_start(&f, &small);
    first = dial(&f);
    say_text(first, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n");
    say(first, block, sizeof block);
    while (fixture_number(&f, "body_bytes ") < (int)sizeof block)
        nap(1);
    second = dial(&f);
    say_text(second, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n");
    answer = hear(second); /* before it sends a byte */
    assert_int_equal(status_of(answer), 503);
    assert_answer_has(answer, "\r\nRetry-After: ");
    free(answer);
    answer = ask(&f, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nsmall");
    assert_answer_has(answer, "body=5"); /* small ones keep some room for themselves */
    free(answer);
    close(first);
    close(second);
    fixture_stop(&f);
}

static void *stopping(void *arg)
{
    struct fixture *f = arg;

    http_stop(f->server);
    return NULL;
}

/* Whether nobody listens any more. */
static bool refused(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool no;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    no = connect(fd, (struct sockaddr *)&to, sizeof to) != 0;
    close(fd);
    return no;
}

static void a_stop_ends_what_was_begun_and_nothing_else(void **state)
{
    struct fixture f;
    unsigned port;
    pthread_t stopper;
    int idle, busy, waiting[3];
    char *answer;

    (void)state;
    fixture_start(&f, NULL);
    port = http_port(f.server);
    idle = dial(&f);
    gate_set(&f, true);
    busy = dial(&f);
    say_text(busy, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    gate_wait(&f, 1);
    for (size_t i = 0; i < 3; i++) {
        waiting[i] = dial(&f);
        say_text(waiting[i], "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    while (fixture_number(&f, "lane_waiting{lane=\"work\"} ") < 2)
        nap(1);
    pthread_create(&stopper, NULL, stopping, &f);
    assert_true(hear_end(idle));
    while (!refused(port))
        nap(1);
    gate_set(&f, false);
    answer = hear(busy);
    assert_answer_has(answer, "passed");
    assert_answer_has(answer, "Connection: close\r\n");
    free(answer);
    assert_true(hear_end(busy));
    for (size_t i = 0; i < 3; i++) {
        answer = hear(waiting[i]);
        assert_answer_has(answer, "passed");
        free(answer);
        close(waiting[i]);
    }
    pthread_join(stopper, NULL);
    assert_int_equal(atomic_load(&f.opened), atomic_load(&f.closed));
    assert_int_equal(rmdir(f.spool_dir), 0);
    close(idle);
    close(busy);
}

static void a_stop_does_not_wait_for_ever(void **state)
{
    const struct http_limits hasty = {.drain_ms = 100};
    struct fixture f;
    int fd, sipper;

    (void)state;
    fixture_start(&f, &hasty);
    fd = dial(&f);
    say_text(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nnever more");
    sipper = dial_with(&f, 4096);
    say_text(sipper, "GET /x/1.pdf HTTP/1.1\r\nHost: a\r\n\r\n");
    while (fixture_number(&f, "body_bytes ") < 10)
        nap(1);
    fixture_stop(&f);
    assert_true(hear_end(fd));
    close(fd);
    close(sipper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_that_drips_is_cut),
        cmocka_unit_test(a_connection_that_says_nothing_is_cut_also_after_an_answer),
        cmocka_unit_test(a_body_that_drips_is_cut),
        cmocka_unit_test(a_body_sent_quickly_but_for_its_end_is_not_held_for_long),
        cmocka_unit_test(an_upload_at_a_good_rate_may_take_longer_than_any_deadline),
        cmocka_unit_test(a_slow_reader_is_cut_though_the_kernel_holds_all_its_bytes),
        cmocka_unit_test(a_slow_reader_of_a_connection_that_closes_is_cut),
        cmocka_unit_test(a_reader_at_a_good_rate_gets_all),
        cmocka_unit_test(what_waits_in_a_lane_is_not_cut),
        cmocka_unit_test(above_nine_tenths_the_oldest_unfinished_header_goes),
        cmocka_unit_test(above_nine_tenths_of_busy_connections_requests_get_the_fixed_503),
        cmocka_unit_test(bodies_have_a_ceiling_together),
        cmocka_unit_test(no_large_body_is_begun_while_there_is_no_room),
        cmocka_unit_test(a_stop_ends_what_was_begun_and_nothing_else),
        cmocka_unit_test(a_stop_does_not_wait_for_ever),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
