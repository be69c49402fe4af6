/* pdf_test.c - pages by hand into files, judged by qpdf and poppler. */
#include "base/arena.h"
#include "base/file.h"
#include "base/share.h"
#include "base/utf8.h"
#include "pdf/pdf.h"
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>
#include <libxml/parser.h>

#include <cmocka.h>

static struct fonts *fonts;
static struct pdf_kit *plain; /* nothing fixed: every subset is made for the document */
static char folder[] = "/tmp/sealpress-pdf-XXXXXX";

static int open_all(void **state)
{
    char dir[PATH_MAX];
    struct err e = {0};

    (void)state;
    if (mkdtemp(folder) == NULL || share_path(dir, sizeof dir, "fonts", &e) != 0 ||
        fonts_open(&fonts, dir, &e) != 0 || pdf_kit_new(&plain, NULL, 0, &e) != 0) {
        print_error("%s\n", e.en);
        return -1;
    }
    return 0;
}

static int close_all(void **state)
{
    char command[PATH_MAX];

    (void)state;
    pdf_kit_free(plain);
    fonts_close(fonts);
    if (getenv("SEALPRESS_KEEP") != NULL) {
        print_message("kept %s\n", folder);
        return 0;
    }
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

/* ---- what a layout would do ---- */

struct sheet {
    struct arena arena;
    struct item *items;
    size_t count;
};

static struct item *add(struct sheet *s, enum item_kind kind, double x, double y, double w, double h)
{
    struct item *item;

    if (s->items == NULL)
        s->items = arena_array(&s->arena, 4096, sizeof *s->items);
    assert_true(s->count < 4096);
    item = &s->items[s->count++];
    item->kind = kind;
    item->box = (struct box){x, y, w, h};
    return item;
}

/* Sets text from (x, baseline) on; as many runs as it takes faces. */
static void say(struct sheet *s, const char *family, bool bold, double size, double x, double baseline,
                const char *text)
{
    const struct face *wanted = fonts_lookup(fonts, family, bold);
    struct slice bytes = slice_of(text);
    struct text_run *run = NULL;
    double pen = 0, em = size * 25.4 / 72;
    size_t at = 0;
    uint32_t cp;

    while (utf8_next(bytes, &at, &cp)) {
        const struct face *face = fonts_cover(fonts, wanted, cp);
        struct glyph_at *glyphs;

        assert_non_null(face);
        if (run == NULL || run->face != face) {
            run = &add(s, ITEM_TEXT, 0, 0, 0, 0)->u.text;
            *run = (struct text_run){face, size, {0, 0, 0}, x + pen, baseline, 0, 1, NULL, 0};
            run->glyphs = arena_array(&s->arena, bytes.len, sizeof *glyphs);
        }
        glyphs = (struct glyph_at *)(void *)(uintptr_t)run->glyphs;
        glyphs[run->count++] = (struct glyph_at){cp, (float)(x + pen - run->x)};
        pen += face_advance(face, cp) / 1000 * em;
    }
}

static const struct pdf_info info = {"测试文件 𠮷 & <证书>",
                                     "某某省人力资源和社会保障厅",
                                     "电子职称证书",
                                     "职称,证书",
                                     "1.2.156.3005.2.11100000MB0001",
                                     1768466400,
                                     "0123456789abcde"};

static struct buf write_pages(struct pdf_kit *kit, const struct page *list, size_t count)
{
    struct buf pdf = BUF_INIT(64 << 20);
    struct pages pages = {.list = list, .count = count};
    struct err e = {0};

    if (pdf_write(&pdf, kit, &pages, &info, &e) != 0)
        fail_msg("%s (%s)", e.en, e.detail);
    return pdf;
}

static struct buf write_sheet(struct pdf_kit *kit, const struct sheet *s)
{
    struct page page = {297, 210, s->items, s->count, NULL};

    return write_pages(kit, &page, 1);
}

static const char *save(const struct buf *pdf, const char *name)
{
    static char path[PATH_MAX];
    struct err e = {0};

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(file_write(path, buf_view(pdf), 0600, &e), 0);
    return path;
}

/* Output of a command line with the file's path in it. */
static struct buf told(int *status, const char *format, const char *path)
{
    struct buf out = BUF_INIT(16 << 20);
    char command[PATH_MAX * 2], block[4096];
    size_t got;
    FILE *pipe;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(command, sizeof command, format, path);
#pragma GCC diagnostic pop
    pipe = popen(command, "r");
    assert_non_null(pipe);
    while ((got = fread(block, 1, sizeof block, pipe)) > 0)
        buf_append_bytes(&out, block, got);
    *status = pclose(pipe);
    (void)buf_text(&out);
    return out;
}

static void assert_sound(const char *path)
{
    int status;
    struct buf out = told(&status, "qpdf --check %s 2>&1", path);

    if (status != 0 || strstr(buf_text(&out), "WARNING") != NULL)
        fail_msg("%s", buf_text(&out));
    buf_dispose(&out);
    out = told(&status, "pdfinfo %s 2>&1 >/dev/null; pdftotext %1$s - 2>&1 >/dev/null", path);
    assert_string_equal(buf_text(&out), ""); /* poppler complains of nothing */
    buf_dispose(&out);
}

static void assert_says(const char *path, const char *line)
{
    int status;
    struct buf out = told(&status, "pdftotext -layout %s -", path);
    char wanted[1024];

    /* A line of its own: nothing before and nothing after, no space inside. */
    (void)snprintf(wanted, sizeof wanted, "%s\n", line);
    if (strstr(buf_text(&out), wanted) == NULL)
        fail_msg("\"%s\" is not in:\n%s", line, buf_text(&out));
    buf_dispose(&out);
}

static bool contains(const struct buf *pdf, const char *text)
{
    return slice_find(buf_view(pdf), 0, slice_of(text)) != SIZE_MAX;
}

/* ---- fixtures ---- */

static struct buf jpeg_of(unsigned width, unsigned height)
{
    struct jpeg_compress_struct c = {0};
    struct jpeg_error_mgr errors;
    struct buf out = BUF_INIT(1 << 20);
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    JSAMPROW row = calloc(width, 3);

    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &bytes, &size);
    c.image_width = width;
    c.image_height = height;
    c.input_components = 3;
    c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_start_compress(&c, TRUE);
    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < width; x++) {
            row[3 * x] = (JSAMPLE)(x * 255 / width);
            row[3 * x + 1] = (JSAMPLE)(y * 255 / height);
            row[3 * x + 2] = (JSAMPLE)((x * 7 + y * 13) % 64);
        }
        (void)jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    buf_append_bytes(&out, bytes, size);
    free(bytes);
    free(row);
    return out;
}

static const char frame[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"297mm\" height=\"210mm\" viewBox=\"0 0 297 210\">"
    "<defs><g id=\"dot\"><circle cx=\"0\" cy=\"0\" r=\"2\" fill=\"#c0a060\"/></g></defs>"
    "<rect x=\"5\" y=\"5\" width=\"287\" height=\"200\" fill=\"none\" stroke=\"#8a1c1c\" "
    "stroke-width=\"1.2\"/>"
    "<circle cx=\"148\" cy=\"105\" r=\"60\" fill=\"#f4e4c4\" fill-opacity=\"0.5\"/>"
    "<use href=\"#dot\" transform=\"translate(8 8)\"/><use href=\"#dot\" transform=\"translate(289 "
    "8)\"/></svg>";

static const char *const lines[] = {
    "姓名张明·阿卜杜拉",
    "身份证号11010519491231002X",
    "证书编号GX20260115003301",
    "欧阳𠮷𬭼𫖯𪟝",
    "𰻝𬍛㛃䶮𮧵",
    "批准日期2026年1月15日",
    "https://example.org/v/AbC-d_9",
    "（高级工程师）“正高”",
    "专业：化工机械，1+1=2！",
};
enum { LINES = sizeof lines / sizeof lines[0] };

static const struct {
    const char *family;
    bool bold;
} styles[] = {{"song", false}, {"song", true}, {"hei", false}, {"kai", false}};
enum { STYLES = sizeof styles / sizeof styles[0] };

static void say_everything(struct sheet *s)
{
    for (size_t f = 0; f < STYLES; f++) {
        for (size_t i = 0; i < LINES; i++)
            say(s, styles[f].family, styles[f].bold, 12, 20, 20 + 5 * (double)(f * LINES + i), lines[i]);
    }
}

/* ---- tests ---- */

/* What the page looks like, as a digest. */
static void look(char digest[65], const struct buf *pdf, const char *name)
{
    int status;
    struct buf out = told(&status, "pdftoppm -r 100 -gray %s | sha256sum", save(pdf, name));

    assert_int_equal(out.len, 64 + 4);
    (void)snprintf(digest, 65, "%s", buf_text(&out));
    buf_dispose(&out);
}

static void text_comes_back_exactly_whatever_fonts_it_takes(void **state)
{
    static const uint32_t fixed[] = {0x12000, /* no font has this one */
                                     0x59D3,  0x540D, 0x660E, '1', '0',    '2',
                                     0x5E74,  '2',    0x4E13, 'X', 0xFF1A, 0x9633};
    struct face_usage usages[STYLES];
    struct sheet s = {ARENA_INIT, NULL, 0};
    struct pdf_kit *kit = NULL;
    struct err e = {0};
    char looks[2][65];

    (void)state;
    for (size_t f = 0; f < STYLES; f++)
        usages[f] = (struct face_usage){fonts_lookup(fonts, styles[f].family, styles[f].bold), fixed,
                                        sizeof fixed / sizeof fixed[0]};
    assert_int_equal(pdf_kit_new(&kit, usages, STYLES, &e), 0);
    say_everything(&s);
    for (int with = 0; with < 2; with++) {
        struct buf pdf = write_sheet(with ? kit : plain, &s);
        const char *path = save(&pdf, with ? "text-kit.pdf" : "text-plain.pdf");

        assert_sound(path);
        for (size_t i = 0; i < LINES; i++)
            assert_says(path, lines[i]);
        look(looks[with], &pdf, "look.pdf");
        buf_dispose(&pdf);
    }
    assert_string_equal(looks[0], looks[1]);
    pdf_kit_free(kit);
    arena_dispose(&s.arena);
}

static void characters_of_one_glyph_come_back_as_themselves(void **state)
{
    struct sheet s = {ARENA_INIT, NULL, 0};
    struct buf pdf;

    (void)state;
    say(&s, "song", false, 12, 20, 20, "一⼀二⼆一");
    pdf = write_sheet(plain, &s);
    assert_sound(save(&pdf, "twins.pdf"));
    assert_says(save(&pdf, "twins.pdf"), "一⼀二⼆一");
    buf_dispose(&pdf);
    arena_dispose(&s.arena);
}

static void every_font_is_embedded_and_subset(void **state)
{
    struct sheet s = {ARENA_INIT, NULL, 0};
    struct buf pdf, out;
    int status, fonts_seen = 0;
    char *line, *rest;

    (void)state;
    say_everything(&s);
    pdf = write_sheet(plain, &s);
    out = told(&status, "pdffonts %s", save(&pdf, "fonts.pdf"));
    assert_int_equal(status, 0);
    rest = (char *)out.data;
    (void)strtok_r(NULL, "\n", &rest);
    (void)strtok_r(NULL, "\n", &rest);
    while ((line = strtok_r(NULL, "\n", &rest)) != NULL) {
        fonts_seen++;
        assert_int_equal(line[6], '+');
        if (strstr(line, "Identity-H       yes yes yes") == NULL)
            fail_msg("%s", line);
    }
    assert_in_range(fonts_seen, 5, 8);
    buf_dispose(&out);
    buf_dispose(&pdf);
    arena_dispose(&s.arena);
}

static void paint_everything(struct sheet *s, const struct artwork *artwork, const struct qr *qr,
                             struct slice jpeg)
{
    struct item *item;

    add(s, ITEM_ARTWORK, 0, 0, 297, 210)->u.artwork = artwork;
    add(s, ITEM_ARTWORK, 240, 150, 29.7, 21)->u.artwork = artwork;
    say(s, "song", true, 32, 100, 40, "电子职称证书");
    say(s, "kai", false, 16, 40, 70, "张明·阿卜杜拉");
    add(s, ITEM_PHOTO, 220, 40, 35, 49)->u.jpeg = jpeg;
    add(s, ITEM_QR, 220, 120, 30, 30)->u.qr = qr;
    for (int i = 0; i < 5; i++)
        add(s, ITEM_FILL, 40, 100 + 8 * i, 120, 0.2);
    item = add(s, ITEM_FILL, 40, 100, 0.2, 32.2);
    item->color = (struct color){200, 0, 0};
    item = add(s, ITEM_STROKE, 60, 150, 40, 20);
    item->line = 0.5;
    item->color = (struct color){0, 90, 160};
    say(s, "hei", true, 60, 60, 170, "样张 无效");
    for (size_t i = s->count; i-- > 0 && s->items[i].kind == ITEM_TEXT && s->items[i].u.text.size == 60;) {
        s->items[i].u.text.angle = 30;
        s->items[i].u.text.alpha = 0.15;
        s->items[i].u.text.color = (struct color){200, 0, 0};
    }
    add(s, ITEM_FIELD, 150, 140, 42, 42)->u.field = "issuer";
    add(s, ITEM_FIELD, 0, 0, 0, 0)->u.field = "service";
}

struct everything {
    struct sheet sheet;
    struct artwork *artwork;
    struct qr qr;
    struct buf jpeg;
};

static void make_everything(struct everything *all)
{
    struct err e = {0};

    *all = (struct everything){{ARENA_INIT, NULL, 0}, NULL, {0}, BUF_INIT(0)};
    if (artwork_read(&all->artwork, slice_of(frame), "frame.svg", &e) != 0)
        fail_msg("%s", e.en);
    assert_int_equal(qr_encode(&all->qr, "https://example.org/v/0123456789abcdefABCDEF", 6, &e), 0);
    all->jpeg = jpeg_of(295, 413);
    paint_everything(&all->sheet, all->artwork, &all->qr, buf_view(&all->jpeg));
}

static void dispose_everything(struct everything *all)
{
    artwork_free(all->artwork);
    buf_dispose(&all->jpeg);
    arena_dispose(&all->sheet.arena);
}

static void a_page_with_everything_is_sound_and_repeatable(void **state)
{
    struct everything all;
    struct buf pdf, again;
    const char *path;

    (void)state;
    make_everything(&all);
    pdf = write_sheet(plain, &all.sheet);
    path = save(&pdf, "everything.pdf");
    assert_sound(path);
    assert_says(path, "张明·阿卜杜拉");
    again = write_sheet(plain, &all.sheet);
    assert_true(slice_equal(buf_view(&pdf), buf_view(&again)));
    assert_true(pdf.len < 200 * 1024);
    buf_dispose(&again);
    buf_dispose(&pdf);
    dispose_everything(&all);
}

static void every_object_is_referred_to(void **state)
{
    struct everything all;
    struct buf pdf;
    unsigned id = 1;
    char text[32];

    (void)state;
    make_everything(&all);
    pdf = write_sheet(plain, &all.sheet);
    for (;; id++) {
        (void)snprintf(text, sizeof text, "\n%u 0 obj", id);
        if (!contains(&pdf, text))
            break;
        (void)snprintf(text, sizeof text, " %u 0 R", id);
        if (!contains(&pdf, text)) {
            (void)snprintf(text, sizeof text, "[%u 0 R", id);
            if (!contains(&pdf, text))
                fail_msg("object %u is in the file for nothing", id);
        }
    }
    assert_in_range(id, 40, 60);
    buf_dispose(&pdf);
    dispose_everything(&all);
}

static void the_qr_code_reads_back(void **state)
{
    struct everything all;
    struct buf pdf, out;
    int status;

    (void)state;
    make_everything(&all);
    pdf = write_sheet(plain, &all.sheet);
    out = told(&status, "pdftoppm -r 150 -png %s | zbarimg -q --raw - 2>/dev/null", save(&pdf, "qr.pdf"));
    assert_string_equal(buf_text(&out), "https://example.org/v/0123456789abcdefABCDEF\n");
    buf_dispose(&out);
    buf_dispose(&pdf);
    dispose_everything(&all);
}

static void fields_wait_unsigned_with_their_locks(void **state)
{
    struct everything all;
    struct buf pdf;

    (void)state;
    make_everything(&all);
    pdf = write_sheet(plain, &all.sheet);
    assert_true(contains(&pdf, "/SigFlags 3 /Fields ["));
    assert_true(contains(&pdf, "/Type /Annot /Subtype /Widget /FT /Sig /T (issuer) /F 132 /Rect [425.197 "));
    assert_true(contains(&pdf, "/T (service) /F 132 /Rect [0 0 0 0] /P "));
    assert_true(contains(&pdf, "/Type /SigFieldLock /Action /Include /Fields [(issuer)]"));
    assert_true(contains(&pdf, "/Annots ["));
    assert_false(contains(&pdf, "/ByteRange"));
    assert_false(contains(&pdf, "/NeedAppearances"));
    buf_dispose(&pdf);
    dispose_everything(&all);
}

static void a_field_of_a_strange_or_repeated_name_is_refused(void **state)
{
    static const char *const names[] = {"", "a)b", "甲方", "a b"};
    struct buf pdf = BUF_INIT(1 << 20);
    struct err e = {0};

    (void)state;
    buf_append_text(&pdf, "kept");
    for (size_t i = 0; i < 5; i++) {
        struct sheet s = {ARENA_INIT, NULL, 0};
        struct page page;
        struct pages pages = {.list = &page, .count = 1};

        add(&s, ITEM_FIELD, 0, 0, 0, 0)->u.field = i < 4 ? names[i] : "twice";
        add(&s, ITEM_FIELD, 0, 0, 0, 0)->u.field = "twice";
        page = (struct page){210, 297, s.items, s.count, NULL};
        assert_int_equal(pdf_write(&pdf, plain, &pages, &info, &e), -1);
        assert_int_equal(pdf.len, 4); /* nothing half-written */
        arena_dispose(&s.arena);
    }
    buf_dispose(&pdf);
}

static void a_document_too_large_for_its_buffer_is_refused(void **state)
{
    struct everything all;
    struct buf pdf;

    (void)state;
    make_everything(&all);
    pdf = write_sheet(plain, &all.sheet);
    for (size_t max = pdf.len - 1; max < pdf.len; max -= 997) {
        struct buf small = BUF_INIT(max);
        struct page page = {297, 210, all.sheet.items, all.sheet.count, NULL};
        struct pages pages = {.list = &page, .count = 1};
        struct err e = {0};

        assert_int_equal(pdf_write(&small, plain, &pages, &info, &e), -1);
        assert_int_equal(e.code, ERR_TOO_LARGE);
        assert_int_equal(small.len, 0);
        buf_dispose(&small);
    }
    buf_dispose(&pdf);
    dispose_everything(&all);
}

static void a_photo_that_is_no_jpeg_is_refused(void **state)
{
    struct sheet s = {ARENA_INIT, NULL, 0};
    struct buf pdf = BUF_INIT(1 << 20);
    struct page page;
    struct pages pages = {.list = &page, .count = 1};
    struct err e = {0};

    (void)state;
    add(&s, ITEM_PHOTO, 10, 10, 35, 49)->u.jpeg = slice_of("GIF89a");
    page = (struct page){297, 210, s.items, s.count, NULL};
    assert_int_equal(pdf_write(&pdf, plain, &pages, &info, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    buf_dispose(&pdf);
    arena_dispose(&s.arena);
}

static void the_file_says_what_it_is(void **state)
{
    struct everything all;
    struct buf pdf, out;
    int status;
    const char *path;
    xmlDocPtr xmp;

    (void)state;
    make_everything(&all);
    pdf = write_sheet(plain, &all.sheet);
    path = save(&pdf, "info.pdf");
    assert_memory_equal(pdf.data, "%PDF-1.7\n%", 10);
    assert_true(pdf.data[10] > 127 && pdf.data[11] > 127 && pdf.data[12] > 127 && pdf.data[13] > 127);
    assert_memory_equal(pdf.data + pdf.len - 6, "%%EOF\n", 6);
    out = told(&status, "TZ=UTC pdfinfo -isodates %s", path);
    assert_non_null(strstr(buf_text(&out), "测试文件 𠮷 & <证书>\n"));
    assert_non_null(strstr(buf_text(&out), "某某省人力资源和社会保障厅\n"));
    assert_non_null(strstr(buf_text(&out), "2026-01-15T08:40:00Z\n"));
    assert_non_null(strstr(buf_text(&out), "Producer:        Sealpress\n"));
    assert_non_null(strstr(buf_text(&out), "841.89 x 595.276 pts (A4)"));
    buf_dispose(&out);
    out = told(&status, "pdfinfo -meta %s", path);
    xmp = xmlReadMemory(buf_text(&out), (int)out.len, "xmp", NULL, XML_PARSE_NONET);
    assert_non_null(xmp); /* well-formed */
    xmlFreeDoc(xmp);
    buf_dispose(&out);
    assert_true(contains(&pdf, "<pdfaid:part>2</pdfaid:part>"));
    assert_true(contains(&pdf, "测试文件 𠮷 &amp; &lt;证书&gt;</rdf:li>"));
    assert_true(contains(&pdf, "<xmp:CreateDate>2026-01-15T08:40:00Z</xmp:CreateDate>"));
    assert_true(contains(&pdf, "<license:id>1.2.156.3005.2.11100000MB0001</license:id>"));
    assert_true(contains(&pdf, "/S /GTS_PDFA1 "));
    assert_true(contains(&pdf, "<30313233343536373839616263646500>"));
    buf_dispose(&pdf);
    dispose_everything(&all);
}

static void long_documents_keep_every_page(void **state)
{
    enum { PAGES = 30 };
    static struct sheet sheets[PAGES];
    struct page list[PAGES];
    struct buf pdf, out;
    char wanted[16];
    int status;

    (void)state;
    for (int p = 0; p < PAGES; p++) {
        char text[160];

        sheets[p] = (struct sheet){ARENA_INIT, NULL, 0};
        for (int l = 0; l < 40; l++) {
            (void)snprintf(text, sizeof text, "第%d页第%d行：评审委员会专家意见与得票情况汇总表", p + 1,
                           l + 1);
            say(&sheets[p], l % 3 == 0 ? "hei" : "song", false, 11, 25, 25 + 6 * l, text);
        }
        list[p] = (struct page){210, 297, sheets[p].items, sheets[p].count, NULL};
    }
    pdf = write_pages(plain, list, PAGES);
    assert_sound(save(&pdf, "long.pdf"));
    out = told(&status, "pdfinfo %s | sed -n 's/^Pages: *//p'", save(&pdf, "long.pdf"));
    (void)snprintf(wanted, sizeof wanted, "%d\n", PAGES);
    assert_string_equal(buf_text(&out), wanted);
    assert_says(save(&pdf, "long.pdf"), "第30页第40行：评审委员会专家意见与得票情况汇总表");
    assert_true(pdf.len < 150 * 1024);
    buf_dispose(&out);
    buf_dispose(&pdf);
    for (int p = 0; p < PAGES; p++)
        arena_dispose(&sheets[p].arena);
}

static void letters_set_apart_stay_where_they_are_put(void **state)
{
    static const struct glyph_at glyphs[] = {{0x4E13, 0}, {0x4E1A, 20}, {0x6280, 40}};
    struct sheet s = {ARENA_INIT, NULL, 0};
    struct buf pdf, out;
    double x[3] = {0};
    const char *at;
    int status;

    (void)state;
    add(&s, ITEM_TEXT, 0, 0, 0, 0)->u.text =
        (struct text_run){fonts_lookup(fonts, "song", false), 20, {0, 0, 0}, 50, 50, 0, 1, glyphs, 3};
    pdf = write_sheet(plain, &s);
    out = told(&status, "pdftotext -bbox %s -", save(&pdf, "apart.pdf"));
    at = buf_text(&out);
    for (int i = 0; i < 3; i++) {
        at = strstr(at, "<word xMin=\"");
        assert_non_null(at);
        at += 12;
        x[i] = strtod(at, NULL);
    }
    assert_true(fabs(x[0] - 50 * 72 / 25.4) < 0.01);
    assert_true(fabs(x[1] - 70 * 72 / 25.4) < 0.02 && fabs(x[2] - 90 * 72 / 25.4) < 0.02);
    buf_dispose(&out);
    buf_dispose(&pdf);
    arena_dispose(&s.arena);
}

/* ---- what readers show beside the pages ---- */

enum { GUIDED = 6 };

/* A cover, two numbered pages, an annex of two landscape pages, one numbered page. */
static void make_guided(struct sheet sheets[GUIDED], struct page list[GUIDED])
{
    static const char *const labels[GUIDED] = {"封面", NULL, NULL, "附表 <1>", "附表 <1>", NULL};

    for (int p = 0; p < GUIDED; p++) {
        bool wide = p == 3 || p == 4;

        sheets[p] = (struct sheet){ARENA_INIT, NULL, 0};
        say(&sheets[p], "song", false, 12, 30, 40, "正文");
        list[p] =
            (struct page){wide ? 297 : 210, wide ? 210 : 297, sheets[p].items, sheets[p].count, labels[p]};
    }
}

static struct buf write_guided(const struct bookmark *bookmarks, size_t count, bool duplex)
{
    struct sheet sheets[GUIDED];
    struct page list[GUIDED];
    struct pages pages = {
        .list = list, .count = GUIDED, .bookmarks = bookmarks, .bookmark_count = count, .duplex = duplex};
    struct buf pdf = BUF_INIT(16 << 20);
    struct err e = {0};

    make_guided(sheets, list);
    if (pdf_write(&pdf, plain, &pages, &info, &e) != 0)
        fail_msg("%s", e.en);
    for (int p = 0; p < GUIDED; p++)
        arena_dispose(&sheets[p].arena);
    return pdf;
}

static void bookmarks_hang_below_each_other_and_open_at_their_heading(void **state)
{
    static const struct bookmark bookmarks[] = {
        {1, "评审表 (𬍛)", 0, 20}, {2, "基本情况", 1, 28.5}, {3, "学历", 1, 100},
        {2, "工作经历", 2, 20},         {1, "附表", 3, 25},
    };
    struct buf pdf = write_guided(bookmarks, 5, false), out;
    const char *path = save(&pdf, "outline.pdf");
    int status;

    (void)state;
    assert_sound(path);
    out = told(&status, "pdftohtml -xml -i -stdout %s 2>/dev/null | sed -n '/<outline>/,$p' | tr -d '\\n'",
               path);
    assert_string_equal(buf_text(&out), "<outline><item page=\"1\">评审表 (𬍛)</item>"
                                        "<outline><item page=\"2\">基本情况</item>"
                                        "<outline><item page=\"2\">学历</item></outline>"
                                        "<item page=\"3\">工作经历</item></outline>"
                                        "<item page=\"4\">附表</item></outline></pdf2xml>");
    buf_dispose(&out);
    /* 28.5 mm from the top of a page of 297; the landscape page is 210 high */
    assert_true(contains(&pdf, "/XYZ null 761.102 null]"));
    assert_true(contains(&pdf, "/XYZ null 524.409 null]"));
    assert_true(contains(&pdf, "/PageMode /UseOutlines"));
    buf_dispose(&pdf);
}

static void levels_that_nobody_opened_are_passed_over(void **state)
{
    static const struct bookmark bookmarks[] = {{2, "甲", 0, 20}, {9, "乙", 1, 20}, {1, "丙", 2, 20}};
    struct buf pdf = write_guided(bookmarks, 3, false), out;
    int status;

    (void)state;
    assert_sound(save(&pdf, "levels.pdf"));
    out = told(&status, "pdftohtml -xml -i -stdout %s 2>/dev/null | grep item | tr -d '\\n'",
               save(&pdf, "levels.pdf"));
    assert_string_equal(buf_text(&out), "<item page=\"1\">甲</item><item page=\"2\">乙</item>"
                                        "<item page=\"3\">丙</item>");
    assert_true(contains(&pdf, "/Type /Outlines /Count 3 "));
    buf_dispose(&out);
    buf_dispose(&pdf);
}

static void a_bookmark_behind_the_last_page_is_refused(void **state)
{
    static const struct bookmark bookmark = {1, "无", 1, 20};
    struct page page = {210, 297, NULL, 0, NULL};
    struct pages pages = {.list = &page, .count = 1, .bookmarks = &bookmark, .bookmark_count = 1};
    struct buf pdf = BUF_INIT(1 << 20);
    struct err e = {0};

    (void)state;
    assert_int_equal(pdf_write(&pdf, plain, &pages, &info, &e), -1);
    assert_int_equal(e.code, ERR_INTERNAL);
    assert_int_equal(pdf.len, 0);
    buf_dispose(&pdf);
}

static void pages_are_called_by_their_label_or_else_their_number(void **state)
{
    struct buf pdf = write_guided(NULL, 0, true), out;
    int status;

    (void)state;
    assert_sound(save(&pdf, "labels.pdf"));
    out = told(&status, "qpdf --json --json-key=pagelabels %s | tr -d ' \\n'", save(&pdf, "labels.pdf"));
    assert_non_null(strstr(buf_text(&out), "{\"index\":0,\"label\":{\"/P\":\"u:封面\",\"/St\":1}},"
                                           "{\"index\":1,\"label\":{\"/S\":\"/D\",\"/St\":2}},"
                                           "{\"index\":3,\"label\":{\"/P\":\"u:附表<1>\",\"/St\":1}},"
                                           "{\"index\":5,\"label\":{\"/S\":\"/D\",\"/St\":6}}]"));
    buf_dispose(&out);
    assert_true(contains(&pdf, "/Duplex /DuplexFlipLongEdge"));
    buf_dispose(&pdf);
}

static void pages_keep_each_their_own_size(void **state)
{
    struct buf pdf = write_guided(NULL, 0, false), out;
    int status;

    (void)state;
    out = told(
        &status,
        "pdfinfo -l 6 %s | sed -n 's/^Page *\\([0-9]\\) size: *\\([0-9.]*\\) x .*/\\1 \\2/p' | tr '\\n' ,",
        save(&pdf, "sizes.pdf"));
    assert_string_equal(buf_text(&out), "1 595.276,2 595.276,3 595.276,4 841.89,5 841.89,6 595.276,");
    buf_dispose(&out);
    buf_dispose(&pdf);
}

static void a_document_without_guides_says_nothing_of_them(void **state)
{
    static const struct bookmark one = {1, "职称证书", 0, 20};
    struct everything all;
    struct buf pdf, guided = write_guided(&one, 1, false);

    (void)state;
    make_everything(&all);
    pdf = write_sheet(plain, &all.sheet);
    assert_false(contains(&pdf, "/Outlines") || contains(&pdf, "/PageLabels") ||
                 contains(&pdf, "/PageMode") || contains(&pdf, "/Duplex"));
    /* one bookmark is there, but no reason to open a pane for it */
    assert_true(contains(&guided, "/Outlines") && !contains(&guided, "/PageMode"));
    buf_dispose(&guided);
    buf_dispose(&pdf);
    dispose_everything(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_comes_back_exactly_whatever_fonts_it_takes),
        cmocka_unit_test(characters_of_one_glyph_come_back_as_themselves),
        cmocka_unit_test(every_font_is_embedded_and_subset),
        cmocka_unit_test(a_page_with_everything_is_sound_and_repeatable),
        cmocka_unit_test(every_object_is_referred_to),
        cmocka_unit_test(the_qr_code_reads_back),
        cmocka_unit_test(fields_wait_unsigned_with_their_locks),
        cmocka_unit_test(a_field_of_a_strange_or_repeated_name_is_refused),
        cmocka_unit_test(a_document_too_large_for_its_buffer_is_refused),
        cmocka_unit_test(a_photo_that_is_no_jpeg_is_refused),
        cmocka_unit_test(the_file_says_what_it_is),
        cmocka_unit_test(long_documents_keep_every_page),
        cmocka_unit_test(letters_set_apart_stay_where_they_are_put),
        cmocka_unit_test(bookmarks_hang_below_each_other_and_open_at_their_heading),
        cmocka_unit_test(levels_that_nobody_opened_are_passed_over),
        cmocka_unit_test(a_bookmark_behind_the_last_page_is_refused),
        cmocka_unit_test(pages_are_called_by_their_label_or_else_their_number),
        cmocka_unit_test(pages_keep_each_their_own_size),
        cmocka_unit_test(a_document_without_guides_says_nothing_of_them),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
