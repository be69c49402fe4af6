#include "api/visit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The linker puts this in the place of http/'s: requests here have no connection. */
static const char *authorization, *forwarded, *idempotency_key;
const char *__wrap_request_header(const struct request *r, const char *name);
const char *__wrap_request_header(const struct request *r, const char *name)
{
    (void)r;
    if (strcmp(name, "Authorization") == 0)
        return authorization;
    if (strcmp(name, "Idempotency-Key") == 0)
        return idempotency_key;
    return strcmp(name, "X-Forwarded-For") == 0 ? forwarded : NULL;
}

struct house {
    char dir[64], command[128];
    struct app app;
    struct desk desk;
    struct arena arena;
    struct request req;
    struct err e;
};

static int build(void **state)
{
    struct house *h = calloc(1, sizeof *h);
    static const struct organisation office = {.id = "office", .name = "某某厅"};

    assert_non_null(h);
    (void)snprintf(h->dir, sizeof h->dir, "/tmp/sealpress-caller-XXXXXX");
    assert_non_null(mkdtemp(h->dir));
    assert_int_equal(store_open(&h->desk.store, h->dir, true, &h->e), 0);
    assert_int_equal(store_put_organisation(h->desk.store, &office, &h->e), 0);
    h->app.wrong_keys = limiter_new(5, 100);
    h->app.working_keys = working_keys_new();
    h->desk.app = &h->app;
    h->req =
        (struct request){.arena = &h->arena, .address = "192.0.2.1", .thread = &h->desk, .path = "/v1/x"};
    authorization = forwarded = idempotency_key = NULL;
    *state = h;
    return 0;
}

static int demolish(void **state)
{
    struct house *h = *state;

    store_close(h->desk.store);
    limiter_free(h->app.wrong_keys);
    working_keys_free(h->app.working_keys);
    arena_dispose(&h->arena);
    (void)snprintf(h->command, sizeof h->command, "rm -rf '%s'", h->dir);
    assert_int_equal(system(h->command), 0);
    free(h);
    return 0;
}

static const struct route reading = {.pattern = "/v1/x", .scope = SCOPE_READ},
                          open_to_all = {.pattern = "/v/x"},
                          metrics = {.pattern = "/metrics", .scope = SCOPE_METRICS};

/* 0, or the status that the request would be refused with. */
static int enter(struct house *h, const struct route *route, const char *header)
{
    static char kept[200];
    const struct visit *v;

    (void)snprintf(kept, sizeof kept, "%s", header != NULL ? header : "");
    authorization = header != NULL ? kept : NULL;
    h->req.route = route;
    h->req.caller = NULL;
    if (caller_enter(&h->app, &h->req, &h->e) == 0)
        return 0;
    v = h->req.caller;
    return v->status != 0 ? v->status : respond_status(h->e.code);
}

static void make(struct house *h, char key[KEY_TEXT_SIZE], char id[KEY_ID_SIZE], const char *organisation,
                 const char *scopes, int64_t days)
{
    const struct key_order o = {"门户", organisation, scopes, days, NULL};

    assert_int_equal(key_new(key, id, h->desk.store, &o, clock_now(), &h->e), 0);
}

static const char *bearer(const char *key)
{
    static char text[100];

    (void)snprintf(text, sizeof text, "Bearer %s", key);
    return text;
}

static void a_key_lets_its_bearer_in(void **state)
{
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    struct house *h = *state;

    make(h, key, id, "office", "certificates.read, verify", 0);
    assert_int_equal(strlen(key), KEY_TEXT_SIZE - 1);
    assert_int_equal(enter(h, &reading, bearer(key)), 0);
    assert_string_equal(caller_of(&h->req)->key_id, id);
    assert_string_equal(caller_of(&h->req)->organisation, "office");
    assert_string_equal(caller_of(&h->req)->scopes, "certificates.read verify");
    assert_true(caller_sees(&h->req, "office"));
    assert_false(caller_sees(&h->req, "offic"));
    assert_false(caller_sees(&h->req, "*"));
    assert_true(caller_may(&h->req, SCOPE_VERIFY));
    assert_false(caller_may(&h->req, SCOPE_ISSUE));
    assert_false(caller_may(&h->req, "certificates"));
}

static void a_key_for_all_sees_every_organisation(void **state)
{
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    struct house *h = *state;

    make(h, key, id, "*", "all", 0);
    assert_int_equal(enter(h, &reading, bearer(key)), 0);
    assert_null(caller_of(&h->req)->organisation);
    assert_true(caller_sees(&h->req, "office"));
    assert_true(caller_may(&h->req, SCOPE_METRICS));
}

static void a_key_that_is_not_quite_right_is_refused(void **state)
{
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE], bent[KEY_TEXT_SIZE + 1];
    struct house *h = *state;

    make(h, key, id, "*", "all", 0);
    limiter_free(h->app.wrong_keys);
    h->app.wrong_keys = NULL; /* here every try counts as the first */
    for (size_t i = 0; i < strlen(key); i++) {
        memcpy(bent, key, KEY_TEXT_SIZE);
        bent[i] = bent[i] == 'a' ? 'b' : 'a';
        assert_int_equal(enter(h, &reading, bearer(bent)), 401);
        assert_null(caller_of(&h->req));
    }
    memcpy(bent, key, KEY_TEXT_SIZE);
    bent[KEY_TEXT_SIZE - 2] = '\0';
    assert_int_equal(enter(h, &reading, bearer(bent)), 401);
    (void)snprintf(bent, sizeof bent, "%sA", key);
    assert_int_equal(enter(h, &reading, bearer(bent)), 401);
    assert_int_equal(enter(h, &reading, key), 401); /* without "Bearer" */
    assert_int_equal(enter(h, &reading, "Bearer "), 401);
    assert_int_equal(enter(h, &reading, ""), 401);
    assert_int_equal(enter(h, &reading, NULL), 401);
    assert_non_null(((struct visit *)h->req.caller)->challenge);
}

static void a_missing_scope_is_named(void **state)
{
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    struct house *h = *state;

    make(h, key, id, "office", "certificates.issue", 0);
    assert_int_equal(enter(h, &reading, bearer(key)), 403);
    assert_non_null(strstr(h->e.en, SCOPE_READ));
    assert_non_null(strstr(((struct visit *)h->req.caller)->challenge, "insufficient_scope"));
}

static void a_key_that_ended_is_refused(void **state)
{
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    const struct key_order o = {"old", "*", "all", 1, NULL};
    struct house *h = *state;

    assert_int_equal(key_new(key, id, h->desk.store, &o, clock_now() - 2 * 86400, &h->e), 0);
    assert_int_equal(enter(h, &reading, bearer(key)), 401);
    make(h, key, id, "*", "all", 1);
    assert_int_equal(enter(h, &reading, bearer(key)), 0);
    assert_int_equal(store_revoke_key(h->desk.store, id, clock_now() + 86400, &h->e), 0);
    assert_int_equal(enter(h, &reading, bearer(key)), 0); /* its days of grace */
    assert_int_equal(store_revoke_key(h->desk.store, id, clock_now(), &h->e), 0);
    assert_int_equal(enter(h, &reading, bearer(key)), 401);
}

static void guessing_has_to_wait_and_locks_nobody_out(void **state)
{
    static const char guess[] = "Bearer sp_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    struct house *h = *state;

    make(h, key, id, "*", "all", 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(enter(h, &reading, guess), 401);
    assert_int_equal(enter(h, &reading, guess), 429);
    assert_true(((struct visit *)h->req.caller)->retry_after > 0);
    assert_int_equal(enter(h, &reading, bearer(key)), 0);
    h->req.address = "192.0.2.2";
    assert_int_equal(enter(h, &reading, guess), 401);
}

static void public_pages_need_no_key(void **state)
{
    struct house *h = *state;

    assert_int_equal(enter(h, &open_to_all, NULL), 0);
    assert_null(caller_of(&h->req));
    assert_false(caller_sees(&h->req, "office"));
}

static void counters_are_open_to_the_machine_itself_only(void **state)
{
    struct house *h = *state;

    assert_int_equal(enter(h, &metrics, NULL), 401);
    h->req.address = "127.0.0.1";
    assert_int_equal(enter(h, &metrics, NULL), 0);
    forwarded = "198.51.100.7"; /* a proxy that nobody told us to trust */
    assert_int_equal(enter(h, &metrics, NULL), 401);
    forwarded = NULL;
    h->req.address = "::";
    assert_int_equal(enter(h, &metrics, NULL), 0);
    assert_int_equal(enter(h, &reading, NULL), 401);
}

static void whoever_decides_about_filings_may_look_at_them(void **state)
{
    static const struct route looking = {.method = HTTP_GET, .pattern = "/v1/x", .scope = SCOPE_FILINGS},
                              doing = {.method = HTTP_POST, .pattern = "/v1/x", .scope = SCOPE_FILINGS},
                              deciding = {.method = HTTP_POST, .pattern = "/v1/x", .scope = SCOPE_APPROVE};
    struct house *h = *state;
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE], header[200];

    make(h, key, id, "office", SCOPE_APPROVE, 0);
    (void)snprintf(header, sizeof header, "Bearer %s", key);
    assert_int_equal(enter(h, &looking, header), 0);
    assert_int_equal(enter(h, &deciding, header), 0);
    assert_int_equal(enter(h, &doing, header), 403);
    make(h, key, id, "office", SCOPE_FILINGS, 0);
    (void)snprintf(header, sizeof header, "Bearer %s", key);
    assert_int_equal(enter(h, &looking, header), 0);
    assert_int_equal(enter(h, &doing, header), 0);
    assert_int_equal(enter(h, &deciding, header), 403);
}

static void a_session_acts_as_its_key_while_that_lasts(void **state)
{
    struct house *h = *state;
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    struct filing_actor who;
    struct api_key found;

    make(h, key, id, "office", SCOPE_FILINGS, 0);
    assert_int_equal(enter(h, &open_to_all, NULL), 0);
    who = actor_of(&h->req);
    assert_string_equal(who.organisation, ""); /* nobody sees nothing, not everything */
    assert_int_equal(caller_check_key(&found, &h->app, &h->req, key, &h->e), 0);
    assert_string_equal(found.id, id);
    assert_null(caller_of(&h->req)); /* looking at a key is not acting with it */
    assert_int_equal(caller_adopt(&h->req, id, &h->e), 0);
    assert_true(caller_may(&h->req, SCOPE_FILINGS));
    assert_false(caller_may(&h->req, SCOPE_ISSUE));
    who = actor_of(&h->req);
    assert_string_equal(who.organisation, "office");
    assert_string_equal(who.id, id);
    assert_int_equal(store_revoke_key(h->desk.store, id, clock_now() - 1, &h->e), 0);
    assert_int_equal(enter(h, &open_to_all, NULL), 0);
    assert_int_equal(caller_adopt(&h->req, id, &h->e), -1);
    assert_int_equal(h->e.code, ERR_NOT_FOUND);
    assert_null(caller_of(&h->req));
    assert_int_equal(caller_check_key(&found, &h->app, &h->req, key, &h->e), -1);
    assert_int_equal(caller_adopt(&h->req, "0123456789abcdef", &h->e), -1);
}

/* The pages that may embed its photo links, or NULL where they were refused. */
static const char *origins(struct house *h, const char *text)
{
    struct key_order o = {.name = "n", .organisation = "office", .scopes = "all", .origins = text};
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    struct api_key found;

    if (key_new(key, id, h->desk.store, &o, clock_now(), &h->e) != 0) {
        assert_string_equal(h->e.field, "/origins");
        return NULL;
    }
    assert_int_equal(store_key(&found, h->desk.store, id, &h->arena, &h->e), 0);
    return found.origins != NULL ? found.origins : "";
}

static void only_origins_of_pages_come_into_a_header(void **state)
{
    static const char *const refused[] = {"http://a.example",
                                          "https://",
                                          "https://a.example/",
                                          "https://a.example/x",
                                          "https://A.example",
                                          "https://*.example",
                                          "https://a.example:",
                                          "https://a.example:123456",
                                          "https://a.example:1x",
                                          "https://a.example; script-src *",
                                          "https://a.example\r\nX: y",
                                          "https://u@a.example",
                                          "https://a.example?x",
                                          "https://-a.example",
                                          "https://a.example.",
                                          "javascript:alert(1)",
                                          "'self'",
                                          "*",
                                          "http://127.0.0.1.example",
                                          "http://localhost.example",
                                          "https://[::1",
                                          "https://[::2]"};
    struct house *h = *state;
    char many[2048] = "";

    assert_string_equal(origins(h, "https://a.example"), "https://a.example");
    assert_string_equal(origins(h, "https://a.example:8443, https://b-c.example.cn"),
                        "https://a.example:8443 https://b-c.example.cn");
    assert_string_equal(origins(h, "http://localhost:3000 http://127.0.0.1 http://[::1]:80"),
                        "http://localhost:3000 http://127.0.0.1 http://[::1]:80");
    assert_string_equal(origins(h, " , "), "");
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (origins(h, refused[i]) != NULL)
            fail_msg("%s was taken", refused[i]);
    }
    for (int i = 0; i < 80; i++)
        (void)strcat(many, "https://a.example ");
    assert_null(origins(h, many));
    assert_int_equal(h->e.code, ERR_TOO_LARGE);
}

static void a_key_is_made_of_what_is_known_only(void **state)
{
    static const struct {
        struct key_order order;
        const char *field;
    } table[] = {{{"x", "nobody", "all", 0, NULL}, "/organisation"},
                 {{"x", "*", "all,fly", 0, NULL}, "/scopes"},
                 {{"x", "*", "", 0, NULL}, "/scopes"},
                 {{"x", "*", " , ", 0, NULL}, "/scopes"},
                 {{"x", "*", "certificates", 0, NULL}, "/scopes"},
                 {{"", "*", "all", 0, NULL}, "/name"},
                 {{"a\nb", "*", "all", 0, NULL}, "/name"},
                 {{"x", "*", "all", -1, NULL}, "/days"},
                 {{"x", "*", "all", 36501, NULL}, "/days"}};
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    struct house *h = *state;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        assert_int_equal(key_new(key, id, h->desk.store, &table[i].order, 1000, &h->e), -1);
        assert_string_equal(h->e.field, table[i].field);
    }
}

static int calls;
static int count_calls(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    (void)req;
    calls++;
    return respond_json(res, 201, json_pack("{si}", "call", calls), e);
}

static int refuse_calls(void *app, struct request *req, struct response *res, struct err *e)
{
    (void)app;
    (void)req;
    (void)res;
    calls++;
    return err_set(e, ERR_INVALID, "no", "不");
}

static int ask(struct house *h, http_handler *handle, const char *key, const char *body, char text[64])
{
    struct response res = {.status = 200, .body = BUF_INIT(SIZE_MAX)};
    int rc;

    idempotency_key = key;
    h->req.body = slice_of(body);
    h->req.method = HTTP_POST;
    rc = idempotent(&h->app, &h->req, &res, handle, &h->e);
    (void)snprintf(text, 64, "%.*s", (int)res.body.len, (const char *)res.body.data);
    buf_dispose(&res.body);
    return rc;
}

static void the_same_request_again_gets_its_first_answer(void **state)
{
    struct house *h = *state;
    char first[64], again[64];

    assert_int_equal(enter(h, &open_to_all, NULL), 0);
    calls = 0;
    assert_int_equal(ask(h, refuse_calls, "k", "{}", first), -1);
    assert_int_equal(ask(h, count_calls, "k", "{}", first), 0); /* a refusal is not kept */
    assert_int_equal(ask(h, count_calls, "k", "{}", again), 0);
    assert_string_equal(first, again);
    assert_int_equal(calls, 2);
    assert_int_equal(ask(h, count_calls, "k", "{ }", again), -1);
    assert_int_equal(h->e.code, ERR_CONFLICT);
    assert_int_equal(ask(h, count_calls, "k2", "{}", again), 0);
    assert_int_equal(ask(h, count_calls, NULL, "{}", again), 0);
    assert_int_equal(ask(h, count_calls, NULL, "{}", again), 0);
    assert_int_equal(calls, 5);
    assert_int_equal(ask(h, count_calls, "a b", "{}", again), -1);
    assert_int_equal(ask(h, count_calls, "", "{}", again), -1);
    assert_int_equal(ask(h, count_calls, "ü", "{}", again), -1);
    assert_int_equal(calls, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_lets_its_bearer_in, build, demolish),
        cmocka_unit_test_setup_teardown(a_key_for_all_sees_every_organisation, build, demolish),
        cmocka_unit_test_setup_teardown(a_key_that_is_not_quite_right_is_refused, build, demolish),
        cmocka_unit_test_setup_teardown(a_missing_scope_is_named, build, demolish),
        cmocka_unit_test_setup_teardown(a_key_that_ended_is_refused, build, demolish),
        cmocka_unit_test_setup_teardown(guessing_has_to_wait_and_locks_nobody_out, build, demolish),
        cmocka_unit_test_setup_teardown(public_pages_need_no_key, build, demolish),
        cmocka_unit_test_setup_teardown(counters_are_open_to_the_machine_itself_only, build, demolish),
        cmocka_unit_test_setup_teardown(whoever_decides_about_filings_may_look_at_them, build, demolish),
        cmocka_unit_test_setup_teardown(a_session_acts_as_its_key_while_that_lasts, build, demolish),
        cmocka_unit_test_setup_teardown(only_origins_of_pages_come_into_a_header, build, demolish),
        cmocka_unit_test_setup_teardown(a_key_is_made_of_what_is_known_only, build, demolish),
        cmocka_unit_test_setup_teardown(the_same_request_again_gets_its_first_answer, build, demolish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
