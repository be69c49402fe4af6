#include "records/checksum.h"
#include <string.h>

static bool all_digits(const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return true;
}

static int number(const char *digits, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

enum resident_id resident_id_check(const char *text, struct date *birth, bool *male)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;

    if (strlen(text) != 18 || !all_digits(text, 17) || (text[17] != 'X' && !all_digits(text + 17, 1)))
        return RESIDENT_ID_SHAPE;
    *birth = (struct date){number(text + 6, 4), number(text + 10, 2), number(text + 12, 2)};
    if (!date_valid(*birth))
        return RESIDENT_ID_BIRTH;
    for (int i = 0; i < 17; i++)
        sum += (text[i] - '0') * weights[i];
    if ("10X98765432"[sum % 11] != text[17])
        return RESIDENT_ID_CHECK;
    *male = (text[16] - '0') % 2 == 1;
    return RESIDENT_ID_GOOD;
}

bool uscc_valid(const char *text)
{
    static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    int sum = 0, weight = 1;

    if (strlen(text) != 18)
        return false;
    for (int i = 0; i < 17; i++) {
        const char *at = strchr(digits, text[i]);

        if (at == NULL)
            return false;
        sum += (int)(at - digits) * weight;
        weight = weight * 3 % 31;
    }
    return digits[(31 - sum % 31) % 31] == text[17];
}

char mod_37_36(const char *text)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    int product = 36;

    for (; *text != '\0'; text++) {
        const char *at = *text == '.' ? NULL : strchr(digits, *text);
        int sum;

        if (*text == '.')
            continue;
        if (at == NULL)
            return '\0';
        sum = (product + (int)(at - digits)) % 36;
        product = (sum == 0 ? 36 : sum) * 2 % 37;
    }
    return digits[(37 - product) % 36];
}
