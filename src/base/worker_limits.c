#include "base/worker_internal.h"
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

int worker_limit_memory(size_t bytes)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    struct rlimit limit;

    if (f == NULL || fscanf(f, "%lu", &pages) != 1) { /* NOLINT(cert-err34-c): the kernel's own number */
        if (f != NULL)
            (void)fclose(f);
        return -1;
    }
    (void)fclose(f);
    limit.rlim_cur = limit.rlim_max = pages * (rlim_t)sysconf(_SC_PAGESIZE) + bytes;
    return setrlimit(RLIMIT_AS, &limit);
}
