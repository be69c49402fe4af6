#include "base/utf8.h"

bool utf8_next(struct slice s, size_t *at, uint32_t *cp)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t left, n;
    uint32_t c;

    if (*at >= s.len)
        return false;
    left = s.len - *at;
    c = s.ptr[*at];
    if (c < 0x80) {
        *cp = c;
        *at += 1;
        return true;
    }
    n = c >= 0xF0 && c < 0xF8 ? 4 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xC0 && c < 0xE0 ? 2 : 0;
    if (n == 0 || n > left)
        return false;
    c &= 0x7FU >> n;
    for (size_t i = 1; i < n; i++) {
        uint8_t b = s.ptr[*at + i];

        if ((b & 0xC0) != 0x80)
            return false;
        c = c << 6 | (b & 0x3FU);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return false;
    *cp = c;
    *at += n;
    return true;
}

bool utf8_valid(struct slice s)
{
    uint32_t cp;
    size_t at = 0;

    while (utf8_next(s, &at, &cp))
        ;
    return at == s.len;
}

size_t utf8_length(struct slice s)
{
    size_t count = 0;

    for (size_t i = 0; i < s.len; i++)
        count += (s.ptr[i] & 0xC0) != 0x80;
    return count;
}

size_t utf8_put(char out[4], uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

void utf8_append(struct buf *b, uint32_t cp)
{
    char bytes[4];

    buf_append_bytes(b, bytes, utf8_put(bytes, cp));
}

size_t utf8_whole(const char *text, size_t len)
{
    struct slice s = {(const uint8_t *)text, len};
    size_t lead = len;
    uint32_t cp;

    while (lead > 0 && len - lead < 4 && (s.ptr[lead - 1] & 0xC0) == 0x80)
        lead--;
    if (lead == 0 || s.ptr[lead - 1] < 0x80)
        return len;
    lead--;
    return utf8_next(s, &lead, &cp) ? len : lead;
}

bool utf8_is_han(uint32_t cp)
{
    return (cp >= 0x3400 && cp <= 0x4DBF) || (cp >= 0x4E00 && cp <= 0x9FFF) ||
           (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0x20000 && cp <= 0x3FFFF) || cp == 0x3007;
}
