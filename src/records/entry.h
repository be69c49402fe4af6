/* entry.h - one row of an approval filing's list: cells or JSON in, checked, each fault with its column and
 * what to do; an order for a certificate out. The columns are those of the workbook:
 *
 *   序号* 姓名* 证件类型* 证件号码* 性别* 出生日期* 手机号码 所在单位* 统一社会信用代码 系列* 专业* 资格名称*
 * 级别* 取得方式* 取得资格时间* 资格性质 证书编号(历史) 备注
 *
 * JSON members: serial name id_type id_number gender birth_date mobile employer uscc series specialty title
 * level obtain_mode obtained_date nature certificate_no note; series is a text (name, alias or code) or
 * {"code", "name"} as in orders. */
#pragma once
#include "base/arena.h"
#include "records/faults.h"
#include "records/series.h"
#include <jansson.h>

enum entry_column {
    COLUMN_SERIAL,
    COLUMN_NAME,
    COLUMN_ID_TYPE,
    COLUMN_ID_NUMBER,
    COLUMN_GENDER,
    COLUMN_BIRTH_DATE,
    COLUMN_MOBILE,
    COLUMN_EMPLOYER,
    COLUMN_USCC,
    COLUMN_SERIES,
    COLUMN_SPECIALTY,
    COLUMN_TITLE,
    COLUMN_LEVEL,
    COLUMN_OBTAIN_MODE,
    COLUMN_OBTAINED_DATE,
    COLUMN_NATURE,
    COLUMN_CERTIFICATE_NO,
    COLUMN_NOTE,
    ENTRY_COLUMNS
};
struct entry_column_info {
    const char *title;          /* "姓名" */
    const char *member;         /* "name" */
    bool required;              /* marked so in the workbook; of 序号 only there: it may be absent */
    const char *const *choices; /* ended with NULL; or NULL */
};
const struct entry_column_info *entry_column_info(enum entry_column c);
/* Which column a head cell names: its title with or without "*", spaces and full-width letters, a usual other
 * name (证件号, 身份证号, 出生年月, 职称, 编号, ...), or its member. -1: none. */
int entry_column_find(const char *head);

struct entry {
    unsigned serial;
    const char *name, *id_type, *id_number, *gender, *birth_date, *mobile, *employer, *uscc;
    const char *series_code, *series_name, *specialty, *title, *level, *obtain_mode, *obtained_date, *nature;
    const char *certificate_no, *note;
};

/* What is wrong with one cell, as the person who filled the list reads it. Texts are the arena's. */
struct row_fault {
    unsigned row;                     /* as the file counts */
    int column;                       /* enum entry_column, or -1: the row, or the file */
    bool warning;                     /* 提醒: refuses nothing */
    const char *value;                /* what was written; document numbers are masked; "" for nothing */
    const char *problem, *problem_en; /* 问题 */
    const char *advice, *advice_en;   /* 怎样改正; never a "corrected" document number */
};
struct row_faults {
    struct row_fault *list;
    size_t count, room;
    size_t left_off;         /* beyond ROW_FAULTS_MAX */
    size_t errors, warnings; /* in all */
    size_t bad_rows;         /* rows with at least one error */
    unsigned last_bad;       /* for counting them */
    struct arena *a;
};
enum { ROW_FAULTS_MAX = 2000 };
/* Texts are copied. column -1: none. */
void row_faults_add(struct row_faults *f, const struct row_fault *fault);
/* An error of order or layout (struct err with a JSON pointer of records/order.h) as a fault of that row. */
void row_faults_add_err(struct row_faults *f, unsigned row, const struct err *why, const char *value);

/* What stands in a cell, of any file. */
struct entry_cell {
    enum { ENTRY_CELL_EMPTY, ENTRY_CELL_TEXT, ENTRY_CELL_NUMBER, ENTRY_CELL_DATE, ENTRY_CELL_OTHER } kind;
    const char *text;
};
/* Reads one row: cells[c] is the cell of column c. Dates as YYYY-MM-DD, 1985.2.12, 1985/2/12, 1985年2月12日,
 * 19850212, or dates of the spreadsheet; full-width digits, no-break and double spaces are put right, with a
 * warning where that matters; a document number in a number cell is refused (设为文本后重填), never rounded.
 * serial absent: position. Every fault of the row goes to faults; false if there is any error. Texts are the
 * arena's. */
bool entry_read(struct entry *out, const struct entry_cell cells[ENTRY_COLUMNS], unsigned row,
                unsigned position, const struct series_list *series, struct row_faults *faults,
                struct arena *a, struct err *e);

/* The entry as it is kept, and back. New reference, NULL without memory. */
json_t *entry_json(const struct entry *entry);
MUST_CHECK int entry_from_json(struct entry *out, const json_t *json, struct arena *a, struct err *e);

/* What the filing adds to every one of its entries. */
struct entry_filing {
    const char *profile, *approval_no, *issue_date, *biz_no;
    int year;
};
/* The order (records/order.h) for its certificate; new reference, NULL without memory. */
json_t *entry_order(const struct entry *entry, const struct entry_filing *filing);

/* "340000********0024"; shorter ones keep the last two characters at most, and the
 * words around them: "南字第******45号". out holds 4 * len + 16. */
void id_number_mask(char *out, size_t size, const char *id_number);
