/* issue_threads_test.c - four threads issue at once, each with a press, store, trust and signer connection of
 * its own: numbers without a gap or a double, and every file verifies. */
#include "base/clock.h"
#include "sign/verify.h"
#include "support/issuing.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 4, EACH = 50, SHARED = 10 /* of EACH: orders that every thread has */ };
enum { DIFFERENT = SHARED + THREADS * (EACH - SHARED) };

struct bench {
    struct desk desk;
    struct press *press; /* opened by the thread that starts all */
    struct trust *trust;
    int index;
    size_t failed;
    char why[700];
    char numbers[EACH][65];
};

static json_t *order_of(const struct bench *b, int i)
{
    json_t *order;
    struct err e;
    char biz_no[32];

    if (json_read(&order, slice_of(issuing_order), strlen(issuing_order), &e) != 0)
        return NULL;
    if (i % (EACH / SHARED) == 0)
        (void)snprintf(biz_no, sizeof biz_no, "all-%d", i);
    else
        (void)snprintf(biz_no, sizeof biz_no, "%d-%d", b->index, i);
    (void)json_object_set_new(order, "biz_no", json_string(biz_no));
    return order;
}

static void note_failure(struct bench *b, const struct err *e)
{
    b->failed++;
    (void)snprintf(b->why, sizeof b->why, "%s (%s)", e->en, e->detail);
}

static void look_at(struct bench *b, int i, const struct issue_answer *answer)
{
    struct verify_order how = {b->trust, clock_now()};
    struct arena a = ARENA_INIT;
    struct verdict v;
    struct err e;

    (void)snprintf(b->numbers[i], sizeof b->numbers[i], "%s", answer->certificate_no);
    if (verify_pdf(&v, answer->pdf, &how, &a, &e) != 0)
        note_failure(b, &e);
    else if (v.kind != VERDICT_TEST || v.seal_count != 2)
        b->failed++;
    arena_dispose(&a);
}

/* A few alone, the rest in batches of up to seven. */
static void issue_some(struct bench *b, int first, size_t count)
{
    struct issue_item items[7];

    for (size_t k = 0; k < count; k++) {
        items[k] = (struct issue_item){.rc = 0};
        items[k].request = (struct issue_request){
            .order = order_of(b, first + (int)k), .photo = buf_view(&issuing_photo), .now = clock_now()};
    }
    if (count == 1)
        items[0].rc = issue_certificate(&items[0].answer, b->desk.issuer, &items[0].request, &items[0].faults,
                                        &items[0].err);
    else
        issue_batch(b->desk.issuer, items, count);
    for (size_t k = 0; k < count; k++) {
        if (items[k].rc != 0)
            note_failure(b, &items[k].err);
        else
            look_at(b, first + (int)k, &items[k].answer);
        json_decref((json_t *)items[k].request.order); /* NOLINT(clang-diagnostic-cast-qual): ours */
    }
}

static void *work(void *arg)
{
    struct bench *b = arg;
    char path[128];
    struct err e;

    (void)snprintf(path, sizeof path, "%s/trust", issuing_dir);
    if (signer_connect(&b->desk.signer, issuing_dir, &e) != 0 ||
        issuer_open(&b->desk.issuer, issuing_dir, b->press, b->desk.signer, &e) != 0 ||
        trust_load(&b->trust, path, &e) != 0) {
        note_failure(b, &e);
    } else {
        for (int i = 0; i < EACH;) {
            size_t count = (size_t)(1 + (i + b->index) % 7);

            if (i + (int)count > EACH)
                count = (size_t)(EACH - i);
            issue_some(b, i, count);
            i += (int)count;
            if (count == 7)
                issuer_rest(b->desk.issuer);
        }
    }
    trust_free(b->trust);
    issuer_close(b->desk.issuer);
    signer_close(b->desk.signer);
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void look_at_numbers(const struct bench *benches)
{
    static char all[THREADS * EACH][65];
    size_t different = 0;

    for (int t = 0; t < THREADS; t++)
        memcpy(all[t * EACH], benches[t].numbers, sizeof benches[t].numbers);
    qsort(all, THREADS * EACH, sizeof all[0], by_text);
    for (size_t i = 0; i < THREADS * EACH; i++) {
        char next[65];

        if (i > 0 && strcmp(all[i], all[i - 1]) == 0)
            continue;
        (void)snprintf(next, sizeof next, "9342025000513%06zu", ++different);
        assert_string_equal(all[i], next);
    }
    assert_int_equal(different, DIFFERENT);
}

static void four_threads_issue_two_hundred_orders_without_gap_or_double(void **state)
{
    static struct bench benches[THREADS];
    struct signer_identity who = {getuid(), getuid(), getgid(), getgid(), false};
    pthread_t threads[THREADS];
    struct err e;
    int listener;
    pid_t signer;

    (void)state;
    assert_int_equal(press_warm(issuing_press, &e), 0); /* fonts that are prepared are shared */
    assert_int_equal(signer_listen(&listener, issuing_dir, &who, &e), 0);
    assert_int_equal(signer_start(&signer, listener, issuing_dir, &who, &e), 0);
    for (int t = 0; t < THREADS; t++) {
        benches[t] = (struct bench){.index = t};
        assert_int_equal(press_open_beside(&benches[t].press, issuing_press, &e), 0);
    }
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, work, &benches[t]), 0);
    for (int t = 0; t < THREADS; t++)
        assert_int_equal(pthread_join(threads[t], NULL), 0);
    for (int t = 0; t < THREADS; t++) {
        if (benches[t].failed > 0)
            fail_msg("thread %d: %zu failed: %s", t, benches[t].failed, benches[t].why);
        press_close(benches[t].press);
    }
    look_at_numbers(benches);
    assert_int_equal(kill(signer, SIGTERM), 0);
    assert_int_equal(waitpid(signer, NULL, 0), signer);
    (void)close(listener);
}

static void make_specimen(struct buf *pdf, struct press *p)
{
    const struct template *t;
    struct err e;

    assert_int_equal(press_template(&t, p, "certificate", &e), 0);
    assert_int_equal(
        press_specimen(pdf, p, t, template_sample(t), buf_view(&issuing_photo), "zs.example.cn", &e), 0);
}

static void a_press_beside_another_makes_the_same_bytes(void **state)
{
    struct buf cold = BUF_INIT(DOCUMENT_MAX), warm = BUF_INIT(DOCUMENT_MAX), beside = BUF_INIT(DOCUMENT_MAX);
    struct press *first, *second;
    struct err e;

    (void)state;
    assert_int_equal(press_open(&first, &e), 0);
    make_specimen(&cold, first);
    assert_int_equal(press_warm(first, &e), 0);
    make_specimen(&warm, first);
    assert_int_equal(press_open_beside(&second, first, &e), 0);
    make_specimen(&beside, second);
    assert_true(slice_equal(buf_view(&cold), buf_view(&warm)));
    assert_true(slice_equal(buf_view(&cold), buf_view(&beside)));
    press_close(second);
    make_specimen(&cold, first); /* what was shared is still there */
    press_close(first);
    buf_dispose(&cold);
    buf_dispose(&warm);
    buf_dispose(&beside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_press_beside_another_makes_the_same_bytes),
        cmocka_unit_test_setup_teardown(four_threads_issue_two_hundred_orders_without_gap_or_double,
                                        issuing_copy, issuing_remove),
    };

    return cmocka_run_group_tests(tests, issuing_prepare, issuing_forget);
}
