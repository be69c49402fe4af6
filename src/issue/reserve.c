/* reserve.c - a number and a row for an order that passed every check. */
#include "issue/issue_internal.h"
#include "issue/lock.h"
#include <stdlib.h>
#include <string.h>

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

struct number_parts job_number_parts(const struct job *j)
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
    struct number_parts parts = job_number_parts(j);
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
    err_set(e, ERR_CONFLICT,
            "This issuer has a certificate with this number already; check the number, or leave "
            "certificate_no out to have "
            "the next free one given.",
            "该发证机关已有此编号的证书，请核对编号，或不填 certificate_no，由系统编号。");
    return err_field(e, "/certificate_no");
}

int job_make_record(struct job *j, const char *number, struct err *e)
{
    char license[LICENSE_ID_MAX + 1];
    struct certificate_facts facts = {.number = number,
                                      .issuer = &j->issuer,
                                      .committee = j->has_committee ? &j->committee : NULL,
                                      .host = j->i->config.host};

    if (j->profile.license_type != NULL) {
        if (license_id_make(license, j->profile.license_type, j->issuer.uscc, number,
                            j->row.version > 1 ? j->row.version : 1, e) != 0)
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

int job_prepare_number(struct job *j, char counter[NUMBER_MAX + 1], uint64_t *serial, struct err *e)
{
    char number[NUMBER_BYTES + 1];

    counter[0] = '\0';
    *serial = 0;
    if (j->fixed_number != NULL)
        (void)snprintf(number, sizeof number, "%s", j->fixed_number); /* it is this row's already */
    else if (j->order.certificate_no != NULL ? given_number(number, j, e) != 0
                                             : choose_number(number, counter, serial, j, e) != 0)
        return -1;
    if (j->row.number != NULL && strcmp(j->row.number, number) == 0)
        return 0; /* laid out with this very number */
    if (job_make_record(j, number, e) != 0)
        return -1;
    return job_lay_out(j, e);
}

/* The signer's log first: a database that is restored later must know better than to give the serial again.
 */
static int raise_counter(struct job *j, const char *counter, uint64_t serial, struct err *e)
{
    if (serial == 0) /* the number was given */
        return 0;
    return issuer_note_serial(j->i, counter, serial, e) != 0
               ? -1
               : store_set_serial(j->i->store, j->row.issuer, counter, serial, e);
}

static int reserve_row(struct job *j, struct err *e)
{
    const struct entry_claim *claim = j->request->claim;

    return claim != NULL ? store_reserve_entry(j->i->store, &j->row, claim->fence, e)
                         : store_reserve(j->i->store, &j->row, e);
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
    row->actor = j->request->actor != NULL ? j->request->actor : "command line";
    row->reason = j->request->reason;
    row->template_name = template_name(j->template);
    row->order_json = j->order.canonical;
    row->record_json = record;
    if (record == NULL)
        rc = err_no_memory(e);
    else if (job_hash(row->content_hash, j, row->template_name, e) == 0 &&
             store_put_photo(s, row->photo, j->photo, e) == 0 && reserve_row(j, e) == 0)
        rc = raise_counter(j, counter, serial, e);
    row->record_json = NULL;
    free(record);
    return rc;
}

int job_find_earlier(struct certificate_row *row, bool *found, struct job *j, struct err *e)
{
    int rc = store_certificate_by_biz_no(row, j->i->store, j->profile.organisation, j->order.biz_no, j->a, e);

    *found = rc == 0;
    return rc != 0 && e->code == ERR_NOT_FOUND ? 0 : rc;
}

int job_reserve(struct job *j, bool *lost, struct err *e)
{
    struct store *s = j->i->store;
    char counter[NUMBER_MAX + 1];
    struct certificate_row earlier;
    uint64_t serial;

    *lost = false;
    if (job_prepare_number(j, counter, &serial, e) != 0 || sealing_take_uses(&j->plan, j->i->rack, e) != 0)
        return -1;
    issue_reached(j->i, ISSUE_LAID_OUT);
    if (store_begin(s, e) != 0)
        return -1;
    if (issuer_check_open(j->i, e) != 0 || job_find_earlier(&earlier, lost, j, e) != 0 || *lost ||
        job_check_replaced(j, e) != 0)
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
