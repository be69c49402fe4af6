/* path.c - where in a record a placeholder looks, and the conditions made of such places. */
#include "template/template_internal.h"
#include <string.h>

enum { PATH_MAX_KEYS = 8 };

static bool is_key_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static const json_t *member(const json_t *at, const char *key)
{
    if (json_is_array(at)) {
        size_t i = 0;

        for (const char *p = key; *p != '\0'; p++) {
            if (*p < '0' || *p > '9' || i > 100000)
                return NULL;
            i = i * 10 + (size_t)(*p - '0');
        }
        return json_array_get(at, i);
    }
    return json_object_get(at, key);
}

static const json_t *walk(const json_t *at, const struct path *p)
{
    for (size_t i = 0; at != NULL && i < p->count; i++)
        at = member(at, p->keys[i]);
    return at;
}

static bool is_listed(const struct template *t, const char *text)
{
    for (size_t i = 0; i < t->optional_count; i++) {
        size_t len = strlen(t->optional[i]);

        /* an optional object may hold anything: "committee" allows committee.name */
        if (strncmp(t->optional[i], text, len) == 0 && (text[len] == '\0' || text[len] == '.'))
            return true;
    }
    for (size_t i = 0; i < t->default_count; i++)
        if (strcmp(t->defaults[i].path, text) == 0)
            return true;
    return false;
}

static bool in_sample(const struct loader *l, const struct path *p)
{
    const json_t *items;
    size_t i;
    json_t *item;

    if (!p->relative)
        return walk(l->t->sample, p) != NULL;
    items = l->items[l->scope_count - 1];
    json_array_foreach(items, i, item)
    {
        if (walk(item, p) != NULL)
            return true;
    }
    return false;
}

static int check(struct loader *l, int line, struct path *p)
{
    const char *text = p->text;

    if (p->relative) {
        if (l->scope_count == 0)
            return load_error(l, line, "\"%s\" begins with a dot, but there is no each= around it.",
                              "“%s”以点开头，但外层没有 each=。", p->text);
        text =
            arena_printf(&l->t->arena, "%s%s", l->scopes[l->scope_count - 1], p->count == 0 ? "" : p->text);
        if (text == NULL)
            return err_no_memory(l->e);
    }
    for (size_t i = 0; i < l->t->default_count && !p->relative; i++)
        if (strcmp(l->t->defaults[i].path, text) == 0)
            p->otherwise = l->t->defaults[i].value;
    if (!in_sample(l, p) && !is_listed(l->t, text))
        return load_error(l, line,
                          "Nothing is called \"%s\": it is neither in sample.json nor in the front matter's "
                          "optional or defaults.",
                          "没有名为“%s”的字段：sample.json 以及文件头的 optional、defaults 中都没有。",
                          p->text);
    return 0;
}

/* Cuts the text at its dots. */
static int split(struct loader *l, int line, struct path *p)
{
    const char **keys = arena_array(&l->t->arena, PATH_MAX_KEYS, sizeof *keys);
    struct buf pointer = BUF_INIT(1024);
    const char *at = p->text + (p->relative ? 1 : 0);
    int rc = -1;

    if (keys == NULL) {
        err_no_memory(l->e);
        goto out;
    }
    p->keys = keys;
    while (*at != '\0') {
        size_t len = 0;

        while (is_key_char((uint8_t)at[len]))
            len++;
        if (len == 0 || p->count == PATH_MAX_KEYS || (at[len] != '.' && at[len] != '\0') ||
            (at[len] == '.' && at[len + 1] == '\0')) {
            load_error(l, line, "\"%s\" is not a name such as issuer.name.",
                       "“%s”不是 issuer.name 这样的字段名。", p->text);
            goto out;
        }
        keys[p->count++] = arena_slice(&l->t->arena, (struct slice){(const uint8_t *)at, len});
        buf_printf(&pointer, "/%.*s", (int)len, at);
        at += len + (at[len] == '.' ? 1 : 0);
    }
    p->pointer = arena_slice(&l->t->arena, buf_view(&pointer));
    rc = p->pointer == NULL || !buf_ok(&pointer) ? err_no_memory(l->e) : 0;
out:
    buf_dispose(&pointer);
    return rc;
}

const struct path *path_parse(struct loader *l, int line, struct slice text)
{
    struct path *p = arena_alloc(&l->t->arena, sizeof *p);

    while (text.len > 0 && text.ptr[0] == ' ')
        text = slice_part(text, 1, text.len - 1);
    while (text.len > 0 && text.ptr[text.len - 1] == ' ')
        text.len--;
    if (p == NULL || (p->text = arena_slice(&l->t->arena, text)) == NULL) {
        err_no_memory(l->e);
        return NULL;
    }
    p->relative = text.len > 0 && text.ptr[0] == '.';
    if (text.len == 0 || text.len > 200) {
        load_error(l, line, "A placeholder or condition has no name in it.", "占位符或条件中没有字段名。");
        return NULL;
    }
    if (split(l, line, p) != 0 || check(l, line, p) != 0)
        return NULL;
    return p;
}

static bool is_absent(const json_t *v)
{
    return v == NULL || json_is_null(v) || (json_is_string(v) && json_string_length(v) == 0);
}

const json_t *path_lookup(const struct path *p, const struct scope *s, const char **fallback)
{
    const json_t *v = walk(p->relative ? s->item : s->record, p);

    *fallback = NULL;
    if (!is_absent(v))
        return v;
    *fallback = p->otherwise;
    return NULL;
}

const char *path_pointer(const struct path *p, const struct scope *s)
{
    const char *pointer;

    if (!p->relative)
        return p->pointer;
    pointer = arena_printf(s->arena, "%s%s", s->item_pointer != NULL ? s->item_pointer : "", p->pointer);
    return pointer != NULL ? pointer : p->pointer;
}

/* --- conditions: path | !path | path = text | path != text, joined by " and " --- */

enum test { TEST_PRESENT, TEST_ABSENT, TEST_EQUAL, TEST_DIFFERENT };

struct condition {
    const struct path *path;
    enum test test;
    const char *text;
    const struct condition *next; /* holds as well */
};

static int one_test(struct loader *l, int line, struct slice s, struct condition *c)
{
    size_t equals;

    s = trimmed(s);
    equals = slice_find(s, 0, slice_of("="));
    if (equals != SIZE_MAX) {
        bool different = equals > 0 && s.ptr[equals - 1] == '!';

        c->test = different ? TEST_DIFFERENT : TEST_EQUAL;
        c->text = arena_slice(&l->t->arena, trimmed(slice_part(s, equals + 1, s.len - equals - 1)));
        s = trimmed(slice_part(s, 0, different ? equals - 1 : equals));
        if (c->text == NULL)
            return err_no_memory(l->e);
    } else if (s.len > 0 && s.ptr[0] == '!') {
        c->test = TEST_ABSENT;
        s = slice_part(s, 1, s.len - 1);
    }
    c->path = path_parse(l, line, s);
    return c->path != NULL ? 0 : -1;
}

const struct condition *condition_parse(struct loader *l, int line, const char *text)
{
    struct slice rest = slice_of(text);
    const struct condition *all = NULL;

    for (;;) {
        size_t joint = slice_find(rest, 0, slice_of(" and "));
        struct condition *c = arena_alloc(&l->t->arena, sizeof *c);

        if (c == NULL) {
            err_no_memory(l->e);
            return NULL;
        }
        c->next = all;
        all = c;
        if (one_test(l, line, joint == SIZE_MAX ? rest : slice_part(rest, 0, joint), c) != 0)
            return NULL;
        if (joint == SIZE_MAX)
            return all;
        rest = slice_part(rest, joint + 5, rest.len - joint - 5);
    }
}

static bool test_holds(const struct condition *c, const struct scope *s)
{
    const char *text;
    const json_t *v = path_lookup(c->path, s, &text);
    bool present = (v != NULL && !json_is_false(v) && !(json_is_array(v) && json_array_size(v) == 0)) ||
                   (v == NULL && text != NULL && text[0] != '\0');

    if (c->test == TEST_PRESENT || c->test == TEST_ABSENT)
        return present == (c->test == TEST_PRESENT);
    if (json_is_string(v))
        text = json_string_value(v);
    return (text != NULL && strcmp(text, c->text) == 0) == (c->test == TEST_EQUAL);
}

bool condition_holds(const struct condition *c, const struct scope *s)
{
    for (; c != NULL; c = c->next)
        if (!test_holds(c, s))
            return false;
    return true;
}
