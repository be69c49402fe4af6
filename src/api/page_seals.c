/* page_seals.c - pictures of the registry's seals, by the certificate that signed: what an uploaded file
 * shows as a seal is never passed on.
 *
 * Seals come while the service runs: the directory is read again when it has changed, and once a second while
 * the change is younger than a minute, for a seal's files follow its directory. */
#include "api/page_view.h"
#include "base/file.h"
#include "seal/seal.h"
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SEALS_MAX = 4096, ID_DIGITS = 32, YOUNG_SECONDS = 60 };
static const size_t bytes_kept = 32 * 1024 * 1024;

struct picture {
    uint8_t certificate[SHA256_SIZE];
    char id[ID_DIGITS + 1];
    bool svg;
    struct buf bytes; /* once it was asked for */
};

struct page_seals {
    pthread_mutex_t lock;
    struct picture *list;
    size_t count, kept;
    struct timespec changed;
    int64_t read_at;
};

struct page_seals *page_seals_new(void)
{
    struct page_seals *s = calloc(1, sizeof *s);

    if (s != NULL)
        (void)pthread_mutex_init(&s->lock, NULL);
    return s;
}

static void forget(struct page_seals *s)
{
    for (size_t i = 0; i < s->count; i++)
        buf_dispose(&s->list[i].bytes);
    free(s->list);
    s->list = NULL;
    s->count = s->kept = 0;
}

void page_seals_free(struct page_seals *s)
{
    if (s == NULL)
        return;
    forget(s);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static bool is_id(const char *name)
{
    return strlen(name) == ID_DIGITS && strspn(name, "0123456789abcdef") == ID_DIGITS;
}

/* A seal that cannot be read, or has no picture, is passed over. */
static void add(struct page_seals *s, const char *data_dir, const char *id)
{
    struct picture *p = &s->list[s->count];
    struct seal *seal = NULL;
    struct err e;

    if (seal_load(&seal, data_dir, id, &e) != 0)
        return;
    if (seal->chain_count > 0 && (seal->picture != NULL || seal->png.len > 0)) {
        memset(p, 0, sizeof *p);
        sha256(p->certificate, buf_view(&seal->chain_der[0]));
        memcpy(p->id, id, sizeof p->id);
        p->svg = seal->picture != NULL;
        buf_init(&p->bytes, SEAL_MAX_PICTURE);
        s->count++;
    }
    seal_free(seal);
}

static void read_all(struct page_seals *s, const char *data_dir, const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;

    forget(s);
    s->list = dir == NULL ? NULL : calloc(SEALS_MAX, sizeof *s->list);
    while (s->list != NULL && s->count < SEALS_MAX && (entry = readdir(dir)) != NULL)
        if (is_id(entry->d_name))
            add(s, data_dir, entry->d_name);
    if (dir != NULL)
        (void)closedir(dir);
}

static void refresh(struct page_seals *s, const char *data_dir)
{
    char path[PATH_MAX];
    int64_t now = clock_now();
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/seals", data_dir);
    if (stat(path, &st) != 0)
        return;
    if (s->read_at != 0 && s->changed.tv_sec == st.st_mtim.tv_sec &&
        s->changed.tv_nsec == st.st_mtim.tv_nsec &&
        (s->read_at > st.st_mtim.tv_sec + YOUNG_SECONDS || s->read_at == now))
        return;
    read_all(s, data_dir, path);
    s->changed = st.st_mtim;
    s->read_at = now;
}

static struct picture *find(struct page_seals *s, const char *data_dir, const char *certificate)
{
    uint8_t digest[SHA256_SIZE];

    if (certificate == NULL || strlen(certificate) != (size_t)2 * SHA256_SIZE ||
        !hex_decode(digest, sizeof digest, certificate, (size_t)2 * SHA256_SIZE))
        return NULL;
    refresh(s, data_dir);
    for (size_t i = 0; s->list != NULL && i < s->count; i++)
        if (memcmp(s->list[i].certificate, digest, sizeof digest) == 0)
            return &s->list[i];
    return NULL;
}

bool page_seals_have(struct page_seals *s, const char *data_dir, const char *certificate)
{
    bool found;

    if (s == NULL)
        return false;
    (void)pthread_mutex_lock(&s->lock);
    found = find(s, data_dir, certificate) != NULL;
    (void)pthread_mutex_unlock(&s->lock);
    return found;
}

static int copy(struct buf *out, struct page_seals *s, const char *data_dir, struct picture *p, struct err *e)
{
    if (p->bytes.len == 0) {
        char path[PATH_MAX];

        (void)snprintf(path, sizeof path, "%s/seals/%s/picture.%s", data_dir, p->id, p->svg ? "svg" : "png");
        if (file_read(&p->bytes, path, e) != 0)
            return -1;
        s->kept += p->bytes.len;
    }
    buf_append(out, buf_view(&p->bytes));
    if (s->kept > bytes_kept) {
        s->kept -= p->bytes.len;
        buf_dispose(&p->bytes);
        buf_init(&p->bytes, SEAL_MAX_PICTURE);
    }
    return buf_ok(out) ? 0 : err_no_memory(e);
}

int page_seals_picture(struct buf *out, const char **content_type, struct page_seals *s, const char *data_dir,
                       const char *certificate, struct err *e)
{
    struct picture *p = NULL;
    int rc = -1;

    if (s != NULL) {
        (void)pthread_mutex_lock(&s->lock);
        p = find(s, data_dir, certificate);
        if (p != NULL) {
            *content_type = p->svg ? "image/svg+xml" : "image/png";
            rc = copy(out, s, data_dir, p, e);
        }
        (void)pthread_mutex_unlock(&s->lock);
    }
    if (p == NULL)
        return err_set(e, ERR_NOT_FOUND, "No seal of the registry has this certificate.",
                       "印章登记中没有使用此证书的印章。");
    return rc;
}
