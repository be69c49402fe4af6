/* subset.c - a font program with just the characters of one document. */
#include "font/font_internal.h"
#include <stdlib.h>

enum { MAX_PROGRAM = 32 * 1024 * 1024 };

static int failed(const struct face *face, struct err *e)
{
    return err_set(e, ERR_INTERNAL, "The font %s cannot be subset; reinstall the Debian package %s.",
                   "无法对字体 %s 取子集，请重新安装 Debian 软件包 %s。", face->postscript, face->package);
}

/* The working face if it has all of them, else the full one; NULL if neither can be had. */
static struct source *choose_source(const struct face *face, const uint32_t *cps, size_t count, struct err *e)
{
    bool full = face->working_path == NULL;

    for (size_t i = 0; i < count; i++) {
        enum where where = (enum where)face_entry(face, cps[i]).where;

        if (where == WHERE_NOWHERE) {
            (void)failed(face, e);
            return NULL;
        }
        full = full || where == WHERE_FULL;
    }
    if (full)
        return face_open_full(face, e) == 0 ? &face->state->full : NULL;
    if (face_open_working(face, e) != 0)
        return NULL;
    source_prepare(&face->state->working);
    return &face->state->working;
}

static hb_codepoint_t glyph_of(const struct source *s, uint32_t cp)
{
    hb_codepoint_t glyph = 0;

    (void)hb_font_get_nominal_glyph(s->font, cp, &glyph);
    return glyph;
}

static int by_code(const void *a, const void *b)
{
    const struct subset_glyph *x = a, *y = b;

    if (x->code != y->code)
        return x->code < y->code ? -1 : 1;
    return (x->cp > y->cp) - (x->cp < y->cp);
}

/* Codes are the font's own character identifiers in CFF, which a subset keeps, and the new glyph numbers
 * in glyf, which keep the order of the old ones: either way the same from a working and from a full face. */
static int assign_codes(struct subset *out, const struct face *face, const struct source *s,
                        const hb_map_t *renumbered, const uint32_t *cps, size_t count, struct err *e)
{
    out->glyphs = calloc(count + 1, sizeof *out->glyphs);
    if (out->glyphs == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < count; i++) {
        hb_codepoint_t glyph = glyph_of(s, cps[i]);
        hb_codepoint_t code =
            s->cids != NULL && glyph < s->glyph_count ? s->cids[glyph] : hb_map_get(renumbered, glyph);

        if (code == 0 || code > 0xFFFF)
            return failed(face, e);
        out->glyphs[out->count++] =
            (struct subset_glyph){cps[i], (uint16_t)code, (double)face_entry(face, cps[i]).advance};
    }
    qsort(out->glyphs, out->count, sizeof *out->glyphs, by_code);
    return 0;
}

/* HarfBuzz hands out a face with holes when memory runs out on the way. A document must not have any, so
 * what it made is compared with what was asked for. */
static bool cff_is_as_asked(const struct subset *out, const uint16_t *cids, unsigned glyph_count)
{
    unsigned glyph = 0;

    for (size_t i = 0; i < out->count; i++) {
        while (glyph < glyph_count && cids[glyph] < out->glyphs[i].code)
            glyph++; /* .notdef, and variants that HarfBuzz keeps unasked */
        if (glyph == glyph_count || cids[glyph] != out->glyphs[i].code)
            return false;
    }
    return true;
}

static bool glyf_is_as_asked(const struct subset *out, hb_face_t *small, const struct source *s)
{
    hb_font_t *font = hb_font_create(small);
    bool same = true;

    for (size_t i = 0; same && i < out->count; i++) {
        hb_glyph_extents_t a = {0, 0, 0, 0}, b = {0, 0, 0, 0};
        hb_codepoint_t glyph = glyph_of(s, out->glyphs[i].cp);

        (void)hb_font_get_glyph_extents(font, out->glyphs[i].code, &a);
        (void)hb_font_get_glyph_extents(s->font, glyph, &b);
        same = a.width == b.width && a.height == b.height && a.x_bearing == b.x_bearing &&
               a.y_bearing == b.y_bearing &&
               hb_font_get_glyph_h_advance(font, out->glyphs[i].code) ==
                   hb_font_get_glyph_h_advance(s->font, glyph);
    }
    hb_font_destroy(font);
    return same;
}

static int check_program(const struct subset *out, hb_face_t *small, const struct source *s, struct err *e)
{
    unsigned glyph_count = hb_face_get_glyph_count(small);
    uint16_t *cids = NULL;
    bool whole;

    if (out->kind == FONT_TRUETYPE) {
        whole = glyf_is_as_asked(out, small, s);
    } else {
        if (cff_charset(&cids, buf_view(&out->program), glyph_count, e) != 0)
            return err_no_memory(e);
        whole = cff_is_whole(buf_view(&out->program), glyph_count) && cff_is_as_asked(out, cids, glyph_count);
        free(cids);
    }
    return whole ? 0 : err_no_memory(e);
}

static int copy_program(struct subset *out, hb_face_t *small, struct err *e)
{
    hb_blob_t *blob = out->kind == FONT_CFF ? hb_face_reference_table(small, HB_TAG('C', 'F', 'F', ' '))
                                            : hb_face_reference_blob(small);
    unsigned length = 0;
    const char *bytes = hb_blob_get_data(blob, &length);

    buf_append_bytes(&out->program, bytes, length);
    hb_blob_destroy(blob);
    return length > 0 && buf_ok(&out->program) ? 0 : err_no_memory(e);
}

int face_subset(struct subset *out, const struct face *face, const uint32_t *cps, size_t count, struct err *e)
{
    struct source *s = choose_source(face, cps, count, e);
    hb_set_t *glyphs;
    hb_subset_plan_t *plan = NULL;
    hb_face_t *small = NULL;
    int rc = -1;

    *out = (struct subset){FONT_CFF, BUF_INIT(MAX_PROGRAM), NULL, 0};
    if (s == NULL)
        return -1;
    out->kind = s->cids != NULL ? FONT_CFF : FONT_TRUETYPE;
    glyphs = hb_subset_input_glyph_set(s->input);
    hb_set_clear(glyphs);
    for (size_t i = 0; i < count; i++)
        hb_set_add(glyphs, glyph_of(s, cps[i]));
    plan = hb_subset_plan_create_or_fail(s->prepared, s->input);
    small = plan != NULL ? hb_subset_plan_execute_or_fail(plan) : NULL;
    if (small == NULL) {
        (void)failed(face, e);
        goto out;
    }
    if (assign_codes(out, face, s, hb_subset_plan_old_to_new_glyph_mapping(plan), cps, count, e) != 0 ||
        copy_program(out, small, e) != 0 || check_program(out, small, s, e) != 0)
        goto out;
    rc = 0;
out:
    hb_face_destroy(small);
    hb_subset_plan_destroy(plan);
    if (rc != 0)
        subset_dispose(out);
    return rc;
}

void subset_dispose(struct subset *s)
{
    buf_dispose(&s->program);
    free(s->glyphs);
    s->glyphs = NULL;
    s->count = 0;
}
