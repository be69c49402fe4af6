#include "spreadsheet/spreadsheet_internal.h"
#include <string.h>

struct csv {
    struct slice text;
    size_t at, line; /* lines of text; rows are counted by spreadsheets */
    char separator;
    struct packer *packer;
    struct buf field;
};

/* The mark that stands most often outside of quotes in the first line that has any. */
static char find_separator(struct slice s)
{
    static const char marks[] = ",;\t";
    size_t counts[3] = {0, 0, 0}, best = 0;
    bool quoted = false;

    for (size_t i = 0; i < s.len; i++) {
        const char *mark = s.ptr[i] == '\0' ? NULL : strchr(marks, s.ptr[i]);

        if (s.ptr[i] == '"')
            quoted = !quoted;
        else if (!quoted && mark != NULL)
            counts[mark - marks]++;
        else if (!quoted && (s.ptr[i] == '\n' || s.ptr[i] == '\r') && counts[0] + counts[1] + counts[2] > 0)
            break;
    }
    for (size_t i = 1; i < 3; i++)
        best = counts[i] > counts[best] ? i : best;
    return marks[best];
}

/* At a line's end: behind it. */
static void end_line(struct csv *c)
{
    if (c->text.ptr[c->at] == '\r' && c->at + 1 < c->text.len && c->text.ptr[c->at + 1] == '\n')
        c->at++;
    c->at++;
    c->line++;
}

static bool at_line_end(const struct csv *c)
{
    return c->at < c->text.len && (c->text.ptr[c->at] == '\n' || c->text.ptr[c->at] == '\r');
}

static int take_quoted(struct csv *c, struct err *e)
{
    size_t line = c->line;

    for (c->at++; c->at < c->text.len; c->at++) {
        uint8_t byte = c->text.ptr[c->at];

        if (byte == '"') {
            if (c->at + 1 >= c->text.len || c->text.ptr[c->at + 1] != '"')
                break;
            c->at++;
        } else if (byte == '\n') {
            c->line++;
        }
        buf_append_char(&c->field, (char)byte);
    }
    if (c->at == c->text.len || c->field.failed)
        return err_set(
            e, ERR_INVALID,
            "The quotation mark in line %zu is not closed, or its text is too long; add the second one.",
            "第 %zu 行的引号没有成对，或引号内文字过长，请补上另一个引号。", line);
    c->at++;
    if (c->at < c->text.len && c->text.ptr[c->at] != (uint8_t)c->separator && !at_line_end(c))
        return err_set(
            e, ERR_INVALID,
            "Line %zu: text follows a closing quotation mark; quotation marks inside a text are doubled.",
            "第 %zu 行：引号结束后还有文字；文字中的引号应写成两个引号。", c->line);
    return 0;
}

static int take_field(struct csv *c, struct slice *out, struct err *e)
{
    size_t from = c->at;

    if (c->at < c->text.len && c->text.ptr[c->at] == '"') {
        buf_reset(&c->field);
        if (take_quoted(c, e) != 0)
            return -1;
        *out = buf_view(&c->field);
        return 0;
    }
    while (c->at < c->text.len && c->text.ptr[c->at] != (uint8_t)c->separator && !at_line_end(c))
        c->at++;
    *out = slice_part(c->text, from, c->at - from);
    return 0;
}

static int take_row(struct csv *c, unsigned number, struct err *e)
{
    packer_row(c->packer, number, false);
    for (size_t column = 0;; column++) {
        struct slice field;

        if (take_field(c, &field, e) != 0 || packer_cell(c->packer, column, CELL_TEXT, field, e) != 0)
            return -1;
        if (c->at >= c->text.len || at_line_end(c))
            break;
        c->at++; /* the separator */
    }
    if (c->at < c->text.len)
        end_line(c);
    return packer_row_end(c->packer, e);
}

/* "sep=;" says to Excel what separates; it is no row, but one of its lines. */
static void take_hint(struct csv *c)
{
    if (c->text.len < 6 || memcmp(c->text.ptr, "sep=", 4) != 0 || strchr(",;\t", c->text.ptr[4]) == NULL)
        return;
    c->at = 5;
    if (!at_line_end(c)) {
        c->at = 0;
        return;
    }
    c->separator = (char)c->text.ptr[4];
    end_line(c);
}

static int take_rows(struct csv *c, struct err *e)
{
    c->separator = find_separator(c->text);
    c->line = 1;
    take_hint(c);
    for (unsigned number = c->line == 1 ? 1 : 2; c->at < c->text.len; number++) {
        if (take_row(c, number, e) != 0)
            return -1;
    }
    return packer_end(c->packer, e);
}

int csv_list_pack(struct buf *out, struct slice bytes, struct err *e)
{
    struct packer packer;
    struct csv c = {.packer = &packer, .field = BUF_INIT(SHEET_CELL_MAX + 1)};
    struct buf decoded = BUF_INIT(2 * (size_t)SHEET_PACKED_MAX + 64);
    enum sheet_encoding encoding;
    int rc = -1;

    if (packer_begin(&packer, out, SHEET_CSV, e) != 0 ||
        csv_decode(&c.text, &encoding, &decoded, bytes, e) != 0)
        goto out;
    packer_encoding(&packer, encoding);
    rc = take_rows(&c, e);
out:
    buf_dispose(&c.field);
    buf_dispose(&decoded);
    packer_dispose(&packer);
    return rc;
}
