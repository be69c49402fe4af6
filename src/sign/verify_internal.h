/* verify_internal.h - the examination itself, shared by the two ways to run it. */
#pragma once
#include "sign/pdf_file.h"
#include "sign/verify.h"

/* fresh: nothing is taken from or put into the trust's cache. */
int verify_bytes(struct verdict *v, struct slice pdf, const struct verify_order *o, bool fresh,
                 struct arena *a, struct err *e);
/* A seal's widget by its object number, and on which page it was found: 0 for none. */
struct seal_place {
    uint64_t widget;
    size_t page;
};
/* How many pages the newest revision has, 0 where that cannot be told at a bounded cost. May leave a fault.
 */
size_t pages_find(struct pdf_file *f, struct seal_place *places, size_t count);
/* The verdict as flat bytes, for the pipe, and back. */
void verdict_flatten(struct buf *out, const struct verdict *v);
bool verdict_unflatten(struct verdict *v, struct slice flat, struct arena *a);
