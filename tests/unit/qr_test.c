/* qr_test.c - the modules follow ISO/IEC 18004, judged without the encoder. */
#include "image/qr.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char url[] = "https://zs.example.org.cn/v/AbCdEfGhIjKlMnOpQrStUv";

static int at(const struct qr *q, int x, int y)
{
    return q->dark[y * q->side + x];
}

/* 7x7: dark ring, light ring, dark 3x3 (6.3.3.1). */
static void has_finder(const struct qr *q, int left, int top)
{
    for (int y = 0; y < 7; y++) {
        for (int x = 0; x < 7; x++) {
            int dx = abs(x - 3), dy = abs(y - 3), ring = dx > dy ? dx : dy;

            assert_int_equal(at(q, left + x, top + y), ring != 2);
        }
    }
}

/* Format information beside the first finder (7.9): the level, after unmasking. 1 L, 0 M, 3 Q, 2 H. */
static int level(const struct qr *q)
{
    return (at(q, 0, 8) << 1 | at(q, 1, 8)) ^ 2;
}

static void a_url_becomes_a_code_of_level_q(void **state)
{
    static struct qr q;
    struct err e = {0};

    (void)state;
    assert_int_equal(qr_encode(&q, url, 6, &e), 0);
    assert_int_equal(q.side, 37); /* version 5 */
    has_finder(&q, 0, 0);
    has_finder(&q, q.side - 7, 0);
    has_finder(&q, 0, q.side - 7);
    for (int i = 8; i < q.side - 8; i++) {
        assert_int_equal(at(&q, i, 6), i % 2 == 0);
        assert_int_equal(at(&q, 6, i), i % 2 == 0);
    }
    assert_int_equal(level(&q), 3);
    for (int i = 0; i < q.side * q.side; i++)
        assert_true(q.dark[i] <= 1);
}

static void where_level_q_needs_too_large_a_code_level_m_is_taken(void **state)
{
    static struct qr q;
    struct err e = {0};

    (void)state;
    assert_int_equal(qr_encode(&q, url, 4, &e), 0);
    assert_int_equal(q.side, 33);
    assert_int_equal(level(&q), 0);
}

static void a_text_that_does_not_fit_is_refused_with_its_length(void **state)
{
    static struct qr q;
    static char longest[4000];
    struct err e = {0};

    (void)state;
    assert_int_equal(qr_encode(&q, url, 3, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_non_null(strstr(e.en, "50 bytes"));
    memset(longest, 'a', sizeof longest - 1);
    assert_int_equal(qr_encode(&q, longest, 40, &e), -1);
    longest[2331] = '\0';
    assert_int_equal(qr_encode(&q, longest, 40, &e), 0);
    assert_int_equal(q.side, QR_MAX_SIDE);
    assert_int_equal(qr_encode(&q, "", 6, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
}

static void the_same_text_gives_the_same_modules(void **state)
{
    static struct qr a, b;
    struct err e = {0};

    (void)state;
    memset(&b, 7, sizeof b);
    memset(&a, 9, sizeof a);
    assert_int_equal(qr_encode(&a, url, 6, &e), 0);
    assert_int_equal(qr_encode(&b, url, 6, &e), 0);
    assert_memory_equal(a.dark, b.dark, (size_t)a.side * (size_t)a.side);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_becomes_a_code_of_level_q),
        cmocka_unit_test(where_level_q_needs_too_large_a_code_level_m_is_taken),
        cmocka_unit_test(a_text_that_does_not_fit_is_refused_with_its_length),
        cmocka_unit_test(the_same_text_gives_the_same_modules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
