/* pattern_bind.c - a text with a record's values in its placeholders: characters, whatever they are. */
#include "base/utf8.h"
#include "template/pattern_internal.h"
#include <string.h>

/* U+3000 alone: room that a filter made where there is no value. */
static bool is_room(struct slice text)
{
    size_t at = 0;
    uint32_t cp;

    while (utf8_next(text, &at, &cp))
        if (cp != 0x3000)
            return false;
    return at == text.len;
}

static int put_value(struct tree_char *out, size_t *n, struct slice text, const struct segment *s,
                     const char *from, struct err *e)
{
    uint8_t style = s->line && is_room(text) ? s->style | STYLE_UNDERLINE : s->style;
    size_t at = 0;
    uint32_t cp;

    while (utf8_next(text, &at, &cp)) {
        if (cp == '\n')
            cp = CHAR_BREAK;
        else if (s->soft && cp == '|')
            cp = CHAR_SOFT;
        out[(*n)++] = (struct tree_char){cp, style, from};
    }
    if (at < text.len) {
        err_set(e, ERR_INVALID, "The text is not UTF-8.", "文字不是 UTF-8 编码。");
        return err_field(e, "%s", from != NULL ? from : "");
    }
    return 0;
}

/* The text of one placeholder: the record's own bytes where no filter is in between. */
static int value_text(struct slice *out, struct buf *made, const struct segment *s, const struct scope *scope,
                      const char *from)
{
    const char *fallback;
    const json_t *v = path_lookup(s->path, scope, &fallback);
    struct filtered in = {v, fallback, from != NULL ? from : "",
                          scope->blank || (scope->filler && s->path->relative), scope->e};

    buf_reset(made);
    if (s->filter == NULL && v != NULL && json_is_string(v)) {
        *out = (struct slice){(const uint8_t *)json_string_value(v), json_string_length(v)};
        return 0;
    }
    if (s->filter == NULL && v == NULL) {
        *out = fallback != NULL ? slice_of(fallback) : (struct slice){NULL, 0};
        return 0;
    }
    if (filter_apply(made, s->filter, &in) != 0)
        return -1;
    if (!buf_ok(made))
        return err_no_memory(scope->e);
    *out = buf_view(made);
    return 0;
}

/* Appends the segment's characters, moving them to a larger place when there is no room. */
static int append(struct tree_text *t, struct tree_char **chars, size_t *cap, size_t more, struct arena *a)
{
    struct tree_char *larger;

    if (*chars != NULL && t->count + more <= *cap)
        return 0;
    *cap = (t->count + more) * 2;
    larger = arena_array(a, *cap, sizeof *larger);
    if (larger == NULL)
        return -1;
    if (*chars != NULL)
        memcpy(larger, *chars, t->count * sizeof *larger);
    *chars = larger;
    return 0;
}

int pattern_bind(struct tree_text *out, const struct pattern *p, const struct scope *s)
{
    struct buf made = BUF_INIT(VALUE_MAX_BYTES);
    struct tree_char *chars = NULL;
    size_t cap = 0;
    int rc = -1;

    *out = (struct tree_text){NULL, 0};
    if (p->count == 1 && p->segments[0].path == NULL) { /* fixed wording needs no copy */
        *out = (struct tree_text){p->segments[0].chars, p->segments[0].count};
        return 0;
    }
    for (size_t i = 0; i < p->count; i++) {
        const struct segment *g = &p->segments[i];
        struct slice text = {NULL, 0};
        const char *from = g->path != NULL ? path_pointer(g->path, s) : NULL;

        if (g->path != NULL && value_text(&text, &made, g, s, from) != 0)
            goto out;
        if (text.len == 0 && g->count == 0)
            continue;
        if (append(out, &chars, &cap, g->path != NULL ? text.len : g->count, s->arena) != 0) {
            err_no_memory(s->e);
            goto out;
        }
        if (g->path != NULL) {
            if (put_value(chars, &out->count, text, g, from, s->e) != 0)
                goto out;
        } else {
            memcpy(chars + out->count, g->chars, g->count * sizeof *chars);
            out->count += g->count;
        }
    }
    out->chars = chars;
    rc = 0;
out:
    buf_dispose(&made);
    return rc;
}

void pattern_literals(const struct pattern *p, const char *family, bool bold, literal_visitor *visit,
                      void *arg)
{
    for (size_t i = 0; i < p->count; i++)
        for (size_t k = 0; k < p->segments[i].count; k++) {
            const struct tree_char *c = &p->segments[i].chars[k];

            visit(arg, c->cp, c->style & STYLE_EMPHASIS ? "kai" : family,
                  bold || (c->style & STYLE_BOLD) != 0);
        }
}
