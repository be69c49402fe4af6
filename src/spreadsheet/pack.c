#include "spreadsheet/spreadsheet_internal.h"
#include <string.h>

static bool begins(struct slice s, const char *with, size_t len)
{
    return s.len >= len && memcmp(s.ptr, with, len) == 0;
}

static bool is_old_office(struct slice s)
{
    return begins(s, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
}

/* UTF-16, as "Unicode text" of Excel */
static bool is_wide_text(struct slice s)
{
    return begins(s, "\xFF\xFE", 2) || begins(s, "\xFE\xFF", 2);
}

/* Signs of what is not text at all, and not ours to open. */
static bool is_binary(struct slice s)
{
    static const struct {
        const char *bytes;
        size_t len;
    } known[] = {{"%PDF", 4},       {"\x89PNG", 4},  {"\xFF\xD8\xFF", 3}, {"GIF8", 4},  {"Rar!", 4},
                 {"7z\xBC\xAF", 4}, {"\x1F\x8B", 2}, {"BM", 2},           {"{\\rtf", 5}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (begins(s, known[i].bytes, known[i].len) &&
            (known[i].len > 2 || memchr(s.ptr, '\0', s.len < 64 ? s.len : 64) != NULL))
            return true;
    }
    return false;
}

enum sheet_format sheet_format_of(struct slice bytes)
{
    struct slice s = begins(bytes, "\xEF\xBB\xBF", 3) ? slice_part(bytes, 3, bytes.len - 3) : bytes;

    if (begins(s, "PK\x03\x04", 4) || begins(s, "PK\x05\x06", 4) || begins(s, "PK\x07\x08", 4))
        return SHEET_XLSX;
    if (is_old_office(s) || is_wide_text(s) || is_binary(s))
        return SHEET_UNKNOWN;
    while (s.len > 0 && strchr(" \t\r\n", s.ptr[0]) != NULL && s.ptr[0] != '\0')
        s = slice_part(s, 1, s.len - 1);
    if (s.len > 0 && (s.ptr[0] == '[' || s.ptr[0] == '{'))
        return SHEET_JSON;
    return s.len > 0 ? SHEET_CSV : SHEET_UNKNOWN;
}

static int refuse(struct slice bytes, struct err *e)
{
    if (bytes.len == 0)
        return err_set(e, ERR_INVALID, "The file is empty.", "文件是空的，请选择填好的名单。");
    if (is_old_office(bytes))
        return err_set(
            e, ERR_INVALID,
            "This is an old (.xls, .et) or a password-protected workbook; open it, remove the password "
            "if there is one, and save it as .xlsx.",
            "这是旧格式（.xls、.et）或加了密码的工作簿，请打开后取消密码，另存为 .xlsx 再导入。");
    if (is_wide_text(bytes))
        return err_set(e, ERR_INVALID,
                       "This is text in UTF-16 (\"Unicode text\"); save it as .xlsx or as CSV UTF-8.",
                       "这是 UTF-16 编码的“Unicode 文本”，请另存为 .xlsx 或 CSV UTF-8 再导入。");
    return err_set(e, ERR_INVALID,
                   "This is no list; save it as .xlsx or CSV, or fill in the workbook offered here.",
                   "这不是名单文件，请用 .xlsx 或 CSV 格式，或下载名单模板填写。");
}

int sheet_pack(struct buf *out, struct slice bytes, enum sheet_format format, struct err *e)
{
    size_t before = out->len;
    int rc = -1;

    if (bytes.len > SHEET_PACKED_MAX)
        return err_set(e, ERR_TOO_LARGE,
                       "The file is larger than %d MB; remove pictures and sheets that are not needed.",
                       "文件超过 %d MB，请删除图片和不需要的工作表。", SHEET_PACKED_MAX >> 20);
    switch (format) {
    case SHEET_CSV:
        rc = csv_list_pack(out, bytes, e);
        break;
    case SHEET_JSON:
        rc = json_list_pack(out, bytes, e);
        break;
    case SHEET_XLSX:
        rc = xlsx_list_pack(out, bytes, e);
        break;
    case SHEET_UNKNOWN:
        rc = refuse(bytes, e);
        break;
    }
    if (rc != 0)
        out->len = before; /* never hand back half a list */
    return rc;
}
