/* members.h - members of a JSON object taken out strictly; what is wrong is collected, with its pointer. */
#pragma once
#include "base/arena.h"
#include "base/clock.h"
#include "records/faults.h"
#include <jansson.h>

struct members {
    const json_t *object;
    const char *path; /* JSON pointer of the object, "" for the whole */
    struct arena *a;
    struct faults *faults;
};

enum member_kind {
    MEMBER_TEXT,
    MEMBER_PERSON, /* a person's name */
    MEMBER_DATE,   /* YYYY-MM-DD */
    MEMBER_CODE,   /* letters, digits, - and _ */
    MEMBER_CHOICE
};

struct member_rule {
    const char *name;
    enum member_kind kind;
    size_t max;
    bool required;
    const char *const *choices; /* MEMBER_CHOICE: ended with NULL */
};

/* Faults every member that is not among the names (ended with NULL). false if object is no object. */
bool members_only(const struct members *m, const char *const *names);
/* The text, or NULL where it is absent, empty (when optional), null or at fault. */
const char *member_text(const struct members *m, const struct member_rule *rule);
/* The whole number between least and most, or 0 with a fault. */
int member_int(const struct members *m, const char *name, int least, int most);
/* A fault at a member. */
void member_fault(const struct members *m, const char *name, const struct err *why);
/* A remark at a member; refuses nothing. */
void member_note(const struct members *m, const char *name, const char *en, const char *zh);
