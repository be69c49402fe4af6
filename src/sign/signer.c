/* The client's end of the signer. */
#include "sign/signer.h"
#include "base/clock.h"
#include "base/digest.h"
#include "sign/signer_internal.h"
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* START waits for another command's signer too; an answer is due even while the disk syncs. */
enum { START_MS = 30 * 1000, ANSWER_MS = 15 * 1000 };

struct signer {
    int socket;
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

static int gone(struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE, "The signer, which holds the keys, has ended; start sealpress again.",
                   "保管密钥的签名进程已退出，请重新启动 sealpress。");
}

/* The answer to request `number`; answers to requests given up before are passed over. */
static int receive(struct signer *s, uint64_t number, int wait_ms, struct err *e)
{
    int64_t deadline = clock_monotonic_ms() + wait_ms;

    for (;;) {
        struct pollfd p = {s->socket, POLLIN, 0};
        int64_t left = deadline - clock_monotonic_ms();
        ssize_t len;

        if (left <= 0)
            return err_set(e, ERR_UNAVAILABLE, "The signer did not answer within %d seconds; try again.",
                           "签名进程在 %d 秒内没有应答，请重试。", wait_ms / 1000);
        if (poll(&p, 1, (int)left) <= 0)
            continue;
        len = recv(s->socket, &s->answer, sizeof s->answer, 0);
        if (len < 0 && errno == EINTR)
            continue;
        if (len < SIGNER_ANSWER_HEAD || s->answer.version != SIGNER_PROTOCOL)
            return gone(e);
        if (s->answer.number != number)
            continue;
        if (s->answer.code == ERR_NONE)
            return (size_t)len == SIGNER_ANSWER_HEAD + s->answer.cms_len ? 0 : gone(e);
        err_set(e, (enum err_code)s->answer.code, "%s", "%s", "");
        memcpy(e->en, s->answer.body.why.en, sizeof e->en);
        memcpy(e->zh, s->answer.body.why.zh, sizeof e->zh);
        memcpy(e->detail, s->answer.body.why.detail, sizeof e->detail);
        return -1;
    }
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

int signer_spawn(struct signer **out, const char *data_dir, const struct signer_identity *who, struct err *e)
{
    struct signer *s = calloc(1, sizeof *s);
    int ends[2];

    *out = NULL;
    if (s == NULL)
        return err_no_memory(e);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        free(s);
        return no_process(e);
    }
    (void)fflush(NULL); /* or the child would print it once more */
    s->socket = ends[0];
    s->pid = fork();
    if (s->pid == 0) {
        (void)close(ends[0]);
        (void)prctl(PR_SET_NAME, "sealpress-sign");
        _exit(signer_process_run(ends[1], data_dir, who));
    }
    (void)close(ends[1]);
    if (s->pid < 0) {
        (void)close(ends[0]);
        free(s);
        return no_process(e);
    }
    if (receive(s, 0, START_MS, e) != 0) {
        signer_close(s);
        return -1;
    }
    *out = s;
    return 0;
}

void signer_close(struct signer *s)
{
    if (s == NULL)
        return;
    (void)close(s->socket);
    reap(s->pid);
    free(s);
}

pid_t signer_pid(const struct signer *s)
{
    return s->pid;
}

static int ask(struct signer *s, struct signer_request *q, struct err *e)
{
    q->version = SIGNER_PROTOCOL;
    q->number = ++s->number;
    while (send(s->socket, q, sizeof *q, MSG_NOSIGNAL) != (ssize_t)sizeof *q) {
        if (errno != EINTR)
            return gone(e);
    }
    return receive(s, q->number, ANSWER_MS, e);
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
    if (ask(s, &q, e) != 0)
        return -1;
    buf_append_bytes(cms, s->answer.body.cms, s->answer.cms_len);
    return buf_ok(cms) ? 0 : err_no_memory(e);
}

int signer_check(struct signer *s, const char *seal_id, const char *grantee, struct err *e)
{
    struct signer_request q;

    return fill(&q, SIGNER_OP_CHECK, seal_id, grantee, e) == 0 ? ask(s, &q, e) : -1;
}
