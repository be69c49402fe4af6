/* routes.c - all routes, and whether the description of the API says the same. */
#include "api/app.h"
#include <ctype.h>
#include <string.h>

static int description_get(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {NULL};

    (void)app;
    if (request_query_check(req, names, e) != 0)
        return -1;
    response_fixed(res, "application/json", openapi_text());
    return 0;
}

static const struct route description_routes[] = {
    {.method = HTTP_GET, .pattern = "/openapi.json", .handle = description_get, .lane = LANE_INLINE},
    {.pattern = NULL},
};

const struct route *const service_routes[] = {
    certificate_routes, photo_routes,  office_routes,      grant_routes,  verify_routes, document_routes,
    health_routes,      page_routes,   description_routes, person_routes, filing_routes, entry_routes,
    job_routes,         export_routes, link_routes,        NULL};

/* "get" of GET, as the description writes it. */
static void method_word(char out[8], enum http_method m)
{
    const char *name = http_method_name(m);
    size_t i = 0;

    for (; i < 7 && name[i] != '\0'; i++)
        out[i] = (char)tolower((unsigned char)name[i]);
    out[i] = '\0';
}

static bool describes(const json_t *paths, const struct route *r)
{
    char word[8];

    method_word(word, r->method);
    return json_object_get(json_object_get(paths, r->pattern), word) != NULL;
}

static bool serves(const struct route *const *routes, const char *path, const char *word)
{
    for (; *routes != NULL; routes++) {
        for (const struct route *r = *routes; r->pattern != NULL; r++) {
            char method[8];

            method_word(method, r->method);
            if (strcmp(r->pattern, path) == 0 && strcmp(method, word) == 0)
                return true;
        }
    }
    return false;
}

static int check_described(const struct route *const *routes, const json_t *paths, struct err *e)
{
    for (; *routes != NULL; routes++) {
        for (const struct route *r = *routes; r->pattern != NULL; r++) {
            if (!describes(paths, r))
                return err_set(e, ERR_INTERNAL, "openapi.json does not describe the route %s %s.",
                               "openapi.json 中缺少接口 %s %s。", http_method_name(r->method), r->pattern);
        }
    }
    return 0;
}

static int check_served(const struct route *const *routes, const json_t *paths, struct err *e)
{
    const char *path, *word;
    json_t *item, *operation;

    json_object_foreach((json_t *)paths, path, item)
    {
        json_object_foreach(item, word, operation)
        {
            /* what a path's operations have in common stands beside them */
            if (strcmp(word, "parameters") == 0 || strcmp(word, "summary") == 0 ||
                strcmp(word, "description") == 0)
                continue;
            if (!serves(routes, path, word))
                return err_set(e, ERR_INTERNAL, "openapi.json describes %s %s, which is not served.",
                               "openapi.json 描述了未提供的接口 %s %s。", word, path);
        }
    }
    return 0;
}

int openapi_check(const struct route *const *routes, struct slice description, struct err *e)
{
    json_t *json = NULL;
    const json_t *paths;
    int rc = json_read(&json, description, JSON_MAX_BYTES, e);

    if (rc != 0)
        return rc;
    paths = json_object_get(json, "paths");
    rc = check_described(routes, paths, e) != 0 || check_served(routes, paths, e) != 0 ? -1 : 0;
    json_decref(json);
    return rc;
}
