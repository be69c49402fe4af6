/* boxes.h - pages as text, one item a line: what golden tests compare. */
#pragma once
#include "layout/page.h"

/* Millimetres to 0.01. Faces by name, glyphs as their characters. */
void boxes_dump(struct buf *out, const struct pages *pages);
/* The characters of a run, as UTF-8. */
void run_text(struct buf *out, const struct text_run *run);
