/* signer_service_test.c - one signer for many: who is answered, who is dropped, how it ends and is replaced.
 */
#include "base/digest.h"
#include "base/file.h"
#include "sign/signer_internal.h"
#include "signer_fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

static const uint8_t digest[32] = "0123456789abcdef0123456789abcde";

struct service {
    struct fixture f;
    int listener;
    pid_t pid;
};

static void start(struct service *s)
{
    struct err e;

    if (signer_start(&s->pid, s->listener, s->f.dir, &s->f.registry.who, &e) != 0)
        fail_msg("%s", e.en);
}

static void service_make(struct service *s)
{
    struct err e;

    fixture_make(&s->f);
    if (signer_listen(&s->listener, s->f.dir, &s->f.registry.who, &e) != 0)
        fail_msg("%s", e.en);
    start(s);
}

static void end(pid_t pid, int signal)
{
    int status;

    assert_int_equal(kill(pid, signal), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (signal == SIGTERM)
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void service_remove(struct service *s)
{
    end(s->pid, SIGTERM);
    (void)close(s->listener);
    fixture_remove(&s->f);
}

static struct signer *client_of(const char *dir)
{
    struct signer *s;
    struct err e;

    if (signer_connect(&s, dir, &e) != 0)
        fail_msg("%s", e.en);
    return s;
}

static int sign(struct signer *s, const char *seal, struct err *e)
{
    struct sign_request r = {seal, "title", JOURNAL, digest};
    struct buf cms = BUF_INIT(SIGNER_MAX_CMS);
    int rc = signer_sign(s, &r, &cms, e);

    assert_true(rc == 0 ? cms.len > 500 : cms.len == 0);
    buf_dispose(&cms);
    return rc;
}

static void must_sign(struct signer *s, const char *seal)
{
    struct err e;

    if (sign(s, seal, &e) != 0)
        fail_msg("%s", e.en);
}

static struct signer_log_report log_of(const struct fixture *f)
{
    struct signer_log_report report;
    struct err e;

    if (signer_log_check(&report, f->dir, NULL, &e) != 0)
        fail_msg("%s", e.en);
    return report;
}

static int raw_client(const struct fixture *f)
{
    int dir = open(f->dir, O_PATH | O_DIRECTORY), fd;

    assert_true(dir >= 0);
    fd = signer_socket_connect(dir);
    assert_true(fd >= 0);
    (void)close(dir);
    return fd;
}

static void several_clients_share_one_signer_and_its_counts(void **state)
{
    enum { CLIENTS = 5, EACH = 40 };
    struct service s;
    char seal[REGISTRY_ID_SIZE];
    struct signer *last;
    pid_t pids[CLIENTS];
    struct err e;

    (void)state;
    service_make(&s);
    fixture_seal(seal, &s.f);
    fixture_grant(&s.f, seal, "title", (int64_t)CLIENTS * EACH);
    for (int i = 0; i < CLIENTS; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            struct signer *c;
            int rc = signer_connect(&c, s.f.dir, &e);

            for (int k = 0; k < EACH && rc == 0; k++)
                rc = sign(c, seal, &e);
            _exit(rc == 0 ? 0 : 1);
        }
    }
    for (int i = 0; i < CLIENTS; i++) {
        int status;

        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    last = client_of(s.f.dir);
    assert_int_equal(signer_pid(last), 0);
    assert_int_equal(sign(last, seal, &e), -1);
    assert_non_null(strstr(e.en, "used up"));
    signer_close(last);
    assert_int_equal(kill(s.pid, 0), 0); /* leaving it does not end it */
    end(s.pid, SIGTERM);
    assert_int_equal(log_of(&s.f).signatures, CLIENTS * EACH);
    start(&s);
    service_remove(&s);
}

static bool dropped(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    char byte;

    while (poll(&p, 1, 5000) == 1) {
        if (recv(fd, &byte, 1, MSG_DONTWAIT) <= 0)
            return true;
    }
    return false;
}

static void who_sends_rubbish_is_dropped_and_hurts_nobody(void **state)
{
    static const uint8_t large[100000];
    struct service s;
    struct signer *good;
    struct signer_answer a;
    int rubbish[3];

    (void)state;
    service_make(&s);
    good = client_of(s.f.dir);
    for (int i = 0; i < 3; i++) {
        static const size_t sizes[] = {1, sizeof(struct signer_request), sizeof large};

        rubbish[i] = raw_client(&s.f);
        assert_int_equal(send(rubbish[i], large, sizes[i], MSG_NOSIGNAL), sizes[i]);
        must_sign(good, s.f.service);
    }
    assert_true(recv(rubbish[0], &a, sizeof a, 0) >= SIGNER_ANSWER_HEAD);
    assert_int_equal(a.code, ERR_INTERNAL);
    for (int i = 0; i < 3; i++) {
        assert_true(dropped(rubbish[i]));
        (void)close(rubbish[i]);
    }
    must_sign(good, s.f.service);
    signer_close(good);
    service_remove(&s);
}

/* The signer never waits for a reader: it would keep all others waiting. */
static void who_does_not_read_his_answers_is_dropped(void **state)
{
    struct service s;
    struct signer_request q;
    struct signer *good;
    int mute, sent = 0;

    (void)state;
    service_make(&s);
    good = client_of(s.f.dir);
    mute = raw_client(&s.f);
    memset(&q, 0, sizeof q);
    q.version = SIGNER_PROTOCOL;
    q.op = SIGNER_OP_SIGN; /* of a seal that is not there: long answers */
    for (;;) {
        ssize_t len = send(mute, &q, sizeof q, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (len < 0 && errno != EAGAIN)
            break;
        if (len < 0)
            must_sign(good, s.f.service);
        assert_true(++sent < 100000);
    }
    must_sign(good, s.f.service);
    (void)close(mute);
    signer_close(good);
    service_remove(&s);
}

static void more_clients_than_places_wait_until_one_leaves(void **state)
{
    enum { PLACES = 64 };
    struct service s;
    struct signer *late;
    int idle[PLACES];
    struct err e;

    (void)state;
    service_make(&s);
    for (int i = 0; i < PLACES; i++)
        idle[i] = raw_client(&s.f);
    late = client_of(s.f.dir);
    assert_int_equal(signer_ping(late, &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    (void)close(idle[7]);
    (void)close(idle[8]);
    assert_int_equal(signer_ping(late, &e), 0);
    signer_close(late);
    for (int i = 0; i < PLACES; i++)
        (void)close(idle[i]);
    service_remove(&s);
}

static void a_client_goes_on_with_the_signer_that_replaced_a_killed_one(void **state)
{
    struct service s;
    struct signer *c;
    struct err e;

    (void)state;
    service_make(&s);
    c = client_of(s.f.dir);
    must_sign(c, s.f.service);
    end(s.pid, SIGKILL);
    start(&s);
    must_sign(c, s.f.service); /* surely not sent to the old one */
    end(s.pid, SIGTERM);
    start(&s);
    assert_int_equal(signer_check(c, s.f.service, "x", &e), 0);
    end(s.pid, SIGKILL);
    start(&s);
    assert_int_equal(signer_ping(c, &e), 0);
    signer_close(c);
    end(s.pid, SIGTERM);
    assert_int_equal(log_of(&s.f).signatures, 2);
    start(&s);
    service_remove(&s);
}

/* The request waits unread while the signer is killed: the next one gets it, once. */
static void what_the_dead_signer_never_read_is_sent_to_the_next(void **state)
{
    struct service s;
    char seal[REGISTRY_ID_SIZE];
    struct signer *c;
    int status;
    pid_t child;
    struct err e;

    (void)state;
    service_make(&s);
    fixture_seal(seal, &s.f);
    fixture_grant(&s.f, seal, "title", 1);
    c = client_of(s.f.dir);
    assert_int_equal(signer_ping(c, &e), 0);
    assert_int_equal(kill(s.pid, SIGSTOP), 0);
    child = fork();
    if (child == 0)
        _exit(sign(c, seal, &e) == 0 ? 0 : 1);
    (void)usleep(200 * 1000);
    end(s.pid, SIGKILL);
    start(&s);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    signer_close(c);
    end(s.pid, SIGTERM);
    assert_int_equal(log_of(&s.f).signatures, 1);
    start(&s);
    service_remove(&s);
}

/* A signer that reads two requests and dies over each; then it answers pings. Exit status: the requests it
 * read before it answered. */
static pid_t moribund_signer(int listener, int deaths)
{
    pid_t pid = fork();

    for (int read = 0; pid == 0;) {
        struct pollfd p = {listener, POLLIN, 0};
        struct signer_request q;
        struct signer_answer a = {.version = SIGNER_PROTOCOL};
        int fd;

        if (poll(&p, 1, 3000) != 1)
            _exit(read);
        fd = accept(listener, NULL, NULL);
        if (recv(fd, &q, sizeof q, 0) == (ssize_t)sizeof q) {
            read++;
            a.number = q.number;
            if (read > deaths)
                (void)!send(fd, &a, SIGNER_ANSWER_HEAD, 0);
            if (read > deaths)
                _exit(read);
        }
        (void)close(fd);
    }
    return pid;
}

static int read_by(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void what_may_have_been_done_is_not_asked_twice(void **state)
{
    struct fixture f;
    struct signer_grant g = {.grantee = "title"};
    struct signer *c;
    struct err e;
    int listener;
    pid_t pid;

    (void)state;
    fixture_make(&f);
    (void)snprintf(g.seal_id, sizeof g.seal_id, "%s", f.service);
    assert_int_equal(signer_listen(&listener, f.dir, &f.registry.who, &e), 0);
    c = client_of(f.dir);
    pid = moribund_signer(listener, 9);
    assert_int_equal(sign(c, f.service, &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    assert_int_equal(signer_grant_new(c, &g, "key1", &e), -1);
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    assert_int_equal(read_by(pid), 2); /* one each */
    pid = moribund_signer(listener, 2);
    assert_int_equal(signer_ping(c, &e), 0); /* but a question may be */
    assert_int_equal(read_by(pid), 3);
    (void)close(listener);
    assert_int_equal(signer_ping(c, &e), -1); /* and nobody waits for ever */
    assert_int_equal(e.code, ERR_UNAVAILABLE);
    signer_close(c);
    fixture_remove(&f);
}

static void a_client_who_left_gets_nothing_done(void **state)
{
    struct service s;
    struct signer_request q;
    struct signer *c;
    int fd;
    struct err e;

    (void)state;
    service_make(&s);
    memset(&q, 0, sizeof q);
    q.version = SIGNER_PROTOCOL;
    q.op = SIGNER_OP_SIGN;
    fd = raw_client(&s.f);
    c = client_of(s.f.dir);
    assert_int_equal(signer_ping(c, &e), 0);
    assert_int_equal(kill(s.pid, SIGSTOP), 0);
    assert_true(hex_decode(q.seal, sizeof q.seal, s.f.service, strlen(s.f.service)));
    assert_int_equal(send(fd, &q, sizeof q, 0), sizeof q);
    (void)close(fd);
    assert_int_equal(kill(s.pid, SIGCONT), 0);
    assert_int_equal(signer_ping(c, &e), 0);
    must_sign(c, s.f.service);
    signer_close(c);
    end(s.pid, SIGTERM);
    assert_int_equal(log_of(&s.f).signatures, 1);
    start(&s);
    service_remove(&s);
}

static void one_service_a_data_directory(void **state)
{
    struct service s;
    struct signer *c;
    char path[64];
    struct stat st;
    int second;
    struct err e;

    (void)state;
    fixture_make(&s.f);
    assert_int_equal(signer_connect(&c, s.f.dir, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(signer_connect(&c, "/nonexistent", &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(signer_listen(&second, "/nonexistent", &s.f.registry.who, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(signer_listen(&s.listener, s.f.dir, &s.f.registry.who, &e), 0);
    assert_int_equal(signer_listen(&second, s.f.dir, &s.f.registry.who, &e), -1);
    assert_int_equal(e.code, ERR_CONFLICT);
    assert_int_equal(second, -1);
    (void)close(s.listener); /* died, and left its socket and a half-made one */
    assert_int_equal(signer_connect(&c, s.f.dir, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    (void)snprintf(path, sizeof path, "%s/signer.socket.new", s.f.dir);
    assert_int_equal(file_write(path, slice_of("x"), 0600, &e), 0);
    assert_int_equal(signer_listen(&s.listener, s.f.dir, &s.f.registry.who, &e), 0);
    assert_false(file_exists(path));
    (void)snprintf(path, sizeof path, "%s/signer.socket", s.f.dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    start(&s);
    service_remove(&s);
}

static void a_data_directory_of_any_depth_will_do(void **state)
{
    struct service s;
    struct signer *c;
    char place[32], dir[400];
    struct err e;

    (void)state;
    fixture_make(&s.f);
    (void)snprintf(place, sizeof place, "%s", s.f.dir);
    (void)snprintf(dir, sizeof dir, "%s/%0200d", place, 1);
    assert_int_equal(mkdir(dir, 0755), 0);
    (void)snprintf(dir, sizeof dir, "%s/%0200d/data", place, 1);
    assert_int_equal(mkdir(dir, 0755), 0);
    s.f.registry.data_dir = dir;
    assert_int_equal(registry_prepare(&s.f.registry, &e), 0);
    assert_int_equal(signer_listen(&s.listener, dir, &s.f.registry.who, &e), 0);
    assert_int_equal(signer_start(&s.pid, s.listener, dir, &s.f.registry.who, &e), 0);
    c = client_of(dir);
    assert_int_equal(signer_ping(c, &e), 0);
    signer_close(c);
    service_remove(&s);
}

static void sigterm_and_the_end_of_the_supervisor_sign_the_head(void **state)
{
    struct service s;
    struct signer *c;
    int ends[2], status;
    pid_t supervisor, pid, pids[2];

    (void)state;
    service_make(&s);
    c = client_of(s.f.dir);
    must_sign(c, s.f.service);
    end(s.pid, SIGTERM);
    assert_int_equal(log_of(&s.f).signed_lines, 1);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    supervisor = fork();
    if (supervisor == 0) {
        start(&s);
        pids[0] = s.pid;
        pids[1] = fork();
        if (pids[1] ==
            0) { /* another child, as the server is, lives on, but not for ever if the test fails */
            (void)alarm(120);
            _exit(pause());
        }
        _exit(write(ends[1], pids, sizeof pids) == (ssize_t)sizeof pids && pause() != 0);
    }
    assert_int_equal(read(ends[0], pids, sizeof pids), sizeof pids);
    pid = pids[0];
    must_sign(c, s.f.service);
    assert_int_equal(kill(supervisor, SIGKILL), 0);
    assert_int_equal(waitpid(supervisor, &status, 0), supervisor); /* what it left is ours from now on */
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    end(pids[1], SIGKILL);
    assert_int_equal(log_of(&s.f).signed_lines, 2);
    signer_close(c);
    (void)close(ends[0]);
    (void)close(ends[1]);
    start(&s);
    service_remove(&s);
}

/* Needs root to be others; else nothing is shown. */
static int as(uid_t uid, const char *dir, struct err *e)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        struct signer *c;

        if (signer_identity_take(uid, uid, e) != 0)
            _exit(200);
        if (signer_connect(&c, dir, e) != 0 || signer_ping(c, e) != 0)
            _exit((int)e->code);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void only_the_services_users_are_answered(void **state)
{
    enum { SERVER = 61001, SIGNER = 61002, STRANGER = 61003 };
    struct seal_order o = {.owner = "服务（测试）", .key = SEAL_KEY_P256};
    struct buf log = BUF_INIT(1 << 16);
    struct service s;
    char path[64];
    struct stat st;
    struct err e;

    (void)state;
    if (geteuid() != 0)
        skip();
    (void)snprintf(s.f.dir, sizeof s.f.dir, "/tmp/sealpress-sign-XXXXXX");
    assert_non_null(mkdtemp(s.f.dir));
    s.f.registry.data_dir = s.f.dir;
    s.f.registry.who = (struct signer_identity){SERVER, SIGNER, SERVER, SIGNER, true};
    assert_int_equal(registry_new_test_ca(&s.f.registry, &e), 0);
    assert_int_equal(registry_new_service_seal(s.f.service, &s.f.registry, &o, true, &e), 0);
    assert_int_equal(signer_listen(&s.listener, s.f.dir, &s.f.registry.who, &e), 0);
    start(&s);
    (void)snprintf(path, sizeof path, "%s/signer.socket", s.f.dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, 0);
    assert_int_equal(st.st_gid, SERVER);
    assert_int_equal(st.st_mode & 07777, 0660);
    assert_int_equal(as(0, s.f.dir, &e), 0);
    assert_int_equal(as(SERVER, s.f.dir, &e), 0);
    assert_int_equal(as(STRANGER, s.f.dir, &e), ERR_FORBIDDEN);
    assert_int_equal(chmod(path, 0666), 0); /* even if the file let everybody in */
    assert_int_equal(as(STRANGER, s.f.dir, &e), ERR_UNAVAILABLE);
    assert_int_equal(as(SIGNER, s.f.dir, &e), 0);
    end(s.pid, SIGTERM);
    (void)snprintf(path, sizeof path, "%s/keys/log/seals.log", s.f.dir);
    assert_int_equal(file_read(&log, path, &e), 0);
    assert_non_null(strstr(buf_text(&log), "event=refused-client uid=61003 "));
    buf_dispose(&log);
    start(&s);
    service_remove(&s);
}

/* What the server's user put in the socket's place is neither believed nor in the way. */
static void a_socket_that_the_servers_user_planted_is_no_signer(void **state)
{
    enum { SERVER = 61001 };
    struct sockaddr_storage at = {.ss_family = AF_UNIX};
    struct service s;
    struct signer *c;
    int fd, status;
    struct err e;
    pid_t pid;

    (void)state;
    if (geteuid() != 0)
        skip();
    fixture_make(&s.f);
    assert_int_equal(chmod(s.f.dir, 01777), 0);
    pid = fork();
    fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    if (pid == 0) {
        (void)snprintf((char *)&at + sizeof(sa_family_t), 100, "%s/signer.socket", s.f.dir);
        if (signer_identity_take(SERVER, SERVER, &e) != 0 ||
            bind(fd, (const struct sockaddr *)&at, 110) != 0 || listen(fd, 5) != 0)
            _exit(1);
        (void)pause();
    }
    (void)usleep(200 * 1000);
    assert_int_equal(signer_connect(&c, s.f.dir, &e), -1);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(signer_listen(&s.listener, s.f.dir, &s.f.registry.who, &e), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)close(fd);
    start(&s);
    c = client_of(s.f.dir);
    must_sign(c, s.f.service);
    signer_close(c);
    service_remove(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_clients_share_one_signer_and_its_counts),
        cmocka_unit_test(who_sends_rubbish_is_dropped_and_hurts_nobody),
        cmocka_unit_test(who_does_not_read_his_answers_is_dropped),
        cmocka_unit_test(more_clients_than_places_wait_until_one_leaves),
        cmocka_unit_test(a_client_goes_on_with_the_signer_that_replaced_a_killed_one),
        cmocka_unit_test(what_the_dead_signer_never_read_is_sent_to_the_next),
        cmocka_unit_test(what_may_have_been_done_is_not_asked_twice),
        cmocka_unit_test(a_client_who_left_gets_nothing_done),
        cmocka_unit_test(one_service_a_data_directory),
        cmocka_unit_test(a_data_directory_of_any_depth_will_do),
        cmocka_unit_test(sigterm_and_the_end_of_the_supervisor_sign_the_head),
        cmocka_unit_test(only_the_services_users_are_answered),
        cmocka_unit_test(a_socket_that_the_servers_user_planted_is_no_signer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
