/* filter.c - what a placeholder does to a value before it is set: dates, defaults, masks. */
#include "base/clock.h"
#include "base/utf8.h"
#include "template/template_internal.h"
#include <math.h>
#include <string.h>

enum filter_kind {
    FILTER_DATE,
    FILTER_DATE_DOTS,
    FILTER_ISO,
    FILTER_DEFAULT,
    FILTER_MASK,
    FILTER_UPPER,
    FILTER_JOIN,
    FILTER_COUNT,
    FILTER_SOFT
};

static const struct {
    const char *name;
    enum filter_kind kind;
    bool argument;
} filters[] = {
    {"date", FILTER_DATE, false},      {"date-dots", FILTER_DATE_DOTS, false}, {"iso", FILTER_ISO, false},
    {"default", FILTER_DEFAULT, true}, {"mask", FILTER_MASK, false},           {"upper", FILTER_UPPER, false},
    {"join", FILTER_JOIN, true},       {"count", FILTER_COUNT, false},         {"soft", FILTER_SOFT, false}};

struct filter {
    enum filter_kind kind;
    const char *argument;
    const struct filter *before; /* applied first */
};

enum { VALUE_MAX = 256 * 1024 };

static int read_argument(struct loader *l, int line, struct slice text, struct filter *f)
{
    text = trimmed(text);
    if (text.len < 2 || text.ptr[0] != '"' || text.ptr[text.len - 1] != '"')
        return load_error(l, line, "A filter's argument stands in double quotes, as in default:\"无\".",
                          "过滤器的参数须用双引号括起，如 default:\"无\"。");
    f->argument = arena_slice(&l->t->arena, slice_part(text, 1, text.len - 2));
    return f->argument != NULL ? 0 : err_no_memory(l->e);
}

const struct filter *filter_parse(struct loader *l, int line, struct slice text, const struct filter *before)
{
    struct filter *f = arena_alloc(&l->t->arena, sizeof *f);
    size_t colon = slice_find(text, 0, slice_of(":"));
    struct slice name = trimmed(colon == SIZE_MAX ? text : slice_part(text, 0, colon));

    if (f == NULL) {
        err_no_memory(l->e);
        return NULL;
    }
    f->before = before;
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        if (!slice_equal(name, slice_of(filters[i].name)) || filters[i].argument != (colon != SIZE_MAX))
            continue;
        f->kind = filters[i].kind;
        if (colon != SIZE_MAX &&
            read_argument(l, line, slice_part(text, colon + 1, text.len - colon - 1), f) != 0)
            return NULL;
        return f;
    }
    load_error(
        l, line,
        "There is no filter \"%.*s\". There are: date, date-dots, iso, default:\"...\", mask, upper, "
        "join:\"...\", count, soft.",
        "没有过滤器“%.*s”。可用：date、date-dots、iso、default:\"…\"、mask、upper、join:\"…\"、count、soft。",
        (int)trimmed(text).len, (const char *)trimmed(text).ptr);
    return NULL;
}

bool filter_is_soft(const struct filter *f)
{
    for (; f != NULL; f = f->before)
        if (f->kind == FILTER_SOFT)
            return true;
    return false;
}

/* --- dates: YYYY-MM-DD, YYYY-MM or YYYY --- */

static bool digits(const char *text, size_t n, int *value)
{
    *value = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *value = *value * 10 + (text[i] - '0');
    }
    return true;
}

/* Parts that are not given are 0. */
static bool read_date(const char *text, struct date *d)
{
    size_t len = strlen(text);

    *d = (struct date){0, 0, 0};
    if (len == 10)
        return date_parse(d, text);
    if (len != 4 && len != 7)
        return false;
    return digits(text, 4, &d->year) && d->year >= 1900 && d->year <= 2999 &&
           (len == 4 ||
            (text[4] == '-' && digits(text + 5, 2, &d->month) && d->month >= 1 && d->month <= 12));
}

static int write_date(struct buf *out, enum filter_kind kind, const char *text, const char *from,
                      struct err *e)
{
    struct date d;

    if (!read_date(text, &d)) {
        err_set(e, ERR_INVALID, "\"%.60s\" is not a date; write it as 2026-01-15, 2026-01 or 2026.",
                "“%.60s”不是日期，请写作 2026-01-15、2026-01 或 2026。", text);
        return err_field(e, "%s", from);
    }
    if (kind == FILTER_DATE) {
        buf_printf(out, "%d年", d.year);
        if (d.month != 0)
            buf_printf(out, "%d月", d.month);
        if (d.day != 0)
            buf_printf(out, "%d日", d.day);
        return 0;
    }
    buf_printf(out, "%04d", d.year);
    if (d.month != 0)
        buf_printf(out, kind == FILTER_ISO ? "-%02d" : ".%02d", d.month);
    if (d.day != 0)
        buf_printf(out, kind == FILTER_ISO ? "-%02d" : ".%02d", d.day);
    return 0;
}

/* The first sixth and the last fifth of a number stay: 34************1274. */
static void write_mask(struct buf *out, struct slice text)
{
    size_t n = utf8_length(text), at = 0,
           head = n >= 12  ? 2
                  : n >= 2 ? 1
                           : 0,
           tail = n >= 12  ? 4
                  : n >= 6 ? 2
                           : 0;
    uint32_t cp;

    for (size_t i = 0; utf8_next(text, &at, &cp); i++) {
        if (i < head || i >= n - tail)
            utf8_append(out, cp);
        else
            buf_append_char(out, '*');
    }
}

/* Prints a number as it was meant, or not at all. */
static bool is_plain(double number)
{
    double millionths = number * 1e6;

    return fabs(number) < 1e9 && fabs(millionths - round(millionths)) < 1e-2;
}

static int scalar_text(struct buf *out, const json_t *v, const char *from, struct err *e)
{
    if (json_is_string(v)) {
        buf_append_bytes(out, json_string_value(v), json_string_length(v));
    } else if (json_is_integer(v)) {
        buf_printf(out, "%lld", (long long)json_integer_value(v));
    } else if (json_is_real(v) && !is_plain(json_real_value(v))) {
        err_set(e, ERR_INVALID,
                "This number has too many digits to be printed; write it as a text, in quotation marks.",
                "此数字位数过多，无法如实排印，请加引号写成文字。");
        return err_field(e, "%s", from);
    } else if (json_is_real(v)) {
        buf_append_number(out, json_real_value(v), 6);
    } else if (json_is_boolean(v)) {
        buf_append_text(out, json_is_true(v) ? "是" : "否");
    } else {
        err_set(e, ERR_INVALID, "A text or a number belongs here, not a list or an object.",
                "此处应为文字或数字，不能是列表或对象。");
        return err_field(e, "%s", from);
    }
    return 0;
}

static int join(struct buf *out, const json_t *list, const char *between, const char *from, struct err *e)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        if (i > 0)
            buf_append_text(out, between);
        if (scalar_text(out, item, from, e) != 0)
            return -1;
    }
    return 0;
}

/* What the first filter makes of a list; others need a text. */
static int list_text(struct buf *out, const struct filter *first, const json_t *v, const char *from,
                     struct err *e)
{
    if (first != NULL && first->kind == FILTER_COUNT) {
        buf_printf(out, "%zu", json_array_size(v));
        return 0;
    }
    if (first != NULL && first->kind == FILTER_JOIN)
        return join(out, v, first->argument, from, e);
    return scalar_text(out, v, from, e);
}

static int apply_one(struct buf *out, const struct filter *f, const char *text, const char *from,
                     struct err *e)
{
    size_t len = strlen(text);

    switch (f->kind) {
    case FILTER_DATE:
    case FILTER_DATE_DOTS:
    case FILTER_ISO:
        return len == 0 ? 0 : write_date(out, f->kind, text, from, e);
    case FILTER_DEFAULT:
        buf_append_text(out, len == 0 ? f->argument : text);
        return 0;
    case FILTER_MASK:
        write_mask(out, slice_of(text));
        return 0;
    case FILTER_UPPER:
        for (size_t i = 0; i < len; i++)
            buf_append_char(out, text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i]);
        return 0;
    case FILTER_COUNT:
    case FILTER_JOIN:
    case FILTER_SOFT:
        break;
    }
    buf_append_text(out, text);
    return 0;
}

static int apply_all(struct buf *out, const struct filter *f, const json_t *value, const char *fallback,
                     const char *from, struct err *e)
{
    struct buf before = BUF_INIT(VALUE_MAX);
    const char *text;
    int rc = -1;

    if (f->before == NULL && json_is_array(value)) {
        rc = list_text(out, f, value, from, e);
        goto out;
    }
    if (filter_apply(&before, f->before, value, fallback, from, e) != 0)
        goto out;
    text = buf_text(&before);
    if (text == NULL) {
        err_no_memory(e);
        goto out;
    }
    rc = apply_one(out, f, text, from, e);
out:
    buf_dispose(&before);
    return rc;
}

int filter_apply(struct buf *out, const struct filter *f, const json_t *value, const char *fallback,
                 const char *from, struct err *e)
{
    if (f != NULL)
        return apply_all(out, f, value, fallback, from, e);
    if (value != NULL)
        return scalar_text(out, value, from, e);
    if (fallback != NULL)
        buf_append_text(out, fallback);
    return 0;
}
