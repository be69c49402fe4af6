/* source.c - places in a template's text: lines and columns for its errors, and what somebody may have meant.
 */
#include "base/utf8.h"
#include "template/template_internal.h"
#include <stdarg.h>
#include <string.h>

bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice trimmed(struct slice s)
{
    while (s.len > 0 && is_blank(s.ptr[0]))
        s = slice_part(s, 1, s.len - 1);
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool slice_starts(struct slice s, size_t at, const char *text)
{
    return slice_equal(slice_part(s, at, strlen(text)), slice_of(text));
}

/* --- places --- */

int source_line(struct loader *l, size_t at)
{
    struct source *s = l->source;

    if (at < s->known_at || s->known_line == 0) {
        s->known_at = 0;
        s->known_line = 1;
    }
    for (; s->known_at < at && s->known_at < s->text.len; s->known_at++)
        s->known_line += s->text.ptr[s->known_at] == '\n';
    return s->known_line;
}

size_t source_line_start(struct loader *l, int line)
{
    size_t at = 0;

    if (l->source->known_line != 0 && l->source->known_line < line) {
        at = l->source->known_at;
        line -= l->source->known_line - 1;
    }
    while (line > 1) {
        size_t end = slice_find(l->source->text, at, slice_of("\n"));

        if (end == SIZE_MAX)
            break;
        at = end + 1;
        line--;
    }
    return at;
}

size_t source_find(const struct loader *l, size_t from, struct slice text)
{
    size_t at = text.len == 0 ? SIZE_MAX : slice_find(l->source->text, from, text);

    return at != SIZE_MAX ? at : from;
}

size_t source_offset(const struct loader *l, struct slice part)
{
    return part.ptr != NULL ? (size_t)(part.ptr - l->source->text.ptr) : 0;
}

static int column_of(const struct source *s, size_t at)
{
    size_t start = at < s->text.len ? at : s->text.len, n = 1;

    for (; start > 0 && s->text.ptr[start - 1] != '\n'; start--)
        n += (s->text.ptr[start - 1] & 0xC0) != 0x80;
    return (int)n;
}

int load_error(struct loader *l, size_t at, const char *en, const char *zh, ...)
{
    int line = source_line(l, at), column = column_of(l->source, at);
    char en_text[sizeof l->e->en], zh_text[sizeof l->e->zh];
    va_list args;

    va_start(args, zh);
    vsnprintf(en_text, sizeof en_text, en, args);
    va_end(args);
    va_start(args, zh);
    vsnprintf(zh_text, sizeof zh_text, zh, args);
    va_end(args);
    en_text[utf8_whole(en_text, strlen(en_text))] = '\0';
    zh_text[utf8_whole(zh_text, strlen(zh_text))] = '\0';
    (void)snprintf(l->place->name, sizeof l->place->name, "%s", l->source->name);
    l->place->line = line;
    l->place->column = column;
    return err_set(l->e, ERR_INVALID, "%1$s/template.md, line %2$d, column %3$d: %5$.0s%4$s",
                   "%1$s/template.md 第 %2$d 行第 %3$d 列：%4$.0s%5$s", l->source->name, line, column,
                   en_text, zh_text);
}

/* --- tags --- */

size_t tag_end(struct slice s, size_t at)
{
    uint8_t quote = 0;

    for (; at < s.len; at++) {
        if (quote != 0) {
            if (s.ptr[at] == quote)
                quote = 0;
        } else if (s.ptr[at] == '"' || s.ptr[at] == '\'') {
            quote = s.ptr[at];
        } else if (s.ptr[at] == '>') {
            return at + 1;
        }
    }
    return SIZE_MAX;
}

/* libxml2 judges the inside. */
size_t element_end(struct slice s, size_t at)
{
    size_t depth = 0;

    while (at < s.len) {
        size_t end;

        if (s.ptr[at] != '<') {
            at++;
            continue;
        }
        if (slice_starts(s, at, "<!--")) {
            end = slice_find(s, at, slice_of("-->"));
            if (end == SIZE_MAX)
                return SIZE_MAX;
            at = end + 3;
            continue;
        }
        end = tag_end(s, at);
        if (end == SIZE_MAX)
            return SIZE_MAX;
        if (slice_starts(s, at, "</"))
            depth = depth > 0 ? depth - 1 : 0;
        else if (s.ptr[end - 2] != '/' && s.ptr[at + 1] != '!' && s.ptr[at + 1] != '?')
            depth++;
        at = end;
        if (depth == 0)
            return at;
    }
    return SIZE_MAX;
}

/* --- what somebody may have meant --- */

enum { NEAR_MAX = 64 };

static uint8_t least_of(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* Letters to change, to add, to take away or to swap with the next (Damerau and Levenshtein). */
static size_t distance(struct slice a, struct slice b)
{
    uint8_t rows[3][NEAR_MAX + 1]; /* of two letters before, of one before, of this one */

    for (size_t k = 0; k <= b.len; k++)
        rows[1][k] = (uint8_t)k;
    memcpy(rows[0], rows[1], sizeof rows[0]);
    for (size_t i = 0; i < a.len; i++) {
        rows[2][0] = (uint8_t)(i + 1);
        for (size_t k = 0; k < b.len; k++) {
            uint8_t d = rows[1][k] + (a.ptr[i] != b.ptr[k]);

            d = least_of(d, least_of(rows[1][k + 1], rows[2][k]) + 1);
            if (i > 0 && k > 0 && a.ptr[i] == b.ptr[k - 1] && a.ptr[i - 1] == b.ptr[k])
                d = least_of(d, rows[0][k - 1] + 1);
            rows[2][k + 1] = d;
        }
        memmove(rows[0], rows[1], 2 * sizeof rows[0]);
    }
    return rows[1][b.len];
}

void nearest_begin(struct nearest *n, struct slice wanted)
{
    *n = (struct nearest){.wanted = wanted, .distance = wanted.len < 5 ? 2 : 3};
}

void nearest_try(struct nearest *n, struct slice candidate)
{
    size_t d;

    if (n->wanted.len < 2 || n->wanted.len > NEAR_MAX || candidate.len > NEAR_MAX || candidate.len == 0)
        return;
    d = distance(n->wanted, candidate);
    if (d >= n->distance)
        return;
    n->distance = d;
    (void)snprintf(n->best, sizeof n->best, "%.*s", (int)candidate.len, (const char *)candidate.ptr);
}

void nearest_end(struct nearest *n)
{
    if (n->best[0] == '\0')
        return;
    (void)snprintf(n->en, sizeof n->en, " Did you mean %s?", n->best);
    (void)snprintf(n->zh, sizeof n->zh, "是否想写 %s？", n->best);
}
