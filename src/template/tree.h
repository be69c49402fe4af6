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
    /* elements, in the order of vocabulary.c's table */
    NODE_AREA,
    NODE_ARTWORK,
    NODE_BLOCK,
    NODE_COLUMNS,
    NODE_EDGE,
    NODE_FIELD,
    NODE_FIELDS,
    NODE_FILL,
    NODE_FIT,
    NODE_HANG,
    NODE_HEAD,
    NODE_LEAD,
    NODE_OPINION,
    NODE_PAGE_BREAK,
    NODE_PHOTO,
    NODE_QR,
    NODE_ROW,
    NODE_RULE,
    NODE_SEAL,
    NODE_SECTION,
    NODE_SIGN,
    NODE_SKIP,
    NODE_STEP,
    NODE_TABLE,
    NODE_TBODY, /* in templates only: its rows are bound in its place */
    NODE_TD,
    NODE_TEXT,
    NODE_TH,
    NODE_TR
};

enum attr_name {
    ATTR_AFTER,
    ATTR_AGAIN,
    ATTR_ALIGN,
    ATTR_BOLD,
    ATTR_BOOKMARK,
    ATTR_BREAK,
    ATTR_COLON,
    ATTR_COLOR,
    ATTR_COLSPAN,
    ATTR_CX,
    ATTR_CY,
    ATTR_D,
    ATTR_DATE_Y,
    ATTR_DY,
    ATTR_EDGE,
    ATTR_FIT,
    ATTR_FONT,
    ATTR_FOOTER,
    ATTR_FOOTER_Y,
    ATTR_FRAME,
    ATTR_FROM,
    ATTR_GAP,
    ATTR_GUTTER,
    ATTR_H,
    ATTR_ID,
    ATTR_INDENT,
    ATTR_KEEP,
    ATTR_LABEL_COLOR,
    ATTR_LABEL_SIZE,
    ATTR_LABELS,
    ATTR_LAST,
    ATTR_LEADING,
    ATTR_LEAST_PITCH,
    ATTR_LEFT,
    ATTR_LINE,
    ATTR_LINES,
    ATTR_MARGINS,
    ATTR_MAX_VERSION,
    ATTR_MIN_MODULE,
    ATTR_MIN_SIZE,
    ATTR_MIN_SIZES,
    ATTR_MIN_TRACKING,
    ATTR_NAME,
    ATTR_NAME_Y,
    ATTR_NARROW,
    ATTR_PADDING,
    ATTR_PAGE,
    ATTR_PAGE_LABEL,
    ATTR_PITCH,
    ATTR_PLATE,
    ATTR_PUSH,
    ATTR_REPEAT,
    ATTR_RIGHT,
    ATTR_ROLE,
    ATTR_ROW,
    ATTR_ROWSPAN,
    ATTR_SEAL_X,
    ATTR_SEAL_Y,
    ATTR_SIGN,
    ATTR_SIGN_X,
    ATTR_SIGN_Y,
    ATTR_SIZE,
    ATTR_SPLIT,
    ATTR_SPREAD,
    ATTR_SRC,
    ATTR_STAMP_Y,
    ATTR_STEP,
    ATTR_TO,
    ATTR_TRACKING,
    ATTR_VALIGN,
    ATTR_VERTICAL,
    ATTR_W,
    ATTR_WIDTH,
    ATTR_WIDTHS,
    ATTR_WRAP,
    ATTR_WRAP_MIN,
    ATTR_X,
    ATTR_Y,
    ATTR_ZONE,
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
    size_t at; /* offset there */
    int level; /* of a heading; of a list: 0 with bullets, else the first number */
    const struct attr *attrs;
    size_t attr_count;
    const struct condition *condition;
    bool otherwise; /* else="yes": only when the element before it came to nothing */
    const struct path *each;
    size_t least;                               /* each= makes at least so many; the rest without data */
    const struct pattern *text, *label, *value; /* value: what a QR code says instead of the address */
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
enum { STYLE_BOLD = 1, STYLE_EMPHASIS = 2, STYLE_UNDERLINE = 4 };

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
    struct tree_text text, label, value;
    size_t number;           /* of a list's item, from its list's first */
    const json_t *statement; /* of an opinion: the record's opinions.<role>, or NULL; its JSON pointer */
    const char *statement_from;
    struct tree_node *first, *next;
};

/* How text looks unless an element says otherwise. */
struct style {
    const char *family;
    double size, leading; /* pt, em */
    bool bold;
    const char *align; /* "left", "center", "right", "justify"; "text": justify where there is room for it */
    double indent;     /* of a paragraph's first line, em */
    uint32_t color;
    double tracking; /* em; negative: as the convention for headings has it, by the count of characters */
};

enum { HEADING_LEVELS = 3, EDGE_SLOTS = 3, TYPE_STEPS_MAX = 6 };

/* One size of the whole text, of which the first that keeps the document within its pages is taken. */
struct type_step {
    double size, leading; /* pt, em */
};

struct page_setup {
    double width, height, margin[4]; /* mm; top, right, bottom, left */
    struct style text, label;        /* of flowing text and values; of <th> */
    struct style heading[HEADING_LEVELS];
    const struct node *header[EDGE_SLOTS], *footer[EDGE_SLOTS]; /* left, centre, right; paragraphs, or NULL */
    double header_y, footer_y;                                  /* baselines, mm */
    double edge_size;                                           /* pt, of header and footer */
    struct type_step steps[TYPE_STEPS_MAX];                     /* fit: none: the text's own size */
    size_t step_count;
    size_t most_pages; /* pages: 0: any number */
    bool duplex;
};

/* What stands in a seal field's place is said by records as opinions.<role>: text, signer, office, date. */

const struct page_setup *template_page(const struct template *t);

/* Reads a page's size, "A4 landscape" or "297x210", in mm; false when text is none. */
bool page_size_parse(double *width, double *height, const char *text);

/* What {{@version}} says of a document that bears such a mark; {{@draft}} and {{@void}} ask for it. */
#define EDITION_DRAFT "草稿"
#define EDITION_VOID  "作废"

/* What binding asks besides the record. */
struct binding {
    const json_t *record; /* may be NULL when blank */
    bool blank;           /* no data: defaults and default:"..." keep silent too, each= makes its least */
    const char *edition;  /* EDITION_DRAFT, EDITION_VOID; NULL: 第N版 of the record's version, or nothing */
};

/* Binds a record (an object) into the template; the tree is the arena's. ERR_INVALID, with the member in
 * e->field, where a value does not suit its placeholder. */
MUST_CHECK int tree_bind(struct tree_node **out, const struct template *t, const struct binding *b,
                         struct arena *a, struct err *e);
/* Binds one node's text (a header, a footer). */
MUST_CHECK int tree_bind_text(struct tree_text *out, const struct node *node, const struct template *t,
                              const struct binding *b, struct arena *a, struct err *e);
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
