/* limiter.h - the limiter of app.h with the time passed in, for tests. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limiter;

/* As limiter_allows() and limiter_hit(); now_ms never goes back (clock_monotonic_ms). */
bool limiter_allows_at(struct limiter *l, const char *name, int64_t now_ms, unsigned *retry_after);
void limiter_hit_at(struct limiter *l, const char *name, int64_t now_ms);
