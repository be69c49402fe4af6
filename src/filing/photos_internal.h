/* photos_internal.h - pictures on their way to entries, one by one or by the archive. */
#pragma once
#include "filing/filing_internal.h"

enum { PHOTO_JPEG_MAX = 1024 * 1024 };

/* The row of an upload: picture as it came, what was made of it, how. crop_json is the arena's. */
MUST_CHECK int photo_upload_init(struct upload *u, const struct filing_row *f, struct slice picture,
                                 struct slice jpeg, const struct photo_crop *crop,
                                 const struct photo_report *report, int64_t now, struct arena *a,
                                 struct err *e);
/* ERR_CONFLICT, in words, where the entry takes no photo (any more). */
MUST_CHECK int photo_entry_takes(const struct entry_row *entry, struct err *e);

/* Whose photo a file of an archive is, by its name: "0052.jpg", "52_张三.png", "340000198502120024.jpg". */
enum photo_file { PHOTO_FILE_PASSED_OVER, PHOTO_FILE_OTHER, PHOTO_FILE_PICTURE };
/* What the name alone says: folders' and systems' own files are passed over without a word. */
enum photo_file photo_file_kind(const char *name, bool folder);
/* The entry the name means. ERR_NOT_FOUND, ERR_INVALID: nobody, or somebody else's name beside it; the texts
 * say which. */
MUST_CHECK int photo_file_entry(struct entry_row *out, struct store *s, const char *filing, const char *name,
                                struct arena *a, struct err *e);
/* The name as it may be kept and shown: without folders, whatever may be a document number masked. */
const char *photo_file_shown(const char *name, struct arena *a);
