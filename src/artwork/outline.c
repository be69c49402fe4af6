#include "artwork/artwork_internal.h"
#include <math.h>
#include <stdlib.h>

void outline_init(struct outline *o, size_t max)
{
    *o = (struct outline){NULL, 0, 0, max, 0, 0, 0, 0, false};
}

void outline_dispose(struct outline *o)
{
    free(o->list);
    outline_init(o, o->max);
}

static struct outline_segment *add(struct outline *o, enum outline_op op)
{
    if (o->failed || o->count >= o->max) {
        o->failed = true;
        return NULL;
    }
    if (o->count == o->room) {
        size_t room = o->room == 0 ? 16 : o->room * 2;
        struct outline_segment *list = realloc(o->list, room * sizeof *list);

        if (list == NULL) {
            o->failed = true;
            return NULL;
        }
        o->list = list;
        o->room = room;
    }
    o->list[o->count] = (struct outline_segment){.op = op};
    return &o->list[o->count++];
}

void outline_move(struct outline *o, double x, double y)
{
    struct outline_segment *s = add(o, OUTLINE_MOVE);

    if (s != NULL) {
        s->p[0] = x;
        s->p[1] = y;
    }
    o->x = o->start_x = x;
    o->y = o->start_y = y;
}

/* After z a path may go on without m; PDF wants the m. */
static void reopen(struct outline *o)
{
    if (o->count > 0 && o->list[o->count - 1].op == OUTLINE_CLOSE)
        outline_move(o, o->x, o->y);
}

void outline_line(struct outline *o, double x, double y)
{
    struct outline_segment *s;

    reopen(o);
    s = add(o, OUTLINE_LINE);
    if (s != NULL) {
        s->p[0] = x;
        s->p[1] = y;
    }
    o->x = x;
    o->y = y;
}

void outline_curve(struct outline *o, double x1, double y1, double x2, double y2, double x, double y)
{
    struct outline_segment *s;

    reopen(o);
    s = add(o, OUTLINE_CURVE);
    if (s != NULL)
        *s = (struct outline_segment){OUTLINE_CURVE, {x1, y1, x2, y2, x, y}};
    o->x = x;
    o->y = y;
}

void outline_close(struct outline *o)
{
    (void)add(o, OUTLINE_CLOSE);
    o->x = o->start_x;
    o->y = o->start_y;
}

/* The distance of the control points of a quarter of a circle. */
static const double QUARTER = 0.5522847498307936;

void outline_ellipse(struct outline *o, double cx, double cy, double rx, double ry)
{
    double kx = rx * QUARTER, ky = ry * QUARTER;

    outline_move(o, cx + rx, cy);
    outline_curve(o, cx + rx, cy + ky, cx + kx, cy + ry, cx, cy + ry);
    outline_curve(o, cx - kx, cy + ry, cx - rx, cy + ky, cx - rx, cy);
    outline_curve(o, cx - rx, cy - ky, cx - kx, cy - ry, cx, cy - ry);
    outline_curve(o, cx + kx, cy - ry, cx + rx, cy - ky, cx + rx, cy);
    outline_close(o);
}

static void rounded(struct outline *o, double x, double y, double w, double h, double rx, double ry)
{
    double kx = rx * (1 - QUARTER), ky = ry * (1 - QUARTER);

    outline_move(o, x + rx, y);
    outline_line(o, x + w - rx, y);
    outline_curve(o, x + w - kx, y, x + w, y + ky, x + w, y + ry);
    outline_line(o, x + w, y + h - ry);
    outline_curve(o, x + w, y + h - ky, x + w - kx, y + h, x + w - rx, y + h);
    outline_line(o, x + rx, y + h);
    outline_curve(o, x + kx, y + h, x, y + h - ky, x, y + h - ry);
    outline_line(o, x, y + ry);
    outline_curve(o, x, y + ky, x + kx, y, x + rx, y);
    outline_close(o);
}

void outline_rect(struct outline *o, double x, double y, double w, double h, double rx, double ry)
{
    struct outline_segment *s;

    rx = fmin(rx, w / 2);
    ry = fmin(ry, h / 2);
    if (rx > 0 && ry > 0) {
        rounded(o, x, y, w, h, rx, ry);
        return;
    }
    s = add(o, OUTLINE_RECT);
    if (s != NULL)
        *s = (struct outline_segment){OUTLINE_RECT, {x, y, w, h, 0, 0}};
    o->x = o->start_x = x;
    o->y = o->start_y = y;
}

/* Center, start and sweep of an arc (SVG 1.1 F.6.5, F.6.6). */
struct centered {
    double cx, cy, rx, ry, phi, from, sweep;
};

static void arc_center(struct centered *c, const struct outline *o, const struct arc *arc)
{
    double phi = arc->rotation * M_PI / 180, cosp = cos(phi), sinp = sin(phi);
    double hx = (o->x - arc->x) / 2, hy = (o->y - arc->y) / 2;
    double x1 = cosp * hx + sinp * hy, y1 = -sinp * hx + cosp * hy;
    double rx = fabs(arc->rx), ry = fabs(arc->ry);
    double lambda = x1 * x1 / (rx * rx) + y1 * y1 / (ry * ry);
    double over, factor, cx, cy;

    if (lambda > 1) { /* too small to reach: grown until it does */
        rx *= sqrt(lambda);
        ry *= sqrt(lambda);
    }
    over = rx * rx * y1 * y1 + ry * ry * x1 * x1;
    factor = sqrt(fmax(0, (rx * rx * ry * ry - over) / over)) * (arc->large == arc->sweep ? -1 : 1);
    cx = factor * rx * y1 / ry;
    cy = -factor * ry * x1 / rx;
    c->cx = cosp * cx - sinp * cy + (o->x + arc->x) / 2;
    c->cy = sinp * cx + cosp * cy + (o->y + arc->y) / 2;
    c->rx = rx;
    c->ry = ry;
    c->phi = phi;
    c->from = atan2((y1 - cy) / ry, (x1 - cx) / rx);
    c->sweep = atan2((-y1 - cy) / ry, (-x1 - cx) / rx) - c->from;
    if (arc->sweep && c->sweep < 0)
        c->sweep += 2 * M_PI;
    else if (!arc->sweep && c->sweep > 0)
        c->sweep -= 2 * M_PI;
}

/* From the unit circle to the arc's ellipse. */
static void place_point(const struct centered *c, double ux, double uy, double *x, double *y)
{
    *x = c->cx + cos(c->phi) * c->rx * ux - sin(c->phi) * c->ry * uy;
    *y = c->cy + sin(c->phi) * c->rx * ux + cos(c->phi) * c->ry * uy;
}

void outline_arc(struct outline *o, const struct arc *arc)
{
    struct centered c;
    int steps;
    double step, k;

    if (arc->x == o->x && arc->y == o->y)
        return;
    if (fabs(arc->rx) < 1e-9 || fabs(arc->ry) < 1e-9) {
        outline_line(o, arc->x, arc->y);
        return;
    }
    arc_center(&c, o, arc);
    steps = (int)ceil(fabs(c.sweep) / (M_PI / 2) - 1e-9);
    steps = steps < 1 ? 1 : steps;
    step = c.sweep / steps;
    k = 4.0 / 3 * tan(step / 4);
    for (int i = 0; i < steps; i++) {
        double t0 = c.from + i * step, t1 = t0 + step, x1, y1, x2, y2, x, y;

        place_point(&c, cos(t0) - k * sin(t0), sin(t0) + k * cos(t0), &x1, &y1);
        place_point(&c, cos(t1) + k * sin(t1), sin(t1) - k * cos(t1), &x2, &y2);
        place_point(&c, cos(t1), sin(t1), &x, &y);
        if (i == steps - 1) { /* exactly where the file says */
            x = arc->x;
            y = arc->y;
        }
        outline_curve(o, x1, y1, x2, y2, x, y);
    }
}

static void transform_rect(struct outline *to, const double p[6], const struct matrix *m)
{
    double corner[4][2] = {
        {p[0], p[1]}, {p[0] + p[2], p[1]}, {p[0] + p[2], p[1] + p[3]}, {p[0], p[1] + p[3]}};

    for (int i = 0; i < 4; i++)
        matrix_apply(m, &corner[i][0], &corner[i][1]);
    outline_move(to, corner[0][0], corner[0][1]);
    for (int i = 1; i < 4; i++)
        outline_line(to, corner[i][0], corner[i][1]);
    outline_close(to);
}

void outline_transform(struct outline *o, const struct matrix *m)
{
    struct outline to;

    if (matrix_is_identity(m))
        return;
    outline_init(&to, o->max);
    to.failed = o->failed;
    for (size_t i = 0; i < o->count; i++) {
        struct outline_segment s = o->list[i];

        if (s.op == OUTLINE_RECT) {
            transform_rect(&to, s.p, m);
            continue;
        }
        for (int k = 0; k < 6; k += 2)
            matrix_apply(m, &s.p[k], &s.p[k + 1]);
        if (s.op == OUTLINE_MOVE)
            outline_move(&to, s.p[0], s.p[1]);
        else if (s.op == OUTLINE_LINE)
            outline_line(&to, s.p[0], s.p[1]);
        else if (s.op == OUTLINE_CURVE)
            outline_curve(&to, s.p[0], s.p[1], s.p[2], s.p[3], s.p[4], s.p[5]);
        else
            outline_close(&to);
    }
    outline_dispose(o);
    *o = to;
}
