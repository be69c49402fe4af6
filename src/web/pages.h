/* pages.h - the pages people see: facts in, HTML out. Knows neither HTTP nor the store.
 *
 * Every text is escaped where it is written; names stand in <bdi>. No script, no style attribute, no address
 * of another host. Chinese, or English where english is set. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <jansson.h>

/* What all pages have in common. */
struct page_site {
    const char *host;         /* of the public address */
    const char *title_issuer; /* under the heading, or "" */
    const char *contact;      /* last line, or "" */
    bool demo;
    bool english;
    int64_t now;
    const char *address; /* path of this page, for the link to the other language */
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

/* One certificate, of the register. */
struct page_certificate {
    enum page_verdict verdict;
    const char *token;
    const json_t *record; /* records/order.h: certificate_record() */
    const char *number;
    bool photo;        /* /v/{token}/photo.jpg shows one */
    bool name_picture; /* /v/{token}/name.svg instead of letters: a character that phones lack */
    const struct page_seal *seals;
    size_t seal_count;
    int64_t status_time;                         /* since when revoked, replaced, ... */
    const char *status_reason, *status_document; /* or NULL */
    const char *new_number;                      /* of the replacement, or NULL */
    bool imported;                               /* 历史证书，登记信息 */
};
MUST_CHECK int page_certificate(struct buf *html, const struct page_site *site,
                                const struct page_certificate *c, struct err *e);
/* The same bytes for an unknown and for a malformed token. */
MUST_CHECK int page_unknown(struct buf *html, const struct page_site *site, struct err *e);
/* 429 and 503. */
MUST_CHECK int page_wait(struct buf *html, const struct page_site *site, unsigned seconds, struct err *e);
MUST_CHECK int page_unavailable(struct buf *html, const struct page_site *site, struct err *e);
/* Anything else that has no page of its own: 404 of other addresses, 405, 400. */
MUST_CHECK int page_problem(struct buf *html, const struct page_site *site, int status, const char *text,
                            struct err *e);
/* /v/sample: where the QR code of a specimen leads. */
MUST_CHECK int page_sample(struct buf *html, const struct page_site *site, struct err *e);

/* Files that pages need: name holds a hash of the content, so they may be kept for ever. */
struct asset {
    const char *path; /* "/static/site.1a2b3c4d.css" */
    const char *content_type;
    struct slice plain, gzip;
};
/* NULL where there is none of that path. */
const struct asset *asset_find(const char *path);
