#include "base/utf8.h"
#include "spreadsheet/spreadsheet_internal.h"
#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/utf16.h>

static size_t line_of(struct slice s, size_t at)
{
    size_t line = 1;

    for (size_t i = 0; i < at && i < s.len; i++) {
        if (s.ptr[i] == '\n' || (s.ptr[i] == '\r' && !(i + 1 < s.len && s.ptr[i + 1] == '\n')))
            line++;
    }
    return line;
}

/* Where UTF-8 ends, and whether Chinese in UTF-8 stood before that on earlier lines. */
static size_t utf8_end(struct slice s, bool *chinese)
{
    size_t at = 0, from = 0;
    bool seen = false;
    uint32_t cp;

    *chinese = false;
    while (from = at, utf8_next(s, &at, &cp)) {
        seen = seen || (at - from == 3 && utf8_is_han(cp));
        if (cp == '\n' || cp == '\r')
            *chinese = seen;
    }
    return from;
}

/* GB18030-2022 gives these characters code points of their own; tables of 2000 and 2005, which this may be
 * decoded by, have them in the private use area. */
static uint32_t as_of_2022(uint32_t cp)
{
    static const struct {
        uint32_t old, now;
    } moved[] = {
        {0xE81E, 0x9FB4},  {0xE826, 0x9FB5},  {0xE82B, 0x9FB6},  {0xE82C, 0x9FB7},  {0xE832, 0x9FB8},
        {0xE843, 0x9FB9},  {0xE854, 0x9FBA},  {0xE864, 0x9FBB},  {0xE816, 0x20087}, {0xE817, 0x20089},
        {0xE818, 0x200CC}, {0xE831, 0x215D7}, {0xE83B, 0x2298F}, {0xE855, 0x241FE}, {0xE7C7, 0x1E3F},
        {0xE78D, 0xFE10},  {0xE78E, 0xFE12},  {0xE78F, 0xFE11},  {0xE790, 0xFE13},  {0xE791, 0xFE14},
        {0xE792, 0xFE15},  {0xE793, 0xFE16},  {0xE794, 0xFE17},  {0xE795, 0xFE18},  {0xE796, 0xFE19}};

    if (cp < 0xE78D || cp > 0xE864)
        return cp;
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        if (moved[i].old == cp)
            return moved[i].now;
    }
    return cp;
}

static void append(struct buf *out, const UChar *wide, size_t count)
{
    for (size_t i = 0; i < count;) {
        UChar32 cp;

        U16_NEXT(wide, i, count, cp); /* NOLINT: the macro mixes signs */
        utf8_append(out, as_of_2022((uint32_t)cp));
    }
}

/* *at: how far it went. false where the bytes are not GB18030. */
static bool decode(struct buf *out, UConverter *converter, struct slice bytes, size_t *at)
{
    const char *from = (const char *)bytes.ptr, *end = from + bytes.len;
    UErrorCode why = U_BUFFER_OVERFLOW_ERROR;
    UChar wide[4096];
    size_t kept = 0; /* the first half of a pair that the last buffer ended with */

    while (why == U_BUFFER_OVERFLOW_ERROR) {
        UChar *to = wide + kept;
        size_t count;

        why = U_ZERO_ERROR;
        ucnv_toUnicode(converter, &to, wide + sizeof wide / sizeof wide[0], &from, end, NULL, true, &why);
        count = (size_t)(to - wide);
        kept = why == U_BUFFER_OVERFLOW_ERROR && U16_IS_LEAD(wide[count - 1]);
        append(out, wide, count - kept);
        if (kept)
            wide[0] = wide[count - 1];
    }
    *at = (size_t)(from - (const char *)bytes.ptr);
    return U_SUCCESS(why);
}

static int decode_gb18030(struct buf *decoded, struct slice bytes, struct err *e)
{
    UErrorCode why = U_ZERO_ERROR;
    UConverter *converter = ucnv_open("gb18030", &why);
    size_t at = 0;
    bool fine;

    if (converter != NULL)
        ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &why);
    if (U_FAILURE(why)) {
        ucnv_close(converter);
        return err_set(e, ERR_INTERNAL, "GB18030 cannot be read on this system; save the list as CSV UTF-8.",
                       "本系统无法读取 GB18030 编码，请另存为 CSV UTF-8 再导入。");
    }
    fine = decode(decoded, converter, bytes, &at);
    ucnv_close(converter);
    if (!fine)
        return err_set(
            e, ERR_INVALID, "Line %zu is neither UTF-8 nor GB18030; save the list as .xlsx or as CSV UTF-8.",
            "第 %zu 行的文字既不是 UTF-8 也不是 GB18030 编码，请另存为 .xlsx 或 CSV UTF-8 再导入。",
            line_of(bytes, at > 0 ? at - 1 : 0));
    return buf_ok(decoded) ? 0 : err_no_memory(e);
}

int csv_decode(struct slice *text, enum sheet_encoding *encoding, struct buf *decoded, struct slice bytes,
               struct err *e)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    bool marked = bytes.len >= sizeof mark && memcmp(bytes.ptr, mark, sizeof mark) == 0, chinese;
    const uint8_t *nul;
    size_t end;

    *text = marked ? slice_part(bytes, sizeof mark, bytes.len - sizeof mark) : bytes;
    *encoding = ENCODING_UTF8;
    nul = text->len > 0 ? memchr(text->ptr, '\0', text->len) : NULL;
    if (nul != NULL)
        return err_set(e, ERR_INVALID, "Line %zu holds a NUL byte: this is no text; save the list as .xlsx.",
                       "第 %zu 行含有空字节，不是文本文件，请另存为 .xlsx 再导入。",
                       line_of(*text, (size_t)(nul - text->ptr)));
    end = utf8_end(*text, &chinese);
    if (end == text->len)
        return 0;
    if (marked || chinese)
        return err_set(e, ERR_INVALID, "Line %zu is damaged: it is not UTF-8 as the rest; fill it in again.",
                       "第 %zu 行有损坏的文字（不是 UTF-8 编码），请改正这一行，或另存为 .xlsx 再导入。",
                       line_of(*text, end));
    *encoding = ENCODING_GB18030;
    if (buf_room(decoded, bytes.len + bytes.len / 2 + 16) == NULL)
        return err_no_memory(e);
    if (decode_gb18030(decoded, bytes, e) != 0)
        return -1;
    *text = buf_view(decoded);
    return 0;
}
