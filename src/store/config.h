/* config.h - config.json of a data directory: read once, unknown members refused. */
#pragma once
#include "base/err.h"
#include <stdbool.h>

struct config {
    char public_url[256]; /* https, without a slash at the end: what QR codes bear for ever; "" while unset */
    char host[256];       /* of public_url */
    bool demo;            /* sample offices, local test CA */
};

/* ERR_NOT_FOUND, with advice, when data_dir is no data directory. */
MUST_CHECK int config_load(struct config *out, const char *data_dir, struct err *e);
MUST_CHECK int config_save(const struct config *c, const char *data_dir, struct err *e);
/* Checks and takes over an address: https, a host name, no path beyond "/", no user, query or fragment. */
MUST_CHECK int config_set_url(struct config *c, const char *url, struct err *e);
