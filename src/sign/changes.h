/* changes.h - what a revision changed, and whether those who signed before it allowed that. */
#pragma once
#include "sign/form.h"

enum lock_kind { LOCK_NONE, LOCK_ALL, LOCK_INCLUDE, LOCK_EXCLUDE };

/* A signature as the rules for later changes see it. */
struct signature {
    const char *field;
    const char *owner; /* as far as its certificate is known, else NULL: changes are told with it */
    const struct pdf_value *dictionary;
    uint64_t object;                /* number of the dictionary */
    size_t revision;                /* the newest one it covers, counted from 0 */
    size_t open, close, end;        /* the gap of /Contents; where the second range ends */
    int permission;                 /* /P of DocMDP; 0: it certifies nothing */
    enum lock_kind lock;            /* of FieldMDP */
    const struct pdf_value *locked; /* its /Fields */
    bool placed;                    /* revision, open, close and end are sound */
    bool timestamp;                 /* of the document, not a seal */
};

enum change_level {
    CHANGE_NONE,
    CHANGE_LONG_TERM, /* validation data, timestamps, metadata: nothing anybody sees */
    CHANGE_FILL,      /* fields that were empty, or form fields nobody had locked */
    CHANGE_FORBIDDEN
};
struct change {
    enum change_level level;
    const char *en, *zh; /* the arena's; NULL if there is nothing to say */
};

/* Compares revision `after` with the one before it, for the signatures that are older. false: a fault of the
 * file. */
bool change_judge(struct change *out, struct pdf_file *f, size_t after, const struct signature *signatures,
                  size_t count, struct arena *texts);
/* A trap set before signing: something refers to an object that only a later revision supplies. *revision is
 * that one, SIZE_MAX if there is none. false: a fault of the file. */
bool change_find_trap(size_t *revision, struct pdf_file *f, const struct signature *signatures, size_t count);
