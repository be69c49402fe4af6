/* fuzz_photo.c - whatever comes in, either a photo of ours comes out or a reason in both languages. */
#include "image/photo_internal.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte turns and zooms, the rest is the picture. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct photo_crop crop = {.size = PHOTO_1_CUN};
    struct buf jpeg = BUF_INIT(1024UL * 1024);
    struct photo_report report;
    struct slice picture;
    struct err e = {0};
    int width, height;

    if (size == 0 || size > 256UL * 1024)
        return 0;
    picture = slice_part((struct slice){data, size}, 1, size);
    crop.rotate = (data[0] & 31) * 11.25;
    crop.zoom = 1 + (data[0] >> 5) * 0.25;
    if (photo_make(&jpeg, picture, &crop, &report, &e) == 0) {
        if (photo_inspect(buf_view(&jpeg), &width, &height, &e) != 0 || width != report.width ||
            height != report.height)
            abort();
    } else if (e.code == ERR_NONE || e.en[0] == '\0' || e.zh[0] == '\0') {
        abort();
    }
    buf_dispose(&jpeg);
    return 0;
}
