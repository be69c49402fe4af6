/* seal_internal.h - the measures of a drawn seal, in mm and degrees. */
#pragma once
#include "seal/seal.h"

enum { SEAL_ARC_LEAST = 6, SEAL_ARC_MOST = 34, SEAL_LINE_MOST = 8 };

struct seal_geometry {
    double diameter;
    double ring;                    /* width of the ring */
    double star;                    /* diameter of the star's points */
    double gap;                     /* between ring and characters */
    double char_height, char_width; /* of the arc's characters */
    double radius;                  /* to their middle */
    double span, step;              /* angle from the first to the last, and from one to the next */
    double line_height, line_char_width, line_cell, line_drop; /* drop: its middle below the centre */
};
/* For a seal of 30 to 50 mm with so many characters in the arc (at least 2) and below the star (or 0). */
void seal_geometry(struct seal_geometry *g, double diameter, size_t arc, size_t line);

/* Judges the head of a PNG only, which costs nothing. */
MUST_CHECK int png_head_check(struct slice png, struct err *e);
