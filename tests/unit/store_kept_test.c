/* store_kept_test.c - keys, uploads and answers: what the API asks the store to keep. */
#include "unit/store_fixture.h"
#include <fcntl.h>
#include <sys/stat.h>

static struct api_key sample_key(const char *id, int64_t created)
{
    struct api_key k = {.name = "门户", .organisation = "a", .scopes = "verify", .created = created};

    (void)snprintf(k.id, sizeof k.id, "%s", id);
    sha256(k.hash, slice_of(id));
    return k;
}

static void a_key_comes_back_and_ends_for_good_when_revoked(void **state)
{
    struct store *s = open_with_offices();
    struct api_key k = sample_key("0123456789abcdef", 5), back, *list;
    struct api_key earlier = sample_key("ffffffffffffffff", 4);
    struct arena a = ARENA_INIT;
    size_t count;
    struct err e;

    (void)state;
    assert_done(store_put_key(s, &k, &e), e);
    assert_done(store_put_key(s, &earlier, &e), e);
    assert_refused(store_put_key(s, &k, &e), e, ERR_CONFLICT);
    assert_done(store_key(&back, s, k.id, &a, &e), e);
    assert_string_equal(back.id, k.id);
    assert_memory_equal(back.hash, k.hash, SHA256_SIZE);
    assert_string_equal(back.scopes, "verify");
    assert_int_equal(back.revoked, 0);
    assert_done(store_revoke_key(s, k.id, 77, &e), e);
    assert_done(store_revoke_key(s, k.id, 99, &e), e);
    assert_done(store_key(&back, s, k.id, &a, &e), e);
    assert_int_equal(back.revoked, 77);
    assert_refused(store_revoke_key(s, "0000000000000000", 1, &e), e, ERR_NOT_FOUND);
    assert_refused(store_key(&back, s, "' OR 1=1 --", &a, &e), e, ERR_NOT_FOUND);
    assert_done(store_list_keys(&list, &count, s, &a, &e), e);
    assert_int_equal(count, 2);
    assert_string_equal(list[0].id, earlier.id);
    arena_dispose(&a);
    store_close(s);
}

static void original_path(char out[192], const char *content)
{
    uint8_t sha[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];

    sha256(sha, slice_of(content));
    hex_encode(hex, (struct slice){sha, sizeof sha});
    (void)snprintf(out, 192, "%s/originals/%.2s/%s", dir, hex, hex);
}

static struct upload sample_upload(const char *id, const char *original)
{
    struct upload u = {.organisation = "a", .crop_json = "{\"x\":1}", .media_type = "image/png"};

    (void)snprintf(u.id, sizeof u.id, "%s", id);
    sha256(u.original, slice_of(original));
    sha256(u.photo, slice_of("cropped"));
    u.source_width = 4000;
    u.width = 413;
    u.upscaled = true;
    u.created = 9;
    return u;
}

static void an_upload_keeps_original_and_crop(void **state)
{
    struct store *s = open_with_offices();
    struct upload u = sample_upload("u1", "as it came"), back;
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT(1024);
    struct err e;

    (void)state;
    assert_done(store_put_upload(s, &u, slice_of("as it came"), slice_of("cropped"), &e), e);
    assert_done(store_upload(&back, s, "u1", &a, &e), e);
    assert_string_equal(back.id, "u1");
    assert_string_equal(back.organisation, "a");
    assert_string_equal(back.crop_json, "{\"x\":1}");
    assert_true(back.upscaled && back.source_width == 4000 && back.width == 413 && back.created == 9);
    assert_done(store_original(&out, s, back.original, &e), e);
    assert_true(slice_equal(buf_view(&out), slice_of("as it came")));
    buf_reset(&out);
    assert_done(store_photo(&out, s, back.photo, &e), e);
    assert_true(slice_equal(buf_view(&out), slice_of("cropped")));
    assert_refused(store_upload(&back, s, "u2", &a, &e), e, ERR_NOT_FOUND);
    buf_dispose(&out);
    arena_dispose(&a);
    store_close(s);
}

static void an_original_is_written_once_and_a_changed_one_is_not_handed_out(void **state)
{
    struct store *s = open_with_offices();
    struct upload u = sample_upload("u1", "same"), again = sample_upload("u2", "same");
    struct buf out = BUF_INIT(1024);
    struct stat first, second;
    char path[192];
    struct err e;

    (void)state;
    original_path(path, "same");
    assert_done(store_put_upload(s, &u, slice_of("same"), slice_of("cropped"), &e), e);
    assert_int_equal(stat(path, &first), 0);
    assert_done(store_put_upload(s, &again, slice_of("same"), slice_of("cropped"), &e), e);
    assert_int_equal(stat(path, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    assert_done(file_write(path, slice_of("other"), 0640, &e), e);
    assert_refused(store_original(&out, s, u.original, &e), e, ERR_UNAVAILABLE);
    assert_int_equal(out.len, 0);
    buf_dispose(&out);
    store_close(s);
}

static void an_upload_that_fails_leaves_no_row(void **state)
{
    struct store *s = open_with_offices();
    struct upload u = sample_upload("u1", "x"), back;
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT(64);
    struct err e;

    (void)state;
    u.organisation = "nobody"; /* found out after the photo is written: both go */
    assert_refused(store_put_upload(s, &u, slice_of("x"), slice_of("cropped"), &e), e, ERR_INVALID);
    assert_refused(store_photo(&out, s, u.photo, &e), e, ERR_NOT_FOUND);
    u.organisation = NULL;
    assert_done(store_put_upload(s, &u, slice_of("x"), slice_of("cropped"), &e), e);
    assert_done(store_upload(&back, s, "u1", &a, &e), e);
    assert_null(back.organisation);
    buf_dispose(&out);
    arena_dispose(&a);
    store_close(s);
}

static void the_first_answer_is_the_one_that_stays(void **state)
{
    struct store *s = open_with_offices();
    struct kept_answer k = {"a", "key-1", {1}, 201, slice_of("{\"id\":\"x\"}")}, back;
    struct kept_answer empty = {"a", "key-2", {2}, 204, {NULL, 0}};
    struct arena a = ARENA_INIT;
    struct err e;

    (void)state;
    assert_done(store_put_answer(s, &k, 5, &e), e);
    k.status = 500;
    assert_refused(store_put_answer(s, &k, 6, &e), e, ERR_CONFLICT);
    assert_done(store_answer(&back, s, "a", "key-1", &a, &e), e);
    assert_int_equal(back.status, 201);
    assert_int_equal(back.request[0], 1);
    assert_true(slice_equal(back.body, slice_of("{\"id\":\"x\"}")));
    k.owner = "b"; /* another owner's keys are others */
    assert_refused(store_answer(&back, s, "b", "key-1", &a, &e), e, ERR_NOT_FOUND);
    assert_done(store_put_answer(s, &k, 6, &e), e);
    assert_done(store_put_answer(s, &empty, 6, &e), e);
    assert_done(store_answer(&back, s, "a", "key-2", &a, &e), e);
    assert_int_equal(back.body.len, 0);
    assert_refused(store_execute(s, "UPDATE answers SET status = 1", &e), e, ERR_CONFLICT);
    assert_refused(store_execute(s, "DELETE FROM answers", &e), e, ERR_CONFLICT);
    arena_dispose(&a);
    store_close(s);
}

static void offices_are_listed_by_id_and_profiles_by_organisation(void **state)
{
    struct store *s = open_with_offices();
    struct organisation *offices;
    struct profile *profiles;
    struct arena a = ARENA_INIT;
    size_t count;
    struct err e;

    (void)state;
    assert_done(store_list_organisations(&offices, &count, s, &a, &e), e);
    assert_int_equal(count, 2);
    assert_string_equal(offices[1].name, "乙厅");
    assert_done(store_list_profiles(&profiles, &count, s, NULL, &a, &e), e);
    assert_int_equal(count, 2);
    assert_done(store_list_profiles(&profiles, &count, s, "b", &a, &e), e);
    assert_int_equal(count, 1);
    assert_string_equal(profiles[0].id, "q");
    assert_done(store_list_profiles(&profiles, &count, s, "nobody", &a, &e), e);
    assert_int_equal(count, 0);
    for (int i = 0; i < 40; i++) { /* more than the first room of a list */
        char id[16];
        struct organisation o = {.id = id, .name = "丙厅"};

        (void)snprintf(id, sizeof id, "c%02d", i);
        assert_done(store_put_organisation(s, &o, &e), e);
    }
    assert_done(store_list_organisations(&offices, &count, s, &a, &e), e);
    assert_int_equal(count, 42);
    assert_string_equal(offices[0].id, "a");
    assert_string_equal(offices[41].id, "c39");
    arena_dispose(&a);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(a_key_comes_back_and_ends_for_good_when_revoked),
        WITH_DIRECTORY(an_upload_keeps_original_and_crop),
        WITH_DIRECTORY(an_original_is_written_once_and_a_changed_one_is_not_handed_out),
        WITH_DIRECTORY(an_upload_that_fails_leaves_no_row),
        WITH_DIRECTORY(the_first_answer_is_the_one_that_stays),
        WITH_DIRECTORY(offices_are_listed_by_id_and_profiles_by_organisation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
