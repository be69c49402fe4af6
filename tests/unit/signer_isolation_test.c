/* signer_isolation_test.c - the server's user gets no key, whatever it tries. Needs root to be two other
 * users; else it skips (exit status 77). */
#include "base/digest.h"
#include "base/file.h"
#include "sign/signer_internal.h"
#include "signer_fixture.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { SERVER = 61001, SIGNER = 61002 };

struct scene {
    struct fixture f;
    char seal[REGISTRY_ID_SIZE];
    struct signer *signer;
};

/* Every check runs in the scene below; a child reports the first that got through by its exit status. */
struct attempt {
    const char *name;
    bool (*succeeds)(const struct scene *s);
};

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags, 0600);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool reads_a_file_of_keys(const struct scene *s)
{
    static const char *const names[] = {"registry.json", "test-ca.key", "test-ca.pem",  "counts",
                                        "signer.lock",   "log",         "log/seals.log"};
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/keys/%s", s->f.dir, names[i]);
        if (opens(path, O_RDONLY))
            return true;
    }
    (void)snprintf(path, sizeof path, "%s/keys/%s.key", s->f.dir, s->seal);
    return opens(path, O_RDONLY) || opens(path, O_WRONLY) || opens(path, O_PATH);
}

static bool lists_keys(const struct scene *s)
{
    char path[64];

    (void)snprintf(path, sizeof path, "%s/keys", s->f.dir);
    return opendir(path) != NULL;
}

static bool writes_public_parts(const struct scene *s)
{
    static const char *const names[] = {"chain.pem", "seal.json", "picture.svg", "new"};
    char path[128];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/seals/%s/%s", s->f.dir, s->seal, names[i]);
        if (opens(path, O_WRONLY | O_CREAT) || unlink(path) == 0)
            return true;
    }
    (void)snprintf(path, sizeof path, "%s/trust/mine.pem", s->f.dir);
    return opens(path, O_WRONLY | O_CREAT);
}

static bool swaps_directories(const struct scene *s)
{
    static const char *const names[] = {"keys", "seals", "trust"};
    char path[64], aside[64];

    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", s->f.dir, names[i]);
        (void)snprintf(aside, sizeof aside, "%s/%s.old", s->f.dir, names[i]);
        if (rename(path, aside) == 0 || chmod(path, 0777) == 0)
            return true;
    }
    return false;
}

static bool reads_the_signers_memory(const struct scene *s)
{
    char path[64], byte;
    struct iovec here = {&byte, 1}, there = {(void *)(uintptr_t)&byte, 1};

    (void)snprintf(path, sizeof path, "/proc/%d/mem", (int)signer_pid(s->signer));
    if (opens(path, O_RDONLY))
        return true;
    (void)snprintf(path, sizeof path, "/proc/%d/environ", (int)signer_pid(s->signer));
    if (opens(path, O_RDONLY))
        return true;
    (void)snprintf(path, sizeof path, "/proc/%d/fd/3", (int)signer_pid(s->signer));
    return opens(path, O_RDONLY) || process_vm_readv(signer_pid(s->signer), &here, 1, &there, 1, 0) >= 0;
}

static bool traces_or_kills_the_signer(const struct scene *s)
{
    pid_t pid = signer_pid(s->signer);

    return ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 || ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 ||
           kill(pid, SIGSTOP) == 0;
}

static bool becomes_root_again(const struct scene *s)
{
    (void)s;
    return setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 || setuid(SIGNER) == 0;
}

static const struct attempt attempts[] = {{"reads a file of keys/", reads_a_file_of_keys},
                                          {"lists keys/", lists_keys},
                                          {"writes to seals/ or trust/", writes_public_parts},
                                          {"swaps keys/, seals/ or trust/", swaps_directories},
                                          {"reads the signer's memory", reads_the_signers_memory},
                                          {"traces or kills the signer", traces_or_kills_the_signer},
                                          {"becomes root again", becomes_root_again}};
enum { ATTEMPTS = sizeof attempts / sizeof attempts[0] };

/* In a child, as the given user: which attempts succeed, as bits. */
static int successes_as(const struct scene *s, bool server)
{
    int status, got = 0;
    pid_t child = fork();

    if (child == 0) {
        struct err e;

        if (server && signer_become_server(&s->f.registry.who, &e) != 0)
            _exit(255);
        for (size_t i = 0; i < ATTEMPTS; i++)
            got |= attempts[i].succeeds(s) ? 1 << i : 0;
        _exit(got);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 255);
    return WEXITSTATUS(status);
}

static void scene_make(struct scene *s)
{
    struct seal_order o = {.owner = "服务（测试）", .key = SEAL_KEY_P256};
    struct err e;

    (void)snprintf(s->f.dir, sizeof s->f.dir, "/tmp/sealpress-sign-XXXXXX");
    assert_non_null(mkdtemp(s->f.dir));
    s->f.registry.data_dir = s->f.dir;
    s->f.registry.who = (struct signer_identity){SERVER, SIGNER, SERVER, SIGNER, true};
    assert_int_equal(registry_new_test_ca(&s->f.registry, &e), 0);
    assert_int_equal(registry_new_service_seal(s->f.service, &s->f.registry, &o, true, &e), 0);
    fixture_seal(s->seal, &s->f);
    fixture_grant(&s->f, s->seal, "title", 0);
    if (signer_spawn(&s->signer, s->f.dir, &s->f.registry.who, &e) != 0)
        fail_msg("%s", e.en);
}

static void the_servers_user_gets_no_key_and_changes_no_seal(void **state)
{
    struct scene s;
    int got;

    (void)state;
    scene_make(&s);
    got = successes_as(&s, true);
    for (size_t i = 0; i < ATTEMPTS; i++) {
        if (got & 1 << i)
            fail_msg("the server's user %s", attempts[i].name);
    }
    /* the attempts themselves work: root gets through to the files */
    assert_true(successes_as(&s, false) & 1);
    assert_int_equal(kill(signer_pid(s.signer), SIGCONT), 0);
    signer_close(s.signer);
    fixture_remove(&s.f);
}

static void the_servers_user_still_gets_what_is_granted(void **state)
{
    static const uint8_t digest[32] = {1};
    struct scene s;
    int status;
    pid_t child;

    (void)state;
    scene_make(&s);
    child = fork();
    if (child == 0) {
        struct sign_request r = {s.seal, "title", JOURNAL, digest};
        struct buf cms = BUF_INIT(SIGNER_MAX_CMS);
        struct err e;

        _exit(signer_become_server(&s.f.registry.who, &e) == 0 && signer_sign(s.signer, &r, &cms, &e) == 0
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    signer_close(s.signer);
    fixture_remove(&s.f);
}

static bool owned_by(const struct fixture *f, const char *name, uid_t uid)
{
    char path[128];
    struct stat st;

    (void)snprintf(path, sizeof path, "%s/%s", f->dir, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_uid == uid;
}

static void what_the_operator_makes_as_root_is_the_signers(void **state)
{
    static const char *const names[] = {"keys",
                                        "keys/registry.json",
                                        "keys/test-ca.key",
                                        "keys/counts",
                                        "keys/log",
                                        "keys/log/seals.log",
                                        "keys/registry.lock",
                                        "seals",
                                        "trust/test-ca.pem"};
    struct scene s;

    (void)state;
    scene_make(&s);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!owned_by(&s.f, names[i], SIGNER))
            fail_msg("%s is not the signer's", names[i]);
    }
    assert_true(owned_by(&s.f, ".", 0));
    signer_close(s.signer);
    fixture_remove(&s.f);
}

static void the_signer_is_nobody_but_its_own_user(void **state)
{
    struct buf status = BUF_INIT(65536);
    struct scene s;
    char path[64];
    struct err e;

    (void)state;
    scene_make(&s);
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)signer_pid(s.signer));
    assert_int_equal(file_read(&status, path, &e), 0);
    assert_non_null(strstr(buf_text(&status), "\nUid:\t61002\t61002\t61002\t61002\n"));
    assert_non_null(strstr(buf_text(&status), "\nGid:\t61002\t61002\t61002\t61002\n"));
    assert_non_null(strstr(buf_text(&status), "\nGroups:\t61002 \n"));
    assert_non_null(strstr(buf_text(&status), "\nCapEff:\t0000000000000000\n"));
    buf_dispose(&status);
    signer_close(s.signer);
    fixture_remove(&s.f);
}

/* Without a user of its own the signer's files are open to the server, but not its memory. */
static void even_the_same_user_cannot_read_the_signers_memory(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        struct scene s;
        struct err e;
        bool read_it, read_itself;

        /* dumpable again, which giving up root had ended: the signer must see to it itself */
        if (signer_identity_take(SERVER, SERVER, &e) != 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0)
            _exit(2);
        fixture_make(&s.f);
        if (signer_spawn(&s.signer, s.f.dir, &s.f.registry.who, &e) != 0)
            _exit(3);
        read_it = reads_the_signers_memory(&s);
        read_itself = opens("/proc/self/mem", O_RDONLY);
        signer_close(s.signer);
        fixture_remove(&s.f);
        _exit(read_itself ? read_it : 4);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_servers_user_gets_no_key_and_changes_no_seal),
        cmocka_unit_test(the_servers_user_still_gets_what_is_granted),
        cmocka_unit_test(the_signer_is_nobody_but_its_own_user),
        cmocka_unit_test(even_the_same_user_cannot_read_the_signers_memory),
        cmocka_unit_test(what_the_operator_makes_as_root_is_the_signers),
    };

    if (geteuid() != 0) {
        (void)puts("skipped: needs root");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
