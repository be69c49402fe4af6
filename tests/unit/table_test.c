/* table_test.c - tables of forms: spans, labels, rules that meet, rows that go on, and random ones in which
 * nothing may touch. */
#include "support/boxes.h"
#include "support/trial.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char form[] = "page: A4\nmargins: 20 20 22 25\nsize: 10.5\nleading: 1.4286\nsealable: no";
static const double left = 25, right = 190, top = 20, foot = 275;

static void lay(const char *body)
{
    paper_lay(&paper, form, body, "{}", NULL);
}

/* --- looking at pages --- */

static void runs_in(struct buf *out, size_t page, double from, double to)
{
    double last = 0;

    for (;;) { /* line by line, since cells are set one after the other */
        double next = 1e9;

        for (size_t i = 0; i < paper.pages.list[page].count; i++) {
            const struct item *it = &paper.pages.list[page].items[i];

            if (it->kind == ITEM_TEXT && it->u.text.x >= from && it->u.text.x < to &&
                it->u.text.baseline > last + 1e-6 && it->u.text.baseline < next)
                next = it->u.text.baseline;
        }
        if (next > 1e8)
            return;
        for (size_t i = 0; i < paper.pages.list[page].count; i++) {
            const struct item *it = &paper.pages.list[page].items[i];

            if (it->kind == ITEM_TEXT && it->u.text.x >= from && it->u.text.x < to &&
                fabs(it->u.text.baseline - next) < 1e-6)
                run_text(out, &it->u.text);
        }
        last = next;
    }
}

static size_t count_runs(const char *text)
{
    size_t n = 0;

    for (size_t p = 0; p < paper.pages.count; p++)
        for (size_t i = 0; paper_find(&paper, p, text, i) != NULL; i++)
            n++;
    return n;
}

static struct cell cell_of(const struct text_run *r, size_t i)
{
    return (struct cell){
        .cp = r->glyphs[i].cp, .face = r->face, .em = face_advance(r->face, r->glyphs[i].cp) / 1000};
}

/* What is seen of a run: not the blank halves of marks at its ends. */
static struct box ink(const struct text_run *r)
{
    double em = r->size * PT_MM, pull, hang;
    struct cell first = cell_of(r, 0), last = cell_of(r, r->count - 1);

    if (r->angle != 0) /* on its side */
        return (struct box){r->x - 0.12 * em, r->baseline, em, em};
    pull = pull_of(&(struct shaped){&first, 1}, 0) * em;
    hang = hang_of(&last) * em;
    return (struct box){r->x + pull, r->baseline - 0.8 * em, run_end(r) - r->x - pull - hang, 0.84 * em};
}

static bool meet(const struct box *a, const struct box *b, double by)
{
    return a->x + by < b->x + b->w && b->x + by < a->x + a->w && a->y + by < b->y + b->h &&
           b->y + by < a->y + a->h;
}

static bool is_across(const struct box *b)
{
    return b->w > b->h;
}

/* A rule between from and to at x (down) or y (across). */
static bool ruled(size_t page, bool across, double at, double from, double to)
{
    for (size_t i = 0; i < paper.pages.list[page].count; i++) {
        const struct item *it = &paper.pages.list[page].items[i];
        const struct box *b = &it->box;

        if (it->kind != ITEM_FILL || is_across(b) != across)
            continue;
        if (across ? fabs(b->y + b->h / 2 - at) < 0.01 && b->x <= from + 0.2 && b->x + b->w >= to - 0.2
                   : fabs(b->x + b->w / 2 - at) < 0.01 && b->y <= from + 0.2 && b->y + b->h >= to - 0.2)
            return true;
    }
    return false;
}

/* Nothing outside the body, no two texts in one place, no text on a rule, no rule drawn twice, and no rule
 * that ends in the open. */
static void page_is_sound(size_t page)
{
    const struct page *p = &paper.pages.list[page];

    for (size_t i = 0; i < p->count; i++) {
        const struct item *a = &p->items[i];
        struct box box = a->kind == ITEM_TEXT ? ink(&a->u.text) : a->box;

        if (box.x < left - 0.2 || box.y < top - 0.2 || box.x + box.w > right + 0.2 ||
            box.y + box.h > foot + 0.2)
            fail_msg("page %zu: something at %.2f %.2f %.2f %.2f is outside", page, box.x, box.y, box.w,
                     box.h);
        for (size_t k = i + 1; k < p->count; k++) {
            const struct item *b = &p->items[k];
            struct box other = b->kind == ITEM_TEXT ? ink(&b->u.text) : b->box;

            if (a->kind == ITEM_FILL && b->kind == ITEM_FILL && is_across(&box) != is_across(&other))
                continue;
            /* squeezed marks share a blank */
            if (meet(&box, &other, a->kind == b->kind && a->kind == ITEM_TEXT ? 0.3 : 0.01))
                fail_msg("page %zu: %.2f %.2f %.2f %.2f meets %.2f %.2f %.2f %.2f", page, box.x, box.y, box.w,
                         box.h, other.x, other.y, other.w, other.h);
        }
    }
}

/* Whether another rule lies at that end of a rule. */
static bool touched(size_t page, size_t rule, bool far)
{
    const struct page *p = &paper.pages.list[page];
    const struct box *r = &p->items[rule].box;
    struct box end = is_across(r) ? (struct box){r->x + (far ? r->w : 0), r->y, 0, r->h}
                                  : (struct box){r->x, r->y + (far ? r->h : 0), r->w, 0};

    for (size_t i = 0; i < p->count; i++)
        if (i != rule && p->items[i].kind == ITEM_FILL && meet(&end, &p->items[i].box, -0.01))
            return true;
    return false;
}

static void rules_meet(size_t page)
{
    const struct page *p = &paper.pages.list[page];

    for (size_t i = 0; i < p->count; i++) {
        const struct box *b = &p->items[i].box;

        if (p->items[i].kind == ITEM_FILL && (!touched(page, i, false) || !touched(page, i, true)))
            fail_msg("page %zu: the rule %.2f %.2f %.2f %.2f ends in the open", page, b->x, b->y, b->w, b->h);
    }
}

/* Nothing touches and every rule meets another, on every page. */
static void all_sound(void)
{
    for (size_t i = 0; i < paper.pages.count; i++) {
        page_is_sound(i);
        rules_meet(i);
    }
}

/* --- columns and spans --- */

static void cells_that_span_interrupt_the_rules_they_cover(void **state)
{
    (void)state;
    lay("<table widths=\"24 42 22 38.5 38.5\" frame=\"0.35\" row=\"10.5\">\n"
        "<tr><td>甲</td><td colspan=\"3\">乙</td><td rowspan=\"2\">丙</td></tr>\n"
        "<tr><td>丁</td><td>戊</td><td>己</td><td>庚</td></tr>\n"
        "<tr><td colspan=\"5\">辛</td></tr>\n</table>");
    all_sound();
    assert_true(ruled(0, false, left + 24, top, top + 21));
    assert_true(ruled(0, false, left + 66, top + 10.5, top + 21));
    assert_false(ruled(0, false, left + 66, top, top + 10.5));
    assert_true(ruled(0, true, top + 10.5, left, left + 126.5));
    assert_false(ruled(0, true, top + 10.5, left, right));
    assert_true(ruled(0, true, top + 21, left, right));
    assert_true(ruled(0, true, top + 31.5, left, right));
    near_mm(run_middle(paper_run(&paper, "丙")), top + 10.5, "in the middle of two rows");
    near_mm(paper_run(&paper, "庚")->x, left + 88 + 1.5, "under the spanning cell");
}

static void the_frame_is_heavier_and_one_piece(void **state)
{
    size_t heavy = 0;

    (void)state;
    lay("<table widths=\"* *\" frame=\"0.35\"><tr><td>甲</td><td>乙</td></tr>"
        "<columns widths=\"* * *\"/><tr><td>丙</td><td>丁</td><td>戊</td></tr></table>");
    all_sound();
    for (size_t i = 0; paper_item(&paper, 0, ITEM_FILL, i) != NULL; i++) {
        const struct box *b = &paper_item(&paper, 0, ITEM_FILL, i)->box;

        heavy += fabs((is_across(b) ? b->h : b->w) - 0.35) < 1e-9;
    }
    assert_int_equal(heavy, 4);
    assert_null(paper_item(&paper, 0, ITEM_FILL, 8)); /* and one between, one above, two below */
}

static void a_table_without_frame_has_the_same_rules_all_about(void **state)
{
    (void)state;
    lay("<table widths=\"30 30\"><tr><td>甲</td><td>乙</td></tr></table>");
    all_sound();
    for (size_t i = 0; i < 5; i++) {
        const struct box *b = &paper_item(&paper, 0, ITEM_FILL, i)->box;

        near_mm(is_across(b) ? b->h : b->w, 0.2, "line");
    }
    lay("<table widths=\"30 30\" line=\"0\"><tr><td>甲</td><td>乙</td></tr></table>");
    assert_null(paper_item(&paper, 0, ITEM_FILL, 0));
}

static void a_row_without_all_its_cells_ends_with_an_empty_one(void **state)
{
    (void)state;
    lay("<table widths=\"30 30 30 30\" frame=\"0.35\"><tr><td>甲</td></tr>"
        "<tr><td>甲</td><td>乙</td><td>丙</td><td>丁</td></tr></table>");
    all_sound();
    assert_false(ruled(0, false, left + 60, top, top + 5));
}

static void refused(const char *body, const char *line)
{
    assert_int_equal(paper_try(&paper, form, body, "{}", NULL), -1);
    if (strstr(paper.err.en, line) == NULL)
        fail_msg("%s does not say %s", paper.err.en, line);
}

static void what_does_not_fit_the_frame_is_refused_with_its_line(void **state)
{
    (void)state;
    refused("\n\n<table widths=\"100 66\"><tr><td>甲</td></tr></table>", "line 11");
    refused("<table widths=\"60 60\">\n<tr><td>甲</td></tr>\n<columns widths=\"60 70\"/>\n</table>",
            "line 11");
    refused("<table widths=\"*\">\n<tr h=\"300\"><td>甲</td></tr></table>", "line 10");
    refused("<table widths=\"30 30\">\n<tr><td><photo w=\"31\" h=\"40\"/></td></tr></table>", "line 10");
    refused("<table widths=\"30 30\">\n<tr><td><area w=\"31\" h=\"40\">甲</area></td></tr></table>",
            "line 10");
    lay("<table widths=\"30 30\">\n<tr><td><photo w=\"30\" h=\"40\"/></td></tr></table>");
    /* a kept table never parts, since seal fields may stand over it */
    refused(
        "<table widths=\"*\" keep=\"yes\">\n<tr h=\"200\"><td></td></tr><tr h=\"56\"><td></td></tr></table>",
        "line 9");
    lay("<table widths=\"*\" keep=\"yes\">\n<tr h=\"200\"><td></td></tr><tr h=\"55\"><td></td></tr></table>");
    assert_int_equal(paper.pages.count, 1);
}

static void columns_are_as_wide_as_their_content_wants(void **state)
{
    double em = 10.5 * PT_MM, a, b;

    (void)state;
    lay("<table widths=\"auto auto *\"><tr><td>甲甲甲甲</td><td>乙</td><td>丙</td></tr>"
        "<tr><td>甲</td><td>乙乙</td><td>丙</td></tr></table>");
    a = left + 4 * em + 3.1;
    b = a + 2 * em + 3.1;
    near_mm(paper_run(&paper, "乙")->x, a + 1.5, "second column");
    near_mm(paper_run(&paper, "丙")->x, b + 1.5, "third column");
    /* two that want everything share it with a narrow one */
    lay("<table widths=\"auto auto "
        "auto\"><tr><td>甲</td><td>乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙乙</"
        "td>"
        "<td>丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙丙</td></"
        "tr></table>");
    all_sound();
    a = left + em + 3.1;
    near_mm(paper_run(&paper, "乙")->x, a + 1.5, "beside the narrow one");
    near_mm(paper_run(&paper, "丙")->x, (a + right) / 2 + 1.5, "half of the rest");
}

/* --- labels --- */

static void labels_of_two_and_three_characters_are_as_wide_as_those_of_four(void **state)
{
    double em = 10 * PT_MM, from = left + (30 - 4 * em) / 2;
    static const char *const labels[] = {"姓名", "曾用名", "出生日期"};

    (void)state;
    lay("<table widths=\"30 30\" row=\"10.5\"><tr><th>姓名</th></tr><tr><th>曾用名</th></tr>"
        "<tr><th>出生日期</th></tr><tr><th labels=\"0\">性别</th></tr><tr><th>QQ号</th></tr></table>");
    for (size_t i = 0; i < 3; i++) {
        near_mm(paper_run(&paper, labels[i])->x, from, labels[i]);
        near_mm(run_end(paper_run(&paper, labels[i])), from + 4 * em, labels[i]);
    }
    near_mm(paper_run(&paper, "性别")->x, left + 15 - em, "not spread");
    near_mm(run_middle(paper_run(&paper, "姓名")), top + 5.25, "in the middle");
    assert_string_equal(face_name(paper_run(&paper, "姓名")->face),
                        face_name(fonts_lookup(paper.fonts, "hei", false)));
}

static void long_labels_break_into_even_lines(void **state)
{
    double em = 10 * PT_MM;

    (void)state;
    lay("<table widths=\"22 40\"><tr><th>参加工作的时间</th><td>甲</td></tr>"
        "<tr><th>从事专业<br/>年限</th><td>甲</td></tr>"
        "<tr><th>学历<br/>类别</th><td>甲</td></tr><tr><th>专业<wbr/>技术工作名</th><td>甲</td></tr></"
        "table>");
    assert_int_equal(paper_run(&paper, "参加工作")->count, 4);
    assert_int_equal(paper_run(&paper, "的时间")->count, 3);
    near_mm(run_end(paper_run(&paper, "的时间")) - paper_run(&paper, "的时间")->x, 4 * em, "its last line");
    near_mm(run_end(paper_run(&paper, "年限")) - paper_run(&paper, "年限")->x, 4 * em, "its last line");
    near_mm(paper_run(&paper, "的时间")->baseline - paper_run(&paper, "参加工作")->baseline, 1.25 * em,
            "leading of labels");
    near_mm(run_end(paper_run(&paper, "类别")) - paper_run(&paper, "类别")->x, 2 * em, "two short lines");
    assert_int_equal(paper_run(&paper, "专业")->count, 2);
    all_sound();
}

static void brackets_at_a_labels_ends_hang_over_its_padding(void **state)
{
    (void)state;
    lay("<table widths=\"39 40\"><tr><th>名称<br/>（项目、课题、成果等）</th><td>甲</td></tr></table>");
    assert_int_equal(paper_run(&paper, "（项目")->count, 11);
    all_sound();
}

static void upright_labels_stand_one_character_under_another(void **state)
{
    const double pitch = 1.32 * 10.5 * PT_MM;

    (void)state;
    lay("<table widths=\"14 60\"><tr h=\"50\"><th vertical=\"yes\">学历教育</th><td>甲</td></tr></table>");
    near_mm(pitch, 4.9, "pitch");
    near_mm(run_middle(paper_run(&paper, "学")), top + 25 - 1.5 * pitch, "first");
    near_mm(run_middle(paper_run(&paper, "育")), top + 25 + 1.5 * pitch, "last");
    near_mm((paper_run(&paper, "历")->x + run_end(paper_run(&paper, "历"))) / 2, left + 7, "in the middle");
    all_sound();
}

static void more_than_eight_upright_characters_make_two_columns_from_the_right(void **state)
{
    const struct text_run *bracket;

    (void)state;
    lay("<table widths=\"14 60\"><tr><th "
        "vertical=\"yes\">市、县（区）人社部门意见</th><td>甲</td></tr></table>");
    near_mm(paper_run(&paper, "市")->x - paper_run(&paper, "人")->x, 4.6, "columns");
    near_mm(paper_run(&paper, "市")->baseline, paper_run(&paper, "人")->baseline, "begin at one height");
    assert_true(paper_run(&paper, "意")->x < paper_run(&paper, "市")->x);
    bracket = paper_run(&paper, "（");
    assert_true(bracket->angle == -90);
    near_mm(bracket->x + 0.38 * 10.5 * PT_MM, paper_run(&paper, "区")->x + 0.5 * 10.5 * PT_MM, "its middle");
    all_sound();
}

/* --- values --- */

static void a_cell_takes_the_first_size_that_holds_it(void **state)
{
    static const char body[] =
        "<table widths=\"16.5\" align=\"center\"><tr><td fit=\"10.5 9 9/2 8/2\">%s</td></tr></table>";
    static const struct {
        const char *text;
        double size;
        size_t first;
    } steps[] = {{"企业", 10.5, 2},
                 {"甲乙丙丁", 10.5, 4},
                 {"甲乙丙丁戊己庚辛", 9, 4},
                 {"甲乙丙丁戊己庚辛壬癸", 8, 5},
                 {"甲乙丙丁戊己庚辛壬癸子丑寅卯辰", 8, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        char text[400];

        (void)snprintf(text, sizeof text, body, steps[i].text);
        lay(text);
        if (paper_item(&paper, 0, ITEM_TEXT, 0)->u.text.size != steps[i].size ||
            paper_item(&paper, 0, ITEM_TEXT, 0)->u.text.count != steps[i].first)
            fail_msg("%s: %.1f pt, %zu on its first line", steps[i].text,
                     paper_item(&paper, 0, ITEM_TEXT, 0)->u.text.size,
                     paper_item(&paper, 0, ITEM_TEXT, 0)->u.text.count);
        all_sound();
    }
    near_mm(paper_item(&paper, 0, ITEM_TEXT, 2)->u.text.size, 8, "the row grows");
}

static void text_is_justified_only_where_there_is_room_for_it(void **state)
{
    static const char body[] =
        "<table widths=\"%g\"><tr><td>甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午，甲乙丙丁戊己庚辛壬癸"
        "子丑寅卯辰 abcdefgh 甲</td></tr></table>";
    static const double widths[] = {61.9, 62.3};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char text[500];
        const struct text_run *r;

        (void)snprintf(text, sizeof text, body, widths[i]);
        lay(text);
        r = paper_run(&paper, "甲乙");
        /* sixteen characters and a bit */
        assert_int_equal(fabs(run_end(r) - left - widths[i] + 1.5) < 0.01, i == 1);
    }
}

static void several_things_begin_at_the_top_and_one_stands_in_the_middle(void **state)
{
    double band = 1.4286 * 10.5 * PT_MM;

    (void)state;
    lay("<table widths=\"60 60\" row=\"40\"><tr><td>甲</td><td><hang label=\"一\" w=\"10\">乙</hang>"
        "<hang label=\"二\" w=\"10\">丙</hang></td></tr>"
        "<tr><td valign=\"top\">丁</td><td><photo w=\"20\" h=\"30\" edge=\"black\"/></td></tr></table>");
    near_mm(run_middle(paper_run(&paper, "甲")), top + 20, "one text");
    near_mm(run_middle(paper_run(&paper, "乙")), top + 1.2 + band / 2, "several");
    near_mm(paper_run(&paper, "丙")->x, left + 60 + 1.5 + 10, "hangs");
    near_mm(run_middle(paper_run(&paper, "丁")), top + 40 + 1.2 + band / 2, "at the top");
    near_mm(paper_item(&paper, 0, ITEM_STROKE, 0)->box.x, left + 60 + 20, "the photo");
    near_mm(paper_item(&paper, 0, ITEM_STROKE, 0)->box.y, top + 40 + 5, "the photo");
}

static void rows_are_as_high_as_they_must_and_at_least_as_said(void **state)
{
    double line = 1.4286 * 10.5 * PT_MM;

    (void)state;
    lay("<table widths=\"20 20\" row=\"9\"><tr><td>甲</td></tr><tr h=\"4\"><td></td></tr>"
        "<tr><td>甲乙丙丁戊己庚辛</td></tr><tr><td>乙</td></tr></table>");
    near_mm(run_middle(paper_run(&paper, "乙")), top + 9 + line + 2.4 + 2 * line + 2.4 + 4.5, "fourth row");
}

static void the_last_row_takes_what_a_spanning_cell_lacks(void **state)
{
    (void)state;
    lay("<table widths=\"20 20\" row=\"9\"><tr><td rowspan=\"2\" "
        "size=\"20\">甲乙丙丁戊己</td><td>一</td></tr>"
        "<tr><td>二</td></tr><tr><td>三</td></tr></table>");
    near_mm(run_middle(paper_run(&paper, "一")), top + 4.5, "first row");
    assert_true(run_middle(paper_run(&paper, "二")) > top + 9 + 8);
    all_sound();
}

/* --- over pages --- */

static json_t *long_record(size_t rows, size_t characters)
{
    json_t *list = json_array();
    struct buf text = BUF_INIT(1 << 20);

    for (size_t i = 0; i < characters; i++)
        buf_printf(&text, "%s", i % 10 == 9 ? "，" : i % 10 == 4 ? "业" : i % 3 == 1 ? "工" : "作");
    for (size_t i = 0; i < rows; i++)
        (void)json_array_append_new(
            list, json_pack("{s:i, s:s}", "n", (int)i + 1, "text", characters > 0 ? buf_text(&text) : "短"));
    buf_dispose(&text);
    return json_pack("{s:o}", "rows", list);
}

static void lay_rows(const char *body, size_t rows, size_t characters)
{
    json_t *record = long_record(rows, characters);
    char *text = json_dumps(record, 0);

    paper_lay(&paper, form, body, text, NULL);
    free(text);
    json_decref(record);
}

static const char achievements[] =
    "<table widths=\"33 39 59 34\" frame=\"0.35\" repeat=\"2\">\n<lead>\n\n## 业绩登记\n\n</lead>\n"
    "<head><tr><th>起止时间</th><th>工作名称</th><th>工作内容</th><th>完成情况</th></tr></head>\n"
    "<tr each=\"rows\"><td align=\"center\">2020.01—2022.12</td><td>胸痛中心</td><td>{{.text}}</td>"
    "<td>通过评估</td></tr>\n</table>";

static void every_page_begins_with_lead_and_head(void **state)
{
    (void)state;
    lay_rows(achievements, 60, 0);
    assert_true(paper.pages.count >= 2);
    all_sound();
    for (size_t p = 0; p < paper.pages.count; p++) {
        assert_non_null(paper_find(&paper, p, "业绩登记", 0));
        assert_non_null(paper_find(&paper, p, "起止时间", 0));
        assert_int_equal(paper_find(&paper, p, "（续）", 0) != NULL, p > 0);
    }
    assert_int_equal(paper.pages.bookmark_count, 1);
    near_mm(paper_find(&paper, 1, "（续）", 0)->size, 10.5, "size of the mark");
    near_mm(paper_find(&paper, 1, "业绩登记", 0)->x - left,
            right - run_end(paper_find(&paper, 1, "（续）", 0)), "the two are centred together");
}

static void a_second_table_says_the_heading_only_where_a_page_begins(void **state)
{
    static const char second[] =
        "# 第一\n\n<table widths=\"* *\">\n<lead again=\"yes\">\n\n## 培训经历\n\n</lead>\n"
        "<head><tr><th>年度</th><th>项目</th></tr></head>\n"
        "<tr each=\"rows\"><td>{{.n}}</td><td>一</td></tr>\n</table>";

    (void)state;
    lay_rows(second, 60, 0);
    all_sound();
    assert_true(paper.pages.count >= 2);
    for (size_t p = 0; p < paper.pages.count; p++) {
        assert_int_equal(paper_find(&paper, p, "培训经历", 0) != NULL, p > 0);
        assert_int_equal(paper_find(&paper, p, "（续）", 0) != NULL, p > 0);
        assert_non_null(paper_find(&paper, p, "项目", 0));
    }
    assert_int_equal(paper.pages.bookmark_count, 1);
    lay_rows(second + strlen("# 第一\n\n"), 3, 0); /* nothing above it on this page */
    assert_non_null(paper_find(&paper, 0, "培训经历", 0));
    assert_non_null(paper_find(&paper, 0, "（续）", 0));
}

static void a_lead_counts_the_room_above_it_too(void **state)
{
    (void)state;
    /* room for heading, head and two rows to the millimetre, but not for the 7 above them */
    for (int above = 225; above < 245; above++) {
        char body[400];

        (void)snprintf(
            body, sizeof body,
            "<skip to=\"%d\"/>\n\n<table widths=\"*\" row=\"9\">\n<lead>\n\n## 标题\n\n</lead>\n"
            "<head><tr><th>表头</th></tr></head>\n<tr each=\"rows\"><td>{{.n}}</td></tr>\n</table>",
            above);
        lay_rows(body, 2, 0);
        assert_null(paper_find(&paper, paper.pages.count - 1, "（续）", 0));
        assert_non_null(paper_find(&paper, paper.pages.count - 1, "标题", 0));
    }
}

static void a_lead_higher_than_a_page_is_refused_by_name(void **state)
{
    char record[30000] = "{'title': '", *end = record + strlen(record);

    (void)state;
    for (int i = 0; i < 2000; i++)
        end = stpcpy(end, "标题");
    (void)stpcpy(end, "'}");
    assert_int_equal(
        paper_try(&paper, form,
                  "<table widths=\"*\"><lead>\n\n## {{title}}\n\n</lead>\n<tr><td>甲</td></tr></table>",
                  record, NULL),
        -1);
    assert_int_equal(paper.err.code, ERR_INVALID);
    assert_string_equal(paper.err.field, "/title");
}

static void a_head_or_a_lead_of_the_next_page_higher_than_a_page_is_refused(void **state)
{
    (void)state;
    refused("<table widths=\"*\">\n<head>\n<tr h=\"256\"><th>甲</th></tr></head></table>", "line 11");
    lay("<table widths=\"*\">\n<head>\n<tr h=\"255\"><th>甲</th></tr></head></table>");
    assert_int_equal(
        paper_try(
            &paper, form,
            "甲\n\n<table widths=\"*\"><lead again=\"yes\">\n\n乙\n\n<skip h=\"260\"/>\n\n丙\n\n</lead>\n"
            "<tr h=\"200\"><td>丁</td></tr><tr h=\"200\"><td>戊</td></tr></table>",
            "{}", NULL),
        -1);
    assert_int_equal(paper.err.code, ERR_INVALID);
}

static void a_frame_thicker_than_its_table_has_no_sides(void **state)
{
    (void)state;
    lay("<table widths=\"30\" frame=\"8\" line=\"0\"><tr h=\"6\"><td></td></tr></table>");
    assert_non_null(paper_item(&paper, 0, ITEM_FILL, 1));
    assert_null(paper_item(&paper, 0, ITEM_FILL, 2));
}

static void a_heading_stays_with_the_table_that_begins_the_block_below_it(void **state)
{
    (void)state;
    lay_rows("<skip to=\"250\"/>\n\n## 标题\n\n<block>\n\n<block left=\"5\">\n\n<table widths=\"*\" "
             "row=\"9\"><tr each=\"rows\"><td>{{.n}}行</td></tr></table>\n\n</block>\n\n</block>",
             3, 0);
    assert_int_equal(paper.pages.count, 2);
    assert_null(paper_find(&paper, 0, "标", 0));
    assert_non_null(paper_find(&paper, 1, "标", 0));
    assert_non_null(paper_find(&paper, 1, "1行", 0));
}

static void a_new_head_is_repeated_from_there_on(void **state)
{
    (void)state;
    lay_rows("<table widths=\"* *\">\n<head><tr><th>表头甲</th><th>表头</th></tr></head>\n"
             "<tr each=\"rows\"><td>{{.n}}</td><td>一</td></tr>\n<columns widths=\"* * *\"/>\n"
             "<tr><td>中</td></tr><head><tr><th>表头乙</th><th>表头</th><th>表头</th></tr></head>\n"
             "<tr each=\"rows\"><td>{{.n}}</td><td>二</td><td>三</td></tr>\n</table>",
             50, 0);
    all_sound();
    assert_int_equal(paper.pages.count, 4);
    assert_non_null(paper_find(&paper, 0, "表头甲", 0));
    assert_null(paper_find(&paper, 0, "表头乙", 0));
    assert_null(paper_find(&paper, 2, "表头甲", 0));
    assert_non_null(paper_find(&paper, 2, "表头乙", 0));
    assert_non_null(paper_find(&paper, 3, "表头乙", 0));
}

/* Text of column three over all pages, without the head. */
static void third_column(struct buf *out)
{
    for (size_t p = 0; p < paper.pages.count; p++) {
        struct buf page = BUF_INIT(1 << 20);

        runs_in(&page, p, left + 72, left + 131);
        buf_append_text(out, strstr(buf_text(&page), "工作内容") + strlen("工作内容"));
        buf_dispose(&page);
    }
}

static void a_row_higher_than_a_page_goes_on_and_keeps_every_character(void **state)
{
    struct buf is = BUF_INIT(1 << 20), should = BUF_INIT(1 << 20);

    (void)state;
    lay_rows(achievements, 2, 3000);
    all_sound();
    third_column(&is);
    for (size_t i = 0; i < 2; i++)
        buf_append_text(&should, json_string_value(json_object_get(
                                     json_array_get(json_object_get(paper.record, "rows"), i), "text")));
    /* headings of the lead stand in that column too */
    if (strstr(buf_text(&is), "业绩登记") == NULL)
        assert_string_equal(buf_text(&is), buf_text(&should));
    buf_dispose(&is);
    buf_dispose(&should);
}

static void a_split_row_says_again_what_it_is_and_how_it_came_out_at_its_end(void **state)
{
    size_t pages;

    (void)state;
    lay_rows(achievements, 1, 1800);
    pages = paper.pages.count;
    assert_int_equal(pages, 3);
    for (size_t p = 0; p < pages; p++) {
        assert_non_null(paper_find(&paper, p, "2020.01", 0));
        assert_int_equal(paper_find(&paper, p, "（接上页）", 0) != NULL, p > 0);
        assert_int_equal(paper_find(&paper, p, "（接上页）", 1) != NULL, p > 0);
        assert_int_equal(paper_find(&paper, p, "通过评估", 0) != NULL, p + 1 == pages);
    }
    near_mm(paper_find(&paper, 1, "（接上页）", 0)->size, 9, "size of the mark");
    assert_true(paper_find(&paper, 1, "（接上页）", 0)->baseline >
                paper_find(&paper, 1, "2020.01", 0)->baseline + 3);
    near_mm(paper_find(&paper, 1, "（接上页）", 1)->baseline, paper_find(&paper, 1, "胸痛", 0)->baseline,
            "behind the text where there is room");
}

static size_t lines_in(size_t page, double from, double to)
{
    size_t n = 0;

    for (size_t i = 0; i < paper.pages.list[page].count; i++) {
        const struct item *it = &paper.pages.list[page].items[i];

        n += it->kind == ITEM_TEXT && it->u.text.x >= from && it->u.text.x < to;
    }
    return n;
}

static void two_lines_stand_on_either_side_and_three_stay(void **state)
{
    static const char body[] = "<skip h=\"%d\"/>\n\n<table widths=\"33 59\" repeat=\"1\"><tr><td>甲</td></tr>"
                               "<tr each=\"rows\"><td>乙</td><td>{{.text}}</td></tr></table>";

    (void)state;
    for (int skip = 150; skip < 246; skip += 3) {
        char text[400];

        (void)snprintf(text, sizeof text, body, skip);
        lay_rows(text, 1, 260);
        all_sound();
        if (paper.pages.count == 1)
            continue;
        assert_int_equal(paper.pages.count, 2);
        assert_true(lines_in(0, left + 33, right) == 0 || lines_in(0, left + 33, right) >= 3);
        assert_true(lines_in(1, left + 33, right) >= 2);
        assert_int_equal(paper_find(&paper, 1, "（接上页）", 0) != NULL, lines_in(0, left + 33, right) > 0);
    }
}

static void a_row_not_high_enough_to_split_moves_whole(void **state)
{
    static const char body[] =
        "<skip h=\"200\"/>\n\n<table widths=\"33 59\" row=\"8\" split=\"%d\"><tr><td>甲</td></tr>"
        "<tr><td>甲</td></tr><tr each=\"rows\"><td>乙</td><td>{{.text}}</td></tr></table>";

    (void)state;
    for (int split = 30; split <= 60; split += 30) {
        char text[400];

        (void)snprintf(text, sizeof text, body, split);
        lay_rows(text, 1, 120);
        assert_int_equal(paper.pages.count, 2);
        assert_int_equal(paper_find(&paper, 0, "乙", 0) != NULL, split == 30);
        assert_int_equal(paper_find(&paper, 1, "乙", 0) != NULL, split == 60);
    }
}

static void a_row_high_by_its_least_height_alone_moves_whole(void **state)
{
    (void)state;
    lay_rows(
        "<skip h=\"180\"/>\n\n<table widths=\"33 59 30\" row=\"8\"><tr><td>甲</td></tr><tr><td>甲</td></tr>"
        "<tr each=\"rows\" h=\"80\"><td>乙</td><td>{{.text}}</td></tr></table>",
        1, 60);
    all_sound();
    assert_null(paper_find(&paper, 0, "乙", 0));
    assert_true(ruled(1, false, left, top, top + 80));
}

static void hanging_items_part_with_two_lines_on_either_side(void **state)
{
    static const char body[] = "<skip h=\"%g\"/>\n\n<table widths=\"12 60\" row=\"8\" "
                               "split=\"20\"><tr><td>甲</td></tr><tr><td>甲</td></tr>"
                               "<tr><th vertical=\"yes\">经历</th><td><hang each=\"rows\" label=\"{{.n}}\" "
                               "w=\"10\">项目</hang></td></tr></table>";

    (void)state;
    for (double skip = 180; skip < 236; skip += 2.5) {
        char text[500];

        (void)snprintf(text, sizeof text, body, skip);
        lay_rows(text, 8, 0);
        all_sound();
        assert_true(paper_find(&paper, 0, "项目", 0) == NULL || paper_find(&paper, 0, "项目", 2) != NULL);
        if (paper.pages.count < 2)
            continue;
        assert_non_null(paper_find(&paper, 1, "项目", 1));
        assert_non_null(paper_find(&paper, 1, "经", 0)); /* the label says again what goes on */
        for (size_t i = 0; i < 2; i++)                   /* labels beside their texts */
            near_mm(paper_find(&paper, 1, "项目", i)->x, left + 12 + 1.5 + 10, "text");
    }
}

static void a_head_never_stands_alone_at_the_foot_of_a_page(void **state)
{
    static const char body[] = "<skip h=\"%g\"/>\n\n## 标题甲\n\n<table widths=\"* *\" "
                               "row=\"9\"><head><tr><th>表头</th><th>表头</th>"
                               "</tr></head><tr each=\"rows\"><td>值{{.n}}</td><td>值</td></tr></table>";

    (void)state;
    for (double skip = 180; skip < 250; skip += 2.5) {
        char text[400];

        (void)snprintf(text, sizeof text, body, skip);
        lay_rows(text, 6, 0);
        if (paper_find(&paper, 0, "表头", 0) != NULL || paper_find(&paper, 0, "标题甲", 0) != NULL)
            assert_non_null(paper_find(&paper, 0, "值2", 0));
        else
            assert_non_null(paper_find(&paper, 1, "标题甲", 0));
    }
}

static void rows_tied_by_a_cell_stay_together_where_a_page_holds_them(void **state)
{
    (void)state;
    lay("<skip h=\"230\"/>\n\n<table widths=\"30 30\" row=\"10\"><tr><td>先</td></tr>"
        "<tr><td rowspan=\"3\">甲</td><td>一</td></tr><tr><td>二</td></tr><tr><td>三</td></tr></table>");
    assert_int_equal(paper.pages.count, 2);
    assert_null(paper_find(&paper, 0, "甲", 0));
    assert_non_null(paper_find(&paper, 1, "一", 0));
    lay("<skip h=\"230\"/>\n\n<table widths=\"30 30\" row=\"10\"><tr><td>先</td></tr>"
        "<tr keep=\"yes\"><td>甲</td></tr><tr keep=\"yes\"><td>乙</td></tr><tr><td>丙</td></tr></table>");
    assert_null(paper_find(&paper, 0, "甲", 0));
    lay("<skip h=\"230\"/>\n\n<table widths=\"30 30\" row=\"10\" keep=\"yes\"><tr><td>先</td></tr>"
        "<tr><td>甲</td></tr><tr><td>乙</td></tr></table>");
    assert_null(paper_find(&paper, 0, "先", 0));
}

static void a_label_beside_more_rows_than_a_page_holds_is_said_again(void **state)
{
    (void)state;
    lay_rows(
        "<table widths=\"12 60\" row=\"11.5\"><tr><th vertical=\"yes\" "
        "rowspan=\"0\">学历教育</th><th>学校</th>"
        "</tr><tr each=\"rows\"><td>大学</td></tr><columns widths=\"36 36\"/><tr><td>尾</td></tr></table>",
        1, 0);
    assert_int_equal(count_runs("学"), 2);
    lay_rows(
        "<table widths=\"12 60\" row=\"11.5\"><tr><th vertical=\"yes\" rowspan=\"0\">历教育</th><th>学校</th>"
        "</tr><tr each=\"rows\"><td>大学</td></tr><columns widths=\"12 60\"/><tr><td>尾</td></tr></table>",
        50, 0);
    all_sound();
    assert_int_equal(paper.pages.count, 3);
    for (size_t p = 0; p < 3; p++)
        assert_non_null(paper_find(&paper, p, "历", 0));
}

static void a_cell_down_to_the_end_goes_through_the_rows_of_one_beside_it(void **state)
{
    (void)state;
    lay("<table widths=\"20 20 20\" row=\"9\"><tr><td rowspan=\"3\">甲</td><td "
        "rowspan=\"0\">乙</td><td>丙</td></tr>"
        "<tr><td>丁</td></tr><tr><td>戊</td></tr></table>");
    all_sound();
    near_mm(paper_run(&paper, "丁")->x, paper_run(&paper, "丙")->x, "second row");
    near_mm(paper_run(&paper, "戊")->x, paper_run(&paper, "丙")->x, "third row");
    near_mm(run_middle(paper_run(&paper, "乙")), top + 13.5, "down to the end");
}

/* --- many rows --- */

static void five_thousand_rows_cost_five_times_a_thousand(void **state)
{
    static const char body[] = "<table widths=\"12 30 * 30\" "
                               "frame=\"0.35\"><head><tr><th>序号</th><th>姓名</th><th>单位</th><th>备注</th>"
                               "</tr></head><tr each=\"rows\"><td "
                               "align=\"center\">{{.n}}</td><td>测试</td><td>安徽省测试人民医院（虚构）"
                               "</td><td></td></tr></table>";
    size_t items[2] = {0, 0}, used[2], pages[2];

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        lay_rows(body, k == 0 ? 1000 : 5000, 0);
        pages[k] = paper.pages.count;
        used[k] = paper.arena.used_total;
        for (size_t p = 0; p < paper.pages.count; p++)
            items[k] += paper.pages.list[p].count;
    }
    page_is_sound(60);
    assert_true(pages[1] >= 5 * pages[0] - 5 && pages[1] <= 5 * pages[0]);
    assert_true(items[1] <= 5 * items[0]);
    assert_true(items[1] / pages[1] < 4 * 34 + 34 + 4 + 10); /* texts, borders, frame and columns */
    assert_true(used[1] < 6 * used[0] && used[1] < 64u << 20);
}

/* --- any table --- */

static uint32_t seed;

static uint32_t draw(uint32_t most)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % most;
}

static void random_text(struct buf *out, uint32_t most)
{
    static const char *const words[] = {"测", "试", "，",   "（虚构）", "2025年", "abc ",  "《工作》",
                                        "·",  "、", "安徽", "<br/>",    "<wbr/>", "https", "100%"};
    uint32_t n = draw(most);

    for (uint32_t i = 0; i < n; i++)
        buf_append_text(out, words[draw(sizeof words / sizeof words[0])]);
}

static void random_cell(struct buf *out, uint32_t columns, uint32_t rows)
{
    bool label = draw(3) == 0;

    buf_printf(out, "<%s colspan=\"%u\" rowspan=\"%u\"", label ? "th" : "td", columns, rows);
    if (draw(6) == 0)
        buf_append_text(out, " align=\"center\"");
    if (draw(6) == 0)
        buf_append_text(out, " valign=\"top\"");
    if (draw(6) == 0)
        buf_append_text(out, " fit=\"10.5 9 9/2 8/2\"");
    buf_append_text(out, ">");
    random_text(out, draw(8) == 0 ? 300 : 12);
    buf_append_text(out, label ? "</th>" : "</td>");
}

/* A grid of at most 5 by 8, cut into cells that do not overlap. */
static void random_table(struct buf *out)
{
    uint32_t columns = 1 + draw(5), rows = 1 + draw(8);
    bool taken[16][8] = {{false}};

    buf_printf(out, "<skip h=\"%u\"/>\n\n<table frame=\"0.35\" split=\"%u\" row=\"%u\"", 1 + draw(230),
               20 + draw(60), 1 + draw(14));
    if (columns > 2)
        buf_printf(out, " repeat=\"%u\"", 1 + draw(2));
    buf_append_text(out, " widths=\"");
    for (uint32_t i = 0; i < columns; i++)
        buf_printf(out, "%s%u*", i > 0 ? " " : "", 3 + draw(3));
    buf_append_text(out, "\">\n");
    if (draw(2) == 0)
        buf_append_text(out, "<lead>\n\n## 标题\n\n</lead>\n");
    if (draw(2) == 0)
        buf_append_text(out, "<head><tr><th>表头</th></tr></head>\n");
    for (uint32_t r = 0; r < rows; r++) {
        buf_append_text(out, "<tr>");
        for (uint32_t c = 0; c < columns; c++) {
            uint32_t w = 1, h = 1;

            if (taken[r][c])
                continue;
            while (c + w < columns && !taken[r][c + w] && draw(4) == 0)
                w++;
            while (c > 0 && h < 4 && r + h < rows && draw(5) == 0)
                h++;
            for (uint32_t i = 0; i < w * h; i++)
                taken[r + i / w][c + i % w] = true;
            random_cell(out, w, h);
        }
        buf_append_text(out, "</tr>\n");
    }
    buf_append_text(out, "</table>\n");
}

static void whatever_a_table_holds_nothing_touches_and_every_rule_meets_another(void **state)
{
    size_t refusals = 0;

    (void)state;
    for (uint32_t i = 0; i < 500; i++) {
        struct buf body = BUF_INIT(1 << 20);

        seed = i * 7919 + 1;
        random_table(&body);
        if (paper_try(&paper, form, buf_text(&body), "{}", NULL) != 0)
            refusals++; /* a cell among rows that are tied, higher than a page */
        else
            all_sound();
        buf_dispose(&body);
    }
    assert_true(refusals < 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_that_span_interrupt_the_rules_they_cover),
        cmocka_unit_test(the_frame_is_heavier_and_one_piece),
        cmocka_unit_test(a_table_without_frame_has_the_same_rules_all_about),
        cmocka_unit_test(a_row_without_all_its_cells_ends_with_an_empty_one),
        cmocka_unit_test(what_does_not_fit_the_frame_is_refused_with_its_line),
        cmocka_unit_test(columns_are_as_wide_as_their_content_wants),
        cmocka_unit_test(labels_of_two_and_three_characters_are_as_wide_as_those_of_four),
        cmocka_unit_test(long_labels_break_into_even_lines),
        cmocka_unit_test(brackets_at_a_labels_ends_hang_over_its_padding),
        cmocka_unit_test(upright_labels_stand_one_character_under_another),
        cmocka_unit_test(more_than_eight_upright_characters_make_two_columns_from_the_right),
        cmocka_unit_test(a_cell_takes_the_first_size_that_holds_it),
        cmocka_unit_test(text_is_justified_only_where_there_is_room_for_it),
        cmocka_unit_test(several_things_begin_at_the_top_and_one_stands_in_the_middle),
        cmocka_unit_test(rows_are_as_high_as_they_must_and_at_least_as_said),
        cmocka_unit_test(the_last_row_takes_what_a_spanning_cell_lacks),
        cmocka_unit_test(every_page_begins_with_lead_and_head),
        cmocka_unit_test(a_second_table_says_the_heading_only_where_a_page_begins),
        cmocka_unit_test(a_lead_counts_the_room_above_it_too),
        cmocka_unit_test(a_lead_higher_than_a_page_is_refused_by_name),
        cmocka_unit_test(a_head_or_a_lead_of_the_next_page_higher_than_a_page_is_refused),
        cmocka_unit_test(a_frame_thicker_than_its_table_has_no_sides),
        cmocka_unit_test(a_heading_stays_with_the_table_that_begins_the_block_below_it),
        cmocka_unit_test(a_new_head_is_repeated_from_there_on),
        cmocka_unit_test(a_row_higher_than_a_page_goes_on_and_keeps_every_character),
        cmocka_unit_test(a_split_row_says_again_what_it_is_and_how_it_came_out_at_its_end),
        cmocka_unit_test(two_lines_stand_on_either_side_and_three_stay),
        cmocka_unit_test(a_row_not_high_enough_to_split_moves_whole),
        cmocka_unit_test(a_row_high_by_its_least_height_alone_moves_whole),
        cmocka_unit_test(hanging_items_part_with_two_lines_on_either_side),
        cmocka_unit_test(a_head_never_stands_alone_at_the_foot_of_a_page),
        cmocka_unit_test(rows_tied_by_a_cell_stay_together_where_a_page_holds_them),
        cmocka_unit_test(a_cell_down_to_the_end_goes_through_the_rows_of_one_beside_it),
        cmocka_unit_test(a_label_beside_more_rows_than_a_page_holds_is_said_again),
        cmocka_unit_test(five_thousand_rows_cost_five_times_a_thousand),
        cmocka_unit_test(whatever_a_table_holds_nothing_touches_and_every_rule_meets_another),
    };

    return cmocka_run_group_tests(tests, paper_setup, paper_teardown);
}
