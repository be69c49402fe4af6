/* judgement.h - what an uploaded PDF is worth: the verdict on its bytes together with what the register
 * knows.
 *
 * One answer for POST /v1/verify and for the page /v/upload. A file that was cut back to an earlier seal is
 * intact by itself; the register knows which seals followed, so that a revoked certificate does not become
 * valid by losing its end. */
#pragma once
#include "base/arena.h"
#include "store/store.h"
#include <jansson.h>

/* In this order: the first that fits wins. */
enum judgement_kind {
    JUDGEMENT_UNREADABLE, /* no PDF, encrypted, damaged, or built so that it cannot be judged */
    JUDGEMENT_IDENTICAL,  /* valid and byte for byte the registered file, which bears no office's e-seal */
    JUDGEMENT_NOT_SIGNED,
    JUDGEMENT_ALTERED,
    JUDGEMENT_NOT_OURS, /* intact, but sealed by somebody we do not vouch for */
    JUDGEMENT_REVOKED,  /* this and the next three: intact, but the certificate's status is not valid */
    JUDGEMENT_CANCELLED,
    JUDGEMENT_SUSPENDED,
    JUDGEMENT_REPLACED,
    JUDGEMENT_UNDECIDED, /* whether a signer's certificate was revoked cannot be told now */
    JUDGEMENT_TEST,      /* intact, but the seals are for tests: never called genuine */
    JUDGEMENT_GENUINE
};
/* "unreadable", "identical", "not-signed", "altered", "not-ours", "revoked", "cancelled", "suspended",
 * "replaced", "undecided", "test", "genuine" */
const char *judgement_name(enum judgement_kind kind);

/* Something that was done to the file after a seal. */
struct judgement_change {
    const char *en, *zh;
};

struct judgement {
    enum judgement_kind kind;
    const char *word_en, *word_zh;         /* of the verdict band: 文件被改动 */
    const char *sentence_en, *sentence_zh; /* below it, numbers and dates filled in */
    bool registered;                       /* the file is, as a whole, one of the register */
    /* The certificate whose file this is, or whose untouched signed revision is inside; NULL where none is
     * known: then no personal data may be shown. */
    const struct certificate_row *row;
    bool test;                        /* a seal is for tests only */
    size_t seals;                     /* offices' seals in the file */
    size_t intact_seals;              /* those that hold */
    int64_t since;                    /* when the status became what it is, or 0 */
    struct judgement_change *changes; /* JUDGEMENT_ALTERED: at least one */
    size_t change_count;
};

/* Whether it begins like a PDF: otherwise it need not be inspected (415). */
bool judgement_is_pdf(struct slice file);
/* verdict: as inspect_pdf() gives it, of these bytes. Everything in *out is the arena's. -1 only where the
 * store does not answer or without memory. */
MUST_CHECK int judgement_make(struct judgement *out, const json_t *verdict, struct slice pdf, struct store *s,
                              struct arena *a, struct err *e);
