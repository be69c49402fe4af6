/* drawer.h - every template of the installation, in one place, for tests that hold for all of them. */
#pragma once
#include "layout/layout.h"

enum { DRAWER_MAX = 64 };

struct drawer {
    struct fonts *fonts;
    struct template *list[DRAWER_MAX];
    size_t count;
    struct arena arena;
    struct pages pages; /* of the last document, in the arena */
    struct err err;
};

/* The one of a test program. Setting it up for cmocka fails the test if any template does not load. */
extern struct drawer drawer;
int drawer_setup(void **state);
int drawer_teardown(void **state);
/* Lays a record out as the template says for a document that was only printed; record NULL: the blank form.
 * Every role gets its field when fields says so. */
int drawer_lay(struct drawer *d, const struct template *t, const json_t *record, bool fields);
