/* cms_test.c - our CMS is byte for byte what OpenSSL would write without a signing time; others are read
 * strictly. */
#include "base/digest.h"
#include "sign/cms.h"
#include "sign/cms_check.h"
#include "sign/signer.h"
#include "support/authority.h"
#include <openssl/cms.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct authority ca;
static const uint8_t digest[32] = {1, 2, 3, 4, 5};

static int open_authority(void **state)
{
    (void)state;
    ca = authority_new("示例根证书", false);
    return 0;
}

static int close_authority(void **state)
{
    (void)state;
    authority_free(&ca);
    return 0;
}

static struct signatory signatory_of(enum key_kind kind)
{
    struct signatory_order o = {.owner = "示例单位", .kind = kind};

    return signatory_new(&ca, &o);
}

/* The same by OpenSSL's objects, never CMS_final(): it would add a signing time. */
static struct buf by_openssl(const struct signatory *s)
{
    unsigned int flags = CMS_BINARY | CMS_NOSMIMECAP | CMS_CADES | CMS_PARTIAL;
    CMS_ContentInfo *ci =
        CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_DETACHED | CMS_PARTIAL | CMS_STREAM);
    CMS_SignerInfo *si = CMS_add1_signer(ci, s->leaf, s->key, EVP_sha256(), flags);
    STACK_OF(X509_ATTRIBUTE) *attributes = sk_X509_ATTRIBUTE_new_null();
    struct buf out = BUF_INIT(1 << 16);
    unsigned char *tbs = NULL, *der = NULL, *signature;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t len = 1024;
    int n;

    assert_int_equal(CMS_signed_add1_attr_by_NID(si, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                                 OBJ_nid2obj(NID_pkcs7_data), -1),
                     1);
    assert_int_equal(
        CMS_signed_add1_attr_by_NID(si, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, digest, 32), 1);
    for (int i = 0; i < CMS_signed_get_attr_count(si); i++)
        assert_true(sk_X509_ATTRIBUTE_push(attributes, CMS_signed_get_attr(si, i)) > 0);
    n = ASN1_item_i2d((ASN1_VALUE *)attributes, &tbs, ASN1_ITEM_rptr(PKCS7_ATTR_SIGN));
    assert_true(n > 0);
    signature = OPENSSL_malloc(len);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, s->key), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &len, tbs, (size_t)n), 1);
    ASN1_STRING_set0(CMS_SignerInfo_get0_signature(si), signature, (int)len);
    n = i2d_CMS_ContentInfo(ci, &der);
    assert_true(n > 0);
    buf_append_bytes(&out, der, (size_t)n);
    OPENSSL_free(der);
    OPENSSL_free(tbs);
    sk_X509_ATTRIBUTE_free(attributes);
    EVP_MD_CTX_free(ctx);
    CMS_ContentInfo_free(ci);
    return out;
}

static struct buf built(const struct signatory *s)
{
    struct buf out = BUF_INIT(SIGNER_MAX_CMS);
    struct err e;

    assert_int_equal(cms_build(&out, digest, s->leaf, s->chain, s->key, &e), 0);
    return out;
}

static void rsa_signatures_equal_those_of_openssl(void **state)
{
    struct signatory s = signatory_of(KEY_RSA_2048);
    struct buf ours = built(&s), theirs = by_openssl(&s);

    (void)state;
    assert_int_equal(ours.len, theirs.len);
    assert_memory_equal(ours.data, theirs.data, ours.len);
    buf_dispose(&ours);
    buf_dispose(&theirs);
    signatory_free(&s);
}

/* ECDSA is random: everything but the signature itself, and its length, is equal. */
static void ecdsa_signatures_differ_from_openssl_only_in_the_signature(void **state)
{
    struct signatory s = signatory_of(KEY_P256);
    struct buf ours, theirs;
    int same_length = 0;

    (void)state;
    for (int i = 0; i < 64 && !same_length; i++) {
        struct cms c;

        ours = built(&s);
        theirs = by_openssl(&s);
        same_length = ours.len == theirs.len;
        if (same_length) {
            assert_int_equal(cms_read(&c, buf_view(&ours)), CMS_INTACT);
            assert_memory_equal(ours.data, theirs.data, (size_t)(c.signature.ptr - ours.data));
        }
        buf_dispose(&ours);
        buf_dispose(&theirs);
    }
    assert_true(same_length);
    signatory_free(&s);
}

static enum cms_state state_of(struct slice der, const struct signatory *s, const uint8_t of[32])
{
    struct cms c;
    enum cms_state state = cms_read(&c, der);

    return state == CMS_INTACT ? cms_check(&c, (struct slice){of, 32}, s->key, true) : state;
}

static void what_was_built_checks(void **state)
{
    static const enum key_kind kinds[] = {KEY_RSA_2048, KEY_RSA_3072, KEY_P256};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct signatory s = signatory_of(kinds[i]);
        struct buf der = built(&s);
        static const uint8_t other[32] = {1, 2, 3, 4, 6};

        assert_int_equal(state_of(buf_view(&der), &s, digest), CMS_INTACT);
        assert_int_equal(state_of(buf_view(&der), &s, other), CMS_MISMATCH);
        buf_dispose(&der);
        signatory_free(&s);
    }
}

static void there_is_no_signing_time(void **state)
{
    static const uint8_t oid[] = {0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 5};
    struct signatory s = signatory_of(KEY_P256);
    struct buf der = built(&s);

    (void)state;
    assert_true(slice_find(buf_view(&der), 0, (struct slice){oid, sizeof oid}) == SIZE_MAX);
    buf_dispose(&der);
    signatory_free(&s);
}

static void another_key_does_not_check(void **state)
{
    struct signatory s = signatory_of(KEY_P256), t = signatory_of(KEY_P256);
    struct buf der = BUF_INIT(SIGNER_MAX_CMS);
    struct err e;

    (void)state;
    assert_int_equal(cms_build(&der, digest, s.leaf, s.chain, t.key, &e), 0);
    assert_int_equal(state_of(buf_view(&der), &s, digest), CMS_MISMATCH);
    buf_dispose(&der);
    signatory_free(&s);
    signatory_free(&t);
}

static void every_cut_and_every_flip_is_noticed(void **state)
{
    struct signatory s = signatory_of(KEY_RSA_2048);
    struct buf der = built(&s);

    (void)state;
    for (size_t i = 0; i < der.len; i++) {
        assert_int_not_equal(state_of(slice_part(buf_view(&der), 0, i), &s, digest), CMS_INTACT);
        for (int bit = 0; bit < 8; bit++) {
            der.data[i] ^= (uint8_t)(1 << bit);
            assert_int_not_equal(state_of(buf_view(&der), &s, digest), CMS_INTACT);
            der.data[i] ^= (uint8_t)(1 << bit);
        }
    }
    buf_dispose(&der);
    signatory_free(&s);
}

static void a_chain_too_long_for_its_place_is_refused(void **state)
{
    struct signatory s = signatory_of(KEY_P256);
    struct buf der = BUF_INIT(SIGNER_MAX_CMS);
    struct err e;

    (void)state;
    for (int i = 0; i < 8; i++)
        assert_true(sk_X509_push(s.chain, ca.root) > 0);
    assert_int_equal(cms_build(&der, digest, s.leaf, s.chain, s.key, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_int_equal(der.len, 0);
    buf_dispose(&der);
    signatory_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rsa_signatures_equal_those_of_openssl),
        cmocka_unit_test(ecdsa_signatures_differ_from_openssl_only_in_the_signature),
        cmocka_unit_test(what_was_built_checks),
        cmocka_unit_test(there_is_no_signing_time),
        cmocka_unit_test(another_key_does_not_check),
        cmocka_unit_test(every_cut_and_every_flip_is_noticed),
        cmocka_unit_test(a_chain_too_long_for_its_place_is_refused),
    };

    return cmocka_run_group_tests(tests, open_authority, close_authority);
}
