/* file_check.c - stored files hashed anew from time to time: a disk that forgets is found out before somebody
 * needs the file. */
#include "store/store_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first row of a statement that asks for one by a moment. */
static int row_by_moment(struct certificate_row *out, struct store *s, enum sql_statement which,
                         int64_t moment, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, which, e);

    if (q == NULL)
        return -1;
    sql_number(q, 1, moment);
    return certificate_only(out, s, q, a, e);
}

int store_next_to_check(struct certificate_row *out, struct store *s, int64_t before, int64_t now,
                        struct arena *a, struct err *e)
{
    if (row_by_moment(out, s, SQL_NEXT_TO_CHECK, before, a, e) == 0)
        return 0;
    return e->code == ERR_NOT_FOUND ? row_by_moment(out, s, SQL_CHECKED_AFTER, now, a, e) : -1;
}

int store_next_faulty(struct certificate_row *out, struct store *s, const char *after, struct arena *a,
                      struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_NEXT_FAULTY, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, after);
    return certificate_only(out, s, q, a, e);
}

static int cannot_look(struct err *e, const char *path)
{
    return err_set(e, ERR_UNAVAILABLE, "Cannot read %s to check it: %s.", "无法读取 %s 进行核验：%s。", path,
                   strerror(errno));
}

/* Whether the file itself is what cannot be read, not this process that cannot read now. */
static bool is_the_files_fault(int why)
{
    return why == ENOENT || why == ENOTDIR || why == ELOOP || why == EIO || why == ENXIO;
}

static int hash_open_file(bool *fine, int fd, const struct certificate_row *row)
{
    uint8_t sha[SHA256_SIZE];
    struct stat st;

    *fine = false;
    if (fstat(fd, &st) != 0)
        return -1;
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != row->file_size)
        return 0;
    if (sha256_of_file(sha, fd) != 0)
        return -1;
    *fine = memcmp(sha, row->file_sha256, SHA256_SIZE) == 0;
    return 0;
}

static int look_at_file(bool *fine, struct store *s, const struct certificate_row *row, struct err *e)
{
    char path[PATH_MAX + 80], name[64];
    int fd, rc;

    *fine = false;
    store_file_name(name, row->id);
    (void)snprintf(path, sizeof path, "%s/%s", s->data_dir, name);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    rc = fd < 0 ? -1 : hash_open_file(fine, fd, row);
    if (rc != 0)
        rc = is_the_files_fault(errno) ? 0 : cannot_look(e, path);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static int read_fault(int64_t *since, struct store *s, const char *id, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_FILE_FAULT, e);
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    if (!sql_row(s, q, &rc, e))
        return rc;
    *since = sqlite3_column_int64(q, 0);
    sql_done(q);
    return 0;
}

static int write_checked(struct store *s, const char *id, int64_t now, int64_t fault, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_FILE_CHECKED, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    sql_number(q, 2, now);
    sql_number(q, 3, fault);
    return sql_run(s, q, e);
}

/* Says in the row what was found; the row, not the caller's copy of it, knows what was said before. */
static int note_finding(struct store *s, const char *id, bool fine, int64_t now, struct err *e)
{
    struct certificate_event ev = {.moment = now, .certificate = id, .actor = "service"};
    int64_t since = 0;

    if (read_fault(&since, s, id, e) != 0 || write_checked(s, id, now,
                                                           fine         ? 0
                                                           : since != 0 ? since
                                                                        : now,
                                                           e) != 0)
        return -1;
    if (fine == (since == 0))
        return 0;
    ev.event = fine ? "file-restored" : "file-fault";
    return store_add_event(s, &ev, e);
}

int store_check_file(bool *fine, struct store *s, const struct certificate_row *row, int64_t now,
                     struct err *e)
{
    bool own;

    /* hashed first: nobody waits for the lock meanwhile */
    if (look_at_file(fine, s, row, e) != 0 || store_enter(s, &own, e) != 0)
        return -1;
    return store_leave(s, own, note_finding(s, row->id, *fine, now, e), e);
}
