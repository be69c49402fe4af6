/* cropper_page.h - the page on which a person's photo is chosen and cropped, for organisers in the console
 * and, by a one-time link, for applicants inside a portal's page. */
#pragma once
#include "web/pages.h"

/* The form is multipart/form-data, POST: form_token (where there is one), photo (the original file), x, y,
 * width, height and rotate (struct photo_crop: in pixels of the rotated picture). Without a script these five
 * are empty: then the server keeps the picture as an upload, cropped to the largest centred rectangle, and
 * answers with this page again, preview and upload set; that page's form has "upload" instead of a photo. */
struct page_cropper {
    const char *post;       /* where the form goes; GET shows this page */
    const char *back;       /* where 取消 leads; NULL: nowhere (a portal's page) */
    const char *form_token; /* or NULL */
    const char *name;       /* whose photo */
    const char *number;     /* of the certificate, or NULL */
    const char *title;      /* 资格名称, or NULL */
    const char *problem;    /* why the last file was refused, in the page's language; or NULL */
    const char *preview;    /* address of the picture as the server cropped it; NULL: none yet */
    const char *upload;     /* its id, for "upload"; with preview only */
    bool embedded;          /* in a portal's frame: no head and foot */
    bool console; /* within the console's frame: only what stands between its head and foot is written */
};
MUST_CHECK int page_cropper(struct buf *html, const struct page_site *site, const struct page_cropper *c,
                            struct err *e);
/* After a photo was taken by a link. origins: the pages, separated by spaces, one of which has it in a frame
 * and is told {"sealpress": "photo", "state": "taken"} by postMessage; NULL: none. */
MUST_CHECK int page_photo_taken(struct buf *html, const struct page_site *site, const char *name,
                                const char *origins, struct err *e);
/* For a link that is used up or has expired, and for one that never was. */
MUST_CHECK int page_photo_link_over(struct buf *html, const struct page_site *site, bool embedded,
                                    struct err *e);
/* The same for a link to a file. */
MUST_CHECK int page_file_link_over(struct buf *html, const struct page_site *site, struct err *e);
