/* certificate_bench.c - CPU ms a sealed and signed certificate takes, by stage, beside two raw signatures;
 * memory; time to ready. Every record differs, the photo is already cropped, each file is verified before it
 * counts.
 *
 * certificate_bench DATA_DIR PROFILE PHOTO.jpg COUNT ALGORITHM BATCH */
#include "base/clock.h"
#include "base/file.h"
#include "bench/cost.h"
#include "bench/workload.h"
#include "issue/issue.h"
#include "records/order.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WARM_UP = 50, RAW_SIGNATURES = 1000, PHOTO_MAX = 1024 * 1024 };

static const char *const stage_names[ISSUE_STAGES] = {
    [ISSUE_CHECKED] = "order, record, seals",
    [ISSUE_LAID_OUT] = "bind, layout",
    [ISSUE_RESERVING] = "number, row",
    [ISSUE_RESERVED] = "commit",
    [ISSUE_PRINTED] = "pdf",
    [ISSUE_SIGNED] = "sign (our own part)",
    [ISSUE_VERIFIED] = "self-verification",
    [ISSUE_FILED] = "file, fsync",
    [ISSUE_ISSUED] = "issued row, commit",
};

struct bench {
    const char *profile, *algorithm;
    struct signer *signer;
    struct press *press;
    struct issuer *issuer;
    struct buf photo;
    double since, stages[ISSUE_STAGES];
    size_t bytes;
    int seals; /* of the last certificate */
    int batch; /* certificates whose durable steps are shared: 1 to ISSUE_BATCH_MAX */
};

/* What passed since the stage before belongs to this one. */
static void watch(void *arg, enum issue_stage stage)
{
    struct bench *b = arg;
    double now = cost_own_ms();

    b->stages[stage] += now - b->since;
    b->since = now;
}

static int prepare(struct bench *b, const char *data_dir, const char *photo, struct err *e)
{
    struct signer_identity who;

    signer_identity_find(&who);
    if (signer_spawn(&b->signer, data_dir, &who, e) != 0 || press_open(&b->press, e) != 0 ||
        issuer_open(&b->issuer, data_dir, b->press, b->signer, e) != 0 || file_read(&b->photo, photo, e) != 0)
        return -1;
    issuer_watch(b->issuer, watch, b);
    return 0;
}

static int order_make(json_t **order, const struct bench *b, int i, struct err *e)
{
    struct buf text = BUF_INIT(ORDER_MAX_BYTES);

    workload_order(&text, b->profile, i);
    *order = buf_ok(&text) ? json_loadb((const char *)text.data, text.len, 0, NULL) : NULL;
    buf_dispose(&text);
    if (*order == NULL)
        return err_set(e, ERR_INTERNAL, "Order %d of the workload is no JSON.", "第 %d 份测试申请不是 JSON。",
                       i);
    return 0;
}

static int batch_check(struct bench *b, const struct issue_item *items, size_t count, struct err *e)
{
    for (size_t k = 0; k < count; k++) {
        const struct issue_answer *answer = &items[k].answer;

        if (items[k].rc != 0) {
            *e = items[k].err;
            return -1;
        }
        b->bytes += answer->pdf.len;
        b->seals = 0;
        for (size_t s = 0; s < answer->seal_count; s++)
            b->seals += answer->seals[s].applied;
    }
    return 0;
}

/* A batch as the queue takes it: durable steps in common. Reading the order's JSON counts, making it up does
 * not. */
static int batch(struct bench *b, int first, size_t count, struct err *e)
{
    struct issue_item items[ISSUE_BATCH_MAX];
    int rc = 0;

    memset(items, 0, sizeof items);
    b->since = cost_own_ms();
    for (size_t k = 0; rc == 0 && k < count; k++) {
        json_t *order = NULL;

        rc = order_make(&order, b, first + (int)k, e);
        items[k].request =
            (struct issue_request){.order = order, .photo = buf_view(&b->photo), .now = clock_now()};
    }
    if (rc == 0) {
        issue_batch(b->issuer, items, count);
        rc = batch_check(b, items, count, e);
    }
    for (size_t k = 0; k < count; k++)
        json_decref((json_t *)items[k].request.order);
    return rc;
}

static int run(struct bench *b, int first, int count, struct err *e)
{
    for (int i = 0; i < count; i += b->batch) {
        int left = count - i < b->batch ? count - i : b->batch;

        if (batch(b, first + i, (size_t)left, e) != 0)
            return -1;
    }
    return 0;
}

struct totals {
    double own_ms, signer_ms, children_ms, wall_ms, raw_ms;
};

static struct totals now_spent(const struct bench *b)
{
    return (struct totals){.own_ms = cost_own_ms(),
                           .signer_ms = cost_process_ms(signer_pid(b->signer)),
                           .children_ms = cost_children_ms(),
                           .wall_ms = cost_wall_ms()};
}

static void report_stages(const struct bench *b, const struct totals *t, int count)
{
    for (int s = 0; s < ISSUE_STAGES; s++)
        (void)printf("  %-24s %7.3f\n", stage_names[s], b->stages[s] / count);
    (void)printf("  %-24s %7.3f   (two raw signatures: %.3f)\n", "signer process", t->signer_ms / count,
                 2 * t->raw_ms);
    if (t->children_ms > 0)
        (void)printf("  %-24s %7.3f\n", "other processes", t->children_ms / count);
}

static void goal(const char *what, double measured, double allowed, const char *unit)
{
    (void)printf("%-26s %8.3f %s, goal %8.3f: %s\n", what, measured, unit, allowed,
                 measured <= allowed ? "reached" : "MISSED");
}

static void report(const struct bench *b, const struct totals *t, int count, double ready_ms)
{
    double all = (t->own_ms + t->signer_ms + t->children_ms) / count;
    bool rsa = strncmp(b->algorithm, "rsa", 3) == 0;
    long own_kib = cost_pss_kib(getpid()), signer_kib = cost_pss_kib(signer_pid(b->signer));

    (void)printf(
        "%d certificates of %zu bytes, %d seals each, %d a batch; CPU ms a certificate (user + system):\n",
        count, b->bytes / (size_t)count, b->seals, b->batch);
    report_stages(b, t, count);
    (void)printf("  %-24s %7.3f = %.2f times two raw signatures; wall clock %.3f\n", "all", all,
                 all / (2 * t->raw_ms), t->wall_ms / count);
    goal("CPU a certificate", all, rsa ? 2 * t->raw_ms + 1.2 : 1.4, "ms");
    goal("memory (PSS)", (double)(own_kib + signer_kib) / 1024, 150, "MB");
    (void)printf("  of which server %.1f, signer %.1f\n", (double)own_kib / 1024, (double)signer_kib / 1024);
    goal("time to ready", ready_ms / 1e3, 3, "s ");
}

int main(int argc, char **argv)
{
    struct bench b = {.photo = BUF_INIT(PHOTO_MAX)};
    struct err e = {0};
    struct totals before, t;
    double ready_ms, began = cost_wall_ms();
    int status = 1, count = argc == 7 ? (int)strtol(argv[4], NULL, 10) : 0;

    b.batch = argc == 7 ? (int)strtol(argv[6], NULL, 10) : 0;
    if (count < 1 || b.batch < 1 || b.batch > ISSUE_BATCH_MAX) {
        (void)fprintf(stderr, "usage: %s DATA_DIR PROFILE PHOTO.jpg COUNT ALGORITHM BATCH\n", argv[0]);
        return 2;
    }
    b.profile = argv[2];
    b.algorithm = argv[5];
    if (prepare(&b, argv[1], argv[3], &e) != 0)
        goto out;
    ready_ms = cost_wall_ms() - began;
    if (run(&b, 1, WARM_UP, &e) != 0)
        goto out;
    memset(b.stages, 0, sizeof b.stages);
    b.bytes = 0;
    before = now_spent(&b);
    if (run(&b, WARM_UP + 1, count, &e) != 0)
        goto out;
    t = now_spent(&b);
    t = (struct totals){.own_ms = t.own_ms - before.own_ms,
                        .signer_ms = t.signer_ms - before.signer_ms,
                        .children_ms = t.children_ms - before.children_ms,
                        .wall_ms = t.wall_ms - before.wall_ms};
    if (cost_raw_signature_ms(&t.raw_ms, b.algorithm, RAW_SIGNATURES, &e) != 0)
        goto out;
    report(&b, &t, count, ready_ms);
    status = 0;
out:
    if (status != 0)
        (void)fprintf(stderr, "certificate_bench: %s %s %s\n", e.field, err_text(&e), e.detail);
    issuer_close(b.issuer);
    press_close(b.press);
    signer_close(b.signer);
    buf_dispose(&b.photo);
    return status;
}
