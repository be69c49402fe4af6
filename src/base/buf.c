#include "base/buf.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slice slice_of(const char *text)
{
    return (struct slice){(const uint8_t *)text, strlen(text)};
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

struct slice slice_part(struct slice s, size_t from, size_t len)
{
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (struct slice){s.len ? s.ptr + from : NULL, len};
}

size_t slice_find(struct slice s, size_t from, struct slice needle)
{
    const uint8_t *at;

    if (from > s.len || needle.len == 0 || s.len == 0)
        return SIZE_MAX;
    at = memmem(s.ptr + from, s.len - from, needle.ptr, needle.len);
    return at == NULL ? SIZE_MAX : (size_t)(at - s.ptr);
}

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf)BUF_INIT(max);
}

static bool buf_grow(struct buf *b, size_t more)
{
    size_t cap = b->cap ? b->cap : 256;
    uint8_t *data;

    while (cap - b->len < more)
        cap = cap > SIZE_MAX / 2 ? SIZE_MAX : cap * 2;
    if (cap > b->max)
        cap = b->max;
    data = realloc(b->data, cap);
    if (data == NULL)
        return false;
    b->data = data;
    b->cap = cap;
    return true;
}

uint8_t *buf_room(struct buf *b, size_t more)
{
    if (b->failed || more > b->max - b->len || (more > b->cap - b->len && !buf_grow(b, more))) {
        b->failed = true;
        return NULL;
    }
    return b->data == NULL && !buf_grow(b, 1) ? NULL : b->data + b->len;
}

void buf_wrote(struct buf *b, size_t count)
{
    b->len += count;
}

void buf_append(struct buf *b, struct slice s)
{
    if (b->failed || s.len > b->max - b->len || (s.len > b->cap - b->len && !buf_grow(b, s.len))) {
        b->failed = true;
        return;
    }
    if (s.len) /* memcpy from NULL is undefined even for 0 bytes */
        memcpy(b->data + b->len, s.ptr, s.len);
    b->len += s.len;
}

void buf_append_bytes(struct buf *b, const void *bytes, size_t len)
{
    buf_append(b, (struct slice){bytes, len});
}

void buf_append_text(struct buf *b, const char *text)
{
    buf_append(b, slice_of(text));
}

void buf_append_char(struct buf *b, char c)
{
    buf_append_bytes(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    char small[512];
    va_list args, again;
    int length;

    va_start(args, fmt);
    va_copy(again, args);
    length = vsnprintf(small, sizeof small, fmt, args);
    if (length < 0) {
        b->failed = true;
    } else if ((size_t)length < sizeof small) {
        buf_append_bytes(b, small, (size_t)length);
    } else {
        uint8_t *at = buf_room(b, (size_t)length + 1);

        if (at != NULL) {
            (void)vsnprintf((char *)at, (size_t)length + 1, fmt, again);
            buf_wrote(b, (size_t)length);
        }
    }
    va_end(again);
    va_end(args);
}

void buf_append_number(struct buf *b, double value, int decimals)
{
    static const uint64_t scales[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    uint64_t scale = scales[decimals < 0 ? 0 : decimals > 6 ? 6 : decimals];
    char digits[32];
    char *end = digits + sizeof digits, *at = end;
    uint64_t whole, part;

    if (!(fabs(value) < 1e12)) { /* NaN and what no page can hold */
        b->failed = true;
        return;
    }
    whole = (uint64_t)llround(fabs(value) * (double)scale);
    part = whole % scale;
    if (part != 0) {
        while (part % 10 == 0) {
            part /= 10;
            scale /= 10;
        }
        for (uint64_t s = scale; s > 1; s /= 10) {
            *--at = (char)('0' + part % 10);
            part /= 10;
        }
        *--at = '.';
    }
    part = whole / scales[decimals < 0 ? 0 : decimals > 6 ? 6 : decimals];
    do {
        *--at = (char)('0' + part % 10);
        part /= 10;
    } while (part != 0);
    if (value < 0 && whole != 0)
        *--at = '-';
    buf_append_bytes(b, at, (size_t)(end - at));
}

bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

struct slice buf_view(const struct buf *b)
{
    return (struct slice){b->data, b->len};
}

const char *buf_text(struct buf *b)
{
    uint8_t *at = buf_room(b, 1);

    if (at == NULL)
        return NULL;
    *at = '\0';
    return (const char *)b->data;
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

void buf_dispose(struct buf *b)
{
    free(b->data);
    buf_init(b, b->max);
}
