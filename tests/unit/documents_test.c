/* documents_test.c - every document there is: its tree, every box on its pages, its seal fields and its bytes
 * are what a person has looked at and found good. SEALPRESS_GOLDEN_UPDATE=1 keeps what is made now: look at
 * the pages again before it is committed. */
#include "base/digest.h"
#include "pdf/pdf.h"
#include "support/boxes.h"
#include "support/drawer.h"
#include "support/golden.h"
#include "template/tree.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void golden_path(char *out, size_t size, const char *name, const char *what)
{
    (void)snprintf(out, size, "%s/tests/golden/documents/%s.%s.txt", getenv("SEALPRESS_SOURCE"), name, what);
}

static void compare_tree(const struct template *t)
{
    struct buf tree = BUF_INIT(1 << 22);
    struct binding binding = {.record = template_sample(t)};
    struct tree_node *root;
    char path[1024];

    assert_int_equal(tree_bind(&root, t, &binding, &drawer.arena, &drawer.err), 0);
    tree_dump(&tree, root);
    golden_path(path, sizeof path, template_name(t), "tree");
    golden_compare(path, &tree);
    buf_dispose(&tree);
}

static void dump_fields(struct buf *out, const struct pages *pages)
{
    for (size_t i = 0; i < pages->bookmark_count; i++) {
        const struct bookmark *b = &pages->bookmarks[i];

        buf_printf(out, "bookmark %d page %zu %.2f \"%s\"\n", b->level, b->page + 1, b->y, b->title);
    }
    for (size_t i = 0; i < pages->field_count; i++) {
        const struct seal_field *f = &pages->fields[i];

        buf_printf(out, "seal %s page %zu %.2f %.2f %.2f %.2f at %.2f %.2f d %.2f", f->role, f->page + 1,
                   f->box.x, f->box.y, f->box.w, f->box.h, f->seal_x, f->seal_y, f->diameter);
        for (int k = 0; f->statement && k < CAPACITY_SIZES; k++)
            buf_printf(out, " %zu", f->capacity[k]);
        buf_append_char(out, '\n');
    }
}

static void compare_boxes(const char *name)
{
    struct buf boxes = BUF_INIT(1 << 24);
    char path[1024];

    boxes_dump(&boxes, &drawer.pages);
    dump_fields(&boxes, &drawer.pages);
    golden_path(path, sizeof path, name, "boxes");
    golden_compare(path, &boxes);
    buf_dispose(&boxes);
}

static void trees_and_boxes_are_as_they_were_found_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < drawer.count; i++) {
        const struct template *t = drawer.list[i];

        /* as it is printed: what offices say is on the page, in blank forms their fields are empty */
        if (drawer_lay(&drawer, t, template_sample(t), false) != 0)
            fail_msg("%s/sample.json: %s", template_name(t), drawer.err.en);
        compare_boxes(template_name(t));
        compare_tree(t);
    }
}

static void blank_forms_are_as_they_were_found_good(void **state)
{
    char name[256];
    size_t blanks = 0;

    (void)state;
    for (size_t i = 0; i < drawer.count; i++) {
        const struct template *t = drawer.list[i];

        if (!template_has_blank(t))
            continue;
        if (drawer_lay(&drawer, t, NULL, true) != 0)
            fail_msg("%s, blank: %s", template_name(t), drawer.err.en);
        (void)snprintf(name, sizeof name, "%s-blank", template_name(t));
        compare_boxes(name);
        blanks++;
    }
    assert_true(blanks > 0);
}

/* The bytes as SHA-256: font files are part of them, so another version of a font package changes them all.
 */
static void bytes_are_as_they_were_found_good(void **state)
{
    struct buf all = BUF_INIT(1 << 16);
    char path[1024];

    (void)state;
    for (size_t i = 0; i < drawer.count; i++) {
        const struct template *t = drawer.list[i];
        struct buf pdf = BUF_INIT(1 << 24);
        struct pdf_info info = {.title = template_name(t), .created = 1767225600};
        const struct face_usage *usages;
        size_t usage_count;
        struct pdf_kit *kit;
        uint8_t digest[SHA256_SIZE];
        char hex[2 * SHA256_SIZE + 1];

        assert_int_equal(drawer_lay(&drawer, t, template_sample(t), true), 0);
        assert_int_equal(layout_usage(&usages, &usage_count, t, drawer.fonts, &drawer.arena, &drawer.err), 0);
        assert_int_equal(pdf_kit_new(&kit, usages, usage_count, &drawer.err), 0);
        if (pdf_write(&pdf, kit, &drawer.pages, &info, &drawer.err) != 0)
            fail_msg("%s: %s", template_name(t), drawer.err.en);
        sha256(digest, buf_view(&pdf));
        hex_encode(hex, (struct slice){digest, sizeof digest});
        buf_printf(&all, "%s %zu %s\n", template_name(t), pdf.len, hex);
        pdf_kit_free(kit);
        buf_dispose(&pdf);
    }
    golden_path(path, sizeof path, "all", "bytes");
    golden_compare(path, &all);
    buf_dispose(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees_and_boxes_are_as_they_were_found_good),
        cmocka_unit_test(blank_forms_are_as_they_were_found_good),
        cmocka_unit_test(bytes_are_as_they_were_found_good),
    };

    return cmocka_run_group_tests(tests, drawer_setup, drawer_teardown);
}
