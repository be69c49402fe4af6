/* accession.c - 入库: every row of a filing is checked; if all are good, one transaction gives each its
 * number, in the order of the list.
 *
 * The job that asked for it is worked on until the numbers are given, and goes on, without a worker, until
 * nothing of the filing waits in the queue. A worker that dies leaves nothing behind: checking begins anew.
 */
#include "base/clock.h"
#include "filing/work_internal.h"
#include <stdlib.h>
#include <string.h>

enum { STEP_ROWS = 200, STEP_MS = 250, KINDS_MAX = 512 };

/* What the number of a row is made from. */
struct plan {
    char entry[CERTIFICATE_ID_SIZE];
    unsigned serial;
    const char *given; /* a number that it brings along, or NULL */
    size_t kind;
};

struct accession_task {
    struct issuer *i;
    struct store *s;
    struct job_row job;
    struct filing_row filing;
    struct arena a, step; /* of the task; of one step */
    struct plan *plans;
    size_t count, room;
    struct allot_parts kinds[KINDS_MAX];
    size_t kind_count;
    struct row_faults faults;
    unsigned position; /* of the last row that was checked */
    bool checked;
};

int accession_open(struct accession_task **out, struct issuer *i, const struct job_row *job, struct err *e)
{
    struct accession_task *t = calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL)
        return err_no_memory(e);
    t->i = i;
    t->s = issuer_store(i);
    t->job = *job;
    t->job.done = t->job.failed = 0;
    t->faults.a = &t->a;
    if (store_filing(&t->filing, t->s, job->filing, &t->a, e) != 0) {
        accession_close(t);
        return -1;
    }
    *out = t;
    return 0;
}

void accession_close(struct accession_task *t)
{
    if (t == NULL)
        return;
    arena_dispose(&t->a);
    arena_dispose(&t->step);
    free(t->plans);
    free(t);
}

/* --- checking --- */

static int find_kind(size_t *out, struct accession_task *t, const struct entry *entry, struct err *e)
{
    struct allot_parts *k;

    for (*out = 0; *out < t->kind_count; ++*out) {
        if (strcmp(t->kinds[*out].series_code, entry->series_code) == 0 &&
            strcmp(t->kinds[*out].level, entry->level) == 0)
            return 0;
    }
    if (t->kind_count == KINDS_MAX)
        return err_set(e, ERR_TOO_LARGE, "The list has more than %d kinds of numbers; divide it.",
                       "名单中的编号类别超过 %d 种，请分成几个备案。", KINDS_MAX);
    k = &t->kinds[t->kind_count];
    k->series_code = arena_text(&t->a, entry->series_code);
    k->level = arena_text(&t->a, entry->level);
    k->year = t->filing.year;
    if (k->series_code == NULL || k->level == NULL)
        return err_no_memory(e);
    t->kind_count++;
    return 0;
}

static int add_plan(struct accession_task *t, const struct entry_row *r, const struct entry *entry,
                    struct err *e)
{
    struct plan *p;

    if (t->count == t->room) {
        size_t room = t->room == 0 ? 1024 : 2 * t->room;
        struct plan *plans = realloc(t->plans, room * sizeof *plans);

        if (plans == NULL)
            return err_no_memory(e);
        t->plans = plans;
        t->room = room;
    }
    p = &t->plans[t->count];
    *p = (struct plan){.serial = r->serial};
    memcpy(p->entry, r->id, sizeof p->entry);
    if (entry->certificate_no != NULL && entry->certificate_no[0] != '\0') {
        p->given = arena_text(&t->a, entry->certificate_no);
        if (p->given == NULL)
            return err_no_memory(e);
    } else if (find_kind(&p->kind, t, entry, e) != 0) {
        return -1;
    }
    t->count++;
    return 0;
}

static bool is_outage(const struct err *why)
{
    return why->code == ERR_UNAVAILABLE || why->code == ERR_NO_MEMORY || why->code == ERR_IN_PROGRESS;
}

/* What the member at fault says, for the reader of the report. */
static const char *value_of(const json_t *order, const struct err *why)
{
    const char *text = why->field[0] == '/' ? json_text(order, why->field + 1) : NULL;

    return text != NULL ? text : "";
}

static int check_order(struct accession_task *t, const struct entry_row *r, const json_t *order, int64_t now,
                       struct err *e)
{
    struct issue_request request = {.order = order, .now = now};
    struct faults faults = {.count = 0};

    if (issue_check(t->i, &request, &faults, e) == 0)
        return 0;
    if (is_outage(e))
        return -1;
    for (size_t k = 0; k < faults.count; k++)
        row_faults_add_err(&t->faults, r->serial, &faults.list[k], value_of(order, &faults.list[k]));
    return 0;
}

/* A row at fault is noted; -1 only where nothing can be said about it now. */
static int check_row(struct accession_task *t, const struct entry_row *r, int64_t now, struct err *e)
{
    struct entry entry;
    json_t *order = NULL, *json = NULL;
    size_t errors = t->faults.errors;
    int rc = -1;

    if (json_read(&json, slice_of(r->data_json), JSON_MAX_BYTES, e) != 0 ||
        entry_from_json(&entry, json, &t->step, e) != 0 ||
        making_order(&order, &t->filing, r, "check", now, &t->step, e) != 0) {
        if (!is_outage(e)) {
            row_faults_add_err(&t->faults, r->serial, e, "");
            rc = 0;
        }
        goto out;
    }
    rc = check_order(t, r, order, now, e);
    if (rc == 0 && t->faults.errors == errors)
        rc = add_plan(t, r, &entry, e);
out:
    json_decref(order);
    json_decref(json);
    return rc;
}

/* Some rows, as far as the time allows; those that were checked stay checked if it is cut short. */
static int check_rows(struct accession_task *t, int64_t now, struct err *e)
{
    int64_t until = clock_monotonic_ms() + STEP_MS;
    struct entry_row *rows;
    size_t count = 0;

    arena_reset(&t->step);
    rows = arena_array(&t->step, STEP_ROWS, sizeof *rows);
    if (rows == NULL)
        return err_no_memory(e);
    if (store_next_entries(rows, STEP_ROWS, &count, t->s, t->filing.id, t->position, &t->step, e) != 0)
        return -1;
    for (size_t k = 0; k < count; k++) {
        if (clock_monotonic_ms() > until)
            return 0; /* others wait */
        if (rows[k].state == ENTRY_LISTED && check_row(t, &rows[k], now, e) != 0)
            return -1;
        t->position = rows[k].position;
        t->job.done += rows[k].state == ENTRY_LISTED;
    }
    t->checked = count < STEP_ROWS;
    return 0;
}

/* --- how it ends --- */

static json_t *fault_json(const struct row_fault *f)
{
    const struct entry_column_info *column =
        f->column >= 0 ? entry_column_info((enum entry_column)f->column) : NULL;

    return json_pack("{s:i, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?}", "serial", (int)f->row, "column",
                     column != NULL ? column->title : NULL, "member", column != NULL ? column->member : NULL,
                     "value", f->value, "problem", f->problem, "problem_en", f->problem_en, "advice",
                     f->advice, "advice_en", f->advice_en);
}

/* The rows at fault as an array; the arena's. */
static const char *report_of(const struct row_faults *faults, struct arena *a)
{
    json_t *list = json_array();
    char *text;
    const char *kept;

    for (size_t k = 0; k < faults->count; k++) {
        if (!faults->list[k].warning)
            (void)json_array_append_new(list, fault_json(&faults->list[k]));
    }
    text = json_dumps(list, JSON_COMPACT);
    kept = text == NULL ? NULL : arena_text(a, text);
    free(text);
    json_decref(list);
    return kept;
}

static int write_end(struct accession_task *t, enum accession_state state, int64_t now, struct err *e)
{
    if (store_begin(t->s, e) != 0)
        return -1;
    if (store_job_progress(t->s, &t->job, now, e) == 0 &&
        store_set_accession(t->s, t->filing.id, state, now, t->job.report_json, e) == 0 &&
        store_commit(t->s, e) == 0)
        return 0;
    store_rollback(t->s);
    return -1;
}

/* Nothing was numbered. */
static int refuse(struct accession_task *t, int64_t now, struct err *e)
{
    struct err why;

    if (t->faults.bad_rows == 0 && t->faults.count > 0) /* the list as a whole */
        err_set(&why, ERR_INVALID, "%s%.0s", "%.0s%s", t->faults.list[0].problem_en,
                t->faults.list[0].problem);
    else
        err_set(&why, ERR_INVALID,
                "%zu rows are at fault, so no number was given; have the filing returned and mended, or take "
                "the rows out.",
                "有 %zu 行存在问题，本次没有编号。请核减这些人员，或由发证机关退回修改后重新办理。",
                t->faults.bad_rows);
    t->job.state = JOB_FAILED;
    t->job.failed = t->faults.bad_rows;
    t->job.ended = now;
    t->job.report_json = report_of(&t->faults, &t->step);
    t->job.problem_en = arena_text(&t->step, why.en);
    t->job.problem_zh = arena_text(&t->step, why.zh);
    if (t->job.report_json == NULL || t->job.problem_en == NULL || t->job.problem_zh == NULL)
        return err_no_memory(e);
    return write_end(t, ACCESSION_REFUSED, now, e);
}

static int number_row(struct accession_task *t, const struct plan *p, const char *number, int64_t now,
                      struct err *e)
{
    struct err why;

    if (store_number_entry(t->s, p->entry, t->filing.issuer, number, now, &why) == 0)
        return 0;
    *e = why;
    if (why.code == ERR_CONFLICT) { /* taken since it was checked, or twice in this list */
        err_field(&why, "/certificate_no");
        row_faults_add_err(&t->faults, p->serial, &why, number);
    }
    return -1;
}

/* Numbers that rows bring along first: the others step over them. */
static int number_all(struct accession_task *t, struct allotment *numbers, int64_t now, struct err *e)
{
    char number[NUMBER_BYTES + 1];

    for (size_t k = 0; k < t->count; k++) {
        if (t->plans[k].given != NULL && number_row(t, &t->plans[k], t->plans[k].given, now, e) != 0)
            return -1;
    }
    for (size_t k = 0; k < t->count; k++) {
        const struct plan *p = &t->plans[k];

        if (p->given != NULL)
            continue;
        if (issue_allot_next(number, numbers, &t->kinds[p->kind], e) != 0) {
            if (!is_outage(e)) /* the counter is at its end */
                row_faults_add_err(&t->faults, p->serial, e, "");
            return -1;
        }
        if (number_row(t, p, number, now, e) != 0)
            return -1;
    }
    return 0;
}

/* Whether the list is still the one that was checked. */
static int check_list(bool *same, struct accession_task *t, struct err *e)
{
    uint64_t counts[ENTRY_STATES];

    if (store_count_entries(counts, t->s, t->filing.id, e) != 0)
        return -1;
    *same = counts[ENTRY_LISTED] == t->count;
    return 0;
}

/* Inside the transaction. */
static int write_numbers(bool *same, struct accession_task *t, int64_t now, struct err *e)
{
    struct allotment *numbers;
    struct job_row job = t->job;

    job.done = job.total;
    if (check_list(same, t, e) != 0)
        return -1;
    if (!*same)
        return 0;
    if (store_job_progress(t->s, &job, now, e) != 0 || /* also asks whether the job is ours still */
        issue_allot_begin(&numbers, t->i, t->filing.profile, e) != 0)
        return -1;
    if (number_all(t, numbers, now, e) != 0) {
        issue_allot_drop(numbers);
        return -1;
    }
    return issue_allot_end(numbers, e) != 0
               ? -1
               : store_set_accession(t->s, t->filing.id, ACCESSION_DONE, now, NULL, e);
}

static void begin_anew(struct accession_task *t)
{
    t->position = 0;
    t->count = 0;
    t->job.done = 0;
    t->checked = false;
    t->faults = (struct row_faults){.a = &t->a};
}

static int number_list(bool *ended, struct accession_task *t, int64_t now, struct err *e)
{
    bool same = false;

    if (store_begin(t->s, e) != 0)
        return -1;
    if (write_numbers(&same, t, now, e) == 0 && same && store_commit(t->s, e) == 0) {
        *ended = true;
        return accession_finish(t->s, t->filing.id, now, e);
    }
    store_rollback(t->s);
    if (same)
        return -1;
    begin_anew(t);
    return 0;
}

/* A list that cannot be numbered for a reason of its own: a number that is taken, a counter at its end. */
static int number_or_refuse(bool *ended, struct accession_task *t, int64_t now, struct err *e)
{
    if (number_list(ended, t, now, e) == 0)
        return 0;
    if (t->faults.errors == 0) {
        if (is_outage(e) || e->code == ERR_CONFLICT)
            return -1;
        row_faults_add_err(&t->faults, 0, e, "");
    }
    *ended = true;
    return refuse(t, now, e);
}

static int begin(struct accession_task *t, struct err *e)
{
    uint64_t counts[ENTRY_STATES];

    if (store_count_entries(counts, t->s, t->filing.id, e) != 0)
        return -1;
    t->job.total = counts[ENTRY_LISTED];
    return 0;
}

/* The numbers are given: only the end is waited for. The lease is prolonged, so that it is looked at now and
 * then in case nobody tells. */
static int look_after(struct accession_task *t, int64_t now, struct err *e)
{
    if (store_job_progress(t->s, &t->job, now, e) != 0)
        return -1;
    return accession_finish(t->s, t->filing.id, now, e);
}

int accession_step(bool *ended, struct accession_task *t, int64_t now, struct err *e)
{
    *ended = false;
    if (t->filing.accession_state == ACCESSION_DONE) {
        *ended = true;
        return look_after(t, now, e);
    }
    if (t->job.total == 0 && begin(t, e) != 0)
        return -1;
    if (!t->checked)
        return check_rows(t, now, e) != 0 ? -1 : store_job_progress(t->s, &t->job, now, e);
    if (t->faults.errors == 0)
        return number_or_refuse(ended, t, now, e);
    *ended = true;
    return refuse(t, now, e);
}

/* --- the end --- */

int accession_finish(struct store *s, const char *filing, int64_t now, struct err *e)
{
    uint64_t counts[ENTRY_STATES];
    struct arena a = ARENA_INIT;
    struct filing_row f;
    struct job_row j;
    int rc = store_count_entries(counts, s, filing, e);

    if (rc != 0 || counts[ENTRY_QUEUED] + counts[ENTRY_WORKING] > 0)
        return rc;
    rc = store_filing(&f, s, filing, &a, e);
    if (rc != 0 || f.accession_state != ACCESSION_DONE)
        goto out;
    rc = store_filing_job(&j, s, filing, "accession", &a, e);
    if (rc != 0 || j.state != JOB_WORKING) {
        rc = rc != 0 && e->code != ERR_NOT_FOUND ? -1 : 0;
        goto out;
    }
    j.state = JOB_DONE;
    j.ended = now;
    j.problem_en = j.problem_zh = NULL;
    rc = store_job_progress(s, &j, now, e);
    if (rc != 0 && e->code == ERR_CONFLICT)
        rc = 0; /* somebody else was first */
out:
    arena_dispose(&a);
    return rc;
}
