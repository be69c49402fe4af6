/* flow.c - the main flow of a document: stacks laid on as many pages as they need, tables, sections. */
#include "layout/layout_internal.h"
#include <string.h>

int flow_need(struct sheet *s, double mm)
{
    if (s->y + mm <= page_bottom(s) + 1e-6 || !s->flowing)
        return 0;
    return page_new(s);
}

/* --- stacks on pages --- */

static int set_here(struct sheet *s, const struct stack *st, size_t from, size_t to, double x)
{
    double above = s->flowing ? st->slabs[from].before : 0, h = stack_height(st, from, to);

    s->y += above;
    if (stack_bookmarks(s, st, from, to, s->y) != 0 || stack_set(s, st, from, to, x, s->y) != 0)
        return -1;
    s->y += h;
    if (h > 0)
        s->flowing = true;
    return 0;
}

/* What should stay together and is higher than a page: each slab where there is room. */
static int set_apart(struct sheet *s, const struct stack *st, size_t from, size_t to, double x)
{
    for (size_t i = from, end; i < to; i = end) {
        end = i + 1;
        /* what lies beside the next slab goes with it */
        while (end < to && st->slabs[end - 1].height == 0)
            end++;
        if (flow_need(s, stack_height(st, i, end) + st->slabs[i].before) != 0)
            return -1;
        if (!s->flowing && s->y + stack_height(st, i, end) > page_bottom(s) + 1e-6) {
            const struct stack one = {.slabs = st->slabs + i, .count = end - i};
            const struct tree_node *n = st->slabs[end - 1].node;

            if (st->slabs[end - 1].inner != NULL)
                return stack_too_high(s, st->slabs[end - 1].inner, n);
            if (n != NULL || st->slabs[end - 1].text != NULL)
                return stack_too_high(s, &one, n);
        }
        if (set_here(s, st, i, end, x) != 0)
            return -1;
    }
    return 0;
}

/* below: room that what follows the stack wants beside its last heading. */
static int flow_stack(struct sheet *s, const struct stack *st, double x, double below)
{
    for (size_t from = 0, to; from < st->count; from = to) {
        double h;

        for (to = from + 1; to < st->count && st->slabs[to - 1].with_next; to++)
            ;
        h = stack_height(st, from, to);
        if (to == st->count && st->slabs[to - 1].with_next)
            h += below;
        if (flow_need(s, h + st->slabs[from].before) != 0)
            return -1;
        if ((s->y + h > page_bottom(s) + 1e-6 ? set_apart : set_here)(s, st, from, to, x) != 0)
            return -1;
    }
    return 0;
}

/* --- sections --- */

/* The page's pages look as the section says; the rest is the document's. */
static const struct page_setup *section_setup(struct sheet *s, const struct node *n)
{
    struct page_setup *p = arena_alloc(s->arena, sizeof *p);
    const struct attr *margins = node_attr(n, ATTR_MARGINS);
    const char *page = node_word(n, ATTR_PAGE, NULL);

    if (p == NULL) {
        err_no_memory(s->e);
        return NULL;
    }
    *p = *s->setup;
    if (page != NULL && page_size_parse(&p->width, &p->height, page))
        p->footer_y += p->height - s->setup->height;
    for (size_t i = 0; margins != NULL && i < 4; i++)
        p->margin[i] = margins->numbers[margins->count >= 4 ? i : i % margins->count];
    p->footer_y = node_number(n, ATTR_FOOTER_Y, p->footer_y);
    return p;
}

static bool page_is_empty(const struct sheet *s)
{
    return s->page_count > 0 && s->pages[s->page_count - 1].count == 0 && !s->flowing;
}

static int section_bookmark(struct sheet *s, const struct node *n)
{
    struct slice title = slice_of(node_word(n, ATTR_BOOKMARK, ""));

    return title.len == 0 ? 0 : bookmark_title(s, 1, (const char *)title.ptr, s->setup->margin[0]);
}

static int flow_section(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    const struct page_setup *document = s->setup, *own = section_setup(s, n->node);
    const char *label = s->page_label;
    bool bare = s->bare;
    struct frame inner = *f;

    if (own == NULL)
        return -1;
    s->setup = own;
    s->page_label = node_word(n->node, ATTR_PAGE_LABEL, NULL);
    s->bare = node_number(n->node, ATTR_FOOTER, 1) == 0;
    inner.x = own->margin[3];
    inner.width = own->width - own->margin[1] - own->margin[3];
    if (page_is_empty(s))
        page_begin(s);
    else if (page_new(s) != 0)
        return -1;
    s->turn = false;
    if (section_bookmark(s, n->node) != 0 || flow_children(s, n, &inner) != 0)
        return -1;
    s->setup = document;
    s->page_label = label;
    s->bare = bare;
    s->turn = true;
    return 0;
}

/* --- the flow --- */

static int flow_skip(struct sheet *s, const struct tree_node *n)
{
    double to = node_number(n->node, ATTR_TO, 0);

    if (to > page_bottom(s) + 1e-6)
        return err_set(s->e, ERR_INVALID,
                       "<skip to=\"%g\"> at line %d of the template lies below the page's bottom margin.",
                       "模板第 %2$d 行 <skip to=\"%1$g\"> 已超出版心下边。", to, n->node->line);
    if (s->y < to) {
        s->y = to;
        s->flowing = true;
    }
    return 0;
}

static int flow_block(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct frame inner = block_frame(n, f);

    return flow_children(s, n, &inner);
}

static int flow_other(struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    switch (n->node->kind) {
    case NODE_TABLE:
        return flow_table(s, n, f);
    case NODE_SECTION:
        return flow_section(s, n, f);
    case NODE_SKIP:
        return flow_skip(s, n);
    case NODE_BLOCK:
        return flow_block(s, n, f);
    default:
        return page_new(s);
    }
}

/* Room that a table wants beside the heading above it, also where it begins a block. */
static int beginning(double *mm, struct sheet *s, const struct tree_node *n, const struct frame *f)
{
    struct frame inner = *f;

    for (; n != NULL && n->node->kind == NODE_BLOCK; n = n->first)
        inner = block_frame(n, &inner);
    return n != NULL && n->node->kind == NODE_TABLE ? table_beginning(mm, s, n, &inner) : 0;
}

/* Everything up to the next table, section or page break is one stack. */
static int flow_run(struct sheet *s, const struct tree_node **at, const struct frame *f)
{
    struct stack st = {0};
    struct frame own = *f;
    const struct tree_node *n = *at;
    double below = 0;

    own.x = 0;
    for (; n != NULL && stack_holds(n); n = n->next)
        if (stack_add(&st, s, n, &own) != 0)
            return -1;
    *at = n;
    stack_end(&st);
    if (st.count > 0 && st.slabs[st.count - 1].with_next && beginning(&below, s, n, f) != 0)
        return -1;
    return flow_stack(s, &st, f->x, below);
}

int flow_children(struct sheet *s, const struct tree_node *parent, const struct frame *f)
{
    const struct tree_node *n = parent->first;

    while (n != NULL) {
        bool holds = stack_holds(n);

        /* after a section the document goes on on a new page, if it goes on */
        if (s->turn && n->node->kind != NODE_SECTION && n->node->kind != NODE_PAGE_BREAK && page_new(s) != 0)
            return -1;
        s->turn = s->turn && n->node->kind == NODE_SECTION;
        if (holds) {
            if (flow_run(s, &n, f) != 0)
                return -1;
        } else {
            if (flow_other(s, n, f) != 0)
                return -1;
            n = n->next;
        }
    }
    return 0;
}
