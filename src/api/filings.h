/* filings.h - what the files about filings share. */
#pragma once
#include "api/view.h"

enum { FILING_BODY_MAX = 64 * 1024, DOCUMENT_PDF_MAX = 20 * 1024 * 1024 };
#define PHOTO_ARCHIVE_MAX ((size_t)4 * 1024 * 1024 * 1024)

/* The filing of the address, if this caller may see it; *who is filled, too. */
MUST_CHECK int filing_asked(struct filing_row *out, struct filing_actor *who, const struct request *req,
                            struct err *e);
/* The same with the entry of the address. */
MUST_CHECK int entry_asked(struct entry_row *out, struct filing_row *f, struct filing_actor *who,
                           const struct request *req, struct err *e);
/* ERR_FORBIDDEN, or ERR_CONFLICT where only the filing's state is in the way, with the reason of its rights.
 */
MUST_CHECK int filing_allows(bool allowed, const struct filing_row *f, const struct filing_actor *who,
                             struct err *e);
/* 202, the job as it is, and its address. */
MUST_CHECK int respond_job(struct request *req, struct response *res, const char *job, struct err *e);
/* 200 and the entry as it is now. */
MUST_CHECK int respond_entry(struct request *req, struct response *res, const char *entry, struct err *e);
/* What becomes of the queue, put into the object: counts by state, rate, end, and why nothing is made. */
bool view_progress(json_t *object, const struct request *req, const struct filing_progress *p);

/* Who asked for document numbers in full, for the log. */
void log_full_numbers(const struct request *req, const char *what, const char *id, size_t count);

/* The handlers of filing_routes[] that are not in filings.c. */
http_handler filing_document_put, filing_document_get, filing_photos_put, filing_certificates_zip;
/* The handlers of entry_routes[] that are not in filing_entries.c. */
http_handler entries_post, old_certificates_post, entries_workbook;
/* certificates.c */
http_handler entry_reissue;
