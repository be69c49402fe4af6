/* The signer's own process: one request at a time, each judged afresh. */
#include "base/clock.h"
#include "base/digest.h"
#include "sign/cms.h"
#include "sign/signer_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 20 * 1000, COMPLAINTS_PER_MINUTE = 60 };

struct signer_state {
    struct signer_files files;
    struct signer_seals *seals;
    struct counts *counts;
    struct signer_log *log;
    struct buf cms;
    int64_t complaint_minute; /* a flood of bad requests must not flood the log */
    int complaints;
};

static int open_own(int *fd, int keys, const char *name, int flags, const struct signer_identity *who,
                    struct err *e)
{
    *fd = openat(keys, name, flags | O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd >= 0 && (!who->isolated || fchown(*fd, who->signer_uid, who->signer_gid) == 0))
        return 0;
    return err_set(e, ERR_UNAVAILABLE, "The signer cannot open keys/%s: %s.",
                   "签名进程无法打开 keys/%s：%s。", name, strerror(errno));
}

/* One signer a data directory: two would fork the log and the counts. Commands that run side by side wait for
 * each other here. */
static int lock_out_others(int fd, struct err *e)
{
    int64_t deadline = clock_monotonic_ms() + LOCK_WAIT_MS;

    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        struct timespec nap = {0, 20 * 1000 * 1000};

        if (clock_monotonic_ms() >= deadline)
            return err_set(
                e, ERR_UNAVAILABLE,
                "Another sealpress has been using the seals of this data directory for %d seconds; let it "
                "finish, or stop it.",
                "另一个 sealpress 正在使用该数据目录的印章，已等待 %d 秒；请等它结束或将其停止。",
                LOCK_WAIT_MS / 1000);
        (void)nanosleep(&nap, NULL);
    }
    return 0;
}

/* Opened before the identity changes, so the data directory may lie where the signer's user cannot walk. */
static int open_files(struct signer_files *f, const char *data_dir, const struct signer_identity *who,
                      struct err *e)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/keys", data_dir);
    f->keys = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (f->keys < 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE,
                       "%s cannot be opened: %s. \"sealpress init\" makes a data directory.",
                       "无法打开 %s：%s。可用 sealpress init 建立数据目录。", path, strerror(errno));
    if (mkdirat(f->keys, "log", 0700) == 0 && who->isolated &&
        fchownat(f->keys, "log", who->signer_uid, who->signer_gid, AT_SYMLINK_NOFOLLOW) != 0)
        return err_set(e, ERR_UNAVAILABLE, "keys/log cannot be given to the signer's user: %s.",
                       "无法将 keys/log 交给签名进程的用户：%s。", strerror(errno));
    if (open_own(&f->lock, f->keys, "signer.lock", 0, who, e) != 0 ||
        open_own(&f->log, f->keys, "log/seals.log", 0, who, e) != 0 ||
        open_own(&f->heads, f->keys, "log/heads.log", O_APPEND, who, e) != 0)
        return -1;
    return open_own(&f->counts, f->keys, "counts", 0, who, e);
}

static struct signer_log_key head_key(const struct signer_state *s)
{
    const struct signer_seal *service = signer_seals_service(s->seals);

    return service == NULL ? (struct signer_log_key){NULL, NULL}
                           : (struct signer_log_key){service->row.id, service->key};
}

/* The error log is no secret, but a stranger's bytes stay out of it: names are checked before. */
static void complain(struct signer_state *s, const char *what)
{
    int64_t now = clock_now();
    struct err unsaid;

    if (s->complaint_minute != now / 60) {
        s->complaint_minute = now / 60;
        s->complaints = 0;
    }
    if (s->complaints++ < COMPLAINTS_PER_MINUTE && signer_log_append(s->log, what, now, &unsaid) != 0)
        (void)fprintf(stderr, "sealpress-signer: %s\n", unsaid.en);
}

static void complain_refusal(struct signer_state *s, const struct signer_request *q, enum err_code code)
{
    char seal[33], what[96];

    hex_encode(seal, (struct slice){q->seal, sizeof q->seal});
    (void)snprintf(what, sizeof what, "event=refused seal=%s code=%d", seal, (int)code);
    complain(s, what);
}

static int log_use(struct signer_state *s, const struct signer_request *q, const struct grant *grant,
                   int64_t now, struct err *e)
{
    char seal[33], journal[33], digest[65], what[512];

    hex_encode(seal, (struct slice){q->seal, sizeof q->seal});
    hex_encode(journal, (struct slice){q->journal, sizeof q->journal});
    hex_encode(digest, (struct slice){q->digest, sizeof q->digest});
    (void)snprintf(what, sizeof what, "seal=%s grant=%s journal=%s digest=%s", seal,
                   grant == NULL ? "service" : grant->id, journal, digest);
    return signer_log_append(s->log, what, now, e);
}

/* The use is counted and logged before the signature leaves: what was handed out is on record. */
static int sign(struct signer_state *s, const struct signer_request *q, struct signer_seal *seal,
                const struct grant *grant, int64_t now, struct err *e)
{
    if (signer_policy_rate(seal, clock_monotonic_ms(), e) != 0 ||
        cms_build(&s->cms, q->digest, seal->leaf, seal->issuers, seal->key, e) != 0 ||
        (grant != NULL && counts_take(s->counts, grant->id, grant->count, e) != 0))
        return -1;
    return log_use(s, q, grant, now, e);
}

static bool request_fine(const struct signer_request *q, size_t len)
{
    return len == sizeof *q && q->version == SIGNER_PROTOCOL && q->op >= SIGNER_OP_SIGN &&
           q->op <= SIGNER_OP_PING && memchr(q->grantee, '\0', sizeof q->grantee) != NULL;
}

static int handle(struct signer_state *s, const struct signer_request *q, size_t len, struct err *e)
{
    const struct grant *grant;
    struct signer_seal *seal;
    int64_t now = clock_now();

    if (!request_fine(q, len)) {
        complain(s, "event=malformed-request");
        return err_set(e, ERR_INTERNAL, "The signer was asked in a way it does not understand.",
                       "签名进程收到无法识别的请求。");
    }
    if (q->op == SIGNER_OP_PING)
        return 0;
    if (signer_seals_refresh(s->seals, e) != 0)
        return -1;
    seal = signer_seals_lookup(s->seals, q->seal);
    if (seal == NULL) {
        char id[33];

        hex_encode(id, (struct slice){q->seal, sizeof q->seal});
        complain_refusal(s, q, ERR_NOT_FOUND);
        return err_set(e, ERR_NOT_FOUND, "There is no seal %s; \"sealpress seal list\" shows them.",
                       "没有印章 %s，可用 sealpress seal list 查看。", id);
    }
    if (signer_policy_check(&grant, seal, signer_seals_rows(s->seals), s->counts, q->grantee, now, e) == 0 &&
        (q->op == SIGNER_OP_CHECK || sign(s, q, seal, grant, now, e) == 0))
        return 0;
    if (q->op == SIGNER_OP_SIGN)
        complain_refusal(s, q, e->code);
    return -1;
}

static size_t fill_answer(struct signer_answer *a, const struct signer_state *s,
                          const struct signer_request *q, int rc, const struct err *e)
{
    memset(a, 0, SIGNER_ANSWER_HEAD);
    a->version = SIGNER_PROTOCOL;
    a->number = q->number;
    if (rc == 0) {
        a->cms_len = (uint32_t)s->cms.len;
        if (s->cms.len > 0)
            memcpy(a->body.cms, s->cms.data, s->cms.len);
        return SIGNER_ANSWER_HEAD + s->cms.len;
    }
    a->code = e->code;
    memcpy(a->body.why.en, e->en, sizeof e->en);
    memcpy(a->body.why.zh, e->zh, sizeof e->zh);
    memcpy(a->body.why.detail, e->detail, sizeof e->detail);
    return SIGNER_ANSWER_HEAD + sizeof a->body.why;
}

/* false when the client is gone. */
static bool serve_one(struct signer_state *s)
{
    struct signer_request q;
    struct signer_answer a;
    struct err e;
    ssize_t len;
    size_t answer_len;
    int rc;

    memset(&q, 0, sizeof q);
    memset(&e, 0, sizeof e);
    /* MSG_TRUNC: the true length of a packet that is too long */
    len = recv(s->files.socket, &q, sizeof q, MSG_TRUNC);
    if (len < 0 && errno == EINTR)
        return true;
    if (len <= 0)
        return false;
    buf_reset(&s->cms);
    rc = handle(s, &q, (size_t)len, &e);
    answer_len = fill_answer(&a, s, &q, rc, &e);
    return send(s->files.socket, &a, answer_len, MSG_NOSIGNAL) == (ssize_t)answer_len;
}

static void serve(struct signer_state *s)
{
    struct pollfd p = {s->files.socket, POLLIN, 0};
    bool there = true;

    while (there) {
        struct signer_log_key key;
        struct err e;
        int ready = poll(&p, 1, signer_log_due_ms(s->log));

        if (ready > 0)
            there = serve_one(s);
        key = head_key(s);
        if (signer_log_tend(s->log, &key, clock_now(), &e) != 0) {
            (void)fprintf(stderr, "sealpress-signer: %s\n", e.en);
            there = false; /* no head and no sync means no log: better no seals */
        }
    }
}

/* Everything but standard error and the socket is the server's business. */
static int shed_descriptors(int *socket, struct err *e)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int moved = null < 0 ? -1 : dup2(*socket, STDERR_FILENO + 1);

    if (moved < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        close_range((unsigned int)moved + 1, ~0U, 0) != 0)
        return err_set(e, ERR_INTERNAL, "The signer could not close what it must not see: %s.",
                       "签名进程无法关闭与其无关的文件：%s。", strerror(errno));
    *socket = moved;
    return 0;
}

static int start(struct signer_state *s, const char *data_dir, const struct signer_identity *who,
                 struct err *e)
{
    (void)setsid(); /* Ctrl-C is for the server; the signer ends when the server has closed its end */
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    if (shed_descriptors(&s->files.socket, e) != 0 || open_files(&s->files, data_dir, who, e) != 0 ||
        lock_out_others(s->files.lock, e) != 0 || signer_harden(e) != 0 ||
        (who->isolated && signer_identity_take(who->signer_uid, who->signer_gid, e) != 0) ||
        signer_seals_open(&s->seals, s->files.keys, e) != 0 ||
        counts_open(&s->counts, s->files.counts, e) != 0 ||
        signer_log_open(&s->log, s->files.log, s->files.heads, clock_now(), e) != 0)
        return -1;
    return signer_forbid(e);
}

int signer_process_run(int socket, const char *data_dir, const struct signer_identity *who)
{
    struct signer_state s = {.files = {socket, -1, -1, -1, -1, -1}, .cms = BUF_INIT(SIGNER_MAX_CMS)};
    struct signer_request none;
    struct signer_answer a;
    struct signer_log_key key;
    struct err e;
    int rc;

    memset(&none, 0, sizeof none);
    memset(&e, 0, sizeof e);
    rc = start(&s, data_dir, who, &e);
    /* the first answer, to no request, says that it is ready or why not */
    (void)!send(s.files.socket, &a, fill_answer(&a, &s, &none, rc, &e), MSG_NOSIGNAL);
    if (rc == 0) {
        serve(&s);
        key = head_key(&s);
        signer_log_close(s.log, &key, clock_now());
        counts_close(s.counts);
    }
    signer_seals_free(s.seals);
    buf_dispose(&s.cms);
    return rc == 0 ? 0 : 1;
}
