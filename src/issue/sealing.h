/* sealing.h - which seals a certificate gets, and putting them on. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "issue/issue.h"
#include "sign/revision.h"

/* Seals with their pictures as PDF objects, loaded when first used. */
struct seal_rack;
MUST_CHECK int seal_rack_new(struct seal_rack **out, const char *data_dir, struct err *e);
void seal_rack_free(struct seal_rack *r);
/* Begins a batch: within it the signer is asked once about a seal and a grantee. Call before the first plan,
 * too. */
void seal_rack_next_round(struct seal_rack *r);

struct planned_seal {
    const char *field; /* role, or "service" */
    const struct seal *seal;
    const struct appearance *appearance; /* NULL: invisible */
    const char *grantee;
};

struct seal_plan_of_certificate {
    struct planned_seal seals[ISSUE_SEALS_MAX]; /* in the order of signing */
    size_t count;
    struct issued_seal report[ISSUE_SEALS_MAX]; /* also of the offices without one */
    size_t report_count;
    const char *roles[ISSUE_SEALS_MAX]; /* fields to lay out */
    size_t role_count;
    bool service; /* no office has a seal: the service signs, invisibly */
    bool test;
};

struct sealing_parties {
    const struct template *template;
    const struct profile *profile;
    const struct organisation *issuer, *committee; /* committee may be NULL */
    const char *service_seal;                      /* id, or NULL */
    const char *issuer_grantee; /* under whose grant the issuer's seal is used; NULL: the profile's */
};
/* Asks the signer about every seal. ERR_FORBIDDEN as signer_check(). signer NULL: only which seals there will
 * be. */
MUST_CHECK int sealing_plan(struct seal_plan_of_certificate *out, struct seal_rack *rack,
                            struct signer *signer, const struct sealing_parties *parties, struct err *e);

/* Counts the seals of a certificate that gets a number now against what their grants have left, within this
 * batch: no number must wait for a grant. ERR_FORBIDDEN. */
MUST_CHECK int sealing_take_uses(const struct seal_plan_of_certificate *plan, struct seal_rack *rack,
                                 struct err *e);

/* Signs pdf with every planned seal. after is called after each. */
MUST_CHECK int sealing_apply(struct buf *pdf, const struct seal_plan_of_certificate *plan,
                             struct signer *signer, const struct certificate_row *row,
                             void (*after)(void *arg), void *arg, struct err *e);
