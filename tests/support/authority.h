/* authority.h - a certification authority and its signers, made anew in every test program. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <openssl/x509.h>

struct authority {
    X509 *root;
    EVP_PKEY *key;
};
/* test: the root bears the mark of the local test CA. It is valid from 2020 to 2040. */
struct authority authority_new(const char *name, bool test);
void authority_free(struct authority *ca);
/* Writes the root as PEM. */
void authority_write(const struct authority *ca, const char *path);
/* Writes a CRL as PEM that revokes this certificate. */
void authority_revoke(const struct authority *ca, const X509 *leaf, int64_t moment, const char *path);

enum key_kind { KEY_RSA_2048, KEY_RSA_3072, KEY_P256 };
struct signatory {
    X509 *leaf;
    EVP_PKEY *key;
    STACK_OF(X509) * chain;
};
struct signatory_order {
    const char *owner; /* organisation */
    enum key_kind kind;
    int64_t from, to;     /* 0, 0: 2025 to 2030 */
    const char *usage;    /* keyUsage; NULL: digitalSignature,nonRepudiation */
    const char *extended; /* extendedKeyUsage or NULL */
};
struct signatory signatory_new(const struct authority *ca, const struct signatory_order *o);
void signatory_free(struct signatory *s);
/* A revision_signer; arg is a struct signatory. */
int signatory_sign(void *arg, const uint8_t digest[32], struct buf *cms, struct err *e);
