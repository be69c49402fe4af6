/* artwork_internal.h - what the files of this room share: places for errors, numbers, outlines, styles,
 * forms. */
#pragma once
#include "artwork/artwork.h"
#include <libxml/hash.h>
#include <libxml/tree.h>

/* What one picture may hold. A picture is drawn on every page, so these are far above any frame or seal and
 * far below what would keep a viewer busy. */
enum {
    ARTWORK_MAX_ELEMENTS = 50000,
    ARTWORK_MAX_DEPTH = 64,        /* nested elements */
    ARTWORK_MAX_SAVES = 20,        /* q inside q, of the 28 that ISO 19005-2 6.1.13 allows a page */
    ARTWORK_MAX_USE_DEPTH = 8,     /* a use in the target of a use ... */
    ARTWORK_MAX_FORMS = 256,       /* distinct targets of use */
    ARTWORK_MAX_SEGMENTS = 200000, /* written */
    ARTWORK_MAX_PAINTED = 2000000, /* drawn, each use of a form counted */
    ARTWORK_MAX_DASHES = 16,
};
#define ARTWORK_MAX_NUMBER 1e6 /* coordinates and factors beyond are mistakes */

/* Where in the file a value stands, for errors. */
struct place {
    const char *file;
    long line;
    const char *element;   /* or NULL */
    const char *attribute; /* or NULL */
};
/* "frame.svg, line 12, <path> d: " and the reason. Both reasons may use %s once, for value (clipped). */
int place_err(const struct place *p, struct err *e, const char *value, const char *en, const char *zh);

/* x' = a x + c y + e, y' = b x + d y + f */
struct matrix {
    double a, b, c, d, e, f;
};
extern const struct matrix MATRIX_IDENTITY;
/* First inner, then outer. */
struct matrix matrix_multiply(struct matrix inner, struct matrix outer);
void matrix_apply(const struct matrix *m, double *x, double *y);
bool matrix_is_identity(const struct matrix *m);
/* How many times longer a length becomes, at most. */
double matrix_norm(const struct matrix *m);

/* A text being read from left to right. */
struct scan {
    const char *at;
};
void scan_space(struct scan *s);                  /* white space */
void scan_comma(struct scan *s);                  /* white space and at most one comma */
bool scan_end(struct scan *s);                    /* nothing but white space is left */
bool scan_word(struct scan *s, const char *word); /* eats it if it is next */
/* A number of SVG (no hexadecimal, no infinity), at most ARTWORK_MAX_NUMBER in size. */
bool scan_number(struct scan *s, double *out);
/* A number with px, pt, mm, cm, in or nothing, in user units (CSS px, 1/96 inch). */
bool scan_length(struct scan *s, double *out);
/* A value of transform. false where it is not one. */
bool matrix_parse(struct matrix *out, const char *text);

/* Straight lines and Bezier curves, absolute. */
enum outline_op { OUTLINE_MOVE, OUTLINE_LINE, OUTLINE_CURVE, OUTLINE_CLOSE, OUTLINE_RECT };
struct outline_segment {
    enum outline_op op;
    double p[6]; /* MOVE, LINE: x y; CURVE: three points; RECT: x y w h */
};
struct outline {
    struct outline_segment *list;
    size_t count, room, max;
    double x, y;             /* current point */
    double start_x, start_y; /* of the subpath */
    bool failed;             /* more than max, or no memory */
};
void outline_init(struct outline *o, size_t max);
void outline_dispose(struct outline *o);
void outline_move(struct outline *o, double x, double y);
void outline_line(struct outline *o, double x, double y);
void outline_curve(struct outline *o, double x1, double y1, double x2, double y2, double x, double y);
void outline_close(struct outline *o);
void outline_rect(struct outline *o, double x, double y, double w, double h, double rx, double ry);
void outline_ellipse(struct outline *o, double cx, double cy, double rx, double ry);
/* The arc of SVG's A command from the current point (SVG 1.1 F.6). */
struct arc {
    double rx, ry, rotation; /* degrees */
    bool large, sweep;
    double x, y;
};
void outline_arc(struct outline *o, const struct arc *arc);
void outline_transform(struct outline *o, const struct matrix *m);
/* Appends the path data d. */
int outline_path(struct outline *o, const char *d, const struct place *p, struct err *e);
/* Appends the points of polyline and polygon. */
int outline_points(struct outline *o, const char *points, const struct place *p, struct err *e);

/* The document as XML. */
struct check {
    const char *file;
    xmlHashTable *ids; /* id to xmlNode, filled by document_check() */
    size_t elements;
};
/* Refuses every element and attribute that is not of the subset. */
int document_check(struct check *c, const xmlDoc *doc, struct err *e);
struct place element_place(const char *file, const xmlNode *node);
bool element_is(const xmlNode *node, const char *name);
bool element_is_comment(const xmlNode *node); /* title, desc, metadata */
/* The value, or NULL; href is also found as xlink:href. Only after document_check(). */
const char *attribute_lookup(const xmlNode *node, const char *name);
const char *attribute_text(const xmlAttr *a);

enum paint_kind { PAINT_NONE, PAINT_RGB, PAINT_CURRENT };
struct paint {
    enum paint_kind kind;
    uint32_t rgb;
};
/* The properties that children inherit. */
struct style {
    struct paint fill, stroke;
    uint32_t color; /* what currentColor means */
    double width, miter, dash[ARTWORK_MAX_DASHES], dash_offset;
    int dash_count, cap, join;
    bool fill_evenodd, clip_evenodd;
    double fill_alpha, stroke_alpha;
};
/* The properties that they do not. */
struct own_style {
    double opacity;
    char clip[128]; /* id, "" for none */
    bool hidden;    /* display: none */
};
void style_init(struct style *s);
bool style_equal(const struct style *a, const struct style *b);
/* Whether this is a property that style_set() knows. */
bool style_known(const char *property);
int style_set(struct style *s, struct own_style *own, const char *property, const char *value,
              const struct place *p, struct err *e);
/* The value of a style attribute. */
int style_declarations(struct style *s, struct own_style *own, const char *text, const struct place *p,
                       struct err *e);

/* The graphics state as the content has set it so far (unknown at first: a form inherits its caller's). */
struct graphics {
    int64_t fill, stroke; /* -1: unknown */
    double width, miter;  /* -1: unknown */
    int cap, join;        /* -1: unknown */
    int dash_count;       /* -1: unknown */
    double dash[ARTWORK_MAX_DASHES], dash_offset;
    int alpha; /* permille; callers see to it that a form begins with 1000 */
};
/* A form being written. */
struct form {
    struct artwork_form pub;
    struct buf content, deflated;
    int *uses;
    double *alphas;
    const xmlNode *target; /* NULL for the whole picture */
    struct style style;    /* inherited by the target from the use */
    bool open;             /* still being written: a use of it now is a cycle */
    double scale;          /* points a unit of this form, where it is first used */
    double painted;        /* segments drawn by one use of it */
    struct matrix ctm;     /* from where the writer stands to the form's own space */
    struct graphics now;
    double bbox[4];
    bool bbox_set;
};
struct form *form_new(const xmlNode *target, const struct style *style, double scale);
void form_free(struct form *f);
/* q, and the state to give back to form_restore(). */
struct form_saved {
    struct matrix ctm;
    struct graphics now;
};
void form_save(struct form *f, struct form_saved *saved);
void form_restore(struct form *f, const struct form_saved *saved);
void form_concat(struct form *f, const struct matrix *m);
void form_clip(struct form *f, const struct outline *o, bool evenodd);
/* -1 only without memory. */
MUST_CHECK int form_paint(struct form *f, const struct outline *o, const struct style *s, double opacity);
MUST_CHECK int form_use(struct form *f, const struct form *used, int index);
/* Compresses the content and fills pub. */
MUST_CHECK int form_finish(struct form *f, struct err *e);

struct artwork {
    struct form *forms[ARTWORK_MAX_FORMS];
    size_t count;
    double width, height; /* pt */
};

/* Writes the picture of a parsed document into a. */
int artwork_draw(struct artwork *a, xmlDoc *doc, const char *name, struct err *e);
