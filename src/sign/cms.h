/* cms.h - detached CMS signatures (RFC 5652) as PAdES B-B wants them: made and checked. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <openssl/x509.h>

/* Appends the DER of a signature over digest (SHA-256 of the signed bytes): content-type, message-digest and
 * signing-certificate-v2 as signed attributes, no signing-time; leaf and chain (may be NULL) inside; RSA
 * (PKCS#1 v1.5) or ECDSA with SHA-256. At most SIGNER_MAX_CMS bytes. */
MUST_CHECK int cms_build(struct buf *der, const uint8_t digest[32], X509 *leaf, STACK_OF(X509) * chain,
                         EVP_PKEY *key, struct err *e);
