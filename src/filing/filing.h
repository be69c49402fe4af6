/* filing.h - an approval filing on its way: a list comes in and is checked, an office of its own passes it,
 * every row gets its number at 入库, photos find their rows.
 *
 * Who may do what: the organiser makes, fills, submits and accessions; the issuing authority, another
 * organisation, passes or returns, and may accession, too. An actor of all organisations (a key "*", the
 * command line) may do the organiser's part for it; passing needs an actor of the issuing authority itself,
 * or of the command line that names it. */
#pragma once
#include "image/photo.h"
#include "issue/issue.h"
#include "records/entry.h"
#include "records/filing.h"
#include "spreadsheet/spreadsheet.h"
#include "store/filings.h"
#include "store/jobs.h"
#include "store/persons.h"

/* Who acts. */
struct filing_actor {
    const char *id;           /* of a key, or "command line" */
    const char *organisation; /* NULL: all of them */
    int64_t now;
};

/* Adds a filing that is being edited: finds profile, issuer and committee, checks that organiser and issuer
 * are two. Faults by JSON pointer. *out's texts are the arena's. */
MUST_CHECK int filing_create(struct filing_row *out, struct store *s, const struct filing_order *o,
                             const struct filing_actor *who, struct faults *faults, struct arena *a,
                             struct err *e);
/* What filing_create() would add, with everything found and checked: nothing is written, id is "". */
MUST_CHECK int filing_plan(struct filing_row *out, struct store *s, const struct filing_order *o,
                           const struct filing_actor *who, struct faults *faults, struct arena *a,
                           struct err *e);
/* Changes what is being edited or was returned. */
MUST_CHECK int filing_change(struct filing_row *out, struct store *s, const char *id,
                             const struct filing_order *o, const struct filing_actor *who,
                             struct faults *faults, struct arena *a, struct err *e);
/* ERR_NOT_FOUND, also for a filing that this actor may not see. */
MUST_CHECK int filing_find(struct filing_row *out, struct store *s, const char *id,
                           const struct filing_actor *who, struct arena *a, struct err *e);

/* What this actor may do with it now; for buttons, and asked by the moves themselves. */
struct filing_rights {
    bool edit, submit, decide, accession, remove, upload_photos, manage;
    const char *why_zh, *why_en; /* of the first thing one would expect and may not do, or NULL */
};
void filing_rights(struct filing_rights *out, const struct filing_row *f, const struct filing_actor *who);

/* submit needs an approval document and at least one entry. pass makes the issuer's grant for this filing at
 * the signer (where the issuer has a seal): to "filing-<id>", count enough for its entries, unless the seal's
 * operator lets no grants be given and has granted the profile itself. reason: the opinion; return needs one.
 */
MUST_CHECK int filing_submit(struct store *s, const char *id, const struct filing_actor *who, struct err *e);
MUST_CHECK int filing_pass(struct store *s, struct signer *signer, const char *id, const char *reason,
                           const struct filing_actor *who, struct err *e);
MUST_CHECK int filing_return(struct store *s, const char *id, const char *reason,
                             const struct filing_actor *who, struct err *e);
/* 入库: makes the job that checks every row, gives numbers in row order, and makes the certificates. The same
 * call again finds the same job. ERR_CONFLICT unless approved. ERR_UNAVAILABLE: the queue is full. */
MUST_CHECK int filing_accession(char job[CERTIFICATE_ID_SIZE], struct store *s, const char *id,
                                const struct filing_actor *who, struct err *e);
MUST_CHECK int filing_pause(struct store *s, const char *id, bool paused, const struct filing_actor *who,
                            struct err *e);
/* entry NULL: all that failed. */
MUST_CHECK int filing_retry(size_t *count, struct store *s, const char *id, const char *entry,
                            const struct filing_actor *who, struct err *e);
/* 核减 */
MUST_CHECK int filing_remove_entry(struct store *s, const char *id, const char *entry, const char *reason,
                                   const struct filing_actor *who, struct err *e);

/* 更正 after 入库: changes (members of entry JSON, old and new kept in the event), with the ground and who
 * approved it. Before a certificate was made the entry changes; afterwards the certificate's next version is
 * made under the same number, until its file was first handed out: then ERR_CONFLICT says to reissue
 * (补换证). issuer may be NULL where no certificate is there yet. */
struct correction {
    const json_t *changes; /* {"name": ..., "title": ...} */
    const char *reason, *approver, *document;
};
MUST_CHECK int filing_correct(struct issuer *i, struct store *s, const char *id, const char *entry,
                              const struct correction *c, const struct filing_actor *who,
                              struct faults *faults, struct err *e);

/* --- the list: import.c --- */

enum { QUEUE_MAX = 500000 }; /* entries that wait, in all */

struct import_order {
    const char *filing;
    const struct filing_row *plan; /* instead of filing, with check_only: one that is not kept; else NULL */
    struct slice packed;           /* sheet_pack() */
    bool check_only;               /* nothing is written */
    bool partial;                  /* good rows are taken although others are bad */
    bool replace;                  /* the list there was goes */
};
struct import_report {
    size_t rows, good, imported;
    struct row_faults faults;
    size_t with_photo; /* people who have one already */
};
/* Reads, checks (records/entry.h; the same person or 序号 twice, in the file or the filing; every certificate
 * laid out as it would be printed, i may be NULL: not) and, unless anything is wrong, adds all rows in one
 * transaction; people are brought up to date, and those who have a photo bring it. 0 with errors in the
 * report is no failure: nothing was written then (unless partial). ERR_* where the file is no list at all, or
 * the filing takes none. */
MUST_CHECK int filing_import(struct import_report *out, struct store *s, struct issuer *i,
                             const struct import_order *o, const struct filing_actor *who, struct arena *a,
                             struct err *e);
/* The report for the API; new reference, NULL without memory. rows_at_fault: "errors" and "warnings" as
 * arrays of {row, column, value, problem, advice}. */
json_t *import_report_json(const struct import_report *r, bool english);
/* The workbook to fill in (DOMAIN: 名单模板), and the rows at fault as one. */
MUST_CHECK int import_workbook(struct buf *out, const struct series_list *series, struct err *e);
MUST_CHECK int import_faults_workbook(struct buf *out, const struct row_faults *faults, struct err *e);

/* 历史证书: the same columns, with 证书编号(历史) required and 发证日期, 批复文号, 发证机关 as further ones;
 * entered by the issuing authority
 * itself (or the operator), each row becomes a record in the register of that profile's organisation, valid,
 * number verbatim. All or nothing as above. */
MUST_CHECK int filing_import_old(struct import_report *out, struct store *s, const char *profile,
                                 const struct import_order *o, const struct filing_actor *who,
                                 struct arena *a, struct err *e);

/* --- photos: photos.c --- */

/* A picture as it was sent, looked at and cropped by whoever may open it (a helper process). */
typedef int photo_opener(void *arg, struct slice picture, const struct photo_crop *crop, struct buf *jpeg,
                         struct photo_report *report, struct err *e);

/* The crop as it was asked for, in the arena: by it and the original a second upload is known to be the same,
 * so this text stays as it is from one version to the next. */
MUST_CHECK int filing_crop_text(const char **out, const struct photo_crop *crop, struct arena *a,
                                struct err *e);
/* Keeps picture and crop as an upload and makes it the entry's photo; queues the entry if it waits. upload_id
 * gets the upload's id. */
MUST_CHECK int filing_take_photo(char upload_id[CERTIFICATE_ID_SIZE], struct store *s, const char *entry,
                                 struct slice picture, const struct photo_crop *crop, photo_opener *open,
                                 void *arg, const struct filing_actor *who, struct err *e);
/* A picture that was looked at and cropped already, and how. */
struct opened_photo {
    struct slice picture, jpeg;
    const struct photo_crop *crop;
    const struct photo_report *report;
};
/* Keeps it as an upload of that organisation; it is nobody's photo yet. */
MUST_CHECK int filing_keep_photo(char upload_id[CERTIFICATE_ID_SIZE], struct store *s,
                                 const char *organisation, const struct opened_photo *p, int64_t now,
                                 struct err *e);
/* Keeps it and makes it the photo of the link's entry or person, and uses the link up, in one transaction: a
 * refused photo leaves the link, and of two at once one is taken. *mine is false where the link was used up
 * or had expired: nothing was changed then. */
MUST_CHECK int filing_take_linked_photo(bool *mine, struct store *s, const struct link_row *l,
                                        const struct opened_photo *p, int64_t now, struct err *e);
/* Adds the job for an archive of photos; the part of the open file is moved to the inbox. */
MUST_CHECK int filing_take_archive(char job[CERTIFICATE_ID_SIZE], struct store *s, const char *id, int fd,
                                   uint64_t offset, uint64_t size, const char *file_name,
                                   const struct filing_actor *who, struct err *e);
/* Takes out of the inbox what nobody will come for: archives whose job is over or never was, because the
 * process died before, and lists that were sent to the console a day ago and not taken. */
void filing_sweep_inbox(struct store *s, int64_t now);

/* --- what is going on: progress.c --- */

struct filing_progress {
    uint64_t counts[ENTRY_STATES];
    uint64_t total;      /* without the removed */
    uint64_t to_make;    /* queued or being made */
    double rate;         /* certificates a second over the last 10 s; 0: not known yet */
    int64_t remaining_s; /* -1: not known */
    uint64_t ahead;      /* of others in the queue */
    bool paused;
    const char *halt_zh, *halt_en; /* why nothing is made at all now (disk, signer), or NULL */
};
MUST_CHECK int filing_progress(struct filing_progress *out, struct store *s, const struct filing_row *f,
                               int64_t now, struct arena *a, struct err *e);
