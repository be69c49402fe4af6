/* artwork_test.c - SVG in, operators out; and everything that is not of the subset is refused with its line.
 */
#include "artwork/artwork.h"
#include "base/file.h"
#include <libdeflate.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One user unit is one point, y downwards. */
#define HEAD                                                                                                 \
    "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "                \
    "width=\"72pt\" height=\"72pt\" viewBox=\"0 0 72 72\">\n"
#define PAGE "1 0 0 -1 0 72 cm\n"

static int read_text(struct artwork **out, const char *svg, struct err *e)
{
    return artwork_read(out, slice_of(svg), "test.svg", e);
}

static int read_body(struct artwork **out, const char *body, struct err *e)
{
    struct buf svg = BUF_INIT(16 * 1024 * 1024);
    int rc;

    buf_append_text(&svg, HEAD);
    buf_append_text(&svg, body);
    buf_append_text(&svg, "\n</svg>");
    assert_true(buf_ok(&svg));
    rc = artwork_read(out, buf_view(&svg), "test.svg", e);
    buf_dispose(&svg);
    return rc;
}

static struct artwork *good(const char *body)
{
    struct artwork *a;
    struct err e = {0};

    if (read_body(&a, body, &e) != 0)
        fail_msg("%s: %s", body, e.en);
    return a;
}

static void assert_content(const struct artwork *a, size_t form, const char *expected)
{
    struct slice s = artwork_form(a, form)->content;

    if (!slice_equal(s, slice_of(expected)))
        fail_msg("form %zu is:\n%.*s\nbut should be:\n%s", form, (int)s.len, (const char *)s.ptr, expected);
}

static void assert_draws(const char *body, const char *expected)
{
    struct artwork *a = good(body);
    char text[2048];

    (void)snprintf(text, sizeof text, PAGE "%s", expected);
    assert_content(a, 0, text);
    artwork_free(a);
}

/* Refused, at this line, and both texts name the words. */
static void assert_refused(const char *body, long line, const char *word)
{
    struct artwork *a;
    struct err e = {0};
    char where_en[40], where_zh[40];

    if (read_body(&a, body, &e) == 0)
        fail_msg("accepted: %.200s", body);
    assert_null(a);
    (void)snprintf(where_en, sizeof where_en, "test.svg, line %ld", line);
    (void)snprintf(where_zh, sizeof where_zh, "test.svg 第 %ld 行", line);
    if (strstr(e.en, where_en) == NULL || strstr(e.zh, where_zh) == NULL || strstr(e.en, word) == NULL ||
        strstr(e.zh, word) == NULL)
        fail_msg("%.200s\n%s\n%s\nshould name line %ld and %s", body, e.en, e.zh, line, word);
}

static void path_commands_become_absolute_lines_and_curves(void **state)
{
    static const struct {
        const char *d, *operators;
    } rows[] = {
        {"M1 2L3 4z", "1 2 m\n3 4 l\nh\n"},
        {"m1,2l3,4Z", "1 2 m\n4 6 l\nh\n"},
        {"M1 2 3 4 5 6", "1 2 m\n3 4 l\n5 6 l\n"},
        {"m1 2 3 4 5 6", "1 2 m\n4 6 l\n9 12 l\n"},
        {"M1 2H7v1h-1V9", "1 2 m\n7 2 l\n7 3 l\n6 3 l\n6 9 l\n"},
        {"M0 0C1 2 3 4 5 6c1 2 3 4 5 6", "0 0 m\n1 2 3 4 5 6 c\n6 8 8 10 10 12 c\n"},
        {"M0 0C1 2 3 4 5 6S9 9 10 10", "0 0 m\n1 2 3 4 5 6 c\n7 8 9 9 10 10 c\n"},
        {"M2 3S9 9 10 10", "2 3 m\n2 3 9 9 10 10 c\n"},
        {"M0 0Q3 3 6 0", "0 0 m\n2 2 4 2 6 0 c\n"},
        {"M0 0Q3 3 6 0T12 0", "0 0 m\n2 2 4 2 6 0 c\n8 -2 10 -2 12 0 c\n"},
        {"M0 0q3 3 6 0t6 0", "0 0 m\n2 2 4 2 6 0 c\n8 -2 10 -2 12 0 c\n"},
        {"M1 1L2 2zL5 5", "1 1 m\n2 2 l\nh\n1 1 m\n5 5 l\n"},
        {"M1e1 1E-1L.5.5-1-.25", "10 0.1 m\n0.5 0.5 l\n-1 -0.25 l\n"},
        {"M1 1A0 5 0 0 1 9 9", "1 1 m\n9 9 l\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[200], expected[400];

        (void)snprintf(body, sizeof body, "<path d=\"%s\"/>", rows[i].d);
        (void)snprintf(expected, sizeof expected, "0 0 0 rg\n%sf\n", rows[i].operators);
        assert_draws(body, expected);
    }
    assert_refused("<path d=\"M1-2.5.5H7\"/>", 2, "H7");
}

/* Ends of the curves of the last form's content, read back. */
static size_t curve_points(const struct artwork *a, double points[][6], size_t max)
{
    struct slice s = artwork_form(a, 0)->content;
    char *text = strndup((const char *)s.ptr, s.len), *save = NULL;
    size_t count = 0;

    assert_non_null(text);
    for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
        double v[6];

        if (sscanf(line, "%lf %lf %lf %lf %lf %lf c", &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]) == 6 &&
            line[strlen(line) - 1] == 'c' && count < max)
            memcpy(points[count++], v, sizeof v);
    }
    free(text);
    return count;
}

static void every_point_of_an_arc_lies_on_its_ellipse(void **state)
{
    struct artwork *a = good("<path d=\"M10 36a26 26 0 1 1 52 0a26 26 0 1 152 0\"/>");
    double c[16][6], x0 = 10, y0 = 36;
    size_t n = curve_points(a, c, 16);

    (void)state;
    assert_int_equal(n, 4);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k <= 10; k++) {
            double t = k / 10.0, u = 1 - t, w[4] = {u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t};
            double x = w[0] * x0 + w[1] * c[i][0] + w[2] * c[i][2] + w[3] * c[i][4];
            double y = w[0] * y0 + w[1] * c[i][1] + w[2] * c[i][3] + w[3] * c[i][5];
            double center = i < 2 ? 36 : 88;

            assert_float_equal(hypot(x - center, y - 36), 26, 0.03);
            assert_true(i >= 2 || y < 36.01); /* sweep 1 goes over the top, as y points down */
        }
        x0 = c[i][4];
        y0 = c[i][5];
    }
    assert_float_equal(x0, 114, 1e-9);
    artwork_free(a);
}

static void the_four_arcs_between_two_points_are_told_apart_by_their_flags(void **state)
{
    static const struct {
        const char *flags;
        double extreme_y; /* the point of the arc that is farthest from the chord */
    } rows[] = {{"0 0", 40.0}, {"0 1", 32.0}, {"1 0", 52.0}, {"1 1", 20.0}};

    (void)state;
    /* Chord from 28 to 44 at y 36, radius 10: the centre is 6 off the chord. */
    for (size_t i = 0; i < 4; i++) {
        char body[120];
        struct artwork *a;
        double c[8][6], y0 = 36, far = 36;
        size_t n;

        (void)snprintf(body, sizeof body, "<path d=\"M28 36A10 10 0 %s 44 36\"/>", rows[i].flags);
        a = good(body);
        n = curve_points(a, c, 8);
        for (size_t k = 0; k < n; y0 = c[k++][5])
            for (int s = 0; s <= 100; s++) {
                double t = s / 100.0, u = 1 - t;
                double y =
                    u * u * u * y0 + 3 * u * u * t * c[k][1] + 3 * u * t * t * c[k][3] + t * t * t * c[k][5];

                if (fabs(y - 36) > fabs(far - 36))
                    far = y;
            }
        assert_float_equal(far, rows[i].extreme_y, 0.02);
        artwork_free(a);
    }
}

static void basic_shapes_are_drawn(void **state)
{
    (void)state;
    assert_draws("<rect x=\"1\" y=\"2\" width=\"3\" height=\"4\"/>", "0 0 0 rg\n1 2 3 4 re\nf\n");
    assert_draws("<rect width=\"0\" height=\"4\"/>", "");
    assert_draws(
        "<line x1=\"1\" y1=\"2\" x2=\"3\" y2=\"4\" fill=\"none\" stroke=\"#000\" stroke-width=\".5\"/>",
        "0 0 0 RG\n0.5 w\n0 J\n0 j\n4 M\n[] 0 d\n1 2 m\n3 4 l\nS\n");
    assert_draws("<polygon points=\"0,0 4,0 4 4\"/>", "0 0 0 rg\n0 0 m\n4 0 l\n4 4 l\nh\nf\n");
    assert_draws("<polyline points=\"0,0 4,0 4 4\"/>", "0 0 0 rg\n0 0 m\n4 0 l\n4 4 l\nf\n");
    assert_draws("<circle cx=\"10\" cy=\"10\" r=\"10\"/>",
                 "0 0 0 rg\n20 10 m\n20 15.523 15.523 20 10 20 c\n4.477 20 0 15.523 0 10 c\n"
                 "0 4.477 4.477 0 10 0 c\n15.523 0 20 4.477 20 10 c\nh\nf\n");
    assert_draws("<rect width=\"10\" height=\"10\" rx=\"20\"/>",
                 "0 0 0 rg\n5 0 m\n5 0 l\n7.761 0 10 2.239 10 5 c\n10 5 l\n10 7.761 7.761 10 5 10 c\n5 10 l\n"
                 "2.239 10 0 7.761 0 5 c\n0 5 l\n0 2.239 2.239 0 5 0 c\nh\nf\n");
}

static void colours_are_read_in_every_spelling(void **state)
{
    static const struct {
        const char *fill, *operators;
    } rows[] = {{"#E60012", "0.902 0 0.071 rg\n"},  {"#f00", "1 0 0 rg\n"},
                {"rgb(255, 0,51)", "1 0 0.2 rg\n"}, {"rgb(100%,0%,20%)", "1 0 0.2 rg\n"},
                {"navy", "0 0 0.502 rg\n"},         {"White", "1 1 1 rg\n"},
                {"currentColor", "0 0.502 0 rg\n"}};
    static const char *const bad[] = {"#12345",  "#ggg",          "rgb(1,2)",      "rgb(256,0,0)",
                                      "url(#a)", "rebeccapurple", "rgba(0,0,0,1)", "#fff icc-color(x)",
                                      ""};
    char body[200], expected[100];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(body, sizeof body, "<g color=\"green\"><path d=\"M0 0h1\" fill=\"%s\"/></g>",
                       rows[i].fill);
        (void)snprintf(expected, sizeof expected, "%s0 0 m\n1 0 l\nf\n", rows[i].operators);
        assert_draws(body, expected);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(body, sizeof body, "\n<path d=\"M0 0h1\" fill=\"%s\"/>", bad[i]);
        assert_refused(body, 3, "fill");
    }
}

static void properties_are_inherited_and_style_wins(void **state)
{
    (void)state;
    assert_draws("<g fill=\"red\" stroke=\"blue\" stroke-width=\"2\" stroke-linejoin=\"round\">"
                 "<path d=\"M0 0h1\" fill=\"lime\" style=\"fill:none; stroke-width : 3 ;;\"/>"
                 "<path d=\"M0 0h2\" stroke=\"none\"/></g><path d=\"M0 0h3\"/>",
                 "0 0 1 RG\n3 w\n0 J\n1 j\n[] 0 d\n0 0 m\n1 0 l\nS\n"
                 "1 0 0 rg\n0 0 m\n2 0 l\nf\n0 0 0 rg\n0 0 m\n3 0 l\nf\n");
}

static void a_line_without_width_is_not_drawn_although_pdf_would_draw_its_thinnest(void **state)
{
    (void)state;
    assert_draws("<path d=\"M0 0h1\" fill=\"none\" stroke=\"red\" stroke-width=\"0\"/>", "");
}

static void the_graphics_state_is_set_only_when_it_changes_and_again_after_q_q(void **state)
{
    (void)state;
    assert_draws(
        "<g transform=\"translate(5)\"><path d=\"M0 0h1\"/><path d=\"M0 0h2\"/></g><path d=\"M0 0h3\"/>",
        "q\n1 0 0 1 5 0 cm\n0 0 0 rg\n0 0 m\n1 0 l\nf\n0 0 m\n2 0 l\nf\nQ\n0 0 0 rg\n0 0 m\n3 0 l\nf\n");
}

static void transforms_are_applied_from_right_to_left(void **state)
{
    static const struct {
        const char *transform, *matrix;
    } rows[] = {{"translate(3,4)", "1 0 0 1 3 4"},
                {"scale(2)", "2 0 0 2 0 0"},
                {"scale(2 -3)", "2 0 0 -3 0 0"},
                {"rotate(90)", "0 1 -1 0 0 0"},
                {"rotate(90 10 20)", "0 1 -1 0 30 10"},
                {"skewX(45)", "1 0 1 1 0 0"},
                {"skewY(45)", "1 1 0 1 0 0"},
                {"matrix(1 2 3 4 5 6)", "1 2 3 4 5 6"},
                {"translate(10 0) scale(2)", "2 0 0 2 10 0"},
                {"scale(2), translate(10 0)", "2 0 0 2 20 0"}};
    static const char *const bad[] = {"translate()", "rotate(1 2)",    "scale(a)",      "matrix(1 2 3 4 5)",
                                      "rotate(90",   "perspective(3)", "translate(1e9)"};
    char body[200], expected[200];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(body, sizeof body, "<path transform=\"%s\" d=\"M0 0h1\"/>", rows[i].transform);
        (void)snprintf(expected, sizeof expected, "q\n%s cm\n0 0 0 rg\n0 0 m\n1 0 l\nf\nQ\n", rows[i].matrix);
        assert_draws(body, expected);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(body, sizeof body, "<path transform=\"%s\" d=\"M0 0h1\"/>", bad[i]);
        assert_refused(body, 2, "transform");
    }
}

static void the_page_is_points_with_y_upwards_whatever_the_units(void **state)
{
    static const struct {
        const char *head, *cm;
        double width, height;
    } rows[] = {
        {"width=\"25.4mm\" height=\"50.8mm\" viewBox=\"0 0 25.4 50.8\"", "2.834646 0 0 -2.834646 0 144 cm\n",
         72, 144},
        {"width=\"2.54cm\" height=\"1in\"", "0.75 0 0 -0.75 0 72 cm\n", 72, 72},
        {"width=\"96\" height=\"96px\" viewBox=\"10 10 96 96\"", "0.75 0 0 -0.75 -7.5 79.5 cm\n", 72, 72},
        /* kept in proportion, in the middle */
        {"width=\"144pt\" height=\"72pt\" viewBox=\"0 0 1 1\"", "72 0 0 -72 36 72 cm\n", 144, 72},
        {"width=\"144pt\" height=\"72pt\" viewBox=\"0 0 1 1\" preserveAspectRatio=\"none\"",
         "144 0 0 -72 0 72 cm\n", 144, 72}};
    static const char *const bad[] = {
        "",
        "width=\"10mm\"",
        "width=\"100%\" height=\"10\"",
        "width=\"0\" height=\"1\"",
        "width=\"9999mm\" height=\"1\"",
        "width=\"-1\" height=\"1\"",
        "width=\"1\" height=\"1\" viewBox=\"0 0 0 1\"",
        "width=\"1\" height=\"1\" viewBox=\"0 0 nan 1\"",
        "width=\"1\" height=\"1\" viewBox=\"0 0 1 1\" preserveAspectRatio=\"xMinYMin\""};
    struct artwork *a;
    struct err e;
    char svg[300];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(svg, sizeof svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" %s/>", rows[i].head);
        assert_int_equal(read_text(&a, svg, &e), 0);
        assert_content(a, 0, rows[i].cm);
        assert_float_equal(artwork_width(a), rows[i].width, 1e-6);
        assert_float_equal(artwork_height(a), rows[i].height, 1e-6);
        assert_float_equal(artwork_form(a, 0)->bbox[2], rows[i].width, 1e-6);
        artwork_free(a);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        (void)snprintf(svg, sizeof svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" %s/>", bad[i]);
        assert_int_equal(read_text(&a, svg, &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
    }
}

static void the_target_of_several_uses_is_one_form(void **state)
{
    struct artwork *a = good("<defs><path id=\"p\" d=\"M0 0h1v1\"/></defs><use href=\"#p\" x=\"5\"/>"
                             "<use xlink:href=\"#p\" transform=\"scale(2)\" y=\"3\"/>");
    const struct artwork_form *root = artwork_form(a, 0);

    (void)state;
    assert_int_equal(artwork_form_count(a), 2);
    assert_content(a, 0, PAGE "q\n1 0 0 1 5 0 cm\n/F1 Do\nQ\nq\n2 0 0 2 0 0 cm\n1 0 0 1 0 3 cm\n/F1 Do\nQ\n");
    assert_content(a, 1, "0 0 0 rg\n0 0 m\n1 0 l\n1 1 l\nf\n");
    assert_int_equal(root->use_count, 1);
    assert_int_equal(root->uses[0], 1);
    artwork_free(a);
}

static void uses_that_give_another_colour_get_a_form_of_their_own(void **state)
{
    struct artwork *a =
        good("<defs><g id=\"p\"><path d=\"M0 0h1\"/></g></defs><use href=\"#p\" fill=\"red\"/>"
             "<use href=\"#p\" fill=\"blue\"/><use href=\"#p\" style=\"fill:red\" x=\"9\"/>");

    (void)state;
    assert_int_equal(artwork_form_count(a), 3);
    assert_content(a, 1, "1 0 0 rg\n0 0 m\n1 0 l\nf\n");
    assert_content(a, 2, "0 0 1 rg\n0 0 m\n1 0 l\nf\n");
    artwork_free(a);
}

static void a_form_is_as_large_as_what_it_draws_lines_and_nested_forms_included(void **state)
{
    struct artwork *a = good("<defs><circle id=\"c\" r=\"3\"/><g id=\"g\"><use href=\"#c\" x=\"10\"/>"
                             "<path d=\"M-4 0V6\" fill=\"none\" stroke=\"red\" stroke-width=\"2\" "
                             "stroke-linejoin=\"bevel\"/></g></defs>"
                             "<use href=\"#g\"/>");
    const double *g = artwork_form(a, 1)->bbox, *c = artwork_form(a, 2)->bbox;

    (void)state;
    assert_float_equal(c[0], -3, 1e-9);
    assert_float_equal(c[3], 3, 1e-9);
    assert_float_equal(g[0], -5, 1e-9);
    assert_float_equal(g[1], -3, 1e-9);
    assert_float_equal(g[2], 13, 1e-9);
    assert_float_equal(g[3], 7, 1e-9);
    artwork_free(a);
}

static void a_symbol_is_fitted_into_its_use(void **state)
{
    struct artwork *a = good("<symbol id=\"s\" viewBox=\"0 0 10 10\"><path d=\"M0 0h10\"/></symbol>"
                             "<use href=\"#s\" x=\"1\" y=\"2\" width=\"20\" height=\"20\"/>");

    (void)state;
    assert_content(a, 0, PAGE "q\n1 0 0 1 1 2 cm\n2 0 0 2 0 0 cm\n0 0 10 10 re\nW n\n/F1 Do\nQ\n");
    artwork_free(a);
    assert_refused("<symbol id=\"s\" viewBox=\"0 0 10 10\"/><use href=\"#s\"/>", 2, "width");
}

static void a_clip_path_cuts_in_the_space_of_its_user(void **state)
{
    (void)state;
    assert_draws("<clipPath id=\"c\"><rect width=\"4\" height=\"4\"/></clipPath>"
                 "<g transform=\"translate(1 1)\" clip-path=\"url(#c)\"><path d=\"M0 0h9\"/></g>",
                 "q\n1 0 0 1 1 1 cm\n0 0 4 4 re\nW n\n0 0 0 rg\n0 0 m\n9 0 l\nf\nQ\n");
    assert_draws("<clipPath id=\"c\"><path d=\"M0 0h1v1\" clip-rule=\"evenodd\" transform=\"translate(2)\"/>"
                 "</clipPath><path d=\"M0 0h9\" clip-path=\"url(#c)\"/>",
                 "q\n2 0 m\n3 0 l\n3 1 l\nW* n\n0 0 0 rg\n0 0 m\n9 0 l\nf\nQ\n");
    assert_refused("<path d=\"M0 0h9\" clip-path=\"url(#no)\"/>", 2, "no");
    assert_refused("<clipPath id=\"c\"><path d=\"M0 0\"/><path d=\"M1 1\"/></clipPath>\n"
                   "<path d=\"M0 0h9\" clip-path=\"url(#c)\"/>",
                   2, "clipPath");
    assert_refused("<clipPath id=\"c\" clipPathUnits=\"objectBoundingBox\"><path d=\"M0 0\"/></clipPath>"
                   "<path d=\"M0 0h9\" clip-path=\"url(#c)\"/>",
                   2, "userSpaceOnUse");
}

static void opacities_are_named_by_permille_and_told_to_the_caller(void **state)
{
    struct artwork *a = good("<path d=\"M0 0h1\" opacity=\".5\"/><path d=\"M0 0h2\" fill-opacity=\"0.25\" "
                             "stroke=\"red\" stroke-linejoin=\"bevel\"/>");
    const struct artwork_form *root = artwork_form(a, 0);

    (void)state;
    assert_content(a, 0,
                   PAGE "0 0 0 rg\n/A500 gs\n0 0 m\n1 0 l\nf\n/A250 gs\n0 0 m\n2 0 l\nf\n"
                        "1 0 0 RG\n1 w\n0 J\n2 j\n[] 0 d\n/A1000 gs\n0 0 m\n2 0 l\nS\n");
    assert_int_equal(root->alpha_count, 3);
    assert_float_equal(root->alphas[0], 0.5, 1e-9);
    assert_float_equal(root->alphas[1], 0.25, 1e-9);
    assert_float_equal(root->alphas[2], 1, 1e-9);
    artwork_free(a);
    assert_refused("<g opacity=\"0.5\"><path d=\"M0 0h1\"/></g>", 2, "opacity");
}

static void a_form_begins_opaque_whatever_was_drawn_before_it(void **state)
{
    struct artwork *a = good("<defs><path id=\"p\" d=\"M0 0h1\"/></defs><path d=\"M0 0h2\" opacity=\".5\"/>"
                             "<use href=\"#p\"/>");

    (void)state;
    assert_content(a, 0, PAGE "0 0 0 rg\n/A500 gs\n0 0 m\n2 0 l\nf\nq\n/A1000 gs\n/F1 Do\nQ\n");
    artwork_free(a);
}

static void dashes_rules_and_hidden_parts_are_kept(void **state)
{
    (void)state;
    assert_draws("<path d=\"M0 0h1\" fill=\"none\" stroke=\"#000\" stroke-dasharray=\"2,1 .5\" "
                 "stroke-dashoffset=\"1\" "
                 "stroke-linecap=\"square\" stroke-linejoin=\"bevel\"/>",
                 "0 0 0 RG\n1 w\n2 J\n2 j\n[2 1 0.5 ] 1 d\n0 0 m\n1 0 l\nS\n");
    assert_draws("<path d=\"M0 0h1\" fill-rule=\"evenodd\"/><g display=\"none\"><path d=\"M0 0h7\"/></g>",
                 "0 0 0 rg\n0 0 m\n1 0 l\nf*\n");
}

static void words_about_the_picture_are_passed_over(void **state)
{
    (void)state;
    assert_draws(
        "<title>帧 &amp; <b xmlns=\"x\">b</b></title><!-- note --><metadata><r xmlns=\"y\"/></metadata>"
        "<path d=\"M0 0h1\"><title>t</title></path>",
        "0 0 0 rg\n0 0 m\n1 0 l\nf\n");
}

static void what_is_not_of_the_subset_is_refused_with_its_line_and_name(void **state)
{
    static const struct {
        const char *body;
        long line;
        const char *word;
    } rows[] = {
        {"\n<text x=\"1\">A</text>", 3, "text"},
        {"<g>\n<image href=\"http://example.org/a.png\"/></g>", 3, "image"},
        {"<defs>\n\n<linearGradient id=\"g\"/></defs>", 4, "linearGradient"},
        {"<filter/>", 2, "filter"},
        {"<mask/>", 2, "mask"},
        {"<pattern/>", 2, "pattern"},
        {"<marker/>", 2, "marker"},
        {"<style>path{fill:red}</style>", 2, "style"},
        {"<script>alert(1)</script>", 2, "script"},
        {"<foreignObject/>", 2, "foreignObject"},
        {"<a/>", 2, "a"},
        {"<animate/>", 2, "animate"},
        {"<switch/>", 2, "switch"},
        {"<svg/>", 2, "svg"},
        {"<path onclick=\"x()\" d=\"M0 0\"/>", 2, "onclick"},
        {"<path d=\"M0 0\"\npathLength=\"3\"/>", 3, "pathLength"},
        {"<path filter=\"url(#f)\"/>", 2, "filter"},
        {"<path style=\"mix-blend-mode:multiply\"/>", 2, "mix-blend-mode"},
        {"<path style=\"fill red\"/>", 2, "fill red"},
        {"<path stroke-width=\"1em\" d=\"M0 0h1\"/>", 2, "1em"},
        {"<path stroke-width=\"-1\" d=\"M0 0h1\"/>", 2, "-1"},
        {"<path stroke-linejoin=\"arcs\" d=\"M0 0h1\"/>", 2, "arcs"},
        {"<path stroke-dasharray=\"1 -1\" d=\"M0 0h1\"/>", 2, "1 -1"},
        {"<path opacity=\"2\" d=\"M0 0h1\"/>", 2, "opacity"},
        {"<path visibility=\"hidden\" d=\"M0 0h1\"/>", 2, "visibility"},
        {"<rect width=\"-1\" height=\"1\"/>", 2, "width"},
        {"<rect width=\"10%\" height=\"1\"/>", 2, "10%"},
        {"<circle r=\"1\" x=\"3\"/>", 2, "x"},
        {"<polygon points=\"1 2 3\"/>", 2, "points"},
        {"<path d=\"L1 2\"/>", 2, "L1 2"},
        {"<path d=\"M1 2 L3\"/>", 2, "d"},
        {"<path d=\"M1 2,\"/>", 2, "d"},
        {"<path d=\"M1 2 B3 4\"/>", 2, "B3 4"},
        {"<path d=\"M0 0A1 1 0 2 0 3 3\"/>", 2, "2 0 3 3"},
        {"<path d=\"M1e7 0\"/>", 2, "1e7"},
        {"<path d=\"M1e999 0\"/>", 2, "1e999"},
        {"<path d=\"Mnan inf\"/>", 2, "nan inf"},
        {"<path d=\"M0x10 0\"/>", 2, "x10"},
        {"<path id=\"a\"/>\n<path id=\"a\"/>", 3, "a"},
        {"<use/>", 2, "href"},
        {"<use href=\"#none\"/>", 2, "#none"},
        {"<use href=\"other.svg#a\"/>", 2, "other.svg#a"},
        {"<use href=\"file:///etc/passwd#a\"/>", 2, "file:///etc/passwd#a"},
        {"<clipPath id=\"c\"/><use href=\"#c\"/>", 2, "#c"},
        {"<g xmlns=\"http://www.w3.org/1999/xhtml\"/>", 2, "http://www.w3.org/2000/svg"},
        {"<g xmlns:i=\"urn:i\" i:label=\"x\"/>", 2, "label"},
        {"<g>words</g>", 2, "words"},
        {"<?xml-stylesheet href=\"a.css\"?>", 2, "xml-stylesheet"},
        {"<g>&lt;</g>", 2, "<"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_refused(rows[i].body, rows[i].line, rows[i].word);
}

static void a_doctype_stops_the_reading_before_any_entity_exists(void **state)
{
    static const char *const rows[] = {
        "<!DOCTYPE svg [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]><svg xmlns=\"http://www.w3.org/2000/svg\" "
        "width=\"1\" "
        "height=\"1\"><path d=\"&c;\"/></svg>",
        "<!DOCTYPE svg [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg>&x;</svg>",
        ("<!DOCTYPE svg SYSTEM \"http://127.0.0.1:9/svg.dtd\"><svg xmlns=\"http://www.w3.org/2000/svg\" "
         "width=\"1\" height=\"1\"/>")};
    struct artwork *a;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err e = {0};

        assert_int_equal(read_text(&a, rows[i], &e), -1);
        assert_non_null(strstr(e.en, "DOCTYPE"));
        assert_non_null(strstr(e.zh, "DOCTYPE"));
    }
    assert_refused("<path d=\"&undeclared;\"/>", 2, "undeclared");
}

static void a_use_that_contains_itself_is_refused(void **state)
{
    (void)state;
    assert_refused("<g id=\"a\">\n<use href=\"#a\"/></g>", 3, "use");
    assert_refused("<defs><g id=\"a\"><use href=\"#b\"/></g>\n<g id=\"b\"><use href=\"#a\"/></g></defs>"
                   "<use href=\"#a\"/>",
                   3, "use");
    assert_refused("<use id=\"u\" href=\"#u\"/>", 2, "use");
}

/* n levels, each using the one before `times` times. */
static void append_levels(struct buf *b, int n, int times)
{
    buf_append_text(b, "<defs><path id=\"l0\" d=\"M0 0h1v1\"/>");
    for (int level = 1; level <= n; level++) {
        buf_printf(b, "<g id=\"l%d\">", level);
        for (int i = 0; i < times; i++)
            buf_printf(b, "<use href=\"#l%d\" x=\"%d\"/>", level - 1, i);
        buf_append_text(b, "</g>");
    }
    buf_printf(b, "</defs><use href=\"#l%d\"/>", n);
}

static void uses_may_be_nested_eight_deep_and_no_deeper(void **state)
{
    struct buf b = BUF_INIT(65536);

    (void)state;
    append_levels(&b, 7, 1);
    artwork_free(good(buf_text(&b)));
    buf_reset(&b);
    append_levels(&b, 8, 1);
    assert_refused(buf_text(&b), 2, "use");
    buf_dispose(&b);
}

static void few_bytes_that_would_paint_for_ever_are_refused(void **state)
{
    struct buf b = BUF_INIT(65536);

    (void)state;
    append_levels(&b, 7, 20);
    assert_refused(buf_text(&b), 2, "use");
    buf_dispose(&b);
}

static void deep_long_and_large_pictures_are_refused_quickly(void **state)
{
    struct buf b = BUF_INIT(16 * 1024 * 1024);
    struct artwork *a;
    struct err e = {0};

    (void)state;
    for (int i = 0; i < 200; i++)
        buf_append_text(&b, "<g>");
    for (int i = 0; i < 200; i++)
        buf_append_text(&b, "</g>");
    assert_refused(buf_text(&b), 2, "g");
    buf_reset(&b);
    for (int i = 0; i < 60000; i++)
        buf_append_text(&b, "<g/>");
    assert_refused(buf_text(&b), 2, "g");
    buf_reset(&b);
    buf_append_text(&b, "<path d=\"M0 0");
    for (int i = 0; i < 250000; i++)
        buf_append_text(&b, "h1");
    buf_append_text(&b, "\"/>");
    assert_refused(buf_text(&b), 2, "path");
    buf_reset(&b);
    for (int i = 0; i < 1000000; i++)
        buf_append_text(&b, "<g/> ");
    assert_int_equal(read_body(&a, buf_text(&b), &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    buf_dispose(&b);
}

static void transforms_are_nested_no_deeper_than_an_archived_page_may_save_its_state(void **state)
{
    (void)state;
    for (int depth = 20; depth <= 21; depth++) {
        struct buf b = BUF_INIT(65536);

        for (int i = 0; i < depth; i++)
            buf_append_text(&b, "<g transform=\"translate(1)\">");
        for (int i = 0; i < depth; i++)
            buf_append_text(&b, "</g>");
        if (depth == 20)
            artwork_free(good(buf_text(&b)));
        else
            assert_refused(buf_text(&b), 2, "g");
        buf_dispose(&b);
    }
}

static void a_path_may_fill_the_whole_file(void **state)
{
    struct buf b = BUF_INIT(16 * 1024 * 1024);

    (void)state;
    buf_append_text(&b, "<path d=\"M0 0");
    for (int i = 0; i < 95000; i++)
        buf_append_text(&b, "h1 v-1.5");
    buf_append_text(&b, "\"/>");
    artwork_free(good(buf_text(&b)));
    buf_dispose(&b);
}

static struct buf frame(const char *template)
{
    struct buf svg = BUF_INIT(ARTWORK_MAX_BYTES);
    struct err e;
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/templates/%s/frame.svg", getenv("SEALPRESS_SHARE"), template);
    if (file_read(&svg, path, &e) != 0)
        fail_msg("%s", e.en);
    return svg;
}

static void assert_inflates(const struct artwork_form *f)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    uint8_t *out = malloc(f->content.len + 1);
    size_t len = 0;

    assert_non_null(d);
    assert_non_null(out);
    assert_int_equal(
        libdeflate_zlib_decompress(d, f->deflated.ptr, f->deflated.len, out, f->content.len + 1, &len),
        LIBDEFLATE_SUCCESS);
    assert_true(slice_equal((struct slice){out, len}, f->content));
    free(out);
    libdeflate_free_decompressor(d);
}

static void the_frames_of_both_certificates_are_small_and_inflate_to_their_content(void **state)
{
    static const struct {
        const char *template;
        double width, height; /* mm */
    } rows[] = {{"certificate", 297, 210}, {"certificate-portrait", 210, 297}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct buf svg = frame(rows[i].template);
        struct artwork *a;
        struct err e;
        size_t deflated = 0;

        if (artwork_read(&a, buf_view(&svg), "frame.svg", &e) != 0)
            fail_msg("%s", e.en);
        assert_float_equal(artwork_width(a), rows[i].width * 72 / 25.4, 1e-3);
        assert_float_equal(artwork_height(a), rows[i].height * 72 / 25.4, 1e-3);
        for (size_t k = 0; k < artwork_form_count(a); k++) {
            assert_inflates(artwork_form(a, k));
            deflated += artwork_form(a, k)->deflated.len;
        }
        assert_in_range(deflated, 5000, 30 * 1024);
        artwork_free(a);
        buf_dispose(&svg);
    }
}

static size_t count_of(struct slice s, const char *needle)
{
    size_t n = 0;

    for (size_t at = slice_find(s, 0, slice_of(needle)); at != SIZE_MAX;
         at = slice_find(s, at + 1, slice_of(needle)))
        n++;
    return n;
}

/* 24 and 16 whole periods a side; the side's scale makes them end exactly where the next corner block begins.
 */
static void the_bands_of_the_frame_meet_the_corner_blocks(void **state)
{
    struct buf svg = frame("certificate");
    struct slice s = buf_view(&svg);
    const char *across = strstr(buf_text(&svg), "id=\"across\" transform=\"scale(");
    const char *down = strstr(buf_text(&svg), "id=\"down\" transform=\"scale(");

    (void)state;
    assert_non_null(across);
    assert_non_null(down);
    assert_float_equal(24 * 11.125 * strtod(strchr(across, '(') + 1, NULL), 297 - 2 * 15.6, 1e-3);
    assert_float_equal(16 * 11.125 * strtod(strchr(down, '(') + 1, NULL), 210 - 2 * 15.6, 1e-3);
    assert_int_equal(count_of(s, "\"#period\""), 24 + 16);
    assert_int_equal(count_of(s, "\"#corner\""), 4);
    buf_dispose(&svg);
}

static void the_same_picture_gives_the_same_bytes(void **state)
{
    struct buf svg = frame("certificate");
    struct artwork *a, *b;
    struct err e;

    (void)state;
    assert_int_equal(artwork_read(&a, buf_view(&svg), "frame.svg", &e), 0);
    assert_int_equal(artwork_read(&b, buf_view(&svg), "frame.svg", &e), 0);
    assert_int_equal(artwork_form_count(a), artwork_form_count(b));
    for (size_t i = 0; i < artwork_form_count(a); i++)
        assert_true(slice_equal(artwork_form(a, i)->deflated, artwork_form(b, i)->deflated));
    artwork_free(a);
    artwork_free(b);
    buf_dispose(&svg);
}

static void a_picture_cut_anywhere_is_refused_and_one_with_any_byte_changed_is_survived(void **state)
{
    static const char body[] =
        HEAD "<defs><clipPath id=\"c\"><circle r=\"9\"/></clipPath><path id=\"p\" d=\"M0 0A1 2 3 0 1 4 5q1 2 "
             "3 4t5 6z\"/>"
             "</defs><g clip-path=\"url(#c)\" style=\"stroke:#123;stroke-dasharray:1 2\" "
             "transform=\"rotate(3 4 5)\">"
             "<use href=\"#p\" x=\"1mm\"/><rect width=\"1\" height=\"2\" rx=\".5\"/></g></svg>";
    static const char swaps[] = {'\0', '"', '<', '&', '9', '-', 'e', '.', '\xFF'};
    struct artwork *a;
    struct err e;

    (void)state;
    for (size_t len = 0; len + 1 < sizeof body; len++) {
        uint8_t *exact = malloc(len > 0 ? len : 1); /* the sanitizer watches its end */

        assert_non_null(exact);
        memcpy(exact, body, len);
        assert_int_equal(artwork_read(&a, (struct slice){exact, len}, "cut.svg", &e),
                         len == sizeof body - 1 ? 0 : -1);
        free(exact);
    }
    for (size_t i = 0; i + 1 < sizeof body; i++)
        for (size_t k = 0; k < sizeof swaps; k++) {
            char copy[sizeof body];

            memcpy(copy, body, sizeof body);
            copy[i] = swaps[k];
            if (artwork_read(&a, (struct slice){(uint8_t *)copy, sizeof body - 1}, "x.svg", &e) == 0)
                artwork_free(a);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_commands_become_absolute_lines_and_curves),
        cmocka_unit_test(every_point_of_an_arc_lies_on_its_ellipse),
        cmocka_unit_test(the_four_arcs_between_two_points_are_told_apart_by_their_flags),
        cmocka_unit_test(basic_shapes_are_drawn),
        cmocka_unit_test(colours_are_read_in_every_spelling),
        cmocka_unit_test(properties_are_inherited_and_style_wins),
        cmocka_unit_test(a_line_without_width_is_not_drawn_although_pdf_would_draw_its_thinnest),
        cmocka_unit_test(the_graphics_state_is_set_only_when_it_changes_and_again_after_q_q),
        cmocka_unit_test(transforms_are_applied_from_right_to_left),
        cmocka_unit_test(the_page_is_points_with_y_upwards_whatever_the_units),
        cmocka_unit_test(the_target_of_several_uses_is_one_form),
        cmocka_unit_test(uses_that_give_another_colour_get_a_form_of_their_own),
        cmocka_unit_test(a_form_is_as_large_as_what_it_draws_lines_and_nested_forms_included),
        cmocka_unit_test(a_symbol_is_fitted_into_its_use),
        cmocka_unit_test(a_clip_path_cuts_in_the_space_of_its_user),
        cmocka_unit_test(opacities_are_named_by_permille_and_told_to_the_caller),
        cmocka_unit_test(a_form_begins_opaque_whatever_was_drawn_before_it),
        cmocka_unit_test(dashes_rules_and_hidden_parts_are_kept),
        cmocka_unit_test(words_about_the_picture_are_passed_over),
        cmocka_unit_test(what_is_not_of_the_subset_is_refused_with_its_line_and_name),
        cmocka_unit_test(a_doctype_stops_the_reading_before_any_entity_exists),
        cmocka_unit_test(a_use_that_contains_itself_is_refused),
        cmocka_unit_test(uses_may_be_nested_eight_deep_and_no_deeper),
        cmocka_unit_test(few_bytes_that_would_paint_for_ever_are_refused),
        cmocka_unit_test(deep_long_and_large_pictures_are_refused_quickly),
        cmocka_unit_test(transforms_are_nested_no_deeper_than_an_archived_page_may_save_its_state),
        cmocka_unit_test(a_path_may_fill_the_whole_file),
        cmocka_unit_test(the_frames_of_both_certificates_are_small_and_inflate_to_their_content),
        cmocka_unit_test(the_bands_of_the_frame_meet_the_corner_blocks),
        cmocka_unit_test(the_same_picture_gives_the_same_bytes),
        cmocka_unit_test(a_picture_cut_anywhere_is_refused_and_one_with_any_byte_changed_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
