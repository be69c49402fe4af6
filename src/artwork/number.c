#include "artwork/artwork_internal.h"
#include "base/utf8.h"
#include <math.h>
#include <string.h>

const struct matrix MATRIX_IDENTITY = {1, 0, 0, 1, 0, 0};

struct matrix matrix_multiply(struct matrix in, struct matrix out)
{
    return (struct matrix){out.a * in.a + out.c * in.b,         out.b * in.a + out.d * in.b,
                           out.a * in.c + out.c * in.d,         out.b * in.c + out.d * in.d,
                           out.a * in.e + out.c * in.f + out.e, out.b * in.e + out.d * in.f + out.f};
}

void matrix_apply(const struct matrix *m, double *x, double *y)
{
    double was_x = *x;

    *x = m->a * was_x + m->c * *y + m->e;
    *y = m->b * was_x + m->d * *y + m->f;
}

bool matrix_is_identity(const struct matrix *m)
{
    return m->a == 1 && m->b == 0 && m->c == 0 && m->d == 1 && m->e == 0 && m->f == 0;
}

double matrix_norm(const struct matrix *m)
{
    return fmax(hypot(m->a, m->b), hypot(m->c, m->d));
}

int place_err(const struct place *p, struct err *e, const char *value, const char *en, const char *zh)
{
    char clipped[49], reason_en[200], reason_zh[200], where[80];
    size_t len = value == NULL ? 0 : strnlen(value, sizeof clipped - 1);

    if (len > 0) {
        memcpy(clipped, value, len);
        len = utf8_whole(clipped, len);
    }
    clipped[len] = '\0';
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)clipped[i] < ' ')
            clipped[i] = ' ';
            /* The reasons are constants of this room with at most one %s. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(reason_en, sizeof reason_en, en, clipped);
    (void)snprintf(reason_zh, sizeof reason_zh, zh, clipped);
#pragma GCC diagnostic pop
    (void)snprintf(where, sizeof where, "%s%s%s%s%s", p->element != NULL ? ", <" : "",
                   p->element != NULL ? p->element : "", p->element != NULL ? ">" : "",
                   p->attribute != NULL ? " " : "", p->attribute != NULL ? p->attribute : "");
    where[utf8_whole(where, strlen(where))] = '\0';
    return err_set(e, ERR_INVALID, "%1$s, line %2$ld%3$s: %4$s%5$.0s", "%1$s 第 %2$ld 行%3$s：%4$.0s%5$s",
                   p->file, p->line, where, reason_en, reason_zh);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void scan_space(struct scan *s)
{
    while (is_space(*s->at))
        s->at++;
}

void scan_comma(struct scan *s)
{
    scan_space(s);
    if (*s->at == ',') {
        s->at++;
        scan_space(s);
    }
}

bool scan_end(struct scan *s)
{
    scan_space(s);
    return *s->at == '\0';
}

bool scan_word(struct scan *s, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(s->at, word, len) != 0)
        return false;
    s->at += len;
    return true;
}

/* An exponent only if digits follow, so that "1em" is a number and a unit. */
static int scan_exponent(const char **at)
{
    const char *p = *at;
    bool negative = false;
    int value = 0;

    if (*p != 'e' && *p != 'E')
        return 0;
    p++;
    if (*p == '+' || *p == '-')
        negative = *p++ == '-';
    if (!is_digit(*p))
        return 0;
    for (; is_digit(*p); p++)
        value = value < 1000 ? value * 10 + (*p - '0') : value;
    *at = p;
    return negative ? -value : value;
}

bool scan_number(struct scan *s, double *out)
{
    const char *p = s->at;
    bool negative = false;
    double value = 0;
    int exponent = 0, digits = 0;

    if (*p == '+' || *p == '-')
        negative = *p++ == '-';
    for (; is_digit(*p); p++, digits++)
        value = value * 10 + (*p - '0');
    if (*p == '.')
        for (p++; is_digit(*p); p++, digits++) {
            /* Digits behind the 16th change nothing in a double. */
            if (exponent > -16) {
                value = value * 10 + (*p - '0');
                exponent--;
            }
        }
    if (digits == 0)
        return false;
    exponent += scan_exponent(&p);
    value *= pow(10, exponent);
    if (!(value <= ARTWORK_MAX_NUMBER))
        return false;
    *out = negative ? -value : value;
    s->at = p;
    return true;
}

bool scan_length(struct scan *s, double *out)
{
    static const struct {
        const char *name;
        double px;
    } units[] = {{"px", 1}, {"pt", 96 / 72.0}, {"mm", 96 / 25.4}, {"cm", 96 / 2.54}, {"in", 96}};

    if (!scan_number(s, out))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (scan_word(s, units[i].name)) {
            *out *= units[i].px;
            break;
        }
    return true;
}

/* The arguments of one transform function, "(" to ")". Returns how many, or -1. */
static int scan_arguments(struct scan *s, double args[6])
{
    int count = 0;

    scan_space(s);
    if (!scan_word(s, "("))
        return -1;
    scan_space(s);
    while (!scan_word(s, ")")) {
        if (count == 6 || !scan_number(s, &args[count++]))
            return -1;
        scan_comma(s);
    }
    return count;
}

static double radians(double degrees)
{
    return degrees * M_PI / 180;
}

static struct matrix rotation(double degrees, double x, double y)
{
    double c = cos(radians(degrees)), s = sin(radians(degrees));

    return (struct matrix){c, s, -s, c, x - c * x + s * y, y - s * x - c * y};
}

static bool scan_transform(struct scan *s, struct matrix *m)
{
    static const char *const names[] = {"matrix", "translate", "scale", "rotate", "skewX", "skewY"};
    double a[6] = {0};
    size_t which = 0;
    int n;

    while (which < 6 && !scan_word(s, names[which]))
        which++;
    n = which < 6 ? scan_arguments(s, a) : -1;
    if (which == 0 && n == 6)
        *m = (struct matrix){a[0], a[1], a[2], a[3], a[4], a[5]};
    else if (which == 1 && (n == 1 || n == 2))
        *m = (struct matrix){1, 0, 0, 1, a[0], a[1]};
    else if (which == 2 && (n == 1 || n == 2))
        *m = (struct matrix){a[0], 0, 0, n == 2 ? a[1] : a[0], 0, 0};
    else if (which == 3 && (n == 1 || n == 3))
        *m = rotation(a[0], a[1], a[2]);
    else if (which == 4 && n == 1)
        *m = (struct matrix){1, 0, tan(radians(a[0])), 1, 0, 0};
    else if (which == 5 && n == 1)
        *m = (struct matrix){1, tan(radians(a[0])), 0, 1, 0, 0};
    else
        return false;
    return true;
}

bool matrix_parse(struct matrix *out, const char *text)
{
    struct scan s = {text};
    struct matrix one;

    *out = MATRIX_IDENTITY;
    while (!scan_end(&s)) {
        if (!scan_transform(&s, &one))
            return false;
        *out = matrix_multiply(one, *out);
        scan_comma(&s);
    }
    return fabs(out->a) <= ARTWORK_MAX_NUMBER && fabs(out->b) <= ARTWORK_MAX_NUMBER &&
           fabs(out->c) <= ARTWORK_MAX_NUMBER && fabs(out->d) <= ARTWORK_MAX_NUMBER &&
           fabs(out->e) <= ARTWORK_MAX_NUMBER && fabs(out->f) <= ARTWORK_MAX_NUMBER;
}
