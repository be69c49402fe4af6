/* check.c - what an element means to the whole template, and whether elements suit each other. */
#include "base/file.h"
#include "template/element_internal.h"
#include <string.h>

/* --- artwork --- */

/* From this template's folder, else from that of the one it is like. */
static int artwork_file(struct loader *l, struct buf *svg, const char *src)
{
    const char *const dirs[] = {l->own.dir, l->base.text.ptr != NULL ? l->base.dir : NULL};

    for (size_t i = 0; i < 2 && dirs[i] != NULL; i++) {
        const char *path = arena_printf(&l->t->arena, "%s/%s", dirs[i], src);

        if (path == NULL)
            return err_no_memory(l->e);
        buf_reset(svg);
        if (file_read(svg, path, l->e) == 0)
            return 0;
    }
    return -1;
}

static int load_artwork(struct loader *l, struct node *n)
{
    const char *src = node_word(n, ATTR_SRC, "");
    size_t at = attr_at(l, n->at, "src").value;
    struct template *t = l->t;
    struct buf svg = BUF_INIT(ARTWORK_MAX_BYTES);
    struct err why = {0};
    int rc = -1;

    for (size_t i = 0; i < t->artwork_count; i++) {
        if (strcmp(t->artwork_names[i], src) == 0) {
            n->artwork = t->artwork[i];
            return 0;
        }
    }
    if (strchr(src, '/') != NULL || src[0] == '.' || t->artwork_count == 32)
        return attribute_wrong(l, at, "src", src);
    if (artwork_file(l, &svg, src) != 0) {
        load_error(l, at, "The artwork %s cannot be read from the template's folder.",
                   "无法从模板目录读取图形文件 %s。", src);
        goto out;
    }
    if (artwork_read(&t->artwork[t->artwork_count], buf_view(&svg), src, &why) != 0) {
        load_error(l, at, "%s%.0s", "%.0s%s", why.en, why.zh);
        goto out;
    }
    n->artwork = t->artwork[t->artwork_count];
    t->artwork_names[t->artwork_count++] = src;
    rc = 0;
out:
    buf_dispose(&svg);
    return rc;
}

/* --- names --- */

static int note_role(struct loader *l, const struct node *n)
{
    const char *role = node_word(n, ATTR_ROLE, "");
    size_t at = attr_at(l, n->at, "role").value;
    struct template *t = l->t;

    if (strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(role) || strlen(role) > 40 ||
        strcmp(role, "service") == 0)
        return attribute_wrong(l, at, "role", role);
    for (size_t i = 0; i < t->role_count; i++)
        if (strcmp(t->roles[i], role) == 0)
            return load_error(l, at, "There is already a seal with the role \"%s\".",
                              "已有角色为“%s”的印章。", role);
    if (t->role_count == sizeof t->roles / sizeof t->roles[0])
        return load_error(l, at, "More than %zu seals.", "印章超过 %zu 个。", t->role_count);
    if (l->scope_count > 0)
        return load_error(l, n->at, "<%s> cannot be repeated by each=: a role is sealed once.",
                          "<%s> 不能放在 each= 中：每个角色只盖一次章。", node_name(n->kind));
    t->roles[t->role_count++] = role;
    return 0;
}

static int note_ids(struct loader *l, const struct node *n)
{
    const char *after = node_word(n, ATTR_AFTER, NULL), *id = node_word(n, ATTR_ID, NULL);
    struct template *t = l->t;
    bool found = after == NULL;

    for (size_t i = 0; i < t->id_count && !found; i++)
        found = strcmp(t->ids[i], after) == 0;
    if (!found)
        return load_error(l, attr_at(l, n->at, "after").value,
                          "after=\"%s\": no text before this one has that id.",
                          "after=\"%s\"：前面没有 id 为此的文字。", after);
    if (id != NULL && t->id_count == 64)
        return attribute_wrong(l, attr_at(l, n->at, "id").value, "id", id);
    if (id != NULL)
        t->ids[t->id_count++] = id;
    return 0;
}

/* --- places --- */

/* x and y, or neither; neither only where the page's flow or a cell gives it a place. */
static int check_place(struct loader *l, const struct node *n, bool needs)
{
    bool x = node_attr(n, ATTR_X) != NULL, y = node_attr(n, ATTR_Y) != NULL;

    if (x == y && (x || !needs))
        return 0;
    return load_error(l, n->at, "<%s> needs the attribute %s=\"...\" here.", "<%s> 在此处缺少属性 %s=\"…\"。",
                      node_name(n->kind), x ? "y" : "x");
}

static bool is_cell(const struct node *n)
{
    return n->kind == NODE_TD || n->kind == NODE_TH;
}

static int check_opinion(struct loader *l, const struct node *n, const struct node *parent)
{
    static const enum attr_name places[] = {ATTR_X, ATTR_Y, ATTR_W, ATTR_H};
    static const char *const names[] = {"x", "y", "w", "h"};

    for (size_t i = 0; i < 4 && !is_cell(parent); i++)
        if (node_attr(n, places[i]) == NULL)
            return load_error(l, n->at, "<opinion> needs the attribute %s=\"...\" outside a cell.",
                              "<opinion> 不在单元格中时须写属性 %s=\"…\"。", names[i]);
    return note_role(l, n);
}

static int check_seal(struct loader *l, const struct node *n)
{
    if (node_attr(n, ATTR_D) == NULL && (node_attr(n, ATTR_W) == NULL || node_attr(n, ATTR_H) == NULL))
        return load_error(l, n->at, "<seal> needs the attribute d=\"...\", or w and h.",
                          "<seal> 须写属性 d=\"…\"，或 w 与 h。");
    return note_role(l, n);
}

static int check_skip(struct loader *l, const struct node *n)
{
    if ((node_attr(n, ATTR_H) != NULL) != (node_attr(n, ATTR_TO) != NULL))
        return 0;
    return load_error(l, n->at, "<skip> has either h=\"...\" or to=\"...\".",
                      "<skip> 须写 h=\"…\" 或 to=\"…\" 之一。");
}

/* A fixed place has an edge or a middle, never two edges. */
static int check_align(struct loader *l, const struct node *n)
{
    const char *align = node_word(n, ATTR_ALIGN, "");

    if (strcmp(align, "justify") != 0 || (n->kind != NODE_TEXT && n->kind != NODE_SIGN))
        return 0;
    return load_error(l, attr_at(l, n->at, "align").value, "<%s> has align left, center or right.",
                      "<%s> 的 align 只能是 left、center 或 right。", node_name(n->kind));
}

static int check_repeats(struct loader *l, const struct node *n, const struct node *parent)
{
    const struct node *before = NULL;

    if (n->least > 0 && n->each == NULL)
        return load_error(l, attr_at(l, n->at, "least").name, "least= needs each= beside it.",
                          "least= 须与 each= 同用。");
    if (!n->otherwise)
        return 0;
    for (const struct node *c = parent->first; c != NULL; c = c->next)
        before = c;
    if (before != NULL && (before->condition != NULL || before->each != NULL))
        return 0;
    return load_error(l, attr_at(l, n->at, "else").name,
                      "else= follows an element that has if= or each=; the one before this has neither.",
                      "else= 之前紧接的元素须有 if= 或 each=。");
}

/* --- tables --- */

enum { ALL_ROWS = 1000000 }; /* rowspan="0": down to the last row of these columns */

struct grid {
    struct loader *l;
    size_t columns;
    size_t left[ATTR_MAX_NUMBERS]; /* rows that the cell above still takes there; ALL_ROWS */
    const struct node *above[ATTR_MAX_NUMBERS];
    bool uncertain; /* rows that come or not have passed under a cell of several rows */
};

static int end_of_rows(struct grid *g)
{
    for (size_t i = 0; i < g->columns && !g->uncertain; i++)
        if (g->above[i] != NULL && g->left[i] > 0 && g->left[i] < ALL_ROWS)
            return load_error(g->l, attr_at(g->l, g->above[i]->at, "rowspan").value,
                              "rowspan reaches past the last row of these columns.",
                              "rowspan 超出了这几列的最后一行。");
    memset(g->left, 0, sizeof g->left);
    g->uncertain = false;
    return 0;
}

static int too_wide(struct grid *g, const struct node *cell)
{
    return load_error(
        g->l, cell->at,
        "The cells of this row take more than the %zu columns there are, those counted that come down from "
        "rows above.",
        "本行单元格（连同上方各行 rowspan 延伸下来的）超出了 %zu 列。", g->columns);
}

static size_t span(const struct node *cell, enum attr_name name)
{
    return (size_t)node_number(cell, name, 1);
}

/* Puts a cell into the first free columns from *at on. */
static int put_cell(struct grid *g, const struct node *cell, size_t *at)
{
    size_t wide = span(cell, ATTR_COLSPAN);

    while (*at < g->columns && g->left[*at] > 0)
        (*at)++;
    if (*at + wide > g->columns)
        return too_wide(g, cell);
    for (size_t i = *at; i < *at + wide; i++) {
        if (g->left[i] > 0)
            return too_wide(g, cell);
        g->left[i] = span(cell, ATTR_ROWSPAN) > 0 ? span(cell, ATTR_ROWSPAN) : ALL_ROWS;
        g->above[i] = cell;
    }
    *at += wide;
    return 0;
}

/* A row whose cells may be missing is judged only by each cell alone. */
static int check_row(struct grid *g, const struct node *row)
{
    bool certain = !g->uncertain && row->condition == NULL && row->each == NULL && !row->otherwise;
    size_t at = 0;

    for (const struct node *cell = row->first; cell != NULL; cell = cell->next) {
        certain = certain && cell->condition == NULL && cell->each == NULL && !cell->otherwise;
        if (span(cell, ATTR_COLSPAN) > g->columns)
            return too_wide(g, cell);
    }
    if (!certain) {
        g->uncertain = true;
        return 0;
    }
    for (const struct node *cell = row->first; cell != NULL; cell = cell->next)
        if (put_cell(g, cell, &at) != 0)
            return -1;
    for (size_t i = 0; i < g->columns; i++)
        if (g->left[i] > 0 && g->left[i] < ALL_ROWS)
            g->left[i]--;
    return 0;
}

static int check_head(struct grid *g, const struct node *head)
{
    if (end_of_rows(g) != 0)
        return -1;
    for (const struct node *row = head->first; row != NULL; row = row->next)
        if (check_row(g, row) != 0)
            return -1;
    return end_of_rows(g);
}

/* Rows that stand together, perhaps for each item of a list, perhaps not at all. */
static int check_rows(struct grid *g, const struct node *group)
{
    g->uncertain = g->uncertain || group->condition != NULL || group->each != NULL || group->otherwise;
    for (const struct node *c = group->first; c != NULL; c = c->next)
        if ((c->kind == NODE_TBODY ? check_rows(g, c) : check_row(g, c)) != 0)
            return -1;
    return 0;
}

static int check_table(struct loader *l, const struct node *table)
{
    struct grid g = {.l = l, .columns = node_attr(table, ATTR_WIDTHS)->count};

    if (node_number(table, ATTR_REPEAT, 0) >= (double)g.columns)
        return load_error(l, attr_at(l, table->at, "repeat").value,
                          "repeat is less than the number of columns.", "repeat 须小于列数。");
    for (const struct node *c = table->first; c != NULL; c = c->next) {
        if (c->kind == NODE_LEAD && c != table->first)
            return load_error(l, c->at, "<lead> stands first in its table.", "<lead> 须在表格最前面。");
        if (c->kind == NODE_COLUMNS) {
            if (end_of_rows(&g) != 0)
                return -1;
            g.columns = node_attr(c, ATTR_WIDTHS)->count;
        }
        if ((c->kind == NODE_HEAD && check_head(&g, c) != 0) ||
            (c->kind == NODE_TBODY && check_rows(&g, c) != 0) ||
            (c->kind == NODE_TR && check_row(&g, c) != 0))
            return -1;
    }
    return end_of_rows(&g);
}

/* --- elements and what is in them --- */

/* An opinion's field is its whole cell; what else is in the cell stands above where the opinion begins. */
static int check_cell(struct loader *l, const struct node *cell)
{
    size_t opinions = 0;

    for (const struct node *c = cell->first; c != NULL; c = c->next)
        if (c->kind == NODE_OPINION && ++opinions > 1)
            return load_error(l, c->at, "A cell holds one <opinion>.", "一个单元格只能有一个 <opinion>。");
    return 0;
}

/* What begins pages or knows its own place on them cannot be kept on one page with what stands around it. */
static int check_kept(struct loader *l, const struct node *block)
{
    for (const struct node *c = block->first; c != NULL; c = c->next) {
        bool to = c->kind == NODE_SKIP && node_attr(c, ATTR_TO) != NULL;

        if (to || c->kind == NODE_TABLE || c->kind == NODE_SECTION || c->kind == NODE_PAGE_BREAK)
            return load_error(l, c->at, "<%s%s> cannot stand in a <block keep=\"yes\">.",
                              "<%s%s> 不能放在 <block keep=\"yes\"> 中。", node_name(c->kind),
                              to ? " to" : "");
        if (c->kind == NODE_BLOCK && check_kept(l, c) != 0)
            return -1;
    }
    return 0;
}

static bool has_step(const struct node *fields)
{
    for (const struct node *c = fields->first; c != NULL; c = c->next)
        if (c->kind == NODE_STEP)
            return true;
    return false;
}

int children_check(struct loader *l, const struct node *parent)
{
    if (is_cell(parent) && check_cell(l, parent) != 0)
        return -1;
    if ((parent->kind == NODE_ROW || parent->kind == NODE_TR || parent->kind == NODE_TBODY) &&
        parent->first == NULL)
        return load_error(l, parent->at, "A <%s> without %s.", "<%s> 中没有 %s。", node_name(parent->kind),
                          parent->kind == NODE_ROW  ? "<field>"
                          : parent->kind == NODE_TR ? "<td>"
                                                    : "<tr>");
    if (parent->kind == NODE_BLOCK && node_number(parent, ATTR_KEEP, 0) != 0 && check_kept(l, parent) != 0)
        return -1;
    if (parent->kind == NODE_FIELDS && !has_step(parent))
        return load_error(l, parent->at, "<fields> needs a <step>, which says its sizes.",
                          "<fields> 中缺少 <step>（字号与行数）。");
    return parent->kind == NODE_TABLE ? check_table(l, parent) : 0;
}

int element_settle(struct loader *l, struct node *n, const struct node *parent)
{
    if (check_repeats(l, n, parent) != 0 || check_align(l, n) != 0)
        return -1;
    switch (n->kind) {
    case NODE_ARTWORK:
        return load_artwork(l, n);
    case NODE_SEAL:
        return check_seal(l, n);
    case NODE_OPINION:
        return check_opinion(l, n, parent);
    case NODE_TEXT:
        return note_ids(l, n);
    case NODE_PHOTO:
    case NODE_QR:
        return check_place(l, n, l->cell_depth == 0);
    case NODE_AREA:
        return check_place(l, n, false);
    case NODE_SKIP:
        return check_skip(l, n);
    default:
        return 0;
    }
}
