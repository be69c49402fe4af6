/* answer.c - what an order is told in the end. */
#include "issue/issue_internal.h"
#include <string.h>

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
    static const char *const roles[] = {"committee", "issuer"};
    json_t *seals;

    if (json_read(&seals, slice_of(j->row.seals_json), JSON_MAX_BYTES, e) != 0)
        return -1;
    for (size_t k = 0; k < 2; k++) {
        const char *office;

        if (job_recorded_office(&office, j, roles[k], e) != 0) {
            json_decref(seals);
            return -1;
        }
        if (office != NULL)
            out->seals[out->seal_count++] = (struct issued_seal){roles[k], office, applied(seals, roles[k])};
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
    out->token = arena_text(j->a, j->row.token);
    out->certificate_no = j->row.number;
    out->verify_url = arena_printf(j->a, "%s/v/%s", j->i->config.public_url, j->row.token);
    out->file = arena_text(j->a, name);
    out->pdf = buf_view(&j->slot->pdf);
    /* of one that was issued before, the record knows; its offices may have other seals today */
    out->test = j->plan.test || j->i->config.demo || json_is_true(json_object_get(j->record, "test"));
    return out->id != NULL && out->token != NULL && out->verify_url != NULL && out->file != NULL
               ? 0
               : err_no_memory(e);
}

int job_answer(struct issue_answer *out, struct job *j, struct err *e)
{
    memcpy(out->seals, j->plan.report, sizeof out->seals);
    out->seal_count = j->plan.report_count;
    return answer(out, j, e);
}

int job_answer_stored(struct issue_answer *out, struct job *j, struct err *e)
{
    out->repeated = true;
    buf_reset(&j->slot->pdf);
    if (job_recall_record(j, e) != 0 || report_stored_seals(out, j, e) != 0 ||
        store_file(&j->slot->pdf, j->i->store, &j->row, e) != 0)
        return -1;
    return answer(out, j, e);
}
