/* verify_test.c - who may be believed, when, and how files of others are judged. */
#include "base/digest.h"
#include "base/json.h"
#include "sign/cms.h"
#include "sign/verify.h"
#include "support/sealed.h"
#include <openssl/ts.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static enum verdict_kind judge_at(struct verdict *v, const struct trust *trust, const struct buf *pdf,
                                  int64_t moment, struct arena *a)
{
    struct verify_order order = {trust, moment};
    struct err e;

    assert_int_equal(verify_pdf(v, buf_view(pdf), &order, a, &e), 0);
    return v->kind;
}

static void a_genuine_document_says_who_when_and_what(void **state)
{
    struct arena a = ARENA_INIT;
    struct verdict v;
    uint8_t digest[32];

    (void)state;
    assert_int_equal(sealed_judge(&v, &office, &genuine, &a), VERDICT_GENUINE);
    assert_int_equal(v.seal_count, 2);
    assert_string_equal(v.seals[0].field, "employer");
    assert_string_equal(v.seals[0].owner, "示例县人力资源和社会保障局");
    assert_string_equal(v.seals[0].issuer, "示例根证书");
    assert_string_equal(v.seals[0].root, "示例根证书");
    assert_string_equal(v.seals[0].algorithm, "RSA-2048 SHA-256");
    assert_string_equal(v.seals[1].algorithm, "ECDSA P-256 SHA-256");
    assert_int_equal(v.seals[0].signed_at, SEALED_AT);
    assert_int_equal(v.seals[1].signed_at, SEALED_AT + 60);
    assert_true(v.seals[0].certifies && !v.seals[1].certifies);
    assert_true(v.seals[0].visible && v.seals[0].intact && v.seals[0].has_time);
    assert_int_equal(v.seals[1].revision, 3);
    assert_int_equal(v.revision_count, 3);
    assert_int_equal(v.revisions[1].end + 1, ends[0]); /* the line's end belongs to it too */
    assert_string_equal(v.revisions[2].change_en, "seal of 示例市职称评审委员会 placed");
    sha256(digest, buf_view(&genuine));
    assert_memory_equal(v.sha256, digest, 32);
    assert_int_equal(v.size, genuine.len);
    arena_dispose(&a);
}

static void nobody_is_trusted_without_roots(void **state)
{
    struct arena a = ARENA_INIT;
    struct trust *nobody;
    struct verdict v;
    struct err e;

    (void)state;
    assert_int_equal(trust_load(&nobody, NULL, &e), 0);
    assert_int_equal(judge_at(&v, nobody, &genuine, SEALED_AT, &a), VERDICT_NOT_TRUSTED);
    assert_true(v.seals[0].intact);
    trust_free(nobody);
    arena_dispose(&a);
}

static void test_seals_are_never_called_genuine(void **state)
{
    struct buf b = BUF_INIT(1 << 20);
    struct arena a = ARENA_INIT;
    struct verdict v;

    (void)state;
    sealed_paper(&b);
    sealed_place(&office, &b, "employer", &office.tester, true);
    assert_int_equal(sealed_judge(&v, &office, &b, &a), VERDICT_TEST);
    assert_int_equal(v.seals[0].chain, CHAIN_TEST);
    assert_null(strstr(v.reason_en, "genuine"));
    assert_null(strstr(v.reason_zh, "真实"));
    assert_non_null(strstr(v.reason_zh, "测试签章"));
    arena_dispose(&a);
    buf_dispose(&b);
}

static void an_expired_chain_is_not_trusted_and_not_altered(void **state)
{
    struct arena a = ARENA_INIT;
    struct verdict v;

    (void)state;
    assert_int_equal(judge_at(&v, office.trust, &genuine, 2000000000, &a), VERDICT_NOT_TRUSTED);
    assert_int_equal(v.seals[0].chain, CHAIN_EXPIRED);
    assert_true(v.seals[0].intact);
    assert_non_null(strstr(v.reason_en, "expired"));
    assert_int_equal(judge_at(&v, office.trust, &genuine, 1700000000, &a), VERDICT_NOT_TRUSTED);
    assert_int_equal(v.seals[0].chain, CHAIN_NOT_YET_VALID);
    /* at the moment of issue it is what it was */
    assert_int_equal(judge_at(&v, office.trust, &genuine, SEALED_AT, &a), VERDICT_GENUINE);
    arena_dispose(&a);
}

static void a_revoked_certificate_counts_from_its_revocation_on(void **state)
{
    struct arena a = ARENA_INIT;
    struct trust *trust;
    struct verdict v;
    struct err e;
    char path[128];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/list.crl", office.dir);
    authority_revoke(&office.ca, office.employer.leaf, SEALED_AT + 1000, path);
    assert_int_equal(trust_load(&trust, office.dir, &e), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(judge_at(&v, trust, &genuine, SEALED_AT + 2000, &a), VERDICT_NOT_TRUSTED);
    assert_int_equal(v.seals[0].chain, CHAIN_REVOKED);
    assert_int_equal(v.seals[1].chain, CHAIN_TRUSTED);
    assert_int_equal(judge_at(&v, trust, &genuine, SEALED_AT + 500, &a), VERDICT_GENUINE);
    trust_free(trust);
    arena_dispose(&a);
}

static void certificates_for_other_uses_do_not_seal(void **state)
{
    static const struct {
        const char *usage, *extended;
        enum chain_state state;
    } rows[] = {{"critical,keyEncipherment", NULL, CHAIN_NOT_FOR_SIGNING},
                {NULL, "serverAuth", CHAIN_NOT_FOR_SIGNING},
                {NULL, "codeSigning", CHAIN_NOT_FOR_SIGNING},
                {NULL, "critical,timeStamping", CHAIN_NOT_FOR_SIGNING},
                {NULL, "emailProtection", CHAIN_TRUSTED},
                {NULL, "1.3.6.1.5.5.7.3.36", CHAIN_TRUSTED},
                {"critical,nonRepudiation", NULL, CHAIN_TRUSTED}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct signatory_order o = {
            .owner = "某单位", .kind = KEY_P256, .usage = rows[i].usage, .extended = rows[i].extended};
        struct signatory s = signatory_new(&office.ca, &o);
        struct buf b = BUF_INIT(1 << 20);
        struct arena a = ARENA_INIT;
        struct verdict v;

        sealed_paper(&b);
        sealed_place(&office, &b, "employer", &s, true);
        (void)sealed_judge(&v, &office, &b, &a);
        assert_int_equal(v.seals[0].chain, rows[i].state);
        assert_int_equal(v.kind, rows[i].state == CHAIN_TRUSTED ? VERDICT_GENUINE : VERDICT_NOT_TRUSTED);
        arena_dispose(&a);
        buf_dispose(&b);
        signatory_free(&s);
    }
}

static void a_cached_chain_is_judged_anew_at_another_moment(void **state)
{
    struct arena a = ARENA_INIT;
    struct verdict v;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(judge_at(&v, office.trust, &genuine, SEALED_AT, &a), VERDICT_GENUINE);
        assert_int_equal(judge_at(&v, office.trust, &genuine, 2000000000, &a), VERDICT_NOT_TRUSTED);
    }
    arena_dispose(&a);
}

static void the_sandbox_gives_the_same_verdict(void **state)
{
    struct verify_order order = {office.trust, SEALED_AT + 3600};
    struct buf b = sealed_copy(&genuine), json[2] = {BUF_INIT(1 << 16), BUF_INIT(1 << 16)};
    struct arena a = ARENA_INIT;
    struct verdict v;
    struct err e;

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(verify_pdf(&v, buf_view(&b), &order, &a, &e), 0);
        assert_int_equal(verdict_json(&json[0], &v, &e), 0);
        assert_int_equal(verify_untrusted(&v, buf_view(&b), &order, &a, &e), 0);
        assert_int_equal(verdict_json(&json[1], &v, &e), 0);
        assert_string_equal(buf_text(&json[0]), buf_text(&json[1]));
        buf_reset(&json[0]);
        buf_reset(&json[1]);
        if (i == 0)
            b.data[3000] ^= 1; /* altered */
        else
            b.len = 100; /* nonsense */
    }
    buf_dispose(&json[0]);
    buf_dispose(&json[1]);
    buf_dispose(&b);
    arena_dispose(&a);
}

static void the_verdict_as_json_has_stable_names(void **state)
{
    struct buf json = BUF_INIT(1 << 16);
    struct arena a = ARENA_INIT;
    struct verdict v;
    struct err e;
    json_t *root;

    (void)state;
    assert_int_equal(sealed_judge(&v, &office, &genuine, &a), VERDICT_GENUINE);
    assert_int_equal(verdict_json(&json, &v, &e), 0);
    assert_int_equal(json_read(&root, buf_view(&json), JSON_MAX_BYTES, &e), 0);
    assert_string_equal(json_text(root, "verdict"), "genuine");
    assert_string_equal(json_text(json_array_get(json_object_get(root, "seals"), 0), "chain"), "trusted");
    assert_string_equal(json_text(json_array_get(json_object_get(root, "seals"), 0), "signed_at"),
                        "2026-11-18T11:06:40Z");
    assert_true(
        json_is_null(json_object_get(json_array_get(json_object_get(root, "seals"), 0), "problem_en")));
    assert_int_equal(json_array_size(json_object_get(root, "revisions")), 3);
    assert_true(
        json_is_true(json_object_get(json_array_get(json_object_get(root, "revisions"), 2), "allowed")));
    assert_int_equal(json_integer_value(json_object_get(root, "size")), genuine.len);
    json_decref(root);
    buf_dispose(&json);
    arena_dispose(&a);
}

/* --- files of others --- */

/* One revision with a packed font and a cross-reference stream, both stored uncompressed. */
static void packed_update_at(struct buf *pdf, const char *font, size_t offset)
{
    struct buf rows = BUF_INIT(256), pack = BUF_INIT(1024);
    size_t first, at, table, prev = 0;

    for (size_t i = 0; (i = slice_find(buf_view(pdf), i, slice_of("startxref\n"))) != SIZE_MAX; i++)
        prev = strtoul((const char *)pdf->data + i + 10, NULL, 10);
    buf_printf(&pack, "5 %zu ", offset);
    first = pack.len;
    buf_append_text(&pack, font);
    at = pdf->len;
    buf_printf(pdf, "70 0 obj\n<</Type/ObjStm/N 1/First %zu/Length %zu>>\nstream\n", first, pack.len);
    buf_append(pdf, buf_view(&pack));
    buf_append_text(pdf, "\nendstream\nendobj\n");
    table = pdf->len;
    buf_append_bytes(&rows, "\2\0\0\0\106\0\0", 7);
    buf_append_bytes(&rows, (uint8_t[]){1, 0, (uint8_t)(at >> 16), (uint8_t)(at >> 8), (uint8_t)at, 0, 0}, 7);
    buf_append_bytes(
        &rows, (uint8_t[]){1, 0, (uint8_t)(table >> 16), (uint8_t)(table >> 8), (uint8_t)table, 0, 0}, 7);
    buf_printf(
        pdf,
        "71 0 obj\n<</Type/XRef/Size 72/Root 1 0 R/Prev %zu/W[1 4 2]/Index[5 1 70 2]/Length 21>>\nstream\n",
        prev);
    buf_append(pdf, buf_view(&rows));
    buf_printf(pdf, "\nendstream\nendobj\nstartxref\n%zu\n%%%%EOF\n", table);
    buf_dispose(&rows);
    buf_dispose(&pack);
    assert_true(buf_ok(pdf));
}

static void packed_update(struct buf *pdf, const char *font)
{
    packed_update_at(pdf, font, 0);
}

/* The place of a signature in an update made here. */
struct hole {
    size_t open, close;
};

static void hole_write(struct buf *text)
{
    buf_append_text(text, "/ByteRange[0 ****************************************]/Contents<");
    for (int i = 0; i < 4096; i++)
        buf_append_text(text, "00");
    buf_append_text(text, ">>>\nendobj\n");
}

/* Fills in the byte range and hashes what it covers. */
static void hole_find(struct hole *h, struct buf *pdf, size_t from, uint8_t digest[32])
{
    size_t range = slice_find(buf_view(pdf), from, slice_of("/ByteRange[0 ")) + 13;
    struct buf covered = BUF_INIT(1 << 22);
    char numbers[64];

    h->open = slice_find(buf_view(pdf), range, slice_of("/Contents<")) + 9;
    h->close = slice_find(buf_view(pdf), h->open, slice_of(">")) + 1;
    (void)snprintf(numbers, sizeof numbers, "%zu %zu %zu", h->open, h->close, pdf->len - h->close);
    memset(pdf->data + range, ' ', 40);
    memcpy(pdf->data + range, numbers, strlen(numbers));
    buf_append_bytes(&covered, pdf->data, h->open);
    buf_append_bytes(&covered, pdf->data + h->close, pdf->len - h->close);
    sha256(digest, buf_view(&covered));
    buf_dispose(&covered);
}

static void hole_fill(const struct hole *h, struct buf *pdf, const struct buf *der)
{
    char *digits = malloc(2 * der->len + 1);

    assert_true(digits != NULL && 2 * der->len <= h->close - h->open - 2);
    hex_encode(digits, buf_view(der));
    memcpy(pdf->data + h->open + 1, digits, 2 * der->len);
    free(digits);
}

/* Fills a field with a signature in an update made here. */
static void sign_elsewhere(struct buf *pdf, unsigned field, const char *more, struct signatory *by)
{
    struct buf text = BUF_INIT(1 << 16), cms = BUF_INIT(1 << 16);
    struct hole hole;
    size_t from = pdf->len;
    uint8_t digest[32];
    struct err e;

    buf_printf(&text,
               "%u 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/F 132/T(%s)/P 3 0 R/Rect[%s]/AP<</N 7 0 R>>"
               "/Lock %u 0 R/V %u 0 R>>\nendobj\n",
               field, field == 8 ? "employer" : "organiser",
               field == 8 ? "140 90 259.06 209.06" : "60 10 90 40", field + 1, field + 50);
    buf_printf(&text, "%u 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached", field + 50);
    hole_write(&text);
    buf_append_text(&text, more);
    paper_update(pdf, buf_text(&text));
    hole_find(&hole, pdf, from, digest);
    assert_int_equal(cms_build(&cms, digest, by->leaf, by->chain, by->key, &e), 0);
    hole_fill(&hole, pdf, &cms);
    buf_dispose(&text);
    buf_dispose(&cms);
}

/* Another signer who brings his own field, seen in this rectangle. */
static void sign_in_new_field(struct buf *pdf, const char *rect, struct signatory *by)
{
    struct buf text = BUF_INIT(1 << 16), cms = BUF_INIT(1 << 16);
    struct hole hole;
    size_t from = pdf->len;
    uint8_t digest[32];
    struct err e;

    buf_printf(&text,
               "6 0 obj\n<</SigFlags 3/Fields[8 0 R 10 0 R 12 0 R 95 0 R]>>\nendobj\n"
               "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Resources<</Font<</F1 5 0 R>>>>"
               "/Contents 4 0 R/Annots[8 0 R 10 0 R 12 0 R 95 0 R]>>\nendobj\n"
               "95 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/T(second)/F 132/P 3 0 R/Rect[%s]/AP<</N 7 0 R>>"
               "/V 96 0 R>>\nendobj\n96 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite"
               "/SubFilter/adbe.pkcs7.detached",
               rect);
    hole_write(&text);
    paper_update(pdf, buf_text(&text));
    hole_find(&hole, pdf, from, digest);
    assert_int_equal(cms_build(&cms, digest, by->leaf, by->chain, by->key, &e), 0);
    hole_fill(&hole, pdf, &cms);
    buf_dispose(&text);
    buf_dispose(&cms);
}

static void others_may_sign_in_fields_of_their_own(void **state)
{
    struct buf b = BUF_INIT(1 << 22), visible, strange, certified = sealed_copy(&genuine),
               shown = sealed_copy(&genuine);

    (void)state;
    sealed_paper(&b);
    sign_elsewhere(&b, 8, "", &office.employer);
    visible = sealed_copy(&b);
    strange = sealed_copy(&b);
    sign_in_new_field(&b, "0 0 0 0", &office.organiser);
    sealed_expect(&office, &b, VERDICT_GENUINE);
    sign_in_new_field(&visible, "0 0 60 60", &office.organiser);
    sealed_expect(&office, &visible, VERDICT_GENUINE);
    sign_in_new_field(&strange, "0 0 60 60", &office.stranger);
    sealed_expect(&office, &strange, VERDICT_NOT_TRUSTED);
    /* where the first signature certifies, nothing new is to be seen */
    sign_in_new_field(&certified, "0 0 0 0", &office.organiser);
    sealed_expect(&office, &certified, VERDICT_GENUINE);
    sign_in_new_field(&shown, "0 0 60 60", &office.organiser);
    sealed_expect(&office, &shown, VERDICT_ALTERED);
}

static void streams_of_objects_and_references_are_read(void **state)
{
    struct buf b = BUF_INIT(1 << 22), c;

    (void)state;
    sealed_paper(&b);
    packed_update(&b, "<</Type/Font/Subtype/Type1/BaseFont/Courier>>");
    sign_elsewhere(&b, 8, "", &office.employer);
    c = sealed_copy(&b);
    sealed_expect(&office, &c, VERDICT_GENUINE);
    /* the same with another font in it, after the signature */
    packed_update(&b, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>");
    sealed_expect(&office, &b, VERDICT_ALTERED);
}

static void validation_data_may_follow_the_signatures_of_others(void **state)
{
    struct buf b = BUF_INIT(1 << 22), c;

    (void)state;
    sealed_paper(&b);
    sign_elsewhere(&b, 8, "", &office.employer);
    c = sealed_copy(&b);
    paper_update(&b, "1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/DSS 80 0 R>>\nendobj\n"
                     "80 0 obj\n<</Type/DSS/Certs[81 0 R]>>\nendobj\n"
                     "81 0 obj\n<</Length 1>>\nstream\nx\nendstream\nendobj\n");
    sealed_expect(&office, &b, VERDICT_GENUINE);
    /* the same update hiding another page tree */
    paper_update(&c, "1 0 obj\n<</Type/Catalog/Pages 80 0 R/AcroForm 6 0 R/DSS 80 0 R>>\nendobj\n"
                     "80 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n");
    sealed_expect(&office, &c, VERDICT_ALTERED);
}

static void a_store_of_validation_data_is_no_back_door(void **state)
{
    struct buf b = BUF_INIT(1 << 22);

    (void)state;
    sealed_paper(&b);
    /* prepared: page content is a list, and the same list poses as the list of certificates */
    paper_update(&b,
                 "1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R/DSS<</Certs 90 0 R>>>>\nendobj\n"
                 "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Resources<</Font<</F1 5 0 R>>>>"
                 "/Contents 90 0 R/Annots[8 0 R 10 0 R 12 0 R]>>\nendobj\n90 0 obj\n[4 0 R]\nendobj\n");
    sign_elsewhere(&b, 8, "", &office.employer);
    paper_update(&b,
                 "90 0 obj\n[4 0 R 91 0 R]\nendobj\n91 0 obj\n<</Length 1>>\nstream\nx\nendstream\nendobj\n");
    sealed_expect(&office, &b, VERDICT_ALTERED);
}

/* A page whose contents are a list of their own, sealed; then the list gets this dictionary as well. */
static void add_to_list(const char *page, const char *dictionary)
{
    struct buf b = BUF_INIT(1 << 22), text = BUF_INIT(1 << 12);

    sealed_paper(&b);
    buf_printf(&text,
               "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Resources<</Font<</F1 5 0 R>>>>%s>>"
               "\nendobj\n90 0 obj\n[4 0 R]\nendobj\n",
               page);
    paper_update(&b, buf_text(&text));
    sign_elsewhere(&b, 8, "", &office.employer);
    buf_reset(&text);
    buf_printf(&text,
               "90 0 obj\n[4 0 R 91 0 R]\nendobj\n91 0 obj\n%s\nendobj\n"
               "92 0 obj\n<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161>>\nendobj\n",
               dictionary);
    paper_update(&b, buf_text(&text));
    sealed_expect(&office, &b, VERDICT_ALTERED);
    buf_dispose(&text);
}

static void page_content_cannot_pose_as_a_timestamp(void **state)
{
    (void)state;
    add_to_list("/Annots[8 0 R 10 0 R 12 0 R]/Contents 90 0 R",
                "<</FT/Sig/V 92 0 R/Length 1>>\nstream\nx\nendstream");
    add_to_list("/Annots[8 0 R 10 0 R 12 0 R]/Contents 90 0 R", "<</FT/Sig/V 92 0 R>>");
    add_to_list("/Annots[8 0 R 10 0 R 12 0 R]/Contents 4 0 R/Group 90 0 R", "<</FT/Sig/V 92 0 R>>");
}

/* What a page prepared before the signature refers to comes after it. Programs differ in what they take for a
 * reference, so nothing that some of them follow may be overlooked. */
static void references_in_odd_spellings_are_no_hiding_places(void **state)
{
    static const char *const odd[] = {"91 0 R",
                                      "000000000091 0 R",
                                      "+91 0 R",
                                      "91.0 0 R",
                                      "91 0R",
                                      "91 % 7\n 0 R",
                                      "91 0 R/B(x)",
                                      "(\\)) /C 91 0 R",
                                      "/D endobj /C 91 0 R",
                                      "/D stream /C 91 0 R"};

    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct buf b = BUF_INIT(1 << 22), text = BUF_INIT(1 << 12);
        struct arena a = ARENA_INIT;
        struct verdict v;

        sealed_paper(&b);
        buf_printf(&text, "5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Courier/A %s>>\nendobj\n", odd[i]);
        paper_update(&b, buf_text(&text));
        sign_elsewhere(&b, 8, "", &office.employer);
        paper_update(&b, "91 0 obj\n<</Length 1>>\nstream\nx\nendstream\nendobj\n");
        (void)sealed_judge(&v, &office, &b, &a);
        if (v.kind == VERDICT_GENUINE)
            fail_msg("overlooked: %s", odd[i]);
        buf_dispose(&b);
        buf_dispose(&text);
        arena_dispose(&a);
    }
}

/* The packed font begins inside the string before it. */
static void packed_objects_do_not_hide_in_strings(void **state)
{
    struct buf b = BUF_INIT(1 << 22);

    (void)state;
    sealed_paper(&b);
    packed_update_at(&b, "(<</Type/Font/Subtype/Type1/A 91 0 R>>)", 1);
    sign_elsewhere(&b, 8, "", &office.employer);
    paper_update(&b, "91 0 obj\n<</Length 1>>\nstream\nx\nendstream\nendobj\n");
    sealed_expect(&office, &b, VERDICT_ALTERED);
}

static void object_zero_is_an_object_like_others(void **state)
{
    struct buf b = BUF_INIT(1 << 22);

    (void)state;
    sealed_paper(&b);
    paper_update(&b, "0 0 obj\n(one)\nendobj\n");
    sign_elsewhere(&b, 8, "", &office.employer);
    paper_update(&b, "0 0 obj\n(two)\nendobj\n");
    sealed_expect(&office, &b, VERDICT_ALTERED);
}

static void nobody_makes_programs_draw_the_fields_anew(void **state)
{
    struct buf b = BUF_INIT(1 << 22);

    (void)state;
    sealed_paper(&b);
    paper_update(&b, "6 0 obj\n<</SigFlags 3/Fields[8 0 R 10 0 R 12 0 R]/NeedAppearances false>>\nendobj\n");
    sign_elsewhere(&b, 8, "", &office.employer);
    paper_update(&b, "6 0 obj\n<</SigFlags 3/Fields[8 0 R 10 0 R 12 0 R]/NeedAppearances true>>\nendobj\n");
    sealed_expect(&office, &b, VERDICT_ALTERED);
}

static void changes_after_the_last_signature_need_one(void **state)
{
    struct buf b = BUF_INIT(1 << 22), c;

    (void)state;
    sealed_paper(&b);
    paper_update(&b,
                 "6 0 obj\n<</SigFlags 3/Fields[8 0 R 10 0 R 12 0 R 40 0 R]>>\nendobj\n"
                 "40 0 obj\n<</FT/Tx/T(remark)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/P 3 0 R>>\nendobj\n");
    sign_elsewhere(&b, 8, "", &office.employer);
    c = sealed_copy(&b);
    paper_update(
        &b, "40 0 obj\n<</FT/Tx/T(remark)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/P 3 0 R/V(x)>>\nendobj\n");
    sealed_expect(&office, &b, VERDICT_ALTERED);
    /* the friendly twin: filled in and signed in one revision */
    sign_elsewhere(
        &c, 10,
        "40 0 obj\n<</FT/Tx/T(remark)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/P 3 0 R/V(x)>>\nendobj\n",
        &office.organiser);
    sealed_expect(&office, &c, VERDICT_GENUINE);
}

/* --- timestamps --- */

static ASN1_INTEGER *serial_give(struct TS_resp_ctx *ctx, void *data)
{
    ASN1_INTEGER *serial = ASN1_INTEGER_new();

    (void)ctx;
    (void)data;
    assert_int_equal(ASN1_INTEGER_set(serial, 7), 1);
    return serial;
}

/* A token over this digest, as an authority for timestamps answers. */
static struct buf token_make(const struct signatory *tsa, const uint8_t digest[32])
{
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
    TS_RESP_CTX *ctx = TS_RESP_CTX_new();
    struct buf out = BUF_INIT(1 << 16);
    unsigned char *der = NULL;
    TS_RESP *response;
    BIO *query = BIO_new(BIO_s_mem());
    int len;

    X509_ALGOR_set_md(algorithm, EVP_sha256());
    assert_true(TS_MSG_IMPRINT_set_algo(imprint, algorithm) &&
                TS_MSG_IMPRINT_set_msg(imprint, (unsigned char *)digest, 32));
    assert_true(TS_REQ_set_version(request, 1) && TS_REQ_set_msg_imprint(request, imprint) &&
                TS_REQ_set_cert_req(request, 1));
    assert_true(i2d_TS_REQ_bio(query, request) == 1);
    TS_RESP_CTX_set_serial_cb(ctx, serial_give, NULL);
    assert_true(TS_RESP_CTX_set_signer_cert(ctx, tsa->leaf) && TS_RESP_CTX_set_signer_key(ctx, tsa->key));
    assert_true(TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()) && TS_RESP_CTX_set_def_policy(ctx, policy));
    assert_true(TS_RESP_CTX_add_md(ctx, EVP_sha256()) &&
                TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256()));
    response = TS_RESP_create_response(ctx, query);
    assert_non_null(response);
    assert_non_null(TS_RESP_get_token(response));
    len = i2d_PKCS7(TS_RESP_get_token(response), &der);
    assert_true(len > 0);
    buf_append_bytes(&out, der, (size_t)len);
    OPENSSL_free(der);
    TS_RESP_free(response);
    TS_RESP_CTX_free(ctx);
    ASN1_OBJECT_free(policy);
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    TS_REQ_free(request);
    BIO_free(query);
    return out;
}

/* A field of this rectangle with a document timestamp in it, as another update. */
static void stamp(struct buf *pdf, const char *rect, const struct signatory *tsa)
{
    struct buf text = BUF_INIT(1 << 16), token;
    struct hole hole;
    uint8_t digest[32];
    size_t from = pdf->len;

    buf_printf(
        &text,
        "6 0 obj\n<</SigFlags 3/Fields[8 0 R 10 0 R 12 0 R 95 0 R]>>\nendobj\n"
        "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Resources<</Font<</F1 5 0 R>>>>"
        "/Contents 4 0 R/Annots[8 0 R 10 0 R 12 0 R 95 0 R]>>\nendobj\n"
        "95 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/T(stamp)/F 132/P 3 0 R/Rect[%s]/V 96 0 R>>\nendobj\n",
        rect);
    buf_append_text(&text, "96 0 obj\n<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161");
    hole_write(&text);
    paper_update(pdf, buf_text(&text));
    hole_find(&hole, pdf, from, digest);
    token = token_make(tsa, digest);
    hole_fill(&hole, pdf, &token);
    buf_dispose(&token);
    buf_dispose(&text);
}

static void a_document_timestamp_of_others_may_follow(void **state)
{
    struct signatory_order order = {
        .owner = "时间戳服务", .kind = KEY_RSA_2048, .extended = "critical,timeStamping"};
    struct signatory tsa = signatory_new(&office.ca, &order),
                     other = signatory_new(&office.stranger_ca, &order);
    struct buf b = BUF_INIT(1 << 22), visible, strange, broken, alone = BUF_INIT(1 << 22);
    struct arena a = ARENA_INIT;
    struct verdict v;

    (void)state;
    sealed_paper(&b);
    sign_elsewhere(&b, 8, "", &office.employer);
    visible = sealed_copy(&b);
    strange = sealed_copy(&b);
    stamp(&b, "0 0 0 0", &tsa);
    broken = sealed_copy(&b);
    assert_int_equal(sealed_judge(&v, &office, &b, &a), VERDICT_GENUINE);
    assert_int_equal(v.seal_count, 2);
    assert_string_equal(v.seals[1].owner, "时间戳服务");
    assert_false(v.seals[1].visible);
    stamp(&visible, "0 0 50 50", &tsa); /* something to see is no mere timestamp */
    sealed_expect(&office, &visible, VERDICT_ALTERED);
    sealed_paper(&alone);
    stamp(&alone, "0 0 0 0", &tsa); /* anybody gets a timestamp for anything */
    sealed_expect(&office, &alone, VERDICT_NOT_SIGNED);
    stamp(&strange, "0 0 0 0", &other);
    sealed_expect(&office, &strange, VERDICT_NOT_TRUSTED);
    broken.data[slice_find(buf_view(&broken), 0, slice_of("(stamp)")) + 1] ^= 1;
    sealed_expect(&office, &broken, VERDICT_ALTERED);
    buf_dispose(&b);
    arena_dispose(&a);
    signatory_free(&tsa);
    signatory_free(&other);
}

static void what_is_no_pdf_or_encrypted_is_unsupported(void **state)
{
    static const char *const texts[] = {
        "",
        "%PDF-",
        "GIF89a",
        "%PDF-1.7\n",
        "%PDF-1.7\nstartxref\n9\n%%EOF\n",
        ("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev 9>>\n"
         "startxref\n9\n%%EOF\n")};
    struct buf b = BUF_INIT(1 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buf t = BUF_INIT(1 << 12);

        buf_append_text(&t, texts[i]);
        sealed_expect(&office, &t, VERDICT_UNSUPPORTED);
    }
    sealed_paper(&b);
    {
        size_t at = slice_find(buf_view(&b), 0, slice_of("trailer\n<<"));

        memcpy(b.data + at + 10, "/Encrypt ", 9); /* over /Size and a half */
    }
    sealed_expect(&office, &b, VERDICT_UNSUPPORTED);
}

static void trust_says_what_is_wrong_with_a_file(void **state)
{
    struct trust *t;
    struct err e;
    char path[128];
    FILE *f;

    (void)state;
    assert_int_equal(trust_load(&t, "/nonexistent/trust", &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    (void)snprintf(path, sizeof path, "%s/bad.txt", office.dir);
    f = fopen(path, "w");
    assert_non_null(f);
    (void)fputs("no certificate\n", f);
    (void)fclose(f);
    assert_int_equal(trust_load(&t, NULL, &e), 0);
    assert_int_equal(trust_add_file(t, path, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_int_equal(trust_add_file(t, "/nonexistent/ca.pem", &e), -1);
    trust_free(t);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_genuine_document_says_who_when_and_what),
        cmocka_unit_test(nobody_is_trusted_without_roots),
        cmocka_unit_test(test_seals_are_never_called_genuine),
        cmocka_unit_test(an_expired_chain_is_not_trusted_and_not_altered),
        cmocka_unit_test(a_revoked_certificate_counts_from_its_revocation_on),
        cmocka_unit_test(certificates_for_other_uses_do_not_seal),
        cmocka_unit_test(a_cached_chain_is_judged_anew_at_another_moment),
        cmocka_unit_test(the_sandbox_gives_the_same_verdict),
        cmocka_unit_test(the_verdict_as_json_has_stable_names),
        cmocka_unit_test(others_may_sign_in_fields_of_their_own),
        cmocka_unit_test(streams_of_objects_and_references_are_read),
        cmocka_unit_test(validation_data_may_follow_the_signatures_of_others),
        cmocka_unit_test(a_store_of_validation_data_is_no_back_door),
        cmocka_unit_test(page_content_cannot_pose_as_a_timestamp),
        cmocka_unit_test(references_in_odd_spellings_are_no_hiding_places),
        cmocka_unit_test(packed_objects_do_not_hide_in_strings),
        cmocka_unit_test(object_zero_is_an_object_like_others),
        cmocka_unit_test(nobody_makes_programs_draw_the_fields_anew),
        cmocka_unit_test(changes_after_the_last_signature_need_one),
        cmocka_unit_test(a_document_timestamp_of_others_may_follow),
        cmocka_unit_test(what_is_no_pdf_or_encrypted_is_unsupported),
        cmocka_unit_test(trust_says_what_is_wrong_with_a_file),
    };

    return cmocka_run_group_tests(tests, open_office, close_office);
}
