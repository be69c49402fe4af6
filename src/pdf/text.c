/* text.c - the characters of a document: which font has each, and how a line of them is painted. */
#include "pdf/pdf_internal.h"
#include <math.h>
#include <stdlib.h>

enum { STATIC, DYNAMIC };

static int collect_run(struct document *d, const struct text_run *run, struct err *e)
{
    int face = face_index(run->face);
    struct buf *wanted;

    if (face >= PDF_MAX_FACES)
        return err_set(e, ERR_INTERNAL, "More than %d faces are installed.", "安装的字体超过 %d 种。",
                       PDF_MAX_FACES);
    wanted = &d->fonts[face].wanted;
    if (wanted->max == 0)
        buf_init(wanted, PDF_MAX_BYTES);
    for (size_t i = 0; i < run->count; i++) {
        uint32_t cp = run->glyphs[i].cp;

        if (embedded_lookup(d->kit->statics[face], cp) == NULL)
            buf_append_bytes(wanted, &cp, sizeof cp);
    }
    if (wanted->len > 0 && d->fonts[face].face == NULL)
        d->fonts[face].face = run->face;
    return buf_ok(wanted) ? 0 : err_no_memory(e);
}

int text_collect(struct document *d, const struct pages *pages, struct err *e)
{
    for (size_t p = 0; p < pages->count; p++) {
        for (size_t i = 0; i < pages->list[p].count; i++) {
            const struct item *item = &pages->list[p].items[i];

            if (item->kind == ITEM_TEXT && collect_run(d, &item->u.text, e) != 0)
                return -1;
        }
    }
    for (size_t f = 0; f < PDF_MAX_FACES; f++) {
        struct font_use *use = &d->fonts[f];
        uint32_t *cps = (uint32_t *)(void *)use->wanted.data;
        size_t distinct = codepoints_sort(cps, use->wanted.len / sizeof *cps);

        if (distinct > 0 && embedded_new(&use->dynamic, use->face, cps, distinct, NULL, e) != 0)
            return -1;
    }
    return 0;
}

void text_dispose(struct document *d)
{
    for (size_t f = 0; f < PDF_MAX_FACES; f++) {
        embedded_free(d->fonts[f].dynamic);
        buf_dispose(&d->fonts[f].wanted);
    }
}

void text_write_fonts(struct document *d, struct buf *resources)
{
    for (size_t f = 0; f < PDF_MAX_FACES; f++) {
        if (d->kit->statics[f] != NULL)
            embedded_write(&d->objects, d->kit->statics[f], 'S', d->fonts[f].used[STATIC], resources);
        if (d->fonts[f].dynamic != NULL)
            embedded_write(&d->objects, d->fonts[f].dynamic, 'D', d->fonts[f].used[DYNAMIC], resources);
    }
}

/* Where the pen stands in a TJ array (ISO 32000-1, 9.4.3). */
struct line {
    struct canvas *canvas;
    struct document *document;
    const struct text_run *run;
    double unit; /* mm for one thousandth of an em */
    double pen;  /* thousandths of an em from the run's origin */
    bool in_array, in_string;
};

static void end_array(struct line *l)
{
    if (l->in_array)
        buf_append_text(l->canvas->out, l->in_string ? ">]TJ\n" : "]TJ\n");
    l->in_array = l->in_string = false;
}

static void select_font(struct line *l, int face, int kind, unsigned variant)
{
    struct canvas *c = l->canvas;

    l->document->fonts[face].used[kind][variant] = true;
    if (c->font_face == face && c->font_kind == kind && c->font_variant == (int)variant &&
        c->font_size == l->run->size)
        return;
    end_array(l);
    buf_append_char(c->out, '/');
    buf_append_char(c->out, kind == STATIC ? 'S' : 'D');
    buf_append_number(c->out, face, 0);
    buf_append_char(c->out, 'v');
    buf_append_number(c->out, variant, 0);
    buf_append_char(c->out, ' ');
    buf_append_number(c->out, l->run->size, 3);
    buf_append_text(c->out, " Tf\n");
    c->font_face = face;
    c->font_kind = kind;
    c->font_variant = (int)variant;
    c->font_size = l->run->size;
}

/* Moves the pen to where the glyph is wanted if it is off by more than what rounding explains. */
static void place(struct line *l, double wanted)
{
    struct buf *out = l->canvas->out;
    double off = round(wanted - l->pen);

    if (!l->in_array)
        buf_append_char(out, '[');
    l->in_array = true;
    if (fabs(off) >= 1) {
        if (l->in_string)
            buf_append_char(out, '>');
        buf_append_number(out, -off, 0);
        l->in_string = false;
        l->pen += off;
    }
    if (!l->in_string)
        buf_append_char(out, '<');
    l->in_string = true;
}

static int paint_glyph(struct line *l, const struct glyph_at *g, struct err *e)
{
    static const char digits[] = "0123456789ABCDEF";
    int face = face_index(l->run->face), kind = STATIC;
    const struct code *code = embedded_lookup(l->document->kit->statics[face], g->cp);
    char hex[4];

    if (code == NULL) {
        code = embedded_lookup(l->document->fonts[face].dynamic, g->cp);
        kind = DYNAMIC;
    }
    if (code == NULL)
        return err_set(e, ERR_INTERNAL, "The font %s lacks U+%04X.", "字体 %s 缺少 U+%04X。",
                       face_name(l->run->face), (unsigned)g->cp);
    select_font(l, face, kind, code->variant);
    place(l, (double)g->dx / l->unit);
    for (int i = 0; i < 4; i++)
        hex[i] = digits[code->code >> (12 - 4 * i) & 15];
    buf_append_bytes(l->canvas->out, hex, sizeof hex);
    l->pen += (double)code->advance;
    return 0;
}

static void set_alpha(struct canvas *c, struct document *d, double alpha)
{
    int permille = alpha >= 1 ? 1000 : alpha <= 0 ? 0 : (int)lround(alpha * 1000);

    if (permille != c->alpha) {
        d->alphas[permille] = true;
        buf_printf(c->out, "/A%d gs\n", permille);
        c->alpha = permille;
    }
    c->transparent = c->transparent || permille < 1000;
}

static void set_origin(struct canvas *c, const struct text_run *run)
{
    const double mm = 72 / 25.4;
    double angle = run->angle * acos(-1) / 180;
    double at[2] = {run->x * mm, c->height - run->baseline * mm};
    double turn[4] = {cos(angle), sin(angle), -sin(angle), cos(angle)};

    if (run->angle != 0) {
        canvas_numbers(c->out, turn, 4, 6);
        buf_append_char(c->out, ' ');
    }
    canvas_numbers(c->out, at, 2, 3);
    buf_append_text(c->out, run->angle != 0 ? " Tm\n" : " Td\n");
}

int text_paint(struct canvas *c, struct document *d, const struct text_run *run, struct err *e)
{
    struct line line = {c, d, run, run->size * 25.4 / 72 / 1000, 0, false, false};

    if (run->count == 0 || !(run->size > 0))
        return 0;
    set_alpha(c, d, run->alpha);
    canvas_fill_color(c, run->color);
    buf_append_text(c->out, "BT\n");
    set_origin(c, run);
    for (size_t i = 0; i < run->count; i++) {
        if (paint_glyph(&line, &run->glyphs[i], e) != 0)
            return -1;
    }
    end_array(&line);
    buf_append_text(c->out, "ET\n");
    return 0;
}
