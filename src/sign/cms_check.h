/* cms_check.h - detached CMS signatures of a PDF, ours and others', read strictly (RFC 5652, RFC 5035). */
#pragma once
#include "base/buf.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

enum cms_state {
    CMS_INTACT,
    CMS_MALFORMED,  /* not what any signer writes */
    CMS_MISMATCH,   /* digest, attributes or signature do not fit */
    CMS_WEAK,       /* MD5 or SHA-1: nobody can vouch for it */
    CMS_UNSUPPORTED /* an encoding or algorithm that is not known here */
};

struct cms {
    struct slice certificates; /* DER, one after the other */
    struct slice leaf;         /* the signer's among them */
    struct slice attributes;   /* signed ones: content of the SET */
    struct slice digest;       /* the message-digest attribute */
    struct slice ess;          /* content of signing-certificate or -v2; empty if absent */
    bool ess_is_v2;
    struct slice signature;
    const char *digest_name; /* "SHA256" */
    const char *algorithm;   /* "RSA", "RSA-PSS", "EC"; NULL: not known */
};

/* Takes it apart. der has the signature's exact length. */
enum cms_state cms_read(struct cms *c, struct slice der);
/* digest: of the signed bytes, by c->digest_name; key: the leaf's, NULL if it cannot be read. need_ess:
 * signing-certificate must be there. */
enum cms_state cms_check(const struct cms *c, struct slice digest, EVP_PKEY *key, bool need_ess);
/* Cuts the first element off s; false if there is no whole one. */
bool der_next(struct slice *s, uint8_t *tag, struct slice *content, struct slice *whole);
