/* import_report.c - what an import found, for programs and for people; the workbook to fill in. */
#include "filing/import_internal.h"
#include <string.h>

static json_t *fault_json(const struct row_fault *f, bool english)
{
    return json_pack("{sI ss ss ss ss ss}", "row", (json_int_t)f->row, "column", list_column_title(f->column),
                     "member", list_column_member(f->column), "value", f->value, "problem",
                     english ? f->problem_en : f->problem, "advice", english ? f->advice_en : f->advice);
}

static json_t *faults_json(const struct row_faults *faults, bool warnings, bool english)
{
    json_t *list = json_array();

    for (size_t i = 0; i < faults->count && list != NULL; i++) {
        if (faults->list[i].warning == warnings &&
            json_array_append_new(list, fault_json(&faults->list[i], english)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

json_t *import_report_json(const struct import_report *r, bool english)
{
    return json_pack(
        "{sI sI sI sI sI sI sI sI so so}", "rows", (json_int_t)r->rows, "good", (json_int_t)r->good,
        "imported", (json_int_t)r->imported, "with_photo", (json_int_t)r->with_photo, "bad_rows",
        (json_int_t)r->faults.bad_rows, "error_count", (json_int_t)r->faults.errors, "warning_count",
        (json_int_t)r->faults.warnings, "left_off", (json_int_t)r->faults.left_off, "errors",
        faults_json(&r->faults, false, english), "warnings", faults_json(&r->faults, true, english));
}

/* --- workbooks --- */

enum { WORKBOOK_ROWS = 5000, SERIES_MAX = 200 };

static const struct {
    double width;
    const char *hint;
} looks[ENTRY_COLUMNS] = {
    [COLUMN_SERIAL] = {6, "从 1 起连续编号；照片压缩包可按序号命名（如 0001.jpg）。"},
    [COLUMN_NAME] = {12, "与证件一致；少数民族姓名用间隔号“·”。"},
    [COLUMN_ID_TYPE] = {14, NULL},
    [COLUMN_ID_NUMBER] = {22, "本列为文本格式；从别处粘贴时请选“只粘贴值”。"},
    [COLUMN_GENDER] = {6, NULL},
    [COLUMN_BIRTH_DATE] = {12, "如 1985-02-12；居民身份证须与号码一致。"},
    [COLUMN_MOBILE] = {14, NULL},
    [COLUMN_EMPLOYER] = {28, "单位全称。"},
    [COLUMN_USCC] = {22, "18 位；没有的不填。"},
    [COLUMN_SERIES] = {16, NULL},
    [COLUMN_SPECIALTY] = {16, NULL},
    [COLUMN_TITLE] = {16, "证书上的资格名称，如“副主任医师”。"},
    [COLUMN_LEVEL] = {8, NULL},
    [COLUMN_OBTAIN_MODE] = {10, NULL},
    [COLUMN_OBTAINED_DATE] = {14, "如 2025-12-20。"},
    [COLUMN_NATURE] = {12, NULL},
    [COLUMN_CERTIFICATE_NO] = {22, "只有已有编号的历史证书才填；一般留空，入库时自动编号。"},
    [COLUMN_NOTE] = {20, NULL},
};

static const char *const notes[] = {
    "填写说明",
    "1. 带 * 的列必填。不要改动第一行的列名；列的先后可以调整，不需要的选填列可以删除。",
    "2. 每人一行，不要合并单元格，不要隐藏行，不要在表格下方写备注。",
    "3. 证件号码、手机号码、信用代码按文本填写。Excel 会把长数字改成科学计数或截断末位，这样的号码会被退回，"
    "请设为文本后重新填写。",
    "4. 日期可写 1985-02-12、1985.2.12、1985/2/12、1985年2月12日，也可用 Excel 日期。",
    "5. 证件类型、性别、系列、级别、取得方式、资格性质请从下拉列表选择。",
    "6. 同一人在一个备案中只能出现一次；序号不能重复。",
    "7. 证书编号（历史）只用于沿用原编号的证书；留空的在入库时按顺序编号。",
    "8. 名单可保存为 .xlsx 或 .csv；旧格式 .xls、.et 请另存为 .xlsx。最多 100,000 行。",
    "9. 照片可在导入后上传：打成 ZIP 压缩包，按序号（0001.jpg）或序号_姓名（0001_张三.jpg）命名，"
    "JPEG 或 PNG，每张不超过 10 MB。",
    "",
    "填写示例（仅供参考，不会导入）",
    "序号 1｜姓名 龙㛃䶮｜证件类型 居民身份证｜证件号码 340000197811031274｜性别 男｜出生日期 1978-11-03｜"
    "所在单位 合肥虚构软件科技有限公司｜系列 工程技术人员｜专业 材料科学与工程｜资格名称 正高级工程师｜"
    "级别 正高级｜取得方式 评审｜取得资格时间 2025-12-20",
    NULL,
};

static void describe_columns(struct workbook_column columns[ENTRY_COLUMNS], const char *const *series)
{
    for (int c = 0; c < ENTRY_COLUMNS; c++) {
        const struct entry_column_info *info = entry_column_info((enum entry_column)c);

        columns[c] = (struct workbook_column){.title = info->title,
                                              .width = looks[c].width,
                                              .text = c != COLUMN_SERIAL,
                                              .choices = c == COLUMN_SERIES ? series : info->choices,
                                              .hint = looks[c].hint,
                                              .required = info->required};
    }
}

int import_workbook(struct buf *out, const struct series_list *series, struct err *e)
{
    struct workbook_column columns[ENTRY_COLUMNS];
    const char *names[SERIES_MAX + 1];
    struct workbook w = {
        .sheet_name = "名单", .column_count = ENTRY_COLUMNS, .row_limit = WORKBOOK_ROWS, .notes = notes};
    size_t count = 0;

    for (size_t i = 0; i < series->count && count < SERIES_MAX; i++)
        names[count++] = series->list[i].name;
    names[count] = NULL;
    describe_columns(columns, names);
    w.columns = columns;
    return workbook_write(out, &w, e);
}

enum { FAULT_COLUMNS = 5 };

static int fault_cells(const char **cells, const struct row_faults *faults, struct arena *a)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct row_fault *f = &faults->list[i];
        const char **row = cells + i * FAULT_COLUMNS;

        row[0] = f->row > 0 ? arena_printf(a, "%u", f->row) : "";
        row[1] = list_column_title(f->column);
        row[2] = f->value;
        row[3] = f->warning ? arena_printf(a, "提醒：%s", f->problem) : f->problem;
        row[4] = f->advice;
        if (row[0] == NULL || row[3] == NULL)
            return -1;
    }
    return 0;
}

int import_faults_workbook(struct buf *out, const struct row_faults *faults, struct err *e)
{
    static const struct workbook_column columns[FAULT_COLUMNS] = {
        {.title = "表格行号", .width = 9},
        {.title = "列", .width = 16, .text = true},
        {.title = "填写的内容", .width = 26, .text = true},
        {.title = "问题", .width = 44, .text = true},
        {.title = "怎样改正", .width = 52, .text = true},
    };
    static const char *const too_many[] = {
        "错误较多，本清单只列出前 2,000 条；改正后重新导入，可得到其余部分。", NULL};
    struct arena a = ARENA_INIT;
    const char **cells = arena_array(&a, faults->count + 1, FAULT_COLUMNS * sizeof *cells);
    struct workbook w = {.sheet_name = "错误清单",
                         .columns = columns,
                         .column_count = FAULT_COLUMNS,
                         .cells = (const char *const *)cells,
                         .row_count = faults->count,
                         .row_limit = faults->count,
                         .notes = faults->left_off > 0 ? too_many : NULL};
    int rc = -1;

    if (cells == NULL || fault_cells(cells, faults, &a) != 0)
        (void)err_no_memory(e);
    else
        rc = workbook_write(out, &w, e);
    arena_dispose(&a);
    return rc;
}
