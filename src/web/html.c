#include "web/html.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

static const char REPLACEMENT[] = "\xef\xbf\xbd";

/* Bidirectional controls (U+200E, 200F, 202A to 202E, 2066 to 2069) could make a number read backwards. */
static bool is_bidi_control(const unsigned char *c)
{
    return c[0] == 0xE2 &&
           ((c[1] == 0x80 && (c[2] == 0x8E || c[2] == 0x8F || (c[2] >= 0xAA && c[2] <= 0xAE))) ||
            (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9));
}

/* What stands for the character, and how many bytes it takes; NULL: itself. */
static const char *escape(const unsigned char *c, size_t *len)
{
    *len = 1;
    switch (*c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case 0x7F:
        return REPLACEMENT;
    case 0xE2:
        *len = 3;
        return is_bidi_control(c) ? REPLACEMENT : NULL;
    default:
        return *c < 0x20 && *c != '\t' && *c != '\n' ? REPLACEMENT : NULL;
    }
}

void html_text(struct buf *out, const char *text)
{
    const char *from = text;

    while (*text != '\0') {
        size_t len;
        const char *instead = escape((const unsigned char *)text, &len);

        if (instead != NULL) {
            buf_append_bytes(out, from, (size_t)(text - from));
            buf_append_text(out, instead);
            from = text + len;
        }
        text += instead != NULL ? len : 1;
    }
    buf_append_bytes(out, from, (size_t)(text - from));
}

/* One directive; returns the place behind it. */
static const char *directive(struct buf *out, const char *fmt, va_list *args)
{
    if (fmt[0] == 's')
        html_text(out, va_arg(*args, const char *));
    else if (fmt[0] == 'm')
        buf_append_text(out, va_arg(*args, const char *));
    else if (fmt[0] == 'd')
        buf_printf(out, "%d", va_arg(*args, int));
    else if (fmt[0] == 'u')
        buf_printf(out, "%u", va_arg(*args, unsigned));
    else if (fmt[0] == '%')
        buf_append_char(out, '%');
    else if (strncmp(fmt, "zu", 2) == 0) {
        buf_printf(out, "%zu", va_arg(*args, size_t));
        return fmt + 2;
    } else if (strncmp(fmt, "lld", 3) == 0) {
        buf_printf(out, "%lld", va_arg(*args, long long));
        return fmt + 3;
    } else
        out->failed = true; /* a caller's bug must not become a page */
    return fmt + 1;
}

void html_printf(struct buf *out, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    while (*fmt != '\0') {
        const char *percent = strchrnul(fmt, '%');

        buf_append_bytes(out, fmt, (size_t)(percent - fmt));
        if (*percent == '\0')
            break;
        fmt = percent[1] == '\0' ? percent + 1 : directive(out, percent + 1, &args);
    }
    va_end(args);
}
