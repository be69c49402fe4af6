/* registry_test.c - seals made, imported, granted and listed; and what the operator may not do. */
#include "base/file.h"
#include "seal/seal.h"
#include "sign/test_ca.h"
#include "signer_fixture.h"
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define PICTURE                                                                                              \
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"45mm\" height=\"45mm\" viewBox=\"0 0 45 45\">"        \
    "<rect width=\"45\" height=\"45\" fill=\"#E60012\"/></svg>"

/* An authority of its own, as a province has one: root, authority below it, and a seal's certificate. */
struct province {
    EVP_PKEY *root_key, *middle_key, *leaf_key;
    X509 *root, *middle, *leaf;
    char chain[64], key[64], picture[64], trust[64];
};

static void extend(X509 *x, int nid, const char *value)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(ext);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

static X509 *issue(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
                   const char *constraints, const char *usage, int days)
{
    X509 *x = X509_new();
    static int serial = 1;

    assert_int_equal(X509_set_version(x, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), serial++), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), -86400L * 500));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 86400L * days));
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                                                (const unsigned char *)name, -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x, X509_get_subject_name(issuer == NULL ? x : issuer)), 1);
    assert_int_equal(X509_set_pubkey(x, key), 1);
    extend(x, NID_basic_constraints, constraints);
    extend(x, NID_key_usage, usage);
    assert_true(X509_sign(x, issuer == NULL ? key : issuer_key, EVP_sha256()) > 0);
    return x;
}

static void write_chain(const char *path, X509 *const *certs, size_t count)
{
    FILE *out = fopen(path, "w");

    for (size_t i = 0; i < count; i++)
        assert_int_equal(PEM_write_X509(out, certs[i]), 1);
    assert_int_equal(fclose(out), 0);
}

static void write_key(const char *path, EVP_PKEY *key, const char *passphrase)
{
    FILE *out = fopen(path, "w");

    assert_int_equal(PEM_write_PrivateKey(out, key, passphrase == NULL ? NULL : EVP_aes_128_cbc(), NULL, 0,
                                          NULL, (void *)(uintptr_t)passphrase),
                     1);
    assert_int_equal(fclose(out), 0);
}

static void province_make(struct province *p, const struct fixture *f)
{
    struct err e;

    p->root_key = EVP_EC_gen("P-256");
    p->middle_key = EVP_EC_gen("P-256");
    p->leaf_key = EVP_EC_gen("P-256");
    p->root = issue("Root", p->root_key, NULL, NULL, "CA:TRUE", "keyCertSign", 1000);
    p->middle = issue("Middle", p->middle_key, p->root, p->root_key, "CA:TRUE", "keyCertSign", 900);
    p->leaf = issue("Office", p->leaf_key, p->middle, p->middle_key, "CA:FALSE", "digitalSignature", 800);
    (void)snprintf(p->chain, sizeof p->chain, "%s/chain.pem", f->dir);
    (void)snprintf(p->key, sizeof p->key, "%s/office.key", f->dir);
    (void)snprintf(p->picture, sizeof p->picture, "%s/office.svg", f->dir);
    (void)snprintf(p->trust, sizeof p->trust, "%s/trust/province.pem", f->dir);
    assert_int_equal(file_write(p->picture, slice_of(PICTURE), 0600, &e), 0);
    write_chain(p->chain, (X509 *const[]){p->leaf, p->middle}, 2);
    write_chain(p->trust, &p->root, 1);
    write_key(p->key, p->leaf_key, NULL);
}

static void province_dispose(struct province *p)
{
    X509_free(p->root);
    X509_free(p->middle);
    X509_free(p->leaf);
    EVP_PKEY_free(p->root_key);
    EVP_PKEY_free(p->middle_key);
    EVP_PKEY_free(p->leaf_key);
}

static struct seal_import order_of(const struct province *p)
{
    struct seal_import o = {
        .owner = "某省某厅", .picture = p->picture, .chain = p->chain, .key = p->key, .diameter = 42};

    return o;
}

static void must_refuse(const struct fixture *f, const struct seal_import *o, const char *because)
{
    char id[REGISTRY_ID_SIZE];
    struct err e;

    assert_int_equal(registry_import(id, &f->registry, o, &e), -1);
    if (strstr(e.en, because) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", e.en, because);
    assert_true(e.code == ERR_INVALID || e.code == ERR_TOO_LARGE);
    assert_true(strlen(e.zh) > 10);
}

static void an_offices_own_seal_is_imported_with_its_chain(void **state)
{
    struct fixture f;
    struct province p;
    struct seal_import o;
    struct seal *seal;
    char id[REGISTRY_ID_SIZE];
    struct err e;

    (void)state;
    fixture_make(&f);
    province_make(&p, &f);
    o = order_of(&p);
    if (registry_import(id, &f.registry, &o, &e) != 0)
        fail_msg("%s", e.en);
    assert_int_equal(seal_load(&seal, f.dir, id, &e), 0);
    assert_string_equal(seal->owner, "某省某厅");
    assert_int_equal(seal->chain_count, 2);
    assert_false(seal->test);
    assert_non_null(seal->picture);
    seal_free(seal);
    /* with the root at the end it is the same chain */
    write_chain(p.chain, (X509 *const[]){p.leaf, p.middle, p.root}, 3);
    assert_int_equal(registry_import(id, &f.registry, &o, &e), 0);
    assert_int_equal(seal_load(&seal, f.dir, id, &e), 0);
    assert_int_equal(seal->chain_count, 2);
    seal_free(seal);
    province_dispose(&p);
    fixture_remove(&f);
}

static void a_chain_that_is_cut_mixed_up_foreign_or_untrusted_is_refused(void **state)
{
    struct fixture f;
    struct province p;
    struct seal_import o;
    struct err e;

    (void)state;
    fixture_make(&f);
    province_make(&p, &f);
    o = order_of(&p);
    write_chain(p.chain, &p.leaf, 1);
    must_refuse(&f, &o, "not complete");
    write_chain(p.chain, (X509 *const[]){p.middle, p.leaf}, 2);
    must_refuse(&f, &o, "must stand first");
    write_chain(p.chain, (X509 *const[]){p.leaf, p.root}, 2);
    must_refuse(&f, &o, "not issued by");
    write_chain(p.chain, (X509 *const[]){p.leaf, p.leaf, p.middle}, 3);
    must_refuse(&f, &o, "not issued by");
    write_chain(p.chain, (X509 *const[]){p.leaf, p.middle, p.middle, p.middle, p.middle}, 5);
    must_refuse(&f, &o, "at most 4");
    assert_int_equal(file_write(p.chain, slice_of("hello"), 0600, &e), 0);
    must_refuse(&f, &o, "no whole chain");
    write_chain(p.chain, (X509 *const[]){p.leaf, p.middle, p.root}, 3);
    assert_int_equal(unlink(p.trust), 0);
    must_refuse(&f, &o, "fingerprint");
    province_dispose(&p);
    fixture_remove(&f);
}

static void a_certificate_not_for_signing_or_out_of_date_is_refused(void **state)
{
    struct fixture f;
    struct province p;
    struct seal_import o;
    X509 *wrong;

    (void)state;
    fixture_make(&f);
    province_make(&p, &f);
    o = order_of(&p);
    wrong = issue("X", p.leaf_key, p.middle, p.middle_key, "CA:FALSE", "keyEncipherment", 100);
    write_chain(p.chain, (X509 *const[]){wrong, p.middle}, 2);
    must_refuse(&f, &o, "key usage");
    X509_free(wrong);
    wrong = issue("X", p.leaf_key, p.middle, p.middle_key, "CA:TRUE", "digitalSignature,keyCertSign", 100);
    write_chain(p.chain, (X509 *const[]){wrong, p.middle}, 2);
    must_refuse(&f, &o, "authority's");
    X509_free(wrong);
    wrong = issue("X", p.leaf_key, p.middle, p.middle_key, "CA:FALSE", "digitalSignature", -2);
    write_chain(p.chain, (X509 *const[]){wrong, p.middle}, 2);
    must_refuse(&f, &o, "expired");
    X509_free(wrong);
    province_dispose(&p);
    fixture_remove(&f);
}

static void a_chain_that_only_bears_the_right_names_is_refused(void **state)
{
    struct fixture f;
    struct province p;
    struct seal_import o;
    X509 *forged;

    (void)state;
    fixture_make(&f);
    province_make(&p, &f);
    o = order_of(&p);
    forged = issue("Office", p.leaf_key, p.middle, p.leaf_key, "CA:FALSE", "digitalSignature", 100);
    write_chain(p.chain, (X509 *const[]){forged, p.middle}, 2);
    must_refuse(&f, &o, "not issued by");
    X509_free(forged);
    forged = issue("Middle", p.middle_key, p.root, p.middle_key, "CA:TRUE", "keyCertSign", 100);
    write_chain(p.chain, (X509 *const[]){p.leaf, forged}, 2);
    must_refuse(&f, &o, "not complete");
    X509_free(forged);
    province_dispose(&p);
    fixture_remove(&f);
}

static void a_key_that_is_foreign_short_locked_or_none_is_refused(void **state)
{
    struct fixture f;
    struct province p;
    struct seal_import o;
    EVP_PKEY *small;
    X509 *weak;
    struct err e;

    (void)state;
    fixture_make(&f);
    province_make(&p, &f);
    o = order_of(&p);
    write_key(p.key, p.middle_key, NULL);
    must_refuse(&f, &o, "does not belong");
    write_key(p.key, p.leaf_key, "secret");
    must_refuse(&f, &o, "passphrase");
    assert_int_equal(file_write(p.key, slice_of("-----BEGIN PRIVATE KEY-----\n"), 0600, &e), 0);
    must_refuse(&f, &o, "no private key");
    small = EVP_RSA_gen(1024);
    weak = issue("X", small, p.middle, p.middle_key, "CA:FALSE", "digitalSignature", 100);
    write_key(p.key, small, NULL);
    write_chain(p.chain, (X509 *const[]){weak, p.middle}, 2);
    must_refuse(&f, &o, "2048");
    X509_free(weak);
    EVP_PKEY_free(small);
    province_dispose(&p);
    fixture_remove(&f);
}

static void a_picture_that_is_none_and_a_test_seal_in_disguise_are_refused(void **state)
{
    struct fixture f;
    struct province p;
    struct seal_import o;
    char test_chain[128], test_key[128], seal[REGISTRY_ID_SIZE];
    struct err e;

    (void)state;
    fixture_make(&f);
    province_make(&p, &f);
    o = order_of(&p);
    assert_int_equal(file_write(p.picture, slice_of("<svg"), 0600, &e), 0);
    must_refuse(&f, &o, "");
    assert_int_equal(file_write(p.picture, slice_of(PICTURE), 0600, &e), 0);
    o.diameter = 400;
    must_refuse(&f, &o, "mm wide");
    o = order_of(&p);
    fixture_seal(seal, &f);
    (void)snprintf(test_chain, sizeof test_chain, "%s/keys/%s.chain.pem", f.dir, seal);
    (void)snprintf(test_key, sizeof test_key, "%s/keys/%s.key", f.dir, seal);
    o.chain = test_chain;
    o.key = test_key;
    must_refuse(&f, &o, "测试");
    o.owner = "某省某厅（测试）";
    assert_int_equal(registry_import(seal, &f.registry, &o, &e), 0);
    province_dispose(&p);
    fixture_remove(&f);
}

static json_t *row_of(json_t *list, const char *id)
{
    json_t *row;
    size_t i;

    json_array_foreach(json_object_get(list, "seals"), i, row)
    {
        if (strcmp(json_text(row, "id"), id) == 0)
            return row;
    }
    fail_msg("no row %s", id);
    return NULL;
}

static void the_list_warns_of_chains_that_end_within_ninety_days(void **state)
{
    struct fixture f;
    char soon[REGISTRY_ID_SIZE], fine[REGISTRY_ID_SIZE], old[REGISTRY_ID_SIZE], new[REGISTRY_ID_SIZE];
    json_t *list;
    struct err e;

    (void)state;
    fixture_make(&f);
    fixture_seal_for(soon, &f, SEAL_KEY_P256, 0, 89);
    fixture_seal_for(fine, &f, SEAL_KEY_RSA2048, 0, 92);
    fixture_seal_for(old, &f, SEAL_KEY_P256, -20, 10);
    fixture_seal_for(new, &f, SEAL_KEY_P256, 20, 400);
    fixture_grant(&f, fine, "title", 7);
    assert_int_equal(registry_disable(&f.registry, old, &e), 0);
    assert_int_equal(registry_list(&list, &f.registry, clock_now(), &e), 0);
    assert_string_equal(json_text(row_of(list, soon), "warning"), "ends-soon");
    assert_null(json_text(row_of(list, fine), "warning"));
    assert_string_equal(json_text(row_of(list, old), "warning"), "expired");
    assert_string_equal(json_text(row_of(list, new), "warning"), "not-yet-valid");
    assert_string_equal(json_text(row_of(list, old), "state"), "disabled");
    assert_string_equal(json_text(row_of(list, fine), "algorithm"), "RSA-2048");
    assert_string_equal(json_text(row_of(list, soon), "algorithm"), "P-256");
    assert_int_equal(json_array_size(json_object_get(row_of(list, fine), "grants")), 1);
    assert_int_equal(json_array_size(json_object_get(row_of(list, soon), "grants")), 0);
    json_decref(list);
    fixture_remove(&f);
}

static void a_seal_is_named_by_six_digits_that_only_it_has(void **state)
{
    struct fixture f;
    char id[REGISTRY_ID_SIZE], prefix[8];
    struct err e;

    (void)state;
    fixture_make(&f);
    fixture_seal(id, &f);
    (void)snprintf(prefix, sizeof prefix, "%.6s", id);
    assert_int_equal(registry_disable(&f.registry, prefix, &e), 0);
    prefix[5] = '\0';
    assert_int_equal(registry_disable(&f.registry, prefix, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(registry_disable(&f.registry, "", &e), -1);
    assert_int_equal(registry_disable(&f.registry, "../../..", &e), -1);
    fixture_remove(&f);
}

static void a_grant_that_makes_no_sense_is_refused(void **state)
{
    struct fixture f;
    char id[REGISTRY_ID_SIZE], grant[REGISTRY_ID_SIZE], lengthy[80];
    struct err e;

    (void)state;
    fixture_make(&f);
    fixture_seal(id, &f);
    memset(lengthy, 'a', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    {
        const struct grant_order wrong[] = {
            {id, "", NULL, NULL, 0},          {id, lengthy, NULL, NULL, 0},
            {id, "x", "2026-02-30", NULL, 0}, {id, "x", "2026-02-02", "2026-02-01", 0},
            {id, "x", NULL, NULL, -1},        {id, "\xff", NULL, NULL, 0},
            {f.service, "x", NULL, NULL, 0}};

        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            assert_int_equal(registry_grant(grant, &f.registry, &wrong[i], &e), -1);
            assert_int_equal(e.code, ERR_INVALID);
        }
    }
    assert_int_equal(registry_revoke_grant(&f.registry, "0000000000000000", &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    fixture_remove(&f);
}

static void the_service_has_one_seal_at_a_time(void **state)
{
    struct seal_order o = {.owner = "服务二", .key = SEAL_KEY_P256};
    struct fixture f;
    char second[REGISTRY_ID_SIZE];
    struct seal *seal;
    struct err e;

    (void)state;
    fixture_make(&f);
    assert_int_equal(registry_new_service_seal(second, &f.registry, &o, false, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_int_equal(registry_disable(&f.registry, f.service, &e), 0);
    assert_int_equal(registry_new_service_seal(second, &f.registry, &o, false, &e), 0);
    assert_int_equal(seal_load(&seal, f.dir, second, &e), 0);
    assert_true(seal->service);
    assert_false(seal->test);
    seal_free(seal);
    fixture_remove(&f);
}

static X509 *first_certificate(const struct fixture *f, const char *name)
{
    char path[128];
    FILE *in;
    X509 *x;

    (void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
    in = fopen(path, "r");
    assert_non_null(in);
    x = PEM_read_X509(in, NULL, NULL, NULL);
    assert_int_equal(fclose(in), 0);
    assert_non_null(x);
    return x;
}

static void a_planted_link_is_not_followed(void **state)
{
    char dir[] = "/tmp/planted-XXXXXX", path[64], target[64];
    struct registry r;
    struct stat st;
    struct err e;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(target, sizeof target, "%s/elsewhere", dir);
    (void)snprintf(path, sizeof path, "%s/keys", dir);
    assert_int_equal(mkdir(target, 0755), 0);
    assert_int_equal(symlink(target, path), 0);
    registry_at(&r, dir);
    r.who.isolated = false;
    assert_int_equal(registry_prepare(&r, &e), -1);
    assert_int_equal(stat(target, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(target), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void a_test_seals_certificate_is_whole_and_ends_in_the_marked_root(void **state)
{
    struct fixture f;
    char id[REGISTRY_ID_SIZE], name[96];
    X509 *root, *leaf;

    (void)state;
    fixture_make(&f);
    fixture_seal(id, &f);
    (void)snprintf(name, sizeof name, "seals/%s/chain.pem", id);
    root = first_certificate(&f, "trust/test-ca.pem");
    leaf = first_certificate(&f, name);
    assert_true(test_ca_is(root));
    assert_true(test_ca_is(leaf)); /* also where somebody trusts the leaf alone */
    assert_int_equal(X509_check_issued(root, leaf), X509_V_OK);
    assert_int_equal(X509_verify(leaf, X509_get0_pubkey(root)), 1);
    assert_int_equal(X509_get_key_usage(leaf), KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
    assert_int_equal(X509_check_ca(leaf), 0);
    assert_non_null(X509_get0_subject_key_id(leaf));
    assert_int_equal(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(leaf), X509_get0_subject_key_id(root)),
                     0);
    assert_int_equal(ASN1_STRING_length(X509_get0_serialNumber(leaf)), 16);
    X509_free(root);
    X509_free(leaf);
    fixture_remove(&f);
}

static mode_t mode_of(const struct fixture *f, const char *name)
{
    char path[128];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void what_is_secret_is_for_its_owner_only(void **state)
{
    struct fixture f;
    char id[REGISTRY_ID_SIZE], name[96];
    mode_t before = umask(0);

    (void)state;
    fixture_make(&f);
    fixture_seal(id, &f);
    assert_int_equal(mode_of(&f, "keys"), 0700);
    assert_int_equal(mode_of(&f, "keys/registry.json"), 0600);
    assert_int_equal(mode_of(&f, "keys/test-ca.key"), 0600);
    (void)snprintf(name, sizeof name, "keys/%s.key", id);
    assert_int_equal(mode_of(&f, name), 0600);
    (void)umask(077);
    fixture_seal(id, &f);
    (void)snprintf(name, sizeof name, "seals/%s", id);
    assert_int_equal(mode_of(&f, name), 0755);
    (void)snprintf(name, sizeof name, "seals/%s/seal.json", id);
    assert_int_equal(mode_of(&f, name), 0644);
    (void)umask(before);
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offices_own_seal_is_imported_with_its_chain),
        cmocka_unit_test(a_chain_that_is_cut_mixed_up_foreign_or_untrusted_is_refused),
        cmocka_unit_test(a_certificate_not_for_signing_or_out_of_date_is_refused),
        cmocka_unit_test(a_chain_that_only_bears_the_right_names_is_refused),
        cmocka_unit_test(a_key_that_is_foreign_short_locked_or_none_is_refused),
        cmocka_unit_test(a_picture_that_is_none_and_a_test_seal_in_disguise_are_refused),
        cmocka_unit_test(the_list_warns_of_chains_that_end_within_ninety_days),
        cmocka_unit_test(a_seal_is_named_by_six_digits_that_only_it_has),
        cmocka_unit_test(a_grant_that_makes_no_sense_is_refused),
        cmocka_unit_test(the_service_has_one_seal_at_a_time),
        cmocka_unit_test(a_planted_link_is_not_followed),
        cmocka_unit_test(a_test_seals_certificate_is_whole_and_ends_in_the_marked_root),
        cmocka_unit_test(what_is_secret_is_for_its_owner_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
