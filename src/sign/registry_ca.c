/* The local certificate authorities: one for test seals, one for the service's own seal where no real
 * authority was asked for one. */
#include "base/clock.h"
#include "base/file.h"
#include "sign/registry_internal.h"
#include "sign/test_ca.h"
#include <limits.h>
#include <string.h>

enum { CA_DAYS = 20 * 365, SEAL_DAYS = 1095, SEAL_MOST_DAYS = 10 * 365 };

struct authority {
    const char *key_file, *trust_file, *copy_file, *organisation, *name;
    bool test;
};

static const struct authority authorities[2] = {
    {"keys/service-ca.key", "trust/service-ca.pem", "keys/service-ca.pem", "Sealpress",
     "Sealpress 本机服务根证书", false},
    {"keys/test-ca.key", "trust/test-ca.pem", "keys/test-ca.pem", "Sealpress 测试",
     "Sealpress 测试根证书（不具法律效力）", true},
};

static int put_root(const struct registry *r, const struct authority *a, X509 *root, struct err *e)
{
    struct chain c = {{root}, 1, NULL};
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    int rc = -1;

    if (chain_write(&pem, &c, e) == 0 && registry_put(r, a->trust_file, buf_view(&pem), 0644, e) == 0)
        rc = registry_put(r, a->copy_file, buf_view(&pem), 0600, e);
    buf_dispose(&pem);
    return rc;
}

static int put_key(const struct registry *r, const char *name, const EVP_PKEY *key, struct err *e)
{
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    int rc = -1;

    if (key_write(&pem, key, e) == 0)
        rc = registry_put(r, name, buf_view(&pem), 0600, e);
    if (pem.data != NULL)
        explicit_bzero(pem.data, pem.cap);
    buf_dispose(&pem);
    return rc;
}

/* The root is put before the key: an authority exists once its key does. */
static int make_authority(const struct registry *r, const struct authority *a, struct err *e)
{
    EVP_PKEY *key = NULL;
    X509 *root = NULL;
    int rc = -1;

    if (registry_key_new(&key, SEAL_KEY_P256, e) == 0) {
        struct certificate_order o = {a->organisation, a->name, key,    NULL, NULL,
                                      clock_now(),     CA_DAYS, a->test};

        /* a seal may be asked for that began before today */
        o.from -= (int64_t)SEAL_MOST_DAYS * 86400;
        o.days += SEAL_MOST_DAYS;
        if (certificate_make(&root, &o, e) == 0 && put_root(r, a, root, e) == 0)
            rc = put_key(r, a->key_file, key, e);
    }
    X509_free(root);
    EVP_PKEY_free(key);
    return rc;
}

static int ensure_authority(const struct registry *r, const struct authority *a, struct err *e)
{
    char path[PATH_MAX];

    if (registry_path(path, sizeof path, r, a->key_file, e) != 0)
        return -1;
    return file_exists(path) ? 0 : make_authority(r, a, e);
}

int registry_new_test_ca(const struct registry *r, struct err *e)
{
    return registry_prepare(r, e) == 0 ? ensure_authority(r, &authorities[1], e) : -1;
}

static int read_file(struct buf *out, const struct registry *r, const char *name, struct err *e)
{
    char path[PATH_MAX];

    return registry_path(path, sizeof path, r, name, e) == 0 ? file_read(out, path, e) : -1;
}

static int open_authority(EVP_PKEY **key, X509 **root, const struct registry *r, const struct authority *a,
                          struct err *e)
{
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM), roots = BUF_INIT(REGISTRY_MAX_PEM);
    struct chain c = {{NULL}, 0, NULL};
    int rc = -1;

    if (read_file(&pem, r, a->key_file, e) == 0 && key_read(key, buf_view(&pem), a->key_file, e) == 0 &&
        read_file(&roots, r, a->copy_file, e) == 0 &&
        chain_read(&c, buf_view(&roots), a->copy_file, e) == 0) {
        *root = c.certs[0];
        c.certs[0] = NULL;
        rc = 0;
    }
    chain_dispose(&c);
    if (pem.data != NULL)
        explicit_bzero(pem.data, pem.cap);
    buf_dispose(&pem);
    buf_dispose(&roots);
    return rc;
}

/* The office, and which of its seals: 安徽省…厅职称专用章. */
static void common_name(char *out, size_t size, const struct seal_order *o)
{
    int len = snprintf(out, size, "%s%s", o->owner, o->line == NULL ? "" : o->line);

    if (len < 0 || (size_t)len >= size)
        (void)snprintf(out, size, "%s", o->owner);
}

int registry_certify(struct chain *out, const struct registry *r, const struct seal_order *o, EVP_PKEY *key,
                     bool test, struct err *e)
{
    const struct authority *a = &authorities[test ? 1 : 0];
    EVP_PKEY *ca_key = NULL;
    X509 *root = NULL;
    char name[256];
    int rc = -1;

    *out = (struct chain){{NULL}, 0, NULL};
    if (o->days < 0 || o->days > SEAL_MOST_DAYS)
        return err_set(e, ERR_INVALID, "A seal is valid for 1 to %d days.", "印章有效期为 1 至 %d 天。",
                       SEAL_MOST_DAYS);
    common_name(name, sizeof name, o);
    if (ensure_authority(r, a, e) == 0 && open_authority(&ca_key, &root, r, a, e) == 0) {
        struct certificate_order c = {o->owner,
                                      name,
                                      key,
                                      root,
                                      ca_key,
                                      o->start == 0 ? clock_now() : o->start,
                                      o->days == 0 ? SEAL_DAYS : o->days,
                                      a->test};

        rc = certificate_make(&out->certs[0], &c, e);
        out->count = rc == 0 ? 1 : 0;
    }
    X509_free(root);
    EVP_PKEY_free(ca_key);
    return rc;
}
