#include "base/clock.h"
#include "base/log.h"
#include "http/http_internal.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINGER_US = 3000 };

const unsigned lane_bucket_ms[LANE_BUCKETS] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000};

void lane_took(struct lane *l, uint64_t us)
{
    size_t i = 0;

    while (i < LANE_BUCKETS && us > (uint64_t)lane_bucket_ms[i] * 1000)
        i++;
    atomic_fetch_add_explicit(&l->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&l->duration_us, us, memory_order_relaxed);
    atomic_fetch_add_explicit(&l->duration_count, 1, memory_order_relaxed);
}

/* Races between threads lose one measurement at most. */
static void learn(struct lane *l, int64_t us, size_t count)
{
    unsigned long each = count > 0 ? (unsigned long)us / count : 0;
    unsigned long old = atomic_load_explicit(&l->service_us, memory_order_relaxed);

    atomic_store_explicit(&l->service_us, old == 0 ? each : (7 * old + each) / 8, memory_order_relaxed);
}

unsigned lane_retry_after(struct lane *l)
{
    unsigned long us = atomic_load_explicit(&l->service_us, memory_order_relaxed);
    unsigned long threads = l->thread_count ? l->thread_count : 1;
    uint64_t seconds;

    pthread_mutex_lock(&l->lock);
    seconds = (uint64_t)l->waiting * us / threads / 1000000 + 1;
    pthread_mutex_unlock(&l->lock);
    return seconds > BUSY_RETRY_MAX ? BUSY_RETRY_MAX : (unsigned)seconds;
}

/* --- the queue --- */

static bool is_guest(const struct lane *l, const struct route *route)
{
    return l->mixed && route->scope == NULL;
}

static bool has_room(const struct lane *l, const struct route *route)
{
    return l->waiting < l->config->capacity &&
           (!is_guest(l, route) || l->guests < (l->config->capacity + 1) / 2);
}

bool lane_full(struct lane *l, const struct route *route)
{
    bool full;

    pthread_mutex_lock(&l->lock);
    full = !has_room(l, route);
    pthread_mutex_unlock(&l->lock);
    return full;
}

/* Strangers wait behind all who have a key. */
static void line_up(struct lane *l, struct http_exchange *x)
{
    bool guest = is_guest(l, x->req.route);
    struct http_exchange *before = guest || l->guests == 0 ? l->last : NULL;

    if (!guest && l->guests > 0) {
        for (struct http_exchange *at = l->first; !is_guest(l, at->req.route); at = at->next)
            before = at;
    }
    x->next = before ? before->next : l->first;
    *(before ? &before->next : &l->first) = x;
    if (x->next == NULL)
        l->last = x;
    l->guests += guest;
    l->waiting++;
}

bool lane_enqueue(struct lane *l, struct http_exchange *x)
{
    bool taken;

    pthread_mutex_lock(&l->lock);
    taken = !l->stopping && has_room(l, x->req.route);
    if (taken) {
        /* Suspended before a thread of the lane can see it: it may resume it at once. */
        x->state = EXCHANGE_WAITING;
        connection_phase(x->connection, PHASE_WORKING);
        MHD_suspend_connection(x->mhd);
        line_up(l, x);
        pthread_cond_signal(&l->work);
    }
    pthread_mutex_unlock(&l->lock);
    atomic_fetch_add_explicit(taken ? &l->taken : &l->refused, 1, memory_order_relaxed);
    return taken;
}

bool lane_submit(struct lane *l, void (*run)(void *app, void *thread, void *arg), void *arg)
{
    struct job *job = malloc(sizeof *job);
    bool taken;

    if (job == NULL)
        return false;
    *job = (struct job){NULL, run, arg};
    pthread_mutex_lock(&l->lock);
    taken = !l->stopping;
    if (taken) {
        *(l->last_job ? &l->last_job->next : &l->first_job) = job;
        l->last_job = job;
        pthread_cond_signal(&l->work);
    }
    pthread_mutex_unlock(&l->lock);
    if (!taken)
        free(job);
    return taken;
}

static struct job *take_job(struct lane *l)
{
    struct job *job = l->first_job;

    if (job != NULL && (l->first_job = job->next) == NULL)
        l->last_job = NULL;
    return job;
}

static bool goes_together(const struct lane *l, const struct route *route)
{
    return l->config->batch != NULL && l->config->together != NULL && l->config->together(route);
}

/* The first request, and, where that pays, those behind it of the same route. */
static size_t take_batch(struct lane *l, struct http_exchange *out[HTTP_BATCH_MAX])
{
    struct http_exchange *previous = NULL, *x = l->first;
    const struct route *route = x->req.route;
    bool together = goes_together(l, route);
    size_t count = 0;

    while (x != NULL && count < (together ? HTTP_BATCH_MAX : 1)) {
        struct http_exchange *next = x->next;

        if (x->req.route == route) {
            *(previous ? &previous->next : &l->first) = next;
            if (l->last == x)
                l->last = previous;
            l->guests -= is_guest(l, route);
            out[count++] = x;
        } else {
            previous = x;
        }
        x = next;
    }
    l->waiting -= count;
    return count;
}

/* --- the threads --- */

static void give_back(struct http_exchange *x)
{
    struct MHD_Connection *mhd = x->mhd;

    x->state = EXCHANGE_READY;
    MHD_resume_connection(mhd); /* x belongs to the connection's thread from here on */
}

static void refuse_waiting(struct http_exchange *x)
{
    x->refusal = 503;
    x->retry_after = BUSY_RETRY_MAX / 2;
    err_set(&x->err, ERR_UNAVAILABLE, "The service is stopping; try again soon.",
            "服务正在停止，请稍后重试。");
    give_back(x);
}

static void run_batch(struct lane *l, void *thread, struct http_exchange *const *xs, size_t count)
{
    struct http_work work[HTTP_BATCH_MAX];

    for (size_t i = 0; i < count; i++) {
        xs[i]->req.thread = thread;
        work[i] = (struct http_work){.req = &xs[i]->req, .res = &xs[i]->res, .rc = -1};
    }
    l->config->batch(l->server->config.app, thread, work, count);
    for (size_t i = 0; i < count; i++) {
        xs[i]->rc = work[i].rc;
        if (work[i].rc != 0)
            xs[i]->err = work[i].err;
    }
}

static void run_requests(struct lane *l, void *thread, struct http_exchange *const *xs, size_t count)
{
    int64_t began = exchange_clock_us();

    if (goes_together(l, xs[0]->req.route)) {
        run_batch(l, thread, xs, count);
    } else {
        xs[0]->req.thread = thread;
        xs[0]->rc = xs[0]->req.route->handle(l->server->config.app, &xs[0]->req, &xs[0]->res, &xs[0]->err);
    }
    learn(l, exchange_clock_us() - began, count);
    atomic_fetch_sub_explicit(&l->running, (unsigned)count, memory_order_relaxed);
    for (size_t i = 0; i < count; i++)
        give_back(xs[i]);
}

static bool nothing_to_do(const struct lane *l)
{
    return l->first_job == NULL && l->first == NULL && !l->stopping;
}

/* Returns, with the lock held, when there is work or the lane stops; a thread that waited long has rested
 * meanwhile. */
static void await_work(struct lane *l, void *thread)
{
    struct timespec until;

    if (l->config->rest != NULL && nothing_to_do(l)) {
        int64_t ms = clock_monotonic_ms() + l->config->rest_ms;
        int rc = 0;

        until = (struct timespec){ms / 1000, ms % 1000 * 1000000};
        while (nothing_to_do(l) && rc != ETIMEDOUT)
            rc = pthread_cond_timedwait(&l->work, &l->lock, &until);
        if (nothing_to_do(l)) {
            pthread_mutex_unlock(&l->lock);
            l->config->rest(l->server->config.app, thread);
            pthread_mutex_lock(&l->lock);
        }
    }
    while (nothing_to_do(l))
        pthread_cond_wait(&l->work, &l->lock);
}

/* Whoever was answered together asks again together, one a few microseconds behind the other: a thread that
 * took `company` requests waits up to LINGER_US for as many, so that they share their durable steps again. */
static void await_company(struct lane *l, size_t company)
{
    struct timespec until;
    int64_t us;
    int rc = 0;

    if (l->first == NULL || !goes_together(l, l->first->req.route))
        return;
    us = exchange_clock_us() + LINGER_US;
    until = (struct timespec){us / 1000000, us % 1000000 * 1000};
    while (l->waiting < company && l->first_job == NULL && !l->stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&l->work, &l->lock, &until);
}

static void work_off(struct lane *l, void *thread)
{
    size_t company = 0; /* of the last batch */

    pthread_mutex_lock(&l->lock);
    while (true) {
        struct http_exchange *xs[HTTP_BATCH_MAX];
        struct job *job;
        size_t count;
        bool hurried;

        await_work(l, thread);
        await_company(l, company);
        job = take_job(l);
        if (job == NULL && l->first == NULL) {
            if (l->stopping)
                break;
            continue; /* another thread took them */
        }
        count = job ? 0 : take_batch(l, xs);
        if (job == NULL) /* grows at once, forgets slowly */
            company = count > company ? count : (3 * company + count) / 4;
        hurried = l->hurried;
        pthread_mutex_unlock(&l->lock);
        if (job != NULL) {
            job->run(l->server->config.app, thread, job->arg);
            free(job);
        } else if (hurried) {
            for (size_t i = 0; i < count; i++)
                refuse_waiting(xs[i]);
        } else {
            atomic_fetch_add_explicit(&l->running, (unsigned)count, memory_order_relaxed);
            run_requests(l, thread, xs, count);
        }
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
}

static void *lane_main(void *arg)
{
    struct lane *l = arg;
    void *app = l->server->config.app, *thread = NULL;
    struct err e = {0};
    bool failed;

    if (l->config->open != NULL)
        thread = l->config->open(app, &e);
    failed = l->config->open != NULL && thread == NULL;
    pthread_mutex_lock(&l->lock);
    l->open_count++;
    if (failed) {
        l->failed_count++;
        l->failure = e;
    }
    pthread_cond_signal(&l->opened);
    pthread_mutex_unlock(&l->lock);
    if (failed)
        return NULL;
    work_off(l, thread);
    if (l->config->close != NULL)
        l->config->close(app, thread);
    return NULL;
}

int lane_start(struct lane *l, struct http_server *s, const struct http_lane *config, struct err *e)
{
    pthread_condattr_t steady;

    l->config = config;
    l->server = s;
    pthread_mutex_init(&l->lock, NULL);
    /* clock_monotonic_ms() */
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&l->work, &steady);
    pthread_condattr_destroy(&steady);
    pthread_cond_init(&l->opened, NULL);
    l->made = true;
    if (l == &s->lanes[LANE_INLINE])
        return 0;
    assert(config->threads > 0);
    l->threads = calloc(config->threads, sizeof *l->threads);
    if (l->threads == NULL)
        return err_no_memory(e);
    while (l->thread_count < config->threads) {
        if (pthread_create(&l->threads[l->thread_count], NULL, lane_main, l) != 0)
            return err_set(e, ERR_UNAVAILABLE, "The system gave no thread for the lane \"%s\"; try again.",
                           "系统未能为队列“%s”提供线程，请重试。", config->name);
        l->thread_count++;
    }
    pthread_mutex_lock(&l->lock);
    while (l->open_count < l->thread_count)
        pthread_cond_wait(&l->opened, &l->lock);
    pthread_mutex_unlock(&l->lock);
    if (l->failed_count > 0) {
        *e = l->failure;
        return -1;
    }
    return 0;
}

void lane_stop(struct lane *l, bool hurried)
{
    if (!l->made)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    l->hurried = hurried;
    pthread_cond_broadcast(&l->work);
    pthread_mutex_unlock(&l->lock);
    for (unsigned i = 0; i < l->thread_count; i++)
        pthread_join(l->threads[i], NULL);
    free(l->threads);
    l->threads = NULL;
    pthread_cond_destroy(&l->work);
    pthread_cond_destroy(&l->opened);
    pthread_mutex_destroy(&l->lock);
    l->made = false;
}
