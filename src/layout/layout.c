/* layout.c - one document: bind, place, number the pages, mark a specimen. */
#include "layout/layout_internal.h"
#include <math.h>
#include <string.h>

/* A header or footer, once the number of pages is known. */
static int edge_line(struct sheet *s, const struct node *n, const char *align, double y)
{
    const struct page_setup *p = s->setup;
    struct setting how = {.family = p->text.family};
    struct place at = {
        .x = p->margin[3], .baseline = y, .size = p->edge_size, .color = color_of(p->text.color)};
    double width = p->width - p->margin[1] - p->margin[3], w;
    struct tree_text text;
    struct shaped shaped;

    if (n == NULL)
        return 0;
    if (tree_bind_text(&text, n, s->order->template, &s->binding, s->arena, s->e) != 0 ||
        shape(&shaped, s, &text, &how, false) != 0)
        return -1;
    w = width_of(&shaped, 0, shaped.count, at.size, 0);
    if (w > width)
        return too_long(s, &text, NULL);
    if (strcmp(align, "center") == 0)
        at.x += (width - w) / 2;
    else if (strcmp(align, "right") == 0)
        at.x += width - w;
    return set_line(s, &shaped, 0, shaped.count, &at);
}

static int edges(struct sheet *s)
{
    const struct page_setup *p = s->setup;

    static const char *const aligns[EDGE_SLOTS] = {"left", "center", "right"};

    for (size_t i = 1; i <= s->page_count; i++) {
        s->this_page = i;
        for (int k = 0; k < EDGE_SLOTS; k++)
            if (edge_line(s, p->header[k], aligns[k], p->header_y) != 0 ||
                edge_line(s, p->footer[k], aligns[k], p->footer_y) != 0)
                return -1;
    }
    s->this_page = 0;
    return 0;
}

/* 样张 无效 along the page's diagonal. */
static int watermark(struct sheet *s)
{
    static const uint32_t wording[] = {0x6837, 0x5F20, 0x3000, 0x65E0, 0x6548};
    enum { COUNT = sizeof wording / sizeof wording[0] };
    double diagonal = hypot(s->setup->width, s->setup->height);
    double angle = atan2(s->setup->height, s->setup->width), size = diagonal * 0.66 / COUNT / PT_MM;
    double em = size * PT_MM, length = COUNT * em;
    const struct face *face = fonts_lookup(s->fonts, "hei", true);
    struct glyph_at *glyphs = arena_array(s->arena, COUNT, sizeof *glyphs);
    struct item *i = item_new(s, ITEM_TEXT);
    size_t n = 0;

    if (glyphs == NULL || i == NULL)
        return glyphs == NULL ? err_no_memory(s->e) : -1;
    if (face == NULL)
        return err_set(s->e, ERR_INTERNAL, "The font family hei is not installed.", "未安装字体 hei。");
    for (size_t k = 0; k < COUNT; k++)
        if (wording[k] != 0x3000)
            glyphs[n++] = (struct glyph_at){wording[k], (float)((double)k * em)};
    /* the middle of the line, 0.38 em above its baseline, is the middle of the page */
    i->u.text =
        (struct text_run){.face = face,
                          .size = size,
                          .color = {0xC0, 0x20, 0x20},
                          .x = s->setup->width / 2 - length / 2 * cos(angle) + 0.38 * em * sin(angle),
                          .baseline = s->setup->height / 2 + length / 2 * sin(angle) + 0.38 * em * cos(angle),
                          .angle = angle * 180 / M_PI,
                          .alpha = 0.12,
                          .glyphs = glyphs,
                          .count = n};
    return 0;
}

static int service_field(struct sheet *s)
{
    struct item *i;

    s->this_page = 1;
    i = item_new(s, ITEM_FIELD);
    if (i == NULL)
        return -1;
    i->u.field = "service";
    s->this_page = 0;
    return 0;
}

static int finish(struct pages *out, struct sheet *s)
{
    struct page *list = arena_array(s->arena, s->page_count, sizeof *list);

    if (list == NULL)
        return err_no_memory(s->e);
    for (size_t i = 1; i <= s->page_count && s->order->mark == MARK_SPECIMEN; i++) {
        s->this_page = i;
        if (watermark(s) != 0)
            return -1;
    }
    for (size_t i = 0; i < s->page_count; i++)
        list[i] =
            (struct page){s->setup->width, s->setup->height, s->pages[i].items, s->pages[i].count, NULL};
    *out = (struct pages){.list = list, .count = s->page_count, .duplex = s->setup->duplex};
    return 0;
}

int layout_run(struct pages *out, const struct layout_order *order, struct fonts *fonts, struct arena *a,
               struct err *e)
{
    const struct page_setup *setup = template_page(order->template);
    struct sheet s = {.order = order,
                      .binding = {order->record, order->blank, NULL},
                      .setup = setup,
                      .fonts = fonts,
                      .arena = a,
                      .e = e};
    struct frame frame = {.x = setup->margin[3],
                          .width = setup->width - setup->margin[1] - setup->margin[3],
                          .style = setup->text};
    struct tree_node *tree;

    *out = (struct pages){0};
    if (tree_bind(&tree, order->template, &s.binding, a, e) != 0 || page_new(&s) != 0 ||
        flow_children(&s, tree, &frame) != 0)
        return -1;
    s.all_pages = s.page_count;
    if (edges(&s) != 0 || (order->service_field && service_field(&s) != 0))
        return -1;
    return finish(out, &s);
}
