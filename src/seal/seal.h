/* seal.h - an office's seal as everybody may see it: picture, name, owner, chain. The key is the signer's
 * (sign/signer.h). */
#pragma once
#include "artwork/artwork.h"
#include "base/buf.h"
#include "base/err.h"
#include "font/font.h"

/* seals/<id>/ in the data directory: seal.json (id, name, owner, kind, diameter_mm, test), chain.pem (leaf
 * first), picture.svg or picture.png. */
struct seal {
    char id[33];             /* 32 lower-case hex digits */
    char name[128];          /* what the office calls it */
    char owner[256];         /* full name of the office, 测试 included */
    double diameter;         /* mm; 0 for the service's own, which has no picture */
    bool test;               /* its chain ends in the local test CA */
    bool service;            /* the service's own, for documents without an office's seal */
    struct artwork *picture; /* from picture.svg; NULL if none */
    struct buf png;          /* else the picture.png as imported; empty if none */
    struct buf chain_der[4]; /* DER of leaf, then issuers without the root */
    size_t chain_count;
};

/* Loads data_dir/seals/<id>. ERR_NOT_FOUND. Free with seal_free(). */
MUST_CHECK int seal_load(struct seal **out, const char *data_dir, const char *id, struct err *e);
void seal_free(struct seal *s);

struct seal_drawing {
    const char *arc;   /* 6 to 34 characters, after （测试） was taken off */
    const char *line;  /* below the star, or NULL */
    double diameter;   /* mm: 30 to 50 */
    const char *color; /* "#E60012" */
};

/* Draws a round seal (ring, star, arc text) as SVG; the construction is described in seals/README.md. */
MUST_CHECK int seal_draw(struct buf *svg, const struct seal_drawing *d, struct fonts *fonts, struct err *e);
