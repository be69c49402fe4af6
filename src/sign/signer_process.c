/* The signer's own process: what it opens, what it gives up, its end. */
#include "base/clock.h"
#include "sign/signer_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_WAIT_MS = 20 * 1000 };

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

/* The descriptors that stay, one behind the other from the first number after standard error; -1 stays -1. */
static int gather(int *fds, size_t count)
{
    int next = STDERR_FILENO + 1;

    for (size_t i = 0; i < count; i++) { /* out of each other's way first */
        if (fds[i] >= 0 && (fds[i] = fcntl(fds[i], F_DUPFD, next + (int)count)) < 0)
            return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0 && (fds[i] = dup2(fds[i], next++)) < 0)
            return -1;
    }
    return close_range((unsigned int)next, ~0U, 0);
}

/* Everything but standard error and the door is the server's business. */
static int shed_descriptors(struct signer_door *door, struct err *e)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), stay[] = {door->first, door->listener, door->parent};

    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 || gather(stay, 3) != 0)
        return err_set(e, ERR_INTERNAL, "The signer could not close what it must not see: %s.",
                       "签名进程无法关闭与其无关的文件：%s。", strerror(errno));
    door->first = stay[0];
    door->listener = stay[1];
    door->parent = stay[2];
    return 0;
}

/* Ctrl-C is for the server. Who has one client ends with it; a service's signer is ended by SIGTERM, which
 * waits here until poll() can see it. */
static int settle_signals(struct signer_door *door, struct err *e)
{
    sigset_t term;

    (void)setsid();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGTERM, door->listener < 0 ? SIG_IGN : SIG_DFL);
    (void)sigemptyset(&term);
    (void)sigaddset(&term, SIGTERM);
    if (sigprocmask(SIG_SETMASK, &term, NULL) != 0)
        return err_set(e, ERR_INTERNAL, "The signer cannot set its signals: %s.",
                       "签名进程无法设置信号：%s。", strerror(errno));
    door->term = door->listener < 0 ? -1 : signalfd(-1, &term, SFD_CLOEXEC);
    if (door->listener < 0 || door->term >= 0)
        return 0;
    return err_set(e, ERR_INTERNAL, "The signer cannot wait for its end: %s.",
                   "签名进程无法等待结束信号：%s。", strerror(errno));
}

static int start(struct signer_state *s, const char *data_dir, struct err *e)
{
    const struct signer_identity *who = &s->who;

    if (shed_descriptors(&s->door, e) != 0 || settle_signals(&s->door, e) != 0 ||
        open_files(&s->files, data_dir, who, e) != 0 || lock_out_others(s->files.lock, e) != 0 ||
        signer_harden(e) != 0 ||
        (who->isolated && signer_identity_take(who->signer_uid, who->signer_gid, e) != 0) ||
        signer_seals_open(&s->seals, s->files.keys, e) != 0 ||
        service_grants_open(&s->grants, s->files.keys, e) != 0 ||
        counts_open(&s->counts, s->files.counts, e) != 0 ||
        signer_log_open(&s->log, s->files.log, s->files.heads, clock_now(), e) != 0)
        return -1;
    return signer_forbid(s->files.keys, s->door.listener, e);
}

/* The first answer, to no request, says that it is ready or why not. */
static void report(struct signer_state *s, int rc, const struct err *e)
{
    signer_answer_fill(&s->answer, 0, rc, e);
    (void)!send(s->door.first, &s->answer, signer_answer_size(&s->answer), MSG_NOSIGNAL);
    if (s->door.listener >= 0) {
        (void)close(s->door.first);
        s->door.first = -1;
    }
}

int signer_process_run(const struct signer_door *door, const char *data_dir,
                       const struct signer_identity *who)
{
    struct signer_state *s = calloc(1, sizeof *s);
    struct signer_log_key key;
    struct err e;
    int rc;

    if (s == NULL)
        return 1;
    memset(&e, 0, sizeof e);
    s->files = (struct signer_files){-1, -1, -1, -1, -1};
    s->door = *door;
    s->who = *who;
    buf_init(&s->cms, SIGNER_MAX_CMS);
    rc = start(s, data_dir, &e);
    report(s, rc, &e);
    if (rc == 0) {
        signer_serve(s);
        key = signer_head_key(s);
        signer_log_close(s->log, &key, clock_now());
        counts_close(s->counts);
    }
    service_grants_free(s->grants);
    signer_seals_free(s->seals);
    buf_dispose(&s->cms);
    free(s);
    return rc == 0 ? 0 : 1;
}
