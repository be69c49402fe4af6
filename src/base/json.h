/* json.h - JSON read strictly (RFC 8259): size first, then duplicates, depth and trailing bytes are refused.
 */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <jansson.h>

enum { JSON_MAX_BYTES = 1024 * 1024, JSON_MAX_DEPTH = 32 };

/* Parses an object or array; *out is the caller's (json_decref). A byte order mark
 * before it is passed over. Refuses more than max_bytes, other encodings than UTF-8, duplicate
 * members, NUL characters, numbers out of range, more than JSON_MAX_DEPTH levels and anything behind the
 * value; the error names the line. */
MUST_CHECK int json_read(json_t **out, struct slice text, size_t max_bytes, struct err *e);
/* The same for a file of our own or the operator's. */
MUST_CHECK int json_read_file(json_t **out, const char *path, size_t max_bytes, struct err *e);
/* Sorted keys, two spaces, a newline at the end: the same value gives the same bytes. */
MUST_CHECK int json_write(struct buf *out, const json_t *value, struct err *e);
/* The member's text, or NULL if it is absent or no text. */
const char *json_text(const json_t *object, const char *member);
