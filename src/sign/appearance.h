/* appearance.h - a seal's picture written into a document as PDF objects. */
#pragma once
#include "sign/revision.h"

/* How many objects it takes; numbers first .. first + count - 1. */
size_t appearance_object_count(const struct appearance *a);
/* Appends them. The first is the form for /AP /N of a widget of this size (points), with the picture in its
 * middle, at its true size unless the widget is smaller. offsets[i] receives where object first + i begins.
 */
void appearance_write(struct buf *out, const struct appearance *a, uint32_t first, double width,
                      double height, size_t *offsets);
