/* workload.h - orders that all differ, as a year's certificates of a province would. */
#pragma once
#include "base/buf.h"

/* Appends order number i for that profile, as JSON: other names, numbers, days and texts in each; the same i
 * gives the same order. */
void workload_order(struct buf *json, const char *profile, int i);
