/* number.h - certificate numbers by the pattern of the issuing profile, and the identifier of an electronic
 * licence (电子证照标识, GB/T 36904-2018).
 *
 * A pattern is plain text (digits, letters, hyphens) with {province}, {year}, {region:W}, {series:W},
 * {level:W} and exactly one {seq:W}; W is the width in characters. */
#pragma once
#include "base/err.h"
#include <stdint.h>

enum {
    NUMBER_MAX = 64,               /* characters of any number */
    NUMBER_BYTES = 4 * NUMBER_MAX, /* old ones may be of any characters: 第三方33 */
    LICENSE_ID_MAX = 128
};

struct number_parts {
    const char *prefix; /* before the pattern ("YB" for replacements), or "" */
    const char *province, *region, *series, *level;
    int year;
};

/* Whether the pattern can be used at all. */
MUST_CHECK int number_pattern_check(const char *pattern, struct err *e);
/* The number without its serial ("#" stands for it): each has a counter of its own. ERR_INVALID with the
 * order's member in e->field where a part does not have the width of the pattern. */
MUST_CHECK int number_counter(char out[NUMBER_MAX + 1], const char *pattern, const struct number_parts *parts,
                              struct err *e);
/* The number. ERR_CONFLICT when the serial has outgrown its width. */
MUST_CHECK int number_make(char out[NUMBER_MAX + 1], const char *pattern, const struct number_parts *parts,
                           uint64_t serial, struct err *e);
/* The two digits of a level: 初级 00, 中级 01, 副高级 12, 正高级 13; NULL for anything else. */
const char *number_level_code(const char *level);

/* 1.2.156.3005.2.TYPE.ISSUER.SERIAL.VERSION.CHECK; serial is the certificate number (0-9, A-Z). */
MUST_CHECK int license_id_make(char out[LICENSE_ID_MAX + 1], const char *type, const char *issuer,
                               const char *serial, int version, struct err *e);
