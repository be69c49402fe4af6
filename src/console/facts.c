/* facts.c - rows of the store as the console's pages show them, with what the visitor may do. */
#include "base/utf8.h"
#include "console/console_internal.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *console_office(struct console_visit *v, const char *id)
{
    struct organisation o;
    struct err unasked;

    if (id == NULL || store_organisation(&o, v->d->store, id, v->req->arena, &unasked) != 0)
        return id;
    return o.name;
}

/* --- filings --- */

static void fill_rights(struct console_filing *out, const struct console_visit *v,
                        const struct filing_row *row)
{
    struct filing_rights r;
    bool file = v->may_file;

    filing_rights(&r, row, &v->who);
    out->edit = r.edit && file;
    out->submit = r.submit && file;
    out->decide = r.decide && v->may_approve;
    out->enter = r.accession && file;
    out->remove = r.remove && file;
    out->upload_photos = r.upload_photos && file;
    out->manage = r.manage && file;
    out->correct = out->manage;
    out->revoke = out->manage && caller_may(v->req, SCOPE_REVOKE);
}

int console_filing_of(struct console_filing *out, struct console_visit *v, const struct filing_row *row,
                      struct err *e)
{
    static const enum console_status statuses[] = {[FILING_EDITING] = CONSOLE_EDITING,
                                                   [FILING_REVIEWING] = CONSOLE_REVIEWING,
                                                   [FILING_RETURNED] = CONSOLE_RETURNED,
                                                   [FILING_APPROVED] = CONSOLE_APPROVED};
    static const enum console_accession states[] = {[ACCESSION_NONE] = CONSOLE_NOT_ENTERED,
                                                    [ACCESSION_CHECKING] = CONSOLE_CHECKING,
                                                    [ACCESSION_DONE] = CONSOLE_ENTERED,
                                                    [ACCESSION_REFUSED] = CONSOLE_REFUSED};
    uint64_t counts[ENTRY_STATES];

    *out = (struct console_filing){.id = arena_text(v->req->arena, row->id),
                                   .name = row->name,
                                   .approval_no = row->approval_no,
                                   .type = row->type,
                                   .year = row->year,
                                   .organiser = console_office(v, row->organisation),
                                   .issuer = console_office(v, row->issuer),
                                   .committee = console_office(v, row->committee),
                                   .profile = row->profile,
                                   .issue_date = row->issue_date,
                                   .status = statuses[row->status],
                                   .accession_state = states[row->accession_state],
                                   .opinion = row->opinion,
                                   .document_size = row->document_size,
                                   .document_name = row->document_no,
                                   .accession = row->accession_state == ACCESSION_DONE ? row->accession : 0,
                                   .paused = row->paused};
    if (out->id == NULL)
        return err_no_memory(e);
    if (store_count_entries(counts, v->d->store, row->id, e) != 0)
        return -1;
    for (int i = 0; i < ENTRY_STATES; i++) {
        out->counts[i] = counts[i]; /* both in the same order */
        out->total += i == ENTRY_REMOVED ? 0 : counts[i];
    }
    fill_rights(out, v, row);
    return 0;
}
_Static_assert((int)ENTRY_LISTED == (int)CONSOLE_LISTED && (int)ENTRY_WAITING == (int)CONSOLE_WAITING &&
                   (int)ENTRY_QUEUED == (int)CONSOLE_QUEUED && (int)ENTRY_WORKING == (int)CONSOLE_WORKING &&
                   (int)ENTRY_MADE == (int)CONSOLE_MADE && (int)ENTRY_FAILED == (int)CONSOLE_FAILED &&
                   (int)ENTRY_REMOVED == (int)CONSOLE_REMOVED,
               "states of the pages are those of the store");

int console_find_filing(struct filing_row *row, struct console_filing *out, struct console_visit *v,
                        struct err *e)
{
    if (filing_find(row, v->d->store, v->req->params[0], &v->who, v->req->arena, e) != 0)
        return e->code == ERR_NOT_FOUND
                   ? err_set(e, ERR_NOT_FOUND, "There is no such filing, or this key may not see it.",
                             "没有这个备案，或没有权限查看此备案。")
                   : -1;
    return console_filing_of(out, v, row, e);
}

/* --- entries --- */

const char *console_masked(struct console_visit *v, const char *id_number)
{
    size_t size = 4 * strlen(id_number) + 16;
    char *masked = arena_alloc(v->req->arena, size);

    if (masked != NULL)
        id_number_mask(masked, size, id_number);
    return masked;
}

int console_find_entry(struct entry_row *row, struct console_visit *v, const struct filing_row *f,
                       struct err *e)
{
    if (store_entry(row, v->d->store, v->req->params[1], v->req->arena, e) == 0) {
        if (strcmp(row->filing, f->id) == 0)
            return 0;
    } else if (e->code != ERR_NOT_FOUND) {
        return -1;
    }
    return err_set(e, ERR_NOT_FOUND, "The filing has no such entry.", "该备案中没有此人员。");
}

int console_find_at(struct console_at *at, struct console_visit *v, struct err *e)
{
    if (console_find_filing(&at->filing, &at->shown, v, e) != 0)
        return -1;
    return console_find_entry(&at->entry, v, &at->filing, e);
}

int console_refuse_unmade(const struct entry_row *row, struct err *e)
{
    if (row->photo_id[0] == '\0')
        return err_set(e, ERR_CONFLICT, "No photo has been uploaded, so the certificate is not made.",
                       "未上传照片，证书未生成，只能查看，不能下载；请先上传照片。");
    return err_set(e, ERR_CONFLICT, "The certificate has not been made yet.",
                   "证书尚未生成，原因见该人员的状态。");
}

/* What sort of number it is, where it is not the usual one. */
static const char *id_of(struct console_visit *v, const struct entry_row *row)
{
    const char *masked = console_masked(v, row->id_number);

    if (masked == NULL || row->id_type == NULL || strcmp(row->id_type, "居民身份证") == 0)
        return masked;
    return arena_printf(v->req->arena, "%s %s", row->id_type, masked);
}

/* "缺字 U+323AF（字）" from what the making said of it; as it was said where that names no character. */
static const char *lacking(const struct console_visit *v, const struct entry_row *row)
{
    const char *at = row->fault_zh == NULL ? NULL : strstr(row->fault_zh, "U+");
    unsigned long cp = at == NULL ? 0 : strtoul(at + 2, NULL, 16);
    char shown[8] = "";
    const char *text;

    if (cp < 0x80 || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        return row->fault_zh;
    shown[utf8_put(shown, (uint32_t)cp)] = '\0';
    text = arena_printf(v->req->arena, "缺字 U+%04lX（%s）", cp, shown);
    return text == NULL ? row->fault_zh : text;
}

const char *console_reason(const struct console_visit *v, const struct entry_row *row)
{
    static const struct {
        const char *code, *text;
    } words[] = {{"signer", "签章服务无应答"},
                 {"disk", "磁盘空间不足"},
                 {"photo", "照片无法读取"},
                 {"chain", "签章证书已过期"},
                 {"grant", "没有签章授权"}};

    if (row->state == ENTRY_WAITING)
        return "缺少照片";
    if (row->fault_code == NULL || (row->state != ENTRY_FAILED && row->state != ENTRY_QUEUED))
        return NULL;
    if (strcmp(row->fault_code, "glyph") == 0)
        return lacking(v, row);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].code, row->fault_code) == 0)
            return words[i].text;
    return row->fault_zh;
}

static const char *verdict_of(enum certificate_status s)
{
    static const char *const words[] = {[STATUS_VALID] = NULL,
                                        [STATUS_SUSPENDED] = "已冻结",
                                        [STATUS_REVOKED] = "已撤销",
                                        [STATUS_CANCELLED] = "已注销",
                                        [STATUS_REPLACED] = "已换发"};

    return words[s];
}

int console_entry_of(struct console_entry *out, struct entry *data, struct console_visit *v,
                     const struct entry_row *row, struct err *e)
{
    struct certificate_row certificate;
    json_t *json = NULL;
    int rc = json_read(&json, slice_of(row->data_json), JSON_MAX_BYTES, e) != 0
                 ? -1
                 : entry_from_json(data, json, v->req->arena, e);

    json_decref(json);
    if (rc != 0)
        return -1;
    *out = (struct console_entry){.id = arena_text(v->req->arena, row->id),
                                  .serial = row->serial,
                                  .name = row->name,
                                  .id_number = id_of(v, row),
                                  .series = data->series_name,
                                  .specialty = data->specialty,
                                  .title = data->title,
                                  .level = data->level,
                                  .number = row->number,
                                  .state = (enum console_state)row->state,
                                  .reason = console_reason(v, row)};
    if (out->id == NULL || out->id_number == NULL)
        return err_no_memory(e);
    if (row->certificate[0] == '\0')
        return 0;
    if (store_certificate(&certificate, v->d->store, row->certificate, v->req->arena, e) != 0)
        return -1;
    out->number = certificate.number;
    out->size = certificate.file_size;
    out->verdict = verdict_of(certificate.status);
    return 0;
}

/* --- what is going on --- */

static void say_accession(struct console_progress *out, struct console_visit *v, const struct filing_row *row)
{
    struct job_row job;
    struct err unasked;

    out->going = GOING_ON;
    (void)snprintf(out->line, sizeof out->line, "正在入库");
    if (store_filing_job(&job, v->d->store, row->id, "accession", v->req->arena, &unasked) == 0 &&
        job.total > 0) {
        (void)snprintf(out->line, sizeof out->line, "正在入库　已核对 %" PRIu64 " / %" PRIu64, job.done,
                       job.total);
        out->value = job.done;
        out->max = job.total;
    }
    (void)snprintf(out->facts[0], sizeof out->facts[0], "核对每一行后给出编号，再生成证书");
    (void)snprintf(out->facts[1], sizeof out->facts[1], "可以离开本页");
}

static void say_rate(struct console_progress *out, const struct filing_progress *p)
{
    struct buf text = BUF_INIT(64);
    int i = 0;

    if (p->rate > 0)
        (void)snprintf(out->facts[i++], sizeof out->facts[0], p->rate < 10 ? "%.1f 份/秒" : "%.0f 份/秒",
                       p->rate);
    else if (p->ahead > 0)
        (void)snprintf(out->facts[i++], sizeof out->facts[0], "前面还有 %" PRIu64 " 份", p->ahead);
    if (p->remaining_s >= 0 && p->rate > 0) {
        put_duration(&text, p->remaining_s);
        buf_append_char(&text, '\0');
        if (buf_ok(&text))
            (void)snprintf(out->facts[i++], sizeof out->facts[0], "剩余约 %s", (const char *)text.data);
    }
    (void)snprintf(out->facts[i], sizeof out->facts[0], "可以离开本页");
    buf_dispose(&text);
}

int console_progress_of(struct console_progress *out, const char **halt, struct console_visit *v,
                        const struct filing_row *row, struct err *e)
{
    struct filing_progress p;
    struct err stopped;
    uint64_t made;

    memset(out, 0, sizeof *out);
    *halt = NULL;
    if (filing_progress(&p, v->d->store, row, clock_now(), v->req->arena, e) != 0)
        return -1;
    made = p.counts[ENTRY_MADE];
    if (row->accession_state == ACCESSION_CHECKING) {
        say_accession(out, v, row);
        return 0;
    }
    if (p.to_make == 0) {
        out->going = GOING_NOTHING;
        if (made > 0)
            (void)snprintf(out->line, sizeof out->line, "证书已生成　%" PRIu64 " 份", made);
        return 0;
    }
    out->value = made;
    out->max = made + p.to_make;
    out->going = GOING_ON;
    (void)snprintf(out->line, sizeof out->line, "%s　%" PRIu64 " / %" PRIu64,
                   p.paused ? "已暂停生成证书" : "正在生成证书", made, out->max);
    if (p.paused) {
        out->going = GOING_STOPPED;
        (void)snprintf(out->facts[0], sizeof out->facts[0], "点“继续生成”后接着生成");
    } else {
        say_rate(out, &p);
    }
    service_halt(&stopped, v->app);
    if (p.halt_zh != NULL)
        *halt = p.halt_zh;
    else if (stopped.code != ERR_NONE)
        *halt = arena_text(v->req->arena, stopped.zh);
    return 0;
}

const char *console_text(const json_t *object, const char *name)
{
    const char *text = json_text(object, name);

    return text == NULL ? "" : text;
}
