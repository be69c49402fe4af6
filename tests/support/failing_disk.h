/* failing_disk.h - a disk that is full, does not sync, or takes the process with it at the nth step; for this
 * process and what it forks. Link it into the test program: it stands before the C library. */
#pragma once

enum disk_fault { DISK_FINE, DISK_FULL, DISK_DOES_NOT_SYNC, DISK_KILLS };

/* From the step number `after` on (0: the next one) the disk behaves so. Steps are writes, syncs, changes of
 * size and of names. */
void disk_fails(enum disk_fault how, int after);
/* Whether it has failed since. */
int disk_has_failed(void);
