/* app.h - the service: resources behind HTTP, each in a file of its own. The only room that sees both HTTP
 * and records.
 *
 * Lanes: LANE_INLINE (public pages, health), LANE_RECORDS (what asks or changes the store), LANE_ISSUING
 * (orders, reissues and rendering; orders are taken in batches), LANE_INSPECTION (photos and PDFs from
 * strangers, opened in a helper process), LANE_FILING (lists that are read and checked, moves of filings,
 * snapshots: what may take seconds). Every thread has a struct desk of its own. */
#pragma once
#include "base/clock.h"
#include "base/helper.h"
#include "base/json.h"
#include "filing/export.h"
#include "filing/filing.h"
#include "filing/workshop.h"
#include "http/http.h"
#include "image/photo.h"
#include "issue/issue.h"
#include "store/config.h"
#include "store/store.h"
#include <stdatomic.h>

enum { LANE_RECORDS = 1, LANE_ISSUING, LANE_INSPECTION, LANE_FILING, LANES };

/* What one thread works with. Members a lane has no use for are NULL. */
struct desk {
    struct app *app;
    unsigned lane;
    struct store *store;   /* every lane; LANE_ISSUING: the issuer's, once there is one */
    struct press *press;   /* LANE_ISSUING, LANE_FILING */
    struct signer *signer; /* desk_signer() */
    struct issuer *issuer; /* desk_issuer() */
    struct helper *helper; /* LANE_INSPECTION, LANE_FILING */
    struct store *own;     /* service.c: what store is without an issuer */
};
/* Sees to it that desk->signer is connected: LANE_ISSUING, LANE_RECORDS, LANE_FILING. The signer may be away
 * when a desk is made; ERR_UNAVAILABLE while it is. */
MUST_CHECK int desk_signer(struct desk *d, struct err *e);
/* The same for desk->issuer; LANE_ISSUING, LANE_FILING. Call it first in whatever issues. */
MUST_CHECK int desk_issuer(struct desk *d, struct err *e);

struct limiter;
struct caretaker;
struct page_cache;

struct app {
    const char *data_dir, *listen; /* owned */
    const char *inbox;             /* owned: where large bodies go while they come */
    struct http_limits limits;
    struct config config;
    struct http_server *_Atomic server; /* NULL until it runs: requests may come a moment before */
    /* One a thread of LANE_INSPECTION, LANE_FILING, the workshop; started before the first thread. */
    struct helper **helpers;
    size_t helper_count, helpers_started; /* of LANE_INSPECTION; of all */
    /* One a thread of LANE_ISSUING, LANE_FILING, the workshop; opened before privileges are given up. */
    struct press **presses;
    size_t press_count, presses_opened; /* of LANE_ISSUING; of all */
    size_t workshop_threads;
    bool keys_isolated;
    atomic_bool draining;                /* set once; /readyz says so */
    struct limiter *wrong_keys;          /* 5 a minute and address */
    struct limiter *wrong_tokens;        /* 60 a minute and address */
    struct limiter *wrong_numbers;       /* guesses at /v/: by address and by number */
    struct caretaker *_Atomic caretaker; /* NULL until it runs */
    const struct route **routes;         /* every single one, for http/ */
    struct working_keys *working_keys;   /* idempotent.c */
    atomic_size_t helpers_taken, presses_taken, filing_taken;
    struct workshop *workshop;     /* makes what waits in the queue: service_wake(), service_halt() */
    struct export_cache *exports;  /* archives that are being sent: exports.c */
    struct page_cache *page_cache; /* what the public pages keep; NULL: nothing, and no name pictures */
};

/* --- the service as a whole: service.c --- */

struct service_order {
    const char *data_dir, *listen;
    bool keys_isolated;
    struct http_limits limits;         /* 0 members: the default */
    const struct route *const *routes; /* further ones, of rooms behind this one; NULL ends it; or NULL */
};
/* Made in two steps, because privileges, forks and threads each want their moment: */
/* 1. as whoever started the program: configuration, fonts, templates. ERR_INVALID while public_url is unset,
 * or a demo directory is to be served off loopback, or openapi.json and the routes differ. */
MUST_CHECK int service_load(struct app **out, const struct service_order *o, struct err *e);
/* 2. as the server's user, still with one thread: migrates the store, starts the helpers, then threads and
 *    caretaker, who resumes what a crash left, and listens. */
MUST_CHECK int service_start(struct app *app, struct err *e);
unsigned service_port(const struct app *app);
/* Refuses new connections, ends what was begun, stops. Frees app. NULL is fine. */
void service_stop(struct app *app);

/* Something was put into the queue: look now. Thread-safe, at any time. */
void service_wake(struct app *app);
/* Why nothing that waits is being made, or ERR_NONE. Thread-safe, at any time. */
void service_halt(struct err *out, const struct app *app);

/* --- callers and keys: caller.c --- */

/* Scopes of a key. */
#define SCOPE_ISSUE     "certificates.issue" /* photos, certificates, reissue */
#define SCOPE_READ      "certificates.read"
#define SCOPE_REVOKE    "certificates.revoke" /* also suspend, reinstate, cancel */
#define SCOPE_DOCUMENTS "documents"           /* render from inline data */
#define SCOPE_VERIFY    "verify"
#define SCOPE_OFFICES   "offices" /* organisations and profiles; writing needs a key for all organisations */
#define SCOPE_GRANTS    "grants"
#define SCOPE_FILINGS   "filings" /* the organiser's part of filings: lists, photos, 入库, exports */
#define SCOPE_APPROVE   "filings.approve" /* the issuer's: pass, return; and looking at filings */
#define SCOPE_PERSONS   "persons"
#define SCOPE_METRICS   "metrics" /* /metrics; also answered on loopback without a key */

struct caller {
    const char *key_id;
    const char *organisation; /* NULL: all of them ("*") */
    const char *scopes;
    const char *origins; /* of pages that may embed photo links, or NULL */
};
/* Of a request that came through enter(): NULL for routes without scope. */
const struct caller *caller_of(const struct request *req);
/* Whether a record of that organisation is this caller's to see. */
bool caller_sees(const struct request *req, const char *organisation);
/* Whether the key of this request has the scope. */
bool caller_may(const struct request *req, const char *scope);
/* http_config.enter: the key, its scope, 401 and 403, the limit of wrong keys. */
int caller_enter(void *app, struct request *req, struct err *e);

/* A new key, "sp_<16 hex>_<43 base64url>", shown once: only its hash is stored. */
enum { KEY_TEXT_SIZE = 64 };
struct key_order {
    const char *name, *organisation,
        *scopes;         /* organisation "*": all; scopes separated by commas or spaces, "all" */
    int64_t days;        /* 0: it does not end */
    const char *origins; /* https addresses that may embed photo links, separated by spaces; or NULL */
};
MUST_CHECK int key_new(char key[KEY_TEXT_SIZE], char id[KEY_ID_SIZE], struct store *s,
                       const struct key_order *o, int64_t now, struct err *e);

/* --- answers: respond.c --- */

/* http_config.refuse and .dress. Problems are application/problem+json (RFC 9457) under /v1, pages elsewhere.
 */
void respond_refuse(void *app, const struct request *req, struct response *res, int status,
                    const struct err *e);
void respond_dress(void *app, const struct request *req, struct response *res);
/* The one place where an error becomes a status. */
int respond_status(enum err_code code);
/* The request that is being refused (the handler returns -1 with its *e afterwards) gets this status and this
 * code instead of what follows from e->code; code NULL: the usual word of the status. retry_after in seconds,
 * 0: none said. Returns -1. */
int refuse_as(const struct request *req, int status, const char *code, unsigned retry_after);
/* Answers with value as JSON; the reference is taken. */
MUST_CHECK int respond_json(struct response *res, int status, json_t *value, struct err *e);
/* Content-Disposition (RFC 6266): kind "inline" or "attachment", plain for old programs (ASCII without quotes
 * or backslashes), name in UTF-8. NULL without memory. */
const char *respond_disposition(struct arena *a, const char *kind, const char *plain, const char *name);
/* A problem with every fault in it, each with its JSON pointer. Returns 0: the response is made. */
int respond_faults(const struct request *req, struct response *res, const struct faults *faults,
                   const struct err *e);

/* The request's body as JSON: an object, content type checked, size, depth and duplicates as json_read();
 * *out is the caller's (json_decref). */
MUST_CHECK int request_json(json_t **out, const struct request *req, struct err *e);

/* Runs a handler under the request's Idempotency-Key, if it has one: the same request again gets the first
 * answer, another request with the same key 409. For POSTs that are not idempotent by themselves;
 * on a lane. */
struct working_keys *working_keys_new(void);
void working_keys_free(struct working_keys *k);
int idempotent(struct app *app, struct request *req, struct response *res, http_handler *handle,
               struct err *e);
/* The same where query parameters of these names (NULL ends them) belong to the request, too. */
int idempotent_with(struct app *app, struct request *req, struct response *res, http_handler *handle,
                    const char *const names[], struct err *e);
/* 16 hex digits that are always the same for this caller and Idempotency-Key; "" without one. What is made
 * elsewhere under this name is not made twice, even if the answer could not be kept. */
void idempotent_name(char out[17], const struct request *req);

/* --- the tables of routes, one a resource --- */
extern const struct route certificate_routes[], photo_routes[], office_routes[], grant_routes[],
    verify_routes[], document_routes[], health_routes[], page_routes[], person_routes[], filing_routes[],
    entry_routes[], job_routes[], export_routes[], link_routes[];
/* All of them; NULL ends it. Each table ends with a route whose pattern is NULL. */
extern const struct route *const service_routes[];
/* /openapi.json, as it was built in. */
struct slice openapi_text(void);
/* ERR_INTERNAL naming the first route that routes have and the description has not, or the other way round.
 */
MUST_CHECK int openapi_check(const struct route *const *routes, struct slice description, struct err *e);
/* http_lane.batch of LANE_ISSUING: certificates.c. */
void certificates_batch(void *app, void *thread, struct http_work *work, size_t count);
bool certificates_together(const struct route *route);
/* The certificate with that id, if it is this caller's to see. Another organisation's, a malformed id and
 * none at all are the same ERR_NOT_FOUND. Texts are the request's. */
MUST_CHECK int certificate_find(struct certificate_row *out, const struct request *req, struct store *s,
                                const char *id, struct err *e);
/* Who acts, for filing/. */
struct filing_actor actor_of(const struct request *req);
/* Archives that are being read, and for a little while those that were. */
struct export_cache *export_cache_new(void);
void export_cache_free(struct export_cache *c);
/* Closes those that nobody has asked for lately; the caretaker's. NULL is fine. */
void export_cache_sweep(struct export_cache *c);
/* The open archive of an export, kept while somebody reads it and some minutes longer; *out is the caller's
 * (export_close()). ERR_NOT_FOUND for one that has expired. Whose it is the caller has asked before. */
MUST_CHECK int export_find(struct export_archive **out, struct app *app, struct store *s, const char *id,
                           struct err *e);
/* The archive as the response's body, streamed, with ranges. x is the response's from here on. */
MUST_CHECK int export_answer(struct response *res, struct request *req, struct export_archive *x,
                             struct err *e);
/* A link that a browser follows without a key: "<public_url>/d/<token>" (links.c),
 * "<public_url>/photo/<token>". */
struct link_order {
    enum link_kind kind;
    const char *subject, *entry; /* store/jobs.h */
    const char *organisation, *actor, *origins;
    int64_t seconds;
};
MUST_CHECK int link_new(char token[TOKEN_SIZE], struct store *s, const struct link_order *o, int64_t now,
                        struct err *e);
/* JSON as the API shows them; new references, NULL without memory. */
json_t *filing_view(const struct request *req, struct store *s, const struct filing_row *f);
json_t *entry_view(const struct request *req, const struct entry_row *r, bool full_id_number);
json_t *job_view(const struct request *req, struct store *s, const struct job_row *j);
/* photo_opener of a desk's helper (arg: struct desk), and of a helper alone (arg: struct helper). */
int desk_open_photo(void *desk, struct slice picture, const struct photo_crop *crop, struct buf *jpeg,
                    struct photo_report *report, struct err *e);
int helper_open_photo(void *helper, struct slice picture, const struct photo_crop *crop, struct buf *jpeg,
                      struct photo_report *report, struct err *e);
/* A spooled file's bytes, until spool_unmap(). */
struct spool_view {
    void *base;
    size_t len;
    struct slice bytes;
};
MUST_CHECK int spool_map(struct spool_view *out, const struct spool *file, struct err *e);
void spool_unmap(struct spool_view *v);
/* sheet_pack() of a spooled file (at most SHEET_PACKED_MAX) in a desk's helper: LANE_FILING. */
MUST_CHECK int desk_pack_sheet(struct buf *packed, struct desk *d, const struct spool *file, struct err *e);
/* The caller of a request that brought no key but a session of the console; caller.c. The request then acts
 * as that key would. ERR_NOT_FOUND: the key is gone, has ended or was revoked. */
MUST_CHECK int caller_adopt(struct request *req, const char *key_id, struct err *e);
/* A key as somebody typed it; ERR_FORBIDDEN and the limit of wrong keys as for requests. */
MUST_CHECK int caller_check_key(struct api_key *out, struct app *app, struct request *req, const char *text,
                                struct err *e);
/* The same for a photo: photos.c. */
MUST_CHECK int upload_find(struct upload *out, const struct request *req, struct store *s, const char *id,
                           struct err *e);
/* Row -> JSON as the API shows it: certificate_view.c. A new reference, NULL without memory. */
json_t *certificate_view(const struct app *app, const struct certificate_row *row);

/* --- the public pages: pages.c --- */

/* Fonts for names that phones cannot write, and the last small photos. service_load() opens it as whoever may
 * read the fonts, service_stop() closes it; NULL is fine there. Thread-safe. */
MUST_CHECK int page_cache_open(struct page_cache **out, struct err *e);
void page_cache_close(struct page_cache *c);
/* The content policy of the pages below /console: they have a script and frames of our own. */
extern const char console_policy[];
/* The page for a failure outside /v1: status as respond_refuse() found it; retry_after 0: unknown. Below
 * /v/ a 404 is the page of an unknown certificate, and what /v/upload refuses is said above its form; below
 * /console it stands in that frame. */
void pages_refuse(struct app *app, const struct request *req, struct response *res, int status,
                  unsigned retry_after, const struct err *e);

/* --- what helpers do: inspection.c --- */
int inspect_photo(struct desk *d, struct slice picture, const struct photo_crop *crop, struct buf *jpeg,
                  struct photo_report *report, struct err *e);
/* The verdict as verdict_json() writes it, parsed; *out is the caller's. */
int inspect_pdf(struct desk *d, struct slice pdf, json_t **out, struct err *e);
/* The helpers' job; arg is the app. */
int inspection_job(struct buf *out, void *arg, unsigned kind, struct slice in, struct err *e);

/* --- in the background: caretaker.c --- */

/* One thread: finishes reserved rows (on LANE_ISSUING) at the start and whenever some are left, re-hashes
 * stored files at a steady pace, every one at least once a day, looks at disk, signer and chains for /readyz.
 */
MUST_CHECK int caretaker_start(struct app *app, struct err *e);
void caretaker_stop(struct app *app);
/* What it last saw. */
struct health {
    bool database, disk, signer, resumed;
    uint64_t disk_free;
    int64_t chain_ends;                    /* the first end of any seal's chain, 0: none */
    char chain_seal[64];                   /* whose */
    uint64_t files_checked, file_faults;   /* since the start; now */
    uint64_t issued, reserved;             /* certificates */
    uint64_t queued, working;              /* entries of filings */
    int64_t oldest;                        /* since when the first of queued is due; 0: none is */
    bool halted;                           /* nothing that waits is being made; the problem says why */
    char problem_en[200], problem_zh[200]; /* the first one, or "" */
};
void caretaker_look(struct health *out, const struct app *app);

/* --- how often: limiter.c --- */

/* Counts by name (an address) in windows of a minute; fixed memory: the least recently used name is
 * forgotten. Thread-safe. */
struct limiter *limiter_new(unsigned per_minute, size_t names);
void limiter_free(struct limiter *l);
/* Whether the name may still try; *retry_after seconds otherwise. */
bool limiter_allows(struct limiter *l, const char *name, unsigned *retry_after);
/* Counts one. */
void limiter_hit(struct limiter *l, const char *name);
