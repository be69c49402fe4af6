#include "records/identity.h"
#include "records/checksum.h"
#include "records/choices.h"
#include <string.h>

static void fault(const struct members *m, const char *name, const char *en, const char *zh)
{
    struct err e;

    err_set(&e, ERR_INVALID, "%s", "%s", en);
    (void)snprintf(e.zh, sizeof e.zh, "%s", zh);
    member_fault(m, name, &e);
}

void identity_check(const struct members *m, const char *id_type, const char *id_number,
                    const char *birth_date, const char *gender)
{
    struct date birth, said;
    bool male;

    if (id_type == NULL || id_number == NULL || strcmp(id_type, choices_resident_id) != 0)
        return;
    switch (resident_id_check(id_number, &birth, &male)) {
    case RESIDENT_ID_SHAPE:
        fault(m, "id_number", "An identity number is 17 digits and a digit or an upper-case X.",
              "居民身份证号码应为 17 位数字加 1 位数字或大写 X。");
        return;
    case RESIDENT_ID_BIRTH:
        fault(m, "id_number", "Digits 7 to 14 of the identity number are not a day that exists.",
              "居民身份证号码第 7 至 14 位不是存在的日期。");
        return;
    case RESIDENT_ID_CHECK:
        fault(m, "id_number",
              "The last character of the identity number does not fit the others; was it mistyped?",
              "居民身份证号码校验位不符，请检查是否输错。");
        return;
    case RESIDENT_ID_GOOD:
        break;
    }
    if (birth_date != NULL && date_parse(&said, birth_date) && date_compare(said, birth) != 0)
        fault(m, "birth_date", "The date of birth differs from the one in the identity number.",
              "出生日期与居民身份证号码不一致。");
    if (gender != NULL && male != (strcmp(gender, "男") == 0))
        fault(m, "gender", "The sex differs from the one in the identity number.",
              "性别与居民身份证号码不一致。");
}
