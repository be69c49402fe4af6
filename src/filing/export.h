/* export.h - many certificates as one archive that never changes: a snapshot of list, order and manifest is
 * frozen in the store, the archive itself is made while it is sent, from the stored files.
 *
 *   <number>_<name>.pdf ...   stored, in the order of the list
 *   manifest.csv              序号 证书编号 姓名 证件号码(masked) 状态 说明 文件名 SHA-256: also of entries
 * without a file SHA256SUMS                of every file, for sha256sum -c */
#pragma once
#include "archive/zip.h"
#include "filing/filing.h"

/* What goes in: a filing (ids NULL: all of it; else these entries, in the order of the list), or, where
 * filing is NULL, certificates by id. */
struct export_order {
    const char *filing;
    const char *const *ids;
    size_t id_count;
};
/* Freezes it. The same list again finds the same snapshot. out's texts are the arena's. Files are handed out
 * by this (store_handed_out()). ERR_NOT_FOUND names the first id that is none; ERR_CONFLICT: no certificate
 * is made. */
MUST_CHECK int export_freeze(struct export_row *out, struct store *s, const struct export_order *o,
                             const struct filing_actor *who, struct arena *a, struct err *e);

/* An archive that can be read, by many at once. */
struct export_archive;
MUST_CHECK int export_open(struct export_archive **out, struct store *s, const char *id, int64_t now,
                           struct err *e);
struct export_archive *export_ref(struct export_archive *x); /* one more user */
void export_close(struct export_archive *x);                 /* one less; the last one frees it */
uint64_t export_size(const struct export_archive *x);
const char *export_etag(const struct export_archive *x); /* quoted */
const char *export_file_name(const struct export_archive *x);

/* One reader's place in it; a stored file is opened once, not for each piece. */
struct export_reader;
MUST_CHECK int export_reader_open(struct export_reader **out, struct export_archive *x, struct err *e);
void export_reader_close(struct export_reader *r); /* also gives its use of the archive back */
/* Exactly len bytes. ERR_UNAVAILABLE: a stored file is not what it was; nobody gets wrong bytes. */
MUST_CHECK int export_read(struct export_reader *r, uint64_t at, uint8_t *out, size_t len, struct err *e);
