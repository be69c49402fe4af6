/* The markers of a JPEG (ISO/IEC 10918-1 Annex B) walked without decoding: sizes, scans, EXIF, ICC. */
#include "image/photo_internal.h"
#include <string.h>

enum { SOF0 = 0xC0, SOF1, SOF2, DHT = 0xC4, JPG = 0xC8, DAC = 0xCC, RST0 = 0xD0, RST7 = 0xD7, SOI, EOI, SOS };
enum { APP0 = 0xE0, APP1, APP2, APP14 = 0xEE, APP15, COM = 0xFE, TEM = 0x01 };

static const char icc_name[12] = "ICC_PROFILE"; /* with its NUL */
static const char exif_name[6] = "Exif\0";      /* with two */

/* The offset of the marker's code at or behind `at`, inside entropy-coded data too; SIZE_MAX at the end. */
static size_t next_marker(struct slice s, size_t at)
{
    while (at < s.len) {
        const uint8_t *ff = memchr(s.ptr + at, 0xFF, s.len - at);
        size_t code;

        if (ff == NULL)
            return SIZE_MAX;
        code = (size_t)(ff - s.ptr) + 1;
        while (code < s.len && s.ptr[code] == 0xFF)
            code++;
        if (code >= s.len)
            return SIZE_MAX;
        if (s.ptr[code] != 0 && (s.ptr[code] < RST0 || s.ptr[code] > RST7))
            return code;
        at = code + 1;
    }
    return SIZE_MAX;
}

static bool is_frame(int code)
{
    return code >= SOF0 && code <= 0xCF && code != DHT && code != JPG && code != DAC;
}

static int read_frame(struct photo_header *h, int code, struct slice body, struct err *e)
{
    if (code != SOF0 && code != SOF1 && code != SOF2)
        return err_set(e, ERR_INVALID,
                       "This is a rare kind of JPEG (lossless or arithmetic). Open it in a photo program and "
                       "save it as an ordinary JPEG.",
                       "该文件是少见的 JPEG 类型（无损或算术编码）。请用看图软件打开后另存为普通 JPEG。");
    if (h->width != 0 || body.len < 6)
        return photo_damaged(e, "second or short frame header");
    h->precision = body.ptr[0];
    h->height = body.ptr[1] << 8 | body.ptr[2];
    h->width = body.ptr[3] << 8 | body.ptr[4];
    h->components = body.ptr[5];
    h->sequential = code == SOF0;
    h->buffered = code == SOF2;
    if (h->width == 0 || h->height == 0)
        return photo_damaged(e, "frame without size");
    if (h->precision != 8)
        return err_set(e, ERR_INVALID,
                       "This JPEG has %d bits per colour. Save it as an ordinary JPEG with 8 bits.",
                       "该 JPEG 每种颜色 %d 位。请另存为 8 位的普通 JPEG。", h->precision);
    if (h->components != 1 && h->components != 3 && h->components != 4)
        return photo_damaged(e, "number of colour components");
    return 0;
}

/* ICC.1 B.4: parts numbered from 1 with their count. Any disorder: as if there were none (colours are then
 * taken as sRGB, as browsers do). */
static void read_profile_part(struct photo_header *h, struct slice body, int *parts)
{
    if (*parts < 0 || body.len < 14 || body.ptr[12] != *parts + 1 || body.ptr[12] > body.ptr[13]) {
        *parts = -1;
        return;
    }
    *parts = body.ptr[12];
    buf_append(&h->profile, slice_part(body, 14, body.len));
    if (!buf_ok(&h->profile))
        *parts = -1;
}

static void read_segment(struct photo_header *h, int code, struct slice body, int *icc_parts, int *icc_total)
{
    if (code == APP1 && body.len > 6 && memcmp(body.ptr, exif_name, 6) == 0 && h->orientation == 1)
        h->orientation = exif_orientation(slice_part(body, 6, body.len));
    if (code == APP2 && body.len >= 14 && memcmp(body.ptr, icc_name, 12) == 0) {
        read_profile_part(h, body, icc_parts);
        *icc_total = body.ptr[13];
    }
    if (code == APP14 && body.len >= 12 && memcmp(body.ptr, "Adobe", 5) == 0)
        h->adobe = true;
    if ((code > APP0 && code <= APP15) || code == COM)
        h->metadata++;
}

int header_read_jpeg(struct photo_header *h, struct slice jpeg, struct err *e)
{
    int icc_parts = 0, icc_total = 0;
    size_t at = 2;

    while (h->end == 0) {
        struct slice body;
        size_t len;
        int code;

        at = next_marker(jpeg, at);
        if (at == SIZE_MAX)
            return photo_damaged(e, "no end of image");
        code = jpeg.ptr[at++];
        if (code == EOI)
            h->end = at;
        if (code == EOI || code == TEM)
            continue;
        if (code == SOI || jpeg.len - at < 2)
            return photo_damaged(e, "second start or cut segment");
        len = (size_t)(jpeg.ptr[at] << 8 | jpeg.ptr[at + 1]);
        if (len < 2 || len > jpeg.len - at)
            return photo_damaged(e, "length of a segment");
        body = slice_part(jpeg, at + 2, len - 2);
        at += len;
        if (is_frame(code) && read_frame(h, code, body, e) != 0)
            return -1;
        h->scans += code == SOS;
        read_segment(h, code, body, &icc_parts, &icc_total);
    }
    if (h->width == 0 || h->scans == 0)
        return photo_damaged(e, "no frame or no scan");
    h->buffered = h->buffered || h->scans > 1;
    if (icc_parts != icc_total)
        buf_reset(&h->profile);
    return 0;
}
