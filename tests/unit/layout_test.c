/* layout_test.c - certificates to a tenth of a millimetre, long values by their steps, flowing text over
 * pages, and everything a page must refuse. */
#include "base/file.h"
#include "base/share.h"
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include "support/boxes.h"
#include "support/golden.h"
#include "template/template_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LANDSCAPE, PORTRAIT };
static const char *const names[] = {"certificate", "certificate-portrait"};

static struct {
    struct fonts *fonts;
    struct template *certificate[2];
    struct arena arena;
    struct pages pages;
    struct err err;
} lab;

static const char *const both[] = {"committee", "issuer"};

static int open_lab(void **state)
{
    char path[1024];

    (void)state;
    if (share_path(path, sizeof path, "fonts", &lab.err) != 0 || fonts_open(&lab.fonts, path, &lab.err) != 0)
        fail_msg("%s", lab.err.en);
    for (int i = 0; i < 2; i++) {
        char name[128];

        (void)snprintf(name, sizeof name, "templates/%s", names[i]);
        if (share_path(path, sizeof path, name, &lab.err) != 0 ||
            template_load(&lab.certificate[i], path, lab.fonts, &lab.err) != 0)
            fail_msg("%s", lab.err.en);
    }
    return 0;
}

static int close_lab(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        template_free(lab.certificate[i]);
    fonts_close(lab.fonts);
    arena_dispose(&lab.arena);
    return 0;
}

/* --- making pages --- */

static int lay(const struct template *t, const json_t *record)
{
    struct layout_order o = {.template = t,
                             .record = record,
                             .verify_url = "https://zs.example.cn/v/AbCdEfGhIjKlMnOpQrStUv",
                             .seal_roles = both,
                             .seal_role_count = 2};

    arena_reset(&lab.arena);
    memset(&lab.err, 0, sizeof lab.err);
    return layout_run(&lab.pages, &o, lab.fonts, &lab.arena, &lab.err);
}

/* The sample record with some members changed; text NULL takes the member away. */
static json_t *sample_with(int which, size_t count, const char *const changes[][2])
{
    json_t *r = json_deep_copy(template_sample(lab.certificate[which]));

    for (size_t i = 0; i < count; i++) {
        if (changes[i][1] == NULL)
            (void)json_object_del(r, changes[i][0]);
        else if (strcmp(changes[i][0], "committee") == 0 || strcmp(changes[i][0], "issuer") == 0)
            (void)json_object_set_new(r, changes[i][0], json_pack("{s:s}", "name", changes[i][1]));
        else
            (void)json_object_set_new(r, changes[i][0], json_string(changes[i][1]));
    }
    return r;
}

static void lay_with(int which, size_t count, const char *const changes[][2])
{
    json_t *r = sample_with(which, count, changes);

    if (lay(lab.certificate[which], r) != 0)
        fail_msg("%s (%s)", lab.err.en, lab.err.field);
    json_decref(r);
}

#define LAY_WITH(which, ...)                                                                                 \
    do {                                                                                                     \
        const char *const changes_[][2] = {__VA_ARGS__};                                                     \
        lay_with(which, sizeof changes_ / sizeof changes_[0], changes_);                                     \
    } while (0)

/* The nth run (from 0) that begins with this text, or NULL. */
static const struct text_run *find_run(const char *text, size_t nth)
{
    for (size_t p = 0; p < lab.pages.count; p++) {
        for (size_t i = 0; i < lab.pages.list[p].count; i++) {
            const struct item *it = &lab.pages.list[p].items[i];
            struct buf b = BUF_INIT(100000);
            bool same;

            if (it->kind != ITEM_TEXT)
                continue;
            run_text(&b, &it->u.text);
            same = strncmp(buf_text(&b), text, strlen(text)) == 0;
            buf_dispose(&b);
            if (same && nth-- == 0)
                return &it->u.text;
        }
    }
    return NULL;
}

static const struct text_run *run_of(const char *text)
{
    const struct text_run *r = find_run(text, 0);

    if (r == NULL)
        fail_msg("no run begins with %s", text);
    return r;
}

static double run_end(const struct text_run *r)
{
    const struct glyph_at *g = &r->glyphs[r->count - 1];
    double em = r->size * PT_MM;

    return r->x + (double)g->dx + face_advance(r->face, g->cp) / 1000 * em;
}

static void near_mm(double is, double should, const char *what)
{
    if (fabs(is - should) > 0.15)
        fail_msg("%s: %.3f mm, should be %.3f mm", what, is, should);
}

static const struct item *find_item(enum item_kind kind, size_t nth)
{
    for (size_t i = 0; i < lab.pages.list[0].count; i++)
        if (lab.pages.list[0].items[i].kind == kind && nth-- == 0)
            return &lab.pages.list[0].items[i];
    return NULL;
}

/* --- positions --- */

struct expected {
    const char *text;
    double x, baseline, size;
    char align; /* l, c */
};

static void expect_runs(const struct expected *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct text_run *r = run_of(rows[i].text);

        near_mm(r->baseline, rows[i].baseline, rows[i].text);
        near_mm(rows[i].align == 'c' ? (r->x + run_end(r)) / 2 : r->x, rows[i].x, rows[i].text);
        if (r->size != rows[i].size)
            fail_msg("%s: %.1f pt, should be %.1f pt", rows[i].text, r->size, rows[i].size);
    }
}

static void expect_box(enum item_kind kind, size_t nth, double x, double y, double w, double h)
{
    const struct item *i = find_item(kind, nth);

    assert_non_null(i);
    near_mm(i->box.x, x, "box x");
    near_mm(i->box.y, y, "box y");
    near_mm(i->box.w, w, "box w");
    near_mm(i->box.h, h, "box h");
}

static void the_landscape_certificate_stands_where_it_was_drawn(void **state)
{
    static const struct expected rows[] = {{"安徽省专业技术资格证书", 148.5, 39.6, 32, 'c'},
                                           {"电子职称证书", 148.5, 49.2, 12, 'c'},
                                           {"扫码验证", 50.5, 147.8, 9, 'c'},
                                           {"证书编号", 50.5, 158.8, 10, 'c'},
                                           {"9342025010012000001", 50.5, 165.0, 10.5, 'c'},
                                           {"姓名", 84, 63.8, 13, 'l'},
                                           {"1978年", 107.93, 72.2, 14, 'l'},
                                           {"性别", 182, 63.8, 13, 'l'},
                                           {"340000197811031274", 205.93, 72.2, 14, 'l'},
                                           {"安徽省虚构装备研究院", 107.93, 122.6, 14, 'l'},
                                           {"经评审", 93.17, 133.2, 13, 'l'},
                                           {"评审组织：", 84, 147.8, 13, 'l'},
                                           {"发证机关：", 182, 147.8, 13, 'l'},
                                           {"安徽省测试系列高级", 131, 168.0, 13, 'c'},
                                           {"2026年1月15日", 229, 177.8, 13, 'c'},
                                           {"本证书为电子证书", 148.5, 185.0, 7.5, 'c'},
                                           {"电子证照标识", 148.5, 188.6, 6.5, 'c'}};
    const struct text_run *title;

    (void)state;
    assert_int_equal(lay(lab.certificate[LANDSCAPE], template_sample(lab.certificate[LANDSCAPE])), 0);
    expect_runs(rows, sizeof rows / sizeof rows[0]);
    title = run_of("安徽省专业");
    near_mm(run_end(title) - title->x, 137.7, "width of the title");
    assert_int_equal(title->color.r, 0x9A);
    expect_box(ITEM_ARTWORK, 0, 0, 0, 297, 210);
    expect_box(ITEM_STROKE, 0, 33, 59.6, 35, 49);
    expect_box(ITEM_QR, 0, 36.5, 115, 28, 28);
    expect_box(ITEM_FIELD, 0, 110, 137.4, 42, 42);
    expect_box(ITEM_FIELD, 1, 206.5, 135.9, 45, 45);
    LAY_WITH(LANDSCAPE, {"license_id", NULL});
    near_mm(run_of("本证书为")->baseline, 186.2, "foot note without a licence id");
    assert_null(find_run("电子证照标识", 0));
}

static void the_portrait_certificate_stands_where_it_was_drawn(void **state)
{
    static const struct expected rows[] = {{"安徽省", 105, 46.5, 20, 'c'},
                                           {"专业技术资格证书", 105, 64.0, 38, 'c'},
                                           {"电子职称证书", 105, 76.2, 13, 'c'},
                                           {"扫码验证", 49.5, 186.2, 9, 'c'},
                                           {"证书编号", 49.5, 196.6, 10, 'c'},
                                           {"9342025010012000001", 49.5, 202.2, 10.5, 'c'},
                                           {"姓名", 80, 98.8, 13, 'l'},
                                           {"1978年", 103.93, 117.6, 14, 'l'},
                                           {"安徽省虚构装备研究院", 103.93, 202.2, 14, 'l'},
                                           {"经评审", 41.53, 214.4, 13.5, 'l'},
                                           {"评审组织：", 32, 230.4, 13, 'l'},
                                           {"安徽省测试系列", 74, 251.2, 12, 'c'},
                                           {"本证书为电子证书", 105, 271.8, 7.5, 'c'}};

    (void)state;
    LAY_WITH(PORTRAIT, {"year", NULL});
    expect_runs(rows, sizeof rows / sizeof rows[0]);
    expect_box(ITEM_STROKE, 0, 32, 94.6, 35, 49);
    expect_box(ITEM_QR, 0, 35.5, 153.6, 28, 28);
    expect_box(ITEM_FIELD, 0, 53, 220.6, 42, 42);
    expect_box(ITEM_FIELD, 1, 130.5, 219.1, 45, 45);
}

static void labels_colons_and_values_stand_on_three_vertical_lines(void **state)
{
    static const char *const labels[] = {"姓名", "系列", "资格名称", "取得方式", "批准文号", "工作单位"};
    double em = 13 * PT_MM;

    (void)state;
    assert_int_equal(lay(lab.certificate[LANDSCAPE], template_sample(lab.certificate[LANDSCAPE])), 0);
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        const struct text_run *r = run_of(labels[i]);

        assert_true(fabs(r->x - 84) < 1e-6);
        assert_true(fabs(run_end(r) - 84 - 4 * em) < 1e-3);
        assert_true(fabs((double)r->glyphs[1].dx - 3 * em / (double)(r->count - 1)) < 1e-3);
    }
    for (size_t i = 0; find_run("：", i) != NULL; i++) {
        double x = find_run("：", i)->x;

        assert_true(fabs(x - 84 - 4 * em) < 1e-6 || fabs(x - 182 - 4 * em) < 1e-6);
    }
}

/* --- variants --- */

static void another_document_than_the_identity_card_is_a_document_number(void **state)
{
    (void)state;
    LAY_WITH(LANDSCAPE, {"id_type", "护照"});
    assert_non_null(find_run("证件号码", 0));
    assert_null(find_run("身份证号", 0));
    LAY_WITH(LANDSCAPE, {"id_type", NULL});
    assert_non_null(find_run("身份证号", 0));
}

static void empty_values_drop_their_cells_and_the_pitch_stays(void **state)
{
    (void)state;
    LAY_WITH(LANDSCAPE, {"year", NULL}, {"obtain_mode", NULL}, {"employer", ""});
    assert_null(find_run("年度", 0));
    assert_null(find_run("取得方式", 0));
    assert_null(find_run("工作单位", 0));
    near_mm(run_of("专业")->x, 84, "specialty moves to the left");
    near_mm(run_of("取得时间")->x, 84, "date moves to the left");
    near_mm(run_of("批准文号")->baseline, 63.8 + 6 * 8.4, "nominal pitch");
    near_mm(run_of("持证人具备")->x, 93.17, "statement without a mode");
}

static void without_a_committee_its_block_is_absent_and_the_issuer_stays(void **state)
{
    (void)state;
    LAY_WITH(LANDSCAPE, {"committee", NULL});
    assert_null(find_run("评审组织", 0));
    near_mm(run_of("2026年1月15日")->baseline, 177.8, "date of issue");
    assert_string_equal(find_item(ITEM_FIELD, 0)->u.field, "issuer");
    assert_null(find_item(ITEM_FIELD, 1));
}

static void only_offices_that_will_seal_get_a_field(void **state)
{
    struct layout_order o = {.template = lab.certificate[LANDSCAPE],
                             .record = template_sample(lab.certificate[LANDSCAPE]),
                             .service_field = true};

    (void)state;
    arena_reset(&lab.arena);
    assert_int_equal(layout_run(&lab.pages, &o, lab.fonts, &lab.arena, &lab.err), 0);
    assert_string_equal(find_item(ITEM_FIELD, 0)->u.field, "service");
    assert_true(find_item(ITEM_FIELD, 0)->box.w == 0);
    assert_null(find_item(ITEM_FIELD, 1));
    assert_null(find_item(ITEM_QR, 0)); /* no address, no code */
    assert_non_null(find_run("安徽省测试系列", 0));
}

static void a_specimen_says_so_across_the_page_and_above_everything(void **state)
{
    struct layout_order o = {.template = lab.certificate[PORTRAIT],
                             .record = template_sample(lab.certificate[PORTRAIT]),
                             .mark = MARK_SPECIMEN};
    const struct item *last;

    (void)state;
    arena_reset(&lab.arena);
    assert_int_equal(layout_run(&lab.pages, &o, lab.fonts, &lab.arena, &lab.err), 0);
    last = &lab.pages.list[0].items[lab.pages.list[0].count - 1];
    assert_int_equal(last->kind, ITEM_TEXT);
    assert_ptr_equal(&last->u.text, run_of("样张无效"));
    assert_true(last->u.text.alpha > 0.05 && last->u.text.alpha < 0.25);
    assert_true(last->u.text.angle > 45 && last->u.text.angle < 65);
    assert_true(last->u.text.size > 80);
}

static void a_replacement_remarks_on_one_line_or_breaks_at_its_soft_break(void **state)
{
    (void)state;
    LAY_WITH(LANDSCAPE, {"original_no", "TD00001"}, {"reissue_date", "2026-03-02"});
    near_mm(run_of("补（换）发日期")->x, 107.93, "remark");
    assert_null(find_run("原证书编号", 0)); /* the same line */
    near_mm(run_of("补（换）发日期")->baseline, 123.4, "last row");
    LAY_WITH(PORTRAIT, {"original_no", "TD00001"}, {"reissue_date", "2026-03-02"}, {"year", NULL});
    near_mm(run_of("原证书编号：TD00001")->x, 103.93, "second line");
    assert_true(run_of("原证书编号")->size == 13);
    near_mm(run_of("原证书编号")->baseline, 203.4, "last line");
}

/* --- long values --- */

static const char long_name[] = "阿卜杜热合曼·阿卜杜外力·买买提吐尔逊江·麦麦提敏江";

static char *repeated(const char *what, size_t count)
{
    struct buf b = BUF_INIT(100000);
    char *text;

    for (size_t i = 0; i < count; i++)
        buf_append_text(&b, what);
    text = strdup(buf_text(&b));
    buf_dispose(&b);
    return text;
}

static void a_long_name_breaks_after_the_dot_that_balances_it(void **state)
{
    const struct text_run *first, *second;

    (void)state;
    for (int which = 0; which < 2; which++) {
        LAY_WITH(which, {"name", long_name}, {"year", NULL});
        first = run_of("阿卜杜热合曼·阿卜杜外力·");
        second = run_of("买买提吐尔逊江·麦麦提敏江");
        assert_true(first->size == 12 && second->size == 12);
        assert_int_equal(first->count, 13);
        near_mm(second->x, first->x, "second line of the name");
        near_mm(second->baseline - first->baseline, 1.32 * 12 * PT_MM, "leading");
    }
}

static void a_name_of_many_parts_never_breaks_inside_one(void **state)
{
    char *name = repeated("阿卜杜热合曼江买提·", 5);

    (void)state;
    name[strlen(name) - strlen("·")] = '\0';
    for (int which = 0; which < 2; which++) {
        LAY_WITH(which, {"name", name});
        for (size_t nth = 0; nth < 3; nth++)
            assert_non_null(find_run("阿卜杜热合曼江买提", nth));
        assert_null(find_run("阿卜杜热合曼江买提", 3));
    }
    free(name);
}

static void when_all_is_too_much_the_longest_is_named(void **state)
{
    char *employer = repeated("测", 100), *title = repeated("师", 60), *number = repeated("号", 60);

    (void)state;
    for (int which = 0; which < 2; which++) {
        const char *const changes[][2] = {
            {"name", title},   {"specialty", title},    {"title", title},     {"employer", employer},
            {"series", title}, {"approval_no", number}, {"id_number", number}};
        json_t *r = sample_with(which, sizeof changes / sizeof changes[0], changes);

        assert_int_equal(lay(lab.certificate[which], r), -1);
        assert_string_equal(lab.err.field, "/employer");
        json_decref(r);
    }
    free(employer);
    free(title);
    free(number);
}

static void long_values_shrink_then_wrap_as_drawn(void **state)
{
    static const char specialty[] = "农业资源环境与生态保护修复工程技术及智能监测装备应用研究推广";
    static const char employer[] =
        "安徽省虚构市农业生态环境保护与可持续发展综合试验研究中心监测总站合肥分站（测试）";
    const struct text_run *r;

    (void)state;
    LAY_WITH(LANDSCAPE, {"name", long_name}, {"specialty", specialty}, {"employer", employer},
             {"year", NULL});
    assert_true(run_of("农业资源")->size == 14);
    assert_int_equal(run_of("农业资源")->count, 30);
    assert_true(run_of("安徽省虚构市")->size == 11);
    r = run_of("身份证号");
    near_mm(run_of("系列")->baseline - r->baseline, 7.72, "pitch");
    LAY_WITH(PORTRAIT, {"name", long_name}, {"specialty", specialty}, {"employer", employer}, {"year", NULL});
    assert_true(run_of("农业资源")->size == 12);
    assert_true(run_of("农业资源")->count < 30);
    near_mm(run_of("系列")->baseline - run_of("身份证号")->baseline, 7.48, "pitch");
}

static void a_long_specialty_takes_the_whole_width_and_the_year_moves(void **state)
{
    (void)state;
    assert_int_equal(lay(lab.certificate[LANDSCAPE], template_sample(lab.certificate[LANDSCAPE])), 0);
    near_mm(run_of("年度")->x, 84, "year");
    near_mm(run_of("专业")->x, 182, "specialty beside it");
    LAY_WITH(LANDSCAPE, {"specialty", "农业资源环境与生态保护修复工程技术"});
    near_mm(run_of("专业")->x, 84, "specialty alone");
    near_mm(run_of("年度")->x, 182, "year beside the approval's number");
    near_mm(run_of("年度")->baseline, run_of("批准文号")->baseline, "year");
}

static void everything_at_its_longest_still_fits(void **state)
{
    char *specialty = repeated("专", 60), *title = repeated("称", 60), *employer = repeated("位", 100);

    (void)state;
    for (int which = 0; which < 2; which++) {
        LAY_WITH(which, {"name", long_name}, {"specialty", specialty}, {"title", title},
                 {"employer", employer}, {"original_no", "TD00001"}, {"reissue_date", "2026-03-02"});
        assert_true(run_of("专专专")->size >= 9.5);
        assert_true(run_of("补（换）")->baseline <= (which == LANDSCAPE ? 123.4 : 203.4) + 1e-6);
        near_mm(run_of("评审组织")->baseline, which == LANDSCAPE ? 147.8 : 230.4, "what stands below");
    }
    free(specialty);
    free(title);
    free(employer);
}

static void a_title_of_five_thousand_characters_is_refused_with_its_length(void **state)
{
    char *title = repeated("称", 5000);
    json_t *r;

    (void)state;
    for (int which = 0; which < 2; which++) {
        const char *const changes[][2] = {{"title", title}};

        r = sample_with(which, 1, changes);
        assert_int_equal(lay(lab.certificate[which], r), -1);
        assert_int_equal(lab.err.code, ERR_INVALID);
        assert_string_equal(lab.err.field, "/title");
        assert_non_null(strstr(lab.err.zh, "资格名称"));
        assert_non_null(strstr(lab.err.zh, "5000"));
        json_decref(r);
    }
    free(title);
}

static void numbers_shrink_then_wrap_and_in_portrait_move_up(void **state)
{
    char *legacy = repeated("第三方证书", 12);

    (void)state;
    LAY_WITH(LANDSCAPE, {"certificate_no", "YB9342026000100000136"});
    assert_true(run_of("YB93420260")->size < 11 && run_of("YB93420260")->size >= 8.5);
    near_mm(run_of("YB93420260")->baseline, 165, "number");
    LAY_WITH(PORTRAIT, {"certificate_no", legacy});
    assert_true(run_of("第三方")->size == 7);
    near_mm(run_of("第三方")->baseline, 198.0, "number");
    near_mm(run_of("证书编号")->baseline, 192.4, "label");
    free(legacy);
}

static void office_names_break_at_their_soft_break_else_in_half(void **state)
{
    (void)state;
    LAY_WITH(LANDSCAPE, {"issuer", "安徽省虚构|人力资源和社会保障厅（测试）"});
    assert_int_equal(run_of("安徽省虚构人力资源")->count, 19 - 1 + 1);
    LAY_WITH(LANDSCAPE, {"issuer", "安徽省虚构合肥高新技术产业开发区|人力资源和社会保障局（测试）"});
    assert_non_null(find_run("人力资源和社会保障局", 0));
    assert_true(run_of("人力资源和社会保障局")->size == 12);
    near_mm(run_of("人力资源和社会保障局")->baseline, 168.0 + 4.9, "second line");
    LAY_WITH(LANDSCAPE, {"committee", "安徽省虚构农业资源环境与生态保护修复工程系列正高级职称评审委员会"});
    assert_int_equal(run_of("安徽省虚构农业")->count, 16);
    near_mm(run_of("2026年1月15日")->baseline, 177.8, "the date stays");
}

static void another_provinces_title_gets_smaller_then_closer(void **state)
{
    json_t *r = json_deep_copy(template_sample(lab.certificate[LANDSCAPE]));
    const struct text_run *title;

    (void)state;
    (void)json_object_set_new(r, "heading", json_pack("{s:s}", "place", "新疆生产建设兵团第十四师"));
    assert_int_equal(lay(lab.certificate[LANDSCAPE], r), 0);
    title = run_of("新疆生产建设兵团");
    assert_true(run_end(title) - title->x <= 150.01);
    assert_true(title->size < 32 && title->size >= 18);
    json_decref(r);
}

/* --- what is refused --- */

static void characters_that_cannot_be_printed_are_refused_by_name(void **state)
{
    /* NOLINTBEGIN(misc-misleading-bidirectional): that is what is refused here */
    static const struct {
        const char *name, *says;
    } rows[] = {{"张\xEE\x80\x80", "U+E000"},   {"张\xF3\xB0\x80\x80", "U+F0000"},
                {"张\xE2\x80\xAE三", "U+202E"}, {"张\n三", "U+000A"},
                {"张\t三", "U+0009"},           {"张\xE2\x80\x8B三", "U+200B"},
                {"张\xEF\xB8\x80三", "U+FE00"}, {"张\xF3\xA0\x84\x80", "U+E0100"},
                {"张\xE2\x81\xA6三", "U+2066"}, {"张\xF0\x93\x80\x80", "U+13000"}};
    /* NOLINTEND(misc-misleading-bidirectional) */

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const changes[][2] = {{"name", rows[i].name}};
        json_t *r = sample_with(LANDSCAPE, 1, changes);

        if (lay(lab.certificate[LANDSCAPE], r) == 0)
            fail_msg("row %zu was printed", i);
        assert_int_equal(lab.err.code, ERR_INVALID);
        assert_string_equal(lab.err.field, "/name");
        if (strstr(lab.err.en, rows[i].says) == NULL || strstr(lab.err.zh, rows[i].says) == NULL)
            fail_msg("row %zu: %s", i, lab.err.en);
        json_decref(r);
    }
}

static void markup_in_a_name_is_printed_as_it_is(void **state)
{
    (void)state;
    LAY_WITH(LANDSCAPE, {"name", "<b>{{id}}**|"});
    assert_int_equal(run_of("<b>{{id}}**|")->count, 12);
}

static void rare_characters_take_the_face_that_has_them(void **state)
{
    const struct text_run *name, *rare;

    (void)state;
    LAY_WITH(LANDSCAPE, {"name", "吉田\xF0\xAA\x9B\x96"}); /* U+2A6D6 */
    name = run_of("吉田");
    rare = run_of("\xF0\xAA\x9B\x96");
    assert_ptr_not_equal(name->face, rare->face);
    near_mm(rare->x, run_end(name), "the next run follows");
    near_mm(rare->baseline, name->baseline, "on the same baseline");
}

static void a_qr_code_too_fine_to_print_is_refused(void **state)
{
    char *url = repeated("https://zs.example.cn/", 40);
    struct layout_order o = {.template = lab.certificate[LANDSCAPE],
                             .record = template_sample(lab.certificate[LANDSCAPE]),
                             .verify_url = url};

    (void)state;
    arena_reset(&lab.arena);
    assert_int_equal(layout_run(&lab.pages, &o, lab.fonts, &lab.arena, &lab.err), -1);
    free(url);
}

/* --- flowing text --- */

static struct template *flowing(const char *body, const char *sample)
{
    struct template *t = NULL;
    json_t *j = NULL;
    struct err e = {0};
    char *text = NULL;

    assert_int_equal(json_read(&j, slice_of(sample), JSON_MAX_BYTES, &e), 0);
    assert_true(asprintf(&text,
                         "---\ntitle: T\npage: A4\nmargins: 20 25 20 30\nfooter: 第 {{page}} 页 共 {{pages}} "
                         "页\nsealable: no\n---\n%s",
                         body) > 0);
    if (template_parse(&t, "flow", slice_of(text), j, lab.fonts, &e) != 0)
        fail_msg("%s", e.en);
    free(text);
    return t;
}

static bool opens_line(const struct text_run *r)
{
    uint32_t cp = r->glyphs[0].cp;

    return cp == 0xFF08 || cp == 0x300A || cp == 0x201C;
}

static void nothing_passes_the_margins(double left, double right, double bottom)
{
    for (size_t p = 0; p < lab.pages.count; p++) {
        for (size_t i = 0; i < lab.pages.list[p].count; i++) {
            const struct item *it = &lab.pages.list[p].items[i];
            const struct text_run *r = &it->u.text;

            if (it->kind != ITEM_TEXT || r->baseline > 280)
                continue;
            /* so may that of an opening one */
            assert_true(r->x >= left - (opens_line(r) ? r->size * PT_MM / 2 : 0) - 0.01);
            assert_true(r->baseline < bottom);
            /* the blank half of a closing mark may hang over */
            assert_true(run_end(r) <= right + r->size * PT_MM / 2 + 0.01);
        }
    }
}

static void five_thousand_characters_flow_over_pages_by_the_rules(void **state)
{
    static const char forbidden[] = "，。、；：）》」！？%·";
    char *text =
        repeated("职称评审工作，应当坚持“德才兼备”、公平公正的原则（见附件一）。GB/T 9704 规定：", 120);
    struct template *t = flowing("{{text}}\n", "{\"text\": \"x\"}");
    json_t *r = json_pack("{s:s}", "text", text);
    size_t lines = 0;

    (void)state;
    assert_int_equal(lay(t, r), 0);
    assert_true(lab.pages.count >= 4);
    nothing_passes_the_margins(30, 185, 277);
    for (size_t p = 0; p < lab.pages.count; p++) {
        for (size_t i = 0; i < lab.pages.list[p].count; i++) {
            const struct text_run *run = &lab.pages.list[p].items[i].u.text;
            char first[5] = "";

            if (fabs(run->x - 30) > 0.01)
                continue;
            lines++;
            first[utf8_put(first, run->glyphs[0].cp)] = '\0';
            if (strstr(forbidden, first) != NULL)
                fail_msg("a line begins with %s", first);
        }
    }
    assert_true(lines > 100);
    near_mm(run_of("第 1 页")->baseline, 282, "footer");
    assert_non_null(find_run("第 4 页 共 ", 0));
    json_decref(r);
    template_free(t);
    free(text);
}

static void no_line_begins_with_a_closing_mark_nor_ends_with_an_opening_one(void **state)
{
    static const char *const closing[] = {"，", "。", "、", "；", "：", "）", "》", "」", "』", "】",
                                          "〕", "！", "？", "%",  "·",  "”",  "…",  "ー", "々", "‰"};
    static const char *const opening[] = {"（", "《", "「", "『", "【", "〔", "“"};
    struct sheet s = {.fonts = lab.fonts, .arena = &lab.arena, .scratch = &lab.arena, .e = &lab.err};
    struct cell cells[3] = {{.cp = 0x6C49}, {.cp = 0}, {.cp = 0x5B57}};
    struct shaped text = {cells, 3};
    bool *may;

    (void)state;
    for (size_t i = 0; i < sizeof closing / sizeof closing[0]; i++) {
        size_t at = 0;

        assert_true(utf8_next(slice_of(closing[i]), &at, &cells[1].cp));
        assert_int_equal(breaks_find(&may, &s, &text), 0);
        if (may[1])
            fail_msg("a line may begin with %s", closing[i]);
    }
    for (size_t i = 0; i < sizeof opening / sizeof opening[0]; i++) {
        size_t at = 0;

        assert_true(utf8_next(slice_of(opening[i]), &at, &cells[1].cp));
        assert_int_equal(breaks_find(&may, &s, &text), 0);
        if (may[2] || !may[1])
            fail_msg("a line may end with %s", opening[i]);
    }
}

static void a_word_longer_than_its_line_is_broken_rather_than_cut(void **state)
{
    char *text = repeated("https://example.cn/", 40);
    struct template *t = flowing("{{text}}\n", "{\"text\": \"x\"}");
    json_t *r = json_pack("{s:s}", "text", text);
    size_t glyphs = 0;

    (void)state;
    assert_int_equal(lay(t, r), 0);
    nothing_passes_the_margins(30, 185, 277);
    for (size_t i = 0; i < lab.pages.list[0].count; i++)
        if (lab.pages.list[0].items[i].u.text.baseline < 280)
            glyphs += lab.pages.list[0].items[i].u.text.count;
    assert_int_equal(glyphs, strlen(text));
    json_decref(r);
    template_free(t);
    free(text);
}

static const char table[] =
    "<table widths=\"12 * 2*\">\n<head><tr><td>序号</td><td>年份</td><td>内容</td></tr></head>\n"
    "<tr each=\"rows\"><td align=\"center\">{{.n}}</td><td>{{.year}}</td><td>{{.what}}</td></tr>\n"
    "<tr><td colspan=\"3\">合计 {{rows | count}}</td></tr>\n</table>\n";

static json_t *rows_of(size_t count, const char *what)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(rows, json_pack("{s:i, s:s, s:s}", "n", (int)i + 1, "year", "2020",
                                                    "what", i % 3 == 0 ? what : "短"));
    return json_pack("{s:o}", "rows", rows);
}

static void a_table_grows_over_pages_and_repeats_its_head(void **state)
{
    char *what = repeated("参加虚构项目研究并取得成果，", 12);
    struct template *t = flowing(table, "{\"rows\": [{\"n\": 1, \"year\": \"2020\", \"what\": \"x\"}]}");
    json_t *r = rows_of(80, what);
    size_t heads = 0;

    (void)state;
    assert_int_equal(lay(t, r), 0);
    assert_true(lab.pages.count > 2);
    while (find_run("序号", heads) != NULL)
        heads++;
    assert_int_equal(heads, lab.pages.count);
    assert_non_null(find_run("合计 80", 0));
    nothing_passes_the_margins(30, 185, 277);
    json_decref(r);
    template_free(t);
    free(what);
}

static void a_cell_taller_than_a_page_goes_on_on_the_next(void **state)
{
    char *what = repeated("字", 9000);
    struct template *t = flowing(table, "{\"rows\": [{\"n\": 1, \"year\": \"2020\", \"what\": \"x\"}]}");
    json_t *r = rows_of(2, what);
    size_t found = 0;

    (void)state;
    assert_int_equal(lay(t, r), 0);
    assert_true(lab.pages.count > 3);
    nothing_passes_the_margins(30, 185, 277);
    for (size_t nth = 0; find_run("字", nth) != NULL; nth++)
        found += find_run("字", nth)->count;
    assert_int_equal(found, 9000);
    json_decref(r);
    template_free(t);
    free(what);
}

static void lists_headings_and_signature_lines_stand_below_each_other(void **state)
{
    struct template *t = flowing(
        "# 承诺书\n\n本人承诺：\n\n1. 甲\n2. 乙\n\n- 丙\n\n<sign label=\"签名：\" w=\"40\"/>\n", "{}");
    json_t *r = json_object();
    double y = 0;
    static const char *const order[] = {"承诺书", "本人承诺", "1.", "2.", "•", "签名："};

    (void)state;
    assert_int_equal(lay(t, r), 0);
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        assert_true(run_of(order[i])->baseline > y + 3);
        y = run_of(order[i])->baseline;
    }
    near_mm(run_of("本人承诺")->x, 30 + 24 * PT_MM, "first-line indent");
    near_mm(run_of("甲")->baseline, run_of("1.")->baseline, "an item beside its number");
    json_decref(r);
    template_free(t);
}

/* --- golden pictures in words --- */

static void golden_case(const char *source, const char *name, int which)
{
    struct buf tree = BUF_INIT(1 << 20), boxes = BUF_INIT(1 << 22);
    struct tree_node *root;
    json_t *record;
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/tests/golden/%s/data.json", source, name);
    assert_int_equal(json_read_file(&record, path, JSON_MAX_BYTES, &lab.err), 0);
    if (lay(lab.certificate[which], record) != 0)
        fail_msg("%s: %s", path, lab.err.en);
    boxes_dump(&boxes, &lab.pages);
    assert_int_equal(
        tree_bind(&root, lab.certificate[which], &(struct binding){.record = record}, &lab.arena, &lab.err),
        0);
    tree_dump(&tree, root);
    (void)snprintf(path, sizeof path, "%s/tests/golden/%s/%s.tree.txt", source, name, names[which]);
    golden_compare(path, &tree);
    (void)snprintf(path, sizeof path, "%s/tests/golden/%s/%s.boxes.txt", source, name, names[which]);
    golden_compare(path, &boxes);
    json_decref(record);
    buf_dispose(&tree);
    buf_dispose(&boxes);
}

static void golden_cases_give_the_same_tree_and_boxes(void **state)
{
    static const char *const cases[] = {"plain",        "long-values",     "replacement",
                                        "no-committee", "rare-characters", "minimal"};
    const char *source = getenv("SEALPRESS_SOURCE");

    (void)state;
    assert_non_null(source);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int which = 0; which < 2; which++)
            golden_case(source, cases[i], which);
}

/* --- any record at all --- */

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13; /* xorshift32 */
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static json_t *random_record(uint32_t *seed)
{
    static const char *const pieces[] = {
        "测", "·",        "（", "）", "A", "7", "，", " ", "|", "{{", "}}", "<", "\xF0\xA0\xAE\xB7",
        "龙", "二〇二六", "\\", "%",  "。"};
    json_t *r = json_deep_copy(template_sample(lab.certificate[0])), *value;
    const char *key;
    void *tmp;

    json_object_foreach_safe(r, tmp, key, value)
    {
        struct buf b = BUF_INIT(100000);
        uint32_t n = next_random(seed) % (next_random(seed) % 16 == 0 ? 100 : 8);

        if (next_random(seed) % 3 != 0 || !json_is_string(value) || strstr(key, "date") != NULL)
            continue;
        if (next_random(seed) % 20 == 0)
            buf_append_text(&b, "\n");
        for (uint32_t i = 0; i < n; i++)
            buf_append_text(&b, pieces[next_random(seed) % (sizeof pieces / sizeof pieces[0])]);
        (void)json_object_set_new(r, key, json_string(buf_text(&b)));
        buf_dispose(&b);
    }
    return r;
}

static void whatever_a_record_says_it_is_set_inside_the_frame_or_refused(void **state)
{
    uint32_t seed = 2026;
    size_t set = 0;

    (void)state;
    for (int i = 0; i < 300; i++) {
        int which = i & 1;
        json_t *r = random_record(&seed);
        double w = which == LANDSCAPE ? 297 : 210;

        if (lay(lab.certificate[which], r) == 0) {
            set++;
            for (size_t k = 0; k < lab.pages.list[0].count; k++) {
                const struct item *it = &lab.pages.list[0].items[k];

                if (it->kind == ITEM_TEXT &&
                    (it->u.text.x < 17.8 || run_end(&it->u.text) > w - 17.8 || it->u.text.count == 0))
                    fail_msg("record %d: a run from %.1f to %.1f", i, it->u.text.x, run_end(&it->u.text));
            }
            assert_int_equal(lab.pages.count, 1);
        } else {
            assert_int_equal(lab.err.code, ERR_INVALID);
            assert_true(lab.err.field[0] == '/');
        }
        json_decref(r);
    }
    assert_true(set > 100);
}

static void the_usage_names_fixed_wording_face_by_face(void **state)
{
    const struct face_usage *list;
    const struct face *kai = fonts_lookup(lab.fonts, "kai", false);
    bool found = false;
    size_t count;

    (void)state;
    arena_reset(&lab.arena);
    assert_int_equal(layout_usage(&list, &count, lab.certificate[0], lab.fonts, &lab.arena, &lab.err), 0);
    assert_true(count >= 4);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < list[i].count; k++)
            found = found || (list[i].face == kai && list[i].cps[k] == 0x6301); /* 持 of the statement */
    assert_true(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_landscape_certificate_stands_where_it_was_drawn),
        cmocka_unit_test(the_portrait_certificate_stands_where_it_was_drawn),
        cmocka_unit_test(labels_colons_and_values_stand_on_three_vertical_lines),
        cmocka_unit_test(another_document_than_the_identity_card_is_a_document_number),
        cmocka_unit_test(empty_values_drop_their_cells_and_the_pitch_stays),
        cmocka_unit_test(without_a_committee_its_block_is_absent_and_the_issuer_stays),
        cmocka_unit_test(only_offices_that_will_seal_get_a_field),
        cmocka_unit_test(a_specimen_says_so_across_the_page_and_above_everything),
        cmocka_unit_test(a_replacement_remarks_on_one_line_or_breaks_at_its_soft_break),
        cmocka_unit_test(a_long_name_breaks_after_the_dot_that_balances_it),
        cmocka_unit_test(a_name_of_many_parts_never_breaks_inside_one),
        cmocka_unit_test(when_all_is_too_much_the_longest_is_named),
        cmocka_unit_test(long_values_shrink_then_wrap_as_drawn),
        cmocka_unit_test(a_long_specialty_takes_the_whole_width_and_the_year_moves),
        cmocka_unit_test(everything_at_its_longest_still_fits),
        cmocka_unit_test(a_title_of_five_thousand_characters_is_refused_with_its_length),
        cmocka_unit_test(numbers_shrink_then_wrap_and_in_portrait_move_up),
        cmocka_unit_test(office_names_break_at_their_soft_break_else_in_half),
        cmocka_unit_test(another_provinces_title_gets_smaller_then_closer),
        cmocka_unit_test(characters_that_cannot_be_printed_are_refused_by_name),
        cmocka_unit_test(markup_in_a_name_is_printed_as_it_is),
        cmocka_unit_test(rare_characters_take_the_face_that_has_them),
        cmocka_unit_test(a_qr_code_too_fine_to_print_is_refused),
        cmocka_unit_test(five_thousand_characters_flow_over_pages_by_the_rules),
        cmocka_unit_test(no_line_begins_with_a_closing_mark_nor_ends_with_an_opening_one),
        cmocka_unit_test(a_word_longer_than_its_line_is_broken_rather_than_cut),
        cmocka_unit_test(a_table_grows_over_pages_and_repeats_its_head),
        cmocka_unit_test(a_cell_taller_than_a_page_goes_on_on_the_next),
        cmocka_unit_test(lists_headings_and_signature_lines_stand_below_each_other),
        cmocka_unit_test(golden_cases_give_the_same_tree_and_boxes),
        cmocka_unit_test(whatever_a_record_says_it_is_set_inside_the_frame_or_refused),
        cmocka_unit_test(the_usage_names_fixed_wording_face_by_face),
    };

    return cmocka_run_group_tests(tests, open_lab, close_lab);
}
