/* layout.c - one document: bind, lay the flow in a type that keeps it within its pages, number the pages,
 * mark them. */
#include "layout/layout_internal.h"
#include <string.h>

/* --- headers and footers --- */

/* A line of three parts, bound once. */
struct edge {
    struct tree_text text[EDGE_SLOTS];
    bool there[EDGE_SLOTS];
};

struct edge_part {
    struct shaped shaped;
    double x, end;
};

static int bind_edge(struct edge *out, struct sheet *s, const struct node *const nodes[EDGE_SLOTS])
{
    for (int k = 0; k < EDGE_SLOTS; k++) {
        out->there[k] = nodes[k] != NULL;
        if (nodes[k] != NULL &&
            tree_bind_text(&out->text[k], nodes[k], s->order->template, &s->binding, s->arena, s->e) != 0)
            return -1;
    }
    return 0;
}

/* Its parts do not touch; who is too long is the longer of two neighbours. */
static int check_edge(struct sheet *s, const struct edge *edge, const struct edge_part *parts, double left,
                      double right)
{
    double end = left;
    int before = -1;

    for (int k = 0; k < EDGE_SLOTS; k++) {
        if (!edge->there[k] || parts[k].shaped.count == 0)
            continue;
        if (parts[k].x < end - 1e-6 || parts[k].end > right + 1e-6) {
            bool first = before >= 0 && edge->text[before].count > edge->text[k].count;

            return too_long(s, &edge->text[first ? before : k], NULL);
        }
        end = parts[k].end;
        before = k;
    }
    return 0;
}

static int set_edge(struct sheet *s, const struct edge *edge, const struct page_setup *p, double y)
{
    struct setting how = {.family = p->text.family};
    struct place at = {.baseline = y, .size = p->edge_size, .color = color_of(p->text.color)};
    double left = p->margin[3], right = p->width - p->margin[1];
    struct edge_part parts[EDGE_SLOTS] = {0};

    for (int k = 0; k < EDGE_SLOTS; k++) {
        double w;

        if (!edge->there[k])
            continue;
        if (shape(&parts[k].shaped, s, &edge->text[k], &how, false) != 0)
            return -1;
        w = width_of(&parts[k].shaped, 0, parts[k].shaped.count, at.size, 0);
        parts[k].x = left + (right - left - w) * k / (EDGE_SLOTS - 1);
        parts[k].end = parts[k].x + w;
    }
    if (check_edge(s, edge, parts, left, right) != 0)
        return -1;
    for (int k = 0; k < EDGE_SLOTS; k++) {
        at.x = parts[k].x;
        if (edge->there[k] && set_line(s, &parts[k].shaped, 0, parts[k].shaped.count, &at) != 0)
            return -1;
    }
    return 0;
}

static int edges(struct sheet *s)
{
    struct edge header, footer;

    if (bind_edge(&header, s, s->setup->header) != 0 || bind_edge(&footer, s, s->setup->footer) != 0)
        return -1;
    for (size_t i = 1; i <= s->page_count; i++) {
        const struct page_draft *page = &s->pages[i - 1];

        s->this_page = i;
        if (page->edges && (set_edge(s, &header, page->setup, page->setup->header_y) != 0 ||
                            set_edge(s, &footer, page->setup, page->setup->footer_y) != 0))
            return -1;
    }
    s->this_page = 0;
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

/* --- type steps --- */

static int too_many_pages(struct sheet *s, const struct tree_node *tree)
{
    const struct tree_text *longest = longest_text(tree, true);
    const char *from = "";

    for (size_t i = 0; longest != NULL && i < longest->count && from[0] == '\0'; i++)
        from = longest->chars[i].from != NULL ? longest->chars[i].from : "";
    err_set(s->e, ERR_INVALID,
            "Even in the smallest type the document would take %zu pages, and it may have %zu. Shorten its "
            "texts, the longest first: %s (%zu characters).",
            "用最小字号排版仍需 %zu 页，而此文件最多 %zu 页。请缩短内容，最长的是 %s（%zu 个字）。",
            s->page_count, s->setup->most_pages, from, longest != NULL ? longest->count : 0);
    return err_field(s->e, "%s", from);
}

/* The sheet as if nothing stood on it; what it held stays the arena's. */
static void begin(struct sheet *s)
{
    s->page_count = s->push_count = s->field_count = s->bookmark_count = 0;
    s->pages = NULL;
    s->page_cap = 0;
    s->page_label = NULL;
    s->bare = s->turn = false;
    s->origin_x = s->origin_y = 0;
}

static int flow_all(struct sheet *s, const struct tree_node *tree)
{
    struct frame frame = {.x = s->setup->margin[3],
                          .width = s->setup->width - s->setup->margin[1] - s->setup->margin[3],
                          .style = s->setup->text};

    begin(s);
    return page_new(s) != 0 ? -1 : flow_children(s, tree, &frame);
}

/* The first size of type that keeps the document within its pages. */
static int flow_fitted(struct sheet *s, const struct tree_node *tree)
{
    const struct page_setup *document = s->setup;
    size_t steps = document->step_count > 0 ? document->step_count : 1;

    for (size_t i = 0; i < steps; i++) {
        struct page_setup *own = arena_alloc(s->arena, sizeof *own);

        if (own == NULL)
            return err_no_memory(s->e);
        *own = *document;
        if (document->step_count > 0) {
            own->text.size = document->steps[i].size;
            own->text.leading = document->steps[i].leading;
        }
        s->setup = own;
        if (flow_all(s, tree) != 0) {
            /* a text may be too long for its place in this size only */
            if (s->e->code != ERR_INVALID || i + 1 == steps)
                return -1;
        } else if (document->most_pages == 0 || s->page_count <= document->most_pages) {
            return 0;
        } else if (i + 1 == steps) {
            return too_many_pages(s, tree);
        }
    }
    return 0;
}

/* --- the document --- */

/* Whoever sees headings before the first part of the document sees them as parts. */
static void settle_bookmarks(struct sheet *s)
{
    for (size_t i = 0; i < s->bookmark_count && s->bookmarks[i].level > 1; i++)
        s->bookmarks[i].level = 1;
}

static int finish(struct pages *out, struct sheet *s)
{
    struct page *list = arena_array(s->arena, s->page_count, sizeof *list);

    if (list == NULL)
        return err_no_memory(s->e);
    for (size_t i = 1; i <= s->page_count; i++)
        if (marks_place(s, i) != 0)
            return -1;
    for (size_t i = 0; i < s->page_count; i++) {
        const struct page_draft *p = &s->pages[i];

        list[i] = (struct page){p->setup->width, p->setup->height, p->items, p->count, p->label};
    }
    settle_bookmarks(s);
    *out = (struct pages){.list = list,
                          .count = s->page_count,
                          .bookmarks = s->bookmarks,
                          .bookmark_count = s->bookmark_count,
                          .fields = s->fields,
                          .field_count = s->field_count,
                          .duplex = s->setup->duplex};
    return 0;
}

static const char *edition_of(enum mark mark)
{
    return mark == MARK_DRAFT ? EDITION_DRAFT : mark == MARK_VOID ? EDITION_VOID : NULL;
}

int layout_run(struct pages *out, const struct layout_order *order, struct fonts *fonts, struct arena *a,
               struct err *e)
{
    struct sheet s = {.order = order,
                      .binding = {order->record, order->blank, edition_of(order->mark)},
                      .setup = template_page(order->template),
                      .fonts = fonts,
                      .arena = a,
                      .scratch = a,
                      .e = e};
    struct tree_node *tree;

    *out = (struct pages){0};
    if (tree_bind(&tree, order->template, &s.binding, a, e) != 0 || flow_fitted(&s, tree) != 0)
        return -1;
    s.all_pages = s.page_count;
    if (edges(&s) != 0 || (order->service_field && service_field(&s) != 0))
        return -1;
    return finish(out, &s);
}
