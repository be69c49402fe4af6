/* pattern_internal.h - a text as it was parsed: a run of fixed characters or a placeholder after the other.
 */
#pragma once
#include "template/template_internal.h"

struct segment {
    uint8_t style;
    bool soft;               /* "|" in the value is a soft break */
    bool line;               /* nothing but blanks is underlined, for the pen */
    const struct path *path; /* NULL: fixed */
    const struct filter *filter;
    const struct tree_char *chars;
    size_t count;
};

struct pattern {
    const struct segment *segments;
    size_t count;
};
