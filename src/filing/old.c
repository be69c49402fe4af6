/* old.c - 历史证书: certificates that were issued elsewhere, entered in the register as their lists say. */
#include "base/clock.h"
#include "base/digest.h"
#include "filing/import_internal.h"
#include "records/order.h"
#include "records/text.h"
#include <stdlib.h>
#include <string.h>

enum { APPROVAL_MAX = 60, OFFICE_MAX = 100 };

struct old_import {
    struct store *store;
    const struct filing_actor *who;
    struct profile profile;
    struct organisation issuer;
    struct series_list series;
    struct list list;
    struct import_report *report;
    struct seen *seen;
    bool *bad;
    struct arena row;
};

/* One old certificate, as the list says it. */
struct old_row {
    struct entry entry;
    const char *issue_date, *approval_no, *issuer;
};

/* What old papers often do not say. */
static bool may_lack(const struct row_fault *f, const struct list_row *r)
{
    static const enum entry_column columns[] = {COLUMN_EMPLOYER, COLUMN_OBTAIN_MODE, COLUMN_OBTAINED_DATE,
                                                COLUMN_SPECIALTY};

    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (f->column == (int)columns[i] && r->cells[f->column].text[0] == '\0')
            return true;
    }
    return false;
}

/* The number on the paper is what it is: 15 digits, or one that was miswritten. One that a spreadsheet
 * rewrote is not on any paper. */
static bool as_on_paper(const struct row_fault *f, const struct list_row *r)
{
    const struct entry_cell *cell = &r->cells[COLUMN_ID_NUMBER];

    return f->column == COLUMN_ID_NUMBER && !f->warning && cell->kind == ENTRY_CELL_TEXT &&
           cell->text[0] != '\0' && strlen(cell->text) <= 32 && strpbrk(cell->text, "+*?") == NULL;
}

/* The entry, with the rules of old paper. false if anything else is at fault. */
static bool read_entry(struct entry *out, const struct old_import *im, const struct list_row *r,
                       unsigned position, struct arena *a, struct err *e)
{
    struct row_faults found = {.a = a};
    bool fine = true;

    if (list_read_entry(out, r, position, &im->series, &found, a, e) && found.count == 0)
        return true;
    for (size_t i = 0; i < found.count; i++) {
        struct row_fault f = found.list[i];

        if (may_lack(&f, r))
            continue;
        if (as_on_paper(&f, r)) {
            f.warning = true;
            f.advice = "历史证书按原样登记，请与原证书核对";
            f.advice_en = "It is recorded as it is; compare it with the paper.";
            if (out->id_number == NULL)
                out->id_number = r->cells[COLUMN_ID_NUMBER].text;
        }
        fine = fine && f.warning;
        row_faults_add(&im->report->faults, &f);
    }
    return fine && out->id_number != NULL;
}

static void extra_fault(const struct old_import *im, const struct list_row *r, int column,
                        const struct row_fault *f)
{
    list_fault(&im->report->faults, r, column, (const char *const[]){f->problem, f->problem_en},
               (const char *const[]){f->advice, f->advice_en});
}

/* The day of issue is read as every other day: as if it stood in the column of the day of obtaining. */
static bool read_issue_date(struct old_row *out, const struct old_import *im, const struct list_row *r,
                            struct arena *a, struct err *e)
{
    const int column = ENTRY_COLUMNS + LIST_ISSUE_DATE;
    struct row_faults found = {.a = a};
    struct list_row moved = *r;
    struct entry entry;
    bool fine = true;

    moved.hidden = moved.any_merged = false;
    moved.cells[COLUMN_OBTAINED_DATE] = r->cells[column];
    (void)list_read_entry(&entry, &moved, 1, &im->series, &found, a, e);
    for (size_t i = 0; i < found.count; i++) {
        if (found.list[i].column == COLUMN_OBTAINED_DATE && !found.list[i].warning) {
            extra_fault(im, r, column, &found.list[i]);
            fine = false;
        }
    }
    out->issue_date = entry.obtained_date;
    return fine && out->issue_date != NULL;
}

static bool read_text(const char **out, const struct old_import *im, const struct list_row *r, int column,
                      size_t max, struct arena *a)
{
    struct text_rule rule = {max, false};
    unsigned changes;
    struct err why;

    *out = NULL;
    if (r->cells[column].text[0] == '\0')
        return true;
    if (text_clean(out, &changes, r->cells[column].text, &rule, a, &why) == 0)
        return true;
    list_fault(&im->report->faults, r, column, (const char *const[]){why.zh, why.en},
               (const char *const[]){"改正后重新导入", "Correct it and import again."});
    return false;
}

static bool is_future(const struct old_import *im, const char *day)
{
    struct date d;

    return date_parse(&d, day) && date_compare(d, date_in_shanghai(im->who->now)) > 0;
}

/* Everything of the row that needs no store. false: faults say why, or *e has ERR_NO_MEMORY. */
static bool read_row(struct old_row *out, const struct old_import *im, const struct list_row *r,
                     unsigned position, struct arena *a, struct err *e)
{
    bool fine = read_entry(&out->entry, im, r, position, a, e);

    fine = read_issue_date(out, im, r, a, e) && fine;
    fine = read_text(&out->approval_no, im, r, ENTRY_COLUMNS + LIST_APPROVAL_NO, APPROVAL_MAX, a) && fine;
    fine = read_text(&out->issuer, im, r, ENTRY_COLUMNS + LIST_ISSUER, OFFICE_MAX, a) && fine;
    if (out->entry.certificate_no == NULL && r->cells[COLUMN_CERTIFICATE_NO].text[0] == '\0') {
        list_fault(&im->report->faults, r, COLUMN_CERTIFICATE_NO,
                   (const char *const[]){"未填写", "This is required and empty."},
                   (const char *const[]){"填写原证书上的编号", "Fill in the number on the certificate."});
        fine = false;
    }
    if (out->issue_date != NULL && is_future(im, out->issue_date)) {
        list_fault(&im->report->faults, r, ENTRY_COLUMNS + LIST_ISSUE_DATE,
                   (const char *const[]){"晚于今天", "This day is in the future."},
                   (const char *const[]){"核对发证日期", "Check the day of issue."});
        fine = false;
    }
    return fine && out->entry.certificate_no != NULL;
}

static int check_row(void *arg, const struct list_row *r, unsigned place, bool *good, struct err *e)
{
    struct old_import *im = arg;
    struct old_row row = {.issue_date = NULL};
    char problem[96], english[96];
    unsigned other;
    bool taken;

    *good = false;
    e->code = ERR_NONE;
    if (!read_row(&row, im, r, place, &im->row, e))
        return e->code == ERR_NO_MEMORY ? -1 : 0;
    if (store_number_taken(&taken, im->store, im->profile.issuer, row.entry.certificate_no, e) != 0)
        return -1;
    other = seen_before(im->seen, 'n', row.entry.certificate_no, r->number);
    *good = !taken && other == 0;
    if (*good)
        return 0;
    if (taken) {
        (void)snprintf(problem, sizeof problem, "该编号已登记");
        (void)snprintf(english, sizeof english, "This number is in the register already.");
    } else {
        (void)snprintf(problem, sizeof problem, "编号与第 %u 行重复", other);
        (void)snprintf(english, sizeof english, "The same as in row %u.", other);
    }
    list_fault(&im->report->faults, r, COLUMN_CERTIFICATE_NO, (const char *const[]){problem, english},
               (const char *const[]){"核对编号；已登记的不要重复导入",
                                     "Check the number; leave out what is in the register."});
    return 0;
}

/* --- written --- */

static json_t *make_record(const struct old_import *im, const struct old_row *row)
{
    const struct entry *n = &row->entry;
    struct certificate_order o = {.name = n->name,
                                  .gender = n->gender,
                                  .birth_date = n->birth_date,
                                  .id_type = n->id_type,
                                  .id_number = n->id_number,
                                  .series_code = n->series_code,
                                  .series_name = n->series_name,
                                  .specialty = n->specialty,
                                  .title = n->title,
                                  .level = n->level,
                                  .obtain_mode = n->obtain_mode,
                                  .nature = n->nature,
                                  .obtained_date = n->obtained_date,
                                  .approval_no = row->approval_no,
                                  .issue_date = row->issue_date,
                                  .employer = n->employer};
    struct organisation issuer = im->issuer;
    struct certificate_facts facts = {.number = n->certificate_no, .issuer = &issuer};

    /* an office that is no more keeps its name on its papers; the register is its successor's */
    if (row->issuer != NULL) {
        issuer.name = row->issuer;
        issuer.printed_name = NULL;
    }
    o.year = (int)strtol(n->obtained_date != NULL ? n->obtained_date : row->issue_date, NULL, 10);
    return certificate_record(&o, &facts);
}

static int identify(struct certificate_row *c, const struct old_import *im, const struct old_row *row,
                    struct arena *a, struct err *e)
{
    const char *key = arena_printf(a, "%s\n%s", im->profile.issuer, row->entry.certificate_no);
    uint8_t id[16], token[16], hash[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];

    if (key == NULL)
        return err_no_memory(e);
    if (random_bytes(id, sizeof id, e) != 0 || random_bytes(token, sizeof token, e) != 0)
        return -1;
    hex_encode(c->id, (struct slice){id, sizeof id});
    base64url_encode(c->token, (struct slice){token, sizeof token});
    sha256(hash, slice_of(key));
    hex_encode(hex, (struct slice){hash, SHA256_SIZE});
    c->biz_no = arena_printf(a, "old-%.40s", hex);
    return c->biz_no != NULL ? 0 : err_no_memory(e);
}

static int write_row(struct old_import *im, const struct old_row *row, struct err *e)
{
    struct certificate_row c = {.organisation = im->profile.organisation,
                                .profile = im->profile.id,
                                .issuer = im->profile.issuer,
                                .number = row->entry.certificate_no,
                                .created = im->who->now,
                                .issued = im->who->now,
                                .state = CERTIFICATE_ISSUED,
                                .actor = im->who->id,
                                .reason = row->entry.note,
                                .version = 1,
                                .recorded = true};
    json_t *record = make_record(im, row);
    char *text = record != NULL ? json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    int rc = -1;

    c.record_json = text;
    if (text == NULL) {
        (void)err_no_memory(e);
    } else {
        sha256(c.content_hash, slice_of(text));
        if (identify(&c, im, row, &im->row, e) == 0)
            rc = store_record_certificate(im->store, &c, e);
    }
    free(text);
    json_decref(record);
    return rc;
}

static int write_rows(struct old_import *im, struct err *e)
{
    struct import_report *said = im->report, again; /* faults were told when the rows were checked */
    struct list_row r;
    struct old_row row;
    size_t place = 0;
    int rc;

    list_rewind(&im->list);
    while (arena_reset(&im->row), list_next(&r, &im->list, &im->row, &rc, e)) {
        bool fine;

        if (im->bad[place++])
            continue;
        again = (struct import_report){.faults = {.a = &im->row}};
        im->report = &again;
        fine = read_row(&row, im, &r, (unsigned)place, &im->row, e);
        im->report = said;
        if (!fine)
            return err_set(e, ERR_INTERNAL, "A row that was good is not good any more.",
                           "已检查通过的行再次读取时出错。");
        if (write_row(im, &row, e) != 0)
            return -1;
        said->imported++;
    }
    return rc;
}

static int write_all(struct old_import *im, struct err *e)
{
    if (store_begin(im->store, e) != 0)
        return -1;
    if (write_rows(im, e) == 0 && store_commit(im->store, e) == 0)
        return 0;
    im->report->imported = 0;
    store_rollback(im->store);
    return -1;
}

/* What enters the register counts as the authority's paper: so it alone may say what its paper was, the
 * operator apart. To others than the profile's two the profile is not there. */
static int find_profile(struct old_import *im, const char *id, struct arena *a, struct err *e)
{
    const char *own = im->who->organisation;

    if (store_profile(&im->profile, im->store, id, a, e) != 0)
        return -1;
    if (own != NULL && strcmp(own, im->profile.issuer) != 0)
        return strcmp(own, im->profile.organisation) != 0
                   ? err_set(e, ERR_NOT_FOUND, "There is no issuing profile \"%s\".", "没有发证配置“%s”。",
                             id)
                   : err_set(e, ERR_FORBIDDEN,
                             "Old certificates are entered by the authority that issued them, with a key of "
                             "its own.",
                             "历史证书由发证机关使用本机关的密钥登记。");
    return store_organisation(&im->issuer, im->store, im->profile.issuer, a, e);
}

int filing_import_old(struct import_report *out, struct store *s, const char *profile,
                      const struct import_order *o, const struct filing_actor *who, struct arena *a,
                      struct err *e)
{
    struct old_import im = {.store = s, .who = who, .report = out, .row = ARENA_INIT};
    int rc = -1;

    *out = (struct import_report){.faults = {.a = a}};
    if (find_profile(&im, profile, a, e) != 0 || series_load(&im.series, store_data_dir(s), a, e) != 0 ||
        list_open(&im.list, o->packed, true, &out->faults, e) != 0)
        goto out;
    if (out->faults.errors > 0) {
        rc = 0;
        goto out;
    }
    im.bad = calloc(SHEET_ROWS_MAX, sizeof *im.bad);
    if (im.bad == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    if (seen_new(&im.seen, im.list.sheet.rows, e) != 0 ||
        list_check(&im.list, im.report, im.bad, &im.row, check_row, &im, e) != 0)
        goto out;
    rc = 0;
    if (!o->check_only && out->good > 0 && (out->faults.errors == 0 || o->partial)) {
        store_expect_much(s, true);
        rc = write_all(&im, e);
        store_expect_much(s, false);
    }
out:
    seen_free(im.seen);
    free(im.bad);
    arena_dispose(&im.row);
    return rc;
}
