/* working_faces.c - a tool of the build: fonts.json, the list of common characters and the installed fonts
 * in, one small font file per face out, and fonts.json beside them.
 *
 * A working face keeps the characters nearly every document is set in, without subroutines and layout
 * tables, so that the program can subset it in a tenth of the time the whole font takes. */
#include <hb-subset.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Besides the list: what forms, numbers and punctuation need. */
static const hb_codepoint_t ranges[][2] = {
    {0x20, 0x7E},     {0xA0, 0x17F},    {0x1CD, 0x1DC},   {0x1F8, 0x1F9},   {0x251, 0x251},
    {0x261, 0x261},   {0x2010, 0x2027}, {0x2030, 0x205E}, {0x2070, 0x209C}, {0x20A0, 0x20BF},
    {0x2100, 0x2188}, {0x2190, 0x2193}, {0x2200, 0x22FF}, {0x2460, 0x24FF}, {0x2500, 0x25FF},
    {0x2600, 0x2612}, {0x2713, 0x2717}, {0x3000, 0x303F}, {0x3200, 0x33FF}, {0xFE30, 0xFE4F},
    {0xFF01, 0xFFE6},
};

static const hb_tag_t kept[] = {
    HB_TAG('c', 'm', 'a', 'p'), HB_TAG('C', 'F', 'F', ' '), HB_TAG('g', 'l', 'y', 'f'),
    HB_TAG('l', 'o', 'c', 'a'), HB_TAG('h', 'e', 'a', 'd'), HB_TAG('h', 'h', 'e', 'a'),
    HB_TAG('h', 'm', 't', 'x'), HB_TAG('m', 'a', 'x', 'p'), HB_TAG('O', 'S', '/', '2'),
};

static bool read_characters(hb_set_t *set, const char *path)
{
    hb_blob_t *blob = hb_blob_create_from_file_or_fail(path);
    hb_buffer_t *text = hb_buffer_create();
    unsigned length = 0, count = 0;
    const char *bytes = blob != NULL ? hb_blob_get_data(blob, &length) : NULL;
    const hb_glyph_info_t *info;

    hb_buffer_add_utf8(text, bytes != NULL ? bytes : "", (int)length, 0, (int)length);
    info = hb_buffer_get_glyph_infos(text, &count);
    for (unsigned i = 0; i < count; i++) {
        if (info[i].codepoint >= 0x20)
            hb_set_add(set, info[i].codepoint);
    }
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        hb_set_add_range(set, ranges[i][0], ranges[i][1]);
    hb_buffer_destroy(text);
    hb_blob_destroy(blob);
    return count > 8000;
}

/* Every table of the face but the kept ones is dropped. */
static void drop_tables(hb_subset_input_t *input, hb_face_t *face)
{
    hb_set_t *drop = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
    hb_tag_t tags[64];
    unsigned count = 64;

    (void)hb_face_get_table_tags(face, 0, &count, tags);
    for (unsigned i = 0; i < count; i++)
        hb_set_add(drop, tags[i]);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        hb_set_del(drop, kept[i]);
}

static bool write_file(const char *path, const char *bytes, unsigned length)
{
    FILE *f = fopen(path, "wb");
    bool fine = f != NULL && fwrite(bytes, 1, length, f) == length;

    if (f != NULL && fclose(f) != 0)
        fine = false;
    return fine;
}

static bool make_face(const json_t *entry, const hb_set_t *characters, const char *out)
{
    const char *file = json_string_value(json_object_get(entry, "file"));
    const char *name = json_string_value(json_object_get(entry, "working"));
    unsigned index = (unsigned)json_integer_value(json_object_get(entry, "index"));
    hb_blob_t *blob, *made = NULL;
    hb_face_t *face, *small = NULL;
    hb_subset_input_t *input = NULL;
    const char *bytes;
    char path[4096];
    unsigned length = 0;
    bool fine;

    if (name == NULL)
        return true;
    blob = hb_blob_create_from_file_or_fail(file);
    if (blob == NULL) {
        (void)fprintf(stderr, "working-faces: cannot read %s; install the Debian package %s.\n", file,
                      json_string_value(json_object_get(entry, "package")));
        return false;
    }
    face = hb_face_create(blob, index);
    input = hb_subset_input_create_or_fail();
    hb_set_union(hb_subset_input_unicode_set(input), characters);
    hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_DESUBROUTINIZE | HB_SUBSET_FLAGS_NO_HINTING);
    drop_tables(input, face);
    small = hb_subset_or_fail(face, input);
    made = small != NULL ? hb_face_reference_blob(small) : NULL;
    bytes = made != NULL ? hb_blob_get_data(made, &length) : NULL;
    (void)snprintf(path, sizeof path, "%s/%s", out, name);
    fine = length > 0 && write_file(path, bytes, length);
    if (!fine)
        (void)fprintf(stderr, "working-faces: cannot make %s from %s.\n", path, file);
    hb_blob_destroy(made);
    hb_face_destroy(small);
    hb_subset_input_destroy(input);
    hb_face_destroy(face);
    hb_blob_destroy(blob);
    return fine;
}

/* fonts.json as it is, and for each working face the size of the font it was made from: when the font is
 * replaced later, the two no longer match and the program says so. */
static bool write_catalogue(json_t *catalogue, const char *out)
{
    char path[4096];
    const json_t *faces = json_object_get(catalogue, "faces");

    for (size_t i = 0; i < json_array_size(faces); i++) {
        json_t *entry = json_array_get(faces, i);
        hb_blob_t *blob = hb_blob_create_from_file(json_string_value(json_object_get(entry, "file")));

        if (json_object_set_new(entry, "size", json_integer(hb_blob_get_length(blob))) != 0)
            return false;
        hb_blob_destroy(blob);
    }
    (void)snprintf(path, sizeof path, "%s/fonts.json", out);
    return json_dump_file(catalogue, path, JSON_INDENT(2)) == 0;
}

int main(int argc, char **argv)
{
    json_t *catalogue = argc == 4 ? json_load_file(argv[1], 0, NULL) : NULL;
    hb_set_t *characters = hb_set_create();
    const json_t *faces = json_object_get(catalogue, "faces");
    bool fine = faces != NULL && read_characters(characters, argv[2]);

    if (!fine)
        (void)fprintf(stderr, "usage: working-faces FONTS.JSON CHARACTERS.TXT DIRECTORY\n");
    for (size_t i = 0; fine && i < json_array_size(faces); i++)
        fine = make_face(json_array_get(faces, i), characters, argv[3]);
    fine = fine && write_catalogue(catalogue, argv[3]);
    hb_set_destroy(characters);
    json_decref(catalogue);
    return fine ? 0 : 1;
}
