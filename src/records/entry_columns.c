#include "base/utf8.h"
#include "records/choices.h"
#include "records/entry_internal.h"
#include <string.h>

static const struct entry_column_info columns[ENTRY_COLUMNS] = {
    [COLUMN_SERIAL] = {"序号", "serial", true, NULL},
    [COLUMN_NAME] = {"姓名", "name", true, NULL},
    [COLUMN_ID_TYPE] = {"证件类型", "id_type", true, choices_id_types},
    [COLUMN_ID_NUMBER] = {"证件号码", "id_number", true, NULL},
    [COLUMN_GENDER] = {"性别", "gender", true, choices_genders},
    [COLUMN_BIRTH_DATE] = {"出生日期", "birth_date", true, NULL},
    [COLUMN_MOBILE] = {"手机号码", "mobile", false, NULL},
    [COLUMN_EMPLOYER] = {"所在单位", "employer", true, NULL},
    [COLUMN_USCC] = {"统一社会信用代码", "uscc", false, NULL},
    [COLUMN_SERIES] = {"系列", "series", true, NULL},
    [COLUMN_SPECIALTY] = {"专业", "specialty", true, NULL},
    [COLUMN_TITLE] = {"资格名称", "title", true, NULL},
    [COLUMN_LEVEL] = {"级别", "level", true, choices_levels},
    [COLUMN_OBTAIN_MODE] = {"取得方式", "obtain_mode", true, choices_modes},
    [COLUMN_OBTAINED_DATE] = {"取得资格时间", "obtained_date", true, NULL},
    [COLUMN_NATURE] = {"资格性质", "nature", false, choices_natures},
    [COLUMN_CERTIFICATE_NO] = {"证书编号(历史)", "certificate_no", false, NULL},
    [COLUMN_NOTE] = {"备注", "note", false, NULL},
};

/* What lists of today call these columns. "编号" is read as 序号: where certificate numbers stand in it, the
 * rows are refused; the other way round, "1" would become somebody's certificate number. */
static const struct {
    enum entry_column column;
    const char *name;
} others[] = {
    {COLUMN_SERIAL, "编号"},
    {COLUMN_SERIAL, "序"},
    {COLUMN_SERIAL, "no"},
    {COLUMN_SERIAL, "no."},
    {COLUMN_NAME, "真实姓名"},
    {COLUMN_NAME, "人员姓名"},
    {COLUMN_ID_TYPE, "证件名称"},
    {COLUMN_ID_NUMBER, "证件号"},
    {COLUMN_ID_NUMBER, "证件编号"},
    {COLUMN_ID_NUMBER, "身份证"},
    {COLUMN_ID_NUMBER, "身份证号"},
    {COLUMN_ID_NUMBER, "身份证号码"},
    {COLUMN_ID_NUMBER, "居民身份证号码"},
    {COLUMN_ID_NUMBER, "公民身份号码"},
    {COLUMN_BIRTH_DATE, "出生年月"},
    {COLUMN_BIRTH_DATE, "出生年月日"},
    {COLUMN_BIRTH_DATE, "出生时间"},
    {COLUMN_BIRTH_DATE, "生日"},
    {COLUMN_MOBILE, "手机"},
    {COLUMN_MOBILE, "手机号"},
    {COLUMN_MOBILE, "联系手机"},
    {COLUMN_MOBILE, "移动电话"},
    {COLUMN_MOBILE, "联系电话"},
    {COLUMN_MOBILE, "联系方式"},
    {COLUMN_EMPLOYER, "单位"},
    {COLUMN_EMPLOYER, "工作单位"},
    {COLUMN_EMPLOYER, "单位名称"},
    {COLUMN_EMPLOYER, "用人单位"},
    {COLUMN_EMPLOYER, "取得资格时所在单位"},
    {COLUMN_USCC, "信用代码"},
    {COLUMN_USCC, "社会信用代码"},
    {COLUMN_USCC, "单位统一社会信用代码"},
    {COLUMN_SERIES, "职称系列"},
    {COLUMN_SERIES, "系列名称"},
    {COLUMN_SERIES, "申报系列"},
    {COLUMN_SPECIALTY, "专业名称"},
    {COLUMN_SPECIALTY, "申报专业"},
    {COLUMN_TITLE, "职称"},
    {COLUMN_TITLE, "职称名称"},
    {COLUMN_TITLE, "专业技术资格"},
    {COLUMN_TITLE, "资格"},
    {COLUMN_LEVEL, "职称级别"},
    {COLUMN_LEVEL, "资格级别"},
    {COLUMN_LEVEL, "职称等级"},
    {COLUMN_OBTAIN_MODE, "职称取得方式"},
    {COLUMN_OBTAIN_MODE, "资格取得方式"},
    {COLUMN_OBTAINED_DATE, "取得时间"},
    {COLUMN_OBTAINED_DATE, "取得日期"},
    {COLUMN_OBTAINED_DATE, "取得资格日期"},
    {COLUMN_OBTAINED_DATE, "资格取得时间"},
    {COLUMN_NATURE, "性质"},
    {COLUMN_CERTIFICATE_NO, "证书编号"},
    {COLUMN_CERTIFICATE_NO, "证书号"},
    {COLUMN_CERTIFICATE_NO, "证书号码"},
    {COLUMN_CERTIFICATE_NO, "历史证书编号"},
    {COLUMN_CERTIFICATE_NO, "原证书编号"},
    {COLUMN_NOTE, "说明"},
};

enum { HEAD_BYTES_MAX = 120 };

const struct entry_column_info *entry_column_info(enum entry_column c)
{
    return &columns[c];
}

static int find(const char *head)
{
    for (int c = 0; c < ENTRY_COLUMNS; c++) {
        if (strcmp(head, columns[c].title) == 0 || strcmp(head, columns[c].member) == 0)
            return c;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(head, others[i].name) == 0)
            return (int)others[i].column;
    }
    return -1;
}

/* Without spaces, line ends and stars; letters half-width and small. */
static void plain_head(char out[HEAD_BYTES_MAX + 5], const char *head)
{
    struct slice s = slice_of(head);
    size_t used = 0;
    uint32_t cp;

    for (size_t at = 0; used < HEAD_BYTES_MAX && utf8_next(s, &at, &cp);) {
        cp = half_width(cp);
        if (is_blank_in_lists(cp) || is_invisible(cp) || cp == '*')
            continue;
        if (cp >= 'A' && cp <= 'Z')
            cp += 'a' - 'A';
        used += utf8_put(out + used, cp);
    }
    out[used] = '\0';
}

int entry_column_find(const char *head)
{
    char plain[HEAD_BYTES_MAX + 5];
    int found;

    plain_head(plain, head);
    found = find(plain);
    if (found < 0 && plain[0] != '(') { /* a remark: 出生日期(YYYY-MM-DD) */
        plain[strcspn(plain, "(")] = '\0';
        found = find(plain);
    }
    return found;
}
