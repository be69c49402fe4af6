/* signer_log_internal.h - the lines of the log and its heads, as written and as read. */
#pragma once
#include "sign/signer_log.h"
#include <stdbool.h>
#include <stdio.h>

enum { LOG_LINE_MAX = 1024, LOG_WHAT_MAX = 600, HEAD_LINE_MAX = 2048, HASH_HEX = 64 };

/* Where a reader of the chain stands. */
struct log_position {
    int64_t seq;             /* of the last line; 0: none yet */
    char hash[HASH_HEX + 1]; /* of the last line; 64 zeros before the first */
};
void log_position_start(struct log_position *p);

/* Writes the next line, '\n' included, and moves p to it. 0 if it does not fit. */
size_t log_line_write(char *out, size_t size, struct log_position *p, const char *what, int64_t now);
/* Whether line (without '\n') follows p; moves p to it. */
bool log_line_follows(struct log_position *p, const char *line, size_t len);

struct head {
    int64_t seq;
    int64_t end; /* bytes of the log up to there: where the signer reads on */
    char hash[HASH_HEX + 1];
    char seal[33];
    size_t signed_len; /* of the line: what the signature covers */
    uint8_t signature[512];
    size_t signature_len;
};
bool head_read(struct head *out, const char *line, size_t len);
MUST_CHECK int head_write(char *out, size_t size, const struct log_position *p, int64_t end,
                          const struct signer_log_key *key, int64_t now, struct err *e);

/* One line without its end. 1: out holds it; 0: end of file; -1: torn or longer than size. */
int log_next_line(FILE *in, char *out, size_t size, size_t *len);
