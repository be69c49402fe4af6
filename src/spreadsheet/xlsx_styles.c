#include "spreadsheet/xlsx_internal.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FORMATS_MAX = 65536, OWN_FORMATS_MAX = 4096, CODE_BYTES_MAX = 512 };

/* Number formats that the workbook defines and that show days. */
struct styles {
    struct xlsx *x;
    unsigned dates[OWN_FORMATS_MAX];
    size_t date_count;
    size_t room; /* of x->is_date */
};

bool xlsx_builtin_is_date(unsigned id)
{
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
           (id >= 50 && id <= 58);
}

/* Over what stands for itself: "text", [red], \x, _x, *x. */
static const char *pass_literal(const char *at)
{
    const char *end;

    switch (*at) {
    case '"':
        end = strchr(at + 1, '"');
        return end == NULL ? at + strlen(at) : end + 1;
    case '[':
        end = strchr(at + 1, ']');
        return end == NULL ? at + strlen(at) : end + 1;
    case '\\':
    case '_':
    case '*':
        return at[1] == '\0' ? at + 1 : at + 2;
    default:
        return at;
    }
}

bool xlsx_format_is_date(const char *code)
{
    static const char *const signs[] = {"年", "月", "日"};

    if (strncasecmp(code, "general", 7) == 0 || strncasecmp(code, "standard", 8) == 0)
        return false;
    while (*code != '\0' && *code != ';') {
        const char *behind = pass_literal(code);

        if (behind != code) {
            code = behind;
            continue;
        }
        if (strchr("yYmMdD", *code) != NULL)
            return true;
        for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
            if (strncmp(code, signs[i], strlen(signs[i])) == 0)
                return true;
        }
        code++;
    }
    return false;
}

static void add_own(struct styles *s, const struct xml_attributes *a)
{
    char code[CODE_BYTES_MAX];
    unsigned id;

    if (xml_number(&id, xml_attribute(a, "numFmtId"), 1000000) &&
        xml_copy(code, sizeof code, xml_attribute(a, "formatCode")) && xlsx_format_is_date(code) &&
        s->date_count < OWN_FORMATS_MAX)
        s->dates[s->date_count++] = id;
}

static int add_format(struct styles *s, const struct xml_attributes *a, struct err *e)
{
    unsigned id = 0;
    bool is_date;

    if (s->x->format_count == FORMATS_MAX)
        return xlsx_damaged(e, "more cell formats than Excel allows");
    if (s->x->format_count == s->room) {
        size_t room = s->room == 0 ? 64 : 2 * s->room;
        bool *more = realloc(s->x->is_date, room * sizeof *more);

        if (more == NULL)
            return err_no_memory(e);
        s->x->is_date = more;
        s->room = room;
    }
    if (!xml_number(&id, xml_attribute(a, "numFmtId"), 1000000))
        id = 0;
    is_date = xlsx_builtin_is_date(id);
    for (size_t i = 0; i < s->date_count && !is_date; i++)
        is_date = s->dates[i] == id;
    s->x->is_date[s->x->format_count++] = is_date;
    return 0;
}

static int on_style(void *arg, const uint8_t *path, const struct xml_attributes *a, struct err *e)
{
    struct styles *s = arg;

    if (path[0] == MARK_NUM_FMT && path[1] == MARK_NUM_FMTS)
        add_own(s, a);
    if (path[0] == MARK_XF && path[1] == MARK_CELL_XFS)
        return add_format(s, a, e);
    return 0;
}

int xlsx_styles_read(struct xlsx *x, struct err *e)
{
    static const struct xml_reader reader = {on_style, NULL, NULL};
    struct styles *s;
    int rc;

    if (x->styles_part[0] == '\0')
        return 0;
    s = calloc(1, sizeof *s);
    if (s == NULL)
        return err_no_memory(e);
    s->x = x;
    rc = xlsx_part_read(x, x->styles_part, &reader, s, e);
    free(s);
    return rc;
}

static bool is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static void day_of(unsigned days, unsigned *year, unsigned *month, unsigned *day)
{
    static const unsigned lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned length;

    for (*year = 1900; days >= (is_leap(*year) ? 366U : 365U); (*year)++)
        days -= is_leap(*year) ? 366U : 365U;
    for (*month = 1; length = lengths[*month - 1] + (*month == 2 && is_leap(*year)), days >= length;
         (*month)++)
        days -= length;
    *day = days + 1;
}

bool xlsx_date(char out[32], double serial, bool date1904)
{
    unsigned whole, seconds, year = 1900, month = 2, day = 29;

    if (!(serial >= (date1904 ? 0 : 1)) || serial >= 2958466)
        return false;
    whole = (unsigned)serial;
    seconds = (unsigned)((serial - whole) * 86400 + 0.5);
    if (seconds >= 86400) {
        seconds = 0;
        whole++;
    }
    /* Of 1900: day 1 is January 1, and a February 29 that never was has number 60. */
    if (date1904)
        day_of(whole + 1460, &year, &month, &day);
    else if (whole != 60)
        day_of(whole - (whole < 60 ? 1 : 2), &year, &month, &day);
    if (year > 9999)
        return false;
    if (seconds == 0)
        (void)snprintf(out, 32, "%04u-%02u-%02u", year, month, day);
    else
        (void)snprintf(out, 32, "%04u-%02u-%02u %02u:%02u:%02u", year, month, day, seconds / 3600,
                       seconds / 60 % 60, seconds % 60);
    return true;
}
