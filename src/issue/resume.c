/* resume.c - rows that a crash or an outage left unfinished, carried on from what the row itself says. */
#include "image/photo.h"
#include "issue/issue_internal.h"
#include "issue/lock.h"
#include <stdlib.h>
#include <string.h>

int job_recall_record(struct job *j, struct err *e)
{
    json_decref(j->record);
    j->record = NULL;
    return json_read(&j->record, slice_of(j->row.record_json), JSON_MAX_BYTES, e);
}

int job_recorded_office(const char **name, struct job *j, const char *role, struct err *e)
{
    const char *printed = json_text(json_object_get(j->record, role), "name");
    char *plain, *at;

    *name = NULL;
    if (printed == NULL)
        return 0;
    plain = at = arena_text(j->a, printed);
    if (plain == NULL)
        return err_no_memory(e);
    for (; *printed != '\0'; printed++) {
        if (*printed != '|') /* where a line may break */
            *at++ = *printed;
    }
    *at = '\0';
    *name = plain;
    return 0;
}

/* The office in that role: its name as recorded, its seal as it is today. */
static int recall_office(struct organisation *out, struct job *j, const char *role, const char *id,
                         struct err *e)
{
    const char *name;

    if (store_organisation(out, j->i->store, id, j->a, e) != 0 || job_recorded_office(&name, j, role, e) != 0)
        return -1;
    if (name != NULL)
        out->name = name;
    return 0;
}

/* Whose number it is and who seals it. The profile may have another committee by now. */
static int recall_parties(struct job *j, struct err *e)
{
    const json_t *committee = json_object_get(j->record, "committee");
    const char *id = json_text(committee, "id");

    j->has_committee = committee != NULL;
    j->profile = (struct profile){.id = j->row.profile, .issuer = j->row.issuer};
    if (j->has_committee && id == NULL) { /* rows of older versions do not name it */
        if (store_profile(&j->profile, j->i->store, j->row.profile, j->a, e) != 0)
            return -1;
        id = j->profile.committee;
        j->has_committee = id != NULL;
    }
    if (recall_office(&j->issuer, j, "issuer", j->row.issuer, e) != 0)
        return -1;
    return j->has_committee ? recall_office(&j->committee, j, "committee", id, e) : 0;
}

static int recall_template(struct job *j, struct err *e)
{
    if (press_template(&j->template, j->i->press, j->row.template_name, e) == 0)
        return 0;
    return err_set(
        e, ERR_UNAVAILABLE,
        "Certificate %s was begun with the template \"%s\", which is not installed any more; install "
        "it again, and the certificate is finished with its number.",
        "证书 %s 是用模板 “%s” 办理的，该模板已不存在；请重新安装该模板，证书将沿用原编号办结。",
        j->row.number, j->row.template_name);
}

/* Brings a reserved row back from what was written when it was reserved: rules for orders that were made
 * stricter since then never leave a number without its certificate. */
static int recall(struct job *j, struct err *e)
{
    if (job_recall_record(j, e) != 0 || recall_parties(j, e) != 0 || recall_template(j, e) != 0)
        return -1;
    buf_dispose(&j->stored_photo);
    buf_init(&j->stored_photo, PHOTO_MAX_BYTES);
    if (store_photo(&j->stored_photo, j->i->store, j->row.photo, e) != 0)
        return -1;
    j->photo = buf_view(&j->stored_photo);
    return 0;
}

int job_resume(struct job *j, struct err *e)
{
    store_sweep_file(j->i->store, j->row.id);
    if (issuer_check_open(j->i, e) != 0)
        return -1;
    if (recall(j, e) != 0 || job_plan_seals(j, e) != 0 || job_lay_out(j, e) != 0)
        return -1;
    return job_finish(j, e);
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
        rc = job_resume(&j, e);
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
            if (why.detail[0] == '\0')
                (void)err_detail(&why, "certificate %s", id);
            *e = why;
            rc = -1;
        }
    }
}
