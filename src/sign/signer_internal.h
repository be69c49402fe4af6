/* signer_internal.h - what crosses the socket between a client and the signer, and the signer's parts. */
#pragma once
#include "sign/registry_internal.h"
#include "sign/signer.h"
#include "sign/signer_counts.h"
#include "sign/signer_log.h"

enum { SIGNER_PROTOCOL = 2 };
enum signer_op {
    SIGNER_OP_SIGN = 1,
    SIGNER_OP_CHECK,
    SIGNER_OP_PING,
    SIGNER_OP_GRANT_NEW,
    SIGNER_OP_GRANT_REVOKE,
    SIGNER_OP_GRANT_AT,
    SIGNER_OP_SERIAL,
    SIGNER_OP_LAST = SIGNER_OP_SERIAL
};

/* Always whole, in one packet (SOCK_SEQPACKET). Texts are ended with NUL. */
struct signer_request {
    uint32_t version;
    uint32_t op;
    uint64_t number; /* comes back in the answer */
    uint8_t seal[16];
    uint8_t journal[16];
    uint8_t digest[32];
    char grantee[GRANTEE_SIZE];
    char grant[24];
    char actor[64];
    char from[12], until[12];
    int64_t count; /* of a new grant, the index of the one to show, or the serial of the counter in grantee */
};

struct signer_answer {
    uint32_t version;
    uint32_t code; /* enum err_code */
    uint64_t number;
    uint32_t len; /* of the body, when code is 0 */
    uint32_t reserved;
    union {
        uint8_t cms[SIGNER_MAX_CMS];
        int64_t left;
        struct signer_grant grant;
        struct {
            char en[sizeof((struct err *)0)->en];
            char zh[sizeof((struct err *)0)->zh];
            char detail[sizeof((struct err *)0)->detail];
        } why;
    } body;
};
enum { SIGNER_ANSWER_HEAD = 24 };

/* What the signer may have open: everything else is opened through keys. */
struct signer_files {
    int keys, log, heads, counts, lock;
};

/* Where requests come from. -1: there is none. */
struct signer_door {
    int first;    /* gets the answer that it is ready; without a listener it is the only client */
    int listener; /* of a service */
    int parent;   /* a pidfd of the process that forked a service's signer */
    int term;     /* a signalfd for SIGTERM; made by signer_process_run() */
};

/* The child from here on; returns its exit status. */
int signer_process_run(const struct signer_door *door, const char *data_dir,
                       const struct signer_identity *who);

/* The signer's process, once it has begun. */
struct signer_state {
    struct signer_files files;
    struct signer_door door;
    struct signer_identity who;
    struct signer_seals *seals;
    struct service_grants *grants;
    struct counts *counts;
    struct signer_log *log;
    struct buf cms;
    int64_t complaint_minute; /* a flood of bad requests must not flood the log */
    int complaints;
    int64_t serial_minute; /* nor may notes of serials */
    int serials;
    struct signer_answer answer;
};
/* Serves until its clients, its parent or SIGTERM end it (signer_serve.c). */
void signer_serve(struct signer_state *s);
/* Makes s->answer for a packet of len bytes; false: it was no request (signer_answer.c). */
bool signer_answer_request(struct signer_state *s, const struct signer_request *q, size_t len);
void signer_answer_fill(struct signer_answer *a, uint64_t number, int rc, const struct err *e);
size_t signer_answer_size(const struct signer_answer *a);
/* Notes in the log what should not have been asked: "event=...". */
void signer_complain(struct signer_state *s, const char *what);
struct signer_log_key signer_head_key(const struct signer_state *s);

/* A connection to a service's signer in the directory dir; -1 with errno (signer_socket.c). */
int signer_socket_connect(int dir);

/* Gives up everything the signer does not need (signer_sandbox.c). */
MUST_CHECK int signer_identity_take(uid_t uid, gid_t gid, struct err *e);
MUST_CHECK int signer_harden(struct err *e); /* no core file, no swap; needs root to be whole */
/* No debugger, no new privileges, few system calls: accepting only at the listener, new files only in keys.
 */
MUST_CHECK int signer_forbid(int keys, int listener, struct err *e);

/* The seals as the signer knows them, read from keys/ (signer_seals.c). */
struct signer_seal {
    struct seal_row row;
    EVP_PKEY *key;
    X509 *leaf;
    STACK_OF(X509) * issuers;
    int64_t valid_from, valid_to; /* of the whole chain */
    bool broken;                  /* key or chain cannot be read */
    int64_t tokens, token_ms;     /* rate cap: thousandths of a use, and when they were counted */
};
struct signer_seals;
MUST_CHECK int signer_seals_open(struct signer_seals **out, int keys_fd, struct err *e);
void signer_seals_free(struct signer_seals *s);
/* Reads registry.json again if it changed. While it cannot be read every request fails. */
MUST_CHECK int signer_seals_refresh(struct signer_seals *s, struct err *e);
struct signer_seal *signer_seals_lookup(struct signer_seals *s, const uint8_t id[16]);
/* The service's own, for the heads of the log; NULL if there is none. */
const struct signer_seal *signer_seals_service(const struct signer_seals *s);
const struct registry_rows *signer_seals_rows(const struct signer_seals *s);

/* A small file of keys/. ERR_NOT_FOUND */
MUST_CHECK int signer_read_at(struct buf *out, int dir, const char *name, struct err *e);

/* The grants given through the service: keys/service-grants.json, which only the signer writes, as
 * registry.json beside it is written by the operator's commands only: so neither can lose the other's rows
 * (signer_grants.c). A file that is damaged grants nothing. */
enum { SERVICE_GRANTS_MAX = 8192 };
struct service_grants;
MUST_CHECK int service_grants_open(struct service_grants **out, int keys_fd, struct err *e);
void service_grants_free(struct service_grants *g);
const struct registry_rows *service_grants_rows(const struct service_grants *g);
/* Both are on the disk when they return 0, and undone otherwise. */
MUST_CHECK int service_grants_add(struct service_grants *g, const char *id, const struct grant_order *o,
                                  struct err *e);
MUST_CHECK int service_grants_revoke(struct service_grants *g, const char *id, struct err *e);

/* All grants there are, the operator's first. */
struct grant_book {
    const struct registry_rows *registry, *service;
    const struct counts *counts;
};
/* NULL behind the last. */
const struct grant *grant_book_at(const struct grant_book *b, size_t index);
bool grant_book_active(const struct grant_book *b, const struct grant *g);

/* May this seal be used for grantee now? *grant: the grant to take, NULL for the service's own seal. */
MUST_CHECK int signer_policy_check(const struct grant **grant, const struct signer_seal *seal,
                                   const struct grant_book *book, const char *grantee, int64_t now,
                                   struct err *e);
/* May the service give a grant for it? *grant: the operator's delegation to take. */
MUST_CHECK int signer_policy_delegation(const struct grant **grant, const struct signer_seal *seal,
                                        const struct grant_book *book, int64_t now, struct err *e);
/* Uses left for grantee now, of all grants together; INT64_MAX: any number. */
int64_t signer_policy_left(const struct signer_seal *seal, const struct grant_book *book, const char *grantee,
                           int64_t now);
/* Takes a use from the rate cap. */
MUST_CHECK int signer_policy_rate(struct signer_seal *seal, int64_t now_ms, struct err *e);
