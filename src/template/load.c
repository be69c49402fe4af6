/* load.c - a template's folder becomes a struct template, or an error with file and line. */
#include "base/file.h"
#include "base/utf8.h"
#include "template/template_internal.h"
#include <stdlib.h>
#include <string.h>

static bool forbidden(uint32_t cp)
{
    return (cp < 0x20 && cp != '\n' && cp != '\r' && cp != '\t') || (cp >= 0x7F && cp < 0xA0) ||
           (cp >= 0xE000 && cp <= 0xF8FF) || cp >= 0xF0000 || cp == 0xFEFF ||
           (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
}

/* Private-use characters are our own marks while a template is read; invisible ones would mislead its author.
 */
int source_check(struct loader *l)
{
    struct slice text = l->source->text;
    size_t at = 0, from = 0;
    uint32_t cp;

    if (slice_find(text, 0, slice_of("｛｛")) != SIZE_MAX)
        return load_error(l, slice_find(text, 0, slice_of("｛｛")),
                          "A placeholder begins with {{ of half width, not ｛｛.",
                          "占位符须以半角 {{ 开始，不能用全角｛｛。");
    for (; utf8_next(text, &at, &cp); from = at)
        if (forbidden(cp))
            return load_error(l, from, "The character U+%04X cannot stand in a template.",
                              "模板中不能有字符 U+%04X。", (unsigned)cp);
    return at == text.len ? 0 : load_error(l, at, "Not UTF-8.", "不是 UTF-8 文本。");
}

struct glyph_check {
    struct loader *l;
    int rc;
};

static void check_glyph(void *arg, uint32_t cp, const char *family, bool bold)
{
    struct glyph_check *c = arg;
    const struct face *face;
    char bytes[4];
    struct slice text = {(const uint8_t *)bytes, 0};

    if (c->rc != 0 || c->l->fonts == NULL || cp >= CHAR_SOFT)
        return;
    face = fonts_lookup(c->l->fonts, family, bold);
    if (face != NULL && fonts_cover(c->l->fonts, face, cp) != NULL)
        return;
    text.len = utf8_put(bytes, cp);
    c->rc =
        load_error(c->l, source_find(c->l, 0, text), "No font has the character U+%04X of the fixed wording.",
                   "没有字体包含固定文字中的字符 U+%04X。", (unsigned)cp);
}

static int read_source(struct loader *l)
{
    struct glyph_check check = {l, 0};
    struct slice body;

    if (front_read(l, &body) != 0)
        return -1;
    l->t->body = node_new(l, NODE_BODY, source_offset(l, body));
    if (l->t->body == NULL || body_read(l, body, l->t->body) != 0)
        return -1;
    template_literals(l->t, check_glyph, &check);
    return check.rc == 0 ? certificate_check(l) : -1;
}

static int set_names(struct template *t, const char *dir, struct err *e)
{
    const char *end = dir + strlen(dir), *start;

    while (end > dir + 1 && end[-1] == '/')
        end--;
    t->dir = arena_slice(&t->arena, (struct slice){(const uint8_t *)dir, (size_t)(end - dir)});
    start = t->dir != NULL ? strrchr(t->dir, '/') : NULL;
    t->name = t->dir != NULL ? arena_text(&t->arena, start != NULL ? start + 1 : t->dir) : NULL;
    return t->name != NULL ? 0 : err_no_memory(e);
}

int template_parse_placed(struct template **out, const char *dir, struct slice text, json_t *sample,
                          struct fonts *fonts, struct template_place *place, struct err *e)
{
    struct template *t = calloc(1, sizeof *t);
    struct loader l = {.t = t, .fonts = fonts, .e = e, .place = place};
    int rc;

    *out = NULL;
    if (t == NULL) {
        json_decref(sample);
        return err_no_memory(e);
    }
    t->sample = sample;
    rc = set_names(t, dir, e);
    l.own = (struct source){.name = t->name, .dir = t->dir, .text = text};
    l.source = &l.own;
    if (rc == 0)
        rc = read_source(&l);
    while (l.scope_count > 0)
        path_leave(&l);
    if (rc == 0)
        *out = t;
    else
        template_free(t);
    return rc;
}

int template_parse(struct template **out, const char *dir, struct slice text, json_t *sample,
                   struct fonts *fonts, struct err *e)
{
    struct template_place place;

    return template_parse_placed(out, dir, text, sample, fonts, &place, e);
}

static int read_beside(struct buf *out, const char *dir, const char *name, struct err *e)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return err_set(e, ERR_INVALID, "The template's path is too long.", "模板路径过长。");
    return file_read(out, path, e);
}

/* A record's mistake is told with its file, as the template's are. */
static int sample_read(json_t **out, const char *dir, struct slice text, struct err *e)
{
    struct err why;

    if (json_read(out, text, JSON_MAX_BYTES, &why) == 0)
        return 0;
    return err_set(e, why.code, "%1$s/sample.json: %2$s%3$.0s", "%1$s/sample.json：%2$.0s%3$s", dir, why.en,
                   why.zh);
}

/* Editors of some systems begin a file with the mark of its encoding. */
static struct slice without_mark(struct slice text)
{
    return slice_starts(text, 0, "\xEF\xBB\xBF") ? slice_part(text, 3, text.len - 3) : text;
}

int template_load(struct template **out, const char *dir, struct fonts *fonts, struct err *e)
{
    struct template_place place;

    return template_load_placed(out, dir, fonts, &place, e);
}

int template_load_placed(struct template **out, const char *dir, struct fonts *fonts,
                         struct template_place *place, struct err *e)
{
    struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES), json = BUF_INIT(JSON_MAX_BYTES);
    json_t *sample = NULL;
    int rc = -1;

    *out = NULL;
    *place = (struct template_place){"", 0, 0};
    if (read_beside(&text, dir, "template.md", e) != 0 || read_beside(&json, dir, "sample.json", e) != 0 ||
        sample_read(&sample, dir, buf_view(&json), e) != 0)
        goto out;
    if (!json_is_object(sample)) {
        json_decref(sample);
        err_set(e, ERR_INVALID, "%s/sample.json is not an object.", "%s/sample.json 不是对象。", dir);
        goto out;
    }
    rc = template_parse_placed(out, dir, without_mark(buf_view(&text)), sample, fonts, place, e);
out:
    buf_dispose(&json);
    buf_dispose(&text);
    return rc;
}

void template_free(struct template *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->artwork_count; i++)
        artwork_free(t->artwork[i]);
    json_decref(t->sample);
    arena_dispose(&t->arena);
    free(t);
}

const char *template_name(const struct template *t)
{
    return t->name;
}

const json_t *template_sample(const struct template *t)
{
    return t->sample;
}

size_t template_role_count(const struct template *t)
{
    return t->role_count;
}

const char *template_role(const struct template *t, size_t i)
{
    return i < t->role_count ? t->roles[i] : NULL;
}

bool template_sealable(const struct template *t)
{
    return t->sealable;
}

enum unsealed template_unsealed(const struct template *t)
{
    return t->unsealed;
}

bool template_has_blank(const struct template *t)
{
    return t->has_blank;
}

const struct page_setup *template_page(const struct template *t)
{
    return &t->page;
}

int template_title(const char **out, const struct template *t, const json_t *record, struct arena *a,
                   struct err *e)
{
    struct scope s = {.record = record, .arena = a, .e = e};
    struct buf title = BUF_INIT(VALUE_MAX_BYTES);
    struct tree_text text;
    int rc = -1;

    if (pattern_bind(&text, t->title, &s) != 0)
        goto out;
    for (size_t i = 0; i < text.count; i++)
        if (text.chars[i].cp < CHAR_SOFT)
            utf8_append(&title, text.chars[i].cp);
    *out = arena_slice(a, buf_view(&title));
    rc = *out != NULL && buf_ok(&title) ? 0 : err_no_memory(e);
out:
    buf_dispose(&title);
    return rc;
}

/* The value with … for every text and number in it; a new reference, NULL without memory. */
static json_t *blank_of(const json_t *value)
{
    json_t *out, *one;
    const char *name;
    size_t i;
    int rc = 0;

    if (json_is_string(value) || json_is_number(value))
        return json_string("…");
    if (!json_is_array(value) && !json_is_object(value))
        return json_deep_copy(value);
    out = json_is_array(value) ? json_array() : json_object();
    json_array_foreach((json_t *)(uintptr_t)value, i, one) rc |= json_array_append_new(out, blank_of(one));
    json_object_foreach((json_t *)(uintptr_t)value, name, one) rc |=
        json_object_set_new(out, name, blank_of(one));
    if (rc == 0)
        return out;
    json_decref(out);
    return NULL;
}

int template_blank_title(const char **out, const struct template *t, struct arena *a, struct err *e)
{
    json_t *blank = blank_of(t->sample);
    int rc = blank == NULL ? err_no_memory(e) : template_title(out, t, blank, a, e);

    json_decref(blank);
    if (rc == 0 || e->code == ERR_NO_MEMORY)
        return rc;
    *out = t->name;
    return 0;
}
