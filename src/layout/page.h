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
    const char *label; /* what readers call the page (封面); NULL: its number */
};

/* A bookmark (outline entry), in the order of the document. */
struct bookmark {
    int level; /* 1 is a part of the document, 2 a part of that */
    const char *title;
    size_t page; /* from 0 */
    double y;    /* mm */
};

enum { CAPACITY_SIZES = 3 };

/* What a seal field takes: whoever seals it later needs no template. All positions on the page, mm. */
struct seal_field {
    const char *role;
    size_t page;    /* from 0 */
    struct box box; /* of the signature field */
    double seal_x, seal_y, diameter;
    bool statement;                  /* an opinion field: the members below mean something */
    double opinion_y, opinion_end;   /* opinion from here; its last line ends above */
    double left, measure;            /* full lines */
    double zone_y, narrow;           /* lines whose bottom is below zone_y are so narrow */
    double sign_x, sign_y;           /* end of 负责人：, middle of its line; sign_x 0: nobody signs */
    double stamp_y, name_y, date_y;  /* middles of the lines of （公章）, the office's name, the date */
    double name_width;               /* the office's name is centred on seal_x */
    double name_size;                /* pt, at most */
    size_t capacity[CAPACITY_SIZES]; /* Chinese characters of opinion at 10.5, 9 and 8 pt */
};

struct pages {
    const struct page *list;
    size_t count;
    const struct bookmark *bookmarks;
    size_t bookmark_count;
    const struct seal_field *fields; /* every seal field of the document, also those not asked for */
    size_t field_count;
    bool duplex; /* made to be printed on both sides */
};

/* Characters set in one face: what the fixed wording of a template needs. */
struct face_usage {
    const struct face *face;
    const uint32_t *cps; /* any order, repeats allowed */
    size_t count;
};
