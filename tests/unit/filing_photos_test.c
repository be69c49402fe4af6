/* Photos find their entries, one by one and by the archive; whatever is wrong with one stops no other. */
#include "archive/zip.h"
#include "base/digest.h"
#include "base/file.h"
#include "filing/photos_internal.h"
#include "support/listing.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { PEOPLE = 40 };

static struct arena texts;
static struct job_row job;
static struct err e;

/* --- an opener that looks at the first letters only, and counts --- */

static struct {
    unsigned asked, outages; /* so many of the next calls find no helper */
} helper;

static int open_fake(void *arg, struct slice picture, const struct photo_crop *crop, struct buf *jpeg,
                     struct photo_report *report, struct err *why)
{
    (void)arg;
    (void)crop;
    helper.asked++;
    if (helper.outages > 0) {
        helper.outages--;
        return err_set(why, ERR_UNAVAILABLE, "No helper.", "没有辅助进程。");
    }
    if (picture.len >= 4 && memcmp(picture.ptr, "KILL", 4) == 0)
        return err_set(why, ERR_UNAVAILABLE, "The helper died.", "辅助进程退出。");
    if (picture.len < 3 || memcmp(picture.ptr, "\xFF\xD8\xFF", 3) != 0)
        return err_set(why, ERR_INVALID, "This is no photo.", "不是照片。");
    *report = (struct photo_report){.source_width = 413, .source_height = 579, .width = 413, .height = 579};
    buf_append(jpeg, buf_view(&issuing_photo));
    return 0;
}

/* A picture of its own for each text. */
static struct slice picture(const char *text)
{
    char *bytes = arena_printf(&texts, "\xFF\xD8\xFF%s", text);

    return slice_of(bytes);
}

/* --- archives --- */

struct file {
    const char *name;
    struct slice content;
};

static int archive_of(const struct file *files, size_t count, uint64_t *size)
{
    struct zip_plan *plan;
    char path[] = "/tmp/photos_test.XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    uint8_t *bytes;

    assert_true(fd >= 0);
    (void)unlink(path);
    assert_int_equal(zip_plan_new(&plan, 1790000000, &e), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(
            zip_plan_add(plan, files[i].name, files[i].content.len, crc32_of(files[i].content), &e), 0);
    assert_int_equal(zip_plan_end(plan, &e), 0);
    *size = zip_plan_size(plan);
    for (uint64_t at = 0; at < *size;) {
        struct zip_piece piece;

        zip_plan_locate(&piece, plan, at);
        bytes = malloc((size_t)piece.len + 1);
        assert_non_null(bytes);
        if (piece.content)
            memcpy(bytes, files[piece.entry].content.ptr, (size_t)piece.len);
        else
            zip_plan_read(bytes, plan, at, (size_t)piece.len);
        assert_int_equal(file_put(fd, (struct slice){bytes, (size_t)piece.len}), 0);
        free(bytes);
        at += piece.len;
    }
    zip_plan_free(plan);
    return fd;
}

static void send_bytes(int fd, uint64_t size)
{
    char id[CERTIFICATE_ID_SIZE];

    if (filing_take_archive(id, listing.store, listing.filing.id, fd, 0, size, "照片.zip", &listing_organiser,
                            &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    (void)close(fd);
}

static void send(const struct file *files, size_t count)
{
    uint64_t size;
    int fd = archive_of(files, count, &size);

    send_bytes(fd, size);
}

static struct photo_task *claim(int64_t now)
{
    struct photo_task *t;
    bool found;

    assert_int_equal(store_claim_job(&job, &found, listing.store, "test", now, &texts, &e), 0);
    assert_true(found);
    assert_string_equal(job.kind, "photos");
    if (photo_task_open(&t, listing.store, &job, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    return t;
}

/* Reads the archive to its end; job is its row then. */
static void work(void)
{
    struct photo_task *t = claim(1790000000);
    bool ended = false;

    for (int steps = 0; !ended && steps < 1000; steps++) {
        if (photo_task_step(&ended, t, listing.store, open_fake, NULL, 1790000000, &e) != 0)
            fail_msg("%s (%s)", e.en, e.detail);
    }
    photo_task_close(t);
    assert_true(ended);
    assert_int_equal(store_job(&job, listing.store, job.id, &texts, &e), 0);
}

static void take(const struct file *files, size_t count)
{
    send(files, count);
    work();
}

static bool has_photo(unsigned serial)
{
    struct entry_row r;

    assert_int_equal(store_entry_by_serial(&r, listing.store, listing.filing.id, serial, &texts, &e), 0);
    return r.photo_id[0] != '\0';
}

/* The line of the report about this file, or NULL. */
static const char *told(const char *file)
{
    json_t *report = json_loads(job.report_json, 0, NULL), *line;
    const char *found = NULL;
    size_t i;

    json_array_foreach(report, i, line)
    {
        const char *name = json_string_value(json_object_get(line, "file"));

        if (name != NULL && strcmp(name, file) == 0)
            found = arena_text(&texts, json_string_value(json_object_get(line, "problem")));
    }
    json_decref(report);
    return found;
}

static int open_all(void **state)
{
    struct buf csv = BUF_INIT(1024 * 1024);

    (void)listing_open(state);
    texts = (struct arena)ARENA_INIT;
    memset(&helper, 0, sizeof helper);
    buf_append_text(&csv, listing_head);
    for (unsigned n = 0; n < PEOPLE; n++)
        buf_append_text(&csv, listing_row(n, n == 1 ? "买买提·吐尔逊" : NULL));
    buf_append_text(
        &csv, "41,张测试,军官证,南字第00012345号,男,1980-08-01,,医院,,卫生技术人员,内科,主任医师,正高级,"
              "评审,2025-12-20,,,\n");
    listing_import(buf_text(&csv), NULL);
    assert_int_equal(listing.report.imported, PEOPLE + 1);
    buf_dispose(&csv);
    return 0;
}

static int close_all(void **state)
{
    arena_dispose(&texts);
    return listing_close(state);
}

/* --- names --- */

static void photos_find_their_rows_by_serial_and_number(void **state)
{
    char id[19], name[32];
    struct file files[] = {{"0001.jpg", picture("a")},
                           {"2_买买提•吐尔逊.JPG", picture("b")},
                           {"照片/0003.jpeg", picture("c")},
                           {name, picture("d")},
                           {"南字第00012345号.png", picture("e")},
                           {"０００５.jpg", picture("f")},
                           {"6欧阳海燕.jpg", picture("g")}};

    (void)state;
    listing_id_number(id, 3);
    (void)snprintf(name, sizeof name, "%s.jpg", id);
    take(files, sizeof files / sizeof files[0]);
    assert_int_equal(job.state, JOB_DONE);
    if (job.failed != 0)
        fail_msg("%s", job.report_json);
    for (unsigned serial = 1; serial <= 5; serial++)
        assert_true(has_photo(serial));
    assert_true(has_photo(41));
    assert_false(has_photo(7));
}

static void a_name_may_stand_before_the_number_or_in_brackets(void **state)
{
    char ids[2][19], number_behind[64], number_joined[64];
    struct file files[] = {{"1（欧阳琢颜）.jpg", picture("a")}, {number_behind, picture("b")},
                           {number_joined, picture("c")},       {"欧阳若楠-5.jpg", picture("d")},
                           {"欧阳海燕(6).jpg", picture("e")},   {"7_欧阳秀英.jpg.JPG", picture("f")}};

    (void)state;
    listing_id_number(ids[0], 2);
    listing_id_number(ids[1], 3);
    (void)snprintf(number_behind, sizeof number_behind, "欧阳思远-%s.jpg", ids[0]);
    (void)snprintf(number_joined, sizeof number_joined, "欧阳文静%s.jpg", ids[1]);
    take(files, sizeof files / sizeof files[0]);
    if (job.failed != 0)
        fail_msg("%s", job.report_json);
    assert_true(has_photo(1));
    for (unsigned serial = 3; serial <= 7; serial++)
        assert_true(has_photo(serial));
}

/* What counts files is no serial: a camera's, a chat program's, the file manager's second copy. */
static void a_number_behind_anything_but_the_name_is_nobodys(void **state)
{
    struct file files[] = {{"微信图片3.jpg", picture("a")},
                           {"(3).jpg", picture("b")},
                           {"IMG_0003.jpg", picture("c")},
                           {"欧阳琢颜-3.jpg", picture("d")},
                           {"3 (1).jpg", picture("e")}};

    (void)state;
    take(files, sizeof files / sizeof files[0]);
    assert_int_equal(job.failed, 5);
    assert_false(has_photo(3));
    assert_false(has_photo(1));
}

static void a_name_that_differs_is_a_fault(void **state)
{
    struct file files[] = {{"0001_某某.jpg", picture("a")}, {"0002.jpg", picture("b")}};

    (void)state;
    take(files, 2);
    assert_int_equal(job.failed, 1);
    assert_non_null(strstr(told("0001_某某.jpg"), "不一致"));
    assert_false(has_photo(1));
    assert_true(has_photo(2));
}

static void whose_photo_is_not_known_is_told_without_the_number(void **state)
{
    struct file files[] = {{"340000198502120024.jpg", picture("a")},
                           {"0099.jpg", picture("b")},
                           {"340000198502120024_张三.jpg", picture("c")}};

    (void)state;
    take(files, 3);
    assert_int_equal(job.failed, 3);
    assert_null(strstr(job.report_json, "340000198502120024"));
    assert_non_null(told("340000********0024.jpg"));
    assert_non_null(told("0099.jpg"));
}

static void names_become_no_paths(void **state)
{
    struct file files[] = {{"照片/./0001.jpg", picture("a")},
                           {"0002'; DROP TABLE entries;--.jpg", picture("b")},
                           {"<script>.jpg", picture("c")},
                           {"0003.jpg", picture("d")}};

    (void)state;
    take(files, 4);
    assert_int_equal(job.state, JOB_DONE);
    assert_true(has_photo(1));
    assert_false(has_photo(2));
    assert_true(has_photo(3));
    assert_int_equal(job.failed, 2);
}

static void what_systems_put_into_archives_is_passed_over(void **state)
{
    struct file files[] = {{"__MACOSX/._0001.jpg", picture("a")},
                           {".DS_Store", picture("b")},
                           {"照片/Thumbs.db", picture("c")},
                           {"照片/desktop.ini", picture("d")},
                           {"照片/", {NULL, 0}},
                           {"说明.txt", picture("e")},
                           {"0001.jpg", picture("f")}};

    (void)state;
    take(files, sizeof files / sizeof files[0]);
    assert_int_equal(job.failed, 1);
    assert_non_null(told("说明.txt"));
    assert_true(has_photo(1));
}

/* --- contents --- */

static void one_bad_photo_stops_no_other(void **state)
{
    struct file files[] = {{"0001.jpg", slice_of("GIF89a")},
                           {"0002.jpg", slice_of("KILL")},
                           {"0003.jpg", slice_of("")},
                           {"0004.jpg", picture("d")}};

    (void)state;
    take(files, 4);
    assert_int_equal(job.state, JOB_DONE);
    assert_int_equal(job.failed, 3);
    assert_non_null(told("0002.jpg"));
    assert_true(has_photo(4));
    assert_false(has_photo(2));
}

static void the_second_photo_of_a_person_is_a_fault(void **state)
{
    char id[19], name[32];
    struct file files[] = {{"0001.jpg", picture("first")}, {name, picture("second")}};
    struct entry_row r;
    struct upload u;
    uint8_t hash[SHA256_SIZE];

    (void)state;
    listing_id_number(id, 0);
    (void)snprintf(name, sizeof name, "%s.jpg", id);
    take(files, 2);
    assert_int_equal(job.failed, 1);
    assert_int_equal(store_entry_by_serial(&r, listing.store, listing.filing.id, 1, &texts, &e), 0);
    assert_int_equal(store_upload(&u, listing.store, r.photo_id, &texts, &e), 0);
    sha256(hash, files[0].content);
    assert_memory_equal(hash, u.original, sizeof hash);
    assert_string_equal(u.organisation, "unsealed");
}

static void what_is_there_already_is_not_opened_again(void **state)
{
    struct file files[] = {{"0001.jpg", picture("a")}, {"0002.jpg", picture("b")}};

    (void)state;
    take(files, 2);
    assert_int_equal(helper.asked, 2);
    take(files, 2);
    assert_int_equal(helper.asked, 2);
    assert_int_equal(job.failed, 0);
    files[1].content = picture("another");
    take(files, 2);
    assert_int_equal(helper.asked, 3);
}

static void a_photo_of_a_person_serves_the_next_filing(void **state)
{
    struct file files[] = {{"0001.jpg", picture("a")}};
    struct filing_order order = {.name = "又一次",
                                 .approval_no = "皖测社秘〔2026〕9号",
                                 .type = "评审",
                                 .profile = "sealed",
                                 .year = 2025};
    struct faults faults = {.count = 0};
    struct buf csv = BUF_INIT(64 * 1024);

    (void)state;
    take(files, 1);
    assert_int_equal(
        filing_create(&listing.filing, listing.store, &order, &listing_organiser, &faults, &texts, &e), 0);
    buf_append_text(&csv, listing_head);
    buf_append_text(&csv, listing_row(0, NULL));
    buf_append_text(&csv, listing_row(1, "买买提·吐尔逊"));
    listing_import(buf_text(&csv), NULL);
    assert_int_equal(listing.report.with_photo, 1);
    assert_true(has_photo(1));
    assert_false(has_photo(2));
    buf_dispose(&csv);
}

static void what_is_no_archive_ends_the_job_with_the_reason(void **state)
{
    char path[] = "/tmp/photos_test.XXXXXX", id[CERTIFICATE_ID_SIZE];
    int fd = mkostemp(path, O_CLOEXEC);

    (void)state;
    (void)unlink(path);
    assert_int_equal(file_put(fd, slice_of("PK\x03\x04 and then nothing that would be an archive")), 0);
    assert_int_equal(
        filing_take_archive(id, listing.store, listing.filing.id, fd, 0, 5, "x.zip", &listing_organiser, &e),
        -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_int_equal(filing_take_archive(id, listing.store, listing.filing.id, fd, 0,
                                         4ULL * 1024 * 1024 * 1024 + 1, "x.zip", &listing_organiser, &e),
                     -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    send_bytes(fd, 40);
    work();
    assert_int_equal(job.state, JOB_FAILED);
    assert_true(job.problem_zh != NULL && job.problem_zh[0] != '\0');
}

static void others_send_no_photos(void **state)
{
    struct file files[] = {{"0001.jpg", picture("a")}};
    char id[CERTIFICATE_ID_SIZE];
    uint64_t size;
    int fd = archive_of(files, 1, &size);

    (void)state;
    assert_int_equal(filing_take_archive(id, listing.store, listing.filing.id, fd, 0, size, "x.zip",
                                         &listing_stranger, &e),
                     -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    (void)close(fd);
}

/* --- ends in between --- */

static bool file_of_job_is_there(void)
{
    char path[4096];
    struct stat st;

    store_job_file(path, sizeof path, listing.store, job.id);
    return stat(path, &st) == 0;
}

static void send_many(void)
{
    static struct file files[PEOPLE];

    for (unsigned n = 0; n < PEOPLE; n++)
        files[n] = (struct file){arena_printf(&texts, "%04u.jpg", n + 1),
                                 n == 4 ? slice_of("no photo") : picture(arena_printf(&texts, "%u", n))};
    send(files, PEOPLE);
}

static void who_dies_between_two_steps_leaves_the_rest_to_the_next(void **state)
{
    struct photo_task *t;
    bool ended;

    (void)state;
    send_many();
    t = claim(1790000000);
    assert_int_equal(photo_task_step(&ended, t, listing.store, open_fake, NULL, 1790000000, &e), 0);
    assert_false(ended); /* a step takes 32 at most */
    photo_task_close(t); /* as a process that died leaves it: claimed */
    assert_true(has_photo(1));
    assert_false(has_photo(PEOPLE));
    assert_true(file_of_job_is_there());

    t = claim(1790000000 + 10 * LEASE_SECONDS);
    assert_int_equal(
        photo_task_step(&ended, t, listing.store, open_fake, NULL, 1790000000 + 10 * LEASE_SECONDS, &e), 0);
    assert_true(ended);
    photo_task_close(t);
    assert_int_equal(store_job(&job, listing.store, job.id, &texts, &e), 0);
    assert_int_equal(job.done, PEOPLE);
    assert_int_equal(job.failed, 1);
    assert_int_equal(helper.asked, PEOPLE);
    assert_true(has_photo(PEOPLE));
    assert_non_null(told("0005.jpg"));
    assert_false(file_of_job_is_there());
}

static void who_lost_the_job_writes_nothing_any_more(void **state)
{
    struct photo_task *first, *second;
    bool ended;

    (void)state;
    send_many();
    first = claim(1790000000);
    second = claim(1790000000 + 10 * LEASE_SECONDS);
    assert_int_equal(photo_task_step(&ended, first, listing.store, open_fake, NULL, 1790000001, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_false(has_photo(1));
    assert_int_equal(
        photo_task_step(&ended, second, listing.store, open_fake, NULL, 1790000000 + 10 * LEASE_SECONDS, &e),
        0);
    assert_true(has_photo(1));
    photo_task_close(first);
    photo_task_close(second);
}

static void an_outage_keeps_nothing_of_the_step_and_blames_no_photo(void **state)
{
    struct photo_task *t;
    bool ended;

    (void)state;
    send_many();
    t = claim(1790000000);
    helper.outages = 1000;
    assert_int_equal(photo_task_step(&ended, t, listing.store, open_fake, NULL, 1790000000, &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    assert_false(has_photo(1));
    helper.outages = 0;
    ended = false;
    for (int steps = 0; !ended && steps < 10; steps++)
        assert_int_equal(photo_task_step(&ended, t, listing.store, open_fake, NULL, 1790000000, &e), 0);
    photo_task_close(t);
    assert_int_equal(store_job(&job, listing.store, job.id, &texts, &e), 0);
    assert_int_equal(job.failed, 1); /* the one that is no photo */
    assert_true(has_photo(1));
}

static void an_archive_that_is_gone_ends_the_job(void **state)
{
    char path[4096];

    (void)state;
    send_many();
    assert_int_equal(store_filing_job(&job, listing.store, listing.filing.id, "photos", &texts, &e), 0);
    store_job_file(path, sizeof path, listing.store, job.id);
    assert_int_equal(unlink(path), 0);
    work();
    assert_int_equal(job.state, JOB_FAILED);
}

static void leave(const char *name, time_t written)
{
    const struct timespec times[2] = {{written, 0}, {written, 0}};
    char path[4096];

    store_job_file(path, sizeof path, listing.store, name);
    assert_int_equal(file_write(path, slice_of("left"), 0600, &e), 0);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static bool is_left(const char *name)
{
    char path[4096];
    struct stat st;

    store_job_file(path, sizeof path, listing.store, name);
    return stat(path, &st) == 0;
}

static void what_dead_processes_left_in_the_inbox_goes_with_the_next_archive(void **state)
{
    static const char old[] = "00000000000000000000000000000001",
                      fresh[] = "00000000000000000000000000000002", other[] = "spool-1";
    struct file files[] = {{"0001.jpg", picture("a")}};

    (void)state;
    take(files, 1);
    leave(old, 1790000000 - 2 * 24 * 60 * 60);
    leave(fresh, 1790000000 - 60); /* may be on its way to its row */
    leave(other, 0);
    leave(job.id, 1790000000);
    send(files, 1);
    assert_false(is_left(old));
    assert_false(is_left(job.id)); /* its job has ended */
    assert_true(is_left(fresh));
    assert_true(is_left(other));
    work();
    assert_int_equal(job.state, JOB_DONE);
}

/* --- one photo --- */

static int take_one(unsigned serial, struct slice given, enum photo_size size, const struct filing_actor *who)
{
    struct photo_crop crop = {.size = size};
    char upload[CERTIFICATE_ID_SIZE];
    struct entry_row r;

    assert_int_equal(store_entry_by_serial(&r, listing.store, listing.filing.id, serial, &texts, &e), 0);
    return filing_take_photo(upload, listing.store, r.id, given, &crop, open_fake, NULL, who, &e);
}

static void one_photo_is_taken_by_its_organiser_only(void **state)
{
    (void)state;
    assert_int_equal(take_one(1, picture("a"), PHOTO_2_CUN, &listing_stranger), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(take_one(1, slice_of("no photo"), PHOTO_2_CUN, &listing_organiser), -1);
    assert_int_equal(take_one(1, picture("a"), PHOTO_1_CUN, &listing_organiser), -1);
    assert_false(has_photo(1));
    assert_int_equal(take_one(1, picture("a"), PHOTO_2_CUN, &listing_organiser), 0);
    assert_true(has_photo(1));
    assert_int_equal(take_one(1, picture("b"), PHOTO_2_CUN, &listing_organiser), 0); /* until it is made */
}

#define TRY(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(photos_find_their_rows_by_serial_and_number),
        TRY(a_name_may_stand_before_the_number_or_in_brackets),
        TRY(a_number_behind_anything_but_the_name_is_nobodys),
        TRY(a_name_that_differs_is_a_fault),
        TRY(whose_photo_is_not_known_is_told_without_the_number),
        TRY(names_become_no_paths),
        TRY(what_systems_put_into_archives_is_passed_over),
        TRY(one_bad_photo_stops_no_other),
        TRY(the_second_photo_of_a_person_is_a_fault),
        TRY(what_is_there_already_is_not_opened_again),
        TRY(a_photo_of_a_person_serves_the_next_filing),
        TRY(what_is_no_archive_ends_the_job_with_the_reason),
        TRY(others_send_no_photos),
        TRY(who_dies_between_two_steps_leaves_the_rest_to_the_next),
        TRY(who_lost_the_job_writes_nothing_any_more),
        TRY(an_outage_keeps_nothing_of_the_step_and_blames_no_photo),
        TRY(an_archive_that_is_gone_ends_the_job),
        TRY(what_dead_processes_left_in_the_inbox_goes_with_the_next_archive),
        TRY(one_photo_is_taken_by_its_organiser_only),
    };

    return cmocka_run_group_tests(tests, issuing_prepare, issuing_forget);
}
