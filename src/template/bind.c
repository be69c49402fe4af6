/* bind.c - a record bound into the parsed tree. Nothing of the record is ever parsed as markup. */
#include "base/clock.h"
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

/* --- opinions: what a record says in a seal field's place --- */

static int statement_error(const struct scope *s, const char *from, const char *member, const char *en,
                           const char *zh)
{
    err_set(s->e, ERR_INVALID, "%s%.0s", "%.0s%s", en, zh);
    return err_field(s->e, "%s%s%s", from, member[0] != '\0' ? "/" : "", member);
}

static int statement_check(const json_t *statement, const char *from, const struct scope *s)
{
    static const char *const members[] = {"text", "signer", "office", "date"};
    const char *name;
    json_t *value;
    struct date day;

    if (!json_is_object(statement))
        return statement_error(s, from, "", "An opinion is an object with text, signer, office and date.",
                               "意见应为含 text、signer、office、date 的对象。");
    json_object_foreach((json_t *)(uintptr_t)statement, name, value)
    {
        bool known = false;

        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
            known = known || strcmp(name, members[i]) == 0;
        if (!known)
            return statement_error(s, from, name, "An opinion has text, signer, office and date; not this.",
                                   "意见只有 text、signer、office、date，没有此项。");
        if (!json_is_string(value) && !json_is_null(value))
            return statement_error(s, from, name, "A text belongs here.", "此处应为文字。");
    }
    name = json_text(statement, "date");
    if (name != NULL && name[0] != '\0' && !date_parse(&day, name))
        return statement_error(s, from, "date", "This is not a date; write it as 2026-01-15.",
                               "此处不是日期，请写作 2026-01-15。");
    return 0;
}

static int bind_statement(struct tree_node *t, const struct scope *s)
{
    const char *role = node_word(t->node, ATTR_ROLE, "");
    const json_t *all = json_object_get(s->record, "opinions"), *one = json_object_get(all, role);

    if (s->blank || all == NULL || json_is_null(all))
        return 0;
    if (!json_is_object(all))
        return statement_error(s, "/opinions", "", "opinions is an object with a member for each role.",
                               "opinions 应为对象，每个角色一项。");
    if (one == NULL || json_is_null(one))
        return 0;
    t->statement_from = arena_printf(s->arena, "/opinions/%s", role);
    if (t->statement_from == NULL)
        return err_no_memory(s->e);
    t->statement = one;
    return statement_check(one, t->statement_from, s);
}

/* --- nodes --- */

static int bind_children(struct binder *b, const struct node *parent, struct tree_node *out,
                         const struct scope *s);
static int bind_list(struct binder *b, const struct node *parent, struct tree_node ***end,
                     const struct scope *s);

/* What a QR code says is kept to what every reader of codes takes for one word. */
static int check_code(const struct tree_text *value, const struct scope *s)
{
    bool suits = value->count <= 64;

    for (size_t i = 0; i < value->count && suits; i++) {
        uint32_t cp = value->chars[i].cp;

        suits = cp < 0x80 && cp > 0 &&
                strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", (int)cp) != NULL;
    }
    if (suits)
        return 0;
    err_set(s->e, ERR_INVALID,
            "A code holds up to 64 letters, digits, hyphens and underscores; not this value.",
            "二维码内容只能是 64 个以内的字母、数字、- 与 _，此值不行。");
    return err_field(s->e, "%s", value->chars[0].from != NULL ? value->chars[0].from : "");
}

static int bind_texts(struct tree_node *t, const struct scope *s)
{
    const struct node *n = t->node;

    if (n->text != NULL && pattern_bind(&t->text, n->text, s) != 0)
        return -1;
    if (n->label != NULL && pattern_bind(&t->label, n->label, s) != 0)
        return -1;
    if (n->value != NULL && (pattern_bind(&t->value, n->value, s) != 0 || check_code(&t->value, s) != 0))
        return -1;
    return n->kind == NODE_OPINION ? bind_statement(t, s) : 0;
}

static int bind_one(struct binder *b, const struct node *n, struct tree_node ***end, const struct scope *s)
{
    struct tree_node *t;

    if (!condition_holds(n->condition, s))
        return 0;
    if (n->kind == NODE_TBODY)
        return bind_list(b, n, end, s);
    if (++b->nodes > BOUND_MAX_NODES)
        return err_set(s->e, ERR_TOO_LARGE,
                       "The record has more rows than fit one document; divide them among several.",
                       "数据的行数超过了一份文件所能容纳的数量，请分到几份文件中。");
    t = arena_alloc(s->arena, sizeof *t);
    if (t == NULL)
        return err_no_memory(s->e);
    t->node = n;
    if (bind_texts(t, s) != 0)
        return -1;
    **end = t;
    *end = &t->next;
    return bind_children(b, n, t, s);
}

/* Empty ones, so that a form has its rows. */
static int bind_fillers(struct binder *b, const struct node *n, struct tree_node ***end,
                        const struct scope *s, size_t count)
{
    struct scope inner = *s;

    inner.item = NULL;
    inner.item_pointer = NULL;
    inner.index = 0;
    inner.filler = true;
    for (; count > 0; count--)
        if (bind_one(b, n, end, &inner) != 0)
            return -1;
    return 0;
}

static int bind_each(struct binder *b, const struct node *n, struct tree_node ***end, const struct scope *s)
{
    const char *fallback, *pointer = path_pointer(n->each, s);
    const json_t *list = path_lookup(n->each, s, &fallback);
    struct scope inner = *s;
    size_t i, count = json_array_size(list);
    json_t *item;

    if (list != NULL && !json_is_array(list)) {
        err_set(s->e, ERR_INVALID, "A list belongs here.", "此处应为列表。");
        return err_field(s->e, "%s", pointer);
    }
    json_array_foreach(list, i, item)
    {
        inner.item = item;
        inner.index = i + 1;
        inner.filler = false;
        inner.item_pointer = arena_printf(s->arena, "%s/%zu", pointer, i);
        if (inner.item_pointer == NULL)
            return err_no_memory(s->e);
        if (bind_one(b, n, end, &inner) != 0)
            return -1;
    }
    return n->least > count ? bind_fillers(b, n, end, s, n->least - count) : 0;
}

static int bind_list(struct binder *b, const struct node *parent, struct tree_node ***end,
                     const struct scope *s)
{
    bool came = false; /* whether this element, or one that it is the else of, came to something */

    for (const struct node *n = parent->first; n != NULL; n = n->next) {
        struct tree_node **before = *end;

        if (n->otherwise && came)
            continue;
        if ((n->each != NULL ? bind_each(b, n, end, s) : bind_one(b, n, end, s)) != 0)
            return -1;
        came = *end != before;
    }
    return 0;
}

static int bind_children(struct binder *b, const struct node *parent, struct tree_node *out,
                         const struct scope *s)
{
    struct tree_node **end = &out->first;
    size_t number = 0;

    if (bind_list(b, parent, &end, s) != 0)
        return -1;
    for (struct tree_node *t = out->first; t != NULL; t = t->next)
        t->number = (size_t)parent->level + number++;
    return 0;
}

static struct scope scope_of(const struct binding *b, struct arena *a, struct err *e)
{
    return (struct scope){.record = b->record, .blank = b->blank, .edition = b->edition, .arena = a, .e = e};
}

int tree_bind(struct tree_node **out, const struct template *t, const struct binding *binding,
              struct arena *a, struct err *e)
{
    struct scope s = scope_of(binding, a, e);
    struct binder b = {0};

    *out = arena_alloc(a, sizeof **out);
    if (*out == NULL)
        return err_no_memory(e);
    if (!json_is_object(s.record) && !(s.blank && s.record == NULL))
        return err_set(e, ERR_INVALID, "The record is not a JSON object.", "数据不是 JSON 对象。");
    (*out)->node = t->body;
    return bind_children(&b, t->body, *out, &s);
}

int tree_bind_text(struct tree_text *out, const struct node *node, const struct template *t,
                   const struct binding *binding, struct arena *a, struct err *e)
{
    struct scope s = scope_of(binding, a, e);

    (void)t;
    return pattern_bind(out, node->text, &s);
}
