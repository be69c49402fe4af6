/* order.h - the order for one certificate: what comes in as JSON, checked, and the record that a template
 * prints. */
#pragma once
#include "base/arena.h"
#include "records/faults.h"
#include "records/office.h"
#include <jansson.h>

enum { ORDER_MAX_BYTES = 64 * 1024 };

/* Members as in the JSON (README.md); optional ones are NULL when absent. Dates are YYYY-MM-DD. */
struct certificate_order {
    const char *profile, *biz_no;
    const char *name, *gender, *birth_date, *id_type, *id_number, *mobile, *email;
    const char *series_code, *series_name, *specialty, *title, *level;
    int year; /* of the plan; may differ from that of issue_date */
    const char *obtain_mode, *nature, *obtained_date, *approval_no, *issue_date, *employer, *region;
    const char *original_no, *reissue_date; /* replacements (补换证) only, always both */
    const char *certificate_no;             /* an old number kept as it is, or NULL: one is made */
    const char *canonical;                  /* the order as it was understood: sorted, compact JSON */
};

/* Checks all of json: members, lengths, dates that exist, and for 居民身份证 the check digit and what the
 * number says about birth and sex. Every fault is collected; -1 and the first one if there is any. Texts are
 * the arena's. */
MUST_CHECK int certificate_order_read(struct certificate_order *out, const json_t *json, struct arena *a,
                                      struct faults *faults, struct err *e);

struct certificate_facts {
    const char *number;
    const char *license_id;                        /* or NULL */
    const struct organisation *issuer, *committee; /* committee may be NULL */
    const char *host;                              /* of the public address, for the foot note */
};
/* What the templates of certificates print (templates/README.md); a new reference, NULL without memory. */
json_t *certificate_record(const struct certificate_order *o, const struct certificate_facts *facts);
