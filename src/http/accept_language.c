#include "http/parse.h"
#include <string.h>
#include <strings.h>

enum { LANGUAGES_MAX = 32 };

/* "q=0.8" in thousandths (RFC 9110 12.4.2); 1000 where there is none, -1 where it is malformed. */
static int weight_read(const char *at, const char *end)
{
    int weight, place = 100;

    while (at < end && *at != ';')
        at++;
    if (at == end)
        return 1000;
    at++;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if (end - at < 3 || (at[0] | 0x20) != 'q' || at[1] != '=' || (at[2] != '0' && at[2] != '1'))
        return -1;
    weight = (at[2] - '0') * 1000;
    at += 3;
    if (at < end && *at == '.') {
        for (at++; at < end && *at >= '0' && *at <= '9' && place > 0; at++, place /= 10)
            weight += (*at - '0') * place;
    }
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at == end && weight <= 1000 ? weight : -1;
}

/* "en", "en-GB", "EN" */
static bool is_language(const char *at, const char *end, const char *language)
{
    return end - at >= 2 && strncasecmp(at, language, 2) == 0 &&
           (end - at == 2 || at[2] == '-' || at[2] == ';' || at[2] == ' ' || at[2] == '\t');
}

bool accept_language_english(const char *header)
{
    int english = 0, chinese = 0;
    bool first_is_english = false;
    int count = 0;

    if (header == NULL)
        return false;
    for (const char *at = header, *end; *at != '\0' && count < LANGUAGES_MAX; at = *end ? end + 1 : end) {
        int weight;

        at += strspn(at, " \t");
        end = at + strcspn(at, ",");
        weight = weight_read(at, end);
        count++;
        if (is_language(at, end, "en") && weight > english) {
            english = weight;
            first_is_english = chinese == 0 || weight > chinese;
        } else if (is_language(at, end, "zh") && weight > chinese) {
            chinese = weight;
        }
    }
    return english > chinese || (english > 0 && english == chinese && first_is_english);
}
