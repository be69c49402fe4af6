/* An office's own seal: picture, chain and key are judged before anything is kept. */
#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "seal/seal.h"
#include "sign/registry_internal.h"
#include "sign/test_ca.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

enum {
    MAX_OWNER_BYTES = 255,
    MAX_NAME_BYTES = 127,
    LEAST_DIAMETER = 10,
    MOST_DIAMETER = 60,
    MAX_TRUST_BYTES = 1024 * 1024
};

static int check_key(const EVP_PKEY *key, const X509 *leaf, struct err *e)
{
    char algorithm[32];
    bool fit;

    key_algorithm(algorithm, key);
    fit = EVP_PKEY_is_a(key, "RSA") ? EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 4096
                                    : strcmp(algorithm, "P-256") == 0 || strcmp(algorithm, "P-384") == 0;
    if (!fit)
        return err_set(
            e, ERR_INVALID,
            "A seal's key is RSA of 2048 to 4096 bits, P-256 or P-384; this one is %s. Ask the authority "
            "for another.",
            "印章密钥应为 2048 至 4096 位 RSA、P-256 或 P-384，此密钥为 %s，请向发证机构申请其他密钥。",
            algorithm);
    if (X509_check_private_key(leaf, key) == 1)
        return 0;
    ERR_clear_error();
    return err_set(e, ERR_INVALID,
                   "The private key does not belong to the first certificate of the chain; the seal's own "
                   "certificate must stand first.",
                   "私钥与证书链的第一张证书不匹配；印章自身的证书应放在最前。");
}

static int check_leaf(X509 *leaf, struct err *e)
{
    uint32_t usage = X509_get_key_usage(leaf);

    if (X509_check_ca(leaf) == 1)
        return err_set(e, ERR_INVALID,
                       "The first certificate is an authority's, not a seal's; put the seal's own first.",
                       "第一张证书是发证机构的证书，不是印章证书；请把印章自身的证书放在最前。");
    if (usage != UINT32_MAX && (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
        return err_set(
            e, ERR_INVALID,
            "The certificate's key usage does not allow signing; ask the authority for one for signing.",
            "该证书的密钥用途不允许签名，请向发证机构申请签名证书。");
    return 0;
}

/* Each certificate is signed by the next, and by an authority. */
static int check_order(const struct chain *c, struct err *e)
{
    for (size_t i = 0; i + 1 < c->count + (c->root != NULL); i++) {
        X509 *issuer = i + 1 < c->count ? c->certs[i + 1] : c->root;

        if (X509_check_issued(issuer, c->certs[i]) != X509_V_OK ||
            X509_verify(c->certs[i], X509_get0_pubkey(issuer)) != 1 || X509_check_ca(issuer) == 0) {
            ERR_clear_error();
            return err_set(
                e, ERR_INVALID,
                "Certificate %zu of the chain was not issued by certificate %zu; sort them from the seal's "
                "own to the root.",
                "证书链第 %zu 张证书不是由第 %zu 张签发；请按从印章证书到根证书的顺序排列。", i + 1, i + 2);
        }
    }
    return 0;
}

static int check_dates(const struct chain *c, int64_t now, struct err *e)
{
    int64_t from, to;
    char text[21];

    chain_validity(&from, &to, c);
    clock_rfc3339(text, now < from ? from : to);
    if (now < from)
        return err_set(e, ERR_INVALID, "The chain is not valid before %s.", "证书链自 %s 起才有效。", text);
    if (now > to)
        return err_set(e, ERR_INVALID, "The chain expired at %s; import the renewed one.",
                       "证书链已于 %s 过期，请导入续期后的证书链。", text);
    return 0;
}

/* Whether candidate is root itself, or issued last. */
static bool is_root_of(X509 *candidate, const X509 *root, X509 *last)
{
    bool found = root != NULL ? X509_cmp(candidate, root) == 0
                              : X509_check_issued(candidate, last) == X509_V_OK &&
                                    X509_verify(last, X509_get0_pubkey(candidate)) == 1;

    ERR_clear_error();
    return found;
}

static bool is_pem(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL && strcmp(dot, ".pem") == 0;
}

/* Takes the chain's root from a file of trust/ into c->root. */
static bool complete_from(struct chain *c, const char *path)
{
    struct buf pem = BUF_INIT(MAX_TRUST_BYTES);
    X509 *last = c->certs[c->count - 1], *x;
    struct err unsaid;
    BIO *in = file_read(&pem, path, &unsaid) == 0 ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
    bool found = false;

    while (!found && in != NULL && (x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL) {
        found = is_root_of(x, c->root, last);
        if (found && c->root == NULL)
            c->root = x;
        else
            X509_free(x);
    }
    ERR_clear_error();
    BIO_free(in);
    buf_dispose(&pem);
    return found;
}

static int not_complete(const struct registry *r, const struct chain *c, struct err *e)
{
    unsigned char print[EVP_MAX_MD_SIZE];
    char text[3 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned int len = 0;

    if (c->root == NULL)
        return err_set(
            e, ERR_INVALID,
            "The chain is not complete: no root in %s/trust issued its last certificate. Add the missing "
            "authorities to the file, and put the root's PEM into %s/trust.",
            "证书链不完整：%s/trust 中没有签发末张证书的根证书。请补全中间证书，并将根证书 PEM 放入 "
            "%s/trust。",
            r->data_dir, r->data_dir);
    (void)X509_digest(c->root, EVP_sha256(), print, &len);
    for (unsigned int i = 0; i < len; i++)
        (void)snprintf(text + (size_t)3 * i, 4, "%02X%s", print[i], i + 1 < len ? ":" : "");
    return err_set(
        e, ERR_INVALID,
        "The chain's root is not trusted here. Compare its SHA-256 fingerprint with the authority's "
        "(%s), then put its PEM into %s/trust and import again.",
        "证书链的根证书尚未受信任。请与发证机构核对其 SHA-256 指纹（%s），再将其 PEM 放入 %s/trust "
        "后重新导入。",
        text, r->data_dir);
}

static int check_complete(struct chain *c, const struct registry *r, struct err *e)
{
    char path[PATH_MAX];
    const struct dirent *entry;
    bool complete = false;
    DIR *dir;

    if (registry_path(path, sizeof path, r, "trust", e) != 0)
        return -1;
    dir = opendir(path);
    while (!complete && dir != NULL && (entry = readdir(dir)) != NULL) {
        if (is_pem(entry->d_name) &&
            snprintf(path, sizeof path, "%s/trust/%s", r->data_dir, entry->d_name) < (int)sizeof path)
            complete = complete_from(c, path);
    }
    if (dir != NULL)
        (void)closedir(dir);
    return complete ? 0 : not_complete(r, c, e);
}

/* A picture from outside cannot be searched for 测试, the owner's name can. */
static int check_test(bool *test, const struct chain *c, const char *owner, struct err *e)
{
    *test = test_ca_is(c->root);
    if (!*test || strstr(owner, "测试") != NULL)
        return 0;
    return err_set(
        e, ERR_INVALID,
        "The chain ends in a test root, so the owner's name must say 测试, and so must the picture.",
        "证书链止于测试根证书，单位名称和印章图样都必须带“测试”字样。");
}

/* A mark for tests behind either name does not count. */
static bool names(const X509_NAME *subject, int entry, const char *owner)
{
    char wanted[MAX_OWNER_BYTES + 1], found[MAX_OWNER_BYTES + 1];
    int at = X509_NAME_get_index_by_NID(subject, entry, -1), len;
    unsigned char *text = NULL;
    bool same = false;

    if (at < 0)
        return false;
    len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (len >= 0 && memchr(text, '\0', (size_t)len) == NULL) {
        (void)seal_name_arc(wanted, sizeof wanted, owner);
        (void)seal_name_arc(found, sizeof found, (const char *)text);
        same = strcmp(wanted, found) == 0;
    }
    OPENSSL_free(text);
    return same;
}

static int check_words(const struct seal_import *o, double diameter, struct err *e)
{
    if (o->owner[0] == '\0' || strlen(o->owner) > MAX_OWNER_BYTES || !utf8_valid(slice_of(o->owner)) ||
        (o->name != NULL && (strlen(o->name) > MAX_NAME_BYTES || !utf8_valid(slice_of(o->name)))))
        return err_set(e, ERR_INVALID, "The owner's name has 1 to %d bytes of UTF-8, the seal's at most %d.",
                       "单位名称应为 1 至 %d 字节的 UTF-8 文本，印章名称最多 %d 字节。", MAX_OWNER_BYTES,
                       MAX_NAME_BYTES);
    if (!o->service && (diameter < LEAST_DIAMETER || diameter > MOST_DIAMETER))
        return err_set(e, ERR_INVALID, "A seal is %d to %d mm wide.", "印章直径应为 %d 至 %d 毫米。",
                       LEAST_DIAMETER, MOST_DIAMETER);
    return 0;
}

static int read_picture(struct buf *picture, bool *svg, const struct seal_import *o, struct err *e)
{
    if (o->service)
        return 0;
    if (o->picture == NULL)
        return err_set(e, ERR_INVALID, "An office's seal needs a picture: --picture FILE.png or FILE.svg.",
                       "单位印章需要图样：--picture 文件.png 或 文件.svg。");
    return file_read(picture, o->picture, e) == 0 ? seal_picture_check(svg, buf_view(picture), e) : -1;
}

static int read_chain(struct chain *chain, const char *path, struct err *e)
{
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    int rc = file_read(&pem, path, e) == 0 ? chain_read(chain, buf_view(&pem), path, e) : -1;

    buf_dispose(&pem);
    return rc;
}

static int read_key(EVP_PKEY **key, const char *path, struct err *e)
{
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    int rc = file_read(&pem, path, e) == 0 ? key_read(key, buf_view(&pem), path, e) : -1;

    if (pem.data != NULL)
        explicit_bzero(pem.data, pem.cap);
    buf_dispose(&pem);
    return rc;
}

int registry_import(char id[REGISTRY_ID_SIZE], const struct registry *r, const struct seal_import *o,
                    struct err *e)
{
    double diameter = o->service ? 0 : o->diameter == 0 ? 45 : o->diameter;
    struct chain chain = {{NULL}, 0, NULL};
    struct buf picture = BUF_INIT(SEAL_MAX_PICTURE);
    EVP_PKEY *key = NULL;
    bool test = false, svg = false;
    int rc = -1;

    if (check_words(o, diameter, e) == 0 && read_picture(&picture, &svg, o, e) == 0 &&
        read_chain(&chain, o->chain, e) == 0 && read_key(&key, o->key, e) == 0 &&
        check_key(key, chain.certs[0], e) == 0 && check_leaf(chain.certs[0], e) == 0 &&
        check_order(&chain, e) == 0 && registry_prepare(r, e) == 0 && check_complete(&chain, r, e) == 0 &&
        check_dates(&chain, clock_now(), e) == 0 && check_test(&test, &chain, o->owner, e) == 0) {
        struct seal_material m = {o->owner,
                                  o->name == NULL ? "公章" : o->name,
                                  diameter,
                                  o->service,
                                  test,
                                  key,
                                  &chain,
                                  buf_view(&picture),
                                  svg ? "svg" : "png"};

        rc = registry_add(id, r, &m, e);
        if (o->names_owner != NULL)
            *o->names_owner = names(X509_get_subject_name(chain.certs[0]), NID_organizationName, o->owner) ||
                              names(X509_get_subject_name(chain.certs[0]), NID_commonName, o->owner);
    }
    chain_dispose(&chain);
    EVP_PKEY_free(key);
    buf_dispose(&picture);
    return rc;
}
