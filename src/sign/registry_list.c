/* What the operator sees of keys/. */
#include "base/file.h"
#include "sign/registry_internal.h"
#include "sign/signer_counts.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

static const char *warning_of(int64_t from, int64_t to, int64_t now)
{
    if (now > to)
        return "expired";
    if (now < from)
        return "not-yet-valid";
    return to - now < (int64_t)REGISTRY_EXPIRY_WARNING_DAYS * 86400 ? "ends-soon" : NULL;
}

static void add_validity(json_t *row, const struct chain *c, int64_t now)
{
    int64_t from, to;
    char algorithm[32], begin[21], end[21];
    const char *warning;

    chain_validity(&from, &to, c);
    warning = warning_of(from, to, now);
    key_algorithm(algorithm, X509_get0_pubkey(c->certs[0]));
    clock_rfc3339(begin, from);
    clock_rfc3339(end, to);
    (void)json_object_set_new(row, "algorithm", json_string(algorithm));
    (void)json_object_set_new(row, "valid_from", json_string(begin));
    (void)json_object_set_new(row, "valid_until", json_string(end));
    (void)json_object_set_new(row, "days_left", json_integer(to > now ? (to - now) / 86400 : 0));
    (void)json_object_set_new(row, "warning", warning == NULL ? json_null() : json_string(warning));
}

static void describe(json_t *row, const struct registry *r, int64_t now)
{
    static const char *const unknown[] = {"algorithm", "valid_from", "valid_until", "days_left"};
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    struct chain c = {{NULL}, 0, NULL};
    char name[64], path[PATH_MAX];
    struct err unsaid;

    (void)snprintf(name, sizeof name, "keys/%s.chain.pem", json_text(row, "id"));
    if (registry_path(path, sizeof path, r, name, &unsaid) == 0 && file_read(&pem, path, &unsaid) == 0 &&
        chain_read(&c, buf_view(&pem), path, &unsaid) == 0) {
        add_validity(row, &c, now);
    } else {
        for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
            (void)json_object_set_new(row, unknown[i], json_null());
        (void)json_object_set_new(row, "warning", json_string("broken"));
    }
    chain_dispose(&c);
    buf_dispose(&pem);
}

/* What one file holds for the seal. by: who gave it. */
static int add_grants(json_t *row, const json_t *root, const json_t *registry, const char *by,
                      const struct counts *counts, struct err *e)
{
    json_t *own = json_object_get(row, "grants");
    const json_t *grant;
    size_t i;

    json_array_foreach(json_object_get(root, "grants"), i, grant)
    {
        const char *id = json_text(grant, "id");
        json_t *copy;

        if (strcmp(json_text(grant, "seal"), json_text(row, "id")) != 0 ||
            json_is_true(json_object_get(grant, "revoked")) || registry_is_revoked(registry, id))
            continue;
        copy = json_copy((json_t *)(uintptr_t)grant);
        if (json_array_append_new(own, copy) != 0 || json_object_del(copy, "seal") != 0 ||
            json_object_set_new(copy, "used", json_integer(counts_used(counts, id))) != 0 ||
            json_object_set_new(copy, "by", json_string(by)) != 0)
            return err_no_memory(e);
    }
    return 0;
}

static int add_all_grants(json_t *row, const json_t *root, const json_t *service, const struct counts *counts,
                          struct err *e)
{
    if (json_object_set_new(row, "grants", json_array()) != 0)
        return err_no_memory(e);
    if (add_grants(row, root, root, "operator", counts, e) != 0)
        return -1;
    return add_grants(row, service, root, "service", counts, e);
}

/* A signer that runs has promised some uses ahead; the numbers are exact once it has ended. */
static int open_counts(struct counts **out, int *fd, const struct registry *r, struct err *e)
{
    char path[PATH_MAX];

    if (registry_path(path, sizeof path, r, "keys/counts", e) != 0)
        return -1;
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT)
        *fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (*fd < 0)
        return err_set(e, ERR_UNAVAILABLE,
                       "Cannot read %s: %s. Run the command as root or as the signer's user.",
                       "无法读取 %s：%s。请以 root 或签名进程的用户运行。", path, strerror(errno));
    return counts_open(out, *fd, e);
}

int registry_list(json_t **out, const struct registry *r, int64_t now, struct err *e)
{
    struct counts *counts = NULL;
    json_t *root = NULL, *service = NULL, *row;
    int fd = -1, rc = -1;
    size_t i;

    *out = NULL;
    if (registry_json(&root, r, e) != 0 || registry_service_json(&service, r, e) != 0 ||
        open_counts(&counts, &fd, r, e) != 0)
        goto out;
    json_array_foreach(json_object_get(root, "seals"), i, row)
    {
        describe(row, r, now);
        if (add_all_grants(row, root, service, counts, e) != 0)
            goto out;
    }
    (void)json_object_del(root, "revoked"); /* mostly it is not there */
    if (json_object_del(root, "grants") != 0 || json_object_del(root, "version") != 0) {
        err_no_memory(e);
        goto out;
    }
    *out = root;
    root = NULL;
    rc = 0;
out:
    json_decref(root);
    json_decref(service);
    counts_close(counts);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}
