#include "spreadsheet/xlsx_internal.h"
#include <stdlib.h>
#include <string.h>

/* "xl/workbook.xml" and "worksheets/sheet1.xml" make "xl/worksheets/sheet1.xml"; "/xl/a.xml" is "xl/a.xml".
 * false where it would be too long, or leave the package. */
static bool resolve(char out[256], const char *base, struct slice target)
{
    const char *slash = strrchr(base, '/');
    size_t used = slash == NULL ? 0 : (size_t)(slash + 1 - base), at = 0;

    if (target.len > 0 && target.ptr[0] == '/')
        used = 0;
    memcpy(out, base, used);
    while (at < target.len) {
        size_t len = 0;

        while (at + len < target.len && target.ptr[at + len] != '/')
            len++;
        if (len == 2 && memcmp(target.ptr + at, "..", 2) == 0) {
            if (used == 0)
                return false;
            for (used--; used > 0 && out[used - 1] != '/';)
                used--;
        } else if (len > 0 && !(len == 1 && target.ptr[at] == '.')) {
            bool last = at + len >= target.len;

            if (used + len + 2 > 256)
                return false;
            memcpy(out + used, target.ptr + at, len);
            used += len;
            if (!last)
                out[used++] = '/';
        }
        at += len + 1;
    }
    out[used] = '\0';
    return used > 0 && memchr(out, '\0', used) == NULL;
}

/* What a relationship is for: the last word of its type. */
static bool is_for(struct slice type, const char *word)
{
    size_t len = strlen(word);

    return type.len > len && type.ptr[type.len - len - 1] == '/' &&
           memcmp(type.ptr + type.len - len, word, len) == 0;
}

struct relations {
    struct xlsx *x;
    const char *base; /* the part that they are of */
};

static int on_relation(void *arg, const uint8_t *path, const struct xml_attributes *a, struct err *e)
{
    const struct relations *r = arg;
    struct slice type = xml_attribute(a, "Type"), id = xml_attribute(a, "Id");
    char part[256];

    (void)e;
    if (path[0] != MARK_RELATIONSHIP || path[1] != MARK_RELATIONSHIPS || path[2] != MARK_NONE ||
        slice_equal(xml_attribute(a, "TargetMode"), slice_of("External")) ||
        !resolve(part, r->base, xml_attribute(a, "Target")))
        return 0;
    if (r->base[0] == '\0') {
        if (is_for(type, "officeDocument") && r->x->workbook[0] == '\0')
            (void)snprintf(r->x->workbook, sizeof r->x->workbook, "%s", part);
    } else if (is_for(type, "sharedStrings")) {
        (void)snprintf(r->x->strings_part, sizeof r->x->strings_part, "%s", part);
    } else if (is_for(type, "styles")) {
        (void)snprintf(r->x->styles_part, sizeof r->x->styles_part, "%s", part);
    } else if (is_for(type, "worksheet")) {
        for (size_t i = 0; i < r->x->sheet_count; i++) {
            if (slice_equal(id, slice_of(r->x->sheets[i].relation)))
                (void)snprintf(r->x->sheets[i].part, sizeof r->x->sheets[i].part, "%s", part);
        }
    }
    return 0;
}

static int read_relations(struct xlsx *x, const char *base, struct err *e)
{
    static const struct xml_reader reader = {on_relation, NULL, NULL};
    struct relations r = {x, base};
    const char *slash = strrchr(base, '/'), *name = slash == NULL ? base : slash + 1;
    char part[300];

    (void)snprintf(part, sizeof part, "%.*s_rels/%s.rels", (int)(name - base), base, name);
    return xlsx_part_read(x, part, &reader, &r, e);
}

static int add_sheet(struct xlsx *x, const struct xml_attributes *a, struct err *e)
{
    struct slice state = xml_attribute(a, "state");
    struct xlsx_sheet *s;

    if (x->sheet_count == XLSX_SHEETS_MAX)
        return err_set(e, ERR_TOO_LARGE,
                       "The workbook has more than %d sheets; copy the list into a new one.",
                       "工作簿超过 %d 个工作表，请把名单复制到新的工作簿。", XLSX_SHEETS_MAX);
    s = &x->sheets[x->sheet_count];
    if (!xml_copy(s->relation, sizeof s->relation, xml_relation(a)) || s->relation[0] == '\0')
        return 0;
    (void)xml_copy(s->name, sizeof s->name, xml_attribute(a, "name"));
    s->hidden = slice_equal(state, slice_of("hidden")) || slice_equal(state, slice_of("veryHidden"));
    x->sheet_count++;
    return 0;
}

static int on_workbook(void *arg, const uint8_t *path, const struct xml_attributes *a, struct err *e)
{
    struct xlsx *x = arg;

    if (path[1] == MARK_NONE && path[0] != MARK_WORKBOOK)
        return xlsx_damaged(e, "the document is no workbook");
    if (path[0] == MARK_WORKBOOK_PR && path[1] == MARK_WORKBOOK)
        x->date1904 = xml_says_true(xml_attribute(a, "date1904"));
    if (path[0] == MARK_SHEET && path[1] == MARK_SHEETS && path[2] == MARK_WORKBOOK)
        return add_sheet(x, a, e);
    return 0;
}

static int refuse_other(struct xlsx *x, struct err *e)
{
    if (xlsx_part_exists(x, "content.xml") && xlsx_part_exists(x, "mimetype"))
        return err_set(e, ERR_INVALID, "This is an OpenDocument file (.ods); save it as .xlsx.",
                       "这是 OpenDocument 文件（.ods），请另存为 .xlsx 再导入。");
    return err_set(e, ERR_INVALID,
                   "This archive holds no workbook; choose the .xlsx file of the list itself.",
                   "这个压缩文件不是工作簿，请选择名单本身的 .xlsx 文件。");
}

int xlsx_workbook_read(struct xlsx *x, struct err *e)
{
    static const struct xml_reader reader = {on_workbook, NULL, NULL};
    size_t len;

    if (!xlsx_part_exists(x, "_rels/.rels"))
        return refuse_other(x, e);
    if (read_relations(x, "", e) != 0)
        return -1;
    len = strlen(x->workbook);
    if (len == 0 || !xlsx_part_exists(x, x->workbook))
        return refuse_other(x, e);
    if (len > 4 && strcmp(x->workbook + len - 4, ".bin") == 0)
        return err_set(e, ERR_INVALID, "This is a binary workbook (.xlsb); save it as .xlsx.",
                       "这是二进制工作簿（.xlsb），请另存为 .xlsx 再导入。");
    x->sheets = calloc(XLSX_SHEETS_MAX, sizeof *x->sheets);
    if (x->sheets == NULL)
        return err_no_memory(e);
    if (xlsx_part_read(x, x->workbook, &reader, x, e) != 0)
        return -1;
    return read_relations(x, x->workbook, e);
}
