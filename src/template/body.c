/* body.c - the body of a template: Markdown blocks (cmark), with our elements standing between them. */
#include "base/utf8.h"
#include "template/template_internal.h"
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

struct node *node_new(struct loader *l, enum node_kind kind, int line)
{
    struct node *n = arena_alloc(&l->t->arena, sizeof *n);

    if (n == NULL) {
        err_no_memory(l->e);
        return NULL;
    }
    if (++l->node_count > TEMPLATE_MAX_NODES) {
        load_error(l, line, "A template has at most %d parts.", "模板最多 %d 个部分。", TEMPLATE_MAX_NODES);
        return NULL;
    }
    n->kind = kind;
    n->line = line;
    return n;
}

/* --- Markdown --- */

static int block(struct loader *l, cmark_node *b, int offset, struct node *parent, int depth);

static int blocks(struct loader *l, cmark_node *container, int offset, struct node *parent, int depth)
{
    for (cmark_node *b = cmark_node_first_child(container); b != NULL; b = cmark_node_next(b))
        if (block(l, b, offset, parent, depth + 1) != 0)
            return -1;
    return 0;
}

static int block(struct loader *l, cmark_node *b, int offset, struct node *parent, int depth)
{
    static const struct {
        cmark_node_type type;
        enum node_kind kind;
        bool text;
    } known[] = {{CMARK_NODE_PARAGRAPH, NODE_PARAGRAPH, true},
                 {CMARK_NODE_HEADING, NODE_HEADING, true},
                 {CMARK_NODE_LIST, NODE_LIST, false},
                 {CMARK_NODE_ITEM, NODE_LIST_ITEM, false}};
    int line = offset + cmark_node_get_start_line(b);

    for (size_t i = 0; i < sizeof known / sizeof known[0] && depth <= TREE_MAX_DEPTH; i++) {
        struct node *n;

        if (cmark_node_get_type(b) != known[i].type)
            continue;
        n = node_new(l, known[i].kind, line);
        if (n == NULL)
            return -1;
        node_append(parent, n);
        if (n->kind == NODE_HEADING)
            n->level = cmark_node_get_heading_level(b);
        if (n->kind == NODE_LIST && cmark_node_get_list_type(b) == CMARK_ORDERED_LIST)
            n->level = cmark_node_get_list_start(b);
        if (!known[i].text)
            return blocks(l, b, offset, n, depth);
        n->text = pattern_of_block(l, line, b);
        return n->text != NULL ? 0 : -1;
    }
    return load_error(
        l, line,
        "Markdown's %s is not set here; there are paragraphs, headings and lists. An element begins on "
        "a line of its own.",
        "此处不支持 Markdown 的 %s，只支持段落、标题与列表；元素须另起一行。", cmark_node_get_type_string(b));
}

static int markdown(struct loader *l, struct slice text, int line, struct node *parent)
{
    struct buf hidden = BUF_INIT(TEMPLATE_MAX_BYTES);
    cmark_node *document = NULL;
    int rc = -1;

    if (text.len == 0)
        return 0;
    if (placeholders_hide(l, line, text, &hidden) != 0)
        goto out;
    document = cmark_parse_document((const char *)hidden.data, hidden.len, CMARK_OPT_DEFAULT);
    if (document == NULL) {
        err_no_memory(l->e);
        goto out;
    }
    rc = blocks(l, document, line - 1, parent, 0);
out:
    if (document != NULL)
        cmark_node_free(document);
    buf_dispose(&hidden);
    return rc;
}

/* --- where elements begin and end --- */

static size_t tag_end(struct slice s, size_t at)
{
    uint8_t quote = 0;

    for (; at < s.len; at++) {
        if (quote != 0) {
            if (s.ptr[at] == quote)
                quote = 0;
        } else if (s.ptr[at] == '"' || s.ptr[at] == '\'') {
            quote = s.ptr[at];
        } else if (s.ptr[at] == '>') {
            return at + 1;
        }
    }
    return SIZE_MAX;
}

static bool starts(struct slice s, size_t at, const char *text)
{
    return slice_equal(slice_part(s, at, strlen(text)), slice_of(text));
}

/* Offset behind the element that begins at `at`, or SIZE_MAX. libxml2 judges the inside. */
static size_t element_end(struct slice s, size_t at)
{
    size_t depth = 0;

    while (at < s.len) {
        size_t end;

        if (s.ptr[at] != '<') {
            at++;
            continue;
        }
        if (starts(s, at, "<!--")) {
            end = slice_find(s, at, slice_of("-->"));
            if (end == SIZE_MAX)
                return SIZE_MAX;
            at = end + 3;
            continue;
        }
        end = tag_end(s, at);
        if (end == SIZE_MAX)
            return SIZE_MAX;
        if (starts(s, at, "</"))
            depth = depth > 0 ? depth - 1 : 0;
        else if (s.ptr[end - 2] != '/')
            depth++;
        at = end;
        if (depth == 0)
            return at;
    }
    return SIZE_MAX;
}

static int count_lines(struct slice s)
{
    int n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '\n';
    return n;
}

static size_t line_end(struct slice s, size_t at)
{
    size_t end = slice_find(s, at, slice_of("\n"));

    return end == SIZE_MAX ? s.len : end + 1;
}

static bool blank(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (strchr(" \t\r\n", s.ptr[i]) == NULL)
            return false;
    return true;
}

static struct slice name_at(struct slice s, size_t at)
{
    size_t end = at;

    while (end < s.len && ((s.ptr[end] >= 'a' && s.ptr[end] <= 'z') ||
                           (s.ptr[end] >= 'A' && s.ptr[end] <= 'Z') || s.ptr[end] == '-'))
        end++;
    return slice_part(s, at, end - at);
}

/* An element or comment at `at` (its '<'): reads it and moves *at behind it and the rest of its line. */
static int one_element(struct loader *l, struct slice text, size_t *at, int line, struct node *parent)
{
    bool comment = starts(text, *at, "<!--");
    struct slice name = name_at(text, *at + 1);
    size_t end, rest;

    if (!comment && element_kind(name) == NODE_BODY)
        return load_error(l, line, "There is no element <%.*s>.", "没有元素 <%.*s>。",
                          (int)(name.len > 40 ? 40 : name.len), (const char *)name.ptr);
    end = comment ? slice_find(text, *at, slice_of("-->")) : element_end(text, *at);
    if (end == SIZE_MAX)
        return load_error(l, line, "<%.*s> has no end.", "<%.*s> 没有结束标记。",
                          comment ? 3 : (int)(name.len > 40 ? 40 : name.len),
                          comment ? "!--" : (const char *)name.ptr);
    end += comment ? 3 : 0;
    rest = line_end(text, end);
    if (!blank(slice_part(text, end, rest - end)))
        return load_error(l, line + count_lines(slice_part(text, *at, end - *at)),
                          "Nothing can follow an element on its line.", "元素之后，同一行不能再有内容。");
    if (!comment && element_read(l, slice_part(text, *at, end - *at), line, parent) != 0)
        return -1;
    *at = rest;
    return 0;
}

int body_read(struct loader *l, struct slice text, int line, struct node *parent)
{
    size_t at = 0, from = 0;

    while (at < text.len) {
        size_t first = at, end = line_end(text, at);

        while (first < end && (text.ptr[first] == ' ' || text.ptr[first] == '\t'))
            first++;
        if (first + 1 < end && text.ptr[first] == '<' && text.ptr[first + 1] != '/' &&
            !starts(text, first, "<br") && !starts(text, first, "<wbr")) {
            int before = count_lines(slice_part(text, 0, from)),
                here = count_lines(slice_part(text, 0, first));

            if (markdown(l, slice_part(text, from, at - from), line + before, parent) != 0 ||
                one_element(l, text, &first, line + here, parent) != 0)
                return -1;
            at = from = first;
        } else {
            at = end;
        }
    }
    return markdown(l, slice_part(text, from, text.len - from), line + count_lines(slice_part(text, 0, from)),
                    parent);
}
