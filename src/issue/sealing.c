#include "issue/sealing.h"
#include <stdlib.h>
#include <string.h>

enum { RACK_MAX = 512, ASKED_MAX = ISSUE_BATCH_MAX * ISSUE_SEALS_MAX };

struct seal_rack {
    const char *data_dir; /* borrowed */
    struct hung {
        struct seal *seal;
        struct appearance *appearance;
    } hung[RACK_MAX];
    size_t count;
    struct asked {
        const struct seal *seal;
        char grantee[64];
        int64_t left; /* uses that no certificate of this round has taken */
    } asked[ASKED_MAX];
    size_t asked_count; /* in this round */
};

int seal_rack_new(struct seal_rack **out, const char *data_dir, struct err *e)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL)
        return err_no_memory(e);
    (*out)->data_dir = data_dir;
    return 0;
}

void seal_rack_free(struct seal_rack *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->count; i++) {
        appearance_free(r->hung[i].appearance);
        seal_free(r->hung[i].seal);
    }
    free(r);
}

void seal_rack_next_round(struct seal_rack *r)
{
    r->asked_count = 0;
}

static struct asked *asked_of(struct seal_rack *r, const struct seal *seal, const char *grantee)
{
    for (size_t i = 0; i < r->asked_count; i++) {
        if (r->asked[i].seal == seal && strcmp(r->asked[i].grantee, grantee) == 0)
            return &r->asked[i];
    }
    return NULL;
}

/* Borrowed from the rack. */
static int take_seal(struct hung **out, struct seal_rack *r, const char *id, struct err *e)
{
    struct hung *place;

    for (size_t i = 0; i < r->count; i++) {
        *out = &r->hung[i];
        if (strcmp(r->hung[i].seal->id, id) == 0)
            return 0;
    }
    if (r->count == RACK_MAX)
        return err_set(e, ERR_INTERNAL, "More than %d seals are in use.", "使用中的印章超过 %d 枚。",
                       RACK_MAX);
    place = &r->hung[r->count];
    *place = (struct hung){NULL, NULL};
    if (seal_load(&place->seal, r->data_dir, id, e) != 0)
        return -1;
    if (!place->seal->service && appearance_new(&place->appearance, place->seal, e) != 0) {
        seal_free(place->seal);
        return -1;
    }
    r->count++;
    *out = place;
    return 0;
}

/* What the signer says of a seal and a grantee, asked once a round. */
static int ask_once(struct seal_rack *r, struct signer *signer, const struct seal *seal, const char *grantee,
                    struct err *e)
{
    struct asked *a = &r->asked[r->asked_count];

    if (asked_of(r, seal, grantee) != NULL)
        return 0;
    if (r->asked_count == ASKED_MAX)
        return err_set(e, ERR_INTERNAL, "More than %d seals and profiles in one batch.",
                       "同一批次的印章与配置超过 %d 组。", ASKED_MAX);
    if (signer_check_left(signer, seal->id, grantee, &a->left, e) != 0)
        return -1;
    a->seal = seal;
    (void)snprintf(a->grantee, sizeof a->grantee, "%s", grantee);
    r->asked_count++;
    return 0;
}

static void give_back(const struct seal_plan_of_certificate *plan, struct seal_rack *rack, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct asked *a = asked_of(rack, plan->seals[i].seal, plan->seals[i].grantee);

        if (a != NULL && a->left != INT64_MAX)
            a->left++;
    }
}

int sealing_take_uses(const struct seal_plan_of_certificate *plan, struct seal_rack *rack, struct err *e)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct planned_seal *s = &plan->seals[i];
        struct asked *a = asked_of(rack, s->seal, s->grantee);

        if (a == NULL || a->left <= 0) {
            give_back(plan, rack, i);
            return err_set(
                e, ERR_FORBIDDEN,
                "The grant of %s's seal to \"%s\" has no uses left for this certificate; no number "
                "was reserved. The office must grant more.",
                "%s 授予 “%s” 的用章次数已不足，本证书未取号，请由用章单位增加授权。", s->seal->owner,
                s->grantee);
        }
        if (a->left != INT64_MAX)
            a->left--;
    }
    return 0;
}

static int add(struct seal_plan_of_certificate *plan, struct seal_rack *rack, struct signer *signer,
               const char *role, const char *seal_id, const char *grantee, struct err *e)
{
    struct hung *h;

    if (take_seal(&h, rack, seal_id, e) != 0 ||
        (signer != NULL && ask_once(rack, signer, h->seal, grantee, e) != 0))
        return -1;
    plan->seals[plan->count++] = (struct planned_seal){role, h->seal, h->appearance, grantee};
    plan->test = plan->test || h->seal->test;
    return 0;
}

static const struct organisation *office_of(const struct sealing_parties *p, const char *role)
{
    if (strcmp(role, "issuer") == 0)
        return p->issuer;
    return strcmp(role, "committee") == 0 ? p->committee : NULL;
}

/* A filing's certificates use the issuer's seal by the grant that its passing made. */
static const char *grantee_of(const struct sealing_parties *p, const char *role)
{
    return p->issuer_grantee != NULL && strcmp(role, "issuer") == 0 ? p->issuer_grantee : p->profile->id;
}

static int plan_service(struct seal_plan_of_certificate *plan, struct seal_rack *rack, struct signer *signer,
                        const struct sealing_parties *p, struct err *e)
{
    if (p->service_seal == NULL)
        return err_set(
            e, ERR_FORBIDDEN,
            "No office of this profile has an e-seal and the service has no key of its own either; "
            "run \"sealpress init\" to make it.",
            "发证配置中的单位都没有电子印章，平台自身签名也未设置，请运行 “sealpress init” 生成。");
    plan->service = true;
    if (add(plan, rack, signer, "service", p->service_seal, p->profile->id, e) != 0)
        return -1;
    /* no office's, now as later: answer.c says the same of a certificate that was issued before */
    plan->report[plan->report_count++] = (struct issued_seal){"service", "", true};
    return 0;
}

int sealing_plan(struct seal_plan_of_certificate *out, struct seal_rack *rack, struct signer *signer,
                 const struct sealing_parties *p, struct err *e)
{
    size_t roles = template_role_count(p->template);

    *out = (struct seal_plan_of_certificate){.count = 0};
    if (!press_makes_certificates(p->template) || roles >= ISSUE_SEALS_MAX)
        return err_set(e, ERR_INVALID,
                       "Template \"%s\" is not for certificates; name one that is, such as \"certificate\".",
                       "模板 “%s” 不是证书模板，请改用 “certificate” 等证书模板。",
                       template_name(p->template));
    for (size_t i = 0; i < roles; i++) {
        const char *role = template_role(p->template, i);
        const struct organisation *office = office_of(p, role);

        if (office == NULL)
            continue;
        out->report[out->report_count++] = (struct issued_seal){role, office->name, office->seal_id != NULL};
        if (office->seal_id == NULL)
            continue;
        if (add(out, rack, signer, role, office->seal_id, grantee_of(p, role), e) != 0)
            return -1;
        out->roles[out->role_count++] = role;
    }
    return out->count > 0 ? 0 : plan_service(out, rack, signer, p, e);
}

struct call {
    struct signer *signer;
    struct sign_request request;
};

static int ask_signer(void *arg, const uint8_t digest[32], struct buf *cms, struct err *e)
{
    struct call *call = arg;

    call->request.digest = digest;
    return signer_sign(call->signer, &call->request, cms, e);
}

int sealing_apply(struct buf *pdf, const struct seal_plan_of_certificate *plan, struct signer *signer,
                  const struct certificate_row *row, void (*after)(void *arg), void *arg, struct err *e)
{
    struct revision_chain *chain;
    int rc = 0;

    if (revision_begin(&chain, pdf, e) != 0)
        return -1;
    for (size_t i = 0; i < plan->count && rc == 0; i++) {
        const struct planned_seal *s = &plan->seals[i];
        struct revision_order order = {.field = s->field,
                                       .appearance = s->appearance,
                                       .name = s->seal->owner,
                                       .moment = row->created,
                                       .certify = i == 0};
        struct call call = {signer, {s->seal->id, s->grantee, row->id, NULL}};

        rc = revision_sign(chain, &order, ask_signer, &call, e);
        if (rc == 0)
            after(arg);
    }
    revision_end(chain);
    return rc;
}
