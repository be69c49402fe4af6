/* source.c - a font file, mapped into memory. */
#include "font/font_internal.h"
#include <hb-ot.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

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

int source_open(struct source *s, const char *path, unsigned index, const char *package, enum where where,
                struct err *e)
{
    hb_blob_t *blob = hb_blob_create_from_file_or_fail(path);
    int rc = -1;

    if (blob == NULL || index >= hb_face_count(blob)) {
        (void)err_set(e, ERR_INTERNAL, "The font %s cannot be read; install the Debian package %s.",
                      "无法读取字体 %s，请安装 Debian 软件包 %s。", path, package);
        goto out;
    }
    s->face = hb_face_create(blob, index);
    hb_face_make_immutable(s->face);
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
    hb_blob_destroy(blob);
    if (rc != 0)
        source_close(s);
    return rc;
}

/* Faces are immutable and counted atomically; the input and a font's caches are not. */
int source_share(struct source *s, const struct source *first, enum where where, struct err *e)
{
    size_t size = first->glyph_count * sizeof *first->cids;

    *s = (struct source){0};
    if (first->face == NULL)
        return 0;
    s->face = hb_face_reference(first->face);
    s->prepared = hb_face_reference(first->prepared);
    s->font = hb_font_create(s->face);
    s->input = new_input(s->face, where);
    s->glyph_count = first->glyph_count;
    s->subsets = first->subsets;
    if (first->cids != NULL) {
        s->cids = malloc(size);
        if (s->cids != NULL)
            memcpy(s->cids, first->cids, size);
    }
    if (s->input != NULL && (s->cids != NULL || first->cids == NULL))
        return 0;
    source_close(s);
    return err_no_memory(e);
}

void source_prepare(struct source *s)
{
    enum { PAYS_AFTER = 8 }; /* preparing takes as long as a hundred unprepared subsets, and 8 MB */
    hb_face_t *prepared;

    if (s->prepared != s->face || s->subsets++ < PAYS_AFTER)
        return;
    prepared = hb_subset_preprocess(s->face);
    if (prepared == NULL)
        return;
    hb_face_destroy(s->prepared);
    s->prepared = prepared;
    (void)malloc_trim(0); /* preparing takes five times the memory that it keeps */
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
