/* place_test.c - seals, codes, photos, spread words and the marks of whole pages. */
#include "support/boxes.h"
#include "support/trial.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void near_box(struct box is, double x, double y, double w, double h)
{
    near_mm(is.x, x, "x");
    near_mm(is.y, y, "y");
    near_mm(is.w, w, "w");
    near_mm(is.h, h, "h");
}

/* --- seals --- */

#define SEALS                                                                                                \
    "<seal role=\"issuer\" cx=\"150\" cy=\"171\" d=\"42\" w=\"80\" h=\"50\"/>\n"                             \
    "<seal role=\"committee\" cx=\"60\" cy=\"171\" d=\"38\"/>\n"

static void a_seal_takes_a_square_or_the_rectangle_it_says(void **state)
{
    static const char *const roles[] = {"issuer", "committee"};
    const struct layout_order order = {.seal_roles = roles, .seal_role_count = 2};
    const struct seal_field *f;

    (void)state;
    paper_lay(&paper, NULL, SEALS, "{}", &order);
    assert_int_equal(paper.pages.field_count, 2);
    f = paper.pages.fields;
    near_box(f[0].box, 110, 146, 80, 50);
    near_mm(f[0].seal_x, 150, "seal x");
    near_mm(f[0].seal_y, 171, "seal y");
    near_mm(f[0].diameter, 42, "diameter");
    assert_false(f[0].statement);
    near_box(f[1].box, 41, 152, 38, 38);
    near_box(paper_item(&paper, 0, ITEM_FIELD, 0)->box, 110, 146, 80, 50);
    near_box(paper_item(&paper, 0, ITEM_FIELD, 1)->box, 41, 152, 38, 38);
}

static void a_seal_nobody_asked_for_is_known_but_no_field(void **state)
{
    (void)state;
    paper_lay(&paper, NULL, SEALS, "{}", NULL);
    assert_int_equal(paper.pages.field_count, 2);
    assert_string_equal(paper.pages.fields[1].role, "committee");
    assert_null(paper_item(&paper, 0, ITEM_FIELD, 0));
}

/* --- codes --- */

#define CODE "<qr x=\"166\" y=\"246\" w=\"24\" h=\"24\" value=\"{{document_no}}\"/>\n"

static const struct layout_order with_address = {.verify_url =
                                                     "https://zs.example.cn/v/AbCdEfGhIjKlMnOpQrStUv"};

static void a_code_says_the_number_it_is_given(void **state)
{
    struct qr wanted;
    const struct item *code;

    (void)state;
    paper_lay(&paper, NULL, CODE, "{'document_no':'PSB-2025-34-0000157'}", &with_address);
    assert_int_equal(qr_encode(&wanted, "PSB-2025-34-0000157", 6, &paper.err), 0);
    code = paper_item(&paper, 0, ITEM_QR, 0);
    near_box(code->box, 166, 246, 24, 24);
    assert_int_equal(code->u.qr->side, wanted.side);
    assert_memory_equal(code->u.qr->dark, wanted.dark, (size_t)wanted.side * (size_t)wanted.side);
}

static void a_number_that_could_be_an_address_is_refused(void **state)
{
    static const char *const bad[] = {"https://evil.example", "a b", "编号1", "a/b", "a.b", "a%41"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char record[200];

        (void)snprintf(record, sizeof record, "{'document_no':'%s'}", bad[i]);
        assert_int_equal(paper_try(&paper, NULL, CODE, record, &with_address), -1);
        assert_int_equal(paper.err.code, ERR_INVALID);
        assert_string_equal(paper.err.field, "/document_no");
    }
}

static void a_code_holds_64_characters_and_not_one_more(void **state)
{
    char record[200], number[66];

    (void)state;
    memset(number, 'A', 65);
    number[65] = '\0';
    (void)snprintf(record, sizeof record, "{'document_no':'%s'}", number);
    assert_int_equal(paper_try(&paper, NULL, CODE, record, &with_address), -1);
    assert_string_equal(paper.err.field, "/document_no");
    number[64] = '\0';
    (void)snprintf(record, sizeof record, "{'document_no':'%s'}", number);
    paper_lay(&paper, NULL, CODE, record, &with_address);
    assert_non_null(paper_item(&paper, 0, ITEM_QR, 0));
}

static void there_is_no_code_without_number_address_or_data(void **state)
{
    struct layout_order blank = with_address;

    (void)state;
    blank.blank = true;
    paper_lay(&paper, NULL, CODE, "{'document_no':''}", &with_address);
    assert_null(paper_item(&paper, 0, ITEM_QR, 0));
    paper_lay(&paper, NULL, CODE, "{'document_no':'A1'}", NULL);
    assert_null(paper_item(&paper, 0, ITEM_QR, 0));
    paper_lay(&paper, "page: A4\nblank: yes", CODE, "{'document_no':'A1'}", &blank);
    assert_null(paper_item(&paper, 0, ITEM_QR, 0));
}

static void a_code_too_fine_to_print_is_refused(void **state)
{
    (void)state;
    assert_int_equal(paper_try(&paper, NULL,
                               "<qr x=\"20\" y=\"20\" w=\"10\" h=\"10\" value=\"{{document_no}}\"/>\n",
                               "{'document_no':'PSB-2025-34-0000157'}", &with_address),
                     -1);
    assert_string_equal(paper.err.field, "/document_no");
}

/* --- photos --- */

#define PHOTO "<photo x=\"151.5\" y=\"31\" w=\"38.5\" h=\"52.5\" label=\"照片|35×49 毫米\"/>\n"

static void where_no_photo_is_the_place_says_what_it_wants(void **state)
{
    const struct text_run *label, *note;

    (void)state;
    paper_lay(&paper, NULL, PHOTO, "{}", NULL);
    label = paper_run(&paper, "照片");
    note = paper_run(&paper, "35×49 毫米");
    assert_true(label->size == 10 && note->size == 8);
    near_mm((label->x + run_end(label)) / 2, 170.75, "middle of the label");
    near_mm((note->x + run_end(note)) / 2, 170.75, "middle of the note");
    near_mm((run_middle(label) + run_middle(note)) / 2, 57.25, "about the middle");
    assert_true(run_middle(note) - run_middle(label) > 4);
    assert_string_equal(face_name(label->face), face_name(fonts_lookup(paper.fonts, "hei", false)));
    assert_null(paper_item(&paper, 0, ITEM_PHOTO, 0));
}

static void where_a_photo_is_it_stands_alone(void **state)
{
    const struct layout_order order = {.photo = {(const uint8_t *)"jpeg", 4}};

    (void)state;
    paper_lay(&paper, NULL, PHOTO, "{}", &order);
    near_box(paper_item(&paper, 0, ITEM_PHOTO, 0)->box, 151.5, 31, 38.5, 52.5);
    assert_null(paper_item(&paper, 0, ITEM_TEXT, 0));
}

/* --- words --- */

static void a_spread_text_is_flush_at_both_ends(void **state)
{
    const struct text_run *r, *one;

    (void)state;
    paper_lay(&paper, NULL,
              "<text x=\"45\" y=\"112\" size=\"14\" spread=\"42\">姓名</text>\n"
              "<text x=\"45\" y=\"124\" size=\"14\" spread=\"42\">现任专业职务</text>\n"
              "<text x=\"45\" y=\"136\" size=\"14\" spread=\"42\">字</text>\n",
              "{}", NULL);
    r = paper_run(&paper, "姓名");
    near_mm(r->x, 45, "left");
    near_mm(run_end(r), 87, "right");
    r = paper_run(&paper, "现任专业职务");
    near_mm(r->x, 45, "left");
    near_mm(run_end(r), 87, "right");
    one = paper_run(&paper, "字");
    near_mm((one->x + run_end(one)) / 2, 66, "one alone stands in the middle");
}

static void a_name_parts_at_its_points(void **state)
{
#define NAME "<text x=\"20\" y=\"50\" width=\"60\" break=\"·\"><fit lines=\"2\" size=\"10\"/>{{name}}</text>"
    (void)state;
    paper_lay(&paper, NULL, NAME, "{'name':'阿卜杜热合曼·阿卜杜外力·买买提·麦麦提敏'}", NULL);
    assert_non_null(paper_find(&paper, 0, "阿卜杜热合曼·阿卜杜外力·", 0));
    assert_non_null(paper_find(&paper, 0, "买买提·麦麦提敏", 0));
    /* no point, or none where it would help */
    paper_lay(&paper, NULL, NAME, "{'name':'阿卜杜热合曼阿卜杜外力买买提麦麦提敏'}", NULL);
    assert_non_null(paper_find(&paper, 0, "敏", 0));
}

static void words_too_many_to_spread_get_smaller_or_are_refused(void **state)
{
    (void)state;
    paper_lay(&paper, NULL,
              "<text x=\"45\" y=\"112\" size=\"14\" min-size=\"9\" spread=\"42\">{{name}}</text>\n",
              "{'name':'专业技术职务任职资格名称'}", NULL);
    assert_true(paper_run(&paper, "专业")->size < 10.5);
    near_mm(run_end(paper_run(&paper, "专业")), 87, "right");
    assert_int_equal(paper_try(&paper, NULL,
                               "<text x=\"45\" y=\"112\" size=\"14\" spread=\"42\">{{name}}</text>\n",
                               "{'name':'专业技术职务任职资格名称'}", NULL),
                     -1);
    assert_string_equal(paper.err.field, "/name");
}

static void a_grid_has_forty_rows_and_no_more(void **state)
{
    struct buf body = BUF_INIT(1 << 16);

    (void)state;
    for (int rows = 40; rows <= 41; rows++) {
        body.len = 0;
        buf_append_text(&body,
                        "<fields x=\"10\" y=\"10\" right=\"190\" last=\"280\" pitch=\"6\">\n<step name=\"n\" "
                        "size=\"9\" label-size=\"9\" min-size=\"9\" wrap=\"9\" wrap-min=\"9\" lines=\"1\" "
                        "least-pitch=\"5\"/>\n");
        for (int i = 0; i < rows; i++)
            buf_append_text(&body, "<row><field label=\"姓名\">丙</field></row>\n");
        buf_append_text(&body, "</fields>\n");
        assert_int_equal(paper_try(&paper, NULL, buf_text(&body), "{}", NULL), rows == 40 ? 0 : -1);
    }
    assert_non_null(strstr(paper.err.en, "more than 40 rows"));
    buf_dispose(&body);
}

/* --- from the origin of an area --- */

#define THINGS                                                                                               \
    "<text id=\"a\" x=\"2\" y=\"6\" size=\"10\">甲\n<fit size=\"10\" push=\"3\"/></text>\n"                 \
    "<text x=\"40\" y=\"6\" size=\"10\" align=\"right\" after=\"a\">乙</text>\n"                            \
    "<fill x=\"1\" y=\"2\" w=\"3\" h=\"4\"/>\n"                                                              \
    "<edge x=\"1\" y=\"2\" w=\"3\" h=\"4\" line=\"0.2\"/>\n"                                                 \
    "<seal role=\"issuer\" cx=\"20\" cy=\"30\" d=\"10\"/>\n"                                                 \
    "<fields x=\"5\" y=\"12\" right=\"45\" last=\"20\" pitch=\"8\">\n"                                       \
    "<step name=\"n\" size=\"10\" label-size=\"10\" min-size=\"9\" wrap=\"9\" wrap-min=\"9\" lines=\"1\" "   \
    "least-pitch=\"6\"/>\n<row><field label=\"姓名\">丙</field></row></fields>\n"

/* Where everything of THINGS stands, after each other. */
static size_t places(double out[32][2])
{
    size_t count = 0;

    for (size_t i = 0; i < paper.pages.list[0].count && count < 31; i++) {
        const struct item *it = &paper.pages.list[0].items[i];
        bool text = it->kind == ITEM_TEXT;

        out[count][0] = text ? it->u.text.x : it->box.x;
        out[count++][1] = text ? it->u.text.baseline : it->box.y;
    }
    out[count][0] = paper.pages.fields[0].seal_x;
    out[count++][1] = paper.pages.fields[0].box.y;
    return count;
}

static void in_an_area_everything_stands_from_its_corner(void **state)
{
    static const char *const roles[] = {"issuer"};
    const struct layout_order order = {.seal_roles = roles, .seal_role_count = 1};
    double on_page[32][2], in_area[32][2];
    size_t count;

    (void)state;
    paper_lay(&paper, NULL, THINGS, "{}", &order);
    count = places(on_page);
    assert_true(count >= 9);
    paper_lay(&paper, NULL, "<area x=\"100\" y=\"50\" w=\"60\" h=\"60\">\n" THINGS "</area>\n", "{}", &order);
    assert_int_equal(places(in_area), count);
    for (size_t i = 0; i < count; i++) {
        near_mm(in_area[i][0] - on_page[i][0], 100, "x");
        near_mm(in_area[i][1] - on_page[i][1], 50, "y");
    }
}

/* --- marks --- */

static const struct item *first_of(size_t page)
{
    return &paper.pages.list[page].items[0];
}

static const struct item *last_of(size_t page)
{
    return &paper.pages.list[page].items[paper.pages.list[page].count - 1];
}

static void assert_text(const struct item *item, const char *text)
{
    struct buf b = BUF_INIT(1000);

    assert_int_equal(item->kind, ITEM_TEXT);
    run_text(&b, &item->u.text);
    assert_string_equal(buf_text(&b), text);
    buf_dispose(&b);
}

/* The middle of a turned line, 0.38 em above its baseline. */
static void middle_of(const struct text_run *r, double *x, double *y)
{
    double angle = r->angle * M_PI / 180, em = r->size * PT_MM;
    double half =
        ((double)r->glyphs[r->count - 1].dx + face_advance(r->face, r->glyphs[r->count - 1].cp) / 1000 * em) /
        2;

    *x = r->x + half * cos(angle) - 0.38 * em * sin(angle);
    *y = r->baseline - half * sin(angle) - 0.38 * em * cos(angle);
}

#define TWO_PAGES                                                                                            \
    "正文\n\n<fill x=\"30\" y=\"30\" w=\"100\" h=\"1\"/>\n\n<page-break/>\n\n<text x=\"30\" "              \
    "y=\"40\">次页</text>\n"

static void a_draft_says_so_below_everything_in_the_middle_of_every_page(void **state)
{
    const struct layout_order order = {.mark = MARK_DRAFT};
    static const struct {
        const char *front;
        double x, y;
    } shapes[] = {{"page: A4", 105, 148.5}, {"page: A4 landscape", 148.5, 105}};
    double x, y;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        paper_lay(&paper, shapes[i].front, TWO_PAGES, "{}", &order);
        assert_int_equal(paper.pages.count, 2);
        for (size_t page = 0; page < 2; page++) {
            const struct text_run *word = &first_of(page)->u.text, *below = &first_of(page)[1].u.text;

            assert_text(first_of(page), "草稿");
            assert_text(&first_of(page)[1], "未审核 不作为证明使用");
            assert_true(word->size == 147 && below->size == 24);
            assert_true(fabs(word->alpha - 0.1) < 1e-9 && fabs(below->alpha - 0.1) < 1e-9);
            assert_true(fabs(word->angle - 35) < 1e-9 && fabs(below->angle - 35) < 1e-9);
            near_mm((double)word->glyphs[1].dx, 147 * PT_MM + 26, "letter space");
            middle_of(word, &x, &y);
            near_mm(x, shapes[i].x, "middle x");
            near_mm(y, shapes[i].y, "middle y");
            middle_of(below, &x, &y);
            near_mm(hypot(x - shapes[i].x, y - shapes[i].y), 30, "lower");
            assert_true(y > shapes[i].y);
        }
    }
}

static void a_void_paper_says_so_in_the_same_place(void **state)
{
    const struct layout_order order = {.mark = MARK_VOID};

    (void)state;
    paper_lay(&paper, NULL, TWO_PAGES, "{}", &order);
    for (size_t page = 0; page < 2; page++) {
        assert_text(first_of(page), "作废");
        assert_true(first_of(page)->u.text.size == 147);
        assert_null(paper_find(&paper, page, "未审核", 0));
    }
}

static void a_specimen_says_so_above_everything(void **state)
{
    const struct layout_order order = {.mark = MARK_SPECIMEN};

    (void)state;
    paper_lay(&paper, NULL, TWO_PAGES, "{}", &order);
    for (size_t page = 0; page < 2; page++)
        assert_text(last_of(page), "样张无效");
    assert_text(first_of(0), "正文");
}

static void a_plain_page_bears_no_mark(void **state)
{
    (void)state;
    paper_lay(&paper, NULL, TWO_PAGES, "{}", NULL);
    for (size_t page = 0; page < 2; page++)
        for (size_t i = 0; i < paper.pages.list[page].count; i++)
            assert_true(paper.pages.list[page].items[i].kind != ITEM_TEXT ||
                        paper.pages.list[page].items[i].u.text.alpha >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seal_takes_a_square_or_the_rectangle_it_says),
        cmocka_unit_test(a_seal_nobody_asked_for_is_known_but_no_field),
        cmocka_unit_test(a_code_says_the_number_it_is_given),
        cmocka_unit_test(a_number_that_could_be_an_address_is_refused),
        cmocka_unit_test(a_code_holds_64_characters_and_not_one_more),
        cmocka_unit_test(there_is_no_code_without_number_address_or_data),
        cmocka_unit_test(a_code_too_fine_to_print_is_refused),
        cmocka_unit_test(where_no_photo_is_the_place_says_what_it_wants),
        cmocka_unit_test(where_a_photo_is_it_stands_alone),
        cmocka_unit_test(a_spread_text_is_flush_at_both_ends),
        cmocka_unit_test(a_name_parts_at_its_points),
        cmocka_unit_test(words_too_many_to_spread_get_smaller_or_are_refused),
        cmocka_unit_test(a_grid_has_forty_rows_and_no_more),
        cmocka_unit_test(in_an_area_everything_stands_from_its_corner),
        cmocka_unit_test(a_draft_says_so_below_everything_in_the_middle_of_every_page),
        cmocka_unit_test(a_void_paper_says_so_in_the_same_place),
        cmocka_unit_test(a_specimen_says_so_above_everything),
        cmocka_unit_test(a_plain_page_bears_no_mark),
    };

    return cmocka_run_group_tests(tests, paper_setup, paper_teardown);
}
