#include "seal/seal_internal.h"
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_png(struct slice s)
{
    return s.len >= 8 && memcmp(s.ptr, "\x89PNG\r\n\x1A\n", 8) == 0;
}

/* The signature, then IHDR, which is always first: length, type, width, height, depth (PNG 11.2.2). */
int png_head_check(struct slice png, struct err *e)
{
    uint32_t width, height;

    if (png.len > SEAL_MAX_PICTURE)
        return err_set(e, ERR_TOO_LARGE, "The seal's picture is %zu bytes; at most %d are read.",
                       "印章图片有 %zu 字节，最多读取 %d 字节。", png.len, (int)SEAL_MAX_PICTURE);
    if (!is_png(png) || png.len < 33 || memcmp(png.ptr + 8, "\0\0\0\x0DIHDR", 8) != 0)
        return err_set(e, ERR_INVALID, "The seal's picture is no PNG.", "印章图片不是 PNG 文件。");
    width = big_endian(png.ptr + 16);
    height = big_endian(png.ptr + 20);
    if (width == 0 || height == 0 || width > SEAL_MAX_PIXELS_A_SIDE || height > SEAL_MAX_PIXELS_A_SIDE)
        return err_set(e, ERR_INVALID,
                       "The seal's picture is %u x %u pixels; at most %d x %d are used. Scale it down.",
                       "印章图片为 %u x %u 像素，最多 %d x %d，请缩小后再试。", width, height,
                       (int)SEAL_MAX_PIXELS_A_SIDE, (int)SEAL_MAX_PIXELS_A_SIDE);
    if (png.ptr[24] > 8)
        return err_set(e, ERR_INVALID, "The seal's picture has %d bits a channel; save it with 8.",
                       "印章图片为每通道 %d 位，请另存为 8 位。", png.ptr[24]);
    return 0;
}

/* Decodes it to the end: what libpng only warns of is refused too. */
static int png_check(struct slice png, struct err *e)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    uint8_t *rgba = NULL;
    int rc = -1;

    if (png_head_check(png, e) != 0)
        return -1;
    if (!png_image_begin_read_from_memory(&image, png.ptr, png.len) || PNG_IMAGE_FAILED(image))
        goto bad;
    image.format = PNG_FORMAT_RGBA;
    rgba = malloc(PNG_IMAGE_SIZE(image));
    if (rgba == NULL) {
        rc = err_no_memory(e);
        goto out;
    }
    if (!png_image_finish_read(&image, NULL, rgba, 0, NULL) || image.warning_or_error != 0)
        goto bad;
    rc = 0;
    goto out;
bad:
    (void)err_set(e, ERR_INVALID, "The seal's PNG picture is damaged: %s. Export it again.",
                  "印章的 PNG 图片已损坏：%s。请重新导出。", image.message);
out:
    png_image_free(&image);
    free(rgba);
    return rc;
}

static int svg_check(struct slice svg, struct err *e)
{
    struct artwork *a;
    double width, height;

    if (svg.len > SEAL_MAX_PICTURE)
        return err_set(e, ERR_TOO_LARGE, "The seal's picture is %zu bytes; at most %d are read.",
                       "印章图片有 %zu 字节，最多读取 %d 字节。", svg.len, (int)SEAL_MAX_PICTURE);
    if (artwork_read(&a, svg, "picture.svg", e) != 0)
        return -1;
    width = artwork_width(a);
    height = artwork_height(a);
    artwork_free(a);
    if (fabs(width - height) > 0.02 * fmax(width, height))
        return err_set(e, ERR_INVALID, "The seal's picture must be square, not %.1f x %.1f points.",
                       "印章图形应为正方形，现为 %.1f x %.1f 点。", width, height);
    return 0;
}

int seal_picture_check(bool *is_svg, struct slice picture, struct err *e)
{
    *is_svg = !is_png(picture);
    if (*is_svg && slice_find(picture, 0, slice_of("<svg")) == SIZE_MAX)
        return err_set(e, ERR_INVALID, "The seal's picture is neither PNG nor SVG; save it as one of these.",
                       "印章图样既不是 PNG 也不是 SVG，请另存为其中一种。");
    return *is_svg ? svg_check(picture, e) : png_check(picture, e);
}
