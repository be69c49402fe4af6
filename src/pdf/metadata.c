/* metadata.c - what the file says about itself, twice and the same: the information dictionary (ISO 32000-1,
 * 14.3.3) and XMP (ISO 19005-2, 6.6); and the colour space it is meant in. */
#include "base/clock.h"
#include "base/utf8.h"
#include "pdf/pdf_internal.h"
#include <string.h>

static const char producer[] = "Sealpress";

static bool present(const char *text)
{
    return text != NULL && text[0] != '\0';
}

void text_string(struct buf *out, const char *text)
{
    struct slice s = slice_of(text);
    size_t at = 0;
    uint32_t cp;

    buf_append_text(out, "<FEFF");
    while (utf8_next(s, &at, &cp)) {
        if (cp < 0x10000)
            buf_printf(out, "%04X", (unsigned)cp);
        else
            buf_printf(out, "%04X%04X", 0xD7C0 + (unsigned)(cp >> 10), 0xDC00 + (unsigned)(cp & 0x3FF));
    }
    buf_append_char(out, '>');
}

static void info_entry(struct buf *out, const char *key, const char *text)
{
    if (!present(text))
        return;
    buf_printf(out, "/%s ", key);
    text_string(out, text);
    buf_append_char(out, '\n');
}

static int write_info(struct objects *o, const struct pdf_info *info, struct err *e)
{
    struct object *object = object_adopt(o, o->doc->info); /* it already names libharu there */
    struct buf text = BUF_INIT(1024 * 1024);
    char created[18];

    if (object == NULL || HPDF_Dict_RemoveElement(o->doc->info, "Producer") != HPDF_OK ||
        HPDF_Dict_Add(o->doc->trailer, "Info", o->doc->info) != HPDF_OK)
        return objects_failed(o, e);
    clock_pdf(created, info->created);
    info_entry(&text, "Title", info->title);
    info_entry(&text, "Author", info->author);
    info_entry(&text, "Subject", info->subject);
    info_entry(&text, "Keywords", info->keywords);
    buf_printf(&text, "/Producer (%s)\n/CreationDate (%s)", producer, created);
    object->body = body_keep(o, &text);
    buf_dispose(&text);
    return 0;
}

static void xml_text(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '&')
            buf_append_text(out, "&amp;");
        else if (*text == '<')
            buf_append_text(out, "&lt;");
        else if (*text == '>')
            buf_append_text(out, "&gt;");
        else if ((unsigned char)*text >= 0x20 || *text == '\n' || *text == '\t')
            buf_append_char(out, *text); /* other controls do not exist in XML */
    }
}

static void xmp_element(struct buf *out, const char *open, const char *text, const char *close)
{
    if (!present(text))
        return;
    buf_append_text(out, open);
    xml_text(out, text);
    buf_append_text(out, close);
}

/* A property of our own must be declared in the file (ISO 19005-2, 6.6.2.3.3). */
static const char license_schema[] =
    "<rdf:Description rdf:about=\"\" xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\" "
    "xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\" "
    "xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">\n"
    "<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\">\n"
    "<pdfaSchema:schema>Electronic license</pdfaSchema:schema>\n"
    "<pdfaSchema:namespaceURI>urn:x-sealpress:license#</pdfaSchema:namespaceURI>\n"
    "<pdfaSchema:prefix>license</pdfaSchema:prefix>\n"
    "<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType=\"Resource\">\n"
    "<pdfaProperty:name>id</pdfaProperty:name>\n"
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType>\n"
    "<pdfaProperty:category>external</pdfaProperty:category>\n"
    "<pdfaProperty:description>Identifier of the electronic license "
    "(电子证照标识)</pdfaProperty:description>\n"
    "</rdf:li></rdf:Seq></pdfaSchema:property>\n"
    "</rdf:li></rdf:Bag></pdfaExtension:schemas>\n</rdf:Description>\n";

static void xmp_identifier(struct buf *out, const uint8_t id[16])
{
    buf_append_text(out, "<xmpMM:DocumentID>uuid:");
    for (int i = 0; i < 16; i++)
        buf_printf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", (unsigned)id[i]);
    buf_append_text(out, "</xmpMM:DocumentID>\n");
}

static void xmp_packet(struct buf *out, const struct pdf_info *info)
{
    char created[21];

    clock_rfc3339(created, info->created);
    buf_append_text(out, "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                         "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                         "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                         "<rdf:Description rdf:about=\"\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" "
                         "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                         "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" "
                         "xmlns:xmpMM=\"http://ns.adobe.com/xap/1.0/mm/\" "
                         "xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" "
                         "xmlns:license=\"urn:x-sealpress:license#\">\n"
                         "<pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>\n"
                         "<dc:format>application/pdf</dc:format>\n");
    xmp_element(out, "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">", info->title,
                "</rdf:li></rdf:Alt></dc:title>\n");
    xmp_element(out, "<dc:creator><rdf:Seq><rdf:li>", info->author, "</rdf:li></rdf:Seq></dc:creator>\n");
    xmp_element(out, "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">", info->subject,
                "</rdf:li></rdf:Alt></dc:description>\n");
    xmp_element(out, "<pdf:Keywords>", info->keywords, "</pdf:Keywords>\n");
    buf_printf(out, "<pdf:Producer>%s</pdf:Producer>\n<xmp:CreateDate>%s</xmp:CreateDate>\n", producer,
               created);
    xmp_identifier(out, info->id);
    xmp_element(out, "<license:id>", info->license_id, "</license:id>\n");
    buf_append_text(out, "</rdf:Description>\n");
    if (present(info->license_id))
        buf_append_text(out, license_schema);
    buf_append_text(out, "</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>");
}

static int write_xmp(struct objects *o, const struct pdf_info *info, struct err *e)
{
    struct buf text = BUF_INIT(1024 * 1024);
    struct object *object;

    xmp_packet(&text, info);
    object = object_stream_new(o, body_keep(o, &text));
    buf_dispose(&text);
    if (object == NULL || HPDF_Dict_Add(o->doc->catalog, "Metadata", object->dict) != HPDF_OK)
        return objects_failed(o, e);
    object->body = slice_of("/Type /Metadata /Subtype /XML");
    return 0;
}

static int write_intent(struct objects *o, const struct pdf_kit *kit, struct err *e)
{
    struct object *profile = object_stream_new(o, buf_view(&kit->profile)), *intent = object_new(o);
    HPDF_Array intents = HPDF_Array_New(o->doc->mmgr);
    struct buf text = BUF_INIT(512);

    if (profile == NULL || intent == NULL || intents == NULL ||
        HPDF_Dict_Add(o->doc->catalog, "OutputIntents", intents) != HPDF_OK ||
        HPDF_Array_Add(intents, intent->dict) != HPDF_OK)
        return objects_failed(o, e);
    profile->body = slice_of("/N 3 /Filter /FlateDecode");
    buf_printf(&text,
               "/Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) "
               "/RegistryName (http://www.color.org) /Info (sRGB IEC61966-2.1) /DestOutputProfile %u 0 R",
               object_id(profile));
    intent->body = body_keep(o, &text);
    buf_dispose(&text);
    return 0;
}

/* Both halves of /ID are the same until a later revision changes the second (14.4). */
static int write_id(struct objects *o, const struct pdf_info *info, struct err *e)
{
    HPDF_Array ids = HPDF_Array_New(o->doc->mmgr);
    uint8_t id[16];

    memcpy(id, info->id, sizeof id);
    if (ids == NULL || HPDF_Dict_Add(o->doc->trailer, "ID", ids) != HPDF_OK ||
        HPDF_Array_Add(ids, HPDF_Binary_New(o->doc->mmgr, id, sizeof id)) != HPDF_OK ||
        HPDF_Array_Add(ids, HPDF_Binary_New(o->doc->mmgr, id, sizeof id)) != HPDF_OK)
        return objects_failed(o, e);
    return 0;
}

int metadata_write(struct objects *o, const struct pdf_info *info, const struct pdf_kit *kit, bool duplex,
                   struct err *e)
{
    HPDF_String language = HPDF_String_New(o->doc->mmgr, "zh-CN", NULL);
    struct object *preferences = object_direct_new(o);

    if (write_info(o, info, e) != 0 || write_xmp(o, info, e) != 0 || write_intent(o, kit, e) != 0 ||
        write_id(o, info, e) != 0)
        return -1;
    if (language == NULL || preferences == NULL ||
        HPDF_Dict_Add(o->doc->catalog, "Lang", language) != HPDF_OK ||
        HPDF_Dict_Add(o->doc->catalog, "ViewerPreferences", preferences->dict) != HPDF_OK)
        return objects_failed(o, e);
    preferences->body =
        slice_of(duplex ? "/DisplayDocTitle true /Duplex /DuplexFlipLongEdge" : "/DisplayDocTitle true");
    return 0;
}
