/* jobs.h - longer work that somebody asked for and watches, and what browsers are lent: exports, links,
 * sessions. */
#pragma once
#include "store/store.h"

enum job_state { JOB_WAITING, JOB_WORKING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };
const char *job_state_name(enum job_state s);

/* "accession" (check, number, then make every certificate of a filing) and "photos" (an archive matched to a
 * filing's entries). A job's file, if it has one, is inbox/<id> in the data directory and goes with its end.
 */
struct job_row {
    char id[CERTIFICATE_ID_SIZE];
    const char *organisation, *kind, *actor;
    char filing[CERTIFICATE_ID_SIZE];
    const char *file_name; /* as it was sent, for showing; or NULL */
    enum job_state state;
    uint64_t total, done, failed; /* of the step the job itself does: rows checked, photos read */
    const char *report_json;      /* rows or photos at fault (an array), as the API shows them; or NULL */
    const char *problem_en, *problem_zh; /* of failed, or why it has to wait; or NULL */
    int64_t created, started, ended;     /* 0: not yet */
    int64_t fence;
};
/* id is filled unless it is set. ERR_CONFLICT: the filing has one of that kind that has not ended. */
MUST_CHECK int store_add_job(struct store *s, struct job_row *j, struct err *e);
MUST_CHECK int store_job(struct job_row *out, struct store *s, const char *id, struct arena *a,
                         struct err *e);
/* The newest job of that kind for the filing (kind NULL: of any). ERR_NOT_FOUND */
MUST_CHECK int store_filing_job(struct job_row *out, struct store *s, const char *filing, const char *kind,
                                struct arena *a, struct err *e);
/* At most max of those that have not ended, newest first; organisation NULL: of all, else those of its
 * filings and of filings that it decides on. */
MUST_CHECK int store_list_open_jobs(struct job_row *out, size_t max, size_t *count, struct store *s,
                                    const char *organisation, struct arena *a, struct err *e);
/* Takes the next job that waits, or whose worker's lease ended, fairly between organisations; *found. */
MUST_CHECK int store_claim_job(struct job_row *out, bool *found, struct store *s, const char *worker,
                               int64_t now, struct arena *a, struct err *e);
/* Writes state, total, done, failed, report, problem and times, and prolongs the lease; ERR_CONFLICT where
 * the fence is not the row's any more or the job was cancelled. */
MUST_CHECK int store_job_progress(struct store *s, const struct job_row *j, int64_t now, struct err *e);
MUST_CHECK int store_cancel_job(struct store *s, const char *id, int64_t now, struct err *e);
/* Where the job's file is: data_dir/inbox/<id>. */
void store_job_file(char *out, size_t size, const struct store *s, const char *id);

/* --- exports: a frozen list of files --- */

enum { EXPORT_DAYS = 7, EXPORT_ENTRIES_MAX = 200000 };
struct export_row {
    char id[CERTIFICATE_ID_SIZE];
    const char *organisation;
    char filing[CERTIFICATE_ID_SIZE]; /* or "" */
    const char *file_name;            /* of the archive */
    uint8_t list_sha256[SHA256_SIZE]; /* of list */
    struct slice list;                /* the frozen list, filing/export.h; only where it is asked for */
    uint64_t size, files, missing;    /* of the archive in bytes; certificates in it; entries without one */
    int64_t created, expires;
};
/* Keeps it, unless the same list of the same organisation is kept already and not about to expire: then that
 * one's id is filled in. */
MUST_CHECK int store_add_export(struct store *s, struct export_row *x, struct err *e);
/* ERR_NOT_FOUND, also for one that has expired. */
MUST_CHECK int store_export(struct export_row *out, bool with_list, struct store *s, const char *id,
                            int64_t now, struct arena *a, struct err *e);
MUST_CHECK int store_list_exports(struct export_row *out, size_t max, size_t *count, struct store *s,
                                  const char *organisation, int64_t now, struct arena *a, struct err *e);

/* --- links: one thing for one browser, for a short time --- */

enum { LINK_SECONDS_MAX = 600, PHOTO_LINK_SECONDS = 900 };
enum link_kind { LINK_CERTIFICATE, LINK_EXPORT, LINK_PHOTO };
struct link_row {
    uint8_t token[SHA256_SIZE]; /* SHA-256 of the token: the token itself is never kept */
    enum link_kind kind;
    const char *subject;            /* id of the certificate, export, or person */
    const char *entry;              /* of a photo link: the entry alone takes the photo; or NULL */
    const char *organisation;       /* of who made it; NULL: a key for all */
    const char *actor, *origins;    /* origins: of the key, for frame-ancestors; or NULL */
    int64_t created, expires, used; /* used 0: not yet */
    uint8_t browser[SHA256_SIZE];   /* SHA-256 of the cookie of the browser that used it; zeros: none */
};
MUST_CHECK int store_add_link(struct store *s, const struct link_row *l, struct err *e);
/* ERR_NOT_FOUND, also where it has expired unused. A used one is found until store_sweep() takes it,
 * EXPORT_DAYS after its use: its browser may go on with what it began. */
MUST_CHECK int store_link(struct link_row *out, struct store *s, const uint8_t token[SHA256_SIZE],
                          int64_t now, struct arena *a, struct err *e);
/* Marks it used by that browser; *first is false where somebody used it before, or it has expired. One
 * statement: of two at once one is first. */
MUST_CHECK int store_use_link(struct store *s, const uint8_t token[SHA256_SIZE],
                              const uint8_t browser[SHA256_SIZE], int64_t now, bool *first, struct err *e);

/* --- sessions of the console --- */

enum { SESSION_IDLE_SECONDS = 30 * 60, SESSION_SECONDS = 12 * 60 * 60 };
struct session_row {
    uint8_t token[SHA256_SIZE]; /* SHA-256 of the cookie */
    char key_id[KEY_ID_SIZE];
    char form_token[TOKEN_SIZE]; /* what its forms must bring */
    int64_t created, seen;
};
MUST_CHECK int store_add_session(struct store *s, const struct session_row *r, struct err *e);
/* ERR_NOT_FOUND, also for one that was idle too long or is too old, or whose key is gone. Notes that it was
 * seen (once a minute at most). */
MUST_CHECK int store_session(struct session_row *out, struct store *s, const uint8_t token[SHA256_SIZE],
                             int64_t now, struct err *e);
/* The same, and notes nothing. */
MUST_CHECK int store_find_session(struct session_row *out, struct store *s, const uint8_t token[SHA256_SIZE],
                                  int64_t now, struct err *e);
MUST_CHECK int store_end_session(struct store *s, const uint8_t token[SHA256_SIZE], struct err *e);

/* Takes what has expired out: exports, links, sessions, old progress; a few at a time. What waits in the
 * queue for a time that is further away than anything waits, because the clock was set back, becomes due. */
MUST_CHECK int store_sweep(struct store *s, int64_t now, struct err *e);
