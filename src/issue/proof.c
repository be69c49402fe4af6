/* proof.c - documents without a row in any journal: specimens, drafts, papers that ink makes valid, forms to
 * be filled in by hand. */
#include "base/clock.h"
#include "base/digest.h"
#include "issue/press.h"
#include <string.h>

/* What stands for the time and the identifier of a document that is in no journal: both from its content. */
static int identify(struct print_order *o, const struct proof *proof, struct err *e)
{
    struct buf text = BUF_INIT(DOCUMENT_MAX);
    const char *day = json_text(o->record, "issue_date");
    char moment[32] = "2000-01-01T00:00:00Z";
    uint8_t sha[SHA256_SIZE];
    struct date d;

    if (day != NULL && date_parse(&d, day))
        (void)snprintf(moment, sizeof moment, "%sT00:00:00Z", day);
    if (!clock_parse_rfc3339(&o->moment, moment) ||
        (o->record != NULL && json_write(&text, o->record, e) != 0)) {
        buf_dispose(&text);
        return -1;
    }
    buf_append_text(&text, template_name(o->template));
    buf_append(&text, o->photo);
    if (proof->blank)
        buf_append_text(&text, "blank");
    else if (proof->mark != MARK_NONE)
        buf_append_text(&text, proof->mark == MARK_VOID ? "void" : "draft");
    sha256(sha, buf_view(&text));
    memcpy(o->id, sha, sizeof o->id);
    buf_dispose(&text);
    return 0;
}

static int refuse_blank(const struct proof *proof, struct err *e)
{
    const char *name = template_name(proof->template);

    if (proof->mark != MARK_NONE)
        return err_set(e, ERR_INVALID, "A blank form bears no mark: ask for one or the other.",
                       "空白表不带草稿或作废标记，两者只能选一个。");
    if (template_has_blank(proof->template))
        return err_set(e, ERR_INVALID,
                       "\"%s\" makes certificates, and nobody may have one to fill in; remove \"blank: "
                       "yes\", or, where it "
                       "is a form, add \"unsealed: draft\".",
                       "“%s” 是证书模板，不能生成可自行填写的空白证书，请删去 blank: yes；若是表格，请加 "
                       "unsealed: draft。",
                       name);
    return err_set(e, ERR_INVALID,
                   "The template \"%s\" has no blank form; only templates with \"blank: yes\" have one.",
                   "模板 “%s” 没有空白表，只有写明 blank: yes 的模板才有。", name);
}

/* Whoever has the paper must see what it is: a certificate that nobody issued is a specimen and nothing else.
 */
static int choose_mark(enum mark *out, const struct proof *proof, struct err *e)
{
    enum unsealed unsealed = template_unsealed(proof->template);
    bool specimen = unsealed == UNSEALED_SPECIMEN; /* whether or not offices could seal it */

    *out = MARK_NONE;
    if (proof->blank)
        return template_has_blank(proof->template) && !specimen && proof->mark == MARK_NONE
                   ? 0
                   : refuse_blank(proof, e);
    if (specimen && proof->mark != MARK_NONE)
        return err_set(e, ERR_INVALID,
                       "What \"%s\" makes without being issued is a specimen; it takes no other mark.",
                       "未经签发的 “%s” 只能是样张，不能改用其他标记。", template_name(proof->template));
    *out = proof->mark != MARK_NONE     ? proof->mark
           : specimen                   ? MARK_SPECIMEN
           : unsealed == UNSEALED_DRAFT ? MARK_DRAFT
                                        : MARK_NONE;
    return 0;
}

int proof_check(const struct proof *proof, struct err *e)
{
    enum mark unused;

    return choose_mark(&unused, proof, e);
}

int proof_lay_out(struct pages *out, struct print_order *made, struct press *p, const struct proof *proof,
                  struct arena *a, struct err *e)
{
    *made = (struct print_order){.template = proof->template,
                                 .record = proof->blank ? NULL : proof->record,
                                 .photo = proof->photo,
                                 .blank = proof->blank};
    made->verify_url = arena_printf(a, "https://%s/v/sample", proof->host);
    if (made->verify_url == NULL)
        return err_no_memory(e);
    if (choose_mark(&made->mark, proof, e) != 0 || identify(made, proof, e) != 0)
        return -1;
    return press_lay_out(out, p, made, a, e);
}

int press_proof(struct buf *pdf, struct press *p, const struct proof *proof, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct print_order order;
    struct pages pages;
    int rc = proof_lay_out(&pages, &order, p, proof, &a, e);

    if (rc == 0)
        rc = press_print(pdf, p, &pages, &order, &a, e);
    arena_dispose(&a);
    return rc;
}

int press_specimen(struct buf *pdf, struct press *p, const struct template *t, const json_t *record,
                   struct slice photo, const char *host, struct err *e)
{
    const struct proof proof = {.template = t, .record = record, .photo = photo, .host = host};

    return press_proof(pdf, p, &proof, e);
}
