#include "base/utf8.h"
#include "seal/seal_internal.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

static const char TEST_MARK[] = "测试";

bool seal_name_arc(char *arc, size_t size, const char *owner)
{
    static const char *const marks[] = {"（测试）", "(测试)"};
    size_t len = strlen(owner);
    bool marked = false;

    for (size_t i = 0; i < 2 && !marked; i++) {
        size_t mark = strlen(marks[i]);

        marked = len > mark && strcmp(owner + len - mark, marks[i]) == 0;
        if (marked)
            len -= mark;
    }
    if (len >= size)
        len = utf8_whole(owner, size - 1);
    memcpy(arc, owner, len);
    arc[len] = '\0';
    return marked;
}

bool seal_belongs(const struct seal *s, const char *office)
{
    char owner[512], name[512];

    (void)seal_name_arc(owner, sizeof owner, s->owner);
    (void)seal_name_arc(name, sizeof name, office);
    return !s->service && strcmp(owner, name) == 0;
}

/* What is drawn, after the test mark found its place. */
struct wording {
    uint32_t arc[SEAL_ARC_MOST], line[SEAL_LINE_MOST];
    size_t arc_count, line_count;
};

static int too_many(const char *what_en, const char *what_zh, size_t least, size_t most, size_t count,
                    struct err *e)
{
    return err_set(e, ERR_INVALID,
                   "%1$s needs %3$zu to %4$zu characters, not %5$zu; use a shorter form of the name.%2$.0s",
                   "%1$.0s%2$s应为 %3$zu 至 %4$zu 个字，现为 %5$zu 个，请使用规范的简称或全称。", what_en,
                   what_zh, least, most, count);
}

/* Code points of text, white space refused: it would leave a hole. */
static int characters(uint32_t *out, size_t *count, size_t most, const char *text, struct err *e)
{
    struct slice s = slice_of(text);
    size_t at = 0;
    uint32_t cp;

    while (utf8_next(s, &at, &cp)) {
        if (cp <= ' ' || cp == 0x7F || cp == 0xA0 || cp == 0x3000)
            return err_set(e, ERR_INVALID, "The text of a seal has no spaces or control characters (U+%04X).",
                           "印章文字不能含空格或控制字符（U+%04X）。", (unsigned)cp);
        if (*count < most)
            out[*count] = cp;
        ++*count;
    }
    if (at != s.len)
        return err_set(e, ERR_INVALID, "The text of the seal is not valid UTF-8.",
                       "印章文字不是有效的 UTF-8 编码。");
    return 0;
}

static int read_wording(struct wording *w, const struct seal_drawing *d, struct err *e)
{
    const char *line = d->line == NULL ? "" : d->line;
    bool missing = d->test && strstr(d->arc, TEST_MARK) == NULL && strstr(line, TEST_MARK) == NULL;

    w->arc_count = w->line_count = 0;
    if (missing && line[0] == '\0') {
        line = TEST_MARK;
        missing = false;
    }
    if (characters(w->arc, &w->arc_count, SEAL_ARC_MOST, d->arc, e) != 0 ||
        (missing && characters(w->arc, &w->arc_count, SEAL_ARC_MOST, "（测试）", e) != 0) ||
        characters(w->line, &w->line_count, SEAL_LINE_MOST, line, e) != 0)
        return -1;
    if (w->arc_count < SEAL_ARC_LEAST || w->arc_count > SEAL_ARC_MOST)
        return too_many("The name around the seal", "环排文字", SEAL_ARC_LEAST, SEAL_ARC_MOST, w->arc_count,
                        e);
    if (w->line_count > SEAL_LINE_MOST)
        return too_many("The line below the star", "横排文字", 1, SEAL_LINE_MOST, w->line_count, e);
    return 0;
}

static bool color_valid(const char *color)
{
    if (color == NULL || color[0] != '#' || strlen(color) != 7)
        return false;
    for (int i = 1; i < 7; i++)
        if (!isxdigit((unsigned char)color[i]))
            return false;
    return true;
}

static void numbers(struct buf *svg, const double *v, int count, int decimals)
{
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buf_append_char(svg, ' ');
        buf_append_number(svg, v[i], decimals);
    }
}

static void attribute(struct buf *svg, const char *name, double value)
{
    buf_printf(svg, " %s=\"", name);
    buf_append_number(svg, value, 3);
    buf_append_char(svg, '"');
}

static void draw_head(struct buf *svg, const struct seal_drawing *d)
{
    buf_append_text(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"");
    buf_append_number(svg, d->diameter, 3);
    buf_append_text(svg, "mm\" height=\"");
    buf_append_number(svg, d->diameter, 3);
    buf_append_text(svg, "mm\" viewBox=\"0 0 ");
    numbers(svg, (double[]){d->diameter, d->diameter}, 2, 3);
    buf_printf(svg, "\" fill=\"%s\">\n<title>", d->color);
    for (const char *c = d->arc; *c != '\0'; c++) {
        if (*c == '<' || *c == '>' || *c == '&')
            buf_printf(svg, "&#%d;", *c);
        else
            buf_append_char(svg, *c);
    }
    buf_append_text(svg, "</title>\n");
}

static void draw_ring(struct buf *svg, const struct seal_geometry *g, const char *color)
{
    buf_printf(svg, "<circle fill=\"none\" stroke=\"%s\"", color);
    attribute(svg, "stroke-width", g->ring);
    attribute(svg, "cx", g->diameter / 2);
    attribute(svg, "cy", g->diameter / 2);
    attribute(svg, "r", g->diameter / 2 - g->ring / 2);
    buf_append_text(svg, "/>\n");
}

/* Five points up and five notches; 0.381966 makes the edges of opposite points one line. */
static void draw_star(struct buf *svg, const struct seal_geometry *g)
{
    buf_append_text(svg, "<polygon points=\"");
    for (int i = 0; i < 10; i++) {
        double angle = (-90 + 36 * i) * M_PI / 180, r = g->star / 2 * (i % 2 == 0 ? 1 : 0.381966);

        if (i > 0)
            buf_append_char(svg, ' ');
        numbers(svg, (double[]){g->diameter / 2 + r * cos(angle), g->diameter / 2 + r * sin(angle)}, 2, 4);
    }
    buf_append_text(svg, "\"/>\n");
}

/* Where a character goes: the middle of its box, its size, its turn. */
struct spot {
    double x, y, width, height, angle; /* degrees clockwise */
};

/* The outline is 1.08 em scaled to width by height, so that ink nearly fills the box; the ideographic box of
 * these fonts runs from 880 above the baseline to 120 below. */
static int draw_character(struct buf *svg, struct fonts *fonts, uint32_t cp, const struct spot *at,
                          struct err *e)
{
    static const double fill = 1.08, middle = (0.880 - 0.120) / 2, units = 1000;
    const struct face *song = fonts_lookup(fonts, "song", true);
    const struct face *face = song == NULL ? NULL : fonts_cover(fonts, song, cp);
    double sx = fill * at->width / units, sy = fill * at->height / units;
    double c = cos(at->angle * M_PI / 180), s = sin(at->angle * M_PI / 180), half;

    if (face == NULL) {
        char text[5];

        text[utf8_put(text, cp)] = '\0';
        return err_set(e, ERR_INVALID,
                       "No font has the character %s (U+%04X); the seal cannot be drawn with it.",
                       "没有字体包含字符“%s”（U+%04X），无法用于印章。", text, (unsigned)cp);
    }
    half = face_advance(face, cp) / 1000 * units / 2;
    buf_append_text(svg, "<path transform=\"matrix(");
    numbers(svg, (double[]){c * sx, s * sx, -s * sy, c * sy}, 4, 6);
    buf_append_char(svg, ' ');
    /* The box's middle, (half, -middle) from the origin of the outline, comes to x, y. */
    numbers(svg,
            (double[]){at->x - c * sx * half - s * sy * middle * units,
                       at->y - s * sx * half + c * sy * middle * units},
            2, 4);
    buf_append_text(svg, ")\" d=\"");
    if (face_outline(svg, face, cp, units, e) != 0)
        return -1;
    buf_append_text(svg, "\"/>\n");
    return 0;
}

static int draw_arc(struct buf *svg, struct fonts *fonts, const struct wording *w,
                    const struct seal_geometry *g, struct err *e)
{
    for (size_t i = 0; i < w->arc_count; i++) {
        double angle = -g->span / 2 + (double)i * g->step, a = angle * M_PI / 180;
        struct spot at = {g->diameter / 2 + g->radius * sin(a), g->diameter / 2 - g->radius * cos(a),
                          g->char_width, g->char_height, angle};

        if (draw_character(svg, fonts, w->arc[i], &at, e) != 0)
            return -1;
    }
    return 0;
}

static int draw_line(struct buf *svg, struct fonts *fonts, const struct wording *w,
                     const struct seal_geometry *g, struct err *e)
{
    for (size_t i = 0; i < w->line_count; i++) {
        double x = ((double)i - ((double)w->line_count - 1) / 2) * g->line_cell;
        struct spot at = {g->diameter / 2 + x, g->diameter / 2 + g->line_drop, g->line_char_width,
                          g->line_height, 0};

        if (draw_character(svg, fonts, w->line[i], &at, e) != 0)
            return -1;
    }
    return 0;
}

int seal_draw(struct buf *svg, const struct seal_drawing *d, struct fonts *fonts, struct err *e)
{
    struct seal_geometry g;
    struct wording w;

    if (!(d->diameter >= 30 && d->diameter <= 50))
        return err_set(e, ERR_INVALID, "A seal is 30 to 50 mm across, not %g.",
                       "印章直径应为 30 至 50 毫米，现为 %g。", d->diameter);
    if (!color_valid(d->color))
        return err_set(e, ERR_INVALID, "The colour of a seal is written like #E60012.",
                       "印章颜色应写成 #E60012 的形式。");
    if (read_wording(&w, d, e) != 0)
        return -1;
    seal_geometry(&g, d->diameter, w.arc_count, w.line_count);
    draw_head(svg, d);
    draw_ring(svg, &g, d->color);
    draw_star(svg, &g);
    if (draw_arc(svg, fonts, &w, &g, e) != 0 || draw_line(svg, fonts, &w, &g, e) != 0)
        return -1;
    buf_append_text(svg, "</svg>\n");
    return buf_ok(svg) ? 0 : err_set(e, ERR_TOO_LARGE, "The seal's picture is too large.", "印章图形过大。");
}
