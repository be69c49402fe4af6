/* front.c - the front matter between the --- lines: page, fonts, colours, what the record may lack. */
#include "base/utf8.h"
#include "template/template_internal.h"
#include <stdlib.h>
#include <string.h>

/* Texts that hold placeholders are read last: by then the defaults are known. */
struct later {
    const char *title, *header[EDGE_SLOTS], *footer[EDGE_SLOTS];
    int title_line, header_line[EDGE_SLOTS], footer_line[EDGE_SLOTS];
};

struct front {
    struct loader *l;
    struct later later;
    const char *section; /* "colors", "defaults", or NULL */
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
    for (size_t i = 0; i < t->color_count; i++) {
        if (strcmp(t->colors[i], text) == 0) {
            *rgb = t->color_values[i];
            return true;
        }
    }
    *rgb = strcmp(text, "white") == 0 ? 0xFFFFFF : 0;
    return strcmp(text, "white") == 0 || strcmp(text, "black") == 0;
}

static int wrong_value(struct front *f, const char *key, const char *value)
{
    return load_error(f->l, f->l->front_line, "\"%s\" does not suit \"%s\".", "“%s”不是“%s”可用的值。", value,
                      key);
}

static bool read_number(const char *text, double *out, const char **end)
{
    char *stop;

    *out = strtod(text, &stop);
    *end = stop;
    return stop != text && *out > -10000 && *out < 10000;
}

static int read_page(struct front *f, const char *value)
{
    struct page_setup *p = &f->l->t->page;
    static const struct {
        const char *name;
        double w, h;
    } sizes[] = {{"A3", 297, 420}, {"A4", 210, 297}, {"A5", 148, 210}, {"B5", 176, 250}};
    const char *rest;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (strncmp(value, sizes[i].name, 2) != 0)
            continue;
        rest = value + 2 + strspn(value + 2, " ");
        if (*rest != '\0' && strcmp(rest, "portrait") != 0 && strcmp(rest, "landscape") != 0)
            return wrong_value(f, "page", value);
        p->width = *rest == 'l' ? sizes[i].h : sizes[i].w;
        p->height = *rest == 'l' ? sizes[i].w : sizes[i].h;
        return 0;
    }
    if (!read_number(value, &p->width, &rest) || *rest != 'x' || !read_number(rest + 1, &p->height, &rest) ||
        *rest != '\0' || p->width < 20 || p->height < 20 || p->width > 2000 || p->height > 2000)
        return load_error(
            f->l, f->l->front_line,
            "page is A3, A4, A5 or B5, with \"landscape\" if so, or millimetres such as 297x210; not "
            "\"%s\".",
            "page 应为 A3、A4、A5、B5（横向加 landscape），或毫米数如 297x210；“%s”不行。", value);
    return 0;
}

/* One to four numbers as CSS has them: all; vertical horizontal; top right bottom left. */
static int read_margins(struct front *f, const char *value)
{
    double m[4];
    const char *at = value;
    int n = 0;

    while (n < 4 && *at != '\0') {
        if (!read_number(at, &m[n], &at) || m[n] < 0)
            return wrong_value(f, "margins", value);
        n++;
        at += strspn(at, " ");
    }
    if (*at != '\0' || n == 0 || n == 3)
        return wrong_value(f, "margins", value);
    for (int i = 0; i < 4; i++)
        f->l->t->page.margin[i] = m[i % n];
    return 0;
}

static int read_list(struct front *f, const char *value, const char **list, size_t max, size_t *count)
{
    struct slice rest = slice_of(value);

    while (rest.len > 0) {
        size_t comma = slice_find(rest, 0, slice_of(","));
        struct slice one = trimmed(comma == SIZE_MAX ? rest : slice_part(rest, 0, comma));

        if (one.len == 0 || *count == max)
            return wrong_value(f, "optional", value);
        list[*count] = arena_slice(&f->l->t->arena, one);
        if (list[(*count)++] == NULL)
            return err_no_memory(f->l->e);
        rest =
            comma == SIZE_MAX ? (struct slice){NULL, 0} : slice_part(rest, comma + 1, rest.len - comma - 1);
    }
    return 0;
}

static int read_family(struct front *f, const char *value)
{
    f->l->t->page.text.family = value;
    if (f->l->fonts != NULL && fonts_lookup(f->l->fonts, value, false) == NULL)
        return load_error(f->l, f->l->front_line, "There is no font family \"%s\"; there are song, hei, kai.",
                          "没有字体“%s”，可用 song、hei、kai。", value);
    return 0;
}

static int read_yes(struct front *f, const char *key, const char *value, bool *out)
{
    *out = strcmp(value, "yes") == 0;
    return *out || strcmp(value, "no") == 0 ? 0 : wrong_value(f, key, value);
}

static int read_justify(struct front *f, const char *key, const char *value)
{
    bool justify;

    if (read_yes(f, key, value, &justify) != 0)
        return -1;
    f->l->t->page.text.align = justify ? "justify" : "left";
    return 0;
}

/* Keys whose value is a number, with what is sensible. */
static int read_measure(struct front *f, const char *key, const char *value, bool *known)
{
    struct page_setup *p = &f->l->t->page;
    const struct {
        const char *name;
        double *to, least, most;
    } measures[] = {{"size", &p->text.size, 3, 200},     {"leading", &p->text.leading, 0.8, 5},
                    {"indent", &p->text.indent, 0, 10},  {"header-y", &p->header_y, 0, 2000},
                    {"footer-y", &p->footer_y, 0, 2000}, {"edge-size", &p->edge_size, 3, 100}};
    const char *end;

    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        if (strcmp(key, measures[i].name) != 0)
            continue;
        *known = true;
        if (!read_number(value, measures[i].to, &end) || *end != '\0' ||
            *measures[i].to < measures[i].least || *measures[i].to > measures[i].most)
            return wrong_value(f, key, value);
        return 0;
    }
    *known = false;
    return 0;
}

static bool read_later(struct front *f, const char *key, const char *value)
{
    /* "footer" alone is its middle */
    static const char *const headers[] = {"header-left", "header", "header-right"};
    static const char *const footers[] = {"footer-left", "footer", "footer-right"};
    int line = f->l->front_line;

    if (strcmp(key, "title") == 0) {
        f->later.title = value;
        f->later.title_line = line;
        return true;
    }
    for (int i = 0; i < EDGE_SLOTS; i++) {
        if (strcmp(key, headers[i]) == 0) {
            f->later.header[i] = value;
            f->later.header_line[i] = line;
            return true;
        }
        if (strcmp(key, footers[i]) == 0) {
            f->later.footer[i] = value;
            f->later.footer_line[i] = line;
            return true;
        }
    }
    return false;
}

static int read_key(struct front *f, const char *key, const char *value)
{
    struct template *t = f->l->t;
    bool known;
    int rc = read_measure(f, key, value, &known);

    if (known || rc != 0)
        return rc;
    if (read_later(f, key, value))
        return 0;
    if (strcmp(key, "page") == 0)
        return read_page(f, value);
    if (strcmp(key, "margins") == 0)
        return read_margins(f, value);
    if (strcmp(key, "font") == 0)
        return read_family(f, value);
    if (strcmp(key, "color") == 0)
        return color_parse(t, value, &t->page.text.color) ? 0 : wrong_value(f, key, value);
    if (strcmp(key, "sealable") == 0)
        return read_yes(f, key, value, &t->sealable);
    if (strcmp(key, "justify") == 0)
        return read_justify(f, key, value);
    if (strcmp(key, "optional") == 0)
        return read_list(f, value, t->optional, 128, &t->optional_count);
    return load_error(
        f->l, f->l->front_line,
        "The front matter knows no \"%s\". It knows title, page, margins, font, size, color, leading, "
        "indent, justify, header, footer (and -align, -y), edge-size, sealable, optional, colors, "
        "defaults.",
        "文件头没有“%s”这一项。可用：title、page、margins、font、size、color、leading、indent、"
        "justify、header、footer（及 -align、-y）、edge-size、sealable、optional、colors、defaults。",
        key);
}

/* An indented line of colors: or defaults:. */
static int read_entry(struct front *f, const char *key, const char *value)
{
    struct template *t = f->l->t;

    if (strcmp(f->section, "defaults") == 0) {
        if (t->default_count == 64)
            return wrong_value(f, "defaults", key);
        t->defaults[t->default_count++] = (struct default_value){key, value};
        return 0;
    }
    if (t->color_count == 64 || !color_parse(t, value, &t->color_values[t->color_count]))
        return load_error(f->l, f->l->front_line, "A colour is written as \"#9A1B1F\", not \"%s\".",
                          "颜色应写作 \"#9A1B1F\"，而不是“%s”。", value);
    t->colors[t->color_count++] = key;
    return 0;
}

static int read_line(struct front *f, struct slice line)
{
    bool indented = line.len > 0 && line.ptr[0] == ' ';
    size_t colon = slice_find(line, 0, slice_of(":"));
    const char *key, *value;

    if (trimmed(line).len == 0 || trimmed(line).ptr[0] == '#')
        return 0;
    if (colon == SIZE_MAX || (indented && f->section == NULL))
        return load_error(f->l, f->l->front_line, "A line of the front matter is \"key: value\".",
                          "文件头的每一行应为“名称: 值”。");
    key = arena_slice(&f->l->t->arena, unquoted(slice_part(line, 0, colon)));
    value = arena_slice(&f->l->t->arena, unquoted(slice_part(line, colon + 1, line.len - colon - 1)));
    if (key == NULL || value == NULL)
        return err_no_memory(f->l->e);
    if (indented)
        return read_entry(f, key, value);
    f->section = NULL;
    if (value[0] == '\0' && (strcmp(key, "colors") == 0 || strcmp(key, "defaults") == 0)) {
        f->section = key;
        return 0;
    }
    return read_key(f, key, value);
}

static int edge_text(struct loader *l, const char *text, int line, const struct node **out)
{
    struct node *n;

    *out = NULL;
    if (text == NULL)
        return 0;
    n = node_new(l, NODE_PARAGRAPH, line);
    if (n == NULL || (n->text = pattern_parse(l, line, text, false)) == NULL)
        return -1;
    *out = n;
    return 0;
}

static int read_texts(struct front *f)
{
    struct template *t = f->l->t;

    if (f->later.title == NULL)
        return load_error(f->l, 1, "The front matter has no title.", "文件头缺少 title。");
    t->title = pattern_parse(f->l, f->later.title_line, f->later.title, false);
    if (t->title == NULL)
        return -1;
    for (int i = 0; i < EDGE_SLOTS; i++)
        if (edge_text(f->l, f->later.header[i], f->later.header_line[i], &t->page.header[i]) != 0 ||
            edge_text(f->l, f->later.footer[i], f->later.footer_line[i], &t->page.footer[i]) != 0)
            return -1;
    return 0;
}

static struct slice next_line(struct slice *rest)
{
    size_t end = slice_find(*rest, 0, slice_of("\n"));
    struct slice line = end == SIZE_MAX ? *rest : slice_part(*rest, 0, end);

    *rest = end == SIZE_MAX ? (struct slice){NULL, 0} : slice_part(*rest, end + 1, rest->len - end - 1);
    return line;
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

int front_read(struct loader *l, struct slice file, struct slice *body, int *body_line)
{
    struct front f = {.l = l};
    struct slice rest = file, line = next_line(&rest);

    set_defaults(&l->t->page);
    l->t->sealable = true;
    if (!slice_equal(trimmed(line), slice_of("---")))
        return load_error(l, 1, "A template begins with a line --- and its front matter.",
                          "模板须以一行 --- 开始，其后是文件头。");
    for (l->front_line = 2; rest.len > 0; l->front_line++) {
        line = next_line(&rest);
        if (slice_equal(trimmed(line), slice_of("---"))) {
            *body = rest;
            *body_line = l->front_line + 1;
            if (l->t->page.footer_y == 0)
                l->t->page.footer_y = l->t->page.height - 15;
            return read_texts(&f);
        }
        if (read_line(&f, line) != 0)
            return -1;
    }
    return load_error(l, l->front_line, "The front matter has no second line ---.",
                      "文件头缺少结尾的 --- 行。");
}
