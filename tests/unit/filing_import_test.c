/* Filings made, and lists taken in: all or nothing, each fault where it is. */
#include "support/listing.h"
#include "support/workbook.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The library that writes workbooks loses the formula of a long drop-down: some bytes a workbook. */
const char *__lsan_default_suppressions(void); /* NOLINT: the sanitizer's own name */
const char *__lsan_default_suppressions(void)  /* NOLINT */
{
    return "leak:lxw_strdup\n";
}

static struct buf csv = BUF_INIT(64 * 1024 * 1024);

/* A list of the head and rows 0 to count - 1. */
static const char *list_of(unsigned count)
{
    buf_reset(&csv);
    buf_append_text(&csv, listing_head);
    for (unsigned n = 0; n < count; n++)
        buf_append_text(&csv, listing_row(n, NULL));
    return buf_text(&csv);
}

static const char *and_line(const char *line)
{
    buf_append_text(&csv, line);
    return buf_text(&csv);
}

static const char *text_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *text_printf(const char *format, ...)
{
    static char text[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return text;
}

static uint64_t entries(void)
{
    uint64_t counts[ENTRY_STATES];

    assert_int_equal(store_count_entries(counts, listing.store, listing.filing.id, &listing.e), 0);
    return counts[ENTRY_LISTED];
}

static size_t people(void)
{
    static struct person list[64];
    size_t count;

    assert_int_equal(
        store_list_persons(list, 64, &count, listing.store, NULL, "", &listing.arena, &listing.e), 0);
    return count;
}

/* Neither rows nor people came. */
static void nothing_was_kept(void)
{
    assert_int_equal(listing.report.imported, 0);
    assert_int_equal(entries(), 0);
    assert_int_equal(people(), 0);
}

static void says(unsigned row, int column, const char *part)
{
    const struct row_fault *f = listing_fault(row, column);

    if (f == NULL)
        fail_msg("nothing is said of row %u, column %d; %zu faults", row, column,
                 listing.report.faults.count);
    if (strstr(f->problem, part) == NULL)
        fail_msg("it says: %s", f->problem);
    assert_true(f->problem_en[0] != '\0' && f->advice[0] != '\0' && f->advice_en[0] != '\0');
}

/* --- filings --- */

static int make(struct filing_row *out, const struct filing_order *o, const struct filing_actor *who,
                struct faults *faults)
{
    *faults = (struct faults){.count = 0};
    return filing_create(out, listing.store, o, who, faults, &listing.arena, &listing.e);
}

static struct filing_order an_order(void)
{
    return (struct filing_order){.name = "申请",
                                 .approval_no = "皖测社秘〔2026〕2号",
                                 .type = "评审",
                                 .profile = "sealed",
                                 .year = 2025};
}

static void a_filing_knows_its_offices(void **state)
{
    (void)state;
    assert_string_equal(listing.filing.organisation, "unsealed");
    assert_string_equal(listing.filing.issuer, "issuer");
    assert_string_equal(listing.filing.committee, "committee");
    assert_int_equal(listing.filing.status, FILING_EDITING);
}

static void nobody_files_with_itself(void **state)
{
    struct filing_order o = an_order();
    struct faults faults;
    struct filing_row f;

    (void)state;
    assert_int_equal(make(&f, &o, &listing_issuer, &faults), -1);
    assert_int_equal(listing.e.code, ERR_INVALID);
    assert_string_equal(listing.e.field, "/organiser");
    o.organiser = "issuer";
    assert_int_equal(make(&f, &o, &listing_all, &faults), -1);
    assert_string_equal(listing.e.field, "/organiser");
}

static void a_profile_is_found_by_its_offices(void **state)
{
    struct filing_order o = an_order();
    struct faults faults;
    struct filing_row f;

    (void)state;
    o.profile = NULL;
    o.issuer = "虚构三次授权单位（测试）";
    o.organiser = "committee";
    assert_int_equal(make(&f, &o, &listing_all, &faults), -1); /* its profile is of another office */
    assert_string_equal(listing.e.field, "/issuer");
    o.issuer = "安徽省虚构人力资源和社会保障厅（测试）";
    assert_int_equal(make(&f, &o, &listing_all, &faults), -1); /* it has two */
    assert_string_equal(listing.e.field, "/profile");
    assert_non_null(strstr(listing.e.en, "no-grant"));
    o.issuer = "no such office";
    assert_int_equal(make(&f, &o, &listing_all, &faults), -1);
    assert_string_equal(listing.e.field, "/issuer");
}

static void only_who_may_sees_a_filing(void **state)
{
    struct filing_row f;

    (void)state;
    assert_int_equal(
        filing_find(&f, listing.store, listing.filing.id, &listing_organiser, &listing.arena, &listing.e), 0);
    assert_int_equal(
        filing_find(&f, listing.store, listing.filing.id, &listing_all, &listing.arena, &listing.e), 0);
    /* not before it is submitted */
    assert_int_equal(
        filing_find(&f, listing.store, listing.filing.id, &listing_issuer, &listing.arena, &listing.e), -1);
    assert_int_equal(listing.e.code, ERR_NOT_FOUND);
    assert_int_equal(
        filing_find(&f, listing.store, listing.filing.id, &listing_stranger, &listing.arena, &listing.e), -1);
    assert_int_equal(listing.e.code, ERR_NOT_FOUND);
}

static void a_filing_changes_while_it_is_open(void **state)
{
    struct filing_order o = an_order();
    struct faults faults = {.count = 0};
    struct filing_row f;

    (void)state;
    o.profile = "no-grant";
    assert_int_equal(filing_change(&f, listing.store, listing.filing.id, &o, &listing_organiser, &faults,
                                   &listing.arena, &listing.e),
                     0);
    assert_string_equal(f.approval_no, "皖测社秘〔2026〕2号");
    assert_string_equal(f.profile, "no-grant");
    o.organiser = "counted";
    assert_int_equal(filing_change(&f, listing.store, listing.filing.id, &o, &listing_all, &faults,
                                   &listing.arena, &listing.e),
                     -1);
    assert_string_equal(listing.e.field, "/organiser");
}

/* --- lists --- */

static void a_good_list_is_taken(void **state)
{
    struct entry_row r;
    size_t count;

    (void)state;
    listing_import(list_of(3), NULL);
    assert_int_equal(listing.report.rows, 3);
    assert_int_equal(listing.report.imported, 3);
    assert_int_equal(listing.report.faults.errors, 0);
    assert_int_equal(entries(), 3);
    assert_int_equal(people(), 3);
    assert_int_equal(
        store_next_entries(&r, 1, &count, listing.store, listing.filing.id, 2, &listing.arena, &listing.e),
        0);
    assert_int_equal(r.serial, 3);
    assert_int_equal(r.position, 3);
    assert_string_equal(r.name, "欧阳思远");
    assert_true(r.person[0] != '\0');
}

static void one_bad_row_keeps_all_out(void **state)
{
    (void)state;
    (void)list_of(2);
    listing_import(and_line("3,欧阳琢颜,居民身份证,340000198502120025,女,1985-02-12,,医院,,卫生技术人员,内科,"
                            "主任医师,正高级,评审,2025-12-20,,,\n"),
                   NULL);
    assert_int_equal(listing.report.rows, 3);
    assert_int_equal(listing.report.good, 2);
    assert_int_equal(listing.report.faults.bad_rows, 1);
    says(4, COLUMN_ID_NUMBER, "校验码");
    assert_null(strstr(listing_fault(4, COLUMN_ID_NUMBER)->value, "19850212"));
    nothing_was_kept();
}

static void good_rows_are_taken_where_that_was_said(void **state)
{
    struct import_order partial = {.partial = true};

    (void)state;
    (void)list_of(2);
    listing_import(and_line("3,,居民身份证,340000198502120024,女,1985-02-12,,医院,,卫生技术人员,内科,"
                            "主任医师,正高级,评审,2025-12-20,,,\n"),
                   &partial);
    assert_int_equal(listing.report.imported, 2);
    assert_int_equal(listing.report.faults.bad_rows, 1);
    assert_int_equal(entries(), 2);
    says(4, COLUMN_NAME, "未填写");
}

static void a_check_keeps_nothing(void **state)
{
    struct import_order check = {.check_only = true}, planned = {.plan = &listing.filing};

    (void)state;
    listing_import(list_of(2), &check);
    assert_int_equal(listing.report.good, 2);
    nothing_was_kept();
    listing_import(list_of(2), &planned);
    assert_int_equal(listing.report.good, 2);
    nothing_was_kept();
}

static void the_same_person_twice_is_a_fault_that_names_the_other_row(void **state)
{
    char id[19];

    (void)state;
    listing_id_number(id, 0);
    (void)list_of(3);
    listing_import(and_line(text_printf("9,欧阳琢颜,居民身份证,%s,女,%.4s-%.2s-%.2s,,医院,,卫生技术人员,内科,"
                                        "主任医师,正高级,评审,2025-12-20,,,\n",
                                        id, id + 6, id + 10, id + 12)),
                   NULL);
    says(5, COLUMN_ID_NUMBER, "第 2 行");
    nothing_was_kept();
}

static void the_same_serial_twice_is_a_fault(void **state)
{
    const char *second = strchr(listing_row(7, NULL), ',');

    (void)state;
    (void)list_of(3);
    (void)and_line("2");
    listing_import(and_line(second), NULL);
    says(5, COLUMN_SERIAL, "第 3 行");
    nothing_was_kept();
}

static void what_the_filing_has_is_a_fault_unless_it_is_replaced(void **state)
{
    struct import_order replace = {.replace = true};

    (void)state;
    listing_import(list_of(2), NULL);
    listing_import(list_of(3), NULL);
    assert_int_equal(listing.report.imported, 0);
    says(2, COLUMN_ID_NUMBER, "备案中已有");
    says(2, COLUMN_SERIAL, "备案中已有");
    assert_null(listing_fault(4, COLUMN_ID_NUMBER));
    assert_int_equal(entries(), 2);
    listing_import(list_of(3), &replace);
    assert_int_equal(listing.report.imported, 3);
    assert_int_equal(entries(), 3);
}

static void a_second_list_goes_on_behind_the_first(void **state)
{
    struct entry_row r;
    size_t count;

    (void)state;
    listing_import(list_of(2), NULL);
    buf_reset(&csv);
    (void)and_line(listing_head);
    listing_import(and_line(listing_row(5, NULL)), NULL);
    assert_int_equal(listing.report.imported, 1);
    assert_int_equal(
        store_next_entries(&r, 1, &count, listing.store, listing.filing.id, 2, &listing.arena, &listing.e),
        0);
    assert_int_equal(count, 1);
    assert_int_equal(r.position, 3);
    assert_int_equal(r.serial, 6);
}

static void titles_above_the_head_and_other_orders_of_columns_are_fine(void **state)
{
    (void)state;
    listing_import(
        "2025年度高级职称名单,,,\n\n姓 名,身份证号,证件类型,性别,出生日期,所在单位,系列,专业,资格名称,级别,"
        "取得方式,取得资格时间\n欧阳琢颜,340000198502120024,居民身份证,女,1985年2月12日,医院,"
        "卫生技术人员,内科,主任医师,正高级,评审,2025.12.20\n",
        NULL);
    assert_int_equal(listing.report.faults.errors, 0);
    assert_int_equal(listing.report.imported, 1);
}

static void missing_columns_are_one_fault(void **state)
{
    (void)state;
    listing_import("姓名,证件类型,性别\n欧阳琢颜,居民身份证,女\n陈某,居民身份证,男\n", NULL);
    assert_int_equal(listing.report.faults.errors, 1);
    says(1, -1, "证件号码");
    says(1, -1, "取得资格时间");
    nothing_was_kept();
}

static void unknown_columns_are_passed_over_with_a_remark(void **state)
{
    char *list = strdup(list_of(1)), *end = strchr(list, '\n');

    (void)state;
    buf_reset(&csv);
    buf_printf(&csv, "%.*s,血型%s", (int)(end - list), list, end);
    listing_import(buf_text(&csv), NULL);
    assert_int_equal(listing.report.imported, 1);
    assert_int_equal(listing.report.faults.warnings, 1);
    assert_string_equal(listing_fault(1, -1)->value, "血型");
    free(list);
}

static void a_column_twice_is_a_fault(void **state)
{
    char *list = strdup(list_of(1)), *end = strchr(list, '\n');

    (void)state;
    buf_reset(&csv);
    buf_printf(&csv, "%.*s,姓名%s", (int)(end - list), list, end);
    listing_import(buf_text(&csv), NULL);
    says(1, COLUMN_NAME, "两次");
    nothing_was_kept();
    free(list);
}

static void what_is_no_list_is_refused(void **state)
{
    (void)state;
    assert_int_equal(listing_try("a,b,c\n1,2,3\n", NULL, NULL), -1);
    assert_int_equal(listing.e.code, ERR_INVALID);
    assert_int_equal(listing_try(listing_head, NULL, NULL), -1);
    assert_int_equal(listing.e.code, ERR_INVALID);
}

static void a_person_who_is_known_otherwise_is_a_fault(void **state)
{
    struct person p = {.organisation = "unsealed",
                       .name = "另一人",
                       .id_type = "居民身份证",
                       .gender = "女",
                       .birth_date = "1970-01-01"};
    char id[19];
    bool made;

    (void)state;
    listing_id_number(id, 0);
    p.id_number = id;
    assert_int_equal(store_put_person(&p, &made, listing.store, 1, &listing.e), 0);
    listing_import(list_of(1), NULL);
    says(2, COLUMN_NAME, "不一致");
    assert_non_null(strstr(listing_fault(2, COLUMN_NAME)->advice, "另一人"));
    assert_int_equal(listing.report.imported, 0);
    assert_int_equal(entries(), 0);
}

/* What others recorded is not told to everybody who knows a document number. */
static void what_others_know_of_a_person_is_not_told(void **state)
{
    struct person p = {.name = "另一人", .id_type = "居民身份证", .gender = "女", .birth_date = "1970-01-01"};
    char id[19];
    bool made;

    (void)state;
    listing_id_number(id, 0);
    p.id_number = id;
    assert_int_equal(store_put_person(&p, &made, listing.store, 1, &listing.e), 0);
    listing_import(list_of(1), NULL);
    says(2, COLUMN_NAME, "不一致");
    assert_null(strstr(listing_fault(2, COLUMN_NAME)->advice, "另一人"));
}

static void submit(void)
{
    struct filing_event ev = {
        .moment = 1, .filing = listing.filing.id, .event = "submitted", .actor = "key-organiser"};

    if (store_move_filing(listing.store, &ev, NULL, &listing.e) != 0)
        fail_msg("%s (%s)", listing.e.en, listing.e.detail);
}

static void a_submitted_filing_takes_no_list(void **state)
{
    (void)state;
    listing_import(list_of(2), NULL);
    submit();
    assert_int_equal(listing_try(list_of(3), &(struct import_order){.replace = true}, NULL), -1);
    assert_int_equal(listing.e.code, ERR_CONFLICT);
    assert_int_equal(entries(), 2);
}

/* --- certificates laid out --- */

static void a_name_without_glyphs_is_a_fault_of_its_cell(void **state)
{
    struct issuer *i;

    (void)state;
    assert_int_equal(issuer_open(&i, issuing_dir, issuing_press, NULL, &listing.e), 0);
    (void)list_of(1);
    (void)and_line(listing_row(1, "欧阳\xF0\xB3\x90\x80")); /* U+33400: no character yet */
    assert_int_equal(listing_try(and_line(listing_row(2, NULL)), NULL, i), 0);
    assert_int_equal(listing.report.faults.bad_rows, 1);
    assert_non_null(listing_fault(3, COLUMN_NAME));
    nothing_was_kept();
    assert_int_equal(listing_try(list_of(2), NULL, i), 0);
    assert_int_equal(listing.report.imported, 2);
    issuer_close(i);
}

/* --- the report and the workbooks --- */

static void the_report_is_told_in_both_languages(void **state)
{
    json_t *zh, *en;

    (void)state;
    (void)list_of(1);
    listing_import(
        and_line("9,,居民身份证,340000198502120024,女,1985-02-12,,医院,,卫生技术人员,内科,主任医师,"
                 "正高级,评审,2025-12-20,,,\n"),
        NULL);
    zh = import_report_json(&listing.report, false);
    en = import_report_json(&listing.report, true);
    assert_int_equal(json_integer_value(json_object_get(zh, "rows")), 2);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(zh, "errors"), 0), "column")),
        "姓名");
    assert_string_not_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(zh, "errors"), 0), "problem")),
        json_string_value(json_object_get(json_array_get(json_object_get(en, "errors"), 0), "problem")));
    json_decref(zh);
    json_decref(en);
}

static void the_workbook_has_the_columns_that_are_read(void **state)
{
    struct buf book = BUF_INIT(4 * 1024 * 1024), packed = BUF_INIT(4 * 1024 * 1024);
    struct series_list series;
    struct sheet sheet;
    struct sheet_row row;
    int rc;

    (void)state;
    assert_int_equal(series_load(&series, NULL, &listing.arena, &listing.e), 0);
    assert_int_equal(import_workbook(&book, &series, &listing.e), 0);
    assert_int_equal(sheet_pack(&packed, buf_view(&book), SHEET_XLSX, &listing.e), 0);
    assert_int_equal(sheet_open(&sheet, buf_view(&packed), &listing.e), 0);
    assert_true(sheet_next(&row, &sheet, &rc, &listing.e));
    assert_int_equal(row.count, ENTRY_COLUMNS);
    for (int c = 0; c < ENTRY_COLUMNS; c++)
        assert_int_equal(entry_column_find(arena_slice(&listing.arena, row.cells[c].text)), c);
    assert_false(sheet_next(&row, &sheet, &rc, &listing.e)); /* the example is in the notes */
    buf_dispose(&book);
    buf_dispose(&packed);
}

static void a_list_behind_a_sheet_of_something_else_is_told_where_it_was_looked_for(void **state)
{
    struct import_order order = {.filing = listing.filing.id};
    struct buf book = BUF_INIT(64 * 1024);

    (void)state;
    workbook_make(&book, &(struct workbook_text){
                             .sheet = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>",
                             .sheet2 = "<sheetData><row r=\"1\"><c r=\"B1\"><v>9</v></c></row></sheetData>"});
    buf_reset(&listing.packed);
    assert_int_equal(sheet_pack(&listing.packed, buf_view(&book), SHEET_XLSX, &listing.e), 0);
    order.packed = buf_view(&listing.packed);
    assert_int_equal(filing_import(&listing.report, listing.store, NULL, &order, &listing_organiser,
                                   &listing.arena, &listing.e),
                     -1);
    assert_non_null(strstr(listing.e.zh, "只读取了工作表“名单”"));
    assert_non_null(strstr(listing.e.zh, "另有 1 个工作表"));
    buf_dispose(&book);
}

static void rows_at_fault_become_a_workbook(void **state)
{
    struct buf book = BUF_INIT(4 * 1024 * 1024), packed = BUF_INIT(4 * 1024 * 1024);
    struct sheet sheet;
    struct sheet_row row;
    int rc;

    (void)state;
    listing_import("姓名,证件类型,性别\n=cmd(),居民身份证,女\n", NULL);
    assert_int_equal(import_faults_workbook(&book, &listing.report.faults, &listing.e), 0);
    assert_int_equal(sheet_pack(&packed, buf_view(&book), SHEET_XLSX, &listing.e), 0);
    assert_int_equal(sheet_open(&sheet, buf_view(&packed), &listing.e), 0);
    assert_true(sheet_next(&row, &sheet, &rc, &listing.e));
    assert_true(sheet_next(&row, &sheet, &rc, &listing.e));
    assert_int_equal(row.count, 5);
    buf_dispose(&book);
    buf_dispose(&packed);
}

/* --- many rows, and an end in between --- */

static void who_is_killed_in_between_leaves_nothing(void **state)
{
    int status;
    pid_t child;

    (void)state;
    (void)list_of(20000);
    store_close(listing.store);
    listing.store = NULL;
    child = fork();
    if (child == 0) {
        if (store_open(&listing.store, issuing_dir, false, &listing.e) != 0)
            _exit(3);
        alarm(1); /* somewhere in the middle, or behind the end */
        _exit(listing_try(buf_text(&csv), NULL, NULL) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(store_open(&listing.store, issuing_dir, false, &listing.e), 0);
    if (WIFSIGNALED(status))
        nothing_was_kept();
    else
        assert_int_equal(entries(), 20000);
    /* and the next one is as the first would have been */
    listing_import(buf_text(&csv), &(struct import_order){.replace = true});
    assert_int_equal(entries(), 20000);
}

static void a_hundred_thousand_rows_are_taken_and_one_more_is_not(void **state)
{
    (void)state;
    if (SLOW_BUILD)
        skip();
    listing_import(list_of(100000), NULL);
    assert_int_equal(listing.report.imported, 100000);
    assert_int_equal(entries(), 100000);
    buf_reset(&csv);
    (void)and_line(listing_head);
    assert_int_equal(listing_try(and_line(listing_row(100001, NULL)), NULL, NULL), -1);
    assert_int_equal(listing.e.code, ERR_TOO_LARGE);
}

/* --- old certificates --- */

static int enter_old(const char *text, const struct import_order *how, const struct filing_actor *who)
{
    struct import_order order = how != NULL ? *how : (struct import_order){.check_only = false};

    buf_reset(&listing.packed);
    assert_int_equal(sheet_pack(&listing.packed, slice_of(text), SHEET_CSV, &listing.e), 0);
    order.packed = buf_view(&listing.packed);
    return filing_import_old(&listing.report, listing.store, "sealed", &order, who, &listing.arena,
                             &listing.e);
}

static const char old_head[] = "姓名,证件类型,证件号码,性别,出生日期,系列,专业,资格名称,级别,证书编号(历史),"
                               "发证日期,批复文号,发证机关\n";

static void old_certificates_enter_the_register_as_they_are(void **state)
{
    struct certificate_row rows[2];
    size_t count;
    json_t *record;

    (void)state;
    buf_reset(&csv);
    (void)and_line(old_head);
    (void)and_line("张测试,军官证,南字第00012345号,男,1970-03-05,卫生技术人员,外科,主任医师,正高级,第三方33,"
                   "2003.6.30,皖人〔2003〕1号,安徽省虚构人事厅\n");
    assert_int_equal(enter_old(buf_text(&csv), NULL, &listing_issuer), 0);
    if (listing.report.faults.errors > 0)
        fail_msg("%s", listing.report.faults.list[0].problem);
    assert_int_equal(listing.report.imported, 1);
    assert_int_equal(
        store_certificates_by_number(rows, 2, &count, listing.store, "第三方33", &listing.arena, &listing.e),
        0);
    assert_int_equal(count, 1);
    assert_true(rows[0].recorded);
    assert_int_equal(rows[0].status, STATUS_VALID);
    assert_int_equal(rows[0].file_size, 0);
    record = json_loads(rows[0].record_json, 0, NULL);
    assert_string_equal(json_string_value(json_object_get(record, "issue_date")), "2003-06-30");
    assert_string_equal(json_string_value(json_object_get(json_object_get(record, "issuer"), "name")),
                        "安徽省虚构人事厅");
    json_decref(record);
    /* a second time is refused row by row */
    assert_int_equal(enter_old(buf_text(&csv), NULL, &listing_issuer), 0);
    assert_int_equal(listing.report.imported, 0);
    says(2, COLUMN_CERTIFICATE_NO, "已登记");
}

static void an_old_number_of_fifteen_digits_is_a_remark_only(void **state)
{
    (void)state;
    buf_reset(&csv);
    (void)and_line(old_head);
    (void)and_line("张测试,居民身份证,340000700305123,男,1970-03-05,卫生技术人员,外科,主任医师,正高级,旧1,"
                   "2003-06-30,,\n");
    assert_int_equal(enter_old(buf_text(&csv), NULL, &listing_issuer), 0);
    assert_int_equal(listing.report.faults.errors, 0);
    assert_true(listing_fault(2, COLUMN_ID_NUMBER)->warning);
    assert_int_equal(listing.report.imported, 1);
}

static void an_old_certificate_needs_number_and_day(void **state)
{
    (void)state;
    buf_reset(&csv);
    (void)and_line(old_head);
    (void)and_line("张测试,军官证,南字第1号,男,1970-03-05,卫生技术人员,外科,主任医师,正高级,,2003-06-30,,\n");
    (void)and_line("李测试,军官证,南字第2号,男,1970-03-05,卫生技术人员,外科,主任医师,正高级,旧2,,,\n");
    (void)and_line(
        "王测试,军官证,南字第3号,男,1970-03-05,卫生技术人员,外科,主任医师,正高级,旧3,2903-06-30,,\n");
    (void)and_line(
        "赵测试,军官证,南字第4号,男,1970-03-05,卫生技术人员,外科,主任医师,正高级,旧4,2003-06-30,,\n");
    (void)and_line(
        "钱测试,军官证,南字第5号,男,1970-03-05,卫生技术人员,外科,主任医师,正高级,旧4,2003-06-30,,\n");
    assert_int_equal(enter_old(buf_text(&csv), NULL, &listing_issuer), 0);
    assert_int_equal(listing.report.faults.bad_rows, 4);
    says(2, COLUMN_CERTIFICATE_NO, "未填写");
    says(3, ENTRY_COLUMNS + 0, "未填写");
    says(4, ENTRY_COLUMNS + 0, "晚于今天");
    says(6, COLUMN_CERTIFICATE_NO, "第 5 行");
    assert_int_equal(listing.report.imported, 0);
}

static void others_registers_are_not_there(void **state)
{
    (void)state;
    assert_int_equal(enter_old(old_head, NULL, &listing_stranger), -1);
    assert_int_equal(listing.e.code, ERR_NOT_FOUND);
}

#define TRY(test) cmocka_unit_test_setup_teardown(test, listing_open, listing_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_filing_knows_its_offices),
        TRY(nobody_files_with_itself),
        TRY(a_profile_is_found_by_its_offices),
        TRY(only_who_may_sees_a_filing),
        TRY(a_filing_changes_while_it_is_open),
        TRY(a_good_list_is_taken),
        TRY(one_bad_row_keeps_all_out),
        TRY(good_rows_are_taken_where_that_was_said),
        TRY(a_check_keeps_nothing),
        TRY(the_same_person_twice_is_a_fault_that_names_the_other_row),
        TRY(the_same_serial_twice_is_a_fault),
        TRY(what_the_filing_has_is_a_fault_unless_it_is_replaced),
        TRY(a_second_list_goes_on_behind_the_first),
        TRY(titles_above_the_head_and_other_orders_of_columns_are_fine),
        TRY(missing_columns_are_one_fault),
        TRY(unknown_columns_are_passed_over_with_a_remark),
        TRY(a_column_twice_is_a_fault),
        TRY(what_is_no_list_is_refused),
        TRY(a_person_who_is_known_otherwise_is_a_fault),
        TRY(what_others_know_of_a_person_is_not_told),
        TRY(a_submitted_filing_takes_no_list),
        TRY(a_name_without_glyphs_is_a_fault_of_its_cell),
        TRY(the_report_is_told_in_both_languages),
        TRY(the_workbook_has_the_columns_that_are_read),
        TRY(a_list_behind_a_sheet_of_something_else_is_told_where_it_was_looked_for),
        TRY(rows_at_fault_become_a_workbook),
        TRY(who_is_killed_in_between_leaves_nothing),
        TRY(a_hundred_thousand_rows_are_taken_and_one_more_is_not),
        TRY(old_certificates_enter_the_register_as_they_are),
        TRY(an_old_number_of_fifteen_digits_is_a_remark_only),
        TRY(an_old_certificate_needs_number_and_day),
        TRY(others_registers_are_not_there),
    };
    int failed = cmocka_run_group_tests(tests, issuing_prepare, issuing_forget);

    buf_dispose(&csv);
    return failed;
}
