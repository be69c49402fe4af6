#include "web/html.h"

void html_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            buf_append_text(out, "&amp;");
            break;
        case '<':
            buf_append_text(out, "&lt;");
            break;
        case '>':
            buf_append_text(out, "&gt;");
            break;
        case '"':
            buf_append_text(out, "&quot;");
            break;
        case '\'':
            buf_append_text(out, "&#39;");
            break;
        default:
            if ((unsigned char)*text < 0x20 && *text != '\t' && *text != '\n')
                buf_append_text(out, "\xef\xbf\xbd");
            else
                buf_append_char(out, *text);
        }
    }
}
