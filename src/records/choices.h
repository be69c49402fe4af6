/* choices.h - the values that members of records may have, each list ended with NULL. */
#pragma once

extern const char *const choices_genders[];
extern const char *const choices_id_types[];
extern const char *const choices_levels[]; /* from the highest */
extern const char *const choices_modes[];  /* 取得方式 */
extern const char *const choices_natures[];
extern const char *const choices_filing_types[];

/* The kind of document that GB 11643 rules: its number states birth and sex. */
extern const char choices_resident_id[];
