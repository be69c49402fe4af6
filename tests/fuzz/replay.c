/* replay.c - gives every file of a corpus, whole and cut short at several places, to a fuzz target. */
#include "base/buf.h"
#include "base/file.h"
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPLAY_MAX = 64 * 1024 * 1024, CUTS = 8 };

/* A copy of exactly that size, so that the sanitizer sees a read past the end. */
static void give(struct slice input)
{
    uint8_t *copy = malloc(input.len > 0 ? input.len : 1);

    if (copy == NULL)
        abort();
    if (input.len > 0)
        memcpy(copy, input.ptr, input.len);
    (void)LLVMFuzzerTestOneInput(copy, input.len);
    free(copy);
}

static int replay(const char *path)
{
    struct buf input = BUF_INIT(REPLAY_MAX);
    struct err e = {0};
    int rc = file_read(&input, path, &e);

    if (rc != 0)
        (void)fprintf(stderr, "%s: %s\n", path, err_text(&e));
    for (size_t i = 0; rc == 0 && i < CUTS; i++)
        give(slice_part(buf_view(&input), 0, input.len * i / CUTS));
    if (rc == 0)
        give(buf_view(&input));
    buf_dispose(&input);
    return rc;
}

int main(int argc, char **argv)
{
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    const struct dirent *entry;
    int count = 0, failures = 0;

    if (dir == NULL) {
        (void)fprintf(stderr, "usage: %s CORPUS_DIRECTORY\n", argv[0]);
        return 2;
    }
    while ((entry = readdir(dir)) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
        char path[PATH_MAX];

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        failures += replay(path) != 0;
        count++;
    }
    (void)closedir(dir);
    (void)printf("%d inputs replayed\n", count);
    return count > 0 && failures == 0 ? 0 : 1;
}
