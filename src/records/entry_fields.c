/* entry_fields.c - a cell of a list as a text, a code, one of several choices, or a day; or a fault. */
#include "base/utf8.h"
#include "records/choices.h"
#include "records/entry_internal.h"
#include "records/text.h"
#include <string.h>

static void say(struct row_reading *r, enum entry_column c, bool warning, struct fault_words w)
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

void cell_fault(struct row_reading *r, enum entry_column c, struct fault_words w)
{
    say(r, c, false, w);
}

void cell_warn(struct row_reading *r, enum entry_column c, struct fault_words w)
{
    say(r, c, true, w);
}

static void fault_err(struct row_reading *r, enum entry_column c, const struct err *why)
{
    struct err e = *why;

    (void)err_field(&e, "/%s", entry_column_info(c)->member);
    row_faults_add_err(r->faults, r->row, &e, r->cells[c].text);
    r->bad = true;
}

const char *kept_text(struct row_reading *r, const char *text)
{
    r->no_memory = r->no_memory || text == NULL;
    return text == NULL ? "" : text;
}

static const char *title_of(enum entry_column c)
{
    return entry_column_info(c)->title;
}

static void warn_of_changes(struct row_reading *r, enum entry_column c, unsigned changes)
{
    if (changes & CELL_SPACES)
        cell_warn(r, c,
                  (struct fault_words){"文字中间有多余的空格", "There are odd spaces inside the text.",
                                       "已去掉，请核对", "They were taken out; please check."});
    if (changes & CELL_WIDTH)
        cell_warn(r, c,
                  (struct fault_words){"有全角数字、字母或符号",
                                       "There are full-width digits, letters or signs.", "已改为半角，请核对",
                                       "They were made half-width; please check."});
    if (changes & CELL_QUOTE)
        cell_warn(r, c,
                  (struct fault_words){"号码前后有引号或等号",
                                       "There are quotation marks or an equals sign around it.",
                                       "已去掉，请核对", "They were taken off; please check."});
    if (changes & CELL_INVISIBLE)
        cell_warn(r, c,
                  (struct fault_words){"含有看不见的字符", "There are invisible characters in it.",
                                       "已去掉，请核对", "They were taken out; please check."});
}

/* false where the cell holds nothing that a text could be; with a fault where something is required. */
static bool has_text(struct row_reading *r, enum entry_column c)
{
    const struct entry_cell *cell = &r->cells[c];

    if (cell->kind == ENTRY_CELL_OTHER) {
        cell_fault(r, c,
                   (struct fault_words){"单元格里不是文字（公式错误或逻辑值）",
                                        "The cell is an error of a formula, or true or false.",
                                        "改填实际内容", "Fill in what is meant."});
        return false;
    }
    if (cell->kind == ENTRY_CELL_DATE && c != COLUMN_BIRTH_DATE && c != COLUMN_OBTAINED_DATE) {
        cell_fault(r, c,
                   (struct fault_words){"单元格是日期", "The cell is a date.", "设为文本后重填",
                                        "Format the cell as text and fill it in again."});
        return false;
    }
    return cell->kind != ENTRY_CELL_EMPTY;
}

static void fault_missing(struct row_reading *r, enum entry_column c)
{
    if (!entry_column_info(c)->required || c == COLUMN_SERIAL)
        return;
    cell_fault(r, c,
               (struct fault_words){"未填写", "This is required and empty.", TEXT(r, "填写%s", title_of(c)),
                                    "Fill it in."});
}

char *cell_text_tidied(struct row_reading *r, enum entry_column c, enum cell_tidy how, unsigned *changes)
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
static bool no_stand_in(struct row_reading *r, enum entry_column c, const char *text)
{
    uint32_t cp = stand_in(text);
    char shown[5] = "";

    if (cp == 0)
        return true;
    shown[utf8_put(shown, cp)] = '\0';
    if (cp >= 0xE000 && cp != 0xFF1F && cp != 0xFF0A && cp != 0xFFFD)
        cell_fault(r, c,
                   (struct fault_words){
                       TEXT(r, "“%s”（U+%04X）是自造字，别的电脑上显示不出来", shown, cp),
                       TEXT(r, "U+%04X is a private-use character, which other computers cannot show.", cp),
                       "用输入法打出标准编码的原字", "Type the character that has a standard code."});
    else
        cell_fault(
            r, c,
            (struct fault_words){
                TEXT(r, "“%s”（U+%04X）是缺字符号，不是姓名中的字", shown, cp),
                TEXT(r, "U+%04X stands for a character that was lost; it is not part of the name.", cp),
                "用输入法打出原字", "Type the original character."});
    return false;
}

const char *cell_read_text(struct row_reading *r, enum entry_column c, size_t max)
{
    bool is_person = c == COLUMN_NAME;
    struct text_rule rule = {max, is_person};
    const char *clean;
    unsigned changes, composed;
    char *text = cell_text_tidied(r, c, is_person ? TIDY_PERSON : TIDY_TEXT, &changes);
    struct err e;

    if (text == NULL || (is_person && !no_stand_in(r, c, text)))
        return NULL;
    if (is_person && r->cells[c].kind == ENTRY_CELL_NUMBER) {
        cell_fault(
            r, c, (struct fault_words){"填写的是数字", "This is a number.", "填写姓名", "Fill in the name."});
        return NULL;
    }
    if (text_clean(&clean, &composed, text, &rule, r->a, &e) != 0) {
        fault_err(r, c, &e);
        return NULL;
    }
    if (is_person || changes & CELL_INVISIBLE)
        warn_of_changes(r, c, changes);
    if (!is_person && (strstr(clean, "□") != NULL || strstr(clean, "〓") != NULL))
        cell_warn(r, c,
                  (struct fault_words){"含有缺字符号 □ 或 〓",
                                       "There is a □ or 〓, which often stands for a lost character.",
                                       "核对是否缺字", "Check whether a character is missing."});
    if (composed & TEXT_SEPARATOR)
        cell_warn(r, c,
                  (struct fault_words){
                      "姓名间隔号不规范", "The separator of the name is not the standard one.",
                      "已改为 ·（U+00B7），请核对", "It was changed to · (U+00B7); please check."});
    return clean;
}

const char *cell_read_code(struct row_reading *r, enum entry_column c, size_t max)
{
    struct text_rule rule = {max, false};
    const char *clean;
    unsigned changes, composed;
    char *text = cell_text_tidied(r, c, TIDY_CODE, &changes);
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

bool cell_is_rounded(struct row_reading *r, enum entry_column c)
{
    const char *text = r->cells[c].text;

    if (r->cells[c].kind == ENTRY_CELL_NUMBER) {
        cell_fault(
            r, c,
            (struct fault_words){"号码存成了数字，后几位可能已丢失",
                                 "The number is stored as a numeric value; its last digits may be lost.",
                                 "将单元格设为文本后重填",
                                 "Format the cell as text (JSON: quotation marks) and fill it in again."});
        return true;
    }
    if (r->cells[c].kind == ENTRY_CELL_TEXT && strspn(text, "0123456789.") >= 3 &&
        (strstr(text, "E+") != NULL || strstr(text, "e+") != NULL)) {
        cell_fault(r, c,
                   (struct fault_words){
                       "号码已被表格软件改成科学记数，后几位丢失",
                       "A spreadsheet program has rewritten the number (E+); its last digits are lost.",
                       "将单元格设为文本后重填", "Format the cell as text and fill it in again."});
        return true;
    }
    return false;
}

const char *cell_read_choice(struct row_reading *r, enum entry_column c)
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
    char *text = cell_text_tidied(r, c, TIDY_CODE, &changes), *list;

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
    cell_fault(r, c,
               (struct fault_words){TEXT(r, "没有“%.60s”这个%s", text, title_of(c)),
                                    "This is not one of the values possible here.",
                                    TEXT(r, "填 %s", kept_text(r, list)),
                                    TEXT(r, "Fill in one of: %s.", kept_text(r, list))});
    return NULL;
}

const char *cell_read_date(struct row_reading *r, enum entry_column c)
{
    static const struct fault_words wrong[] = {
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
    char *text = cell_text_tidied(r, c, TIDY_TEXT, &changes);

    if (text == NULL)
        return NULL;
    kind = cell_date_read(&d, text);
    if (kind == DATE_GOOD)
        return TEXT(r, "%04d-%02d-%02d", d.year, d.month, d.day);
    if (cell->kind == ENTRY_CELL_NUMBER && cell_whole_number(whole, text) && strlen(whole) == 5)
        cell_fault(r, c,
                   (struct fault_words){"日期存成了普通数字", "The date is stored as a plain number.",
                                        "将单元格设为日期格式，或写成 1985-02-12 的文本",
                                        "Format the cell as a date, or write it as text like 1985-02-12."});
    else
        cell_fault(r, c, wrong[kind]);
    return NULL;
}
