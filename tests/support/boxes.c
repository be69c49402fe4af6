/* boxes.c - pages as text. */
#include "support/boxes.h"
#include "base/utf8.h"

void run_text(struct buf *out, const struct text_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        utf8_append(out, run->glyphs[i].cp);
}

static void dump_text(struct buf *out, const struct text_run *r)
{
    const struct glyph_at *last = &r->glyphs[r->count > 0 ? r->count - 1 : 0];

    buf_printf(out, "text %.2f %.2f %s %.1f #%02X%02X%02X", r->x, r->baseline, face_name(r->face), r->size,
               r->color.r, r->color.g, r->color.b);
    if (r->angle != 0)
        buf_printf(out, " turned %.1f", r->angle);
    if (r->alpha < 1)
        buf_printf(out, " alpha %.2f", r->alpha);
    buf_printf(out, " last %.2f \"", r->count > 0 ? r->x + (double)last->dx : r->x);
    run_text(out, r);
    buf_append_text(out, "\"\n");
}

static void dump_item(struct buf *out, const struct item *i)
{
    static const char *const kinds[] = {"text", "fill", "stroke", "photo", "qr", "artwork", "field"};

    if (i->kind == ITEM_TEXT) {
        dump_text(out, &i->u.text);
        return;
    }
    buf_printf(out, "%s %.2f %.2f %.2f %.2f", kinds[i->kind], i->box.x, i->box.y, i->box.w, i->box.h);
    if (i->kind == ITEM_FILL || i->kind == ITEM_STROKE)
        buf_printf(out, " #%02X%02X%02X", i->color.r, i->color.g, i->color.b);
    if (i->kind == ITEM_STROKE)
        buf_printf(out, " line %.2f", i->line);
    if (i->kind == ITEM_QR)
        buf_printf(out, " %d modules", i->u.qr->side);
    if (i->kind == ITEM_FIELD)
        buf_printf(out, " %s", i->u.field);
    buf_append_char(out, '\n');
}

void boxes_dump(struct buf *out, const struct pages *pages)
{
    for (size_t p = 0; p < pages->count; p++) {
        buf_printf(out, "page %zu %.2f %.2f\n", p + 1, pages->list[p].width, pages->list[p].height);
        for (size_t i = 0; i < pages->list[p].count; i++)
            dump_item(out, &pages->list[p].items[i]);
    }
}
