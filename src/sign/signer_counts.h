/* signer_counts.h - how often each grant was used: keys/counts, one record of 32 bytes a grant.
 *
 * A record holds a number that the real count never passes. Before uses beyond it are given out, a block of
 * further uses is written and synced; a clean end writes the exact count. So a crash may cost a grant part of
 * a block (a sixteenth of what is left at most, never more than 64), but never gives it one use too many. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct counts;
/* fd: keys/counts, open for reading and writing; stays the caller's. */
MUST_CHECK int counts_open(struct counts **out, int fd, struct err *e);
/* Writes the exact numbers. NULL is fine. */
void counts_close(struct counts *c);
/* Whether the grant has a use left; max 0: always. */
bool counts_left(const struct counts *c, const char grant[17], int64_t max);
/* Takes a use, or fails with ERR_FORBIDDEN (none left) or ERR_UNAVAILABLE (the disk). */
MUST_CHECK int counts_take(struct counts *c, const char grant[17], int64_t max, struct err *e);
/* Uses so far as the file has them: exact after a clean end. 0 for a grant never used. */
int64_t counts_used(const struct counts *c, const char grant[17]);
