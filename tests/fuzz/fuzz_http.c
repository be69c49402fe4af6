/* fuzz_http.c - the first byte chooses a reader: target, range, language, addresses, forms. None reads past
 * its end, and what they let through is what their callers rely on. */
#include "base/utf8.h"
#include "http/parse.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_target(struct slice text, struct arena *a)
{
    struct target t;

    if (target_read(&t, text, a) != 0)
        return;
    assert(t.segment_count > 0 && t.path[0] == '/' && utf8_valid(slice_of(t.path)));
    for (size_t i = 0; i < t.segment_count; i++) {
        assert(strpbrk(t.segments[i], "/\\\n\r") == NULL && strcmp(t.segments[i], "..") != 0);
        assert(*t.segments[i] != '\0' || i + 1 == t.segment_count);
    }
    for (size_t i = 0; i < t.query_count; i++)
        assert(utf8_valid(slice_of(t.query[i].value)) && *t.query[i].name != '\0');
}

static void try_range(const char *text)
{
    static const size_t sizes[] = {0, 1, 1000, SIZE_MAX / 2};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t from = 0, len = 0;

        if (range_read(&from, &len, text, sizes[i]) == RANGE_PART)
            assert(len > 0 && from < sizes[i] && len <= sizes[i] - from);
    }
    (void)etag_listed(text, "\"abc\"");
    (void)etag_same_strong(text, "\"abc\"");
}

static void try_address(const char *text)
{
    const struct sockaddr peer = {.sa_family = AF_INET};
    struct network n = {{0}, 0}; /* trusts all, so that everything is read */
    char address[ADDRESS_SIZE];

    client_address(address, &peer, text, &n, 1);
    assert(strlen(address) < sizeof address);
    (void)network_read(&n, text);
}

/* The content type stands before the first newline. */
static void try_form(struct slice text, struct arena *a)
{
    size_t end = slice_find(text, 0, slice_of("\n"));
    struct form f;
    struct slice body;
    char *type;

    if (end == SIZE_MAX)
        return;
    type = arena_slice(a, slice_part(text, 0, end));
    body = slice_part(text, end + 1, text.len);
    if (type == NULL || form_read(&f, type, body, a) != 0)
        return;
    for (size_t i = 0; i < f.field_count; i++)
        assert(utf8_valid(slice_of(f.fields[i].value)));
    for (size_t i = 0; i < f.file_count; i++)
        assert(f.files[i].bytes.len <= body.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT;
    struct slice rest;
    char *text;

    if (size == 0)
        return 0;
    rest = slice_part((struct slice){data, size}, 1, size);
    text = arena_slice(&a, rest);
    switch (data[0]) {
    case 't':
        try_target(rest, &a);
        break;
    case 'r':
        try_range(text);
        break;
    case 'l':
        (void)accept_language_english(text);
        break;
    case 'a':
        try_address(text);
        break;
    case 'f':
        try_form(rest, &a);
        break;
    default:
        break;
    }
    arena_dispose(&a);
    return 0;
}
