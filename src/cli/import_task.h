/* import_task.h - sealpress import between its two processes and its files: import.c reads the input as
 * whoever called and holds the signer, import_work.c does the work as the server's user, import_show.c tells.
 */
#pragma once
#include "base/buf.h"
#include "cli/cli.h"
#include "filing/filing.h"
#include "sign/signer.h"
#include <stdint.h>

struct import_task {
    const char *data_dir;
    const char *filing_path, *entries_path, *photos_path, *document_path;
    const char *old_path, *profile; /* 历史证书 instead of a filing */
    bool check, partial, draft, approved, json;

    struct buf filing, entries, document;
    int photos; /* the archive, or -1 */
    uint64_t photos_size;
    struct signer_identity who;
};

/* The worker: returns the exit status. signer may be NULL where nothing is approved. */
int import_work(const struct import_task *t);

/* What became of a filing, for printing. */
struct import_outcome {
    struct filing_row filing;
    bool listed; /* report is there */
    struct import_report report;
    bool has_photos;
    struct job_row photos; /* of the archive */
    struct filing_progress progress;
    const struct entry_row *failed; /* some of them */
    size_t failed_count;
};
/* Rows at fault as a table on standard error. */
void import_show_faults(const struct import_report *r);
/* The line that is written over; *shown_ms keeps how often. */
void import_show_progress(const struct import_outcome *o, const struct job_row *job, const struct err *halt);
MUST_CHECK int import_show(const struct import_task *t, const struct import_outcome *o, struct err *e);
