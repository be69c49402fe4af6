#include "base/json.h"
#include "base/file.h"
#include "base/utf8.h"
#include <string.h>

/* jansson has its own limit (2048 levels); ours is lower, and is judged before it builds anything. */
static bool too_deep(struct slice s)
{
    size_t depth = 0;
    bool in_text = false;

    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.ptr[i];

        if (in_text) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_text = false;
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_MAX_DEPTH)
                return true;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

/* The reader's words are English; what goes wrong most often is said in Chinese too. */
static int not_json(const json_error_t *why, struct err *e)
{
    const char *en = "", *zh = why->text;

    switch (json_error_code(why)) {
    case json_error_invalid_syntax:
        en = " A comma may be missing before it, or quotation marks, commas and colons are not half-width.";
        zh = "前面可能缺少逗号，或引号、逗号、冒号不是半角";
        break;
    case json_error_premature_end_of_input:
        en = " A quotation mark, } or ] is missing.";
        zh = "内容不完整，缺少引号、} 或 ]";
        break;
    case json_error_end_of_input_expected:
        zh = "结束之后还有多余内容";
        break;
    case json_error_duplicate_key:
        zh = "同一名称出现两次";
        break;
    default:
        break;
    }
    return err_set(e, ERR_INVALID, "Not valid JSON, line %1$d, column %2$d: %3$s.%4$s%5$.0s",
                   "JSON 格式错误，第 %1$d 行第 %2$d 列：%3$.0s%4$.0s%5$s。", why->line, why->column,
                   why->text, en, zh);
}

int json_read(json_t **out, struct slice text, size_t max_bytes, struct err *e)
{
    json_error_t why;

    *out = NULL;
    if (text.len >= 3 && memcmp(text.ptr, "\xEF\xBB\xBF", 3) == 0) /* editors of some systems put it there */
        text = slice_part(text, 3, text.len - 3);
    if (text.len > max_bytes)
        return err_set(e, ERR_TOO_LARGE, "The JSON is %zu bytes; at most %zu are read.",
                       "JSON 有 %zu 字节，最多读取 %zu 字节。", text.len, max_bytes);
    if (too_deep(text))
        return err_set(e, ERR_INVALID, "The JSON is nested more than %d levels deep.",
                       "JSON 嵌套超过 %d 层。", JSON_MAX_DEPTH);
    if (!utf8_valid(text))
        return err_set(e, ERR_INVALID, "The JSON is not in UTF-8 (perhaps in GB18030); save it as UTF-8.",
                       "JSON 不是 UTF-8 编码（可能是 GB18030），请另存为 UTF-8。");
    *out = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
    if (*out == NULL && (json_error_code(&why) == json_error_null_character ||
                         json_error_code(&why) == json_error_null_byte_in_key))
        return err_set(e, ERR_INVALID, "The JSON has a NUL (\\u0000) at line %d, column %d; remove it.",
                       "JSON 第 %d 行第 %d 列含有空字符（\\u0000），请删除。", why.line, why.column);
    if (*out == NULL)
        return not_json(&why, e);
    return 0;
}

int json_read_file(json_t **out, const char *path, size_t max_bytes, struct err *e)
{
    struct buf text = BUF_INIT(max_bytes);
    int rc;

    *out = NULL;
    rc = file_read(&text, path, e);
    if (rc == 0)
        rc = json_read(out, buf_view(&text), max_bytes, e);
    buf_dispose(&text);
    return rc;
}

static int append_chunk(const char *bytes, size_t len, void *out)
{
    buf_append_bytes(out, bytes, len);
    return buf_ok(out) ? 0 : -1;
}

int json_write(struct buf *out, const json_t *value, struct err *e)
{
    /* 15 digits: what a decimal fraction was written with comes back so, 0.1 and not 0.10000000000000001 */
    if (json_dump_callback(value, append_chunk, out,
                           JSON_SORT_KEYS | JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) != 0)
        return err_no_memory(e);
    buf_append_char(out, '\n');
    return buf_ok(out) ? 0 : err_no_memory(e);
}

const char *json_text(const json_t *object, const char *member)
{
    return json_string_value(json_object_get(object, member));
}
