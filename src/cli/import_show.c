/* import_show.c - what an import did and what is at fault, on the terminal and as JSON. */
#include "base/json.h"
#include "base/language.h"
#include "cli/import_task.h"
#include <string.h>

enum { SHOWN_MAX = 40, OUTPUT_MAX = 16 * 1024 * 1024 };

static const char *column_title(int column)
{
    return column >= 0 && column < ENTRY_COLUMNS ? entry_column_info((enum entry_column)column)->title : "";
}

static void show_fault(const struct row_fault *f)
{
    if (f->row > 0)
        (void)fprintf(stderr, language_pick("row %-6u ", "第 %u 行 "), f->row);
    if (f->column >= 0)
        (void)fprintf(stderr, "%s ", column_title(f->column));
    if (f->value[0] != '\0') {
        (void)fputs(language_pick("\"", "“"), stderr);
        cli_put(stderr, f->value);
        (void)fputs(language_pick("\" ", "” "), stderr);
    }
    if (f->warning)
        (void)fputs(language_pick("(note) ", "（提醒）"), stderr);
    cli_put(stderr, language_pick(f->problem_en, f->problem));
    if (f->advice[0] != '\0') {
        (void)fputs(language_pick(" - ", "；"), stderr);
        cli_put(stderr, language_pick(f->advice_en, f->advice));
    }
    (void)fputc('\n', stderr);
}

void import_show_faults(const struct import_report *r)
{
    size_t shown = 0, more;

    for (int warning = 0; warning < 2; warning++) {
        for (size_t i = 0; i < r->faults.count && shown < SHOWN_MAX; i++) {
            if (r->faults.list[i].warning != (warning == 1))
                continue;
            show_fault(&r->faults.list[i]);
            shown++;
        }
    }
    more = r->faults.errors + r->faults.warnings - shown;
    if (more > 0)
        (void)fprintf(stderr, "%s %zu%s\n", language_pick("and", "另有"), more,
                      language_pick(" more (--json lists them)", " 条（--json 可列出）"));
}

/* What the line says, in both languages. */
struct line {
    char en[240], zh[240];
};

/* Certificates are made while photos still come in. */
static void say_job(struct line *l, const struct job_row *job, unsigned long long made)
{
    bool photos = strcmp(job->kind, "photos") == 0;
    unsigned long long done = job->done, total = job->total;

    (void)snprintf(l->en, sizeof l->en, "%s %llu / %llu", photos ? "photos" : "checking and numbering", done,
                   total);
    (void)snprintf(l->zh, sizeof l->zh, "%s %llu / %llu", photos ? "正在读取照片" : "正在检查和编号", done,
                   total);
    if (made > 0) {
        size_t at = strlen(l->en), at_zh = strlen(l->zh);

        (void)snprintf(l->en + at, sizeof l->en - at, ", %llu certificates made", made);
        (void)snprintf(l->zh + at_zh, sizeof l->zh - at_zh, "，已生成证书 %llu 份", made);
    }
}

static void say_making(struct line *l, const struct filing_progress *p)
{
    unsigned long long made = p->counts[ENTRY_MADE], all = made + p->to_make;
    long long left = (long long)p->remaining_s;
    char rate[64] = "", rate_zh[64] = "", time[64] = "", time_zh[64] = "";

    if (p->rate > 0) {
        (void)snprintf(rate, sizeof rate, ", %.0f a second", p->rate);
        (void)snprintf(rate_zh, sizeof rate_zh, "，每秒 %.0f 份", p->rate);
    }
    if (left >= 0) {
        (void)snprintf(time, sizeof time, ", %lld:%02lld left", left / 60, left % 60);
        (void)snprintf(time_zh, sizeof time_zh, "，约剩 %lld 分 %02lld 秒", left / 60, left % 60);
    }
    (void)snprintf(l->en, sizeof l->en, "making %llu / %llu%s%s", made, all, rate, time);
    (void)snprintf(l->zh, sizeof l->zh, "正在生成 %llu / %llu%s%s", made, all, rate_zh, time_zh);
}

void import_show_progress(const struct import_outcome *o, const struct job_row *job, const struct err *halt)
{
    struct line l;

    if (halt->code != ERR_NONE) {
        (void)snprintf(l.en, sizeof l.en, "waiting: %.200s", halt->en);
        (void)snprintf(l.zh, sizeof l.zh, "暂停等待：%.200s", halt->zh);
    } else if (job != NULL) {
        say_job(&l, job, o->progress.counts[ENTRY_MADE]);
    } else {
        say_making(&l, &o->progress);
    }
    cli_progress(l.en, l.zh);
}

static void show_list(const struct import_task *t, const struct import_report *r)
{
    import_show_faults(r);
    if (t->check)
        (void)printf(language_pick("list        %zu rows checked, %zu of them good; nothing was kept\n",
                                   "名单检查    %zu 行，其中 %zu 行无误；未保存任何内容\n"),
                     r->rows, r->good);
    else if (r->faults.errors > 0 && r->imported == 0)
        (void)printf(language_pick("list        %zu rows, %zu at fault: none of them was taken\n",
                                   "名单        %zu 行，%zu 行有错误，全部未导入\n"),
                     r->rows, r->faults.bad_rows);
    else
        (void)printf(language_pick("list        %zu of %zu rows taken, %zu of these people had a photo\n",
                                   "名单        导入 %zu 行，共 %zu 行；其中 %zu 人已有照片\n"),
                     r->imported, r->rows, r->with_photo);
}

static void show_photo(const json_t *line)
{
    const char *file = json_text(line, "file");
    const char *problem = json_text(line, language_pick("problem_en", "problem"));
    const char *advice = json_text(line, language_pick("advice_en", "advice"));

    if (file == NULL || problem == NULL)
        return;
    cli_put(stderr, file);
    (void)fputs(language_pick(": ", "："), stderr);
    cli_put(stderr, problem);
    if (advice != NULL && advice[0] != '\0') {
        (void)fputs(language_pick(" - ", "；"), stderr);
        cli_put(stderr, advice);
    }
    (void)fputc('\n', stderr);
}

static void show_photos(const struct job_row *j)
{
    json_t *report = j->report_json != NULL ? json_loads(j->report_json, 0, NULL) : NULL;
    size_t count = json_array_size(report);

    for (size_t i = 0; i < count && i < SHOWN_MAX; i++)
        show_photo(json_array_get(report, i));
    if (count > SHOWN_MAX)
        (void)fprintf(stderr, "%s %zu%s\n", language_pick("and", "另有"), count - SHOWN_MAX,
                      language_pick(" more (--json lists them)", " 条（--json 可列出）"));
    json_decref(report);
    if (j->state == JOB_FAILED && j->problem_zh != NULL && j->problem_en != NULL) {
        cli_put(stderr, language_pick(j->problem_en, j->problem_zh));
        (void)fputc('\n', stderr);
    }
    (void)printf(language_pick("photos      %llu files read, %llu could not be used\n",
                               "照片        读取 %llu 个文件，%llu 个未能使用\n"),
                 (unsigned long long)j->done, (unsigned long long)j->failed);
}

static const char *status_word(const struct filing_row *f)
{
    switch (f->status) {
    case FILING_EDITING:
        return language_pick("being edited, not submitted", "编辑中，尚未提交");
    case FILING_REVIEWING:
        return language_pick("submitted: the issuing authority decides", "已提交，等待发证机关审核");
    case FILING_RETURNED:
        return language_pick("returned by the issuing authority", "已被发证机关退回");
    case FILING_APPROVED:
        break;
    }
    switch (f->accession_state) {
    case ACCESSION_DONE:
        return language_pick("approved, every row has its number", "审核通过，已入库编号");
    case ACCESSION_REFUSED:
        return language_pick("approved, but rows are at fault", "审核通过，但名单有误，未能入库");
    case ACCESSION_NONE:
    case ACCESSION_CHECKING:
        break;
    }
    return language_pick("approved", "审核通过");
}

static void show_failed(const struct import_outcome *o)
{
    for (size_t i = 0; i < o->failed_count; i++) {
        const struct entry_row *r = &o->failed[i];
        const char *why =
            language_pick(r->fault_en != NULL ? r->fault_en : "", r->fault_zh != NULL ? r->fault_zh : "");

        (void)fprintf(stderr, "%u ", r->serial);
        cli_put(stderr, r->name);
        (void)fputs(language_pick(": ", "："), stderr);
        cli_put(stderr, why);
        (void)fputc('\n', stderr);
    }
}

/* Rows that the accession refused. */
static void show_refused(const struct filing_row *f)
{
    if (f->accession_state == ACCESSION_REFUSED)
        cli_note("every row must be right before numbers are given: correct the list with --check, let the "
                 "issuing authority return the filing, and import it again.",
                 "入库前每一行都必须正确：请用 --check 检查名单，由发证机关退回备案后重新导入。");
}

static void show_counts(const struct import_outcome *o)
{
    const uint64_t *n = o->progress.counts;

    show_failed(o);
    show_refused(&o->filing);
    (void)printf(
        language_pick(
            "certificates %llu made, %llu wait for a photo, %llu wait or are being made, %llu failed\n",
            "证书        已生成 %llu，未生成（缺照片）%llu，排队或正在生成 %llu，失败 %llu\n"),
        (unsigned long long)n[ENTRY_MADE], (unsigned long long)n[ENTRY_WAITING],
        (unsigned long long)o->progress.to_make, (unsigned long long)n[ENTRY_FAILED]);
}

static void show_text(const struct import_task *t, const struct import_outcome *o)
{
    if (o->filing.id[0] != '\0') {
        (void)printf("%s%s\n", language_pick("filing      ", "备案标识    "), o->filing.id);
        (void)fputs(language_pick("approval    ", "批复文号    "), stdout);
        cli_put(stdout, o->filing.approval_no);
        (void)fputc('\n', stdout);
    }
    if (o->listed)
        show_list(t, &o->report);
    if (o->has_photos)
        show_photos(&o->photos);
    if (o->filing.id[0] != '\0' && !t->check)
        (void)printf("%s%s\n", language_pick("state       ", "状态        "), status_word(&o->filing));
    if (o->filing.status == FILING_APPROVED)
        show_counts(o);
}

static json_t *counts_json(const struct import_outcome *o)
{
    json_t *counts = json_object();

    for (int s = 0; s < ENTRY_STATES && counts != NULL; s++)
        (void)json_object_set_new(counts, entry_state_name((enum entry_state)s),
                                  json_integer((json_int_t)o->progress.counts[s]));
    return counts;
}

static json_t *photos_json(const struct job_row *j)
{
    json_t *report = j->report_json != NULL ? json_loads(j->report_json, 0, NULL) : json_array();

    return json_pack("{ss sI sI so}", "state", job_state_name(j->state), "files", (json_int_t)j->done,
                     "failed", (json_int_t)j->failed, "faults", report);
}

static int show_json(const struct import_outcome *o, struct err *e)
{
    struct buf text = BUF_INIT(OUTPUT_MAX);
    json_t *answer = json_object();
    bool fine = answer != NULL;
    int rc;

    if (fine && o->filing.id[0] != '\0') {
        fine =
            json_object_set_new(answer, "filing", json_string(o->filing.id)) == 0 &&
            json_object_set_new(answer, "approval_no", json_string(o->filing.approval_no)) == 0 &&
            json_object_set_new(answer, "status", json_string(filing_status_name(o->filing.status))) == 0 &&
            json_object_set_new(answer, "accession",
                                json_string(accession_state_name(o->filing.accession_state))) == 0 &&
            json_object_set_new(answer, "entries", counts_json(o)) == 0;
    }
    if (fine && o->listed)
        fine =
            json_object_set_new(answer, "list", import_report_json(&o->report, !language_is_chinese())) == 0;
    if (fine && o->has_photos)
        fine = json_object_set_new(answer, "photos", photos_json(&o->photos)) == 0;
    rc = fine ? json_write(&text, answer, e) : err_no_memory(e);
    if (rc == 0)
        (void)fwrite(text.data, 1, text.len, stdout);
    json_decref(answer);
    buf_dispose(&text);
    return rc;
}

int import_show(const struct import_task *t, const struct import_outcome *o, struct err *e)
{
    if (t->json)
        return show_json(o, e);
    show_text(t, o);
    return 0;
}
