/* issuing.h - a data directory with offices, seals and profiles, and a desk to issue at. */
#pragma once
#include "issue/issue.h"

/* Profiles: "sealed" (issuer and committee with seals), "one-seal" (only the committee's), "no-seal" (the
 * service signs), "no-grant" (of the sealed offices, but without a grant), "counted" (one seal, granted three
 * times): all of the organisation "issuer"; and "foreign" of the organisation "unsealed". */
extern const char issuing_order[]; /* JSON, profile "sealed", biz_no "A-1" */
extern char issuing_dir[64];       /* the copy that the test at hand works on */
extern struct buf issuing_photo;
extern struct press *issuing_press;
extern const char *issuing_profile; /* of the orders that issuing_with() makes */

struct desk {
    struct signer *signer;
    struct issuer *issuer;
    struct faults faults;
    struct issue_answer answer;
    struct err e;
};

/* For cmocka: once a program, and around each test. */
int issuing_prepare(void **state);
int issuing_forget(void **state);
int issuing_copy(void **state);
int issuing_remove(void **state);

void issuing_sit_down(struct desk *d);
void issuing_stand_up(struct desk *d);
/* Issues the order after `member` was set to the text `value`. */
int issuing_with(struct desk *d, const char *member, const char *value);
void issuing_must(struct desk *d, const char *member, const char *value);
