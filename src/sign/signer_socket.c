/* The address of a service's signer: data_dir/signer.socket. It is reached through a descriptor of the
 * directory, as the name of a socket has 107 bytes at most and a path may have more. */
#include "base/clock.h"
#include "sign/signer_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME      "signer.socket"
#define TEMPORARY "signer.socket.new"
enum { BACKLOG = 64 };

static struct sockaddr_un address(int dir, const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    (void)snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/%s", dir, name);
    return at;
}

/* The server's user may write into the directory: what he listens at there is not the signer. */
static bool is_ours(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid());
}

int signer_socket_connect(int dir)
{
    struct sockaddr_un at = address(dir, NAME);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), why;

    if (fd < 0)
        return -1;
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0) {
        if (is_ours(fd))
            return fd;
        errno = ECONNREFUSED;
    }
    why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

static int cannot_listen(const char *data_dir, struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE, "The signer cannot listen at %s/" NAME ": %s.",
                   "签名进程无法在 %s/" NAME " 上监听：%s。", data_dir, strerror(errno));
}

/* A full queue (EAGAIN) is alive too, unless it is one of the server's user. */
static bool somebody_listens(int dir)
{
    struct stat st;
    int fd;

    if (fstatat(dir, NAME, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISSOCK(st.st_mode) ||
        (st.st_uid != 0 && st.st_uid != geteuid()))
        return false;
    fd = signer_socket_connect(dir);
    if (fd >= 0)
        (void)close(fd);
    return fd >= 0 || errno == EAGAIN;
}

/* It takes its name when it listens and has its owner: nobody meets it unfinished. The mode before bind() is
 * the mode of the name (but for the umask, which can only close it further). */
static int bind_at(int fd, int dir, const struct signer_identity *who)
{
    struct sockaddr_un at = address(dir, TEMPORARY);

    if (unlinkat(dir, TEMPORARY, 0) != 0 && errno != ENOENT)
        return -1;
    if (fchmod(fd, 0600) != 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0)
        return -1;
    if (who->isolated && (fchownat(dir, TEMPORARY, 0, who->server_gid, AT_SYMLINK_NOFOLLOW) != 0 ||
                          fchmodat(dir, TEMPORARY, 0660, 0) != 0))
        return -1;
    if (listen(fd, BACKLOG) != 0)
        return -1;
    return renameat(dir, TEMPORARY, dir, NAME);
}

static int listen_in(int *listener, int dir, const char *data_dir, const struct signer_identity *who,
                     struct err *e)
{
    if (somebody_listens(dir))
        return err_set(e, ERR_CONFLICT,
                       "A sealpress service is running on %s already; stop it before you start another.",
                       "%s 上已有 sealpress 服务在运行，请先停止再启动。", data_dir);
    *listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*listener >= 0 && bind_at(*listener, dir, who) == 0)
        return 0;
    cannot_listen(data_dir, e);
    if (*listener >= 0)
        (void)close(*listener);
    *listener = -1;
    return -1;
}

int signer_listen(int *listener, const char *data_dir, const struct signer_identity *who, struct err *e)
{
    int dir = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), keys = -1, rc = -1;

    *listener = -1;
    if (dir >= 0)
        keys = openat(dir, "keys", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (keys < 0 && errno == ENOENT)
        err_set(e, ERR_NOT_FOUND, "%s is no data directory: \"sealpress init\" makes one.",
                "%s 不是数据目录，可用 sealpress init 建立。", data_dir);
    else if (keys < 0 || flock(keys, LOCK_EX) != 0) /* two that start at once: one after the other */
        cannot_listen(data_dir, e);
    else
        rc = listen_in(listener, dir, data_dir, who, e);
    if (keys >= 0)
        (void)close(keys);
    if (dir >= 0)
        (void)close(dir);
    return rc;
}
