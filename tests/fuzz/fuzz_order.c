/* fuzz_order.c - whatever is sent as an order, it is a record or a refusal that names the member; a record
 * that was accepted is understood the same way once more, and holds no control or bidi character. */
#include "base/json.h"
#include "base/utf8.h"
#include "records/order.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The canonical text of an accepted order is an order again, and canonical. */
static void must_stay(const char *canonical)
{
    struct certificate_order again;
    struct faults faults = {.count = 0};
    struct arena a = ARENA_INIT;
    json_t *json = NULL;
    struct err e;

    if (json_read(&json, slice_of(canonical), ORDER_MAX_BYTES * 2, &e) != 0 ||
        certificate_order_read(&again, json, &a, &faults, &e) != 0 || strcmp(again.canonical, canonical) != 0)
        abort();
    json_decref(json);
    arena_dispose(&a);
}

static void must_be_clean(const char *text)
{
    if (text == NULL)
        return;
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20)
            abort();
    }
    /* U+202A to U+202E and U+2066 to U+2069 turn the direction of what follows */
    for (int low = 0xaa; low <= 0xae; low++) {
        char bidi[] = {'\xe2', '\x80', (char)low, '\0'};

        if (strstr(text, bidi) != NULL)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certificate_order order;
    struct faults faults = {.count = 0};
    struct arena a = ARENA_INIT;
    json_t *json = NULL;
    struct err e = {0};

    if (json_read(&json, (struct slice){data, size}, ORDER_MAX_BYTES, &e) != 0) {
        if (e.code == ERR_NONE || e.en[0] == '\0' || e.zh[0] == '\0')
            abort();
        return 0;
    }
    if (certificate_order_read(&order, json, &a, &faults, &e) == 0) {
        must_stay(order.canonical);
        must_be_clean(order.name);
        must_be_clean(order.specialty);
        must_be_clean(order.title);
    } else if (faults.count == 0 || faults.list[0].en[0] == '\0') {
        abort();
    }
    json_decref(json);
    arena_dispose(&a);
    return 0;
}
