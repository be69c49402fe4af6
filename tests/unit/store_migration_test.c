/* store_migration_test.c - a store of schema 1 or 2 becomes one of the present schema: whole, once, and with
 * the old one kept, whatever happens meanwhile. */
#include "support/failing_disk.h"
#include "unit/store_fixture.h"
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { OLD_ROWS = 30, OLD_RESERVED = 4 };

static sqlite3 *open_raw(const char *name, int flags)
{
    char path[128];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(sqlite3_open_v2(path, &db, flags, NULL), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 5000);
    return db;
}

static void execute_raw(sqlite3 *db, const char *sql)
{
    char *why = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", sql, why);
}

static int64_t number_raw(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *q = NULL;
    int64_t value;

    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK || sqlite3_step(q) != SQLITE_ROW)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    value = sqlite3_column_int64(q, 0);
    (void)sqlite3_finalize(q);
    return value;
}

/* The database as the program that knew only schema 1 left it. */
static void make_old(void)
{
    sqlite3 *db = open_raw("sealpress.db", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    char sql[600];

    execute_raw(db, "PRAGMA journal_mode = WAL; BEGIN");
    execute_raw(db, schema_steps[0]);
    execute_raw(db, "PRAGMA user_version = 1;"
                    "INSERT INTO organisations VALUES ('a', '甲厅', NULL, NULL, NULL);"
                    "INSERT INTO profiles VALUES ('p', '配置', 'a', 'a', NULL, 'certificate', '{seq:6}',"
                    " 'YB', '34', '00', NULL);"
                    "INSERT INTO photos VALUES (x'07', x'ff')");
    for (int n = 0; n < OLD_ROWS; n++) {
        bool issued = n >= OLD_RESERVED;

        (void)snprintf(
            sql, sizeof sql,
            "INSERT INTO certificates VALUES ('%032d', 'token-%d', 'a', 'p', 'a', 'B%d', 'N%d',"
            " 'certificate', x'01', '{}', '%s', x'07', %d, '%s', %s, %s, %s, %s, %s)",
            n, n, n, n, n == 7 ? "no json" : "{\"id_number\":\"ID7\",\"name\":\"张三\",\"year\":2024}",
            1000 + n, issued ? "issued" : "reserved", issued ? "2000" : "NULL", issued ? "5" : "NULL",
            issued ? "x'aa'" : "NULL", issued ? "9" : "NULL", issued ? "'[]'" : "NULL");
        execute_raw(db, sql);
    }
    execute_raw(db, "COMMIT");
    (void)sqlite3_close(db);
}

/* The same as the program of schema 2 left it: with a replacement, a revocation, a photo that was sent. */
static void make_second(void)
{
    sqlite3 *db;

    make_old();
    db = open_raw("sealpress.db", SQLITE_OPEN_READWRITE);
    execute_raw(db, "PRAGMA foreign_keys = ON; BEGIN");
    execute_raw(db, schema_steps[1]);
    execute_raw(
        db, "PRAGMA user_version = 2;"
            "INSERT INTO certificates (id, token, organisation, profile, issuer, biz_no, number, template,"
            " content_hash, order_json, record_json, photo, created, state, replaces, actor, reason) VALUES"
            " ('replacement', 'token-r', 'a', 'p', 'a', 'BR', 'YB1', 'certificate', x'01', '{}', '{}', x'07',"
            " 5000, 'reserved', '00000000000000000000000000000010', 'k1', '遗失');"
            "UPDATE certificates SET status = 'replaced', status_time = 5000, status_reason = '遗失',"
            " replaced_by = 'replacement', file_checked = 77 WHERE number = 'N10';"
            "UPDATE certificates SET status = 'revoked', status_time = 6000, file_fault = 88"
            " WHERE number = 'N11';"
            "INSERT INTO certificate_events (certificate, moment, event, actor, reason) VALUES"
            " ('00000000000000000000000000000010', 5000, 'replaced', 'k1', '遗失'),"
            " ('00000000000000000000000000000011', 6000, 'revoked', 'k1', NULL);"
            "INSERT INTO uploads VALUES ('u1', 'a', x'09', x'07', '{}', 'image/png', 1, 1, 1, 1, 0, 5);"
            "INSERT INTO api_keys VALUES ('k1', x'01', '门户', 'a', 'issuer', 1, 0, 0);"
            "INSERT INTO answers VALUES ('a', 'key', x'01', 201, x'7b7d', 5)");
    execute_raw(db, "COMMIT");
    (void)sqlite3_close(db);
}

/* What make_second() put there, in whichever of the two schemas. */
static void check_second(void)
{
    sqlite3 *db = open_raw("sealpress.db", SQLITE_OPEN_READWRITE);

    assert_int_equal(
        number_raw(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM certificates"), OLD_ROWS + 1);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM certificates WHERE id = 'replacement' AND"
                                    " replaces = '00000000000000000000000000000010' AND reason = '遗失'"),
                     1);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM certificates WHERE replaced_by = 'replacement'"
                                    " AND status = 'replaced' AND file_checked = 77"),
                     1);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM certificates WHERE status = 'revoked' AND"
                                    " file_fault = 88 AND holder_id_number = 'ID7'"),
                     1);
    assert_int_equal(number_raw(db, "SELECT max(rowid) FROM certificates WHERE id = 'replacement'"),
                     OLD_ROWS + 1); /* the order of writing */
    assert_int_equal(number_raw(db, "SELECT count(*) FROM certificate_events"), OLD_ROWS - OLD_RESERVED + 2);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM counts WHERE reserved = 5 AND issued = 26"
                                    " AND file_faults = 1"),
                     1);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM uploads"), 1);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM answers"), 1);
    (void)sqlite3_close(db);
}

static void check_whole(const char *name, int version)
{
    sqlite3 *db = open_raw(name, SQLITE_OPEN_READWRITE);

    assert_int_equal(
        number_raw(db, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    assert_int_equal(number_raw(db, "PRAGMA user_version"), version);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM certificates"), OLD_ROWS);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'api_keys'"),
                     version == 1 ? 0 : 1);
    assert_int_equal(number_raw(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    if (version >= 2) {
        assert_int_equal(number_raw(db, "SELECT count(*) FROM certificates WHERE holder_name = '张三' AND"
                                        " holder_id_number = 'ID7' AND year = 2024"),
                         OLD_ROWS - 1);
        assert_int_equal(number_raw(db, "SELECT count(*) FROM certificate_events WHERE event = 'issued'"),
                         OLD_ROWS - OLD_RESERVED);
        assert_int_equal(number_raw(db, "SELECT count(*) FROM counts WHERE reserved = 4 AND issued = 26"), 1);
    }
    (void)sqlite3_close(db);
}

static bool is_there(const char *name)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return file_exists(path);
}

static void old_rows_are_found_by_everything_that_is_new(void **state)
{
    static const enum certificate_state reserved = CERTIFICATE_RESERVED;
    struct certificate_filter by_name = {.name = "张三"}, unfinished = {.state = &reserved};
    struct certificate_row rows[40], row;
    struct arena a = ARENA_INIT;
    struct store_counts c;
    struct store *s;
    size_t count;
    struct err e;

    (void)state;
    make_old();
    assert_done(store_open(&s, dir, false, &e), e);
    assert_done(store_list_certificates(rows, 40, &count, s, &by_name, &a, &e), e);
    assert_int_equal(count, OLD_ROWS - 1);
    assert_done(store_list_certificates(rows, 40, &count, s, &unfinished, &a, &e), e);
    assert_int_equal(count, OLD_RESERVED);
    assert_done(store_count(&c, s, &e), e);
    assert_true(c.issued == OLD_ROWS - OLD_RESERVED && c.reserved == OLD_RESERVED);
    assert_done(store_certificate_by_token(&row, s, "token-7", &a, &e), e);
    assert_string_equal(row.record_json, "no json");
    assert_int_equal(row.status, STATUS_VALID);
    assert_done(store_next_to_check(&row, s, 1, 1, &a, &e), e); /* none was ever checked */
    /* a row that the old program reserved is finished by the new one */
    assert_done(store_certificate(&row, s, "00000000000000000000000000000001", &a, &e), e);
    row.issued = 3000;
    row.seals_json = "[]";
    assert_done(store_issued(s, &row, &e), e);
    store_close(s);
    arena_dispose(&a);
}

static void the_old_database_is_kept_readable_for_its_owner_only(void **state)
{
    struct store *s;
    struct stat st;
    char path[128];
    struct err e;

    (void)state;
    make_old();
    assert_done(store_open(&s, dir, false, &e), e);
    store_close(s);
    check_whole("sealpress.db.schema-1", 1);
    check_whole("sealpress.db", SCHEMA_VERSION);
    (void)snprintf(path, sizeof path, "%s/sealpress.db.schema-1", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(is_there("sealpress.db.schema-1.half"));
    assert_done(store_open(&s, dir, false, &e), e); /* once is enough */
    store_close(s);
    check_whole("sealpress.db.schema-1", 1);
}

/* What opening writes to standard error. */
static void opened_says(char out[1024])
{
    int kept = dup(STDERR_FILENO), ends[2];
    struct store *s;
    struct err e;
    ssize_t len;

    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    (void)close(ends[1]);
    assert_done(store_open(&s, dir, true, &e), e);
    store_close(s);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    len = read(ends[0], out, 1023);
    assert_true(len >= 0);
    out[len] = '\0';
    (void)close(ends[0]);
}

static void a_migration_is_told_once_with_where_the_old_one_is(void **state)
{
    char said[1024], expected[256];

    (void)state;
    make_old();
    opened_says(said);
    (void)snprintf(expected, sizeof expected, " event=migrated from=1 to=3 backup=%s/sealpress.db.schema-1\n",
                   dir);
    assert_non_null(strstr(said, expected));
    opened_says(said);
    assert_string_equal(said, "");
}

static void a_new_database_is_not_migrated(void **state)
{
    char said[1024];

    (void)state;
    opened_says(said);
    assert_string_equal(said, "");
}

static void a_new_database_needs_no_backup(void **state)
{
    (void)state;
    store_close(open_with_offices());
    assert_false(is_there("sealpress.db.schema-0") || is_there("sealpress.db.schema-1"));
}

static void who_only_reads_migrates_nothing(void **state)
{
    struct store *s;
    struct err e;

    (void)state;
    make_old();
    assert_refused(store_open_reading(&s, dir, &e), e, ERR_UNAVAILABLE);
    check_whole("sealpress.db", 1);
    assert_false(is_there("sealpress.db.schema-1"));
}

static void without_a_backup_nothing_is_migrated(void **state)
{
    char in_the_way[128];
    struct store *s;
    struct err e;

    (void)state;
    make_old();
    (void)snprintf(in_the_way, sizeof in_the_way, "%s/sealpress.db.schema-1.half", dir);
    assert_int_equal(mkdir(in_the_way, 0700), 0);
    assert_refused(store_open(&s, dir, false, &e), e, ERR_UNAVAILABLE);
    check_whole("sealpress.db", 1);
    assert_int_equal(rmdir(in_the_way), 0);
    assert_done(store_open(&s, dir, false, &e), e);
    store_close(s);
    check_whole("sealpress.db", SCHEMA_VERSION);
}

static void start_again(void)
{
    assert_int_equal(remove_directory(NULL), 0);
    assert_int_equal(mkdir(dir, 0700), 0);
    make_old();
}

/* How the child ends that opens the store on a disk which takes it along at step n. */
static int migrate_in_child(int n)
{
    struct store *s;
    struct err e;
    pid_t child = fork();
    int status;

    if (child == 0) {
        disk_fails(DISK_KILLS, n);
        _exit(store_open(&s, dir, false, &e) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static int version_now(void)
{
    sqlite3 *db = open_raw("sealpress.db", SQLITE_OPEN_READWRITE);
    int version = (int)number_raw(db, "PRAGMA user_version");

    (void)sqlite3_close(db);
    return version;
}

static void a_crash_at_any_step_leaves_the_old_or_the_new_schema_whole(void **state)
{
    bool finished = false;
    int killed = 0, old = 0;
    struct store *s;
    struct err e;

    (void)state;
    for (int n = 0; !finished && n < 4000; n += SLOW_BUILD ? 11 : 3) {
        int status, version;

        start_again();
        status = migrate_in_child(n);
        finished = WIFEXITED(status);
        assert_true(finished ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL);
        version = version_now();
        assert_true(version == 1 || version == SCHEMA_VERSION);
        check_whole("sealpress.db", version);
        if (is_there("sealpress.db.schema-1"))
            check_whole("sealpress.db.schema-1", 1);
        else
            assert_int_equal(version, 1);
        killed += !finished;
        old += version == 1;
        if (n % 24 == 0) { /* and the next start carries on from there */
            assert_done(store_open(&s, dir, false, &e), e);
            store_close(s);
            check_whole("sealpress.db", SCHEMA_VERSION);
            check_whole("sealpress.db.schema-1", 1);
        }
    }
    assert_true(finished && killed > (SLOW_BUILD ? 10 : 50) && old > (SLOW_BUILD ? 6 : 30));
}

static void a_crash_while_tables_are_made_anew_loses_no_row(void **state)
{
    bool finished = false;
    int old = 0;

    (void)state;
    for (int n = 1; !finished && n < 4000; n += SLOW_BUILD ? 23 : 7) {
        int version;

        assert_int_equal(remove_directory(NULL), 0);
        assert_int_equal(mkdir(dir, 0700), 0);
        make_second();
        finished = WIFEXITED(migrate_in_child(n));
        version = version_now();
        assert_true(version == 2 || version == SCHEMA_VERSION);
        old += version == 2;
        check_second();
        if (version == SCHEMA_VERSION)
            assert_true(is_there("sealpress.db.schema-2"));
    }
    assert_true(finished && old > (SLOW_BUILD ? 5 : 20));
}

static void rows_of_schema_2_keep_all_they_say(void **state)
{
    struct certificate_event *events, handed = {.certificate = "replacement", .event = "corrected"};
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    struct api_key key;
    struct store *s;
    size_t count;
    struct err e;

    (void)state;
    make_second();
    assert_done(store_open(&s, dir, false, &e), e);
    check_second();
    assert_done(store_certificate(&row, s, "00000000000000000000000000000010", &a, &e), e);
    assert_int_equal(row.version, 1);
    assert_true(row.handed_out == 0 && !row.recorded && row.entry[0] == '\0' && row.issuer_grantee == NULL);
    assert_string_equal(row.replaced_by, "replacement");
    assert_done(store_list_events(&events, &count, s, row.id, &a, &e), e);
    assert_int_equal(count, 2);
    assert_string_equal(events[1].reason, "遗失");
    assert_done(store_key(&key, s, "k1", &a, &e), e);
    assert_null(key.origins);
    assert_done(store_add_event(s, &handed, &e), e); /* the events' table takes what is new */
    /* references are watched again, and so is everything that stays */
    assert_refused(store_execute(s, "UPDATE certificates SET replaced_by = 'nobody'", &e), e, ERR_INVALID);
    assert_refused(store_execute(s, "DELETE FROM certificates", &e), e, ERR_CONFLICT);
    assert_refused(store_execute(s, "UPDATE certificates SET version = 2", &e), e, ERR_CONFLICT);
    assert_refused(store_execute(s, "DELETE FROM certificate_events", &e), e, ERR_CONFLICT);
    /* what was reserved is finished */
    assert_done(store_certificate(&row, s, "replacement", &a, &e), e);
    row.issued = 7000;
    row.seals_json = "[]";
    assert_done(store_issued(s, &row, &e), e);
    arena_dispose(&a);
    store_close(s);
}

static void a_reference_that_leads_nowhere_stops_the_migration(void **state)
{
    struct store *s;
    sqlite3 *db;
    struct err e;

    (void)state;
    make_second();
    db = open_raw("sealpress.db", SQLITE_OPEN_READWRITE);
    execute_raw(db, "PRAGMA foreign_keys = OFF;"
                    "INSERT INTO certificate_events (certificate, moment, event, actor)"
                    " VALUES ('nobody', 1, 'issued', 'x')");
    (void)sqlite3_close(db);
    assert_refused(store_open(&s, dir, false, &e), e, ERR_INTERNAL);
    assert_non_null(strstr(e.en, "certificate_events"));
    assert_int_equal(version_now(), 2);
}

static void a_full_disk_stops_the_migration_and_nothing_else(void **state)
{
    int refused = 0;

    (void)state;
    for (int n = 0; n < 400; n += 7) {
        struct store *s = NULL;
        struct err e;
        int rc;

        start_again();
        disk_fails(n % 2 == 0 ? DISK_FULL : DISK_DOES_NOT_SYNC, n);
        rc = store_open(&s, dir, false, &e);
        disk_fails(DISK_FINE, 0);
        if (rc != 0) {
            assert_int_equal(e.code, ERR_UNAVAILABLE);
            check_whole("sealpress.db", 1);
            refused++;
            assert_done(store_open(&s, dir, false, &e), e);
        }
        store_close(s);
        check_whole("sealpress.db", SCHEMA_VERSION);
    }
    assert_true(refused > 5);
}

static void processes_that_open_at_once_migrate_once(void **state)
{
    enum { PROCESSES = 6 };
    pid_t children[PROCESSES];
    int gate[2], status;
    char byte;

    (void)state;
    make_old();
    assert_int_equal(pipe(gate), 0);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct store *s;
            struct err e;

            (void)close(gate[1]);
            if (read(gate[0], &byte, 1) != 0) /* opens when the parent closes its end */
                _exit(2);
            _exit(store_open(&s, dir, false, &e) == 0 ? 0 : 1);
        }
    }
    (void)close(gate[0]);
    (void)close(gate[1]);
    for (int i = 0; i < PROCESSES; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    check_whole("sealpress.db", SCHEMA_VERSION); /* counts the events, too */
    check_whole("sealpress.db.schema-1", 1);
    assert_false(is_there("sealpress.db.schema-2")); /* those that waited had nothing to do */
}

static void a_reader_in_the_middle_of_something_hinders_nothing(void **state)
{
    sqlite3 *reader;
    struct store *s;
    struct err e;

    (void)state;
    make_old();
    reader = open_raw("sealpress.db", SQLITE_OPEN_READONLY);
    execute_raw(reader, "BEGIN");
    assert_int_equal(number_raw(reader, "SELECT count(*) FROM certificates"), OLD_ROWS);
    assert_done(store_open(&s, dir, false, &e), e);
    assert_int_equal(number_raw(reader, "PRAGMA user_version"), 1); /* its own moment */
    execute_raw(reader, "COMMIT");
    assert_int_equal(number_raw(reader, "SELECT count(*) FROM certificates WHERE status = 'valid'"),
                     OLD_ROWS);
    (void)sqlite3_close(reader);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(old_rows_are_found_by_everything_that_is_new),
        WITH_DIRECTORY(the_old_database_is_kept_readable_for_its_owner_only),
        WITH_DIRECTORY(a_migration_is_told_once_with_where_the_old_one_is),
        WITH_DIRECTORY(a_new_database_is_not_migrated),
        WITH_DIRECTORY(a_new_database_needs_no_backup),
        WITH_DIRECTORY(who_only_reads_migrates_nothing),
        WITH_DIRECTORY(without_a_backup_nothing_is_migrated),
        WITH_DIRECTORY(a_crash_at_any_step_leaves_the_old_or_the_new_schema_whole),
        WITH_DIRECTORY(a_crash_while_tables_are_made_anew_loses_no_row),
        WITH_DIRECTORY(rows_of_schema_2_keep_all_they_say),
        WITH_DIRECTORY(a_reference_that_leads_nowhere_stops_the_migration),
        WITH_DIRECTORY(a_full_disk_stops_the_migration_and_nothing_else),
        WITH_DIRECTORY(processes_that_open_at_once_migrate_once),
        WITH_DIRECTORY(a_reader_in_the_middle_of_something_hinders_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
