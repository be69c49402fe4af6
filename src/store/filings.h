/* filings.h - approval filings (批复备案), their entries, and the queue in which entries wait to become
 * certificates. The queue is in the store: an entry and its place in it change in one transaction.
 *
 *   filing: editing -submit-> reviewing -pass-> approved (-accession-> numbered)   reviewing -return->
 * returned entry:  listed -number-> waiting (no photo) | queued -claim-> working -> made | queued again |
 * failed listed -> removed (核减) */
#pragma once
#include "store/store.h"

/* 编辑中 审核中 退回 审核通过 */
enum filing_status { FILING_EDITING, FILING_REVIEWING, FILING_RETURNED, FILING_APPROVED };
const char *filing_status_name(enum filing_status s); /* "editing", "reviewing", "returned", "approved" */
bool filing_status_parse(enum filing_status *out, const char *name);

/* 入库: asked for, every row is checked; done, every row has its number; refused, rows are at fault. */
enum accession_state { ACCESSION_NONE, ACCESSION_CHECKING, ACCESSION_DONE, ACCESSION_REFUSED };
const char *accession_state_name(enum accession_state s); /* "none", "checking", "done", "refused" */

struct filing_row {
    char id[CERTIFICATE_ID_SIZE];
    const char *organisation; /* the organiser (组建单位), who submits */
    const char *profile;      /* issuing profile; issuer and committee are its */
    const char *issuer;       /* who passes or returns: another organisation */
    const char *committee;    /* or NULL */
    const char *name, *approval_no, *type;
    int year;
    const char *issue_date;  /* YYYY-MM-DD; NULL: the day of the accession */
    const char *document_no; /* reserved: file name of the approval document as it was sent, or NULL */
    uint64_t document_size;  /* 0: there is none yet */
    uint8_t document_sha256[SHA256_SIZE];
    enum filing_status status;
    const char *opinion;                   /* of the last return or pass, or NULL */
    const char *submitter, *decider;       /* key ids, "command line", or NULL */
    int64_t submitted, decided, accession; /* when; 0: not yet */
    enum accession_state accession_state;
    const char *accession_report; /* JSON, of ACCESSION_REFUSED: rows at fault; or NULL */
    const char *grantee;          /* under whose grant the issuer's seal is used; NULL: the profile's */
    bool paused;
    int64_t hold_until; /* store_hold_filing(): no entry is claimed before; 0: nothing holds it */
    const char *hold_code, *hold_en, *hold_zh; /* why; or NULL */
    int64_t created, changed;
};
/* Adds one that is being edited; id is filled. */
MUST_CHECK int store_add_filing(struct store *s, struct filing_row *f, struct err *e);
/* ERR_NOT_FOUND. Texts are the arena's. */
MUST_CHECK int store_filing(struct filing_row *out, struct store *s, const char *id, struct arena *a,
                            struct err *e);
/* Writes name, approval_no, type, year, issue_date, profile, issuer, committee. ERR_CONFLICT unless editing
 * or returned. */
MUST_CHECK int store_change_filing(struct store *s, const struct filing_row *f, struct err *e);
/* Keeps the approval document (批复文件, a PDF): file first (originals/, by its SHA-256), then the row.
 * ERR_CONFLICT unless editing or returned. */
MUST_CHECK int store_put_filing_document(struct store *s, const char *id, const char *file_name,
                                         struct slice pdf, int64_t now, struct err *e);
MUST_CHECK int store_filing_document(struct buf *out, struct store *s, const struct filing_row *f,
                                     struct err *e);

/* What happens to a filing or one of its entries; never changed or removed. */
struct filing_event {
    int64_t moment;
    const char *filing, *entry; /* entry NULL: the filing as a whole */
    const char *event;          /* "created", "imported", "submitted", "passed", "returned", "accession",
                                   "paused", "resumed", "retried", "removed", "corrected", ... */
    const char *actor;
    const char *reason; /* or NULL */
};
MUST_CHECK int store_add_filing_event(struct store *s, const struct filing_event *ev, struct err *e);
MUST_CHECK int store_list_filing_events(struct filing_event **out, size_t *count, struct store *s,
                                        const char *filing, struct arena *a, struct err *e);

/* Moves the filing on and adds the event, in one transaction; the event's name says the move: "submitted",
 * "passed", "returned". ERR_CONFLICT, in words, where the filing is not in the state for it. grantee: of
 * "passed", see filing_row; else NULL. */
MUST_CHECK int store_move_filing(struct store *s, const struct filing_event *ev, const char *grantee,
                                 struct err *e);
MUST_CHECK int store_set_accession(struct store *s, const char *filing, enum accession_state state,
                                   int64_t now, const char *report, struct err *e);
/* paused: no entry of it is claimed. Adds the event. */
MUST_CHECK int store_pause_filing(struct store *s, bool paused, const struct filing_event *ev, struct err *e);

/* Nothing of the filing can be made for now, for a reason that is no entry's (its grant is missing or used
 * up, a chain has expired): no entry of it is claimed before `until`, and the filing says why. code: as an
 * entry's fault_code. why NULL: nothing holds it any more. */
MUST_CHECK int store_hold_filing(struct store *s, const char *filing, int64_t until, const char *code,
                                 const struct err *why, struct err *e);

/* Newest first; NULL and 0 members ask for nothing. */
struct filing_filter {
    const char *organisation; /* organiser or issuer is this one; what is being edited only its organiser
                                 sees */
    const char *name, *approval_no; /* parts of the text */
    const char *type;
    int year;
    const enum filing_status *status;
    int64_t after_created; /* goes on behind this row */
    const char *after_id;
};
MUST_CHECK int store_list_filings(struct filing_row *out, size_t max, size_t *count, struct store *s,
                                  const struct filing_filter *f, struct arena *a, struct err *e);

enum entry_state {
    ENTRY_LISTED,  /* before 入库 */
    ENTRY_WAITING, /* 未生成: no photo */
    ENTRY_QUEUED,  /* 排队中 */
    ENTRY_WORKING, /* 正在生成 */
    ENTRY_MADE,    /* 已生成 */
    ENTRY_FAILED,  /* 失败 */
    ENTRY_REMOVED, /* 核减 */
    ENTRY_STATES
};
const char *entry_state_name(enum entry_state s); /* "listed", "waiting", "queued", ... */
bool entry_state_parse(enum entry_state *out, const char *name);

struct entry_row {
    char id[CERTIFICATE_ID_SIZE];
    char filing[CERTIFICATE_ID_SIZE];
    unsigned position;                      /* in the order of the list: 1, 2, ... */
    unsigned serial;                        /* 序号, as the list says it; unique in the filing */
    const char *name, *id_type, *id_number; /* also in data_json */
    const char *data_json;                  /* records/entry.h: entry_json() */
    char person[CERTIFICATE_ID_SIZE];       /* store_put_person() */
    char photo_id[CERTIFICATE_ID_SIZE];     /* store_upload(), or "" */
    const char *number;                     /* NULL before 入库 */
    enum entry_state state;
    const char *fault_code;          /* of failed, and of queued after a failure: "glyph", "photo", "signer",
                                        "disk", "grant", "chain", "other"; or NULL */
    const char *fault_en, *fault_zh; /* what happened, and what to do */
    unsigned attempts;               /* that failed since it was queued */
    int64_t run_after;               /* of queued: not before */
    int64_t fence;                   /* of the last claim */
    char certificate[CERTIFICATE_ID_SIZE]; /* of made: the newest version; else "" */
    int64_t changed;
};
/* Adds entries to a filing that is being edited or was returned; id is filled. Inside a transaction.
 * ERR_CONFLICT with e->field "/id_number" or "/serial" where the filing has that person or serial already. */
MUST_CHECK int store_add_entry(struct store *s, struct entry_row *r, int64_t now, struct err *e);
/* Takes the whole list out of a filing that is being edited or was returned. */
MUST_CHECK int store_clear_entries(struct store *s, const char *filing, struct err *e);
MUST_CHECK int store_entry(struct entry_row *out, struct store *s, const char *id, struct arena *a,
                           struct err *e);
/* The entry of the filing with that 序号, or with that document number. ERR_NOT_FOUND */
MUST_CHECK int store_entry_by_serial(struct entry_row *out, struct store *s, const char *filing,
                                     unsigned serial, struct arena *a, struct err *e);
MUST_CHECK int store_entry_by_id_number(struct entry_row *out, struct store *s, const char *filing,
                                        const char *id_number, struct arena *a, struct err *e);
struct entry_filter {
    const char *filing;
    const enum entry_state *state;
    const char *search; /* part of the name, the number, or the end of the document number; NULL: all */
};
/* Rows skip + 1 to skip + max in the order of the list; NULL out only counts. *total: of the filter. */
MUST_CHECK int store_list_entries(struct entry_row *out, size_t skip, size_t max, size_t *count,
                                  uint64_t *total, struct store *s, const struct entry_filter *f,
                                  struct arena *a, struct err *e);
/* The next max rows behind that position, for going through all of a filing in steps. */
MUST_CHECK int store_next_entries(struct entry_row *out, size_t max, size_t *count, struct store *s,
                                  const char *filing, unsigned after_position, struct arena *a,
                                  struct err *e);
/* Kept along with the rows, so asking is cheap. */
MUST_CHECK int store_count_entries(uint64_t out[ENTRY_STATES], struct store *s, const char *filing,
                                   struct err *e);

/* Gives a listed entry its number for ever: with a photo it is queued, else it waits. Inside a transaction.
 * ERR_CONFLICT: the issuer has a certificate or entry of that number. */
MUST_CHECK int store_number_entry(struct store *s, const char *entry, const char *issuer, const char *number,
                                  int64_t now, struct err *e);
/* The entry's photo, and its person's; an entry that waits for it (or failed for it) is queued. ERR_CONFLICT:
 * a certificate was made, or is being made. */
MUST_CHECK int store_set_entry_photo(struct store *s, const char *entry, const char *upload, int64_t now,
                                     struct err *e);
/* 核减: before it has a number, with a reason (ev->entry, ev->reason). ERR_CONFLICT afterwards. */
MUST_CHECK int store_remove_entry(struct store *s, const struct filing_event *ev, struct err *e);
/* Queues one failed entry (entry) or all of the filing (entry NULL) anew, attempts at 0; *count of them. */
MUST_CHECK int store_retry_entries(struct store *s, const char *filing, const char *entry, int64_t now,
                                   size_t *count, struct err *e);
/* 更正: what a numbered entry says is written anew; its number, photo, person and state stay. ERR_CONFLICT
 * while its certificate is being made, or where the filing has that person already (e->field "/id_number").
 */
MUST_CHECK int store_correct_entry(struct store *s, const char *entry, const char *name, const char *id_type,
                                   const char *id_number, const char *data_json, int64_t now, struct err *e);
/* The certificate is the entry's from now on, which is made: store_issued() does it in its own transaction.
 * ERR_CONFLICT: the entry has no number. */
MUST_CHECK int store_set_entry_certificate(struct store *s, const char *entry, const char *certificate,
                                           int64_t now, struct err *e);

/* --- the queue --- */

enum { CLAIM_MAX = 32, WORKER_NAME_MAX = 64, LEASE_SECONDS = 120 };
struct claim {
    struct entry_row entries[CLAIM_MAX]; /* all of one filing */
    size_t count;
    struct filing_row filing;
    int64_t lease_until;
};
/* Takes up to max due entries of one filing: of the organisation whose turn was longest ago, and of that
 * organisation's filings the one whose turn was longest ago, so that nobody waits behind somebody else's
 * thirty thousand. Each gets the next fencing token, is "working", and is this worker's until the lease ends;
 * entries whose lease ended are taken again. count 0: nothing is due. Texts are the arena's. */
MUST_CHECK int store_claim(struct claim *out, size_t max, struct store *s, const char *worker, int64_t now,
                           struct arena *a, struct err *e);
/* Whether the claim is still the one that counts: asked inside the transaction that writes its result. */
MUST_CHECK int store_claim_holds(bool *out, struct store *s, const char *entry, int64_t fence, struct err *e);
/* The entry goes back to the queue: run_after later (a failure: with its fault, attempts + 1), or final: it
 * failed and waits for a person. fault NULL: an outage or a shutdown, which counts as no attempt. Nothing
 * where the claim does not hold any more. */
struct entry_fault {
    const char *code;
    const struct err *why;
};
MUST_CHECK int store_give_back(struct store *s, const char *entry, int64_t fence,
                               const struct entry_fault *fault, int64_t run_after, bool final, int64_t now,
                               struct err *e);
/* The names of the workers that hold something now, entries or jobs, each once. */
MUST_CHECK int store_list_workers(const char *const **names, size_t *count, struct store *s, struct arena *a,
                                  struct err *e);
/* What workers hold whose names begin so goes back at once instead of at the end of their lease, entries and
 * jobs (a job is claimed again): for a start, when those workers are known to be dead. *count of entries. */
MUST_CHECK int store_give_back_all(struct store *s, const char *worker, int64_t now, size_t *count,
                                   struct err *e);
struct queue_state {
    uint64_t queued, working; /* in all */
    int64_t next;             /* when the next entry is due; 0: none waits */
    int64_t oldest;           /* since when the first of them is due; 0: none is */
};
MUST_CHECK int store_queue_state(struct queue_state *out, struct store *s, struct err *e);
/* Places before this filing's entries in the whole queue, about: entries of others that will be claimed
 * before its last one. */
MUST_CHECK int store_queue_ahead(uint64_t *out, struct store *s, const char *filing, struct err *e);
/* How many of the filing's certificates were made in the last `seconds` (60 at most), and when the first of
 * them. */
MUST_CHECK int store_made_lately(uint64_t *out, int64_t *since, struct store *s, const char *filing,
                                 int64_t now, unsigned seconds, struct err *e);
