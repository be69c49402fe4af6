#include "http/parse.h"
#include <string.h>
#include <strings.h>

/* Digits only, saturating: a position beyond any file is still a position. NULL where there is none. */
static const char *position_read(size_t *out, const char *at)
{
    if (*at < '0' || *at > '9')
        return NULL;
    for (*out = 0; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(*out, (size_t)10, out) ||
            __builtin_add_overflow(*out, (size_t)(*at - '0'), out))
            *out = SIZE_MAX;
        if (*out == SIZE_MAX)
            break;
    }
    while (*at >= '0' && *at <= '9')
        at++;
    return at;
}

static const char *blanks(const char *at)
{
    return at + strspn(at, " \t");
}

enum range_kind range_read(size_t *from, size_t *len, const char *header, size_t size)
{
    size_t first = 0, last = 0;
    bool suffix, open_end = false;
    const char *at;

    if (header == NULL || strncasecmp(header, "bytes=", 6) != 0)
        return RANGE_NONE;
    at = blanks(header + 6);
    suffix = *at == '-';
    if (suffix) {
        if ((at = position_read(&last, at + 1)) == NULL)
            return RANGE_NONE;
    } else {
        if ((at = position_read(&first, at)) == NULL || *at++ != '-')
            return RANGE_NONE;
        open_end = *at < '0' || *at > '9';
        if (!open_end && (at = position_read(&last, at)) == NULL)
            return RANGE_NONE;
    }
    if (*blanks(at) != '\0' || (!suffix && !open_end && last < first))
        return RANGE_NONE;
    if (suffix) { /* the last `last` bytes */
        if (last == 0 || size == 0)
            return RANGE_UNSATISFIABLE;
        *len = last < size ? last : size;
        *from = size - *len;
        return RANGE_PART;
    }
    if (first >= size)
        return RANGE_UNSATISFIABLE;
    *from = first;
    *len = open_end || last >= size ? size - first : last - first + 1;
    return RANGE_PART;
}

bool etag_listed(const char *header, const char *etag)
{
    size_t len = strlen(etag);

    if (header == NULL)
        return false;
    if (strcmp(header, "*") == 0)
        return true;
    for (const char *at = header; (at = strchr(at, '"')) != NULL;) {
        const char *end = strchr(at + 1, '"');

        if (end == NULL)
            return false;
        if ((size_t)(end + 1 - at) == len && memcmp(at, etag, len) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

bool etag_same_strong(const char *header, const char *etag)
{
    return strcmp(header, etag) == 0 && etag[0] == '"';
}
