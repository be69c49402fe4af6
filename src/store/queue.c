/* queue.c - entries taken by workers, fairly, and given back. */
#include "store/store_internal.h"
#include <stdlib.h>

/* Whether there is anything to take: asked without the lock, so that idle workers hold up nobody. */
static int anything_due(bool *out, struct store *s, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_DUE_ANY, e);
    int rc;

    *out = false;
    if (q == NULL)
        return -1;
    sql_number(q, 1, now);
    if (!sql_next(s, q, &rc, e))
        return rc;
    *out = true;
    sql_done(q);
    return 0;
}

static int take_back_ended(struct store *s, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_LEASES_ENDED, e);

    if (q == NULL)
        return -1;
    sql_number(q, 1, now);
    return sql_run(s, q, e);
}

struct turn {
    char filing[CERTIFICATE_ID_SIZE], organisation[128];
};

/* Whose turn it is; filing "" where nothing is due. */
static int find_turn(struct turn *out, struct store *s, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_NEXT_FILING, e);
    int rc;

    *out = (struct turn){.filing = ""};
    if (q == NULL)
        return -1;
    sql_number(q, 1, now);
    if (!sql_next(s, q, &rc, e))
        return rc;
    sql_column_name(out->filing, sizeof out->filing, q, 0);
    sql_column_name(out->organisation, sizeof out->organisation, q, 1);
    sql_done(q);
    return 0;
}

int store_next_turn(int64_t *out, struct store *s, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_NEXT_TURN, e);
    int rc;

    if (q == NULL || !sql_row(s, q, &rc, e))
        return -1;
    *out = sqlite3_column_int64(q, 0);
    sql_done(q);
    return 0;
}

static int write_turn(struct store *s, enum sql_statement which, const char *whose, int64_t turn,
                      struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, which, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, whose);
    sql_number(q, 2, turn);
    return sql_run(s, q, e);
}

static int had_their_turn(struct store *s, const struct turn *t, struct err *e)
{
    int64_t turn;

    if (store_next_turn(&turn, s, e) != 0 || write_turn(s, SQL_FILING_TURN, t->filing, turn, e) != 0)
        return -1;
    return write_turn(s, SQL_ORGANISATION_TURN, t->organisation, turn, e);
}

static int by_position(const void *a, const void *b)
{
    const struct entry_row *x = a, *y = b;

    return x->position < y->position ? -1 : x->position > y->position;
}

static int take_entries(struct claim *out, size_t max, struct store *s, const char *filing,
                        const char *worker, int64_t now, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CLAIM, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    sql_text(q, 2, worker);
    sql_number(q, 3, out->lease_until);
    sql_number(q, 4, now);
    sql_number(q, 5, (int64_t)max);
    while (sql_next(s, q, &rc, e))
        entry_at(&out->entries[out->count++], q, a, &fine);
    qsort(out->entries, out->count, sizeof out->entries[0], by_position);
    return rc != 0 || fine ? rc : err_no_memory(e);
}

static int claim(struct claim *out, size_t max, struct store *s, const char *worker, int64_t now,
                 struct arena *a, struct err *e)
{
    struct turn turn;

    if (take_back_ended(s, now, e) != 0 || find_turn(&turn, s, now, e) != 0)
        return -1;
    if (turn.filing[0] == '\0')
        return 0;
    if (take_entries(out, max, s, turn.filing, worker, now, a, e) != 0 ||
        store_filing(&out->filing, s, turn.filing, a, e) != 0)
        return -1;
    return had_their_turn(s, &turn, e);
}

int store_claim(struct claim *out, size_t max, struct store *s, const char *worker, int64_t now,
                struct arena *a, struct err *e)
{
    bool own, due;
    int rc;

    out->count = 0;
    out->lease_until = now + LEASE_SECONDS;
    if (anything_due(&due, s, now, e) != 0)
        return -1;
    if (!due)
        return 0;
    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = store_leave(s, own, claim(out, max < CLAIM_MAX ? max : CLAIM_MAX, s, worker, now, a, e), e);
    if (rc != 0)
        out->count = 0;
    return rc;
}

int store_claim_holds(bool *out, struct store *s, const char *entry, int64_t fence, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CLAIM_HOLDS, e);
    int rc;

    *out = false;
    if (q == NULL)
        return -1;
    sql_text(q, 1, entry);
    sql_number(q, 2, fence);
    if (!sql_next(s, q, &rc, e))
        return rc;
    *out = true;
    sql_done(q);
    return 0;
}

int store_give_back(struct store *s, const char *entry, int64_t fence, const struct entry_fault *fault,
                    int64_t run_after, bool final, int64_t now, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, fault == NULL ? SQL_GIVE_BACK : SQL_GIVE_UP_ENTRY, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, entry);
    sql_number(q, 2, fence);
    sql_number(q, 3, run_after > now ? run_after : now);
    sql_number(q, 4, now);
    if (fault != NULL) {
        sql_text(q, 5, final ? "failed" : "queued");
        sql_text(q, 6, fault->code);
        sql_text(q, 7, fault->why->en);
        sql_text(q, 8, fault->why->zh);
    }
    return sql_run(s, q, e);
}

static void take_name(void *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    *(const char **)out = sql_column_text(q, 0, a, fine);
}

int store_list_workers(const char *const **names, size_t *count, struct store *s, struct arena *a,
                       struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_WORKERS, e);
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    *names = sql_list(count, &rc, s, q, sizeof(const char *), take_name, a, e);
    return rc;
}

static int give_back_jobs(struct store *s, const char *worker, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_GIVE_BACK_JOBS, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, worker);
    return sql_run(s, q, e);
}

static int give_back_entries(struct store *s, const char *worker, int64_t now, size_t *count, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_GIVE_BACK_WORKER, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, worker);
    sql_number(q, 2, now);
    if (sql_run(s, q, e) != 0)
        return -1;
    *count = (size_t)sqlite3_changes(s->db);
    return 0;
}

int store_give_back_all(struct store *s, const char *worker, int64_t now, size_t *count, struct err *e)
{
    bool own;
    int rc;

    *count = 0;
    if (store_enter(s, &own, e) != 0)
        return -1;
    rc = give_back_jobs(s, worker, e) == 0 ? give_back_entries(s, worker, now, count, e) : -1;
    return store_leave(s, own, rc, e);
}

int store_queue_state(struct queue_state *out, struct store *s, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_QUEUE_STATE, e);
    int rc;

    *out = (struct queue_state){0};
    if (q == NULL)
        return -1;
    if (!sql_row(s, q, &rc, e))
        return rc;
    out->queued = (uint64_t)sqlite3_column_int64(q, 0);
    out->working = (uint64_t)sqlite3_column_int64(q, 1);
    out->next = sqlite3_column_int64(q, 2);
    sql_done(q);
    return 0;
}

static int one_count(uint64_t *out, struct store *s, sqlite3_stmt *q, struct err *e)
{
    int rc;

    *out = 0;
    if (!sql_next(s, q, &rc, e))
        return rc;
    *out = (uint64_t)sqlite3_column_int64(q, 0);
    sql_done(q);
    return 0;
}

int store_queue_ahead(uint64_t *out, struct store *s, const char *filing, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_QUEUE_AHEAD, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    return one_count(out, s, q, e);
}

int store_made_lately(uint64_t *out, int64_t *since, struct store *s, const char *filing, int64_t now,
                      unsigned seconds, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_MADE_LATELY, e);
    int rc;

    *out = 0;
    *since = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    sql_number(q, 2, now - seconds);
    sql_number(q, 3, now);
    if (!sql_next(s, q, &rc, e))
        return rc;
    *out = (uint64_t)sqlite3_column_int64(q, 0);
    *since = sqlite3_column_int64(q, 1);
    sql_done(q);
    return 0;
}
