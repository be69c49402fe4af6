/* test_ca.h - how the local test CA is told from real ones: a private extension in its root, and in all that
 * it certifies, so that nobody who trusts such a certificate by itself takes it for a real one. */
#pragma once
#include <openssl/x509.h>
#include <stdbool.h>

/* Non-critical, any value; the arc 2.25 is for UUIDs (ITU-T X.667). Whoever makes a test root puts it in. */
#define TEST_CA_OID "2.25.84669578430595175415690419896045725460"

bool test_ca_is(const X509 *certificate);
