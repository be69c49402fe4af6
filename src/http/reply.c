#include "http/http_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { STREAM_BLOCK = 64 * 1024, EARLY_MAX = 16 * 1024 };

/* What http/ itself has to say, by status. */
static void refusal_say(struct err *e, int status)
{
    static const struct {
        int status;
        enum err_code code;
        const char *en, *zh;
    } texts[] = {
        {400, ERR_INVALID, "The request is malformed; send it as HTTP/1.1 describes.",
         "请求格式有误，请按 HTTP/1.1 规范发送。"},
        {404, ERR_NOT_FOUND, "There is nothing at this address; check it.", "此地址没有内容，请核对。"},
        {405, ERR_INVALID, "This address does not take this method; see the Allow header.",
         "此地址不支持该方法，可用方法见 Allow 标头。"},
        {414, ERR_TOO_LARGE, "The address is longer than 2048 bytes; shorten it.",
         "地址超过 2048 字节，请缩短。"},
        {415, ERR_INVALID,
         "This address takes a form (application/x-www-form-urlencoded or multipart/form-data).",
         "此地址只接受表单（application/x-www-form-urlencoded 或 multipart/form-data）。"},
        {417, ERR_INVALID, "Only \"Expect: 100-continue\" is understood; leave the header out.",
         "只支持“Expect: 100-continue”，请去掉该标头。"},
        {431, ERR_TOO_LARGE, "The request has too many header fields; send fewer.", "请求标头过多，请减少。"},
        {501, ERR_INVALID, "This method or transfer encoding is not supported.", "不支持该方法或传输编码。"},
        {503, ERR_UNAVAILABLE, "The service is busy; try again soon.", "服务繁忙，请稍后重试。"},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].status == status)
            err_set(e, texts[i].code, "%1$s%2$.0s", "%1$.0s%2$s", texts[i].en, texts[i].zh);
    }
}

/* With the limit of the address. A body that was kept is a form that is too large in its parts. */
static void refusal_say_too_large(struct err *e, size_t max, size_t kept)
{
    bool megabytes = max >= (size_t)1024 * 1024, kilobytes = max >= 1024;
    size_t limit = megabytes ? max / ((size_t)1024 * 1024) : kilobytes ? max / 1024 : max;
    const char *unit = megabytes ? "MB" : kilobytes ? "KiB" : "bytes";

    if (max == 0)
        err_set(e, ERR_TOO_LARGE, "This address takes no body; send none.", "此地址不接受请求内容，请去掉。");
    else if (kept > 0)
        err_set(
            e, ERR_TOO_LARGE, "The form has more than %d fields, or one of more than %d bytes; send less.",
            "表单超过 %d 个字段，或有字段超过 %d 字节，请减小后再发送。", FORM_FIELDS_MAX, FORM_FIELD_BYTES);
    else
        err_set(e, ERR_TOO_LARGE, "The body is larger than the %zu %s that this address takes; send less.",
                "请求内容超过此地址的上限 %zu %s，请减小后再发送。", limit, unit);
}

static bool has_header(const struct response *res, const char *name)
{
    for (size_t i = 0; i < res->header_count; i++) {
        if (strcasecmp(res->headers[i].name, name) == 0)
            return true;
    }
    return false;
}

/* --- failures --- */

static void add_text_header(struct http_exchange *x, const char *name, const char *value)
{
    if (value != NULL && !has_header(&x->res, name) && x->res.header_count < RESPONSE_HEADERS_MAX)
        response_header(&x->res, name, value);
}

static const char *allowed(struct http_exchange *x)
{
    const char *text = "";

    for (unsigned m = 0; m < HTTP_METHODS && text != NULL; m++) {
        if (x->allow & 1U << m)
            text = arena_printf(&x->arena, "%s%s%s%s", text, *text ? ", " : "",
                                http_method_name((enum http_method)m), m == HTTP_GET ? ", HEAD" : "");
    }
    return text;
}

static void answer_failure(struct http_exchange *x)
{
    bool close_it = x->res.close;

    response_drop(&x->res);
    x->res = (struct response){.status = x->refusal ? x->refusal : 500, .close = close_it};
    buf_init(&x->res.body, SIZE_MAX);
    if (x->refusal == 413 && x->err.code == ERR_NONE)
        refusal_say_too_large(&x->err, x->req.route == NULL ? 0 : x->req.route->max_body, x->body.len);
    else if (x->refusal != 0 && x->err.code == ERR_NONE)
        refusal_say(&x->err, x->refusal);
    if (x->server->config.refuse != NULL)
        x->server->config.refuse(x->server->config.app, &x->req, &x->res, x->refusal, &x->err);
    x->res.close = x->res.close || close_it;
    if (x->refusal == 405)
        add_text_header(x, "Allow", allowed(x));
    if (x->refusal == 503)
        add_text_header(x, "Retry-After", arena_printf(&x->arena, "%u", x->retry_after ? x->retry_after : 1));
}

/* --- conditions and ranges (RFC 9110 13 and 14) --- */

struct part {
    uint64_t from, len;
};

static struct part choose_range(struct http_exchange *x, struct part whole)
{
    const char *range = request_header(&x->req, "Range"), *condition = request_header(&x->req, "If-Range");
    size_t from, len;

    if (x->head || range == NULL || (condition != NULL && !etag_same_strong(condition, x->res.etag)))
        return whole;
    switch (range_read(&from, &len, range, whole.len)) {
    case RANGE_NONE:
        return whole;
    case RANGE_UNSATISFIABLE:
        x->res.status = 416;
        add_text_header(x, "Content-Range", arena_printf(&x->arena, "bytes */%" PRIu64, whole.len));
        return (struct part){0, 0};
    case RANGE_PART:
        break;
    }
    x->res.status = 206;
    add_text_header(x, "Content-Range",
                    arena_printf(&x->arena, "bytes %zu-%zu/%" PRIu64, from, from + len - 1, whole.len));
    return (struct part){from, len};
}

/* What of the response is sent. */
static struct part choose_content(struct http_exchange *x)
{
    struct response *res = &x->res;
    struct part whole = {0, res->source.read    ? res->source.size
                            : res->body.len > 0 ? res->body.len
                                                : res->fixed.len};

    if (res->status != 200 || res->etag == NULL || x->req.method != HTTP_GET)
        return whole;
    if (etag_listed(request_header(&x->req, "If-None-Match"), res->etag)) {
        res->status = 304;
        response_drop(res);
        return (struct part){0, 0};
    }
    return res->ranges ? choose_range(x, whole) : whole;
}

/* --- to the library --- */

/* The library's type lacks a const; it only reads what it is told to keep. */
static struct MHD_Response *response_of_constant(struct slice bytes)
{
    union {
        const void *constant;
        void *bytes;
    } at = {.constant = bytes.len ? (const void *)bytes.ptr : ""};

    return MHD_create_response_from_buffer(bytes.len, at.bytes, MHD_RESPMEM_PERSISTENT);
}

/* A source on its way, from one of its bytes on. */
struct stream {
    struct response_source source;
    struct part part;
};

static ssize_t stream_read(void *arg, uint64_t at, char *out, size_t max)
{
    struct stream *stream = arg;
    uint64_t left = stream->part.len - at;
    size_t len = max < left ? max : (size_t)left;

    if (at >= stream->part.len)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (stream->source.read(stream->source.arg, stream->part.from + at, (uint8_t *)out, len) != 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    return (ssize_t)len;
}

static void stream_close(void *arg)
{
    struct stream *stream = arg;

    if (stream->source.close != NULL)
        stream->source.close(stream->source.arg);
    free(stream);
}

static struct MHD_Response *response_of_source(struct http_exchange *x, struct part part)
{
    struct stream *stream = malloc(sizeof *stream);
    struct MHD_Response *made;

    if (stream == NULL)
        return NULL;
    *stream = (struct stream){x->res.source, part};
    made = MHD_create_response_from_callback(part.len, STREAM_BLOCK, stream_read, stream, stream_close);
    if (made != NULL)
        x->res.source = (struct response_source){0}; /* the library closes it when the last byte is out */
    else
        free(stream);
    return made;
}

static struct MHD_Response *response_make(struct http_exchange *x, struct part part)
{
    struct response *res = &x->res;
    struct MHD_Response *made;
    uint8_t *owned = res->body.data;

    if (res->source.read != NULL && part.len > 0)
        return response_of_source(x, part);
    if (owned == NULL || part.len == 0)
        return response_of_constant(
            slice_part(res->body.len > 0 ? buf_view(&res->body) : res->fixed, part.from, part.len));
    made = MHD_create_response_from_buffer_with_free_callback_cls(part.len, owned + part.from, free, owned);
    if (made != NULL)
        buf_init(&res->body, SIZE_MAX); /* the library frees it when the last byte is out */
    return made;
}

static bool headers_add(struct MHD_Response *made, const struct http_exchange *x)
{
    const struct response *res = &x->res;
    bool fine = MHD_add_response_header(made, "X-Request-Id", x->req.id) == MHD_YES;

    if (res->content_type != NULL && res->status != 304)
        fine = fine && MHD_add_response_header(made, "Content-Type", res->content_type) == MHD_YES;
    if (res->etag != NULL)
        fine = fine && MHD_add_response_header(made, "ETag", res->etag) == MHD_YES;
    if (res->ranges)
        fine = fine && MHD_add_response_header(made, "Accept-Ranges", "bytes") == MHD_YES;
    if (res->close || atomic_load_explicit(&x->server->draining, memory_order_relaxed))
        fine = fine && MHD_add_response_header(made, "Connection", "close") == MHD_YES;
    for (size_t i = 0; i < res->header_count; i++)
        fine = fine && MHD_add_response_header(made, res->headers[i].name, res->headers[i].value) == MHD_YES;
    return fine;
}

struct MHD_Response *reply_busy_new(void)
{
    static const char text[] = "The service is busy; try again soon. 服务繁忙，请稍后重试。\n";
    struct MHD_Response *made = response_of_constant(slice_of(text));

    if (made == NULL ||
        MHD_add_response_header(made, "Content-Type", "text/plain; charset=utf-8") != MHD_YES ||
        MHD_add_response_header(made, "Retry-After", "1") != MHD_YES ||
        MHD_add_response_header(made, "Cache-Control", "no-store") != MHD_YES ||
        MHD_add_response_header(made, "Connection", "close") != MHD_YES) {
        if (made != NULL)
            MHD_destroy_response(made);
        return NULL;
    }
    return made;
}

/* The body of the request is not needed any more, while the response may take minutes. */
static void body_release(struct http_exchange *x)
{
    x->req.body = (struct slice){NULL, 0};
    x->form = NULL;
    multipart_dispose(&x->multipart);
    spool_release(x);
    buf_dispose(&x->body);
    if (x->counted > 0)
        atomic_fetch_sub(&x->server->body_bytes, x->counted);
    x->counted = 0;
}

/* As short as it is it fits into the socket's buffer, in which nothing else stands during a body. */
static void write_plain(struct http_exchange *x, struct slice content)
{
    const struct response *res = &x->res;
    struct buf text = BUF_INIT(EARLY_MAX);

    buf_printf(&text, "HTTP/1.1 %d %s\r\nX-Request-Id: %s\r\nConnection: close\r\nContent-Length: %zu\r\n",
               res->status, MHD_get_reason_phrase_for((unsigned)res->status), x->req.id, content.len);
    if (res->content_type != NULL)
        buf_printf(&text, "Content-Type: %s\r\n", res->content_type);
    for (size_t i = 0; i < res->header_count; i++)
        buf_printf(&text, "%s: %s\r\n", res->headers[i].name, res->headers[i].value);
    buf_append_text(&text, "\r\n");
    buf_append(&text, content);
    if (buf_ok(&text))
        (void)send(x->connection->fd, text.data, text.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    buf_dispose(&text);
}

enum MHD_Result reply_early(struct http_exchange *x)
{
    const struct http_config *config = &x->server->config;

    answer_failure(x);
    if (config->dress != NULL)
        config->dress(config->app, &x->req, &x->res);
    x->status = x->res.status;
    x->connection->unread = true;
    x->state = EXCHANGE_ANSWERED;
    connection_phase(x->connection, PHASE_SENDING);
    write_plain(x, buf_view(&x->res.body));
    body_release(x);
    return MHD_NO;
}

enum MHD_Result reply_send(struct http_exchange *x)
{
    const struct http_config *config = &x->server->config;
    struct MHD_Response *made;
    struct part content;
    enum MHD_Result queued;

    if (x->rc == 0 && x->res.body.failed)
        x->refusal = 503; /* the handler's bytes were too many or there was no memory for them */
    if (x->refusal != 0 || x->rc != 0)
        answer_failure(x);
    if (config->dress != NULL)
        config->dress(config->app, &x->req, &x->res);
    content = choose_content(x);
    x->status = x->res.status;
    x->sent = x->head ? 0 : content.len;
    made = response_make(x, content);
    if (made != NULL && !headers_add(made, x)) {
        MHD_destroy_response(made);
        made = NULL;
    }
    if (x->ready_us != 0)
        lane_took(&x->server->lanes[x->req.route->lane], (uint64_t)(exchange_clock_us() - x->ready_us));
    body_release(x);
    x->connection->unpaced = x->req.route != NULL && (x->req.route->flags & ROUTE_UNPACED) != 0;
    x->state = EXCHANGE_ANSWERED;
    connection_phase(x->connection, PHASE_SENDING);
    if (made == NULL) {
        x->status = 503;
        return MHD_queue_response(x->mhd, 503, x->server->busy);
    }
    queued = MHD_queue_response(x->mhd, (unsigned)x->res.status, made);
    MHD_destroy_response(made);
    return queued;
}
