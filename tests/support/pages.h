/* pages.h - facts for the public pages: an ordinary holder, and one whose every text is as long or as hostile
 * as it may be. */
#pragma once
#include "web/pages.h"

extern const struct page_site site_zh, site_en;

struct page_case {
    struct page_certificate certificate;
    struct page_seal seals[2];
    json_t *record;
};
/* Valid, two seals, of an ordinary person. Dispose with page_case_dispose(). */
void page_case_init(struct page_case *c);
/* The longest texts that an order may have: a name of 28 characters with ·, offices of 30, rare characters.
 */
void page_case_long(struct page_case *c);
void page_case_set(struct page_case *c, const char *member, const char *text);
void page_case_dispose(struct page_case *c);

/* An altered file of that certificate; verdict is the caller's. */
void page_upload_case_pictures(struct page_upload *u);
void page_upload_case(struct page_upload *u, json_t **verdict, const struct page_case *c);
