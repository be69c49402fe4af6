/* page_view.h - what the public pages' handlers share: the site, a row as a page shows it, the answer. */
#pragma once
#include "api/app.h"
#include "web/pages.h"

enum { PAGE_MAX_BYTES = 256 * 1024 };

/* The room for a page, and whose page it is. */
struct page_site page_site_of(const struct app *app, const struct request *req);

/* A row of the journal with everything that a page says of it. */
struct page_view {
    struct page_certificate certificate;
    struct page_seal seals[2]; /* of committee and issuer */
    json_t *record;
};
/* new_number is looked up in s. Texts are the arena's; dispose also after a failure. */
MUST_CHECK int page_view_init(struct page_view *v, const struct app *app, const struct certificate_row *row,
                              struct store *s, struct arena *a, struct err *e);
void page_view_dispose(struct page_view *v);
/* Whether the holder's photo may be shown to whoever has the token. */
bool page_view_photo(const struct app *app, const struct certificate_row *row);

/* Hands html over as the answer, with its language and status; rc is what making it returned. */
MUST_CHECK int page_answer(const struct request *req, struct response *res, int status, struct buf *html,
                           int rc);
/* 429 with Retry-After. */
MUST_CHECK int page_answer_wait(struct app *app, const struct request *req, struct response *res,
                                unsigned seconds, struct err *e);
/* The page of one certificate, 200. */
MUST_CHECK int page_answer_row(struct app *app, struct request *req, struct response *res,
                               const struct certificate_row *row, struct err *e);

/* The last small photos by the SHA-256 of the crop: copies it to out, or remembers it. Thread-safe; NULL is
 * a cache that has nothing. */
bool page_cache_photo(struct buf *out, struct page_cache *c, const uint8_t sha256[SHA256_SIZE]);
void page_cache_keep_photo(struct page_cache *c, const uint8_t sha256[SHA256_SIZE], struct slice jpeg);
/* name_picture() with the cache's fonts. ERR_NOT_FOUND with NULL. */
MUST_CHECK int page_cache_name(struct buf *svg, struct page_cache *c, const char *name, struct err *e);

/* Pictures of the registry's seals by the SHA-256 (64 hex digits) of the certificate that signed; kept in
 * memory. Thread-safe; NULL knows none. ERR_NOT_FOUND. */
struct page_seals;
struct page_seals *page_seals_new(void);
void page_seals_free(struct page_seals *s);
bool page_seals_have(struct page_seals *s, const char *data_dir, const char *certificate);
MUST_CHECK int page_seals_picture(struct buf *out, const char **content_type, struct page_seals *s,
                                  const char *data_dir, const char *certificate, struct err *e);
/* That of the cache; NULL where there is none. */
struct page_seals *page_cache_seals(struct page_cache *c);

/* GET and POST /v/upload: page_upload.c. */
http_handler page_upload_get, page_upload_post;
enum { UPLOAD_MAX_BYTES = 20 * 1024 * 1024, UPLOAD_FORM_BYTES = 64 * 1024 };
