#include "seal/seal_internal.h"
#include <math.h>

/* Sizes in use; between them, linear. */
static const struct {
    double diameter, ring, star, height, gap;
} sizes[] = {
    {30, 1.0, 10.0, 4.2, 0.6}, {38, 1.0, 12.0, 6.0, 0.8}, {40, 1.2, 13.0, 6.5, 0.9},
    {42, 1.2, 13.0, 6.6, 1.0}, {45, 1.4, 14.5, 7.2, 1.1}, {50, 1.5, 16.0, 8.0, 1.2},
};

static double between(double a, double b, double part)
{
    return a + (b - a) * part;
}

static void size_measures(struct seal_geometry *g)
{
    size_t i = 1, last = sizeof sizes / sizeof sizes[0] - 1;
    double part;

    while (i < last && g->diameter > sizes[i].diameter)
        i++;
    part = (g->diameter - sizes[i - 1].diameter) / (sizes[i].diameter - sizes[i - 1].diameter);
    g->ring = between(sizes[i - 1].ring, sizes[i].ring, part);
    g->star = between(sizes[i - 1].star, sizes[i].star, part);
    g->char_height = between(sizes[i - 1].height, sizes[i].height, part);
    g->gap = between(sizes[i - 1].gap, sizes[i].gap, part);
}

/* As wide as the pitch at their feet allows. */
static void fit_arc(struct seal_geometry *g)
{
    double pitch = g->step * M_PI / 180;

    g->radius = g->diameter / 2 - g->ring - g->gap - g->char_height / 2;
    g->char_width = fmin(0.74 * g->char_height, 0.98 * pitch * (g->radius - g->char_height / 2));
}

static void arc_measures(struct seal_geometry *g, size_t count)
{
    double n = (double)count;

    g->span = fmax(120, fmin(262, 18.7 * (n - 1))) + fmax(0, fmin(30, 2.2 * (n - 18)));
    g->step = g->span / (n - 1);
    fit_arc(g);
    /* Long names get smaller characters, never thinner than half their height. */
    while (g->char_width < 0.5 * g->char_height) {
        g->char_height -= 0.1;
        fit_arc(g);
    }
}

/* Measured at 45 mm; smaller in proportion. */
static void line_measures(struct seal_geometry *g, size_t count)
{
    double scale = g->diameter / 45;

    g->line_height = 4.6 * scale;
    g->line_drop = 13.2 * scale;
    g->line_cell = count == 0 ? 0 : 10.5 * scale / (double)count;
    while (count > 0 && 0.9 * g->line_cell < 0.5 * g->line_height)
        g->line_height -= 0.1;
    g->line_char_width = fmin(0.9 * g->line_cell, 0.85 * g->line_height);
}

void seal_geometry(struct seal_geometry *g, double diameter, size_t arc, size_t line)
{
    *g = (struct seal_geometry){.diameter = diameter};
    size_measures(g);
    arc_measures(g, arc);
    line_measures(g, line);
}
