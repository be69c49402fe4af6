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
    FILTER_MONTH,
    FILTER_YEAR,
    FILTER_DATE_LINE,
    FILTER_BLANK,
    FILTER_LINE,
    FILTER_CHINESE,
    FILTER_CAPITALS,
    FILTER_CUT,
    FILTER_DEFAULT,
    FILTER_MASK,
    FILTER_UPPER,
    FILTER_JOIN,
    FILTER_COUNT,
    FILTER_SOFT
};

enum argument { ARGUMENT_NONE, ARGUMENT_TEXT, ARGUMENT_COUNT };

static const struct {
    const char *name;
    enum argument argument;
} filters[] = {/* in the order of enum filter_kind */
               {"date", ARGUMENT_NONE},     {"date-dots", ARGUMENT_NONE}, {"iso", ARGUMENT_NONE},
               {"month", ARGUMENT_NONE},    {"year", ARGUMENT_NONE},      {"date-line", ARGUMENT_NONE},
               {"blank", ARGUMENT_COUNT},   {"line", ARGUMENT_COUNT},     {"chinese", ARGUMENT_NONE},
               {"capitals", ARGUMENT_NONE}, {"cut", ARGUMENT_COUNT},      {"default", ARGUMENT_TEXT},
               {"mask", ARGUMENT_NONE},     {"upper", ARGUMENT_NONE},     {"join", ARGUMENT_TEXT},
               {"count", ARGUMENT_NONE},    {"soft", ARGUMENT_NONE}};

struct filter {
    enum filter_kind kind;
    const char *argument;
    size_t count;                /* the argument, where it is a number */
    const struct filter *before; /* applied first */
};

enum { COUNT_MAX = 1000 };

static int read_argument(struct loader *l, size_t at, struct slice text, enum argument wanted,
                         struct filter *f)
{
    while (text.len > 0 && text.ptr[0] == ' ') {
        text = slice_part(text, 1, text.len - 1);
        at++;
    }
    text = trimmed(text);
    if (text.len < 2 || text.ptr[0] != '"' || text.ptr[text.len - 1] != '"')
        return load_error(l, at, "A filter's argument stands in double quotes, as in default:\"无\".",
                          "过滤器的参数须用双引号括起，如 default:\"无\"。");
    f->argument = arena_slice(&l->t->arena, slice_part(text, 1, text.len - 2));
    if (f->argument == NULL)
        return err_no_memory(l->e);
    if (wanted != ARGUMENT_COUNT)
        return 0;
    for (const char *p = f->argument; *p >= '0' && *p <= '9' && f->count <= COUNT_MAX; p++)
        f->count = f->count * 10 + (size_t)(*p - '0');
    if (f->argument[strspn(f->argument, "0123456789")] == '\0' && f->count > 0 && f->count <= COUNT_MAX)
        return 0;
    return load_error(l, at, "%s wants a whole number from 1 to %d, as in %s:\"8\".",
                      "%s 的参数应为 1 至 %d 的整数，如 %s:\"8\"。", filters[f->kind].name, COUNT_MAX,
                      filters[f->kind].name);
}

static void unknown_filter(struct loader *l, size_t at, struct slice name)
{
    struct nearest near;
    int len = name.len > 40 ? 40 : (int)name.len;

    nearest_begin(&near, name);
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
        nearest_try(&near, slice_of(filters[i].name));
    nearest_end(&near);
    load_error(l, at,
               "There is no filter \"%.*s\".%s%.0s There are: date, date-dots, iso, month, year, date-line, "
               "blank:\"...\", line:\"...\", chinese, capitals, cut:\"...\", default:\"...\", mask, upper, "
               "join:\"...\", "
               "count, soft.",
               "没有过滤器“%.*s”。%.0s%s可用：date、date-dots、iso、month、year、date-line、"
               "blank:\"…\"、line:\"…\"、chinese、capitals、cut:\"…\"、default:\"…\"、mask、upper、join:"
               "\"…\"、count、soft。",
               len, (const char *)name.ptr, near.en, near.zh);
}

static int wrong_arguments(struct loader *l, size_t at, size_t i)
{
    if (filters[i].argument == ARGUMENT_NONE)
        return load_error(l, at, "The filter %s has no argument.", "过滤器 %s 没有参数。", filters[i].name);
    return load_error(l, at, "The filter %s needs an argument, as in %s:\"%s\".",
                      "过滤器 %s 缺少参数，应如 %s:\"%s\"。", filters[i].name, filters[i].name,
                      filters[i].argument == ARGUMENT_COUNT ? "8" : "无");
}

const struct filter *filter_parse(struct loader *l, size_t at, struct slice text, const struct filter *before)
{
    struct filter *f = arena_alloc(&l->t->arena, sizeof *f);
    size_t colon = slice_find(text, 0, slice_of(":"));
    struct slice name = trimmed(colon == SIZE_MAX ? text : slice_part(text, 0, colon));
    size_t name_at = at + (name.len > 0 ? (size_t)(name.ptr - text.ptr) : 0);

    if (f == NULL) {
        err_no_memory(l->e);
        return NULL;
    }
    f->before = before;
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        if (!slice_equal(name, slice_of(filters[i].name)))
            continue;
        f->kind = (enum filter_kind)i;
        if ((filters[i].argument == ARGUMENT_NONE) != (colon == SIZE_MAX)) {
            wrong_arguments(l, name_at, i);
            return NULL;
        }
        if (colon != SIZE_MAX &&
            read_argument(l, at + colon + 1, slice_part(text, colon + 1, text.len - colon - 1),
                          filters[i].argument, f) != 0)
            return NULL;
        return f;
    }
    unknown_filter(l, name_at, name);
    return NULL;
}

static bool is_among(const struct filter *f, enum filter_kind kind)
{
    for (; f != NULL; f = f->before)
        if (f->kind == kind)
            return true;
    return false;
}

bool filter_is_soft(const struct filter *f)
{
    return is_among(f, FILTER_SOFT);
}

bool filter_is_line(const struct filter *f)
{
    return is_among(f, FILTER_LINE);
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

static void date_words(struct buf *out, const struct date *d)
{
    buf_printf(out, "%d年", d->year);
    if (d->month != 0)
        buf_printf(out, "%d月", d->month);
    if (d->day != 0)
        buf_printf(out, "%d日", d->day);
}

static void date_numbers(struct buf *out, const struct date *d, const char *between)
{
    buf_printf(out, "%04d", d->year);
    if (d->month != 0)
        buf_printf(out, "%s%02d", between, d->month);
    if (d->day != 0)
        buf_printf(out, "%s%02d", between, d->day);
}

/* What is not known is room for the pen. */
static void date_line(struct buf *out, const struct date *d)
{
    buf_printf(out, "%d 年", d->year);
    if (d->month != 0)
        buf_printf(out, " %d 月", d->month);
    else
        buf_append_text(out, "　　月");
    if (d->day != 0)
        buf_printf(out, " %d 日", d->day);
    else
        buf_append_text(out, "　　日");
}

static int write_date(struct buf *out, enum filter_kind kind, const char *text, const struct filtered *in)
{
    struct date d;

    if (!read_date(text, &d)) {
        err_set(in->e, ERR_INVALID, "\"%.60s\" is not a date; write it as 2026-01-15, 2026-01 or 2026.",
                "“%.60s”不是日期，请写作 2026-01-15、2026-01 或 2026。", text);
        return err_field(in->e, "%s", in->from);
    }
    if (kind == FILTER_MONTH || kind == FILTER_YEAR)
        d.day = 0;
    if (kind == FILTER_YEAR)
        d.month = 0;
    if (kind == FILTER_DATE)
        date_words(out, &d);
    else if (kind == FILTER_DATE_LINE)
        date_line(out, &d);
    else
        date_numbers(out, &d, kind == FILTER_ISO ? "-" : ".");
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

static int scalar_text(struct buf *out, const json_t *v, const struct filtered *in)
{
    if (json_is_string(v)) {
        buf_append_bytes(out, json_string_value(v), json_string_length(v));
    } else if (json_is_integer(v)) {
        buf_printf(out, "%lld", (long long)json_integer_value(v));
    } else if (json_is_real(v) && !is_plain(json_real_value(v))) {
        err_set(in->e, ERR_INVALID,
                "This number has too many digits to be printed; write it as a text, in quotation marks.",
                "此数字位数过多，无法如实排印，请加引号写成文字。");
        return err_field(in->e, "%s", in->from);
    } else if (json_is_real(v)) {
        buf_append_number(out, json_real_value(v), 6);
    } else if (json_is_boolean(v)) {
        buf_append_text(out, json_is_true(v) ? "是" : "否");
    } else {
        err_set(in->e, ERR_INVALID, "A text or a number belongs here, not a list or an object.",
                "此处应为文字或数字，不能是列表或对象。");
        return err_field(in->e, "%s", in->from);
    }
    return 0;
}

static int join(struct buf *out, const json_t *list, const char *between, const struct filtered *in)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        if (i > 0)
            buf_append_text(out, between);
        if (scalar_text(out, item, in) != 0)
            return -1;
    }
    return 0;
}

/* What the first filter makes of a list; others need a text. */
static int list_text(struct buf *out, const struct filter *first, const struct filtered *in)
{
    if (first->kind == FILTER_COUNT) {
        buf_printf(out, "%zu", json_array_size(in->value));
        return 0;
    }
    if (first->kind == FILTER_JOIN)
        return join(out, in->value, first->argument, in);
    return scalar_text(out, in->value, in);
}

static int write_numeral(struct buf *out, enum numeral_kind kind, const char *text, const struct filtered *in)
{
    if (numeral_append(out, kind, text))
        return 0;
    err_set(in->e, ERR_INVALID, "\"%.60s\" is not a whole number from 0 to 999999999999.",
            "“%.60s”不是 0 至 999999999999 的整数。", text);
    return err_field(in->e, "%s", in->from);
}

static void write_cut(struct buf *out, struct slice text, size_t most)
{
    bool longer = utf8_length(text) > most;
    size_t at = 0;
    uint32_t cp;

    for (size_t i = 0; i < most && utf8_next(text, &at, &cp); i++)
        utf8_append(out, cp);
    if (longer)
        buf_append_text(out, "…");
}

static void write_upper(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        buf_append_char(out, *text >= 'a' && *text <= 'z' ? (char)(*text - 'a' + 'A') : *text);
}

/* What filters say where there is no value. */
static void write_absence(struct buf *out, const struct filter *f, bool silent)
{
    if (f->kind == FILTER_DATE_LINE)
        buf_append_text(out, "　　　年　　月　　日");
    for (size_t i = 0; (f->kind == FILTER_BLANK || f->kind == FILTER_LINE) && i < f->count; i++)
        buf_append_text(out, "　");
    if (f->kind == FILTER_DEFAULT && !silent)
        buf_append_text(out, f->argument);
}

static int apply_one(struct buf *out, const struct filter *f, const char *text, const struct filtered *in)
{
    switch (f->kind) {
    case FILTER_DATE:
    case FILTER_DATE_DOTS:
    case FILTER_ISO:
    case FILTER_MONTH:
    case FILTER_YEAR:
    case FILTER_DATE_LINE:
        return write_date(out, f->kind, text, in);
    case FILTER_CHINESE:
    case FILTER_CAPITALS:
        return write_numeral(out, f->kind == FILTER_CHINESE ? NUMERAL_CHINESE : NUMERAL_CAPITALS, text, in);
    case FILTER_CUT:
        write_cut(out, slice_of(text), f->count);
        return 0;
    case FILTER_MASK:
        write_mask(out, slice_of(text));
        return 0;
    case FILTER_UPPER:
        write_upper(out, text);
        return 0;
    case FILTER_BLANK:
    case FILTER_LINE:
    case FILTER_DEFAULT:
    case FILTER_COUNT:
    case FILTER_JOIN:
    case FILTER_SOFT:
        break;
    }
    buf_append_text(out, text);
    return 0;
}

static int apply_all(struct buf *out, const struct filter *f, const struct filtered *in)
{
    struct buf before = BUF_INIT(VALUE_MAX_BYTES);
    const char *text;
    int rc = -1;

    if (f->before == NULL && json_is_array(in->value)) {
        rc = list_text(out, f, in);
        goto out;
    }
    if (filter_apply(&before, f->before, in) != 0)
        goto out;
    text = buf_text(&before);
    if (text == NULL) {
        err_no_memory(in->e);
        goto out;
    }
    rc = 0;
    if (text[0] == '\0')
        write_absence(out, f, in->silent);
    else
        rc = apply_one(out, f, text, in);
out:
    buf_dispose(&before);
    return rc;
}

int filter_apply(struct buf *out, const struct filter *f, const struct filtered *in)
{
    if (f != NULL)
        return apply_all(out, f, in);
    if (in->value != NULL)
        return scalar_text(out, in->value, in);
    if (in->fallback != NULL)
        buf_append_text(out, in->fallback);
    return 0;
}
