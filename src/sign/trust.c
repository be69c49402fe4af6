#include "sign/trust.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "sign/test_ca.h"
#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_FILES = 1000,
    MAX_PEM_BYTES = 8 * 1024 * 1024,
    MAX_EMBEDDED = 16, /* certificates looked at in one signature */
    CACHE_SLOTS = 32,
    CACHE_MS = 60000,
    CACHE_BUCKET = 60, /* seconds of the judged moment that share an answer */
    SECURITY_LEVEL = 2 /* 112 bits: no SHA-1, no RSA below 2048 */
};

struct kept {
    uint8_t key[SHA256_SIZE];
    int64_t until;
    struct signer_facts facts;
    struct arena arena;
};

struct trust {
    X509_STORE *store;
    STACK_OF(X509) * roots;
    STACK_OF(X509_CRL) * crls;
    pthread_mutex_t lock; /* of the cache */
    struct kept cache[CACHE_SLOTS];
    size_t next;
};

static X509_STORE *store_new(const struct trust *t)
{
    X509_STORE *store = X509_STORE_new();
    bool fine = store != NULL;

    for (int i = 0; fine && i < sk_X509_num(t->roots); i++)
        fine = X509_STORE_add_cert(store, sk_X509_value(t->roots, i)) == 1;
    for (int i = 0; fine && i < sk_X509_CRL_num(t->crls); i++)
        fine = X509_STORE_add_crl(store, sk_X509_CRL_value(t->crls, i)) == 1;
    if (!fine) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

static bool store_renew(struct trust *t)
{
    X509_STORE_free(t->store);
    t->store = store_new(t);
    return t->store != NULL;
}

static int bad_file(const char *path, struct err *e)
{
    const char *name = strrchr(path, '/');

    return err_set(e, ERR_INVALID, "%s holds no certificate or revocation list in PEM form.",
                   "%s 中没有 PEM 格式的证书或吊销列表。", name == NULL ? path : name + 1);
}

static bool keep_info(struct trust *t, X509_INFO *info)
{
    if (info->x509 != NULL) {
        if (sk_X509_push(t->roots, info->x509) <= 0)
            return false;
        (void)X509_check_purpose(info->x509, -1, 0); /* reads the extensions now, not in some thread later */
        info->x509 = NULL;
    }
    if (info->crl != NULL) {
        if (sk_X509_CRL_push(t->crls, info->crl) <= 0)
            return false;
        info->crl = NULL;
    }
    return true;
}

static int file_add(struct trust *t, const char *path, struct err *e)
{
    struct buf pem = BUF_INIT(MAX_PEM_BYTES);
    STACK_OF(X509_INFO) *infos = NULL;
    BIO *bio = NULL;
    int rc = -1, found = 0;

    if (file_read(&pem, path, e) != 0)
        goto out;
    bio = BIO_new_mem_buf(pem.len ? pem.data : (uint8_t *)"", (int)pem.len);
    infos = bio == NULL ? NULL : PEM_X509_INFO_read_bio(bio, NULL, NULL, NULL);
    for (int i = 0; i < sk_X509_INFO_num(infos); i++) {
        X509_INFO *info = sk_X509_INFO_value(infos, i);

        found += info->x509 != NULL || info->crl != NULL;
        if (!keep_info(t, info)) {
            rc = err_no_memory(e);
            goto out;
        }
    }
    rc = found > 0 ? 0 : bad_file(path, e);
out:
    ERR_clear_error();
    sk_X509_INFO_pop_free(infos, X509_INFO_free);
    BIO_free(bio);
    buf_dispose(&pem);
    return rc;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t n = strlen(name), s = strlen(suffix);

    return n > s && strcmp(name + n - s, suffix) == 0;
}

static int dir_add(struct trust *t, const char *dir, struct err *e)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;
    int rc = 0, files = 0;

    if (d == NULL)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE,
                       "The directory of trusted certificates cannot be read: %s", "无法读取信任证书目录：%s",
                       dir);
    while (rc == 0 && (entry = readdir(d)) != NULL) {
        char path[4096];

        if (entry->d_name[0] == '.' ||
            (!has_suffix(entry->d_name, ".pem") && !has_suffix(entry->d_name, ".crl")))
            continue;
        if (++files > MAX_FILES ||
            snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) >= (int)sizeof path)
            rc = err_set(e, ERR_TOO_LARGE, "There are too many files among the trusted certificates.",
                         "信任证书目录中的文件过多。");
        else
            rc = file_add(t, path, e);
    }
    (void)closedir(d);
    return rc;
}

int trust_load(struct trust **out, const char *dir, struct err *e)
{
    struct trust *t = calloc(1, sizeof *t);
    int rc = -1;

    *out = NULL;
    if (t == NULL || pthread_mutex_init(&t->lock, NULL) != 0) {
        free(t);
        return err_no_memory(e);
    }
    t->roots = sk_X509_new_null();
    t->crls = sk_X509_CRL_new_null();
    if (t->roots == NULL || t->crls == NULL)
        err_no_memory(e);
    else if (dir == NULL || dir_add(t, dir, e) == 0)
        rc = store_renew(t) ? 0 : err_no_memory(e);
    if (rc == 0)
        *out = t;
    else
        trust_free(t);
    return rc;
}

static void cache_clear(struct kept *kept)
{
    EVP_PKEY_free(kept->facts.key);
    arena_dispose(&kept->arena);
    memset(kept, 0, sizeof *kept);
}

int trust_add_file(struct trust *t, const char *pem, struct err *e)
{
    if (file_add(t, pem, e) != 0)
        return -1;
    for (size_t i = 0; i < CACHE_SLOTS; i++)
        cache_clear(&t->cache[i]);
    return store_renew(t) ? 0 : err_no_memory(e);
}

void trust_free(struct trust *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < CACHE_SLOTS; i++)
        cache_clear(&t->cache[i]);
    X509_STORE_free(t->store);
    sk_X509_pop_free(t->roots, X509_free);
    sk_X509_CRL_pop_free(t->crls, X509_CRL_free);
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}

/* --- one certificate --- */

static const char *entry_text(const X509_NAME *name, int nid, struct arena *a)
{
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    unsigned char *utf8 = NULL;
    const char *text = NULL;
    int len;

    if (at < 0)
        return NULL;
    len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (len > 0 && memchr(utf8, 0, (size_t)len) == NULL)
        text = arena_slice(a, (struct slice){utf8, (size_t)len});
    OPENSSL_free(utf8);
    return text;
}

/* Organisation, else common name. */
static const char *name_text(const X509_NAME *name, struct arena *a)
{
    const char *text = entry_text(name, NID_organizationName, a);

    if (text == NULL)
        text = entry_text(name, NID_commonName, a);
    return text == NULL ? "" : text;
}

static int64_t time_of(const ASN1_TIME *t)
{
    struct tm tm;

    memset(&tm, 0, sizeof tm);
    return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static const char *key_text(EVP_PKEY *key, struct arena *a)
{
    char group[80];
    size_t len = 0;

    if (key == NULL)
        return "";
    if (!EVP_PKEY_is_a(key, "EC"))
        return arena_printf(a, "%s-%d", EVP_PKEY_is_a(key, "RSA") ? "RSA" : EVP_PKEY_get0_type_name(key),
                            EVP_PKEY_get_bits(key));
    if (EVP_PKEY_get_group_name(key, group, sizeof group, &len) != 1)
        return "ECDSA";
    return arena_printf(a, "ECDSA %s", strcmp(group, "prime256v1") == 0 ? "P-256" : group);
}

static X509 *certificate_read(struct slice der)
{
    const unsigned char *at = der.ptr;
    X509 *x = der.len > INT32_MAX ? NULL : d2i_X509(NULL, &at, (long)der.len);

    if (x != NULL && at != der.ptr + der.len) {
        X509_free(x);
        return NULL;
    }
    return x;
}

/* false: one of them is no certificate. */
static bool embedded_read(STACK_OF(X509) * list, struct slice certificates, struct slice leaf)
{
    struct slice content, whole;
    uint8_t tag;

    for (int i = 0; certificates.len > 0 && i < MAX_EMBEDDED; i++) {
        X509 *x;

        if (!der_next(&certificates, &tag, &content, &whole))
            return false;
        if (slice_equal(whole, leaf))
            continue;
        x = certificate_read(whole);
        if (x == NULL || sk_X509_push(list, x) <= 0) {
            X509_free(x);
            return false;
        }
    }
    return true;
}

/* --- the chain --- */

struct judgement {
    int64_t moment;
    enum chain_state state; /* the first thing that was wrong */
    bool forged;
    STACK_OF(X509_CRL) * crls;
};

/* Revocation counts from its date on: a document sealed before stays what it was. */
static bool revoked_later(X509_STORE_CTX *ctx, const struct judgement *j)
{
    X509 *x = X509_STORE_CTX_get_current_cert(ctx);
    bool found = false;

    for (int i = 0; i < sk_X509_CRL_num(j->crls); i++) {
        X509_CRL *crl = sk_X509_CRL_value(j->crls, i);
        X509_REVOKED *row = NULL;

        if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(x)) != 0 ||
            X509_CRL_get0_by_cert(crl, &row, x) != 1 || row == NULL)
            continue;
        if (time_of(X509_REVOKED_get0_revocationDate(row)) <= j->moment)
            return false;
        found = true;
    }
    return found;
}

static enum chain_state state_of(int error)
{
    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return CHAIN_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return CHAIN_NOT_YET_VALID;
    case X509_V_ERR_CERT_REVOKED:
        return CHAIN_REVOKED;
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        return CHAIN_NOT_FOR_SIGNING;
    default:
        return CHAIN_UNKNOWN;
    }
}

/* Collects instead of stopping, so that an expired chain is told from an unknown one. */
static int on_error(int fine, X509_STORE_CTX *ctx)
{
    struct judgement *j = X509_STORE_CTX_get_app_data(ctx);
    int error = X509_STORE_CTX_get_error(ctx);

    if (fine)
        return 1;
    switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_CRL: /* lists are what the operator put there, no more */
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
        return 1;
    case X509_V_ERR_CERT_REVOKED:
        if (revoked_later(ctx, j))
            return 1;
        break;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        /* the leaf is bound by the signature itself; the others are only stored beside it */
        j->forged |= X509_STORE_CTX_get_error_depth(ctx) > 0;
        break;
    default:
        break;
    }
    if (j->state == CHAIN_TRUSTED || state_of(error) == CHAIN_UNKNOWN)
        j->state = state_of(error);
    return 1;
}

static bool extended_use_fine(X509 *leaf, enum trust_use use)
{
    /* any, e-mail, document signing (RFC 9336), Adobe's and Microsoft's; client authentication is what many
     * authorities write into the certificates of offices */
    static const char *const seal[] = {"2.5.29.37.0",
                                       "1.3.6.1.5.5.7.3.4",
                                       "1.3.6.1.5.5.7.3.36",
                                       "1.2.840.113583.1.1.5",
                                       "1.3.6.1.4.1.311.10.3.12",
                                       "1.3.6.1.5.5.7.3.2",
                                       NULL};
    static const char *const timestamp[] = {"1.3.6.1.5.5.7.3.8", NULL};
    EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(leaf, NID_ext_key_usage, NULL, NULL);
    bool fine = uses == NULL && use == TRUST_SEAL;

    for (int i = 0; i < sk_ASN1_OBJECT_num(uses) && !fine; i++) {
        char oid[80];

        if (OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(uses, i), 1) <= 0)
            continue;
        for (const char *const *known = use == TRUST_SEAL ? seal : timestamp; *known != NULL; known++)
            fine |= strcmp(oid, *known) == 0;
    }
    EXTENDED_KEY_USAGE_free(uses);
    return fine;
}

static bool for_this(X509 *leaf, enum trust_use use)
{
    uint32_t usage = X509_get_key_usage(leaf); /* all bits when there is no such extension */

    return (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0 && X509_check_ca(leaf) != 1 &&
           extended_use_fine(leaf, use);
}

static void roots_judge(struct signer_facts *out, X509_STORE_CTX *ctx, struct arena *a)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    int count = chain == NULL ? 0 : sk_X509_num(chain);

    for (int i = 0; i < count && out->chain == CHAIN_TRUSTED; i++)
        if (test_ca_is(sk_X509_value(chain, i)))
            out->chain = CHAIN_TEST;
    if (count > 0 && out->chain != CHAIN_UNKNOWN)
        out->root = name_text(X509_get_subject_name(sk_X509_value(chain, count - 1)), a);
}

static bool chain_judge(struct signer_facts *out, X509_STORE *store, STACK_OF(X509_CRL) * crls, X509 *leaf,
                        STACK_OF(X509) * others, int64_t moment, enum trust_use use, struct arena *a)
{
    struct judgement j = {moment, CHAIN_TRUSTED, false, crls};
    bool with_crls = sk_X509_CRL_num(crls) > 0;
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *param;
    bool built;

    if (ctx == NULL || X509_STORE_CTX_init(ctx, store, leaf, others) != 1) {
        X509_STORE_CTX_free(ctx);
        return false;
    }
    param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)moment);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    (void)X509_VERIFY_PARAM_set_flags(
        param,
        X509_V_FLAG_PARTIAL_CHAIN | (with_crls ? X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL : 0));
    X509_STORE_CTX_set_app_data(ctx, &j);
    X509_STORE_CTX_set_verify_cb(ctx, on_error);
    built = X509_verify_cert(ctx) == 1;
    out->chain = built ? j.state : CHAIN_UNKNOWN;
    out->forged = j.forged;
    if (out->chain == CHAIN_TRUSTED && !for_this(leaf, use))
        out->chain = CHAIN_NOT_FOR_SIGNING;
    roots_judge(out, ctx, a);
    X509_STORE_CTX_free(ctx);
    ERR_clear_error();
    return true;
}

static bool judge_now(struct signer_facts *out, const struct trust *t, X509_STORE *store,
                      struct slice leaf_der, struct slice certificates, int64_t moment, enum trust_use use,
                      struct arena *a)
{
    STACK_OF(X509) *others = sk_X509_new_null();
    X509 *leaf = certificate_read(leaf_der);
    bool fine = others != NULL;

    memset(out, 0, sizeof *out);
    out->owner = out->issuer = out->root = out->algorithm = "";
    out->chain = CHAIN_UNKNOWN;
    if (!fine)
        goto out;
    if (leaf == NULL || !embedded_read(others, certificates, leaf_der)) {
        out->forged = true; /* no signer embeds what is no certificate */
        goto out;
    }
    out->owner = name_text(X509_get_subject_name(leaf), a);
    out->issuer = name_text(X509_get_issuer_name(leaf), a);
    out->valid_from = time_of(X509_get0_notBefore(leaf));
    out->valid_to = time_of(X509_get0_notAfter(leaf));
    out->key = X509_get_pubkey(leaf);
    out->algorithm = key_text(out->key, a);
    fine = out->owner != NULL && out->issuer != NULL && out->algorithm != NULL &&
           chain_judge(out, store, t->crls, leaf, others, moment, use, a);
out:
    ERR_clear_error();
    X509_free(leaf);
    sk_X509_pop_free(others, X509_free);
    return fine;
}

/* A copy whose strings are the arena's. */
static bool facts_copy(struct signer_facts *out, const struct signer_facts *from, struct arena *a)
{
    *out = *from;
    out->owner = arena_text(a, from->owner);
    out->issuer = arena_text(a, from->issuer);
    out->root = arena_text(a, from->root);
    out->algorithm = arena_text(a, from->algorithm);
    if (out->key != NULL)
        (void)EVP_PKEY_up_ref(out->key);
    return out->owner != NULL && out->issuer != NULL && out->root != NULL && out->algorithm != NULL;
}

static void cache_key(uint8_t key[SHA256_SIZE], struct slice leaf, struct slice certificates, int64_t moment,
                      enum trust_use use)
{
    struct {
        uint8_t leaf[SHA256_SIZE], certificates[SHA256_SIZE];
        int64_t bucket, use;
    } all;

    memset(&all, 0, sizeof all);
    sha256(all.leaf, leaf);
    sha256(all.certificates, certificates);
    all.bucket = moment / CACHE_BUCKET;
    all.use = use;
    sha256(key, (struct slice){(const uint8_t *)&all, sizeof all});
}

static void cache_put(struct trust *t, const uint8_t key[SHA256_SIZE], const struct signer_facts *facts)
{
    struct kept *kept = &t->cache[t->next];

    t->next = (t->next + 1) % CACHE_SLOTS;
    cache_clear(kept);
    if (!facts_copy(&kept->facts, facts, &kept->arena)) {
        cache_clear(kept);
        return;
    }
    memcpy(kept->key, key, sizeof kept->key);
    kept->until = clock_monotonic_ms() + CACHE_MS;
}

static bool judge_cached(struct signer_facts *out, struct trust *t, struct slice leaf,
                         struct slice certificates, int64_t moment, enum trust_use use, struct arena *a)
{
    uint8_t key[SHA256_SIZE];
    int64_t now = clock_monotonic_ms();
    bool fine = false, found = false;

    cache_key(key, leaf, certificates, moment, use);
    (void)pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < CACHE_SLOTS && !found; i++) {
        if (t->cache[i].until > now && memcmp(t->cache[i].key, key, sizeof key) == 0) {
            fine = facts_copy(out, &t->cache[i].facts, a);
            found = true;
        }
    }
    if (!found) {
        fine = judge_now(out, t, t->store, leaf, certificates, moment, use, a);
        if (fine)
            cache_put(t, key, out);
    }
    (void)pthread_mutex_unlock(&t->lock);
    return fine;
}

bool trust_judge(struct signer_facts *out, const struct trust *t, struct slice leaf,
                 struct slice certificates, int64_t moment, enum trust_use use, bool fresh, struct arena *a)
{
    X509_STORE *store;
    bool fine;

    if (!fresh)
        return judge_cached(out, (struct trust *)t, leaf, certificates, moment, use, a);
    store = store_new(t);
    fine = store != NULL && judge_now(out, t, store, leaf, certificates, moment, use, a);
    X509_STORE_free(store);
    return fine;
}
