/* import_internal.h - lists read row by row, for filings and for old certificates alike. */
#pragma once
#include "filing/filing_internal.h"

/* What a list of old certificates has beside the columns of entries. */
enum list_extra { LIST_ISSUE_DATE, LIST_APPROVAL_NO, LIST_ISSUER, LIST_EXTRAS };
enum { LIST_COLUMNS = ENTRY_COLUMNS + LIST_EXTRAS };
/* "发证日期" for ENTRY_COLUMNS + LIST_ISSUE_DATE; "" for -1. */
const char *list_column_title(int column);
const char *list_column_member(int column);

/* A list whose head row was found. */
struct list {
    struct sheet sheet;
    bool old;                       /* of old certificates */
    unsigned head;                  /* number of the head row */
    size_t data;                    /* where the rows behind it begin */
    int columns[SHEET_COLUMNS_MAX]; /* what the nth cell of a row is, or -1 */
};
/* Finds the head. What is odd about it goes to faults; ERR_INVALID where there is none. */
MUST_CHECK int list_open(struct list *out, struct slice packed, bool old, struct row_faults *faults,
                         struct err *e);
/* Back to the first row of data. */
void list_rewind(struct list *l);

struct list_row {
    unsigned number; /* as the file counts */
    bool hidden;
    bool any_merged, merged[LIST_COLUMNS];
    struct entry_cell cells[LIST_COLUMNS];
};
/* The next row with anything in its columns; texts are the arena's. false at the end, or with *rc -1. */
bool list_next(struct list_row *out, struct list *l, struct arena *a, int *rc, struct err *e);

/* A fault of one cell, in the words of the person who filled it in. */
void list_fault(struct row_faults *f, const struct list_row *r, int column, const char *const problem[2],
                const char *const advice[2]);
/* What stands in that cell, fit to be shown. */
const char *list_value(const struct list_row *r, int column, struct arena *a);
/* Reads the row as an entry; faults of the row go to faults, once for each cell. false if there is any. */
bool list_read_entry(struct entry *out, const struct list_row *r, unsigned position,
                     const struct series_list *series, struct row_faults *faults, struct arena *a,
                     struct err *e);

/* Whether a row would be taken; its faults go wherever arg says. -1: an outage, nothing more is read. */
typedef int list_row_check(void *arg, const struct list_row *r, unsigned position, bool *good, struct err *e);
/* Has every row checked: counts rows and good into report, notes the others in bad (one for each row of the
 * sheet). row is emptied before each. ERR_INVALID: there are none; ERR_TOO_LARGE. */
MUST_CHECK int list_check(struct list *l, struct import_report *report, bool *bad, struct arena *row,
                          list_row_check *check, void *arg, struct err *e);

/* The number of a valid certificate of this issuer that says the same title and specialty of the same person;
 * NULL: there is none. The arena's. */
MUST_CHECK int earlier_certificate(const char **number, struct store *s, const char *issuer,
                                   const struct entry *entry, struct arena *a, struct err *e);

/* What a file has had already: people, 序号, numbers. */
struct seen;
MUST_CHECK int seen_new(struct seen **out, size_t rows, struct err *e);
void seen_free(struct seen *s);
/* The row that said the same before, or 0 and it is this row's from now on. kind: 'p', 's', 'n'. */
unsigned seen_before(struct seen *s, char kind, const char *text, unsigned row);
