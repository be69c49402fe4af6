/* zip_sample.c - writes an archive for the judges: what it holds follows from its kind.
 *
 * zip_sample names|many|large|empty FILE. "large" is beyond 4 GiB, most of it a hole in the file. */
#include "archive/zip.h"
#include "base/digest.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MANY = 70000, BLOCK = 1024 * 1024 };
static const int64_t moment = 1768465800; /* 2026-01-15 16:30 in Shanghai */
static const uint64_t huge = ((uint64_t)4 << 30) + ((uint64_t)256 << 20) + 7;

struct sample {
    const char *name;
    uint64_t size;
    bool zeros;
};

static const struct sample names[] = {{"34250001_张三.pdf", 5000, false},
                                      {"34250002_王𬍛.pdf", 1, false},
                                      {"34250002_王𬍛 (2).pdf", 70000, false},
                                      {"YB3425·买买提.pdf", 0, false},
                                      {"第三方33_䶮.pdf", 65536, false},
                                      {"manifest.csv", 100, false},
                                      {"SHA256SUMS", 90, false}};
static const struct sample large[] = {
    {"first.pdf", 5, false}, {"huge.bin", huge, true}, {"behind_王𬍛.pdf", 300000, false}};

static void content_of(uint8_t *out, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        out[i] = (uint8_t)(i * 7 + i / 256);
}

/* Zeros are the system's one page of them, however many. */
static uint32_t sum_of(const struct sample *s)
{
    int access = s->zeros ? PROT_READ : PROT_READ | PROT_WRITE;
    void *bytes = mmap(NULL, s->size + 1, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    uint32_t sum;

    if (bytes == MAP_FAILED)
        return 0;
    if (!s->zeros)
        content_of(bytes, s->size);
    sum = crc32_of((struct slice){bytes, s->size});
    (void)munmap(bytes, s->size + 1);
    return sum;
}

static int plan_make(struct zip_plan **out, const struct sample *list, size_t count, struct err *e)
{
    char name[32];

    if (zip_plan_new(out, moment, e) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct sample one = {name, 3, false};

        (void)snprintf(name, sizeof name, "%06zu.pdf", i);
        if (list != NULL)
            one = list[i];
        if (zip_plan_add(*out, one.name, one.size, sum_of(&one), e) != 0)
            return -1;
    }
    return zip_plan_end(*out, e);
}

static int put_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);

        if (n <= 0)
            return -1;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

static int archive_write(int fd, const struct zip_plan *p, const struct sample *list)
{
    uint8_t *block = malloc(BLOCK);
    struct zip_piece piece;
    int rc = block ? 0 : -1;

    for (uint64_t at = 0; rc == 0 && at < zip_plan_size(p); at += piece.len) {
        zip_plan_locate(&piece, p, at);
        if (piece.content && list != NULL && list[piece.entry].zeros) {
            rc = lseek(fd, (off_t)piece.len, SEEK_CUR) < 0 ? -1 : 0;
            continue;
        }
        if (piece.len > BLOCK)
            piece.len = BLOCK;
        if (piece.content)
            content_of(block, piece.len); /* none of them is longer than a block */
        else
            zip_plan_read(block, p, at, piece.len);
        rc = put_all(fd, block, piece.len);
    }
    free(block);
    return rc;
}

int main(int argc, char **argv)
{
    const struct sample *list = NULL;
    struct zip_plan *p = NULL;
    size_t count = 0;
    struct err e = {0};
    int fd, rc;

    if (argc != 3)
        return 2;
    if (strcmp(argv[1], "names") == 0) {
        list = names;
        count = sizeof names / sizeof names[0];
    } else if (strcmp(argv[1], "large") == 0) {
        list = large;
        count = sizeof large / sizeof large[0];
    } else if (strcmp(argv[1], "many") == 0) {
        count = MANY;
    }
    fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    rc = fd < 0 || plan_make(&p, list, count, &e) != 0 || archive_write(fd, p, list) != 0;
    if (rc != 0)
        (void)fprintf(stderr, "zip_sample: %s\n", e.en);
    zip_plan_free(p);
    return rc;
}
