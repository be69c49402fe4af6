/* element.c - an element and what stands in it, read from XML (libxml2). */
#include "template/element_internal.h"
#include <libxml/parser.h>
#include <string.h>

#define BIT(kind) (1ULL << NODE_##kind)

/* What does not stand in a kind of element, however deep. */
static uint64_t banned_in(enum node_kind kind)
{
    switch (kind) {
    case NODE_TD:
    case NODE_TH:
        return BIT(SECTION) | BIT(PAGE_BREAK) | BIT(TABLE) | BIT(FIELDS);
    case NODE_LEAD:
        return BIT(SECTION) | BIT(PAGE_BREAK) | BIT(TABLE) | BIT(OPINION) | BIT(SEAL);
    case NODE_AREA:
        return BIT(SECTION) | BIT(PAGE_BREAK);
    case NODE_SECTION:
        return BIT(SECTION);
    default:
        return 0;
    }
}

/* One element being read: what may stand in it, and how deep it is. */
struct place {
    uint64_t banned;
    int depth;
};

static int convert(struct loader *l, const xmlNode *x, struct node *parent, struct place in);

/* --- each= --- */

static int scope_enter(struct loader *l, struct node *n, const xmlNode *x)
{
    xmlChar *value = xmlGetProp(x, (const xmlChar *)"each");
    size_t at;
    int rc = 0;

    if (value == NULL)
        return 0;
    at = attr_at(l, n->at, "each").value;
    n->each = path_parse(l, at, slice_of((const char *)value));
    if (n->each == NULL || path_enter(l, at, n->each) != 0) {
        n->each = NULL;
        rc = -1;
    }
    xmlFree(value);
    return rc;
}

/* --- texts --- */

static bool is_named(const xmlNode *x, const char *name)
{
    return x->type == XML_ELEMENT_NODE && strcmp((const char *)x->name, name) == 0;
}

/* What stands inside a text: characters, breaks, underlines. */
static bool is_text(const xmlNode *x)
{
    return x->type == XML_TEXT_NODE || is_named(x, "br") || is_named(x, "wbr") || is_named(x, "u");
}

/* Lines lose their indentation: XML is indented for reading, Markdown would see code. */
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

static int append_text(struct loader *l, struct buf *out, const xmlNode *x, size_t at, int depth)
{
    if (x->type == XML_TEXT_NODE) {
        append_lines(out, (const char *)x->content);
        return 0;
    }
    if (depth > TREE_MAX_DEPTH)
        return load_error(l, at, "Elements stand too deep in each other.", "元素嵌套过深。");
    if (!is_named(x, "u")) {
        buf_append_text(out, x->name[0] == 'b' ? MARK_BREAK : MARK_SOFT);
        return 0;
    }
    buf_append_text(out, MARK_LINE);
    for (const xmlNode *c = x->children; c != NULL; c = c->next) {
        if (c->type == XML_COMMENT_NODE)
            continue;
        if (!is_text(c))
            return load_error(l, source_find(l, at, slice_of("<u>")), "In <u> stands text alone.",
                              "<u> 中只能是文字。");
        if (append_text(l, out, c, at, depth + 1) != 0)
            return -1;
    }
    buf_append_text(out, MARK_NO_LINE);
    return 0;
}

static int foreign(struct loader *l, const xmlNode *x, size_t at)
{
    if (x->type == XML_COMMENT_NODE || x->type == XML_ELEMENT_NODE || x->type == XML_TEXT_NODE)
        return 0;
    return load_error(l, at, "Only texts, elements and comments can stand here.",
                      "此处只能有文字、元素与注释。");
}

/* Behind the start tag of the element being read. */
static size_t inside_of(const struct loader *l, const struct node *n)
{
    return tag_end(l->source->text, n->at);
}

static size_t behind(const struct loader *l, size_t at)
{
    size_t end = element_end(l->source->text, at);

    return end != SIZE_MAX ? end : l->source->text.len;
}

static int inline_content(struct loader *l, const xmlNode *x, struct node *n, struct place in)
{
    struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES);
    size_t at = inside_of(l, n);
    const char *whole;
    int rc = -1;

    for (const xmlNode *c = x->children; c != NULL; c = c->next) {
        if (foreign(l, c, at) != 0)
            goto out;
        if (is_text(c) ? append_text(l, &text, c, at, 0) != 0
                       : c->type == XML_ELEMENT_NODE && convert(l, c, n, in) != 0)
            goto out;
    }
    whole = buf_text(&text);
    if (whole == NULL) {
        err_no_memory(l->e);
        goto out;
    }
    for (; *whole == '\n'; whole++)
        at = source_line_start(l, source_line(l, at) + 1);
    n->text = pattern_parse(l, at, whole, true);
    rc = n->text != NULL ? 0 : -1;
out:
    buf_dispose(&text);
    return rc;
}

/* A run of text among elements, from *at on: Markdown. Leaves *c at what follows it. */
static int run_of_text(struct loader *l, const xmlNode **c, struct node *n, size_t at, bool alone)
{
    struct buf text = BUF_INIT(TEMPLATE_MAX_BYTES);
    int rc = 0;

    for (; *c != NULL && rc == 0 && (is_text(*c) || (*c)->type == XML_COMMENT_NODE); *c = (*c)->next) {
        /* a comment over several lines ends a paragraph, so that lines are counted right */
        if ((*c)->type != XML_COMMENT_NODE)
            rc = append_text(l, &text, *c, at, 0);
        else
            for (const xmlChar *p = (*c)->content; *p != '\0'; p++)
                if (*p == '\n')
                    buf_append_char(&text, '\n');
    }
    if (rc == 0)
        rc = buf_ok(&text) ? markdown_read(l, buf_view(&text), at, n, alone) : err_no_memory(l->e);
    buf_dispose(&text);
    return rc;
}

static int body_content(struct loader *l, const xmlNode *x, struct node *n, struct place in)
{
    bool alone = element_spec(n->kind)->content == CELL;
    size_t at = inside_of(l, n);

    for (const xmlNode *c = x->children; c != NULL && alone; c = c->next)
        alone = is_text(c) || c->type == XML_COMMENT_NODE;
    for (const xmlNode *c = x->children; c != NULL;) {
        if (foreign(l, c, at) != 0)
            return -1;
        if (c->type == XML_ELEMENT_NODE && !is_text(c)) {
            if (convert(l, c, n, in) != 0)
                return -1;
            at = l->cursor;
            c = c->next;
        } else if (run_of_text(l, &c, n, at, alone) != 0) {
            return -1;
        }
    }
    if (alone && n->text == NULL && n->first == NULL)
        n->text = pattern_parse(l, at, "", true);
    return alone && n->text == NULL && n->first == NULL ? -1 : 0;
}

static int child_content(struct loader *l, const xmlNode *x, struct node *n, struct place in)
{
    size_t at = inside_of(l, n);

    for (const xmlNode *c = x->children; c != NULL; c = c->next) {
        struct slice text = {NULL, 0};

        if (foreign(l, c, at) != 0)
            return -1;
        if (c->type == XML_TEXT_NODE)
            text = trimmed(slice_of((const char *)c->content));
        if (text.len > 0) {
            size_t newline = slice_find(text, 0, slice_of("\n"));

            return load_error(
                l, source_find(l, at, newline == SIZE_MAX ? text : slice_part(text, 0, newline)),
                "Text cannot stand directly in <%s>.", "<%s> 中不能直接写文字。", node_name(n->kind));
        }
        if (c->type == XML_ELEMENT_NODE) {
            if (convert(l, c, n, in) != 0)
                return -1;
            at = l->cursor;
        }
    }
    return 0;
}

static int read_content(struct loader *l, const xmlNode *x, struct node *n, struct place in)
{
    switch (element_spec(n->kind)->content) {
    case INLINE:
        return inline_content(l, x, n, in);
    case BODY:
    case CELL:
        return body_content(l, x, n, in);
    case EMPTY:
    case CHILDREN:
        break;
    }
    return child_content(l, x, n, in);
}

/* --- elements --- */

/* Where the next element of that name begins. Elements are read in the order of the file, so the next one is
 * this one. */
static size_t element_at(const struct loader *l, const char *name)
{
    struct slice s = l->source->text;
    size_t at = l->cursor;

    for (;; at++) {
        at = slice_find(s, at, slice_of("<"));
        if (at == SIZE_MAX)
            return l->cursor;
        if (slice_starts(s, at, "<!--")) {
            at = slice_find(s, at, slice_of("-->"));
            if (at == SIZE_MAX)
                return l->cursor;
        } else if (slice_equal(tag_name(slice_part(s, at, s.len - at)), slice_of(name))) {
            return at;
        }
    }
}

static int misplaced(struct loader *l, size_t at, const char *name, const struct node *parent)
{
    return load_error(l, at, "<%s> cannot stand in <%s>.", "<%s> 不能放在 <%s> 中。", name,
                      node_name(parent->kind));
}

static int convert(struct loader *l, const xmlNode *x, struct node *parent, struct place in)
{
    const char *name = (const char *)x->name;
    size_t at = element_at(l, name), scopes = l->scope_count;
    enum node_kind kind = element_kind(slice_of(name));
    bool cell = kind == NODE_TD || kind == NODE_TH;
    struct node *n;
    int rc = -1;

    if (kind == NODE_BODY || x->ns != NULL || x->nsDef != NULL)
        return is_text(x) ? misplaced(l, at, name, parent) : element_unknown(l, at, slice_of(name));
    if (!(element_children(parent->kind) & ~in.banned & (1ULL << kind)))
        return misplaced(l, at, name, parent);
    if (in.depth > TREE_MAX_DEPTH)
        return load_error(l, at, "Elements stand too deep in each other.", "元素嵌套过深。");
    n = node_new(l, kind, at);
    if (n == NULL)
        return -1;
    l->cursor = inside_of(l, n);
    l->cell_depth += cell;
    in.banned |= banned_in(kind);
    in.depth++;
    if (scope_enter(l, n, x) == 0 && attributes_read(l, n, x) == 0 && read_content(l, x, n, in) == 0 &&
        children_check(l, n) == 0 && element_settle(l, n, parent) == 0) {
        node_append(parent, n);
        rc = 0;
    }
    l->cell_depth -= cell;
    if (l->scope_count > scopes)
        path_leave(l);
    l->cursor = behind(l, at);
    return rc;
}

/* --- XML --- */

static int not_well_formed(struct loader *l, size_t at, const xmlError *why)
{
    static const struct {
        int code;
        const char *en, *zh;
    } known[] = {
        {XML_ERR_TAG_NAME_MISMATCH, "an end is not that of what began last", "开始标记与结束标记不一致"},
        {XML_ERR_TAG_NOT_FINISHED, "a tag is not complete", "标记没有结束"},
        {XML_ERR_UNDECLARED_ENTITY, "there is no such character reference; & is written &amp;",
         "没有这样的字符引用；& 请写作 &amp;"},
        {XML_ERR_NAME_REQUIRED, "& and < are written &amp; and &lt;", "& 或 < 请写作 &amp; 或 &lt;"},
        {XML_ERR_ENTITYREF_SEMICOL_MISSING, "& is written &amp;", "& 请写作 &amp;"},
        {XML_ERR_ATTRIBUTE_REDEFINED, "an attribute stands there twice", "属性重复出现"},
        {XML_ERR_ATTRIBUTE_NOT_STARTED, "a value stands between \" and \"", "属性的值须用半角引号括起"},
        {XML_ERR_ATTRIBUTE_WITHOUT_VALUE, "an attribute has no value", "属性没有值"},
        {XML_ERR_LT_IN_ATTRIBUTE, "< in a value is written &lt;", "属性的值中 < 请写作 &lt;"},
        {XML_ERR_SPACE_REQUIRED, "between attributes stands a blank", "属性之间须有空格"},
        {XML_ERR_GT_REQUIRED, "a tag is not complete", "标记没有结束"}};
    const char *message = why != NULL && why->message != NULL ? why->message : "?", *zh, *en;
    char said[160];

    if (why != NULL && why->line > 0) {
        size_t start = source_line_start(l, why->line), column = why->int2 > 1 ? (size_t)why->int2 - 1 : 0;
        size_t newline = slice_find(l->source->text, start, slice_of("\n"));
        size_t end = newline != SIZE_MAX ? newline : l->source->text.len;

        at = start + (column < end - start ? column : end - start);
        while (at > start && at < l->source->text.len && (l->source->text.ptr[at] & 0xC0) == 0x80)
            at--;
    }
    (void)snprintf(said, sizeof said, "%.*s", (int)strcspn(message, "\n"), message);
    zh = en = said;
    for (size_t i = 0; why != NULL && i < sizeof known / sizeof known[0]; i++)
        if (why->code == known[i].code) {
            en = known[i].en;
            zh = known[i].zh;
        }
    return load_error(l, at, "Not well-formed: %s.%.0s", "元素书写有误：%.0s%s。", en, zh);
}

/* The text is preceded by as many empty lines and blanks as come before it in the file, so libxml2 counts
 * right. */
static xmlDoc *parse(struct loader *l, xmlParserCtxt *context, struct slice xml)
{
    struct buf padded = BUF_INIT((size_t)TEMPLATE_MAX_BYTES * 2);
    size_t at = source_offset(l, xml);
    int line = source_line(l, at);
    xmlDoc *doc = NULL;

    for (int i = 1; i < line; i++)
        buf_append_char(&padded, '\n');
    for (size_t i = source_line_start(l, line); i < at; i++)
        buf_append_char(&padded, ' ');
    buf_append(&padded, xml);
    if (buf_ok(&padded))
        doc = xmlCtxtReadMemory(context, (const char *)padded.data, (int)padded.len, NULL, "UTF-8",
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (doc == NULL)
        not_well_formed(l, at, xmlCtxtGetLastError(context));
    buf_dispose(&padded);
    return doc;
}

int element_read(struct loader *l, struct slice xml, struct node *parent)
{
    xmlParserCtxt *context = xmlNewParserCtxt();
    struct place in = {.depth = 1};
    xmlDoc *doc = NULL;
    int rc = -1;

    if (context == NULL)
        return err_no_memory(l->e);
    doc = parse(l, context, xml);
    l->cursor = source_offset(l, xml);
    if (doc != NULL)
        rc = convert(l, xmlDocGetRootElement(doc), parent, in);
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(context);
    return rc;
}
