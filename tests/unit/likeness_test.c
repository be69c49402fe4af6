/* likeness_test.c - what a template does not say is taken from the one beside it that it is like. */
#include "template/template_internal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct folder {
    char root[64];
};

static void folder_file(const struct folder *f, const char *name, const char *file, const char *text)
{
    char path[256];
    FILE *out;

    (void)snprintf(path, sizeof path, "%s/%s", f->root, name);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/%s/%s", f->root, name, file);
    out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static int folder_load(struct template **t, const struct folder *f, const char *name,
                       struct template_place *place, struct err *e)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", f->root, name);
    return template_load_placed(t, path, NULL, place, e);
}

static int folder_setup(void **state)
{
    struct folder *f = calloc(1, sizeof *f);

    assert_non_null(f);
    (void)snprintf(f->root, sizeof f->root, "/tmp/language-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    folder_file(f, "base", "sample.json", "{\"name\": \"甲\"}");
    folder_file(f, "base", "template.md",
                "---\ntitle: 甲 {{name}}\npage: A5\nsize: 15\nfooter: 乙\nblank: yes\nunsealed: "
                "draft\ncolors:\n  ink: "
                "\"#112233\"\ncolor: ink\noptional: note\ndefaults:\n  word: 丙\n---\n\n<artwork "
                "src=\"a.svg\" x=\"1\" "
                "y=\"1\" w=\"9\" h=\"9\"/>\n\n{{word}}{{note}}\n");
    folder_file(f, "base", "a.svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9mm\" height=\"9mm\" viewBox=\"0 0 9 "
                "9\"><path d=\"M0 0H9V9Z\"/></svg>");
    *state = f;
    return 0;
}

static int folder_teardown(void **state)
{
    struct folder *f = *state;
    char command[128];

    (void)snprintf(command, sizeof command, "rm -rf %s", f->root);
    (void)!system(command); /* NOLINT(cert-env33-c,concurrency-mt-unsafe): a test's own folder */
    free(f);
    return 0;
}

static void what_a_template_does_not_say_is_taken_from_the_one_it_is_like(void **state)
{
    const struct folder *f = *state;
    struct template_place place;
    struct template *t;
    struct err e = {0};

    folder_file(f, "child", "sample.json", "{\"name\": \"乙\"}");
    folder_file(f, "child", "template.md",
                "---\nlike: base\nsize: 13\nblank: no\nfooter:\ncolors:\n  ink: \"#445566\"\ndefaults:\n  "
                "word: 丁\n---\n\n");
    if (folder_load(&t, f, "child", &place, &e) != 0)
        fail_msg("%s", e.en);
    assert_string_equal(template_name(t), "child");
    assert_true(template_page(t)->width == 148 && template_page(t)->text.size == 13);
    assert_null(template_page(t)->footer[1]);
    assert_int_equal(template_page(t)->text.color, 0x445566);
    assert_false(template_has_blank(t));
    assert_int_equal(template_unsealed(t), UNSEALED_DRAFT);
    assert_int_equal(t->body->first->kind, NODE_ARTWORK);
    assert_non_null(t->body->first->artwork);
    template_free(t);
}

static void a_body_of_its_own_takes_the_place_of_the_others(void **state)
{
    const struct folder *f = *state;
    struct template_place place;
    struct template *t;
    struct err e = {0};

    folder_file(f, "own", "sample.json", "{\"name\": \"乙\"}");
    folder_file(f, "own", "template.md", "---\nlike: base\n---\n{{note}}\n");
    if (folder_load(&t, f, "own", &place, &e) != 0)
        fail_msg("%s", e.en);
    assert_int_equal(t->body->first->kind, NODE_PARAGRAPH);
    assert_null(t->body->first->next);
    template_free(t);
}

static void a_mistake_in_the_other_template_is_told_there(void **state)
{
    const struct folder *f = *state;
    struct template_place place;
    struct template *t;
    struct err e = {0};

    folder_file(f, "child", "sample.json", "{}"); /* no name: the title of the other cannot be made */
    folder_file(f, "child", "template.md", "---\nlike: base\n---\n");
    assert_int_equal(folder_load(&t, f, "child", &place, &e), -1);
    assert_non_null(strstr(e.en, "base/template.md, line 2, column 12: "));
    assert_string_equal(place.name, "base");
    assert_int_equal(place.line, 2);
    assert_int_equal(place.column, 12);
}

static void like_goes_one_level_and_never_round(void **state)
{
    const struct folder *f = *state;
    struct template_place place;
    struct template *t;
    struct err e = {0};

    folder_file(f, "child", "sample.json", "{\"name\": \"乙\"}");
    folder_file(f, "child", "template.md", "---\nlike: base\n---\n");
    folder_file(f, "grandchild", "sample.json", "{\"name\": \"乙\"}");
    folder_file(f, "grandchild", "template.md", "---\n\nlike: child\n---\n");
    assert_int_equal(folder_load(&t, f, "grandchild", &place, &e), -1);
    assert_non_null(strstr(e.en, "grandchild/template.md, line 3, column 7: "));
    folder_file(f, "a", "sample.json", "{}");
    folder_file(f, "a", "template.md", "---\nlike: b\n---\n");
    folder_file(f, "b", "template.md", "---\nlike: a\n---\n");
    assert_int_equal(folder_load(&t, f, "a", &place, &e), -1);
    assert_non_null(strstr(e.en, "only one may be like another"));
}

static void artwork_that_cannot_be_drawn_is_told_with_its_place(void **state)
{
    const struct folder *f = *state;
    struct template_place place;
    struct template *t;
    struct err e = {0};

    folder_file(f, "art", "sample.json", "{}");
    folder_file(f, "art", "b.svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9mm\" height=\"9mm\" viewBox=\"0 0 9 "
                "9\"><script/></svg>");
    folder_file(f, "art", "template.md",
                "---\ntitle: a\n---\n\n<artwork x=\"1\" y=\"1\" w=\"9\" h=\"9\"\n  src=\"b.svg\"/>\n");
    assert_int_equal(folder_load(&t, f, "art", &place, &e), -1);
    assert_non_null(strstr(e.en, "art/template.md, line 6, column 8: "));
    assert_non_null(strstr(e.en, "b.svg"));
    assert_int_equal(place.line, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_template_does_not_say_is_taken_from_the_one_it_is_like,
                                        folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_body_of_its_own_takes_the_place_of_the_others, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(a_mistake_in_the_other_template_is_told_there, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(like_goes_one_level_and_never_round, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(artwork_that_cannot_be_drawn_is_told_with_its_place, folder_setup,
                                        folder_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
