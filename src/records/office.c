#include "records/office.h"
#include "records/checksum.h"
#include "records/members.h"
#include "records/number.h"
#include <string.h>

static const char *const algorithms[] = {"rsa-2048", "rsa-3072", "p-256", NULL};

static const struct member_rule office_id = {"id", MEMBER_CODE, OFFICE_ID_MAX, true, NULL};

static void fault(const struct members *m, const char *name, const char *en, const char *zh)
{
    struct err e;

    err_set(&e, ERR_INVALID, "%s", "%s", en);
    (void)snprintf(e.zh, sizeof e.zh, "%s", zh);
    member_fault(m, name, &e);
}

static void read_seal_plan(struct organisation *o, const struct members *m)
{
    static const char *const names[] = {"line", "diameter_mm", "algorithm", NULL};
    static const struct member_rule line = {"line", MEMBER_TEXT, 12, false, NULL},
                                    algorithm = {"algorithm", MEMBER_CHOICE, 0, true, algorithms};
    struct members inner = {json_object_get(m->object, "draw_seal"),
                            arena_printf(m->a, "%s/draw_seal", m->path), m->a, m->faults};
    struct seal_plan *plan;

    if (inner.object == NULL)
        return;
    plan = arena_alloc(m->a, sizeof *plan);
    if (plan == NULL || inner.path == NULL || !members_only(&inner, names))
        return;
    plan->line = member_text(&inner, &line);
    plan->algorithm = member_text(&inner, &algorithm);
    plan->diameter = json_number_value(json_object_get(inner.object, "diameter_mm"));
    if (!(plan->diameter >= 30 && plan->diameter <= 50))
        fault(&inner, "diameter_mm", "The diameter must be 30 to 50 mm.", "直径应为 30 至 50 毫米。");
    o->seal_plan = plan;
}

/* Whether printed is name with "|" put in here and there. */
static bool same_name(const char *printed, const char *name)
{
    for (; *printed != '\0'; printed++) {
        if (*printed != '|' && *printed != *name++)
            return false;
    }
    return *name == '\0';
}

/* may_draw: draw_seal is a member, too. */
static void read_organisation(struct organisation *o, const struct members *m, bool may_draw)
{
    const char *const names[] = {
        "id", "name", "printed_name", "uscc", "seal_id", may_draw ? "draw_seal" : NULL, NULL};
    static const struct member_rule name = {"name", MEMBER_TEXT, 100, true, NULL},
                                    printed = {"printed_name", MEMBER_TEXT, 104, false, NULL},
                                    uscc = {"uscc", MEMBER_CODE, 18, false, NULL},
                                    seal = {"seal_id", MEMBER_CODE, 32, false, NULL};

    if (!members_only(m, names))
        return;
    o->id = member_text(m, &office_id);
    o->name = member_text(m, &name);
    o->printed_name = member_text(m, &printed);
    o->uscc = member_text(m, &uscc);
    o->seal_id = member_text(m, &seal);
    if (o->name != NULL && o->printed_name != NULL && !same_name(o->printed_name, o->name))
        fault(m, "printed_name", "This must be the name, with | where a line may break, and nothing else.",
              "此处应与单位全称相同，仅用 | 标出可换行处。");
    if (o->uscc != NULL && !uscc_valid(o->uscc))
        fault(m, "uscc", "The check character of the unified social credit code is wrong (GB 32100-2015).",
              "统一社会信用代码校验位错误（GB 32100-2015）。");
    if (o->seal_id != NULL && (strlen(o->seal_id) != 32 || strspn(o->seal_id, "0123456789abcdef") != 32))
        fault(m, "seal_id", "A seal's id is 32 hexadecimal digits; \"sealpress seal list\" shows them.",
              "印章标识是 32 位十六进制数，可用 “sealpress seal list” 查看。");
    if (may_draw)
        read_seal_plan(o, m);
    if (o->seal_plan != NULL && o->seal_id != NULL)
        fault(m, "draw_seal", "Give either seal_id or draw_seal.", "seal_id 与 draw_seal 只能二选一。");
}

static const struct organisation *find(const struct offices *all, const char *id)
{
    for (size_t i = 0; i < all->organisation_count; i++) {
        if (all->organisations[i].id != NULL && strcmp(all->organisations[i].id, id) == 0)
            return &all->organisations[i];
    }
    return NULL;
}

static const char *read_office_of(const struct offices *all, const struct members *m, const char *name,
                                  bool required)
{
    struct member_rule rule = {name, MEMBER_CODE, OFFICE_ID_MAX, required, NULL};
    const char *id = member_text(m, &rule);

    if (id != NULL && find(all, id) == NULL)
        fault(m, name, "There is no organisation with this id.", "没有此标识的单位。");
    return id;
}

static void check_numbers(struct profile *p, const struct members *m, const struct offices *all)
{
    const struct organisation *issuer = p->issuer == NULL ? NULL : find(all, p->issuer);
    char id[LICENSE_ID_MAX + 1];
    struct err e;

    if (p->number_pattern != NULL && number_pattern_check(p->number_pattern, &e) != 0)
        member_fault(m, "number_pattern", &e);
    if (p->province != NULL && (strlen(p->province) != 2 || strspn(p->province, "0123456789") != 2))
        fault(m, "province", "The province is two digits (GB/T 2260), for instance 34.",
              "省级代码为两位数字（GB/T 2260），例如 34。");
    if (p->license_type == NULL)
        return;
    if (issuer == NULL || issuer->uscc == NULL)
        fault(m, "license_type", "A licence identifier needs the issuer's unified social credit code.",
              "生成电子证照标识需要发证机关的统一社会信用代码。");
    else if (license_id_make(id, p->license_type, issuer->uscc, "0", 1, &e) != 0)
        member_fault(m, "license_type", &e);
}

static void read_profile(struct profile *p, const struct members *m, const struct offices *all)
{
    static const char *const names[] = {"id",        "name",     "organisation",   "issuer",
                                        "committee", "template", "number_pattern", "reissue_prefix",
                                        "province",  "region",   "license_type",   NULL};
    static const struct member_rule name = {"name", MEMBER_TEXT, 100, true, NULL},
                                    template = {"template", MEMBER_CODE, 63, true, NULL},
                                    pattern = {"number_pattern", MEMBER_TEXT, 120, true, NULL},
                                    prefix = {"reissue_prefix", MEMBER_CODE, 8, false, NULL},
                                    province = {"province", MEMBER_CODE, 2, true, NULL},
                                    region = {"region", MEMBER_CODE, 6, false, NULL},
                                    license = {"license_type", MEMBER_CODE, 32, false, NULL};

    if (!members_only(m, names))
        return;
    p->id = member_text(m, &office_id);
    p->name = member_text(m, &name);
    p->organisation = read_office_of(all, m, "organisation", true);
    p->issuer = read_office_of(all, m, "issuer", true);
    p->committee = read_office_of(all, m, "committee", false);
    p->template_name = member_text(m, &template);
    p->number_pattern = member_text(m, &pattern);
    p->reissue_prefix = member_text(m, &prefix);
    p->province = member_text(m, &province);
    p->region = member_text(m, &region);
    p->license_type = member_text(m, &license);
    if (p->reissue_prefix == NULL)
        p->reissue_prefix = "YB";
    if (p->region == NULL)
        p->region = "00";
    check_numbers(p, m, all);
}

/* The elements of an array member; 0 and a fault where it is none or too long. */
static size_t array_size(const json_t *json, const char *name, struct faults *faults)
{
    const json_t *list = json_object_get(json, name);
    struct members whole = {json, "", NULL, faults};

    if (list == NULL)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > OFFICES_MAX) {
        fault(&whole, name, "This must be a list of at most 256.", "此处应为最多 256 项的列表。");
        return 0;
    }
    return json_array_size(list);
}

static void check_twice(const struct offices *o, struct faults *faults)
{
    struct members whole = {NULL, "", NULL, faults};

    for (size_t i = 0; i < o->organisation_count; i++) {
        const char *id = o->organisations[i].id;

        if (id != NULL && find(o, id) != &o->organisations[i])
            fault(&whole, "organisations", "Two organisations have the same id.", "有两个单位的标识相同。");
    }
    for (size_t i = 0; i < o->profile_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (o->profiles[i].id != NULL && o->profiles[k].id != NULL &&
                strcmp(o->profiles[i].id, o->profiles[k].id) == 0)
                fault(&whole, "profiles", "Two profiles have the same id.", "有两个发证配置的标识相同。");
        }
    }
}

int offices_read(struct offices *out, const json_t *json, struct arena *a, struct faults *faults,
                 struct err *e)
{
    static const char *const names[] = {"organisations", "profiles", NULL};
    struct members whole = {json, "", a, faults};
    struct organisation *organisations;
    struct profile *profiles;

    *out = (struct offices){NULL, 0, NULL, 0};
    if (!members_only(&whole, names))
        return faults_judge(faults, e);
    out->organisation_count = array_size(json, "organisations", faults);
    out->profile_count = array_size(json, "profiles", faults);
    organisations = arena_array(a, out->organisation_count + 1, sizeof *organisations);
    profiles = arena_array(a, out->profile_count + 1, sizeof *profiles);
    if (organisations == NULL || profiles == NULL)
        return err_no_memory(e);
    out->organisations = organisations;
    out->profiles = profiles;
    for (size_t i = 0; i < out->organisation_count; i++) {
        struct members m = {json_array_get(json_object_get(json, "organisations"), i),
                            arena_printf(a, "/organisations/%zu", i), a, faults};

        read_organisation(&organisations[i], &m, true);
    }
    for (size_t i = 0; i < out->profile_count; i++) {
        struct members m = {json_array_get(json_object_get(json, "profiles"), i),
                            arena_printf(a, "/profiles/%zu", i), a, faults};

        read_profile(&profiles[i], &m, out);
    }
    check_twice(out, faults);
    return faults_judge(faults, e);
}

int organisation_read(struct organisation *out, const json_t *json, struct arena *a, struct faults *faults,
                      struct err *e)
{
    struct members whole = {json, "", a, faults};

    *out = (struct organisation){0};
    read_organisation(out, &whole, false);
    return faults_judge(faults, e);
}

int profile_read(struct profile *out, const json_t *json, const struct offices *known, struct arena *a,
                 struct faults *faults, struct err *e)
{
    struct members whole = {json, "", a, faults};

    *out = (struct profile){0};
    read_profile(out, &whole, known);
    return faults_judge(faults, e);
}
