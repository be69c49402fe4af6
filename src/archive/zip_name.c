/* zip_name.c - names that every system can unpack. */
#include "archive/zip.h"
#include "base/utf8.h"
#include <string.h>
#include <strings.h>

enum { NAME_BYTES_MAX = 200 };

/* CON, NUL, COM1 and the like are devices on Windows, whatever follows the first dot and in any letter case;
 * ¹²³ count as digits there. */
static bool is_device(const char *stem)
{
    static const char *const names[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
    static const char *const digits[] = {"¹", "²", "³"};
    size_t len = strcspn(stem, ".");

    while (len > 0 && stem[len - 1] == ' ')
        len--;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (len == strlen(names[i]) && strncasecmp(stem, names[i], len) == 0)
            return true;
    }
    if (strncasecmp(stem, "COM", 3) != 0 && strncasecmp(stem, "LPT", 3) != 0)
        return false;
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++) {
        if (len == 3 + strlen(digits[i]) && memcmp(stem + 3, digits[i], len - 3) == 0)
            return true;
    }
    return len == 4 && stem[3] >= '0' && stem[3] <= '9';
}

/* Besides what no system takes: what makes a name look like another one (marks of direction, blanks without
 * width). */
static bool is_fine(uint32_t cp)
{
    if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || (cp < 0x80 && strchr("<>:\"/\\|?*", (int)cp) != NULL))
        return false;
    return !(cp >= 0x200B && cp <= 0x200F) && !(cp >= 0x2028 && cp <= 0x202E) &&
           !(cp >= 0x2060 && cp <= 0x206F) && cp != 0xFEFF;
}

/* One "_" for each character that cannot stay, and for each byte that is none; at most room bytes. */
static size_t put_stem(char *out, size_t room, const char *stem)
{
    struct slice s = slice_of(stem);
    size_t len = 0, at = 0;

    while (at < s.len) {
        size_t from = at, bytes = 1;
        uint32_t cp;
        bool fine = utf8_next(s, &at, &cp);

        if (!fine)
            at++;
        fine = fine && is_fine(cp) && !(from == 0 && cp == ' ');
        bytes = fine ? at - from : 1;
        if (bytes > room - len)
            break;
        if (fine)
            memcpy(out + len, stem + from, bytes);
        else
            out[len] = '_';
        len += bytes;
    }
    return len;
}

void zip_safe_name(char *out, size_t size, const char *stem, const char *extension)
{
    size_t room = size - 1 < NAME_BYTES_MAX ? size - 1 : NAME_BYTES_MAX, ending = strlen(extension), len = 0;

    room = room > ending ? room - ending : 0;
    if (room > 0 && (*stem == '\0' || is_device(stem)))
        out[len++] = '_';
    len += put_stem(out + len, room - len, stem);
    for (size_t at = len; ending == 0 && at > 0 && (out[at - 1] == '.' || out[at - 1] == ' '); at--)
        out[at - 1] = '_';
    (void)snprintf(out + len, size - len, "%s", extension);
}
