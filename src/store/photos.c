/* photos.c - cropped photos in the database, uploads, and originals as files named by their hash. */
#include "base/file.h"
#include "store/store_internal.h"
#include <string.h>

int store_put_photo(struct store *s, const uint8_t sha[SHA256_SIZE], struct slice jpeg, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PUT_PHOTO, e);

    if (q == NULL)
        return -1;
    sql_bytes(q, 1, sha, SHA256_SIZE);
    sql_bytes(q, 2, jpeg.ptr, jpeg.len);
    return sql_run(s, q, e);
}

int store_photo(struct buf *out, struct store *s, const uint8_t sha[SHA256_SIZE], struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PHOTO, e);
    int rc;

    if (q == NULL)
        return -1;
    sql_bytes(q, 1, sha, SHA256_SIZE);
    if (!sql_row(s, q, &rc, e))
        return rc;
    buf_append_bytes(out, sqlite3_column_blob(q, 0), (size_t)sqlite3_column_bytes(q, 0));
    sql_done(q);
    return buf_ok(out) ? 0 : err_no_memory(e);
}

/* Named by its content, so one that is there is never written again. */
int store_keep_original(struct store *s, const uint8_t sha[SHA256_SIZE], struct slice content, struct err *e)
{
    char hex[2 * SHA256_SIZE + 1], path[PATH_MAX + 96];
    size_t folder;

    hex_encode(hex, (struct slice){sha, SHA256_SIZE});
    folder = (size_t)snprintf(path, sizeof path, "%s/originals", s->data_dir);
    if (dir_make(path, 0750, e) != 0)
        return -1;
    folder += (size_t)snprintf(path + folder, sizeof path - folder, "/%.2s", hex);
    if (dir_make(path, 0750, e) != 0)
        return -1;
    (void)snprintf(path + folder, sizeof path - folder, "/%s", hex);
    if (!file_exists(path))
        return file_write(path, content, 0640, e);
    path[folder] = '\0';
    if (dir_sync(path) == 0) /* another thread may have just named it */
        return 0;
    return err_set(e, ERR_UNAVAILABLE, "Cannot write to %s; check the disk.", "无法写入 %s，请检查磁盘。",
                   path);
}

static int not_the_original(struct err *e, const char *path)
{
    err_set(e, ERR_UNAVAILABLE, "The stored file is not the one that was sent; restore it from a backup.",
            "存档的原始文件与上传时不一致，请从备份恢复。");
    return err_detail(e, "%s", path);
}

int store_original(struct buf *out, struct store *s, const uint8_t sha[SHA256_SIZE], struct err *e)
{
    char hex[2 * SHA256_SIZE + 1], path[PATH_MAX + 96];
    uint8_t found[SHA256_SIZE];
    size_t from = out->len;

    hex_encode(hex, (struct slice){sha, SHA256_SIZE});
    (void)snprintf(path, sizeof path, "%s/originals/%.2s/%s", s->data_dir, hex, hex);
    if (file_read(out, path, e) != 0)
        return e->code == ERR_NOT_FOUND || e->code == ERR_INVALID || e->code == ERR_TOO_LARGE
                   ? not_the_original(e, path)
                   : -1;
    sha256(found, (struct slice){out->data + from, out->len - from});
    if (memcmp(found, sha, SHA256_SIZE) == 0)
        return 0;
    out->len = from;
    return not_the_original(e, path);
}

static int write_upload(struct store *s, const struct upload *u, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_PUT_UPLOAD, e);

    if (q == NULL)
        return -1;
    sql_text(q, 1, u->id);
    sql_text(q, 2, u->organisation);
    sql_bytes(q, 3, u->original, SHA256_SIZE);
    sql_bytes(q, 4, u->photo, SHA256_SIZE);
    sql_text(q, 5, u->crop_json);
    sql_text(q, 6, u->media_type);
    sql_number(q, 7, u->source_width);
    sql_number(q, 8, u->source_height);
    sql_number(q, 9, u->width);
    sql_number(q, 10, u->height);
    sql_number(q, 11, u->upscaled ? 1 : 0);
    sql_number(q, 12, u->created);
    return sql_run(s, q, e);
}

int store_put_upload(struct store *s, const struct upload *u, struct slice original, struct slice jpeg,
                     struct err *e)
{
    bool own;
    int rc;

    if (store_keep_original(s, u->original, original, e) != 0 || store_enter(s, &own, e) != 0)
        return -1;
    rc = store_put_photo(s, u->photo, jpeg, e) == 0 ? write_upload(s, u, e) : -1;
    return store_leave(s, own, rc, e);
}

int store_upload(struct upload *out, struct store *s, const char *id, struct arena *a, struct err *e)
{
    sqlite3_stmt *q = sql_prepare(s, SQL_UPLOAD, e);
    bool fine = true;
    int rc;

    if (q == NULL)
        return -1;
    sql_text(q, 1, id);
    if (!sql_row(s, q, &rc, e))
        return rc;
    *out = (struct upload){.organisation = sql_column_text(q, 1, a, &fine),
                           .crop_json = sql_column_text(q, 4, a, &fine),
                           .media_type = sql_column_text(q, 5, a, &fine),
                           .source_width = sqlite3_column_int(q, 6),
                           .source_height = sqlite3_column_int(q, 7),
                           .width = sqlite3_column_int(q, 8),
                           .height = sqlite3_column_int(q, 9),
                           .upscaled = sqlite3_column_int(q, 10) != 0,
                           .created = sqlite3_column_int64(q, 11)};
    sql_column_name(out->id, sizeof out->id, q, 0);
    sql_column_bytes(out->original, SHA256_SIZE, q, 2);
    sql_column_bytes(out->photo, SHA256_SIZE, q, 3);
    sql_done(q);
    return fine ? 0 : err_no_memory(e);
}
