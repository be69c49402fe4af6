/* nesting.c - mistakes in the tags of an element that a parser of XML notices only far behind their place. */
#include "base/utf8.h"
#include "template/element_internal.h"
#include <string.h>

#define BEGINNINGS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/!?"

enum { NAME_MAX_BYTES = 41, NESTING_MAX = 2 * TREE_MAX_DEPTH };

struct nesting {
    struct loader *l;
    struct slice text;
    size_t open[NESTING_MAX]; /* where the elements begin that have not ended */
    size_t depth;
};

/* The name in the tag at `at`. */
static const char *name_at(const struct nesting *n, size_t at, char name[NAME_MAX_BYTES])
{
    struct slice s = n->text;
    size_t from = at + 1 + slice_starts(s, at, "</"), len = 0;

    while (from + len < s.len && len < NAME_MAX_BYTES - 1 && strchr(" \t\r\n/>", s.ptr[from + len]) == NULL)
        len++;
    (void)snprintf(name, NAME_MAX_BYTES, "%.*s", (int)len, (const char *)s.ptr + from);
    name[utf8_whole(name, len)] = '\0';
    return name;
}

/* Values stand between quotation marks, and these are closed. */
static int check_tag(const struct nesting *n, size_t at)
{
    struct slice s = n->text;
    size_t from = source_offset(n->l, s) + at;
    char name[NAME_MAX_BYTES];
    uint8_t quote = 0;

    for (size_t i = at + 1; i < s.len && s.ptr[i] != '<'; i++) {
        if (quote == 0 && (slice_starts(s, i, "=“") || slice_starts(s, i, "=”")))
            return load_error(n->l, from, "In <%s>, values stand between \" and \", not between “ and ”.",
                              "<%s> 中，属性的值须用半角引号 \" 括起，不能用“”。", name_at(n, at, name));
        if (quote == 0 && s.ptr[i] == '>')
            return 0;
        if (quote == 0 && (s.ptr[i] == '"' || s.ptr[i] == '\''))
            quote = s.ptr[i];
        else if (s.ptr[i] == quote)
            quote = 0;
    }
    return load_error(n->l, from, "The tag <%s …> is not complete: a quotation mark or its > is missing.",
                      "标记 <%s …> 不完整：缺少引号或 >。", name_at(n, at, name));
}

/* The end tag at `at` belongs to the element that began last. */
static int check_end(struct nesting *n, size_t at)
{
    size_t from = source_offset(n->l, n->text), begin = n->open[n->depth - 1];
    char name[NAME_MAX_BYTES], open[NAME_MAX_BYTES];

    if (strcmp(name_at(n, at, name), name_at(n, begin, open)) == 0) {
        n->depth--;
        return 0;
    }
    return load_error(
        n->l, from + begin,
        "<%s> has not ended when </%s> stands in line %d: an end is missing, or this one is too many. "
        "What holds nothing is written <%s/>.",
        "<%s> 尚未结束，却出现了 </%s>（第 %d 行）：缺少结束标记，或多写了这一个。没有内容的元素写作 <%s/>。",
        open, name, source_line(n->l, from + at), open);
}

/* What stands at the '<' at *at, which moves behind it. */
static int check_one(struct nesting *n, size_t *at)
{
    size_t here = *at, end;

    if (slice_starts(n->text, here, "<!--")) {
        end = slice_find(n->text, here, slice_of("-->"));
        *at = end == SIZE_MAX ? n->text.len : end + 3;
        return 0;
    }
    if (here + 1 < n->text.len && memchr(BEGINNINGS, n->text.ptr[here + 1], sizeof BEGINNINGS - 1) == NULL)
        return load_error(n->l, source_offset(n->l, n->text) + here,
                          "A < that begins no element is written &lt;.", "不是元素开头的 < 请写作 &lt;。");
    if (check_tag(n, here) != 0)
        return -1;
    end = tag_end(n->text, here);
    *at = end;
    if (slice_starts(n->text, here, "</"))
        return check_end(n, here);
    if (n->text.ptr[end - 2] != '/' && strchr("!?", n->text.ptr[here + 1]) == NULL)
        n->open[n->depth++] = here;
    return 0;
}

/* What nests too deeply is left to the parser. */
int nesting_check(struct loader *l, struct slice text)
{
    struct nesting n = {.l = l, .text = text};
    size_t at = 0;

    do {
        while (at < text.len && text.ptr[at] != '<')
            at++;
        if (at == text.len) {
            char name[NAME_MAX_BYTES];

            return load_error(l, source_offset(l, text) + n.open[n.depth - 1], "<%s> has no end.",
                              "<%s> 没有结束标记。", name_at(&n, n.open[n.depth - 1], name));
        }
        if (check_one(&n, &at) != 0)
            return -1;
    } while (n.depth > 0 && n.depth < NESTING_MAX);
    return 0;
}
