#include "base/worker.h"
#include "base/clock.h"
#include "base/worker_internal.h"
#include <errno.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* What is written before the answer. */
struct header {
    int rc;
    size_t len;
    struct err err;
};

static int allow_write(scmp_filter_ctx filter, int fd)
{
    const struct scmp_arg_cmp to = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)fd, .datum_b = 0};

    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, &to);
}

/* Memory, the answer's pipe, the clock, leaving: nothing else. Anything more kills the child. */
static int forbid_the_world(int pipe_fd)
{
    static const int allowed[] = {SCMP_SYS(brk),
                                  SCMP_SYS(mmap),
                                  SCMP_SYS(munmap),
                                  SCMP_SYS(mremap),
                                  SCMP_SYS(mprotect),
                                  SCMP_SYS(madvise),
                                  SCMP_SYS(exit),
                                  SCMP_SYS(exit_group),
                                  SCMP_SYS(clock_gettime),
                                  SCMP_SYS(getrandom),
                                  SCMP_SYS(futex),
                                  SCMP_SYS(rt_sigreturn),
                                  SCMP_SYS(rt_sigprocmask),
                                  SCMP_SYS(sigaltstack),
                                  SCMP_SYS(gettid),
                                  SCMP_SYS(getpid),
                                  SCMP_SYS(sched_yield),
                                  SCMP_SYS(rt_sigaction)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc;

    if (filter == NULL)
        return -1;
    rc = allow_write(filter, pipe_fd);
    rc |= allow_write(filter, STDERR_FILENO); /* where sanitizers and abort() speak */
    rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), 0);
    rc |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(open), 0);
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        rc |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc;
}

static int confine(const struct worker_limits *limits, int pipe_fd)
{
    struct rlimit cpu = {(rlim_t)limits->cpu_seconds, (rlim_t)limits->cpu_seconds + 1};
    struct rlimit none = {0, 0};

    if (worker_limit_memory(limits->memory_bytes) != 0 || setrlimit(RLIMIT_CPU, &cpu) != 0 ||
        setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_FSIZE, &none) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return forbid_the_world(pipe_fd);
}

static void send_all(int fd, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;

    while (len > 0) {
        ssize_t put = write(fd, at, len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            _exit(1);
        at += put;
        len -= (size_t)put;
    }
}

/* The C library looks at the file of the local time zone at each use unless the zone is named: then once,
 * now. */
static void settle_time_zone(void)
{
    (void)setenv("TZ", ":/etc/localtime", 0); /* NOLINT(concurrency-mt-unsafe): one thread */
    tzset();
}

static void be_the_child(int fd, const struct worker_limits *limits, worker_job *job, void *arg)
{
    struct buf answer = BUF_INIT(limits->answer_bytes);
    struct header h;

    memset(&h, 0, sizeof h);
    (void)signal(SIGXCPU, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would wait for the answer */
    settle_time_zone();
    if (confine(limits, fd) != 0)
        h.rc = err_set(&h.err, ERR_INTERNAL,
                       "The sandbox for untrusted files could not be set up on this system.",
                       "无法在本系统上建立处理外来文件的沙箱。");
    else
        h.rc = job(&answer, arg, &h.err);
    if (h.rc == 0 && !buf_ok(&answer))
        h.rc = err_no_memory(&h.err);
    h.len = h.rc == 0 ? answer.len : 0;
    send_all(fd, &h, sizeof h);
    send_all(fd, answer.data, h.len);
    _exit(0);
}

/* true when len bytes came before the deadline. */
static bool receive(int fd, void *out, size_t len, int64_t deadline)
{
    uint8_t *at = out;

    while (len > 0) {
        int64_t left = deadline - clock_monotonic_ms();
        struct pollfd p = {fd, POLLIN, 0};
        ssize_t got;

        if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
            return false;
        if (p.revents == 0)
            continue;
        got = read(fd, at, len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

static int ended_badly(int status, bool in_time, enum worker_end *end, struct err *e)
{
    int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    if (!in_time || sig == SIGXCPU || sig == SIGKILL) {
        *end = WORKER_OUT_OF_BOUNDS;
        err_set(e, ERR_TOO_LARGE,
                "The file takes more time or memory than any honest one; it was not processed.",
                "处理该文件所需的时间或内存超出正常范围，已停止处理。");
    } else {
        *end = WORKER_CRASHED;
        err_set(e, ERR_INVALID, "The file could not be processed; it is damaged or not what it claims to be.",
                "文件无法处理：已损坏，或者不是它所声称的格式。");
    }
    return err_detail(e, "worker ended with signal %d", sig);
}

int worker_run(struct buf *out, const struct worker_limits *limits, worker_job *job, void *arg,
               enum worker_end *end, struct err *e)
{
    enum worker_end unasked;
    int64_t deadline = clock_monotonic_ms() + limits->wall_ms;
    struct header h;
    bool whole;
    int fds[2], status = 0;
    pid_t child;

    if (end == NULL)
        end = &unasked;
    *end = WORKER_CRASHED;
    if (pipe(fds) != 0)
        return err_set(e, ERR_UNAVAILABLE, "The system has no more file handles; try again.",
                       "系统文件句柄不足，请重试。");
    child = fork();
    if (child < 0) {
        (void)close(fds[0]);
        (void)close(fds[1]);
        return err_set(e, ERR_UNAVAILABLE, "The system has no room for another process; try again.",
                       "系统无法再启动进程，请重试。");
    }
    if (child == 0) {
        (void)close(fds[0]);
        be_the_child(fds[1], limits, job, arg);
    }
    (void)close(fds[1]);
    whole = receive(fds[0], &h, sizeof h, deadline) && h.len <= limits->answer_bytes;
    if (whole && h.len > 0) {
        uint8_t *at = buf_room(out, h.len);

        whole = at != NULL && receive(fds[0], at, h.len, deadline);
        if (whole)
            buf_wrote(out, h.len);
    }
    (void)close(fds[0]);
    if (!whole)
        (void)kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!whole)
        return ended_badly(status, clock_monotonic_ms() < deadline, end, e);
    *end = h.rc == 0 ? WORKER_ANSWERED : WORKER_REFUSED;
    if (h.rc != 0)
        *e = h.err;
    return h.rc;
}
