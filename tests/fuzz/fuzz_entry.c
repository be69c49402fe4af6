/* fuzz_entry.c - whatever stands in a row (a line a cell, its first character the kind), the row is an entry
 * whose order is understood, or there is a fault; no message shows a whole identity number. */
#include "base/json.h"
#include "base/utf8.h"
#include "records/entry.h"
#include "records/order.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Faults of an order that its entry is not asked for are those of the filing alone. */
static void must_be_an_order(const struct entry *entry, struct arena *a)
{
    const struct entry_filing filing = {"demo", "皖测社秘〔2026〕1号", "2999-12-31", "entry-1", 2025};
    json_t *order = entry_order(entry, &filing), *kept = entry_json(entry);
    struct certificate_order understood;
    struct faults faults = {.count = 0};
    struct entry again;
    struct err e;

    if (order == NULL || kept == NULL || certificate_order_read(&understood, order, a, &faults, &e) != 0 ||
        entry_from_json(&again, kept, a, &e) != 0 || strcmp(again.name, entry->name) != 0)
        abort();
    json_decref(order);
    json_decref(kept);
}

/* At most six characters of a document's number in a row. */
static bool is_masked(const char *value)
{
    struct slice s = slice_of(value);
    size_t run = 0;
    uint32_t cp;

    for (size_t at = 0; utf8_next(s, &at, &cp) && run <= 6;)
        run = cp == '*' ? 0 : run + 1;
    return run <= 6;
}

static void must_hide(const struct row_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct row_fault *f = &faults->list[i];

        if (f->problem[0] == '\0' || f->problem_en[0] == '\0')
            abort();
        if (f->column == COLUMN_ID_NUMBER && !is_masked(f->value))
            abort();
    }
}

static const struct series_list *built_in(void)
{
    static struct arena kept = ARENA_INIT;
    static struct series_list series;
    struct err e;

    if (series.count == 0 && series_load(&series, NULL, &kept, &e) != 0)
        abort();
    return &series;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT;
    struct row_faults faults = {.a = &a};
    struct entry_cell cells[ENTRY_COLUMNS];
    struct entry entry;
    struct err e = {0};
    char *text = arena_slice(&a, (struct slice){data, size}), *at = text;
    bool good;

    if (text == NULL || strlen(text) != size) {
        arena_dispose(&a);
        return 0;
    }
    for (int c = 0; c < ENTRY_COLUMNS; c++) {
        size_t len = strcspn(at, "\n");
        bool last = at[len] == '\0';

        at[len] = '\0';
        cells[c].kind = at[0] == '#'   ? ENTRY_CELL_NUMBER
                        : at[0] == '@' ? ENTRY_CELL_DATE
                        : at[0] == '!' ? ENTRY_CELL_OTHER
                        : len <= 1     ? ENTRY_CELL_EMPTY
                                       : ENTRY_CELL_TEXT;
        cells[c].text = len == 0 ? at : at + 1;
        at += last ? len : len + 1;
    }
    (void)entry_column_find(cells[0].text);
    good = entry_read(&entry, cells, 2, 1, built_in(), &faults, &a, &e);
    if (good != (faults.errors == 0))
        abort();
    if (good)
        must_be_an_order(&entry, &a);
    must_hide(&faults);
    arena_dispose(&a);
    return 0;
}
