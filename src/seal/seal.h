/* seal.h - an office's seal as everybody may see it: picture, name, owner, chain. The key is the signer's
 * (sign/signer.h). */
#pragma once
#include "artwork/artwork.h"
#include "base/buf.h"
#include "base/err.h"
#include "font/font.h"

enum { SEAL_MAX_PICTURE = 2 * 1024 * 1024, SEAL_MAX_PIXELS_A_SIDE = 2000, SEAL_MAX_CHAIN = 4 };

/* seals/<id>/ in the data directory: seal.json (id, name, owner, kind, diameter_mm, test), chain.pem (leaf
 * first), picture.svg or picture.png. kind is "office" or "service". */
struct seal {
    char id[33];                          /* 32 lower-case hex digits */
    char name[128];                       /* what the office calls it */
    char owner[256];                      /* full name of the office, 测试 included */
    double diameter;                      /* mm; 0 for the service's own, which has no picture */
    bool test;                            /* its chain ends in the local test CA */
    bool service;                         /* the service's own, for documents without an office's seal */
    struct artwork *picture;              /* from picture.svg; NULL if none */
    struct buf png;                       /* else the picture.png as imported; empty if none */
    struct buf chain_der[SEAL_MAX_CHAIN]; /* DER of leaf, then issuers without the root */
    size_t chain_count;
};

/* Loads data_dir/seals/<id>. ERR_NOT_FOUND. Free with seal_free(). */
MUST_CHECK int seal_load(struct seal **out, const char *data_dir, const char *id, struct err *e);
void seal_free(struct seal *s);

/* A picture somebody wants as a seal, decoded to its end: SVG as artwork_read() takes it and about square, or
 * PNG of 8 bits a channel and at most 2000 by 2000 pixels. *is_svg says which. */
MUST_CHECK int seal_picture_check(bool *is_svg, struct slice picture, struct err *e);

struct seal_drawing {
    const char *arc;   /* 6 to 34 characters (seal_name_arc) */
    const char *line;  /* below the star, 1 to 8 characters; NULL or "" for none */
    double diameter;   /* mm: 30 to 50 */
    const char *color; /* "#E60012" */
    bool test; /* 测试 must show: if neither arc nor line has it, it becomes the line, or with another
                  line the end of the arc */
};

/* The name of an office as it stands in the arc: without a （测试） or (测试) at its end, which belongs below
 * the star. Returns whether there was one. Cut to size - 1 bytes, between characters. */
bool seal_name_arc(char *arc, size_t size, const char *owner);

/* Whether the seal is this office's own: a mark for tests behind either name does not count. */
bool seal_belongs(const struct seal *s, const char *office);

/* Draws a round seal (ring, star, arc text) as SVG; the construction is described in seals/README.md.
 * ERR_INVALID names what does not fit, or the character that no font has. */
MUST_CHECK int seal_draw(struct buf *svg, const struct seal_drawing *d, struct fonts *fonts, struct err *e);
