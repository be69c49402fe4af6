/* entry_photo.c - the photo of one person, cropped in the console. */
#include "console/console_internal.h"
#include <string.h>

static int answer_cropper(struct console_visit *v, int status, const struct console_at *at,
                          const char *problem, const char *upload, struct err *e)
{
    struct page_site site = {
        .host = v->app->config.host, .title_issuer = "", .contact = "", .now = clock_now()};
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);
    struct console_entry entry;
    struct entry data;
    struct page_cropper c = {
        .form_token = v->session.form_token, .problem = problem, .upload = upload, .console = true};

    c.post = arena_printf(v->req->arena, "/console/filings/%s/entries/%s/photo", at->filing.id, at->entry.id);
    c.back = arena_printf(v->req->arena, "/console/filings/%s/entries/%s", at->filing.id, at->entry.id);
    if (upload != NULL)
        c.preview = arena_printf(v->req->arena, "%s/%s.jpg", c.post == NULL ? "" : c.post, upload);
    if (c.post == NULL || c.back == NULL || (upload != NULL && c.preview == NULL))
        return err_no_memory(e);
    if (console_entry_of(&entry, &data, v, &at->entry, e) != 0)
        return -1;
    c.name = entry.name;
    c.number = entry.number;
    c.title = entry.title;
    return console_answer(v, status, &html, console_cropper_page(&html, &v->site, &at->shown, &site, &c, e));
}

static int find_for_photo(struct console_at *at, struct console_visit *v, struct err *e)
{
    if (console_find_at(at, v, e) != 0)
        return -1;
    if (!at->shown.upload_photos)
        return err_set(e, ERR_FORBIDDEN, "Photos are the organiser's to upload.", "照片由组建单位上传。");
    return 0;
}

static int photo_page(struct console_visit *v, struct err *e)
{
    struct console_at at;

    return find_for_photo(&at, v, e) != 0 ? -1 : answer_cropper(v, 200, &at, NULL, NULL, e);
}

/* An upload of this organisation, of the step without script. */
static int find_upload(struct upload *u, struct console_visit *v, const struct console_at *at, const char *id,
                       struct err *e)
{
    if (store_upload(u, v->d->store, id, v->req->arena, e) == 0 &&
        (v->who.organisation == NULL ||
         (u->organisation != NULL && strcmp(u->organisation, at->filing.organisation) == 0)))
        return 0;
    return err_set(e, ERR_NOT_FOUND, "This photo is not there any more; choose it again.",
                   "照片已不存在，请重新选择。");
}

static int look_page(struct console_visit *v, struct err *e)
{
    enum { JPEG_ROOM = 1024 * 1024 };
    struct buf jpeg = BUF_INIT(JPEG_ROOM);
    struct upload u;
    struct console_at at;
    int rc = find_for_photo(&at, v, e) != 0 || find_upload(&u, v, &at, v->req->params[2], e) != 0
                 ? -1
                 : store_photo(&jpeg, v->d->store, u.photo, e);

    if (rc == 0)
        response_adopt(v->res, "image/jpeg", &jpeg);
    buf_dispose(&jpeg);
    return rc;
}

/* Without a script the crop is looked at first: kept, and shown. */
static int keep_for_look(char upload[CERTIFICATE_ID_SIZE], struct console_visit *v,
                         const struct console_at *at, struct slice picture, const struct photo_crop *crop,
                         struct err *e)
{
    enum { JPEG_ROOM = 1024 * 1024 };
    struct buf jpeg = BUF_INIT(JPEG_ROOM);
    struct photo_report report;
    int rc = desk_open_photo(v->d, picture, crop, &jpeg, &report, e);

    if (rc == 0)
        rc = filing_keep_photo(upload, v->d->store, at->filing.organisation,
                               &(struct opened_photo){picture, buf_view(&jpeg), crop, &report}, clock_now(),
                               e);
    buf_dispose(&jpeg);
    return rc;
}

static int take_photo(char look[CERTIFICATE_ID_SIZE], struct console_visit *v, const struct console_at *at,
                      struct err *e)
{
    const char *id = console_field(v, "upload"), *file_name;
    char taken[CERTIFICATE_ID_SIZE];
    struct slice picture;
    struct photo_crop crop;
    struct upload u;
    bool given;

    look[0] = '\0';
    if (photo_form_crop(&crop, &given, v->req, e) != 0)
        return -1;
    if (id[0] != '\0')
        return find_upload(&u, v, at, id, e) != 0
                   ? -1
                   : store_set_entry_photo(v->d->store, at->entry.id, u.id, clock_now(), e);
    if (!request_file(&picture, &file_name, v->req, "photo") || picture.len == 0)
        return err_set(e, ERR_INVALID, "No photo was chosen; choose one first.",
                       "没有选择照片，请先选择照片文件。");
    if (picture.len > PHOTO_MAX_BYTES)
        return err_set(e, ERR_TOO_LARGE, "The file is larger than 10 MB.",
                       "文件超过 10 MB，请用手机或电脑另存为较小的 JPG。");
    if (!given)
        return keep_for_look(look, v, at, picture, &crop, e);
    return filing_take_photo(taken, v->d->store, at->entry.id, picture, &crop, desk_open_photo, v->d, &v->who,
                             e);
}

static int photo_post_page(struct console_visit *v, struct err *e)
{
    char look[CERTIFICATE_ID_SIZE];
    struct err why = {.code = ERR_NONE};
    struct console_at at;

    if (find_for_photo(&at, v, e) != 0)
        return -1;
    if (take_photo(look, v, &at, &why) != 0) {
        if (why.code != ERR_INVALID && why.code != ERR_TOO_LARGE && why.code != ERR_CONFLICT &&
            why.code != ERR_NOT_FOUND) {
            *e = why;
            return -1;
        }
        return answer_cropper(v, respond_status(why.code), &at, why.zh, NULL, e);
    }
    if (look[0] != '\0')
        return answer_cropper(v, 200, &at, NULL, look, e);
    service_wake(v->app);
    return console_go(v, e, "/console/filings/%s/entries/%s?done=photo", at.filing.id, at.entry.id);
}

static int photo_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, photo_page, e);
}

static int photo_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, photo_post_page, e);
}

static int look_get(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, look_page, e);
}

const struct route entry_photo_routes[] = {
    {HTTP_GET, "/console/filings/{id}/entries/{entry}/photo", photo_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/filings/{id}/entries/{entry}/photo", photo_post, LANE_INSPECTION, PHOTO_FORM_BYTES,
     ROUTE_FORM, NULL},
    {HTTP_GET, "/console/filings/{id}/entries/{entry}/photo/{upload}.jpg", look_get, LANE_RECORDS, 0, 0,
     NULL},
    {.pattern = NULL},
};
