/* issue_test.c - exactly once: whatever ends the process, and whenever, one order is one certificate. */
#include "base/clock.h"
#include "image/photo.h"
#include "sign/verify.h"
#include "support/issuing.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void an_order_becomes_a_certificate_with_two_seals(void **state)
{
    struct verify_order how = {NULL, clock_now()};
    struct arena a = ARENA_INIT;
    struct trust *trust;
    struct verdict v;
    struct desk d;
    char path[128];

    (void)state;
    issuing_sit_down(&d);
    issuing_must(&d, NULL, NULL);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    assert_int_equal(strncmp(d.answer.verify_url, "https://zs.example.cn/v/", 24), 0);
    assert_true(strlen(d.answer.verify_url) >= 24 + 22);
    assert_int_equal(d.answer.seal_count, 2);
    assert_string_equal(d.answer.seals[0].role, "committee");
    assert_true(d.answer.seals[0].applied && d.answer.seals[1].applied);
    assert_true(d.answer.test && !d.answer.repeated);
    assert_true(d.answer.pdf.len < (size_t)300 * 1024);
    (void)snprintf(path, sizeof path, "%s/trust", issuing_dir);
    assert_int_equal(trust_load(&trust, path, &d.e), 0);
    how.trust = trust;
    assert_int_equal(verify_pdf(&v, d.answer.pdf, &how, &a, &d.e), 0);
    assert_int_equal(v.kind, VERDICT_TEST);
    assert_int_equal(v.seal_count, 2);
    trust_free(trust);
    arena_dispose(&a);
    issuing_stand_up(&d);
}

static void the_same_order_again_gives_the_first_certificate(void **state)
{
    struct buf first = BUF_INIT(DOCUMENT_MAX);
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    issuing_must(&d, NULL, NULL);
    buf_append(&first, d.answer.pdf);
    issuing_stand_up(&d);
    issuing_sit_down(&d);
    issuing_must(&d, NULL, NULL);
    assert_true(d.answer.repeated);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    assert_true(slice_equal(buf_view(&first), d.answer.pdf));
    assert_int_equal(d.answer.seal_count, 2);
    issuing_must(&d, "biz_no", "A-2");
    assert_string_equal(d.answer.certificate_no, "9342025000513000002");
    buf_dispose(&first);
    issuing_stand_up(&d);
}

static void another_content_under_the_same_biz_no_is_a_conflict(void **state)
{
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    issuing_must(&d, NULL, NULL);
    assert_int_equal(issuing_with(&d, "specialty", "呼吸内科"), -1);
    assert_int_equal(d.e.code, ERR_CONFLICT);
    assert_string_equal(d.e.field, "/biz_no");
    issuing_stand_up(&d);
}

static void what_the_data_spoils_takes_no_number(void **state)
{
    static const struct {
        const char *member, *value, *field;
    } rows[] = {{"name", "龙\xF3\xB0\x80\x81", "/name"}, /* U+F0001, private use */
                {"name", "龙\xF0\xB8\xBF\xBE", "/name"}, /* U+38FFE: no font has it */
                {"profile", "nobody", "/profile"},           {"region", "1", "/region"},
                {"birth_date", "1978-11-04", "/birth_date"}, {"profile", "no-grant", NULL}};
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (issuing_with(&d, rows[i].member, rows[i].value) == 0)
            fail_msg("row %zu was issued", i);
        if (rows[i].field != NULL)
            assert_string_equal(d.e.field, rows[i].field);
        else
            assert_int_equal(d.e.code, ERR_FORBIDDEN);
    }
    issuing_must(&d, NULL, NULL);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    issuing_stand_up(&d);
}

static void offices_without_a_seal_are_named_and_the_service_signs_alone(void **state)
{
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    issuing_must(&d, "profile", "one-seal");
    assert_int_equal(d.answer.seal_count, 2);
    assert_true(d.answer.seals[0].applied);
    assert_false(d.answer.seals[1].applied);
    issuing_stand_up(&d);
    issuing_sit_down(&d);
    assert_int_equal(issuing_with(&d, "profile", "no-seal"), -1); /* the same biz_no, another content */
    issuing_must(&d, "profile", "one-seal");
    assert_true(d.answer.repeated && !d.answer.seals[1].applied);
    issuing_stand_up(&d);
}

static void without_any_seal_the_service_signs_invisibly(void **state)
{
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    issuing_must(&d, "profile", "no-seal");
    assert_int_equal(d.answer.seal_count, 2);
    assert_false(d.answer.seals[0].applied);
    assert_string_equal(d.answer.seals[1].role, "service");
    assert_int_not_equal(slice_find(d.answer.pdf, 0, slice_of("ETSI.CAdES.detached")), SIZE_MAX);
    issuing_stand_up(&d);
}

static void a_recognition_is_made_without_the_committee(void **state)
{
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    issuing_must(&d, "obtain_mode", "认定");
    assert_int_equal(d.answer.seal_count, 1);
    assert_string_equal(d.answer.seals[0].role, "issuer");
    issuing_stand_up(&d);
}

static void a_given_number_is_kept_and_stepped_over(void **state)
{
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    issuing_must(&d, "certificate_no", "9342025000513000001");
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    issuing_must(&d, "biz_no", "A-2");
    assert_string_equal(d.answer.certificate_no, "9342025000513000002");
    issuing_stand_up(&d);
}

static void a_given_number_may_be_of_any_characters(void **state)
{
    char number[256] = "第";
    struct desk d;

    (void)state;
    while (strlen(number) < 64 * strlen("第"))
        strcat(number, "三");
    issuing_sit_down(&d);
    issuing_must(&d, "certificate_no", number);
    assert_string_equal(d.answer.certificate_no, number);
    strcat(number, "方");
    assert_int_equal(issuing_with(&d, "certificate_no", number), -1);
    assert_string_equal(d.e.field, "/certificate_no");
    issuing_stand_up(&d);
}

static void issuers_with_the_same_pattern_never_make_the_same_number(void **state)
{
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    issuing_must(&d, NULL, NULL);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    issuing_profile = "one-seal"; /* of another issuer */
    issuing_must(&d, "biz_no", "A-2");
    assert_string_equal(d.answer.certificate_no, "9342025000513000002");
    issuing_profile = "sealed";
    issuing_must(&d, "biz_no", "A-3");
    assert_string_equal(d.answer.certificate_no, "9342025000513000003");
    issuing_stand_up(&d);
}

struct ending {
    enum issue_stage at;
    bool disk_full; /* from there on, instead of a kill */
};

static void end_there(void *arg, enum issue_stage stage)
{
    const struct ending *ending = arg;
    struct rlimit none = {0, 0};

    if (stage != ending->at)
        return;
    if (!ending->disk_full)
        (void)raise(SIGKILL);
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)setrlimit(RLIMIT_FSIZE, &none);
}

/* A process issues the order and comes to its end; true if it said that it had issued. */
static bool issue_until(struct ending *ending)
{
    struct desk d;
    int status;
    pid_t child = fork();

    if (child == 0) {
        issuing_sit_down(&d);
        issuer_watch(d.issuer, end_there, ending);
        status = issuing_with(&d, NULL, NULL);
        _exit(status == 0 ? 0 : d.e.code == ERR_UNAVAILABLE ? 3 : 4);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (ending->disk_full)
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 4);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void check_after(const struct ending *ending, bool by_resume, bool acknowledged)
{
    char number[65] = "", token[TOKEN_SIZE] = "";
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    size_t resumed = 0;
    struct desk d;
    bool reserved;

    issuing_sit_down(&d);
    reserved = store_certificate_by_biz_no(&row, issuer_store(d.issuer), "issuer", "A-1", &a, &d.e) == 0;
    assert_int_equal(reserved, acknowledged || ending->at >= ISSUE_RESERVED);
    if (reserved) {
        (void)snprintf(number, sizeof number, "%s", row.number);
        (void)snprintf(token, sizeof token, "%s", row.token);
    }
    if (by_resume)
        assert_int_equal(issue_resume_all(d.issuer, clock_now(), &resumed, &d.e), 0);
    assert_int_equal(resumed, by_resume && reserved && row.state == CERTIFICATE_RESERVED);
    issuing_must(&d, NULL, NULL);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    if (reserved)
        assert_non_null(strstr(d.answer.verify_url, token));
    issuing_must(&d, "biz_no", "A-2");
    assert_string_equal(d.answer.certificate_no, "9342025000513000002");
    arena_dispose(&a);
    issuing_stand_up(&d);
}

static void try_every_stage(bool disk_full, bool by_resume)
{
    for (int at = 0; at < ISSUE_STAGES; at++) {
        struct ending ending = {(enum issue_stage)at, disk_full};
        bool acknowledged = issue_until(&ending);

        if (!disk_full)
            assert_false(acknowledged);
        check_after(&ending, by_resume, acknowledged);
        (void)issuing_remove(NULL);
        (void)issuing_copy(NULL);
    }
}

static void killed_at_any_stage_the_same_order_carries_on_with_the_same_number(void **state)
{
    (void)state;
    try_every_stage(false, false);
}

static void killed_at_any_stage_a_restart_finishes_what_was_reserved(void **state)
{
    (void)state;
    try_every_stage(false, true);
}

static void a_disk_that_fills_up_at_any_stage_loses_nothing(void **state)
{
    (void)state;
    try_every_stage(true, false);
}

static void four_processes_with_the_same_order_make_one_certificate(void **state)
{
    enum { PROCESSES = 4 };
    char(*numbers)[PROCESSES][128] =
        mmap(NULL, sizeof *numbers, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    (void)state;
    assert_true(numbers != MAP_FAILED);
    for (int i = 0; i < PROCESSES; i++) {
        if (fork() == 0) {
            struct desk d;

            issuing_sit_down(&d);
            if (issuing_with(&d, NULL, NULL) == 0)
                (void)snprintf((*numbers)[i], 128, "%s %08x", d.answer.verify_url, crc32_of(d.answer.pdf));
            issuing_stand_up(&d);
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++)
        assert_true(wait(NULL) > 0);
    for (int i = 0; i < PROCESSES; i++) {
        assert_true((*numbers)[i][0] != '\0');
        assert_string_equal((*numbers)[i], (*numbers)[0]);
    }
    (void)munmap(numbers, sizeof *numbers);
}

static struct issue_item *items_of(const char *const (*changes)[2], size_t count)
{
    struct issue_item *items = calloc(count, sizeof *items);
    struct err e;

    assert_non_null(items);
    for (size_t i = 0; i < count; i++) {
        json_t *order;

        assert_int_equal(json_read(&order, slice_of(issuing_order), strlen(issuing_order), &e), 0);
        (void)json_object_set_new(order, "biz_no", json_string(changes[i][0]));
        if (changes[i][1] != NULL)
            (void)json_object_set_new(order, "name", json_string(changes[i][1]));
        items[i].request =
            (struct issue_request){.order = order, .photo = buf_view(&issuing_photo), .now = clock_now()};
    }
    return items;
}

static void free_items(struct issue_item *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_decref((json_t *)items[i].request.order); /* NOLINT(clang-diagnostic-cast-qual): ours */
    free(items);
}

static void in_a_batch_each_order_has_its_own_outcome(void **state)
{
    static const char *const changes[][2] = {{"A-1", NULL}, {"A-2", "龙\n"}, {"A-3", "欧阳𬍛𫖯"},
                                             {"A-1", NULL}, {"A-1", "张三"}, {"A-4", "龙\xF0\xB8\xBF\xBE"}};
    enum { COUNT = sizeof changes / sizeof changes[0] };
    struct issue_item *items = items_of(changes, COUNT);
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    for (int again = 0; again < 2; again++) {
        issue_batch(d.issuer, items, COUNT);
        assert_int_equal(items[0].rc, 0);
        assert_string_equal(items[0].answer.certificate_no, "9342025000513000001");
        assert_int_equal(items[1].rc, -1);
        assert_string_equal(items[1].faults.list[0].field, "/name");
        assert_int_equal(items[2].rc, 0);
        assert_string_equal(items[2].answer.certificate_no, "9342025000513000002");
        assert_int_equal(items[3].rc, 0);
        assert_true(items[3].answer.repeated && slice_equal(items[3].answer.pdf, items[0].answer.pdf));
        assert_int_equal(items[4].rc, -1);
        assert_int_equal(items[4].err.code, ERR_CONFLICT);
        assert_int_equal(items[5].rc, -1);
        assert_string_equal(items[5].err.field, "/name");
        assert_int_equal(items[0].answer.repeated, again);
    }
    issuing_must(&d, "biz_no", "A-9");
    assert_string_equal(d.answer.certificate_no, "9342025000513000003");
    free_items(items, COUNT);
    issuing_stand_up(&d);
}

static void run_batch_until(struct ending *ending, struct issue_item *items, size_t count)
{
    struct desk d;
    int status;
    pid_t child = fork();

    if (child == 0) {
        issuing_sit_down(&d);
        issuer_watch(d.issuer, end_there, ending);
        issue_batch(d.issuer, items, count);
        for (size_t i = 0; i < count; i++) {
            if (items[i].rc != 0 && items[i].err.code != ERR_UNAVAILABLE)
                _exit(4);
        }
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(ending->disk_full ? WIFEXITED(status) && WEXITSTATUS(status) == 0 : WIFSIGNALED(status));
}

static void a_batch_that_was_interrupted_at_any_stage_carries_on(void **state)
{
    static const char *const changes[][2] = {{"A-1", NULL}, {"A-2", NULL}, {"A-3", NULL}};

    (void)state;
    for (int k = 0; k < 2 * ISSUE_STAGES; k++) {
        struct ending ending = {(enum issue_stage)(k / 2), k % 2 == 1};
        struct issue_item *items = items_of(changes, 3);
        char number[32];
        struct desk d;

        run_batch_until(&ending, items, 3);
        issuing_sit_down(&d);
        issue_batch(d.issuer, items, 3);
        for (int i = 0; i < 3; i++) {
            if (items[i].rc != 0)
                fail_msg("stage %d: %s (%s)", k / 2, items[i].err.en, items[i].err.detail);
            (void)snprintf(number, sizeof number, "934202500051300000%d", i + 1);
            assert_string_equal(items[i].answer.certificate_no, number);
        }
        issuing_stand_up(&d);
        free_items(items, 3);
        (void)issuing_remove(NULL);
        (void)issuing_copy(NULL);
    }
}

static void a_photo_of_another_size_is_refused(void **state)
{
    struct photo_crop crop = {.size = PHOTO_1_CUN};
    struct buf small = BUF_INIT(PHOTO_MAX_BYTES), kept = issuing_photo;
    struct photo_report report;
    struct desk d;

    (void)state;
    issuing_sit_down(&d);
    assert_int_equal(photo_crop(&small, buf_view(&issuing_photo), &crop, &report, &d.e), 0);
    issuing_photo = small;
    assert_int_equal(issuing_with(&d, NULL, NULL), -1);
    assert_string_equal(d.e.field, "/photo");
    issuing_photo = kept;
    buf_dispose(&small);
    issuing_stand_up(&d);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, issuing_copy, issuing_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(an_order_becomes_a_certificate_with_two_seals),
        IN_DIRECTORY(the_same_order_again_gives_the_first_certificate),
        IN_DIRECTORY(another_content_under_the_same_biz_no_is_a_conflict),
        IN_DIRECTORY(what_the_data_spoils_takes_no_number),
        IN_DIRECTORY(offices_without_a_seal_are_named_and_the_service_signs_alone),
        IN_DIRECTORY(without_any_seal_the_service_signs_invisibly),
        IN_DIRECTORY(a_recognition_is_made_without_the_committee),
        IN_DIRECTORY(a_given_number_is_kept_and_stepped_over),
        IN_DIRECTORY(a_given_number_may_be_of_any_characters),
        IN_DIRECTORY(issuers_with_the_same_pattern_never_make_the_same_number),
        IN_DIRECTORY(killed_at_any_stage_the_same_order_carries_on_with_the_same_number),
        IN_DIRECTORY(killed_at_any_stage_a_restart_finishes_what_was_reserved),
        IN_DIRECTORY(a_disk_that_fills_up_at_any_stage_loses_nothing),
        IN_DIRECTORY(four_processes_with_the_same_order_make_one_certificate),
        IN_DIRECTORY(in_a_batch_each_order_has_its_own_outcome),
        IN_DIRECTORY(a_batch_that_was_interrupted_at_any_stage_carries_on),
        IN_DIRECTORY(a_photo_of_another_size_is_refused),
    };

    return cmocka_run_group_tests(tests, issuing_prepare, issuing_forget);
}
