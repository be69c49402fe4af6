/* table_split.c - a row that goes on on the next page: its cells part between their lines. */
#include "layout/table_internal.h"
#include <string.h>

enum { STAY_LINES = 3, SIDE_LINES = 2 };
static const double mark_size = 9; /* pt, of （接上页） */

/* A split row's parts: what goes where. */
struct part {
    bool first, ends; /* ends: nothing goes on */
    size_t lines;     /* the most that a cell has here */
    double height;
};

static size_t lines_of(const struct table_cell *c, size_t from, size_t to)
{
    size_t n = 0;

    for (size_t i = from; i < to; i++)
        n += c->text.slabs[i].height > 0;
    return n;
}

static double spare_of(const struct table_cell *c)
{
    return 2 * c->padding.ends;
}

/* Slabs from `done` on that stand within so much. */
static size_t slabs_within(const struct table_cell *c, double mm)
{
    const struct stack *st = &c->text;
    double used = 0;
    size_t i = c->done;

    for (; i < st->count; i++) {
        used += st->slabs[i].height + (i > c->done ? st->slabs[i].before : 0);
        if (used > mm + table_slack)
            break;
    }
    return i;
}

/* Two lines at least on either side of the split, and nothing parted from what it belongs to. */
static size_t good_end(const struct table_cell *c, size_t end)
{
    size_t all = c->text.count;

    if (end == all)
        return end;
    while (end > c->done && (c->text.slabs[end - 1].with_next || lines_of(c, end, all) < SIDE_LINES))
        end--;
    return lines_of(c, c->done, end) < SIDE_LINES ? c->done : end;
}

/* Whether it goes on on the next page: a value, or what is too long for a label. */
static bool is_flowing(const struct table_cell *c)
{
    return c->n != NULL && c->kind == CELL_TEXT && (!cell_is_label(c) || c->n->first == NULL);
}

static bool is_repeated(const struct table *t, const struct table_cell *c)
{
    return c->n != NULL && (cell_is_label(c) || c->column < t->repeat);
}

/* A short last column says how it all came out, and stands where the row ends. */
static bool is_closing(const struct table *t, const struct group *g, const struct table_cell *c)
{
    return is_flowing(c) && c->column >= t->repeat && c->column > 0 && c->column + c->columns == t->columns &&
           c->height * 3 <= g->height && c->height <= t->split;
}

/* How much of each cell stands within room. */
static void plan(struct part *p, const struct table *t, struct group *g, double room)
{
    p->ends = true;
    p->lines = 0;
    p->height = 0;
    for (size_t i = 0; i < g->cell_count; i++) {
        struct table_cell *c = &g->cells[i];

        c->take = 0;
        if (!is_flowing(c) || is_closing(t, g, c))
            continue;
        c->take = good_end(c, slabs_within(c, room - spare_of(c))) - c->done;
        p->ends = p->ends && c->done + c->take == c->text.count;
        if (lines_of(c, c->done, c->done + c->take) > p->lines)
            p->lines = lines_of(c, c->done, c->done + c->take);
    }
    for (size_t i = 0; i < g->cell_count && p->ends; i++) {
        struct table_cell *c = &g->cells[i];

        if (!is_closing(t, g, c))
            continue;
        p->ends = cell_need(c) <= room + table_slack;
        c->take = p->ends ? c->text.count : 0;
    }
}

static bool has_mark(const struct table *t, const struct table_cell *c)
{
    return is_flowing(c) && c->column < t->repeat && c->text.count > 0;
}

static double mark_band(const struct table_cell *c)
{
    return mark_size * c->style.leading * PT_MM;
}

/* Whether it stands again in this part, because it has ended in an earlier one. */
static bool stands_again(const struct table *t, const struct table_cell *c, const struct part *p)
{
    return !p->first && is_repeated(t, c) && (!is_flowing(c) || c->done == c->text.count);
}

static void part_height(struct part *p, const struct table *t, const struct group *g, double room)
{
    for (size_t i = 0; i < g->cell_count; i++) {
        const struct table_cell *c = &g->cells[i];
        double need = 0;

        if (c->take > 0)
            need = stack_height(&c->text, c->done, c->done + c->take) + spare_of(c);
        else if (c->n != NULL && (stands_again(t, c, p) || (p->first && !is_flowing(c))))
            need = cell_need(c) + (has_mark(t, c) ? mark_band(c) : 0);
        if (need > p->height && need <= room + table_slack)
            p->height = need;
    }
}

/* --- setting --- */

/* （接上页） behind the text where there is room on its last line, else below it. */
static int set_mark(struct table *t, const struct table_cell *c, double y)
{
    static const uint32_t wording[] = {0xFF08, 0x63A5, 0x4E0A, 0x9875, 0xFF09};
    enum { COUNT = sizeof wording / sizeof wording[0] };
    struct tree_char chars[COUNT] = {{0}};
    struct setting how = {.family = c->style.family, .color = color_of(c->style.color)};
    const struct slab *last = &c->text.slabs[c->text.count - 1];
    struct place at = {.x = c->left + c->padding.sides, .size = mark_size, .color = color_of(c->style.color)};
    double width = c->right - c->left - 2 * c->padding.sides, w, used = width;
    const char *align = cell_align(c);
    bool left = strcmp(align, "left") == 0 || strcmp(align, "justify") == 0 || strcmp(align, "text") == 0;
    struct shaped mark;

    for (size_t i = 0; i < COUNT; i++)
        chars[i].cp = wording[i];
    if (shape(&mark, t->s, &(struct tree_text){chars, COUNT}, &how, false) != 0)
        return -1;
    w = width_of(&mark, 0, mark.count, mark_size, 0);
    if (last->text != NULL && left) {
        const struct text_line *line = &last->text->lines[last->line];

        used = last->x + line->indent +
               width_of(&last->text->text, line->from, line->to, last->text->size, line->tracking);
    }
    y += c->padding.ends + c->height;
    if (used + w <= width) {
        at.x += used;
        at.baseline = y - last->height + baseline_in(last->text->band, last->text->size);
    } else {
        at.x += left ? 0 : (width - w) / (strcmp(align, "center") == 0 ? 2 : 1);
        at.baseline = y + baseline_in(mark_band(c), mark_size);
    }
    return set_line(t->s, &mark, 0, mark.count, &at);
}

static int set_again(struct table *t, struct table_cell *c, double y, double height)
{
    if (!is_flowing(c))
        return cell_set(t, c, y, height);
    if (stack_set(t->s, &c->text, 0, c->text.count, c->left + c->padding.sides, y + c->padding.ends) != 0)
        return -1;
    return has_mark(t, c) ? set_mark(t, c, y) : 0;
}

static int set_part(struct table *t, struct group *g, const struct part *p)
{
    double y = t->s->y;

    for (size_t i = 0; i < g->cell_count; i++) {
        struct table_cell *c = &g->cells[i];
        size_t from = c->done;

        c->done += c->take;
        if (c->take > 0) {
            if (stack_set(t->s, &c->text, from, c->done, c->left + c->padding.sides, y + c->padding.ends) !=
                0)
                return -1;
        } else if (c->n != NULL && ((p->first && !is_flowing(c)) || stands_again(t, c, p))) {
            if (cell_need(c) + (has_mark(t, c) && !p->first ? mark_band(c) : 0) <= p->height + table_slack &&
                set_again(t, c, y, p->height) != 0)
                return -1;
        }
    }
    if (rules_between(t, y) != 0 || rules_row(t, &g->rows[0], y, y + p->height, false) != 0)
        return -1;
    t->s->y += p->height;
    t->s->flowing = true;
    t->fresh = false;
    return 0;
}

/* One row, as high as its texts make it: one that is high by its least height alone stands whole. */
static bool may_split(const struct group *g)
{
    double most = 0;

    for (size_t i = 0; i < g->cell_count; i++)
        if (cell_need(&g->cells[i]) > most)
            most = cell_need(&g->cells[i]);
    return g->row_count == 1 && !g->whole && most >= g->height - table_slack;
}

/* Whether what cannot be parted stands in the first part. */
static bool first_holds(const struct group *g, double room)
{
    for (size_t i = 0; i < g->cell_count; i++)
        if (g->cells[i].n != NULL && !is_flowing(&g->cells[i]) && cell_need(&g->cells[i]) > room)
            return false;
    return true;
}

int split_set(bool *begun, struct table *t, struct group *g)
{
    struct part p = {.first = true};

    *begun = false;
    if (!may_split(g) || !first_holds(g, table_room(t)))
        return 0;
    for (;;) {
        plan(&p, t, g, table_room(t));
        if (p.first && p.lines < STAY_LINES)
            return 0;
        part_height(&p, t, g, table_room(t));
        if (p.lines == 0 && !p.ends)
            return table_refuse(t, g);
        *begun = true;
        if (set_part(t, g, &p) != 0)
            return -1;
        if (p.ends)
            return 0;
        p.first = false;
        if (table_next_page(t) != 0)
            return -1;
    }
}

double split_least(const struct table *t, const struct group *g)
{
    double most = 0;

    if (!may_split(g) || g->height <= t->split)
        return 0;
    for (size_t i = 0; i < g->cell_count; i++) {
        const struct table_cell *c = &g->cells[i];
        double need = cell_need(c);

        if (is_flowing(c)) {
            size_t end = 0;

            while (end < c->text.count &&
                   (lines_of(c, 0, end) < STAY_LINES || c->text.slabs[end - 1].with_next))
                end++;
            need = stack_height(&c->text, 0, end) + spare_of(c);
        }
        if (need > most)
            most = need;
    }
    return most;
}
