#include "base/utf8.h"
#include "http/parse.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool token_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');

        if (!alnum && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return len > 0;
}

/* Reads name="value" or name=value at *at; the value is unescaped into the arena. */
static const char *parameter_value(const char **at, struct arena *a)
{
    const char *from = *at;
    size_t len = 0;
    char *value;

    if (*from != '"') {
        len = strcspn(from, "; \t");
        *at = from + len;
        return arena_slice(a, (struct slice){(const uint8_t *)from, len});
    }
    value = arena_alloc(a, strlen(from) + 1);
    for (from++; value != NULL && *from != '\0' && *from != '"'; from++) {
        /* Only \" and \\ are escapes: browsers send a Windows path as it is. */
        if (*from == '\\' && (from[1] == '"' || from[1] == '\\'))
            from++;
        value[len++] = *from;
    }
    if (*from != '"')
        return NULL;
    *at = from + 1;
    return value;
}

const char *header_parameter(const char *header, const char *name, struct arena *a)
{
    size_t name_len = strlen(name);
    const char *at = header + strcspn(header, ";");

    while (*at == ';') {
        const char *value;
        bool wanted;
        size_t len;

        at++;
        at += strspn(at, " \t");
        len = strcspn(at, "=; \t");
        if (at[len] != '=') {
            at += strcspn(at, ";");
            continue;
        }
        wanted = len == name_len && strncasecmp(at, name, len) == 0;
        at += len + 1;
        value = parameter_value(&at, a);
        if (value == NULL || wanted)
            return value;
        at += strspn(at, " \t");
    }
    return NULL;
}

static bool media_type_is(const char *header, const char *type)
{
    size_t len = strlen(type);

    return strncasecmp(header, type, len) == 0 &&
           (header[len] == '\0' || header[len] == ';' || header[len] == ' ' || header[len] == '\t');
}

int form_field_add(struct form *out, const char *name, struct slice value, struct arena *a)
{
    char *text;

    if (out->field_count == FORM_FIELDS_MAX || value.len > FORM_FIELD_BYTES)
        return 413;
    if (!utf8_valid(value) || (value.len && memchr(value.ptr, '\0', value.len) != NULL) ||
        pair_lookup(out->fields, out->field_count, name) != NULL)
        return 400;
    text = arena_slice(a, value);
    if (text == NULL)
        return 503;
    out->fields[out->field_count++] = (struct pair){name, text};
    return 0;
}

int form_file_add(struct form *out, const char *field, const char *name, uint64_t offset)
{
    if (out->file_count == FORM_FIELDS_MAX)
        return 413;
    out->files[out->file_count++] = (struct form_file){.field = field, .name = name, .offset = offset};
    return 0;
}

static bool text_plain(const char *text)
{
    struct slice s = slice_of(text);
    uint32_t cp;

    if (!utf8_valid(s))
        return false;
    for (size_t at = 0; utf8_next(s, &at, &cp);) {
        if (cp < 0x20 || cp == 0x7F)
            return false;
    }
    return true;
}

/* The Content-Disposition among a part's header lines (RFC 7578 4.2), or NULL. */
static const char *disposition(struct slice header, struct arena *a)
{
    static const char name[] = "content-disposition:";
    const struct slice line_end = slice_of("\r\n");

    for (size_t from = 0, end; from < header.len; from = end + 2) {
        const char *line;

        end = slice_find(header, from, line_end);
        if (end == SIZE_MAX)
            end = header.len;
        line = (const char *)header.ptr + from;
        if (end - from >= sizeof name - 1 && strncasecmp(line, name, sizeof name - 1) == 0)
            return arena_slice(a, slice_part(header, from + sizeof name - 1, end - from - sizeof name + 1));
    }
    return NULL;
}

int form_part(const char **name, const char **file_name, struct slice header, struct arena *a)
{
    const char *value;

    if (header.len > PART_HEADER_MAX || (header.len && memchr(header.ptr, '\0', header.len) != NULL))
        return 400;
    value = disposition(header, a);
    if (value == NULL || strncasecmp(value + strspn(value, " \t"), "form-data", 9) != 0)
        return 400;
    *name = header_parameter(value, "name", a);
    *file_name = header_parameter(value, "filename", a);
    if (*name == NULL || **name == '\0' || !text_plain(*name) || (*file_name && !text_plain(*file_name)))
        return 400;
    return 0;
}

static int part_add(struct form *out, struct slice header, struct slice content, struct arena *a)
{
    const char *name, *file_name;
    int status = form_part(&name, &file_name, header, a);

    if (status != 0)
        return status;
    if (file_name == NULL)
        return form_field_add(out, name, content, a);
    status = form_file_add(out, name, file_name, 0);
    if (status == 0)
        out->files[out->file_count - 1].bytes = content;
    return status;
}

/* Behind a delimiter: "--" ends the form, a line end (blanks before it are let pass) begins a part. */
static int after_delimiter(struct slice body, size_t *at)
{
    if (body.len - *at >= 2 && memcmp(body.ptr + *at, "--", 2) == 0)
        return 1;
    while (*at < body.len && (body.ptr[*at] == ' ' || body.ptr[*at] == '\t'))
        ++*at;
    if (body.len - *at < 2 || memcmp(body.ptr + *at, "\r\n", 2) != 0)
        return -1;
    return 0;
}

static int parts_read(struct form *out, struct slice body, struct slice delimiter, struct arena *a)
{
    const struct slice blank_line = slice_of("\r\n\r\n");
    size_t at;

    /* The first delimiter may stand at the very start, without its line end. */
    if (body.len >= delimiter.len - 2 && memcmp(body.ptr, delimiter.ptr + 2, delimiter.len - 2) == 0)
        at = delimiter.len - 2;
    else if ((at = slice_find(body, 0, delimiter)) != SIZE_MAX)
        at += delimiter.len;
    else
        return 400;
    while (true) {
        size_t header_end, end;
        int more = after_delimiter(body, &at), status;

        if (more != 0)
            return more > 0 ? 0 : 400;
        header_end = slice_find(body, at, blank_line);
        if (header_end == SIZE_MAX)
            return 400;
        /* The line end before a delimiter may be the one that ends the header: an empty part. */
        end = slice_find(body, header_end + 2, delimiter);
        if (end == SIZE_MAX)
            return 400;
        status =
            part_add(out, slice_part(body, at + 2, header_end > at + 2 ? header_end - at - 2 : 0),
                     slice_part(body, header_end + 4, end > header_end + 4 ? end - header_end - 4 : 0), a);
        if (status != 0)
            return status;
        at = end + delimiter.len;
    }
}

int form_delimiter(char out[BOUNDARY_MAX + 5], const char *content_type, struct arena *a)
{
    const char *boundary = header_parameter(content_type, "boundary", a);
    size_t len = boundary ? strlen(boundary) : 0;

    if (len == 0 || len > BOUNDARY_MAX)
        return 400;
    (void)snprintf(out, BOUNDARY_MAX + 5, "\r\n--%s", boundary);
    return 0;
}

static int multipart_read(struct form *out, const char *content_type, struct slice body, struct arena *a)
{
    char delimiter[BOUNDARY_MAX + 5];

    if (body.len == 0 || form_delimiter(delimiter, content_type, a) != 0)
        return 400;
    return parts_read(out, body, slice_of(delimiter), a);
}

bool form_is_multipart(const char *content_type)
{
    return content_type != NULL && media_type_is(content_type, "multipart/form-data");
}

int form_read(struct form *out, const char *content_type, struct slice body, struct arena *a)
{
    memset(out, 0, sizeof *out);
    if (form_is_multipart(content_type))
        return multipart_read(out, content_type, body, a);
    if (content_type == NULL || !media_type_is(content_type, "application/x-www-form-urlencoded"))
        return 415;
    for (size_t from = 0, end; from < body.len; from = end + 1) { /* long fields before they are decoded */
        const uint8_t *amp = memchr(body.ptr + from, '&', body.len - from);

        end = amp ? (size_t)(amp - body.ptr) : body.len;
        if (end - from > (size_t)4 * FORM_FIELD_BYTES)
            return 413;
    }
    return pairs_read(out->fields, &out->field_count, FORM_FIELDS_MAX, body, a);
}
