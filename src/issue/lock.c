#include "issue/lock.h"
#include "base/digest.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

int lock_open(int *fd, const char *data_dir, struct err *e)
{
    char path[PATH_MAX + 16];

    (void)snprintf(path, sizeof path, "%s/issue.lock", data_dir);
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd >= 0)
        return 0;
    return err_set(e, ERR_UNAVAILABLE, "Cannot open %s: %s. Check who may write there.",
                   "无法打开 %s：%s，请检查写入权限。", path, strerror(errno));
}

/* One byte of the (empty) file for each id: 56 of its bits. Two ids that share it wait for each other. */
static struct flock byte_of(const char *id, short kind)
{
    struct flock lock = {.l_type = kind, .l_whence = SEEK_SET, .l_len = 1};
    uint8_t bits[7] = {0};

    if (hex_decode(bits, sizeof bits, id, 2 * sizeof bits)) {
        for (size_t i = 0; i < sizeof bits; i++)
            lock.l_start = lock.l_start << 8 | bits[i];
    }
    return lock;
}

int lock_take(bool *taken, int fd, const char *id, bool wait, struct err *e)
{
    struct flock lock = byte_of(id, F_WRLCK);
    int rc;

    do
        rc = fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
    while (rc != 0 && errno == EINTR);
    *taken = rc == 0;
    if (rc == 0 || (!wait && (errno == EAGAIN || errno == EACCES)))
        return 0;
    return err_set(e, ERR_UNAVAILABLE, "The certificate cannot be locked: %s.", "无法锁定证书：%s。",
                   strerror(errno));
}

void lock_release(int fd, const char *id)
{
    struct flock lock = byte_of(id, F_UNLCK);

    (void)fcntl(fd, F_OFD_SETLK, &lock);
}
