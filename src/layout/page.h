/* page.h - what layout hands to pdf: pages with things at positions.
 *
 * Millimetres, origin at the top left of the page, y downwards; type sizes in points. Items are painted in
 * their order. Everything is borrowed from the arena of the layout and from the template. */
#pragma once
#include "artwork/artwork.h"
#include "font/font.h"
#include "image/qr.h"

struct color {
    uint8_t r, g, b;
};

struct glyph_at {
    uint32_t cp;
    float dx; /* mm from the run's x to this glyph's origin, along the baseline */
};

/* One line of text in one face, size and colour. */
struct text_run {
    const struct face *face; /* has every glyph of the run (fonts_cover) */
    double size;             /* pt */
    struct color color;
    double x, baseline; /* mm */
    double angle;       /* degrees counter-clockwise about (x, baseline) */
    double alpha;       /* 1 is opaque */
    const struct glyph_at *glyphs;
    size_t count;
};

struct box {
    double x, y, w, h; /* mm */
};

enum item_kind {
    ITEM_TEXT,
    ITEM_FILL,    /* box filled with color; rules and table lines are fills, never strokes */
    ITEM_STROKE,  /* box outlined, line width mm centred on its edge */
    ITEM_PHOTO,   /* JPEG of photo_crop() stretched over box */
    ITEM_QR,      /* modules in box, quiet zone of 4 modules inside it; the plate is a fill of its own */
    ITEM_ARTWORK, /* picture stretched over box */
    ITEM_FIELD    /* signature field over box (zero size: invisible) */
};

struct item {
    enum item_kind kind;
    struct box box;
    struct color color;
    double line; /* ITEM_STROKE, mm */
    union {
        struct text_run text;
        struct slice jpeg;
        const struct qr *qr;
        const struct artwork *artwork;
        const char *field; /* name of the signature field, ASCII: the seal's role */
    } u;
};

struct page {
    double width, height; /* mm */
    const struct item *items;
    size_t count;
};

struct pages {
    const struct page *list;
    size_t count;
};

/* Characters set in one face: what the fixed wording of a template needs. */
struct face_usage {
    const struct face *face;
    const uint32_t *cps; /* any order, repeats allowed */
    size_t count;
};
