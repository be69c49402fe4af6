/* making.c - what one entry needs to become a certificate, and what its failure is called. */
#include "base/clock.h"
#include "base/json.h"
#include "filing/work_internal.h"
#include <string.h>

int making_order(json_t **order, const struct filing_row *f, const struct entry_row *r, const char *biz_no,
                 int64_t moment, struct arena *a, struct err *e)
{
    struct date day = date_in_shanghai(moment);
    struct entry_filing with = {f->profile, f->approval_no, f->issue_date, biz_no, f->year};
    struct entry entry;
    json_t *json;
    int rc;

    *order = NULL;
    if (with.issue_date == NULL)
        with.issue_date = arena_printf(a, "%04d-%02d-%02d", day.year, day.month, day.day);
    if (with.issue_date == NULL)
        return err_no_memory(e);
    if (json_read(&json, slice_of(r->data_json), JSON_MAX_BYTES, e) != 0)
        return -1;
    rc = entry_from_json(&entry, json, a, e);
    if (rc == 0) {
        *order = entry_order(&entry, &with);
        rc = *order == NULL ? err_no_memory(e) : 0;
    }
    json_decref(json);
    return rc;
}

static int no_photo(struct err *e)
{
    err_set(e, ERR_INVALID, "There is no photo; upload one, and the certificate is made.",
            "没有照片，请上传照片，上传后自动制证。");
    return err_field(e, "/photo");
}

int making_photo(struct buf *out, struct store *s, const struct entry_row *r, struct arena *a, struct err *e)
{
    struct upload upload;
    struct err why;

    if (r->photo_id[0] == '\0')
        return no_photo(e);
    if (store_upload(&upload, s, r->photo_id, a, &why) == 0 && store_photo(out, s, upload.photo, &why) == 0)
        return 0;
    if (why.code != ERR_NOT_FOUND && why.code != ERR_INVALID) {
        *e = why;
        return -1;
    }
    err_set(e, ERR_INVALID, "The photo cannot be read (%s%.0s); upload it again.",
            "照片无法读取（%.0s%s），请重新上传。", why.en, why.zh);
    return err_field(e, "/photo");
}

static bool says(const struct err *why, const char *word)
{
    return strstr(why->en, word) != NULL;
}

const char *making_fault_code(const struct err *why)
{
    if (why->code == ERR_FORBIDDEN)
        return says(why, "chain") ? "chain" : "grant";
    if (strncmp(why->field, "/photo", 6) == 0)
        return "photo";
    if (why->code == ERR_INVALID && says(why, "U+"))
        return "glyph";
    if (why->code == ERR_UNAVAILABLE && says(why, "signer"))
        return "signer";
    if (why->code == ERR_UNAVAILABLE && (says(why, "disk") || says(why, "write")))
        return "disk";
    return "other";
}

int64_t making_pause(unsigned attempts)
{
    static const int64_t pauses[] = {5, 30, 120, 600};

    return attempts < sizeof pauses / sizeof pauses[0] ? pauses[attempts] : -1;
}
