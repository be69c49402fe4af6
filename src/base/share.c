#include "base/share.h"
#include "base/file.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int share_path(char *out, size_t size, const char *name, struct err *e)
{
    static const char *const places[] = {"share/sealpress", "../share/sealpress"};
    const char *told = getenv("SEALPRESS_SHARE");
    char program[PATH_MAX];
    ssize_t length;
    char *slash;

    if (told != NULL && told[0] != '\0') {
        (void)snprintf(out, size, "%s/%s", told, name);
        if (file_exists(out))
            return 0;
        return err_set(e, ERR_INTERNAL, "SEALPRESS_SHARE is %s, but there is no %s in it.",
                       "SEALPRESS_SHARE 指向 %s，但其中没有 %s。", told, name);
    }
    length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    slash = strrchr(program, '/');
    if (slash != NULL)
        *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        (void)snprintf(out, size, "%s/%s/%s", program, places[i], name);
        if (file_exists(out))
            return 0;
    }
    return err_set(e, ERR_INTERNAL,
                   "The program's data (%s) is not beside it; install it whole or set SEALPRESS_SHARE.",
                   "程序旁边没有所需数据（%s），请完整安装或设置 SEALPRESS_SHARE。", name);
}
