/* table.c - tables: columns of fixed or shared width, rows as high as their fullest cell, heads on every
 * page. */
#include "layout/layout_internal.h"
#include <string.h>

struct table {
    struct sheet *s;
    const struct node *n;
    double edges[ATTR_MAX_NUMBERS + 1]; /* left edges of the columns, and the right one of the last; mm */
    size_t columns;
    double line, padding, size;
    struct color color;
    const struct tree_node *head; /* repeated on every page, or NULL */
};

struct table_cell {
    const struct tree_node *n;
    struct paragraph text;
    double left, right;
};

struct table_row {
    struct table_cell cells[ATTR_MAX_NUMBERS];
    size_t count;
    double height;
};

static void set_columns(struct table *t, const struct attr *widths, const struct frame *f)
{
    double fixed = 0, shares = 0;

    for (size_t i = 0; i < widths->count; i++) {
        fixed += widths->numbers[i] > 0 ? widths->numbers[i] : 0;
        shares += widths->numbers[i] < 0 ? -widths->numbers[i] : 0;
    }
    t->columns = widths->count;
    t->edges[0] = f->x;
    for (size_t i = 0; i < widths->count; i++) {
        double w = widths->numbers[i];

        if (w < 0)
            w = f->width > fixed ? (f->width - fixed) * -w / shares : 0;
        t->edges[i + 1] = t->edges[i] + w;
    }
}

static double band_of(const struct table *t, const struct table_cell *c)
{
    double leading = t->s->setup->text.leading;

    return (leading < 1.4 ? leading : 1.4) * c->text.size * PT_MM;
}

static int measure_cell(struct table *t, struct table_cell *c, bool head, double *height)
{
    struct setting how = {.family = t->s->setup->text.family,
                          .bold = node_number(c->n->node, ATTR_BOLD, head) != 0};
    double width = c->right - c->left - 2 * t->padding;
    double h;

    if (paragraph_break(&c->text, t->s, &c->n->text, &how, node_number(c->n->node, ATTR_SIZE, t->size), width,
                        0) != 0)
        return -1;
    h = (double)c->text.count * band_of(t, c) + 2 * t->padding;
    if (h > *height)
        *height = h;
    return 0;
}

static int measure_row(struct table *t, struct table_row *row, const struct tree_node *tr, bool head)
{
    size_t column = 0;

    row->count = 0;
    row->height = node_number(tr->node, ATTR_H, 0);
    for (const struct tree_node *td = tr->first; td != NULL; td = td->next) {
        struct table_cell *c = &row->cells[row->count];
        double span = node_number(td->node, ATTR_COLSPAN, 1);

        if (span < 1 || (double)column + span > (double)t->columns)
            return err_set(
                t->s->e, ERR_INVALID,
                "The table row at line %d of the template has more cells than the table has columns (%zu).",
                "模板第 %d 行的表格行，单元格多于列数（%zu）。", tr->node->line, t->columns);
        *c = (struct table_cell){.n = td, .left = t->edges[column], .right = t->edges[column + (size_t)span]};
        column += (size_t)span;
        row->count++;
        if (measure_cell(t, c, head, &row->height) != 0)
            return -1;
    }
    return 0;
}

static int set_cell(struct table *t, const struct table_cell *c, double y, double height)
{
    const char *align = node_word(c->n->node, ATTR_ALIGN, "left");
    double band = band_of(t, c), used = (double)c->text.count * band, top = y + t->padding;
    double width = c->right - c->left - 2 * t->padding;

    if (strcmp(node_word(c->n->node, ATTR_VALIGN, "middle"), "middle") == 0)
        top = y + (height - used) / 2;
    for (size_t i = 0; i < c->text.count; i++)
        if (paragraph_line(t->s, &c->text, i, c->left + t->padding,
                           top + ((double)i + 0.5) * band + 0.38 * c->text.size * PT_MM, width, align,
                           color_of(t->s->setup->text.color)) != 0)
            return -1;
    return 0;
}

/* Each line once: the top one with the first row of a page, then left sides, the right side and the bottom.
 */
static int set_rules(struct table *t, const struct table_row *row, double y, bool first)
{
    double half = t->line / 2, left = t->edges[0], right = t->edges[t->columns], h = row->height;

    if (t->line <= 0)
        return 0;
    if (first &&
        fill(t->s, (struct box){left - half, y - half, right - left + t->line, t->line}, t->color) != 0)
        return -1;
    if (fill(t->s, (struct box){left - half, y + h - half, right - left + t->line, t->line}, t->color) != 0)
        return -1;
    for (size_t i = 0; i < row->count; i++)
        if (fill(t->s, (struct box){row->cells[i].left - half, y, t->line, h}, t->color) != 0)
            return -1;
    return fill(t->s, (struct box){right - half, y, t->line, h}, t->color);
}

static int set_row(struct table *t, const struct table_row *row, bool first)
{
    double y = t->s->y;

    for (size_t i = 0; i < row->count; i++)
        if (set_cell(t, &row->cells[i], y, row->height) != 0)
            return -1;
    if (set_rules(t, row, y, first) != 0)
        return -1;
    t->s->y += row->height;
    t->s->flowing = true;
    return 0;
}

static int set_head(struct table *t, struct table_row *room, bool *first)
{
    for (const struct tree_node *tr = t->head != NULL ? t->head->first : NULL; tr != NULL; tr = tr->next) {
        if (measure_row(t, room, tr, true) != 0 || set_row(t, room, *first) != 0)
            return -1;
        *first = false;
    }
    return 0;
}

static double bottom(const struct sheet *s)
{
    return s->setup->height - s->setup->margin[2];
}

/* A row stands whole on one page; a new page begins with the head. */
static int flow_row(struct table *t, struct table_row *row, struct table_row *room,
                    const struct tree_node *tr, bool *first)
{
    if (measure_row(t, row, tr, false) != 0)
        return -1;
    if (t->s->y + row->height > bottom(t->s) + 1e-6) {
        if (page_new(t->s) != 0)
            return -1;
        *first = true;
        if (set_head(t, room, first) != 0)
            return -1;
    }
    if (t->s->y + row->height > bottom(t->s) + 1e-6) {
        const struct table_cell *longest = &row->cells[0];

        for (size_t i = 1; i < row->count; i++)
            if (row->cells[i].text.count > longest->text.count)
                longest = &row->cells[i];
        return too_long(t->s, &longest->n->text, NULL);
    }
    if (set_row(t, row, *first) != 0)
        return -1;
    *first = false;
    return 0;
}

static int set_rows(struct table *t, const struct tree_node *n, struct table_row *row, struct table_row *room)
{
    bool first = true;
    double head = 0;

    for (const struct tree_node *c = n->first; c != NULL; c = c->next)
        if (c->node->kind == NODE_HEAD)
            t->head = c;
    for (const struct tree_node *tr = t->head != NULL ? t->head->first : NULL; tr != NULL; tr = tr->next) {
        if (measure_row(t, row, tr, true) != 0)
            return -1;
        head += row->height;
    }
    /* a head does not stand alone at the foot of a page */
    if (flow_need(t->s, head + 2 * t->size * PT_MM * 1.4) != 0 || set_head(t, room, &first) != 0)
        return -1;
    for (const struct tree_node *tr = n->first; tr != NULL; tr = tr->next)
        if (tr->node->kind == NODE_TR && flow_row(t, row, room, tr, &first) != 0)
            return -1;
    return 0;
}

int flow_table(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct table t = {.s = s,
                      .n = n->node,
                      .line = node_number(n->node, ATTR_LINE, 0.2),
                      .padding = node_number(n->node, ATTR_PADDING, 1.5),
                      .size = node_number(n->node, ATTR_SIZE, f->style.size),
                      .color = color_of(node_number(n->node, ATTR_COLOR, s->setup->text.color))};
    struct table_row *row = arena_alloc(s->arena, sizeof *row), *room = arena_alloc(s->arena, sizeof *room);

    if (row == NULL || room == NULL)
        return err_no_memory(s->e);
    set_columns(&t, node_attr(n->node, ATTR_WIDTHS), f);
    return set_rows(&t, n, row, room);
}
