#include "api/visit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena; /* of the scene at hand: headers outlive its body */

struct scene {
    struct visit visit;
    struct request req;
    struct response res;
};

static void open_scene(struct scene *s, const char *path)
{
    arena_reset(&arena);
    *s = (struct scene){.req = {.id = "0123456789abcdef", .path = path, .english = true},
                        .res = {.status = 200}};
    buf_init(&s->res.body, SIZE_MAX);
}

/* The response's body as JSON; the scene is over. */
static json_t *close_scene(struct scene *s)
{
    json_t *json = json_loadb((const char *)s->res.body.data, s->res.body.len, 0, NULL);

    buf_dispose(&s->res.body);
    return json;
}

static const char *header(const struct response *res, const char *name)
{
    for (size_t i = 0; i < res->header_count; i++) {
        if (strcmp(res->headers[i].name, name) == 0)
            return res->headers[i].value;
    }
    return NULL;
}

static json_t *refused(struct scene *s, int status, const struct err *e)
{
    s->req.arena = &arena;
    s->req.caller = &s->visit;
    respond_refuse(NULL, &s->req, &s->res, status, e);
    return close_scene(s);
}

static void every_error_has_its_status(void **state)
{
    static const struct {
        enum err_code code;
        int status;
    } table[] = {{ERR_INVALID, 422},     {ERR_NOT_FOUND, 404}, {ERR_CONFLICT, 409},
                 {ERR_IN_PROGRESS, 409}, {ERR_FORBIDDEN, 403}, {ERR_TOO_LARGE, 413},
                 {ERR_UNAVAILABLE, 503}, {ERR_NO_MEMORY, 503}, {ERR_INTERNAL, 500}};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_int_equal(respond_status(table[i].code), table[i].status);
}

static void a_problem_says_what_is_wrong_and_where(void **state)
{
    struct scene s;
    struct err e;
    json_t *p;

    (void)state;
    open_scene(&s, "/v1/certificates");
    err_set(&e, ERR_INVALID, "wrong", "错");
    (void)err_field(&e, "/name");
    p = refused(&s, 0, &e);
    assert_int_equal(s.res.status, 422);
    assert_string_equal(s.res.content_type, "application/problem+json");
    assert_string_equal(json_text(p, "code"), "invalid");
    assert_string_equal(json_text(p, "detail"), "wrong");
    assert_string_equal(json_text(p, "request_id"), "0123456789abcdef");
    assert_int_equal(json_integer_value(json_object_get(p, "status")), 422);
    assert_string_equal(json_text(json_array_get(json_object_get(p, "errors"), 0), "pointer"), "/name");
    json_decref(p);
}

static void it_speaks_chinese_unless_english_is_asked_for(void **state)
{
    struct scene s;
    struct err e;
    json_t *p;

    (void)state;
    open_scene(&s, "/v1/certificates");
    s.req.english = false;
    err_set(&e, ERR_NOT_FOUND, "none", "没有");
    p = refused(&s, 0, &e);
    assert_string_equal(json_text(p, "detail"), "没有");
    assert_string_equal(json_text(p, "title"), "未找到");
    json_decref(p);
}

static void a_query_parameter_is_no_pointer(void **state)
{
    struct scene s;
    struct err e;
    json_t *p, *first;

    (void)state;
    open_scene(&s, "/v1/certificates");
    err_set(&e, ERR_INVALID, "wrong", "错");
    (void)err_field(&e, "?limit");
    p = refused(&s, 0, &e);
    first = json_array_get(json_object_get(p, "errors"), 0);
    assert_string_equal(json_text(first, "parameter"), "limit");
    assert_null(json_text(first, "pointer"));
    json_decref(p);
}

static void what_went_wrong_inside_stays_inside(void **state)
{
    struct scene s;
    struct err e;
    json_t *p;

    (void)state;
    open_scene(&s, "/v1/certificates");
    err_set(&e, ERR_INTERNAL, "secret of the house", "内部");
    (void)err_detail(&e, "/srv/data");
    p = refused(&s, 0, &e);
    assert_int_equal(s.res.status, 500);
    assert_string_equal(json_text(p, "detail"), "Internal Server Error");
    json_decref(p);
    open_scene(&s, "/v1/certificates");
    err_set(&e, ERR_UNAVAILABLE, "Cannot write /srv/data/files/ab: no space.",
            "无法写入 /srv/data/files/ab。");
    p = refused(&s, 0, &e);
    assert_int_equal(s.res.status, 503);
    assert_null(strstr(json_text(p, "detail"), "/srv"));
    assert_string_equal(header(&s.res, "Retry-After"), "5");
    json_decref(p);
}

static void who_must_wait_is_told_how_long(void **state)
{
    struct scene s;
    struct err e;
    json_t *p;

    (void)state;
    open_scene(&s, "/v1/certificates");
    err_set(&e, ERR_IN_PROGRESS, "soon", "稍后");
    p = refused(&s, 0, &e);
    assert_int_equal(s.res.status, 409);
    assert_string_equal(json_text(p, "code"), "in-progress");
    assert_string_equal(header(&s.res, "Retry-After"), "2");
    json_decref(p);
    open_scene(&s, "/v1/certificates");
    s.visit = (struct visit){.status = 429, .retry_after = 17};
    p = refused(&s, 0, &e);
    assert_string_equal(json_text(p, "code"), "too-many-requests");
    assert_string_equal(header(&s.res, "Retry-After"), "17");
    json_decref(p);
    open_scene(&s, "/v1/certificates");
    err_set(&e, ERR_CONFLICT, "used", "已用");
    p = refused(&s, 0, &e);
    assert_null(header(&s.res, "Retry-After"));
    json_decref(p);
}

static void what_http_found_wins_over_what_a_handler_wanted(void **state)
{
    struct scene s;
    struct err e;
    json_t *p;

    (void)state;
    open_scene(&s, "/v1/certificates");
    s.visit = (struct visit){.status = 403, .code = "scope-missing", .challenge = "Bearer"};
    err_set(&e, ERR_TOO_LARGE, "large", "过大");
    p = refused(&s, 413, &e);
    assert_int_equal(s.res.status, 413);
    assert_string_equal(json_text(p, "code"), "too-large");
    assert_null(header(&s.res, "WWW-Authenticate"));
    json_decref(p);
}

static void all_faults_are_told_at_once(void **state)
{
    struct faults faults = {.count = 0};
    struct scene s;
    struct err e;
    json_t *p;

    (void)state;
    open_scene(&s, "/v1/certificates");
    s.req.arena = &arena;
    err_set(&e, ERR_TOO_LARGE, "long", "过长");
    for (int i = 0; i < FAULTS_MAX + 3; i++) {
        (void)err_field(&e, "/member%d", i);
        faults_add(&faults, &e);
    }
    assert_int_equal(respond_faults(&s.req, &s.res, &faults, &e), 0);
    p = close_scene(&s);
    assert_int_equal(s.res.status, 422); /* a member is too long, not the body */
    assert_int_equal(json_array_size(json_object_get(p, "errors")), FAULTS_MAX);
    assert_int_equal(json_integer_value(json_object_get(p, "errors_left_off")), 3);
    json_decref(p);
}

static void every_answer_is_dressed_once(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s, "/v1/certificates");
    response_header(&s.res, "Cache-Control", "private, no-cache");
    respond_dress(NULL, &s.req, &s.res);
    respond_dress(NULL, &s.req, &s.res);
    assert_string_equal(header(&s.res, "Cache-Control"), "private, no-cache");
    assert_string_equal(header(&s.res, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(header(&s.res, "Strict-Transport-Security"), "max-age=31536000");
    assert_int_equal(s.res.header_count, 7);
    json_decref(close_scene(&s));
    open_scene(&s, "/v/sample");
    respond_dress(NULL, &s.req, &s.res);
    assert_non_null(strstr(header(&s.res, "Content-Security-Policy"), "form-action 'self'"));
    assert_non_null(header(&s.res, "Permissions-Policy"));
    assert_string_equal(header(&s.res, "Cache-Control"), "no-store");
    json_decref(close_scene(&s));
}

static int nothing(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    (void)req;
    (void)res;
    (void)e;
    return 0;
}

static void the_description_and_the_routes_are_the_same(void **state)
{
    static const struct route some[] = {{.method = HTTP_GET, .pattern = "/a/{id}", .handle = nothing},
                                        {.method = HTTP_POST, .pattern = "/a/{id}", .handle = nothing},
                                        {.pattern = NULL}};
    const struct route *const tables[] = {some, NULL};
    struct err e;

    (void)state;
    assert_int_equal(openapi_check(service_routes, openapi_text(), &e), 0);
    assert_int_equal(
        openapi_check(tables, slice_of("{\"paths\":{\"/a/{id}\":{\"get\":{},\"post\":{}}}}"), &e), 0);
    assert_int_equal(openapi_check(tables, slice_of("{\"paths\":{\"/a/{id}\":{\"get\":{}}}}"), &e), -1);
    assert_non_null(strstr(e.en, "POST /a/{id}"));
    assert_int_equal(
        openapi_check(tables, slice_of("{\"paths\":{\"/a/{id}\":{\"get\":{},\"post\":{},\"put\":{}}}}"), &e),
        -1);
    assert_non_null(strstr(e.en, "put /a/{id}"));
    assert_int_equal(
        openapi_check(tables,
                      slice_of("{\"paths\":{\"/a/{id}\":{\"get\":{},\"post\":{}},\"/b\":{\"get\":{}}}}"), &e),
        -1);
    assert_non_null(strstr(e.en, "/b"));
    assert_int_equal(openapi_check(tables, slice_of("{\"paths\":{\"/a/{x}\":{\"get\":{},\"post\":{}}}}"), &e),
                     -1);
    assert_int_equal(openapi_check(tables, slice_of("[]"), &e), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_its_status),
        cmocka_unit_test(a_problem_says_what_is_wrong_and_where),
        cmocka_unit_test(it_speaks_chinese_unless_english_is_asked_for),
        cmocka_unit_test(a_query_parameter_is_no_pointer),
        cmocka_unit_test(what_went_wrong_inside_stays_inside),
        cmocka_unit_test(who_must_wait_is_told_how_long),
        cmocka_unit_test(what_http_found_wins_over_what_a_handler_wanted),
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(every_answer_is_dressed_once),
        cmocka_unit_test(the_description_and_the_routes_are_the_same),
    };

    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    arena_dispose(&arena);
    return failed;
}
