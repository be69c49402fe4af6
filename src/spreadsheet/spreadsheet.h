/* spreadsheet.h - lists that people fill in: CSV, XLSX and JSON in, as rows of cells; workbooks out.
 *
 * What comes in is a stranger's: sheet_pack() runs in a process that can do nothing else (base/worker.h, or a
 * helper) and turns it into packed rows, which are read where the records are. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum {
    SHEET_PACKED_MAX = 50 * 1024 * 1024, /* of an XLSX file as it comes, of a CSV or JSON file */
    SHEET_ROWS_MAX = 100000,
    SHEET_COLUMNS_MAX = 64,
    SHEET_CELL_MAX = 32767, /* bytes of one cell's text, as Excel's own limit */
    SHEET_OUT_MAX = 192 * 1024 * 1024
};

enum sheet_format { SHEET_UNKNOWN, SHEET_CSV, SHEET_XLSX, SHEET_JSON };
/* By the first bytes: "PK" XLSX, "[" or "{" JSON, text CSV. Files of old Excel (.xls), WPS (.et) and the like
 * are SHEET_UNKNOWN; sheet_pack() says what to do about them. */
enum sheet_format sheet_format_of(struct slice bytes);

/* Appends packed rows. CSV: UTF-8 with or without BOM, or GB18030, detected; comma, semicolon or tab; quotes
 * as RFC 4180. XLSX: the first visible sheet that has rows, as Excel and WPS save it; shared and inline
 * strings, formulas by their stored value, dates as serials of 1900 or 1904; hidden rows and merged cells are
 * marked, further sheets with rows are reported. JSON: an array of objects, or {"entries": [...]}, members
 * are the columns. XLSX at most 1 GiB unpacked, counted while inflating; no DTD, no entities, no encryption.
 */
MUST_CHECK int sheet_pack(struct buf *out, struct slice bytes, enum sheet_format format, struct err *e);

enum cell_kind { CELL_EMPTY, CELL_TEXT, CELL_NUMBER, CELL_DATE, CELL_BOOL, CELL_ERROR };
struct cell {
    enum cell_kind kind;
    bool merged; /* covered by a merged cell, not its first */
    struct slice
        text; /* as written: of numbers the digits of the file, of dates YYYY-MM-DD (and time if any);
                 JSON values other than texts and numbers as JSON. Borrowed from the packed rows */
};
struct sheet_row {
    unsigned number; /* as the file counts: 1 is the first line of a CSV or row of a sheet, or item of JSON */
    bool hidden;
    struct cell cells[SHEET_COLUMNS_MAX];
    size_t count;
};
struct sheet {
    struct slice packed;
    size_t at, end, head_row; /* sheet_next()'s */
    enum sheet_format format;
    const char *encoding;  /* of CSV: "UTF-8", "GB18030" */
    unsigned other_sheets; /* with rows, that were not read */
    char sheet_name[128];
    size_t rows; /* in all, the header too */
};
/* Packed rows, checked anew while they are read. JSON has a first row made of all member names. */
MUST_CHECK int sheet_open(struct sheet *out, struct slice packed, struct err *e);
/* false at the end (*rc 0) or where the packing is damaged (*rc -1). Empty rows are passed over. */
bool sheet_next(struct sheet_row *out, struct sheet *s, int *rc, struct err *e);

/* --- written --- */

struct workbook_column {
    const char *title;
    double width;               /* in characters */
    bool text;                  /* formatted as text, so that Excel keeps numbers as they are typed */
    const char *const *choices; /* a drop-down, ended with NULL; or NULL */
    const char *hint;           /* shown beside the cell when it is chosen, or NULL */
    bool required;
};
/* A workbook of one sheet: a head with these columns, frozen, rows with text formats and drop-downs down to
 * row_limit, then the rows given (row_count * column_count texts, NULL: empty). notes: lines of a second
 * sheet 填写说明, ended with NULL; or NULL. Texts are never formulas. */
struct workbook {
    const char *sheet_name;
    const struct workbook_column *columns;
    size_t column_count;
    const char *const *cells;
    size_t row_count;
    size_t row_limit;
    const char *const *notes;
};
MUST_CHECK int workbook_write(struct buf *out, const struct workbook *w, struct err *e);
/* A field of a CSV file (RFC 4180), with a "'" before what a spreadsheet would take for a formula. */
void csv_put(struct buf *out, const char *text, bool last);
