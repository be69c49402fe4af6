/* pdf.h - pages become the bytes of a PDF/A-2b file (ISO 19005-2) with its signature fields in place,
 * unsigned.
 *
 * libharu writes objects, pages and the cross-reference table; text, fonts, pictures and metadata are ours.
 * The same input gives the same bytes: time and identifiers come from the caller. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "layout/page.h"

/* What is the same in every document of a template, made once: subsets of the faces for the template's fixed
 * wording, compressed as they go into every file, and the colour profile. Serves one thread, like the fonts
 * it came from, and must go before them. */
struct pdf_kit;

/* usages: characters that (nearly) every document of the template sets in that face; those it lacks are
 * passed over. A face may occur more than once. May be empty. */
MUST_CHECK int pdf_kit_new(struct pdf_kit **out, const struct face_usage *usages, size_t usage_count,
                           struct err *e);
void pdf_kit_free(struct pdf_kit *kit);

struct pdf_info {
    const char *title, *author, *subject, *keywords; /* UTF-8; NULL or "" leaves the entry out */
    const char *license_id;                          /* 电子证照标识 for XMP, or NULL */
    int64_t created;                                 /* moment, for CreationDate and XMP */
    uint8_t id[16];                                  /* both halves of /ID */
};

/* Appends the document. Signature fields are the ITEM_FIELDs: empty /Sig fields with a /Lock of their own,
 * all in place before the first signature, since one that came later would break it. A field's name is 1 to
 * 64 ASCII letters, digits, - and _, once in the document. Pictures and photos are known by their address:
 * one that is used twice is in the file once. ERR_TOO_LARGE when out's ceiling is too low; out is then as it
 * was. */
MUST_CHECK int pdf_write(struct buf *out, const struct pdf_kit *kit, const struct pages *pages,
                         const struct pdf_info *info, struct err *e);
