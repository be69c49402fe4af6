#include "http/http_internal.h"
#include <string.h>
#include <strings.h>

struct search {
    const char *name;
    struct slice value;
    unsigned found;
};

/* cookie-octet (RFC 6265 4.1.1); a value in quotes keeps them out of sight. */
static bool octets_valid(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] <= 0x20 || s.ptr[i] >= 0x7F || strchr("\",;\\", s.ptr[i]) != NULL)
            return false;
    }
    return true;
}

static void pair_look_at(struct search *s, const char *at, size_t len)
{
    size_t name = strlen(s->name);
    struct slice value;

    while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t'))
        len--;
    if (len <= name || memcmp(at, s->name, name) != 0 || at[name] != '=')
        return;
    value = (struct slice){(const uint8_t *)at + name + 1, len - name - 1};
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        value = slice_part(value, 1, value.len - 2);
    if (!octets_valid(value))
        return;
    s->value = value;
    s->found++;
}

static enum MHD_Result header_look_at(void *cls, enum MHD_ValueKind kind, const char *name, size_t size,
                                      const char *value, size_t value_size)
{
    struct search *s = cls;

    (void)kind;
    (void)value_size;
    if (value == NULL || size != 6 || strncasecmp(name, "Cookie", 6) != 0)
        return MHD_YES;
    for (const char *at = value; *at != '\0';) {
        size_t len;

        at += strspn(at, " \t;");
        len = strcspn(at, ";");
        pair_look_at(s, at, len);
        at += len;
    }
    return MHD_YES;
}

const char *request_cookie(const struct request *r, const char *name)
{
    struct search s = {.name = name};

    (void)MHD_get_connection_values_n(r->exchange->mhd, MHD_HEADER_KIND, header_look_at, &s);
    return s.found == 1 ? arena_slice(r->arena, s.value) : NULL;
}
