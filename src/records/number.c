#include "records/number.h"
#include "records/checksum.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum part { PART_PROVINCE, PART_YEAR, PART_REGION, PART_SERIES, PART_LEVEL, PART_SERIAL, PART_COUNT };

static const struct {
    const char *name;
    const char *member; /* of the order, for errors */
    int least, most;    /* width; a part without a width has least == most */
} parts_known[PART_COUNT] = {{"province", "", 2, 2},      {"year", "/year", 4, 4},
                             {"region", "/region", 1, 6}, {"series", "/series/code", 1, 8},
                             {"level", "/level", 2, 2},   {"seq", "", 1, 12}};

struct piece {
    bool literal;
    char c;         /* literal */
    enum part part; /* else */
    int width;
};

static int bad_pattern(struct err *e, const char *pattern)
{
    return err_set(
        e, ERR_INVALID,
        "The number pattern \"%s\" cannot be used: it is digits, letters and hyphens with {province}, "
        "{year}, {region:2}, {series:2}, {level:2} and exactly one {seq:6}.",
        "编号规则 “%s” 不可用：应由数字、字母、连字符和 {province}、{year}、{region:2}、{series:2}、"
        "{level:2} 组成，并且恰有一个 {seq:6}。",
        pattern);
}

/* Reads "{name}" or "{name:W}" at *at. */
static bool read_braced(struct piece *out, const char **at)
{
    const char *end = strchr(*at, '}');
    size_t len = end == NULL ? 0 : strcspn(*at + 1, ":}");

    if (end == NULL)
        return false;
    for (int i = 0; i < PART_COUNT; i++) {
        if (strlen(parts_known[i].name) != len || strncmp(*at + 1, parts_known[i].name, len) != 0)
            continue;
        out->part = (enum part)i;
        out->width = parts_known[i].most;
        if ((*at)[1 + len] == ':') {
            char *stop = NULL;
            long width = isdigit((unsigned char)(*at)[2 + len]) ? strtol(*at + 2 + len, &stop, 10) : -1;

            if (width < parts_known[i].least || width > parts_known[i].most || stop != end)
                return false;
            out->width = (int)width;
        } else if (parts_known[i].least != parts_known[i].most) {
            return false;
        }
        *at = end + 1;
        return true;
    }
    return false;
}

/* The next piece; false at the end (*bad false) or where the pattern is wrong (*bad true). */
static bool next_piece(struct piece *out, const char **at, bool *bad)
{
    *bad = false;
    if (**at == '\0')
        return false;
    out->literal = **at != '{';
    if (out->literal) {
        out->c = *(*at)++;
        *bad = !isalnum((unsigned char)out->c) && out->c != '-';
        return !*bad;
    }
    *bad = !read_braced(out, at);
    return !*bad;
}

int number_pattern_check(const char *pattern, struct err *e)
{
    const char *at = pattern;
    struct piece p;
    bool bad;
    int serials = 0, length = 0;

    while (next_piece(&p, &at, &bad)) {
        length += p.literal ? 1 : p.width;
        serials += !p.literal && p.part == PART_SERIAL;
    }
    if (bad || serials != 1 || length > NUMBER_MAX - 8)
        return bad_pattern(e, pattern);
    return 0;
}

static int wrong_width(struct err *e, enum part part, const char *value, int width)
{
    err_set(
        e, ERR_INVALID,
        "\"%s\" does not fit the certificate number: letters and digits, exactly %d characters are needed.",
        "“%s” 不能编入证书编号：应为恰好 %d 位数字或字母。", value == NULL ? "" : value, width);
    return err_field(e, "%s", parts_known[part].member);
}

static bool fits(const char *value, int width)
{
    if (value == NULL || strlen(value) != (size_t)width)
        return false;
    for (; *value != '\0'; value++) {
        if (!isalnum((unsigned char)*value))
            return false;
    }
    return true;
}

static const char *part_value(const struct number_parts *parts, enum part part, char year[12])
{
    switch (part) {
    case PART_PROVINCE:
        return parts->province;
    case PART_YEAR:
        (void)snprintf(year, 12, "%d", parts->year);
        return year;
    case PART_REGION:
        return parts->region;
    case PART_SERIES:
        return parts->series;
    case PART_LEVEL:
        return parts->level;
    case PART_SERIAL:
    case PART_COUNT:
        break;
    }
    return NULL;
}

/* serial NULL writes "#" for it. */
static int write_number(char out[NUMBER_MAX + 1], const char *pattern, const struct number_parts *parts,
                        const uint64_t *serial, struct err *e)
{
    const char *at = pattern;
    char year[12], digits[24];
    struct piece p;
    bool bad;
    size_t used = strlen(parts->prefix);

    if (number_pattern_check(pattern, e) != 0)
        return -1;
    if (used > 8)
        return bad_pattern(e, parts->prefix);
    memcpy(out, parts->prefix, used);
    while (next_piece(&p, &at, &bad)) {
        const char *value = digits;

        if (p.literal) {
            out[used++] = p.c;
            continue;
        }
        if (p.part != PART_SERIAL) {
            value = part_value(parts, p.part, year);
            if (!fits(value, p.width))
                return wrong_width(e, p.part, value, p.width);
        } else if (serial == NULL) {
            value = "#";
        } else if (snprintf(digits, sizeof digits, "%0*" PRIu64, p.width, *serial) > p.width) {
            return err_set(e, ERR_CONFLICT,
                           "The numbers of this kind are used up: the serial has only %d digits. Change the "
                           "number pattern of the profile.",
                           "此类证书编号已用完：流水号只有 %d 位，请修改发证配置的编号规则。", p.width);
        }
        memcpy(out + used, value, strlen(value));
        used += strlen(value);
    }
    out[used] = '\0';
    return 0;
}

int number_counter(char out[NUMBER_MAX + 1], const char *pattern, const struct number_parts *parts,
                   struct err *e)
{
    return write_number(out, pattern, parts, NULL, e);
}

int number_make(char out[NUMBER_MAX + 1], const char *pattern, const struct number_parts *parts,
                uint64_t serial, struct err *e)
{
    return write_number(out, pattern, parts, &serial, e);
}

const char *number_level_code(const char *level)
{
    static const struct {
        const char *level, *code;
    } codes[] = {{"初级", "00"}, {"中级", "01"}, {"副高级", "12"}, {"正高级", "13"}};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (strcmp(codes[i].level, level) == 0)
            return codes[i].code;
    }
    return NULL;
}

int license_id_make(char out[LICENSE_ID_MAX + 1], const char *type, const char *issuer, const char *serial,
                    int version, struct err *e)
{
    char body[LICENSE_ID_MAX - 16]; /* leaves room for what stands around it */
    int length = snprintf(body, sizeof body, "%s.%s.%s.%03d", type, issuer, serial, version);
    char check = mod_37_36(body);

    if (length < 0 || (size_t)length >= sizeof body || check == '\0' || version < 1 || version > 999)
        return err_set(
            e, ERR_INVALID,
            "No licence identifier can be made of type \"%s\", issuer \"%s\" and number \"%s\": only "
            "0-9 and A-Z are allowed.",
            "无法由类型代码 “%s”、颁发机构代码 “%s” 和编号 “%s” 生成电子证照标识：只允许 0-9 和 A-Z。", type,
            issuer, serial);
    (void)snprintf(out, LICENSE_ID_MAX + 1, "1.2.156.3005.2.%s.%c", body, check);
    return 0;
}
