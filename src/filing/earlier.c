/* earlier.c - whether somebody holds the title already: filed once more by mistake, they would hold two
 * papers for it. */
#include "base/json.h"
#include "filing/import_internal.h"
#include <string.h>

enum { EARLIER_MAX = 16 };

static bool same_title(const struct certificate_row *row, const struct entry *entry)
{
    json_t *record = NULL;
    struct err unasked;
    const char *title, *specialty;
    bool same;

    if (json_read(&record, slice_of(row->record_json), JSON_MAX_BYTES, &unasked) != 0)
        return false;
    title = json_text(record, "title");
    specialty = json_text(record, "specialty");
    same = title != NULL && strcmp(title, entry->title) == 0 && specialty != NULL &&
           strcmp(specialty, entry->specialty) == 0;
    json_decref(record);
    return same;
}

int earlier_certificate(const char **number, struct store *s, const char *issuer, const struct entry *entry,
                        struct arena *a, struct err *e)
{
    static const enum certificate_status valid = STATUS_VALID;
    struct certificate_filter filter = {.id_number = entry->id_number, .status = &valid};
    struct certificate_row rows[EARLIER_MAX];
    size_t count;

    *number = NULL;
    if (store_list_certificates(rows, EARLIER_MAX, &count, s, &filter, a, e) != 0)
        return -1;
    for (size_t i = 0; i < count && *number == NULL; i++) {
        if (strcmp(rows[i].issuer, issuer) == 0 && same_title(&rows[i], entry))
            *number = rows[i].number;
    }
    return 0;
}
