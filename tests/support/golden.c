/* golden.c - files of tests/golden. */
#include "support/golden.h"
#include "base/err.h"
#include "base/file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void golden_compare(const char *path, struct buf *made)
{
    struct buf kept = BUF_INIT(1 << 24);
    struct err e = {0};

    if (getenv("SEALPRESS_GOLDEN_UPDATE") != NULL) {
        assert_int_equal(file_write(path, buf_view(made), 0644, &e), 0);
        return;
    }
    if (file_read(&kept, path, &e) != 0)
        fail_msg("%s: %s", path, e.en);
    if (!slice_equal(buf_view(&kept), buf_view(made))) {
        const char *a = buf_text(&kept), *b = buf_text(made);
        size_t i = 0, line = 1, from = 0;

        for (; a[i] != '\0' && a[i] == b[i]; i++) {
            if (a[i] == '\n') {
                line++;
                from = i + 1;
            }
        }
        fail_msg("%s, line %zu: \"%.*s\" became \"%.*s\"", path, line, (int)strcspn(a + from, "\n"), a + from,
                 (int)strcspn(b + from, "\n"), b + from);
    }
    buf_dispose(&kept);
}
