/* shim.c - a disk that fails on demand: preloaded into the program, it counts what is written, synced and
 * renamed below one directory, and lets the calls of a chosen range fail or end the process.
 *
 * SEALPRESS_FAULT_DIR names the directory, SEALPRESS_FAULT_CONTROL a file of sizeof(struct control) bytes
 * that the driver of the test maps and changes while the program runs. Descriptors are known by the path they
 * were opened with, so that processes whose system calls are filtered need none more.
 *
 * SEALPRESS_FAULT_TRACE names a file that takes down what was done below the directory, without keys/: from
 * it the driver knows what a disk would have kept when the power fails. */
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

/* What happened, one struct event behind the other; mapped, as some processes close every descriptor. */
struct trace {
    _Atomic uint64_t end; /* bytes used, with this head */
    uint64_t size;
};

enum act { ACT_WRITE = 1, ACT_SYNC, ACT_RENAME, ACT_TRUNCATE, ACT_UNLINK, ACT_CREATE, ACT_FOLDER };

struct event {
    uint32_t size; /* with what follows: path, other path, data */
    uint32_t act;
    uint64_t inode, at;
    uint32_t path_len, other_len, data_len, unused;
};

static struct control *control;
static struct trace *trace;
static const char *directory;
static size_t directory_len;
static _Atomic uint8_t known[DESCRIPTORS]; /* enum scope, 0: none of ours */

/* The file that this variable names, mapped; NULL without. */
static void *map_named(const char *variable, size_t *size)
{
    const char *path = getenv(variable);
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    void *memory = MAP_FAILED;
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0) {
        *size = (size_t)st.st_size;
        memory = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (fd >= 0)
        (void)close(fd);
    return memory == MAP_FAILED ? NULL : memory;
}

__attribute__((constructor)) static void prepare(void)
{
    size_t size;

    directory = getenv("SEALPRESS_FAULT_DIR");
    if (directory == NULL)
        return;
    directory_len = strlen(directory);
    control = map_named("SEALPRESS_FAULT_CONTROL", &size);
    trace = map_named("SEALPRESS_FAULT_TRACE", &size);
    if (trace != NULL)
        trace->size = size;
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
    if (strncmp(path, directory, directory_len) != 0 ||
        (path[directory_len] != '/' && path[directory_len] != '\0'))
        return 0;
    return strncmp(path + directory_len, "/keys", 5) == 0 ? SCOPE_KEYS : SCOPE_SERVER;
}

/* Whether this call is to fail, with errno set. May not return. at: -1 is where the descriptor stands, asked
 * only then, as some processes may not ask. */
static int strikes_at(enum kind kind, uint8_t scope, int fd, const void *bytes, size_t len, off_t at)
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
            (void)!pwrite(fd, bytes, len / 2, at < 0 ? lseek(fd, 0, SEEK_CUR) : at);
        (void)kill(getpid(), SIGKILL);
    }
    errno = (int)control->error;
    return 1;
}

static int strikes(enum kind kind, uint8_t scope)
{
    return strikes_at(kind, scope, -1, NULL, 0, 0);
}

struct part {
    const void *bytes;
    size_t len;
};

/* After the act, so that nothing counts as done before it is. Nothing is taken down when there is no room:
 * the driver sees that by the end. */
static void take_down(struct event head, struct part path, struct part other, struct part data)
{
    const struct part parts[] = {path, other, data};
    uint64_t at;
    char *to;

    head.path_len = (uint32_t)path.len;
    head.other_len = (uint32_t)other.len;
    head.data_len = (uint32_t)data.len;
    head.size = (uint32_t)((sizeof head + path.len + other.len + data.len + 7) & ~(size_t)7);
    at = atomic_fetch_add(&trace->end, head.size);
    if (at + head.size > trace->size)
        return;
    to = (char *)trace + at;
    memcpy(to, &head, sizeof head);
    to += sizeof head;
    for (size_t i = 0; i < 3; i++) {
        if (parts[i].len > 0)
            memcpy(to, parts[i].bytes, parts[i].len);
        to += parts[i].len;
    }
}

static const struct part nothing = {NULL, 0};

static void tell_paths(enum act act, const char *path, const char *other, int fd)
{
    struct stat st = {.st_ino = 0};
    int kept = errno;

    if (trace != NULL && scope_of(-1, path) == SCOPE_SERVER) {
        if (fd >= 0)
            (void)fstat(fd, &st);
        take_down((struct event){.act = act, .inode = st.st_ino}, (struct part){path, strlen(path)},
                  (struct part){other, other == NULL ? 0 : strlen(other)}, nothing);
    }
    errno = kept;
}

static uint8_t scope_of_fd(int fd)
{
    return fd >= 0 && fd < DESCRIPTORS ? known[fd] : 0;
}

static void tell_fd(enum act act, int fd, uint64_t at, const void *bytes, size_t len)
{
    char name[64], path[4096];
    struct stat st;
    ssize_t got = 0;
    int kept = errno;

    if (trace != NULL && scope_of_fd(fd) == SCOPE_SERVER && fstat(fd, &st) == 0) {
        (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        if (act == ACT_SYNC && S_ISDIR(st.st_mode))
            got = readlink(name, path, sizeof path);
        take_down((struct event){.act = act, .inode = st.st_ino, .at = at},
                  (struct part){path, got > 0 ? (size_t)got : 0}, nothing, (struct part){bytes, len});
    }
    errno = kept;
}

/* What a successful write() has put where the descriptor stood before. */
static ssize_t told_write(int fd, const void *bytes, ssize_t put)
{
    if (put > 0 && scope_of_fd(fd) == SCOPE_SERVER)
        tell_fd(ACT_WRITE, fd, (uint64_t)(lseek(fd, 0, SEEK_CUR) - put), bytes, (size_t)put);
    return put;
}

static int told(int rc, enum act act, int fd, uint64_t at)
{
    if (rc == 0)
        tell_fd(act, fd, at, NULL, 0);
    return rc;
}

static int told_paths(int rc, enum act act, const char *path, const char *other)
{
    if (rc == 0)
        tell_paths(act, path, other, -1);
    return rc;
}

static int opened(int fd, uint8_t scope)
{
    if (fd >= 0 && fd < DESCRIPTORS)
        known[fd] = scope;
    return fd;
}

static int made(int fd, const char *path, int flags)
{
    if (fd >= 0 && (flags & O_CREAT) != 0)
        tell_paths(ACT_CREATE, path, NULL, fd);
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
        if ((flags & O_CREAT) != 0 && strikes(KIND_CREATE, scope))                                           \
            return -1;                                                                                       \
        return made(opened(real(path, flags, mode), scope), path, flags);                                    \
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
        if ((flags & O_CREAT) != 0 && strikes(KIND_CREATE, scope))                                           \
            return -1;                                                                                       \
        return made(opened(real(dir, path, flags, mode), scope), path, flags);                               \
    }
OPENAT(openat)
OPENAT(openat64)

#define MKOSTEMP(name)                                                                                       \
    int name(char *path, int flags)                                                                          \
    {                                                                                                        \
        uint8_t scope = scope_of(-1, path);                                                                  \
                                                                                                             \
        REAL(name);                                                                                          \
        if (strikes(KIND_CREATE, scope))                                                                     \
            return -1;                                                                                       \
        return made(opened(real(path, flags), scope), path, O_CREAT);                                        \
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
    if (strikes_at(KIND_WRITE, scope_of_fd(fd), fd, bytes, len, -1))
        return -1;
    return told_write(fd, bytes, real(fd, bytes, len));
}

ssize_t writev(int fd, const struct iovec *v, int count)
{
    REAL(writev);
    return strikes(KIND_WRITE, scope_of_fd(fd)) ? -1 : real(fd, v, count);
}

#define PWRITE(name)                                                                                         \
    ssize_t name(int fd, const void *bytes, size_t len, off_t at)                                            \
    {                                                                                                        \
        ssize_t put;                                                                                         \
                                                                                                             \
        REAL(name);                                                                                          \
        if (strikes_at(KIND_WRITE, scope_of_fd(fd), fd, bytes, len, at))                                     \
            return -1;                                                                                       \
        put = real(fd, bytes, len, at);                                                                      \
        if (put > 0)                                                                                         \
            tell_fd(ACT_WRITE, fd, (uint64_t)at, bytes, (size_t)put);                                        \
        return put;                                                                                          \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

int fsync(int fd)
{
    REAL(fsync);
    return strikes(KIND_SYNC, scope_of_fd(fd)) ? -1 : told(real(fd), ACT_SYNC, fd, 0);
}

int fdatasync(int fd)
{
    REAL(fdatasync);
    return strikes(KIND_SYNC, scope_of_fd(fd)) ? -1 : told(real(fd), ACT_SYNC, fd, 0);
}

int ftruncate(int fd, off_t len)
{
    REAL(ftruncate);
    return strikes(KIND_TRUNCATE, scope_of_fd(fd)) ? -1
                                                   : told(real(fd, len), ACT_TRUNCATE, fd, (uint64_t)len);
}

int ftruncate64(int fd, off_t len)
{
    REAL(ftruncate64);
    return strikes(KIND_TRUNCATE, scope_of_fd(fd)) ? -1
                                                   : told(real(fd, len), ACT_TRUNCATE, fd, (uint64_t)len);
}

int rename(const char *from, const char *to)
{
    REAL(rename);
    if (strikes(KIND_RENAME, scope_of(-1, to)))
        return -1;
    return told_paths(real(from, to), ACT_RENAME, from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    REAL(renameat);
    return strikes(KIND_RENAME, scope_of(to_dir, to)) ? -1 : real(from_dir, from, to_dir, to);
}

int unlink(const char *path)
{
    REAL(unlink);
    return strikes(KIND_UNLINK, scope_of(-1, path)) ? -1 : told_paths(real(path), ACT_UNLINK, path, NULL);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir);
    return strikes(KIND_CREATE, scope_of(-1, path)) ? -1
                                                    : told_paths(real(path, mode), ACT_FOLDER, path, NULL);
}
