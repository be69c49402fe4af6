#include "http/http_internal.h"
#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 100 };

struct reading {
    struct heading *out;
    struct arena *arena;
    uintptr_t expected; /* where the next line must begin */
    unsigned headers, hosts, lengths, encodings, types, keys;
    int status;
};

static bool value_valid(const char *value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)value[i];

        if ((c < 0x20 && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

static bool name_is(const char *name, size_t size, const char *wanted)
{
    return size == strlen(wanted) && strncasecmp(name, wanted, size) == 0;
}

/* Content-Length is digits, nothing else (RFC 9112 6.3): "+5", "5,5" and "0x5" are attempts. */
static int length_take(struct reading *r, const char *value, size_t size)
{
    uint64_t length = 0;

    if (r->lengths++ > 0 || size == 0 || size > 18)
        return 400;
    for (size_t i = 0; i < size; i++) {
        if (value[i] < '0' || value[i] > '9')
            return 400;
        length = length * 10 + (uint64_t)(value[i] - '0');
    }
    r->out->has_length = true;
    r->out->length = length;
    return 0;
}

static int encoding_take(struct reading *r, const char *value)
{
    if (r->encodings++ > 0)
        return 400;
    r->out->chunked = strcasecmp(value, "chunked") == 0;
    return r->out->chunked ? 0 : 501;
}

/* Several X-Forwarded-For are one list. */
static int forwarded_take(struct reading *r, const char *value)
{
    if (r->out->forwarded == NULL)
        r->out->forwarded = value;
    else
        r->out->forwarded = arena_printf(r->arena, "%s,%s", r->out->forwarded, value);
    return r->out->forwarded ? 0 : 503;
}

static int header_take(struct reading *r, const char *name, size_t size, const char *value, size_t value_size)
{
    if (name_is(name, size, "Host"))
        return r->hosts++ > 0 ? 400 : 0;
    if (name_is(name, size, "Content-Length"))
        return length_take(r, value, value_size);
    if (name_is(name, size, "Transfer-Encoding"))
        return encoding_take(r, value);
    if (name_is(name, size, "Content-Type")) {
        r->out->content_type = value;
        return r->types++ > 0 ? 400 : 0;
    }
    /* Of two keys somebody before us may have judged the other one. */
    if (name_is(name, size, "Authorization"))
        return r->keys++ > 0 ? 400 : 0;
    if (name_is(name, size, "X-Forwarded-For"))
        return forwarded_take(r, value);
    if (name_is(name, size, "Accept-Language") && r->out->accept_language == NULL)
        r->out->accept_language = value;
    else if (name_is(name, size, "Expect"))
        r->out->expect = value;
    return 0;
}

static enum MHD_Result header_seen(void *cls, enum MHD_ValueKind kind, const char *name, size_t size,
                                   const char *value, size_t value_size)
{
    struct reading *r = cls;

    (void)kind;
    if (value == NULL) {
        value = "";
        value_size = 0;
    }
    if (++r->headers > HEADERS_MAX)
        r->status = 431;
    /* The library cuts lines where they stand and puts NULs over CR LF. A line that is not two bytes behind
     * the one before it was ended by a bare LF, folded, or had a NUL in it: what one server reads as one
     * line and the next as two is how requests are smuggled (RFC 9112 11.2). */
    else if ((uintptr_t)name != r->expected || !token_valid(name, size) || !value_valid(value, value_size))
        r->status = 400;
    else
        r->status = header_take(r, name, size, value, value_size);
    r->expected = (uintptr_t)value + value_size + 2;
    return r->status == 0 ? MHD_YES : MHD_NO;
}

static int judged(const struct reading *r, const char *version)
{
    if (r->status != 0)
        return r->status;
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
        return 400;
    /* Both lengths at once, or chunks in HTTP/1.0: somebody before us may have read another body. */
    if (r->encodings > 0 && (r->lengths > 0 || version[7] == '0'))
        return 400;
    if (r->hosts == 0 && version[7] == '1')
        return 400;
    if (r->out->expect != NULL && strcasecmp(r->out->expect, "100-continue") != 0)
        return 417;
    return 0;
}

/* One space on either side of the target and none in it (RFC 9112 3): the library skips more and lets pass
 * what another server may read as another line. */
static bool request_line_plain(const struct http_exchange *x, const char *method, const char *version)
{
    return x->target_from == (uintptr_t)method + strlen(method) + 1 &&
           (uintptr_t)version == x->target_end + 1 &&
           (x->raw_target.ptr == NULL || memchr(x->raw_target.ptr, ' ', x->raw_target.len) == NULL);
}

int heading_read(struct heading *out, struct http_exchange *x, const char *method, const char *version)
{
    struct reading r = {.out = out, .arena = &x->arena};
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    memset(out, 0, sizeof *out);
    if (!request_line_plain(x, method, version))
        r.status = 400;
    r.expected = (uintptr_t)version + strlen(version) + 2;
    if (r.status == 0)
        (void)MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, header_seen, &r);
    /* The empty line that ends the header is two bytes as well. */
    if (r.status == 0 && (size == NULL || (uintptr_t)method + size->header_size != r.expected + 2))
        r.status = 400;
    return judged(&r, version);
}
