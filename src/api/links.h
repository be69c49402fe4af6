/* links.h - what a browser is lent without a key. A link's token is shown once and kept as its hash alone; no
 * log and no error bears it. */
#pragma once
#include "api/app.h"
#include "store/jobs.h"

/* What became of looking for the link of the path's {token}. */
enum link_found {
    LINK_FOUND,
    LINK_OVER, /* there is none, or it has expired: the same for whoever guesses */
    LINK_WAIT  /* too many wrong tokens from this address */
};
/* seconds: of LINK_WAIT. -1: the store is away. */
MUST_CHECK int link_find(struct link_row *out, enum link_found *found, unsigned *seconds, struct app *app,
                         struct request *req, struct err *e);
