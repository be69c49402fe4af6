/* buf.h - borrowed bytes (struct slice) and growing bytes with a ceiling (struct buf). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes with their length. ptr may be NULL when len is 0. */
struct slice {
    const uint8_t *ptr;
    size_t len;
};

struct slice slice_of(const char *text);
bool slice_equal(struct slice a, struct slice b);
/* Bytes [from, from + len) of s, cut to what is there. */
struct slice slice_part(struct slice s, size_t from, size_t len);
/* Offset of the first needle at or after from, or SIZE_MAX. */
size_t slice_find(struct slice s, size_t from, struct slice needle);

/* Growing bytes. Failure (the ceiling, no memory) latches: append freely and ask buf_ok() once at the end. */
struct buf {
    uint8_t *data;
    size_t len, cap;
    size_t max; /* never grows past this */
    bool failed;
};

#define BUF_INIT(ceiling)                                                                                    \
    {                                                                                                        \
        NULL, 0, 0, (ceiling), false                                                                         \
    }

void buf_init(struct buf *b, size_t max);
/* Makes room for more bytes and returns the place to write them, or NULL; then say buf_wrote(). */
uint8_t *buf_room(struct buf *b, size_t more);
void buf_wrote(struct buf *b, size_t count);
void buf_append(struct buf *b, struct slice s);
void buf_append_bytes(struct buf *b, const void *bytes, size_t len);
void buf_append_text(struct buf *b, const char *text);
void buf_append_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A decimal number as PDF and SVG like it: fixed point, at most `decimals` (0 to 6) places, no trailing
 * zeros, no exponent, independent of the locale. */
void buf_append_number(struct buf *b, double value, int decimals);
bool buf_ok(const struct buf *b);
struct slice buf_view(const struct buf *b);
/* Ends the bytes with a NUL that is not counted and returns them as text, or NULL after a failure. */
const char *buf_text(struct buf *b);
void buf_reset(struct buf *b);   /* empties, keeps the storage, forgets a failure */
void buf_dispose(struct buf *b); /* frees; safe on an empty one */
