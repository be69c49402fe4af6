/* spool.c - bodies that go to a file as they come. Connection threads fill a buffer; a thread of its own
 * writes it and, at the end, gives the file's blocks back, since either may take as long as the disk likes.
 */
#include "base/log.h"
#include "http/http_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 128 * 1024,
    BUFFER_FULL = 96 * 1024,        /* then it is written; what the library gives at once still fits */
    WRITE_BEHIND = 8 * 1024 * 1024, /* the disk is set to work after so many bytes */
    RETRY_FULL = 60
};

/* --- refusals --- */

static int refuse_disk(struct http_exchange *x, int error)
{
    if (error == ENOSPC || error == EDQUOT)
        err_set(
            &x->err, ERR_UNAVAILABLE,
            "The service's disk is full, so the upload was not taken; tell its operator and try again later.",
            "服务器磁盘空间已满，未能接收上传的文件；请联系管理员，稍后重试。");
    else
        err_set(&x->err, ERR_UNAVAILABLE,
                "The service cannot write to its disk now, so the upload was not taken; try again later.",
                "服务器暂时无法写入磁盘，未能接收上传的文件，请稍后重试。");
    err_detail(&x->err, "spool: %s", strerror(error));
    x->retry_after = RETRY_FULL;
    return 503;
}

static int refuse_crowd(struct http_exchange *x)
{
    err_set(&x->err, ERR_UNAVAILABLE, "Too many files are being uploaded at once; try again in a minute.",
            "同时上传的文件过多，请一分钟后重试。");
    x->retry_after = RETRY_FULL;
    return 503;
}

/* --- the file --- */

static int file_open(const char *dir)
{
    char path[PATH_MAX];
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    if ((size_t)snprintf(path, sizeof path, "%s/spool.XXXXXX", dir) >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC); /* mode 0600 */
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

/* Counts bytes that are about to be on the disk; false where they would be too many together. */
static bool reserve(struct spooler *s, struct spool_body *b, uint64_t bytes)
{
    if (atomic_fetch_add(&s->bytes, bytes) + bytes > s->bytes_max) {
        atomic_fetch_sub(&s->bytes, bytes);
        return false;
    }
    b->reserved += bytes;
    return true;
}

int spool_begin(struct http_exchange *x, uint64_t announced)
{
    struct spooler *s = &x->server->spooler;
    const char *dir = x->server->config.spool_dir;
    struct spool_body *b = &x->spool;

    if (dir == NULL)
        return refuse_disk(x, ENOENT);
    if (atomic_fetch_add(&s->open, 1) >= SPOOLS_MAX) {
        atomic_fetch_sub(&s->open, 1);
        return refuse_crowd(x);
    }
    b->open = true;
    b->fd = -1;
    if (!reserve(s, b, announced))
        return refuse_crowd(x);
    b->buffer = malloc(BUFFER_BYTES);
    if (b->buffer == NULL)
        return 503;
    b->fd = file_open(dir);
    if (b->fd < 0)
        return refuse_disk(x, errno);
    /* A disk without room for all of it says so before the first byte crosses the network. */
    if (announced > 0 && fallocate(b->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)announced) != 0 &&
        (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
        return refuse_disk(x, errno);
    return 0;
}

static void write_out(struct spool_body *b)
{
    size_t done = 0;

    while (b->failure == 0 && done < b->fill) {
        ssize_t n = pwrite(b->fd, b->buffer + done, b->fill - done, (off_t)(b->written + done));

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            b->failure = n == 0 ? ENOSPC : errno;
    }
    b->written += done;
    b->fill = 0;
    if (b->failure == 0 && b->written - b->begun >= WRITE_BEHIND) {
        (void)sync_file_range(b->fd, (off_t)b->begun, (off_t)(b->written - b->begun), SYNC_FILE_RANGE_WRITE);
        b->begun = b->written;
    }
}

/* --- the thread --- */

static bool next_task(struct spooler *s, struct http_exchange **x, int *fd)
{
    bool any;

    *x = NULL;
    *fd = -1;
    pthread_mutex_lock(&s->lock);
    while (s->first == NULL && s->retired_count == 0 && !s->stopping)
        pthread_cond_wait(&s->work, &s->lock);
    if (s->first != NULL) {
        *x = s->first;
        s->first = s->first->next;
        if (s->first == NULL)
            s->last = NULL;
    } else if (s->retired_count > 0) {
        *fd = s->retired[--s->retired_count];
    }
    any = *x != NULL || *fd >= 0;
    pthread_mutex_unlock(&s->lock);
    return any;
}

static void file_close(struct spooler *s, int fd)
{
    (void)close(fd);
    atomic_fetch_sub(&s->open, 1);
}

static void *work(void *arg)
{
    struct spooler *s = arg;
    struct http_exchange *x;
    int fd;

    while (next_task(s, &x, &fd)) {
        if (x == NULL) {
            file_close(s, fd);
            continue;
        }
        write_out(&x->spool);
        connection_rest(x->connection, false);
        pthread_mutex_lock(&s->lock); /* who finds it written finds it resumed, and may suspend it again */
        x->spool.pending = false;
        MHD_resume_connection(x->mhd);
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

int spooler_start(struct spooler *s, uint64_t bytes_max, struct err *e)
{
    s->bytes_max = bytes_max;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    if (pthread_create(&s->thread, NULL, work, s) != 0)
        return err_set(e, ERR_UNAVAILABLE, "The system gave no thread to write uploads with; try again.",
                       "系统未能提供写入上传文件的线程，请重试。");
    s->running = true;
    return 0;
}

void spooler_stop(struct spooler *s)
{
    if (!s->running)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->work);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    s->running = false;
}

/* --- on connection threads --- */

bool spool_flush(struct http_exchange *x)
{
    struct spooler *s = &x->server->spooler;
    bool taken;

    pthread_mutex_lock(&s->lock);
    taken = !s->stopping;
    if (taken) {
        /* Suspended before the thread can see it: it may resume it at once. */
        x->spool.pending = true;
        x->next = NULL;
        connection_rest(x->connection, true);
        MHD_suspend_connection(x->mhd);
        *(s->last ? &s->last->next : &s->first) = x;
        s->last = x;
        pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&s->lock);
    if (!taken)
        write_out(&x->spool);
    return taken;
}

bool spool_is_pending(struct http_exchange *x)
{
    struct spooler *s = &x->server->spooler;
    bool pending;

    if (!x->spool.open)
        return false;
    pthread_mutex_lock(&s->lock);
    pending = x->spool.pending;
    pthread_mutex_unlock(&s->lock);
    return pending;
}

bool spool_is_full(const struct http_exchange *x)
{
    return x->spool.fill >= BUFFER_FULL;
}

int spool_judge(struct http_exchange *x)
{
    return x->spool.failure ? refuse_disk(x, x->spool.failure) : 0;
}

int spool_count(struct http_exchange *x, uint64_t received)
{
    struct spool_body *b = &x->spool;

    return received <= b->reserved || reserve(&x->server->spooler, b, received - b->reserved)
               ? 0
               : refuse_crowd(x);
}

int spool_put(struct http_exchange *x, struct slice bytes)
{
    struct spool_body *b = &x->spool;

    while (bytes.len > 0) {
        size_t n = bytes.len < BUFFER_BYTES - b->fill ? bytes.len : BUFFER_BYTES - b->fill;

        memcpy(b->buffer + b->fill, bytes.ptr, n);
        b->fill += n;
        b->length += n;
        bytes = slice_part(bytes, n, bytes.len - n);
        if (bytes.len > 0)
            write_out(b);
    }
    return spool_judge(x);
}

void spool_release(struct http_exchange *x)
{
    struct spooler *s = &x->server->spooler;
    struct spool_body *b = &x->spool;
    bool handed = false;

    if (!b->open)
        return;
    free(b->buffer);
    atomic_fetch_sub(&s->bytes, b->reserved);
    if (b->fd < 0) {
        atomic_fetch_sub(&s->open, 1);
    } else {
        pthread_mutex_lock(&s->lock);
        handed = !s->stopping;
        if (handed) {
            s->retired[s->retired_count++] = b->fd;
            pthread_cond_signal(&s->work);
        }
        pthread_mutex_unlock(&s->lock);
        if (!handed)
            file_close(s, b->fd);
    }
    memset(b, 0, sizeof *b);
}

bool request_spool(struct spool *out, const struct request *r)
{
    const struct http_exchange *x = r->exchange;

    if (!x->spool.open || x->form != NULL)
        return false;
    *out = (struct spool){x->spool.fd, 0, x->spool.length};
    return true;
}

bool request_spooled_file_at(struct spool *out, const char **file_name, const struct request *r,
                             const char *name, size_t index)
{
    const struct http_exchange *x = r->exchange;

    for (size_t i = 0; x->spool.open && x->form != NULL && i < x->form->file_count; i++) {
        const struct form_file *f = &x->form->files[i];

        if (strcmp(f->field, name) != 0 || index-- > 0)
            continue;
        *out = (struct spool){x->spool.fd, f->offset, f->size};
        if (file_name != NULL)
            *file_name = f->name;
        return true;
    }
    return false;
}

bool request_spooled_file(struct spool *out, const char **file_name, const struct request *r,
                          const char *name)
{
    return request_spooled_file_at(out, file_name, r, name, 0);
}
