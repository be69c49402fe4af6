/* entry_internal.h - cells of a list put right and read, for this room only. */
#pragma once
#include "base/buf.h"
#include "base/clock.h"
#include "records/entry.h"

/* Full-width digits, letters and signs (U+FF01 to U+FF5E) as half-width ones; the ideographic space as a
 * space. */
uint32_t half_width(uint32_t cp);
/* Any space, tab or line end. */
bool is_blank_in_lists(uint32_t cp);
/* Takes no room and says nothing: what a copied text brings along. */
bool is_invisible(uint32_t cp);

enum cell_change {
    CELL_AS_GIVEN = 0,
    CELL_SPACES = 1,    /* inside: double, no-break, line ends */
    CELL_WIDTH = 2,     /* full-width digits, letters, signs */
    CELL_QUOTE = 4,     /* "'" before it, or ="..." around it */
    CELL_INVISIBLE = 8, /* zero-width characters */
    CELL_CASE = 16
};
enum cell_tidy {
    TIDY_TEXT,   /* single plain spaces, none at the ends */
    TIDY_PERSON, /* none between Han characters either */
    TIDY_CODE    /* no spaces at all, half-width, upper-case */
};
/* A copy put right; NULL without memory. *changes: what a reader should know of, flags of cell_change. */
char *cell_tidy(unsigned *changes, const char *text, enum cell_tidy how, struct arena *a);

/* The whole number that a number cell's digits (340000198502120000, 1.38E+10) stand for, in plain digits;
 * false where it is none, or longer than 15 digits, beyond which spreadsheets round. */
bool cell_whole_number(char out[24], const char *digits);

enum cell_date { DATE_GOOD, DATE_NO_DAY, DATE_ORDER, DATE_SHORT_YEAR, DATE_NO_SUCH, DATE_NOT_ONE };
/* 1985-02-12, 1985.2.12, 1985/2/12, 1985年2月12日, 19850212, with or without a time of day; full-width too.
 */
enum cell_date cell_date_read(struct date *out, const char *text);

/* --- one row while it is read: entry_fields.c --- */

/* One row while it is read. */
struct row_reading {
    struct entry *out;
    const struct entry_cell *cells;
    const struct series_list *series;
    unsigned row;
    struct row_faults *faults;
    struct arena *a;
    bool bad, no_memory;
};

/* Four texts: what is wrong and what to do, in both languages. */
struct fault_words {
    const char *problem, *problem_en, *advice, *advice_en;
};

/* Printed into the arena; "" without memory, which is noted. */
#define TEXT(r, ...) kept_text(r, arena_printf((r)->a, __VA_ARGS__))
const char *kept_text(struct row_reading *r, const char *text);

void cell_fault(struct row_reading *r, enum entry_column c, struct fault_words w);
void cell_warn(struct row_reading *r, enum entry_column c, struct fault_words w);
/* The cell's text put right, or NULL: empty or at fault, which is said. */
char *cell_text_tidied(struct row_reading *r, enum entry_column c, enum cell_tidy how, unsigned *changes);
/* A text of at most `max` characters as records hold it, or NULL. */
const char *cell_read_text(struct row_reading *r, enum entry_column c, size_t max);
/* A number or code: no spaces, half-width, upper-case; NULL: none, or at fault. */
const char *cell_read_code(struct row_reading *r, enum entry_column c, size_t max);
/* One of the column's choices. */
const char *cell_read_choice(struct row_reading *r, enum entry_column c);
/* YYYY-MM-DD */
const char *cell_read_date(struct row_reading *r, enum entry_column c);
/* Numbers of documents in number cells lost digits or leading zeros, which nobody can give back; with a
 * fault. */
bool cell_is_rounded(struct row_reading *r, enum entry_column c);
