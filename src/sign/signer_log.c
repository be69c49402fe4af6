/* The writer's side of the log; signer_log_check.c reads all of it. */
#include "base/clock.h"
#include "sign/signer_log_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct signer_log {
    int fd, heads_fd;
    struct log_position at;
    int64_t end;         /* bytes of whole lines */
    int64_t head_seq;    /* of the last head */
    int64_t head_day;    /* days since 1970 (UTC) when lines since the last head began */
    int64_t unsynced_ms; /* when the first line was written that is not synced; 0: none */
};

static int disk_failed(struct err *e, int why)
{
    return err_set(e, ERR_UNAVAILABLE,
                   "The signer's log in keys/log cannot be written: %s. Nothing was sealed.",
                   "无法写入签章日志 keys/log：%s。未盖章。", strerror(why));
}

/* A file of its own over the same bytes: reading leaves the descriptor as it is. */
static FILE *reader(int fd, int64_t from, struct err *e)
{
    int copy = dup(fd);
    FILE *in = copy < 0 ? NULL : fdopen(copy, "r");

    if (in != NULL && fseeko(in, (off_t)from, SEEK_SET) == 0)
        return in;
    disk_failed(e, errno);
    if (in != NULL)
        (void)fclose(in);
    else if (copy >= 0)
        (void)close(copy);
    return NULL;
}

static int broken(struct err *e, int64_t seq);

/* The last whole head. What follows it may be one torn line, which the next overwrites: more is no accident.
 */
static int last_head(struct head *out, struct signer_log *log, struct err *e)
{
    char line[HEAD_LINE_MAX];
    FILE *in = reader(log->heads_fd, 0, e);
    int64_t whole = 0;
    struct head h;
    bool more;
    size_t len;

    memset(out, 0, sizeof *out);
    if (in == NULL)
        return -1;
    while (log_next_line(in, line, sizeof line, &len) == 1 && head_read(&h, line, len)) {
        *out = h;
        whole += (int64_t)len + 1;
    }
    more = log_next_line(in, line, sizeof line, &len) != 0;
    (void)fclose(in);
    if (more)
        return broken(e, out->seq + 1);
    return ftruncate(log->heads_fd, (off_t)whole) == 0 ? 0 : disk_failed(e, errno);
}

static int broken(struct err *e, int64_t seq)
{
    return err_set(
        e, ERR_INTERNAL,
        "The signer's log is not as it was signed, near line %lld: somebody changed it, or the disk lost "
        "it. \"sealpress seal log\" tells more; nothing is sealed until keys/log is restored.",
        "签章日志在第 %lld 行附近与签名时不一致：被改动过，或磁盘丢失了数据。可用 sealpress seal log "
        "查看；恢复 keys/log 之前不能盖章。",
        (long long)seq);
}

/* The log must still hold the head's line, and end it where the head says. */
static bool head_holds(const struct signer_log *log, const struct head *head)
{
    char wanted[HASH_HEX + 8], found[HASH_HEX + 8];
    size_t len = (size_t)snprintf(wanted, sizeof wanted, " hash=%s\n", head->hash);

    return head->seq == 0 || (head->end > (int64_t)len &&
                              pread(log->fd, found, len, (off_t)(head->end - (int64_t)len)) == (ssize_t)len &&
                              memcmp(found, wanted, len) == 0);
}

/* Follows the chain from the last head to its last good line. */
static int follow(struct signer_log *log, const struct head *head, struct err *e)
{
    char line[LOG_LINE_MAX];
    FILE *in;
    size_t len;

    if (!head_holds(log, head))
        return broken(e, head->seq);
    if (head->seq > 0) {
        log->at.seq = head->seq;
        memcpy(log->at.hash, head->hash, sizeof log->at.hash);
        log->end = head->end;
    }
    in = reader(log->fd, log->end, e);
    if (in == NULL)
        return -1;
    while (log_next_line(in, line, sizeof line, &len) == 1 && log_line_follows(&log->at, line, len))
        log->end += (int64_t)len + 1;
    (void)fclose(in);
    return 0;
}

/* What follows the last good line was never acknowledged, or was lost in a power cut: cut, and say so. */
static int cut_end(struct signer_log *log, int64_t now, struct err *e)
{
    struct stat st;
    char what[64];

    if (fstat(log->fd, &st) != 0)
        return disk_failed(e, errno);
    if (st.st_size == log->end)
        return 0;
    if (ftruncate(log->fd, (off_t)log->end) != 0)
        return disk_failed(e, errno);
    (void)snprintf(what, sizeof what, "event=cut bytes=%lld", (long long)(st.st_size - log->end));
    return signer_log_append(log, what, now, e);
}

int signer_log_open(struct signer_log **out, int log_fd, int heads_fd, int64_t now, struct err *e)
{
    struct signer_log *log = calloc(1, sizeof *log);
    struct head head;

    *out = NULL;
    if (log == NULL)
        return err_no_memory(e);
    log->fd = log_fd;
    log->heads_fd = heads_fd;
    log->head_day = now / 86400;
    log_position_start(&log->at);
    if (last_head(&head, log, e) != 0 || follow(log, &head, e) != 0)
        goto fail;
    log->head_seq = head.seq;
    if (cut_end(log, now, e) != 0)
        goto fail;
    *out = log;
    return 0;
fail:
    free(log);
    return -1;
}

int signer_log_append(struct signer_log *log, const char *what, int64_t now, struct err *e)
{
    char line[LOG_LINE_MAX];
    struct log_position next = log->at;
    size_t len = log_line_write(line, sizeof line, &next, what, now);

    if (len == 0)
        return err_set(e, ERR_INTERNAL, "A line of the signer's log is too long.", "签章日志的一行过长。");
    if (pwrite(log->fd, line, len, (off_t)log->end) != (ssize_t)len)
        return disk_failed(e, errno != 0 ? errno : ENOSPC);
    log->at = next;
    log->end += (int64_t)len;
    if (log->unsynced_ms == 0)
        log->unsynced_ms = clock_monotonic_ms();
    return 0;
}

int signer_log_sync(struct signer_log *log, struct err *e)
{
    if (log->unsynced_ms != 0 && fdatasync(log->fd) != 0)
        return disk_failed(e, errno);
    log->unsynced_ms = 0;
    return 0;
}

/* The lines first: a head must never be on the disk before what it signs. */
static int make_head(struct signer_log *log, const struct signer_log_key *key, int64_t now, struct err *e)
{
    char line[HEAD_LINE_MAX];
    size_t len;

    if (key->key == NULL || log->at.seq == log->head_seq)
        return signer_log_sync(log, e);
    if (signer_log_sync(log, e) != 0 || head_write(line, sizeof line, &log->at, log->end, key, now, e) != 0)
        return -1;
    len = strlen(line);
    if (write(log->heads_fd, line, len) != (ssize_t)len || fdatasync(log->heads_fd) != 0)
        return disk_failed(e, errno);
    log->head_seq = log->at.seq;
    log->head_day = now / 86400;
    return 0;
}

int signer_log_tend(struct signer_log *log, const struct signer_log_key *key, int64_t now, struct err *e)
{
    bool lines = log->at.seq > log->head_seq;

    if (!lines)
        log->head_day = now / 86400;
    if (lines && key->key != NULL &&
        (log->at.seq - log->head_seq >= SIGNER_LOG_HEAD_EVERY || log->head_day != now / 86400))
        return make_head(log, key, now, e);
    if (log->unsynced_ms != 0 && clock_monotonic_ms() - log->unsynced_ms >= SIGNER_LOG_SYNC_MS)
        return signer_log_sync(log, e);
    return 0;
}

int signer_log_due_ms(const struct signer_log *log)
{
    int64_t left;

    if (log->unsynced_ms == 0)
        return log->at.seq > log->head_seq ? 60 * 1000 : -1; /* the day may change */
    left = log->unsynced_ms + SIGNER_LOG_SYNC_MS - clock_monotonic_ms();
    return left > 0 ? (int)left : 0;
}

void signer_log_close(struct signer_log *log, const struct signer_log_key *key, int64_t now)
{
    struct err unsaid;

    if (log != NULL && make_head(log, key, now, &unsaid) != 0)
        (void)fprintf(stderr, "sealpress-signer: %s\n", unsaid.en);
    free(log);
}
