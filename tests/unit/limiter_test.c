/* limiter_test.c - so many tries a minute and name, in memory that does not grow. */
#include "api/app.h"
#include "api/limiter.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void the_sixth_wrong_key_of_a_minute_has_to_wait(void **state)
{
    struct limiter *l = limiter_new(5, 100);
    unsigned wait = 0;

    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_true(limiter_allows_at(l, "192.0.2.1", 1000 + i, &wait));
        limiter_hit_at(l, "192.0.2.1", 1000 + i);
    }
    assert_false(limiter_allows_at(l, "192.0.2.1", 21000, &wait));
    assert_int_equal(wait, 40);
    assert_false(limiter_allows_at(l, "192.0.2.1", 60999, &wait));
    assert_int_equal(wait, 1);
    assert_true(limiter_allows_at(l, "192.0.2.1", 61000, &wait));
    limiter_free(l);
}

static void one_address_does_not_wait_for_another(void **state)
{
    struct limiter *l = limiter_new(1, 100);
    unsigned wait;

    (void)state;
    limiter_hit_at(l, "192.0.2.1", 0);
    assert_false(limiter_allows_at(l, "192.0.2.1", 0, &wait));
    assert_true(limiter_allows_at(l, "192.0.2.2", 0, &wait));
    assert_true(limiter_allows_at(l, "", 0, &wait));
    limiter_free(l);
}

static void asking_is_not_trying(void **state)
{
    struct limiter *l = limiter_new(2, 4);
    unsigned wait;

    (void)state;
    for (int i = 0; i < 10; i++)
        assert_true(limiter_allows_at(l, "a", i, &wait));
    limiter_free(l);
}

static void a_new_minute_begins_at_the_first_try_after_the_old_one(void **state)
{
    struct limiter *l = limiter_new(2, 4);
    unsigned wait;

    (void)state;
    limiter_hit_at(l, "a", 0);
    limiter_hit_at(l, "a", 59000);
    limiter_hit_at(l, "a", 60000);
    assert_true(limiter_allows_at(l, "a", 60001, &wait));
    limiter_hit_at(l, "a", 60002);
    assert_false(limiter_allows_at(l, "a", 60003, &wait));
    assert_int_equal(wait, 60);
    limiter_free(l);
}

static void who_rested_longest_is_forgotten_and_nobody_else(void **state)
{
    struct limiter *l = limiter_new(1, 3);
    unsigned wait;

    (void)state;
    limiter_hit_at(l, "a", 0);
    limiter_hit_at(l, "b", 1);
    limiter_hit_at(l, "c", 2);
    limiter_hit_at(l, "a", 3); /* tries on: is not the one that rested */
    limiter_hit_at(l, "d", 4);
    assert_false(limiter_allows_at(l, "a", 5, &wait));
    assert_true(limiter_allows_at(l, "b", 5, &wait));
    assert_false(limiter_allows_at(l, "c", 5, &wait));
    assert_false(limiter_allows_at(l, "d", 5, &wait));
    limiter_free(l);
}

static void a_hundred_thousand_names_find_their_way_in_and_out(void **state)
{
    struct limiter *l = limiter_new(1, 512);
    char name[32];
    unsigned wait;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(name, sizeof name, "2001:db8:%x::/64", i);
        limiter_hit_at(l, name, i / 100);
        assert_false(limiter_allows_at(l, name, i / 100, &wait));
    }
    for (int i = 100000 - 512; i < 100000; i++) {
        (void)snprintf(name, sizeof name, "2001:db8:%x::/64", i);
        assert_false(limiter_allows_at(l, name, 1000, &wait));
    }
    (void)snprintf(name, sizeof name, "2001:db8:%x::/64", 100000 - 513);
    assert_true(limiter_allows_at(l, name, 1000, &wait));
    limiter_free(l);
}

static void room_for_nobody_is_room_for_one(void **state)
{
    struct limiter *l = limiter_new(1, 0);
    unsigned wait;

    (void)state;
    limiter_hit_at(l, "a", 0);
    assert_false(limiter_allows_at(l, "a", 1, &wait));
    limiter_hit_at(l, "b", 1);
    assert_true(limiter_allows_at(l, "a", 1, &wait));
    limiter_free(l);
    limiter_free(NULL);
}

static void *try_often(void *arg)
{
    char name[32];
    unsigned wait;

    for (int i = 0; i < 20000; i++) {
        (void)snprintf(name, sizeof name, "%d", i % 50);
        if (limiter_allows(arg, name, &wait))
            limiter_hit(arg, name);
    }
    return NULL;
}

static void threads_share_it(void **state)
{
    struct limiter *l = limiter_new(3, 32);
    pthread_t threads[4];
    unsigned wait = 0;

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, try_often, l), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 3; i++)
        limiter_hit(l, "x");
    assert_false(limiter_allows(l, "x", &wait));
    assert_in_range(wait, 59, 60);
    limiter_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sixth_wrong_key_of_a_minute_has_to_wait),
        cmocka_unit_test(one_address_does_not_wait_for_another),
        cmocka_unit_test(asking_is_not_trying),
        cmocka_unit_test(a_new_minute_begins_at_the_first_try_after_the_old_one),
        cmocka_unit_test(who_rested_longest_is_forgotten_and_nobody_else),
        cmocka_unit_test(a_hundred_thousand_names_find_their_way_in_and_out),
        cmocka_unit_test(room_for_nobody_is_room_for_one),
        cmocka_unit_test(threads_share_it)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
