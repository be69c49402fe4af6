#include "records/members.h"
#include "base/utf8.h"
#include "records/text.h"
#include <string.h>

void member_fault(const struct members *m, const char *name, const struct err *why)
{
    struct err at = *why;
    char token[2 * sizeof at.field];
    size_t used = 0;

    /* RFC 6901: "~" and "/" have escapes */
    for (; *name != '\0' && used < sizeof token - 2; name++) {
        if (*name == '~' || *name == '/') {
            token[used++] = '~';
            token[used++] = *name == '~' ? '0' : '1';
        } else {
            token[used++] = *name;
        }
    }
    token[used] = '\0';
    (void)err_field(&at, "%s/%s", m->path, token);
    faults_add(m->faults, &at);
}

void member_note(const struct members *m, const char *name, const char *en, const char *zh)
{
    struct err e;

    err_set(&e, ERR_NONE, "%s", "%s", en);
    (void)snprintf(e.zh, sizeof e.zh, "%s", zh);
    (void)err_field(&e, "%s/%s", m->path, name);
    faults_note(m->faults, &e);
}

bool members_only(const struct members *m, const char *const *names)
{
    const char *name;
    json_t *value;
    struct err e;

    if (!json_is_object(m->object)) {
        err_set(&e, ERR_INVALID, "This must be a JSON object.", "此处应为 JSON 对象。");
        (void)err_field(&e, "%s", m->path);
        faults_add(m->faults, &e);
        return false;
    }
    json_object_foreach((json_t *)m->object, name, value) /* NOLINT: jansson's macro wants it mutable */
    {
        size_t i = 0;

        while (names[i] != NULL && strcmp(names[i], name) != 0)
            i++;
        if (names[i] != NULL)
            continue;
        err_set(&e, ERR_INVALID, "There is no member of this name; check the spelling or remove it.",
                "没有这个字段，请检查拼写或删除。");
        member_fault(m, name, &e);
    }
    return true;
}

/* How many bytes of a text a message repeats: whole characters. */
static int repeated(const char *text)
{
    return (int)utf8_whole(text, strnlen(text, 80));
}

static int check_code(const char *text, size_t max, struct err *e)
{
    size_t len = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_");

    if (len <= max && text[len] == '\0')
        return 0;
    return err_set(e, ERR_INVALID, "\"%.*s\" must be letters, digits, - and _ only, at most %zu characters.",
                   "“%.*s” 只能由字母、数字、- 和 _ 组成，最多 %zu 位。", repeated(text), text, max);
}

static int check_date(const char *text, struct err *e)
{
    struct date d;

    if (date_parse(&d, text))
        return 0;
    return err_set(e, ERR_INVALID, "\"%.*s\" is not a day from 1900 to 2999; write it like 2025-12-20.",
                   "“%.*s” 不是 1900 至 2999 年间的日期，请写成 2025-12-20 的形式。", repeated(text), text);
}

static int check_choice(const char *text, const char *const *choices, struct err *e)
{
    char list[256] = "";

    for (size_t i = 0; choices[i] != NULL; i++) {
        size_t used = strlen(list);

        if (strcmp(choices[i], text) == 0)
            return 0;
        (void)snprintf(list + used, sizeof list - used, "%s%s", i ? "、" : "", choices[i]);
    }
    return err_set(e, ERR_INVALID, "\"%.*s\" is not one of the values possible here: %s.",
                   "“%.*s” 不是此处可用的取值：%s。", repeated(text), text, list);
}

static int check_text(const struct members *m, const struct member_rule *rule, const char **text,
                      struct err *e)
{
    struct text_rule r = {rule->max, rule->kind == MEMBER_PERSON};
    unsigned changes;

    if (text_clean(text, &changes, *text, &r, m->a, e) != 0)
        return -1;
    if (changes & TEXT_SEPARATOR)
        member_note(m, rule->name, "The separator of the name was changed to · (U+00B7).",
                    "姓名间隔号已改为规范的 ·（U+00B7）。");
    if (changes & TEXT_COMPOSED)
        member_note(m, rule->name, "The text was brought into Unicode normal form C.",
                    "文字已按 Unicode NFC 规范化。");
    return 0;
}

static int check(const struct members *m, const struct member_rule *rule, const char **text, struct err *e)
{
    switch (rule->kind) {
    case MEMBER_CODE:
        return check_code(*text, rule->max, e);
    case MEMBER_DATE:
        return check_date(*text, e);
    case MEMBER_CHOICE:
        return check_choice(*text, rule->choices, e);
    case MEMBER_TEXT:
    case MEMBER_PERSON:
        break;
    }
    return check_text(m, rule, text, e);
}

const char *member_text(const struct members *m, const struct member_rule *rule)
{
    const json_t *value = json_object_get(m->object, rule->name);
    const char *text = json_string_value(value), *kept;
    struct err e;

    if (value != NULL && !json_is_null(value) && text == NULL) {
        err_set(&e, ERR_INVALID, "This must be a text in quotation marks.", "此处应为带引号的文字。");
        member_fault(m, rule->name, &e);
        return NULL;
    }
    if (text == NULL || text[0] == '\0') {
        err_set(&e, ERR_INVALID, "This is required and missing.", "缺少必填内容。");
        if (rule->required)
            member_fault(m, rule->name, &e);
        return NULL;
    }
    if (check(m, rule, &text, &e) != 0) {
        member_fault(m, rule->name, &e);
        return NULL;
    }
    kept = arena_text(m->a, text);
    if (kept == NULL) {
        (void)err_no_memory(&e);
        member_fault(m, rule->name, &e);
    }
    return kept;
}

int member_int(const struct members *m, const char *name, int least, int most)
{
    const json_t *value = json_object_get(m->object, name);
    json_int_t number = json_integer_value(value);
    struct err e;

    if (json_is_integer(value) && number >= least && number <= most)
        return (int)number;
    err_set(&e, ERR_INVALID, "A whole number from %d to %d is required here, without quotation marks.",
            "此处必须是 %d 到 %d 的整数，不加引号。", least, most);
    member_fault(m, name, &e);
    return 0;
}
