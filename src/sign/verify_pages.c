/* verify_pages.c - how many pages a file has, and on which of them its seals are seen. Only for people to
 * read: no verdict depends on it. */
#include "sign/verify_internal.h"

enum { MAX_LEVELS = 32, MAX_PAGES = 20000, MAX_COMPARISONS = 1000000 };

struct page_walk {
    struct pdf_file *f;
    struct seal_place *places;
    size_t count, pages, comparisons;
    uint32_t mark;
    bool failed;
};

static void seals_find(struct page_walk *w, const struct pdf_value *page, size_t view)
{
    const struct pdf_value *list = pdf_lookup(w->f, page, "Annots", view);

    if (list->kind != PDF_ARRAY)
        return;
    if (list->count > MAX_COMPARISONS / (w->count + 1) ||
        (w->comparisons += list->count * w->count) > MAX_COMPARISONS)
        return;
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < w->count && list->items[i].kind == PDF_REFERENCE; j++)
            if (w->places[j].page == 0 && w->places[j].widget != 0 &&
                w->places[j].widget == (uint64_t)list->items[i].number)
                w->places[j].page = w->pages;
}

/* Every node once: whoever is met twice makes the count uncertain. */
static void node_walk(struct page_walk *w, const struct pdf_value *v, int level)
{
    size_t view = w->f->revision_count - 1;
    struct pdf_entry *entry = v->kind == PDF_REFERENCE ? pdf_entry_at(w->f, (uint64_t)v->number, view) : NULL;
    const struct pdf_value *node, *kids;

    if (entry == NULL || entry->mark == w->mark || level > MAX_LEVELS || w->pages >= MAX_PAGES) {
        w->failed = true;
        return;
    }
    entry->mark = w->mark;
    node = pdf_resolve(w->f, v, view);
    kids = pdf_lookup(w->f, node, "Kids", view);
    if (node->kind != PDF_DICTIONARY || w->f->fault.kind != FAULT_NONE) {
        w->failed = true;
    } else if (kids->kind == PDF_ARRAY) {
        for (size_t i = 0; i < kids->count && !w->failed; i++)
            node_walk(w, &kids->items[i], level + 1);
    } else {
        w->pages++;
        seals_find(w, node, view);
    }
}

size_t pages_find(struct pdf_file *f, struct seal_place *places, size_t count)
{
    struct page_walk w = {.f = f, .places = places, .count = count, .mark = ++f->walks};
    size_t view = f->revision_count - 1;
    const struct pdf_value *root = pdf_lookup(f, &f->revisions[view].trailer, "Root", view);
    const struct pdf_value *pages = pdf_get(root, "Pages");

    if (pages == NULL)
        return 0;
    node_walk(&w, pages, 0);
    if (w.failed || f->fault.kind != FAULT_NONE) {
        for (size_t i = 0; i < count; i++)
            places[i].page = 0;
        return 0;
    }
    return w.pages;
}
