/* line.c - characters find their face and width; lines of them become runs. */
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <stdio.h>
#include <string.h>

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

static int put_number(struct shaped *out, const struct face *face, size_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%zu", number);

    for (int i = 0; i < len; i++) {
        uint32_t cp = (uint32_t)text[i];

        out->cells[out->count++] = (struct cell){.cp = cp, .face = face, .em = face_advance(face, cp) / 1000};
    }
    return 0;
}

static int put_char(struct shaped *out, struct sheet *s, const struct tree_char *c, const struct face *wanted,
                    bool breaks_allowed)
{
    const struct face *face;

    if (c->cp == CHAR_PAGE || c->cp == CHAR_PAGES)
        return put_number(out, wanted, c->cp == CHAR_PAGE ? s->this_page : s->all_pages);
    if (c->cp == CHAR_SOFT || (c->cp == CHAR_BREAK && (breaks_allowed || c->from == NULL))) {
        out->cells[out->count++] = (struct cell){.cp = c->cp, .from = c->from};
        return 0;
    }
    if (c->cp > 0x10FFFF || is_invisible(c->cp) || is_private(c->cp))
        return refuse(s, c);
    face = fonts_cover(s->fonts, wanted, c->cp);
    if (face == NULL)
        return refuse(s, c);
    out->cells[out->count++] = (struct cell){.cp = c->cp,
                                             .under = (c->style & STYLE_UNDERLINE) != 0,
                                             .face = face,
                                             .em = face_advance(face, c->cp) / 1000,
                                             .from = c->from};
    return 0;
}

/* Families are few, and most names are the same string. */
static const struct family *family_of(struct sheet *s, const char *name)
{
    struct family *f;

    for (size_t i = 0; i < s->family_count; i++)
        if (s->families[i].name == name || strcmp(s->families[i].name, name) == 0)
            return &s->families[i];
    if (s->emphasis == NULL)
        s->emphasis = fonts_lookup(s->fonts, "kai", false);
    if (s->family_count == FAMILIES_MAX)
        s->family_count--;
    f = &s->families[s->family_count];
    *f = (struct family){name, fonts_lookup(s->fonts, name, false), fonts_lookup(s->fonts, name, true)};
    if (f->plain == NULL || f->bold == NULL) {
        err_set(s->e, ERR_INTERNAL, "The font family %s is not installed.", "未安装字体 %s。", name);
        return NULL;
    }
    s->family_count++;
    return f;
}

/* Room for every character, for numbers of pages and for the ends of what is underlined. */
static size_t room_of(const struct tree_text *t)
{
    size_t room = t->count + 1;
    bool under = false;

    for (size_t i = 0; i < t->count; i++) {
        bool here = (t->chars[i].style & STYLE_UNDERLINE) != 0;

        room += (t->chars[i].cp > CHAR_BREAK ? 24 : 0) + (here != under ? 1 : 0);
        under = here;
    }
    return room + under;
}

static void put_pad(struct shaped *out)
{
    out->cells[out->count++] = (struct cell){.cp = CHAR_PAD, .under = true, .em = 0.4};
}

int shape(struct shaped *out, struct sheet *s, const struct tree_text *t, const struct setting *how,
          bool breaks_allowed)
{
    const struct family *family = family_of(s, how->family);
    bool under = false;

    if (family == NULL)
        return -1;
    *out = (struct shaped){arena_array(s->scratch, room_of(t), sizeof(struct cell)), 0};
    if (out->cells == NULL)
        return err_no_memory(s->e);
    for (size_t i = 0; i < t->count; i++) {
        uint8_t style = t->chars[i].style;
        const struct face *wanted = style & STYLE_BOLD                              ? family->bold
                                    : style & STYLE_EMPHASIS && s->emphasis != NULL ? s->emphasis
                                    : how->bold                                     ? family->bold
                                                                                    : family->plain;
        bool here = (style & STYLE_UNDERLINE) != 0;

        if (here != under)
            put_pad(out);
        under = here;
        if (put_char(out, s, &t->chars[i], wanted, breaks_allowed) != 0)
            return -1;
    }
    if (under)
        put_pad(out);
    return 0;
}

bool cell_is_blank(const struct cell *c)
{
    return !c->under && (c->face == NULL || c->cp == ' ' || c->cp == 0x3000);
}

void trim_cells(const struct shaped *t, size_t *from, size_t *to)
{
    while (*from < *to && cell_is_blank(&t->cells[*from]))
        (*from)++;
    while (*to > *from && cell_is_blank(&t->cells[*to - 1]))
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

bool stretches(const struct cell *a, const struct cell *b)
{
    if (a->face == NULL)
        return false;
    if (a->cp == ' ' || b->cp == ' ')
        return a->cp == ' ';
    return utf8_is_han(a->cp) || utf8_is_han(b->cp) || (a->cp >= 0x3000 && a->cp <= 0x303F) ||
           (a->cp >= 0xFF00 && a->cp <= 0xFFEF);
}

/* From a cell's left edge to that of the next: cells[1] belongs to the same line or is no glyph. */
static double step_of(const struct cell *cells, const struct place *p)
{
    double mm;

    if (cells->face == NULL)
        return cells->em * p->size * PT_MM;
    mm = (cells->em + p->tracking) * p->size * PT_MM;
    return p->stretch > 0 && stretches(&cells[0], &cells[1]) ? mm + p->stretch : mm;
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
        if (cells[k].face != NULL)
            glyphs[n++] = (struct glyph_at){cells[k].cp, (float)dx};
        dx += step_of(&cells[k], p);
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

/* Rules below what is underlined, half a point strong. */
static int set_underlines(struct sheet *s, const struct cell *cells, size_t count, const struct place *p)
{
    double x = p->x, top = p->baseline + 0.16 * p->size * PT_MM;

    for (size_t i = 0; i < count;) {
        double from = x, ink = x;
        bool under = cells[i].under;

        for (; i < count && cells[i].under == under; i++) {
            ink = x + cells[i].em * p->size * PT_MM;
            x += step_of(&cells[i], p);
        }
        if (under &&
            fill(s, (struct box){from, top, (i < count ? x : ink) - from, 0.5 * PT_MM}, p->color) != 0)
            return -1;
    }
    return 0;
}

int set_line(struct sheet *s, const struct shaped *t, size_t from, size_t to, const struct place *p)
{
    size_t first;
    bool under = false;
    double x = p->x;

    trim_cells(t, &from, &to);
    first = from;
    while (from < to) {
        size_t end = from + 1;

        under = under || t->cells[from].under;
        if (t->cells[from].face == NULL) {
            x += step_of(&t->cells[from++], p);
            continue;
        }
        /* a soft break inside a line shows nothing and parts no run */
        for (; end < to && (t->cells[end].face == t->cells[from].face || t->cells[end].face == NULL); end++)
            under = under || t->cells[end].under;
        if (set_run(s, t->cells + from, end - from, p, &x) != 0)
            return -1;
        from = end;
    }
    return under ? set_underlines(s, t->cells + first, to - first, p) : 0;
}

int set_spread(struct sheet *s, const struct shaped *t, size_t from, size_t to, double width,
               const struct place *p)
{
    struct place at = *p;
    double spare;
    size_t glyphs = 0;

    trim_cells(t, &from, &to);
    spare = width - width_of(t, from, to, p->size, 0);
    for (size_t i = from; i < to; i++)
        glyphs += t->cells[i].face != NULL;
    at.tracking = glyphs > 1 ? spare / (double)(glyphs - 1) / (p->size * PT_MM) : 0;
    if (glyphs == 1)
        at.x += spare / 2;
    return set_line(s, t, from, to, &at);
}

static const char *first_source(const struct tree_text *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->chars[i].from != NULL)
            return t->chars[i].from;
    return "";
}

const struct tree_text *longest_text(const struct tree_node *n, bool of_record)
{
    const struct tree_text *longest =
        n->text.count > 0 && (!of_record || first_source(&n->text)[0] != '\0') ? &n->text : NULL;

    for (const struct tree_node *c = n->first; c != NULL; c = c->next) {
        const struct tree_text *below = longest_text(c, of_record);

        if (below != NULL && (longest == NULL || below->count > longest->count))
            longest = below;
    }
    return longest;
}

int too_long(struct sheet *s, const struct tree_text *t, const struct tree_text *label)
{
    enum { NAME_MOST = 120 }; /* bytes; a label may be as long as a record makes it */
    struct buf name = BUF_INIT(4096);
    size_t length = 0;

    for (size_t i = 0; label != NULL && i < label->count && name.len < NAME_MOST; i++)
        if (label->chars[i].cp < CHAR_SOFT)
            utf8_append(&name, label->chars[i].cp);
    for (size_t i = 0; i < t->count; i++)
        length += t->chars[i].cp < CHAR_SOFT;
    if (name.len == 0)
        buf_append_text(&name, first_source(t));
    /* fixed wording is named by how it begins */
    for (size_t i = 0; i < t->count && i < 12 && first_source(t)[0] == '\0' && label == NULL; i++)
        if (t->chars[i].cp < CHAR_SOFT)
            utf8_append(&name, t->chars[i].cp);
    if (name.len == 0) /* nothing but breaks */
        buf_append_text(&name, "…");
    err_set(s->e, ERR_INVALID,
            "%s is too long for its place, even in the smallest type: %zu characters. Shorten it.",
            "“%s”过长（%zu 个字），用最小字号也排不下，请缩短。",
            buf_text(&name) != NULL ? buf_text(&name) : "", length);
    buf_dispose(&name);
    return err_field(s->e, "%s", first_source(t));
}
