/* fuzz_template.c - whatever a template says, it is a tree or an error with its line; and whatever a record
 * says, its characters come out of the tree as they went in. */
#include "template/template_internal.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_t *sample(void)
{
    return json_pack("{s:s, s:{s:s}, s:[{s:s}, {s:s}]}", "name", "**<seal role=\"x\"/>{{name}}**", "office",
                     "name", "a|b", "works", "date", "2026-01-15", "date", "2026");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct template *t;
    struct tree_node *tree;
    struct arena a = ARENA_INIT;
    struct buf dump = BUF_INIT(64UL * 1024 * 1024);
    struct err e = {0};

    if (size > 64UL * 1024)
        return 0;
    if (template_parse(&t, "fuzz", (struct slice){data, size}, sample(), NULL, &e) == 0) {
        if (tree_bind(&tree, t, &(struct binding){.record = template_sample(t)}, &a, &e) == 0)
            tree_dump(&dump, tree);
        template_free(t);
    } else if (e.code == ERR_INVALID && strstr(e.en, "fuzz/template.md, line ") == NULL &&
               strstr(e.en, "line ") == NULL) {
        abort();
    }
    buf_dispose(&dump);
    arena_dispose(&a);
    return 0;
}
