#include "base/utf8.h"
#include "records/checksum.h"
#include "records/choices.h"
#include "records/entry_internal.h"
#include "records/number.h"
#include "records/text.h"
#include <string.h>

/* One row while it is read. */
struct reading {
    struct entry *out;
    const struct entry_cell *cells;
    const struct series_list *series;
    unsigned row;
    struct row_faults *faults;
    struct arena *a;
    bool bad, no_memory;
};

/* Four texts: what is wrong and what to do, in both languages. */
struct words {
    const char *problem, *problem_en, *advice, *advice_en;
};

static void say(struct reading *r, enum entry_column c, bool warning, struct words w)
{
    const char *value = r->cells[c].text == NULL ? "" : r->cells[c].text;
    char masked[4 * 64 + 16];

    if (c == COLUMN_ID_NUMBER) {
        id_number_mask(masked, sizeof masked, value);
        value = masked;
    }
    row_faults_add(r->faults, &(struct row_fault){r->row, (int)c, warning, value, w.problem, w.problem_en,
                                                  w.advice, w.advice_en});
    r->bad = r->bad || !warning;
}

static void fault(struct reading *r, enum entry_column c, struct words w)
{
    say(r, c, false, w);
}

static void warn(struct reading *r, enum entry_column c, struct words w)
{
    say(r, c, true, w);
}

static void fault_err(struct reading *r, enum entry_column c, const struct err *why)
{
    struct err e = *why;

    (void)err_field(&e, "/%s", entry_column_info(c)->member);
    row_faults_add_err(r->faults, r->row, &e, r->cells[c].text);
    r->bad = true;
}

/* Printed into the arena; "" without memory, which is noted. */
#define TEXT(r, ...) text_or_nothing(r, arena_printf((r)->a, __VA_ARGS__))

static const char *text_or_nothing(struct reading *r, const char *text)
{
    r->no_memory = r->no_memory || text == NULL;
    return text == NULL ? "" : text;
}

static const char *title_of(enum entry_column c)
{
    return entry_column_info(c)->title;
}

static void warn_of_changes(struct reading *r, enum entry_column c, unsigned changes)
{
    if (changes & CELL_SPACES)
        warn(r, c,
             (struct words){"文字中间有多余的空格", "There are odd spaces inside the text.", "已去掉，请核对",
                            "They were taken out; please check."});
    if (changes & CELL_WIDTH)
        warn(r, c,
             (struct words){"有全角数字、字母或符号", "There are full-width digits, letters or signs.",
                            "已改为半角，请核对", "They were made half-width; please check."});
    if (changes & CELL_QUOTE)
        warn(r, c,
             (struct words){"号码前后有引号或等号", "There are quotation marks or an equals sign around it.",
                            "已去掉，请核对", "They were taken off; please check."});
    if (changes & CELL_INVISIBLE)
        warn(r, c,
             (struct words){"含有看不见的字符", "There are invisible characters in it.", "已去掉，请核对",
                            "They were taken out; please check."});
}

/* false where the cell holds nothing that a text could be; with a fault where something is required. */
static bool has_text(struct reading *r, enum entry_column c)
{
    const struct entry_cell *cell = &r->cells[c];

    if (cell->kind == ENTRY_CELL_OTHER) {
        fault(r, c,
              (struct words){"单元格里不是文字（公式错误或逻辑值）",
                             "The cell is an error of a formula, or true or false.", "改填实际内容",
                             "Fill in what is meant."});
        return false;
    }
    if (cell->kind == ENTRY_CELL_DATE && c != COLUMN_BIRTH_DATE && c != COLUMN_OBTAINED_DATE) {
        fault(r, c,
              (struct words){"单元格是日期", "The cell is a date.", "设为文本后重填",
                             "Format the cell as text and fill it in again."});
        return false;
    }
    return cell->kind != ENTRY_CELL_EMPTY;
}

static void fault_missing(struct reading *r, enum entry_column c)
{
    if (!entry_column_info(c)->required || c == COLUMN_SERIAL)
        return;
    fault(r, c,
          (struct words){"未填写", "This is required and empty.", TEXT(r, "填写%s", title_of(c)),
                         "Fill it in."});
}

/* The cell's text put right, or NULL: empty or at fault, which is said. */
static char *tidy(struct reading *r, enum entry_column c, enum cell_tidy how, unsigned *changes)
{
    char *text;
    bool was_bad = r->bad;

    *changes = 0;
    r->bad = false;
    if (!has_text(r, c)) {
        if (!r->bad)
            fault_missing(r, c);
        r->bad = r->bad || was_bad;
        return NULL;
    }
    r->bad = was_bad;
    text = cell_tidy(changes, r->cells[c].text, how, r->a);
    r->no_memory = r->no_memory || text == NULL;
    if (text != NULL && text[0] == '\0') {
        fault_missing(r, c);
        return NULL;
    }
    return text;
}

/* A character that stands for one that was lost; 0: none. */
static uint32_t stand_in(const char *text)
{
    static const uint32_t known[] = {0x25A1, 0x3013, '?',    0xFF1F, 0xFFFD,
                                     0x25A0, 0x25AF, 0x2B1A, '*',    0xFF0A};
    struct slice s = slice_of(text);
    uint32_t cp;

    for (size_t at = 0; utf8_next(s, &at, &cp);) {
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            if (cp == known[i])
                return cp;
        }
        if ((cp >= 0xE000 && cp <= 0xF8FF) || cp >= 0xF0000)
            return cp;
    }
    return 0;
}

/* false with a fault. */
static bool no_stand_in(struct reading *r, enum entry_column c, const char *text)
{
    uint32_t cp = stand_in(text);
    char shown[5] = "";

    if (cp == 0)
        return true;
    shown[utf8_put(shown, cp)] = '\0';
    if (cp >= 0xE000 && cp != 0xFF1F && cp != 0xFF0A && cp != 0xFFFD)
        fault(r, c,
              (struct words){
                  TEXT(r, "“%s”（U+%04X）是自造字，别的电脑上显示不出来", shown, cp),
                  TEXT(r, "U+%04X is a private-use character, which other computers cannot show.", cp),
                  "用输入法打出标准编码的原字", "Type the character that has a standard code."});
    else
        fault(r, c,
              (struct words){
                  TEXT(r, "“%s”（U+%04X）是缺字符号，不是姓名中的字", shown, cp),
                  TEXT(r, "U+%04X stands for a character that was lost; it is not part of the name.", cp),
                  "用输入法打出原字", "Type the original character."});
    return false;
}

/* A text of at most `max` characters as records hold it, or NULL. */
static const char *read_text(struct reading *r, enum entry_column c, size_t max)
{
    bool is_person = c == COLUMN_NAME;
    struct text_rule rule = {max, is_person};
    const char *clean;
    unsigned changes, composed;
    char *text = tidy(r, c, is_person ? TIDY_PERSON : TIDY_TEXT, &changes);
    struct err e;

    if (text == NULL || (is_person && !no_stand_in(r, c, text)))
        return NULL;
    if (is_person && r->cells[c].kind == ENTRY_CELL_NUMBER) {
        fault(r, c, (struct words){"填写的是数字", "This is a number.", "填写姓名", "Fill in the name."});
        return NULL;
    }
    if (text_clean(&clean, &composed, text, &rule, r->a, &e) != 0) {
        fault_err(r, c, &e);
        return NULL;
    }
    if (is_person || changes & CELL_INVISIBLE)
        warn_of_changes(r, c, changes);
    if (!is_person && (strstr(clean, "□") != NULL || strstr(clean, "〓") != NULL))
        warn(r, c,
             (struct words){"含有缺字符号 □ 或 〓",
                            "There is a □ or 〓, which often stands for a lost character.", "核对是否缺字",
                            "Check whether a character is missing."});
    if (composed & TEXT_SEPARATOR)
        warn(r, c,
             (struct words){"姓名间隔号不规范", "The separator of the name is not the standard one.",
                            "已改为 ·（U+00B7），请核对", "It was changed to · (U+00B7); please check."});
    return clean;
}

/* A number or code: no spaces, half-width, upper-case; NULL: none, or at fault. */
static const char *read_code(struct reading *r, enum entry_column c, size_t max)
{
    struct text_rule rule = {max, false};
    const char *clean;
    unsigned changes, composed;
    char *text = tidy(r, c, TIDY_CODE, &changes);
    struct err e;

    if (text == NULL)
        return NULL;
    if (text_clean(&clean, &composed, text, &rule, r->a, &e) != 0) {
        fault_err(r, c, &e);
        return NULL;
    }
    warn_of_changes(r, c, changes);
    return clean;
}

/* Numbers of documents in number cells lost digits or leading zeros, which nobody can give back. */
static bool is_number_cell(struct reading *r, enum entry_column c)
{
    const char *text = r->cells[c].text;

    if (r->cells[c].kind == ENTRY_CELL_NUMBER) {
        fault(r, c,
              (struct words){"号码存成了数字，后几位可能已丢失",
                             "The number is stored as a numeric value; its last digits may be lost.",
                             "将单元格设为文本后重填",
                             "Format the cell as text (JSON: quotation marks) and fill it in again."});
        return true;
    }
    if (r->cells[c].kind == ENTRY_CELL_TEXT && strspn(text, "0123456789.") >= 3 &&
        (strstr(text, "E+") != NULL || strstr(text, "e+") != NULL)) {
        fault(r, c,
              (struct words){"号码已被表格软件改成科学记数，后几位丢失",
                             "A spreadsheet program has rewritten the number (E+); its last digits are lost.",
                             "将单元格设为文本后重填", "Format the cell as text and fill it in again."});
        return true;
    }
    return false;
}

static const char *read_choice(struct reading *r, enum entry_column c)
{
    static const struct {
        enum entry_column column;
        const char *said, *meant;
    } usual[] = {{COLUMN_ID_TYPE, "身份证", "居民身份证"},
                 {COLUMN_ID_TYPE, "二代身份证", "居民身份证"},
                 {COLUMN_ID_TYPE, "港澳通行证", "港澳居民来往内地通行证"},
                 {COLUMN_ID_TYPE, "台湾通行证", "台湾居民来往大陆通行证"},
                 {COLUMN_GENDER, "男性", "男"},
                 {COLUMN_GENDER, "女性", "女"},
                 {COLUMN_LEVEL, "正高", "正高级"},
                 {COLUMN_LEVEL, "副高", "副高级"},
                 {COLUMN_LEVEL, "助理级", "初级"},
                 {COLUMN_LEVEL, "员级", "初级"}};
    const char *const *choices = entry_column_info(c)->choices;
    unsigned changes;
    char *text = tidy(r, c, TIDY_CODE, &changes), *list;

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        if (usual[i].column == c && strcmp(usual[i].said, text) == 0)
            text = arena_text(r->a, usual[i].meant);
    }
    for (size_t i = 0; text != NULL && choices[i] != NULL; i++) {
        if (strcmp(text, choices[i]) == 0)
            return choices[i];
    }
    list = arena_text(r->a, choices[0]);
    for (size_t i = 1; list != NULL && choices[i] != NULL; i++)
        list = arena_printf(r->a, "%s%s%s", list, choices[i + 1] == NULL ? " 或 " : "、", choices[i]);
    if (text == NULL || list == NULL) {
        r->no_memory = true;
        return NULL;
    }
    if (c == COLUMN_LEVEL && (strcmp(text, "高级") == 0 || strcmp(text, "高") == 0))
        list = arena_text(r->a, "正高级 或 副高级");
    fault(r, c,
          (struct words){TEXT(r, "没有“%.60s”这个%s", text, title_of(c)),
                         "This is not one of the values possible here.",
                         TEXT(r, "填 %s", text_or_nothing(r, list)),
                         TEXT(r, "Fill in one of: %s.", text_or_nothing(r, list))});
    return NULL;
}

static const char *read_date(struct reading *r, enum entry_column c)
{
    static const struct words wrong[] = {
        [DATE_NO_DAY] = {"只有年月，缺少日", "The day is missing.", "补全到日，例如 1985-02-12",
                         "Give the day, too, like 1985-02-12."},
        [DATE_ORDER] = {"年月日的顺序不清楚", "The order of day, month and year is not clear.",
                        "写成 1985-02-12 的形式", "Write it like 1985-02-12."},
        [DATE_SHORT_YEAR] = {"年份不是四位", "The year does not have four digits.", "写成 1985-02-12 的形式",
                             "Write it like 1985-02-12."},
        [DATE_NO_SUCH] = {"没有这一天", "There is no such day.", "核对年月日", "Check year, month and day."},
        [DATE_NOT_ONE] = {"不是日期", "This is not a date.", "写成 1985-02-12 的形式",
                          "Write it like 1985-02-12."}};
    const struct entry_cell *cell = &r->cells[c];
    enum cell_date kind;
    struct date d;
    char whole[24];
    unsigned changes;
    char *text = tidy(r, c, TIDY_TEXT, &changes);

    if (text == NULL)
        return NULL;
    kind = cell_date_read(&d, text);
    if (kind == DATE_GOOD)
        return TEXT(r, "%04d-%02d-%02d", d.year, d.month, d.day);
    if (cell->kind == ENTRY_CELL_NUMBER && cell_whole_number(whole, text) && strlen(whole) == 5)
        fault(r, c,
              (struct words){"日期存成了普通数字", "The date is stored as a plain number.",
                             "将单元格设为日期格式，或写成 1985-02-12 的文本",
                             "Format the cell as a date, or write it as text like 1985-02-12."});
    else
        fault(r, c, wrong[kind]);
    return NULL;
}

static unsigned read_serial(struct reading *r, unsigned position)
{
    unsigned changes, serial = 0;
    char whole[24];
    char *text = tidy(r, COLUMN_SERIAL, TIDY_CODE, &changes);

    if (text == NULL)
        return position;
    if (!cell_whole_number(whole, text) || strlen(whole) > 7) {
        fault(r, COLUMN_SERIAL,
              (struct words){"不是序号", "This is not a serial number.", "填 1 至 9999999 的整数，或整列留空",
                             "Fill in a whole number from 1 to 9999999, or leave the column empty."});
        return position;
    }
    for (const char *at = whole; *at != '\0'; at++)
        serial = serial * 10 + (unsigned)(*at - '0');
    if (serial == 0)
        fault(r, COLUMN_SERIAL,
              (struct words){"序号为 0", "The serial number is 0.", "从 1 开始编号", "Count from 1."});
    return serial;
}

/* The length and digits of a citizen's number, as somebody reads them who compares it with the card. */
static bool resident_shape(struct reading *r, const char *number)
{
    size_t len = utf8_length(slice_of(number)), digits = strspn(number, "0123456789");

    if (len == 15 && digits == 15) {
        fault(r, COLUMN_ID_NUMBER,
              (struct words){"是 15 位的旧号码", "This is an old number of 15 digits.", "填 18 位身份证号",
                             "Fill in the number of 18 digits."});
    } else if (len != 18) {
        fault(r, COLUMN_ID_NUMBER,
              (struct words){TEXT(r, "位数不对：应为 18 位，填写了 %zu 位", len),
                             TEXT(r, "It should have 18 digits and has %zu.", len),
                             len < 18 ? "补全 18 位身份证号" : "改为 18 位身份证号",
                             "Fill in all 18 digits of the identity number."});
    } else if (digits < 17) {
        fault(r, COLUMN_ID_NUMBER,
              (struct words){TEXT(r, "第 %zu 位不是数字", digits + 1),
                             TEXT(r, "Character %zu is not a digit.", digits + 1), "对照身份证逐位核对",
                             "Compare it with the card, digit by digit."});
    } else if (digits == 17 && number[17] != 'X') {
        fault(r, COLUMN_ID_NUMBER,
              (struct words){"最后一位应为数字或 X", "The last character should be a digit or X.",
                             "对照身份证逐位核对", "Compare it with the card, digit by digit."});
    } else {
        return true;
    }
    return false;
}

static void check_against_number(struct reading *r, struct date birth, bool male)
{
    struct date said;

    if (r->out->birth_date != NULL && date_parse(&said, r->out->birth_date) && date_compare(said, birth) != 0)
        fault(r, COLUMN_BIRTH_DATE,
              (struct words){
                  TEXT(r, "与身份证号中的 %04d-%02d-%02d 不一致", birth.year, birth.month, birth.day),
                  TEXT(r, "It differs from %04d-%02d-%02d in the identity number.", birth.year, birth.month,
                       birth.day),
                  "核对身份证，改正其中一项", "Compare with the card and correct one of the two."});
    if (r->out->gender != NULL && male != (strcmp(r->out->gender, "男") == 0))
        fault(r, COLUMN_GENDER,
              (struct words){TEXT(r, "与身份证号不一致：号码表示%s", male ? "男" : "女"),
                             "It differs from the one in the identity number.", "核对身份证，改正其中一项",
                             "Compare with the card and correct one of the two."});
}

static void check_resident_id(struct reading *r, const char *number)
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
        fault(r, COLUMN_ID_NUMBER,
              (struct words){"第 7 至 14 位不是存在的日期", "Digits 7 to 14 are not a day that exists.",
                             "对照身份证逐位核对", "Compare it with the card, digit by digit."});
        break;
    case RESIDENT_ID_SHAPE:
    case RESIDENT_ID_CHECK:
        fault(r, COLUMN_ID_NUMBER,
              (struct words){"校验码不对：至少有一位填错", "The check digit is wrong: at least one digit is.",
                             "对照身份证逐位核对", "Compare it with the card, digit by digit."});
        break;
    }
}

static void read_identity(struct reading *r)
{
    struct entry *o = r->out;
    struct date birth;
    bool male;

    o->id_type = read_choice(r, COLUMN_ID_TYPE);
    o->gender = read_choice(r, COLUMN_GENDER);
    o->birth_date = read_date(r, COLUMN_BIRTH_DATE);
    if (is_number_cell(r, COLUMN_ID_NUMBER))
        return;
    o->id_number = read_code(r, COLUMN_ID_NUMBER, 32);
    if (o->id_number == NULL || o->id_type == NULL)
        return;
    if (strcmp(o->id_type, choices_resident_id) == 0)
        check_resident_id(r, o->id_number);
    else if (resident_id_check(o->id_number, &birth, &male) == RESIDENT_ID_GOOD)
        warn(r, COLUMN_ID_TYPE,
             (struct words){"证件号码像是居民身份证号", "The number looks like that of an identity card.",
                            "核对证件类型", "Check the type of document."});
}

static void read_mobile(struct reading *r)
{
    char whole[24];
    const char *text;
    size_t digits;

    text = read_code(r, COLUMN_MOBILE, 20);
    if (text == NULL)
        return;
    if (r->cells[COLUMN_MOBILE].kind == ENTRY_CELL_NUMBER && cell_whole_number(whole, text))
        text = text_or_nothing(r, arena_text(r->a, whole));
    digits = strspn(text, "0123456789");
    if (text[strspn(text, "0123456789-+()")] != '\0')
        fault(r, COLUMN_MOBILE,
              (struct words){"不是电话号码", "This is not a telephone number.", "填 11 位手机号码，或留空",
                             "Fill in the 11 digits of the mobile number, or leave it empty."});
    else if (text[digits] == '\0' && text[0] == '1' && digits != 11)
        fault(r, COLUMN_MOBILE,
              (struct words){TEXT(r, "位数不对：应为 11 位，填写了 %zu 位", digits),
                             TEXT(r, "It should have 11 digits and has %zu.", digits), "核对手机号码，或留空",
                             "Check the mobile number, or leave it empty."});
    else if (strlen(text) < 7)
        fault(r, COLUMN_MOBILE,
              (struct words){"位数太少", "It is too short.", "核对手机号码，或留空",
                             "Check the mobile number, or leave it empty."});
    else
        r->out->mobile = text;
}

static void read_uscc(struct reading *r)
{
    const char *text;
    size_t len;

    if (is_number_cell(r, COLUMN_USCC))
        return;
    text = read_code(r, COLUMN_USCC, 64);
    if (text == NULL)
        return;
    len = utf8_length(slice_of(text));
    if (len != 18)
        fault(r, COLUMN_USCC,
              (struct words){TEXT(r, "位数不对：应为 18 位，填写了 %zu 位", len),
                             TEXT(r, "It should have 18 characters and has %zu.", len),
                             "对照营业执照或法人证书核对，或留空",
                             "Compare it with the licence, or leave it empty."});
    else if (!uscc_valid(text))
        fault(r, COLUMN_USCC,
              (struct words){"校验码不对：至少有一位填错",
                             "The check character is wrong: at least one character is.",
                             "对照营业执照或法人证书逐位核对，或留空",
                             "Compare it with the licence, character by character, or leave it empty."});
    else
        r->out->uscc = text;
}

static void read_series(struct reading *r)
{
    unsigned changes;
    char *text = tidy(r, COLUMN_SERIES, TIDY_TEXT, &changes);
    const struct series *s = text == NULL ? NULL : series_find(r->series, text);
    char code[16];

    if (text == NULL)
        return;
    if (s == NULL && r->cells[COLUMN_SERIES].kind == ENTRY_CELL_NUMBER && strlen(text) == 1) {
        (void)snprintf(code, sizeof code, "0%s", text); /* a number cell keeps no leading zero */
        s = series_find(r->series, code);
    }
    if (s == NULL) {
        fault(r, COLUMN_SERIES,
              (struct words){TEXT(r, "没有“%.*s”这个系列", (int)utf8_whole(text, strnlen(text, 90)), text),
                             "There is no series of this name or code.", "从下拉列表中选择，或填系列代码",
                             "Choose one from the list, or fill in its code."});
        return;
    }
    r->out->series_code = s->code;
    r->out->series_name = s->name;
}

static void check_title(struct reading *r)
{
    const struct entry *o = r->out;
    const struct series *s = o->series_code == NULL ? NULL : series_find(r->series, o->series_code);
    const char *level = s == NULL || o->title == NULL ? NULL : series_level_of(s, o->title);

    if (level != NULL && o->level != NULL && strcmp(level, o->level) != 0)
        warn(r, COLUMN_LEVEL,
             (struct words){TEXT(r, "“%s”通常是%s", o->title, level),
                            TEXT(r, "The title %s is usually of another level (%s).", o->title, level),
                            "核对资格名称和级别", "Check title and level."});
}

/* Kept as it was issued: 第三方33, 皖人社职 12 号. */
static void read_certificate_no(struct reading *r)
{
    const enum entry_column c = COLUMN_CERTIFICATE_NO;
    char whole[24];
    const char *text;

    if (r->cells[c].kind == ENTRY_CELL_NUMBER && cell_whole_number(whole, r->cells[c].text)) {
        warn(r, c,
             (struct words){"编号存成了数字，开头的 0 会丢失",
                            "The number is stored as a numeric value, which has no leading zeros.",
                            "编号以 0 开头的，设为文本后重填",
                            "Where it begins with 0, format the cell as text and fill it in again."});
        r->out->certificate_no = text_or_nothing(r, arena_text(r->a, whole));
        return;
    }
    if (is_number_cell(r, c))
        return;
    text = read_text(r, c, NUMBER_MAX);
    if (text != NULL)
        r->out->certificate_no = text;
}

static void check_days(struct reading *r)
{
    const struct entry *o = r->out;

    if (o->birth_date != NULL && o->obtained_date != NULL && strcmp(o->obtained_date, o->birth_date) < 0)
        fault(r, COLUMN_OBTAINED_DATE,
              (struct words){"早于出生日期", "It is before the date of birth.", "核对这两个日期",
                             "Check the two dates."});
}

bool entry_read(struct entry *out, const struct entry_cell cells[ENTRY_COLUMNS], unsigned row,
                unsigned position, const struct series_list *series, struct row_faults *faults,
                struct arena *a, struct err *e)
{
    struct reading r = {out, cells, series, row, faults, a, false, false};

    *out = (struct entry){0};
    out->serial = read_serial(&r, position);
    out->name = read_text(&r, COLUMN_NAME, 50);
    read_identity(&r);
    read_mobile(&r);
    out->employer = read_text(&r, COLUMN_EMPLOYER, 100);
    read_uscc(&r);
    read_series(&r);
    out->specialty = read_text(&r, COLUMN_SPECIALTY, 60);
    out->title = read_text(&r, COLUMN_TITLE, 60);
    out->level = read_choice(&r, COLUMN_LEVEL);
    out->obtain_mode = read_choice(&r, COLUMN_OBTAIN_MODE);
    out->obtained_date = read_date(&r, COLUMN_OBTAINED_DATE);
    out->nature = read_choice(&r, COLUMN_NATURE);
    read_certificate_no(&r);
    out->note = read_text(&r, COLUMN_NOTE, 200);
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
