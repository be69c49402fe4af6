/* table_internal.h - what the files of a table share. */
#pragma once
#include "layout/layout_internal.h"

enum { COLUMNS_MAX = ATTR_MAX_NUMBERS };

static const double table_slack = 1e-6; /* mm; sums of heights are not exact */

struct padding {
    double sides, ends; /* left and right; above and below */
};

enum cell_kind {
    CELL_TEXT,   /* a stack: paragraphs, lists, whatever flows */
    CELL_LABEL,  /* centred, spread, broken into even lines */
    CELL_UPRIGHT /* characters one under another */
};

/* The words of a label and its lines at one size. */
struct label {
    struct shaped text;
    bool *may;
    struct lines lines;
    double size, leading, width, spread; /* pt, em, mm, em */
    bool any_length;                     /* spread as many characters as stand in a line */
    struct style style;
};

struct table_cell {
    const struct tree_node *n;       /* NULL: nothing stands in it */
    const struct tree_node *opinion; /* fills it; NULL: none */
    enum cell_kind kind;
    size_t row, column, rows, columns; /* of its group */
    double left, right;                /* rules it stands between, mm */
    struct padding padding;
    struct style style;
    struct stack text;
    struct label *label;
    double height; /* of what stands in it, mm */
    size_t done;   /* slabs that stand on earlier pages */
    size_t take;   /* slabs that stand on this one */
};

struct table_row {
    const struct tree_node *tr;
    double y, height;            /* from the group's top, mm */
    uint32_t cells[COLUMNS_MAX]; /* which cell covers the column: index + 1 */
};

/* Rows that are kept together: one, or as many as cells span or keep= ties. */
struct group {
    struct table_row *rows;
    size_t row_count, row_cap;
    struct table_cell *cells;
    size_t cell_count, cell_cap;
    uint32_t to_the_end[COLUMNS_MAX]; /* cells with rowspan="0" */
    bool endless, whole;              /* whole: its rows never split */
    double height;
};

/* The rules of the part of a table that stands on one page. */
struct rules {
    double top;
    double x[COLUMNS_MAX + 1], from[COLUMNS_MAX + 1]; /* inner vertical ones that still go on */
    size_t count;
    bool open, ruled; /* ruled: a row stands there already */
};

struct table {
    struct sheet *s;
    struct arena *kept, *rows; /* of the table; of the rows at hand */
    const struct tree_node *n;
    const struct frame *f;
    struct style text, label;
    double edges[COLUMNS_MAX + 1]; /* left edges of the columns, and the right one of the last; mm */
    size_t columns;
    double line, frame, least, split; /* mm */
    struct padding padding;
    size_t repeat;
    struct color color;
    const struct tree_node *lead;
    struct stack lead_stack;
    double lead_height;
    struct group head; /* repeated on every page; no rows: none */
    struct rules rules;
    bool fresh; /* nothing but lead and head stands on this page, so another has no more room */
};

/* --- table.c --- */
double table_room(const struct table *t);
/* Closes this part and begins another on a new page, with lead and head. */
MUST_CHECK int table_next_page(struct table *t);
MUST_CHECK int table_refuse(struct table *t, const struct group *g);

/* --- table_grid.c: columns and spans --- */
/* from: the node after widths, whose rows say what "auto" means; NULL: none. */
MUST_CHECK int columns_set(struct table *t, const struct node *n, const struct tree_node *from);
/* Reads the rows from *next on that are kept together, measured; *next is what comes after. */
MUST_CHECK int group_read(struct group *g, struct table *t, const struct tree_node **next);
/* Reads every row of a head. */
MUST_CHECK int group_read_head(struct group *g, struct table *t, const struct tree_node *head);

/* --- table_cell.c --- */
MUST_CHECK int cell_measure(struct table *t, struct table_cell *c);
/* Height it needs from rule to rule. */
double cell_need(const struct table_cell *c);
/* Sets all of it in the middle, or from the top, of so much. */
MUST_CHECK int cell_set(struct table *t, struct table_cell *c, double y, double height);
/* Width of the widest line as it would stand on one line, with its padding. */
MUST_CHECK int cell_natural(double *mm, struct table *t, const struct table_cell *c);
bool cell_is_label(const struct table_cell *c);
/* "left", "center", "right", "justify". */
const char *cell_align(const struct table_cell *c);

/* --- table_label.c --- */
/* Null label where it has too many lines to be one. */
MUST_CHECK int label_measure(struct label **out, struct table *t, const struct table_cell *c, double width);
double label_height(const struct label *l);
MUST_CHECK int label_set(struct table *t, const struct label *l, double x, double y);
MUST_CHECK int upright_measure(struct label **out, struct table *t, const struct table_cell *c, double width);
double upright_height(const struct label *l);
MUST_CHECK int upright_set(struct table *t, const struct label *l, double x, double y);

/* --- table_split.c --- */
/* A row over several pages. *begun: false if no good part of it would stand here: nothing was set then. */
MUST_CHECK int split_set(bool *begun, struct table *t, struct group *g);
/* Height of the least part of it that may stand on a page; 0: it never splits. */
double split_least(const struct table *t, const struct group *g);

/* --- table_lead.c --- */
MUST_CHECK int lead_measure(struct table *t, const struct tree_node *lead);
/* Whether it keeps silent here: again="yes" in the middle of a page. */
bool lead_waits(const struct table *t, const struct tree_node *lead);
MUST_CHECK int lead_set(struct table *t, bool again);

/* --- table_rules.c --- */
void rules_open(struct table *t);
/* The border to the rows above, if there are any. */
MUST_CHECK int rules_between(struct table *t, double y);
/* Rules of a row from y to end; below: the next row of its group follows on this page. */
MUST_CHECK int rules_row(struct table *t, const struct table_row *row, double y, double end, bool below);
MUST_CHECK int rules_close(struct table *t);
