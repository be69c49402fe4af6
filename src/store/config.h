/* config.h - config.json of a data directory: read once, unknown members refused. A member whose name begins
 * with "//" is a comment. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct config {
    char public_url[256]; /* https, without a slash at the end: what QR codes bear for ever; "" while unset */
    char host[256];       /* of public_url */
    bool demo;            /* sample offices, local test CA */
    char title_issuer[256]; /* under the heading of the public pages; "" : none */
    char contact[256]; /* last line of the public pages, e.g. 发证机关咨询电话 0551-00000000; "": none */
    bool hide_photo;     /* the verify page shows no photo */
    char proxies[8][64]; /* trusted_proxies: addresses or networks */
    size_t proxy_count;
    unsigned connections;     /* most connections at once; 0: the default */
    unsigned issuing_threads; /* 0: one a core */
};

/* ERR_NOT_FOUND, with advice, when data_dir is no data directory. */
MUST_CHECK int config_load(struct config *out, const char *data_dir, struct err *e);
/* Writes what differs from the defaults; other members of the file, comments and their order stay. */
MUST_CHECK int config_save(const struct config *c, const char *data_dir, struct err *e);
/* Checks and takes over an address: https, a host name, no path beyond "/", no user, query or fragment. */
MUST_CHECK int config_set_url(struct config *c, const char *url, struct err *e);
