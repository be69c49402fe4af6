/* subset_test.c - font programs with just the characters of a document. */
#include "base/file.h"
#include "base/json.h"
#include "base/share.h"
#include "font/font_internal.h"
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct fonts *fonts; /* as installed */
static struct fonts *whole; /* the same without working faces */

static const uint32_t name[] = {'0', '1', 'A', 0xB7, 0x4E2D, 0x5F20, 0x660E, 0x9648};
enum { NAME = sizeof name / sizeof name[0] };

static int open_without_working_faces(const char *dir, struct err *e)
{
    char temporary[] = "/tmp/sealpress-subset-XXXXXX", path[PATH_MAX + 16];
    struct buf text = BUF_INIT(65536);
    json_t *catalogue = NULL;
    size_t i;
    json_t *face;
    int rc;

    (void)snprintf(path, sizeof path, "%s/fonts.json", dir);
    if (json_read_file(&catalogue, path, 65536, e) != 0 || mkdtemp(temporary) == NULL)
        return -1;
    json_array_foreach(json_object_get(catalogue, "faces"), i, face)(void) json_object_del(face, "working");
    (void)snprintf(path, sizeof path, "%s/fonts.json", temporary);
    rc = json_write(&text, catalogue, e) == 0 && file_write(path, buf_view(&text), 0600, e) == 0 &&
                 fonts_open(&whole, temporary, e) == 0
             ? 0
             : -1;
    (void)unlink(path);
    (void)rmdir(temporary);
    buf_dispose(&text);
    json_decref(catalogue);
    return rc;
}

static int open_all(void **state)
{
    char dir[PATH_MAX];
    struct err e = {0};

    (void)state;
    if (share_path(dir, sizeof dir, "fonts", &e) != 0 || fonts_open(&fonts, dir, &e) != 0 ||
        open_without_working_faces(dir, &e) != 0) {
        print_error("%s\n", e.en);
        return -1;
    }
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    fonts_close(fonts);
    fonts_close(whole);
    return 0;
}

static void the_same_set_gives_the_same_bytes(void **state)
{
    (void)state;
    for (int i = 0; i < fonts_count(fonts); i++) {
        const struct face *face = &fonts->faces[i];
        uint32_t han[60];
        size_t count = 0;
        struct subset a, b;
        struct err e = {0};

        if (strcmp(face_name(face), "HanaMinB") == 0)
            continue; /* extensions only */
        for (uint32_t cp = 0x4E00; count < 60; cp += 7) {
            if (face_entry(face, cp).where == (face->working_path != NULL ? WHERE_WORKING : WHERE_FULL))
                han[count++] = cp;
        }
        assert_int_equal(face_subset(&a, face, han, 60, &e), 0);
        assert_int_equal(a.count, 60);
        assert_true(a.program.len > 5000 && a.program.len < 60000);
        for (int again = 0; again < 12; again++) { /* on the way the working face is prepared */
            assert_int_equal(face_subset(&b, face, han, 60, &e), 0);
            assert_true(slice_equal(buf_view(&a.program), buf_view(&b.program)));
            subset_dispose(&b);
        }
        if (face->working_path != NULL)
            assert_ptr_not_equal(face->state->working.prepared, face->state->working.face);
        subset_dispose(&a);
    }
}

static void working_and_whole_face_give_the_same_codes_and_widths(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct subset a, b;
        struct err e = {0};

        assert_int_equal(face_subset(&a, &fonts->faces[i], name, NAME, &e), 0);
        assert_int_equal(face_subset(&b, &whole->faces[i], name, NAME, &e), 0);
        assert_non_null(fonts->faces[i].state->working.face);
        assert_null(whole->faces[i].state->working.face);
        assert_int_equal(a.kind, i < 4 ? FONT_CFF : FONT_TRUETYPE);
        assert_int_equal(a.count, NAME);
        assert_int_equal(b.count, NAME);
        for (size_t g = 0; g < NAME; g++) {
            assert_int_equal(a.glyphs[g].cp, b.glyphs[g].cp);
            assert_int_equal(a.glyphs[g].code, b.glyphs[g].code);
            assert_true(a.glyphs[g].advance == b.glyphs[g].advance);
            assert_true(a.glyphs[g].code > 0 && (g == 0 || a.glyphs[g].code > a.glyphs[g - 1].code));
        }
        subset_dispose(&a);
        subset_dispose(&b);
    }
}

static void a_character_outside_the_working_face_takes_the_whole_font(void **state)
{
    static const uint32_t rare[] = {0x4E00, 0x9FA5, 0x20164}; /* 龥 and 𠅤 are not common */
    const struct face *song = fonts_lookup(fonts, "song", false);
    struct subset s;
    struct err e = {0};

    (void)state;
    assert_int_equal(face_entry(song, 0x9FA5).where, WHERE_FULL);
    assert_int_equal(face_subset(&s, song, rare, 2, &e), 0);
    assert_int_equal(s.count, 2);
    subset_dispose(&s);
}

static void a_character_the_face_lacks_is_refused_and_never_notdef(void **state)
{
    static const uint32_t lacking[] = {0x4E00, 0x2E9F5};
    struct subset s;
    struct err e = {0};

    (void)state;
    assert_int_equal(face_subset(&s, fonts_lookup(fonts, "song", false), lacking, 2, &e), -1);
    assert_int_equal(e.code, ERR_INTERNAL);
    assert_null(s.glyphs);
}

static void two_characters_of_one_glyph_share_its_code(void **state)
{
    static const uint32_t twins[] = {0x2F00, 0x4E00}; /* radical one, ideograph one */
    struct subset s;
    struct err e = {0};

    (void)state;
    assert_int_equal(face_subset(&s, fonts_lookup(fonts, "song", false), twins, 2, &e), 0);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.glyphs[0].code, s.glyphs[1].code);
    assert_true(s.glyphs[0].cp < s.glyphs[1].cp);
    subset_dispose(&s);
}

static void a_truetype_subset_is_a_font_of_that_many_glyphs(void **state)
{
    struct subset s;
    struct err e = {0};
    hb_blob_t *blob;
    hb_face_t *face;

    (void)state;
    assert_int_equal(face_subset(&s, fonts_lookup(fonts, "kai", false), name, NAME, &e), 0);
    blob = hb_blob_create((const char *)s.program.data, (unsigned)s.program.len, HB_MEMORY_MODE_READONLY,
                          NULL, NULL);
    face = hb_face_create(blob, 0);
    assert_int_equal(hb_face_get_glyph_count(face), NAME + 1); /* and .notdef */
    hb_face_destroy(face);
    hb_blob_destroy(blob);
    subset_dispose(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_set_gives_the_same_bytes),
        cmocka_unit_test(working_and_whole_face_give_the_same_codes_and_widths),
        cmocka_unit_test(a_character_outside_the_working_face_takes_the_whole_font),
        cmocka_unit_test(a_character_the_face_lacks_is_refused_and_never_notdef),
        cmocka_unit_test(two_characters_of_one_glyph_share_its_code),
        cmocka_unit_test(a_truetype_subset_is_a_font_of_that_many_glyphs),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
