/* trial.c - a template written in a test, laid out and looked at. */
#include "support/trial.h"
#include "base/share.h"
#include "support/boxes.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int paper_open(struct paper *p)
{
    char path[1024];

    *p = (struct paper){.arena = ARENA_INIT};
    if (share_path(path, sizeof path, "fonts", &p->err) == 0 && fonts_open(&p->fonts, path, &p->err) == 0)
        return 0;
    print_error("%s\n", p->err.en);
    return -1;
}

void paper_close(struct paper *p)
{
    template_free(p->template);
    json_decref(p->record);
    arena_dispose(&p->arena);
    fonts_close(p->fonts);
}

struct paper paper;

int paper_setup(void **state)
{
    (void)state;
    return paper_open(&paper);
}

int paper_teardown(void **state)
{
    (void)state;
    paper_close(&paper);
    return 0;
}

static json_t *parsed(const char *text)
{
    char *copy = strdup(text);
    json_error_t error;
    json_t *value;

    assert_non_null(copy);
    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    value = json_loads(copy, 0, &error);
    if (value == NULL)
        fail_msg("%s in %s", error.text, copy);
    free(copy);
    return value;
}

int paper_try(struct paper *p, const char *front, const char *body, const char *record,
              const struct layout_order *o)
{
    struct layout_order order = o != NULL ? *o : (struct layout_order){0};
    struct buf text = BUF_INIT(1 << 20);

    template_free(p->template);
    json_decref(p->record);
    p->template = NULL;
    p->record = parsed(record);
    buf_printf(&text, "---\ntitle: 测试\n%s\n---\n%s\n", front != NULL ? front : "page: A4", body);
    memset(&p->err, 0, sizeof p->err);
    if (template_parse(&p->template, "/nowhere", buf_view(&text), json_incref(p->record), p->fonts,
                       &p->err) != 0)
        fail_msg("%s", p->err.en);
    buf_dispose(&text);
    arena_reset(&p->arena);
    order.template = p->template;
    order.record = p->record;
    return layout_run(&p->pages, &order, p->fonts, &p->arena, &p->err);
}

void paper_lay(struct paper *p, const char *front, const char *body, const char *record,
               const struct layout_order *o)
{
    if (paper_try(p, front, body, record, o) != 0)
        fail_msg("%s (%s)", p->err.en, p->err.field);
}

const struct text_run *paper_find(const struct paper *p, size_t page, const char *text, size_t nth)
{
    for (size_t i = 0; page < p->pages.count && i < p->pages.list[page].count; i++) {
        const struct item *it = &p->pages.list[page].items[i];
        struct buf b = BUF_INIT(100000);
        bool same;

        if (it->kind != ITEM_TEXT)
            continue;
        run_text(&b, &it->u.text);
        same = b.len > 0 && strncmp(buf_text(&b), text, strlen(text)) == 0;
        buf_dispose(&b);
        if (same && nth-- == 0)
            return &it->u.text;
    }
    return NULL;
}

const struct text_run *paper_run(const struct paper *p, const char *text)
{
    for (size_t page = 0; page < p->pages.count; page++) {
        const struct text_run *r = paper_find(p, page, text, 0);

        if (r != NULL)
            return r;
    }
    fail_msg("no run begins with %s", text);
    return NULL;
}

const struct item *paper_item(const struct paper *p, size_t page, enum item_kind kind, size_t nth)
{
    for (size_t i = 0; i < p->pages.list[page].count; i++)
        if (p->pages.list[page].items[i].kind == kind && nth-- == 0)
            return &p->pages.list[page].items[i];
    return NULL;
}

double run_end(const struct text_run *r)
{
    const struct glyph_at *g = &r->glyphs[r->count - 1];

    return r->x + (double)g->dx + face_advance(r->face, g->cp) / 1000 * r->size * PT_MM;
}

double run_middle(const struct text_run *r)
{
    return r->baseline - 0.38 * r->size * PT_MM;
}

void near_mm(double is, double should, const char *what)
{
    if (fabs(is - should) > 0.02)
        fail_msg("%s: %.3f mm, should be %.3f mm", what, is, should);
}
