/* batch.c - many certificates through the journal with common durable steps. */
#include "issue/issue_internal.h"
#include <string.h>

enum progress { REFUSED, CHECKED, RESERVED, MADE, REPEATED };

struct batch {
    struct issuer *i;
    struct issue_item *items;
    size_t count;
    struct job jobs[ISSUE_BATCH_MAX];
    enum progress progress[ISSUE_BATCH_MAX];
    struct stored_file files[ISSUE_BATCH_MAX];
    struct err outage; /* the last of a claim */
};

static void refuse(struct batch *b, size_t k)
{
    struct issue_item *item = &b->items[k];

    item->rc = -1;
    b->progress[k] = REFUSED;
    if (item->err.code == ERR_UNAVAILABLE && item->request.claim != NULL)
        b->outage = item->err;
    if (item->faults.count == 0)
        faults_add(&item->faults, &item->err);
}

/* A claim ends some time: its certificates do not each wait for a signer that is away. Orders of callers do.
 */
static bool waits_in_vain(struct batch *b, size_t k)
{
    if (b->outage.code == ERR_NONE || b->items[k].request.claim == NULL)
        return false;
    b->items[k].err = b->outage;
    return true;
}

/* What stops everybody who has come as far as `from`. */
static void refuse_all(struct batch *b, enum progress from, const struct err *why)
{
    for (size_t k = 0; k < b->count; k++) {
        if (b->progress[k] != from)
            continue;
        b->items[k].err = *why;
        refuse(b, k);
    }
}

/* Whether an order further ahead in this batch has the same biz_no: it goes first. */
static bool comes_again(const struct batch *b, size_t k)
{
    const struct job *j = &b->jobs[k];

    for (size_t i = 0; i < k; i++) {
        const struct job *first = &b->jobs[i];

        if (b->progress[i] == CHECKED && strcmp(first->order.biz_no, j->order.biz_no) == 0 &&
            strcmp(first->profile.organisation, j->profile.organisation) == 0)
            return true;
    }
    return false;
}

static void check_one(struct batch *b, size_t k)
{
    struct issue_item *item = &b->items[k];
    struct job *j = &b->jobs[k];
    struct certificate_row earlier;
    bool found;

    if (waits_in_vain(b, k) || job_check(j, &item->request, &item->faults, &item->err) != 0 ||
        job_find_earlier(&earlier, &found, j, &item->err) != 0) {
        refuse(b, k);
        return;
    }
    b->progress[k] = found || comes_again(b, k) ? REPEATED : CHECKED;
    if (b->progress[k] == CHECKED &&
        (job_find_parties(j, &item->err) != 0 || job_check_replaced(j, &item->err) != 0 ||
         job_plan_seals(j, &item->err) != 0))
        refuse(b, k);
}

static void check_all(struct batch *b)
{
    for (size_t k = 0; k < b->count; k++) {
        struct issue_item *item = &b->items[k];

        item->rc = 0;
        item->answer = (struct issue_answer){.id = NULL};
        item->faults = (struct faults){.count = 0};
        job_begin(&b->jobs[k], b->i, k, item->request.now);
        check_one(b, k);
        issue_reached(b->i, ISSUE_CHECKED);
    }
}

/* Inside the transaction. 0 with the item's progress set; -1 where the transaction itself is at fault. */
static int reserve_one(struct batch *b, size_t k, const uint8_t *folder, struct err *e)
{
    struct job *j = &b->jobs[k];
    struct err *why = &b->items[k].err;
    char counter[NUMBER_MAX + 1];
    struct certificate_row earlier;
    uint64_t serial;
    bool found;

    if (job_find_earlier(&earlier, &found, j, e) != 0)
        return -1;
    if (found) {
        b->progress[k] = REPEATED;
        return 0;
    }
    if (job_identify(j, folder, e) != 0)
        return -1;
    if (job_check_replaced(j, why) != 0 || job_prepare_number(j, counter, &serial, why) != 0 ||
        sealing_take_uses(&j->plan, b->i->rack, why) != 0) {
        refuse(b, k); /* alone: the others go on */
        return 0;
    }
    issue_reached(b->i, ISSUE_LAID_OUT);
    if (job_write_row(j, counter, serial, why) == 0) {
        b->progress[k] = RESERVED;
        issue_reached(b->i, ISSUE_RESERVING);
    } else if (why->code == ERR_CONFLICT && (j->row.replaces[0] != '\0' || j->request->claim != NULL)) {
        /* another order replaces the same certificate, or the claim is another worker's by now: nothing of
         * this one was written */
        refuse(b, k);
    } else {
        *e = *why;
        return -1;
    }
    return 0;
}

static void reserve_all(struct batch *b)
{
    struct store *s = b->i->store;
    uint8_t folder; /* one for all: its entry is synced once */
    struct err e;
    int rc = random_bytes(&folder, sizeof folder, &e) != 0 ? -1 : store_begin(s, &e);

    if (rc == 0)
        rc = issuer_check_open(b->i, &e);
    for (size_t k = 0; k < b->count && rc == 0; k++) {
        if (b->progress[k] == CHECKED)
            rc = reserve_one(b, k, &folder, &e);
    }
    if (rc == 0)
        rc = store_commit(s, &e);
    if (rc != 0) {
        store_rollback(s);
        refuse_all(b, RESERVED, &e);
        refuse_all(b, CHECKED, &e);
        return;
    }
    issue_reached(b->i, ISSUE_RESERVED);
}

static void make_one(struct batch *b, size_t k)
{
    struct err *why = &b->items[k].err;

    if (waits_in_vain(b, k) || job_make(&b->jobs[k], why) != 0)
        refuse(b, k); /* the row stays reserved */
    else
        b->progress[k] = MADE;
}

static void make_all(struct batch *b)
{
    for (size_t k = 0; k < b->count; k++) {
        if (b->progress[k] == RESERVED)
            make_one(b, k);
    }
}

static int file_all(struct batch *b, struct err *e)
{
    size_t count = 0;

    for (size_t k = 0; k < b->count; k++) {
        if (b->progress[k] == MADE)
            b->files[count++] = (struct stored_file){b->jobs[k].row.id, buf_view(&b->jobs[k].slot->pdf)};
    }
    if (store_put_files(b->i->store, b->files, count, e) != 0)
        return -1;
    issue_reached(b->i, ISSUE_FILED);
    return 0;
}

static int record_all(struct batch *b, struct err *e)
{
    struct store *s = b->i->store;
    int rc = store_begin(s, e);

    for (size_t k = 0; k < b->count && rc == 0; k++) {
        if (b->progress[k] == MADE)
            rc = store_issued(s, &b->jobs[k].row, e);
    }
    if (rc == 0)
        rc = store_commit(s, e);
    if (rc == 0)
        issue_reached(b->i, ISSUE_ISSUED);
    else
        store_rollback(s);
    return rc;
}

/* Also of orders that came before, alone or earlier in this very batch. */
static void answer_all(struct batch *b)
{
    for (size_t k = 0; k < b->count; k++) {
        struct issue_item *item = &b->items[k];

        if (b->progress[k] == MADE && job_answer(&item->answer, &b->jobs[k], &item->err) != 0)
            refuse(b, k);
        job_end(&b->jobs[k]);
    }
    for (size_t k = 0; k < b->count; k++) {
        struct issue_item *item = &b->items[k];

        if (b->progress[k] != REPEATED)
            continue;
        item->faults = (struct faults){.count = 0}; /* its notes are made once more */
        if (waits_in_vain(b, k) ||
            issue_in_slot(&item->answer, b->i, k, &item->request, &item->faults, &item->err) != 0)
            refuse(b, k);
    }
}

void issue_batch(struct issuer *i, struct issue_item *items, size_t count)
{
    struct batch b = {.i = i, .items = items, .count = count < ISSUE_BATCH_MAX ? count : ISSUE_BATCH_MAX};
    struct err e;

    seal_rack_next_round(i->rack);
    check_all(&b);
    reserve_all(&b);
    make_all(&b);
    if (file_all(&b, &e) != 0 || record_all(&b, &e) != 0)
        refuse_all(&b, MADE, &e);
    answer_all(&b);
}
