#include "bench/cost.h"
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

double cost_process_ms(pid_t pid)
{
    char line[1024];
    const char *at = proc_line(line, sizeof line, pid, "stat", "") ? strrchr(line, ')') : NULL;
    double ticks = 0;

    /* After the name come the state (field 3) and more; utime and stime are fields 14 and 15 (proc(5)). */
    for (int field = 3; at != NULL && field <= 15; field++) {
        at = strchr(at + 1, ' ');
        if (at != NULL && field >= 14)
            ticks += strtod(at + 1, NULL);
    }
    return ticks * 1e3 / (double)sysconf(_SC_CLK_TCK);
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
