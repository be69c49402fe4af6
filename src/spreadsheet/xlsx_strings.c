#include "base/utf8.h"
#include "spreadsheet/xlsx_internal.h"
#include <stdlib.h>
#include <string.h>

enum { STRINGS_MAX = 2000000, STRING_BYTES_MAX = 64 * 1024 * 1024 };

static int hex(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t xlsx_unescape(uint8_t *text, size_t len)
{
    size_t used = 0;

    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        bool escape = len - i >= 7 && text[i] == '_' && text[i + 1] == 'x' && text[i + 6] == '_';

        for (size_t d = i + 2; escape && d < i + 6; d++) {
            escape = hex(text[d]) >= 0;
            cp = cp << 4 | (uint32_t)(hex(text[d]) & 15);
        }
        if (escape && cp != 0 && (cp < 0xD800 || cp > 0xDFFF)) {
            char character[4];
            size_t bytes = utf8_put(character, cp);

            memcpy(text + used, character, bytes);
            used += bytes;
            i += 7;
        } else {
            text[used++] = text[i++];
        }
    }
    return used;
}

static int too_much(struct err *e)
{
    return err_set(e, ERR_TOO_LARGE,
                   "The workbook holds more text than any honest list; copy the list into a new one.",
                   "工作簿中的文字过多，请把名单复制到新的工作簿，另存为 .xlsx 再导入。");
}

static int end_string(struct xlsx *x, struct err *e)
{
    size_t from = x->string_count == 0 ? 0 : x->string_ends[x->string_count - 1];

    if (x->string_count == STRINGS_MAX || !buf_ok(&x->strings))
        return too_much(e);
    if (x->string_count == x->string_room) {
        size_t room = x->string_room == 0 ? 1024 : 2 * x->string_room;
        uint32_t *more = realloc(x->string_ends, room * sizeof *more);

        if (more == NULL)
            return err_no_memory(e);
        x->string_ends = more;
        x->string_room = room;
    }
    if (x->strings.len > from)
        x->strings.len = from + xlsx_unescape(x->strings.data + from, x->strings.len - from);
    x->string_ends[x->string_count++] = (uint32_t)x->strings.len;
    return 0;
}

static int on_end(void *arg, const uint8_t *path, struct err *e)
{
    return path[0] == MARK_SI && path[1] == MARK_SST ? end_string(arg, e) : 0;
}

/* Of the item itself or of a run of rich text; what tells the reading of Chinese (rPh) is another element. */
static int on_text(void *arg, const uint8_t *path, struct slice text, struct err *e)
{
    struct xlsx *x = arg;

    if (path[0] != MARK_T || !(path[1] == MARK_SI || (path[1] == MARK_R && path[2] == MARK_SI)))
        return 0;
    buf_append(&x->strings, text);
    return buf_ok(&x->strings) ? 0 : too_much(e);
}

int xlsx_strings_read(struct xlsx *x, struct err *e)
{
    static const struct xml_reader reader = {NULL, on_end, on_text};

    buf_init(&x->strings, STRING_BYTES_MAX);
    return x->strings_part[0] == '\0' ? 0 : xlsx_part_read(x, x->strings_part, &reader, x, e);
}

bool xlsx_string(struct slice *out, const struct xlsx *x, unsigned index)
{
    size_t from;

    if (index >= x->string_count)
        return false;
    from = index == 0 ? 0 : x->string_ends[index - 1];
    *out = slice_part(buf_view(&x->strings), from, x->string_ends[index] - from);
    return true;
}
