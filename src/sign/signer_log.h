/* signer_log.h - what was sealed: keys/log/seals.log, a hash chain of lines, and keys/log/heads.log, its
 * signed heads.
 *
 * A line is "seq=.. time=.. seal=.. grant=.. journal=.. digest=.. prev=<hash of the line before>
 * hash=<SHA-256 of the line up to here>"; what else happens (a torn end cut off, a request refused) is a line
 * with event=. A head is "seq=.. end=<bytes of the log> time=.. hash=.. seal=<the service's> sig=<hex>": the
 * service's signature over the head up to " sig=". It is made every 1,000 lines, when the day (UTC) changes
 * and at a clean end. Whoever rewrites the log cannot rewrite a head that was kept elsewhere.
 *
 * A line is written before its signature is handed out, so the end of the signer loses none. It is synced at
 * heads and at most a second after it was written, so a power cut can lose the lines of the last second:
 * syncing each would cap the signer at the disk's few hundred a second. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <openssl/evp.h>

enum { SIGNER_LOG_HEAD_EVERY = 1000, SIGNER_LOG_SYNC_MS = 1000 };

struct signer_log;

/* Signs heads; NULL members mean that no head can be made. */
struct signer_log_key {
    const char *seal_id;
    EVP_PKEY *key;
};

/* Reads on from the last head, cuts a torn or unreadable end and notes that as a line of its own. The files
 * stay the caller's. ERR_INTERNAL: something before the last head is not as it was signed. */
MUST_CHECK int signer_log_open(struct signer_log **out, int log_fd, int heads_fd, int64_t now, struct err *e);
void signer_log_close(struct signer_log *log, const struct signer_log_key *key, int64_t now);

/* "seal=.. grant=.. journal=.. digest=.." or "event=..": printable ASCII. */
MUST_CHECK int signer_log_append(struct signer_log *log, const char *what, int64_t now, struct err *e);
/* Makes a head if one is due (or the log is not synced for a second). Called between requests. */
MUST_CHECK int signer_log_tend(struct signer_log *log, const struct signer_log_key *key, int64_t now,
                               struct err *e);
/* Every line is on the disk when it returns. */
MUST_CHECK int signer_log_sync(struct signer_log *log, struct err *e);
/* Milliseconds until signer_log_tend() has something to do; -1: nothing. */
int signer_log_due_ms(const struct signer_log *log);

struct signer_log_report {
    int64_t lines, heads;
    int64_t signed_lines; /* up to the last head */
    int64_t signatures;   /* lines that record a use of a seal */
    int64_t cuts;         /* torn ends that were noted */
    char head[65];        /* hash of the last line */
};
/* Checks every line and head of data_dir. kept: a head line kept elsewhere, or NULL. ERR_INVALID names the
 * first line that was removed, inserted or changed. */
MUST_CHECK int signer_log_check(struct signer_log_report *out, const char *data_dir, const char *kept,
                                struct err *e);

/* What a line says, for whoever reads all of them. The texts are good until the next line. */
struct signer_log_use {
    const char *journal; /* of a use of a seal: 32 hex digits; else NULL */
    const char *counter; /* of a note of serials (signer_note_serial()); else NULL */
    int64_t serial;
};
typedef int signer_log_visitor(void *arg, const struct signer_log_use *use, struct err *e);
/* Reads the log of data_dir from its first line to its last good one and checks the chain as
 * signer_log_check() does; -1 of the visitor ends it. ERR_NOT_FOUND: nothing was sealed yet. */
MUST_CHECK int signer_log_visit(const char *data_dir, signer_log_visitor *visit, void *arg, struct err *e);
