/* opinion_test.c - where an office's words and seal stand in its field, how much it holds, and what it
 * refuses. */
#include "base/share.h"
#include "support/boxes.h"
#include "support/trial.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- fields of the forms --- */

#define EMPLOYER "<opinion role=\"employer\" x=\"39\" y=\"31\" w=\"151\" h=\"73\"/>\n"
#define DEPT     "<opinion role=\"competent_dept\" x=\"39\" y=\"104\" w=\"151\" h=\"57\"/>\n"
#define NARROW                                                                                               \
    "<opinion role=\"hr_dept\" x=\"135\" y=\"193.4\" w=\"55\" h=\"72\" from=\"5.5\" sign-x=\"4\" "           \
    "sign-y=\"23.7\" seal-x=\"27.5\" seal-y=\"48.5\" stamp-y=\"51.2\" name-y=\"51.2\" date-y=\"59.1\"/>\n"

static const struct seal_field *field(const char *role)
{
    for (size_t i = 0; i < paper.pages.field_count; i++)
        if (strcmp(paper.pages.fields[i].role, role) == 0)
            return &paper.pages.fields[i];
    fail_msg("no field %s", role);
    return NULL;
}

static void near_box(struct box is, double x, double y, double w, double h)
{
    near_mm(is.x, x, "x");
    near_mm(is.y, y, "y");
    near_mm(is.w, w, "w");
    near_mm(is.h, h, "h");
}

static void a_field_is_the_cell_a_hair_inside_its_rules(void **state)
{
    static const char *const roles[] = {"competent_dept"};
    const struct layout_order order = {.seal_roles = roles, .seal_role_count = 1};
    const struct seal_field *f;

    (void)state;
    paper_lay(&paper, NULL, EMPLOYER DEPT, "{}", &order);
    assert_int_equal(paper.pages.field_count, 2); /* both, though one office alone will seal */
    f = field("employer");
    near_box(f->box, 39.3, 31.3, 150.4, 72.4);
    near_mm(f->seal_x, 162, "seal x");
    near_mm(f->seal_y, 81, "seal y");
    near_mm(f->diameter, 42, "diameter");
    near_mm(f->date_y, 94.5, "date");
    near_mm(f->name_y, 89.2, "name"); /* in the open space between star and date */
    near_mm(f->stamp_y, 83.9, "stamp");
    assert_true(f->statement);
    near_box(field("competent_dept")->box, 39.3, 104.3, 150.4, 56.4);
    assert_string_equal(paper_item(&paper, 0, ITEM_FIELD, 0)->u.field, "competent_dept");
    near_box(paper_item(&paper, 0, ITEM_FIELD, 0)->box, 39.3, 104.3, 150.4, 56.4);
    assert_null(paper_item(&paper, 0, ITEM_FIELD, 1));
}

static void a_field_knows_its_page(void **state)
{
    (void)state;
    paper_lay(&paper, NULL, EMPLOYER "\n<page-break/>\n\n" DEPT, "{}", NULL);
    assert_int_equal(field("employer")->page, 0);
    assert_int_equal(field("competent_dept")->page, 1);
}

static void what_waits_stands_where_the_office_will_write(void **state)
{
    const struct seal_field *f;
    const struct text_run *sign, *stamp, *year, *day;

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    f = field("competent_dept");
    sign = paper_run(&paper, "负责人：");
    stamp = paper_run(&paper, "（公章）");
    year = paper_run(&paper, "年");
    day = paper_run(&paper, "日");
    near_mm(sign->x, 84, "sign x");
    near_mm(run_middle(sign), f->date_y, "sign y");
    near_mm(f->sign_x, run_end(sign), "end of the words");
    near_mm((stamp->x + run_end(stamp)) / 2, 162, "stamp axis");
    near_mm(run_middle(stamp), f->stamp_y, "stamp y");
    near_mm(run_middle(year), f->date_y, "date y");
    assert_true(paper_run(&paper, "月")->x > run_end(year) + 6); /* room for a pen */
    near_mm(run_end(day), 162 + 4.5 * 10.5 * PT_MM, "the date's end");
    assert_true(sign->size == 10.5 && stamp->size == 10.5 && year->size == 10.5);
    assert_string_equal(face_name(sign->face), face_name(fonts_lookup(paper.fonts, "song", false)));
}

static void in_a_narrow_field_the_signer_stands_above_the_seal(void **state)
{
    const struct text_run *signer, *year;

    (void)state;
    paper_lay(&paper, NULL, "<opinion role=\"a\" x=\"39\" y=\"31\" w=\"67\" h=\"70\" d=\"38\"/>\n", "{}",
              NULL);
    signer = paper_run(&paper, "负责人：");
    year = paper_run(&paper, "年");
    near_mm(signer->x, 43, "signer");
    assert_true(signer->baseline < field("a")->seal_y - 19);
    assert_true(year->baseline > field("a")->seal_y);
}

static void words_that_would_stand_over_the_date_or_outside_are_refused(void **state)
{
    static const char *const bodies[] = {
        "<opinion role=\"a\" x=\"39\" y=\"31\" w=\"151\" h=\"57\" sign-x=\"110\"/>\n",
        "<opinion role=\"a\" x=\"39\" y=\"31\" w=\"151\" h=\"57\" sign-x=\"118\" sign-y=\"42\"/>\n",
        "<opinion role=\"a\" x=\"39\" y=\"31\" w=\"30\" h=\"70\"/>\n",
        "<opinion role=\"a\" x=\"39\" y=\"31\" w=\"151\" h=\"20\"/>\n"};

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(paper_try(&paper, NULL, bodies[i], "{}", NULL), -1);
        assert_int_equal(paper.err.code, ERR_INVALID);
        assert_non_null(strchr(paper.err.en, 'a'));
    }
}

static void an_opinion_says_its_own_words_or_none_for_who_signs(void **state)
{
    (void)state;
    paper_lay(&paper, NULL,
              "<opinion role=\"a\" x=\"39\" y=\"31\" w=\"151\" h=\"57\" sign=\"主任签字：\" sign-x=\"40\"/>\n"
              "<opinion role=\"b\" x=\"39\" y=\"88\" w=\"151\" h=\"57\" sign=\"none\"/>\n"
              "<opinion role=\"c\" x=\"39\" y=\"145\" w=\"151\" h=\"57\" sign=\"经办人：\" sign-y=\"20\"/>\n",
              "{}", NULL);
    near_mm(paper_run(&paper, "主任签字：")->x, 79, "own words");
    assert_true(field("a")->sign_x == 0); /* a hand signs there, nothing is ever typed */
    assert_true(field("b")->sign_x == 0);
    assert_null(paper_find(&paper, 0, "负责人：", 0));
    near_mm(run_middle(paper_run(&paper, "经办人：")), 165, "own line");
    assert_true(field("c")->sign_x > 0);
}

static void the_field_counts_what_it_holds(void **state)
{
    static const size_t high[] = {298, 419, 521}, low[] = {181, 256, 317};

    (void)state;
    paper_lay(&paper, NULL, EMPLOYER DEPT, "{}", NULL);
    for (int i = 0; i < CAPACITY_SIZES; i++) {
        assert_int_equal(field("employer")->capacity[i], high[i]);
        assert_int_equal(field("competent_dept")->capacity[i], low[i]);
    }
}

static void a_field_without_room_is_refused(void **state)
{
    (void)state;
    assert_int_equal(
        paper_try(&paper, NULL, "<opinion role=\"a\" x=\"39\" y=\"31\" w=\"0.5\" h=\"57\"/>\n", "{}", NULL),
        -1);
    assert_int_equal(paper.err.code, ERR_INVALID);
}

/* --- what offices say --- */

static struct {
    struct item *items;
    size_t count;
} said;

static int say(const char *role, const struct statement *st)
{
    memset(&paper.err, 0, sizeof paper.err);
    return layout_statement(&said.items, &said.count, field(role), st, paper.fonts, &paper.arena, &paper.err);
}

static const struct text_run *said_run(const char *text)
{
    for (size_t i = 0; i < said.count; i++) {
        struct buf b = BUF_INIT(100000);
        bool same;

        run_text(&b, &said.items[i].u.text);
        same = strncmp(buf_text(&b), text, strlen(text)) == 0;
        buf_dispose(&b);
        if (same)
            return &said.items[i].u.text;
    }
    return NULL;
}

static char *repeated(const char *what, size_t count)
{
    struct buf b = BUF_INIT(1 << 20);
    char *text;

    for (size_t i = 0; i < count; i++)
        buf_append_text(&b, what);
    text = strdup(buf_text(&b));
    buf_dispose(&b);
    return text;
}

static void assert_inside(const struct seal_field *f)
{
    for (size_t i = 0; i < said.count; i++) {
        const struct text_run *r = &said.items[i].u.text;

        assert_int_equal(said.items[i].kind, ITEM_TEXT);
        if (r->x < f->box.x || run_end(r) > f->box.x + f->box.w || r->baseline > f->box.y + f->box.h ||
            r->baseline - r->size * PT_MM < f->box.y)
            fail_msg("a run stands outside its field");
    }
}

static void a_short_opinion_stands_at_full_size_from_the_top_left(void **state)
{
    const struct statement st = {"同意推荐。", "陈测试", "安徽省测试人民医院（虚构）", "2025-11-24",
                                 "/opinions/employer"};
    const struct text_run *text, *office;

    (void)state;
    paper_lay(&paper, NULL, EMPLOYER, "{}", NULL);
    assert_int_equal(say("employer", &st), 0);
    text = said_run("同意推荐。");
    assert_true(text->size == 10.5);
    near_mm(text->x, 41.5 + 2 * 10.5 * PT_MM, "indent");
    near_mm(run_middle(text), 31 + 2.5 + 7.5 * PT_MM, "first line");
    office = said_run("安徽省测试人民医院（虚构）");
    near_mm((office->x + run_end(office)) / 2, 162, "axis");
    near_mm(run_middle(office), 89.2, "name");
    near_mm(said_run("陈测试")->x, field("employer")->sign_x + 1.5, "signer");
    assert_inside(field("employer"));
}

static void assert_text(const struct text_run *r, const char *text)
{
    struct buf b = BUF_INIT(1000);

    run_text(&b, r);
    assert_string_equal(buf_text(&b), text);
    buf_dispose(&b);
}

static void digits_stand_in_the_gaps_of_the_date(void **state)
{
    static const char *const dates[][4] = {{"2025-11-24", "2025", "11", "24"},
                                           {"1999-01-08", "1999", "1", "8"}};
    static const char *const units[] = {"年", "月", "日"};

    (void)state;
    paper_lay(&paper, NULL, EMPLOYER, "{}", NULL);
    for (size_t d = 0; d < 2; d++) {
        const struct statement st = {.date = dates[d][0], .from = "/opinions/employer"};

        assert_int_equal(say("employer", &st), 0);
        assert_int_equal(said.count, 3);
        for (size_t i = 0; i < 3; i++) {
            const struct text_run *r = &said.items[i].u.text, *unit = paper_run(&paper, units[i]);

            assert_text(r, dates[d][i + 1]);
            assert_true(run_end(r) < unit->x - 0.5 && run_end(r) > unit->x - 4);
            assert_true(i == 0 || r->x > run_end(paper_run(&paper, units[i - 1])) + 0.5);
            near_mm(r->baseline, unit->baseline, "one line");
        }
    }
}

static void a_day_that_is_none_is_refused(void **state)
{
    static const char *const days[] = {"2025-02-30", "2025年1月1日", "2025-1-1", "soon", "20251124"};

    (void)state;
    paper_lay(&paper, NULL, EMPLOYER, "{}", NULL);
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        const struct statement st = {.date = days[i], .from = "/opinions/employer"};

        assert_int_equal(say("employer", &st), -1);
        assert_int_equal(paper.err.code, ERR_INVALID);
        assert_string_equal(paper.err.field, "/opinions/employer/date");
    }
}

/* Size it came out at, or 0. */
static double size_of(const char *role, const char *text)
{
    const struct statement st = {.text = text, .from = "/opinions/employer"};

    return say(role, &st) == 0 ? said.items[0].u.text.size : 0;
}

static void an_opinion_is_set_in_the_largest_type_that_holds_it(void **state)
{
    static const struct {
        size_t count;
        double size;
    } steps[] = {{181, 10.5}, {184, 9}, {256, 9}, {259, 8}, {317, 8}, {320, 0}};

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        char *text = repeated("测", steps[i].count);

        if (size_of("competent_dept", text) != steps[i].size)
            fail_msg("%zu characters: not at %.1f pt", steps[i].count, steps[i].size);
        free(text);
    }
}

static void an_opinion_gives_way_to_the_seal(void **state)
{
    const struct seal_field *f;
    char *text = repeated("经审核，该同志申报材料真实、完整。", 12);
    const struct statement st = {.text = text, .from = "/opinions/employer"};
    size_t full = 0, narrow = 0;

    (void)state;
    paper_lay(&paper, NULL, EMPLOYER, "{}", NULL);
    f = field("employer");
    assert_int_equal(say("employer", &st), 0);
    for (size_t i = 0; i < said.count; i++) {
        const struct text_run *r = &said.items[i].u.text;
        double bottom = run_middle(r) + 7.5 * PT_MM, end = run_end(r);
        double half = r->size * PT_MM / 2 + 0.01; /* a mark's blank half may hang over */

        assert_true(bottom <= f->opinion_end + 0.01);
        assert_true(end <= f->left + (bottom <= f->zone_y + 0.01 ? f->measure : f->narrow) + half);
        full += end > f->left + f->measure - 1;
        narrow += end < f->left + f->narrow + half;
    }
    assert_int_equal(full, 4); /* justified to the edge */
    assert_true(narrow >= 3);
    free(text);
}

static void an_opinion_too_long_is_refused_with_both_counts(void **state)
{
    char *text = repeated("测", 612);
    const struct statement st = {.text = text, .from = "/opinions/employer"};

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    assert_int_equal(say("competent_dept", &st), -1);
    assert_int_equal(paper.err.code, ERR_INVALID);
    assert_non_null(strstr(paper.err.zh, "意见共 612 个字，此处最多可容纳 317 个字"));
    assert_non_null(strstr(paper.err.en, "has 612 characters; at most 317 fit"));
    assert_string_equal(paper.err.field, "/opinions/employer/text");
    assert_int_equal(said.count, 0);
    free(text);
}

static void an_opinion_of_too_many_paragraphs_is_refused_by_its_lines(void **state)
{
    char *text = repeated("同意。\n", 12);
    const struct statement st = {.text = text, .from = "/opinions/employer"};

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    assert_int_equal(say("competent_dept", &st), -1);
    assert_non_null(strstr(paper.err.zh, "意见共 36 个字，排成 12 行，此处最多可容纳 9 行"));
    assert_string_equal(paper.err.field, "/opinions/employer/text");
    free(text);
}

static void every_paragraph_of_an_opinion_is_indented(void **state)
{
    const struct statement st = {.text = "第一段。\n第二段。", .from = "/opinions/employer"};

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    assert_int_equal(say("competent_dept", &st), 0);
    assert_int_equal(said.count, 2);
    near_mm(said_run("第二段。")->x, said_run("第一段。")->x, "indent");
    near_mm(said_run("第二段。")->baseline - said_run("第一段。")->baseline, 15 * PT_MM, "pitch");
}

static void what_cannot_be_printed_is_refused_by_its_member(void **state)
{
    static const struct {
        struct statement st;
        const char *where;
    } bad[] = {{{.text = "同意\xE2\x80\xAE推荐", .from = "/opinions/a"}, "/opinions/a/text"},
               {{.text = "同意\x01", .from = "/opinions/a"}, "/opinions/a/text"},
               {{.text = "同意\xEE\x80\x80", .from = "/opinions/a"}, "/opinions/a/text"},
               {{.text = "同意\xC3(", .from = "/opinions/a"}, "/opinions/a/text"},
               {{.signer = "张\n三", .from = "/opinions/a"}, "/opinions/a/signer"},
               {{.office = "某\xE2\x80\x8B局", .from = "/opinions/a"}, "/opinions/a/office"}};

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(say("competent_dept", &bad[i].st), -1);
        assert_int_equal(paper.err.code, ERR_INVALID);
        assert_string_equal(paper.err.field, bad[i].where);
    }
}

static void nothing_said_is_markup(void **state)
{
    const struct statement st = {.text = "**{{name}}** <br/> (a) Tj", .from = "/opinions/employer"};

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    assert_int_equal(say("competent_dept", &st), 0);
    assert_non_null(said_run("**{{name}}** <br/> (a) Tj"));
}

static void an_office_of_a_long_name_gets_smaller_then_a_wider_place(void **state)
{
    static const struct {
        const char *name;
        double size;
        bool centred;
    } names[] = {{"安徽省虚构卫生主管部门（测试）", 10, true},
                 {"安徽省虚构人力资源和社会保障厅测试", 9, true},
                 {"安徽省虚构人力资源和社会保障厅（测试）", 9, false},
                 {"某虚构自治州人力资源和社会保障局专业技术人员", 9, false}};

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct statement st = {.office = names[i].name, .from = "/opinions/employer"};
        const struct text_run *r;

        assert_int_equal(say("competent_dept", &st), 0);
        assert_int_equal(said.count, 1);
        r = &said.items[0].u.text;
        if (r->size != names[i].size)
            fail_msg("%s: %.1f pt", names[i].name, r->size);
        assert_true((fabs((r->x + run_end(r)) / 2 - 162) < 0.02) == names[i].centred);
        assert_inside(field("competent_dept"));
    }
}

static void lines_beside_a_wide_name_are_shorter(void **state)
{
    char *text = repeated("测", 150);
    const struct statement st = {
        .text = text, .office = "某虚构自治州人力资源和社会保障局专业技术人员", .from = "/opinions/employer"};
    double left;

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    assert_int_equal(say("competent_dept", &st), 0);
    left = said_run("某虚构")->x;
    for (size_t i = 1; i < said.count; i++) {
        const struct text_run *r = &said.items[i].u.text;

        assert_true(run_middle(r) < field("competent_dept")->zone_y || run_end(r) < left);
    }
    free(text);
}

static void an_office_or_signer_too_long_is_refused_by_name(void **state)
{
    char *office = repeated("局", 30), *signer = repeated("王", 60);
    const struct statement a = {.office = office, .from = "/opinions/x"},
                           b = {.signer = signer, .from = "/opinions/x"};

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    assert_int_equal(say("competent_dept", &a), -1);
    assert_string_equal(paper.err.field, "/opinions/x/office");
    assert_non_null(strstr(paper.err.zh, "共 30 个字，此处一行最多可容纳 22 个字"));
    assert_int_equal(say("competent_dept", &b), -1);
    assert_string_equal(paper.err.field, "/opinions/x/signer");
    assert_non_null(strstr(paper.err.zh, "共 60 个字"));
    free(office);
    free(signer);
}

static void a_signer_of_many_parts_takes_two_lines_before_the_date(void **state)
{
    const struct statement st = {.signer = "阿卜杜热合曼·阿卜杜外力·买买提吐尔逊·麦麦提敏",
                                 .date = "2025-11-24",
                                 .from = "/opinions/employer"};
    const struct text_run *first, *second;

    (void)state;
    paper_lay(&paper, NULL, DEPT, "{}", NULL);
    assert_int_equal(say("competent_dept", &st), 0);
    first = said_run("阿卜杜热合曼·阿卜杜外力·");
    second = said_run("买买提吐尔逊·麦麦提敏");
    assert_true(first != NULL && second != NULL && first->size == 8);
    near_mm((run_middle(first) + run_middle(second)) / 2, field("competent_dept")->sign_y, "about the line");
    assert_true(run_end(first) < said_run("2025")->x);
}

static void a_narrow_field_keeps_the_opinion_above_who_signs_and_the_seal(void **state)
{
    char *text = repeated("测", 200);
    const struct statement st = {.text = "情况属实，同意上报。", .signer = "陈测试", .from = "/opinions/a"},
                           longer = {.text = text, .from = "/opinions/a"};
    const struct seal_field *f;

    (void)state;
    paper_lay(&paper, NULL, NARROW, "{}", NULL);
    f = field("hr_dept");
    near_box(f->box, 135.3, 193.7, 54.4, 71.4);
    near_mm(paper_run(&paper, "负责人：")->x, 139, "sign x");
    near_mm(f->seal_x, 162.5, "axis");
    assert_true(f->narrow == 0 && f->capacity[0] > 15 && f->opinion_end < f->sign_y);
    assert_int_equal(say("hr_dept", &st), 0);
    near_mm(run_middle(said_run("情况属实")), 193.4 + 8 + 7.5 * PT_MM, "first line");
    assert_inside(f);
    assert_int_equal(say("hr_dept", &longer), -1);
    assert_string_equal(paper.err.field, "/opinions/a/text");
    free(text);
}

/* --- in the record --- */

#define SAID                                                                                                             \
    "{'opinions':{'employer':{'text':'同意推荐。','signer':'陈测试','office':'测试医院','date':'2025-11-24'" \
    "},"                                                                                                                 \
    "'competent_dept':{'text':'同意呈报。'}}}"

static void an_office_that_will_not_seal_is_printed_from_the_record(void **state)
{
    static const char *const roles[] = {"competent_dept"};
    const struct layout_order order = {.seal_roles = roles, .seal_role_count = 1};

    (void)state;
    paper_lay(&paper, NULL, EMPLOYER DEPT, SAID, &order);
    near_mm(run_middle(paper_run(&paper, "同意推荐。")), 31 + 2.5 + 7.5 * PT_MM, "first line");
    assert_non_null(paper_find(&paper, 0, "陈测试", 0));
    assert_non_null(paper_find(&paper, 0, "2025", 0));
    assert_non_null(paper_find(&paper, 0, "（公章）", 1)); /* ink is still to come */
    assert_null(paper_find(&paper, 0, "同意呈报。", 0));   /* it comes with the seal */
}

static void a_blank_form_says_nothing_of_offices(void **state)
{
    const struct layout_order order = {.blank = true};

    (void)state;
    paper_lay(&paper, "page: A4\nblank: yes", EMPLOYER, SAID, &order);
    assert_null(paper_find(&paper, 0, "同意推荐。", 0));
    assert_non_null(paper_find(&paper, 0, "（公章）", 0));
}

static void an_opinion_of_the_record_that_is_no_text_is_refused(void **state)
{
    (void)state;
    assert_int_equal(paper_try(&paper, NULL, EMPLOYER, "{'opinions':{'employer':{'text':['同意']}}}", NULL),
                     -1);
    assert_string_equal(paper.err.field, "/opinions/employer/text");
    assert_int_equal(paper_try(&paper, NULL, EMPLOYER, "{'opinions':{'employer':{'date':'后天'}}}", NULL),
                     -1);
    assert_string_equal(paper.err.field, "/opinions/employer/date");
}

/* --- the forms of the installation --- */

struct placed {
    const char *form, *role;
    double x, y, w, h; /* from rule to rule */
};

/* A form laid out with its own sample. */
static void lay_form(const char *name)
{
    struct layout_order order = {0};
    char path[1100], relative[100];

    template_free(paper.template);
    paper.template = NULL;
    (void)snprintf(relative, sizeof relative, "templates/%s", name);
    if (share_path(path, sizeof path, relative, &paper.err) != 0 ||
        template_load(&paper.template, path, paper.fonts, &paper.err) != 0)
        fail_msg("%s", paper.err.en);
    arena_reset(&paper.arena);
    order.template = paper.template;
    order.record = template_sample(paper.template);
    if (layout_run(&paper.pages, &order, paper.fonts, &paper.arena, &paper.err) != 0)
        fail_msg("%s (%s)", paper.err.en, paper.err.field);
}

static void near_rule(const struct placed *p, double is, double should, const char *what)
{
    if (fabs(is - should) > 0.25)
        fail_msg("%s of %s: %s is %.2f mm, should be %.2f mm", p->role, p->form, what, is, should);
}

/* Offices know these places; what was sealed once must find its field there in the next edition too. */
static void the_fields_of_the_forms_stand_where_offices_look_for_them(void **state)
{
    static const struct placed all[] = {{"review-table", "employer", 39, 31, 151, 73},
                                        {"review-table", "competent_dept", 39, 104, 151, 57},
                                        {"review-table", "hr_dept", 39, 161, 151, 57},
                                        {"review-table", "spare_1", 39, 31, 151, 57},
                                        {"review-table", "spare_2", 39, 88, 151, 57},
                                        {"review-table", "spare_3", 39, 145, 151, 57},
                                        {"review-table", "committee", 39, 31, 151, 130},
                                        {"review-table", "organizer", 39, 161, 151, 57},
                                        {"review-table", "approval", 39, 218, 151, 57},
                                        {"confirmation-form", "employer", 39, 31, 151, 56},
                                        {"confirmation-form", "competent_dept", 39, 87, 151, 55},
                                        {"confirmation-form", "hr_local", 39, 142, 151, 55},
                                        {"confirmation-form", "confirmer", 39, 197, 151, 55},
                                        {"post-approval-form", "employer", 25, 193.4, 55, 72},
                                        {"post-approval-form", "competent_dept", 80, 193.4, 55, 72},
                                        {"post-approval-form", "hr_dept", 135, 193.4, 55, 72}};
    const char *laid = "";

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct placed *p = &all[i];
        const struct seal_field *f;

        if (strcmp(laid, p->form) != 0)
            lay_form(laid = p->form);
        f = field(p->role);
        near_rule(p, f->box.x - 0.3, p->x, "x");
        near_rule(p, f->box.y - 0.3, p->y, "y");
        near_rule(p, f->box.w + 0.6, p->w, "width");
        near_rule(p, f->box.h + 0.6, p->h, "height");
        assert_true(f->capacity[0] >= 20 && f->capacity[0] < f->capacity[1] &&
                    f->capacity[1] < f->capacity[2]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_is_the_cell_a_hair_inside_its_rules),
        cmocka_unit_test(a_field_knows_its_page),
        cmocka_unit_test(what_waits_stands_where_the_office_will_write),
        cmocka_unit_test(in_a_narrow_field_the_signer_stands_above_the_seal),
        cmocka_unit_test(words_that_would_stand_over_the_date_or_outside_are_refused),
        cmocka_unit_test(an_opinion_says_its_own_words_or_none_for_who_signs),
        cmocka_unit_test(the_field_counts_what_it_holds),
        cmocka_unit_test(a_field_without_room_is_refused),
        cmocka_unit_test(a_short_opinion_stands_at_full_size_from_the_top_left),
        cmocka_unit_test(digits_stand_in_the_gaps_of_the_date),
        cmocka_unit_test(a_day_that_is_none_is_refused),
        cmocka_unit_test(an_opinion_is_set_in_the_largest_type_that_holds_it),
        cmocka_unit_test(an_opinion_gives_way_to_the_seal),
        cmocka_unit_test(an_opinion_too_long_is_refused_with_both_counts),
        cmocka_unit_test(an_opinion_of_too_many_paragraphs_is_refused_by_its_lines),
        cmocka_unit_test(every_paragraph_of_an_opinion_is_indented),
        cmocka_unit_test(what_cannot_be_printed_is_refused_by_its_member),
        cmocka_unit_test(nothing_said_is_markup),
        cmocka_unit_test(an_office_of_a_long_name_gets_smaller_then_a_wider_place),
        cmocka_unit_test(lines_beside_a_wide_name_are_shorter),
        cmocka_unit_test(an_office_or_signer_too_long_is_refused_by_name),
        cmocka_unit_test(a_signer_of_many_parts_takes_two_lines_before_the_date),
        cmocka_unit_test(a_narrow_field_keeps_the_opinion_above_who_signs_and_the_seal),
        cmocka_unit_test(an_office_that_will_not_seal_is_printed_from_the_record),
        cmocka_unit_test(a_blank_form_says_nothing_of_offices),
        cmocka_unit_test(an_opinion_of_the_record_that_is_no_text_is_refused),
        cmocka_unit_test(the_fields_of_the_forms_stand_where_offices_look_for_them),
    };

    return cmocka_run_group_tests(tests, paper_setup, paper_teardown);
}
