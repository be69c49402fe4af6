/* helper.h - a single-threaded process beside a threaded one, for work that forks (base/worker.h): a fork
 * from a threaded process may inherit locked locks.
 *
 * Start helpers before the first thread. Input and output cross as sealed memory files (memfd): nothing is
 * written to a disk, and the input is not copied once more in the helper. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct helper;

/* Runs in the helper. kind is the caller's own numbering; appends its answer to out, or fills *e. */
typedef int helper_job(struct buf *out, void *arg, unsigned kind, struct slice in, struct err *e);

struct helper_limits {
    size_t answer_bytes; /* the longest answer */
    int wall_ms;         /* a call is given up, and the helper replaced at the next one, after this */
};

/* Forks a helper and a spare parent for it: the helper that dies or hangs is replaced by a new one, forked
 * from that single-threaded parent, not from the caller. Both keep standard error and nothing else of what
 * the caller has open, ignore the signals that ask a service to end, and end themselves when the caller's end
 * closes, however the caller ended. */
MUST_CHECK int helper_start(struct helper **out, helper_job *job, void *arg,
                            const struct helper_limits *limits, struct err *e);
/* One thread at a time. Appends the answer to out. -1 with the job's own reason; ERR_TOO_LARGE where its
 * answer is too long or takes too long; ERR_UNAVAILABLE where the helper died: the next call finds a new one.
 */
MUST_CHECK int helper_call(struct helper *h, unsigned kind, struct slice in, struct buf *out, struct err *e);
/* Ends it and waits for it; NULL is fine. */
void helper_stop(struct helper *h);
