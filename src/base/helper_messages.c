#include "base/helper_internal.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union ancillary {
    struct cmsghdr align;
    char room[CMSG_SPACE(sizeof(int))];
};

int helper_send(int socket, const void *message, size_t size, int fd)
{
    struct iovec part = {.iov_len = size};
    union ancillary extra = {.room = {0}};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent;

    memcpy(&part.iov_base, &message, sizeof message); /* sendmsg() only reads it */
    if (fd >= 0) {
        struct cmsghdr *c;

        m.msg_control = extra.room;
        m.msg_controllen = sizeof extra.room;
        c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    do
        sent = sendmsg(socket, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size ? 0 : -1;
}

/* One descriptor at most comes with a message: there is room for no more, the kernel closes the others. */
static void take_descriptor(struct msghdr *m, int *fd)
{
    const struct cmsghdr *c = CMSG_FIRSTHDR(m);

    if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
        c->cmsg_len == CMSG_LEN(sizeof *fd))
        memcpy(fd, CMSG_DATA(c), sizeof *fd);
}

int helper_receive(int socket, void *message, size_t size, int *fd, int flags)
{
    struct iovec part = {message, size};
    union ancillary extra;
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = extra.room, .msg_controllen = sizeof extra.room};
    ssize_t got;

    *fd = -1;
    do
        got = recvmsg(socket, &m, flags | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -1;
    take_descriptor(&m, fd);
    if ((size_t)got == size && !(m.msg_flags & MSG_TRUNC))
        return 1;
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
    return 0;
}
