/* multipart.c - a form (RFC 7578) read as it comes: fields stay in memory, files are passed on. */
#include "http/parse.h"
#include <stdio.h>
#include <string.h>

enum { PENDING_MAX = 1024 * 1024 }; /* what the library gives at once, and a part's header */

int multipart_begin(struct multipart *m, struct form *form, const char *content_type, struct arena *a)
{
    int status = form_delimiter(m->delimiter, content_type, a);

    m->form = form;
    m->arena = a;
    m->state = MULTIPART_PREAMBLE;
    buf_init(&m->pending, PENDING_MAX);
    buf_init(&m->field, FORM_FIELD_BYTES);
    buf_append_text(&m->pending, "\r\n"); /* the first delimiter may stand at the very start */
    return status;
}

void multipart_dispose(struct multipart *m)
{
    buf_dispose(&m->pending);
    buf_dispose(&m->field);
}

static int part_begin(struct multipart *m, struct slice header)
{
    const char *file_name;
    int status = form_part(&m->name, &file_name, header, m->arena);

    m->is_file = file_name != NULL;
    if (status != 0)
        return status;
    return m->is_file ? form_file_add(m->form, m->name, file_name, m->file_end) : 0;
}

static int part_put(struct multipart *m, struct slice content)
{
    struct form_file *file;

    if (!m->is_file) {
        m->field_bytes += content.len;
        buf_append(&m->field, content);
        return m->field_bytes > FORM_FIELDS_BYTES || !buf_ok(&m->field) ? 413 : 0;
    }
    file = &m->form->files[m->form->file_count - 1];
    file->size += content.len;
    m->file_end += content.len;
    return content.len > 0 ? m->put(m->arg, content) : 0;
}

static int part_end(struct multipart *m)
{
    int status = 0;

    if (m->is_file) {
        const struct form_file *file = &m->form->files[m->form->file_count - 1];

        if (file->name[0] == '\0' && file->size == 0) /* no file was chosen */
            m->form->file_count--;
        return 0;
    }
    status = form_field_add(m->form, m->name, buf_view(&m->field), m->arena);
    buf_reset(&m->field);
    return status;
}

/* --- the states; each moves *at, 0 with *more false waits for bytes --- */

static int take_preamble(struct multipart *m, struct slice rest, size_t *at, bool *more)
{
    struct slice delimiter = slice_of(m->delimiter);
    size_t found = slice_find(rest, 0, delimiter);

    *more = found != SIZE_MAX;
    if (*more) {
        *at += found + delimiter.len;
        m->state = MULTIPART_DELIMITED;
    } else if (rest.len >= delimiter.len) {
        *at += rest.len - (delimiter.len - 1);
    }
    return 0;
}

/* "--" ends the form, a line end (blanks before it are let pass) begins a part. */
static int take_delimited(struct multipart *m, struct slice rest, size_t *at, bool *more)
{
    size_t blanks = 0;

    *more = false;
    if (rest.len >= 2 && !m->blanks && memcmp(rest.ptr, "--", 2) == 0) {
        m->state = MULTIPART_DONE;
        *more = true;
        return 0;
    }
    while (blanks < rest.len && (rest.ptr[blanks] == ' ' || rest.ptr[blanks] == '\t'))
        blanks++;
    if (rest.len - blanks >= 2) {
        m->blanks = false;
        m->state = MULTIPART_HEADER;
        *at += blanks;
        *more = true;
        return memcmp(rest.ptr + blanks, "\r\n", 2) == 0 ? 0 : 400;
    }
    m->blanks = m->blanks || blanks > 0;
    *at += blanks;
    return 0;
}

/* From the line end before the first line on. */
static int take_header(struct multipart *m, struct slice rest, size_t *at, bool *more)
{
    size_t end = slice_find(rest, 0, slice_of("\r\n\r\n"));

    *more = end != SIZE_MAX;
    if (!*more)
        return rest.len > PART_HEADER_MAX + 8 ? 400 : 0;
    m->state = MULTIPART_FIRST;
    *at += end + 2;
    return part_begin(m, slice_part(rest, 2, end > 2 ? end - 2 : 0));
}

/* The line end that ends a header may be the one before the next delimiter: an empty part. */
static int take_first(struct multipart *m, struct slice rest, size_t *at, bool *more)
{
    struct slice delimiter = slice_of(m->delimiter);
    size_t len = rest.len < delimiter.len ? rest.len : delimiter.len;
    bool same = memcmp(rest.ptr, delimiter.ptr, len) == 0;

    *more = !same || len == delimiter.len;
    if (same && len == delimiter.len) {
        *at += len;
        m->state = MULTIPART_DELIMITED;
        return part_end(m);
    }
    if (!same) {
        *at += 2;
        m->state = MULTIPART_CONTENT;
    }
    return 0;
}

static int take_content(struct multipart *m, struct slice rest, size_t *at, bool *more)
{
    struct slice delimiter = slice_of(m->delimiter);
    size_t found = slice_find(rest, 0, delimiter), len;
    int status;

    *more = found != SIZE_MAX;
    len = *more ? found : rest.len >= delimiter.len ? rest.len - (delimiter.len - 1) : 0;
    status = part_put(m, slice_part(rest, 0, len));
    *at += len;
    if (status != 0 || !*more)
        return status;
    *at += delimiter.len;
    m->state = MULTIPART_DELIMITED;
    return part_end(m);
}

static int step(struct multipart *m, struct slice rest, size_t *at, bool *more)
{
    switch (m->state) {
    case MULTIPART_PREAMBLE:
        return take_preamble(m, rest, at, more);
    case MULTIPART_DELIMITED:
        return take_delimited(m, rest, at, more);
    case MULTIPART_HEADER:
        return take_header(m, rest, at, more);
    case MULTIPART_FIRST:
        return take_first(m, rest, at, more);
    case MULTIPART_CONTENT:
        return take_content(m, rest, at, more);
    case MULTIPART_DONE:
        *at += rest.len;
        break;
    }
    *more = false;
    return 0;
}

int multipart_take(struct multipart *m, struct slice bytes)
{
    size_t at = 0;
    bool more = true;
    int status = 0;

    buf_append(&m->pending, bytes);
    if (!buf_ok(&m->pending))
        return 503;
    while (status == 0 && more)
        status = step(m, slice_part(buf_view(&m->pending), at, m->pending.len - at), &at, &more);
    m->pending.len -= at;
    if (m->pending.len > 0)
        memmove(m->pending.data, m->pending.data + at, m->pending.len);
    return status;
}

int multipart_end(const struct multipart *m)
{
    return m->state == MULTIPART_DONE ? 0 : 400;
}
