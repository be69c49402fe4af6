#include "base/log.h"
#include "base/utf8.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ESCAPE_MAX = 8, END_ROOM = 1 }; /* "\uFFFFF"; the newline */

static void log_put(struct log_line *l, const char *bytes, size_t len)
{
    if (len > LOG_LINE_MAX - END_ROOM - l->len)
        len = LOG_LINE_MAX - END_ROOM - l->len;
    memcpy(l->text + l->len, bytes, len);
    l->len += len;
}

void log_begin(struct log_line *l, const char *event)
{
    struct timespec now;
    struct tm utc;
    char text[48];
    int len;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    len = snprintf(text, sizeof text, "time=%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ event=", utc.tm_year + 1900,
                   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000000);
    l->len = 0;
    log_put(l, text, (size_t)len);
    log_put(l, event, strlen(event));
}

/* Beyond ASCII only what no terminal obeys: C1 controls, line separators and what turns the direction of text
 * are escaped like control bytes. */
static bool is_quiet(uint32_t cp)
{
    return cp >= 0xA0 && cp != 0x2028 && cp != 0x2029 && cp != 0x200E && cp != 0x200F &&
           !(cp >= 0x202A && cp <= 0x202E) && !(cp >= 0x2066 && cp <= 0x2069) && cp != 0xFEFF;
}

static bool is_plain(const char *value)
{
    if (*value == '\0')
        return false;
    for (const char *at = value; *at != '\0'; at++) {
        if (*at <= ' ' || *at >= 0x7F || *at == '"' || *at == '\\' || *at == '=')
            return false;
    }
    return true;
}

/* Writes one character, escaped where it must be, whole or not at all. */
static size_t put_escaped(char out[2 * ESCAPE_MAX], struct slice s, size_t *at)
{
    uint32_t cp;
    size_t from = *at;

    if (!utf8_next(s, at, &cp)) {
        *at = from + 1;
        return (size_t)snprintf(out, 2 * ESCAPE_MAX, "\\x%02x", s.ptr[from]);
    }
    if (cp == '"' || cp == '\\') {
        out[0] = '\\';
        out[1] = (char)cp;
        return 2;
    }
    if ((cp >= 0x20 && cp < 0x7F) || is_quiet(cp)) {
        memcpy(out, s.ptr + from, *at - from);
        return *at - from;
    }
    return (size_t)snprintf(out, 2 * ESCAPE_MAX, "\\u%04" PRIx32, cp);
}

void log_text(struct log_line *l, const char *key, const char *value)
{
    struct slice s;
    size_t key_len = strlen(key);

    if (value == NULL || key_len + 4 > LOG_LINE_MAX - END_ROOM - l->len)
        return;
    log_put(l, " ", 1);
    log_put(l, key, key_len);
    log_put(l, "=", 1);
    if (is_plain(value)) {
        log_put(l, value, strlen(value));
        return;
    }
    s = slice_of(value);
    log_put(l, "\"", 1);
    for (size_t at = 0; at < s.len;) {
        char text[2 * ESCAPE_MAX];
        size_t len = put_escaped(text, s, &at);

        if (len + 1 > LOG_LINE_MAX - END_ROOM - l->len)
            break;
        log_put(l, text, len);
    }
    log_put(l, "\"", 1); /* the loop left room for it */
}

void log_number(struct log_line *l, const char *key, int64_t value)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, value);
    log_text(l, key, text);
}

void log_end(struct log_line *l)
{
    ssize_t wrote;

    l->text[l->len++] = '\n';
    /* One write keeps lines of several threads apart. Where nobody reads the log, serving goes on. */
    wrote = write(STDERR_FILENO, l->text, l->len);
    (void)wrote;
}
