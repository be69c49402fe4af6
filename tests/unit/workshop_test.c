/* workshop_test.c - a filing from its accession to its last certificate, at benches that die, stall and
 * return. */
#include "base/clock.h"
#include "support/filed.h"
#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct store *s;
static struct arena a;
static const struct filed_list few = {.profile = "sealed", .issuer = "issuer", .rows = 5};

static int arrive(void **state)
{
    struct err e;

    (void)issuing_copy(state);
    filed_now = filed_organiser.now = clock_now();
    filed_signer_start();
    return store_open(&s, issuing_dir, false, &e);
}

static int leave(void **state)
{
    store_close(s);
    arena_dispose(&a);
    filed_signer_forget();
    return issuing_remove(state);
}

static struct filing_row filing(const char *id)
{
    struct filing_row f;
    struct err e;

    assert_int_equal(store_filing(&f, s, id, &a, &e), 0);
    return f;
}

static struct entry_row entry(const char *id, unsigned serial)
{
    struct entry_row r;
    struct err e;

    assert_int_equal(store_entry_by_serial(&r, s, id, serial, &a, &e), 0);
    return r;
}

static uint64_t count_of(const char *id, enum entry_state state)
{
    uint64_t counts[ENTRY_STATES];
    struct err e;

    assert_int_equal(store_count_entries(counts, s, id, &e), 0);
    return counts[state];
}

static struct job_row job_of(const char *id)
{
    struct job_row j;
    struct err e;

    assert_int_equal(store_filing_job(&j, s, id, "accession", &a, &e), 0);
    return j;
}

static struct certificate_row certificate(const char *id)
{
    struct certificate_row row;
    struct err e;

    assert_int_equal(store_certificate(&row, s, id, &a, &e), 0);
    return row;
}

static uint64_t issued(void)
{
    struct store_counts counts;
    struct err e;

    assert_int_equal(store_count(&counts, s, &e), 0);
    assert_int_equal(counts.reserved, 0);
    return counts.issued;
}

/* Every certificate is there, under its entry's number, with a file that is whole. */
static void look_at_all(const char *id, size_t rows)
{
    for (unsigned k = 1; k <= rows; k++) {
        struct entry_row r = entry(id, k);
        struct certificate_row row;
        struct buf pdf = BUF_INIT(DOCUMENT_MAX);
        struct err e;

        assert_int_equal(r.state, ENTRY_MADE);
        row = certificate(r.certificate);
        assert_int_equal(row.state, CERTIFICATE_ISSUED);
        assert_string_equal(row.number, r.number);
        assert_string_equal(row.entry, r.id);
        assert_int_equal(store_file(&pdf, s, &row, &e), 0);
        buf_dispose(&pdf);
    }
    assert_int_equal(issued(), rows);
}

static void *work(void *arg)
{
    struct workbench *b = arg;
    unsigned nothing = 0;

    static char failed[] = "step failed";

    while (nothing < 50) {
        bool did;
        struct err e;

        if (workbench_step(b, &did, &e) != 0)
            return failed;
        nothing = did ? 0 : nothing + 1;
        if (!did)
            (void)usleep(2000);
    }
    return NULL;
}

/* The entries of a filing that is numbered, and nobody has begun. */
static void make_queued_of(char id[CERTIFICATE_ID_SIZE], struct workbench *b, size_t rows)
{
    struct filed_list list = few;
    char job[CERTIFICATE_ID_SIZE];
    struct err e;

    list.rows = rows;
    filed_make(id, s, &list);
    assert_int_equal(filing_accession(job, s, id, &filed_organiser, &e), 0);
    assert_int_equal(filing_pause(s, id, true, &filed_organiser, &e), 0);
    filed_work(b);
    assert_int_equal(filing_pause(s, id, false, &filed_organiser, &e), 0);
    assert_int_equal(count_of(id, ENTRY_QUEUED), rows);
}

static void make_queued(char id[CERTIFICATE_ID_SIZE], struct workbench *b)
{
    make_queued_of(id, b, 5);
}

static void two_benches_make_each_of_a_hundred_once_with_numbers_in_row_order(void **state)
{
    static const struct filed_list list = {.profile = "sealed", .issuer = "issuer", .rows = 100};
    unsigned last[2] = {0, 0};
    struct workbench *benches[2];
    struct press *second;
    pthread_t threads[2];
    char id[CERTIFICATE_ID_SIZE], job[CERTIFICATE_ID_SIZE];
    struct err e;

    (void)state;
    filed_make(id, s, &list);
    assert_int_equal(press_open_beside(&second, issuing_press, &e), 0);
    benches[0] = filed_bench("one-");
    assert_int_equal(workbench_open(&benches[1], issuing_dir, second, NULL, NULL, "two-", &e), 0);
    workbench_set_clock(benches[1], filed_clock);
    assert_int_equal(filing_accession(job, s, id, &filed_organiser, &e), 0);
    for (int k = 0; k < 2; k++)
        assert_int_equal(pthread_create(&threads[k], NULL, work, benches[k]), 0);
    for (int k = 0; k < 2; k++) {
        void *why;

        assert_int_equal(pthread_join(threads[k], &why), 0);
        assert_null(why);
        workbench_close(benches[k]);
    }
    press_close(second);
    look_at_all(id, 100);
    for (unsigned k = 1; k <= 100; k++) {
        struct entry_row r = entry(id, k);
        int kind = strstr(r.number, "0513") != NULL; /* 正高级; else 0512 */
        char number[65];

        (void)snprintf(number, sizeof number, "934202500%s%06u", kind ? "0513" : "0512", ++last[kind]);
        assert_string_equal(r.number, number);
    }
    assert_int_equal(job_of(id).state, JOB_DONE);
    assert_int_equal(job_of(id).done, 100);
}

static void the_same_accession_again_is_the_same_job(void **state)
{
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE], first[CERTIFICATE_ID_SIZE], again[CERTIFICATE_ID_SIZE];
    struct err e;

    (void)state;
    filed_make(id, s, &few);
    assert_int_equal(filing_accession(first, s, id, &filed_organiser, &e), 0);
    assert_int_equal(filing_accession(again, s, id, &filed_organiser, &e), 0);
    assert_string_equal(first, again);
    filed_work(b);
    assert_int_equal(filing_accession(again, s, id, &filed_organiser, &e), 0);
    assert_string_equal(first, again);
    look_at_all(id, 5);
    workbench_close(b);
}

static void only_an_approved_filing_is_put_into_the_register(void **state)
{
    struct filing_row f = {.organisation = "unsealed",
                           .profile = "sealed",
                           .issuer = "issuer",
                           .name = "备案",
                           .approval_no = "1",
                           .type = "评审",
                           .year = 2025,
                           .created = filed_now};
    char job[CERTIFICATE_ID_SIZE];
    struct err e;

    (void)state;
    assert_int_equal(store_add_filing(s, &f, &e), 0);
    assert_int_equal(filing_accession(job, s, f.id, &filed_organiser, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_non_null(strstr(e.zh, "审核通过"));
}

static void a_character_that_no_font_has_refuses_the_list_and_names_row_and_code_point(void **state)
{
    static const struct filed_list list = {
        .profile = "sealed", .issuer = "issuer", .rows = 4, .odd_name = "王ꀀ"};
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE];
    struct job_row j;

    (void)state;
    filed_make(id, s, &list);
    filed_accession(s, b, id);
    j = job_of(id);
    assert_int_equal(j.state, JOB_FAILED);
    assert_int_equal(filing(id).accession_state, ACCESSION_REFUSED);
    assert_non_null(strstr(j.report_json, "\"serial\":2"));
    assert_null(strstr(j.report_json, "\"serial\":3"));
    assert_non_null(strstr(j.report_json, "U+A000"));
    assert_string_equal(j.report_json, filing(id).accession_report);
    assert_int_equal(count_of(id, ENTRY_LISTED), 4);
    assert_null(entry(id, 1).number); /* nothing was numbered */
    workbench_close(b);
}

static void rows_that_were_taken_out_let_the_others_be_numbered(void **state)
{
    static const struct filed_list list = {
        .profile = "sealed", .issuer = "issuer", .rows = 4, .odd_name = "王ꀀ"};
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE];
    struct err e;

    (void)state;
    filed_make(id, s, &list);
    filed_accession(s, b, id);
    assert_int_equal(filing_remove_entry(s, id, entry(id, 2).id, " ", &filed_organiser, &e), -1);
    assert_string_equal(e.field, "/reason");
    assert_int_equal(filing_remove_entry(s, id, entry(id, 2).id, "核减", &filed_organiser, &e), 0);
    filed_accession(s, b, id);
    assert_int_equal(count_of(id, ENTRY_MADE), 3);
    assert_int_equal(count_of(id, ENTRY_REMOVED), 1);
    assert_int_equal(filing_remove_entry(s, id, entry(id, 1).id, "核减", &filed_organiser, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    workbench_close(b);
}

static void a_number_that_a_row_brings_along_is_kept_and_stepped_over(void **state)
{
    static const struct filed_list list = {
        .profile = "sealed", .issuer = "issuer", .rows = 4, .given_no = "9342025000513000001"};
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE];

    (void)state;
    filed_make(id, s, &list);
    filed_accession(s, b, id);
    assert_string_equal(entry(id, 1).number, "9342025000513000002");
    assert_string_equal(entry(id, 3).number, "9342025000513000001");
    look_at_all(id, 4);
    workbench_close(b);
}

static void an_entry_without_a_photo_waits_and_is_made_once_it_has_one(void **state)
{
    static const struct filed_list list = {
        .profile = "sealed", .issuer = "issuer", .rows = 2, .no_photos = true};
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE], other[CERTIFICATE_ID_SIZE], photo[CERTIFICATE_ID_SIZE];
    struct err e;

    (void)state;
    filed_make(id, s, &list);
    filed_accession(s, b, id);
    assert_int_equal(count_of(id, ENTRY_WAITING), 2);
    assert_int_equal(job_of(id).state, JOB_DONE);
    filed_make(other, s, &few); /* whose rows have a photo */
    memcpy(photo, entry(other, 1).photo_id, sizeof photo);
    assert_int_equal(store_set_entry_photo(s, entry(id, 1).id, photo, filed_now, &e), 0);
    filed_work(b);
    assert_int_equal(entry(id, 1).state, ENTRY_MADE);
    workbench_close(b);
}

static void a_photo_that_is_lost_is_that_entrys_failure_and_nobody_elses(void **state)
{
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE], other[CERTIFICATE_ID_SIZE], path[128], sql[256], photo[CERTIFICATE_ID_SIZE];
    struct entry_row r;
    sqlite3 *db;
    struct err e;

    (void)state;
    make_queued_of(id, b, 3);
    filed_make(other, s, &few);
    memcpy(photo, entry(other, 1).photo_id, sizeof photo);
    assert_int_equal(store_set_entry_photo(s, entry(id, 2).id, photo, filed_now, &e), 0);
    (void)snprintf(path, sizeof path, "%s/sealpress.db", issuing_dir);
    (void)snprintf(sql, sizeof sql,
                   "PRAGMA foreign_keys = off; UPDATE uploads SET photo = zeroblob(32) WHERE id = '%s'",
                   photo);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    (void)sqlite3_close(db);
    filed_work(b);
    assert_int_equal(count_of(id, ENTRY_MADE), 2);
    r = entry(id, 2);
    assert_int_equal(r.state, ENTRY_FAILED);
    assert_string_equal(r.fault_code, "photo");
    assert_non_null(strstr(r.fault_zh, "照片无法读取"));
    /* another photo queues it by itself */
    assert_int_equal(store_set_entry_photo(s, r.id, entry(id, 1).photo_id, filed_now, &e), 0);
    filed_work(b);
    look_at_all(id, 3);
    workbench_close(b);
}

static void a_paused_filing_rests_until_it_is_resumed(void **state)
{
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE], job[CERTIFICATE_ID_SIZE];
    struct filing_progress p;
    struct filing_row f;
    struct err e;

    (void)state;
    filed_make(id, s, &few);
    assert_int_equal(filing_accession(job, s, id, &filed_organiser, &e), 0);
    assert_int_equal(filing_pause(s, id, true, &filed_organiser, &e), 0);
    filed_work(b);
    assert_int_equal(count_of(id, ENTRY_QUEUED), 5);
    f = filing(id);
    assert_int_equal(filing_progress(&p, s, &f, filed_now, &a, &e), 0);
    assert_true(p.paused);
    assert_int_equal(p.to_make, 5);
    assert_int_equal(filing_pause(s, id, false, &filed_organiser, &e), 0);
    filed_work(b);
    look_at_all(id, 5);
    f = filing(id);
    assert_int_equal(filing_progress(&p, s, &f, filed_now, &a, &e), 0);
    assert_int_equal(p.to_make, 0);
    assert_int_equal(p.counts[ENTRY_MADE], 5);
    workbench_close(b);
}

static void what_has_just_begun_is_fast_from_its_first_second(void **state)
{
    const struct filed_list forty = {.profile = "sealed", .issuer = "issuer", .rows = 40};
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE], job[CERTIFICATE_ID_SIZE];
    struct filing_progress p;
    struct filing_row f;
    struct err e;
    bool did;

    (void)state;
    filed_make(id, s, &forty);
    assert_int_equal(filing_accession(job, s, id, &filed_organiser, &e), 0);
    while (count_of(id, ENTRY_MADE) == 0)
        assert_int_equal(workbench_step(b, &did, &e), 0);
    assert_int_equal(count_of(id, ENTRY_MADE), 32);
    f = filing(id);
    assert_int_equal(filing_progress(&p, s, &f, filed_now, &a, &e), 0);
    assert_true(p.to_make == 8 && p.rate == 32.0);
    assert_int_equal(filing_progress(&p, s, &f, filed_now + 3, &a, &e), 0);
    assert_true(p.rate == 8.0 && p.remaining_s == 1);
    assert_int_equal(filing_progress(&p, s, &f, filed_now + 60, &a, &e), 0);
    assert_true(p.rate == 0 && p.remaining_s == -1);
    workbench_close(b);
}

static void a_worker_whose_lease_was_taken_over_cannot_issue(void **state)
{
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE];
    struct claim slow, quick;
    struct entry_claim claim;
    struct issue_item item = {.rc = 0};
    struct desk d = {.signer = NULL};
    json_t *order;
    struct err e;

    (void)state;
    make_queued_of(id, b, 1);
    assert_int_equal(store_claim(&slow, 1, s, "slow-", filed_now, &a, &e), 0);
    assert_int_equal(slow.count, 1);
    filed_now += LEASE_SECONDS + 1;
    assert_int_equal(store_claim(&quick, 1, s, "quick-", filed_now, &a, &e), 0);
    assert_string_equal(quick.entries[0].id, slow.entries[0].id);
    assert_int_equal(making_order(&order, &slow.filing, &slow.entries[0], "entry-x", filed_now, &a, &e), 0);
    claim = (struct entry_claim){slow.entries[0].id, slow.entries[0].number, NULL, slow.entries[0].fence};
    item.request = (struct issue_request){
        .order = order, .photo = buf_view(&issuing_photo), .now = filed_now, .claim = &claim};
    assert_int_equal(signer_connect(&d.signer, issuing_dir, &e), 0);
    assert_int_equal(issuer_open(&d.issuer, issuing_dir, issuing_press, d.signer, &e), 0);
    issue_batch(d.issuer, &item, 1);
    assert_int_equal(item.rc, -1);
    assert_int_equal(item.err.code, ERR_CONFLICT);
    assert_int_equal(issued(), 0);
    claim.fence = quick.entries[0].fence; /* whereas the one who has it can */
    issue_batch(d.issuer, &item, 1);
    assert_int_equal(item.rc, 0);
    assert_int_equal(entry(id, slow.entries[0].serial).state, ENTRY_MADE);
    json_decref(order);
    issuer_close(d.issuer);
    signer_close(d.signer);
    workbench_close(b);
}

static void what_a_dead_process_held_is_free_at_once_and_what_a_live_one_holds_is_not(void **state)
{
    char prefix[WORKER_NAME_MAX], dead[WORKER_NAME_MAX + 16], live[WORKER_NAME_MAX + 16];
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE];
    struct claim c;
    struct err e;
    char *last;

    (void)state;
    make_queued(id, b);
    worker_name_prefix(prefix);
    (void)snprintf(live, sizeof live, "%s1", prefix);
    prefix[strlen(prefix) - 1] = '\0'; /* the same process number, begun at another moment */
    last = strrchr(prefix, '-');
    *last = '\0';
    (void)snprintf(dead, sizeof dead, "%s-1-0", prefix);
    assert_int_equal(store_claim(&c, 2, s, dead, filed_now, &a, &e), 0);
    assert_int_equal(store_claim(&c, 2, s, live, filed_now, &a, &e), 0);
    assert_int_equal(count_of(id, ENTRY_WORKING), 4);
    assert_int_equal(workers_bury(s, filed_now, &e), 0);
    assert_int_equal(count_of(id, ENTRY_WORKING), 2);
    filed_work(b);
    assert_int_equal(count_of(id, ENTRY_MADE), 3);
    filed_now += LEASE_SECONDS + 1;
    filed_work(b);
    look_at_all(id, 5);
    workbench_close(b);
}

/* However long an outage lasts, it is none of the entries that failed. */
static void wait_out(struct workbench *b, const char *id)
{
    for (int again = 0; again < 6; again++) {
        struct err e;
        bool did;

        filed_now += 4;
        assert_int_equal(workbench_step(b, &did, &e), -1);
        assert_int_equal(e.code, ERR_UNAVAILABLE);
    }
    assert_int_equal(count_of(id, ENTRY_QUEUED), 5);
    for (unsigned k = 1; k <= 5; k++)
        assert_int_equal(entry(id, k).attempts, 0);
}

static void a_signer_that_is_away_is_nobodys_failure(void **state)
{
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE];
    struct err e, outage;
    bool did;

    (void)state;
    make_queued(id, b);
    filed_signer_stop();
    assert_int_equal(workbench_step(b, &did, &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    workbench_outage(&outage, b);
    assert_string_equal(outage.en, e.en);
    assert_int_equal(workbench_step(b, &did, &e), 0); /* not asked anew each moment */
    assert_false(did);
    wait_out(b, id);
    filed_signer_start();
    filed_now += 4;
    filed_work(b);
    look_at_all(id, 5);
    workbench_outage(&outage, b);
    assert_int_equal(outage.code, ERR_NONE);
    assert_int_equal(job_of(id).state, JOB_DONE);
    workbench_close(b);
}

static void a_filing_without_a_grant_waits_alone_and_says_why(void **state)
{
    static const struct filed_list refused = {.profile = "no-grant", .issuer = "issuer", .rows = 3};
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE], other[CERTIFICATE_ID_SIZE];
    struct filing_progress p;
    struct filing_row f;
    struct err e;

    (void)state;
    filed_make(id, s, &refused);
    filed_make(other, s, &few);
    filed_accession(s, b, id);
    filed_accession(s, b, other);
    assert_int_equal(count_of(other, ENTRY_MADE), 5);
    assert_int_equal(count_of(id, ENTRY_QUEUED), 3);
    assert_int_equal(entry(id, 1).attempts, 0);
    f = filing(id);
    assert_string_equal(f.hold_code, "grant");
    assert_int_equal(filing_progress(&p, s, &f, filed_now, &a, &e), 0);
    assert_non_null(strstr(p.halt_zh, "授权"));
    workbench_close(b);
}

static void an_entry_that_fails_again_and_again_waits_longer_and_then_for_a_person(void **state)
{
    static const int64_t pauses[] = {5, 30, 120, 600};
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE], path[128], aside[160];
    struct entry_row r;
    size_t count;
    struct err e;

    (void)state;
    make_queued_of(id, b, 1);
    /* everything that can be asked is there, and yet no file can be stored */
    (void)snprintf(path, sizeof path, "%s/files", issuing_dir);
    (void)snprintf(aside, sizeof aside, "%s.aside", path);
    (void)!rename(path, aside);
    assert_non_null(freopen(path, "w", fopen("/dev/null", "w")));
    for (size_t k = 0; k < sizeof pauses / sizeof pauses[0]; k++) {
        bool did;

        for (int again = 0; again < 8 && entry(id, 1).attempts == k; again++) {
            filed_now += 4;
            (void)!workbench_step(b, &did, &e);
        }
        r = entry(id, 1);
        assert_int_equal(r.attempts, k + 1);
        assert_int_equal(r.state, ENTRY_QUEUED);
        assert_int_equal(r.run_after, filed_now + pauses[k]);
        filed_now = r.run_after;
    }
    for (int again = 0; again < 2; again++) { /* one of them looks after the filing's job */
        bool did;

        (void)!workbench_step(b, &did, &e);
    }
    r = entry(id, 1);
    assert_int_equal(r.state, ENTRY_FAILED);
    assert_non_null(r.fault_zh);
    assert_int_equal(unlink(path), 0);
    (void)!rename(aside, path);
    assert_int_equal(filing_retry(&count, s, id, NULL, &filed_organiser, &e), 0);
    assert_int_equal(count, 1);
    filed_now += 4;
    filed_work(b);
    look_at_all(id, 1);
    workbench_close(b);
}

static void while_issuing_is_closed_nothing_is_made_and_afterwards_all(void **state)
{
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE];
    struct err e;
    bool did;

    (void)state;
    make_queued(id, b);
    assert_int_equal(store_put_setting(s, "issuing_closed", "restored from a backup", &e), 0);
    assert_int_equal(workbench_step(b, &did, &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(e.en, "restored from a backup"));
    wait_out(b, id);
    assert_int_equal(issued(), 0);
    assert_int_equal(store_put_setting(s, "issuing_closed", "", &e), 0);
    filed_now += 4;
    filed_work(b);
    look_at_all(id, 5);
    workbench_close(b);
}

struct fixing {
    struct desk d;
    struct correction c;
    json_t *changes;
};

static int fix(struct fixing *x, const char *id, unsigned serial, const char *member, const char *value)
{
    int rc;

    x->changes = json_pack("{s:s}", member, value);
    x->c.changes = x->changes;
    x->d.faults = (struct faults){.count = 0};
    rc = filing_correct(x->d.issuer, s, id, entry(id, serial).id, &x->c, &filed_organiser, &x->d.faults,
                        &x->d.e);
    json_decref(x->changes);
    return rc;
}

static void a_correction_makes_the_next_version_until_the_file_was_handed_out(void **state)
{
    struct fixing x = {.c = {.reason = "姓名登记有误", .approver = "王某", .document = "皖测更〔2026〕1号"}};
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE], first[CERTIFICATE_ID_SIZE];
    struct certificate_row old, new;
    struct err e;

    (void)state;
    filed_make(id, s, &few);
    filed_accession(s, b, id);
    assert_int_equal(signer_connect(&x.d.signer, issuing_dir, &e), 0);
    assert_int_equal(issuer_open(&x.d.issuer, issuing_dir, issuing_press, x.d.signer, &e), 0);
    memcpy(first, entry(id, 1).certificate, sizeof first);
    assert_int_equal(fix(&x, id, 1, "name", "欧阳琢颜"), -1); /* as it is */
    assert_string_equal(x.d.faults.list[0].field, "/changes");
    assert_int_equal(fix(&x, id, 1, "certificate_no", "1"), -1);
    if (fix(&x, id, 1, "name", "欧阳琢言") != 0)
        fail_msg("%s %s (%s)", x.d.e.field, x.d.e.en, x.d.e.detail);
    old = certificate(first);
    new = certificate(entry(id, 1).certificate);
    assert_string_equal(old.number, new.number);
    assert_string_equal(old.replaced_by, new.id);
    assert_int_equal(old.status, STATUS_REPLACED);
    assert_int_equal(new.status, STATUS_VALID);
    assert_int_equal(new.version, 2);
    assert_non_null(strstr(new.record_json, "欧阳琢言"));
    assert_string_equal(entry(id, 1).name, "欧阳琢言");
    assert_int_equal(entry(id, 1).state, ENTRY_MADE);
    assert_int_equal(fix(&x, id, 1, "title", "副主任医师"), 0);
    assert_int_equal(certificate(entry(id, 1).certificate).version, 3);
    assert_int_equal(store_handed_out(s, entry(id, 1).certificate, filed_now, &e), 0);
    assert_int_equal(fix(&x, id, 1, "title", "主任医师"), -1);
    assert_int_equal(x.d.e.code, ERR_CONFLICT);
    assert_non_null(strstr(x.d.e.zh, "补换"));
    assert_int_equal(issued(), 7);
    issuer_close(x.d.issuer);
    signer_close(x.d.signer);
    workbench_close(b);
}

static void before_its_certificate_a_correction_changes_the_entry_alone(void **state)
{
    struct fixing x = {.c = {.reason = "单位名称有误", .approver = "王某"}};
    struct workbench *b = filed_bench("one-");
    char id[CERTIFICATE_ID_SIZE];

    (void)state;
    make_queued(id, b);
    if (fix(&x, id, 2, "employer", "虚构市第二人民医院") != 0)
        fail_msg("%s %s (%s)", x.d.e.field, x.d.e.en, x.d.e.detail);
    filed_work(b);
    look_at_all(id, 5);
    assert_non_null(strstr(certificate(entry(id, 2).certificate).order_json, "第二人民医院"));
    workbench_close(b);
}

static void a_workshop_that_is_asked_to_ends_when_everything_is_made(void **state)
{
    struct press *presses[2] = {issuing_press, NULL};
    struct workshop_order o = {.data_dir = issuing_dir, .presses = presses, .threads = 2, .once = true};
    char id[CERTIFICATE_ID_SIZE], job[CERTIFICATE_ID_SIZE];
    struct workshop *w;
    struct err e;

    (void)state;
    filed_make(id, s, &few);
    assert_int_equal(press_open_beside(&presses[1], issuing_press, &e), 0);
    assert_int_equal(filing_accession(job, s, id, &filed_organiser, &e), 0);
    assert_int_equal(workshop_start(&w, &o, &e), 0);
    while (!workshop_wait(w, 1000))
        workshop_wake(w);
    workshop_halt(&e, w);
    assert_int_equal(e.code, ERR_NONE);
    workshop_stop(w);
    look_at_all(id, 5);
    press_close(presses[1]);
}

static void the_organiser_submits_and_the_issuer_passes_or_returns(void **state)
{
    static const struct filing_actor organiser = {"key-o", "unsealed", 1};
    static const struct filing_actor issuer = {"key-i", "issuer", 1};
    struct filing_row f = {.organisation = "unsealed",
                           .profile = "sealed",
                           .issuer = "issuer",
                           .committee = "committee",
                           .name = "备案",
                           .approval_no = "1",
                           .type = "评审",
                           .year = 2025,
                           .created = filed_now};
    struct entry_row r = {.position = 1, .serial = 1, .name = "王", .id_type = "护照", .id_number = "E1"};
    struct person person = {.organisation = "unsealed",
                            .name = "王",
                            .id_type = "护照",
                            .id_number = "E1",
                            .gender = "女",
                            .birth_date = "1985-02-12"};
    struct signer *signer;
    struct err e;
    bool made;

    (void)state;
    assert_int_equal(signer_connect(&signer, issuing_dir, &e), 0);
    assert_int_equal(store_add_filing(s, &f, &e), 0);
    assert_int_equal(filing_submit(s, f.id, &organiser, &e), -1);
    assert_non_null(strstr(e.zh, "批复文件"));
    assert_int_equal(store_put_filing_document(s, f.id, "a.pdf", slice_of("%PDF-1.7"), filed_now, &e), 0);
    assert_int_equal(filing_submit(s, f.id, &organiser, &e), -1);
    assert_non_null(strstr(e.zh, "名单"));
    assert_int_equal(store_put_person(&person, &made, s, filed_now, &e), 0);
    memcpy(r.person, person.id, sizeof r.person);
    memcpy(r.filing, f.id, sizeof r.filing);
    r.data_json = "{}";
    assert_int_equal(store_begin(s, &e), 0);
    assert_int_equal(store_add_entry(s, &r, filed_now, &e), 0);
    assert_int_equal(store_commit(s, &e), 0);
    assert_int_equal(filing_submit(s, f.id, &organiser, &e), 0);
    assert_int_equal(filing_pass(s, signer, f.id, NULL, &organiser, &e), -1); /* who submits does not pass */
    assert_int_equal(filing_pass(s, signer, f.id, NULL, &filed_organiser, &e), -1);
    assert_int_equal(filing_return(s, f.id, "", &issuer, &e), -1);
    assert_string_equal(e.field, "/reason");
    assert_int_equal(filing_return(s, f.id, "名单有误", &issuer, &e), 0);
    assert_int_equal(filing_submit(s, f.id, &organiser, &e), 0);
    if (filing_pass(s, signer, f.id, "同意", &issuer, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    assert_int_equal(filing(f.id).status, FILING_APPROVED);
    assert_null(filing(f.id).grantee); /* no delegation: the profile's standing grant */
    signer_close(signer);
}

#define AT_A_BENCH(test) cmocka_unit_test_setup_teardown(test, arrive, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_A_BENCH(two_benches_make_each_of_a_hundred_once_with_numbers_in_row_order),
        AT_A_BENCH(the_same_accession_again_is_the_same_job),
        AT_A_BENCH(only_an_approved_filing_is_put_into_the_register),
        AT_A_BENCH(a_character_that_no_font_has_refuses_the_list_and_names_row_and_code_point),
        AT_A_BENCH(rows_that_were_taken_out_let_the_others_be_numbered),
        AT_A_BENCH(a_number_that_a_row_brings_along_is_kept_and_stepped_over),
        AT_A_BENCH(an_entry_without_a_photo_waits_and_is_made_once_it_has_one),
        AT_A_BENCH(a_photo_that_is_lost_is_that_entrys_failure_and_nobody_elses),
        AT_A_BENCH(a_paused_filing_rests_until_it_is_resumed),
        AT_A_BENCH(what_has_just_begun_is_fast_from_its_first_second),
        AT_A_BENCH(a_worker_whose_lease_was_taken_over_cannot_issue),
        AT_A_BENCH(what_a_dead_process_held_is_free_at_once_and_what_a_live_one_holds_is_not),
        AT_A_BENCH(a_signer_that_is_away_is_nobodys_failure),
        AT_A_BENCH(a_filing_without_a_grant_waits_alone_and_says_why),
        AT_A_BENCH(an_entry_that_fails_again_and_again_waits_longer_and_then_for_a_person),
        AT_A_BENCH(while_issuing_is_closed_nothing_is_made_and_afterwards_all),
        AT_A_BENCH(a_correction_makes_the_next_version_until_the_file_was_handed_out),
        AT_A_BENCH(before_its_certificate_a_correction_changes_the_entry_alone),
        AT_A_BENCH(a_workshop_that_is_asked_to_ends_when_everything_is_made),
        AT_A_BENCH(the_organiser_submits_and_the_issuer_passes_or_returns),
    };

    return cmocka_run_group_tests(tests, issuing_prepare, issuing_forget);
}
