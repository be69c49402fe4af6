/* make.c - from a row with its number to the finished file: pages, print, seals, our own verification. */
#include "base/file.h"
#include "issue/issue_internal.h"
#include "sign/verify.h"
#include <stdlib.h>
#include <string.h>

int job_lay_out(struct job *j, struct err *e)
{
    struct print_order *p = &j->print;

    *p = (struct print_order){.template = j->template,
                              .record = j->record,
                              .photo = j->photo,
                              .seal_roles = j->plan.roles,
                              .seal_role_count = j->plan.role_count,
                              .service_field = j->plan.service,
                              .author = j->issuer.name,
                              .license_id = json_text(j->record, "license_id"),
                              .moment = j->row.created};
    p->verify_url = arena_printf(j->a, "%s/v/%s", j->i->config.public_url, j->row.token);
    if (p->verify_url == NULL)
        return err_no_memory(e);
    if (!hex_decode(p->id, sizeof p->id, j->row.id, 32))
        return err_set(e, ERR_INTERNAL, "The certificate's id is damaged.", "证书标识已损坏。");
    return press_lay_out(&j->pages, j->i->press, p, j->a, e);
}

static void signed_once(void *arg)
{
    issue_reached(arg, ISSUE_SIGNED);
}

/* Nothing leaves the house that our own verifier would not call intact. */
static int verify_own(struct job *j, struct err *e)
{
    struct verify_order order = {j->i->trust, j->now};
    struct arena a = ARENA_INIT;
    struct verdict v;
    int rc = verify_pdf(&v, buf_view(&j->slot->pdf), &order, &a, e);

    if (rc == 0 && ((v.kind != VERDICT_GENUINE && v.kind != VERDICT_TEST) || v.seal_count != j->plan.count)) {
        rc = err_set(e, ERR_INTERNAL,
                     "The finished certificate did not pass our own verification and was not handed out: %s",
                     "证书制成后未通过自检，没有发出：%s", v.reason_en);
        (void)snprintf(e->zh, sizeof e->zh, "证书制成后未通过自检，没有发出：%s", v.reason_zh);
    }
    if (rc == 0)
        memcpy(j->row.file_sha256, v.sha256, SHA256_SIZE);
    arena_dispose(&a);
    return rc;
}

static const char *seals_json(struct job *j)
{
    json_t *list = json_array();
    char *text = NULL;
    const char *kept = NULL;

    for (size_t i = 0; list != NULL && i < j->plan.count; i++)
        (void)json_array_append_new(list, json_string(j->plan.seals[i].field));
    if (list != NULL && json_array_size(list) == j->plan.count)
        text = json_dumps(list, JSON_COMPACT);
    if (text != NULL)
        kept = arena_text(j->a, text);
    free(text);
    json_decref(list);
    return kept;
}

int job_make(struct job *j, struct err *e)
{
    struct issuer *i = j->i;
    struct buf *pdf = &j->slot->pdf;
    struct certificate_row *row = &j->row;

    buf_reset(pdf);
    if (press_print(pdf, i->press, &j->pages, &j->print, j->a, e) != 0)
        return -1;
    issue_reached(i, ISSUE_PRINTED);
    if (sealing_apply(pdf, &j->plan, i->signer, row, signed_once, i, e) != 0 || verify_own(j, e) != 0)
        return -1;
    row->issued = j->now;
    row->file_size = pdf->len;
    row->file_crc32 = crc32_of(buf_view(pdf));
    row->seals_json = seals_json(j);
    if (row->seals_json == NULL)
        return err_no_memory(e);
    issue_reached(i, ISSUE_VERIFIED);
    return 0;
}

/* A replacement changes two certificates at once. */
static int record_issued(struct store *s, const struct certificate_row *row, struct err *e)
{
    if (row->replaces[0] == '\0')
        return store_issued(s, row, e);
    if (store_begin(s, e) != 0)
        return -1;
    if (store_issued(s, row, e) == 0 && store_commit(s, e) == 0)
        return 0;
    store_rollback(s);
    return -1;
}

int job_finish(struct job *j, struct err *e)
{
    struct store *s = j->i->store;

    if (job_make(j, e) != 0 || store_put_file(s, j->row.id, buf_view(&j->slot->pdf), e) != 0)
        return -1;
    issue_reached(j->i, ISSUE_FILED);
    if (record_issued(s, &j->row, e) != 0)
        return -1;
    issue_reached(j->i, ISSUE_ISSUED);
    return 0;
}
