/* table_grid.c - columns, and which cell covers which of them in which row. */
#include "layout/table_internal.h"
#include <string.h>

enum { AUTO_ROWS = 200, SPAN_MAX = 1000 };

/* --- rows that belong together --- */

static void *grown(struct arena *a, void *list, size_t count, size_t *cap, size_t size)
{
    void *more;

    if (count < *cap)
        return list;
    *cap = *cap == 0 ? 8 : *cap * 2;
    more = arena_array(a, *cap, size);
    if (more != NULL && count > 0)
        memcpy(more, list, count * size);
    return more;
}

static int row_at(struct group *g, struct table *t, size_t row)
{
    while (g->row_count <= row) {
        g->rows = grown(t->s->scratch, g->rows, g->row_count, &g->row_cap, sizeof *g->rows);
        if (g->rows == NULL)
            return err_no_memory(t->s->e);
        memset(&g->rows[g->row_count], 0, sizeof *g->rows);
        memcpy(g->rows[g->row_count++].cells, g->to_the_end, sizeof g->to_the_end);
    }
    return 0;
}

static struct table_cell *cell_add(struct group *g, struct table *t, const struct table_cell *c)
{
    g->cells = grown(t->s->scratch, g->cells, g->cell_count, &g->cell_cap, sizeof *g->cells);
    if (g->cells == NULL) {
        err_no_memory(t->s->e);
        return NULL;
    }
    g->cells[g->cell_count] = *c;
    g->cells[g->cell_count].left = t->edges[c->column];
    g->cells[g->cell_count].right = t->edges[c->column + c->columns];
    return &g->cells[g->cell_count++];
}

static bool is_free(const struct group *g, const struct table *t, const struct table_cell *c)
{
    if (c->column + c->columns > t->columns)
        return false;
    for (size_t i = c->column; i < c->column + c->columns; i++)
        if (g->rows[c->row].cells[i] != 0)
            return false;
    return true;
}

static int place_td(struct group *g, struct table *t, const struct tree_node *td, size_t row)
{
    double columns = node_number(td->node, ATTR_COLSPAN, 1), rows = node_number(td->node, ATTR_ROWSPAN, 1);
    struct table_cell c = {.n = td, .row = row};

    if (!(columns >= 1 && columns <= COLUMNS_MAX && rows >= 0 && rows <= SPAN_MAX))
        return err_set(t->s->e, ERR_INVALID,
                       "The cell at line %d of the template has a colspan or rowspan that cannot be used.",
                       "模板第 %d 行的单元格，colspan 或 rowspan 的值不可用。", td->node->line);
    while (c.column < t->columns && g->rows[row].cells[c.column] != 0)
        c.column++;
    c.columns = (size_t)columns;
    c.rows = rows > 0 ? (size_t)rows : 1;
    if (!is_free(g, t, &c))
        return err_set(
            t->s->e, ERR_INVALID,
            "The table row at line %d of the template has more cells than the table has columns (%zu).",
            "模板第 %d 行的表格行，单元格多于列数（%zu）。", g->rows[row].tr->node->line, t->columns);
    if (row_at(g, t, row + c.rows - 1) != 0 || cell_add(g, t, &c) == NULL)
        return -1;
    /* one down to the end goes through the rows that a cell beside it has made already */
    for (size_t r = row; r < (rows > 0 ? row + c.rows : g->row_count); r++)
        for (size_t i = c.column; i < c.column + c.columns; i++)
            g->rows[r].cells[i] = (uint32_t)g->cell_count;
    for (size_t i = c.column; rows == 0 && i < c.column + c.columns; i++)
        g->to_the_end[i] = (uint32_t)g->cell_count;
    g->endless = g->endless || rows == 0;
    return 0;
}

/* What a row says nothing about is one empty cell. */
static int place_rest(struct group *g, struct table *t, size_t row)
{
    for (size_t i = 0; i < t->columns; i++) {
        struct table_cell c = {.row = row, .rows = 1, .column = i};

        if (g->rows[row].cells[i] != 0)
            continue;
        while (i < t->columns && g->rows[row].cells[i] == 0) {
            g->rows[row].cells[i++] = (uint32_t)g->cell_count + 1;
            c.columns++;
        }
        if (cell_add(g, t, &c) == NULL)
            return -1;
    }
    return 0;
}

/* Spans end where the rows end. */
static void clip(struct group *g, size_t rows)
{
    g->row_count = rows;
    for (size_t i = 0; i < g->cell_count; i++) {
        struct table_cell *c = &g->cells[i];
        bool endless = g->to_the_end[c->column] == i + 1;

        if (endless || c->row + c->rows > rows)
            c->rows = rows - c->row;
    }
}

static int place_rows(struct group *g, struct table *t, const struct tree_node **next, bool all)
{
    size_t row = 0;

    *g = (struct group){.whole = false};
    for (; *next != NULL && (*next)->node->kind == NODE_TR; *next = (*next)->next, row++) {
        const struct tree_node *tr = *next;
        bool tied = row > 0 && g->rows[row - 1].tr != NULL &&
                    node_number(g->rows[row - 1].tr->node, ATTR_KEEP, 0) != 0;

        if (row > 0 && row >= g->row_count && !tied && !g->endless && !all)
            break;
        if (row_at(g, t, row) != 0)
            return -1;
        g->rows[row].tr = tr;
        g->whole = g->whole || node_number(tr->node, ATTR_KEEP, 0) != 0;
        for (const struct tree_node *td = tr->first; td != NULL; td = td->next)
            if (place_td(g, t, td, row) != 0)
                return -1;
        if (place_rest(g, t, row) != 0)
            return -1;
    }
    clip(g, row);
    return 0;
}

/* --- heights --- */

/* Cells of one row first; what spans rows takes what is missing from its last one. */
static void heights(struct group *g, const struct table *t)
{
    double y = 0;

    for (size_t r = 0; r < g->row_count; r++)
        g->rows[r].height = node_number(g->rows[r].tr->node, ATTR_H, t->least);
    for (size_t i = 0; i < g->cell_count; i++) {
        struct table_row *row = &g->rows[g->cells[i].row];
        double need = cell_need(&g->cells[i]);

        if (g->cells[i].rows == 1 && need > row->height)
            row->height = need;
    }
    for (size_t r = 0; r < g->row_count; r++) {
        struct table_row *row = &g->rows[r];

        row->y = y;
        for (size_t i = 0; i < t->columns; i++) {
            const struct table_cell *c = &g->cells[row->cells[i] - 1];

            if (c->row + c->rows - 1 == r && g->rows[c->row].y + cell_need(c) > y + row->height)
                row->height = g->rows[c->row].y + cell_need(c) - y;
        }
        y += row->height;
    }
    g->height = y;
}

static int measure(struct group *g, struct table *t)
{
    for (size_t i = 0; i < g->cell_count; i++) {
        if (cell_measure(t, &g->cells[i]) != 0)
            return -1;
        g->whole = g->whole || g->cells[i].opinion != NULL;
    }
    heights(g, t);
    return 0;
}

int group_read(struct group *g, struct table *t, const struct tree_node **next)
{
    int rc = -1;

    arena_reset(t->rows);
    t->s->scratch = t->rows;
    if (place_rows(g, t, next, false) == 0)
        rc = measure(g, t);
    t->s->scratch = t->kept;
    return rc;
}

int group_read_head(struct group *g, struct table *t, const struct tree_node *head)
{
    const struct tree_node *next = head->first;

    return place_rows(g, t, &next, true) == 0 ? measure(g, t) : -1;
}

/* --- columns --- */

/* Width each "auto" column wants: that of its widest cell among the first rows. */
static int naturals(double *wants, const struct attr *widths, struct table *t, const struct tree_node *from)
{
    size_t rows = 0;
    struct group g;

    while (from != NULL && from->node->kind != NODE_COLUMNS && rows < AUTO_ROWS) {
        const struct tree_node *next = from->node->kind == NODE_HEAD ? from->first : from;
        bool head = next != from;

        if (!head && from->node->kind != NODE_TR) {
            from = from->next;
            continue;
        }
        arena_reset(t->rows);
        if (place_rows(&g, t, &next, head) != 0)
            return -1;
        for (size_t i = 0; i < g.cell_count; i++) {
            size_t column = g.cells[i].column;
            double mm;

            if (g.cells[i].columns > 1 || widths->numbers[column] != 0)
                continue;
            if (cell_natural(&mm, t, &g.cells[i]) != 0)
                return -1;
            if (mm > wants[column])
                wants[column] = mm;
        }
        rows += g.row_count;
        from = head ? from->next : next;
    }
    return 0;
}

/* As wanted where there is room; else the narrow ones get what they want and the wide ones share the rest. */
static void share_out(double *wants, const struct attr *widths, double room)
{
    size_t open = 0;
    bool done[COLUMNS_MAX] = {false}, changed = true;

    for (size_t i = 0; i < widths->count; i++)
        open += widths->numbers[i] == 0;
    while (changed && open > 0) {
        double fair = room / (double)open;

        changed = false;
        for (size_t i = 0; i < widths->count; i++) {
            if (widths->numbers[i] != 0 || done[i] || wants[i] > fair + table_slack)
                continue;
            done[i] = changed = true;
            room -= wants[i];
            open--;
            break;
        }
    }
    for (size_t i = 0; i < widths->count; i++)
        if (widths->numbers[i] == 0 && !done[i])
            wants[i] = room / (double)open;
}

static int auto_widths(double *wants, const struct attr *widths, struct table *t, double room,
                       const struct tree_node *from)
{
    int rc;

    t->columns = widths->count;
    t->s->scratch = t->rows;
    rc = naturals(wants, widths, t, from);
    t->s->scratch = t->kept;
    arena_reset(t->rows);
    share_out(wants, widths, room);
    return rc;
}

static int too_wide(struct table *t, const struct node *n, double mm)
{
    return err_set(t->s->e, ERR_INVALID,
                   "The columns at line %d of the template are %.1f mm wide together; there are %.1f mm.",
                   "模板第 %d 行的各列共宽 %.1f 毫米，而可用宽度为 %.1f 毫米。", n->line, mm, t->f->width);
}

int columns_set(struct table *t, const struct node *n, const struct tree_node *from)
{
    const struct attr *widths = node_attr(n, ATTR_WIDTHS);
    bool first = t->columns == 0;
    double fixed = 0, shares = 0, autos = 0, was = first ? 0 : t->edges[t->columns];
    double wants[COLUMNS_MAX] = {0};

    for (size_t i = 0; i < widths->count; i++) {
        fixed += widths->numbers[i] > 0 ? widths->numbers[i] : 0;
        shares += widths->numbers[i] < 0 ? -widths->numbers[i] : 0;
        autos += widths->numbers[i] == 0;
    }
    if (fixed > t->f->width + 0.05 || (fixed > t->f->width - 1 && shares + autos > 0))
        return too_wide(t, n, fixed);
    /* shares keep a quarter beside columns that want everything */
    if (autos > 0 &&
        auto_widths(wants, widths, t, (t->f->width - fixed) * (shares > 0 ? 0.75 : 1), from) != 0)
        return -1;
    for (size_t i = 0; i < widths->count; i++)
        fixed += wants[i];
    t->columns = widths->count;
    t->edges[0] = t->f->x;
    for (size_t i = 0; i < widths->count; i++) {
        double w = widths->numbers[i];

        if (w <= 0)
            w = w < 0 ? (t->f->width - fixed) * -w / shares : wants[i];
        t->edges[i + 1] = t->edges[i] + w;
    }
    if (first || (t->edges[t->columns] - was < 0.05 && was - t->edges[t->columns] < 0.05)) {
        if (!first)
            t->edges[t->columns] = was;
        return 0;
    }
    return err_set(t->s->e, ERR_INVALID,
                   "The columns at line %d of the template end %.1f mm from the table's right edge.",
                   "模板第 %d 行的各列与表格右边相差 %.1f 毫米。", n->line, was - t->edges[t->columns]);
}
