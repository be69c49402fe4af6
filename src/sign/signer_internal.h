/* signer_internal.h - what crosses the socket between a client and the signer, and the signer's parts. */
#pragma once
#include "sign/registry_internal.h"
#include "sign/signer.h"
#include "sign/signer_counts.h"
#include "sign/signer_log.h"

enum { SIGNER_PROTOCOL = 1 };
enum signer_op { SIGNER_OP_SIGN = 1, SIGNER_OP_CHECK = 2, SIGNER_OP_PING = 3 };

/* Always whole, in one packet (SOCK_SEQPACKET). */
struct signer_request {
    uint32_t version;
    uint32_t op;
    uint64_t number; /* comes back in the answer */
    uint8_t seal[16];
    uint8_t journal[16];
    uint8_t digest[32];
    char grantee[GRANTEE_SIZE]; /* ended with NUL */
};

struct signer_answer {
    uint32_t version;
    uint32_t code; /* enum err_code */
    uint64_t number;
    uint32_t cms_len;
    uint32_t reserved;
    union {
        uint8_t cms[SIGNER_MAX_CMS];
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
    int socket, keys, log, heads, counts, lock;
};

/* The child from here on; returns its exit status. */
int signer_process_run(int socket, const char *data_dir, const struct signer_identity *who);

/* Gives up everything the signer does not need (signer_sandbox.c). */
MUST_CHECK int signer_identity_take(uid_t uid, gid_t gid, struct err *e);
MUST_CHECK int signer_harden(struct err *e); /* no core file, no swap; needs root to be whole */
MUST_CHECK int signer_forbid(struct err *e); /* no debugger, no new privileges, few system calls */

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

/* May this seal be used for grantee now? *grant: the grant to take, NULL for the service's own seal. */
MUST_CHECK int signer_policy_check(const struct grant **grant, const struct signer_seal *seal,
                                   const struct registry_rows *rows, const struct counts *counts,
                                   const char *grantee, int64_t now, struct err *e);
/* Takes a use from the rate cap. */
MUST_CHECK int signer_policy_rate(struct signer_seal *seal, int64_t now_ms, struct err *e);
