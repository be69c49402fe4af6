/* front.c - the front matter between the --- lines: page, fonts, colours, what the record may lack. */
#include "base/file.h"
#include "base/utf8.h"
#include "template/template_internal.h"
#include <stdlib.h>
#include <string.h>

/* One line "key: value" and where its parts stand. */
struct entry {
    const char *key, *value;
    size_t key_at, at;
    struct source *source;
};

enum { KEYS_MAX = 40 };

struct front {
    struct loader *l;
    struct entry title, color, fit, header[EDGE_SLOTS],
        footer[EDGE_SLOTS]; /* read last: defaults and colours are known then */
    size_t like_at;
    const char *section; /* "colors", "defaults", or NULL */
    bool said[KEYS_MAX]; /* in this file */
};

static struct slice unquoted(struct slice s)
{
    s = trimmed(s);
    if (s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"')
        s = slice_part(s, 1, s.len - 2);
    return s;
}

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

/* --- keys --- */

static int wrong_value(struct front *f, const struct entry *e)
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
    return margins_parse(f->l->t->page.margin, e->value) ? 0 : wrong_value(f, e);
}

static int read_optional(struct front *f, const struct entry *e)
{
    struct template *t = f->l->t;
    struct slice rest = slice_of(e->value);

    while (rest.len > 0) {
        size_t comma = slice_find(rest, 0, slice_of(","));
        struct slice one = trimmed(comma == SIZE_MAX ? rest : slice_part(rest, 0, comma));

        if (one.len == 0 || t->optional_count == sizeof t->optional / sizeof t->optional[0])
            return wrong_value(f, e);
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

static int read_yes(struct front *f, const struct entry *e)
{
    struct template *t = f->l->t;
    bool yes = strcmp(e->value, "yes") == 0;

    if (!yes && strcmp(e->value, "no") != 0)
        return wrong_value(f, e);
    if (strcmp(e->key, "justify") == 0)
        t->page.text.align = yes ? "justify" : "left";
    else if (strcmp(e->key, "duplex") == 0)
        t->page.duplex = yes;
    else
        *(strcmp(e->key, "blank") == 0 ? &t->has_blank : &t->sealable) = yes;
    return 0;
}

static int read_unsealed(struct front *f, const struct entry *e)
{
    static const char *const words[] = {"specimen", "draft", "plain"}; /* as enum unsealed */

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(e->value, words[i]) == 0) {
            f->l->t->unsealed = (enum unsealed)i;
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
    }
    return wrong_value(f, e);
}

static int read_pages(struct front *f, const struct entry *e)
{
    const char *end;
    double pages;

    if (!number_parse(e->value, &pages, &end) || *end != '\0' || pages < 1 || pages > 1000 ||
        pages != (double)(size_t)pages)
        return wrong_value(f, e);
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
        return 0;
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

static int read_key(struct front *f, const struct entry *e)
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
static int read_member(struct front *f, const struct entry *e)
{
    struct template *t = f->l->t;

    if (strcmp(f->section, "defaults") == 0) {
        if (t->default_count == sizeof t->defaults / sizeof t->defaults[0])
            return wrong_value(f, e);
        t->defaults[t->default_count++] = (struct default_value){e->key, e->value};
        return 0;
    }
    if (t->color_count == 64 || !color_parse(t, e->value, &t->color_values[t->color_count]))
        return load_error(f->l, e->at, "A colour is written as \"#9A1B1F\", not \"%s\".",
                          "颜色应写作 \"#9A1B1F\"，而不是“%s”。", e->value);
    t->colors[t->color_count++] = e->key;
    return 0;
}

/* --- lines --- */

static int read_line(struct front *f, struct slice line)
{
    struct loader *l = f->l;
    bool indented = line.len > 0 && line.ptr[0] == ' ';
    size_t colon = slice_find(line, 0, slice_of(":"));
    struct slice key, value;
    struct entry e = {.source = l->source};

    if (trimmed(line).len == 0 || trimmed(line).ptr[0] == '#')
        return 0;
    if (colon == SIZE_MAX || (indented && f->section == NULL))
        return load_error(l, source_offset(l, trimmed(line)), "A line of the front matter is \"key: value\".",
                          "文件头的每一行应为“名称: 值”。");
    key = unquoted(slice_part(line, 0, colon));
    value = unquoted(slice_part(line, colon + 1, line.len - colon - 1));
    e.key = arena_slice(&l->t->arena, key);
    e.value = arena_slice(&l->t->arena, value);
    if (e.key == NULL || e.value == NULL)
        return err_no_memory(l->e);
    e.key_at = source_offset(l, trimmed(line));
    e.at = value.len > 0 ? source_offset(l, value) : e.key_at;
    if (indented)
        return read_member(f, &e);
    f->section = NULL;
    if (e.value[0] == '\0' && (strcmp(e.key, "colors") == 0 || strcmp(e.key, "defaults") == 0)) {
        f->section = e.key;
        return 0;
    }
    return read_key(f, &e);
}

static struct slice next_line(struct slice *rest)
{
    size_t end = slice_find(*rest, 0, slice_of("\n"));
    struct slice line = end == SIZE_MAX ? *rest : slice_part(*rest, 0, end);

    *rest =
        end == SIZE_MAX ? slice_part(*rest, rest->len, 0) : slice_part(*rest, end + 1, rest->len - end - 1);
    return line;
}

static int read_file(struct front *f, struct slice *body)
{
    struct loader *l = f->l;
    struct slice rest = l->source->text, line = next_line(&rest);

    f->section = NULL;
    memset(f->said, 0, sizeof f->said);
    if (source_check(l) != 0)
        return -1;
    if (!slice_equal(trimmed(line), slice_of("---")))
        return load_error(l, 0, "A template begins with a line --- and its front matter.",
                          "模板须以一行 --- 开始，其后是文件头。");
    while (rest.len > 0) {
        line = next_line(&rest);
        if (slice_equal(trimmed(line), slice_of("---"))) {
            *body = rest;
            return 0;
        }
        if (read_line(f, line) != 0)
            return -1;
    }
    return load_error(l, l->source->text.len, "The front matter has no second line ---.",
                      "文件头缺少结尾的 --- 行。");
}

/* --- like: --- */

/* The value of like: in this file, or nothing. */
static struct slice like_of(struct slice text)
{
    struct slice line = next_line(&text);

    while (text.len > 0) {
        line = next_line(&text);
        if (slice_equal(trimmed(line), slice_of("---")))
            break;
        if (slice_starts(line, 0, "like:"))
            return unquoted(slice_part(line, strlen("like:"), line.len - strlen("like:")));
    }
    return (struct slice){NULL, 0};
}

/* Reads the file that this one is like into l->base. */
static int base_open(struct front *f, struct slice name)
{
    struct loader *l = f->l;
    struct arena *a = &l->t->arena;
    struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES);
    const char *slash = strrchr(l->own.dir, '/'), *path;
    int above = slash != NULL ? (int)(slash - l->own.dir) + 1 : 0, rc = -1;

    l->base.name = arena_slice(a, name);
    l->base.dir = l->base.name != NULL ? arena_printf(a, "%.*s%s", above, l->own.dir, l->base.name) : NULL;
    path = l->base.dir != NULL ? arena_printf(a, "%s/template.md", l->base.dir) : NULL;
    if (path == NULL) {
        err_no_memory(l->e);
        goto out;
    }
    if (strspn(l->base.name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != name.len || name.len > 60 ||
        name.len == 0 || strcmp(l->base.name, l->own.name) == 0 || file_read(&text, path, l->e) != 0) {
        load_error(l, f->like_at, "There is no template \"%.60s\" beside this one to be like.",
                   "本模板旁边没有可沿用的模板“%.60s”。", l->base.name);
        goto out;
    }
    l->base.text.ptr = (const uint8_t *)arena_slice(a, buf_view(&text));
    l->base.text.len = text.len;
    rc = l->base.text.ptr != NULL ? 0 : err_no_memory(l->e);
out:
    buf_dispose(&text);
    return rc;
}

static int read_base(struct front *f, struct slice *body)
{
    struct loader *l = f->l;
    struct slice name = like_of(l->own.text);
    int rc;

    if (name.ptr == NULL)
        return 0;
    f->like_at = source_offset(l, name);
    if (base_open(f, name) != 0)
        return -1;
    l->source = &l->base;
    rc = read_file(f, body);
    if (rc == 0)
        l->source = &l->own;
    return rc;
}

/* --- what is read last --- */

static int edge_text(struct loader *l, const struct entry *e, const struct node **out)
{
    struct node *n;

    *out = NULL;
    if (e->value == NULL || e->value[0] == '\0') /* said to be empty: this file has no such line */
        return 0;
    l->source = e->source;
    n = node_new(l, NODE_PARAGRAPH, e->at);
    if (n == NULL || (n->text = pattern_parse(l, e->at, e->value, false)) == NULL)
        return -1;
    *out = n;
    return 0;
}

static int read_texts(struct front *f)
{
    struct loader *l = f->l;
    struct template *t = l->t;

    if (f->title.value == NULL)
        return load_error(l, 0, "The front matter has no title.", "文件头缺少 title。");
    l->source = f->title.source;
    t->title = pattern_parse(l, f->title.at, f->title.value, false);
    if (t->title == NULL)
        return -1;
    for (int i = 0; i < EDGE_SLOTS; i++)
        if (edge_text(l, &f->header[i], &t->page.header[i]) != 0 ||
            edge_text(l, &f->footer[i], &t->page.footer[i]) != 0)
            return -1;
    return 0;
}

static int settle(struct front *f)
{
    struct loader *l = f->l;
    struct page_setup *p = &l->t->page;

    if (f->color.value != NULL) {
        l->source = f->color.source;
        if (!color_parse(l->t, f->color.value, &p->text.color))
            return wrong_value(f, &f->color);
    }
    if (p->step_count > 0 && p->most_pages == 0) {
        l->source = f->fit.source;
        return load_error(l, f->fit.key_at, "fit needs pages: the number that the text must keep within.",
                          "写了 fit 就须写 pages，即最多几页。");
    }
    p->label.color = p->text.color;
    for (int i = 0; i < HEADING_LEVELS; i++)
        p->heading[i].color = p->text.color;
    if (p->footer_y == 0)
        p->footer_y = p->height - 15;
    l->source = &l->own;
    return read_texts(f);
}

static void set_defaults(struct page_setup *p)
{
    *p = (struct page_setup){
        .width = 210,
        .height = 297,
        .margin = {25, 25, 25, 25},
        .text = {.family = "song", .size = 12, .leading = 1.6, .indent = 2, .align = "justify"},
        .label = {.family = "hei", .size = 10, .leading = 1.25, .align = "center"},
        .heading = {{.family = "song", .size = 22, .leading = 31.0 / 22, .bold = true, .align = "center"},
                    {.family = "hei", .size = 15, .leading = 1.323, .align = "center"},
                    {.family = "hei", .size = 12, .leading = 1.5, .align = "left"}},
        .header_y = 15,
        .edge_size = 9};
    for (int i = 0; i < HEADING_LEVELS; i++)
        p->heading[i].tracking = -1;
}

int front_read(struct loader *l, struct slice *body)
{
    struct front f = {.l = l};
    struct slice base_body = {NULL, 0};

    set_defaults(&l->t->page);
    l->t->sealable = true;
    if (read_base(&f, &base_body) != 0 || read_file(&f, body) != 0 || settle(&f) != 0)
        return -1;
    l->source = &l->own;
    if (l->base.text.ptr != NULL && trimmed(*body).len == 0) {
        l->source = &l->base;
        *body = base_body;
    }
    return 0;
}
