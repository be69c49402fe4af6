/* trust.h - is a signer's chain to be believed at a moment? The public part is in verify.h. */
#pragma once
#include "base/arena.h"
#include "sign/cms_check.h"
#include "sign/verify.h"

/* What is known of one signer. */
struct signer_facts {
    const char *owner, *issuer, *root;
    const char *algorithm; /* "RSA-2048" */
    int64_t valid_from, valid_to;
    enum chain_state chain;
    bool forged;   /* a certificate's own signature does not hold: the file was altered */
    EVP_PKEY *key; /* the caller's: EVP_PKEY_free(); NULL if it cannot be read */
};

enum trust_use { TRUST_SEAL, TRUST_TIMESTAMP };

/* Judges leaf (DER) with the certificates beside it. Answers are kept for 60 s unless fresh is set, as it
 * must be in a forked child, where another thread of the parent may have held the lock. false: no memory. */
bool trust_judge(struct signer_facts *out, const struct trust *t, struct slice leaf,
                 struct slice certificates, int64_t moment, enum trust_use use, bool fresh, struct arena *a);
