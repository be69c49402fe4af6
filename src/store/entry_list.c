/* entry_list.c - entries of a filing found: one, a page, all in steps; and how many are in which state. */
#include "store/store_internal.h"
#include <string.h>

static const char *const states[ENTRY_STATES] = {
    [ENTRY_LISTED] = "listed",   [ENTRY_WAITING] = "waiting", [ENTRY_QUEUED] = "queued",
    [ENTRY_WORKING] = "working", [ENTRY_MADE] = "made",       [ENTRY_FAILED] = "failed",
    [ENTRY_REMOVED] = "removed",
};

const char *entry_state_name(enum entry_state s)
{
    return states[s];
}

bool entry_state_parse(enum entry_state *out, const char *name)
{
    for (int i = 0; i < ENTRY_STATES; i++) {
        if (strcmp(states[i], name) == 0) {
            *out = (enum entry_state)i;
            return true;
        }
    }
    return false;
}

void entry_at(struct entry_row *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    const char *state = (const char *)sqlite3_column_text(q, 10);

    *out = (struct entry_row){.position = (unsigned)sqlite3_column_int64(q, 2),
                              .serial = (unsigned)sqlite3_column_int64(q, 3),
                              .name = sql_column_text(q, 4, a, fine),
                              .id_type = sql_column_text(q, 5, a, fine),
                              .id_number = sql_column_text(q, 6, a, fine),
                              .number = sql_column_text(q, 9, a, fine),
                              .fault_code = sql_column_text(q, 11, a, fine),
                              .attempts = (unsigned)sqlite3_column_int(q, 12),
                              .run_after = sqlite3_column_int64(q, 13),
                              .fence = sqlite3_column_int64(q, 14),
                              .changed = sqlite3_column_int64(q, 16),
                              .fault_en = sql_column_text(q, 17, a, fine),
                              .fault_zh = sql_column_text(q, 18, a, fine),
                              .data_json = sql_column_text(q, 19, a, fine)};
    sql_column_name(out->id, sizeof out->id, q, 0);
    sql_column_name(out->filing, sizeof out->filing, q, 1);
    sql_column_name(out->person, sizeof out->person, q, 7);
    sql_column_name(out->photo_id, sizeof out->photo_id, q, 8);
    sql_column_name(out->certificate, sizeof out->certificate, q, 15);
    *fine = *fine && state != NULL && entry_state_parse(&out->state, state);
}

static int only_entry(struct entry_row *out, struct store *s, sqlite3_stmt *q, struct arena *a, struct err *e)
{
    bool fine = true;
    int rc;

    if (!sql_row(s, q, &rc, e))
        return rc;
    entry_at(out, q, a, &fine);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}

int store_entry(struct entry_row *out, struct store *s, const char *id, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ENTRY, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    return only_entry(out, s, q, a, e);
}

int store_entry_by_serial(struct entry_row *out, struct store *s, const char *filing, unsigned serial,
                          struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ENTRY_BY_SERIAL, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    sql_number(q, 2, serial);
    return only_entry(out, s, q, a, e);
}

int store_entry_by_id_number(struct entry_row *out, struct store *s, const char *filing,
                             const char *id_number, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ENTRY_BY_ID_NUMBER, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    sql_text(q, 2, id_number);
    return only_entry(out, s, q, a, e);
}

static int read_entries(struct entry_row *out, size_t *count, struct store *s, sqlite3_stmt *q,
                        struct arena *a, struct err *e)
{
    bool fine = true;
    int rc;

    *count = 0;
    while (sql_next(s, q, &rc, e)) {
        entry_at(&out[*count], q, a, &fine);
        ++*count;
    }
    return rc != 0 || fine ? rc : err_no_memory(e);
}

int store_next_entries(struct entry_row *out, size_t max, size_t *count, struct store *s, const char *filing,
                       unsigned after, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ENTRIES_PAGE, e);

    *count = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    sql_number(q, 2, after);
    sql_number(q, 3, (int64_t)max);
    return read_entries(out, count, s, q, a, e);
}

int store_count_entries(uint64_t out[ENTRY_STATES], struct store *s, const char *filing, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ENTRY_COUNTS, e);
    int rc;

    memset(out, 0, ENTRY_STATES * sizeof out[0]);
    if (q == NULL)
        return -1;
    sql_text(q, 1, filing);
    if (!sql_row(s, q, &rc, e))
        return rc;
    for (int i = 0; i < ENTRY_STATES; i++) /* the columns are in the order of the states */
        out[i] = (uint64_t)sqlite3_column_int64(q, i);
    sql_done(q);
    return 0;
}

static bool searches(const struct entry_filter *f)
{
    return f->search != NULL && f->search[0] != '\0';
}

static void bind_filter(sqlite3_stmt *q, const struct entry_filter *f)
{
    sql_text(q, 1, f->filing);
    if (f->state != NULL)
        sql_text(q, 4, states[*f->state]);
    if (searches(f))
        sql_text(q, 5, f->search);
}

static int count_found(uint64_t *total, struct store *s, const struct entry_filter *f, struct err *e)
{
    uint64_t counts[ENTRY_STATES];
    sqlite3_stmt *q;
    int rc;

    *total = 0;
    if (!searches(f)) {
        if (store_count_entries(counts, s, f->filing, e) != 0)
            return -1;
        for (int i = 0; i < ENTRY_STATES; i++)
            *total += f->state == NULL || (int)*f->state == i ? counts[i] : 0;
        return 0;
    }
    q = sql_prepare(s, SQL_ENTRIES_FOUND_COUNT, e);
    if (q == NULL)
        return -1;
    bind_filter(q, f);
    if (!sql_row(s, q, &rc, e))
        return rc;
    *total = (uint64_t)sqlite3_column_int64(q, 0);
    sql_done(q);
    return 0;
}

int store_list_entries(struct entry_row *out, size_t skip, size_t max, size_t *count, uint64_t *total,
                       struct store *s, const struct entry_filter *f, struct arena *a, struct err *e)
{
    enum sql_statement which = searches(f)        ? SQL_ENTRIES_FOUND
                               : f->state != NULL ? SQL_ENTRIES_OF_STATE
                                                  : SQL_ENTRIES_PAGE;
    sqlite3_stmt *q;

    *count = 0;
    if (count_found(total, s, f, e) != 0)
        return -1;
    if (out == NULL || max == 0)
        return 0;
    q = sql_prepare(s, which, e);
    if (q == NULL)
        return -1;
    bind_filter(q, f);
    sql_number(q, 2, (int64_t)skip);
    sql_number(q, 3, (int64_t)max);
    return read_entries(out, count, s, q, a, e);
}
