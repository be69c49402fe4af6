/* artwork.h - SVG in (frames, guilloche, logos, seals), PDF drawing operators out, turned once and used for
 * ever.
 *
 * The subset of SVG 1.1 that is read: svg (viewBox with width and height in mm), g, defs, use, symbol, path,
 * rect, circle, ellipse, line, polyline, polygon, clipPath; transform; fill, stroke, stroke-width, -linecap,
 * -linejoin, -miterlimit, -dasharray, fill-rule, clip-rule, opacity, fill-opacity, stroke-opacity, as
 * attributes or in style. Flat colours only. Anything else is an error with its line. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct artwork;

enum { ARTWORK_MAX_BYTES = 4 * 1024 * 1024 };

/* Parses SVG. name is used in errors ("frame.svg, line 12: ..."). No entity, no external reference is ever
 * followed. */
MUST_CHECK int artwork_read(struct artwork **out, struct slice svg, const char *name, struct err *e);
void artwork_free(struct artwork *a);

/* Size of the picture in points (1/72 inch). */
double artwork_width(const struct artwork *a);
double artwork_height(const struct artwork *a);

/* A picture is a list of PDF form XObjects (ISO 32000-1 8.10). Form 0 is the whole picture, its space is
 * points, origin at the bottom left, y upwards; the others are its reused parts (<use>), painted by "/F<i>
 * Do". */
struct artwork_form {
    struct slice content;  /* drawing operators, uncompressed; borrowed */
    struct slice deflated; /* the same as a zlib stream (RFC 1950), for /FlateDecode; borrowed */
    double bbox[4];        /* in the form's own space */
    const int *uses;       /* indices i of the forms that the content paints as /F<i> */
    size_t use_count;
    const double *alphas; /* opacities 0..1 the content selects as /A<permille> gs, as <</ca a /CA a>>: e.g.
                             0.5 is /A500 */
    size_t alpha_count;
};
size_t artwork_form_count(const struct artwork *a);
const struct artwork_form *artwork_form(const struct artwork *a, size_t i);
