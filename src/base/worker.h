/* worker.h - a function run in a child process that can do nothing but compute: for parsing what strangers
 * send.
 *
 * The child inherits the caller's memory, gets limits for memory and CPU, may open nothing, connect nowhere
 * and start nothing (seccomp), and hands back bytes. Whatever happens to it, the caller gets an answer in
 * time. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct worker_limits {
    size_t memory_bytes; /* address space beyond what the process has when it starts */
    int cpu_seconds;     /* CPU time, whole seconds; the kernel kills at the limit */
    int wall_ms;         /* given up after this */
    size_t answer_bytes; /* the longest answer */
};

/* Appends its answer to out, or fills *e. Runs in the child; must not use locks the parent's threads may
 * hold. */
typedef int worker_job(struct buf *out, void *arg, struct err *e);

enum worker_end { WORKER_ANSWERED, WORKER_REFUSED, WORKER_OUT_OF_BOUNDS, WORKER_CRASHED };

/* Runs job in a child. 0 with *out filled; -1 with the job's own reason (WORKER_REFUSED), or where the child
 * hit a limit (WORKER_OUT_OF_BOUNDS, ERR_TOO_LARGE) or died (WORKER_CRASHED, ERR_INVALID). *end may be NULL.
 */
MUST_CHECK int worker_run(struct buf *out, const struct worker_limits *limits, worker_job *job, void *arg,
                          enum worker_end *end, struct err *e);
