/* issue_internal.h - a certificate on its way through the journal, shared by the single way and the batch. */
#pragma once
#include "issue/issue.h"
#include "issue/sealing.h"
#include "records/number.h"
#include "records/order.h"
#include "store/config.h"
#include <limits.h>

/* What a certificate at work needs room for; kept from one to the next. */
struct slot {
    struct arena arena;
    struct buf pdf;
};

/* A counter whose serials the signer's log knows of up to this one. */
struct noted {
    char counter[NUMBER_MAX + 1];
    uint64_t serial, used;
};
enum { NOTED_MAX = 64 };

struct issuer {
    char data_dir[PATH_MAX];
    struct config config;
    struct press *press;
    struct signer *signer;
    struct store *store;
    struct seal_rack *rack;
    struct trust *trust;
    int lock;
    void (*watch)(void *arg, enum issue_stage stage);
    void *watch_arg;
    struct slot slots[ISSUE_BATCH_MAX]; /* of the certificates at work; a single one takes the first */
    const char *service_seal;
    struct arena settings;
    struct noted noted[NOTED_MAX];
    uint64_t notes;
    struct known_profile *known; /* of issue_check() */
};

/* What one certificate is made from. */
struct job {
    struct issuer *i;
    struct slot *slot;
    struct arena *a;                     /* the slot's */
    const struct issue_request *request; /* NULL where a row is resumed without one */
    bool locked;
    const char *fixed_number; /* an entry's, or that of the certificate that is corrected; NULL: none */
    struct certificate_order order;
    struct profile profile;
    struct organisation issuer, committee;
    bool has_committee;
    const struct template *template;
    struct seal_plan_of_certificate plan;
    struct certificate_row row;
    json_t *record; /* owned */
    struct print_order print;
    struct pages pages;
    struct slice photo;
    struct buf stored_photo; /* of a row that is resumed */
    int64_t now;
};

void issue_reached(struct issuer *i, enum issue_stage stage);

/* An empty job in slot number `slot`, whose last answer ends here. */
void job_begin(struct job *j, struct issuer *i, size_t slot, int64_t now);
void job_end(struct job *j); /* gives the lock back */

/* Everything about the order itself: order, photo, profile, days, and what it replaces. Every fault goes to
 * faults; nothing is written. An order that was taken before by the rules of that day passes. */
MUST_CHECK int job_check(struct job *j, const struct issue_request *r, struct faults *faults, struct err *e);
/* The photo alone, and the profile: one that is not there, or another organisation's, goes to faults. */
MUST_CHECK int job_check_photo(struct job *j, struct slice photo, struct err *e);
MUST_CHECK int job_check_profile(struct job *j, struct faults *faults, struct err *e);
void job_check_days(const struct job *j, struct faults *faults);
/* Says whether a second order with the same biz_no asks for the same certificate. */
MUST_CHECK int job_hash(uint8_t hash[SHA256_SIZE], const struct job *j, const char *template_name,
                        struct err *e);
/* The row of an earlier order with this biz_no; *found. */
MUST_CHECK int job_find_earlier(struct certificate_row *row, bool *found, struct job *j, struct err *e);
/* Offices and template of an order that is new. */
MUST_CHECK int job_find_parties(struct job *j, struct err *e);
/* ERR_CONFLICT where the certificate that is to be replaced is not valid any more. */
MUST_CHECK int job_check_replaced(struct job *j, struct err *e);
/* Asks the signer about every seal. */
MUST_CHECK int job_plan_seals(struct job *j, struct err *e);

/* ERR_UNAVAILABLE while nothing may be issued; asked inside the transaction that reserves. */
MUST_CHECK int issuer_check_open(struct issuer *i, struct err *e);
/* Gives the row its id and token and takes its lock. folder: first byte of the id, which names its folder, or
 * NULL for any. */
MUST_CHECK int job_identify(struct job *j, const uint8_t *folder, struct err *e);
/* The record with this number in it. */
MUST_CHECK int job_make_record(struct job *j, const char *number, struct err *e);
struct number_parts job_number_parts(const struct job *j);
/* Chooses a number and lays the certificate out with it, unless that was done with this very number. */
MUST_CHECK int job_prepare_number(struct job *j, char counter[NUMBER_MAX + 1], uint64_t *serial,
                                  struct err *e);
/* Writes photo, reserved row and serial; inside a transaction. ERR_CONFLICT leaves no serial used. */
MUST_CHECK int job_write_row(struct job *j, const char *counter, uint64_t serial, struct err *e);
/* Reserves number and row in a transaction of its own. *lost: another process took the biz_no meanwhile. */
MUST_CHECK int job_reserve(struct job *j, bool *lost, struct err *e);

/* Before a transaction commits that gives this serial out: sees to it that the signer's log knows (serial.c).
 */
MUST_CHECK int issuer_note_serial(struct issuer *i, const char *counter, uint64_t serial, struct err *e);

/* Pages of the row: everything that the data can spoil is found here. */
MUST_CHECK int job_lay_out(struct job *j, struct err *e);
/* Prints, signs and verifies: slot->pdf is the finished file, the row has its size and sums. */
MUST_CHECK int job_make(struct job *j, struct err *e);
/* Everything after the reservation. The row's lock is held. */
MUST_CHECK int job_finish(struct job *j, struct err *e);

/* j->record, as it was reserved. */
MUST_CHECK int job_recall_record(struct job *j, struct err *e);
/* The name of the office in that role, as recorded; NULL where there is none. */
MUST_CHECK int job_recorded_office(const char **name, struct job *j, const char *role, struct err *e);
/* Carries on where a crash or an outage left j->row. Its lock is held. */
MUST_CHECK int job_resume(struct job *j, struct err *e);

/* Of a certificate that was just made, and of one that was issued before. */
MUST_CHECK int job_answer(struct issue_answer *out, struct job *j, struct err *e);
MUST_CHECK int job_answer_stored(struct issue_answer *out, struct job *j, struct err *e);

void known_profile_free(struct known_profile *k);

/* issue_certificate() in that slot. */
MUST_CHECK int issue_in_slot(struct issue_answer *out, struct issuer *i, size_t slot,
                             const struct issue_request *r, struct faults *faults, struct err *e);
