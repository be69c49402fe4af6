/* kit.c - what all documents of a template share, made once. */
#include "pdf/pdf_internal.h"
#include <stdlib.h>

int deflate_append(struct buf *out, struct slice s, struct libdeflate_compressor *compressor, struct err *e)
{
    size_t bound = libdeflate_zlib_compress_bound(compressor, s.len), written;
    uint8_t *room = buf_room(out, bound);

    written = room != NULL ? libdeflate_zlib_compress(compressor, s.ptr, s.len, room, bound) : 0;
    if (written == 0)
        return err_no_memory(e);
    buf_wrote(out, written);
    return 0;
}

static int make_profile(struct pdf_kit *kit, struct err *e)
{
    struct buf profile = BUF_INIT(65536);
    int rc = profile_append(&profile, e);

    if (rc == 0)
        rc = deflate_append(&kit->profile, buf_view(&profile), kit->thorough, e);
    buf_dispose(&profile);
    return rc;
}

/* All usages of one face become one subset. */
static int make_static(struct pdf_kit *kit, const struct face *face, const struct face_usage *usages,
                       size_t count, struct err *e)
{
    struct buf cps = BUF_INIT(PDF_MAX_BYTES);
    size_t distinct;
    int rc = -1;

    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; usages[i].face == face && c < usages[i].count; c++) {
            if (face_advance(face, usages[i].cps[c]) > 0) /* what it lacks, another face will set */
                buf_append_bytes(&cps, &usages[i].cps[c], sizeof(uint32_t));
        }
    }
    if (!buf_ok(&cps)) {
        (void)err_no_memory(e);
        goto out;
    }
    distinct = codepoints_sort((uint32_t *)(void *)cps.data, cps.len / sizeof(uint32_t));
    if (distinct > 0 && embedded_new(&kit->statics[face_index(face)], face, (uint32_t *)(void *)cps.data,
                                     distinct, kit->thorough, e) != 0)
        goto out;
    rc = 0;
out:
    buf_dispose(&cps);
    return rc;
}

int pdf_kit_new(struct pdf_kit **out, const struct face_usage *usages, size_t usage_count, struct err *e)
{
    struct pdf_kit *kit = calloc(1, sizeof *kit);
    int rc = -1;

    if (kit == NULL)
        return err_no_memory(e);
    buf_init(&kit->profile, 65536);
    kit->quick = libdeflate_alloc_compressor(1);
    kit->thorough = libdeflate_alloc_compressor(12);
    if (kit->quick == NULL || kit->thorough == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    if (make_profile(kit, e) != 0)
        goto out;
    for (size_t i = 0; i < usage_count; i++) {
        const struct face *face = usages[i].face;

        if (face_index(face) >= PDF_MAX_FACES || kit->statics[face_index(face)] != NULL)
            continue;
        if (make_static(kit, face, usages, usage_count, e) != 0)
            goto out;
    }
    libdeflate_free_compressor(kit->thorough); /* megabytes */
    kit->thorough = NULL;
    *out = kit;
    kit = NULL;
    rc = 0;
out:
    pdf_kit_free(kit);
    return rc;
}

void pdf_kit_free(struct pdf_kit *kit)
{
    if (kit == NULL)
        return;
    for (size_t i = 0; i < PDF_MAX_FACES; i++)
        embedded_free(kit->statics[i]);
    buf_dispose(&kit->profile);
    libdeflate_free_compressor(kit->quick);
    libdeflate_free_compressor(kit->thorough);
    free(kit);
}
