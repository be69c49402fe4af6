/* shim.c - a disk that fails on demand: preloaded into the program, it counts what is written, synced and
 * renamed below one directory, and lets the calls of a chosen range fail or end the process.
 *
 * SEALPRESS_FAULT_DIR names the directory, SEALPRESS_FAULT_CONTROL a file of sizeof(struct control) bytes
 * that the driver of the test maps and changes while the program runs. Descriptors are known by the path they
 * were opened with, so that processes whose system calls are filtered need none more. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind {
    KIND_WRITE = 1,
    KIND_SYNC = 2,
    KIND_RENAME = 4,
    KIND_TRUNCATE = 8,
    KIND_UNLINK = 16,
    KIND_CREATE = 32
};
enum scope { SCOPE_SERVER = 1, SCOPE_KEYS = 2 };

struct control {
    _Atomic uint32_t kinds, scopes; /* which calls count */
    _Atomic uint32_t count;         /* so far */
    _Atomic uint32_t from, until;   /* the calls that fail, counted from 1; 0: none */
    _Atomic uint32_t error;         /* errno; 0: the process is killed before the call */
    _Atomic uint32_t happened;      /* faults so far */
    _Atomic uint32_t torn;          /* not 0: a write that is killed writes half of its bytes first */
};

enum { DESCRIPTORS = 65536 };

static struct control *control;
static const char *directory;
static size_t directory_len;
static _Atomic uint8_t known[DESCRIPTORS]; /* enum scope, 0: none of ours */

__attribute__((constructor)) static void prepare(void)
{
    const char *path = getenv("SEALPRESS_FAULT_CONTROL");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);

    directory = getenv("SEALPRESS_FAULT_DIR");
    if (fd < 0 || directory == NULL)
        return;
    directory_len = strlen(directory);
    control = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (control == MAP_FAILED)
        control = NULL;
}

#define REAL(name)                                                                                           \
    static __typeof__(&name) real;                                                                           \
    if (real == NULL)                                                                                        \
    real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* Whose file that is, by its path; a name below a directory of ours is of its scope. */
static uint8_t scope_of(int dir, const char *path)
{
    if (directory == NULL || path == NULL)
        return 0;
    if (path[0] != '/')
        return dir >= 0 && dir < DESCRIPTORS ? known[dir] : 0;
    if (strncmp(path, directory, directory_len) != 0 || path[directory_len] != '/')
        return 0;
    return strncmp(path + directory_len, "/keys", 5) == 0 ? SCOPE_KEYS : SCOPE_SERVER;
}

/* Whether this call is to fail, with errno set. May not return. */
static int strikes(enum kind kind, uint8_t scope, int fd, const void *bytes, size_t len)
{
    uint32_t n;

    if (control == NULL || (control->kinds & kind) == 0 || (control->scopes & scope) == 0)
        return 0;
    n = atomic_fetch_add(&control->count, 1) + 1;
    if (n < control->from || n > control->until)
        return 0;
    atomic_fetch_add(&control->happened, 1);
    if (control->error == 0) {
        if (control->torn != 0 && bytes != NULL && len > 1)
            (void)!pwrite(fd, bytes, len / 2, lseek(fd, 0, SEEK_CUR));
        (void)kill(getpid(), SIGKILL);
    }
    errno = (int)control->error;
    return 1;
}

static uint8_t scope_of_fd(int fd)
{
    return fd >= 0 && fd < DESCRIPTORS ? known[fd] : 0;
}

static int opened(int fd, uint8_t scope)
{
    if (fd >= 0 && fd < DESCRIPTORS)
        known[fd] = scope;
    return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? (mode_t)va_arg(ap, int) : 0;
}

#define OPEN(name)                                                                                           \
    int name(const char *path, int flags, ...)                                                               \
    {                                                                                                        \
        uint8_t scope = scope_of(-1, path);                                                                  \
        mode_t mode;                                                                                         \
        va_list ap;                                                                                          \
                                                                                                             \
        REAL(name);                                                                                          \
        va_start(ap, flags);                                                                                 \
        mode = mode_of(flags, ap);                                                                           \
        va_end(ap);                                                                                          \
        if ((flags & O_CREAT) != 0 && strikes(KIND_CREATE, scope, -1, NULL, 0))                              \
            return -1;                                                                                       \
        return opened(real(path, flags, mode), scope);                                                       \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                         \
    int name(int dir, const char *path, int flags, ...)                                                      \
    {                                                                                                        \
        uint8_t scope = scope_of(dir, path);                                                                 \
        mode_t mode;                                                                                         \
        va_list ap;                                                                                          \
                                                                                                             \
        REAL(name);                                                                                          \
        va_start(ap, flags);                                                                                 \
        mode = mode_of(flags, ap);                                                                           \
        va_end(ap);                                                                                          \
        if ((flags & O_CREAT) != 0 && strikes(KIND_CREATE, scope, -1, NULL, 0))                              \
            return -1;                                                                                       \
        return opened(real(dir, path, flags, mode), scope);                                                  \
    }
OPENAT(openat)
OPENAT(openat64)

#define MKOSTEMP(name)                                                                                       \
    int name(char *path, int flags)                                                                          \
    {                                                                                                        \
        uint8_t scope = scope_of(-1, path);                                                                  \
                                                                                                             \
        REAL(name);                                                                                          \
        if (strikes(KIND_CREATE, scope, -1, NULL, 0))                                                        \
            return -1;                                                                                       \
        return opened(real(path, flags), scope);                                                             \
    }
MKOSTEMP(mkostemp)
MKOSTEMP(mkostemp64)

int close(int fd)
{
    REAL(close);
    if (fd >= 0 && fd < DESCRIPTORS)
        known[fd] = 0;
    return real(fd);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    REAL(write);
    return strikes(KIND_WRITE, scope_of_fd(fd), fd, bytes, len) ? -1 : real(fd, bytes, len);
}

ssize_t writev(int fd, const struct iovec *v, int count)
{
    REAL(writev);
    return strikes(KIND_WRITE, scope_of_fd(fd), fd, NULL, 0) ? -1 : real(fd, v, count);
}

#define PWRITE(name)                                                                                         \
    ssize_t name(int fd, const void *bytes, size_t len, off_t at)                                            \
    {                                                                                                        \
        REAL(name);                                                                                          \
        if (strikes(KIND_WRITE, scope_of_fd(fd), fd, NULL, 0))                                               \
            return -1;                                                                                       \
        return real(fd, bytes, len, at);                                                                     \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

int fsync(int fd)
{
    REAL(fsync);
    return strikes(KIND_SYNC, scope_of_fd(fd), fd, NULL, 0) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    REAL(fdatasync);
    return strikes(KIND_SYNC, scope_of_fd(fd), fd, NULL, 0) ? -1 : real(fd);
}

int ftruncate(int fd, off_t len)
{
    REAL(ftruncate);
    return strikes(KIND_TRUNCATE, scope_of_fd(fd), fd, NULL, 0) ? -1 : real(fd, len);
}

int ftruncate64(int fd, off_t len)
{
    REAL(ftruncate64);
    return strikes(KIND_TRUNCATE, scope_of_fd(fd), fd, NULL, 0) ? -1 : real(fd, len);
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    return strikes(KIND_RENAME, scope_of(-1, to), -1, NULL, 0) ? -1 : real(from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    REAL(renameat);
    return strikes(KIND_RENAME, scope_of(to_dir, to), -1, NULL, 0) ? -1 : real(from_dir, from, to_dir, to);
}

int unlink(const char *path)
{
    REAL(unlink);
    return strikes(KIND_UNLINK, scope_of(-1, path), -1, NULL, 0) ? -1 : real(path);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir);
    return strikes(KIND_CREATE, scope_of(-1, path), -1, NULL, 0) ? -1 : real(path, mode);
}
