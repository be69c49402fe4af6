/* registry_internal.h - what stands in keys/, as the seal commands write it and the signer reads it. */
#pragma once
#include "base/clock.h"
#include "base/json.h"
#include "sign/registry.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

enum {
    REGISTRY_MAX_BYTES = 4 * 1024 * 1024,
    REGISTRY_MAX_PEM = 64 * 1024,
    REGISTRY_MAX_CHAIN = 4, /* leaf and issuers, without the root */
    GRANT_ID_SIZE = 17,
    GRANTEE_SIZE = 64
};

/* One row of "grants" in registry.json. */
struct grant {
    char id[GRANT_ID_SIZE];
    uint8_t seal[16];
    char to[GRANTEE_SIZE];
    int64_t from, until; /* usable while from <= now < until */
    int64_t count;       /* 0: any number */
    bool revoked;        /* one given through the service; the operator's are removed */
};

/* One row of "seals". */
struct seal_row {
    char id[REGISTRY_ID_SIZE];
    uint8_t key_id[16];
    char name[128];
    bool enabled, service;
    int64_t rate_per_minute;
};

struct registry_rows {
    struct seal_row *seals;
    struct grant *grants;
    char (*revoked)[GRANT_ID_SIZE]; /* grants given through the service that the operator took back */
    size_t seal_count, grant_count, revoked_count;
};

/* Reads registry.json's text. ERR_INTERNAL when it is not as the seal commands write it. */
MUST_CHECK int registry_rows_read(struct registry_rows *out, struct slice text, struct err *e);
void registry_rows_dispose(struct registry_rows *rows);
/* Reads service-grants.json's text: only grants, none of them a delegation. root may be NULL. */
MUST_CHECK int registry_service_rows_read(struct registry_rows *out, json_t **root, struct slice text,
                                          struct err *e);
/* ERR_INVALID: what no grant can be. */
MUST_CHECK int registry_check_grant(const struct grant_order *o, struct err *e);
/* One row of either file; NULL without memory or when a text is not UTF-8. */
json_t *registry_grant_row(const char *id, const char *seal, const struct grant_order *o);

/* The first moment of a day in Asia/Shanghai. */
int64_t registry_day_start(struct date d);

/* Certificates and keys (registry_x509.c). A chain is leaf first. */
struct chain {
    X509 *certs[REGISTRY_MAX_CHAIN + 1];
    size_t count;
    X509 *root; /* the self-signed end, NULL if it was not in the file */
};
MUST_CHECK int chain_read(struct chain *out, struct slice pem, const char *name, struct err *e);
MUST_CHECK int chain_write(struct buf *pem, const struct chain *c, struct err *e); /* without the root */
void chain_dispose(struct chain *c);
/* When the whole chain, as far as it is here, is valid. */
void chain_validity(int64_t *from, int64_t *to, const struct chain *c);
/* "RSA-2048", "P-256" */
void key_algorithm(char out[32], const EVP_PKEY *key);

MUST_CHECK int registry_key_new(EVP_PKEY **out, enum seal_key kind, struct err *e);
MUST_CHECK int key_read(EVP_PKEY **out, struct slice pem, const char *name, struct err *e);
MUST_CHECK int key_write(struct buf *pem, const EVP_PKEY *key, struct err *e);

struct certificate_order {
    const char *organisation, *common_name;
    EVP_PKEY *subject_key;
    X509 *issuer;         /* NULL: a root of its own */
    EVP_PKEY *issuer_key; /* the subject's own for a root */
    int64_t from;
    int days;
    bool test_mark; /* the extension of the test CA */
};
MUST_CHECK int certificate_make(X509 **out, const struct certificate_order *o, struct err *e);

/* A seal as it is written: the last step of making and of importing. */
struct seal_material {
    const char *owner, *name;
    double diameter;
    bool service, test;
    EVP_PKEY *key;
    const struct chain *chain;
    struct slice picture;  /* empty: none */
    const char *extension; /* of the picture: "svg" or "png" */
};
MUST_CHECK int registry_add(char id[REGISTRY_ID_SIZE], const struct registry *r,
                            const struct seal_material *m, struct err *e);

/* A certificate for key from one of the local CAs, as a chain of one. */
MUST_CHECK int registry_certify(struct chain *out, const struct registry *r, const struct seal_order *o,
                                EVP_PKEY *key, bool test, struct err *e);

/* registry.json, checked; without seals if there is none yet. */
MUST_CHECK int registry_json(json_t **out, const struct registry *r, struct err *e);
/* service-grants.json, checked; without grants if there is none. */
MUST_CHECK int registry_service_json(json_t **out, const struct registry *r, struct err *e);
/* Whether the operator took back this grant of the service; root: of registry.json. */
bool registry_is_revoked(const json_t *root, const char *id);
/* Writes data_dir/<name>, owned by the signer's user. */
MUST_CHECK int registry_put(const struct registry *r, const char *name, struct slice content, mode_t mode,
                            struct err *e);
/* data_dir/<name> */
MUST_CHECK int registry_path(char *out, size_t size, const struct registry *r, const char *name,
                             struct err *e);
