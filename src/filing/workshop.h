/* workshop.h - the threads that do what waits in the store: check and number filings, read archives of
 * photos, make certificates; for the service and for the command line alike.
 *
 * Every piece of work is leased, in the store, with a fencing token; who dies leaves it to the next one. An
 * outage (disk, signer, database) stops the making and is told, counts as nobody's failure, and is tried
 * again every few seconds; a fault of one entry is that entry's: tried again after 5, 30, 120 and 600
 * seconds, then left to a person. */
#pragma once
#include "base/helper.h"
#include "filing/filing.h"

struct workshop;

struct workshop_order {
    const char *data_dir;
    struct press **presses; /* one a thread; borrowed */
    size_t threads;
    struct helper **helpers; /* one a thread, or NULL: photos are opened by photo_crop() itself */
    /* How a helper opens a picture: helpers[thread] is its arg. NULL with helpers NULL. */
    photo_opener *open_photo;
    /* The signer of a running service is connected when it is needed. */
    bool once; /* ends its threads when nothing is left that could be done now */
};
MUST_CHECK int workshop_start(struct workshop **out, const struct workshop_order *o, struct err *e);
/* Something was put into the store: look now rather than in a second. Thread-safe; NULL is fine. */
void workshop_wake(struct workshop *w);
/* Ends what is at work (at most one batch a thread), gives the leases back, stops. NULL is fine. */
void workshop_stop(struct workshop *w);
/* once: waits until the threads have ended. false when it takes longer than so many milliseconds. */
bool workshop_wait(struct workshop *w, int ms);
/* Why nothing is being made, or ERR_NONE. Thread-safe. */
void workshop_halt(struct err *out, struct workshop *w);

/* Steps that tests try one by one: what one thread does, once; *did says whether there was anything. */
struct workbench;
MUST_CHECK int workbench_open(struct workbench **out, const char *data_dir, struct press *press,
                              struct helper *helper, photo_opener *open_photo, const char *name,
                              struct err *e);
void workbench_close(struct workbench *b);
MUST_CHECK int workbench_step(struct workbench *b, bool *did, struct err *e);
