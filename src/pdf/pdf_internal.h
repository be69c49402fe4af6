/* pdf_internal.h - how the files of this room share a document under construction. */
#pragma once
#include "base/arena.h"
#include "pdf/pdf.h"
#include <hpdf.h>
#include <hpdf_doc.h>
#include <libdeflate.h>

/* ---- objects.c: indirect objects, written by libharu ---- */

/* A dictionary whose entries are written as they stand in body, and perhaps a stream. */
struct object {
    HPDF_Dict dict;
    struct slice body; /* entries without << >>; may be set until the document is saved */
    struct slice data; /* of a stream; borrowed until the document is saved */
    size_t at;         /* how far data has been read */
};

struct objects {
    HPDF_Doc doc;
    struct arena *arena;
    HPDF_STATUS first_error;
};

MUST_CHECK int objects_open(struct objects *o, struct arena *arena, struct err *e);
void objects_close(struct objects *o);
/* Adds an indirect object; NULL when there is no memory. */
struct object *object_new(struct objects *o);
struct object *object_stream_new(struct objects *o, struct slice data);
/* Writes body behind what a dictionary of libharu's already has. */
struct object *object_adopt(struct objects *o, HPDF_Dict dict);
/* A dictionary to be a value in another one. */
struct object *object_direct_new(struct objects *o);
/* Turns an existing stream of libharu's (a page's contents) into one of ours. */
bool object_adopt_stream(struct objects *o, HPDF_Dict dict, struct slice body, struct slice data);
unsigned object_id(const struct object *object);
/* Writes header, objects, cross-reference table and trailer. */
MUST_CHECK int objects_save(struct objects *o, struct buf *out, struct err *e);
int objects_failed(const struct objects *o, struct err *e);
/* Copies what was written into the arena and empties the buffer. A buffer that failed gives an empty slice.
 */
struct slice body_keep(struct objects *o, struct buf *text);

/* ---- kit.c ---- */

enum { PDF_MAX_FACES = 64, PDF_MAX_BYTES = 64 * 1024 * 1024 };

/* Appends a zlib stream (RFC 1950) of s. */
MUST_CHECK int deflate_append(struct buf *out, struct slice s, struct libdeflate_compressor *compressor,
                              struct err *e);

struct pdf_kit {
    struct libdeflate_compressor *quick;     /* for what is made for one document */
    struct libdeflate_compressor *thorough;  /* for what many share; NULL once the kit is made */
    struct embedded *statics[PDF_MAX_FACES]; /* by face_index(); NULL: none */
    struct buf profile;                      /* sRGB as a zlib stream */
};

/* ---- profile.c ---- */

/* Appends an ICC profile of sRGB, the same bytes whenever it is made. */
MUST_CHECK int profile_append(struct buf *out, struct err *e);

/* ---- embedded.c: one subset of a face, ready to go into a file ---- */

/* Characters that share a glyph (一 and its radical form) share its code too. Each code can say only one
 * character in a ToUnicode map, so the later ones get the same font under another map: variant 1, 2, ... */
struct code {
    uint32_t cp;
    uint16_t code;
    uint16_t variant;
    float advance;
};

struct embedded {
    const struct face *face;
    struct subset subset;
    struct code *codes; /* sorted by cp */
    unsigned variants;
    char name[96];        /* ABCDEF+PostScriptName */
    struct buf deflated;  /* program as a zlib stream; empty: it is stored as it is */
    struct buf widths;    /* the /W array */
    struct buf *unicodes; /* the ToUnicode maps */
};

/* cps: sorted, distinct. With a compressor, which is worth it for what is used many times, it is compressed.
 */
MUST_CHECK int embedded_new(struct embedded **out, const struct face *face, const uint32_t *cps, size_t count,
                            struct libdeflate_compressor *compressor, struct err *e);
void embedded_free(struct embedded *m);
const struct code *embedded_lookup(const struct embedded *m, uint32_t cp);
/* Sorts and drops repeats; returns how many remain. */
size_t codepoints_sort(uint32_t *cps, size_t count);
/* Adds its fonts to the document: one for each variant that used says. Their entries for the resources'
 * /Font go to resources, named "<prefix><face>v<variant>". */
void embedded_write(struct objects *o, const struct embedded *m, char prefix, const bool *used,
                    struct buf *resources);

/* ---- text.c: characters of one document ---- */

enum { MAX_VARIANTS = 8 };

struct font_use {
    const struct face *face;
    struct embedded *dynamic;
    bool used[2][MAX_VARIANTS]; /* static, dynamic */
    struct buf wanted;          /* uint32_t code points not in the kit */
};

/* ---- content.c, artwork_forms.c: what pages paint ---- */

struct xobject {
    const void *key; /* artwork or bytes of a JPEG */
    unsigned id;
    bool transparent;
};

struct field {
    const char *name;
    size_t page;
    struct box box;
};

struct document {
    struct objects objects;
    const struct pdf_kit *kit;
    struct font_use fonts[PDF_MAX_FACES];
    struct xobject *xobjects;
    size_t xobject_count, xobject_room;
    bool alphas[1001]; /* of text, in thousandths */
    unsigned alpha_ids[1001];
    struct field *fields;
    size_t field_count, field_room;
    size_t stored; /* bytes of page contents so far */
};

/* Makes the dynamic subsets of everything the pages say. */
MUST_CHECK int text_collect(struct document *d, const struct pages *pages, struct err *e);
void text_dispose(struct document *d);
void text_write_fonts(struct document *d, struct buf *resources);

/* The state a content stream is in, so that it says only what changes. */
struct canvas {
    struct buf *out;
    double height; /* pt */
    struct color fill, stroke;
    int font_face, font_kind, font_variant;
    double font_size;
    int alpha;
    bool transparent;
};

void canvas_fill_color(struct canvas *c, struct color color);
void canvas_numbers(struct buf *out, const double *values, size_t count, int decimals);
MUST_CHECK int text_paint(struct canvas *c, struct document *d, const struct text_run *run, struct err *e);
/* Appends the page's drawing operators. */
MUST_CHECK int content_paint(struct buf *out, struct document *d, const struct page *page, size_t number,
                             bool *transparent, struct err *e);

MUST_CHECK int artwork_form_add(struct document *d, const struct artwork *artwork, unsigned *name,
                                bool *transparent, struct err *e);
MUST_CHECK int photo_add(struct document *d, struct slice jpeg, unsigned *name, struct err *e);
/* The object id of the graphics state with that opacity, made when first asked for; 0 without memory. */
unsigned alpha_object(struct document *d, int permille);

/* ---- metadata.c ---- */

/* Appends a text string (ISO 32000-1, 7.9.2.2) in UTF-16BE, in hexadecimal. */
void text_string(struct buf *out, const char *text);
MUST_CHECK int metadata_write(struct objects *o, const struct pdf_info *info, const struct pdf_kit *kit,
                              bool duplex, struct err *e);

/* ---- outline.c ---- */

/* page_ids: the pages' object numbers. */
MUST_CHECK int outline_write(struct objects *o, const struct pages *pages, const unsigned *page_ids,
                             struct err *e);
MUST_CHECK int labels_write(struct objects *o, const struct pages *pages, struct err *e);
