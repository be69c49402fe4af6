/* flow_test.c - blocks over pages: headings, sections, areas, labels, type steps, footers, bookmarks. */
#include "support/boxes.h"
#include "support/trial.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* 12 points on lines of 6.35 mm, 40 of them on a page; a line holds 38 characters. */
#define FRONT "page: A4\nmargins: 20 20 20 25\nsize: 12\nleading: 1.5\nindent: 0"
#define BAND  (18 * PT_MM)
#define EM    (12 * PT_MM)

static void lay(const char *body)
{
    paper_lay(&paper, FRONT, body, "{}", NULL);
}

/* The body, with so many paragraphs of one line before it. */
static void lay_after(size_t lines, const char *body)
{
    struct buf b = BUF_INIT(1 << 20);

    for (size_t i = 0; i < lines; i++)
        buf_printf(&b, "前文%zu\n\n", i);
    buf_append_text(&b, body);
    lay(buf_text(&b));
    buf_dispose(&b);
}

static size_t page_of(const char *text)
{
    for (size_t p = 0; p < paper.pages.count; p++)
        if (paper_find(&paper, p, text, 0) != NULL)
            return p;
    fail_msg("no run begins with %s", text);
    return 0;
}

/* Baseline of the first line below that y. */
static double first_line(double y)
{
    return y + BAND / 2 + 0.38 * EM;
}

/* Lines on a page: runs with different baselines. */
static size_t lines_on(size_t page)
{
    double last = -1;
    size_t count = 0;

    for (size_t i = 0; i < paper.pages.list[page].count; i++) {
        const struct item *it = &paper.pages.list[page].items[i];

        if (it->kind == ITEM_TEXT && fabs(it->u.text.baseline - last) > 0.01) {
            last = it->u.text.baseline;
            count++;
        }
    }
    return count;
}

/* --- paragraphs --- */

static void a_paragraph_leaves_no_single_line_on_a_page(void **state)
{
    struct buf b = BUF_INIT(1 << 20);

    (void)state;
    for (size_t lines = 2; lines <= 5; lines++) {
        for (size_t before = 36; before <= 40; before++) {
            size_t whole;

            b.len = 0;
            for (size_t i = 0; i < 38 * lines - 4; i++)
                buf_append_text(&b, "字");
            lay_after(before, buf_text(&b));
            whole = lines_on(0) - before;
            if (paper.pages.count > 1 && whole > 0 && (whole == 1 || lines_on(1) == 1))
                fail_msg("%zu lines after %zu: %zu and %zu", lines, before, whole, lines_on(1));
            assert_int_equal(whole + (paper.pages.count > 1 ? lines_on(1) : 0), lines);
        }
    }
    buf_dispose(&b);
}

static void a_page_is_full_before_the_next_begins(void **state)
{
    (void)state;
    lay_after(41, "");
    assert_int_equal(paper.pages.count, 2);
    assert_int_equal(lines_on(0), 40);
    near_mm(paper_run(&paper, "前文40")->baseline, first_line(20), "first line of the second page");
}

static void a_hundred_thousand_characters_and_as_many_new_lines_as_pages_hold_flow_at_once(void **state)
{
    struct buf b = BUF_INIT(1 << 22);

    (void)state;
    buf_append_text(&b, "{'text': '");
    for (size_t i = 0; i < 5000; i++)
        buf_append_text(&b, "职称评审工作应当坚持德才兼备，公平公正。");
    buf_append_text(&b, "'}");
    paper_lay(&paper, FRONT, "{{text}}\n", buf_text(&b), NULL);
    assert_true(paper.pages.count >= 64 && paper.pages.count <= 66);
    assert_true(paper.arena.used_total < (size_t)32 << 20);
    b.len = 0;
    buf_append_text(&b, "{'text': '");
    for (size_t i = 0; i < 4000; i++)
        buf_append_text(&b, "行\\n\\n");
    buf_append_text(&b, "'}");
    paper_lay(&paper, FRONT, "{{text}}\n", buf_text(&b), NULL);
    assert_int_equal(paper.pages.count, 200);
    buf_dispose(&b);
}

/* What tries every place of a long value takes the square of its length: minutes. */
static void a_long_value_is_refused_for_a_place_of_two_lines_at_once(void **state)
{
    static const char *const rules[] = {"half", "·"};
    struct buf b = BUF_INIT(1 << 22);

    (void)state;
    buf_append_text(&b, "{'text': '");
    for (size_t i = 0; i < 50000; i++)
        buf_append_text(&b, "甲·");
    buf_append_text(&b, "'}");
    for (size_t i = 0; i < 2; i++) {
        clock_t began = clock();
        char body[200];

        (void)snprintf(body, sizeof body,
                       "<text x=\"10\" y=\"20\" width=\"80\" break=\"%s\"><fit lines=\"2\" "
                       "size=\"9\"/>{{text}}</text>\n",
                       rules[i]);
        assert_int_equal(paper_try(&paper, FRONT, body, buf_text(&b), NULL), -1);
        assert_string_equal(paper.err.field, "/text");
        assert_true(clock() - began < 3 * CLOCKS_PER_SEC);
    }
    buf_dispose(&b);
}

static void a_refusal_names_even_what_has_a_very_long_label_or_none(void **state)
{
    struct buf b = BUF_INIT(1 << 16);

    (void)state;
    buf_append_text(&b, "{'text': '");
    for (size_t i = 0; i < 300; i++)
        buf_append_text(&b, "签名");
    buf_append_text(&b, "'}");
    assert_int_equal(paper_try(&paper, FRONT, "<sign w=\"20\" label=\"{{text}}\"/>\n", buf_text(&b), NULL),
                     -1);
    assert_string_equal(paper.err.field, "/text");
    assert_true(strncmp(paper.err.zh, "“签名签名", strlen("“签名签名")) == 0);
    assert_int_equal(
        paper_try(&paper, FRONT,
                  "<table widths=\"9\"><tr><td padding=\"5\">\n\n甲<wbr/>\n\n</td></tr></table>\n", "{}",
                  NULL),
        -1);
    assert_true(strncmp(paper.err.zh, "“甲”", strlen("“甲”")) == 0);
    assert_int_equal(
        paper_try(&paper, FRONT,
                  "<table widths=\"9\"><tr><td padding=\"5\">\n\n# <wbr/>\n\n</td></tr></table>\n", "{}",
                  NULL),
        -1);
    assert_true(strncmp(paper.err.zh, "“…”", strlen("“…”")) == 0);
    buf_dispose(&b);
}

/* --- headings --- */

static void a_heading_stays_with_the_two_lines_that_follow(void **state)
{
    (void)state;
    /* 7 + 7 + 4 mm for the heading */
    lay_after(35, "## 工作经历\n\n甲\n\n乙\n");
    assert_int_equal(page_of("工"), 0);
    assert_int_equal(page_of("乙"), 0);
    lay_after(36, "## 工作经历\n\n甲\n\n乙\n");
    assert_int_equal(page_of("工"), 1);
    assert_int_equal(page_of("前文35"), 0);
}

static void a_heading_stays_with_the_beginning_of_its_table(void **state)
{
    static const char body[] =
        "## 学历\n\n<table widths=\"* *\">\n<head><tr h=\"9\"><th>年</th><th>校</th></tr></head>\n"
        "<tr h=\"9\"><td>一</td><td>二</td></tr>\n<tr h=\"9\"><td>三</td><td>四</td></tr>\n</table>\n";

    (void)state;
    for (size_t before = 25; before < 40; before++) {
        lay_after(before, body);
        assert_int_equal(page_of("学历"), page_of("三"));
    }
}

static void a_section_heading_has_room_above_but_not_at_the_head_of_a_page(void **state)
{
    double line = 15 * 1.323 * PT_MM, middle = 0.38 * 15 * PT_MM;

    (void)state;
    lay("## 标题一二三\n\n甲\n");
    near_mm(paper_run(&paper, "标题")->baseline, 20 + line / 2 + middle, "at the head");
    near_mm(paper_run(&paper, "甲")->baseline, first_line(20 + line + 4), "text below it");
    lay("甲\n\n## 标题一二三\n\n乙\n");
    near_mm(paper_run(&paper, "标题")->baseline, 20 + BAND + 7 + line / 2 + middle, "after a text");
    lay("# 书\n\n## 标题一二三\n\n乙\n");
    near_mm(paper_run(&paper, "标题")->baseline, 20 + 31 * PT_MM + 7 + line / 2 + middle, "after the title");
}

static double gap(const char *text, double size)
{
    const struct text_run *r = paper_run(&paper, text);

    return (double)r->glyphs[1].dx / (size * PT_MM) - 1;
}

static void titles_are_spaced_by_the_count_of_their_characters(void **state)
{
    static const struct {
        const char *body;
        double em, size;
    } rows[] = {{"# 证明书\n", 0.5, 22},
                {"# 诚信承诺书哦\n", 0.4, 22},
                {"# 职称申报诚信承诺书\n", 0.25, 22},
                {"# 专业技术资格确认申报表\n", 0.12, 22},
                {"## 基本情况\n", 1, 15},
                {"## 学习培训经历\n", 0, 15},
                {"### 小标题\n", 0, 12}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = rows[i].body + strspn(rows[i].body, "# ");
        char first[4] = {text[0], text[1], text[2], 0};

        lay(rows[i].body);
        if (fabs(gap(first, rows[i].size) - rows[i].em) > 0.01)
            fail_msg("%s is spaced by %.2f em", rows[i].body, gap(first, rows[i].size));
    }
    paper_lay(&paper, FRONT "\nheading-2: hei 15/20 center tracking 0.3", "## 基本情况\n", "{}", NULL);
    assert_true(fabs(gap("基", 15) - 0.3) < 0.01);
}

/* --- blocks --- */

static void a_kept_block_stands_on_one_page(void **state)
{
    (void)state;
    lay_after(37, "<block keep=\"yes\">\n\n甲\n\n乙\n\n丙\n\n丁\n\n</block>\n");
    assert_int_equal(page_of("甲"), 1);
    assert_int_equal(page_of("前文36"), 0);
    lay_after(37, "<block>\n\n甲\n\n乙\n\n丙\n\n丁\n\n</block>\n");
    assert_int_equal(page_of("甲"), 0);
    assert_int_equal(page_of("丁"), 1);
}

static void a_block_has_insets_and_a_look_of_its_own(void **state)
{
    (void)state;
    lay("<block left=\"10\" right=\"20\" size=\"10\" align=\"right\">\n\n甲\n\n</block>\n\n乙\n");
    near_mm(run_end(paper_run(&paper, "甲")), 170, "right inset");
    assert_true(paper_run(&paper, "甲")->size == 10 && paper_run(&paper, "乙")->size == 12);
    lay("<block left=\"10\"><block left=\"5\">\n\n甲\n\n</block></block>\n");
    near_mm(paper_run(&paper, "甲")->x, 40, "insets add");
}

static void a_skip_goes_down_to_its_place_and_never_up(void **state)
{
    (void)state;
    lay("甲\n\n<skip to=\"100\"/>\n\n乙\n\n<skip to=\"50\"/>\n\n丙\n\n<skip h=\"5\"/>\n\n丁\n");
    near_mm(paper_run(&paper, "乙")->baseline, first_line(100), "乙");
    near_mm(paper_run(&paper, "丙")->baseline, first_line(100 + BAND), "丙");
    near_mm(paper_run(&paper, "丁")->baseline, first_line(105 + 2 * BAND), "丁");
    assert_int_equal(paper_try(&paper, FRONT, "<skip to=\"290\"/>\n", "{}", NULL), -1);
    assert_non_null(strstr(paper.err.en, "290"));
}

static void a_label_hangs_and_its_text_stands_beside_it_on_every_line(void **state)
{
    struct buf b = BUF_INIT(10000);

    (void)state;
    buf_append_text(&b, "<hang label=\"2016.12—至今\" w=\"32\">");
    for (int i = 0; i < 80; i++)
        buf_append_text(&b, "某");
    buf_append_text(&b, "</hang>\n\n后\n");
    lay(buf_text(&b));
    near_mm(paper_run(&paper, "2016.12")->x, 25, "label");
    for (size_t nth = 0; nth < 3; nth++)
        near_mm(paper_find(&paper, 0, "某", nth)->x, 57, "text");
    near_mm(paper_run(&paper, "2016")->baseline, paper_find(&paper, 0, "某", 0)->baseline, "one line");
    near_mm(paper_run(&paper, "后")->baseline, first_line(20 + 3 * BAND), "what follows");
    /* the label may have more lines than the text */
    lay("<hang label=\"二〇一六年十二月至二〇一七年\" w=\"32\">某</hang>\n\n后\n");
    near_mm(paper_run(&paper, "后")->baseline, first_line(20 + 2 * BAND), "after two lines of label");
    buf_dispose(&b);
}

/* --- areas --- */

static void an_area_in_the_flow_takes_its_height_and_a_fixed_one_none(void **state)
{
    (void)state;
    lay("甲\n\n<area h=\"30\">\n\n乙\n\n<rule x=\"2\" y=\"3\" w=\"10\" h=\"0.3\"/>\n\n</area>\n\n丙\n");
    near_mm(paper_run(&paper, "乙")->baseline, first_line(20 + BAND), "in the area");
    near_mm(paper_item(&paper, 0, ITEM_FILL, 0)->box.x, 27, "x from its corner");
    near_mm(paper_item(&paper, 0, ITEM_FILL, 0)->box.y, 20 + BAND + 3, "y from its corner");
    near_mm(paper_run(&paper, "丙")->baseline, first_line(20 + BAND + 30), "below it");
    lay("甲\n\n<area x=\"100\" y=\"200\" w=\"40\" h=\"30\">\n\n乙\n\n</area>\n\n丙\n");
    near_mm(paper_run(&paper, "乙")->x, 100, "fixed x");
    near_mm(paper_run(&paper, "乙")->baseline, first_line(200), "fixed y");
    near_mm(paper_run(&paper, "丙")->baseline, first_line(20 + BAND), "the flow goes on");
}

static void areas_in_areas_stand_from_their_own_corners(void **state)
{
    (void)state;
    lay("<area x=\"50\" y=\"60\" w=\"100\" h=\"100\"><area x=\"10\" y=\"20\" w=\"50\" h=\"20\">"
        "<text x=\"1\" y=\"5\">甲</text></area><text x=\"1\" y=\"5\">乙</text></area>\n\n"
        "<text x=\"1\" y=\"5\">丙</text>\n");
    near_mm(paper_run(&paper, "甲")->x, 61, "inner x");
    near_mm(paper_run(&paper, "甲")->baseline, 85, "inner y");
    near_mm(paper_run(&paper, "乙")->x, 51, "outer x");
    near_mm(paper_run(&paper, "乙")->baseline, 65, "outer y");
    near_mm(paper_run(&paper, "丙")->x, 1, "of the page");
}

static void an_area_refuses_what_is_higher_than_it(void **state)
{
    static const char body[] = "<area x=\"50\" y=\"60\" w=\"40\" h=\"13\">\n\n{{text}}\n\n</area>\n";

    (void)state;
    paper_lay(&paper, FRONT, body, "{'text': '一二三四五六七八九十一二三四五六七八'}", NULL);
    assert_int_equal(
        paper_try(&paper, FRONT, body, "{'text': '一二三四五六七八九十一二三四五六七八九十'}", NULL), -1);
    assert_int_equal(paper.err.code, ERR_INVALID);
    assert_string_equal(paper.err.field, "/text");
    assert_non_null(strstr(paper.err.en, "20"));
    /* nor one that no page could hold */
    assert_int_equal(paper_try(&paper, FRONT, "甲\n\n<area h=\"280\">\n\n乙\n\n</area>\n", "{}", NULL), -1);
}

static void a_table_cannot_stand_in_an_area(void **state)
{
    (void)state;
    assert_int_equal(
        paper_try(&paper, FRONT,
                  "<area h=\"30\"><block><table widths=\"*\"><tr><td>甲</td></tr></table></block>"
                  "</area>\n",
                  "{}", NULL),
        -1);
    assert_non_null(strstr(paper.err.en, "<table> at line"));
    assert_non_null(strstr(paper.err.zh, "<table>"));
}

/* --- sections --- */

static void a_section_has_pages_of_its_own_size(void **state)
{
    (void)state;
    lay("甲\n\n<section page=\"A4 landscape\" margins=\"25 20 22 20\" page-label=\"附件\" "
        "bookmark=\"附件\">\n\n"
        "乙\n\n</section>\n\n丙\n");
    assert_int_equal(paper.pages.count, 3);
    assert_true(paper.pages.list[0].width == 210 && paper.pages.list[0].height == 297);
    assert_true(paper.pages.list[1].width == 297 && paper.pages.list[1].height == 210);
    assert_true(paper.pages.list[2].width == 210);
    assert_string_equal(paper.pages.list[1].label, "附件");
    assert_null(paper.pages.list[0].label);
    assert_null(paper.pages.list[2].label);
    near_mm(paper_run(&paper, "乙")->x, 20, "its margins");
    near_mm(paper_run(&paper, "乙")->baseline, first_line(25), "its margins");
    near_mm(paper_run(&paper, "丙")->x, 25, "the document's margins again");
    assert_int_equal(paper.pages.bookmark_count, 1);
    assert_int_equal(paper.pages.bookmarks[0].page, 1);
    assert_string_equal(paper.pages.bookmarks[0].title, "附件");
}

static void a_section_makes_no_empty_pages_before_or_behind_it(void **state)
{
    (void)state;
    lay("<section margins=\"50\">\n\n甲\n\n</section>\n");
    assert_int_equal(paper.pages.count, 1);
    near_mm(paper_run(&paper, "甲")->x, 50, "the first page is the section's");
    lay("<section page=\"A5\">\n\n甲\n\n</section>\n\n<section page=\"B5\">\n\n乙\n\n</section>\n");
    assert_int_equal(paper.pages.count, 2);
    assert_true(paper.pages.list[0].width == 148 && paper.pages.list[1].width == 176);
    lay("<section>\n\n甲\n\n</section>\n\n<page-break/>\n\n乙\n");
    assert_int_equal(paper.pages.count, 2);
    /* what stands at a fixed place fills a page too */
    lay("<rule x=\"1\" y=\"1\" w=\"1\" h=\"1\"/>\n\n<section>\n\n甲\n\n</section>\n");
    assert_int_equal(paper.pages.count, 2);
}

/* --- headers and footers --- */

static void footers_stand_at_the_left_in_the_middle_and_at_the_right_of_their_own_page(void **state)
{
    static const char front[] = FRONT "\nfooter-left: 编号：{{no}}\nfooter: 第 {{page}} 页　共 {{pages}} 页\n"
                                      "footer-right: 欧阳\nfooter-y: 285";
    static const char body[] =
        "甲\n\n<section footer=\"no\">\n\n乙\n\n</section>\n\n<section page=\"A4 landscape\">\n\n丙\n\n"
        "</section>\n\n<section footer-y=\"290\">\n\n丁\n\n</section>\n";

    (void)state;
    paper_lay(&paper, front, body, "{'no': '7'}", NULL);
    assert_int_equal(paper.pages.count, 4);
    near_mm(paper_find(&paper, 0, "编号：7", 0)->x, 25, "left");
    near_mm(paper_find(&paper, 0, "编号：7", 0)->baseline, 285, "baseline");
    near_mm(run_end(paper_find(&paper, 0, "欧阳", 0)), 190, "right");
    near_mm((paper_find(&paper, 0, "第 1 页", 0)->x + run_end(paper_find(&paper, 0, "第 1 页", 0))) / 2,
            107.5, "middle");
    assert_null(paper_find(&paper, 1, "第 2 页", 0));
    near_mm(paper_find(&paper, 2, "第 3 页　共 4 页", 0)->baseline, 198, "as far from the lower edge");
    near_mm(run_end(paper_find(&paper, 2, "欧阳", 0)), 277, "right of the landscape page");
    near_mm(paper_find(&paper, 3, "第 4 页", 0)->baseline, 290, "its own baseline");
}

static void footers_that_would_run_into_each_other_are_refused(void **state)
{
    static const char front[] = FRONT "\nfooter: 第 {{page}} 页\nfooter-right: {{name}}";
    struct buf b = BUF_INIT(1000);

    (void)state;
    buf_append_text(&b, "{'name': '");
    for (int i = 0; i < 22; i++)
        buf_append_text(&b, "长");
    paper_lay(&paper, front, "甲\n", "{'name': '长'}", NULL);
    buf_append_text(&b, "长长长'}");
    assert_int_equal(paper_try(&paper, front, "甲\n", buf_text(&b), NULL), -1);
    assert_string_equal(paper.err.field, "/name");
    assert_non_null(strstr(paper.err.en, "25 characters"));
    buf_dispose(&b);
}

/* --- fit --- */

static const char letter[] = "# 承诺书\n\n{{text}}\n";

static int lay_letter(size_t characters)
{
    struct buf b = BUF_INIT(1 << 20);
    int rc;

    buf_append_text(&b, "{'text': '");
    for (size_t i = 0; i < characters; i++)
        buf_append_text(&b, "承");
    buf_append_text(&b, "'}");
    rc = paper_try(&paper, FRONT "\nfit: 14/27 13/25 12/23\npages: 1", letter, buf_text(&b), NULL);
    buf_dispose(&b);
    return rc;
}

static void the_largest_type_that_keeps_to_the_pages_is_taken(void **state)
{
    static const struct {
        size_t characters;
        double size;
    } rows[] = {{100, 14}, {850, 13}, {1050, 12}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (lay_letter(rows[i].characters) != 0)
            fail_msg("%s", paper.err.en);
        assert_int_equal(paper.pages.count, 1);
        assert_int_equal(paper.pages.bookmark_count, 1);
        for (size_t k = 0; k < paper.pages.list[0].count; k++)
            if (paper.pages.list[0].items[k].u.text.size < 20)
                assert_true(paper.pages.list[0].items[k].u.text.size == rows[i].size);
    }
}

static void a_text_too_long_for_its_pages_is_refused_with_what_to_shorten(void **state)
{
    (void)state;
    assert_int_equal(lay_letter(3000), -1);
    assert_int_equal(paper.err.code, ERR_INVALID);
    assert_string_equal(paper.err.field, "/text");
    assert_non_null(strstr(paper.err.en, "3 pages"));
    assert_non_null(strstr(paper.err.en, "3000"));
    assert_non_null(strstr(paper.err.zh, "3 页"));
}

/* --- bookmarks --- */

static void titles_and_sections_become_bookmarks_and_lesser_headings_do_not(void **state)
{
    static const struct bookmark rows[] = {{1, "评审表", 0, 0}, {2, "基本情况", 0, 0}, {2, "学历", 1, 0}};

    (void)state;
    lay("<area x=\"25\" y=\"60\" w=\"100\" h=\"40\">\n\n# 评审**表**\n\n</area>\n\n## 基本情况\n\n甲\n\n### "
        "小\n\n乙\n\n"
        "<page-break/>\n\n<table widths=\"*\"><lead>\n\n## 学历\n\n</lead><tr><td>丙</td></tr></table>\n");
    assert_int_equal(paper.pages.bookmark_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(paper.pages.bookmarks[i].level, rows[i].level);
        assert_string_equal(paper.pages.bookmarks[i].title, rows[i].title);
        assert_int_equal(paper.pages.bookmarks[i].page, rows[i].page);
    }
    near_mm(paper.pages.bookmarks[0].y, 60, "in an area");
    lay("甲\n");
    assert_int_equal(paper.pages.bookmark_count, 0);
}

static void the_first_bookmarks_are_parts_even_without_a_title(void **state)
{
    (void)state;
    lay("## 甲\n\n# 乙\n\n## 丙\n");
    assert_int_equal(paper.pages.bookmarks[0].level, 1);
    assert_int_equal(paper.pages.bookmarks[1].level, 1);
    assert_int_equal(paper.pages.bookmarks[2].level, 2);
}

/* --- orders --- */

static void a_blank_form_needs_no_record(void **state)
{
    struct layout_order order = {.blank = true};
    struct layout_order again;

    (void)state;
    paper_lay(&paper, FRONT "\nblank: yes", "姓名：{{name}}\n", "{'name': '某某'}", &order);
    again = (struct layout_order){.template = paper.template, .blank = true};
    arena_reset(&paper.arena);
    assert_int_equal(layout_run(&paper.pages, &again, paper.fonts, &paper.arena, &paper.err), 0);
    assert_non_null(paper_run(&paper, "姓名："));
    again.blank = false;
    assert_int_equal(layout_run(&paper.pages, &again, paper.fonts, &paper.arena, &paper.err), -1);
}

static void the_edition_is_a_draft_or_void_where_the_document_bears_that_mark(void **state)
{
    const struct layout_order draft = {.mark = MARK_DRAFT}, voided = {.mark = MARK_VOID};

    (void)state;
    paper_lay(&paper, FRONT, "甲{{@version}}\n", "{'version': 5}", &draft);
    assert_non_null(paper_run(&paper, "甲草稿"));
    paper_lay(&paper, FRONT, "甲{{@version}}\n", "{'version': 5}", &voided);
    assert_non_null(paper_run(&paper, "甲作废"));
    paper_lay(&paper, FRONT, "甲{{@version}}\n", "{'version': 5}", NULL);
    assert_non_null(paper_run(&paper, "甲第5版"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paragraph_leaves_no_single_line_on_a_page),
        cmocka_unit_test(a_page_is_full_before_the_next_begins),
        cmocka_unit_test(a_hundred_thousand_characters_and_as_many_new_lines_as_pages_hold_flow_at_once),
        cmocka_unit_test(a_long_value_is_refused_for_a_place_of_two_lines_at_once),
        cmocka_unit_test(a_refusal_names_even_what_has_a_very_long_label_or_none),
        cmocka_unit_test(a_heading_stays_with_the_two_lines_that_follow),
        cmocka_unit_test(a_heading_stays_with_the_beginning_of_its_table),
        cmocka_unit_test(a_section_heading_has_room_above_but_not_at_the_head_of_a_page),
        cmocka_unit_test(titles_are_spaced_by_the_count_of_their_characters),
        cmocka_unit_test(a_kept_block_stands_on_one_page),
        cmocka_unit_test(a_block_has_insets_and_a_look_of_its_own),
        cmocka_unit_test(a_skip_goes_down_to_its_place_and_never_up),
        cmocka_unit_test(a_label_hangs_and_its_text_stands_beside_it_on_every_line),
        cmocka_unit_test(an_area_in_the_flow_takes_its_height_and_a_fixed_one_none),
        cmocka_unit_test(areas_in_areas_stand_from_their_own_corners),
        cmocka_unit_test(an_area_refuses_what_is_higher_than_it),
        cmocka_unit_test(a_table_cannot_stand_in_an_area),
        cmocka_unit_test(a_section_has_pages_of_its_own_size),
        cmocka_unit_test(a_section_makes_no_empty_pages_before_or_behind_it),
        cmocka_unit_test(footers_stand_at_the_left_in_the_middle_and_at_the_right_of_their_own_page),
        cmocka_unit_test(footers_that_would_run_into_each_other_are_refused),
        cmocka_unit_test(the_largest_type_that_keeps_to_the_pages_is_taken),
        cmocka_unit_test(a_text_too_long_for_its_pages_is_refused_with_what_to_shorten),
        cmocka_unit_test(titles_and_sections_become_bookmarks_and_lesser_headings_do_not),
        cmocka_unit_test(the_first_bookmarks_are_parts_even_without_a_title),
        cmocka_unit_test(a_blank_form_needs_no_record),
        cmocka_unit_test(the_edition_is_a_draft_or_void_where_the_document_bears_that_mark),
    };

    return cmocka_run_group_tests(tests, paper_setup, paper_teardown);
}
