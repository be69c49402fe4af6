/* grid.c - label/value pairs on a fixed pitch: labels set to a common width, values that shrink, then wrap,
 * in steps of the whole grid. What stands below never moves. */
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <string.h>

enum { ROWS_MAX = 40, CELLS_MAX = 4, STEPS_MAX = 8 };

struct step {
    const char *name;
    double value, label, least, wrap, wrap_least, least_pitch;
    size_t lines, index;
};

struct value {
    const struct tree_node *n;
    struct shaped text, label;
    bool *may;
    struct lines lines; /* as the step at hand sets it */
    double size, x, width;
    bool shaped;
};

struct grid_row {
    const struct tree_node *n;
    struct value *cells[CELLS_MAX];
    size_t count;
    double growth;
};

struct grid {
    struct sheet *s;
    const struct node *n;
    struct value *values; /* one for each field of the element, shaped once */
    size_t value_count;
    struct grid_row rows[ROWS_MAX];
    size_t row_count;
    const struct attr *columns;
    double right, gutter, first, last, pitch, labels, gap, leading;
    struct shaped colon;
    struct tree_text blame, blame_label; /* what is too long, if no step holds: else the longest of all */
    double blame_excess;
};

static struct step step_of(const struct node *n, size_t index)
{
    return (struct step){.name = node_word(n, ATTR_NAME, ""),
                         .value = node_number(n, ATTR_SIZE, 14),
                         .label = node_number(n, ATTR_LABEL_SIZE, 13),
                         .least = node_number(n, ATTR_MIN_SIZE, 11),
                         .wrap = node_number(n, ATTR_WRAP, 12),
                         .wrap_least = node_number(n, ATTR_WRAP_MIN, 9.5),
                         .least_pitch = node_number(n, ATTR_LEAST_PITCH, 6),
                         .lines = (size_t)node_number(n, ATTR_LINES, 2),
                         .index = index};
}

/* step="wide compact" of a row or field names the steps that have it. */
static bool in_step(const struct node *n, const struct step *step)
{
    const char *names = node_word(n, ATTR_STEP, NULL), *at = names;
    size_t len = strlen(step->name);

    if (names == NULL)
        return true;
    for (; (at = strstr(at, step->name)) != NULL; at += len)
        if ((at == names || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static double least_size(const struct node *field, const struct step *step)
{
    const struct attr *sizes = node_attr(field, ATTR_MIN_SIZES);

    return sizes != NULL && step->index < sizes->count ? sizes->numbers[step->index] : step->least;
}

/* Tries to set the value within its width; false if this step cannot. */
static bool fit_wrapped(struct value *v, const struct step *step)
{
    const char *rule = node_word(v->n->node, ATTR_BREAK, "");
    size_t at = 0, most = (size_t)node_number(v->n->node, ATTR_LINES, (double)step->lines);
    uint32_t after = 0;

    if (most > step->lines)
        most = step->lines;
    if (most < 2)
        return false;
    for (int k = 0; has_soft(&v->text) && k < half_points(step->value - 1, step->wrap_least); k++) {
        v->size = step->value - 1 - 0.5 * k;
        if (wrap_soft(&v->lines, &v->text, v->size, 0, v->width, most))
            return true;
    }
    (void)utf8_next(slice_of(rule), &at, &after);
    for (int k = 0; after != 0 && k < half_points(step->wrap, step->wrap_least); k++) {
        v->size = step->wrap - 0.5 * k;
        if (wrap_after(&v->lines, &v->text, after, v->size, 0, v->width, most))
            return true;
    }
    for (int k = 0; k < half_points(step->wrap, step->wrap_least); k++) {
        v->size = step->wrap - 0.5 * k;
        if (wrap(&v->lines, &v->text, v->may, v->size, 0, v->width, most))
            return true;
    }
    return false;
}

static int fit_value(struct grid *g, struct value *v, const struct step *step, bool *fits)
{
    double least = least_size(v->n->node, step);

    *fits = true;
    v->lines.count = 1;
    v->lines.from[0] = 0;
    v->lines.to[0] = v->text.count;
    for (int k = 0; k < half_points(step->value, least); k++) {
        v->size = step->value - 0.5 * k;
        if (holds_line(&v->text, v->size, 0, v->width))
            return 0;
    }
    if (v->may == NULL && breaks_find(&v->may, g->s, &v->text) != 0)
        return -1;
    *fits = fit_wrapped(v, step);
    return 0;
}

/* --- rows of a step --- */

static struct value *value_of(struct grid *g, const struct tree_node *n)
{
    for (size_t i = 0; i < g->value_count; i++)
        if (g->values[i].n == n)
            return &g->values[i];
    return NULL;
}

static int collect_rows(struct grid *g, const struct tree_node *fields, const struct step *step)
{
    g->row_count = 0;
    for (const struct tree_node *r = fields->first; r != NULL; r = r->next) {
        struct grid_row *row = &g->rows[g->row_count];

        if (r->node->kind != NODE_ROW || !in_step(r->node, step))
            continue;
        if (g->row_count == ROWS_MAX)
            return err_set(g->s->e, ERR_INVALID,
                           "<fields> at line %d of the template has more than %d rows in one step.",
                           "模板第 %d 行的 <fields>，一步中超过了 %d 行。", g->n->line, ROWS_MAX);
        *row = (struct grid_row){.n = r};
        for (const struct tree_node *c = r->first; c != NULL; c = c->next) {
            /* an empty value drops its cell, and what follows takes its place */
            if (c->text.count == 0 || !in_step(c->node, step))
                continue;
            if (row->count == g->columns->count || row->count == CELLS_MAX)
                return err_set(g->s->e, ERR_INVALID,
                               "<row> at line %d of the template has more fields than <fields> has columns.",
                               "模板第 %d 行的 <row>，字段多于栏数。", r->node->line);
            row->cells[row->count++] = value_of(g, c);
        }
        g->row_count += row->count > 0;
    }
    return 0;
}

static double value_x(const struct grid *g, size_t column, const struct step *step)
{
    return g->columns->numbers[column] + (g->labels + 1) * step->label * PT_MM + g->gap;
}

static void blame(struct grid *g, const struct value *v, double excess)
{
    if (excess <= g->blame_excess)
        return;
    g->blame_excess = excess;
    g->blame = v->n->text;
    g->blame_label = v->n->label;
}

static int fit_row(struct grid *g, struct grid_row *row, const struct step *step, bool *fits)
{
    row->growth = 0;
    for (size_t i = 0; i < row->count; i++) {
        struct value *v = row->cells[i];
        double growth, end = i + 1 < row->count ? g->columns->numbers[i + 1] - g->gutter : g->right;

        v->x = value_x(g, i, step);
        v->width = end - v->x;
        if (fit_value(g, v, step, fits) != 0)
            return -1;
        if (!*fits) {
            blame(g, v, 1e6 + (double)v->text.count);
            return 0;
        }
        growth = (double)(v->lines.count - 1) * g->leading * v->size * PT_MM;
        blame(g, v, (double)v->text.count);
        if (growth > row->growth)
            row->growth = growth;
    }
    return 0;
}

static int fit_step(struct grid *g, const struct tree_node *fields, const struct step *step, double *pitch,
                    bool *fits)
{
    double growth = 0;

    *fits = true;
    g->blame_excess = -1;
    if (collect_rows(g, fields, step) != 0)
        return -1;
    for (size_t i = 0; i < g->row_count; i++) {
        if (fit_row(g, &g->rows[i], step, fits) != 0)
            return -1;
        if (!*fits)
            return 0;
        growth += g->rows[i].growth;
    }
    *pitch = g->pitch;
    if (g->row_count > 1 && (g->last - g->first - growth) / (double)(g->row_count - 1) < *pitch)
        *pitch = (g->last - g->first - growth) / (double)(g->row_count - 1);
    *fits = *pitch >= step->least_pitch - 1e-6 && growth <= g->last - g->first + 1e-6;
    return 0;
}

/* --- setting --- */

/* n characters over the width of the labels: 姓　　名. */
static int set_label(struct grid *g, const struct value *v, const struct step *step, double x, double y)
{
    const struct node *n = g->n;
    struct place at = {
        .baseline = y, .size = step->label, .color = color_of(node_number(n, ATTR_LABEL_COLOR, 0))};
    size_t count = v->label.count;
    double em = step->label * PT_MM;

    if (node_attr(n, ATTR_LABEL_COLOR) == NULL)
        at.color = color_of(g->s->setup->text.color);
    at.x = x;
    /* gaps of the same width between characters, so one run will do */
    if (count > 1)
        at.tracking = (g->labels - 1) / (double)(count - 1) - 1;
    if (count > 0 && set_line(g->s, &v->label, 0, count, &at) != 0)
        return -1;
    at.tracking = 0;
    at.x = x + g->labels * em;
    return set_line(g->s, &g->colon, 0, g->colon.count, &at);
}

static int set_value(struct grid *g, const struct value *v, double y)
{
    for (size_t i = 0; i < v->lines.count; i++) {
        struct place at = {.x = g->s->origin_x + v->x,
                           .baseline = y + (double)i * g->leading * v->size * PT_MM,
                           .size = v->size,
                           .color = color_of(node_number(g->n, ATTR_COLOR, g->s->setup->text.color))};

        if (set_line(g->s, &v->text, v->lines.from[i], v->lines.to[i], &at) != 0)
            return -1;
    }
    return 0;
}

static int set_rows(struct grid *g, const struct step *step, double pitch)
{
    double x = g->s->origin_x, y = g->s->origin_y + g->first;

    for (size_t i = 0; i < g->row_count; i++) {
        const struct grid_row *row = &g->rows[i];

        for (size_t k = 0; k < row->count; k++)
            if (set_label(g, row->cells[k], step, x + g->columns->numbers[k], y) != 0 ||
                set_value(g, row->cells[k], y) != 0)
                return -1;
        y += pitch + row->growth;
    }
    return 0;
}

/* --- the grid --- */

static int shape_values(struct grid *g, const struct tree_node *fields)
{
    const char *family = node_word(g->n, ATTR_FONT, g->s->setup->text.family);
    struct setting label = {.family = family};
    size_t count = 0;

    for (const struct tree_node *r = fields->first; r != NULL; r = r->next)
        for (const struct tree_node *c = r->first; c != NULL; c = c->next)
            count++;
    g->values = arena_array(g->s->arena, count + 1, sizeof *g->values);
    if (g->values == NULL)
        return err_no_memory(g->s->e);
    for (const struct tree_node *r = fields->first; r != NULL; r = r->next) {
        for (const struct tree_node *c = r->first; c != NULL; c = c->next) {
            struct value *v = &g->values[g->value_count++];
            struct setting how = {.family = family, .bold = node_number(c->node, ATTR_BOLD, 0) != 0};

            v->n = c;
            if (c->text.count > 0 && (shape(&v->text, g->s, &c->text, &how, false) != 0 ||
                                      shape(&v->label, g->s, &c->label, &label, false) != 0))
                return -1;
        }
    }
    return 0;
}

static int grid_init(struct grid *g, struct sheet *s, const struct tree_node *n)
{
    const char *colon = node_word(n->node, ATTR_COLON, "：");
    struct tree_char mark = {0, 0, NULL};
    struct setting how = {.family = node_word(n->node, ATTR_FONT, s->setup->text.family)};
    size_t at = 0;

    g->s = s;
    g->n = n->node;
    g->columns = node_attr(n->node, ATTR_X);
    g->right = node_number(n->node, ATTR_RIGHT, 0);
    g->gutter = node_number(n->node, ATTR_GUTTER, 6);
    g->first = node_number(n->node, ATTR_Y, 0);
    g->last = node_number(n->node, ATTR_LAST, 0);
    g->pitch = node_number(n->node, ATTR_PITCH, 8);
    g->labels = node_number(n->node, ATTR_LABELS, 4);
    g->gap = node_number(n->node, ATTR_GAP, 1);
    g->leading = node_number(n->node, ATTR_LEADING, 1.32);
    (void)utf8_next(slice_of(colon), &at, &mark.cp);
    if (shape(&g->colon, s, &(struct tree_text){&mark, 1}, &how, false) != 0)
        return -1;
    return shape_values(g, n);
}

int place_grid(struct sheet *s, const struct tree_node *n)
{
    struct grid *g = arena_alloc(s->arena, sizeof *g);
    size_t index = 0;

    if (g == NULL)
        return err_no_memory(s->e);
    if (grid_init(g, s, n) != 0)
        return -1;
    for (const struct tree_node *c = n->first; c != NULL; c = c->next) {
        struct step step;
        double pitch;
        bool fits;

        if (c->node->kind != NODE_STEP)
            continue;
        step = step_of(c->node, index++);
        if (fit_step(g, n, &step, &pitch, &fits) != 0)
            return -1;
        if (fits)
            return set_rows(g, &step, pitch);
    }
    return too_long(s, &g->blame, &g->blame_label);
}
