/* pages.h - the pages people see: facts in, HTML out. Knows neither HTTP nor the store.
 *
 * Every text is escaped where it is written; names stand in <bdi>. No script, no style attribute, no address
 * of another host. Chinese, or English where english is set; the other language is the same address with
 * another ?lang=. Days and times are those of Asia/Shanghai. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include "font/font.h"
#include <jansson.h>

/* What all pages have in common. */
struct page_site {
    const char *host;         /* of the public address */
    const char *title_issuer; /* under the heading, or "" */
    const char *contact;      /* last line, or "" */
    bool demo;                /* every seal is for tests */
    bool english;
    int64_t now;
};

enum page_verdict {
    PAGE_VALID,
    PAGE_VALID_WITHOUT_SEAL, /* an office has no e-seal */
    PAGE_REVOKED,
    PAGE_CANCELLED,
    PAGE_SUSPENDED,
    PAGE_REPLACED,
    PAGE_CANNOT_CONFIRM /* the stored file failed its check */
};

struct page_seal {
    const char *office;
    bool applied; /* false: the office has no e-seal */
    bool test;
    int64_t moment;
};

/* One certificate, of the register. With a test seal, or on a demo site, a valid one is said to be a test
 * certificate: never genuine. */
struct page_certificate {
    enum page_verdict verdict;
    const char *token;
    const json_t *record; /* records/order.h: certificate_record() */
    const char *number;
    bool photo; /* /v/{token}/photo.jpg shows one; only looked at while it is valid */
    const struct page_seal *seals;
    size_t seal_count;
    int64_t status_time;         /* since when revoked, replaced, ... */
    const char *status_document; /* or NULL */
    const char *new_number;      /* of the replacement, or NULL */
    bool recorded;               /* 历史证书: paper made elsewhere, of which the registration is kept */
    bool has_file;               /* and, of a recorded one, its own PDF */
};
MUST_CHECK int page_certificate(struct buf *html, const struct page_site *site,
                                const struct page_certificate *c, struct err *e);
/* The same bytes for an unknown and for a malformed token. */
MUST_CHECK int page_unknown(struct buf *html, const struct page_site *site, struct err *e);
/* 429 and 503. */
MUST_CHECK int page_wait(struct buf *html, const struct page_site *site, unsigned seconds, struct err *e);
MUST_CHECK int page_unavailable(struct buf *html, const struct page_site *site, struct err *e);
/* Anything else that has no page of its own: 404 of other addresses, 405, 400. text says what is wrong. */
MUST_CHECK int page_problem(struct buf *html, const struct page_site *site, int status, const char *text,
                            struct err *e);
/* /v/sample: where the QR code of a specimen leads. */
MUST_CHECK int page_sample(struct buf *html, const struct page_site *site, struct err *e);

/* /v/: number, name and the last six characters of the identity document. */
enum page_find_note { FIND_EMPTY, FIND_INCOMPLETE, FIND_NO_MATCH };
/* What was typed, kept for another try; NULL for an empty field. The six characters are never kept. */
struct page_typed {
    const char *number, *name;
};
MUST_CHECK int page_find(struct buf *html, const struct page_site *site, enum page_find_note note,
                         const struct page_typed *typed, struct err *e);

/* /v/upload: the form, and why the last file could not be checked. */
enum page_upload_note {
    UPLOAD_EMPTY,
    UPLOAD_NO_FILE,    /* 400 */
    UPLOAD_TOO_LARGE,  /* 413 */
    UPLOAD_NOT_PDF,    /* 415 */
    UPLOAD_UNREADABLE, /* 422 */
    UPLOAD_BUSY        /* 503 */
};
MUST_CHECK int page_upload_form(struct buf *html, const struct page_site *site, enum page_upload_note note,
                                unsigned seconds, struct err *e);

/* What became of an uploaded file. Personal data is shown only where certificate is set. */
enum { PAGE_SEALS_SHOWN = 24 }; /* a file may hold thousands */
enum page_tone { TONE_OK, TONE_BAD, TONE_WARN, TONE_REPLACED, TONE_UNKNOWN };
struct page_change {
    const char *en, *zh;
};
struct page_upload {
    enum page_tone tone;
    const char *word, *sentence; /* of the band, in the site's language */
    bool altered;                /* seals protect only what was there before */
    bool registered;             /* byte for byte a file of ours */
    const char *file_name;       /* as it was sent, or "" */
    uint64_t size;
    size_t pages;        /* 0: not known */
    const char *sha256;  /* 64 hex digits */
    const json_t *seals; /* the members of that name of verdict_json() */
    const json_t *revisions;
    const char *const *pictures; /* one a seal: where the registry's picture of it is, or NULL; or NULL */
    const struct page_change *changes;
    size_t change_count;
    const struct page_certificate *certificate; /* or NULL */
};
MUST_CHECK int page_upload(struct buf *html, const struct page_site *site, const struct page_upload *u,
                           struct err *e);

/* Whether a name has a character that phones may lack: outside ASCII, U+4E00 to 9FA5, the middle dot and CJK
 * punctuation and full-width forms. */
bool name_needs_picture(const char *name);
/* The name as an SVG of outlines, as large as the pages say it is. ERR_NOT_FOUND where a character is in no
 * font. fonts is used by one thread at a time. */
MUST_CHECK int name_picture(struct buf *svg, const char *name, struct fonts *fonts, struct err *e);

/* Files that pages need: name holds a hash of the content, so they may be kept for ever. */
struct asset {
    const char *path; /* "/static/site.1a2b3c4d.css" */
    const char *content_type;
    struct slice plain, gzip;
};
/* NULL where there is none of that path. */
const struct asset *asset_find(const char *path);
