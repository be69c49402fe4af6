/* Who is answered, and in which turn: each client that has asked gets one answer a round, and is dropped
 * rather than waited for. */
#include "base/clock.h"
#include "sign/signer_internal.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64, AT_LISTENER = 0, AT_PARENT, AT_TERM, AT_CLIENTS, PAUSE_MS = 50 };

struct clients {
    struct pollfd polled[AT_CLIENTS + CLIENTS_MAX];
    nfds_t count; /* of polled */
};

static bool is_allowed(struct signer_state *s, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    char what[64];

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return false;
    if (peer.uid == 0 || peer.uid == s->who.server_uid || peer.uid == s->who.signer_uid)
        return true;
    (void)snprintf(what, sizeof what, "event=refused-client uid=%lu", (unsigned long)peer.uid);
    signer_complain(s, what);
    return false;
}

static void let_in(struct signer_state *s, struct clients *c)
{
    int fd = accept4(s->door.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0 && is_allowed(s, fd))
        c->polled[c->count++] = (struct pollfd){fd, POLLIN, 0};
    else if (fd >= 0)
        (void)close(fd);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        (void)poll(NULL, 0, PAUSE_MS); /* no descriptor, no memory: the same would be tried at once */
}

static bool tend(struct signer_state *s)
{
    struct signer_log_key key = signer_head_key(s);
    struct err e;

    if (signer_log_tend(s->log, &key, clock_now(), &e) == 0)
        return true;
    (void)fprintf(stderr, "sealpress-signer: %s\n", e.en);
    return false; /* no head and no sync means no log: better no seals */
}

/* false: the client is gone, or has to go. What was asked by one who left meanwhile is not done: he would
 * not learn of it, and a use of a grant would be lost. */
static bool serve_one(struct signer_state *s, const struct pollfd *p)
{
    struct signer_request q;
    bool sensible;
    ssize_t len;

    if (p->revents & (POLLHUP | POLLERR | POLLNVAL))
        return false;
    memset(&q, 0, sizeof q);
    /* MSG_TRUNC: the true length of a packet that is too long */
    len = recv(p->fd, &q, sizeof q, MSG_TRUNC | MSG_DONTWAIT);
    if (len < 0)
        return errno == EINTR || errno == EAGAIN;
    if (len == 0)
        return false;
    sensible = signer_answer_request(s, &q, (size_t)len);
    len = (ssize_t)signer_answer_size(&s->answer);
    return send(p->fd, &s->answer, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) == len &&
           (sensible || s->door.listener < 0);
}

static bool serve_all(struct signer_state *s, struct clients *c)
{
    for (nfds_t i = c->count; i-- > AT_CLIENTS;) {
        if (c->polled[i].revents == 0)
            continue;
        if (!serve_one(s, &c->polled[i])) {
            (void)close(c->polled[i].fd);
            c->polled[i] = c->polled[--c->count];
        }
        if (!tend(s))
            return false;
    }
    return true;
}

void signer_serve(struct signer_state *s)
{
    struct clients c = {.count = AT_CLIENTS};
    bool go_on = true;

    c.polled[AT_PARENT] = (struct pollfd){s->door.parent, POLLIN, 0};
    c.polled[AT_TERM] = (struct pollfd){s->door.term, POLLIN, 0};
    if (s->door.listener < 0)
        c.polled[c.count++] = (struct pollfd){s->door.first, POLLIN, 0};
    while (go_on && (s->door.listener >= 0 || c.count > AT_CLIENTS)) {
        bool room = c.count < AT_CLIENTS + CLIENTS_MAX;
        int ready;

        c.polled[AT_LISTENER] = (struct pollfd){room ? s->door.listener : -1, POLLIN, 0};
        ready = poll(c.polled, c.count, signer_log_due_ms(s->log));
        if (ready < 0 && errno != EINTR && errno != EAGAIN && errno != ENOMEM)
            break;
        if (ready <= 0)
            go_on = tend(s);
        else if (c.polled[AT_PARENT].revents != 0 || c.polled[AT_TERM].revents != 0)
            break;
        else
            go_on = serve_all(s, &c);
        if (ready > 0 && c.polled[AT_LISTENER].revents != 0)
            let_in(s, &c);
    }
}
