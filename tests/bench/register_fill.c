/* register_fill.c - fills a data directory with a large register and prints the tokens, one a line.
 *
 * register_fill DATA_DIR ROWS PHOTO.jpg */
#include "base/file.h"
#include "support/register.h"
#include <stdlib.h>

enum { PHOTO_MAX = 1024 * 1024, FILES = 200 };

int main(int argc, char **argv)
{
    struct buf photo = BUF_INIT(PHOTO_MAX);
    struct register_order order = {.rows = argc == 4 ? strtoul(argv[2], NULL, 10) : 0, .files = FILES};
    struct store *s = NULL;
    struct err e;
    int rc;

    if (order.rows == 0) {
        (void)fprintf(stderr, "usage: %s DATA_DIR ROWS PHOTO.jpg\n", argv[0]);
        return 2;
    }
    rc = file_read(&photo, argv[3], &e) != 0 || store_open(&s, argv[1], false, &e) != 0 ? -1 : 0;
    order.photo = buf_view(&photo);
    if (rc == 0)
        rc = register_fill(s, &order, &e);
    for (size_t n = 0; rc == 0 && n < order.rows; n++) {
        char token[TOKEN_SIZE];

        register_token(token, n);
        (void)puts(token);
    }
    if (rc != 0)
        (void)fprintf(stderr, "register_fill: %s %s\n", err_text(&e), e.detail);
    store_close(s);
    buf_dispose(&photo);
    return rc == 0 ? 0 : 1;
}
