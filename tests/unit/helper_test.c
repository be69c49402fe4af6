/* helper_test.c - whatever happens to a helper, its caller gets an answer in time and the next call works. */
#include "base/clock.h"
#include "base/helper.h"
#include "base/worker.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ANSWER_MAX = 24 * 1024 * 1024, BIG = 20 * 1024 * 1024 };
enum { ECHO, REFUSE, CRASH, HANG, TOO_LONG, WHO, OPEN_FILES, WORKER, HANGING_WORKER, END, SILENT };

static int compute(struct buf *out, void *arg, struct err *e)
{
    (void)e;
    if (arg == NULL) {
        for (;;)
            (void)clock_monotonic_ms();
    }
    buf_append_text(out, arg);
    return 0;
}

static void list_open_files(struct buf *out)
{
    DIR *folder = opendir("/proc/self/fd");
    const struct dirent *entry;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char path[300], target[200] = "";

        (void)snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        if (readlink(path, target, sizeof target - 1) > 0)
            buf_printf(out, "%s\n", target);
    }
    (void)closedir(folder);
}

static int job(struct buf *out, void *arg, unsigned kind, struct slice in, struct err *e)
{
    struct worker_limits limits = {(size_t)64 * 1024 * 1024, 5, 4000, 4096};
    pid_t pids[2] = {getpid(), getppid()};
    char text[] = "made by a worker";

    switch (kind) {
    case ECHO:
        buf_append(out, in);
        return 0;
    case REFUSE:
        err_set(e, ERR_INVALID, "%s has no head.", "%s 没有文件头。", (const char *)arg);
        err_detail(e, "for the log");
        return err_field(e, "/photo");
    case CRASH:
        (void)signal(SIGABRT, SIG_DFL);
        (void)raise(SIGKILL);
        return -1;
    case HANG:
        for (;;)
            (void)pause();
    case TOO_LONG:
        for (size_t i = 0; i <= ANSWER_MAX / 1024; i++)
            buf_append_bytes(out, (const char[1024]){0}, 1024);
        return 0;
    case WHO:
        buf_append_bytes(out, pids, sizeof pids);
        return 0;
    case OPEN_FILES:
        list_open_files(out);
        return 0;
    case END:
        _exit(0);
    case WORKER:
        return worker_run(out, &limits, compute, text, NULL, e);
    case HANGING_WORKER:
        return worker_run(out, &(struct worker_limits){limits.memory_bytes, 3600, 3600000, 4096}, compute,
                          NULL, NULL, e);
    default:
        return 0;
    }
}

static char name[] = "PNG";

static struct helper *new_helper(int wall_ms)
{
    struct helper_limits limits = {ANSWER_MAX, wall_ms};
    struct helper *h;
    struct err e;

    assert_int_equal(helper_start(&h, job, name, &limits, &e), 0);
    return h;
}

static void must_echo(struct helper *h, const char *text)
{
    struct buf out = BUF_INIT(ANSWER_MAX);
    struct err e;

    if (helper_call(h, ECHO, slice_of(text), &out, &e) != 0)
        fail_msg("%s", e.en);
    assert_true(slice_equal(buf_view(&out), slice_of(text)));
    buf_dispose(&out);
}

static int call(struct helper *h, unsigned kind, struct err *e)
{
    struct buf out = BUF_INIT(ANSWER_MAX);
    int rc = helper_call(h, kind, slice_of("x"), &out, e);

    assert_true(rc == 0 || out.len == 0);
    buf_dispose(&out);
    return rc;
}

static void an_answer_comes_back_behind_what_was_there(void **state)
{
    struct helper *h = new_helper(20000);
    struct buf out = BUF_INIT(100);
    struct err e;

    (void)state;
    buf_append_text(&out, "before ");
    assert_int_equal(helper_call(h, ECHO, slice_of("after"), &out, &e), 0);
    assert_string_equal(buf_text(&out), "before after");
    assert_int_equal(helper_call(h, ECHO, (struct slice){NULL, 0}, &out, &e), 0);
    assert_int_equal(out.len, strlen("before after"));
    assert_int_equal(call(h, SILENT, &e), 0);
    buf_dispose(&out);
    helper_stop(h);
}

static void a_refusal_crosses_with_both_texts_and_its_field(void **state)
{
    struct helper *h = new_helper(20000);
    struct err e;

    (void)state;
    assert_int_equal(call(h, REFUSE, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_string_equal(e.en, "PNG has no head.");
    assert_string_equal(e.zh, "PNG 没有文件头。");
    assert_string_equal(e.field, "/photo");
    assert_string_equal(e.detail, "for the log");
    must_echo(h, "still there");
    helper_stop(h);
}

static void after_a_crash_the_next_call_works(void **state)
{
    struct helper *h = new_helper(20000);
    struct err e;

    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(call(h, i % 2 ? CRASH : END, &e), -1);
        assert_int_equal(e.code, ERR_UNAVAILABLE);
        must_echo(h, "a new one");
    }
    helper_stop(h);
}

static void after_a_hang_the_next_call_works(void **state)
{
    struct helper *h = new_helper(2000);
    int64_t since = clock_monotonic_ms();
    struct err e;

    (void)state;
    assert_int_equal(call(h, HANG, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_in_range(clock_monotonic_ms() - since, 2000, 60000);
    must_echo(h, "a new one");
    assert_int_equal(call(h, HANGING_WORKER, &e), -1);
    must_echo(h, "another one");
    helper_stop(h);
}

/* It dies between two calls, while nobody listens. */
static void one_that_died_idle_is_not_missed(void **state)
{
    struct helper *h = new_helper(20000);
    struct buf out = BUF_INIT(100);
    struct err e;
    pid_t pids[2];

    (void)state;
    for (int i = 0; i < 20; i++) {
        buf_reset(&out);
        assert_int_equal(helper_call(h, WHO, slice_of(""), &out, &e), 0);
        memcpy(pids, out.data, sizeof pids);
        assert_int_equal(kill(pids[0], SIGKILL), 0);
        must_echo(h, "hello");
    }
    buf_dispose(&out);
    helper_stop(h);
}

static void twenty_megabytes_go_there_and_back(void **state)
{
    struct helper *h = new_helper(60000);
    struct buf in = BUF_INIT(BIG), out = BUF_INIT(ANSWER_MAX);
    uint8_t *room = buf_room(&in, BIG);
    struct err e;

    (void)state;
    for (size_t i = 0; i < BIG; i++)
        room[i] = (uint8_t)(i * 31 >> 3);
    buf_wrote(&in, BIG);
    assert_int_equal(helper_call(h, ECHO, buf_view(&in), &out, &e), 0);
    assert_true(slice_equal(buf_view(&in), buf_view(&out)));
    buf_dispose(&in);
    buf_dispose(&out);
    helper_stop(h);
}

static void an_answer_over_the_limit_is_refused(void **state)
{
    struct helper *h = new_helper(60000);
    struct err e;

    (void)state;
    assert_int_equal(call(h, TOO_LONG, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_non_null(strstr(e.zh, "字节"));
    must_echo(h, "still there");
    helper_stop(h);
}

static void *call_many(void *arg)
{
    struct helper *h = arg;
    struct err e;

    for (int i = 0; i < 200; i++) {
        char text[32];

        (void)snprintf(text, sizeof text, "%p %d", arg, i);
        must_echo(h, text);
        if (i % 50 == 49 && call(h, CRASH, &e) == 0)
            return NULL;
    }
    return arg;
}

static void two_helpers_serve_two_threads_at_once(void **state)
{
    struct helper *helpers[2] = {new_helper(20000), new_helper(20000)};
    pthread_t threads[2];
    void *end;

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_many, helpers[i]), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], &end), 0);
        assert_ptr_equal(end, helpers[i]);
        helper_stop(helpers[i]);
    }
}

static void a_sandboxed_worker_runs_inside_a_helper(void **state)
{
    struct helper *h = new_helper(20000);
    struct buf out = BUF_INIT(100);
    struct err e;

    (void)state;
    assert_int_equal(helper_call(h, WORKER, slice_of(""), &out, &e), 0);
    assert_string_equal(buf_text(&out), "made by a worker");
    buf_dispose(&out);
    helper_stop(h);
}

static void what_the_caller_had_open_is_not_open_in_the_helper(void **state)
{
    char path[] = "/tmp/helper_test.XXXXXX";
    int fd = mkstemp(path);
    struct helper *first = new_helper(20000), *h = new_helper(20000);
    struct buf out = BUF_INIT(10000);
    size_t sockets = 0;
    struct err e;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(helper_call(h, OPEN_FILES, slice_of(""), &out, &e), 0);
    assert_null(strstr(buf_text(&out), path));
    for (const char *at = buf_text(&out); (at = strstr(at, "socket:")) != NULL; at++)
        sockets++;
    assert_int_equal(sockets, 1); /* its calls; not those of the other helper */
    buf_dispose(&out);
    helper_stop(first);
    helper_stop(h);
    (void)close(fd);
    (void)unlink(path);
}

static void be_a_server(int report)
{
    struct helper *h = new_helper(600000);
    struct buf out = BUF_INIT(100);
    struct err e;

    if (helper_call(h, WHO, slice_of(""), &out, &e) != 0 || write(report, out.data, out.len) < 0)
        _exit(1);
    (void)call(h, HANGING_WORKER, &e); /* killed meanwhile */
    _exit(1);
}

/* Helper, its parent and the worker at its work all end, though nobody told them to. */
static void with_a_killed_caller_everything_ends(void **state)
{
    int fds[2], ended = 0;
    pid_t server, pids[2];

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    assert_int_equal(pipe(fds), 0);
    server = fork();
    if (server == 0)
        be_a_server(fds[1]);
    assert_int_equal(read(fds[0], pids, sizeof pids), sizeof pids);
    assert_int_equal(kill(pids[0], SIGTERM) | kill(pids[1], SIGTERM), 0); /* the service drains: they stay */
    (void)usleep(200000); /* most often the worker is at work by then; it must end in either case */
    assert_int_equal(kill(server, SIGKILL), 0);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) /* until nobody is left */
        ended++;
    assert_true(ended >= 2); /* the server and the parent, which has waited for its helper */
    assert_int_equal(kill(pids[0], 0), -1);
    assert_int_equal(kill(pids[1], 0), -1);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void without_its_parent_a_helper_says_so(void **state)
{
    struct helper *h = new_helper(20000);
    struct buf out = BUF_INIT(100);
    struct err e;
    pid_t pids[2];

    (void)state;
    assert_int_equal(helper_call(h, WHO, slice_of(""), &out, &e), 0);
    memcpy(pids, out.data, sizeof pids);
    assert_int_equal(kill(pids[1], SIGKILL), 0);
    assert_int_equal(waitpid(pids[1], NULL, 0), pids[1]);
    assert_int_equal(call(h, ECHO, &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    buf_dispose(&out);
    helper_stop(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_a_killed_caller_everything_ends), /* first: it waits for every child there is */
        cmocka_unit_test(an_answer_comes_back_behind_what_was_there),
        cmocka_unit_test(a_refusal_crosses_with_both_texts_and_its_field),
        cmocka_unit_test(after_a_crash_the_next_call_works),
        cmocka_unit_test(after_a_hang_the_next_call_works),
        cmocka_unit_test(one_that_died_idle_is_not_missed),
        cmocka_unit_test(twenty_megabytes_go_there_and_back),
        cmocka_unit_test(an_answer_over_the_limit_is_refused),
        cmocka_unit_test(two_helpers_serve_two_threads_at_once),
        cmocka_unit_test(a_sandboxed_worker_runs_inside_a_helper),
        cmocka_unit_test(what_the_caller_had_open_is_not_open_in_the_helper),
        cmocka_unit_test(without_its_parent_a_helper_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
