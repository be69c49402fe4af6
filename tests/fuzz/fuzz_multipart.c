/* fuzz_multipart.c - a form that comes in pieces is the form that comes whole: the first two bytes say how it
 * is cut. */
#include "http/parse.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int keep(void *arg, struct slice bytes)
{
    buf_append(arg, bytes);
    return 0;
}

/* The same fields; the same files but those without name and content, which count as none. */
static void compare(const struct form *whole, const struct form *parts, struct slice files)
{
    size_t n = 0;

    (void)files;
    assert(whole->field_count == parts->field_count);
    for (size_t i = 0; i < whole->field_count; i++) {
        assert(strcmp(whole->fields[i].name, parts->fields[i].name) == 0);
        assert(strcmp(whole->fields[i].value, parts->fields[i].value) == 0);
    }
    for (size_t i = 0; i < whole->file_count; i++) {
        const struct form_file *f = &whole->files[i], *g = &parts->files[n];

        if (f->name[0] == '\0' && f->bytes.len == 0)
            continue;
        (void)g;
        assert(n < parts->file_count && strcmp(f->field, g->field) == 0 && strcmp(f->name, g->name) == 0);
        assert(slice_equal(f->bytes, slice_part(files, g->offset, g->size)));
        n++;
    }
    assert(n == parts->file_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char type[] = "multipart/form-data; boundary=B";
    struct arena a = ARENA_INIT;
    struct buf files = BUF_INIT(SIZE_MAX);
    struct form *whole = calloc(1, sizeof *whole), *parts = calloc(1, sizeof *parts);
    struct multipart m = {.put = keep, .arg = &files};
    struct slice body;
    int one, other;

    if (size >= 2 && whole != NULL && parts != NULL) {
        body = (struct slice){data + 2, size - 2};
        one = form_read(whole, type, body, &a);
        other = multipart_begin(&m, parts, type, &a);
        for (size_t at = 0, len; other == 0 && at < body.len; at += len) {
            len = 1 + (at % 2 == 0 ? data[0] : data[1]);
            other = multipart_take(&m, slice_part(body, at, len));
        }
        if (other == 0)
            other = multipart_end(&m);
        if (one == 0 && other == 0)
            compare(whole, parts, buf_view(&files));
        /* Bounds differ where all fields together are too long, and where an empty file was one too many. */
        assert((one == 0) == (other == 0) || one == 413 || other == 413);
        multipart_dispose(&m);
    }
    free(whole);
    free(parts);
    buf_dispose(&files);
    arena_dispose(&a);
    return 0;
}
