#include "support/paper.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool fine)
{
    if (!fine) {
        (void)fputs("the test's own paper could not be made\n", stderr);
        abort();
    }
}

static void write_table(struct buf *out, const size_t *at, size_t count, const char *more)
{
    size_t xref = out->len;

    buf_printf(out, "xref\n0 %zu\n0000000000 65535 f \n", count);
    for (size_t i = 1; i < count; i++)
        buf_printf(out, "%010zu 00000 n \n", at[i]);
    buf_printf(out, "trailer\n<</Size %zu/Root 1 0 R%s>>\nstartxref\n%zu\n%%%%EOF\n", count, more, xref);
}

static void write_stream(struct buf *out, const char *dictionary, const char *data)
{
    buf_printf(out, "<<%s/Length %zu>>\nstream\n%s\nendstream\nendobj\n", dictionary, strlen(data), data);
}

static void write_fixed(struct buf *out, size_t *at, size_t count)
{
    buf_append_text(out, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    at[1] = out->len;
    buf_append_text(out, "1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 6 0 R>>\nendobj\n");
    at[2] = out->len;
    buf_append_text(out, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
    at[3] = out->len;
    buf_append_text(out, "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]"
                         "/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R/Annots[");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%zu 0 R ", 8 + 2 * i);
    buf_append_text(out, "]>>\nendobj\n");
    at[4] = out->len;
    buf_append_text(out, "4 0 obj\n");
    write_stream(out, "", "BT /F1 40 Tf 0 g 110 140 Td (BLACK INK) Tj ET");
    at[5] = out->len;
    buf_append_text(out, "5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>\nendobj\n");
    at[6] = out->len;
    buf_append_text(out, "6 0 obj\n<</SigFlags 3/Fields[");
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%zu 0 R ", 8 + 2 * i);
    buf_append_text(out, "]>>\nendobj\n");
    at[7] = out->len;
    buf_append_text(out, "7 0 obj\n");
    write_stream(out, "/Type/XObject/Subtype/Form/BBox[0 0 1 1]", " ");
}

void paper_write(struct buf *out, const char *const *fields, size_t count, size_t padding)
{
    size_t at[128] = {0}, next = 8;
    char *filler;

    must(count < 50);
    write_fixed(out, at, count);
    for (size_t i = 0; i < count; i++, next += 2) {
        double x = i == 0 ? 140 : 20 + 40 * (double)i, y = i == 0 ? 90 : 10;
        double w = i == 0 ? 119.06 : 30;

        at[next] = out->len;
        buf_printf(out, "%zu 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/F 132/T(%s)/P 3 0 R/Rect[", next,
                   fields[i]);
        buf_append_number(out, x, 3);
        buf_append_char(out, ' ');
        buf_append_number(out, y, 3);
        buf_append_char(out, ' ');
        buf_append_number(out, x + w, 3);
        buf_append_char(out, ' ');
        buf_append_number(out, y + w, 3);
        buf_printf(out, "]/AP<</N 7 0 R>>/Lock %zu 0 R>>\nendobj\n", next + 1);
        at[next + 1] = out->len;
        buf_printf(out, "%zu 0 obj\n<</Type/SigFieldLock/Action/Include/Fields[(%s)]>>\nendobj\n", next + 1,
                   fields[i]);
    }
    filler = calloc(1, padding + 1);
    must(filler != NULL);
    memset(filler, 'x', padding);
    at[next] = out->len;
    buf_printf(out, "%zu 0 obj\n", next);
    write_stream(out, "", filler);
    free(filler);
    write_table(out, at, next + 1,
                "/ID[<00112233445566778899AABBCCDDEEFF><00112233445566778899AABBCCDDEEFF>]");
    must(buf_ok(out));
}

void paper_seal(struct seal *seal)
{
    static const char svg[] =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"42mm\" height=\"42mm\" viewBox=\"0 0 42 42\">"
        "<rect x=\"0\" y=\"0\" width=\"42\" height=\"42\" fill=\"#E60012\" fill-opacity=\"0.999\"/></svg>";
    struct err e;

    memset(seal, 0, sizeof *seal);
    seal->diameter = 42;
    must(artwork_read(&seal->picture, slice_of(svg), "seal.svg", &e) == 0);
}

void paper_seal_dispose(struct seal *seal)
{
    artwork_free(seal->picture);
}

/* The number behind the last occurrence of this word. */
static unsigned long number_after(const struct buf *pdf, const char *word)
{
    size_t at = 0, last = SIZE_MAX;

    while ((at = slice_find(buf_view(pdf), at, slice_of(word))) != SIZE_MAX)
        last = at++;
    must(last != SIZE_MAX);
    return strtoul((const char *)pdf->data + last + strlen(word), NULL, 10);
}

void paper_update(struct buf *pdf, const char *text)
{
    unsigned long prev, size, highest = 0;
    size_t start = pdf->len, table, line = 0;
    struct buf rows = BUF_INIT(4096);

    must(buf_text(pdf) != NULL);
    prev = number_after(pdf, "startxref\n");
    size = number_after(pdf, "/Size ");
    buf_append_text(pdf, text);
    while (line < strlen(text)) {
        size_t end = line + strcspn(text + line, "\n");
        char *after;
        unsigned long number = strtoul(text + line, &after, 10);

        if (after != text + line && strncmp(after, " 0 obj", 6) == 0) {
            buf_printf(&rows, "%lu 1\n%010zu 00000 n \n", number, start + line);
            highest = number > highest ? number : highest;
        }
        line = end + 1;
    }
    table = pdf->len;
    buf_append_text(pdf, "xref\n");
    buf_append(pdf, buf_view(&rows));
    buf_printf(pdf, "trailer\n<</Size %lu/Root 1 0 R/Prev %lu>>\nstartxref\n%zu\n%%%%EOF\n",
               highest >= size ? highest + 1 : size, prev, table);
    buf_dispose(&rows);
    must(buf_ok(pdf));
}
