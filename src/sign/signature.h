/* signature.h - one signature of a file: found in the form, placed in the bytes, checked. */
#pragma once
#include "sign/changes.h"
#include "sign/cms_check.h"
#include "sign/verify.h"

enum fate { FATE_INTACT, FATE_ALTERED, FATE_UNSUPPORTED };

/* A signature while it is examined; the first problem decides. */
struct examined {
    struct signature place;
    enum fate fate;
    const char *en, *zh; /* the problem */
    bool needs_ess;      /* PAdES */
    bool unknown_kind;   /* another /SubFilter */
    uint64_t widget;     /* object number of what shows it; 0: unknown */
    struct slice der;    /* /Contents without its padding */
    struct cms cms;
    uint8_t digest[64];
    size_t digest_len;
};

void examined_fail(struct examined *x, enum fate fate, const char *en, const char *zh);
/* Reads the dictionary of a field's value: byte range, gap, CMS, what it locks. Problems end up in out. */
void signature_place(struct examined *out, struct pdf_file *f, const struct form_field *field,
                     struct arena *a);
/* "hexadecimal digits, padded by zeros" to DER. */
enum cms_state contents_decode(struct slice *der, struct slice digits, struct arena *a);
/* Hashes the ranges of all of them and the whole file in one pass. false: no memory, or too much to hash. */
bool signatures_hash(struct examined *list, size_t count, struct slice bytes, uint8_t whole[32],
                     bool *too_much);
/* Reads /M: "D:20260115083000+08'00'". */
bool signature_time(int64_t *out, const struct pdf_value *v);
