/* caretaker_test.c - damaged files are found and forgiven, chains near their end and full disks are told. */
#include "api/caretaker.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char content[] = "%PDF-1.7 as it was issued";

struct fixture {
    char dir[64];
    struct store *store;
    struct arena a;
    struct err e;
};

static void add_certificate(struct fixture *f, int number)
{
    struct certificate_row row = {.organisation = "a",
                                  .profile = "p",
                                  .issuer = "a",
                                  .template_name = "certificate",
                                  .order_json = "{}",
                                  .record_json = "{}",
                                  .created = 1,
                                  .issued = 1000,
                                  .seals_json = "[]",
                                  .file_size = sizeof content - 1};
    char text[16];

    (void)snprintf(row.id, sizeof row.id, "%032x", (unsigned)number);
    (void)snprintf(row.token, sizeof row.token, "AAAAAAAAAAAAAAAAAAAA%02d", number);
    (void)snprintf(text, sizeof text, "9%06d", number);
    row.biz_no = row.number = text;
    sha256(row.file_sha256, slice_of(content));
    assert_int_equal(store_begin(f->store, &f->e), 0);
    assert_int_equal(store_reserve(f->store, &row, &f->e), 0);
    assert_int_equal(store_commit(f->store, &f->e), 0);
    assert_int_equal(store_put_file(f->store, row.id, slice_of(content), &f->e), 0);
    assert_int_equal(store_issued(f->store, &row, &f->e), 0);
}

static int open_it(void **state)
{
    const struct organisation o = {.id = "a", .name = "甲厅"};
    const struct profile p = {.id = "p",
                              .name = "配置",
                              .organisation = "a",
                              .issuer = "a",
                              .template_name = "certificate",
                              .number_pattern = "9{seq:6}",
                              .reissue_prefix = "YB",
                              .province = "34",
                              .region = "00"};
    const uint8_t photo[SHA256_SIZE] = {0};
    struct fixture *f = calloc(1, sizeof *f);

    *state = f;
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/caretaker_test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(store_open(&f->store, f->dir, true, &f->e), 0);
    assert_int_equal(store_put_organisation(f->store, &o, &f->e), 0);
    assert_int_equal(store_put_profile(f->store, &p, &f->e), 0);
    assert_int_equal(store_put_photo(f->store, photo, slice_of("jpeg"), &f->e), 0);
    for (int i = 1; i <= 3; i++)
        add_certificate(f, i);
    return 0;
}

static int close_it(void **state)
{
    struct fixture *f = *state;
    char command[128];

    store_close(f->store);
    arena_dispose(&f->a);
    (void)snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a path of our own making */
    free(f);
    return 0;
}

static void file_path(char out[128], const struct fixture *f, int number)
{
    char id[CERTIFICATE_ID_SIZE], name[64];

    (void)snprintf(id, sizeof id, "%032x", (unsigned)number);
    store_file_name(name, id);
    (void)snprintf(out, 128, "%s/%s", f->dir, name);
}

static void flip_a_bit(const struct fixture *f, int number)
{
    char path[128], byte;
    int fd;

    file_path(path, f, number);
    fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, 12), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, 12), 1);
    (void)close(fd);
}

static uint64_t faults(struct fixture *f)
{
    struct store_counts counts;

    assert_int_equal(store_count(&counts, f->store, &f->e), 0);
    assert_int_equal(counts.issued, 3);
    return counts.file_faults;
}

/* Everything that is due at that moment; how many. */
static int check_all(struct fixture *f, int64_t now)
{
    struct certificate_row row;
    int count = 0;

    while (store_next_to_check(&row, f->store, now - 3600, now, &f->a, &f->e) == 0) {
        assert_int_equal(caretaker_check_row(f->store, &row, now, &f->e), 0);
        assert_true(++count <= 3);
    }
    assert_int_equal(f->e.code, ERR_NOT_FOUND);
    return count;
}

static void files_that_are_fine_are_checked_once_a_round(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(check_all(f, 1000), 0); /* just issued, and verified then */
    assert_int_equal(check_all(f, 9000), 3);
    assert_int_equal(check_all(f, 9001), 0);
    assert_int_equal(check_all(f, 20000), 3);
    assert_int_equal(faults(f), 0);
}

static void one_flipped_bit_is_found_and_forgiven_when_the_file_is_back(void **state)
{
    struct fixture *f = *state;
    struct certificate_row row;

    flip_a_bit(f, 2);
    assert_int_equal(check_all(f, 9000), 3);
    assert_int_equal(faults(f), 1);
    assert_int_equal(store_next_faulty(&row, f->store, "", &f->a, &f->e), 0);
    assert_string_equal(row.id, "00000000000000000000000000000002");
    assert_int_equal(row.file_fault, 9000);
    assert_int_equal(caretaker_check_row(f->store, &row, 9500, &f->e), 0);
    assert_int_equal(store_next_faulty(&row, f->store, "", &f->a, &f->e), 0);
    assert_int_equal(row.file_fault, 9000); /* since when, not when again */
    assert_int_equal(store_next_faulty(&row, f->store, row.id, &f->a, &f->e), -1);
    assert_int_equal(f->e.code, ERR_NOT_FOUND);
    flip_a_bit(f, 2);
    assert_int_equal(store_next_faulty(&row, f->store, "", &f->a, &f->e), 0);
    assert_int_equal(caretaker_check_row(f->store, &row, 9600, &f->e), 0);
    assert_int_equal(faults(f), 0);
}

static void a_missing_and_a_shortened_file_are_faults_too(void **state)
{
    struct fixture *f = *state;
    struct certificate_event *list;
    char path[128];
    size_t count;

    file_path(path, f, 1);
    assert_int_equal(unlink(path), 0);
    file_path(path, f, 3);
    assert_int_equal(truncate(path, 5), 0);
    assert_int_equal(check_all(f, 9000), 3);
    assert_int_equal(faults(f), 2);
    assert_int_equal(
        store_list_events(&list, &count, f->store, "00000000000000000000000000000001", &f->a, &f->e), 0);
    assert_string_equal(list[count - 1].event, "file-fault");
}

static void every_file_comes_round_in_time_however_many_there_are(void **state)
{
    (void)state;
    assert_int_equal(caretaker_checks_due(0), 1);
    assert_int_equal(caretaker_checks_due(3), 1);
    for (uint64_t n = 1; n <= 4000000; n *= 2) {
        uint64_t ticks_a_day = 86400 / 2;

        assert_true(caretaker_checks_due(n) * ticks_a_day >= n);
    }
    assert_int_equal(caretaker_checks_due(UINT32_MAX), 1000);
}

static void a_chain_near_its_end_is_told_and_one_far_from_it_is_not(void **state)
{
    const int64_t now = 1795219200; /* 2026-11-21 */
    struct health h = {.chain_ends = now + (int64_t)90 * 86400, .chain_seal = "00ff"};

    (void)state;
    caretaker_judge_chain(&h, now);
    assert_string_equal(h.problem_en, "");
    h.chain_ends--;
    caretaker_judge_chain(&h, now);
    assert_non_null(strstr(h.problem_en, "ends on 2027-02-19"));
    assert_non_null(strstr(h.problem_zh, "将于 2027年2月19日 到期"));
    h = (struct health){.chain_ends = now, .chain_seal = "00ff"};
    caretaker_judge_chain(&h, now);
    assert_non_null(strstr(h.problem_en, "ended"));
    h = (struct health){.chain_ends = 0};
    caretaker_judge_chain(&h, now);
    assert_string_equal(h.problem_en, "");
}

static void a_full_disk_is_told_and_the_first_problem_stays_the_first(void **state)
{
    const struct fixture *f = *state;
    struct health h = {.disk = false};

    caretaker_judge_disk(&h, f->dir, 1);
    assert_true(h.disk);
    assert_true(h.disk_free > 0);
    assert_string_equal(h.problem_en, "");
    caretaker_judge_disk(&h, f->dir, UINT64_MAX);
    assert_false(h.disk);
    assert_non_null(strstr(h.problem_en, "nearly full"));
    caretaker_judge_disk(&h, "/nowhere/at/all", 1);
    assert_false(h.disk && h.disk_free > 0);
    assert_non_null(strstr(h.problem_en, "nearly full"));
}

static void without_a_caretaker_nothing_is_claimed(void **state)
{
    struct app app = {.data_dir = "/nowhere"};
    struct health h;

    (void)state;
    caretaker_look(&h, &app);
    assert_false(h.database || h.disk || h.signer || h.resumed);
    assert_true(h.problem_zh[0] != '\0');
    caretaker_stop(&app);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, open_it, close_it)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(files_that_are_fine_are_checked_once_a_round),
        WITH_STORE(one_flipped_bit_is_found_and_forgiven_when_the_file_is_back),
        WITH_STORE(a_missing_and_a_shortened_file_are_faults_too),
        cmocka_unit_test(every_file_comes_round_in_time_however_many_there_are),
        cmocka_unit_test(a_chain_near_its_end_is_told_and_one_far_from_it_is_not),
        WITH_STORE(a_full_disk_is_told_and_the_first_problem_stays_the_first),
        cmocka_unit_test(without_a_caretaker_nothing_is_claimed)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
