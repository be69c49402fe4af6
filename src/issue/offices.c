/* offices.c - whether certificates have room for the names of the offices that are to issue them: known when
 * an office is stored, and not at its first order. */
#include "issue/press.h"
#include <string.h>

static bool put_name(json_t *record, const char *role, const struct organisation *o)
{
    json_t *office = json_object_get(record, role);

    if (o == NULL)
        return json_object_del(record, role) == 0 || office == NULL;
    if (office == NULL) {
        office = json_object();
        if (json_object_set_new(record, role, office) != 0)
            return false;
    }
    return json_object_set_new(office, "name",
                               json_string(o->printed_name != NULL ? o->printed_name : o->name)) == 0;
}

int press_fits_offices(struct press *p, const struct template *t, const struct organisation *issuer,
                       const struct organisation *committee, struct err *e)
{
    static const char address[] = "https://specimen.invalid/v/sample";
    json_t *record = json_deep_copy(template_sample(t));
    struct print_order o = {.template = t, .record = record, .verify_url = address, .mark = MARK_SPECIMEN};
    struct arena a = ARENA_INIT;
    struct pages pages;
    int rc;

    if (record == NULL || !put_name(record, "issuer", issuer) || !put_name(record, "committee", committee))
        rc = err_no_memory(e);
    else
        rc = press_lay_out(&pages, p, &o, &a, e);
    json_decref(record);
    arena_dispose(&a);
    return rc;
}

static size_t find(const struct offices *all, const char *id)
{
    size_t i = 0;

    while (i < all->organisation_count && (id == NULL || strcmp(all->organisations[i].id, id) != 0))
        i++;
    return i;
}

/* The fault of a profile's specimen, at the office's name that is to blame. */
static void blame_office(struct faults *faults, const struct offices *all, size_t profile,
                         const struct err *why)
{
    const struct profile *p = &all->profiles[profile];
    bool committee = strcmp(why->field, "/committee/name") == 0;
    size_t office = find(all, committee ? p->committee : p->issuer);
    struct err at = *why;

    if (office == all->organisation_count)
        err_field(&at, "/profiles/%zu/template", profile);
    else
        err_field(&at, "/organisations/%zu/%s", office,
                  all->organisations[office].printed_name != NULL ? "printed_name" : "name");
    faults_add(faults, &at);
}

/* ERR_NOT_FOUND, or what is wrong in the template, or that certificates are not made from it. */
static int find_template(const struct template **out, const struct press *p, const char *name, struct err *e)
{
    if (press_template(out, p, name, e) != 0)
        return -1;
    if (press_makes_certificates(*out))
        return 0;
    return err_set(e, ERR_INVALID,
                   "Template \"%s\" is not for certificates; name one that is, such as \"certificate\".",
                   "模板 “%s” 不是证书模板，请改用 “certificate” 等证书模板。", name);
}

int offices_fit(struct press *p, const struct offices *all, struct faults *faults, struct err *e)
{
    for (size_t i = 0; i < all->profile_count; i++) {
        size_t issuer = find(all, all->profiles[i].issuer), committee = find(all, all->profiles[i].committee);
        const struct template *t;
        struct err why;

        if (issuer == all->organisation_count) /* said when the file was read */
            continue;
        if (find_template(&t, p, all->profiles[i].template_name, &why) != 0) {
            err_field(&why, "/profiles/%zu/template", i);
            faults_add(faults, &why);
        } else if (press_fits_offices(p, t, &all->organisations[issuer],
                                      committee < all->organisation_count ? &all->organisations[committee]
                                                                          : NULL,
                                      &why) != 0) {
            blame_office(faults, all, i, &why);
        }
    }
    return faults_judge(faults, e);
}
