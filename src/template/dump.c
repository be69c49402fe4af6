/* dump.c - the bound tree as text, for tests and for people who write templates. */
#include "base/utf8.h"
#include "template/template_internal.h"

static void dump_text(struct buf *out, const char *name, const struct tree_text *t)
{
    static const char *const marks[] = {"<wbr/>", "<br/>", "<page/>", "<pages/>"};
    uint8_t style = 0;

    if (t->count == 0)
        return;
    buf_printf(out, " %s=\"", name);
    for (size_t i = 0; i < t->count; i++) {
        if (t->chars[i].style != style)
            buf_printf(out, "<%d>", t->chars[i].style);
        style = t->chars[i].style;
        if (t->chars[i].cp >= CHAR_SOFT)
            buf_append_text(out, marks[t->chars[i].cp - CHAR_SOFT]);
        else if (t->chars[i].cp < 0x20)
            buf_printf(out, "<U+%04X>", (unsigned)t->chars[i].cp);
        else
            utf8_append(out, t->chars[i].cp);
    }
    buf_append_char(out, '"');
}

static void dump_node(struct buf *out, const struct tree_node *n, int depth)
{
    for (int i = 0; i < depth; i++)
        buf_append_text(out, "  ");
    buf_append_text(out, node_name(n->node->kind));
    if (n->node->kind == NODE_HEADING)
        buf_printf(out, " %d", n->node->level);
    dump_text(out, "label", &n->label);
    dump_text(out, "text", &n->text);
    dump_text(out, "value", &n->value);
    if (n->statement != NULL)
        buf_printf(out, " statement=%s", n->statement_from);
    buf_append_char(out, '\n');
    for (const struct tree_node *c = n->first; c != NULL; c = c->next)
        dump_node(out, c, depth + 1);
}

void tree_dump(struct buf *out, const struct tree_node *root)
{
    dump_node(out, root, 0);
}
