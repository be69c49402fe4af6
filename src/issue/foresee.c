/* foresee.c - an order judged as if its certificate were made now, without writing anything: for lists that
 * are checked row by row before their numbers are given. */
#include "issue/issue_internal.h"
#include <stdlib.h>
#include <string.h>

/* What is the same for all rows of a list. Good for rows of the same moment: who checks a long list asks for
 * it anew as time goes on. */
struct known_profile {
    struct arena a;
    char id[OFFICE_ID_MAX + 1], template_name[128];
    int64_t now;
    bool committee_asked;
    struct profile profile;
    struct organisation issuer, committee;
    bool has_committee;
    const struct template *template;
    struct seal_plan_of_certificate plan;
};

void known_profile_free(struct known_profile *k)
{
    if (k == NULL)
        return;
    arena_dispose(&k->a);
    free(k);
}

static bool sits_without_committee(const struct job *j)
{
    return j->order.obtain_mode != NULL && strcmp(j->order.obtain_mode, "认定") == 0;
}

static bool is_known(const struct known_profile *k, const struct job *j)
{
    const char *wanted = j->request->template_name;

    return k != NULL && k->id[0] != '\0' && j->order.profile != NULL &&
           strcmp(k->id, j->order.profile) == 0 && k->now == j->now &&
           k->committee_asked == !sits_without_committee(j) &&
           strcmp(k->template_name, wanted != NULL ? wanted : "") == 0;
}

static void recall(struct job *j, const struct known_profile *k)
{
    j->profile = k->profile;
    j->issuer = k->issuer;
    j->committee = k->committee;
    j->has_committee = k->has_committee;
    j->template = k->template;
    j->plan = k->plan;
}

/* Looks everything up with the texts in the memory's own arena. */
static int learn(struct job *j, struct faults *faults, struct err *e)
{
    struct issuer *i = j->i;
    struct arena *own = j->a;
    const char *wanted = j->request->template_name;
    struct known_profile *k;
    int rc;

    if (i->known == NULL)
        i->known = calloc(1, sizeof *i->known);
    k = i->known;
    if (k == NULL)
        return err_no_memory(e);
    k->id[0] = '\0';
    arena_reset(&k->a);
    j->a = &k->a;
    rc = job_check_profile(j, faults, e);
    if (rc == 0 && j->profile.id != NULL)
        rc = job_find_parties(j, e) != 0 || job_plan_seals(j, e) != 0 ? -1 : 0;
    j->a = own;
    if (rc != 0 || j->profile.id == NULL || strlen(j->profile.id) >= sizeof k->id ||
        (wanted != NULL && strlen(wanted) >= sizeof k->template_name))
        return rc;
    k->profile = j->profile;
    k->issuer = j->issuer;
    k->committee = j->committee;
    k->has_committee = j->has_committee;
    k->template = j->template;
    k->plan = j->plan;
    k->now = j->now;
    k->committee_asked = !sits_without_committee(j);
    (void)snprintf(k->template_name, sizeof k->template_name, "%s", wanted != NULL ? wanted : "");
    (void)snprintf(k->id, sizeof k->id, "%s", j->profile.id);
    return 0;
}

static int find_profile(struct job *j, struct faults *faults, struct err *e)
{
    const char *organisation = j->request->organisation;

    if (is_known(j->i->known, j)) {
        recall(j, j->i->known);
        if (organisation == NULL || strcmp(organisation, j->profile.organisation) == 0)
            return 0;
        j->profile = (struct profile){.id = NULL};
    }
    return learn(j, faults, e);
}

/* A number that is as long as any that this order may get. */
static int foresee_number(char out[NUMBER_BYTES + 1], struct job *j, struct err *e)
{
    struct number_parts parts = job_number_parts(j);
    struct err too_long;
    uint64_t serial = 8; /* the digit is as wide as any */

    if (number_make(out, j->profile.number_pattern, &parts, serial, e) != 0)
        return -1;
    while (serial < UINT64_MAX / 100 &&
           number_make(out, j->profile.number_pattern, &parts, serial, &too_long) == 0)
        serial = serial * 10 + 8;
    return number_make(out, j->profile.number_pattern, &parts, serial / 10, e);
}

/* One that the order brings must be free, unless the entry has it already. */
static int choose_number(char out[NUMBER_BYTES + 1], struct job *j, struct err *e)
{
    bool taken;

    if (j->fixed_number != NULL) {
        (void)snprintf(out, NUMBER_BYTES + 1, "%s", j->fixed_number);
        return 0;
    }
    if (j->order.certificate_no == NULL)
        return foresee_number(out, j, e);
    (void)snprintf(out, NUMBER_BYTES + 1, "%s", j->order.certificate_no);
    if (store_number_taken(&taken, j->i->store, j->profile.issuer, out, e) != 0)
        return -1;
    if (!taken)
        return 0;
    err_set(e, ERR_CONFLICT, "This issuer has a certificate with this number already; check the number.",
            "该发证机关已有此编号的证书，请核对证书编号(历史)。");
    return err_field(e, "/certificate_no");
}

static int lay_out(struct job *j, struct err *e)
{
    char number[NUMBER_BYTES + 1];

    memset(j->row.id, '0', sizeof j->row.id - 1);
    memset(j->row.token, 'A', 22); /* as long as any token, so that the QR code is as large */
    if (choose_number(number, j, e) != 0 || job_make_record(j, number, e) != 0)
        return -1;
    return job_lay_out(j, e);
}

static int check_all(struct job *j, struct faults *faults, struct err *e)
{
    const struct issue_request *r = j->request;
    struct err why;

    if (r->claim != NULL)
        j->fixed_number = r->claim->number;
    if (r->photo.len > 0 && job_check_photo(j, r->photo, &why) != 0)
        faults_add(faults, &why);
    if (certificate_order_read(&j->order, r->order, j->a, faults, e) != 0 && faults->count == 0)
        return -1;
    if (j->order.profile != NULL && find_profile(j, faults, e) != 0)
        return -1;
    job_check_days(j, faults);
    if (faults_judge(faults, e) != 0)
        return -1;
    return lay_out(j, e);
}

int issue_check(struct issuer *i, const struct issue_request *r, struct faults *faults, struct err *e)
{
    struct signer *signer = i->signer;
    struct job j;
    int rc;

    job_begin(&j, i, 0, r->now);
    j.request = r;
    i->signer = NULL; /* which seals there will be, not whether they may be used today */
    rc = check_all(&j, faults, e);
    i->signer = signer;
    if (rc != 0 && faults->count == 0)
        faults_add(faults, e);
    job_end(&j);
    return rc;
}
