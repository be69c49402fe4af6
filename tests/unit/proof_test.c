/* proof_test.c - documents without a journal: what each bears is what it is, and no certificate is without.
 */
#include "base/file.h"
#include "issue/press.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char place[] = "/tmp/sealpress-proof.XXXXXX";
static struct press *press;

static const char sample[] = "{\"name\":\"测试员\",\"certificate_no\":\"C-1\",\"issue_date\":\"2026-01-15\"}";
/* What a certificate shows, and a form that names one. */
#define PAGE   "\n{{name}} {{certificate_no}}\n\n<photo x=\"20\" y=\"20\" w=\"35\" h=\"49\"/>\n"
#define SEAL   "\n<seal role=\"issuer\" cx=\"80\" cy=\"80\" d=\"42\"/>\n"
#define QR     "\n<qr x=\"80\" y=\"80\" w=\"30\" h=\"30\"/>\n"
#define OWN_QR "\n<qr x=\"80\" y=\"80\" w=\"30\" h=\"30\" value=\"{{name}}\"/>\n"

struct desk {
    struct template *t;
    struct template_place at;
    struct arena a;
    struct pages pages;
    struct print_order order;
    struct err e;
};

static void write_template(const char *name, const char *front, const char *body)
{
    struct buf text = BUF_INIT(65536);
    char path[256];
    struct err e;

    (void)snprintf(path, sizeof path, "%s/%s", place, name);
    assert_int_equal(dir_make(path, 0700, &e), 0);
    (void)snprintf(path, sizeof path, "%s/%s/sample.json", place, name);
    assert_int_equal(file_write(path, slice_of(sample), 0600, &e), 0);
    buf_printf(&text, "---\n%s---\n%s", front, body);
    (void)snprintf(path, sizeof path, "%s/%s/template.md", place, name);
    assert_int_equal(file_write(path, buf_view(&text), 0600, &e), 0);
    buf_dispose(&text);
}

static int load(struct desk *d, const char *front, const char *body)
{
    char path[256];

    *d = (struct desk){.a = ARENA_INIT};
    write_template("paper", front, body);
    (void)snprintf(path, sizeof path, "%s/paper", place);
    return press_load(&d->t, press, path, &d->at, &d->e);
}

static void leave(struct desk *d)
{
    template_free(d->t);
    arena_dispose(&d->a);
}

static int lay(struct desk *d, const struct template *t, enum mark mark, bool blank)
{
    const struct proof proof = {.template = t,
                                .record = blank ? NULL : template_sample(t),
                                .host = "zs.example.cn",
                                .mark = mark,
                                .blank = blank};

    assert_int_equal(proof_check(&proof, &d->e),
                     proof_lay_out(&d->pages, &d->order, press, &proof, &d->a, &d->e));
    return proof_check(&proof, &d->e);
}

/* What a paper with this front matter bears, unless said otherwise. */
static void bears(const char *front, enum mark mark)
{
    struct desk d;

    assert_int_equal(load(&d, front, "\n{{name}}\n"), 0);
    assert_int_equal(lay(&d, d.t, MARK_NONE, false), 0);
    assert_int_equal(d.order.mark, mark);
    leave(&d);
}

static void a_paper_bears_what_its_template_says(void **state)
{
    (void)state;
    bears("title: 甲\n", MARK_SPECIMEN);
    bears("title: 甲\nunsealed: draft\n", MARK_DRAFT);
    bears("title: 甲\nunsealed: plain\n", MARK_NONE);
    bears("title: 甲\nsealable: no\n", MARK_NONE);
    bears("title: 甲\nsealable: no\nunsealed: draft\n", MARK_DRAFT);
    bears("title: 甲\nsealable: no\nunsealed: specimen\n", MARK_SPECIMEN);
    bears("title: 甲\nunsealed: specimen\nsealable: no\n", MARK_SPECIMEN);
}

static void a_form_takes_another_mark_and_its_blank_takes_none(void **state)
{
    struct desk d;

    (void)state;
    assert_int_equal(load(&d, "title: 甲\nunsealed: draft\nblank: yes\n", "\n{{name}}\n"), 0);
    assert_int_equal(lay(&d, d.t, MARK_VOID, false), 0);
    assert_int_equal(d.order.mark, MARK_VOID);
    assert_int_equal(lay(&d, d.t, MARK_NONE, true), 0);
    assert_true(d.order.mark == MARK_NONE && d.order.blank && d.order.record == NULL);
    assert_int_equal(lay(&d, d.t, MARK_VOID, true), -1);
    assert_int_equal(d.e.code, ERR_INVALID);
    leave(&d);
    assert_int_equal(load(&d, "title: 甲\nunsealed: draft\n", "\n{{name}}\n"), 0);
    assert_int_equal(lay(&d, d.t, MARK_NONE, true), -1);
    assert_non_null(strstr(d.e.en, "has no blank form"));
    leave(&d);
}

static void a_specimen_is_nothing_else_and_never_blank(void **state)
{
    static const char *const fronts[] = {"title: 甲\nblank: yes\n",
                                         "title: 甲\nblank: yes\nunsealed: specimen\nsealable: no\n"};
    struct desk d;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(load(&d, fronts[i], "\n{{name}}\n"), 0);
        assert_int_equal(lay(&d, d.t, MARK_NONE, true), -1);
        assert_non_null(strstr(d.e.en, "blank: yes"));
        assert_int_equal(lay(&d, d.t, MARK_DRAFT, false), -1);
        assert_int_equal(lay(&d, d.t, MARK_VOID, false), -1);
        assert_int_equal(d.e.code, ERR_INVALID);
        leave(&d);
    }
}

static void the_installation_s_certificates_are_specimens(void **state)
{
    static const char *const names[] = {"certificate", "certificate-portrait", "certificate-replacement"};
    const struct template *t;
    struct desk d = {.a = ARENA_INIT};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(press_template(&t, press, names[i], &d.e), 0);
        assert_true(press_makes_certificates(t));
        assert_int_equal(lay(&d, t, MARK_NONE, false), 0);
        assert_int_equal(d.order.mark, MARK_SPECIMEN);
        assert_int_equal(d.order.seal_role_count, 0);
        assert_string_equal(d.order.verify_url, "https://zs.example.cn/v/sample");
        assert_int_equal(lay(&d, t, MARK_DRAFT, false), -1);
        assert_int_equal(lay(&d, t, MARK_VOID, false), -1);
        assert_int_equal(lay(&d, t, MARK_NONE, true), -1);
    }
    arena_dispose(&d.a);
}

/* A copy of a certificate's page whose front matter says that it is something else, on this line. */
static void no_paper(const char *front, const char *body, const char *name, int line)
{
    struct desk d;

    assert_int_equal(load(&d, front, body), -1);
    assert_int_equal(d.e.code, ERR_INVALID);
    assert_non_null(strstr(d.e.en, "is a certificate"));
    assert_string_equal(d.at.name, name);
    assert_int_equal(d.at.line, line);
    leave(&d);
}

static void a_page_that_is_a_certificate_s_is_a_specimen_whatever_it_says(void **state)
{
    (void)state;
    no_paper("title: 甲\nunsealed: plain\n", PAGE SEAL, "paper", 3);
    no_paper("title: 甲\nunsealed: draft\n", PAGE QR, "paper", 3);
    no_paper("title: 甲\nsealable: no\n", PAGE QR, "paper", 3);
    no_paper("title: 甲\nblank: yes\n", PAGE SEAL, "paper", 3);
    no_paper("title: 甲\nunsealed: plain\n\npage: A4\n",
             "\n<table widths=\"* *\"><tr><td>\n{{certificate_no | cut:\"9\"}}\n</td><td><photo w=\"35\" "
             "h=\"49\"/></td></tr></table>\n" SEAL,
             "paper", 3);
    no_paper("title: 甲\ndefaults:\n  kind: 甲\nunsealed: plain\n", PAGE SEAL, "paper", 5);
}

static void what_is_like_a_certificate_is_one_too(void **state)
{
    struct desk d;

    (void)state;
    write_template("base", "title: 甲\n", PAGE SEAL QR);
    no_paper("like: base\nunsealed: plain\n", "", "paper", 3);
    no_paper("like: base\nsealable: no\n", "", "paper", 3);
    no_paper("like: base\nblank: yes\n", "", "paper", 3);
    no_paper("unsealed: plain\nlike: base\n", PAGE SEAL, "paper", 2);
    assert_int_equal(load(&d, "like: base\ntitle: 乙\n", ""), 0);
    assert_true(press_makes_certificates(d.t));
    leave(&d);
    write_template("base", "title: 甲\nunsealed: plain\n", "\n{{name}}\n");
    no_paper("like: base\n", PAGE SEAL, "base", 3);
    assert_int_equal(load(&d, "like: base\nunsealed: specimen\n", PAGE SEAL), 0);
    assert_true(press_makes_certificates(d.t));
    leave(&d);
}

static void a_paper_that_names_a_certificate_is_none(void **state)
{
    static const char *const bodies[] = {
        "\n{{name}} {{certificate_no}}\n" SEAL QR, PAGE OWN_QR,
        "\n{{name}}<br/>\n\n<photo x=\"20\" y=\"20\" w=\"35\" h=\"49\"/>\n" SEAL QR};
    struct desk d;

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(load(&d, "title: 甲\nunsealed: plain\nblank: yes\n", bodies[i]), 0);
        assert_false(press_makes_certificates(d.t));
        leave(&d);
    }
}

static void print(struct buf *pdf, struct desk *d, enum mark mark, bool blank)
{
    assert_int_equal(lay(d, d->t, mark, blank), 0);
    assert_int_equal(press_print(pdf, press, &d->pages, &d->order, &d->a, &d->e), 0);
}

static void the_same_input_gives_the_same_bytes_and_another_mark_others(void **state)
{
    struct buf pdfs[5];
    struct desk d;

    (void)state;
    for (size_t i = 0; i < 5; i++)
        buf_init(&pdfs[i], DOCUMENT_MAX);
    assert_int_equal(load(&d, "title: 甲\nunsealed: draft\nblank: yes\n", "\n{{name}}\n"), 0);
    print(&pdfs[0], &d, MARK_NONE, false);
    assert_int_equal(d.order.moment, 1768435200); /* of the issue_date */
    print(&pdfs[1], &d, MARK_NONE, false);
    print(&pdfs[2], &d, MARK_VOID, false);
    print(&pdfs[3], &d, MARK_NONE, true);
    assert_int_equal(d.order.moment, 946684800);
    assert_true(slice_equal(buf_view(&pdfs[0]), buf_view(&pdfs[1])));
    for (size_t i = 2; i < 4; i++)
        assert_false(slice_equal(buf_view(&pdfs[0]), buf_view(&pdfs[i])));
    assert_false(slice_equal(buf_view(&pdfs[2]), buf_view(&pdfs[3])));
    for (size_t i = 0; i < 5; i++)
        buf_dispose(&pdfs[i]);
    leave(&d);
}

static void what_is_too_large_says_what_to_do(void **state)
{
    struct buf pdf = BUF_INIT(2000);
    struct desk d;

    (void)state;
    assert_int_equal(load(&d, "title: 甲\nunsealed: plain\n", "\n{{name}}\n"), 0);
    assert_int_equal(lay(&d, d.t, MARK_NONE, false), 0);
    assert_int_equal(press_print(&pdf, press, &d.pages, &d.order, &d.a, &d.e), -1);
    assert_int_equal(d.e.code, ERR_TOO_LARGE);
    assert_non_null(strstr(d.e.en, "several documents"));
    buf_dispose(&pdf);
    leave(&d);
}

static void a_text_without_end_is_too_large_and_not_a_want_of_memory(void **state)
{
    size_t size = 400000;
    char *lines = malloc(size + 1);
    struct proof proof = {.host = "zs.example.cn"};
    json_t *record;
    struct desk d;

    (void)state;
    assert_non_null(lines);
    memset(lines, '\n', size);
    lines[size] = '\0';
    record = json_pack("{ss}", "name", lines);
    assert_non_null(record);
    assert_int_equal(load(&d, "title: 甲\nunsealed: plain\n", "\n{{name}}\n"), 0);
    proof.template = d.t;
    proof.record = record;
    assert_int_equal(proof_lay_out(&d.pages, &d.order, press, &proof, &d.a, &d.e), -1);
    assert_int_equal(d.e.code, ERR_TOO_LARGE);
    assert_non_null(strstr(d.e.en, "several"));
    json_decref(record);
    free(lines);
    leave(&d);
}

static int open_press(void **state)
{
    struct err e;

    (void)state;
    return mkdtemp(place) == NULL || press_open(&press, &e) != 0 ? -1 : 0;
}

static int close_press(void **state)
{
    char command[64];

    (void)state;
    press_close(press);
    (void)snprintf(command, sizeof command, "rm -r '%s'", place);
    return system(command); /* NOLINT(cert-env33-c): a path of our own making */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paper_bears_what_its_template_says),
        cmocka_unit_test(a_form_takes_another_mark_and_its_blank_takes_none),
        cmocka_unit_test(a_specimen_is_nothing_else_and_never_blank),
        cmocka_unit_test(the_installation_s_certificates_are_specimens),
        cmocka_unit_test(a_page_that_is_a_certificate_s_is_a_specimen_whatever_it_says),
        cmocka_unit_test(what_is_like_a_certificate_is_one_too),
        cmocka_unit_test(a_paper_that_names_a_certificate_is_none),
        cmocka_unit_test(the_same_input_gives_the_same_bytes_and_another_mark_others),
        cmocka_unit_test(what_is_too_large_says_what_to_do),
        cmocka_unit_test(a_text_without_end_is_too_large_and_not_a_want_of_memory),
    };

    return cmocka_run_group_tests(tests, open_press, close_press);
}
