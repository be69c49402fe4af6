/* issue_test.c - exactly once: whatever ends the process, and whenever, one order is one certificate. */
#include "base/clock.h"
#include "base/file.h"
#include "image/photo.h"
#include "issue/issue.h"
#include "records/order.h"
#include "sign/registry.h"
#include "sign/verify.h"
#include "store/config.h"
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

static const char order_text[] = "{\"profile\":\"sealed\",\"biz_no\":\"A-1\",\"name\":\"龙㛃䶮\",\"gender\":"
                                 "\"男\",\"birth_date\":\"1978-11-03\","
                                 "\"id_type\":\"居民身份证\",\"id_number\":\"340000197811031274\",\"series\":"
                                 "{\"code\":\"05\",\"name\":\"卫生\"},"
                                 "\"specialty\":\"心血管内科\",\"title\":\"主任医师\",\"level\":\"正高级\","
                                 "\"year\":2025,\"obtain_mode\":\"评审\","
                                 "\"approval_no\":\"皖测社秘〔2026〕1号\",\"issue_date\":\"2026-01-15\"}";

static char pristine[64], dir[64]; /* a data directory with seals, and the copy a test works on */
static struct buf photo = BUF_INIT(PHOTO_MAX_BYTES);
static struct press *press;

struct desk {
    struct signer *signer;
    struct issuer *issuer;
    struct faults faults;
    struct issue_answer answer;
    struct err e;
};

static void shell(const char *format, const char *a, const char *b)
{
    char command[256];

    /* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): literals of this file */
    (void)snprintf(command, sizeof command, "%s '%s' '%s'", format, a, b);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): paths of our own making */
}

static void put_office(struct store *s, const struct registry *r, const char *id, const char *name,
                       bool sealed, const char *grant_to)
{
    struct seal_order order = {.owner = name, .diameter = 42, .key = SEAL_KEY_P256};
    struct organisation o = {.id = id, .name = name};
    struct grant_order grant = {.to = grant_to};
    char seal[REGISTRY_ID_SIZE], unused[REGISTRY_ID_SIZE];
    struct err e;

    if (sealed) {
        assert_int_equal(registry_new_seal(seal, r, &order, NULL, &e), 0);
        o.seal_id = seal;
        grant.seal = seal;
        assert_int_equal(registry_grant(unused, r, &grant, &e), 0);
    }
    assert_int_equal(store_put_organisation(s, &o, &e), 0);
}

static void put_profile(struct store *s, const char *id, const char *issuer, const char *committee)
{
    struct profile p = {id,
                        "配置",
                        "issuer",
                        issuer,
                        committee,
                        "certificate",
                        "9{province}{year}{region:2}{series:2}{level:2}{seq:6}",
                        "YB",
                        "34",
                        "00",
                        NULL};
    struct err e;

    assert_int_equal(store_put_profile(s, &p, &e), 0);
}

static void make_offices(void)
{
    struct seal_order service = {.owner = "平台（测试）", .key = SEAL_KEY_P256};
    struct config config = {.demo = true};
    struct registry r = {pristine, {.isolated = false}};
    char id[REGISTRY_ID_SIZE];
    struct store *s;
    struct err e;

    assert_int_equal(config_set_url(&config, "https://zs.example.cn", &e), 0);
    assert_int_equal(config_save(&config, pristine, &e), 0);
    assert_int_equal(registry_prepare(&r, &e), 0);
    assert_int_equal(registry_new_test_ca(&r, &e), 0);
    assert_int_equal(store_open(&s, pristine, true, &e), 0);
    assert_int_equal(registry_new_service_seal(id, &r, &service, true, &e), 0);
    assert_int_equal(store_put_setting(s, "service_seal", id, &e), 0);
    put_office(s, &r, "issuer", "安徽省虚构人力资源和社会保障厅（测试）", true, "sealed");
    put_office(s, &r, "committee", "安徽省测试系列高级职称评审委员会", true, "*");
    put_office(s, &r, "unsealed", "安徽省虚构市人力资源和社会保障局（测试）", false, NULL);
    put_profile(s, "sealed", "issuer", "committee");
    put_profile(s, "one-seal", "unsealed", "committee");
    put_profile(s, "no-seal", "unsealed", NULL);
    put_profile(s, "no-grant", "issuer", "committee");
    store_close(s);
}

static int make_all(void **state)
{
    struct photo_crop crop = {.size = PHOTO_2_CUN};
    struct buf picture = BUF_INIT(PHOTO_MAX_BYTES);
    struct photo_report report;
    char path[512];
    struct err e;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/samples/photo.jpg", getenv("SEALPRESS_SOURCE"));
    (void)snprintf(pristine, sizeof pristine, "/tmp/issue_test.XXXXXX");
    assert_int_equal(file_read(&picture, path, &e), 0);
    assert_int_equal(photo_crop(&photo, buf_view(&picture), &crop, &report, &e), 0);
    buf_dispose(&picture);
    assert_non_null(mkdtemp(pristine));
    make_offices();
    return press_open(&press, &e);
}

static int remove_all(void **state)
{
    (void)state;
    press_close(press);
    buf_dispose(&photo);
    shell("rm -rf", pristine, pristine);
    return 0;
}

static int copy_directory(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/issue_test.XXXXXX");
    assert_non_null(mkdtemp(dir));
    shell("cp -a -T", pristine, dir);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    shell("rm -rf", dir, dir);
    return 0;
}

static void sit_down(struct desk *d)
{
    struct signer_identity who = {getuid(), getuid(), getgid(), getgid(), false};

    *d = (struct desk){.signer = NULL};
    if (signer_spawn(&d->signer, dir, &who, &d->e) != 0 ||
        issuer_open(&d->issuer, dir, press, d->signer, &d->e) != 0)
        fail_msg("%s (%s)", d->e.en, d->e.detail);
}

static void stand_up(struct desk *d)
{
    issuer_close(d->issuer);
    signer_close(d->signer);
}

/* Issues the order after `member` was set to the text `value`. */
static const char *order_profile = "sealed";

static int issue_with(struct desk *d, const char *member, const char *value)
{
    struct issue_request r = {.photo = buf_view(&photo), .now = 1790000000};
    json_t *order;
    int rc;

    assert_int_equal(json_read(&order, slice_of(order_text), sizeof order_text, &d->e), 0);
    (void)json_object_set_new(order, "profile", json_string(order_profile));
    if (member != NULL)
        (void)json_object_set_new(order, member, json_string(value));
    r.order = order;
    r.now = clock_now();
    d->faults = (struct faults){.count = 0};
    rc = issue_certificate(&d->answer, d->issuer, &r, &d->faults, &d->e);
    json_decref(order);
    return rc;
}

static void must_issue(struct desk *d, const char *member, const char *value)
{
    if (issue_with(d, member, value) != 0)
        fail_msg("%s: %s (%s)", d->e.field, d->e.en, d->e.detail);
}

static void an_order_becomes_a_certificate_with_two_seals(void **state)
{
    struct verify_order how = {NULL, clock_now()};
    struct arena a = ARENA_INIT;
    struct trust *trust;
    struct verdict v;
    struct desk d;
    char path[128];

    (void)state;
    sit_down(&d);
    must_issue(&d, NULL, NULL);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    assert_int_equal(strncmp(d.answer.verify_url, "https://zs.example.cn/v/", 24), 0);
    assert_true(strlen(d.answer.verify_url) >= 24 + 22);
    assert_int_equal(d.answer.seal_count, 2);
    assert_string_equal(d.answer.seals[0].role, "committee");
    assert_true(d.answer.seals[0].applied && d.answer.seals[1].applied);
    assert_true(d.answer.test && !d.answer.repeated);
    assert_true(d.answer.pdf.len < (size_t)300 * 1024);
    (void)snprintf(path, sizeof path, "%s/trust", dir);
    assert_int_equal(trust_load(&trust, path, &d.e), 0);
    how.trust = trust;
    assert_int_equal(verify_pdf(&v, d.answer.pdf, &how, &a, &d.e), 0);
    assert_int_equal(v.kind, VERDICT_TEST);
    assert_int_equal(v.seal_count, 2);
    trust_free(trust);
    arena_dispose(&a);
    stand_up(&d);
}

static void the_same_order_again_gives_the_first_certificate(void **state)
{
    struct buf first = BUF_INIT(DOCUMENT_MAX);
    struct desk d;

    (void)state;
    sit_down(&d);
    must_issue(&d, NULL, NULL);
    buf_append(&first, d.answer.pdf);
    stand_up(&d);
    sit_down(&d);
    must_issue(&d, NULL, NULL);
    assert_true(d.answer.repeated);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    assert_true(slice_equal(buf_view(&first), d.answer.pdf));
    assert_int_equal(d.answer.seal_count, 2);
    must_issue(&d, "biz_no", "A-2");
    assert_string_equal(d.answer.certificate_no, "9342025000513000002");
    buf_dispose(&first);
    stand_up(&d);
}

static void another_content_under_the_same_biz_no_is_a_conflict(void **state)
{
    struct desk d;

    (void)state;
    sit_down(&d);
    must_issue(&d, NULL, NULL);
    assert_int_equal(issue_with(&d, "specialty", "呼吸内科"), -1);
    assert_int_equal(d.e.code, ERR_CONFLICT);
    assert_string_equal(d.e.field, "/biz_no");
    stand_up(&d);
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
    sit_down(&d);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (issue_with(&d, rows[i].member, rows[i].value) == 0)
            fail_msg("row %zu was issued", i);
        if (rows[i].field != NULL)
            assert_string_equal(d.e.field, rows[i].field);
        else
            assert_int_equal(d.e.code, ERR_FORBIDDEN);
    }
    must_issue(&d, NULL, NULL);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    stand_up(&d);
}

static void offices_without_a_seal_are_named_and_the_service_signs_alone(void **state)
{
    struct desk d;

    (void)state;
    sit_down(&d);
    must_issue(&d, "profile", "one-seal");
    assert_int_equal(d.answer.seal_count, 2);
    assert_true(d.answer.seals[0].applied);
    assert_false(d.answer.seals[1].applied);
    stand_up(&d);
    sit_down(&d);
    assert_int_equal(issue_with(&d, "profile", "no-seal"), -1); /* the same biz_no, another content */
    must_issue(&d, "profile", "one-seal");
    assert_true(d.answer.repeated && !d.answer.seals[1].applied);
    stand_up(&d);
}

static void without_any_seal_the_service_signs_invisibly(void **state)
{
    struct desk d;

    (void)state;
    sit_down(&d);
    must_issue(&d, "profile", "no-seal");
    assert_int_equal(d.answer.seal_count, 2);
    assert_false(d.answer.seals[0].applied);
    assert_string_equal(d.answer.seals[1].role, "service");
    assert_int_not_equal(slice_find(d.answer.pdf, 0, slice_of("ETSI.CAdES.detached")), SIZE_MAX);
    stand_up(&d);
}

static void a_recognition_is_made_without_the_committee(void **state)
{
    struct desk d;

    (void)state;
    sit_down(&d);
    must_issue(&d, "obtain_mode", "认定");
    assert_int_equal(d.answer.seal_count, 1);
    assert_string_equal(d.answer.seals[0].role, "issuer");
    stand_up(&d);
}

static void a_given_number_is_kept_and_stepped_over(void **state)
{
    struct desk d;

    (void)state;
    sit_down(&d);
    must_issue(&d, "certificate_no", "9342025000513000001");
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    must_issue(&d, "biz_no", "A-2");
    assert_string_equal(d.answer.certificate_no, "9342025000513000002");
    stand_up(&d);
}

static void a_given_number_may_be_of_any_characters(void **state)
{
    char number[256] = "第";
    struct desk d;

    (void)state;
    while (strlen(number) < 64 * strlen("第"))
        strcat(number, "三");
    sit_down(&d);
    must_issue(&d, "certificate_no", number);
    assert_string_equal(d.answer.certificate_no, number);
    strcat(number, "方");
    assert_int_equal(issue_with(&d, "certificate_no", number), -1);
    assert_string_equal(d.e.field, "/certificate_no");
    stand_up(&d);
}

static void issuers_with_the_same_pattern_never_make_the_same_number(void **state)
{
    struct desk d;

    (void)state;
    sit_down(&d);
    must_issue(&d, NULL, NULL);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    order_profile = "one-seal"; /* of another issuer */
    must_issue(&d, "biz_no", "A-2");
    assert_string_equal(d.answer.certificate_no, "9342025000513000002");
    order_profile = "sealed";
    must_issue(&d, "biz_no", "A-3");
    assert_string_equal(d.answer.certificate_no, "9342025000513000003");
    stand_up(&d);
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
        sit_down(&d);
        issuer_watch(d.issuer, end_there, ending);
        status = issue_with(&d, NULL, NULL);
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

    sit_down(&d);
    reserved = store_certificate_by_biz_no(&row, issuer_store(d.issuer), "issuer", "A-1", &a, &d.e) == 0;
    assert_int_equal(reserved, acknowledged || ending->at >= ISSUE_RESERVED);
    if (reserved) {
        (void)snprintf(number, sizeof number, "%s", row.number);
        (void)snprintf(token, sizeof token, "%s", row.token);
    }
    if (by_resume)
        assert_int_equal(issue_resume_all(d.issuer, clock_now(), &resumed, &d.e), 0);
    assert_int_equal(resumed, by_resume && reserved && row.state == CERTIFICATE_RESERVED);
    must_issue(&d, NULL, NULL);
    assert_string_equal(d.answer.certificate_no, "9342025000513000001");
    if (reserved)
        assert_non_null(strstr(d.answer.verify_url, token));
    must_issue(&d, "biz_no", "A-2");
    assert_string_equal(d.answer.certificate_no, "9342025000513000002");
    arena_dispose(&a);
    stand_up(&d);
}

static void try_every_stage(bool disk_full, bool by_resume)
{
    for (int at = 0; at < ISSUE_STAGES; at++) {
        struct ending ending = {(enum issue_stage)at, disk_full};
        bool acknowledged = issue_until(&ending);

        if (!disk_full)
            assert_false(acknowledged);
        check_after(&ending, by_resume, acknowledged);
        (void)remove_directory(NULL);
        (void)copy_directory(NULL);
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

            sit_down(&d);
            if (issue_with(&d, NULL, NULL) == 0)
                (void)snprintf((*numbers)[i], 128, "%s %08x", d.answer.verify_url, crc32_of(d.answer.pdf));
            stand_up(&d);
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

        assert_int_equal(json_read(&order, slice_of(order_text), sizeof order_text, &e), 0);
        (void)json_object_set_new(order, "biz_no", json_string(changes[i][0]));
        if (changes[i][1] != NULL)
            (void)json_object_set_new(order, "name", json_string(changes[i][1]));
        items[i].request =
            (struct issue_request){.order = order, .photo = buf_view(&photo), .now = clock_now()};
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
    sit_down(&d);
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
    must_issue(&d, "biz_no", "A-9");
    assert_string_equal(d.answer.certificate_no, "9342025000513000003");
    free_items(items, COUNT);
    stand_up(&d);
}

static void run_batch_until(struct ending *ending, struct issue_item *items, size_t count)
{
    struct desk d;
    int status;
    pid_t child = fork();

    if (child == 0) {
        sit_down(&d);
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
        sit_down(&d);
        issue_batch(d.issuer, items, 3);
        for (int i = 0; i < 3; i++) {
            if (items[i].rc != 0)
                fail_msg("stage %d: %s (%s)", k / 2, items[i].err.en, items[i].err.detail);
            (void)snprintf(number, sizeof number, "934202500051300000%d", i + 1);
            assert_string_equal(items[i].answer.certificate_no, number);
        }
        stand_up(&d);
        free_items(items, 3);
        (void)remove_directory(NULL);
        (void)copy_directory(NULL);
    }
}

static void a_photo_of_another_size_is_refused(void **state)
{
    struct photo_crop crop = {.size = PHOTO_1_CUN};
    struct buf small = BUF_INIT(PHOTO_MAX_BYTES), kept = photo;
    struct photo_report report;
    struct desk d;

    (void)state;
    sit_down(&d);
    assert_int_equal(photo_crop(&small, buf_view(&photo), &crop, &report, &d.e), 0);
    photo = small;
    assert_int_equal(issue_with(&d, NULL, NULL), -1);
    assert_string_equal(d.e.field, "/photo");
    photo = kept;
    buf_dispose(&small);
    stand_up(&d);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, copy_directory, remove_directory)

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

    return cmocka_run_group_tests(tests, make_all, remove_all);
}
