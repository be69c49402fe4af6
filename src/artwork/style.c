#include "artwork/artwork_internal.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

void style_init(struct style *s)
{
    *s = (struct style){.fill = {PAINT_RGB, 0},
                        .stroke = {PAINT_NONE, 0},
                        .width = 1,
                        .miter = 4,
                        .fill_alpha = 1,
                        .stroke_alpha = 1};
}

static bool paint_equal(struct paint a, struct paint b)
{
    return a.kind == b.kind && a.rgb == b.rgb;
}

bool style_equal(const struct style *a, const struct style *b)
{
    for (int i = 0; i < a->dash_count; i++)
        if (i >= b->dash_count || a->dash[i] != b->dash[i])
            return false;
    return paint_equal(a->fill, b->fill) && paint_equal(a->stroke, b->stroke) && a->color == b->color &&
           a->width == b->width && a->miter == b->miter && a->dash_offset == b->dash_offset &&
           a->dash_count == b->dash_count && a->cap == b->cap && a->join == b->join &&
           a->fill_evenodd == b->fill_evenodd && a->clip_evenodd == b->clip_evenodd &&
           a->fill_alpha == b->fill_alpha && a->stroke_alpha == b->stroke_alpha;
}

/* The colour names of HTML 4, and orange, which CSS 2.1 added. */
static const struct {
    const char *name;
    uint32_t rgb;
} color_names[] = {
    {"black", 0x000000},  {"silver", 0xC0C0C0}, {"gray", 0x808080},   {"white", 0xFFFFFF},
    {"maroon", 0x800000}, {"red", 0xFF0000},    {"purple", 0x800080}, {"fuchsia", 0xFF00FF},
    {"green", 0x008000},  {"lime", 0x00FF00},   {"olive", 0x808000},  {"yellow", 0xFFFF00},
    {"navy", 0x000080},   {"blue", 0x0000FF},   {"teal", 0x008080},   {"aqua", 0x00FFFF},
    {"orange", 0xFFA500},
};

static bool parse_hex(const char *text, uint32_t *rgb)
{
    size_t len = strlen(text);
    uint32_t value = 0;

    if (len != 3 && len != 6)
        return false;
    for (size_t i = 0; i < len; i++) {
        uint32_t digit;

        if (!isxdigit((unsigned char)text[i]))
            return false;
        digit = (uint32_t)(isdigit((unsigned char)text[i]) ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
        value = len == 3 ? value << 8 | digit << 4 | digit : value << 4 | digit;
    }
    *rgb = value;
    return true;
}

/* rgb(230, 0, 18) or rgb(90%, 0%, 7%), behind the "rgb". */
static bool parse_rgb(const char *text, uint32_t *rgb)
{
    struct scan s = {text};
    double v;

    *rgb = 0;
    if (!scan_word(&s, "("))
        return false;
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            scan_comma(&s);
        scan_space(&s);
        if (!scan_number(&s, &v))
            return false;
        if (scan_word(&s, "%"))
            v *= 2.55;
        if (v < 0 || v > 255)
            return false;
        *rgb = *rgb << 8 | (uint32_t)lround(v);
    }
    scan_space(&s);
    return scan_word(&s, ")") && scan_end(&s);
}

static bool parse_color(const char *text, uint32_t *rgb)
{
    if (text[0] == '#')
        return parse_hex(text + 1, rgb);
    if (strncmp(text, "rgb", 3) == 0)
        return parse_rgb(text + 3, rgb);
    for (size_t i = 0; i < sizeof color_names / sizeof color_names[0]; i++)
        if (strcasecmp(text, color_names[i].name) == 0) {
            *rgb = color_names[i].rgb;
            return true;
        }
    return false;
}

static bool parse_paint(const char *text, struct paint *p)
{
    p->rgb = 0;
    p->kind = PAINT_NONE;
    if (strcmp(text, "none") == 0)
        return true;
    p->kind = PAINT_CURRENT;
    if (strcasecmp(text, "currentColor") == 0)
        return true;
    p->kind = PAINT_RGB;
    return parse_color(text, &p->rgb);
}

static bool parse_number(const char *text, double least, double most, double *out)
{
    struct scan s = {text};

    return scan_number(&s, out) && scan_end(&s) && *out >= least && *out <= most;
}

static bool parse_length(const char *text, double least, double *out)
{
    struct scan s = {text};

    return scan_length(&s, out) && scan_end(&s) && *out >= least;
}

static bool parse_dashes(const char *text, struct style *style)
{
    struct scan s = {text};
    double sum = 0;
    int n = 0;

    if (strcmp(text, "none") != 0)
        for (; !scan_end(&s); n++) {
            if (n == ARTWORK_MAX_DASHES || !scan_length(&s, &style->dash[n]) || style->dash[n] < 0)
                return false;
            sum += style->dash[n];
            scan_comma(&s);
        }
    style->dash_count = sum > 0 ? n : 0; /* nothing but zeros is a solid line */
    return true;
}

/* Index of text in words, or -1. */
static int parse_word(const char *text, const char *const *words, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    return -1;
}

static bool parse_rule(const char *text, bool *evenodd)
{
    static const char *const rules[] = {"nonzero", "evenodd"};
    int which = parse_word(text, rules, 2);

    *evenodd = which == 1;
    return which >= 0;
}

static bool parse_clip(const char *text, char *out, size_t size)
{
    size_t len = strlen(text);

    out[0] = '\0';
    if (strcmp(text, "none") == 0)
        return true;
    if (strncmp(text, "url(#", 5) != 0 || len < 7 || text[len - 1] != ')' || len - 6 >= size)
        return false;
    memcpy(out, text + 5, len - 6);
    out[len - 6] = '\0';
    return true;
}

enum property {
    FILL,
    STROKE,
    COLOR,
    STROKE_WIDTH,
    STROKE_LINECAP,
    STROKE_LINEJOIN,
    STROKE_MITERLIMIT,
    STROKE_DASHARRAY,
    STROKE_DASHOFFSET,
    FILL_RULE,
    CLIP_RULE,
    OPACITY,
    FILL_OPACITY,
    STROKE_OPACITY,
    CLIP_PATH,
    DISPLAY,
    PROPERTIES
};
static const char *const properties[PROPERTIES] = {"fill",
                                                   "stroke",
                                                   "color",
                                                   "stroke-width",
                                                   "stroke-linecap",
                                                   "stroke-linejoin",
                                                   "stroke-miterlimit",
                                                   "stroke-dasharray",
                                                   "stroke-dashoffset",
                                                   "fill-rule",
                                                   "clip-rule",
                                                   "opacity",
                                                   "fill-opacity",
                                                   "stroke-opacity",
                                                   "clip-path",
                                                   "display"};

bool style_known(const char *property)
{
    return parse_word(property, properties, PROPERTIES) >= 0;
}

static bool set_line(struct style *s, enum property which, const char *value)
{
    static const char *const caps[] = {"butt", "round", "square"};
    static const char *const joins[] = {"miter", "round", "bevel"};

    switch (which) {
    case STROKE_WIDTH:
        return parse_length(value, 0, &s->width);
    case STROKE_LINECAP:
        s->cap = parse_word(value, caps, 3);
        return s->cap >= 0;
    case STROKE_LINEJOIN:
        s->join = parse_word(value, joins, 3);
        return s->join >= 0;
    case STROKE_MITERLIMIT:
        return parse_number(value, 1, ARTWORK_MAX_NUMBER, &s->miter);
    case STROKE_DASHARRAY:
        return parse_dashes(value, s);
    default:
        return parse_length(value, -ARTWORK_MAX_NUMBER, &s->dash_offset);
    }
}

static bool set(struct style *s, struct own_style *own, enum property which, const char *value)
{
    switch (which) {
    case FILL:
        return parse_paint(value, &s->fill);
    case STROKE:
        return parse_paint(value, &s->stroke);
    case COLOR:
        return parse_color(value, &s->color);
    case FILL_RULE:
        return parse_rule(value, &s->fill_evenodd);
    case CLIP_RULE:
        return parse_rule(value, &s->clip_evenodd);
    case OPACITY:
        return parse_number(value, 0, 1, &own->opacity);
    case FILL_OPACITY:
        return parse_number(value, 0, 1, &s->fill_alpha);
    case STROKE_OPACITY:
        return parse_number(value, 0, 1, &s->stroke_alpha);
    case CLIP_PATH:
        return parse_clip(value, own->clip, sizeof own->clip);
    case DISPLAY:
        own->hidden = strcmp(value, "none") == 0;
        return own->hidden || strcmp(value, "inline") == 0;
    default:
        return set_line(s, which, value);
    }
}

int style_set(struct style *s, struct own_style *own, const char *property, const char *value,
              const struct place *p, struct err *e)
{
    struct place here = *p;
    int which = parse_word(property, properties, PROPERTIES);

    here.attribute = property;
    if (which < 0)
        return place_err(p, e, property, "The property %s is not supported.", "不支持属性 %s。");
    if (strcmp(value, "inherit") == 0) /* which is what happens anyway, or would be clip-path and opacity */
        return 0;
    if (!set(s, own, (enum property)which, value))
        return place_err(&here, e, value, "The value \"%s\" is not supported here.", "不支持这个值：“%s”。");
    return 0;
}

/* Cuts white space off both ends of text[0..len) and ends it with NUL. */
static char *trim(char *text, size_t len)
{
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    text[len] = '\0';
    while (isspace((unsigned char)*text))
        text++;
    return text;
}

int style_declarations(struct style *s, struct own_style *own, const char *text, const struct place *p,
                       struct err *e)
{
    char one[512];

    while (*text != '\0') {
        size_t len = strcspn(text, ";");
        char *colon, *name, *value;

        if (len >= sizeof one)
            return place_err(p, e, text, "This declaration is too long: \"%s\".", "样式声明过长：“%s”。");
        memcpy(one, text, len);
        one[len] = '\0';
        text += len + (text[len] == ';');
        if (*(name = trim(one, len)) == '\0')
            continue;
        colon = strchr(name, ':');
        if (colon == NULL)
            return place_err(p, e, name, "\"%s\" is no declaration; write property: value.",
                             "“%s”不是样式声明，应写成“属性: 值”。");
        value = trim(colon + 1, strlen(colon + 1));
        name = trim(name, (size_t)(colon - name));
        if (style_set(s, own, name, value, p, e) != 0)
            return -1;
    }
    return 0;
}
