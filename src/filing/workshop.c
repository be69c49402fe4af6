/* workshop.c - the threads, each at a bench of its own. */
#include "base/clock.h"
#include "base/log.h"
#include "filing/work_internal.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS_MAX = 64, LOOK_MS = 1000, ONCE_LOOK_MS = 100, REST_MS = 5000 };

struct workshop {
    char data_dir[PATH_MAX];
    bool once;
    photo_opener *open_photo;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;
    unsigned wakes;       /* calls of workshop_wake() so far */
    size_t threads, idle; /* idle: found nothing to do */
    size_t running;
    struct hand {
        struct workshop *w;
        struct press *press;
        struct helper *helper;
        char name[WORKER_NAME_MAX + 24];
        pthread_t thread;
        struct err outage; /* under the lock */
    } hands[THREADS_MAX];
};

static void log_outage(const char *event, const struct err *e)
{
    struct log_line line;

    log_begin(&line, event);
    if (e->code != ERR_NONE) {
        log_text(&line, "reason", e->en);
        log_text(&line, "detail", e->detail[0] != '\0' ? e->detail : NULL);
    }
    log_end(&line);
}

/* One line when it begins, not one each few seconds. */
static void note_outage(struct hand *h, const struct err *e)
{
    bool news;

    (void)pthread_mutex_lock(&h->w->lock);
    news = e->code != h->outage.code || strcmp(e->en, h->outage.en) != 0;
    h->outage = *e;
    (void)pthread_mutex_unlock(&h->w->lock);
    if (news && e->code != ERR_NONE)
        log_outage("workshop-halted", e);
    else if (news)
        log_outage("workshop-resumed", e);
}

/* Until somebody wakes us, or so long. Says whether to go on. */
static bool wait_for_work(struct workshop *w, unsigned *seen, int ms)
{
    struct timespec until;
    bool go;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_mutex_lock(&w->lock);
    while (!w->stopping && w->wakes == *seen && !(w->once && w->idle >= w->threads)) {
        if (pthread_cond_timedwait(&w->changed, &w->lock, &until) == ETIMEDOUT)
            break;
    }
    *seen = w->wakes;
    go = !w->stopping && !(w->once && w->idle >= w->threads);
    (void)pthread_mutex_unlock(&w->lock);
    return go;
}

/* With `once` all end together, when none of them finds anything more. */
static void set_idle(struct workshop *w, bool *idle, bool now)
{
    if (*idle == now)
        return;
    *idle = now;
    (void)pthread_mutex_lock(&w->lock);
    w->idle += now ? 1 : (size_t)-1;
    if (w->idle >= w->threads)
        (void)pthread_cond_broadcast(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
}

static bool is_stopping(struct workshop *w)
{
    bool stopping;

    (void)pthread_mutex_lock(&w->lock);
    stopping = w->stopping;
    (void)pthread_mutex_unlock(&w->lock);
    return stopping;
}

/* A step of the bench, which is opened first if it could not be so far. *did: there may be more. */
static void step(struct hand *h, struct workbench **b, bool *did)
{
    struct workshop *w = h->w;
    struct err e = {.code = ERR_NONE};

    *did = false;
    if ((*b == NULL &&
         workbench_open(b, w->data_dir, h->press, h->helper, w->open_photo, h->name, &e) != 0) ||
        workbench_step(*b, did, &e) != 0) {
        note_outage(h, &e);
        return;
    }
    workbench_outage(&e, *b);
    note_outage(h, &e);
}

static bool has_outage(struct hand *h)
{
    bool outage;

    (void)pthread_mutex_lock(&h->w->lock);
    outage = h->outage.code != ERR_NONE;
    (void)pthread_mutex_unlock(&h->w->lock);
    return outage;
}

static void *work(void *arg)
{
    struct hand *h = arg;
    struct workshop *w = h->w;
    struct workbench *b = NULL;
    int64_t last = clock_monotonic_ms();
    unsigned seen = 0;
    bool idle = false, did;

    while (!is_stopping(w)) {
        step(h, &b, &did);
        set_idle(w, &idle, !did && !has_outage(h));
        if (did) {
            last = clock_monotonic_ms();
            continue;
        }
        if (b != NULL && clock_monotonic_ms() - last > REST_MS)
            workbench_rest(b);
        if (!wait_for_work(w, &seen, w->once ? ONCE_LOOK_MS : LOOK_MS))
            break;
    }
    set_idle(w, &idle, true);
    workbench_close(b);
    (void)pthread_mutex_lock(&w->lock);
    w->running--;
    (void)pthread_cond_broadcast(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* What a workshop of this machine held when it was killed is free at once. Not being able to say so now is no
 * reason not to begin: leases end. */
static void bury_the_dead(const char *data_dir)
{
    struct store *s = NULL;
    struct err e;

    if (store_open(&s, data_dir, false, &e) == 0) {
        (void)!workers_bury(s, clock_now(), &e);
        store_close(s);
    }
}

static int init_locks(struct workshop *w, struct err *e)
{
    pthread_condattr_t monotonic;

    if (pthread_condattr_init(&monotonic) != 0 ||
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) != 0 ||
        pthread_cond_init(&w->changed, &monotonic) != 0 || pthread_mutex_init(&w->lock, NULL) != 0)
        return err_no_memory(e);
    (void)pthread_condattr_destroy(&monotonic);
    return 0;
}

static int start_threads(struct workshop *w, const struct workshop_order *o, struct err *e)
{
    char prefix[WORKER_NAME_MAX];

    worker_name_prefix(prefix);
    w->threads = w->running = o->threads; /* before the first looks whether all are idle */
    for (size_t k = 0; k < o->threads; k++) {
        struct hand *h = &w->hands[k];

        *h = (struct hand){
            .w = w, .press = o->presses[k], .helper = o->helpers != NULL ? o->helpers[k] : NULL};
        (void)snprintf(h->name, sizeof h->name, "%s%zu", prefix, k);
        if (pthread_create(&h->thread, NULL, work, h) != 0) {
            (void)pthread_mutex_lock(&w->lock);
            w->running -= o->threads - k;
            w->threads = k;
            (void)pthread_mutex_unlock(&w->lock);
            return err_no_memory(e);
        }
    }
    return 0;
}

int workshop_start(struct workshop **out, const struct workshop_order *o, struct err *e)
{
    struct workshop *w = calloc(1, sizeof *w);

    *out = NULL;
    if (w == NULL)
        return err_no_memory(e);
    w->once = o->once;
    w->open_photo = o->open_photo;
    (void)snprintf(w->data_dir, sizeof w->data_dir, "%s", o->data_dir);
    if (o->threads == 0 || o->threads > THREADS_MAX || init_locks(w, e) != 0) {
        free(w);
        return err_set(e, ERR_INTERNAL, "A workshop has 1 to %d threads.", "制证线程数应为 1 至 %d。",
                       THREADS_MAX);
    }
    bury_the_dead(o->data_dir);
    if (start_threads(w, o, e) != 0) {
        workshop_stop(w);
        return -1;
    }
    *out = w;
    return 0;
}

void workshop_wake(struct workshop *w)
{
    if (w == NULL)
        return;
    (void)pthread_mutex_lock(&w->lock);
    w->wakes++;
    (void)pthread_cond_broadcast(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
}

void workshop_stop(struct workshop *w)
{
    if (w == NULL)
        return;
    (void)pthread_mutex_lock(&w->lock);
    w->stopping = true;
    (void)pthread_cond_broadcast(&w->changed);
    (void)pthread_mutex_unlock(&w->lock);
    for (size_t k = 0; k < w->threads; k++)
        (void)pthread_join(w->hands[k].thread, NULL);
    (void)pthread_cond_destroy(&w->changed);
    (void)pthread_mutex_destroy(&w->lock);
    free(w);
}

bool workshop_wait(struct workshop *w, int ms)
{
    struct timespec until;
    bool ended;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_mutex_lock(&w->lock);
    while (w->running > 0 && pthread_cond_timedwait(&w->changed, &w->lock, &until) != ETIMEDOUT)
        ;
    ended = w->running == 0;
    (void)pthread_mutex_unlock(&w->lock);
    return ended;
}

void workshop_halt(struct err *out, struct workshop *w)
{
    *out = (struct err){.code = ERR_NONE};
    if (w == NULL)
        return;
    (void)pthread_mutex_lock(&w->lock);
    for (size_t k = 0; k < w->threads && out->code == ERR_NONE; k++)
        *out = w->hands[k].outage;
    (void)pthread_mutex_unlock(&w->lock);
}
