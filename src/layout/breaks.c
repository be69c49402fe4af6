/* breaks.c - where a line may end: UAX #14 by ICU, for Chinese with the strict rules (避头尾). */
#include "layout/layout_internal.h"
#include <pthread.h>
#include <unicode/ubrk.h>

/* Opening an iterator costs more than laying out a page, so each thread keeps one. */
static pthread_key_t iterator_key;
static pthread_once_t iterator_once = PTHREAD_ONCE_INIT;

static void iterator_close(void *iterator)
{
    ubrk_close(iterator);
}

static void iterator_key_make(void)
{
    (void)pthread_key_create(&iterator_key, iterator_close);
}

static UBreakIterator *iterator(void)
{
    UErrorCode status = U_ZERO_ERROR;
    UBreakIterator *i;

    pthread_once(&iterator_once, iterator_key_make);
    i = pthread_getspecific(iterator_key);
    if (i == NULL) {
        i = ubrk_open(UBRK_LINE, "zh@lb=strict", NULL, 0, &status);
        if (U_FAILURE(status))
            return NULL;
        (void)pthread_setspecific(iterator_key, i);
    }
    return i;
}

/* What ICU lets begin a line but Chinese does not: a middle dot or percent sign. */
static bool never_begins(uint32_t cp)
{
    return cp == 0xB7 || cp == 0x30FB || cp == '%' || cp == 0xFF05 || cp == 0x2030;
}

static size_t put_utf16(UChar *text, size_t at, uint32_t cp)
{
    if (cp < 0x10000) {
        text[at] = (UChar)cp;
        return at + 1;
    }
    text[at] = (UChar)(0xD7C0 + (cp >> 10));
    text[at + 1] = (UChar)(0xDC00 + (cp & 0x3FF));
    return at + 2;
}

/* Room for the pen: a blank that is underlined breaks like a character. */
static bool is_pen_room(const struct cell *c)
{
    return c->under && (c->cp == 0x3000 || c->cp == ' ');
}

/* What ICU reads for a cell; the ends of an underline are no characters. */
static uint32_t unit_of(const struct cell *c)
{
    if (c->cp == CHAR_BREAK)
        return '\n';
    if (c->cp > 0x10FFFF)
        return 0x200B; /* zero width space, a break on both sides */
    return is_pen_room(c) ? 0x4E00 : c->cp;
}

static size_t units(const struct cell *c)
{
    return c->cp == CHAR_PAD ? 0 : c->cp >= 0x10000 && c->cp <= 0x10FFFF ? 2 : 1;
}

/* The ends of an underline stay with what it underlines; room for the pen stays whole unless it is long. */
static void hold_underlines(bool *may, const struct shaped *t)
{
    const size_t whole = 16; /* em */
    size_t run = 0;

    for (size_t k = t->count; k-- > 0;) {
        const struct cell *c = &t->cells[k];
        bool leads = c->cp == CHAR_PAD && k + 1 < t->count && t->cells[k + 1].under;

        run = is_pen_room(c) ? run + 1 : 0;
        if (c->cp == CHAR_PAD && !leads)
            may[k] = false;
        if (leads)
            may[k + 1] = false;
        /* seen from its end, so the first of a long one is not held: it begins a line then */
        if (run > 0 && run <= whole && k > 0 && is_pen_room(&t->cells[k - 1]))
            may[k] = false;
    }
}

int breaks_find(bool **may, struct sheet *s, const struct shaped *t)
{
    UErrorCode status = U_ZERO_ERROR;
    UBreakIterator *i = iterator();
    UChar *text = arena_array(s->scratch, t->count * 2 + 1, sizeof *text);
    bool *at_unit = arena_array(s->scratch, t->count * 2 + 2, sizeof *at_unit);
    size_t n = 0;

    *may = arena_array(s->scratch, t->count + 1, sizeof **may);
    if (text == NULL || at_unit == NULL || *may == NULL)
        return err_no_memory(s->e);
    if (i == NULL)
        return err_set(s->e, ERR_INTERNAL, "ICU has no line breaking rules for Chinese.",
                       "ICU 缺少中文断行规则。");
    for (size_t k = 0; k < t->count; k++)
        if (t->cells[k].cp != CHAR_PAD)
            n = put_utf16(text, n, unit_of(&t->cells[k]));
    ubrk_setText(i, text, (int32_t)n, &status);
    if (U_FAILURE(status))
        return err_set(s->e, ERR_INTERNAL, "ICU cannot break this text into lines.",
                       "ICU 无法为此文字断行。");
    for (int32_t at = ubrk_first(i); at != UBRK_DONE; at = ubrk_next(i))
        at_unit[at] = true;
    n = 0;
    for (size_t k = 0; k < t->count; k++) {
        (*may)[k] = at_unit[n] && !never_begins(t->cells[k].cp);
        n += units(&t->cells[k]);
    }
    hold_underlines(*may, t);
    (*may)[t->count] = true;
    return 0;
}
