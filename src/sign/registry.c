/* registry.json and the files around it. Each change is read, change, replace under a lock. */
#include "sign/registry.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/utf8.h"
#include "sign/registry_internal.h"
#include "sign/signer_counts.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void registry_at(struct registry *r, const char *data_dir)
{
    r->data_dir = data_dir;
    signer_identity_find(&r->who);
}

int registry_path(char *out, size_t size, const struct registry *r, const char *name, struct err *e)
{
    int len = snprintf(out, size, "%s/%s", r->data_dir, name);

    if (len < 0 || (size_t)len >= size)
        return err_set(e, ERR_INVALID, "The path of the data directory is too long.", "数据目录的路径过长。");
    return 0;
}

static uid_t owner_uid(const struct registry *r)
{
    return r->who.isolated ? r->who.signer_uid : (uid_t)-1;
}

static gid_t owner_gid(const struct registry *r)
{
    return r->who.isolated ? r->who.signer_gid : (gid_t)-1;
}

int registry_put(const struct registry *r, const char *name, struct slice content, mode_t mode, struct err *e)
{
    char path[PATH_MAX];

    if (registry_path(path, sizeof path, r, name, e) != 0)
        return -1;
    return file_write_as(path, content, mode, owner_uid(r), owner_gid(r), e);
}

static int not_given(const char *path, struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE, "Cannot give %s its owner and mode: %s.",
                   "无法设置 %s 的属主和权限：%s。", path, strerror(errno));
}

static int is_servers(const char *path, struct err *e)
{
    return err_set(e, ERR_FORBIDDEN,
                   "%s belongs to the user who runs the server, who must not own it. If you trust what is in "
                   "it: chown -R sealpress-signer: it.",
                   "%s 属于服务进程的用户，这不安全。如确信其中内容无误，请执行 chown -R sealpress-signer: "
                   "该目录。",
                   path);
}

/* A directory of the signer's. The mode is set whatever the umask says. The server's user may write beside
 * it: what he planted there, a link or a directory of his, is not made the signer's. */
static int make_dir(const struct registry *r, const char *name, mode_t mode, struct err *e)
{
    char path[PATH_MAX];
    struct stat st;
    bool fine;
    int fd, rc;

    if (registry_path(path, sizeof path, r, name, e) != 0 || dir_make(path, mode, e) != 0)
        return -1;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    fine = fd >= 0 && fstat(fd, &st) == 0;
    if (fine && r->who.isolated && st.st_uid == r->who.server_uid)
        rc = is_servers(path, e);
    else if (fine && fchmod(fd, mode) == 0 &&
             (!r->who.isolated || fchown(fd, owner_uid(r), owner_gid(r)) == 0))
        rc = 0;
    else
        rc = not_given(path, e);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static int guard_data_dir(const struct registry *r, struct err *e)
{
    if (!r->who.isolated)
        return 0;
    if (chown(r->data_dir, 0, r->who.server_gid) != 0 || chmod(r->data_dir, 01775) != 0)
        return not_given(r->data_dir, e);
    return 0;
}

/* Others may write into the data directory only once ours are there. */
int registry_prepare(const struct registry *r, struct err *e)
{
    if (dir_make(r->data_dir, 0755, e) != 0 || make_dir(r, "keys", 0700, e) != 0 ||
        make_dir(r, "keys/log", 0700, e) != 0 || make_dir(r, "seals", 0755, e) != 0 ||
        make_dir(r, "trust", 0755, e) != 0)
        return -1;
    return guard_data_dir(r, e);
}

/* One change of registry.json at a time. */
struct change {
    int lock;
    json_t *root;
};

static int lock_registry(int *fd, const struct registry *r, struct err *e)
{
    char path[PATH_MAX];

    if (registry_path(path, sizeof path, r, "keys/registry.lock", e) != 0)
        return -1;
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*fd >= 0 && fchown(*fd, owner_uid(r), owner_gid(r)) == 0 && flock(*fd, LOCK_EX) == 0)
        return 0;
    if (errno == ENOENT)
        return err_set(
            e, ERR_NOT_FOUND,
            "There are no seals in %s yet: is it the data directory? \"sealpress init\" makes one.",
            "%s 中还没有印章：它是数据目录吗？可用 sealpress init 建立。", r->data_dir);
    return err_set(e, ERR_UNAVAILABLE, "Cannot open %s: %s. Run the command as root or as the signer's user.",
                   "无法打开 %s：%s。请以 root 或签名进程的用户运行。", path, strerror(errno));
}

int registry_json(json_t **out, const struct registry *r, struct err *e)
{
    char path[PATH_MAX];
    struct registry_rows rows;
    struct buf text = BUF_INIT(REGISTRY_MAX_BYTES);
    int rc = -1;

    *out = NULL;
    if (registry_path(path, sizeof path, r, "keys/registry.json", e) != 0)
        return -1;
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        *out = json_pack("{s:i, s:[], s:[]}", "version", 1, "seals", "grants");
        return *out != NULL ? 0 : err_no_memory(e);
    }
    if (file_read(&text, path, e) == 0 && registry_rows_read(&rows, buf_view(&text), e) == 0) {
        registry_rows_dispose(&rows);
        rc = json_read(out, buf_view(&text), REGISTRY_MAX_BYTES, e);
    }
    buf_dispose(&text);
    return rc;
}

static void change_end(struct change *c)
{
    json_decref(c->root);
    if (c->lock >= 0)
        (void)close(c->lock);
}

static int change_begin(struct change *c, const struct registry *r, struct err *e)
{
    *c = (struct change){-1, NULL};
    if (lock_registry(&c->lock, r, e) == 0 && registry_json(&c->root, r, e) == 0)
        return 0;
    change_end(c);
    return -1;
}

/* The signer would refuse all seals if a row were wrong, so it is read back before it is written. */
static int change_save(const struct change *c, const struct registry *r, struct err *e)
{
    struct buf text = BUF_INIT(REGISTRY_MAX_BYTES);
    struct registry_rows rows;
    int rc = -1;

    if (json_write(&text, c->root, e) == 0 && registry_rows_read(&rows, buf_view(&text), e) == 0) {
        registry_rows_dispose(&rows);
        rc = registry_put(r, "keys/registry.json", buf_view(&text), 0600, e);
    }
    buf_dispose(&text);
    return rc;
}

/* The only seal whose id begins so; borrowed. */
static json_t *find_seal(const json_t *root, const char *prefix, struct err *e)
{
    const json_t *seals = json_object_get(root, "seals");
    json_t *row, *found = NULL;
    size_t i, len = strlen(prefix);
    int matches = 0;

    json_array_foreach(seals, i, row)
    {
        if (len >= 6 && strncmp(json_text(row, "id"), prefix, len) == 0) {
            found = row;
            matches++;
        }
    }
    if (matches == 1)
        return found;
    if (matches > 1)
        err_set(e, ERR_INVALID, "Several seals begin with %s; give more digits.",
                "有多枚印章的编号以 %s 开头，请多写几位。", prefix);
    else
        err_set(e, ERR_NOT_FOUND, "There is no seal %s; \"sealpress seal list\" shows them.",
                "没有印章 %s，可用 sealpress seal list 查看。", prefix);
    return NULL;
}

static int set_state(const struct registry *r, const char *seal, const char *state, struct err *e)
{
    struct change c;
    json_t *row;
    int rc = -1;

    if (change_begin(&c, r, e) != 0)
        return -1;
    row = find_seal(c.root, seal, e);
    if (row != NULL)
        rc = json_object_set_new(row, "state", json_string(state)) == 0 ? change_save(&c, r, e)
                                                                        : err_no_memory(e);
    change_end(&c);
    return rc;
}

int registry_disable(const struct registry *r, const char *seal, struct err *e)
{
    return set_state(r, seal, "disabled", e);
}

int registry_enable(const struct registry *r, const char *seal, struct err *e)
{
    return set_state(r, seal, "enabled", e);
}

/* It is printed in lists and errors. */
static bool prints(const char *text)
{
    struct slice s = slice_of(text);
    uint32_t cp;
    size_t at = 0;

    while (utf8_next(s, &at, &cp)) {
        if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
            return false;
    }
    return at == s.len;
}

int registry_check_grant(const struct grant_order *o, struct err *e)
{
    struct date from = {0, 0, 0}, until = {0, 0, 0};
    size_t len = strlen(o->to);

    if (len == 0 || len >= GRANTEE_SIZE)
        return err_set(e, ERR_INVALID,
                       "A grant names an issuing profile or a kind of document, 1 to %d bytes.",
                       "授权对象应为发证配置或文书种类的编号，1 至 %d 字节。", GRANTEE_SIZE - 1);
    if (!prints(o->to))
        return err_set(e, ERR_INVALID,
                       "The name of the grantee is not valid UTF-8, or has control characters.",
                       "授权对象不是有效的 UTF-8 文本，或含有控制字符。");
    if (o->to[0] == '@' && strcmp(o->to, SIGNER_DELEGATE) != 0)
        return err_set(e, ERR_INVALID,
                       "A grantee does not begin with \"@\", except " SIGNER_DELEGATE
                       ", which lets the service give grants.",
                       "授权对象不能以 “@” 开头，表示允许通过服务授权的 " SIGNER_DELEGATE " 除外。");
    if ((o->from != NULL && !date_parse(&from, o->from)) ||
        (o->until != NULL && !date_parse(&until, o->until)))
        return err_set(e, ERR_INVALID, "The days of a grant are written YYYY-MM-DD, like 2026-01-31.",
                       "授权日期的写法是 YYYY-MM-DD，例如 2026-01-31。");
    if (o->from != NULL && o->until != NULL && date_compare(from, until) > 0)
        return err_set(e, ERR_INVALID, "The grant would end (%s) before it begins (%s).",
                       "授权的结束日期（%s）早于开始日期（%s）。", o->until, o->from);
    if (o->count < 0 || o->count > INT32_MAX)
        return err_set(e, ERR_INVALID, "The count of a grant is a positive number up to %d.",
                       "授权次数应为不超过 %d 的正整数。", INT32_MAX);
    return 0;
}

json_t *registry_grant_row(const char *id, const char *seal, const struct grant_order *o)
{
    json_t *count = o->count > 0 ? json_integer(o->count) : json_null();

    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:o}", "id", id, "seal", seal, "to", o->to, "from", o->from,
                     "until", o->until, "count", count);
}

int registry_grant(char id[REGISTRY_ID_SIZE], const struct registry *r, const struct grant_order *o,
                   struct err *e)
{
    struct change c;
    uint8_t number[8];
    const json_t *row;
    int rc = -1;

    if (registry_check_grant(o, e) != 0 || random_bytes(number, sizeof number, e) != 0 ||
        change_begin(&c, r, e) != 0)
        return -1;
    hex_encode(id, (struct slice){number, sizeof number});
    row = find_seal(c.root, o->seal, e);
    if (row != NULL && json_is_true(json_object_get(row, "service")))
        err_set(e, ERR_INVALID, "The service's own seal needs no grant.", "服务自身的印章无需授权。");
    else if (row != NULL)
        rc = json_array_append_new(json_object_get(c.root, "grants"),
                                   registry_grant_row(id, json_text(row, "id"), o)) == 0
                 ? change_save(&c, r, e)
                 : err_no_memory(e);
    change_end(&c);
    return rc;
}

int registry_service_json(json_t **out, const struct registry *r, struct err *e)
{
    char path[PATH_MAX];
    struct registry_rows rows;
    struct buf text = BUF_INIT(REGISTRY_MAX_BYTES);
    struct err why;
    int rc = -1;

    *out = NULL;
    if (registry_path(path, sizeof path, r, "keys/service-grants.json", e) != 0)
        return -1;
    if (file_read(&text, path, &why) == 0) {
        rc = registry_service_rows_read(&rows, out, buf_view(&text), e);
        registry_rows_dispose(&rows);
    } else if (why.code == ERR_NOT_FOUND) {
        *out = json_pack("{s:i, s:[]}", "version", 1, "grants");
        rc = *out != NULL ? 0 : err_no_memory(e);
    } else {
        *e = why;
    }
    buf_dispose(&text);
    return rc;
}

static bool has_grant(const json_t *root, const char *id, size_t *index)
{
    const json_t *row;
    size_t i;

    json_array_foreach(json_object_get(root, "grants"), i, row)
    {
        *index = i;
        if (strcmp(json_text(row, "id"), id) == 0 && !json_is_true(json_object_get(row, "revoked")))
            return true;
    }
    return false;
}

bool registry_is_revoked(const json_t *root, const char *id)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(root, "revoked"), i, one)
    {
        if (strcmp(json_string_value(one), id) == 0)
            return true;
    }
    return false;
}

/* One that the service gave: its file is the signer's, so it is struck out by a word in ours. */
static int strike_out(json_t *root, const struct registry *r, const char *grant, struct err *e)
{
    json_t *given = NULL, *revoked = json_object_get(root, "revoked");
    size_t i;
    int rc = -1;

    if (registry_service_json(&given, r, e) != 0)
        return -1;
    if (!has_grant(given, grant, &i) || registry_is_revoked(root, grant)) {
        err_set(e, ERR_NOT_FOUND, "There is no grant %s; \"sealpress seal list\" shows them.",
                "没有授权 %s，可用 sealpress seal list 查看。", grant);
        goto out;
    }
    if (revoked == NULL && (revoked = json_array()) != NULL &&
        json_object_set_new(root, "revoked", revoked) != 0)
        revoked = NULL;
    rc = revoked != NULL && json_array_append_new(revoked, json_string(grant)) == 0 ? 0 : err_no_memory(e);
out:
    json_decref(given);
    return rc;
}

int registry_revoke_grant(const struct registry *r, const char *grant, struct err *e)
{
    struct change c;
    size_t i;
    int rc;

    if (change_begin(&c, r, e) != 0)
        return -1;
    if (!has_grant(c.root, grant, &i))
        rc = strike_out(c.root, r, grant, e);
    else
        rc = json_array_remove(json_object_get(c.root, "grants"), i) == 0 ? 0 : err_no_memory(e);
    if (rc == 0)
        rc = change_save(&c, r, e);
    change_end(&c);
    return rc;
}

static int refuse_second_service(const json_t *root, struct err *e)
{
    const json_t *seals = json_object_get(root, "seals"), *row;
    size_t i;

    json_array_foreach(seals, i, row)
    {
        if (json_is_true(json_object_get(row, "service")) && strcmp(json_text(row, "state"), "enabled") == 0)
            return err_set(e, ERR_CONFLICT,
                           "The service has a seal of its own already (%s). Disable it first: sealpress seal "
                           "disable %s.",
                           "服务已有自己的印章（%s）。请先停用：sealpress seal disable %s。",
                           json_text(row, "id"), json_text(row, "id"));
    }
    return 0;
}

static json_t *seal_json(const char *id, const struct seal_material *m)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:f, s:b}", "id", id, "name", m->name, "owner", m->owner, "kind",
                     m->service ? "service" : "office", "diameter_mm", m->diameter, "test", m->test);
}

/* seals/<id>/, for everybody to read and nobody but the signer's user to change. */
static int write_public(const struct registry *r, const char *id, const struct seal_material *m,
                        struct slice chain, struct err *e)
{
    char name[96];
    json_t *about = seal_json(id, m);
    struct buf text = BUF_INIT(JSON_MAX_BYTES);
    int rc = -1;

    (void)snprintf(name, sizeof name, "seals/%s", id);
    if (about == NULL) {
        err_set(e, ERR_INVALID, "The names of the seal are not valid UTF-8.",
                "印章名称不是有效的 UTF-8 文本。");
        goto out;
    }
    if (make_dir(r, name, 0755, e) != 0 || json_write(&text, about, e) != 0)
        goto out;
    (void)snprintf(name, sizeof name, "seals/%s/chain.pem", id);
    if (registry_put(r, name, chain, 0644, e) != 0)
        goto out;
    (void)snprintf(name, sizeof name, "seals/%s/picture.%s", id, m->extension);
    if (m->picture.len > 0 && registry_put(r, name, m->picture, 0644, e) != 0)
        goto out;
    (void)snprintf(name, sizeof name, "seals/%s/seal.json", id);
    rc = registry_put(r, name, buf_view(&text), 0644, e);
out:
    json_decref(about);
    buf_dispose(&text);
    return rc;
}

static int write_secret(const struct registry *r, const char *id, const struct seal_material *m,
                        struct slice chain, struct err *e)
{
    char name[96];
    struct buf pem = BUF_INIT(REGISTRY_MAX_PEM);
    int rc = -1;

    (void)snprintf(name, sizeof name, "keys/%s.key", id);
    if (key_write(&pem, m->key, e) == 0 && registry_put(r, name, buf_view(&pem), 0600, e) == 0) {
        (void)snprintf(name, sizeof name, "keys/%s.chain.pem", id);
        rc = registry_put(r, name, chain, 0600, e);
    }
    if (pem.data != NULL)
        explicit_bzero(pem.data, pem.cap);
    buf_dispose(&pem);
    return rc;
}

static int add_row(const struct change *c, const char *id, const struct seal_material *m, struct err *e)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:b, s:b, s:f, s:s, s:i}", "id", id, "name", m->name, "owner",
                            m->owner, "service", m->service, "test", m->test, "diameter_mm", m->diameter,
                            "state", "enabled", "rate_per_minute", (int)REGISTRY_RATE_PER_MINUTE);

    return json_array_append_new(json_object_get(c->root, "seals"), row) == 0 ? 0 : err_no_memory(e);
}

int registry_add(char id[REGISTRY_ID_SIZE], const struct registry *r, const struct seal_material *m,
                 struct err *e)
{
    struct change c;
    struct buf chain = BUF_INIT(REGISTRY_MAX_PEM);
    uint8_t number[16];
    int rc = -1;

    if (random_bytes(number, sizeof number, e) != 0 || change_begin(&c, r, e) != 0)
        return -1;
    hex_encode(id, (struct slice){number, sizeof number});
    /* the row comes last: until then nobody knows the seal */
    if ((!m->service || refuse_second_service(c.root, e) == 0) && chain_write(&chain, m->chain, e) == 0 &&
        write_public(r, id, m, buf_view(&chain), e) == 0 &&
        write_secret(r, id, m, buf_view(&chain), e) == 0 && add_row(&c, id, m, e) == 0)
        rc = change_save(&c, r, e);
    change_end(&c);
    buf_dispose(&chain);
    return rc;
}
