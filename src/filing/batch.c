/* batch.c - up to 32 entries of one filing, claimed, made and settled. */
#include "base/file.h"
#include "filing/batch_internal.h"
#include <string.h>
#include <sys/statvfs.h>

enum {
    HOLD_SECONDS = 10,
    OUTAGE_SECONDS = 3,
    STRIKES = 5, /* in a row, with everything there */
    ROOM_MIN = 32 * 1024 * 1024
};

/* --- what went wrong --- */

static bool is_outage(const struct err *why)
{
    return why->code == ERR_UNAVAILABLE || why->code == ERR_NO_MEMORY || why->code == ERR_IN_PROGRESS;
}

static bool is_closed(struct workbench *b)
{
    struct arena a = ARENA_INIT;
    struct err unasked;
    const char *why = NULL;
    bool closed = store_issuing_closed(&why, b->store, &a, &unasked) != 0 || why != NULL;

    arena_dispose(&a);
    return closed;
}

/* Signer, database and disk: whatever is away now is nobody's fault. */
static bool all_there(struct workbench *b, int64_t now)
{
    struct statvfs disk;
    struct err unasked;

    return !is_closed(b) && signer_ping(b->signer, &unasked) == 0 &&
           store_probe(b->store, now, &unasked) == 0 && statvfs(b->data_dir, &disk) == 0 &&
           (uint64_t)disk.f_bavail * disk.f_frsize >= ROOM_MIN;
}

static struct suspect *suspect_of(struct workbench *b, const char entry[CERTIFICATE_ID_SIZE])
{
    struct suspect *s;

    for (size_t k = 0; k < SUSPECTS; k++) {
        if (strcmp(b->suspects[k].entry, entry) == 0)
            return &b->suspects[k];
    }
    s = &b->suspects[b->next_suspect++ % SUSPECTS];
    memcpy(s->entry, entry, sizeof s->entry);
    s->strikes = 0;
    return s;
}

static void forget_suspect(struct workbench *b, const char *entry)
{
    for (size_t k = 0; k < SUSPECTS; k++) {
        if (strcmp(b->suspects[k].entry, entry) == 0)
            b->suspects[k] = (struct suspect){.strikes = 0};
    }
}

/* An entry that alone makes an outage must not stop the others for ever. It is the first: those behind it
 * were not tried. */
static void weigh_outage(struct workbench *b, int64_t now)
{
    for (size_t k = 0; k < b->claim.count; k++) {
        if (b->outcomes[k].ending != ENDING_OUTAGE)
            continue;
        if (all_there(b, now) && ++suspect_of(b, b->claim.entries[k].id)->strikes >= STRIKES)
            b->outcomes[k].ending = ENDING_FAILED;
        return;
    }
}

static void judge(struct workbench *b, size_t k, int rc, const struct err *why)
{
    struct outcome *o = &b->outcomes[k];

    if (rc == 0) {
        forget_suspect(b, b->claim.entries[k].id);
        return;
    }
    o->why = *why;
    o->ending = is_outage(why) ? ENDING_OUTAGE : why->code == ERR_FORBIDDEN ? ENDING_HELD : ENDING_FAILED;
}

/* --- settling --- */

/* Errors of the data stay what they are; what went wrong here may go right next time. */
static int64_t pause_of(const struct outcome *o, const struct entry_row *r)
{
    bool data = o->why.code != ERR_INTERNAL && o->why.code != ERR_UNAVAILABLE && o->why.code != ERR_NO_MEMORY;

    return data ? -1 : making_pause(r->attempts);
}

static int settle_one(struct workbench *b, size_t k, int64_t now, struct err *e)
{
    const struct entry_row *r = &b->claim.entries[k];
    const struct outcome *o = &b->outcomes[k];
    const struct entry_fault fault = {making_fault_code(&o->why), &o->why};
    int64_t pause;
    bool holds;

    switch (o->ending) {
    case ENDING_NONE:
        return 0;
    case ENDING_OUTAGE:
        return store_give_back(b->store, r->id, r->fence, NULL, now + OUTAGE_SECONDS, false, now, e);
    case ENDING_HELD:
        if (store_give_back(b->store, r->id, r->fence, NULL, now, false, now, e) != 0)
            return -1;
        return store_hold_filing(b->store, b->claim.filing.id, now + HOLD_SECONDS, fault.code, &o->why, e);
    case ENDING_FAILED:
        pause = pause_of(o, r);
        return store_give_back(b->store, r->id, r->fence, &fault, now + (pause < 0 ? 0 : pause), pause < 0,
                               now, e);
    case ENDING_MADE:
        break;
    }
    if (store_claim_holds(&holds, b->store, r->id, r->fence, e) != 0)
        return -1;
    return holds ? store_set_entry_certificate(b->store, r->id, o->certificate, now, e) : 0;
}

/* The grant that was missing is there again. */
static int lift_hold(struct workbench *b, struct err *e)
{
    if (b->claim.filing.hold_until == 0)
        return 0;
    for (size_t k = 0; k < b->claim.count; k++) {
        if (b->outcomes[k].ending == ENDING_HELD)
            return 0;
    }
    return store_hold_filing(b->store, b->claim.filing.id, 0, NULL, NULL, e);
}

static bool has_anything(const struct workbench *b)
{
    for (size_t k = 0; k < b->claim.count; k++) {
        if (b->outcomes[k].ending != ENDING_NONE)
            return true;
    }
    return b->claim.filing.hold_until != 0;
}

static int settle_all(struct workbench *b, int64_t now, struct err *e)
{
    int rc;

    if (!has_anything(b))
        return 0;
    rc = store_begin(b->store, e);
    for (size_t k = 0; k < b->claim.count && rc == 0; k++)
        rc = settle_one(b, k, now, e);
    if (rc == 0)
        rc = lift_hold(b, e);
    if (rc == 0)
        rc = store_commit(b->store, e);
    if (rc != 0)
        store_rollback(b->store);
    return rc;
}

int batch_settle(struct workbench *b, struct err *e)
{
    int64_t now = b->now();

    if (!b->unsettled)
        return 0;
    if (settle_all(b, now, e) != 0 || accession_finish(b->store, b->claim.filing.id, now, e) != 0)
        return -1;
    b->unsettled = false;
    return 0;
}

/* --- making --- */

/* Order, claim and photo of one entry; what is wrong with them is its own outcome. */
static int prepare(struct workbench *b, size_t k, int64_t now, struct err *e)
{
    const struct filing_row *f = &b->claim.filing;
    const struct entry_row *r = &b->claim.entries[k];
    const char *biz_no = arena_printf(&b->arena, "entry-%s", r->id);
    json_t *order = NULL;

    buf_reset(&b->photos[k]);
    if (biz_no == NULL)
        return err_no_memory(e);
    if (making_order(&order, f, r, biz_no, f->accession != 0 ? f->accession : now, &b->arena, e) != 0)
        return -1;
    if (making_photo(&b->photos[k], b->store, r, &b->arena, e) != 0) {
        json_decref(order);
        return -1;
    }
    b->claims[k] = (struct entry_claim){
        .entry = r->id, .number = r->number, .issuer_grantee = f->grantee, .fence = r->fence};
    b->items[k].request = (struct issue_request){.order = order,
                                                 .photo = buf_view(&b->photos[k]),
                                                 .now = now,
                                                 .actor = f->submitter != NULL ? f->submitter : "service",
                                                 .claim = &b->claims[k]};
    return 0;
}

/* The items that can be made, side by side; of[n] says which entry the nth is. */
static size_t prepare_all(struct workbench *b, size_t of[CLAIM_MAX], int64_t now)
{
    size_t count = 0;

    for (size_t k = 0; k < b->claim.count; k++) {
        struct err why;

        b->outcomes[k] = (struct outcome){.ending = ENDING_NONE};
        if (prepare(b, k, now, &why) != 0) {
            judge(b, k, -1, &why);
            continue;
        }
        b->items[count].request = b->items[k].request;
        of[count++] = k;
    }
    return count;
}

static void judge_all(struct workbench *b, const size_t of[], size_t count)
{
    for (size_t n = 0; n < count; n++) {
        struct issue_item *item = &b->items[n];
        struct outcome *o = &b->outcomes[of[n]];

        judge(b, of[n], item->rc, &item->err);
        if (item->rc == 0 && item->answer.repeated && item->answer.id != NULL) {
            o->ending = ENDING_MADE;
            (void)snprintf(o->certificate, sizeof o->certificate, "%s", item->answer.id);
        }
        json_decref((json_t *)(uintptr_t)item->request.order);
        item->request.order = NULL;
    }
}

/* The reason that is shown; none where at least something was made. */
static int outage_of(const struct workbench *b, struct err *e)
{
    for (size_t k = 0; k < b->claim.count; k++) {
        if (b->outcomes[k].ending == ENDING_OUTAGE) {
            *e = b->outcomes[k].why;
            return -1;
        }
    }
    return 0;
}

int batch_make(struct workbench *b, bool *did, int64_t now, struct err *e)
{
    size_t of[CLAIM_MAX], count;
    struct err unsettled;

    if (workbench_issuer(b, e) != 0 || (b->outage.code != ERR_NONE && signer_ping(b->signer, e) != 0))
        return -1;
    arena_reset(&b->arena);
    if (store_claim(&b->claim, CLAIM_MAX, b->store, b->name, now, &b->arena, e) != 0)
        return -1;
    if (b->claim.count == 0)
        return 0;
    *did = b->worked = true;
    count = prepare_all(b, of, now);
    if (count > 0)
        issue_batch(b->issuer, b->items, count);
    judge_all(b, of, count);
    weigh_outage(b, now);
    b->unsettled = true;
    if (outage_of(b, e) == 0)
        return batch_settle(b, e);
    (void)!batch_settle(b, &unsettled); /* the first reason is the one to tell */
    return -1;
}

void batch_dispose(struct workbench *b)
{
    if (!b->unsettled)
        arena_dispose(&b->arena);
    for (size_t k = 0; k < CLAIM_MAX; k++) {
        buf_dispose(&b->photos[k]);
        buf_init(&b->photos[k], PHOTO_MAX_BYTES);
    }
}
