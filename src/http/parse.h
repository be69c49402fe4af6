/* parse.h - what strangers write in a request, read by pure functions: target, query, ranges, languages,
 * forms, addresses.
 *
 * A status of 0 is fine, else it is the HTTP status of the refusal. Nothing here touches a socket. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include <stdbool.h>
#include <sys/socket.h>

enum { TARGET_MAX = 2048, SEGMENTS_MAX = 16, PAIRS_MAX = 32 };

struct pair {
    const char *name, *value;
};

/* A request target: "/a/b%20c?x=1", or the absolute form that proxies use (RFC 9112 3.2). */
struct target {
    const char *segments[SEGMENTS_MAX]; /* decoded; the last is "" where the path ends with a slash */
    size_t segment_count;
    const char *path; /* decoded */
    struct pair query[PAIRS_MAX];
    size_t query_count;
};
/* 0; 400 for what no file name or text should contain (NUL, control characters, bytes that are no UTF-8,
 * encoded slashes and backslashes, "." and ".." segments, empty segments but the last); 414 when too long;
 * 503 without memory. */
int target_read(struct target *out, struct slice raw, struct arena *a);
/* name=value&...: decoded, '+' is a space; 400 for duplicates, NUL, bytes that are no UTF-8, too many. Also
 * forms (application/x-www-form-urlencoded). */
int pairs_read(struct pair *out, size_t *count, size_t max, struct slice raw, struct arena *a);
const char *pair_lookup(const struct pair *pairs, size_t count, const char *name);

enum range_kind { RANGE_NONE, RANGE_PART, RANGE_UNSATISFIABLE };
/* The Range header for a body of size bytes (RFC 9110 14.1): several ranges, other units and malformed ones
 * are as if there were none. Bytes [from, from + len). */
enum range_kind range_read(size_t *from, size_t *len, const char *header, size_t size);
/* Whether an If-None-Match list names the tag (weak comparison) or is "*". */
bool etag_listed(const char *header, const char *etag);
/* Whether If-Range is exactly this strong tag. */
bool etag_same_strong(const char *header, const char *etag);

/* Whether English is wanted rather than Chinese; NULL is Chinese. */
bool accept_language_english(const char *header);

/* A network, "10.0.0.0/8", or an address; IPv4 is kept as IPv4-mapped IPv6. */
struct network {
    uint8_t bytes[16];
    unsigned bits;
};
enum { ADDRESS_SIZE = 48 };
bool network_read(struct network *out, const char *text);
/* The client's address as text, IPv6 cut to /64: of the socket, or, behind proxies we trust, the last one in
 * X-Forwarded-For (NULL: none) that is none of them. Garbage there: of the last proxy that told it. */
void client_address(char out[ADDRESS_SIZE], const struct sockaddr *peer, const char *forwarded,
                    const struct network *trusted, size_t trusted_count);

enum { FORM_FIELDS_MAX = 80, FORM_FIELD_BYTES = 32768 };
enum {
    FORM_FIELDS_BYTES = 64 * 1024, /* of all fields of a form whose files go to a file */
    BOUNDARY_MAX = 70,             /* RFC 2046 5.1.1 */
    PART_HEADER_MAX = 2048
};
struct form_file {
    const char *field, *name;
    struct slice bytes;    /* of the body, or */
    uint64_t offset, size; /* in the file that the body went to */
};
struct form {
    struct pair fields[FORM_FIELDS_MAX];
    size_t field_count;
    struct form_file files[FORM_FIELDS_MAX];
    size_t file_count;
};
/* 0; 400 malformed; 413 too many or too long fields; 415 for other content types. */
int form_read(struct form *out, const char *content_type, struct slice body, struct arena *a);
bool form_is_multipart(const char *content_type);

/* The pieces of it, for forms that are read as they come. */
int form_delimiter(char out[BOUNDARY_MAX + 5], const char *content_type, struct arena *a);
/* A part's header lines; *file_name is NULL where it is a field. */
int form_part(const char **name, const char **file_name, struct slice header, struct arena *a);
int form_field_add(struct form *out, const char *name, struct slice value, struct arena *a);
int form_file_add(struct form *out, const char *field, const char *name, uint64_t offset);

struct multipart {
    enum {
        MULTIPART_PREAMBLE,
        MULTIPART_DELIMITED, /* behind a delimiter */
        MULTIPART_HEADER,
        MULTIPART_FIRST, /* at the line end that ends a header */
        MULTIPART_CONTENT,
        MULTIPART_DONE
    } state;
    char delimiter[BOUNDARY_MAX + 5];
    struct form *form;
    struct arena *arena;
    struct buf pending, field;
    const char *name; /* of the part */
    bool is_file, blanks;
    size_t field_bytes;
    uint64_t file_end; /* where the next byte of a file goes */
    /* Takes what belongs to files, in order. */
    int (*put)(void *arg, struct slice bytes);
    void *arg;
};
/* *m is zeroed but for put and arg. Statuses as form_read(). */
int multipart_begin(struct multipart *m, struct form *form, const char *content_type, struct arena *a);
int multipart_take(struct multipart *m, struct slice bytes);
/* Whether it is whole. */
int multipart_end(const struct multipart *m);
void multipart_dispose(struct multipart *m);

/* Whether the text is a token (RFC 9110 5.6.2). */
bool token_valid(const char *text, size_t len);
/* The value of a parameter (name=token or name="quoted") of a header like Content-Type, or NULL. */
const char *header_parameter(const char *header, const char *name, struct arena *a);
