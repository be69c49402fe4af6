#include "sign/cms_check.h"
#include "base/digest.h"
#include <openssl/rsa.h>
#include <string.h>

enum {
    DER_INTEGER = 0x02,
    DER_OCTETS = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT_0 = 0xA0,
    DER_CONTEXT_1 = 0xA1,
    MAX_ATTRIBUTES = 8192
};

bool der_next(struct slice *s, uint8_t *tag, struct slice *content, struct slice *whole)
{
    size_t head = 2, len;

    if (s->len < 2)
        return false;
    *tag = s->ptr[0];
    len = s->ptr[1];
    if (len >= 0x80) {
        size_t digits = len & 0x7F;

        if (digits == 0 || digits > 4 || s->len < 2 + digits || s->ptr[2] == 0)
            return false;
        len = 0;
        for (size_t i = 0; i < digits; i++)
            len = len << 8 | s->ptr[2 + i];
        head += digits;
        if (len < 0x80)
            return false; /* longer than need be */
    }
    if (len > s->len - head)
        return false;
    *content = slice_part(*s, head, len);
    if (whole != NULL)
        *whole = slice_part(*s, 0, head + len);
    *s = slice_part(*s, head + len, s->len);
    return true;
}

/* Cuts off the first element, which must have this tag. */
static bool take(struct slice *s, uint8_t tag, struct slice *content)
{
    uint8_t found;

    return s->len > 0 && s->ptr[0] == tag && der_next(s, &found, content, NULL);
}

static bool is_bytes(struct slice s, const char *bytes, size_t len)
{
    return s.len == len && memcmp(s.ptr, bytes, len) == 0;
}

#define OID_PKCS7        "\x2A\x86\x48\x86\xF7\x0D\x01\x07"
#define OID_PKCS9        "\x2A\x86\x48\x86\xF7\x0D\x01\x09"
#define OID_IS(s, bytes) is_bytes(s, bytes, sizeof(bytes) - 1)

/* An AlgorithmIdentifier without parameters or with NULL. */
static bool take_algorithm(struct slice *s, struct slice *oid, struct slice *parameters)
{
    struct slice sequence;

    if (!take(s, DER_SEQUENCE, &sequence) || !take(&sequence, DER_OID, oid))
        return false;
    *parameters = sequence;
    return true;
}

static bool plain(struct slice parameters)
{
    return parameters.len == 0 || is_bytes(parameters, "\x05\x00", 2);
}

static enum cms_state digest_known(const char **name, struct slice oid)
{
    *name = NULL;
    if (OID_IS(oid, "\x60\x86\x48\x01\x65\x03\x04\x02\x01"))
        *name = "SHA256";
    else if (OID_IS(oid, "\x60\x86\x48\x01\x65\x03\x04\x02\x02"))
        *name = "SHA384";
    else if (OID_IS(oid, "\x60\x86\x48\x01\x65\x03\x04\x02\x03"))
        *name = "SHA512";
    else if (OID_IS(oid, "\x2B\x0E\x03\x02\x1A") || OID_IS(oid, "\x2A\x86\x48\x86\xF7\x0D\x02\x05"))
        return CMS_WEAK;
    return *name == NULL ? CMS_UNSUPPORTED : CMS_INTACT;
}

/* The signature algorithm may name the digest again; then it must be the same. */
static enum cms_state algorithm_known(struct cms *c, struct slice oid, struct slice parameters)
{
    static const struct {
        const char *oid;
        size_t len;
        const char *algorithm, *digest; /* NULL: whichever */
    } rows[] = {{"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01", 9, "RSA", NULL},
                {"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B", 9, "RSA", "SHA256"},
                {"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0C", 9, "RSA", "SHA384"},
                {"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0D", 9, "RSA", "SHA512"},
                {"\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A", 9, "RSA-PSS", NULL},
                {"\x2A\x86\x48\xCE\x3D\x04\x03\x02", 8, "EC", "SHA256"},
                {"\x2A\x86\x48\xCE\x3D\x04\x03\x03", 8, "EC", "SHA384"},
                {"\x2A\x86\x48\xCE\x3D\x04\x03\x04", 8, "EC", "SHA512"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!is_bytes(oid, rows[i].oid, rows[i].len))
            continue;
        if (rows[i].digest != NULL && strcmp(rows[i].digest, c->digest_name) != 0)
            return CMS_MISMATCH;
        c->algorithm = rows[i].algorithm;
        return plain(parameters) || strcmp(c->algorithm, "RSA-PSS") == 0 ? CMS_INTACT : CMS_MALFORMED;
    }
    c->algorithm = NULL;
    return CMS_INTACT; /* not known; see signature_check() */
}

/* Serial number and issuer of a certificate without decoding all of it. */
static bool certificate_names(struct slice certificate, struct slice *serial, struct slice *issuer)
{
    struct slice outer, tbs, skipped;
    uint8_t tag;

    if (!take(&certificate, DER_SEQUENCE, &outer) || !take(&outer, DER_SEQUENCE, &tbs))
        return false;
    (void)take(&tbs, DER_CONTEXT_0, &skipped);
    return take(&tbs, DER_INTEGER, serial) && take(&tbs, DER_SEQUENCE, &skipped) &&
           der_next(&tbs, &tag, &skipped, issuer) && tag == DER_SEQUENCE;
}

static bool leaf_find(struct cms *c, struct slice issuer, struct slice serial)
{
    struct slice rest = c->certificates, content, whole;
    uint8_t tag;

    while (rest.len > 0) {
        struct slice its_serial, its_issuer;

        if (!der_next(&rest, &tag, &content, &whole))
            return false;
        if (tag == DER_SEQUENCE && certificate_names(whole, &its_serial, &its_issuer) &&
            slice_equal(its_serial, serial) && slice_equal(its_issuer, issuer)) {
            if (c->leaf.len > 0)
                return false; /* twice */
            c->leaf = whole;
        }
    }
    return c->leaf.len > 0;
}

static enum cms_state attributes_read(struct cms *c)
{
    struct slice rest = c->attributes, attribute, oid, values, value;
    bool content_type = false;

    if (rest.len > MAX_ATTRIBUTES)
        return CMS_UNSUPPORTED;
    while (rest.len > 0) {
        if (!take(&rest, DER_SEQUENCE, &attribute) || !take(&attribute, DER_OID, &oid) ||
            !take(&attribute, DER_SET, &values) || attribute.len != 0)
            return CMS_MALFORMED;
        if (OID_IS(oid, OID_PKCS9 "\x03")) {
            if (content_type || !take(&values, DER_OID, &value) || values.len != 0 ||
                !OID_IS(value, OID_PKCS7 "\x01"))
                return CMS_MALFORMED;
            content_type = true;
        } else if (OID_IS(oid, OID_PKCS9 "\x04")) {
            if (c->digest.len != 0 || !take(&values, DER_OCTETS, &c->digest) || values.len != 0)
                return CMS_MALFORMED;
        } else if (OID_IS(oid, OID_PKCS9 "\x10\x02\x2F") || OID_IS(oid, OID_PKCS9 "\x10\x02\x0C")) {
            if (c->ess.len != 0 || !take(&values, DER_SEQUENCE, &c->ess) || values.len != 0)
                return CMS_MALFORMED;
            c->ess_is_v2 = oid.ptr[oid.len - 1] == 0x2F;
        }
    }
    return content_type && c->digest.len != 0 ? CMS_INTACT : CMS_MALFORMED;
}

/* Unsigned attributes may hold anything, but must be attributes. */
static bool unsigned_fine(struct slice s)
{
    struct slice set, attribute, oid, values;

    if (s.len == 0)
        return true;
    if (!take(&s, DER_CONTEXT_1, &set) || s.len != 0)
        return false;
    while (set.len > 0)
        if (!take(&set, DER_SEQUENCE, &attribute) || !take(&attribute, DER_OID, &oid) ||
            !take(&attribute, DER_SET, &values) || attribute.len != 0)
            return false;
    return true;
}

static enum cms_state signer_read(struct cms *c, struct slice s, struct slice common_digest)
{
    struct slice version, sid, issuer, serial, oid, parameters, content;
    enum cms_state state;
    uint8_t tag;

    if (!take(&s, DER_INTEGER, &version))
        return CMS_MALFORMED;
    if (s.len > 0 && (s.ptr[0] & 0xDF) == 0x80)
        return CMS_UNSUPPORTED; /* named by key identifier */
    if (!OID_IS(version, "\x01") || !take(&s, DER_SEQUENCE, &sid) ||
        !der_next(&sid, &tag, &content, &issuer) || tag != DER_SEQUENCE ||
        !take(&sid, DER_INTEGER, &serial) || sid.len != 0 || !leaf_find(c, issuer, serial) ||
        !take_algorithm(&s, &oid, &parameters) || !plain(parameters) || !slice_equal(oid, common_digest))
        return CMS_MALFORMED;
    state = digest_known(&c->digest_name, oid);
    if (state != CMS_INTACT)
        return state;
    if (!take(&s, DER_CONTEXT_0, &c->attributes) || !take_algorithm(&s, &oid, &parameters))
        return CMS_MALFORMED;
    state = attributes_read(c);
    if (state == CMS_INTACT)
        state = algorithm_known(c, oid, parameters);
    if (state == CMS_INTACT && (!take(&s, DER_OCTETS, &c->signature) || !unsigned_fine(s)))
        state = CMS_MALFORMED;
    return state;
}

enum cms_state cms_read(struct cms *c, struct slice der)
{
    struct slice outer, oid, wrapped, data, version, digests, digest, parameters, content, skipped, signers,
        signer;

    memset(c, 0, sizeof *c);
    if (der.len >= 2 && der.ptr[0] == DER_SEQUENCE && der.ptr[1] == 0x80)
        return CMS_UNSUPPORTED; /* BER of indefinite length */
    if (!take(&der, DER_SEQUENCE, &outer) || der.len != 0 || !take(&outer, DER_OID, &oid) ||
        !OID_IS(oid, OID_PKCS7 "\x02") || !take(&outer, DER_CONTEXT_0, &wrapped) || outer.len != 0 ||
        !take(&wrapped, DER_SEQUENCE, &data) || wrapped.len != 0)
        return CMS_MALFORMED;
    if (!take(&data, DER_INTEGER, &version) || !OID_IS(version, "\x01") || !take(&data, DER_SET, &digests) ||
        !take_algorithm(&digests, &digest, &parameters) || !plain(parameters) || digests.len != 0 ||
        !take(&data, DER_SEQUENCE, &content) || !take(&content, DER_OID, &oid) ||
        !OID_IS(oid, OID_PKCS7 "\x01") || content.len != 0) /* the document is the content, nothing else */
        return CMS_MALFORMED;
    if (!take(&data, DER_CONTEXT_0, &c->certificates))
        return CMS_MALFORMED;
    (void)take(&data, DER_CONTEXT_1, &skipped); /* CRLs */
    if (!take(&data, DER_SET, &signers) || data.len != 0 || !take(&signers, DER_SEQUENCE, &signer) ||
        signers.len != 0)
        return CMS_MALFORMED;
    return signer_read(c, signer, digest);
}

/* The first ESSCertID names the signer's certificate by its hash. */
static enum cms_state ess_check(const struct cms *c)
{
    struct slice ess = c->ess, certificates, id, oid, parameters, hash;
    const char *name = c->ess_is_v2 ? "SHA256" : "SHA1"; /* the defaults */
    uint8_t expected[EVP_MAX_MD_SIZE];
    size_t len = 0;

    if (!take(&ess, DER_SEQUENCE, &certificates) || !take(&certificates, DER_SEQUENCE, &id))
        return CMS_MALFORMED;
    if (c->ess_is_v2 && id.len > 0 && id.ptr[0] == DER_SEQUENCE) {
        enum cms_state state;

        if (!take_algorithm(&id, &oid, &parameters))
            return CMS_MALFORMED;
        state = digest_known(&name, oid);
        if (state != CMS_INTACT)
            return state;
    }
    if (!take(&id, DER_OCTETS, &hash))
        return CMS_MALFORMED;
    if (strcmp(name, "SHA256") == 0) {
        sha256(expected, c->leaf);
        len = SHA256_SIZE;
    } else if (EVP_Q_digest(NULL, name, NULL, c->leaf.ptr, c->leaf.len, expected, &len) != 1) {
        return CMS_UNSUPPORTED;
    }
    return hash.len == len && bytes_equal_constant_time(hash.ptr, expected, len) ? CMS_INTACT : CMS_MISMATCH;
}

static bool verify_as(const struct cms *c, EVP_PKEY *key, bool pss, struct slice signed_bytes)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    bool fine =
        ctx != NULL && EVP_DigestVerifyInit_ex(ctx, &pctx, c->digest_name, NULL, NULL, key, NULL) == 1 &&
        (!pss || (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) > 0 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_AUTO) > 0)) &&
        EVP_DigestVerify(ctx, c->signature.ptr, c->signature.len, signed_bytes.ptr, signed_bytes.len) == 1;

    EVP_MD_CTX_free(ctx);
    return fine;
}

/* The name of the algorithm is not signed. Where it is unknown, or says PSS and that fails, but the signature
 * holds for the key's usual algorithm, somebody changed the name. */
static enum cms_state signature_check(const struct cms *c, EVP_PKEY *key)
{
    uint8_t block[MAX_ATTRIBUTES + 8];
    size_t head = c->attributes.len < 0x80 ? 2 : c->attributes.len < 0x100 ? 3 : 4;
    struct slice all = {block, head + c->attributes.len};
    bool pss = c->algorithm != NULL && strcmp(c->algorithm, "RSA-PSS") == 0;

    block[0] = DER_SET; /* signed as a SET, whatever tag they have in the file (RFC 5652 5.4) */
    block[1] = (uint8_t)(head == 2 ? c->attributes.len : 0x80 | (head - 2));
    for (size_t i = 2; i < head; i++)
        block[i] = (uint8_t)(c->attributes.len >> 8 * (head - 1 - i));
    memcpy(block + head, c->attributes.ptr, c->attributes.len);
    if (c->algorithm == NULL)
        return verify_as(c, key, false, all) ? CMS_MISMATCH : CMS_UNSUPPORTED;
    if (!pss)
        return EVP_PKEY_is_a(key, c->algorithm) && verify_as(c, key, false, all) ? CMS_INTACT : CMS_MISMATCH;
    if (verify_as(c, key, true, all))
        return CMS_INTACT;
    return verify_as(c, key, false, all) ? CMS_MISMATCH : CMS_UNSUPPORTED; /* a mask of another digest */
}

enum cms_state cms_check(const struct cms *c, struct slice digest, EVP_PKEY *key, bool need_ess)
{
    enum cms_state state = CMS_INTACT;

    if (c->digest.len != digest.len || !bytes_equal_constant_time(c->digest.ptr, digest.ptr, digest.len))
        return CMS_MISMATCH;
    if (c->ess.len > 0)
        state = ess_check(c);
    else if (need_ess)
        state = CMS_MALFORMED;
    if (state == CMS_INTACT)
        state = key == NULL ? CMS_UNSUPPORTED : signature_check(c, key);
    return state;
}
