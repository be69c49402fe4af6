/* tamper_test.c - every way known to change a sealed document is noticed; each file is made here. */
#include "base/digest.h"
#include "sign/cms.h"
#include "support/sealed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct office office;
static struct buf genuine = BUF_INIT(1 << 20);
static size_t ends[2];

static int open_office(void **state)
{
    (void)state;
    office_open(&office);
    sealed_make(&office, &genuine, ends);
    return 0;
}

static int close_office(void **state)
{
    (void)state;
    office_close(&office);
    buf_dispose(&genuine);
    return 0;
}

/* Also says what was changed. */
static void assert_altered_saying(struct buf *pdf, const char *what)
{
    struct arena a = ARENA_INIT;
    struct verdict v;

    assert_int_equal(sealed_judge(&v, &office, pdf, &a), VERDICT_ALTERED);
    if (strstr(v.reason_en, what) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", what, v.reason_en);
    arena_dispose(&a);
    buf_dispose(pdf);
}

static struct buf updated(const char *objects)
{
    struct buf b = sealed_copy(&genuine);

    paper_update(&b, objects);
    return b;
}

static size_t find(const struct buf *pdf, const char *text, size_t from)
{
    size_t at = slice_find(buf_view(pdf), from, slice_of(text));

    assert_true(at != SIZE_MAX);
    return at;
}

/* Overwrites without moving anything. */
static void overwrite(struct buf *pdf, const char *at_text, const char *with)
{
    size_t at = find(pdf, at_text, 0);

    assert_true(at + strlen(with) <= pdf->len);
    memcpy(pdf->data + at, with, strlen(with));
}

static void the_untouched_document_is_genuine(void **state)
{
    struct buf b = sealed_copy(&genuine);

    (void)state;
    sealed_expect(&office, &b, VERDICT_GENUINE);
}

static void replaced_page_content_is_noticed(void **state)
{
    struct buf b = updated(
        "4 0 obj\n<</Length 42>>\nstream\nBT /F1 40 Tf 0 g 110 140 Td (FORGED) Tj ET\nendstream\nendobj\n");
    struct buf c =
        updated("3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Resources<</Font<</F1 5 0 R>>>>"
                "/Contents 30 0 R/Annots[8 0 R 10 0 R 12 0 R]>>\nendobj\n"
                "30 0 obj\n<</Length 0>>\nstream\n\nendstream\nendobj\n");

    (void)state;
    assert_altered_saying(&b, "page 1: content replaced");
    assert_altered_saying(&c, "page 1 was changed");
}

static void an_added_annotation_is_noticed(void **state)
{
    struct buf b =
        updated("3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Resources<</Font<</F1 5 0 R>>>>"
                "/Contents 4 0 R/Annots[8 0 R 10 0 R 12 0 R 30 0 R]>>\nendobj\n"
                "30 0 obj\n<</Type/Annot/Subtype/FreeText/Rect[0 0 400 300]/Contents(x)>>\nendobj\n");

    (void)state;
    assert_altered_saying(&b, "annotations");
}

/* The signed field's object as it stands in the newest revision, with something exchanged. */
static struct buf field_with(const char *rect, const char *value, const char *face)
{
    char text[512];
    size_t at = find(&genuine, "/V ", 0), v = strtoul((const char *)genuine.data + at + 3, NULL, 10);
    size_t ap = find(&genuine, "/AP<</N ", ends[0] - 36000),
           n = strtoul((const char *)genuine.data + ap + 8, NULL, 10);
    char own_value[32], own_face[32];

    (void)snprintf(own_value, sizeof own_value, "/V %zu 0 R", v);
    (void)snprintf(own_face, sizeof own_face, "/AP<</N %zu 0 R>>", n);
    (void)snprintf(
        text, sizeof text,
        "8 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/F 132/T(employer)/P 3 0 R/Rect[%s]/Lock 9 0 R%s%s>>\n"
        "endobj\n30 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length "
        "0>>\nstream\n\nendstream\nendobj\n",
        rect ? rect : "140 90 259.06 209.06", value ? value : own_value, face ? face : own_face);
    return updated(text);
}

static void the_rewritten_but_equal_field_is_no_change(void **state)
{
    struct buf b = field_with(NULL, NULL, NULL);
    struct arena a = ARENA_INIT;
    struct verdict v;

    (void)state;
    /* proves that the next tests fail for the right reason; unsigned bytes behind the last seal are allowed
     * only where they change nothing */
    assert_int_equal(sealed_judge(&v, &office, &b, &a), VERDICT_GENUINE);
    arena_dispose(&a);
    buf_dispose(&b);
}

static void a_swapped_appearance_is_noticed(void **state)
{
    struct buf b = field_with(NULL, NULL, "/AP<</N 30 0 R>>");

    (void)state;
    assert_altered_saying(&b, "picture of the seal of ");
}

static void an_overwritten_appearance_is_noticed(void **state)
{
    size_t ap = find(&genuine, "/AP<</N ", ends[0] - 36000);
    char text[256];
    struct buf b;

    (void)state;
    (void)snprintf(
        text, sizeof text,
        "%lu 0 obj\n<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>\nstream\n\nendstream\nendobj\n",
        strtoul((const char *)genuine.data + ap + 8, NULL, 10));
    b = updated(text);
    assert_altered_saying(&b, "was overwritten");
}

static void a_moved_seal_is_noticed(void **state)
{
    struct buf b = field_with("10 90 129.06 209.06", NULL, NULL);

    (void)state;
    assert_altered_saying(&b, "was moved");
}

static void an_unsigned_field_is_noticed(void **state)
{
    struct buf b = field_with(NULL, "", NULL);
    struct buf c = updated("6 0 obj\n<</SigFlags 3/Fields[10 0 R 12 0 R ]>>\nendobj\n");
    struct buf d = updated("6 0 obj\n<</Fields[]>>\nendobj\n");

    (void)state;
    assert_altered_saying(&b, "was removed");
    assert_altered_saying(&c, "fields were added, removed");
    sealed_expect(&office, &d, VERDICT_ALTERED);
}

static void a_new_signature_field_is_noticed(void **state)
{
    struct buf b =
        updated("6 0 obj\n<</SigFlags 3/Fields[8 0 R 10 0 R 12 0 R 30 0 R]>>\nendobj\n"
                "30 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/T(new)/Rect[0 0 9 9]/P 3 0 R>>\nendobj\n");

    (void)state;
    assert_altered_saying(&b, "fields were added");
}

static void a_changed_catalog_is_noticed(void **state)
{
    struct buf b = updated("1 0 obj\n<</Type/Catalog/Pages 30 0 R/AcroForm 6 0 R>>\nendobj\n"
                           "30 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n");
    struct buf c = updated("2 0 obj\n<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>\nendobj\n");
    struct buf d = updated("5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Symbol>>\nendobj\n");

    (void)state;
    sealed_expect(&office, &b, VERDICT_ALTERED);
    sealed_expect(&office, &c, VERDICT_ALTERED);
    assert_altered_saying(&d, "object 5 was replaced");
}

/* Something that acts instead of something that shows. */
static void an_added_action_is_noticed(void **state)
{
    static const char *const actions[] = {"", "/OpenAction<</S/JavaScript/JS(x)>>", "/Names<<>>"};
    unsigned long signature =
        strtoul((const char *)genuine.data + find(&genuine, "/DocMDP ", 0) + 8, NULL, 10);
    struct buf page = updated("3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]"
                              "/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R/Annots[8 0 R 10 0 R 12 0 R]"
                              "/AA<</O<</S/JavaScript/JS(x)>>>>>>\nendobj\n");

    (void)state;
    sealed_expect(&office, &page, VERDICT_ALTERED);
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        char text[256];
        struct buf b;

        (void)snprintf(
            text, sizeof text,
            "1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/Perms<</DocMDP %lu 0 R>>%s>>\nendobj\n",
            signature, actions[i]);
        b = updated(text);
        sealed_expect(&office, &b, i == 0 ? VERDICT_GENUINE : VERDICT_ALTERED);
    }
}

static void one_flipped_bit_anywhere_is_noticed(void **state)
{
    size_t step = 97, flips = 0;

    (void)state;
    for (size_t i = 0; i < genuine.len; i++) {
        bool padding = genuine.data[i] == '0' && i > 8 && memcmp(genuine.data + i - 8, "00000000", 8) == 0;

        if (padding && i % step != 0)
            continue; /* of the same class as its neighbours */
        if (i % 7 != 0 && genuine.data[i] == 'x')
            continue;
        struct buf b = sealed_copy(&genuine);
        struct arena a = ARENA_INIT;
        struct verdict v;
        unsigned bit = (unsigned)(i * 5 % 8);

        b.data[i] ^= (uint8_t)(1U << bit);
        if (sealed_judge(&v, &office, &b, &a) != VERDICT_ALTERED)
            fail_msg("bit %u of byte %zu ('%c'): %s, %s", bit, i, genuine.data[i], verdict_name(v.kind),
                     v.reason_en);
        arena_dispose(&a);
        buf_dispose(&b);
        flips++;
    }
    assert_true(flips > 5000);
}

static void byte_ranges_that_cover_nothing_are_noticed(void **state)
{
    static const char *const ranges[] = {
        "/ByteRange[0 0 0 0                 ", "/ByteRange[0 -1 10 20              ",
        "/ByteRange[0 10 -5 9               ", "/ByteRange[0 9999999999 9999999999 9",
        "/ByteRange[1 10 20 30              ", "/ByteRange[0 10 20]                ",
        "/ByteRange(0 10 20 30)             ", "/ByteRange[0 4.0 9 9               "};

    (void)state;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct buf b = sealed_copy(&genuine);

        overwrite(&b, "/ByteRange[", ranges[i]);
        sealed_expect(&office, &b, VERDICT_ALTERED);
    }
}

static void contents_without_a_signature_are_noticed(void **state)
{
    struct buf b = sealed_copy(&genuine), c = sealed_copy(&genuine), d = sealed_copy(&genuine);
    size_t at = find(&b, "/Contents<", 0) + 10;

    (void)state;
    memset(b.data + at, '0', (size_t)2 * 16384);
    sealed_expect(&office, &b, VERDICT_ALTERED);
    memcpy(c.data + at - 1, "<00>", 4);
    memset(c.data + at + 3, ' ', (size_t)2 * 16384 - 2);
    sealed_expect(&office, &c, VERDICT_ALTERED);
    overwrite(&d, "/Contents<", "/Contentx<");
    sealed_expect(&office, &d, VERDICT_ALTERED);
}

/* Something else in the gap: behind the signature, or a shorter string with objects behind it. */
static void bytes_hidden_in_the_gap_are_noticed(void **state)
{
    struct buf b = sealed_copy(&genuine), c = sealed_copy(&genuine), d = sealed_copy(&genuine);
    size_t gap = find(&b, "/Contents<", ends[0]) + 10;

    (void)state;
    memcpy(b.data + gap + 20000, "ab", 2);
    sealed_expect(&office, &b, VERDICT_ALTERED);
    memcpy(c.data + gap + 20000, ">/X<", 4);
    sealed_expect(&office, &c, VERDICT_ALTERED);
    /* upper case says the same and is not covered */
    for (size_t i = gap; i < gap + 200; i++)
        if (d.data[i] >= 'a' && d.data[i] <= 'f') {
            d.data[i] = (uint8_t)(d.data[i] - 'a' + 'A');
            break;
        }
    sealed_expect(&office, &d, VERDICT_ALTERED);
}

static void bytes_behind_the_end_are_noticed(void **state)
{
    static const char *const tails[] = {"\n", " ", "junk", "%%EOF\n", "startxref\n0\n%%EOF\n"};

    (void)state;
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        struct buf b = sealed_copy(&genuine);

        buf_append_text(&b, tails[i]);
        sealed_expect(&office, &b, VERDICT_ALTERED);
    }
}

static void a_truncated_file_is_noticed(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < 36000; cut += 211) {
        struct buf b = sealed_copy(&genuine);

        b.len -= cut;
        if (b.len != ends[0])
            sealed_expect(&office, &b, VERDICT_ALTERED);
        else
            buf_dispose(&b);
    }
}

/* What remains is a whole document with one seal: the journal, not the file, knows that a second one
 * followed. */
static void a_file_cut_back_to_its_first_seal_is_intact_and_says_what_is_empty(void **state)
{
    struct buf b = sealed_copy(&genuine);
    struct arena a = ARENA_INIT;
    struct verdict v;

    (void)state;
    b.len = ends[0];
    assert_int_equal(sealed_judge(&v, &office, &b, &a), VERDICT_GENUINE);
    assert_int_equal(v.seal_count, 1);
    assert_non_null(strstr(v.reason_en, "2 more place(s) for seals are empty"));
    assert_non_null(strstr(v.reason_zh, "2 处签章位置为空"));
    arena_dispose(&a);
    buf_dispose(&b);
}

static void a_file_cut_back_before_any_seal_is_not_signed(void **state)
{
    struct buf b = BUF_INIT(1 << 20);

    (void)state;
    sealed_paper(&b);
    sealed_expect(&office, &b, VERDICT_NOT_SIGNED);
}

static void a_forgers_own_key_is_not_trusted(void **state)
{
    struct buf b = BUF_INIT(1 << 20);
    struct arena a = ARENA_INIT;
    struct verdict v;

    (void)state;
    sealed_paper(&b);
    sealed_place(&office, &b, "employer", &office.stranger, true);
    assert_int_equal(sealed_judge(&v, &office, &b, &a), VERDICT_NOT_TRUSTED);
    assert_true(v.seals[0].intact);
    assert_int_equal(v.seals[0].chain, CHAIN_UNKNOWN);
    arena_dispose(&a);
    buf_dispose(&b);
}

/* Signs a hand-made update: asterisks stand where the byte range goes. */
static void sign_by_hand(struct buf *pdf, struct signatory *by)
{
    char numbers[64];
    uint8_t digest[32];
    struct buf covered = BUF_INIT(1 << 20), cms = BUF_INIT(1 << 16);
    size_t range = find(pdf, "/ByteRange[0 **********", 0) + 13, open = find(pdf, "/Contents<", range) + 9,
           close;
    struct err e;
    char *digits;

    close = find(pdf, ">", open) + 1;
    (void)snprintf(numbers, sizeof numbers, "%zu %zu %zu", open, close, pdf->len - close);
    memset(pdf->data + range, ' ', 40);
    memcpy(pdf->data + range, numbers, strlen(numbers));
    buf_append_bytes(&covered, pdf->data, open);
    buf_append_bytes(&covered, pdf->data + close, pdf->len - close);
    sha256(digest, buf_view(&covered));
    assert_int_equal(cms_build(&cms, digest, by->leaf, by->chain, by->key, &e), 0);
    digits = malloc(2 * cms.len + 1);
    hex_encode(digits, buf_view(&cms));
    memcpy(pdf->data + open + 1, digits, 2 * cms.len);
    free(digits);
    buf_dispose(&covered);
    buf_dispose(&cms);
}

/* An update that fills the spare field with a signature of one's own, and does something more. */
static struct buf signed_update(const char *more, const char *kind, const char *reference,
                                struct signatory *by)
{
    struct buf b = sealed_copy(&genuine), text = BUF_INIT(1 << 16);

    buf_append_text(&text,
                    "12 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/F 132/T(spare)/P 3 0 R/Rect[100 10 130 40]"
                    "/AP<</N 7 0 R>>/Lock 13 0 R/V 50 0 R>>\nendobj\n");
    buf_printf(&text,
               "50 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/%s/M(D:20261118120000Z)%s"
               "/ByteRange[0 ****************************************]/Contents<",
               kind, reference);
    for (int i = 0; i < 4096; i++)
        buf_append_text(&text, "00");
    buf_printf(&text, ">>>\nendobj\n%s", more);
    paper_update(&b, buf_text(&text));
    buf_dispose(&text);
    sign_by_hand(&b, by);
    return b;
}

static void an_attacker_who_appends_and_signs_is_not_genuine(void **state)
{
    struct buf plain = signed_update("", "ETSI.CAdES.detached", "", &office.organiser);
    struct buf honest_key = signed_update(
        "4 0 obj\n<</Length 42>>\nstream\nBT /F1 40 Tf 0 g 110 140 Td (FORGED) Tj ET\nendstream\nendobj\n",
        "ETSI.CAdES.detached", "", &office.organiser);
    struct buf own_key = signed_update("", "ETSI.CAdES.detached", "", &office.stranger);
    struct buf both = signed_update(
        "4 0 obj\n<</Length 42>>\nstream\nBT /F1 40 Tf 0 g 110 140 Td (FORGED) Tj ET\nendstream\nendobj\n",
        "ETSI.CAdES.detached", "", &office.stranger);

    (void)state;
    sealed_expect(&office, &plain, VERDICT_GENUINE); /* the friendly twin: the place was there for it */
    assert_altered_saying(&honest_key, "page 1: content replaced");
    sealed_expect(&office, &own_key, VERDICT_NOT_TRUSTED);
    assert_altered_saying(&both, "page 1: content replaced");
}

static void signatures_of_unknown_kinds_are_never_genuine(void **state)
{
    struct buf other = signed_update("", "GM.sm2seal", "", &office.organiser);
    struct buf old = signed_update("", "adbe.pkcs7.detached", "", &office.organiser);
    struct buf stamp = signed_update("", "ETSI.RFC3161", "", &office.organiser);

    (void)state;
    sealed_expect(&office, &other, VERDICT_UNSUPPORTED);
    sealed_expect(&office, &old, VERDICT_GENUINE);
    sealed_expect(&office, &stamp, VERDICT_ALTERED); /* a seal that poses as a timestamp */
}

/* P 1: the certifier allowed nothing at all. */
static void a_certifier_who_allowed_nothing_is_obeyed(void **state)
{
    struct buf b = BUF_INIT(1 << 20), only, text = BUF_INIT(1 << 16);

    (void)state;
    sealed_paper(&b);
    buf_append_text(&text,
                    "12 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/F 132/T(spare)/P 3 0 R/Rect[100 10 130 40]"
                    "/AP<</N 7 0 R>>/Lock 13 0 R/V 50 0 R>>\nendobj\n"
                    "1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/Perms<</DocMDP 50 0 R>>>>\nendobj\n"
                    "50 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
                    "/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams"
                    "/P 1/V/1.2>>>>]/ByteRange[0 ****************************************]/Contents<");
    for (int i = 0; i < 4096; i++)
        buf_append_text(&text, "00");
    buf_append_text(&text, ">>>\nendobj\n");
    paper_update(&b, buf_text(&text));
    sign_by_hand(&b, &office.employer);
    only = sealed_copy(&b);
    sealed_expect(&office, &only, VERDICT_GENUINE);
    buf_reset(&text);
    buf_append_text(
        &text, "10 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/F 132/T(organiser)/P 3 0 R/Rect[60 10 90 40]"
               "/AP<</N 7 0 R>>/Lock 11 0 R/V 51 0 R>>\nendobj\n"
               "51 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
               "/ByteRange[0 ****************************************]/Contents<");
    for (int i = 0; i < 4096; i++)
        buf_append_text(&text, "00");
    buf_append_text(&text, ">>>\nendobj\n");
    paper_update(&b, buf_text(&text));
    buf_dispose(&text);
    sign_by_hand(&b, &office.organiser);
    assert_altered_saying(&b, "forbids any change");
}

static void a_field_locked_by_another_signature_stays_closed(void **state)
{
    static const char lock[] = "/Reference[<</Type/SigRef/TransformMethod/FieldMDP/TransformParams"
                               "<</Type/TransformParams/V/1.2/Action/All>>/Data 1 0 R>>]";
    struct buf b = signed_update("", "ETSI.CAdES.detached", lock, &office.organiser);

    (void)state;
    /* everything was signed already: the lock comes last and harms nobody */
    sealed_expect(&office, &b, VERDICT_GENUINE);
}

/* The page asks for an object that no revision had when it was sealed. */
static void an_object_supplied_later_is_noticed(void **state)
{
    struct buf b = BUF_INIT(1 << 20), text = BUF_INIT(1 << 16);

    (void)state;
    sealed_paper(&b);
    paper_update(&b, "5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Trap 60 0 R>>\nendobj\n");
    buf_append_text(&text, "8 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/F 132/T(employer)/P 3 0 R"
                           "/Rect[140 90 259.06 209.06]/AP<</N 7 0 R>>/Lock 9 0 R/V 50 0 R>>\nendobj\n"
                           "50 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
                           "/ByteRange[0 ****************************************]/Contents<");
    for (int i = 0; i < 4096; i++)
        buf_append_text(&text, "00");
    buf_append_text(&text, ">>>\nendobj\n");
    paper_update(&b, buf_text(&text));
    buf_dispose(&text);
    sign_by_hand(&b, &office.employer);
    paper_update(&b, "60 0 obj\n<</FontFile 1 0 R>>\nendobj\n");
    assert_altered_saying(&b, "made to wait");
}

static void a_swapped_pair_of_signatures_is_noticed(void **state)
{
    struct buf b = sealed_copy(&genuine);
    size_t first = find(&b, "/Contents<", 0) + 10, second = find(&b, "/Contents<", ends[0]) + 10;

    (void)state;
    for (size_t i = 0; i < (size_t)2 * 16384; i++) {
        uint8_t c = b.data[first + i];

        b.data[first + i] = b.data[second + i];
        b.data[second + i] = c;
    }
    sealed_expect(&office, &b, VERDICT_ALTERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_untouched_document_is_genuine),
        cmocka_unit_test(replaced_page_content_is_noticed),
        cmocka_unit_test(an_added_annotation_is_noticed),
        cmocka_unit_test(the_rewritten_but_equal_field_is_no_change),
        cmocka_unit_test(a_swapped_appearance_is_noticed),
        cmocka_unit_test(an_overwritten_appearance_is_noticed),
        cmocka_unit_test(a_moved_seal_is_noticed),
        cmocka_unit_test(an_unsigned_field_is_noticed),
        cmocka_unit_test(a_new_signature_field_is_noticed),
        cmocka_unit_test(a_changed_catalog_is_noticed),
        cmocka_unit_test(an_added_action_is_noticed),
        cmocka_unit_test(one_flipped_bit_anywhere_is_noticed),
        cmocka_unit_test(byte_ranges_that_cover_nothing_are_noticed),
        cmocka_unit_test(contents_without_a_signature_are_noticed),
        cmocka_unit_test(bytes_hidden_in_the_gap_are_noticed),
        cmocka_unit_test(bytes_behind_the_end_are_noticed),
        cmocka_unit_test(a_truncated_file_is_noticed),
        cmocka_unit_test(a_file_cut_back_to_its_first_seal_is_intact_and_says_what_is_empty),
        cmocka_unit_test(a_file_cut_back_before_any_seal_is_not_signed),
        cmocka_unit_test(a_forgers_own_key_is_not_trusted),
        cmocka_unit_test(an_attacker_who_appends_and_signs_is_not_genuine),
        cmocka_unit_test(signatures_of_unknown_kinds_are_never_genuine),
        cmocka_unit_test(a_certifier_who_allowed_nothing_is_obeyed),
        cmocka_unit_test(a_field_locked_by_another_signature_stays_closed),
        cmocka_unit_test(an_object_supplied_later_is_noticed),
        cmocka_unit_test(a_swapped_pair_of_signatures_is_noticed),
    };

    return cmocka_run_group_tests(tests, open_office, close_office);
}
