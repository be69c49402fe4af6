/* workbook.c - workbooks of our own. libxlsxwriter writes to a path only: it is given one of a file in
 * memory. */
#include "base/utf8.h"
#include "spreadsheet/spreadsheet_internal.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum {
    TITLE_BYTES_MAX = 128,
    PROMPT_TITLE_MAX = 32, /* characters, Excel's own limits */
    PROMPT_MAX = 255,
    LIST_MAX = 255,    /* bytes of a drop-down's values with their commas: the library has no room for more */
    TEXT_FORMAT = 49,  /* "@" */
    MADE = 1767225600, /* 2026-01-01: a workbook's bytes follow from what is in it alone */
    COLOUR_REQUIRED = 0x17467F,
    COLOUR_OPTIONAL = 0xE4EAF2,
    COLOUR_INK = 0x1F2733,
    COLOUR_LINE = 0xB8C2CF
};

static const char choices_sheet[] = "选项";

struct writing {
    lxw_workbook *book;
    lxw_worksheet *sheet, *choices; /* choices NULL: none too long for a cell's own list */
    lxw_col_t choice_columns;
    lxw_format *text, *number;
    lxw_error failed; /* the first */
};

static void heed(struct writing *w, lxw_error code)
{
    if (w->failed == LXW_NO_ERROR)
        w->failed = code;
}

static lxw_format *new_format(struct writing *w)
{
    lxw_format *f = workbook_add_format(w->book);

    if (f == NULL)
        heed(w, LXW_ERROR_MEMORY_MALLOC_FAILED);
    return f;
}

static lxw_format *head_format(struct writing *w, bool required)
{
    lxw_format *f = new_format(w);

    if (f == NULL)
        return NULL;
    format_set_bold(f);
    format_set_bg_color(f, required ? COLOUR_REQUIRED : COLOUR_OPTIONAL);
    format_set_font_color(f, required ? LXW_COLOR_WHITE : COLOUR_INK);
    format_set_border(f, LXW_BORDER_THIN);
    format_set_border_color(f, COLOUR_LINE);
    format_set_align(f, LXW_ALIGN_CENTER);
    format_set_align(f, LXW_ALIGN_VERTICAL_CENTER);
    format_set_text_wrap(f);
    return f;
}

static void make_formats(struct writing *w)
{
    w->text = new_format(w);
    w->number = new_format(w);
    if (w->text != NULL) {
        format_set_num_format_index(w->text, TEXT_FORMAT);
        format_set_align(w->text, LXW_ALIGN_VERTICAL_CENTER);
    }
    if (w->number != NULL)
        format_set_align(w->number, LXW_ALIGN_VERTICAL_CENTER);
}

static void write_heads(struct writing *w, const struct workbook *in)
{
    lxw_format *required = head_format(w, true), *other = head_format(w, false);

    for (size_t c = 0; c < in->column_count; c++) {
        const struct workbook_column *column = &in->columns[c];
        char title[TITLE_BYTES_MAX];

        (void)snprintf(title, sizeof title, "%s%s", column->title, column->required ? "*" : "");
        heed(w, worksheet_set_column(w->sheet, (lxw_col_t)c, (lxw_col_t)c, column->width,
                                     column->text ? w->text : w->number));
        heed(w,
             worksheet_write_string(w->sheet, 0, (lxw_col_t)c, title, column->required ? required : other));
    }
    heed(w, worksheet_set_row(w->sheet, 0, 24, NULL));
    worksheet_freeze_panes(w->sheet, 1, 0);
}

/* The choices as one column of a hidden sheet, and the formula that refers to it. */
static void put_choices(struct writing *w, const char *const *choices, char formula[64])
{
    char letters[8];
    lxw_row_t row = 0;

    if (w->choices == NULL)
        w->choices = workbook_add_worksheet(w->book, choices_sheet);
    if (w->choices == NULL) {
        heed(w, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    worksheet_hide(w->choices);
    for (; choices[row] != NULL; row++)
        heed(w, worksheet_write_string(w->choices, row, w->choice_columns, choices[row], w->text));
    column_letters(letters, w->choice_columns++);
    (void)snprintf(formula, 64, "='%s'!$%s$1:$%s$%u", choices_sheet, letters, letters, (unsigned)row);
}

static size_t list_length(const char *const *choices)
{
    size_t length = 0;

    for (size_t i = 0; choices[i] != NULL; i++)
        length += strlen(choices[i]) + (i > 0 ? 1 : 0);
    return length;
}

/* At most `most` characters of text. */
static void shorten(char *out, size_t size, const char *text, size_t most)
{
    struct slice s = slice_of(text);
    size_t at = 0, count = 0;
    uint32_t cp;

    while (count < most && at + 4 < size && utf8_next(s, &at, &cp))
        count++;
    (void)snprintf(out, size, "%.*s", (int)at, text);
}

static void add_validation(struct writing *w, const struct workbook *in, size_t c)
{
    const struct workbook_column *column = &in->columns[c];
    char title[4 * PROMPT_TITLE_MAX + 5], hint[4 * PROMPT_MAX + 5], formula[64];
    char wrong[] = "请从列表中选择", advice[] = "这里只能填写下拉列表中的内容。";
    lxw_data_validation v;

    if ((column->choices == NULL || column->choices[0] == NULL) && column->hint == NULL)
        return;
    memset(&v, 0, sizeof v);
    v.validate = LXW_VALIDATION_TYPE_ANY;
    v.ignore_blank = LXW_VALIDATION_ON;
    v.show_input = LXW_VALIDATION_ON;
    v.show_error = LXW_VALIDATION_ON;
    v.dropdown = LXW_VALIDATION_ON;
    if (column->choices != NULL && column->choices[0] != NULL) {
        v.error_title = wrong;
        v.error_message = advice;
        if (list_length(column->choices) > LIST_MAX) {
            put_choices(w, column->choices, formula);
            v.validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
            v.value_formula = formula;
        } else {
            v.validate = LXW_VALIDATION_TYPE_LIST;
            v.value_list = (char **)column->choices; /* only read; the library knows no const here */
        }
    }
    if (column->hint != NULL) {
        shorten(title, sizeof title, column->title, PROMPT_TITLE_MAX);
        shorten(hint, sizeof hint, column->hint, PROMPT_MAX);
        v.input_title = title;
        v.input_message = hint;
    }
    if (w->failed == LXW_NO_ERROR)
        heed(w, worksheet_data_validation_range(w->sheet, 1, (lxw_col_t)c, (lxw_row_t)in->row_limit,
                                                (lxw_col_t)c, &v));
}

static bool is_plain_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits > 0 && digits <= 15 && text[digits] == '\0' && (text[0] != '0' || digits == 1);
}

static void write_cells(struct writing *w, const struct workbook *in)
{
    for (size_t i = 0; i < in->row_count * in->column_count && w->failed == LXW_NO_ERROR; i++) {
        lxw_row_t row = (lxw_row_t)(i / in->column_count + 1);
        lxw_col_t column = (lxw_col_t)(i % in->column_count);
        const char *text = in->cells[i];

        if (text == NULL || text[0] == '\0')
            continue;
        if (!in->columns[column].text && is_plain_number(text))
            heed(w, worksheet_write_number(w->sheet, row, column, strtod(text, NULL), w->number));
        else
            heed(w, worksheet_write_string(w->sheet, row, column, text,
                                           in->columns[column].text ? w->text : w->number));
    }
}

static void write_notes(struct writing *w, const char *const *notes)
{
    lxw_worksheet *sheet = workbook_add_worksheet(w->book, SHEET_NOTES_NAME);
    lxw_format *line = new_format(w);

    if (sheet == NULL || line == NULL) {
        heed(w, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    format_set_text_wrap(line);
    format_set_align(line, LXW_ALIGN_VERTICAL_TOP);
    format_set_num_format_index(line, TEXT_FORMAT);
    heed(w, worksheet_set_column(sheet, 0, 0, 100, line));
    for (size_t i = 0; notes[i] != NULL; i++) {
        if (notes[i][0] != '\0')
            heed(w, worksheet_write_string(sheet, (lxw_row_t)i, 0, notes[i], line));
    }
}

static void set_page(struct writing *w)
{
    lxw_doc_properties properties;

    memset(&properties, 0, sizeof properties);
    properties.created = MADE;
    heed(w, workbook_set_properties(w->book, &properties));
    worksheet_set_paper(w->sheet, 9); /* A4 */
    worksheet_set_landscape(w->sheet);
    worksheet_fit_to_pages(w->sheet, 1, 0);
    heed(w, worksheet_repeat_rows(w->sheet, 0, 0));
    worksheet_activate(w->sheet);
}

static void fill(struct writing *w, const struct workbook *in)
{
    w->sheet = workbook_add_worksheet(w->book, in->sheet_name);
    if (w->sheet == NULL) {
        heed(w, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    make_formats(w);
    write_heads(w, in);
    write_cells(w, in);
    if (in->notes != NULL && in->notes[0] != NULL)
        write_notes(w, in->notes);
    for (size_t c = 0; c < in->column_count && in->row_limit > 0; c++)
        add_validation(w, in, c);
    set_page(w);
}

static int refuse(struct err *e, lxw_error code)
{
    if (code == LXW_ERROR_MEMORY_MALLOC_FAILED)
        return err_no_memory(e);
    if (code == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED || code == LXW_ERROR_32_STRING_LENGTH_EXCEEDED ||
        code == LXW_ERROR_255_STRING_LENGTH_EXCEEDED)
        err_set(e, ERR_TOO_LARGE, "A text is longer than a cell of a workbook can be.",
                "有文字超过单元格的长度上限。");
    else
        err_set(e, ERR_UNAVAILABLE, "The workbook could not be written; is there room for temporary files?",
                "无法生成工作簿，请检查临时文件目录是否可写、空间是否足够。");
    return err_detail(e, "libxlsxwriter: %s", lxw_strerror(code));
}

/* Appends what the library left in the file. */
static int take(struct buf *out, int fd, struct err *e)
{
    struct stat st;
    uint8_t *at;
    ssize_t got;

    if (fstat(fd, &st) != 0 || st.st_size == 0)
        return refuse(e, LXW_ERROR_CREATING_XLSX_FILE);
    at = buf_room(out, (size_t)st.st_size);
    if (at == NULL)
        return err_no_memory(e);
    for (off_t done = 0; done < st.st_size; done += got) {
        got = pread(fd, at + done, (size_t)(st.st_size - done), done);
        if (got <= 0)
            return refuse(e, LXW_ERROR_CREATING_XLSX_FILE);
    }
    buf_wrote(out, (size_t)st.st_size);
    return 0;
}

int workbook_write(struct buf *out, const struct workbook *in, struct err *e)
{
    struct writing w = {.failed = LXW_NO_ERROR};
    char path[64];
    int fd = memfd_create("workbook", MFD_CLOEXEC), rc = -1;

    if (fd < 0)
        return refuse(e, LXW_ERROR_CREATING_TMPFILE);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    w.book = workbook_new(path);
    if (w.book == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    fill(&w, in);
    heed(&w, workbook_close(w.book)); /* frees it, too, also after a failure */
    rc = w.failed == LXW_NO_ERROR ? take(out, fd, e) : refuse(e, w.failed);
out:
    (void)close(fd);
    return rc;
}
