/* moves.c - a filing moves on: submitted, passed or returned, put into the register; paused, retried. */
#include "base/digest.h"
#include "filing/work_internal.h"
#include <string.h>

static struct filing_event event_of(const char *filing, const char *entry, const char *event,
                                    const char *reason, const struct filing_actor *who)
{
    return (struct filing_event){.moment = who->now,
                                 .filing = filing,
                                 .entry = entry,
                                 .event = event,
                                 .actor = who->id,
                                 .reason = reason};
}

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

static int want_reason(const char *reason, struct err *e)
{
    if (!is_blank(reason))
        return 0;
    err_set(e, ERR_INVALID, "Say why: the reason is kept with the filing.", "请填写原因，原因将记入备案。");
    return err_field(e, "/reason");
}

/* The filing and what this actor may do with it. */
static int find(struct filing_row *f, struct filing_rights *rights, struct store *s, const char *id,
                const struct filing_actor *who, struct arena *a, struct err *e)
{
    if (filing_find(f, s, id, who, a, e) != 0)
        return -1;
    filing_rights(rights, f, who);
    return 0;
}

static int refuse(struct err *e, const struct filing_rights *rights, const char *en, const char *zh)
{
    err_set(e, ERR_CONFLICT, "%s %s%.0s%.0s", "%.0s%.0s%s%s", en,
            rights->why_en != NULL ? rights->why_en : "", zh, rights->why_zh != NULL ? rights->why_zh : "");
    return -1;
}

static int check_complete(struct store *s, const struct filing_row *f, struct err *e)
{
    uint64_t counts[ENTRY_STATES];

    if (f->document_size == 0)
        return err_set(e, ERR_CONFLICT, "The approval document (PDF) is missing: upload it, then submit.",
                       "缺少批复文件（PDF），请上传后再提交。");
    if (store_count_entries(counts, s, f->id, e) != 0)
        return -1;
    if (counts[ENTRY_LISTED] > 0)
        return 0;
    return err_set(e, ERR_CONFLICT, "The filing has no entries: import the list, then submit.",
                   "名单为空，请导入名单后再提交。");
}

int filing_submit(struct store *s, const char *id, const struct filing_actor *who, struct err *e)
{
    struct filing_event ev = event_of(id, NULL, "submitted", NULL, who);
    struct filing_rights rights;
    struct arena a = ARENA_INIT;
    struct filing_row f;
    int rc = find(&f, &rights, s, id, who, &a, e);

    if (rc == 0 && !rights.submit)
        rc = refuse(e, &rights, "The filing cannot be submitted now.", "现在不能提交备案。");
    if (rc == 0)
        rc = check_complete(s, &f, e) != 0 || store_move_filing(s, &ev, NULL, e) != 0 ? -1 : 0;
    arena_dispose(&a);
    return rc;
}

/* The signer's log takes fewer characters than an actor's name has. */
static void plain_actor(char out[64], const char *actor)
{
    (void)snprintf(out, 64, "%s", actor);
    for (char *c = out; *c != '\0'; c++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._", *c) == NULL)
            *c = '-';
    }
}

/* The grant for exactly this filing. The same list passed again finds the same grant. */
static int order_grant(struct signer_grant *g, struct store *s, const struct filing_row *f, const char *seal,
                       struct err *e)
{
    uint64_t counts[ENTRY_STATES];
    uint8_t sha[SHA256_SIZE];
    char text[128];

    if (store_count_entries(counts, s, f->id, e) != 0)
        return -1;
    *g = (struct signer_grant){.count = (int64_t)(4 * counts[ENTRY_LISTED] + 1000)};
    (void)snprintf(g->seal_id, sizeof g->seal_id, "%s", seal);
    (void)snprintf(g->grantee, sizeof g->grantee, "filing-%s", f->id);
    (void)snprintf(text, sizeof text, "%s %s %lld", g->grantee, seal, (long long)g->count);
    sha256(sha, slice_of(text));
    hex_encode(g->id, (struct slice){sha, 8});
    return 0;
}

/* *grantee stays NULL where the issuer has no seal, or granted the profile itself and lets nobody grant. */
static int make_grant(const char **grantee, struct store *s, struct signer *signer,
                      const struct filing_row *f, const struct filing_actor *who, struct arena *a,
                      struct err *e)
{
    struct organisation issuer;
    struct signer_grant grant;
    struct err standing;
    char actor[64];

    *grantee = NULL;
    if (store_organisation(&issuer, s, f->issuer, a, e) != 0)
        return -1;
    if (issuer.seal_id == NULL)
        return 0;
    if (order_grant(&grant, s, f, issuer.seal_id, e) != 0)
        return -1;
    plain_actor(actor, who->id);
    if (signer_grant_new(signer, &grant, actor, e) == 0) {
        *grantee = arena_text(a, grant.grantee);
        return *grantee == NULL ? err_no_memory(e) : 0;
    }
    if (e->code == ERR_FORBIDDEN && signer_check(signer, issuer.seal_id, f->profile, &standing) == 0)
        return 0;
    return -1;
}

int filing_pass(struct store *s, struct signer *signer, const char *id, const char *reason,
                const struct filing_actor *who, struct err *e)
{
    struct filing_event ev = event_of(id, NULL, "passed", is_blank(reason) ? NULL : reason, who);
    struct filing_rights rights;
    struct arena a = ARENA_INIT;
    struct filing_row f;
    const char *grantee;
    int rc = find(&f, &rights, s, id, who, &a, e);

    if (rc == 0 && !rights.decide)
        rc = refuse(e, &rights, "The filing cannot be passed now.", "现在不能审核通过。");
    if (rc == 0)
        rc =
            make_grant(&grantee, s, signer, &f, who, &a, e) != 0 || store_move_filing(s, &ev, grantee, e) != 0
                ? -1
                : 0;
    arena_dispose(&a);
    return rc;
}

int filing_return(struct store *s, const char *id, const char *reason, const struct filing_actor *who,
                  struct err *e)
{
    struct filing_event ev = event_of(id, NULL, "returned", reason, who);
    struct filing_rights rights;
    struct arena a = ARENA_INIT;
    struct filing_row f;
    int rc = find(&f, &rights, s, id, who, &a, e);

    if (rc == 0 && !rights.decide)
        rc = refuse(e, &rights, "The filing cannot be returned now.", "现在不能退回备案。");
    if (rc == 0)
        rc = want_reason(reason, e) != 0 || store_move_filing(s, &ev, NULL, e) != 0 ? -1 : 0;
    arena_dispose(&a);
    return rc;
}

static bool has_ended(const struct job_row *j)
{
    return j->state != JOB_WAITING && j->state != JOB_WORKING;
}

/* The job of an accession that was asked for before; *found. */
static int find_job(bool *found, struct job_row *j, struct store *s, const struct filing_row *f,
                    struct arena *a, struct err *e)
{
    *found = false;
    if (f->accession_state != ACCESSION_CHECKING && f->accession_state != ACCESSION_DONE)
        return 0;
    if (store_filing_job(j, s, f->id, "accession", a, e) != 0)
        return e->code == ERR_NOT_FOUND ? 0 : -1;
    /* one that was cancelled while it checked left nothing behind */
    *found = f->accession_state == ACCESSION_DONE || !has_ended(j);
    return 0;
}

static int check_room(struct store *s, const struct filing_row *f, struct err *e)
{
    uint64_t counts[ENTRY_STATES];
    struct queue_state queue;

    if (store_queue_state(&queue, s, e) != 0 || store_count_entries(counts, s, f->id, e) != 0)
        return -1;
    if (counts[ENTRY_LISTED] == 0)
        return err_set(e, ERR_CONFLICT, "The filing has no entry that could be numbered.",
                       "名单中没有可以入库的人员。");
    if (queue.queued + queue.working + counts[ENTRY_LISTED] <= QUEUE_MAX)
        return 0;
    return err_set(e, ERR_UNAVAILABLE,
                   "The queue is full (%llu certificates wait); try again when some of them are made.",
                   "制证队列已满（%llu 份在等待），请稍后再办理入库。", (unsigned long long)queue.queued);
}

/* Job, state and event together. */
static int begin_accession(struct job_row *j, struct store *s, const struct filing_row *f,
                           const struct filing_actor *who, struct err *e)
{
    struct filing_event ev = event_of(f->id, NULL, "accession", NULL, who);

    *j = (struct job_row){
        .organisation = f->organisation, .kind = "accession", .actor = who->id, .created = who->now};
    (void)snprintf(j->filing, sizeof j->filing, "%s", f->id);
    if (store_begin(s, e) != 0)
        return -1;
    if (store_add_job(s, j, e) == 0 &&
        store_set_accession(s, f->id, ACCESSION_CHECKING, who->now, NULL, e) == 0 &&
        store_add_filing_event(s, &ev, e) == 0 && store_commit(s, e) == 0)
        return 0;
    store_rollback(s);
    return -1;
}

static int accession(char job[CERTIFICATE_ID_SIZE], struct store *s, const char *id,
                     const struct filing_actor *who, struct arena *a, struct err *e)
{
    struct filing_rights rights;
    struct filing_row f;
    struct job_row j;
    bool found;

    if (find(&f, &rights, s, id, who, a, e) != 0 || find_job(&found, &j, s, &f, a, e) != 0)
        return -1;
    if (!found) {
        if (f.accession_state == ACCESSION_CHECKING) { /* its job was cancelled */
            f.accession_state = ACCESSION_NONE;
            filing_rights(&rights, &f, who);
        }
        if (!rights.accession)
            return refuse(e, &rights,
                          f.status == FILING_APPROVED
                              ? "This key may not do it."
                              : "Only an approved filing can be put into the register.",
                          f.status == FILING_APPROVED ? "没有入库权限。" : "审核通过的备案才能入库。");
        if (check_room(s, &f, e) != 0)
            return -1;
        if (begin_accession(&j, s, &f, who, e) != 0) {
            if (e->code != ERR_CONFLICT || store_filing_job(&j, s, f.id, "accession", a, e) != 0)
                return -1; /* else somebody asked at the same moment */
        }
    }
    memcpy(job, j.id, sizeof j.id);
    return 0;
}

int filing_accession(char job[CERTIFICATE_ID_SIZE], struct store *s, const char *id,
                     const struct filing_actor *who, struct err *e)
{
    struct arena a = ARENA_INIT;
    int rc = accession(job, s, id, who, &a, e);

    arena_dispose(&a);
    return rc;
}

static int find_managed(struct store *s, const char *id, const struct filing_actor *who, struct arena *a,
                        struct err *e)
{
    struct filing_rights rights;
    struct filing_row f;

    if (find(&f, &rights, s, id, who, a, e) != 0)
        return -1;
    return rights.manage ? 0
                         : refuse(e, &rights, "Nothing of this filing is being made.",
                                  "该备案尚未审核通过，没有制证任务。");
}

int filing_pause(struct store *s, const char *id, bool paused, const struct filing_actor *who, struct err *e)
{
    struct filing_event ev = event_of(id, NULL, paused ? "paused" : "resumed", NULL, who);
    struct arena a = ARENA_INIT;
    int rc = find_managed(s, id, who, &a, e);

    if (rc == 0)
        rc = store_pause_filing(s, paused, &ev, e);
    arena_dispose(&a);
    return rc;
}

/* An entry of another filing is not there. */
static int check_entry(struct entry_row *out, struct store *s, const char *filing, const char *entry,
                       struct arena *a, struct err *e)
{
    if (store_entry(out, s, entry, a, e) != 0)
        return -1;
    if (strcmp(out->filing, filing) == 0)
        return 0;
    return err_set(e, ERR_NOT_FOUND, "The filing has no such entry.", "备案中没有此人员记录。");
}

static int retry(size_t *count, struct store *s, const char *id, const char *entry,
                 const struct filing_actor *who, struct err *e)
{
    struct filing_event ev = event_of(id, entry, "retried", NULL, who);

    if (store_begin(s, e) != 0)
        return -1;
    if (store_retry_entries(s, id, entry, who->now, count, e) == 0 &&
        (*count == 0 || store_add_filing_event(s, &ev, e) == 0) &&
        store_hold_filing(s, id, 0, NULL, NULL, e) == 0 && store_commit(s, e) == 0)
        return 0;
    store_rollback(s);
    return -1;
}

int filing_retry(size_t *count, struct store *s, const char *id, const char *entry,
                 const struct filing_actor *who, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct entry_row row;
    int rc = find_managed(s, id, who, &a, e);

    *count = 0;
    if (rc == 0 && entry != NULL)
        rc = check_entry(&row, s, id, entry, &a, e);
    if (rc == 0)
        rc = retry(count, s, id, entry, who, e);
    arena_dispose(&a);
    return rc;
}

int filing_remove_entry(struct store *s, const char *id, const char *entry, const char *reason,
                        const struct filing_actor *who, struct err *e)
{
    struct filing_event ev = event_of(id, entry, "removed", reason, who);
    struct filing_rights rights;
    struct arena a = ARENA_INIT;
    struct entry_row row;
    struct filing_row f;
    int rc = find(&f, &rights, s, id, who, &a, e);

    if (rc == 0 && !rights.remove)
        rc =
            refuse(e, &rights, "Rows can be taken out before the numbers are given.", "入库前才能核减人员。");
    if (rc == 0)
        rc = check_entry(&row, s, id, entry, &a, e);
    if (rc == 0)
        rc = want_reason(reason, e) != 0 || store_remove_entry(s, &ev, e) != 0 ? -1 : 0;
    arena_dispose(&a);
    return rc;
}
