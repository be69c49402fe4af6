#include "image/photo_internal.h"
#include <string.h>

void header_init(struct photo_header *h)
{
    memset(h, 0, sizeof *h);
    h->orientation = 1;
    buf_init(&h->profile, PHOTO_MAX_PROFILE);
}

void header_dispose(struct photo_header *h)
{
    buf_dispose(&h->profile);
}

int photo_damaged(struct err *e, const char *detail)
{
    err_set(e, ERR_INVALID,
            "The photo is damaged or incomplete. Send the original file again, or open it in a photo program "
            "and save it as a new JPEG.",
            "照片已损坏或不完整。请重新传送原文件，或用看图软件打开后另存为新的 JPEG。");
    return err_detail(e, "%s", detail);
}

static bool begins(struct slice s, size_t at, const char *magic, size_t len)
{
    return s.len >= at + len && memcmp(s.ptr + at, magic, len) == 0;
}

/* What people send instead of a JPEG or PNG. */
static const char *other_format(struct slice s)
{
    static const struct {
        size_t at, len;
        const char *magic, *name;
    } rows[] = {
        {4, 8, "ftypheic", "HEIC"},
        {4, 8, "ftypheix", "HEIC"},
        {4, 8, "ftyphevc", "HEIC"},
        {4, 8, "ftypmif1", "HEIF"},
        {4, 8, "ftypmsf1", "HEIF"},
        {4, 8, "ftypavif", "AVIF"},
        {8, 4, "WEBP", "WebP"},
        {0, 4, "GIF8", "GIF"},
        {0, 2, "BM", "BMP"},
        {0, 4, "%PDF", "PDF"},
        {0, 4, "II*\0", "TIFF"},
        {0, 4, "MM\0*", "TIFF"},
        {0, 4, "8BPS", "PSD"},
        {4, 8, "jP  \r\n\x87\n", "JPEG 2000"},
        {0, 4, "\xFF\x4F\xFF\x51", "JPEG 2000"},
        {0, 4, "PK\x03\x04", "ZIP / Office"},
        {0, 4, "<svg", "SVG"},
        {4, 4, "ftyp", "video"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (begins(s, rows[i].at, rows[i].magic, rows[i].len))
            return rows[i].name;
    return NULL;
}

static int not_a_photo(struct slice picture, struct err *e)
{
    const char *name = other_format(picture);

    if (picture.len == 0)
        return err_set(e, ERR_INVALID, "The photo's file is empty. Send it again.",
                       "照片文件是空的，请重新传送。");
    if (name == NULL)
        return err_set(e, ERR_INVALID, "This file is not a photo. Send a JPEG or PNG picture.",
                       "该文件不是照片，请提供 JPEG 或 PNG 图片。");
    return err_set(e, ERR_INVALID,
                   "This file is %s, not JPEG or PNG. Open it in a photo program and save it as JPEG (.jpg).",
                   "该文件是 %s 格式，不是 JPEG 或 PNG。请用看图软件打开后另存为 JPEG（.jpg）。", name);
}

static int judge_size(const struct photo_header *h, struct err *e)
{
    bool turned = h->orientation >= 5;
    int width = turned ? h->height : h->width, height = turned ? h->width : h->height;
    int64_t pixels = (int64_t)width * height;

    if (pixels > PHOTO_MAX_PIXELS)
        return err_set(e, ERR_TOO_LARGE,
                       "The photo has %d×%d pixels, more than 40 million. Make it smaller (3000×4200 is "
                       "plenty) and send it again.",
                       "照片为 %d×%d 像素，超过 4000 万。请缩小后（3000×4200 已足够）重新提供。", width,
                       height);
    if (h->scans > PHOTO_MAX_SCANS)
        return err_set(e, ERR_TOO_LARGE,
                       "This progressive JPEG has %d scans, more than %d. Save it as an ordinary (baseline) "
                       "JPEG.",
                       "该渐进式 JPEG 有 %d 次扫描，超过 %d 次。请另存为普通（基线）JPEG。", h->scans,
                       PHOTO_MAX_SCANS);
    if (h->buffered && pixels > PHOTO_MAX_BUFFERED_PIXELS)
        return err_set(
            e, ERR_TOO_LARGE,
            "A progressive or interlaced picture may have 16 million pixels, this one has %d×%d. "
            "Save it as an ordinary (baseline) JPEG or make it smaller.",
            "渐进式或隔行图片最多 1600 万像素，该图为 %d×%d。请另存为普通（基线）JPEG，或缩小后再提供。",
            width, height);
    return 0;
}

int header_read(struct photo_header *h, struct slice picture, struct err *e)
{
    int rc;

    if (picture.len > PHOTO_MAX_BYTES)
        return err_set(e, ERR_TOO_LARGE,
                       "The photo's file is larger than 10 MB. Make the picture smaller or save it as JPEG.",
                       "照片文件超过 10 MB。请缩小图片，或另存为 JPEG。");
    if (begins(picture, 0, "\xFF\xD8\xFF", 3)) {
        h->format = FORMAT_JPEG;
        rc = header_read_jpeg(h, picture, e);
    } else if (begins(picture, 0, "\x89PNG\r\n\x1A\n", 8)) {
        h->format = FORMAT_PNG;
        rc = header_read_png(h, picture, e);
    } else {
        rc = not_a_photo(picture, e);
    }
    return rc == 0 ? judge_size(h, e) : -1;
}
