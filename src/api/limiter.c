/* limiter.c - how often a name may try: a fixed number of entries, found by hash, the one that rested longest
 * is given to whoever comes new. */
#include "api/limiter.h"
#include "api/app.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW_MS = 60 * 1000, SECRET_SIZE = 16, MARK_SIZE = 16 };

static const uint32_t nobody = UINT32_MAX;

/* Names are strangers' (addresses, numbers typed in): what is kept is a keyed digest of fixed size. */
struct name_entry {
    uint8_t mark[MARK_SIZE];
    int64_t since;         /* of its window */
    unsigned hits;         /* in it; 0: the entry was never used */
    uint32_t next;         /* in its bucket */
    uint32_t newer, older; /* in the order of use */
};

struct limiter {
    pthread_mutex_t mutex;
    uint8_t secret[SECRET_SIZE]; /* so that nobody can choose names that share a bucket */
    unsigned per_minute;
    uint32_t count, newest, oldest;
    struct name_entry *entries;
    uint32_t *buckets; /* count of them */
};

static void link_newest(struct limiter *l, uint32_t at)
{
    struct name_entry *x = &l->entries[at];

    x->newer = nobody;
    x->older = l->newest;
    if (l->newest != nobody)
        l->entries[l->newest].newer = at;
    l->newest = at;
    if (l->oldest == nobody)
        l->oldest = at;
}

static void unlink_entry(struct limiter *l, uint32_t at)
{
    const struct name_entry *x = &l->entries[at];

    if (x->newer == nobody)
        l->newest = x->older;
    else
        l->entries[x->newer].older = x->older;
    if (x->older == nobody)
        l->oldest = x->newer;
    else
        l->entries[x->older].newer = x->newer;
}

struct limiter *limiter_new(unsigned per_minute, size_t names)
{
    struct limiter *l = calloc(1, sizeof *l);
    struct err e;

    if (l == NULL)
        return NULL;
    l->per_minute = per_minute;
    l->count = names == 0 ? 1 : (uint32_t)names;
    l->newest = l->oldest = nobody;
    l->entries = calloc(l->count, sizeof *l->entries);
    l->buckets = calloc(l->count, sizeof *l->buckets);
    if (l->entries == NULL || l->buckets == NULL || random_bytes(l->secret, sizeof l->secret, &e) != 0 ||
        pthread_mutex_init(&l->mutex, NULL) != 0) {
        free(l->entries);
        free(l->buckets);
        free(l);
        return NULL;
    }
    for (uint32_t i = 0; i < l->count; i++) {
        l->buckets[i] = nobody;
        link_newest(l, i);
    }
    return l;
}

void limiter_free(struct limiter *l)
{
    if (l == NULL)
        return;
    (void)pthread_mutex_destroy(&l->mutex);
    free(l->entries);
    free(l->buckets);
    free(l);
}

static void mark_of(uint8_t out[MARK_SIZE], const struct limiter *l, const char *name)
{
    uint8_t text[SECRET_SIZE + 256], digest[SHA256_SIZE];
    size_t len = strnlen(name, sizeof text - SECRET_SIZE);

    memcpy(text, l->secret, SECRET_SIZE);
    memcpy(text + SECRET_SIZE, name, len);
    sha256(digest, (struct slice){text, SECRET_SIZE + len});
    memcpy(out, digest, MARK_SIZE);
}

static uint32_t *bucket_of(struct limiter *l, const uint8_t mark[MARK_SIZE])
{
    uint32_t number;

    memcpy(&number, mark, sizeof number);
    return &l->buckets[number % l->count];
}

/* Its entry, or nobody. */
static uint32_t find(struct limiter *l, const uint8_t mark[MARK_SIZE])
{
    uint32_t at = *bucket_of(l, mark);

    while (at != nobody && memcmp(l->entries[at].mark, mark, MARK_SIZE) != 0)
        at = l->entries[at].next;
    return at;
}

static void forget(struct limiter *l, uint32_t at)
{
    struct name_entry *x = &l->entries[at];
    uint32_t *from = bucket_of(l, x->mark);

    if (x->hits == 0)
        return; /* in no bucket yet */
    while (*from != at)
        from = &l->entries[*from].next;
    *from = x->next;
    x->hits = 0;
}

static uint32_t take(struct limiter *l, const uint8_t mark[MARK_SIZE], int64_t now_ms)
{
    uint32_t at = l->oldest, *bucket = bucket_of(l, mark);
    struct name_entry *x = &l->entries[at];

    forget(l, at);
    memcpy(x->mark, mark, MARK_SIZE);
    x->since = now_ms;
    x->next = *bucket;
    *bucket = at;
    return at;
}

bool limiter_allows_at(struct limiter *l, const char *name, int64_t now_ms, unsigned *retry_after)
{
    uint8_t mark[MARK_SIZE];
    int64_t rest = 0;
    uint32_t at;

    mark_of(mark, l, name);
    (void)pthread_mutex_lock(&l->mutex);
    at = find(l, mark);
    if (at != nobody && l->entries[at].hits >= l->per_minute)
        rest = l->entries[at].since + WINDOW_MS - now_ms;
    (void)pthread_mutex_unlock(&l->mutex);
    if (rest <= 0)
        return true;
    *retry_after = (unsigned)((rest + 999) / 1000);
    return false;
}

void limiter_hit_at(struct limiter *l, const char *name, int64_t now_ms)
{
    uint8_t mark[MARK_SIZE];
    struct name_entry *x;
    uint32_t at;

    mark_of(mark, l, name);
    (void)pthread_mutex_lock(&l->mutex);
    at = find(l, mark);
    if (at == nobody)
        at = take(l, mark, now_ms);
    x = &l->entries[at];
    if (now_ms - x->since >= WINDOW_MS) {
        x->since = now_ms;
        x->hits = 0;
    }
    if (x->hits < UINT32_MAX)
        x->hits++;
    unlink_entry(l, at);
    link_newest(l, at);
    (void)pthread_mutex_unlock(&l->mutex);
}

bool limiter_allows(struct limiter *l, const char *name, unsigned *retry_after)
{
    return limiter_allows_at(l, name, clock_monotonic_ms(), retry_after);
}

void limiter_hit(struct limiter *l, const char *name)
{
    limiter_hit_at(l, name, clock_monotonic_ms());
}
