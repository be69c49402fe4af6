/* workers.c - who holds a lease: names from which another process can see whether their owner is dead. */
#include "base/digest.h"
#include "base/file.h"
#include "filing/work_internal.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* machine-boot-namespace-pid-start-: a pid means something within its namespace and until the next boot, and
 * only together with the moment at which its process began. */
struct worker_name {
    char machine[9], boot[9];
    unsigned long long space, pid, start;
};

static void digest_of_file(char out[9], const char *path)
{
    struct buf text = BUF_INIT(4096);
    uint8_t sha[SHA256_SIZE];
    char host[256] = "";
    struct err unasked;

    if (file_read(&text, path, &unasked) != 0 || text.len == 0) {
        (void)gethostname(host, sizeof host - 1);
        buf_reset(&text);
        buf_append_text(&text, host);
    }
    sha256(sha, buf_view(&text));
    hex_encode(out, (struct slice){sha, 4});
    buf_dispose(&text);
}

/* The 22nd field of /proc/<pid>/stat; the second may hold anything, in parentheses. 0: no such process, or
 * one that ended and that nobody has waited for (Z): it works no more. */
static unsigned long long start_of(unsigned long long pid)
{
    char path[64], line[1024] = "";
    const char *at;
    FILE *file;

    (void)snprintf(path, sizeof path, "/proc/%llu/stat", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    at = fgets(line, sizeof line, file) == NULL ? NULL : strrchr(line, ')');
    (void)fclose(file);
    if (at != NULL && (strncmp(at, ") Z", 3) == 0 || strncmp(at, ") X", 3) == 0))
        return 0;
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at == NULL ? 0 : strtoull(at + 1, NULL, 10);
}

static struct worker_name own_name(void)
{
    struct worker_name n = {.pid = (unsigned long long)getpid()};
    struct stat space;

    digest_of_file(n.machine, "/etc/machine-id");
    digest_of_file(n.boot, "/proc/sys/kernel/random/boot_id");
    n.space = stat("/proc/self/ns/pid", &space) == 0 ? (unsigned long long)space.st_ino : 0;
    n.start = start_of(n.pid);
    return n;
}

void worker_name_prefix(char out[WORKER_NAME_MAX])
{
    struct worker_name n = own_name();

    (void)snprintf(out, WORKER_NAME_MAX, "%s-%s-%llx-%llu-%llx-", n.machine, n.boot, n.space, n.pid, n.start);
}

/* Eight hex digits and what ends them. */
static bool read_word(char out[9], const char **at)
{
    if (strspn(*at, "0123456789abcdef") != 8 || (*at)[8] != '-')
        return false;
    memcpy(out, *at, 8);
    out[8] = '\0';
    *at += 9;
    return true;
}

static bool read_number(unsigned long long *out, int base, const char **at)
{
    char *end;

    if (!isxdigit((unsigned char)**at))
        return false;
    errno = 0;
    *out = strtoull(*at, &end, base);
    if (errno != 0 || end == *at || *end != '-')
        return false;
    *at = end + 1;
    return true;
}

/* The length of the part that a process has; 0: no name of ours. */
static int parse(struct worker_name *n, const char *text)
{
    const char *at = text;

    if (!read_word(n->machine, &at) || !read_word(n->boot, &at) || !read_number(&n->space, 16, &at) ||
        !read_number(&n->pid, 10, &at) || !read_number(&n->start, 16, &at))
        return 0;
    return (int)(at - text);
}

static bool is_dead(const struct worker_name *n, const struct worker_name *own)
{
    if (strcmp(n->machine, own->machine) != 0)
        return false; /* its lease will tell */
    if (strcmp(n->boot, own->boot) != 0)
        return true;
    return n->space == own->space && start_of(n->pid) != n->start;
}

int workers_bury(struct store *s, int64_t now, struct err *e)
{
    const struct worker_name own = own_name();
    struct arena a = ARENA_INIT;
    const char *const *names;
    size_t count, returned;
    int rc = store_list_workers(&names, &count, s, &a, e);

    for (size_t i = 0; i < count && rc == 0; i++) {
        struct worker_name n;
        int len = parse(&n, names[i]);

        if (len > 0 && is_dead(&n, &own)) {
            const char *prefix = arena_slice(&a, (struct slice){(const uint8_t *)names[i], (size_t)len});

            rc = prefix == NULL ? err_no_memory(e) : store_give_back_all(s, prefix, now, &returned, e);
        }
    }
    arena_dispose(&a);
    return rc;
}
