/* revision.h - one more incremental update of a PDF (ISO 32000-1 7.5.6): a signature field gets its value and
 * its face.
 *
 * Only what a sealed document may change changes: the field object (/V, /AP), its signature dictionary and
 * appearance, and for the certifying signature the catalog's /Perms. Page content is never touched. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "seal/seal.h"

struct appearance; /* a seal's picture as PDF objects, made once */
/* Borrows the picture from seal. Seal pictures are painted with blend mode Multiply, so ink below stays
 * black. */
MUST_CHECK int appearance_new(struct appearance **out, const struct seal *seal, struct err *e);
void appearance_free(struct appearance *a);

struct revision_order {
    const char *field;                    /* name of an empty signature field */
    const struct appearance *appearance;  /* NULL: invisible */
    const char *name, *reason, *location; /* UTF-8 or NULL: who, why, where, in the signature dictionary */
    int64_t moment;                       /* /M */
    bool certify;                         /* first signature: DocMDP P=2 */
};

/* SHA-256 of the byte ranges goes in, CMS comes out (at most SIGNER_MAX_CMS). */
typedef int revision_signer(void *arg, const uint8_t digest[32], struct buf *cms, struct err *e);

/* Several signatures, each in a revision of its own that covers all before it. Keeps the hash of the common
 * beginning, so a document is hashed about once however many seals it gets. */
struct revision_chain;
/* pdf is the whole unsigned document and grows with each signature. */
MUST_CHECK int revision_begin(struct revision_chain **out, struct buf *pdf, struct err *e);
MUST_CHECK int revision_sign(struct revision_chain *c, const struct revision_order *o, revision_signer *sign,
                             void *arg, struct err *e);
void revision_end(struct revision_chain *c);
