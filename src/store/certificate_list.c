/* certificate_list.c - many certificates at once: lists page by page, and those with one number. */
#include "store/store_internal.h"

enum sql_statement certificate_list_statement(const struct certificate_filter *f)
{
    /* the one that leaves the fewest rows first */
    if (f->id_number != NULL)
        return SQL_LIST_BY_ID_NUMBER;
    if (f->number != NULL)
        return SQL_LIST_BY_NUMBER;
    if (f->biz_no != NULL)
        return SQL_LIST_BY_BIZ_NO;
    if (f->state != NULL && *f->state == CERTIFICATE_RESERVED)
        return SQL_LIST_UNFINISHED;
    if (f->name != NULL)
        return SQL_LIST_BY_NAME;
    if (f->status != NULL && *f->status != STATUS_VALID)
        return SQL_LIST_OF_STATUS;
    return f->organisation != NULL ? SQL_LIST_OF_ORGANISATION : SQL_LIST_NEWEST;
}

/* Binds where the list ends above: before the row of the cursor, or before created_until if that is earlier.
 * No id sorts before "", so (moment, "") is everything before that moment. */
static void bind_bound(sqlite3_stmt *q, const struct certificate_filter *f)
{
    bool until = f->created_until != 0;

    if (f->after_id != NULL && (!until || f->after_created < f->created_until)) {
        sql_number(q, 11, f->after_created);
        sql_text(q, 12, f->after_id);
    } else {
        sql_number(q, 11, until ? f->created_until : INT64_MAX);
        sql_text(q, 12, "");
    }
}

static void bind_filter(sqlite3_stmt *q, const struct certificate_filter *f, size_t max)
{
    const char *texts[] = {f->organisation, f->biz_no, f->number, f->profile, f->name, f->id_number};

    sql_texts(q, texts, sizeof texts / sizeof texts[0]);
    if (f->status != NULL)
        sql_text(q, 7, certificate_status_name(*f->status));
    if (f->state != NULL)
        sql_text(q, 8, certificate_state_name(*f->state));
    if (f->year != 0)
        sql_number(q, 9, f->year);
    sql_number(q, 10, f->created_from != 0 ? f->created_from : INT64_MIN);
    bind_bound(q, f);
    sql_number(q, 13, (int64_t)max);
}

static int read_rows(struct certificate_row *out, size_t max, size_t *count, struct store *s, sqlite3_stmt *q,
                     struct arena *a, struct err *e)
{
    int rc;

    while (sql_next(s, q, &rc, e)) {
        if (*count == max || certificate_at(&out[*count], q, a, e) != 0) {
            rc = *count == max ? 0 : -1;
            sql_done(q);
            return rc;
        }
        (*count)++;
    }
    return rc;
}

int store_list_certificates(struct certificate_row *out, size_t max, size_t *count, struct store *s,
                            const struct certificate_filter *f, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, certificate_list_statement(f), e);

    *count = 0;
    if (q == NULL)
        return -1;
    bind_filter(q, f, max);
    return read_rows(out, max, count, s, q, a, e);
}

int store_certificates_by_number(struct certificate_row *out, size_t max, size_t *count, struct store *s,
                                 const char *number, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_CERTIFICATES_BY_NUMBER, e);

    *count = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, number);
    sql_number(q, 2, (int64_t)max);
    return read_rows(out, max, count, s, q, a, e);
}
