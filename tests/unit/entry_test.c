/* entry_test.c - one row of a list: the good one, and each rule with what breaks it. */
#include "base/json.h"
#include "records/entry.h"
#include "records/order.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct arena a;
    struct series_list series;
    struct row_faults faults;
    struct entry entry;
    struct entry_cell cells[ENTRY_COLUMNS];
    struct err e;
    bool good;
};

static const char *const good_row[ENTRY_COLUMNS] = {"3",
                                                    "龙㛃䶮",
                                                    "居民身份证",
                                                    "340000197811031274",
                                                    "男",
                                                    "1978-11-03",
                                                    "13800000000",
                                                    "安徽省测试人民医院(虚构)",
                                                    "12340000MB0A1B2C3L",
                                                    "卫生技术人员",
                                                    "心血管内科",
                                                    "主任医师",
                                                    "正高级",
                                                    "评审",
                                                    "2025-12-20",
                                                    "社会化",
                                                    "",
                                                    "无"};

static void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.a = ARENA_INIT};
    f->faults.a = &f->a;
    assert_int_equal(series_load(&f->series, NULL, &f->a, &f->e), 0);
    for (int c = 0; c < ENTRY_COLUMNS; c++) {
        f->cells[c].text = good_row[c];
        f->cells[c].kind = good_row[c][0] == '\0' ? ENTRY_CELL_EMPTY : ENTRY_CELL_TEXT;
    }
}

static void read_row(struct fixture *f)
{
    f->good = entry_read(&f->entry, f->cells, 14, 9, &f->series, &f->faults, &f->a, &f->e);
    assert_int_equal(f->good, f->faults.errors == 0);
}

/* The good row, but for one cell. */
static void read_with(struct fixture *f, enum entry_column c, int kind, const char *text)
{
    fixture_init(f);
    f->cells[c].kind = kind;
    f->cells[c].text = text;
    read_row(f);
}

static void a_good_row_is_read_whole(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    read_row(&f);
    assert_true(f.good);
    assert_int_equal(f.faults.count, 0);
    assert_int_equal(f.entry.serial, 3);
    assert_string_equal(f.entry.name, "龙㛃䶮");
    assert_string_equal(f.entry.id_number, "340000197811031274");
    assert_string_equal(f.entry.birth_date, "1978-11-03");
    assert_string_equal(f.entry.series_code, "05");
    assert_string_equal(f.entry.series_name, "卫生技术人员");
    assert_string_equal(f.entry.uscc, "12340000MB0A1B2C3L");
    assert_null(f.entry.certificate_no);
    arena_dispose(&f.a);
}

static void an_entry_is_kept_found_again_and_ordered(void **state)
{
    const struct entry_filing filing = {"demo", "皖测社秘〔2026〕1号", "2026-01-15", "entry-1", 2025};
    struct certificate_order order;
    struct faults faults = {.count = 0};
    struct entry again;
    struct fixture f;
    json_t *json, *ordered;

    (void)state;
    fixture_init(&f);
    read_row(&f);
    json = entry_json(&f.entry);
    assert_non_null(json);
    assert_int_equal(entry_from_json(&again, json, &f.a, &f.e), 0);
    assert_int_equal(again.serial, 3);
    assert_string_equal(again.series_name, "卫生技术人员");
    assert_string_equal(again.note, "无");
    assert_null(again.certificate_no);
    ordered = entry_order(&again, &filing);
    if (certificate_order_read(&order, ordered, &f.a, &faults, &f.e) != 0)
        fail_msg("%s %s", f.e.field, f.e.zh);
    assert_string_equal(order.name, "龙㛃䶮");
    assert_string_equal(order.employer, "安徽省测试人民医院(虚构)");
    assert_string_equal(order.biz_no, "entry-1");
    assert_int_equal(order.year, 2025);
    json_decref(json);
    json_decref(ordered);
    json = json_pack("{s:i}", "serial", 1);
    assert_int_equal(entry_from_json(&again, json, &f.a, &f.e), -1);
    assert_int_equal(f.e.code, ERR_INTERNAL);
    json_decref(json);
    arena_dispose(&f.a);
}

/* One cell at fault: one fault, at its column, with these words. */
static void at_fault(enum entry_column c, int kind, const char *text, enum entry_column at,
                     const char *problem, const char *advice)
{
    struct fixture f;
    const struct row_fault *fault;

    read_with(&f, c, kind, text);
    if (f.good)
        fail_msg("taken: %s", text);
    fault = &f.faults.list[0];
    for (size_t i = 0; i < f.faults.count && fault->warning; i++)
        fault = &f.faults.list[i];
    if (fault->column != (int)at || strstr(fault->problem, problem) == NULL ||
        strstr(fault->advice, advice) == NULL)
        fail_msg("%s: column %d, %s / %s", text, fault->column, fault->problem, fault->advice);
    assert_int_equal(f.faults.errors, 1);
    assert_int_equal(f.faults.bad_rows, 1);
    assert_int_equal(fault->row, 14);
    assert_true(fault->problem_en[0] != '\0');
    assert_true(fault->advice_en[0] != '\0');
    assert_null(strstr(fault->problem, "。")); /* cells of a table have no full stops */
    arena_dispose(&f.a);
}

/* Taken as `meant`, with a warning or without. */
static void taken(enum entry_column c, int kind, const char *text, size_t at, const char *meant, bool warned)
{
    struct fixture f;
    const char *got;

    read_with(&f, c, kind, text);
    if (!f.good)
        fail_msg("%s: %s", text, f.faults.list[0].problem);
    got = *(const char **)(void *)((char *)&f.entry + at);
    if (meant == NULL)
        assert_null(got);
    else
        assert_string_equal(got, meant);
    if ((f.faults.warnings > 0) != warned)
        fail_msg("%s: %zu warnings", text, f.faults.warnings);
    for (size_t i = 0; i < f.faults.count; i++)
        assert_true(f.faults.list[i].warning);
    arena_dispose(&f.a);
}

#define AT(member) offsetof(struct entry, member)

static void every_required_cell_is_missed(void **state)
{
    (void)state;
    for (int c = 0; c < ENTRY_COLUMNS; c++) {
        const struct entry_column_info *info = entry_column_info((enum entry_column)c);
        char advice[64];

        (void)snprintf(advice, sizeof advice, "填写%s", info->title);
        if (info->required && c != COLUMN_SERIAL) {
            at_fault((enum entry_column)c, ENTRY_CELL_EMPTY, "", (enum entry_column)c, "未填写", advice);
            at_fault((enum entry_column)c, ENTRY_CELL_TEXT, "\xc2\xa0 ", (enum entry_column)c, "未填写",
                     advice);
        }
    }
}

static void a_row_without_serial_has_its_place(void **state)
{
    struct fixture f;

    (void)state;
    read_with(&f, COLUMN_SERIAL, ENTRY_CELL_EMPTY, "");
    assert_true(f.good);
    assert_int_equal(f.entry.serial, 9);
    arena_dispose(&f.a);
    read_with(&f, COLUMN_SERIAL, ENTRY_CELL_NUMBER, "12");
    assert_int_equal(f.entry.serial, 12);
    arena_dispose(&f.a);
    read_with(&f, COLUMN_SERIAL, ENTRY_CELL_TEXT, "０００７");
    assert_int_equal(f.entry.serial, 7);
    arena_dispose(&f.a);
    at_fault(COLUMN_SERIAL, ENTRY_CELL_TEXT, "一", COLUMN_SERIAL, "不是序号", "整数");
    at_fault(COLUMN_SERIAL, ENTRY_CELL_NUMBER, "1.5", COLUMN_SERIAL, "不是序号", "整数");
    at_fault(COLUMN_SERIAL, ENTRY_CELL_NUMBER, "0", COLUMN_SERIAL, "为 0", "从 1");
    at_fault(COLUMN_SERIAL, ENTRY_CELL_NUMBER, "12345678", COLUMN_SERIAL, "不是序号", "整数");
}

static void document_numbers_in_number_cells_are_refused_never_rounded(void **state)
{
    static const char *const digits[] = {"340000197811031274", "3.4000019781103101E+17",
                                         "340000197811031000"};

    (void)state;
    for (size_t i = 0; i < 3; i++)
        at_fault(COLUMN_ID_NUMBER, ENTRY_CELL_NUMBER, digits[i], COLUMN_ID_NUMBER, "存成了数字",
                 "设为文本后重填");
    at_fault(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "3.40000E+17", COLUMN_ID_NUMBER, "科学记数",
             "设为文本后重填");
    at_fault(COLUMN_USCC, ENTRY_CELL_NUMBER, "123400001234567890", COLUMN_USCC, "存成了数字", "设为文本");
    at_fault(COLUMN_CERTIFICATE_NO, ENTRY_CELL_NUMBER, "9342025000512002121", COLUMN_CERTIFICATE_NO,
             "存成了数字", "设为文本");
    taken(COLUMN_CERTIFICATE_NO, ENTRY_CELL_NUMBER, "12345", AT(certificate_no), "12345", true);
}

static void faults_of_document_numbers_say_which(void **state)
{
    (void)state;
    at_fault(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "3400001978110312", COLUMN_ID_NUMBER,
             "位数不对：应为 18 位，填写了 16 位", "补全 18 位身份证号");
    at_fault(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "3400001978110312744", COLUMN_ID_NUMBER, "填写了 19 位",
             "18 位");
    at_fault(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "340000781103127", COLUMN_ID_NUMBER, "15 位的旧号码",
             "18 位");
    at_fault(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "340000197811031275", COLUMN_ID_NUMBER,
             "校验码不对：至少有一位填错", "对照身份证逐位核对");
    at_fault(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "34000019781103127Y", COLUMN_ID_NUMBER, "数字或 X",
             "逐位核对");
    at_fault(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "3400O0197811031274", COLUMN_ID_NUMBER, "第 5 位不是数字",
             "逐位核对");
    at_fault(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "340000197813031274", COLUMN_ID_NUMBER, "不是存在的日期",
             "逐位核对");
    at_fault(COLUMN_BIRTH_DATE, ENTRY_CELL_TEXT, "1978-03-11", COLUMN_BIRTH_DATE,
             "与身份证号中的 1978-11-03 不一致", "核对身份证，改正其中一项");
    at_fault(COLUMN_GENDER, ENTRY_CELL_TEXT, "女", COLUMN_GENDER, "与身份证号不一致", "改正其中一项");
}

static void document_numbers_are_put_right_where_that_is_safe(void **state)
{
    struct fixture f;

    (void)state;
    taken(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, " 340000197811031274\n", AT(id_number), "340000197811031274",
          false);
    taken(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "340000 19781103 1274", AT(id_number), "340000197811031274",
          true);
    taken(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "３４００００197811031274", AT(id_number), "340000197811031274",
          true);
    taken(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "'340000197811031274", AT(id_number), "340000197811031274",
          true);
    taken(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "=\"340000197811031274\"", AT(id_number), "340000197811031274",
          true);
    taken(COLUMN_ID_NUMBER, ENTRY_CELL_TEXT,
          "\xEF\xBB\xBF"
          "340000197811031274",
          AT(id_number), "340000197811031274", true);

    fixture_init(&f);
    f.cells[COLUMN_ID_NUMBER].text = "34000019880229005x";
    f.cells[COLUMN_BIRTH_DATE].text = "1988-02-29";
    read_row(&f);
    assert_true(f.good);
    assert_string_equal(f.entry.id_number, "34000019880229005X");
    arena_dispose(&f.a);
}

static void other_documents_are_not_held_to_the_citizens_number(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    f.cells[COLUMN_ID_TYPE].text = "军官证";
    f.cells[COLUMN_ID_NUMBER].text = "南字第00012345号";
    read_row(&f);
    assert_true(f.good);
    assert_string_equal(f.entry.id_number, "南字第00012345号");
    assert_int_equal(f.faults.warnings, 0);
    arena_dispose(&f.a);

    fixture_init(&f);
    f.cells[COLUMN_ID_TYPE].text = "护照";
    read_row(&f);
    assert_true(f.good);
    assert_int_equal(f.faults.warnings, 1); /* that is the number of an identity card */
    arena_dispose(&f.a);
    taken(COLUMN_ID_TYPE, ENTRY_CELL_TEXT, "身份证", AT(id_type), "居民身份证", false);
    at_fault(COLUMN_ID_TYPE, ENTRY_CELL_TEXT, "学生证", COLUMN_ID_TYPE, "没有“学生证”这个证件类型",
             "居民身份证");
}

static void document_numbers_are_masked_wherever_they_are_shown(void **state)
{
    static const char *const numbers[][2] = {{"340000198502120024", "340000********0024"},
                                             {"3400001978110312", "340000******0312"},
                                             {"E12345678", "*******78"},
                                             {"南字第00012345号", "南字第******45号"},
                                             {"字第12345号", "******5号"},
                                             {"都是汉字的号码", "*****号码"},
                                             {"12345", "*****"},
                                             {"", ""}};
    char out[4 * 64 + 16];
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        id_number_mask(out, sizeof out, numbers[i][0]);
        assert_string_equal(out, numbers[i][1]);
    }
    read_with(&f, COLUMN_ID_NUMBER, ENTRY_CELL_TEXT, "340000197811031275");
    assert_string_equal(f.faults.list[0].value, "340000********1275");
    arena_dispose(&f.a);
    fixture_init(&f);
    row_faults_add_err(
        &f.faults, 5,
        &(struct err){.code = ERR_INVALID, .field = "/id_number", .zh = "甲，请乙。", .en = "A; b."},
        "340000197811031275");
    assert_string_equal(f.faults.list[0].value, "340000********1275");
    assert_string_equal(f.faults.list[0].problem, "甲");
    assert_string_equal(f.faults.list[0].advice, "乙");
    assert_string_equal(f.faults.list[0].problem_en, "A");
    assert_string_equal(f.faults.list[0].advice_en, "b");
    arena_dispose(&f.a);
}

static void dates_are_read_in_all_their_usual_forms(void **state)
{
    static const char *const forms[] = {"1978-11-03",           "1978.11.3",          "1978/11/3",
                                        "1978年11月3日",        "1978年11月03号",     "19781103",
                                        "１９７８．１１．０３", " 1978-11-3 ",        "1978－11－03",
                                        "1978-11-03 00:00:00",  "1978 年 11 月 3 日", "1978-11-03T00:00:00Z"};

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        taken(COLUMN_BIRTH_DATE, ENTRY_CELL_TEXT, forms[i], AT(birth_date), "1978-11-03", false);
    taken(COLUMN_BIRTH_DATE, ENTRY_CELL_DATE, "1978-11-03", AT(birth_date), "1978-11-03", false);
    taken(COLUMN_BIRTH_DATE, ENTRY_CELL_DATE, "1978-11-03 12:00:00", AT(birth_date), "1978-11-03", false);
    taken(COLUMN_BIRTH_DATE, ENTRY_CELL_NUMBER, "19781103", AT(birth_date), "1978-11-03", false);
}

static void what_is_no_day_is_refused(void **state)
{
    static const struct {
        int kind;
        const char *text, *problem;
    } rows[] = {{ENTRY_CELL_TEXT, "1978.11", "缺少日"},
                {ENTRY_CELL_TEXT, "1978年11月", "缺少日"},
                {ENTRY_CELL_TEXT, "197811", "缺少日"},
                {ENTRY_CELL_NUMBER, "1978.11", "缺少日"},
                {ENTRY_CELL_TEXT, "3/11/1978", "顺序不清楚"},
                {ENTRY_CELL_TEXT, "78.11.3", "不是四位"},
                {ENTRY_CELL_TEXT, "1978-02-30", "没有这一天"},
                {ENTRY_CELL_TEXT, "1978-13-01", "没有这一天"},
                {ENTRY_CELL_DATE, "1900-02-29", "没有这一天"},
                {ENTRY_CELL_TEXT, "1878-11-03", "没有这一天"},
                {ENTRY_CELL_TEXT, "19781303", "没有这一天"},
                {ENTRY_CELL_TEXT, "七八年", "不是日期"},
                {ENTRY_CELL_TEXT, "1978-11-03x", "不是日期"},
                {ENTRY_CELL_NUMBER, "28797", "普通数字"},
                {ENTRY_CELL_TEXT, "1978-11-031", "不是日期"},
                {ENTRY_CELL_TEXT, "-1978-11-03", "不是日期"},
                {ENTRY_CELL_TEXT, "1978年11月3日至今", "不是日期"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        at_fault(COLUMN_BIRTH_DATE, rows[i].kind, rows[i].text, COLUMN_BIRTH_DATE, rows[i].problem, "");
    at_fault(COLUMN_OBTAINED_DATE, ENTRY_CELL_TEXT, "1970-01-01", COLUMN_OBTAINED_DATE, "早于出生日期",
             "核对");
}

static void names_are_names(void **state)
{
    (void)state;
    taken(COLUMN_NAME, ENTRY_CELL_TEXT, "买买提\xe2\x80\xa2吐尔逊", AT(name), "买买提·吐尔逊", true);
    taken(COLUMN_NAME, ENTRY_CELL_TEXT, "买买提．吐尔逊", AT(name), "买买提·吐尔逊", true);
    taken(COLUMN_NAME, ENTRY_CELL_TEXT, "买买提·吐尔逊", AT(name), "买买提·吐尔逊", false);
    taken(COLUMN_NAME, ENTRY_CELL_TEXT, "张　三", AT(name), "张三", true);
    taken(COLUMN_NAME, ENTRY_CELL_TEXT, "张\xc2\xa0三 ", AT(name), "张三", true);
    taken(COLUMN_NAME, ENTRY_CELL_TEXT, "Ann  Lee", AT(name), "Ann Lee", true);
    taken(COLUMN_NAME, ENTRY_CELL_TEXT, "Ann Lee", AT(name), "Ann Lee", false);
    taken(COLUMN_NAME, ENTRY_CELL_TEXT, "欧阳𬍛𫖯", AT(name), "欧阳𬍛𫖯", false);
    taken(COLUMN_NAME, ENTRY_CELL_TEXT, "阿卜杜热合曼·阿卜杜外力·买买提吐尔逊·麦麦提敏", AT(name),
          "阿卜杜热合曼·阿卜杜外力·买买提吐尔逊·麦麦提敏", false);
}

static void lost_characters_in_names_are_named(void **state)
{
    (void)state;
    at_fault(COLUMN_NAME, ENTRY_CELL_TEXT, "陈□", COLUMN_NAME, "“□”（U+25A1）是缺字符号", "打出原字");
    at_fault(COLUMN_NAME, ENTRY_CELL_TEXT, "陈〓", COLUMN_NAME, "U+3013", "打出原字");
    at_fault(COLUMN_NAME, ENTRY_CELL_TEXT, "陈?", COLUMN_NAME, "U+003F", "打出原字");
    at_fault(COLUMN_NAME, ENTRY_CELL_TEXT, "陈？", COLUMN_NAME, "U+FF1F", "打出原字");
    at_fault(COLUMN_NAME, ENTRY_CELL_TEXT, "陈\xef\xbf\xbd", COLUMN_NAME, "U+FFFD", "打出原字");
    at_fault(COLUMN_NAME, ENTRY_CELL_TEXT, "陈\xee\x80\x80", COLUMN_NAME, "U+E000", "标准编码");
    at_fault(COLUMN_NAME, ENTRY_CELL_TEXT, "陈*", COLUMN_NAME, "U+002A", "打出原字");
    at_fault(COLUMN_NAME, ENTRY_CELL_TEXT, "陈\xe2\x80\xae三", COLUMN_NAME, "U+202E", "删除");
    at_fault(COLUMN_NAME, ENTRY_CELL_TEXT, "陈<script>", COLUMN_NAME, "U+003C", "");
    at_fault(COLUMN_NAME, ENTRY_CELL_NUMBER, "123", COLUMN_NAME, "数字", "填写姓名");
    at_fault(COLUMN_NAME, ENTRY_CELL_DATE, "1978-11-03", COLUMN_NAME, "单元格是日期", "设为文本");
    at_fault(COLUMN_NAME, ENTRY_CELL_OTHER, "#N/A", COLUMN_NAME, "公式错误", "实际内容");
    taken(COLUMN_EMPLOYER, ENTRY_CELL_TEXT, "测试〓厂", AT(employer), "测试〓厂", true);
    at_fault(COLUMN_EMPLOYER, ENTRY_CELL_TEXT, "测试\xee\x80\x80厂", COLUMN_EMPLOYER, "U+E000", "标准编码");
}

static void choices_are_explained(void **state)
{
    (void)state;
    at_fault(COLUMN_LEVEL, ENTRY_CELL_TEXT, "高级", COLUMN_LEVEL, "没有“高级”这个级别",
             "填 正高级 或 副高级");
    at_fault(COLUMN_LEVEL, ENTRY_CELL_TEXT, "特级", COLUMN_LEVEL, "没有“特级”",
             "正高级、副高级、中级 或 初级");
    at_fault(COLUMN_GENDER, ENTRY_CELL_TEXT, "M", COLUMN_GENDER, "没有“M”", "男 或 女");
    at_fault(COLUMN_OBTAIN_MODE, ENTRY_CELL_TEXT, "评聘", COLUMN_OBTAIN_MODE, "没有“评聘”这个取得方式",
             "评审");
    at_fault(COLUMN_NATURE, ENTRY_CELL_TEXT, "永久", COLUMN_NATURE, "没有“永久”", "社会化");
    taken(COLUMN_LEVEL, ENTRY_CELL_TEXT, " 正 高级 ", AT(level), "正高级", false);
    taken(COLUMN_LEVEL, ENTRY_CELL_TEXT, "正高", AT(level), "正高级", false);
    taken(COLUMN_NATURE, ENTRY_CELL_EMPTY, "", AT(nature), NULL, false);
    taken(COLUMN_LEVEL, ENTRY_CELL_TEXT, "副高级", AT(level), "副高级", true); /* 主任医师 is 正高级 */
    taken(COLUMN_TITLE, ENTRY_CELL_TEXT, "某某师", AT(title), "某某师", false);
}

static void series_have_names_aliases_and_codes(void **state)
{
    static const char *const ways[] = {"卫生技术人员", "卫生", "05", "05 卫生技术人员"};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        taken(COLUMN_SERIES, ENTRY_CELL_TEXT, ways[i], AT(series_code), "05", false);
    taken(COLUMN_SERIES, ENTRY_CELL_NUMBER, "5", AT(series_code), "05", false);
    taken(COLUMN_SERIES, ENTRY_CELL_OTHER, "{\"code\":\"05\",\"name\":\"卫生\"}", AT(series_code), "05",
          false);
    taken(COLUMN_SERIES, ENTRY_CELL_OTHER, "{\"code\":\"05\"}", AT(series_code), "05", false);
    taken(COLUMN_SERIES, ENTRY_CELL_OTHER, "{\"name\":\"卫生\"}", AT(series_code), "05", false);
    at_fault(COLUMN_SERIES, ENTRY_CELL_OTHER, "{\"code\":\"06\",\"name\":\"卫生\"}", COLUMN_SERIES, "没有“",
             "下拉列表");
    at_fault(COLUMN_SERIES, ENTRY_CELL_OTHER, "{}", COLUMN_SERIES, "没有“", "下拉列表");
    at_fault(COLUMN_SERIES, ENTRY_CELL_OTHER, "{[", COLUMN_SERIES, "没有“", "下拉列表");
    at_fault(COLUMN_SERIES, ENTRY_CELL_OTHER, "#N/A", COLUMN_SERIES, "公式错误", "实际内容");
    at_fault(COLUMN_SERIES, ENTRY_CELL_TEXT, "玄学", COLUMN_SERIES, "没有“玄学”这个系列", "下拉列表");
    at_fault(COLUMN_SERIES, ENTRY_CELL_TEXT, "99", COLUMN_SERIES, "没有“99”", "下拉列表");
}

static void telephone_numbers_and_credit_codes_are_checked(void **state)
{
    (void)state;
    taken(COLUMN_MOBILE, ENTRY_CELL_NUMBER, "13800000000", AT(mobile), "13800000000", false);
    taken(COLUMN_MOBILE, ENTRY_CELL_NUMBER, "1.38E+10", AT(mobile), "13800000000", false);
    taken(COLUMN_MOBILE, ENTRY_CELL_TEXT, "0551-88888888", AT(mobile), "0551-88888888", false);
    taken(COLUMN_MOBILE, ENTRY_CELL_EMPTY, "", AT(mobile), NULL, false);
    at_fault(COLUMN_MOBILE, ENTRY_CELL_TEXT, "1380000000", COLUMN_MOBILE, "应为 11 位，填写了 10 位", "核对");
    at_fault(COLUMN_MOBILE, ENTRY_CELL_TEXT, "张三转", COLUMN_MOBILE, "不是电话号码", "11 位");
    at_fault(COLUMN_MOBILE, ENTRY_CELL_TEXT, "12", COLUMN_MOBILE, "位数不对", "核对");
    taken(COLUMN_USCC, ENTRY_CELL_TEXT, "12340000mb0a1b2c3l", AT(uscc), "12340000MB0A1B2C3L", false);
    taken(COLUMN_USCC, ENTRY_CELL_EMPTY, "", AT(uscc), NULL, false);
    at_fault(COLUMN_USCC, ENTRY_CELL_TEXT, "12340000MB0A1B2C3M", COLUMN_USCC, "校验码不对", "逐位核对");
    at_fault(COLUMN_USCC, ENTRY_CELL_TEXT, "12340000MB0A1B2C3", COLUMN_USCC, "填写了 17 位", "核对");
}

static void old_numbers_are_kept_as_they_are(void **state)
{
    (void)state;
    taken(COLUMN_CERTIFICATE_NO, ENTRY_CELL_TEXT, "第三方33", AT(certificate_no), "第三方33", false);
    taken(COLUMN_CERTIFICATE_NO, ENTRY_CELL_TEXT, "rd 00012", AT(certificate_no), "rd 00012", false);
    taken(COLUMN_CERTIFICATE_NO, ENTRY_CELL_TEXT, "９342", AT(certificate_no), "９342", false);
}

static void every_fault_of_a_row_is_told_and_the_row_counts_once(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    f.cells[COLUMN_NAME].text = "陈□";
    f.cells[COLUMN_ID_NUMBER].text = "1";
    f.cells[COLUMN_LEVEL].text = "高级";
    read_row(&f);
    assert_int_equal(f.faults.errors, 3);
    assert_int_equal(f.faults.bad_rows, 1);
    f.good = entry_read(&f.entry, f.cells, 15, 10, &f.series, &f.faults, &f.a, &f.e);
    assert_int_equal(f.faults.errors, 6);
    assert_int_equal(f.faults.bad_rows, 2);
    arena_dispose(&f.a);
}

static void faults_beyond_the_most_are_counted(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f);
    for (unsigned i = 1; i <= ROW_FAULTS_MAX + 10; i++)
        row_faults_add(&f.faults, &(struct row_fault){.row = i, .column = -1, .problem = "x"});
    assert_int_equal(f.faults.count, ROW_FAULTS_MAX);
    assert_int_equal(f.faults.left_off, 10);
    assert_int_equal(f.faults.bad_rows, ROW_FAULTS_MAX + 10);
    assert_string_equal(f.faults.list[ROW_FAULTS_MAX - 1].advice, "");
    arena_dispose(&f.a);
}

static void heads_are_found_by_their_usual_names(void **state)
{
    static const struct {
        const char *head;
        int column;
    } rows[] = {{"姓名", COLUMN_NAME},
                {"姓 名 *", COLUMN_NAME},
                {"＊姓\xe3\x80\x80名", COLUMN_NAME},
                {"证件号", COLUMN_ID_NUMBER},
                {"身份证号码", COLUMN_ID_NUMBER},
                {"出生年月", COLUMN_BIRTH_DATE},
                {"出生日期（YYYY-MM-DD）", COLUMN_BIRTH_DATE},
                {"证书编号(历史)", COLUMN_CERTIFICATE_NO},
                {"证书编号（历史）", COLUMN_CERTIFICATE_NO},
                {"证书编号", COLUMN_CERTIFICATE_NO},
                {"编号", COLUMN_SERIAL},
                {"职称", COLUMN_TITLE},
                {"id_number", COLUMN_ID_NUMBER},
                {"ID_Number", COLUMN_ID_NUMBER},
                {"姓\n名", COLUMN_NAME},
                {"体重", -1},
                {"", -1},
                {"(姓名)", -1},
                {"*", -1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (entry_column_find(rows[i].head) != rows[i].column)
            fail_msg("%s: %d", rows[i].head, entry_column_find(rows[i].head));
    }
    for (int c = 0; c < ENTRY_COLUMNS; c++) {
        assert_int_equal(entry_column_find(entry_column_info((enum entry_column)c)->title), c);
        assert_int_equal(entry_column_find(entry_column_info((enum entry_column)c)->member), c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_row_is_read_whole),
        cmocka_unit_test(an_entry_is_kept_found_again_and_ordered),
        cmocka_unit_test(every_required_cell_is_missed),
        cmocka_unit_test(a_row_without_serial_has_its_place),
        cmocka_unit_test(document_numbers_in_number_cells_are_refused_never_rounded),
        cmocka_unit_test(faults_of_document_numbers_say_which),
        cmocka_unit_test(document_numbers_are_put_right_where_that_is_safe),
        cmocka_unit_test(other_documents_are_not_held_to_the_citizens_number),
        cmocka_unit_test(document_numbers_are_masked_wherever_they_are_shown),
        cmocka_unit_test(dates_are_read_in_all_their_usual_forms),
        cmocka_unit_test(what_is_no_day_is_refused),
        cmocka_unit_test(names_are_names),
        cmocka_unit_test(lost_characters_in_names_are_named),
        cmocka_unit_test(choices_are_explained),
        cmocka_unit_test(series_have_names_aliases_and_codes),
        cmocka_unit_test(telephone_numbers_and_credit_codes_are_checked),
        cmocka_unit_test(old_numbers_are_kept_as_they_are),
        cmocka_unit_test(every_fault_of_a_row_is_told_and_the_row_counts_once),
        cmocka_unit_test(faults_beyond_the_most_are_counted),
        cmocka_unit_test(heads_are_found_by_their_usual_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
