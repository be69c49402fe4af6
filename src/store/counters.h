/* counters.h - every counter of numbers, and the end of a time in which nothing may be issued. */
#pragma once
#include "store/store.h"

/* With the last serial that was given out under it; the text is good until the visitor returns, and the
 * visitor asks nothing of the store. */
typedef int counter_visitor(void *arg, const char *counter, uint64_t last, struct err *e);
MUST_CHECK int store_visit_counters(struct store *s, counter_visitor *visit, void *arg, struct err *e);
/* Takes back what store_issuing_closed() says. */
MUST_CHECK int store_open_issuing(struct store *s, struct err *e);
