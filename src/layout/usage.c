/* usage.c - which characters every document of a template sets in which face. */
#include "base/utf8.h"
#include "layout/layout_internal.h"
#include <string.h>

struct usage_draft {
    struct fonts *fonts;
    struct arena *arena;
    struct face_usage *list;
    uint32_t **cps;
    size_t *caps;
    size_t count;
    bool failed;
};

/* Digits and units that values consist of, in the families values are set in. */
static const char common[] = "0123456789年月日号-〔〕（）·";

static bool add_to(struct usage_draft *d, size_t i, uint32_t cp)
{
    uint32_t *cps = d->cps[i];
    size_t count = d->list[i].count;

    for (size_t k = 0; cps != NULL && k < count; k++)
        if (cps[k] == cp)
            return true;
    if (cps == NULL || count == d->caps[i]) {
        d->caps[i] = d->caps[i] == 0 ? 64 : d->caps[i] * 2;
        cps = arena_array(d->arena, d->caps[i], sizeof *cps);
        if (cps == NULL)
            return false;
        if (d->cps[i] != NULL)
            memcpy(cps, d->cps[i], count * sizeof *cps);
        d->list[i].cps = d->cps[i] = cps;
    }
    cps[count] = cp;
    d->list[i].count++;
    return true;
}

static void note(struct usage_draft *d, const struct face *face, uint32_t cp)
{
    size_t i = 0;

    while (i < d->count && d->list[i].face != face)
        i++;
    if (i == d->count)
        d->list[d->count++] = (struct face_usage){face, NULL, 0};
    if (!add_to(d, i, cp))
        d->failed = true;
}

static void visit(void *arg, uint32_t cp, const char *family, bool bold)
{
    struct usage_draft *d = arg;
    const struct face *face = fonts_lookup(d->fonts, family, bold);

    if (face == NULL || cp >= CHAR_SOFT)
        return;
    face = fonts_cover(d->fonts, face, cp);
    if (face != NULL)
        note(d, face, cp);
}

/* What the sample sets, since most documents say much of it again (how the title was obtained, where to
 * verify). A face that sets small Latin letters gets them all: the next installation has another address. */
static void visit_sample(struct usage_draft *d, const struct pages *pages)
{
    static const char latin[] = "abcdefghijklmnopqrstuvwxyz.-";

    for (size_t p = 0; p < pages->count; p++) {
        for (size_t i = 0; i < pages->list[p].count; i++) {
            const struct item *item = &pages->list[p].items[i];

            for (size_t k = 0; item->kind == ITEM_TEXT && k < item->u.text.count; k++) {
                uint32_t cp = item->u.text.glyphs[k].cp;

                note(d, item->u.text.face, cp);
                for (const char *c = latin; cp >= 'a' && cp <= 'z' && *c != '\0'; c++)
                    note(d, item->u.text.face, (unsigned char)*c);
            }
        }
    }
}

/* The sample's pages, as a draft where that is what the template makes; and the blank form, whose places for
 * ink say what a filled one does not. */
static int visit_pages(struct usage_draft *d, const struct template *t, struct err *e)
{
    struct layout_order order = {.template = t,
                                 .record = template_sample(t),
                                 .verify_url = "https://v/sample",
                                 .mark = template_unsealed(t) == UNSEALED_DRAFT ? MARK_DRAFT : MARK_NONE};
    struct pages pages;

    if (layout_run(&pages, &order, d->fonts, d->arena, e) != 0)
        return -1;
    visit_sample(d, &pages);
    if (!template_has_blank(t))
        return 0;
    order = (struct layout_order){.template = t, .verify_url = "https://v/sample", .blank = true};
    if (layout_run(&pages, &order, d->fonts, d->arena, e) != 0)
        return -1;
    visit_sample(d, &pages);
    return 0;
}

int layout_usage(const struct face_usage **out, size_t *count, const struct template *t, struct fonts *fonts,
                 struct arena *a, struct err *e)
{
    struct usage_draft d = {.fonts = fonts, .arena = a};
    const char *family = template_page(t)->text.family;
    struct slice text = slice_of(common);
    size_t at = 0;
    uint32_t cp;

    d.list = arena_array(a, (size_t)fonts_count(fonts) + 1, sizeof *d.list);
    d.caps = arena_array(a, (size_t)fonts_count(fonts) + 1, sizeof *d.caps);
    d.cps = arena_array(a, (size_t)fonts_count(fonts) + 1, sizeof *d.cps);
    if (d.list == NULL || d.caps == NULL || d.cps == NULL)
        return err_no_memory(e);
    template_literals(t, visit, &d);
    while (utf8_next(text, &at, &cp))
        visit(&d, cp, family, false);
    for (cp = '0'; cp <= '9'; cp++)
        visit(&d, cp, family, true);
    if (visit_pages(&d, t, e) != 0)
        return -1;
    *out = d.list;
    *count = d.count;
    return d.failed ? err_no_memory(e) : 0;
}
