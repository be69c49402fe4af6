#include "base/helper.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/helper_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct helper {
    struct helper_limits limits;
    pid_t parent;
    int calls, control;
    uint64_t number;    /* of the last call */
    uint64_t begun_by;  /* the helper that has taken it on, or 0 */
    uint64_t ended;     /* the last helper of which we heard that it has ended */
    uint64_t unwelcome; /* the last one whose end we asked for */
};

static int gone(struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE,
                   "The process that opens files from outside has ended; the service must be restarted.",
                   "处理外来文件的进程已退出，请重启服务。");
}

static int start(struct helper *h, helper_job *job, void *arg, struct err *e)
{
    int calls[2] = {-1, -1}, control[2] = {-1, -1};

    h->parent = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, calls) == 0 &&
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) == 0) {
        struct helper_post post = {calls[1], control[1], job, arg, h->limits.answer_bytes, 0};

        h->parent = fork();
        if (h->parent == 0)
            helper_be_the_parent(&post);
    }
    h->calls = calls[0];
    h->control = control[0];
    if (calls[1] >= 0)
        (void)close(calls[1]);
    if (control[1] >= 0)
        (void)close(control[1]);
    if (h->parent > 0)
        return 0;
    return err_set(e, ERR_UNAVAILABLE, "The system has no room for another process; try again.",
                   "系统无法再启动进程，请重试。");
}

int helper_start(struct helper **out, helper_job *job, void *arg, const struct helper_limits *limits,
                 struct err *e)
{
    struct helper *h = calloc(1, sizeof *h);

    *out = NULL;
    if (h == NULL)
        return err_no_memory(e);
    h->limits = *limits;
    if (start(h, job, arg, e) != 0) {
        helper_stop(h);
        return -1;
    }
    *out = h;
    return 0;
}

void helper_stop(struct helper *h)
{
    if (h == NULL)
        return;
    if (h->calls >= 0)
        (void)close(h->calls);
    if (h->control >= 0)
        (void)close(h->control);
    if (h->parent > 0) {
        while (waitpid(h->parent, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    free(h);
}

/* The input as memory that nobody can change any more; -1 without. */
static int input_memory(struct slice in)
{
    int fd = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return -1;
    if (file_put(fd, in) == 0 &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

/* What the parent has said. -1: it is gone. */
static int hear_parent(struct helper *h)
{
    struct helper_control_message m = {0};
    int fd;

    for (;;) {
        int got = helper_receive(h->control, &m, sizeof m, &fd, MSG_DONTWAIT);

        if (fd >= 0)
            (void)close(fd);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return 0;
        if (got != 1)
            return -1;
        h->ended = m.helper;
    }
}

/* Waits until one of the two sockets has something; false when the time is over. */
static bool wait_for(const struct helper *h, bool only_control, int64_t deadline)
{
    struct pollfd p[2] = {{h->control, POLLIN, 0}, {h->calls, POLLIN, 0}};
    int64_t left = deadline - clock_monotonic_ms();

    return left > 0 && poll(p, only_control ? 1 : 2, (int)left) != 0;
}

/* The next message of this very call, if it is there: older ones are of calls that were given up. */
static bool next_answer(struct helper *h, struct helper_answer_message *m, int *fd)
{
    while (helper_receive(h->calls, m, sizeof *m, fd, MSG_DONTWAIT) == 1) {
        if (m->number == h->number && m->begun_by == 0)
            return true;
        if (m->number == h->number)
            h->begun_by = m->begun_by;
        if (*fd >= 0)
            (void)close(*fd);
        *fd = -1;
    }
    return false;
}

static int give_up(struct helper *h, struct err *e)
{
    struct helper_control_message m = {h->begun_by != 0 ? h->begun_by : h->ended + 1};

    if (helper_send(h->control, &m, sizeof m, -1) != 0)
        return gone(e);
    h->unwelcome = m.helper;
    return err_set(e, ERR_TOO_LARGE, "The file takes more time than any honest one; it was not processed.",
                   "处理该文件所需的时间超出正常范围，已停止处理。");
}

static int died(struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE,
                   "The process that opens files from outside broke down over this one; try again.",
                   "处理该文件的进程意外退出，请重试。");
}

static int await(struct helper *h, struct helper_answer_message *m, int *fd, int64_t deadline, struct err *e)
{
    for (;;) {
        bool in_time = wait_for(h, false, deadline);
        int parent = hear_parent(h); /* asked first: an answer sent before its end still counts */

        if (next_answer(h, m, fd))
            return 0;
        if (parent != 0)
            return gone(e);
        if (h->begun_by != 0 && h->begun_by <= h->ended)
            return died(e); /* not yet begun: the next one takes the call */
        if (!in_time)
            return give_up(h, e);
    }
}

/* By read and not by mapping: the helper is trusted less than we are and could cut the memory short. */
static int take_answer(struct buf *out, int fd, size_t max, struct err *e)
{
    struct stat st;
    size_t done = 0;
    uint8_t *room;

    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size < 0 || (uint64_t)st.st_size > max)
        return died(e);
    if (st.st_size == 0)
        return 0;
    room = buf_room(out, (size_t)st.st_size);
    if (room == NULL)
        return err_no_memory(e);
    while (done < (size_t)st.st_size) {
        ssize_t got = pread(fd, room + done, (size_t)st.st_size - done, (off_t)done);

        if (got <= 0 && !(got < 0 && errno == EINTR))
            return died(e);
        if (got > 0)
            done += (size_t)got;
    }
    buf_wrote(out, done);
    return 0;
}

/* The reason as the helper gave it; every text ends where it must. */
static int refuse(struct err *e, const struct helper_answer_message *m)
{
    *e = m->err;
    e->field[sizeof e->field - 1] = '\0';
    e->en[sizeof e->en - 1] = '\0';
    e->zh[sizeof e->zh - 1] = '\0';
    e->detail[sizeof e->detail - 1] = '\0';
    return -1;
}

static int send_call(struct helper *h, unsigned kind, struct slice in, int64_t deadline, struct err *e)
{
    struct helper_call_message call;
    int memory = input_memory(in), rc;

    if (memory < 0)
        return err_no_memory(e);
    memset(&call, 0, sizeof call);
    call.number = ++h->number;
    call.deadline = deadline;
    call.len = in.len;
    call.kind = kind;
    h->begun_by = 0;
    rc = helper_send(h->calls, &call, sizeof call, memory);
    (void)close(memory);
    return rc == 0 ? 0 : gone(e);
}

int helper_call(struct helper *h, unsigned kind, struct slice in, struct buf *out, struct err *e)
{
    int64_t deadline = clock_monotonic_ms() + h->limits.wall_ms;
    struct helper_answer_message m;
    int fd = -1, rc;

    do {
        if (hear_parent(h) != 0)
            return gone(e);
    } while (h->ended < h->unwelcome && wait_for(h, true, deadline));
    if (h->ended < h->unwelcome)
        return died(e);
    if (send_call(h, kind, in, deadline, e) != 0 || await(h, &m, &fd, deadline, e) != 0)
        return -1;
    rc = m.rc != 0 ? refuse(e, &m) : take_answer(out, fd, h->limits.answer_bytes, e);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}
