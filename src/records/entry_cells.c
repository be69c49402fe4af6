#include "base/utf8.h"
#include "records/entry_internal.h"
#include <string.h>

uint32_t half_width(uint32_t cp)
{
    if (cp >= 0xFF01 && cp <= 0xFF5E)
        return cp - 0xFF01 + 0x21;
    return cp == 0x3000 ? ' ' : cp;
}

bool is_blank_in_lists(uint32_t cp)
{
    return cp == ' ' || (cp >= 0x09 && cp <= 0x0D) || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F ||
           cp == 0x3000;
}

bool is_invisible(uint32_t cp)
{
    return cp == 0x200B || cp == 0x2060 || cp == 0xFEFF;
}

/* "'340…" as it is typed to keep digits, ="340…" as it is exported to keep them. */
static struct slice without_quote(struct slice s, unsigned *changes)
{
    if (s.len > 1 && s.ptr[0] == '\'') {
        *changes |= CELL_QUOTE;
        return slice_part(s, 1, s.len - 1);
    }
    if (s.len > 3 && s.ptr[0] == '=' && s.ptr[1] == '"' && s.ptr[s.len - 1] == '"') {
        *changes |= CELL_QUOTE;
        return slice_part(s, 2, s.len - 3);
    }
    return s;
}

struct tidying {
    char *out;
    size_t used;
    uint32_t last;   /* written */
    bool blank, odd; /* blanks since then; other than one plain space */
    enum cell_tidy how;
    unsigned changes;
};

static void put_blank(struct tidying *t, uint32_t next)
{
    bool between_han = utf8_is_han(t->last) && utf8_is_han(next);

    if (t->blank && t->last != 0) {
        bool kept = t->how == TIDY_TEXT || (t->how == TIDY_PERSON && !between_han);

        if (t->odd || !kept)
            t->changes |= CELL_SPACES;
        if (kept)
            t->out[t->used++] = ' ';
    }
    t->blank = t->odd = false;
}

static void put(struct tidying *t, uint32_t cp)
{
    if (t->how == TIDY_CODE) {
        uint32_t half = half_width(cp);

        t->changes |= half != cp ? CELL_WIDTH : 0;
        cp = half;
        if (cp >= 'a' && cp <= 'z') {
            cp -= 'a' - 'A';
            t->changes |= CELL_CASE;
        }
    }
    t->used += utf8_put(t->out + t->used, cp);
    t->last = cp;
}

char *cell_tidy(unsigned *changes, const char *text, enum cell_tidy how, struct arena *a)
{
    struct tidying t = {.how = how};
    struct slice s = slice_of(text);
    uint32_t cp;

    if (how == TIDY_CODE)
        s = without_quote(s, &t.changes);
    t.out = arena_alloc(a, 2 * s.len + 8);
    if (t.out == NULL)
        return NULL;
    for (size_t at = 0; utf8_next(s, &at, &cp);) {
        if (is_blank_in_lists(cp)) {
            t.odd = t.odd || t.blank || cp != ' ';
            t.blank = true;
        } else if (is_invisible(cp)) {
            t.changes |= CELL_INVISIBLE;
        } else {
            put_blank(&t, cp);
            put(&t, cp);
        }
    }
    t.out[t.used] = '\0';
    *changes = t.changes;
    return t.out;
}

bool cell_whole_number(char out[24], const char *digits)
{
    char all[64];
    size_t count = 0, len = 0;
    long exponent = 0, point = -1;
    const char *at = digits;

    for (; (*at >= '0' && *at <= '9') || *at == '.'; at++) {
        if (*at == '.' && point >= 0)
            return false;
        if (*at == '.')
            point = (long)count;
        else if (count < sizeof all)
            all[count++] = *at;
        else
            return false;
    }
    if (*at == 'E' || *at == 'e') {
        bool minus = at[1] == '-';

        for (at += at[1] == '-' || at[1] == '+' ? 2 : 1; *at >= '0' && *at <= '9' && exponent < 100; at++)
            exponent = exponent * 10 + (*at - '0');
        exponent = minus ? -exponent : exponent;
    }
    if (*at != '\0' || count == 0)
        return false;
    exponent += point < 0 ? (long)count : point; /* how many of the digits stand before the point */
    if (exponent > 40 || exponent < 0)
        return false;
    for (size_t i = (size_t)exponent; i < count; i++) {
        if (all[i] != '0')
            return false;
    }
    for (size_t i = 0; i < (size_t)exponent; i++) {
        char digit = i < count ? all[i] : '0';

        if (len == 0 && digit == '0')
            continue;
        if (len == 15)
            return false;
        out[len++] = digit;
    }
    if (len == 0)
        out[len++] = '0';
    out[len] = '\0';
    return true;
}

/* A number of at most `most` digits at *at; how many there were. */
static int take_number(const char **at, int most, int *value)
{
    int count = 0;

    *value = 0;
    for (; count < most && **at >= '0' && **at <= '9'; count++, (*at)++)
        *value = *value * 10 + (**at - '0');
    return count;
}

static bool take(const char **at, const char *mark)
{
    size_t len = strlen(mark);

    while (**at == ' ')
        (*at)++;
    if (strncmp(*at, mark, len) != 0)
        return false;
    *at += len;
    while (**at == ' ')
        (*at)++;
    return true;
}

/* Which of the usual marks stands here; NULL: none. */
static const char *take_separator(const char **at)
{
    static const char *const marks[] = {"-", "/", ".", "年", "月", "。", "—", "–", NULL};

    for (size_t i = 0; marks[i] != NULL; i++) {
        if (take(at, marks[i]))
            return marks[i];
    }
    return NULL;
}

/* Nothing, or a time of day, which says nothing here. */
static bool ends_here(const char *at)
{
    if (*at == ' ' || *at == 'T' || *at == 't')
        at++;
    return at[strspn(at, "0123456789:. ZzAPMapm+")] == '\0' && (*at == '\0' || strchr(at, ':') != NULL);
}

static enum cell_date judge(struct date d)
{
    return date_valid(d) && d.year >= 1900 && d.year <= 2999 ? DATE_GOOD : DATE_NO_SUCH;
}

static enum cell_date read_plain(struct date *out, const char *at)
{
    int first, count = take_number(&at, 9, &first), digits;

    if (count == 8 && ends_here(at)) {
        *out = (struct date){first / 10000, first / 100 % 100, first % 100};
        return judge(*out);
    }
    if (count == 6 && *at == '\0' && first / 100 >= 1900 && first / 100 <= 2999 && first % 100 >= 1 &&
        first % 100 <= 12)
        return DATE_NO_DAY;
    if (count == 0 || count > 4 || take_separator(&at) == NULL)
        return DATE_NOT_ONE;
    digits = take_number(&at, 3, &out->month);
    if (digits == 0 || digits > 2)
        return DATE_NOT_ONE;
    out->year = first;
    if (*at == '\0' || ((take(&at, "月") || take(&at, "月份")) && *at == '\0'))
        return count == 4 ? DATE_NO_DAY : DATE_NOT_ONE;
    if (at[-1] >= '0' && at[-1] <= '9' && take_separator(&at) == NULL)
        return DATE_NOT_ONE;
    digits = take_number(&at, 5, &out->day);
    if (count <= 2 && digits == 4)
        return DATE_ORDER;
    if (digits == 0 || digits > 2)
        return DATE_NOT_ONE;
    if (!take(&at, "日"))
        (void)take(&at, "号");
    if (!ends_here(at))
        return DATE_NOT_ONE;
    return count == 4 ? judge(*out) : DATE_SHORT_YEAR;
}

enum cell_date cell_date_read(struct date *out, const char *text)
{
    char plain[80] = "";
    struct slice s = slice_of(text);
    size_t used = 0;
    uint32_t cp;

    *out = (struct date){0, 0, 0};
    for (size_t at = 0; utf8_next(s, &at, &cp);) {
        cp = half_width(cp);
        if (is_invisible(cp))
            continue;
        if (used + 5 > sizeof plain)
            return DATE_NOT_ONE;
        used += utf8_put(plain + used, is_blank_in_lists(cp) ? ' ' : cp);
    }
    while (used > 0 && plain[used - 1] == ' ')
        used--;
    plain[used] = '\0';
    return read_plain(out, plain + strspn(plain, " "));
}
