/* exports.c - frozen lists of files that were asked for as archives. */
#include "store/jobs.h"
#include "store/store_internal.h"
#include <string.h>

/* Who asks for the same again gets the archive that is there, unless it ends within a day. */
enum { REUSE_SECONDS = 24 * 60 * 60 };

static void take_export(void *out, sqlite3_stmt *q, struct arena *a, bool *fine)
{
    struct export_row *x = out;

    *x = (struct export_row){.organisation = sql_column_text(q, 1, a, fine),
                             .file_name = sql_column_text(q, 3, a, fine),
                             .size = (uint64_t)sqlite3_column_int64(q, 5),
                             .files = (uint64_t)sqlite3_column_int64(q, 6),
                             .missing = (uint64_t)sqlite3_column_int64(q, 7),
                             .created = sqlite3_column_int64(q, 8),
                             .expires = sqlite3_column_int64(q, 9)};
    sql_column_name(x->id, sizeof x->id, q, 0);
    sql_column_name(x->filing, sizeof x->filing, q, 2);
    sql_column_bytes(x->list_sha256, SHA256_SIZE, q, 4);
}

/* Fills in the one that is kept already; *found. */
static int find_same(bool *found, struct store *s, struct export_row *x, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_SAME_EXPORT, e);
    int rc;

    *found = false;
    if (q == NULL)
        return -1;
    sql_bytes(q, 1, x->list_sha256, SHA256_SIZE);
    sql_text(q, 2, x->organisation);
    sql_text(q, 3, x->filing[0] == '\0' ? NULL : x->filing);
    sql_text(q, 4, x->file_name);
    sql_number(q, 5, x->created + REUSE_SECONDS);
    if (!sql_next(s, q, &rc, e))
        return rc;
    *found = true;
    sql_column_name(x->id, sizeof x->id, q, 0);
    x->size = (uint64_t)sqlite3_column_int64(q, 5);
    x->files = (uint64_t)sqlite3_column_int64(q, 6);
    x->missing = (uint64_t)sqlite3_column_int64(q, 7);
    x->created = sqlite3_column_int64(q, 8);
    x->expires = sqlite3_column_int64(q, 9);
    sql_done(q);
    return 0;
}

static int write_export(struct store *s, struct export_row *x, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_ADD_EXPORT, e);
    const char *values[] = {x->id, x->organisation, x->filing[0] == '\0' ? NULL : x->filing, x->file_name};

    if (q == NULL || (x->id[0] == '\0' && store_new_id(x->id, 0, e) != 0))
        return -1;
    sql_texts(q, values, sizeof values / sizeof values[0]);
    sql_bytes(q, 5, x->list_sha256, SHA256_SIZE);
    sql_number(q, 6, (int64_t)x->size);
    sql_number(q, 7, (int64_t)x->files);
    sql_number(q, 8, (int64_t)x->missing);
    sql_number(q, 9, x->created);
    sql_number(q, 10, x->expires);
    sql_bytes(q, 11, x->list.ptr, x->list.len);
    return sql_run(s, q, e);
}

int store_add_export(struct store *s, struct export_row *x, struct err *e)
{
    bool own, found;
    int rc;

    if (store_enter(s, &own, e) != 0)
        return -1;
    if (x->expires == 0)
        x->expires = x->created + EXPORT_DAYS * 24 * 60 * 60;
    rc = find_same(&found, s, x, e);
    if (rc == 0 && !found)
        rc = write_export(s, x, e);
    return store_leave(s, own, rc, e);
}

static int take_list(struct slice *out, sqlite3_stmt *q, struct arena *a, struct err *e)
{
    size_t len = (size_t)sqlite3_column_bytes(q, 10);
    const void *bytes = sqlite3_column_blob(q, 10);
    uint8_t *kept = arena_array(a, len + 1, 1);

    if (kept == NULL || (bytes == NULL && len > 0))
        return err_no_memory(e);
    if (len > 0)
        memcpy(kept, bytes, len);
    *out = (struct slice){kept, len};
    return 0;
}

int store_export(struct export_row *out, bool with_list, struct store *s, const char *id, int64_t now,
                 struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, with_list ? SQL_EXPORT_WITH_LIST : SQL_EXPORT, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    sql_number(q, 2, now);
    if (!sql_row(s, q, &rc, e))
        return rc;
    take_export(out, q, a, &fine);
    rc = fine ? 0 : err_no_memory(e);
    if (rc == 0 && with_list)
        rc = take_list(&out->list, q, a, e);
    sql_done(q);
    return rc;
}

int store_list_exports(struct export_row *out, size_t max, size_t *count, struct store *s,
                       const char *organisation, int64_t now, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_EXPORTS, e);
    bool fine = true;
    int rc;

    *count = 0;
    if (q == NULL)
        return -1;
    sql_text(q, 1, organisation);
    sql_number(q, 2, now);
    sql_number(q, 3, (int64_t)max);
    while (sql_next(s, q, &rc, e))
        take_export(&out[(*count)++], q, a, &fine);
    return rc != 0 || fine ? rc : err_no_memory(e);
}
