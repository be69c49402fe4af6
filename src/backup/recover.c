/* recover.c - a restored directory is made safe to go on: every counter above what may be out. */
#include "backup/recover_internal.h"
#include "sign/signer_log.h"
#include <stdlib.h>
#include <string.h>

enum { COUNTERS_MAX = 65536 };

static int add_counter(struct recovery *r, const char *text, uint64_t last, struct err *e)
{
    struct counter *more;

    for (size_t i = 0; i < r->counter_count; i++) {
        struct counter *c = &r->counters[i];

        if (strcmp(c->text, text) == 0) {
            c->last = c->last < last ? last : c->last;
            return 0;
        }
    }
    if (strlen(text) > NUMBER_MAX || r->counter_count == COUNTERS_MAX)
        return err_set(e, ERR_INVALID, "The signer's log names a counter that cannot be: %.80s",
                       "签章日志中的编号流水无效：%.80s", text);
    if (r->counter_count == r->counter_room) {
        r->counter_room = r->counter_room == 0 ? 64 : 2 * r->counter_room;
        more = realloc(r->counters, r->counter_room * sizeof *more);
        if (more == NULL)
            return err_no_memory(e);
        r->counters = more;
    }
    (void)snprintf(r->counters[r->counter_count].text, sizeof r->counters[0].text, "%s", text);
    r->counters[r->counter_count++].last = last;
    return 0;
}

static int visit_use(void *arg, const struct signer_log_use *use, struct err *e)
{
    struct recovery *r = arg;
    struct certificate_row row;
    struct arena a = ARENA_INIT;
    int rc = 0;

    if (use->counter != NULL)
        return add_counter(r, use->counter, (uint64_t)use->serial, e);
    (void)snprintf(r->last_use, sizeof r->last_use, "%s", use->journal);
    if (store_certificate(&row, r->store, use->journal, &a, e) != 0) {
        rc = e->code == ERR_NOT_FOUND ? 0 : -1;
        r->report->signed_unknown += rc == 0;
    }
    arena_dispose(&a);
    return rc;
}

static int read_log(struct recovery *r, struct err *e)
{
    if (signer_log_visit(r->data_dir, visit_use, r, e) == 0) {
        r->report->log_read = true;
        return 0;
    }
    return e->code == ERR_NOT_FOUND ? 0 : -1; /* nothing was ever sealed here */
}

static int known_counter(void *arg, const char *counter, uint64_t last, struct err *e)
{
    return add_counter(arg, counter, last, e);
}

/* The serial of a number under this counter, 0 where it is of another one. */
static uint64_t serial_under(const char *counter, const char *number)
{
    const char *mark = strchr(counter, '#');
    size_t head = mark == NULL ? 0 : (size_t)(mark - counter), tail = mark == NULL ? 0 : strlen(mark + 1);
    size_t len = strlen(number);
    char digits[24];

    if (mark == NULL || len <= head + tail || len - head - tail >= sizeof digits ||
        strncmp(number, counter, head) != 0 || strcmp(number + len - tail, mark + 1) != 0)
        return 0;
    memcpy(digits, number + head, len - head - tail);
    digits[len - head - tail] = '\0';
    return digits[strspn(digits, "0123456789")] == '\0' ? strtoull(digits, NULL, 10) : 0;
}

void recovery_raise(struct recovery *r, const char *number)
{
    for (size_t i = 0; i < r->counter_count; i++) {
        uint64_t serial = serial_under(r->counters[i].text, number);

        if (serial > r->counters[i].last)
            r->counters[i].last = serial;
    }
}

static int raise_counters(struct recovery *r, uint64_t margin, struct err *e)
{
    for (size_t i = 0; i < r->counter_count; i++) {
        /* each signature that no row tells of had a number of some counter: of any, for all that is known */
        uint64_t wanted = r->counters[i].last + margin + r->report->signed_unknown, now;

        if (store_last_serial(&now, r->store, r->counters[i].text, e) != 0)
            return -1;
        if (wanted <= now || r->profile_count == 0)
            continue;
        if (store_set_serial(r->store, r->profiles[0].issuer, r->counters[i].text, wanted, e) != 0)
            return -1;
        r->report->counters++;
    }
    return 0;
}

static int open_parts(struct recovery *r, struct err *e)
{
    char trust[PATH_MAX];

    return backup_path(trust, r->data_dir, "trust", e) != 0 ||
                   store_open(&r->store, r->data_dir, false, e) != 0 ||
                   trust_load(&r->trust, trust, e) != 0 ||
                   store_list_profiles(&r->profiles, &r->profile_count, r->store, NULL, &r->a, e) != 0
               ? -1
               : 0;
}

int backup_recover(struct recover_report *out, const char *data_dir, uint64_t margin, int64_t now,
                   struct err *e)
{
    struct recovery r = {.data_dir = data_dir, .report = out, .now = now, .a = ARENA_INIT};
    int rc = -1;

    *out = (struct recover_report){.log_read = false};
    if (open_parts(&r, e) != 0 || store_visit_counters(r.store, known_counter, &r, e) != 0 ||
        read_log(&r, e) != 0 || store_begin(r.store, e) != 0)
        goto out;
    if (store_open_issuing(r.store, e) == 0 && recovery_look_at_files(&r, e) == 0 &&
        (r.last_use[0] == '\0' || store_put_setting(r.store, RECOVERED_LOG, r.last_use, e) == 0) &&
        raise_counters(&r, margin, e) == 0)
        rc = store_commit(r.store, e);
    if (rc != 0)
        store_rollback(r.store);
out:
    store_close(r.store);
    trust_free(r.trust);
    free(r.counters);
    arena_dispose(&r.a);
    return rc;
}
