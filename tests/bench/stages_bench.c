/* stages_bench.c - CPU ms a certificate takes in each room, by calling the rooms one after the other as
 * issuing does.
 *
 * stages_bench DATA_DIR PROFILE ISSUER_SEAL COMMITTEE_SEAL PHOTO.jpg COUNT ALGORITHM */
#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "bench/cost.h"
#include "bench/workload.h"
#include "issue/press.h"
#include "records/order.h"
#include "sign/revision.h"
#include "sign/signer.h"
#include "sign/verify.h"
#include <limits.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROLES = 2, WARM_UP = 20 };
enum stage { STAGE_ORDER, STAGE_LAYOUT, STAGE_PDF, STAGE_SIGN, STAGE_VERIFY, STAGE_FILE, STAGES };
static const char *const stage_names[] = {"order, record",       "bind, layout", "pdf",
                                          "sign (our own part)", "self-verify",  "file"};
static const char *const roles[ROLES] = {"committee", "issuer"};

struct bench {
    const char *data_dir, *profile;
    const char *seal_ids[ROLES];
    struct signer *signer;
    struct press *press;
    const struct template *template;
    struct appearance *faces[ROLES];
    struct trust *trust;
    struct buf photo;
    struct organisation issuer, committee;
    double spent[STAGES];
    size_t bytes;
};

struct sealing {
    const struct bench *b;
    const char *seal_id;
};

static int sign_digest(void *arg, const uint8_t digest[32], struct buf *cms, struct err *e)
{
    const struct sealing *s = arg;
    const struct sign_request r = {.seal_id = s->seal_id,
                                   .grantee = s->b->profile,
                                   .journal_id = "00000000000000000000000000000001",
                                   .digest = digest};

    return signer_sign(s->b->signer, &r, cms, e);
}

/* Adds what was spent since *from to the stage and starts the next one. */
static void spend(struct bench *b, enum stage stage, double *from)
{
    double now = cost_own_ms();

    b->spent[stage] += now - *from;
    *from = now;
}

static int prepare(struct bench *b, const char *photo, struct err *e)
{
    char path[PATH_MAX];
    struct signer_identity who;

    signer_identity_find(&who);
    if (signer_spawn(&b->signer, b->data_dir, &who, e) != 0 || press_open(&b->press, e) != 0 ||
        press_template(&b->template, b->press, "certificate", e) != 0)
        return -1;
    for (int i = 0; i < ROLES; i++) {
        struct seal *seal;

        if (seal_load(&seal, b->data_dir, b->seal_ids[i], e) != 0)
            return -1;
        if (appearance_new(&b->faces[i], seal, e) != 0)
            return -1;
        seal_free(seal);
    }
    (void)snprintf(path, sizeof path, "%s/trust", b->data_dir);
    buf_init(&b->photo, DOCUMENT_MAX);
    return trust_load(&b->trust, path, e) != 0 ? -1 : file_read(&b->photo, photo, e);
}

static int record_of(json_t **out, const struct bench *b, int i, struct arena *a, struct err *e)
{
    struct buf text = BUF_INIT(ORDER_MAX_BYTES);
    struct certificate_order order;
    struct faults faults = {0};
    struct certificate_facts facts = {
        .issuer = &b->issuer, .committee = &b->committee, .host = "verify.example.test"};
    char number[32];
    json_t *json = NULL;
    int rc = -1;

    workload_order(&text, b->profile, i);
    (void)snprintf(number, sizeof number, "9342025000413%06d", i);
    facts.number = number;
    json = buf_ok(&text) ? json_loadb((const char *)text.data, text.len, 0, NULL) : NULL;
    if (json == NULL)
        (void)err_set(e, ERR_INTERNAL, "The workload is no JSON.", "测试数据不是 JSON。");
    else if (certificate_order_read(&order, json, a, &faults, e) == 0)
        rc = (*out = certificate_record(&order, &facts)) != NULL ? 0 : err_no_memory(e);
    json_decref(json);
    buf_dispose(&text);
    return rc;
}

static int sign_all(struct bench *b, struct buf *pdf, struct err *e)
{
    struct revision_chain *chain;
    int rc = revision_begin(&chain, pdf, e);

    for (int i = 0; rc == 0 && i < ROLES; i++) {
        struct sealing s = {b, b->seal_ids[i]};
        const struct revision_order o = {.field = roles[i],
                                         .appearance = b->faces[i],
                                         .name = b->issuer.name,
                                         .moment = clock_now(),
                                         .certify = i == 0};

        rc = revision_sign(chain, &o, sign_digest, &s, e);
    }
    revision_end(chain);
    return rc;
}

static int verify(const struct bench *b, const struct buf *pdf, struct arena *a, struct err *e)
{
    const struct verify_order o = {b->trust, clock_now()};
    struct verdict v;

    if (verify_pdf(&v, buf_view(pdf), &o, a, e) != 0)
        return -1;
    if (v.kind == VERDICT_TEST || v.kind == VERDICT_GENUINE)
        return 0;
    return err_set(e, ERR_INTERNAL, "Not genuine: %s", "验证不通过：%s", v.reason_en);
}

static int one(struct bench *b, int i, struct arena *a, struct err *e)
{
    struct buf pdf = BUF_INIT(DOCUMENT_MAX);
    struct print_order order = {.template = b->template,
                                .photo = buf_view(&b->photo),
                                .verify_url = "https://verify.example.test/v/0123456789abcdefghijkl",
                                .seal_roles = roles,
                                .seal_role_count = ROLES,
                                .author = b->issuer.name,
                                .moment = clock_now()};
    struct pages pages;
    char path[PATH_MAX];
    double from = cost_own_ms();
    json_t *record = NULL;
    int rc = -1;

    (void)snprintf(path, sizeof path, "%s/stages.pdf", b->data_dir);
    if (RAND_bytes(order.id, sizeof order.id) != 1 || record_of(&record, b, i, a, e) != 0)
        goto out;
    order.record = record;
    spend(b, STAGE_ORDER, &from);
    if (press_lay_out(&pages, b->press, &order, a, e) != 0)
        goto out;
    spend(b, STAGE_LAYOUT, &from);
    if (press_print(&pdf, b->press, &pages, &order, a, e) != 0)
        goto out;
    spend(b, STAGE_PDF, &from);
    if (sign_all(b, &pdf, e) != 0)
        goto out;
    spend(b, STAGE_SIGN, &from);
    if (verify(b, &pdf, a, e) != 0)
        goto out;
    spend(b, STAGE_VERIFY, &from);
    if (file_write(path, buf_view(&pdf), 0600, e) != 0)
        goto out;
    spend(b, STAGE_FILE, &from);
    b->bytes += pdf.len;
    rc = 0;
out:
    json_decref(record);
    buf_dispose(&pdf);
    return rc;
}

static int run(struct bench *b, int first, int count, struct err *e)
{
    struct arena a = ARENA_INIT;
    int rc = 0;

    for (int i = first; rc == 0 && i < first + count; i++) {
        rc = one(b, i, &a, e);
        arena_reset(&a);
    }
    arena_dispose(&a);
    return rc;
}

static void report(const struct bench *b, int count, double signer_ms, double raw_ms)
{
    double all = signer_ms;

    (void)printf("by stage, CPU ms a certificate (user + system), %d certificates of %zu bytes:\n", count,
                 b->bytes / (size_t)count);
    for (int s = 0; s < STAGES; s++) {
        (void)printf("  %-22s %7.3f\n", stage_names[s], b->spent[s] / count);
        all += b->spent[s] / count;
    }
    (void)printf("  %-22s %7.3f   of which two raw signatures %.3f\n", "signer process", signer_ms,
                 2 * raw_ms);
    (void)printf("  %-22s %7.3f\n", "sum", all);
}

int main(int argc, char **argv)
{
    struct bench b = {.issuer = {.name = "安徽省虚构人力资源和社会保障厅（测试）",
                                 .printed_name = "安徽省虚构|人力资源和社会保障厅（测试）"},
                      .committee = {.name = "安徽省测试系列高级职称评审委员会"}};
    struct err e = {0};
    int count = argc == 8 ? (int)strtol(argv[6], NULL, 10) : 0;
    double signer_ms, raw_ms;

    if (count < 1) {
        (void)fprintf(stderr,
                      "usage: %s DATA_DIR PROFILE ISSUER_SEAL COMMITTEE_SEAL PHOTO.jpg COUNT ALGORITHM\n",
                      argv[0]);
        return 2;
    }
    b.data_dir = argv[1];
    b.profile = argv[2];
    b.seal_ids[1] = argv[3];
    b.seal_ids[0] = argv[4];
    if (prepare(&b, argv[5], &e) != 0 || run(&b, 1, WARM_UP, &e) != 0)
        goto failed;
    memset(b.spent, 0, sizeof b.spent);
    b.bytes = 0;
    signer_ms = cost_process_ms(signer_pid(b.signer));
    if (run(&b, WARM_UP + 1, count, &e) != 0 || cost_raw_signature_ms(&raw_ms, argv[7], 1000, &e) != 0)
        goto failed;
    report(&b, count, (cost_process_ms(signer_pid(b.signer)) - signer_ms) / count, raw_ms);
    signer_close(b.signer); /* the rest goes with the process */
    return 0;
failed:
    (void)fprintf(stderr, "stages_bench: %s %s\n", err_text(&e), e.detail);
    return 1;
}
