#include "records/entry.h"
#include <string.h>

#define AT(member) offsetof(struct entry, member)

static const struct {
    const char *name;
    size_t at;    /* of the const char * in struct entry */
    bool ordered; /* a member of the certificate's order, too */
} texts[] = {
    {"name", AT(name), true},
    {"id_type", AT(id_type), true},
    {"id_number", AT(id_number), true},
    {"gender", AT(gender), true},
    {"birth_date", AT(birth_date), true},
    {"mobile", AT(mobile), true},
    {"employer", AT(employer), true},
    {"uscc", AT(uscc), false},
    {"specialty", AT(specialty), true},
    {"title", AT(title), true},
    {"level", AT(level), true},
    {"obtain_mode", AT(obtain_mode), true},
    {"obtained_date", AT(obtained_date), true},
    {"nature", AT(nature), true},
    {"certificate_no", AT(certificate_no), true},
    {"note", AT(note), false},
};
enum { TEXTS = sizeof texts / sizeof texts[0] };

static const char *text_of(const struct entry *entry, size_t i)
{
    return *(const char *const *)(const void *)((const char *)entry + texts[i].at);
}

/* false without memory. */
static bool put(json_t *object, const char *name, const char *text)
{
    return text == NULL || json_object_set_new(object, name, json_string(text)) == 0;
}

static bool put_texts(json_t *object, const struct entry *entry, bool ordered_only)
{
    json_t *series = json_object();
    bool fine = series != NULL && put(series, "code", entry->series_code) &&
                put(series, "name", entry->series_name) && json_object_set(object, "series", series) == 0;

    for (size_t i = 0; fine && i < TEXTS; i++)
        fine = (ordered_only && !texts[i].ordered) || put(object, texts[i].name, text_of(entry, i));
    json_decref(series);
    return fine;
}

json_t *entry_json(const struct entry *entry)
{
    json_t *object = json_object();

    if (object != NULL && json_object_set_new(object, "serial", json_integer(entry->serial)) == 0 &&
        put_texts(object, entry, false))
        return object;
    json_decref(object);
    return NULL;
}

static int damaged(struct err *e, const char *member)
{
    err_set(e, ERR_INTERNAL, "An entry is not stored as this program stores it.",
            "名单条目的存储内容不符合格式。");
    return err_detail(e, "entry JSON: %s", member);
}

/* false without memory. */
static bool take(const char **out, const json_t *object, const char *name, struct arena *a)
{
    const char *text = json_string_value(json_object_get(object, name));

    *out = text == NULL ? NULL : arena_text(a, text);
    return text == NULL || *out != NULL;
}

int entry_from_json(struct entry *out, const json_t *json, struct arena *a, struct err *e)
{
    const json_t *series = json_object_get(json, "series"), *serial = json_object_get(json, "serial");

    *out = (struct entry){0};
    if (!json_is_object(json) || !json_is_integer(serial) || json_integer_value(serial) < 0 ||
        json_integer_value(serial) > 9999999)
        return damaged(e, "serial");
    if (!json_is_object(series))
        return damaged(e, "series");
    out->serial = (unsigned)json_integer_value(serial);
    for (size_t i = 0; i < TEXTS; i++) {
        if (!take((const char **)(void *)((char *)out + texts[i].at), json, texts[i].name, a))
            return err_no_memory(e);
    }
    if (!take(&out->series_code, series, "code", a) || !take(&out->series_name, series, "name", a))
        return err_no_memory(e);
    if (out->name == NULL || out->id_number == NULL || out->series_code == NULL)
        return damaged(e, "name, id_number or series");
    return 0;
}

json_t *entry_order(const struct entry *entry, const struct entry_filing *filing)
{
    json_t *order = json_object();

    if (order != NULL && put_texts(order, entry, true) && put(order, "profile", filing->profile) &&
        put(order, "biz_no", filing->biz_no) && put(order, "approval_no", filing->approval_no) &&
        put(order, "issue_date", filing->issue_date) &&
        json_object_set_new(order, "year", json_integer(filing->year)) == 0)
        return order;
    json_decref(order);
    return NULL;
}
