/* progress.c - how far a filing is, and how long it will take. */
#include "filing/filing.h"

enum { WINDOW_SECONDS = 10 };

/* Why nothing of this filing is made although entries wait. */
static int find_halt(struct filing_progress *out, struct store *s, const struct filing_row *f, int64_t now,
                     struct arena *a, struct err *e)
{
    const char *why;

    if (store_issuing_closed(&why, s, a, e) != 0)
        return -1;
    if (why != NULL) {
        out->halt_en = arena_printf(a, "Issuing is closed: %s.", why);
        out->halt_zh = arena_printf(a, "目前暂停制发证书：%s。", why);
    } else if (f->hold_until > 0 && f->hold_until + 60 > now) { /* it is looked at again every few seconds */
        out->halt_en = f->hold_en;
        out->halt_zh = f->hold_zh;
    }
    return 0;
}

int filing_progress(struct filing_progress *out, struct store *s, const struct filing_row *f, int64_t now,
                    struct arena *a, struct err *e)
{
    uint64_t lately = 0;
    int64_t since = 0;

    *out = (struct filing_progress){.remaining_s = -1, .paused = f->paused};
    if (store_count_entries(out->counts, s, f->id, e) != 0)
        return -1;
    for (int k = 0; k < ENTRY_STATES; k++)
        out->total += k == ENTRY_REMOVED ? 0 : out->counts[k];
    out->to_make = out->counts[ENTRY_QUEUED] + out->counts[ENTRY_WORKING];
    if (out->to_make == 0)
        return 0;
    if (store_made_lately(&lately, &since, s, f->id, now, WINDOW_SECONDS, e) != 0 ||
        store_queue_ahead(&out->ahead, s, f->id, e) != 0 || find_halt(out, s, f, now, a, e) != 0)
        return -1;
    if (lately > 0) /* of one that has just begun, since it has */
        out->rate = (double)lately / (double)(now - since + 1);
    if (lately > 0 && !out->paused)
        out->remaining_s = (int64_t)((double)out->to_make / out->rate + 0.5);
    return 0;
}
