/* path.c - the path data of SVG 1.1, chapter 8. */
#include "artwork/artwork_internal.h"
#include <math.h>
#include <string.h>

struct reader {
    struct outline *o;
    struct scan in;
    double control_x, control_y; /* last control point, for S and T */
    char last;                   /* upper-case letter of the command before */
};

/* How many numbers a command takes, or -1. */
static int argument_count(char command)
{
    switch (command) {
    case 'M':
    case 'L':
    case 'T':
        return 2;
    case 'H':
    case 'V':
        return 1;
    case 'C':
        return 6;
    case 'S':
    case 'Q':
        return 4;
    case 'A':
        return 7;
    case 'Z':
        return 0;
    default:
        return -1;
    }
}

/* The flags of an arc are single digits that may touch what follows. */
static bool scan_flag(struct scan *s, double *out)
{
    if (*s->at != '0' && *s->at != '1')
        return false;
    *out = *s->at++ - '0';
    return true;
}

static bool scan_values(struct scan *s, char command, int count, double v[7])
{
    for (int i = 0; i < count; i++) {
        bool flag = command == 'A' && (i == 3 || i == 4);

        if (i > 0)
            scan_comma(s);
        if (flag ? !scan_flag(s, &v[i]) : !scan_number(s, &v[i]))
            return false;
    }
    return true;
}

static void make_absolute(const struct outline *o, char command, int count, double v[7])
{
    if (command == 'H') {
        v[0] += o->x;
    } else if (command == 'V') {
        v[0] += o->y;
    } else if (command == 'A') {
        v[5] += o->x;
        v[6] += o->y;
    } else {
        for (int i = 0; i + 1 < count; i += 2) {
            v[i] += o->x;
            v[i + 1] += o->y;
        }
    }
}

static void quadratic(struct reader *r, double cx, double cy, double x, double y)
{
    struct outline *o = r->o;
    double x0 = o->x, y0 = o->y;

    outline_curve(o, x0 + (cx - x0) * 2 / 3, y0 + (cy - y0) * 2 / 3, x + (cx - x) * 2 / 3,
                  y + (cy - y) * 2 / 3, x, y);
    r->control_x = cx;
    r->control_y = cy;
}

/* The mirror image of the last control point, if the command before was of this kind (one of two). */
static void reflected(const struct reader *r, char a, char b, double *x, double *y)
{
    bool mirror = r->last == a || r->last == b;

    *x = mirror ? 2 * r->o->x - r->control_x : r->o->x;
    *y = mirror ? 2 * r->o->y - r->control_y : r->o->y;
}

static void cubic(struct reader *r, double x1, double y1, const double v[4])
{
    outline_curve(r->o, x1, y1, v[0], v[1], v[2], v[3]);
    r->control_x = v[0];
    r->control_y = v[1];
}

static void apply(struct reader *r, char command, const double v[7])
{
    struct outline *o = r->o;
    struct arc arc = {v[0], v[1], v[2], v[3] != 0, v[4] != 0, v[5], v[6]};
    double x, y;

    switch (command) {
    case 'M':
        outline_move(o, v[0], v[1]);
        break;
    case 'L':
        outline_line(o, v[0], v[1]);
        break;
    case 'H':
        outline_line(o, v[0], o->y);
        break;
    case 'V':
        outline_line(o, o->x, v[0]);
        break;
    case 'C':
        cubic(r, v[0], v[1], v + 2);
        break;
    case 'S':
        reflected(r, 'C', 'S', &x, &y);
        cubic(r, x, y, v);
        break;
    case 'Q':
        quadratic(r, v[0], v[1], v[2], v[3]);
        break;
    case 'T':
        reflected(r, 'Q', 'T', &x, &y);
        quadratic(r, x, y, v[0], v[1]);
        break;
    case 'A':
        outline_arc(o, &arc);
        break;
    default:
        outline_close(o);
        break;
    }
    r->last = command;
}

static bool begins_number(char c)
{
    return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/* One letter and all the values behind it. */
static bool read_command(struct reader *r)
{
    char letter = *r->in.at, command = letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
    bool relative = letter != command, comma = false;
    int count = argument_count(command);
    double v[7] = {0};

    if (count < 0 || (r->last == 0 && command != 'M'))
        return false;
    r->in.at++;
    scan_space(&r->in);
    do {
        if (!scan_values(&r->in, command, count, v))
            return false;
        if (relative)
            make_absolute(r->o, command, count, v);
        apply(r, command, v);
        if (command == 'M') /* further pairs are lines */
            command = 'L';
        scan_space(&r->in);
        comma = *r->in.at == ',';
        scan_comma(&r->in);
    } while (count > 0 && begins_number(*r->in.at) && !r->o->failed);
    return !comma || r->o->failed;
}

static int read_failed(const struct outline *o, const struct place *p, struct err *e)
{
    if (o->count < o->max)
        return err_no_memory(e);
    return place_err(p, e, NULL, "The picture has too many segments; simplify it or reuse parts with <use>.",
                     "图形的线段过多，请简化，或用 <use> 复用相同部分。");
}

int outline_path(struct outline *o, const char *d, const struct place *p, struct err *e)
{
    struct reader r = {o, {d}, 0, 0, 0};

    if (strcmp(d, "none") == 0)
        return 0;
    while (!scan_end(&r.in)) {
        if (!read_command(&r))
            return place_err(p, e, r.in.at, "This path data cannot be read at \"%s\".",
                             "路径数据无法读取，位置：“%s”。");
        if (o->failed)
            return read_failed(o, p, e);
    }
    return 0;
}

int outline_points(struct outline *o, const char *points, const struct place *p, struct err *e)
{
    struct scan s = {points};
    double x, y;

    for (bool first = true; !scan_end(&s); first = false) {
        if (!scan_number(&s, &x) || (scan_comma(&s), !scan_number(&s, &y)))
            return place_err(p, e, s.at, "Pairs of numbers are needed here, not \"%s\".",
                             "此处应为成对的数字，而不是“%s”。");
        if (first)
            outline_move(o, x, y);
        else
            outline_line(o, x, y);
        scan_comma(&s);
        if (o->failed)
            return read_failed(o, p, e);
    }
    return 0;
}
