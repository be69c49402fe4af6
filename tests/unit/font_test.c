/* font_test.c - which face has a character, how wide it is and how it looks. */
#include "base/file.h"
#include "base/json.h"
#include "base/share.h"
#include "base/utf8.h"
#include "font/font_internal.h"
#include <hb-ot.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unistd.h>

#include <cmocka.h>

static struct fonts *fonts;

static int open_all(void **state)
{
    char dir[PATH_MAX];
    struct err e = {0};

    (void)state;
    if (share_path(dir, sizeof dir, "fonts", &e) != 0 || fonts_open(&fonts, dir, &e) != 0) {
        print_error("%s\n", e.en);
        return -1;
    }
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    fonts_close(fonts);
    return 0;
}

static const struct {
    const char *family;
    bool bold;
} families[] = {{"song", false}, {"song", true}, {"hei", false},
                {"hei", true},   {"kai", false}, {"kai", true}};
enum { FAMILIES = sizeof families / sizeof families[0] };

static struct buf read_list(void)
{
    struct buf list = BUF_INIT(1024 * 1024);
    struct err e = {0};
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/fonts/common-characters.txt", getenv("SEALPRESS_SOURCE"));
    assert_int_equal(file_read(&list, path, &e), 0);
    return list;
}

static void every_common_character_is_covered_in_every_family(void **state)
{
    struct buf list = read_list();
    size_t at = 0, count = 0;
    uint32_t cp;

    (void)state;
    while (utf8_next(buf_view(&list), &at, &cp)) {
        if (cp == '\n')
            continue;
        count++;
        for (size_t f = 0; f < FAMILIES; f++) {
            const struct face *wanted = fonts_lookup(fonts, families[f].family, families[f].bold);
            const struct face *has = fonts_cover(fonts, wanted, cp);

            if (has == NULL || face_advance(has, cp) <= 0)
                fail_msg("%s has no U+%04X", face_name(wanted), (unsigned)cp);
            if (utf8_is_han(cp) && cp != 0x3007 && has != wanted && strcmp(families[f].family, "kai") != 0)
                fail_msg("%s leaves U+%04X to %s", face_name(wanted), (unsigned)cp, face_name(has));
        }
    }
    assert_true(count > 8700);
    buf_dispose(&list);
}

static void rare_name_characters_fall_back_to_a_face_that_has_them(void **state)
{
    static const char text[] = "𠮷𰻝𬍛𫖯㛃䶮𮧵𪚥·";
    struct slice s = slice_of(text);
    size_t at = 0;
    uint32_t cp;

    (void)state;
    while (utf8_next(s, &at, &cp)) {
        for (size_t f = 0; f < FAMILIES; f++) {
            const struct face *wanted = fonts_lookup(fonts, families[f].family, families[f].bold);
            const struct face *has = fonts_cover(fonts, wanted, cp);

            if (has == NULL || face_advance(has, cp) <= 0)
                fail_msg("%s and its fallbacks have no U+%04X", face_name(wanted), (unsigned)cp);
        }
    }
}

static void bold_falls_back_to_a_bold_face(void **state)
{
    const struct face *has = fonts_cover(fonts, fonts_lookup(fonts, "song", true), 0x2E9F5);

    (void)state;
    assert_string_equal(face_name(has), "LXGWWenKai-Bold");
}

static void what_no_document_may_show_is_in_no_face(void **state)
{
    static const uint32_t none[] = {0,      9,       0x1F,    0x7F,     0x9F,     0xAD,     0x200B,
                                    0x200D, 0x200E,  0x202E,  0x2028,   0x2066,   0x2069,   0xD800,
                                    0xDFFF, 0xE000,  0xF8FF,  0xFE0F,   0xFEFF,   0xFFF9,   0xFFFE,
                                    0xFFFF, 0xE0001, 0xE0100, 0x100000, 0x10FFFF, 0x110000, UINT32_MAX};
    static const uint32_t some[] = {0x20, 0x7E, 0xA0, 0xAE, 0x2010, 0x3000, 0xFF01, 0x4E00};
    const struct face *song = fonts_lookup(fonts, "song", false);

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_null(fonts_cover(fonts, song, none[i]));
        assert_true(face_advance(song, none[i]) == 0);
    }
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        assert_ptr_equal(fonts_cover(fonts, song, some[i]), song);
}

static void the_invisible_are_those_of_unicode(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        bool annotation = cp >= 0xFFF9 && cp <= 0xFFFB; /* a layout control that is not called ignorable */
        bool expected = annotation || U_IS_UNICODE_NONCHAR((UChar32)cp) ||
                        u_hasBinaryProperty((UChar32)cp, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
                        (U_GET_GC_MASK((UChar32)cp) &
                         (U_GC_CC_MASK | U_GC_CS_MASK | U_GC_CO_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK)) != 0;

        if (codepoint_is_invisible(cp) != expected)
            fail_msg("U+%04X", (unsigned)cp);
    }
}

static void a_character_no_font_has_is_covered_by_none(void **state)
{
    (void)state;
    assert_null(fonts_cover(fonts, fonts_lookup(fonts, "song", false), 0x12000)); /* cuneiform */
    assert_null(fonts_lookup(fonts, "comic", false));
}

static void names_are_those_of_the_font_files(void **state)
{
    struct err e = {0};

    (void)state;
    for (int i = 0; i < fonts_count(fonts); i++) {
        const struct face *face = &fonts->faces[i];
        char name[128];
        unsigned length = sizeof name;

        assert_int_equal(face_index(face), i);
        assert_int_equal(face_open_full(face, &e), 0);
        (void)hb_ot_name_get_utf8(face->state->full.face, HB_OT_NAME_ID_POSTSCRIPT_NAME, HB_LANGUAGE_INVALID,
                                  &length, name);
        assert_string_equal(face_name(face), name);
    }
}

static void widths_and_metrics_are_those_of_the_design(void **state)
{
    const struct face *song = fonts_lookup(fonts, "song", false), *kai = fonts_lookup(fonts, "kai", false);
    struct face_metrics m;

    (void)state;
    assert_true(face_advance(song, 0x4E00) == 1000);
    assert_true(face_advance(song, '0') == 557 && face_advance(song, '1') == 471);
    assert_true(face_advance(kai, '0') == 600 && face_advance(kai, 0x201C) == 350);
    face_metrics(song, &m);
    assert_true(m.serif && !m.bold && m.ascent == 1151 && m.descent == -286);
    assert_true(m.bbox[0] < 0 && m.bbox[2] > 1000 && m.cap_height > 600 && m.cap_height < 800);
    assert_true(m.stem_v > 80 && m.stem_v < 95);
}

static void point(struct buf *out, char c, float x, float y)
{
    buf_append_char(out, c);
    buf_append_number(out, (double)x, 3);
    buf_append_char(out, ' ');
    buf_append_number(out, (double)y, 3);
}
static void move(hb_draw_funcs_t *f, void *out, hb_draw_state_t *s, float x, float y, void *u)
{
    (void)f, (void)s, (void)u;
    point(out, 'M', x, y);
}
static void line(hb_draw_funcs_t *f, void *out, hb_draw_state_t *s, float x, float y, void *u)
{
    (void)f, (void)s, (void)u;
    point(out, 'L', x, y);
}
static void curve(hb_draw_funcs_t *f, void *out, hb_draw_state_t *s, float a, float b, float c, float d,
                  float x, float y, void *u)
{
    (void)f, (void)s, (void)u;
    point(out, 'C', a, b);
    point(out, ' ', c, d);
    point(out, ' ', x, y);
}

static void record(struct buf *out, hb_font_t *font, hb_codepoint_t glyph)
{
    static hb_draw_funcs_t *funcs;

    if (funcs == NULL) {
        funcs = hb_draw_funcs_create();
        hb_draw_funcs_set_move_to_func(funcs, move, NULL, NULL);
        hb_draw_funcs_set_line_to_func(funcs, line, NULL, NULL);
        hb_draw_funcs_set_cubic_to_func(funcs, curve, NULL, NULL);
    }
    buf_reset(out);
    hb_font_get_glyph_shape(font, glyph, funcs, out);
}

static void a_working_face_has_the_outlines_widths_and_identifiers_of_the_whole_font(void **state)
{
    struct buf list = read_list(), small = BUF_INIT(1 << 20), whole = BUF_INIT(1 << 20);
    struct err e = {0};

    (void)state;
    for (size_t f = 0; f < FAMILIES; f++) {
        const struct face *face = fonts_lookup(fonts, families[f].family, families[f].bold);
        size_t at = 0, compared = 0;
        uint32_t cp;

        assert_int_equal(face_open_full(face, &e), 0);
        while (utf8_next(buf_view(&list), &at, &cp)) {
            struct entry entry = face_entry(face, cp);
            const struct source *full = &face->state->full;
            hb_codepoint_t glyph = 0;

            if (entry.where != WHERE_WORKING)
                continue;
            assert_true(hb_font_get_nominal_glyph(full->font, cp, &glyph));
            record(&small, face->state->working.font, entry.glyph);
            record(&whole, full->font, glyph);
            assert_true(slice_equal(buf_view(&small), buf_view(&whole)));
            if (full->cids != NULL)
                assert_int_equal(face->state->working.cids[entry.glyph], full->cids[glyph]);
            assert_int_equal(hb_font_get_glyph_h_advance(face->state->working.font, entry.glyph),
                             hb_font_get_glyph_h_advance(full->font, glyph));
            compared++;
        }
        assert_true(compared > 8400);
    }
    buf_dispose(&list);
    buf_dispose(&small);
    buf_dispose(&whole);
}

static void an_outline_is_svg_path_data_with_y_downwards(void **state)
{
    struct buf path = BUF_INIT(65536);
    struct err e = {0};
    double x = 0, y = 0;

    (void)state;
    assert_int_equal(face_outline(&path, fonts_lookup(fonts, "song", false), 0x4E00, 100, &e), 0);
    assert_int_equal(sscanf(buf_text(&path), "M%lf %lf", &x, &y), 2);
    assert_true(x > 0 && x < 100 && y < 0 && y > -100); /* above the baseline is negative */
    assert_int_equal(path.data[path.len - 1], 'Z');
    buf_reset(&path);
    assert_int_equal(face_outline(&path, fonts_lookup(fonts, "song", false), 0x2E9F5, 100, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_non_null(strstr(e.zh, "U+2E9F5"));
    buf_dispose(&path);
}

static void a_missing_font_is_named_with_its_package(void **state)
{
    static const char catalogue[] =
        "{\"faces\": [{\"family\": \"song\", \"bold\": false, \"serif\": true, \"postscript\": \"X\","
        "\"file\": \"/nowhere/X.ttc\", \"index\": 0, \"package\": \"fonts-x\"}], \"fallback\": []}";
    char dir[] = "/tmp/sealpress-font-XXXXXX", path[64];
    struct fonts *none = NULL;
    struct err e = {0};

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/fonts.json", dir);
    assert_int_equal(file_write(path, slice_of(catalogue), 0600, &e), 0);
    assert_int_equal(fonts_open(&none, dir, &e), -1);
    assert_int_equal(e.code, ERR_INTERNAL);
    assert_non_null(strstr(e.en, "/nowhere/X.ttc"));
    assert_non_null(strstr(e.zh, "fonts-x"));
    assert_int_equal(file_write(path, slice_of("{\"faces\": [{}]}"), 0600, &e), 0);
    assert_int_equal(fonts_open(&none, dir, &e), -1);
    assert_null(none);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void a_font_replaced_since_the_build_is_noticed(void **state)
{
    char dir[] = "/tmp/sealpress-font-XXXXXX", installed[PATH_MAX], path[PATH_MAX];
    struct buf text = BUF_INIT(65536);
    struct fonts *none = NULL;
    json_t *catalogue = NULL, *face;
    struct err e = {0};

    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(share_path(installed, sizeof installed, "fonts/fonts.json", &e), 0);
    assert_int_equal(json_read_file(&catalogue, installed, 65536, &e), 0);
    face = json_array_get(json_object_get(catalogue, "faces"), 0);
    assert_int_equal(json_object_set_new(face, "size", json_integer(12345)), 0);
    assert_int_equal(share_path(installed, sizeof installed, "fonts/song.face", &e), 0);
    assert_int_equal(json_object_set_new(face, "working", json_string("song.face")), 0);
    assert_int_equal(json_write(&text, catalogue, &e), 0);
    (void)snprintf(path, sizeof path, "%s/fonts.json", dir);
    assert_int_equal(file_write(path, buf_view(&text), 0600, &e), 0);
    (void)snprintf(path, sizeof path, "%s/song.face", dir);
    assert_int_equal(symlink(installed, path), 0);
    assert_int_equal(fonts_open(&none, dir, &e), -1);
    assert_non_null(strstr(e.en, "was replaced"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(fonts_open(&none, dir, &e), -1); /* and without its working face */
    assert_non_null(strstr(e.en, "song.face is missing"));
    (void)snprintf(path, sizeof path, "%s/fonts.json", dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
    buf_dispose(&text);
    json_decref(catalogue);
}

static void a_damaged_charset_is_refused_wherever_it_is_cut(void **state)
{
    struct err e = {0};
    const struct face *song = fonts_lookup(fonts, "song", false);
    hb_blob_t *table;
    unsigned length = 0;
    const char *bytes;
    uint16_t *cids = NULL;

    (void)state;
    assert_int_equal(face_open_working(song, &e), 0);
    table = hb_face_reference_table(song->state->working.face, HB_TAG('C', 'F', 'F', ' '));
    bytes = hb_blob_get_data(table, &length);
    for (unsigned cut = 0; cut < 400; cut++) {
        uint8_t *copy = malloc(cut + 1); /* exact, so that the sanitizer sees one byte too many */

        memcpy(copy, bytes, cut);
        assert_int_equal(cff_charset(&cids, (struct slice){copy, cut}, 9000, &e), -1);
        free(copy);
    }
    for (unsigned flip = 0; flip < 400; flip++) {
        uint8_t *copy = malloc(length);

        memcpy(copy, bytes, length);
        copy[flip] ^= 0xFF;
        if (cff_charset(&cids, (struct slice){copy, length}, 9000, &e) == 0)
            free(cids);
        free(copy);
    }
    hb_blob_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_common_character_is_covered_in_every_family),
        cmocka_unit_test(rare_name_characters_fall_back_to_a_face_that_has_them),
        cmocka_unit_test(bold_falls_back_to_a_bold_face),
        cmocka_unit_test(what_no_document_may_show_is_in_no_face),
        cmocka_unit_test(the_invisible_are_those_of_unicode),
        cmocka_unit_test(a_character_no_font_has_is_covered_by_none),
        cmocka_unit_test(names_are_those_of_the_font_files),
        cmocka_unit_test(widths_and_metrics_are_those_of_the_design),
        cmocka_unit_test(a_working_face_has_the_outlines_widths_and_identifiers_of_the_whole_font),
        cmocka_unit_test(an_outline_is_svg_path_data_with_y_downwards),
        cmocka_unit_test(a_missing_font_is_named_with_its_package),
        cmocka_unit_test(a_font_replaced_since_the_build_is_noticed),
        cmocka_unit_test(a_damaged_charset_is_refused_wherever_it_is_cut),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
