/* filing.h - an approval filing (批复备案) and a person, as they come in as JSON. */
#pragma once
#include "base/arena.h"
#include "records/faults.h"
#include <jansson.h>

/* {"name": ..., "approval_no": ..., "year": 2025, "type": "评审|认定|考试|确认", "profile": ... or "issuer"
 * and "committee" (ids, or full names), "organiser": for keys of all organisations, "issue_date": ...} */
struct filing_order {
    const char *name, *approval_no, *type, *profile, *issuer, *committee, *organiser, *issue_date;
    int year;
};
MUST_CHECK int filing_order_read(struct filing_order *out, const json_t *json, struct arena *a,
                                 struct faults *faults, struct err *e);

/* {"name", "id_type", "id_number", "gender", "birth_date", "mobile", "photo_id", "organisation"} */
struct person_order {
    const char *name, *id_type, *id_number, *gender, *birth_date, *mobile, *photo_id, *organisation;
};
MUST_CHECK int person_order_read(struct person_order *out, const json_t *json, struct arena *a,
                                 struct faults *faults, struct err *e);
