/* store_filings_test.c - filings move as they may and no other way; entries are listed, numbered, given a
 * photo, corrected and removed; what was submitted stays. */
#include "unit/store_filing_fixture.h"

static int try_move(struct store *s, const char *filing, const char *event, struct err *e)
{
    struct filing_event ev = {.moment = 2000, .filing = filing, .event = event, .actor = "k1"};

    return store_move_filing(s, &ev, strcmp(event, "passed") == 0 ? "filing-x" : NULL, e);
}

/* Every move from every status; the way there first. */
static void a_filing_moves_as_it_may_and_no_other_way(void **state)
{
    static const char *const moves[] = {"submitted", "passed", "returned"};
    static const struct {
        const char *way[2];
        enum filing_status at, after[3]; /* FILING_EDITING: refused */
    } cases[] = {
        {{NULL, NULL}, FILING_EDITING, {FILING_REVIEWING, FILING_EDITING, FILING_EDITING}},
        {{"submitted", NULL}, FILING_REVIEWING, {FILING_EDITING, FILING_APPROVED, FILING_RETURNED}},
        {{"submitted", "returned"}, FILING_RETURNED, {FILING_REVIEWING, FILING_EDITING, FILING_EDITING}},
        {{"submitted", "passed"}, FILING_APPROVED, {FILING_EDITING, FILING_EDITING, FILING_EDITING}},
    };
    struct store *s = open_with_offices();
    struct arena a = ARENA_INIT;
    struct filing_row f, now;
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int m = 0; m < 3; m++) {
            enum filing_status after = cases[i].after[m];

            f = filing_of(s, "a");
            for (int k = 0; k < 2 && cases[i].way[k] != NULL; k++)
                assert_done(try_move(s, f.id, cases[i].way[k], &e), e);
            assert_done(store_filing(&now, s, f.id, &a, &e), e);
            assert_int_equal(now.status, cases[i].at);
            if (after == FILING_EDITING)
                assert_refused(try_move(s, f.id, moves[m], &e), e, ERR_CONFLICT);
            else
                assert_done(try_move(s, f.id, moves[m], &e), e);
            assert_done(store_filing(&now, s, f.id, &a, &e), e);
            assert_int_equal(now.status, after == FILING_EDITING ? cases[i].at : after);
        }
    }
    assert_refused(try_move(s, f.id, "forgotten", &e), e, ERR_INVALID);
    assert_refused(try_move(s, "nobody", "submitted", &e), e, ERR_NOT_FOUND);
    arena_dispose(&a);
    store_close(s);
}

static void a_pass_keeps_who_when_why_and_under_which_grant(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_of(s, "a"), now;
    struct filing_event *list,
        ev = {.moment = 3000, .filing = f.id, .event = "passed", .actor = "k2", .reason = "同意"};
    struct arena a = ARENA_INIT;
    size_t count;
    struct err e;

    (void)state;
    move(s, f.id, "submitted");
    assert_done(store_move_filing(s, &ev, "filing-x", &e), e);
    assert_done(store_filing(&now, s, f.id, &a, &e), e);
    assert_string_equal(now.submitter, "k1");
    assert_string_equal(now.decider, "k2");
    assert_string_equal(now.opinion, "同意");
    assert_string_equal(now.grantee, "filing-x");
    assert_int_equal(now.submitted, 2000);
    assert_int_equal(now.decided, 3000);
    assert_done(store_list_filing_events(&list, &count, s, f.id, &a, &e), e);
    assert_int_equal(count, 2);
    assert_string_equal(list[1].reason, "同意");
    assert_null(list[1].entry);
    assert_refused(store_execute(s, "UPDATE filing_events SET actor = 'x'", &e), e, ERR_CONFLICT);
    assert_refused(store_execute(s, "DELETE FROM filing_events", &e), e, ERR_CONFLICT);
    arena_dispose(&a);
    store_close(s);
}

static void what_was_submitted_cannot_be_changed_by_any_statement(void **state)
{
    static const char *const attempts[] = {
        "DELETE FROM filings",
        "UPDATE filings SET name = 'x'",
        "UPDATE filings SET organisation = 'b'",
        "UPDATE filings SET document_size = 1",
        "UPDATE filings SET status = 'editing'",
        "UPDATE filings SET accession_state = 'checking'",
        "DELETE FROM entries",
        "UPDATE entries SET position = 9",
        "UPDATE entries SET serial = 9",
        "UPDATE entries SET number = 'x'",
        "UPDATE entries SET issuer = 'a'",
        "UPDATE entries SET data_json = '{\"x\":1}'",
        "UPDATE entries SET name = 'x'",
        "UPDATE entries SET id_number = 'x'",
        "DELETE FROM persons",
    };
    struct store *s = open_with_offices();
    struct person p = {.name = "张三", .id_type = "护照", .id_number = "E1"};
    struct filing_row f;
    bool made;
    struct err e;

    (void)state;
    put_photo(s, "u1");
    f = filing_in_queue(s, "a", "A", 1, "u1");
    assert_done(store_put_person(&p, &made, s, 5, &e), e);
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        if (store_execute(s, attempts[i], &e) == 0)
            fail_msg("possible: %s", attempts[i]);
        assert_int_equal(e.code, ERR_CONFLICT);
    }
    assert_refused(store_change_filing(s, &f, &e), e, ERR_CONFLICT);
    assert_refused(store_put_filing_document(s, f.id, "x.pdf", slice_of("%PDF"), 5, &e), e, ERR_CONFLICT);
    assert_refused(store_clear_entries(s, f.id, &e), e, ERR_CONFLICT);
    store_close(s);
}

static void the_document_is_kept_and_read_back(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_of(s, "a"), now;
    struct buf out = BUF_INIT(64);
    struct arena a = ARENA_INIT;
    struct err e;

    (void)state;
    assert_refused(store_filing_document(&out, s, &f, &e), e, ERR_NOT_FOUND);
    assert_done(store_put_filing_document(s, f.id, "批复.pdf", slice_of("%PDF-1"), 5, &e), e);
    assert_done(store_put_filing_document(s, f.id, "批复.pdf", slice_of("%PDF-22"), 6, &e), e);
    assert_done(store_filing(&now, s, f.id, &a, &e), e);
    assert_int_equal(now.document_size, 7);
    assert_string_equal(now.document_no, "批复.pdf");
    assert_done(store_filing_document(&out, s, &now, &e), e);
    assert_true(slice_equal(buf_view(&out), slice_of("%PDF-22")));
    f.name = "别名";
    f.changed = 7;
    assert_done(store_change_filing(s, &f, &e), e);
    assert_done(store_filing(&now, s, f.id, &a, &e), e);
    assert_string_equal(now.name, "别名");
    assert_int_equal(now.document_size, 7);
    buf_dispose(&out);
    arena_dispose(&a);
    store_close(s);
}

static void filings_are_listed_for_those_whom_they_concern(void **state)
{
    static const enum filing_status reviewing = FILING_REVIEWING;
    struct store *s = open_with_offices();
    struct filing_row first = filing_of(s, "a"), second = filing_of(s, "a"), third = filing_of(s, "b");
    struct filing_row rows[4], page[1];
    struct filing_filter mine = {.organisation = "a"}, theirs = {.organisation = "b"};
    struct arena a = ARENA_INIT;
    size_t count;
    struct err e;

    (void)state;
    move(s, first.id, "submitted");
    assert_done(store_list_filings(rows, 4, &count, s, &mine, &a, &e), e);
    assert_int_equal(count, 2);
    assert_done(store_list_filings(rows, 4, &count, s, &theirs, &a, &e), e);
    assert_int_equal(count, 2); /* its own, and what waits for it; not what "a" still edits */
    for (size_t i = 0; i < count; i++)
        assert_string_not_equal(rows[i].id, second.id);
    assert_done(store_list_filings(rows, 4, &count, s, &(struct filing_filter){.status = &reviewing}, &a, &e),
                e);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].id, first.id);
    assert_done(store_list_filings(rows, 4, &count, s, &(struct filing_filter){.name = "评审"}, &a, &e), e);
    assert_int_equal(count, 3);
    assert_done(store_list_filings(rows, 4, &count, s, &(struct filing_filter){.name = "%"}, &a, &e), e);
    assert_int_equal(count, 0);
    assert_done(store_list_filings(
                    rows, 4, &count, s,
                    &(struct filing_filter){.approval_no = "8号", .type = "评审", .year = 2025}, &a, &e),
                e);
    assert_int_equal(count, 3);
    mine = (struct filing_filter){.year = 2025};
    for (int i = 0; i < 3; i++) { /* page by page, each once, also within one second */
        assert_done(store_list_filings(page, 1, &count, s, &mine, &a, &e), e);
        assert_int_equal(count, 1);
        assert_true(mine.after_id == NULL || strcmp(page[0].id, mine.after_id) < 0);
        mine.after_created = page[0].created;
        mine.after_id = arena_text(&a, page[0].id);
    }
    assert_done(store_list_filings(page, 1, &count, s, &mine, &a, &e), e);
    assert_int_equal(count, 0);
    (void)third;
    arena_dispose(&a);
    store_close(s);
}

static void nobody_and_no_serial_is_twice_in_a_filing(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_of(s, "a"), other = filing_of(s, "a");
    struct entry_row twin = {.serial = 2, .name = "李四", .id_type = "护照", .data_json = "{}"};
    struct err e;

    (void)state;
    (void)entry_of(s, &f, 1, NULL);
    memcpy(twin.filing, f.id, sizeof twin.filing);
    twin.id_number = "34000000000001";
    assert_refused(store_add_entry(s, &twin, 5, &e), e, ERR_CONFLICT);
    assert_string_equal(e.field, "/id_number");
    twin.serial = 1;
    twin.id_number = "E2";
    assert_refused(store_add_entry(s, &twin, 5, &e), e, ERR_CONFLICT);
    assert_string_equal(e.field, "/serial");
    assert_int_equal(entry_of(s, &other, 1, NULL).position, 1); /* another filing is another list */
    memcpy(twin.filing, "nobody", 7);
    assert_refused(store_add_entry(s, &twin, 5, &e), e, ERR_NOT_FOUND);
    move(s, f.id, "submitted");
    memcpy(twin.filing, f.id, sizeof twin.filing);
    twin.serial = 3;
    assert_refused(store_add_entry(s, &twin, 5, &e), e, ERR_CONFLICT);
    assert_string_equal(e.field, "");
    store_close(s);
}

static void a_list_is_taken_out_whole_while_it_may_be_edited(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_of(s, "a");
    struct err e;

    (void)state;
    for (unsigned n = 1; n <= 5; n++)
        assert_int_equal(entry_of(s, &f, n, NULL).position, n);
    assert_int_equal(count_of(s, f.id, ENTRY_LISTED), 5);
    assert_done(store_clear_entries(s, f.id, &e), e);
    assert_int_equal(count_of(s, f.id, ENTRY_LISTED), 0);
    assert_int_equal(entry_of(s, &f, 1, NULL).position, 1);
    assert_int_equal(count_of(s, f.id, ENTRY_LISTED), 1);
    store_close(s);
}

static void a_number_is_given_once_and_is_nobody_elses(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_of(s, "a");
    struct entry_row one = entry_of(s, &f, 1, NULL), two = entry_of(s, &f, 2, NULL), now;
    struct arena a = ARENA_INIT;
    struct sample m;
    bool taken;
    struct err e;

    (void)state;
    assert_refused(store_number_entry(s, one.id, "b", "X1", 5, &e), e, ERR_CONFLICT); /* not approved */
    move(s, f.id, "submitted");
    assert_refused(store_number_entry(s, one.id, "b", "X1", 5, &e), e, ERR_CONFLICT);
    move(s, f.id, "passed");
    assert_done(store_number_entry(s, one.id, "b", "X1", 5, &e), e);
    assert_refused(store_number_entry(s, one.id, "b", "X2", 5, &e), e, ERR_CONFLICT);
    assert_refused(store_number_entry(s, two.id, "b", "X1", 5, &e), e, ERR_CONFLICT);
    assert_done(store_number_taken(&taken, s, "b", "X1", &e), e);
    assert_true(taken);
    assert_done(store_number_taken(&taken, s, "a", "X1", &e), e);
    assert_false(taken);
    assert_done(store_number_taken(&taken, s, NULL, "X1", &e), e);
    assert_true(taken);
    assert_done(store_entry(&now, s, one.id, &a, &e), e);
    assert_int_equal(now.state, ENTRY_WAITING); /* it has no photo */
    assert_string_equal(now.number, "X1");
    /* an order that has nothing to do with the entry cannot take its number, nor the other way round */
    (void)sample_make(&m, 1);
    m.row.issuer = "b";
    m.row.number = "X1";
    assert_refused(store_reserve(s, &m.row, &e), e, ERR_CONFLICT);
    m.row.number = "X9";
    assert_done(store_reserve(s, &m.row, &e), e);
    assert_refused(store_number_entry(s, two.id, "b", "X9", 5, &e), e, ERR_CONFLICT);
    arena_dispose(&a);
    store_close(s);
}

static void an_accession_is_done_when_every_row_has_its_number(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_of(s, "a"), now;
    struct entry_row one = entry_of(s, &f, 1, NULL), two = entry_of(s, &f, 2, NULL);
    struct filing_event gone = {.moment = 5,
                                .filing = f.id,
                                .entry = two.id,
                                .event = "removed",
                                .actor = "k1",
                                .reason = "重复申报"};
    struct arena a = ARENA_INIT;
    struct err e;

    (void)state;
    assert_refused(store_set_accession(s, f.id, ACCESSION_CHECKING, 5, NULL, &e), e, ERR_CONFLICT);
    move(s, f.id, "submitted");
    move(s, f.id, "passed");
    assert_done(store_set_accession(s, f.id, ACCESSION_CHECKING, 5, NULL, &e), e);
    assert_done(store_set_accession(s, f.id, ACCESSION_REFUSED, 6, "[1]", &e), e);
    assert_done(store_filing(&now, s, f.id, &a, &e), e);
    assert_string_equal(now.accession_report, "[1]");
    assert_int_equal(now.accession, 0);
    assert_done(store_number_entry(s, one.id, "b", "X1", 7, &e), e);
    assert_refused(store_set_accession(s, f.id, ACCESSION_DONE, 7, NULL, &e), e, ERR_CONFLICT);
    assert_done(store_remove_entry(s, &gone, &e), e);
    assert_refused(store_remove_entry(s, &gone, &e), e, ERR_CONFLICT);
    assert_done(store_set_accession(s, f.id, ACCESSION_DONE, 7, NULL, &e), e);
    assert_done(store_filing(&now, s, f.id, &a, &e), e);
    assert_int_equal(now.accession_state, ACCESSION_DONE);
    assert_int_equal(now.accession, 7);
    assert_null(now.accession_report);
    assert_refused(store_set_accession(s, f.id, ACCESSION_REFUSED, 8, NULL, &e), e, ERR_CONFLICT);
    gone.entry = one.id; /* it has a number */
    assert_refused(store_remove_entry(s, &gone, &e), e, ERR_CONFLICT);
    assert_refused(store_number_entry(s, two.id, "b", "X2", 9, &e), e, ERR_CONFLICT); /* removed */
    assert_int_equal(count_of(s, f.id, ENTRY_REMOVED), 1);
    arena_dispose(&a);
    store_close(s);
}

static void while_issuing_is_closed_nothing_is_numbered_or_reserved(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_of(s, "a");
    struct entry_row one = entry_of(s, &f, 1, NULL);
    struct certificate_row old;
    struct arena a = ARENA_INIT;
    const char *why;
    struct sample m;
    struct err e;

    (void)state;
    move(s, f.id, "submitted");
    move(s, f.id, "passed");
    assert_done(store_put_setting(s, "issuing_closed", "restored", &e), e);
    assert_done(store_issuing_closed(&why, s, &a, &e), e);
    assert_string_equal(why, "restored");
    assert_refused(store_number_entry(s, one.id, "b", "X1", 5, &e), e, ERR_UNAVAILABLE);
    assert_non_null(strstr(e.en, "sealpress recover"));
    assert_refused(store_reserve(s, sample_make(&m, 1), &e), e, ERR_UNAVAILABLE);
    assert_refused(store_set_serial(s, "a", "c", 5, &e), e, ERR_UNAVAILABLE);
    old = m.row;
    old.recorded = true;
    assert_refused(store_record_certificate(s, &old, &e), e, ERR_UNAVAILABLE);
    assert_done(store_put_setting(s, "issuing_closed", "", &e), e);
    assert_done(store_issuing_closed(&why, s, &a, &e), e);
    assert_null(why);
    assert_done(store_number_entry(s, one.id, "b", "X1", 5, &e), e);
    assert_done(store_reserve(s, &m.row, &e), e);
    arena_dispose(&a);
    store_close(s);
}

static void pages_of_entries_follow_the_list_state_and_search(void **state)
{
    static const enum entry_state waiting = ENTRY_WAITING, made = ENTRY_MADE;
    struct store *s = open_with_offices();
    struct filing_row f = filing_in_queue(s, "a", "A", 40, NULL);
    struct entry_filter all = {.filing = f.id};
    struct entry_row rows[10];
    struct arena a = ARENA_INIT;
    uint64_t total;
    size_t count;
    struct err e;

    (void)state;
    assert_done(store_list_entries(rows, 35, 10, &count, &total, s, &all, &a, &e), e);
    assert_true(total == 40 && count == 5 && rows[0].position == 36 && rows[4].position == 40);
    assert_done(store_list_entries(NULL, 0, 0, &count, &total, s, &all, &a, &e), e);
    assert_true(total == 40 && count == 0);
    all.state = &waiting;
    assert_done(store_list_entries(rows, 30, 10, &count, &total, s, &all, &a, &e), e);
    assert_true(total == 40 && count == 10 && rows[0].position == 31);
    all.state = &made;
    assert_done(store_list_entries(rows, 0, 10, &count, &total, s, &all, &a, &e), e);
    assert_true(total == 0 && count == 0);
    all.state = NULL;
    all.search = "NA39"; /* part of a number */
    assert_done(store_list_entries(rows, 0, 10, &count, &total, s, &all, &a, &e), e);
    assert_true(total == 1 && count == 1 && rows[0].position == 39);
    all.search = "00017"; /* the end of a document's */
    assert_done(store_list_entries(rows, 0, 10, &count, &total, s, &all, &a, &e), e);
    assert_true(total == 1 && rows[0].serial == 17);
    all.search = "张";
    all.state = &waiting;
    assert_done(store_list_entries(rows, 30, 10, &count, &total, s, &all, &a, &e), e);
    assert_true(total == 40 && count == 10 && rows[9].position == 40);
    all.search = "' OR 1=1 --";
    assert_done(store_list_entries(rows, 0, 10, &count, &total, s, &all, &a, &e), e);
    assert_true(total == 0 && count == 0);
    assert_done(store_next_entries(rows, 10, &count, s, f.id, 38, &a, &e), e);
    assert_true(count == 2 && rows[1].position == 40);
    assert_done(store_entry_by_serial(rows, s, f.id, 7, &a, &e), e);
    assert_int_equal(rows[0].position, 7);
    assert_done(store_entry_by_id_number(rows, s, f.id, "34000000000008", &a, &e), e);
    assert_int_equal(rows[0].position, 8);
    assert_refused(store_entry_by_serial(rows, s, f.id, 99, &a, &e), e, ERR_NOT_FOUND);
    arena_dispose(&a);
    store_close(s);
}

static void a_photo_that_arrives_queues_its_entry(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_in_queue(s, "a", "A", 2, NULL);
    struct entry_row rows[2];
    struct arena a = ARENA_INIT;
    struct claim c;
    size_t count;
    struct err e;

    (void)state;
    put_photo(s, "u1");
    assert_done(store_next_entries(rows, 2, &count, s, f.id, 0, &a, &e), e);
    assert_refused(store_set_entry_photo(s, rows[0].id, "nobody", 5, &e), e, ERR_NOT_FOUND);
    assert_done(store_set_entry_photo(s, rows[0].id, "u1", 3000, &e), e);
    assert_int_equal(count_of(s, f.id, ENTRY_QUEUED), 1);
    assert_int_equal(count_of(s, f.id, ENTRY_WAITING), 1);
    assert_done(store_claim(&c, 32, s, "w", 2999, &a, &e), e);
    assert_int_equal(c.count, 0);
    assert_done(store_claim(&c, 32, s, "w", 3000, &a, &e), e);
    assert_int_equal(c.count, 1);
    assert_string_equal(c.entries[0].id, rows[0].id);
    assert_string_equal(c.entries[0].photo_id, "u1");
    assert_refused(store_set_entry_photo(s, rows[0].id, "u1", 3001, &e), e, ERR_CONFLICT);
    arena_dispose(&a);
    store_close(s);
}

static void a_correction_changes_what_an_entry_says_and_not_its_number(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_in_queue(s, "a", "A", 2, NULL);
    struct entry_row rows[2];
    struct arena a = ARENA_INIT;
    size_t count;
    struct err e;

    (void)state;
    assert_done(store_next_entries(rows, 2, &count, s, f.id, 0, &a, &e), e);
    assert_done(store_correct_entry(s, rows[0].id, "李四", "护照", "E9", "{\"name\":\"李四\"}", 9, &e), e);
    assert_refused(store_correct_entry(s, rows[1].id, "李四", "护照", "E9", "{}", 9, &e), e, ERR_CONFLICT);
    assert_string_equal(e.field, "/id_number");
    assert_done(store_next_entries(rows, 2, &count, s, f.id, 0, &a, &e), e);
    assert_string_equal(rows[0].name, "李四");
    assert_string_equal(rows[0].data_json, "{\"name\":\"李四\"}");
    assert_string_equal(rows[0].number, "NA1");
    assert_int_equal(rows[0].state, ENTRY_WAITING);
    f = filing_of(s, "a");
    rows[0] = entry_of(s, &f, 1, NULL); /* without a number: it is still being edited */
    assert_refused(store_correct_entry(s, rows[0].id, "李四", "护照", "E9", "{}", 9, &e), e, ERR_CONFLICT);
    arena_dispose(&a);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(a_filing_moves_as_it_may_and_no_other_way),
        WITH_DIRECTORY(a_pass_keeps_who_when_why_and_under_which_grant),
        WITH_DIRECTORY(what_was_submitted_cannot_be_changed_by_any_statement),
        WITH_DIRECTORY(the_document_is_kept_and_read_back),
        WITH_DIRECTORY(filings_are_listed_for_those_whom_they_concern),
        WITH_DIRECTORY(nobody_and_no_serial_is_twice_in_a_filing),
        WITH_DIRECTORY(a_list_is_taken_out_whole_while_it_may_be_edited),
        WITH_DIRECTORY(a_number_is_given_once_and_is_nobody_elses),
        WITH_DIRECTORY(an_accession_is_done_when_every_row_has_its_number),
        WITH_DIRECTORY(while_issuing_is_closed_nothing_is_numbered_or_reserved),
        WITH_DIRECTORY(pages_of_entries_follow_the_list_state_and_search),
        WITH_DIRECTORY(a_photo_that_arrives_queues_its_entry),
        WITH_DIRECTORY(a_correction_changes_what_an_entry_says_and_not_its_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
