#include "http/http_internal.h"
#include <assert.h>
#include <string.h>

const char *request_header(const struct request *r, const char *name)
{
    return MHD_lookup_connection_value(r->exchange->mhd, MHD_HEADER_KIND, name);
}

const char *request_query(const struct request *r, const char *name)
{
    const struct target *t = &r->exchange->target;

    return pair_lookup(t->query, t->query_count, name);
}

int request_query_check(const struct request *r, const char *const names[], struct err *e)
{
    const struct target *t = &r->exchange->target;

    for (size_t i = 0; i < t->query_count; i++) {
        bool known = strcmp(t->query[i].name, "lang") == 0;

        for (size_t n = 0; !known && names[n] != NULL; n++)
            known = strcmp(t->query[i].name, names[n]) == 0;
        if (!known)
            return err_set(e, ERR_INVALID, "The query parameter \"%.60s\" is unknown here; leave it out.",
                           "此处没有查询参数“%.60s”，请去掉。", t->query[i].name);
    }
    return 0;
}

const char *request_field(const struct request *r, const char *name)
{
    const struct form *f = r->exchange->form;

    return f ? pair_lookup(f->fields, f->field_count, name) : NULL;
}

bool request_file(struct slice *out, const char **file_name, const struct request *r, const char *name)
{
    const struct form *f = r->exchange->form;

    for (size_t i = 0; f != NULL && !r->exchange->spool.open && i < f->file_count; i++) {
        if (strcmp(f->files[i].field, name) == 0) {
            *out = f->files[i].bytes;
            if (file_name != NULL)
                *file_name = f->files[i].name;
            return true;
        }
    }
    return false;
}

void response_header(struct response *res, const char *name, const char *value)
{
    assert(res->header_count < RESPONSE_HEADERS_MAX);
    assert(value != NULL && strpbrk(value, "\r\n") == NULL);
    res->headers[res->header_count].name = name;
    res->headers[res->header_count++].value = value;
}

void response_drop(struct response *res)
{
    buf_dispose(&res->body);
    res->fixed = (struct slice){NULL, 0};
    if (res->source.close != NULL)
        res->source.close(res->source.arg);
    res->source = (struct response_source){0};
}

void response_adopt(struct response *res, const char *content_type, struct buf *body)
{
    response_drop(res);
    res->content_type = content_type;
    res->body = *body;
    buf_init(body, body->max);
}

void response_fixed(struct response *res, const char *content_type, struct slice bytes)
{
    response_drop(res);
    res->content_type = content_type;
    res->fixed = bytes;
}

void response_stream(struct response *res, const char *content_type, const struct response_source *source)
{
    response_drop(res);
    res->content_type = content_type;
    res->source = *source;
}
