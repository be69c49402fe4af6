#include "base/clock.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t clock_now(void)
{
    return (int64_t)time(NULL);
}

int64_t clock_monotonic_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

bool date_valid(struct date d)
{
    return d.year >= 1900 && d.year <= 2999 && d.month >= 1 && d.month <= 12 && d.day >= 1 &&
           d.day <= days_in_month(d.year, d.month);
}

static bool digits(int *out, const char **at, int count)
{
    *out = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool literal(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static bool date_digits(struct date *out, const char **at)
{
    return digits(&out->year, at, 4) && literal(at, '-') && digits(&out->month, at, 2) && literal(at, '-') &&
           digits(&out->day, at, 2) && date_valid(*out);
}

bool date_parse(struct date *out, const char *text)
{
    return date_digits(out, &text) && *text == '\0';
}

static struct tm utc(int64_t moment)
{
    time_t t = (time_t)moment;
    struct tm parts = {0};

    (void)gmtime_r(&t, &parts);
    return parts;
}

struct date date_in_shanghai(int64_t moment)
{
    struct tm t = utc(moment + 8 * 3600);

    return (struct date){t.tm_year + 1900, t.tm_mon + 1, t.tm_mday};
}

int date_compare(struct date a, struct date b)
{
    int x = (a.year * 12 + a.month) * 31 + a.day, y = (b.year * 12 + b.month) * 31 + b.day;

    return (x > y) - (x < y);
}

void clock_rfc3339(char out[21], int64_t moment)
{
    struct tm t = utc(moment);

    (void)strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &t);
}

void clock_pdf(char out[18], int64_t moment)
{
    struct tm t = utc(moment);

    (void)strftime(out, 18, "D:%Y%m%d%H%M%SZ", &t);
}

bool clock_parse_rfc3339(int64_t *out, const char *text)
{
    struct date d;
    struct tm t = {0};

    if (!date_digits(&d, &text) || !literal(&text, 'T') || !digits(&t.tm_hour, &text, 2) ||
        !literal(&text, ':') || !digits(&t.tm_min, &text, 2) || !literal(&text, ':') ||
        !digits(&t.tm_sec, &text, 2) || strcmp(text, "Z") != 0 || t.tm_hour > 23 || t.tm_min > 59 ||
        t.tm_sec > 59)
        return false;
    t.tm_year = d.year - 1900;
    t.tm_mon = d.month - 1;
    t.tm_mday = d.day;
    *out = (int64_t)timegm(&t);
    return true;
}
