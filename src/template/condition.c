/* condition.c - what if= asks: path | !path | path = text | path != text, joined by " and ". */
#include "template/template_internal.h"
#include <stdio.h>
#include <string.h>

enum test { TEST_PRESENT, TEST_ABSENT, TEST_EQUAL, TEST_DIFFERENT };

struct condition {
    const struct path *path;
    enum test test;
    const char *text;
    const struct condition *next; /* holds as well */
};

static int one_test(struct loader *l, size_t at, struct slice s, struct condition *c)
{
    size_t equals;

    s = trimmed(s);
    equals = slice_find(s, 0, slice_of("="));
    if (equals != SIZE_MAX) {
        bool different = equals > 0 && s.ptr[equals - 1] == '!';

        if (slice_starts(s, equals + 1, "="))
            return load_error(l, source_find(l, at, s), "if= compares by one =, not by ==.",
                              "if= 中比较只写一个 =，不写 ==。");
        c->test = different ? TEST_DIFFERENT : TEST_EQUAL;
        c->text = arena_slice(&l->t->arena, trimmed(slice_part(s, equals + 1, s.len - equals - 1)));
        s = trimmed(slice_part(s, 0, different ? equals - 1 : equals));
        if (c->text == NULL)
            return err_no_memory(l->e);
    } else if (s.len > 0 && s.ptr[0] == '!') {
        c->test = TEST_ABSENT;
        s = slice_part(s, 1, s.len - 1);
    }
    c->path = path_parse(l, source_find(l, at, trimmed(s)), s);
    return c->path != NULL ? 0 : -1;
}

const struct condition *condition_parse(struct loader *l, size_t at, const char *text)
{
    struct slice rest = slice_of(text);
    const struct condition *all = NULL;

    for (;;) {
        size_t joint = slice_find(rest, 0, slice_of(" and "));
        struct slice one = joint == SIZE_MAX ? rest : slice_part(rest, 0, joint);
        struct condition *c = arena_alloc(&l->t->arena, sizeof *c);

        if (c == NULL) {
            err_no_memory(l->e);
            return NULL;
        }
        c->next = all;
        all = c;
        at = source_find(l, at, trimmed(one));
        if (one_test(l, at, one, c) != 0)
            return NULL;
        if (joint == SIZE_MAX)
            return all;
        at += trimmed(one).len;
        rest = slice_part(rest, joint + 5, rest.len - joint - 5);
    }
}

static bool test_holds(const struct condition *c, const struct scope *s)
{
    char number[24];
    const char *text;
    const json_t *v = path_lookup(c->path, s, &text);
    bool present = (v != NULL && !json_is_false(v) && !(json_is_array(v) && json_array_size(v) == 0)) ||
                   (v == NULL && text != NULL && text[0] != '\0');

    if (c->test == TEST_PRESENT || c->test == TEST_ABSENT)
        return present == (c->test == TEST_PRESENT);
    if (json_is_string(v))
        text = json_string_value(v);
    if (json_is_integer(v)) { /* year = 2025, however the record writes it */
        (void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
        text = number;
    }
    return (text != NULL && strcmp(text, c->text) == 0) == (c->test == TEST_EQUAL);
}

bool condition_holds(const struct condition *c, const struct scope *s)
{
    for (; c != NULL; c = c->next)
        if (!test_holds(c, s))
            return false;
    return true;
}
