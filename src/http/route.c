#include "http/http_internal.h"
#include <stdlib.h>
#include <string.h>

static int part_make(struct route_part *out, const char *text, struct arena *a)
{
    const char *end = strchr(text, '}');

    if (text[0] != '{') {
        out->literal = text;
        return 0;
    }
    out->suffix = end ? arena_text(a, end + 1) : NULL;
    return out->suffix ? 0 : -1;
}

static int entry_make(struct route_entry *out, const struct route *route, struct arena *a)
{
    const char *at = route->pattern;
    size_t params = 0;

    out->route = route;
    while (*at == '/') {
        size_t len = strcspn(++at, "/");
        char *text = arena_slice(a, (struct slice){(const uint8_t *)at, len});

        if (text == NULL || out->part_count == SEGMENTS_MAX ||
            part_make(&out->parts[out->part_count], text, a) != 0)
            return -1;
        params += out->parts[out->part_count++].literal == NULL;
        at += len;
    }
    return out->part_count > 0 && *at == '\0' && params <= HTTP_PARAMS_MAX ? 0 : -1;
}

/* Literal parts before parameters, longer suffixes before shorter ones. */
static int part_rank(const struct route_part *p)
{
    return p->literal ? 0 : -(int)strlen(p->suffix) + 1000;
}

static int compare_entries(const void *a, const void *b)
{
    const struct route_entry *x = a, *y = b;

    if (x->part_count != y->part_count)
        return x->part_count < y->part_count ? -1 : 1;
    for (size_t i = 0; i < x->part_count; i++) {
        int d = part_rank(&x->parts[i]) - part_rank(&y->parts[i]);

        if (d != 0)
            return d;
    }
    return 0;
}

int route_table_make(struct route_table *t, const struct route *const *routes, struct err *e)
{
    while (routes[t->count] != NULL)
        t->count++;
    t->entries = calloc(t->count + 1, sizeof *t->entries);
    if (t->entries == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < t->count; i++) {
        if (entry_make(&t->entries[i], routes[i], &t->arena) != 0)
            return err_set(e, ERR_INTERNAL, "The route \"%s\" is malformed; this is a bug.",
                           "路由“%s”格式错误，这是程序缺陷。", routes[i]->pattern);
    }
    qsort(t->entries, t->count, sizeof *t->entries, compare_entries);
    return 0;
}

void route_table_dispose(struct route_table *t)
{
    free(t->entries);
    t->entries = NULL;
    t->count = 0;
    arena_dispose(&t->arena);
}

static bool part_fits(const struct route_part *p, const char *segment)
{
    size_t len, suffix;

    if (p->literal != NULL)
        return strcmp(p->literal, segment) == 0;
    len = strlen(segment);
    suffix = strlen(p->suffix);
    return len > suffix && memcmp(segment + len - suffix, p->suffix, suffix) == 0;
}

static bool entry_fits(const struct route_entry *entry, const struct target *target)
{
    if (entry->part_count != target->segment_count)
        return false;
    for (size_t i = 0; i < entry->part_count; i++) {
        if (!part_fits(&entry->parts[i], target->segments[i]))
            return false;
    }
    return true;
}

static int params_take(struct request *req, const struct route_entry *entry, const struct target *target)
{
    size_t count = 0;

    for (size_t i = 0; i < entry->part_count; i++) {
        struct slice s = slice_of(target->segments[i]);

        if (entry->parts[i].literal != NULL)
            continue;
        s.len -= strlen(entry->parts[i].suffix);
        req->params[count] = arena_slice(req->arena, s);
        if (req->params[count++] == NULL)
            return 503;
    }
    return 0;
}

int route_find(struct route_entry **out, struct request *req, const struct route_table *t,
               const struct target *target, int method, unsigned *allow)
{
    *allow = 0;
    for (size_t i = 0; i < t->count; i++) {
        struct route_entry *entry = &t->entries[i];

        if (!entry_fits(entry, target))
            continue;
        *allow |= 1U << entry->route->method;
        if ((int)entry->route->method == method) {
            *out = entry;
            req->route = entry->route;
            return params_take(req, entry, target);
        }
    }
    return *allow ? 405 : 404;
}
