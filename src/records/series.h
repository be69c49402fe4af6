/* series.h - the series of titles (职称系列) with their codes in certificate numbers: data, not code.
 *
 * A list is built in (series.json beside this file); data_dir/series.json takes its place where a province
 * has its own: [{"code": "05", "name": "卫生技术人员", "aliases": ["卫生"], "titles": {"副高级":
 * ["副主任医师"]}}]. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

/* A title of the series (主任医师) and its level (正高级). */
struct series_title {
    const char *title, *level;
};
struct series {
    const char *code, *name;
    const char *const *aliases; /* ended with NULL */
    const struct series_title *titles;
    size_t title_count;
};
struct series_list {
    const struct series *list;
    size_t count;
};
/* data_dir NULL: the one that is built in. Texts are the arena's. ERR_INVALID says what is wrong with a
 * province's own list. */
MUST_CHECK int series_load(struct series_list *out, const char *data_dir, struct arena *a, struct err *e);
/* By name, alias, code, or "code name"; NULL where there is none. */
const struct series *series_find(const struct series_list *l, const char *text);
/* The level that the series' list gives this title; NULL where it does not list it, or under several. */
const char *series_level_of(const struct series *s, const char *title);
