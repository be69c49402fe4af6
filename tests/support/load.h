/* load.h - many HTTP/1.1 connections to a server on this machine, from one thread: each sends its next
 * request as soon as its last one was answered. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct load_answer {
    int status;        /* 0: the connection broke before an answer */
    struct slice body; /* good until the callback returns */
    double ms;         /* from the first byte sent to the last one received */
};

struct load {
    unsigned port;
    int connections;
    long count; /* requests in all */
    /* Appends request number n, head and body. */
    void (*next)(void *arg, long n, struct buf *request);
    void (*answered)(void *arg, long n, const struct load_answer *answer); /* or NULL */
    void *arg;
};

struct load_report {
    long by_class[6]; /* answers 1xx to 5xx; [0]: broken connections */
    double wall_ms, p50_ms, p95_ms, p99_ms, max_ms;
    double good_wall_ms; /* from the start to the last 2xx */
};

MUST_CHECK int load_run(struct load_report *out, const struct load *l, struct err *e);

/* Opens count connections that send nothing; their descriptors go to fds. Returns how many could be opened.
 */
int load_idle(int *fds, int count, unsigned port);
