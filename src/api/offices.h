/* offices.h - what organisations and profiles have in common behind HTTP. */
#pragma once
#include "api/app.h"

/* What of the offices a caller may see: a key of one organisation sees its profiles and the organisations
 * that these refer to. */
struct view {
    struct organisation *organisations;
    struct profile *profiles;
    size_t organisation_count, profile_count;
};
MUST_CHECK int view_open(struct view *out, const struct request *req, struct store *s, struct err *e);
/* NULL where there is none that the caller may see. */
const struct organisation *view_organisation(const struct view *v, const char *id);
const struct profile *view_profile(const struct view *v, const char *id);

/* Offices are changed with a key for all organisations only. */
MUST_CHECK int office_may_write(const struct request *req, struct err *e);
/* ERR_NOT_FOUND, the same for one that is not there and for one that is not the caller's. */
int office_unknown(const char *en, const char *zh, const char *id, struct err *e);
/* The body; its "id" is the one of the path (params[0]) if that has one. What is wrong goes to faults. */
MUST_CHECK int office_body(json_t **out, const struct request *req, struct faults *faults, struct err *e);
/* A line in the log: who changed what. */
void office_changed(const struct request *req, const char *kind, const char *id);
/* Puts e into faults at this member. */
void office_fault(struct faults *faults, const char *member, const struct err *e);
/* "items": the rows. A new reference, NULL without memory. */
json_t *office_list(json_t *items);

http_handler profiles_list, profile_get, profile_post, profile_put;
