/* err.h - why something failed, in both languages, filled by whoever noticed it.
 *
 * The convention of the whole tree: 0 is success, -1 is failure, and the reason is in the caller's struct
 * err, passed last. Whoever detects an error writes it; everyone above cleans up and passes it on unchanged.
 */
#pragma once
#include <stdio.h>

enum err_code {
    ERR_NONE,
    ERR_INVALID,     /* the input is at fault: exit 1, HTTP 4xx */
    ERR_NOT_FOUND,   /* exit 1 */
    ERR_CONFLICT,    /* the same key with another content: exit 1 */
    ERR_IN_PROGRESS, /* another process or thread works on the same thing now: exit 3, try again soon */
    ERR_FORBIDDEN,   /* a seal without grant, an expired chain: exit 1 */
    ERR_TOO_LARGE,   /* exit 1 */
    ERR_UNAVAILABLE, /* disk, network, key holder: exit 3, worth trying again */
    ERR_NO_MEMORY,   /* exit 3 */
    ERR_INTERNAL     /* a bug or a broken installation: exit 3 */
};

struct err {
    enum err_code code;
    char field[96];   /* JSON pointer (RFC 6901) to the member at fault, or "" */
    char en[400];     /* may be sent to a client; says what to do */
    char zh[400];     /* the same in Chinese */
    char detail[240]; /* paths, SQL, OpenSSL text: log only */
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Fills *e with the reason in English and Chinese and returns -1, so a function can end with
 * return err_set(e, ERR_INVALID, "...", "..."). Both formats take the same arguments in the same order
 * (or by position, "%2$s"). field and detail become "". A text too long is cut between characters. */
int err_set(struct err *e, enum err_code code, const char *en, const char *zh, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));
/* Names the member at fault, as a JSON pointer; returns -1. */
int err_field(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds what only the log should say; returns -1. */
int err_detail(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_no_memory(struct err *e);
/* The text in the language of the process (language.h). */
const char *err_text(const struct err *e);
