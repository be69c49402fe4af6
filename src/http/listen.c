#include "http/listen.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 4096, HOST_MAX = 64 };

struct place {
    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
    } address;
    socklen_t len;
    int family;
};

static bool place_read(struct place *out, const char *host, unsigned port)
{
    memset(out, 0, sizeof *out);
    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &out->address.four.sin_addr) == 1) {
        out->address.four.sin_family = AF_INET;
        out->address.four.sin_port = htons((uint16_t)port);
        out->len = sizeof out->address.four;
        out->family = AF_INET;
        return true;
    }
    if (inet_pton(AF_INET6, host, &out->address.six.sin6_addr) != 1)
        return false;
    out->address.six.sin6_family = AF_INET6;
    out->address.six.sin6_port = htons((uint16_t)port);
    out->len = sizeof out->address.six;
    out->family = AF_INET6;
    return true;
}

/* "127.0.0.1:8080", "[::]:8080" */
static int place_parse(struct place *out, const char *listen_at, struct err *e)
{
    const char *colon = strrchr(listen_at, ':');
    char host[HOST_MAX];
    char *end = NULL;
    unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
    size_t len = colon ? (size_t)(colon - listen_at) : 0;
    const char *from = listen_at;

    if (colon == NULL || end == colon + 1 || *end != '\0' || port > 65535 || len >= sizeof host)
        goto wrong;
    if (len >= 2 && from[0] == '[' && from[len - 1] == ']') {
        from++;
        len -= 2;
    }
    memcpy(host, from, len);
    host[len] = '\0';
    if (place_read(out, host, (unsigned)port))
        return 0;
wrong:
    return err_set(e, ERR_INVALID,
                   "\"%.80s\" is no address to listen on; write one like 127.0.0.1:8080 or [::]:8080.",
                   "“%.80s”不是可监听的地址，请写成 127.0.0.1:8080 或 [::]:8080 这样的形式。", listen_at);
}

bool listen_is_loopback(const char *listen_at)
{
    struct place p = {.family = AF_UNSPEC};
    struct err unsaid;

    if (place_parse(&p, listen_at, &unsaid) != 0)
        return false;
    if (p.family == AF_INET)
        return ntohl(p.address.four.sin_addr.s_addr) >> 24 == 127;
    return IN6_IS_ADDR_LOOPBACK(&p.address.six.sin6_addr);
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage at = {0};
    struct sockaddr_in four;
    socklen_t len = sizeof at;

    if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return 0;
    if (at.ss_family == AF_INET6) {
        struct sockaddr_in6 six;

        memcpy(&six, &at, sizeof six);
        return ntohs(six.sin6_port);
    }
    memcpy(&four, &at, sizeof four);
    return ntohs(four.sin_port);
}

int listen_open(int *fd, unsigned *port, const char *listen_at, struct err *e)
{
    const int on = 1, off = 0;
    struct place p = {.family = AF_UNSPEC};

    *fd = -1;
    if (place_parse(&p, listen_at, e) != 0)
        return -1;
    *fd = socket(p.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0)
        goto failed;
    (void)setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (p.family == AF_INET6) /* [::] takes IPv4 as well */
        (void)setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(*fd, &p.address.any, p.len) != 0 || listen(*fd, BACKLOG) != 0)
        goto failed;
    *port = port_of(*fd);
    return 0;
failed:
    err_set(e, ERR_UNAVAILABLE, "Cannot listen on %.80s: %s. Stop what uses it or choose another address.",
            "无法监听 %.80s：%s。请停止占用它的程序或换一个地址。", listen_at, strerror(errno));
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
    return -1;
}
