/* line.c - characters find their face and width; lines of them become runs. */
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <stdio.h>

static bool is_private(uint32_t cp)
{
    return (cp >= 0xE000 && cp <= 0xF8FF) || cp >= 0xF0000;
}

/* Characters that show nothing and change how others are read: U+202E turns a name around. */
static bool is_invisible(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xAD || cp == 0x61C ||
           (cp >= 0x200B && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
           (cp >= 0x2060 && cp <= 0x206F) || cp == 0xFEFF || (cp >= 0xFE00 && cp <= 0xFE0F) ||
           (cp >= 0xFFF0 && cp <= 0xFFFB) || (cp >= 0xE0000 && cp <= 0xE0FFF);
}

static int refuse(struct sheet *s, const struct tree_char *c)
{
    char shown[8] = "";
    unsigned cp = (unsigned)c->cp;

    if (c->cp == CHAR_BREAK)
        err_set(s->e, ERR_INVALID, "A new line (U+000A) cannot stand in a value that is set on one line.",
                "此项不能含换行符（U+000A）。");
    else if (is_invisible(c->cp))
        err_set(s->e, ERR_INVALID,
                "The value holds the invisible character U+%04X; type it again without it.",
                "内容含有不可见字符 U+%04X，请删除后重新输入。", cp);
    else if (is_private(c->cp))
        err_set(s->e, ERR_INVALID,
                "The value holds the private-use character U+%04X, which looks different on every machine; "
                "use its "
                "standard code point.",
                "内容含有自造字 U+%04X（私用区编码，在不同设备上显示不同），请改用国家标准编码的字符。", cp);
    else {
        shown[utf8_put(shown, c->cp)] = '\0';
        err_set(s->e, ERR_INVALID, "No font here has the character %s (U+%04X).",
                "现有字体均没有字符“%s”（U+%04X）。", shown, cp);
    }
    return err_field(s->e, "%s", c->from != NULL ? c->from : "");
}

static int put_number(struct shaped *out, struct sheet *s, const struct face *face, size_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%zu", number);

    (void)s;
    for (int i = 0; i < len; i++) {
        uint32_t cp = (uint32_t)text[i];

        out->cells[out->count++] = (struct cell){cp, face, face_advance(face, cp) / 1000, NULL};
    }
    return 0;
}

static int put_char(struct shaped *out, struct sheet *s, const struct tree_char *c, const struct face *wanted,
                    bool breaks_allowed)
{
    const struct face *face;

    if (c->cp == CHAR_PAGE || c->cp == CHAR_PAGES)
        return put_number(out, s, wanted, c->cp == CHAR_PAGE ? s->this_page : s->all_pages);
    if (c->cp == CHAR_SOFT || (c->cp == CHAR_BREAK && (breaks_allowed || c->from == NULL))) {
        out->cells[out->count++] = (struct cell){c->cp, NULL, 0, c->from};
        return 0;
    }
    if (c->cp > 0x10FFFF || is_invisible(c->cp) || is_private(c->cp))
        return refuse(s, c);
    face = fonts_cover(s->fonts, wanted, c->cp);
    if (face == NULL)
        return refuse(s, c);
    out->cells[out->count++] = (struct cell){c->cp, face, face_advance(face, c->cp) / 1000, c->from};
    return 0;
}

int shape(struct shaped *out, struct sheet *s, const struct tree_text *t, const struct setting *how,
          bool breaks_allowed)
{
    const struct face *plain = fonts_lookup(s->fonts, how->family, how->bold);
    const struct face *bold = fonts_lookup(s->fonts, how->family, true);
    const struct face *emphasis = fonts_lookup(s->fonts, "kai", false);
    size_t room = t->count + 1;

    for (size_t i = 0; i < t->count; i++)
        if (t->chars[i].cp > CHAR_BREAK)
            room += 24;
    *out = (struct shaped){arena_array(s->arena, room, sizeof(struct cell)), 0};
    if (out->cells == NULL)
        return err_no_memory(s->e);
    if (plain == NULL || bold == NULL)
        return err_set(s->e, ERR_INTERNAL, "The font family %s is not installed.", "未安装字体 %s。",
                       how->family);
    for (size_t i = 0; i < t->count; i++) {
        uint8_t style = t->chars[i].style;
        const struct face *wanted = style & STYLE_BOLD                           ? bold
                                    : style & STYLE_EMPHASIS && emphasis != NULL ? emphasis
                                                                                 : plain;

        if (put_char(out, s, &t->chars[i], wanted, breaks_allowed) != 0)
            return -1;
    }
    return 0;
}

static bool is_blank(const struct cell *c)
{
    return c->face == NULL || c->cp == ' ' || c->cp == 0x3000;
}

void trim_cells(const struct shaped *t, size_t *from, size_t *to)
{
    while (*from < *to && is_blank(&t->cells[*from]))
        (*from)++;
    while (*to > *from && is_blank(&t->cells[*to - 1]))
        (*to)--;
}

double width_of(const struct shaped *t, size_t from, size_t to, double size, double tracking)
{
    double em = 0;
    size_t glyphs = 0;

    trim_cells(t, &from, &to);
    for (size_t i = from; i < to; i++) {
        em += t->cells[i].em;
        glyphs += t->cells[i].face != NULL;
    }
    if (glyphs > 1)
        em += (double)(glyphs - 1) * tracking;
    return em * size * PT_MM;
}

/* Between two Chinese characters, or at a space. */
static bool stretches(const struct cell *a, const struct cell *b)
{
    if (a->cp == ' ' || b->cp == ' ')
        return a->cp == ' ';
    return utf8_is_han(a->cp) || utf8_is_han(b->cp) || (a->cp >= 0x3000 && a->cp <= 0x303F) ||
           (a->cp >= 0xFF00 && a->cp <= 0xFFEF);
}

static int set_run(struct sheet *s, const struct cell *cells, size_t count, const struct place *p, double *x)
{
    struct glyph_at *glyphs = arena_array(s->arena, count, sizeof *glyphs);
    struct item *i = item_new(s, ITEM_TEXT);
    double dx = 0;
    size_t n = 0;

    if (glyphs == NULL || i == NULL)
        return glyphs == NULL ? err_no_memory(s->e) : -1;
    for (size_t k = 0; k < count; k++) {
        if (cells[k].face == NULL)
            continue;
        glyphs[n++] = (struct glyph_at){cells[k].cp, (float)dx};
        dx += (cells[k].em + p->tracking) * p->size * PT_MM;
        /* cells[count] belongs to the same line or is no glyph */
        if (p->stretch > 0 && stretches(&cells[k], &cells[k + 1]))
            dx += p->stretch;
    }
    i->u.text = (struct text_run){.face = cells[0].face,
                                  .size = p->size,
                                  .color = p->color,
                                  .x = *x,
                                  .baseline = p->baseline,
                                  .alpha = 1,
                                  .glyphs = glyphs,
                                  .count = n};
    *x += dx;
    return 0;
}

int set_line(struct sheet *s, const struct shaped *t, size_t from, size_t to, const struct place *p)
{
    double x = p->x;

    trim_cells(t, &from, &to);
    while (from < to) {
        size_t end = from + 1;

        /* a soft break inside a line shows nothing and parts no run */
        while (end < to && (t->cells[end].face == t->cells[from].face || t->cells[end].face == NULL))
            end++;
        if (set_run(s, t->cells + from, end - from, p, &x) != 0)
            return -1;
        from = end;
    }
    return 0;
}

static const char *first_source(const struct tree_text *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->chars[i].from != NULL)
            return t->chars[i].from;
    return "";
}

int too_long(struct sheet *s, const struct tree_text *t, const struct tree_text *label)
{
    struct buf name = BUF_INIT(128);
    size_t length = 0;

    for (size_t i = 0; label != NULL && i < label->count; i++)
        if (label->chars[i].cp < CHAR_SOFT)
            utf8_append(&name, label->chars[i].cp);
    for (size_t i = 0; i < t->count; i++)
        length += t->chars[i].cp < CHAR_SOFT;
    if (name.len == 0)
        buf_append_text(&name, first_source(t));
    err_set(s->e, ERR_INVALID,
            "%s is too long for its place, even in the smallest type: %zu characters. Shorten it.",
            "“%s”过长（%zu 个字），用最小字号也排不下，请缩短。",
            buf_text(&name) != NULL ? buf_text(&name) : "", length);
    buf_dispose(&name);
    return err_field(s->e, "%s", first_source(t));
}
