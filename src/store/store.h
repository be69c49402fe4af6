/* store.h - what is remembered: offices, profiles, the journal of certificates, photos and the files of
 * documents.
 *
 * SQLite in data_dir/sealpress.db (WAL, synchronous=FULL: what was committed survives a loss of power);
 * signed files in data_dir/files/ab/<id>.pdf. One struct store serves one thread; several processes may open
 * the same directory. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "records/office.h"

struct store;

/* Opens data_dir; create makes what is missing. A schema of an older version is migrated, one of a newer
 * version refused. ERR_NOT_FOUND when there is no database. */
MUST_CHECK int store_open(struct store **out, const char *data_dir, bool create, struct err *e);
/* Only for looking things up; changes nothing, not even the schema. */
MUST_CHECK int store_open_reading(struct store **out, const char *data_dir, struct err *e);
void store_close(struct store *s);

/* Everything between begin and commit is kept together or not at all. rollback is fine after a failed commit
 * and where nothing was begun. */
MUST_CHECK int store_begin(struct store *s, struct err *e);
MUST_CHECK int store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);

/* Adds it or replaces the one with the same id. seal_plan is not kept. */
MUST_CHECK int store_put_organisation(struct store *s, const struct organisation *o, struct err *e);
MUST_CHECK int store_put_profile(struct store *s, const struct profile *p, struct err *e);
/* ERR_NOT_FOUND, with a text a person can act on. Texts are the arena's. */
MUST_CHECK int store_organisation(struct organisation *out, struct store *s, const char *id, struct arena *a,
                                  struct err *e);
MUST_CHECK int store_profile(struct profile *out, struct store *s, const char *id, struct arena *a,
                             struct err *e);

/* Single values of the installation; NULL in *value where it is not set. */
MUST_CHECK int store_put_setting(struct store *s, const char *name, const char *value, struct err *e);
MUST_CHECK int store_setting(const char **value, struct store *s, const char *name, struct arena *a,
                             struct err *e);

enum { CERTIFICATE_ID_SIZE = 33, TOKEN_SIZE = 33 };
enum certificate_state { CERTIFICATE_RESERVED, CERTIFICATE_ISSUED };

/* A row of the journal. Number, token, id, created and content never change; the rest is set when issued. */
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
};

/* The last serial that any issuer gave out under this counter, 0 for none: issuers may share a pattern. */
MUST_CHECK int store_last_serial(uint64_t *out, struct store *s, const char *counter, struct err *e);
/* Only inside a transaction: serials up to this one are gone for ever. */
MUST_CHECK int store_set_serial(struct store *s, const char *issuer, const char *counter, uint64_t serial,
                                struct err *e);
/* Whether this issuer has a certificate with the number; issuer NULL: whether anybody has. */
MUST_CHECK int store_number_taken(bool *out, struct store *s, const char *issuer, const char *number,
                                  struct err *e);

/* Adds a reserved row. ERR_CONFLICT when its biz_no, number or token exists. */
MUST_CHECK int store_reserve(struct store *s, const struct certificate_row *row, struct err *e);
/* Turns the reserved row into an issued one: issued, file_*, seals_json. ERR_CONFLICT if it is not reserved.
 */
MUST_CHECK int store_issued(struct store *s, const struct certificate_row *row, struct err *e);
/* ERR_NOT_FOUND. Texts are the arena's. */
MUST_CHECK int store_certificate(struct certificate_row *out, struct store *s, const char *id,
                                 struct arena *a, struct err *e);
MUST_CHECK int store_certificate_by_biz_no(struct certificate_row *out, struct store *s,
                                           const char *organisation, const char *biz_no, struct arena *a,
                                           struct err *e);
/* The first reserved row whose id sorts after `after` ("" for the first). ERR_NOT_FOUND at the end. */
MUST_CHECK int store_next_unfinished(char id[CERTIFICATE_ID_SIZE], struct store *s, const char *after,
                                     struct err *e);

/* Keeps a cropped photo under its SHA-256, once. */
MUST_CHECK int store_put_photo(struct store *s, const uint8_t sha256[SHA256_SIZE], struct slice jpeg,
                               struct err *e);
MUST_CHECK int store_photo(struct buf *out, struct store *s, const uint8_t sha256[SHA256_SIZE],
                           struct err *e);

/* When a file of ours with this SHA-256 was issued; *found is false for any other file. */
MUST_CHECK int store_registered_time(bool *found, int64_t *moment, struct store *s,
                                     const uint8_t sha256[SHA256_SIZE], struct err *e);

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
