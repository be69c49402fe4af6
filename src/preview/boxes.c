/* boxes.c - pages with their boxes drawn over them: what an author wants to see once, and nobody on paper. */
#include "preview/preview_internal.h"
#include "template/tree.h"
#include <string.h>

static const struct color line_color = {0x9D, 0xB6, 0xD8}, place_color = {0x17, 0x45, 0x7F},
                          margin_color = {0xD8, 0x8A, 0x2A};
static const double PT_TO_MM = 25.4 / 72, LABEL_SIZE = 5, HAIR = 0.08, THIN = 0.2;

struct drawing {
    struct item *items;
    size_t count, room;
    const struct face *face; /* of the labels, or NULL */
    struct arena *arena;
};

static void frame(struct drawing *d, struct box box, struct color color, double line)
{
    if (d->count < d->room)
        d->items[d->count++] = (struct item){.kind = ITEM_STROKE, .box = box, .color = color, .line = line};
}

/* Its name above a box; nothing where there is no face for it. */
static void label(struct drawing *d, struct box box, const char *text)
{
    size_t len = strlen(text);
    struct glyph_at *glyphs = d->face == NULL ? NULL : arena_array(d->arena, len, sizeof *glyphs);
    double x = 0;

    if (glyphs == NULL || d->count == d->room)
        return;
    for (size_t i = 0; i < len; i++) {
        uint32_t cp = (unsigned char)text[i];

        if (face_advance(d->face, cp) <= 0)
            return;
        glyphs[i] = (struct glyph_at){cp, (float)x};
        x += face_advance(d->face, cp) / 1000 * LABEL_SIZE * PT_TO_MM;
    }
    d->items[d->count++] = (struct item){.kind = ITEM_TEXT,
                                         .u.text = {.face = d->face,
                                                    .size = LABEL_SIZE,
                                                    .color = place_color,
                                                    .x = box.x,
                                                    .baseline = box.y - 0.4,
                                                    .alpha = 1,
                                                    .glyphs = glyphs,
                                                    .count = len}};
}

/* From the top of the em to its foot, as wide as its glyphs are. */
static void frame_line(struct drawing *d, const struct text_run *run)
{
    double em = run->size * PT_TO_MM;
    const struct glyph_at *last = &run->glyphs[run->count - 1];

    if (run->angle != 0 || run->alpha < 1)
        return; /* a mark over the page */
    frame(d,
          (struct box){run->x, run->baseline - 0.88 * em,
                       last->dx + face_advance(run->face, last->cp) / 1000 * em, em},
          line_color, HAIR);
}

static void frame_item(struct drawing *d, const struct item *i)
{
    switch (i->kind) {
    case ITEM_TEXT:
        if (i->u.text.count > 0)
            frame_line(d, &i->u.text);
        break;
    case ITEM_PHOTO:
        frame(d, i->box, place_color, THIN);
        label(d, i->box, "photo");
        break;
    case ITEM_QR:
        frame(d, i->box, place_color, THIN);
        label(d, i->box, "qr");
        break;
    case ITEM_ARTWORK:
        frame(d, i->box, place_color, HAIR);
        break;
    case ITEM_FILL:
    case ITEM_STROKE:
    case ITEM_FIELD:
        break;
    }
}

static void frame_fields(struct drawing *d, const struct pages *in, size_t page)
{
    for (size_t i = 0; i < in->field_count; i++) {
        const struct seal_field *f = &in->fields[i];
        char name[80];

        if (f->page != page)
            continue;
        (void)snprintf(name, sizeof name, "seal %s", f->role);
        frame(d, f->box, place_color, THIN);
        label(d, f->box, name);
        if (f->diameter > 0)
            frame(d,
                  (struct box){f->seal_x - f->diameter / 2, f->seal_y - f->diameter / 2, f->diameter,
                               f->diameter},
                  place_color, HAIR);
    }
}

static int draw_page(struct page *out, const struct page *in, size_t number, const struct pages *all,
                     const struct page_setup *setup, struct drawing d, struct err *e)
{
    size_t room = 3 * in->count + 4 * all->field_count + 1;

    d.items = arena_array(d.arena, room, sizeof *d.items);
    if (d.items == NULL)
        return err_no_memory(e);
    d.room = room;
    if (in->count > 0)
        memcpy(d.items, in->items, in->count * sizeof *d.items);
    d.count = in->count;
    if (in->width == setup->width && in->height == setup->height)
        frame(&d,
              (struct box){setup->margin[3], setup->margin[0],
                           in->width - setup->margin[1] - setup->margin[3],
                           in->height - setup->margin[0] - setup->margin[2]},
              margin_color, HAIR);
    for (size_t i = 0; i < in->count; i++)
        frame_item(&d, &in->items[i]);
    frame_fields(&d, all, number);
    *out = *in;
    out->items = d.items;
    out->count = d.count;
    return 0;
}

int boxes_draw(struct pages *out, const struct pages *in, const struct template *t, const struct face *face,
               struct arena *a, struct err *e)
{
    struct page *list = arena_array(a, in->count, sizeof *list);
    const struct drawing d = {.face = face, .arena = a};

    *out = *in;
    if (list == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < in->count; i++) {
        if (draw_page(&list[i], &in->list[i], i, in, template_page(t), d, e) != 0)
            return -1;
    }
    out->list = list;
    return 0;
}
