/* store.h - what is remembered: offices, profiles, the journal of certificates, photos and the files of
 * documents.
 *
 * SQLite in data_dir/sealpress.db (WAL, synchronous=FULL: what was committed survives a loss of power);
 * signed files in data_dir/files/ab/<id>.pdf, photos as they came in data_dir/originals/ab/<sha256>. One
 * struct store serves one thread; several threads and processes may each open the same directory. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "records/office.h"

struct store;

/* Opens data_dir; create makes what is missing. A schema of an older version is migrated after a backup
 * (sealpress.db.schema-<n>, kept), one of a newer version refused. ERR_NOT_FOUND when there is no database.
 */
MUST_CHECK int store_open(struct store **out, const char *data_dir, bool create, struct err *e);
/* Only for looking things up; changes nothing, not even the schema. */
MUST_CHECK int store_open_reading(struct store **out, const char *data_dir, struct err *e);
void store_close(struct store *s);

/* Everything between begin and commit is kept together or not at all. rollback is fine after a failed commit
 * and where nothing was begun. */
MUST_CHECK int store_begin(struct store *s, struct err *e);
MUST_CHECK int store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);
/* Before a transaction that writes very much, and (false) behind it: 32 MB to write in, so that the others
 * wait for a shorter time. Never inside one. */
void store_expect_much(struct store *s, bool much);

/* Adds it or replaces the one with the same id. seal_plan is not kept. */
MUST_CHECK int store_put_organisation(struct store *s, const struct organisation *o, struct err *e);
MUST_CHECK int store_put_profile(struct store *s, const struct profile *p, struct err *e);
/* ERR_NOT_FOUND, with a text a person can act on. Texts are the arena's. */
MUST_CHECK int store_organisation(struct organisation *out, struct store *s, const char *id, struct arena *a,
                                  struct err *e);
MUST_CHECK int store_profile(struct profile *out, struct store *s, const char *id, struct arena *a,
                             struct err *e);

/* Every organisation (or profile) in the order of ids; organisation NULL: of all. Texts are the
 * arena's. */
MUST_CHECK int store_list_organisations(struct organisation **out, size_t *count, struct store *s,
                                        struct arena *a, struct err *e);
MUST_CHECK int store_list_profiles(struct profile **out, size_t *count, struct store *s,
                                   const char *organisation, struct arena *a, struct err *e);

/* Single values of the installation; NULL in *value where it is not set. */
MUST_CHECK int store_put_setting(struct store *s, const char *name, const char *value, struct err *e);
MUST_CHECK int store_setting(const char **value, struct store *s, const char *name, struct arena *a,
                             struct err *e);

enum { CERTIFICATE_ID_SIZE = 33, TOKEN_SIZE = 33 };
enum certificate_state { CERTIFICATE_RESERVED, CERTIFICATE_ISSUED };
/* 有效 冻结 撤销 注销 已换发. Only an issued certificate is anything but valid. From valid to any; from
 * suspended back to valid, to revoked or to cancelled; the other three are final. */
enum certificate_status { STATUS_VALID, STATUS_SUSPENDED, STATUS_REVOKED, STATUS_CANCELLED, STATUS_REPLACED };
const char *certificate_status_name(enum certificate_status s); /* "valid", "suspended", "revoked", ... */
bool certificate_status_parse(enum certificate_status *out, const char *name);

/* A row of the journal. Number, token, id, created and content never change; file_* and seals are set when
 * issued; status_* afterwards, by store_change_status(). */
struct certificate_row {
    char id[CERTIFICATE_ID_SIZE]; /* 128 bits, lower-case hex */
    char token[TOKEN_SIZE];       /* of the public address, base64url, at least 128 bits */
    const char *organisation, *profile, *issuer, *biz_no, *number, *template_name;
    uint8_t content_hash[SHA256_SIZE]; /* of order and photo, as given */
    const char *order_json, *record_json;
    uint8_t photo[SHA256_SIZE]; /* of the cropped picture (store_photo) */
    int64_t created;
    enum certificate_state state;
    int64_t issued;
    uint64_t file_size;
    uint8_t file_sha256[SHA256_SIZE];
    uint32_t file_crc32;
    const char *seals_json; /* ["committee", ...] in the order of signing */
    enum certificate_status status;
    int64_t status_time;                         /* since when, 0 while it was always valid */
    const char *status_reason, *status_document; /* document: 文号, or NULL */
    char replaces[CERTIFICATE_ID_SIZE];          /* the certificate this one takes the place of, or "" */
    char replaced_by[CERTIFICATE_ID_SIZE];       /* or "" */
    const char *actor;  /* who ordered it, for its events: id of a key, "command line"; NULL: "service" */
    const char *reason; /* why it replaces the other one, or NULL */
    int64_t file_checked, file_fault; /* last re-hash; since when it fails, 0: it is fine */
    int version; /* 1; a correction (更正) makes the next one, under the same number; 0 counts as 1 */
    char entry[CERTIFICATE_ID_SIZE]; /* the filing's entry it is made for, or "" */
    const char *issuer_grantee;      /* under whose grant the issuer's seal is used; NULL: the profile's */
    int64_t handed_out;              /* when its file first left the house; 0: never */
    bool recorded; /* 历史证书: a record of paper that was issued elsewhere; file_size 0: without a file. Its
                      state is issued */
};

/* While a restored database may be behind the papers that are out, nothing is issued: the reason (setting
 * "issuing_closed", not empty), or NULL in *why. Asked inside the transaction that reserves. */
MUST_CHECK int store_issuing_closed(const char **why, struct store *s, struct arena *a, struct err *e);
/* The last serial that any issuer gave out under this counter, 0 for none: issuers may share a pattern. */
MUST_CHECK int store_last_serial(uint64_t *out, struct store *s, const char *counter, struct err *e);
/* Only inside a transaction: serials up to this one are gone for ever. ERR_UNAVAILABLE while issuing is
 * closed, as store_reserve() and store_number_entry(). */
MUST_CHECK int store_set_serial(struct store *s, const char *issuer, const char *counter, uint64_t serial,
                                struct err *e);
/* Whether this issuer has a certificate, or an entry of a filing, with the number; issuer NULL: anybody. */
MUST_CHECK int store_number_taken(bool *out, struct store *s, const char *issuer, const char *number,
                                  struct err *e);

/* Adds a reserved row. ERR_CONFLICT when its biz_no, number or token exists, or where replaces names a
 * certificate that is not valid or has a replacement already (also one that is reserved); ERR_NOT_FOUND where
 * it names none. Name, id number and year are taken out of record_json, so that they can be looked up. */
MUST_CHECK int store_reserve(struct store *s, const struct certificate_row *row, struct err *e);
/* Where row->entry is set: ERR_CONFLICT unless fence (0: not asked) is still that of the entry's claim. */
MUST_CHECK int store_reserve_entry(struct store *s, const struct certificate_row *row, int64_t fence,
                                   struct err *e);
/* Adds an old certificate as a record (row->recorded), issued from the start: no template, no seals; with
 * file_size and sums where it brought its own PDF. Event "recorded". ERR_CONFLICT as store_reserve(). */
MUST_CHECK int store_record_certificate(struct store *s, const struct certificate_row *row, struct err *e);
/* Keeps the PDF of a recorded certificate that came without one: the file, its sums and the event
 * "file-added". The same bytes again change nothing. ERR_CONFLICT: it has another one, or is no record. */
MUST_CHECK int store_put_recorded_file(struct store *s, const char *id, struct slice pdf, int64_t now,
                                       const char *actor, struct err *e);
/* Notes that the file was handed out, the first time. */
MUST_CHECK int store_handed_out(struct store *s, const char *id, int64_t now, struct err *e);
/* Turns the reserved row into an issued one: issued, file_*, seals_json, and the event "issued" in the name
 * of who reserved it. ERR_CONFLICT if it is not reserved. The certificate it replaces becomes
 * STATUS_REPLACED, unless it was revoked or cancelled meanwhile. The entry it was made for becomes
 * ENTRY_MADE, and leaves the queue, in the same transaction. */
MUST_CHECK int store_issued(struct store *s, const struct certificate_row *row, struct err *e);
/* ERR_NOT_FOUND. Texts are the arena's. */
MUST_CHECK int store_certificate(struct certificate_row *out, struct store *s, const char *id,
                                 struct arena *a, struct err *e);
MUST_CHECK int store_certificate_by_biz_no(struct certificate_row *out, struct store *s,
                                           const char *organisation, const char *biz_no, struct arena *a,
                                           struct err *e);
/* ERR_NOT_FOUND, also for a token that is malformed: by the same steps. */
MUST_CHECK int store_certificate_by_token(struct certificate_row *out, struct store *s, const char *token,
                                          struct arena *a, struct err *e);
/* At most max rows with that number (issuers may share one); issued ones only. */
MUST_CHECK int store_certificates_by_number(struct certificate_row *out, size_t max, size_t *count,
                                            struct store *s, const char *number, struct arena *a,
                                            struct err *e);

/* Newest first. NULL and 0 members ask for nothing. */
struct certificate_filter {
    const char *organisation;                                 /* who ordered */
    const char *biz_no, *number, *profile, *name, *id_number; /* equal */
    const enum certificate_status *status;
    const enum certificate_state *state;
    int year;
    int64_t created_from, created_until; /* until is not included */
    /* Goes on behind this row; as `cursor` of the last page gave it. */
    int64_t after_created;
    const char *after_id;
};
/* At most max rows; fewer mean the end. */
MUST_CHECK int store_list_certificates(struct certificate_row *out, size_t max, size_t *count,
                                       struct store *s, const struct certificate_filter *f, struct arena *a,
                                       struct err *e);

/* What happened to a certificate, never changed or removed. */
struct certificate_event {
    int64_t moment;
    const char *certificate;       /* id */
    const char *event;             /* "issued", "revoked", "cancelled", "suspended", "reinstated", "replaced",
                                      "file-fault", "file-restored", "file-added" */
    const char *actor;             /* id of the key, "command line" or "service" */
    const char *reason, *document; /* or NULL */
};
MUST_CHECK int store_add_event(struct store *s, const struct certificate_event *ev, struct err *e);
MUST_CHECK int store_list_events(struct certificate_event **out, size_t *count, struct store *s,
                                 const char *id, struct arena *a, struct err *e);
/* Changes the status and adds the event, in one transaction; id and `to` say which certificate and event, so
 * those members of *ev need not be set. ERR_CONFLICT, in words, where the rule above forbids it; the same
 * status again is ERR_CONFLICT too. ERR_NOT_FOUND. */
MUST_CHECK int store_change_status(struct store *s, const char *id, enum certificate_status to,
                                   const struct certificate_event *ev, struct err *e);

/* The issued row whose stored file was checked longest ago, if that is before `before`; else one that was
 * checked after `now`, when a clock was wrong. ERR_NOT_FOUND: none. */
MUST_CHECK int store_next_to_check(struct certificate_row *out, struct store *s, int64_t before, int64_t now,
                                   struct arena *a, struct err *e);
/* The first row whose file failed its last check and whose id sorts after `after` ("" for the first).
 * ERR_NOT_FOUND at the end. */
MUST_CHECK int store_next_faulty(struct certificate_row *out, struct store *s, const char *after,
                                 struct arena *a, struct err *e);
/* Hashes the stored file anew and writes what it found into the row (and an event when that changed); *fine
 * says which: a file that is missing, changed or unreadable is not. ERR_UNAVAILABLE where nothing can be said
 * about it now. */
MUST_CHECK int store_check_file(bool *fine, struct store *s, const struct certificate_row *row, int64_t now,
                                struct err *e);
/* Certificates issued, reserved, with a file fault: kept along with the rows, so asking is cheap. */
struct store_counts {
    uint64_t issued, reserved, file_faults;
};
MUST_CHECK int store_count(struct store_counts *out, struct store *s, struct err *e);
/* Whether the database can be written now, by writing: for /readyz. */
MUST_CHECK int store_probe(struct store *s, int64_t now, struct err *e);

/* The row that was reserved first of those that still are. ERR_NOT_FOUND: none is. */
MUST_CHECK int store_oldest_unfinished(char id[CERTIFICATE_ID_SIZE], struct store *s, struct err *e);
/* The first reserved row whose id sorts after `after` ("" for the first). ERR_NOT_FOUND at the end. */
MUST_CHECK int store_next_unfinished(char id[CERTIFICATE_ID_SIZE], struct store *s, const char *after,
                                     struct err *e);

/* Keeps a cropped photo under its SHA-256, once. */
MUST_CHECK int store_put_photo(struct store *s, const uint8_t sha256[SHA256_SIZE], struct slice jpeg,
                               struct err *e);
MUST_CHECK int store_photo(struct buf *out, struct store *s, const uint8_t sha256[SHA256_SIZE],
                           struct err *e);

/* A photo as somebody sent it, and what was cropped from it. */
struct upload {
    char id[CERTIFICATE_ID_SIZE];
    const char *organisation;      /* NULL: of a key for all organisations */
    uint8_t original[SHA256_SIZE]; /* store_original() */
    uint8_t photo[SHA256_SIZE];    /* store_photo() */
    const char *crop_json;         /* the parameters as they were used */
    const char *media_type;        /* "image/jpeg", "image/png" */
    int source_width, source_height, width, height;
    bool upscaled; /* photo_report.warn_upscaled */
    int64_t created;
};
/* The file of an original alone, synced: before a transaction that keeps many uploads, so that it is short.
 */
MUST_CHECK int store_keep_original(struct store *s, const uint8_t sha256[SHA256_SIZE], struct slice content,
                                   struct err *e);
/* Keeps original, cropped photo and row: files first, then one transaction. */
MUST_CHECK int store_put_upload(struct store *s, const struct upload *u, struct slice original,
                                struct slice jpeg, struct err *e);
MUST_CHECK int store_upload(struct upload *out, struct store *s, const char *id, struct arena *a,
                            struct err *e);
/* The photo as it was sent. ERR_UNAVAILABLE where its bytes are not the ones of that hash. */
MUST_CHECK int store_original(struct buf *out, struct store *s, const uint8_t sha256[SHA256_SIZE],
                              struct err *e);

/* A key of the API. The secret itself is never kept. */
enum { KEY_ID_SIZE = 17 };
struct api_key {
    char id[KEY_ID_SIZE];      /* 16 hex digits, part of the key */
    uint8_t hash[SHA256_SIZE]; /* of the whole key */
    const char *name;          /* what the operator calls it */
    const char *organisation;  /* or "*": all */
    const char *scopes;        /* words separated by one space */
    const char
        *origins; /* pages that may embed photo links ("https://a.example https://b.example"), or NULL */
    int64_t created, expires, revoked; /* 0: never */
};
/* ERR_CONFLICT when the id exists. */
MUST_CHECK int store_put_key(struct store *s, const struct api_key *k, struct err *e);
/* ERR_NOT_FOUND */
MUST_CHECK int store_key(struct api_key *out, struct store *s, const char *id, struct arena *a,
                         struct err *e);
MUST_CHECK int store_list_keys(struct api_key **out, size_t *count, struct store *s, struct arena *a,
                               struct err *e);
/* From then on, for good; the first moment stays. ERR_NOT_FOUND */
MUST_CHECK int store_revoke_key(struct store *s, const char *id, int64_t now, struct err *e);

/* The first answer to a POST with an Idempotency-Key, kept for ever. owner is the organisation of the key. */
struct kept_answer {
    const char *owner, *idempotency_key;
    uint8_t request[SHA256_SIZE]; /* of method, path and body */
    int status;
    struct slice body; /* JSON */
};
/* ERR_CONFLICT when there is one. */
MUST_CHECK int store_put_answer(struct store *s, const struct kept_answer *k, int64_t now, struct err *e);
/* ERR_NOT_FOUND */
MUST_CHECK int store_answer(struct kept_answer *out, struct store *s, const char *owner,
                            const char *idempotency_key, struct arena *a, struct err *e);

/* When a file of ours with this SHA-256 was issued; *found is false for any other file. */
MUST_CHECK int store_registered_time(bool *found, int64_t *moment, struct store *s,
                                     const uint8_t sha256[SHA256_SIZE], struct err *e);

/* The issued row whose file has this SHA-256. ERR_NOT_FOUND. */
MUST_CHECK int store_certificate_by_file(struct certificate_row *out, struct store *s,
                                         const uint8_t sha256[SHA256_SIZE], struct arena *a, struct err *e);

/* The signed file of a certificate, written in one step and synced. */
MUST_CHECK int store_put_file(struct store *s, const char *id, struct slice pdf, struct err *e);
/* Removes what a process that was killed while it wrote this file left half done. Only where nobody writes
 * it. */
void store_sweep_file(struct store *s, const char *id);
/* Several at once, all or none told to be there: written, then synced, folders last. */
struct stored_file {
    const char *id;
    struct slice pdf;
};
MUST_CHECK int store_put_files(struct store *s, const struct stored_file *files, size_t count, struct err *e);
/* ERR_UNAVAILABLE where its bytes are not the ones of the row. */
MUST_CHECK int store_file(struct buf *out, struct store *s, const struct certificate_row *row, struct err *e);
/* Where the store is. */
const char *store_data_dir(const struct store *s);
/* Path below the data directory: "files/ab/<id>.pdf". */
void store_file_name(char out[64], const char *id);
