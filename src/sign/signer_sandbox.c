/* What the signer gives up before it answers anybody. */
#include "sign/signer_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static int refused(struct err *e, const char *what)
{
    err_set(e, ERR_INTERNAL, "The signer could not be confined on this system (%s): %s.",
            "无法在本系统上限制签名进程（%s）：%s。", what, strerror(errno));
    return -1;
}

int signer_identity_take(uid_t uid, gid_t gid, struct err *e)
{
    if (setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0)
        return refused(e, "setuid");
    /* a way back to root would make all of it vain */
    if (uid != 0 && setuid(0) == 0)
        return refused(e, "setuid 0");
    return 0;
}

int signer_harden(struct err *e)
{
    struct rlimit none = {0, 0}, all = {RLIM_INFINITY, RLIM_INFINITY};

    /* Best effort: locking future memory under a small limit would make allocations fail. */
    if (setrlimit(RLIMIT_MEMLOCK, &all) == 0)
        (void)mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    return setrlimit(RLIMIT_CORE, &none) == 0 ? 0 : refused(e, "no core");
}

/* Reading keys/ again when the operator changed it. */
static int allow_reading(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
}

/* One new file at a time, in keys/, which then takes the name of an older one: how grants are kept. A path
 * from the root would get round keys, but meets nothing that this user may write. */
static int allow_replacing(scmp_filter_ctx filter, int keys)
{
    unsigned int dir = (unsigned int)keys; /* the kernel looks at 32 bits of a descriptor */
    const scmp_datum_t low = 0xffffffffU;
    struct scmp_arg_cmp from = SCMP_A0(SCMP_CMP_MASKED_EQ, low, dir),
                        to = SCMP_A2(SCMP_CMP_MASKED_EQ, low, dir);

    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 2, from,
                         SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC | O_NOFOLLOW,
                                 O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)) != 0 ||
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(renameat2), 3, from, to, SCMP_A4(SCMP_CMP_EQ, 0)) !=
            0)
        return -1;
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(renameat), 2, from, to);
}

/* Who comes in by the listener, and who that is; a signer of one client has no listener. */
static int allow_clients(scmp_filter_ctx filter, int listener)
{
    const scmp_datum_t low = 0xffffffffU;

    if (listener < 0)
        return 0;
    if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(accept4), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, low, (unsigned int)listener)) != 0)
        return -1;
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getsockopt), 2,
                            SCMP_A1(SCMP_CMP_MASKED_EQ, low, SOL_SOCKET),
                            SCMP_A2(SCMP_CMP_MASKED_EQ, low, SO_PEERCRED));
}

static int allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
            return -1;
    }
    return 0;
}

int signer_forbid(int keys, int listener, struct err *e)
{
    static const int calls[] = {
        SCMP_SYS(read),         SCMP_SYS(pread64),         SCMP_SYS(write),        SCMP_SYS(pwrite64),
        SCMP_SYS(recvfrom),     SCMP_SYS(sendto),          SCMP_SYS(poll),         SCMP_SYS(fsync),
        SCMP_SYS(fdatasync),    SCMP_SYS(newfstatat),      SCMP_SYS(fstat),        SCMP_SYS(lseek),
        SCMP_SYS(close),        SCMP_SYS(clock_gettime),   SCMP_SYS(getrandom),    SCMP_SYS(brk),
        SCMP_SYS(mmap),         SCMP_SYS(munmap),          SCMP_SYS(mremap),       SCMP_SYS(mprotect),
        SCMP_SYS(madvise),      SCMP_SYS(futex),           SCMP_SYS(getpid),       SCMP_SYS(gettid),
        SCMP_SYS(sched_yield),  SCMP_SYS(sigaltstack),     SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigaction), SCMP_SYS(restart_syscall), SCMP_SYS(exit),         SCMP_SYS(exit_group)};
    /* Programs, connections and other processes' memory are never an accident. Anything else that is not
     * listed fails with EPERM, which a library's side errand survives. */
    static const int deadly[] = {
        SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(socket),           SCMP_SYS(connect),
        SCMP_SYS(ptrace), SCMP_SYS(fork),     SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
        SCMP_SYS(bpf),    SCMP_SYS(kill)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int rc = -1;

    if (filter == NULL)
        return refused(e, "seccomp");
    /* Here, as a change of user sets it anew: nobody of the same user may read this memory or attach. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        allow(filter, calls, sizeof calls / sizeof calls[0]) == 0 && allow_reading(filter) == 0 &&
        allow_replacing(filter, keys) == 0 && allow_clients(filter, listener) == 0) {
        rc = 0;
        for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
            rc |= seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
        if (rc == 0)
            rc = seccomp_load(filter);
    }
    seccomp_release(filter);
    return rc == 0 ? 0 : refused(e, "seccomp");
}
