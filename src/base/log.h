/* log.h - one line an event on standard error: key=value, time first, nothing a stranger wrote can end a
 * line.
 *
 * No personal data, no document contents, no whole tokens: whoever logs leaves them out. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { LOG_LINE_MAX = 1000 };

/* A line being made; lives on the stack. */
struct log_line {
    char text[LOG_LINE_MAX];
    size_t len;
};

/* "time=2026-01-15T08:30:00.123Z event=<event>" */
void log_begin(struct log_line *l, const char *event);
/* " key=value"; a value with spaces, quotes, control bytes or wrong UTF-8 is quoted and escaped; NULL leaves
 * the member out; what does not fit is cut. */
void log_text(struct log_line *l, const char *key, const char *value);
void log_number(struct log_line *l, const char *key, int64_t value);
/* Writes the line in one write(2). */
void log_end(struct log_line *l);
