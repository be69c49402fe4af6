/* caretaker.h - pieces of the caretaker that tests try one by one; app.h has its front. */
#pragma once
#include "api/app.h"

enum { CHAIN_WARNING_DAYS = 90 };

/* disk, disk_free and the problem there is with less than so many bytes. */
void caretaker_judge_disk(struct health *h, const char *data_dir, uint64_t least);
/* A problem where chain_ends is past or near. */
void caretaker_judge_chain(struct health *h, int64_t now);
/* The first end of any certificate of the seal's chain. */
MUST_CHECK int caretaker_chain_end(int64_t *out, const char *data_dir, const char *seal_id, struct err *e);
/* How many files to check in one tick. */
size_t caretaker_checks_due(uint64_t issued);
/* Checks one stored file; a line in the log where it is not what it was at the last check. */
MUST_CHECK int caretaker_check_row(struct store *s, const struct certificate_row *row, int64_t now,
                                   struct err *e);
