/* wrap.c - a measured text becomes lines. */
#include "layout/layout_internal.h"

static const double slack = 1e-6; /* mm; sums of widths are not exact */

bool holds_line(const struct shaped *t, double size, double tracking, double width)
{
    return width_of(t, 0, t->count, size, tracking) <= width + slack;
}

int half_points(double most, double least)
{
    return least > most ? 1 : (int)((most - least) * 2 + slack) + 1;
}

bool has_soft(const struct shaped *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->cells[i].cp == CHAR_SOFT)
            return true;
    return false;
}

static bool add_line(struct lines *out, size_t from, size_t to, size_t most)
{
    if (out->count == most || out->count == LINES_MAX)
        return false;
    out->from[out->count] = from;
    out->to[out->count++] = to;
    return true;
}

/* End of the line that begins at from: the last place within width; within a word too long for any line, the
 * last character that fits. */
static size_t line_end(const struct shaped *t, const bool *may, size_t from, double size, double tracking,
                       double width)
{
    double room = (width + slack) / (size * PT_MM), em = 0;
    size_t end = 0, fits = from;

    for (size_t i = from; i < t->count; i++) {
        if (t->cells[i].cp == CHAR_BREAK)
            return i + 1;
        if (i > from && may[i])
            end = i;
        em += t->cells[i].em;
        /* a blank may hang over the end, and so is never the reason to break */
        if (em > room && t->cells[i].cp != ' ' && t->cells[i].cp != 0x3000)
            return end > from ? end : fits > from ? fits : from + 1;
        fits = i + 1;
        em += tracking;
    }
    return t->count;
}

bool wrap(struct lines *out, const struct shaped *t, const bool *may, double size, double tracking,
          double width, size_t most)
{
    size_t from = 0;

    out->count = 0;
    while (from < t->count) {
        size_t end = line_end(t, may, from, size, tracking, width);

        if (width_of(t, from, end, size, tracking) > width + slack || !add_line(out, from, end, most))
            return false;
        from = end;
    }
    return true;
}

bool wrap_soft(struct lines *out, const struct shaped *t, double size, double tracking, double width,
               size_t most)
{
    size_t from = 0;

    out->count = 0;
    for (size_t i = 0; i <= t->count; i++) {
        if (i < t->count && t->cells[i].cp != CHAR_SOFT)
            continue;
        if (width_of(t, from, i, size, tracking) > width + slack || !add_line(out, from, i, most))
            return false;
        from = i;
    }
    return true;
}

/* Whether it may stand on two lines; blanks where they part do not count. Spares trying every place in a long
 * text, which takes the square of its length. */
static bool suits_two(const struct shaped *t, double size, double tracking, double width)
{
    const double blanks = 8; /* em */

    return width_of(t, 0, t->count, size, tracking) <= 2 * width + blanks * size * PT_MM;
}

bool wrap_half(struct lines *out, const struct shaped *t, const bool *may, double size, double tracking,
               double width)
{
    double whole = width_of(t, 0, t->count, size, tracking);
    size_t at = 0;

    if (has_soft(t))
        return wrap_soft(out, t, size, tracking, width, 2);
    if (!suits_two(t, size, tracking, width))
        return false;
    for (size_t i = 1; i < t->count && at == 0; i++)
        if (may[i] && width_of(t, 0, i, size, tracking) >= whole / 2 - slack)
            at = i;
    out->count = 0;
    return at > 0 && width_of(t, 0, at, size, tracking) <= width + slack &&
           width_of(t, at, t->count, size, tracking) <= width + slack && add_line(out, 0, at, 2) &&
           add_line(out, at, t->count, 2);
}

/* Each line as many parts as it holds, a part being what ends with cp. */
static bool wrap_parts(struct lines *out, const struct shaped *t, uint32_t cp, double size, double tracking,
                       double width, size_t most)
{
    size_t from = 0, end = 0;

    out->count = 0;
    for (size_t i = 1; i <= t->count; i++) {
        if (i < t->count && t->cells[i - 1].cp != cp)
            continue;
        if (width_of(t, from, i, size, tracking) > width + slack) {
            if (end == from || !add_line(out, from, end, most))
                return false;
            from = end;
            if (width_of(t, from, i, size, tracking) > width + slack)
                return false;
        }
        end = i;
    }
    return add_line(out, from, t->count, most);
}

bool wrap_after(struct lines *out, const struct shaped *t, uint32_t cp, double size, double tracking,
                double width, size_t most)
{
    double best = 0;
    size_t at = 0;

    if (!suits_two(t, size, tracking, width))
        return wrap_parts(out, t, cp, size, tracking, width, most);
    for (size_t i = 1; i < t->count; i++) {
        double a, b, longer;

        if (t->cells[i - 1].cp != cp)
            continue;
        a = width_of(t, 0, i, size, tracking);
        b = width_of(t, i, t->count, size, tracking);
        longer = a > b ? a : b;
        if (longer <= width + slack && (at == 0 || longer < best)) {
            best = longer;
            at = i;
        }
    }
    if (at == 0)
        return wrap_parts(out, t, cp, size, tracking, width, most);
    out->count = 0;
    return add_line(out, 0, at, 2) && add_line(out, at, t->count, 2);
}
