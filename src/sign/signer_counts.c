#include "sign/signer_counts.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_SIZE = 32, ID_SIZE = 16, MAX_RECORDS = 65536, BLOCK = 64, BLOCK_UNLIMITED = 1024 };

struct count {
    char id[ID_SIZE];
    int64_t used;     /* given out */
    int64_t promised; /* as in the file: used <= promised */
};

struct counts {
    int fd;
    struct count *list;
    size_t count, room;
};

static int64_t get_number(const uint8_t *at)
{
    uint64_t n = 0;

    for (size_t i = 8; i-- > 0;)
        n = n << 8 | at[i];
    return (int64_t)(n & INT64_MAX);
}

static void put_number(uint8_t *at, int64_t number)
{
    for (size_t i = 0; i < 8; i++)
        at[i] = (uint8_t)((uint64_t)number >> (8 * i));
}

static int disk_failed(struct err *e, int why)
{
    return err_set(e, ERR_UNAVAILABLE, "The uses of grants cannot be recorded in keys/counts: %s.",
                   "无法在 keys/counts 中记录授权使用次数：%s。", strerror(why));
}

static int read_records(struct counts *c, size_t count, struct err *e)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t record[RECORD_SIZE];

        if (pread(c->fd, record, sizeof record, (off_t)(i * sizeof record)) != (ssize_t)sizeof record)
            return disk_failed(e, EIO);
        memcpy(c->list[i].id, record, ID_SIZE);
        c->list[i].promised = get_number(record + ID_SIZE);
        c->list[i].used = c->list[i].promised;
    }
    c->count = count;
    return 0;
}

int counts_open(struct counts **out, int fd, struct err *e)
{
    struct counts *c = calloc(1, sizeof *c);
    struct stat st;
    int rc = -1;

    *out = NULL;
    if (c == NULL)
        return err_no_memory(e);
    c->fd = fd;
    if (fstat(fd, &st) != 0 || st.st_size > (off_t)MAX_RECORDS * RECORD_SIZE) {
        disk_failed(e, EFBIG);
        goto out;
    }
    c->room = (size_t)st.st_size / RECORD_SIZE + 64; /* a torn record at the end was never given out */
    c->list = calloc(c->room, sizeof *c->list);
    if (c->list == NULL)
        err_no_memory(e);
    else
        rc = read_records(c, c->room - 64, e);
out:
    if (rc != 0) {
        free(c->list);
        free(c);
        return -1;
    }
    *out = c;
    return 0;
}

static struct count *find(const struct counts *c, const char grant[17])
{
    for (size_t i = 0; i < c->count; i++) {
        if (memcmp(c->list[i].id, grant, ID_SIZE) == 0)
            return &c->list[i];
    }
    return NULL;
}

static struct count *add(struct counts *c, const char grant[17])
{
    if (c->count == c->room) {
        size_t room = c->room + 64;
        struct count *more = room > MAX_RECORDS ? NULL : realloc(c->list, room * sizeof *more);

        if (more == NULL)
            return NULL;
        c->list = more;
        c->room = room;
    }
    memset(&c->list[c->count], 0, sizeof *c->list);
    memcpy(c->list[c->count].id, grant, ID_SIZE);
    return &c->list[c->count++];
}

static int promise(const struct counts *c, struct count *k, int64_t number)
{
    uint8_t record[RECORD_SIZE] = {0};
    off_t at = (off_t)((size_t)(k - c->list) * sizeof record);

    memcpy(record, k->id, ID_SIZE);
    put_number(record + ID_SIZE, number);
    if (pwrite(c->fd, record, sizeof record, at) != (ssize_t)sizeof record || fdatasync(c->fd) != 0)
        return -1;
    k->promised = number;
    return 0;
}

static int64_t next_promise(const struct count *k, int64_t max)
{
    int64_t block = BLOCK_UNLIMITED;

    if (max > 0) {
        block = (max - k->used) / 16;
        block = block < 1 ? 1 : block > BLOCK ? BLOCK : block;
    }
    return k->used + block;
}

bool counts_left(const struct counts *c, const char grant[17], int64_t max)
{
    return max == 0 || counts_used(c, grant) < max;
}

int counts_take(struct counts *c, const char grant[17], int64_t max, struct err *e)
{
    struct count *k = find(c, grant);

    if (!counts_left(c, grant, max))
        return err_set(e, ERR_FORBIDDEN, "Grant %s is used up (%lld uses).",
                       "授权 %s 的次数已用完（%lld 次）。", grant, (long long)max);
    if (k == NULL)
        k = add(c, grant);
    if (k == NULL)
        return err_no_memory(e);
    if (k->used >= k->promised && promise(c, k, next_promise(k, max)) != 0)
        return disk_failed(e, errno);
    k->used++;
    return 0;
}

int64_t counts_used(const struct counts *c, const char grant[17])
{
    const struct count *k = find(c, grant);

    return k == NULL ? 0 : k->used;
}

void counts_close(struct counts *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->count; i++) {
        if (c->list[i].used != c->list[i].promised)
            (void)promise(c, &c->list[i], c->list[i].used);
    }
    free(c->list);
    free(c);
}
