/* font.h - the faces text is set in: which face has a character, how wide it is, how its outline runs, and
 * the subset that goes into a document.
 *
 * Families are named as the field names them: "song" (Noto Serif CJK SC), "hei" (Noto Sans CJK SC), "kai"
 * (LXGW WenKai), each regular and bold. Rare characters fall back (kai, BabelStone Han, HanaMin B) by the
 * order of fonts.json. Opened once, used for ever; one struct fonts serves one thread. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

struct fonts; /* every face of the installation */
struct face;  /* one face; lives as long as its struct fonts */

/* Opens what dir/fonts.json names (dir: share_path("fonts")). Working faces are opened at once, full and
 * fallback faces only when a character needs them. ERR_INTERNAL names a missing font file and its Debian
 * package. */
MUST_CHECK int fonts_open(struct fonts **out, const char *dir, struct err *e);
void fonts_close(struct fonts *fonts);
/* The same again for another thread, at any time; either may be closed first. Files, tables and what makes
 * subsets quick (tens of MB, read only) are shared from now on, whoever opens them; nothing that changes is.
 */
MUST_CHECK int fonts_open_beside(struct fonts **out, const struct fonts *first, struct err *e);

/* The face of a family and weight, or NULL if there is no such family. */
const struct face *fonts_lookup(const struct fonts *fonts, const char *family, bool bold);
/* The face that has a glyph for cp: wanted itself, else the first of its fallbacks; NULL if none has.
 * Control, private-use, surrogate and default-ignorable code points (bidi, ZWJ, variation selectors) have
 * none by definition. */
const struct face *fonts_cover(struct fonts *fonts, const struct face *wanted, uint32_t cp);

/* Advance width in 1/1000 em; 0 if the face lacks it. */
double face_advance(const struct face *face, uint32_t cp);
/* A stable small number below fonts_count(), and the PostScript name ("NotoSerifCJKsc-Bold"). */
int face_index(const struct face *face);
int fonts_count(const struct fonts *fonts);
const char *face_name(const struct face *face);

/* What a PDF font descriptor needs, in 1/1000 em. */
struct face_metrics {
    double ascent, descent, cap_height, stem_v, bbox[4];
    bool serif, bold;
};
void face_metrics(const struct face *face, struct face_metrics *out);

/* An outline as SVG path data in em units scaled by `scale`, y downwards, origin at the baseline: for seals
 * and for pages of devices that lack the character. ERR_NOT_FOUND if the face lacks it. */
MUST_CHECK int face_outline(struct buf *svg_path, const struct face *face, uint32_t cp, double scale,
                            struct err *e);

enum font_program_kind {
    FONT_CFF /* bare CFF, for FontFile3 /CIDFontType0C */,
    FONT_TRUETYPE /* sfnt, for FontFile2 */
};

struct subset_glyph {
    uint32_t cp;
    uint16_t code;  /* two-byte code under Identity-H */
    double advance; /* 1/1000 em */
};

/* A font program with just these characters, ready to embed. */
struct subset {
    enum font_program_kind kind;
    struct buf program;
    struct subset_glyph *glyphs; /* sorted by code */
    size_t count;
};

/* Subsets face to the count distinct code points at cps (sorted ascending; all covered by face). The same set
 * gives the same bytes. Dispose with subset_dispose(). */
MUST_CHECK int face_subset(struct subset *out, const struct face *face, const uint32_t *cps, size_t count,
                           struct err *e);
void subset_dispose(struct subset *s);
