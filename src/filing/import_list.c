/* import_list.c - the head row found in whatever people put above it, and rows as entries. */
#include "base/utf8.h"
#include "filing/import_internal.h"
#include <stdlib.h>
#include <string.h>

enum {
    HEAD_WITHIN = 20, /* rows above the head: titles, remarks */
    HEAD_LEAST = 3,   /* columns that make a row a head */
    NAMES_MAX = 900
};

static const struct {
    const char *title, *member;
    const char *const *others;
} extras[LIST_EXTRAS] = {
    [LIST_ISSUE_DATE] = {"发证日期", "issue_date",
                         (const char *const[]){"发证时间", "批准日期", "颁发日期", NULL}},
    [LIST_APPROVAL_NO] = {"批复文号", "approval_no",
                          (const char *const[]){"批准文号", "文号", "批文号", NULL}},
    [LIST_ISSUER] = {"发证机关", "issuer", (const char *const[]){"发证单位", "发证机构", "颁发机关", NULL}},
};

const char *list_column_title(int column)
{
    if (column < 0 || column >= LIST_COLUMNS)
        return "";
    return column < ENTRY_COLUMNS ? entry_column_info((enum entry_column)column)->title
                                  : extras[column - ENTRY_COLUMNS].title;
}

const char *list_column_member(int column)
{
    if (column < 0 || column >= LIST_COLUMNS)
        return "";
    return column < ENTRY_COLUMNS ? entry_column_info((enum entry_column)column)->member
                                  : extras[column - ENTRY_COLUMNS].member;
}

/* Without blanks and asterisks. */
static void bare_head(char *out, size_t size, const char *head)
{
    struct slice s = slice_of(head);
    size_t at = 0, len = 0;
    uint32_t cp;

    while (utf8_next(s, &at, &cp) && len + 5 < size) {
        if (cp > ' ' && cp != '*' && cp != 0xA0 && cp != 0x3000 && cp != 0xFF0A)
            len += utf8_put(out + len, cp);
    }
    out[len] = '\0';
}

static int find_extra(const char *head)
{
    char bare[64];

    bare_head(bare, sizeof bare, head);
    for (int i = 0; i < LIST_EXTRAS; i++) {
        if (strcmp(bare, extras[i].title) == 0 || strcmp(bare, extras[i].member) == 0)
            return ENTRY_COLUMNS + i;
        for (const char *const *other = extras[i].others; *other != NULL; other++) {
            if (strcmp(bare, *other) == 0)
                return ENTRY_COLUMNS + i;
        }
    }
    return -1;
}

static const char *cell_head(char *out, size_t size, const struct cell *c)
{
    size_t len = c->text.len < size - 1 ? c->text.len : size - 1;

    if (len > 0)
        memcpy(out, c->text.ptr, len);
    out[len] = '\0';
    out[utf8_whole(out, len)] = '\0';
    return out;
}

static int find_column(const char *head, bool old)
{
    int extra = old ? find_extra(head) : -1; /* an old list's 发证日期 is no other name of anything */

    return extra >= 0 ? extra : entry_column_find(head);
}

static size_t read_head(int columns[SHEET_COLUMNS_MAX], const struct sheet_row *row, bool old)
{
    bool known[LIST_COLUMNS] = {false};
    char text[256];
    size_t found = 0;

    for (size_t i = 0; i < SHEET_COLUMNS_MAX; i++) {
        columns[i] = i < row->count ? find_column(cell_head(text, sizeof text, &row->cells[i]), old) : -1;
        if (columns[i] >= 0 && !known[columns[i]]) {
            known[columns[i]] = true;
            found++;
        }
    }
    return found;
}

static void head_fault(struct row_faults *f, unsigned row, int column, bool warning, const char *value,
                       const char *const problem[2], const char *const advice[2])
{
    struct row_fault fault = {.row = row,
                              .column = column,
                              .warning = warning,
                              .value = value,
                              .problem = problem[0],
                              .problem_en = problem[1],
                              .advice = advice[0],
                              .advice_en = advice[1]};

    row_faults_add(f, &fault);
}

static void check_columns(struct list *l, const struct sheet_row *row, struct row_faults *f)
{
    bool known[LIST_COLUMNS] = {false};
    char text[256];

    for (size_t i = 0; i < row->count; i++) {
        int c = l->columns[i];

        (void)cell_head(text, sizeof text, &row->cells[i]);
        if (c >= 0 && known[c])
            head_fault(f, l->head, c, false, text,
                       (const char *const[]){"表头中这一列出现了两次", "This column is there twice."},
                       (const char *const[]){"只保留一列，删除另一列后重新导入",
                                             "Keep one of the two and import again."});
        else if (c < 0 && text[0] != '\0')
            head_fault(f, l->head, -1, true, text,
                       (const char *const[]){"不认识的列，没有读取", "An unknown column; it was not read."},
                       (const char *const[]){"如需导入，请改用模板中的列名",
                                             "Use the workbook's column titles if it should be read."});
        if (c >= 0)
            known[c] = true;
    }
}

static bool column_required(const struct list *l, int c)
{
    if (c == COLUMN_SERIAL) /* else rows are counted */
        return false;
    if (l->old && c == COLUMN_CERTIFICATE_NO)
        return true;
    return c < ENTRY_COLUMNS ? entry_column_info((enum entry_column)c)->required && !l->old
                             : c == ENTRY_COLUMNS + LIST_ISSUE_DATE;
}

static bool column_missing(const struct list *l, int c)
{
    for (size_t i = 0; i < SHEET_COLUMNS_MAX; i++) {
        if (l->columns[i] == c)
            return false;
    }
    return true;
}

/* All that are missing as one fault: who took another table mends it in one go. */
static void check_missing(const struct list *l, struct row_faults *f)
{
    char names[NAMES_MAX] = "", problem[NAMES_MAX + 64], english[NAMES_MAX + 64];
    size_t len = 0, count = 0;

    for (int c = 0; c < (l->old ? LIST_COLUMNS : ENTRY_COLUMNS); c++) {
        if (!column_required(l, c) || !column_missing(l, c))
            continue;
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", count++ == 0 ? "" : "、",
                                list_column_title(c));
    }
    if (count == 0)
        return;
    (void)snprintf(problem, sizeof problem, "表头缺少必填的列：%s", names);
    (void)snprintf(english, sizeof english, "Required columns are missing: %s", names);
    head_fault(f, l->head, -1, false, "", (const char *const[]){problem, english},
               (const char *const[]){"补上这些列（列名与模板相同）后重新导入",
                                     "Add them, with the workbook's titles, and import again."});
}

static void check_sheets(const struct list *l, struct row_faults *f)
{
    char problem[256], english[256];

    if (l->sheet.other_sheets == 0)
        return;
    (void)snprintf(problem, sizeof problem, "文件中另有 %u 个工作表有内容，没有读取；只读取了“%s”",
                   l->sheet.other_sheets, l->sheet.sheet_name);
    (void)snprintf(english, sizeof english, "%u further sheets have rows and were not read; only \"%s\" was.",
                   l->sheet.other_sheets, l->sheet.sheet_name);
    head_fault(f, l->head, -1, true, "", (const char *const[]){problem, english},
               (const char *const[]){"如其他工作表也是名单，请合并到一个工作表",
                                     "Bring all rows together in one sheet if they belong to the list."});
}

static int no_head(const struct list *l, struct err *e)
{
    if (l->sheet.other_sheets > 0)
        return err_set(
            e, ERR_INVALID,
            "No row with column titles (姓名, 证件号码, ...) is in the sheet \"%s\", the only one that is "
            "read; %u others have rows. Move the list to the first place.",
            "只读取了工作表“%s”，其中没有表头（姓名、证件号码等列名）；另有 %u "
            "个工作表没有读取。请把名单移到第一个工作表。",
            l->sheet.sheet_name, l->sheet.other_sheets);
    return err_set(e, ERR_INVALID,
                   "No row with column titles (姓名, 证件号码, ...) was found; use the workbook's first row.",
                   "没有找到表头（姓名、证件号码等列名），请使用名单模板，保留其第一行。");
}

int list_open(struct list *out, struct slice packed, bool old, struct row_faults *faults, struct err *e)
{
    struct sheet_row row;
    int rc = 0;

    *out = (struct list){.old = old};
    if (sheet_open(&out->sheet, packed, e) != 0)
        return -1;
    for (size_t n = 0; n < HEAD_WITHIN; n++) {
        if (!sheet_next(&row, &out->sheet, &rc, e))
            return rc != 0 ? -1 : no_head(out, e);
        if (read_head(out->columns, &row, old) < HEAD_LEAST)
            continue;
        out->head = row.number;
        out->data = out->sheet.at;
        check_columns(out, &row, faults);
        check_missing(out, faults);
        check_sheets(out, faults);
        return 0;
    }
    return no_head(out, e);
}

void list_rewind(struct list *l)
{
    l->sheet.at = l->data;
}

static bool take_cell(struct entry_cell *out, const struct cell *c, struct arena *a)
{
    switch (c->kind) {
    case CELL_EMPTY:
        out->kind = ENTRY_CELL_EMPTY;
        break;
    case CELL_TEXT:
        out->kind = ENTRY_CELL_TEXT;
        break;
    case CELL_NUMBER:
        out->kind = ENTRY_CELL_NUMBER;
        break;
    case CELL_DATE:
        out->kind = ENTRY_CELL_DATE;
        break;
    case CELL_BOOL:
    case CELL_ERROR:
        out->kind = ENTRY_CELL_OTHER;
        break;
    }
    out->text = c->text.len > 0 ? arena_slice(a, c->text) : "";
    return out->text != NULL;
}

/* *any: whether anything is in it. */
static int take_row(struct list_row *out, bool *any, const struct sheet_row *row, const struct list *l,
                    struct arena *a, struct err *e)
{
    *out = (struct list_row){.number = row->number, .hidden = row->hidden};
    *any = false;
    for (int c = 0; c < LIST_COLUMNS; c++)
        out->cells[c].text = "";
    for (size_t i = 0; i < row->count; i++) {
        int c = l->columns[i];

        if (c < 0)
            continue;
        if (!take_cell(&out->cells[c], &row->cells[i], a))
            return err_no_memory(e);
        out->merged[c] = row->cells[i].merged;
        out->any_merged |= out->merged[c];
        *any |= out->cells[c].kind != ENTRY_CELL_EMPTY;
    }
    return 0;
}

bool list_next(struct list_row *out, struct list *l, struct arena *a, int *rc, struct err *e)
{
    struct sheet_row row;
    bool any;

    while (sheet_next(&row, &l->sheet, rc, e)) {
        if ((*rc = take_row(out, &any, &row, l, a, e)) != 0)
            return false;
        if (any)
            return true;
    }
    return false;
}

const char *list_value(const struct list_row *r, int column, struct arena *a)
{
    const char *text = column >= 0 && column < LIST_COLUMNS ? r->cells[column].text : "";
    size_t size = 4 * strlen(text) + 16;
    char *masked;

    if (column != COLUMN_ID_NUMBER || text[0] == '\0')
        return text;
    masked = arena_alloc(a, size);
    if (masked == NULL)
        return "";
    id_number_mask(masked, size, text);
    return masked;
}

void list_fault(struct row_faults *f, const struct list_row *r, int column, const char *const problem[2],
                const char *const advice[2])
{
    struct arena a = ARENA_INIT;

    head_fault(f, r->number, column, false, list_value(r, column, &a), problem, advice);
    arena_dispose(&a);
}

/* A cell below a merged one only looks filled in. */
static void check_shape(const struct list_row *r, struct row_faults *f)
{
    if (r->hidden)
        list_fault(f, r, -1, (const char *const[]){"隐藏的行", "A hidden row."},
                   (const char *const[]){"取消隐藏并核对；不需要的行请删除",
                                         "Unhide and check it, or delete it if it is not wanted."});
    for (int c = 0; c < LIST_COLUMNS; c++) {
        if (r->merged[c])
            list_fault(f, r, c, (const char *const[]){"合并的单元格", "A merged cell."},
                       (const char *const[]){"取消合并，每行分别填写", "Unmerge it and fill in every row."});
    }
}

bool list_read_entry(struct entry *out, const struct list_row *r, unsigned position,
                     const struct series_list *series, struct row_faults *faults, struct arena *a,
                     struct err *e)
{
    struct row_faults found = {.a = a};
    size_t before = faults->errors;
    bool fine;

    if (!r->any_merged && !r->hidden)
        return entry_read(out, r->cells, r->number, position, series, faults, a, e);
    check_shape(r, faults);
    fine = entry_read(out, r->cells, r->number, position, series, &found, a, e);
    for (size_t i = 0; i < found.count; i++) {
        int c = found.list[i].column;

        if (c < 0 || !r->merged[c]) /* of a merged cell that is said */
            row_faults_add(faults, &found.list[i]);
    }
    return fine && faults->errors == before;
}

int list_check(struct list *l, struct import_report *report, bool *bad, struct arena *row,
               list_row_check *check, void *arg, struct err *e)
{
    struct list_row r;
    bool good;
    int rc;

    while (arena_reset(row), list_next(&r, l, row, &rc, e)) {
        size_t place = report->rows++;

        if (place >= SHEET_ROWS_MAX)
            return err_set(e, ERR_TOO_LARGE, "A list has at most %d rows; divide it.",
                           "名单最多 %d 行，请拆分后分别导入。", SHEET_ROWS_MAX);
        if (check(arg, &r, (unsigned)place + 1, &good, e) != 0)
            return -1;
        bad[place] = !good;
        report->good += good;
    }
    if (rc == 0 && report->rows == 0)
        return err_set(e, ERR_INVALID, "The list has no rows below its column titles.",
                       "名单在表头之下没有内容。");
    return rc;
}
