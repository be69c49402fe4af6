/* visit.h - what this room knows of a request beyond HTTP; request.caller points to it. */
#pragma once
#include "api/app.h"

struct visit {
    bool known; /* a key was shown and is right */
    struct caller caller;
    /* how it is to be refused, by refuse_as() */
    int status;
    const char *code;
    unsigned retry_after;
    const char *challenge; /* WWW-Authenticate, or NULL */
};
/* Of a request that came through caller_enter(); NULL for one that http/ refused before. */
struct visit *visit_of(const struct request *req);
