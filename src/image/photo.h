/* photo.h - an untrusted picture of a person in, a checked and cropped baseline JPEG out. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

enum { PHOTO_MAX_BYTES = 10 * 1024 * 1024 };

/* Target sizes at 300 dpi, width by height in pixels: 1寸 295x413, 2寸 413x579, 大2寸 413x626,
 * 小2寸 413x531. */
enum photo_size { PHOTO_1_CUN, PHOTO_2_CUN, PHOTO_LARGE_2_CUN, PHOTO_SMALL_2_CUN };
/* Reads "1", "2", "大2", "小2", with or without 寸, or "1cun", "2cun", "large2", "small2". */
bool photo_size_parse(enum photo_size *out, const char *text);
const char *photo_size_name(enum photo_size size); /* "1cun", ... */
void photo_size_pixels(enum photo_size size, int *width, int *height);

struct photo_crop {
    enum photo_size size;
    double rotate; /* degrees clockwise, any angle; applied after the EXIF orientation */
    /* In pixels of the rotated picture, counted from the corner of its bounding box; all 0: the largest
     * centred rectangle of the target's shape. Its corners must lie in the picture, and its shape may differ
     * from the target's by 1 % (trimmed, not distorted). */
    double x, y, width, height;
    double zoom; /* 1 is the rectangle as given; 2 shows its middle half; must be > 0; 0 counts as 1 */
};

struct photo_report {
    int source_width, source_height;      /* after EXIF orientation */
    int width, height;                    /* of the result */
    double x, y, crop_width, crop_height; /* what was cut out, zoom and trimming done: struct photo_crop */
    double scale;                         /* result pixels per source pixel; above 3 is refused */
    bool warn_upscaled;                   /* scale is above 1.5 */
};

/* Decodes in a sandboxed child (256 MB, 1 s CPU), orients, rotates, crops, scales, and appends a baseline
 * sRGB JPEG of 300 dpi without metadata, about 60 KB at most, the same bytes for the same input.
 *
 * Refused by the header alone: other formats, more than 10 MB or 40 million pixels (16 million if
 * progressive, in several scans or interlaced; 20 scans), less than 295x413 when upright. Refused while
 * decoding: whatever makes the decoder warn. Colour profiles (and a PNG's gamma) are converted to sRGB; a
 * broken profile is left aside, as browsers do, because many honest editors write flawed ones. Bytes behind
 * the picture (phones append films there) are dropped. ERR_INVALID, ERR_TOO_LARGE say what the person should
 * do. */
MUST_CHECK int photo_crop(struct buf *jpeg, struct slice picture, const struct photo_crop *crop,
                          struct photo_report *report, struct err *e);

/* Looks at a JPEG made by photo_crop(): its size in pixels. ERR_INVALID if it is none of ours (baseline, 3
 * components, 8 bit, one scan, no metadata, nothing behind it). About a microsecond. */
MUST_CHECK int photo_inspect(struct slice jpeg, int *width, int *height, struct err *e);

/* Of a JPEG made by photo_crop(): the same picture, width by height pixels, no larger than max_bytes. In this
 * process: bytes that photo_inspect() knows as ours. ERR_INVALID for any others. */
MUST_CHECK int photo_small(struct buf *out, struct slice jpeg, int width, int height, size_t max_bytes,
                           struct err *e);
