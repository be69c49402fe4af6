/* filing_internal.h - what the files of this room share. */
#pragma once
#include "filing/filing.h"

/* The refusal to change a filing that is not open, with the reason of its rights; returns -1. */
int filing_closed(struct err *e, const struct filing_rights *rights);

/* --- archives of photos: photo_archive.c works, the workshop calls --- */

/* A claimed job of kind "photos" with its archive open. */
struct photo_task;
/* -1: an outage (ERR_UNAVAILABLE, ERR_NO_MEMORY); an archive that is no good ends the job at the first step.
 * job's texts are borrowed, its fence is that of the claim. s may be another one at each step. */
MUST_CHECK int photo_task_open(struct photo_task **out, struct store *s, const struct job_row *job,
                               struct err *e);
/* Some pictures (a second's work at most), kept together in one transaction with the job's progress, which
 * prolongs its lease. *ended: the job's row says how it ended, and its file is gone. ERR_CONFLICT: somebody
 * else has the job by now, or it was cancelled; close the task. Other errors are outages: the same step may
 * be tried again, nothing of it was kept. */
MUST_CHECK int photo_task_step(bool *ended, struct photo_task *t, struct store *s, photo_opener *open,
                               void *arg, int64_t now, struct err *e);
void photo_task_close(struct photo_task *t); /* NULL is fine */
