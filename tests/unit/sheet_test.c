/* sheet_test.c - CSV and JSON lists in, packed rows out and in again, and workbooks that are read as written.
 */
#include "base/worker.h"
#include "spreadsheet/spreadsheet.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* libxlsxwriter 1.1.4 copies the formula of a drop-down twice and frees it once: some twenty bytes. */
const char *__lsan_default_suppressions(void); /* NOLINT: the sanitizer's own name */
const char *__lsan_default_suppressions(void)  /* NOLINT */
{
    return "leak:lxw_strdup";
}

/* Packs bytes and shows the rows: "number:cell|cell|...;" with what is no text marked by its kind. */
static const char *shown(struct buf *out, const char *bytes, size_t len, const char **encoding)
{
    static const char kinds[] = "_tndbe";
    struct slice s = {(const uint8_t *)bytes, len};
    struct buf packed = BUF_INIT(SHEET_OUT_MAX);
    struct sheet *sheet = calloc(1, sizeof *sheet);
    struct sheet_row *row = calloc(1, sizeof *row);
    struct err e;
    int rc;

    assert_true(sheet != NULL && row != NULL);
    buf_reset(out);
    if (sheet_pack(&packed, s, sheet_format_of(s), &e) != 0) {
        assert_int_equal(packed.len, 0);
        assert_true(e.en[0] != '\0');
        buf_printf(out, "%s", e.zh);
    } else {
        assert_int_equal(sheet_open(sheet, buf_view(&packed), &e), 0);
        if (encoding != NULL)
            *encoding = sheet->encoding;
        while (sheet_next(row, sheet, &rc, &e)) {
            buf_printf(out, "%u:", row->number);
            for (size_t c = 0; c < row->count; c++) {
                if (row->cells[c].kind != CELL_TEXT)
                    buf_append_char(out, kinds[row->cells[c].kind]);
                buf_append(out, row->cells[c].text);
                buf_append_char(out, '|');
            }
            buf_append_char(out, ';');
        }
        assert_int_equal(rc, 0);
    }
    buf_dispose(&packed);
    free(sheet);
    free(row);
    return buf_text(out);
}

static void reads_as(const char *bytes, const char *rows)
{
    struct buf out = BUF_INIT(1 << 20);

    assert_string_equal(shown(&out, bytes, strlen(bytes), NULL), rows);
    buf_dispose(&out);
}

static void is_refused(const char *bytes, size_t len, const char *says)
{
    struct buf out = BUF_INIT(1 << 20);
    const char *text = shown(&out, bytes, len, NULL);

    if (strstr(text, says) == NULL)
        fail_msg("%s", text);
    buf_dispose(&out);
}

static void csv_is_read_by_rfc_4180(void **state)
{
    (void)state;
    reads_as("a,b\r\nc,d\r\n", "1:a|b|;2:c|d|;");
    reads_as("a,b\nc,d", "1:a|b|;2:c|d|;");
    reads_as("a,b\rc,d\r", "1:a|b|;2:c|d|;"); /* old Mac */
    reads_as("a,\"b,\"\"c\"\"\nd\"\ne", "1:a|b,\"c\"\nd|;2:e|;");
    reads_as("a,\"\",b", "1:a|_|b|;");
    reads_as("a\"b,c", "1:a\"b|c|;");
    reads_as("a,b\n\n,\n \t,\xc2\xa0\nc", "1:a|b|;5:c|;"); /* blank rows count, but leave nothing */
    reads_as("\xEF\xBB\xBF序号,姓名\n1,龙㛃䶮", "1:序号|姓名|;2:1|龙㛃䶮|;");
}

static void the_separator_is_the_one_of_the_head(void **state)
{
    (void)state;
    reads_as("a;b;c\n1,5;2;3", "1:a|b|c|;2:1,5|2|3|;");
    reads_as("a\tb\n1,5\t2;", "1:a|b|;2:1,5|2;|;");
    reads_as("\"x;y;z\",b\n1;2,3", "1:x;y;z|b|;2:1;2|3|;");
    reads_as("名单\na;b\n1;2", "1:名单|;2:a|b|;3:1|2|;");
    reads_as("sep=;\na;b,c", "2:a|b,c|;");
    reads_as("sep=x\na,b", "1:sep=x|;2:a|b|;");
}

static void broken_csv_is_refused_with_its_line(void **state)
{
    (void)state;
    is_refused("a,b\n1,\"x\ny\nz", 11, "第 2 行的引号");
    is_refused("a,b\n1,\"x\"y\n", 11, "第 2 行");
    is_refused("a,b\n1,\0\n", 8, "第 2 行含有空字节");
    is_refused("\n\n ,\n", 5, "没有内容");
    is_refused("\xEF\xBB\xBF姓名\n\xD0\xF2\n", 13, "第 2 行");
    is_refused("序号,姓名\n1,张三\n2,\xD0\xF2\n", 28,
               "第 3 行"); /* UTF-8 but for one line: not taken for GB18030 */
    is_refused("a,b\n\xFF\xFF\xFF\n", 8, "第 2 行");
}

static void columns_rows_and_cells_have_their_limits(void **state)
{
    struct buf csv = BUF_INIT(1 << 24);
    const char *text;

    (void)state;
    for (int i = 0; i < 64; i++)
        buf_append_text(&csv, i == 0 ? "x" : ",x");
    buf_append_text(&csv, ",,,\n");
    text = buf_text(&csv);
    is_refused(text, 0, "空的");
    {
        struct buf out = BUF_INIT(1 << 20);

        assert_int_equal(strncmp(shown(&out, text, strlen(text), NULL), "1:x|", 4), 0);
        buf_dispose(&out);
    }
    csv.len -= 4;
    buf_append_text(&csv, ",x");
    is_refused(buf_text(&csv), csv.len, "超过 64 列");
    buf_reset(&csv);
    for (int i = 0; i < SHEET_CELL_MAX + 1; i++)
        buf_append_char(&csv, 'x');
    is_refused(buf_text(&csv), csv.len, "第 1 行 A 列");
    buf_reset(&csv);
    for (int i = 0; i < SHEET_ROWS_MAX + 2; i++)
        buf_append_text(&csv, "x\n");
    is_refused(buf_text(&csv), csv.len, "100000 行");
    buf_dispose(&csv);
}

static void gb18030_is_detected_and_read_as_of_2022(void **state)
{
    /* 龙㛃䶮𬍛𫖯, then three codes whose code points were private once: FE59, FE51 and A6D9 */
    static const char csv[] = "\xD0\xF2\xBA\xC5,\xD0\xD5\xC3\xFB\r\n1,\xC1\xFA\x82\x30\xB7\x31\xFE\x9F"
                              "\x99\x31\xD9\x37\x98\x38\xF5\x37"
                              "\xFE\x59\xFE\x51\xA6\xD9";
    struct buf out = BUF_INIT(1 << 20);
    const char *encoding = NULL, *text = shown(&out, csv, sizeof csv - 1, &encoding);

    (void)state;
    assert_string_equal(encoding, "GB18030");
    assert_non_null(strstr(text, "1:序号|姓名|;2:1|龙㛃䶮𬍛𫖯"));
    assert_non_null(strstr(text, "\xe9\xbe\xb4"));     /* U+9FB4, not the private-use U+E81E */
    assert_non_null(strstr(text, "\xf0\xa0\x82\x87")); /* U+20087, not U+E816 */
    assert_non_null(strstr(text, "\xef\xb8\x90"));     /* U+FE10, not U+E78D */
    assert_null(strstr(text, "\xee"));                 /* nothing of U+E000 to U+EFFF */
    buf_dispose(&out);
}

struct job {
    struct slice bytes;
};

static int pack_job(struct buf *out, void *arg, struct err *e)
{
    const struct job *j = arg;

    return sheet_pack(out, j->bytes, sheet_format_of(j->bytes), e);
}

/* All code points that four bytes can hold: 90308130 is U+10000, and so on in one order. */
static void every_four_byte_code_of_gb18030_is_read_where_nothing_can_be_opened(void **state)
{
    const struct worker_limits limits = {(size_t)256 << 20, 30, 60000, SHEET_OUT_MAX};
    struct buf csv = BUF_INIT(1 << 24), packed = BUF_INIT(SHEET_OUT_MAX);
    struct sheet *sheet = calloc(1, sizeof *sheet);
    struct sheet_row *row = calloc(1, sizeof *row);
    struct err e;
    uint32_t cp = 0x20000;
    int rc;

    (void)state;
    assert_true(sheet != NULL && row != NULL);
    buf_append_text(&csv, "\xD0\xD5\xC3\xFB\n");
    for (; cp <= 0x323AF; cp++) { /* Extensions B to H */
        uint32_t n = cp - 0x10000;
        char four[4] = {(char)(0x90 + n / 12600), (char)(0x30 + n / 1260 % 10), (char)(0x81 + n / 10 % 126),
                        (char)(0x30 + n % 10)};

        buf_append_bytes(&csv, four, 4);
        buf_append_char(&csv, '\n');
    }
    rc = worker_run(&packed, &limits, pack_job, &(struct job){buf_view(&csv)}, NULL, &e);
    if (rc != 0)
        fail_msg("%s (%s)", e.zh, e.detail);
    assert_int_equal(sheet_open(sheet, buf_view(&packed), &e), 0);
    assert_true(sheet_next(row, sheet, &rc, &e));
    for (cp = 0x20000; sheet_next(row, sheet, &rc, &e); cp++) {
        const uint8_t *at = row->cells[0].text.ptr;

        assert_int_equal(row->cells[0].text.len, 4);
        assert_int_equal((at[0] & 7U) << 18 | (at[1] & 63U) << 12 | (at[2] & 63U) << 6 | (at[3] & 63U), cp);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(cp, 0x323B0);
    buf_dispose(&csv);
    buf_dispose(&packed);
    free(sheet);
    free(row);
}

static void json_lists_are_read_item_by_item(void **state)
{
    (void)state;
    reads_as("[{\"name\":\"龙\",\"year\":2025},{\"x\":null,\"year\":1.5,\"b\":true}]",
             "0:name|year|x|b|;1:龙|n2025|;2:_|n1.5|_|btrue|;");
    reads_as(" { \"entries\" : [ {\"name\":\"a\"} , {\"name\":\"]}\\\"\"} ] } \n", "0:name|;1:a|;2:]}\"|;");
    reads_as("[{\"id_number\":340000198502120024}]", "0:id_number|;1:n340000198502120024|;");
    reads_as("[{\"series\":{\"code\":\"05\"},\"name\":\"a\"}]", "0:series|name|;1:e{\"code\":\"05\"}|a|;");
    reads_as("\xEF\xBB\xBF[{\"a\":\"1\"},{},{\"a\":\"\"},{\"a\":\"2\"}]", "0:a|;1:1|;4:2|;");
}

static void broken_json_is_refused_with_its_item(void **state)
{
    static const struct {
        const char *json, *says;
    } rows[] = {{"[]", "没有内容"},
                {"{}", "应为对象列表"},
                {"{\"entries\":[{\"a\":1}],\"x\":1}", "应为对象列表"},
                {"{\"items\":[{\"a\":1}]}", "应为对象列表"},
                {"[{\"a\":1}", "第 1 项之后"},
                {"[{\"a\":1} {\"a\":2}]", "第 1 项之后"},
                {"[{\"a\":1},]", "第 1 项之后"},
                {"[{\"a\":1},2]", "第 1 项之后"},
                {"[{\"a\":1}]x", "第 1 项之后"},
                {"[{\"a\":1},{\"a\":}]", "第 2 项"},
                {"[{\"a\":1},{\"a\":1,\"a\":2}]", "第 2 项"},
                {"[{\"a\":1},{\"a\":\"\\u0000\"}]", "第 2 项"},
                {"[{\"a\":99999999999999999999}]", "第 1 项"},
                {"[{\"a\":1},{\"a\":\"x", "第 2 项没有结束"},
                {"[{\"\":1}]", "第 1 项"},
                {"[[1]]", "第 0 项之后"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        is_refused(rows[i].json, strlen(rows[i].json), rows[i].says);
}

static void items_and_members_of_json_have_their_limits(void **state)
{
    struct buf json = BUF_INIT(1 << 24);

    (void)state;
    buf_append_text(&json, "[{\"a\":\"");
    for (int i = 0; i < 65 * 1024; i++)
        buf_append_char(&json, 'x');
    buf_append_text(&json, "\"}]");
    is_refused(buf_text(&json), json.len, "超过 64 KB");
    buf_reset(&json);
    buf_append_text(&json, "[{\"m0\":1");
    for (int i = 1; i < 65; i++)
        buf_printf(&json, ",\"m%d\":1", i);
    buf_append_text(&json, "}]");
    is_refused(buf_text(&json), json.len, "超过 64 种");
    buf_reset(&json);
    buf_append_char(&json, '[');
    for (int i = 0; i < 100000; i++)
        buf_append_text(&json, "[");
    is_refused(buf_text(&json), json.len, "应为对象列表");
    buf_reset(&json);
    buf_append_text(&json, "[{\"a\":");
    for (int i = 0; i < 10000; i++)
        buf_append_text(&json, "[");
    is_refused(buf_text(&json), json.len, "第 1 项");
    buf_dispose(&json);
}

static void a_damaged_packing_is_noticed_or_is_rows(void **state)
{
    static const char csv[] = "序号,姓名\n1,龙\n2,b\n";
    struct buf packed = BUF_INIT(1 << 16);
    struct sheet *sheet = calloc(1, sizeof *sheet);
    struct sheet_row *row = calloc(1, sizeof *row);
    struct err e;
    int rc;

    (void)state;
    assert_true(sheet != NULL && row != NULL);
    assert_int_equal(sheet_pack(&packed, slice_of(csv), SHEET_CSV, &e), 0);
    for (size_t i = 0; i < packed.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            packed.data[i] ^= (uint8_t)(1 << bit);
            if (sheet_open(sheet, buf_view(&packed), &e) == 0) {
                size_t rows = 0;

                while (sheet_next(row, sheet, &rc, &e))
                    assert_true(++rows < 10);
            }
            packed.data[i] ^= (uint8_t)(1 << bit);
        }
        /* cut short, in a block of its own so that a read too far is seen */
        {
            uint8_t *copy = malloc(i + 1);

            assert_non_null(copy);
            memcpy(copy, packed.data, i);
            assert_int_equal(sheet_open(sheet, (struct slice){copy, i}, &e), -1);
            free(copy);
        }
    }
    buf_dispose(&packed);
    free(sheet);
    free(row);
}

static void what_is_written_is_read(void **state)
{
    static const char *const levels[] = {"正高级", "副高级", NULL};
    static const char *many[101];
    static char names[100][40];
    static const struct workbook_column columns[] = {
        {.title = "序号", .width = 6, .required = true},
        {.title = "证件号码", .width = 22, .text = true, .hint = "以文本填写", .required = true},
        {.title = "级别", .width = 10, .text = true, .choices = levels},
        {.title = "系列", .width = 20, .text = true, .choices = many}};
    static const char *const cells[] = {"1",  "340000198502120024", "正高级", "=HYPERLINK(\"x\")", "2", NULL,
                                        "+1", "a\nb <&> \"龙㛃䶮\""};
    static const char *const notes[] = {"填写前请阅读", "", "日期写成 1985-02-12", NULL};
    struct workbook w = {"名单", columns, 4, cells, 2, 5000, notes};
    struct buf one = BUF_INIT(1 << 22), two = BUF_INIT(1 << 22), out = BUF_INIT(1 << 20);
    struct err e;

    (void)state;
    for (int i = 0; i < 100; i++) {
        (void)snprintf(names[i], sizeof names[i], "名称很长的一个系列%d", i);
        many[i] = names[i];
    }
    assert_int_equal(workbook_write(&one, &w, &e), 0);
    assert_int_equal(workbook_write(&two, &w, &e), 0);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    assert_string_equal(shown(&out, (const char *)one.data, one.len, NULL),
                        "1:序号*|证件号码*|级别|系列|;2:n1|340000198502120024|正高级|=HYPERLINK(\"x\")|;"
                        "3:n2|_|+1|a\nb <&> \"龙㛃䶮\"|;");
    buf_dispose(&one);
    buf_dispose(&two);
    buf_dispose(&out);
}

static void a_workbook_that_excel_would_refuse_is_not_written(void **state)
{
    static const struct workbook_column columns[] = {{.title = "a", .width = 6, .text = true}};
    char *longer = calloc(1, 40000);
    const char *cells[] = {longer};
    struct workbook w = {"名单", columns, 1, cells, 1, 1, NULL};
    struct buf out = BUF_INIT(1 << 22);
    struct err e;

    (void)state;
    assert_non_null(longer);
    memset(longer, 'x', 39999);
    assert_int_equal(workbook_write(&out, &w, &e), -1);
    assert_int_equal(e.code, ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    free(longer);
    buf_dispose(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_read_by_rfc_4180),
        cmocka_unit_test(the_separator_is_the_one_of_the_head),
        cmocka_unit_test(broken_csv_is_refused_with_its_line),
        cmocka_unit_test(columns_rows_and_cells_have_their_limits),
        cmocka_unit_test(gb18030_is_detected_and_read_as_of_2022),
        cmocka_unit_test(every_four_byte_code_of_gb18030_is_read_where_nothing_can_be_opened),
        cmocka_unit_test(json_lists_are_read_item_by_item),
        cmocka_unit_test(broken_json_is_refused_with_its_item),
        cmocka_unit_test(items_and_members_of_json_have_their_limits),
        cmocka_unit_test(a_damaged_packing_is_noticed_or_is_rows),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_workbook_that_excel_would_refuse_is_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
