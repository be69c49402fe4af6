/* photo_page.c - the page behind a photo link: one person, one photo, no key and no cookie; a portal may have
 * it in a frame. The link is used up in the transaction that takes the photo, so a refused photo leaves it,
 * and of two sent at once one is taken. */
#include "api/links.h"
#include "api/page_view.h"
#include "console/console_internal.h"
#include "web/cropper_page.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JPEG_MAX = 1024 * 1024 };

/* --- the form --- */

static int read_number(double *out, bool *given, const struct request *req, const char *name, struct err *e)
{
    const char *text = request_field(req, name);
    char *end;

    *out = 0;
    if (text == NULL || text[0] == '\0')
        return 0;
    *given = true;
    if (strlen(text) <= 20 && text[strspn(text, "0123456789.-")] == '\0') {
        *out = strtod(text, &end);
        if (*end == '\0' && isfinite(*out) && fabs(*out) <= 100000)
            return 0;
    }
    return err_set(e, ERR_INVALID, "The crop is not described by numbers; choose the photo again.",
                   "裁剪范围的数值无效，请重新选择照片。");
}

int photo_form_crop(struct photo_crop *out, bool *given, const struct request *req, struct err *e)
{
    *given = false;
    *out = (struct photo_crop){.size = PHOTO_2_CUN};
    return read_number(&out->x, given, req, "x", e) == 0 && read_number(&out->y, given, req, "y", e) == 0 &&
                   read_number(&out->width, given, req, "width", e) == 0 &&
                   read_number(&out->height, given, req, "height", e) == 0 &&
                   read_number(&out->rotate, given, req, "rotate", e) == 0
               ? 0
               : -1;
}

const char *console_words(const struct request *req, const struct err *e)
{
    if (e->code == ERR_INTERNAL || e->code == ERR_NONE)
        return req->english ? "Something went wrong here. Please try again later."
                            : "服务出现问题，请稍后再试。";
    return req->english ? e->en : e->zh;
}

/* --- whose photo, and who may have the page in a frame --- */

struct visitor {
    struct link_row link;
    const char *name, *number, *title;
};

/* As they were configured for the key; anything that is no list of origins embeds nowhere. */
static const char *origins_of(const struct link_row *l)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:/-[] ";

    return l->origins != NULL && l->origins[0] != '\0' && l->origins[strspn(l->origins, allowed)] == '\0'
               ? l->origins
               : NULL;
}

static int add_policy(const struct request *req, struct response *res, const char *origins, struct err *e)
{
    const char *policy = arena_printf(
        req->arena,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "script-src 'self'; connect-src 'self'; frame-src 'self'; require-trusted-types-for 'script'; "
        "frame-ancestors %s",
        origins == NULL ? "'none'" : origins);

    if (policy == NULL)
        return err_no_memory(e);
    response_header(res, "Content-Security-Policy", policy);
    return 0;
}

static int find_entry(struct visitor *v, const struct request *req, struct store *s, struct err *e)
{
    struct entry_row entry;
    json_t *data = NULL;
    const char *title;

    if (store_entry(&entry, s, v->link.entry, req->arena, e) != 0 ||
        json_read(&data, slice_of(entry.data_json), JSON_MAX_BYTES, e) != 0)
        return -1;
    title = json_text(data, "title");
    v->name = entry.name;
    v->number = entry.number;
    v->title = title == NULL ? NULL : arena_text(req->arena, title);
    json_decref(data);
    return 0;
}

static int find_person(struct visitor *v, const struct request *req, struct store *s, struct err *e)
{
    struct person p;

    if (store_person(&p, s, v->link.subject, req->arena, e) != 0)
        return -1;
    v->name = p.name;
    return 0;
}

static int answer_over(struct app *app, const struct request *req, struct response *res, const char *origins,
                       struct err *e)
{
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);

    if (add_policy(req, res, origins, e) != 0)
        return -1;
    return page_answer(req, res, 410, &html, page_photo_link_over(&html, &site, origins != NULL, e));
}

/* Who visits; *answered: the response says already that the link is over. */
static int find_visitor(struct visitor *v, bool *answered, struct app *app, struct request *req,
                        struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    enum link_found found;
    unsigned seconds;
    int rc;

    *answered = true;
    memset(v, 0, sizeof *v);
    if (link_find(&v->link, &found, &seconds, app, req, e) != 0)
        return -1;
    if (found == LINK_WAIT)
        return page_answer_wait(app, req, res, seconds, e);
    if (found == LINK_OVER || v->link.kind != LINK_PHOTO)
        return answer_over(app, req, res, NULL, e);
    if (v->link.used != 0 || clock_now() >= v->link.expires)
        return answer_over(app, req, res, origins_of(&v->link), e);
    rc = v->link.entry != NULL ? find_entry(v, req, d->store, e) : find_person(v, req, d->store, e);
    if (rc != 0) /* taken out of the list since */
        return e->code == ERR_NOT_FOUND ? answer_over(app, req, res, origins_of(&v->link), e) : -1;
    *answered = false;
    return 0;
}

/* --- the page --- */

struct step {
    const char *problem, *upload; /* or NULL */
};

static int answer_page(struct app *app, const struct request *req, struct response *res, int status,
                       const struct visitor *v, const struct step *step, struct err *e)
{
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);
    const char *origins = origins_of(&v->link), *token = req->params[0];
    struct page_cropper c = {.name = v->name,
                             .number = v->number,
                             .title = v->title,
                             .problem = step->problem,
                             .upload = step->upload,
                             .embedded = origins != NULL};

    c.post = arena_printf(req->arena, "/photo/%s?lang=%s", token, req->english ? "en" : "zh");
    if (step->upload != NULL)
        c.preview = arena_printf(req->arena, "/photo/%s/%s.jpg", token, step->upload);
    if (c.post == NULL || (step->upload != NULL && c.preview == NULL))
        return err_no_memory(e);
    if (add_policy(req, res, origins, e) != 0)
        return -1;
    return page_answer(req, res, status, &html, page_cropper(&html, &site, &c, e));
}

/* The photo was not taken: the page again, with the reason. */
static int answer_problem(struct app *app, const struct request *req, struct response *res,
                          const struct visitor *v, struct err *e)
{
    struct step step = {.problem = arena_text(req->arena, console_words(req, e))};

    if (step.problem == NULL)
        return err_no_memory(e);
    return answer_page(app, req, res, respond_status(e->code), v, &step, e);
}

static int photo_page_get(void *app, struct request *req, struct response *res, struct err *e)
{
    struct visitor v;
    bool answered;

    if (find_visitor(&v, &answered, app, req, res, e) != 0)
        return -1;
    return answered ? 0 : answer_page(app, req, res, 200, &v, &(struct step){NULL, NULL}, e);
}

/* --- the picture --- */

/* An upload of this visit, of the step without script: its id is as hard to guess as the link's token. */
static int find_upload(struct upload *u, const struct visitor *v, const struct request *req, const char *id,
                       struct err *e)
{
    const struct desk *d = req->thread;
    const char *ours = v->link.organisation;
    int rc = store_upload(u, d->store, id, req->arena, e);

    if (rc != 0 && e->code != ERR_NOT_FOUND)
        return -1;
    if (rc == 0 && u->created >= v->link.created &&
        (ours == NULL ? u->organisation == NULL
                      : u->organisation != NULL && strcmp(ours, u->organisation) == 0))
        return 0;
    return err_set(e, ERR_NOT_FOUND, "This photo is not there any more; choose it again.",
                   "照片已不存在，请重新选择。");
}

static int preview_get(void *app, struct request *req, struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct buf jpeg = BUF_INIT(JPEG_MAX);
    struct visitor v;
    struct upload u;
    bool answered;
    int rc = find_visitor(&v, &answered, app, req, res, e);

    if (rc != 0 || answered)
        return rc;
    rc = find_upload(&u, &v, req, req->params[1], e) == 0 ? store_photo(&jpeg, d->store, u.photo, e) : -1;
    if (rc == 0)
        response_adopt(res, "image/jpeg", &jpeg);
    buf_dispose(&jpeg);
    return rc;
}

/* What was sent, and what became of it. */
struct photo {
    struct slice picture;
    struct buf original; /* of an upload: picture is its */
    struct buf jpeg;
    struct photo_crop crop;
    struct photo_report report;
    bool look; /* without script: the person is shown the crop first */
};

static int read_picture(struct photo *p, const struct visitor *v, const struct request *req, struct err *e)
{
    const struct desk *d = req->thread;
    const char *file_name, *id = request_field(req, "upload");
    struct upload u;
    bool given;

    if (photo_form_crop(&p->crop, &given, req, e) != 0)
        return -1;
    if (id != NULL && id[0] != '\0') {
        if (find_upload(&u, v, req, id, e) != 0 || store_original(&p->original, d->store, u.original, e) != 0)
            return -1;
        p->picture = buf_view(&p->original);
        return 0;
    }
    p->look = !given;
    if (!request_file(&p->picture, &file_name, req, "photo") || p->picture.len == 0)
        return err_set(e, ERR_INVALID, "No photo was chosen; choose one first.",
                       "没有选择照片，请先选择照片文件。");
    if (p->picture.len > PHOTO_MAX_BYTES)
        return err_set(e, ERR_TOO_LARGE, "The file is larger than 10 MB. Save it as a smaller JPG.",
                       "文件超过 10 MB，请用手机或电脑另存为较小的 JPG。");
    return 0;
}

static struct opened_photo opened(const struct photo *p)
{
    return (struct opened_photo){p->picture, buf_view(&p->jpeg), &p->crop, &p->report};
}

static int answer_look(struct app *app, const struct request *req, struct response *res,
                       const struct visitor *v, const struct photo *p, struct err *e)
{
    const struct desk *d = req->thread;
    const struct opened_photo photo = opened(p);
    char upload[CERTIFICATE_ID_SIZE];

    if (filing_keep_photo(upload, d->store, v->link.organisation, &photo, clock_now(), e) != 0)
        return -1;
    return answer_page(app, req, res, 200, v, &(struct step){.upload = upload}, e);
}

static int answer_taken(struct app *app, const struct request *req, struct response *res,
                        const struct visitor *v, struct err *e)
{
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);
    const char *origins = origins_of(&v->link);

    service_wake(app);
    if (add_policy(req, res, origins, e) != 0)
        return -1;
    return page_answer(req, res, 200, &html, page_photo_taken(&html, &site, v->name, origins, e));
}

static int photo_page_post(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct app *app = arg;
    struct desk *d = req->thread;
    struct photo p = {.original = BUF_INIT(PHOTO_MAX_BYTES), .jpeg = BUF_INIT(JPEG_MAX)};
    struct opened_photo photo;
    struct visitor v;
    bool answered, mine;
    int rc = find_visitor(&v, &answered, app, req, res, e);

    if (rc != 0 || answered)
        goto out;
    if (read_picture(&p, &v, req, e) != 0 ||
        desk_open_photo(d, p.picture, &p.crop, &p.jpeg, &p.report, e) != 0) {
        rc = answer_problem(app, req, res, &v, e);
        goto out;
    }
    photo = opened(&p);
    if (p.look)
        rc = answer_look(app, req, res, &v, &p, e);
    else if (filing_take_linked_photo(&mine, d->store, &v.link, &photo, clock_now(), e) != 0)
        rc = answer_problem(app, req, res, &v, e);
    else
        rc = mine ? answer_taken(app, req, res, &v, e) : answer_over(app, req, res, origins_of(&v.link), e);
out:
    buf_dispose(&p.original);
    buf_dispose(&p.jpeg);
    return rc;
}

const struct route photo_page_routes[] = {
    {.method = HTTP_GET, .pattern = "/photo/{token}", .handle = photo_page_get, .lane = LANE_INLINE},
    {.method = HTTP_GET,
     .pattern = "/photo/{token}/{upload}.jpg",
     .handle = preview_get,
     .lane = LANE_INLINE},
    {.method = HTTP_POST,
     .pattern = "/photo/{token}",
     .handle = photo_page_post,
     .lane = LANE_INSPECTION,
     .max_body = PHOTO_FORM_BYTES,
     .flags = ROUTE_FORM},
    {.pattern = NULL},
};
