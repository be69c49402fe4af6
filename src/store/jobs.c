/* jobs.c - longer work, waiting, taken by workers and watched. */
#include "store/jobs.h"
#include "store/store_internal.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static const char *const states[] = {[JOB_WAITING] = "waiting",
                                     [JOB_WORKING] = "working",
                                     [JOB_DONE] = "done",
                                     [JOB_FAILED] = "failed",
                                     [JOB_CANCELLED] = "cancelled"};

const char *job_state_name(enum job_state s)
{
    return states[s];
}

static bool parse_state(enum job_state *out, const char *name)
{
    for (int i = 0; name != NULL && i <= JOB_CANCELLED; i++) {
        if (strcmp(states[i], name) == 0) {
            *out = (enum job_state)i;
            return true;
        }
    }
    return false;
}

static bool has_ended(enum job_state s)
{
    return s == JOB_DONE || s == JOB_FAILED || s == JOB_CANCELLED;
}

void store_job_file(char *out, size_t size, const struct store *s, const char *id)
{
    (void)snprintf(out, size, "%s/inbox/%.32s", s->data_dir, id);
}

int store_add_job(struct store *s, struct job_row *j, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ADD_JOB, e);
    const char *values[] = {
        j->id, j->organisation, j->kind, j->actor, j->filing[0] == '\0' ? NULL : j->filing, j->file_name};

    if (q == NULL || (j->id[0] == '\0' && store_new_id(j->id, 0, e) != 0))
        return -1;
    sql_texts(q, values, sizeof values / sizeof values[0]);
    sql_number(q, 7, (int64_t)j->total);
    sql_number(q, 8, j->created);
    if (sql_run(s, q, e) == 0)
        return 0;
    if (e->code == ERR_CONFLICT && strstr(e->detail, "jobs.filing") != NULL)
        err_set(e, ERR_CONFLICT, "The filing has such a job already that has not ended; wait for it.",
                "该批复备案已有同类任务正在进行，请等待其完成。");
    return -1;
}

static void take_job(struct job_row *j, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    *j = (struct job_row){.organisation = sql_column_text(q, 1, a, fine),
                          .kind = sql_column_text(q, 2, a, fine),
                          .actor = sql_column_text(q, 3, a, fine),
                          .file_name = sql_column_text(q, 5, a, fine),
                          .total = (uint64_t)sqlite3_column_int64(q, 7),
                          .done = (uint64_t)sqlite3_column_int64(q, 8),
                          .failed = (uint64_t)sqlite3_column_int64(q, 9),
                          .problem_en = sql_column_text(q, 10, a, fine),
                          .problem_zh = sql_column_text(q, 11, a, fine),
                          .created = sqlite3_column_int64(q, 12),
                          .started = sqlite3_column_int64(q, 13),
                          .ended = sqlite3_column_int64(q, 14),
                          .fence = sqlite3_column_int64(q, 15),
                          .report_json = sql_column_text(q, 16, a, fine)};
    sql_column_name(j->id, sizeof j->id, q, 0);
    sql_column_name(j->filing, sizeof j->filing, q, 4);
    *fine = *fine && parse_state(&j->state, (const char *)sqlite3_column_text(q, 6));
}

static int only_job(struct job_row *out, struct store *s, sqlite3_stmt *q, struct arena *a, struct err *e)
{
    bool fine = true;
    int rc;

    if (!sql_row(s, q, &rc, e))
        return rc;
    take_job(out, q, a, &fine);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_job(struct job_row *out, struct store *s, const char *id, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_JOB, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    return only_job(out, s, q, a, e);
}

int store_filing_job(struct job_row *out, struct store *s, const char *filing, const char *kind,
                     struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_FILING_JOB, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    sql_text(q, 2, kind);
    return only_job(out, s, q, a, e);
}

int store_list_open_jobs(struct job_row *out, size_t max, size_t *count, struct store *s,
                         const char *organisation, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_OPEN_JOBS, e);
    bool fine = true;
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, organisation);
    sql_number(q, 2, (int64_t)max);
    while (sql_next(s, q, &rc, e))
        take_job(&out[(*count)++], q, a, &fine);
    return rc != 0 || fine ? rc : err_no_memory(e);
}

/* The job whose turn it is; id "" where none waits. */
static int find_job(char id[CERTIFICATE_ID_SIZE], char organisation[128], struct store *s, int64_t now,
                    struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_NEXT_JOB, e);
    int rc;

    id[0] = '\0';
    if (q == NULL)
        return -1;
    sql_number(q, 1, now);
    if (!sql_next(s, q, &rc, e))
        return rc;
    sql_column_name(id, CERTIFICATE_ID_SIZE, q, 0);
    sql_column_name(organisation, 128, q, 1);
    sql_done(q);
    return 0;
}

static int had_its_turn(struct store *s, const char *organisation, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_JOB_TURN, e);
    int64_t turn;

    if (q == NULL || store_next_turn(&turn, s, e) != 0)
        return -1;
    sql_text(q, 1, organisation);
    sql_number(q, 2, turn);
    return sql_run(s, q, e);
}

static int take_found(struct job_row *out, struct store *s, const char *id, const char *worker, int64_t now,
                      struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CLAIM_JOB, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    sql_text(q, 2, worker);
    sql_number(q, 3, now + LEASE_SECONDS);
    sql_number(q, 4, now);
    return only_job(out, s, q, a, e);
}

int store_claim_job(struct job_row *out, bool *found, struct store *s, const char *worker, int64_t now,
                    struct arena *a, struct err *e)
{
    char id[CERTIFICATE_ID_SIZE], organisation[128];
    bool own;
    int rc;

    *found = false;
    /* first without the lock, so that idle workers hold up nobody */
    if (find_job(id, organisation, s, now, e) != 0)
        return -1;
    if (id[0] == '\0')
        return 0;
    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = find_job(id, organisation, s, now, e);
    if (rc == 0 && id[0] != '\0') {
        rc = take_found(out, s, id, worker, now, a, e) == 0 ? had_its_turn(s, organisation, e) : -1;
        *found = rc == 0;
    }
    rc = store_leave(s, own, rc, e);
    *found = *found && rc == 0;
    return rc;
}

/* The file goes with the end; what a crash leaves of it, store_sweep() takes. */
static void remove_file(struct store *s, const char *id)
{
    char path[PATH_MAX + 64];

    store_job_file(path, sizeof path, s, id);
    (void)unlink(path);
}

int store_job_progress(struct store *s, const struct job_row *j, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_JOB_PROGRESS, e);
    bool ended = has_ended(j->state);

    if (q == NULL)
        return -1;
    sql_text(q, 1, j->id);
    sql_number(q, 2, j->fence);
    sql_text(q, 3, states[j->state]);
    sql_number(q, 4, (int64_t)j->total);
    sql_number(q, 5, (int64_t)j->done);
    sql_number(q, 6, (int64_t)j->failed);
    sql_text(q, 7, j->report_json);
    sql_text(q, 8, j->problem_en);
    sql_text(q, 9, j->problem_zh);
    sql_number(q, 10, j->started);
    sql_number(q, 11, !ended ? 0 : j->ended != 0 ? j->ended : now);
    sql_number(q, 12, j->state == JOB_WORKING ? now + LEASE_SECONDS : 0);
    if (sql_run(s, q, e) != 0)
        return -1;
    if (sqlite3_changes(s->db) != 1)
        return err_set(e, ERR_CONFLICT, "The job was cancelled, or another worker has taken it over.",
                       "任务已取消，或已由其他工作进程接手。");
    if (ended && sqlite3_get_autocommit(s->db)) /* inside a transaction it may still be undone */
        remove_file(s, j->id);
    return 0;
}

int store_cancel_job(struct store *s, const char *id, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CANCEL_JOB, e);
    struct arena a = ARENA_INIT;
    struct job_row j;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    sql_number(q, 2, now);
    if (sql_run(s, q, e) != 0)
        return -1;
    if (sqlite3_changes(s->db) == 1) {
        if (sqlite3_get_autocommit(s->db))
            remove_file(s, id);
        return 0;
    }
    rc = store_job(&j, s, id, &a, e);
    arena_dispose(&a);
    return rc != 0 ? -1 : err_set(e, ERR_CONFLICT, "The job has ended already.", "任务已经结束。");
}

static int job_to_clear(char id[CERTIFICATE_ID_SIZE], struct store *s, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_JOB_TO_CLEAR, e);
    int rc;

    id[0] = '\0';
    if (q == NULL)
        return -1;
    if (!sql_next(s, q, &rc, e))
        return rc;
    sql_column_name(id, CERTIFICATE_ID_SIZE, q, 0);
    sql_done(q);
    return 0;
}

int jobs_clear(struct store *s, struct err *e)
{
    char id[CERTIFICATE_ID_SIZE];
    sqlite3_stmt *q = sql_prepare(s, SQL_JOB_CLEARED, e);

    if (q == NULL)
        return -1;
    for (int i = 0; i < 32; i++) {
        if (job_to_clear(id, s, e) != 0)
            return -1;
        if (id[0] == '\0')
            break;
        remove_file(s, id);
        sql_text(q, 1, id);
        if (sql_run(s, q, e) != 0)
            return -1;
    }
    return 0;
}
