/* store_lent_test.c - people and their photos; jobs, exports, links and sessions; and what goes when it has
 * expired. */
#include "unit/store_filing_fixture.h"
#include <pthread.h>
#include <sys/stat.h>

static struct person person_of(struct store *s, const char *organisation, const char *name)
{
    struct person p = {.organisation = organisation,
                       .name = name,
                       .id_type = "居民身份证",
                       .id_number = "340000000000000024",
                       .gender = "女",
                       .birth_date = "1985-02-12"};
    bool made;
    struct err e;

    assert_done(store_put_person(&p, &made, s, 5, &e), e);
    return p;
}

static void a_person_is_an_offices_own_or_everybodys(void **state)
{
    struct store *s = open_with_offices();
    struct person all = person_of(s, NULL, "众人"), own = person_of(s, "a", "自己"), found, list[4];
    struct person again = {.organisation = "a",
                           .name = "改名",
                           .id_type = "居民身份证",
                           .id_number = "340000000000000024",
                           .mobile = "13800000000"};
    struct arena a = ARENA_INIT;
    size_t count;
    bool made;
    struct err e;

    (void)state;
    assert_string_not_equal(all.id, own.id);
    assert_done(store_person_by_document(&found, s, "a", own.id_type, own.id_number, &a, &e), e);
    assert_string_equal(found.id, own.id);
    assert_done(store_person_by_document(&found, s, "b", own.id_type, own.id_number, &a, &e), e);
    assert_string_equal(found.id, all.id);
    assert_null(found.organisation);
    assert_refused(store_person_by_document(&found, s, "b", "护照", own.id_number, &a, &e), e, ERR_NOT_FOUND);
    assert_done(store_put_person(&again, &made, s, 9, &e), e);
    assert_false(made);
    assert_string_equal(again.id, own.id);
    assert_int_equal(again.created, 5);
    assert_int_equal(again.changed, 9);
    again.mobile = NULL; /* as it was */
    assert_done(store_put_person(&again, &made, s, 10, &e), e);
    assert_done(store_person(&found, s, own.id, &a, &e), e);
    assert_string_equal(found.mobile, "13800000000");
    assert_string_equal(found.name, "改名");
    assert_int_equal(found.changed, 9); /* nothing was new */
    assert_done(store_list_persons(list, 4, &count, s, "a", "", &a, &e), e);
    assert_int_equal(count, 1);
    assert_done(store_list_persons(list, 4, &count, s, NULL, "", &a, &e), e);
    assert_int_equal(count, 2);
    assert_done(store_list_persons(list, 4, &count, s, NULL, list[0].id, &a, &e), e);
    assert_int_equal(count, 1);
    arena_dispose(&a);
    store_close(s);
}

/* Row n of the filing for that person; numbered too. */
static struct entry_row entry_for(struct store *s, const struct filing_row *f, unsigned n,
                                  const struct person *p)
{
    struct entry_row r = {
        .serial = n, .name = p->name, .id_type = p->id_type, .id_number = p->id_number, .data_json = "{}"};
    struct err e;

    memcpy(r.filing, f->id, sizeof r.filing);
    memcpy(r.person, p->id, sizeof r.person);
    assert_done(store_add_entry(s, &r, 5, &e), e);
    return r;
}

static void number_all(struct store *s, const struct filing_row *f, const char *entry, const char *number)
{
    struct err e;

    move(s, f->id, "submitted");
    move(s, f->id, "passed");
    assert_done(store_number_entry(s, entry, f->issuer, number, 6, &e), e);
    assert_done(store_set_accession(s, f->id, ACCESSION_DONE, 6, NULL, &e), e);
}

static void a_persons_photo_reaches_every_entry_that_has_no_certificate(void **state)
{
    struct store *s = open_with_offices();
    struct person p = person_of(s, "a", "张三"), other = person_of(s, "b", "李四");
    struct filing_row first = filing_of(s, "a"), second = filing_of(s, "a"), foreign = filing_of(s, "b");
    struct entry_row one = entry_for(s, &first, 1, &p), two = entry_for(s, &second, 1, &p), three;
    struct entry_row theirs = entry_for(s, &foreign, 1, &other);
    struct filing_row third;
    struct arena a = ARENA_INIT;
    size_t queued;
    struct err e;

    (void)state;
    put_photo(s, "u1");
    put_photo(s, "u2");
    number_all(s, &first, one.id, "X1");
    assert_refused(store_set_person_photo(s, p.id, "nobody", 7, &queued, &e), e, ERR_NOT_FOUND);
    assert_refused(store_set_person_photo(s, "nobody", "u1", 7, &queued, &e), e, ERR_NOT_FOUND);
    assert_done(store_set_person_photo(s, p.id, "u1", 7, &queued, &e), e);
    assert_int_equal(queued, 1);
    assert_done(store_entry(&one, s, one.id, &a, &e), e);
    assert_int_equal(one.state, ENTRY_QUEUED);
    assert_done(store_entry(&two, s, two.id, &a, &e), e);
    assert_int_equal(two.state, ENTRY_LISTED);
    assert_string_equal(two.photo_id, "u1");
    assert_done(store_entry(&theirs, s, theirs.id, &a, &e), e);
    assert_string_equal(theirs.photo_id, "");
    assert_done(store_person(&p, s, p.id, &a, &e), e);
    assert_string_equal(p.photo_id, "u1");
    third = filing_of(s, "a"); /* later entries use what is there */
    three = entry_for(s, &third, 1, &p);
    assert_string_equal(three.photo_id, "u1");
    assert_done(store_set_entry_photo(s, three.id, "u2", 8, &e), e); /* and the person's follows */
    assert_done(store_person(&p, s, p.id, &a, &e), e);
    assert_string_equal(p.photo_id, "u2");
    assert_done(store_entry(&one, s, one.id, &a, &e), e);
    assert_string_equal(one.photo_id, "u1"); /* who has one keeps it */
    arena_dispose(&a);
    store_close(s);
}

static void the_photo_of_a_person_of_all_serves_an_offices_own_record_without_one(void **state)
{
    struct store *s = open_with_offices();
    struct person own = person_of(s, "a", "张三"), all = person_of(s, NULL, "张三");
    struct person renamed = person_of(s, "b", "李四"); /* of that document, too */
    struct filing_row first = filing_of(s, "a"), second = filing_of(s, "a"), foreign = filing_of(s, "b");
    struct entry_row one = entry_for(s, &first, 1, &own), theirs = entry_for(s, &foreign, 1, &renamed), two;
    struct arena a = ARENA_INIT;
    size_t queued;
    struct err e;

    (void)state;
    put_photo(s, "u1");
    put_photo(s, "u2");
    number_all(s, &first, one.id, "X1");
    assert_done(store_set_person_photo(s, all.id, "u1", 7, &queued, &e), e);
    assert_int_equal(queued, 1);
    assert_done(store_entry(&one, s, one.id, &a, &e), e);
    assert_int_equal(one.state, ENTRY_QUEUED);
    assert_string_equal(one.photo_id, "u1");
    assert_done(store_entry(&theirs, s, theirs.id, &a, &e), e);
    assert_string_equal(theirs.photo_id, ""); /* the names say two people */
    two = entry_for(s, &second, 1, &own);
    assert_string_equal(two.photo_id, "u1");
    assert_done(store_set_person_photo(s, own.id, "u2", 8, &queued, &e), e);
    assert_done(store_set_person_photo(s, all.id, "u1", 9, &queued, &e), e);
    assert_done(store_entry(&two, s, two.id, &a, &e), e);
    assert_string_equal(two.photo_id, "u2"); /* the office's own comes first */
    arena_dispose(&a);
    store_close(s);
}

static void a_photo_sent_for_an_entry_is_not_made_that_of_a_person_of_all(void **state)
{
    struct store *s = open_with_offices();
    struct person all = person_of(s, NULL, "众人");
    struct filing_row f = filing_of(s, "a");
    struct entry_row r = entry_for(s, &f, 1, &all);
    struct arena a = ARENA_INIT;
    struct err e;

    (void)state;
    put_photo(s, "u1");
    assert_done(store_set_entry_photo(s, r.id, "u1", 8, &e), e);
    assert_done(store_entry(&r, s, r.id, &a, &e), e);
    assert_string_equal(r.photo_id, "u1");
    assert_done(store_person(&all, s, all.id, &a, &e), e);
    assert_string_equal(all.photo_id, "");
    arena_dispose(&a);
    store_close(s);
}

static struct job_row job_of(const char *organisation, const char *filing, const char *kind)
{
    struct job_row j = {.organisation = organisation, .kind = kind, .actor = "k1", .created = 1000};

    (void)snprintf(j.filing, sizeof j.filing, "%s", filing);
    return j;
}

static void a_job_is_one_workers_until_it_ends(void **state)
{
    struct store *s = open_with_offices();
    struct filing_row f = filing_of(s, "a");
    struct job_row j = job_of("a", f.id, "accession"), same = j, photos = job_of("a", f.id, "photos");
    struct job_row first, second, now;
    struct arena a = ARENA_INIT;
    char path[PATH_MAX];
    bool found;
    struct err e;

    (void)state;
    assert_done(store_add_job(s, &j, &e), e);
    assert_refused(store_add_job(s, &same, &e), e, ERR_CONFLICT);
    assert_done(store_claim_job(&first, &found, s, "w1", 2000, &a, &e), e);
    assert_true(found && first.state == JOB_WORKING && first.started == 2000);
    assert_done(store_claim_job(&second, &found, s, "w2", 2001, &a, &e), e);
    assert_false(found);
    first.total = 10;
    first.done = 4;
    assert_done(store_job_progress(s, &first, 2100, &e), e); /* prolongs the lease */
    assert_done(store_claim_job(&second, &found, s, "w2", 2000 + LEASE_SECONDS, &a, &e), e);
    assert_false(found);
    assert_done(store_claim_job(&second, &found, s, "w2", 2100 + LEASE_SECONDS, &a, &e), e);
    assert_true(found && second.fence > first.fence && second.started == 2000);
    assert_refused(store_job_progress(s, &first, 2300, &e), e, ERR_CONFLICT);
    store_job_file(path, sizeof path, s, second.id);
    assert_done(file_write(path, slice_of("x"), 0600, &e), e);
    second.state = JOB_DONE;
    second.report_json = "[]";
    assert_done(store_job_progress(s, &second, 2400, &e), e);
    assert_false(file_exists(path));
    assert_done(store_filing_job(&now, s, f.id, "accession", &a, &e), e);
    assert_true(now.state == JOB_DONE && now.ended == 2400 && now.done == 4);
    assert_string_equal(now.report_json, "[]");
    assert_refused(store_job_progress(s, &second, 2500, &e), e, ERR_CONFLICT); /* ended is ended */
    assert_refused(store_cancel_job(s, j.id, 2500, &e), e, ERR_CONFLICT);
    assert_done(store_add_job(s, &photos, &e), e);
    assert_done(store_cancel_job(s, photos.id, 2500, &e), e);
    assert_done(store_claim_job(&second, &found, s, "w2", 3000, &a, &e), e);
    assert_false(found);
    assert_done(store_filing_job(&now, s, f.id, NULL, &a, &e), e);
    assert_int_equal(now.state, JOB_CANCELLED);
    assert_refused(store_cancel_job(s, "nobody", 1, &e), e, ERR_NOT_FOUND);
    assert_refused(store_filing_job(&now, s, "nobody", NULL, &a, &e), e, ERR_NOT_FOUND);
    arena_dispose(&a);
    store_close(s);
}

static void a_job_that_is_cancelled_stops_its_worker(void **state)
{
    struct store *s = open_with_offices();
    struct job_row j = job_of(NULL, "", "photos"), now;
    struct arena a = ARENA_INIT;
    bool found;
    struct err e;

    (void)state;
    assert_done(store_add_job(s, &j, &e), e);
    assert_done(store_claim_job(&now, &found, s, "w", 2000, &a, &e), e);
    assert_true(found);
    assert_null(now.organisation);
    assert_done(store_cancel_job(s, j.id, 2001, &e), e);
    assert_refused(store_job_progress(s, &now, 2002, &e), e, ERR_CONFLICT);
    assert_done(store_job(&now, s, j.id, &a, &e), e);
    assert_string_equal(job_state_name(now.state), "cancelled");
    arena_dispose(&a);
    store_close(s);
}

static void jobs_take_turns_between_offices(void **state)
{
    struct store *s = open_with_offices();
    struct arena a = ARENA_INIT;
    struct job_row j, now;
    bool found;
    struct err e;

    (void)state;
    for (int i = 0; i < 3; i++) {
        j = job_of("a", filing_of(s, "a").id, "photos");
        assert_done(store_add_job(s, &j, &e), e);
    }
    j = job_of("b", filing_of(s, "b").id, "photos");
    assert_done(store_add_job(s, &j, &e), e);
    assert_done(store_claim_job(&now, &found, s, "w", 2000, &a, &e), e);
    assert_string_equal(now.organisation, "a");
    assert_done(store_claim_job(&now, &found, s, "w", 2000, &a, &e), e);
    assert_string_equal(now.organisation, "b");
    assert_done(store_claim_job(&now, &found, s, "w", 2000, &a, &e), e);
    assert_string_equal(now.organisation, "a");
    arena_dispose(&a);
    store_close(s);
}

static struct export_row export_of(const char *organisation, const char *list, int64_t created)
{
    struct export_row x = {.organisation = organisation,
                           .file_name = "证书.zip",
                           .list = slice_of(list),
                           .size = 77,
                           .files = 3,
                           .created = created,
                           .expires = created + EXPORT_DAYS * 86400};

    sha256(x.list_sha256, x.list);
    return x;
}

static void the_same_list_is_kept_once_for_seven_days(void **state)
{
    struct store *s = open_with_offices();
    struct export_row x = export_of("a", "list", 1000), same = export_of("a", "list", 2000);
    struct export_row other = export_of("a", "list 2", 2000), theirs = export_of("b", "list", 2000);
    struct export_row late = export_of("a", "list", 1000 + 6 * 86400), found, rows[8];
    struct arena a = ARENA_INIT;
    size_t count;
    struct err e;

    (void)state;
    assert_done(store_add_export(s, &x, &e), e);
    assert_done(store_add_export(s, &same, &e), e);
    assert_string_equal(same.id, x.id);
    assert_int_equal(same.created, 1000);
    assert_done(store_add_export(s, &other, &e), e);
    assert_string_not_equal(other.id, x.id);
    assert_done(store_add_export(s, &theirs, &e), e);
    assert_string_not_equal(theirs.id, x.id);
    assert_done(store_add_export(s, &late, &e), e);
    assert_string_not_equal(late.id, x.id); /* the first ends within a day */
    assert_done(store_export(&found, true, s, x.id, 1000, &a, &e), e);
    assert_true(slice_equal(found.list, slice_of("list")));
    assert_true(found.size == 77 && found.files == 3 && found.missing == 0);
    assert_done(store_export(&found, false, s, x.id, x.expires - 1, &a, &e), e);
    assert_int_equal(found.list.len, 0);
    assert_done(store_list_exports(rows, 8, &count, s, "a", 3000, &a, &e), e);
    assert_int_equal(count, 3);
    assert_string_equal(rows[0].id, late.id);
    assert_done(store_list_exports(rows, 8, &count, s, NULL, 3000, &a, &e), e);
    assert_int_equal(count, 4);
    assert_done(store_sweep(s, x.expires - 1, &e), e);
    assert_done(store_export(&found, false, s, x.id, x.expires - 1, &a, &e), e);
    assert_refused(store_export(&found, false, s, x.id, x.expires, &a, &e), e, ERR_NOT_FOUND);
    assert_done(store_sweep(s, x.expires, &e), e);
    assert_refused(store_export(&found, false, s, x.id, 1000, &a, &e), e, ERR_NOT_FOUND);
    assert_done(store_export(&found, false, s, late.id, x.expires, &a, &e), e);
    arena_dispose(&a);
    store_close(s);
}

static struct link_row link_of(const char *token)
{
    struct link_row l = {.kind = LINK_EXPORT,
                         .subject = "x",
                         .organisation = "a",
                         .actor = "k1",
                         .origins = "https://a.example",
                         .created = 1000,
                         .expires = 1600};

    sha256(l.token, slice_of(token));
    return l;
}

static void a_link_is_used_once_and_stays_its_browsers(void **state)
{
    struct store *s = open_with_offices();
    struct link_row l = link_of("t"), stale = link_of("stale"), found;
    const uint8_t browser[SHA256_SIZE] = {1}, another[SHA256_SIZE] = {2};
    struct arena a = ARENA_INIT;
    bool first;
    struct err e;

    (void)state;
    assert_done(store_add_link(s, &l, &e), e);
    assert_refused(store_add_link(s, &l, &e), e, ERR_CONFLICT);
    assert_done(store_add_link(s, &stale, &e), e);
    assert_done(store_link(&found, s, l.token, 1599, &a, &e), e);
    assert_true(found.kind == LINK_EXPORT && found.used == 0 && found.entry == NULL);
    assert_string_equal(found.origins, "https://a.example");
    assert_done(store_use_link(s, l.token, browser, 1599, &first, &e), e);
    assert_true(first);
    assert_done(store_use_link(s, l.token, another, 1599, &first, &e), e);
    assert_false(first);
    assert_done(store_link(&found, s, l.token, 1600 + 86400, &a, &e), e); /* its browser goes on */
    assert_int_equal(found.used, 1599);
    assert_memory_equal(found.browser, browser, SHA256_SIZE);
    assert_refused(store_link(&found, s, stale.token, 1600, &a, &e), e, ERR_NOT_FOUND);
    assert_done(store_use_link(s, stale.token, browser, 1600, &first, &e), e);
    assert_false(first);
    assert_done(store_sweep(s, 1600 + 86400, &e), e);
    assert_refused(store_link(&found, s, stale.token, 1000, &a, &e), e, ERR_NOT_FOUND);
    assert_done(store_link(&found, s, l.token, 1600 + 86400, &a, &e), e);
    assert_done(store_sweep(s, 1599 + EXPORT_DAYS * 86400, &e), e);
    assert_refused(store_link(&found, s, l.token, 1000, &a, &e), e, ERR_NOT_FOUND);
    arena_dispose(&a);
    store_close(s);
}

struct user {
    pthread_t thread;
    int firsts, errors;
};

static void *use_links(void *arg)
{
    struct user *u = arg;
    const uint8_t browser[SHA256_SIZE] = {3};
    struct store *s;
    struct err e;

    if (store_open(&s, dir, false, &e) != 0) {
        u->errors++;
        return NULL;
    }
    for (int i = 0; i < 50; i++) {
        char token[8];
        struct link_row l;
        bool first = false;

        (void)snprintf(token, sizeof token, "t%d", i);
        l = link_of(token);
        u->errors += store_use_link(s, l.token, browser, 1001, &first, &e) != 0;
        u->firsts += first;
    }
    store_close(s);
    return NULL;
}

static void of_two_that_use_a_link_at_once_one_is_first(void **state)
{
    struct store *s = open_with_offices();
    struct user users[2] = {{.firsts = 0}};
    struct err e;

    (void)state;
    for (int i = 0; i < 50; i++) {
        char token[8];
        struct link_row l;

        (void)snprintf(token, sizeof token, "t%d", i);
        l = link_of(token);
        assert_done(store_add_link(s, &l, &e), e);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&users[i].thread, NULL, use_links, &users[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(users[i].thread, NULL), 0);
    assert_int_equal(users[0].errors + users[1].errors, 0);
    assert_int_equal(users[0].firsts + users[1].firsts, 50);
    store_close(s);
}

static void a_session_ends_when_idle_too_old_or_without_its_key(void **state)
{
    struct store *s = open_with_offices();
    struct api_key key = {.id = "k1", .name = "n", .organisation = "a", .scopes = "filings", .created = 1};
    struct session_row r = {.key_id = "k1", .form_token = "f", .created = 100000, .seen = 100000}, found;
    int64_t now = 100000;
    struct err e;

    (void)state;
    assert_done(store_put_key(s, &key, &e), e);
    r.token[0] = 5;
    assert_done(store_add_session(s, &r, &e), e);
    assert_done(store_session(&found, s, r.token, now, &e), e);
    assert_string_equal(found.form_token, "f");
    assert_refused(store_session(&found, s, r.token, now + SESSION_IDLE_SECONDS, &e), e, ERR_NOT_FOUND);
    for (; now < 100000 + SESSION_SECONDS; now += SESSION_IDLE_SECONDS - 1) /* seen in time, each time */
        assert_done(store_session(&found, s, r.token, now, &e), e);
    assert_refused(store_session(&found, s, r.token, 100000 + SESSION_SECONDS, &e), e, ERR_NOT_FOUND);
    r.token[0] = 6;
    r.created = r.seen = now;
    assert_done(store_add_session(s, &r, &e), e);
    assert_done(store_session(&found, s, r.token, now + 30, &e), e);
    assert_done(store_session(&found, s, r.token, now + 59, &e), e);
    assert_int_equal(found.seen, now); /* written once a minute at most */
    assert_done(store_revoke_key(s, "k1", now + 60, &e), e);
    assert_refused(store_session(&found, s, r.token, now + 60, &e), e, ERR_NOT_FOUND);
    r.token[0] = 7;
    r.key_id[0] = 'x'; /* no such key */
    assert_done(store_add_session(s, &r, &e), e);
    assert_refused(store_session(&found, s, r.token, now, &e), e, ERR_NOT_FOUND);
    assert_done(store_end_session(s, r.token, &e), e);
    assert_done(store_end_session(s, r.token, &e), e);
    store_close(s);
}

static int64_t rows_of(struct store *s, const char *sql)
{
    sqlite3_stmt *q = NULL;
    int64_t value;

    assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    value = sqlite3_column_int64(q, 0);
    (void)sqlite3_finalize(q);
    return value;
}

static void sweeping_takes_what_has_expired_and_nothing_else(void **state)
{
    struct store *s = open_with_offices();
    struct job_row j = job_of("a", "", "photos");
    struct session_row r = {.key_id = "k", .form_token = "f", .created = 1000, .seen = 1000};
    char path[PATH_MAX];
    struct err e;

    (void)state;
    (void)filing_in_queue(s, "a", "A", 3, NULL);
    (void)person_of(s, "a", "张三");
    assert_done(store_add_job(s, &j, &e), e);
    store_job_file(path, sizeof path, s, j.id);
    assert_done(file_write(path, slice_of("x"), 0600, &e), e);
    assert_done(store_add_session(s, &r, &e), e);
    assert_done(store_execute(s, "INSERT INTO progress VALUES ('f', 1000, 1), ('f', 1059, 1)", &e), e);
    assert_done(store_sweep(s, 1060, &e), e);
    assert_int_equal(rows_of(s, "SELECT count(*) FROM progress"), 1);
    assert_true(file_exists(path)); /* it waits still */
    assert_done(store_begin(s, &e), e);
    assert_done(store_cancel_job(s, j.id, 1061, &e), e);
    assert_true(file_exists(path)); /* not before it is certain */
    assert_done(store_commit(s, &e), e);
    assert_done(store_sweep(s, 1062, &e), e);
    assert_false(file_exists(path));
    assert_int_equal(rows_of(s, "SELECT count(*) FROM sessions"), 1);
    assert_done(store_sweep(s, 1000 + SESSION_IDLE_SECONDS, &e), e);
    assert_done(store_sweep(s, 1000 + SESSION_IDLE_SECONDS, &e), e);
    assert_int_equal(rows_of(s, "SELECT count(*) FROM sessions"), 0);
    assert_int_equal(rows_of(s, "SELECT count(*) FROM jobs"), 1);
    assert_int_equal(rows_of(s, "SELECT count(*) FROM entries"), 3);
    assert_int_equal(rows_of(s, "SELECT count(*) FROM persons"), 1);
    assert_int_equal(rows_of(s, "SELECT count(*) FROM filing_events"), 2);
    store_close(s);
}

static void the_inbox_is_its_owners_only(void **state)
{
    struct stat st;
    char path[128];

    (void)state;
    store_close(open_with_offices());
    (void)snprintf(path, sizeof path, "%s/inbox", dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void a_key_keeps_the_pages_that_may_embed(void **state)
{
    struct store *s = open_with_offices();
    struct api_key key = {.id = "k1",
                          .name = "n",
                          .organisation = "a",
                          .scopes = "filings",
                          .origins = "https://a.example https://b.example"},
                   back;
    struct arena a = ARENA_INIT;
    struct err e;

    (void)state;
    assert_done(store_put_key(s, &key, &e), e);
    assert_done(store_key(&back, s, "k1", &a, &e), e);
    assert_string_equal(back.origins, key.origins);
    arena_dispose(&a);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIRECTORY(a_person_is_an_offices_own_or_everybodys),
        WITH_DIRECTORY(a_persons_photo_reaches_every_entry_that_has_no_certificate),
        WITH_DIRECTORY(the_photo_of_a_person_of_all_serves_an_offices_own_record_without_one),
        WITH_DIRECTORY(a_photo_sent_for_an_entry_is_not_made_that_of_a_person_of_all),
        WITH_DIRECTORY(a_job_is_one_workers_until_it_ends),
        WITH_DIRECTORY(a_job_that_is_cancelled_stops_its_worker),
        WITH_DIRECTORY(jobs_take_turns_between_offices),
        WITH_DIRECTORY(the_same_list_is_kept_once_for_seven_days),
        WITH_DIRECTORY(a_link_is_used_once_and_stays_its_browsers),
        WITH_DIRECTORY(of_two_that_use_a_link_at_once_one_is_first),
        WITH_DIRECTORY(a_session_ends_when_idle_too_old_or_without_its_key),
        WITH_DIRECTORY(sweeping_takes_what_has_expired_and_nothing_else),
        WITH_DIRECTORY(the_inbox_is_its_owners_only),
        WITH_DIRECTORY(a_key_keeps_the_pages_that_may_embed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
