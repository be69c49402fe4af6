/* revision_test.c - what a seal adds to a document, and what it leaves alone. */
#include "base/digest.h"
#include "sign/pdf_file.h"
#include "sign/revision.h"
#include "sign/signer.h"
#include "support/sealed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct office office;

static int open_office(void **state)
{
    (void)state;
    office_open(&office);
    return 0;
}

static int close_office(void **state)
{
    (void)state;
    office_close(&office);
    return 0;
}

static const struct revision_order plain = {.field = "employer", .moment = SEALED_AT};

/* Signs with nothing but a known pattern, and remembers the digest. */
static int pattern_sign(void *arg, const uint8_t digest[32], struct buf *cms, struct err *e)
{
    (void)e;
    memcpy(arg, digest, 32);
    buf_append_bytes(cms, "\x30\x03\x02\x01\x05", 5);
    return 0;
}

static int refusing_sign(void *arg, const uint8_t digest[32], struct buf *cms, struct err *e)
{
    (void)arg;
    (void)digest;
    (void)cms;
    return err_set(e, ERR_FORBIDDEN, "no", "不");
}

static int endless_sign(void *arg, const uint8_t digest[32], struct buf *cms, struct err *e)
{
    (void)arg;
    (void)digest;
    (void)e;
    for (int i = 0; i < SIGNER_MAX_CMS + 1; i++)
        buf_append_char(cms, 'x');
    return buf_ok(cms) ? 0 : err_no_memory(e);
}

static struct revision_chain *begun(struct buf *pdf)
{
    struct revision_chain *c;
    struct err e;

    sealed_paper(pdf);
    assert_int_equal(revision_begin(&c, pdf, &e), 0);
    return c;
}

static void the_beginning_of_the_file_never_changes(void **state)
{
    struct buf before = BUF_INIT(1 << 20), after = BUF_INIT(1 << 20);
    size_t ends[2];

    (void)state;
    sealed_paper(&before);
    sealed_make(&office, &after, ends);
    assert_true(after.len > before.len);
    assert_memory_equal(before.data, after.data, before.len);
    buf_dispose(&before);
    buf_dispose(&after);
}

static void the_digest_is_that_of_everything_but_the_gap(void **state)
{
    struct buf pdf = BUF_INIT(1 << 20), covered = BUF_INIT(1 << 20);
    struct revision_chain *c = begun(&pdf);
    uint8_t given[32], own[32];
    struct err e;

    (void)state;
    for (int i = 0; i < 2; i++) {
        static const char *const fields[] = {"employer", "organiser"};
        struct revision_order o = {.field = fields[i], .appearance = office.appearance, .moment = SEALED_AT};
        size_t from = pdf.len, at;
        unsigned long open, close, rest;
        char *end;

        assert_int_equal(revision_sign(c, &o, pattern_sign, given, &e), 0);
        at = slice_find(buf_view(&pdf), from, slice_of("/ByteRange[0 "));
        open = strtoul((const char *)pdf.data + at + 13, &end, 10);
        close = strtoul(end, &end, 10);
        rest = strtoul(end, NULL, 10);
        assert_int_equal(close + rest, pdf.len);
        assert_int_equal(close - open, 2 + 2 * SIGNER_MAX_CMS);
        assert_memory_equal(pdf.data + open, "<3003020105000000", 17);
        assert_int_equal(pdf.data[close - 1], '>');
        buf_reset(&covered);
        buf_append_bytes(&covered, pdf.data, open);
        buf_append_bytes(&covered, pdf.data + close, rest);
        sha256(own, buf_view(&covered));
        assert_memory_equal(own, given, 32);
    }
    revision_end(c);
    buf_dispose(&pdf);
    buf_dispose(&covered);
}

static void the_same_input_gives_the_same_digest(void **state)
{
    uint8_t digests[2][32];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct buf pdf = BUF_INIT(1 << 20);
        struct revision_chain *c = begun(&pdf);
        struct err e;

        assert_int_equal(revision_sign(c, &plain, pattern_sign, digests[i], &e), 0);
        revision_end(c);
        buf_dispose(&pdf);
    }
    assert_memory_equal(digests[0], digests[1], 32);
}

static const struct pdf_value *field_in(struct pdf_file *f, uint64_t number, size_t revision)
{
    const struct pdf_object *o = pdf_object_at(f, number, revision);

    assert_non_null(o);
    return &o->value;
}

static void only_value_and_face_of_the_field_change(void **state)
{
    struct buf pdf = BUF_INIT(1 << 20);
    struct arena a = ARENA_INIT;
    struct pdf_file f;
    const struct pdf_value *old, *new;
    size_t ends[2];

    (void)state;
    sealed_make(&office, &pdf, ends);
    assert_true(pdf_open(&f, buf_view(&pdf), &a));
    assert_int_equal(f.revision_count, 3);
    old = field_in(&f, 8, 0);
    new = field_in(&f, 8, 1);
    assert_int_equal(new->count, old->count + 2);
    for (size_t i = 0; i < old->count; i += 2) {
        char key[32];

        (void)snprintf(key, sizeof key, "%.*s", (int)old->items[i].text.len,
                       (const char *)old->items[i].text.ptr);
        if (strcmp(key, "AP") != 0)
            assert_true(pdf_equal(&old->items[i + 1], pdf_get(new, key), &f.budget));
    }
    assert_non_null(pdf_get(pdf_lookup(&f, &f.revisions[1].trailer, "Root", 1), "Perms"));
    assert_true(pdf_entry_at(&f, 1, 2)->revision == 1); /* the second seal leaves the catalog alone */
    assert_true(pdf_entry_at(&f, 3, 2)->revision == 0); /* and nobody touches the page */
    pdf_close(&f);
    arena_dispose(&a);
    buf_dispose(&pdf);
}

static void the_first_half_of_the_identifier_stays(void **state)
{
    struct buf pdf = BUF_INIT(1 << 20);
    struct arena a = ARENA_INIT;
    struct pdf_file f;
    size_t ends[2];

    (void)state;
    sealed_make(&office, &pdf, ends);
    assert_true(pdf_open(&f, buf_view(&pdf), &a));
    for (size_t i = 1; i < f.revision_count; i++) {
        const struct pdf_value *id = pdf_get(&f.revisions[i].trailer, "ID"),
                               *was = pdf_get(&f.revisions[i - 1].trailer, "ID");

        assert_true(slice_equal(id->items[0].text, was->items[0].text));
        assert_false(slice_equal(id->items[1].text, was->items[1].text));
    }
    pdf_close(&f);
    arena_dispose(&a);
    buf_dispose(&pdf);
}

static void texts_are_written_so_that_they_come_back(void **state)
{
    static const char *const texts[] = {"plain", "(a) \\ b)", "张三", "𬭼·𠮷", ""};
    struct revision_order o = plain;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buf pdf = BUF_INIT(1 << 20);
        struct revision_chain *c = begun(&pdf);
        struct arena a = ARENA_INIT;
        struct pdf_file f;
        uint8_t digest[32];
        struct err e;

        o.name = o.reason = o.location = texts[i];
        assert_int_equal(revision_sign(c, &o, pattern_sign, digest, &e), 0);
        assert_true(pdf_open(&f, buf_view(&pdf), &a));
        assert_string_equal(pdf_text(pdf_get(pdf_lookup(&f, field_in(&f, 8, 1), "V", 1), "Reason"), &a),
                            texts[i]);
        pdf_close(&f);
        arena_dispose(&a);
        revision_end(c);
        buf_dispose(&pdf);
    }
}

static void a_refused_signature_leaves_the_document_as_it_was(void **state)
{
    struct buf pdf = BUF_INIT(1 << 20);
    struct revision_chain *c = begun(&pdf);
    size_t before = pdf.len;
    uint8_t digest[32];
    struct err e;

    (void)state;
    assert_int_equal(revision_sign(c, &plain, refusing_sign, NULL, &e), -1);
    assert_int_equal(e.code, ERR_FORBIDDEN);
    assert_int_equal(pdf.len, before);
    assert_int_equal(revision_sign(c, &plain, pattern_sign, digest, &e), -1); /* start over */
    revision_end(c);
    buf_reset(&pdf);
    c = begun(&pdf);
    assert_int_equal(revision_sign(c, &plain, endless_sign, NULL, &e), -1);
    assert_int_equal(pdf.len, before);
    revision_end(c);
    buf_dispose(&pdf);
}

static void a_field_is_filled_once_and_must_exist(void **state)
{
    struct buf pdf = BUF_INIT(1 << 20);
    struct revision_chain *c = begun(&pdf);
    struct revision_order o = plain;
    uint8_t digest[32];
    struct err e;

    (void)state;
    assert_int_equal(revision_sign(c, &o, pattern_sign, digest, &e), 0);
    assert_int_equal(revision_sign(c, &o, pattern_sign, digest, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    o.field = "nobody";
    assert_int_equal(revision_sign(c, &o, pattern_sign, digest, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    o.field = "organiser";
    o.certify = true; /* too late: somebody signed before */
    assert_int_equal(revision_sign(c, &o, pattern_sign, digest, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    revision_end(c);
    buf_dispose(&pdf);
}

static void what_is_no_prepared_document_is_refused(void **state)
{
    static const char *const texts[] = {"", "%PDF-1.7\n", "not a PDF", "%PDF-1.7\nstartxref\n0\n%%EOF\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buf pdf = BUF_INIT(1 << 20);
        struct revision_chain *c;
        struct err e;

        buf_append_text(&pdf, texts[i]);
        assert_int_equal(revision_begin(&c, &pdf, &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
        assert_null(c);
        buf_dispose(&pdf);
    }
}

static void a_document_that_outgrows_its_buffer_is_refused(void **state)
{
    struct buf big = BUF_INIT(1 << 20), pdf;
    struct revision_chain *c;
    uint8_t digest[32];
    struct err e;

    (void)state;
    sealed_paper(&big);
    buf_init(&pdf, big.len + 100);
    buf_append(&pdf, buf_view(&big));
    assert_int_equal(revision_begin(&c, &pdf, &e), 0);
    assert_int_equal(revision_sign(c, &plain, pattern_sign, digest, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_int_equal(pdf.len, big.len);
    revision_end(c);
    buf_dispose(&pdf);
    buf_dispose(&big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_beginning_of_the_file_never_changes),
        cmocka_unit_test(the_digest_is_that_of_everything_but_the_gap),
        cmocka_unit_test(the_same_input_gives_the_same_digest),
        cmocka_unit_test(only_value_and_face_of_the_field_change),
        cmocka_unit_test(the_first_half_of_the_identifier_stays),
        cmocka_unit_test(texts_are_written_so_that_they_come_back),
        cmocka_unit_test(a_refused_signature_leaves_the_document_as_it_was),
        cmocka_unit_test(a_field_is_filled_once_and_must_exist),
        cmocka_unit_test(what_is_no_prepared_document_is_refused),
        cmocka_unit_test(a_document_that_outgrows_its_buffer_is_refused),
    };

    return cmocka_run_group_tests(tests, open_office, close_office);
}
