/* registry.h - the operator's side of keys/: making, importing, disabling and granting seals.
 *
 * These functions run in the operator's own command, never in the server. As root they give everything they
 * write to the signer's user, so that the server can neither read keys/ nor change seals/ and trust/. A
 * signer that runs meanwhile notices each change at its next request. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "font/font.h"
#include "sign/signer.h"

enum { REGISTRY_ID_SIZE = 33, REGISTRY_RATE_PER_MINUTE = 60000, REGISTRY_EXPIRY_WARNING_DAYS = 90 };

/* Where, and for whom. */
struct registry {
    const char *data_dir; /* borrowed */
    struct signer_identity who;
};
/* For the users of this machine (signer_identity_find). */
void registry_at(struct registry *r, const char *data_dir);

/* Makes keys/ (0700), seals/ and trust/, and the data directory itself, where they are not there yet.
 * Isolated, the data directory becomes root's with the sticky bit and the server's group: the server may add
 * to it but not rename keys/, seals/ or trust/ away. Every function below that makes a seal does this first.
 */
MUST_CHECK int registry_prepare(const struct registry *r, struct err *e);

/* "rsa2048", "rsa3072", "p256". */
enum seal_key { SEAL_KEY_RSA2048, SEAL_KEY_RSA3072, SEAL_KEY_P256 };
bool seal_key_parse(enum seal_key *out, const char *name);

/* The local test CA: its key in keys/, its root, marked with TEST_CA_OID, in trust/test-ca.pem. Fine if it is
 * there already. */
MUST_CHECK int registry_new_test_ca(const struct registry *r, struct err *e);

/* A test seal: picture drawn, key made, certificate from the local test CA. */
struct seal_order {
    const char *owner; /* the office's full name; （测试） is added if it does not say so */
    const char *name;  /* what the office calls it; NULL: line, else 公章 */
    const char *line;  /* below the star, or NULL */
    double diameter;   /* mm; 0: 45 */
    const char *color; /* NULL: "#E60012" */
    enum seal_key key;
    int days;      /* of validity; 0: 1095 */
    int64_t start; /* of validity; 0: now */
};
/* fonts may be NULL: they are opened for the drawing then. */
MUST_CHECK int registry_new_seal(char id[REGISTRY_ID_SIZE], const struct registry *r,
                                 const struct seal_order *o, struct fonts *fonts, struct err *e);

/* The service's own seal, without a picture. test: from the test CA; else from a CA of this installation,
 * whose root goes to trust/service-ca.pem. ERR_CONFLICT if one is enabled already. */
MUST_CHECK int registry_new_service_seal(char id[REGISTRY_ID_SIZE], const struct registry *r,
                                         const struct seal_order *o, bool test, struct err *e);

/* An office's own picture, chain and key. */
struct seal_import {
    const char *owner, *name; /* name NULL: 公章 */
    const char *picture;      /* path of a PNG or SVG; NULL with service */
    const char *chain, *key;  /* paths of PEM files */
    double diameter;          /* mm; 0: 45 */
    bool service;             /* becomes the service's own */
    bool
        *names_owner; /* NULL, or filled: whether the X.509 certificate was issued to the owner, by O or CN */
};
MUST_CHECK int registry_import(char id[REGISTRY_ID_SIZE], const struct registry *r,
                               const struct seal_import *o, struct err *e);

/* seal: an id, or at least its first 6 digits. */
MUST_CHECK int registry_disable(const struct registry *r, const char *seal, struct err *e);
MUST_CHECK int registry_enable(const struct registry *r, const char *seal, struct err *e);

struct grant_order {
    const char *seal;
    const char *to;    /* id of an issuing profile or kind of document, "*", or SIGNER_DELEGATE */
    const char *from;  /* first day, YYYY-MM-DD in Asia/Shanghai, or NULL */
    const char *until; /* last day, or NULL */
    int64_t count;     /* most uses; 0: any number */
};
/* id: of the grant, 16 hex digits. */
MUST_CHECK int registry_grant(char id[REGISTRY_ID_SIZE], const struct registry *r,
                              const struct grant_order *o, struct err *e);
/* Also one that was given through the service; one that was given by a delegation outlives it. */
MUST_CHECK int registry_revoke_grant(const struct registry *r, const char *grant, struct err *e);

/* {"seals": [{id, name, owner, service, test, state, algorithm, diameter_mm, valid_from, valid_until,
 * days_left, warning, rate_per_minute, grants: [{id, to, from, until, count, used, by}]}]}; warning is
 * "expired", "not-yet-valid", "ends-soon", "broken" or null; by is "operator" or "service". */
MUST_CHECK int registry_list(json_t **out, const struct registry *r, int64_t now, struct err *e);
