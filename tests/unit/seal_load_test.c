/* seal_load_test.c - seals from the data directory, whole and damaged; pictures that somebody brings. */
#include "base/file.h"
#include "seal/seal.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <png.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ID "0123456789abcdef0123456789abcdef"
#define SQUARE                                                                                               \
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"42mm\" height=\"42mm\"><circle r=\"9\"/></svg>"
static const char FACTS[] =
    "{\"id\": \"" ID "\", \"name\": \"公章\", \"owner\": \"虚构厅（测试）\", \"kind\": \"office\", "
    "\"diameter_mm\": 42, \"test\": true}";

/* A data directory with one whole seal. */
struct room {
    char dir[64];
    char *pem; /* leaf, issuer, root */
};

static void put(const struct room *r, const char *file, struct slice content)
{
    char path[128];
    struct err e;

    (void)snprintf(path, sizeof path, "%s/seals/" ID "/%s", r->dir, file);
    if (file_write(path, content, 0600, &e) != 0)
        fail_msg("%s", e.en);
}

static void take(const struct room *r, const char *file)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/seals/" ID "/%s", r->dir, file);
    (void)unlink(path);
}

static void append_certificate(BIO *out, EVP_PKEY *key, const char *subject, const char *issuer)
{
    X509 *x = X509_new();
    X509_NAME *name = X509_NAME_new();

    assert_true(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)subject, -1, -1, 0));
    assert_true(X509_set_subject_name(x, name));
    X509_NAME_free(name);
    name = X509_NAME_new();
    assert_true(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)issuer, -1, -1, 0));
    assert_true(X509_set_issuer_name(x, name));
    X509_NAME_free(name);
    assert_true(ASN1_TIME_set_string(X509_getm_notBefore(x), "20260101000000Z"));
    assert_true(ASN1_TIME_set_string(X509_getm_notAfter(x), "20360101000000Z"));
    assert_true(X509_set_pubkey(x, key));
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    assert_true(PEM_write_bio_X509(out, x));
    X509_free(x);
}

static char *make_chain(void)
{
    static const char *const names[] = {"leaf", "issuer", "root", "root"};
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *out = BIO_new(BIO_s_mem());
    char *data, *pem;
    long len;

    for (int i = 0; i < 3; i++)
        append_certificate(out, key, names[i], names[i + 1]);
    len = BIO_get_mem_data(out, &data);
    pem = strndup(data, (size_t)len);
    BIO_free(out);
    EVP_PKEY_free(key);
    assert_non_null(pem);
    return pem;
}

static int open_room(void **state)
{
    struct room *r = calloc(1, sizeof *r);
    char path[128];

    assert_non_null(r);
    (void)snprintf(r->dir, sizeof r->dir, "/tmp/seal-test-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    (void)snprintf(path, sizeof path, "%s/seals", r->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/seals/" ID, r->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    r->pem = make_chain();
    put(r, "seal.json", slice_of(FACTS));
    put(r, "chain.pem", slice_of(r->pem));
    put(r, "picture.svg", slice_of(SQUARE));
    *state = r;
    return 0;
}

static int close_room(void **state)
{
    struct room *r = *state;
    char path[128];

    take(r, "seal.json");
    take(r, "chain.pem");
    take(r, "picture.svg");
    take(r, "picture.png");
    (void)snprintf(path, sizeof path, "%s/seals/" ID, r->dir);
    (void)rmdir(path);
    (void)snprintf(path, sizeof path, "%s/seals", r->dir);
    (void)rmdir(path);
    (void)rmdir(r->dir);
    free(r->pem);
    free(r);
    return 0;
}

static void assert_fails(const struct room *r, enum err_code code, const char *word)
{
    struct seal *s;
    struct err e = {0};

    assert_int_equal(seal_load(&s, r->dir, ID, &e), -1);
    assert_null(s);
    assert_int_equal(e.code, code);
    if (strstr(e.en, word) == NULL || strstr(e.zh, word) == NULL)
        fail_msg("%s / %s should say %s", e.en, e.zh, word);
}

static void a_seal_is_loaded_with_its_chain_without_the_root(void **state)
{
    const struct room *r = *state;
    struct seal *s;
    struct err e;

    if (seal_load(&s, r->dir, ID, &e) != 0)
        fail_msg("%s", e.en);
    assert_string_equal(s->id, ID);
    assert_string_equal(s->name, "公章");
    assert_string_equal(s->owner, "虚构厅（测试）");
    assert_float_equal(s->diameter, 42, 0);
    assert_true(s->test);
    assert_false(s->service);
    assert_non_null(s->picture);
    assert_int_equal(s->png.len, 0);
    assert_int_equal(s->chain_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *at = s->chain_der[i].data;
        X509 *x = d2i_X509(NULL, &at, (long)s->chain_der[i].len);
        char cn[32];

        assert_non_null(x);
        assert_ptr_equal(at, s->chain_der[i].data + s->chain_der[i].len);
        assert_true(X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, cn, sizeof cn) > 0);
        assert_string_equal(cn, i == 0 ? "leaf" : "issuer");
        X509_free(x);
    }
    seal_free(s);
    seal_free(NULL);
}

static void a_seal_that_is_not_there_and_ids_that_are_none_are_told_apart(void **state)
{
    static const char *const bad[] = {"", "..", "../../../../../../etc/aaaaaaaaaaaa",
                                      "0123456789ABCDEF0123456789ABCDEF", ID "0"};
    const struct room *r = *state;
    struct seal *s;
    struct err e;

    assert_int_equal(seal_load(&s, r->dir, "ffffffffffffffffffffffffffffffff", &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(seal_load(&s, r->dir, bad[i], &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
    }
}

static void facts_are_read_strictly(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {{"\"test\": true", "\"test\": 1"},
                {", \"test\": true", ""},
                {"\"test\": true", "\"test\": true, \"color\": \"red\""},
                {"\"diameter_mm\": 42", "\"diameter_mm\": \"42\""},
                {"\"diameter_mm\": 42", "\"diameter_mm\": 4200"},
                {"\"kind\": \"office\"", "\"kind\": \"square\""},
                {"\"id\": \"0", "\"id\": \"1"},
                {"公章", ""},
                {"}", "} x"}};
    const struct room *r = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *at = strstr(FACTS, rows[i].from);
        char text[512];

        assert_non_null(at);
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - FACTS), FACTS, rows[i].to,
                       at + strlen(rows[i].from));
        put(r, "seal.json", slice_of(text));
        assert_fails(r, ERR_INTERNAL, "seal.json");
    }
}

static void a_damaged_or_missing_chain_is_noticed(void **state)
{
    const struct room *r = *state;
    size_t len = strlen(r->pem);
    char *many = malloc(6 * len + 1);
    const char *second = strstr(r->pem + 1, "-----BEGIN");

    assert_non_null(many);
    many[0] = '\0';
    put(r, "chain.pem", (struct slice){(const uint8_t *)r->pem, len / 2}); /* inside the second */
    assert_fails(r, ERR_INTERNAL, "chain.pem");
    put(r, "chain.pem", slice_of(""));
    assert_fails(r, ERR_INTERNAL, "chain.pem");
    for (int i = 0; i < 5; i++)
        (void)strncat(many, r->pem, (size_t)(second - r->pem));
    put(r, "chain.pem", slice_of(many));
    assert_fails(r, ERR_INTERNAL, "chain.pem");
    take(r, "chain.pem");
    assert_fails(r, ERR_INTERNAL, "chain.pem");
    free(many);
}

static void only_the_services_own_seal_goes_without_picture(void **state)
{
    static const char service[] =
        "{\"id\": \"" ID "\", \"name\": \"平台\", \"owner\": \"虚构平台\", \"kind\": \"service\", "
        "\"diameter_mm\": 0, \"test\": false}";
    const struct room *r = *state;
    struct seal *s;
    struct err e;

    take(r, "picture.svg");
    assert_fails(r, ERR_INTERNAL, "picture.svg");
    put(r, "seal.json", slice_of(service));
    if (seal_load(&s, r->dir, ID, &e) != 0)
        fail_msg("%s", e.en);
    assert_true(s->service);
    assert_null(s->picture);
    seal_free(s);
}

static void a_picture_that_artwork_refuses_names_its_line(void **state)
{
    put(*state, "picture.svg",
        slice_of("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\">\n<text/></svg>"));
    assert_fails(*state, ERR_INVALID, "picture.svg");
}

/* A PNG of side by side pixels in this format; noise does not compress. */
static struct buf make_png(uint32_t side, uint32_t format, bool noisy)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .width = side, .height = side, .format = format};
    struct buf out = BUF_INIT(16 * 1024 * 1024);
    uint8_t *pixels = calloc(PNG_IMAGE_SIZE(image), 1);
    uint32_t noise = 1;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);

    assert_non_null(pixels);
    for (size_t i = 0; noisy && i < PNG_IMAGE_SIZE(image); i++) {
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        pixels[i] = (uint8_t)noise;
    }
    assert_non_null(buf_room(&out, size));
    assert_true(png_image_write_to_memory(&image, out.data, &size, 0, pixels, 0, NULL));
    buf_wrote(&out, size);
    free(pixels);
    return out;
}

static void a_png_picture_is_loaded_as_it_was_imported(void **state)
{
    const struct room *r = *state;
    struct buf png = make_png(60, PNG_FORMAT_RGBA, true);
    struct seal *s;
    struct err e;

    take(r, "picture.svg");
    put(r, "picture.png", buf_view(&png));
    if (seal_load(&s, r->dir, ID, &e) != 0)
        fail_msg("%s", e.en);
    assert_null(s->picture);
    assert_true(slice_equal(buf_view(&s->png), buf_view(&png)));
    seal_free(s);
    put(r, "picture.png", slice_part(buf_view(&png), 0, 20));
    assert_fails(r, ERR_INVALID, "PNG");
    buf_dispose(&png);
}

static void assert_picture(struct buf png, bool fine, const char *word)
{
    struct err e = {0};
    bool is_svg = true;
    int rc = seal_picture_check(&is_svg, buf_view(&png), &e);

    assert_false(is_svg);
    if (fine && rc != 0)
        fail_msg("%s", e.en);
    if (!fine && (rc == 0 || strstr(e.en, word) == NULL || strstr(e.zh, word) == NULL))
        fail_msg("%s / %s should say %s", e.en, e.zh, word);
    buf_dispose(&png);
}

static void pictures_of_eight_bits_are_taken_and_others_say_what_to_do(void **state)
{
    struct buf cut = make_png(60, PNG_FORMAT_RGB, true), flipped = make_png(60, PNG_FORMAT_RGB, true);

    (void)state;
    assert_picture(make_png(60, PNG_FORMAT_RGB, true), true, NULL);
    assert_picture(make_png(60, PNG_FORMAT_RGBA, true), true, NULL);
    assert_picture(make_png(60, PNG_FORMAT_GRAY, true), true, NULL);
    assert_picture(make_png(60, PNG_FORMAT_GA, true), true, NULL);
    assert_picture(make_png(60, PNG_FORMAT_LINEAR_RGB_ALPHA, true), false, "16");
    assert_picture(make_png(2001, PNG_FORMAT_GRAY, false), false, "2001");
    assert_picture(make_png(1200, PNG_FORMAT_RGBA, true), false, "2097152");
    cut.len -= 100;
    assert_picture(cut, false, "PNG");
    flipped.data[flipped.len / 2] ^= 0x10;
    assert_picture(flipped, false, "PNG");
}

static void a_drawn_picture_must_be_square(void **state)
{
    struct err e = {0};
    bool is_svg = false;

    (void)state;
    assert_int_equal(seal_picture_check(&is_svg, slice_of(SQUARE), &e), 0);
    assert_true(is_svg);
    assert_int_equal(
        seal_picture_check(
            &is_svg, slice_of("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40mm\" height=\"30mm\"/>"),
            &e),
        -1);
    assert_non_null(strstr(e.en, "square"));
    assert_int_equal(seal_picture_check(&is_svg, slice_of("GIF89a"), &e), -1);
    assert_int_equal(seal_picture_check(&is_svg, slice_of(""), &e), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define IN_ROOM(name) cmocka_unit_test_setup_teardown(name, open_room, close_room)
        IN_ROOM(a_seal_is_loaded_with_its_chain_without_the_root),
        IN_ROOM(a_seal_that_is_not_there_and_ids_that_are_none_are_told_apart),
        IN_ROOM(facts_are_read_strictly),
        IN_ROOM(a_damaged_or_missing_chain_is_noticed),
        IN_ROOM(only_the_services_own_seal_goes_without_picture),
        IN_ROOM(a_picture_that_artwork_refuses_names_its_line),
        IN_ROOM(a_png_picture_is_loaded_as_it_was_imported),
        cmocka_unit_test(pictures_of_eight_bits_are_taken_and_others_say_what_to_do),
        cmocka_unit_test(a_drawn_picture_must_be_square),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
