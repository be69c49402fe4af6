/* preview.h - a template's pages beside its source, in the browser of whoever writes it; made anew when a
 * file of its folder changes. */
#pragma once
#include "base/err.h"

struct preview;

struct preview_order {
    const char *listen; /* "127.0.0.1:8090": loopback only */
    const char *folder; /* of an author, shown beside those of the installation; or NULL */
    const char *name;   /* of the installation's template that is shown first; NULL with folder */
    const char *record; /* a JSON file beside those of the folder, shown first; or NULL */
};

/* Binds and answers until preview_stop(). ERR_INVALID for an address that others reach, ERR_NOT_FOUND for a
 * template that is not there. What is wrong in a template or a record is no failure: the page says it. */
MUST_CHECK int preview_start(struct preview **out, const struct preview_order *o, struct err *e);
unsigned preview_port(const struct preview *p);
void preview_stop(struct preview *p);
