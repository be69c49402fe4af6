#include "records/order.h"
#include "records/choices.h"
#include "records/identity.h"
#include "records/number.h"
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(struct certificate_order, member)

static const struct {
    struct member_rule rule;
    size_t at; /* of the const char * in struct certificate_order */
} texts[] = {
    {{"profile", MEMBER_CODE, OFFICE_ID_MAX, true, NULL}, AT(profile)},
    {{"biz_no", MEMBER_TEXT, 64, true, NULL}, AT(biz_no)},
    {{"name", MEMBER_PERSON, 50, true, NULL}, AT(name)},
    {{"gender", MEMBER_CHOICE, 0, true, choices_genders}, AT(gender)},
    {{"birth_date", MEMBER_DATE, 0, true, NULL}, AT(birth_date)},
    {{"id_type", MEMBER_CHOICE, 0, true, choices_id_types}, AT(id_type)},
    {{"id_number", MEMBER_TEXT, 32, true, NULL}, AT(id_number)},
    {{"mobile", MEMBER_TEXT, 20, false, NULL}, AT(mobile)},
    {{"email", MEMBER_TEXT, 100, false, NULL}, AT(email)},
    {{"specialty", MEMBER_TEXT, 60, true, NULL}, AT(specialty)},
    {{"title", MEMBER_TEXT, 60, true, NULL}, AT(title)},
    {{"level", MEMBER_CHOICE, 0, true, choices_levels}, AT(level)},
    {{"obtain_mode", MEMBER_CHOICE, 0, false, choices_modes}, AT(obtain_mode)},
    {{"nature", MEMBER_CHOICE, 0, false, choices_natures}, AT(nature)},
    {{"obtained_date", MEMBER_DATE, 0, false, NULL}, AT(obtained_date)},
    {{"approval_no", MEMBER_TEXT, 60, true, NULL}, AT(approval_no)},
    {{"issue_date", MEMBER_DATE, 0, true, NULL}, AT(issue_date)},
    {{"employer", MEMBER_TEXT, 100, false, NULL}, AT(employer)},
    {{"region", MEMBER_CODE, 6, false, NULL}, AT(region)},
    {{"original_no", MEMBER_TEXT, 64, false, NULL}, AT(original_no)},
    {{"reissue_date", MEMBER_DATE, 0, false, NULL}, AT(reissue_date)},
    {{"certificate_no", MEMBER_TEXT, NUMBER_MAX, false, NULL}, AT(certificate_no)},
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

static const char **text_at(struct certificate_order *o, size_t i)
{
    return (const char **)(void *)((char *)o + texts[i].at);
}

static const char *text_of(const struct certificate_order *o, size_t i)
{
    return *(const char *const *)(const void *)((const char *)o + texts[i].at);
}

static void fault(const struct members *m, const char *name, const char *en, const char *zh)
{
    struct err e;

    err_set(&e, ERR_INVALID, "%s", "%s", en);
    (void)snprintf(e.zh, sizeof e.zh, "%s", zh);
    member_fault(m, name, &e);
}

static bool before(const char *day, const char *other)
{
    return day != NULL && other != NULL && strcmp(day, other) < 0; /* YYYY-MM-DD sorts as text */
}

static bool given(const struct members *m, const char *name)
{
    const json_t *value = json_object_get(m->object, name);

    return value != NULL && !json_is_null(value) && (!json_is_string(value) || json_string_length(value) > 0);
}

static void check_dates(const struct certificate_order *o, const struct members *m)
{
    if (before(o->issue_date, o->birth_date))
        fault(m, "issue_date", "The certificate would be issued before the person was born.",
              "发证日期早于出生日期。");
    if (before(o->obtained_date, o->birth_date))
        fault(m, "obtained_date", "The title would be obtained before the person was born.",
              "取得资格时间早于出生日期。");
    if (before(o->issue_date, o->obtained_date))
        member_note(m, "obtained_date", "The title is obtained after the day of issue; is that right?",
                    "取得资格时间晚于发证日期，请核对。");
    if (given(m, "original_no") != given(m, "reissue_date"))
        fault(m, !given(m, "original_no") ? "original_no" : "reissue_date",
              "A replacement needs both original_no and reissue_date.",
              "补换证须同时给出 original_no（原证书编号）和 reissue_date（补换发日期）。");
    if (given(m, "original_no") && !given(m, "obtained_date"))
        fault(m, "obtained_date", "A replacement needs the day on which the title was obtained.",
              "补换证必须填写取得资格时间。");
    if (before(o->reissue_date, o->issue_date))
        fault(m, "reissue_date", "The replacement is dated before the original's day of issue.",
              "补换发日期早于原发证日期。");
}

static void read_series(struct certificate_order *o, const struct members *m)
{
    static const char *const names[] = {"code", "name", NULL};
    static const struct member_rule code = {"code", MEMBER_CODE, 8, true, NULL},
                                    name = {"name", MEMBER_TEXT, 60, true, NULL};
    struct members inner = {json_object_get(m->object, "series"), "/series", m->a, m->faults};

    if (!members_only(&inner, names))
        return;
    o->series_code = member_text(&inner, &code);
    o->series_name = member_text(&inner, &name);
}

/* false without memory. */
static bool put_text(json_t *object, const char *name, const char *text)
{
    return text == NULL || json_object_set_new(object, name, json_string(text)) == 0;
}

static int make_canonical(struct certificate_order *o, struct arena *a, struct err *e)
{
    json_t *all = json_object(), *series = json_object();
    char *text = NULL;
    bool fine = all != NULL && series != NULL;

    for (size_t i = 0; i < TEXTS; i++)
        fine = fine && put_text(all, texts[i].rule.name, text_of(o, i));
    fine = fine && put_text(series, "code", o->series_code) && put_text(series, "name", o->series_name) &&
           json_object_set(all, "series", series) == 0 &&
           json_object_set_new(all, "year", json_integer(o->year)) == 0 &&
           (text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS)) != NULL &&
           (o->canonical = arena_text(a, text)) != NULL;
    free(text);
    json_decref(series);
    json_decref(all);
    return fine ? 0 : err_no_memory(e);
}

int certificate_order_read(struct certificate_order *out, const json_t *json, struct arena *a,
                           struct faults *faults, struct err *e)
{
    const char *names[TEXTS + 3];
    struct members m = {json, "", a, faults};

    *out = (struct certificate_order){0};
    for (size_t i = 0; i < TEXTS; i++)
        names[i] = texts[i].rule.name;
    names[TEXTS] = "series";
    names[TEXTS + 1] = "year";
    names[TEXTS + 2] = NULL;
    if (!members_only(&m, names))
        return faults_judge(faults, e);
    for (size_t i = 0; i < TEXTS; i++)
        *text_at(out, i) = member_text(&m, &texts[i].rule);
    read_series(out, &m);
    out->year = member_int(&m, "year", 1949, 2999);
    identity_check(&m, out->id_type, out->id_number, out->birth_date, out->gender);
    check_dates(out, &m);
    if (faults_judge(faults, e) != 0)
        return -1;
    return make_canonical(out, a, e);
}

static bool put_office(json_t *record, const char *role, const struct organisation *office)
{
    json_t *object;

    if (office == NULL)
        return true;
    object = json_object();
    return object != NULL && json_object_set_new(record, role, object) == 0 &&
           put_text(object, "id", office->id) &&
           put_text(object, "name", office->printed_name != NULL ? office->printed_name : office->name);
}

json_t *certificate_record(const struct certificate_order *o, const struct certificate_facts *facts)
{
    const struct {
        const char *name, *text;
    } members[] = {{"certificate_no", facts->number},
                   {"name", o->name},
                   {"gender", o->gender},
                   {"birth_date", o->birth_date},
                   {"id_type", o->id_type},
                   {"id_number", o->id_number},
                   {"series", o->series_name},
                   {"specialty", o->specialty},
                   {"title", o->title},
                   {"level", o->level},
                   {"obtain_mode", o->obtain_mode},
                   {"obtained_date", o->obtained_date},
                   {"approval_no", o->approval_no},
                   {"employer", o->employer},
                   {"issue_date", o->issue_date},
                   {"license_id", facts->license_id},
                   {"original_no", o->original_no},
                   {"reissue_date", o->reissue_date},
                   {"nature", o->nature},
                   {"host", facts->host}};
    json_t *record = json_object();
    bool fine = record != NULL && json_object_set_new(record, "year", json_integer(o->year)) == 0 &&
                put_office(record, "issuer", facts->issuer) &&
                put_office(record, "committee", facts->committee);

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        fine = fine && put_text(record, members[i].name, members[i].text);
    if (fine)
        return record;
    json_decref(record);
    return NULL;
}
