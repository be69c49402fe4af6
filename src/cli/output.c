#include "cli/output.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int cli_output_open(struct cli_output *o, const char *path, struct err *e)
{
    struct stat st;

    o->path = path;
    o->fd = -1;
    o->temporary[0] = '\0';
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return err_set(e, ERR_INVALID, "%s is a directory; name a file.", "%s 是目录，请指定文件名。", path);
    if (snprintf(o->temporary, sizeof o->temporary, "%s.XXXXXX", path) >= (int)sizeof o->temporary) {
        o->temporary[0] = '\0';
        return err_set(e, ERR_INVALID, "The path of the output is too long.", "输出路径过长。");
    }
    o->fd = mkostemp(o->temporary, O_CLOEXEC);
    if (o->fd >= 0)
        return 0;
    o->temporary[0] = '\0';
    return err_set(e, ERR_UNAVAILABLE, "Cannot write %s: %s.", "无法写入 %s：%s。", path, strerror(errno));
}

int cli_output_publish(struct cli_output *o)
{
    char copy[PATH_MAX];
    mode_t mask = umask(0);

    (void)umask(mask);
    if (o->temporary[0] == '\0')
        return 0;
    (void)snprintf(copy, sizeof copy, "%s", o->path);
    if (fsync(o->fd) != 0 || fchmod(o->fd, 0666 & ~mask) != 0 || rename(o->temporary, o->path) != 0)
        return -1;
    o->temporary[0] = '\0';
    (void)dir_sync(dirname(copy)); /* should the name be lost, the same command brings it back */
    return 0;
}

void cli_output_end(struct cli_output *o)
{
    if (o->fd >= 0 && o->fd != STDOUT_FILENO)
        (void)close(o->fd);
    if (o->temporary[0] != '\0')
        (void)unlink(o->temporary);
    o->fd = -1;
    o->temporary[0] = '\0';
}
