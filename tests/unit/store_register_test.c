/* store_register_test.c - what becomes of certificates, how they are found, and that nothing of it is ever
 * changed, lost or read through from end to end. */
#include "support/register.h"
#include "unit/store_fixture.h"

static char last_id[CERTIFICATE_ID_SIZE];
static const char *id_of(unsigned n)
{
    (void)snprintf(last_id, sizeof last_id, "%032x", n);
    return last_id;
}

static const struct certificate_event by_key = {
    .moment = 5000, .actor = "k1", .reason = "弄虚作假", .document = "皖人社〔2026〕1号"};

static struct certificate_row row_of(struct store *s, unsigned n, struct arena *a)
{
    struct certificate_row row;
    struct err e;

    assert_done(store_certificate(&row, s, id_of(n), a, &e), e);
    return row;
}

static enum certificate_status status_of(char letter)
{
    switch (letter) {
    case 'S':
        return STATUS_SUSPENDED;
    case 'R':
        return STATUS_REVOKED;
    case 'C':
        return STATUS_CANCELLED;
    case 'N':
        return STATUS_REPLACED;
    default:
        return STATUS_VALID;
    }
}

static void a_status_changes_as_the_rules_allow(void **state)
{
    static const struct {
        const char *way;
        bool fine; /* the last step */
    } ways[] = {
        {"R", true},   {"C", true},   {"S", true},   {"N", true},   {"SV", true},
        {"SR", true},  {"SC", true},  {"SVR", true}, {"V", false},  {"SS", false},
        {"RR", false}, {"RV", false}, {"RS", false}, {"RC", false}, {"CV", false},
        {"CR", false}, {"CS", false}, {"SN", false}, {"NV", false}, {"NR", false},
    };
    struct store *s = open_with_offices();
    struct err e;

    (void)state;
    for (unsigned i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        issue_sample(s, i);
        for (const char *to = ways[i].way; *to != '\0'; to++) {
            int rc = store_change_status(s, id_of(i), status_of(*to), &by_key, &e);

            if (to[1] != '\0' || ways[i].fine)
                assert_done(rc, e);
            else
                assert_refused(rc, e, ERR_CONFLICT);
        }
    }
    assert_refused(store_change_status(s, id_of(999), STATUS_REVOKED, &by_key, &e), e, ERR_NOT_FOUND);
    store_close(s);
}

static void a_certificate_that_is_only_reserved_has_no_status_to_change(void **state)
{
    struct store *s = open_with_offices();
    struct sample m;
    struct err e;

    (void)state;
    assert_done(store_reserve(s, sample_make(&m, 1), &e), e);
    assert_refused(store_change_status(s, id_of(1), STATUS_REVOKED, &by_key, &e), e, ERR_CONFLICT);
    assert_non_null(strstr(e.en, "not issued"));
    store_close(s);
}

static void every_change_leaves_an_event_that_stays(void **state)
{
    struct store *s = open_with_offices();
    struct certificate_event *list, wrong = {.certificate = id_of(1), .event = "forgotten"};
    struct arena a = ARENA_INIT;
    struct certificate_row row;
    size_t count;
    struct err e;

    (void)state;
    issue_sample(s, 1);
    assert_done(store_change_status(s, id_of(1), STATUS_SUSPENDED, &by_key, &e), e);
    assert_done(store_change_status(s, id_of(1), STATUS_VALID, &by_key, &e), e);
    assert_done(store_change_status(s, id_of(1), STATUS_REVOKED, &by_key, &e), e);
    assert_done(store_list_events(&list, &count, s, id_of(1), &a, &e), e);
    assert_int_equal(count, 4);
    assert_string_equal(list[0].event, "issued");
    assert_string_equal(list[0].actor, "command line");
    assert_int_equal(list[0].moment, 2000);
    assert_string_equal(list[2].event, "reinstated");
    assert_string_equal(list[3].event, "revoked");
    assert_string_equal(list[3].actor, "k1");
    assert_string_equal(list[3].document, "皖人社〔2026〕1号");
    row = row_of(s, 1, &a);
    assert_int_equal(row.status, STATUS_REVOKED);
    assert_int_equal(row.status_time, 5000);
    assert_string_equal(row.status_reason, "弄虚作假");
    assert_refused(store_execute(s, "DELETE FROM certificate_events", &e), e, ERR_CONFLICT);
    assert_refused(store_execute(s, "UPDATE certificate_events SET actor = 'x'", &e), e, ERR_CONFLICT);
    assert_refused(store_add_event(s, &wrong, &e), e, ERR_INVALID);
    wrong = (struct certificate_event){.certificate = "no such", .event = "issued"};
    assert_refused(store_add_event(s, &wrong, &e), e, ERR_INVALID);
    arena_dispose(&a);
    store_close(s);
}

static void what_a_certificate_says_cannot_be_changed_by_any_statement(void **state)
{
    static const char *const attempts[] = {
        "DELETE FROM certificates",
        "UPDATE certificates SET number = 'other'",
        "UPDATE certificates SET token = 'other'",
        "UPDATE certificates SET id = 'other'",
        "UPDATE certificates SET created = 1",
        "UPDATE certificates SET record_json = '{}'",
        "UPDATE certificates SET order_json = '{}'",
        "UPDATE certificates SET content_hash = x'00'",
        "UPDATE certificates SET photo = photo",
        "UPDATE certificates SET holder_name = 'other'",
        "UPDATE certificates SET file_sha256 = x'00'",
        "UPDATE certificates SET state = 'reserved'",
        "UPDATE certificates SET replaces = id",
    };
    struct store *s = open_with_offices();
    struct err e;

    (void)state;
    issue_sample(s, 1);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        if (store_execute(s, attempts[i], &e) == 0 || e.code != ERR_CONFLICT)
            fail_msg("%s", attempts[i]);
    }
    store_close(s);
}

static struct certificate_row *replacement(struct sample *m, unsigned n, unsigned old)
{
    (void)snprintf(sample_make(m, n)->replaces, CERTIFICATE_ID_SIZE, "%032x", old);
    m->row.reason = "姓名变更";
    m->row.actor = "k2";
    return &m->row;
}

static void a_replacement_takes_the_old_ones_place_when_it_is_issued(void **state)
{
    struct store *s = open_with_offices();
    struct certificate_event *list;
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    struct sample m, other;
    size_t count;
    struct err e;

    (void)state;
    issue_sample(s, 1);
    assert_done(store_reserve(s, replacement(&m, 2, 1), &e), e);
    assert_int_equal(row_of(s, 1, &a).status, STATUS_VALID); /* until then it is good */
    assert_refused(store_reserve(s, replacement(&other, 3, 1), &e), e, ERR_CONFLICT);
    assert_non_null(strstr(e.en, "N2"));
    assert_done(store_issued(s, &m.row, &e), e);
    row = row_of(s, 1, &a);
    assert_int_equal(row.status, STATUS_REPLACED);
    assert_string_equal(row.replaced_by, id_of(2));
    assert_string_equal(row.status_reason, "姓名变更");
    row = row_of(s, 2, &a);
    assert_string_equal(row.replaces, id_of(1));
    assert_string_equal(row.actor, "k2");
    assert_int_equal(row.status, STATUS_VALID);
    assert_done(store_list_events(&list, &count, s, id_of(1), &a, &e), e);
    assert_string_equal(list[count - 1].event, "replaced");
    assert_string_equal(list[count - 1].actor, "k2");
    assert_refused(store_reserve(s, replacement(&other, 3, 1), &e), e, ERR_CONFLICT);
    assert_done(store_reserve(s, replacement(&other, 3, 2), &e), e); /* the new one can be replaced again */
    arena_dispose(&a);
    store_close(s);
}

static void only_a_valid_certificate_is_replaced(void **state)
{
    struct store *s = open_with_offices();
    struct sample m;
    struct err e;

    (void)state;
    issue_sample(s, 1);
    assert_done(store_change_status(s, id_of(1), STATUS_SUSPENDED, &by_key, &e), e);
    assert_refused(store_reserve(s, replacement(&m, 2, 1), &e), e, ERR_CONFLICT);
    assert_refused(store_reserve(s, replacement(&m, 2, 77), &e), e, ERR_NOT_FOUND);
    assert_done(store_reserve(s, sample_make(&m, 3), &e), e);
    assert_refused(store_reserve(s, replacement(&m, 2, 3), &e), e, ERR_CONFLICT); /* itself reserved */
    store_close(s);
}

static void a_revocation_that_came_meanwhile_stands(void **state)
{
    struct store *s = open_with_offices();
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    struct sample m;
    struct err e;

    (void)state;
    issue_sample(s, 1);
    assert_done(store_reserve(s, replacement(&m, 2, 1), &e), e);
    assert_done(store_change_status(s, id_of(1), STATUS_REVOKED, &by_key, &e), e);
    assert_done(store_issued(s, &m.row, &e), e);
    row = row_of(s, 1, &a);
    assert_int_equal(row.status, STATUS_REVOKED);
    assert_string_equal(row.status_reason, "弄虚作假");
    assert_string_equal(row.replaced_by, id_of(2));
    arena_dispose(&a);
    store_close(s);
}

static void a_malformed_token_is_as_unknown_as_any(void **state)
{
    static const char *const tokens[] = {
        "", "unknown", "' OR ''='", "\xff\xfe", "token-", "0123456789012345678901234567890123456789", NULL};
    struct store *s = open_with_offices();
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    struct sample m;
    char longer[64];
    struct err e;

    (void)state;
    (void)sample_make(&m, 1);
    memset(m.row.token, 'x', TOKEN_SIZE - 1); /* the longest there can be */
    assert_done(store_reserve(s, &m.row, &e), e);
    assert_done(store_certificate_by_token(&row, s, m.row.token, &a, &e), e);
    assert_string_equal(row.id, m.row.id);
    (void)snprintf(longer, sizeof longer, "%syz", m.row.token);
    assert_refused(store_certificate_by_token(&row, s, longer, &a, &e), e, ERR_NOT_FOUND);
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        assert_refused(store_certificate_by_token(&row, s, tokens[i], &a, &e), e, ERR_NOT_FOUND);
    arena_dispose(&a);
    store_close(s);
}

static void a_number_shared_by_issuers_finds_the_issued_ones(void **state)
{
    struct store *s = open_with_offices();
    struct certificate_row rows[4];
    struct arena a = ARENA_INIT;
    struct sample m;
    uint8_t sha[SHA256_SIZE] = {1, 0, 1};
    size_t count;
    struct err e;

    (void)state;
    issue_sample(s, 1);
    (void)sample_make(&m, 2);
    m.row.number = "N1";
    m.row.organisation = m.row.issuer = "b";
    m.row.profile = "q";
    assert_done(store_reserve(s, &m.row, &e), e);
    assert_done(store_certificates_by_number(rows, 4, &count, s, "N1", &a, &e), e);
    assert_int_equal(count, 1);
    assert_done(store_issued(s, &m.row, &e), e);
    assert_done(store_certificates_by_number(rows, 4, &count, s, "N1", &a, &e), e);
    assert_int_equal(count, 2);
    assert_done(store_certificates_by_number(rows, 1, &count, s, "N1", &a, &e), e);
    assert_int_equal(count, 1);
    assert_done(store_certificates_by_number(rows, 4, &count, s, "N%", &a, &e), e);
    assert_int_equal(count, 0);
    assert_done(store_certificate_by_file(&rows[0], s, sha, &a, &e), e);
    assert_string_equal(rows[0].id, id_of(1));
    sha[3] = 9;
    assert_refused(store_certificate_by_file(&rows[0], s, sha, &a, &e), e, ERR_NOT_FOUND);
    arena_dispose(&a);
    store_close(s);
}

static void pages_show_every_row_once_also_where_moments_are_equal(void **state)
{
    struct store *s = open_with_offices();
    struct certificate_filter f = {.organisation = "a"};
    struct certificate_row rows[3];
    struct arena a = ARENA_INIT;
    bool seen[20] = {false};
    size_t count, total = 0;
    struct err e;

    (void)state;
    for (unsigned n = 0; n < 20; n++) {
        struct sample m;

        sample_make(&m, n)->created = 1000 + n / 7; /* seven at a time */
        assert_done(store_reserve(s, &m.row, &e), e);
    }
    do {
        int64_t before = total == 0 ? INT64_MAX : f.after_created;

        assert_done(store_list_certificates(rows, 3, &count, s, &f, &a, &e), e);
        for (size_t i = 0; i < count; i++) {
            unsigned long n = strtoul(rows[i].id, NULL, 16);

            assert_true(n < 20 && !seen[n] && rows[i].created <= before);
            seen[n] = true;
            before = rows[i].created;
        }
        total += count;
        if (count > 0) {
            f.after_created = rows[count - 1].created;
            f.after_id = arena_text(&a, rows[count - 1].id);
        }
    } while (count == 3);
    assert_int_equal(total, 20);
    arena_dispose(&a);
    store_close(s);
}

static size_t listed(struct store *s, const struct certificate_filter *f)
{
    struct certificate_row rows[64];
    struct arena a = ARENA_INIT;
    size_t count;
    struct err e;

    assert_done(store_list_certificates(rows, 64, &count, s, f, &a, &e), e);
    arena_dispose(&a);
    return count;
}
#define LISTED(s, ...) listed(s, &(struct certificate_filter){__VA_ARGS__})

static void every_filter_narrows_the_list_alone_and_with_others(void **state)
{
    static const enum certificate_status valid = STATUS_VALID, revoked = STATUS_REVOKED;
    static const enum certificate_state reserved = CERTIFICATE_RESERVED, issued = CERTIFICATE_ISSUED;
    struct store *s = open_with_offices();
    struct sample m;
    struct err e;

    (void)state;
    for (unsigned n = 0; n < 15; n++) {
        struct certificate_row *row = sample_make(&m, n);

        row->created = 1000 + n;
        if (n >= 10) {
            row->organisation = row->issuer = "b";
            row->profile = "q";
        }
        assert_done(store_reserve(s, row, &e), e);
        if (n % 5 != 0)
            assert_done(store_issued(s, row, &e), e);
    }
    assert_done(store_change_status(s, id_of(1), STATUS_REVOKED, &by_key, &e), e);
    assert_int_equal(LISTED(s, .year = 0), 15);
    assert_int_equal(LISTED(s, .organisation = "a"), 10);
    assert_int_equal(LISTED(s, .organisation = "b", .profile = "q"), 5);
    assert_int_equal(LISTED(s, .organisation = "a", .profile = "q"), 0);
    assert_int_equal(LISTED(s, .profile = "p"), 10);
    assert_int_equal(LISTED(s, .biz_no = "N3"), 1);
    assert_int_equal(LISTED(s, .organisation = "b", .biz_no = "N3"), 0);
    assert_int_equal(LISTED(s, .number = "N3"), 1);
    assert_int_equal(LISTED(s, .organisation = "b", .number = "N3"), 0);
    assert_int_equal(LISTED(s, .name = "姓名1"), 5);
    assert_int_equal(LISTED(s, .name = "姓名1", .organisation = "b"), 2);
    assert_int_equal(LISTED(s, .name = "姓名"), 0);
    assert_int_equal(LISTED(s, .id_number = "ID4"), 1);
    assert_int_equal(LISTED(s, .id_number = "ID4", .name = "姓名2"), 0);
    assert_int_equal(LISTED(s, .year = 2021), 3);
    assert_int_equal(LISTED(s, .state = &reserved), 3);
    assert_int_equal(LISTED(s, .state = &reserved, .organisation = "b"), 1);
    assert_int_equal(LISTED(s, .state = &issued), 12);
    assert_int_equal(LISTED(s, .status = &revoked), 1);
    assert_int_equal(LISTED(s, .status = &revoked, .organisation = "b"), 0);
    assert_int_equal(LISTED(s, .status = &valid, .state = &issued), 11);
    assert_int_equal(LISTED(s, .created_from = 1005), 10);
    assert_int_equal(LISTED(s, .created_from = 1005, .created_until = 1007), 2);
    assert_int_equal(LISTED(s, .created_until = 1007), 7);
    assert_int_equal(LISTED(s, .created_until = 1007, .after_created = 1003, .after_id = id_of(3)), 3);
    assert_int_equal(LISTED(s, .created_until = 1002, .after_created = 1009, .after_id = id_of(9)), 2);
    store_close(s);
}

static void counts_follow_every_change(void **state)
{
    struct store *s = open_with_offices();
    struct store_counts c;
    struct sample m;
    struct err e;

    (void)state;
    issue_sample(s, 1);
    issue_sample(s, 2);
    assert_done(store_reserve(s, sample_make(&m, 3), &e), e);
    assert_done(store_begin(s, &e), e);
    assert_done(store_issued(s, &m.row, &e), e);
    store_rollback(s);
    assert_done(store_change_status(s, id_of(1), STATUS_REVOKED, &by_key, &e), e);
    assert_done(store_count(&c, s, &e), e);
    assert_true(c.issued == 2 && c.reserved == 1 && c.file_faults == 0);
    store_close(s);
}

/* --- no question reads the whole register --- */

enum { ROWS = 20000, STEPS_MAX = ROWS / 4 };

static struct store *big;

static int make_register(void **state)
{
    struct register_order o = {.rows = ROWS};
    struct err e;

    if (make_directory(state) != 0)
        return -1;
    assert_done(store_open(&big, dir, true, &e), e);
    assert_done(register_fill(big, &o, &e), e);
    return 0;
}

static int remove_register(void **state)
{
    store_close(big);
    return remove_directory(state);
}

/* Steps of SQLite's machine since this was asked last: what a question costs on any computer. */
static int steps_of(enum sql_statement which)
{
    assert_non_null(big->prepared[which]);
    return sqlite3_stmt_status(big->prepared[which], SQLITE_STMTSTATUS_VM_STEP, 1);
}

static void the_filler_makes_what_the_store_would(void **state)
{
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    struct store_counts c;
    char token[TOKEN_SIZE], id[CERTIFICATE_ID_SIZE];
    struct err e;

    (void)state;
    register_token(token, ROWS - 1);
    register_id(id, ROWS - 1);
    assert_done(store_certificate_by_token(&row, big, token, &a, &e), e);
    assert_string_equal(row.id, id);
    assert_int_equal(row.state, CERTIFICATE_ISSUED);
    assert_non_null(strstr(row.record_json, "正高级工程师"));
    assert_done(store_count(&c, big, &e), e);
    assert_int_equal(c.issued, ROWS);
    arena_dispose(&a);
}

static void single_rows_are_found_by_an_index(void **state)
{
    struct certificate_row row, rows[4];
    struct arena a = ARENA_INIT;
    char text[40];
    uint8_t sha[SHA256_SIZE] = {0};
    struct store_counts c;
    size_t count;
    struct err e;

    (void)state;
    register_token(text, ROWS / 2);
    assert_done(store_certificate_by_token(&row, big, text, &a, &e), e);
    assert_in_range(steps_of(SQL_CERTIFICATE_BY_TOKEN), 1, 200);
    assert_refused(store_certificate_by_token(&row, big, "unknown", &a, &e), e, ERR_NOT_FOUND);
    assert_in_range(steps_of(SQL_CERTIFICATE_BY_TOKEN), 1, 200);
    register_number(text, ROWS / 2);
    assert_done(store_certificates_by_number(rows, 4, &count, big, text, &a, &e), e);
    assert_int_equal(count, 1);
    assert_in_range(steps_of(SQL_CERTIFICATES_BY_NUMBER), 1, 400);
    assert_refused(store_certificate_by_file(&row, big, sha, &a, &e), e, ERR_NOT_FOUND);
    assert_in_range(steps_of(SQL_CERTIFICATE_BY_FILE), 1, 200);
    assert_done(store_next_to_check(&row, big, INT64_MAX, INT64_MAX, &a, &e), e);
    assert_in_range(steps_of(SQL_NEXT_TO_CHECK), 1, 200);
    assert_done(store_count(&c, big, &e), e);
    assert_in_range(steps_of(SQL_COUNTS), 1, 50);
    arena_dispose(&a);
}

static void costs_little(const struct certificate_filter *f, size_t expected)
{
    struct certificate_row rows[50];
    struct arena a = ARENA_INIT;
    size_t count;
    struct err e;
    int steps;

    assert_done(store_list_certificates(rows, 50, &count, big, f, &a, &e), e);
    arena_dispose(&a);
    steps = steps_of(certificate_list_statement(f));
    if (count != expected || steps > STEPS_MAX)
        fail_msg("statement %d: %zu rows, %d steps", certificate_list_statement(f), count, steps);
}

static void lists_are_read_from_an_index_in_their_order(void **state)
{
    static const enum certificate_status revoked = STATUS_REVOKED, valid = STATUS_VALID;
    static const enum certificate_state reserved = CERTIFICATE_RESERVED;
    char text[40], id[CERTIFICATE_ID_SIZE];
    struct certificate_filter f = {.organisation = register_organisation};

    (void)state;
    costs_little(&f, 50);
    register_id(id, ROWS / 2); /* a page in the middle costs what the first one costs */
    f.after_id = id;
    f.after_created = register_created(ROWS / 2);
    costs_little(&f, 50);
    f.created_until = INT64_MAX; /* also where both bounds are given */
    costs_little(&f, 50);
    costs_little(&(struct certificate_filter){.year = 0}, 50);
    costs_little(&(struct certificate_filter){.status = &valid}, 50);
    costs_little(&(struct certificate_filter){.status = &revoked}, 0);
    costs_little(&(struct certificate_filter){.state = &reserved, .organisation = register_organisation}, 0);
    register_number(text, 77);
    costs_little(&(struct certificate_filter){.number = text, .organisation = register_organisation}, 1);
    register_biz_no(text, 77);
    costs_little(&(struct certificate_filter){.biz_no = text, .organisation = register_organisation}, 1);
    register_id_number(text, 77);
    costs_little(&(struct certificate_filter){.id_number = text, .organisation = register_organisation}, 2);
    register_name(text, 77);
    costs_little(&(struct certificate_filter){.name = text, .organisation = register_organisation}, 2);
    costs_little(&(struct certificate_filter){.organisation = "nobody"}, 0);
}

/* What has no index of its own is judged within one that is small beside the rows. */
static void a_list_never_sorts_or_scans_the_rows(void **state)
{
    char sql[4096];
    sqlite3_stmt *q;

    (void)state;
    for (int i = SQL_LIST_NEWEST; i <= SQL_LIST_OF_STATUS; i++) {
        bool few = i == SQL_LIST_BY_NUMBER || i == SQL_LIST_BY_BIZ_NO || i == SQL_LIST_BY_ID_NUMBER;

        (void)snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN %s", statements[i]);
        assert_int_equal(sqlite3_prepare_v2(big->db, sql, -1, &q, NULL), SQLITE_OK);
        while (sqlite3_step(q) == SQLITE_ROW) {
            const char *plan = (const char *)sqlite3_column_text(q, 3);

            if (strstr(plan, "SCAN") != NULL || (strstr(plan, "TEMP B-TREE") != NULL && !few))
                fail_msg("statement %d: %s", i, plan);
        }
        (void)sqlite3_finalize(q);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(a_status_changes_as_the_rules_allow),
        WITH_DIRECTORY(a_certificate_that_is_only_reserved_has_no_status_to_change),
        WITH_DIRECTORY(every_change_leaves_an_event_that_stays),
        WITH_DIRECTORY(what_a_certificate_says_cannot_be_changed_by_any_statement),
        WITH_DIRECTORY(a_replacement_takes_the_old_ones_place_when_it_is_issued),
        WITH_DIRECTORY(only_a_valid_certificate_is_replaced),
        WITH_DIRECTORY(a_revocation_that_came_meanwhile_stands),
        WITH_DIRECTORY(a_malformed_token_is_as_unknown_as_any),
        WITH_DIRECTORY(a_number_shared_by_issuers_finds_the_issued_ones),
        WITH_DIRECTORY(pages_show_every_row_once_also_where_moments_are_equal),
        WITH_DIRECTORY(every_filter_narrows_the_list_alone_and_with_others),
        WITH_DIRECTORY(counts_follow_every_change),
    };
    const struct CMUnitTest big_tests[] = {
        cmocka_unit_test(the_filler_makes_what_the_store_would),
        cmocka_unit_test(single_rows_are_found_by_an_index),
        cmocka_unit_test(lists_are_read_from_an_index_in_their_order),
        cmocka_unit_test(a_list_never_sorts_or_scans_the_rows),
    };
    int small = cmocka_run_group_tests(tests, NULL, NULL);

    return cmocka_run_group_tests(big_tests, make_register, remove_register) + small;
}
