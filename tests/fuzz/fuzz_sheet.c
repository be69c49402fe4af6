/* fuzz_sheet.c - whatever is sent as a list (XLSX, CSV, JSON), it is rows or a refusal in both languages;
 * rows are texts in UTF-8 within their bounds. */
#include "base/utf8.h"
#include "spreadsheet/spreadsheet.h"
#include "support/workbook.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_rows(struct slice packed)
{
    static struct sheet_row row;
    struct sheet sheet;
    struct err e = {0};
    size_t rows = 0;
    int rc;

    if (sheet_open(&sheet, packed, &e) != 0)
        abort();
    while (sheet_next(&row, &sheet, &rc, &e)) {
        rows++;
        for (size_t c = 0; c < row.count; c++) {
            struct slice text = row.cells[c].text;

            if (text.len > SHEET_CELL_MAX || !utf8_valid(text) ||
                (text.len == 0) != (row.cells[c].kind == CELL_EMPTY))
                abort();
        }
    }
    if (rc != 0 || rows != sheet.rows || rows == 0)
        abort();
}

/* Parts as text, so that a fuzzer reaches what lies behind an archive's sums: sheet, strings, styles and
 * workbook, each ended by "~~". */
static void make_workbook(struct buf *out, const uint8_t *data, size_t size)
{
    const char *parts[4] = {NULL, NULL, NULL, NULL};
    char *text = calloc(1, size + 1), *at = text;

    if (text == NULL)
        abort();
    memcpy(text, data, size);
    for (size_t i = 0; i < 4 && *at != '\0'; i++) {
        char *end = strstr(at, "~~");

        parts[i] = at;
        if (end == NULL)
            break;
        *end = '\0';
        at = end + 2;
    }
    workbook_make(out, &(struct workbook_text){
                           .sheet = parts[0], .strings = parts[1], .styles = parts[2], .workbook = parts[3]});
    free(text);
}

static void try_list(struct slice bytes)
{
    struct buf packed = BUF_INIT(SHEET_OUT_MAX);
    struct err e = {0};

    if (sheet_pack(&packed, bytes, sheet_format_of(bytes), &e) == 0)
        must_be_rows(buf_view(&packed));
    else if (packed.len != 0 || e.code == ERR_NONE || e.code == ERR_INTERNAL || e.en[0] == '\0' ||
             e.zh[0] == '\0')
        abort();
    buf_dispose(&packed);
}

/* Packed rows of somebody else's making end, too. */
static void try_packed(struct slice bytes)
{
    static struct sheet_row row;
    struct sheet sheet;
    struct err e;
    int rc;

    if (sheet_open(&sheet, bytes, &e) != 0)
        return;
    while (sheet_next(&row, &sheet, &rc, &e))
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = {data, size};
    struct buf made = BUF_INIT(1 << 26);

    if (size > 0 && data[0] == '<') {
        make_workbook(&made, data, size);
        bytes = buf_view(&made);
    }
    try_list(bytes);
    try_packed(bytes);
    buf_dispose(&made);
    return 0;
}
