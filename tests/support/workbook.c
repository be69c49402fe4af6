#include "support/workbook.h"
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

static void put16(struct buf *b, unsigned v)
{
    buf_append_char(b, (char)v);
    buf_append_char(b, (char)(v >> 8));
}

static void put32(struct buf *b, uint32_t v)
{
    put16(b, v & 0xFFFF);
    put16(b, v >> 16);
}

static void deflated(struct buf *out, struct slice content)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(6);
    size_t most = libdeflate_deflate_compress_bound(c, content.len);
    uint8_t *at = buf_room(out, most);

    if (c == NULL || at == NULL)
        abort();
    buf_wrote(out, libdeflate_deflate_compress(c, content.ptr, content.len, at, most));
    libdeflate_free_compressor(c);
}

struct placed {
    uint32_t crc, packed, at;
};

static void put_common(struct buf *out, const struct workbook_part *part, const struct placed *p)
{
    put16(out, 20);
    put16(out, 0x800); /* names are UTF-8 */
    put16(out, 8);
    put16(out, 0);
    put16(out, 0x21); /* 1980-01-01 */
    put32(out, p->crc);
    put32(out, p->packed);
    put32(out, (uint32_t)part->content.len);
    put16(out, (unsigned)strlen(part->name));
    put16(out, 0);
}

void workbook_zip(struct buf *out, const struct workbook_part *parts, size_t count)
{
    struct placed *places = calloc(count + 1, sizeof *places);
    size_t start = out->len, table, table_len;

    if (places == NULL)
        abort();
    for (size_t i = 0; i < count; i++) {
        struct buf packed = BUF_INIT(1 << 30);

        deflated(&packed, parts[i].content);
        places[i] = (struct placed){libdeflate_crc32(0, parts[i].content.ptr, parts[i].content.len),
                                    (uint32_t)packed.len, (uint32_t)(out->len - start)};
        put32(out, 0x04034b50);
        put_common(out, &parts[i], &places[i]);
        buf_append_text(out, parts[i].name);
        buf_append(out, buf_view(&packed));
        buf_dispose(&packed);
    }
    table = out->len;
    for (size_t i = 0; i < count; i++) {
        put32(out, 0x02014b50);
        put16(out, 20);
        put_common(out, &parts[i], &places[i]);
        put16(out, 0);
        put16(out, 0);
        put16(out, 0);
        put32(out, 0);
        put32(out, places[i].at);
        buf_append_text(out, parts[i].name);
    }
    table_len = out->len - table;
    put32(out, 0x06054b50);
    put32(out, 0);
    put16(out, (unsigned)count);
    put16(out, (unsigned)count);
    put32(out, (uint32_t)table_len);
    put32(out, (uint32_t)(table - start));
    put16(out, 0);
    free(places);
    if (!buf_ok(out))
        abort();
}

static const char relations_ns[] = "http://schemas.openxmlformats.org/package/2006/relationships";
static const char office[] = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

static void whole(struct buf *out, const char *root, const char *ns, const char *inside)
{
    buf_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<");
    buf_append_text(out, root);
    buf_append_text(out, " xmlns=\"");
    buf_append_text(out, ns);
    buf_append_text(out, "\">");
    buf_append_text(out, inside);
    buf_append_text(out, "</");
    buf_append_text(out, root);
    buf_append_text(out, ">");
    (void)buf_text(out);
}

void workbook_make(struct buf *out, const struct workbook_text *w)
{
    const char *ns = w->ns == NULL ? WORKBOOK_MAIN : w->ns;
    struct buf texts[7];
    const char *names[7] = {"_rels/.rels",
                            "xl/workbook.xml",
                            "xl/_rels/workbook.xml.rels",
                            "xl/worksheets/sheet1.xml",
                            "xl/worksheets/sheet2.xml",
                            "xl/sharedStrings.xml",
                            "xl/styles.xml"};
    struct workbook_part parts[7];
    size_t count = 0;

    for (size_t i = 0; i < 7; i++)
        buf_init(&texts[i], (size_t)1 << 30);
    buf_printf(&texts[0],
               "<Relationships xmlns=\"%s\"><Relationship Id=\"rId1\" Type=\"%s/officeDocument\" "
               "Target=\"xl/workbook.xml\"/></Relationships>",
               relations_ns, office);
    if (w->workbook != NULL)
        buf_append_text(&texts[1], w->workbook);
    else
        buf_printf(
            &texts[1],
            "<workbook xmlns=\"%s\" xmlns:r=\"%s\"><sheets><sheet name=\"名单\" sheetId=\"1\" r:id=\"rId1\"/>"
            "%s</sheets></workbook>",
            ns, office, w->sheet2 == NULL ? "" : "<sheet name=\"其他\" sheetId=\"2\" r:id=\"rId2\"/>");
    if (w->relations != NULL)
        buf_append_text(&texts[2], w->relations);
    else
        buf_printf(&texts[2],
                   "<Relationships xmlns=\"%1$s\"><Relationship Id=\"rId1\" Type=\"%2$s/worksheet\" "
                   "Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"%2$s/worksheet\" "
                   "Target=\"worksheets/sheet2.xml\"/><Relationship Id=\"rId3\" Type=\"%2$s/styles\" "
                   "Target=\"styles.xml\"/><Relationship Id=\"rId4\" Type=\"%2$s/sharedStrings\" "
                   "Target=\"sharedStrings.xml\"/></Relationships>",
                   relations_ns, office);
    whole(&texts[3], "worksheet", ns, w->sheet == NULL ? "<sheetData/>" : w->sheet);
    whole(&texts[4], "worksheet", ns, w->sheet2 == NULL ? "<sheetData/>" : w->sheet2);
    whole(&texts[5], "sst", ns, w->strings == NULL ? "" : w->strings);
    whole(&texts[6], "styleSheet", ns, w->styles == NULL ? "" : w->styles);
    for (size_t i = 0; i < 7; i++)
        parts[count++] = (struct workbook_part){names[i], buf_view(&texts[i])};
    workbook_zip(out, parts, count);
    for (size_t i = 0; i < 7; i++)
        buf_dispose(&texts[i]);
}
