/* table_lead.c - what stands above a table, and again on every page it goes on to: its headings say （续）
 * there. */
#include "layout/table_internal.h"
#include <string.h>

static const double mark_size = 10.5, mark_gap = 1.5; /* pt; mm */

int lead_measure(struct table *t, const struct tree_node *lead)
{
    struct frame f = *t->f;

    t->lead = lead;
    t->lead_stack = (struct stack){0};
    if (stack_measure(&t->lead_stack, t->s, lead, &f) != 0)
        return -1;
    t->lead_height = stack_height(&t->lead_stack, 0, t->lead_stack.count);
    return 0;
}

bool lead_waits(const struct table *t, const struct tree_node *lead)
{
    return node_number(lead->node, ATTR_AGAIN, 0) != 0 && t->s->flowing;
}

/* Right end of what was set from item `first` on; how far from the left it begins. */
static void extent(const struct page_draft *page, size_t first, double *left, double *right)
{
    *left = 1e9;
    *right = 0;
    for (size_t i = first; i < page->count; i++) {
        const struct text_run *r = &page->items[i].u.text;
        double end;

        if (page->items[i].kind != ITEM_TEXT || r->count == 0)
            continue;
        end = r->x + (double)r->glyphs[r->count - 1].dx +
              face_advance(r->face, r->glyphs[r->count - 1].cp) / 1000 * r->size * PT_MM;
        if (end > *right)
            *right = end;
        if (r->x < *left)
            *left = r->x;
    }
}

/* （续） behind a heading's last line, the two centred together where the heading was. */
static int set_mark(struct table *t, const struct slab *slab, size_t first, double y)
{
    static const uint32_t wording[] = {0xFF08, 0x7EED, 0xFF09};
    enum { COUNT = sizeof wording / sizeof wording[0] };
    struct tree_char chars[COUNT] = {{0}};
    struct setting how = {.family = "hei", .color = slab->text->color};
    struct page_draft *page = &t->s->pages[t->s->page_count - 1];
    struct place at = {.size = mark_size, .color = slab->text->color};
    double left, right, w, move;
    struct shaped mark;

    for (size_t i = 0; i < COUNT; i++)
        chars[i].cp = wording[i];
    if (shape(&mark, t->s, &(struct tree_text){chars, COUNT}, &how, false) != 0)
        return -1;
    extent(page, first, &left, &right);
    w = width_of(&mark, 0, mark.count, mark_size, 0) + mark_gap;
    move = strcmp(slab->text->align, "center") == 0 ? w / 2 : 0;
    if (left > right || left - move < t->f->x || right + w - move > t->f->x + t->f->width)
        return 0; /* a heading that fills its line, or ends with an empty one, says it by itself */
    for (size_t i = first; i < page->count; i++)
        if (page->items[i].kind == ITEM_TEXT)
            page->items[i].u.text.x -= move;
    at.x = right - move + mark_gap;
    at.baseline = y + baseline_in(slab->text->band, slab->text->size);
    return set_line(t->s, &mark, 0, mark.count, &at);
}

static int set_again(struct table *t)
{
    const struct stack *st = &t->lead_stack;
    const struct paragraph *heading = NULL;
    double y = t->s->y;

    for (size_t i = 0; i < st->count; i++) {
        const struct slab *slab = &st->slabs[i];
        size_t first = t->s->pages[t->s->page_count - 1].count;

        y += i > 0 ? slab->before : 0;
        if (stack_set(t->s, st, i, i + 1, t->f->x, y) != 0)
            return -1;
        heading = slab->bookmark > 0 ? slab->text : heading;
        if (slab->text != NULL && slab->text == heading && slab->line + 1 == slab->text->count &&
            set_mark(t, slab, first, y) != 0)
            return -1;
        y += slab->height;
    }
    return 0;
}

int lead_set(struct table *t, bool again)
{
    const struct stack *st = &t->lead_stack;

    if (t->lead == NULL)
        return 0;
    if (t->lead_height > table_room(t) + table_slack)
        return stack_too_high(t->s, st, t->lead);
    if (again ? set_again(t) != 0
              : stack_set(t->s, st, 0, st->count, t->f->x, t->s->y) != 0 ||
                    stack_bookmarks(t->s, st, 0, st->count, t->s->y) != 0)
        return -1;
    t->s->y += t->lead_height;
    t->s->flowing = true;
    return 0;
}
