#include "records/text.h"
#include "base/utf8.h"
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

/* What a program leaves where it lost a character or an object. */
static bool is_stand_in(uint32_t cp)
{
    return cp == 0xFFFC || cp == 0xFFFD;
}

static int bad_character(struct err *e, const char *at, size_t len, uint32_t cp)
{
    if (is_stand_in(cp))
        return err_set(e, ERR_INVALID,
                       "U+%04X stands where a character was lost on the way here; type the original one.",
                       "U+%04X 是字符丢失后留下的占位符，请重新输入原来的字。", cp);
    if (u_charType((UChar32)cp) == U_PRIVATE_USE_CHAR)
        return err_set(e, ERR_INVALID,
                       "Character %.*s U+%04X is a private-use character, which every system shows "
                       "differently; replace it by its standard code point.",
                       "字符 %.*s U+%04X 是自造（私有区）字符，各系统显示不一，请改用标准编码。", (int)len,
                       at, cp);
    if (u_isUWhiteSpace((UChar32)cp) && u_charType((UChar32)cp) == U_SPACE_SEPARATOR)
        return err_set(e, ERR_INVALID, "U+%04X is not the ordinary space; replace it by U+0020 or remove it.",
                       "U+%04X 不是普通空格，请改用普通空格（U+0020）或删除。", cp);
    return err_set(e, ERR_INVALID, "Character U+%04X is a control or invisible character; remove it.",
                   "字符 U+%04X 是控制符或不可见字符，请删除。", cp);
}

static bool forbidden(uint32_t cp)
{
    switch (u_charType((UChar32)cp)) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_PRIVATE_USE_CHAR:
    case U_SURROGATE:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
        return true;
    case U_SPACE_SEPARATOR:
        return cp != ' ';
    default:
        return is_stand_in(cp) || u_hasBinaryProperty((UChar32)cp, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
               (cp & 0xFFFE) == 0xFFFE || (cp >= 0xFDD0 && cp <= 0xFDEF);
    }
}

/* Every code point allowed, none but single plain spaces inside. */
static int check_characters(struct slice s, struct err *e)
{
    uint32_t cp = 0, before = ' ';
    size_t at = 0, from = 0;

    while (utf8_next(s, &at, &cp)) {
        if (forbidden(cp))
            return bad_character(e, (const char *)s.ptr + from, at - from, cp);
        if (cp == ' ' && before == ' ')
            return err_set(e, ERR_INVALID, "There is a space at the beginning, or two in a row; remove it.",
                           "开头有空格，或有连续空格，请删除。");
        before = cp;
        from = at;
    }
    if (at != s.len)
        return err_set(e, ERR_INVALID, "The text is not UTF-8.", "文字不是 UTF-8 编码。");
    if (s.len > 0 && before == ' ')
        return err_set(e, ERR_INVALID, "There is a space at the end; remove it.", "结尾有空格，请删除。");
    return 0;
}

static int compose(const char **text, unsigned *changes, struct arena *a, struct err *e)
{
    UErrorCode why = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&why);
    size_t len = strlen(*text);
    UChar *wide = arena_array(a, len + 1, sizeof *wide),
          *composed = arena_array(a, 3 * len + 1, sizeof *wide);
    char *out = arena_alloc(a, 3 * (3 * len + 1) + 1);
    int32_t wide_len = 0, composed_len, out_len = 0;

    if (wide == NULL || composed == NULL || out == NULL)
        return err_no_memory(e);
    u_strFromUTF8(wide, (int32_t)len + 1, &wide_len, *text, (int32_t)len, &why);
    composed_len = unorm2_normalize(nfc, wide, wide_len, composed, (int32_t)(3 * len + 1), &why);
    u_strToUTF8(out, (int32_t)(3 * (3 * len + 1) + 1), &out_len, composed, composed_len, &why);
    if (U_FAILURE(why))
        return err_set(e, ERR_INVALID, "The text cannot be brought into normal form C.",
                       "文字无法规范化（NFC）。");
    if (strcmp(out, *text) != 0) {
        *changes |= TEXT_COMPOSED;
        *text = out;
    }
    return 0;
}

static bool is_dot(uint32_t cp, uint32_t before, uint32_t after)
{
    if (cp == 0x2022 || cp == 0x30FB || cp == 0x2027 || cp == 0xFF65 || cp == 0x2219 || cp == 0x22C5)
        return true;
    return (cp == '.' || cp == 0xFF0E) && utf8_is_han(before) && utf8_is_han(after);
}

/* What stands for · in a person's name becomes · */
static int mend_separators(const char **text, unsigned *changes, struct arena *a, struct err *e)
{
    struct slice s = slice_of(*text);
    char *out = arena_alloc(a, s.len * 2 + 1);
    uint32_t cp, before = 0;
    size_t at = 0, used = 0;
    bool mended = false;

    if (out == NULL)
        return err_no_memory(e);
    while (utf8_next(s, &at, &cp)) {
        uint32_t after = 0;
        size_t peek = at;

        (void)utf8_next(s, &peek, &after);
        if (is_dot(cp, before, after)) {
            cp = 0xB7;
            mended = true;
        }
        used += utf8_put(out + used, cp);
        before = cp;
    }
    if (mended) {
        *changes |= TEXT_SEPARATOR;
        *text = out;
    }
    return 0;
}

/* Writing that this program cannot set as its readers expect: no marks are placed, no line runs leftwards. */
static bool settable(uint32_t cp)
{
    UCharDirection direction = u_charDirection((UChar32)cp);

    return (U_GET_GC_MASK((UChar32)cp) & U_GC_M_MASK) == 0 && direction != U_RIGHT_TO_LEFT &&
           direction != U_RIGHT_TO_LEFT_ARABIC && direction != U_ARABIC_NUMBER;
}

/* Letters, digits and what joins them. A "?", "*", "□" or "〓" in a name stands for a character that was lost
 * or hidden, and a radical (U+2F00) is not the character that looks like it. */
static bool belongs_in_a_name(uint32_t cp)
{
    static const char marks[] = "·.'’,()（）";
    char one[5] = "";

    if (U_GET_GC_MASK((UChar32)cp) & (U_GC_L_MASK | U_GC_N_MASK | U_GC_ZS_MASK | U_GC_PD_MASK | U_GC_CN_MASK))
        return true; /* unassigned: newer than our tables, perhaps; the fonts decide */
    one[utf8_put(one, cp)] = '\0';
    return strstr(marks, one) != NULL;
}

/* Of text in normal form C. */
static int check_letters(struct slice s, bool is_person, struct err *e)
{
    uint32_t cp = 0;

    for (size_t at = 0, from = 0; utf8_next(s, &at, &cp); from = at) {
        if (!settable(cp))
            return err_set(e, ERR_INVALID,
                           "U+%04X is a combining mark or of a right-to-left script, which cannot be printed "
                           "faithfully here; write the text in Chinese characters or Latin letters.",
                           "U+%04X 是组合符号或从右向左书写的文字，无法如实排印，请改用汉字或拉丁字母。", cp);
        if (is_person && !belongs_in_a_name(cp))
            return err_set(
                e, ERR_INVALID,
                "Character %.*s U+%04X does not belong in a name; type the character that is meant.",
                "姓名中不应有字符 %.*s U+%04X，请输入正确的字。", (int)(at - from), s.ptr + from, cp);
    }
    return 0;
}

int text_clean(const char **out, unsigned *changes, const char *given, const struct text_rule *rule,
               struct arena *a, struct err *e)
{
    size_t length;

    *out = given;
    *changes = TEXT_AS_GIVEN;
    if (strlen(given) > 16 * rule->max)
        return err_set(e, ERR_TOO_LARGE, "The text is longer than the %zu characters allowed here.",
                       "文字超过了允许的 %zu 个字。", rule->max);
    if (check_characters(slice_of(given), e) != 0 || compose(out, changes, a, e) != 0 ||
        (rule->is_person && mend_separators(out, changes, a, e) != 0) ||
        check_letters(slice_of(*out), rule->is_person, e) != 0)
        return -1;
    length = utf8_length(slice_of(*out));
    if (length > rule->max)
        return err_set(e, ERR_TOO_LARGE, "The text has %zu characters; at most %zu are allowed here.",
                       "文字有 %zu 个字，此处最多 %zu 个字。", length, rule->max);
    return 0;
}
