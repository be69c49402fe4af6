/* photos.c - a person's picture in, checked and cropped; both kept. */
#include "api/photos.h"
#include "api/visit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JPEG_MAX = 1024 * 1024 };

static const char *const crop_names[] = {"x", "y", "width", "height", "rotate", "zoom", "size", NULL};

static int bad_parameter(struct err *e, const char *name)
{
    err_set(e, ERR_INVALID, "\"%s\" must be a decimal number such as 120 or 0.5, from -100000 to 100000.",
            "“%s” 应为 -100000 至 100000 的十进制数，例如 120 或 0.5。", name);
    return err_field(e, "?%s", name);
}

/* 0 where it is not given. */
static int read_number(double *out, const struct request *req, const char *name, struct err *e)
{
    const char *text = request_query(req, name);
    char *end;

    *out = 0;
    if (text == NULL)
        return 0;
    if (text[0] == '\0' || strlen(text) > 20 || text[strspn(text, "0123456789.-")] != '\0')
        return bad_parameter(e, name);
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out) && fabs(*out) <= 100000 ? 0 : bad_parameter(e, name);
}

static int read_size(enum photo_size *out, const struct request *req, struct err *e)
{
    const char *text = request_query(req, "size");

    *out = PHOTO_2_CUN;
    if (text == NULL || photo_size_parse(out, text))
        return 0;
    err_set(e, ERR_INVALID, "size is 1cun, 2cun, large2 or small2; certificates need 2cun.",
            "size 可为 1cun、2cun、large2 或 small2，证书使用 2cun（2 寸）。");
    return err_field(e, "?size");
}

int photo_read_crop(struct photo_crop *out, const struct request *req, struct err *e)
{
    double *const numbers[] = {&out->x, &out->y, &out->width, &out->height, &out->rotate, &out->zoom};

    *out = (struct photo_crop){.size = PHOTO_2_CUN};
    if (request_query_check(req, crop_names, e) != 0)
        return -1;
    for (size_t i = 0; i < sizeof numbers / sizeof(numbers[0]); i++) {
        if (read_number(numbers[i], req, crop_names[i], e) != 0)
            return -1;
    }
    return read_size(&out->size, req, e);
}

const char *photo_type(const struct request *req, struct err *e)
{
    const char *told = request_header(req, "Content-Type"), *found = NULL;
    size_t len = told != NULL ? strcspn(told, "; ") : 0;

    if (told == NULL || ((len != 10 || strncasecmp(told, "image/jpeg", len) != 0) &&
                         (len != 9 || strncasecmp(told, "image/png", len) != 0))) {
        (void)refuse_as(req, 415, NULL, 0);
        err_set(e, ERR_INVALID,
                "Send the picture itself as the body, with Content-Type image/jpeg or image/png.",
                "请直接以照片文件作为请求内容，Content-Type 为 image/jpeg 或 image/png。");
        return NULL;
    }
    if (req->body.len >= 3 && memcmp(req->body.ptr, "\xFF\xD8\xFF", 3) == 0)
        found = "image/jpeg";
    else if (req->body.len >= 8 && memcmp(req->body.ptr, "\x89PNG\r\n\x1a\n", 8) == 0)
        found = "image/png";
    if (found != NULL && strlen(found) == len && strncasecmp(told, found, len) == 0)
        return found;
    err_set(e, ERR_INVALID, "The body is not what Content-Type %.20s says; a photo is a JPEG or PNG file.",
            "请求内容与 Content-Type %.20s 不符，照片应为 JPEG 或 PNG 文件。", told);
    return NULL;
}

static json_t *warnings_json(const struct request *req, const struct upload *u)
{
    if (!u->upscaled)
        return json_array();
    return json_pack("[{ss ss}]", "code", "upscaled", "detail",
                     req->english ? "The photo is small and was enlarged; a larger one prints better."
                                  : "照片较小，已放大处理，建议使用更大的照片。");
}

/* What was cut out, zoom and trimming done: sent again it cuts the same. */
static json_t *crop_view(const struct photo_crop *c, const struct photo_report *r)
{
    return json_pack("{sf sf sf sf sf ss}", "x", r->x, "y", r->y, "width", r->crop_width, "height",
                     r->crop_height, "rotate", c->rotate, "size", photo_size_name(c->size));
}

static json_t *upload_json(const struct request *req, const struct upload *u, json_t *crop)
{
    char created[21];
    const char *self = arena_printf(req->arena, "/v1/photos/%s", u->id);
    const char *original = arena_printf(req->arena, "/v1/photos/%s/original", u->id);

    clock_rfc3339(created, u->created);
    if (self == NULL || original == NULL) {
        json_decref(crop);
        return NULL;
    }
    return json_pack("{ss ss si si si si so so ss s{ss ss}}", "id", u->id, "media_type", u->media_type,
                     "width", u->width, "height", u->height, "source_width", u->source_width, "source_height",
                     u->source_height, "crop", crop, "warnings", warnings_json(req, u), "created", created,
                     "links", "self", self, "original", original);
}

static int new_upload(struct upload *u, const struct request *req, struct slice jpeg,
                      const struct photo_report *report, struct err *e)
{
    const struct caller *c = caller_of(req);
    uint8_t id[16];

    if (random_bytes(id, sizeof id, e) != 0)
        return -1;
    hex_encode(u->id, (struct slice){id, sizeof id});
    sha256(u->original, req->body);
    sha256(u->photo, jpeg);
    u->organisation = c != NULL ? c->organisation : NULL;
    u->source_width = report->source_width;
    u->source_height = report->source_height;
    u->width = report->width;
    u->height = report->height;
    u->upscaled = report->warn_upscaled;
    u->created = clock_now();
    return 0;
}

static int post_once(void *app, struct request *req, struct response *res, struct err *e)
{
    struct desk *d = req->thread;
    struct buf jpeg = BUF_INIT(JPEG_MAX);
    struct photo_report report;
    struct photo_crop crop;
    struct upload u = {.organisation = NULL};
    const char *location;
    int rc = -1;

    (void)app;
    if (photo_read_crop(&crop, req, e) != 0 || (u.media_type = photo_type(req, e)) == NULL ||
        inspect_photo(d, req->body, &crop, &jpeg, &report, e) != 0 ||
        filing_crop_text(&u.crop_json, &crop, req->arena, e) != 0 ||
        new_upload(&u, req, buf_view(&jpeg), &report, e) != 0 ||
        store_put_upload(d->store, &u, req->body, buf_view(&jpeg), e) != 0 ||
        respond_json(res, 201, upload_json(req, &u, crop_view(&crop, &report)), e) != 0)
        goto out;
    location = arena_printf(req->arena, "/v1/photos/%s", u.id);
    if (location != NULL)
        response_header(res, "Location", location);
    rc = 0;
out:
    buf_dispose(&jpeg);
    return rc;
}

static int photos_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return idempotent_with(app, req, res, post_once, crop_names, e);
}

int upload_find(struct upload *out, const struct request *req, struct store *s, const char *id, struct err *e)
{
    if (store_upload(out, s, id, req->arena, e) == 0) {
        const struct caller *c = caller_of(req);

        /* a picture that a key for all organisations brought is that key's kind's only */
        if (c != NULL && (c->organisation == NULL || caller_sees(req, out->organisation)))
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    return err_set(e, ERR_NOT_FOUND, "There is no photo with this id.", "没有该标识的照片。");
}

static int answer_file(struct response *res, const struct request *req, const char *type, struct buf *file,
                       const uint8_t sha[SHA256_SIZE], struct err *e)
{
    char hex[2 * SHA256_SIZE + 1];

    hex_encode(hex, (struct slice){sha, SHA256_SIZE});
    res->etag = arena_printf(req->arena, "\"%s\"", hex);
    if (res->etag == NULL)
        return err_no_memory(e);
    res->ranges = true;
    response_adopt(res, type, file);
    response_header(res, "Cache-Control", "private, no-cache");
    return 0;
}

static int photo_get(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {NULL};
    struct desk *d = req->thread;
    struct buf jpeg = BUF_INIT(JPEG_MAX);
    struct upload u;
    int rc = -1;

    (void)app;
    if (request_query_check(req, names, e) == 0 && upload_find(&u, req, d->store, req->params[0], e) == 0 &&
        store_photo(&jpeg, d->store, u.photo, e) == 0)
        rc = answer_file(res, req, "image/jpeg", &jpeg, u.photo, e);
    buf_dispose(&jpeg);
    return rc;
}

static int original_get(void *app, struct request *req, struct response *res, struct err *e)
{
    static const char *const names[] = {NULL};
    struct desk *d = req->thread;
    struct buf file = BUF_INIT(PHOTO_MAX_BYTES);
    struct upload u;
    int rc = -1;

    (void)app;
    if (request_query_check(req, names, e) == 0 && upload_find(&u, req, d->store, req->params[0], e) == 0 &&
        store_original(&file, d->store, u.original, e) == 0)
        rc = answer_file(res, req, u.media_type, &file, u.original, e);
    buf_dispose(&file);
    return rc;
}

const struct route photo_routes[] = {
    {.method = HTTP_POST,
     .pattern = "/v1/photos",
     .handle = photos_post,
     .lane = LANE_INSPECTION,
     .max_body = PHOTO_MAX_BYTES,
     .scope = SCOPE_ISSUE},
    {.method = HTTP_GET,
     .pattern = "/v1/photos/{id}",
     .handle = photo_get,
     .lane = LANE_RECORDS,
     .scope = SCOPE_READ},
    {.method = HTTP_GET,
     .pattern = "/v1/photos/{id}/original",
     .handle = original_get,
     .lane = LANE_RECORDS,
     .flags = ROUTE_UNPACED,
     .scope = SCOPE_READ},
    {.pattern = NULL},
};
