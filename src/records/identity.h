/* identity.h - an identity number against what a record says of the person. */
#pragma once
#include "records/members.h"

/* Faults at id_number, birth_date and gender of m; any text may be NULL. GB 11643 binds no other document
 * than 居民身份证. */
void identity_check(const struct members *m, const char *id_type, const char *id_number,
                    const char *birth_date, const char *gender);
