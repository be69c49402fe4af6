/* photo_name.c - whose photo a file is. A name is compared and shown; it never becomes a path. */
#include "base/utf8.h"
#include "filing/photos_internal.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    NAME_MAX_SHOWN = 120,
    SERIAL_DIGITS = 7,  /* at most: a list has 100,000 rows */
    NUMBER_LETTERS = 7, /* so many letters and digits may be a document number */
    KEY_MAX = 200
};

/* What follows the last slash of either kind. */
static const char *last_part(const char *name)
{
    const char *last = name;

    for (const char *c = name; *c != '\0'; c++) {
        if (*c == '/' || *c == '\\')
            last = c + 1;
    }
    return last;
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), tail = strlen(end);

    return len > tail && strcasecmp(name + len - tail, end) == 0;
}

static bool ends_as_picture(const char *name)
{
    return ends_with(name, ".jpg") || ends_with(name, ".jpeg") || ends_with(name, ".png");
}

enum photo_file photo_file_kind(const char *name, bool folder)
{
    const char *last = last_part(name);

    if (folder || last[0] == '\0' || last[0] == '.' || strncmp(name, "__MACOSX/", 9) == 0 ||
        strstr(name, "/__MACOSX/") != NULL || strcasecmp(last, "Thumbs.db") == 0 ||
        strcasecmp(last, "desktop.ini") == 0)
        return PHOTO_FILE_PASSED_OVER;
    return ends_as_picture(last) ? PHOTO_FILE_PICTURE : PHOTO_FILE_OTHER;
}

/* The name without folders; full-width letters and digits as plain ones, control characters left out. */
static void read_last(char out[KEY_MAX], const char *name)
{
    struct slice s = slice_of(last_part(name));
    size_t at = 0, len = 0;
    uint32_t cp;

    while (utf8_next(s, &at, &cp) && len + 5 < KEY_MAX) {
        if (cp == 0x3000 || cp == 0xA0)
            cp = ' ';
        else if (cp > 0xFF00 && cp < 0xFF5F)
            cp -= 0xFEE0;
        if (cp > ' ' || (cp == ' ' && len > 0))
            len += utf8_put(out + len, cp);
    }
    out[len] = '\0';
}

/* Without extension, too; where extensions are hidden, people write a second one. */
static void read_stem(char out[KEY_MAX], const char *name)
{
    size_t len;
    char *dot;

    read_last(out, name);
    do {
        dot = strrchr(out, '.');
        len = dot != NULL ? (size_t)(dot - out) : strlen(out);
        out[len] = '\0';
    } while (ends_as_picture(out));
    while (len > 0 && out[len - 1] == ' ')
        len--;
    out[len] = '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Of ASCII, whatever the locale says of other bytes. */
static bool is_letter_or_digit(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_separator(char c)
{
    return c == '_' || c == '-' || c == ' ' || c == '.' || c == '+';
}

static bool is_bracket(char c)
{
    return c == '(' || c == ')' || c == '[' || c == ']';
}

/* Blanks, dots and dashes are written in many ways, or left out; brackets stand around a name. */
static void bare_name(char out[KEY_MAX], const char *name)
{
    static const uint32_t left_out[] = {0xB7,   0x2022, 0x2027, 0x30FB, 0xFF65,
                                        0x3000, 0xA0,   0x2014, 0x3010, 0x3011};
    struct slice s = slice_of(name);
    size_t at = 0, len = 0;
    uint32_t cp;

    while (utf8_next(s, &at, &cp) && len + 5 < KEY_MAX) {
        bool skip = cp < 0x80 && (is_separator((char)cp) || is_bracket((char)cp) || cp < ' ');

        for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
            skip = skip || cp == left_out[i];
        if (!skip)
            len += utf8_put(out + len, cp);
    }
    out[len] = '\0';
}

static int judge_name(const struct entry_row *entry, const char *given, struct err *e)
{
    char wanted[KEY_MAX], told[KEY_MAX];

    bare_name(wanted, entry->name);
    bare_name(told, given);
    if (told[0] == '\0' || strcmp(told, wanted) == 0)
        return 0;
    return err_set(e, ERR_INVALID, "The file names somebody else than row %u of the list: %s.",
                   "文件名中的姓名与名单不一致：序号 %u 为%s。", entry->serial, entry->name);
}

static int by_serial(struct entry_row *out, struct store *s, const char *filing, const char *digits,
                     struct arena *a, struct err *e)
{
    unsigned serial = (unsigned)strtoul(digits, NULL, 10);

    if (store_entry_by_serial(out, s, filing, serial, a, e) == 0)
        return 0;
    return e->code != ERR_NOT_FOUND ? -1
                                    : err_set(e, ERR_NOT_FOUND, "The list has no row with serial %u.",
                                              "名单中没有序号 %u。", serial);
}

static int by_number(struct entry_row *out, struct store *s, const char *filing, const char *number,
                     struct arena *a, struct err *e)
{
    char upper[KEY_MAX];
    size_t i = 0;

    for (; number[i] != '\0' && i + 1 < sizeof upper; i++)
        upper[i] = number[i] == 'x' ? 'X' : number[i]; /* the check digit is written either way */
    upper[i] = '\0';
    if (store_entry_by_id_number(out, s, filing, number, a, e) == 0)
        return 0;
    if (e->code != ERR_NOT_FOUND)
        return -1;
    return store_entry_by_id_number(out, s, filing, upper, a, e);
}

/* The letters and digits it begins with, and the rest behind what separates them. */
static const char *split_key(char key[KEY_MAX], const char *stem)
{
    size_t len = 0;

    while (is_letter_or_digit(stem[len]))
        len++;
    memcpy(key, stem, len);
    key[len] = '\0';
    while (is_separator(stem[len]))
        len++;
    return stem + len;
}

/* "南字第00012345号_张三", "张三_340000198502120024": a document number on either side of the last line. */
static int by_parts(struct entry_row *out, struct store *s, const char *filing, const char *stem,
                    struct arena *a, struct err *e)
{
    char left[KEY_MAX];
    const char *line = strrchr(stem, '_');

    if (line == NULL)
        return by_number(out, s, filing, stem, a, e);
    (void)snprintf(left, sizeof left, "%.*s", (int)(line - stem), stem);
    if (by_number(out, s, filing, left, a, e) == 0)
        return judge_name(out, line + 1, e);
    if (e->code == ERR_NOT_FOUND && by_number(out, s, filing, line + 1, a, e) == 0)
        return judge_name(out, left, e);
    return -1;
}

static bool is_serial(const char *key)
{
    return key[0] != '\0' && strlen(key) <= SERIAL_DIGITS && key[strspn(key, "0123456789")] == '\0';
}

/* "张三340000198502120024", "张三-52", "张三(52)": what stands behind a name. */
static int by_end(struct entry_row *out, struct store *s, const char *filing, const char *stem,
                  struct arena *a, struct err *e)
{
    size_t end = strlen(stem), at;
    char key[KEY_MAX], left[KEY_MAX], told[KEY_MAX];

    while (end > 0 && is_bracket(stem[end - 1]))
        end--;
    for (at = end; at > 0 && is_letter_or_digit(stem[at - 1]);)
        at--;
    (void)snprintf(key, sizeof key, "%.*s", (int)(end - at), stem + at);
    (void)snprintf(left, sizeof left, "%.*s", (int)at, stem);
    bare_name(told, left);
    if (key[0] == '\0' || told[0] == '\0') /* a number of whatever counts files */
        return err_set(e, ERR_NOT_FOUND, "The file's name has no number.", "文件名中没有号码。");
    if ((is_serial(key) ? by_serial(out, s, filing, key, a, e) : by_number(out, s, filing, key, a, e)) != 0)
        return -1;
    return judge_name(out, left, e);
}

int photo_file_entry(struct entry_row *out, struct store *s, const char *filing, const char *name,
                     struct arena *a, struct err *e)
{
    char stem[KEY_MAX], key[KEY_MAX];
    struct err unasked;
    const char *rest;

    read_stem(stem, name);
    rest = split_key(key, stem);
    if (is_serial(key))
        return by_serial(out, s, filing, key, a, e) == 0 ? judge_name(out, rest, e)
               : e->code == ERR_NOT_FOUND && by_number(out, s, filing, key, a, &unasked) == 0
                   ? judge_name(out, rest, e)
                   : -1;
    if (key[0] != '\0' && by_number(out, s, filing, key, a, e) == 0)
        return judge_name(out, rest, e);
    if ((key[0] == '\0' || e->code == ERR_NOT_FOUND) && by_parts(out, s, filing, stem, a, e) == 0)
        return 0;
    if (key[0] == '\0' && e->code == ERR_NOT_FOUND && by_end(out, s, filing, stem, a, e) == 0)
        return 0;
    if (e->code != ERR_NOT_FOUND || e->field[0] != '\0')
        return -1;
    return err_set(e, ERR_NOT_FOUND, "Nobody in the list has this serial or document number.",
                   "名单中没有与文件名对应的序号或证件号码。");
}

static void put_run(struct buf *out, const uint8_t *run, size_t len, size_t digits)
{
    char number[KEY_MAX], masked[4 * KEY_MAX + 16];

    if (len < NUMBER_LETTERS || digits < NUMBER_LETTERS - 2 || len >= sizeof number) {
        buf_append_bytes(out, run, len);
        return;
    }
    (void)snprintf(number, sizeof number, "%.*s", (int)len, (const char *)run);
    id_number_mask(masked, sizeof masked, number);
    buf_append_text(out, masked);
}

const char *photo_file_shown(const char *name, struct arena *a)
{
    char last[KEY_MAX] = "";
    size_t len, end;
    const char *dot;
    struct buf shown = BUF_INIT(4096);
    const char *text;

    read_last(last, name);
    len = utf8_whole(last, strlen(last) < NAME_MAX_SHOWN ? strlen(last) : NAME_MAX_SHOWN);
    dot = strrchr(last, '.');
    end = dot != NULL && (size_t)(dot - last) < len ? (size_t)(dot - last) : len;
    for (size_t at = 0, run = 0, digits = 0; at <= end; at++) {
        char c = at < end ? last[at] : '\0';

        if (is_letter_or_digit(c)) {
            digits += is_digit(c);
            continue;
        }
        put_run(&shown, (const uint8_t *)last + run, at - run, digits);
        if (at < end)
            buf_append_char(&shown, c);
        run = at + 1;
        digits = 0;
    }
    buf_append_bytes(&shown, last + end, len - end);
    text = buf_text(&shown);
    text = text != NULL ? arena_text(a, text) : NULL;
    buf_dispose(&shown);
    return text != NULL ? text : "";
}
