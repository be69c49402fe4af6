/* work_internal.h - the pieces of work that a workbench does, and what they share. */
#pragma once
#include "filing/filing_internal.h"
#include "filing/workshop.h"

/* --- an entry and its order: making.c --- */

/* The order for the entry's certificate as it is now; a new reference. moment: of the accession, whose day is
 * the day of issue where the filing names none. Texts that it needs are the arena's. */
MUST_CHECK int making_order(json_t **order, const struct filing_row *f, const struct entry_row *r,
                            const char *biz_no, int64_t moment, struct arena *a, struct err *e);
/* The entry's photo as it is printed. ERR_INVALID at "/photo" where there is none to be had. */
MUST_CHECK int making_photo(struct buf *out, struct store *s, const struct entry_row *r, struct arena *a,
                            struct err *e);
/* "glyph", "photo", "signer", ...: which fault this is. */
const char *making_fault_code(const struct err *why);
/* How long an entry waits after it has failed so many times before; -1: it has failed for good. */
int64_t making_pause(unsigned attempts);

/* --- the job "accession": accession.c --- */

/* A claimed job with its place in the list. */
struct accession_task;
/* s is the issuer's store; i and job are borrowed. */
MUST_CHECK int accession_open(struct accession_task **out, struct issuer *i, const struct job_row *job,
                              struct err *e);
/* Checks the next rows, or numbers all of them, or says that everything is made. *ended: the job is not this
 * worker's work any more, whatever its row says. ERR_CONFLICT: somebody else has it, or it was cancelled.
 * Other errors are outages: the step may be tried again. */
MUST_CHECK int accession_step(bool *ended, struct accession_task *t, int64_t now, struct err *e);
void accession_close(struct accession_task *t);
/* Ends the filing's job where its last entry has been made, and nothing waits in the queue. */
MUST_CHECK int accession_finish(struct store *s, const char *filing, int64_t now, struct err *e);

/* --- the bench: workbench.c --- */

/* Another clock, for tests. */
void workbench_set_clock(struct workbench *b, int64_t (*now)(void));
/* What stops the making at this moment, or ERR_NONE. */
void workbench_outage(struct err *out, const struct workbench *b);
/* Gives back the memory that only work needs. */
void workbench_rest(struct workbench *b);
/* The bench's store; NULL before it could be opened. */
struct store *workbench_store(struct workbench *b);

/* --- names of workers: workers.c --- */

/* The part that all benches of this process have in common. */
void worker_name_prefix(char out[WORKER_NAME_MAX]);
/* Gives back what workers of this machine held whose process has ended. */
MUST_CHECK int workers_bury(struct store *s, int64_t now, struct err *e);
