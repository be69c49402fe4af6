/* store_filing_fixture.h - people, filings and entries in a store of store_fixture.h. */
#pragma once
#include "store/filings.h"
#include "store/jobs.h"
#include "store/persons.h"
#include "unit/store_fixture.h"

/* A filing of that organisation ("a" with issuer "b", or the other way round) that is being edited. */
static inline struct filing_row filing_of(struct store *s, const char *organisation)
{
    bool a = strcmp(organisation, "a") == 0;
    struct filing_row f = {.organisation = organisation,
                           .profile = a ? "p" : "q",
                           .issuer = a ? "b" : "a",
                           .name = "2025年度评审",
                           .approval_no = "皖人社〔2025〕8号",
                           .type = "评审",
                           .year = 2025,
                           .created = 1000};
    struct err e;

    assert_done(store_add_filing(s, &f, &e), e);
    return f;
}

static inline void move(struct store *s, const char *filing, const char *event)
{
    struct filing_event ev = {.moment = 2000, .filing = filing, .event = event, .actor = "k1"};
    struct err e;

    assert_done(store_move_filing(s, &ev, NULL, &e), e);
}

static inline void put_photo(struct store *s, const char *id)
{
    struct upload u = {.organisation = "a", .crop_json = "{}", .media_type = "image/jpeg", .created = 1};
    struct err e;

    (void)snprintf(u.id, sizeof u.id, "%s", id);
    u.photo[0] = 7;
    sha256(u.original, slice_of(id));
    assert_done(store_put_upload(s, &u, slice_of(id), slice_of("jpeg"), &e), e);
}

/* Row n of the filing, whose person has the document number 340000+n. */
static inline struct entry_row entry_of(struct store *s, const struct filing_row *f, unsigned n,
                                        const char *photo)
{
    struct entry_row r = {.serial = n, .name = "张三", .id_type = "居民身份证", .data_json = "{}"};
    char number[32];
    struct err e;

    (void)snprintf(number, sizeof number, "340000%08u", n);
    r.id_number = number;
    memcpy(r.filing, f->id, sizeof r.filing);
    (void)snprintf(r.photo_id, sizeof r.photo_id, "%s", photo == NULL ? "" : photo);
    assert_done(store_add_entry(s, &r, 1500, &e), e);
    r.id_number = NULL; /* was of this function */
    return r;
}

/* A filing with rows 1 to count, approved and numbered N<prefix>1...; queued where there is a photo. */
static inline struct filing_row filing_in_queue(struct store *s, const char *organisation, const char *prefix,
                                                unsigned count, const char *photo)
{
    struct filing_row f = filing_of(s, organisation);
    struct entry_row *rows = calloc(count, sizeof *rows);
    char number[48];
    struct err e;

    assert_non_null(rows);
    assert_done(store_begin(s, &e), e);
    for (unsigned n = 0; n < count; n++)
        rows[n] = entry_of(s, &f, n + 1, photo);
    move(s, f.id, "submitted");
    move(s, f.id, "passed");
    for (unsigned n = 0; n < count; n++) {
        (void)snprintf(number, sizeof number, "N%s%u", prefix, n + 1);
        assert_done(store_number_entry(s, rows[n].id, f.issuer, number, 2500, &e), e);
    }
    assert_done(store_set_accession(s, f.id, ACCESSION_DONE, 2500, NULL, &e), e);
    assert_done(store_commit(s, &e), e);
    free(rows);
    return f;
}

static inline uint64_t count_of(struct store *s, const char *filing, enum entry_state state)
{
    uint64_t counts[ENTRY_STATES];
    struct err e;

    assert_done(store_count_entries(counts, s, filing, &e), e);
    return counts[state];
}
