/* threads_bench.c - certificates a second of wall time with several issuing threads in one process, each with
 * a press, store and signer connection of its own, as a service has them; CPU and memory of server and
 * signer.
 *
 * threads_bench DATA_DIR PROFILE PHOTO.jpg COUNT BATCH THREADS */
#include "base/clock.h"
#include "base/file.h"
#include "bench/cost.h"
#include "bench/workload.h"
#include "issue/issue.h"
#include "records/order.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS_MAX = 16, WARM_UP = 64, PHOTO_MAX = 1024 * 1024 };

struct lane {
    pthread_t thread;
    const struct bench *bench;
    struct press *press;
    struct signer *signer;
    struct issuer *issuer;
    int first, count; /* orders */
    int rc;
    struct err e;
};

struct bench {
    const char *data_dir, *profile;
    int count, batch, threads;
    struct buf photo;
    int listener;
    pid_t signer;
    struct lane lanes[THREADS_MAX];
};

static int order_make(const json_t **order, const char *profile, int i, struct err *e)
{
    struct buf text = BUF_INIT(ORDER_MAX_BYTES);

    workload_order(&text, profile, i);
    *order = buf_ok(&text) ? json_loadb((const char *)text.data, text.len, 0, NULL) : NULL;
    buf_dispose(&text);
    return *order != NULL ? 0 : err_no_memory(e);
}

static int batch(struct lane *l, int first, size_t count)
{
    struct issue_item items[ISSUE_BATCH_MAX];
    int rc = 0;

    memset(items, 0, sizeof items);
    for (size_t k = 0; k < count && rc == 0; k++) {
        items[k].request = (struct issue_request){.photo = buf_view(&l->bench->photo), .now = clock_now()};
        rc = order_make(&items[k].request.order, l->bench->profile, first + (int)k, &l->e);
    }
    if (rc == 0)
        issue_batch(l->issuer, items, count);
    for (size_t k = 0; k < count; k++) {
        if (rc == 0 && items[k].rc != 0) {
            l->e = items[k].err;
            rc = -1;
        }
        json_decref((json_t *)items[k].request.order); /* NOLINT(clang-diagnostic-cast-qual): ours */
    }
    return rc;
}

static void *run_lane(void *arg)
{
    struct lane *l = arg;

    for (int i = 0; i < l->count && l->rc == 0; i += l->bench->batch) {
        int left = l->count - i;

        l->rc = batch(l, l->first + i, (size_t)(left < l->bench->batch ? left : l->bench->batch));
    }
    return NULL;
}

static int run(struct bench *b, int first, int count, struct err *e)
{
    int rc = 0, started = 0;

    for (int t = 0; t < b->threads; t++, started++) {
        struct lane *l = &b->lanes[t];

        l->first = first + (int)((long)count * t / b->threads);
        l->count = first + (int)((long)count * (t + 1) / b->threads) - l->first;
        if (pthread_create(&l->thread, NULL, run_lane, l) != 0) {
            rc = err_no_memory(e);
            break;
        }
    }
    for (int t = 0; t < started; t++) {
        (void)pthread_join(b->lanes[t].thread, NULL);
        if (b->lanes[t].rc != 0 && rc == 0) {
            *e = b->lanes[t].e;
            rc = -1;
        }
    }
    return rc;
}

static int prepare(struct bench *b, const char *photo, struct err *e)
{
    struct signer_identity who;

    signer_identity_find(&who);
    if (signer_listen(&b->listener, b->data_dir, &who, e) != 0 ||
        signer_start(&b->signer, b->listener, b->data_dir, &who, e) != 0 ||
        file_read(&b->photo, photo, e) != 0)
        return -1;
    for (int t = 0; t < b->threads; t++) {
        struct lane *l = &b->lanes[t];

        l->bench = b;
        if ((t == 0 ? press_open(&l->press, e) : press_open_beside(&l->press, b->lanes[0].press, e)) != 0 ||
            (t == 0 && press_warm(l->press, e) != 0) || signer_connect(&l->signer, b->data_dir, e) != 0 ||
            issuer_open(&l->issuer, b->data_dir, l->press, l->signer, e) != 0)
            return -1;
    }
    return 0;
}

static void dispose(struct bench *b)
{
    for (int t = b->threads - 1; t >= 0; t--) {
        issuer_close(b->lanes[t].issuer);
        signer_close(b->lanes[t].signer);
        press_close(b->lanes[t].press);
    }
    if (b->signer > 0 && kill(b->signer, SIGTERM) == 0)
        (void)waitpid(b->signer, NULL, 0);
    buf_dispose(&b->photo);
}

static int measure(struct bench *b, struct err *e)
{
    double wall, own, signer;

    if (run(b, 1, WARM_UP, e) != 0)
        return -1;
    wall = cost_wall_ms();
    own = cost_own_ms();
    signer = cost_process_ms(b->signer);
    if (run(b, WARM_UP + 1, b->count, e) != 0)
        return -1;
    wall = cost_wall_ms() - wall;
    own = cost_own_ms() - own;
    signer = cost_process_ms(b->signer) - signer;
    (void)printf(
        "threads %d  batch %2d  %7.1f certificates/s  CPU ms each: server %.3f signer %.3f all %.3f  "
        "PSS MB: server %.1f signer %.1f\n",
        b->threads, b->batch, b->count * 1e3 / wall, own / b->count, signer / b->count,
        (own + signer) / b->count, (double)cost_pss_kib(getpid()) / 1024,
        (double)cost_pss_kib(b->signer) / 1024);
    return 0;
}

int main(int argc, char **argv)
{
    static struct bench b = {.photo = BUF_INIT(PHOTO_MAX), .listener = -1};
    struct err e = {0};
    int status = 1;

    if (argc == 7) {
        b.count = (int)strtol(argv[4], NULL, 10);
        b.batch = (int)strtol(argv[5], NULL, 10);
        b.threads = (int)strtol(argv[6], NULL, 10);
    }
    if (b.count < 1 || b.batch < 1 || b.batch > ISSUE_BATCH_MAX || b.threads < 1 || b.threads > THREADS_MAX) {
        (void)fprintf(stderr, "usage: %s DATA_DIR PROFILE PHOTO.jpg COUNT BATCH THREADS\n", argv[0]);
        return 2;
    }
    b.data_dir = argv[1];
    b.profile = argv[2];
    if (prepare(&b, argv[3], &e) == 0 && measure(&b, &e) == 0)
        status = 0;
    else
        (void)fprintf(stderr, "threads_bench: %s %s %s\n", e.field, err_text(&e), e.detail);
    dispose(&b);
    return status;
}
