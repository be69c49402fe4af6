/* supervisor.h - keeps one signer and one server process of a data directory alive until it is told to end.
 *
 * It has one thread, reads nothing from outside and keeps the rights that starting the two again needs.
 * SIGTERM, SIGINT and SIGHUP end it: the server ends what it has begun, then the signer ends. When the
 * supervisor itself is killed, both end too. */
#pragma once
#include "base/err.h"
#include "sign/signer.h"

/* The server's end of the line to its supervisor. */
struct server_end {
    const char *listen; /* the address to bind; after the first start with the port that was given then */
    int lifeline;       /* closed by the supervisor's end */
    int report;
};

struct supervisor_order {
    const char *data_dir, *listen;
    struct signer_identity who;
    /* The whole life of the server process; returns its exit status. It still has the caller's rights, and
     * SIGTERM, SIGINT and SIGHUP are blocked. */
    int (*serve)(const struct supervisor_order *o, struct server_end *end);
};

/* Returns the exit status of the program. What the first start finds wrong ends it, said on standard error;
 * later failures are logged and tried again, after 0.1 s at first, 10 s at most. */
int supervisor_run(const struct supervisor_order *o);

/* In the server process: it listens, or why not (returns the exit status). */
void server_end_ready(struct server_end *end, unsigned port);
int server_end_failed(struct server_end *end, const struct err *why);
/* Returns when the server is to end. */
void server_end_wait(struct server_end *end);
