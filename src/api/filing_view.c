/* filing_view.c - filings and their entries as the API shows them. */
#include "api/filings.h"
#include "base/log.h"
#include <math.h>
#include <string.h>

void log_full_numbers(const struct request *req, const char *what, const char *id, size_t count)
{
    const struct caller *c = caller_of(req);
    struct log_line l;

    log_begin(&l, "document_numbers_shown");
    log_text(&l, "request", req->id);
    log_text(&l, "key", c != NULL ? c->key_id : NULL);
    log_text(&l, what, id);
    log_number(&l, "count", (long long)count);
    log_end(&l);
}

/* --- filings --- */

static bool put_counts(json_t *object, const uint64_t counts[ENTRY_STATES])
{
    json_t *list = json_object();
    bool fine = list != NULL;

    for (size_t i = 0; i < ENTRY_STATES && fine; i++)
        fine = view_number(list, entry_state_name(i), counts[i]);
    fine = fine && json_object_set(object, "entries", list) == 0;
    json_decref(list);
    return fine;
}

/* Why nothing is made of this filing, or, where that is so, of any; NULL: it goes on. */
static const char *halt_of(struct err *stopped, const struct request *req, const struct filing_progress *p)
{
    const struct desk *d = req->thread;

    if (p->halt_zh != NULL)
        return req->english ? p->halt_en : p->halt_zh;
    service_halt(stopped, d->app);
    if (stopped->code == ERR_NONE)
        return NULL;
    return req->english ? stopped->en : stopped->zh;
}

bool view_progress(json_t *object, const struct request *req, const struct filing_progress *p)
{
    struct err stopped;
    int64_t end = p->remaining_s < 0 || p->to_make == 0 ? 0 : clock_now() + p->remaining_s;

    return put_counts(object, p->counts) && view_number(object, "entries_total", p->total) &&
           view_number(object, "to_make", p->to_make) &&
           view_value(object, "rate", json_real(round(p->rate * 10) / 10)) &&
           view_moment(object, "estimated_end", end) && view_number(object, "ahead", p->ahead) &&
           view_text(object, "halted", halt_of(&stopped, req, p));
}

static bool put_document(json_t *view, const struct filing_row *f)
{
    char hex[2 * SHA256_SIZE + 1];
    json_t *document;

    if (f->document_size == 0)
        return true;
    hex_encode(hex, (struct slice){f->document_sha256, SHA256_SIZE});
    document = json_pack("{sI ss ss*}", "size", (json_int_t)f->document_size, "sha256", hex, "file_name",
                         f->document_no);
    return view_value(view, "document", document);
}

static bool put_rights(json_t *view, const struct request *req, const struct filing_row *f)
{
    const struct filing_actor who = actor_of(req);
    struct filing_rights r;
    json_t *rights;

    filing_rights(&r, f, &who);
    rights = json_pack("{sb sb sb sb sb sb sb ss*}", "edit", r.edit, "submit", r.submit, "decide", r.decide,
                       "accession", r.accession, "remove", r.remove, "upload_photos", r.upload_photos,
                       "manage", r.manage, "why", req->english ? r.why_en : r.why_zh);
    return view_value(view, "rights", rights);
}

static bool put_accession(json_t *view, const struct filing_row *f)
{
    json_t *accession = json_object();
    bool fine = accession != NULL &&
                view_text(accession, "state", accession_state_name(f->accession_state)) &&
                view_moment(accession, "moment", f->accession) &&
                view_stored(accession, "report", f->accession_report);

    fine = fine && json_object_set(view, "accession", accession) == 0;
    json_decref(accession);
    return fine;
}

static bool put_links(json_t *view, const struct filing_row *f)
{
    static const char *const below[] = {"entries", "document", "photos", "certificates.zip"};
    static const char *const names[] = {"entries", "document", "photos", "certificates"};
    json_t *links = json_object();
    char path[96];
    bool fine = links != NULL;

    (void)snprintf(path, sizeof path, "/v1/filings/%s", f->id);
    fine = fine && view_text(links, "self", path);
    for (size_t i = 0; i < sizeof below / sizeof below[0] && fine; i++) {
        (void)snprintf(path, sizeof path, "/v1/filings/%s/%s", f->id, below[i]);
        fine = view_text(links, names[i], path);
    }
    (void)snprintf(path, sizeof path, "/v1/jobs?filing=%s", f->id);
    fine = fine && view_text(links, "jobs", path) && json_object_set(view, "links", links) == 0;
    json_decref(links);
    return fine;
}

static bool put_moves(json_t *view, const struct filing_row *f)
{
    return view_text(view, "status", filing_status_name(f->status)) &&
           view_text(view, "opinion", f->opinion) && view_text(view, "submitter", f->submitter) &&
           view_moment(view, "submitted", f->submitted) && view_text(view, "decider", f->decider) &&
           view_moment(view, "decided", f->decided) && view_flag(view, "paused", f->paused);
}

json_t *filing_view(const struct request *req, struct store *s, const struct filing_row *f)
{
    uint64_t counts[ENTRY_STATES];
    json_t *view = json_object();
    struct err unasked;
    bool fine = view != NULL && view_text(view, "id", f->id) &&
                view_text(view, "organiser", f->organisation) && view_text(view, "profile", f->profile) &&
                view_text(view, "issuer", f->issuer) && view_text(view, "committee", f->committee) &&
                view_text(view, "name", f->name) && view_text(view, "approval_no", f->approval_no) &&
                view_text(view, "type", f->type) && view_number(view, "year", (uint64_t)f->year) &&
                view_text(view, "issue_date", f->issue_date) && put_moves(view, f) &&
                put_accession(view, f) && put_document(view, f) &&
                store_count_entries(counts, s, f->id, &unasked) == 0 && put_counts(view, counts) &&
                view_text(view, "held", req->english ? f->hold_en : f->hold_zh) && put_rights(view, req, f) &&
                view_moment(view, "created", f->created) && view_moment(view, "changed", f->changed) &&
                put_links(view, f);

    if (fine)
        return view;
    json_decref(view);
    return NULL;
}

/* --- entries --- */

/* What the list said, the document number as it may be shown. */
static bool put_data(json_t *view, const struct entry_row *r, const char *id_number)
{
    json_t *data = json_loads(r->data_json, JSON_REJECT_DUPLICATES, NULL);
    bool fine = data != NULL && json_object_set_new(data, "id_number", json_string(id_number)) == 0 &&
                json_object_set(view, "data", data) == 0;

    json_decref(data);
    return fine;
}

static bool put_fault(json_t *view, const struct request *req, const struct entry_row *r)
{
    if (r->fault_code == NULL)
        return true;
    return view_value(view, "fault",
                      json_pack("{ss ss* si}", "code", r->fault_code, "detail",
                                req->english ? r->fault_en : r->fault_zh, "attempts", (int)r->attempts)) &&
           (r->state != ENTRY_QUEUED || view_moment(view, "next_attempt", r->run_after));
}

static bool put_entry_links(json_t *view, const struct entry_row *r)
{
    char self[128], pdf[160], photo[160], certificate[80];
    json_t *links;
    bool made = r->certificate[0] != '\0';

    (void)snprintf(self, sizeof self, "/v1/filings/%s/entries/%s", r->filing, r->id);
    (void)snprintf(pdf, sizeof pdf, "%s/certificate.pdf", self);
    (void)snprintf(photo, sizeof photo, "%s/photo", self);
    (void)snprintf(certificate, sizeof certificate, "/v1/certificates/%s", r->certificate);
    links = json_pack("{ss ss ss ss*}", "self", self, "pdf", pdf, "photo", photo, "certificate",
                      made ? certificate : NULL);
    return view_value(view, "links", links);
}

/* Why it is in its state, and what to do; NULL where there is nothing to do. */
static const char *explain(const struct request *req, const struct entry_row *r)
{
    if (r->state == ENTRY_WAITING)
        return req->english ? "The photo is missing. Upload it, and the certificate is made by itself."
                            : "缺少照片，上传照片后自动生成证书。";
    if (r->state == ENTRY_FAILED || r->state == ENTRY_QUEUED)
        return req->english ? r->fault_en : r->fault_zh;
    return NULL;
}

json_t *entry_view(const struct request *req, const struct entry_row *r, bool full_id_number)
{
    char *masked = arena_alloc(req->arena, 4 * strlen(r->id_number) + 16);
    const char *shown = full_id_number ? r->id_number : masked;
    json_t *view = json_object();
    bool fine = view != NULL && masked != NULL;

    if (fine)
        id_number_mask(masked, 4 * strlen(r->id_number) + 16, r->id_number);
    fine = fine && view_text(view, "id", r->id) && view_text(view, "filing", r->filing) &&
           view_number(view, "position", r->position) && view_number(view, "serial", r->serial) &&
           view_text(view, "name", r->name) && view_text(view, "id_type", r->id_type) &&
           view_text(view, "id_number", shown) && view_text(view, "state", entry_state_name(r->state)) &&
           view_text(view, "explanation", explain(req, r)) && view_text(view, "certificate_no", r->number) &&
           view_text(view, "certificate", r->certificate) && view_text(view, "person", r->person) &&
           view_text(view, "photo_id", r->photo_id) && put_fault(view, req, r) && put_data(view, r, shown) &&
           view_moment(view, "changed", r->changed) && put_entry_links(view, r);
    if (fine)
        return view;
    json_decref(view);
    return NULL;
}
