#include "support/failing_disk.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static enum disk_fault fault;
static atomic_int left;
static atomic_int failed;

void disk_fails(enum disk_fault how, int after)
{
    left = after;
    failed = 0;
    fault = how;
}

int disk_has_failed(void)
{
    return failed;
}

/* Whether this step fails; errno says why. */
static int step_fails(enum disk_fault how)
{
    if (fault == DISK_FINE || atomic_fetch_sub(&left, 1) > 0)
        return 0;
    if (fault == DISK_KILLS)
        (void)raise(SIGKILL);
    if (fault != how)
        return 0;
    failed = 1;
    errno = how == DISK_FULL ? ENOSPC : EIO;
    return 1;
}

/* The glibc prototypes leave these names to whoever defines them first. */
ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    return step_fails(DISK_FULL) ? -1 : syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    return fd > STDERR_FILENO && step_fails(DISK_FULL) ? -1 : syscall(SYS_write, fd, bytes, len);
}

int ftruncate64(int fd, off64_t len)
{
    return step_fails(DISK_FULL) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int fsync(int fd)
{
    return step_fails(DISK_DOES_NOT_SYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return step_fails(DISK_DOES_NOT_SYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int rename(const char *from, const char *to)
{
    return step_fails(DISK_FULL) ? -1 : (int)syscall(SYS_rename, from, to);
}
