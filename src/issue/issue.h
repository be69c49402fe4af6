/* issue.h - one order in, one sealed, signed and journalled certificate out: exactly once, whatever happens.
 *
 *   check -> reserve number and row -> print -> sign, seal by seal -> verify -> file -> issued row -> answer
 *
 * Everything that can fail by the data is checked before a number is reserved. From then on the number,
 * token, id and time belong to the row for ever: after a crash or an outage the same order (or
 * issue_resume_all) carries on with them. Between processes a row is worked on by one at a time. */
#pragma once
#include "base/json.h"
#include "issue/press.h"
#include "records/faults.h"
#include "records/number.h"
#include "sign/signer.h"
#include "store/store.h"

/* Everything that stays open between certificates. One thread. */
struct issuer;

/* Opens data_dir's store, trust and configuration. press and signer are borrowed and must outlive it.
 * ERR_INVALID while public_url is unset. */
MUST_CHECK int issuer_open(struct issuer **out, const char *data_dir, struct press *press,
                           struct signer *signer, struct err *e);
void issuer_close(struct issuer *i);
/* Gives back the memory that only a full batch needs (12 MB); the last answers end. For when nothing waits:
 * the next certificate takes a millisecond more. */
void issuer_rest(struct issuer *i);
/* The store it writes; borrowed. */
struct store *issuer_store(struct issuer *i);

enum issue_stage {
    ISSUE_CHECKED,   /* order, template, seals */
    ISSUE_LAID_OUT,  /* pages */
    ISSUE_RESERVING, /* the row is written but not committed */
    ISSUE_RESERVED,
    ISSUE_PRINTED, /* unsigned PDF */
    ISSUE_SIGNED,  /* after each seal */
    ISSUE_VERIFIED,
    ISSUE_FILED, /* the file is on disk, the row does not say so yet */
    ISSUE_ISSUED,
    ISSUE_STAGES
};
/* Calls back after each stage, for measurements and for tests that end the process there. */
void issuer_watch(struct issuer *i, void (*watch)(void *arg, enum issue_stage stage), void *arg);

struct entry_claim;

struct issue_request {
    const json_t *order; /* records/order.h */
    struct slice photo;  /* JPEG of photo_crop(), 2寸 */
    struct slice
        photo_given; /* what it was made from: says whether a second order is the same. Empty: photo */
    const char *template_name; /* instead of the profile's, or NULL */
    int64_t now;
    const char *organisation; /* who may order: a profile of another one is not found. NULL: anybody */
    const char *actor;        /* for the events: id of an API key. NULL: "command line" */
    const char *replaces; /* id of the certificate this order replaces, or NULL; then order has original_no */
    const char *reason;   /* of the replacement */
    bool no_wait;         /* ERR_IN_PROGRESS, not waiting, when somebody else works on the same order */
    const struct entry_claim *claim; /* of a filing's entry: its number and grant; or NULL */
    bool correction; /* of replaces: the next version under the same number, not a replacement; then order has
                        no original_no. ERR_CONFLICT once the file was handed out */
};

/* What a filing's entry brings along; everything must outlive the call. */
struct entry_claim {
    const char *entry;          /* id */
    const char *number;         /* allotted at 入库 */
    const char *issuer_grantee; /* NULL: the profile's */
    int64_t fence;              /* of store_claim(); 0: not asked */
};

/* Everything that can be known before a number exists: order, offices, template, seals, every character and
 * length, by laying the certificate out with a number of the greatest width. Nothing is written. photo may be
 * empty. For lists that are checked before their numbers are given. */
MUST_CHECK int issue_check(struct issuer *i, const struct issue_request *r, struct faults *faults,
                           struct err *e);
/* The number for such a request, the next of its counter: inside the caller's transaction, which it raises
 * the counter in. */
MUST_CHECK int issue_allot(char number[NUMBER_BYTES + 1], struct issuer *i, const struct issue_request *r,
                           struct err *e);

/* The same for a long list: each counter is read once and written once, by issue_allot_end(). All of it is
 * inside one transaction of the caller's. */
struct allotment;
MUST_CHECK int issue_allot_begin(struct allotment **out, struct issuer *i, const char *profile,
                                 struct err *e);
/* What a number is made of beside its profile. */
struct allot_parts {
    const char *series_code, *level, *region; /* region NULL: the profile's */
    int year;
};
MUST_CHECK int issue_allot_next(char number[NUMBER_BYTES + 1], struct allotment *a,
                                const struct allot_parts *p, struct err *e);
/* Writes the counters. Frees it in any case. */
MUST_CHECK int issue_allot_end(struct allotment *a, struct err *e);
void issue_allot_drop(struct allotment *a); /* without writing; NULL is fine */

enum { ISSUE_SEALS_MAX = 8 };

struct issued_seal {
    const char *role;   /* "committee", "issuer", "service" */
    const char *office; /* full name */
    bool applied;       /* false: the office has no e-seal */
};

/* Good until the next certificate of the same issuer. */
struct issue_answer {
    const char *id, *token, *certificate_no, *verify_url;
    struct issued_seal seals[ISSUE_SEALS_MAX];
    size_t seal_count;
    const char *file; /* below the data directory */
    struct slice pdf;
    bool repeated; /* the same order came before; this is its answer */
    bool test;     /* sealed with test seals */
};

/* ERR_INVALID and the like with every fault in *faults; ERR_CONFLICT: biz_no was used with another content,
 * or the certificate to be replaced is not valid any more; ERR_FORBIDDEN: a seal may not be used now;
 * ERR_UNAVAILABLE: nothing is lost, the same order carries on. */
MUST_CHECK int issue_certificate(struct issue_answer *out, struct issuer *i, const struct issue_request *r,
                                 struct faults *faults, struct err *e);

enum { ISSUE_BATCH_MAX = 32 };

struct issue_item {
    struct issue_request request; /* in */
    int rc;                       /* out: as of issue_certificate() */
    struct issue_answer answer;
    struct faults faults;
    struct err err;
};

/* Up to ISSUE_BATCH_MAX certificates with the durable steps in common: one transaction reserves all numbers,
 * the files are synced together, one transaction says that they are issued. Each item has its own outcome;
 * the promises are those of issue_certificate(). Answers are good until the next certificate. */
void issue_batch(struct issuer *i, struct issue_item *items, size_t count);

/* Finishes every reserved row that no process works on; *count of them. Goes on past rows that fail; -1 and
 * the first reason if any did. */
MUST_CHECK int issue_resume_all(struct issuer *i, int64_t now, size_t *count, struct err *e);
