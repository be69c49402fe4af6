/* The signer's copy of keys/: seals, grants, keys. Read at its start, and again when registry.json changed.
 */
#include "base/digest.h"
#include "base/file.h"
#include "sign/signer_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct signer_seals {
    int keys_fd;
    struct stat seen; /* registry.json when it was read */
    bool damaged;     /* it could not be read */
    struct registry_rows rows;
    struct signer_seal *list;
    size_t count;
};

int signer_read_at(struct buf *out, int dir, const char *name, struct err *e)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t got = -1;

    if (fd < 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL, "keys/%s cannot be read: %s.",
                       "无法读取 keys/%s：%s。", name, strerror(errno));
    do {
        size_t left = out->max - out->len;
        uint8_t *at = buf_room(out, left < 16384 ? left + (left == 0) : 16384);

        got = at == NULL ? -1 : read(fd, at, left < 16384 ? left : 16384);
        if (got > 0)
            buf_wrote(out, (size_t)got);
    } while (got > 0);
    (void)close(fd);
    if (got == 0 && buf_ok(out))
        return 0;
    return err_set(e, ERR_INTERNAL, "keys/%s cannot be read, or is larger than it can be.",
                   "keys/%s 无法读取，或大小异常。", name);
}

static void seal_dispose(struct signer_seal *s)
{
    EVP_PKEY_free(s->key);
    X509_free(s->leaf);
    sk_X509_pop_free(s->issuers, X509_free);
    s->key = NULL;
    s->leaf = NULL;
    s->issuers = NULL;
}

static int load_key(struct signer_seal *s, int keys_fd, struct err *e)
{
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    char name[64];
    int rc = -1;

    (void)snprintf(name, sizeof name, "%s.key", s->row.id);
    if (signer_read_at(&pem, keys_fd, name, e) == 0)
        rc = key_read(&s->key, buf_view(&pem), name, e);
    if (pem.data != NULL)
        explicit_bzero(pem.data, pem.cap);
    buf_dispose(&pem);
    return rc;
}

static int keep_chain(struct signer_seal *s, const struct chain *c, struct err *e)
{
    chain_validity(&s->valid_from, &s->valid_to, c);
    s->issuers = sk_X509_new_null();
    if (s->issuers == NULL || X509_up_ref(c->certs[0]) != 1)
        return err_no_memory(e);
    s->leaf = c->certs[0];
    for (size_t i = 1; i < c->count; i++) {
        if (X509_up_ref(c->certs[i]) != 1)
            return err_no_memory(e);
        if (sk_X509_push(s->issuers, c->certs[i]) <= 0) {
            X509_free(c->certs[i]);
            return err_no_memory(e);
        }
    }
    if (X509_check_private_key(s->leaf, s->key) == 1)
        return 0;
    ERR_clear_error();
    return err_set(e, ERR_INTERNAL, "keys/%s.key does not belong to its chain.",
                   "keys/%s.key 与其证书链不匹配。", s->row.id);
}

static int load_chain(struct signer_seal *s, int keys_fd, struct err *e)
{
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    struct chain c = {{NULL}, 0, NULL};
    char name[64];
    int rc = -1;

    (void)snprintf(name, sizeof name, "%s.chain.pem", s->row.id);
    if (signer_read_at(&pem, keys_fd, name, e) == 0 && chain_read(&c, buf_view(&pem), name, e) == 0)
        rc = keep_chain(s, &c, e);
    chain_dispose(&c);
    buf_dispose(&pem);
    return rc;
}

/* One seal that cannot be read must not stop the others. */
static void seal_load_secret(struct signer_seal *s, int keys_fd)
{
    struct err why;

    s->broken = load_key(s, keys_fd, &why) != 0 || load_chain(s, keys_fd, &why) != 0;
    if (s->broken) {
        (void)fprintf(stderr, "sealpress-signer: seal=%s unusable: %s\n", s->row.id, why.en);
        seal_dispose(s);
    }
}

static struct signer_seal *find(struct signer_seal *list, size_t count, const uint8_t id[16])
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(list[i].row.key_id, id, 16) == 0)
            return &list[i];
    }
    return NULL;
}

struct signer_seal *signer_seals_lookup(struct signer_seals *s, const uint8_t id[16])
{
    return find(s->list, s->count, id);
}

const struct signer_seal *signer_seals_service(const struct signer_seals *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->list[i].row.service && s->list[i].row.enabled && !s->list[i].broken)
            return &s->list[i];
    }
    return NULL;
}

const struct registry_rows *signer_seals_rows(const struct signer_seals *s)
{
    return &s->rows;
}

/* Keys already read are kept, with what they spent of their rate; an id never gets another key. */
static int adopt_rows(struct signer_seals *s, struct registry_rows *rows, struct err *e)
{
    struct signer_seal *list = calloc(rows->seal_count + 1, sizeof *list);

    if (list == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < rows->seal_count; i++) {
        struct signer_seal *old = find(s->list, s->count, rows->seals[i].key_id);

        if (old != NULL && old->key != NULL) {
            list[i] = *old;
            old->key = NULL;
            old->leaf = NULL;
            old->issuers = NULL;
        }
        list[i].row = rows->seals[i];
        if (list[i].key == NULL)
            seal_load_secret(&list[i], s->keys_fd);
    }
    for (size_t i = 0; i < s->count; i++)
        seal_dispose(&s->list[i]);
    free(s->list);
    registry_rows_dispose(&s->rows);
    s->rows = *rows;
    s->list = list;
    s->count = rows->seal_count;
    *rows = (struct registry_rows){.seals = NULL};
    return 0;
}

static int read_registry(struct signer_seals *s, struct err *e)
{
    struct buf text = BUF_INIT(REGISTRY_MAX_BYTES);
    struct registry_rows rows = {.seals = NULL};
    int rc = -1;

    if (signer_read_at(&text, s->keys_fd, "registry.json", e) == 0 &&
        registry_rows_read(&rows, buf_view(&text), e) == 0)
        rc = adopt_rows(s, &rows, e);
    registry_rows_dispose(&rows);
    buf_dispose(&text);
    return rc;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
           a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int signer_seals_refresh(struct signer_seals *s, struct err *e)
{
    struct stat now;

    if (fstatat(s->keys_fd, "registry.json", &now, AT_SYMLINK_NOFOLLOW) != 0)
        memset(&now, 0, sizeof now);
    if (!s->damaged && same_file(&now, &s->seen))
        return 0;
    s->damaged = now.st_ino != 0 && read_registry(s, e) != 0;
    s->seen = now;
    if (now.st_ino != 0)
        return s->damaged ? -1 : 0;
    return err_set(e, ERR_NOT_FOUND,
                   "There are no seals yet: make one with sealpress seal new, or sealpress seal import.",
                   "还没有印章：请用 sealpress seal new 制作，或用 sealpress seal import 导入。");
}

int signer_seals_open(struct signer_seals **out, int keys_fd, struct err *e)
{
    struct signer_seals *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return err_no_memory(e);
    s->keys_fd = keys_fd;
    if (signer_seals_refresh(s, e) != 0 && e->code != ERR_NOT_FOUND) {
        signer_seals_free(s);
        return -1;
    }
    *out = s;
    return 0;
}

void signer_seals_free(struct signer_seals *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++)
        seal_dispose(&s->list[i]);
    free(s->list);
    registry_rows_dispose(&s->rows);
    free(s);
}
