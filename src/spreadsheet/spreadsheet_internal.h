/* spreadsheet_internal.h - what the readers of CSV, JSON and XLSX share; for this room only. */
#pragma once
#include "spreadsheet/spreadsheet.h"
#include <stdio.h>

/* --- packed rows: written --- */

enum sheet_encoding { ENCODING_UTF8, ENCODING_GB18030, ENCODINGS };

/* Rows as they are packed: head (see packed.c), then each row with its number, flags and cells. */
struct packer {
    struct buf *out;
    size_t start;    /* of the packing in out */
    size_t row_at;   /* of the row being written, from start */
    unsigned number; /* of that row */
    bool hidden;
    uint8_t kinds[SHEET_COLUMNS_MAX];
    size_t from[SHEET_COLUMNS_MAX], len[SHEET_COLUMNS_MAX]; /* in texts */
    struct buf texts;                                       /* of that row */
    unsigned rows;
};
MUST_CHECK int packer_begin(struct packer *p, struct buf *out, enum sheet_format format, struct err *e);
void packer_row(struct packer *p, unsigned number, bool hidden);
/* Any column in any order; the last text of a column stays. Empty texts are empty cells. ERR_TOO_LARGE,
 * ERR_INVALID name row and column. */
MUST_CHECK int packer_cell(struct packer *p, size_t column, enum cell_kind kind, struct slice text,
                           struct err *e);
/* A row of blank cells leaves nothing behind. */
MUST_CHECK int packer_row_end(struct packer *p, struct err *e);
/* The row that is written next is the first one to be read (JSON: it is known at the end). */
void packer_head_row(struct packer *p);
void packer_encoding(struct packer *p, enum sheet_encoding encoding);
void packer_sheet(struct packer *p, const char *name, unsigned other_sheets);
/* All is there. ERR_INVALID where no row was. */
MUST_CHECK int packer_end(struct packer *p, struct err *e);
void packer_dispose(struct packer *p);

/* The cells that a merged range covers, but its first. */
struct merged_range {
    unsigned row, last_row; /* as the file counts */
    unsigned column, last_column;
};
/* Marks them in the rows that were packed; sorts ranges. */
MUST_CHECK int packer_merge(struct packer *p, struct merged_range *ranges, size_t count, struct err *e);

/* --- the formats --- */

MUST_CHECK int csv_list_pack(struct buf *out, struct slice bytes, struct err *e);
MUST_CHECK int json_list_pack(struct buf *out, struct slice bytes, struct err *e);
MUST_CHECK int xlsx_list_pack(struct buf *out, struct slice bytes, struct err *e);

/* A CSV file as UTF-8: *text is bytes without their mark, or what was put into decoded. */
MUST_CHECK int csv_decode(struct slice *text, enum sheet_encoding *encoding, struct buf *decoded,
                          struct slice bytes, struct err *e);
/* The sheet that a workbook of ours explains itself in; it is read as nobody's list. */
#define SHEET_NOTES_NAME "填写说明"

/* "A", "Z", "AA", "BL": what a spreadsheet calls a column. */
void column_letters(char out[8], size_t column);
