/* element.c - our own elements: which there are, what they may say, and their reading (libxml2). */
#include "base/file.h"
#include "template/template_internal.h"
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

enum attr_type {
    TYPE_NUMBER,
    TYPE_NUMBERS,
    TYPE_SHARES,
    TYPE_COLOR,
    TYPE_YES,
    TYPE_WORD,
    TYPE_FONT,
    TYPE_STEPS
};

/* In the order of enum attr_name. words: what a TYPE_WORD may say, between bars; NULL: anything. */
static const struct attr_spec {
    const char *name;
    enum attr_type type;
    const char *words;
} attr_specs[ATTR_COUNT] = {{"after", TYPE_WORD, NULL},
                            {"align", TYPE_WORD, "|left|center|right|justify|"},
                            {"bold", TYPE_YES, NULL},
                            {"bookmark", TYPE_WORD, NULL},
                            {"break", TYPE_WORD, NULL},
                            {"colon", TYPE_WORD, NULL},
                            {"color", TYPE_COLOR, NULL},
                            {"colspan", TYPE_NUMBER, NULL},
                            {"cx", TYPE_NUMBER, NULL},
                            {"cy", TYPE_NUMBER, NULL},
                            {"d", TYPE_NUMBER, NULL},
                            {"date-y", TYPE_NUMBER, NULL},
                            {"dy", TYPE_NUMBER, NULL},
                            {"edge", TYPE_COLOR, NULL},
                            {"fit", TYPE_STEPS, NULL},
                            {"font", TYPE_FONT, NULL},
                            {"footer", TYPE_YES, NULL},
                            {"footer-y", TYPE_NUMBER, NULL},
                            {"frame", TYPE_NUMBER, NULL},
                            {"from", TYPE_NUMBER, NULL},
                            {"gap", TYPE_NUMBER, NULL},
                            {"gutter", TYPE_NUMBER, NULL},
                            {"h", TYPE_NUMBER, NULL},
                            {"id", TYPE_WORD, NULL},
                            {"indent", TYPE_NUMBER, NULL},
                            {"keep", TYPE_YES, NULL},
                            {"label-color", TYPE_COLOR, NULL},
                            {"label-size", TYPE_NUMBER, NULL},
                            {"labels", TYPE_NUMBER, NULL},
                            {"last", TYPE_NUMBER, NULL},
                            {"leading", TYPE_NUMBER, NULL},
                            {"least-pitch", TYPE_NUMBER, NULL},
                            {"left", TYPE_NUMBER, NULL},
                            {"line", TYPE_NUMBER, NULL},
                            {"lines", TYPE_NUMBER, NULL},
                            {"margins", TYPE_NUMBERS, NULL},
                            {"max-version", TYPE_NUMBER, NULL},
                            {"min-module", TYPE_NUMBER, NULL},
                            {"min-size", TYPE_NUMBER, NULL},
                            {"min-sizes", TYPE_NUMBERS, NULL},
                            {"min-tracking", TYPE_NUMBER, NULL},
                            {"name", TYPE_WORD, NULL},
                            {"name-y", TYPE_NUMBER, NULL},
                            {"narrow", TYPE_NUMBER, NULL},
                            {"padding", TYPE_NUMBERS, NULL},
                            {"page", TYPE_WORD, NULL},
                            {"page-label", TYPE_WORD, NULL},
                            {"pitch", TYPE_NUMBER, NULL},
                            {"plate", TYPE_COLOR, NULL},
                            {"push", TYPE_NUMBER, NULL},
                            {"repeat", TYPE_NUMBER, NULL},
                            {"right", TYPE_NUMBER, NULL},
                            {"role", TYPE_WORD, NULL},
                            {"row", TYPE_NUMBER, NULL},
                            {"rowspan", TYPE_NUMBER, NULL},
                            {"seal-x", TYPE_NUMBER, NULL},
                            {"seal-y", TYPE_NUMBER, NULL},
                            {"sign", TYPE_WORD, NULL},
                            {"sign-x", TYPE_NUMBER, NULL},
                            {"sign-y", TYPE_NUMBER, NULL},
                            {"size", TYPE_NUMBER, NULL},
                            {"split", TYPE_NUMBER, NULL},
                            {"spread", TYPE_NUMBER, NULL},
                            {"src", TYPE_WORD, NULL},
                            {"stamp-y", TYPE_NUMBER, NULL},
                            {"step", TYPE_WORD, NULL},
                            {"to", TYPE_NUMBER, NULL},
                            {"tracking", TYPE_NUMBER, NULL},
                            {"valign", TYPE_WORD, "|top|middle|"},
                            {"vertical", TYPE_YES, NULL},
                            {"w", TYPE_NUMBER, NULL},
                            {"width", TYPE_NUMBER, NULL},
                            {"widths", TYPE_SHARES, NULL},
                            {"wrap", TYPE_NUMBER, NULL},
                            {"wrap-min", TYPE_NUMBER, NULL},
                            {"x", TYPE_NUMBERS, NULL},
                            {"y", TYPE_NUMBER, NULL},
                            {"zone", TYPE_NUMBER, NULL}};

enum content { EMPTY, INLINE, CHILDREN, BODY, CELL };

#define N(kind) (1ULL << NODE_##kind)
#define PLACE   "x y w h "
#define STYLE   "font size leading align indent color bold "

/* Parts stand only in their elements; everything else stands wherever a body is. */
#define PARTS (N(COLUMNS) | N(FIELD) | N(FIT) | N(HEAD) | N(LEAD) | N(ROW) | N(STEP) | N(TD) | N(TH) | N(TR))
#define ANY   (~PARTS)

/* In the order of enum node_kind from NODE_AREA on. Attributes are parted by blanks; all of must are in may.
 * children: kinds of elements. label, value: whether it has the attribute of that name, which is a pattern.
 */
static const struct element_spec {
    const char *name, *may, *must;
    uint64_t children;
    enum content content;
    enum { NEITHER, MAY, MUST } label, value;
} element_specs[] = {
    {"area", PLACE STYLE, "", ANY, BODY, NEITHER, NEITHER},
    {"artwork", PLACE "src", PLACE "src", 0, EMPTY, NEITHER, NEITHER},
    {"block", STYLE "left right keep", "", ANY, BODY, NEITHER, NEITHER},
    {"columns", "widths", "widths", 0, EMPTY, NEITHER, NEITHER},
    {"edge", PLACE "line color", PLACE "line", 0, EMPTY, NEITHER, NEITHER},
    {"field", "bold break lines min-sizes step", "", 0, INLINE, MUST, NEITHER},
    {"fields", "x y right last pitch labels gap gutter colon leading font color label-color",
     "x y right last pitch", N(STEP) | N(ROW), CHILDREN, NEITHER, NEITHER},
    {"fill", PLACE "color", PLACE, 0, EMPTY, NEITHER, NEITHER},
    {"fit", "size min-size lines dy pitch leading push", "size", 0, EMPTY, NEITHER, NEITHER},
    {"hang", STYLE "w", "w", 0, INLINE, MUST, NEITHER},
    {"head", "", "", N(TR), CHILDREN, NEITHER, NEITHER},
    {"lead", "", "", ANY, BODY, NEITHER, NEITHER},
    {"opinion", PLACE "role d from zone narrow sign sign-x sign-y seal-x seal-y stamp-y name-y date-y size",
     "role", 0, EMPTY, NEITHER, NEITHER},
    {"page-break", "", "", 0, EMPTY, NEITHER, NEITHER},
    {"photo", PLACE "edge line", "w h", 0, EMPTY, MAY, NEITHER},
    {"qr", PLACE "plate edge line max-version min-module", "w h", 0, EMPTY, NEITHER, MAY},
    {"row", "step", "", N(FIELD), CHILDREN, NEITHER, NEITHER},
    {"rule", PLACE "color", PLACE, 0, EMPTY, NEITHER, NEITHER},
    {"seal", "role cx cy d w h", "role cx cy d", 0, EMPTY, NEITHER, NEITHER},
    {"section", "page margins footer footer-y bookmark page-label", "", ANY, BODY, NEITHER, NEITHER},
    {"sign", "w align", "w", 0, EMPTY, MUST, NEITHER},
    {"skip", "h to", "", 0, EMPTY, NEITHER, NEITHER},
    {"step", "name size label-size min-size wrap wrap-min lines least-pitch",
     "name size label-size min-size wrap wrap-min lines least-pitch", 0, EMPTY, NEITHER, NEITHER},
    {"table", "widths line frame color padding size font leading align row repeat split keep", "widths",
     N(COLUMNS) | N(HEAD) | N(LEAD) | N(TR), CHILDREN, NEITHER, NEITHER},
    {"td", STYLE "colspan rowspan valign fit vertical padding", "", ANY, CELL, NEITHER, NEITHER},
    {"text",
     "x y align font size bold color tracking width min-size min-tracking break id after leading indent "
     "spread",
     "x y", N(FIT), INLINE, NEITHER, NEITHER},
    {"th", STYLE "colspan rowspan valign fit vertical padding labels", "", ANY, CELL, NEITHER, NEITHER},
    {"tr", "h keep", "", N(TD) | N(TH), CHILDREN, NEITHER, NEITHER}};

enum { ELEMENT_COUNT = sizeof element_specs / sizeof element_specs[0] };

/* Takes the next word of a list; false at its end. */
static bool next_word(const char **list, struct slice *word)
{
    const char *from = *list + strspn(*list, " ");
    size_t len = strcspn(from, " ");

    *word = (struct slice){(const uint8_t *)from, len};
    *list = from + len;
    return len > 0;
}

static bool lists(const char *list, const char *name)
{
    struct slice word;

    while (next_word(&list, &word))
        if (slice_equal(word, slice_of(name)))
            return true;
    return false;
}

static const struct element_spec *spec_of(enum node_kind kind)
{
    return kind >= NODE_AREA ? &element_specs[kind - NODE_AREA] : NULL;
}

enum node_kind element_kind(struct slice name)
{
    for (size_t i = 0; i < ELEMENT_COUNT; i++)
        if (slice_equal(name, slice_of(element_specs[i].name)))
            return (enum node_kind)(NODE_AREA + i);
    return NODE_BODY;
}

const char *node_name(enum node_kind kind)
{
    static const char *const others[] = {"body", "paragraph", "heading", "list", "item"};

    return kind >= NODE_AREA ? spec_of(kind)->name : others[kind];
}

/* --- attributes --- */

static int bad_value(struct loader *l, int line, const char *name, const char *value)
{
    return load_error(l, line, "%s=\"%.80s\" cannot be used.", "%s=\"%.80s\" 的值不可用。", name, value);
}

static int read_numbers(struct loader *l, int line, const struct attr_spec *spec, const char *value,
                        struct attr *a)
{
    double *list = arena_array(&l->t->arena, ATTR_MAX_NUMBERS, sizeof *list);
    const char *at = value;

    if (list == NULL)
        return err_no_memory(l->e);
    while (*at != '\0') {
        char *end;
        double v = *at == '*' ? 1 : strtod(at, &end);

        if (*at == '*')
            end = (char *)at;
        if (spec->type == TYPE_SHARES && strncmp(at, "auto", 4) == 0 && a->count < ATTR_MAX_NUMBERS) {
            list[a->count++] = 0; /* as its content */
            at += 4 + strspn(at + 4, " ");
            continue;
        }
        if ((end == at && *at != '*') || a->count == ATTR_MAX_NUMBERS || !(v > -5000 && v < 5000))
            return bad_value(l, line, spec->name, value);
        if (*end == '*' && (spec->type != TYPE_SHARES || v <= 0))
            return bad_value(l, line, spec->name, value);
        if (spec->type == TYPE_SHARES && *end != '*' && v <= 0)
            return bad_value(l, line, spec->name, value);
        list[a->count++] = *end == '*' ? -v : v;
        at = end + (*end == '*' ? 1 : 0);
        if (*at != ' ' && *at != '\0')
            return bad_value(l, line, spec->name, value);
        at += strspn(at, " ");
    }
    a->numbers = list;
    a->number = list[0];
    if (a->count == 0 || (spec->type == TYPE_NUMBER && a->count != 1))
        return bad_value(l, line, spec->name, value);
    return 0;
}

/* fit="10.5 9 9/2 8/2": sizes, each with how many lines it may take; kept as pairs. */
static int read_steps(struct loader *l, int line, const struct attr_spec *spec, const char *value,
                      struct attr *a)
{
    double *list = arena_array(&l->t->arena, ATTR_MAX_NUMBERS, sizeof *list);
    const char *at = value;

    if (list == NULL)
        return err_no_memory(l->e);
    a->numbers = list;
    while (*at != '\0') {
        char *end;
        double size = strtod(at, &end), lines = 1;

        if (end == at || !(size >= 3 && size <= 200) || a->count + 2 > ATTR_MAX_NUMBERS)
            return bad_value(l, line, spec->name, value);
        if (*end == '/')
            lines = strtod(end + 1, &end);
        if (!(lines >= 1 && lines <= 60) || (*end != ' ' && *end != '\0'))
            return bad_value(l, line, spec->name, value);
        list[a->count++] = size;
        list[a->count++] = lines;
        at = end + strspn(end, " ");
    }
    return a->count > 0 ? 0 : bad_value(l, line, spec->name, value);
}

static int read_word(struct loader *l, int line, const struct attr_spec *spec, const char *value,
                     struct attr *a)
{
    a->text = arena_text(&l->t->arena, value);
    if (a->text == NULL)
        return err_no_memory(l->e);
    if (value[0] == '\0' || strlen(value) > 200)
        return bad_value(l, line, spec->name, value);
    if (spec->words != NULL) {
        char *quoted = arena_printf(&l->t->arena, "|%s|", value);

        if (quoted == NULL || strstr(spec->words, quoted) == NULL)
            return bad_value(l, line, spec->name, value);
    }
    return 0;
}

static int read_value(struct loader *l, int line, const struct attr_spec *spec, const char *value,
                      struct attr *a)
{
    uint32_t rgb = 0;

    switch (spec->type) {
    case TYPE_NUMBER:
    case TYPE_NUMBERS:
    case TYPE_SHARES:
        return read_numbers(l, line, spec, value, a);
    case TYPE_COLOR:
        if (!color_parse(l->t, value, &rgb))
            return load_error(l, line, "There is no colour \"%.60s\" in the front matter.",
                              "文件头的 colors 中没有颜色“%.60s”。", value);
        a->number = rgb;
        return 0;
    case TYPE_YES:
        a->number = strcmp(value, "yes") == 0;
        return a->number != 0 || strcmp(value, "no") == 0 ? 0 : bad_value(l, line, spec->name, value);
    case TYPE_FONT:
        if (l->fonts != NULL && fonts_lookup(l->fonts, value, false) == NULL)
            return load_error(l, line, "There is no font family \"%.60s\"; there are song, hei, kai.",
                              "没有字体“%.60s”，可用 song、hei、kai。", value);
        return read_word(l, line, spec, value, a);
    case TYPE_STEPS:
        return read_steps(l, line, spec, value, a);
    case TYPE_WORD:
        break;
    }
    return read_word(l, line, spec, value, a);
}

static int find_attr(const char *name)
{
    for (int i = 0; i < ATTR_COUNT; i++)
        if (strcmp(attr_specs[i].name, name) == 0)
            return i;
    return -1;
}

/* if=, label=: not of the table, since they are parsed text. */
static int special_attr(struct loader *l, struct node *n, const char *name, const char *value, bool *was)
{
    *was = true;
    if (strcmp(name, "if") == 0) {
        n->condition = condition_parse(l, n->line, value);
        return n->condition != NULL ? 0 : -1;
    }
    if (strcmp(name, "label") == 0 && spec_of(n->kind)->label != NEITHER) {
        n->label = pattern_parse(l, n->line, value, false);
        return n->label != NULL ? 0 : -1;
    }
    if (strcmp(name, "value") == 0 && spec_of(n->kind)->value != NEITHER) {
        n->value = pattern_parse(l, n->line, value, false);
        return n->value != NULL ? 0 : -1;
    }
    if (strcmp(name, "else") == 0) {
        n->otherwise = strcmp(value, "yes") == 0;
        return n->otherwise ? 0 : bad_value(l, n->line, name, value);
    }
    if (strcmp(name, "least") == 0) {
        n->least = strtoul(value, NULL, 10);
        return n->least > 0 && n->least <= 200 ? 0 : bad_value(l, n->line, name, value);
    }
    *was = strcmp(name, "each") == 0;
    return 0;
}

static int one_attr(struct loader *l, struct node *n, struct attr *list, const char *name, const char *value)
{
    int i = find_attr(name);
    bool special;

    if (special_attr(l, n, name, value, &special) != 0)
        return -1;
    if (special)
        return 0;
    if (i < 0 || !lists(spec_of(n->kind)->may, name))
        return load_error(l, n->line, "<%s> knows no attribute \"%s\".", "<%s> 没有属性“%s”。",
                          node_name(n->kind), name);
    list[n->attr_count].name = (enum attr_name)i;
    return read_value(l, n->line, &attr_specs[i], value, &list[n->attr_count++]);
}

static int require(struct loader *l, const struct node *n)
{
    const struct element_spec *spec = spec_of(n->kind);
    const char *must = spec->must;
    struct slice word;

    while (next_word(&must, &word)) {
        const char *name = arena_slice(&l->t->arena, word);

        if (name == NULL)
            return err_no_memory(l->e);
        if (node_attr(n, (enum attr_name)find_attr(name)) == NULL)
            return load_error(l, n->line, "<%s> needs the attribute %s=\"...\".", "<%s> 缺少属性 %s=\"…\"。",
                              spec->name, name);
    }
    if (spec->label == MUST && n->label == NULL)
        return load_error(l, n->line, "<%s> needs the attribute label=\"...\".",
                          "<%s> 缺少属性 label=\"…\"。", spec->name);
    return 0;
}

static int read_attrs(struct loader *l, struct node *n, const xmlNode *x)
{
    struct attr *list = arena_array(&l->t->arena, ATTR_COUNT, sizeof *list);
    int rc = 0;

    if (list == NULL)
        return err_no_memory(l->e);
    n->attrs = list;
    for (const xmlAttr *a = x->properties; a != NULL && rc == 0; a = a->next) {
        xmlChar *value = xmlNodeListGetString(x->doc, a->children, 1);

        rc = one_attr(l, n, list, (const char *)a->name, value != NULL ? (const char *)value : "");
        xmlFree(value);
    }
    return rc == 0 ? require(l, n) : -1;
}

/* --- each= --- */

static int scope_enter(struct loader *l, struct node *n, const xmlNode *x, bool *entered)
{
    xmlChar *value = xmlGetProp(x, (const xmlChar *)"each");
    const json_t *items;
    const char *fallback;
    struct scope s = {.record = l->t->sample};
    int rc = -1;

    *entered = false;
    if (value == NULL)
        return 0;
    if (l->scope_count == SCOPE_MAX) {
        load_error(l, n->line, "each= is nested more than %d deep.", "each= 嵌套超过 %d 层。", SCOPE_MAX);
        goto out;
    }
    n->each = path_parse(l, n->line, slice_of((const char *)value));
    if (n->each == NULL)
        goto out;
    if (l->scope_count > 0)
        s.item = json_array_get(l->items[l->scope_count - 1], 0);
    items = path_lookup(n->each, &s, &fallback);
    if (!json_is_array(items) || json_array_size(items) == 0) {
        load_error(l, n->line, "each=\"%s\": sample.json has no list with at least one item there.",
                   "each=\"%s\"：sample.json 中此处没有至少一项的列表。", (const char *)value);
        goto out;
    }
    l->scopes[l->scope_count] = n->each->text;
    l->items[l->scope_count++] = items;
    *entered = true;
    rc = 0;
out:
    xmlFree(value);
    return rc;
}

/* --- content --- */

static bool is_mark(const xmlNode *x)
{
    return x->type == XML_ELEMENT_NODE &&
           (strcmp((const char *)x->name, "br") == 0 || strcmp((const char *)x->name, "wbr") == 0);
}

static int convert(struct loader *l, const xmlNode *x, struct node *parent, uint64_t allowed, int depth);

/* Lines lose their indentation and trailing blanks: XML is indented for reading, Markdown would see code. */
static void append_lines(struct buf *out, const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n"), from = 0;

        if (out->len == 0 || out->data[out->len - 1] == '\n')
            from = strspn(text, " \t");
        if (from > len)
            from = len;
        buf_append_bytes(out, text + from, len - from);
        text += len;
        if (*text == '\n') {
            buf_append_char(out, '\n');
            text++;
        }
    }
}

static int inline_content(struct loader *l, const xmlNode *x, struct node *n, int depth)
{
    struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES);
    const char *whole;
    int rc = -1;

    for (const xmlNode *c = x->children; c != NULL; c = c->next) {
        if (c->type == XML_TEXT_NODE || c->type == XML_CDATA_SECTION_NODE)
            append_lines(&text, (const char *)c->content);
        else if (is_mark(c))
            buf_append_text(&text, c->name[0] == 'b' ? MARK_BREAK : MARK_SOFT);
        else if (c->type == XML_ELEMENT_NODE && convert(l, c, n, spec_of(n->kind)->children, depth + 1) != 0)
            goto out;
    }
    whole = buf_text(&text);
    if (whole == NULL) {
        err_no_memory(l->e);
        goto out;
    }
    whole += strspn(whole, "\n");
    n->text = pattern_parse(l, n->line, whole, true);
    rc = n->text != NULL ? 0 : -1;
out:
    buf_dispose(&text);
    return rc;
}

static int body_text(struct loader *l, const xmlNode *c, struct node *n)
{
    struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES);
    int line = (int)xmlGetLineNo(c), newlines = 0, rc;

    /* libxml2 gives a text the line on which it ends */
    for (const xmlChar *p = c->content; *p != '\0'; p++)
        newlines += *p == '\n';
    append_lines(&text, (const char *)c->content);
    rc = buf_ok(&text) ? body_read(l, buf_view(&text), line > newlines ? line - newlines : line, n)
                       : err_no_memory(l->e);
    buf_dispose(&text);
    return rc;
}

static int body_content(struct loader *l, const xmlNode *x, struct node *n, int depth)
{
    for (const xmlNode *c = x->children; c != NULL; c = c->next) {
        if (c->type == XML_TEXT_NODE && body_text(l, c, n) != 0)
            return -1;
        if (c->type == XML_ELEMENT_NODE && convert(l, c, n, spec_of(n->kind)->children, depth + 1) != 0)
            return -1;
    }
    return 0;
}

/* A cell holds a text, or elements and Markdown blocks as a body does. */
static int cell_content(struct loader *l, const xmlNode *x, struct node *n, int depth)
{
    for (const xmlNode *c = x->children; c != NULL; c = c->next)
        if (c->type == XML_ELEMENT_NODE && !is_mark(c))
            return body_content(l, x, n, depth);
    return inline_content(l, x, n, depth);
}

static int child_content(struct loader *l, const xmlNode *x, struct node *n, int depth)
{
    for (const xmlNode *c = x->children; c != NULL; c = c->next) {
        if (c->type == XML_TEXT_NODE &&
            ((const char *)c->content)[strspn((const char *)c->content, " \t\r\n")] != 0)
            return load_error(l, n->line, "Text cannot stand directly in <%s>.", "<%s> 中不能直接写文字。",
                              node_name(n->kind));
        if (c->type == XML_ELEMENT_NODE && convert(l, c, n, spec_of(n->kind)->children, depth + 1) != 0)
            return -1;
    }
    return 0;
}

static int read_content(struct loader *l, const xmlNode *x, struct node *n, int depth)
{
    switch (spec_of(n->kind)->content) {
    case INLINE:
        return inline_content(l, x, n, depth);
    case BODY:
        return body_content(l, x, n, depth);
    case CELL:
        return cell_content(l, x, n, depth);
    case EMPTY:
    case CHILDREN:
        break;
    }
    return child_content(l, x, n, depth);
}

/* --- what an element means to the whole template --- */

static int load_artwork(struct loader *l, struct node *n)
{
    const char *src = node_word(n, ATTR_SRC, "");
    struct template *t = l->t;
    struct buf svg = BUF_INIT(ARTWORK_MAX_BYTES);
    char *path = arena_printf(&t->arena, "%s/%s", t->dir, src);
    int rc = -1;

    for (size_t i = 0; i < t->artwork_count; i++) {
        if (strcmp(t->artwork_names[i], src) == 0) {
            n->artwork = t->artwork[i];
            return 0;
        }
    }
    if (strchr(src, '/') != NULL || src[0] == '.' || t->artwork_count == 32 || path == NULL)
        return bad_value(l, n->line, "src", src);
    if (file_read(&svg, path, l->e) != 0) {
        load_error(l, n->line, "The artwork %s cannot be read from the template's folder.",
                   "无法从模板目录读取图形文件 %s。", src);
        goto out;
    }
    if (artwork_read(&t->artwork[t->artwork_count], buf_view(&svg), src, l->e) != 0)
        goto out;
    n->artwork = t->artwork[t->artwork_count];
    t->artwork_names[t->artwork_count++] = src;
    rc = 0;
out:
    buf_dispose(&svg);
    return rc;
}

static int note_role(struct loader *l, const struct node *n)
{
    const char *role = node_word(n, ATTR_ROLE, "");
    struct template *t = l->t;

    if (strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(role) || strlen(role) > 40 ||
        strcmp(role, "service") == 0)
        return bad_value(l, n->line, "role", role);
    for (size_t i = 0; i < t->role_count; i++)
        if (strcmp(t->roles[i], role) == 0)
            return load_error(l, n->line, "There is already a seal with the role \"%s\".",
                              "已有角色为“%s”的印章。", role);
    if (t->role_count == sizeof t->roles / sizeof t->roles[0])
        return load_error(l, n->line, "More than %zu seals.", "印章超过 %zu 个。", t->role_count);
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
        return load_error(l, n->line, "after=\"%s\": no text before this one has that id.",
                          "after=\"%s\"：前面没有 id 为此的文字。", after);
    if (id != NULL && t->id_count == 64)
        return bad_value(l, n->line, "id", id);
    if (id != NULL)
        t->ids[t->id_count++] = id;
    return 0;
}

static int settle(struct loader *l, struct node *n)
{
    if (n->kind == NODE_ARTWORK)
        return load_artwork(l, n);
    if (n->kind == NODE_SEAL || n->kind == NODE_OPINION)
        return note_role(l, n);
    if (n->kind == NODE_TEXT)
        return note_ids(l, n);
    if (n->kind == NODE_ROW && n->first == NULL)
        return load_error(l, n->line, "A <row> without <field>.", "<row> 中没有 <field>。");
    return 0;
}

static int convert(struct loader *l, const xmlNode *x, struct node *parent, uint64_t allowed, int depth)
{
    const char *name = (const char *)x->name;
    int line = (int)xmlGetLineNo(x);
    enum node_kind kind = element_kind(slice_of(name));
    struct node *n;
    bool entered = false;
    int rc = -1;

    if (kind == NODE_BODY)
        return load_error(l, line, "There is no element <%.40s>.", "没有元素 <%.40s>。", name);
    if (!(allowed & (1ULL << kind)) || depth > TREE_MAX_DEPTH)
        return load_error(l, line, "<%s> cannot stand in <%s>.", "<%s> 不能放在 <%s> 中。", name,
                          node_name(parent->kind));
    n = node_new(l, kind, line);
    if (n == NULL)
        return -1;
    if (scope_enter(l, n, x, &entered) == 0 && read_attrs(l, n, x) == 0 &&
        read_content(l, x, n, depth) == 0 && settle(l, n) == 0) {
        node_append(parent, n);
        rc = 0;
    }
    if (entered)
        l->scope_count--;
    return rc;
}

/* The text is preceded by as many empty lines as come before it in the file, so libxml2 counts right. */
static xmlDoc *parse(struct loader *l, xmlParserCtxt *context, struct slice xml, int line)
{
    struct buf padded = BUF_INIT((size_t)TEMPLATE_MAX_BYTES * 2);
    xmlDoc *doc = NULL;
    const xmlError *why;

    for (int i = 1; i < line; i++)
        buf_append_char(&padded, '\n');
    buf_append(&padded, xml);
    if (buf_ok(&padded))
        doc = xmlCtxtReadMemory(context, (const char *)padded.data, (int)padded.len, NULL, "UTF-8",
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    why = xmlCtxtGetLastError(context);
    if (doc == NULL)
        load_error(l, why != NULL && why->line > 0 ? why->line : line, "Not well-formed: %.120s",
                   "元素书写有误：%.120s", why != NULL && why->message != NULL ? why->message : "?");
    buf_dispose(&padded);
    return doc;
}

int element_read(struct loader *l, struct slice xml, int line, struct node *parent)
{
    xmlParserCtxt *context = xmlNewParserCtxt();
    xmlDoc *doc = NULL;
    int rc = -1;

    if (context == NULL)
        return err_no_memory(l->e);
    doc = parse(l, context, xml, line);
    if (doc != NULL)
        rc = convert(l, xmlDocGetRootElement(doc), parent, ANY, 1);
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(context);
    return rc;
}
