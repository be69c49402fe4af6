#include "base/utf8.h"
#include "http/parse.h"
#include <string.h>

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes into out (as long as raw); returns the length or SIZE_MAX. */
static size_t decode(char *out, struct slice raw, bool plus_is_space)
{
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        int high, low;

        if (raw.ptr[i] == '%') {
            if (raw.len - i < 3 || (high = hex_value(raw.ptr[i + 1])) < 0 ||
                (low = hex_value(raw.ptr[i + 2])) < 0)
                return SIZE_MAX;
            out[len++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[len++] = plus_is_space && raw.ptr[i] == '+' ? ' ' : (char)raw.ptr[i];
        }
    }
    return len;
}

/* Control characters of Unicode as well as of ASCII (C1): no name contains them. */
static bool has_control(struct slice s)
{
    uint32_t cp;

    for (size_t at = 0; utf8_next(s, &at, &cp);) {
        if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
            return true;
    }
    return false;
}

static bool segment_valid(const char *text, size_t len)
{
    struct slice s = {(const uint8_t *)text, len};

    return utf8_valid(s) && !has_control(s) && memchr(text, '/', len) == NULL &&
           memchr(text, '\\', len) == NULL && !(len == 1 && text[0] == '.') &&
           !(len == 2 && text[0] == '.' && text[1] == '.');
}

static int segment_read(struct target *out, struct slice raw, bool last, struct arena *a)
{
    char *text;
    size_t len;

    if (out->segment_count == SEGMENTS_MAX || (raw.len == 0 && !last))
        return 400;
    text = arena_alloc(a, raw.len + 1);
    if (text == NULL)
        return 503;
    len = decode(text, raw, false);
    if (len == SIZE_MAX || !segment_valid(text, len))
        return 400;
    text[len] = '\0';
    out->segments[out->segment_count++] = text;
    return 0;
}

static int path_join(struct target *out, size_t longest, struct arena *a)
{
    char *at = arena_alloc(a, longest + 1);

    if (at == NULL)
        return 503;
    out->path = at;
    for (size_t i = 0; i < out->segment_count; i++) {
        size_t len = strlen(out->segments[i]);

        *at++ = '/';
        memcpy(at, out->segments[i], len);
        at += len;
    }
    *at = '\0';
    return 0;
}

static int path_read(struct target *out, struct slice raw, struct arena *a)
{
    size_t from = 1;

    if (raw.len == 0 || raw.ptr[0] != '/')
        return 400;
    while (true) {
        const uint8_t *slash = from < raw.len ? memchr(raw.ptr + from, '/', raw.len - from) : NULL;
        size_t end = slash ? (size_t)(slash - raw.ptr) : raw.len;
        int status = segment_read(out, slice_part(raw, from, end - from), slash == NULL, a);

        if (status != 0)
            return status;
        if (slash == NULL)
            return path_join(out, raw.len, a);
        from = end + 1;
    }
}

/* "http://host/path" becomes "/path": the name of the host is the proxy's business. */
static struct slice without_authority(struct slice raw, bool *wrong)
{
    static const char *const schemes[] = {"http://", "https://"};

    *wrong = false;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]), at = len;

        if (raw.len < len || memcmp(raw.ptr, schemes[i], len) != 0)
            continue;
        while (at < raw.len && raw.ptr[at] != '/' && raw.ptr[at] != '?')
            at++;
        *wrong = at == len || at == raw.len || raw.ptr[at] == '?';
        return slice_part(raw, at, raw.len);
    }
    return raw;
}

int target_read(struct target *out, struct slice raw, struct arena *a)
{
    const uint8_t *mark;
    size_t path_len;
    bool wrong;
    int status;

    memset(out, 0, sizeof *out);
    out->path = "/";
    if (raw.len > TARGET_MAX)
        return 414;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] <= ' ' || raw.ptr[i] == 0x7F || raw.ptr[i] == '#')
            return 400;
    }
    raw = without_authority(raw, &wrong);
    if (wrong)
        return 400;
    mark = raw.len ? memchr(raw.ptr, '?', raw.len) : NULL;
    path_len = mark ? (size_t)(mark - raw.ptr) : raw.len;
    status = path_read(out, slice_part(raw, 0, path_len), a);
    if (status == 0 && mark != NULL)
        status =
            pairs_read(out->query, &out->query_count, PAIRS_MAX, slice_part(raw, path_len + 1, raw.len), a);
    return status;
}

static char *text_decoded(struct slice raw, struct arena *a, int *status)
{
    char *text = arena_alloc(a, raw.len + 1);
    size_t len;

    if (text == NULL) {
        *status = 503;
        return NULL;
    }
    len = decode(text, raw, true);
    if (len == SIZE_MAX || memchr(text, '\0', len) != NULL ||
        !utf8_valid((struct slice){(const uint8_t *)text, len})) {
        *status = 400;
        return NULL;
    }
    text[len] = '\0';
    return text;
}

static int pair_read(struct pair *out, struct slice raw, struct arena *a)
{
    const uint8_t *equals = memchr(raw.ptr, '=', raw.len);
    size_t name_len = equals ? (size_t)(equals - raw.ptr) : raw.len;
    int status = 0;

    out->name = text_decoded(slice_part(raw, 0, name_len), a, &status);
    out->value = status ? NULL : text_decoded(slice_part(raw, name_len + 1, raw.len), a, &status);
    return status;
}

int pairs_read(struct pair *out, size_t *count, size_t max, struct slice raw, struct arena *a)
{
    *count = 0;
    for (size_t from = 0, end; from < raw.len; from = end + 1) {
        const uint8_t *amp = memchr(raw.ptr + from, '&', raw.len - from);
        struct pair p;
        int status;

        end = amp ? (size_t)(amp - raw.ptr) : raw.len;
        if (end == from)
            continue;
        if (*count == max)
            return 400;
        status = pair_read(&p, slice_part(raw, from, end - from), a);
        if (status == 0 && (*p.name == '\0' || pair_lookup(out, *count, p.name) != NULL))
            status = 400;
        if (status != 0)
            return status;
        out[(*count)++] = p;
    }
    return 0;
}

const char *pair_lookup(const struct pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    }
    return NULL;
}
