/* layout_internal.h - what the files of this room share. */
#pragma once
#include "layout/layout.h"
#include "template/tree.h"

#define PT_MM (25.4 / 72) /* one point in millimetres */

enum { PAGES_MAX = 2000, EDGE_TEXTS = 64, FAMILIES_MAX = 8 };

struct page_draft {
    struct item *items;
    size_t count, cap;
    const struct page_setup *setup; /* of the section it belongs to */
    const char *label;
    bool edges; /* has header and footer */
};

/* How far a text pushed those that stand after it. */
struct push {
    const char *id;
    double mm;
};

/* The faces of a family, looked up once. */
struct family {
    const char *name;
    const struct face *plain, *bold;
};

/* One run of layout. */
struct sheet {
    const struct layout_order *order;
    struct binding binding;
    const struct page_setup *setup; /* of the pages being filled: the document's, or a section's */
    const char *page_label;         /* of the section being filled, or NULL */
    bool bare;                      /* the section's pages have neither header nor footer */
    bool turn;                      /* what comes next begins a new page: a section has ended */
    struct fonts *fonts;
    struct arena *arena;   /* what the pages hold */
    struct arena *scratch; /* what is needed until a text is set: characters, lines, slabs; may be arena */
    struct err *e;
    struct family families[FAMILIES_MAX];
    size_t family_count;
    const struct face *emphasis;
    struct page_draft *pages;
    size_t page_count, page_cap;
    double y;                  /* of the flow, mm: where the next block begins */
    bool flowing;              /* something of the flow stands on this page */
    double origin_x, origin_y; /* of the area or cell in which elements are being placed; the page: 0 */
    struct push pushes[EDGE_TEXTS];
    size_t push_count;
    struct seal_field *fields; /* in the order in which they were placed */
    size_t field_count, field_cap;
    struct bookmark *bookmarks;
    size_t bookmark_count, bookmark_cap;
    size_t this_page, all_pages; /* for page numbers; 0 while not known */
};

/* --- sheet.c --- */
struct item *item_new(struct sheet *s, enum item_kind kind); /* on the last page; NULL with the error set */
MUST_CHECK int page_new(struct sheet *s);
/* Gives the last page, still empty, the setup at hand. */
void page_begin(struct sheet *s);
/* A bookmark at y of the last page; level 1 or 2. */
MUST_CHECK int bookmark_add(struct sheet *s, int level, const struct tree_text *text, double y);
MUST_CHECK int bookmark_title(struct sheet *s, int level, const char *title, double y);
/* A seal field of that role on the last page, and its item when the order asks for a signature field; NULL
 * with the error set. A role stands once in a document. */
struct seal_field *field_new(struct sheet *s, const char *role, struct box box);
/* Whether the order asks for a signature field of that role. */
bool field_wanted(const struct sheet *s, const char *role);
struct color color_of(double rgb);
/* What an element's x, y, w and h say, from where it is placed. */
struct box box_of(const struct node *n);
/* Where the flow ends on the page: its bottom margin, mm. */
double page_bottom(const struct sheet *s);
MUST_CHECK int fill(struct sheet *s, struct box box, struct color color);

/* --- line.c: text measured once in em, then set at any size --- */
struct cell {
    uint32_t cp;
    bool under;              /* underlined: a blank counts then, at both ends of a line too */
    const struct face *face; /* NULL: shows nothing */
    double em;               /* advance */
    const char *from;
};
/* Room at both ends of what is underlined: its rule, without a character. */
enum { CHAR_PAD = 0x110011 };
struct setting { /* how a text looks */
    const char *family;
    bool bold;
    struct color color;
    double tracking; /* em */
};
struct shaped {
    struct cell *cells;
    size_t count;
};
/* Finds every character's face and width. ERR_INVALID for one that cannot be set; breaks_allowed: new lines
 * in the record's values are welcome here. */
MUST_CHECK int shape(struct shaped *out, struct sheet *s, const struct tree_text *t,
                     const struct setting *how, bool breaks_allowed);
/* Width of cells [from, to) in mm; blanks and marks at the ends do not count. */
double width_of(const struct shaped *t, size_t from, size_t to, double size, double tracking);
/* A blank or a mark; one that is underlined is room for the pen. */
bool cell_is_blank(const struct cell *c);
/* Leaves out blanks and marks at both ends. */
void trim_cells(const struct shaped *t, size_t *from, size_t *to);
struct place {
    double x, baseline, size, tracking;
    struct color color;
    double stretch; /* mm added at each place between two characters where a line may be stretched */
};
MUST_CHECK int set_line(struct sheet *s, const struct shaped *t, size_t from, size_t to,
                        const struct place *p);
/* Characters [from, to) over width, from the left edge p->x to the right one; one alone in its middle. */
MUST_CHECK int set_spread(struct sheet *s, const struct shaped *t, size_t from, size_t to, double width,
                          const struct place *p);
/* Whether a justified line may be stretched between a and b: two Chinese characters, or at a space. */
bool stretches(const struct cell *a, const struct cell *b);
/* The longest text in n and below it, or NULL; of_record: of those that say something of the record. */
const struct tree_text *longest_text(const struct tree_node *n, bool of_record);
/* Refusal of a text that no step holds. */
int too_long(struct sheet *s, const struct tree_text *t, const struct tree_text *label);

/* --- breaks.c: where lines may end (UAX #14, strict Chinese rules) --- */
/* may[i]: a line may end before cell i. The arena's, count + 1 entries. */
MUST_CHECK int breaks_find(bool **may, struct sheet *s, const struct shaped *t);

/* --- wrap.c: lines out of a text --- */
enum { LINES_MAX = 64 };
struct lines {
    size_t from[LINES_MAX], to[LINES_MAX];
    size_t count;
};
/* Where UAX #14 allows it; false if there would be more lines than most. */
bool wrap(struct lines *out, const struct shaped *t, const bool *may, double size, double tracking,
          double width, size_t most);
/* At every soft break. */
bool wrap_soft(struct lines *out, const struct shaped *t, double size, double tracking, double width,
               size_t most);
/* At the soft break, else in halves of which the first is the longer. */
bool wrap_half(struct lines *out, const struct shaped *t, const bool *may, double size, double tracking,
               double width);
/* After a certain character only: two lines, the longer as short as can be, else as many as are needed. */
bool wrap_after(struct lines *out, const struct shaped *t, uint32_t cp, double size, double tracking,
                double width, size_t most);
/* Sizes from most down to least in half points: how many. */
int half_points(double most, double least);
bool has_soft(const struct shaped *t);
bool holds_line(const struct shaped *t, double size, double tracking, double width);

/* --- paragraph.c: a text broken into lines, once for everybody --- */
struct text_line {
    size_t from, to;
    double indent;   /* mm */
    double tracking; /* em */
    bool ends;       /* nothing of it goes on: never stretched */
};
struct paragraph {
    struct shaped text;
    const struct tree_text *source;
    struct text_line *lines;
    size_t count;
    double size, band; /* pt; height of a line, mm */
    const char *align;
    struct color color;
};
/* Marks side by side share a blank. */
void squeeze(struct shaped *t);
/* How far an opening mark at a line's beginning, a closing one at its end may hang over it, em. */
double pull_of(const struct shaped *t, size_t from);
double hang_of(const struct cell *c);
/* Lines of width, or, from the line `full` on, of narrow. */
struct measure {
    double width, narrow; /* mm */
    size_t full;          /* SIZE_MAX: all are full */
};
/* Each new line of the record's values begins a paragraph, with the indent. */
MUST_CHECK int paragraph_break(struct paragraph *out, struct sheet *s, const struct tree_text *t,
                               const struct setting *how, double size, double width, double indent_em);
MUST_CHECK int paragraph_break_in(struct paragraph *out, struct sheet *s, const struct tree_text *t,
                                  const struct setting *how, double size, const struct measure *measure,
                                  double indent_em);
/* The same with everything the style says; "text" becomes justify or left by the width. */
MUST_CHECK int paragraph_styled(struct paragraph *out, struct sheet *s, const struct tree_text *t,
                                const struct style *style, double width);
/* Sets line i with its baseline there. */
MUST_CHECK int paragraph_line(struct sheet *s, const struct paragraph *p, size_t i, double x, double baseline,
                              double width, const char *align, struct color color);
/* From the top of a line of that height to its baseline: the ideographic box stands in the middle. */
double baseline_in(double band, double size);

/* --- stack.c: blocks one below the other, measured before they are set. The flow of pages, cells, areas and
 * leads are all stacks: a text is broken into lines in one place. --- */
struct frame {       /* where text runs */
    double x, width; /* mm */
    struct style style;
};
/* The style with what the element's attributes font, size, leading, align, indent, color, bold say. */
struct style style_of(const struct style *inherited, const struct node *n);
/* Where the text of a block runs: with its insets and its style. */
struct frame block_frame(const struct tree_node *n, const struct frame *f);
struct stack;
/* What is never parted: a line of text, a photo, an area. One of no height lies beside the next: a label, a
 * list's number, what stands at a fixed place. */
struct slab {
    const struct tree_node *node; /* placed as it is */
    const struct paragraph *text; /* a line of it; NULL: the node is placed */
    const struct stack *inner;    /* of an area */
    size_t line;
    double before, height; /* mm; before: room above, unless it stands first on a page or in a cell */
    double x, width;       /* mm, from the stack's left edge */
    bool with_next;        /* on the same page as the next slab */
    int bookmark;          /* level of the heading that begins here, or 0 */
};
struct stack {
    struct slab *slabs;
    size_t count, cap;
    double pending; /* room below a heading, until it is known what follows */
    size_t owed;    /* lines that stay with the heading above them */
};
/* Appends what stands in n (its own text, then its children) as it comes out at that width; frame->x is not
 * looked at. Tables, sections and page breaks are not part of a stack: ERR_INVALID names the line. */
MUST_CHECK int stack_measure(struct stack *out, struct sheet *s, const struct tree_node *n,
                             const struct frame *f);
/* Appends n itself; stack_end() when nothing more comes. */
MUST_CHECK int stack_add(struct stack *out, struct sheet *s, const struct tree_node *n,
                         const struct frame *f);
void stack_end(struct stack *out);
/* Without the room before the first. */
double stack_height(const struct stack *st, size_t from, size_t to);
/* Sets slabs [from, to) with their top left corner at (x, y) of the page. What has a place of its own (x and
 * y) stands at that place from the sheet's origin. */
MUST_CHECK int stack_set(struct sheet *s, const struct stack *st, size_t from, size_t to, double x, double y);
/* Bookmarks for the headings among these slabs, when they are set at y for the first time. */
MUST_CHECK int stack_bookmarks(struct sheet *s, const struct stack *st, size_t from, size_t to, double y);
/* Whether a stack can hold n: no table, section, page break or <skip to> in it. */
bool stack_holds(const struct tree_node *n);
/* Refusal of a stack that is higher than its place: names its longest text. */
int stack_too_high(struct sheet *s, const struct stack *st, const struct tree_node *n);

/* --- flow.c --- */
MUST_CHECK int flow_children(struct sheet *s, const struct tree_node *parent, const struct frame *f);
/* Starts a new page when less than mm is left. */
MUST_CHECK int flow_need(struct sheet *s, double mm);

/* --- table.c --- */
MUST_CHECK int flow_table(struct sheet *s, const struct tree_node *n, const struct frame *f);
/* Room a heading must have below it so that the table's beginning stays with it: lead, head, two rows. */
MUST_CHECK int table_beginning(double *mm, struct sheet *s, const struct tree_node *n, const struct frame *f);

/* --- place.c, grid.c, opinion.c: at fixed positions, from the sheet's origin --- */
MUST_CHECK int place_element(struct sheet *s, const struct tree_node *n);
MUST_CHECK int place_grid(struct sheet *s, const struct tree_node *n);
/* An opinion field that fills box (from rule to rule); placeholders become page content. */
MUST_CHECK int place_opinion(struct sheet *s, const struct tree_node *n, struct box box);

/* --- opinion.c: what an office says in its field --- */
/* Sets it on the last page. */
MUST_CHECK int statement_set(struct sheet *s, const struct seal_field *field, const struct statement *st);

/* --- marks.c: what lies over or under the whole page (from 1), once everything else stands on it --- */
MUST_CHECK int marks_place(struct sheet *s, size_t page);
