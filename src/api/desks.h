/* desks.h - the desks of the lanes, for whoever starts them. */
#pragma once
#include "api/app.h"

enum { FILING_THREADS = 2 };

/* http_lane.open and .close of each lane. */
void *desk_open_inline(void *app, struct err *e);
void *desk_open_records(void *app, struct err *e);
void *desk_open_issuing(void *app, struct err *e);
void *desk_open_inspection(void *app, struct err *e);
void *desk_open_filing(void *app, struct err *e);
void desk_close(void *app, void *thread);
/* http_lane.rest of lanes that issue. */
void desk_rest(void *app, void *thread);
