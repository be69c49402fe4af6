/* paragraph.c - a text broken into lines, punctuation squeezed, lines justified: flow, cells, lists and
 * areas alike. */
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <string.h>

/* A line of Chinese stands in the middle of its band when its ideographic box (0.88 em above the baseline,
 * 0.12 below) does. */
double baseline_in(double band, double size)
{
    return band / 2 + 0.38 * size * PT_MM;
}

/* The right half of these is blank where they are a full em wide. */
static bool closes(const struct cell *c)
{
    static const uint32_t closing[] = {0x3001, 0x3002, 0xFF0C, 0xFF1B, 0xFF1A, 0xFF01, 0xFF1F, 0xFF09,
                                       0x300B, 0x300D, 0x300F, 0x3011, 0x3015, 0xFF0E, 0x201D, 0x2019};

    for (size_t i = 0; i < sizeof closing / sizeof closing[0]; i++)
        if (closing[i] == c->cp)
            return true;
    return false;
}

/* The left half of these. */
static bool opens(const struct cell *c)
{
    static const uint32_t opening[] = {0xFF08, 0x300A, 0x300C, 0x300E, 0x3010, 0x3014, 0x201C, 0x2018};

    for (size_t i = 0; i < sizeof opening / sizeof opening[0]; i++)
        if (opening[i] == c->cp)
            return true;
    return false;
}

static bool is_full(const struct cell *c)
{
    return c->em > 0.99;
}

/* Two marks side by side share a blank of half an em: 》， or 」（ or （《. */
void squeeze(struct shaped *t)
{
    for (size_t i = 0; i + 1 < t->count; i++) {
        struct cell *a = &t->cells[i], *b = &t->cells[i + 1];

        if (is_full(a) && is_full(b) && ((closes(a) && (closes(b) || opens(b))) || (opens(a) && opens(b))))
            a->em -= 0.5;
    }
}

/* --- lines --- */

struct breaker {
    struct sheet *s;
    const struct shaped *t;
    const bool *may; /* NULL: it is one line */
    struct measure measure;
    double size, indent, tracking; /* pt, em, em */
};

/* An opening mark at the beginning of a line is pulled over its edge by its blank half. */
double pull_of(const struct shaped *t, size_t from)
{
    return from < t->count && is_full(&t->cells[from]) && opens(&t->cells[from]) ? 0.5 : 0;
}

/* A closing mark at the end may hang over it by its own. */
double hang_of(const struct cell *c)
{
    return is_full(c) && closes(c) ? 0.5 : 0;
}

/* Where an address is broken by those who must. */
static bool parts_address(uint32_t cp)
{
    return cp == '/' || cp == '?' || cp == '&' || cp == '-' || cp == '.' || cp == '_' || cp == '=' ||
           cp == '#' || cp == '%' || cp == ':';
}

/* Whether what begins at `from` and may not be broken is wider than a line. */
static bool is_endless(const struct breaker *b, size_t from, double room)
{
    double em = 0;

    for (size_t i = from; i < b->t->count && (i == from || !b->may[i]); i++) {
        if (b->t->cells[i].cp == CHAR_BREAK)
            return false;
        em += b->t->cells[i].em + b->tracking;
        if (em > room)
            return true;
    }
    return false;
}

/* A mark stays on the line of its neighbour even inside a word that has to be broken. */
static bool tears(const struct breaker *b, size_t at)
{
    const struct cell *cells = b->t->cells;

    return closes(&cells[at]) || opens(&cells[at - 1]) || cells[at].em <= 0 || cells[at].cp == CHAR_PAD;
}

/* The line is full before i, and `end` (or from) is the last place where it may end. */
static size_t overflow_end(const struct breaker *b, size_t from, size_t end, size_t i, double room)
{
    size_t word = end > from ? end : from, least = word + 1;

    if (end > from && (i < end + 4 || !is_endless(b, end, room)))
        return end;
    for (size_t at = i; at > least; at--)
        if (parts_address(b->t->cells[at - 1].cp) && !tears(b, at))
            return at;
    for (size_t at = i; at > least; at--)
        if (!tears(b, at))
            return at;
    return end > from ? end : i > from ? i : from + 1;
}

/* End of the line from `from` within `room` em. */
static size_t line_end(const struct breaker *b, size_t from, double room)
{
    const struct shaped *t = b->t;
    double em = -pull_of(t, from);
    size_t end = 0, soft = 0;

    for (size_t i = from; i < t->count; i++) {
        const struct cell *c = &t->cells[i];

        if (c->cp == CHAR_BREAK)
            return i + 1;
        if (i > from && b->may != NULL && b->may[i])
            end = i;
        if (i > from && c->cp == CHAR_SOFT)
            soft = i;
        em += c->em;
        if (em - hang_of(c) > room + 1e-9 && !cell_is_blank(c))
            return soft > 0 ? soft : b->may == NULL ? i : overflow_end(b, from, end, i, room);
        em += c->face != NULL ? b->tracking : 0;
    }
    return t->count;
}

static int line_add(struct paragraph *p, struct sheet *s, size_t *cap, struct text_line line)
{
    if (p->count == *cap) {
        size_t more = *cap == 0 ? 1 : *cap * 2 + 6;
        struct text_line *lines = arena_array(s->scratch, more, sizeof *lines);

        if (lines == NULL)
            return err_no_memory(s->e);
        if (p->count > 0)
            memcpy(lines, p->lines, p->count * sizeof *lines);
        p->lines = lines;
        *cap = more;
    }
    p->lines[p->count++] = line;
    return 0;
}

static double room_at(const struct breaker *b, size_t line)
{
    return (line < b->measure.full ? b->measure.width : b->measure.narrow) / (b->size * PT_MM);
}

static size_t first_shown(const struct shaped *t, size_t from)
{
    while (from < t->count && cell_is_blank(&t->cells[from]) && t->cells[from].cp != CHAR_BREAK)
        from++;
    return from;
}

/* The lines from `from` to the next new line or the end. */
static int break_part(struct paragraph *p, struct breaker *b, size_t *cap, size_t from, bool indented)
{
    bool ends = false;

    while (!ends) {
        double indent = indented ? b->indent : 0;
        size_t start = first_shown(b->t, from);
        size_t to = line_end(b, start, room_at(b, p->count) - indent);
        bool soft;

        if (to == start && start < b->t->count)
            to = start + 1;
        ends = to == b->t->count || b->t->cells[to - 1].cp == CHAR_BREAK;
        soft = !ends && b->t->cells[to].cp == CHAR_SOFT; /* meant to be short */
        if (line_add(p, b->s, cap,
                     (struct text_line){from, to, indent * b->size * PT_MM, b->tracking, ends || soft}) != 0)
            return -1;
        from = to;
        indented = false;
    }
    return 0;
}

/* One character, perhaps with a mark behind it. */
static bool is_lone(const struct shaped *t, const struct text_line *line)
{
    size_t from = line->from, to = line->to;

    trim_cells(t, &from, &to);
    while (to > from + 1 && closes(&t->cells[to - 1]))
        to--;
    return to == from + 1 && utf8_is_han(t->cells[from].cp);
}

/* Up to two hundredths closer where that saves a last line of one character. */
static int mend_part(struct paragraph *p, struct breaker *b, size_t *cap, size_t first, bool indented)
{
    size_t count = p->count, from = p->lines[first].from;

    if (count < first + 2 || b->tracking != 0 || !is_lone(&p->text, &p->lines[count - 1]))
        return 0;
    for (int k = 1; k <= 2; k++) {
        p->count = first;
        b->tracking = -0.01 * k;
        if (break_part(p, b, cap, from, indented) != 0)
            return -1;
        b->tracking = 0;
        if (p->count < count)
            return 0;
    }
    p->count = first;
    return break_part(p, b, cap, from, indented);
}

static int break_all(struct paragraph *p, struct breaker *b)
{
    size_t cap = 0, from = 0;
    bool indented = true;

    while (from < p->text.count) {
        size_t first = p->count;
        const struct cell *last;

        if (break_part(p, b, &cap, from, indented) != 0 || mend_part(p, b, &cap, first, indented) != 0)
            return -1;
        from = p->lines[p->count - 1].to;
        last = &p->text.cells[from - 1];
        indented = last->cp == CHAR_BREAK && last->from != NULL;
    }
    return 0;
}

int paragraph_break_in(struct paragraph *out, struct sheet *s, const struct tree_text *t,
                       const struct setting *how, double size, const struct measure *measure,
                       double indent_em)
{
    struct breaker b = {.s = s,
                        .t = &out->text,
                        .measure = *measure,
                        .size = size,
                        .indent = indent_em,
                        .tracking = how->tracking};
    double narrowest =
        measure->full < SIZE_MAX && measure->narrow < measure->width ? measure->narrow : measure->width;
    bool *may = NULL;

    *out = (struct paragraph){
        .source = t, .size = size, .band = size * PT_MM, .align = "left", .color = how->color};
    if (shape(&out->text, s, t, how, true) != 0)
        return -1;
    squeeze(&out->text);
    if (narrowest / (size * PT_MM) < indent_em + 1 - 1e-9)
        return too_long(s, t, NULL);
    if (out->text.count > 0 &&
        line_end(&b, first_shown(&out->text, 0), room_at(&b, 0) - indent_em) < out->text.count) {
        if (breaks_find(&may, s, &out->text) != 0)
            return -1;
        b.may = may;
    }
    return break_all(out, &b);
}

int paragraph_break(struct paragraph *out, struct sheet *s, const struct tree_text *t,
                    const struct setting *how, double size, double width, double indent_em)
{
    const struct measure measure = {width, width, SIZE_MAX};

    return paragraph_break_in(out, s, t, how, size, &measure, indent_em);
}

int paragraph_styled(struct paragraph *out, struct sheet *s, const struct tree_text *t,
                     const struct style *style, double width)
{
    const double justified = 59; /* narrower, gaps open between few characters */
    struct setting how = {.family = style->family,
                          .bold = style->bold,
                          .color = color_of(style->color),
                          .tracking = style->tracking > 0 ? style->tracking : 0};

    if (paragraph_break(out, s, t, &how, style->size, width, style->indent) != 0)
        return -1;
    out->band = style->leading * style->size * PT_MM;
    out->align = strcmp(style->align, "text") != 0 ? style->align
                 : width >= justified - 1e-6       ? "justify"
                                                   : "left";
    return 0;
}

/* --- setting --- */

static size_t stretch_places(const struct shaped *t, size_t from, size_t to)
{
    size_t n = 0;

    for (size_t i = from; i + 1 < to; i++)
        n += stretches(&t->cells[i], &t->cells[i + 1]);
    return n;
}

static double widest_blank(const struct shaped *t, size_t from, size_t to)
{
    double em = 0;

    for (size_t i = from; i < to; i++)
        if (t->cells[i].cp == ' ' && t->cells[i].em > em)
            em = t->cells[i].em;
    return em;
}

int paragraph_line(struct sheet *s, const struct paragraph *p, size_t i, double x, double baseline,
                   double width, const char *align, struct color color)
{
    const struct text_line *line = &p->lines[i];
    double em = p->size * PT_MM, spare;
    struct place at = {.x = x + line->indent,
                       .baseline = baseline,
                       .size = p->size,
                       .tracking = line->tracking,
                       .color = color};
    size_t from = line->from, to = line->to;

    trim_cells(&p->text, &from, &to);
    if (from == to)
        return 0;
    spare = width - line->indent - width_of(&p->text, from, to, p->size, line->tracking);
    if (strcmp(align, "center") == 0) {
        double pull = pull_of(&p->text, from) * em, hang = hang_of(&p->text.cells[to - 1]) * em;

        /* what is seen stands in the middle where blank halves of marks must hang over */
        at.x += spare >= 0 ? spare / 2 : (spare + pull + hang) / 2 - pull;
    } else if (strcmp(align, "right") == 0) {
        at.x += spare;
    } else {
        at.x -= pull_of(&p->text, from) * em;
        spare += (pull_of(&p->text, from) + hang_of(&p->text.cells[to - 1])) * em;
    }
    if (strcmp(align, "justify") == 0 && !line->ends && spare > 0) {
        size_t places = stretch_places(&p->text, from, to);

        /* a line of few long words stays ragged: no gap is wider than a character */
        if (places > 0 && spare / (double)places < (1 - widest_blank(&p->text, from, to)) * em)
            at.stretch = spare / (double)places;
    }
    return set_line(s, &p->text, from, to, &at);
}
