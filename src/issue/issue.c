/* issue.c - one order on its way through the journal. */
#include "issue/issue_internal.h"
#include "issue/lock.h"
#include <string.h>

void job_begin(struct job *j, struct issuer *i, size_t slot, int64_t now)
{
    *j = (struct job){.i = i, .slot = &i->slots[slot], .now = now, .row = {.created = now}};
    j->a = &j->slot->arena;
    arena_reset(j->a);
}

void job_end(struct job *j)
{
    if (j->locked)
        lock_release(j->i->lock, j->row.id);
    j->locked = false;
    json_decref(j->record);
    j->record = NULL;
    buf_dispose(&j->stored_photo);
}

static int used_before(const struct job *j, const struct certificate_row *earlier, struct err *e)
{
    err_set(e, ERR_CONFLICT,
            "biz_no \"%s\" was used before with another content (certificate %s); a new order needs a "
            "new biz_no.",
            "业务编号 “%s” 已用于内容不同的申请（证书 %s），新的申请请使用新的业务编号。", j->order.biz_no,
            earlier->number);
    return err_field(e, "/biz_no");
}

static int compare_content(const struct job *j, const struct certificate_row *earlier, struct err *e)
{
    const char *named = j->request->template_name;
    const struct template *unused;
    uint8_t hash[SHA256_SIZE];

    /* unless the order names one, the profile's template of that day counts */
    if (job_hash(hash, j, named != NULL ? named : earlier->template_name, e) != 0)
        return -1;
    if (memcmp(earlier->content_hash, hash, SHA256_SIZE) == 0)
        return 0;
    if (named != NULL && press_template(&unused, j->i->press, named, e) != 0)
        return -1; /* a slip of the pen rather than another content */
    return used_before(j, earlier, e);
}

/* The order came before: its first answer, or its unfinished row carried on. */
static int repeat(struct issue_answer *out, struct job *j, const struct certificate_row *earlier,
                  struct err *e)
{
    bool taken;
    int rc;

    /* an entry's first order stands, whatever its photo is by now: its row has the number */
    if (((j->request->claim == NULL || j->request->correction) && compare_content(j, earlier, e) != 0) ||
        lock_take(&taken, j->i->lock, earlier->id, !j->request->no_wait, e) != 0)
        return -1;
    if (!taken)
        return err_set(
            e, ERR_IN_PROGRESS,
            "The certificate of this order (%s) is being made at this moment; ask again in a second.",
            "该申请的证书（%s）正在制作，请稍后再试。", earlier->number);
    rc = store_certificate(&j->row, j->i->store, earlier->id, j->a, e);
    if (rc == 0 && j->row.state == CERTIFICATE_ISSUED) {
        rc = job_answer_stored(out, j, e);
    } else if (rc == 0) {
        rc = job_resume(j, e);
        if (rc == 0)
            rc = job_answer(out, j, e);
    }
    lock_release(j->i->lock, earlier->id);
    return rc;
}

/* A certificate that nobody has ordered before. *lost: somebody just did. */
static int issue_new(struct issue_answer *out, struct job *j, bool *lost, struct err *e)
{
    if (job_identify(j, NULL, e) != 0 || job_reserve(j, lost, e) != 0)
        return -1;
    if (*lost) {
        lock_release(j->i->lock, j->row.id);
        j->locked = false;
        return 0;
    }
    return job_finish(j, e) == 0 ? job_answer(out, j, e) : -1;
}

int issue_in_slot(struct issue_answer *out, struct issuer *i, size_t slot, const struct issue_request *r,
                  struct faults *faults, struct err *e)
{
    struct certificate_row earlier;
    bool found, lost = false;
    struct job j;
    int rc = -1;

    *out = (struct issue_answer){.id = NULL};
    job_begin(&j, i, slot, r->now);
    if (job_check(&j, r, faults, e) != 0 || job_find_earlier(&earlier, &found, &j, e) != 0)
        goto out;
    if (!found) {
        if (job_find_parties(&j, e) != 0 || job_check_replaced(&j, e) != 0 || job_plan_seals(&j, e) != 0)
            goto out;
        issue_reached(i, ISSUE_CHECKED);
        rc = issue_new(out, &j, &lost, e);
        if (rc != 0 || !lost)
            goto out;
        rc = job_find_earlier(&earlier, &found, &j, e);
        if (rc != 0 || !found)
            goto out;
    }
    rc = repeat(out, &j, &earlier, e);
out:
    if (rc != 0 && faults->count == 0)
        faults_add(faults, e);
    job_end(&j);
    return rc;
}

int issue_certificate(struct issue_answer *out, struct issuer *i, const struct issue_request *r,
                      struct faults *faults, struct err *e)
{
    seal_rack_next_round(i->rack);
    return issue_in_slot(out, i, 0, r, faults, e);
}
