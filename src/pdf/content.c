/* content.c - the items of a page as drawing operators (ISO 32000-1, 8 and 9). */
#include "pdf/pdf_internal.h"
#include <stdlib.h>
#include <string.h>

static const double MM = 72 / 25.4;

void canvas_numbers(struct buf *out, const double *values, size_t count, int decimals)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_append_char(out, ' ');
        buf_append_number(out, values[i], decimals);
    }
}

static bool color_equal(struct color a, struct color b)
{
    return a.r == b.r && a.g == b.g && a.b == b.b;
}

static void put_color(struct buf *out, struct color color, const char *operator)
{
    double rgb[3] = {color.r / 255.0, color.g / 255.0, color.b / 255.0};

    canvas_numbers(out, rgb, 3, 4);
    buf_append_text(out, operator);
}

void canvas_fill_color(struct canvas *c, struct color color)
{
    if (color_equal(c->fill, color))
        return;
    put_color(c->out, color, " rg\n");
    c->fill = color;
}

static void put_box(struct canvas *c, const struct box *box)
{
    double values[4] = {box->x * MM, c->height - (box->y + box->h) * MM, box->w * MM, box->h * MM};

    canvas_numbers(c->out, values, 4, 3);
}

/* Text has its own opacity; everything else is opaque or says so itself. */
static void set_opaque(struct canvas *c, struct document *d)
{
    if (c->alpha == 1000)
        return;
    d->alphas[1000] = true;
    buf_append_text(c->out, "/A1000 gs\n");
    c->alpha = 1000;
}

/* Neighbouring fills of one colour are one path, so that readers see whole rules and not their pieces. */
static void paint_fill(struct canvas *c, const struct item *item, const struct item *next)
{
    canvas_fill_color(c, item->color);
    put_box(c, &item->box);
    buf_append_text(c->out, " re\n");
    if (next == NULL || next->kind != ITEM_FILL || !color_equal(next->color, item->color))
        buf_append_text(c->out, "f\n");
}

static void paint_stroke(struct canvas *c, const struct item *item)
{
    if (!color_equal(c->stroke, item->color)) {
        put_color(c->out, item->color, " RG\n");
        c->stroke = item->color;
    }
    buf_append_number(c->out, item->line * MM, 3);
    buf_append_text(c->out, " w ");
    put_box(c, &item->box);
    buf_append_text(c->out, " re S\n");
}

/* A count of modules, below 1000, and a space. There are a thousand of them on a page: no general formatting.
 */
static char *put_modules(char *at, int count)
{
    if (count >= 100)
        *at++ = (char)('0' + count / 100);
    if (count >= 10)
        *at++ = (char)('0' + count / 10 % 10);
    *at++ = (char)('0' + count % 10);
    *at++ = ' ';
    return at;
}

/* Dark modules that touch in a row are one rectangle, and all of them one path: no seams. */
static void paint_qr(struct canvas *c, const struct item *item)
{
    enum { QUIET = 4 };
    const struct qr *qr = item->u.qr;
    double x = item->box.w / (qr->side + 2 * QUIET) * MM, y = item->box.h / (qr->side + 2 * QUIET) * MM;
    double matrix[6] = {x, 0, 0, -y, item->box.x * MM + QUIET * x, c->height - item->box.y * MM - QUIET * y};

    canvas_fill_color(c, item->color);
    buf_append_text(c->out, "q ");
    canvas_numbers(c->out, matrix, 6, 5);
    buf_append_text(c->out, " cm\n");
    for (int row = 0; row < qr->side; row++) {
        const uint8_t *dark = qr->dark + (ptrdiff_t)row * qr->side;

        for (int from = 0, to; from < qr->side; from = to + 1) {
            char text[24], *at = text;

            for (to = from; to < qr->side && dark[to] != 0; to++)
                ;
            if (to == from)
                continue;
            at = put_modules(put_modules(put_modules(at, from), row), to - from);
            memcpy(at, "1 re\n", 5);
            buf_append_bytes(c->out, text, (size_t)(at + 5 - text));
        }
    }
    buf_append_text(c->out, "f Q\n");
}

/* Paints XObject number `name` with its space scaled by (x, y). */
static void paint_xobject(struct canvas *c, const struct box *box, double x, double y, unsigned name)
{
    double matrix[6] = {x, 0, 0, y, box->x * MM, c->height - (box->y + box->h) * MM};

    buf_append_text(c->out, "q ");
    canvas_numbers(c->out, matrix, 6, 6);
    buf_printf(c->out, " cm /X%u Do Q\n", name);
}

static int paint_photo(struct canvas *c, struct document *d, const struct item *item, struct err *e)
{
    unsigned name = 0;

    if (photo_add(d, item->u.jpeg, &name, e) != 0)
        return -1;
    paint_xobject(c, &item->box, item->box.w * MM, item->box.h * MM, name);
    return 0;
}

static int paint_artwork(struct canvas *c, struct document *d, const struct item *item, struct err *e)
{
    const struct artwork *artwork = item->u.artwork;
    double width = artwork_width(artwork), height = artwork_height(artwork);
    bool transparent = false;
    unsigned name = 0;

    if (!(width > 0) || !(height > 0))
        return 0;
    if (artwork_form_add(d, artwork, &name, &transparent, e) != 0)
        return -1;
    c->transparent = c->transparent || transparent;
    paint_xobject(c, &item->box, item->box.w * MM / width, item->box.h * MM / height, name);
    return 0;
}

static int add_field(struct document *d, const struct item *item, size_t page, struct err *e)
{
    struct field *grown;

    for (size_t i = 0; i < d->field_count; i++) {
        if (strcmp(d->fields[i].name, item->u.field) == 0)
            return err_set(e, ERR_INTERNAL, "The document has two signature fields named %s.",
                           "文件中有两个名为 %s 的签名域。", item->u.field);
    }
    if (d->field_count == d->field_room) {
        d->field_room = d->field_room * 2 + 8;
        grown = realloc(d->fields, d->field_room * sizeof *grown);
        if (grown == NULL)
            return err_no_memory(e);
        d->fields = grown;
    }
    d->fields[d->field_count++] = (struct field){item->u.field, page, item->box};
    return 0;
}

static int paint_item(struct canvas *c, struct document *d, const struct item *item, const struct item *next,
                      size_t number, struct err *e)
{
    if (item->kind == ITEM_TEXT)
        return text_paint(c, d, &item->u.text, e);
    if (item->kind == ITEM_FIELD)
        return add_field(d, item, number, e);
    set_opaque(c, d);
    switch (item->kind) {
    case ITEM_FILL:
        paint_fill(c, item, next);
        return 0;
    case ITEM_STROKE:
        paint_stroke(c, item);
        return 0;
    case ITEM_QR:
        paint_qr(c, item);
        return 0;
    case ITEM_PHOTO:
        return paint_photo(c, d, item, e);
    case ITEM_ARTWORK:
        return paint_artwork(c, d, item, e);
    default:
        return err_set(e, ERR_INTERNAL, "A page has an item of unknown kind.", "页面中有未知种类的元素。");
    }
}

int content_paint(struct buf *out, struct document *d, const struct page *page, size_t number,
                  bool *transparent, struct err *e)
{
    struct canvas c = {.out = out, .height = page->height * MM, .font_face = -1, .alpha = 1000};

    for (size_t i = 0; i < page->count; i++) {
        const struct item *next = i + 1 < page->count ? &page->items[i + 1] : NULL;

        if (paint_item(&c, d, &page->items[i], next, number, e) != 0)
            return -1;
    }
    *transparent = c.transparent;
    return buf_ok(out) ? 0 : err_no_memory(e);
}
