/* table_cell.c - what stands in a cell: how it looks, how high it is, where it is set. */
#include "layout/table_internal.h"
#include <string.h>

static const double tight = 0.8; /* mm; padding of labels and centred values at most */

bool cell_is_label(const struct table_cell *c)
{
    return c->n != NULL && c->n->node->kind == NODE_TH;
}

const char *cell_align(const struct table_cell *c)
{
    return c->style.align != NULL ? c->style.align : "left";
}

static bool is_picture(const struct tree_node *n)
{
    return (n->node->kind == NODE_PHOTO || n->node->kind == NODE_QR) && node_attr(n->node, ATTR_X) == NULL;
}

/* A photo alone in its cell stands in the middle of it. */
static bool only_picture(const struct tree_node *n)
{
    return n->text.count == 0 && n->first != NULL && n->first->next == NULL && is_picture(n->first);
}

static struct padding padding_of(const struct table *t, const struct table_cell *c)
{
    const struct attr *own = c->n != NULL ? node_attr(c->n->node, ATTR_PADDING) : NULL;
    struct padding p = t->padding;
    bool label = cell_is_label(c), centred = strcmp(cell_align(c), "center") == 0;

    if (own != NULL)
        return (struct padding){own->numbers[0], own->numbers[own->count > 1 ? 1 : 0]};
    if (c->n != NULL && only_picture(c->n))
        return (struct padding){0, 0};
    if ((label || centred) && p.sides > tight)
        p.sides = tight;
    if (label && p.ends > tight)
        p.ends = tight;
    return p;
}

double cell_need(const struct table_cell *c)
{
    return c->height > 0 ? c->height + 2 * c->padding.ends : 0;
}

/* --- measuring --- */

/* The cell without its opinion, which fills it behind everything else. */
static const struct tree_node *without_opinion(struct table *t, struct table_cell *c)
{
    struct tree_node *copy, **end;

    for (const struct tree_node *k = c->n->first; k != NULL && c->opinion == NULL; k = k->next)
        if (k->node->kind == NODE_OPINION)
            c->opinion = k;
    if (c->opinion == NULL)
        return c->n;
    copy = arena_alloc(t->s->scratch, sizeof *copy);
    if (copy == NULL)
        return NULL;
    *copy = *c->n;
    end = &copy->first;
    for (const struct tree_node *k = c->n->first; k != NULL; k = k->next) {
        if (k == c->opinion)
            continue;
        *end = arena_alloc(t->s->scratch, sizeof **end);
        if (*end == NULL)
            return NULL;
        **end = *k;
        end = &(*end)->next;
        *end = NULL;
    }
    *end = NULL;
    return copy;
}

/* Lines of text in a stack. */
static size_t line_count(const struct stack *st)
{
    size_t n = 0;

    for (size_t i = 0; i < st->count; i++)
        n += st->slabs[i].height > 0;
    return n;
}

/* At the first size whose lines hold it, or at the last. */
static int measure_text(struct table *t, struct table_cell *c, const struct tree_node *n, double width)
{
    const struct attr *fit = node_attr(n->node, ATTR_FIT);
    struct frame f = {.x = 0, .width = width, .style = c->style};

    for (size_t i = 0; fit != NULL && i < fit->count; i += 2) {
        f.style.size = fit->numbers[i];
        if (stack_measure(&c->text, t->s, n, &f) != 0)
            return -1;
        c->style = f.style;
        if ((double)line_count(&c->text) <= fit->numbers[i + 1])
            break;
    }
    if (fit == NULL && stack_measure(&c->text, t->s, n, &f) != 0)
        return -1;
    c->height = stack_height(&c->text, 0, c->text.count);
    return 0;
}

static int measure_label(struct table *t, struct table_cell *c, const struct tree_node *n, double width)
{
    if (label_measure(&c->label, t, c, width) != 0)
        return -1;
    if (c->label == NULL || label_height(c->label) > t->split) {
        c->label = NULL; /* a text rather than a label */
        return measure_text(t, c, n, width);
    }
    c->kind = CELL_LABEL;
    c->height = label_height(c->label);
    return 0;
}

static int measure_upright(struct table *t, struct table_cell *c, double width)
{
    if (upright_measure(&c->label, t, c, width) != 0)
        return -1;
    c->kind = CELL_UPRIGHT;
    c->height = upright_height(c->label);
    return 0;
}

static void look(const struct table *t, struct table_cell *c)
{
    c->style = cell_is_label(c) ? t->label : t->text;
    if (c->n != NULL)
        c->style = style_of(&c->style, c->n->node);
    c->padding = padding_of(t, c);
}

int cell_measure(struct table *t, struct table_cell *c)
{
    const struct tree_node *n;
    double width;

    look(t, c);
    width = c->right - c->left - 2 * c->padding.sides;
    c->height = c->style.size * c->style.leading * PT_MM; /* a row of empty cells is one line high */
    if (c->n == NULL || (c->n->text.count == 0 && c->n->first == NULL))
        return 0;
    n = without_opinion(t, c);
    if (n == NULL)
        return err_no_memory(t->s->e);
    if (n->text.count == 0 && n->first == NULL)
        return 0;
    if (node_number(n->node, ATTR_VERTICAL, 0) != 0 && n->text.count > 0)
        return measure_upright(t, c, width);
    if (cell_is_label(c) && n->first == NULL)
        return measure_label(t, c, n, width);
    return measure_text(t, c, n, width);
}

static int natural_text(double *mm, struct table *t, const struct tree_node *n, const struct style *style)
{
    struct setting how = {.family = style->family, .bold = style->bold};
    struct style own;
    struct shaped text;
    size_t from = 0;

    if (shape(&text, t->s, &n->text, &how, true) != 0)
        return -1;
    for (size_t i = 0; i <= text.count; i++) {
        if (i < text.count && text.cells[i].cp != CHAR_BREAK)
            continue;
        if (width_of(&text, from, i, style->size, style->tracking) > *mm)
            *mm = width_of(&text, from, i, style->size, style->tracking);
        from = i + 1;
    }
    for (const struct tree_node *k = n->first; k != NULL; k = k->next) {
        own = style_of(style, k->node);
        if (natural_text(mm, t, k, &own) != 0)
            return -1;
        if (node_number(k->node, ATTR_W, 0) > *mm)
            *mm = node_number(k->node, ATTR_W, 0);
    }
    return 0;
}

int cell_natural(double *mm, struct table *t, const struct table_cell *cell)
{
    struct table_cell c = *cell;
    double labels;

    *mm = 0;
    look(t, &c);
    if (c.n == NULL)
        return 0;
    if (node_number(c.n->node, ATTR_VERTICAL, 0) != 0) {
        *mm = c.style.size * PT_MM;
    } else if (natural_text(mm, t, c.n, &c.style) != 0) {
        return -1;
    } else if (cell_is_label(&c) && c.n->text.count > 1 && c.n->text.count < 4) {
        labels = node_number(c.n->node, ATTR_LABELS, 4) * c.style.size * PT_MM;
        if (labels > *mm)
            *mm = labels;
    }
    *mm += 2 * c.padding.sides + 0.1;
    return 0;
}

/* --- setting --- */

static int set_opinion(struct table *t, const struct table_cell *c, double y, double height)
{
    const struct tree_node *n = c->opinion;
    struct box own = box_of(n->node);

    if (node_attr(n->node, ATTR_W) != NULL && node_attr(n->node, ATTR_H) != NULL)
        return place_opinion(t->s, n, (struct box){c->left + own.x, y + own.y, own.w, own.h});
    return place_opinion(t->s, n, (struct box){c->left, y, c->right - c->left, height});
}

/* Several things one below the other begin at the top, as does what may become several; one text stands in
 * the middle. */
static bool stands_at_top(const struct table_cell *c)
{
    const char *valign = node_word(c->n->node, ATTR_VALIGN, NULL);
    const struct tree_node *first = c->n->first;

    if (valign != NULL)
        return strcmp(valign, "top") == 0;
    if (c->opinion != NULL || first == NULL)
        return c->opinion != NULL;
    return first->next != NULL || first->node->kind == NODE_HANG || first->node->kind == NODE_LIST ||
           first->node->kind == NODE_BLOCK;
}

static double x_of(const struct table_cell *c)
{
    const struct slab *slab = &c->text.slabs[0];

    if (c->text.count == 1 && slab->text == NULL && only_picture(c->n))
        return c->left + (c->right - c->left - slab->width) / 2 - slab->x;
    return c->left + c->padding.sides;
}

int cell_set(struct table *t, struct table_cell *c, double y, double height)
{
    double x = t->s->origin_x, from_y = t->s->origin_y, top;
    int rc;

    if (c->n == NULL)
        return 0;
    if (c->opinion != NULL && set_opinion(t, c, y, height) != 0)
        return -1;
    top = stands_at_top(c) ? y + c->padding.ends : y + (height - c->height) / 2;
    if (c->kind == CELL_LABEL)
        return label_set(t, c->label, c->left + c->padding.sides, top);
    if (c->kind == CELL_UPRIGHT)
        return upright_set(t, c->label, c->left + c->padding.sides, top);
    if (c->text.count == 0)
        return 0;
    t->s->origin_x = c->left;
    t->s->origin_y = y;
    rc = stack_set(t->s, &c->text, 0, c->text.count, x_of(c), top);
    t->s->origin_x = x;
    t->s->origin_y = from_y;
    return rc;
}
