#include "base/err.h"
#include "base/language.h"
#include "base/utf8.h"
#include <stdarg.h>
#include <string.h>

static void format(char *out, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

/* Takes out what is no UTF-8: "%.60s" cuts a stranger's text in the middle of a character, and one such byte
 * would cost the whole answer, because JSON cannot hold it. */
static void keep_whole_characters(char *text)
{
    struct slice s = slice_of(text);
    size_t at = 0, kept = 0;
    uint32_t cp;

    while (at < s.len) {
        size_t from = at;

        if (!utf8_next(s, &at, &cp)) {
            at++;
            continue;
        }
        memmove(text + kept, text + from, at - from);
        kept += at - from;
    }
    text[kept] = '\0';
}

static void format(char *out, size_t size, const char *fmt, va_list args)
{
    if (vsnprintf(out, size, fmt, args) < 0)
        out[0] = '\0';
    keep_whole_characters(out);
}

int err_set(struct err *e, enum err_code code, const char *en, const char *zh, ...)
{
    va_list args, again;

    e->code = code;
    e->field[0] = '\0';
    e->detail[0] = '\0';
    va_start(args, zh);
    va_copy(again, args);
    format(e->en, sizeof e->en, en, args);
    format(e->zh, sizeof e->zh, zh, again);
    va_end(again);
    va_end(args);
    return -1;
}

int err_field(struct err *e, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    format(e->field, sizeof e->field, fmt, args);
    va_end(args);
    return -1;
}

int err_detail(struct err *e, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    format(e->detail, sizeof e->detail, fmt, args);
    va_end(args);
    return -1;
}

int err_no_memory(struct err *e)
{
    return err_set(e, ERR_NO_MEMORY, "Out of memory; try again when the machine is less busy.",
                   "内存不足，请在机器空闲时重试。");
}

const char *err_text(const struct err *e)
{
    return language_is_chinese() ? e->zh : e->en;
}
