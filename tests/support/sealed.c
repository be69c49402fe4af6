#include "support/sealed.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void must(bool fine, const struct err *e)
{
    if (!fine) {
        (void)fprintf(stderr, "the test's own seals could not be made: %s\n", e->en);
        abort();
    }
}

void office_open(struct office *o)
{
    static const struct signatory_order employer = {.owner = "示例县人力资源和社会保障局",
                                                    .kind = KEY_RSA_2048},
                                        organiser = {.owner = "示例市职称评审委员会", .kind = KEY_P256},
                                        tester = {.owner = "示例单位（测试）", .kind = KEY_P256},
                                        stranger = {.owner = "示例市职称评审委员会", .kind = KEY_P256};
    char path[128];
    struct err e;

    memset(o, 0, sizeof *o);
    o->ca = authority_new("示例根证书", false);
    o->test_ca = authority_new("测试根证书", true);
    o->stranger_ca = authority_new("陌生根证书", false);
    o->employer = signatory_new(&o->ca, &employer);
    o->organiser = signatory_new(&o->ca, &organiser);
    o->tester = signatory_new(&o->test_ca, &tester);
    o->stranger = signatory_new(&o->stranger_ca, &stranger);
    (void)snprintf(o->dir, sizeof o->dir, "/tmp/sealed-XXXXXX");
    must(mkdtemp(o->dir) != NULL, &(struct err){.en = "no temporary directory"});
    (void)snprintf(path, sizeof path, "%s/ca.pem", o->dir);
    authority_write(&o->ca, path);
    (void)snprintf(path, sizeof path, "%s/test.pem", o->dir);
    authority_write(&o->test_ca, path);
    must(trust_load(&o->trust, o->dir, &e) == 0, &e);
    paper_seal(&o->seal);
    must(appearance_new(&o->appearance, &o->seal, &e) == 0, &e);
}

void office_close(struct office *o)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/ca.pem", o->dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/test.pem", o->dir);
    (void)unlink(path);
    (void)rmdir(o->dir);
    trust_free(o->trust);
    appearance_free(o->appearance);
    paper_seal_dispose(&o->seal);
    signatory_free(&o->employer);
    signatory_free(&o->organiser);
    signatory_free(&o->tester);
    signatory_free(&o->stranger);
    authority_free(&o->ca);
    authority_free(&o->test_ca);
    authority_free(&o->stranger_ca);
}

void sealed_paper(struct buf *out)
{
    static const char *const fields[] = {"employer", "organiser", "spare"};

    paper_write(out, fields, 3, 2000);
}

static void place(struct revision_chain *c, const struct office *o, const char *field, struct signatory *by,
                  bool certify, int64_t moment)
{
    struct revision_order order = {.field = field,
                                   .appearance = o->appearance,
                                   .name = "经办人（甲）",
                                   .reason = "issue",
                                   .moment = moment,
                                   .certify = certify};
    struct err e;

    must(revision_sign(c, &order, signatory_sign, by, &e) == 0, &e);
}

void sealed_place(const struct office *o, struct buf *pdf, const char *field, struct signatory *by,
                  bool certify)
{
    struct revision_chain *c;
    struct err e;

    must(revision_begin(&c, pdf, &e) == 0, &e);
    place(c, o, field, by, certify, SEALED_AT);
    revision_end(c);
}

void sealed_make(const struct office *o, struct buf *out, size_t ends[2])
{
    struct revision_chain *c;
    struct err e;

    sealed_paper(out);
    must(revision_begin(&c, out, &e) == 0, &e);
    place(c, o, "employer", (struct signatory *)&o->employer, true, SEALED_AT);
    ends[0] = out->len;
    place(c, o, "organiser", (struct signatory *)&o->organiser, false, SEALED_AT + 60);
    ends[1] = out->len;
    revision_end(c);
}

enum verdict_kind sealed_judge(struct verdict *v, const struct office *o, const struct buf *pdf,
                               struct arena *a)
{
    struct verify_order order = {o->trust, SEALED_AT + 3600};
    struct err e;

    must(verify_pdf(v, buf_view(pdf), &order, a, &e) == 0, &e);
    return v->kind;
}

struct buf sealed_copy(const struct buf *from)
{
    struct buf b = BUF_INIT(1 << 22);

    buf_append(&b, buf_view(from));
    assert_true(buf_ok(&b));
    return b;
}

void sealed_expect(const struct office *o, struct buf *pdf, enum verdict_kind kind)
{
    struct arena a = ARENA_INIT;
    struct verdict v;

    if (sealed_judge(&v, o, pdf, &a) != kind)
        fail_msg("%s instead of %s: %s", verdict_name(v.kind), verdict_name(kind), v.reason_en);
    arena_dispose(&a);
    buf_dispose(pdf);
}
