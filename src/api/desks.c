/* desks.c - what each thread of the service works with, lane by lane. */
#include "api/desks.h"
#include <stdlib.h>

int desk_signer(struct desk *d, struct err *e)
{
    if (d->signer != NULL || signer_connect(&d->signer, d->app->data_dir, e) == 0)
        return 0;
    d->signer = NULL;
    if (e->code == ERR_NOT_FOUND) /* here it is an outage, not a wrong question */
        e->code = ERR_UNAVAILABLE;
    return -1;
}

int desk_issuer(struct desk *d, struct err *e)
{
    if (d->issuer != NULL)
        return 0;
    if (desk_signer(d, e) != 0)
        return -1;
    if (issuer_open(&d->issuer, d->app->data_dir, d->press, d->signer, e) != 0) {
        d->issuer = NULL;
        return -1;
    }
    d->store = issuer_store(d->issuer);
    return 0;
}

void desk_close(void *app, void *thread)
{
    struct desk *d = thread;

    (void)app;
    if (d == NULL)
        return;
    issuer_close(d->issuer);
    signer_close(d->signer);
    store_close(d->own);
    free(d);
}

static struct desk *desk_open(struct app *app, unsigned lane, struct err *e)
{
    struct desk *d = calloc(1, sizeof *d);

    if (d == NULL) {
        (void)err_no_memory(e);
        return NULL;
    }
    d->app = app;
    d->lane = lane;
    if (store_open(&d->own, app->data_dir, false, e) != 0) {
        d->own = NULL;
        desk_close(app, d);
        return NULL;
    }
    d->store = d->own;
    return d;
}

void *desk_open_inline(void *app, struct err *e)
{
    return desk_open(app, LANE_INLINE, e);
}

void *desk_open_records(void *app, struct err *e)
{
    struct desk *d = desk_open(app, LANE_RECORDS, e);
    struct err later; /* asked again when it is needed */

    if (d != NULL)
        (void)!desk_signer(d, &later);
    return d;
}

void *desk_open_issuing(void *arg, struct err *e)
{
    struct app *app = arg;
    struct desk *d = desk_open(app, LANE_ISSUING, e);
    struct err later;

    if (d == NULL)
        return NULL;
    d->press = app->presses[atomic_fetch_add(&app->presses_taken, 1) % app->press_count];
    (void)!desk_issuer(d, &later);
    return d;
}

/* Nobody orders: what only a full batch needs goes back. */
void desk_rest(void *app, void *thread)
{
    const struct desk *d = thread;

    (void)app;
    if (d->issuer != NULL)
        issuer_rest(d->issuer);
}

void *desk_open_inspection(void *arg, struct err *e)
{
    struct app *app = arg;
    struct desk *d = desk_open(app, LANE_INSPECTION, e);

    if (d != NULL)
        d->helper = app->helpers[atomic_fetch_add(&app->helpers_taken, 1) % app->helper_count];
    return d;
}

void *desk_open_filing(void *arg, struct err *e)
{
    struct app *app = arg;
    struct desk *d = desk_open(app, LANE_FILING, e);
    size_t i;

    if (d == NULL)
        return NULL;
    i = atomic_fetch_add(&app->filing_taken, 1) % FILING_THREADS;
    d->press = app->presses[app->press_count + i];
    d->helper = app->helpers[app->helper_count + i];
    return d;
}
