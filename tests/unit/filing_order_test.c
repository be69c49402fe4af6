/* filing_order_test.c - filings, people and lists of series as they come in. */
#include "base/file.h"
#include "base/json.h"
#include "records/filing.h"
#include "records/series.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char filing_json[] = "{\"name\":\"2025年度测试系列高级职称评审结果备案\",\"approval_no\":"
                                  "\"皖测社秘〔2026〕1号\",\"year\":2025,"
                                  "\"type\":\"评审\",\"profile\":\"demo\"}";
static const char person_json[] =
    "{\"name\":\"龙㛃䶮\",\"id_type\":\"居民身份证\",\"id_number\":\"340000197811031274\",\"gender\":\"男\","
    "\"birth_date\":\"1978-11-03\"}";

struct fixture {
    struct arena a;
    struct faults faults;
    struct err e;
    json_t *json;
};

/* The text as JSON, after `member` was set to `value` (JSON; NULL removes it). */
static void fixture_init(struct fixture *f, const char *text, const char *member, const char *value)
{
    *f = (struct fixture){.a = ARENA_INIT};
    assert_int_equal(json_read(&f->json, slice_of(text), 4096, &f->e), 0);
    if (member != NULL && value == NULL)
        (void)json_object_del(f->json, member);
    else if (member != NULL)
        (void)json_object_set_new(f->json, member, json_loads(value, JSON_DECODE_ANY, NULL));
}

static void fixture_end(struct fixture *f)
{
    json_decref(f->json);
    arena_dispose(&f->a);
}

static void a_filing_is_read(void **state)
{
    struct filing_order o;
    struct fixture f;

    (void)state;
    fixture_init(&f, filing_json, NULL, NULL);
    assert_int_equal(filing_order_read(&o, f.json, &f.a, &f.faults, &f.e), 0);
    assert_string_equal(o.approval_no, "皖测社秘〔2026〕1号");
    assert_string_equal(o.profile, "demo");
    assert_int_equal(o.year, 2025);
    assert_null(o.issuer);
    fixture_end(&f);
}

static void every_fault_of_a_filing_is_found_at_its_place(void **state)
{
    static const struct {
        const char *member, *value, *field;
    } rows[] = {{"name", NULL, "/name"},
                {"name", "\"\"", "/name"},
                {"name", "7", "/name"},
                {"approval_no", NULL, "/approval_no"},
                {"year", NULL, "/year"},
                {"year", "\"2025\"", "/year"},
                {"year", "1900", "/year"},
                {"type", "\"抽签\"", "/type"},
                {"profile", NULL, "/profile"},
                {"profile", "\"../x\"", "/profile"},
                {"issue_date", "\"2026-02-30\"", "/issue_date"},
                {"nmae", "1", "/nmae"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct filing_order o;
        struct fixture f;

        fixture_init(&f, filing_json, rows[i].member, rows[i].value);
        assert_int_equal(filing_order_read(&o, f.json, &f.a, &f.faults, &f.e), -1);
        assert_string_equal(f.e.field, rows[i].field);
        fixture_end(&f);
    }
}

static void a_filing_may_name_its_offices_instead(void **state)
{
    struct filing_order o;
    struct fixture f;

    (void)state;
    fixture_init(&f, filing_json, "profile", NULL);
    (void)json_object_set_new(f.json, "issuer", json_string("安徽省虚构人力资源和社会保障厅(测试)"));
    assert_int_equal(filing_order_read(&o, f.json, &f.a, &f.faults, &f.e), 0);
    assert_null(o.profile);
    assert_null(o.committee);
    fixture_end(&f);
}

static void a_person_is_read_and_checked_against_the_number(void **state)
{
    static const struct {
        const char *member, *value, *field;
    } rows[] = {{"name", "\"龙□\"", "/name"},
                {"id_number", "\"340000197811031275\"", "/id_number"},
                {"id_number", "340000197811031274", "/id_number"},
                {"birth_date", "\"1978-03-11\"", "/birth_date"},
                {"gender", "\"女\"", "/gender"},
                {"id_type", "\"学生证\"", "/id_type"},
                {"photo_id", "\"../../etc\"", "/photo_id"},
                {"photo", "\"x\"", "/photo"}};
    struct person_order o;
    struct fixture f;

    (void)state;
    fixture_init(&f, person_json, NULL, NULL);
    assert_int_equal(person_order_read(&o, f.json, &f.a, &f.faults, &f.e), 0);
    assert_string_equal(o.name, "龙㛃䶮");
    fixture_end(&f);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fixture_init(&f, person_json, rows[i].member, rows[i].value);
        assert_int_equal(person_order_read(&o, f.json, &f.a, &f.faults, &f.e), -1);
        assert_string_equal(f.e.field, rows[i].field);
        fixture_end(&f);
    }
}

static void the_national_series_are_built_in(void **state)
{
    static const struct {
        const char *text, *code;
    } rows[] = {{"中小学教师", "01"},
                {"卫生", "05"},
                {"农业技术人员", "06"},
                {"09", "09"},
                {"图书资料专业人员", "10"},
                {"16 经济专业人员", "16"},
                {"27", "27"}};
    struct arena a = ARENA_INIT;
    struct series_list l;
    struct err e;

    (void)state;
    assert_int_equal(series_load(&l, NULL, &a, &e), 0);
    assert_int_equal(l.count, 27);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_non_null(series_find(&l, rows[i].text));
        assert_string_equal(series_find(&l, rows[i].text)->code, rows[i].code);
    }
    assert_null(series_find(&l, "28"));
    assert_null(series_find(&l, ""));
    assert_null(series_find(&l, "05卫生技术人员x"));
    for (size_t i = 0; i < l.count; i++) {
        assert_int_equal(strlen(l.list[i].code), 2);
        assert_ptr_equal(series_find(&l, l.list[i].code), &l.list[i]);
        assert_ptr_equal(series_find(&l, l.list[i].name), &l.list[i]);
        for (const char *const *alias = l.list[i].aliases; *alias != NULL; alias++)
            assert_ptr_equal(series_find(&l, *alias), &l.list[i]);
    }
    assert_string_equal(series_level_of(series_find(&l, "05"), "主任医师"), "正高级");
    assert_null(series_level_of(series_find(&l, "05"), "教授"));
    arena_dispose(&a);
}

static void a_province_has_its_own_series(void **state)
{
    static const struct {
        const char *json, *says;
    } rows[] = {{"[{\"code\":\"A1\",\"name\":\"甲\",\"titles\":{\"中级\":[\"甲师\"]}}]", NULL},
                {"[]", "1 至"},
                {"{}", "1 至"},
                {"[{\"code\":\"a\",\"name\":\"甲\"}]", "code"},
                {"[{\"code\":\"1\"}]", "name"},
                {"[{\"code\":\"1\",\"name\":\"甲\"},{\"code\":\"1\",\"name\":\"乙\"}]", "重复"},
                {"[{\"code\":\"1\",\"name\":\"甲\",\"aliases\":\"x\"}]", "aliases"},
                {"[{\"code\":\"1\",\"name\":\"甲\",\"aliases\":[\"\"]}]", "别名"},
                {"[{\"code\":\"1\",\"name\":\"甲\",\"titles\":{\"高级\":[\"x\"]}}]", "级别"},
                {"[{\"code\":\"1\",\"name\":\"甲\",\"titles\":[]}]", "titles"},
                {"[{\"code\":\"1\",\"name\":\"甲\",\"titles\":{\"中级\":[1]}}]", "资格名称"},
                {"nonsense", ""}};
    char dir[] = "/tmp/series-XXXXXX", path[64];

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/series.json", dir);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena a = ARENA_INIT;
        struct series_list l;
        struct err e = {0};
        int rc;

        assert_int_equal(file_write(path, slice_of(rows[i].json), 0600, &e), 0);
        rc = series_load(&l, dir, &a, &e);
        assert_int_equal(rc, rows[i].says == NULL ? 0 : -1);
        if (rc != 0 && strstr(e.zh, rows[i].says) == NULL)
            fail_msg("%s: %s", rows[i].json, e.zh);
        if (rc == 0)
            assert_string_equal(series_find(&l, "甲")->code, "A1");
        arena_dispose(&a);
    }
    assert_int_equal(unlink(path), 0);
    {
        struct arena a = ARENA_INIT;
        struct series_list l;
        struct err e;

        assert_int_equal(series_load(&l, dir, &a, &e), 0); /* none of its own: the built-in one */
        assert_int_equal(l.count, 27);
        arena_dispose(&a);
    }
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filing_is_read),
        cmocka_unit_test(every_fault_of_a_filing_is_found_at_its_place),
        cmocka_unit_test(a_filing_may_name_its_offices_instead),
        cmocka_unit_test(a_person_is_read_and_checked_against_the_number),
        cmocka_unit_test(the_national_series_are_built_in),
        cmocka_unit_test(a_province_has_its_own_series),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
