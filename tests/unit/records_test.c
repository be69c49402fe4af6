/* records_test.c - orders and offices as they come in: the good one, and every way of being wrong. */
#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"
#include "records/members.h"
#include "records/order.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char good[] =
    "{\"profile\":\"demo\",\"biz_no\":\"A-1\",\"name\":\"龙㛃䶮\",\"gender\":\"男\",\"birth_date\":\"1978-11-"
    "03\","
    "\"id_type\":\"居民身份证\",\"id_number\":\"340000197811031274\",\"series\":{\"code\":\"05\",\"name\":"
    "\"卫生\"},"
    "\"specialty\":\"心血管内科\",\"title\":\"主任医师\",\"level\":\"正高级\",\"year\":2025,\"obtain_mode\":"
    "\"评审\","
    "\"obtained_date\":\"2025-12-20\",\"approval_no\":\"皖测社秘〔2026〕1号\",\"issue_date\":\"2026-01-15\"}";

struct fixture {
    struct arena a;
    struct certificate_order order;
    struct faults faults;
    struct err e;
    json_t *json;
};

/* Reads the good order after `member` was set to `value` (JSON; NULL removes it). */
static int read_with(struct fixture *f, const char *member, const char *value)
{
    int rc;

    *f = (struct fixture){.a = ARENA_INIT};
    assert_int_equal(json_read(&f->json, slice_of(good), sizeof good, &f->e), 0);
    if (member != NULL && value == NULL)
        (void)json_object_del(f->json, member);
    else if (member != NULL)
        (void)json_object_set_new(f->json, member, json_loads(value, JSON_DECODE_ANY, NULL));
    rc = certificate_order_read(&f->order, f->json, &f->a, &f->faults, &f->e);
    json_decref(f->json);
    return rc;
}

static void a_good_order_is_read(void **state)
{
    struct fixture f;

    (void)state;
    assert_int_equal(read_with(&f, NULL, NULL), 0);
    assert_int_equal(f.faults.count, 0);
    assert_int_equal(f.faults.note_count, 0);
    assert_string_equal(f.order.name, "龙㛃䶮");
    assert_string_equal(f.order.series_code, "05");
    assert_int_equal(f.order.year, 2025);
    assert_null(f.order.employer);
    assert_non_null(strstr(f.order.canonical, "\"biz_no\":\"A-1\""));
    arena_dispose(&f.a);
}

static void every_single_fault_is_found_at_its_place(void **state)
{
    static const struct {
        const char *member, *value, *field;
    } rows[] = {
        {"nmae", "\"x\"", "/nmae"},
        {"a/b~c", "\"x\"", "/a~1b~0c"},
        {"name", NULL, "/name"},
        {"name", "\"\"", "/name"},
        {"name", "7", "/name"},
        {"name", "\"龙\\u200d䶮\"", "/name"},
        {"name", "\"龙\\u202e䶮\"", "/name"},
        {"name", "\"龙\\ue000\"", "/name"},
        {"name", "\"龙\\n䶮\"", "/name"},
        {"name", "\" 龙䶮\"", "/name"},
        {"name", "\"龙䶮 \"", "/name"},
        {"name", "\"龙\\ufe00\"", "/name"},
        {"name", "\"龙\\ufffd䶮\"", "/name"},
        {"name", "\"龙\\u3000䶮\"", "/name"},
        {"name", "\"龙\\u00a0䶮\"", "/name"},
        {"name", "\"龙\\u2003䶮\"", "/name"},
        {"name", "\"龙  䶮\"", "/name"},
        {"name", "\"龙\\u0301䶮\"", "/name"},
        {"name", "\"\\u05d0\"", "/name"},
        {"name", "\"龙?\"", "/name"},
        {"name", "\"龙*\"", "/name"},
        {"name", "\"龙□\"", "/name"},
        {"name", "\"龙〓\"", "/name"},
        {"name", "\"\\u2f5f䶮\"", "/name"},
        {"name", "\"龙\\ud83d\\ude00\"", "/name"},
        {"employer", "\"\\u0627\\u0644\"", "/employer"},
        {"gender", "\"女\"", "/gender"},
        {"gender", "\"male\"", "/gender"},
        {"birth_date", "\"1978-11-04\"", "/birth_date"},
        {"birth_date", "\"1978-02-30\"", "/birth_date"},
        {"birth_date", "\"1978-11-3\"", "/birth_date"},
        {"id_number", "\"340000197811031275\"", "/id_number"},
        {"id_number", "\"123\"", "/id_number"},
        {"id_type", "\"身份证\"", "/id_type"},
        {"series", "\"卫生\"", "/series"},
        {"series", "{\"code\":\"05\"}", "/series/name"},
        {"series", "{\"code\":\"05\",\"name\":\"卫生\",\"x\":1}", "/series/x"},
        {"series", NULL, "/series"},
        {"level", "\"高级\"", "/level"},
        {"year", "\"2025\"", "/year"},
        {"year", "25", "/year"},
        {"year", "2025.5", "/year"},
        {"issue_date", "\"1970-01-01\"", "/issue_date"},
        {"obtained_date", "\"1970-01-01\"", "/obtained_date"},
        {"original_no", "\"TD00001\"", "/reissue_date"},
        {"reissue_date", "\"2026-03-02\"", "/original_no"},
        {"biz_no", NULL, "/biz_no"},
        {"profile", "\"../x\"", "/profile"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;

        if (read_with(&f, rows[i].member, rows[i].value) == 0)
            fail_msg("%s = %s was taken", rows[i].member, rows[i].value ? rows[i].value : "(absent)");
        assert_int_equal(f.faults.count, 1);
        assert_string_equal(f.e.field, rows[i].field);
        assert_true(f.e.en[0] != '\0' && f.e.zh[0] != '\0');
        arena_dispose(&f.a);
    }
}

static void messages_repeat_whole_characters_only(void **state)
{
    static const char *const members[] = {"profile", "gender", "issue_date"};
    char value[400] = "\"x";
    struct fixture f;

    (void)state;
    while (strlen(value) < 300)
        strcat(value, "龙");
    strcat(value, "\"");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        assert_int_equal(read_with(&f, members[i], value), -1);
        assert_true(utf8_valid(slice_of(f.e.en)) && utf8_valid(slice_of(f.e.zh)));
        arena_dispose(&f.a);
    }
}

static void all_faults_are_told_at_once_but_no_more_than_sixteen(void **state)
{
    struct fixture f = {.a = ARENA_INIT};

    (void)state;
    f.json = json_object();
    assert_int_equal(certificate_order_read(&f.order, f.json, &f.a, &f.faults, &f.e), -1);
    assert_int_equal(f.faults.count, 14);
    for (char c = 'a'; c < 'z'; c++)
        (void)json_object_set_new(f.json, (char[]){c, '\0'}, json_null());
    f.faults = (struct faults){0};
    assert_int_equal(certificate_order_read(&f.order, f.json, &f.a, &f.faults, &f.e), -1);
    assert_int_equal(f.faults.count, FAULTS_MAX);
    assert_int_equal(f.faults.left_off, 25 + 14 - FAULTS_MAX);
    json_decref(f.json);
    arena_dispose(&f.a);
}

static void separators_of_names_are_put_right_with_a_note(void **state)
{
    static const char *const given[] = {"\"买买提\\u2022吐尔逊\"", "\"买买提\\u30fb吐尔逊\"",
                                        "\"买买提\\u2027吐尔逊\"", "\"买买提\\uff65吐尔逊\"",
                                        "\"买买提.吐尔逊\"",       "\"买买提．吐尔逊\""};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        assert_int_equal(read_with(&f, "name", given[i]), 0);
        assert_string_equal(f.order.name, "买买提·吐尔逊");
        assert_int_equal(f.faults.note_count, 1);
        assert_string_equal(f.faults.notes[0].field, "/name");
        arena_dispose(&f.a);
    }
    assert_int_equal(read_with(&f, "name", "\"John A. Smith\""), 0);
    assert_string_equal(f.order.name, "John A. Smith");
    arena_dispose(&f.a);
    assert_int_equal(read_with(&f, "name", "\"\xF0\xAE\xAF\xB0\""), 0); /* U+2EBF0: newer than Debian 12 */
    arena_dispose(&f.a);
    assert_int_equal(read_with(&f, "name", "\"〇O’Brien-Müller, Jr.（甲）\""), 0);
    arena_dispose(&f.a);
    assert_int_equal(read_with(&f, "employer", "\"甲・乙公司\""), 0);
    assert_string_equal(f.order.employer, "甲・乙公司");
    arena_dispose(&f.a);
}

static void decomposed_text_is_composed(void **state)
{
    struct fixture f;

    (void)state;
    assert_int_equal(read_with(&f, "employer", "\"Universita\\u0308t\""), 0);
    assert_string_equal(f.order.employer, "Universität");
    assert_int_equal(f.faults.note_count, 1);
    arena_dispose(&f.a);
}

static void a_name_of_fifty_characters_fits_and_one_more_does_not(void **state)
{
    char value[256] = "\"";
    struct fixture f;

    (void)state;
    for (int i = 0; i < 50; i++)
        strcat(value, "𬍛");
    strcat(value, "\"");
    assert_int_equal(read_with(&f, "name", value), 0);
    arena_dispose(&f.a);
    strcpy(value + strlen(value) - 1, "龙\"");
    assert_int_equal(read_with(&f, "name", value), -1);
    assert_int_equal(f.e.code, ERR_TOO_LARGE);
    arena_dispose(&f.a);
}

static void a_replacement_at_fault_is_blamed_once(void **state)
{
    struct fixture f = {.a = ARENA_INIT};
    json_t *json;

    (void)state;
    assert_int_equal(json_read(&json, slice_of(good), sizeof good, &f.e), 0);
    (void)json_object_set_new(json, "original_no", json_string("TD00001\n"));
    (void)json_object_set_new(json, "reissue_date", json_string("2026-03-02"));
    assert_int_equal(certificate_order_read(&f.order, json, &f.a, &f.faults, &f.e), -1);
    assert_int_equal(f.faults.count, 1);
    assert_string_equal(f.e.field, "/original_no");
    json_decref(json);
    arena_dispose(&f.a);
}

static void a_title_obtained_after_its_certificate_is_remarked_on(void **state)
{
    struct fixture f;

    (void)state;
    assert_int_equal(read_with(&f, "obtained_date", "\"2026-01-16\""), 0);
    assert_int_equal(f.faults.note_count, 1);
    assert_string_equal(f.faults.notes[0].field, "/obtained_date");
    arena_dispose(&f.a);
}

static void other_documents_are_not_held_to_the_identity_standard(void **state)
{
    struct fixture f;

    (void)state;
    assert_int_equal(read_with(&f, "id_type", "\"军官证\""), 0);
    arena_dispose(&f.a);
}

static void the_same_order_in_another_spelling_is_the_same(void **state)
{
    struct fixture f, g;

    (void)state;
    assert_int_equal(read_with(&f, NULL, NULL), 0);
    assert_int_equal(read_with(&g, "employer", "null"), 0);
    assert_string_equal(f.order.canonical, g.order.canonical);
    arena_dispose(&g.a);
    assert_int_equal(read_with(&g, "employer", "\"某单位\""), 0);
    assert_string_not_equal(f.order.canonical, g.order.canonical);
    arena_dispose(&f.a);
    arena_dispose(&g.a);
}

static void the_record_holds_what_the_template_prints(void **state)
{
    struct organisation issuer = {.name = "某厅（测试）", .printed_name = "某|厅（测试）"},
                        committee = {.name = "某评委会"};
    struct certificate_facts facts = {"9342025000513000001", NULL, &issuer, &committee, "zs.example.cn"};
    struct fixture f;
    json_t *record;

    (void)state;
    assert_int_equal(read_with(&f, NULL, NULL), 0);
    record = certificate_record(&f.order, &facts);
    assert_string_equal(json_text(record, "certificate_no"), "9342025000513000001");
    assert_string_equal(json_text(record, "series"), "卫生");
    assert_string_equal(json_text(json_object_get(record, "issuer"), "name"), "某|厅（测试）");
    assert_string_equal(json_text(json_object_get(record, "committee"), "name"), "某评委会");
    assert_int_equal(json_integer_value(json_object_get(record, "year")), 2025);
    assert_null(json_object_get(record, "license_id"));
    assert_null(json_object_get(record, "mobile"));
    json_decref(record);
    arena_dispose(&f.a);
}

static int read_offices(const char *text, struct faults *faults, struct offices *out, struct arena *a)
{
    struct err e;
    json_t *json;
    int rc;

    assert_int_equal(json_read(&json, slice_of(text), JSON_MAX_BYTES, &e), 0);
    *faults = (struct faults){0};
    rc = offices_read(out, json, a, faults, &e);
    json_decref(json);
    return rc;
}

static void offices_are_read_and_their_references_checked(void **state)
{
    static const char fine[] =
        "{\"organisations\":[{\"id\":\"a\",\"name\":\"甲厅\",\"uscc\":\"11340000MB0T0T0T1J\",\"draw_seal\":"
        "{\"diameter_mm\":45,\"algorithm\":\"p-256\"}}],\"profiles\":[{\"id\":"
        "\"p\","
        "\"name\":\"配置\",\"organisation\":\"a\",\"issuer\":\"a\",\"template\":\"certificate\",\"number_"
        "pattern\":"
        "\"9{province}{year}{seq:6}\",\"province\":\"34\"}]}";
    static const char *const bad[] = {
        "{\"organisation\":[]}",
        "{\"organisations\":{}}",
        "{\"organisations\":[{\"id\":\"a\",\"name\":\"甲\",\"uscc\":\"11340000MB0T0T0T1K\"}]}",
        "{\"organisations\":[{\"id\":\"a\",\"name\":\"甲\"},{\"id\":\"a\",\"name\":\"乙\"}]}",
        "{\"organisations\":[{\"id\":\"a\",\"name\":\"甲\",\"seal_id\":\"12\"}]}",
        "{\"profiles\":[{\"id\":\"p\",\"name\":\"配置\",\"organisation\":\"a\",\"issuer\":\"a\",\"template\":"
        "\"t\","
        "\"number_pattern\":\"{seq:6}\",\"province\":\"34\"}]}",
        "[]"};
    struct arena a = ARENA_INIT;
    struct faults faults;
    struct offices o;

    (void)state;
    assert_int_equal(read_offices(fine, &faults, &o, &a), 0);
    assert_int_equal(o.organisation_count, 1);
    assert_true(o.organisations[0].seal_plan->diameter == 45);
    assert_string_equal(o.profiles[0].reissue_prefix, "YB");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (read_offices(bad[i], &faults, &o, &a) == 0)
            fail_msg("%s was taken", bad[i]);
    }
    arena_dispose(&a);
}

static int read_one(const char *text, bool profile, struct faults *faults, struct arena *a)
{
    const struct organisation office = {.id = "a", .name = "甲厅"};
    const struct offices known = {&office, 1, NULL, 0};
    struct organisation o;
    struct profile p;
    struct err e;
    json_t *json;
    int rc;

    assert_int_equal(json_read(&json, slice_of(text), JSON_MAX_BYTES, &e), 0);
    *faults = (struct faults){0};
    rc = profile ? profile_read(&p, json, &known, a, faults, &e) : organisation_read(&o, json, a, faults, &e);
    json_decref(json);
    return rc;
}

static void one_office_by_itself_is_checked_like_one_of_a_file(void **state)
{
    static const struct {
        bool profile;
        const char *text, *field;
    } rows[] = {
        {false, "{\"id\":\"b\",\"name\":\"乙局\",\"printed_name\":\"乙|局\"}", NULL},
        {false, "{\"id\":\"b\",\"name\":\"乙局\",\"printed_name\":\"丙|局\"}", "/printed_name"},
        {false, "{\"id\":\"b\",\"name\":\"乙局\",\"printed_name\":\"乙|局长\"}", "/printed_name"},
        {false, "{\"id\":\"b\",\"name\":\"乙局\",\"printed_name\":\"乙\"}", "/printed_name"},
        {false, "{\"id\":\"b/c\",\"name\":\"乙局\"}", "/id"},
        {false, "{\"name\":\"乙局\"}", "/id"},
        {false, "{\"id\":\"b\",\"name\":\"乙\\u202e局\"}", "/name"},
        {false, "{\"id\":\"b\",\"name\":\"乙局\",\"draw_seal\":{\"diameter_mm\":45,\"algorithm\":\"p-256\"}}",
         "/draw_seal"},
        {true,
         "{\"id\":\"p\",\"name\":\"配置\",\"organisation\":\"a\",\"issuer\":\"a\",\"template\":\"t\","
         "\"number_pattern\":\"9{seq:6}\",\"province\":\"34\"}",
         NULL},
        {true,
         "{\"id\":\"p\",\"name\":\"配置\",\"organisation\":\"a\",\"issuer\":\"b\",\"template\":\"t\","
         "\"number_pattern\":\"9{seq:6}\",\"province\":\"34\"}",
         "/issuer"},
        {true,
         "{\"id\":\"p\",\"name\":\"配置\",\"organisation\":\"a\",\"issuer\":\"a\",\"template\":\"t\","
         "\"number_pattern\":\"9\",\"province\":\"34\"}",
         "/number_pattern"},
    };
    struct arena a = ARENA_INIT;
    struct faults faults;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int rc = read_one(rows[i].text, rows[i].profile, &faults, &a);

        assert_int_equal(rc, rows[i].field == NULL ? 0 : -1);
        if (rows[i].field != NULL)
            assert_string_equal(faults.list[0].field, rows[i].field);
    }
    arena_dispose(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_order_is_read),
        cmocka_unit_test(every_single_fault_is_found_at_its_place),
        cmocka_unit_test(messages_repeat_whole_characters_only),
        cmocka_unit_test(all_faults_are_told_at_once_but_no_more_than_sixteen),
        cmocka_unit_test(separators_of_names_are_put_right_with_a_note),
        cmocka_unit_test(decomposed_text_is_composed),
        cmocka_unit_test(a_name_of_fifty_characters_fits_and_one_more_does_not),
        cmocka_unit_test(a_replacement_at_fault_is_blamed_once),
        cmocka_unit_test(a_title_obtained_after_its_certificate_is_remarked_on),
        cmocka_unit_test(other_documents_are_not_held_to_the_identity_standard),
        cmocka_unit_test(the_same_order_in_another_spelling_is_the_same),
        cmocka_unit_test(the_record_holds_what_the_template_prints),
        cmocka_unit_test(offices_are_read_and_their_references_checked),
        cmocka_unit_test(one_office_by_itself_is_checked_like_one_of_a_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
