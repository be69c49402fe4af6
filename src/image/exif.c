#include "image/photo_internal.h"
#include <string.h>

static uint32_t number(struct slice s, size_t at, int bytes, bool big)
{
    uint32_t n = 0;

    for (int i = 0; i < bytes; i++)
        n = n << 8 | s.ptr[at + (size_t)(big ? i : bytes - 1 - i)];
    return n;
}

/* TIFF 6.0: 8 bytes of header, then IFD0: a count and entries of 12 bytes. */
int exif_orientation(struct slice tiff)
{
    enum { ORIENTATION = 0x0112, SHORT = 3 };
    size_t ifd, count;
    bool big;

    if (tiff.len < 14 || (memcmp(tiff.ptr, "II*\0", 4) != 0 && memcmp(tiff.ptr, "MM\0*", 4) != 0))
        return 1;
    big = tiff.ptr[0] == 'M';
    ifd = number(tiff, 4, 4, big);
    if (ifd > tiff.len - 2)
        return 1;
    count = number(tiff, ifd, 2, big);
    for (size_t i = 0, at = ifd + 2; i < count && at <= tiff.len && tiff.len - at >= 12; i++, at += 12) {
        uint32_t value = number(tiff, at + 8, 2, big);

        if (number(tiff, at, 2, big) == ORIENTATION && number(tiff, at + 2, 2, big) == SHORT)
            return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}
