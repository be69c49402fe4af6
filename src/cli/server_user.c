#include "cli/server_user.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool server_user_reaches(const struct signer_identity *who, const char *dir)
{
    struct err unasked;
    int status = 0;
    pid_t child;

    if (!who->isolated)
        return true;
    child = fork();
    if (child == 0)
        _exit(signer_become_server(who, &unasked) == 0 && access(dir, X_OK) == 0 ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int server_user_give(const struct signer_identity *who, const char *data_dir, const char *name, struct err *e)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", data_dir, name);
    if (!who->isolated || lchown(path, who->server_uid, who->server_gid) == 0)
        return 0;
    return err_set(e, ERR_UNAVAILABLE, "Cannot give %s to the user sealpress: %s.",
                   "无法将 %s 交给用户 sealpress：%s。", path, strerror(errno));
}
