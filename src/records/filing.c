#include "records/filing.h"
#include "records/choices.h"
#include "records/identity.h"
#include "records/office.h"
#include <string.h>

/* A member that is a text, and where it goes. */
struct member_place {
    struct member_rule rule;
    size_t at; /* of the const char * in the struct */
};

static void read_texts(void *out, const struct members *m, const struct member_place *places, size_t count)
{
    for (size_t i = 0; i < count; i++)
        *(const char **)(void *)((char *)out + places[i].at) = member_text(m, &places[i].rule);
}

static void fault(const struct members *m, const char *name, const char *en, const char *zh)
{
    struct err e;

    err_set(&e, ERR_INVALID, "%s", "%s", en);
    (void)snprintf(e.zh, sizeof e.zh, "%s", zh);
    member_fault(m, name, &e);
}

#define AT(member) offsetof(struct filing_order, member)

static const struct member_place filing_places[] = {
    {{"name", MEMBER_TEXT, 100, true, NULL}, AT(name)},
    {{"approval_no", MEMBER_TEXT, 60, true, NULL}, AT(approval_no)},
    {{"type", MEMBER_CHOICE, 0, true, choices_filing_types}, AT(type)},
    {{"profile", MEMBER_CODE, OFFICE_ID_MAX, false, NULL}, AT(profile)},
    {{"issuer", MEMBER_TEXT, 100, false, NULL}, AT(issuer)},
    {{"committee", MEMBER_TEXT, 100, false, NULL}, AT(committee)},
    {{"organiser", MEMBER_TEXT, 100, false, NULL}, AT(organiser)},
    {{"issue_date", MEMBER_DATE, 0, false, NULL}, AT(issue_date)},
};
#undef AT

int filing_order_read(struct filing_order *out, const json_t *json, struct arena *a, struct faults *faults,
                      struct err *e)
{
    static const char *const names[] = {"name",   "approval_no", "year",      "type",       "profile",
                                        "issuer", "committee",   "organiser", "issue_date", NULL};
    struct members m = {json, "", a, faults};

    *out = (struct filing_order){0};
    if (!members_only(&m, names))
        return faults_judge(faults, e);
    read_texts(out, &m, filing_places, sizeof filing_places / sizeof filing_places[0]);
    out->year = member_int(&m, "year", 1949, 2999);
    if (out->profile == NULL && out->issuer == NULL)
        fault(&m, "profile", "Either profile, or issuer (and committee, where there is one), is required.",
              "须填写 profile，或填写 issuer（发证机关）及 committee（评委会，如有）。");
    return faults_judge(faults, e);
}

#define AT(member) offsetof(struct person_order, member)

static const struct member_place person_places[] = {
    {{"name", MEMBER_PERSON, 50, true, NULL}, AT(name)},
    {{"id_type", MEMBER_CHOICE, 0, true, choices_id_types}, AT(id_type)},
    {{"id_number", MEMBER_TEXT, 32, true, NULL}, AT(id_number)},
    {{"gender", MEMBER_CHOICE, 0, true, choices_genders}, AT(gender)},
    {{"birth_date", MEMBER_DATE, 0, true, NULL}, AT(birth_date)},
    {{"mobile", MEMBER_TEXT, 20, false, NULL}, AT(mobile)},
    {{"photo_id", MEMBER_CODE, 64, false, NULL}, AT(photo_id)},
    {{"organisation", MEMBER_TEXT, 100, false, NULL}, AT(organisation)},
};
#undef AT

int person_order_read(struct person_order *out, const json_t *json, struct arena *a, struct faults *faults,
                      struct err *e)
{
    static const char *const names[] = {"name",   "id_type",  "id_number",    "gender", "birth_date",
                                        "mobile", "photo_id", "organisation", NULL};
    struct members m = {json, "", a, faults};

    *out = (struct person_order){0};
    if (!members_only(&m, names))
        return faults_judge(faults, e);
    read_texts(out, &m, person_places, sizeof person_places / sizeof person_places[0]);
    identity_check(&m, out->id_type, out->id_number, out->birth_date, out->gender);
    return faults_judge(faults, e);
}
