/* sealed.h - a paper with two seals, and its verdict. */
#pragma once
#include "base/arena.h"
#include "sign/revision.h"
#include "sign/verify.h"
#include "support/authority.h"
#include "support/paper.h"

/* What one test program shares: making keys takes long. */
struct office {
    struct authority ca, test_ca, stranger_ca;
    struct signatory employer, organiser, tester, stranger;
    struct trust *trust;
    struct seal seal;
    struct appearance *appearance;
    char dir[64]; /* temporary; the roots as ca.pem and test.pem */
};
void office_open(struct office *o);
void office_close(struct office *o);

enum { SEALED_AT = 1795000000 }; /* 2026-11-18 */

/* Fields employer, organiser, spare; no seals yet. */
void sealed_paper(struct buf *out);
/* Places one seal. */
void sealed_place(const struct office *o, struct buf *pdf, const char *field, struct signatory *by,
                  bool certify);
/* The first two bear seals; the first certifies. ends[i]: length after i + 1 seals. */
void sealed_make(const struct office *o, struct buf *out, size_t ends[2]);
/* A copy to do something to. */
struct buf sealed_copy(const struct buf *from);
/* Fails the test unless that is the verdict; disposes of pdf. */
void sealed_expect(const struct office *o, struct buf *pdf, enum verdict_kind kind);
/* Only the kind; the rest stays in *v until the arena goes. */
enum verdict_kind sealed_judge(struct verdict *v, const struct office *o, const struct buf *pdf,
                               struct arena *a);
