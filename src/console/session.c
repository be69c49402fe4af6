/* session.c - signing in with a key, and who visits: the cookie, the form's token, the headers of pages. */
#include "api/visit.h"
#include "base/log.h"
#include "console/console_internal.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LOGIN_BODY = 8192, SECRET_BYTES = 24, NEXT_MAX = 512, JSON_MAX = 256 * 1024 };

/* --- headers --- */

void console_dress(struct response *res)
{
    response_header(res, "Content-Security-Policy", console_policy);
    response_header(res, "Referrer-Policy", "same-origin");
}

void console_dress_pdf(struct response *res)
{
    response_header(res, "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; "
                    "frame-ancestors 'self'");
    response_header(res, "Referrer-Policy", "same-origin");
}

/* --- where the visitor is --- */

static const char *skip_scheme(const char *url)
{
    const char *at = strstr(url, "://");

    return at == NULL ? url : at + 3;
}

/* Origin (RFC 6454) is that of the public address or, without a proxy, of this machine itself. */
static bool is_our_origin(const struct app *app, const struct request *req, const char *origin)
{
    const char *host = request_header(req, "Host");

    if (strncmp(origin, "https://", 8) == 0)
        return strncmp(app->config.public_url, "https://", 8) == 0 &&
               strcasecmp(skip_scheme(origin), skip_scheme(app->config.public_url)) == 0;
    return signed_in_plainly(req) && host != NULL && strncmp(origin, "http://", 7) == 0 &&
           strcasecmp(origin + 7, host) == 0;
}

/* Browsers say where a form came from; old ones in one of two headers. */
static bool is_our_form(const struct app *app, const struct request *req)
{
    const char *site = request_header(req, "Sec-Fetch-Site"), *origin = request_header(req, "Origin");

    if (site != NULL && strcmp(site, "same-origin") != 0)
        return false;
    if (origin != NULL && !is_our_origin(app, req, origin))
        return false;
    return site != NULL || origin != NULL;
}

/* An address below /console that a sign-in may lead to. */
static bool is_safe_next(const char *next)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/?=&%";

    return next != NULL && strlen(next) < NEXT_MAX && strncmp(next, "/console/", 9) == 0 &&
           next[strspn(next, allowed)] == '\0' && strstr(next, "//") == NULL && strstr(next, "..") == NULL &&
           strncmp(next, "/console/login", 14) != 0 && strncmp(next, "/console/logout", 15) != 0;
}

/* --- answers --- */

int console_answer(struct console_visit *v, int status, struct buf *html, int rc)
{
    if (rc == 0) {
        v->res->status = status;
        response_adopt(v->res, "text/html; charset=utf-8", html);
        response_header(v->res, "Content-Language", "zh-CN");
        console_dress(v->res);
    }
    buf_dispose(html);
    return rc;
}

static int go(struct request *req, struct response *res, const char *to, struct err *e)
{
    const char *kept = arena_text(req->arena, to);

    if (kept == NULL)
        return err_no_memory(e);
    res->status = 303;
    response_header(res, "Location", kept);
    console_dress(res);
    return 0;
}

int console_go(struct console_visit *v, struct err *e, const char *to, ...)
{
    char text[1024];
    va_list args;

    va_start(args, to);
    (void)vsnprintf(text, sizeof text, to, args);
    va_end(args);
    return go(v->req, v->res, text, e);
}

int console_json(struct console_visit *v, json_t *value, struct err *e)
{
    struct buf text = BUF_INIT(JSON_MAX);
    int rc = value == NULL ? err_no_memory(e) : json_write(&text, value, e);

    if (rc == 0) {
        response_adopt(v->res, "application/json", &text);
        console_dress(v->res);
    }
    json_decref(value);
    buf_dispose(&text);
    return rc;
}

bool console_asks_json(const struct console_visit *v)
{
    const char *accept = request_header(v->req, "Accept");

    return accept != NULL && strncmp(accept, "application/json", 16) == 0;
}

/* --- what the address and the form say --- */

static const char *trimmed(const struct console_visit *v, const char *text)
{
    size_t len;

    if (text == NULL)
        return "";
    while (isspace((unsigned char)*text))
        text++;
    len = strlen(text);
    while (len > 0 && isspace((unsigned char)text[len - 1]))
        len--;
    text = arena_slice(v->req->arena, (struct slice){(const uint8_t *)text, len});
    return text == NULL ? "" : text;
}

const char *console_field(const struct console_visit *v, const char *name)
{
    return trimmed(v, request_field(v->req, name));
}

const char *console_query(const struct console_visit *v, const char *name)
{
    return trimmed(v, request_query(v->req, name));
}

unsigned console_page_number(const struct console_visit *v)
{
    const char *text = console_query(v, "page");

    if (text[0] == '\0' || strlen(text) > 6 || text[strspn(text, "0123456789")] != '\0')
        return 1;
    return (unsigned)strtoul(text, NULL, 10) == 0 ? 1 : (unsigned)strtoul(text, NULL, 10);
}

/* --- the session --- */

/* 0: *found says whether there is one. */
static int find_session(struct console_visit *v, bool *found, struct err *e)
{
    uint8_t hash[SHA256_SIZE];

    *found = false;
    if (!signed_in_hash(hash, v->req))
        return 0;
    if (store_session(&v->session, v->d->store, hash, clock_now(), e) != 0 ||
        caller_adopt(v->req, v->session.key_id, e) != 0)
        return e->code == ERR_NOT_FOUND ? 0 : -1;
    *found = true;
    return 0;
}

static void fill_site(struct console_visit *v)
{
    static const struct {
        const char *word, *text;
    } told[] = {{"saved", "已保存"},
                {"submitted", "已提交审核"},
                {"passed", "已通过审核，可以入库"},
                {"returned", "已退回"},
                {"accession", "开始入库：先核对每一行，再给出编号、生成证书"},
                {"paused", "已暂停，正在生成的会先完成"},
                {"resumed", "继续生成"},
                {"retried", "已重新排队"},
                {"photo", "照片已保存"},
                {"imported", "名单已导入"},
                {"corrected", "已更正"},
                {"reissued", "已生成新证书，原证书已换发"},
                {"revoked", "证书已撤销"},
                {"removed", "已核减"}};
    const char *done = request_query(v->req, "done");

    v->who = actor_of(v->req);
    v->may_file = caller_may(v->req, SCOPE_FILINGS);
    v->may_approve = caller_may(v->req, SCOPE_APPROVE);
    v->site = (struct console_site){
        .organisation = v->who.organisation == NULL ? "全部单位" : console_office(v, v->who.organisation),
        .form_token = v->session.form_token,
        .filings = v->may_file || v->may_approve,
        .demo = v->app->config.demo,
        .now = clock_now()};
    for (size_t i = 0; done != NULL && i < sizeof told / sizeof told[0]; i++)
        if (strcmp(done, told[i].word) == 0)
            v->site.done = told[i].text;
}

/* The filters, the page and the search that were asked for, so that they are still there after the sign-in;
 * packed as part of another query. "" where there are none. */
static const char *asked_query(const struct console_visit *v)
{
    static const char *const names[] = {"name",  "approval_no", "year", "type", "status",
                                        "state", "q",           "page", "tab",  "step"};
    struct buf plain = BUF_INIT(NEXT_MAX), packed = BUF_INIT(2 * NEXT_MAX);
    const char *kept = NULL;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = request_query(v->req, names[i]);

        if (value == NULL || value[0] == '\0')
            continue;
        buf_printf(&plain, "%s%s=", plain.len == 0 ? "?" : "&", names[i]);
        put_query(&plain, value);
    }
    buf_append_char(&plain, '\0');
    if (buf_ok(&plain))
        put_query(&packed, (const char *)plain.data);
    if (packed.len > 0 && buf_ok(&packed) && packed.len + strlen(v->req->path) < NEXT_MAX)
        kept = arena_slice(v->req->arena, buf_view(&packed));
    buf_dispose(&plain);
    buf_dispose(&packed);
    return kept == NULL ? "" : kept;
}

/* To the sign-in, and back to the page that was asked for; a script is told that it is over. */
static int send_to_login(struct console_visit *v, struct err *e)
{
    bool over = request_cookie(v->req, signed_in_cookie(v->req)) != NULL;

    if (console_asks_json(v)) {
        v->res->status = 401;
        response_fixed(v->res, "application/json", slice_of("{\"problem\":\"登录已过期，请重新登录。\"}"));
        console_dress(v->res);
        return 0;
    }
    if (v->req->method != HTTP_GET || !is_safe_next(v->req->path))
        return console_go(v, e, "/console/login%s", over ? "?over=1" : "");
    return console_go(v, e, "/console/login?next=%s%s%s", v->req->path, asked_query(v),
                      over ? "&over=1" : "");
}

static int problem_status(const struct request *req, const struct err *e)
{
    const struct visit *known = visit_of(req);

    return known != NULL && known->status != 0 ? known->status : respond_status(e->code);
}

static int answer_problem(struct console_visit *v, const struct err *why, struct err *e)
{
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);
    int status = problem_status(v->req, why);
    const char *back = v->req->params[0] != NULL && status != 404
                           ? arena_printf(v->req->arena, "/console/filings/%s", v->req->params[0])
                           : NULL;
    const char *text = status >= 500 && why->code != ERR_UNAVAILABLE ? "服务出现问题，请稍后再试。" : why->zh;

    if (status >= 500) {
        struct log_line l;

        log_begin(&l, "trouble");
        log_text(&l, "request", v->req->id);
        log_number(&l, "status", status);
        log_text(&l, "reason", why->en);
        log_text(&l, "detail", why->detail[0] != '\0' ? why->detail : NULL);
        log_end(&l);
    }
    if (console_asks_json(v)) {
        v->res->status = status < 500 ? 200 : status;
        return console_json(v, json_pack("{ss}", "problem", text), e);
    }
    return console_answer(v, status, &html, console_problem_page(&html, &v->site, status, text, back, e));
}

/* Forms bring a token that only our pages know. */
static int check_form(const struct console_visit *v, struct err *e)
{
    const char *token = request_field(v->req, "form_token");

    if (is_our_form(v->app, v->req) && token != NULL && strlen(token) == strlen(v->session.form_token) &&
        bytes_equal_constant_time(token, v->session.form_token, strlen(token)))
        return 0;
    return err_set(e, ERR_FORBIDDEN, "The form is not from this session; open the page again and repeat.",
                   "表单不是由本次登录的页面提交的，请重新打开页面再操作。");
}

int console_run(void *app, struct request *req, struct response *res, console_page *page, struct err *e)
{
    struct console_visit v = {.app = app, .req = req, .res = res, .d = req->thread};
    struct err why = {.code = ERR_NONE};
    bool found;

    v.site.now = clock_now();
    if (find_session(&v, &found, &why) != 0)
        return answer_problem(&v, &why, e);
    if (!found)
        return send_to_login(&v, e);
    fill_site(&v);
    if (req->method == HTTP_POST && check_form(&v, &why) != 0)
        return answer_problem(&v, &why, e);
    if (!v.site.filings) {
        (void)err_set(&why, ERR_FORBIDDEN, "This key has no right to filings; it needs the scope filings.",
                      "该密钥没有备案管理的权限（权限范围 filings）。");
        return answer_problem(&v, &why, e);
    }
    return page(&v, &why) == 0 ? 0 : answer_problem(&v, &why, e);
}

/* --- signing in --- */

static int answer_login(struct console_visit *v, int status, const struct console_login *l, struct err *e)
{
    struct buf html = BUF_INIT(CONSOLE_PAGE_MAX);

    return console_answer(v, status, &html, console_login_page(&html, &v->site, l, e));
}

static int login_get(void *app, struct request *req, struct response *res, struct err *e)
{
    struct console_visit v = {.app = app, .req = req, .res = res, .d = req->thread};
    const char *next = request_query(req, "next");
    struct err unasked;
    bool found;

    v.site.now = clock_now();
    if (find_session(&v, &found, &unasked) == 0 && found)
        return go(req, res, is_safe_next(next) ? next : "/console/filings", e);
    return answer_login(
        &v, 200,
        &(struct console_login){NULL, is_safe_next(next) ? next : NULL, request_query(req, "over") != NULL},
        e);
}

/* Wrong, or too often: why, and for how long. */
static int refuse_login(struct console_visit *v, const char *next, struct err *e)
{
    const struct visit *known = visit_of(v->req);
    bool often = known != NULL && known->status == 429;
    unsigned seconds = often ? known->retry_after : 0;
    const char *retry = arena_printf(v->req->arena, "%u", seconds);
    const char *text = often ? arena_printf(v->req->arena, "尝试次数过多，请 %u 秒后再试。", seconds)
                             : "密钥不正确或已停用，请核对后重试。";

    if (retry == NULL || text == NULL)
        return err_no_memory(e);
    if (often)
        response_header(v->res, "Retry-After", retry);
    return answer_login(v, often ? 429 : 403, &(struct console_login){text, next, false}, e);
}

static int random_text(char *out, struct err *e)
{
    uint8_t secret[SECRET_BYTES];
    int rc = random_bytes(secret, sizeof secret, e);

    if (rc == 0)
        base64url_encode(out, (struct slice){secret, sizeof secret});
    explicit_bzero(secret, sizeof secret);
    return rc;
}

static int begin_session(struct console_visit *v, const char *key_id, struct err *e)
{
    bool plain = signed_in_plainly(v->req);
    char token[TOKEN_SIZE];
    const char *cookie;

    if (random_text(token, e) != 0 || random_text(v->session.form_token, e) != 0)
        return -1;
    sha256(v->session.token, slice_of(token));
    (void)snprintf(v->session.key_id, sizeof v->session.key_id, "%s", key_id);
    v->session.created = v->session.seen = clock_now();
    cookie = arena_printf(v->req->arena, "%s=%s; Path=/; %sHttpOnly; SameSite=Strict",
                          signed_in_cookie(v->req), token, plain ? "" : "Secure; ");
    explicit_bzero(token, sizeof token);
    if (cookie == NULL)
        return err_no_memory(e);
    if (store_add_session(v->d->store, &v->session, e) != 0)
        return -1;
    response_header(v->res, "Set-Cookie", cookie);
    return 0;
}

static int login_post(void *app, struct request *req, struct response *res, struct err *e)
{
    struct console_visit v = {.app = app, .req = req, .res = res, .d = req->thread};
    const char *next = request_field(req, "next");
    uint8_t old[SHA256_SIZE];
    struct err why = {.code = ERR_NONE}, unasked;
    struct api_key k;

    v.site.now = clock_now();
    next = is_safe_next(next) ? next : NULL;
    if (!is_our_form(app, req))
        return answer_login(
            &v, 403, &(struct console_login){"登录表单不是由本站页面提交的，请重新打开登录页。", next, false},
            e);
    if (caller_check_key(&k, app, req, console_field(&v, "key"), &why) != 0)
        return why.code == ERR_FORBIDDEN ? refuse_login(&v, next, e) : answer_problem(&v, &why, e);
    if (signed_in_hash(old, req)) /* whose place the new one takes */
        (void)!store_end_session(v.d->store, old, &unasked);
    if (begin_session(&v, k.id, &why) != 0)
        return answer_problem(&v, &why, e);
    return go(req, res, next != NULL ? next : "/console/filings", e);
}

static int logout_page(struct console_visit *v, struct err *e)
{
    const char *cookie = arena_printf(v->req->arena, "%s=; Path=/; %sHttpOnly; SameSite=Strict; Max-Age=0",
                                      signed_in_cookie(v->req), signed_in_plainly(v->req) ? "" : "Secure; ");

    if (cookie == NULL)
        return err_no_memory(e);
    if (store_end_session(v->d->store, v->session.token, e) != 0)
        return -1;
    response_header(v->res, "Set-Cookie", cookie);
    return console_go(v, e, "/console/login");
}

static int logout_post(void *app, struct request *req, struct response *res, struct err *e)
{
    return console_run(app, req, res, logout_page, e);
}

static int home_get(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    return go(req, res, "/console/filings", e);
}

const struct route session_routes[] = {
    {HTTP_GET, "/console", home_get, LANE_INLINE, 0, 0, NULL},
    {HTTP_GET, "/console/", home_get, LANE_INLINE, 0, 0, NULL},
    {HTTP_GET, "/console/login", login_get, LANE_RECORDS, 0, 0, NULL},
    {HTTP_POST, "/console/login", login_post, LANE_RECORDS, LOGIN_BODY, ROUTE_FORM, NULL},
    {HTTP_POST, "/console/logout", logout_post, LANE_RECORDS, LOGIN_BODY, ROUTE_FORM, NULL},
    {.pattern = NULL},
};
