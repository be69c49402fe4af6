/* face.c - what one face knows of a character: presence, width, outline. */
#include "font/font_internal.h"
#include <hb-ot.h>
#include <stdlib.h>

int face_open_full(const struct face *face, struct err *e)
{
    struct source *full = &face->state->full;

    return full->face != NULL ? 0
                              : source_open(full, face->full_file, face->file, face->ttc_index, face->package,
                                            WHERE_FULL, e);
}

int face_open_working(const struct face *face, struct err *e)
{
    struct source *working = &face->state->working;

    return working->face != NULL ? 0
                                 : source_open(working, face->working_file, face->working_path, 0,
                                               face->package, WHERE_WORKING, e);
}

struct source *face_any_source(const struct face *face)
{
    struct err ignored;

    if (face->working_path != NULL)
        return face_open_working(face, &ignored) == 0 ? &face->state->working : NULL;
    return face_open_full(face, &ignored) == 0 ? &face->state->full : NULL;
}

static bool look_in(struct entry *entry, const struct source *s, uint32_t cp, enum where where)
{
    hb_codepoint_t glyph = 0;

    if (s->font == NULL || !hb_font_get_nominal_glyph(s->font, cp, &glyph) || glyph == 0)
        return false;
    entry->glyph = (uint16_t)glyph;
    entry->where = (uint8_t)where;
    entry->advance =
        (float)(hb_font_get_glyph_h_advance(s->font, glyph) * 1000.0 / hb_face_get_upem(s->face));
    return true;
}

struct entry face_entry(const struct face *face, uint32_t cp)
{
    struct face_state *state = face->state;
    struct entry nothing = {0, 0, WHERE_NOWHERE}, *entry;
    struct err ignored;

    if (cp > 0x10FFFF)
        return nothing;
    if (state->pages[cp / ENTRY_PAGE] == NULL)
        state->pages[cp / ENTRY_PAGE] = calloc(ENTRY_PAGE, sizeof *entry);
    if (state->pages[cp / ENTRY_PAGE] == NULL)
        return nothing;
    entry = &state->pages[cp / ENTRY_PAGE][cp % ENTRY_PAGE];
    if (entry->where != WHERE_UNKNOWN)
        return *entry;
    *entry = nothing;
    if (codepoint_is_invisible(cp))
        return *entry;
    if (face->working_path != NULL && face_open_working(face, &ignored) == 0 &&
        look_in(entry, &state->working, cp, WHERE_WORKING))
        return *entry;
    if (face_open_full(face, &ignored) == 0)
        (void)look_in(entry, &state->full, cp, WHERE_FULL);
    return *entry;
}

double face_advance(const struct face *face, uint32_t cp)
{
    return (double)face_entry(face, cp).advance;
}

int face_index(const struct face *face)
{
    return face->index;
}

const char *face_name(const struct face *face)
{
    return face->postscript;
}

/* FontBBox is xMin to yMax of head, at offset 36. */
static void read_bbox(double bbox[4], hb_face_t *face, double unit)
{
    hb_blob_t *head = hb_face_reference_table(face, HB_TAG('h', 'e', 'a', 'd'));
    unsigned length = 0;
    const uint8_t *bytes = (const uint8_t *)hb_blob_get_data(head, &length);

    for (unsigned i = 0; i < 4; i++)
        bbox[i] = length >= 44 ? unit * (int16_t)(bytes[36 + 2 * i] << 8 | bytes[37 + 2 * i]) : 0;
    hb_blob_destroy(head);
}

void face_metrics(const struct face *face, struct face_metrics *out)
{
    const struct source *s = face_any_source(face);
    hb_font_extents_t extents = {0};
    hb_position_t cap = 0;
    double unit, weight;

    *out = (struct face_metrics){880, -120, 700, 88, {0, -120, 1000, 880}, face->serif, face->bold};
    if (s == NULL)
        return;
    unit = 1000.0 / hb_face_get_upem(s->face);
    (void)hb_font_get_h_extents(s->font, &extents);
    out->ascent = extents.ascender * unit;
    out->descent = extents.descender * unit;
    if (hb_ot_metrics_get_position(s->font, HB_OT_METRICS_TAG_CAP_HEIGHT, &cap) && cap > 0)
        out->cap_height = cap * unit;
    weight = (double)hb_style_get_value(s->font, HB_STYLE_TAG_WEIGHT);
    out->stem_v = 50 + weight / 65 * (weight / 65); /* the usual estimate from the weight class */
    read_bbox(out->bbox, s->face, unit);
}

struct pen {
    struct buf *out;
    double unit;
};

static void pen_point(struct pen *pen, char command, float x, float y)
{
    if (command != 0)
        buf_append_char(pen->out, command);
    else
        buf_append_char(pen->out, ' ');
    buf_append_number(pen->out, (double)x * pen->unit, 4);
    buf_append_char(pen->out, ' ');
    buf_append_number(pen->out, -(double)y * pen->unit, 4);
}

static void pen_move(hb_draw_funcs_t *funcs, void *pen, hb_draw_state_t *state, float x, float y, void *user)
{
    (void)funcs, (void)state, (void)user;
    pen_point(pen, 'M', x, y);
}

static void pen_line(hb_draw_funcs_t *funcs, void *pen, hb_draw_state_t *state, float x, float y, void *user)
{
    (void)funcs, (void)state, (void)user;
    pen_point(pen, 'L', x, y);
}

static void pen_curve(hb_draw_funcs_t *funcs, void *pen, hb_draw_state_t *state, float x1, float y1, float x2,
                      float y2, float x, float y, void *user)
{
    (void)funcs, (void)state, (void)user;
    pen_point(pen, 'C', x1, y1);
    pen_point(pen, 0, x2, y2);
    pen_point(pen, 0, x, y);
}

static void pen_close(hb_draw_funcs_t *funcs, void *pen, hb_draw_state_t *state, void *user)
{
    (void)funcs, (void)state, (void)user;
    buf_append_char(((struct pen *)pen)->out, 'Z');
}

int face_outline(struct buf *svg_path, const struct face *face, uint32_t cp, double scale, struct err *e)
{
    struct entry entry = face_entry(face, cp);
    struct source *s = entry.where == WHERE_FULL ? &face->state->full : &face->state->working;
    struct pen pen = {svg_path, 0};
    hb_draw_funcs_t *funcs;

    if (entry.where == WHERE_NOWHERE)
        return err_set(e, ERR_NOT_FOUND, "The font %s has no character U+%04X.", "字体 %s 没有字符 U+%04X。",
                       face->postscript, (unsigned)cp);
    funcs = hb_draw_funcs_create(); /* curves of glyf come as cubic ones too, since none is set for them */
    hb_draw_funcs_set_move_to_func(funcs, pen_move, NULL, NULL);
    hb_draw_funcs_set_line_to_func(funcs, pen_line, NULL, NULL);
    hb_draw_funcs_set_cubic_to_func(funcs, pen_curve, NULL, NULL);
    hb_draw_funcs_set_close_path_func(funcs, pen_close, NULL, NULL);
    pen.unit = scale / hb_face_get_upem(s->face);
    hb_font_get_glyph_shape(s->font, entry.glyph, funcs, &pen);
    hb_draw_funcs_destroy(funcs);
    return buf_ok(svg_path) ? 0 : err_no_memory(e);
}
