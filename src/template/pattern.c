/* pattern.c - fixed wording with placeholders in it: parsed once. */
#include "base/utf8.h"
#include "template/pattern_internal.h"
#define CMARK_NO_SHORT_NAMES
#include <cmark.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_SEGMENTS = 256,
    MAX_LITERAL = 20000,
    MARK_SOFT_CP = 0xE001,
    MARK_BREAK_CP = 0xE002,
    MARK_LINE_CP = 0xE003,
    MARK_NO_LINE_CP = 0xE004,
    HIDDEN_CP = 0xE100
};

/* A pattern while it is read. Fixed characters gather in chars until a placeholder comes. */
struct draft {
    struct loader *l;
    size_t at;       /* where the source is searched from for what is at fault */
    bool underlined; /* between <u> and </u> */
    struct tree_char *chars;
    size_t count, cap;
    struct segment *segments;
    size_t segment_count;
};

static uint8_t style_of(const struct draft *d, uint8_t style)
{
    return d->underlined ? style | STYLE_UNDERLINE : style;
}

static int put(struct draft *d, uint32_t cp, uint8_t style)
{
    if (d->count == MAX_LITERAL)
        return load_error(d->l, d->at, "A text has more than %d characters; part it.",
                          "一段文字超过 %d 个字，请分段。", MAX_LITERAL);
    if (d->count == d->cap) {
        size_t cap = d->cap == 0 ? 64 : d->cap * 2;
        struct tree_char *more = realloc(d->chars, cap * sizeof *more);

        if (more == NULL)
            return err_no_memory(d->l->e);
        d->chars = more;
        d->cap = cap;
    }
    d->chars[d->count++] = (struct tree_char){cp, style_of(d, style), NULL};
    return 0;
}

static struct segment *segment_new(struct draft *d)
{
    if (d->segment_count == MAX_SEGMENTS) {
        load_error(d->l, d->at, "A text has more than %d placeholders.", "一段文字中的占位符超过 %d 个。",
                   MAX_SEGMENTS / 2);
        return NULL;
    }
    return &d->segments[d->segment_count++];
}

/* Chinese is written without spaces, so a line's end in the template means nothing between its characters. */
static bool joins(uint32_t cp)
{
    return utf8_is_han(cp) || (cp >= 0x3000 && cp <= 0x303F) || (cp >= 0xFF00 && cp <= 0xFFEF) ||
           (cp >= 0x2010 && cp <= 0x2026) || cp >= 0x110000;
}

static int flush(struct draft *d)
{
    struct segment *s;
    struct tree_char *copy;
    uint32_t last = 0;
    size_t n = 0;

    if (d->count == 0)
        return 0;
    s = segment_new(d);
    copy = arena_array(&d->l->t->arena, d->count, sizeof *copy);
    if (s == NULL || copy == NULL)
        return s == NULL ? -1 : err_no_memory(d->l->e);
    for (size_t i = 0; i < d->count; i++) {
        struct tree_char c = d->chars[i];

        if (c.cp == '\n') {
            if (joins(last) || (i + 1 < d->count && joins(d->chars[i + 1].cp)))
                continue;
            c.cp = ' ';
        }
        copy[n++] = c;
        last = c.cp;
    }
    s->chars = copy;
    s->count = n;
    d->count = 0;
    return 0;
}

/* Where the inside of a placeholder stands in the source. */
static size_t placeholder_at(const struct draft *d, struct slice inside)
{
    struct slice text = d->l->source->text;
    size_t at = d->at;

    for (;; at++) {
        at = slice_find(text, at, slice_of("{{"));
        if (at == SIZE_MAX)
            return d->at;
        if (slice_equal(slice_part(text, at + 2, inside.len), inside) &&
            slice_starts(text, at + 2 + inside.len, "}}"))
            return at + 2;
    }
}

/* The inside of {{...}}: a path and filters between "|"; a "|" inside quotes is text. */
static int placeholder(struct draft *d, struct slice inside, uint8_t style)
{
    struct segment *s = NULL;
    size_t from = 0, at = placeholder_at(d, inside);
    bool quoted = false;

    for (size_t i = 0; i <= inside.len; i++) {
        struct slice part;

        if (i < inside.len && inside.ptr[i] == '"')
            quoted = !quoted;
        if (i < inside.len && (quoted || inside.ptr[i] != '|'))
            continue;
        part = slice_part(inside, from, i - from);
        if (s == NULL) {
            if (flush(d) != 0 || (s = segment_new(d)) == NULL)
                return -1;
            s->style = style_of(d, style);
            s->path = path_parse(d->l, at, part);
            if (s->path == NULL)
                return -1;
        } else {
            s->filter = filter_parse(d->l, at + from, part, s->filter);
            if (s->filter == NULL)
                return -1;
        }
        from = i + 1;
    }
    s->soft = filter_is_soft(s->filter);
    s->line = filter_is_line(s->filter);
    return 0;
}

/* The inside of a placeholder: a number of pages, or a member of the record. */
static int placeholder_or_page(struct draft *d, struct slice inside, uint8_t style)
{
    struct slice word = trimmed(inside);

    if (slice_equal(word, slice_of("page")))
        return put(d, CHAR_PAGE, style);
    if (slice_equal(word, slice_of("pages")))
        return put(d, CHAR_PAGES, style);
    return placeholder(d, inside, style);
}

static bool opens(struct slice text, size_t at)
{
    return at + 1 < text.len && text.ptr[at] == '{' && text.ptr[at + 1] == '{';
}

/* The inside of the placeholder that opens at *at, which moves behind it. */
static int inside_at(struct loader *l, size_t source_at, struct slice text, size_t *at, struct slice *inside)
{
    size_t end = slice_find(text, *at, slice_of("}}"));
    size_t newline = slice_find(text, *at, slice_of("\n"));

    if (end == SIZE_MAX || newline < end) {
        struct slice open = slice_part(text, *at, newline == SIZE_MAX ? text.len - *at : newline - *at);

        return load_error(l, source_find(l, source_at, trimmed(open)),
                          "A placeholder that begins with {{ does not end with }} on its line.",
                          "占位符以 {{ 开始，却没有在同一行以 }} 结束。");
    }
    *inside = slice_part(text, *at + 2, end - *at - 2);
    *at = end + 2;
    return 0;
}

int placeholders_hide(struct loader *l, size_t source_at, struct slice text, struct buf *out)
{
    size_t at = 0;

    l->hidden_count = 0;
    while (at < text.len) {
        if (!opens(text, at)) {
            buf_append_char(out, (char)text.ptr[at++]);
            continue;
        }
        if (l->hidden_count == HIDDEN_MAX)
            return load_error(l, source_at, "More than %d placeholders without an element between them.",
                              "两个元素之间的占位符超过 %d 个。", HIDDEN_MAX);
        if (inside_at(l, source_at, text, &at, &l->hidden[l->hidden_count]) != 0)
            return -1;
        utf8_append(out, HIDDEN_CP + (uint32_t)l->hidden_count++);
    }
    return buf_ok(out) ? 0 : err_no_memory(l->e);
}

/* <u> and </u>. */
static int underline(struct draft *d, bool begin)
{
    size_t at = source_find(d->l, d->at, slice_of(begin ? "<u>" : "</u>"));

    if (begin == d->underlined)
        return load_error(d->l, at, begin ? "<u> stands in <u>." : "</u> ends no <u>.",
                          begin ? "<u> 中又有 <u>。" : "</u> 之前没有 <u>。");
    d->underlined = begin;
    return 0;
}

static int text_char(struct draft *d, uint32_t cp, uint8_t style)
{
    if (cp >= HIDDEN_CP && cp < HIDDEN_CP + d->l->hidden_count)
        return placeholder_or_page(d, d->l->hidden[cp - HIDDEN_CP], style);
    if (cp == MARK_LINE_CP || cp == MARK_NO_LINE_CP)
        return underline(d, cp == MARK_LINE_CP);
    if (cp == MARK_SOFT_CP || cp == MARK_BREAK_CP)
        cp = cp == MARK_SOFT_CP ? CHAR_SOFT : CHAR_BREAK;
    return put(d, cp, style);
}

static int text_part(struct draft *d, struct slice text, uint8_t style)
{
    size_t at = 0;
    uint32_t cp;

    while (at < text.len) {
        struct slice inside = {NULL, 0};

        if (opens(text, at)) {
            if (inside_at(d->l, d->at, text, &at, &inside) != 0 || placeholder_or_page(d, inside, style) != 0)
                return -1;
            continue;
        }
        if (!utf8_next(text, &at, &cp))
            return load_error(d->l, d->at, "Not UTF-8.", "不是 UTF-8 文本。");
        if (text_char(d, cp, style) != 0)
            return -1;
    }
    return 0;
}

static const struct pattern *finish(struct draft *d)
{
    struct pattern *p = arena_alloc(&d->l->t->arena, sizeof *p);
    struct segment *segments;

    if (d->underlined) {
        load_error(d->l, source_find(d->l, d->at, slice_of("<u>")), "<u> does not end in its paragraph.",
                   "<u> 没有在本段内结束。");
        return NULL;
    }
    if (flush(d) != 0)
        return NULL;
    segments = arena_array(&d->l->t->arena, d->segment_count == 0 ? 1 : d->segment_count, sizeof *segments);
    if (p == NULL || segments == NULL) {
        err_no_memory(d->l->e);
        return NULL;
    }
    memcpy(segments, d->segments, d->segment_count * sizeof *segments);
    p->segments = segments;
    p->count = d->segment_count;
    return p;
}

static int draft_init(struct draft *d, struct loader *l, size_t at)
{
    *d = (struct draft){.l = l, .at = at};
    d->segments = calloc(MAX_SEGMENTS, sizeof *d->segments);
    return d->segments != NULL ? 0 : err_no_memory(l->e);
}

static void draft_dispose(struct draft *d)
{
    free(d->segments);
    free(d->chars);
}

static int inline_html(struct draft *d, const char *html, uint8_t style)
{
    if (strcmp(html, "<br>") == 0 || strcmp(html, "<br/>") == 0)
        return put(d, CHAR_BREAK, style);
    if (strcmp(html, "<wbr>") == 0 || strcmp(html, "<wbr/>") == 0)
        return put(d, CHAR_SOFT, style);
    if (strcmp(html, "<u>") == 0 || strcmp(html, "</u>") == 0)
        return underline(d, html[1] == 'u');
    return load_error(
        d->l, source_find(d->l, d->at, slice_of(html)),
        "%.60s cannot stand inside a text; only <br/>, <wbr/> and <u> can. An element begins on a line "
        "of its own.",
        "%.60s 不能出现在文字中；文字中只能用 <br/>、<wbr/> 与 <u>，元素须另起一行。", html);
}

static int inline_node(struct draft *d, cmark_node *n, bool enter, uint8_t *style)
{
    switch (cmark_node_get_type(n)) {
    case CMARK_NODE_TEXT:
        return text_part(d, slice_of(cmark_node_get_literal(n)), *style);
    case CMARK_NODE_SOFTBREAK:
        return put(d, '\n', *style);
    case CMARK_NODE_LINEBREAK:
        return put(d, CHAR_BREAK, *style);
    case CMARK_NODE_HTML_INLINE:
        return inline_html(d, cmark_node_get_literal(n), *style);
    case CMARK_NODE_STRONG:
        *style = enter ? *style | STYLE_BOLD : *style & ~STYLE_BOLD;
        return 0;
    case CMARK_NODE_EMPH:
        *style = enter ? *style | STYLE_EMPHASIS : *style & ~STYLE_EMPHASIS;
        return 0;
    default:
        return load_error(
            d->l, d->at,
            "Markdown's %s is not set on paper here; there are emphasis, strong emphasis and line "
            "breaks. A backslash makes a character literal.",
            "此处不支持 Markdown 的 %s，只支持强调、加粗与换行；反斜杠可使字符按原样显示。",
            cmark_node_get_type_string(n));
    }
}

const struct pattern *pattern_of_block(struct loader *l, size_t at, struct cmark_node *block)
{
    cmark_iter *iter = NULL;
    cmark_event_type event;
    struct draft d;
    const struct pattern *p = NULL;
    uint8_t style = 0;
    int rc = draft_init(&d, l, at);

    cmark_consolidate_text_nodes(block);
    iter = cmark_iter_new(block);
    while (rc == 0 && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *n = cmark_iter_get_node(iter);

        if (n != block)
            rc = inline_node(&d, n, event == CMARK_EVENT_ENTER, &style);
        if (n != block && cmark_node_get_type(n) == CMARK_NODE_SOFTBREAK)
            d.at = source_line_start(l, source_line(l, d.at) + 1);
    }
    if (rc == 0)
        p = finish(&d);
    cmark_iter_free(iter);
    draft_dispose(&d);
    return p;
}

static const struct pattern *one_paragraph(struct loader *l, size_t at, struct slice text)
{
    cmark_node *document = cmark_parse_document((const char *)text.ptr, text.len, CMARK_OPT_DEFAULT), *block;
    const struct pattern *p = NULL;

    block = document != NULL ? cmark_node_first_child(document) : NULL;
    if (block == NULL)
        load_error(l, at, "A text is missing here.", "此处缺少文字。");
    else if (cmark_node_get_type(block) != CMARK_NODE_PARAGRAPH || cmark_node_next(block) != NULL)
        load_error(l, at, "Only one paragraph of text can stand here; a backslash makes 1\\. or \\# literal.",
                   "此处只能是一段文字；如需原样显示 1. 或 #，请写作 1\\. 或 \\#。");
    else
        p = pattern_of_block(l, at, block);
    if (document != NULL)
        cmark_node_free(document);
    return p;
}

static const struct pattern *from_markdown(struct loader *l, size_t at, const char *text)
{
    struct buf hidden = BUF_INIT(TEMPLATE_MAX_BYTES);
    const struct pattern *p = NULL;

    if (placeholders_hide(l, at, slice_of(text), &hidden) == 0)
        p = one_paragraph(l, at, buf_view(&hidden));
    buf_dispose(&hidden);
    return p;
}

const struct pattern *pattern_parse(struct loader *l, size_t at, const char *text, bool markdown)
{
    const struct pattern *p = NULL;
    struct draft d;

    if (markdown && text[strspn(text, " \n")] != '\0')
        return from_markdown(l, at, text);
    if (draft_init(&d, l, at) == 0 && text_part(&d, markdown ? slice_of("") : slice_of(text), 0) == 0)
        p = finish(&d);
    draft_dispose(&d);
    return p;
}
