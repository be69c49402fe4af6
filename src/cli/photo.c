/* photo - turn, crop and check a photo. */
#include "image/photo.h"
#include "base/file.h"
#include "base/language.h"
#include "cli/cli.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const struct cli_help help = {
    "Usage: sealpress photo IN -o OUT.jpg [--size SIZE] [--rotate DEGREES] [--crop X,Y,W,H] [--zoom Z]\n"
    "\n"
    "Reads a JPEG or PNG of at most 10 MB and 40 million pixels, at least 295x413, turns it as the camera\n"
    "noted, and writes a clean JPEG for the certificate: 300 dpi, sRGB, no metadata.\n"
    "\n"
    "  -o, --out FILE     where the photo goes\n"
    "  --size SIZE        1寸 295x413, 2寸 413x579 (the default), 大2寸 413x626, 小2寸 413x531;\n"
    "                     1cun, 2cun, large2, small2 mean the same\n"
    "  --rotate DEGREES   clockwise, any angle\n"
    "  --crop X,Y,W,H     a rectangle in pixels of the turned picture (its bounding box), of the size's\n"
    "                     shape; else the largest centred one\n"
    "  --zoom Z           2 shows the middle half of the rectangle\n"
    "\n"
    "Example: sealpress photo me.jpg -o photo.jpg --size 2寸 --rotate -1.5 --zoom 1.2\n",
    "用法：sealpress photo 照片 -o 输出.jpg [--size 尺寸] [--rotate 角度] [--crop X,Y,宽,高] [--zoom 倍数]\n"
    "\n"
    "读取 JPEG 或 PNG（最大 10 MB、4000 万像素，至少 295x413），按相机方向摆正，输出证书用的 JPEG：\n"
    "300 dpi、sRGB、不含元数据。\n"
    "\n"
    "  -o, --out 文件     输出位置\n"
    "  --size 尺寸        1寸 295x413、2寸 413x579（默认）、大2寸 413x626、小2寸 413x531；\n"
    "                     也可写 1cun、2cun、large2、small2\n"
    "  --rotate 角度      顺时针，任意角度\n"
    "  --crop X,Y,宽,高   旋转后照片（外接矩形）上的像素矩形，比例须与尺寸一致；不给出时取居中最大的矩形\n"
    "  --zoom 倍数        2 表示只取矩形中间的一半\n"
    "\n"
    "示例：sealpress photo 我.jpg -o 照片.jpg --size 2寸 --rotate -1.5 --zoom 1.2\n",
    1, 1};

/* Digits, a point, a sign: no hexadecimal, no "inf", nothing left over but `end`. */
static bool read_number(double *out, const char **text, char end)
{
    const char *at = *text;
    char *stop;

    while ((*at >= '0' && *at <= '9') || *at == '.' || *at == '-' || *at == '+')
        at++;
    errno = 0;
    *out = strtod(*text, &stop);
    if (at == *text || stop != at || *stop != end || errno != 0 || !isfinite(*out))
        return false;
    *text = end == '\0' ? at : at + 1;
    return true;
}

static bool read_crop(struct photo_crop *crop, const char *text)
{
    return read_number(&crop->x, &text, ',') && read_number(&crop->y, &text, ',') &&
           read_number(&crop->width, &text, ',') && read_number(&crop->height, &text, '\0') &&
           crop->width > 0 && crop->height > 0;
}

static int read_wishes(struct photo_crop *crop, const char *size, const char *rotate, const char *rectangle,
                       const char *zoom)
{
    *crop = (struct photo_crop){.size = PHOTO_2_CUN, .zoom = 1};
    if (size != NULL && !photo_size_parse(&crop->size, size))
        return cli_misused("photo", "--size: give 1寸, 2寸, 大2寸 or 小2寸.",
                           "--size：请给出 1寸、2寸、大2寸 或 小2寸。");
    if (rotate != NULL && (!read_number(&crop->rotate, &rotate, '\0') || fabs(crop->rotate) > 360))
        return cli_misused("photo", "--rotate: give degrees from -360 to 360, for example -1.5.",
                           "--rotate：请给出 -360 到 360 度，例如 -1.5。");
    if (rectangle != NULL && !read_crop(crop, rectangle))
        return cli_misused("photo", "--crop: give left, top, width and height, for example 100,50,700,981.",
                           "--crop：请给出左、上、宽、高，例如 100,50,700,981。");
    if (zoom != NULL && (!read_number(&crop->zoom, &zoom, '\0') || crop->zoom <= 0))
        return cli_misused("photo", "--zoom: give a number above 0, for example 1.2.",
                           "--zoom：请给出大于 0 的倍数，例如 1.2。");
    return CLI_GO_ON;
}

static int read_picture(struct buf *picture, const char *path, struct err *e)
{
    if (file_read(picture, path, e) == 0)
        return 0;
    if (e->code != ERR_TOO_LARGE)
        return -1;
    return err_set(
        e, ERR_TOO_LARGE,
        "%s is larger than 10 MB. Make the picture smaller (3000×4200 pixels are plenty) or save it "
        "as JPEG.",
        "%s 超过 10 MB。请缩小图片（3000×4200 像素已足够），或另存为 JPEG。", path);
}

static void tell(const struct photo_report *report, const char *path, size_t bytes)
{
    char en[160], zh[160];

    (void)snprintf(en, sizeof en, "%d×%d from a photo of %d×%d, %zu bytes", report->width, report->height,
                   report->source_width, report->source_height, bytes);
    (void)snprintf(zh, sizeof zh, "%d×%d，取自 %d×%d 的照片，%zu 字节", report->width, report->height,
                   report->source_width, report->source_height, bytes);
    (void)printf("%s: %s\n", path, language_pick(en, zh));
    if (report->warn_upscaled) {
        (void)snprintf(en, sizeof en,
                       "the photo was enlarged %.1f times and may look blurred; a larger crop or a sharper "
                       "photo is better.",
                       report->scale);
        (void)snprintf(zh, sizeof zh, "照片被放大 %.1f 倍，可能模糊；请扩大裁剪范围或换用更清晰的照片。",
                       report->scale);
        cli_note(en, zh);
    }
}

int cli_photo(int argc, char **argv)
{
    const char *out = NULL, *size = NULL, *rotate = NULL, *rectangle = NULL, *zoom = NULL;
    const struct cli_option options[] = {{"--out", "-o", &out, NULL},
                                         {"--size", NULL, &size, NULL},
                                         {"--rotate", NULL, &rotate, NULL},
                                         {"--crop", NULL, &rectangle, NULL},
                                         {"--zoom", NULL, &zoom, NULL}};
    struct buf picture = BUF_INIT(PHOTO_MAX_BYTES), jpeg = BUF_INIT(1024UL * 1024);
    struct photo_report report;
    struct photo_crop crop;
    struct cli_words words;
    struct err e = {0};
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    if (status == CLI_GO_ON && out == NULL)
        status = cli_misused("photo", "-o OUT.jpg is missing.", "缺少 -o 输出.jpg。");
    if (status == CLI_GO_ON)
        status = read_wishes(&crop, size, rotate, rectangle, zoom);
    if (status != CLI_GO_ON)
        goto out;
    if (read_picture(&picture, words.list[0], &e) != 0 ||
        photo_crop(&jpeg, buf_view(&picture), &crop, &report, &e) != 0 ||
        file_write(out, buf_view(&jpeg), 0644, &e) != 0) {
        status = cli_fail(&e);
        goto out;
    }
    tell(&report, out, jpeg.len);
    status = CLI_FINE;
out:
    buf_dispose(&picture);
    buf_dispose(&jpeg);
    return status;
}
