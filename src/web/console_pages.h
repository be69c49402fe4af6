/* console_pages.h - the organiser's pages below /console: facts in, HTML out. Knows neither HTTP nor the
 * store.
 *
 * Chinese only. Every text is escaped where it is written, names stand in <bdi>; the one script there is
 * (/static/console.<hash>.js) makes pages that work without it quicker. Every form is a POST with form_token,
 * every list, filter, tab and drawer an address. */
#pragma once
#include "web/cropper_page.h"

enum { CONSOLE_PAGE_MAX = 1024 * 1024, CONSOLE_ROWS = 50, CONSOLE_FILINGS = 10 };

enum console_place { PLACE_NONE, PLACE_FILINGS, PLACE_EXPORTS };

/* What all pages have in common. */
struct console_site {
    const char *organisation; /* whose key it is; NULL: nobody is signed in */
    const char *form_token;
    bool filings, preview; /* what the key may see */
    bool demo;
    const char *done, *problem; /* what was just done, or why it was not; or NULL */
    int64_t now;
};

/* --- signing in --- */

struct console_login {
    const char *problem; /* or NULL */
    const char *next;    /* where to go on; or NULL */
    bool over;           /* the session had ended */
};
MUST_CHECK int console_login_page(struct buf *html, const struct console_site *site,
                                  const struct console_login *l, struct err *e);
/* What could not be answered; status as it is sent. back: address, or NULL */
MUST_CHECK int console_problem_page(struct buf *html, const struct console_site *site, int status,
                                    const char *text, const char *back, struct err *e);

/* --- filings --- */

enum console_status { CONSOLE_EDITING, CONSOLE_REVIEWING, CONSOLE_RETURNED, CONSOLE_APPROVED };
enum console_accession { CONSOLE_NOT_ENTERED, CONSOLE_CHECKING, CONSOLE_ENTERED, CONSOLE_REFUSED };
enum console_state {
    CONSOLE_LISTED,
    CONSOLE_WAITING,
    CONSOLE_QUEUED,
    CONSOLE_WORKING,
    CONSOLE_MADE,
    CONSOLE_FAILED,
    CONSOLE_REMOVED,
    CONSOLE_STATES
};
const char *console_state_query(enum console_state s); /* "waiting", in addresses */

struct console_filing {
    const char *id, *name, *approval_no, *type;
    int year;
    const char *organiser, *issuer, *committee; /* names; committee may be NULL */
    const char *profile, *issue_date;           /* issue_date may be NULL */
    enum console_status status;
    enum console_accession accession_state;
    const char *opinion;       /* of the last decision, or NULL */
    uint64_t document_size;    /* 0: none yet */
    const char *document_name; /* or NULL */
    int64_t accession;         /* when; 0: not yet */
    uint64_t counts[CONSOLE_STATES];
    uint64_t total; /* without the removed */
    bool paused;
    /* what may be done now */
    bool edit, submit, decide, enter, remove, upload_photos, manage, correct, revoke;
};

struct console_filter {
    const char *name, *approval_no, *type, *status; /* "" where nothing is asked */
    int year;                                       /* 0 */
};
struct console_filings {
    struct console_filter filter;
    const struct console_filing *list;
    size_t count;
    unsigned page;
    uint64_t total;
    bool may_create;
};
MUST_CHECK int console_filings_page(struct buf *html, const struct console_site *site,
                                    const struct console_filings *l, struct err *e);

struct console_choice {
    const char *value, *label;
};
struct console_fault {
    const char *field, *text; /* field: name of the input, or "" */
};
/* A new filing (id NULL), or one that is changed. Texts are what was typed, "" for nothing. */
struct console_filing_form {
    const char *id, *name, *approval_no, *year, *type, *profile, *issue_date, *organiser;
    const struct console_choice *profiles;
    size_t profile_count;
    const struct console_choice *organisers; /* a key for all says for whom; else none */
    size_t organiser_count;
    const char *document_name; /* the one there is, or NULL */
    uint64_t document_size;
    const char *opinion; /* of a return, or NULL */
    const struct console_fault *faults;
    size_t fault_count;
};
MUST_CHECK int console_filing_form_page(struct buf *html, const struct console_site *site,
                                        const struct console_filing_form *f, struct err *e);

/* --- one filing --- */

/* One line of what is going on; also as JSON for the script. */
enum console_going { GOING_NOTHING, GOING_ON, GOING_STOPPED, GOING_DONE };
struct console_progress {
    enum console_going going;
    char line[160], facts[3][120];
    uint64_t value, max;
};
struct console_entry {
    const char *id;
    unsigned serial;
    const char *name, *id_number /* masked */, *series, *specialty, *title, *level;
    const char *number; /* or NULL */
    enum console_state state;
    const char *reason;  /* why it waits or failed, or NULL */
    const char *verdict; /* 已撤销 and the like, of its certificate; NULL: valid, or none */
    uint64_t size;       /* of the file; 0: none */
};
struct console_list {
    struct console_filing filing;
    int state;          /* enum console_state, or -1 */
    const char *search; /* or "" */
    const struct console_entry *entries;
    size_t count;
    unsigned page;
    uint64_t total;      /* of the filter */
    uint64_t made_bytes; /* of all files, about */
    struct console_progress progress;
    const char *halt;           /* why nothing is made now, or NULL */
    const char *failures;       /* "签章服务无应答 2 份", or NULL */
    const char *const *refused; /* lines of an accession that was refused */
    size_t refused_count;
};
MUST_CHECK int console_list_page(struct buf *html, const struct console_site *site,
                                 const struct console_list *l, struct err *e);

struct console_event {
    int64_t moment;
    const char *what, *reason; /* reason may be NULL */
};
struct console_person {
    struct console_entry entry;
    const char *gender, *birth_date, *mobile /* masked, or NULL */, *employer, *id_type;
    const char *id_number_full; /* NULL: masked */
    const char *obtain_mode, *obtained_date, *status_word /* 有效 and the like, or NULL */;
    const char *token; /* of /v/, or NULL */
    const char *seals; /* 评审委员会、发证机关; or NULL */
    const char *advice;
    int64_t made;
    bool photo;
    const struct console_event *events;
    size_t event_count;
    bool can_photo, can_retry, can_remove, can_correct, can_reissue, can_revoke;
};
MUST_CHECK int console_person_page(struct buf *html, const struct console_site *site,
                                   const struct console_filing *f, const struct console_person *p,
                                   struct err *e);

/* 更正 补换证 撤销 核减: what they need to know. */
enum console_act { ACT_CORRECT, ACT_REISSUE, ACT_REVOKE, ACT_REMOVE, CONSOLE_ACTS };
const char *console_act_query(enum console_act a); /* "correct", in addresses */
struct console_field {
    const char *name, *label, *value;
};
struct console_acting {
    enum console_act act;
    const struct console_field *fields; /* of ACT_CORRECT: what may be put right */
    size_t field_count;
    const char *reason, *approver, *document; /* as typed */
    const char *problem;                      /* or NULL */
};
MUST_CHECK int console_act_page(struct buf *html, const struct console_site *site,
                                const struct console_filing *f, const struct console_entry *entry,
                                const struct console_acting *a, struct err *e);

/* 审核 */
struct console_level {
    const char *name;
    uint64_t count;
};
struct console_review {
    struct console_filing filing;
    const struct console_level *levels;
    size_t level_count;
    const char *const *warnings;
    size_t warning_count;
    const struct console_entry *entries;
    size_t count;
    unsigned page;
};
MUST_CHECK int console_review_page(struct buf *html, const struct console_site *site,
                                   const struct console_review *r, struct err *e);

/* --- lists and photos coming in --- */

struct console_row_fault {
    unsigned row; /* 0: the file as a whole */
    const char *column, *value, *problem, *advice;
    bool warning;
};
enum console_step { STEP_CHOOSE = 1, STEP_CHECK, STEP_PHOTOS, STEP_CONFIRM };
struct console_import {
    const char *file_name; /* NULL: none was chosen yet */
    const char *token;     /* of the list that is kept for the next step */
    enum console_step step;
    uint64_t rows, good, bad, errors, warnings, with_photo;
    const struct console_row_fault *faults;
    size_t fault_count;
    const char *tab; /* "errors", "warnings", "good" */
    bool has_list;   /* the filing has entries: they will be replaced */
    const char *problem;
};
MUST_CHECK int console_import_page(struct buf *html, const struct console_site *site,
                                   const struct console_filing *f, const struct console_import *i,
                                   struct err *e);

struct console_photo_fault {
    const char *file, *name, *entry /* id, or NULL: nobody */, *problem, *advice;
    unsigned serial; /* 0: none */
};
struct console_photos {
    bool job; /* there was one */
    const char *file_name;
    enum console_going going;
    uint64_t total, done, failed;
    const char *problem;
    const struct console_photo_fault *faults;
    size_t fault_count;
};
MUST_CHECK int console_photos_page(struct buf *html, const struct console_site *site,
                                   const struct console_filing *f, const struct console_photos *p,
                                   struct err *e);
/* The cropper between head and foot. */
MUST_CHECK int console_cropper_page(struct buf *html, const struct console_site *site,
                                    const struct console_filing *f, const struct page_site *page,
                                    const struct page_cropper *c, struct err *e);

/* --- downloads --- */

struct console_export {
    const char *id, *file_name, *filing, *filing_name;
    uint64_t size, files, missing;
    int64_t created, expires;
};
MUST_CHECK int console_exports_page(struct buf *html, const struct console_site *site,
                                    const struct console_export *list, size_t count, struct err *e);

/* "12,406"; "78.3 MB", one place from 1 MB up, whole KB below. */
void put_count(struct buf *out, uint64_t n);
void put_bytes(struct buf *out, uint64_t bytes);
/* "18 秒", "3 分钟", "1 小时 5 分" */
void put_duration(struct buf *out, int64_t seconds);
/* Percent-encoded, as a value in a query. */
void put_query(struct buf *out, const char *text);
