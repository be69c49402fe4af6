/* The chunks of a PNG (ISO/IEC 15948) walked without decoding: IHDR, EXIF and what tells the colour space.
 * The decoder is shown none of the chunks that serve colour or text, so that neither a text bomb nor the
 * flawed sRGB profiles of many cameras and editors can disturb it. */
#include "image/photo_internal.h"
#include <libdeflate.h>
#include <string.h>

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int read_ihdr(struct photo_header *h, struct slice body, struct err *e)
{
    uint32_t width, height;

    if (body.len != 13)
        return photo_damaged(e, "IHDR");
    width = big_endian(body.ptr);
    height = big_endian(body.ptr + 4);
    if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
        return photo_damaged(e, "IHDR size");
    h->width = (int)width;
    h->height = (int)height;
    h->precision = body.ptr[8];
    h->buffered = body.ptr[12] != 0;
    return 0;
}

/* A name, NUL, method 0, a zlib stream. What cannot be read is as if it were not there. */
static void read_iccp(struct photo_header *h, struct slice body)
{
    const uint8_t *nul = memchr(body.ptr, 0, body.len < 80 ? body.len : 80);
    struct libdeflate_decompressor *d = NULL;
    size_t at, got = 0;
    uint8_t *room;

    if (nul == NULL || h->profile.len > 0)
        return;
    at = (size_t)(nul - body.ptr) + 2;
    d = libdeflate_alloc_decompressor();
    room = at < body.len && d != NULL ? buf_room(&h->profile, PHOTO_MAX_PROFILE) : NULL;
    if (room != NULL && libdeflate_zlib_decompress(d, body.ptr + at, body.len - at, room, PHOTO_MAX_PROFILE,
                                                   &got) == LIBDEFLATE_SUCCESS)
        buf_wrote(&h->profile, got);
    libdeflate_free_decompressor(d);
}

static void read_colour(struct photo_header *h, const uint8_t *type, struct slice body)
{
    if (memcmp(type, "sRGB", 4) == 0)
        h->srgb = true;
    if (memcmp(type, "gAMA", 4) == 0 && body.len == 4)
        h->gamma = big_endian(body.ptr) / 100000.0;
    if (memcmp(type, "cHRM", 4) == 0 && body.len == 32)
        for (size_t i = 0; i < 8; i++)
            h->primaries[i] = big_endian(body.ptr + 4 * i) / 100000.0;
    if (memcmp(type, "iCCP", 4) == 0)
        read_iccp(h, body);
    if (memcmp(type, "eXIf", 4) == 0)
        h->orientation = exif_orientation(body);
}

int header_read_png(struct photo_header *h, struct slice png, struct err *e)
{
    size_t at = 8;

    for (;;) {
        const uint8_t *type;
        struct slice body;
        size_t len;

        if (png.len - at < 12)
            return photo_damaged(e, "no IEND");
        len = big_endian(png.ptr + at);
        if (len > png.len - at - 12)
            return photo_damaged(e, "length of a chunk");
        type = png.ptr + at + 4;
        body = slice_part(png, at + 8, len);
        if ((at == 8) != (memcmp(type, "IHDR", 4) == 0))
            return photo_damaged(e, "IHDR is not first");
        if (at == 8 && read_ihdr(h, body, e) != 0)
            return -1;
        read_colour(h, type, body);
        at += len + 12;
        if (memcmp(type, "IEND", 4) == 0)
            break;
    }
    h->end = at;
    return 0;
}
