/* store_schema_test.c - every statement fits the tables, and those of the queue and of long lists read no
 * more than they need. */
#include "unit/store_fixture.h"

static const char *text_of(int which)
{
    return which < STATEMENTS_FIRST_PART ? statements[which]
                                         : filing_statements[which - STATEMENTS_FIRST_PART];
}

static void every_statement_can_be_prepared(void **state)
{
    struct store *s = open_with_offices();
    struct err e;

    (void)state;
    for (int i = 0; i < STATEMENTS; i++) {
        if (i == STATEMENTS_FIRST_PART || text_of(i) != NULL) {
            if (sql_prepare(s, (enum sql_statement)i, &e) == NULL)
                fail_msg("statement %d: %s: %s", i, e.detail, text_of(i));
        } else {
            fail_msg("statement %d is missing", i);
        }
    }
    store_close(s);
}

/* Statements that are asked while a queue is long, or for a page of a long list. */
static const enum sql_statement often[] = {
    SQL_PERSON_EXACT,
    SQL_PERSON_BY_DOCUMENT,
    SQL_PERSONS_ALL,
    SQL_PERSONS_OF_ORGANISATION,
    SQL_LIST_FILINGS,
    SQL_ADD_ENTRY,
    SQL_CLEAR_ENTRIES,
    SQL_ENTRY_BY_SERIAL,
    SQL_ENTRIES_PAGE,
    SQL_ENTRIES_OF_STATE,
    SQL_ENTRIES_FOUND,
    SQL_ENTRIES_FOUND_COUNT,
    SQL_NUMBER_ENTRY,
    SQL_ENTRY_PHOTO,
    SQL_CORRECT_ENTRY,
    SQL_ENTRY_BY_ID_NUMBER,
    SQL_RETRY_ENTRIES,
    SQL_ENTRY_MADE,
    SQL_PROGRESS,
    SQL_ENTRY_OF_NUMBER,
    SQL_LEASES_ENDED,
    SQL_NEXT_FILING,
    SQL_DUE_ANY,
    SQL_CLAIM,
    SQL_CLAIM_HOLDS,
    SQL_GIVE_BACK,
    SQL_GIVE_UP_ENTRY,
    SQL_MADE_LATELY,
    SQL_NUMBER_TAKEN,
    SQL_PERSON_ENTRIES_PHOTO,
    SQL_OPEN_JOBS,
    SQL_PREDECESSOR,
    SQL_CERTIFICATE_OF_NUMBER,
    SQL_PERSON_OWN_PHOTO,
    SQL_PERSON_OTHER_ENTRIES,
    SQL_LINK,
    SQL_EXPORT,
    SQL_SESSION,
    SQL_SAME_EXPORT,
};

/* Only what is small by its kind may be walked: one row, offices whose turn it may be, a subquery's row. */
static bool is_small(const char *plan)
{
    return strstr(plan, "SCAN CONSTANT ROW") != NULL ||
           strstr(plan, "SCAN t USING INDEX turns_due") != NULL || strstr(plan, "SCAN p") != NULL ||
           strstr(plan, "USING INDEX filings_newest") != NULL;
}

/* Two people, a page of entries, exports of one list, jobs that have not ended (two a filing at most). */
static bool sorts_few(enum sql_statement which)
{
    return which == SQL_PERSON_BY_DOCUMENT || which == SQL_ENTRIES_OF_STATE || which == SQL_ENTRIES_FOUND ||
           which == SQL_SAME_EXPORT || which == SQL_OPEN_JOBS;
}

static void what_is_asked_often_walks_no_table_and_sorts_nothing(void **state)
{
    struct store *s = open_with_offices();
    char sql[4096];
    sqlite3_stmt *q;

    (void)state;
    for (size_t i = 0; i < sizeof often / sizeof often[0]; i++) {
        (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", text_of(often[i]));
        assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &q, NULL), SQLITE_OK);
        while (sqlite3_step(q) == SQLITE_ROW) {
            const char *plan = (const char *)sqlite3_column_text(q, 3);

            if ((strstr(plan, "SCAN ") != NULL && !is_small(plan)) ||
                (strstr(plan, "TEMP B-TREE") != NULL && !sorts_few(often[i])))
                fail_msg("%s\n  %s\n", plan, text_of(often[i]));
        }
        (void)sqlite3_finalize(q);
    }
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(every_statement_can_be_prepared),
        WITH_DIRECTORY(what_is_asked_often_walks_no_table_and_sorts_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
