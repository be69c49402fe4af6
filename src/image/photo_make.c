#include "image/photo_internal.h"
#include <stdlib.h>

static int make_pixels(struct buf *jpeg, const struct raster *r, const struct geometry *g,
                       const struct photo_header *h, struct err *e)
{
    size_t count = (size_t)g->width * (size_t)g->height;
    uint8_t *pixels = malloc(count * (size_t)r->channels), *rgb = malloc(count * 3);
    int rc = -1;

    if (pixels == NULL || rgb == NULL)
        err_no_memory(e);
    else if (raster_resample(pixels, r, g, e) == 0 &&
             colour_to_srgb(rgb, pixels, count, r->channels, h, e) == 0)
        rc = jpeg_write(jpeg, rgb, g->width, g->height, e);
    free(pixels);
    free(rgb);
    return rc;
}

int photo_make(struct buf *jpeg, struct slice picture, const struct photo_crop *crop,
               struct photo_report *report, struct err *e)
{
    struct photo_header h;
    struct geometry g;
    struct raster r = {0};
    int rc = -1;

    header_init(&h);
    if (header_read(&h, picture, e) != 0 || geometry_plan(&g, &h, crop, e) != 0)
        goto out;
    raster_plan(&r, &g, h.format == FORMAT_JPEG ? 8 : 1);
    if ((h.format == FORMAT_JPEG ? jpeg_read(&r, &h, picture, e) : png_read(&r, &h, picture, e)) != 0 ||
        make_pixels(jpeg, &r, &g, &h, e) != 0)
        goto out;
    report->source_width = g.source_width;
    report->source_height = g.source_height;
    report->width = g.width;
    report->height = g.height;
    report->x = g.crop_x;
    report->y = g.crop_y;
    report->crop_width = g.crop_width;
    report->crop_height = g.crop_height;
    report->scale = 1 / g.step;
    report->warn_upscaled = report->scale > 1.5;
    rc = 0;
out:
    raster_close(&r);
    header_dispose(&h);
    return rc;
}
