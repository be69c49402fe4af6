/* console_internal.h - what the files of this room share. */
#pragma once
#include "console/console.h"

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
