/* keys/service-grants.json: what the service granted. Only the signer writes it, whole: a temporary file
 * beside it, fsync, rename, fsync of the directory. */
#include "base/file.h"
#include "sign/signer_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME      "service-grants.json"
#define TEMPORARY "service-grants.tmp"

struct service_grants {
    int keys_fd;
    bool damaged;
    json_t *root; /* as in the file */
    struct registry_rows rows;
};

static int is_damaged(struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE,
                   "keys/" NAME
                   " is damaged: no grant can be given or taken back through the service. Restore "
                   "it from a backup, or remove it, and start sealpress again.",
                   "keys/" NAME " 已损坏，无法通过服务授权或撤销授权。请从备份恢复或删除该文件，再重新启动 "
                   "sealpress。");
}

/* Seals that the operator granted work without this file, so the signer starts without it. */
static int read_file(struct service_grants *g, struct err *e)
{
    struct buf text = BUF_INIT(REGISTRY_MAX_BYTES);
    struct err why;

    if (signer_read_at(&text, g->keys_fd, NAME, &why) == 0)
        g->damaged = registry_service_rows_read(&g->rows, &g->root, buf_view(&text), &why) != 0;
    else if (why.code != ERR_NOT_FOUND)
        g->damaged = true;
    buf_dispose(&text);
    if (g->damaged)
        (void)fprintf(stderr, "sealpress-signer: %s\n", why.en);
    if (g->root == NULL)
        g->root = json_pack("{s:i, s:[]}", "version", 1, "grants");
    return g->root != NULL ? 0 : err_no_memory(e);
}

int service_grants_open(struct service_grants **out, int keys_fd, struct err *e)
{
    struct service_grants *g = calloc(1, sizeof *g);

    *out = NULL;
    if (g == NULL)
        return err_no_memory(e);
    g->keys_fd = keys_fd;
    if (read_file(g, e) != 0) {
        service_grants_free(g);
        return -1;
    }
    *out = g;
    return 0;
}

void service_grants_free(struct service_grants *g)
{
    if (g == NULL)
        return;
    json_decref(g->root);
    registry_rows_dispose(&g->rows);
    free(g);
}

const struct registry_rows *service_grants_rows(const struct service_grants *g)
{
    return &g->rows;
}

static int not_written(struct err *e, int why)
{
    return err_set(e, ERR_UNAVAILABLE, "keys/" NAME " cannot be written: %s. The grants are as they were.",
                   "无法写入 keys/" NAME "：%s。授权未变。", strerror(why));
}

/* The flags are those that the signer's filter lets through, no others. A temporary file that a crash left is
 * written over. *named: the file has its new content, at least until the power fails. */
static int write_file(bool *named, int keys_fd, struct slice text, struct err *e)
{
    int fd = openat(keys_fd, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int rc;

    if (fd < 0)
        return not_written(e, errno);
    rc = file_put(fd, text) != 0 || fsync(fd) != 0 ? not_written(e, errno) : 0;
    (void)close(fd);
    if (rc != 0)
        return -1;
    *named = renameat(keys_fd, TEMPORARY, keys_fd, NAME) == 0;
    return *named && fsync(keys_fd) == 0 ? 0 : not_written(e, errno);
}

/* Puts back what the file held before, for the next start: what was refused must not come true then. */
static void write_back(const struct service_grants *g)
{
    struct buf text = BUF_INIT(REGISTRY_MAX_BYTES);
    struct err unsaid;
    bool named;

    if (json_write(&text, g->root, &unsaid) == 0)
        (void)!write_file(&named, g->keys_fd, buf_view(&text), &unsaid);
    buf_dispose(&text);
}

/* Takes the changed root (and the reference) if it reaches the disk. */
static int replace(struct service_grants *g, json_t *root, struct err *e)
{
    struct buf text = BUF_INIT(REGISTRY_MAX_BYTES);
    struct registry_rows rows = {.seals = NULL};
    bool named = false;
    int rc = -1;

    if (json_write(&text, root, e) == 0 && registry_service_rows_read(&rows, NULL, buf_view(&text), e) == 0)
        rc = write_file(&named, g->keys_fd, buf_view(&text), e);
    if (rc != 0 && named)
        write_back(g);
    if (rc == 0) {
        registry_rows_dispose(&g->rows);
        json_decref(g->root);
        g->rows = rows;
        g->root = root;
    } else {
        registry_rows_dispose(&rows);
        json_decref(root);
    }
    buf_dispose(&text);
    return rc;
}

/* Room for one more: the oldest that was taken back makes way. */
static int make_room(json_t *grants, struct err *e)
{
    const json_t *row;
    size_t i;

    if (json_array_size(grants) < SERVICE_GRANTS_MAX)
        return 0;
    json_array_foreach(grants, i, row)
    {
        if (json_is_true(json_object_get(row, "revoked")))
            return json_array_remove(grants, i) == 0 ? 0 : err_no_memory(e);
    }
    return err_set(
        e, ERR_TOO_LARGE,
        "%d grants were given through the service, as many as there can be: revoke old ones first.",
        "通过服务给出的授权已达 %d 项上限，请先撤销旧的授权。", SERVICE_GRANTS_MAX);
}

int service_grants_add(struct service_grants *g, const char *id, const struct grant_order *o, struct err *e)
{
    json_t *root, *grants;

    if (g->damaged)
        return is_damaged(e);
    root = json_deep_copy(g->root);
    grants = json_object_get(root, "grants");
    if (root == NULL)
        return err_no_memory(e);
    if (make_room(grants, e) == 0) {
        if (json_array_append_new(grants, registry_grant_row(id, o->seal, o)) == 0)
            return replace(g, root, e);
        err_no_memory(e);
    }
    json_decref(root);
    return -1;
}

int service_grants_revoke(struct service_grants *g, const char *id, struct err *e)
{
    json_t *root, *row;
    size_t i;

    if (g->damaged)
        return is_damaged(e);
    root = json_deep_copy(g->root);
    if (root == NULL)
        return err_no_memory(e);
    json_array_foreach(json_object_get(root, "grants"), i, row)
    {
        if (strcmp(json_text(row, "id"), id) == 0) {
            if (json_object_set_new(row, "revoked", json_true()) == 0)
                return replace(g, root, e);
            json_decref(root);
            return err_no_memory(e);
        }
    }
    json_decref(root);
    return err_set(e, ERR_NOT_FOUND, "There is no grant %s.", "没有授权 %s。", id);
}
