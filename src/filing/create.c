/* create.c - a filing is made, changed while it may be, and found by whoever may see it. */
#include "filing/filing_internal.h"
#include <string.h>

enum { NAMED_MAX = 8 }; /* profiles of one issuer that a fault names */

static void add_fault(struct faults *faults, const char *field, struct err *why)
{
    err_field(why, "%s", field);
    faults_add(faults, why);
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* An office by its id or its full name; *out NULL where there is none. */
static int find_office(const struct organisation **out, struct store *s, const char *word, struct arena *a,
                       struct err *e)
{
    struct organisation *list;
    size_t count;

    *out = NULL;
    if (store_list_organisations(&list, &count, s, a, e) != 0)
        return -1;
    for (size_t i = 0; i < count && *out == NULL; i++) {
        if (same(list[i].id, word))
            *out = &list[i];
    }
    for (size_t i = 0; i < count && *out == NULL; i++) {
        if (same(list[i].name, word))
            *out = &list[i];
    }
    return 0;
}

/* Whether this organiser may file under the profile: its own, or one that the issuing authority keeps for
 * whoever files with it. */
static bool may_use(const struct profile *p, const char *organiser)
{
    return organiser == NULL || same(p->organisation, organiser) || same(p->organisation, p->issuer);
}

static void no_office(struct faults *faults, const char *field, const char *word)
{
    struct err why;

    err_set(&why, ERR_INVALID, "There is no organisation \"%s\"; give its id or full name.",
            "没有名为“%s”的单位，请填写单位标识或全称。", word);
    add_fault(faults, field, &why);
}

static void many_profiles(struct faults *faults, const struct profile *const *found, size_t count,
                          struct arena *a)
{
    const char *names = "";
    struct err why;

    for (size_t i = 0; i < count && i < NAMED_MAX && names != NULL; i++)
        names = arena_printf(a, "%s%s%s", names, i == 0 ? "" : ", ", found[i]->id);
    err_set(
        &why, ERR_INVALID, "These offices have several issuing profiles; say which one as \"profile\": %s.",
        "该发证机关和评审委员会有多个发证配置，请用 profile 指定其中一个：%s。", names == NULL ? "" : names);
    add_fault(faults, "/profile", &why);
}

/* Its own profiles come before those that an authority keeps for everybody. */
static size_t own_first(const struct profile **found, size_t count, const char *organiser)
{
    size_t own = 0;

    for (size_t i = 0; i < count; i++) {
        if (same(found[i]->organisation, organiser))
            found[own++] = found[i];
    }
    return own > 0 ? own : count;
}

static void judge_matches(struct profile *out, const struct profile *const *found, size_t count,
                          const char *issuer, struct faults *faults, struct arena *a)
{
    struct err why;

    if (count == 1) {
        *out = *found[0];
    } else if (count > 1) {
        many_profiles(faults, found, count, a);
    } else {
        err_set(&why, ERR_INVALID,
                "\"%s\" has no issuing profile for this; the operator makes one with POST /v1/profiles.",
                "“%s”没有适用的发证配置，请由运维人员添加发证配置。", issuer);
        add_fault(faults, "/issuer", &why);
    }
}

static int profile_by_offices(struct profile *out, struct store *s, const struct filing_order *o,
                              const char *organiser, struct faults *faults, struct arena *a, struct err *e)
{
    const struct profile *found[OFFICES_MAX];
    const struct organisation *issuer, *committee = NULL;
    struct profile *list;
    size_t count, matches = 0;

    if (find_office(&issuer, s, o->issuer, a, e) != 0 ||
        (o->committee != NULL && find_office(&committee, s, o->committee, a, e) != 0) ||
        store_list_profiles(&list, &count, s, NULL, a, e) != 0)
        return -1;
    if (issuer == NULL)
        no_office(faults, "/issuer", o->issuer);
    if (o->committee != NULL && committee == NULL)
        no_office(faults, "/committee", o->committee);
    if (issuer == NULL || (o->committee != NULL && committee == NULL))
        return 0;
    for (size_t i = 0; i < count && matches < OFFICES_MAX; i++) {
        if (same(list[i].issuer, issuer->id) && may_use(&list[i], organiser) &&
            (committee == NULL || same(list[i].committee, committee->id)))
            found[matches++] = &list[i];
    }
    matches = own_first(found, matches, organiser);
    judge_matches(out, found, matches, issuer->name, faults, a);
    return 0;
}

/* out->id stays NULL where there is a fault. */
static int find_profile(struct profile *out, struct store *s, const struct filing_order *o,
                        const char *organiser, struct faults *faults, struct arena *a, struct err *e)
{
    struct err why;

    *out = (struct profile){.id = NULL};
    if (o->profile == NULL && o->issuer == NULL)
        return 0; /* said when the order was read */
    if (o->profile == NULL)
        return profile_by_offices(out, s, o, organiser, faults, a, e);
    if (store_profile(out, s, o->profile, a, e) == 0) {
        if (may_use(out, organiser))
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    *out = (struct profile){.id = NULL};
    err_set(&why, ERR_INVALID, "There is no issuing profile \"%s\".", "没有发证配置“%s”。", o->profile);
    add_fault(faults, "/profile", &why);
    return 0;
}

/* Who organises: the actor; for an actor of all organisations whom the order names. *out may be NULL. */
static int find_organiser(const char **out, struct store *s, const struct filing_order *o,
                          const struct filing_actor *who, struct faults *faults, struct arena *a,
                          struct err *e)
{
    const struct organisation *named;
    struct err why;

    *out = who->organisation;
    if (o->organiser == NULL)
        return 0;
    if (find_office(&named, s, o->organiser, a, e) != 0)
        return -1;
    if (named == NULL) {
        no_office(faults, "/organiser", o->organiser);
    } else if (who->organisation != NULL && !same(named->id, who->organisation)) {
        err_set(&why, ERR_INVALID, "The key is another organisation's than \"%s\"; leave the organiser out.",
                "该密钥不属于“%s”，请不要填写组建单位。", named->name);
        add_fault(faults, "/organiser", &why);
    } else {
        *out = named->id;
    }
    return 0;
}

static void check_two(const char *organiser, const struct profile *p, struct faults *faults)
{
    struct err why;

    if (organiser != NULL && !same(organiser, p->issuer))
        return;
    if (organiser == NULL)
        err_set(&why, ERR_INVALID, "Say which organisation files this, as \"organiser\".",
                "请用 organiser 指明组建单位。");
    else
        err_set(&why, ERR_INVALID,
                "The issuing authority (%s) cannot file with itself: the same office would submit and pass. "
                "The organiser must be another organisation.",
                "组建单位与发证机关不能是同一单位（%s），否则提交和审核由同一单位完成。", organiser);
    add_fault(faults, "/organiser", &why);
}

static void fill(struct filing_row *f, const struct filing_order *o, const struct profile *p)
{
    f->profile = p->id;
    f->issuer = p->issuer;
    f->committee = p->committee;
    f->name = o->name;
    f->approval_no = o->approval_no;
    f->type = o->type;
    f->year = o->year;
    f->issue_date = o->issue_date;
}

/* Everything about the order that the store knows; f is filled where nothing is at fault. */
static int resolve(struct filing_row *f, struct store *s, const struct filing_order *o, const char *organiser,
                   const struct filing_actor *who, struct faults *faults, struct arena *a, struct err *e)
{
    struct profile p;

    if (organiser == NULL && find_organiser(&organiser, s, o, who, faults, a, e) != 0)
        return -1;
    if (find_profile(&p, s, o, organiser, faults, a, e) != 0)
        return -1;
    if (organiser == NULL && p.id != NULL && !same(p.organisation, p.issuer))
        organiser = p.organisation;
    if (p.id != NULL && faults->count == 0)
        check_two(organiser, &p, faults);
    if (faults_judge(faults, e) != 0)
        return -1;
    if (p.id == NULL)
        return err_set(e, ERR_INVALID, "The filing names neither a profile nor an issuing authority.",
                       "备案没有指明发证配置或发证机关。");
    f->organisation = organiser;
    fill(f, o, &p);
    return 0;
}

static int add_event(struct store *s, const char *filing, const char *event, const struct filing_actor *who,
                     struct err *e)
{
    struct filing_event ev = {.moment = who->now, .filing = filing, .event = event, .actor = who->id};

    return store_add_filing_event(s, &ev, e);
}

int filing_plan(struct filing_row *out, struct store *s, const struct filing_order *o,
                const struct filing_actor *who, struct faults *faults, struct arena *a, struct err *e)
{
    *out = (struct filing_row){.status = FILING_EDITING, .created = who->now, .changed = who->now};
    return resolve(out, s, o, NULL, who, faults, a, e);
}

int filing_create(struct filing_row *out, struct store *s, const struct filing_order *o,
                  const struct filing_actor *who, struct faults *faults, struct arena *a, struct err *e)
{
    struct filing_row f;

    if (filing_plan(&f, s, o, who, faults, a, e) != 0 || store_begin(s, e) != 0)
        return -1;
    if (store_add_filing(s, &f, e) != 0 || add_event(s, f.id, "created", who, e) != 0 ||
        store_commit(s, e) != 0) {
        store_rollback(s);
        return -1;
    }
    return store_filing(out, s, f.id, a, e);
}

int filing_closed(struct err *e, const struct filing_rights *rights)
{
    return err_set(e, ERR_CONFLICT, "The filing cannot be changed now. %s%.0s", "现在不能修改备案。%.0s%s",
                   rights->why_en != NULL ? rights->why_en : "",
                   rights->why_zh != NULL ? rights->why_zh : "");
}

int filing_change(struct filing_row *out, struct store *s, const char *id, const struct filing_order *o,
                  const struct filing_actor *who, struct faults *faults, struct arena *a, struct err *e)
{
    struct filing_rights rights;
    const char *organiser;
    struct filing_row f;
    struct err why;

    if (filing_find(&f, s, id, who, a, e) != 0)
        return -1;
    filing_rights(&rights, &f, who);
    if (!rights.edit)
        return filing_closed(e, &rights);
    f.changed = who->now;
    if (find_organiser(&organiser, s, o, who, faults, a, e) != 0)
        return -1;
    if (organiser != NULL && !same(organiser, f.organisation)) {
        err_set(&why, ERR_INVALID,
                "The organiser of a filing stays the same (%s); make another filing for another organiser.",
                "备案的组建单位（%s）不能更改，其他组建单位请另建备案。", f.organisation);
        add_fault(faults, "/organiser", &why);
    }
    if (resolve(&f, s, o, f.organisation, who, faults, a, e) != 0 || store_begin(s, e) != 0)
        return -1;
    if (store_change_filing(s, &f, e) != 0 || add_event(s, f.id, "changed", who, e) != 0 ||
        store_commit(s, e) != 0) {
        store_rollback(s);
        return -1;
    }
    return store_filing(out, s, id, a, e);
}

static bool sees(const struct filing_row *f, const struct filing_actor *who)
{
    if (who->organisation == NULL || same(who->organisation, f->organisation))
        return true;
    /* an unfinished paper is nobody's but its writer's */
    return same(who->organisation, f->issuer) && f->status != FILING_EDITING;
}

int filing_find(struct filing_row *out, struct store *s, const char *id, const struct filing_actor *who,
                struct arena *a, struct err *e)
{
    if (store_filing(out, s, id, a, e) == 0) {
        if (sees(out, who))
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    return err_set(e, ERR_NOT_FOUND, "There is no filing with this id.", "没有该标识的备案。");
}
