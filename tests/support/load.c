#include "support/load.h"
#include "base/clock.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 32 * 1024 * 1024, READ_BYTES = 64 * 1024, EVENTS = 256 };

struct line {
    int fd;
    long request;
    struct buf out, in;
    size_t sent, head, body; /* head 0: not known yet */
    int status;
    double began;
    bool busy, fresh; /* fresh: nothing was answered on this connection yet */
};

struct run {
    const struct load *l;
    struct load_report *report;
    int epoll;
    struct line *lines;
    long given, ended;
    double *times, began;
};

static double now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int dial(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static void hang_up(struct line *c)
{
    if (c->fd >= 0)
        (void)close(c->fd);
    c->fd = -1;
}

static bool pick_up(struct run *r, struct line *c)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};

    for (int i = 0; i < 100; i++) {
        c->fd = dial(r->l->port);
        if (c->fd >= 0)
            break;
        (void)usleep(10 * 1000);
    }
    c->fresh = true;
    return c->fd >= 0 && epoll_ctl(r->epoll, EPOLL_CTL_ADD, c->fd, &ev) == 0;
}

static void end_request(struct run *r, struct line *c)
{
    struct load_answer a = {c->status, {NULL, 0}, now_ms() - c->began};

    if (c->status > 0)
        a.body = slice_part(buf_view(&c->in), c->head, c->body);
    r->times[r->ended++] = a.ms;
    r->report->by_class[c->status / 100 % 6]++;
    if (c->status / 100 == 2)
        r->report->good_wall_ms = now_ms() - r->began;
    c->busy = false;
    if (r->l->answered != NULL)
        r->l->answered(r->l->arg, c->request, &a);
}

/* The whole request in one go: they are small beside a socket's buffer, and the server reads. */
static bool send_all(struct line *c)
{
    while (c->sent < c->out.len) {
        ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        c->sent += (size_t)n;
    }
    return true;
}

static void begin_request(struct run *r, struct line *c)
{
    while (r->given < r->l->count) {
        c->request = r->given++;
        c->busy = true;
        c->status = 0;
        buf_reset(&c->out);
        r->l->next(r->l->arg, c->request, &c->out);
        for (int again = 0; again < 2; again++) {
            c->sent = c->head = c->body = 0;
            buf_reset(&c->in);
            c->began = now_ms();
            if ((c->fd >= 0 || pick_up(r, c)) && send_all(c))
                return;
            hang_up(c);
        }
        end_request(r, c);
    }
}

static const char *header(const char *head, const char *name)
{
    const char *at = strcasestr(head, name);

    return at == NULL ? NULL : at + strlen(name);
}

/* true when the answer is whole. */
static bool take_head(struct line *c, bool *close_after)
{
    size_t end = slice_find(buf_view(&c->in), 0, slice_of("\r\n\r\n"));
    const char *text, *length, *connection;

    if (end == SIZE_MAX)
        return false;
    text = buf_text(&c->in);
    c->in.data[end + 3] = '\0';
    c->head = end + 4;
    c->status = (int)strtol(text + strlen("HTTP/1.1 "), NULL, 10);
    length = header(text, "\r\ncontent-length:");
    c->body = length == NULL ? 0 : strtoul(length, NULL, 10);
    connection = header(text, "\r\nconnection:");
    *close_after = connection != NULL && strncasecmp(connection + strspn(connection, " "), "close", 5) == 0;
    return true;
}

static void take_bytes(struct run *r, struct line *c)
{
    uint8_t *room = buf_room(&c->in, READ_BYTES);
    ssize_t n = room == NULL ? -1 : recv(c->fd, room, READ_BYTES, 0);
    bool closing = false;

    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        hang_up(c);
        if (!c->busy)
            return;
        if (c->in.len == 0 && !c->fresh) { /* closed while idle: the request never reached it */
            c->sent = 0;
            if (pick_up(r, c) && send_all(c))
                return;
            hang_up(c);
        }
        c->status = 0;
        end_request(r, c);
        begin_request(r, c);
        return;
    }
    buf_wrote(&c->in, (size_t)n);
    if (c->head == 0 && !take_head(c, &closing))
        return;
    if (c->in.len < c->head + c->body)
        return;
    c->fresh = false;
    if (closing)
        hang_up(c);
    end_request(r, c);
    begin_request(r, c);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void summarise(struct run *r)
{
    struct load_report *p = r->report;
    size_t n = (size_t)r->ended;

    p->wall_ms = now_ms() - r->began;
    if (n == 0)
        return;
    qsort(r->times, n, sizeof r->times[0], by_value);
    p->p50_ms = r->times[n / 2];
    p->p95_ms = r->times[n * 95 / 100];
    p->p99_ms = r->times[n * 99 / 100];
    p->max_ms = r->times[n - 1];
}

int load_run(struct load_report *out, const struct load *l, struct err *e)
{
    struct run r = {.l = l, .report = out, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    struct epoll_event events[EVENTS];
    int rc = -1;

    *out = (struct load_report){.wall_ms = 0};
    r.lines = calloc((size_t)l->connections, sizeof *r.lines);
    r.times = calloc((size_t)l->count, sizeof *r.times);
    if (r.epoll < 0 || r.lines == NULL || r.times == NULL) {
        err_no_memory(e);
        goto out;
    }
    r.began = now_ms();
    for (int i = 0; i < l->connections; i++) {
        r.lines[i].fd = -1;
        buf_init(&r.lines[i].out, ANSWER_MAX);
        buf_init(&r.lines[i].in, ANSWER_MAX);
    }
    for (int i = 0; i < l->connections; i++)
        begin_request(&r, &r.lines[i]);
    while (r.ended < l->count) {
        int n = epoll_wait(r.epoll, events, EVENTS, 60 * 1000);

        if (n == 0) {
            err_set(e, ERR_UNAVAILABLE, "The server has been silent for a minute.", "服务器一分钟没有应答。");
            goto out;
        }
        for (int i = 0; i < n; i++)
            take_bytes(&r, events[i].data.ptr);
    }
    summarise(&r);
    rc = 0;
out:
    for (int i = 0; r.lines != NULL && i < l->connections; i++) {
        hang_up(&r.lines[i]);
        buf_dispose(&r.lines[i].out);
        buf_dispose(&r.lines[i].in);
    }
    free(r.lines);
    free(r.times);
    if (r.epoll >= 0)
        (void)close(r.epoll);
    return rc;
}

int load_idle(int *fds, int count, unsigned port)
{
    struct rlimit files;
    int opened = 0;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    while (opened < count && (fds[opened] = dial(port)) >= 0)
        opened++;
    return opened;
}
