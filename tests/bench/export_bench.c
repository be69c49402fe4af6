/* export_bench.c - an export of many certificates: freezing it, its first byte beside looking at as many
 * inodes, its throughput beside reading the same files, and the memory of fifty readers. Prints numbers.
 *
 * export_bench [COUNT [BYTES [ARCHIVE]]] - of COUNT certificates of about BYTES each; ARCHIVE: writes it
 * there as well, for unzip -t, 7z t and the like. */
#include "base/digest.h"
#include "bench/cost.h"
#include "filing/export.h"
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READERS = 50, PIECE = 64 * 1024, STEP = 1000, READ_EACH = 400 /* pieces */ };

struct bench {
    char dir[64];
    struct store *store;
    size_t count, bytes;
    char (*ids)[CERTIFICATE_ID_SIZE];
    const char **list;
    uint8_t *file; /* room for one */
    struct export_archive *archive;
    uint64_t total;
    struct err err;
};

static void path_of(char out[160], const struct bench *b, size_t n)
{
    char name[64];

    store_file_name(name, b->ids[n]);
    (void)snprintf(out, 160, "%s/%s", b->dir, name);
}

/* --- certificates --- */

/* Bytes that do not compress, about as many as asked for. */
static size_t file_make(struct bench *b, size_t n)
{
    size_t len = b->bytes * 3 / 4 + n * 7919 % (b->bytes / 2 + 1);
    uint64_t x = n * 2862933555777941757U + 3037000493U;

    for (size_t i = 0; i < len; i += sizeof x) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        memcpy(b->file + i, &x, sizeof x);
    }
    return len;
}

static int file_write_plain(struct bench *b, size_t n, size_t len)
{
    char path[160], *slash;
    int fd, rc;

    path_of(path, b, n);
    slash = strrchr(path, '/');
    *slash = '\0';
    (void)mkdir(path, 0700);
    *slash = '/';
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    rc = fd >= 0 && write(fd, b->file, len) == (ssize_t)len ? 0 : -1;
    if (fd >= 0)
        (void)close(fd);
    return rc == 0 ? 0 : err_set(&b->err, ERR_UNAVAILABLE, "cannot write %s", "无法写入 %s", path);
}

static int certificate_make(struct bench *b, size_t n)
{
    struct certificate_row row = {.organisation = "a",
                                  .profile = "p",
                                  .issuer = "a",
                                  .template_name = "certificate",
                                  .order_json = "{}",
                                  .record_json =
                                      "{\"name\":\"欧阳测试\",\"id_number\":\"340000199001010024\"}",
                                  .seals_json = "[]",
                                  .created = 1768465800,
                                  .issued = 1768465801};
    char number[32];
    uint8_t hash[SHA256_SIZE];
    size_t len = file_make(b, n);

    sha256(hash, (struct slice){(const uint8_t *)&n, sizeof n});
    hex_encode(b->ids[n], (struct slice){hash, 16});
    b->list[n] = b->ids[n];
    (void)snprintf(row.id, sizeof row.id, "%s", b->ids[n]);
    (void)snprintf(row.token, sizeof row.token, "%.22s", b->ids[n]);
    (void)snprintf(number, sizeof number, "34250012%08zu", n);
    row.number = row.biz_no = number;
    row.photo[0] = 7;
    row.file_size = len;
    sha256(row.file_sha256, (struct slice){b->file, len});
    row.file_crc32 = crc32_of((struct slice){b->file, len});
    b->total += len;
    return file_write_plain(b, n, len) == 0 && store_reserve(b->store, &row, &b->err) == 0
               ? store_issued(b->store, &row, &b->err)
               : -1;
}

static int fill(struct bench *b)
{
    static const struct organisation office = {.id = "a", .name = "甲厅", .printed_name = "甲厅"};
    static const struct profile profile = {"p",       "配置", "a",  "a",  NULL, "certificate",
                                           "{seq:8}", "YB",   "34", "00", NULL};

    b->ids = calloc(b->count, sizeof *b->ids);
    b->list = calloc(b->count, sizeof *b->list);
    b->file = malloc(b->bytes * 2 + 64);
    if (b->ids == NULL || b->list == NULL || b->file == NULL)
        return err_no_memory(&b->err);
    if (mkdtemp(b->dir) == NULL || store_open(&b->store, b->dir, true, &b->err) != 0 ||
        store_put_organisation(b->store, &office, &b->err) != 0 ||
        store_put_profile(b->store, &profile, &b->err) != 0 ||
        store_put_photo(b->store, (const uint8_t[SHA256_SIZE]){7}, slice_of("jpeg"), &b->err) != 0)
        return -1;
    for (size_t n = 0; n < b->count; n++) {
        if ((n % STEP == 0 && store_begin(b->store, &b->err) != 0) || certificate_make(b, n) != 0 ||
            ((n % STEP == STEP - 1 || n + 1 == b->count) && store_commit(b->store, &b->err) != 0))
            return -1;
    }
    return 0;
}

/* --- measurements --- */

static int measure_freeze(struct bench *b, char id[CERTIFICATE_ID_SIZE])
{
    const struct filing_actor who = {.id = "command line", .now = 1768500000};
    const struct export_order o = {.ids = b->list, .id_count = b->count};

    for (int round = 0; round < 2; round++) {
        struct arena a = ARENA_INIT;
        struct export_row row;
        double since = cost_wall_ms();

        if (export_freeze(&row, b->store, &o, &who, &a, &b->err) != 0)
            return -1;
        printf("%-40s %10.1f ms\n", round == 0 ? "freeze, nothing handed out before" : "freeze again",
               cost_wall_ms() - since);
        memcpy(id, row.id, CERTIFICATE_ID_SIZE);
        arena_dispose(&a);
    }
    return 0;
}

static double look_at_all(const struct bench *b)
{
    double since = cost_wall_ms();
    struct stat st;
    char path[160];

    for (size_t n = 0; n < b->count; n++) {
        path_of(path, b, n);
        (void)stat(path, &st);
    }
    return cost_wall_ms() - since;
}

static int measure_first_byte(struct bench *b, const char *id)
{
    double looked = look_at_all(b), since = cost_wall_ms(), ms;
    uint8_t *piece = malloc(PIECE);
    struct export_reader *r = NULL;
    int rc = -1;

    if (piece != NULL && export_open(&b->archive, b->store, id, 1768500000, &b->err) == 0 &&
        export_reader_open(&r, export_ref(b->archive), &b->err) == 0)
        rc = export_read(r, 0, piece, PIECE, &b->err);
    ms = cost_wall_ms() - since;
    printf("%-40s %10.1f ms\n%-40s %10.1f ms  (%.2f times the inodes)\n", "stat of every file", looked,
           "first byte: open, reader, 64 KiB", ms, ms / looked);
    export_reader_close(r);
    free(piece);
    return rc;
}

static double read_files(const struct bench *b, uint8_t *piece)
{
    double since = cost_wall_ms();
    char path[160];

    for (size_t n = 0; n < b->count; n++) {
        int fd;

        path_of(path, b, n);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        while (fd >= 0 && read(fd, piece, PIECE) > 0)
            ;
        if (fd >= 0)
            (void)close(fd);
    }
    return cost_wall_ms() - since;
}

static int read_archive(struct bench *b, uint8_t *piece, int out, double *ms)
{
    struct export_reader *r = NULL;
    double since = cost_wall_ms();
    int rc = export_reader_open(&r, export_ref(b->archive), &b->err);

    for (uint64_t at = 0, len; rc == 0 && at < export_size(b->archive); at += len) {
        len = export_size(b->archive) - at < PIECE ? export_size(b->archive) - at : PIECE;
        rc = export_read(r, at, piece, len, &b->err);
        if (rc == 0 && out >= 0 && write(out, piece, len) != (ssize_t)len)
            rc = err_set(&b->err, ERR_UNAVAILABLE, "cannot write the archive", "无法写入压缩包");
    }
    *ms = cost_wall_ms() - since;
    export_reader_close(r);
    return rc;
}

static int measure_throughput(struct bench *b)
{
    uint8_t *piece = malloc(PIECE);
    double files, archive = 0;
    int rc = 0;

    if (piece == NULL)
        return err_no_memory(&b->err);
    for (int round = 0; rc == 0 && round < 3; round++) {
        files = read_files(b, piece);
        rc = read_archive(b, piece, -1, &archive);
        printf("files %.0f MB/s, archive %.0f MB/s, ratio %.2f\n", (double)b->total / files / 1e3,
               (double)export_size(b->archive) / archive / 1e3,
               (double)export_size(b->archive) / archive / ((double)b->total / files));
    }
    free(piece);
    return rc;
}

/* --- memory --- */

struct reading {
    struct bench *b;
    unsigned number;
    int rc;
    pthread_barrier_t *halfway;
};

static void *read_some(void *arg)
{
    struct reading *w = arg;
    struct export_archive *x = w->b->archive;
    uint64_t at = export_size(x) / READERS * w->number;
    uint8_t *piece = malloc(PIECE);
    struct export_reader *r = NULL;
    struct err e;

    w->rc = piece != NULL ? export_reader_open(&r, export_ref(x), &e) : -1;
    for (unsigned i = 0; w->rc == 0 && i < READ_EACH && at + PIECE < export_size(x); i++, at += PIECE)
        w->rc = export_read(r, at, piece, PIECE, &e);
    (void)pthread_barrier_wait(w->halfway);
    (void)pthread_barrier_wait(w->halfway);
    export_reader_close(r);
    free(piece);
    return NULL;
}

static void measure_memory(struct bench *b, const char *id)
{
    struct reading readings[READERS];
    pthread_t threads[READERS];
    pthread_barrier_t halfway;
    long before, opened, during;
    int rc = 0;

    export_close(b->archive);
    (void)malloc_trim(0);
    before = cost_pss_kib(getpid());
    if (export_open(&b->archive, b->store, id, 1768500000, &b->err) != 0)
        return;
    opened = cost_pss_kib(getpid());
    (void)pthread_barrier_init(&halfway, NULL, READERS + 1);
    for (unsigned i = 0; i < READERS; i++) {
        readings[i] = (struct reading){b, i, 0, &halfway};
        if (pthread_create(&threads[i], NULL, read_some, &readings[i]) != 0)
            abort();
    }
    (void)pthread_barrier_wait(&halfway);
    during = cost_pss_kib(getpid());
    (void)pthread_barrier_wait(&halfway);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        rc |= readings[i].rc;
    }
    printf("memory: the archive %ld KiB, %d readers %ld KiB more (stacks and their pieces of 64 KiB with "
           "it)%s\n",
           opened - before, READERS, during - opened, rc == 0 ? "" : " - BUT NOT ALL READ WELL");
}

static int write_archive(struct bench *b, const char *path)
{
    uint8_t *piece = malloc(PIECE);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), rc = -1;
    double ms = 0;

    if (piece != NULL && fd >= 0)
        rc = read_archive(b, piece, fd, &ms);
    if (rc == 0)
        printf("%s: %llu bytes written in %.0f ms\n", path, (unsigned long long)export_size(b->archive), ms);
    if (fd >= 0)
        (void)close(fd);
    free(piece);
    return rc;
}

static void clear(struct bench *b)
{
    char command[128];

    export_close(b->archive);
    store_close(b->store);
    (void)snprintf(command, sizeof command, "rm -rf %s", b->dir);
    (void)!system(command); /* NOLINT(cert-env33-c): a path of our own making */
    free(b->ids);
    free(b->list);
    free(b->file);
}

int main(int argc, char **argv)
{
    struct bench b = {.dir = "/var/tmp/export_bench.XXXXXX",
                      .count = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000,
                      .bytes = argc > 2 ? strtoul(argv[2], NULL, 10) : 230000};
    char id[CERTIFICATE_ID_SIZE];
    int rc = -1;

    if (b.count == 0 || b.bytes == 0) {
        (void)fprintf(stderr, "usage: %s [COUNT [BYTES [ARCHIVE]]]\n", argv[0]);
        return 2;
    }
    if (fill(&b) == 0) {
        printf("%zu certificates, %.2f GB\n", b.count, (double)b.total / 1e9);
        if (measure_freeze(&b, id) == 0 && measure_first_byte(&b, id) == 0 && measure_throughput(&b) == 0) {
            measure_memory(&b, id);
            rc = argc > 3 ? write_archive(&b, argv[3]) : 0;
        }
    }
    if (rc != 0)
        (void)fprintf(stderr, "export_bench: %s %s\n", err_text(&b.err), b.err.detail);
    clear(&b);
    return rc == 0 ? 0 : 1;
}
