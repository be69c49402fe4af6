/* helper_process.c - the two processes behind a struct helper: the one that works and its parent, which does
 * nothing but fork another. */
#include "base/clock.h"
#include "base/file.h"
#include "base/helper_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The answer as memory that can be passed on; -1 without. */
static int answer_memory(struct slice answer)
{
    int fd = memfd_create("answer", MFD_CLOEXEC);

    if (fd < 0 || file_put(fd, answer) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static void judge_answer(struct helper_answer_message *m, const struct buf *answer)
{
    if (buf_ok(answer))
        return;
    if (m->rc == 0)
        m->rc = err_set(&m->err, ERR_TOO_LARGE, "The answer would be longer than %zu bytes; it was not made.",
                        "结果超过 %zu 字节，未能生成。", answer->max);
}

static void work_on(const struct helper_post *p, const struct helper_call_message *call, struct slice in)
{
    struct helper_answer_message m;
    struct buf answer = BUF_INIT(p->answer_bytes);
    int fd = -1;

    memset(&m, 0, sizeof m);
    m.number = call->number;
    m.rc = p->job(&answer, p->arg, call->kind, in, &m.err);
    judge_answer(&m, &answer);
    if (m.rc == 0) {
        fd = answer_memory(buf_view(&answer));
        if (fd < 0)
            m.rc = err_no_memory(&m.err);
    }
    if (helper_send(p->calls, &m, sizeof m, fd) != 0)
        _exit(1); /* the caller is gone, or reads nothing */
    if (fd >= 0)
        (void)close(fd);
    buf_dispose(&answer);
}

/* Says which call this helper works on, before it takes it from the queue: whenever it dies, either the
 * caller knows or the next helper finds the call. */
static bool begin(const struct helper_post *p)
{
    struct helper_call_message call;
    struct helper_answer_message m;
    ssize_t got;

    do
        got = recv(p->calls, &call, sizeof call, MSG_PEEK);
    while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof call)
        return false;
    memset(&m, 0, sizeof m);
    m.number = call.number;
    m.begun_by = p->helper;
    return helper_send(p->calls, &m, sizeof m, -1) == 0;
}

/* Takes calls until the caller's end closes. */
static _Noreturn void be_the_helper(const struct helper_post *p)
{
    struct helper_call_message call = {0};
    int fd;

    while (begin(p) && helper_receive(p->calls, &call, sizeof call, &fd, 0) == 1) {
        const void *memory = NULL;
        size_t len = (size_t)call.len;

        /* a call that waited for this helper to be started may have been given up meanwhile */
        if (fd >= 0 && clock_monotonic_ms() < call.deadline) {
            if (len > 0)
                memory = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
            if (memory == MAP_FAILED)
                _exit(1);
            work_on(p, &call, (struct slice){memory, len});
            if (len > 0)
                (void)munmap((void *)(uintptr_t)memory, len);
        }
        if (fd >= 0)
            (void)close(fd);
    }
    _exit(0);
}

/* Nothing that the caller has open stays open here, but standard error and our two sockets. */
static void shed_descriptors(struct helper_post *p)
{
    enum { CALLS = 3, CONTROL = 4, HIGH = 10 };
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), calls = fcntl(p->calls, F_DUPFD_CLOEXEC, HIGH),
        control = fcntl(p->control, F_DUPFD_CLOEXEC, HIGH);

    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup3(calls, CALLS, O_CLOEXEC) < 0 || dup3(control, CONTROL, O_CLOEXEC) < 0 ||
        close_range(CONTROL + 1, ~0U, 0) != 0)
        _exit(1);
    p->calls = CALLS;
    p->control = CONTROL;
}

static void wake(int number)
{
    (void)number; /* interrupts ppoll() */
}

/* A service is asked to end by a signal to all of its processes; helpers go on until its work is done. */
static void set_signals(sigset_t *while_waiting)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
    struct sigaction child = {.sa_handler = wake};
    sigset_t blocked;

    for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        (void)signal(ignored[i], SIG_IGN);
    (void)sigaction(SIGCHLD, &child, NULL);
    (void)sigemptyset(while_waiting);
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGCHLD);
    (void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* Its own process group, so that what it forked in turn goes with it. */
static pid_t fork_helper(const struct helper_post *p, const sigset_t *unblocked)
{
    pid_t parent = getpid(), child = fork();

    if (child > 0)
        (void)setpgid(child, child);
    if (child != 0)
        return child;
    (void)setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    (void)close(p->control);
    (void)signal(SIGCHLD, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, unblocked, NULL);
    be_the_helper(p);
}

static void end_helper(pid_t child)
{
    (void)kill(-child, SIGKILL);
    (void)kill(child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* true: the caller wants this helper's end. Ends with the caller. */
static bool hear_caller(const struct helper_post *p, pid_t child)
{
    struct helper_control_message m = {0};
    int fd, got = helper_receive(p->control, &m, sizeof m, &fd, MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return false;
    if (got == 1)
        return m.helper == p->helper; /* not one that has died meanwhile */
    end_helper(child);
    _exit(0);
}

static bool has_died(pid_t child)
{
    siginfo_t info = {.si_pid = 0};

    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == child;
}

/* Returns when this helper has ended. */
static void watch(const struct helper_post *p, pid_t child, const sigset_t *while_waiting)
{
    for (;;) {
        struct pollfd caller = {p->control, POLLIN, 0};
        int ready = ppoll(&caller, 1, NULL, while_waiting);

        if (has_died(child) || (ready > 0 && hear_caller(p, child))) {
            end_helper(child);
            return;
        }
    }
}

_Noreturn void helper_be_the_parent(const struct helper_post *post)
{
    static const struct timespec pause = {0, 20000000}; /* a helper that cannot even start must not spin */
    struct helper_post p = *post;
    sigset_t while_waiting;

    shed_descriptors(&p);
    set_signals(&while_waiting);
    for (p.helper = 1;; p.helper++) {
        int64_t since = clock_monotonic_ms();
        struct helper_control_message ended = {p.helper};
        pid_t child = fork_helper(&p, &while_waiting);

        if (child > 0)
            watch(&p, child, &while_waiting);
        if (clock_monotonic_ms() - since < 20)
            (void)nanosleep(&pause, NULL);
        if (helper_send(p.control, &ended, sizeof ended, -1) != 0 && errno != EAGAIN)
            _exit(0);
    }
}
