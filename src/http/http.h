/* http.h - requests in, responses out: libmicrohttpd behind a small door, with the limits that strangers
 * need.
 *
 * Threads: a few connection threads speak HTTP. A route's handler runs on its lane: a bounded queue with
 * threads of its own, or (LANE_INLINE) on the connection thread itself, for what is answered in microseconds.
 * A full lane is 503 with Retry-After at once. In a lane that has routes with a scope and without, the latter
 * fill half of it at most and wait behind the others: strangers do not shut out who has a key.
 *
 * Deadlines (RFC 9110 leaves them to us; one byte every 2 s must not live for ever): a header is complete
 * limits.header_ms after the connection or the last answer, else the connection is closed; body and response
 * move at least limits.bytes_per_second on average, counted from limits.grace_ms on; who was faster may rest
 * for three times that long. From 90 % of
 * limits.connections the oldest connection without a complete header is closed for every new one, and
 * requests above it get a fixed 503. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE, HTTP_METHODS };
const char *http_method_name(enum http_method m);

enum { HTTP_PARAMS_MAX = 4, HTTP_LANES_MAX = 6, HTTP_BATCH_MAX = 32, LANE_INLINE = 0 };

struct route;

/* A request with its whole body. Everything is the request's own and ends with it. */
struct request {
    char id[17];                         /* 16 hex digits: in the log, in X-Request-Id, in problems */
    const struct route *route;           /* NULL where none fits */
    enum http_method method;             /* HEAD is HTTP_GET whose body is not sent */
    bool head;                           /* for those where looking must not count as taking */
    const char *path;                    /* decoded; for messages only */
    const char *params[HTTP_PARAMS_MAX]; /* what stands in the pattern's braces: decoded UTF-8, not empty, no
                                            control character, no slash */
    struct slice body;                   /* empty with ROUTE_FORM */
    const char *address; /* of the client, behind the proxies we trust; textual, IPv6 cut to /64 */
    bool english;        /* ?lang=, else Accept-Language, else Chinese */
    struct arena *arena;
    void *thread;                   /* what the lane's open() made for the thread that runs the handler */
    void *caller;                   /* whatever enter() found out (api/: the key) */
    struct http_exchange *exchange; /* only http/ looks inside */
};
/* The first such header, or NULL. */
const char *request_header(const struct request *r, const char *name);
/* The decoded value in the query string, or NULL. Two of the same name, or bytes that are no UTF-8 or contain
 * NUL, were refused with 400 before the handler ran. */
const char *request_query(const struct request *r, const char *name);
/* ERR_INVALID naming the first query parameter that is not in names (NULL ends it). "lang" is always known.
 */
MUST_CHECK int request_query_check(const struct request *r, const char *const names[], struct err *e);
/* Fields of a form (ROUTE_FORM; application/x-www-form-urlencoded or multipart/form-data). NULL or false
 * where there is none. A file's name is for showing only. */
const char *request_field(const struct request *r, const char *name);
bool request_file(struct slice *out, const char **file_name, const struct request *r, const char *name);

/* Part of an open file that has no name any more. It is gone when the handler has ended: who needs it later
 * copies it. */
struct spool {
    int fd;
    uint64_t offset, size;
};
/* With ROUTE_SPOOL: the body, or (ROUTE_FORM) the file in that field and its name. false where there is none;
 * a form's field without a chosen file counts as none. */
bool request_spool(struct spool *out, const struct request *r);
bool request_spooled_file(struct spool *out, const char **file_name, const struct request *r,
                          const char *name);
/* The index-th of several files in fields of that name. */
bool request_spooled_file_at(struct spool *out, const char **file_name, const struct request *r,
                             const char *name, size_t index);
/* The value of that cookie (RFC 6265), or NULL; several of one name: NULL. */
const char *request_cookie(const struct request *r, const char *name);

enum { RESPONSE_HEADERS_MAX = 24 };

/* A body that is read while it is sent, in any order of pieces: its bytes and their number are known
 * beforehand and never change. read and close run on connection threads, one call at a time. */
struct response_source {
    uint64_t size;
    /* Exactly len bytes from offset at; -1: the connection is cut, since a shorter body would pass for whole.
     */
    int (*read)(void *arg, uint64_t at, uint8_t *out, size_t len);
    void (*close)(void *arg); /* always called, also where nothing was sent */
    void *arg;
};

/* Starts as 200 without a body. */
struct response {
    int status;
    const char *content_type;      /* static, or the arena's */
    struct buf body;               /* owned; or */
    struct slice fixed;            /* bytes that outlive the server; or */
    struct response_source source; /* read is NULL where there is none */
    struct {
        const char *name, *value;
    } headers[RESPONSE_HEADERS_MAX];
    size_t header_count;
    const char *etag; /* quoted; If-None-Match is answered from it */
    bool ranges;      /* Range and If-Range are honoured (one range; RFC 9110 14.2); needs etag */
    bool close;       /* Connection: close */
};
/* Name and value must live as long as the request. A CR, LF or NUL in the value is a bug (assert). */
void response_header(struct response *res, const char *name, const char *value);
/* Takes body over; it is empty afterwards. */
void response_adopt(struct response *res, const char *content_type, struct buf *body);
void response_fixed(struct response *res, const char *content_type, struct slice bytes);
/* The source is the response's from here on. With etag and ranges, Range and If-Range are honoured. */
void response_stream(struct response *res, const char *content_type, const struct response_source *source);

/* 0 with res filled, or -1 with *e: then config.refuse makes the answer. */
typedef int http_handler(void *app, struct request *req, struct response *res, struct err *e);

enum route_flags {
    ROUTE_FORM = 1,    /* the body is a form */
    ROUTE_UNPACED = 2, /* the response may take as long as it likes while it keeps the rate (PDF, ZIP) */
    ROUTE_SPOOL = 4    /* the body goes to a file as it comes and never stays in memory: request_spool(). With
                          ROUTE_FORM the fields are in memory (64 KiB in all), the files in that file */
};

struct route { /* NOLINT(clang-analyzer-optin.performance.Padding): tables are written in this order */
    enum http_method method;
    const char
        *pattern; /* "/v1/certificates/{id}.pdf"; {x} takes one segment, or part of it before a suffix */
    http_handler *handle;
    unsigned lane;   /* LANE_INLINE or 1..: index in http_config.lanes */
    size_t max_body; /* 0: none is taken */
    unsigned flags;
    const char *scope; /* api/: what the key must allow; NULL: no key */
};

/* Work that a lane's thread takes together. */
struct http_work {
    struct request *req;
    struct response *res;
    int rc;
    struct err err;
};

struct http_lane {
    const char *name; /* of the metrics */
    unsigned threads; /* ignored for LANE_INLINE: the connection threads */
    size_t capacity;  /* waiting requests at most */
    /* Made once a thread, NULL with *e is a failed start; close may be NULL. */
    void *(*open)(void *app, struct err *e);
    void (*close)(void *app, void *thread);
    /* NULL: each request's handler by itself. Else up to HTTP_BATCH_MAX waiting requests of one route at
     * once; a thread that took several last time waits 3 ms at most for as many. */
    void (*batch)(void *app, void *thread, struct http_work *work, size_t count);
    /* Whether requests to this route may be taken together (only with batch). */
    bool (*together)(const struct route *route);
    /* Called on a thread that has had nothing to do for rest_ms, once until it has worked again; may be NULL.
     * Not for LANE_INLINE. */
    void (*rest)(void *app, void *thread);
    unsigned rest_ms;
};

struct http_limits {
    unsigned connections;      /* default 12000; lowered to what RLIMIT_NOFILE allows */
    unsigned header_ms;        /* default 10000 */
    unsigned grace_ms;         /* default 10000 */
    unsigned bytes_per_second; /* default 4096 */
    unsigned response_ms;      /* default 120000: a response without ROUTE_UNPACED takes no longer */
    size_t body_bytes;         /* of all bodies in memory together; default 256 MiB; above it 503. Bodies of
                                  up to 64 KiB have an eighth more for themselves */
    uint64_t spool_bytes;      /* of all bodies that go to files; default 16 GiB; above it 503 */
    unsigned drain_ms;         /* default 30000 */
};

struct http_config {
    const char *listen;                 /* "127.0.0.1:8080", "[::1]:0" */
    unsigned threads;                   /* connection threads; 0: one a core */
    const char *const *trusted_proxies; /* addresses or networks (10.0.0.0/8, ::1); NULL ends it */
    struct http_limits limits;          /* 0 members: the default */
    const struct route *const *routes;  /* NULL ends it */
    const struct http_lane *lanes;      /* lanes[0] is LANE_INLINE */
    size_t lane_count;
    void *app;
    /* Before the body is read, on the connection thread, for every request that has a route: who calls, may
     * they? -1 refuses. req->thread is that of LANE_INLINE. */
    int (*enter)(void *app, struct request *req, struct err *e);
    /* Makes the answer to a failure. status is 0: from e->code; else what http/ itself found: 400, 404, 405,
     * 408, 411, 413, 414, 415, 417, 429, 431, 501, 503. */
    void (*refuse)(void *app, const struct request *req, struct response *res, int status,
                   const struct err *e);
    /* Adds headers to every response, or NULL. */
    void (*dress)(void *app, const struct request *req, struct response *res);
    const char *spool_dir; /* where ROUTE_SPOOL writes; NULL: such routes are 503 */
    bool quiet;            /* no line in the log for each request */
    /* Who called, for the log (an id, no name and no secret), or NULL. May be NULL. */
    const char *(*caller_name)(const struct request *req);
};

struct http_server;
/* Binds, starts all threads and answers. ERR_UNAVAILABLE when the address is taken. */
MUST_CHECK int http_start(struct http_server **out, const struct http_config *config, struct err *e);
/* The port that was bound (for "...:0"). */
unsigned http_port(const struct http_server *s);
/* Runs job on a thread of the lane as soon as one is free, before waiting requests. false when it is
 * stopping. */
bool http_submit(struct http_server *s, unsigned lane, void (*job)(void *app, void *thread, void *arg),
                 void *arg);
/* Appends counters in the Prometheus text format: sealpress_http_*. */
void http_metrics(struct buf *out, const struct http_server *s);
/* Stops listening, lets what was begun end (limits.drain_ms at most), stops all threads. */
void http_stop(struct http_server *s);
