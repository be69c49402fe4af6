#include "image/photo_internal.h"
#include <stdio.h>

#include <jpeglib.h>
#include <setjmp.h>
#include <stdlib.h>

enum { WISHED_BYTES = 60 * 1024, DPI = 300 };

struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf escape;
    unsigned char *bytes; /* the library's, by malloc */
    unsigned long len;
};

static _Noreturn void give_up(j_common_ptr any)
{
    struct writer *w = any->client_data;

    longjmp(w->escape, 1); /* NOLINT(cert-err52-cpp): the library's only way out */
}

/* No Adobe marker, no thumbnail, no time: the same pixels give the same bytes. */
static int encode(struct writer *w, const uint8_t *rgb, int width, int height, int quality, int chroma)
{
    if (setjmp(w->escape) != 0) /* NOLINT(cert-err52-cpp) */
        return -1;
    jpeg_create_compress(&w->jpeg);
    w->jpeg.client_data = w;
    jpeg_mem_dest(&w->jpeg, &w->bytes, &w->len);
    w->jpeg.image_width = (JDIMENSION)width;
    w->jpeg.image_height = (JDIMENSION)height;
    w->jpeg.input_components = 3;
    w->jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&w->jpeg);
    jpeg_set_quality(&w->jpeg, quality, TRUE);
    w->jpeg.comp_info[0].h_samp_factor = w->jpeg.comp_info[0].v_samp_factor = chroma;
    w->jpeg.optimize_coding = TRUE;
    w->jpeg.density_unit = 1;
    w->jpeg.X_density = w->jpeg.Y_density = DPI;
    jpeg_start_compress(&w->jpeg, TRUE);
    while (w->jpeg.next_scanline < w->jpeg.image_height) {
        const uint8_t *row = rgb + (size_t)w->jpeg.next_scanline * (size_t)width * 3;
        JSAMPROW rows[1] = {(JSAMPROW)(uintptr_t)row}; /* the library does not write there */

        (void)jpeg_write_scanlines(&w->jpeg, rows, 1);
    }
    jpeg_finish_compress(&w->jpeg);
    return 0;
}

int jpeg_write_at(struct buf *out, const uint8_t *rgb, int width, int height, int quality, int chroma)
{
    struct writer *w = calloc(1, sizeof *w);
    int rc;

    if (w == NULL)
        return -1;
    w->jpeg.err = jpeg_std_error(&w->errors);
    w->errors.error_exit = give_up;
    w->jpeg.client_data = w;
    rc = encode(w, rgb, width, height, quality, chroma);
    if (rc == 0)
        buf_append_bytes(out, w->bytes, w->len);
    jpeg_destroy_compress(&w->jpeg);
    free(w->bytes);
    free(w);
    return rc == 0 && buf_ok(out) ? 0 : -1;
}

/* Full chroma as long as it is cheap: hair and collars before a blue wall fray with half of it. */
int jpeg_write(struct buf *out, const uint8_t *rgb, int width, int height, struct err *e)
{
    static const struct {
        int quality, chroma;
    } steps[] = {{92, 1}, {90, 1}, {90, 2}, {87, 2}, {85, 2}};
    enum { LAST = sizeof steps / sizeof steps[0] - 1 };
    size_t before = out->len;

    for (int i = 0; i <= LAST; i++) {
        out->len = before;
        if (jpeg_write_at(out, rgb, width, height, steps[i].quality, steps[i].chroma) != 0)
            return err_no_memory(e);
        if (out->len - before <= WISHED_BYTES)
            break;
    }
    return 0;
}
