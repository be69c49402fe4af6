/* zip_name.c - names that every system can unpack. */
#include "archive/zip.h"
#include "base/utf8.h"
#include <string.h>
#include <strings.h>

enum { NAME_BYTES_MAX = 200 };

/* CON, NUL, COM1 and the like are devices on Windows, whatever their extension and letter case. */
static bool is_device(const char *stem)
{
    static const char *const names[] = {"CON", "PRN", "AUX", "NUL", "COM", "LPT"};
    size_t len = strcspn(stem, ".");

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncasecmp(stem, names[i], 3) == 0 &&
            (i < 4 ? len == 3 : len == 4 && stem[3] >= '0' && stem[3] <= '9'))
            return true;
    }
    return false;
}

void zip_safe_name(char *out, size_t size, const char *stem, const char *extension)
{
    size_t room = size - 1 < NAME_BYTES_MAX ? size - 1 : NAME_BYTES_MAX, ending = strlen(extension), len;

    room = room > ending + 1 ? room - ending - 1 : 0; /* one for "_" before a device's name */
    len = utf8_whole(stem, strnlen(stem, room));
    if (len == 0 || is_device(stem))
        (void)snprintf(out, size, "_%.*s", (int)len, stem);
    else
        (void)snprintf(out, size, "%.*s", (int)len, stem);
    for (char *at = out; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7F || strchr("<>:\"/\\|?*", *at) != NULL)
            *at = '_';
    }
    len = strlen(out);
    while (ending == 0 && len > 0 && (out[len - 1] == '.' || out[len - 1] == ' '))
        out[--len] = '_';
    (void)snprintf(out + len, size - len, "%s", extension);
}
