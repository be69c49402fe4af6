/* artwork.c - the door: SVG is parsed without entities or network, then drawn (element.c). */
#include "artwork/artwork_internal.h"
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

/* Called at <!DOCTYPE, before anything in it is read: entities are never even declared. */
static void stop_at_doctype(void *arg, const xmlChar *name, const xmlChar *public_id,
                            const xmlChar *system_id)
{
    xmlParserCtxt *parser = arg;

    (void)name;
    (void)public_id;
    (void)system_id;
    parser->_private = parser; /* the mark that this is why it stopped */
    xmlStopParser(parser);
}

static int parse_failed(const xmlParserCtxt *parser, const char *name, struct err *e)
{
    const char *why = parser->lastError.message != NULL ? parser->lastError.message : "?";
    int line = parser->lastError.line;

    if (parser->_private != NULL)
        return err_set(e, ERR_INVALID, "%s: A DOCTYPE is not allowed; delete it.",
                       "%s：不允许 DOCTYPE 声明，请删除。", name);
    if (parser->lastError.code == XML_ERR_NO_MEMORY)
        return err_no_memory(e);
    return err_set(e, ERR_INVALID, "%s, line %d: This is not well-formed XML: %.*s.",
                   "%s 第 %d 行：XML 格式错误：%.*s。", name, line, (int)strcspn(why, "\n"), why);
}

static int parse(xmlDoc **out, struct slice svg, const char *name, struct err *e)
{
    xmlParserCtxt *parser = xmlNewParserCtxt();
    int rc = -1;

    if (parser == NULL)
        return err_no_memory(e);
    parser->sax->internalSubset = stop_at_doctype;
    *out = xmlCtxtReadMemory(parser, (const char *)svg.ptr, (int)svg.len, NULL, NULL,
                             XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES |
                                 XML_PARSE_NOCDATA);
    if (*out == NULL || parser->_private != NULL)
        rc = parse_failed(parser, name, e);
    else
        rc = 0;
    xmlFreeParserCtxt(parser);
    return rc;
}

int artwork_read(struct artwork **out, struct slice svg, const char *name, struct err *e)
{
    struct artwork *a = NULL;
    xmlDoc *doc = NULL;
    int rc = -1;

    *out = NULL;
    if (svg.len > ARTWORK_MAX_BYTES)
        return err_set(e, ERR_TOO_LARGE, "%s is %zu bytes; at most %d are read.",
                       "%s 有 %zu 字节，最多读取 %d 字节。", name, svg.len, (int)ARTWORK_MAX_BYTES);
    if (svg.len == 0)
        return err_set(e, ERR_INVALID, "%s is empty; an SVG picture is needed.",
                       "%s 是空文件，需要 SVG 图形。", name);
    a = calloc(1, sizeof *a);
    if (a == NULL) {
        rc = err_no_memory(e);
        goto out;
    }
    if (parse(&doc, svg, name, e) != 0 || artwork_draw(a, doc, name, e) != 0)
        goto out;
    *out = a;
    a = NULL;
    rc = 0;
out:
    xmlFreeDoc(doc);
    artwork_free(a);
    return rc;
}

void artwork_free(struct artwork *a)
{
    if (a == NULL)
        return;
    for (size_t i = 0; i < a->count; i++)
        form_free(a->forms[i]);
    free(a);
}

double artwork_width(const struct artwork *a)
{
    return a->width;
}

double artwork_height(const struct artwork *a)
{
    return a->height;
}

size_t artwork_form_count(const struct artwork *a)
{
    return a->count;
}

const struct artwork_form *artwork_form(const struct artwork *a, size_t i)
{
    return &a->forms[i]->pub;
}
