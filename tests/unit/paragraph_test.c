/* paragraph_test.c - texts broken into lines: indents, marks at the ends of lines and side by side, long
 * words, underlines, last lines. */
#include "base/share.h"
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define EM (12 * PT_MM) /* everything here is set in 12 points */

static struct {
    struct fonts *fonts;
    struct arena arena;
    struct err err;
    struct page_setup setup;
    struct layout_order order;
    struct sheet sheet;
    struct tree_char chars[210000];
    struct tree_text text;
} lab;

static int open_lab(void **state)
{
    char path[1024];

    (void)state;
    if (share_path(path, sizeof path, "fonts", &lab.err) != 0 || fonts_open(&lab.fonts, path, &lab.err) != 0)
        fail_msg("%s", lab.err.en);
    lab.setup = (struct page_setup){.width = 210, .height = 297, .margin = {20, 20, 20, 20}};
    return 0;
}

static int close_lab(void **state)
{
    (void)state;
    fonts_close(lab.fonts);
    arena_dispose(&lab.arena);
    return 0;
}

/* Text of a record; [ ] underline, a new line is one of the record, | one of the template, ~ a soft break. */
static void say(const char *utf8)
{
    struct slice s = slice_of(utf8);
    uint8_t style = 0;
    size_t at = 0, n = 0;
    uint32_t cp;

    while (utf8_next(s, &at, &cp)) {
        if (cp == '[' || cp == ']')
            style = cp == '[' ? STYLE_UNDERLINE : 0;
        else if (cp == '|')
            lab.chars[n++] = (struct tree_char){CHAR_BREAK, style, NULL};
        else if (cp == '~')
            lab.chars[n++] = (struct tree_char){CHAR_SOFT, style, "/text"};
        else
            lab.chars[n++] = (struct tree_char){cp == '\n' ? CHAR_BREAK : cp, style, "/text"};
    }
    lab.text = (struct tree_text){lab.chars, n};
}

/* An empty page, and an arena of its own. */
static void fresh(void)
{
    arena_reset(&lab.arena);
    memset(&lab.err, 0, sizeof lab.err);
    lab.sheet = (struct sheet){.order = &lab.order,
                               .setup = &lab.setup,
                               .fonts = lab.fonts,
                               .arena = &lab.arena,
                               .scratch = &lab.arena,
                               .e = &lab.err};
    assert_int_equal(page_new(&lab.sheet), 0);
}

static int lay(struct paragraph *p, const char *utf8, double width_em, double indent, const char *align)
{
    const struct style style = {
        .family = "song", .size = 12, .leading = 1.5, .align = align, .indent = indent};

    fresh();
    say(utf8);
    return paragraph_styled(p, &lab.sheet, &lab.text, &style, width_em * EM);
}

/* Sets every line at x 20 with its baseline at 20, 30, ... */
static void set(struct paragraph *p, const char *utf8, double width_em, double indent, const char *align)
{
    if (lay(p, utf8, width_em, indent, align) != 0)
        fail_msg("%s", lab.err.en);
    for (size_t i = 0; i < p->count; i++)
        assert_int_equal(
            paragraph_line(&lab.sheet, p, i, 20, 20 + 10 * (double)i, width_em * EM, p->align, p->color), 0);
}

/* em from the left edge to the nth glyph (from 0) of what was set, in whatever line it stands. */
static double glyph_em(size_t nth, uint32_t *cp)
{
    const struct page_draft *page = &lab.sheet.pages[0];

    for (size_t i = 0; i < page->count; i++) {
        const struct text_run *r = &page->items[i].u.text;

        if (page->items[i].kind != ITEM_TEXT)
            continue;
        if (nth < r->count) {
            if (cp != NULL)
                *cp = r->glyphs[nth].cp;
            return (r->x + (double)r->glyphs[nth].dx - 20) / EM;
        }
        nth -= r->count;
    }
    fail_msg("there is no such glyph");
    return 0;
}

static void stands(size_t nth, double em)
{
    double is = glyph_em(nth, NULL);

    if (fabs(is - em) > 0.002)
        fail_msg("glyph %zu stands at %.3f em, not at %.3f", nth, is, em);
}

static const struct box *rule(size_t nth)
{
    const struct page_draft *page = &lab.sheet.pages[0];

    for (size_t i = 0; i < page->count; i++)
        if (page->items[i].kind == ITEM_FILL && nth-- == 0)
            return &page->items[i].box;
    return NULL;
}

static char *repeated(struct buf *b, const char *what, size_t count)
{
    b->len = 0;
    for (size_t i = 0; i < count; i++)
        buf_append_text(b, what);
    return (char *)buf_text(b);
}

/* --- indents --- */

static void a_first_line_is_indented_and_so_is_what_follows_a_new_line_of_the_record(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲乙丙丁戊己庚辛壬癸\n子丑寅卯", 6, 2, "left");
    assert_int_equal(p.count, 3);
    stands(0, 2);
    stands(4, 0);
    stands(10, 2);
    assert_true(p.lines[1].ends && p.lines[2].ends && !p.lines[0].ends);
}

static void a_new_line_of_the_template_is_not_indented(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲乙|丙丁", 6, 2, "left");
    assert_int_equal(p.count, 2);
    stands(0, 2);
    stands(2, 0);
}

static void a_text_that_must_break_breaks_first_where_it_is_soft(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲乙丙~丁戊己庚", 6, 0, "justify");
    assert_int_equal(p.count, 2);
    stands(2, 2); /* meant to be short, and so not stretched */
    stands(3, 0);
    set(&p, "甲 ~（乙丙丁戊己）", 5, 0, "left");
    assert_int_equal(p.count, 3);
    stands(1, -0.5); /* neither the blank nor the soft break takes room */
    set(&p, "甲乙丙~丁戊己庚", 7, 0, "justify");
    assert_int_equal(p.count, 1);
    stands(3, 3);
}

static void a_measure_too_narrow_for_its_indent_is_refused(void **state)
{
    struct paragraph p;

    (void)state;
    assert_int_equal(lay(&p, "甲乙丙", 2.5, 2, "left"), -1);
    assert_int_equal(lab.err.code, ERR_INVALID);
    assert_string_equal(lab.err.field, "/text");
}

/* --- marks --- */

static void two_marks_side_by_side_share_half_an_em(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲》，乙」「丙，（《丁》）。", 40, 0, "left");
    stands(1, 1);    /* 》 */
    stands(2, 1.5);  /* ， in its blank half */
    stands(3, 2.5);  /* 乙 */
    stands(4, 3.5);  /* 」 */
    stands(5, 4);    /* 「 */
    stands(6, 5);    /* 丙 */
    stands(8, 6.5);  /* （ behind ， */
    stands(9, 7);    /* 《 behind （ */
    stands(10, 8);   /* 丁 */
    stands(12, 9.5); /* ） behind 》 */
    stands(13, 10);  /* 。 */
}

static void marks_between_characters_and_narrow_ones_keep_their_width(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲，乙。丙（丁", 40, 0, "left");
    for (size_t i = 0; i < 7; i++)
        stands(i, (double)i);
    set(&p, "甲（乙", 40, 0, "left");
    stands(2, 2);
    set(&p, "，A）", 40, 0, "left");
    stands(1, 1);
}

static void an_opening_mark_that_begins_a_line_stands_flush(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲乙丙丁（戊己）", 4, 0, "left");
    stands(4, -0.5);
    stands(5, 0.5);
    set(&p, "甲乙丙丁（戊己）", 4, 0, "center");
    assert_true(glyph_em(4, NULL) >= -0.001);
}

static void a_closing_mark_may_hang_by_its_blank_half_and_no_more(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲乙丙丁。戊", 4.5, 0, "left");
    assert_int_equal(p.lines[0].to, 5);
    set(&p, "甲乙丙丁。戊", 4.4, 0, "left");
    assert_int_equal(p.lines[0].to, 3); /* 丁 goes with its mark */
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13; /* xorshift32 */
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static bool one_of(uint32_t cp, const char *list)
{
    struct slice s = slice_of(list);
    size_t at = 0;
    uint32_t c;

    while (utf8_next(s, &at, &c))
        if (c == cp)
            return true;
    return false;
}

/* Ink of the marks stands in one half of the em only. */
static void check_lines(const struct paragraph *p, double width_em, const char *utf8)
{
    static const char closing[] = "，。、；：）》」”！？·%", opening[] = "（《「“";
    const struct page_draft *page = &lab.sheet.pages[0];
    size_t shown = 0;

    for (size_t i = 0; i < p->count; i++) {
        size_t from = p->lines[i].from, to = p->lines[i].to;

        trim_cells(&p->text, &from, &to);
        if (from == to)
            continue;
        if (i > 0 && one_of(p->text.cells[from].cp, closing))
            fail_msg("a line begins with U+%04X in %s", (unsigned)p->text.cells[from].cp, utf8);
        if (i + 1 < p->count && one_of(p->text.cells[to - 1].cp, opening))
            fail_msg("a line ends with U+%04X in %s", (unsigned)p->text.cells[to - 1].cp, utf8);
        assert_int_equal(p->lines[i].to, i + 1 < p->count ? p->lines[i + 1].from : p->text.count);
    }
    for (size_t i = 0; i < page->count; i++) {
        const struct text_run *r = &page->items[i].u.text;

        for (size_t k = 0; k < r->count; k++) {
            double x = (r->x + (double)r->glyphs[k].dx - 20) / EM;
            double em = face_advance(r->face, r->glyphs[k].cp) / 1000;

            shown++;
            if (one_of(r->glyphs[k].cp, opening))
                x += 0.5;
            else if (one_of(r->glyphs[k].cp, closing))
                em -= 0.5;
            if (x < -0.01 || x + em > width_em + 0.51)
                fail_msg("U+%04X at %.2f em of %.2f in %s", (unsigned)r->glyphs[k].cp, x, width_em, utf8);
            if (k > 0 && (double)r->glyphs[k].dx < (double)r->glyphs[k - 1].dx)
                fail_msg("U+%04X goes back in %s", (unsigned)r->glyphs[k].cp, utf8);
        }
    }
    assert_true(shown <= p->text.count);
}

static void no_line_of_any_text_begins_or_ends_with_the_wrong_mark(void **state)
{
    static const char *const pieces[] = {"职", "称", "评", "审", "，", "。", "（", "）", "《",
                                         "》", "「", "」", "“",  "”",  "A",  "bc", " ",  "7",
                                         "、", "：", "！", "？", "·",  "龘", "%",  "\n"};
    uint32_t seed = 20261121;

    (void)state;
    for (int round = 0; round < 1500; round++) {
        struct buf b = BUF_INIT(10000);
        double width = 6 + next_random(&seed) % 30;
        uint32_t n = 1 + next_random(&seed) % 120;
        uint32_t last = 0;
        struct paragraph p;

        for (uint32_t i = 0; i < n; i++) {
            uint32_t k = next_random(&seed) % (sizeof pieces / sizeof pieces[0]);

            /* no wall of marks that nothing could break */
            if (k >= 4 && last >= 4)
                k %= 4;
            buf_append_text(&b, pieces[k]);
            last = k;
        }
        set(&p, buf_text(&b), width, round % 2 == 0 ? 2 : 0, round % 3 == 0 ? "left" : "justify");
        check_lines(&p, width, buf_text(&b));
        buf_dispose(&b);
    }
}

/* --- justified lines --- */

static void justified_lines_end_flush_and_open_no_wide_gaps(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲乙丙丁戊己庚辛壬癸子丑寅卯辰", 7.6, 0, "justify");
    stands(6, 6.6);
    stands(7 + 6, 6.6);
    stands(14, 0);
    /* 3 characters on a line of 9 em before a long word: ragged */
    set(&p, "甲乙丙 abcdefghijklmnop丁", 9.2, 0, "justify");
    stands(1, 1);
    stands(2, 2);
    /* with its blank a gap would be wider than a character */
    set(&p, "甲乙 丙丁 abcdefgh丁", 6.85, 0, "justify");
    stands(1, 1);
}

static void text_is_justified_only_where_there_is_room_for_it(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲乙丙丁戊己庚辛壬癸", 58.9 / EM, 0, "text");
    assert_string_equal(p.align, "left");
    set(&p, "甲乙丙丁戊己庚辛壬癸", 59.0 / EM, 0, "text");
    assert_string_equal(p.align, "justify");
}

/* --- last lines --- */

static void a_single_character_on_the_last_line_is_drawn_up_where_two_hundredths_do(void **state)
{
    struct buf b = BUF_INIT(10000);
    struct paragraph p;

    (void)state;
    set(&p, repeated(&b, "字", 61), 60, 0, "justify");
    assert_int_equal(p.count, 1);
    assert_true(p.lines[0].tracking < 0 && p.lines[0].tracking >= -0.02);
    assert_true(glyph_em(60, NULL) <= 59.01);
    /* the same with a mark behind it */
    (void)repeated(&b, "字", 75);
    buf_append_text(&b, "字。");
    set(&p, buf_text(&b), 75, 0, "justify");
    assert_int_equal(p.count, 1);
    buf_dispose(&b);
}

static void where_they_do_not_the_text_stays_as_wide_as_it_is(void **state)
{
    struct buf b = BUF_INIT(10000);
    struct paragraph p;

    (void)state;
    set(&p, repeated(&b, "字", 31), 30, 0, "justify");
    assert_int_equal(p.count, 2);
    assert_true(p.lines[0].tracking == 0 && p.lines[1].tracking == 0);
    /* two characters are not alone */
    set(&p, repeated(&b, "字", 62), 60, 0, "justify");
    assert_int_equal(p.count, 2);
    assert_true(p.lines[0].tracking == 0);
    buf_dispose(&b);
}

/* --- long words --- */

static void an_address_breaks_where_addresses_do_and_begins_behind_the_text_before_it(void **state)
{
    struct paragraph p;
    struct buf b = BUF_INIT(10000);

    (void)state;
    buf_append_text(&b, "详见");
    for (int i = 0; i < 20; i++)
        buf_append_text(&b, "https://zs.example.cn/v/abcdef?kind=proof&");
    set(&p, buf_text(&b), 24, 0, "justify");
    assert_true(p.count > 10);
    for (size_t i = 0; i + 1 < p.count; i++)
        assert_true(one_of(p.text.cells[p.lines[i].to - 1].cp, "/?&-._=:#%"));
    assert_true(p.lines[0].to > 10);
    check_lines(&p, 24, "an address");
    buf_dispose(&b);
}

static void five_thousand_letters_without_a_place_to_break_stay_inside(void **state)
{
    struct buf b = BUF_INIT(100000);
    struct paragraph p;

    (void)state;
    set(&p, repeated(&b, "a", 5000), 30, 2, "justify");
    check_lines(&p, 30, "letters");
    assert_int_equal(p.lines[p.count - 1].to, 5000);
    set(&p, repeated(&b, "）", 2000), 30, 0, "justify");
    assert_int_equal(p.lines[p.count - 1].to, 2000);
    set(&p, repeated(&b, "（", 2000), 30, 0, "justify");
    assert_int_equal(p.lines[p.count - 1].to, 2000);
    buf_dispose(&b);
}

static void a_text_of_a_hundred_thousand_characters_is_broken_at_once(void **state)
{
    struct buf b = BUF_INIT(1 << 20);
    struct paragraph p;

    (void)state;
    assert_int_equal(lay(&p, repeated(&b, "职称评审工作，应当坚持“德才兼备”。", 5882), 38, 2, "justify"), 0);
    assert_true(p.count > 2400 && p.count < 2900);
    assert_true(lab.arena.used_total < (size_t)16 << 20);
    buf_dispose(&b);
}

/* --- underlines --- */

static void what_is_underlined_has_room_at_both_ends_and_a_rule_of_half_a_point(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "本人[张三]自愿", 40, 0, "left");
    stands(1, 1);
    stands(2, 2.4); /* 张 */
    stands(4, 4.8); /* 自 */
    assert_non_null(rule(0));
    assert_null(rule(1));
    assert_true(fabs(rule(0)->x - (20 + 2 * EM)) < 0.001);
    assert_true(fabs(rule(0)->w - 2.8 * EM) < 0.001);
    assert_true(fabs(rule(0)->h - 0.5 * PT_MM) < 0.001);
    assert_true(rule(0)->y > 20.1 * 1 && rule(0)->y < 20 + 0.3 * EM);
}

static void an_underline_goes_over_the_end_of_a_line(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "甲乙[丙丁戊己庚辛]壬", 6, 0, "left");
    assert_int_equal(p.count, 2);
    assert_non_null(rule(1));
    assert_null(rule(2));
    assert_true(fabs(rule(0)->x - (20 + 2 * EM)) < 0.001);
    assert_true(fabs(rule(0)->w - 3.4 * EM) < 0.001);
    assert_true(fabs(rule(1)->x - 20) < 0.001);
    assert_true(fabs(rule(1)->w - 3.4 * EM) < 0.001);
}

static void room_for_the_pen_counts_at_the_ends_of_lines_too(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "[　　　　　　　　]", 40, 0, "left");
    assert_true(fabs(rule(0)->w - 8.8 * EM) < 0.001);
    set(&p, "姓名[　　　　　　　　]职务", 11, 0, "left");
    assert_int_equal(p.count, 2);
    assert_true(fabs(rule(0)->w - 8.8 * EM) < 0.001);
    /* it is not torn, but goes to the next line whole */
    set(&p, "甲乙丙丁戊己[　　　　　　　　]职务", 12, 0, "left");
    assert_int_equal(p.count, 2);
    assert_null(rule(1));
    assert_true(fabs(rule(0)->x - 20) < 0.001);
}

static void blanks_that_are_not_underlined_do_not_count_at_the_ends(void **state)
{
    struct paragraph p;

    (void)state;
    set(&p, "　　甲乙　　", 40, 0, "right");
    stands(0, 38);
    assert_null(rule(0));
}

/* --- spreading --- */

static void a_label_is_spread_from_edge_to_edge(void **state)
{
    struct place at = {.x = 20, .baseline = 20, .size = 12};
    struct paragraph p;

    (void)state;
    assert_int_equal(lay(&p, "姓名", 40, 0, "left"), 0);
    assert_int_equal(set_spread(&lab.sheet, &p.text, 0, 2, 4 * EM, &at), 0);
    stands(0, 0);
    stands(1, 3);
    assert_int_equal(lay(&p, "曾用名", 40, 0, "left"), 0);
    assert_int_equal(set_spread(&lab.sheet, &p.text, 0, 3, 4 * EM, &at), 0);
    stands(1, 1.5);
    stands(2, 3);
    assert_int_equal(lay(&p, "男", 40, 0, "left"), 0);
    assert_int_equal(set_spread(&lab.sheet, &p.text, 0, 1, 4 * EM, &at), 0);
    stands(0, 1.5);
}

/* --- measures --- */

static void lines_become_narrow_from_the_one_that_is_said(void **state)
{
    const struct setting how = {.family = "song"};
    const struct measure m = {.width = 10 * EM, .narrow = 5 * EM, .full = 2};
    struct paragraph p;

    (void)state;
    fresh();
    say("甲乙丙丁戊己庚辛壬癸甲乙丙丁戊己庚辛壬癸甲乙丙丁戊己庚辛壬癸");
    assert_int_equal(paragraph_break_in(&p, &lab.sheet, &lab.text, &how, 12, &m, 2), 0);
    assert_int_equal(p.lines[0].to, 8);
    assert_int_equal(p.lines[1].to, 18);
    assert_int_equal(p.lines[2].to, 23);
    assert_int_equal(p.lines[3].to, 28);
    assert_int_equal(p.count, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_line_is_indented_and_so_is_what_follows_a_new_line_of_the_record),
        cmocka_unit_test(a_new_line_of_the_template_is_not_indented),
        cmocka_unit_test(a_text_that_must_break_breaks_first_where_it_is_soft),
        cmocka_unit_test(a_measure_too_narrow_for_its_indent_is_refused),
        cmocka_unit_test(two_marks_side_by_side_share_half_an_em),
        cmocka_unit_test(marks_between_characters_and_narrow_ones_keep_their_width),
        cmocka_unit_test(an_opening_mark_that_begins_a_line_stands_flush),
        cmocka_unit_test(a_closing_mark_may_hang_by_its_blank_half_and_no_more),
        cmocka_unit_test(no_line_of_any_text_begins_or_ends_with_the_wrong_mark),
        cmocka_unit_test(justified_lines_end_flush_and_open_no_wide_gaps),
        cmocka_unit_test(text_is_justified_only_where_there_is_room_for_it),
        cmocka_unit_test(a_single_character_on_the_last_line_is_drawn_up_where_two_hundredths_do),
        cmocka_unit_test(where_they_do_not_the_text_stays_as_wide_as_it_is),
        cmocka_unit_test(an_address_breaks_where_addresses_do_and_begins_behind_the_text_before_it),
        cmocka_unit_test(five_thousand_letters_without_a_place_to_break_stay_inside),
        cmocka_unit_test(a_text_of_a_hundred_thousand_characters_is_broken_at_once),
        cmocka_unit_test(what_is_underlined_has_room_at_both_ends_and_a_rule_of_half_a_point),
        cmocka_unit_test(an_underline_goes_over_the_end_of_a_line),
        cmocka_unit_test(room_for_the_pen_counts_at_the_ends_of_lines_too),
        cmocka_unit_test(blanks_that_are_not_underlined_do_not_count_at_the_ends),
        cmocka_unit_test(a_label_is_spread_from_edge_to_edge),
        cmocka_unit_test(lines_become_narrow_from_the_one_that_is_said),
    };

    return cmocka_run_group_tests(tests, open_lab, close_lab);
}
