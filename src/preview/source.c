/* source.c - template.md as it is, with the mistake in it marked. */
#include "base/utf8.h"
#include "preview/preview_internal.h"
#include "web/html.h"
#include <string.h>

enum { LINE_BYTES = 4096 };

/* Bytes of the line up to the column, which counts characters from 1. */
static size_t offset_of(struct slice line, int column)
{
    size_t at = 0;
    uint32_t cp;

    for (int i = 1; i < column && utf8_next(line, &at, &cp); i++)
        continue;
    return at;
}

/* The word that begins there: up to what ends a name in a placeholder, an attribute, a tag or a key; else
 * that mark. */
static size_t word_end(struct slice line, size_t from)
{
    size_t end = from;

    while (end < line.len && end < from + 2 &&
           strchr("</", line.ptr[end]) != NULL) /* of a tag: its name too */
        end++;
    while (end < line.len && strchr(" \t|}\"<>=:", line.ptr[end]) == NULL)
        end++;
    return end == from && from < line.len ? from + 1 : end;
}

static void put_part(struct buf *html, struct slice line, size_t from, size_t to)
{
    char text[LINE_BYTES + 1];
    struct slice part = slice_part(line, from, to - from);

    if (part.len > LINE_BYTES)
        part.len = utf8_whole((const char *)part.ptr, LINE_BYTES);
    if (part.len > 0)
        memcpy(text, part.ptr, part.len);
    text[part.len] = '\0';
    html_text(html, text);
}

static void put_line(struct buf *html, const struct page_facts *f, struct slice line, int number)
{
    const struct template_place *place = &f->attempt->place;
    bool bad = !f->attempt->fine && f->attempt->stage == STAGE_TEMPLATE && place->line == number;
    size_t from, to;

    if (!bad) {
        buf_append_text(html, "<li><code>");
        put_part(html, line, 0, line.len);
        buf_append_text(html, "</code>");
        return;
    }
    from = place->column > 0 ? offset_of(line, place->column) : 0;
    if (from == line.len) /* noticed at its end: the whole of it */
        from = 0;
    to = from > 0 || place->column == 1 ? word_end(line, from) : line.len;
    buf_append_text(html, "<li class=wrong id=wrong tabindex=-1><code>");
    put_part(html, line, 0, from);
    buf_append_text(html, "<mark>");
    put_part(html, line, from, to);
    buf_append_text(html, "</mark>");
    put_part(html, line, to, line.len);
    buf_append_text(html, "</code>");
}

void source_write(struct buf *html, const struct page_facts *f)
{
    struct slice rest = buf_view(&f->attempt->source);

    if (!utf8_valid(rest)) /* said above; bytes that are no text are not shown */
        rest.len = 0;
    buf_append_text(html, "<ol id=source tabindex=0>");
    for (int number = 1; rest.len > 0; number++) {
        const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
        struct slice line = {rest.ptr, end == NULL ? rest.len : (size_t)(end - rest.ptr)};

        rest = slice_part(rest, line.len + 1, rest.len);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        put_line(html, f, line, number);
    }
    buf_append_text(html, "</ol>");
}
