/* file.h - whole files in and out. A path handed in here is the operator's or our own, never from outside. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <sys/types.h>

/* Appends the file to out. ERR_NOT_FOUND; ERR_TOO_LARGE when it is larger than out's ceiling (judged before
 * reading); ERR_UNAVAILABLE for the disk. "-" is standard input. */
MUST_CHECK int file_read(struct buf *out, const char *path, struct err *e);
/* Replaces path in one step: a temporary file beside it, fsync, rename, fsync of the directory. Nothing of it
 * remains when this fails. mode as in chmod(2). */
MUST_CHECK int file_write(const char *path, struct slice content, mode_t mode, struct err *e);
/* The same, owned by uid and gid ((uid_t)-1, (gid_t)-1: by who we are) from the moment it has its name. */
MUST_CHECK int file_write_as(const char *path, struct slice content, mode_t mode, uid_t uid, gid_t gid,
                             struct err *e);
/* Writes all of it to an open file. 0, or -1 with errno: for whoever needs the steps of file_write() one by
 * one. */
MUST_CHECK int file_put(int fd, struct slice content);
/* fsync() of a directory: names in it that were made, changed or removed before are on the disk. 0, or -1
 * with errno. */
int dir_sync(const char *path);
/* Makes the directory if it is not there (its parent must be). */
MUST_CHECK int dir_make(const char *path, mode_t mode, struct err *e);
bool file_exists(const char *path);
