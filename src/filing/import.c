/* import.c - a filing's list: every row checked first, by itself, against the file, the filing and the people
 * who are known; then, where nothing is wrong, all of it written in one transaction. */
#include "base/clock.h"
#include "filing/import_internal.h"
#include <stdlib.h>
#include <string.h>

struct import {
    struct store *store;
    struct issuer *issuer; /* NULL: certificates are not laid out */
    const struct import_order *order;
    const struct filing_actor *who;
    struct filing_row filing;
    struct series_list series;
    struct list list;
    struct import_report *report;
    struct seen *seen;
    bool *bad;         /* by the place of the row in the file */
    unsigned existing; /* entries that stay */
    char issue_date[11];
    struct arena row; /* of one row at a time */
};

/* --- one row, checked --- */

static void other_row(struct import *im, const struct list_row *r, int column, unsigned other)
{
    char problem[128], english[128];

    (void)snprintf(problem, sizeof problem, "%s与第 %u 行重复", list_column_title(column), other);
    (void)snprintf(english, sizeof english, "The same as in row %u.", other);
    list_fault(
        &im->report->faults, r, column, (const char *const[]){problem, english},
        (const char *const[]){"核对两行，更正或删除其中一行", "Correct or delete one of the two rows."});
}

static void check_in_file(struct import *im, const struct list_row *r, const struct entry *entry)
{
    char serial[16];
    unsigned other;

    (void)snprintf(serial, sizeof serial, "%u", entry->serial);
    if ((other = seen_before(im->seen, 's', serial, r->number)) != 0)
        other_row(im, r, COLUMN_SERIAL, other);
    if ((other = seen_before(im->seen, 'p', entry->id_number, r->number)) != 0)
        other_row(im, r, COLUMN_ID_NUMBER, other);
    if (entry->certificate_no != NULL &&
        (other = seen_before(im->seen, 'n', entry->certificate_no, r->number)) != 0)
        other_row(im, r, COLUMN_CERTIFICATE_NO, other);
}

static void in_filing(struct import *im, const struct list_row *r, int column, unsigned serial)
{
    char problem[128], english[128];

    (void)snprintf(problem, sizeof problem, "备案中已有：序号 %u", serial);
    (void)snprintf(english, sizeof english, "The filing has this already: serial %u.", serial);
    list_fault(&im->report->faults, r, column, (const char *const[]){problem, english},
               (const char *const[]){"删除本行；如需重新导入整个名单，请选择“替换原名单”",
                                     "Delete the row, or import the whole list in place of the other one."});
}

static int check_in_filing(struct import *im, const struct list_row *r, const struct entry *entry,
                           struct err *e)
{
    struct entry_row found;
    bool taken = false;

    if (im->existing > 0) {
        if (store_entry_by_serial(&found, im->store, im->filing.id, entry->serial, &im->row, e) == 0)
            in_filing(im, r, COLUMN_SERIAL, found.serial);
        else if (e->code != ERR_NOT_FOUND)
            return -1;
        if (store_entry_by_id_number(&found, im->store, im->filing.id, entry->id_number, &im->row, e) == 0)
            in_filing(im, r, COLUMN_ID_NUMBER, found.serial);
        else if (e->code != ERR_NOT_FOUND)
            return -1;
    }
    if (entry->certificate_no == NULL)
        return 0;
    if (store_number_taken(&taken, im->store, im->filing.issuer, entry->certificate_no, e) != 0)
        return -1;
    if (taken)
        list_fault(
            &im->report->faults, r, COLUMN_CERTIFICATE_NO,
            (const char *const[]){"发证机关已有此编号的证书", "The issuing authority has this number."},
            (const char *const[]){"核对编号；如为同一本证书，请按补换证办理",
                                  "Check the number; a replacement is ordered as such."});
    return 0;
}

static void person_differs(struct import *im, const struct list_row *r, int column, const char *known,
                           bool tell)
{
    char advice[256], english[256];

    (void)snprintf(advice, sizeof advice, "对照已登记人员%s%s%s核对；登记有误的，先更正人员信息",
                   tell ? "（登记为“" : "", tell ? known : "", tell ? "”）" : "");
    (void)snprintf(english, sizeof english,
                   "Compare with the person's record%s%s%s; correct the record first if that is wrong.",
                   tell ? " (it says \"" : "", tell ? known : "", tell ? "\")" : "");
    list_fault(&im->report->faults, r, column,
               (const char *const[]){"与该证件号码已登记的人员不一致",
                                     "Not what is recorded for the person with this document."},
               (const char *const[]){advice, english});
}

/* *known->id is "" for somebody new. */
static int find_person(struct person *known, struct import *im, const struct entry *entry, struct err *e)
{
    *known = (struct person){.id = ""};
    if (store_person_by_document(known, im->store, im->filing.organisation, entry->id_type, entry->id_number,
                                 &im->row, e) == 0)
        return 0;
    *known = (struct person){.id = ""};
    return e->code == ERR_NOT_FOUND ? 0 : -1;
}

/* Who has a photo with everybody has it here as well. */
static int count_photo(struct import *im, const struct person *known, struct err *e)
{
    struct person shared;

    if (known->photo_id[0] != '\0' || known->id[0] == '\0' || known->organisation == NULL) {
        im->report->with_photo += known->photo_id[0] != '\0';
        return 0;
    }
    if (store_person_by_document(&shared, im->store, NULL, known->id_type, known->id_number, &im->row, e) ==
        0) {
        im->report->with_photo += shared.photo_id[0] != '\0' && strcmp(shared.name, known->name) == 0;
        return 0;
    }
    return e->code == ERR_NOT_FOUND ? 0 : -1;
}

static int check_person(struct import *im, const struct list_row *r, const struct entry *entry, struct err *e)
{
    struct person known;

    if (find_person(&known, im, entry, e) != 0)
        return -1;
    if (known.id[0] != '\0') {
        const struct {
            int column;
            const char *said, *known;
        } facts[] = {{COLUMN_NAME, entry->name, known.name},
                     {COLUMN_GENDER, entry->gender, known.gender},
                     {COLUMN_BIRTH_DATE, entry->birth_date, known.birth_date}};

        for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
            if (strcmp(facts[i].said, facts[i].known) != 0)
                person_differs(im, r, facts[i].column, facts[i].known, known.organisation != NULL);
        }
    }
    return count_photo(im, &known, e);
}

/* --- the certificate it would become --- */

/* What every entry of the filing has in common: wrong for one, wrong for all. */
static bool of_filing(const char *field)
{
    static const char *const fields[] = {"/profile",   "/approval_no", "/year",  "/issuer",
                                         "/committee", "/template",    "/biz_no"};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        size_t len = strlen(fields[i]);

        if (strncmp(field, fields[i], len) == 0 && (field[len] == '\0' || field[len] == '/'))
            return true;
    }
    return false;
}

static int column_of_field(const char *field)
{
    char member[32];

    if (field[0] != '/')
        return -1;
    (void)snprintf(member, sizeof member, "%.*s", (int)strcspn(field + 1, "/"), field + 1);
    return entry_column_find(member);
}

static int add_faults(struct import *im, const struct list_row *r, const struct faults *faults, struct err *e)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct err *why = &faults->list[i];
        bool outage = why->code == ERR_UNAVAILABLE || why->code == ERR_NO_MEMORY || why->code == ERR_INTERNAL;

        if (outage || of_filing(why->field)) {
            *e = *why;
            return -1;
        }
        row_faults_add_err(&im->report->faults, r->number, why,
                           list_value(r, column_of_field(why->field), &im->row));
    }
    return 0;
}

static int check_certificate(struct import *im, const struct list_row *r, const struct entry *entry,
                             struct err *e)
{
    struct entry_filing of = {im->filing.profile, im->filing.approval_no, im->issue_date, "entry-check",
                              im->filing.year};
    struct faults faults = {.count = 0};
    struct issue_request request = {.now = im->who->now, .actor = im->who->id};
    json_t *order;
    int rc;

    if (im->issuer == NULL)
        return 0;
    order = entry_order(entry, &of);
    if (order == NULL)
        return err_no_memory(e);
    request.order = order;
    rc = issue_check(im->issuer, &request, &faults, e);
    if (rc != 0 && faults.count == 0 && (e->code == ERR_INVALID || e->code == ERR_TOO_LARGE))
        faults_add(&faults, e);
    if (faults.count > 0)
        rc = add_faults(im, r, &faults, e);
    json_decref(order);
    return rc;
}

/* A second paper for the same title may be meant, but seldom is. */
static int check_earlier(struct import *im, const struct list_row *r, const struct entry *entry,
                         struct err *e)
{
    struct row_fault fault = {.row = r->number,
                              .column = COLUMN_TITLE,
                              .warning = true,
                              .value = entry->title,
                              .advice = "确需再发时可继续，否则从名单中删除此人",
                              .advice_en = "Go on where a second paper is meant; else take the person out"};
    const char *number;

    if (earlier_certificate(&number, im->store, im->filing.issuer, entry, &im->row, e) != 0)
        return -1;
    if (number == NULL)
        return 0;
    fault.problem = arena_printf(&im->row, "此人已有同一资格的有效证书 %s", number);
    fault.problem_en =
        arena_printf(&im->row, "This person has a valid certificate of the same title: %s", number);
    if (fault.problem == NULL || fault.problem_en == NULL)
        return err_no_memory(e);
    row_faults_add(&im->report->faults, &fault);
    return 0;
}

/* *good: it would be taken. */
static int check_row(void *arg, const struct list_row *r, unsigned place, bool *good, struct err *e)
{
    struct import *im = arg;
    size_t before = im->report->faults.errors;
    struct entry entry;

    *good = false;
    e->code = ERR_NONE;
    if (!list_read_entry(&entry, r, im->existing + place, &im->series, &im->report->faults, &im->row, e))
        return e->code == ERR_NO_MEMORY ? -1 : 0;
    check_in_file(im, r, &entry);
    if (check_in_filing(im, r, &entry, e) != 0 || check_person(im, r, &entry, e) != 0)
        return -1;
    if (im->report->faults.errors == before &&
        (check_earlier(im, r, &entry, e) != 0 || check_certificate(im, r, &entry, e) != 0))
        return -1;
    *good = im->report->faults.errors == before;
    return 0;
}

/* --- written --- */

/* People of all organisations stay as they are; our own are brought up to date. */
static int put_person(struct person *out, struct import *im, const struct entry *entry, struct err *e)
{
    bool made;

    if (find_person(out, im, entry, e) != 0)
        return -1;
    if (out->id[0] != '\0' && (out->organisation == NULL || entry->mobile == NULL ||
                               (out->mobile != NULL && strcmp(out->mobile, entry->mobile) == 0)))
        return 0;
    *out = (struct person){.organisation = im->filing.organisation,
                           .name = entry->name,
                           .id_type = entry->id_type,
                           .id_number = entry->id_number,
                           .gender = entry->gender,
                           .birth_date = entry->birth_date,
                           .mobile = entry->mobile};
    return store_put_person(out, &made, im->store, im->who->now, e);
}

static int add_entry(struct import *im, const struct entry *entry, const struct person *person,
                     unsigned position, struct err *e)
{
    struct entry_row row = {.position = position,
                            .serial = entry->serial,
                            .name = entry->name,
                            .id_type = entry->id_type,
                            .id_number = entry->id_number,
                            .state = ENTRY_LISTED,
                            .changed = im->who->now};
    json_t *json = entry_json(entry);
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    int rc;

    row.data_json = text;
    memcpy(row.filing, im->filing.id, sizeof row.filing);
    memcpy(row.person, person->id, sizeof row.person);
    memcpy(row.photo_id, person->photo_id, sizeof row.photo_id);
    rc = text != NULL ? store_add_entry(im->store, &row, im->who->now, e) : err_no_memory(e);
    free(text);
    json_decref(json);
    return rc;
}

/* Somebody else added the same person since the rows were checked. */
static bool came_between(struct import *im, const struct list_row *r, const struct err *e)
{
    if (e->code != ERR_CONFLICT || e->field[0] == '\0')
        return false;
    row_faults_add_err(&im->report->faults, r->number, e, list_value(r, column_of_field(e->field), &im->row));
    im->report->good--;
    return true;
}

static int write_row(struct import *im, const struct list_row *r, unsigned place, struct err *e)
{
    struct row_faults unasked = {.a = &im->row};
    struct person person;
    struct entry entry;

    if (!list_read_entry(&entry, r, im->existing + place, &im->series, &unasked, &im->row, e))
        return e->code == ERR_NO_MEMORY
                   ? -1
                   : err_set(e, ERR_INTERNAL, "A row that was good is not good any more.",
                             "已检查通过的行再次读取时出错。");
    if (put_person(&person, im, &entry, e) != 0)
        return -1;
    if (add_entry(im, &entry, &person, im->existing + (unsigned)im->report->imported + 1, e) == 0)
        im->report->imported++;
    else if (!came_between(im, r, e))
        return -1;
    return 0;
}

static int write_rows(struct import *im, struct err *e)
{
    struct list_row r;
    size_t place = 0;
    int rc;

    list_rewind(&im->list);
    while (arena_reset(&im->row), list_next(&r, &im->list, &im->row, &rc, e)) {
        e->code = ERR_NONE;
        if (!im->bad[place++] && write_row(im, &r, (unsigned)place, e) != 0)
            return -1;
    }
    return rc;
}

static int add_event(struct import *im, struct err *e)
{
    char reason[96];
    struct filing_event ev = {.moment = im->who->now,
                              .filing = im->filing.id,
                              .event = "imported",
                              .actor = im->who->id,
                              .reason = reason};

    (void)snprintf(reason, sizeof reason, "%s %zu", im->order->replace ? "替换名单" : "导入名单",
                   im->report->imported);
    return store_add_filing_event(im->store, &ev, e);
}

static int write_all(struct import *im, struct err *e)
{
    if (store_begin(im->store, e) != 0)
        return -1;
    if ((im->order->replace && store_clear_entries(im->store, im->filing.id, e) != 0) ||
        write_rows(im, e) != 0 || add_event(im, e) != 0)
        goto back;
    if (im->report->faults.errors > 0 && !im->order->partial) {
        im->report->imported = 0;
        store_rollback(im->store);
        return 0;
    }
    if (store_commit(im->store, e) == 0)
        return 0;
back:
    im->report->imported = 0;
    store_rollback(im->store);
    return -1;
}

static int write_in_one(struct import *im, struct err *e)
{
    int rc;

    store_expect_much(im->store, true);
    rc = write_all(im, e);
    store_expect_much(im->store, false);
    return rc;
}

/* --- the whole --- */

static int find_filing(struct import *im, struct arena *a, struct err *e)
{
    uint64_t counts[ENTRY_STATES];
    struct filing_rights rights;

    if (im->order->plan != NULL) {
        im->filing = *im->order->plan;
        return 0;
    }
    if (filing_find(&im->filing, im->store, im->order->filing, im->who, a, e) != 0)
        return -1;
    filing_rights(&rights, &im->filing, im->who);
    if (!rights.edit)
        return filing_closed(e, &rights);
    if (store_count_entries(counts, im->store, im->filing.id, e) != 0)
        return -1;
    for (size_t i = 0; i < ENTRY_STATES && !im->order->replace; i++)
        im->existing += (unsigned)counts[i];
    return 0;
}

static int look_at_filing(struct import *im, struct arena *a, struct err *e)
{
    struct date today = date_in_shanghai(im->who->now);

    if (find_filing(im, a, e) != 0)
        return -1;
    /* the day is judged at 入库: a list may come before it */
    (void)snprintf(im->issue_date, sizeof im->issue_date, "%04d-%02d-%02d", today.year, today.month,
                   today.day);
    if (im->filing.issue_date != NULL && strcmp(im->filing.issue_date, im->issue_date) < 0)
        (void)snprintf(im->issue_date, sizeof im->issue_date, "%s", im->filing.issue_date);
    return series_load(&im->series, store_data_dir(im->store), a, e);
}

static int check_room(const struct import *im, struct err *e)
{
    if (im->existing + im->report->good <= SHEET_ROWS_MAX)
        return 0;
    return err_set(e, ERR_TOO_LARGE,
                   "A filing has at most %d entries; %u are there and %zu would come. Divide the list.",
                   "一个备案最多 %d 人，现有 %u 人，本次 %zu 人，请拆分为多个备案。", SHEET_ROWS_MAX,
                   im->existing, im->report->good);
}

int filing_import(struct import_report *out, struct store *s, struct issuer *i, const struct import_order *o,
                  const struct filing_actor *who, struct arena *a, struct err *e)
{
    struct import im = {.store = s, .issuer = i, .order = o, .who = who, .report = out, .row = ARENA_INIT};
    int rc = -1;

    *out = (struct import_report){.faults = {.a = a}};
    if (look_at_filing(&im, a, e) != 0 || list_open(&im.list, o->packed, false, &out->faults, e) != 0)
        goto out;
    if (out->faults.errors > 0) { /* of the head: every row would repeat them */
        rc = 0;
        goto out;
    }
    im.bad = calloc(SHEET_ROWS_MAX, sizeof *im.bad);
    if (im.bad == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    if (seen_new(&im.seen, im.list.sheet.rows, e) != 0 ||
        list_check(&im.list, im.report, im.bad, &im.row, check_row, &im, e) != 0 || check_room(&im, e) != 0)
        goto out;
    rc = 0;
    if (!o->check_only && o->plan == NULL && out->good > 0 && (out->faults.errors == 0 || o->partial))
        rc = write_in_one(&im, e);
out:
    seen_free(im.seen);
    free(im.bad);
    arena_dispose(&im.row);
    return rc;
}
