/* CMS is assembled from its end to its beginning, so that every length is known when it is written. */
#include "sign/cms.h"
#include "sign/signer.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

enum { MAX_CERTIFICATES = 8 };

enum tag {
    TAG_INTEGER = 0x02,
    TAG_OCTETS = 0x04,
    TAG_SEQUENCE = 0x30,
    TAG_SET = 0x31,
    TAG_CONTEXT_0 = 0xA0,
    TAG_CONTEXT_4 = 0xA4
};

static const uint8_t oid_signed_data[] = {0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2};
static const uint8_t oid_data[] = {0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1};
static const uint8_t algorithm_sha256[] = {0x30, 11, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1};
static const uint8_t algorithm_rsa[] = {0x30, 13, 0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 5, 0};
static const uint8_t algorithm_ecdsa[] = {0x30, 10, 0x06, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2};
/* The attribute with its only value: always the same. */
static const uint8_t attribute_content_type[] = {0x30, 24,   0x06, 9,    0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                 0x0D, 1,    9,    3,    0x31, 11,   0x06, 9,    0x2A,
                                                 0x86, 0x48, 0x86, 0xF7, 0x0D, 1,    7,    1};
static const uint8_t oid_message_digest[] = {0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 4};
static const uint8_t oid_signing_certificate_v2[] = {0x06, 11, 0x2A, 0x86, 0x48, 0x86, 0xF7,
                                                     0x0D, 1,  9,    16,   2,    47};

/* DER growing towards the beginning of a block. */
struct der {
    uint8_t *base;
    size_t at, size;
    bool failed;
};

static void put(struct der *d, const void *bytes, size_t len)
{
    if (d->failed || len > d->at) {
        d->failed = true;
        return;
    }
    d->at -= len;
    memcpy(d->base + d->at, bytes, len);
}

/* Everything written since `mark` becomes the content of this tag. */
static void wrap(struct der *d, enum tag tag, size_t mark)
{
    size_t len = mark - d->at;
    uint8_t head[6];
    size_t n = sizeof head;

    if (len < 0x80) {
        head[--n] = (uint8_t)len;
    } else {
        size_t digits = 0;

        for (size_t rest = len; rest != 0; rest >>= 8, digits++)
            head[--n] = (uint8_t)rest;
        head[--n] = (uint8_t)(0x80 | digits);
    }
    head[--n] = (uint8_t)tag;
    put(d, head + n, sizeof head - n);
}

static void put_name(struct der *d, const X509_NAME *name)
{
    const unsigned char *bytes = NULL;
    size_t len = 0;

    if (X509_NAME_get0_der(name, &bytes, &len) != 1)
        d->failed = true;
    else
        put(d, bytes, len);
}

static void put_serial(struct der *d, const X509 *x)
{
    unsigned char bytes[64], *at = bytes;
    int len = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), NULL);

    if (len <= 0 || (size_t)len > sizeof bytes) {
        d->failed = true;
        return;
    }
    (void)i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &at);
    put(d, bytes, (size_t)len);
}

/* ESSCertIDv2 (RFC 5035 4) with the default SHA-256 and with issuer and serial. */
static void put_signing_certificate(struct der *d, const X509 *leaf)
{
    size_t mark = d->at, name;
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned int hash_len = 0;

    put_serial(d, leaf);
    name = d->at;
    put_name(d, X509_get_issuer_name(leaf));
    wrap(d, TAG_CONTEXT_4, name); /* directoryName */
    wrap(d, TAG_SEQUENCE, name);
    wrap(d, TAG_SEQUENCE, mark);
    if (X509_digest(leaf, EVP_sha256(), hash, &hash_len) != 1)
        d->failed = true;
    name = d->at;
    put(d, hash, hash_len);
    wrap(d, TAG_OCTETS, name);
    wrap(d, TAG_SEQUENCE, mark);
    wrap(d, TAG_SEQUENCE, mark);
    wrap(d, TAG_SEQUENCE, mark);
    wrap(d, TAG_SET, mark);
    put(d, oid_signing_certificate_v2, sizeof oid_signing_certificate_v2);
    wrap(d, TAG_SEQUENCE, mark);
}

/* The content of the SET OF, in DER's order. */
static void put_attributes(struct der *d, const uint8_t digest[32], const X509 *leaf)
{
    size_t mark;

    put_signing_certificate(d, leaf);
    mark = d->at;
    put(d, digest, 32);
    wrap(d, TAG_OCTETS, mark);
    wrap(d, TAG_SET, mark);
    put(d, oid_message_digest, sizeof oid_message_digest);
    wrap(d, TAG_SEQUENCE, mark);
    put(d, attribute_content_type, sizeof attribute_content_type);
}

struct encoding {
    uint8_t *bytes;
    size_t len;
};

static int encoding_compare(const struct encoding *a, const struct encoding *b)
{
    int order = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);

    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static bool encoding_insert(struct encoding *list, size_t *count, const X509 *x)
{
    struct encoding new = {NULL, 0};
    size_t at = *count;
    int len = i2d_X509(x, &new.bytes);

    if (len <= 0)
        return false;
    new.len = (size_t)len;
    for (; at > 0 && encoding_compare(&list[at - 1], &new) > 0; at--)
        list[at] = list[at - 1];
    list[at] = new;
    ++*count;
    return true;
}

/* [0] IMPLICIT SET OF: sorted, as DER has it. */
static void put_certificates(struct der *d, const X509 *leaf, const STACK_OF(X509) * chain)
{
    struct encoding list[MAX_CERTIFICATES];
    size_t count = 0, mark = d->at;
    int more = chain == NULL ? 0 : sk_X509_num(chain);
    bool fine = more < MAX_CERTIFICATES && encoding_insert(list, &count, leaf);

    for (int i = 0; fine && i < more; i++)
        fine = encoding_insert(list, &count, sk_X509_value(chain, i));
    for (size_t i = count; i-- > 0;) {
        put(d, list[i].bytes, list[i].len);
        OPENSSL_free(list[i].bytes);
    }
    if (!fine)
        d->failed = true;
    wrap(d, TAG_CONTEXT_0, mark);
}

static int sign_failed(struct err *e)
{
    err_set(e, ERR_UNAVAILABLE, "The signing key did not produce a signature.", "签名密钥未能生成签名。");
    return err_detail(e, "%s", ERR_reason_error_string(ERR_peek_last_error()));
}

static int attributes_sign(uint8_t *signature, size_t *len, const struct der *attributes, EVP_PKEY *key,
                           struct err *e)
{
    uint8_t block[1024];
    struct der d = {block, sizeof block, sizeof block, false};
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int rc = -1;

    put(&d, attributes->base + attributes->at, attributes->size - attributes->at);
    wrap(&d, TAG_SET, sizeof block); /* signed as a SET, written as [0] (RFC 5652 5.4) */
    if (ctx == NULL || d.failed || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(ctx, signature, len, block + d.at, sizeof block - d.at) != 1)
        sign_failed(e);
    else
        rc = 0;
    EVP_MD_CTX_free(ctx);
    return rc;
}

static void put_signer(struct der *d, const struct der *attributes, const X509 *leaf, struct slice signature,
                       bool rsa)
{
    size_t end = d->at, mark;
    static const uint8_t version_1[] = {TAG_INTEGER, 1, 1};

    put(d, signature.ptr, signature.len);
    wrap(d, TAG_OCTETS, end);
    if (rsa)
        put(d, algorithm_rsa, sizeof algorithm_rsa);
    else
        put(d, algorithm_ecdsa, sizeof algorithm_ecdsa);
    mark = d->at;
    put(d, attributes->base + attributes->at, attributes->size - attributes->at);
    wrap(d, TAG_CONTEXT_0, mark);
    put(d, algorithm_sha256, sizeof algorithm_sha256);
    mark = d->at;
    put_serial(d, leaf);
    put_name(d, X509_get_issuer_name(leaf));
    wrap(d, TAG_SEQUENCE, mark);
    put(d, version_1, sizeof version_1);
    wrap(d, TAG_SEQUENCE, end);
    wrap(d, TAG_SET, end);
}

static void put_signed_data(struct der *d, const struct der *attributes, const X509 *leaf,
                            const STACK_OF(X509) * chain, struct slice signature, bool rsa)
{
    size_t end = d->at, mark;
    static const uint8_t version_1[] = {TAG_INTEGER, 1, 1};

    put_signer(d, attributes, leaf, signature, rsa);
    put_certificates(d, leaf, chain);
    mark = d->at;
    put(d, oid_data, sizeof oid_data);
    wrap(d, TAG_SEQUENCE, mark);
    mark = d->at;
    put(d, algorithm_sha256, sizeof algorithm_sha256);
    wrap(d, TAG_SET, mark);
    put(d, version_1, sizeof version_1);
    wrap(d, TAG_SEQUENCE, end);
    wrap(d, TAG_CONTEXT_0, end);
    put(d, oid_signed_data, sizeof oid_signed_data);
    wrap(d, TAG_SEQUENCE, end);
}

int cms_build(struct buf *der, const uint8_t digest[32], X509 *leaf, STACK_OF(X509) * chain, EVP_PKEY *key,
              struct err *e)
{
    uint8_t attribute_block[960], signature[1024], block[SIGNER_MAX_CMS];
    struct der attributes = {attribute_block, sizeof attribute_block, sizeof attribute_block, false};
    struct der d = {block, sizeof block, sizeof block, false};
    size_t signature_len = sizeof signature;
    bool rsa = EVP_PKEY_is_a(key, "RSA");

    if (!rsa && !EVP_PKEY_is_a(key, "EC"))
        return err_set(e, ERR_INVALID, "The seal's key is neither RSA nor ECDSA; import another key.",
                       "印章密钥既不是 RSA 也不是 ECDSA，请导入其他密钥。");
    put_attributes(&attributes, digest, leaf);
    if (attributes.failed)
        return err_set(e, ERR_INVALID, "The issuer's name in the seal's X.509 certificate is too long.",
                       "印章证书的颁发者名称过长。");
    if (attributes_sign(signature, &signature_len, &attributes, key, e) != 0)
        return -1;
    put_signed_data(&d, &attributes, leaf, chain, (struct slice){signature, signature_len}, rsa);
    if (d.failed)
        return err_set(e, ERR_TOO_LARGE,
                       "The seal's certificate chain does not fit into a signature; import a shorter chain.",
                       "印章证书链过长，无法放入签名，请导入较短的证书链。");
    buf_append_bytes(der, block + d.at, sizeof block - d.at);
    return buf_ok(der) ? 0 : err_no_memory(e);
}
