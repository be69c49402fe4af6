/* stack.c - blocks one below the other, measured before they are set: what flows, what a cell, an area or a
 * table's lead holds. */
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <string.h>

struct style style_of(const struct style *inherited, const struct node *n)
{
    struct style s = *inherited;

    s.family = node_word(n, ATTR_FONT, s.family);
    s.size = node_number(n, ATTR_SIZE, s.size);
    s.leading = node_number(n, ATTR_LEADING, s.leading);
    s.align = node_word(n, ATTR_ALIGN, s.align);
    s.indent = node_number(n, ATTR_INDENT, s.indent);
    s.color = (uint32_t)node_number(n, ATTR_COLOR, s.color);
    s.bold = node_number(n, ATTR_BOLD, s.bold) != 0;
    return s;
}

struct frame block_frame(const struct tree_node *n, const struct frame *f)
{
    struct frame inner = *f;

    inner.style = style_of(&f->style, n->node);
    inner.x += node_number(n->node, ATTR_LEFT, 0);
    inner.width -= node_number(n->node, ATTR_LEFT, 0) + node_number(n->node, ATTR_RIGHT, 0);
    return inner;
}

/* --- slabs --- */

static struct slab *slab_new(struct stack *out, struct sheet *s, const struct frame *f)
{
    struct slab *slab;

    if (out->count == out->cap) {
        size_t cap = out->cap == 0 ? 4 : out->cap * 2;
        struct slab *more = arena_array(s->scratch, cap, sizeof *more);

        if (more == NULL) {
            err_no_memory(s->e);
            return NULL;
        }
        if (out->count > 0)
            memcpy(more, out->slabs, out->count * sizeof *more);
        out->slabs = more;
        out->cap = cap;
    }
    slab = &out->slabs[out->count++];
    *slab = (struct slab){.x = f->x, .width = f->width, .before = out->pending};
    out->pending = 0;
    return slab;
}

void stack_end(struct stack *out)
{
    if (out->count > 0)
        out->slabs[out->count - 1].height += out->pending;
    out->pending = 0;
}

/* A line beside the next slab: a label, a list's number. */
static int add_beside(struct stack *out, struct sheet *s, const struct paragraph *p, size_t line,
                      const struct frame *f)
{
    struct slab *slab = slab_new(out, s, f);

    if (slab == NULL)
        return -1;
    slab->text = p;
    slab->line = line;
    slab->with_next = true;
    return 0;
}

static struct slab *add_line(struct stack *out, struct sheet *s, const struct paragraph *p, size_t line,
                             const struct frame *f)
{
    struct slab *slab = slab_new(out, s, f);

    if (slab == NULL)
        return NULL;
    slab->text = p;
    slab->line = line;
    slab->height = p->band;
    /* no single line at the head or foot of a page */
    slab->with_next = p->count > 1 && (line == 0 || line + 2 == p->count);
    if (out->owed > 0 && --out->owed > 0)
        slab->with_next = true;
    return slab;
}

static struct paragraph *paragraph_new(struct sheet *s, const struct tree_text *t, const struct style *style,
                                       double width)
{
    struct paragraph *p = arena_alloc(s->scratch, sizeof *p);

    if (p == NULL) {
        err_no_memory(s->e);
        return NULL;
    }
    return paragraph_styled(p, s, t, style, width) == 0 ? p : NULL;
}

static int add_text(struct stack *out, struct sheet *s, const struct tree_text *t, const struct frame *f)
{
    struct paragraph *p;

    if (t->count == 0)
        return 0;
    p = paragraph_new(s, t, &f->style, f->width);
    if (p == NULL)
        return -1;
    for (size_t i = 0; i < p->count; i++)
        if (add_line(out, s, p, i, f) == NULL)
            return -1;
    return 0;
}

/* --- headings --- */

/* Titles are spaced by the count of their characters, as official forms have it. */
static double heading_tracking(int level, const struct tree_text *t)
{
    size_t count = 0;

    for (size_t i = 0; i < t->count; i++)
        count += t->chars[i].cp < CHAR_SOFT && t->chars[i].cp != ' ' && t->chars[i].cp != 0x3000;
    if (level == 1)
        return count >= 10 ? 0.12 : count >= 7 ? 0.25 : count == 6 ? 0.4 : 0.5;
    return level == 2 && count == 4 ? 1 : 0;
}

static int add_heading(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    const double above = 7, below = 4; /* mm; above a section */
    int level = n->node->level >= 1 && n->node->level <= HEADING_LEVELS ? n->node->level : HEADING_LEVELS;
    struct frame own = *f;
    struct paragraph *p;

    if (n->text.count == 0)
        return 0;
    own.style = s->setup->heading[level - 1];
    if (own.style.tracking < 0)
        own.style.tracking = heading_tracking(level, &n->text);
    if (own.style.color == 0)
        own.style.color = f->style.color;
    p = paragraph_new(s, &n->text, &own.style, f->width);
    if (p == NULL)
        return -1;
    if (level == 2 && out->pending < above)
        out->pending = above;
    for (size_t i = 0; i < p->count; i++) {
        struct slab *slab = add_line(out, s, p, i, &own);

        if (slab == NULL)
            return -1;
        slab->with_next = true;
        if (i == 0 && level <= 2)
            slab->bookmark = level;
    }
    out->pending = below;
    out->owed = 2;
    return 0;
}

/* --- labels and lists --- */

/* The lines of a label beside those of a text that begins at the same height. */
static int add_labelled(struct stack *out, struct sheet *s, const struct paragraph *label,
                        const struct frame *at, const struct paragraph *p, const struct frame *f)
{
    for (size_t i = 0; i < label->count || i < p->count; i++) {
        if (i < label->count && i < p->count && add_beside(out, s, label, i, at) != 0)
            return -1;
        if (add_line(out, s, i < p->count ? p : label, i, i < p->count ? f : at) == NULL)
            return -1;
    }
    return 0;
}

static int add_hang(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct frame at = *f, inner = *f;
    double w = node_number(n->node, ATTR_W, 0);
    struct paragraph *label, *p;

    inner.style = at.style = style_of(&f->style, n->node);
    inner.style.indent = at.style.indent = 0;
    at.style.align = "left";
    at.width = w < f->width ? w : f->width;
    inner.x += w;
    inner.width -= w;
    label = paragraph_new(s, &n->label, &at.style, at.width);
    p = label == NULL ? NULL : paragraph_new(s, &n->text, &inner.style, inner.width);
    if (p == NULL)
        return -1;
    label->band = p->band;
    return add_labelled(out, s, label, &at, p, &inner);
}

/* "1." or a bullet, as a text. */
static int mark_text(struct tree_text *out, struct sheet *s, const struct tree_node *item, bool numbered)
{
    struct tree_char *marks = arena_array(s->scratch, 24, sizeof *marks);
    char text[24];

    if (marks == NULL)
        return err_no_memory(s->e);
    (void)snprintf(text, sizeof text, numbered ? "%zu." : "•", item->number);
    *out = (struct tree_text){marks, 0};
    for (size_t i = 0; utf8_next(slice_of(text), &i, &marks[out->count].cp);)
        out->count++;
    return 0;
}

static int add_children(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f);

static int add_item(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f,
                    bool numbered)
{
    double em = f->style.size * PT_MM, step = 2 * em;
    struct frame at = *f, inner = *f;
    struct tree_text *mark = arena_alloc(s->scratch, sizeof *mark);
    struct paragraph *p;

    if (mark == NULL)
        return err_no_memory(s->e);
    inner.x += step;
    inner.width -= step;
    inner.style.indent = at.style.indent = 0;
    at.style.align = "right";
    at.width = step - 0.35 * em;
    if (mark_text(mark, s, n, numbered) != 0)
        return -1;
    p = paragraph_new(s, mark, &at.style, 4 * step);
    if (p == NULL || add_beside(out, s, p, 0, &at) != 0)
        return -1;
    return add_children(out, s, n, &inner);
}

static int add_list(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    for (const struct tree_node *c = n->first; c != NULL; c = c->next)
        if (add_item(out, s, c, f, n->node->level > 0) != 0)
            return -1;
    return 0;
}

/* --- what is placed as it is --- */

static bool is_fixed(const struct node *n)
{
    switch (n->kind) {
    case NODE_PHOTO:
    case NODE_QR:
    case NODE_AREA:
    case NODE_OPINION:
        return node_attr(n, ATTR_X) != NULL || node_attr(n, ATTR_Y) != NULL;
    default:
        return true;
    }
}

/* Stands beside what follows and parts nothing. */
static int add_fixed(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f,
                     const struct stack *inner)
{
    double pending = out->pending;
    struct slab *slab;

    out->pending = 0;
    slab = slab_new(out, s, f);
    if (slab == NULL)
        return -1;
    slab->node = n;
    slab->inner = inner;
    slab->with_next = out->count > 1 && slab[-1].with_next;
    out->pending = pending;
    return 0;
}

/* What takes its place in a stack is no wider than it. */
static int check_width(struct sheet *s, const struct tree_node *n, double w, double room)
{
    if (w <= room + 0.05)
        return 0;
    return err_set(s->e, ERR_INVALID,
                   "<%s> at line %d of the template is %.1f mm wide, and its place has %.1f mm.",
                   "模板第 %2$d 行的 <%1$s> 宽 %3$.1f 毫米，而此处只有 %4$.1f 毫米。",
                   node_name(n->node->kind), n->node->line, w, room > 0 ? room : 0);
}

static int add_placed(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    double w = node_number(n->node, ATTR_W, f->width);
    struct slab *slab;

    if (check_width(s, n, w, f->width) != 0)
        return -1;
    slab = slab_new(out, s, f);
    if (slab == NULL)
        return -1;
    slab->node = n;
    slab->width = w;
    slab->height = node_number(n->node, ATTR_H, 0);
    slab->x += (f->width - w) / 2;
    return 0;
}

static int add_sign(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct slab *slab;
    struct frame own = *f;
    struct paragraph *p;

    own.style.indent = 0;
    own.style.align = "left";
    p = paragraph_new(s, &n->label, &own.style, f->width);
    slab = p == NULL ? NULL : slab_new(out, s, f);
    if (slab == NULL)
        return -1;
    slab->node = n;
    slab->text = p;
    slab->height = 3 * f->style.size * PT_MM;
    if (p->count != 1 ||
        width_of(&p->text, 0, p->text.count, p->size, 0) + node_number(n->node, ATTR_W, 40) > f->width + 1e-6)
        return too_long(s, &n->label, &n->label);
    return 0;
}

static int add_skip(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct slab *slab = slab_new(out, s, f);

    if (slab == NULL)
        return -1;
    slab->height = node_number(n->node, ATTR_H, 0);
    slab->with_next = out->count > 1 && slab[-1].with_next;
    return 0;
}

static int add_area(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    const struct node *e = n->node;
    bool fixed = is_fixed(e);
    double x = node_number(e, ATTR_X, 0), y = node_number(e, ATTR_Y, 0), h;
    double edge = s->setup->width - s->setup->margin[1] - s->origin_x - x;
    struct frame inside = {.width = node_number(e, ATTR_W, fixed ? edge : f->width),
                           .style = style_of(&f->style, e)};
    struct stack *inner = arena_alloc(s->scratch, sizeof *inner);
    double origin_x = s->origin_x, origin_y = s->origin_y;
    struct slab *slab;
    int rc;

    if (inner == NULL)
        return err_no_memory(s->e);
    if (!fixed && check_width(s, n, inside.width, f->width) != 0)
        return -1;
    s->origin_x += x;
    s->origin_y += y;
    rc = stack_measure(inner, s, n, &inside);
    s->origin_x = origin_x;
    s->origin_y = origin_y;
    if (rc != 0)
        return -1;
    h = stack_height(inner, 0, inner->count);
    if (h > node_number(e, ATTR_H, h) + 1e-6)
        return stack_too_high(s, inner, n);
    if (fixed)
        return add_fixed(out, s, n, f, inner);
    slab = slab_new(out, s, f);
    if (slab == NULL)
        return -1;
    slab->node = n;
    slab->inner = inner;
    slab->width = inside.width;
    slab->height = node_number(e, ATTR_H, h);
    return 0;
}

static int add_block(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct frame inner = block_frame(n, f);
    size_t first = out->count;

    if (add_children(out, s, n, &inner) != 0)
        return -1;
    for (size_t i = first; node_number(n->node, ATTR_KEEP, 0) != 0 && i + 1 < out->count; i++)
        out->slabs[i].with_next = true;
    return 0;
}

/* --- the stack --- */

bool stack_holds(const struct tree_node *n)
{
    switch (n->node->kind) {
    case NODE_TABLE:
    case NODE_SECTION:
    case NODE_PAGE_BREAK:
        return false;
    case NODE_SKIP:
        return node_attr(n->node, ATTR_TO) == NULL;
    case NODE_BLOCK:
        for (const struct tree_node *c = n->first; c != NULL; c = c->next)
            if (!stack_holds(c))
                return false;
        return true;
    default:
        return true;
    }
}

int stack_add(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    switch (n->node->kind) {
    case NODE_PARAGRAPH:
        return add_text(out, s, &n->text, f);
    case NODE_HEADING:
        return add_heading(out, s, n, f);
    case NODE_LIST:
        return add_list(out, s, n, f);
    case NODE_BLOCK:
        return add_block(out, s, n, f);
    case NODE_AREA:
        return add_area(out, s, n, f);
    case NODE_HANG:
        return add_hang(out, s, n, f);
    case NODE_SIGN:
        return add_sign(out, s, n, f);
    default:
        break;
    }
    if (!stack_holds(n))
        return err_set(s->e, ERR_INVALID, "<%s> at line %d of the template cannot stand here.",
                       "模板第 %2$d 行的 <%1$s> 不能放在此处。", node_name(n->node->kind), n->node->line);
    if (n->node->kind == NODE_SKIP)
        return add_skip(out, s, n, f);
    return is_fixed(n->node) ? add_fixed(out, s, n, f, NULL) : add_placed(out, s, n, f);
}

static int add_children(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    for (const struct tree_node *c = n->first; c != NULL; c = c->next)
        if (stack_add(out, s, c, f) != 0)
            return -1;
    return 0;
}

int stack_measure(struct stack *out, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct frame own = *f;

    *out = (struct stack){0};
    own.x = 0;
    if (add_text(out, s, &n->text, &own) != 0 || add_children(out, s, n, &own) != 0)
        return -1;
    stack_end(out);
    return 0;
}

double stack_height(const struct stack *st, size_t from, size_t to)
{
    double h = 0;

    for (size_t i = from; i < to; i++)
        h += st->slabs[i].height + (i > from ? st->slabs[i].before : 0);
    return h;
}

static void find_longest(const struct stack *st, const struct tree_text **longest)
{
    for (size_t i = 0; i < st->count; i++) {
        const struct slab *slab = &st->slabs[i];

        if (slab->inner != NULL)
            find_longest(slab->inner, longest);
        if (slab->text != NULL && (*longest == NULL || slab->text->source->count > (*longest)->count))
            *longest = slab->text->source;
    }
}

int stack_too_high(struct sheet *s, const struct stack *st, const struct tree_node *n)
{
    const struct tree_text *longest = NULL;

    find_longest(st, &longest);
    if (longest != NULL)
        return too_long(s, longest, NULL);
    return err_set(s->e, ERR_INVALID, "What <%s> at line %d of the template holds is higher than it.",
                   "模板第 %2$d 行的 <%1$s> 装不下其中的内容。", node_name(n->node->kind), n->node->line);
}

/* --- setting --- */

/* A line for a hand signature behind its label. */
static int set_sign(struct sheet *s, const struct slab *slab, double x, double y)
{
    const struct paragraph *p = slab->text;
    double line = node_number(slab->node->node, ATTR_W, 40);
    double w = width_of(&p->text, 0, p->text.count, p->size, 0);
    double baseline = y + baseline_in(slab->height, p->size);

    if (strcmp(node_word(slab->node->node, ATTR_ALIGN, "right"), "right") == 0)
        x += slab->width - w - line;
    if (paragraph_line(s, p, 0, x, baseline, w, "left", p->color) != 0)
        return -1;
    return fill(s, (struct box){x + w, baseline + 0.8, line, 0.2}, p->color);
}

/* Inside an area or a cell things stand from its corner. */
static int set_inside(struct sheet *s, const struct slab *slab, double x, double y)
{
    double origin_x = s->origin_x, origin_y = s->origin_y;
    int rc;

    s->origin_x = x;
    s->origin_y = y;
    if (slab->inner != NULL)
        rc = stack_set(s, slab->inner, 0, slab->inner->count, x, y);
    else if (slab->node->node->kind == NODE_OPINION)
        rc = place_opinion(s, slab->node, (struct box){0, 0, slab->width, slab->height});
    else
        rc = place_element(s, slab->node);
    s->origin_x = origin_x;
    s->origin_y = origin_y;
    return rc;
}

static int set_slab(struct sheet *s, const struct slab *slab, double x, double y)
{
    const struct paragraph *p = slab->text;
    const struct node *e = slab->node != NULL ? slab->node->node : NULL;

    if (e != NULL && e->kind == NODE_SIGN)
        return set_sign(s, slab, x + slab->x, y);
    if (p != NULL)
        return paragraph_line(s, p, slab->line, x + slab->x, y + baseline_in(p->band, p->size), slab->width,
                              p->align, p->color);
    if (e == NULL)
        return 0;
    if (!is_fixed(e))
        return set_inside(s, slab, x + slab->x, y);
    if (slab->inner != NULL)
        return set_inside(s, slab, s->origin_x + box_of(e).x, s->origin_y + box_of(e).y);
    return e->kind == NODE_OPINION ? place_opinion(s, slab->node, box_of(e)) : place_element(s, slab->node);
}

int stack_set(struct sheet *s, const struct stack *st, size_t from, size_t to, double x, double y)
{
    for (size_t i = from; i < to; i++) {
        const struct slab *slab = &st->slabs[i];

        if (i > from)
            y += slab->before;
        if (set_slab(s, slab, x, y) != 0)
            return -1;
        y += slab->height;
    }
    return 0;
}

int stack_bookmarks(struct sheet *s, const struct stack *st, size_t from, size_t to, double y)
{
    for (size_t i = from; i < to; i++) {
        const struct slab *slab = &st->slabs[i];
        bool fixed = slab->node != NULL && is_fixed(slab->node->node);

        if (i > from)
            y += slab->before;
        if (slab->bookmark > 0 && bookmark_add(s, slab->bookmark, slab->text->source, y) != 0)
            return -1;
        if (slab->inner != NULL && stack_bookmarks(s, slab->inner, 0, slab->inner->count,
                                                   fixed ? s->origin_y + box_of(slab->node->node).y : y) != 0)
            return -1;
        y += slab->height;
    }
    return 0;
}
