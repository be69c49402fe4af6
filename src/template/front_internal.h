/* front_internal.h - the front matter while it is read. */
#pragma once
#include "template/template_internal.h"

/* One line "key: value" and where its parts stand. */
struct entry {
    const char *key, *value;
    size_t key_at, at;
    struct source *source;
};

enum { KEYS_MAX = 40 };

struct front {
    struct loader *l;
    /* read last: defaults and colours are known then */
    struct entry title, color, fit, header[EDGE_SLOTS], footer[EDGE_SLOTS];
    size_t like_at;
    bool says_unsealed;  /* this file or the one it is like */
    const char *section; /* "colors", "defaults", or NULL */
    bool said[KEYS_MAX]; /* in this file */
};

/* What a key means; an indented line of colors: or defaults:. */
MUST_CHECK int front_key(struct front *f, const struct entry *e);
MUST_CHECK int front_member(struct front *f, const struct entry *e);
int front_wrong(struct front *f, const struct entry *e);
