/* language_test.c - what the language of forms makes of data, of missing data and of no data at all. */
#include "base/share.h"
#include "base/utf8.h"
#include "template/template_internal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEAD                                                                                                 \
    "---\ntitle: T\noptional: note, awards, works.end\ndefaults:\n  place: 合肥\nheading-2: song bold "    \
    "16/28 "                                                                                                 \
    "left\n---\n"

static const char sample_text[] =
    "{\"name\": \"张三\", \"version\": 2, \"born\": \"1990-06-07\", \"count\": 3, \"flag\": true,"
    " \"works\": [{\"year\": \"2020\", \"posts\": [{\"title\": \"甲\", \"tasks\": [{\"what\": \"乙\", "
    "\"days\": "
    "[\"1\", \"2\"]}]}]}, {\"year\": \"2021\", \"place\": \"丙\"}]}";

static json_t *json_of(const char *text)
{
    json_t *j = NULL;
    struct err e = {0};

    if (json_read(&j, slice_of(text), JSON_MAX_BYTES, &e) != 0)
        fail_msg("%s", e.en);
    return j;
}

static struct template *parsed(const char *body)
{
    struct template *t = NULL;
    struct err e = {0};
    char *text = NULL;

    assert_true(asprintf(&text, "%s%s", HEAD, body) > 0);
    if (template_parse(&t, "folder/test", slice_of(text), json_of(sample_text), NULL, &e) != 0)
        fail_msg("%s", e.en);
    free(text);
    return t;
}

static void expect_bound(const char *body, const struct binding *b, const char *tree)
{
    struct template *t = parsed(body);
    struct buf out = BUF_INIT(1 << 20);
    struct arena a = ARENA_INIT;
    struct tree_node *root;
    struct err e = {0};

    if (tree_bind(&root, t, b, &a, &e) != 0)
        fail_msg("%s %s", e.en, e.field);
    tree_dump(&out, root);
    assert_string_equal(buf_text(&out), tree);
    buf_dispose(&out);
    arena_dispose(&a);
    template_free(t);
}

static void expect(const char *body, const char *record, const char *tree)
{
    json_t *r = json_of(record);

    expect_bound(body, &(struct binding){.record = r}, tree);
    json_decref(r);
}

static void expect_blank(const char *body, const char *tree)
{
    expect_bound(body, &(struct binding){.blank = true}, tree);
}

static void expect_refused(const char *body, const char *record, const char *field)
{
    struct template *t = parsed(body);
    struct arena a = ARENA_INIT;
    struct tree_node *root;
    struct err e = {0};
    json_t *r = json_of(record);

    assert_int_equal(tree_bind(&root, t, &(struct binding){.record = r}, &a, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_string_equal(e.field, field);
    assert_true(e.en[0] != '\0' && e.zh[0] != '\0');
    json_decref(r);
    arena_dispose(&a);
    template_free(t);
}

/* --- texts --- */

static void an_underline_is_kept_in_markdown_and_in_elements(void **state)
{
    (void)state;
    expect("甲<u>乙**{{name}}**</u>丙\n", "{\"name\": \"丁\"}",
           "body\n  paragraph text=\"甲<4>乙<5>丁<0>丙\"\n");
    expect("甲{{note | line:\"2\"}}乙\n", "{}", "body\n  paragraph text=\"甲<4>　　<0>乙\"\n");
    expect("甲{{note | line:\"2\"}}乙\n", "{\"note\": \"丙\"}", "body\n  paragraph text=\"甲丙乙\"\n");
    expect("<u>甲</u>乙\n", "{}", "body\n  paragraph text=\"<4>甲<0>乙\"\n");
    expect("<text x=\"1\" y=\"1\">甲<u>{{name}}<br/>乙</u></text>\n", "{\"name\": \"<u>\"}",
           "body\n  text text=\"甲<4><u><br/>乙\"\n");
    expect("<table widths=\"*\"><tr><th>甲<u>乙</u></th></tr></table>\n", "{}",
           "body\n  table\n    tr\n      th text=\"甲<4>乙\"\n");
}

static void a_cell_holds_a_text_or_several_things(void **state)
{
    (void)state;
    expect("<table widths=\"* *\"><tr><td>{{name}}</td><td/></tr></table>\n", "{\"name\": \"甲\"}",
           "body\n  table\n    tr\n      td text=\"甲\"\n      td\n");
    expect("<table widths=\"*\"><tr><td>\n  甲<u>乙</u>\n  丙\n\n  - 丁\n\n  <photo w=\"9\" h=\"9\"/><!-- "
           "注\n-->戊\n"
           "</td></tr></table>\n",
           "{}",
           "body\n  table\n    tr\n      td\n        paragraph text=\"甲<4>乙<0>丙\"\n        list\n         "
           " item\n"
           "            paragraph text=\"丁\"\n        photo\n        paragraph text=\"戊\"\n");
    expect("<area h=\"9\" w=\"9\">甲<br/>乙\n<rule x=\"1\" y=\"1\" w=\"1\" h=\"1\"/>\n\n## 丙\n</area>\n",
           "{}", "body\n  area\n    paragraph text=\"甲<br/>乙\"\n    rule\n    heading 2 text=\"丙\"\n");
    expect("<table widths=\"*\"><lead>\n## 甲\n</lead><tr><td>1\\. 乙</td></tr></table>\n", "{}",
           "body\n  table\n    lead\n      heading 2 text=\"甲\"\n    tr\n      td text=\"1. 乙\"\n");
}

static void what_looks_like_an_element_in_the_text_of_one_is_none(void **state)
{
    struct template *t;
    struct err e = {0};

    (void)state;
    assert_int_equal(
        template_parse(&t, "test",
                       slice_of("---\ntitle: T\n---\n<block>\n甲 &lt;page-break/&gt;\n</block>\n"),
                       json_of("{}"), NULL, &e),
        -1);
    assert_non_null(strstr(e.en, "<page-break/> cannot stand inside a text"));
    expect("<block>\n&amp;lt;page-break/&gt; 甲 &amp;amp;\n</block>\n", "{}",
           "body\n  block\n    paragraph text=\"<page-break/> 甲 &\"\n");
}

/* --- each, least, else --- */

static void lists_repeat_four_deep_with_their_index(void **state)
{
    (void)state;
    expect("<block each=\"works\">\n{{@index}} {{.year}}\n<block each=\".posts\">\n{{@index}} "
           "{{.title}}\n<block "
           "each=\".tasks\">\n{{.what}}\n<block "
           "each=\".days\">{{@index}}：{{.}}</block>\n</block>\n</block>\n</block>\n",
           "{\"works\": [{\"year\": \"1\"}, {\"year\": \"2\", \"posts\": [{\"title\": \"甲\"}, {\"title\": "
           "\"乙\", "
           "\"tasks\": [{\"what\": \"丙\", \"days\": [7, 8]}]}]}]}",
           "body\n  block\n    paragraph text=\"1 1\"\n  block\n    paragraph text=\"2 2\"\n    block\n      "
           "paragraph "
           "text=\"1 甲\"\n    block\n      paragraph text=\"2 乙\"\n      block\n        paragraph "
           "text=\"丙\"\n"
           "        block\n          paragraph text=\"1：7\"\n        block\n          paragraph "
           "text=\"2：8\"\n");
}

static void rows_repeat_in_groups(void **state)
{
    const char *body =
        "<table widths=\"*\"><tbody each=\"works\"><tr><td>{{.year}}</td></tr><tr "
        "each=\".posts\"><td>{{.title}}</td></tr></tbody><tr else=\"yes\"><td>无</td></tr></table>\n";

    (void)state;
    expect(body,
           "{\"works\": [{\"year\": \"1\", \"posts\": [{\"title\": \"甲\"}, {\"title\": \"乙\"}]}, "
           "{\"year\": \"2\"}]}",
           "body\n  table\n    tr\n      td text=\"1\"\n    tr\n      td text=\"甲\"\n    tr\n      td "
           "text=\"乙\"\n"
           "    tr\n      td text=\"2\"\n");
    expect(body, "{\"works\": []}", "body\n  table\n    tr\n      td text=\"无\"\n");
    expect_refused(body, "{\"works\": [{\"posts\": 1}]}", "/works/0/posts");
}

static void a_fifth_level_is_refused(void **state)
{
    struct template *t;
    struct err e = {0};

    (void)state;
    assert_int_equal(
        template_parse(
            &t, "test",
            slice_of("---\ntitle: T\n---\n<block each=\"a\"><block each=\"a\"><block each=\"a\"><block "
                     "each=\"a\">\n<block each=\"a\">甲</block></block></block></block></block>\n"),
            json_of("{\"a\": [1]}"), NULL, &e),
        -1);
    assert_non_null(strstr(e.en, "line 5, column 14: "));
    assert_non_null(strstr(e.en, "more than 4 deep"));
}

static void missing_rows_are_filled_and_say_nothing(void **state)
{
    (void)state;
    expect("<block each=\"works\" least=\"3\">{{@index}}甲{{.year | default:\"无\"}}{{.end | "
           "date-line}}{{name}}</block>\n",
           "{\"name\": \"乙\", \"works\": [{}]}",
           "body\n  block\n    paragraph text=\"1甲无　　　年　　月　　日乙\"\n  block\n    paragraph "
           "text=\"甲　　　年　　月　　日乙\"\n  block\n    paragraph text=\"甲　　　年　　月　　日乙\"\n");
    expect("<block each=\"works\" least=\"1\">{{.year}}</block>\n",
           "{\"works\": [{\"year\": \"1\"}, {\"year\": \"2\"}]}",
           "body\n  block\n    paragraph text=\"1\"\n  block\n    paragraph text=\"2\"\n");
    expect(
        "<block each=\"works\" least=\"1\"><block each=\".posts\" least=\"2\">甲{{.title}}</block></block>\n",
        "{}",
        "body\n  block\n    block\n      paragraph text=\"甲\"\n    block\n      paragraph text=\"甲\"\n");
}

static void else_stands_where_the_one_before_came_to_nothing(void **state)
{
    static const char body[] =
        "<block if=\"note\">甲</block>\n<block else=\"yes\" if=\"name\">乙</block>\n<block "
        "else=\"yes\">丙</block>\n<block each=\"awards\">{{.name}}</block>\n<block "
        "else=\"yes\">无</block>\n";

    (void)state;
    expect(body, "{\"note\": \"1\", \"name\": \"1\", \"awards\": [{\"name\": \"丁\"}]}",
           "body\n  block\n    paragraph text=\"甲\"\n  block\n    paragraph text=\"丁\"\n");
    expect(body, "{\"name\": \"1\", \"awards\": []}",
           "body\n  block\n    paragraph text=\"乙\"\n  block\n    paragraph text=\"无\"\n");
    expect(body, "{\"note\": false}",
           "body\n  block\n    paragraph text=\"丙\"\n  block\n    paragraph text=\"无\"\n");
}

static void a_list_that_only_some_records_have_may_be_repeated(void **state)
{
    (void)state;
    expect("<block each=\"awards\">{{.name}}{{.year}}</block>\n",
           "{\"awards\": [{\"name\": \"甲\", \"year\": 2020}]}",
           "body\n  block\n    paragraph text=\"甲2020\"\n");
    expect("<block each=\"works\">{{.place}}</block>\n", "{\"works\": [{\"place\": \"甲\"}]}",
           "body\n  block\n    paragraph text=\"甲\"\n"); /* the sample's second item has it */
    expect_refused("<block each=\"awards\">甲</block>\n", "{\"awards\": {\"name\": \"甲\"}}", "/awards");
    expect_refused("<block each=\"works\"><block each=\".posts\">甲</block></block>\n",
                   "{\"works\": [{}, {\"posts\": 1}]}", "/works/1/posts");
}

/* --- what the program says --- */

static void the_edition_is_said_and_can_be_asked_for(void **state)
{
    static const char body[] =
        "{{@version}}\n\n<block if=\"@draft\">甲</block>\n<block if=\"@void\">乙</block>\n<block "
        "if=\"!@draft and !@void\">丙</block>\n<block if=\"@blank\">丁</block>\n";
    json_t *r = json_of("{\"version\": 12}");

    (void)state;
    expect_bound(body, &(struct binding){.record = r, .edition = EDITION_DRAFT},
                 "body\n  paragraph text=\"草稿\"\n  block\n    paragraph text=\"甲\"\n");
    expect_bound(body, &(struct binding){.record = r, .edition = EDITION_VOID},
                 "body\n  paragraph text=\"作废\"\n  block\n    paragraph text=\"乙\"\n");
    expect_bound(body, &(struct binding){.record = r},
                 "body\n  paragraph text=\"第12版\"\n  block\n    paragraph text=\"丙\"\n");
    expect_blank(
        body, "body\n  paragraph\n  block\n    paragraph text=\"丙\"\n  block\n    paragraph text=\"丁\"\n");
    json_decref(r);
}

static void a_blank_form_has_its_rows_and_no_words_of_anybody(void **state)
{
    (void)state;
    expect_blank("{{name | default:\"无\"}}{{place}}（{{born | date-line}}）{{name | blank:\"3\"}}\n",
                 "body\n  paragraph text=\"（　　　年　　月　　日）　　　\"\n");
    expect_blank("<block if=\"place\">甲</block>\n<block if=\"place = 合肥\">乙</block>\n<block "
                 "if=\"name\">丙</block>\n",
                 "body\n");
    expect_blank("<block each=\"works\" least=\"2\">{{@index}}{{.year}}年</block>\n<block "
                 "each=\"awards\">甲</block>\n<block else=\"yes\">乙</block>\n",
                 "body\n  block\n    paragraph text=\"年\"\n  block\n    paragraph text=\"年\"\n  block\n    "
                 "paragraph "
                 "text=\"乙\"\n");
    expect_blank("<opinion role=\"a\" x=\"1\" y=\"1\" w=\"50\" h=\"50\"/>\n", "body\n  opinion\n");
}

/* --- opinions and codes --- */

#define OPINION "<opinion role=\"employer\" x=\"1\" y=\"1\" w=\"50\" h=\"50\"/>\n"

static void what_a_record_says_in_a_seals_place_is_found(void **state)
{
    (void)state;
    expect(OPINION,
           "{\"opinions\": {\"employer\": {\"text\": \"同意\", \"signer\": \"甲\", \"office\": \"乙\", "
           "\"date\": "
           "\"2026-01-15\"}, \"other\": 3}}",
           "body\n  opinion statement=/opinions/employer\n");
    expect(OPINION, "{\"opinions\": {\"employer\": {\"text\": \"同意\", \"date\": \"\"}}}",
           "body\n  opinion statement=/opinions/employer\n");
    expect(OPINION, "{\"opinions\": {\"other\": {}}}", "body\n  opinion\n");
    expect(OPINION, "{\"opinions\": {\"employer\": null}}", "body\n  opinion\n");
}

static void an_opinion_that_cannot_be_printed_is_refused_by_its_member(void **state)
{
    (void)state;
    expect_refused(OPINION, "{\"opinions\": 3}", "/opinions");
    expect_refused(OPINION, "{\"opinions\": {\"employer\": \"同意\"}}", "/opinions/employer");
    expect_refused(OPINION, "{\"opinions\": {\"employer\": {\"text\": 3}}}", "/opinions/employer/text");
    expect_refused(OPINION, "{\"opinions\": {\"employer\": {\"texts\": \"同意\"}}}",
                   "/opinions/employer/texts");
    expect_refused(OPINION, "{\"opinions\": {\"employer\": {\"date\": \"2026-02-30\"}}}",
                   "/opinions/employer/date");
}

static void a_code_says_letters_and_digits_or_is_refused(void **state)
{
    static const char qr[] = "<qr x=\"1\" y=\"1\" w=\"9\" h=\"9\" value=\"{{name}}-{{count}}\"/>\n";

    (void)state;
    expect(qr, "{\"name\": \"A_1\", \"count\": 7}", "body\n  qr value=\"A_1-7\"\n");
    expect_refused(qr, "{\"name\": \"甲\", \"count\": 7}", "/name");
    expect_refused(qr, "{\"name\": \"a b\"}", "/name");
    expect_refused(qr, "{\"name\": \"0123456789012345678901234567890123456789012345678901234567890123456\"}",
                   "/name");
}

/* --- numbers --- */

static void whole_numbers_are_written_in_chinese(void **state)
{
    static const struct {
        const char *number, *chinese, *capitals;
    } rows[] = {{"0", "零", "零"},
                {"1", "一", "壹"},
                {"10", "十", "壹拾"},
                {"12", "十二", "壹拾贰"},
                {"20", "二十", "贰拾"},
                {"100", "一百", "壹佰"},
                {"105", "一百零五", "壹佰零伍"},
                {"110", "一百一十", "壹佰壹拾"},
                {"111", "一百一十一", "壹佰壹拾壹"},
                {"1000", "一千", "壹仟"},
                {"1005", "一千零五", "壹仟零伍"},
                {"1010", "一千零一十", "壹仟零壹拾"},
                {"1100", "一千一百", "壹仟壹佰"},
                {"10000", "一万", "壹万"},
                {"10010", "一万零一十", "壹万零壹拾"},
                {"15000", "一万五千", "壹万伍仟"},
                {"100000", "十万", "壹拾万"},
                {"100010", "十万零一十", "壹拾万零壹拾"},
                {"1000005", "一百万零五", "壹佰万零伍"},
                {"100000000", "一亿", "壹亿"},
                {"100000001", "一亿零一", "壹亿零壹"},
                {"100005000", "一亿零五千", "壹亿零伍仟"},
                {"101000000", "一亿零一百万", "壹亿零壹佰万"},
                {"110010000", "一亿一千零一万", "壹亿壹仟零壹万"},
                {"1000000000", "十亿", "壹拾亿"},
                {"999999999999", "九千九百九十九亿九千九百九十九万九千九百九十九",
                 "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖"},
                {"007", "七", "柒"}};
    static const char *const refused[] = {"", "-1", "1.5", "1e3", "一", " 1", "1000000000000", "+1"};
    struct buf out = BUF_INIT(1024);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_reset(&out);
        assert_true(numeral_append(&out, NUMERAL_CHINESE, rows[i].number));
        assert_string_equal(buf_text(&out), rows[i].chinese);
        buf_reset(&out);
        assert_true(numeral_append(&out, NUMERAL_CAPITALS, rows[i].number));
        assert_string_equal(buf_text(&out), rows[i].capitals);
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_false(numeral_append(&out, NUMERAL_CHINESE, refused[i]));
    expect_refused("{{count | chinese}}\n", "{\"count\": 1.5}", "/count");
    expect_refused("<block each=\"works\">{{.year | capitals}}</block>\n",
                   "{\"works\": [{\"year\": \"二\"}]}", "/works/0/year");
    buf_dispose(&out);
}

/* --- data is never markup --- */

/* Characters of the value alone, where the text of the template is put before and behind it. */
static void expect_literal(const char *body, const char *value)
{
    struct template *t = parsed(body);
    struct arena a = ARENA_INIT;
    struct tree_node *root;
    struct err e = {0};
    json_t *r = json_pack("{s:s#}", "name", value, strlen(value));
    const struct tree_text *text;
    size_t at = 0;

    assert_int_equal(tree_bind(&root, t, &(struct binding){.record = r}, &a, &e), 0);
    text = root->first->text.count > 0 ? &root->first->text : &root->first->first->first->text;
    assert_int_equal(text->count, utf8_length(slice_of(value)));
    for (size_t i = 0; i < text->count; i++) {
        uint32_t cp = 0;

        assert_true(utf8_next(slice_of(value), &at, &cp));
        assert_int_equal(text->chars[i].cp, cp == '\n' ? (uint32_t)CHAR_BREAK : cp);
        assert_int_equal(text->chars[i].style, 0);
        assert_string_equal(text->chars[i].from, "/name");
    }
    assert_null(root->first->next);
    json_decref(r);
    arena_dispose(&a);
    template_free(t);
}

static void a_value_is_characters_whatever_they_are(void **state)
{
    static const char *const values[] = {"**甲**",
                                         "*a* _b_ `c` [d](e) ![f](g) # h",
                                         "<u>甲</u><br/><wbr/><page-break/>",
                                         "{{name}} {{@version}} {{page}}",
                                         "}}{{",
                                         "甲|乙",
                                         "&lt;&amp;&#x4E00;",
                                         "(Tj) ET Q /Sig endobj %%EOF",
                                         "\\* \\\\",
                                         "1. 甲\n- 乙\n\n    丙",
                                         "\x01\x07\x1B[31m",
                                         "\xE2\x80\xAE甲\xE2\x81\xA6乙\xE2\x80\x8B\xE2\x81\xA9\xE2\x80\xAC",
                                         "\xEE\x80\x81\xEE\x80\x82\xEE\x80\x83\xEE\x80\x84\xEE\x84\x80",
                                         "  甲  "};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        expect_literal("{{name}}\n", values[i]);
        expect_literal("<text x=\"1\" y=\"1\">{{name}}</text>\n", values[i]);
        expect_literal("<table widths=\"*\"><tr><td>{{name}}</td></tr></table>\n", values[i]);
        expect_literal("{{name | default:\"无\"}}\n", values[i]);
    }
}

/* --- front matter and fixed wording --- */

static void pages_and_type_are_as_the_front_matter_says(void **state)
{
    static const char text[] =
        "---\ntitle: a\npage: A4 landscape\nfit: 14/27 13/25 12/23\npages: 1\nlabel-font: kai\nlabel-size: "
        "9\nlabel-leading: 1.5\nheading-1: hei 20/30 left tracking 0.1\nheading-3: kai bold 12/18 "
        "right\nheader-left: "
        "甲\nheader-right: 乙\nfooter-right: 丙\nduplex: yes\nsealable: no\nunsealed: plain\nblank: "
        "yes\n---\n";
    const struct page_setup *p;
    struct template *t;
    struct err e = {0};

    (void)state;
    if (template_parse(&t, "test", slice_of(text), json_of("{}"), NULL, &e) != 0)
        fail_msg("%s", e.en);
    p = template_page(t);
    assert_true(p->width == 297 && p->height == 210);
    assert_int_equal(p->step_count, 3);
    assert_true(p->steps[1].size == 13 && p->steps[1].leading == 25.0 / 13);
    assert_int_equal(p->most_pages, 1);
    assert_string_equal(p->label.family, "kai");
    assert_true(p->label.size == 9 && p->label.leading == 1.5);
    assert_string_equal(p->heading[0].family, "hei");
    assert_true(p->heading[0].size == 20 && p->heading[0].leading == 1.5 && p->heading[0].tracking == 0.1);
    assert_false(p->heading[0].bold);
    assert_true(p->heading[1].size == 15 && p->heading[1].tracking < 0); /* as it was */
    assert_true(p->heading[2].bold && p->heading[2].tracking < 0);
    assert_string_equal(p->heading[2].align, "right");
    assert_non_null(p->header[0]);
    assert_null(p->header[1]);
    assert_non_null(p->header[2]);
    assert_non_null(p->footer[2]);
    assert_true(p->duplex && template_has_blank(t) && !template_sealable(t));
    assert_int_equal(template_unsealed(t), UNSEALED_PLAIN);
    template_free(t);
}

struct seen {
    uint32_t cp;
    const char *family;
    bool bold, found;
};

static void look(void *arg, uint32_t cp, const char *family, bool bold)
{
    struct seen *s = arg;

    s->found = s->found || (s->cp == cp && strcmp(s->family, family) == 0 && s->bold == bold);
}

static void fixed_wording_is_told_with_the_face_it_is_set_in(void **state)
{
    static const struct seen wanted[] = {{0x7532, "song", false, false}, /* 甲: text */
                                         {0x4E59, "hei", false, false},  /* 乙: label */
                                         {0x4E19, "song", true, false},  /* 丙: heading-2 as said */
                                         {0x4E01, "hei", false, false},  /* 丁: heading-3 as it is */
                                         {0x620A, "hei", false, false},  /* 戊: where a photo is missing */
                                         {0x5DF1, "kai", false, false},  /* 己: emphasis */
                                         {0x5E9A, "song", true, false},  /* 庚: strong */
                                         {0x8D1F, "song", false, false}, /* 负责人： */
                                         {0x516C, "song", false, false}, /* （公章） */
                                         {0x7EED, "hei", false, false}}; /* （续） */
    struct template *t =
        parsed("甲*己***庚**\n\n## 丙\n\n### 丁\n\n<table widths=\"*\"><lead>甲</lead><tr><th>乙</th></tr>"
               "<tr><td><photo w=\"9\" h=\"9\" label=\"戊\"/></td></tr>"
               "<tr><td><opinion role=\"a\"/></td></tr></table>\n");

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct seen s = wanted[i];

        template_literals(t, look, &s);
        if (!s.found)
            fail_msg("U+%04X is not in %s", (unsigned)s.cp, s.family);
    }
    template_free(t);
}

static void a_character_that_no_font_has_is_told_with_its_place(void **state)
{
    struct template_place place;
    struct fonts *fonts = NULL;
    struct template *t;
    struct err e = {0};
    char dir[1024];

    (void)state;
    if (share_path(dir, sizeof dir, "fonts", &e) != 0 || fonts_open(&fonts, dir, &e) != 0)
        fail_msg("%s", e.en);
    assert_int_equal(template_parse_placed(&t, "test",
                                           slice_of("---\ntitle: T\n---\n甲\n\n乙\xF0\x92\x80\x80\n"),
                                           json_of("{}"), fonts, &place, &e),
                     -1);
    assert_non_null(strstr(e.en, "line 6, column 2: "));
    assert_non_null(strstr(e.en, "U+12000"));
    fonts_close(fonts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_underline_is_kept_in_markdown_and_in_elements),
        cmocka_unit_test(a_cell_holds_a_text_or_several_things),
        cmocka_unit_test(what_looks_like_an_element_in_the_text_of_one_is_none),
        cmocka_unit_test(lists_repeat_four_deep_with_their_index),
        cmocka_unit_test(rows_repeat_in_groups),
        cmocka_unit_test(a_fifth_level_is_refused),
        cmocka_unit_test(missing_rows_are_filled_and_say_nothing),
        cmocka_unit_test(else_stands_where_the_one_before_came_to_nothing),
        cmocka_unit_test(a_list_that_only_some_records_have_may_be_repeated),
        cmocka_unit_test(the_edition_is_said_and_can_be_asked_for),
        cmocka_unit_test(a_blank_form_has_its_rows_and_no_words_of_anybody),
        cmocka_unit_test(what_a_record_says_in_a_seals_place_is_found),
        cmocka_unit_test(an_opinion_that_cannot_be_printed_is_refused_by_its_member),
        cmocka_unit_test(a_code_says_letters_and_digits_or_is_refused),
        cmocka_unit_test(whole_numbers_are_written_in_chinese),
        cmocka_unit_test(a_value_is_characters_whatever_they_are),
        cmocka_unit_test(pages_and_type_are_as_the_front_matter_says),
        cmocka_unit_test(a_character_that_no_font_has_is_told_with_its_place),
        cmocka_unit_test(fixed_wording_is_told_with_the_face_it_is_set_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
