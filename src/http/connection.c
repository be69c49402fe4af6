#include "base/clock.h"
#include "base/log.h"
#include "http/http_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* How many times limits.grace_ms a client may rest that was fast before. */
enum { GRACES_AHEAD = 3 };
enum { TICK_MAX = 250, TICK_MIN = 10, LINGER_MS = 2000, LOG_EVERY_MS = 1000, NETWORK_TCP = 6 };

/* --- lists; under the shard's lock --- */

static void header_owed(struct connection *c)
{
    struct shard *s = c->shard;

    c->owes_header = true;
    c->owed = atomic_fetch_add_explicit(s->turns, 1, memory_order_relaxed);
    c->younger = NULL;
    c->older = s->youngest;
    if (s->youngest != NULL)
        s->youngest->younger = c;
    else
        s->oldest = c;
    s->youngest = c;
}

static void header_not_owed(struct connection *c)
{
    struct shard *s = c->shard;

    if (!c->owes_header)
        return;
    *(c->older ? &c->older->younger : &s->oldest) = c->younger;
    *(c->younger ? &c->younger->older : &s->youngest) = c->older;
    c->owes_header = false;
}

/* --- what the kernel knows of a connection --- */

static uint64_t bytes_acked(int fd)
{
    struct tcp_info info;
    socklen_t len = sizeof info;

    memset(&info, 0, sizeof info);
    return getsockopt(fd, NETWORK_TCP, TCP_INFO, &info, &len) == 0 ? info.tcpi_bytes_acked : 0;
}

static bool has_unsent(int fd)
{
    int unsent = 0;

    return ioctl(fd, SIOCOUTQ, &unsent) == 0 && unsent > 0;
}

/* What stands in the send buffer is thrown away when the socket is closed. */
static void reset_on_close(int fd)
{
    const struct linger now = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* The library notices by the socket's end and closes it; closing it here could hit a stranger's new socket.
 */
static void cut_connection(struct registry *r, struct connection *c, enum cut why)
{
    if (c->cut)
        return;
    c->cut = true;
    header_not_owed(c);
    if (why != CUT_EVICTED && why != CUT_HEADER)
        reset_on_close(c->fd);
    atomic_fetch_sub(&r->live, 1);
    atomic_fetch_add_explicit(&r->cuts[why], 1, memory_order_relaxed);
    (void)shutdown(c->fd, SHUT_RDWR);
}

/* --- coming and going --- */

static void evict_oldest(struct registry *r)
{
    struct shard *from = NULL;
    unsigned long first = ULONG_MAX;

    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *s = &r->shards[i];

        pthread_mutex_lock(&s->lock);
        if (s->oldest != NULL && s->oldest->owed < first) {
            first = s->oldest->owed;
            from = s;
        }
        pthread_mutex_unlock(&s->lock);
    }
    if (from == NULL)
        return;
    pthread_mutex_lock(&from->lock);
    if (from->oldest != NULL)
        cut_connection(r, from->oldest, CUT_EVICTED);
    pthread_mutex_unlock(&from->lock);
}

struct connection *connection_open(struct registry *r, int fd)
{
    struct connection *c = calloc(1, sizeof *c);
    struct shard *s = &r->shards[(unsigned)fd % SHARDS];

    if (c == NULL)
        return NULL;
    c->shard = s;
    c->fd = fd;
    c->since = clock_monotonic_ms();
    atomic_fetch_add(&r->open, 1);
    atomic_fetch_add_explicit(&r->opened, 1, memory_order_relaxed);
    if (atomic_fetch_add(&r->live, 1) >= r->threshold)
        evict_oldest(r);
    pthread_mutex_lock(&s->lock);
    c->next = s->first;
    if (s->first != NULL)
        s->first->previous = c;
    s->first = c;
    header_owed(c);
    pthread_mutex_unlock(&s->lock);
    return c;
}

static void linger(struct registry *r, int fd)
{
    int copy;

    (void)shutdown(fd, SHUT_WR);
    pthread_mutex_lock(&r->linger_lock);
    if (r->lingerer_count < LINGERERS_MAX && (copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0)
        r->lingerers[r->lingerer_count++] = (struct lingerer){copy, clock_monotonic_ms(), bytes_acked(copy)};
    pthread_mutex_unlock(&r->linger_lock);
}

void connection_close(struct registry *r, struct connection *c)
{
    struct shard *s = c->shard;

    pthread_mutex_lock(&s->lock);
    header_not_owed(c);
    *(c->previous ? &c->previous->next : &s->first) = c->next;
    if (c->next != NULL)
        c->next->previous = c->previous;
    pthread_mutex_unlock(&s->lock);
    if (!c->cut) {
        atomic_fetch_sub(&r->live, 1);
        if (c->answered && (c->unread || has_unsent(c->fd)))
            linger(r, c->fd);
    }
    atomic_fetch_sub(&r->open, 1);
    free(c);
}

void connection_phase(struct connection *c, enum phase phase)
{
    pthread_mutex_lock(&c->shard->lock);
    header_not_owed(c);
    c->phase = phase;
    c->since = clock_monotonic_ms();
    c->turn++;
    c->tail = false;
    c->forfeited = 0;
    c->resting = false;
    if (phase == PHASE_SENDING)
        c->answered = true;
    if (phase == PHASE_HEADER && !c->cut)
        header_owed(c);
    atomic_store_explicit(&c->moved, 0, memory_order_relaxed);
    pthread_mutex_unlock(&c->shard->lock);
}

void connection_rest(struct connection *c, bool resting)
{
    int64_t now = clock_monotonic_ms();

    pthread_mutex_lock(&c->shard->lock);
    if (resting)
        c->resting_since = now;
    else if (c->resting)
        c->since += now - c->resting_since;
    c->resting = resting;
    pthread_mutex_unlock(&c->shard->lock);
}

bool registry_crowded(const struct registry *r)
{
    return atomic_load(&r->live) > r->threshold;
}

void registry_hang_up(struct registry *r, bool only_idle)
{
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *s = &r->shards[i];

        pthread_mutex_lock(&s->lock);
        for (struct connection *c = s->first; c != NULL; c = c->next) {
            int waiting = 0;
            bool idle = c->phase == PHASE_HEADER && (ioctl(c->fd, FIONREAD, &waiting) != 0 || waiting == 0);

            if (idle)
                (void)shutdown(c->fd, SHUT_RD); /* what was answered still gets to its reader */
            else if (!only_idle && c->phase != PHASE_WORKING)
                (void)shutdown(c->fd, SHUT_RDWR);
        }
        pthread_mutex_unlock(&s->lock);
    }
}

/* --- the reaper --- */

static bool too_slow(const struct http_limits *limits, uint64_t bytes, int64_t ms)
{
    return ms > (int64_t)limits->grace_ms && bytes < (uint64_t)ms * limits->bytes_per_second / 1000;
}

/* The same for a phase of c. The average counts from the phase's beginning, but no more in advance than
 * GRACES_AHEAD: a body sent quickly but for its last byte would else hold its memory for hours. */
static bool falls_behind(const struct http_limits *limits, struct connection *c, uint64_t bytes, int64_t ms)
{
    uint64_t owed = (uint64_t)ms * limits->bytes_per_second / 1000;
    uint64_t ahead = (uint64_t)limits->grace_ms * GRACES_AHEAD * limits->bytes_per_second / 1000;

    if (bytes - c->forfeited > owed + ahead)
        c->forfeited = bytes - owed - ahead;
    return too_slow(limits, bytes - c->forfeited, ms);
}

static void look_at_reader(struct registry *r, struct connection *c, int64_t now)
{
    if (c->seen_turn != c->turn) {
        c->seen_turn = c->turn;
        c->acked = bytes_acked(c->fd);
        c->looked = now;
        c->forfeited = 0;
    } else if (falls_behind(&r->limits, c, bytes_acked(c->fd) - c->acked, now - c->looked)) {
        if (has_unsent(c->fd))
            cut_connection(r, c, CUT_READER);
        else /* it has read all there was: our own disk keeps it waiting */
            c->seen_turn--;
    } else if (c->phase == PHASE_SENDING && !c->unpaced && now - c->since > (int64_t)r->limits.response_ms) {
        cut_connection(r, c, CUT_RESPONSE);
    }
}

/* Between two requests: the kernel may hold the last bytes of a response that its client reads slowly. Until
 * they are gone that is the client's task, and the clock for the next header stands. */
static void look_at_idle(struct registry *r, struct connection *c, int64_t now)
{
    if (c->answered && c->seen_turn != c->turn)
        c->tail = has_unsent(c->fd);
    if (c->tail && has_unsent(c->fd)) {
        look_at_reader(r, c, now);
        return;
    }
    if (c->tail) {
        c->tail = false;
        c->since = now;
        if (c->owes_header) {
            header_not_owed(c);
            header_owed(c);
        }
    }
    c->seen_turn = c->turn;
    if (now - c->since > (int64_t)r->limits.header_ms)
        cut_connection(r, c, CUT_HEADER);
}

static void look_at(struct registry *r, struct connection *c, int64_t now)
{
    if (c->cut)
        return;
    switch (c->phase) {
    case PHASE_HEADER:
        look_at_idle(r, c, now);
        break;
    case PHASE_BODY:
        if (!c->resting && falls_behind(&r->limits, c, atomic_load_explicit(&c->moved, memory_order_relaxed),
                                        now - c->since))
            cut_connection(r, c, CUT_BODY);
        break;
    case PHASE_SENDING:
        look_at_reader(r, c, now);
        break;
    case PHASE_WORKING:
        break;
    }
}

/* Whether it is over. */
static bool lingered_enough(struct registry *r, const struct lingerer *l, int64_t now)
{
    char waste[16384];
    ssize_t got = 1;

    for (int i = 0; i < 64 && got > 0; i++)
        got = recv(l->fd, waste, sizeof waste, MSG_DONTWAIT);
    if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return true;
    if (!has_unsent(l->fd))
        return got == 0 || now - l->since > LINGER_MS;
    if (!too_slow(&r->limits, bytes_acked(l->fd) - l->acked, now - l->since))
        return false;
    reset_on_close(l->fd);
    atomic_fetch_add_explicit(&r->cuts[CUT_READER], 1, memory_order_relaxed);
    return true;
}

static void look_at_lingerers(struct registry *r, int64_t now)
{
    pthread_mutex_lock(&r->linger_lock);
    for (size_t i = 0; i < r->lingerer_count;) {
        if (!lingered_enough(r, &r->lingerers[i], now)) {
            i++;
            continue;
        }
        (void)close(r->lingerers[i].fd);
        r->lingerers[i] = r->lingerers[--r->lingerer_count];
    }
    pthread_mutex_unlock(&r->linger_lock);
}

static void log_cuts(const struct registry *r, unsigned long before[CUTS])
{
    static const char *const names[CUTS] = {"header", "body", "reader", "response", "evicted"};
    unsigned long now[CUTS];
    struct log_line line;

    for (size_t i = 0; i < CUTS; i++)
        now[i] = atomic_load_explicit(&r->cuts[i], memory_order_relaxed);
    if (memcmp(now, before, sizeof now) == 0)
        return;
    log_begin(&line, "connections_cut");
    for (size_t i = 0; i < CUTS; i++) {
        if (now[i] != before[i])
            log_number(&line, names[i], (int64_t)(now[i] - before[i]));
    }
    log_number(&line, "connections", atomic_load(&r->live));
    log_end(&line);
    memcpy(before, now, sizeof now);
}

static void look_round(struct registry *r)
{
    int64_t now = clock_monotonic_ms();

    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *s = &r->shards[i];

        pthread_mutex_lock(&s->lock);
        for (struct connection *c = s->first; c != NULL; c = c->next)
            look_at(r, c, now);
        pthread_mutex_unlock(&s->lock);
    }
    look_at_lingerers(r, now);
}

static long tick_ms(const struct http_limits *limits)
{
    unsigned least = limits->header_ms < limits->grace_ms ? limits->header_ms : limits->grace_ms;

    least /= 8;
    return least < TICK_MIN ? TICK_MIN : least > TICK_MAX ? TICK_MAX : (long)least;
}

static bool wait_tick(struct registry *r)
{
    struct timespec until;
    bool stopping;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += tick_ms(&r->limits) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&r->tick_lock);
    while (!r->stopping && pthread_cond_timedwait(&r->tick, &r->tick_lock, &until) == 0)
        ;
    stopping = r->stopping;
    pthread_mutex_unlock(&r->tick_lock);
    return !stopping;
}

static void *reap(void *arg)
{
    struct registry *r = arg;
    unsigned long logged[CUTS] = {0};
    int64_t next_log = 0;

    while (wait_tick(r)) {
        look_round(r);
        if (clock_monotonic_ms() >= next_log) {
            log_cuts(r, logged);
            next_log = clock_monotonic_ms() + LOG_EVERY_MS;
        }
    }
    log_cuts(r, logged);
    return NULL;
}

int registry_start(struct registry *r, const struct http_limits *limits, struct err *e)
{
    pthread_condattr_t monotonic;

    r->limits = *limits;
    r->threshold = limits->connections - limits->connections / 10;
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&r->shards[i].lock, NULL);
        r->shards[i].turns = &r->turns;
    }
    pthread_mutex_init(&r->linger_lock, NULL);
    pthread_mutex_init(&r->tick_lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->tick, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&r->reaper, NULL, reap, r) != 0)
        return err_set(e, ERR_UNAVAILABLE, "The system gave no thread to watch the connections; try again.",
                       "系统未能提供监视连接的线程，请重试。");
    r->running = true;
    return 0;
}

void registry_stop(struct registry *r)
{
    if (!r->running)
        return;
    pthread_mutex_lock(&r->tick_lock);
    r->stopping = true;
    pthread_cond_signal(&r->tick);
    pthread_mutex_unlock(&r->tick_lock);
    pthread_join(r->reaper, NULL);
    r->running = false;
}

void registry_dispose(struct registry *r)
{
    registry_stop(r);
    for (size_t i = 0; i < r->lingerer_count; i++)
        (void)close(r->lingerers[i].fd);
    r->lingerer_count = 0;
}
