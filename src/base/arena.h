/* arena.h - memory that is born with a request and dies with it. */
#pragma once
#include "base/buf.h"

struct arena_block;
struct arena {
    struct arena_block *blocks;
    size_t used_total, max; /* bytes handed out so far; never more than max (0: 64 MiB) */
    bool full;              /* it refused memory for its max, not for want of any */
};

#define ARENA_INIT                                                                                           \
    {                                                                                                        \
        NULL, 0, 0, false                                                                                    \
    }

/* Zeroed memory, aligned for any object; NULL when there is no more. Nothing from it is freed singly. */
void *arena_alloc(struct arena *a, size_t size);
/* count * size, with the overflow checked. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* Copies, ended with NUL. */
char *arena_text(struct arena *a, const char *text);
char *arena_slice(struct arena *a, struct slice s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Empties it but keeps its largest block, for the next request. */
void arena_reset(struct arena *a);
void arena_dispose(struct arena *a);
