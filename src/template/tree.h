/* tree.h - a template's parsed nodes, and the tree that binding a record makes of them: what layout works on.
 *
 * A node is the template's and never changes; a bound node belongs to one document. Conditions are resolved,
 * repeats are unrolled and placeholders are replaced by characters, each of which remembers where in the
 * record it came from. */
#pragma once
#include "artwork/artwork.h"
#include "template/template.h"

enum node_kind {
    NODE_BODY,
    NODE_PARAGRAPH,
    NODE_HEADING,
    NODE_LIST,
    NODE_LIST_ITEM,
    /* elements, in the order of element.c's table */
    NODE_ARTWORK,
    NODE_BLOCK,
    NODE_EDGE,
    NODE_FIELD,
    NODE_FIELDS,
    NODE_FILL,
    NODE_FIT,
    NODE_HEAD,
    NODE_PAGE_BREAK,
    NODE_PHOTO,
    NODE_QR,
    NODE_ROW,
    NODE_RULE,
    NODE_SEAL,
    NODE_SIGN,
    NODE_STEP,
    NODE_TABLE,
    NODE_TD,
    NODE_TEXT,
    NODE_TR
};

enum attr_name {
    ATTR_AFTER,
    ATTR_ALIGN,
    ATTR_BOLD,
    ATTR_BREAK,
    ATTR_COLON,
    ATTR_COLOR,
    ATTR_COLSPAN,
    ATTR_CX,
    ATTR_CY,
    ATTR_D,
    ATTR_DY,
    ATTR_EDGE,
    ATTR_FONT,
    ATTR_GAP,
    ATTR_GUTTER,
    ATTR_H,
    ATTR_ID,
    ATTR_INDENT,
    ATTR_LABEL_COLOR,
    ATTR_LABEL_SIZE,
    ATTR_LABELS,
    ATTR_LAST,
    ATTR_LEADING,
    ATTR_LEAST_PITCH,
    ATTR_LINE,
    ATTR_LINES,
    ATTR_MAX_VERSION,
    ATTR_MIN_MODULE,
    ATTR_MIN_SIZE,
    ATTR_MIN_SIZES,
    ATTR_MIN_TRACKING,
    ATTR_NAME,
    ATTR_PADDING,
    ATTR_PITCH,
    ATTR_PLATE,
    ATTR_PUSH,
    ATTR_RIGHT,
    ATTR_ROLE,
    ATTR_SIZE,
    ATTR_SRC,
    ATTR_STEP,
    ATTR_TRACKING,
    ATTR_VALIGN,
    ATTR_W,
    ATTR_WIDTH,
    ATTR_WIDTHS,
    ATTR_WRAP,
    ATTR_WRAP_MIN,
    ATTR_X,
    ATTR_Y,
    ATTR_COUNT
};

enum { ATTR_MAX_NUMBERS = 32, TREE_MAX_DEPTH = 16 };

struct attr {
    enum attr_name name;
    double number;         /* numbers; the first of a list; yes is 1; a colour is 0xRRGGBB */
    const double *numbers; /* lists; a share of the rest ("2*") is negative (-2) */
    size_t count;
    const char *text; /* words and texts */
};

struct pattern;
struct condition;
struct path;

struct node {
    enum node_kind kind;
    int line;  /* of template.md */
    int level; /* of a heading; of a list: 0 with bullets, else the first number */
    const struct attr *attrs;
    size_t attr_count;
    const struct condition *condition;
    const struct path *each;
    const struct pattern *text, *label;
    const struct artwork *artwork;
    struct node *first, *next;
};

/* What is not a character of Unicode but stands among them. */
enum {
    CHAR_SOFT = 0x110001, /* where a text breaks first, if it must */
    CHAR_BREAK,           /* a new line */
    CHAR_PAGE,            /* number of this page */
    CHAR_PAGES            /* number of pages */
};
enum { STYLE_BOLD = 1, STYLE_EMPHASIS = 2 };

struct tree_char {
    uint32_t cp;
    uint8_t style;
    const char *from; /* JSON pointer of the member it came from; NULL: fixed wording */
};

struct tree_text {
    const struct tree_char *chars;
    size_t count;
};

struct tree_node {
    const struct node *node;
    struct tree_text text, label;
    size_t number; /* of a list's item, from its list's first */
    struct tree_node *first, *next;
};

struct page_setup {
    double width, height, margin[4]; /* mm; top, right, bottom, left */
    const char *font;
    double size, leading; /* pt, em */
    uint32_t color;
    double indent; /* of a paragraph's first line, em */
    bool justify;
    const struct node *header, *footer; /* paragraphs, or NULL */
    const char *header_align, *footer_align;
    double header_y, footer_y; /* baselines, mm */
    double edge_size;          /* pt, of header and footer */
};

const struct page_setup *template_page(const struct template *t);

/* Binds record (an object) into the template; the tree is the arena's. ERR_INVALID, with the member in
 * e->field, where a value does not suit its placeholder. */
MUST_CHECK int tree_bind(struct tree_node **out, const struct template *t, const json_t *record,
                         struct arena *a, struct err *e);
/* Binds one node's text (a header, a footer). */
MUST_CHECK int tree_bind_text(struct tree_text *out, const struct node *node, const struct template *t,
                              const json_t *record, struct arena *a, struct err *e);
/* Calls visit with every character of fixed wording, its font family and weight. */
typedef void literal_visitor(void *arg, uint32_t cp, const char *family, bool bold);
void template_literals(const struct template *t, literal_visitor *visit, void *arg);

/* The attribute, or NULL. */
const struct attr *node_attr(const struct node *n, enum attr_name name);
double node_number(const struct node *n, enum attr_name name, double otherwise);
const char *node_word(const struct node *n, enum attr_name name, const char *otherwise);
const char *node_name(enum node_kind kind);

/* Appends the tree as text, one node a line, for tests. */
void tree_dump(struct buf *out, const struct tree_node *root);
