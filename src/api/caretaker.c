/* caretaker.c - one thread that finishes what a crash left, hashes stored files anew, and looks at what the
 * service stands on. */
#include "api/caretaker.h"
#include "base/log.h"
#include "base/utf8.h"
#include "seal/seal.h"
#include "store/jobs.h"
#include <limits.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>

enum {
    TICK_MS = 2000,
    RESUME_MS = 5000,           /* between two attempts */
    CHAINS_MS = 60 * 60 * 1000, /* between two looks at the seals */
    SWEEP_MS = 60 * 1000,       /* what has expired goes */
    FAULTY_MS = 30 * 1000,      /* a file that failed is looked at again */
    STALE_MS = 30 * 1000,       /* a look that takes longer says something itself */
    CYCLE_S = 12 * 60 * 60,     /* every file is checked that often at least: twice a day */
    CHECK_CPU_MS = TICK_MS / 20,
    CHECKS_MAX = 1000, /* a tick */
    FAULTY_MAX = 32,   /* a tick */
    DISK_LOW = 64 * 1024 * 1024,
    STOP_WAIT_S = 60
};

struct caretaker {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t mutex; /* of what follows, down to seen */
    pthread_cond_t changed;
    bool stop, resuming, resumed, resume_failed;
    struct err resume_problem; /* of resume_failed */
    int64_t looked_ms;         /* when the last look ended */
    struct health seen;
    /* the thread's own */
    struct store *store;
    struct signer *signer;
    int64_t resume_ms, chains_ms, faulty_ms, sweep_ms; /* when last, 0: never */
    char waiting[CERTIFICATE_ID_SIZE];                 /* the oldest reserved row of the last tick */
    uint64_t checked;
    bool was_fine; /* nothing to tell in the last tick */
    struct health chains;
    struct err chains_problem, files_problem;
};

/* Guards the pointer in struct app: handlers may look while it goes. */
static pthread_mutex_t front = PTHREAD_MUTEX_INITIALIZER;

/* --- looking --- */

/* The first thing that is wrong is told; the others will come up when it is mended. */
static void problem(struct health *h, const struct err *e)
{
    if (h->problem_en[0] != '\0')
        return;
    (void)snprintf(h->problem_en, sizeof h->problem_en, "%.*s", (int)utf8_whole(e->en, strnlen(e->en, 199)),
                   e->en);
    (void)snprintf(h->problem_zh, sizeof h->problem_zh, "%.*s", (int)utf8_whole(e->zh, strnlen(e->zh, 199)),
                   e->zh);
}

static void look_at_database(struct caretaker *c, struct health *h)
{
    struct store_counts counts;
    struct err e;

    if ((c->store == NULL && store_open(&c->store, c->app->data_dir, false, &e) != 0) ||
        store_probe(c->store, clock_now(), &e) != 0 || store_count(&counts, c->store, &e) != 0) {
        problem(h, &e);
        return;
    }
    h->database = true;
    h->issued = counts.issued;
    h->reserved = counts.reserved;
    h->file_faults = counts.file_faults;
}

void caretaker_judge_disk(struct health *h, const char *data_dir, uint64_t least)
{
    struct statvfs v;
    struct err e;

    if (statvfs(data_dir, &v) != 0) {
        err_set(&e, ERR_UNAVAILABLE, "The disk of the data directory does not answer.",
                "数据目录所在磁盘没有响应。");
        problem(h, &e);
        return;
    }
    h->disk_free = (uint64_t)v.f_bavail * v.f_frsize;
    h->disk = h->disk_free >= least;
    if (h->disk)
        return;
    err_set(&e, ERR_UNAVAILABLE,
            "The disk of the data directory is nearly full: %llu MB are free. Make room.",
            "数据目录所在磁盘即将写满，仅剩 %llu MB，请清理空间。",
            (unsigned long long)(h->disk_free / (1024 * 1024)));
    problem(h, &e);
}

static void look_at_signer(struct caretaker *c, struct health *h)
{
    struct err e;

    if (c->signer == NULL && signer_connect(&c->signer, c->app->data_dir, &e) != 0) {
        c->signer = NULL;
        problem(h, &e);
    } else if (signer_ping(c->signer, &e) != 0) {
        problem(h, &e);
    } else {
        h->signer = true;
    }
}

/* --- chains --- */

/* The end of one X.509 certificate as a moment. */
static bool end_of(int64_t *out, const struct buf *der)
{
    const unsigned char *at = der->data;
    X509 *x = d2i_X509(NULL, &at, (long)der->len);
    struct tm t;
    bool fine = x != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(x), &t) == 1;

    if (fine)
        *out = timegm(&t);
    X509_free(x);
    return fine;
}

int caretaker_chain_end(int64_t *out, const char *data_dir, const char *seal_id, struct err *e)
{
    struct seal *seal;
    int64_t end;

    if (seal_load(&seal, data_dir, seal_id, e) != 0)
        return -1;
    *out = 0;
    for (size_t i = 0; i < seal->chain_count; i++) {
        if (end_of(&end, &seal->chain_der[i]) && (*out == 0 || end < *out))
            *out = end;
    }
    seal_free(seal);
    return 0;
}

static void look_at_seal(struct caretaker *c, const char *id)
{
    struct health *h = &c->chains;
    struct err e;
    int64_t end;

    if (caretaker_chain_end(&end, c->app->data_dir, id, &e) != 0) {
        if (c->chains_problem.code == ERR_NONE)
            c->chains_problem = e;
    } else if (end != 0 && (h->chain_ends == 0 || end < h->chain_ends)) {
        h->chain_ends = end;
        (void)snprintf(h->chain_seal, sizeof h->chain_seal, "%s", id);
    }
}

/* The seals in use: one that no office has any more may end in peace. */
static void look_at_chains(struct caretaker *c)
{
    struct arena a = ARENA_INIT;
    struct organisation *list;
    const char *service = NULL;
    size_t count;
    struct err e;

    c->chains = (struct health){.chain_ends = 0};
    c->chains_problem.code = ERR_NONE;
    if (store_list_organisations(&list, &count, c->store, &a, &e) == 0 &&
        store_setting(&service, c->store, "service_seal", &a, &e) == 0) {
        for (size_t i = 0; i < count; i++) {
            if (list[i].seal_id != NULL)
                look_at_seal(c, list[i].seal_id);
        }
        if (service != NULL)
            look_at_seal(c, service);
        c->chains_ms = clock_monotonic_ms();
    }
    arena_dispose(&a);
}

void caretaker_judge_chain(struct health *h, int64_t now)
{
    struct date d = date_in_shanghai(h->chain_ends);
    int64_t days = (h->chain_ends - now) / 86400;
    struct err e;

    if (h->chain_ends == 0 || days >= CHAIN_WARNING_DAYS)
        return;
    if (h->chain_ends <= now)
        err_set(&e, ERR_FORBIDDEN, "The chain of seal %s ended on %04d-%02d-%02d: it seals nothing any more.",
                "印章 %s 的证书链已于 %d年%d月%d日 到期，不能再用印。", h->chain_seal, d.year, d.month,
                d.day);
    else
        err_set(&e, ERR_FORBIDDEN, "The chain of seal %s ends on %04d-%02d-%02d; renew it in time.",
                "印章 %s 的证书链将于 %d年%d月%d日 到期，请及时更换。", h->chain_seal, d.year, d.month,
                d.day);
    problem(h, &e);
}

static void add_chains(struct caretaker *c, struct health *h)
{
    h->chain_ends = c->chains.chain_ends;
    memcpy(h->chain_seal, c->chains.chain_seal, sizeof h->chain_seal);
    if (c->chains_problem.code != ERR_NONE)
        problem(h, &c->chains_problem);
    caretaker_judge_chain(h, clock_now());
}

/* Numbers whose certificates cannot be finished: with the reason, as only a person can mend it. */
static void add_unfinished(struct caretaker *c, struct health *h)
{
    struct err why, e;
    bool failed;

    (void)pthread_mutex_lock(&c->mutex);
    failed = c->resume_failed && h->reserved > 0;
    why = c->resume_problem;
    (void)pthread_mutex_unlock(&c->mutex);
    if (!failed)
        return;
    err_set(&e, ERR_UNAVAILABLE, "%llu certificate(s) with a number cannot be finished: %.120s",
            "有 %llu 本已取号的证书无法办结：%.0s", (unsigned long long)h->reserved, why.en);
    (void)snprintf(e.zh, sizeof e.zh, "有 %llu 本已取号的证书无法办结：%.*s", (unsigned long long)h->reserved,
                   (int)utf8_whole(why.zh, strnlen(why.zh, 140)), why.zh);
    problem(h, &e);
}

static void add_faults(const struct caretaker *c, struct health *h)
{
    struct err e;

    if (c->files_problem.code != ERR_NONE && c->files_problem.code != ERR_NOT_FOUND)
        problem(h, &c->files_problem); /* they cannot be checked */
    if (h->file_faults == 0)
        return;
    err_set(&e, ERR_UNAVAILABLE,
            "%llu stored file(s) are not what was issued; restore them from a backup. The log names them.",
            "有 %llu 个存档文件与签发时不一致，请从备份恢复，日志中有证书标识。",
            (unsigned long long)h->file_faults);
    problem(h, &e);
}

/* --- finishing what is reserved --- */

/* A failure is told once, until it is over. */
static void tell_resumed(const struct caretaker *c, size_t count, int rc, const struct err *e)
{
    struct log_line l;

    if (count == 0 && (rc != 0) == c->resume_failed)
        return;
    log_begin(&l, "resumed");
    log_number(&l, "certificates", (int64_t)count);
    if (rc != 0) {
        log_text(&l, "reason", e->en);
        log_text(&l, "detail", e->detail[0] == '\0' ? NULL : e->detail);
    }
    log_end(&l);
}

static void resume_job(void *app, void *thread, void *arg)
{
    struct caretaker *c = arg;
    struct desk *d = thread;
    size_t count = 0;
    struct err e;
    int rc = desk_issuer(d, &e) == 0 ? issue_resume_all(d->issuer, clock_now(), &count, &e) : -1;

    (void)app;
    (void)pthread_mutex_lock(&c->mutex);
    tell_resumed(c, count, rc, &e);
    c->resuming = false;
    c->resumed = c->resumed || rc == 0;
    c->resume_failed = rc != 0;
    if (rc != 0)
        c->resume_problem = e;
    (void)pthread_cond_broadcast(&c->changed);
    (void)pthread_mutex_unlock(&c->mutex);
}

/* Orders in progress are reserved, too, for a moment: only a row that was the oldest before is stuck. */
static bool somebody_waits(struct caretaker *c)
{
    char first[CERTIFICATE_ID_SIZE] = "";
    struct err e;
    bool stuck;

    if (store_oldest_unfinished(first, c->store, &e) != 0)
        first[0] = '\0';
    stuck = first[0] != '\0' && strcmp(first, c->waiting) == 0;
    memcpy(c->waiting, first, sizeof first);
    return stuck;
}

static void resume(struct caretaker *c, bool wanted, uint64_t reserved)
{
    int64_t now = clock_monotonic_ms();
    bool busy;

    (void)pthread_mutex_lock(&c->mutex);
    c->resumed = c->resumed || reserved == 0;
    wanted = wanted || !c->resumed;
    busy = c->resuming || c->stop;
    c->resuming = c->resuming || (wanted && !busy);
    (void)pthread_mutex_unlock(&c->mutex);
    if (!wanted || busy)
        return;
    if ((c->resume_ms == 0 || now - c->resume_ms >= RESUME_MS) &&
        http_submit(c->app->server, LANE_ISSUING, resume_job, c)) {
        c->resume_ms = now;
        return;
    }
    (void)pthread_mutex_lock(&c->mutex);
    c->resuming = false;
    (void)pthread_mutex_unlock(&c->mutex);
}

/* --- stored files --- */

static int64_t thread_cpu_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool stopping(struct caretaker *c)
{
    bool stop;

    (void)pthread_mutex_lock(&c->mutex);
    stop = c->stop;
    (void)pthread_mutex_unlock(&c->mutex);
    return stop;
}

int caretaker_check_row(struct store *s, const struct certificate_row *row, int64_t now, struct err *e)
{
    struct log_line l;
    bool fine;

    if (store_check_file(&fine, s, row, now, e) != 0)
        return -1;
    if (fine == (row->file_fault == 0))
        return 0;
    log_begin(&l, fine ? "file-restored" : "file-fault");
    log_text(&l, "certificate", row->id);
    log_end(&l);
    return 0;
}

/* As many as make every file come round in time, and then twice that: the rest of the day is for outages. */
size_t caretaker_checks_due(uint64_t issued)
{
    uint64_t due = 1 + issued * 2 * TICK_MS / 1000 / CYCLE_S;

    return due > CHECKS_MAX ? CHECKS_MAX : (size_t)due;
}

static void check_files(struct caretaker *c, uint64_t issued)
{
    int64_t began = thread_cpu_ms(), now = clock_now();
    struct arena a = ARENA_INIT;
    struct certificate_row row;
    struct err e = {.code = ERR_NONE};

    for (size_t left = caretaker_checks_due(issued); left > 0 && !stopping(c); left--) {
        if (store_next_to_check(&row, c->store, now - CYCLE_S, now, &a, &e) != 0 ||
            caretaker_check_row(c->store, &row, now, &e) != 0)
            break;
        c->checked++;
        arena_reset(&a);
        if (thread_cpu_ms() - began > CHECK_CPU_MS)
            break;
    }
    c->files_problem = e;
    arena_dispose(&a);
}

/* Files that failed, so that one that was restored is known to be fine soon. */
static void check_faulty(struct caretaker *c)
{
    char last[CERTIFICATE_ID_SIZE] = "";
    struct arena a = ARENA_INIT;
    struct certificate_row row;
    struct err e;

    for (size_t left = FAULTY_MAX; left > 0 && !stopping(c); left--) {
        if (store_next_faulty(&row, c->store, last, &a, &e) != 0 ||
            caretaker_check_row(c->store, &row, clock_now(), &e) != 0)
            break;
        c->checked++;
        memcpy(last, row.id, sizeof last);
        arena_reset(&a);
    }
    arena_dispose(&a);
    c->faulty_ms = clock_monotonic_ms();
}

/* --- the thread --- */

static bool is_due(int64_t last_ms, int64_t period_ms)
{
    return last_ms == 0 || clock_monotonic_ms() - last_ms >= period_ms;
}

/* One line when something goes wrong and one when it is over. */
static void tell(struct caretaker *c, const struct health *h)
{
    bool fine = h->problem_en[0] == '\0';
    struct log_line l;

    if (fine == c->was_fine)
        return;
    c->was_fine = fine;
    log_begin(&l, fine ? "healthy" : "unhealthy");
    if (!fine)
        log_text(&l, "problem", h->problem_en);
    log_end(&l);
}

/* Expired links, sessions and exports, archives that nobody reads any more, what is left in the inbox. */
static void sweep(struct caretaker *c)
{
    struct log_line l;
    struct err e;

    c->sweep_ms = clock_monotonic_ms();
    export_cache_sweep(c->app->exports);
    filing_sweep_inbox(c->store, clock_now());
    if (store_sweep(c->store, clock_now(), &e) == 0)
        return;
    log_begin(&l, "sweep_failed");
    log_text(&l, "reason", e.en);
    log_text(&l, "detail", e.detail[0] != '\0' ? e.detail : NULL);
    log_end(&l);
}

static void look_at_queue(struct caretaker *c, struct health *h)
{
    struct queue_state q;
    struct err e;

    if (!h->database)
        return;
    if (store_queue_state(&q, c->store, &e) != 0) {
        problem(h, &e);
        return;
    }
    h->queued = q.queued;
    h->working = q.working;
    h->oldest = q.oldest;
    service_halt(&e, c->app);
    h->halted = e.code != ERR_NONE;
    if (h->halted)
        problem(h, &e);
}

static void look(struct caretaker *c)
{
    struct health h = {.database = false};

    look_at_database(c, &h);
    caretaker_judge_disk(&h, c->app->data_dir, DISK_LOW);
    look_at_signer(c, &h);
    if (h.database && is_due(c->chains_ms, CHAINS_MS))
        look_at_chains(c);
    add_unfinished(c, &h);
    add_faults(c, &h);
    add_chains(c, &h);
    look_at_queue(c, &h);
    if (h.database)
        resume(c, somebody_waits(c), h.reserved);
    tell(c, &h);
    (void)pthread_mutex_lock(&c->mutex);
    h.resumed = c->resumed;
    h.files_checked = c->checked;
    c->seen = h;
    c->looked_ms = clock_monotonic_ms();
    (void)pthread_mutex_unlock(&c->mutex);
    if (h.database && h.file_faults > 0 && is_due(c->faulty_ms, FAULTY_MS))
        check_faulty(c);
    if (h.database)
        check_files(c, h.issued);
    if (h.database && is_due(c->sweep_ms, SWEEP_MS))
        sweep(c);
}

/* Until the next tick, or the stop. */
static bool rest(struct caretaker *c)
{
    struct timespec until;
    bool stop;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += TICK_MS / 1000;
    (void)pthread_mutex_lock(&c->mutex);
    while (!c->stop && pthread_cond_timedwait(&c->changed, &c->mutex, &until) == 0)
        ;
    stop = c->stop;
    (void)pthread_mutex_unlock(&c->mutex);
    return !stop;
}

static void *work(void *arg)
{
    struct caretaker *c = arg;

    do
        look(c);
    while (rest(c));
    signer_close(c->signer);
    store_close(c->store);
    return NULL;
}

static struct caretaker *caretaker_new(struct app *app)
{
    struct caretaker *c = calloc(1, sizeof *c);
    pthread_condattr_t monotonic;

    if (c == NULL)
        return NULL;
    c->app = app;
    c->was_fine = true;
    c->looked_ms = clock_monotonic_ms();
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&c->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&c->mutex, NULL);
    return c;
}

static void caretaker_free(struct caretaker *c)
{
    (void)pthread_cond_destroy(&c->changed);
    (void)pthread_mutex_destroy(&c->mutex);
    free(c);
}

int caretaker_start(struct app *app, struct err *e)
{
    struct caretaker *c = caretaker_new(app);

    if (c == NULL)
        return err_no_memory(e);
    if (pthread_create(&c->thread, NULL, work, c) != 0) {
        caretaker_free(c);
        return err_set(e, ERR_UNAVAILABLE, "The caretaker's thread cannot be started.", "无法启动维护线程。");
    }
    app->caretaker = c;
    return 0;
}

/* A resumption that runs on a lane ends on its own: it is the caretaker's until then. */
static bool wait_for_resumption(struct caretaker *c)
{
    struct timespec until;
    bool over;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STOP_WAIT_S;
    (void)pthread_mutex_lock(&c->mutex);
    c->stop = true;
    (void)pthread_cond_broadcast(&c->changed);
    while (c->resuming && pthread_cond_timedwait(&c->changed, &c->mutex, &until) == 0)
        ;
    over = !c->resuming;
    (void)pthread_mutex_unlock(&c->mutex);
    return over;
}

void caretaker_stop(struct app *app)
{
    struct caretaker *c;
    bool over;

    (void)pthread_mutex_lock(&front);
    c = atomic_exchange(&app->caretaker, NULL);
    (void)pthread_mutex_unlock(&front);
    if (c == NULL)
        return;
    over = wait_for_resumption(c);
    (void)pthread_join(c->thread, NULL);
    if (over) /* else the job that still runs keeps it: the process ends soon */
        caretaker_free(c);
}

/* The last look and how long ago it ended; false where nobody looks. */
static bool last_look(struct health *out, int64_t *age_ms, const struct app *app)
{
    struct caretaker *c;

    (void)pthread_mutex_lock(&front);
    c = app->caretaker;
    if (c != NULL) {
        (void)pthread_mutex_lock(&c->mutex);
        *out = c->seen;
        *age_ms = clock_monotonic_ms() - c->looked_ms;
        (void)pthread_mutex_unlock(&c->mutex);
    }
    (void)pthread_mutex_unlock(&front);
    return c != NULL;
}

void caretaker_look(struct health *out, const struct app *app)
{
    struct err e;
    int64_t age;

    *out = (struct health){.database = false};
    if (!last_look(out, &age, app)) {
        err_set(&e, ERR_UNAVAILABLE, "The service is starting or ending.", "服务正在启动或停止。");
        problem(out, &e);
        return;
    }
    if (age < STALE_MS)
        return;
    out->database = false;
    out->problem_en[0] = out->problem_zh[0] = '\0';
    err_set(&e, ERR_UNAVAILABLE, "Database or disk has not answered for %lld seconds.",
            "数据库或磁盘已有 %lld 秒没有响应。", (long long)(age / 1000));
    problem(out, &e);
}
