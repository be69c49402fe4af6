/* office.h - organisations, and the issuing profiles that say who issues what, how and under which seals. */
#pragma once
#include "base/arena.h"
#include "records/faults.h"
#include <jansson.h>

enum { OFFICE_ID_MAX = 63, OFFICES_MAX = 256 };

/* A seal that init draws for trials, with the organisation's name. */
struct seal_plan {
    const char *line; /* below the star, or NULL */
    double diameter;
    const char *algorithm; /* "rsa-2048", "rsa-3072", "p-256" */
};

struct organisation {
    const char *id;
    const char *name;         /* in full */
    const char *printed_name; /* the same with "|" where a line may break, or NULL */
    const char *uscc;         /* unified social credit code, or NULL (内置单位) */
    const char *seal_id;      /* 32 hex digits, or NULL: an office without e-seal */
    const struct seal_plan *seal_plan;
};

struct profile {
    const char *id, *name;
    const char *organisation; /* who orders: biz_no is unique in it */
    const char *issuer;       /* 发证机关 */
    const char *committee;    /* 评审委员会, or NULL */
    const char *template_name;
    const char *number_pattern;
    const char *reissue_prefix; /* before numbers of replacements */
    const char *province, *region;
    const char *license_type; /* 证照类型代码, or NULL: no licence identifier is made */
};

struct offices {
    const struct organisation *organisations;
    size_t organisation_count;
    const struct profile *profiles;
    size_t profile_count;
};

/* {"organisations": [...], "profiles": [...]}, strictly; README.md has the members. Texts are the arena's.
 * Everything wrong goes to faults; -1 and the first of it if there is any. */
MUST_CHECK int offices_read(struct offices *out, const json_t *json, struct arena *a, struct faults *faults,
                            struct err *e);

/* One organisation by itself: the members of the list above without draw_seal. */
MUST_CHECK int organisation_read(struct organisation *out, const json_t *json, struct arena *a,
                                 struct faults *faults, struct err *e);
/* One profile by itself; it may refer to the organisations of known. */
MUST_CHECK int profile_read(struct profile *out, const json_t *json, const struct offices *known,
                            struct arena *a, struct faults *faults, struct err *e);
