/* seal_draw_test.c - the measures of a drawn seal, its wording, and that artwork reads it. */
#include "seal/seal_internal.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char SHORT_NAME[] = "测试市虚构局", OFFICE[] = "安徽省虚构人力资源和社会保障厅",
                  LONGEST[] = "安徽省虚构农业资源环境与生态保护修复工程系列正高级职称评审委员会测试";

static int open_fonts(void **state)
{
    struct fonts *fonts;
    struct err e;
    char dir[4096];

    (void)snprintf(dir, sizeof dir, "%s/fonts", getenv("SEALPRESS_SHARE"));
    if (fonts_open(&fonts, dir, &e) != 0) {
        print_error("%s\n", e.en);
        return -1;
    }
    *state = fonts;
    return 0;
}

static int close_fonts(void **state)
{
    fonts_close(*state);
    return 0;
}

static void the_measures_of_common_names_hold(void **state)
{
    static const struct {
        size_t count;
        double diameter, span, step, height, width;
    } rows[] = {{15, 45, 261.8, 18.70, 7.2, 4.09},
                {16, 42, 262, 17.47, 6.6, 3.64},
                {32, 42, 292, 9.42, 4.5, 2.30},
                {6, 42, 120, 24.0, 6.6, 4.88}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct seal_geometry g;

        seal_geometry(&g, rows[i].diameter, rows[i].count, 0);
        assert_float_equal(g.span, rows[i].span, 0.005);
        assert_float_equal(g.step, rows[i].step, 0.005);
        assert_float_equal(g.char_height, rows[i].height, 0.005);
        assert_float_equal(g.char_width, rows[i].width, 0.005);
    }
}

static void the_sizes_in_use_have_their_own_ring_star_and_gap(void **state)
{
    static const struct {
        double diameter, ring, star, gap;
    } rows[] = {{30, 1.0, 10, 0.6}, {38, 1.0, 12, 0.8},   {40, 1.2, 13, 0.9},
                {42, 1.2, 13, 1.0}, {45, 1.4, 14.5, 1.1}, {34, 1.0, 11, 0.7}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct seal_geometry g;

        seal_geometry(&g, rows[i].diameter, 10, 0);
        assert_float_equal(g.ring, rows[i].ring, 1e-6);
        assert_float_equal(g.star, rows[i].star, 1e-6);
        assert_float_equal(g.gap, rows[i].gap, 1e-6);
    }
}

/* The distance from the origin to the nearest corner of a w by h box whose middle is at (x, y). */
static double nearest(double x, double y, double w, double h)
{
    double dx = fmax(0, fabs(x) - w / 2), dy = fmax(0, fabs(y) - h / 2);

    return hypot(dx, dy);
}

static void nothing_touches_at_any_size_and_length(void **state)
{
    (void)state;
    for (double d = 30; d <= 50; d += 0.5)
        for (size_t n = SEAL_ARC_LEAST; n <= SEAL_ARC_MOST; n++)
            for (size_t m = 0; m <= SEAL_LINE_MOST; m++) {
                struct seal_geometry g;
                double foot, end, line_half;

                seal_geometry(&g, d, n, m);
                foot = g.radius - g.char_height / 2;
                /* Characters side by side, not overlapping at their feet, no thinner than half their height.
                 */
                assert_true(g.char_width <= g.step * M_PI / 180 * foot);
                assert_true(g.char_width >= 0.5 * g.char_height - 1e-9);
                assert_true(g.span < 360 - g.step);
                /* Clear of ring and star. */
                assert_true(hypot(g.radius + g.char_height / 2, g.char_width / 2) < d / 2 - g.ring);
                assert_true(foot > g.star / 2 + 0.5);
                assert_true(g.line_drop - g.line_height / 2 > g.star / 2 * 0.81);
                assert_true(hypot(g.line_cell * (double)m / 2, g.line_drop + g.line_height / 2) <
                            d / 2 - g.ring);
                /* The line lies between the last characters: seen upright from the right end of the arc. */
                end = g.span / 2 * M_PI / 180;
                line_half = g.line_cell * (double)m / 2 - (g.line_cell - g.line_char_width) / 2;
                if (m > 0) {
                    double x = line_half, y = g.line_drop - g.line_height / 2; /* its upper right corner */
                    double along = x * cos(end) + y * sin(end), up = x * sin(end) - y * cos(end) - g.radius;

                    assert_true(nearest(along, up, g.char_width, g.char_height) > 0);
                }
            }
}

static void a_name_loses_its_test_mark_only_at_the_end(void **state)
{
    static const struct {
        const char *owner, *arc;
        bool marked;
    } rows[] = {{"虚构厅（测试）", "虚构厅", true},
                {"虚构厅(测试)", "虚构厅", true},
                {"虚构（测试）厅", "虚构（测试）厅", false},
                {"（测试）", "（测试）", false},
                {"测试厅", "测试厅", false},
                {"", "", false}};
    char arc[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(seal_name_arc(arc, sizeof arc, rows[i].owner), rows[i].marked);
        assert_string_equal(arc, rows[i].arc);
    }
    assert_false(seal_name_arc(arc, 6, "虚构厅"));
    assert_string_equal(arc, "虚");
}

/* How many characters (paths) the picture has; -1 when it was refused. */
static int drawn(struct fonts *fonts, const char *arc, const char *line, bool test)
{
    struct seal_drawing d = {arc, line, 42, "#E60012", test};
    struct buf svg = BUF_INIT(SEAL_MAX_PICTURE);
    struct err e = {0};
    int count = seal_draw(&svg, &d, fonts, &e) == 0 ? 0 : -1;

    if (count == 0)
        for (const char *at = buf_text(&svg); (at = strstr(at, "<path")) != NULL; at++)
            count++;
    buf_dispose(&svg);
    return count;
}

static void a_test_seal_always_shows_that_it_is_one(void **state)
{
    struct fonts *fonts = *state;

    assert_int_equal(drawn(fonts, OFFICE, NULL, false), 15);
    assert_int_equal(drawn(fonts, OFFICE, NULL, true), 15 + 2);
    assert_int_equal(drawn(fonts, OFFICE, "", true), 15 + 2);
    assert_int_equal(drawn(fonts, OFFICE, "测试", true), 15 + 2);
    assert_int_equal(drawn(fonts, OFFICE, "职称专用章", true), 15 + 4 + 5);
    assert_int_equal(drawn(fonts, OFFICE, "职称专用章", false), 15 + 5);
    assert_int_equal(drawn(fonts, SHORT_NAME, NULL, true), 6);
    assert_int_equal(
        drawn(fonts, "安徽省虚构农业资源环境与生态保护修复工程系列正高级职称评审委员会", "专用章", true), -1);
}

static void assert_refused(struct fonts *fonts, const struct seal_drawing *d, const char *word)
{
    struct buf svg = BUF_INIT(SEAL_MAX_PICTURE);
    struct err e = {0};

    assert_int_equal(seal_draw(&svg, d, fonts, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    if (strstr(e.en, word) == NULL || strstr(e.zh, word) == NULL)
        fail_msg("%s / %s should say %s", e.en, e.zh, word);
    buf_dispose(&svg);
}

static void what_no_seal_can_hold_is_refused_with_its_reason(void **state)
{
    static const char red[] = "#E60012";
    static const struct {
        struct seal_drawing d;
        const char *word;
    } rows[] = {
        {{"虚构测试局", NULL, 42, red, false}, "5"},
        {{"安徽省虚构农业资源环境与生态保护修复工程系列正高级职称评审委员会测试厅", NULL, 42, red, false},
         "35"},
        {{SHORT_NAME, "一二三四五六七八九", 42, red, false}, "9"},
        {{SHORT_NAME, NULL, 29.9, red, false}, "29.9"},
        {{SHORT_NAME, NULL, 50.1, red, false}, "50.1"},
        {{SHORT_NAME, NULL, NAN, red, false}, "nan"},
        {{SHORT_NAME, NULL, 42, "red", false}, "#E60012"},
        {{SHORT_NAME, NULL, 42, "#E6001\"", false}, "#E60012"},
        {{SHORT_NAME, NULL, 42, NULL, false}, "#E60012"},
        {{"测试市 虚构局", NULL, 42, red, false}, "U+0020"},
        {{"测试市　虚构局", NULL, 42, red, false}, "U+3000"},
        {{"测试市\xEE\x80\x80虚构局", NULL, 42, red, false}, "U+E000"},
        {{"测试市\xF4\x8F\xBF\xBD虚构局", NULL, 42, red, false}, "U+10FFFD"},
        {{"测试市\xFF虚构局", NULL, 42, red, false}, "UTF-8"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(*state, &rows[i].d, rows[i].word);
}

static void every_length_and_size_is_drawn_and_read_as_artwork(void **state)
{
    static const double sizes[] = {30, 38, 40, 42, 45, 50};

    for (size_t n = SEAL_ARC_LEAST; n <= SEAL_ARC_MOST; n += 4)
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            char arc[SEAL_ARC_MOST * 3 + 1];
            struct seal_drawing d = {arc, "测试", sizes[k], "#ff0000", true};
            struct buf svg = BUF_INIT(SEAL_MAX_PICTURE);
            struct artwork *a = NULL;
            struct err e;

            memcpy(arc, LONGEST, 3 * n);
            arc[3 * n] = '\0';
            if (seal_draw(&svg, &d, *state, &e) != 0 || artwork_read(&a, buf_view(&svg), "seal.svg", &e) != 0)
                fail_msg("%s", e.en);
            assert_float_equal(artwork_width(a), sizes[k] * 72 / 25.4, 1e-6);
            assert_float_equal(artwork_height(a), sizes[k] * 72 / 25.4, 1e-6);
            assert_int_equal(artwork_form(a, 0)->alpha_count, 0);
            artwork_free(a);
            buf_dispose(&svg);
        }
}

static void names_beyond_the_bmp_and_markup_are_drawn_as_characters(void **state)
{
    struct seal_drawing d = {"虚构<&>𬍛堃局", NULL, 42, "#E60012", false};
    struct buf svg = BUF_INIT(SEAL_MAX_PICTURE);
    struct artwork *a = NULL;
    struct err e;

    if (seal_draw(&svg, &d, *state, &e) != 0 || artwork_read(&a, buf_view(&svg), "seal.svg", &e) != 0)
        fail_msg("%s", e.en);
    artwork_free(a);
    buf_dispose(&svg);
}

static void the_same_seal_is_drawn_with_the_same_bytes(void **state)
{
    struct seal_drawing d = {OFFICE, "测试", 45, "#E60012", true};
    struct buf a = BUF_INIT(SEAL_MAX_PICTURE), b = BUF_INIT(SEAL_MAX_PICTURE);
    struct err e;

    assert_int_equal(seal_draw(&a, &d, *state, &e), 0);
    assert_int_equal(seal_draw(&b, &d, *state, &e), 0);
    assert_true(slice_equal(buf_view(&a), buf_view(&b)));
    buf_dispose(&a);
    buf_dispose(&b);
}

/* The transform of the n-th character. */
static void character_matrix(struct buf *svg, size_t n, double m[6])
{
    const char *at = buf_text(svg);

    for (size_t i = 0; i <= n; i++) {
        at = strstr(at, "matrix(");
        assert_non_null(at);
        at += strlen("matrix(");
    }
    assert_int_equal(sscanf(at, "%lf %lf %lf %lf %lf %lf", &m[0], &m[1], &m[2], &m[3], &m[4], &m[5]), 6);
}

static void characters_stand_on_the_circle_symmetric_and_upright_along_the_radius(void **state)
{
    struct seal_drawing d = {OFFICE, NULL, 45, "#E60012", false};
    struct buf svg = BUF_INIT(SEAL_MAX_PICTURE);
    struct seal_geometry g;
    struct err e;

    seal_geometry(&g, 45, 15, 0);
    assert_int_equal(seal_draw(&svg, &d, *state, &e), 0);
    for (size_t i = 0; i < 15; i++) {
        double m[6], angle = (-g.span / 2 + (double)i * g.step) * M_PI / 180, x, y;

        character_matrix(&svg, i, m);
        x = m[0] * 500 + m[2] * -380 + m[4]; /* the middle of the ideographic box */
        y = m[1] * 500 + m[3] * -380 + m[5];
        assert_float_equal(x, 22.5 + g.radius * sin(angle), 2e-3);
        assert_float_equal(y, 22.5 - g.radius * cos(angle), 2e-3);
        assert_float_equal(hypot(m[0], m[1]), 1.08 * g.char_width / 1000, 2e-6);
        assert_float_equal(hypot(m[2], m[3]), 1.08 * g.char_height / 1000, 2e-6);
        assert_float_equal(atan2(m[1], m[0]), angle, 1e-3);
        assert_true(m[0] * m[3] - m[1] * m[2] > 0); /* not mirrored */
    }
    buf_dispose(&svg);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_measures_of_common_names_hold),
        cmocka_unit_test(the_sizes_in_use_have_their_own_ring_star_and_gap),
        cmocka_unit_test(nothing_touches_at_any_size_and_length),
        cmocka_unit_test(a_name_loses_its_test_mark_only_at_the_end),
        cmocka_unit_test(a_test_seal_always_shows_that_it_is_one),
        cmocka_unit_test(what_no_seal_can_hold_is_refused_with_its_reason),
        cmocka_unit_test(every_length_and_size_is_drawn_and_read_as_artwork),
        cmocka_unit_test(names_beyond_the_bmp_and_markup_are_drawn_as_characters),
        cmocka_unit_test(the_same_seal_is_drawn_with_the_same_bytes),
        cmocka_unit_test(characters_stand_on_the_circle_symmetric_and_upright_along_the_radius),
    };

    return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
