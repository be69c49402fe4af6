/* path.c - where in a record a placeholder looks. */
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

static bool begins_path(const char *member, const char *path)
{
    size_t len = strlen(member);

    return strncmp(member, path, len) == 0 && (path[len] == '\0' || path[len] == '.');
}

bool template_knows(const struct template *t, const char *member)
{
    static const char *const always[] = {"host", "version", "opinions"}; /* read without a placeholder */

    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        if (strcmp(member, always[i]) == 0)
            return true;
    for (size_t i = 0; i < t->optional_count; i++)
        if (begins_path(member, t->optional[i]))
            return true;
    for (size_t i = 0; i < t->default_count; i++)
        if (begins_path(member, t->defaults[i].path))
            return true;
    return json_object_get(t->sample, member) != NULL;
}

static bool in_sample(const struct loader *l, const struct path *p)
{
    size_t i;
    json_t *item;

    if (!p->relative)
        return walk(l->t->sample, p) != NULL;
    json_array_foreach(l->items[l->scope_count - 1], i, item)
    {
        if (walk(item, p) != NULL)
            return true;
    }
    return false;
}

/* --- what may have been meant --- */

/* Tries every name in value, with what stands before it ("issuer." of issuer.name). */
static void try_members(struct nearest *n, const json_t *value, const char *before, int depth)
{
    const char *name;
    json_t *one;

    if (depth > 4)
        return;
    json_object_foreach((json_t *)(uintptr_t)value, name, one)
    {
        char whole[128];
        int len = snprintf(whole, sizeof whole, "%s%s", before, name);

        if (len <= 0 || len >= (int)sizeof whole - 1)
            continue;
        nearest_try(n, slice_of(whole));
        whole[len] = '.';
        whole[len + 1] = '\0';
        try_members(n, one, whole, depth + 1);
    }
}

static int unknown(struct loader *l, size_t at, const struct path *p)
{
    const struct template *t = l->t;
    struct nearest near;
    json_t *item;
    size_t i;

    nearest_begin(&near, slice_of(p->text));
    if (p->relative) {
        json_array_foreach(l->items[l->scope_count - 1], i, item)
        {
            try_members(&near, item, ".", 0);
        }
    } else {
        try_members(&near, t->sample, "", 0);
        for (i = 0; i < t->optional_count; i++)
            nearest_try(&near, slice_of(t->optional[i]));
        for (i = 0; i < t->default_count; i++)
            nearest_try(&near, slice_of(t->defaults[i].path));
    }
    nearest_end(&near);
    return load_error(l, at,
                      "Nothing is called \"%s\": it is neither in sample.json nor in the front matter's "
                      "optional or defaults.%s%.0s",
                      "没有名为“%s”的字段：sample.json 以及文件头的 optional、defaults 中都没有。%.0s%s",
                      p->text, near.en, near.zh);
}

static int check(struct loader *l, size_t at, struct path *p)
{
    struct template *t = l->t;

    p->full = p->text;
    if (p->relative) {
        if (l->scope_count == 0)
            return load_error(l, at, "\"%s\" begins with a dot, but there is no each= around it.",
                              "“%s”以点开头，但外层没有 each=。", p->text);
        p->full =
            arena_printf(&t->arena, "%s%s", l->scopes[l->scope_count - 1], p->count == 0 ? "" : p->text);
        if (p->full == NULL)
            return err_no_memory(l->e);
    }
    for (size_t i = 0; i < t->default_count; i++)
        if (strcmp(t->defaults[i].path, p->full) == 0)
            p->otherwise = t->defaults[i].value;
    return in_sample(l, p) || is_listed(t, p->full) ? 0 : unknown(l, at, p);
}

/* Cuts the text at its dots. */
static int split(struct loader *l, size_t at, struct path *p)
{
    const char **keys = arena_array(&l->t->arena, PATH_MAX_KEYS, sizeof *keys);
    struct buf pointer = BUF_INIT(1024);
    const char *next = p->text + (p->relative ? 1 : 0);
    int rc = -1;

    if (keys == NULL) {
        err_no_memory(l->e);
        goto out;
    }
    p->keys = keys;
    while (*next != '\0') {
        size_t len = 0;

        while (is_key_char((uint8_t)next[len]))
            len++;
        if (len == 0 || p->count == PATH_MAX_KEYS || (next[len] != '.' && next[len] != '\0') ||
            (next[len] == '.' && next[len + 1] == '\0')) {
            load_error(l, at, "\"%s\" is not a name such as issuer.name.",
                       "“%s”不是 issuer.name 这样的字段名。", p->text);
            goto out;
        }
        keys[p->count] = arena_slice(&l->t->arena, (struct slice){(const uint8_t *)next, len});
        if (keys[p->count++] == NULL) {
            err_no_memory(l->e);
            goto out;
        }
        buf_printf(&pointer, "/%.*s", (int)len, next);
        next += len + (next[len] == '.' ? 1 : 0);
    }
    p->pointer = arena_slice(&l->t->arena, buf_view(&pointer));
    rc = p->pointer == NULL || !buf_ok(&pointer) ? err_no_memory(l->e) : 0;
out:
    buf_dispose(&pointer);
    return rc;
}

/* "@index": what the program says and no record does. */
static int read_builtin(struct loader *l, size_t at, struct path *p)
{
    static const char *const names[] = {"@index", "@version", "@draft", "@void", "@blank"};
    struct nearest near;

    nearest_begin(&near, slice_of(p->text));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        nearest_try(&near, slice_of(names[i]));
        if (strcmp(p->text, names[i]) == 0)
            p->builtin = (enum builtin)(BUILTIN_INDEX + i);
    }
    nearest_end(&near);
    if (p->builtin == BUILTIN_NONE)
        return load_error(
            l, at, "Nothing is called \"%s\".%s%.0s There are @index, @version, @draft, @void, @blank.",
            "没有“%s”。%.0s%s可用：@index、@version、@draft、@void、@blank。", p->text, near.en, near.zh);
    if (p->builtin == BUILTIN_INDEX && l->scope_count == 0)
        return load_error(l, at, "@index has no each= around it.", "@index 的外层没有 each=。");
    return 0;
}

const struct path *path_parse(struct loader *l, size_t at, struct slice text)
{
    struct path *p = arena_alloc(&l->t->arena, sizeof *p);

    while (text.len > 0 && text.ptr[0] == ' ') {
        text = slice_part(text, 1, text.len - 1);
        at++;
    }
    text = trimmed(text);
    if (p == NULL || (p->text = arena_slice(&l->t->arena, text)) == NULL) {
        err_no_memory(l->e);
        return NULL;
    }
    if (text.len == 0 || text.len > 200) {
        load_error(l, at, "A placeholder or condition has no name in it.", "占位符或条件中没有字段名。");
        return NULL;
    }
    if (text.ptr[0] == '@')
        return read_builtin(l, at, p) == 0 ? p : NULL;
    p->relative = text.ptr[0] == '.';
    return split(l, at, p) == 0 && check(l, at, p) == 0 ? p : NULL;
}

/* --- each= --- */

/* All that the sample has in lists of that name, so that a member which only the third item of the second
 * list has is known. */
static int gather(json_t *out, const json_t *list)
{
    size_t i;
    json_t *item;

    if (list == NULL || json_is_null(list))
        return 0;
    if (!json_is_array(list))
        return -1;
    json_array_foreach(list, i, item)
    {
        if (json_array_append(out, item) != 0)
            return -1;
    }
    return 0;
}

/* Of a relative path, those of all items around it. */
static int gather_all(const struct loader *l, json_t *out, const struct path *p)
{
    size_t i;
    json_t *item;

    if (p->builtin != BUILTIN_NONE)
        return -1;
    if (!p->relative)
        return gather(out, walk(l->t->sample, p));
    json_array_foreach(l->items[l->scope_count - 1], i, item)
    {
        if (gather(out, walk(item, p)) != 0)
            return -1;
    }
    return 0;
}

int path_enter(struct loader *l, size_t at, const struct path *p)
{
    json_t *items = json_array();
    int rc = 0;

    if (items == NULL)
        return err_no_memory(l->e);
    if (l->scope_count == SCOPE_MAX) {
        rc = load_error(l, at, "each= is nested more than %d deep.", "each= 嵌套超过 %d 层。", SCOPE_MAX);
        goto out;
    }
    /* of a list that only some records have, the sample need not show an item */
    if (gather_all(l, items, p) != 0 || (json_array_size(items) == 0 && !is_listed(l->t, p->full))) {
        rc = load_error(l, at, "each=\"%s\": sample.json has no list with at least one item there.",
                        "each=\"%s\"：sample.json 中此处没有至少一项的列表。", p->text);
        goto out;
    }
    l->scopes[l->scope_count] = p->full;
    l->items[l->scope_count++] = json_incref(items);
out:
    json_decref(items);
    return rc;
}

void path_leave(struct loader *l)
{
    json_decref(l->items[--l->scope_count]);
}

/* --- looking up --- */

static bool is_absent(const json_t *v)
{
    return v == NULL || json_is_null(v) || (json_is_string(v) && json_string_length(v) == 0);
}

/* "第5版" of a record that says "version": 5. */
static const char *version_text(const struct scope *s)
{
    const json_t *v = json_object_get(s->record, "version");
    const char *text = json_string_value(v);

    if (s->edition != NULL)
        return s->edition;
    if (json_is_integer(v))
        return arena_printf(s->arena, "第%lld版", (long long)json_integer_value(v));
    if (text == NULL || text[0] == '\0')
        return NULL;
    return text[strspn(text, "0123456789")] == '\0' ? arena_printf(s->arena, "第%s版", text) : text;
}

static bool has_edition(const struct scope *s, const char *edition)
{
    return s->edition != NULL && strcmp(s->edition, edition) == 0;
}

static const char *builtin_text(enum builtin builtin, const struct scope *s)
{
    switch (builtin) {
    case BUILTIN_INDEX:
        return s->index > 0 && !s->filler ? arena_printf(s->arena, "%zu", s->index) : NULL;
    case BUILTIN_VERSION:
        return version_text(s);
    case BUILTIN_DRAFT:
        return has_edition(s, EDITION_DRAFT) ? "是" : NULL;
    case BUILTIN_VOID:
        return has_edition(s, EDITION_VOID) ? "是" : NULL;
    case BUILTIN_BLANK:
        return s->blank ? "是" : NULL;
    case BUILTIN_NONE:
        break;
    }
    return NULL;
}

const json_t *path_lookup(const struct path *p, const struct scope *s, const char **fallback)
{
    const json_t *v;

    *fallback = NULL;
    if (p->builtin != BUILTIN_NONE) {
        *fallback = builtin_text(p->builtin, s);
        return NULL;
    }
    v = walk(p->relative ? s->item : s->record, p);
    if (!is_absent(v))
        return v;
    if (!s->blank && !(p->relative && s->filler))
        *fallback = p->otherwise;
    return NULL;
}

const char *path_pointer(const struct path *p, const struct scope *s)
{
    const char *pointer;

    if (p->builtin != BUILTIN_NONE)
        return p->builtin == BUILTIN_VERSION && s->edition == NULL ? "/version" : NULL;
    if (!p->relative)
        return p->pointer;
    pointer = arena_printf(s->arena, "%s%s", s->item_pointer != NULL ? s->item_pointer : "", p->pointer);
    return pointer != NULL ? pointer : p->pointer;
}
