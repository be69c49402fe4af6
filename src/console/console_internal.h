/* console_internal.h - what the files of this room share. */
#pragma once
#include "console/console.h"
#include "web/console_pages.h"

/* GET and POST /photo/{token}: photo_page.c. */
extern const struct route photo_page_routes[];

enum {
    PHOTO_FORM_BYTES = 16 * 1024 * 1024
}; /* of a form with a photo: one that is too large gets a page, too */
/* Where the cropper's form wants the photo cut: its fields x, y, width, height, rotate. *given is false where
 * all of them are empty: the form of a browser without script. */
MUST_CHECK int photo_form_crop(struct photo_crop *out, bool *given, const struct request *req, struct err *e);
/* An err in the page's language. */
const char *console_words(const struct request *req, const struct err *e);

/* --- a visit of somebody who is signed in: session.c --- */

struct console_visit {
    struct app *app;
    struct request *req;
    struct response *res;
    struct desk *d;
    struct session_row session;
    struct filing_actor who;
    struct console_site site;
    bool may_file, may_approve; /* by the key's scopes */
};
/* Makes the response, or fails with *e: then the visitor gets a page that says so. */
typedef int console_page(struct console_visit *v, struct err *e);
/* Finds the session, refuses a POST that is not of our own form, runs the page. Who is not signed in goes to
 * the sign-in and comes back. */
int console_run(void *app, struct request *req, struct response *res, console_page *page, struct err *e);
/* html as the answer; rc is what making it returned. */
MUST_CHECK int console_answer(struct console_visit *v, int status, struct buf *html, int rc);
/* 303; to is an address of ours. */
MUST_CHECK int console_go(struct console_visit *v, struct err *e, const char *to, ...)
    __attribute__((format(printf, 3, 4)));
/* A JSON answer for the script; takes the reference. */
MUST_CHECK int console_json(struct console_visit *v, json_t *value, struct err *e);
/* Whether the script asks. */
bool console_asks_json(const struct console_visit *v);
/* The policy of pages, and of PDF files that they frame. */
void console_dress(struct response *res);
void console_dress_pdf(struct response *res);
/* ?page= from 1 */
unsigned console_page_number(const struct console_visit *v);
/* A field or query without blanks around it; "" where there is none. */
const char *console_field(const struct console_visit *v, const char *name);
const char *console_query(const struct console_visit *v, const char *name);

/* --- texts that are kept: said.c --- */

/* The field as the API would keep it: at most max characters, none that is invisible. NULL for an empty one.
 * what names it to people. */
MUST_CHECK int console_said(const char **out, const struct console_visit *v, const char *field,
                            const char *what, size_t max, struct err *e);
/* The name of a file that was sent, for showing; otherwise where it is none that can be shown. */
const char *console_file_name(const struct console_visit *v, const char *name, const char *otherwise);

/* --- facts: facts.c --- */

/* The filing of the address, with what this visitor may do with it. */
MUST_CHECK int console_find_filing(struct filing_row *row, struct console_filing *out,
                                   struct console_visit *v, struct err *e);
MUST_CHECK int console_filing_of(struct console_filing *out, struct console_visit *v,
                                 const struct filing_row *row, struct err *e);
/* The entry of the address, of that filing. */
MUST_CHECK int console_find_entry(struct entry_row *row, struct console_visit *v, const struct filing_row *f,
                                  struct err *e);
MUST_CHECK int console_entry_of(struct console_entry *out, struct entry *data, struct console_visit *v,
                                const struct entry_row *row, struct err *e);
/* What stands under the state, short; NULL: nothing. */
const char *console_reason(const struct console_visit *v, const struct entry_row *row);
/* Masked, in the request's arena; NULL without memory. */
const char *console_masked(struct console_visit *v, const char *id_number);
MUST_CHECK int console_progress_of(struct console_progress *out, const char **halt, struct console_visit *v,
                                   const struct filing_row *row, struct err *e);
/* Filing and entry of the address. */
struct console_at {
    struct filing_row filing;
    struct console_filing shown;
    struct entry_row entry;
};
MUST_CHECK int console_find_at(struct console_at *at, struct console_visit *v, struct err *e);
/* -1: why the entry has no certificate that could be had. */
int console_refuse_unmade(const struct entry_row *row, struct err *e);
/* The member's text, "" where there is none. */
const char *console_text(const json_t *object, const char *name);
/* The office's name; its id where there is none. */
const char *console_office(struct console_visit *v, const char *id);

/* The tables of the files of this room; each ends with a route whose pattern is NULL. */
extern const struct route session_routes[], form_page_routes[], filing_page_routes[], act_page_routes[],
    entry_photo_routes[], photos_page_routes[], person_page_routes[], import_page_routes[], download_routes[];
