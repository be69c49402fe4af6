/* press.h - fonts and templates opened once; a record goes in, an unsigned PDF comes out. Knows neither store
 * nor keys. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "layout/layout.h"
#include "pdf/pdf.h"
#include "records/office.h"
#include "template/template.h"

enum { DOCUMENT_MAX = 16 * 1024 * 1024 };

struct press;

/* Calls each with the name and folder of every template of the installation, in the order of their names,
 * until one call does not return 0, and returns what that did. */
typedef int template_visitor(void *arg, const char *name, const char *dir, struct err *e);
MUST_CHECK int press_installed(template_visitor *each, void *arg, struct err *e);

/* Opens the fonts and every template of the installation; afterwards nothing more of the shared data
 * directory is read. A template with a mistake in it is no failure: see press_broken_at(). */
MUST_CHECK int press_open(struct press **out, struct err *e);
/* The same with this template alone, which then costs what it costs by itself; "": with none, only fonts. */
MUST_CHECK int press_open_only(struct press **out, const char *name, struct err *e);
/* Another press for another thread, which shares templates and font files (read only) with `first` and so
 * costs a tenth of it. `first` must outlive it. Any press may be opened by one thread and then used by
 * another. */
MUST_CHECK int press_open_beside(struct press **out, const struct press *first, struct err *e);
void press_close(struct press *p);
/* Makes certificates of every template that certificates are made from until nothing more is made on the way
 * (subsets that are cut anew for each document, prepared fonts): what the first certificates after a start
 * would wait for. 0.2 seconds. */
MUST_CHECK int press_warm(struct press *p, struct err *e);

/* Whether certificates are made from it: what it prints is worth something by its look alone, and offices
 * seal it. */
bool press_makes_certificates(const struct template *t);
size_t press_template_count(const struct press *p);
const struct template *press_template_at(const struct press *p, size_t i);
/* ERR_NOT_FOUND lists the templates there are; of one that could not be loaded, why. */
MUST_CHECK int press_template(const struct template **out, const struct press *p, const char *name,
                              struct err *e);
/* The folders that could not be loaded: name, and why. */
size_t press_broken_count(const struct press *p);
const char *press_broken_at(const struct press *p, size_t i, struct err *why);
/* A template from any folder, to be printed by this press, at most as long as it is open; the caller's
 * (template_free). *place gets where a mistake is; NULL is fine. */
MUST_CHECK int press_load(struct template **out, const struct press *p, const char *dir,
                          struct template_place *place, struct err *e);
/* The regular face of a family, or NULL. */
const struct face *press_face(const struct press *p, const char *family);

struct print_order {
    const struct template *template;
    const json_t *record;
    struct slice photo;            /* JPEG of photo_crop(), or empty */
    const char *verify_url;        /* what the QR code says */
    const char *const *seal_roles; /* roles that get a signature field */
    size_t seal_role_count;
    bool service_field; /* an invisible field for the service's own signature */
    enum mark mark;
    bool blank;         /* no data; record is NULL */
    const char *author; /* of the document information, or NULL */
    const char *license_id;
    int64_t moment; /* CreationDate */
    uint8_t id[16]; /* both halves of /ID */
};
/* Pages in the arena. Everything that can fail by the data fails here. */
MUST_CHECK int press_lay_out(struct pages *out, struct press *p, const struct print_order *o, struct arena *a,
                             struct err *e);
/* Appends the PDF of pages made by press_lay_out() with the same order. */
MUST_CHECK int press_print(struct buf *pdf, struct press *p, const struct pages *pages,
                           const struct print_order *o, struct arena *a, struct err *e);

/* --- documents without a row in any journal: proof.c --- */

/* Never sealed, and with the mark that the template says (specimen, draft or none): certificates are
 * specimens whatever is asked for. QR codes lead to host's /v/sample. */
struct proof {
    const struct template *template;
    const json_t *record; /* NULL with blank */
    struct slice photo;   /* JPEG of photo_crop(), or empty */
    const char *host;
    enum mark mark; /* MARK_NONE: what the template says; or MARK_DRAFT, MARK_VOID */
    bool blank; /* to be filled in by hand, without mark; ERR_INVALID where the template has no such form */
};
/* Whether the template makes such a document at all, whatever the record. */
MUST_CHECK int proof_check(const struct proof *proof, struct err *e);
/* Pages as press_lay_out() makes them, and the order that press_print() wants. */
MUST_CHECK int proof_lay_out(struct pages *out, struct print_order *made, struct press *p,
                             const struct proof *proof, struct arena *a, struct err *e);
/* Both in one. The same input gives the same bytes. */
MUST_CHECK int press_proof(struct buf *pdf, struct press *p, const struct proof *proof, struct err *e);
/* The same for a record, marked as the template says. */
MUST_CHECK int press_specimen(struct buf *pdf, struct press *p, const struct template *t,
                              const json_t *record, struct slice photo, const char *host, struct err *e);

/* Whether certificates of the template have room, and type, for these offices' names (committee NULL: for
 * one without). The error's field is /issuer/name or /committee/name. */
MUST_CHECK int press_fits_offices(struct press *p, const struct template *t,
                                  const struct organisation *issuer, const struct organisation *committee,
                                  struct err *e);
/* The same for every profile of a file that was read, and whether its template exists; faults point into the
 * file. */
MUST_CHECK int offices_fit(struct press *p, const struct offices *all, struct faults *faults, struct err *e);
