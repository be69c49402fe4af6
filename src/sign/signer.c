/* The client's end of the signer. */
#include "sign/signer.h"
#include "base/clock.h"
#include "base/digest.h"
#include "sign/signer_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* START waits for another command's signer too; an answer is due even while the disk syncs. */
enum { START_MS = 30 * 1000, ANSWER_MS = 15 * 1000, PING_MS = 2000, RECONNECT_MS = 2000, NAP_MS = 20 };

struct signer {
    int socket; /* -1: to be connected anew */
    int dir;    /* of a service, where its socket is; -1: a signer of our own */
    pid_t pid;
    uint64_t number;
    struct signer_answer answer;
};

void signer_identity_find(struct signer_identity *out)
{
    const struct passwd *user;

    *out = (struct signer_identity){geteuid(), geteuid(), getegid(), getegid(), false};
    if (geteuid() != 0)
        return;
    user = getpwnam("sealpress");
    if (user == NULL || user->pw_uid == 0)
        return;
    out->server_uid = user->pw_uid;
    out->server_gid = user->pw_gid;
    user = getpwnam("sealpress-signer");
    out->isolated = user != NULL && user->pw_uid != 0 && user->pw_uid != out->server_uid;
    if (out->isolated) {
        out->signer_uid = user->pw_uid;
        out->signer_gid = user->pw_gid;
    } else {
        out->server_uid = geteuid();
        out->server_gid = getegid();
    }
}

int signer_become_server(const struct signer_identity *who, struct err *e)
{
    return who->isolated ? signer_identity_take(who->server_uid, who->server_gid, e) : 0;
}

static int gone(const struct signer *s, struct err *e)
{
    if (s->dir >= 0)
        return err_set(e, ERR_UNAVAILABLE,
                       "The signer, which holds the keys, is being started again; try again in a moment.",
                       "保管密钥的签名进程正在重新启动，请稍后重试。");
    return err_set(e, ERR_UNAVAILABLE, "The signer, which holds the keys, has ended; start sealpress again.",
                   "保管密钥的签名进程已退出，请重新启动 sealpress。");
}

static int too_late(int wait_ms, struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE, "The signer did not answer within %d seconds; try again.",
                   "签名进程在 %d 秒内没有应答，请重试。", wait_ms / 1000);
}

static void nap(void)
{
    struct timespec time = {0, NAP_MS * 1000 * 1000};

    (void)nanosleep(&time, NULL);
}

/* What became of a request. */
enum fate {
    ANSWERED,
    REFUSED, /* with the signer's own reason */
    LATE,
    NOT_READ, /* the signer ended before it read the request */
    LOST      /* it ended, and may have done what was asked */
};

static void take_reason(struct err *e, const struct signer_answer *a)
{
    err_set(e, (enum err_code)a->code, "%s", "%s", "");
    memcpy(e->en, a->body.why.en, sizeof e->en);
    memcpy(e->zh, a->body.why.zh, sizeof e->zh);
    memcpy(e->detail, a->body.why.detail, sizeof e->detail);
    e->en[sizeof e->en - 1] = '\0';
    e->zh[sizeof e->zh - 1] = '\0';
    e->detail[sizeof e->detail - 1] = '\0';
}

/* The answer to request `number`; answers to requests given up before are passed over. A socket that is
 * closed while packets wait unread in it fails with ECONNRESET at the other end (and ours was the last
 * packet), one that had been read to the end ends with 0. */
static enum fate receive(struct signer *s, uint64_t number, int wait_ms, struct err *e)
{
    int64_t deadline = clock_monotonic_ms() + wait_ms;

    for (;;) {
        struct pollfd p = {s->socket, POLLIN, 0};
        int64_t left = deadline - clock_monotonic_ms();
        ssize_t len;

        if (left <= 0)
            return LATE;
        if (poll(&p, 1, (int)left) <= 0)
            continue;
        len = recv(s->socket, &s->answer, sizeof s->answer, MSG_DONTWAIT);
        if (len < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (len < 0 && errno == ECONNRESET)
            return NOT_READ;
        if (len < SIGNER_ANSWER_HEAD || s->answer.version != SIGNER_PROTOCOL ||
            (size_t)len != signer_answer_size(&s->answer))
            return LOST;
        if (s->answer.number != number)
            continue;
        if (s->answer.code == ERR_NONE)
            return ANSWERED;
        take_reason(e, &s->answer);
        return REFUSED;
    }
}

/* What receive() says, as an error. */
static int failed(const struct signer *s, enum fate fate, int wait_ms, struct err *e)
{
    if (fate == ANSWERED)
        return 0;
    if (fate == LATE)
        return too_late(wait_ms, e);
    return fate == REFUSED ? -1 : gone(s, e);
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static int no_process(struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE, "The signer process could not be started: %s.",
                   "无法启动签名进程：%s。", strerror(errno));
}

static int fork_signer(struct signer *s, const struct signer_door *door, int other_end, const char *data_dir,
                       const struct signer_identity *who, struct err *e)
{
    (void)fflush(NULL); /* or the child would print it once more */
    s->pid = fork();
    if (s->pid < 0)
        return no_process(e);
    if (s->pid == 0) {
        (void)close(other_end);
        (void)prctl(PR_SET_NAME, "sealpress-sign");
        _exit(signer_process_run(door, data_dir, who));
    }
    return 0;
}

/* Leaves s->socket connected to a child that is ready; after a failure there is neither. */
static int begin(struct signer *s, struct signer_door *door, const char *data_dir,
                 const struct signer_identity *who, struct err *e)
{
    int ends[2], rc;

    s->dir = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return no_process(e);
    s->socket = ends[0];
    door->first = ends[1];
    rc = fork_signer(s, door, ends[0], data_dir, who, e);
    (void)close(ends[1]);
    if (rc == 0) {
        rc = failed(s, receive(s, 0, START_MS, e), START_MS, e);
        if (rc == 0)
            return 0;
        (void)close(s->socket);
        (void)kill(s->pid, SIGKILL); /* it may still wait for another signer's end */
        reap(s->pid);
        return -1;
    }
    (void)close(s->socket);
    return -1;
}

int signer_spawn(struct signer **out, const char *data_dir, const struct signer_identity *who, struct err *e)
{
    struct signer_door door = {-1, -1, -1, -1};
    struct signer *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return err_no_memory(e);
    if (begin(s, &door, data_dir, who, e) != 0) {
        free(s);
        return -1;
    }
    *out = s;
    return 0;
}

/* The signer watches us by a pidfd: unlike the end of a pipe no other child of ours keeps it open, and unlike
 * PR_SET_PDEATHSIG it outlasts the change of user. */
int signer_start(pid_t *pid, int listener, const char *data_dir, const struct signer_identity *who,
                 struct err *e)
{
    struct signer_door door = {-1, listener, (int)syscall(SYS_pidfd_open, getpid(), 0), -1};
    struct signer *s = calloc(1, sizeof *s);
    int rc = -1;

    if (s == NULL)
        err_no_memory(e);
    else if (door.parent < 0)
        no_process(e);
    else
        rc = begin(s, &door, data_dir, who, e);
    if (rc == 0) {
        *pid = s->pid;
        (void)close(s->socket);
    }
    if (door.parent >= 0)
        (void)close(door.parent);
    free(s);
    return rc;
}

static int no_service(const char *data_dir, int why, struct err *e)
{
    if (why == EACCES || why == EPERM)
        return err_set(e, ERR_FORBIDDEN,
                       "A sealpress service is running on %s, but this user may not use it; run the command "
                       "as root.",
                       "%s 上有 sealpress 服务在运行，但当前用户无权使用，请以 root 运行。", data_dir);
    if (why == ENOENT || why == ENOTDIR || why == ECONNREFUSED || why == EPROTOTYPE)
        return err_set(e, ERR_NOT_FOUND, "No sealpress service is running on %s.",
                       "%s 上没有 sealpress 服务在运行。", data_dir);
    return err_set(e, ERR_UNAVAILABLE, "The signer of the service on %s cannot be reached: %s.",
                   "无法连接 %s 上服务的签名进程：%s。", data_dir, strerror(why));
}

int signer_connect(struct signer **out, const char *data_dir, struct err *e)
{
    struct signer *s = calloc(1, sizeof *s);
    int64_t deadline = clock_monotonic_ms() + RECONNECT_MS;

    *out = NULL;
    if (s == NULL)
        return err_no_memory(e);
    s->socket = -1;
    s->dir = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s->dir >= 0) {
        while ((s->socket = signer_socket_connect(s->dir)) < 0 && errno == EAGAIN &&
               clock_monotonic_ms() < deadline)
            nap();
    }
    if (s->socket < 0) {
        no_service(data_dir, errno, e);
        signer_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

static void leave(struct signer *s)
{
    if (s->socket >= 0)
        (void)close(s->socket);
    s->socket = -1;
}

void signer_close(struct signer *s)
{
    if (s == NULL)
        return;
    leave(s);
    if (s->dir >= 0)
        (void)close(s->dir);
    else
        reap(s->pid);
    free(s);
}

pid_t signer_pid(const struct signer *s)
{
    return s->pid;
}

/* A whole supervisor may be starting again. */
static int reconnect(struct signer *s, int64_t deadline, struct err *e)
{
    while ((s->socket = signer_socket_connect(s->dir)) < 0) {
        if (clock_monotonic_ms() >= deadline)
            return gone(s, e);
        nap();
    }
    return 0;
}

static enum fate try_once(struct signer *s, struct signer_request *q, int wait_ms, struct err *e)
{
    q->number = ++s->number;
    while (send(s->socket, q, sizeof *q, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof *q) {
        if (errno == EAGAIN)
            return LATE;
        if (errno != EINTR)
            return NOT_READ;
    }
    return receive(s, q->number, wait_ms, e);
}

/* again: may be done twice. Whoever is late is left, and the signer does nothing for those who left. */
static int ask(struct signer *s, struct signer_request *q, bool again, struct err *e)
{
    int wait_ms = q->op == SIGNER_OP_PING ? PING_MS : ANSWER_MS;
    int64_t deadline = clock_monotonic_ms() + RECONNECT_MS;

    q->version = SIGNER_PROTOCOL;
    for (;;) {
        enum fate fate;

        if (s->socket < 0 && reconnect(s, deadline, e) != 0)
            return -1;
        fate = try_once(s, q, wait_ms, e);
        if (fate != ANSWERED && fate != REFUSED && s->dir >= 0)
            leave(s);
        if (s->socket >= 0 || fate == LATE || (fate == LOST && !again) || clock_monotonic_ms() >= deadline)
            return failed(s, fate, wait_ms, e);
        nap();
    }
}

static int fill(struct signer_request *q, enum signer_op op, const char *seal_id, const char *grantee,
                struct err *e)
{
    memset(q, 0, sizeof *q);
    q->op = op;
    if (!hex_decode(q->seal, sizeof q->seal, seal_id, strlen(seal_id)))
        return err_set(e, ERR_INVALID, "\"%s\" is no seal id: 32 hexadecimal digits.",
                       "“%s”不是印章编号（应为 32 位十六进制数字）。", seal_id);
    if (strlen(grantee) >= sizeof q->grantee)
        return err_set(e, ERR_INVALID, "\"%s\" is longer than a grantee can be (%zu bytes).",
                       "授权对象“%s”过长（最多 %zu 字节）。", grantee, sizeof q->grantee - 1);
    memcpy(q->grantee, grantee, strlen(grantee));
    return 0;
}

int signer_sign(struct signer *s, const struct sign_request *r, struct buf *cms, struct err *e)
{
    struct signer_request q;

    if (fill(&q, SIGNER_OP_SIGN, r->seal_id, r->grantee, e) != 0)
        return -1;
    if (!hex_decode(q.journal, sizeof q.journal, r->journal_id, strlen(r->journal_id)))
        return err_set(e, ERR_INTERNAL, "The journal id is not 32 hexadecimal digits.",
                       "登记编号不是 32 位十六进制数字。");
    memcpy(q.digest, r->digest, sizeof q.digest);
    if (ask(s, &q, false, e) != 0)
        return -1;
    buf_append_bytes(cms, s->answer.body.cms, s->answer.len);
    return buf_ok(cms) ? 0 : err_no_memory(e);
}

int signer_check_left(struct signer *s, const char *seal_id, const char *grantee, int64_t *left,
                      struct err *e)
{
    struct signer_request q;

    if (fill(&q, SIGNER_OP_CHECK, seal_id, grantee, e) != 0 || ask(s, &q, true, e) != 0)
        return -1;
    *left = s->answer.body.left;
    return 0;
}

int signer_check(struct signer *s, const char *seal_id, const char *grantee, struct err *e)
{
    int64_t left;

    return signer_check_left(s, seal_id, grantee, &left, e);
}

int signer_ping(struct signer *s, struct err *e)
{
    struct signer_request q;

    memset(&q, 0, sizeof q);
    q.op = SIGNER_OP_PING;
    return ask(s, &q, true, e);
}

int signer_note_serial(struct signer *s, const char *counter, uint64_t serial, struct err *e)
{
    struct signer_request q;

    memset(&q, 0, sizeof q);
    q.op = SIGNER_OP_SERIAL;
    q.count = serial > INT64_MAX ? INT64_MAX : (int64_t)serial;
    if (strlen(counter) >= sizeof q.grantee)
        return err_set(e, ERR_INVALID, "The numbers' pattern is too long (%zu characters at most): %.80s",
                       "编号规则过长（最多 %zu 个字符）：%.80s", sizeof q.grantee - 1, counter);
    memcpy(q.grantee, counter, strlen(counter));
    return ask(s, &q, true, e);
}

static int fill_text(char *out, size_t size, const char *text, struct err *e)
{
    size_t len = strlen(text);

    if (len >= size)
        return err_set(e, ERR_INVALID, "\"%.80s\" is longer than it can be (%zu bytes).",
                       "“%.80s”过长（最多 %zu 字节）。", text, size - 1);
    memcpy(out, text, len + 1);
    return 0;
}

int signer_grant_new(struct signer *s, struct signer_grant *g, const char *actor, struct err *e)
{
    struct signer_request q;

    if (fill(&q, SIGNER_OP_GRANT_NEW, g->seal_id, g->grantee, e) != 0 ||
        fill_text(q.grant, sizeof q.grant, g->id, e) != 0 ||
        fill_text(q.actor, sizeof q.actor, actor, e) != 0 ||
        fill_text(q.from, sizeof q.from, g->from, e) != 0 ||
        fill_text(q.until, sizeof q.until, g->until, e) != 0)
        return -1;
    q.count = g->count;
    if (ask(s, &q, g->id[0] != '\0', e) != 0)
        return -1;
    *g = s->answer.body.grant;
    return 0;
}

int signer_grant_revoke(struct signer *s, const char *grant_id, const char *actor, struct err *e)
{
    struct signer_request q;

    memset(&q, 0, sizeof q);
    q.op = SIGNER_OP_GRANT_REVOKE;
    if (strlen(grant_id) != GRANT_ID_SIZE - 1)
        return err_set(e, ERR_NOT_FOUND, "There is no such grant.", "没有该授权。");
    if (fill_text(q.grant, sizeof q.grant, grant_id, e) != 0 ||
        fill_text(q.actor, sizeof q.actor, actor, e) != 0)
        return -1;
    return ask(s, &q, true, e);
}

int signer_grant_at(struct signer_grant *out, struct signer *s, const char *seal_id, size_t index,
                    struct err *e)
{
    struct signer_request q;

    if (fill(&q, SIGNER_OP_GRANT_AT, seal_id, "", e) != 0)
        return -1;
    q.count = index > INT32_MAX ? INT32_MAX : (int64_t)index;
    if (ask(s, &q, true, e) != 0)
        return -1;
    *out = s->answer.body.grant;
    return 0;
}
