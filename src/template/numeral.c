/* numeral.c - whole numbers in Chinese characters: 一百零五 and, for money and votes, 壹佰零伍. */
#include "template/template_internal.h"
#include <string.h>

static const struct {
    const char *digits[10], *tens[4];
} words[] = {{{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}, {"", "十", "百", "千"}},
             {{"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"}, {"", "拾", "佰", "仟"}}};

/* A group of four digits; zeros between its digits become one 零. */
static void group(struct buf *out, enum numeral_kind kind, unsigned value)
{
    static const unsigned units[] = {1, 10, 100, 1000};
    bool begun = false, zero = false;

    for (int i = 3; i >= 0; i--) {
        unsigned digit = value / units[i] % 10;

        if (digit == 0) {
            zero = begun;
            continue;
        }
        if (zero)
            buf_append_text(out, words[kind].digits[0]);
        /* 十五, not 一十五, at the very beginning; in capitals 壹拾伍 */
        if (kind == NUMERAL_CAPITALS || digit != 1 || i != 1 || begun || out->len > 0)
            buf_append_text(out, words[kind].digits[digit]);
        buf_append_text(out, words[kind].tens[i]);
        begun = true;
        zero = false;
    }
}

bool numeral_append(struct buf *out, enum numeral_kind kind, const char *text)
{
    static const char *const groups[] = {"", "万", "亿"};
    struct buf made = BUF_INIT(256);
    uint64_t value = 0;
    bool gap = false;

    if (text[0] == '\0' || strlen(text) > 12 || text[strspn(text, "0123456789")] != '\0')
        return false;
    for (const char *p = text; *p != '\0'; p++)
        value = value * 10 + (uint64_t)(*p - '0');
    for (int i = 2; i >= 0; i--) {
        unsigned part = (unsigned)(value / (i == 2 ? 100000000U : i == 1 ? 10000U : 1U) % 10000U);

        if (part == 0) {
            gap = made.len > 0;
            continue;
        }
        if (made.len > 0 && (gap || part < 1000))
            buf_append_text(&made, words[kind].digits[0]);
        group(&made, kind, part);
        buf_append_text(&made, groups[i]);
        gap = false;
    }
    if (value == 0)
        buf_append_text(&made, words[kind].digits[0]);
    buf_append(out, buf_view(&made));
    buf_dispose(&made);
    return true;
}
