/* sheet.c - the pages while they grow. */
#include "layout/layout_internal.h"
#include <string.h>

int page_new(struct sheet *s)
{
    if (s->page_count == PAGES_MAX)
        return err_set(s->e, ERR_TOO_LARGE, "The document would have more than %d pages.",
                       "文件将超过 %d 页。", PAGES_MAX);
    if (s->page_count == s->page_cap) {
        size_t cap = s->page_cap == 0 ? 4 : s->page_cap * 2;
        struct page_draft *more = arena_array(s->arena, cap, sizeof *more);

        if (more == NULL)
            return err_no_memory(s->e);
        if (s->page_count > 0)
            memcpy(more, s->pages, s->page_count * sizeof *more);
        s->pages = more;
        s->page_cap = cap;
    }
    s->pages[s->page_count++] = (struct page_draft){NULL, 0, 0};
    s->y = s->setup->margin[0];
    s->flowing = false;
    return 0;
}

static struct item *item_on(struct sheet *s, struct page_draft *p)
{
    if (p->count == p->cap) {
        size_t cap = p->cap == 0 ? 64 : p->cap * 2;
        struct item *more = arena_array(s->arena, cap, sizeof *more);

        if (more == NULL) {
            err_no_memory(s->e);
            return NULL;
        }
        if (p->count > 0)
            memcpy(more, p->items, p->count * sizeof *more);
        p->items = more;
        p->cap = cap;
    }
    return &p->items[p->count++];
}

struct item *item_new(struct sheet *s, enum item_kind kind)
{
    size_t page = s->this_page > 0 ? s->this_page : s->page_count;
    struct item *i = item_on(s, &s->pages[page - 1]);

    if (i != NULL) {
        *i = (struct item){0};
        i->kind = kind;
    }
    return i;
}

struct color color_of(double rgb)
{
    uint32_t v = (uint32_t)rgb;

    return (struct color){(uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
}

int fill(struct sheet *s, struct box box, struct color color)
{
    struct item *i = item_new(s, ITEM_FILL);

    if (i == NULL)
        return -1;
    i->box = box;
    i->color = color;
    return 0;
}
