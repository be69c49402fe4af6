/* table_rules.c - a table's rules: each border once, collinear pieces as one rectangle, a frame about every
 * page's part. */
#include "layout/table_internal.h"
#include <math.h>

void rules_open(struct table *t)
{
    t->rules = (struct rules){.top = t->s->y, .open = true};
}

static int across(struct table *t, double y, double from, double to)
{
    if (t->line <= 0)
        return 0;
    return fill(t->s, (struct box){from, y - t->line / 2, to - from, t->line}, t->color);
}

static int down(struct table *t, double x, double from, double to)
{
    if (t->line <= 0 || to <= from)
        return 0;
    return fill(t->s, (struct box){x - t->line / 2, from, t->line, to - from}, t->color);
}

/* Vertical rules that do not go on at y end there. */
static int verticals(struct table *t, const struct table_row *row, double y)
{
    struct rules was = t->rules;
    size_t kept = 0;

    for (size_t c = 1; c < t->columns; c++) {
        double x = t->edges[c];
        size_t i = 0;

        if (row->cells[c] == row->cells[c - 1])
            continue;
        while (i < was.count && fabs(was.x[i] - x) > 1e-3)
            i++;
        t->rules.x[kept] = x;
        t->rules.from[kept++] = i < was.count ? was.from[i] : y;
        if (i < was.count)
            was.x[i] = -1;
    }
    t->rules.count = kept;
    for (size_t i = 0; i < was.count; i++)
        if (was.x[i] >= 0 && down(t, was.x[i], was.from[i], y) != 0)
            return -1;
    return 0;
}

/* The border between two rows of a group, where no cell spans it. */
static int border(struct table *t, const struct table_row *row, double y)
{
    size_t from = 0;

    for (size_t c = 0; c <= t->columns; c++) {
        if (c < t->columns && row[0].cells[c] != row[1].cells[c])
            continue;
        if (c > from && across(t, y, t->edges[from], t->edges[c]) != 0)
            return -1;
        from = c + 1;
    }
    return 0;
}

int rules_between(struct table *t, double y)
{
    return t->rules.ruled ? across(t, y, t->edges[0], t->edges[t->columns]) : 0;
}

int rules_row(struct table *t, const struct table_row *row, double y, double end, bool below)
{
    t->rules.ruled = true;
    if (verticals(t, row, y) != 0)
        return -1;
    return below ? border(t, row, end) : 0;
}

int rules_close(struct table *t)
{
    double top = t->rules.top, foot = t->s->y, half = t->frame / 2, w = t->frame;
    double left = t->edges[0], right = t->edges[t->columns];

    for (size_t i = 0; i < t->rules.count; i++)
        if (down(t, t->rules.x[i], t->rules.from[i], foot) != 0)
            return -1;
    t->rules.count = 0;
    t->rules.open = false;
    if (w <= 0 || !t->rules.ruled)
        return 0;
    if (fill(t->s, (struct box){left - half, top - half, right - left + w, w}, t->color) != 0 ||
        fill(t->s, (struct box){left - half, foot - half, right - left + w, w}, t->color) != 0)
        return -1;
    if (foot - top <= w)
        return 0; /* the two touch */
    if (fill(t->s, (struct box){left - half, top + half, w, foot - top - w}, t->color) != 0)
        return -1;
    return fill(t->s, (struct box){right - half, top + half, w, foot - top - w}, t->color);
}
