#include "spreadsheet/spreadsheet.h"
#include <string.h>

void csv_put(struct buf *out, const char *text, bool last)
{
    /* what a spreadsheet would compute (CSV injection) is shown as text instead */
    bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
    bool quoted = strpbrk(text, ",\"\r\n") != NULL;

    if (quoted)
        buf_append_char(out, '"');
    if (formula)
        buf_append_char(out, '\'');
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"')
            buf_append_char(out, '"');
        buf_append_char(out, *at);
    }
    if (quoted)
        buf_append_char(out, '"');
    buf_append_text(out, last ? "\r\n" : ",");
}
