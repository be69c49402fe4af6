/* Keys and X.509 certificates of seals: made, read, judged. */
#include "base/digest.h"
#include "base/utf8.h"
#include "sign/registry_internal.h"
#include "sign/test_ca.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

static int openssl_failed(struct err *e)
{
    unsigned long why = ERR_get_error();

    err_set(e, ERR_INTERNAL, "The cryptographic library refused; the log has its reason.",
            "密码库操作失败，原因见日志。");
    err_detail(e, "%s", why ? ERR_reason_error_string(why) : "no reason given");
    ERR_clear_error();
    return -1;
}

bool seal_key_parse(enum seal_key *out, const char *name)
{
    static const char *const names[] = {"rsa2048", "rsa3072", "p256"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (enum seal_key)i;
            return true;
        }
    }
    return false;
}

int registry_key_new(EVP_PKEY **out, enum seal_key kind, struct err *e)
{
    if (kind == SEAL_KEY_P256)
        *out = EVP_EC_gen("P-256");
    else
        *out = EVP_RSA_gen(kind == SEAL_KEY_RSA2048 ? 2048 : 3072);
    return *out != NULL ? 0 : openssl_failed(e);
}

/* A prompt would hang a command that runs unattended. */
static int no_passphrase(char *out, /* NOLINT(readability-non-const-parameter): OpenSSL's type */ int size,
                         int writing, void *asked)
{
    (void)out;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

int key_read(EVP_PKEY **out, struct slice pem, const char *name, struct err *e)
{
    BIO *in = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    bool encrypted = false;

    *out = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, no_passphrase, &encrypted);
    BIO_free(in);
    ERR_clear_error();
    if (*out != NULL)
        return 0;
    if (encrypted)
        return err_set(e, ERR_INVALID,
                       "%s is protected by a passphrase. Take it off first: openssl pkey -in KEY.pem -out "
                       "PLAIN.pem; delete PLAIN.pem after the import.",
                       "%s 受口令保护。请先去除口令：openssl pkey -in KEY.pem -out "
                       "PLAIN.pem，导入后删除 PLAIN.pem。",
                       name);
    return err_set(e, ERR_INVALID, "%s holds no private key in PEM form (-----BEGIN PRIVATE KEY-----).",
                   "%s 中没有 PEM 格式的私钥（-----BEGIN PRIVATE KEY-----）。", name);
}

static int bio_take(struct buf *out, BIO *bio, bool fine, struct err *e)
{
    char *bytes;
    long len;

    if (!fine) {
        BIO_free(bio);
        return openssl_failed(e);
    }
    len = BIO_get_mem_data(bio, &bytes);
    buf_append_bytes(out, bytes, (size_t)len);
    BIO_free(bio);
    return buf_ok(out) ? 0 : err_no_memory(e);
}

int key_write(struct buf *pem, const EVP_PKEY *key, struct err *e)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool fine = bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;

    return bio_take(pem, bio, fine, e);
}

void key_algorithm(char out[32], const EVP_PKEY *key)
{
    char group[16] = "";

    if (EVP_PKEY_is_a(key, "RSA")) {
        (void)snprintf(out, 32, "RSA-%d", EVP_PKEY_get_bits(key));
        return;
    }
    (void)EVP_PKEY_get_group_name(key, group, sizeof group, NULL);
    if (strcmp(group, "prime256v1") == 0)
        (void)snprintf(out, 32, "P-256");
    else if (strcmp(group, "secp384r1") == 0)
        (void)snprintf(out, 32, "P-384");
    else
        (void)snprintf(out, 32, "%s", EVP_PKEY_get0_type_name(key));
}

void chain_dispose(struct chain *c)
{
    for (size_t i = 0; i < c->count; i++)
        X509_free(c->certs[i]);
    X509_free(c->root);
    *c = (struct chain){{NULL}, 0, NULL};
}

static bool self_signed(X509 *x)
{
    return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0 &&
           X509_verify(x, X509_get0_pubkey(x)) == 1;
}

/* A self-signed certificate ends the chain; alone it is both leaf and root. */
static bool chain_push(struct chain *c, X509 *x)
{
    if (c->root != NULL)
        return false;
    if (c->count > 0 && self_signed(x)) {
        c->root = x;
        return true;
    }
    if (c->count == REGISTRY_MAX_CHAIN)
        return false;
    c->certs[c->count++] = x;
    return true;
}

int chain_read(struct chain *out, struct slice pem, const char *name, struct err *e)
{
    BIO *in = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    X509 *x;
    int rc = 0;

    *out = (struct chain){{NULL}, 0, NULL};
    while (rc == 0 && in != NULL && (x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        if (!chain_push(out, x)) {
            X509_free(x);
            rc = err_set(e, ERR_INVALID,
                         "%s: at most %d certificates and one root at the end make a chain; the seal's own "
                         "certificate stands first.",
                         "%s：证书链最多 %d 张证书，末尾可有一张根证书，印章自身的证书放在最前。", name,
                         REGISTRY_MAX_CHAIN);
        }
    }
    BIO_free(in);
    if (rc == 0 && (out->count == 0 || ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE))
        rc = err_set(e, ERR_INVALID,
                     "%s holds no whole chain in PEM form (-----BEGIN CERTIFICATE-----), the seal's own "
                     "certificate first.",
                     "%s 中没有完整的 PEM 证书链（-----BEGIN CERTIFICATE-----），印章自身的证书应在最前。",
                     name);
    ERR_clear_error();
    if (rc != 0)
        chain_dispose(out);
    return rc;
}

int chain_write(struct buf *pem, const struct chain *c, struct err *e)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool fine = bio != NULL;

    for (size_t i = 0; fine && i < c->count; i++)
        fine = PEM_write_bio_X509(bio, c->certs[i]) == 1;
    return bio_take(pem, bio, fine, e);
}

static int64_t moment_of(const ASN1_TIME *t)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;

    if (epoch != NULL)
        (void)ASN1_TIME_diff(&days, &seconds, epoch, t);
    ASN1_TIME_free(epoch);
    return (int64_t)days * 86400 + seconds;
}

static void narrow(int64_t *from, int64_t *to, const X509 *x)
{
    int64_t begin = moment_of(X509_get0_notBefore(x)), end = moment_of(X509_get0_notAfter(x));

    if (begin > *from)
        *from = begin;
    if (end < *to)
        *to = end;
}

void chain_validity(int64_t *from, int64_t *to, const struct chain *c)
{
    *from = INT64_MIN;
    *to = INT64_MAX;
    for (size_t i = 0; i < c->count; i++)
        narrow(from, to, c->certs[i]);
    if (c->root != NULL)
        narrow(from, to, c->root);
}

/* 127 random bits, not negative (RFC 5280 4.1.2.2). */
static bool random_serial(X509 *x)
{
    uint8_t bytes[16];
    struct err unused;
    BIGNUM *n;
    bool fine;

    if (random_bytes(bytes, sizeof bytes, &unused) != 0)
        return false;
    bytes[0] = (bytes[0] & 0x7F) | 0x40;
    n = BN_bin2bn(bytes, sizeof bytes, NULL);
    fine = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
    BN_free(n);
    return fine;
}

static bool add_extension(X509 *x, X509V3_CTX *ctx, int nid, const char *value)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    bool fine = ext != NULL && X509_add_ext(x, ext, -1) == 1;

    X509_EXTENSION_free(ext);
    return fine;
}

static bool add_test_mark(X509 *x)
{
    ASN1_OBJECT *oid = OBJ_txt2obj(TEST_CA_OID, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    static const unsigned char null_der[] = {0x05, 0x00};
    X509_EXTENSION *ext = NULL;
    bool fine =
        oid != NULL && value != NULL && ASN1_OCTET_STRING_set(value, null_der, sizeof null_der) == 1 &&
        (ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value)) != NULL && X509_add_ext(x, ext, -1) == 1;

    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
    return fine;
}

static bool add_name(X509_NAME *name, int nid, const char *text)
{
    int type = nid == NID_countryName ? MBSTRING_ASC : MBSTRING_UTF8;

    return X509_NAME_add_entry_by_NID(name, nid, type, (const unsigned char *)text, -1, -1, 0) == 1;
}

static bool extend(X509 *x, const struct certificate_order *o)
{
    bool root = o->issuer == NULL;
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, root ? x : o->issuer, x, NULL, NULL, 0);
    return add_extension(x, &ctx, NID_basic_constraints,
                         root ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") &&
           add_extension(x, &ctx, NID_key_usage,
                         root ? "critical,keyCertSign,cRLSign"
                              : "critical,digitalSignature,nonRepudiation") &&
           add_extension(x, &ctx, NID_subject_key_identifier, "hash") &&
           (root || add_extension(x, &ctx, NID_authority_key_identifier, "keyid:always")) &&
           (!o->test_mark || add_test_mark(x));
}

int certificate_make(X509 **out, const struct certificate_order *o, struct err *e)
{
    X509 *x = X509_new();
    X509_NAME *subject = x == NULL ? NULL : X509_get_subject_name(x);
    bool fine =
        x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && random_serial(x) &&
        ASN1_TIME_adj(X509_getm_notBefore(x), (time_t)o->from, 0, 0) != NULL &&
        ASN1_TIME_adj(X509_getm_notAfter(x), (time_t)o->from, o->days, -1) != NULL &&
        add_name(subject, NID_countryName, "CN") &&
        add_name(subject, NID_organizationName, o->organisation) &&
        add_name(subject, NID_commonName, o->common_name) &&
        X509_set_issuer_name(x, o->issuer == NULL ? subject : X509_get_subject_name(o->issuer)) == 1 &&
        X509_set_pubkey(x, o->subject_key) == 1 && extend(x, o) &&
        X509_sign(x, o->issuer == NULL ? o->subject_key : o->issuer_key, EVP_sha256()) > 0;

    if (!fine) {
        X509_free(x);
        return openssl_failed(e);
    }
    *out = x;
    return 0;
}
