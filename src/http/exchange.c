#include "base/digest.h"
#include "base/log.h"
#include "http/http_internal.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    EARLY_FULL_BYTES = 64 * 1024, /* larger bodies are refused by a full lane before they are read */
    /* What is read of a refused body to keep its answer from being lost: more than any route takes, because a
     * body may be refused at its last byte. Nothing of it is kept, and its rate is watched as any other's. */
    DISCARD_MAX = 32 * 1024 * 1024,
    DISCARD_GLADLY = 1024 * 1024, /* of a body that goes to a file */
    IDS_AT_ONCE = 64
};

int64_t exchange_clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- birth and death --- */

/* Ids need not be secret, only different: drawn from the kernel many at once. */
static bool id_make(char out[17])
{
    static _Thread_local uint8_t pool[IDS_AT_ONCE][8];
    static _Thread_local size_t left;
    struct err e;

    if (left == 0) {
        if (random_bytes(pool, sizeof pool, &e) != 0)
            return false;
        left = IDS_AT_ONCE;
    }
    hex_encode(out, (struct slice){pool[--left], sizeof pool[0]});
    return true;
}

/* Exchanges are used again, each with its arena's first block. */
static struct http_exchange *spare_take(struct http_server *s)
{
    struct http_exchange *x;

    pthread_mutex_lock(&s->spare_lock);
    x = s->spares;
    if (x != NULL) {
        s->spares = x->next;
        s->spare_count--;
    }
    pthread_mutex_unlock(&s->spare_lock);
    return x ? x : calloc(1, sizeof *x);
}

static void spare_give(struct http_server *s, struct http_exchange *x)
{
    struct arena arena;

    buf_dispose(&x->body);
    multipart_dispose(&x->multipart);
    spool_release(x);
    response_drop(&x->res);
    arena_reset(&x->arena);
    arena = x->arena;
    memset(x, 0, sizeof *x);
    x->arena = arena;
    pthread_mutex_lock(&s->spare_lock);
    if (s->spare_count < SPARES_MAX) {
        x->next = s->spares;
        s->spares = x;
        s->spare_count++;
        x = NULL;
    }
    pthread_mutex_unlock(&s->spare_lock);
    if (x != NULL) {
        arena_dispose(&x->arena);
        free(x);
    }
}

void exchange_spares_dispose(struct http_server *s)
{
    while (s->spares != NULL) {
        struct http_exchange *x = s->spares;

        s->spares = x->next;
        arena_dispose(&x->arena);
        free(x);
    }
    s->spare_count = 0;
}

void *exchange_open(void *server, const char *uri, struct MHD_Connection *mhd)
{
    struct http_server *s = server;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct http_exchange *x;

    if (info == NULL || info->socket_context == NULL || (x = spare_take(s)) == NULL)
        return NULL;
    x->server = s;
    x->mhd = mhd;
    x->connection = info->socket_context;
    x->req.exchange = x;
    x->req.arena = &x->arena;
    x->req.path = "/";
    x->req.address = "unknown";
    x->res.status = 200;
    buf_init(&x->res.body, SIZE_MAX);
    /* The library writes into the target afterwards. */
    x->raw_target = slice_of(uri ? uri : "");
    x->target_from = (uintptr_t)uri;
    x->target_end = x->target_from + x->raw_target.len;
    if (x->raw_target.len > TARGET_MAX + 1)
        x->raw_target.len = TARGET_MAX + 1;
    x->raw_target.ptr = (const uint8_t *)arena_slice(&x->arena, x->raw_target);
    if (x->raw_target.ptr == NULL || !id_make(x->req.id))
        x->out_of_memory = true;
    return x;
}

static void log_request(const struct http_exchange *x, enum MHD_RequestTerminationCode end)
{
    const struct http_config *config = &x->server->config;
    struct log_line l;

    if (config->quiet)
        return;
    log_begin(&l, "request");
    log_text(&l, "id", x->req.id);
    log_text(&l, "method", x->head ? "HEAD" : http_method_name(x->req.method));
    log_text(&l, "route", x->req.route ? x->req.route->pattern : "-");
    log_number(&l, "status", x->status);
    log_number(&l, "bytes", (int64_t)x->sent);
    log_number(&l, "ms", (exchange_clock_us() - x->began_us) / 1000);
    if (x->req.route != NULL && x->req.route->scope != NULL) {
        log_text(&l, "address", x->req.address);
        log_text(&l, "caller", config->caller_name ? config->caller_name(&x->req) : NULL);
    }
    if (x->rc != 0 && x->err.detail[0] != '\0')
        log_text(&l, "detail", x->err.detail);
    if (end != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        log_text(&l, "end", "cut");
    log_end(&l);
}

void exchange_close(void *server, struct MHD_Connection *mhd, void **context,
                    enum MHD_RequestTerminationCode end)
{
    struct http_server *s = server;
    struct http_exchange *x = *context;

    (void)mhd;
    *context = NULL;
    if (x == NULL)
        return;
    if (x->began_us != 0) {
        unsigned class = x->status >= 100 && x->status < 600 ? (unsigned)x->status / 100 : 0;

        atomic_fetch_add_explicit(x->entry ? &x->entry->answered[class] : &s->unrouted[class], 1,
                                  memory_order_relaxed);
        atomic_fetch_add_explicit(&s->sent_bytes, x->sent, memory_order_relaxed);
        log_request(x, end);
        atomic_fetch_sub(&s->in_flight, 1);
    }
    if (x->counted > 0)
        atomic_fetch_sub(&s->body_bytes, x->counted);
    connection_phase(x->connection, PHASE_HEADER);
    spare_give(s, x);
}

/* --- before the body --- */

static int method_read(const char *name, bool *head, bool *known)
{
    static const char *const others[] = {"OPTIONS", "TRACE", "CONNECT", "PATCH"};

    *known = true;
    *head = strcmp(name, "HEAD") == 0;
    if (*head)
        return HTTP_GET;
    for (int m = 0; m < HTTP_METHODS; m++) {
        if (strcmp(name, http_method_name((enum http_method)m)) == 0)
            return m;
    }
    *known = false;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        *known = *known || strcmp(name, others[i]) == 0;
    return -1;
}

/* For messages about a target that could not be read. */
static const char *path_shown(struct http_exchange *x)
{
    char *text = arena_slice(&x->arena, x->raw_target);

    if (text == NULL)
        return "/";
    text[strcspn(text, "?")] = '\0';
    for (char *at = text; *at != '\0'; at++) {
        if (*at <= ' ' || *at >= 0x7F)
            *at = '?';
    }
    return text;
}

static int client_read(struct http_exchange *x, const struct heading *h)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char *address = arena_alloc(&x->arena, ADDRESS_SIZE);

    x->req.english = accept_language_english(h->accept_language);
    if (address == NULL)
        return 503;
    client_address(address, info ? info->client_addr : NULL, h->forwarded, x->server->trusted,
                   x->server->trusted_count);
    x->req.address = address;
    return 0;
}

static int target_take(struct http_exchange *x)
{
    int status = target_read(&x->target, x->raw_target, &x->arena);
    const char *lang;

    x->req.path = status == 0 ? x->target.path : path_shown(x);
    lang = status == 0 ? pair_lookup(x->target.query, x->target.query_count, "lang") : NULL;
    if (lang != NULL)
        x->req.english = strcmp(lang, "en") == 0;
    return status;
}

static int body_admit(struct http_exchange *x, const struct heading *h)
{
    const struct route *route = x->req.route;
    struct lane *lane = &x->server->lanes[route->lane];

    if ((h->has_length && h->length > route->max_body) || (h->chunked && route->max_body == 0))
        return 413;
    /* A large body for which there is no room is refused before it crosses the network. */
    if ((h->chunked || h->length > EARLY_FULL_BYTES) &&
        atomic_load_explicit(&x->server->body_bytes, memory_order_relaxed) >=
            x->server->registry.limits.body_bytes)
        return 503;
    if (route->lane != LANE_INLINE && (h->chunked || h->length > EARLY_FULL_BYTES) &&
        lane_full(lane, route)) {
        x->retry_after = lane_retry_after(lane);
        atomic_fetch_add_explicit(&lane->refused, 1, memory_order_relaxed);
        return 503;
    }
    return 0;
}

/* 0, or the status of the refusal; x->rc != 0 where enter() refused. */
static int admit(struct http_exchange *x, const char *method_name, const struct heading *h)
{
    const struct http_config *config = &x->server->config;
    bool known;
    int method = method_read(method_name, &x->head, &known), status;

    x->req.method = method < 0 ? HTTP_GET : (enum http_method)method;
    x->req.head = x->head;
    if ((status = target_take(x)) != 0)
        return status;
    if (!known)
        return 501;
    status = route_find(&x->entry, &x->req, &x->server->routes, &x->target, method, &x->allow);
    if (status != 0 || (status = body_admit(x, h)) != 0)
        return status;
    if (inline_thread(x->server, &x->req.thread, &x->err) != 0)
        return 503;
    if (config->enter != NULL)
        x->rc = config->enter(config->app, &x->req, &x->err);
    return 0;
}

/* --- the handler --- */

static enum MHD_Result refuse(struct http_exchange *x, int status)
{
    x->refusal = status;
    return reply_send(x);
}

/* The form of a body that is all here. */
static int form_take(struct http_exchange *x)
{
    if (x->spool.open)
        return multipart_end(&x->multipart);
    x->form = arena_alloc(&x->arena, sizeof *x->form);
    if (x->form == NULL)
        return 503;
    return form_read(x->form, request_header(&x->req, "Content-Type"), buf_view(&x->body), &x->arena);
}

static enum MHD_Result dispatch(struct http_exchange *x)
{
    const struct route *route = x->req.route;
    struct lane *lane = &x->server->lanes[route->lane];

    x->ready_us = exchange_clock_us();
    if (x->body.failed)
        return refuse(x, 503);
    if (route->flags & ROUTE_FORM) {
        int status = form_take(x);

        if (status != 0)
            return refuse(x, status);
    } else {
        x->req.body = buf_view(&x->body);
    }
    if (route->lane == LANE_INLINE) {
        x->rc = route->handle(x->server->config.app, &x->req, &x->res, &x->err);
        return reply_send(x);
    }
    if (lane_enqueue(lane, x))
        return MHD_YES;
    x->retry_after = lane_retry_after(lane);
    return refuse(x, 503);
}

/* --- the steps of the library --- */

static int multipart_put(void *arg, struct slice bytes)
{
    return spool_put(arg, bytes);
}

/* Where the body goes. Of forms only those with files go to a file. */
static int body_begin(struct http_exchange *x, const struct heading *h)
{
    const struct route *route = x->req.route;
    bool form = (route->flags & ROUTE_FORM) != 0;
    int status;

    if (!(route->flags & ROUTE_SPOOL) || (form && !form_is_multipart(h->content_type))) {
        bool small = form && (route->flags & ROUTE_SPOOL) && route->max_body > FORM_FIELDS_BYTES;

        buf_init(&x->body, small ? FORM_FIELDS_BYTES : route->max_body);
        return 0;
    }
    status = spool_begin(x, h->has_length ? h->length : 0);
    if (status != 0 || !form)
        return status;
    x->form = arena_alloc(&x->arena, sizeof *x->form);
    if (x->form == NULL)
        return 503;
    x->multipart.put = multipart_put;
    x->multipart.arg = x;
    return multipart_begin(&x->multipart, x->form, h->content_type, &x->arena);
}

static enum MHD_Result begin(struct http_exchange *x, const char *method, const char *version)
{
    struct heading h;
    int status;
    bool has_body;

    x->began_us = exchange_clock_us();
    atomic_fetch_add(&x->server->in_flight, 1);
    connection_phase(x->connection, PHASE_WORKING);
    status = heading_read(&h, x, method, version);
    has_body = h.chunked || h.length > 0;
    x->small_body = h.has_length && h.length <= EARLY_FULL_BYTES;
    if (status != 0) { /* who disagrees with us about lines will disagree about what follows */
        x->res.close = true;
        x->malformed = true;
        atomic_fetch_add_explicit(&x->server->malformed, 1, memory_order_relaxed);
        has_body = true;
    }
    if (client_read(x, &h) != 0 || x->out_of_memory)
        status = 503;
    if (status == 0)
        status = admit(x, method, &h);
    else
        (void)target_take(x);
    if (status == 0 && x->rc == 0 && has_body)
        status = body_begin(x, &h);
    x->refusal = status;
    x->state = EXCHANGE_BODY;
    if (!has_body) /* the library calls again at once; an answer now would cost the connection */
        return MHD_YES;
    if (status != 0 || x->rc != 0) {
        x->discarding = !x->malformed && h.has_length && h.length <= EARLY_FULL_BYTES && h.expect == NULL;
        if (!x->discarding) {
            x->connection->unread = true;
            return reply_send(x);
        }
    }
    x->announced = h.has_length ? h.length : UINT64_MAX;
    connection_phase(x->connection, PHASE_BODY);
    return MHD_YES;
}

/* The same for a body that goes to a file. Where much more of it would come, the refusal does not wait for
 * it. */
static enum MHD_Result body_spool(struct http_exchange *x, const char *bytes, size_t len)
{
    const struct slice piece = {(const uint8_t *)bytes, len};

    x->received += len;
    if (x->received > x->req.route->max_body)
        x->refusal = 413;
    else if ((x->refusal = spool_judge(x)) == 0 && (x->refusal = spool_count(x, x->received)) == 0)
        x->refusal = x->form ? multipart_take(&x->multipart, piece) : spool_put(x, piece);
    if (x->refusal == 0) {
        if (spool_is_full(x))
            (void)spool_flush(x);
        return MHD_YES;
    }
    spool_release(x);
    x->discarding = true;
    return x->announced - x->received > DISCARD_GLADLY ? reply_early(x) : MHD_YES;
}

/* Keeps what arrives within the route's and everybody's ceiling; behind that the rest is read and thrown
 * away, so that the answer reaches a client that sends first and reads then. */
static enum MHD_Result body_take(struct http_exchange *x, const char *bytes, size_t len)
{
    struct http_server *s = x->server;

    atomic_fetch_add_explicit(&x->connection->moved, len, memory_order_relaxed);
    if (!x->discarding && x->spool.open)
        return body_spool(x, bytes, len);
    if (!x->discarding) {
        /* Large bodies leave an eighth to the small ones: orders get in beside any number of uploads. */
        size_t ceiling =
            x->small_body ? s->registry.limits.body_bytes / 8 * 9 : s->registry.limits.body_bytes;
        size_t all = atomic_fetch_add(&s->body_bytes, len) + len;

        x->counted += len;
        if (all > ceiling)
            x->refusal = 503;
        else if (len > x->body.max - x->body.len)
            x->refusal = 413;
        else
            buf_append_bytes(&x->body, bytes, len);
        if (x->refusal == 0 && x->body.failed)
            x->refusal = 503;
        x->discarding = x->refusal != 0;
        if (x->discarding) {
            buf_dispose(&x->body);
            atomic_fetch_sub(&s->body_bytes, x->counted);
            x->counted = 0;
        }
        return MHD_YES;
    }
    x->discarded += len;
    return x->discarded <= DISCARD_MAX ? MHD_YES : MHD_NO;
}

/* Above 90 % of the connections nothing is begun any more; the answer is ready made. */
static enum MHD_Result answer_busy(struct http_server *s, struct http_exchange *x, struct MHD_Connection *mhd)
{
    atomic_fetch_add_explicit(&s->refused_busy, 1, memory_order_relaxed);
    if (x != NULL) {
        x->state = EXCHANGE_ANSWERED;
        x->status = 503;
        connection_phase(x->connection, PHASE_SENDING);
    }
    return MHD_queue_response(mhd, 503, s->busy);
}

enum MHD_Result exchange_step(void *server, struct MHD_Connection *mhd, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **context)
{
    struct http_server *s = server;
    struct http_exchange *x = *context;
    size_t len = *upload_size;

    (void)url;
    if (x == NULL || (x->state == EXCHANGE_NEW && registry_crowded(&s->registry)))
        return answer_busy(s, x, mhd);
    switch (x->state) {
    case EXCHANGE_NEW:
        return begin(x, method, version);
    case EXCHANGE_BODY:
        /* The library goes on with the next chunk though the connection was suspended at this one. What is
         * not taken now it brings again. */
        if (spool_is_pending(x))
            return MHD_YES;
        *upload_size = 0;
        if (len > 0)
            return body_take(x, upload, len);
        if (x->spool.fill > 0 && spool_flush(x))
            return MHD_YES; /* comes back when it is written */
        if (x->refusal == 0 && x->rc == 0)
            x->refusal = spool_judge(x);
        return x->refusal != 0 || x->rc != 0 ? reply_send(x) : dispatch(x);
    case EXCHANGE_READY:
        return reply_send(x);
    case EXCHANGE_WAITING:
    case EXCHANGE_ANSWERED:
        break;
    }
    *upload_size = 0;
    return MHD_YES;
}
