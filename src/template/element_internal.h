/* element_internal.h - what the files that read elements share. */
#pragma once
#include "template/template_internal.h"

enum attr_type {
    TYPE_NUMBER,
    TYPE_AMOUNT,   /* a number from 0 on */
    TYPE_MEASURE,  /* a number above 0 */
    TYPE_COUNT,    /* a whole number from 1 on */
    TYPE_SPAN,     /* a whole number from 0 on */
    TYPE_SIZE,     /* of type, pt */
    TYPE_LEADING,  /* em from line to line */
    TYPE_TRACKING, /* em between characters */
    TYPE_NUMBERS,
    TYPE_AMOUNTS,
    TYPE_SIZES,
    TYPE_SHARES,
    TYPE_MARGINS,
    TYPE_COLOR,
    TYPE_YES,
    TYPE_WORD,
    TYPE_FONT,
    TYPE_PAGE,
    TYPE_STEPS
};

enum content { EMPTY, INLINE, CHILDREN, BODY, CELL };

/* words: what a TYPE_WORD may say, between bars; NULL: anything. */
struct attr_spec {
    const char *name;
    enum attr_type type;
    const char *words;
};

struct element_spec {
    const char *name, *may, *must;
    uint64_t children;
    enum content content;
    enum { NEITHER, MAY, MUST } label, value;
};

/* --- vocabulary.c --- */
extern const struct attr_spec attr_specs[ATTR_COUNT];
const struct element_spec *element_spec(enum node_kind kind);
/* Kinds that can stand in one, as bits. */
uint64_t element_children(enum node_kind parent);
/* NODE_BODY when no element has that name. */
enum node_kind element_kind(struct slice name);
/* -1 when no attribute has that name. */
int attr_find(const char *name);
/* Takes the next word of a list; false at its end. */
bool words_next(const char **list, struct slice *word);
bool words_have(const char *list, const char *name);
int element_unknown(struct loader *l, size_t at, struct slice name);
/* The name in "<name ...". */
struct slice tag_name(struct slice xml);

/* Whether the tags from the element on that text begins with end as they began, up to its end: an error at
 * the one that does not. */
int nesting_check(struct loader *l, struct slice text);

/* --- attributes.c --- */
/* Where an attribute of the tag at `at` stands; the tag's own place when it has none of that name. */
struct attr_place {
    size_t name, value;
};
struct attr_place attr_at(const struct loader *l, size_t at, const char *name);
struct _xmlNode;
MUST_CHECK int attributes_read(struct loader *l, struct node *n, const struct _xmlNode *x);
int attribute_wrong(struct loader *l, size_t at, const char *name, const char *value);

/* --- check.c --- */
/* What an element means to the whole template, and whether what is in it can stand there. */
MUST_CHECK int element_settle(struct loader *l, struct node *n, const struct node *parent);
MUST_CHECK int children_check(struct loader *l, const struct node *parent);
