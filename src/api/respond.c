/* respond.c - answers: JSON, problems (RFC 9457), and the headers of every response. */
#include "api/view.h"
#include "base/log.h"
#include <string.h>

enum { ANSWER_MAX = 8 * 1024 * 1024, RETRY_IN_PROGRESS = 2, RETRY_UNAVAILABLE = 5 };

static const struct kind {
    int status;
    const char *code, *en, *zh;
} kinds[] = {
    {400, "malformed", "Bad Request", "请求格式错误"},
    {401, "unauthorized", "Unauthorized", "需要有效的密钥"},
    {403, "forbidden", "Forbidden", "无权执行"},
    {404, "not-found", "Not Found", "未找到"},
    {405, "method-not-allowed", "Method Not Allowed", "不支持该方法"},
    {406, "not-acceptable", "Not Acceptable", "无法以所要求的格式回答"},
    {408, "request-timeout", "Request Timeout", "请求超时"},
    {409, "conflict", "Conflict", "与现有内容冲突"},
    {411, "length-required", "Length Required", "需要内容长度"},
    {413, "too-large", "Content Too Large", "内容过大"},
    {414, "uri-too-long", "URI Too Long", "网址过长"},
    {415, "unsupported-media-type", "Unsupported Media Type", "不支持该内容类型"},
    {416, "range-not-satisfiable", "Range Not Satisfiable", "范围无效"},
    {417, "expectation-failed", "Expectation Failed", "无法满足 Expect 请求头"},
    {422, "invalid", "Unprocessable Content", "内容有误"},
    {429, "too-many-requests", "Too Many Requests", "请求过于频繁"},
    {431, "headers-too-large", "Request Header Fields Too Large", "请求头过大"},
    {500, "internal", "Internal Server Error", "服务内部错误"},
    {501, "not-implemented", "Not Implemented", "不支持该请求"},
    {503, "unavailable", "Service Unavailable", "服务暂不可用"},
};

static const struct kind *kind_of(int status)
{
    static const struct kind other = {0, "refused", "Refused", "请求被拒绝"};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].status == status)
            return &kinds[i];
    }
    return &other;
}

int respond_status(enum err_code code)
{
    switch (code) {
    case ERR_INVALID:
        return 422;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_CONFLICT:
    case ERR_IN_PROGRESS:
        return 409;
    case ERR_FORBIDDEN:
        return 403;
    case ERR_TOO_LARGE:
        return 413;
    case ERR_UNAVAILABLE:
    case ERR_NO_MEMORY:
        return 503;
    case ERR_NONE:
    case ERR_INTERNAL:
        break;
    }
    return 500;
}

int refuse_as(const struct request *req, int status, const char *code, unsigned retry_after)
{
    struct visit *v = visit_of(req);

    if (v != NULL) {
        v->status = status;
        v->code = code;
        v->retry_after = retry_after;
    }
    return -1;
}

/* How a request is refused, all told. */
struct refusal {
    int status;
    const char *code;
    unsigned retry_after; /* 0: none said */
};

static struct refusal refusal_of(const struct request *req, int status, const struct err *e)
{
    const struct visit *v = visit_of(req);
    struct refusal r = {status, NULL, 0};

    if (status == 0 && v != NULL && v->status != 0)
        r = (struct refusal){v->status, v->code, v->retry_after};
    else if (status == 0 && e->code == ERR_TOO_LARGE && e->field[0] != '\0')
        r.status = 422; /* one member is, not the body */
    else if (status == 0)
        r = (struct refusal){respond_status(e->code), e->code == ERR_IN_PROGRESS ? "in-progress" : NULL, 0};
    if (r.code == NULL)
        r.code = kind_of(r.status)->code;
    if (r.retry_after == 0 && (r.status == 503 || r.status == 429))
        r.retry_after = RETRY_UNAVAILABLE;
    if (r.retry_after == 0 && r.status == 409 && strcmp(r.code, "in-progress") == 0)
        r.retry_after = RETRY_IN_PROGRESS;
    return r;
}

static const char *text_in(const struct request *req, const struct err *e)
{
    return req->english ? e->en : e->zh;
}

/* false without memory. */
static bool put(json_t *object, const char *name, const char *text)
{
    return json_object_set_new(object, name, json_string(text)) == 0;
}

static json_t *fault_json(const struct request *req, const struct err *e)
{
    if (e->field[0] == '?') /* of the query string, not of the body */
        return json_pack("{ss ss}", "parameter", e->field + 1, "detail", text_in(req, e));
    return json_pack("{ss ss}", "pointer", e->field, "detail", text_in(req, e));
}

/* What went wrong inside, and where our files lie, is nobody's outside: the log has it. */
static const char *detail_of(const struct request *req, const struct refusal *r, const struct err *e)
{
    const struct kind *k = kind_of(r->status);

    if (r->status < 500)
        return text_in(req, e);
    if (e->code == ERR_INTERNAL || e->code == ERR_NONE)
        return req->english ? k->en : k->zh;
    if (strchr(text_in(req, e), '/') == NULL)
        return text_in(req, e);
    return req->english ? "The service cannot write or read its data now. Nothing is lost; try again soon."
                        : "服务暂时无法读写数据。没有数据丢失，请稍后重试。";
}

static json_t *problem_json(const struct request *req, const struct refusal *r, const struct faults *faults,
                            const struct err *e)
{
    const struct kind *k = kind_of(r->status);
    json_t *problem = json_object(), *errors = json_array();
    bool fine = problem != NULL && errors != NULL && put(problem, "title", req->english ? k->en : k->zh) &&
                json_object_set_new(problem, "status", json_integer(r->status)) == 0 &&
                put(problem, "code", r->code) && put(problem, "detail", detail_of(req, r, e)) &&
                put(problem, "request_id", req->id);

    if (fine && faults != NULL) {
        for (size_t i = 0; i < faults->count && fine; i++)
            fine = json_array_append_new(errors, fault_json(req, &faults->list[i])) == 0;
        if (fine && faults->left_off > 0)
            fine = json_object_set_new(problem, "errors_left_off",
                                       json_integer((json_int_t)faults->left_off)) == 0;
    } else if (fine && e->field[0] != '\0') {
        fine = json_array_append_new(errors, fault_json(req, e)) == 0;
    }
    if (fine && json_array_size(errors) > 0)
        fine = json_object_set(problem, "errors", errors) == 0;
    json_decref(errors);
    if (fine)
        return problem;
    json_decref(problem);
    return NULL;
}

/* Without memory for more than this. */
static void problem_fixed(struct response *res)
{
    static const char text[] = "{\"title\":\"Service Unavailable\",\"status\":503,\"code\":\"unavailable\","
                               "\"detail\":\"Out of memory. / 内存不足。\"}\n";

    res->status = 503;
    response_fixed(res, "application/problem+json", slice_of(text));
}

static void respond_problem(const struct request *req, struct response *res, const struct refusal *r,
                            const struct faults *faults, const struct err *e)
{
    json_t *problem = problem_json(req, r, faults, e);
    struct buf text = BUF_INIT(ANSWER_MAX);
    struct err unasked;

    res->status = r->status;
    if (problem != NULL && json_write(&text, problem, &unasked) == 0)
        response_adopt(res, "application/problem+json", &text);
    else
        problem_fixed(res);
    response_header(res, "Content-Language", req->english ? "en" : "zh-CN");
    json_decref(problem);
    buf_dispose(&text);
}

static void add_headers(const struct request *req, struct response *res, const struct refusal *r)
{
    const struct visit *v = visit_of(req);
    const char *seconds = r->retry_after > 0 ? arena_printf(req->arena, "%u", r->retry_after) : NULL;

    if (seconds != NULL)
        response_header(res, "Retry-After", seconds);
    if (v != NULL && v->challenge != NULL && (r->status == 401 || r->status == 403))
        response_header(res, "WWW-Authenticate", v->challenge);
}

/* For whoever runs the service: a stranger's mistakes are no news, ours are. */
static void log_trouble(const struct request *req, const struct refusal *r, const struct err *e)
{
    struct log_line l;

    if (r->status < 500 || r->status == 501 || e->code == ERR_NONE)
        return;
    log_begin(&l, "trouble");
    log_text(&l, "request", req->id);
    log_number(&l, "status", r->status);
    if (req->route != NULL)
        log_text(&l, "route", req->route->pattern);
    log_text(&l, "reason", e->en);
    log_text(&l, "detail", e->detail[0] != '\0' ? e->detail : NULL);
    log_end(&l);
}

/* Whether programs ask there: everything else is read by people. */
static bool is_for_programs(const char *path)
{
    static const char *const paths[] = {"/v1", "/openapi.json", "/livez", "/readyz", "/metrics"};

    if (path == NULL || strncmp(path, "/v1/", 4) == 0)
        return path != NULL;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (strcmp(path, paths[i]) == 0)
            return true;
    }
    return false;
}

void respond_refuse(void *app, const struct request *req, struct response *res, int status,
                    const struct err *e)
{
    struct refusal r = refusal_of(req, status, e);

    log_trouble(req, &r, e);
    if (is_for_programs(req->path))
        respond_problem(req, res, &r, NULL, e);
    else
        pages_refuse(app, req, res, r.status, r.retry_after, e);
    add_headers(req, res, &r);
}

int respond_faults(const struct request *req, struct response *res, const struct faults *faults,
                   const struct err *e)
{
    struct refusal r = refusal_of(req, 0, e);

    log_trouble(req, &r, e);
    respond_problem(req, res, &r, faults, e);
    add_headers(req, res, &r);
    return 0;
}

int respond_problem_with(const struct request *req, struct response *res, int status, const char *code,
                         json_t *members, const struct err *e)
{
    struct refusal r = {status, code, 0};
    json_t *problem = problem_json(req, &r, NULL, e);
    struct buf text = BUF_INIT(ANSWER_MAX);
    struct err unasked;

    res->status = status;
    if (problem != NULL && members != NULL && json_object_update(problem, members) == 0 &&
        json_write(&text, problem, &unasked) == 0)
        response_adopt(res, "application/problem+json", &text);
    else
        problem_fixed(res);
    response_header(res, "Content-Language", req->english ? "en" : "zh-CN");
    json_decref(members);
    json_decref(problem);
    buf_dispose(&text);
    return 0;
}

static bool has_header(const struct response *res, const char *name)
{
    for (size_t i = 0; i < res->header_count; i++) {
        if (strcasecmp(res->headers[i].name, name) == 0)
            return true;
    }
    return false;
}

static void add_missing(struct response *res, const char *name, const char *value)
{
    if (!has_header(res, name))
        response_header(res, name, value);
}

void respond_dress(void *app, const struct request *req, struct response *res)
{
    static const char *const everywhere[][2] = {
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Strict-Transport-Security", "max-age=31536000"}, /* the public address is always https */
        {"Cache-Control", "no-store"},
        {"X-Robots-Tag", "noindex, nofollow, noarchive"},
    };
    static const char *const pages[][2] = {
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
         "base-uri 'none'; frame-ancestors 'none'"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
    };

    (void)app;
    for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++)
        add_missing(res, everywhere[i][0], everywhere[i][1]);
    if (is_for_programs(req->path)) {
        add_missing(res, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        return;
    }
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        add_missing(res, pages[i][0], pages[i][1]);
}

int respond_json(struct response *res, int status, json_t *value, struct err *e)
{
    struct buf text = BUF_INIT(ANSWER_MAX);
    int rc = value == NULL ? err_no_memory(e) : json_write(&text, value, e);

    if (rc == 0) {
        res->status = status;
        response_adopt(res, "application/json", &text);
    }
    buf_dispose(&text);
    json_decref(value);
    return rc;
}

/* "application/json", with parameters or without. */
static bool is_json_type(const char *type)
{
    static const char json[] = "application/json";
    size_t len = sizeof json - 1;

    return type != NULL && strncasecmp(type, json, len) == 0 &&
           (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

int request_json(json_t **out, const struct request *req, struct err *e)
{
    *out = NULL;
    if (!is_json_type(request_header(req, "Content-Type"))) {
        (void)refuse_as(req, 415, NULL, 0);
        return err_set(e, ERR_INVALID,
                       "The body must be JSON; send the header Content-Type: application/json.",
                       "请求内容应为 JSON，请发送请求头 Content-Type: application/json。");
    }
    if (req->body.len == 0) {
        (void)refuse_as(req, 400, "json-malformed", 0);
        return err_set(e, ERR_INVALID, "The body is empty; it must be a JSON object.",
                       "请求内容为空，应为 JSON 对象。");
    }
    if (json_read(out, req->body, JSON_MAX_BYTES, e) != 0) {
        if (e->code == ERR_INVALID)
            (void)refuse_as(req, 400, "json-malformed", 0);
        return -1;
    }
    if (json_is_object(*out))
        return 0;
    json_decref(*out);
    *out = NULL;
    return err_set(e, ERR_INVALID, "The body must be a JSON object.", "请求内容应为 JSON 对象。");
}

/* RFC 8187 attr-char. */
static bool is_attr_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$&+-.^_`|~", c) != NULL);
}

const char *respond_disposition(struct arena *a, const char *kind, const char *plain, const char *name)
{
    struct buf text = BUF_INIT(8192);
    const char *kept = NULL;

    buf_printf(&text, "%s; filename=\"%s\"; filename*=UTF-8''", kind, plain);
    for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++) {
        if (is_attr_char(*c))
            buf_append_char(&text, (char)*c);
        else
            buf_printf(&text, "%%%02X", *c);
    }
    if (buf_ok(&text))
        kept = arena_slice(a, buf_view(&text));
    buf_dispose(&text);
    return kept;
}
