/* workbench.c - what one thread of the workshop does: some of a longer job, a batch of certificates, in turn.
 *
 * Every certificate is claimed in the store before it is begun; what becomes of the claims of a batch is
 * written in one transaction, and kept here until that could be done. */
#include "base/clock.h"
#include "filing/batch_internal.h"
#include <stdlib.h>
#include <string.h>

enum { RETRY_SECONDS = 3, JOB_LOOK_SECONDS = 1 };

static int open_store(struct workbench *b, struct err *e)
{
    if (b->store != NULL)
        return 0;
    if (store_open(&b->own, b->data_dir, false, e) != 0) {
        b->own = NULL;
        return -1;
    }
    b->store = b->own;
    return 0;
}

int workbench_issuer(struct workbench *b, struct err *e)
{
    if (b->issuer != NULL)
        return 0;
    if (b->signer == NULL && signer_connect(&b->signer, b->data_dir, e) != 0) {
        b->signer = NULL;
        if (e->code == ERR_NOT_FOUND)
            e->code = ERR_UNAVAILABLE; /* it may come back */
        return -1;
    }
    if (issuer_open(&b->issuer, b->data_dir, b->press, b->signer, e) != 0) {
        b->issuer = NULL;
        return -1;
    }
    store_close(b->own);
    b->own = NULL;
    b->store = issuer_store(b->issuer);
    return 0;
}

int workbench_open(struct workbench **out, const char *data_dir, struct press *press, struct helper *helper,
                   photo_opener *open_photo, const char *name, struct err *e)
{
    struct workbench *b = calloc(1, sizeof *b);

    *out = NULL;
    if (b == NULL)
        return err_no_memory(e);
    b->press = press;
    b->helper = helper;
    b->open_photo = open_photo;
    b->now = clock_now;
    for (size_t k = 0; k < CLAIM_MAX; k++)
        buf_init(&b->photos[k], PHOTO_MAX_BYTES);
    (void)snprintf(b->data_dir, sizeof b->data_dir, "%s", data_dir);
    (void)snprintf(b->name, sizeof b->name, "%s", name);
    if (open_store(b, e) != 0) {
        workbench_close(b);
        return -1;
    }
    *out = b;
    return 0;
}

static void leave_job(struct workbench *b)
{
    accession_close(b->accession);
    photo_task_close(b->photo_task);
    b->accession = NULL;
    b->photo_task = NULL;
    b->has_job = false;
    arena_reset(&b->job_arena);
}

/* Somebody else may take the job at once. */
static void hand_job_back(struct workbench *b)
{
    struct arena a = ARENA_INIT;
    struct err unasked; /* else its lease ends */
    struct job_row now;

    /* as the steps left its counts */
    if (b->has_job && b->store != NULL && store_job(&now, b->store, b->job.id, &a, &unasked) == 0 &&
        now.state == JOB_WORKING && now.fence == b->job.fence) {
        now.state = JOB_WAITING;
        (void)!store_job_progress(b->store, &now, b->now(), &unasked);
    }
    leave_job(b);
    arena_dispose(&a);
}

void workbench_close(struct workbench *b)
{
    struct err unasked;

    if (b == NULL)
        return;
    if (b->store != NULL)
        (void)!batch_settle(b, &unasked); /* else their lease ends */
    hand_job_back(b);
    issuer_close(b->issuer);
    signer_close(b->signer);
    store_close(b->own);
    batch_dispose(b);
    arena_dispose(&b->job_arena);
    free(b);
}

void workbench_set_clock(struct workbench *b, int64_t (*now)(void))
{
    b->now = now;
}

void workbench_outage(struct err *out, const struct workbench *b)
{
    *out = b->outage;
}

struct store *workbench_store(struct workbench *b)
{
    return b->store;
}

void workbench_rest(struct workbench *b)
{
    if (b->issuer != NULL && b->worked)
        issuer_rest(b->issuer);
    if (b->worked)
        batch_dispose(b);
    b->worked = false;
}

/* --- longer jobs --- */

static int open_task(struct workbench *b, struct err *e)
{
    if (strcmp(b->job.kind, "photos") == 0)
        return photo_task_open(&b->photo_task, b->store, &b->job, e);
    return workbench_issuer(b, e) != 0 ? -1 : accession_open(&b->accession, b->issuer, &b->job, e);
}

/* At most one at a time; asked now and then only, while certificates are made. */
static int take_job(struct workbench *b, int64_t now, struct err *e)
{
    bool found = false;

    if (b->has_job || now < b->job_look)
        return 0;
    arena_reset(&b->job_arena);
    if (store_claim_job(&b->job, &found, b->store, b->name, now, &b->job_arena, e) != 0)
        return -1;
    b->has_job = found;
    b->job_look = found ? 0 : now + JOB_LOOK_SECONDS;
    return 0;
}

static int step_task(bool *ended, struct workbench *b, int64_t now, struct err *e)
{
    if (b->accession == NULL && b->photo_task == NULL && open_task(b, e) != 0)
        return -1;
    if (b->accession != NULL)
        return accession_step(ended, b->accession, now, e);
    return photo_task_step(ended, b->photo_task, b->store, b->open_photo, b->helper, now, e);
}

static int step_job(struct workbench *b, bool *did, int64_t now, struct err *e)
{
    bool ended = false;

    if (step_task(&ended, b, now, e) == 0) {
        *did = b->worked = true;
        if (ended)
            leave_job(b);
        return 0;
    }
    if (e->code == ERR_CONFLICT) { /* somebody else's by now */
        leave_job(b);
        *did = true;
        return 0;
    }
    return -1; /* the same step again when that is over */
}

/* --- in turn --- */

static bool needs_signer(const struct workbench *b)
{
    return strcmp(b->job.kind, "photos") != 0;
}

static int step(struct workbench *b, bool *did, int64_t now, bool away, struct err *e)
{
    if (open_store(b, e) != 0 || batch_settle(b, e) != 0 || take_job(b, now, e) != 0)
        return -1;
    b->job_turn = !b->job_turn;
    if (b->has_job && b->job_turn && !(away && needs_signer(b)))
        return step_job(b, did, now, e);
    if (!away && batch_make(b, did, now, e) != 0)
        return -1;
    if (!*did && b->has_job && !(away && needs_signer(b)))
        return step_job(b, did, now, e);
    return 0;
}

int workbench_step(struct workbench *b, bool *did, struct err *e)
{
    int64_t now = b->now();
    bool away = b->outage.code != ERR_NONE && now < b->outage_until && now >= b->outage_until - RETRY_SECONDS;

    *did = false;
    if (step(b, did, now, away, e) == 0) {
        if (!away)
            b->outage = (struct err){.code = ERR_NONE};
        return 0;
    }
    b->outage = *e;
    b->outage_until = now + RETRY_SECONDS;
    b->job_look = b->outage_until;
    return -1;
}
