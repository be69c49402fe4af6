#include "spreadsheet/spreadsheet_internal.h"

int xlsx_list_pack(struct buf *out, struct slice bytes, struct err *e)
{
    (void)out;
    (void)bytes;
    return err_set(e, ERR_UNAVAILABLE, "Workbooks cannot be read yet.", "暂时无法读取工作簿。");
}
