/* fuzz_sheet.c - whatever is sent as a list (XLSX, CSV, JSON), it is rows or a refusal in both languages;
 * rows are texts in UTF-8 within their bounds. */
#include "base/utf8.h"
#include "spreadsheet/spreadsheet.h"
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = {data, size};
    struct buf packed = BUF_INIT(SHEET_OUT_MAX);
    struct err e = {0};

    if (sheet_pack(&packed, bytes, sheet_format_of(bytes), &e) == 0)
        must_be_rows(buf_view(&packed));
    else if (packed.len != 0 || e.code == ERR_NONE || e.code == ERR_INTERNAL || e.en[0] == '\0' ||
             e.zh[0] == '\0')
        abort();
    buf_dispose(&packed);
    /* as packed rows of somebody else's */
    {
        static struct sheet_row row;
        struct sheet sheet;
        int rc;

        if (sheet_open(&sheet, bytes, &e) == 0) {
            while (sheet_next(&row, &sheet, &rc, &e))
                ;
        }
    }
    return 0;
}
