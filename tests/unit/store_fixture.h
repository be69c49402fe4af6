/* store_fixture.h - a store in a directory of its own, with one office, one profile and one photo, for tests.
 */
#pragma once
#include "base/file.h"
#include "store/store.h"
#include "store/store_internal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];

static inline int make_directory(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/store_test.XXXXXX");
    return mkdtemp(dir) == NULL ? -1 : 0;
}

static inline int remove_directory(void **state)
{
    char command[96];

    (void)state;
    (void)snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command); /* NOLINT(cert-env33-c): a path of our own making */
}

#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

/* The error in the message, so that a failure says why. */
#define assert_done(call, e)                                                                                 \
    do {                                                                                                     \
        if ((call) != 0)                                                                                     \
            fail_msg("%s: %s (%s)", #call, (e).en, (e).detail);                                              \
    } while (0)
#define assert_refused(call, e, why)                                                                         \
    do {                                                                                                     \
        assert_int_equal((call), -1);                                                                        \
        assert_int_equal((e).code, why);                                                                     \
    } while (0)

static inline void put_offices(struct store *s)
{
    static const struct organisation office = {.id = "a", .name = "甲厅", .printed_name = "甲|厅"},
                                     other = {.id = "b", .name = "乙厅"};
    static const struct profile profile = {"p",       "配置", "a",  "a",  NULL, "certificate",
                                           "{seq:6}", "YB",   "34", "00", NULL},
                                profile_of_b = {"q",       "配置", "b",  "b",  NULL, "certificate",
                                                "{seq:6}", "YB",   "34", "00", NULL};
    struct err e;

    assert_done(store_begin(s, &e), e);
    assert_done(store_put_organisation(s, &office, &e), e);
    assert_done(store_put_organisation(s, &other, &e), e);
    assert_done(store_put_profile(s, &profile, &e), e);
    assert_done(store_put_profile(s, &profile_of_b, &e), e);
    assert_done(store_put_photo(s, (const uint8_t[SHA256_SIZE]){7}, slice_of("jpeg"), &e), e);
    assert_done(store_commit(s, &e), e);
}

static inline struct store *open_with_offices(void)
{
    struct store *s;
    struct err e;

    assert_done(store_open(&s, dir, true, &e), e);
    put_offices(s);
    return s;
}

/* Row n: everything about it follows from n. Texts live in the two buffers. */
struct sample {
    struct certificate_row row;
    char text[40], record[160];
};

static inline struct certificate_row *sample_make(struct sample *m, unsigned n)
{
    struct certificate_row *row = &m->row;

    *row = (struct certificate_row){
        .organisation = "a", .profile = "p", .issuer = "a", .template_name = "certificate"};
    (void)snprintf(row->id, sizeof row->id, "%032x", n);
    (void)snprintf(row->token, sizeof row->token, "token-%u", n);
    (void)snprintf(m->text, sizeof m->text, "N%u", n);
    (void)snprintf(m->record, sizeof m->record, "{\"name\":\"姓名%u\",\"id_number\":\"ID%u\",\"year\":%u}",
                   n % 3, n, 2020 + n % 5);
    row->biz_no = row->number = m->text;
    row->order_json = "{}";
    row->record_json = m->record;
    row->photo[0] = 7;
    row->created = 1000;
    row->issued = 2000;
    row->file_size = 5;
    row->file_sha256[0] = (uint8_t)n;
    row->file_sha256[1] = (uint8_t)(n >> 8);
    row->file_sha256[2] = 1;
    row->seals_json = "[]";
    row->actor = "command line";
    return row;
}

static inline void issue_sample(struct store *s, unsigned n)
{
    struct sample m;
    struct err e;

    (void)sample_make(&m, n);
    assert_done(store_reserve(s, &m.row, &e), e);
    assert_done(store_issued(s, &m.row, &e), e);
}
