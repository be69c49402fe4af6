/* utf8.h - UTF-8 read strictly: no overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629). */
#pragma once
#include "base/buf.h"

/* Reads one code point at *at and moves *at behind it. false at the end or where the bytes are not UTF-8 (*at
 * stays). */
bool utf8_next(struct slice s, size_t *at, uint32_t *cp);
bool utf8_valid(struct slice s);
/* Number of code points in valid UTF-8. */
size_t utf8_length(struct slice s);
/* Writes one code point, 1 to 4 bytes; returns how many. */
size_t utf8_put(char out[4], uint32_t cp);
void utf8_append(struct buf *b, uint32_t cp);
/* The longest length <= len that does not end inside a character. */
size_t utf8_whole(const char *text, size_t len);
/* Han by Unicode block: where text may break on both sides and is set on the full em. */
bool utf8_is_han(uint32_t cp);
