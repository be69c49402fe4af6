/* allot.c - numbers for the rows of a list, in their order, in one transaction of the caller's. */
#include "issue/issue_internal.h"
#include <stdlib.h>
#include <string.h>

/* Series times levels of one filing; more than a list has. */
enum { COUNTERS_MAX = 512 };

struct counter {
    char name[NUMBER_MAX + 1];
    uint64_t last, first; /* serial given; what the store said */
};

struct allotment {
    struct issuer *i;
    struct arena a;
    struct profile profile;
    struct counter counters[COUNTERS_MAX];
    size_t count;
};

int issue_allot_begin(struct allotment **out, struct issuer *i, const char *profile, struct err *e)
{
    struct allotment *a = calloc(1, sizeof *a);

    *out = NULL;
    if (a == NULL) {
        (void)err_no_memory(e);
        return -1;
    }
    a->i = i;
    if (store_profile(&a->profile, i->store, profile, &a->a, e) != 0) {
        issue_allot_drop(a);
        return -1;
    }
    *out = a;
    return 0;
}

static int find_counter(struct counter **out, struct allotment *a, const struct number_parts *parts,
                        struct err *e)
{
    char name[NUMBER_MAX + 1];
    struct counter *c = NULL;

    if (number_counter(name, a->profile.number_pattern, parts, e) != 0)
        return -1;
    for (size_t k = 0; k < a->count; k++) {
        if (strcmp(a->counters[k].name, name) == 0) {
            *out = &a->counters[k];
            return 0;
        }
    }
    if (a->count == COUNTERS_MAX)
        return err_set(e, ERR_TOO_LARGE, "The list has more than %d kinds of numbers; divide it.",
                       "名单中的编号类别超过 %d 种，请分成几个备案。", COUNTERS_MAX);
    c = &a->counters[a->count];
    if (store_last_serial(&c->first, a->i->store, name, e) != 0)
        return -1;
    c->last = c->first;
    (void)snprintf(c->name, sizeof c->name, "%s", name);
    a->count++;
    *out = c;
    return 0;
}

int issue_allot_next(char number[NUMBER_BYTES + 1], struct allotment *a, const struct allot_parts *p,
                     struct err *e)
{
    struct number_parts parts = {.prefix = "",
                                 .province = a->profile.province,
                                 .region = p->region != NULL ? p->region : a->profile.region,
                                 .series = p->series_code,
                                 .level = number_level_code(p->level),
                                 .year = p->year};
    struct counter *c = NULL;
    bool taken = true;

    if (find_counter(&c, a, &parts, e) != 0)
        return -1;
    /* numbers that others brought along are stepped over */
    while (taken) {
        if (number_make(number, a->profile.number_pattern, &parts, ++c->last, e) != 0 ||
            store_number_taken(&taken, a->i->store, NULL, number, e) != 0)
            return -1;
    }
    return 0;
}

int issue_allot_end(struct allotment *a, struct err *e)
{
    int rc = issuer_check_open(a->i, e);

    for (size_t k = 0; k < a->count && rc == 0; k++) {
        const struct counter *c = &a->counters[k];

        if (c->last == c->first)
            continue;
        /* the signer's log first, as for any number */
        rc = issuer_note_serial(a->i, c->name, c->last, e);
        if (rc == 0)
            rc = store_set_serial(a->i->store, a->profile.issuer, c->name, c->last, e);
    }
    issue_allot_drop(a);
    return rc;
}

void issue_allot_drop(struct allotment *a)
{
    if (a == NULL)
        return;
    arena_dispose(&a->a);
    free(a);
}

static int allot_one(char number[NUMBER_BYTES + 1], struct allotment *a, const struct certificate_order *o,
                     struct err *e)
{
    const struct allot_parts parts = {o->series_code, o->level, o->region, o->year};

    return issue_allot_next(number, a, &parts, e);
}

int issue_allot(char number[NUMBER_BYTES + 1], struct issuer *i, const struct issue_request *r, struct err *e)
{
    struct certificate_order order;
    struct allotment *allotment;
    struct faults faults = {.count = 0};
    struct arena a = ARENA_INIT;
    int rc = certificate_order_read(&order, r->order, &a, &faults, e);

    if (rc == 0)
        rc = issue_allot_begin(&allotment, i, order.profile, e);
    if (rc == 0) {
        rc = allot_one(number, allotment, &order, e);
        if (rc == 0)
            rc = issue_allot_end(allotment, e);
        else
            issue_allot_drop(allotment);
    }
    arena_dispose(&a);
    return rc;
}
