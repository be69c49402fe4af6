/* verify.h - is this file genuine, and who sealed it? Never repairs, never connects, never crashes, on any
 * bytes. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { VERIFY_MAX_BYTES = 64 * 1024 * 1024 };

/* Whom we believe: roots, each either real or the local test CA. */
struct trust;
/* Reads every *.pem and *.crl of dir; NULL dir trusts nobody. */
MUST_CHECK int trust_load(struct trust **out, const char *dir, struct err *e);
/* Adds the certificates of one PEM file. */
MUST_CHECK int trust_add_file(struct trust *t, const char *pem, struct err *e);
void trust_free(struct trust *t);

/* A file cut back to the end of an earlier seal is a whole document with fewer seals: it stays intact, and
 * the reason says how many places for seals are empty. Only the journal knows that more followed. */
enum verdict_kind {
    VERDICT_GENUINE,     /* intact, every chain trusted, the last signature ends the file */
    VERDICT_TEST,        /* as genuine, but a chain ends in the test CA: 测试签章, never called genuine */
    VERDICT_ALTERED,     /* bytes, pages, fields or signatures are not what was signed */
    VERDICT_NOT_TRUSTED, /* intact, but a signer's chain is unknown, expired, revoked or not for this */
    VERDICT_NOT_SIGNED,
    VERDICT_UNSUPPORTED /* not a PDF, encrypted, or built in a way that cannot be judged */
};
const char *verdict_name(
    enum verdict_kind kind); /* "genuine", "test", "altered", "not-trusted", "not-signed", "unsupported" */

enum chain_state {
    CHAIN_TRUSTED,
    CHAIN_TEST,
    CHAIN_UNKNOWN,
    CHAIN_EXPIRED,
    CHAIN_NOT_YET_VALID,
    CHAIN_REVOKED,
    CHAIN_NOT_FOR_SIGNING
};

struct seal_verdict {
    const char *field;  /* name of the signature field */
    const char *owner;  /* subject's organisation or common name */
    const char *issuer; /* of the signer's certificate */
    const char *root;   /* last of the chain, or "" */
    int64_t signed_at;  /* /M: the signer's own word */
    bool has_time;
    int64_t valid_from, valid_to; /* of the signer's certificate */
    bool intact;                  /* digest, attributes and signature hold */
    bool certifies;               /* DocMDP */
    bool visible;   /* a seal on the page; else a record of the service (系统记录，非单位签章) */
    bool timestamp; /* of the whole document: signed_at is the word of a timestamp service */
    size_t page;    /* where it is seen, 0: nowhere, or not known */
    const char *certificate; /* SHA-256 of the signer's certificate as 64 hex digits, or "" */
    enum chain_state chain;
    const char *algorithm;               /* "RSA-2048 SHA-256" */
    size_t revision;                     /* 1 is the first revision of the file */
    const char *problem_en, *problem_zh; /* what is wrong, or NULL */
};

struct revision_verdict {
    size_t number;
    uint64_t end;                      /* bytes from the start */
    bool allowed;                      /* within the allow-list for what was signed before it */
    const char *change_en, *change_zh; /* "seal of X placed", "page 1: content replaced" */
};

struct verdict {
    enum verdict_kind kind;
    const char *reason_en, *reason_zh; /* one sentence */
    struct seal_verdict *seals;
    size_t seal_count;
    struct revision_verdict *revisions;
    size_t revision_count;
    uint8_t sha256[32]; /* of the file */
    uint64_t size;
    size_t pages; /* 0: not known */
};

struct verify_order {
    const struct trust *trust;
    int64_t moment; /* chains are judged at this moment */
};

/* In this process: for bytes of our own making. 0 whatever the verdict; -1 only without memory. Strings are
 * the arena's. */
MUST_CHECK int verify_pdf(struct verdict *v, struct slice pdf, const struct verify_order *o, struct arena *a,
                          struct err *e);
/* In a sandboxed child (2 s, 256 MB): for files from outside. A child that hits its limits or dies means
 * VERDICT_UNSUPPORTED. */
MUST_CHECK int verify_untrusted(struct verdict *v, struct slice pdf, const struct verify_order *o,
                                struct arena *a, struct err *e);

/* The verdict as JSON, stable member names; documented in README.md. */
MUST_CHECK int verdict_json(struct buf *out, const struct verdict *v, struct err *e);
