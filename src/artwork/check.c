/* check.c - the whole document is looked over before anything is drawn, so that what is not supported is an
 * error wherever it stands, also in parts that are never used. */
#include "artwork/artwork_internal.h"
#include <string.h>

#define SVG_NAMESPACE   "http://www.w3.org/2000/svg"
#define XLINK_NAMESPACE "http://www.w3.org/1999/xlink"

/* Elements and the attributes they may have beside the common ones. */
static const struct {
    const char *name;
    const char *attributes[8];
} known[] = {
    {"svg", {"width", "height", "viewBox", "preserveAspectRatio", "version", "baseProfile"}},
    {"g", {NULL}},
    {"defs", {NULL}},
    {"symbol", {"viewBox", "preserveAspectRatio"}},
    {"use", {"href", "x", "y", "width", "height"}},
    {"path", {"d"}},
    {"rect", {"x", "y", "width", "height", "rx", "ry"}},
    {"circle", {"cx", "cy", "r"}},
    {"ellipse", {"cx", "cy", "rx", "ry"}},
    {"line", {"x1", "y1", "x2", "y2"}},
    {"polyline", {"points"}},
    {"polygon", {"points"}},
    {"clipPath", {"clipPathUnits"}},
};

bool element_is(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* Words about the picture, for readers; nothing of them is drawn. */
bool element_is_comment(const xmlNode *node)
{
    return element_is(node, "title") || element_is(node, "desc") || element_is(node, "metadata");
}

static bool in_namespace(const xmlNs *ns, const char *wanted)
{
    return ns != NULL && ns->href != NULL && strcmp((const char *)ns->href, wanted) == 0;
}

const char *attribute_text(const xmlAttr *a)
{
    return a->children == NULL ? "" : (const char *)a->children->content;
}

const char *attribute_lookup(const xmlNode *node, const char *name)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
        if (strcmp((const char *)a->name, name) == 0 &&
            (a->ns == NULL || (in_namespace(a->ns, XLINK_NAMESPACE) && strcmp(name, "href") == 0)))
            return attribute_text(a);
    return NULL;
}

struct place element_place(const char *file, const xmlNode *node)
{
    return (struct place){file, xmlGetLineNo(node), (const char *)node->name, NULL};
}

static bool attribute_known(size_t element, const xmlAttr *a)
{
    static const char *const common[] = {"id", "class", "style", "transform"};
    const char *name = (const char *)a->name;

    if (in_namespace(a->ns, (const char *)XML_XML_NAMESPACE))
        return strcmp(name, "space") == 0 || strcmp(name, "lang") == 0;
    if (a->ns != NULL && !(in_namespace(a->ns, XLINK_NAMESPACE) && strcmp(name, "href") == 0))
        return false;
    for (size_t i = 0; i < 8 && known[element].attributes[i] != NULL; i++)
        if (strcmp(name, known[element].attributes[i]) == 0)
            return true;
    for (size_t i = 0; a->ns == NULL && i < sizeof common / sizeof common[0]; i++)
        if (strcmp(name, common[i]) == 0)
            return true;
    return a->ns == NULL && style_known(name);
}

static int check_attribute(size_t element, const xmlAttr *a, struct place *p, struct err *e)
{
    p->attribute = (const char *)a->name;
    if (!attribute_known(element, a))
        return place_err(p, e, p->attribute, "The attribute %s is not supported here.",
                         "此处不支持属性 %s。");
    if (a->children != NULL && (a->children->type != XML_TEXT_NODE || a->children->next != NULL))
        return place_err(p, e, NULL, "Entities are not supported.", "不支持实体。");
    return 0;
}

static int remember_id(xmlHashTable *ids, xmlNode *node, struct place *p, struct err *e)
{
    const char *id = attribute_lookup(node, "id");

    if (id == NULL)
        return 0;
    p->attribute = "id";
    if (xmlHashAddEntry(ids, (const xmlChar *)id, node) != 0)
        return place_err(p, e, id, "The id \"%s\" is used twice.", "id “%s”重复。");
    return 0;
}

static int check_element(struct check *c, xmlNode *node, struct err *e)
{
    struct place p = element_place(c->file, node);
    size_t which = 0, count = sizeof known / sizeof known[0];

    if (++c->elements > ARTWORK_MAX_ELEMENTS)
        return place_err(&p, e, NULL, "The picture has too many elements.", "图形的元素过多。");
    if (!in_namespace(node->ns, SVG_NAMESPACE))
        return place_err(&p, e, SVG_NAMESPACE, "Only elements of xmlns=\"%s\" are supported.",
                         "只支持 xmlns=\"%s\" 的元素。");
    while (which < count && strcmp((const char *)node->name, known[which].name) != 0)
        which++;
    if (which == count || (which == 0) != (node->parent->type == XML_DOCUMENT_NODE))
        return place_err(
            &p, e, p.element,
            "The element <%s> is not supported here; save the drawing as plain SVG of shapes and paths.",
            "此处不支持元素 <%s>，请将图形转为形状和路径，另存为普通 SVG。");
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
        if (check_attribute(which, a, &p, e) != 0)
            return -1;
    return remember_id(c->ids, node, &p, e);
}

/* What is neither element nor comment: text that would be lost, processing instructions, entities. */
static int check_other(const struct check *c, const xmlNode *node, struct err *e)
{
    struct place p = {c->file, xmlGetLineNo(node), NULL, NULL};

    if (node->type == XML_COMMENT_NODE || (node->type == XML_TEXT_NODE && xmlIsBlankNode(node)))
        return 0;
    return place_err(&p, e,
                     node->type == XML_TEXT_NODE ? (const char *)node->content : (const char *)node->name,
                     "Only elements are supported here, not \"%s\".", "此处只支持元素，而不是“%s”。");
}

static int check_children(struct check *c, const xmlNode *parent, int depth, struct err *e)
{
    for (xmlNode *n = parent->children; n != NULL; n = n->next) {
        if (n->type != XML_ELEMENT_NODE) {
            if (check_other(c, n, e) != 0)
                return -1;
            continue;
        }
        if (element_is_comment(n) && depth > 0)
            continue;
        if (check_element(c, n, e) != 0)
            return -1;
        if (depth == ARTWORK_MAX_DEPTH) {
            struct place p = element_place(c->file, n);

            return place_err(&p, e, NULL, "The elements are nested too deeply.", "元素嵌套过深。");
        }
        if (check_children(c, n, depth + 1, e) != 0)
            return -1;
    }
    return 0;
}

int document_check(struct check *c, const xmlDoc *doc, struct err *e)
{
    return check_children(c, (const xmlNode *)doc, 0, e);
}
