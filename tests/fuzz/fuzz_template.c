/* fuzz_template.c - whatever a template says, it is a tree or an error with its place in it; and whatever a
 * record says, with data or without, its characters come out of the tree as they went in. */
#include "template/template_internal.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *sample(void)
{
    return json_pack("{s:s, s:{s:s}, s:[{s:s, s:[{s:s}]}, {s:s}], s:s, s:i, s:i, s:{s:{s:s, s:s}}}", "name",
                     "**<seal role=\"x\"/>{{name}}**", "office", "name", "a|b", "works", "date", "2026-01-15",
                     "parts", "what", "甲", "date", "2026", "day", "2026-01-15", "count", 10010, "version", 5,
                     "opinions", "employer", "text", "同意", "date", "2026-01-15");
}

static int lines_of(struct slice text)
{
    int n = 1;

    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '\n';
    return n;
}

/* An error of the template tells a place that is there. */
static void check_error(struct slice text, const struct template_place *place, const struct err *e)
{
    if (e->code != ERR_INVALID)
        return;
    if (strncmp(e->en, "fuzz/template.md, line ", strlen("fuzz/template.md, line ")) != 0 ||
        strcmp(place->name, "fuzz") != 0 || place->line < 1 || place->line > lines_of(text) ||
        place->column < 1 || (size_t)place->column > text.len + 1)
        abort();
}

static void bind(const struct template *t, bool blank)
{
    const struct binding binding = {
        .record = blank ? NULL : template_sample(t), .blank = blank, .edition = blank ? NULL : EDITION_DRAFT};
    struct buf dump = BUF_INIT(64UL * 1024 * 1024);
    struct arena a = ARENA_INIT;
    struct tree_node *tree;
    struct err e = {0};

    if (tree_bind(&tree, t, &binding, &a, &e) == 0)
        tree_dump(&dump, tree);
    buf_dispose(&dump);
    arena_dispose(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice text = {data, size};
    struct template_place place = {"", 0, 0};
    struct template *t;
    struct err e = {0};

    if (size > 64UL * 1024)
        return 0;
    if (template_parse_placed(&t, "/nowhere/fuzz", text, sample(), NULL, &place, &e) != 0) {
        check_error(text, &place, &e);
        return 0;
    }
    bind(t, false);
    bind(t, true);
    template_free(t);
    return 0;
}
