/* body.c - the body of a template: Markdown blocks (cmark), with our elements standing between them. */
#include "template/element_internal.h"
#define CMARK_NO_SHORT_NAMES
#include <cmark.h>
#include <string.h>

void node_append(struct node *parent, struct node *child)
{
    struct node **at = &parent->first;

    while (*at != NULL)
        at = &(*at)->next;
    *at = child;
}

struct node *node_new(struct loader *l, enum node_kind kind, size_t at)
{
    struct node *n = arena_alloc(&l->t->arena, sizeof *n);

    if (n == NULL) {
        err_no_memory(l->e);
        return NULL;
    }
    if (++l->node_count > TEMPLATE_MAX_NODES) {
        load_error(l, at, "A template has at most %d parts.", "模板最多 %d 个部分。", TEMPLATE_MAX_NODES);
        return NULL;
    }
    n->kind = kind;
    n->at = at;
    n->line = source_line(l, at);
    return n;
}

/* --- Markdown --- */

/* Where a block stands that CommonMark read in a text which stands from `at` on. */
static size_t block_at(struct loader *l, size_t at, cmark_node *b)
{
    int line = cmark_node_get_start_line(b);

    return line <= 1 ? at : source_line_start(l, source_line(l, at) + line - 1);
}

static int block(struct loader *l, cmark_node *b, size_t at, struct node *parent, int depth);

static int blocks(struct loader *l, cmark_node *container, size_t at, struct node *parent, int depth)
{
    for (cmark_node *b = cmark_node_first_child(container); b != NULL; b = cmark_node_next(b))
        if (block(l, b, at, parent, depth + 1) != 0)
            return -1;
    return 0;
}

static int block(struct loader *l, cmark_node *b, size_t at, struct node *parent, int depth)
{
    static const struct {
        cmark_node_type type;
        enum node_kind kind;
        bool text;
    } known[] = {{CMARK_NODE_PARAGRAPH, NODE_PARAGRAPH, true},
                 {CMARK_NODE_HEADING, NODE_HEADING, true},
                 {CMARK_NODE_LIST, NODE_LIST, false},
                 {CMARK_NODE_ITEM, NODE_LIST_ITEM, false}};
    size_t here = block_at(l, at, b);

    for (size_t i = 0; i < sizeof known / sizeof known[0] && depth <= TREE_MAX_DEPTH; i++) {
        struct node *n;

        if (cmark_node_get_type(b) != known[i].type)
            continue;
        n = node_new(l, known[i].kind, here);
        if (n == NULL)
            return -1;
        node_append(parent, n);
        if (n->kind == NODE_HEADING)
            n->level = cmark_node_get_heading_level(b);
        if (n->kind == NODE_LIST && cmark_node_get_list_type(b) == CMARK_ORDERED_LIST)
            n->level = cmark_node_get_list_start(b);
        if (!known[i].text)
            return blocks(l, b, at, n, depth);
        n->text = pattern_of_block(l, here, b);
        return n->text != NULL ? 0 : -1;
    }
    return load_error(
        l, here,
        "Markdown's %s is not set here; there are paragraphs, headings and lists. An element begins on "
        "a line of its own.",
        "此处不支持 Markdown 的 %s，只支持段落、标题与列表；元素须另起一行。", cmark_node_get_type_string(b));
}

static bool is_lone_paragraph(cmark_node *document)
{
    cmark_node *first = cmark_node_first_child(document);

    return first != NULL && cmark_node_next(first) == NULL &&
           cmark_node_get_type(first) == CMARK_NODE_PARAGRAPH;
}

static size_t line_end(struct slice s, size_t at)
{
    size_t end = slice_find(s, at, slice_of("\n"));

    return end == SIZE_MAX ? s.len : end + 1;
}

/* Markdown's tables, which CommonMark does not have: a line of bars and dashes only. */
static int refuse_bars(struct loader *l, struct slice text, size_t at)
{
    for (size_t from = 0; from < text.len;) {
        struct slice line = slice_part(text, from, line_end(text, from) - from), rule = trimmed(line);
        bool dashes = slice_find(rule, 0, slice_of("--")) != SIZE_MAX;

        for (size_t i = 0; i < rule.len && dashes; i++)
            dashes = strchr("|-: ", rule.ptr[i]) != NULL;
        if (dashes && slice_find(rule, 0, slice_of("|")) != SIZE_MAX)
            return load_error(l, at + from,
                              "Tables are not drawn with bars here; write <table widths=\"...\">.",
                              "此处不能用竖线画表格，请写 <table widths=\"…\">。");
        from += line.len;
    }
    return 0;
}

int markdown_read(struct loader *l, struct slice text, size_t at, struct node *parent, bool alone)
{
    struct buf hidden = BUF_INIT(TEMPLATE_MAX_BYTES);
    cmark_node *document = NULL;
    int rc = -1;

    if (text.len == 0)
        return 0;
    if (refuse_bars(l, text, at) != 0)
        return -1;
    if (placeholders_hide(l, at, text, &hidden) != 0)
        goto out;
    document = cmark_parse_document((const char *)hidden.data, hidden.len, CMARK_OPT_DEFAULT);
    if (document == NULL) {
        err_no_memory(l->e);
        goto out;
    }
    if (alone && is_lone_paragraph(document)) {
        cmark_node *only = cmark_node_first_child(document);

        parent->text = pattern_of_block(l, block_at(l, at, only), only);
        rc = parent->text != NULL ? 0 : -1;
    } else {
        rc = blocks(l, document, at, parent, 0);
    }
out:
    if (document != NULL)
        cmark_node_free(document);
    buf_dispose(&hidden);
    return rc;
}

/* --- where elements begin and end --- */

/* An element or comment at `at` (its '<'): reads it and moves *at behind it and the rest of its line. */
static int one_element(struct loader *l, struct slice text, size_t *at, struct node *parent)
{
    bool comment = slice_starts(text, *at, "<!--");
    struct slice inside = slice_part(text, *at, text.len - *at);
    size_t end = comment ? slice_find(text, *at, slice_of("-->")) : element_end(text, *at), rest;

    if (!comment && element_kind(tag_name(inside)) == NODE_BODY)
        return element_unknown(l, source_offset(l, inside), tag_name(inside));
    if (!comment && nesting_check(l, inside) != 0)
        return -1;
    if (end == SIZE_MAX)
        return load_error(l, source_offset(l, inside), "<%.*s> has no end.", "<%.*s> 没有结束标记。",
                          comment ? 3 : (int)tag_name(inside).len,
                          comment ? "!--" : (const char *)tag_name(inside).ptr);
    end += comment ? 3 : 0;
    rest = line_end(text, end);
    if (trimmed(slice_part(text, end, rest - end)).len > 0)
        return load_error(l, source_offset(l, trimmed(slice_part(text, end, rest - end))),
                          "Nothing can follow an element on its line.", "元素之后，同一行不能再有内容。");
    if (!comment && element_read(l, slice_part(text, *at, end - *at), parent) != 0)
        return -1;
    *at = rest;
    return 0;
}

/* Whether the line that begins with this is an element's and not a paragraph's. */
static bool begins_element(struct slice line)
{
    static const char *const in_texts[] = {"</", "<br", "<wbr", "<u>"};

    for (size_t i = 0; i < sizeof in_texts / sizeof in_texts[0]; i++)
        if (slice_starts(line, 0, in_texts[i]))
            return false;
    return line.len > 1 && line.ptr[0] == '<';
}

int body_read(struct loader *l, struct slice text, struct node *parent)
{
    size_t at = 0, from = 0;

    while (at < text.len) {
        size_t first = at, end = line_end(text, at);

        while (first < end && (text.ptr[first] == ' ' || text.ptr[first] == '\t'))
            first++;
        if (begins_element(slice_part(text, first, end - first))) {
            struct slice before = slice_part(text, from, at - from);

            if (markdown_read(l, before, source_offset(l, before), parent, false) != 0 ||
                one_element(l, text, &first, parent) != 0)
                return -1;
            at = from = first;
        } else {
            at = end;
        }
    }
    text = slice_part(text, from, text.len - from);
    return markdown_read(l, text, source_offset(l, text), parent, false);
}
