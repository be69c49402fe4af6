/* template_internal.h - what the files of this room share. */
#pragma once
#include "template/tree.h"

struct default_value {
    const char *path, *value;
};

struct template
{
    struct arena arena;
    char *dir, *name;
    json_t *sample;
    struct page_setup page;
    const struct pattern *title;
    bool sealable, has_blank;
    enum unsealed unsealed;
    const char *roles[16];
    size_t role_count;
    const char *colors[64]; /* names; values beside them */
    uint32_t color_values[64];
    size_t color_count;
    const char *optional[256];
    size_t optional_count;
    struct default_value defaults[128];
    size_t default_count;
    const char *ids[64]; /* of texts that others may stand after */
    size_t id_count;
    struct artwork *artwork[32];
    const char *artwork_names[32];
    size_t artwork_count;
    struct node *body;
};

enum { TEMPLATE_MAX_BYTES = 256 * 1024, TEMPLATE_MAX_NODES = 4096, SCOPE_MAX = 4, HIDDEN_MAX = 512 };
/* Of what filters make: a whole record as one text, and what a template puts between its parts. */
enum { VALUE_MAX_BYTES = 4 * JSON_MAX_BYTES };

/* One template.md. What is read from it is known by its offset there: "at" in this room. */
struct source {
    const char *name, *dir;
    struct slice text;
    size_t known_at; /* a place whose line was counted, to count on from */
    int known_line;
};

/* One template being read. */
struct loader {
    struct template *t;
    struct fonts *fonts;
    struct err *e;
    struct template_place *place; /* of the mistake; may be NULL */
    struct source own, base;      /* base: what like: names; no text without it */
    struct source *source;        /* the one being read now */
    struct {
        struct source *source;
        size_t at;
    } weaker;                      /* the front matter's last line that makes of it no certificate */
    size_t cursor;                 /* behind the start tag that was read last */
    const char *scopes[SCOPE_MAX]; /* whole paths of the each= around this place */
    json_t *items[SCOPE_MAX];      /* all that the sample has in those lists; ours */
    size_t scope_count;
    size_t cell_depth; /* how many <td> and <th> are around this place */
    size_t node_count;
    struct slice hidden[HIDDEN_MAX]; /* placeholders of the Markdown being read */
    size_t hidden_count;
};

/* --- source.c: places in the text, and errors that tell them --- */
/* ERR_INVALID, "certificate/template.md, line 12, column 7: ...". Returns -1. */
int load_error(struct loader *l, size_t at, const char *en, const char *zh, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
/* Line of an offset, from 1; offset where a line begins. */
int source_line(struct loader *l, size_t at);
size_t source_line_start(struct loader *l, int line);
/* Where text stands at or behind from; from itself when it does not stand there as it is. */
size_t source_find(const struct loader *l, size_t from, struct slice text);
/* Offset of a part of the source. */
size_t source_offset(const struct loader *l, struct slice part);
/* Behind the tag whose '<' is before at; SIZE_MAX when it does not end. Behind the element that begins at at.
 */
size_t tag_end(struct slice s, size_t at);
size_t element_end(struct slice s, size_t at);
bool slice_starts(struct slice s, size_t at, const char *text);
/* A blank, a tab or the end of a line. */
bool is_blank(uint8_t c);
/* Without the blanks at both ends. */
struct slice trimmed(struct slice s);

/* What somebody may have meant: of all the names tried, the nearest one if it is near. */
struct nearest {
    struct slice wanted;
    size_t distance;
    char best[80];
    char en[120], zh[120]; /* after nearest_end: " Did you mean issuer.name?", or nothing */
};
void nearest_begin(struct nearest *n, struct slice wanted);
void nearest_try(struct nearest *n, struct slice candidate);
void nearest_end(struct nearest *n);

/* --- load.c --- */
/* template_load() and template_load_placed() without the files: text is template.md, sample is adopted. fonts
 * may be NULL: no face is looked up then. A template that like: names is read from beside dir. */
MUST_CHECK int template_parse(struct template **out, const char *dir, struct slice text, json_t *sample,
                              struct fonts *fonts, struct err *e);
MUST_CHECK int template_parse_placed(struct template **out, const char *dir, struct slice text,
                                     json_t *sample, struct fonts *fonts, struct template_place *place,
                                     struct err *e);
/* Whether every character is one that a template may hold. */
MUST_CHECK int source_check(struct loader *l);

/* --- path.c: "issuer.name", ".date" (of the item of the innermost each), "." (the item itself), "@index" ---
 */
enum builtin { BUILTIN_NONE, BUILTIN_INDEX, BUILTIN_VERSION, BUILTIN_DRAFT, BUILTIN_VOID, BUILTIN_BLANK };

struct path {
    const char *text; /* as written */
    const char *full; /* with the each= around it */
    const char *const *keys;
    size_t count;
    bool relative;
    enum builtin builtin;
    const char *pointer;   /* "/issuer/name" (RFC 6901) */
    const char *otherwise; /* front matter default, or NULL */
};
/* Parses and checks against sample, optional and defaults. */
const struct path *path_parse(struct loader *l, size_t at, struct slice text);

struct scope {
    const json_t *record, *item;
    const char *item_pointer;
    size_t index; /* of the item, from 1; 0: none */
    bool filler;  /* the item is missing: a row made because of least= */
    bool blank;
    const char *edition;
    struct arena *arena;
    struct err *e;
};
/* The value, or NULL when absent (also null and ""); *fallback gets the text that stands for it then (a
 * default, what the program says), or NULL. */
const json_t *path_lookup(const struct path *p, const struct scope *s, const char **fallback);
/* JSON pointer of what p means in s; may allocate. NULL for what no record says. */
const char *path_pointer(const struct path *p, const struct scope *s);
/* Goes into the list that p names, for the element being read; leaves it again. */
MUST_CHECK int path_enter(struct loader *l, size_t at, const struct path *p);
void path_leave(struct loader *l);

const struct condition *condition_parse(struct loader *l, size_t at, const char *text);
bool condition_holds(const struct condition *c, const struct scope *s);

/* --- filter.c, numeral.c --- */
struct filter;
/* What filters are given. */
struct filtered {
    const json_t *value;
    const char *fallback; /* where there is no value; or NULL */
    const char *from;     /* JSON pointer, for errors */
    bool silent;          /* default: says nothing */
    struct err *e;
};
/* Parses "name" or "name:\"argument\""; NULL with the error set. */
const struct filter *filter_parse(struct loader *l, size_t at, struct slice text,
                                  const struct filter *before);
/* Appends the value's text as the filters make it to out. */
MUST_CHECK int filter_apply(struct buf *out, const struct filter *f, const struct filtered *in);
bool filter_is_soft(const struct filter *f);
bool filter_is_line(const struct filter *f);
enum numeral_kind { NUMERAL_CHINESE, NUMERAL_CAPITALS };
/* false when text is no whole number below 10^12. */
bool numeral_append(struct buf *out, enum numeral_kind kind, const char *text);

/* --- pattern.c: fixed characters and placeholders --- */
/* text is Markdown inline (markdown true) or plain; these marks stand for <wbr/>, <br/>, <u> and </u>: a
 * template's own text may hold no private-use character. */
#define MARK_SOFT    "\xEE\x80\x81" /* U+E001 */
#define MARK_BREAK   "\xEE\x80\x82" /* U+E002 */
#define MARK_LINE    "\xEE\x80\x83" /* U+E003 */
#define MARK_NO_LINE "\xEE\x80\x84" /* U+E004 */
/* Puts one private-use character for each placeholder, so that **{{name}}** is strong beside Chinese
 * characters too (for CommonMark a brace is punctuation) and nothing inside a placeholder is Markdown. */
MUST_CHECK int placeholders_hide(struct loader *l, size_t at, struct slice text, struct buf *out);
const struct pattern *pattern_parse(struct loader *l, size_t at, const char *text, bool markdown);
/* The inline content of a CommonMark block. */
struct cmark_node;
const struct pattern *pattern_of_block(struct loader *l, size_t at, struct cmark_node *block);
MUST_CHECK int pattern_bind(struct tree_text *out, const struct pattern *p, const struct scope *s);
void pattern_literals(const struct pattern *p, const char *family, bool bold, literal_visitor *visit,
                      void *arg);

/* --- front.c, page.c --- */
/* Reads the front matter, of what like: names first; *body gets what follows it. l->source is then the file
 * that body is of. */
MUST_CHECK int front_read(struct loader *l, struct slice *body);
bool color_parse(const struct template *t, const char *text, uint32_t *rgb);
/* "10", "10 20", "10 20 30 40" as CSS has them; false when it is nothing of the kind. */
bool margins_parse(double margin[4], const char *text);
/* "song bold 22/31 center tracking 0.12". */
bool heading_parse(struct style *style, const char *text);
/* "14/27 13/25". */
bool steps_parse(struct type_step *steps, size_t *count, const char *text);
bool number_parse(const char *text, double *out, const char **end);

/* --- certificate.c --- */
/* After front matter and body: a page that is a certificate's by its look must be one for the program too. */
MUST_CHECK int certificate_check(struct loader *l);

/* --- body.c, element.c --- */
struct node *node_new(struct loader *l, enum node_kind kind, size_t at);
/* Appends the blocks of a part of the source to parent. */
MUST_CHECK int body_read(struct loader *l, struct slice text, struct node *parent);
/* Appends the Markdown blocks of text, which stands from at on, to parent; what is only a paragraph becomes
 * the parent's own text where alone. */
MUST_CHECK int markdown_read(struct loader *l, struct slice text, size_t at, struct node *parent, bool alone);
/* Reads the element from XML, a part of the source; appends it to parent. */
MUST_CHECK int element_read(struct loader *l, struct slice xml, struct node *parent);
void node_append(struct node *parent, struct node *child);
