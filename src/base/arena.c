#include "base/arena.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 16 * 1024, DEFAULT_MAX = 64 * 1024 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    alignas(max_align_t) uint8_t bytes[];
};

static struct arena_block *block_new(struct arena *a, size_t size)
{
    size_t want = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK;
    struct arena_block *b;

    if (want > DEFAULT_MAX / 8)
        want = DEFAULT_MAX / 8;
    if (want < size)
        want = size;
    b = malloc(sizeof *b + want);
    if (b == NULL)
        return NULL;
    *b = (struct arena_block){a->blocks, want, 0};
    a->blocks = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    struct arena_block *b = a->blocks;
    size_t max = a->max ? a->max : DEFAULT_MAX;
    void *at;

    if (size > max - a->used_total) {
        a->full = true;
        return NULL;
    }
    size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if ((b == NULL || size > b->size - b->used) && (b = block_new(a, size)) == NULL)
        return NULL;
    at = b->bytes + b->used;
    b->used += size;
    a->used_total += size;
    if (a->used_total > max)
        a->used_total = max;
    memset(at, 0, size);
    return at;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t total;

    return __builtin_mul_overflow(count, size, &total) ? NULL : arena_alloc(a, total);
}

char *arena_slice(struct arena *a, struct slice s)
{
    char *copy = s.len == SIZE_MAX ? NULL : arena_alloc(a, s.len + 1);

    if (copy != NULL && s.len)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

char *arena_text(struct arena *a, const char *text)
{
    return arena_slice(a, slice_of(text));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    int length;
    char *text = NULL;

    va_start(args, fmt);
    va_copy(again, args);
    length = vsnprintf(NULL, 0, fmt, args);
    if (length >= 0 && (text = arena_alloc(a, (size_t)length + 1)) != NULL)
        (void)vsnprintf(text, (size_t)length + 1, fmt, again);
    va_end(again);
    va_end(args);
    return text;
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = NULL;

    for (struct arena_block *b = a->blocks, *next; b != NULL; b = next) {
        next = b->next;
        if (keep == NULL || b->size > keep->size) {
            free(keep);
            keep = b;
        } else {
            free(b);
        }
    }
    if (keep != NULL) {
        keep->next = NULL;
        keep->used = 0;
    }
    a->blocks = keep;
    a->used_total = 0;
    a->full = false;
}

void arena_dispose(struct arena *a)
{
    for (struct arena_block *b = a->blocks, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    a->blocks = NULL;
    a->used_total = 0;
    a->full = false;
}
