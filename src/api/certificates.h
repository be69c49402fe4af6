/* certificates.h - what the files about certificates share. */
#pragma once
#include "api/visit.h"

enum { RECORD_PDF_MAX = 10 * 1024 * 1024 }; /* of an old certificate's own PDF */

/* The handlers of certificate_routes[] that are not in certificates.c. */
http_handler certificates_list;
http_handler certificate_get;
http_handler certificate_pdf, certificate_pdf_put;
http_handler certificate_revoke, certificate_cancel, certificate_suspend, certificate_reinstate;

/* The order inside a row, by itself (of an old certificate, which was not ordered here, the record); a new
 * reference, NULL without memory. */
json_t *certificate_order_json(const struct certificate_row *row);
/* {"self": ..., "pdf": ..., "verify": ...}; a new reference, NULL without memory. */
json_t *certificate_links(const char *id, const char *verify_url);
/* The PDF as the response's body, with its file name and ETag. pdf is empty from here on. */
MUST_CHECK int certificate_answer_pdf(struct response *res, const struct request *req,
                                      const struct certificate_row *row, struct buf *pdf, struct err *e);
/* The stored file, with ?archive as it is asked for; notes that it left the house. Whether the caller may see
 * the certificate was asked before. */
MUST_CHECK int certificate_answer_file(struct request *req, struct response *res,
                                       const struct certificate_row *row, struct err *e);
/* Notes that the file leaves the house, the first time: no correction (更正) is possible from then on. */
MUST_CHECK int certificate_left(struct store *s, const struct certificate_row *row, struct err *e);
/* 409 with the reason's word where the file is not to be handed out as a certificate that holds. */
MUST_CHECK int certificate_check_holds(const struct request *req, const struct certificate_row *row,
                                       struct err *e);

/* What {"reason": ..., "document": ...} says; texts are the request's. */
struct reason {
    const char *reason, *document; /* document may be NULL */
};

/* How far a listing came: opaque outside. */
enum { CURSOR_SIZE = 65 };
struct cursor {
    int64_t created;
    char id[CERTIFICATE_ID_SIZE];
};
/* filter: the request's filters as one text; a cursor is good for the same filters only. */
void cursor_write(char out[CURSOR_SIZE], const struct cursor *c, const char *filter);
/* false where it was not written by cursor_write() with this filter. */
bool cursor_read(struct cursor *out, const char *text, const char *filter);
