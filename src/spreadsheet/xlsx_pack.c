#include "spreadsheet/xlsx_internal.h"
#include <stdlib.h>
#include <string.h>

static const struct zip_limits limits = {SHEET_PACKED_MAX, 20000, (uint64_t)1 << 30, (uint64_t)1 << 30};

static int read_sheets(struct packer *p, struct xlsx *x, struct err *e)
{
    const struct xlsx_sheet *taken = NULL;
    unsigned others = 0;

    for (size_t i = 0; i < x->sheet_count; i++) {
        const struct xlsx_sheet *s = &x->sheets[i];
        bool has_rows = false;

        if (s->hidden || s->part[0] == '\0' || strcmp(s->name, SHEET_NOTES_NAME) == 0)
            continue;
        if (taken != NULL && xlsx_sheet_has_rows(&has_rows, x, s->part, e) != 0)
            return -1;
        others += has_rows;
        if (taken != NULL)
            continue;
        if (xlsx_sheet_pack(p, x, s->part, e) != 0)
            return -1;
        if (p->rows > 0)
            taken = s;
    }
    if (taken != NULL)
        packer_sheet(p, taken->name, others);
    return packer_end(p, e);
}

static int open_archive(struct xlsx *x, struct slice bytes, struct err *e)
{
    if (zip_reader_open_bytes(&x->zip, bytes, &limits, e) == 0)
        return 0;
    return e->code == ERR_INVALID ? xlsx_damaged(e, "not a whole ZIP archive") : -1;
}

int xlsx_list_pack(struct buf *out, struct slice bytes, struct err *e)
{
    struct xlsx x = {.zip = NULL};
    struct packer packer;
    int rc = -1;

    if (packer_begin(&packer, out, SHEET_XLSX, e) == 0 && open_archive(&x, bytes, e) == 0 &&
        xlsx_workbook_read(&x, e) == 0 && xlsx_styles_read(&x, e) == 0 && xlsx_strings_read(&x, e) == 0)
        rc = read_sheets(&packer, &x, e);
    packer_dispose(&packer);
    zip_reader_close(x.zip);
    buf_dispose(&x.strings);
    free(x.string_ends);
    free(x.is_date);
    free(x.sheets);
    return rc;
}
