/* libjpeg reports errors only by leaving its caller with longjmp; that is kept inside this file. */
#include "image/photo_internal.h"
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>
#include <setjmp.h>
#include <stdlib.h>

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    bool no_memory;
    char why[JMSG_LENGTH_MAX];
    uint8_t *row;
};

static _Noreturn void give_up(j_common_ptr any)
{
    struct reader *r = any->client_data;

    r->no_memory = any->err->msg_code == JERR_OUT_OF_MEMORY;
    any->err->format_message(any, r->why);
    longjmp(r->escape, 1); /* NOLINT(cert-err52-cpp): the library's only way out */
}

/* Level -1 is a warning: corrupt data that the decoder would paper over. */
static void no_warnings(j_common_ptr any, int level)
{
    if (level < 0)
        give_up(any);
}

/* The scans were counted before; a stream that reads differently here is stopped all the same. */
static void count_scans(j_common_ptr any)
{
    struct reader *r = any->client_data;

    if (r->jpeg.input_scan_number > PHOTO_MAX_SCANS)
        ERREXIT(any, JERR_BAD_PROGRESSION);
}

static int choose_colours(struct jpeg_decompress_struct *jpeg)
{
    switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE:
        jpeg->out_color_space = JCS_GRAYSCALE;
        return 1;
    case JCS_RGB:
    case JCS_YCbCr:
        jpeg->out_color_space = JCS_RGB;
        return 3;
    case JCS_CMYK:
    case JCS_YCCK:
        jpeg->out_color_space = JCS_CMYK;
        return 4;
    default:
        return 0;
    }
}

static int read_rows(struct reader *d, struct raster *r, struct err *e)
{
    int channels = choose_colours(&d->jpeg);

    if (channels == 0)
        return photo_damaged(e, "colour space");
    d->jpeg.scale_num = 1;
    d->jpeg.scale_denom = (unsigned)r->scale_denom;
    d->jpeg.dct_method = JDCT_ISLOW;
    (void)jpeg_start_decompress(&d->jpeg);
    if ((int)d->jpeg.output_width < r->right || (int)d->jpeg.output_height < r->bottom)
        ERREXIT(&d->jpeg, JERR_BAD_CROP_SPEC);
    d->row = malloc((size_t)d->jpeg.output_width * (size_t)channels);
    if (d->row == NULL)
        return err_no_memory(e);
    if (raster_open(r, channels, e) != 0)
        return -1;
    while (d->jpeg.output_scanline < d->jpeg.output_height) {
        int y = (int)d->jpeg.output_scanline;

        (void)jpeg_read_scanlines(&d->jpeg, &d->row, 1);
        raster_row(r, y, d->row);
    }
    (void)jpeg_finish_decompress(&d->jpeg);
    return 0;
}

static int decode(struct reader *d, struct raster *r, const struct photo_header *h, struct slice jpeg,
                  struct err *e)
{
    if (setjmp(d->escape) != 0) /* NOLINT(cert-err52-cpp) */
        return d->no_memory ? err_no_memory(e) : photo_damaged(e, d->why);
    jpeg_create_decompress(&d->jpeg);
    d->jpeg.client_data = d;
    d->jpeg.progress = &d->progress;
    jpeg_mem_src(&d->jpeg, jpeg.ptr, (unsigned long)jpeg.len);
    (void)jpeg_read_header(&d->jpeg, TRUE);
    if ((int)d->jpeg.image_width != h->width || (int)d->jpeg.image_height != h->height)
        ERREXIT(&d->jpeg, JERR_BAD_CROP_SPEC);
    return read_rows(d, r, e);
}

int jpeg_read(struct raster *r, const struct photo_header *h, struct slice jpeg, struct err *e)
{
    struct reader *d = calloc(1, sizeof *d);
    int rc;

    if (d == NULL)
        return err_no_memory(e);
    d->jpeg.err = jpeg_std_error(&d->errors);
    d->jpeg.client_data = d;
    d->errors.error_exit = give_up;
    d->errors.emit_message = no_warnings;
    d->progress.progress_monitor = count_scans;
    rc = decode(d, r, h, jpeg, e);
    jpeg_destroy_decompress(&d->jpeg);
    free(d->row);
    free(d);
    return rc;
}
