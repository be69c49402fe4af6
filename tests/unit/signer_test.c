/* signer_test.c - the process that holds the keys: what it signs, what it refuses, and what it cannot be made
 * to do. */
#include "base/digest.h"
#include "base/file.h"
#include "sign/signer_internal.h"
#include "sign/signer_log.h"
#include "signer_fixture.h"
#include <fcntl.h>
#include <openssl/cms.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const uint8_t digest[32] = "0123456789abcdef0123456789abcde";

static struct signer *spawn(const struct fixture *f)
{
    struct signer *s;
    struct err e;

    if (signer_spawn(&s, f->dir, &f->registry.who, &e) != 0)
        fail_msg("%s", e.en);
    return s;
}

static int sign(struct signer *s, const char *seal, const char *grantee, struct err *e)
{
    struct sign_request r = {seal, grantee, JOURNAL, digest};
    struct buf cms = BUF_INIT(SIGNER_MAX_CMS);
    int rc = signer_sign(s, &r, &cms, e);

    assert_true(rc == 0 ? cms.len > 500 : cms.len == 0);
    buf_dispose(&cms);
    return rc;
}

static void must_sign(struct signer *s, const char *seal, const char *grantee)
{
    struct err e;

    if (sign(s, seal, grantee, &e) != 0)
        fail_msg("%s", e.en);
}

static void must_refuse(struct signer *s, const char *seal, const char *grantee, enum err_code code,
                        const char *because)
{
    struct err e;

    assert_int_equal(sign(s, seal, grantee, &e), -1);
    assert_int_equal(e.code, code);
    if (strstr(e.en, because) == NULL || strstr(e.en, seal) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", e.en, because);
    assert_true(strlen(e.zh) > 10);
}

/* The digest of the signed attributes and the signature over them, by OpenSSL's own reader. */
static void assert_valid_cms(struct slice der, const char *owner)
{
    const unsigned char *at = der.ptr;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.len);
    CMS_SignerInfo *si;
    STACK_OF(X509) * certs;
    char name[256] = "";

    assert_non_null(cms);
    assert_ptr_equal(at, der.ptr + der.len);
    si = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
    certs = CMS_get1_certs(cms);
    assert_int_equal(CMS_set1_signers_certs(cms, certs, 0), 1);
    assert_int_equal(CMS_SignerInfo_verify(si), 1);
    (void)X509_NAME_get_text_by_NID(X509_get_subject_name(sk_X509_value(certs, 0)), NID_organizationName,
                                    name, sizeof name);
    assert_non_null(strstr(name, owner));
    sk_X509_pop_free(certs, X509_free);
    CMS_ContentInfo_free(cms);
}

static void a_granted_seal_signs_with_each_kind_of_key(void **state)
{
    static const enum seal_key kinds[] = {SEAL_KEY_P256, SEAL_KEY_RSA2048, SEAL_KEY_RSA3072};
    struct fixture f;

    (void)state;
    fixture_make(&f);
    for (size_t i = 0; i < 3; i++) {
        struct buf cms = BUF_INIT(SIGNER_MAX_CMS);
        char id[REGISTRY_ID_SIZE];
        struct sign_request r = {id, "title", JOURNAL, digest};
        struct signer *s;
        struct err e;

        fixture_seal_for(id, &f, kinds[i], 0, 30);
        fixture_grant(&f, id, "title", 0);
        s = spawn(&f);
        assert_int_equal(signer_sign(s, &r, &cms, &e), 0);
        assert_valid_cms(buf_view(&cms), "虚构单位");
        buf_dispose(&cms);
        signer_close(s);
    }
    fixture_remove(&f);
}

static void the_services_own_seal_needs_no_grant(void **state)
{
    struct fixture f;
    struct signer *s;

    (void)state;
    fixture_make(&f);
    s = spawn(&f);
    must_sign(s, f.service, "anything");
    signer_close(s);
    fixture_remove(&f);
}

static void without_a_grant_for_this_grantee_nothing_is_signed(void **state)
{
    struct fixture f;
    char id[REGISTRY_ID_SIZE];
    struct signer *s;
    struct err e;

    (void)state;
    fixture_make(&f);
    fixture_seal(id, &f);
    s = spawn(&f);
    must_refuse(s, id, "title", ERR_FORBIDDEN, "sealpress seal grant");
    assert_int_equal(signer_check(s, id, "title", &e), -1);
    assert_int_equal(e.code, ERR_FORBIDDEN);
    fixture_grant(&f, id, "title", 0); /* the running signer notices */
    assert_int_equal(signer_check(s, id, "title", &e), 0);
    must_sign(s, id, "title");
    must_refuse(s, id, "other", ERR_FORBIDDEN, "no grant");
    must_refuse(s, id, "titl", ERR_FORBIDDEN, "no grant");
    must_refuse(s, "ffffffffffffffffffffffffffffffff", "title", ERR_NOT_FOUND, "no seal");
    signer_close(s);
    fixture_remove(&f);
}

static void a_grant_is_good_on_its_days_only(void **state)
{
    struct fixture f;
    char id[REGISTRY_ID_SIZE], grant[REGISTRY_ID_SIZE];
    struct grant_order past = {id, "past", "2001-01-01", "2001-12-31", 0};
    struct grant_order future = {id, "future", "2901-01-01", NULL, 0};
    struct grant_order around = {id, "around", "2001-01-01", "2901-01-01", 0};
    struct signer *s;
    struct err e;

    (void)state;
    fixture_make(&f);
    fixture_seal(id, &f);
    assert_int_equal(registry_grant(grant, &f.registry, &past, &e), 0);
    assert_int_equal(registry_grant(grant, &f.registry, &future, &e), 0);
    assert_int_equal(registry_grant(grant, &f.registry, &around, &e), 0);
    s = spawn(&f);
    must_refuse(s, id, "past", ERR_FORBIDDEN, "has ended");
    must_refuse(s, id, "future", ERR_FORBIDDEN, "not begun");
    must_sign(s, id, "around");
    assert_int_equal(registry_revoke_grant(&f.registry, grant, &e), 0);
    must_refuse(s, id, "around", ERR_FORBIDDEN, "no grant");
    signer_close(s);
    fixture_remove(&f);
}

static void a_count_holds_over_restarts_and_over_a_killed_signer(void **state)
{
    struct fixture f;
    char id[REGISTRY_ID_SIZE];
    struct signer *s;
    struct err e;
    int more = 0;

    (void)state;
    fixture_make(&f);
    fixture_seal(id, &f);
    fixture_grant(&f, id, "title", 100);
    s = spawn(&f);
    for (int i = 0; i < 40; i++)
        must_sign(s, id, "title");
    signer_close(s);
    s = spawn(&f);
    for (int i = 0; i < 30; i++)
        must_sign(s, id, "title");
    assert_int_equal(kill(signer_pid(s), SIGKILL), 0);
    assert_int_equal(sign(s, id, "title", &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    signer_close(s);
    s = spawn(&f);
    while (more < 50 && sign(s, id, "title", &e) == 0)
        more++;
    assert_in_range(more, 25, 30); /* never more than what is left; a crash may cost a block */
    must_refuse(s, id, "title", ERR_FORBIDDEN, "used up");
    signer_close(s);
    fixture_remove(&f);
}

static void an_expired_or_not_yet_valid_chain_is_refused(void **state)
{
    struct fixture f;
    char old[REGISTRY_ID_SIZE], new[REGISTRY_ID_SIZE];
    struct signer *s;

    (void)state;
    fixture_make(&f);
    fixture_seal_for(old, &f, SEAL_KEY_P256, -400, 30);
    fixture_seal_for(new, &f, SEAL_KEY_P256, 10, 30);
    fixture_grant(&f, old, "*", 0);
    fixture_grant(&f, new, "*", 0);
    s = spawn(&f);
    must_refuse(s, old, "title", ERR_FORBIDDEN, "expired");
    must_refuse(s, new, "title", ERR_FORBIDDEN, "not valid before");
    signer_close(s);
    fixture_remove(&f);
}

static void a_disabled_seal_is_refused_at_once_and_may_come_back(void **state)
{
    struct fixture f;
    char id[REGISTRY_ID_SIZE];
    struct signer *s;
    struct err e;

    (void)state;
    fixture_make(&f);
    fixture_seal(id, &f);
    fixture_grant(&f, id, "*", 0);
    s = spawn(&f);
    must_sign(s, id, "title");
    assert_int_equal(registry_disable(&f.registry, id, &e), 0);
    must_refuse(s, id, "title", ERR_FORBIDDEN, "disabled");
    assert_int_equal(registry_enable(&f.registry, id, &e), 0);
    must_sign(s, id, "title");
    signer_close(s);
    fixture_remove(&f);
}

static void set_rate(const struct fixture *f, int rate)
{
    json_t *root, *row;
    struct buf text = BUF_INIT(REGISTRY_MAX_BYTES);
    char path[64];
    struct err e;
    size_t i;

    (void)snprintf(path, sizeof path, "%s/keys/registry.json", f->dir);
    assert_int_equal(json_read_file(&root, path, REGISTRY_MAX_BYTES, &e), 0);
    json_array_foreach(json_object_get(root, "seals"), i, row)
    {
        (void)json_object_set_new(row, "rate_per_minute", json_integer(rate));
    }
    assert_int_equal(json_write(&text, root, &e), 0);
    assert_int_equal(file_write(path, buf_view(&text), 0600, &e), 0);
    buf_dispose(&text);
    json_decref(root);
}

static void a_seal_used_too_often_in_a_minute_is_slowed_down(void **state)
{
    struct fixture f;
    struct signer *s;

    (void)state;
    fixture_make(&f);
    set_rate(&f, 5);
    s = spawn(&f);
    for (int i = 0; i < 5; i++)
        must_sign(s, f.service, "x");
    must_refuse(s, f.service, "x", ERR_UNAVAILABLE, "5 times within a minute");
    signer_close(s);
    fixture_remove(&f);
}

static void a_damaged_registry_opens_no_seal(void **state)
{
    struct fixture f;
    char path[64];
    struct signer *s;
    struct err e;

    (void)state;
    fixture_make(&f);
    s = spawn(&f);
    (void)snprintf(path, sizeof path, "%s/keys/registry.json", f.dir);
    assert_int_equal(file_write(path, slice_of("{\"version\": 1, \"seals\": []}"), 0600, &e), 0);
    assert_int_equal(sign(s, f.service, "x", &e), -1);
    assert_int_equal(e.code, ERR_INTERNAL);
    assert_int_equal(sign(s, f.service, "x", &e), -1);
    signer_close(s);
    fixture_remove(&f);
}

static void a_key_that_cannot_be_read_stops_its_own_seal_only(void **state)
{
    struct fixture f;
    char id[REGISTRY_ID_SIZE], path[96];
    struct signer *s;
    struct err e;

    (void)state;
    fixture_make(&f);
    fixture_seal(id, &f);
    fixture_grant(&f, id, "*", 0);
    (void)snprintf(path, sizeof path, "%s/keys/%s.key", f.dir, id);
    assert_int_equal(file_write(path, slice_of("no key"), 0600, &e), 0);
    s = spawn(&f);
    must_refuse(s, id, "x", ERR_FORBIDDEN, "cannot be read");
    must_sign(s, f.service, "x");
    signer_close(s);
    fixture_remove(&f);
}

/* The raw socket, as a hijacked server has it. */
static int raw_child(const struct fixture *f, pid_t *pid)
{
    struct signer_answer a;
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    *pid = fork();
    assert_true(*pid >= 0);
    if (*pid == 0) {
        (void)close(ends[0]);
        struct signer_door door = {ends[1], -1, -1, -1};

        _exit(signer_process_run(&door, f->dir, &f->registry.who));
    }
    (void)close(ends[1]);
    assert_true(recv(ends[0], &a, sizeof a, 0) >= SIGNER_ANSWER_HEAD);
    assert_int_equal(a.code, ERR_NONE);
    return ends[0];
}

static enum err_code raw_ask(int socket, const void *bytes, size_t len)
{
    struct signer_answer a;

    assert_int_equal(send(socket, bytes, len, MSG_NOSIGNAL), len);
    assert_true(recv(socket, &a, sizeof a, 0) >= SIGNER_ANSWER_HEAD);
    return (enum err_code)a.code;
}

static void malformed_requests_are_answered_logged_and_survived(void **state)
{
    struct fixture f;
    struct signer_request q;
    static const uint8_t large[100000];
    char path[64];
    struct buf log = BUF_INIT(1 << 20);
    int socket, status;
    struct err e;
    pid_t pid;

    (void)state;
    fixture_make(&f);
    socket = raw_child(&f, &pid);
    assert_int_equal(raw_ask(socket, "x", 1), ERR_INTERNAL);
    assert_int_equal(raw_ask(socket, large, sizeof large), ERR_INTERNAL);
    memset(&q, 0xff, sizeof q);
    assert_int_equal(raw_ask(socket, &q, sizeof q), ERR_INTERNAL);
    memset(&q, 0, sizeof q);
    q.version = SIGNER_PROTOCOL;
    q.op = 99;
    assert_int_equal(raw_ask(socket, &q, sizeof q), ERR_INTERNAL);
    q.op = SIGNER_OP_SIGN;
    memset(q.grantee, 'a', sizeof q.grantee); /* no NUL */
    assert_int_equal(raw_ask(socket, &q, sizeof q), ERR_INTERNAL);
    assert_int_equal(raw_ask(socket, &q, sizeof q - 1), ERR_INTERNAL);
    memset(q.grantee, 0, sizeof q.grantee);
    assert_int_equal(raw_ask(socket, &q, sizeof q), ERR_NOT_FOUND);
    q.op = SIGNER_OP_PING;
    for (int i = 0; i < 200; i++) { /* a flood does not flood the log */
        q.version = 7;
        assert_int_equal(raw_ask(socket, &q, sizeof q), ERR_INTERNAL);
    }
    q.version = SIGNER_PROTOCOL;
    assert_int_equal(raw_ask(socket, &q, sizeof q), ERR_NONE);
    (void)close(socket);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    (void)snprintf(path, sizeof path, "%s/keys/log/seals.log", f.dir);
    assert_int_equal(file_read(&log, path, &e), 0);
    assert_non_null(strstr(buf_text(&log), "event=malformed-request"));
    assert_true(log.len < 130 * 300);
    buf_dispose(&log);
    fixture_remove(&f);
}

static void arguments_no_signer_can_use_are_refused_before_they_are_sent(void **state)
{
    struct fixture f;
    struct signer *s;
    struct err e;
    struct buf cms = BUF_INIT(SIGNER_MAX_CMS);
    struct sign_request r = {"short", "x", JOURNAL, digest};
    char lengthy[80];

    (void)state;
    fixture_make(&f);
    s = spawn(&f);
    assert_int_equal(signer_sign(s, &r, &cms, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    memset(lengthy, 'a', sizeof lengthy - 1);
    lengthy[sizeof lengthy - 1] = '\0';
    assert_int_equal(signer_check(s, f.service, lengthy, &e), -1);
    assert_int_equal(e.code, ERR_INVALID);
    r.seal_id = f.service;
    r.journal_id = "12";
    assert_int_equal(signer_sign(s, &r, &cms, &e), -1);
    must_sign(s, f.service, "x");
    signer_close(s);
    buf_dispose(&cms);
    fixture_remove(&f);
}

static void a_place_without_keys_says_how_to_make_them(void **state)
{
    struct signer_identity me = {geteuid(), geteuid(), getegid(), getegid(), false};
    struct signer *s;
    struct err e;

    (void)state;
    assert_int_equal(signer_spawn(&s, "/nonexistent", &me, &e), -1);
    assert_null(s);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_non_null(strstr(e.en, "sealpress init"));
}

/* "Seccomp:\t2" and the like from /proc/<pid>/status. */
static bool status_says(pid_t pid, const char *line)
{
    struct buf text = BUF_INIT(65536);
    char path[64];
    struct err e;
    bool found;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    assert_int_equal(file_read(&text, path, &e), 0);
    found = strstr(buf_text(&text), line) != NULL;
    buf_dispose(&text);
    return found;
}

static void the_signer_is_confined_and_sees_no_file_of_the_server(void **state)
{
    struct fixture f;
    struct signer *s;
    char path[64];
    int fd;

    (void)state;
    fixture_make(&f);
    fd = open("/dev/zero", O_RDONLY);
    assert_int_equal(dup2(fd, 99), 99);
    s = spawn(&f);
    assert_true(status_says(signer_pid(s), "Seccomp:\t2"));
    assert_true(status_says(signer_pid(s), "NoNewPrivs:\t1"));
    if (geteuid() == 0) { /* its descriptors are root's to see only, as it is not dumpable */
        (void)snprintf(path, sizeof path, "/proc/%d/fd/99", (int)signer_pid(s));
        assert_int_equal(access(path, F_OK), -1);
        (void)snprintf(path, sizeof path, "/proc/%d/fd/3", (int)signer_pid(s));
        assert_int_equal(access(path, F_OK), 0);
    }
    signer_close(s);
    (void)close(99);
    (void)close(fd);
    fixture_remove(&f);
}

static void a_second_signer_waits_for_the_first(void **state)
{
    struct fixture f;
    struct signer *first;
    int status;
    pid_t other;

    (void)state;
    fixture_make(&f);
    first = spawn(&f);
    other = fork();
    if (other == 0) {
        struct signer *second;
        struct err e;

        (void)close(*(const int *)first); /* else the first would not see its end */
        if (signer_spawn(&second, f.dir, &f.registry.who, &e) != 0 || sign(second, f.service, "x", &e) != 0)
            _exit(1);
        signer_close(second);
        _exit(0);
    }
    must_sign(first, f.service, "x");
    (void)usleep(100 * 1000);
    assert_int_equal(waitpid(other, &status, WNOHANG), 0);
    signer_close(first);
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(status, 0);
    {
        struct signer_log_report report;
        struct err e;

        assert_int_equal(signer_log_check(&report, f.dir, NULL, &e), 0);
        assert_int_equal(report.signatures, 2);
    }
    fixture_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_granted_seal_signs_with_each_kind_of_key),
        cmocka_unit_test(the_services_own_seal_needs_no_grant),
        cmocka_unit_test(without_a_grant_for_this_grantee_nothing_is_signed),
        cmocka_unit_test(a_grant_is_good_on_its_days_only),
        cmocka_unit_test(a_count_holds_over_restarts_and_over_a_killed_signer),
        cmocka_unit_test(an_expired_or_not_yet_valid_chain_is_refused),
        cmocka_unit_test(a_disabled_seal_is_refused_at_once_and_may_come_back),
        cmocka_unit_test(a_seal_used_too_often_in_a_minute_is_slowed_down),
        cmocka_unit_test(a_damaged_registry_opens_no_seal),
        cmocka_unit_test(a_key_that_cannot_be_read_stops_its_own_seal_only),
        cmocka_unit_test(malformed_requests_are_answered_logged_and_survived),
        cmocka_unit_test(arguments_no_signer_can_use_are_refused_before_they_are_sent),
        cmocka_unit_test(a_place_without_keys_says_how_to_make_them),
        cmocka_unit_test(the_signer_is_confined_and_sees_no_file_of_the_server),
        cmocka_unit_test(a_second_signer_waits_for_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
