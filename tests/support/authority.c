#include "support/authority.h"
#include "sign/cms.h"
#include "sign/test_ca.h"
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static const int64_t year_2020 = 1577836800, year_2025 = 1735689600, year_2030 = 1893456000,
                     year_2040 = 2208988800;

/* A test that cannot even make its keys must not go on. */
static void must(bool fine)
{
    if (!fine) {
        (void)fputs("the test's own CA could not be made\n", stderr);
        abort();
    }
}

static EVP_PKEY *key_new(enum key_kind kind)
{
    EVP_PKEY *key = kind == KEY_P256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(kind == KEY_RSA_3072 ? 3072 : 2048);

    must(key != NULL);
    return key;
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *ext;

    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(ext != NULL && X509_add_ext(x, ext, -1) == 1);
    X509_EXTENSION_free(ext);
}

static void mark_as_test(X509 *x)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(TEST_CA_OID, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext = NULL;

    must(oid != NULL && value != NULL && ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2) == 1);
    must(X509_EXTENSION_create_by_OBJ(&ext, oid, 0, value) != NULL && X509_add_ext(x, ext, -1) == 1);
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
}

static X509 *certificate_new(const char *organisation, EVP_PKEY *key, int64_t from, int64_t to)
{
    static long serial = 1000;
    X509 *x = X509_new();
    X509_NAME *name;

    must(x != NULL);
    name = X509_get_subject_name(x);
    must(X509_set_version(x, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial) == 1);
    must(X509_NAME_add_entry_by_txt(name, "C", MBSTRING_UTF8, (const unsigned char *)"CN", -1, -1, 0) == 1);
    must(X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)organisation, -1, -1,
                                    0) == 1);
    must(ASN1_TIME_set(X509_getm_notBefore(x), from) != NULL &&
         ASN1_TIME_set(X509_getm_notAfter(x), to) != NULL);
    must(X509_set_pubkey(x, key) == 1);
    return x;
}

struct authority authority_new(const char *name, bool test)
{
    struct authority ca = {NULL, key_new(KEY_P256)};

    ca.root = certificate_new(name, ca.key, year_2020, year_2040);
    must(X509_set_issuer_name(ca.root, X509_get_subject_name(ca.root)) == 1);
    extend(ca.root, ca.root, NID_basic_constraints, "critical,CA:TRUE");
    extend(ca.root, ca.root, NID_key_usage, "critical,keyCertSign,cRLSign");
    extend(ca.root, ca.root, NID_subject_key_identifier, "hash");
    if (test)
        mark_as_test(ca.root);
    must(X509_sign(ca.root, ca.key, EVP_sha256()) > 0);
    return ca;
}

void authority_free(struct authority *ca)
{
    X509_free(ca->root);
    EVP_PKEY_free(ca->key);
}

void authority_write(const struct authority *ca, const char *path)
{
    FILE *f = fopen(path, "w");

    must(f != NULL);
    must(PEM_write_X509(f, ca->root) == 1);
    (void)fclose(f);
}

void authority_revoke(const struct authority *ca, const X509 *leaf, int64_t moment, const char *path)
{
    X509_CRL *crl = X509_CRL_new();
    X509_REVOKED *row = X509_REVOKED_new();
    ASN1_TIME *at = ASN1_TIME_set(NULL, moment), *next = ASN1_TIME_set(NULL, year_2040);
    FILE *f = fopen(path, "w");

    must(crl != NULL && row != NULL && at != NULL && next != NULL && f != NULL);
    must(X509_CRL_set_version(crl, 1) == 1 &&
         X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->root)) == 1);
    must(X509_CRL_set1_lastUpdate(crl, at) == 1 && X509_CRL_set1_nextUpdate(crl, next) == 1);
    must(X509_REVOKED_set_serialNumber(row, (ASN1_INTEGER *)X509_get0_serialNumber(leaf)) == 1);
    must(X509_REVOKED_set_revocationDate(row, at) == 1 && X509_CRL_add0_revoked(crl, row) == 1);
    must(X509_CRL_sign(crl, ca->key, EVP_sha256()) > 0 && PEM_write_X509_CRL(f, crl) == 1);
    (void)fclose(f);
    ASN1_TIME_free(at);
    ASN1_TIME_free(next);
    X509_CRL_free(crl);
}

struct signatory signatory_new(const struct authority *ca, const struct signatory_order *o)
{
    struct signatory s = {NULL, key_new(o->kind), sk_X509_new_null()};

    s.leaf = certificate_new(o->owner, s.key, o->from ? o->from : year_2025, o->to ? o->to : year_2030);
    must(s.chain != NULL && X509_set_issuer_name(s.leaf, X509_get_subject_name(ca->root)) == 1);
    extend(s.leaf, ca->root, NID_basic_constraints, "critical,CA:FALSE");
    extend(s.leaf, ca->root, NID_key_usage, o->usage ? o->usage : "critical,digitalSignature,nonRepudiation");
    if (o->extended != NULL)
        extend(s.leaf, ca->root, NID_ext_key_usage, o->extended);
    extend(s.leaf, ca->root, NID_authority_key_identifier, "keyid:always");
    must(X509_sign(s.leaf, ca->key, EVP_sha256()) > 0);
    return s;
}

void signatory_free(struct signatory *s)
{
    X509_free(s->leaf);
    EVP_PKEY_free(s->key);
    sk_X509_free(s->chain);
}

int signatory_sign(void *arg, const uint8_t digest[32], struct buf *cms, struct err *e)
{
    struct signatory *s = arg;

    return cms_build(cms, digest, s->leaf, s->chain, s->key, e);
}
