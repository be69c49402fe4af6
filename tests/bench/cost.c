#include "bench/cost.h"
#include <dirent.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double clock_ms(clockid_t clock)
{
    struct timespec t;

    if (clock_gettime(clock, &t) != 0)
        return 0;
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

double cost_own_ms(void)
{
    return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

double cost_wall_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

double cost_children_ms(void)
{
    struct rusage u;

    if (getrusage(RUSAGE_CHILDREN, &u) != 0)
        return 0;
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* The first line of /proc/PID/name that begins with prefix; false if there is none. */
static bool proc_line(char *line, int size, pid_t pid, const char *name, const char *prefix)
{
    char path[64];
    bool found = false;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    f = fopen(path, "re");
    while (f != NULL && !found && fgets(line, size, f) != NULL)
        found = strncmp(line, prefix, strlen(prefix)) == 0;
    if (f != NULL)
        (void)fclose(f);
    return found;
}

/* The sum of the fields first to last of /proc/PID/stat (proc(5)), which come after the name: the state is 3.
 */
static double stat_sum(pid_t pid, int first, int last)
{
    char line[1024];
    const char *at = proc_line(line, sizeof line, pid, "stat", "") ? strrchr(line, ')') : NULL;
    double sum = 0;

    for (int field = 3; at != NULL && field <= last; field++) {
        at = strchr(at + 1, ' ');
        if (at != NULL && field >= first)
            sum += strtod(at + 1, NULL);
    }
    return sum;
}

static double ticks_ms(double ticks)
{
    return ticks * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

double cost_process_ms(pid_t pid)
{
    return ticks_ms(stat_sum(pid, 14, 15));
}

/* Calls take for root and everything below it. */
static void walk_tree(pid_t root, void (*take)(void *arg, pid_t pid), void *arg)
{
    DIR *proc = opendir("/proc");
    const struct dirent *entry;

    take(arg, root);
    while (proc != NULL && (entry = readdir(proc)) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (pid > 0 && pid != root && (pid_t)stat_sum(pid, 4, 4) == root)
            walk_tree(pid, take, arg); /* NOLINT(misc-no-recursion): as deep as processes are */
    }
    if (proc != NULL)
        (void)closedir(proc);
}

static void take_ms(void *arg, pid_t pid)
{
    *(double *)arg += ticks_ms(stat_sum(pid, 14, 17));
}

double cost_tree_ms(pid_t root)
{
    double sum = 0;

    walk_tree(root, take_ms, &sum);
    return sum;
}

static void take_pss(void *arg, pid_t pid)
{
    *(long *)arg += cost_pss_kib(pid);
}

long cost_tree_pss_kib(pid_t root)
{
    long sum = 0;

    walk_tree(root, take_pss, &sum);
    return sum;
}

long cost_pss_kib(pid_t pid)
{
    char line[256];

    return proc_line(line, sizeof line, pid, "smaps_rollup", "Pss:") ? strtol(line + strlen("Pss:"), NULL, 10)
                                                                     : 0;
}

int cost_raw_signature_ms(double *out, const char *algorithm, int count, struct err *e)
{
    EVP_PKEY *key = strcmp(algorithm, "p-256") == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t attributes[250] = {0}, signature[512];
    double began = 0;
    int rc = -1;

    if (key == NULL || ctx == NULL)
        goto out;
    for (int i = -count / 10; i < count; i++) {
        size_t length = sizeof signature;

        if (i == 0)
            began = cost_own_ms();
        attributes[0] = (uint8_t)i;
        if (EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
            EVP_DigestSign(ctx, signature, &length, attributes, sizeof attributes) != 1)
            goto out;
    }
    *out = (cost_own_ms() - began) / count;
    rc = 0;
out:
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return rc == 0
               ? 0
               : err_set(e, ERR_INTERNAL, "No raw signature (%s).", "无法进行原始签名（%s）。", algorithm);
}
