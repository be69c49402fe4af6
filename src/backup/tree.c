#include "backup/tree.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 4, PIECE = 1 << 20, WATCH_EVERY = 256 };

/* A pair of open folders, and what they are called. */
struct pair {
    int from, to;
    const char *name;
};

static int cannot(struct err *e, const char *name)
{
    return err_set(e, ERR_UNAVAILABLE,
                   "%s cannot be copied: %s. Check the free space and who may read and write.",
                   "无法复制 %s：%s。请检查剩余空间和读写权限。", name, strerror(errno));
}

static bool hex_name(const char *name, size_t digits, const char *ending)
{
    return strspn(name, "0123456789abcdef") == digits && strcmp(name + digits, ending) == 0;
}

bool tree_is_document(const char *name)
{
    return hex_name(name, 32, ".pdf");
}

/* What a process that was killed left half written is no document. */
static bool wanted(enum tree_kind kind, const char *name)
{
    switch (kind) {
    case TREE_DOCUMENTS:
        return tree_is_document(name);
    case TREE_ORIGINALS:
        return hex_name(name, 64, "");
    case TREE_FRESH:
        break;
    }
    return name[0] != '.' && strstr(name, ".part") == NULL;
}

static int copy_bytes(int from, int to, uint64_t size)
{
    for (uint64_t done = 0; done < size;) {
        ssize_t n = copy_file_range(from, NULL, to, NULL, PIECE, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break; /* a log that was cut meanwhile */
        done += (uint64_t)n;
    }
    return 0;
}

/* Only root can give things away; whoever else makes a copy keeps it. */
static int give_owner(int fd, const struct stat *st, const struct tree_copy *how)
{
    if (geteuid() == 0 &&
        fchown(fd, how->give ? how->uid : st->st_uid, how->give ? how->gid : st->st_gid) != 0)
        return -1;
    return fchmod(fd, st->st_mode & 07777);
}

static int copy_open_file(const struct pair *p, int in, const struct stat *st, const char *name,
                          const struct tree_copy *how, struct err *e)
{
    char temporary[300];
    int out, rc;

    (void)snprintf(temporary, sizeof temporary, "%s.part", name);
    out = openat(p->to, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (out < 0)
        return cannot(e, name);
    rc = copy_bytes(in, out, (uint64_t)st->st_size) == 0 && give_owner(out, st, how) == 0 ? 0 : -1;
    if (close(out) != 0 || rc != 0 || renameat(p->to, temporary, p->to, name) != 0) {
        (void)cannot(e, name);
        (void)unlinkat(p->to, temporary, 0);
        return -1;
    }
    return 0;
}

/* Whether what is there already is as good as a copy. */
static bool there_already(const struct pair *p, const char *name, const struct stat *st,
                          const struct tree_copy *how)
{
    struct stat other;

    if (fstatat(p->to, name, &other, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(other.st_mode))
        return false;
    return how->keep || (how->kind != TREE_FRESH && other.st_size == st->st_size);
}

static void count(const struct tree_copy *how, const struct stat *st, bool copied)
{
    struct backup_report *r = how->report;

    if (how->kind == TREE_FRESH)
        return;
    r->files++;
    r->copied += copied;
    r->bytes += copied ? (uint64_t)st->st_size : 0;
    if (how->watch != NULL && r->files % WATCH_EVERY == 0)
        how->watch(how->arg, r->files);
}

static int copy_file(const struct pair *p, const char *name, const struct tree_copy *how, struct err *e)
{
    int in = openat(p->from, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), rc = 0;
    struct stat st;
    bool fresh;

    if (in < 0)
        return errno == ENOENT || errno == ELOOP ? 0 : cannot(e, name);
    if (fstat(in, &st) != 0)
        rc = cannot(e, name);
    if (rc == 0 && S_ISREG(st.st_mode)) {
        fresh = !there_already(p, name, &st, how);
        if (fresh)
            rc = copy_open_file(p, in, &st, name, how, e);
        if (rc == 0)
            count(how, &st, fresh);
    }
    (void)close(in);
    return rc;
}

/* Opens the folder on both sides; *in.from -1: from has none. */
static int open_folder(struct pair *in, const struct pair *p, const char *name, const struct tree_copy *how,
                       struct err *e)
{
    struct stat st;

    in->name = name;
    in->to = -1;
    in->from = openat(p->from, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (in->from < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : cannot(e, name);
    if (fstat(in->from, &st) == 0 && (mkdirat(p->to, name, 0700) == 0 || errno == EEXIST))
        in->to = openat(p->to, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (in->to >= 0 && give_owner(in->to, &st, how) == 0)
        return 0;
    (void)cannot(e, name);
    (void)close(in->from);
    if (in->to >= 0)
        (void)close(in->to);
    return -1;
}

static int copy_folder(const struct pair *p, const char *name, const struct tree_copy *how, int depth,
                       struct err *e)
{
    struct dirent *entry;
    struct pair in;
    DIR *list;
    int rc = 0;

    if (open_folder(&in, p, name, how, e) != 0)
        return -1;
    if (in.from < 0)
        return 0;
    list = fdopendir(dup(in.from));
    if (list == NULL)
        rc = cannot(e, name);
    while (list != NULL && rc == 0 && (entry = readdir(list)) != NULL) {
        struct stat st;

        if (entry->d_name[0] == '.' || fstatat(in.from, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
            rc = copy_folder(&in, entry->d_name, how, depth + 1, e);
        else if (S_ISREG(st.st_mode) && wanted(how->kind, entry->d_name))
            rc = copy_file(&in, entry->d_name, how, e);
    }
    if (list != NULL)
        (void)closedir(list);
    (void)close(in.from);
    (void)close(in.to);
    return rc;
}

static int open_pair(struct pair *p, const char *from, const char *to, struct err *e)
{
    p->from = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    p->to = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->from >= 0 && p->to >= 0)
        return 0;
    (void)cannot(e, p->from < 0 ? from : to);
    if (p->from >= 0)
        (void)close(p->from);
    if (p->to >= 0)
        (void)close(p->to);
    return -1;
}

int tree_copy(const char *from, const char *to, const char *name, const struct tree_copy *how, struct err *e)
{
    struct pair p;
    int rc;

    if (open_pair(&p, from, to, e) != 0)
        return -1;
    rc = copy_folder(&p, name, how, 0, e);
    (void)close(p.from);
    (void)close(p.to);
    return rc;
}

int tree_copy_file(bool *there, const char *from, const char *to, const char *name, struct err *e)
{
    struct tree_copy how = {.kind = TREE_FRESH};
    struct stat st;
    struct pair p;
    int rc;

    if (open_pair(&p, from, to, e) != 0)
        return -1;
    *there = fstatat(p.from, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    rc = *there ? copy_file(&p, name, &how, e) : 0;
    (void)close(p.from);
    (void)close(p.to);
    return rc;
}

int tree_sync(const char *dir, struct err *e)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd >= 0 && syncfs(fd) == 0 ? 0 : cannot(e, dir);

    if (fd >= 0)
        (void)close(fd);
    return rc;
}
