/* signed_in.c - whose session of the console a request brings. Asked by the console's pages, and before a
 * body goes to the disk: strangers get no room on it. */
#include "api/visit.h"
#include <string.h>

enum { COOKIE_LENGTH = 32 }; /* 24 bytes in base64url */

/* On the same machine without a proxy between: the one place where a cookie may go without TLS. */
bool signed_in_plainly(const struct request *req)
{
    return (strncmp(req->address, "127.", 4) == 0 || strcmp(req->address, "::") == 0) &&
           request_header(req, "X-Forwarded-For") == NULL && request_header(req, "Forwarded") == NULL &&
           request_header(req, "X-Forwarded-Proto") == NULL;
}

const char *signed_in_cookie(const struct request *req)
{
    return signed_in_plainly(req) ? "sp" : "__Host-sp";
}

bool signed_in_hash(uint8_t hash[SHA256_SIZE], const struct request *req)
{
    const char *cookie = request_cookie(req, signed_in_cookie(req));

    if (cookie == NULL || strlen(cookie) != COOKIE_LENGTH)
        return false;
    sha256(hash, slice_of(cookie));
    return true;
}

/* Connection threads ask this: it reads only, and leaves it to the page to note that somebody was seen. */
int signed_in_check(struct request *req, struct err *e)
{
    const struct desk *d = req->thread;
    struct session_row session;
    uint8_t hash[SHA256_SIZE];

    if (signed_in_hash(hash, req)) {
        if (store_find_session(&session, d->store, hash, clock_now(), e) == 0)
            return 0;
        if (e->code != ERR_NOT_FOUND)
            return -1;
    }
    (void)refuse_as(req, 401, NULL, 0);
    return err_set(e, ERR_FORBIDDEN, "You are not signed in any more; sign in, then send the file again.",
                   "登录已过期，请重新登录后再上传。");
}
