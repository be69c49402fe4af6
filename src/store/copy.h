/* copy.h - the database as it is at one moment, for backups. */
#pragma once
#include "base/err.h"

/* Copies the database `from` (a path) to `to`, replacing it, while others may write `from`: what is committed
 * when it begins, in one file, synced. */
MUST_CHECK int store_copy_database(const char *from, const char *to, struct err *e);
/* ERR_INVALID where the file is no whole database. */
MUST_CHECK int store_check_database(const char *path, struct err *e);
