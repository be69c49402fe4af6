/* libpng reports errors only by leaving its caller with longjmp; that is kept inside this file. */
#include "image/photo_internal.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    png_structp png;
    png_infop info;
    jmp_buf escape;
    struct slice left;
    char why[120];
    uint8_t *rows; /* one, or all of an interlaced picture */
    uint8_t *flat; /* one row without alpha */
    int channels;  /* as decoded, alpha included */
};

static _Noreturn void give_up(png_structp png, png_const_charp why)
{
    struct reader *d = png_get_error_ptr(png);

    (void)snprintf(d->why, sizeof d->why, "%s", why);
    longjmp(d->escape, 1); /* NOLINT(cert-err52-cpp): the library's only way out */
}

static void feed(png_structp png, png_bytep to, size_t len)
{
    struct reader *d = png_get_io_ptr(png);

    if (len > d->left.len)
        png_error(png, "cut short");
    memcpy(to, d->left.ptr, len);
    d->left = slice_part(d->left, len, d->left.len);
}

/* Nothing but IHDR, PLTE, tRNS, IDAT and IEND is looked at. Other chunks pass by with their CRC checked. */
static void skip_ancillary(png_structp png)
{
    static const char names[] =
        "bKGD\0cHRM\0eXIf\0gAMA\0hIST\0iCCP\0iTXt\0oFFs\0pCAL\0pHYs\0sBIT\0sCAL\0sPLT\0"
        "sRGB\0sTER\0tEXt\0tIME\0zTXt";

    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep)names, sizeof names / 5);
}

/* Alpha over white paper: no background to guess. */
static const uint8_t *without_alpha(struct reader *d, const uint8_t *row, int width)
{
    int colours = d->channels - 1;
    uint8_t *to = d->flat;

    if (d->channels % 2 != 0)
        return row;
    for (int x = 0; x < width; x++, row += d->channels) {
        int alpha = row[colours];

        for (int c = 0; c < colours; c++)
            *to++ = (uint8_t)((row[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
    return d->flat;
}

static void read_pixels(struct reader *d, struct raster *r, const struct photo_header *h, int passes)
{
    size_t stride = (size_t)h->width * (size_t)d->channels;

    for (int pass = 0; pass < passes; pass++) {
        for (int y = 0; y < h->height; y++) {
            uint8_t *row = d->rows + (passes > 1 ? (size_t)y * stride : 0);

            png_read_row(d->png, row, NULL);
            if (pass == passes - 1)
                raster_row(r, y, without_alpha(d, row, h->width));
        }
    }
    png_read_end(d->png, NULL);
}

static int decode(struct reader *d, struct raster *r, const struct photo_header *h, struct err *e)
{
    size_t stride;
    int passes;

    if (setjmp(d->escape) != 0) /* NOLINT(cert-err52-cpp) */
        return photo_damaged(e, d->why);
    png_set_read_fn(d->png, d, feed);
    png_set_user_limits(d->png, (png_uint_32)h->width, (png_uint_32)h->height);
    skip_ancillary(d->png);
    png_read_info(d->png, d->info);
    png_set_expand(d->png);
    png_set_scale_16(d->png);
    passes = png_set_interlace_handling(d->png);
    png_read_update_info(d->png, d->info);
    d->channels = png_get_channels(d->png, d->info);
    stride = (size_t)h->width * (size_t)d->channels;
    if (png_get_rowbytes(d->png, d->info) != stride)
        png_error(d->png, "unexpected row");
    d->rows = calloc(passes > 1 ? (size_t)h->height : 1, stride);
    d->flat = malloc(stride);
    if (d->rows == NULL || d->flat == NULL)
        return err_no_memory(e);
    if (raster_open(r, d->channels < 3 ? 1 : 3, e) != 0)
        return -1;
    read_pixels(d, r, h, passes);
    return 0;
}

int png_read(struct raster *r, const struct photo_header *h, struct slice png, struct err *e)
{
    struct reader *d = calloc(1, sizeof *d);
    int rc = -1;

    if (d == NULL)
        return err_no_memory(e);
    d->left = png;
    /* errors and warnings alike */
    d->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, d, give_up, give_up);
    d->info = d->png != NULL ? png_create_info_struct(d->png) : NULL;
    if (d->info == NULL)
        err_no_memory(e);
    else
        rc = decode(d, r, h, e);
    if (d->png != NULL)
        png_destroy_read_struct(&d->png, &d->info, NULL);
    free(d->rows);
    free(d->flat);
    free(d);
    return rc;
}
