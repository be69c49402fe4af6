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
                {"born | month", "{\"born\": \"2024-01-09\"}", "2024.01"},
                {"born | month", "{\"born\": \"2024\"}", "2024"},
                {"born | year", "{\"born\": \"2024-01-09\"}", "2024"},
                {"born | date-line", "{\"born\": \"2024-01-09\"}", "2024 年 1 月 9 日"},
                {"born | date-line", "{\"born\": \"2024-11\"}", "2024 年 11 月　　日"},
                {"born | date-line", "{}", "　　　年　　月　　日"},
                {"note | blank:\"4\"", "{}", "　　　　"},
                {"note | blank:\"4\"", "{\"note\": \"有\"}", "有"},
                {"note | line:\"4\"", "{\"note\": \"有\"}", "有"},
                {"name | cut:\"3\"", "{\"name\": \"欧阳𬍛𫖯\"}", "欧阳𬍛…"},
                {"name | cut:\"4\"", "{\"name\": \"欧阳𬍛𫖯\"}", "欧阳𬍛𫖯"},
                {"works | count | chinese", "{\"works\": [{}, {}]}", "二"},
                {"count | chinese", "{\"count\": \"205\"}", "二百零五"},
                {"count | capitals", "{\"count\": 205}", "贰佰零伍"},
                {"count | chinese", "{}", ""},
                {"count | chinese | default:\"零\"", "{}", "零"},
                {"@version", "{\"version\": 5}", "第5版"},
                {"@version", "{\"version\": \"5\"}", "第5版"},
                {"@version", "{\"version\": \"初稿\"}", "初稿"},
                {"@version | default:\"—\"", "{}", "—"},
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
        assert_true(
            asprintf(&tree,
                     rows[i].result[0] != '\0' ? "body\n  paragraph text=\"%s\"\n" : "body\n  paragraph%s\n",
                     rows[i].result) > 0);
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
    expect("<text x=\"1\" y=\"1\" if=\"count = 3\">甲</text>\n<text x=\"1\" y=\"1\" if=\"count != "
           "3\">乙</text>\n",
           "{\"count\": 3}", "body\n  text text=\"甲\"\n");
    expect("<text x=\"1\" y=\"1\" if=\"count = 3\">甲</text>\n", "{\"count\": \"3\"}",
           "body\n  text text=\"甲\"\n");
    expect("<text x=\"1\" y=\"1\" if=\"count = 3\">甲</text>\n", "{\"count\": 4}", "body\n");
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

/* A record may hold a text of a megabyte: it makes a title and passes filters as a short one does. */
static void a_very_long_value_makes_a_title_and_passes_filters(void **state)
{
    enum { LENGTH = 300000 };
    struct buf record = BUF_INIT(1 << 20);
    struct arena a = ARENA_INIT;
    struct err e = {0};
    struct template *t;
    struct tree_node *tree;
    const char *title;
    json_t *r;

    (void)state;
    buf_append_text(&record, "{\"name\": \"");
    for (int i = 0; i < LENGTH; i++)
        buf_append_char(&record, 'a');
    buf_append_text(&record, "\"}");
    r = json_of(buf_text(&record));
    assert_int_equal(template_parse(&t, "folder/test",
                                    slice_of("---\ntitle: 证明（{{name}}）\n---\n\n{{name | upper}}\n"),
                                    json_of(sample_text), NULL, &e),
                     0);
    assert_int_equal(template_title(&title, t, r, &a, &e), 0);
    assert_int_equal(strlen(title), LENGTH + strlen("证明（）"));
    assert_int_equal(tree_bind(&tree, t, &(struct binding){.record = r}, &a, &e), 0);
    assert_int_equal(tree->first->text.count, LENGTH);
    json_decref(r);
    template_free(t);
    arena_dispose(&a);
    buf_dispose(&record);
}

struct mistake {
    const char *text;
    int line, column;
    const char *says;
};

/* The error of a template tells that place, in words of both languages and for programs. */
static void expect_mistake(const struct mistake *m, const char *text, const char *sample)
{
    struct template *t = NULL;
    struct template_place place = {"", 0, 0};
    struct err e = {0};
    char en[64], zh[64];

    (void)snprintf(en, sizeof en, "test/template.md, line %d, column %d: ", m->line, m->column);
    (void)snprintf(zh, sizeof zh, "test/template.md 第 %d 行第 %d 列：", m->line, m->column);
    if (template_parse_placed(&t, "folder/test", slice_of(text), json_of(sample), NULL, &place, &e) == 0)
        fail_msg("this has no mistake: %s", m->text);
    if (strncmp(e.en, en, strlen(en)) != 0 || strstr(e.en, m->says) == NULL)
        fail_msg("expected \"%s...%s\", got \"%s\" of: %s", en, m->says, e.en, m->text);
    if (strncmp(e.zh, zh, strlen(zh)) != 0 || strlen(e.zh) == strlen(zh))
        fail_msg("expected \"%s\", got \"%s\" of: %s", zh, e.zh, m->text);
    assert_string_equal(place.name, "test");
    assert_int_equal(place.line, m->line);
    assert_int_equal(place.column, m->column);
    assert_null(t);
}

static void expect_mistakes(const struct mistake *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *text = NULL;

        assert_true(asprintf(&text, "%s%s", HEAD, rows[i].text) > 0);
        expect_mistake(&rows[i], text, sample_text);
        free(text);
    }
}

#define ROWS(rows) (rows), sizeof(rows) / sizeof(rows)[0]

static void an_unknown_word_is_named_with_its_line_and_column(void **state)
{
    static const struct mistake rows[] = {
        {"甲\n\n<foo/>\n", 11, 1, "no element <foo>"},
        {"  <bolck>甲</bolck>\n", 9, 3, "Did you mean block?"},
        {"<block>\n  <tabel/>\n</block>\n", 10, 3, "Did you mean table?"},
        {"<text x=\"1\" y=\"1\" z=\"1\">甲</text>\n", 9, 19, "no attribute \"z\""},
        {"<text x=\"1\"\n   y=\"1\"\n  algin=\"left\">甲</text>\n", 11, 3, "Did you mean align?"},
        {"<text x=\"1\" y=\"1\" xml:id=\"a\">甲</text>\n", 9, 1, "no attribute"},
        {"<text x=\"1\">甲</text>\n", 9, 1, "needs the attribute y"},
        {"<block>\n<text y=\"1\">甲</text><text x=\"1\">乙</text></block>\n", 10, 1, "needs the attribute x"},
        {"<block>\n<text y=\"1\" x=\"1\">甲</text><text x=\"1\">乙</text></block>\n", 10, 27,
         "needs the attribute y"},
        {"<text x=\"1\" y=\"1\" color=\"blue\">甲</text>\n", 9, 26, "no colour \"blue\""},
        {"<text x=\"1\" y=\"1\" color=\"rde\">甲</text>\n", 9, 26, "Did you mean red?"},
        {"<text x=\"1\" y=\"eins\">甲</text>\n", 9, 16, "y=\"eins\""},
        {"<text x=\"1\" y=\"1\" align=\"middle\">甲</text>\n", 9, 26, "align=\"middle\""},
        {"<text x=\"1\" y=\"1\" align=\"justify\">甲</text>\n", 9, 26, "left, center or right"},
        {"<table widths=\"10 2* xx\"><tr><td>甲</td></tr></table>\n", 9, 22, "widths="},
        {"<text x=\"1\" y=\"1\" size=\"0\">甲</text>\n", 9, 25, "size=\"0\""},
        {"<section page=\"A9\">甲</section>\n", 9, 16, "page=\"A9\""},
        {"<section margins=\"1 2 3\">甲</section>\n", 9, 19, "margins="},
        {"甲\n乙{{nobody}}\n", 10, 4, "\"nobody\""},
        {"甲 {{name}} {{nam}}\n", 9, 14, "Did you mean name?"},
        {"甲\n乙\n\n- 丙\n- 丁 {{ nam | date }}\n", 13, 8, "\"nam\""},
        {"{{name | shout}}\n", 9, 10, "no filter \"shout\""},
        {"{{name}} {{name | uper}}\n", 9, 19, "Did you mean upper?"},
        {"{{name | default:无}}\n", 9, 18, "double quotes"},
        {"{{name | default}}\n", 9, 10, "needs an argument"},
        {"{{name | upper:\"1\"}}\n", 9, 10, "has no argument"},
        {"{{name | cut:\"0\"}}\n", 9, 14, "whole number from 1"},
        {"{{name | blank: \"many\"}}\n", 9, 17, "whole number from 1"},
        {"{{.year}}\n", 9, 3, "no each= around"},
        {"{{@indx}}\n", 9, 3, "Did you mean @index?"},
        {"{{@index}}\n", 9, 3, "no each= around"},
        {"甲 {{name\n", 9, 3, "does not end with }}"},
        {"<block if=\"nobody\">甲</block>\n", 9, 12, "\"nobody\""},
        {"<block if=\"name = 甲 and !nobody\">甲</block>\n", 9, 26, "\"nobody\""},
        {"<table widths=\"*\">\n<tr each=\"name\"><td>甲</td></tr></table>\n", 10, 11, "no list"},
        {"<table widths=\"*\">\n<tr each=\"works\"><td>{{.nobody}}</td></tr></table>\n", 10, 24,
         "\".nobody\""},
        {"<table widths=\"*\">\n<tr each=\"works\"><td>{{.wath}}</td></tr></table>\n", 10, 24,
         "Did you mean .what?"},
        {"<table widths=\"* *\">\n<tr each=\"works\"><td>{{.year}}</td><td>甲乙{{.yaer}}</td></tr></table>\n",
         10, 44, "\".yaer\""},
        {"<table widths=\"*\">\n<tr><td>\n甲\n\n- {{name}}\n- {{nmae}}\n</td></tr></table>\n", 14, 5,
         "Did you mean name?"},
        {"<fields x=\"1 2\" y=\"1\" right=\"9\" last=\"9\" pitch=\"1\"><row>\n<field "
         "label=\"甲{{nobody}}\">乙</field>"
         "</row></fields>\n",
         10, 18, "\"nobody\""}};

    (void)state;
    expect_mistakes(ROWS(rows));
}

static void what_does_not_belong_together_is_named_with_its_line_and_column(void **state)
{
    static const struct mistake rows[] = {
        {"<text x=\"1\" y=\"1\">甲\n", 9, 1, "has no end"},
        {"<!-- 甲\n", 9, 1, "has no end"},
        {"<table widths=\"20 *\">\n<tr><td>甲<td>乙</td></tr>\n</table>\n", 10, 5,
         "<td> has not ended when </tr>"},
        {"<block>\n<text x=\"1\" y=\"1>甲</text>\n</block>\n", 10, 1, "a quotation mark or its > is missing"},
        {"<block>\n<text x=“1” y=\"1\">甲</text>\n</block>\n", 10, 1, "not between “ and ”"},
        {"<block>\n年龄<50\n</block>\n", 10, 3, "is written &lt;"},
        {"<table widths=\"20 *\">\n<tr><td>甲</td><td>A & B</td></tr>\n</table>\n", 10, 20,
         "& and < are written &amp;"},
        {"<table widths=\"20% *\">\n<tr><td>甲</td></tr>\n</table>\n", 9, 16, "millimetres, shares"},
        {"<photo x=\"1\" y=\"1\" w=\"35mm\" h=\"49\"/>\n", 9, 23, "one number without unit"},
        {"<p>甲</p>\n", 9, 1, "A paragraph is text between empty lines"},
        {"| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n", 10, 1, "write <table"},
        {"<block if=\"name == 甲\">\n乙\n</block>\n", 9, 12, "by one ="},
        {"甲｛｛name｝｝\n", 9, 2, "half width"},
        {"<block keep=\"yes\">\n甲\n\n<skip to=\"200\"/>\n</block>\n", 12, 1,
         "<skip to> cannot stand in a <block keep"},
        {"<block keep=\"yes\">\n<block>\n<page-break/>\n</block>\n</block>\n", 11, 1,
         "<page-break> cannot stand"},
        {"<text x=\"1\" y=\"1\">甲</text> 乙\n", 9, 28, "follow an element"},
        {"<block>\n<text x=\"1\" y=\"1\">&copy;</text></block>\n", 10, 25, "Not well-formed"},
        {"<row><field label=\"甲\">乙</field></row>\n", 9, 1, "cannot stand in"},
        {"<table widths=\"*\"><tr><td><page-break/></td></tr></table>\n", 9, 27, "cannot stand in"},
        {"<table widths=\"*\"><tr><td><block><section>甲</section></block></td></tr></table>\n", 9, 34,
         "cannot stand in"},
        {"<table widths=\"*\">\n<tr> 甲<td/></tr></table>\n", 10, 6, "Text cannot stand"},
        {"<table widths=\"*\">\n<tr/></table>\n", 10, 1, "without <td>"},
        {"甲\n\n    代码\n", 11, 1, "code_block"},
        {"<block>\n{{name}}\n<skip h=\"1\"/><!-- 甲\n乙 -->\n丙\n\n> 丁\n</block>\n", 15, 1, "block_quote"},
        {"甲 [乙](http://x) 丙\n", 9, 1, "link"},
        {"甲 <b>乙</b>\n", 9, 3, "<b>"},
        {"甲 <u>乙\n\n丙</u>\n", 9, 3, "<u> does not end"},
        {"甲 </u>乙\n", 9, 3, "ends no <u>"},
        {"<text x=\"1\" y=\"1\">甲<u>乙<u>丙</u></u></text>\n", 9, 20, "<u> stands in <u>"},
        {"<text x=\"1\" y=\"1\">甲<![CDATA[乙]]></text>\n", 9, 19, "Only texts"},
        {"<text x=\"1\" y=\"1\" after=\"later\">甲</text>\n", 9, 26, "after=\"later\""},
        {"<seal role=\"a\" cx=\"1\" cy=\"1\" d=\"1\"/>\n<opinion x=\"1\" y=\"1\" w=\"9\" h=\"9\" "
         "role=\"a\"/>\n",
         10, 40, "already a seal"},
        {"<seal role=\"a\" cx=\"1\" cy=\"1\" w=\"9\"/>\n", 9, 1, "needs the attribute d"},
        {"<table widths=\"*\" line=\"-1\"><tr><td/></tr></table>\n", 9, 25, "line=\"-1\""},
        {"<table widths=\"*\"><tr><td colspan=\"1.5\"/></tr></table>\n", 9, 36, "colspan=\"1.5\""},
        {"<fields x=\"1\" y=\"1\" right=\"9\" last=\"9\" pitch=\"1\"><row><field "
         "label=\"甲\">乙</field></row></fields>\n",
         9, 1, "needs a <step>"},
        {"<text x=\"1\" y=\"1\" tracking=\"-1\">甲</text>\n", 9, 29, "tracking=\"-1\""},
        {"<text x=\"1\" y=\"1\" min-size=\"0.5\">甲</text>\n", 9, 29, "min-size=\"0.5\""},
        {"<block leading=\"0.5\">甲</block>\n", 9, 17, "leading=\"0.5\""},
        {"<skip h=\"1e-9\"/>\n", 9, 10, "h=\"1e-9\""},
        {"<text x=\"1\" y=\"1\" min-tracking=\"nan\">甲</text>\n", 9, 33, "min-tracking=\"nan\""},
        {"<table widths=\"*\"><tr><td padding=\"1 -2\"/></tr></table>\n", 9, 38, "padding="},
        {"<block esle=\"yes\">甲</block>\n", 9, 8, "Did you mean else?"},
        {"<seal role=\"../x\" cx=\"1\" cy=\"1\" d=\"1\"/>\n", 9, 13, "role=\"../x\""},
        {"<opinion role=\"a\" x=\"1\" y=\"1\" w=\"9\"/>\n", 9, 1, "needs the attribute h"},
        {"<table widths=\"*\"><tr><td><opinion role=\"a\"/><opinion role=\"b\"/></td></tr></table>\n", 9, 46,
         "one <opinion>"},
        {"<table widths=\"*\"><tr each=\"works\"><td><opinion role=\"a\"/></td></tr></table>\n", 9, 40,
         "repeated"},
        {"<artwork src=\"../x.svg\" x=\"1\" y=\"1\" w=\"1\" h=\"1\"/>\n", 9, 15, "../x.svg"},
        {"<artwork src=\"none.svg\" x=\"1\" y=\"1\" w=\"1\" h=\"1\"/>\n", 9, 15, "none.svg"},
        {"<photo w=\"1\" h=\"1\"/>\n", 9, 1, "needs the attribute x"},
        {"<qr x=\"1\" w=\"1\" h=\"1\"/>\n", 9, 1, "needs the attribute y"},
        {"<skip/>\n", 9, 1, "<skip> has"},
        {"<skip h=\"1\" to=\"2\"/>\n", 9, 1, "<skip> has"},
        {"<block>甲</block>\n<block else=\"yes\">乙</block>\n", 10, 8, "else= follows"},
        {"<block else=\"no\">乙</block>\n", 9, 14, "else=\"no\""},
        {"<block if=\"name\" least=\"3\">乙</block>\n", 9, 18, "least= needs"},
        {"<block each=\"works\" least=\"many\">乙</block>\n", 9, 28, "least=\"many\""},
        {"<table widths=\"* *\">\n<tr><td colspan=\"2\"/><td/></tr></table>\n", 10, 22,
         "more than the 2 columns"},
        {"<table widths=\"* *\">\n<tr><td rowspan=\"2\"/><td/></tr>\n<tr><td/><td/></tr></table>\n", 11, 10,
         "more than the 2 columns"},
        {"<table widths=\"* *\">\n<tr if=\"name\"><td colspan=\"3\"/></tr></table>\n", 10, 15,
         "more than the 2 columns"},
        {"<table widths=\"* *\">\n<tr><td rowspan=\"2\"/><td/></tr>\n</table>\n", 10, 18, "rowspan reaches"},
        {"<table widths=\"* *\">\n<tr><td rowspan=\"2\"/><td/></tr>\n<columns "
         "widths=\"*\"/><tr><td/></tr></table>\n",
         10, 18, "rowspan reaches"},
        {"<table widths=\"* *\"><head>\n<tr><td/><td rowspan=\"2\"/></tr></head>\n<tr><td/></tr></table>\n",
         10, 23, "rowspan reaches"},
        {"<table widths=\"*\"><tr><td/></tr>\n<lead>甲</lead></table>\n", 10, 1, "stands first"},
        {"<table widths=\"* *\" repeat=\"2\"><tr><td/></tr></table>\n", 9, 29, "repeat is less"},
        {"甲\n\xEE\x80\x81\n", 10, 1, "U+E001"},
        {"甲\n乙\xE2\x80\xAE\n", 10, 2, "U+202E"}};

    (void)state;
    expect_mistakes(ROWS(rows));
}

static void mistakes_in_the_front_matter_are_named_with_their_line_and_column(void **state)
{
    static const struct mistake rows[] = {
        {"甲\n", 1, 1, "begins with a line ---"},
        {"---\ntitle: a\n甲", 3, 1, "key: value"},
        {"---\ntitle: a\n", 3, 1, "no second line"},
        {"---\ntitle: a\nmargin: 3\n---\n", 3, 1, "no \"margin\". Did you mean margins?"},
        {"---\ntitle: a\nsize: 12\nsize: 13\n---\n", 4, 1, "said twice"},
        {"---\npage: A9\ntitle: a\n---\n", 2, 7, "A9"},
        {"---\npage: 21x9\ntitle: a\n---\n", 2, 7, "21x9"},
        {"---\nmargins: 1 2 3\ntitle: a\n---\n", 2, 10, "1 2 3"},
        {"---\ntitle: 表 {{nobody}}\n---\n", 2, 12, "\"nobody\""},
        {"---\ntitle: a\nfooter-left:   第 {{pgae}} 页\n---\n", 3, 20, "\"pgae\""},
        {"---\ntitle: a\ncolors:\n  red: rot\n---\n", 4, 8, "rot"},
        {"---\ntitle: a\ncolor: rot\n---\n", 3, 8, "rot"},
        {"---\ntitle: a\nsealable: maybe\n---\n", 3, 11, "maybe"},
        {"---\ntitle: a\nblank: maybe\n---\n", 3, 8, "maybe"},
        {"---\ntitle: a\nunsealed: naked\n---\n", 3, 11, "specimen, draft or plain"},
        {"---\nsize: 4e9\n---\n", 2, 7, "4e9"},
        {"---\ntitle: a\nlabel-size: 2\n---\n", 3, 13, "label-size"},
        {"---\ntitle: a\npages: 1.5\n---\n", 3, 8, "pages"},
        {"---\ntitle: a\nfit: 14/27\n---\n", 3, 1, "fit needs pages"},
        {"---\ntitle: a\nfit: 14\npages: 1\n---\n", 3, 6, "14/27 13/25"},
        {"---\ntitle: a\nheading-1: song 22/31\n---\n", 3, 12, "song bold 22/31 center"},
        {"---\ntitle: a\nheading-4: song 22/31 left\n---\n", 3, 1, "no \"heading-4\""},
        {"---\ntitle: a\nlike: nothing-there\n---\n", 3, 7, "no template \"nothing-there\""},
        {"---\ntitle: a\nlike: ../test\n---\n", 3, 7, "no template \"../test\""},
        {"---\ntitle: a\nlike:\n---\n", 3, 6, "no template"},
        {"---\ntitle: a\nlike: test\n---\n", 3, 7, "no template \"test\""},
        {"---\nsize: 12\n---\n", 1, 1, "no title"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_mistake(&rows[i], rows[i].text, "{}");
}

static void an_unknown_key_is_answered_with_all_there_are(void **state)
{
    static const char *const keys[] = {"title",  "like",     "fit",   "pages",
                                       "duplex", "unsealed", "blank", "defaults"};
    struct template *t;
    struct err e = {0};

    (void)state;
    assert_int_equal(template_parse(&t, "test", slice_of("---\nsomething-else-entirely: a\n---\n"),
                                    json_of("{}"), NULL, &e),
                     -1);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_non_null(strstr(e.en, keys[i]));
        assert_non_null(strstr(e.zh, keys[i]));
    }
    assert_non_null(strstr(e.en, "defaults."));
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
        cmocka_unit_test(a_very_long_value_makes_a_title_and_passes_filters),
        cmocka_unit_test(a_soft_break_of_the_template_is_kept_and_one_in_a_value_needs_its_filter),
        cmocka_unit_test(an_unknown_word_is_named_with_its_line_and_column),
        cmocka_unit_test(what_does_not_belong_together_is_named_with_its_line_and_column),
        cmocka_unit_test(mistakes_in_the_front_matter_are_named_with_their_line_and_column),
        cmocka_unit_test(an_unknown_key_is_answered_with_all_there_are),
        cmocka_unit_test(nesting_without_end_is_refused),
        cmocka_unit_test(the_title_is_bound),
        cmocka_unit_test(a_title_for_no_record_names_nobody),
        cmocka_unit_test(both_certificates_load_and_place_the_committees_seal_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
