/* xlsx_test.c - workbooks as Excel, WPS and LibreOffice save them, and as nobody honest does. */
#include "base/clock.h"
#include "base/worker.h"
#include "spreadsheet/spreadsheet.h"
#include "support/workbook.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

struct fixture {
    struct buf file, packed;
    struct sheet sheet;
    struct sheet_row row;
    struct err e;
};

static struct fixture *fixture_new(void)
{
    struct fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    buf_init(&f->file, (size_t)1 << 30);
    buf_init(&f->packed, SHEET_OUT_MAX);
    return f;
}

static void fixture_free(struct fixture *f)
{
    buf_dispose(&f->file);
    buf_dispose(&f->packed);
    free(f);
}

static int pack(struct fixture *f)
{
    int rc = sheet_pack(&f->packed, buf_view(&f->file), SHEET_XLSX, &f->e);

    if (rc == 0)
        assert_int_equal(sheet_open(&f->sheet, buf_view(&f->packed), &f->e), 0);
    else
        assert_int_equal(f->packed.len, 0);
    return rc;
}

static int pack_text(struct fixture *f, const struct workbook_text *w)
{
    workbook_make(&f->file, w);
    return pack(f);
}

static bool next(struct fixture *f)
{
    int rc;
    bool there = sheet_next(&f->row, &f->sheet, &rc, &f->e);

    assert_int_equal(rc, 0);
    return there;
}

static void cell_is(const struct fixture *f, size_t column, enum cell_kind kind, const char *text)
{
    assert_true(column < f->row.count);
    assert_int_equal(f->row.cells[column].kind, kind);
    assert_int_equal(f->row.cells[column].text.len, strlen(text));
    if (text[0] != '\0')
        assert_memory_equal(f->row.cells[column].text.ptr, text, strlen(text));
}

/* The one cell A1 of a sheet is this. */
static void becomes(const char *cell, enum cell_kind kind, const char *text)
{
    struct fixture *f = fixture_new();
    char sheet[1024];

    (void)snprintf(sheet, sizeof sheet,
                   "<sheetData><row r=\"1\">%s<c r=\"B1\" t=\"str\"><v>x</v></c></row></sheetData>", cell);
    assert_int_equal(
        pack_text(
            f,
            &(struct workbook_text){
                .sheet = sheet,
                .strings =
                    "<si><t>龙㛃䶮</t></si><si><r><rPr><b/></rPr><t>张</t></r><r><t xml:space=\"preserve\">"
                    " 三</t></r><rPh sb=\"0\" eb=\"1\"><t>ZHANG</t></rPh></si><si/><si><t>a_x000D_b_x005F_"
                    "c_xD800_</t></si>",
                .styles =
                    "<numFmts count=\"3\"><numFmt numFmtId=\"176\" "
                    "formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;;@\"/><numFmt numFmtId=\"177\" "
                    "formatCode=\"[$-804]0.00&quot;day&quot;\\d\"/><numFmt numFmtId=\"178\" "
                    "formatCode=\"[DBNum1]yyyy年\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/>"
                    "</cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf "
                    "numFmtId=\"176\"/><xf numFmtId=\"177\"/><xf numFmtId=\"178\"/><xf numFmtId=\"22\"/><xf "
                    "numFmtId=\"31\"/><xf numFmtId=\"49\"/></cellXfs>"}),
        0);
    assert_true(next(f));
    cell_is(f, 0, kind, text);
    fixture_free(f);
}

static void every_kind_of_cell_is_read_as_excel_shows_it(void **state)
{
    (void)state;
    becomes("<c r=\"A1\" t=\"s\"><v>0</v></c>", CELL_TEXT, "龙㛃䶮");
    becomes("<c r=\"A1\" t=\"s\"><v>1</v></c>", CELL_TEXT, "张 三");
    becomes("<c r=\"A1\" t=\"s\"><v>2</v></c>", CELL_EMPTY, "");
    becomes("<c r=\"A1\" t=\"s\"><v>3</v></c>", CELL_TEXT, "a\rb_c_xD800_");
    becomes("<c r=\"A1\" t=\"inlineStr\"><is><t>甲</t></is></c>", CELL_TEXT, "甲");
    becomes("<c r=\"A1\" t=\"inlineStr\"><is><r><t>甲</t></r><r><t>乙</t></r><rPh><t>x</t></rPh></is></c>",
            CELL_TEXT, "甲乙");
    becomes("<c r=\"A1\" t=\"str\"><f>B1&amp;\"1\"</f><v>x1</v></c>", CELL_TEXT, "x1");
    becomes("<c r=\"A1\" t=\"str\"><v><![CDATA[<&]]></v></c>", CELL_TEXT, "<&");
    becomes("<c r=\"A1\" t=\"b\"><v>1</v></c>", CELL_BOOL, "TRUE");
    becomes("<c r=\"A1\" t=\"e\"><f>1/0</f><v>#DIV/0!</v></c>", CELL_ERROR, "#DIV/0!");
    becomes("<c r=\"A1\"><v>340000198502120000</v></c>", CELL_NUMBER, "340000198502120000");
    becomes("<c r=\"A1\" t=\"n\" s=\"7\"><v>3.4E+17</v></c>", CELL_NUMBER, "3.4E+17");
    becomes("<c r=\"A1\" s=\"3\"/>", CELL_EMPTY, "");
    becomes("<c r=\"A1\" t=\"d\"><v>1985-02-12T00:00:00</v></c>", CELL_DATE, "1985-02-12");
    becomes("<c s=\"0\"><v>7</v></c>", CELL_NUMBER, "7");
    becomes("<c r=\"A1\" s=\"999\"><v>7</v></c>", CELL_NUMBER, "7");
}

static void dates_are_days_by_their_format(void **state)
{
    (void)state;
    becomes("<c r=\"A1\" s=\"1\"><v>31090</v></c>", CELL_DATE, "1985-02-12");
    becomes("<c r=\"A1\" s=\"2\"><v>31090</v></c>", CELL_DATE, "1985-02-12");
    becomes("<c r=\"A1\" s=\"3\"><v>31090</v></c>", CELL_NUMBER, "31090");
    becomes("<c r=\"A1\" s=\"4\"><v>31090</v></c>", CELL_DATE, "1985-02-12");
    becomes("<c r=\"A1\" s=\"5\"><v>31090.5</v></c>", CELL_DATE, "1985-02-12 12:00:00");
    becomes("<c r=\"A1\" s=\"6\"><v>46011</v></c>", CELL_DATE, "2025-12-20");
    becomes("<c r=\"A1\" s=\"1\"><v>1</v></c>", CELL_DATE, "1900-01-01");
    becomes("<c r=\"A1\" s=\"1\"><v>59</v></c>", CELL_DATE, "1900-02-28");
    becomes("<c r=\"A1\" s=\"1\"><v>60</v></c>", CELL_DATE,
            "1900-02-29"); /* which never was: refused later */
    becomes("<c r=\"A1\" s=\"1\"><v>61</v></c>", CELL_DATE, "1900-03-01");
    becomes("<c r=\"A1\" s=\"1\"><v>36585</v></c>", CELL_DATE, "2000-02-29");
    becomes("<c r=\"A1\" s=\"1\"><v>2958465</v></c>", CELL_DATE, "9999-12-31");
    becomes("<c r=\"A1\" s=\"1\"><v>2958466</v></c>", CELL_NUMBER, "2958466");
    becomes("<c r=\"A1\" s=\"1\"><v>-5</v></c>", CELL_NUMBER, "-5");
    becomes("<c r=\"A1\" s=\"1\"><v>0.25</v></c>", CELL_NUMBER, "0.25");
    becomes("<c r=\"A1\" s=\"1\"><v>1e308</v></c>", CELL_NUMBER, "1e308");
}

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

static void days_of_1904_and_sheet_states_come_from_the_workbook(void **state)
{
    struct fixture *f = fixture_new();

    (void)state;
    assert_int_equal(
        pack_text(
            f,
            &(struct workbook_text){
                .workbook =
                    "<x:workbook xmlns:x=\"" WORKBOOK_MAIN "\" xmlns:q=\"" OFFICE
                    "\"><x:workbookPr date1904=\"true\"/><x:sheets><x:sheet name=\"藏\" sheetId=\"2\" "
                    "state=\"veryHidden\" q:id=\"rId2\"/><x:sheet name=\"A&amp;B\" sheetId=\"1\" "
                    "q:id=\"rId1\"/></x:sheets></x:workbook>",
                .styles = "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs>",
                .sheet =
                    "<sheetData><row><c s=\"1\"><v>29628</v></c><c s=\"1\"><v>0</v></c></row></sheetData>",
                .sheet2 = "<sheetData><row><c><v>9</v></c></row></sheetData>"}),
        0);
    assert_string_equal(f->sheet.sheet_name, "A&B");
    assert_int_equal(f->sheet.other_sheets, 0);
    assert_int_equal(f->sheet.rows, 1);
    assert_true(next(f));
    cell_is(f, 0, CELL_DATE, "1985-02-12");
    cell_is(f, 1, CELL_DATE, "1904-01-01");
    fixture_free(f);
}

static void the_first_visible_sheet_with_rows_is_read_and_further_ones_are_counted(void **state)
{
    struct fixture *f = fixture_new();

    (void)state;
    assert_int_equal(
        pack_text(f,
                  &(struct workbook_text){
                      .sheet = "<sheetData><row r=\"1\"><c r=\"A1\" t=\"str\"><v> </v></c></row></sheetData>",
                      .sheet2 = "<sheetData><row r=\"3\"><c r=\"B3\"><v>9</v></c></row></sheetData>"}),
        0);
    assert_string_equal(f->sheet.sheet_name, "其他");
    assert_int_equal(f->sheet.other_sheets, 0);
    assert_true(next(f));
    assert_int_equal(f->row.number, 3);
    cell_is(f, 0, CELL_EMPTY, "");
    cell_is(f, 1, CELL_NUMBER, "9");
    assert_false(next(f));
    fixture_free(f);

    f = fixture_new();
    assert_int_equal(
        pack_text(f,
                  &(struct workbook_text){
                      .sheet = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>",
                      .sheet2 = "<sheetData><row r=\"3\"><c r=\"B3\"><v>9</v></c></row></sheetData>"}),
        0);
    assert_string_equal(f->sheet.sheet_name, "名单");
    assert_int_equal(f->sheet.other_sheets, 1);
    fixture_free(f);
}

static void hidden_rows_gaps_and_merged_cells_are_marked(void **state)
{
    struct fixture *f = fixture_new();

    (void)state;
    assert_int_equal(
        pack_text(
            f,
            &(struct workbook_text){
                .sheet =
                    "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\"/>"
                    "<row r=\"5\" hidden=\"1\"><c r=\"A5\"><v>5</v></c><c r=\"C5\"><v>7</v></c></row>"
                    "<row><c><v>6</v></c></row><row><c><v>8</v></c></row></sheetData><mergeCells count=\"2\">"
                    "<mergeCell ref=\"B5:C6\"/><mergeCell ref=\"A1:B1\"/></mergeCells>"}),
        0);
    assert_true(next(f));
    assert_int_equal(f->row.count, 2);
    assert_false(f->row.hidden);
    assert_false(f->row.cells[0].merged);
    assert_true(f->row.cells[1].merged);
    assert_true(next(f));
    assert_int_equal(f->row.number, 5);
    assert_true(f->row.hidden);
    assert_false(f->row.cells[0].merged);
    assert_false(f->row.cells[1].merged); /* the first of its range */
    assert_true(f->row.cells[2].merged);
    assert_true(next(f));
    assert_int_equal(f->row.number, 6);
    assert_false(f->row.hidden);
    assert_true(f->row.cells[1].merged);
    assert_true(f->row.cells[2].merged);
    assert_true(next(f));
    assert_int_equal(f->row.number, 7);
    assert_int_equal(f->row.count, 1);
    assert_false(next(f));
    fixture_free(f);
}

static void strict_workbooks_and_other_ways_to_name_parts_are_read(void **state)
{
    static const char *const targets[] = {
        "/xl/worksheets/sheet1.xml", "worksheets/../worksheets/./sheet1.xml", "../XL/Worksheets/Sheet1.xml"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fixture *f = fixture_new();
        char relations[600];

        (void)snprintf(
            relations, sizeof relations,
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
            "<Relationship Id=\"rId1\" Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/"
            "worksheet\" Target=\"%s\"/></Relationships>",
            targets[i]);
        assert_int_equal(
            pack_text(f,
                      &(struct workbook_text){
                          .ns = WORKBOOK_STRICT,
                          .relations = relations,
                          .sheet = "<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>"}),
            0);
        assert_int_equal(f->sheet.rows, 1);
        fixture_free(f);
    }
}

/* Refused, in both languages, with that code. */
static void refused(struct fixture *f, enum err_code code, const char *says)
{
    assert_int_equal(pack(f), -1);
    if (f->e.code != code || strstr(f->e.zh, says) == NULL)
        fail_msg("code %d: %s (%s)", (int)f->e.code, f->e.zh, f->e.detail);
    assert_true(f->e.en[0] != '\0');
    fixture_free(f);
}

static void refused_text(const struct workbook_text *w, enum err_code code, const char *says)
{
    struct fixture *f = fixture_new();

    workbook_make(&f->file, w);
    refused(f, code, says);
}

static void refused_sheet(const char *sheet, enum err_code code, const char *says)
{
    refused_text(&(struct workbook_text){.sheet = sheet}, code, says);
}

static void broken_workbooks_are_refused(void **state)
{
    (void)state;
    refused_sheet("<sheetData/>", ERR_INVALID, "没有内容");
    refused_sheet("<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData>", ERR_INVALID,
                  "已损坏");
    refused_sheet("<sheetData><row r=\"1\"><c r=\"A1\"><v>1&unknown;</v></c></row></sheetData>", ERR_INVALID,
                  "已损坏");
    refused_sheet("<sheetData><row r=\"1\"><c r=\"A1\"><v>12a</v></c></row></sheetData>", ERR_INVALID,
                  "已损坏");
    refused_sheet("<sheetData><row r=\"2\"/><row r=\"1\"/></sheetData>", ERR_INVALID, "已损坏");
    refused_sheet("<sheetData><row r=\"1048577\"/></sheetData>", ERR_INVALID, "已损坏");
    refused_sheet("<sheetData><row r=\"-1\"/></sheetData>", ERR_INVALID, "已损坏");
    refused_sheet("<sheetData><row r=\"1\"><c r=\"A2\"><v>1</v></c></row></sheetData>", ERR_INVALID,
                  "已损坏");
    refused_sheet("<sheetData><row r=\"1\"><c r=\"ZZZZ1\"><v>1</v></c></row></sheetData>", ERR_INVALID,
                  "已损坏");
    refused_sheet("<sheetData><row r=\"1\"><c r=\"1\"><v>1</v></c></row></sheetData>", ERR_INVALID, "已损坏");
    refused_sheet("<sheetData><row r=\"1\"><c r=\"BM1\"><v>1</v></c></row></sheetData>", ERR_TOO_LARGE,
                  "64 列");
    refused_sheet("<sheetData><row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row></sheetData>", ERR_TOO_LARGE,
                  "64 列");
    refused_sheet("<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData><mergeCells><mergeCell "
                  "ref=\"B2:A1\"/></mergeCells>",
                  ERR_INVALID, "已损坏");
    refused_text(&(struct workbook_text){.workbook = "<document/>"}, ERR_INVALID, "已损坏");
    refused_text(&(struct workbook_text){.workbook = "<workbook"}, ERR_INVALID, "已损坏");
    refused_text(&(struct workbook_text){.relations = "<Relationships/>"}, ERR_INVALID, "没有内容");
}

static void entities_and_doctypes_are_refused(void **state)
{
    struct buf laughs = BUF_INIT(1 << 20);

    (void)state;
    buf_append_text(&laughs, "<!DOCTYPE workbook [<!ENTITY a0 \"ha\">");
    for (int i = 1; i < 30; i++)
        buf_printf(&laughs, "<!ENTITY a%d \"&a%d;&a%d;\">", i, i - 1, i - 1);
    buf_append_text(&laughs, "]><workbook xmlns=\"" WORKBOOK_MAIN "\">&a29;</workbook>");
    refused_text(&(struct workbook_text){.workbook = buf_text(&laughs)}, ERR_INVALID, "已损坏");
    buf_dispose(&laughs);
    refused_text(
        &(struct workbook_text){.workbook = "<!DOCTYPE workbook SYSTEM \"file:///etc/passwd\"><workbook/>"},
        ERR_INVALID, "已损坏");
}

static void deep_and_wide_xml_is_refused(void **state)
{
    struct buf deep = BUF_INIT(1 << 22);

    (void)state;
    for (int i = 0; i < 5000; i++)
        buf_append_text(&deep, "<a>");
    for (int i = 0; i < 5000; i++)
        buf_append_text(&deep, "</a>");
    refused_sheet(buf_text(&deep), ERR_INVALID, "已损坏");
    buf_reset(&deep);
    buf_append_text(&deep, "<sheetData><row r=\"1\"><c r=\"A1\"");
    for (int i = 0; i < 5000; i++)
        buf_printf(&deep, " a%d=\"1\"", i);
    buf_append_text(&deep, "><v>1</v></c></row></sheetData>");
    refused_sheet(buf_text(&deep), ERR_INVALID, "已损坏");
    buf_reset(&deep);
    buf_append_text(&deep, "<sheetData><row");
    for (int i = 0; i < 200000; i++) /* half a minute of the parser's time, were it let */
        buf_printf(&deep, " a%d=\"\"", i);
    buf_append_text(&deep, "/></sheetData>");
    refused_sheet(buf_text(&deep), ERR_INVALID, "已损坏");
    buf_dispose(&deep);
}

static void long_texts_are_refused_with_their_row(void **state)
{
    struct buf sheet = BUF_INIT(1 << 22);

    (void)state;
    buf_append_text(&sheet, "<sheetData><row r=\"7\"><c r=\"C7\" t=\"str\"><v>");
    for (int i = 0; i < SHEET_CELL_MAX + 1; i++)
        buf_append_char(&sheet, 'x');
    buf_append_text(&sheet, "</v></c></row></sheetData>");
    refused_sheet(buf_text(&sheet), ERR_TOO_LARGE, "第 7 行 C 列");
    buf_reset(&sheet);
    buf_append_text(&sheet, "<sheetData><row r=\"7\"><c r=\"C7\" t=\"str\"><v>");
    for (int i = 0; i < 1000000; i++)
        buf_append_char(&sheet, 'x');
    buf_append_text(&sheet, "</v></c></row></sheetData>");
    refused_sheet(buf_text(&sheet), ERR_TOO_LARGE, "第 7 行");
    buf_dispose(&sheet);
}

static void other_files_are_refused_with_advice(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *says;
    } rows[] = {{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on", 20, ".xlsx"},
                {"\xFF\xFE\x8D\x5E", 4, "UTF-16"},
                {"%PDF-1.7", 8, "不是名单文件"},
                {"", 0, "空的"},
                {"\x89PNG\r\n\x1a\n", 8, "不是名单文件"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice s = {(const uint8_t *)rows[i].bytes, rows[i].len};
        struct buf out = BUF_INIT(1 << 20);
        struct err e;

        assert_int_equal(sheet_format_of(s), SHEET_UNKNOWN);
        assert_int_equal(sheet_pack(&out, s, SHEET_UNKNOWN, &e), -1);
        assert_int_equal(e.code, ERR_INVALID);
        assert_non_null(strstr(e.zh, rows[i].says));
        buf_dispose(&out);
    }
}

static void archives_that_are_no_workbooks_are_refused(void **state)
{
    struct workbook_part ods[] = {{"mimetype", slice_of("application/vnd.oasis.opendocument.spreadsheet")},
                                  {"content.xml", slice_of("<a/>")}};
    struct workbook_part photos[] = {{"1.jpg", slice_of("x")}};
    struct fixture *f = fixture_new();

    (void)state;
    workbook_zip(&f->file, ods, 2);
    refused(f, ERR_INVALID, ".ods");
    f = fixture_new();
    workbook_zip(&f->file, photos, 1);
    refused(f, ERR_INVALID, "不是工作簿");
    f = fixture_new();
    buf_append_text(&f->file, "PK\x03\x04 and nothing");
    refused(f, ERR_INVALID, "已损坏");
}

/* Rows of 18 columns as lists have them; every text its own shared string. */
static void make_list(struct fixture *f, unsigned rows)
{
    struct buf sheet = BUF_INIT((size_t)1 << 30), strings = BUF_INIT((size_t)1 << 30);
    unsigned index = 0;

    buf_append_text(&sheet, "<sheetData>");
    for (unsigned r = 1; r <= rows; r++) {
        buf_printf(&sheet, "<row r=\"%u\" spans=\"1:18\">", r);
        for (int c = 0; c < 18; c++) {
            buf_printf(&sheet, "<c r=\"%c%u\" s=\"2\" t=\"s\"><v>%u</v></c>", 'A' + c, r, index);
            buf_printf(&strings, "<si><t>安徽省测试单位%u</t></si>", index++);
        }
        buf_append_text(&sheet, "</row>");
    }
    buf_append_text(&sheet, "</sheetData>");
    workbook_make(&f->file,
                  &(struct workbook_text){.sheet = buf_text(&sheet), .strings = buf_text(&strings)});
    buf_dispose(&sheet);
    buf_dispose(&strings);
}

static int pack_in_worker(struct buf *out, void *arg, struct err *e)
{
    const struct fixture *f = arg;

    return sheet_pack(out, buf_view(&f->file), sheet_format_of(buf_view(&f->file)), e);
}

/* Where nothing can be opened, in 384 MB (of address space, the list's own packing included) and little time.
 */
static int run_in_worker(struct fixture *f, enum worker_end *end)
{
    const struct worker_limits limits = {(size_t)384 << 20, 60, 120000, SHEET_OUT_MAX};

    return worker_run(&f->packed, &limits, pack_in_worker, f, end, &f->e);
}

static void a_hundred_thousand_rows_are_packed_in_bounded_memory(void **state)
{
    struct fixture *f = fixture_new();
    enum worker_end end;
    size_t count = 0;

    (void)state;
    make_list(f, SHEET_ROWS_MAX + 1);
    if (run_in_worker(f, &end) != 0)
        fail_msg("%d: %s (%s)", (int)end, f->e.zh, f->e.detail);
    assert_int_equal(sheet_open(&f->sheet, buf_view(&f->packed), &f->e), 0);
    while (next(f))
        count++;
    assert_int_equal(count, SHEET_ROWS_MAX + 1);
    assert_int_equal(f->sheet.rows, count);
    assert_int_equal(f->row.count, 18);
    fixture_free(f);
}

static void one_row_more_is_refused(void **state)
{
    struct buf sheet = BUF_INIT((size_t)1 << 28);

    (void)state;
    buf_append_text(&sheet, "<sheetData>");
    for (int r = 0; r < SHEET_ROWS_MAX + 2; r++)
        buf_append_text(&sheet, "<row><c><v>1</v></c></row>");
    buf_append_text(&sheet, "</sheetData>");
    refused_sheet(buf_text(&sheet), ERR_TOO_LARGE, "100000 行");
    buf_dispose(&sheet);
}

static void bombs_end_within_bounds(void **state)
{
    struct buf text = BUF_INIT((size_t)1 << 28);
    struct fixture *f = fixture_new();
    enum worker_end end;

    (void)state;
    /* one string of 32,767 bytes, named by every cell */
    buf_append_text(&text, "<si><t>");
    for (int i = 0; i < SHEET_CELL_MAX; i++)
        buf_append_char(&text, 'x');
    buf_append_text(&text, "</t></si>");
    {
        struct buf sheet = BUF_INIT((size_t)1 << 28);

        buf_append_text(&sheet, "<sheetData>");
        for (int r = 0; r < 20000; r++)
            buf_append_text(&sheet, "<row><c t=\"s\"><v>0</v></c></row>");
        buf_append_text(&sheet, "</sheetData>");
        workbook_make(&f->file,
                      &(struct workbook_text){.sheet = buf_text(&sheet), .strings = buf_text(&text)});
        buf_dispose(&sheet);
    }
    assert_int_equal(run_in_worker(f, &end), -1);
    assert_int_equal(end, WORKER_REFUSED);
    assert_int_equal(f->e.code, ERR_TOO_LARGE);
    fixture_free(f);

    /* 100 MB of shared strings in some 100 KB */
    f = fixture_new();
    buf_reset(&text);
    for (int i = 0; i < 5000000; i++)
        buf_append_text(&text, "<si><t>xxxxxxx</t></si>");
    workbook_make(&f->file, &(struct workbook_text){.sheet = "<sheetData/>", .strings = buf_text(&text)});
    assert_int_equal(run_in_worker(f, &end), -1);
    assert_int_equal(end, WORKER_REFUSED);
    assert_int_equal(f->e.code, ERR_TOO_LARGE);
    fixture_free(f);
    buf_dispose(&text);
}

static void elements_without_end_are_refused(void **state)
{
    struct buf sheet = BUF_INIT((size_t)1 << 29);

    (void)state;
    if (SLOW_BUILD)
        skip();
    assert_non_null(buf_room(&sheet, (size_t)300 << 20)); /* it stays where it is while it is doubled */
    buf_append_text(&sheet, "<sheetData><a/>");
    while (sheet.len < (size_t)4 * 33000000) /* twice as many each time */
        buf_append(&sheet, (struct slice){sheet.data + 11, sheet.len - 11});
    buf_append_text(&sheet, "</sheetData>");
    refused_sheet(buf_text(&sheet), ERR_TOO_LARGE, "过大");
    buf_dispose(&sheet);
}

static void every_flipped_byte_gives_rows_or_a_reason(void **state)
{
    struct fixture *f = fixture_new();

    (void)state;
    make_list(f, 3);
    for (size_t i = 0; i < f->file.len; i++) {
        struct buf out = BUF_INIT(1 << 22);
        struct err e = {0};

        f->file.data[i] ^= 0x11;
        if (sheet_pack(&out, buf_view(&f->file), SHEET_XLSX, &e) != 0)
            assert_true(e.code != ERR_NONE && e.zh[0] != '\0' && e.code != ERR_INTERNAL);
        f->file.data[i] ^= 0x11;
        buf_dispose(&out);
    }
    fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_cell_is_read_as_excel_shows_it),
        cmocka_unit_test(dates_are_days_by_their_format),
        cmocka_unit_test(days_of_1904_and_sheet_states_come_from_the_workbook),
        cmocka_unit_test(the_first_visible_sheet_with_rows_is_read_and_further_ones_are_counted),
        cmocka_unit_test(hidden_rows_gaps_and_merged_cells_are_marked),
        cmocka_unit_test(strict_workbooks_and_other_ways_to_name_parts_are_read),
        cmocka_unit_test(broken_workbooks_are_refused),
        cmocka_unit_test(entities_and_doctypes_are_refused),
        cmocka_unit_test(deep_and_wide_xml_is_refused),
        cmocka_unit_test(long_texts_are_refused_with_their_row),
        cmocka_unit_test(other_files_are_refused_with_advice),
        cmocka_unit_test(archives_that_are_no_workbooks_are_refused),
        cmocka_unit_test(a_hundred_thousand_rows_are_packed_in_bounded_memory),
        cmocka_unit_test(one_row_more_is_refused),
        cmocka_unit_test(bombs_end_within_bounds),
        cmocka_unit_test(elements_without_end_are_refused),
        cmocka_unit_test(every_flipped_byte_gives_rows_or_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
