/* text.h - text as records may hold it: NFC, no control, bidi or private-use characters, plain and
 * single spaces only.
 *
 * NFC only, never NFKC: it would change names. Scripts that need shaping are refused: nothing here shapes. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

struct text_rule {
    size_t max;     /* Unicode scalar values */
    bool is_person; /* a person's name: the separator is · U+00B7 (民委发〔2016〕33号) */
};

enum text_change { TEXT_AS_GIVEN = 0, TEXT_COMPOSED = 1, TEXT_SEPARATOR = 2 };

/* *out is given, or a copy in the arena with what was put right (*changes: flags of text_change). ERR_INVALID
 * names the character and its code point, ERR_TOO_LARGE the length. */
MUST_CHECK int text_clean(const char **out, unsigned *changes, const char *given,
                          const struct text_rule *rule, struct arena *a, struct err *e);
