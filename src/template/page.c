/* page.c - values of the front matter that describe pages and type. */
#include "template/template_internal.h"
#include <stdlib.h>
#include <string.h>

bool number_parse(const char *text, double *out, const char **end)
{
    char *stop;

    *out = strtod(text, &stop);
    *end = stop;
    return stop != text && *out > -10000 && *out < 10000;
}

bool page_size_parse(double *width, double *height, const char *text)
{
    static const struct {
        const char *name;
        double w, h;
    } sizes[] = {{"A3", 297, 420}, {"A4", 210, 297}, {"A5", 148, 210}, {"B5", 176, 250}};
    const char *rest;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (strncmp(text, sizes[i].name, 2) != 0)
            continue;
        rest = text + 2 + strspn(text + 2, " ");
        *width = *rest == 'l' ? sizes[i].h : sizes[i].w;
        *height = *rest == 'l' ? sizes[i].w : sizes[i].h;
        return *rest == '\0' ||
               (text[2] == ' ' && (strcmp(rest, "portrait") == 0 || strcmp(rest, "landscape") == 0));
    }
    return number_parse(text, width, &rest) && *rest == 'x' && number_parse(rest + 1, height, &rest) &&
           *rest == '\0' && *width >= 20 && *height >= 20 && *width <= 2000 && *height <= 2000;
}

bool margins_parse(double margin[4], const char *text)
{
    double m[4];
    const char *at = text;
    int n = 0;

    while (n < 4 && *at != '\0') {
        if (!number_parse(at, &m[n], &at) || m[n] < 0)
            return false;
        n++;
        at += strspn(at, " ");
    }
    if (*at != '\0' || n == 0 || n == 3)
        return false;
    for (int i = 0; i < 4; i++)
        margin[i] = m[i % n];
    return true;
}

/* "22/31": a size and the pitch of its lines, in points. */
static bool type_parse(const char *text, double *size, double *leading, const char **end)
{
    double pitch;

    if (!number_parse(text, size, end) || *size < 3 || *size > 200 || **end != '/' ||
        !number_parse(*end + 1, &pitch, end) || pitch < *size * 0.8 || pitch > *size * 5)
        return false;
    *leading = pitch / *size;
    return **end == '\0' || **end == ' ';
}

bool steps_parse(struct type_step *steps, size_t *count, const char *text)
{
    const char *at = text;

    *count = 0;
    while (*at != '\0') {
        if (*count == TYPE_STEPS_MAX || !type_parse(at, &steps[*count].size, &steps[*count].leading, &at))
            return false;
        (*count)++;
        at += strspn(at, " ");
    }
    return *count > 0;
}

/* Takes the word at *at if it is that one, and the blanks behind it. */
static bool take(const char **at, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(*at, word, len) != 0 || ((*at)[len] != ' ' && (*at)[len] != '\0'))
        return false;
    *at += len;
    *at += strspn(*at, " ");
    return true;
}

bool heading_parse(struct style *style, const char *text)
{
    static const char *const families[] = {"song", "hei", "kai"}, *const aligns[] = {"left", "center",
                                                                                     "right"};
    struct style s = *style;
    const char *at = text;

    s.family = s.align = NULL;
    for (size_t i = 0; i < 3 && s.family == NULL; i++)
        s.family = take(&at, families[i]) ? families[i] : NULL;
    s.bold = take(&at, "bold");
    if (s.family == NULL || !type_parse(at, &s.size, &s.leading, &at))
        return false;
    at += strspn(at, " ");
    for (size_t i = 0; i < 3 && s.align == NULL; i++)
        s.align = take(&at, aligns[i]) ? aligns[i] : NULL;
    s.tracking = -1;
    if (take(&at, "tracking") && (!number_parse(at, &s.tracking, &at) || s.tracking < 0 || s.tracking > 5))
        return false;
    *style = s;
    return s.align != NULL && at[strspn(at, " ")] == '\0';
}
