/* table.c - a table over its pages: what is kept together, what is said again on every page. */
#include "layout/table_internal.h"

enum { BEGINNING_ROWS = 2 };
static const double densest = 15 / 10.5; /* em; values stand no wider apart than that unless told */

double table_room(const struct table *t)
{
    return page_bottom(t->s) - t->s->y;
}

int table_refuse(struct table *t, const struct group *g)
{
    const struct table_cell *highest = NULL;

    for (size_t i = 0; i < g->cell_count; i++)
        if (g->cells[i].n != NULL && (highest == NULL || g->cells[i].height > highest->height))
            highest = &g->cells[i];
    if (highest != NULL && highest->kind == CELL_TEXT && highest->text.count > 0 &&
        cell_need(highest) > table_room(t))
        return stack_too_high(t->s, &highest->text, highest->n);
    if (highest != NULL && highest->label != NULL && cell_need(highest) > table_room(t))
        return too_long(t->s, &highest->n->text, NULL);
    return err_set(t->s->e, ERR_INVALID,
                   "The table row at line %d of the template is %.0f mm high, and a page has room for %.0f.",
                   "模板第 %d 行的表格行高 %.0f 毫米，而一页只有 %.0f 毫米。", g->rows[0].tr->node->line,
                   g->height, table_room(t));
}

/* --- rows on a page --- */

/* Sets the cells that begin in rows [from, to), and labels again that began before. */
static int set_cells(struct table *t, struct group *g, size_t from, size_t to, double top)
{
    for (size_t i = 0; i < g->cell_count; i++) {
        struct table_cell *c = &g->cells[i];
        size_t first = c->row > from ? c->row : from, end = c->row + c->rows < to ? c->row + c->rows : to;
        double y, height;

        if (first >= end || (c->row < from && !cell_is_label(c)))
            continue;
        y = g->rows[first].y;
        height = g->rows[end - 1].y + g->rows[end - 1].height - y;
        if (cell_need(c) > height + table_slack && c->n != NULL) {
            if (c->row < from)
                continue; /* it has been said once */
            return table_refuse(t, g);
        }
        if (cell_set(t, c, top + y, height) != 0)
            return -1;
    }
    return 0;
}

static int set_rows(struct table *t, struct group *g, size_t from, size_t to)
{
    double y = t->s->y, top = y - g->rows[from].y;

    if (set_cells(t, g, from, to, top) != 0 || rules_between(t, y) != 0)
        return -1;
    for (size_t i = from; i < to; i++) {
        const struct table_row *row = &g->rows[i];

        if (rules_row(t, row, top + row->y, top + row->y + row->height, i + 1 < to) != 0)
            return -1;
    }
    t->s->y = top + g->rows[to - 1].y + g->rows[to - 1].height;
    t->s->flowing = true;
    return 0;
}

static int set_head(struct table *t)
{
    if (t->head.row_count == 0)
        return 0;
    if (t->head.height > table_room(t) + table_slack)
        return table_refuse(t, &t->head);
    return set_rows(t, &t->head, 0, t->head.row_count);
}

static int begin_part(struct table *t, bool again)
{
    if (lead_set(t, again) != 0)
        return -1;
    rules_open(t);
    return set_head(t);
}

int table_next_page(struct table *t)
{
    if (rules_close(t) != 0 || page_new(t->s) != 0)
        return -1;
    t->fresh = true;
    return begin_part(t, true);
}

/* Rows that are tied together and higher than a page part between rows. */
static int set_over_pages(struct table *t, struct group *g)
{
    for (size_t from = 0, to; from < g->row_count; from = to) {
        for (to = from; to < g->row_count; to++)
            if (g->rows[to].y + g->rows[to].height - g->rows[from].y > table_room(t) + table_slack)
                break;
        if (to == from)
            return table_refuse(t, g);
        if (set_rows(t, g, from, to) != 0 || (to < g->row_count && table_next_page(t) != 0))
            return -1;
    }
    t->fresh = false;
    return 0;
}

static int set_group(struct table *t, struct group *g)
{
    for (;;) {
        bool begun = false;

        if (g->height <= table_room(t) + table_slack) {
            t->fresh = false;
            return set_rows(t, g, 0, g->row_count);
        }
        if ((g->height > t->split || t->fresh) && split_set(&begun, t, g) != 0)
            return -1;
        if (begun)
            return 0;
        if (t->fresh)
            return g->row_count > 1 ? set_over_pages(t, g) : table_refuse(t, g);
        if (table_next_page(t) != 0)
            return -1;
    }
}

/* --- what must stay together --- */

/* Room above the lead where something stands above it. */
static double lead_above(const struct table *t)
{
    return t->s->flowing && t->lead_stack.count > 0 ? t->lead_stack.slabs[0].before : 0;
}

/* Height from n on: heads and the first rows below them; all: everything. */
static int height_from(double *mm, struct table *t, const struct tree_node *n, bool all)
{
    struct table ahead = *t;
    size_t rows = 0;
    struct group g;

    *mm = 0;
    while (n != NULL && (all || rows < BEGINNING_ROWS)) {
        if (n->node->kind == NODE_TR) {
            double least;

            if (group_read(&g, &ahead, &n) != 0)
                return -1;
            least = all ? 0 : split_least(&ahead, &g);
            *mm += least > 0 ? least : g.height;
            rows += least > 0 ? BEGINNING_ROWS : g.row_count;
            continue;
        }
        if (!all && rows > 0)
            break;
        if (n->node->kind == NODE_LEAD && lead_measure(&ahead, n) == 0)
            *mm += lead_waits(t, n) ? 0 : lead_above(&ahead) + ahead.lead_height;
        else if (n->node->kind == NODE_LEAD ||
                 (n->node->kind == NODE_COLUMNS && columns_set(&ahead, n->node, n->next) != 0) ||
                 (n->node->kind == NODE_HEAD && group_read_head(&ahead.head, &ahead, n) != 0))
            return -1;
        if (n->node->kind == NODE_HEAD)
            *mm += ahead.head.height;
        n = n->next;
    }
    return 0;
}

/* Another page where what begins with n does not fit on this one. */
static int need(struct table *t, const struct tree_node *n)
{
    double mm;

    if (height_from(&mm, t, n, false) != 0)
        return -1;
    if (mm <= table_room(t) + table_slack || t->fresh)
        return 0;
    if (t->rules.open)
        return table_next_page(t);
    t->fresh = true;
    return page_new(t->s);
}

/* --- the table --- */

static int take_head(struct table *t, const struct tree_node *head)
{
    t->head.row_count = 0;
    if (need(t, head) != 0 || group_read_head(&t->head, t, head) != 0)
        return -1;
    return t->rules.open ? set_head(t) : begin_part(t, false);
}

static int take_lead(struct table *t, const struct tree_node *lead)
{
    if (t->rules.open && rules_close(t) != 0)
        return -1;
    if (need(t, lead) != 0 || lead_measure(t, lead) != 0)
        return -1;
    if (!lead_waits(t, lead)) {
        t->s->y += lead_above(t);
        if (lead_set(t, node_number(lead->node, ATTR_AGAIN, 0) != 0) != 0)
            return -1;
    }
    rules_open(t);
    return 0;
}

static int take_rows(struct table *t, const struct tree_node **next)
{
    struct group g;

    if (!t->rules.open && (need(t, *next) != 0 || begin_part(t, false) != 0))
        return -1;
    return group_read(&g, t, next) == 0 ? set_group(t, &g) : -1;
}

static int take_all(struct table *t)
{
    const struct tree_node *n = t->n->first;

    while (n != NULL) {
        int rc = 0;

        switch (n->node->kind) {
        case NODE_TR:
            if (take_rows(t, &n) != 0)
                return -1;
            continue;
        case NODE_LEAD:
            rc = take_lead(t, n);
            break;
        case NODE_HEAD:
            rc = take_head(t, n);
            break;
        case NODE_COLUMNS:
            t->head.row_count = 0;
            rc = columns_set(t, n->node, n->next);
            break;
        default:
            break;
        }
        if (rc != 0)
            return -1;
        n = n->next;
    }
    return t->rules.open ? rules_close(t) : 0;
}

static int table_init(struct table *t, struct sheet *s, const struct tree_node *n, const struct frame *f,
                      struct arena *rows)
{
    const struct attr *padding = node_attr(n->node, ATTR_PADDING);
    bool framed = node_attr(n->node, ATTR_FRAME) != NULL;

    *t = (struct table){.s = s,
                        .kept = s->scratch,
                        .rows = rows,
                        .n = n,
                        .f = f,
                        .text = style_of(&f->style, n->node),
                        .label = s->setup->label,
                        .padding = {1.5, 1.2},
                        .fresh = !s->flowing,
                        .least = node_number(n->node, ATTR_ROW, 0),
                        .split = node_number(n->node, ATTR_SPLIT, 60),
                        .line = node_number(n->node, ATTR_LINE, framed ? 0.18 : 0.2),
                        .repeat = (size_t)node_number(n->node, ATTR_REPEAT, 0),
                        .color = color_of(node_number(n->node, ATTR_COLOR, s->setup->text.color))};
    t->frame = node_number(n->node, ATTR_FRAME, t->line);
    t->text.align = node_word(n->node, ATTR_ALIGN, "text");
    t->text.color = f->style.color; /* the table's is that of its rules */
    t->text.indent = node_number(n->node, ATTR_INDENT, 0);
    if (node_attr(n->node, ATTR_LEADING) == NULL && t->text.leading > densest)
        t->text.leading = densest;
    t->label.align = "center";
    if (padding != NULL)
        t->padding = (struct padding){padding->numbers[0], padding->numbers[padding->count > 1 ? 1 : 0]};
    return columns_set(t, n->node, n->first);
}

/* A kept table must not part: seal fields may stand over it. */
static int refuse_kept(struct table *t, double mm)
{
    const struct tree_text *longest = longest_text(t->n, false);

    if (mm <= table_room(t) + table_slack)
        return 0;
    if (longest != NULL)
        return too_long(t->s, longest, NULL);
    return err_set(t->s->e, ERR_INVALID,
                   "The table at line %d of the template is kept on one page, which has room for %.0f mm; it "
                   "is %.0f mm high.",
                   "模板第 %d 行的表格须排在一页内，一页可容纳 %.0f 毫米，表格高 %.0f 毫米。",
                   t->n->node->line, table_room(t), mm);
}

int flow_table(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct arena *scratch = s->scratch;
    struct arena rows = ARENA_INIT;
    struct table t;
    double mm = 0;
    int rc = table_init(&t, s, n, f, &rows);

    if (rc == 0 && node_number(n->node, ATTR_KEEP, 0) != 0)
        rc = height_from(&mm, &t, n->first, true);
    if (rc == 0 && mm > table_room(&t) + table_slack && s->flowing) {
        rc = page_new(s);
        t.fresh = true;
    }
    if (rc == 0)
        rc = refuse_kept(&t, mm);
    if (rc == 0)
        rc = take_all(&t);
    s->scratch = scratch;
    arena_dispose(&rows);
    return rc;
}

int table_beginning(double *mm, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct arena *scratch = s->scratch;
    struct arena rows = ARENA_INIT;
    struct table t;
    int rc = table_init(&t, s, n, f, &rows);

    if (rc == 0)
        rc = height_from(mm, &t, n->first, node_number(n->node, ATTR_KEEP, 0) != 0);
    s->scratch = scratch;
    arena_dispose(&rows);
    return rc;
}
