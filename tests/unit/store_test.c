/* store_test.c - what is remembered, and what the store refuses to forget or to say twice. */
#include "store/config.h"
#include "unit/store_fixture.h"
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct certificate_row sample_row(const char *id)
{
    struct certificate_row row = {
        .organisation = "a", .profile = "p", .issuer = "a", .template_name = "certificate"};

    (void)snprintf(row.id, sizeof row.id, "%s", id);
    (void)snprintf(row.token, sizeof row.token, "token-%.20s", id);
    row.biz_no = id;
    row.number = id;
    row.order_json = row.record_json = "{}";
    row.photo[0] = 7;
    row.created = 1000;
    return row;
}

static void offices_come_back_as_they_were_put(void **state)
{
    struct store *s = open_with_offices();
    struct arena a = ARENA_INIT;
    struct organisation office;
    struct profile profile;
    struct err e;

    (void)state;
    assert_int_equal(store_organisation(&office, s, "a", &a, &e), 0);
    assert_string_equal(office.printed_name, "甲|厅");
    assert_null(office.uscc);
    assert_int_equal(store_profile(&profile, s, "p", &a, &e), 0);
    assert_string_equal(profile.number_pattern, "{seq:6}");
    assert_null(profile.committee);
    assert_int_equal(store_profile(&profile, s, "nobody", &a, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_non_null(strstr(e.en, "nobody"));
    arena_dispose(&a);
    store_close(s);
}

static void a_profile_of_an_unknown_office_is_refused(void **state)
{
    struct profile profile = {"q",       "配置", "a",  "nobody", NULL, "certificate",
                              "{seq:6}", "YB",   "34", "00",     NULL};
    struct store *s = open_with_offices();
    struct err e;

    (void)state;
    assert_int_equal(store_put_profile(s, &profile, &e), -1);
    store_close(s);
}

static void a_row_goes_from_reserved_to_issued_exactly_once(void **state)
{
    static const char id[] = "0123456789abcdef0123456789abcdef";
    struct certificate_row row = sample_row(id), back;
    struct store *s = open_with_offices();
    struct arena a = ARENA_INIT;
    int64_t moment = 0;
    bool found;
    char next[CERTIFICATE_ID_SIZE];
    struct err e;

    (void)state;
    assert_int_equal(store_reserve(s, &row, &e), 0);
    assert_int_equal(store_next_unfinished(next, s, "", &e), 0);
    assert_string_equal(next, id);
    row.issued = 2000;
    row.file_size = 5;
    row.file_sha256[0] = 9;
    row.file_crc32 = 0xFFFFFFFFU;
    row.seals_json = "[\"issuer\"]";
    assert_int_equal(store_issued(s, &row, &e), 0);
    assert_int_equal(store_issued(s, &row, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_int_equal(store_next_unfinished(next, s, "", &e), -1);
    assert_int_equal(store_certificate_by_biz_no(&back, s, "a", id, &a, &e), 0);
    assert_int_equal(back.state, CERTIFICATE_ISSUED);
    assert_int_equal(back.file_crc32, 0xFFFFFFFFU);
    assert_string_equal(back.seals_json, "[\"issuer\"]");
    assert_string_equal(back.token, row.token);
    assert_int_equal(store_registered_time(&found, &moment, s, row.file_sha256, &e), 0);
    assert_true(found && moment == 2000);
    assert_int_equal(store_registered_time(&found, &moment, s, row.content_hash, &e), 0);
    assert_false(found);
    arena_dispose(&a);
    store_close(s);
}

static void no_number_biz_no_or_token_is_given_twice(void **state)
{
    struct certificate_row row = sample_row("11111111111111111111111111111111");
    struct store *s = open_with_offices();
    struct err e;
    bool taken;

    (void)state;
    assert_int_equal(store_reserve(s, &row, &e), 0);
    for (int i = 0; i < 3; i++) {
        struct certificate_row twin = sample_row("22222222222222222222222222222222");

        if (i == 0)
            twin.number = row.number;
        else if (i == 1)
            twin.biz_no = row.biz_no;
        else
            (void)snprintf(twin.token, sizeof twin.token, "%s", row.token);
        assert_int_equal(store_reserve(s, &twin, &e), -1);
        assert_int_equal(e.code, ERR_CONFLICT);
    }
    assert_int_equal(store_number_taken(&taken, s, "a", row.number, &e), 0);
    assert_true(taken);
    assert_int_equal(store_number_taken(&taken, s, "a", "other", &e), 0);
    assert_false(taken);
    assert_int_equal(store_number_taken(&taken, s, "nobody", row.number, &e), 0);
    assert_false(taken);
    assert_int_equal(store_number_taken(&taken, s, NULL, row.number, &e), 0);
    assert_true(taken);
    store_close(s);
}

static void serials_only_grow_and_a_rollback_takes_nothing(void **state)
{
    struct store *s = open_with_offices();
    uint64_t last;
    struct err e;

    (void)state;
    assert_int_equal(store_last_serial(&last, s, "x#", &e), 0);
    assert_int_equal(last, 0);
    assert_int_equal(store_begin(s, &e), 0);
    assert_int_equal(store_set_serial(s, "a", "x#", 5, &e), 0);
    store_rollback(s);
    store_rollback(s);
    assert_int_equal(store_last_serial(&last, s, "x#", &e), 0);
    assert_int_equal(last, 0);
    assert_int_equal(store_set_serial(s, "a", "x#", 5, &e), 0);
    assert_int_equal(store_set_serial(s, "a", "x#", 3, &e), 0);
    assert_int_equal(store_last_serial(&last, s, "x#", &e), 0);
    assert_int_equal(last, 5);
    store_close(s);
}

static void what_was_committed_is_there_after_the_process_dies(void **state)
{
    struct certificate_row row = sample_row("33333333333333333333333333333333"), back;
    struct arena a = ARENA_INIT;
    struct store *s;
    struct err e;
    pid_t child;

    (void)state;
    store_close(open_with_offices());
    child = fork();
    if (child == 0) {
        if (store_open(&s, dir, false, &e) != 0 || store_begin(s, &e) != 0 ||
            store_reserve(s, &row, &e) != 0 || store_commit(s, &e) != 0 || store_begin(s, &e) != 0 ||
            store_set_serial(s, "a", "lost#", 1, &e) != 0)
            _exit(1);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(store_open(&s, dir, false, &e), 0);
    assert_int_equal(store_certificate(&back, s, row.id, &a, &e), 0);
    assert_int_equal(back.state, CERTIFICATE_RESERVED);
    arena_dispose(&a);
    store_close(s);
}

static void what_a_killed_writer_left_is_swept(void **state)
{
    static const char id[] = "44444444444444444444444444444444";
    struct store *s = open_with_offices();
    char name[64], path[160], half[168], other[168];
    struct err e;

    (void)state;
    assert_int_equal(store_put_file(s, id, slice_of("a pdf"), &e), 0);
    store_file_name(name, id);
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    (void)snprintf(half, sizeof half, "%s.aB3xYz", path);
    (void)snprintf(other, sizeof other, "%s/files/44/45.pdf.aB3xYz", dir);
    assert_int_equal(file_write(half, slice_of("a p"), 0600, &e), 0);
    assert_int_equal(file_write(other, slice_of("b p"), 0600, &e), 0);
    store_sweep_file(s, id);
    assert_false(file_exists(half));
    assert_true(file_exists(path) && file_exists(other));
    store_sweep_file(s, "55555555555555555555555555555555"); /* no folder yet */
    store_close(s);
}

static void a_file_that_was_changed_on_disk_is_not_handed_out(void **state)
{
    struct certificate_row row = sample_row("44444444444444444444444444444444");
    struct buf out = BUF_INIT(1024);
    struct store *s = open_with_offices();
    char path[160], name[64];
    struct err e;

    (void)state;
    sha256(row.file_sha256, slice_of("a pdf"));
    assert_int_equal(store_put_file(s, row.id, slice_of("a pdf"), &e), 0);
    assert_int_equal(store_file(&out, s, &row, &e), 0);
    assert_true(slice_equal(buf_view(&out), slice_of("a pdf")));
    store_file_name(name, row.id);
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(file_write(path, slice_of("b pdf"), 0600, &e), 0);
    buf_reset(&out);
    assert_int_equal(store_file(&out, s, &row, &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    buf_dispose(&out);
    store_close(s);
}

static void photos_are_kept_once(void **state)
{
    struct store *s = open_with_offices();
    struct buf out = BUF_INIT(64);
    struct err e;

    (void)state;
    assert_int_equal(store_put_photo(s, (const uint8_t[SHA256_SIZE]){7}, slice_of("jpeg"), &e), 0);
    assert_int_equal(store_photo(&out, s, (const uint8_t[SHA256_SIZE]){7}, &e), 0);
    assert_true(slice_equal(buf_view(&out), slice_of("jpeg")));
    assert_int_equal(store_photo(&out, s, (const uint8_t[SHA256_SIZE]){8}, &e), -1);
    buf_dispose(&out);
    store_close(s);
}

static void what_is_no_database_of_ours_is_refused(void **state)
{
    char path[96];
    struct store *s;
    struct stat st;
    struct err e;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/sealpress.db", dir);
    assert_int_equal(store_open(&s, dir, false, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(
        file_write(path, slice_of("this is not a database, it is a text of some length ...."), 0600, &e), 0);
    assert_int_equal(store_open(&s, dir, false, &e), -1);
    assert_int_equal(e.code, ERR_INTERNAL);
    assert_int_equal(unlink(path), 0);
    store_close(open_with_offices());
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 077, 0);
}

static void a_newer_schema_is_left_alone(void **state)
{
    char command[160];
    struct store *s;
    struct err e;

    (void)state;
    store_close(open_with_offices());
    (void)snprintf(
        command, sizeof command,
        "printf '\\000\\000\\000\\143' | dd of=%s/sealpress.db bs=1 seek=60 conv=notrunc 2>/dev/null", dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): user_version is at byte 60 */
    assert_int_equal(store_open(&s, dir, false, &e), -1);
    assert_non_null(strstr(e.en, "99"));
}

static void the_configuration_takes_only_an_https_address(void **state)
{
    static const char *const bad[] = {"",
                                      "http://zs.example.cn",
                                      "https://",
                                      "https:///x",
                                      "https://a/b",
                                      "https://a?b",
                                      "https://u@a",
                                      "https://a:",
                                      "https://a:x",
                                      "https://a b",
                                      "https://a:123456",
                                      "https://例",
                                      "https://-a"};
    struct config c = {.demo = true}, back;
    struct err e;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (config_set_url(&c, bad[i], &e) == 0)
            fail_msg("%s was taken", bad[i]);
    }
    assert_int_equal(config_set_url(&c, "https://zs.example.cn:8443/", &e), 0);
    assert_string_equal(c.public_url, "https://zs.example.cn:8443");
    assert_int_equal(config_save(&c, dir, &e), 0);
    assert_int_equal(config_load(&back, dir, &e), 0);
    assert_true(back.demo);
    assert_string_equal(back.host, "zs.example.cn:8443");
}

static void an_unknown_member_of_the_configuration_is_refused(void **state)
{
    struct config c;
    char path[96];
    struct err e;

    (void)state;
    assert_int_equal(config_load(&c, dir, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    (void)snprintf(path, sizeof path, "%s/config.json", dir);
    assert_int_equal(file_write(path, slice_of("{\"publicurl\":\"https://a\"}"), 0600, &e), 0);
    assert_int_equal(config_load(&c, dir, &e), -1);
    assert_string_equal(e.field, "/publicurl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(offices_come_back_as_they_were_put),
        WITH_DIRECTORY(a_profile_of_an_unknown_office_is_refused),
        WITH_DIRECTORY(a_row_goes_from_reserved_to_issued_exactly_once),
        WITH_DIRECTORY(no_number_biz_no_or_token_is_given_twice),
        WITH_DIRECTORY(serials_only_grow_and_a_rollback_takes_nothing),
        WITH_DIRECTORY(what_was_committed_is_there_after_the_process_dies),
        WITH_DIRECTORY(what_a_killed_writer_left_is_swept),
        WITH_DIRECTORY(a_file_that_was_changed_on_disk_is_not_handed_out),
        WITH_DIRECTORY(photos_are_kept_once),
        WITH_DIRECTORY(what_is_no_database_of_ours_is_refused),
        WITH_DIRECTORY(a_newer_schema_is_left_alone),
        WITH_DIRECTORY(the_configuration_takes_only_an_https_address),
        WITH_DIRECTORY(an_unknown_member_of_the_configuration_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
