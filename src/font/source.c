/* source.c - a font file, as one thread uses it. */
#include "font/font_internal.h"
#include <hb-ot.h>
#include <stdlib.h>

static const hb_tag_t embedded[] = {
    HB_TAG('C', 'F', 'F', ' '), HB_TAG('g', 'l', 'y', 'f'), HB_TAG('l', 'o', 'c', 'a'),
    HB_TAG('h', 'e', 'a', 'd'), HB_TAG('h', 'h', 'e', 'a'), HB_TAG('h', 'm', 't', 'x'),
    HB_TAG('m', 'a', 'x', 'p'),
};

bool source_is_cff(const struct source *s)
{
    hb_blob_t *table = hb_face_reference_table(s->face, HB_TAG('C', 'F', 'F', ' '));
    bool is = hb_blob_get_length(table) > 0;

    hb_blob_destroy(table);
    return is;
}

/* A document needs no tables but the embedded ones; outlines lose their hints, which no reader of paper
 * sees but every file would carry. A working face was made without hints and subroutines; to have HarfBuzz
 * look for them again would double the time. */
static hb_subset_input_t *new_input(hb_face_t *face, enum where where)
{
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    hb_tag_t tags[64];
    unsigned count = 64;
    hb_set_t *drop;

    if (input == NULL)
        return NULL;
    drop = hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG);
    (void)hb_face_get_table_tags(face, 0, &count, tags);
    for (unsigned i = 0; i < count; i++)
        hb_set_add(drop, tags[i]);
    for (size_t i = 0; i < sizeof embedded / sizeof embedded[0]; i++)
        hb_set_del(drop, embedded[i]);
    if (where == WHERE_FULL)
        hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_DESUBROUTINIZE | HB_SUBSET_FLAGS_NO_HINTING);
    return input;
}

static int read_cids(struct source *s, struct err *e)
{
    hb_blob_t *table = hb_face_reference_table(s->face, HB_TAG('C', 'F', 'F', ' '));
    unsigned length = 0;
    const char *bytes = hb_blob_get_data(table, &length);
    int rc = 0;

    if (length > 0)
        rc = cff_charset(&s->cids, (struct slice){(const uint8_t *)bytes, length}, s->glyph_count, e);
    hb_blob_destroy(table);
    return rc;
}

int source_open(struct source *s, struct shared_file *file, const char *path, unsigned index,
                const char *package, enum where where, struct err *e)
{
    int rc = -1;

    s->file = file;
    s->face = shared_file_open(file, path, index);
    if (s->face == NULL) {
        (void)err_set(e, ERR_INTERNAL, "The font %s cannot be read; install the Debian package %s.",
                      "无法读取字体 %s，请安装 Debian 软件包 %s。", path, package);
        goto out;
    }
    s->glyph_count = hb_face_get_glyph_count(s->face);
    s->font = hb_font_create(s->face);
    s->prepared = hb_face_reference(s->face);
    s->input = new_input(s->face, where);
    if (s->input == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    if (s->glyph_count == 0 || s->glyph_count > 0x10000) {
        (void)err_set(e, ERR_INTERNAL, "The font %s is damaged; reinstall the Debian package %s.",
                      "字体 %s 已损坏，请重新安装 Debian 软件包 %s。", path, package);
        goto out;
    }
    if (read_cids(s, e) != 0)
        goto out;
    rc = 0;
out:
    if (rc != 0)
        source_close(s);
    return rc;
}

void source_prepare(struct source *s)
{
    hb_face_t *prepared;

    if (s->prepared != s->face)
        return;
    prepared = shared_file_prepared(s->file, s->input);
    if (prepared == NULL)
        return;
    hb_face_destroy(s->prepared);
    s->prepared = prepared;
}

void source_close(struct source *s)
{
    hb_subset_input_destroy(s->input);
    hb_face_destroy(s->prepared);
    hb_font_destroy(s->font);
    hb_face_destroy(s->face);
    free(s->cids);
    *s = (struct source){0};
}
