/* http_internal.h - connections, exchanges and lanes: what the files of this room know of each other. */
#pragma once
#include "http/http.h"
#include "http/parse.h"
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum { SHARDS = 16, LINGERERS_MAX = 512, SPARES_MAX = 64, LANE_BUCKETS = 13, BUSY_RETRY_MAX = 30 };

struct http_server;

/* --- connection.c: who is connected, and whether he still may be --- */

enum phase { PHASE_HEADER, PHASE_BODY, PHASE_WORKING, PHASE_SENDING };
enum cut { CUT_HEADER, CUT_BODY, CUT_READER, CUT_RESPONSE, CUT_EVICTED, CUTS };

struct connection {
    struct shard *shard;
    int fd;
    struct connection *next, *previous; /* of the shard */
    struct connection *younger, *older; /* in the shard's list of those that owe a header */
    unsigned long owed;                 /* its number among those that came to owe one */
    bool owes_header;                   /* is in that list */
    bool cut;                           /* shut down by us; the library has not noticed yet */
    bool answered;                      /* at least one response was begun */
    bool unread;                        /* refused before its body was read: linger */
    bool unpaced;                       /* the response has no ceiling of time */
    bool tail;                          /* the reaper: the kernel still holds bytes of the last response */
    enum phase phase;
    int64_t since;            /* the phase began, clock_monotonic_ms() */
    unsigned turn, seen_turn; /* counts phases; the last one the reaper saw */
    uint64_t acked;           /* bytes the client had acknowledged when the reaper first looked */
    int64_t looked;           /* ... and when that was */
    atomic_size_t moved;      /* bytes of the body that arrived in this phase */
    uint64_t forfeited;       /* the reaper: of the bytes of this phase, what came too far ahead to count */
    bool resting;             /* our disk keeps it waiting: the clock of the phase stands ... */
    int64_t resting_since;    /* ... since then */
};

struct shard {
    pthread_mutex_t lock;
    struct connection *first;
    struct connection *oldest, *youngest; /* those that owe a header, by owed */
    atomic_ulong *turns;                  /* the registry's; numbers them in all shards */
};

/* A connection the library has closed while the client still reads our last bytes or sends what nobody wants:
 * closing at once would reset it and destroy the answer on its way. */
struct lingerer {
    int fd;
    int64_t since;
    uint64_t acked;
};

struct registry {
    struct shard shards[SHARDS];
    struct http_limits limits;
    unsigned threshold; /* 90 % of limits.connections */
    atomic_uint live;   /* connections that are not cut */
    atomic_uint open;   /* all that the library holds */
    atomic_ulong cuts[CUTS];
    atomic_ulong opened, turns;
    pthread_mutex_t linger_lock;
    struct lingerer lingerers[LINGERERS_MAX];
    atomic_size_t lingerer_count; /* changed under the lock */
    pthread_t reaper;
    pthread_mutex_t tick_lock;
    pthread_cond_t tick;
    bool running, stopping;
};

MUST_CHECK int registry_start(struct registry *r, const struct http_limits *limits, struct err *e);
/* The reaper ends; connections still registered stay as they are. */
void registry_stop(struct registry *r);
void registry_dispose(struct registry *r);
/* NULL without memory. */
struct connection *connection_open(struct registry *r, int fd);
void connection_close(struct registry *r, struct connection *c);
void connection_phase(struct connection *c, enum phase phase);
/* While our own disk keeps the client waiting, his time does not count. */
void connection_rest(struct connection *c, bool resting);
/* Whether 90 % of the connections are in use by others than those that can be evicted. */
bool registry_crowded(const struct registry *r);
/* Shuts connections down: those between two requests, or all but those whose request is on a lane. */
void registry_hang_up(struct registry *r, bool only_idle);

/* --- lane.c --- */

struct job {
    struct job *next;
    void (*run)(void *app, void *thread, void *arg);
    void *arg;
};

struct lane {
    const struct http_lane *config;
    struct http_server *server;
    pthread_mutex_t lock;
    pthread_cond_t work, opened;
    struct http_exchange *first, *last;
    struct job *first_job, *last_job;
    atomic_size_t waiting; /* changed under the lock */
    size_t guests;         /* of them, those of routes without scope */
    bool mixed;            /* serves routes with a scope and without */
    unsigned thread_count, open_count, failed_count;
    pthread_t *threads;
    struct err failure; /* of an open() */
    bool made, stopping, hurried;
    atomic_uint running;
    atomic_ulong taken, refused;
    atomic_ulong service_us; /* moving average of what one request takes of a thread */
    atomic_ulong buckets[LANE_BUCKETS + 1], duration_us, duration_count;
};

MUST_CHECK int lane_start(struct lane *l, struct http_server *s, const struct http_lane *config,
                          struct err *e);
/* hurried: waiting requests are refused instead of answered. Waits for the threads. */
void lane_stop(struct lane *l, bool hurried);
/* Whether it takes no more requests of this route: where strangers and those with a key share a lane,
 * strangers get half of it, so that they cannot shut the others out. */
bool lane_full(struct lane *l, const struct route *route);
/* Suspends the connection and queues the exchange; false when full. */
bool lane_enqueue(struct lane *l, struct http_exchange *x);
unsigned lane_retry_after(struct lane *l);
bool lane_submit(struct lane *l, void (*run)(void *app, void *thread, void *arg), void *arg);
/* For the histogram. */
void lane_took(struct lane *l, uint64_t us);
extern const unsigned lane_bucket_ms[LANE_BUCKETS];

/* --- route.c --- */

struct route_part {
    const char *literal; /* NULL: a parameter ... */
    const char *suffix;  /* ... before this, or "" */
};
struct route_entry {
    const struct route *route;
    struct route_part parts[SEGMENTS_MAX];
    size_t part_count;
    atomic_ulong answered[6]; /* by status class */
};
struct route_table {
    struct route_entry *entries; /* the more literal first */
    size_t count;
    struct arena arena;
};
MUST_CHECK int route_table_make(struct route_table *t, const struct route *const *routes, struct err *e);
void route_table_dispose(struct route_table *t);
/* 0 with *out and the request's parameters; 404, 405 with *allow (a bit a method), 503. */
int route_find(struct route_entry **out, struct request *req, const struct route_table *t,
               const struct target *target, int method, unsigned *allow);

/* --- spool.c: bodies that go to a file as they come --- */

enum { SPOOLS_MAX = 64 }; /* open files at once */

struct spool_body {
    bool open; /* counted among SPOOLS_MAX */
    int fd;
    uint64_t length;         /* bytes of the file, also those in the buffer */
    uint64_t written, begun; /* of them; of those, what the disk was told to begin with */
    uint64_t reserved;       /* in the sum of all */
    uint8_t *buffer;
    size_t fill;
    int failure;  /* errno of a write */
    bool pending; /* the buffer is the thread's; under its lock */
};

struct spooler {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct http_exchange *first, *last; /* suspended until their buffers are written */
    int retired[SPOOLS_MAX];            /* files to close */
    size_t retired_count;
    pthread_t thread;
    bool running, stopping;
    atomic_uint open;
    atomic_uint_least64_t bytes;
    uint64_t bytes_max;
};

MUST_CHECK int spooler_start(struct spooler *s, uint64_t bytes_max, struct err *e);
/* Writes what waits; later flushes are done by who asks for them. */
void spooler_stop(struct spooler *s);
/* Statuses: 0, or a refusal with x->err. announced: the Content-Length, 0 where there is none. */
int spool_begin(struct http_exchange *x, uint64_t announced);
/* That the body has so many bytes by now. */
int spool_count(struct http_exchange *x, uint64_t received);
int spool_put(struct http_exchange *x, struct slice bytes);
bool spool_is_full(const struct http_exchange *x);
/* Has the buffer written; true: until then the connection is suspended. */
bool spool_flush(struct http_exchange *x);
bool spool_is_pending(struct http_exchange *x);
/* Whether all writes went well. */
int spool_judge(struct http_exchange *x);
void spool_release(struct http_exchange *x);

/* --- exchange.c: one request and its answer --- */

enum exchange_state { EXCHANGE_NEW, EXCHANGE_BODY, EXCHANGE_WAITING, EXCHANGE_READY, EXCHANGE_ANSWERED };

struct http_exchange {
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct connection *connection;
    struct http_exchange *next; /* of a lane, or spare */
    enum exchange_state state;  /* the lane's thread writes EXCHANGE_READY before the connection resumes */
    struct arena arena;
    struct request req;
    struct response res;
    struct route_entry *entry;
    struct target target;
    struct form *form; /* NULL: the route takes none */
    struct multipart multipart;
    struct spool_body spool;
    uint64_t announced; /* the length of the body; UINT64_MAX: not said */
    uint64_t received;  /* of a body that is spooled */
    struct buf body;
    size_t counted; /* of the body in the sum of all */
    struct err err;
    int rc;      /* of the handler */
    int refusal; /* a status http/ found itself, 0: none */
    unsigned allow, retry_after;
    struct slice raw_target;
    uintptr_t target_from, target_end; /* where it stood in the request line */
    const char *range, *if_range, *if_none_match;
    bool head, out_of_memory, discarding, malformed, small_body;
    size_t discarded;
    int64_t began_us, ready_us;
    int status;
    size_t sent;
};

/* callbacks of the library */
void *exchange_open(void *server, const char *uri, struct MHD_Connection *mhd);
enum MHD_Result exchange_step(void *server, struct MHD_Connection *mhd, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **context);
void exchange_close(void *server, struct MHD_Connection *mhd, void **context,
                    enum MHD_RequestTerminationCode end);
void exchange_spares_dispose(struct http_server *s);
int64_t exchange_clock_us(void);

/* --- header.c: what the library lets pass and we do not --- */

struct heading {
    bool chunked, has_length;
    uint64_t length;
    const char *content_type, *accept_language, *forwarded, *expect;
};
/* 0, or 400, 417, 431, 501, 503. */
int heading_read(struct heading *out, struct http_exchange *x, const char *method, const char *version);

/* --- request.c --- */

/* Its body, whatever kind it is, is not sent. */
void response_drop(struct response *res);

/* --- reply.c --- */

/* Makes and queues the answer of x: res, or the refusal. */
enum MHD_Result reply_send(struct http_exchange *x);
/* The refusal of x in the middle of its body, where the library takes none: written past it. The connection
 * ends with it. */
enum MHD_Result reply_early(struct http_exchange *x);
/* The fixed 503 of a crowded server. */
struct MHD_Response *reply_busy_new(void);

/* --- server.c --- */

struct http_server {
    struct http_config config;
    struct network *trusted;
    size_t trusted_count;
    struct route_table routes;
    struct registry registry;
    struct lane lanes[HTTP_LANES_MAX];
    struct spooler spooler;
    struct http_lane lane_configs[HTTP_LANES_MAX]; /* copies: the caller's may be on his stack */
    struct MHD_Daemon *daemon;
    struct MHD_Response *busy;
    pthread_key_t inline_key;
    bool has_key;
    unsigned port;
    int quiesced; /* the listening socket while it stops */
    atomic_bool draining;
    atomic_uint in_flight;
    atomic_size_t body_bytes;
    atomic_ulong refused_busy, malformed, unrouted[6], sent_bytes;
    pthread_mutex_t spare_lock;
    struct http_exchange *spares;
    size_t spare_count;
};

/* What lanes[0].open made for this connection thread; -1 when that fails. */
int inline_thread(struct http_server *s, void **out, struct err *e);
