#include "issue/issue.h"
#include "image/photo.h"
#include "issue/issue_internal.h"
#include "issue/lock.h"
#include "sign/verify.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void issue_reached(struct issuer *i, enum issue_stage stage)
{
    if (i->watch != NULL)
        i->watch(i->watch_arg, stage);
}

static void signed_once(void *arg)
{
    issue_reached(arg, ISSUE_SIGNED);
}

void issuer_watch(struct issuer *i, void (*watch)(void *arg, enum issue_stage stage), void *arg)
{
    i->watch = watch;
    i->watch_arg = arg;
}

struct store *issuer_store(struct issuer *i)
{
    return i->store;
}

static int open_parts(struct issuer *i, struct err *e)
{
    char trust[PATH_MAX + 8];

    if (config_load(&i->config, i->data_dir, e) != 0)
        return -1;
    if (i->config.public_url[0] == '\0')
        return err_set(
            e, ERR_INVALID,
            "The public address is not set, and QR codes bear it for ever: set it with \"sealpress init "
            "--public-url https://...\".",
            "尚未设置公开网址（二维码将永久使用它），请用 “sealpress init --public-url https://…” 设置。");
    (void)snprintf(trust, sizeof trust, "%s/trust", i->data_dir);
    if (store_open(&i->store, i->data_dir, false, e) != 0 ||
        store_setting(&i->service_seal, i->store, "service_seal", &i->settings, e) != 0 ||
        seal_rack_new(&i->rack, i->data_dir, e) != 0 || trust_load(&i->trust, trust, e) != 0)
        return -1;
    return lock_open(&i->lock, i->data_dir, e);
}

int issuer_open(struct issuer **out, const char *data_dir, struct press *press, struct signer *signer,
                struct err *e)
{
    struct issuer *i = calloc(1, sizeof *i);

    *out = NULL;
    if (i == NULL)
        return err_no_memory(e);
    i->press = press;
    i->signer = signer;
    i->lock = -1;
    for (size_t k = 0; k < ISSUE_BATCH_MAX; k++)
        buf_init(&i->slots[k].pdf, DOCUMENT_MAX);
    (void)snprintf(i->data_dir, sizeof i->data_dir, "%s", data_dir);
    if (open_parts(i, e) != 0) {
        issuer_close(i);
        return -1;
    }
    *out = i;
    return 0;
}

void issuer_close(struct issuer *i)
{
    if (i == NULL)
        return;
    if (i->lock >= 0)
        (void)close(i->lock);
    trust_free(i->trust);
    seal_rack_free(i->rack);
    store_close(i->store);
    for (size_t k = 0; k < ISSUE_BATCH_MAX; k++) {
        arena_dispose(&i->slots[k].arena);
        buf_dispose(&i->slots[k].pdf);
    }
    arena_dispose(&i->settings);
    free(i);
}

/* Profile, offices and template of an order that was read. */
static int find_parties(struct job *j, const char *template_name, struct err *e)
{
    struct store *s = j->i->store;

    if (store_profile(&j->profile, s, j->order.profile, j->a, e) != 0)
        return err_field(e, "/profile");
    /* 认定 is decided without a committee */
    j->has_committee = j->profile.committee != NULL &&
                       (j->order.obtain_mode == NULL || strcmp(j->order.obtain_mode, "认定") != 0);
    if (store_organisation(&j->issuer, s, j->profile.issuer, j->a, e) != 0 ||
        (j->has_committee && store_organisation(&j->committee, s, j->profile.committee, j->a, e) != 0))
        return -1;
    return press_template(&j->template, j->i->press,
                          template_name != NULL ? template_name : j->profile.template_name, e);
}

int job_plan_seals(struct job *j, struct err *e)
{
    struct sealing_parties parties = {j->template, &j->profile, &j->issuer,
                                      j->has_committee ? &j->committee : NULL, j->i->service_seal};

    return sealing_plan(&j->plan, j->i->rack, j->i->signer, &parties, e);
}

/* Whether a second order with the same biz_no asks for the same certificate. */
static int hash_content(struct job *j, const struct issue_request *r, struct err *e)
{
    struct buf text = BUF_INIT(PHOTO_MAX_BYTES + (size_t)1024 * 1024);
    uint8_t photo[SHA256_SIZE];

    if (r->photo_given.len > 0)
        sha256(photo, r->photo_given);
    else
        memcpy(photo, j->row.photo, sizeof photo);
    buf_append_text(&text, j->order.canonical);
    buf_append_char(&text, '\n');
    buf_append_text(&text, template_name(j->template));
    buf_append_char(&text, '\n');
    buf_append_bytes(&text, photo, sizeof photo);
    if (!buf_ok(&text)) {
        buf_dispose(&text);
        return err_no_memory(e);
    }
    sha256(j->row.content_hash, buf_view(&text));
    buf_dispose(&text);
    return 0;
}

static int check_photo(struct job *j, const struct issue_request *r, struct err *e)
{
    int width, height, want_width, want_height;

    photo_size_pixels(PHOTO_2_CUN, &want_width, &want_height);
    if (photo_inspect(r->photo, &width, &height, e) != 0)
        return err_field(e, "/photo");
    if (width != want_width || height != want_height) {
        err_set(e, ERR_INVALID,
                "The photo is %d by %d pixels; a certificate needs %d by %d (35 x 49 mm at 300 dpi).",
                "照片为 %d×%d 像素，证书需要 2 寸（%d×%d）。", width, height, want_width, want_height);
        return err_field(e, "/photo");
    }
    j->photo = r->photo;
    sha256(j->row.photo, r->photo);
    return 0;
}

int job_identify(struct job *j, const uint8_t *folder, struct err *e)
{
    uint8_t id[16], token[16];

    if (random_bytes(id, sizeof id, e) != 0 || random_bytes(token, sizeof token, e) != 0)
        return -1;
    if (folder != NULL)
        id[0] = *folder;
    hex_encode(j->row.id, (struct slice){id, sizeof id});
    base64url_encode(j->row.token, (struct slice){token, sizeof token});
    return lock_take(&j->locked, j->i->lock, j->row.id, true, e);
}

static struct number_parts number_parts_of(const struct job *j)
{
    return (struct number_parts){
        .prefix = j->order.original_no != NULL ? j->profile.reissue_prefix : "",
        .province = j->profile.province,
        .region = j->order.region != NULL ? j->order.region : j->profile.region,
        .series = j->order.series_code,
        .level = number_level_code(j->order.level),
        .year = j->order.year,
    };
}

/* The next free number and its serial: 0 for a number that was given. Looks only; reserves nothing. */
static int choose_number(char out[NUMBER_MAX + 1], char counter[NUMBER_MAX + 1], uint64_t *serial,
                         struct job *j, struct err *e)
{
    struct number_parts parts = number_parts_of(j);
    bool taken = true;

    counter[0] = '\0';
    *serial = 0;
    if (number_counter(counter, j->profile.number_pattern, &parts, e) != 0 ||
        store_last_serial(serial, j->i->store, counter, e) != 0)
        return -1;
    /* numbers that were given with an imported order are stepped over */
    while (taken) {
        ++*serial;
        if (number_make(out, j->profile.number_pattern, &parts, *serial, e) != 0 ||
            store_number_taken(&taken, j->i->store, NULL, out, e) != 0)
            return -1;
    }
    return 0;
}

static int given_number(char out[NUMBER_BYTES + 1], struct job *j, struct err *e)
{
    bool taken;

    (void)snprintf(out, NUMBER_BYTES + 1, "%s", j->order.certificate_no); /* NUMBER_MAX characters at most */
    if (store_number_taken(&taken, j->i->store, j->profile.issuer, out, e) != 0)
        return -1;
    if (!taken)
        return 0;
    err_set(e, ERR_CONFLICT, "This issuer has a certificate with this number already.",
            "该发证机关已有此编号的证书。");
    return err_field(e, "/certificate_no");
}

/* The record with this number in it. */
static int make_record(struct job *j, const char *number, struct err *e)
{
    char license[LICENSE_ID_MAX + 1];
    struct certificate_facts facts = {.number = number,
                                      .issuer = &j->issuer,
                                      .committee = j->has_committee ? &j->committee : NULL,
                                      .host = j->i->config.host};

    if (j->profile.license_type != NULL) {
        if (license_id_make(license, j->profile.license_type, j->issuer.uscc, number, 1, e) != 0)
            return -1;
        facts.license_id = license;
    }
    json_decref(j->record);
    j->record = certificate_record(&j->order, &facts);
    /* kept for ever, because the office may have another seal by the time somebody asks */
    if (j->record == NULL || (j->plan.test && json_object_set_new(j->record, "test", json_true()) != 0))
        return err_no_memory(e);
    j->row.number = arena_text(j->a, number);
    return j->row.number == NULL ? err_no_memory(e) : 0;
}

/* Pages of the row: everything that the data can spoil is found here. */
static int lay_out(struct job *j, struct err *e)
{
    struct print_order *p = &j->print;

    *p = (struct print_order){.template = j->template,
                              .record = j->record,
                              .photo = j->photo,
                              .seal_roles = j->plan.roles,
                              .seal_role_count = j->plan.role_count,
                              .service_field = j->plan.service,
                              .author = j->issuer.name,
                              .license_id = json_text(j->record, "license_id"),
                              .moment = j->row.created};
    p->verify_url = arena_printf(j->a, "%s/v/%s", j->i->config.public_url, j->row.token);
    if (p->verify_url == NULL)
        return err_no_memory(e);
    if (!hex_decode(p->id, sizeof p->id, j->row.id, 32))
        return err_set(e, ERR_INTERNAL, "The certificate's id is damaged.", "证书标识已损坏。");
    return press_lay_out(&j->pages, j->i->press, p, j->a, e);
}

/* Chooses a number and lays the certificate out with it. */
int job_prepare_number(struct job *j, char counter[NUMBER_MAX + 1], uint64_t *serial, struct err *e)
{
    char number[NUMBER_BYTES + 1];

    counter[0] = '\0';
    *serial = 0;
    if (j->order.certificate_no != NULL ? given_number(number, j, e) != 0
                                        : choose_number(number, counter, serial, j, e) != 0)
        return -1;
    if (j->row.number != NULL && strcmp(j->row.number, number) == 0)
        return 0; /* laid out with this very number */
    if (make_record(j, number, e) != 0)
        return -1;
    return lay_out(j, e);
}

int job_write_row(struct job *j, const char *counter, uint64_t serial, struct err *e)
{
    struct store *s = j->i->store;
    struct certificate_row *row = &j->row;
    char *record = json_dumps(j->record, JSON_COMPACT | JSON_SORT_KEYS);
    int rc = -1;

    row->organisation = j->profile.organisation;
    row->profile = j->profile.id;
    row->issuer = j->profile.issuer;
    row->biz_no = j->order.biz_no;
    row->template_name = template_name(j->template);
    row->order_json = j->order.canonical;
    row->record_json = record;
    if (record == NULL)
        rc = err_no_memory(e);
    else if (store_put_photo(s, row->photo, j->photo, e) == 0 &&
             (serial == 0 || store_set_serial(s, row->issuer, counter, serial, e) == 0))
        rc = store_reserve(s, row, e);
    row->record_json = NULL;
    free(record);
    return rc;
}

/* Finds the row of an earlier order with this biz_no; *found. */
int job_find_earlier(struct certificate_row *row, bool *found, struct job *j, struct err *e)
{
    int rc = store_certificate_by_biz_no(row, j->i->store, j->profile.organisation, j->order.biz_no, j->a, e);

    *found = rc == 0;
    return rc != 0 && e->code == ERR_NOT_FOUND ? 0 : rc;
}

/* Reserves number and row in one transaction. *lost: another process took the biz_no meanwhile. */
static int reserve(struct job *j, bool *lost, struct err *e)
{
    struct store *s = j->i->store;
    char counter[NUMBER_MAX + 1];
    struct certificate_row earlier;
    uint64_t serial;

    *lost = false;
    if (job_prepare_number(j, counter, &serial, e) != 0)
        return -1;
    issue_reached(j->i, ISSUE_LAID_OUT);
    if (store_begin(s, e) != 0)
        return -1;
    if (job_find_earlier(&earlier, lost, j, e) != 0 || *lost)
        goto undo;
    /* the same number again, unless another process took it: then the certificate is laid out anew */
    if (job_prepare_number(j, counter, &serial, e) != 0 || job_write_row(j, counter, serial, e) != 0)
        goto undo;
    issue_reached(j->i, ISSUE_RESERVING);
    if (store_commit(s, e) != 0)
        goto undo;
    issue_reached(j->i, ISSUE_RESERVED);
    return 0;
undo:
    store_rollback(s);
    return *lost ? 0 : -1;
}

/* Nothing leaves the house that our own verifier would not call intact. */
static int verify_own(struct job *j, struct err *e)
{
    struct verify_order order = {j->i->trust, j->now};
    struct arena a = ARENA_INIT;
    struct verdict v;
    int rc = verify_pdf(&v, buf_view(&j->slot->pdf), &order, &a, e);

    if (rc == 0 && ((v.kind != VERDICT_GENUINE && v.kind != VERDICT_TEST) || v.seal_count != j->plan.count)) {
        rc = err_set(e, ERR_INTERNAL,
                     "The finished certificate did not pass our own verification and was not handed out: %s",
                     "证书制成后未通过自检，没有发出：%s", v.reason_en);
        (void)snprintf(e->zh, sizeof e->zh, "证书制成后未通过自检，没有发出：%s", v.reason_zh);
    }
    if (rc == 0)
        memcpy(j->row.file_sha256, v.sha256, SHA256_SIZE);
    arena_dispose(&a);
    return rc;
}

static const char *seals_json(struct job *j)
{
    json_t *list = json_array();
    char *text = NULL;
    const char *kept = NULL;

    for (size_t i = 0; list != NULL && i < j->plan.count; i++)
        (void)json_array_append_new(list, json_string(j->plan.seals[i].field));
    if (list != NULL && json_array_size(list) == j->plan.count)
        text = json_dumps(list, JSON_COMPACT);
    if (text != NULL)
        kept = arena_text(j->a, text);
    free(text);
    json_decref(list);
    return kept;
}

int job_make(struct job *j, struct err *e)
{
    struct issuer *i = j->i;
    struct buf *pdf = &j->slot->pdf;
    struct certificate_row *row = &j->row;

    buf_reset(pdf);
    if (press_print(pdf, i->press, &j->pages, &j->print, j->a, e) != 0)
        return -1;
    issue_reached(i, ISSUE_PRINTED);
    if (sealing_apply(pdf, &j->plan, i->signer, row, signed_once, i, e) != 0 || verify_own(j, e) != 0)
        return -1;
    row->issued = j->now;
    row->file_size = pdf->len;
    row->file_crc32 = crc32_of(buf_view(pdf));
    row->seals_json = seals_json(j);
    if (row->seals_json == NULL)
        return err_no_memory(e);
    issue_reached(i, ISSUE_VERIFIED);
    return 0;
}

/* Everything after the reservation. The row's lock is held. */
static int finish(struct job *j, struct err *e)
{
    struct store *s = j->i->store;

    if (job_make(j, e) != 0 || store_put_file(s, j->row.id, buf_view(&j->slot->pdf), e) != 0)
        return -1;
    issue_reached(j->i, ISSUE_FILED);
    if (store_issued(s, &j->row, e) != 0)
        return -1;
    issue_reached(j->i, ISSUE_ISSUED);
    return 0;
}

/* Brings a reserved row back: its order, record and photo as they were reserved. */
static int recall(struct job *j, struct err *e)
{
    struct faults faults = {.count = 0};
    json_t *order = NULL;
    int rc = json_read(&order, slice_of(j->row.order_json), JSON_MAX_BYTES, e);

    if (rc == 0)
        rc = certificate_order_read(&j->order, order, j->a, &faults, e);
    json_decref(order);
    json_decref(j->record);
    j->record = NULL;
    if (rc != 0 || json_read(&j->record, slice_of(j->row.record_json), JSON_MAX_BYTES, e) != 0 ||
        find_parties(j, j->row.template_name, e) != 0)
        return -1;
    buf_init(&j->stored_photo, PHOTO_MAX_BYTES);
    if (store_photo(&j->stored_photo, j->i->store, j->row.photo, e) != 0)
        return -1;
    j->photo = buf_view(&j->stored_photo);
    return 0;
}

/* Carries on where a crash or an outage left the row. */
static int resume(struct job *j, struct err *e)
{
    store_sweep_file(j->i->store, j->row.id);
    if (recall(j, e) != 0 || job_plan_seals(j, e) != 0 || lay_out(j, e) != 0)
        return -1;
    return finish(j, e);
}

static bool applied(const json_t *seals, const char *role)
{
    size_t index;
    json_t *name;

    json_array_foreach(seals, index, name)
    {
        if (json_is_string(name) && strcmp(json_string_value(name), role) == 0)
            return true;
    }
    return false;
}

/* Which seals an issued row bears: by the row, not by what the offices have today. */
static int report_stored_seals(struct issue_answer *out, struct job *j, struct err *e)
{
    const struct organisation *offices[] = {j->has_committee ? &j->committee : NULL, &j->issuer};
    static const char *const roles[] = {"committee", "issuer"};
    json_t *seals;

    if (json_read(&seals, slice_of(j->row.seals_json), JSON_MAX_BYTES, e) != 0)
        return -1;
    for (size_t k = 0; k < 2; k++) {
        if (offices[k] != NULL)
            out->seals[out->seal_count++] =
                (struct issued_seal){roles[k], offices[k]->name, applied(seals, roles[k])};
    }
    if (applied(seals, "service"))
        out->seals[out->seal_count++] = (struct issued_seal){"service", "", true};
    json_decref(seals);
    return 0;
}

static int answer(struct issue_answer *out, struct job *j, struct err *e)
{
    char name[64];

    store_file_name(name, j->row.id);
    out->id = arena_text(j->a, j->row.id);
    out->certificate_no = j->row.number;
    out->verify_url = arena_printf(j->a, "%s/v/%s", j->i->config.public_url, j->row.token);
    out->file = arena_text(j->a, name);
    out->pdf = buf_view(&j->slot->pdf);
    out->test = j->plan.test || j->i->config.demo;
    return out->id != NULL && out->verify_url != NULL && out->file != NULL ? 0 : err_no_memory(e);
}

int job_answer(struct issue_answer *out, struct job *j, struct err *e)
{
    memcpy(out->seals, j->plan.report, sizeof out->seals);
    out->seal_count = j->plan.report_count;
    return answer(out, j, e);
}

static int answer_stored(struct issue_answer *out, struct job *j, struct err *e)
{
    out->repeated = true;
    buf_reset(&j->slot->pdf);
    if (report_stored_seals(out, j, e) != 0 || store_file(&j->slot->pdf, j->i->store, &j->row, e) != 0)
        return -1;
    return answer(out, j, e);
}

/* The order came before: its first answer, or its unfinished row carried on. */
static int repeat(struct issue_answer *out, struct job *j, const struct certificate_row *earlier,
                  struct err *e)
{
    bool taken;
    int rc;

    if (memcmp(earlier->content_hash, j->row.content_hash, SHA256_SIZE) != 0) {
        err_set(e, ERR_CONFLICT,
                "biz_no \"%s\" was used before with another content (certificate %s); a new order needs a "
                "new biz_no.",
                "业务编号 “%s” 已用于内容不同的申请（证书 %s），新的申请请使用新的业务编号。",
                j->order.biz_no, earlier->number);
        return err_field(e, "/biz_no");
    }
    if (lock_take(&taken, j->i->lock, earlier->id, true, e) != 0)
        return -1;
    rc = store_certificate(&j->row, j->i->store, earlier->id, j->a, e);
    if (rc == 0 && j->row.state == CERTIFICATE_ISSUED) {
        rc = answer_stored(out, j, e);
    } else if (rc == 0) {
        rc = resume(j, e);
        if (rc == 0)
            rc = job_answer(out, j, e);
    }
    lock_release(j->i->lock, earlier->id);
    return rc;
}

/* A certificate that nobody has ordered before. *lost: somebody just did. */
static int issue_new(struct issue_answer *out, struct job *j, bool *lost, struct err *e)
{
    if (job_identify(j, NULL, e) != 0 || reserve(j, lost, e) != 0)
        return -1;
    if (*lost) {
        lock_release(j->i->lock, j->row.id);
        j->locked = false;
        return 0;
    }
    return finish(j, e) == 0 ? job_answer(out, j, e) : -1;
}

/* Everything about the order itself; nothing is written. */
int job_check(struct job *j, const struct issue_request *r, struct faults *faults, struct err *e)
{
    struct err photo;

    if (check_photo(j, r, &photo) != 0)
        faults_add(faults, &photo);
    if (certificate_order_read(&j->order, r->order, j->a, faults, e) != 0)
        return -1;
    if (find_parties(j, r->template_name, e) != 0)
        return -1;
    return hash_content(j, r, e);
}

void job_begin(struct job *j, struct issuer *i, size_t slot, int64_t now)
{
    *j = (struct job){.i = i, .slot = &i->slots[slot], .now = now, .row = {.created = now}};
    j->a = &j->slot->arena;
    arena_reset(j->a);
}

void job_end(struct job *j)
{
    if (j->locked)
        lock_release(j->i->lock, j->row.id);
    j->locked = false;
    json_decref(j->record);
    j->record = NULL;
    buf_dispose(&j->stored_photo);
}

int issue_in_slot(struct issue_answer *out, struct issuer *i, size_t slot, const struct issue_request *r,
                  struct faults *faults, struct err *e)
{
    struct certificate_row earlier;
    bool found, lost = false;
    struct job j;
    int rc = -1;

    *out = (struct issue_answer){.id = NULL};
    job_begin(&j, i, slot, r->now);
    if (job_check(&j, r, faults, e) != 0 || job_find_earlier(&earlier, &found, &j, e) != 0)
        goto out;
    if (!found) {
        if (job_plan_seals(&j, e) != 0)
            goto out;
        issue_reached(i, ISSUE_CHECKED);
        rc = issue_new(out, &j, &lost, e);
        if (rc != 0 || !lost)
            goto out;
        rc = job_find_earlier(&earlier, &found, &j, e);
        if (rc != 0 || !found)
            goto out;
    }
    rc = repeat(out, &j, &earlier, e);
out:
    if (rc != 0 && faults->count == 0)
        faults_add(faults, e);
    job_end(&j);
    return rc;
}

int issue_certificate(struct issue_answer *out, struct issuer *i, const struct issue_request *r,
                      struct faults *faults, struct err *e)
{
    seal_rack_next_round(i->rack);
    return issue_in_slot(out, i, 0, r, faults, e);
}

static int resume_row(struct issuer *i, const char *id, int64_t now, size_t *count, struct err *e)
{
    struct job j;
    bool taken;
    int rc;

    seal_rack_next_round(i->rack);
    if (lock_take(&taken, i->lock, id, false, e) != 0)
        return -1;
    if (!taken)
        return 0; /* another process is at it */
    job_begin(&j, i, 0, now);
    rc = store_certificate(&j.row, i->store, id, j.a, e);
    if (rc == 0 && j.row.state == CERTIFICATE_RESERVED) {
        rc = resume(&j, e);
        *count += rc == 0;
    }
    job_end(&j);
    lock_release(i->lock, id);
    return rc;
}

int issue_resume_all(struct issuer *i, int64_t now, size_t *count, struct err *e)
{
    char id[CERTIFICATE_ID_SIZE] = "";
    struct err why;
    int rc = 0;

    *count = 0;
    for (;;) {
        if (store_next_unfinished(id, i->store, id, &why) != 0) {
            if (why.code == ERR_NOT_FOUND)
                return rc;
            *e = why;
            return -1;
        }
        if (resume_row(i, id, now, count, &why) != 0 && rc == 0) {
            *e = why;
            rc = -1;
        }
    }
}
