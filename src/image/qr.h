/* qr.h - text in, modules of a QR code (ISO/IEC 18004) out. */
#pragma once
#include "base/buf.h"
#include "base/err.h"

enum { QR_MAX_SIDE = 177 };

struct qr {
    int side;                                /* modules a side, without quiet zone */
    uint8_t dark[QR_MAX_SIDE * QR_MAX_SIDE]; /* row by row, 1 is dark */
};

/* Level Q if that needs at most max_version, else M. ERR_TOO_LARGE if M does not fit either. */
MUST_CHECK int qr_encode(struct qr *out, const char *text, int max_version, struct err *e);
