/* worker_internal.h - how the child's memory is capped; two files, one for sanitized builds. */
#pragma once
#include <stddef.h>

/* Caps further memory of this process. 0 or -1. */
int worker_limit_memory(size_t bytes);
