/* clock.h - moments and days. Whoever needs the time is given it; only the outermost caller asks the clock.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Seconds since 1970-01-01T00:00:00Z. */
int64_t clock_now(void);
/* Milliseconds that only go forward, for deadlines. */
int64_t clock_monotonic_ms(void);

/* A day of the civil (Gregorian) calendar. */
struct date {
    int year, month, day;
};

bool date_valid(struct date d);
/* Reads exactly "YYYY-MM-DD" of a day that exists, years 1900 to 2999. */
bool date_parse(struct date *out, const char *text);
/* The day in Asia/Shanghai (UTC+8, no summer time since 1991) at that moment. */
struct date date_in_shanghai(int64_t moment);
/* -1, 0, 1 */
int date_compare(struct date a, struct date b);

/* "2026-01-15T08:30:00Z" (RFC 3339) and "D:20260115083000Z" (ISO 32000-2 7.9.4), both in UTC. */
void clock_rfc3339(char out[21], int64_t moment);
void clock_pdf(char out[18], int64_t moment);
/* Reads the RFC 3339 form above, Z only. */
bool clock_parse_rfc3339(int64_t *out, const char *text);
