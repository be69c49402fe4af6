/* embedded.c - a subset of a face as the objects of a composite font (ISO 32000-1, 9.7). */
#include "base/digest.h"
#include "base/utf8.h"
#include "pdf/pdf_internal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_cps(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

size_t codepoints_sort(uint32_t *cps, size_t count)
{
    size_t kept = 0;

    if (count > 0)
        qsort(cps, count, sizeof *cps, compare_cps);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || cps[i] != cps[kept - 1])
            cps[kept++] = cps[i];
    }
    return kept;
}

static int compare_codes(const void *a, const void *b)
{
    const struct code *x = a, *y = b;

    return (x->cp > y->cp) - (x->cp < y->cp);
}

static int index_codes(struct embedded *m, struct err *e)
{
    const struct subset *s = &m->subset;

    m->codes = calloc(s->count + 1, sizeof *m->codes);
    if (m->codes == NULL)
        return err_no_memory(e);
    for (size_t i = 0; i < s->count; i++) {
        const struct subset_glyph *g = &s->glyphs[i];
        bool twin = i > 0 && g->code == s->glyphs[i - 1].code;
        uint16_t variant = twin ? (uint16_t)(m->codes[i - 1].variant + 1) : 0;

        if (variant >= MAX_VARIANTS)
            return err_set(e, ERR_INTERNAL, "The font %s gives too many characters one glyph.",
                           "字体 %s 中过多字符共用同一字形。", face_name(m->face));
        m->codes[i] = (struct code){g->cp, g->code, variant, (float)g->advance};
        if (variant + 1U > m->variants)
            m->variants = variant + 1U;
    }
    qsort(m->codes, s->count, sizeof *m->codes, compare_codes);
    return 0;
}

const struct code *embedded_lookup(const struct embedded *m, uint32_t cp)
{
    size_t low = 0, high = m != NULL ? m->subset.count : 0;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (m->codes[middle].cp < cp)
            low = middle + 1;
        else
            high = middle;
    }
    return m != NULL && low < m->subset.count && m->codes[low].cp == cp ? &m->codes[low] : NULL;
}

/* Six letters that depend on what is in the subset (9.6.4): two subsets of a face in two files may meet in
 * a third. */
static int make_name(struct embedded *m, struct err *e)
{
    struct buf set = BUF_INIT(1024 * 1024);
    uint8_t digest[SHA256_SIZE] = {0};
    char tag[7] = "AAAAAA";
    bool whole;

    buf_append_text(&set, face_name(m->face));
    for (size_t i = 0; i < m->subset.count; i++)
        utf8_append(&set, m->codes[i].cp);
    sha256(digest, buf_view(&set));
    for (size_t i = 0; i < 6; i++)
        tag[i] = (char)('A' + digest[i] % 26);
    (void)snprintf(m->name, sizeof m->name, "%s+%s", tag, face_name(m->face));
    whole = buf_ok(&set);
    buf_dispose(&set);
    return whole ? 0 : err_no_memory(e);
}

/* /W (9.7.4.3): runs of neighbouring codes whose width is not the default of 1000. */
static void make_widths(struct embedded *m)
{
    long expected = -1;

    buf_append_char(&m->widths, '[');
    for (size_t i = 0; i < m->subset.count; i++) {
        const struct subset_glyph *g = &m->subset.glyphs[i];

        if (fabs(g->advance - 1000) < 0.001 || (i > 0 && g->code == m->subset.glyphs[i - 1].code))
            continue;
        if ((long)g->code != expected)
            buf_printf(&m->widths, "%s%u[", expected >= 0 ? "]" : "", (unsigned)g->code);
        else
            buf_append_char(&m->widths, ' ');
        buf_append_number(&m->widths, g->advance, 3);
        expected = (long)g->code + 1;
    }
    buf_append_text(&m->widths, expected >= 0 ? "]]" : "]");
}

static void append_utf16(struct buf *out, uint32_t cp)
{
    if (cp < 0x10000)
        buf_printf(out, "%04X", (unsigned)cp);
    else
        buf_printf(out, "%04X%04X", 0xD7C0 + (unsigned)(cp >> 10), 0xDC00 + (unsigned)(cp & 0x3FF));
}

/* A ToUnicode map (9.10.3) of the codes of one variant, in blocks of at most 100. */
static void make_unicode(struct buf *out, const struct embedded *m, unsigned variant)
{
    size_t left = 0, in_block = 0;

    buf_append_text(out, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                         "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
                         "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                         "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
    for (size_t i = 0; i < m->subset.count; i++)
        left += m->codes[i].variant == variant;
    for (size_t i = 0; i < m->subset.count; i++) {
        if (m->codes[i].variant != variant)
            continue;
        if (in_block == 0) {
            in_block = left < 100 ? left : 100;
            buf_printf(out, "%zu beginbfchar\n", in_block);
        }
        buf_printf(out, "<%04X> <", (unsigned)m->codes[i].code);
        append_utf16(out, m->codes[i].cp);
        buf_append_text(out, ">\n");
        left--;
        if (--in_block == 0)
            buf_append_text(out, "endbfchar\n");
    }
    buf_append_text(out, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
}

static int make_unicodes(struct embedded *m, struct libdeflate_compressor *compressor, struct err *e)
{
    struct buf text = BUF_INIT(PDF_MAX_BYTES);
    int rc = 0;

    m->unicodes = calloc(m->variants + 1, sizeof *m->unicodes);
    if (m->unicodes == NULL)
        return err_no_memory(e);
    for (unsigned v = 0; v < m->variants && rc == 0; v++) {
        buf_init(&m->unicodes[v], PDF_MAX_BYTES);
        if (compressor == NULL) {
            make_unicode(&m->unicodes[v], m, v);
            rc = buf_ok(&m->unicodes[v]) ? 0 : err_no_memory(e);
            continue;
        }
        buf_reset(&text);
        make_unicode(&text, m, v);
        rc = !buf_ok(&text) ? err_no_memory(e)
                            : deflate_append(&m->unicodes[v], buf_view(&text), compressor, e);
    }
    buf_dispose(&text);
    return rc;
}

int embedded_new(struct embedded **out, const struct face *face, const uint32_t *cps, size_t count,
                 struct libdeflate_compressor *compressor, struct err *e)
{
    struct embedded *m = calloc(1, sizeof *m);
    int rc = -1;

    if (m == NULL)
        return err_no_memory(e);
    m->face = face;
    buf_init(&m->deflated, PDF_MAX_BYTES);
    buf_init(&m->widths, PDF_MAX_BYTES);
    if (face_subset(&m->subset, face, cps, count, e) != 0 || index_codes(m, e) != 0 ||
        make_unicodes(m, compressor, e) != 0 || make_name(m, e) != 0)
        goto out;
    if (compressor != NULL && deflate_append(&m->deflated, buf_view(&m->subset.program), compressor, e) != 0)
        goto out;
    make_widths(m);
    if (!buf_ok(&m->widths)) {
        (void)err_no_memory(e);
        goto out;
    }
    *out = m;
    m = NULL;
    rc = 0;
out:
    embedded_free(m);
    return rc;
}

void embedded_free(struct embedded *m)
{
    if (m == NULL)
        return;
    for (unsigned v = 0; m->unicodes != NULL && v < m->variants; v++)
        buf_dispose(&m->unicodes[v]);
    free(m->unicodes);
    buf_dispose(&m->widths);
    buf_dispose(&m->deflated);
    free(m->codes);
    subset_dispose(&m->subset);
    free(m);
}

static struct object *write_program(struct objects *o, const struct embedded *m, struct buf *text)
{
    bool deflated = m->deflated.len > 0;
    struct object *file =
        object_stream_new(o, deflated ? buf_view(&m->deflated) : buf_view(&m->subset.program));

    if (file == NULL)
        return NULL;
    if (m->subset.kind == FONT_CFF)
        buf_append_text(text, "/Subtype /CIDFontType0C");
    else
        buf_printf(text, "/Length1 %zu", m->subset.program.len);
    if (deflated)
        buf_append_text(text, " /Filter /FlateDecode");
    file->body = body_keep(o, text);
    return file;
}

/* 9.8: the flags say symbolic, since the codes are no standard encoding's. */
static struct object *write_descriptor(struct objects *o, const struct embedded *m, struct buf *text)
{
    struct object *file = write_program(o, m, text), *descriptor = object_new(o);
    struct face_metrics metrics;

    if (file == NULL || descriptor == NULL)
        return NULL;
    face_metrics(m->face, &metrics);
    buf_printf(text, "/Type /FontDescriptor /FontName /%s /Flags %d /ItalicAngle 0 /FontBBox [", m->name,
               4 + (metrics.serif ? 2 : 0));
    canvas_numbers(text, metrics.bbox, 4, 0);
    buf_append_text(text, "] /Ascent ");
    buf_append_number(text, metrics.ascent, 0);
    buf_append_text(text, " /Descent ");
    buf_append_number(text, metrics.descent, 0);
    buf_append_text(text, " /CapHeight ");
    buf_append_number(text, metrics.cap_height, 0);
    buf_append_text(text, " /StemV ");
    buf_append_number(text, metrics.stem_v, 0);
    buf_printf(text, " /FontFile%d %u 0 R", m->subset.kind == FONT_CFF ? 3 : 2, object_id(file));
    descriptor->body = body_keep(o, text);
    return descriptor;
}

static struct object *write_descendant(struct objects *o, const struct embedded *m, struct buf *text)
{
    struct object *descriptor = write_descriptor(o, m, text), *descendant = object_new(o);

    if (descriptor == NULL || descendant == NULL)
        return NULL;
    buf_printf(text,
               "/Type /Font /Subtype /CIDFontType%d /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) "
               "/Ordering (Identity) /Supplement 0>> /FontDescriptor %u 0 R /DW 1000 /W ",
               m->subset.kind == FONT_CFF ? 0 : 2, m->name, object_id(descriptor));
    buf_append(text, buf_view(&m->widths));
    if (m->subset.kind == FONT_TRUETYPE)
        buf_append_text(text, " /CIDToGIDMap /Identity");
    descendant->body = body_keep(o, text);
    return descendant;
}

void embedded_write(struct objects *o, const struct embedded *m, char prefix, const bool *used,
                    struct buf *resources)
{
    struct buf text = BUF_INIT(PDF_MAX_BYTES);
    struct object *descendant = NULL;

    for (unsigned v = 0; v < m->variants; v++) {
        struct object *font, *unicode;

        if (!used[v])
            continue;
        if (descendant == NULL)
            descendant = write_descendant(o, m, &text);
        unicode = object_stream_new(o, buf_view(&m->unicodes[v]));
        font = object_new(o);
        if (descendant == NULL || unicode == NULL || font == NULL)
            break;
        if (m->deflated.len > 0)
            unicode->body = slice_of("/Filter /FlateDecode");
        buf_printf(&text,
                   "/Type /Font /Subtype /Type0 /BaseFont /%s%s /Encoding /Identity-H "
                   "/DescendantFonts [%u 0 R] /ToUnicode %u 0 R",
                   m->name, m->subset.kind == FONT_CFF ? "-Identity-H" : "", object_id(descendant),
                   object_id(unicode));
        font->body = body_keep(o, &text);
        buf_printf(resources, "/%c%dv%u %u 0 R ", prefix, face_index(m->face), v, object_id(font));
    }
    buf_dispose(&text);
}
