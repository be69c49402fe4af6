/* links.c - POST /v1/links, GET /d/{token}, POST /v1/photo-links: one thing for one browser, for a short
 * time.
 *
 * The first visit to /d/{token} binds the link to that browser by a cookie; with it the same file can be
 * asked for again and in ranges, so a download that broke off goes on. */
#include "api/links.h"
#include "api/certificates.h"
#include "api/page_view.h"
#include "records/members.h"
#include "web/cropper_page.h"
#include <string.h>

enum { BODY_MAX = 4096, TOKEN_BYTES = 24, COOKIE_BYTES = 32, COOKIE_SIZE = 44, CERTIFICATE_AGAIN = 3600 };
enum { EXPORT_AGAIN = EXPORT_DAYS * 86400 };
static const char cookie_name[] = "sp-link";

int link_new(char token[TOKEN_SIZE], struct store *s, const struct link_order *o, int64_t now, struct err *e)
{
    uint8_t bytes[TOKEN_BYTES];
    struct link_row l = {.kind = o->kind,
                         .subject = o->subject,
                         .entry = o->entry,
                         .organisation = o->organisation,
                         .actor = o->actor,
                         .origins = o->origins,
                         .created = now,
                         .expires = now + o->seconds};

    if (random_bytes(bytes, sizeof bytes, e) != 0)
        return -1;
    base64url_encode(token, (struct slice){bytes, sizeof bytes});
    sha256(l.token, slice_of(token));
    return store_add_link(s, &l, e);
}

int link_find(struct link_row *out, enum link_found *found, unsigned *seconds, struct app *app,
              struct request *req, struct err *e)
{
    const struct desk *d = req->thread;
    const char *token = req->params[0];
    uint8_t hash[SHA256_SIZE];

    *found = LINK_FOUND;
    *seconds = 0;
    sha256(hash, slice_of(token));
    if (strlen(token) == TOKEN_SIZE - 1) {
        if (store_link(out, d->store, hash, clock_now(), req->arena, e) == 0)
            return 0;
        if (e->code != ERR_NOT_FOUND)
            return -1;
    }
    *found = limiter_allows(app->wrong_tokens, req->address, seconds) ? LINK_OVER : LINK_WAIT;
    if (*found == LINK_OVER)
        limiter_hit(app->wrong_tokens, req->address);
    return 0;
}

/* --- POST /v1/links, POST /v1/photo-links --- */

struct wishes {
    const char *certificate, *export_id, *person, *filing, *entry;
    int64_t seconds;
};

static void refuse_member(const struct members *m, const char *name, const char *en, const char *zh)
{
    struct err e;

    err_set(&e, ERR_INVALID, "%s", "%s", en);
    (void)snprintf(e.zh, sizeof e.zh, "%s", zh);
    member_fault(m, name, &e);
}

static const char *id_member(const struct members *m, const char *name, bool required)
{
    const struct member_rule rule = {name, MEMBER_CODE, CERTIFICATE_ID_SIZE - 1, required, NULL};

    return member_text(m, &rule);
}

static void read_file_wishes(struct wishes *w, const struct members *m)
{
    static const char *const names[] = {"certificate", "export", "seconds", NULL};
    const json_t *seconds = json_object_get(m->object, "seconds");

    (void)members_only(m, names);
    w->certificate = id_member(m, "certificate", false);
    w->export_id = id_member(m, "export", false);
    w->seconds = LINK_SECONDS_MAX;
    if (seconds != NULL && !json_is_null(seconds))
        w->seconds = member_int(m, "seconds", 1, LINK_SECONDS_MAX);
    if (m->faults->count == 0 && (w->certificate == NULL) == (w->export_id == NULL))
        refuse_member(m, "certificate", "A link leads to one thing: give either certificate or export.",
                      "一个链接对应一个文件：请给出 certificate 或 export 之一。");
}

static void read_photo_wishes(struct wishes *w, const struct members *m)
{
    static const char *const names[] = {"person", "filing", "entry", NULL};

    (void)members_only(m, names);
    w->person = id_member(m, "person", false);
    w->filing = id_member(m, "filing", false);
    w->entry = id_member(m, "entry", false);
    w->seconds = PHOTO_LINK_SECONDS;
    if (m->faults->count > 0)
        return;
    if (w->person != NULL && (w->filing != NULL || w->entry != NULL))
        refuse_member(m, "person", "A photo link is for one person: give person, or filing and entry.",
                      "一个照片链接对应一个人：请给出 person，或 filing 和 entry。");
    else if (w->person == NULL && (w->filing == NULL || w->entry == NULL))
        refuse_member(m,
                      w->filing == NULL && w->entry == NULL ? "person"
                      : w->filing == NULL                   ? "filing"
                                                            : "entry",
                      "Whose photo? Give person, or filing and entry.",
                      "缺少照片所属人：请给出 person，或 filing 和 entry。");
}

static int read_wishes(struct wishes *w, struct request *req,
                       void (*read)(struct wishes *w, const struct members *m), struct faults *faults,
                       struct err *e)
{
    struct members m = {NULL, "", req->arena, faults};
    json_t *json = NULL;

    memset(w, 0, sizeof *w);
    if (request_query_check(req, (const char *const[]){NULL}, e) != 0 || request_json(&json, req, e) != 0)
        return -1;
    m.object = json;
    read(w, &m);
    json_decref(json);
    return faults_judge(faults, e);
}

static int answer_link(const struct app *app, const struct request *req, struct response *res,
                       struct link_order *o, const char *below, struct err *e)
{
    const struct caller *c = caller_of(req);
    const struct desk *d = req->thread;
    int64_t now = clock_now();
    char token[TOKEN_SIZE], expires[21];
    const char *url;

    o->organisation = c->organisation;
    o->actor = c->key_id;
    o->origins = c->origins;
    if (link_new(token, d->store, o, now, e) != 0)
        return -1;
    clock_rfc3339(expires, now + o->seconds);
    url = arena_printf(req->arena, "%s/%s/%s", app->config.public_url, below, token);
    if (url == NULL)
        return err_no_memory(e);
    return respond_json(res, 201, json_pack("{ss ss}", "url", url, "expires", expires), e);
}

static int no_such_export(struct err *e)
{
    return err_set(e, ERR_NOT_FOUND, "There is no download of this id, or it has expired; make a new one.",
                   "没有该标识的下载包，或已过期，请重新生成。");
}

static int check_export(const struct request *req, struct store *s, const char *id, struct err *e)
{
    struct export_row x;

    if (store_export(&x, false, s, id, clock_now(), req->arena, e) != 0)
        return e->code == ERR_NOT_FOUND ? no_such_export(e) : -1;
    return caller_sees(req, x.organisation) ? 0 : no_such_export(e);
}

static int links_post(void *app, struct request *req, struct response *res, struct err *e)
{
    struct faults faults = {.count = 0};
    struct desk *d = req->thread;
    struct certificate_row row;
    struct wishes w;
    struct link_order o = {.kind = LINK_EXPORT};

    if (read_wishes(&w, req, read_file_wishes, &faults, e) != 0)
        return faults.count > 0 ? respond_faults(req, res, &faults, e) : -1;
    if (w.certificate != NULL) {
        o.kind = LINK_CERTIFICATE;
        if (certificate_find(&row, req, d->store, w.certificate, e) != 0 ||
            certificate_check_holds(req, &row, e) != 0)
            return -1;
    } else if (check_export(req, d->store, w.export_id, e) != 0) {
        return -1;
    }
    o.subject = w.certificate != NULL ? w.certificate : w.export_id;
    o.seconds = w.seconds;
    return answer_link(app, req, res, &o, "d", e);
}

/* A person of all organisations is a key's for all only: others would change who appears in others' lists. */
static int check_person(const struct request *req, struct store *s, const char *id, struct err *e)
{
    struct person p;
    int rc = store_person(&p, s, id, req->arena, e);

    if (rc != 0 && e->code != ERR_NOT_FOUND)
        return -1;
    if (rc == 0 && caller_sees(req, p.organisation))
        return 0;
    return err_set(e, ERR_NOT_FOUND, "There is no person with this id.", "没有该标识的人员。");
}

static int check_entry(const struct request *req, struct store *s, const struct wishes *w, struct err *e)
{
    struct filing_actor who = actor_of(req);
    struct filing_rights rights;
    struct filing_row f;
    struct entry_row entry;
    int rc;

    if (filing_find(&f, s, w->filing, &who, req->arena, e) != 0)
        return -1;
    rc = store_entry(&entry, s, w->entry, req->arena, e);
    if (rc != 0 && e->code != ERR_NOT_FOUND)
        return -1;
    if (rc != 0 || strcmp(entry.filing, f.id) != 0)
        return err_set(e, ERR_NOT_FOUND, "There is no such entry in this filing.", "该备案中没有这一条目。");
    filing_rights(&rights, &f, &who);
    if (!rights.upload_photos)
        return err_set(e, ERR_FORBIDDEN, "This key may not bring photos to this filing.",
                       "该密钥不能为此备案上传照片。");
    if (entry.state == ENTRY_MADE || entry.state == ENTRY_REMOVED)
        return err_set(e, ERR_CONFLICT, "This entry takes no photo any more: it is made or removed.",
                       "该条目已生成或已核减，不再接收照片。");
    return 0;
}

static int photo_links_post(void *app, struct request *req, struct response *res, struct err *e)
{
    struct faults faults = {.count = 0};
    struct desk *d = req->thread;
    struct wishes w;
    struct link_order o = {.kind = LINK_PHOTO, .seconds = PHOTO_LINK_SECONDS};

    if (read_wishes(&w, req, read_photo_wishes, &faults, e) != 0)
        return faults.count > 0 ? respond_faults(req, res, &faults, e) : -1;
    if ((w.person != NULL ? check_person(req, d->store, w.person, e) : check_entry(req, d->store, &w, e)) !=
        0)
        return -1;
    o.subject = w.person != NULL ? w.person : w.filing;
    o.entry = w.entry;
    return answer_link(app, req, res, &o, "photo", e);
}

/* --- GET /d/{token} --- */

static int answer_over(struct app *app, const struct request *req, struct response *res, struct err *e)
{
    struct page_site site = page_site_of(app, req);
    struct buf html = BUF_INIT(PAGE_MAX_BYTES);

    return page_answer(req, res, 410, &html, page_file_link_over(&html, &site, e));
}

/* On the machine itself, where there is no https: browsers and programs keep no Secure cookie then. */
static bool is_plain(const struct request *req)
{
    const char *host = request_header(req, "Host");

    return host != NULL && (strncmp(host, "127.0.0.1", 9) == 0 || strncmp(host, "localhost", 9) == 0 ||
                            strncmp(host, "[::1]", 5) == 0);
}

static bool is_bound_here(const struct link_row *l, const struct request *req, int64_t now)
{
    const char *cookie = request_cookie(req, cookie_name);
    uint8_t hash[SHA256_SIZE];

    if (cookie == NULL || now >= l->used + (l->kind == LINK_EXPORT ? EXPORT_AGAIN : CERTIFICATE_AGAIN))
        return false;
    sha256(hash, slice_of(cookie));
    return bytes_equal_constant_time(hash, l->browser, sizeof hash);
}

/* Whether this visit may have the file; the first one gets the cookie. HEAD looks only: programs that show
 * what a link leads to ask so, and must not take it from whom it is for. */
static int bind(bool *mine, const struct link_row *l, const struct request *req, struct response *res,
                struct err *e)
{
    const struct desk *d = req->thread;
    int64_t now = clock_now();
    uint8_t bytes[COOKIE_BYTES], browser[SHA256_SIZE];
    char cookie[COOKIE_SIZE];
    const char *header;

    *mine = l->used != 0 ? is_bound_here(l, req, now) : req->head && now < l->expires;
    if (l->used != 0 || req->head)
        return 0;
    if (random_bytes(bytes, sizeof bytes, e) != 0)
        return -1;
    base64url_encode(cookie, (struct slice){bytes, sizeof bytes});
    sha256(browser, slice_of(cookie));
    header =
        arena_printf(req->arena, "%s=%s; Path=/d/%s; Max-Age=%d; HttpOnly; SameSite=Strict%s", cookie_name,
                     cookie, req->params[0], l->kind == LINK_EXPORT ? EXPORT_AGAIN : CERTIFICATE_AGAIN,
                     is_plain(req) ? "" : "; Secure");
    if (header == NULL)
        return err_no_memory(e);
    if (store_use_link(d->store, l->token, browser, now, mine, e) != 0)
        return -1;
    if (*mine)
        response_header(res, "Set-Cookie", header);
    return 0;
}

/* What became of the certificate since the link was made counts: a file that no longer holds stays here. */
static int lend_certificate(struct app *app, const struct link_row *l, struct request *req,
                            struct response *res, struct err *e)
{
    const struct desk *d = req->thread;
    struct buf pdf = BUF_INIT(DOCUMENT_MAX);
    struct certificate_row row;
    bool mine = false;
    int rc = store_certificate(&row, d->store, l->subject, req->arena, e);

    if (rc != 0 || row.state != CERTIFICATE_ISSUED || row.status != STATUS_VALID) {
        rc = rc != 0 && e->code != ERR_NOT_FOUND ? -1 : answer_over(app, req, res, e);
        goto out;
    }
    rc = -1;
    if (store_file(&pdf, d->store, &row, e) != 0 || bind(&mine, l, req, res, e) != 0)
        goto out;
    if (!mine)
        rc = answer_over(app, req, res, e);
    else if (req->head || row.handed_out != 0 || store_handed_out(d->store, row.id, clock_now(), e) == 0)
        rc = certificate_answer_pdf(res, req, &row, &pdf, e);
out:
    buf_dispose(&pdf);
    return rc;
}

static int lend_export(struct app *app, const struct link_row *l, struct request *req, struct response *res,
                       struct err *e)
{
    const struct desk *d = req->thread;
    struct export_archive *x = NULL;
    bool mine;

    if (export_find(&x, app, d->store, l->subject, e) != 0)
        return e->code == ERR_NOT_FOUND ? answer_over(app, req, res, e) : -1;
    if (bind(&mine, l, req, res, e) != 0) {
        export_close(x);
        return -1;
    }
    if (mine)
        return export_answer(res, req, x, e);
    export_close(x);
    return answer_over(app, req, res, e);
}

static int lent_get(void *arg, struct request *req, struct response *res, struct err *e)
{
    struct app *app = arg;
    enum link_found found;
    struct link_row l;
    unsigned seconds;

    if (link_find(&l, &found, &seconds, app, req, e) != 0)
        return -1;
    if (found == LINK_WAIT)
        return page_answer_wait(app, req, res, seconds, e);
    if (found == LINK_OVER || l.kind == LINK_PHOTO)
        return answer_over(app, req, res, e);
    return l.kind == LINK_CERTIFICATE ? lend_certificate(app, &l, req, res, e)
                                      : lend_export(app, &l, req, res, e);
}

const struct route link_routes[] = {
    {.method = HTTP_POST,
     .pattern = "/v1/links",
     .handle = links_post,
     .lane = LANE_RECORDS,
     .max_body = BODY_MAX,
     .scope = SCOPE_READ},
    {.method = HTTP_POST,
     .pattern = "/v1/photo-links",
     .handle = photo_links_post,
     .lane = LANE_RECORDS,
     .max_body = BODY_MAX,
     .scope = SCOPE_PERSONS},
    {.method = HTTP_GET,
     .pattern = "/d/{token}",
     .handle = lent_get,
     .lane = LANE_RECORDS,
     .flags = ROUTE_UNPACED},
    {.pattern = NULL},
};
