/* status.c - what becomes of a certificate after it was issued, and the events that tell of it. */
#include "store/store_internal.h"
#include <string.h>

/* The name in the database, and the event that brings a certificate there. */
static const struct {
    const char *name, *event, *en, *zh;
} statuses[] = {
    [STATUS_VALID] = {"valid", "reinstated", "valid", "有效"},
    [STATUS_SUSPENDED] = {"suspended", "suspended", "suspended", "冻结"},
    [STATUS_REVOKED] = {"revoked", "revoked", "revoked", "撤销"},
    [STATUS_CANCELLED] = {"cancelled", "cancelled", "cancelled", "注销"},
    [STATUS_REPLACED] = {"replaced", "replaced", "replaced", "已换发"},
};
enum { STATUSES = sizeof statuses / sizeof statuses[0] };

const char *certificate_status_name(enum certificate_status s)
{
    return statuses[s].name;
}

bool certificate_status_parse(enum certificate_status *out, const char *name)
{
    for (int i = 0; i < STATUSES; i++) {
        if (strcmp(statuses[i].name, name) == 0) {
            *out = (enum certificate_status)i;
            return true;
        }
    }
    return false;
}

int store_add_event(struct store *s, const struct certificate_event *ev, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ADD_EVENT, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, ev->certificate);
    sql_number(q, 2, ev->moment);
    sql_text(q, 3, ev->event);
    sql_text(q, 4, ev->actor == NULL ? "service" : ev->actor);
    sql_text(q, 5, ev->reason);
    sql_text(q, 6, ev->document);
    return sql_run(s, q, e);
}

static void take_event(void *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    *(struct certificate_event *)out = (struct certificate_event){
        .moment = sqlite3_column_int64(q, 0),
        .certificate = sql_column_text(q, 1, a, fine),
        .event = sql_column_text(q, 2, a, fine),
        .actor = sql_column_text(q, 3, a, fine),
        .reason = sql_column_text(q, 4, a, fine),
        .document = sql_column_text(q, 5, a, fine),
    };
}

int store_list_events(struct certificate_event **out, size_t *count, struct store *s, const char *id,
                      struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_EVENTS, e);
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    *out = sql_list(count, &rc, s, q, sizeof(struct certificate_event), take_event, a, e);
    return rc;
}

int certificate_standing(bool *issued, enum certificate_status *status, struct store *s, const char *id,
                         struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_STATUS, e);
    const char *state, *name;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    if (!sql_row(s, q, &rc, e))
        return rc;
    state = (const char *)sqlite3_column_text(q, 0);
    name = (const char *)sqlite3_column_text(q, 1);
    *issued = state != NULL && strcmp(state, "issued") == 0;
    if (name == NULL || !certificate_status_parse(status, name))
        rc = err_no_memory(e); /* the CHECK of the column leaves nothing else */
    sql_done(q);
    return rc;
}

int certificate_set_status(struct store *s, const char *id, enum certificate_status to, const char *as,
                           const struct certificate_event *ev, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_SET_STATUS, e);
    struct certificate_event told = *ev;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    sql_text(q, 2, statuses[to].name);
    sql_number(q, 3, ev->moment);
    sql_text(q, 4, ev->reason);
    sql_text(q, 5, ev->document);
    if (sql_run(s, q, e) != 0)
        return -1;
    told.certificate = id;
    told.event = as != NULL ? as : statuses[to].event;
    return store_add_event(s, &told, e);
}

/* From valid to any; from suspended back, or to the two ends; everything else is final. */
static int check_change(bool issued, enum certificate_status from, enum certificate_status to, struct err *e)
{
    if (!issued)
        return err_set(e, ERR_CONFLICT, "The certificate is not issued yet, so its status cannot change.",
                       "证书尚未签发，不能变更状态。");
    if (from == to)
        return err_set(e, ERR_CONFLICT, "The certificate is %1$s (%2$s) already.",
                       "证书已是“%2$s”（%1$s）状态。", statuses[to].en, statuses[to].zh);
    if (from == STATUS_VALID || (from == STATUS_SUSPENDED && to != STATUS_REPLACED))
        return 0;
    if (from == STATUS_SUSPENDED)
        return err_set(e, ERR_CONFLICT, "The certificate is suspended; reinstate it before it is replaced.",
                       "证书已冻结，请先解除冻结再补换发。");
    return err_set(e, ERR_CONFLICT, "The certificate is %1$s (%2$s), and that is final.",
                   "证书已是“%2$s”（%1$s）状态，不能再变更。", statuses[from].en, statuses[from].zh);
}

int store_change_status(struct store *s, const char *id, enum certificate_status to,
                        const struct certificate_event *ev, struct err *e)
{
    enum certificate_status from = STATUS_VALID;
    bool own, issued = false;
    int rc = -1;

    if (store_enter(s, &own, e) != 0)
        return -1;
    if (certificate_standing(&issued, &from, s, id, e) == 0 && check_change(issued, from, to, e) == 0)
        rc = certificate_set_status(s, id, to, NULL, ev, e);
    return store_leave(s, own, rc, e);
}

int store_count(struct store_counts *out, struct store *s, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_COUNTS, e);
    int rc;

    *out = (struct store_counts){0};
    if (q == NULL)
        return -1;
    if (!sql_row(s, q, &rc, e))
        return rc;
    out->issued = (uint64_t)sqlite3_column_int64(q, 0);
    out->reserved = (uint64_t)sqlite3_column_int64(q, 1);
    out->file_faults = (uint64_t)sqlite3_column_int64(q, 2);
    sql_done(q);
    return 0;
}
