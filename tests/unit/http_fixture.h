/* http_fixture.h - a small service on a port of its own, and a client that can misbehave. */
#pragma once
#include "base/clock.h"
#include "base/digest.h"
#include "http/http.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PDF_SIZE = 200000, ANSWER_MAX = 4 * 1024 * 1024, PATIENCE_S = 20 };

struct fixture {
    struct http_server *server;
    struct http_config config;
    atomic_uint opened, closed;
    atomic_uint largest_batch, batches, jobs, rests;
    /* A gate at which the handler of /slow waits. */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool gate_closed;
    unsigned at_gate;
    atomic_uint streams_opened, streams_closed, stream_reads;
    char spool_dir[64];
    char served[64]; /* who passed it in a shared lane: 'k' with a key, 'g' a guest */
};

static uint8_t pdf_bytes[PDF_SIZE];

static inline void nap(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

static inline void gate_pass(struct fixture *f)
{
    pthread_mutex_lock(&f->lock);
    f->at_gate++;
    pthread_cond_broadcast(&f->moved);
    while (f->gate_closed)
        pthread_cond_wait(&f->moved, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static inline void gate_set(struct fixture *f, bool closed)
{
    pthread_mutex_lock(&f->lock);
    f->gate_closed = closed;
    pthread_cond_broadcast(&f->moved);
    pthread_mutex_unlock(&f->lock);
}

static inline void gate_wait(struct fixture *f, unsigned count)
{
    pthread_mutex_lock(&f->lock);
    while (f->at_gate < count)
        pthread_cond_wait(&f->moved, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static inline void answer_text(struct response *res, const char *text)
{
    struct buf b = BUF_INIT(ANSWER_MAX);

    buf_append_text(&b, text);
    response_adopt(res, "text/plain", &b);
}

/* "route=/x/{id} params=a b path=/x/a q=1 english=0 address=127.0.0.1 body=5" */
static int handle_echo(void *app, struct request *req, struct response *res, struct err *e)
{
    const char *q = request_query(req, "q");
    struct buf b = BUF_INIT(ANSWER_MAX);

    (void)app;
    (void)e;
    buf_printf(&b, "route=%s", req->route->pattern);
    for (size_t i = 0; i < HTTP_PARAMS_MAX && req->params[i] != NULL; i++)
        buf_printf(&b, " param=<%s>", req->params[i]);
    buf_printf(&b, " q=<%s> english=%d address=%s body=%zu", q ? q : "", req->english, req->address,
               req->body.len);
    if (req->body.len > 0 && req->body.len < 200)
        buf_printf(&b, ":%.*s", (int)req->body.len, (const char *)req->body.ptr);
    response_adopt(res, "text/plain", &b);
    return 0;
}

static int handle_pdf(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    (void)req;
    (void)e;
    response_fixed(res, "application/pdf", (struct slice){pdf_bytes, sizeof pdf_bytes});
    res->etag = "\"abc\"";
    res->ranges = true;
    return 0;
}

static int handle_slow(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)req;
    (void)e;
    gate_pass(app);
    answer_text(res, "passed");
    return 0;
}

static int handle_form(void *app, struct request *req, struct response *res, struct err *e)
{
    struct slice file = {NULL, 0};
    const char *name = NULL, *text = request_field(req, "text");
    struct buf b = BUF_INIT(ANSWER_MAX);

    (void)app;
    (void)e;
    request_file(&file, &name, req, "file");
    buf_printf(&b, "text=<%s> name=<%s> file=<%.*s>", text ? text : "-", name ? name : "-", (int)file.len,
               file.len ? (const char *)file.ptr : "");
    response_adopt(res, "text/plain", &b);
    return 0;
}

static int handle_failing(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    answer_text(res, "must not be seen");
    if (req->thread == NULL)
        return err_set(e, ERR_INTERNAL, "no thread", "没有线程");
    return err_set(e, ERR_CONFLICT, "That was issued before.", "已经开具过。");
}

static int handle_shared(void *app, struct request *req, struct response *res, struct err *e)
{
    struct fixture *f = app;

    pthread_mutex_lock(&f->lock);
    strncat(f->served, req->route->scope ? "k" : "g", sizeof f->served - strlen(f->served) - 1);
    pthread_mutex_unlock(&f->lock);
    return handle_slow(app, req, res, e);
}

/* A body made while it is sent: byte i is stream_byte(i). */
struct fixture_stream {
    struct fixture *f;
    uint64_t broken_at;
};

static inline uint8_t stream_byte(uint64_t i)
{
    return (uint8_t)(i * 31 + (i >> 12) * 7);
}

static int stream_give(void *arg, uint64_t at, uint8_t *out, size_t len)
{
    struct fixture_stream *s = arg;

    atomic_fetch_add(&s->f->stream_reads, 1);
    if (at + len > s->broken_at)
        return -1;
    for (size_t i = 0; i < len; i++)
        out[i] = stream_byte(at + i);
    return 0;
}

static void stream_shut(void *arg)
{
    struct fixture_stream *s = arg;

    atomic_fetch_add(&s->f->streams_closed, 1);
    free(s);
}

static int handle_stream(void *app, struct request *req, struct response *res, struct err *e)
{
    struct fixture_stream *s = malloc(sizeof *s);
    struct response_source source = {strtoull(req->params[0], NULL, 10), stream_give, stream_shut, s};

    assert_non_null(s);
    *s = (struct fixture_stream){app, req->params[1] ? strtoull(req->params[1], NULL, 10) : UINT64_MAX};
    atomic_fetch_add(&s->f->streams_opened, 1);
    response_stream(res, "application/zip", &source);
    res->etag = "\"made\"";
    res->ranges = true;
    if (strstr(req->path, "refused") != NULL)
        return err_set(e, ERR_CONFLICT, "Not after all.", "还是不行。");
    return 0;
}

/* "spool=SIZE:CRC text=<...> file=<NAME>:SIZE:CRC ..." */
static void describe_spool(struct buf *out, const struct spool *s)
{
    struct buf content = BUF_INIT((size_t)64 * 1024 * 1024);
    size_t at = 0;

    while (at < s->size) {
        uint8_t *to = buf_room(&content, 65536);
        ssize_t n = pread(s->fd, to, s->size - at < 65536 ? s->size - at : 65536, (off_t)(s->offset + at));

        assert_true(n > 0);
        buf_wrote(&content, (size_t)n);
        at += (size_t)n;
    }
    buf_printf(out, "%zu:%08x", (size_t)s->size, crc32_of(buf_view(&content)));
    buf_dispose(&content);
}

static int handle_spool(void *app, struct request *req, struct response *res, struct err *e)
{
    const char *name = NULL, *text = request_field(req, "text");
    struct buf b = BUF_INIT(ANSWER_MAX);
    struct slice none;
    struct spool s;

    (void)app;
    (void)e;
    assert_int_equal(req->body.len, 0);
    assert_false(request_file(&none, NULL, req, "file"));
    if (request_spool(&s, req)) {
        buf_append_text(&b, "spool=");
        describe_spool(&b, &s);
    }
    buf_printf(&b, " text=<%s>", text ? text : "-");
    for (size_t i = 0; request_spooled_file_at(&s, &name, req, "file", i); i++) {
        buf_printf(&b, " file=<%s>:", name);
        describe_spool(&b, &s);
    }
    response_adopt(res, "text/plain", &b);
    return 0;
}

static int handle_cookie(void *app, struct request *req, struct response *res, struct err *e)
{
    const char *value = request_cookie(req, "sid");

    (void)app;
    (void)e;
    answer_text(res, value ? value : "none");
    return 0;
}

static const struct route fixture_table[] = {
    {HTTP_GET, "/", handle_echo, LANE_INLINE, 0, 0, NULL},
    {HTTP_GET, "/x/{id}", handle_echo, LANE_INLINE, 0, 0, NULL},
    {HTTP_GET, "/x/{id}.pdf", handle_pdf, 1, 0, ROUTE_UNPACED, NULL},
    {HTTP_POST, "/x/{id}/revoke", handle_echo, 1, 1000, 0, NULL},
    {HTTP_GET, "/x/special", handle_echo, LANE_INLINE, 0, 0, NULL},
    {HTTP_GET, "/v/", handle_echo, LANE_INLINE, 0, 0, NULL},
    {HTTP_GET, "/v/{token}", handle_echo, LANE_INLINE, 0, 0, "public"},
    {HTTP_POST, "/x", handle_echo, 1, 1000, 0, NULL},
    {HTTP_PUT, "/x/{id}", handle_echo, LANE_INLINE, 1000, 0, NULL},
    {HTTP_POST, "/inline", handle_echo, LANE_INLINE, 1000, 0, NULL},
    {HTTP_POST, "/upload", handle_echo, 1, 1024 * 1024, 0, NULL},
    {HTTP_POST, "/form", handle_form, 1, 100000, ROUTE_FORM, NULL},
    {HTTP_GET, "/slow", handle_slow, 1, 0, 0, NULL},
    {HTTP_POST, "/slow", handle_slow, 1, 1024 * 1024, 0, NULL},
    {HTTP_GET, "/fail", handle_failing, 1, 0, 0, NULL},
    {HTTP_GET, "/together", handle_slow, 2, 0, 0, NULL},
    {HTTP_GET, "/guest", handle_shared, 3, 0, 0, NULL},
    {HTTP_GET, "/keyed", handle_shared, 3, 0, 0, "a"},
    {HTTP_PUT, "/spool", handle_spool, 1, (size_t)5 << 30, ROUTE_SPOOL, NULL},
    {HTTP_PUT, "/spool/little", handle_spool, 1, 3000000, ROUTE_SPOOL, NULL},
    {HTTP_PUT, "/spool/inline", handle_spool, LANE_INLINE, 3000000, ROUTE_SPOOL, NULL},
    {HTTP_POST, "/spool/form", handle_spool, 1, 3000000, ROUTE_SPOOL | ROUTE_FORM, NULL},
    {HTTP_GET, "/cookie", handle_cookie, LANE_INLINE, 0, 0, NULL},
    {HTTP_GET, "/stream/{size}", handle_stream, 1, 0, ROUTE_UNPACED, NULL},
    {HTTP_GET, "/stream/{size}/broken/{at}", handle_stream, 1, 0, ROUTE_UNPACED, NULL},
    {HTTP_GET, "/stream/{size}/refused", handle_stream, 1, 0, ROUTE_UNPACED, NULL},
};
enum { FIXTURE_ROUTES = sizeof fixture_table / sizeof fixture_table[0] };

static void *fixture_open(void *app, struct err *e)
{
    struct fixture *f = app;

    (void)e;
    atomic_fetch_add(&f->opened, 1);
    return f;
}

static void fixture_rest(void *app, void *thread)
{
    struct fixture *f = app;

    assert_ptr_equal(thread, app);
    atomic_fetch_add(&f->rests, 1);
}

static void fixture_close(void *app, void *thread)
{
    struct fixture *f = app;

    assert_ptr_equal(thread, f);
    atomic_fetch_add(&f->closed, 1);
}

static void fixture_batch(void *app, void *thread, struct http_work *work, size_t count)
{
    struct fixture *f = app;

    (void)thread;
    atomic_fetch_add(&f->batches, 1);
    if (count > atomic_load(&f->largest_batch))
        atomic_store(&f->largest_batch, (unsigned)count);
    gate_pass(f);
    for (size_t i = 0; i < count; i++) {
        answer_text(work[i].res, "together");
        work[i].rc = 0;
    }
}

static bool fixture_together(const struct route *route)
{
    return strcmp(route->pattern, "/together") == 0;
}

static int fixture_enter(void *app, struct request *req, struct err *e)
{
    (void)app;
    if (request_header(req, "X-Refuse") != NULL)
        return err_set(e, ERR_FORBIDDEN, "no", "不行");
    return 0;
}

static void fixture_refuse(void *app, const struct request *req, struct response *res, int status,
                           const struct err *e)
{
    (void)app;
    (void)req;
    res->status = status ? status : e->code == ERR_FORBIDDEN ? 403 : e->code == ERR_CONFLICT ? 409 : 500;
    answer_text(res, e->en);
}

static void fixture_dress(void *app, const struct request *req, struct response *res)
{
    (void)app;
    (void)req;
    response_header(res, "X-Dressed", "yes");
}

static const struct http_lane fixture_lanes[] = {
    {.name = "inline", .open = fixture_open, .close = fixture_close},
    {.name = "work", .threads = 2, .capacity = 3, .open = fixture_open, .close = fixture_close},
    {.name = "batch",
     .threads = 1,
     .capacity = 100,
     .open = fixture_open,
     .close = fixture_close,
     .batch = fixture_batch,
     .together = fixture_together,
     .rest = fixture_rest,
     .rest_ms = 20},
    {.name = "shared", .threads = 1, .capacity = 4, .open = fixture_open, .close = fixture_close},
};

/* Small limits make the tests quick; nothing asserts how quick. */
static inline void fixture_start(struct fixture *f, const struct http_limits *limits)
{
    static const struct route *routes[FIXTURE_ROUTES + 1];
    static const char *const proxies[] = {"127.0.0.1", "10.0.0.0/8", NULL};
    struct err e = {0};

    for (size_t i = 0; i < FIXTURE_ROUTES; i++)
        routes[i] = &fixture_table[i];
    for (size_t i = 0; i < PDF_SIZE; i++)
        pdf_bytes[i] = (uint8_t)(i * 7 + i / 256);
    memset(f, 0, sizeof *f);
    (void)snprintf(f->spool_dir, sizeof f->spool_dir, "/tmp/sealpress-http-XXXXXX");
    assert_non_null(mkdtemp(f->spool_dir));
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->moved, NULL);
    f->config = (struct http_config){.listen = "127.0.0.1:0",
                                     .threads = 2,
                                     .trusted_proxies = proxies,
                                     .routes = routes,
                                     .lanes = fixture_lanes,
                                     .lane_count = 4,
                                     .app = f,
                                     .enter = fixture_enter,
                                     .refuse = fixture_refuse,
                                     .dress = fixture_dress,
                                     .spool_dir = f->spool_dir};
    if (limits != NULL)
        f->config.limits = *limits;
    if (http_start(&f->server, &f->config, &e) != 0)
        fail_msg("%s %s", e.en, e.detail);
}

static inline void fixture_stop(struct fixture *f)
{
    gate_set(f, false);
    http_stop(f->server);
    assert_int_equal(atomic_load(&f->opened), atomic_load(&f->closed));
    assert_true(atomic_load(&f->opened) >= 3);
    assert_int_equal(atomic_load(&f->streams_opened), atomic_load(&f->streams_closed));
    assert_int_equal(rmdir(f->spool_dir), 0); /* nothing is left behind */
}

static inline int fixture_number(const struct fixture *f, const char *name)
{
    struct buf b = BUF_INIT(1 << 20);
    char line[200];
    const char *at;
    int value;

    (void)snprintf(line, sizeof line, "\nsealpress_http_%s", name);
    http_metrics(&b, f->server);
    at = strstr(buf_text(&b), line);
    if (at == NULL)
        fail_msg("no metric %s", name);
    value = atoi(at + strlen(line));
    buf_dispose(&b);
    return value;
}

/* --- the client --- */

static inline int dial_with(const struct fixture *f, int receive_buffer)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(f->server))};
    const struct timeval patience = {PATIENCE_S, 0};
    const int on = 1, segment = 1400;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (receive_buffer > 0) { /* with the loopback's segments of 64 KB a small window would stand still */
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static inline int dial(const struct fixture *f)
{
    return dial_with(f, 0);
}

/* False when the other side has gone. */
static inline bool say(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static inline bool say_text(int fd, const char *text)
{
    return say(fd, text, strlen(text));
}

/* One answer by its Content-Length, or all until the end where there is none; "" when the connection ended
 * without one. The caller frees it. */
static inline char *hear_answer(int fd, bool head)
{
    char *text = calloc(1, ANSWER_MAX + 1);
    size_t len = 0, want = SIZE_MAX;

    assert_non_null(text);
    while (len < want && len < ANSWER_MAX) {
        size_t room = want == SIZE_MAX ? 1 : want - len;
        ssize_t n = recv(fd, text + len, room, 0);
        char *end, *length;

        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            fail_msg("no answer in time");
        if (n <= 0)
            break;
        len += (size_t)n;
        if (want != SIZE_MAX || (end = strstr(text, "\r\n\r\n")) == NULL)
            continue;
        length = strcasestr(text, "\r\nContent-Length:");
        want = (size_t)(end + 4 - text);
        if (strncmp(text + 9, "100", 3) == 0)
            break;
        if (!head && strncmp(text + 9, "304", 3) != 0 && length != NULL)
            want += strtoul(length + 17, NULL, 10);
    }
    return text;
}

static inline char *hear(int fd)
{
    return hear_answer(fd, false);
}

/* Whether the server closes the connection (after whatever it still says). */
static inline bool hear_end(int fd)
{
    char waste[4096];
    ssize_t n;

    while ((n = recv(fd, waste, sizeof waste, 0)) > 0)
        ;
    return n == 0 || errno == ECONNRESET;
}

static inline int status_of(const char *answer)
{
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

/* Sends on a new connection and returns the first answer. */
static inline char *ask_bytes(const struct fixture *f, const void *bytes, size_t len)
{
    int fd = dial(f);
    char *answer;

    (void)say(fd, bytes, len);
    answer = hear(fd);
    close(fd);
    return answer;
}

static inline char *ask(const struct fixture *f, const char *text)
{
    return ask_bytes(f, text, strlen(text));
}

static inline int ask_status(const struct fixture *f, const char *text)
{
    char *answer = ask(f, text);
    int status = status_of(answer);

    free(answer);
    return status;
}

static inline char *get_with(const struct fixture *f, const char *target, const char *headers)
{
    char text[8192];

    (void)snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", target, headers);
    return ask(f, text);
}

#define assert_answer_has(answer, text)                                                                      \
    do {                                                                                                     \
        if (strstr((answer), (text)) == NULL)                                                                \
            fail_msg("\"%s\" is not in \"%.600s\"", (text), (answer));                                       \
    } while (0)
