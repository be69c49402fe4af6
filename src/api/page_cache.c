/* page_cache.c - what the public pages keep between requests: small photos, and fonts for names. */
#include "api/page_view.h"
#include "base/share.h"
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PHOTOS_KEPT = 200, PHOTO_BYTES = 16 * 1024 };

struct kept_photo {
    uint8_t sha256[SHA256_SIZE];
    uint64_t used; /* 0: the place is free */
    size_t len;
    uint8_t *jpeg;
};

struct page_cache {
    pthread_mutex_t photos_lock, fonts_lock;
    struct kept_photo photos[PHOTOS_KEPT];
    uint64_t clock;
    struct fonts *fonts;
    struct page_seals *seals;
};

int page_cache_open(struct page_cache **out, struct err *e)
{
    struct page_cache *c = calloc(1, sizeof *c);
    char dir[PATH_MAX];

    *out = NULL;
    if (c == NULL)
        return err_no_memory(e);
    (void)pthread_mutex_init(&c->photos_lock, NULL);
    (void)pthread_mutex_init(&c->fonts_lock, NULL);
    c->seals = page_seals_new();
    if (c->seals == NULL) {
        page_cache_close(c);
        return err_no_memory(e);
    }
    if (share_path(dir, sizeof dir, "fonts", e) != 0 || fonts_open(&c->fonts, dir, e) != 0) {
        c->fonts = NULL;
        page_cache_close(c);
        return -1;
    }
    *out = c;
    return 0;
}

void page_cache_close(struct page_cache *c)
{
    if (c == NULL)
        return;
    if (c->fonts != NULL)
        fonts_close(c->fonts);
    page_seals_free(c->seals);
    for (size_t i = 0; i < PHOTOS_KEPT; i++)
        free(c->photos[i].jpeg);
    (void)pthread_mutex_destroy(&c->photos_lock);
    (void)pthread_mutex_destroy(&c->fonts_lock);
    free(c);
}

struct page_seals *page_cache_seals(struct page_cache *c)
{
    return c == NULL ? NULL : c->seals;
}

static struct kept_photo *find(struct page_cache *c, const uint8_t sha256[SHA256_SIZE])
{
    for (size_t i = 0; i < PHOTOS_KEPT; i++)
        if (c->photos[i].used != 0 && memcmp(c->photos[i].sha256, sha256, SHA256_SIZE) == 0)
            return &c->photos[i];
    return NULL;
}

bool page_cache_photo(struct buf *out, struct page_cache *c, const uint8_t sha256[SHA256_SIZE])
{
    struct kept_photo *p;

    if (c == NULL)
        return false;
    (void)pthread_mutex_lock(&c->photos_lock);
    p = find(c, sha256);
    if (p != NULL) {
        p->used = ++c->clock;
        buf_append_bytes(out, p->jpeg, p->len);
    }
    (void)pthread_mutex_unlock(&c->photos_lock);
    return p != NULL;
}

void page_cache_keep_photo(struct page_cache *c, const uint8_t sha256[SHA256_SIZE], struct slice jpeg)
{
    struct kept_photo *oldest;

    if (c == NULL || jpeg.len > PHOTO_BYTES)
        return;
    (void)pthread_mutex_lock(&c->photos_lock);
    oldest = find(c, sha256); /* another thread may have been faster */
    for (size_t i = 0; i < PHOTOS_KEPT && oldest == NULL; i++)
        if (c->photos[i].used == 0)
            oldest = &c->photos[i];
    if (oldest == NULL) {
        oldest = &c->photos[0];
        for (size_t i = 1; i < PHOTOS_KEPT; i++)
            if (c->photos[i].used < oldest->used)
                oldest = &c->photos[i];
    }
    if (oldest->jpeg == NULL)
        oldest->jpeg = malloc(PHOTO_BYTES);
    if (oldest->jpeg != NULL) {
        memcpy(oldest->jpeg, jpeg.ptr, jpeg.len);
        memcpy(oldest->sha256, sha256, SHA256_SIZE);
        oldest->len = jpeg.len;
        oldest->used = ++c->clock;
    }
    (void)pthread_mutex_unlock(&c->photos_lock);
}

int page_cache_name(struct buf *svg, struct page_cache *c, const char *name, struct err *e)
{
    int rc;

    if (c == NULL)
        return err_set(e, ERR_NOT_FOUND, "There is no picture of this name.", "没有该姓名的图形。");
    (void)pthread_mutex_lock(&c->fonts_lock);
    rc = name_picture(svg, name, c->fonts, e);
    (void)pthread_mutex_unlock(&c->fonts_lock);
    return rc;
}
