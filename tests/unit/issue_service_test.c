/* issue_service_test.c - what a service asks of the journal: replacements, answers at once instead of
 * waiting, every fault in one go, rows that outlive the rules they were made by. */
#include "base/clock.h"
#include "base/file.h"
#include "support/issuing.h"
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* An order with members changed: pairs of name and value; a value NULL takes the member out. */
static json_t *order_with(const char *const *pairs)
{
    json_t *order;
    struct err e;

    assert_int_equal(json_read(&order, slice_of(issuing_order), strlen(issuing_order), &e), 0);
    for (; pairs != NULL && pairs[0] != NULL; pairs += 2) {
        if (pairs[1] != NULL)
            (void)json_object_set_new(order, pairs[0], json_string(pairs[1]));
        else
            (void)json_object_del(order, pairs[0]);
    }
    return order;
}

static struct issue_request request_of(const json_t *order)
{
    return (struct issue_request){
        .order = order, .photo = buf_view(&issuing_photo), .now = clock_now(), .organisation = "issuer"};
}

static int issue(struct desk *d, const struct issue_request *r)
{
    int rc;

    d->faults = (struct faults){.count = 0};
    rc = issue_certificate(&d->answer, d->issuer, r, &d->faults, &d->e);
    json_decref((json_t *)r->order); /* NOLINT(clang-diagnostic-cast-qual): ours */
    return rc;
}

/* Issues A-1; its id goes to `id`. */
static void issue_first(struct desk *d, char id[CERTIFICATE_ID_SIZE])
{
    issuing_must(d, NULL, NULL);
    (void)snprintf(id, CERTIFICATE_ID_SIZE, "%s", d->answer.id);
}

static const char *const new_paper[] = {
    "biz_no",        "R-1",        "original_no", "9342025000513000001", "reissue_date", "2026-05-06",
    "obtained_date", "2025-12-30", NULL};

static int replace(struct desk *d, const char *id, const char *biz_no)
{
    const char *pairs[9];
    struct issue_request r;

    memcpy(pairs, new_paper, sizeof pairs);
    pairs[1] = biz_no;
    r = request_of(order_with(pairs));
    r.replaces = id;
    r.reason = "原证遗失";
    r.actor = "0123456789abcdef";
    return issue(d, &r);
}

static void must_be(struct desk *d, const char *id, enum certificate_status status, const char *replaced_by)
{
    struct certificate_row row;
    struct arena a = ARENA_INIT;

    assert_int_equal(store_certificate(&row, issuer_store(d->issuer), id, &a, &d->e), 0);
    assert_int_equal(row.status, status);
    assert_string_equal(row.replaced_by, replaced_by);
    arena_dispose(&a);
}

static void a_replacement_takes_the_place_of_the_old_certificate(void **state)
{
    char old[CERTIFICATE_ID_SIZE], id[CERTIFICATE_ID_SIZE];
    struct certificate_event *events;
    struct arena a = ARENA_INIT;
    struct desk d;
    size_t count;

    (void)state;
    issuing_sit_down(&d);
    issue_first(&d, old);
    for (int again = 0; again < 2; again++) {
        if (replace(&d, old, "R-1") != 0)
            fail_msg("%s %s (%s)", d.e.field, d.e.en, d.e.detail);
        assert_int_equal(d.answer.repeated, again);
        assert_string_equal(d.answer.certificate_no, "YB9342025000513000001");
        (void)snprintf(id, sizeof id, "%s", d.answer.id);
        must_be(&d, old, STATUS_REPLACED, id);
        must_be(&d, id, STATUS_VALID, "");
    }
    assert_int_equal(store_list_events(&events, &count, issuer_store(d.issuer), old, &a, &d.e), 0);
    assert_int_equal(count, 2);
    assert_string_equal(events[1].event, "replaced");
    assert_string_equal(events[1].actor, "0123456789abcdef");
    assert_string_equal(events[1].reason, "原证遗失");
    assert_int_equal(store_list_events(&events, &count, issuer_store(d.issuer), id, &a, &d.e), 0);
    assert_int_equal(count, 1);
    assert_string_equal(events[0].event, "issued");
    assert_int_equal(replace(&d, old, "R-2"), -1);
    assert_int_equal(d.e.code, ERR_CONFLICT);
    arena_dispose(&a);
    issuing_stand_up(&d);
}

static void a_refused_replacement_reserves_nothing(void **state)
{
    const char *const wrong_number[] = {"original_no",
                                        "9342025000513000009",
                                        "reissue_date",
                                        "2026-05-06",
                                        "obtained_date",
                                        "2025-12-30",
                                        "biz_no",
                                        "R-1",
                                        NULL};
    struct certificate_event event = {.moment = 1790000000, .actor = "command line", .reason = "错证"};
    char old[CERTIFICATE_ID_SIZE];
    struct issue_request r;
    struct store_counts counts;
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    issue_first(&d, old);
    r = request_of(order_with(wrong_number));
    r.replaces = old;
    assert_int_equal(issue(&d, &r), -1);
    assert_string_equal(d.e.field, "/original_no");
    assert_int_equal(replace(&d, "00000000000000000000000000000000", "R-1"), -1);
    assert_int_equal(d.e.code, ERR_NOT_FOUND);
    r = request_of(order_with(new_paper));
    r.replaces = old;
    r.organisation = "unsealed";
    assert_int_equal(issue(&d, &r), -1); /* not theirs */
    assert_int_equal(d.e.code, ERR_NOT_FOUND);
    assert_int_equal(store_change_status(issuer_store(d.issuer), old, STATUS_REVOKED, &event, &d.e), 0);
    assert_int_equal(replace(&d, old, "R-1"), -1);
    assert_int_equal(d.e.code, ERR_CONFLICT);
    assert_int_equal(store_count(&counts, issuer_store(d.issuer), &d.e), 0);
    assert_int_equal(counts.issued, 1);
    assert_int_equal(counts.reserved, 0);
    issuing_must(&d, "biz_no", "A-2");
    assert_string_equal(d.answer.certificate_no, "9342025000513000002");
    issuing_stand_up(&d);
}

static struct issue_item item_of(const char *const *pairs, const char *replaces)
{
    struct issue_item item = {.rc = 0};

    item.request = request_of(order_with(pairs));
    item.request.replaces = replaces;
    return item;
}

static void free_items(struct issue_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_decref((json_t *)items[i].request.order); /* NOLINT(clang-diagnostic-cast-qual): ours */
}

static void of_two_replacements_in_a_batch_one_is_made_and_no_number_is_lost(void **state)
{
    const char *second[9], *third[9];
    char old[CERTIFICATE_ID_SIZE];
    struct issue_item items[3];
    struct desk d;

    (void)state;
    memcpy(second, new_paper, sizeof second);
    memcpy(third, new_paper, sizeof third);
    second[1] = "R-2";
    third[1] = "R-3";
    third[3] = "TD00001";
    issuing_sit_down(&d);
    issue_first(&d, old);
    items[0] = item_of(new_paper, old);
    items[1] = item_of(second, old);
    items[2] = item_of(third, NULL); /* of a paper certificate that is not ours */
    issue_batch(d.issuer, items, 3);
    assert_int_equal(items[0].rc, 0);
    assert_string_equal(items[0].answer.certificate_no, "YB9342025000513000001");
    assert_int_equal(items[1].rc, -1);
    assert_int_equal(items[1].err.code, ERR_CONFLICT);
    assert_int_equal(items[2].rc, 0);
    assert_string_equal(items[2].answer.certificate_no, "YB9342025000513000002");
    must_be(&d, old, STATUS_REPLACED, items[0].answer.id);
    free_items(items, 3);
    issuing_stand_up(&d);
}

static void an_order_that_names_our_own_certificate_as_its_original_replaces_it(void **state)
{
    const char *second[9];
    char old[CERTIFICATE_ID_SIZE];
    struct issue_item items[2];
    struct desk d;

    (void)state;
    memcpy(second, new_paper, sizeof second);
    second[1] = "R-2";
    issuing_sit_down(&d);
    issue_first(&d, old);
    items[0] = item_of(new_paper, NULL); /* nobody said which certificate, but its number */
    items[1] = item_of(second, NULL);
    issue_batch(d.issuer, items, 2);
    assert_int_equal(items[0].rc, 0);
    assert_int_equal(items[1].rc, -1);
    assert_int_equal(items[1].err.code, ERR_CONFLICT);
    must_be(&d, old, STATUS_REPLACED, items[0].answer.id);
    issue_batch(d.issuer, items, 1);
    assert_int_equal(items[0].rc, 0);
    assert_true(items[0].answer.repeated);
    free_items(items, 2);
    issuing_stand_up(&d);
}

static void end_there(void *arg, enum issue_stage stage)
{
    if (stage == *(enum issue_stage *)arg)
        (void)raise(SIGKILL);
}

/* Killed at each step, a replacement is made or it is not; never are both valid or neither. */
static void killed_at_any_stage_a_replacement_changes_both_or_none(void **state)
{
    char old[CERTIFICATE_ID_SIZE];

    (void)state;
    for (int at = 0; at < ISSUE_STAGES; at++) {
        enum issue_stage stage = (enum issue_stage)at;
        struct certificate_row row;
        struct arena a = ARENA_INIT;
        struct desk d;
        size_t resumed;
        pid_t child;

        issuing_sit_down(&d);
        issue_first(&d, old);
        issuing_stand_up(&d);
        child = fork();
        if (child == 0) {
            issuing_sit_down(&d);
            issuer_watch(d.issuer, end_there, &stage);
            _exit(replace(&d, old, "R-1"));
        }
        assert_int_equal(waitpid(child, NULL, 0), child);
        issuing_sit_down(&d);
        assert_int_equal(store_certificate(&row, issuer_store(d.issuer), old, &a, &d.e), 0);
        assert_int_equal(row.status, at == ISSUE_ISSUED ? STATUS_REPLACED : STATUS_VALID);
        if (at >= ISSUE_RESERVED && at < ISSUE_ISSUED) { /* reserved: nobody else may */
            assert_int_equal(replace(&d, old, "R-2"), -1);
            assert_int_equal(d.e.code, ERR_CONFLICT);
        }
        if (at % 2)
            assert_int_equal(issue_resume_all(d.issuer, clock_now(), &resumed, &d.e), 0);
        assert_int_equal(replace(&d, old, "R-1"), 0);
        assert_string_equal(d.answer.certificate_no, "YB9342025000513000001");
        must_be(&d, old, STATUS_REPLACED, d.answer.id);
        arena_dispose(&a);
        issuing_stand_up(&d);
        (void)issuing_remove(NULL);
        (void)issuing_copy(NULL);
    }
}

static void a_profile_of_another_organisation_is_not_there(void **state)
{
    static const char *const foreign[] = {"profile", "foreign", NULL}, *const nobody[] = {"profile",
                                                                                          "foreigm", NULL};
    struct issue_request r = request_of(order_with(foreign));
    char text[400];
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    assert_int_equal(issue(&d, &r), -1);
    assert_string_equal(d.e.field, "/profile");
    (void)snprintf(text, sizeof text, "%s", d.e.en);
    r = request_of(order_with(nobody));
    assert_int_equal(issue(&d, &r), -1);
    *strstr(text, "foreign") = '?';
    *strstr(d.e.en, "foreigm") = '?';
    assert_int_equal(strlen(text), strlen(d.e.en));
    r = request_of(order_with(foreign));
    r.organisation = NULL;
    assert_int_equal(issue(&d, &r), 0);
    issuing_stand_up(&d);
}

static bool told(const struct desk *d, const char *field)
{
    for (size_t i = 0; i < d->faults.count; i++) {
        if (strcmp(d->faults.list[i].field, field) == 0)
            return true;
    }
    return false;
}

static void everything_wrong_is_told_at_once(void **state)
{
    static const char *const pairs[] = {"profile",
                                        "nobody",
                                        "name",
                                        "",
                                        "birth_date",
                                        "1978-11-04",
                                        "issue_date",
                                        "2099-01-01",
                                        "obtained_date",
                                        "2099-01-01",
                                        "reissue_date",
                                        "2099-01-01",
                                        "original_no",
                                        "9",
                                        NULL};
    static const char *const fields[] = {"/profile",       "/name",         "/birth_date", "/issue_date",
                                         "/obtained_date", "/reissue_date", "/photo"};
    struct issue_request r = request_of(order_with(pairs));
    struct desk d;

    (void)state;
    r.photo = slice_of("no photo");
    issuing_sit_down(&d);
    assert_int_equal(issue(&d, &r), -1);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!told(&d, fields[i]))
            fail_msg("%s was not told", fields[i]);
    }
    assert_int_equal(d.faults.count, sizeof fields / sizeof fields[0]);
    issuing_stand_up(&d);
}

static void today_in_china_may_stand_on_a_certificate_and_tomorrow_not(void **state)
{
    int64_t now = clock_now(), midnight = now - (now + 8 * 3600) % 86400; /* the day began then in China */
    const int64_t moments[] = {midnight - 1, midnight};
    struct date today = date_in_shanghai(now);
    char day[16];
    struct desk d;

    (void)state;
    (void)snprintf(day, sizeof day, "%04d-%02d-%02d", today.year, today.month, today.day);
    issuing_sit_down(&d);
    for (int i = 0; i < 2; i++) {
        struct issue_request r = request_of(order_with((const char *const[]){"issue_date", day, NULL}));

        r.now = moments[i];
        (void)issue(&d, &r); /* what else it may be refused for is not at issue here */
        assert_int_equal(told(&d, "/issue_date"), i == 0);
    }
    issuing_stand_up(&d);
}

static void run_sql(const char *sql)
{
    char path[128], *why = NULL;
    sqlite3 *db;

    (void)snprintf(path, sizeof path, "%s/sealpress.db", issuing_dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
    (void)sqlite3_close(db);
}

static void reserve_only(void)
{
    enum issue_stage stage = ISSUE_RESERVED;
    struct desk d;
    pid_t child = fork();

    if (child == 0) {
        issuing_sit_down(&d);
        issuer_watch(d.issuer, end_there, &stage);
        _exit(issuing_with(&d, NULL, NULL));
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Rows that an older program took by other rules. */
static void a_reserved_row_is_finished_from_itself_alone(void **state)
{
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    size_t resumed;
    struct desk d;

    (void)state;
    reserve_only();
    run_sql("DROP TRIGGER certificates_keep_content;"
            "UPDATE certificates SET order_json = '{\"rules\":\"of yesterday\"}';"
            "UPDATE profiles SET committee = NULL, template = 'nothing';"
            "UPDATE organisations SET name = '改名后的单位' WHERE id = 'committee';");
    issuing_sit_down(&d);
    if (issue_resume_all(d.issuer, clock_now(), &resumed, &d.e) != 0)
        fail_msg("%s (%s)", d.e.en, d.e.detail);
    assert_int_equal(resumed, 1);
    assert_int_equal(store_certificate_by_biz_no(&row, issuer_store(d.issuer), "issuer", "A-1", &a, &d.e), 0);
    assert_int_equal(row.state, CERTIFICATE_ISSUED);
    assert_string_equal(row.seals_json, "[\"committee\",\"issuer\"]");
    arena_dispose(&a);
    issuing_stand_up(&d);
}

static void a_template_that_is_gone_is_said_in_words(void **state)
{
    size_t resumed;
    struct desk d;

    (void)state;
    reserve_only();
    run_sql("DROP TRIGGER certificates_keep_content; UPDATE certificates SET template = 'certificate-2019';");
    issuing_sit_down(&d);
    assert_int_equal(issue_resume_all(d.issuer, clock_now(), &resumed, &d.e), -1);
    assert_int_equal(d.e.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(d.e.en, "certificate-2019"));
    assert_non_null(strstr(d.e.en, "9342025000513000001"));
    issuing_stand_up(&d);
}

/* A finished order sent again gets its answer, though it would be refused today, and whatever became of its
 * profile. */
static void rules_made_later_do_not_change_an_answer(void **state)
{
    struct issue_request r;
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    issuing_must(&d, NULL, NULL);
    run_sql("UPDATE profiles SET committee = NULL, template = 'nothing'");
    r = request_of(order_with(NULL));
    r.now = 1000000000; /* long before the day of issue */
    assert_int_equal(issue(&d, &r), 0);
    assert_true(d.answer.repeated);
    assert_int_equal(d.answer.seal_count, 2);
    assert_string_equal(d.answer.seals[0].office, "安徽省测试系列高级职称评审委员会");
    r = request_of(order_with((const char *const[]){"name", "张三", NULL}));
    r.now = 1000000000;
    assert_int_equal(issue(&d, &r), -1);
    assert_string_equal(d.e.field, "/issue_date");
    issuing_stand_up(&d);
}

static void stop_there(void *arg, enum issue_stage stage)
{
    char c = 'x';

    if (stage != ISSUE_PRINTED)
        return;
    if (write(((const int *)arg)[1], &c, 1) != 1)
        _exit(1);
    (void)pause();
}

static void what_somebody_else_makes_now_is_in_progress(void **state)
{
    struct issue_item item = item_of(NULL, NULL);
    struct issue_request r;
    int fds[2];
    struct desk d;
    pid_t child;
    char c;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    child = fork();
    if (child == 0) {
        issuing_sit_down(&d);
        issuer_watch(d.issuer, stop_there, fds);
        _exit(issuing_with(&d, NULL, NULL));
    }
    assert_int_equal(read(fds[0], &c, 1), 1);
    /* its signer ends with it; ours would wait for that: none is needed to say so */
    assert_int_equal(issuer_open(&d.issuer, issuing_dir, issuing_press, NULL, &d.e), 0);
    r = request_of(order_with(NULL));
    r.no_wait = true;
    assert_int_equal(issue(&d, &r), -1);
    assert_int_equal(d.e.code, ERR_IN_PROGRESS);
    item.request.no_wait = true;
    issue_batch(d.issuer, &item, 1);
    assert_int_equal(item.rc, -1);
    assert_int_equal(item.err.code, ERR_IN_PROGRESS);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    issuer_close(d.issuer);
    issuing_sit_down(&d);
    issue_batch(d.issuer, &item, 1);
    assert_int_equal(item.rc, 0);
    assert_string_equal(item.answer.certificate_no, "9342025000513000001");
    free_items(&item, 1);
    (void)close(fds[0]);
    (void)close(fds[1]);
    issuing_stand_up(&d);
}

static void a_batch_reserves_no_more_than_the_grant_has_left(void **state)
{
    static const char *const changes[][7] = {
        {"profile", "counted", "biz_no", "C-1", NULL},
        {"profile", "counted", "biz_no", "C-1", NULL},                /* the same again takes no use */
        {"profile", "counted", "biz_no", "C-2", "region", "1", NULL}, /* refused by its data: nor does it */
        {"profile", "counted", "biz_no", "C-3", NULL},
        {"profile", "counted", "biz_no", "C-4", NULL},
        {"profile", "counted", "biz_no", "C-5", NULL},
        {"profile", "sealed", "biz_no", "C-6", NULL}};
    static const int expected[] = {0, 0, -1, 0, 0, -1, 0};
    enum { COUNT = sizeof changes / sizeof changes[0] };
    struct issue_item items[COUNT];
    struct store_counts counts;
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < COUNT; i++)
            items[i] = item_of(changes[i], NULL);
        issue_batch(d.issuer, items, COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            /* C-2 was planned before its data was known to be wrong; what it gave back is there the next time
             */
            int rc = again && i == 4 ? 0 : expected[i];

            if (items[i].rc != rc)
                fail_msg("round %d, item %zu: %s", again, i, items[i].err.en);
            if (rc != 0 && i != 2)
                assert_int_equal(items[i].err.code, ERR_FORBIDDEN);
        }
        assert_true(items[1].answer.repeated);
        free_items(items, COUNT);
    }
    assert_int_equal(store_count(&counts, issuer_store(d.issuer), &d.e), 0);
    assert_int_equal(counts.reserved, 0);
    assert_int_equal(counts.issued, 4); /* C-1, C-3, C-4 and C-6 */
    issuing_stand_up(&d);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, issuing_copy, issuing_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_replacement_takes_the_place_of_the_old_certificate),
        IN_DIRECTORY(a_refused_replacement_reserves_nothing),
        IN_DIRECTORY(of_two_replacements_in_a_batch_one_is_made_and_no_number_is_lost),
        IN_DIRECTORY(an_order_that_names_our_own_certificate_as_its_original_replaces_it),
        IN_DIRECTORY(killed_at_any_stage_a_replacement_changes_both_or_none),
        IN_DIRECTORY(a_profile_of_another_organisation_is_not_there),
        IN_DIRECTORY(everything_wrong_is_told_at_once),
        IN_DIRECTORY(today_in_china_may_stand_on_a_certificate_and_tomorrow_not),
        IN_DIRECTORY(a_reserved_row_is_finished_from_itself_alone),
        IN_DIRECTORY(a_template_that_is_gone_is_said_in_words),
        IN_DIRECTORY(rules_made_later_do_not_change_an_answer),
        IN_DIRECTORY(what_somebody_else_makes_now_is_in_progress),
        IN_DIRECTORY(a_batch_reserves_no_more_than_the_grant_has_left),
    };

    return cmocka_run_group_tests(tests, issuing_prepare, issuing_forget);
}
