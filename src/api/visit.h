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

/* --- sessions of the console: signed_in.c --- */

/* Whether the visitor is on this machine without a proxy between: no TLS is needed there. */
bool signed_in_plainly(const struct request *req);
/* The cookie's name. */
const char *signed_in_cookie(const struct request *req);
/* Of its value; false where there is none. */
bool signed_in_hash(uint8_t hash[SHA256_SIZE], const struct request *req);
/* 401 for whoever has no session. */
MUST_CHECK int signed_in_check(struct request *req, struct err *e);
