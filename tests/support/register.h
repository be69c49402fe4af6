/* register.h - a register of many certificates, made quickly: for measurements, and for proofs that no lookup
 * reads it all.
 *
 * Everything about certificate n follows from n, so whoever measures knows what to ask for. */
#pragma once
#include "store/store.h"

struct register_order {
    size_t rows;
    size_t files;       /* the first ones get a file in the store; the others have none */
    struct slice photo; /* of all of them; empty: some bytes that are no picture */
    const char *host;   /* of the public address, or NULL */
};

/* Fills the store, which nobody else may have open, with issued certificates 0 to rows - 1 of its own office
 * and profile. They were ordered ten a second. */
MUST_CHECK int register_fill(struct store *s, const struct register_order *o, struct err *e);

extern const char register_organisation[], register_profile[];
void register_id(char out[CERTIFICATE_ID_SIZE], size_t n);
void register_token(char out[TOKEN_SIZE], size_t n);
void register_number(char out[32], size_t n);
void register_biz_no(char out[32], size_t n);
void register_name(char out[32], size_t n); /* some hundred certificates share one */
void register_id_number(char out[32], size_t n);
int64_t register_created(size_t n);
