/* outline.c - how a reader finds its way: bookmarks (ISO 32000-1, 12.3.3) and what pages are called (12.4.2).
 */
#include "pdf/pdf_internal.h"
#include <string.h>

static const double MM = 72 / 25.4;

/* --- bookmarks --- */

enum { NONE = -1, DEEPEST = 8 };

/* Where a bookmark hangs; indices of bookmarks. */
struct entry {
    struct object *object;
    int parent, previous, next, first, last;
    size_t below; /* entries below it, at any depth */
};

static struct entry *entries_new(struct objects *o, const struct pages *pages)
{
    struct entry *list = arena_array(o->arena, pages->bookmark_count, sizeof *list);

    for (size_t i = 0; list != NULL && i < pages->bookmark_count; i++) {
        list[i] = (struct entry){object_new(o), NONE, NONE, NONE, NONE, NONE, 0};
        if (list[i].object == NULL)
            return NULL;
    }
    return list;
}

/* A bookmark hangs on the last one before it that is higher; a level that nobody opened is passed over. */
static void hang(struct entry *list, const struct pages *pages)
{
    int open[DEEPEST + 1] = {0}, depth = 0, last_top = NONE;

    for (int i = 0; i < (int)pages->bookmark_count; i++) {
        struct entry *e = &list[i];
        int *last;

        while (depth > 0 && pages->bookmarks[open[depth - 1]].level >= pages->bookmarks[i].level)
            depth--;
        e->parent = depth > 0 ? open[depth - 1] : NONE;
        last = e->parent == NONE ? &last_top : &list[e->parent].last;
        e->previous = *last;
        if (*last != NONE)
            list[*last].next = i;
        else if (e->parent != NONE)
            list[e->parent].first = i;
        *last = i;
        for (int k = 0; k < depth; k++)
            list[open[k]].below++;
        if (depth < DEEPEST)
            open[depth++] = i;
    }
}

static void put_reference(struct buf *out, const char *key, const struct entry *list, int index)
{
    if (index != NONE)
        buf_printf(out, "/%s %u 0 R ", key, object_id(list[index].object));
}

static void put_entry(struct buf *out, const struct entry *list, size_t i, const struct pages *pages,
                      const unsigned *page_ids, const struct object *root)
{
    const struct bookmark *b = &pages->bookmarks[i];
    const struct entry *e = &list[i];

    buf_append_text(out, "/Title ");
    text_string(out, b->title);
    buf_printf(out, " /Parent %u 0 R ", object_id(e->parent == NONE ? root : list[e->parent].object));
    put_reference(out, "Prev", list, e->previous);
    put_reference(out, "Next", list, e->next);
    put_reference(out, "First", list, e->first);
    put_reference(out, "Last", list, e->last);
    if (e->below > 0)
        buf_printf(out, "/Count %zu ", e->below);
    buf_printf(out, "/Dest [%u 0 R /XYZ null ", page_ids[b->page]);
    buf_append_number(out, (pages->list[b->page].height - b->y) * MM, 3);
    buf_append_text(out, " null]");
}

int outline_write(struct objects *o, const struct pages *pages, const unsigned *page_ids, struct err *e)
{
    struct object *root = pages->bookmark_count > 0 ? object_new(o) : NULL;
    struct entry *list = root != NULL ? entries_new(o, pages) : NULL;
    struct buf text = BUF_INIT(PDF_MAX_BYTES);
    int last = 0;

    if (pages->bookmark_count == 0)
        return 0;
    for (size_t i = 0; i < pages->bookmark_count; i++)
        if (pages->bookmarks[i].page >= pages->count)
            return err_set(e, ERR_INTERNAL, "A bookmark points behind the last page.",
                           "书签指向最后一页之后。");
    if (list == NULL || HPDF_Dict_Add(o->doc->catalog, "Outlines", root->dict) != HPDF_OK)
        return objects_failed(o, e);
    hang(list, pages);
    for (size_t i = 0; i < pages->bookmark_count; i++) {
        put_entry(&text, list, i, pages, page_ids, root);
        list[i].object->body = body_keep(o, &text);
    }
    while (list[last].next != NONE)
        last = list[last].next;
    buf_printf(&text, "/Type /Outlines /Count %zu ", pages->bookmark_count);
    put_reference(&text, "First", list, 0);
    put_reference(&text, "Last", list, last);
    root->body = body_keep(o, &text);
    buf_dispose(&text);
    /* one bookmark says no more than the title */
    if (pages->bookmark_count > 1 && HPDF_Dict_AddName(o->doc->catalog, "PageMode", "UseOutlines") != HPDF_OK)
        return objects_failed(o, e);
    return 0;
}

/* --- labels --- */

static bool same_label(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Ranges of pages that are called alike, or counted on: a page without a label is called by its number. */
int labels_write(struct objects *o, const struct pages *pages, struct err *e)
{
    struct buf text = BUF_INIT(PDF_MAX_BYTES);
    struct object *labels;
    size_t named = 0;

    for (size_t i = 0; i < pages->count; i++)
        named += pages->list[i].label != NULL;
    if (named == 0)
        return 0;
    buf_append_text(&text, "/Nums [");
    for (size_t i = 0; i < pages->count; i++) {
        const char *label = pages->list[i].label;

        if (i > 0 && same_label(label, pages->list[i - 1].label))
            continue;
        buf_printf(&text, "%zu <<", i);
        if (label != NULL) {
            buf_append_text(&text, "/P ");
            text_string(&text, label);
        } else {
            buf_printf(&text, "/S /D /St %zu", i + 1);
        }
        buf_append_text(&text, ">> ");
    }
    buf_append_char(&text, ']');
    labels = object_direct_new(o);
    if (labels == NULL || HPDF_Dict_Add(o->doc->catalog, "PageLabels", labels->dict) != HPDF_OK) {
        buf_dispose(&text);
        return objects_failed(o, e);
    }
    labels->body = body_keep(o, &text);
    buf_dispose(&text);
    return 0;
}
