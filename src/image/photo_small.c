/* A smaller copy of a crop of our own, for pages on phones. */
#include "image/photo_internal.h"
#include <stdlib.h>

enum { SMALL_MOST = 1000 };

static int write_small(struct buf *out, const uint8_t *rgb, int width, int height, size_t max_bytes,
                       struct err *e)
{
    size_t before = out->len;

    for (int quality = 78; quality >= 38; quality -= 8) {
        out->len = before;
        if (jpeg_write_at(out, rgb, width, height, quality, 2) != 0)
            return err_no_memory(e);
        if (out->len - before <= max_bytes)
            return 0;
    }
    out->len = before;
    return err_set(e, ERR_TOO_LARGE, "The photo cannot be made smaller than %zu bytes.",
                   "照片无法缩小到 %zu 字节以内。", max_bytes);
}

int photo_small(struct buf *out, struct slice jpeg, int width, int height, size_t max_bytes, struct err *e)
{
    struct photo_header h;
    struct geometry g = {.width = width, .height = height};
    struct raster r = {0};
    uint8_t *rgb = NULL;
    int w, t, rc = -1;

    header_init(&h);
    if (width < 1 || height < 1 || width > SMALL_MOST || height > SMALL_MOST)
        return err_set(e, ERR_INVALID, "A small photo is 1 to %d pixels a side.",
                       "小照片每边应为 1 至 %d 像素。", (int)SMALL_MOST);
    if (photo_inspect(jpeg, &w, &t, e) != 0 || header_read(&h, jpeg, e) != 0)
        goto out;
    g.coded = (struct affine){.a = (double)w / width, .d = (double)t / height};
    g.step = (double)w / width;
    g.right = w;
    g.bottom = t;
    raster_plan(&r, &g, 8);
    rgb = malloc((size_t)width * (size_t)height * 3);
    if (rgb == NULL) {
        err_no_memory(e);
        goto out;
    }
    if (jpeg_read(&r, &h, jpeg, e) != 0 || raster_resample(rgb, &r, &g, e) != 0)
        goto out;
    rc = write_small(out, rgb, width, height, max_bytes, e);
out:
    free(rgb);
    raster_close(&r);
    header_dispose(&h);
    return rc;
}
