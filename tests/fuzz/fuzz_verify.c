/* fuzz_verify.c - with nobody trusted no file on earth is genuine, and none crashes the reader. */
#include "sign/verify.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct trust *nobody(void)
{
    static struct trust *trust;
    struct err e;

    if (trust == NULL && trust_load(&trust, NULL, &e) != 0)
        abort();
    return trust;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct verify_order order = {nobody(), 1795000000};
    struct arena arena = ARENA_INIT;
    struct buf json = BUF_INIT((size_t)1 << 26);
    struct verdict v;
    struct err e;

    if (verify_pdf(&v, (struct slice){data, size}, &order, &arena, &e) == 0) {
        if (v.kind == VERDICT_GENUINE || v.kind == VERDICT_TEST || v.reason_en == NULL || v.reason_zh == NULL)
            abort();
        if (verdict_json(&json, &v, &e) != 0)
            abort();
    }
    buf_dispose(&json);
    arena_dispose(&arena);
    return 0;
}
