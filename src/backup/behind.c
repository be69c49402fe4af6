/* behind.c - a database that is older than the signer's log is noticed before anything is issued. */
#include "backup/backup_internal.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOG_TAIL = 64 * 1024, USES_LOOKED_AT = 64 };

/* The end of the log, from a whole line on; empty where it is not ours to read. */
static void read_tail(struct buf *out, const char *data_dir)
{
    char path[PATH_MAX];
    struct stat st;
    struct err unasked;
    uint8_t *room;
    ssize_t got = 0;
    int fd = backup_path(path, data_dir, "keys/log/seals.log", &unasked) == 0
                 ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                 : -1;

    if (fd < 0)
        return;
    room = buf_room(out, LOG_TAIL);
    if (room != NULL && fstat(fd, &st) == 0)
        got = pread(fd, room, LOG_TAIL, st.st_size > LOG_TAIL ? st.st_size - LOG_TAIL : 0);
    (void)close(fd);
    if (got > 0)
        buf_wrote(out, (size_t)got);
}

static int knows(bool *known, struct store *s, const char *id, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct certificate_row row;
    int rc = store_certificate(&row, s, id, &a, e);

    *known = rc == 0;
    arena_dispose(&a);
    return rc == 0 || e->code == ERR_NOT_FOUND ? 0 : -1;
}

/* Whether the database knows the last certificates that were sealed: a row is there before its seal is. */
static int knows_all(bool *all, struct store *s, const char *tail, struct err *e)
{
    static const char mark[] = " journal=";
    struct arena settings = ARENA_INIT;
    const char *recovered = NULL;
    size_t looked = 0;
    int rc = store_setting(&recovered, s, RECOVERED_LOG, &settings, e);

    *all = true;
    for (const char *at = tail + strlen(tail); rc == 0 && at > tail && looked < USES_LOOKED_AT && *all;
         at--) {
        char id[CERTIFICATE_ID_SIZE];

        if (*at != mark[0] || strncmp(at, mark, sizeof mark - 1) != 0)
            continue;
        (void)snprintf(id, sizeof id, "%.32s", at + sizeof mark - 1);
        if (recovered != NULL && strcmp(id, recovered) == 0)
            break;
        rc = knows(all, s, id, e);
        looked++;
    }
    arena_dispose(&settings);
    return rc;
}

/* Closes issuing where the database is behind. */
static int close_behind(bool *behind, const char *data_dir, struct err *e)
{
    struct buf tail = BUF_INIT(LOG_TAIL + 1);
    struct store *s = NULL;
    const char *text;
    bool all = true;
    int rc = 0;

    *behind = false;
    read_tail(&tail, data_dir);
    text = tail.len > 0 ? buf_text(&tail) : NULL;
    if (text != NULL) {
        rc = store_open_reading(&s, data_dir, e) == 0 ? knows_all(&all, s, text, e) : -1;
        store_close(s);
        s = NULL;
    }
    if (rc == 0 && !all) {
        *behind = true;
        rc = store_open(&s, data_dir, false, e) == 0
                 ? store_put_setting(s, "issuing_closed", "the signer's log is ahead", e)
                 : -1;
        store_close(s);
    }
    buf_dispose(&tail);
    return rc;
}

bool backup_look_behind(const char *data_dir)
{
    int status = 0;
    pid_t pid;

    (void)fflush(NULL);
    pid = fork();
    if (pid == 0) {
        struct err unasked; /* what cannot be opened here will not open later either, and say so */
        bool behind;

        _exit(close_behind(&behind, data_dir, &unasked) == 0 && behind ? 1 : 0);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}
