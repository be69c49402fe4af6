/* drawer.c - every template of the installation. */
#include "support/drawer.h"
#include "base/file.h"
#include "base/share.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct drawer drawer;

int drawer_setup(void **state)
{
    struct drawer *d = &drawer;
    char folder[1024], path[2048];
    struct dirent **entries = NULL;
    int count;

    (void)state;
    *d = (struct drawer){.arena = ARENA_INIT};
    if (share_path(path, sizeof path, "fonts", &d->err) != 0 || fonts_open(&d->fonts, path, &d->err) != 0 ||
        share_path(folder, sizeof folder, "templates", &d->err) != 0)
        fail_msg("%s", d->err.en);
    count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/%s/template.md", folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && file_exists(path)) {
            *strrchr(path, '/') = '\0';
            assert_true(d->count < DRAWER_MAX);
            if (template_load(&d->list[d->count++], path, d->fonts, &d->err) != 0)
                fail_msg("%s", d->err.en);
        }
        free(entries[i]);
    }
    free((void *)entries);
    assert_true(d->count > 0);
    return 0;
}

int drawer_teardown(void **state)
{
    struct drawer *d = &drawer;

    (void)state;
    for (size_t i = 0; i < d->count; i++)
        template_free(d->list[i]);
    fonts_close(d->fonts);
    arena_dispose(&d->arena);
    return 0;
}

int drawer_lay(struct drawer *d, const struct template *t, const json_t *record, bool fields)
{
    static const enum mark marks[] = {
        [UNSEALED_SPECIMEN] = MARK_SPECIMEN, [UNSEALED_DRAFT] = MARK_DRAFT, [UNSEALED_PLAIN] = MARK_NONE};
    const char *roles[32];
    struct layout_order order = {.template = t,
                                 .record = record,
                                 .verify_url = "https://zs.example.cn/v/sample",
                                 .seal_roles = roles,
                                 .mark = record == NULL ? MARK_NONE : marks[template_unsealed(t)],
                                 .blank = record == NULL};

    for (size_t i = 0; fields && i < template_role_count(t); i++)
        roles[order.seal_role_count++] = template_role(t, i);
    arena_reset(&d->arena);
    return layout_run(&d->pages, &order, d->fonts, &d->arena, &d->err);
}
