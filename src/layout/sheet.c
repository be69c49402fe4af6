/* sheet.c - the pages while they grow. */
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <string.h>

void page_begin(struct sheet *s)
{
    struct page_draft *p = &s->pages[s->page_count - 1];

    p->setup = s->setup;
    p->label = s->page_label;
    p->edges = !s->bare;
    s->y = s->setup->margin[0];
    s->flowing = false;
}

int page_new(struct sheet *s)
{
    if (s->page_count == PAGES_MAX)
        return err_set(s->e, ERR_TOO_LARGE,
                       "The document would have more than %d pages; divide its rows among several documents.",
                       "文件将超过 %d 页，请把各行分到几份文件中。", PAGES_MAX);
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
    s->pages[s->page_count++] = (struct page_draft){0};
    page_begin(s);
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

bool field_wanted(const struct sheet *s, const char *role)
{
    for (size_t i = 0; i < s->order->seal_role_count; i++)
        if (strcmp(s->order->seal_roles[i], role) == 0)
            return true;
    return false;
}

static int field_item(struct sheet *s, const struct seal_field *f)
{
    struct item *i = item_new(s, ITEM_FIELD);

    if (i == NULL)
        return -1;
    i->box = f->box;
    i->u.field = f->role;
    return 0;
}

struct seal_field *field_new(struct sheet *s, const char *role, struct box box)
{
    struct seal_field *f;

    for (size_t i = 0; i < s->field_count; i++) {
        if (strcmp(s->fields[i].role, role) == 0) {
            err_set(s->e, ERR_INVALID, "The document has two seal fields of the role %s; a role seals once.",
                    "文件中有两个“%s”的签章位置，每个角色只能有一个。", role);
            return NULL;
        }
    }
    if (s->field_count == s->field_cap) {
        size_t cap = s->field_cap == 0 ? 8 : s->field_cap * 2;
        struct seal_field *more = arena_array(s->arena, cap, sizeof *more);

        if (more == NULL) {
            err_no_memory(s->e);
            return NULL;
        }
        if (s->field_count > 0)
            memcpy(more, s->fields, s->field_count * sizeof *more);
        s->fields = more;
        s->field_cap = cap;
    }
    f = &s->fields[s->field_count];
    *f = (struct seal_field){
        .role = role, .page = (s->this_page > 0 ? s->this_page : s->page_count) - 1, .box = box};
    if (field_wanted(s, role) && field_item(s, f) != 0)
        return NULL;
    s->field_count++;
    return f;
}

struct box box_of(const struct node *n)
{
    return (struct box){node_number(n, ATTR_X, 0), node_number(n, ATTR_Y, 0), node_number(n, ATTR_W, 0),
                        node_number(n, ATTR_H, 0)};
}

double page_bottom(const struct sheet *s)
{
    return s->setup->height - s->setup->margin[2];
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

int bookmark_title(struct sheet *s, int level, const char *title, double y)
{
    if (s->bookmark_count == s->bookmark_cap) {
        size_t cap = s->bookmark_cap == 0 ? 16 : s->bookmark_cap * 2;
        struct bookmark *more = arena_array(s->arena, cap, sizeof *more);

        if (more == NULL)
            return err_no_memory(s->e);
        if (s->bookmark_count > 0)
            memcpy(more, s->bookmarks, s->bookmark_count * sizeof *more);
        s->bookmarks = more;
        s->bookmark_cap = cap;
    }
    s->bookmarks[s->bookmark_count++] =
        (struct bookmark){.level = level, .title = title, .page = s->page_count - 1, .y = y};
    return 0;
}

int bookmark_add(struct sheet *s, int level, const struct tree_text *text, double y)
{
    struct buf title = BUF_INIT(1 << 20);
    const char *kept = NULL;

    for (size_t i = 0; i < text->count; i++)
        if (text->chars[i].cp < CHAR_SOFT)
            utf8_append(&title, text->chars[i].cp);
    if (buf_text(&title) != NULL)
        kept = arena_text(s->arena, buf_text(&title));
    buf_dispose(&title);
    if (kept == NULL)
        return err_no_memory(s->e);
    return kept[0] == '\0' ? 0 : bookmark_title(s, level, kept, y);
}
