#include "records/series.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "records/choices.h"
#include <limits.h>
#include <string.h>

enum { SERIES_BYTES_MAX = 256 * 1024, SERIES_MAX = 200, SERIES_CODE_MAX = 8, TITLES_MAX = 500 };

extern const unsigned char series_json[]; /* made from series.json */
extern const unsigned series_json_size;

static int bad_item(struct err *e, size_t index, const char *en, const char *zh)
{
    return err_set(e, ERR_INVALID, "series.json, item %1$zu: %2$s%3$.0s",
                   "series.json 第 %1$zu 项：%2$.0s%3$s。", index + 1, en, zh);
}

static bool is_code(const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) <= SERIES_CODE_MAX &&
           text[strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

static bool is_text(const char *text)
{
    return text != NULL && text[0] != '\0' && utf8_length(slice_of(text)) <= 60;
}

static int read_aliases(struct series *out, const json_t *item, size_t index, struct arena *a, struct err *e)
{
    const json_t *list = json_object_get(item, "aliases");
    size_t count = json_array_size(list);
    const char **aliases = arena_array(a, count + 1, sizeof *aliases);

    if (aliases == NULL)
        return err_no_memory(e);
    if (list != NULL && !json_is_array(list))
        return bad_item(e, index, "aliases must be a list of names.", "aliases 应为名称列表");
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));

        if (!is_text(text))
            return bad_item(e, index, "an alias is empty, too long or no text.", "别名为空、过长或不是文字");
        aliases[i] = arena_text(a, text);
        if (aliases[i] == NULL)
            return err_no_memory(e);
    }
    out->aliases = aliases;
    return 0;
}

static int count_titles(size_t *out, const json_t *levels, size_t index, struct err *e)
{
    size_t found = 0;

    *out = 0;
    if (levels != NULL && !json_is_object(levels))
        return bad_item(e, index, "titles must be an object of levels.", "titles 应为按级别分组的对象");
    for (size_t l = 0; choices_levels[l] != NULL; l++) {
        const json_t *titles = json_object_get(levels, choices_levels[l]);

        if (titles == NULL)
            continue;
        if (!json_is_array(titles))
            return bad_item(e, index, "the titles of a level must be a list.", "每个级别的资格名称应为列表");
        found++;
        *out += json_array_size(titles);
    }
    if (found != json_object_size(levels))
        return bad_item(e, index, "titles has a level that does not exist.", "titles 中有不存在的级别");
    if (*out > TITLES_MAX)
        return bad_item(e, index, "it has too many titles.", "资格名称过多");
    return 0;
}

static int read_titles(struct series *out, const json_t *item, size_t index, struct arena *a, struct err *e)
{
    const json_t *levels = json_object_get(item, "titles");
    struct series_title *list;
    size_t count;

    if (count_titles(&count, levels, index, e) != 0)
        return -1;
    list = arena_array(a, count + 1, sizeof *list);
    if (list == NULL)
        return err_no_memory(e);
    for (size_t l = 0; choices_levels[l] != NULL; l++) {
        const json_t *titles = json_object_get(levels, choices_levels[l]);

        for (size_t i = 0; i < json_array_size(titles); i++) {
            const char *text = json_string_value(json_array_get(titles, i));

            if (!is_text(text))
                return bad_item(e, index, "a title is empty, too long or no text.",
                                "资格名称为空、过长或不是文字");
            list[out->title_count] = (struct series_title){arena_text(a, text), choices_levels[l]};
            if (list[out->title_count++].title == NULL)
                return err_no_memory(e);
        }
    }
    out->titles = list;
    return 0;
}

static int read_item(struct series *out, const struct series_list *before, const json_t *item,
                     struct arena *a, struct err *e)
{
    const char *code = json_text(item, "code"), *name = json_text(item, "name");

    if (!is_code(code))
        return bad_item(e, before->count, "code must be 1 to 8 digits or upper-case letters.",
                        "code 应为 1 至 8 位数字或大写字母");
    if (!is_text(name))
        return bad_item(e, before->count, "name is missing or too long.", "缺少 name 或过长");
    if (series_find(before, code) != NULL || series_find(before, name) != NULL)
        return bad_item(e, before->count, "code or name is used above.", "代码或名称与前面重复");
    out->code = arena_text(a, code);
    out->name = arena_text(a, name);
    if (out->code == NULL || out->name == NULL)
        return err_no_memory(e);
    return read_aliases(out, item, before->count, a, e) == 0 &&
                   read_titles(out, item, before->count, a, e) == 0
               ? 0
               : -1;
}

static int read_list(struct series_list *out, const json_t *json, struct arena *a, struct err *e)
{
    size_t count = json_array_size(json);
    struct series *list;

    if (count == 0 || count > SERIES_MAX)
        return err_set(e, ERR_INVALID, "series.json must be a list of 1 to %d series.",
                       "series.json 应为 1 至 %d 个系列的列表。", SERIES_MAX);
    list = arena_array(a, count, sizeof *list);
    if (list == NULL)
        return err_no_memory(e);
    out->list = list;
    for (; out->count < count; out->count++) {
        if (read_item(&list[out->count], out, json_array_get(json, out->count), a, e) != 0)
            return -1;
    }
    return 0;
}

static int read_json(json_t **out, const char *data_dir, struct err *e)
{
    char path[PATH_MAX];

    if (data_dir != NULL && snprintf(path, sizeof path, "%s/series.json", data_dir) < (int)sizeof path &&
        file_exists(path))
        return json_read_file(out, path, SERIES_BYTES_MAX, e);
    return json_read(out, (struct slice){series_json, series_json_size}, SERIES_BYTES_MAX, e);
}

int series_load(struct series_list *out, const char *data_dir, struct arena *a, struct err *e)
{
    json_t *json = NULL;
    int rc;

    *out = (struct series_list){NULL, 0};
    if (read_json(&json, data_dir, e) != 0)
        return -1;
    rc = read_list(out, json, a, e);
    json_decref(json);
    return rc;
}

static bool is_named(const struct series *s, const char *text)
{
    size_t code = strlen(s->code);

    if (strcmp(text, s->name) == 0 || strcmp(text, s->code) == 0)
        return true;
    for (size_t i = 0; s->aliases != NULL && s->aliases[i] != NULL; i++) {
        if (strcmp(text, s->aliases[i]) == 0)
            return true;
    }
    return strncmp(text, s->code, code) == 0 && text[code] == ' ' && strcmp(text + code + 1, s->name) == 0;
}

const struct series *series_find(const struct series_list *l, const char *text)
{
    for (size_t i = 0; i < l->count; i++) {
        if (is_named(&l->list[i], text))
            return &l->list[i];
    }
    return NULL;
}

const char *series_level_of(const struct series *s, const char *title)
{
    const char *level = NULL;

    for (size_t i = 0; i < s->title_count; i++) {
        if (strcmp(s->titles[i].title, title) != 0)
            continue;
        if (level != NULL && strcmp(level, s->titles[i].level) != 0)
            return NULL;
        level = s->titles[i].level;
    }
    return level;
}
