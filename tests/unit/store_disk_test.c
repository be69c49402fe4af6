/* store_disk_test.c - the store on a disk that fails and comes back, with several threads at once, and the
 * files that are looked at again. */
#include "support/failing_disk.h"
#include "unit/store_fixture.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

static bool has_row(struct store *s, unsigned n)
{
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    char id[CERTIFICATE_ID_SIZE];
    struct err e;
    int rc;

    (void)snprintf(id, sizeof id, "%032x", n);
    rc = store_certificate(&row, s, id, &a, &e);
    arena_dispose(&a);
    assert_true(rc == 0 || e.code == ERR_NOT_FOUND);
    return rc == 0;
}

static void check_integrity(struct store *s)
{
    sqlite3_stmt *q = NULL;

    assert_int_equal(sqlite3_prepare_v2(s->db, "PRAGMA integrity_check", -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(q, 0), "ok");
    (void)sqlite3_finalize(q);
}

/* As the issue room does it: begin, write, commit, and rollback wherever it failed. */
static int reserve_in_transaction(struct store *s, unsigned n, struct err *e)
{
    struct sample m;

    if (store_begin(s, e) != 0)
        return -1;
    if (store_set_serial(s, "a", "c", n, e) == 0 && store_reserve(s, sample_make(&m, n), e) == 0 &&
        store_commit(s, e) == 0)
        return 0;
    store_rollback(s);
    return -1;
}

static void after_a_failure_the_same_store_works_again(void **state)
{
    static const enum disk_fault faults[] = {DISK_FULL, DISK_DOES_NOT_SYNC};
    struct store *s = open_with_offices();
    unsigned refused = 0, n = 1;
    struct err e;

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        for (int after = 0; after < 30; after++, n++) {
            int rc;

            disk_fails(faults[k], after);
            rc = reserve_in_transaction(s, n, &e);
            disk_fails(DISK_FINE, 0);
            assert_true(rc == 0 || e.code == ERR_UNAVAILABLE);
            assert_int_equal(rc == 0, has_row(s, n)); /* all or nothing */
            refused += rc != 0;
            if (rc != 0)
                assert_done(reserve_in_transaction(s, n, &e), e);
        }
        assert_true(refused > k);
    }
    assert_true(refused > 5);
    check_integrity(s);
    store_close(s);
    assert_done(store_open(&s, dir, false, &e), e);
    for (unsigned i = 1; i < n; i++)
        assert_true(has_row(s, i));
    store_close(s);
}

static void a_full_disk_is_called_full_and_a_broken_one_broken(void **state)
{
    struct store *s = open_with_offices();
    struct err e;

    (void)state;
    disk_fails(DISK_FULL, 0);
    assert_refused(store_probe(s, 1, &e), e, ERR_UNAVAILABLE);
    assert_non_null(strstr(e.en, "full"));
    assert_non_null(strstr(e.zh, "磁盘已满"));
    disk_fails(DISK_DOES_NOT_SYNC, 0);
    assert_refused(store_probe(s, 2, &e), e, ERR_UNAVAILABLE);
    assert_null(strstr(e.en, "full"));
    disk_fails(DISK_FINE, 0);
    assert_done(store_probe(s, 3, &e), e);
    store_close(s);
}

static void a_probe_reaches_the_disk(void **state)
{
    struct store *s = open_with_offices();
    struct err e;

    (void)state;
    assert_done(store_probe(s, 5, &e), e);
    disk_fails(DISK_DOES_NOT_SYNC, 0); /* the same value again is written again, too */
    assert_refused(store_probe(s, 5, &e), e, ERR_UNAVAILABLE);
    assert_true(disk_has_failed());
    disk_fails(DISK_FINE, 0);
    store_close(s);
}

static void an_upload_that_finds_the_disk_full_leaves_nothing_that_is_half(void **state)
{
    struct upload u = {.id = "u1", .crop_json = "{}", .media_type = "image/jpeg"}, back;
    struct store *s = open_with_offices();
    struct arena a = ARENA_INIT;
    struct buf out = BUF_INIT(64);
    unsigned refused = 0;
    struct err e;

    (void)state;
    sha256(u.original, slice_of("original"));
    sha256(u.photo, slice_of("photo"));
    for (int after = 0; after < 12; after++) {
        disk_fails(after % 2 == 0 ? DISK_FULL : DISK_DOES_NOT_SYNC, after);
        (void)snprintf(u.id, sizeof u.id, "u%d", after);
        if (store_put_upload(s, &u, slice_of("original"), slice_of("photo"), &e) != 0) {
            assert_int_equal(e.code, ERR_UNAVAILABLE);
            disk_fails(DISK_FINE, 0);
            assert_refused(store_upload(&back, s, u.id, &a, &e), e, ERR_NOT_FOUND);
            refused++;
        }
        disk_fails(DISK_FINE, 0);
    }
    assert_true(refused > 2);
    (void)snprintf(u.id, sizeof u.id, "last");
    assert_done(store_put_upload(s, &u, slice_of("original"), slice_of("photo"), &e), e);
    assert_done(store_original(&out, s, u.original, &e), e);
    assert_true(slice_equal(buf_view(&out), slice_of("original")));
    buf_dispose(&out);
    arena_dispose(&a);
    store_close(s);
}

/* --- files looked at again --- */

static void file_path(char out[160], const struct certificate_row *row)
{
    char name[64];

    store_file_name(name, row->id);
    (void)snprintf(out, 160, "%s/%s", dir, name);
}

static void issue_with_file(struct store *s, struct sample *m, unsigned n)
{
    struct err e;

    sha256(sample_make(m, n)->file_sha256, slice_of("a pdf"));
    assert_done(store_reserve(s, &m->row, &e), e);
    assert_done(store_put_file(s, m->row.id, slice_of("a pdf"), &e), e);
    assert_done(store_issued(s, &m->row, &e), e);
}

static bool checks_out(struct store *s, const struct certificate_row *row, int64_t now)
{
    struct err e;
    bool fine;

    assert_done(store_check_file(&fine, s, row, now, &e), e);
    return fine;
}

static void a_fault_is_told_once_and_so_is_its_end(void **state)
{
    struct store *s = open_with_offices();
    struct certificate_event *list;
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    struct store_counts c;
    struct sample m;
    char path[160];
    size_t count;
    struct err e;

    (void)state;
    issue_with_file(s, &m, 1);
    file_path(path, &m.row);
    assert_true(checks_out(s, &m.row, 3000));
    assert_done(file_write(path, slice_of("b pdf"), 0640, &e), e);
    assert_false(checks_out(s, &m.row, 3001));
    assert_false(checks_out(s, &m.row, 3002));
    assert_done(store_certificate(&row, s, m.row.id, &a, &e), e);
    assert_int_equal(row.file_fault, 3001); /* since when */
    assert_int_equal(row.file_checked, 3002);
    assert_done(store_count(&c, s, &e), e);
    assert_int_equal(c.file_faults, 1);
    assert_done(file_write(path, slice_of("a pdf"), 0640, &e), e);
    assert_true(checks_out(s, &m.row, 3003));
    assert_done(store_count(&c, s, &e), e);
    assert_int_equal(c.file_faults, 0);
    assert_done(store_list_events(&list, &count, s, m.row.id, &a, &e), e);
    assert_int_equal(count, 3);
    assert_string_equal(list[1].event, "file-fault");
    assert_string_equal(list[1].actor, "service");
    assert_int_equal(list[1].moment, 3001);
    assert_string_equal(list[2].event, "file-restored");
    arena_dispose(&a);
    store_close(s);
}

static void put_in_place(const char *path, int kind)
{
    struct err e;

    assert_int_equal(unlink(path), 0);
    if (kind == 1)
        assert_done(file_write(path, slice_of("a pd"), 0640, &e), e); /* cut */
    else if (kind == 2)
        assert_done(file_write(path, slice_of("a pdf and more"), 0640, &e), e);
    else if (kind == 3)
        assert_int_equal(mkdir(path, 0700), 0);
    else if (kind == 4)
        assert_int_equal(mkfifo(path, 0600), 0); /* must not be waited for */
    else if (kind == 5)
        assert_int_equal(symlink("/dev/zero", path), 0);
}

static void whatever_stands_where_the_file_was_is_a_fault(void **state)
{
    struct store *s = open_with_offices();
    struct buf out = BUF_INIT(1000);
    struct sample m;
    char path[160];
    struct err e;

    (void)state;
    for (int kind = 0; kind < 6; kind++) { /* 0: nothing */
        issue_with_file(s, &m, 100 + (unsigned)kind);
        file_path(path, &m.row);
        put_in_place(path, kind);
        if (checks_out(s, &m.row, 3000))
            fail_msg("kind %d", kind);
        buf_reset(&out);
        assert_refused(store_file(&out, s, &m.row, &e), e, ERR_UNAVAILABLE);
    }
    buf_dispose(&out);
    store_close(s);
}

static void the_file_checked_longest_ago_is_next(void **state)
{
    struct store *s = open_with_offices();
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    struct sample m[3], reserved;
    struct err e;

    (void)state;
    for (unsigned n = 0; n < 3; n++) /* issued is checked: at 2000 */
        issue_with_file(s, &m[n], n);
    assert_done(store_reserve(s, sample_make(&reserved, 9), &e), e);
    assert_true(checks_out(s, &m[0].row, 5000));
    assert_true(checks_out(s, &m[1].row, 4000));
    assert_done(store_next_to_check(&row, s, 9999, 9999, &a, &e), e);
    assert_string_equal(row.id, m[2].row.id);
    assert_true(checks_out(s, &row, 6000));
    assert_done(store_next_to_check(&row, s, 9999, 9999, &a, &e), e);
    assert_string_equal(row.id, m[1].row.id);
    assert_done(store_next_to_check(&row, s, 4001, 9999, &a, &e), e);
    assert_refused(store_next_to_check(&row, s, 4000, 9999, &a, &e), e, ERR_NOT_FOUND);
    arena_dispose(&a);
    store_close(s);
}

static void a_file_checked_by_a_clock_that_was_wrong_is_checked_again(void **state)
{
    struct store *s = open_with_offices();
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    struct sample m[2];
    struct err e;

    (void)state;
    for (unsigned n = 0; n < 2; n++)
        issue_with_file(s, &m[n], n);
    assert_true(checks_out(s, &m[0].row, 3000));
    assert_true(checks_out(s, &m[1].row, 900000)); /* years ahead of its time */
    assert_done(store_next_to_check(&row, s, 2500, 3000, &a, &e), e);
    assert_string_equal(row.id, m[1].row.id);
    assert_true(checks_out(s, &row, 3000));
    assert_refused(store_next_to_check(&row, s, 2500, 3000, &a, &e), e, ERR_NOT_FOUND);
    arena_dispose(&a);
    store_close(s);
}

static void the_row_that_waits_longest_is_told_whatever_its_id_and_its_clock_say(void **state)
{
    struct store *s = open_with_offices();
    struct sample first, second;
    char id[CERTIFICATE_ID_SIZE];
    struct err e;

    (void)state;
    assert_refused(store_oldest_unfinished(id, s, &e), e, ERR_NOT_FOUND);
    (void)sample_make(&first, 9);
    first.row.created = 5000;
    assert_done(store_reserve(s, &first.row, &e), e);
    (void)sample_make(&second, 1); /* its id sorts before, and the clock was set back */
    second.row.created = 1000;
    assert_done(store_reserve(s, &second.row, &e), e);
    assert_done(store_oldest_unfinished(id, s, &e), e);
    assert_string_equal(id, first.row.id);
    store_close(s);
}

/* --- several threads, each with a connection of its own --- */

enum { WRITERS = 2, ROUNDS = 150 };

struct writer {
    pthread_t thread;
    unsigned from;
    struct err e;
    int rc;
};

static atomic_int writing;

static int write_one(struct store *s, unsigned n, struct err *e)
{
    struct sample m;
    uint64_t last;

    (void)sample_make(&m, n);
    if (store_begin(s, e) != 0)
        return -1;
    if (store_last_serial(&last, s, "shared", e) != 0 || store_set_serial(s, "a", "shared", last + 1, e) != 0)
        goto undo;
    (void)snprintf(m.text, sizeof m.text, "S%llu", (unsigned long long)last + 1);
    if (store_reserve(s, &m.row, e) != 0 || store_commit(s, e) != 0)
        goto undo;
    return store_issued(s, &m.row, e);
undo:
    store_rollback(s);
    return -1;
}

static void *write_many(void *arg)
{
    struct writer *w = arg;
    struct store *s;

    w->rc = store_open(&s, dir, false, &w->e);
    for (unsigned i = 0; i < ROUNDS && w->rc == 0; i++)
        w->rc = write_one(s, w->from + i, &w->e);
    store_close(s);
    atomic_fetch_sub(&writing, 1);
    return NULL;
}

/* Reads while others write; what it sees must always be one moment: each number has one row. */
static void *read_along(void *arg)
{
    struct writer *w = arg;
    struct certificate_filter f = {.organisation = "a"};
    struct certificate_row rows[8];
    struct store_counts c, before = {0};
    struct arena a = ARENA_INIT;
    struct store *s;
    size_t count;

    w->rc = store_open_reading(&s, dir, &w->e);
    if (w->rc == 0)
        s->patience_ms = 0; /* a reader that had to wait would fail */
    while (w->rc == 0 && atomic_load(&writing) > 0) {
        arena_reset(&a);
        w->rc = store_list_certificates(rows, 8, &count, s, &f, &a, &w->e);
        if (w->rc == 0)
            w->rc = store_count(&c, s, &w->e);
        if (w->rc == 0 && c.issued + c.reserved < before.issued + before.reserved)
            w->rc = err_set(&w->e, ERR_INTERNAL, "The counts shrank.", "计数变小。");
        before = c;
    }
    arena_dispose(&a);
    store_close(s);
    return NULL;
}

static void threads_issue_at_once_and_readers_never_wait(void **state)
{
    struct writer all[WRITERS + 1] = {{.from = 0}, {.from = 100000}};
    struct store *s = open_with_offices();
    struct store_counts c;
    uint64_t last;
    struct err e;

    (void)state;
    writing = WRITERS;
    for (int i = 0; i <= WRITERS; i++)
        assert_int_equal(pthread_create(&all[i].thread, NULL, i < WRITERS ? write_many : read_along, &all[i]),
                         0);
    for (int i = 0; i <= WRITERS; i++)
        assert_int_equal(pthread_join(all[i].thread, NULL), 0);
    for (int i = 0; i <= WRITERS; i++)
        assert_done(all[i].rc, all[i].e);
    assert_done(store_last_serial(&last, s, "shared", &e), e);
    assert_int_equal(last, WRITERS * ROUNDS); /* no serial was lost or given twice: numbers are unique */
    assert_done(store_count(&c, s, &e), e);
    assert_true(c.issued == WRITERS * ROUNDS && c.reserved == 0);
    check_integrity(s);
    store_close(s);
}

static void who_holds_the_lock_too_long_is_not_waited_for_for_ever(void **state)
{
    struct store *holder = open_with_offices(), *other;
    struct err e;

    (void)state;
    assert_done(store_open(&other, dir, false, &e), e);
    other->patience_ms = 20;
    assert_done(store_begin(holder, &e), e);
    assert_refused(store_begin(other, &e), e, ERR_UNAVAILABLE);
    assert_refused(store_probe(other, 1, &e), e, ERR_UNAVAILABLE);
    store_rollback(holder);
    assert_done(store_probe(other, 1, &e), e);
    store_close(other);
    store_close(holder);
}

static void a_reader_survives_checkpoints_and_a_newer_schema(void **state)
{
    struct store *s = open_with_offices(), *reader;
    struct err e;

    (void)state;
    issue_sample(s, 1);
    assert_done(store_open_reading(&reader, dir, &e), e);
    assert_true(has_row(reader, 1));
    issue_sample(s, 2);
    assert_done(store_execute(s, "PRAGMA wal_checkpoint (TRUNCATE)", &e), e);
    assert_true(has_row(reader, 2));
    assert_done(store_execute(s, "ALTER TABLE certificates ADD COLUMN later TEXT; VACUUM", &e), e);
    assert_true(has_row(reader, 1) && has_row(reader, 2) && !has_row(reader, 3));
    assert_refused(store_probe(reader, 1, &e), e, ERR_UNAVAILABLE); /* it only reads */
    store_close(s);
    assert_true(has_row(reader, 2));
    store_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(after_a_failure_the_same_store_works_again),
        WITH_DIRECTORY(a_full_disk_is_called_full_and_a_broken_one_broken),
        WITH_DIRECTORY(a_probe_reaches_the_disk),
        WITH_DIRECTORY(an_upload_that_finds_the_disk_full_leaves_nothing_that_is_half),
        WITH_DIRECTORY(a_fault_is_told_once_and_so_is_its_end),
        WITH_DIRECTORY(whatever_stands_where_the_file_was_is_a_fault),
        WITH_DIRECTORY(the_file_checked_longest_ago_is_next),
        WITH_DIRECTORY(a_file_checked_by_a_clock_that_was_wrong_is_checked_again),
        WITH_DIRECTORY(the_row_that_waits_longest_is_told_whatever_its_id_and_its_clock_say),
        WITH_DIRECTORY(threads_issue_at_once_and_readers_never_wait),
        WITH_DIRECTORY(who_holds_the_lock_too_long_is_not_waited_for_for_ever),
        WITH_DIRECTORY(a_reader_survives_checkpoints_and_a_newer_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
