#include "base/json.h"
#include "spreadsheet/spreadsheet_internal.h"
#include <stdlib.h>
#include <string.h>

enum { ITEM_BYTES_MAX = 64 * 1024, MEMBER_BYTES_MAX = 120 };

/* The list is walked, item by item; only one item at a time becomes values. */
struct items {
    struct slice text;
    size_t at;
    unsigned count;
    struct packer *packer;
    char *names[SHEET_COLUMNS_MAX];
    size_t name_count;
};

static int not_a_list(const struct items *l, struct err *e)
{
    return err_set(
        e, ERR_INVALID,
        "A list of objects is expected: [{...}, {...}] or {\"entries\": [...]}; after item %u there is "
        "something else.",
        "应为对象列表：[{...}, {...}] 或 {\"entries\": [...]}；第 %u 项之后不符合。", l->count);
}

static uint8_t peek(struct items *l)
{
    while (l->at < l->text.len && l->text.ptr[l->at] != '\0' && strchr(" \t\r\n", l->text.ptr[l->at]) != NULL)
        l->at++;
    return l->at < l->text.len ? l->text.ptr[l->at] : 0;
}

static bool take(struct items *l, char c)
{
    if (peek(l) != (uint8_t)c)
        return false;
    l->at++;
    return true;
}

/* The end of the object that begins here; SIZE_MAX where it has none within its size. */
static size_t end_of_object(struct slice s, size_t from)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = from; i < s.len && i - from <= ITEM_BYTES_MAX; i++) {
        if (quoted) {
            if (s.ptr[i] == '\\')
                i++;
            else if (s.ptr[i] == '"')
                quoted = false;
        } else if (s.ptr[i] == '"') {
            quoted = true;
        } else if (s.ptr[i] == '{' || s.ptr[i] == '[') {
            depth++;
        } else if ((s.ptr[i] == '}' || s.ptr[i] == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return SIZE_MAX;
}

/* The member's column; SHEET_COLUMNS_MAX with *e. */
static size_t column_of(struct items *l, const char *name, struct err *e)
{
    size_t i = 0;

    while (i < l->name_count && strcmp(l->names[i], name) != 0)
        i++;
    if (i < l->name_count)
        return i;
    if (i == SHEET_COLUMNS_MAX || strlen(name) > MEMBER_BYTES_MAX || name[0] == '\0') {
        err_set(e, ERR_TOO_LARGE,
                "Item %u: its members have more than %d names, or a name is empty or too long.",
                "第 %u 项：字段名称超过 %d 种，或名称为空、过长。", l->count, SHEET_COLUMNS_MAX);
        return SHEET_COLUMNS_MAX;
    }
    l->names[i] = strdup(name);
    if (l->names[i] == NULL) {
        (void)err_no_memory(e);
        return SHEET_COLUMNS_MAX;
    }
    l->name_count++;
    return i;
}

static enum cell_kind kind_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return CELL_TEXT;
    case JSON_INTEGER:
    case JSON_REAL:
        return CELL_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return CELL_BOOL;
    case JSON_NULL:
        return CELL_EMPTY;
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return CELL_ERROR;
}

static int put_value(struct items *l, size_t column, const json_t *value, struct err *e)
{
    enum cell_kind kind = kind_of(value);
    struct slice text = {NULL, 0};
    char *dumped = NULL;
    int rc;

    if (kind == CELL_TEXT) {
        text = (struct slice){(const uint8_t *)json_string_value(value), json_string_length(value)};
    } else if (kind != CELL_EMPTY) {
        dumped = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
        if (dumped == NULL)
            return err_no_memory(e);
        text = slice_of(dumped);
    }
    rc = packer_cell(l->packer, column, kind, text, e);
    free(dumped);
    return rc;
}

static int put_item(struct items *l, const json_t *item, struct err *e)
{
    const char *name;
    json_t *value;

    packer_row(l->packer, l->count, false);
    json_object_foreach((json_t *)item, name, value) /* NOLINT: jansson's macro wants it mutable */
    {
        size_t column = column_of(l, name, e);

        if (column == SHEET_COLUMNS_MAX || put_value(l, column, value, e) != 0)
            return -1;
    }
    return packer_row_end(l->packer, e);
}

static int take_item(struct items *l, struct err *e)
{
    size_t end;
    json_t *item = NULL;
    struct err why;
    int rc;

    if (peek(l) != '{')
        return not_a_list(l, e);
    l->count++;
    end = end_of_object(l->text, l->at);
    if (end == SIZE_MAX)
        return err_set(e, ERR_INVALID, "Item %u is not closed, or longer than %d KB.",
                       "第 %u 项没有结束，或超过 %d KB。", l->count, ITEM_BYTES_MAX / 1024);
    if (json_read(&item, slice_part(l->text, l->at, end - l->at), ITEM_BYTES_MAX, &why) != 0)
        return err_set(e, why.code, "Item %1$u: %2$s%3$.0s", "第 %1$u 项：%2$.0s%3$s", l->count, why.en,
                       why.zh);
    l->at = end;
    rc = put_item(l, item, e);
    json_decref(item);
    return rc;
}

static int take_items(struct items *l, struct err *e)
{
    if (!take(l, '['))
        return not_a_list(l, e);
    if (take(l, ']'))
        return 0;
    do {
        if (take_item(l, e) != 0)
            return -1;
    } while (take(l, ','));
    return take(l, ']') ? 0 : not_a_list(l, e);
}

static int take_document(struct items *l, struct err *e)
{
    static const char member[] = "\"entries\"";
    bool wrapped = take(l, '{');

    if (wrapped) {
        if (peek(l) != '"' || l->text.len - l->at < sizeof member ||
            memcmp(l->text.ptr + l->at, member, sizeof member - 1) != 0)
            return not_a_list(l, e);
        l->at += sizeof member - 1;
        if (!take(l, ':'))
            return not_a_list(l, e);
    }
    if (take_items(l, e) != 0)
        return -1;
    if ((wrapped && !take(l, '}')) || peek(l) != 0 || l->at != l->text.len)
        return not_a_list(l, e);
    return 0;
}

static int put_names(struct items *l, struct err *e)
{
    packer_head_row(l->packer);
    packer_row(l->packer, 0, false);
    for (size_t i = 0; i < l->name_count; i++) {
        if (packer_cell(l->packer, i, CELL_TEXT, slice_of(l->names[i]), e) != 0)
            return -1;
    }
    return packer_row_end(l->packer, e);
}

int json_list_pack(struct buf *out, struct slice bytes, struct err *e)
{
    struct packer packer;
    struct items l = {.text = bytes, .packer = &packer};
    int rc = -1;

    if (bytes.len >= 3 && memcmp(bytes.ptr, "\xEF\xBB\xBF", 3) == 0)
        l.text = slice_part(bytes, 3, bytes.len - 3);
    if (packer_begin(&packer, out, SHEET_JSON, e) == 0 && take_document(&l, e) == 0 && put_names(&l, e) == 0)
        rc = packer_end(&packer, e);
    for (size_t i = 0; i < l.name_count; i++)
        free(l.names[i]);
    packer_dispose(&packer);
    return rc;
}
