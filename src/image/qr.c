#include "image/qr.h"
#include <qrencode.h>
#include <string.h>

enum { LONGEST_TEXT = 2331 }; /* bytes, version 40 at level M (ISO/IEC 18004 table 7) */

static bool take(struct qr *out, const char *text, QRecLevel level, int max_version)
{
    QRcode *code = QRcode_encodeString(text, 0, level, QR_MODE_8, 1);
    bool fits = code != NULL && code->version <= max_version && code->width <= QR_MAX_SIDE;

    if (fits) {
        out->side = code->width;
        for (int i = 0; i < code->width * code->width; i++)
            out->dark[i] = code->data[i] & 1;
    }
    QRcode_free(code);
    return fits;
}

int qr_encode(struct qr *out, const char *text, int max_version, struct err *e)
{
    if (text[0] == '\0')
        return err_set(e, ERR_INVALID, "A QR code needs a text; this one is empty.", "二维码内容为空。");
    if (strlen(text) <= LONGEST_TEXT &&
        (take(out, text, QR_ECLEVEL_Q, max_version) || take(out, text, QR_ECLEVEL_M, max_version)))
        return 0;
    return err_set(e, ERR_TOO_LARGE,
                   "The text of %zu bytes does not fit a QR code of version %d that prints clearly. Shorten "
                   "it, for example the host name of public_url.",
                   "%zu 字节的内容放不进能清晰打印的版本 %d 二维码，请缩短，例如缩短 public_url 的域名。",
                   strlen(text), max_version);
}
