/* packed.c - rows as bytes, and back.
 *
 * Head: "SPK1", format, encoding, 2 bytes of nothing, rows, other sheets, place of the head row (0: it is the
 * first), end of the rows (4 bytes each), name of the sheet (128). Row: number (4), hidden, cells (1 each),
 * which cells are covered by a merged one (8, bit 0 is column A), then each cell: kind, length (2), text.
 * Numbers in the order of this machine: what packs and what reads are one program. */
#include "base/utf8.h"
#include "spreadsheet/spreadsheet_internal.h"
#include <stdlib.h>
#include <string.h>

static const char magic[4] = {'S', 'P', 'K', '1'};
static const char *const encodings[ENCODINGS] = {"UTF-8", "GB18030"};

enum {
    AT_FORMAT = 4,
    AT_ENCODING = 5,
    AT_ROWS = 8,
    AT_OTHERS = 12,
    AT_HEAD_ROW = 16,
    AT_END = 20,
    AT_NAME = 24,
    NAME_SIZE = 128,
    HEAD_SIZE = AT_NAME + NAME_SIZE,
    ROW_AT_MASK = 6,
    ROW_HEAD = ROW_AT_MASK + 8,
    CELL_HEAD = 3
};

static void put32(struct packer *p, size_t at, uint32_t value)
{
    if (buf_ok(p->out))
        memcpy(p->out->data + p->start + at, &value, sizeof value);
}

int packer_begin(struct packer *p, struct buf *out, enum sheet_format format, struct err *e)
{
    uint8_t head[HEAD_SIZE] = {0};

    *p = (struct packer){.out = out, .start = out->len};
    buf_init(&p->texts, (size_t)SHEET_COLUMNS_MAX * SHEET_CELL_MAX);
    memcpy(head, magic, sizeof magic);
    head[AT_FORMAT] = (uint8_t)format;
    buf_append_bytes(out, head, sizeof head);
    return buf_ok(out) ? 0 : err_no_memory(e);
}

void packer_dispose(struct packer *p)
{
    buf_dispose(&p->texts);
}

void packer_row(struct packer *p, unsigned number, bool hidden)
{
    p->number = number;
    p->hidden = hidden;
    buf_reset(&p->texts);
    memset(p->kinds, CELL_EMPTY, sizeof p->kinds);
    memset(p->len, 0, sizeof p->len);
}

void column_letters(char out[8], size_t column)
{
    char turned[8];
    size_t len = 0;

    for (column++; column > 0 && len < 7; column = (column - 1) / 26)
        turned[len++] = (char)('A' + (column - 1) % 26);
    for (size_t i = 0; i < len; i++)
        out[i] = turned[len - 1 - i];
    out[len] = '\0';
}

static int bad_cell(const struct packer *p, size_t column, enum err_code code, const char *en, const char *zh,
                    struct err *e)
{
    char letters[8];

    column_letters(letters, column);
    return err_set(e, code, "Row %1$u, column %2$s: %3$s%4$.0s", "第 %1$u 行 %2$s 列：%3$.0s%4$s。",
                   p->number, letters, en, zh);
}

int packer_cell(struct packer *p, size_t column, enum cell_kind kind, struct slice text, struct err *e)
{
    if (text.len == 0)
        kind = CELL_EMPTY;
    if (column >= SHEET_COLUMNS_MAX)
        return kind == CELL_EMPTY
                   ? 0
                   : err_set(e, ERR_TOO_LARGE,
                             "Row %u has more than %d columns; delete those that are not needed.",
                             "第 %u 行超过 %d 列，请删除多余的列。", p->number, SHEET_COLUMNS_MAX);
    p->kinds[column] = (uint8_t)kind;
    if (kind == CELL_EMPTY)
        return 0;
    if (text.len > SHEET_CELL_MAX)
        return bad_cell(p, column, ERR_TOO_LARGE, "the text is longer than 32,767 bytes; shorten it.",
                        "文字超过 32767 字节，请缩短", e);
    if (!utf8_valid(text) || memchr(text.ptr, '\0', text.len) != NULL)
        return bad_cell(p, column, ERR_INVALID, "it holds bytes that are no text; fill it in again.",
                        "含有不是文字的内容，请重新填写", e);
    p->from[column] = p->texts.len;
    p->len[column] = text.len;
    buf_append(&p->texts, text);
    return buf_ok(&p->texts) ? 0
                             : bad_cell(p, column, ERR_TOO_LARGE, "the row is too long.", "这一行太长", e);
}

static bool all_blank(struct slice text)
{
    static const char *const blanks[] = {" ", "\t", "\r", "\n", "\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf"};

    for (size_t at = 0; at < text.len;) {
        size_t i = 0, len = 0;

        for (; i < sizeof blanks / sizeof blanks[0]; i++) {
            len = strlen(blanks[i]);
            if (text.len - at >= len && memcmp(text.ptr + at, blanks[i], len) == 0)
                break;
        }
        if (i == sizeof blanks / sizeof blanks[0])
            return false;
        at += len;
    }
    return true;
}

static struct slice text_at(const struct packer *p, size_t column)
{
    return slice_part(buf_view(&p->texts), p->from[column], p->len[column]);
}

/* How many cells there are up to the last that says anything; 0: none does. */
static size_t cells_used(const struct packer *p)
{
    size_t count = SHEET_COLUMNS_MAX;

    while (count > 0 && (p->kinds[count - 1] == CELL_EMPTY ||
                         (p->kinds[count - 1] == CELL_TEXT && all_blank(text_at(p, count - 1)))))
        count--;
    return count;
}

static void append_row(struct packer *p, size_t count)
{
    uint8_t head[ROW_HEAD] = {0};

    memcpy(head, &p->number, 4);
    head[4] = p->hidden;
    head[5] = (uint8_t)count;
    buf_append_bytes(p->out, head, sizeof head);
    for (size_t c = 0; c < count; c++) {
        uint16_t len = p->kinds[c] == CELL_EMPTY ? 0 : (uint16_t)p->len[c];
        uint8_t cell[CELL_HEAD] = {p->kinds[c]};

        memcpy(cell + 1, &len, sizeof len);
        buf_append_bytes(p->out, cell, sizeof cell);
        if (len > 0)
            buf_append(p->out, text_at(p, c));
    }
}

int packer_row_end(struct packer *p, struct err *e)
{
    size_t count = cells_used(p);

    if (count == 0)
        return 0;
    if (p->rows > SHEET_ROWS_MAX) /* the head is one more */
        return err_set(e, ERR_TOO_LARGE, "The list has more than %d rows; divide it into several filings.",
                       "名单超过 %d 行，请分成几次备案。", SHEET_ROWS_MAX);
    append_row(p, count);
    if (!buf_ok(p->out) || p->out->len - p->start > SHEET_OUT_MAX)
        return err_set(e, ERR_TOO_LARGE,
                       "The list holds more text than any honest one; was the right file chosen?",
                       "名单中的文字过多，请确认选择的文件是否正确。");
    p->rows++;
    return 0;
}

void packer_head_row(struct packer *p)
{
    put32(p, AT_HEAD_ROW, (uint32_t)(p->out->len - p->start));
}

void packer_encoding(struct packer *p, enum sheet_encoding encoding)
{
    if (buf_ok(p->out))
        p->out->data[p->start + AT_ENCODING] = (uint8_t)encoding;
}

void packer_sheet(struct packer *p, const char *name, unsigned other_sheets)
{
    size_t len = utf8_whole(name, strnlen(name, NAME_SIZE - 1));

    if (buf_ok(p->out))
        memcpy(p->out->data + p->start + AT_NAME, name, len);
    put32(p, AT_OTHERS, other_sheets);
}

int packer_end(struct packer *p, struct err *e)
{
    if (!buf_ok(p->out))
        return err_no_memory(e);
    if (p->rows == 0)
        return err_set(e, ERR_INVALID, "There is nothing in this file; choose the list that was filled in.",
                       "文件中没有内容，请选择填好的名单。");
    put32(p, AT_ROWS, p->rows);
    put32(p, AT_END, (uint32_t)(p->out->len - p->start));
    return 0;
}

/* --- merged cells --- */

static int by_first_row(const void *a, const void *b)
{
    const struct merged_range *one = a, *other = b;

    return (one->row > other->row) - (one->row < other->row);
}

static int by_last_row(const void *a, const void *b)
{
    const struct merged_range *const *one = a, *const *other = b;

    return ((*one)->last_row > (*other)->last_row) - ((*one)->last_row < (*other)->last_row);
}

static void count_columns(unsigned counts[SHEET_COLUMNS_MAX], const struct merged_range *m, int by)
{
    for (unsigned c = m->column; c <= m->last_column && c < SHEET_COLUMNS_MAX; c++)
        counts[c] += (unsigned)by;
}

/* Passes over the rows once, with the ranges that are open at each of them. */
static void mark_rows(struct packer *p, const struct merged_range *starts, struct merged_range *const *ends,
                      size_t count)
{
    unsigned open[SHEET_COLUMNS_MAX] = {0};
    size_t begun = 0, ended = 0;

    for (size_t at = p->start + HEAD_SIZE; at < p->out->len;) {
        uint8_t *row = p->out->data + at;
        uint64_t mask = 0;
        uint32_t number;

        memcpy(&number, row, 4);
        for (; begun < count && starts[begun].row <= number; begun++)
            count_columns(open, &starts[begun], 1);
        for (; ended < count && ends[ended]->last_row < number; ended++)
            count_columns(open, ends[ended], -1);
        for (size_t c = 0; c < SHEET_COLUMNS_MAX; c++)
            mask |= open[c] > 0 ? (uint64_t)1 << c : 0;
        for (size_t i = begun; i > 0 && starts[i - 1].row == number; i--) {
            if (starts[i - 1].column < SHEET_COLUMNS_MAX)
                mask &= ~((uint64_t)1 << starts[i - 1].column);
        }
        memcpy(row + ROW_AT_MASK, &mask, sizeof mask);
        at += ROW_HEAD;
        for (size_t c = row[5]; c > 0; c--) {
            uint16_t len;

            memcpy(&len, p->out->data + at + 1, sizeof len);
            at += CELL_HEAD + (size_t)len;
        }
    }
}

int packer_merge(struct packer *p, struct merged_range *ranges, size_t count, struct err *e)
{
    struct merged_range **ends;

    if (count == 0)
        return 0;
    if (!buf_ok(p->out))
        return err_no_memory(e);
    ends = calloc(count, sizeof *ends); /* NOLINT(bugprone-sizeof-expression): pointers it is */
    if (ends == NULL)
        return err_no_memory(e);
    qsort(ranges, count, sizeof *ranges, by_first_row);
    for (size_t i = 0; i < count; i++)
        ends[i] = &ranges[i];
    qsort(ends, count, sizeof *ends, by_last_row); /* NOLINT(bugprone-sizeof-expression) */
    mark_rows(p, ranges, ends, count);
    free(ends);
    return 0;
}

/* --- read --- */

static int damaged(struct err *e)
{
    return err_set(e, ERR_INTERNAL, "The list was damaged on its way inside this program; send it again.",
                   "名单在程序内部传递时损坏，请重新上传。");
}

static uint32_t get32(struct slice s, size_t at)
{
    uint32_t value;

    memcpy(&value, s.ptr + at, sizeof value);
    return value;
}

int sheet_open(struct sheet *out, struct slice packed, struct err *e)
{
    *out = (struct sheet){.packed = packed};
    if (packed.len < HEAD_SIZE || packed.len > SHEET_OUT_MAX ||
        memcmp(packed.ptr, magic, sizeof magic) != 0 || packed.ptr[AT_ENCODING] >= ENCODINGS ||
        packed.ptr[AT_FORMAT] > SHEET_JSON || packed.ptr[HEAD_SIZE - 1] != '\0' ||
        get32(packed, AT_END) != packed.len)
        return damaged(e);
    out->format = (enum sheet_format)packed.ptr[AT_FORMAT];
    out->encoding = encodings[packed.ptr[AT_ENCODING]];
    out->other_sheets = get32(packed, AT_OTHERS);
    out->rows = get32(packed, AT_ROWS);
    memcpy(out->sheet_name, packed.ptr + AT_NAME, NAME_SIZE);
    out->end = packed.len;
    out->at = HEAD_SIZE;
    out->head_row = get32(packed, AT_HEAD_ROW);
    if (out->head_row != 0 && (out->head_row < HEAD_SIZE || out->head_row >= packed.len))
        return damaged(e);
    if (!utf8_valid(slice_of(out->sheet_name)))
        return damaged(e);
    return 0;
}

static bool read_cell(struct cell *out, struct slice s, size_t *at)
{
    uint16_t len;

    if (s.len - *at < CELL_HEAD || s.ptr[*at] > CELL_ERROR)
        return false;
    out->kind = (enum cell_kind)s.ptr[*at];
    memcpy(&len, s.ptr + *at + 1, sizeof len);
    *at += CELL_HEAD;
    if (len > s.len - *at || len > SHEET_CELL_MAX || (len == 0) != (out->kind == CELL_EMPTY))
        return false;
    out->text = slice_part(s, *at, len);
    *at += len;
    return len == 0 || (utf8_valid(out->text) && memchr(out->text.ptr, '\0', len) == NULL);
}

static bool read_row(struct sheet_row *out, struct slice s, size_t *at)
{
    uint64_t mask;
    size_t count;

    memset(out->cells, 0, sizeof out->cells);
    if (*at > s.len || s.len - *at < ROW_HEAD || s.ptr[*at + 5] > SHEET_COLUMNS_MAX)
        return false;
    out->number = get32(s, *at);
    out->hidden = s.ptr[*at + 4] != 0;
    count = s.ptr[*at + 5];
    memcpy(&mask, s.ptr + *at + ROW_AT_MASK, sizeof mask);
    *at += ROW_HEAD;
    for (size_t c = 0; c < count; c++) {
        if (!read_cell(&out->cells[c], s, at))
            return false;
    }
    for (size_t c = 0; c < SHEET_COLUMNS_MAX; c++) {
        out->cells[c].merged = (mask >> c & 1) != 0;
        if (out->cells[c].merged && c >= count)
            count = c + 1;
    }
    out->count = count;
    return true;
}

bool sheet_next(struct sheet_row *out, struct sheet *s, int *rc, struct err *e)
{
    *rc = 0;
    if (s->head_row != 0) { /* it lies behind the others */
        s->end = s->head_row;
        s->head_row = 0;
        if (read_row(out, s->packed, &(size_t){s->end}))
            return true;
    } else if (s->at >= s->end) {
        return false;
    } else if (read_row(out, slice_part(s->packed, 0, s->end), &s->at)) {
        return true;
    }
    *rc = damaged(e);
    return false;
}
