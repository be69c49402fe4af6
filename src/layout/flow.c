/* flow.c - paragraphs, headings and lists one below the other, over as many pages as they need. */
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <string.h>

int flow_need(struct sheet *s, double mm)
{
    if (s->y + mm <= s->setup->height - s->setup->margin[2] + 1e-6 || !s->flowing)
        return 0;
    return page_new(s);
}

/* The right half of these is blank: at a line's end it may hang over the margin. */
static bool hangs(uint32_t cp)
{
    static const uint32_t closing[] = {0x3001, 0x3002, 0xFF0C, 0xFF1B, 0xFF1A, 0xFF01, 0xFF1F,
                                       0xFF09, 0x300B, 0x300D, 0x300F, 0x3011, 0x3015, 0xFF0E};

    for (size_t i = 0; i < sizeof closing / sizeof closing[0]; i++)
        if (closing[i] == cp)
            return true;
    return false;
}

/* End of the line from `from` within `room` em. */
static size_t line_end(const struct shaped *t, const bool *may, size_t from, double room)
{
    double em = 0;
    size_t end = 0;

    for (size_t i = from; i < t->count; i++) {
        double hang = hangs(t->cells[i].cp) ? t->cells[i].em / 2 : 0;

        if (t->cells[i].cp == CHAR_BREAK)
            return i + 1;
        if (i > from && may[i])
            end = i;
        em += t->cells[i].em;
        if (em - hang > room + 1e-9 && t->cells[i].cp != ' ' && t->cells[i].cp != 0x3000)
            return end > from ? end : i > from ? i : from + 1;
    }
    return t->count;
}

int paragraph_break(struct paragraph *out, struct sheet *s, const struct tree_text *t,
                    const struct setting *how, double size, double width, double indent_em)
{
    double room = width / (size * PT_MM);
    bool *may;

    *out = (struct paragraph){.source = t, .size = size, .indent = indent_em * size * PT_MM};
    if (shape(&out->text, s, t, how, true) != 0 || breaks_find(&may, s, &out->text) != 0)
        return -1;
    out->from = arena_array(s->arena, out->text.count + 1, sizeof *out->from);
    out->to = arena_array(s->arena, out->text.count + 1, sizeof *out->to);
    if (out->from == NULL || out->to == NULL)
        return err_no_memory(s->e);
    if (room < indent_em + 1)
        return too_long(s, t, NULL);
    for (size_t from = 0; from < out->text.count;) {
        size_t end = line_end(&out->text, may, from, out->count == 0 ? room - indent_em : room);

        out->from[out->count] = from;
        out->to[out->count++] = end;
        from = end;
    }
    return 0;
}

static size_t stretch_places(const struct shaped *t, size_t from, size_t to)
{
    size_t n = 0;

    for (size_t i = from; i + 1 < to; i++) {
        const struct cell *a = &t->cells[i], *b = &t->cells[i + 1];

        n += a->cp == ' ' ||
             (b->cp != ' ' && (utf8_is_han(a->cp) || utf8_is_han(b->cp) ||
                               (a->cp >= 0x3000 && a->cp <= 0x303F) || (a->cp >= 0xFF00 && a->cp <= 0xFFEF)));
    }
    return n;
}

int paragraph_line(struct sheet *s, const struct paragraph *p, size_t i, double x, double baseline,
                   double width, const char *align, struct color color)
{
    struct place at = {.x = x, .baseline = baseline, .size = p->size, .color = color};
    size_t from = p->from[i], to = p->to[i];
    bool ends = i + 1 == p->count || p->text.cells[to - 1].cp == CHAR_BREAK;
    double w, spare;

    trim_cells(&p->text, &from, &to);
    if (from == to)
        return 0;
    if (i == 0) {
        at.x += p->indent;
        width -= p->indent;
    }
    w = width_of(&p->text, from, to, p->size, 0);
    spare = width - w;
    if (strcmp(align, "center") == 0) {
        at.x += spare / 2;
    } else if (strcmp(align, "right") == 0) {
        at.x += spare;
    } else if (strcmp(align, "justify") == 0 && !ends && spare > 0) {
        size_t places = stretch_places(&p->text, from, to);

        /* a line that is mostly one long word stays ragged */
        if (places > 0 && spare / (double)places < p->size * PT_MM)
            at.stretch = spare / (double)places;
    }
    return set_line(s, &p->text, from, to, &at);
}

/* Sets the lines, each in its own band of leading x size; keeps `together` lines at the start on one page. */
static int flow_paragraph(struct sheet *s, const struct paragraph *p, const struct frame *f, size_t together,
                          struct color color)
{
    double band = s->setup->text.leading * p->size * PT_MM;

    if (flow_need(s, band * (double)(together < p->count ? together : p->count)) != 0)
        return -1;
    for (size_t i = 0; i < p->count; i++) {
        /* no single last line on a new page */
        size_t ahead = p->count - i == 2 && p->count > 2 ? 2 : 1;

        if (flow_need(s, band * (double)ahead) != 0 ||
            paragraph_line(s, p, i, f->x, s->y + band / 2 + 0.38 * p->size * PT_MM, f->width, f->style.align,
                           color) != 0)
            return -1;
        s->y += band;
        s->flowing = true;
    }
    return 0;
}

static int flow_text(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct setting how = {.family = s->setup->text.family, .bold = f->style.bold};
    struct paragraph p;

    if (n->text.count == 0)
        return 0;
    if (paragraph_break(&p, s, &n->text, &how, f->style.size, f->width, f->style.indent) != 0)
        return -1;
    return flow_paragraph(s, &p, f, 2, color_of(s->setup->text.color));
}

static int flow_heading(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    static const double sizes[] = {22, 16, 14, 12, 12, 12};
    int level = n->node->level >= 1 && n->node->level <= 6 ? n->node->level : 6;
    struct setting how = {.family = level == 1 ? s->setup->text.family : "hei", .bold = level == 1};
    struct frame own = *f;
    struct paragraph p;
    double band = s->setup->text.leading * PT_MM;

    own.style.size = sizes[level - 1];
    own.style.align = level == 1 ? "center" : "left";
    if (s->flowing)
        s->y += own.style.size * PT_MM * 0.5;
    if (paragraph_break(&p, s, &n->text, &how, own.style.size, f->width, 0) != 0)
        return -1;
    /* two lines of what follows stay with it */
    if (flow_need(s, band * ((double)p.count * own.style.size + 2 * f->style.size)) != 0 ||
        flow_paragraph(s, &p, &own, p.count, color_of(s->setup->text.color)) != 0)
        return -1;
    s->y += own.style.size * PT_MM * 0.4;
    return 0;
}

static int flow_item(struct sheet *s, const struct tree_node *n, const struct frame *f, bool numbered)
{
    struct tree_char marks[24];
    struct tree_text mark = {marks, 0};
    struct setting how = {.family = s->setup->text.family};
    struct place at = {.x = f->x, .size = f->style.size, .color = color_of(s->setup->text.color)};
    double step = 2 * f->style.size * PT_MM, band = s->setup->text.leading * f->style.size * PT_MM;
    struct frame inner = *f;
    struct shaped shaped;
    char text[24];

    (void)snprintf(text, sizeof text, numbered ? "%zu." : "•", n->number);
    for (size_t i = 0; utf8_next(slice_of(text), &i, &marks[mark.count].cp);)
        marks[mark.count++].from = NULL;
    for (size_t i = 0; i < mark.count; i++)
        marks[i].style = 0;
    inner.x += step;
    inner.width -= step;
    inner.style.indent = 0;
    if (flow_need(s, 2 * band) != 0 || shape(&shaped, s, &mark, &how, false) != 0)
        return -1;
    at.baseline = s->y + band / 2 + 0.38 * f->style.size * PT_MM;
    at.x += step - width_of(&shaped, 0, shaped.count, f->style.size, 0) - 0.35 * f->style.size * PT_MM;
    if (set_line(s, &shaped, 0, shaped.count, &at) != 0)
        return -1;
    return flow_children(s, n, &inner);
}

static int flow_list(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    bool numbered = n->node->level > 0;

    for (const struct tree_node *c = n->first; c != NULL; c = c->next)
        if (flow_item(s, c, f, numbered) != 0)
            return -1;
    return 0;
}

/* A line for a hand signature behind its label. */
static int flow_sign(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct setting how = {.family = s->setup->text.family};
    double line = node_number(n->node, ATTR_W, 40), band = 3 * f->style.size * PT_MM, w;
    struct place at = {.x = f->x, .size = f->style.size, .color = color_of(s->setup->text.color)};
    struct shaped shaped;

    if (shape(&shaped, s, &n->label, &how, false) != 0 || flow_need(s, band) != 0)
        return -1;
    w = width_of(&shaped, 0, shaped.count, f->style.size, 0);
    if (w + line > f->width)
        return too_long(s, &n->label, &n->label);
    if (strcmp(node_word(n->node, ATTR_ALIGN, "right"), "right") == 0)
        at.x += f->width - w - line;
    at.baseline = s->y + band / 2 + 0.38 * f->style.size * PT_MM;
    s->flowing = true;
    if (set_line(s, &shaped, 0, shaped.count, &at) != 0 ||
        fill(s, (struct box){at.x + w, at.baseline + 0.8, line, 0.2}, at.color) != 0)
        return -1;
    s->y += band;
    return 0;
}

static int flow_one(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    switch (n->node->kind) {
    case NODE_PARAGRAPH:
        return flow_text(s, n, f);
    case NODE_HEADING:
        return flow_heading(s, n, f);
    case NODE_LIST:
        return flow_list(s, n, f);
    case NODE_BLOCK:
        return flow_children(s, n, f);
    case NODE_TABLE:
        return flow_table(s, n, f);
    case NODE_SIGN:
        return flow_sign(s, n, f);
    case NODE_PAGE_BREAK:
        return page_new(s);
    default:
        return place_element(s, n);
    }
}

int flow_children(struct sheet *s, const struct tree_node *parent, const struct frame *f)
{
    for (const struct tree_node *n = parent->first; n != NULL; n = n->next)
        if (flow_one(s, n, f) != 0)
            return -1;
    return 0;
}
