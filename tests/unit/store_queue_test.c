/* store_queue_test.c - entries are taken fairly, by one worker at a time, never lost, and made once. */
#include "store/store_internal.h"
#include "unit/store_filing_fixture.h"
#include <pthread.h>

static void take(struct claim *out, struct store *s, const char *worker, int64_t now, struct arena *a)
{
    struct err e;

    assert_done(store_claim(out, CLAIM_MAX, s, worker, now, a, &e), e);
}

static struct store *open_with_photo(void)
{
    struct store *s = open_with_offices();

    put_photo(s, "u1");
    return s;
}

static void small_filings_are_not_starved_by_a_big_one(void **state)
{
    struct store *s = open_with_photo();
    struct filing_row big = filing_in_queue(s, "a", "A", 1000, "u1");
    struct filing_row same_office = filing_in_queue(s, "a", "B", 3, "u1");
    struct filing_row other_office = filing_in_queue(s, "b", "C", 3, "u1");
    unsigned of_big = 0, of_same = 0, of_other = 0, by_the_time_same = 0, by_the_time_other = 0;
    struct arena a = ARENA_INIT;
    struct claim c;

    (void)state;
    for (int i = 0; i < 12; i++) {
        take(&c, s, "w", 5000, &a);
        assert_true(c.count > 0);
        if (strcmp(c.filing.id, big.id) == 0)
            of_big += (unsigned)c.count;
        else if (strcmp(c.filing.id, same_office.id) == 0)
            by_the_time_same = of_big, of_same += (unsigned)c.count;
        else
            by_the_time_other = of_big, of_other += (unsigned)c.count;
    }
    assert_string_equal(other_office.organisation, "b");
    assert_int_equal(of_same, 3);
    assert_int_equal(of_other, 3);
    assert_true(by_the_time_other <= CLAIM_MAX); /* the second claim at the latest */
    assert_true(by_the_time_same <= CLAIM_MAX);  /* the second claim of their own office */
    assert_int_equal(of_big, 10 * CLAIM_MAX);    /* and nobody waits for nothing */
    arena_dispose(&a);
    store_close(s);
}

static void offices_take_turns_however_many_filings_they_have(void **state)
{
    struct store *s = open_with_photo();
    struct arena a = ARENA_INIT;
    struct claim c;
    unsigned of_b = 0;
    char prefix[8];

    (void)state;
    for (int i = 0; i < 5; i++) {
        (void)snprintf(prefix, sizeof prefix, "A%d-", i);
        (void)filing_in_queue(s, "a", prefix, 70, "u1");
    }
    (void)filing_in_queue(s, "b", "B", 200, "u1");
    for (int i = 0; i < 8; i++) {
        take(&c, s, "w", 5000, &a);
        of_b += strcmp(c.filing.organisation, "b") == 0;
    }
    assert_int_equal(of_b, 4);
    arena_dispose(&a);
    store_close(s);
}

static void a_claim_is_in_the_order_of_the_list(void **state)
{
    struct store *s = open_with_photo();
    struct arena a = ARENA_INIT;
    struct claim c;

    (void)state;
    (void)filing_in_queue(s, "a", "A", 50, "u1");
    for (unsigned from = 0; from < 50; from += CLAIM_MAX) {
        take(&c, s, "w", 5000, &a);
        for (size_t i = 0; i < c.count; i++) {
            assert_int_equal(c.entries[i].position, from + i + 1);
            assert_int_equal(c.entries[i].state, ENTRY_WORKING);
            assert_int_equal(c.entries[i].fence, 1);
        }
        assert_int_equal(c.lease_until, 5000 + LEASE_SECONDS);
    }
    arena_dispose(&a);
    store_close(s);
}

static void a_late_worker_changes_nothing(void **state)
{
    struct store *s = open_with_photo();
    struct filing_row f = filing_in_queue(s, "a", "A", 1, "u1");
    const struct err why = {.en = "late", .zh = "迟"};
    const struct entry_fault fault = {"other", &why};
    struct arena a = ARENA_INIT;
    struct claim first, second;
    struct certificate_row *row;
    struct entry_row now;
    struct sample m;
    bool holds;
    struct err e;

    (void)state;
    take(&first, s, "w1", 5000, &a);
    take(&second, s, "w2", 5000 + LEASE_SECONDS - 1, &a);
    assert_int_equal(second.count, 0); /* the lease holds */
    take(&second, s, "w2", 5000 + LEASE_SECONDS, &a);
    assert_int_equal(second.count, 1);
    assert_true(second.entries[0].fence > first.entries[0].fence);
    assert_done(store_claim_holds(&holds, s, first.entries[0].id, first.entries[0].fence, &e), e);
    assert_false(holds);
    assert_done(store_give_back(s, first.entries[0].id, first.entries[0].fence, &fault, 9000, true, 9000, &e),
                e);
    assert_done(store_give_back(s, first.entries[0].id, first.entries[0].fence, NULL, 0, false, 9000, &e), e);
    row = sample_make(&m, 1);
    row->issuer = f.issuer;
    row->number = "NA1";
    memcpy(row->entry, first.entries[0].id, sizeof row->entry);
    assert_refused(store_reserve_entry(s, row, first.entries[0].fence, &e), e, ERR_CONFLICT);
    assert_done(store_claim_holds(&holds, s, first.entries[0].id, second.entries[0].fence, &e), e);
    assert_true(holds);
    assert_done(store_entry(&now, s, first.entries[0].id, &a, &e), e);
    assert_true(now.state == ENTRY_WORKING && now.attempts == 0 && now.fault_code == NULL);
    assert_done(store_reserve_entry(s, row, second.entries[0].fence, &e), e);
    arena_dispose(&a);
    store_close(s);
}

static void an_issued_certificate_completes_its_entry_whoever_issues_it(void **state)
{
    struct store *s = open_with_photo();
    struct filing_row f = filing_in_queue(s, "a", "A", 3, "u1");
    struct arena a = ARENA_INIT;
    struct queue_state queue;
    struct entry_row now;
    struct claim c;
    struct sample m, other;
    uint64_t made;
    int64_t since;
    bool holds;
    struct err e;

    (void)state;
    take(&c, s, "w", 5000, &a);
    (void)sample_make(&m, 1);
    m.row.issuer = f.issuer;
    m.row.number = "NA1";
    memcpy(m.row.entry, c.entries[0].id, sizeof m.row.entry);
    assert_done(store_reserve_entry(s, &m.row, c.entries[0].fence, &e), e);
    /* another certificate for the same entry, another number for it, somebody else's entry */
    (void)sample_make(&other, 2);
    other.row.issuer = f.issuer;
    memcpy(other.row.entry, c.entries[0].id, sizeof other.row.entry);
    assert_refused(store_reserve_entry(s, &other.row, 0, &e), e, ERR_CONFLICT);
    other.row.number = "NA1";
    assert_refused(store_reserve_entry(s, &other.row, 0, &e), e, ERR_CONFLICT);
    memcpy(other.row.entry, c.entries[1].id, sizeof other.row.entry);
    assert_refused(store_reserve_entry(s, &other.row, 0, &e), e, ERR_CONFLICT);
    memcpy(other.row.entry, "nobody", 7);
    assert_refused(store_reserve_entry(s, &other.row, 0, &e), e, ERR_NOT_FOUND);
    /* while a row waits for its file, neither photo nor data of the entry change */
    assert_done(store_give_back(s, c.entries[0].id, c.entries[0].fence, NULL, 0, false, 5001, &e), e);
    assert_refused(store_set_entry_photo(s, c.entries[0].id, "u1", 5001, &e), e, ERR_CONFLICT);
    assert_refused(store_correct_entry(s, c.entries[0].id, "x", "护照", "E1", "{}", 5001, &e), e,
                   ERR_CONFLICT);
    m.row.issued = 5002; /* the caretaker, say */
    assert_done(store_issued(s, &m.row, &e), e);
    assert_done(store_entry(&now, s, c.entries[0].id, &a, &e), e);
    assert_int_equal(now.state, ENTRY_MADE);
    assert_string_equal(now.certificate, m.row.id);
    assert_done(store_claim_holds(&holds, s, now.id, now.fence, &e), e);
    assert_false(holds);
    assert_done(store_give_back(s, now.id, now.fence, NULL, 0, false, 5003, &e), e);
    assert_int_equal(count_of(s, f.id, ENTRY_MADE), 1);
    assert_int_equal(count_of(s, f.id, ENTRY_WORKING), 2);
    assert_done(store_queue_state(&queue, s, &e), e);
    assert_true(queue.queued == 0 && queue.working == 2 && queue.next == 0);
    assert_done(store_made_lately(&made, &since, s, f.id, 5002, 60, &e), e);
    assert_int_equal(made, 1);
    assert_int_equal(since, 5002);
    assert_done(store_made_lately(&made, &since, s, f.id, 5062, 60, &e), e);
    assert_int_equal(made, 0);
    assert_refused(store_reserve_entry(s, &other.row, 0, &e), e, ERR_NOT_FOUND);
    assert_refused(store_execute(s, "UPDATE entries SET state = 'queued'", &e), e, ERR_CONFLICT);
    arena_dispose(&a);
    store_close(s);
}

static void a_correction_takes_the_entry_over_under_the_same_number(void **state)
{
    struct store *s = open_with_photo();
    struct filing_row f = filing_in_queue(s, "a", "A", 1, "u1");
    struct certificate_event *events;
    struct certificate_row old, rows[4];
    struct arena a = ARENA_INIT;
    struct entry_row now;
    struct sample m[3];
    struct claim c;
    size_t count;
    struct err e;

    (void)state;
    take(&c, s, "w", 5000, &a);
    for (unsigned n = 0; n < 3; n++) {
        (void)sample_make(&m[n], n + 1);
        m[n].row.issuer = f.issuer;
        m[n].row.number = "NA1";
        m[n].row.version = (int)n + 1;
        m[n].row.reason = "姓名有误";
        memcpy(m[n].row.entry, c.entries[0].id, sizeof m[n].row.entry);
        if (n > 0)
            memcpy(m[n].row.replaces, m[n - 1].row.id, sizeof m[n].row.replaces);
    }
    assert_done(store_reserve_entry(s, &m[0].row, 1, &e), e);
    assert_refused(store_reserve_entry(s, &m[1].row, 0, &e), e, ERR_CONFLICT); /* the first is not issued */
    assert_done(store_issued(s, &m[0].row, &e), e);
    m[1].row.version = 3; /* leaves one out */
    assert_refused(store_reserve_entry(s, &m[1].row, 0, &e), e, ERR_CONFLICT);
    m[1].row.version = 2;
    m[1].row.number = "NA2"; /* a correction keeps the number */
    assert_refused(store_reserve_entry(s, &m[1].row, 0, &e), e, ERR_CONFLICT);
    m[1].row.number = "NA1";
    assert_done(store_reserve_entry(s, &m[1].row, 0, &e), e);
    assert_done(store_issued(s, &m[1].row, &e), e);
    assert_done(store_entry(&now, s, c.entries[0].id, &a, &e), e);
    assert_string_equal(now.certificate, m[1].row.id);
    assert_done(store_certificate(&old, s, m[0].row.id, &a, &e), e);
    assert_int_equal(old.status, STATUS_REPLACED);
    assert_string_equal(old.replaced_by, m[1].row.id);
    assert_done(store_list_events(&events, &count, s, old.id, &a, &e), e);
    assert_string_equal(events[count - 1].event, "corrected");
    assert_done(store_certificates_by_number(rows, 4, &count, s, "NA1", &a, &e), e);
    assert_int_equal(count, 2);
    assert_int_equal(count_of(s, f.id, ENTRY_MADE), 1);
    /* what is out of the house is not corrected any more */
    assert_done(store_handed_out(s, m[1].row.id, 6000, &e), e);
    assert_done(store_handed_out(s, m[1].row.id, 7000, &e), e);
    assert_done(store_certificate(&old, s, m[1].row.id, &a, &e), e);
    assert_int_equal(old.handed_out, 6000);
    assert_int_equal(old.version, 2);
    assert_refused(store_reserve_entry(s, &m[2].row, 0, &e), e, ERR_CONFLICT);
    assert_non_null(strstr(e.en, "handed out"));
    assert_refused(store_execute(s, "UPDATE certificates SET handed_out = 0 WHERE handed_out <> 0", &e), e,
                   ERR_CONFLICT);
    arena_dispose(&a);
    store_close(s);
}

static void a_record_of_paper_is_issued_from_the_start(void **state)
{
    struct store *s = open_with_offices();
    struct certificate_event *events;
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    struct sample m, with_file;
    size_t count;
    struct err e;

    (void)state;
    (void)sample_make(&m, 1);
    m.row.recorded = true;
    m.row.template_name = m.row.order_json = NULL;
    memset(m.row.photo, 0, SHA256_SIZE);
    m.row.file_size = 0;
    assert_done(store_record_certificate(s, &m.row, &e), e);
    (void)sample_make(&with_file, 2);
    with_file.row.recorded = true;
    assert_done(store_record_certificate(s, &with_file.row, &e), e);
    assert_done(store_certificate(&row, s, m.row.id, &a, &e), e);
    assert_true(row.recorded && row.state == CERTIFICATE_ISSUED && row.file_size == 0 && row.photo[0] == 0);
    assert_done(store_list_events(&events, &count, s, row.id, &a, &e), e);
    assert_int_equal(count, 1);
    assert_string_equal(events[0].event, "recorded");
    /* only what has a file is checked */
    assert_done(store_next_to_check(&row, s, 9999, 9999, &a, &e), e);
    assert_string_equal(row.id, with_file.row.id);
    assert_done(store_execute(s, "UPDATE certificates SET file_checked = 9999 WHERE file_size > 0", &e), e);
    assert_refused(store_next_to_check(&row, s, 9999, 9999, &a, &e), e, ERR_NOT_FOUND);
    assert_refused(store_record_certificate(s, &m.row, &e), e, ERR_CONFLICT);
    arena_dispose(&a);
    store_close(s);
}

static void a_record_is_given_its_own_file_once(void **state)
{
    struct store *s = open_with_offices();
    const struct slice pdf = slice_of("%PDF-1.4 old"), other = slice_of("%PDF-1.4 another");
    struct certificate_row row;
    struct buf kept = BUF_INIT(1000);
    struct arena a = ARENA_INIT;
    struct sample m;
    struct err e;

    (void)state;
    (void)sample_make(&m, 1);
    m.row.recorded = true;
    m.row.file_size = 0;
    assert_done(store_record_certificate(s, &m.row, &e), e);
    assert_refused(store_put_recorded_file(s, "nobody", pdf, 7, "k", &e), e, ERR_NOT_FOUND);
    assert_done(store_put_recorded_file(s, m.row.id, pdf, 7, "k", &e), e);
    assert_done(store_put_recorded_file(s, m.row.id, pdf, 8, "k", &e), e); /* the same again */
    assert_refused(store_put_recorded_file(s, m.row.id, other, 9, "k", &e), e, ERR_CONFLICT);
    assert_done(store_certificate(&row, s, m.row.id, &a, &e), e);
    assert_done(store_file(&kept, s, &row, &e), e);
    assert_true(slice_equal(buf_view(&kept), pdf) && row.file_crc32 == crc32_of(pdf));
    /* no statement puts another in its place, nor makes anything else of the record */
    assert_refused(store_execute(s, "UPDATE certificates SET file_size = 1", &e), e, ERR_CONFLICT);
    (void)sample_make(&m, 2);
    m.row.recorded = true;
    m.row.file_size = 0;
    assert_done(store_record_certificate(s, &m.row, &e), e);
    assert_refused(store_execute(s, "UPDATE certificates SET issued = 1 WHERE file_size IS NULL", &e), e,
                   ERR_CONFLICT);
    (void)sample_make(&m, 3);
    assert_done(store_put_photo(s, m.row.photo, slice_of("jpeg"), &e), e);
    assert_done(store_reserve(s, &m.row, &e), e); /* ours is no record */
    assert_refused(store_put_recorded_file(s, m.row.id, pdf, 7, "k", &e), e, ERR_CONFLICT);
    buf_dispose(&kept);
    arena_dispose(&a);
    store_close(s);
}

static void failures_wait_longer_and_longer_and_then_for_a_person(void **state)
{
    static const int64_t pauses[] = {5, 30, 120, 600};
    struct store *s = open_with_photo();
    struct filing_row f = filing_in_queue(s, "a", "A", 1, "u1");
    const struct err why = {.en = "Broken photo; send another.", .zh = "照片损坏，请更换。"};
    const struct entry_fault fault = {"other", &why};
    struct queue_state queue;
    struct arena a = ARENA_INIT;
    struct entry_row now;
    struct claim c;
    int64_t t = 5000;
    size_t count;
    struct err e;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        take(&c, s, "w", t, &a);
        assert_int_equal(c.count, 1);
        assert_int_equal(c.entries[0].attempts, i);
        assert_done(
            store_give_back(s, c.entries[0].id, c.entries[0].fence, &fault, t + pauses[i], false, t, &e), e);
        assert_done(store_queue_state(&queue, s, &e), e);
        assert_int_equal(queue.next, t + pauses[i]);
        take(&c, s, "w", t + pauses[i] - 1, &a);
        assert_int_equal(c.count, 0);
        t += pauses[i];
    }
    take(&c, s, "w", t, &a);
    assert_done(store_give_back(s, c.entries[0].id, c.entries[0].fence, &fault, t, true, t, &e), e);
    take(&c, s, "w", t + 100000, &a);
    assert_int_equal(c.count, 0);
    assert_done(store_next_entries(&now, 1, &count, s, f.id, 0, &a, &e), e);
    assert_true(now.state == ENTRY_FAILED && now.attempts == 5);
    assert_string_equal(now.fault_code, "other");
    assert_string_equal(now.fault_zh, why.zh);
    assert_int_equal(count_of(s, f.id, ENTRY_FAILED), 1);
    assert_done(store_retry_entries(s, f.id, now.id, t, &count, &e), e);
    assert_int_equal(count, 1);
    assert_done(store_retry_entries(s, f.id, NULL, t, &count, &e), e);
    assert_int_equal(count, 0); /* it is not failed any more */
    take(&c, s, "w", t, &a);
    assert_true(c.count == 1 && c.entries[0].attempts == 0 && c.entries[0].fault_code == NULL);
    assert_done(store_give_back(s, c.entries[0].id, c.entries[0].fence, NULL, 0, false, t, &e), e);
    take(&c, s, "w", t, &a);
    assert_true(c.count == 1 && c.entries[0].attempts == 0); /* an outage counts as no attempt */
    arena_dispose(&a);
    store_close(s);
}

static void what_is_paused_held_or_not_numbered_yet_is_not_taken(void **state)
{
    struct store *s = open_with_photo();
    struct filing_row f = filing_in_queue(s, "a", "A", 1, "u1"), now;
    struct filing_event ev = {.moment = 1, .filing = f.id, .event = "paused", .actor = "k1"};
    const struct err why = {.en = "no grant", .zh = "无授权"};
    struct filing_event *events;
    struct queue_state queue;
    struct arena a = ARENA_INIT;
    struct claim c;
    size_t count, before;
    struct err e;

    (void)state;
    assert_done(store_list_filing_events(&events, &before, s, f.id, &a, &e), e);
    assert_done(store_pause_filing(s, true, &ev, &e), e);
    assert_done(store_pause_filing(s, true, &ev, &e), e); /* once is enough */
    assert_done(store_list_filing_events(&events, &count, s, f.id, &a, &e), e);
    assert_int_equal(count, before + 1);
    take(&c, s, "w", 5000, &a);
    assert_int_equal(c.count, 0);
    ev.event = "resumed";
    assert_done(store_pause_filing(s, false, &ev, &e), e);
    assert_done(store_hold_filing(s, f.id, 6000, "grant", &why, &e), e);
    take(&c, s, "w", 5999, &a);
    assert_int_equal(c.count, 0);
    assert_done(store_queue_state(&queue, s, &e), e);
    assert_int_equal(queue.next, 6000);
    assert_done(store_filing(&now, s, f.id, &a, &e), e);
    assert_string_equal(now.hold_zh, "无授权");
    assert_done(store_hold_filing(s, f.id, 0, NULL, NULL, &e), e);
    assert_done(store_filing(&now, s, f.id, &a, &e), e);
    assert_true(now.hold_until == 0 && now.hold_code == NULL);
    take(&c, s, "w", 5999, &a);
    assert_int_equal(c.count, 1);
    /* numbered, and even queued, but the accession is not done */
    assert_done(store_execute(s, "UPDATE filing_counts SET open = 0", &e), e);
    assert_done(store_give_back(s, c.entries[0].id, c.entries[0].fence, NULL, 0, false, 6000, &e), e);
    take(&c, s, "w", 7000, &a);
    assert_int_equal(c.count, 0);
    arena_dispose(&a);
    store_close(s);
}

static void dead_workers_give_everything_back(void **state)
{
    struct store *s = open_with_photo();
    struct filing_row f = filing_in_queue(s, "a", "A", 70, "u1");
    const char *const *names;
    struct arena a = ARENA_INIT;
    struct claim c, again;
    size_t count;
    struct err e;

    (void)state;
    take(&c, s, "m1:7:0", 5000, &a);
    take(&c, s, "m1:7:1", 5000, &a);
    take(&c, s, "m2:7:0", 5000, &a);
    assert_done(store_list_workers(&names, &count, s, &a, &e), e);
    assert_int_equal(count, 3);
    assert_done(store_give_back_all(s, "m1:", 5001, &count, &e), e);
    assert_int_equal(count, 64);
    assert_int_equal(count_of(s, f.id, ENTRY_WORKING), 6);
    assert_done(store_list_workers(&names, &count, s, &a, &e), e);
    assert_int_equal(count, 1);
    assert_string_equal(names[0], "m2:7:0");
    take(&again, s, "m3", 5001, &a);
    assert_int_equal(again.count, CLAIM_MAX);
    assert_int_equal(again.entries[0].fence, 2);
    arena_dispose(&a);
    store_close(s);
}

static void places_ahead_are_those_that_will_be_claimed_before(void **state)
{
    struct store *s = open_with_photo();
    struct filing_row big = filing_in_queue(s, "a", "A", 100, "u1");
    struct filing_row small = filing_in_queue(s, "a", "B", 10, "u1");
    struct filing_row other = filing_in_queue(s, "b", "C", 15, "u1");
    uint64_t ahead;
    struct err e;

    (void)state;
    assert_done(store_queue_ahead(&ahead, s, small.id, &e), e);
    assert_int_equal(ahead, 10 + 15);
    assert_done(store_queue_ahead(&ahead, s, other.id, &e), e);
    assert_int_equal(ahead, 15);
    assert_done(store_queue_ahead(&ahead, s, big.id, &e), e);
    assert_int_equal(ahead, 25);
    store_close(s);
}

enum { RACERS = 4, RACED = 400 };
struct racer {
    pthread_t thread;
    char name[8];
    int made, errors;
};

/* Claims and makes until nothing is left; now and then it dies with what it has. */
static void *race(void *arg)
{
    struct racer *r = arg;
    struct store *s;
    struct claim c = {.count = 1};
    struct err e;

    if (store_open(&s, dir, false, &e) != 0) {
        r->errors++;
        return NULL;
    }
    while (c.count > 0 && r->errors == 0) {
        struct arena a = ARENA_INIT;

        r->errors += store_claim(&c, 7, s, r->name, 5000, &a, &e) != 0;
        for (size_t i = 0; i < c.count && r->errors == 0; i++) {
            struct sample m;

            (void)sample_make(&m, c.entries[i].serial);
            m.row.issuer = "b";
            m.row.number = c.entries[i].number;
            memcpy(m.row.entry, c.entries[i].id, sizeof m.row.entry);
            r->errors += store_reserve_entry(s, &m.row, c.entries[i].fence, &e) != 0;
            r->errors += r->errors == 0 && store_issued(s, &m.row, &e) != 0;
            r->made += r->errors == 0;
        }
        arena_dispose(&a);
    }
    store_close(s);
    return NULL;
}

static void threads_that_claim_at_once_never_take_the_same(void **state)
{
    struct store *s = open_with_photo();
    struct filing_row f = filing_in_queue(s, "a", "A", RACED, "u1");
    struct racer all[RACERS] = {{0}};
    int made = 0;

    (void)state;
    for (int i = 0; i < RACERS; i++) {
        (void)snprintf(all[i].name, sizeof all[i].name, "w%d", i);
        assert_int_equal(pthread_create(&all[i].thread, NULL, race, &all[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_join(all[i].thread, NULL), 0);
        assert_int_equal(all[i].errors, 0);
        made += all[i].made;
    }
    assert_int_equal(made, RACED);
    assert_int_equal(count_of(s, f.id, ENTRY_MADE), RACED);
    store_close(s);
}

/* What a clock that was two hours fast left behind must not wait until it is as late as that again. */
static void a_clock_that_is_set_back_makes_nobody_wait(void **state)
{
    enum { FAST = 100000 + 7200, RIGHT = 100000 };
    struct store *s = open_with_photo();
    struct filing_row f = filing_in_queue(s, "a", "A", CLAIM_MAX + 2, "u1");
    struct arena a = ARENA_INIT;
    struct claim c;
    struct err e;

    (void)state;
    take(&c, s, "w", FAST, &a); /* whoever took these died */
    assert_int_equal(c.count, CLAIM_MAX);
    assert_int_equal(sqlite3_exec(s->db,
                                  "UPDATE entries SET run_after = 107200 WHERE state = 'queued';"
                                  "UPDATE filings SET hold_until = 107200, hold_code = 'signer'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    take(&c, s, "x", RIGHT, &a);
    assert_int_equal(c.count, 0);
    assert_done(store_sweep(s, FAST - 3600, &e), e); /* an hour is no wait that is told from others */
    take(&c, s, "x", RIGHT, &a);
    assert_int_equal(c.count, 0);
    assert_done(store_sweep(s, RIGHT, &e), e);
    take(&c, s, "x", RIGHT, &a);
    assert_int_equal(c.count, 2);
    take(&c, s, "x", RIGHT + LEASE_SECONDS - 1, &a); /* a worker that lives keeps what it has */
    assert_int_equal(c.count, 0);
    take(&c, s, "x", RIGHT + LEASE_SECONDS, &a);
    assert_int_equal(c.count, CLAIM_MAX);
    assert_int_equal(count_of(s, f.id, ENTRY_QUEUED), 2);
    arena_dispose(&a);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(small_filings_are_not_starved_by_a_big_one),
        WITH_DIRECTORY(offices_take_turns_however_many_filings_they_have),
        WITH_DIRECTORY(a_claim_is_in_the_order_of_the_list),
        WITH_DIRECTORY(a_late_worker_changes_nothing),
        WITH_DIRECTORY(an_issued_certificate_completes_its_entry_whoever_issues_it),
        WITH_DIRECTORY(a_correction_takes_the_entry_over_under_the_same_number),
        WITH_DIRECTORY(a_record_of_paper_is_issued_from_the_start),
        WITH_DIRECTORY(a_record_is_given_its_own_file_once),
        WITH_DIRECTORY(failures_wait_longer_and_longer_and_then_for_a_person),
        WITH_DIRECTORY(what_is_paused_held_or_not_numbered_yet_is_not_taken),
        WITH_DIRECTORY(dead_workers_give_everything_back),
        WITH_DIRECTORY(a_clock_that_is_set_back_makes_nobody_wait),
        WITH_DIRECTORY(places_ahead_are_those_that_will_be_claimed_before),
        WITH_DIRECTORY(threads_that_claim_at_once_never_take_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
