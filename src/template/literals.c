/* literals.c - every character of a template's fixed wording, with the face it is set in. */
#include "base/utf8.h"
#include "template/template_internal.h"
#include <string.h>

struct visiting {
    const struct page_setup *page;
    literal_visitor *visit;
    void *arg;
};

static void words(const struct visiting *v, const char *text, const char *family, bool bold)
{
    size_t at = 0;
    uint32_t cp;

    while (utf8_next(slice_of(text), &at, &cp))
        v->visit(v->arg, cp, family, bold);
}

static const struct style *heading_style(const struct page_setup *page, int level)
{
    return &page->heading[(level > HEADING_LEVELS ? HEADING_LEVELS : level) - 1];
}

/* What layout says of its own where such an element stands. */
static void own_words(const struct visiting *v, const struct node *n, const char *family, bool bold)
{
    if (n->kind == NODE_OPINION) {
        const char *sign = node_word(n, ATTR_SIGN, "负责人：");

        words(v, strcmp(sign, "none") == 0 ? "" : sign, family, false);
        words(v, "（公章）年月日", family, false);
    }
    if (n->kind == NODE_TABLE && node_number(n, ATTR_REPEAT, 0) > 0)
        words(v, "（接上页）", family, bold);
    if (n->kind == NODE_LEAD)
        words(v, "（续）", "hei", false);
}

/* font= and bold= are the nearest element's; headings and labels have a style of their own. */
static void node_literals(const struct visiting *v, const struct node *n, const char *family, bool bold)
{
    if (n->kind == NODE_TH) {
        family = v->page->label.family;
        bold = v->page->label.bold;
    }
    if (n->kind == NODE_HEADING) {
        family = heading_style(v->page, n->level)->family;
        bold = heading_style(v->page, n->level)->bold;
    }
    family = node_word(n, ATTR_FONT, family);
    bold = node_number(n, ATTR_BOLD, bold) != 0;
    own_words(v, n, family, bold);
    if (n->text != NULL)
        pattern_literals(n->text, family, bold, v->visit, v->arg);
    if (n->label != NULL) {
        const char *label = n->kind == NODE_PHOTO ? "hei" : family;

        pattern_literals(n->label, label, false, v->visit, v->arg);
        words(v, "：", label, false);
    }
    for (const struct node *c = n->first; c != NULL; c = c->next)
        node_literals(v, c, family, bold);
}

void template_literals(const struct template *t, literal_visitor *visit, void *arg)
{
    const struct visiting v = {&t->page, visit, arg};

    node_literals(&v, t->body, t->page.text.family, t->page.text.bold);
    for (int i = 0; i < EDGE_SLOTS; i++) {
        if (t->page.header[i] != NULL)
            node_literals(&v, t->page.header[i], t->page.text.family, false);
        if (t->page.footer[i] != NULL)
            node_literals(&v, t->page.footer[i], t->page.text.family, false);
    }
}
