/* recover_internal.h - what is known so far while a directory is made safe. */
#pragma once
#include "backup/backup_internal.h"
#include "base/arena.h"
#include "records/number.h"
#include "sign/verify.h"
#include "store/counters.h"
#include "store/store.h"

struct counter {
    char text[NUMBER_MAX + 1];
    uint64_t last; /* given out, as far as anybody knows */
};

struct recovery {
    const char *data_dir;
    struct store *store;
    struct trust *trust;
    struct recover_report *report;
    int64_t now;
    struct arena a;
    struct profile *profiles;
    size_t profile_count;
    struct counter *counters;
    size_t counter_count, counter_room;
    char last_use[CERTIFICATE_ID_SIZE]; /* of the signer's log */
};

/* A number that is out: its counter goes on behind it. */
void recovery_raise(struct recovery *r, const char *number);
/* Every file below files/ that the database knows nothing of, or only as reserved (found_files.c). */
MUST_CHECK int recovery_look_at_files(struct recovery *r, struct err *e);
