/* front_keys.c - what each key of the front matter means. */
#include "template/front_internal.h"
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool color_parse(const struct template *t, const char *text, uint32_t *rgb)
{
    if (text[0] == '#' && strlen(text) == 7) {
        *rgb = 0;
        for (int i = 1; i < 7; i++) {
            if (hex_digit(text[i]) < 0)
                return false;
            *rgb = *rgb * 16 + (uint32_t)hex_digit(text[i]);
        }
        return true;
    }
    /* what is said last holds: this file's colours come behind those of the one it is like */
    for (size_t i = t->color_count; i > 0; i--) {
        if (strcmp(t->colors[i - 1], text) == 0) {
            *rgb = t->color_values[i - 1];
            return true;
        }
    }
    *rgb = strcmp(text, "white") == 0 ? 0xFFFFFF : 0;
    return strcmp(text, "white") == 0 || strcmp(text, "black") == 0;
}

int front_wrong(struct front *f, const struct entry *e)
{
    return load_error(f->l, e->at, "\"%s\" does not suit \"%s\".", "“%s”不是“%s”可用的值。", e->value,
                      e->key);
}

static int read_page(struct front *f, const struct entry *e)
{
    struct page_setup *p = &f->l->t->page;

    if (page_size_parse(&p->width, &p->height, e->value))
        return 0;
    return load_error(f->l, e->at,
                      "page is A3, A4, A5 or B5, with \"landscape\" if so, or millimetres such as 297x210; "
                      "not \"%s\".",
                      "page 应为 A3、A4、A5、B5（横向加 landscape），或毫米数如 297x210；“%s”不行。",
                      e->value);
}

static int read_margins(struct front *f, const struct entry *e)
{
    if (margins_parse(f->l->t->page.margin, e->value))
        return 0;
    return load_error(
        f->l, e->at,
        "margins are one number, two (vertical, horizontal) or four (top, right, bottom, left), "
        "in millimetres; not \"%s\".",
        "margins 应为一个、两个（上下、左右）或四个（上、右、下、左）毫米数；“%s”不行。", e->value);
}

static int read_optional(struct front *f, const struct entry *e)
{
    struct template *t = f->l->t;
    struct slice rest = slice_of(e->value);

    while (rest.len > 0) {
        size_t comma = slice_find(rest, 0, slice_of(","));
        struct slice one = trimmed(comma == SIZE_MAX ? rest : slice_part(rest, 0, comma));

        if (one.len == 0 || t->optional_count == sizeof t->optional / sizeof t->optional[0])
            return front_wrong(f, e);
        t->optional[t->optional_count] = arena_slice(&t->arena, one);
        if (t->optional[t->optional_count++] == NULL)
            return err_no_memory(f->l->e);
        rest =
            comma == SIZE_MAX ? (struct slice){NULL, 0} : slice_part(rest, comma + 1, rest.len - comma - 1);
    }
    return 0;
}

static int read_font(struct front *f, const struct entry *e)
{
    struct page_setup *p = &f->l->t->page;
    struct fonts *fonts = f->l->fonts;

    *(strcmp(e->key, "font") == 0 ? &p->text.family : &p->label.family) = e->value;
    if (fonts != NULL && fonts_lookup(fonts, e->value, false) == NULL)
        return load_error(f->l, e->at, "There is no font family \"%s\"; there are song, hei, kai.",
                          "没有字体“%s”，可用 song、hei、kai。", e->value);
    return 0;
}

/* Certificates are sealable, specimens, and never blank: who says otherwise of one is told where. */
static void note_weaker(struct front *f, const struct entry *e)
{
    f->l->weaker.source = e->source;
    f->l->weaker.at = e->key_at;
}

static int read_yes(struct front *f, const struct entry *e)
{
    struct template *t = f->l->t;
    bool yes = strcmp(e->value, "yes") == 0;

    if (!yes && strcmp(e->value, "no") != 0)
        return front_wrong(f, e);
    if (strcmp(e->key, "justify") == 0) {
        t->page.text.align = yes ? "justify" : "left";
    } else if (strcmp(e->key, "duplex") == 0) {
        t->page.duplex = yes;
    } else {
        bool blank = strcmp(e->key, "blank") == 0;

        *(blank ? &t->has_blank : &t->sealable) = yes;
        if (yes == blank)
            note_weaker(f, e);
    }
    return 0;
}

static int read_unsealed(struct front *f, const struct entry *e)
{
    static const char *const words[] = {"specimen", "draft", "plain"}; /* as enum unsealed */

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(e->value, words[i]) == 0) {
            f->l->t->unsealed = (enum unsealed)i;
            f->says_unsealed = true;
            if (f->l->t->unsealed != UNSEALED_SPECIMEN)
                note_weaker(f, e);
            return 0;
        }
    }
    return load_error(f->l, e->at, "unsealed is specimen, draft or plain, not \"%s\".",
                      "unsealed 应为 specimen、draft 或 plain，“%s”不行。", e->value);
}

/* Keys whose value is a number, with what is sensible. */
static int read_measure(struct front *f, const struct entry *e)
{
    struct page_setup *p = &f->l->t->page;
    const struct {
        const char *name;
        double *to, least, most;
    } measures[] = {{"size", &p->text.size, 3, 200},        {"leading", &p->text.leading, 0.8, 5},
                    {"indent", &p->text.indent, 0, 10},     {"header-y", &p->header_y, 0, 2000},
                    {"footer-y", &p->footer_y, 0, 2000},    {"edge-size", &p->edge_size, 3, 100},
                    {"label-size", &p->label.size, 3, 200}, {"label-leading", &p->label.leading, 0.8, 5}};
    const char *end;

    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        if (strcmp(e->key, measures[i].name) != 0)
            continue;
        if (number_parse(e->value, measures[i].to, &end) && *end == '\0' &&
            *measures[i].to >= measures[i].least && *measures[i].to <= measures[i].most)
            return 0;
        return load_error(f->l, e->at, "%s is a number from %g to %g, not \"%s\".",
                          "%s 应为 %g 至 %g 的数，“%s”不行。", e->key, measures[i].least, measures[i].most,
                          e->value);
    }
    return front_wrong(f, e);
}

static int read_pages(struct front *f, const struct entry *e)
{
    const char *end;
    double pages;

    if (!number_parse(e->value, &pages, &end) || *end != '\0' || pages < 1 || pages > 1000 ||
        pages != (double)(size_t)pages)
        return front_wrong(f, e);
    f->l->t->page.most_pages = (size_t)pages;
    return 0;
}

static int read_fit(struct front *f, const struct entry *e)
{
    struct page_setup *p = &f->l->t->page;

    f->fit = *e;
    if (steps_parse(p->steps, &p->step_count, e->value))
        return 0;
    return load_error(f->l, e->at,
                      "fit is type sizes with their line pitch, as 14/27 13/25 12/23; not \"%s\".",
                      "fit 应为“字号/行距”，如 14/27 13/25 12/23；“%s”不行。", e->value);
}

static int read_heading(struct front *f, const struct entry *e)
{
    if (heading_parse(&f->l->t->page.heading[e->key[strlen("heading-")] - '1'], e->value))
        return 0;
    return load_error(
        f->l, e->at,
        "A heading is described as \"song bold 22/31 center\", with \"tracking 0.12\" if so; not "
        "\"%s\".",
        "标题样式应写作 song bold 22/31 center，可再加 tracking 0.12；“%s”不行。", e->value);
}

static int keep_title(struct front *f, const struct entry *e)
{
    f->title = *e;
    return 0;
}

static int keep_color(struct front *f, const struct entry *e)
{
    f->color = *e;
    return 0;
}

/* "header" alone is its middle. */
static int keep_edge(struct front *f, const struct entry *e)
{
    const char *side = e->key + strlen("header");
    int slot = *side == '\0' ? 1 : strcmp(side, "-left") == 0 ? 0 : 2;

    (e->key[0] == 'h' ? f->header : f->footer)[slot] = *e;
    return 0;
}

/* like_read() has seen to it, before all others. */
static int read_like(struct front *f, const struct entry *e)
{
    struct loader *l = f->l;

    if (l->source == &l->own)
        return l->base.text.ptr != NULL ? 0 : front_wrong(f, e);
    l->source = &l->own;
    return load_error(l, f->like_at, "That template is itself like \"%s\"; only one may be like another.",
                      "该模板本身又沿用“%s”；只能沿用一层。", e->value);
}

static const struct key {
    const char *name;
    int (*read)(struct front *f, const struct entry *e);
} keys[] = {{"title", keep_title},
            {"like", read_like},
            {"page", read_page},
            {"margins", read_margins},
            {"font", read_font},
            {"size", read_measure},
            {"leading", read_measure},
            {"color", keep_color},
            {"indent", read_measure},
            {"justify", read_yes},
            {"fit", read_fit},
            {"pages", read_pages},
            {"label-font", read_font},
            {"label-size", read_measure},
            {"label-leading", read_measure},
            {"heading-1", read_heading},
            {"heading-2", read_heading},
            {"heading-3", read_heading},
            {"header", keep_edge},
            {"header-left", keep_edge},
            {"header-right", keep_edge},
            {"footer", keep_edge},
            {"footer-left", keep_edge},
            {"footer-right", keep_edge},
            {"header-y", read_measure},
            {"footer-y", read_measure},
            {"edge-size", read_measure},
            {"duplex", read_yes},
            {"sealable", read_yes},
            {"unsealed", read_unsealed},
            {"blank", read_yes},
            {"optional", read_optional}};

enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static int unknown_key(struct front *f, const struct entry *e)
{
    struct nearest near;

    nearest_begin(&near, slice_of(e->key));
    for (size_t i = 0; i < KEY_COUNT; i++)
        nearest_try(&near, slice_of(keys[i].name));
    nearest_end(&near);
    return load_error(
        f->l, e->key_at,
        "The front matter knows no \"%.40s\".%s%.0s It knows title, like, page, margins, font, size, "
        "leading, "
        "color, indent, justify, fit, pages, label-font, -size, -leading, heading-1 to -3, header, footer "
        "(and "
        "-left, -right, -y), edge-size, duplex, sealable, unsealed, blank, optional, colors, defaults.",
        "文件头没有“%.40s”这一项。%.0s%"
        "s可用：title、like、page、margins、font、size、leading、color、indent、"
        "justify、fit、pages、label-font、-size、-leading、heading-1 至 -3、header、footer（及 "
        "-left、-right、-y）、edge-size、duplex、sealable、unsealed、blank、optional、colors、defaults。",
        e->key, near.en, near.zh);
}

int front_key(struct front *f, const struct entry *e)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(e->key, keys[i].name) != 0)
            continue;
        if (f->said[i])
            return load_error(f->l, e->key_at, "\"%s\" is said twice.", "“%s”重复出现。", e->key);
        f->said[i] = true;
        return keys[i].read(f, e);
    }
    return unknown_key(f, e);
}

/* An indented line of colors: or defaults:. */
int front_member(struct front *f, const struct entry *e)
{
    struct template *t = f->l->t;

    if (strcmp(f->section, "defaults") == 0) {
        if (t->default_count == sizeof t->defaults / sizeof t->defaults[0])
            return front_wrong(f, e);
        t->defaults[t->default_count++] = (struct default_value){e->key, e->value};
        return 0;
    }
    if (t->color_count == 64 || !color_parse(t, e->value, &t->color_values[t->color_count]))
        return load_error(f->l, e->at, "A colour is written as \"#9A1B1F\", not \"%s\".",
                          "颜色应写作 \"#9A1B1F\"，而不是“%s”。", e->value);
    t->colors[t->color_count++] = e->key;
    return 0;
}
