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

int breaks_find(bool **may, struct sheet *s, const struct shaped *t)
{
    UErrorCode status = U_ZERO_ERROR;
    UBreakIterator *i = iterator();
    UChar *text = arena_array(s->arena, t->count * 2 + 1, sizeof *text);
    bool *at_unit = arena_array(s->arena, t->count * 2 + 2, sizeof *at_unit);
    size_t n = 0;

    *may = arena_array(s->arena, t->count + 1, sizeof **may);
    if (text == NULL || at_unit == NULL || *may == NULL)
        return err_no_memory(s->e);
    if (i == NULL)
        return err_set(s->e, ERR_INTERNAL, "ICU has no line breaking rules for Chinese.",
                       "ICU 缺少中文断行规则。");
    for (size_t k = 0; k < t->count; k++) /* U+200B: zero width space, a break on both sides */
        n = put_utf16(text, n,
                      t->cells[k].cp == CHAR_BREAK ? '\n'
                      : t->cells[k].cp > 0x10FFFF  ? 0x200B
                                                   : t->cells[k].cp);
    ubrk_setText(i, text, (int32_t)n, &status);
    if (U_FAILURE(status))
        return err_set(s->e, ERR_INTERNAL, "ICU cannot break this text into lines.",
                       "ICU 无法为此文字断行。");
    for (int32_t at = ubrk_first(i); at != UBRK_DONE; at = ubrk_next(i))
        at_unit[at] = true;
    n = 0;
    for (size_t k = 0; k < t->count; k++) {
        (*may)[k] = at_unit[n] && !never_begins(t->cells[k].cp);
        n += t->cells[k].cp >= 0x10000 && t->cells[k].cp <= 0x10FFFF ? 2 : 1;
    }
    (*may)[t->count] = true;
    return 0;
}
