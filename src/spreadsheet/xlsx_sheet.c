#include "spreadsheet/xlsx_internal.h"
#include <stdlib.h>
#include <string.h>

enum {
    ROW_MAX = 1048576, /* Excel's own */
    COLUMN_MAX = 16384,
    MERGES_MAX = 65536,
    VALUE_BYTES_MAX = 4 * SHEET_CELL_MAX, /* before its escapes are read */
    CELLS_MAX = 20000000 /* the empty ones, too: formatted rows to the sheet's end have 18.9 million */
};

enum cell_type { TYPE_NUMBER, TYPE_SHARED, TYPE_TEXT, TYPE_BOOL, TYPE_ERROR, TYPE_DAY };

struct reading {
    struct xlsx *x;
    struct packer *packer;
    unsigned row, column; /* where we are; column counts from 0 */
    enum cell_type type;
    bool is_date;
    struct buf value;
    struct merged_range *merges;
    size_t merge_count;
};

static int bad_row(const struct reading *r, struct err *e)
{
    xlsx_damaged(e, "rows or cells out of order, or beyond the sheet");
    return err_detail(e, "sheet row %u", r->row);
}

/* "BC12" at *at: column from 0, row as it stands; either may be missing. */
static bool read_place(unsigned *column, unsigned *row, struct slice s)
{
    size_t i = 0;
    unsigned letters = 0;

    for (; i < s.len && i < 4 && (s.ptr[i] | 0x20) >= 'a' && (s.ptr[i] | 0x20) <= 'z'; i++)
        letters = letters * 26 + (unsigned)((s.ptr[i] | 0x20) - 'a') + 1;
    *column = letters - 1;
    return letters > 0 && letters <= COLUMN_MAX && xml_number(row, slice_part(s, i, s.len - i), ROW_MAX) &&
           *row > 0;
}

static int start_row(struct reading *r, const struct xml_attributes *a, struct err *e)
{
    struct slice given = xml_attribute(a, "r");
    unsigned number = r->row + 1;

    if (given.ptr != NULL && !xml_number(&number, given, ROW_MAX))
        return bad_row(r, e);
    if (number <= r->row || number > ROW_MAX)
        return bad_row(r, e);
    r->row = number;
    r->column = UINT32_MAX; /* the next is 0 */
    packer_row(r->packer, number, xml_says_true(xml_attribute(a, "hidden")));
    return 0;
}

static enum cell_type type_of(struct slice t)
{
    static const struct {
        const char *name;
        enum cell_type type;
    } types[] = {{"s", TYPE_SHARED}, {"inlineStr", TYPE_TEXT}, {"str", TYPE_TEXT},
                 {"b", TYPE_BOOL},   {"e", TYPE_ERROR},        {"d", TYPE_DAY}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (slice_equal(t, slice_of(types[i].name)))
            return types[i].type;
    }
    return TYPE_NUMBER;
}

static int start_cell(struct reading *r, const struct xml_attributes *a, struct err *e)
{
    struct slice given = xml_attribute(a, "r");
    unsigned style = 0, row;

    r->column++;
    if (given.ptr != NULL && !read_place(&r->column, &row, given))
        return bad_row(r, e);
    if ((given.ptr != NULL && row != r->row) || r->column >= COLUMN_MAX)
        return bad_row(r, e);
    if (++r->x->cells > CELLS_MAX)
        return err_set(e, ERR_TOO_LARGE,
                       "The sheet has too many cells; copy the list into a new workbook and save that.",
                       "工作表的单元格过多，请把名单复制到新的工作簿，另存为 .xlsx 再导入。");
    r->type = type_of(xml_attribute(a, "t"));
    r->is_date = xml_number(&style, xml_attribute(a, "s"), UINT32_MAX) && style < r->x->format_count &&
                 r->x->is_date[style];
    buf_reset(&r->value);
    return 0;
}

static int add_merge(struct reading *r, struct slice range, struct err *e)
{
    size_t colon = slice_find(range, 0, slice_of(":"));
    struct merged_range m;

    if (colon == SIZE_MAX)
        return 0;
    if (!read_place(&m.column, &m.row, slice_part(range, 0, colon)) ||
        !read_place(&m.last_column, &m.last_row, slice_part(range, colon + 1, range.len - colon - 1)) ||
        m.last_column < m.column || m.last_row < m.row)
        return xlsx_damaged(e, "a merged range is none");
    if (r->merge_count == MERGES_MAX)
        return err_set(e, ERR_TOO_LARGE, "The sheet has more than %d merged cells; unmerge them.",
                       "工作表的合并单元格超过 %d 处，请取消合并。", MERGES_MAX);
    if ((r->merge_count & (r->merge_count - 1)) == 0) { /* full: 0, 1, 2, 4, ... */
        size_t room = r->merge_count == 0 ? 1 : 2 * r->merge_count;
        struct merged_range *more = realloc(r->merges, room * sizeof *more);

        if (more == NULL)
            return err_no_memory(e);
        r->merges = more;
    }
    r->merges[r->merge_count++] = m;
    return 0;
}

static int on_start(void *arg, const uint8_t *path, const struct xml_attributes *a, struct err *e)
{
    struct reading *r = arg;

    if (path[1] == MARK_NONE && path[0] != MARK_WORKSHEET)
        return xlsx_damaged(e, "a sheet is none");
    if (path[0] == MARK_C && path[1] == MARK_ROW && path[2] == MARK_SHEET_DATA)
        return start_cell(r, a, e);
    if (path[0] == MARK_ROW && path[1] == MARK_SHEET_DATA && path[2] == MARK_WORKSHEET)
        return start_row(r, a, e);
    if (path[0] == MARK_MERGE_CELL && path[1] == MARK_MERGE_CELLS && path[2] == MARK_WORKSHEET)
        return add_merge(r, xml_attribute(a, "ref"), e);
    return 0;
}

/* A cell's value, or its own text: whole or a run of it. */
static bool is_value(const uint8_t *path)
{
    if (path[0] == MARK_V)
        return path[1] == MARK_C && path[2] == MARK_ROW;
    if (path[0] != MARK_T)
        return false;
    if (path[1] == MARK_R)
        path++;
    return path[1] == MARK_IS && path[2] == MARK_C && path[3] == MARK_ROW;
}

static int on_text(void *arg, const uint8_t *path, struct slice text, struct err *e)
{
    struct reading *r = arg;

    if (!is_value(path))
        return 0;
    buf_append(&r->value, text);
    if (buf_ok(&r->value))
        return 0;
    return err_set(e, ERR_TOO_LARGE, "A text in row %u is longer than %d bytes; shorten it.",
                   "第 %u 行有超过 %d 字节的文字，请缩短。", r->row, SHEET_CELL_MAX);
}

static bool is_number(struct slice s)
{
    bool digit = false;

    for (size_t i = 0; i < s.len; i++) {
        digit = digit || (s.ptr[i] >= '0' && s.ptr[i] <= '9');
        if (s.ptr[i] == '\0' || strchr("0123456789.+-Ee", s.ptr[i]) == NULL)
            return false;
    }
    return digit && s.len < 64;
}

static int put_number(struct reading *r, struct slice value, struct err *e)
{
    char digits[64], date[32], *end;
    double serial;

    if (value.len == 0)
        return 0;
    if (!is_number(value))
        return xlsx_damaged(e, "a number is none");
    memcpy(digits, value.ptr, value.len);
    digits[value.len] = '\0';
    serial = strtod(digits, &end);
    if (r->is_date && *end == '\0' && xlsx_date(date, serial, r->x->date1904))
        return packer_cell(r->packer, r->column, CELL_DATE, slice_of(date), e);
    return packer_cell(r->packer, r->column, CELL_NUMBER, value, e);
}

/* ISO 8601, as strict workbooks have it: 2025-12-20T08:30:00 */
static int put_day(struct reading *r, struct slice value, struct err *e)
{
    char text[32];

    if (value.len < 10 || !xml_copy(text, sizeof text, value))
        return packer_cell(r->packer, r->column, CELL_TEXT, value, e);
    if (text[10] == 'T')
        text[10] = strncmp(text + 11, "00:00:00", 8) == 0 ? '\0' : ' ';
    return packer_cell(r->packer, r->column, CELL_DATE, slice_of(text), e);
}

static int end_cell(struct reading *r, struct err *e)
{
    struct slice value = buf_view(&r->value);
    unsigned index;

    switch (r->type) {
    case TYPE_SHARED:
        if (value.len == 0)
            return 0;
        if (!xml_number(&index, value, UINT32_MAX) || !xlsx_string(&value, r->x, index))
            return xlsx_damaged(e, "a shared string that is named is missing");
        return packer_cell(r->packer, r->column, CELL_TEXT, value, e);
    case TYPE_TEXT:
        value.len = value.len == 0 ? 0 : xlsx_unescape(r->value.data, value.len);
        return packer_cell(r->packer, r->column, CELL_TEXT, value, e);
    case TYPE_BOOL:
        if (value.len > 0)
            value = slice_of(xml_says_true(value) ? "TRUE" : "FALSE");
        return packer_cell(r->packer, r->column, CELL_BOOL, value, e);
    case TYPE_ERROR:
        return packer_cell(r->packer, r->column, CELL_ERROR, value, e);
    case TYPE_DAY:
        return put_day(r, value, e);
    case TYPE_NUMBER:
        break;
    }
    return put_number(r, value, e);
}

static int on_end(void *arg, const uint8_t *path, struct err *e)
{
    struct reading *r = arg;

    if (path[0] == MARK_C && path[1] == MARK_ROW && path[2] == MARK_SHEET_DATA)
        return end_cell(r, e);
    if (path[0] == MARK_ROW && path[1] == MARK_SHEET_DATA && path[2] == MARK_WORKSHEET)
        return packer_row_end(r->packer, e);
    return 0;
}

int xlsx_sheet_pack(struct packer *p, struct xlsx *x, const char *part, struct err *e)
{
    static const struct xml_reader reader = {on_start, on_end, on_text};
    struct reading r = {.x = x, .packer = p, .value = BUF_INIT(VALUE_BYTES_MAX)};
    int rc = xlsx_part_read(x, part, &reader, &r, e);

    if (rc == 0)
        rc = packer_merge(p, r.merges, r.merge_count, e);
    free(r.merges);
    buf_dispose(&r.value);
    return rc;
}

/* --- sheets that are not read --- */

struct glance {
    struct xlsx *x;
    bool found;
};

static int glance_text(void *arg, const uint8_t *path, struct slice text, struct err *e)
{
    struct glance *g = arg;

    (void)e;
    g->found = g->found || (is_value(path) && text.len > 0);
    return g->found ? 1 : 0;
}

static int glance_start(void *arg, const uint8_t *path, const struct xml_attributes *a, struct err *e)
{
    struct glance *g = arg;

    (void)a;
    if (path[0] == MARK_C && ++g->x->cells > CELLS_MAX)
        return xlsx_damaged(e, "too many cells");
    return 0;
}

int xlsx_sheet_has_rows(bool *out, struct xlsx *x, const char *part, struct err *e)
{
    static const struct xml_reader reader = {glance_start, NULL, glance_text};
    struct glance g = {x, false};
    int rc = xlsx_part_read(x, part, &reader, &g, e);

    *out = g.found;
    return rc;
}
