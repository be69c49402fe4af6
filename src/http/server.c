#include "base/clock.h"
#include "base/log.h"
#include "http/http_internal.h"
#include "http/listen.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTION_MEMORY = 24 * 1024,  /* bounds a header */
    OTHER_FILES = 128 + SPOOLS_MAX, /* files that are no connections */
    FILES_A_CONNECTION_LINGERS = LINGERERS_MAX,
    CONNECTIONS_MIN = 16,
    THREADS_MAX = 64,
    DRAIN_STEP_MS = 5,
    LAST_ANSWERS_MS = 500
};

/* --- connection threads --- */

struct inline_desk {
    struct http_server *server;
    void *thread;
};

static void inline_desk_close(void *value)
{
    struct inline_desk *desk = value;
    const struct http_lane *lane = desk->server->lanes[LANE_INLINE].config;

    if (lane->close != NULL)
        lane->close(desk->server->config.app, desk->thread);
    free(desk);
}

int inline_thread(struct http_server *s, void **out, struct err *e)
{
    const struct http_lane *lane = s->lanes[LANE_INLINE].config;
    struct inline_desk *desk = pthread_getspecific(s->inline_key);
    void *thread;

    *out = NULL;
    if (lane->open == NULL)
        return 0;
    if (desk != NULL) {
        *out = desk->thread;
        return 0;
    }
    thread = lane->open(s->config.app, e);
    if (thread == NULL)
        return -1;
    desk = malloc(sizeof *desk);
    if (desk != NULL)
        *desk = (struct inline_desk){s, thread};
    if (desk == NULL || pthread_setspecific(s->inline_key, desk) != 0) {
        free(desk);
        if (lane->close != NULL)
            lane->close(s->config.app, thread);
        return err_no_memory(e);
    }
    *out = thread;
    return 0;
}

static void connection_notify(void *server, struct MHD_Connection *mhd, void **context,
                              enum MHD_ConnectionNotificationCode code)
{
    struct http_server *s = server;
    const union MHD_ConnectionInfo *info;

    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        if (*context != NULL)
            connection_close(&s->registry, *context);
        *context = NULL;
        return;
    }
    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    *context = info ? connection_open(&s->registry, info->connect_fd) : NULL;
    if (*context == NULL && info != NULL)
        (void)shutdown(info->connect_fd, SHUT_RDWR); /* no memory to watch it with */
}

/* Decoding is ours: the library's would let "%2F" and "/" be the same. */
static size_t leave_escaped(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

/* --- start --- */

static unsigned or_default(unsigned value, unsigned otherwise)
{
    return value ? value : otherwise;
}

static void limits_fill(struct http_limits *l)
{
    l->connections = or_default(l->connections, 12000);
    l->header_ms = or_default(l->header_ms, 10000);
    l->grace_ms = or_default(l->grace_ms, 10000);
    l->bytes_per_second = or_default(l->bytes_per_second, 4096);
    l->response_ms = or_default(l->response_ms, 120000);
    l->drain_ms = or_default(l->drain_ms, 30000);
    if (l->body_bytes == 0)
        l->body_bytes = (size_t)256 * 1024 * 1024;
    if (l->spool_bytes == 0)
        l->spool_bytes = (uint64_t)16 * 1024 * 1024 * 1024;
}

/* As many open files as we may have, and no more connections than fit. */
static void limits_fit(struct http_limits *l)
{
    struct rlimit files;
    rlim_t room;
    struct log_line line;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    if (files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
        (void)getrlimit(RLIMIT_NOFILE, &files);
    }
    room = OTHER_FILES + FILES_A_CONNECTION_LINGERS + CONNECTIONS_MIN;
    room =
        files.rlim_cur > room ? files.rlim_cur - OTHER_FILES - FILES_A_CONNECTION_LINGERS : CONNECTIONS_MIN;
    if (files.rlim_cur == RLIM_INFINITY || room >= l->connections)
        return;
    log_begin(&line, "connections_lowered");
    log_number(&line, "wanted", l->connections);
    log_number(&line, "open_files", (int64_t)files.rlim_cur);
    log_number(&line, "connections", (int64_t)room);
    log_end(&line);
    l->connections = (unsigned)room;
}

static int trusted_read(struct http_server *s, struct err *e)
{
    const char *const *proxies = s->config.trusted_proxies;
    size_t count = 0;

    while (proxies != NULL && proxies[count] != NULL)
        count++;
    s->trusted = calloc(count + 1, sizeof *s->trusted);
    if (s->trusted == NULL)
        return err_no_memory(e);
    for (; s->trusted_count < count; s->trusted_count++) {
        if (!network_read(&s->trusted[s->trusted_count], proxies[s->trusted_count]))
            return err_set(e, ERR_INVALID,
                           "\"%.60s\" in trusted_proxies is no address or network; write one like 127.0.0.1 "
                           "or 10.0.0.0/8.",
                           "trusted_proxies 中的“%.60s”不是地址或网段，请写成 127.0.0.1 或 10.0.0.0/8 "
                           "这样的形式。",
                           proxies[s->trusted_count]);
    }
    return 0;
}

/* Whether the lane serves strangers beside those with a key. */
static bool lane_mixed(const struct http_server *s, size_t lane)
{
    bool keyed = false, open = false;

    for (const struct route *const *r = s->config.routes; *r != NULL; r++) {
        if ((*r)->lane == lane)
            *((*r)->scope ? &keyed : &open) = true;
    }
    return keyed && open;
}

static int lanes_start(struct http_server *s, struct err *e)
{
    if (s->config.lane_count == 0 || s->config.lane_count > HTTP_LANES_MAX)
        return err_set(e, ERR_INTERNAL, "The lanes of the service are malformed; this is a bug.",
                       "服务的队列配置有误，这是程序缺陷。");
    for (size_t i = 0; i < s->config.lane_count; i++) {
        s->lane_configs[i] = s->config.lanes[i];
        s->lanes[i].mixed = lane_mixed(s, i);
        if (lane_start(&s->lanes[i], s, &s->lane_configs[i], e) != 0)
            return -1;
    }
    return 0;
}

static unsigned thread_count(const struct http_config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = config->threads ? config->threads : cores > 0 ? (unsigned)cores : 1;

    return threads > THREADS_MAX ? THREADS_MAX : threads;
}

static int daemon_start(struct http_server *s, int fd, struct err *e)
{
    const unsigned flags =
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_TURBO;
    unsigned threads = thread_count(&s->config);
    /* The library divides its limit among its threads; ours counts all, so theirs leaves room for a thread
     * that gets more than its share and for those that are cut and not yet closed. */
    /* No MHD_OPTION_STRICT_FOR_CLIENT: what it refuses (no Host, spaces in the target) it refuses without an
     * answer or with a doubled header. heading_read() and target_read() say it properly. */
    struct MHD_OptionItem pool[] = {
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_step, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        s->registry.limits.connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, exchange_open, s, MHD_OPTION_NOTIFY_COMPLETED, exchange_close, s,
        MHD_OPTION_NOTIFY_CONNECTION, connection_notify, s, MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
    if (s->daemon == NULL)
        return err_set(e, ERR_UNAVAILABLE, "The HTTP library could not start its threads; try again.",
                       "HTTP 库无法启动线程，请重试。");
    return 0;
}

static void server_free(struct http_server *s)
{
    for (size_t i = 0; i < HTTP_LANES_MAX; i++)
        lane_stop(&s->lanes[i], true);
    spooler_stop(&s->spooler);
    if (s->daemon != NULL)
        MHD_stop_daemon(s->daemon);
    if (s->quiesced >= 0)
        (void)close(s->quiesced);
    registry_dispose(&s->registry);
    if (s->busy != NULL)
        MHD_destroy_response(s->busy);
    if (s->has_key)
        pthread_key_delete(s->inline_key);
    exchange_spares_dispose(s);
    route_table_dispose(&s->routes);
    free(s->trusted);
    free(s);
}

int http_start(struct http_server **out, const struct http_config *config, struct err *e)
{
    struct http_server *s = calloc(1, sizeof *s);
    struct http_limits limits = config->limits;
    int fd = -1, rc = -1;

    *out = NULL;
    if (s == NULL)
        return err_no_memory(e);
    s->config = *config;
    s->quiesced = -1;
    pthread_mutex_init(&s->spare_lock, NULL);
    limits_fill(&limits);
    limits_fit(&limits);
    s->busy = reply_busy_new();
    s->has_key = pthread_key_create(&s->inline_key, inline_desk_close) == 0;
    if (s->busy == NULL || !s->has_key) {
        err_no_memory(e);
        goto out;
    }
    if (trusted_read(s, e) != 0 || route_table_make(&s->routes, config->routes, e) != 0 ||
        listen_open(&fd, &s->port, config->listen, e) != 0 ||
        spooler_start(&s->spooler, limits.spool_bytes, e) != 0 || lanes_start(s, e) != 0 ||
        registry_start(&s->registry, &limits, e) != 0 || daemon_start(s, fd, e) != 0)
        goto out;
    *out = s;
    rc = 0;
out:
    if (rc != 0) {
        if (fd >= 0)
            (void)close(fd);
        server_free(s);
    }
    return rc;
}

unsigned http_port(const struct http_server *s)
{
    return s->port;
}

bool http_submit(struct http_server *s, unsigned lane, void (*job)(void *app, void *thread, void *arg),
                 void *arg)
{
    return lane_submit(&s->lanes[lane], job, arg);
}

/* --- stop --- */

static void pause_ms(long ms)
{
    const struct timespec t = {0, ms * 1000000};

    (void)nanosleep(&t, NULL);
}

/* Whether everything that was begun has ended. */
static bool drained(struct http_server *s, int64_t ms)
{
    int64_t until = clock_monotonic_ms() + ms;

    while (atomic_load(&s->in_flight) > 0 || atomic_load(&s->registry.open) > 0) {
        if (clock_monotonic_ms() >= until)
            return false;
        registry_hang_up(&s->registry, true);
        pause_ms(DRAIN_STEP_MS);
    }
    return true;
}

void http_stop(struct http_server *s)
{
    bool calm;

    if (s == NULL)
        return;
    atomic_store(&s->draining, true);
    /* Not closed before the library's threads are gone: they still take it out of their epoll sets. */
    s->quiesced = MHD_quiesce_daemon(s->daemon);
    if (s->quiesced >= 0)
        (void)shutdown(s->quiesced, SHUT_RDWR);
    calm = drained(s, s->registry.limits.drain_ms);
    for (size_t i = 0; i < s->config.lane_count; i++)
        lane_stop(&s->lanes[i], !calm);
    if (!calm) {
        (void)drained(s, LAST_ANSWERS_MS); /* what the lanes refused or finished last */
        registry_hang_up(&s->registry, false);
        (void)drained(s, LAST_ANSWERS_MS);
    }
    server_free(s);
}
