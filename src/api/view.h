/* view.h - what the files that answer have in common: query parameters in, members of an answer out. */
#pragma once
#include "api/visit.h"

/* Members that are NULL or "" are left out; false without memory. */
bool view_text(json_t *object, const char *name, const char *text);
/* 0 is left out. */
bool view_moment(json_t *object, const char *name, int64_t moment);
bool view_number(json_t *object, const char *name, uint64_t value);
bool view_flag(json_t *object, const char *name, bool value);
/* The value's reference is taken; NULL is no memory. */
bool view_value(json_t *object, const char *name, json_t *value);
/* JSON that the store keeps as text; NULL and "" are left out. */
bool view_stored(json_t *object, const char *name, const char *json);

/* A whole number of digits only; *out stays where the parameter is not there. */
MUST_CHECK int query_number(int *out, const struct request *req, const char *name, int least, int most,
                            struct err *e);
/* "true" or "false"; false where it is not there. */
MUST_CHECK int query_flag(bool *out, const struct request *req, const char *name, struct err *e);
/* Not empty, at most 256 bytes; NULL where it is not there. */
MUST_CHECK int query_text(const char **out, const struct request *req, const char *name, struct err *e);
/* A refused parameter, with the reason. */
int query_refuse(struct err *e, const char *name, const char *en, const char *zh);

/* ?limit and ?cursor of a list. names are its filters (NULL ends them): a cursor is good for the same filters
 * and the same organisation only. */
struct page_order {
    int limit;
    const char *filter;    /* the filters as one text */
    int64_t after_created; /* where the page before ended */
    const char *after_id;  /* NULL: the first page */
};
MUST_CHECK int page_order_read(struct page_order *out, const struct request *req, const char *const *names,
                               struct err *e);
/* Where a page of a list ended. */
struct page_end {
    bool more;
    int64_t created;
    const char *id;
};
/* {"items": [...], "next_cursor": ...}; the reference of items is taken. */
MUST_CHECK int respond_page(struct response *res, json_t *items, const struct page_order *order,
                            const struct page_end *end, struct err *e);

/* A problem with further members; the reference of members is taken. Returns 0: the response is made. */
int respond_problem_with(const struct request *req, struct response *res, int status, const char *code,
                         json_t *members, const struct err *e);

/* {"reason": ..., "document": ...} of the body, or nothing where no body was sent. */
struct decision {
    const char *reason, *document; /* or NULL */
};
/* 0; or -1 with the faults, or *e alone. required: the reason must be there. */
MUST_CHECK int decision_read(struct decision *out, const struct request *req, bool required,
                             struct faults *faults, struct err *e);
