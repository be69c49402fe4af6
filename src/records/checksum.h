/* checksum.h - check characters of the numbers that the field uses. */
#pragma once
#include "base/clock.h"
#include <stdbool.h>

enum resident_id { RESIDENT_ID_GOOD, RESIDENT_ID_SHAPE, RESIDENT_ID_BIRTH, RESIDENT_ID_CHECK };
/* Citizen's identity number (GB 11643-1999): 17 digits and a check character, upper-case X. On success the
 * day of birth and the sex it states. */
enum resident_id resident_id_check(const char *text, struct date *birth, bool *male);

/* Unified social credit code (GB 32100-2015). */
bool uscc_valid(const char *text);

/* ISO 7064 MOD 37,36 over 0-9 and A-Z (dots are passed over); '\0' where another character occurs. */
char mod_37_36(const char *text);
