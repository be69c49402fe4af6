#include "base/json.h"
#include "base/utf8.h"
#include "records/checksum.h"
#include "records/choices.h"
#include "records/entry_internal.h"
#include "records/number.h"
#include "records/order.h"
#include <string.h>

static unsigned read_serial(struct row_reading *r, unsigned position)
{
    unsigned changes, serial = 0;
    char whole[24];
    char *text = cell_text_tidied(r, COLUMN_SERIAL, TIDY_CODE, &changes);

    if (text == NULL)
        return position;
    if (!cell_whole_number(whole, text) || strlen(whole) > 7) {
        cell_fault(r, COLUMN_SERIAL,
                   (struct fault_words){
                       "不是序号", "This is not a serial number.", "填 1 至 9999999 的整数，或整列留空",
                       "Fill in a whole number from 1 to 9999999, or leave the column empty."});
        return position;
    }
    for (const char *at = whole; *at != '\0'; at++)
        serial = serial * 10 + (unsigned)(*at - '0');
    if (serial == 0)
        cell_fault(
            r, COLUMN_SERIAL,
            (struct fault_words){"序号为 0", "The serial number is 0.", "从 1 开始编号", "Count from 1."});
    return serial;
}

/* The length and digits of a citizen's number, as somebody reads them who compares it with the card. */
static bool resident_shape(struct row_reading *r, const char *number)
{
    size_t len = utf8_length(slice_of(number)), digits = strspn(number, "0123456789");

    if (len == 15 && digits == 15) {
        cell_fault(r, COLUMN_ID_NUMBER,
                   (struct fault_words){"是 15 位的旧号码", "This is an old number of 15 digits.",
                                        "填 18 位身份证号", "Fill in the number of 18 digits."});
    } else if (len != 18) {
        cell_fault(r, COLUMN_ID_NUMBER,
                   (struct fault_words){TEXT(r, "位数不对：应为 18 位，填写了 %zu 位", len),
                                        TEXT(r, "It should have 18 digits and has %zu.", len),
                                        len < 18 ? "补全 18 位身份证号" : "改为 18 位身份证号",
                                        "Fill in all 18 digits of the identity number."});
    } else if (digits < 17) {
        cell_fault(r, COLUMN_ID_NUMBER,
                   (struct fault_words){TEXT(r, "第 %zu 位不是数字", digits + 1),
                                        TEXT(r, "Character %zu is not a digit.", digits + 1),
                                        "对照身份证逐位核对", "Compare it with the card, digit by digit."});
    } else if (digits == 17 && number[17] != 'X') {
        cell_fault(r, COLUMN_ID_NUMBER,
                   (struct fault_words){"最后一位应为数字或 X", "The last character should be a digit or X.",
                                        "对照身份证逐位核对", "Compare it with the card, digit by digit."});
    } else {
        return true;
    }
    return false;
}

static void check_against_number(struct row_reading *r, struct date birth, bool male)
{
    struct date said;

    if (r->out->birth_date != NULL && date_parse(&said, r->out->birth_date) && date_compare(said, birth) != 0)
        cell_fault(r, COLUMN_BIRTH_DATE,
                   (struct fault_words){
                       TEXT(r, "与身份证号中的 %04d-%02d-%02d 不一致", birth.year, birth.month, birth.day),
                       TEXT(r, "It differs from %04d-%02d-%02d in the identity number.", birth.year,
                            birth.month, birth.day),
                       "核对身份证，改正其中一项", "Compare with the card and correct one of the two."});
    if (r->out->gender != NULL && male != (strcmp(r->out->gender, "男") == 0))
        cell_fault(r, COLUMN_GENDER,
                   (struct fault_words){TEXT(r, "与身份证号不一致：号码表示%s", male ? "男" : "女"),
                                        "It differs from the one in the identity number.",
                                        "核对身份证，改正其中一项",
                                        "Compare with the card and correct one of the two."});
}

static void check_resident_id(struct row_reading *r, const char *number)
{
    struct date birth;
    bool male;

    if (!resident_shape(r, number))
        return;
    switch (resident_id_check(number, &birth, &male)) {
    case RESIDENT_ID_GOOD:
        check_against_number(r, birth, male);
        break;
    case RESIDENT_ID_BIRTH:
        cell_fault(r, COLUMN_ID_NUMBER,
                   (struct fault_words){"第 7 至 14 位不是存在的日期",
                                        "Digits 7 to 14 are not a day that exists.", "对照身份证逐位核对",
                                        "Compare it with the card, digit by digit."});
        break;
    case RESIDENT_ID_SHAPE:
    case RESIDENT_ID_CHECK:
        cell_fault(r, COLUMN_ID_NUMBER,
                   (struct fault_words){"校验码不对：至少有一位填错",
                                        "The check digit is wrong: at least one digit is.",
                                        "对照身份证逐位核对", "Compare it with the card, digit by digit."});
        break;
    }
}

static void read_identity(struct row_reading *r)
{
    struct entry *o = r->out;
    struct date birth;
    bool male;

    o->id_type = cell_read_choice(r, COLUMN_ID_TYPE);
    o->gender = cell_read_choice(r, COLUMN_GENDER);
    o->birth_date = cell_read_date(r, COLUMN_BIRTH_DATE);
    if (cell_is_rounded(r, COLUMN_ID_NUMBER))
        return;
    o->id_number = cell_read_code(r, COLUMN_ID_NUMBER, 32);
    if (o->id_number == NULL || o->id_type == NULL)
        return;
    if (strcmp(o->id_type, choices_resident_id) == 0)
        check_resident_id(r, o->id_number);
    else if (resident_id_check(o->id_number, &birth, &male) == RESIDENT_ID_GOOD)
        cell_warn(r, COLUMN_ID_TYPE,
                  (struct fault_words){"证件号码像是居民身份证号",
                                       "The number looks like that of an identity card.", "核对证件类型",
                                       "Check the type of document."});
}

static void read_mobile(struct row_reading *r)
{
    char whole[24];
    const char *text;
    size_t digits;

    text = cell_read_code(r, COLUMN_MOBILE, 20);
    if (text == NULL)
        return;
    if (r->cells[COLUMN_MOBILE].kind == ENTRY_CELL_NUMBER && cell_whole_number(whole, text))
        text = kept_text(r, arena_text(r->a, whole));
    digits = strspn(text, "0123456789");
    if (text[strspn(text, "0123456789-+()")] != '\0')
        cell_fault(r, COLUMN_MOBILE,
                   (struct fault_words){"不是电话号码", "This is not a telephone number.",
                                        "填 11 位手机号码，或留空",
                                        "Fill in the 11 digits of the mobile number, or leave it empty."});
    else if (text[digits] == '\0' && text[0] == '1' && digits != 11)
        cell_fault(r, COLUMN_MOBILE,
                   (struct fault_words){TEXT(r, "位数不对：应为 11 位，填写了 %zu 位", digits),
                                        TEXT(r, "It should have 11 digits and has %zu.", digits),
                                        "核对手机号码，或留空",
                                        "Check the mobile number, or leave it empty."});
    else if (strlen(text) < 7)
        cell_fault(r, COLUMN_MOBILE,
                   (struct fault_words){"位数太少", "It is too short.", "核对手机号码，或留空",
                                        "Check the mobile number, or leave it empty."});
    else
        r->out->mobile = text;
}

static void read_uscc(struct row_reading *r)
{
    const char *text;
    size_t len;

    if (cell_is_rounded(r, COLUMN_USCC))
        return;
    text = cell_read_code(r, COLUMN_USCC, 64);
    if (text == NULL)
        return;
    len = utf8_length(slice_of(text));
    if (len != 18)
        cell_fault(r, COLUMN_USCC,
                   (struct fault_words){TEXT(r, "位数不对：应为 18 位，填写了 %zu 位", len),
                                        TEXT(r, "It should have 18 characters and has %zu.", len),
                                        "对照营业执照或法人证书核对，或留空",
                                        "Compare it with the licence, or leave it empty."});
    else if (!uscc_valid(text))
        cell_fault(
            r, COLUMN_USCC,
            (struct fault_words){"校验码不对：至少有一位填错",
                                 "The check character is wrong: at least one character is.",
                                 "对照营业执照或法人证书逐位核对，或留空",
                                 "Compare it with the licence, character by character, or leave it empty."});
    else
        r->out->uscc = text;
}

/* As orders have it: {"code": "05", "name": "卫生技术人员"}; NULL where the two are not one series of the
 * list. */
static const struct series *series_of_object(const struct row_reading *r, const char *text)
{
    const struct series *by_code = NULL, *by_name = NULL;
    const char *code, *name;
    json_t *object = NULL;
    struct err e;

    if (json_read(&object, slice_of(text), ORDER_MAX_BYTES, &e) != 0)
        return NULL;
    code = json_text(object, "code");
    name = json_text(object, "name");
    by_code = code == NULL ? NULL : series_find(r->series, code);
    by_name = name == NULL ? by_code : series_find(r->series, name);
    json_decref(object);
    return code == NULL || by_code == by_name ? by_name : NULL;
}

static const struct series *find_series(const struct row_reading *r, const char *text)
{
    const struct series *s = series_find(r->series, text);
    char code[16];

    if (s != NULL || r->cells[COLUMN_SERIES].kind != ENTRY_CELL_NUMBER || strlen(text) != 1)
        return s;
    (void)snprintf(code, sizeof code, "0%s", text); /* a number cell keeps no leading zero */
    return series_find(r->series, code);
}

static void read_series(struct row_reading *r)
{
    const struct entry_cell *cell = &r->cells[COLUMN_SERIES];
    bool object = cell->kind == ENTRY_CELL_OTHER && cell->text[0] == '{';
    unsigned changes;
    const char *text = object ? cell->text : cell_text_tidied(r, COLUMN_SERIES, TIDY_TEXT, &changes);
    const struct series *s;

    if (text == NULL)
        return;
    s = object ? series_of_object(r, text) : find_series(r, text);
    if (s == NULL) {
        cell_fault(r, COLUMN_SERIES,
                   (struct fault_words){
                       TEXT(r, "没有“%.*s”这个系列", (int)utf8_whole(text, strnlen(text, 90)), text),
                       "There is no series of this name or code.", "从下拉列表中选择，或填系列代码",
                       "Choose one from the list, or fill in its code."});
        return;
    }
    r->out->series_code = s->code;
    r->out->series_name = s->name;
}

static void check_title(struct row_reading *r)
{
    const struct entry *o = r->out;
    const struct series *s = o->series_code == NULL ? NULL : series_find(r->series, o->series_code);
    const char *level = s == NULL || o->title == NULL ? NULL : series_level_of(s, o->title);

    if (level != NULL && o->level != NULL && strcmp(level, o->level) != 0)
        cell_warn(
            r, COLUMN_LEVEL,
            (struct fault_words){TEXT(r, "“%s”通常是%s", o->title, level),
                                 TEXT(r, "The title %s is usually of another level (%s).", o->title, level),
                                 "核对资格名称和级别", "Check title and level."});
}

/* Kept as it was issued: 第三方33, 皖人社职 12 号. */
static void read_certificate_no(struct row_reading *r)
{
    const enum entry_column c = COLUMN_CERTIFICATE_NO;
    char whole[24];
    const char *text;

    if (r->cells[c].kind == ENTRY_CELL_NUMBER && cell_whole_number(whole, r->cells[c].text)) {
        cell_warn(
            r, c,
            (struct fault_words){"编号存成了数字，开头的 0 会丢失",
                                 "The number is stored as a numeric value, which has no leading zeros.",
                                 "编号以 0 开头的，设为文本后重填",
                                 "Where it begins with 0, format the cell as text and fill it in again."});
        r->out->certificate_no = kept_text(r, arena_text(r->a, whole));
        return;
    }
    if (cell_is_rounded(r, c))
        return;
    text = cell_read_text(r, c, NUMBER_MAX);
    if (text != NULL)
        r->out->certificate_no = text;
}

static void check_days(struct row_reading *r)
{
    const struct entry *o = r->out;

    if (o->birth_date != NULL && o->obtained_date != NULL && strcmp(o->obtained_date, o->birth_date) < 0)
        cell_fault(r, COLUMN_OBTAINED_DATE,
                   (struct fault_words){"早于出生日期", "It is before the date of birth.", "核对这两个日期",
                                        "Check the two dates."});
}

bool entry_read(struct entry *out, const struct entry_cell cells[ENTRY_COLUMNS], unsigned row,
                unsigned position, const struct series_list *series, struct row_faults *faults,
                struct arena *a, struct err *e)
{
    struct row_reading r = {out, cells, series, row, faults, a, false, false};

    *out = (struct entry){0};
    out->serial = read_serial(&r, position);
    out->name = cell_read_text(&r, COLUMN_NAME, 50);
    read_identity(&r);
    read_mobile(&r);
    out->employer = cell_read_text(&r, COLUMN_EMPLOYER, 100);
    read_uscc(&r);
    read_series(&r);
    out->specialty = cell_read_text(&r, COLUMN_SPECIALTY, 60);
    out->title = cell_read_text(&r, COLUMN_TITLE, 60);
    out->level = cell_read_choice(&r, COLUMN_LEVEL);
    out->obtain_mode = cell_read_choice(&r, COLUMN_OBTAIN_MODE);
    out->obtained_date = cell_read_date(&r, COLUMN_OBTAINED_DATE);
    out->nature = cell_read_choice(&r, COLUMN_NATURE);
    read_certificate_no(&r);
    out->note = cell_read_text(&r, COLUMN_NOTE, 200);
    check_title(&r);
    check_days(&r);
    if (r.no_memory) {
        (void)err_no_memory(e);
        return false;
    }
    if (r.bad)
        (void)err_set(e, ERR_INVALID, "Row %u of the list is at fault.", "名单第 %u 行有错。", row);
    return !r.bad;
}
