/* photos.h - how a picture and its crop come in, for every route that takes one. */
#pragma once
#include "api/app.h"

/* The crop of the query string; the query has nothing else. */
MUST_CHECK int photo_read_crop(struct photo_crop *out, const struct request *req, struct err *e);
/* The media type of the body by its bytes, which the header must say, too. NULL with *e. */
const char *photo_type(const struct request *req, struct err *e);
