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
    const char *optional[128];
    size_t optional_count;
    struct default_value defaults[64];
    size_t default_count;
    const char *ids[64]; /* of texts that others may stand after */
    size_t id_count;
    struct artwork *artwork[32];
    const char *artwork_names[32];
    size_t artwork_count;
    struct node *body;
};

enum { TEMPLATE_MAX_BYTES = 256 * 1024, TEMPLATE_MAX_NODES = 4096, SCOPE_MAX = 4, HIDDEN_MAX = 512 };

/* One template being read. */
struct loader {
    struct template *t;
    struct fonts *fonts;
    struct err *e;
    const char *scopes[SCOPE_MAX];  /* paths of the each= around this place */
    const json_t *items[SCOPE_MAX]; /* the sample's arrays there */
    size_t scope_count;
    size_t node_count;
    struct slice hidden[HIDDEN_MAX]; /* placeholders of the Markdown being read */
    size_t hidden_count;
    int front_line; /* of the key being read */
};

/* ERR_INVALID, "certificate/template.md, line 12: ...". Returns -1. */
int load_error(struct loader *l, int line, const char *en, const char *zh, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/* Without the blanks at both ends. */
struct slice trimmed(struct slice s);

/* template_load() without the files: text is template.md, sample is adopted. fonts may be NULL: no face is
 * looked up then. */
MUST_CHECK int template_parse(struct template **out, const char *dir, struct slice text, json_t *sample,
                              struct fonts *fonts, struct err *e);

/* --- path.c: "issuer.name", ".date" (of the item of the innermost each), "." (the item itself) --- */
struct path {
    const char *text; /* as written */
    const char *const *keys;
    size_t count;
    bool relative;
    const char *pointer;   /* "/issuer/name" (RFC 6901) */
    const char *otherwise; /* front matter default, or NULL */
};
/* Parses and checks against sample, optional and defaults. */
const struct path *path_parse(struct loader *l, int line, struct slice text);

struct scope {
    const json_t *record, *item;
    const char *item_pointer;
    struct arena *arena;
    struct err *e;
};
/* The value, or NULL when absent (also null and ""); *fallback gets the default's text then, or NULL. */
const json_t *path_lookup(const struct path *p, const struct scope *s, const char **fallback);
/* JSON pointer of what p means in s; may allocate. */
const char *path_pointer(const struct path *p, const struct scope *s);

const struct condition *condition_parse(struct loader *l, int line, const char *text);
bool condition_holds(const struct condition *c, const struct scope *s);

/* --- filter.c --- */
struct filter;
/* Parses "name" or "name:\"argument\""; NULL with the error set. */
const struct filter *filter_parse(struct loader *l, int line, struct slice text, const struct filter *before);
/* Appends the value's text as the filters make it to out. from is its JSON pointer, for errors. */
MUST_CHECK int filter_apply(struct buf *out, const struct filter *f, const json_t *value,
                            const char *fallback, const char *from, struct err *e);
bool filter_is_soft(const struct filter *f);

/* --- pattern.c: fixed characters and placeholders --- */
/* text is Markdown inline (markdown true) or plain; MARK_SOFT and MARK_BREAK stand for <wbr/> and <br/>. */
#define MARK_SOFT  "\xEE\x80\x81" /* U+E001: a template's own text may hold no private-use character */
#define MARK_BREAK "\xEE\x80\x82" /* U+E002 */
/* Puts one private-use character for each placeholder, so that **{{name}}** is strong beside Chinese
 * characters too (for CommonMark a brace is punctuation) and nothing inside a placeholder is Markdown. */
MUST_CHECK int placeholders_hide(struct loader *l, int line, struct slice text, struct buf *out);
const struct pattern *pattern_parse(struct loader *l, int line, const char *text, bool markdown);
/* The inline content of a CommonMark block. */
struct cmark_node;
const struct pattern *pattern_of_block(struct loader *l, int first_line, struct cmark_node *block);
MUST_CHECK int pattern_bind(struct tree_text *out, const struct pattern *p, const struct scope *s);
void pattern_literals(const struct pattern *p, const char *family, bool bold, literal_visitor *visit,
                      void *arg);

/* --- front.c --- */
/* Reads the front matter; *body gets what follows it, *body_line the line where that begins. */
MUST_CHECK int front_read(struct loader *l, struct slice file, struct slice *body, int *body_line);
bool color_parse(const struct template *t, const char *text, uint32_t *rgb);

/* --- body.c, element.c --- */
struct node *node_new(struct loader *l, enum node_kind kind, int line);
/* Appends the blocks of text to parent. */
MUST_CHECK int body_read(struct loader *l, struct slice text, int line, struct node *parent);
/* Reads one element from XML text that starts at line; appends it to parent. */
MUST_CHECK int element_read(struct loader *l, struct slice xml, int line, struct node *parent);
/* NODE_BODY when no element has that name. */
enum node_kind element_kind(struct slice name);
void node_append(struct node *parent, struct node *child);
