#include "base/worker_internal.h"

/* AddressSanitizer maps terabytes of shadow, so an address-space limit would kill every worker at once. */
int worker_limit_memory(size_t bytes)
{
    (void)bytes;
    return 0;
}
