/* paper.h - the smallest PDF that can be sealed, and a seal for it. */
#pragma once
#include "base/buf.h"
#include "seal/seal.h"

/* One page with black words in the middle; signature fields of these names (the first at the words), each
 * with a lock of its own. Object numbers: 1 catalog, 2 pages, 3 page, 4 content, 5 font, 6 form, 7 empty
 * face, then field and lock in turns from 8 on. padding: bytes of an extra stream, to make it larger. */
void paper_write(struct buf *out, const char *const *fields, size_t count, size_t padding);
/* A red picture that covers the whole of it. */
void paper_seal(struct seal *seal);
void paper_seal_dispose(struct seal *seal);
/* Appends objects as an incremental update: text holds "N 0 obj ... endobj" pieces, each beginning a line.
 * Its trailer repeats the newest one's Root and Size. */
void paper_update(struct buf *pdf, const char *text);
