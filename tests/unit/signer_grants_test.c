/* signer_grants_test.c - grants given through the service: only what the operator delegated, and none is
 * lost.
 */
#include "base/file.h"
#include "sign/signer_internal.h"
#include "signer_fixture.h"
#include <signal.h>
#include <sys/wait.h>

static const uint8_t digest[32] = "0123456789abcdef0123456789abcde";

struct scene {
    struct fixture f;
    char seal[REGISTRY_ID_SIZE];
    struct signer *s;
};

static void spawn(struct scene *x)
{
    struct err e;

    if (signer_spawn(&x->s, x->f.dir, &x->f.registry.who, &e) != 0)
        fail_msg("%s", e.en);
}

/* With so many grants delegated; -1: none. */
static void scene_make(struct scene *x, int64_t delegated)
{
    fixture_make(&x->f);
    fixture_seal(x->seal, &x->f);
    if (delegated >= 0)
        fixture_grant(&x->f, x->seal, SIGNER_DELEGATE, delegated);
    spawn(x);
}

static void scene_remove(struct scene *x)
{
    signer_close(x->s);
    fixture_remove(&x->f);
}

static struct signer_grant order(const struct scene *x, const char *grantee)
{
    struct signer_grant g;

    memset(&g, 0, sizeof g);
    (void)snprintf(g.seal_id, sizeof g.seal_id, "%s", x->seal);
    (void)snprintf(g.grantee, sizeof g.grantee, "%s", grantee);
    return g;
}

static int give(struct scene *x, const char *grantee, struct err *e)
{
    struct signer_grant g = order(x, grantee);

    return signer_grant_new(x->s, &g, "key1", e);
}

static int sign(struct scene *x, const char *grantee, struct err *e)
{
    struct sign_request r = {x->seal, grantee, JOURNAL, digest};
    struct buf cms = BUF_INIT(SIGNER_MAX_CMS);
    int rc = signer_sign(x->s, &r, &cms, e);

    buf_dispose(&cms);
    return rc;
}

static void read_keys_file(struct buf *out, const struct scene *x, const char *name)
{
    char path[96];
    struct err e;

    (void)snprintf(path, sizeof path, "%s/keys/%s", x->f.dir, name);
    assert_int_equal(file_read(out, path, &e), 0);
}

static void write_keys_file(const struct scene *x, const char *name, const char *text)
{
    char path[96];
    struct err e;

    (void)snprintf(path, sizeof path, "%s/keys/%s", x->f.dir, name);
    assert_int_equal(file_write(path, slice_of(text), 0600, &e), 0);
}

static size_t count_active(struct scene *x, bool by_operator)
{
    struct signer_grant g;
    size_t active = 0;
    struct err e;

    for (size_t i = 0; signer_grant_at(&g, x->s, x->seal, i, &e) == 0; i++)
        active += g.active && g.by_operator == by_operator;
    assert_int_equal(e.code, ERR_NOT_FOUND);
    return active;
}

static void a_grant_given_through_the_service_lets_its_grantee_seal(void **state)
{
    struct scene x;
    struct signer_grant g, seen;
    int64_t left;
    struct err e;

    (void)state;
    scene_make(&x, 5);
    g = order(&x, "title");
    g.count = 2;
    (void)snprintf(g.from, sizeof g.from, "2001-01-01");
    (void)snprintf(g.until, sizeof g.until, "2901-12-31");
    assert_int_equal(sign(&x, "title", &e), -1);
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), 0);
    assert_int_equal(strspn(g.id, "0123456789abcdef"), 16);
    assert_true(g.active && !g.by_operator && g.used == 0 && g.count == 2);
    assert_int_equal(signer_check_left(x.s, x.seal, "title", &left, &e), 0);
    assert_int_equal(left, 2);
    assert_int_equal(sign(&x, "title", &e), 0);
    assert_int_equal(sign(&x, "other", &e), -1);
    assert_int_equal(signer_grant_at(&seen, x.s, x.seal, 0, &e), 0);
    assert_string_equal(seen.grantee, SIGNER_DELEGATE);
    assert_true(seen.by_operator && seen.used == 1 && seen.count == 5);
    assert_int_equal(signer_grant_at(&seen, x.s, x.seal, 1, &e), 0);
    assert_string_equal(seen.id, g.id);
    assert_string_equal(seen.from, "2001-01-01");
    assert_string_equal(seen.until, "2901-12-31");
    assert_int_equal(seen.used, 1);
    assert_int_equal(signer_grant_at(&seen, x.s, x.seal, 2, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    signer_close(x.s);
    spawn(&x); /* and after a restart */
    assert_int_equal(sign(&x, "title", &e), 0);
    assert_int_equal(sign(&x, "title", &e), -1);
    assert_non_null(strstr(e.en, "used up"));
    scene_remove(&x);
}

static void nothing_is_given_without_delegation_or_beyond_its_count(void **state)
{
    struct grant_order past = {NULL, SIGNER_DELEGATE, NULL, "2001-12-31", 0};
    struct signer_grant g;
    char id[REGISTRY_ID_SIZE];
    struct scene x;
    struct err e;

    (void)state;
    scene_make(&x, -1);
    assert_int_equal(give(&x, "title", &e), -1);
    assert_int_equal(e.code, ERR_FORBIDDEN);
    assert_non_null(strstr(e.en, "--to @grants"));
    fixture_grant(&x.f, x.seal, "*", 0); /* any profile, but no delegation */
    assert_int_equal(give(&x, "title", &e), -1);
    past.seal = x.seal;
    assert_int_equal(registry_grant(id, &x.f.registry, &past, &e), 0);
    assert_int_equal(give(&x, "title", &e), -1);
    fixture_grant(&x.f, x.seal, SIGNER_DELEGATE, 2);
    assert_int_equal(give(&x, "a", &e), 0);
    signer_close(x.s);
    spawn(&x);
    assert_int_equal(give(&x, "b", &e), 0);
    assert_int_equal(give(&x, "c", &e), -1);
    assert_int_equal(e.code, ERR_FORBIDDEN);
    assert_int_equal(count_active(&x, false), 2);
    g = order(&x, "title");
    (void)snprintf(g.seal_id, sizeof g.seal_id, "%s", x.f.service);
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), -1);
    assert_int_equal(registry_disable(&x.f.registry, x.seal, &e), 0);
    assert_int_equal(give(&x, "d", &e), -1);
    scene_remove(&x);
}

/* A hijacked server would otherwise seal with what it may only hand on, or multiply its delegation. */
static void a_delegation_seals_nothing_and_is_not_handed_on(void **state)
{
    struct scene x;
    struct err e;

    (void)state;
    scene_make(&x, 0);
    assert_int_equal(sign(&x, SIGNER_DELEGATE, &e), -1);
    assert_int_equal(e.code, ERR_FORBIDDEN);
    assert_int_equal(sign(&x, "title", &e), -1);
    assert_int_equal(signer_check(x.s, x.seal, SIGNER_DELEGATE, &e), -1);
    assert_int_equal(give(&x, SIGNER_DELEGATE, &e), -1);
    assert_int_equal(e.code, ERR_FORBIDDEN);
    assert_int_equal(give(&x, "@other", &e), -1);
    assert_int_equal(count_active(&x, false), 0);
    scene_remove(&x);
}

static void what_no_grant_can_be_costs_no_delegation(void **state)
{
    struct scene x;
    struct signer_grant g, seen;
    struct err e;

    (void)state;
    scene_make(&x, 1);
    assert_int_equal(give(&x, "", &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_int_equal(give(&x, "\xff\xfe", &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_int_equal(give(&x, "a\nb", &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    g = order(&x, "title");
    (void)snprintf(g.from, sizeof g.from, "2026-02-30");
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), -1);
    (void)snprintf(g.from, sizeof g.from, "2026-02-02");
    (void)snprintf(g.until, sizeof g.until, "2026-02-01");
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), -1);
    assert_non_null(strstr(e.en, "before it begins"));
    g = order(&x, "title");
    g.count = -1;
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), -1);
    g.count = (int64_t)INT32_MAX + 1;
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), -1);
    g.count = 0;
    assert_int_equal(signer_grant_new(x.s, &g, "", &e), -1);
    assert_int_equal(signer_grant_new(x.s, &g, "key 1 hash=", &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    assert_int_equal(signer_grant_at(&seen, x.s, x.seal, 0, &e), 0);
    assert_int_equal(seen.used, 0);
    assert_int_equal(signer_grant_new(x.s, &g, "key-1.a_b", &e), 0);
    scene_remove(&x);
}

static void a_grant_is_revoked_through_the_service_or_by_the_operator(void **state)
{
    struct scene x;
    struct signer_grant g, other, seen;
    struct err e;

    (void)state;
    scene_make(&x, 9);
    g = order(&x, "title");
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), 0);
    other = order(&x, "other");
    assert_int_equal(signer_grant_new(x.s, &other, "key1", &e), 0);
    assert_int_equal(signer_grant_revoke(x.s, g.id, "key2", &e), 0);
    assert_int_equal(sign(&x, "title", &e), -1);
    assert_int_equal(signer_grant_revoke(x.s, g.id, "key2", &e), 0);
    assert_int_equal(sign(&x, "other", &e), 0);
    assert_int_equal(registry_revoke_grant(&x.f.registry, other.id, &e), 0);
    assert_int_equal(sign(&x, "other", &e), -1);
    assert_int_equal(registry_revoke_grant(&x.f.registry, other.id, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(registry_revoke_grant(&x.f.registry, g.id, &e), -1);
    assert_int_equal(count_active(&x, false), 0);
    assert_int_equal(signer_grant_at(&seen, x.s, x.seal, 2, &e), 0);
    assert_false(seen.active);
    assert_int_equal(signer_grant_revoke(x.s, "0123456789abcdef", "key2", &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(signer_grant_revoke(x.s, "x", "key2", &e), -1);
    assert_int_equal(signer_grant_at(&seen, x.s, x.seal, 0, &e), 0);
    assert_int_equal(signer_grant_revoke(x.s, seen.id, "key2", &e), -1); /* the operator's own */
    assert_int_equal(e.code, ERR_FORBIDDEN);
    signer_close(x.s);
    spawn(&x);
    assert_int_equal(sign(&x, "title", &e), -1);
    assert_int_equal(sign(&x, "other", &e), -1);
    scene_remove(&x);
}

static void the_log_says_who_gave_and_revoked(void **state)
{
    struct buf log = BUF_INIT(1 << 16);
    struct signer_log_report report;
    struct signer_grant g;
    char line[128];
    struct scene x;
    struct err e;

    (void)state;
    scene_make(&x, 9);
    g = order(&x, "a b=职");
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), 0);
    assert_int_equal(signer_grant_revoke(x.s, g.id, "key2", &e), 0);
    signer_close(x.s);
    read_keys_file(&log, &x, "log/seals.log");
    (void)snprintf(line, sizeof line, " event=grant grant=%s seal=%s to=a%%20b%%3D%%E8%%81%%8C ", g.id,
                   x.seal);
    assert_non_null(strstr(buf_text(&log), line));
    assert_non_null(strstr(buf_text(&log), " actor=key1 prev="));
    (void)snprintf(line, sizeof line, " event=revoke-grant grant=%s actor=key2 prev=", g.id);
    assert_non_null(strstr(buf_text(&log), line));
    assert_int_equal(signer_log_check(&report, x.f.dir, NULL, &e), 0);
    assert_int_equal(report.lines, 2);
    assert_int_equal(report.signatures, 0);
    buf_dispose(&log);
    spawn(&x);
    scene_remove(&x);
}

static void the_operators_list_shows_both_kinds(void **state)
{
    struct scene x;
    struct signer_grant g, gone;
    json_t *list;
    char *text;
    struct err e;

    (void)state;
    scene_make(&x, 9);
    g = order(&x, "title");
    gone = order(&x, "vanished");
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), 0);
    assert_int_equal(signer_grant_new(x.s, &gone, "key1", &e), 0);
    assert_int_equal(registry_revoke_grant(&x.f.registry, gone.id, &e), 0);
    assert_int_equal(registry_list(&list, &x.f.registry, clock_now(), &e), 0);
    text = json_dumps(list, JSON_COMPACT);
    assert_non_null(strstr(text, "\"to\":\"@grants\""));
    assert_non_null(strstr(text, "\"by\":\"operator\""));
    assert_non_null(strstr(text, "\"to\":\"title\""));
    assert_non_null(strstr(text, "\"by\":\"service\""));
    assert_null(strstr(text, "vanished"));
    assert_null(strstr(text, "revoked"));
    free(text);
    json_decref(list);
    scene_remove(&x);
}

static void operator_and_service_give_at_once_and_none_is_lost(void **state)
{
    enum { EACH = 40 };
    struct scene x;
    int status;
    pid_t child;
    struct err e;

    (void)state;
    scene_make(&x, 0);
    child = fork();
    if (child == 0) {
        for (int i = 0; i < EACH; i++)
            fixture_grant(&x.f, x.seal, "by-operator", 1);
        _exit(0);
    }
    for (int i = 0; i < EACH; i++) {
        struct signer_grant g = order(&x, "by-service");

        g.count = 1;
        if (signer_grant_new(x.s, &g, "key1", &e) != 0)
            fail_msg("%s", e.en);
        if (i % 4 == 0) /* revoking writes the operator's file, too */
            assert_int_equal(registry_revoke_grant(&x.f.registry, g.id, &e), 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(count_active(&x, true), EACH + 1);
    assert_int_equal(count_active(&x, false), EACH - EACH / 4);
    signer_close(x.s);
    spawn(&x);
    assert_int_equal(count_active(&x, true), EACH + 1);
    assert_int_equal(count_active(&x, false), EACH - EACH / 4);
    scene_remove(&x);
}

/* The signer was killed with the new file written in part and not yet renamed; and, at any moment, between
 * two grants. */
static void a_crash_loses_no_grant_that_was_acknowledged(void **state)
{
    struct buf log = BUF_INIT(1 << 20);
    struct scene x;
    struct err e;

    (void)state;
    scene_make(&x, 0);
    assert_int_equal(give(&x, "first", &e), 0);
    assert_int_equal(kill(signer_pid(x.s), SIGKILL), 0);
    signer_close(x.s);
    write_keys_file(&x, "service-grants.tmp", "{\"version\": 1, \"grants\": [{\"id\"");
    spawn(&x);
    assert_int_equal(sign(&x, "first", &e), 0);
    assert_int_equal(give(&x, "second", &e), 0);
    for (int i = 0; i < 20; i++) {
        int acknowledged = 0, status, ends[2];
        char byte;
        pid_t child;

        assert_int_equal(pipe(ends), 0);
        child = fork();
        if (child == 0) {
            while (give(&x, "many", &e) == 0 && write(ends[1], "x", 1) == 1)
                ;
            _exit(0);
        }
        (void)close(ends[1]);
        (void)usleep((useconds_t)(1000 + 731 * i));
        assert_int_equal(kill(signer_pid(x.s), SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        while (read(ends[0], &byte, 1) == 1)
            acknowledged++;
        (void)close(ends[0]);
        signer_close(x.s);
        {
            static size_t before = 2;
            size_t now;

            spawn(&x);
            now = count_active(&x, false);
            assert_in_range(now, before + (size_t)acknowledged, before + (size_t)acknowledged + 1);
            before = now;
        }
    }
    buf_dispose(&log);
    scene_remove(&x);
}

static void a_damaged_file_grants_nothing_and_stops_nothing_else(void **state)
{
    struct scene x;
    json_t *list;
    struct err e;

    (void)state;
    scene_make(&x, 0);
    fixture_grant(&x.f, x.seal, "operators", 0);
    assert_int_equal(give(&x, "title", &e), 0);
    signer_close(x.s);
    write_keys_file(&x, "service-grants.json", "{\"version\": 1, \"grants\": [{\"id\": \"short\"}]}");
    spawn(&x);
    assert_int_equal(sign(&x, "operators", &e), 0);
    assert_int_equal(sign(&x, "title", &e), -1);
    assert_int_equal(give(&x, "title", &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    assert_non_null(strstr(e.en, "service-grants.json"));
    assert_int_equal(registry_list(&list, &x.f.registry, clock_now(), &e), -1);
    scene_remove(&x);
}

static void what_is_left_is_the_sum_of_the_grants_in_force(void **state)
{
    struct grant_order over = {NULL, "title", NULL, "2001-12-31", 1000};
    struct scene x;
    struct signer_grant g;
    char id[REGISTRY_ID_SIZE];
    int64_t left = 0;
    struct err e;

    (void)state;
    scene_make(&x, 0);
    over.seal = x.seal;
    assert_int_equal(registry_grant(id, &x.f.registry, &over, &e), 0);
    assert_int_equal(signer_check_left(x.s, x.seal, "title", &left, &e), -1);
    fixture_grant(&x.f, x.seal, "title", 3);
    g = order(&x, "title");
    g.count = 2;
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), 0);
    assert_int_equal(signer_check_left(x.s, x.seal, "title", &left, &e), 0);
    assert_int_equal(left, 5);
    for (int i = 0; i < 4; i++)
        assert_int_equal(sign(&x, "title", &e), 0);
    assert_int_equal(signer_check_left(x.s, x.seal, "title", &left, &e), 0);
    assert_int_equal(left, 1);
    fixture_grant(&x.f, x.seal, "*", 0);
    assert_int_equal(signer_check_left(x.s, x.seal, "title", &left, &e), 0);
    assert_true(left == INT64_MAX);
    assert_int_equal(signer_check_left(x.s, x.f.service, "title", &left, &e), 0);
    assert_true(left == INT64_MAX);
    scene_remove(&x);
}

static void a_grant_asked_for_twice_under_one_name_is_given_once(void **state)
{
    static const char name[] = "0123456789abcdef";
    struct signer_grant g, again, other;
    struct scene x;
    struct err e;

    (void)state;
    scene_make(&x, 2);
    g = order(&x, "title");
    (void)snprintf(g.id, sizeof g.id, "%s", name);
    (void)snprintf(g.until, sizeof g.until, "2099-12-31");
    g.count = 3;
    again = other = g;
    assert_int_equal(signer_grant_new(x.s, &g, "key1", &e), 0);
    assert_string_equal(g.id, name);
    assert_int_equal(sign(&x, "title", &e), 0);
    signer_close(x.s); /* the answer was lost, and the signer started again */
    spawn(&x);
    assert_int_equal(signer_grant_new(x.s, &again, "key1", &e), 0);
    assert_string_equal(again.id, name);
    assert_int_equal(again.used, 1);
    assert_int_equal(signer_grant_at(&again, x.s, x.seal, 0, &e), 0); /* the delegation: taken once */
    assert_int_equal(again.used, 1);
    other.count = 4;
    assert_int_equal(signer_grant_new(x.s, &other, "key1", &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    (void)snprintf(other.id, sizeof other.id, "../registry.json");
    assert_int_equal(signer_grant_new(x.s, &other, "key1", &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    (void)snprintf(other.id, sizeof other.id, "%s", again.id); /* the operator's, which is not ours to show */
    assert_int_equal(signer_grant_new(x.s, &other, "key1", &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    scene_remove(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grant_given_through_the_service_lets_its_grantee_seal),
        cmocka_unit_test(nothing_is_given_without_delegation_or_beyond_its_count),
        cmocka_unit_test(a_delegation_seals_nothing_and_is_not_handed_on),
        cmocka_unit_test(what_no_grant_can_be_costs_no_delegation),
        cmocka_unit_test(a_grant_is_revoked_through_the_service_or_by_the_operator),
        cmocka_unit_test(the_log_says_who_gave_and_revoked),
        cmocka_unit_test(the_operators_list_shows_both_kinds),
        cmocka_unit_test(operator_and_service_give_at_once_and_none_is_lost),
        cmocka_unit_test(a_crash_loses_no_grant_that_was_acknowledged),
        cmocka_unit_test(a_damaged_file_grants_nothing_and_stops_nothing_else),
        cmocka_unit_test(a_grant_asked_for_twice_under_one_name_is_given_once),
        cmocka_unit_test(what_is_left_is_the_sum_of_the_grants_in_force),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
