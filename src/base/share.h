/* share.h - where the program's own data (templates, fonts, demo offices) lies. */
#pragma once
#include "base/err.h"
#include <stddef.h>

/* Writes the path of `name` under the shared data directory: $SEALPRESS_SHARE, else share/sealpress beside
 * the program, else ../share/sealpress. ERR_INTERNAL, naming the places, when it is in none of them. */
MUST_CHECK int share_path(char *out, size_t size, const char *name, struct err *e);
