#include "cli/supervisor.h"
#include "base/clock.h"
#include "base/language.h"
#include "base/log.h"
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FIRST_DELAY_MS = 100,
    LONGEST_DELAY_MS = 10 * 1000,
    STEADY_MS = 60 * 1000, /* who lived that long starts again without delay */
    DRAIN_MS = 40 * 1000,  /* more than the server takes to end what it has begun */
    SIGNER_END_MS = 10 * 1000,
    LOCK_WAIT_MS = DRAIN_MS + 5 * 1000, /* a killed supervisor's server is still ending */
    FILES_WANTED = 65536
};

enum phase { RUNNING, DRAINING, ENDING };

struct child {
    pid_t pid; /* 0: none */
    int64_t started, due;
    int delay;
    char reason[64]; /* why it died the last time, or "" */
};

struct report {
    int rc;
    unsigned port;
    struct err why;
};

struct supervisor {
    const struct supervisor_order *order;
    char listen[256];
    int lock, listener, report;
    int lifeline[2];
    struct child signer, server;
    sigset_t open; /* the signals we wait for are let through here only */
    enum phase phase;
    int64_t deadline; /* of DRAINING and ENDING */
    bool announced;
    int status;
};

static volatile sig_atomic_t end_asked;

static void note_end(int number)
{
    (void)number;
    end_asked = 1;
}

static void note_child(int number)
{
    (void)number;
}

static void watch_signals(struct supervisor *s)
{
    static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
    struct sigaction action = {.sa_handler = note_child, .sa_flags = SA_NOCLDSTOP};
    sigset_t watched;

    (void)sigemptyset(&watched);
    (void)sigaddset(&watched, SIGCHLD);
    (void)sigaction(SIGCHLD, &action, NULL);
    action.sa_handler = note_end;
    action.sa_flags = 0;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        (void)sigaddset(&watched, ends[i]);
        (void)sigaction(ends[i], &action, NULL);
    }
    (void)sigprocmask(SIG_BLOCK, &watched, &s->open);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        (void)sigdelset(&s->open, ends[i]);
    (void)sigdelset(&s->open, SIGCHLD);
}

/* Ten thousand idle connections need as many files. Less is no fault: the server asks what it has. */
static void raise_files(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    if (files.rlim_max < FILES_WANTED) {
        struct rlimit more = {FILES_WANTED, FILES_WANTED};

        if (setrlimit(RLIMIT_NOFILE, &more) == 0)
            return;
    }
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

/* Who wrote the lock file, or 0. */
static pid_t holder(int fd)
{
    char text[16] = "";
    ssize_t len = pread(fd, text, sizeof text - 1, 0);

    return len > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

static int refuse_second(pid_t pid, const char *data_dir, struct err *e)
{
    return err_set(
        e, ERR_CONFLICT,
        "Another \"sealpress serve\" (process %ld) works with %s; stop it first, or name another "
        "directory with --data.",
        "另一个 “sealpress serve”（进程 %ld）正在使用 %s，请先将其停止，或用 --data 指定其他目录。",
        (long)pid, data_dir);
}

/* One service a data directory. The server process shares the lock, so that its last work counts too. */
static int lock_out_others(struct supervisor *s, struct err *e)
{
    int64_t deadline = clock_monotonic_ms() + LOCK_WAIT_MS;
    const char *data_dir = s->order->data_dir;
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/serve.lock", data_dir);
    s->lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (s->lock < 0)
        return err_set(
            e, ERR_UNAVAILABLE,
            "Cannot write %s: %s. Start the service as root, or as the user who made the directory.",
            "无法写入 %s：%s。请以 root 或建立该目录的用户启动服务。", path, strerror(errno));
    while (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        struct timespec nap = {0, 50 * 1000 * 1000};

        pid_t pid = holder(s->lock);

        if ((pid > 0 && kill(pid, 0) == 0) || clock_monotonic_ms() >= deadline)
            return refuse_second(pid, data_dir, e);
        (void)nanosleep(&nap, NULL);
    }
    if (ftruncate(s->lock, 0) != 0 || dprintf(s->lock, "%ld\n", (long)getpid()) < 0)
        return err_set(e, ERR_UNAVAILABLE, "Cannot write %s: %s.", "无法写入 %s：%s。", path,
                       strerror(errno));
    return 0;
}

static void log_child(const char *event, const struct child *c, const struct err *why)
{
    struct log_line l;

    log_begin(&l, event);
    log_number(&l, "pid", c->pid);
    log_text(&l, "reason", c->reason[0] != '\0' ? c->reason : NULL);
    log_text(&l, "error", why != NULL ? why->en : NULL);
    log_text(&l, "detail", why != NULL && why->detail[0] != '\0' ? why->detail : NULL);
    log_end(&l);
}

static void delay(struct child *c, int64_t now)
{
    if (c->started != 0 && now - c->started >= STEADY_MS)
        c->delay = 0;
    if (c->delay == 0)
        c->delay = FIRST_DELAY_MS;
    c->due = now + c->delay;
    c->delay = c->delay > LONGEST_DELAY_MS / 2 ? LONGEST_DELAY_MS : c->delay * 2;
}

static int start_signer(struct supervisor *s, struct err *e)
{
    const struct supervisor_order *o = s->order;
    struct child *c = &s->signer;
    sigset_t closed;
    int rc;

    /* It must not inherit a blocked SIGTERM. */
    (void)sigprocmask(SIG_SETMASK, &s->open, &closed);
    rc = signer_start(&c->pid, s->listener, o->data_dir, &o->who, e);
    (void)sigprocmask(SIG_SETMASK, &closed, NULL);
    if (rc != 0) {
        c->pid = 0;
        delay(c, clock_monotonic_ms());
        return -1;
    }
    c->started = clock_monotonic_ms();
    return 0;
}

/* What the server process leaves behind of the supervisor's. */
static void become_child(struct supervisor *s)
{
    struct sigaction usual = {.sa_handler = SIG_DFL};
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t none;

    (void)sigaction(SIGTERM, &usual, NULL);
    (void)sigaction(SIGINT, &usual, NULL);
    (void)sigaction(SIGHUP, &usual, NULL);
    (void)sigaction(SIGCHLD, &usual, NULL);
    (void)sigemptyset(&none);
    (void)sigaddset(&none, SIGCHLD);
    (void)sigprocmask(SIG_UNBLOCK, &none, NULL);
    (void)close(s->lifeline[1]);
    (void)close(s->listener);
    if (null >= 0)
        (void)dup2(null, STDIN_FILENO);
    (void)prctl(PR_SET_NAME, "sealpress-serve");
}

static int start_server(struct supervisor *s, struct err *e)
{
    struct child *c = &s->server;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_set(e, ERR_UNAVAILABLE, "The server process could not be started: %s.",
                       "无法启动服务进程：%s。", strerror(errno));
    (void)fflush(NULL); /* or the child would print it once more */
    c->pid = fork();
    if (c->pid == 0) {
        struct server_end end = {s->listen, s->lifeline[0], ends[1]};
        int status;

        (void)close(ends[0]);
        become_child(s);
        status = s->order->serve(s->order, &end);
        (void)fflush(NULL);
        _exit(status);
    }
    (void)close(ends[1]);
    if (c->pid < 0) {
        c->pid = 0;
        (void)close(ends[0]);
        delay(c, clock_monotonic_ms());
        return err_set(e, ERR_UNAVAILABLE, "The server process could not be started: %s.",
                       "无法启动服务进程：%s。", strerror(errno));
    }
    s->report = ends[0];
    c->started = clock_monotonic_ms();
    return 0;
}

static void drop_report(struct supervisor *s)
{
    if (s->report >= 0)
        (void)close(s->report);
    s->report = -1;
}

/* From here on only what is running is waited for. */
static void drain(struct supervisor *s)
{
    s->phase = DRAINING;
    s->deadline = clock_monotonic_ms() + DRAIN_MS;
    if (s->server.pid > 0)
        (void)kill(s->server.pid, SIGTERM);
}

static void announce(struct supervisor *s, unsigned port)
{
    const char *colon = strrchr(s->listen, ':');
    struct log_line l;
    char host[sizeof s->listen];

    /* "...:0" got a port; whoever comes after a crash must find the service where it was */
    (void)snprintf(host, sizeof host, "%.*s", (int)(colon - s->listen), s->listen);
    (void)snprintf(s->listen, sizeof s->listen, "%.240s:%u", host, port);
    (void)printf("%s http://%s\n", language_pick("listening on", "正在监听"), s->listen);
    (void)fflush(stdout);
    log_begin(&l, "listening");
    log_text(&l, "address", s->listen);
    log_text(&l, "keys", s->order->who.isolated ? "isolated" : "not-isolated");
    log_end(&l);
    s->announced = true;
}

/* What the server says of its start, if it has said it. */
static void take_report(struct supervisor *s)
{
    struct report r;
    ssize_t len;

    if (s->report < 0)
        return;
    len = read(s->report, &r, sizeof r);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    drop_report(s);
    if (len != (ssize_t)sizeof r)
        return;
    if (r.rc == 0 && !s->announced) {
        announce(s, r.port);
    } else if (r.rc == 0) {
        log_child("server-restarted", &s->server, NULL);
    } else if (s->announced) {
        log_child("server-start-failed", &s->server, &r.why);
    } else {
        s->status = cli_fail(&r.why);
        s->announced = true; /* said */
        drain(s);
    }
}

static void describe_end(char *out, size_t size, int status)
{
    if (WIFSIGNALED(status))
        (void)snprintf(out, size, "killed by signal %d", WTERMSIG(status));
    else
        (void)snprintf(out, size, "exit status %d", WEXITSTATUS(status));
}

static void server_ended(struct supervisor *s, int status)
{
    struct err e;

    take_report(s);
    drop_report(s);
    if (s->phase != RUNNING) {
        if (s->status == CLI_FINE && status != 0)
            s->status = CLI_COULD_NOT;
        return;
    }
    if (s->announced)
        return;
    err_set(&e, ERR_INTERNAL, "The server process ended while it was starting: %s.",
            "服务进程在启动时退出：%s。", s->server.reason);
    s->status = cli_fail(&e);
    drain(s);
}

static void reap(struct supervisor *s)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *c = pid == s->signer.pid ? &s->signer : pid == s->server.pid ? &s->server : NULL;

        if (c == NULL)
            continue; /* an orphan, where we are the first process of a container */
        c->pid = 0;
        describe_end(c->reason, sizeof c->reason, status);
        delay(c, clock_monotonic_ms());
        if (c == &s->server)
            server_ended(s, status);
    }
}

static void end_signer(struct supervisor *s)
{
    s->phase = ENDING;
    s->deadline = clock_monotonic_ms() + SIGNER_END_MS;
    if (s->signer.pid > 0)
        (void)kill(s->signer.pid, SIGTERM);
}

static void kill_late(struct supervisor *s, struct child *c)
{
    if (clock_monotonic_ms() < s->deadline || c->pid == 0)
        return;
    log_child("killed", c, NULL);
    s->status = CLI_COULD_NOT;
    (void)kill(c->pid, SIGKILL);
    s->deadline = INT64_MAX;
}

static void restart(struct supervisor *s)
{
    int64_t now = clock_monotonic_ms();
    struct err e;

    /* also while the server ends what it has begun: that may need seals */
    if (s->phase != ENDING && s->signer.pid == 0 && now >= s->signer.due) {
        if (start_signer(s, &e) == 0)
            log_child("signer-restarted", &s->signer, NULL);
        else
            log_child("signer-start-failed", &s->signer, &e);
    }
    if (s->phase == RUNNING && s->server.pid == 0 && now >= s->server.due && start_server(s, &e) != 0)
        log_child("server-start-failed", &s->server, &e);
}

static int wait_ms(const struct supervisor *s)
{
    int64_t next = INT64_MAX, now = clock_monotonic_ms();

    if (s->phase != RUNNING)
        next = s->deadline;
    if (s->phase != ENDING && s->signer.pid == 0 && s->signer.due < next)
        next = s->signer.due;
    if (s->phase == RUNNING && s->server.pid == 0 && s->server.due < next)
        next = s->server.due;
    if (next <= now)
        return 0;
    return next - now > 60 * 1000 ? 60 * 1000 : (int)(next - now);
}

static void wait_for_something(const struct supervisor *s)
{
    int ms = wait_ms(s);
    struct timespec span = {ms / 1000, ms % 1000 * 1000 * 1000};
    struct pollfd p = {s->report, POLLIN, 0};

    (void)ppoll(&p, 1, &span, &s->open); /* a descriptor of -1 is passed over */
}

static void watch(struct supervisor *s)
{
    for (;;) {
        wait_for_something(s);
        take_report(s);
        reap(s);
        if (end_asked && s->phase == RUNNING)
            drain(s);
        if (s->phase == DRAINING)
            kill_late(s, &s->server);
        if (s->phase == DRAINING && s->server.pid == 0)
            end_signer(s);
        if (s->phase == ENDING)
            kill_late(s, &s->signer);
        if (s->phase == ENDING && s->signer.pid == 0)
            return;
        restart(s);
    }
}

static void remove_socket(const struct supervisor *s)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/signer.socket", s->order->data_dir);
    (void)unlink(path);
}

/* We hold the directory's lock: a signer that still answers there has lost its supervisor and is ending. */
static int listen_for_signer(struct supervisor *s, struct err *e)
{
    int64_t deadline = clock_monotonic_ms() + LOCK_WAIT_MS;
    int rc;

    while ((rc = signer_listen(&s->listener, s->order->data_dir, &s->order->who, e)) != 0 &&
           e->code == ERR_CONFLICT && clock_monotonic_ms() < deadline) {
        struct timespec nap = {0, 50 * 1000 * 1000};

        (void)nanosleep(&nap, NULL);
    }
    return rc;
}

static int prepare(struct supervisor *s, struct err *e)
{
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    (void)umask(077);
    raise_files();
    if (lock_out_others(s, e) != 0)
        return -1;
    if (pipe2(s->lifeline, O_CLOEXEC) != 0)
        return err_set(e, ERR_UNAVAILABLE, "No pipe to the server process: %s.", "无法建立管道：%s。",
                       strerror(errno));
    return listen_for_signer(s, e);
}

int supervisor_run(const struct supervisor_order *o)
{
    struct supervisor s = {.order = o, .lock = -1, .listener = -1, .report = -1, .lifeline = {-1, -1}};
    struct err e;

    (void)snprintf(s.listen, sizeof s.listen, "%s", o->listen);
    watch_signals(&s);
    if (prepare(&s, &e) != 0 || start_signer(&s, &e) != 0) {
        s.status = cli_fail(&e);
    } else {
        if (start_server(&s, &e) != 0) {
            s.status = cli_fail(&e);
            drain(&s);
        }
        watch(&s);
    }
    if (s.listener >= 0) {
        remove_socket(&s);
        (void)close(s.listener);
    }
    for (size_t i = 0; i < 2; i++) {
        if (s.lifeline[i] >= 0)
            (void)close(s.lifeline[i]);
    }
    if (s.lock >= 0)
        (void)close(s.lock);
    return s.status;
}

static void send_report(struct server_end *end, const struct report *r)
{
    /* shorter than PIPE_BUF, so it arrives whole */
    (void)!write(end->report, r, sizeof *r);
    (void)close(end->report);
    end->report = -1;
}

void server_end_ready(struct server_end *end, unsigned port)
{
    struct report r;

    memset(&r, 0, sizeof r);
    r.port = port;
    send_report(end, &r);
}

int server_end_failed(struct server_end *end, const struct err *why)
{
    struct report r;

    memset(&r, 0, sizeof r);
    r.rc = -1;
    r.why = *why;
    send_report(end, &r);
    return cli_status(why->code);
}

void server_end_wait(struct server_end *end)
{
    struct pollfd p[2] = {{-1, POLLIN, 0}, {end->lifeline, POLLIN, 0}};
    struct log_line l;
    sigset_t ends;

    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &ends, NULL);
    p[0].fd = signalfd(-1, &ends, SFD_CLOEXEC);
    while (poll(p, 2, -1) < 0 && errno == EINTR)
        ;
    log_begin(&l, "ending");
    log_text(&l, "reason", p[0].revents != 0 ? "signal" : "supervisor-gone");
    log_end(&l);
    if (p[0].fd >= 0)
        (void)close(p[0].fd);
}
