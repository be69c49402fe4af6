/* verify_internal.h - the examination itself, shared by the two ways to run it. */
#pragma once
#include "sign/verify.h"

/* fresh: nothing is taken from or put into the trust's cache. */
int verify_bytes(struct verdict *v, struct slice pdf, const struct verify_order *o, bool fresh,
                 struct arena *a, struct err *e);
/* The verdict as flat bytes, for the pipe, and back. */
void verdict_flatten(struct buf *out, const struct verdict *v);
bool verdict_unflatten(struct verdict *v, struct slice flat, struct arena *a);
