/* lock.h - which process works on which certificate. The kernel gives a lock back when its holder dies. */
#pragma once
#include "base/err.h"
#include <stdbool.h>

/* Opens data_dir/issue.lock; *fd is the caller's. */
MUST_CHECK int lock_open(int *fd, const char *data_dir, struct err *e);
/* Takes the lock of the certificate with this id (hex). Waits for it, or (wait false) answers *taken false.
 */
MUST_CHECK int lock_take(bool *taken, int fd, const char *id, bool wait, struct err *e);
void lock_release(int fd, const char *id);
