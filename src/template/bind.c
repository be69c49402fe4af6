/* bind.c - a record bound into the parsed tree. Nothing of the record is ever parsed as markup. */
#include "template/template_internal.h"
#include <string.h>

enum { BOUND_MAX_NODES = 200000 };

struct binder {
    size_t nodes;
};

const struct attr *node_attr(const struct node *n, enum attr_name name)
{
    for (size_t i = 0; i < n->attr_count; i++)
        if (n->attrs[i].name == name)
            return &n->attrs[i];
    return NULL;
}

double node_number(const struct node *n, enum attr_name name, double otherwise)
{
    const struct attr *a = node_attr(n, name);

    return a != NULL ? a->number : otherwise;
}

const char *node_word(const struct node *n, enum attr_name name, const char *otherwise)
{
    const struct attr *a = node_attr(n, name);

    return a != NULL ? a->text : otherwise;
}

static int bind_children(struct binder *b, const struct node *parent, struct tree_node *out,
                         const struct scope *s);

static int bind_one(struct binder *b, const struct node *n, struct tree_node ***end, const struct scope *s)
{
    struct tree_node *t;

    if (!condition_holds(n->condition, s))
        return 0;
    if (++b->nodes > BOUND_MAX_NODES)
        return err_set(s->e, ERR_TOO_LARGE, "The record has more rows than fit one document.",
                       "数据的行数超过了一份文件所能容纳的数量。");
    t = arena_alloc(s->arena, sizeof *t);
    if (t == NULL)
        return err_no_memory(s->e);
    t->node = n;
    if (n->text != NULL && pattern_bind(&t->text, n->text, s) != 0)
        return -1;
    if (n->label != NULL && pattern_bind(&t->label, n->label, s) != 0)
        return -1;
    **end = t;
    *end = &t->next;
    return bind_children(b, n, t, s);
}

static int bind_each(struct binder *b, const struct node *n, struct tree_node ***end, const struct scope *s)
{
    const char *fallback, *pointer;
    const json_t *list;
    struct scope inner = *s;
    size_t i;
    json_t *item;

    list = path_lookup(n->each, s, &fallback);
    if (list == NULL)
        return 0;
    pointer = path_pointer(n->each, s);
    if (!json_is_array(list)) {
        err_set(s->e, ERR_INVALID, "A list belongs here.", "此处应为列表。");
        return err_field(s->e, "%s", pointer);
    }
    json_array_foreach(list, i, item)
    {
        inner.item = item;
        inner.item_pointer = arena_printf(s->arena, "%s/%zu", pointer, i);
        if (inner.item_pointer == NULL)
            return err_no_memory(s->e);
        if (bind_one(b, n, end, &inner) != 0)
            return -1;
    }
    return 0;
}

static int bind_children(struct binder *b, const struct node *parent, struct tree_node *out,
                         const struct scope *s)
{
    struct tree_node **end = &out->first;
    size_t number = 0;

    for (const struct node *n = parent->first; n != NULL; n = n->next)
        if ((n->each != NULL ? bind_each(b, n, &end, s) : bind_one(b, n, &end, s)) != 0)
            return -1;
    for (struct tree_node *t = out->first; t != NULL; t = t->next)
        t->number = (size_t)parent->level + number++;
    return 0;
}

int tree_bind(struct tree_node **out, const struct template *t, const struct binding *binding,
              struct arena *a, struct err *e)
{
    const json_t *record = binding->record;
    struct scope s = {.record = record, .arena = a, .e = e};
    struct binder b = {0};

    *out = arena_alloc(a, sizeof **out);
    if (*out == NULL)
        return err_no_memory(e);
    if (!json_is_object(record))
        return err_set(e, ERR_INVALID, "The record is not a JSON object.", "数据不是 JSON 对象。");
    (*out)->node = t->body;
    return bind_children(&b, t->body, *out, &s);
}

int tree_bind_text(struct tree_text *out, const struct node *node, const struct template *t,
                   const struct binding *binding, struct arena *a, struct err *e)
{
    struct scope s = {.record = binding->record, .arena = a, .e = e};

    (void)t;
    return pattern_bind(out, node->text, &s);
}
