#include "spreadsheet/xlsx_internal.h"
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>
#include <strings.h>

/* A list of 100,000 rows has some 7 million elements; one whose format goes down to the sheet's end, 20
 * million. */
enum {
    DEPTH_MAX = 64,
    ATTRIBUTES_MAX = 64,
    ELEMENTS_MAX = 30000000,
    /* values in one tag: the parser collects them before it tells of the first */
    VALUES_MAX = 20000
};

struct reading {
    struct xlsx *x;
    const struct xml_reader *reader;
    void *arg;
    xmlParserCtxt *parser;
    struct err *e;
    bool failed, enough;
    uint8_t before;  /* the last byte of the piece before */
    unsigned values; /* '="' since the last '<', which no value may hold */
    size_t depth;
    /* Grows downwards, so that the element comes first: it is at DEPTH_MAX + 1 - depth. Above the root there
     * are a few MARK_NONE, for whoever asks for parents of parents. */
    uint8_t path[DEPTH_MAX + 6];
};

static const char *const namespaces[] = {"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                                         "http://purl.oclc.org/ooxml/spreadsheetml/main",
                                         "http://schemas.openxmlformats.org/package/2006/relationships"};
static const char *const relations[] = {"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                                        "http://purl.oclc.org/ooxml/officeDocument/relationships"};

static const struct {
    const char *name;
    enum xml_mark mark;
} marks[] = {{"c", MARK_C},
             {"v", MARK_V},
             {"t", MARK_T},
             {"row", MARK_ROW},
             {"is", MARK_IS},
             {"r", MARK_R},
             {"si", MARK_SI},
             {"sheetData", MARK_SHEET_DATA},
             {"mergeCells", MARK_MERGE_CELLS},
             {"mergeCell", MARK_MERGE_CELL},
             {"xf", MARK_XF},
             {"cellXfs", MARK_CELL_XFS},
             {"numFmts", MARK_NUM_FMTS},
             {"numFmt", MARK_NUM_FMT},
             {"sheets", MARK_SHEETS},
             {"sheet", MARK_SHEET},
             {"workbook", MARK_WORKBOOK},
             {"workbookPr", MARK_WORKBOOK_PR},
             {"worksheet", MARK_WORKSHEET},
             {"sst", MARK_SST},
             {"styleSheet", MARK_STYLE_SHEET},
             {"Relationships", MARK_RELATIONSHIPS},
             {"Relationship", MARK_RELATIONSHIP}};

int xlsx_damaged(struct err *e, const char *detail)
{
    err_set(e, ERR_INVALID, "The workbook is damaged or not one of Excel; open it and save it anew as .xlsx.",
            "工作簿已损坏，或不是 Excel 工作簿，请打开后另存为 .xlsx 再导入。");
    return err_detail(e, "%s", detail);
}

static int refuse_size(struct err *e)
{
    return err_set(
        e, ERR_TOO_LARGE,
        "The workbook unpacks to more than any honest list; save only the list's sheet in a new one.",
        "工作簿解开后过大，请把名单复制到新的工作簿，另存为 .xlsx 再导入。");
}

static bool is_one_of(const xmlChar *uri, const char *const *list, size_t count)
{
    for (size_t i = 0; uri != NULL && i < count; i++) {
        if (strcmp((const char *)uri, list[i]) == 0)
            return true;
    }
    return false;
}

static uint8_t mark_of(const xmlChar *name, const xmlChar *uri)
{
    if (!is_one_of(uri, namespaces, sizeof namespaces / sizeof namespaces[0]))
        return MARK_OTHER;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strcmp((const char *)name, marks[i].name) == 0)
            return (uint8_t)marks[i].mark;
    }
    return MARK_OTHER;
}

static struct slice attribute_value(const struct xml_attributes *a, int i)
{
    const unsigned char **at = a->list + 5 * (size_t)i;

    return (struct slice){at[3], (size_t)(at[4] - at[3])};
}

struct slice xml_attribute(const struct xml_attributes *a, const char *name)
{
    for (int i = 0; i < a->count; i++) {
        const unsigned char **at = a->list + 5 * (size_t)i;

        if (at[2] == NULL && strcmp((const char *)at[0], name) == 0)
            return attribute_value(a, i);
    }
    return (struct slice){NULL, 0};
}

struct slice xml_relation(const struct xml_attributes *a)
{
    for (int i = 0; i < a->count; i++) {
        const unsigned char **at = a->list + 5 * (size_t)i;

        if (strcmp((const char *)at[0], "id") == 0 &&
            is_one_of(at[2], relations, sizeof relations / sizeof relations[0]))
            return attribute_value(a, i);
    }
    return (struct slice){NULL, 0};
}

bool xml_says_true(struct slice value)
{
    return slice_equal(value, slice_of("1")) || slice_equal(value, slice_of("true")) ||
           slice_equal(value, slice_of("on"));
}

bool xml_number(unsigned *out, struct slice value, unsigned max)
{
    uint64_t number = 0;

    if (value.len == 0 || value.len > 10)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return false;
        number = number * 10 + (value.ptr[i] - '0');
    }
    *out = (unsigned)number;
    return number <= max;
}

bool xml_copy(char *out, size_t size, struct slice value)
{
    bool fits = value.len < size && (value.len == 0 || memchr(value.ptr, '\0', value.len) == NULL);

    if (fits && value.len > 0)
        memcpy(out, value.ptr, value.len);
    out[fits ? value.len : 0] = '\0';
    return fits;
}

static const uint8_t *path_of(const struct reading *r)
{
    return r->path + DEPTH_MAX + 1 - r->depth;
}

/* rc of a reader's function: -1 wrong, 1 enough. */
static void heed(struct reading *r, int rc)
{
    if (rc == 0)
        return;
    r->failed = rc < 0;
    r->enough = rc > 0;
    xmlStopParser(r->parser);
}

static void on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **declared, int attribute_count, int defaulted,
                     const xmlChar **attributes)
{
    struct reading *r = arg;
    struct xml_attributes a = {attributes, attribute_count};

    (void)prefix;
    (void)namespace_count;
    (void)declared;
    (void)defaulted;
    if (r->failed || r->enough)
        return;
    if (r->depth == DEPTH_MAX || attribute_count > ATTRIBUTES_MAX) {
        heed(r, xlsx_damaged(r->e, "XML deeper, or with more attributes, than in any workbook"));
        return;
    }
    if (++r->x->elements > ELEMENTS_MAX) {
        heed(r, refuse_size(r->e));
        return;
    }
    r->depth++;
    r->path[DEPTH_MAX + 1 - r->depth] = mark_of(name, uri);
    if (r->reader->start != NULL)
        heed(r, r->reader->start(r->arg, path_of(r), &a, r->e));
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct reading *r = arg;

    (void)name;
    (void)prefix;
    (void)uri;
    if (r->failed || r->enough || r->depth == 0)
        return;
    if (r->reader->end != NULL)
        heed(r, r->reader->end(r->arg, path_of(r), r->e));
    r->depth--;
}

static void on_text(void *arg, const xmlChar *text, int len)
{
    struct reading *r = arg;

    if (r->failed || r->enough || r->reader->text == NULL)
        return;
    heed(r, r->reader->text(r->arg, path_of(r), (struct slice){text, (size_t)len}, r->e));
}

/* No part of a workbook has one; entities, which could grow without end, come with it. */
static void on_doctype(void *arg, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
    struct reading *r = arg;

    (void)name;
    (void)public_id;
    (void)system_id;
    heed(r, xlsx_damaged(r->e, "DOCTYPE in a part"));
}

static void on_message(void *arg, const char *text, ...)
{
    (void)arg; /* the parser's own words go nowhere: it is asked at the end */
    (void)text;
}

/* A tag of 100,000 attributes costs the parser half a minute before anybody is asked. */
static bool tags_are_short(struct reading *r, struct slice piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        uint8_t c = piece.ptr[i];

        if (c == '<')
            r->values = 0;
        else if ((c == '"' || c == '\'') && r->before == '=' && ++r->values > VALUES_MAX)
            return false;
        r->before = c;
    }
    return true;
}

static int take_piece(void *arg, struct slice piece, struct err *e)
{
    struct reading *r = arg;

    if (!tags_are_short(r, piece)) {
        r->failed = true;
        return xlsx_damaged(e, "a tag with too many attributes");
    }
    if (xmlParseChunk(r->parser, (const char *)piece.ptr, (int)piece.len, 0) != 0 && !r->failed &&
        !r->enough) {
        const xmlError *why = xmlCtxtGetLastError(r->parser);

        if (why != NULL && why->code == XML_ERR_NO_MEMORY)
            (void)err_no_memory(e);
        else
            (void)xlsx_damaged(e, "not well-formed XML");
        r->failed = true;
    }
    return r->failed || r->enough ? -1 : 0;
}

static size_t find_part(struct xlsx *x, const char *part)
{
    struct zip_entry entry;
    struct err e;

    for (size_t i = 0; i < zip_reader_count(x->zip); i++) {
        const char *want = part, *have;

        if (zip_entry_at(&entry, x->zip, i, &e) != 0 || entry.folder)
            continue;
        have = entry.name[0] == '/' ? entry.name + 1 : entry.name;
        while (*want != '\0' && (strncasecmp(want, have, 1) == 0 || (*want == '/' && *have == '\\'))) {
            want++;
            have++;
        }
        if (*want == '\0' && *have == '\0')
            return i;
    }
    return SIZE_MAX;
}

bool xlsx_part_exists(struct xlsx *x, const char *part)
{
    return find_part(x, part) != SIZE_MAX;
}

/* What the archive's reader says of archives is said of workbooks. */
static int refuse_archive(struct err *e)
{
    if (e->code == ERR_TOO_LARGE)
        return refuse_size(e);
    return e->code == ERR_INVALID ? xlsx_damaged(e, "a part cannot be unpacked") : -1;
}

static xmlParserCtxt *new_parser(struct reading *r)
{
    xmlSAXHandler sax;
    xmlParserCtxt *parser;

    memset(&sax, 0, sizeof sax);
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = on_start;
    sax.endElementNs = on_end;
    sax.characters = on_text;
    sax.cdataBlock = on_text;
    sax.internalSubset = on_doctype;
    sax.error = on_message;
    sax.warning = on_message;
    parser = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    /* NOENT: &amp; in attributes as a character; no other entity can be declared without DOCTYPE */
    if (parser != NULL)
        (void)xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_NOENT);
    return parser;
}

int xlsx_part_read(struct xlsx *x, const char *part, const struct xml_reader *reader, void *arg,
                   struct err *e)
{
    struct reading r = {.x = x, .reader = reader, .arg = arg, .e = e};
    size_t index = find_part(x, part);
    int rc;

    if (index == SIZE_MAX)
        return xlsx_damaged(e, "a part that is named is missing");
    r.parser = new_parser(&r);
    if (r.parser == NULL)
        return err_no_memory(e);
    rc = zip_extract_stream(x->zip, index, take_piece, &r, e);
    if (rc != 0 && !r.failed && !r.enough)
        rc = refuse_archive(e);
    if (rc == 0 && xmlParseChunk(r.parser, NULL, 0, 1) != 0 && !r.failed && !r.enough) {
        r.failed = true;
        (void)xlsx_damaged(e, "XML ends early");
    }
    if (r.parser->myDoc != NULL) /* SAX makes none; if it did, it is ours to free */
        xmlFreeDoc(r.parser->myDoc);
    xmlFreeParserCtxt(r.parser);
    return r.enough && !r.failed ? 0 : r.failed ? -1 : rc;
}
