/* timestamp.h - document timestamps (RFC 3161) as others add them. */
#pragma once
#include "sign/cms_check.h"

/* Does this token stamp these bytes, and does its own signature hold? leaf and certificates receive the
 * authority's certificate and all embedded ones (both to be freed with OPENSSL_free), moment its time. */
struct timestamp {
    struct slice leaf, certificates;
    int64_t moment;
};
enum cms_state timestamp_check(struct timestamp *out, struct slice token, struct slice first,
                               struct slice second);
void timestamp_dispose(struct timestamp *t);
