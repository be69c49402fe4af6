#include "base/err.h"
#include "base/language.h"
#include "base/utf8.h"
#include <stdarg.h>

static void format(char *out, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

static void format(char *out, size_t size, const char *fmt, va_list args)
{
    int length = vsnprintf(out, size, fmt, args);

    if (length < 0)
        out[0] = '\0';
    else if ((size_t)length >= size)
        out[utf8_whole(out, size - 1)] = '\0';
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
