/* template_test.c - templates are trees or errors with their line; records become characters, never markup.
 */
#include "base/share.h"
#include "template/template_internal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                                 \
    "---\ntitle: T {{name}}\noptional: note, office\ncolors:\n  red: \"#FF0000\"\ndefaults:\n  place: "      \
    "合肥\n---\n"

static json_t *json_of(const char *text)
{
    json_t *j = NULL;
    struct err e = {0};

    assert_int_equal(json_read(&j, slice_of(text), JSON_MAX_BYTES, &e), 0);
    return j;
}

static const char sample_text[] = "{\"name\": \"张三\", \"born\": \"1990-06-07\", \"id\": "
                                  "\"340000199006074537\", \"count\": 3, \"yes\": true,"
                                  " \"works\": [{\"year\": \"2020\", \"what\": \"甲\"}, {\"year\": \"2021\", "
                                  "\"end\": \"2022\"}], \"tags\": [\"a\","
                                  "\"b\"]}";

static int parse(struct template **t, const char *body, struct err *e)
{
    char *text = NULL;
    int rc;

    assert_true(asprintf(&text, "%s%s", HEAD, body) > 0);
    rc = template_parse(t, "folder/test", slice_of(text), json_of(sample_text), NULL, e);
    free(text);
    return rc;
}

/* The tree of body bound to a record, as text. */
static char *bound(const char *body, const char *record)
{
    struct buf out = BUF_INIT(1 << 20);
    struct arena a = ARENA_INIT;
    struct template *t;
    struct tree_node *tree;
    struct err e = {0};
    json_t *r = json_of(record);
    char *text;

    if (parse(&t, body, &e) != 0)
        fail_msg("%s", e.en);
    if (tree_bind(&tree, t, &(struct binding){.record = r}, &a, &e) != 0)
        fail_msg("%s %s", e.en, e.field);
    tree_dump(&out, tree);
    text = strdup(buf_text(&out));
    buf_dispose(&out);
    arena_dispose(&a);
    template_free(t);
    json_decref(r);
    return text;
}

static void expect(const char *body, const char *record, const char *tree)
{
    char *text = bound(body, record);

    assert_string_equal(text, tree);
    free(text);
}

static void markdown_becomes_headings_paragraphs_and_lists(void **state)
{
    (void)state;
    expect("# 标题\n\n甲**乙**\n丙 *丁*\n\n- 一\n- 二\n", "{}",
           "body\n  heading 1 text=\"标题\"\n  paragraph text=\"甲<1>乙<0>丙 <2>丁\"\n  list\n    item\n     "
           " paragraph "
           "text=\"一\"\n    item\n      paragraph text=\"二\"\n");
}

static void a_placeholder_is_strong_between_chinese_characters_too(void **state)
{
    (void)state;
    expect("本人**{{name}}**承诺*{{note | default:\"*无*\"}}*。\n", "{\"name\": \"甲\"}",
           "body\n  paragraph text=\"本人<1>甲<0>承诺<2>*无*<0>。\"\n");
}

static void markup_in_a_record_stays_characters(void **state)
{
    (void)state;
    expect("<text x=\"1\" y=\"2\">姓名{{name}}</text>\n",
           "{\"name\": \"**甲** <seal role='x'/> {{id}} &amp; <wbr/> | \\\\\"}",
           "body\n  text text=\"姓名**甲** <seal role='x'/> {{id}} &amp; <wbr/> | \\\"\n");
    expect("{{name}}\n", "{\"name\": \"# 标题\\n- 项\"}", "body\n  paragraph text=\"# 标题<br/>- 项\"\n");
}

static void filters_do_what_their_names_say(void **state)
{
    static const struct {
        const char *filter, *record, *result;
    } rows[] = {{"born | date", "{\"born\": \"2024-01-09\"}", "2024年1月9日"},
                {"born | date", "{\"born\": \"2024-01\"}", "2024年1月"},
                {"born | date", "{\"born\": \"2024\"}", "2024年"},
                {"born | date-dots", "{\"born\": \"2024-01-09\"}", "2024.01.09"},
                {"born | iso", "{\"born\": \"2024-01-09\"}", "2024-01-09"},
                {"note | default:\"无 | 空\"", "{}", "无 | 空"},
                {"note | default:\"无\"", "{\"note\": \"有\"}", "有"},
                {"born | date | default:\"无\"", "{}", "无"},
                {"id | mask", "{\"id\": \"340000199006074537\"}", "34************4537"},
                {"name | mask", "{\"name\": \"欧阳锋\"}", "欧**"},
                {"id | upper", "{\"id\": \"34000x\"}", "34000X"},
                {"tags | join:\"、\"", "{\"tags\": [\"甲\", 2]}", "甲、2"},
                {"tags | count", "{\"tags\": [1, 2, 3]}", "3"},
                {"name | soft", "{\"name\": \"甲|乙\"}", "甲<wbr/>乙"},
                {"count", "{\"count\": 2025}", "2025"},
                {"count", "{\"count\": 12.25}", "12.25"},
                {"count", "{\"count\": -0.1}", "-0.1"},
                {"place", "{}", "合肥"},
                {"place", "{\"place\": \"芜湖\"}", "芜湖"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *body = NULL, *tree = NULL;

        assert_true(asprintf(&body, "{{%s}}\n", rows[i].filter) > 0);
        assert_true(asprintf(&tree, "body\n  paragraph text=\"%s\"\n", rows[i].result) > 0);
        expect(body, rows[i].record, tree);
        free(body);
        free(tree);
    }
}

static void a_number_that_would_be_printed_otherwise_is_refused(void **state)
{
    static const char *const numbers[] = {"1e308", "-1e12", "0.12345678"};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct arena a = ARENA_INIT;
        struct template *t;
        struct tree_node *tree;
        struct err e = {0};
        json_t *r = json_pack("{s:f}", "count", strtod(numbers[i], NULL));

        assert_int_equal(parse(&t, "{{count}}\n", &e), 0);
        assert_int_equal(tree_bind(&tree, t, &(struct binding){.record = r}, &a, &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
        assert_string_equal(e.field, "/count");
        arena_dispose(&a);
        template_free(t);
        json_decref(r);
    }
}

static void a_value_that_is_no_date_is_refused_by_name(void **state)
{
    struct arena a = ARENA_INIT;
    struct template *t;
    struct tree_node *tree;
    struct err e = {0};
    json_t *r = json_of("{\"works\": [{\"year\": \"2020\"}, {\"year\": \"2021-02-30\"}]}");

    (void)state;
    assert_int_equal(
        parse(&t, "<table widths=\"*\"><tr each=\"works\"><td>{{.year | date}}</td></tr></table>\n", &e), 0);
    assert_int_equal(tree_bind(&tree, t, &(struct binding){.record = r}, &a, &e), -1);
    assert_string_equal(e.field, "/works/1/year");
    assert_non_null(strstr(e.zh, "2021-02-30"));
    arena_dispose(&a);
    template_free(t);
    json_decref(r);
}

static void conditions_choose_and_lists_repeat(void **state)
{
    (void)state;
    expect("<text x=\"1\" y=\"1\" if=\"note\">甲</text>\n<text x=\"1\" y=\"1\" if=\"!note\">乙</text>\n"
           "<text x=\"1\" y=\"1\" if=\"name = 张三 and place != 芜湖\">丙</text>\n",
           "{\"name\": \"张三\", \"note\": \"\"}", "body\n  text text=\"乙\"\n  text text=\"丙\"\n");
    expect("<table widths=\"10 *\"><tr each=\"works\"><td>{{.year}}</td><td>{{name}}</td></tr></table>\n",
           "{\"name\": \"甲\", \"works\": [{\"year\": \"1\"}, {}]}",
           "body\n  table\n    tr\n      td text=\"1\"\n      td text=\"甲\"\n    tr\n      td\n      td "
           "text=\"甲\"\n");
}

static void a_soft_break_of_the_template_is_kept_and_one_in_a_value_needs_its_filter(void **state)
{
    (void)state;
    expect("<text x=\"1\" y=\"1\">甲<wbr/>{{name}}<br/>乙</text>\n", "{\"name\": \"丙|丁\"}",
           "body\n  text text=\"甲<wbr/>丙|丁<br/>乙\"\n");
}

static void every_mistake_is_named_with_its_line(void **state)
{
    static const struct {
        const char *body;
        int line;
        const char *says;
    } rows[] = {
        {"甲\n\n<foo/>\n", 11, "no element <foo>"},
        {"<text x=\"1\" y=\"1\" z=\"1\">甲</text>\n", 9, "no attribute \"z\""},
        {"<text x=\"1\">甲</text>\n", 9, "needs the attribute y"},
        {"<text x=\"1\" y=\"1\" color=\"blue\">甲</text>\n", 9, "no colour \"blue\""},
        {"<text x=\"1\" y=\"eins\">甲</text>\n", 9, "y=\"eins\""},
        {"<text x=\"1\" y=\"1\" align=\"middle\">甲</text>\n", 9, "align=\"middle\""},
        {"甲\n乙{{nobody}}\n", 10, "\"nobody\""},
        {"{{name | shout}}\n", 9, "no filter \"shout\""},
        {"{{name | default:无}}\n", 9, "double quotes"},
        {"{{.year}}\n", 9, "no each= around"},
        {"{{name\n", 9, "does not end with }}"},
        {"<block if=\"nobody\">甲</block>\n", 9, "\"nobody\""},
        {"<table widths=\"*\">\n<tr each=\"name\"><td>甲</td></tr></table>\n", 10, "no list"},
        {"<table widths=\"*\">\n<tr each=\"works\"><td>{{.nobody}}</td></tr></table>\n", 10, "\".nobody\""},
        {"<text x=\"1\" y=\"1\">甲\n", 9, "has no end"},
        {"<text x=\"1\" y=\"1\">甲</text> 乙\n", 9, "follow an element"},
        {"<block>\n<text x=\"1\" y=\"1\">甲</block></text>\n", 10, "Not well-formed"},
        {"<text x=\"1\" y=\"1\">&copy;</text>\n", 9, "Not well-formed"},
        {"<row><field label=\"甲\">乙</field></row>\n", 9, "cannot stand in"},
        {"<table widths=\"*\"><tr><td><page-break/></td></tr></table>\n", 9, "cannot stand in"},
        {"甲\n\n    代码\n", 11, "code_block"},
        {"甲 [乙](http://x) 丙\n", 9, "link"},
        {"甲 <b>乙</b>\n", 9, "<b>"},
        {"<text x=\"1\" y=\"1\" after=\"later\">甲</text>\n", 9, "after=\"later\""},
        {"<seal role=\"a\" cx=\"1\" cy=\"1\" d=\"1\"/>\n<seal role=\"a\" cx=\"1\" cy=\"1\" d=\"1\"/>\n", 10,
         "already a seal"},
        {"<seal role=\"../x\" cx=\"1\" cy=\"1\" d=\"1\"/>\n", 9, "role=\"../x\""},
        {"<artwork src=\"../x.svg\" x=\"1\" y=\"1\" w=\"1\" h=\"1\"/>\n", 9, "../x.svg"},
        {"甲\n\xEE\x80\x81\n", 10, "U+E001"},
        {"甲\n乙\xE2\x80\xAE\n", 10, "U+202E"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct template *t = NULL;
        struct err e = {0};
        char where[64];

        (void)snprintf(where, sizeof where, "test/template.md, line %d, column ", rows[i].line);
        assert_int_equal(parse(&t, rows[i].body, &e), -1);
        if (strncmp(e.en, where, strlen(where)) != 0 || strstr(e.en, rows[i].says) == NULL)
            fail_msg("row %zu: expected \"%s...%s\", got \"%s\"", i, where, rows[i].says, e.en);
        assert_true(e.zh[0] != '\0');
        assert_null(t);
    }
}

static void mistakes_in_the_front_matter_are_named_with_their_line(void **state)
{
    static const struct {
        const char *text;
        int line;
        const char *says;
    } rows[] = {{"甲\n", 1, "begins with a line ---"},
                {"---\ntitle: a\n甲", 3, "key: value"},
                {"---\ntitle: a\n", 3, "no second line"},
                {"---\ntitle: a\nmargin: 3\n---\n", 3, "no \"margin\""},
                {"---\npage: A9\ntitle: a\n---\n", 2, "A9"},
                {"---\ntitle: {{nobody}}\n---\n", 2, "\"nobody\""},
                {"---\ntitle: a\ncolors:\n  red: rot\n---\n", 4, "rot"},
                {"---\ntitle: a\nsealable: maybe\n---\n", 3, "maybe"},
                {"---\nsize: 4e9\n---\n", 2, "4e9"},
                {"---\nsize: 12\n---\n", 1, "no title"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct template *t = NULL;
        struct err e = {0};
        char where[64];

        (void)snprintf(where, sizeof where, "test/template.md, line %d, column ", rows[i].line);
        assert_int_equal(template_parse(&t, "test", slice_of(rows[i].text), json_of("{}"), NULL, &e), -1);
        if (strncmp(e.en, where, strlen(where)) != 0 || strstr(e.en, rows[i].says) == NULL)
            fail_msg("row %zu: expected \"%s...%s\", got \"%s\"", i, where, rows[i].says, e.en);
    }
}

static void nesting_without_end_is_refused(void **state)
{
    struct buf body = BUF_INIT(1 << 20);
    struct template *t;
    struct err e = {0};

    (void)state;
    for (int i = 0; i < 200; i++)
        buf_append_text(&body, "<block>");
    for (int i = 0; i < 200; i++)
        buf_append_text(&body, "</block>");
    assert_int_equal(parse(&t, buf_text(&body), &e), -1);
    buf_reset(&body);
    for (int i = 0; i < 3000; i++)
        buf_append_text(&body, "> ");
    assert_int_equal(parse(&t, buf_text(&body), &e), -1);
    buf_dispose(&body);
}

static void the_title_is_bound(void **state)
{
    struct arena a = ARENA_INIT;
    struct template *t;
    const char *title;
    struct err e = {0};
    json_t *r = json_of("{\"name\": \"李四\"}");

    (void)state;
    assert_int_equal(parse(&t, "甲\n", &e), 0);
    assert_int_equal(template_title(&title, t, r, &a, &e), 0);
    assert_string_equal(title, "T 李四");
    assert_string_equal(template_name(t), "test");
    arena_dispose(&a);
    template_free(t);
    json_decref(r);
}

static void a_title_for_no_record_names_nobody(void **state)
{
    struct arena a = ARENA_INIT;
    struct template *t;
    const char *title;
    struct err e = {0};
    char dir[1024];

    (void)state;
    assert_int_equal(share_path(dir, sizeof dir, "templates/certificate", &e), 0);
    assert_int_equal(template_load(&t, dir, NULL, &e), 0);
    assert_int_equal(template_blank_title(&title, t, &a, &e), 0);
    assert_string_equal(title, "安徽省专业技术资格证书（…，…）");
    arena_dispose(&a);
    template_free(t);
}

static void both_certificates_load_and_place_the_committees_seal_first(void **state)
{
    static const char *const names[] = {"templates/certificate", "templates/certificate-portrait"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct template *t;
        struct err e = {0};
        char dir[1024];

        assert_int_equal(share_path(dir, sizeof dir, names[i], &e), 0);
        if (template_load(&t, dir, NULL, &e) != 0)
            fail_msg("%s", e.en);
        assert_true(template_sealable(t));
        assert_int_equal(template_role_count(t), 2);
        assert_string_equal(template_role(t, 0), "committee");
        assert_string_equal(template_role(t, 1), "issuer");
        assert_null(template_role(t, 2));
        template_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_becomes_headings_paragraphs_and_lists),
        cmocka_unit_test(a_placeholder_is_strong_between_chinese_characters_too),
        cmocka_unit_test(markup_in_a_record_stays_characters),
        cmocka_unit_test(filters_do_what_their_names_say),
        cmocka_unit_test(a_number_that_would_be_printed_otherwise_is_refused),
        cmocka_unit_test(a_value_that_is_no_date_is_refused_by_name),
        cmocka_unit_test(conditions_choose_and_lists_repeat),
        cmocka_unit_test(a_soft_break_of_the_template_is_kept_and_one_in_a_value_needs_its_filter),
        cmocka_unit_test(every_mistake_is_named_with_its_line),
        cmocka_unit_test(mistakes_in_the_front_matter_are_named_with_their_line),
        cmocka_unit_test(nesting_without_end_is_refused),
        cmocka_unit_test(the_title_is_bound),
        cmocka_unit_test(a_title_for_no_record_names_nobody),
        cmocka_unit_test(both_certificates_load_and_place_the_committees_seal_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
