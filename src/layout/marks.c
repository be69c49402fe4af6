/* marks.c - what a whole page says about the document: 样张 over everything, 草稿 and 作废 under everything.
 */
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <math.h>
#include <string.h>

/* One line of a mark, centred on a point of the page and turned about it. */
struct mark_line {
    const char *text; /* U+3000 keeps its room and shows nothing */
    bool bold;
    double size;  /* pt */
    double space; /* mm between two characters */
    double angle; /* radians, counter-clockwise */
    double x, y;  /* mm: the middle of the line */
    double raise; /* em that the middle stands above the baseline */
    struct color color;
    double alpha;
};

static int mark_line(struct sheet *s, const struct mark_line *m)
{
    const struct face *face = fonts_lookup(s->fonts, "hei", m->bold);
    struct slice text = slice_of(m->text);
    struct glyph_at *glyphs = arena_array(s->arena, text.len, sizeof *glyphs);
    struct item *i = item_new(s, ITEM_TEXT);
    double em = m->size * PT_MM, length = 0;
    size_t count = 0, at = 0;
    uint32_t cp;

    if (glyphs == NULL || i == NULL)
        return glyphs == NULL ? err_no_memory(s->e) : -1;
    if (face == NULL)
        return err_set(s->e, ERR_INTERNAL, "The font family hei is not installed.", "未安装字体 hei。");
    while (utf8_next(text, &at, &cp)) {
        if (cp != 0x3000)
            glyphs[count++] = (struct glyph_at){cp, (float)length};
        length += face_advance(face, cp) / 1000 * em + m->space;
    }
    length -= m->space;
    i->u.text =
        (struct text_run){.face = face,
                          .size = m->size,
                          .color = m->color,
                          .x = m->x - length / 2 * cos(m->angle) + m->raise * em * sin(m->angle),
                          .baseline = m->y + length / 2 * sin(m->angle) + m->raise * em * cos(m->angle),
                          .angle = m->angle * 180 / M_PI,
                          .alpha = m->alpha,
                          .glyphs = glyphs,
                          .count = count};
    return 0;
}

/* Along the page's diagonal, two thirds of its length. */
static int specimen(struct sheet *s, const struct page_setup *p)
{
    enum { COUNT = 5 };
    struct mark_line m = {.text = "样张　无效",
                          .bold = true,
                          .size = hypot(p->width, p->height) * 0.66 / COUNT / PT_MM,
                          .angle = atan2(p->height, p->width),
                          .x = p->width / 2,
                          .y = p->height / 2,
                          .raise = 0.38,
                          .color = {0xC0, 0x20, 0x20},
                          .alpha = 0.12};

    return mark_line(s, &m);
}

/* The same two lines in the middle of every page, whichever way it is turned. */
static int stamp(struct sheet *s, const struct page_setup *p, const char *word, const char *below)
{
    const double lower = 30;
    struct mark_line m = {.text = word,
                          .size = 147,
                          .space = 26,
                          .angle = 35 * M_PI / 180,
                          .x = p->width / 2,
                          .y = p->height / 2,
                          .raise = 0.38,
                          .alpha = 0.1};

    if (mark_line(s, &m) != 0 || below == NULL)
        return below == NULL ? 0 : -1;
    m.text = below;
    m.size = 24;
    m.space = 0;
    /* lower, as one reads it */
    m.x += lower * sin(m.angle);
    m.y += lower * cos(m.angle);
    return mark_line(s, &m);
}

/* What was placed last is painted first. */
static void bring_under(struct page_draft *p, size_t first)
{
    struct item moved[2];
    size_t count = p->count - first;

    memcpy(moved, p->items + first, count * sizeof moved[0]);
    memmove(p->items + count, p->items, first * sizeof moved[0]);
    memcpy(p->items, moved, count * sizeof moved[0]);
}

int marks_place(struct sheet *s, size_t page)
{
    struct page_draft *draft = &s->pages[page - 1];
    const struct page_setup *p = draft->setup != NULL ? draft->setup : s->setup;
    size_t before = draft->count, this_page = s->this_page;
    int rc = 0;

    s->this_page = page;
    switch (s->order->mark) {
    case MARK_NONE:
        break;
    case MARK_SPECIMEN:
        rc = specimen(s, p);
        break;
    case MARK_DRAFT:
        rc = stamp(s, p, "草稿", "未审核 不作为证明使用");
        break;
    case MARK_VOID:
        rc = stamp(s, p, "作废", NULL);
        break;
    }
    if (rc == 0 && (s->order->mark == MARK_DRAFT || s->order->mark == MARK_VOID))
        bring_under(draft, before);
    s->this_page = this_page;
    return rc;
}
