/* caller.c - who calls, and may they? Keys look like "sp_<16 hex>_<43 base64url>". */
#include "api/visit.h"
#include "records/text.h"
#include <string.h>

enum { KEY_SECRET_BYTES = 32, KEY_ID_BYTES = 8, KEY_NAME_MAX = 60 };

static const char *const scopes_known[] = {SCOPE_ISSUE,  SCOPE_READ,    SCOPE_REVOKE, SCOPE_DOCUMENTS,
                                           SCOPE_VERIFY, SCOPE_OFFICES, SCOPE_GRANTS, SCOPE_METRICS};
enum { SCOPES_KNOWN = sizeof scopes_known / sizeof scopes_known[0] };

struct visit *visit_of(const struct request *req)
{
    return req->caller;
}

const struct caller *caller_of(const struct request *req)
{
    const struct visit *v = visit_of(req);

    return v != NULL && v->known ? &v->caller : NULL;
}

bool caller_sees(const struct request *req, const char *organisation)
{
    const struct caller *c = caller_of(req);

    if (c == NULL)
        return false;
    return c->organisation == NULL || (organisation != NULL && strcmp(c->organisation, organisation) == 0);
}

/* Whether the word is one of those in the list, separated by single spaces. */
static bool has_scope(const char *scopes, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = scopes; at != NULL; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, word, len) == 0 && (at[len] == ' ' || at[len] == '\0'))
            return true;
    }
    return false;
}

bool caller_may(const struct request *req, const char *scope)
{
    const struct caller *c = caller_of(req);

    return c != NULL && has_scope(c->scopes, scope);
}

/* The key behind "Bearer ", or NULL. */
static const char *bearer(const char *header)
{
    static const char scheme[] = "Bearer ";

    if (header == NULL || strncasecmp(header, scheme, sizeof scheme - 1) != 0)
        return NULL;
    header += sizeof scheme - 1;
    return header + strspn(header, " ");
}

/* Whether text has the shape of a key; its id. */
static bool key_id(char id[KEY_ID_SIZE], const char *text)
{
    static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    if (strlen(text) != KEY_TEXT_SIZE - 1 || strncmp(text, "sp_", 3) != 0 || text[19] != '_' ||
        strspn(text + 3, "0123456789abcdef") != KEY_ID_SIZE - 1 || strspn(text + 20, base64url) != 43)
        return false;
    memcpy(id, text + 3, KEY_ID_SIZE - 1);
    id[KEY_ID_SIZE - 1] = '\0';
    return true;
}

static int refuse_without_key(struct visit *v, struct request *req, struct err *e)
{
    v->challenge = "Bearer realm=\"sealpress\"";
    (void)refuse_as(req, 401, NULL, 0);
    return err_set(
        e, ERR_FORBIDDEN,
        "A key is needed: send the header \"Authorization: Bearer sp_...\"; \"sealpress key new\" "
        "makes one.",
        "需要接口密钥：请发送请求头 “Authorization: Bearer sp_…”，密钥用 “sealpress key new” 生成。");
}

/* Only wrong keys are counted and held up, so that nobody at the same address can lock out a right one. */
static int refuse_wrong_key(struct app *app, struct visit *v, struct request *req, struct err *e)
{
    unsigned wait = 0;

    if (app->wrong_keys != NULL && !limiter_allows(app->wrong_keys, req->address, &wait)) {
        (void)refuse_as(req, 429, NULL, wait);
        return err_set(e, ERR_FORBIDDEN, "Too many wrong keys from this address; try again in %u seconds.",
                       "该地址多次使用错误的密钥，请 %u 秒后再试。", wait);
    }
    if (app->wrong_keys != NULL)
        limiter_hit(app->wrong_keys, req->address);
    v->challenge = "Bearer realm=\"sealpress\", error=\"invalid_token\"";
    (void)refuse_as(req, 401, NULL, 0);
    return err_set(e, ERR_FORBIDDEN, "The key is wrong, revoked or expired; \"sealpress key list\" tells.",
                   "密钥错误、已停用或已过期，可用 “sealpress key list” 查看。");
}

static bool key_holds(const struct api_key *k, const char *text, int64_t now)
{
    uint8_t hash[SHA256_SIZE];

    sha256(hash, slice_of(text));
    return bytes_equal_constant_time(hash, k->hash, sizeof hash) && (k->expires == 0 || now < k->expires) &&
           (k->revoked == 0 || now < k->revoked);
}

static int find_key(struct app *app, struct visit *v, struct request *req, const char *text, struct err *e)
{
    const struct desk *d = req->thread;
    char id[KEY_ID_SIZE];
    struct api_key k;

    if (!key_id(id, text))
        return refuse_wrong_key(app, v, req, e);
    if (store_key(&k, d->store, id, req->arena, e) != 0)
        return e->code == ERR_NOT_FOUND ? refuse_wrong_key(app, v, req, e) : -1;
    if (!key_holds(&k, text, clock_now()))
        return refuse_wrong_key(app, v, req, e);
    v->caller.key_id = arena_text(req->arena, id);
    if (v->caller.key_id == NULL)
        return err_no_memory(e);
    v->caller.organisation = strcmp(k.organisation, "*") == 0 ? NULL : k.organisation;
    v->caller.scopes = k.scopes;
    v->known = true;
    return 0;
}

static int refuse_scope(struct visit *v, const struct request *req, struct err *e)
{
    v->challenge =
        arena_printf(req->arena, "Bearer realm=\"sealpress\", error=\"insufficient_scope\", scope=\"%s\"",
                     req->route->scope);
    (void)refuse_as(req, 403, "scope-missing", 0);
    return err_set(e, ERR_FORBIDDEN, "This key has no right to do this; it needs the scope %s.",
                   "该密钥无权执行此操作，需要权限范围 %s。", req->route->scope);
}

/* A monitor on the same machine, reached without a proxy between. */
static bool is_local(const struct request *req)
{
    /* ::1, cut to its network like every IPv6 address, is :: */
    return (strncmp(req->address, "127.", 4) == 0 || strcmp(req->address, "::") == 0) &&
           request_header(req, "X-Forwarded-For") == NULL && request_header(req, "Forwarded") == NULL;
}

int caller_enter(void *app, struct request *req, struct err *e)
{
    const char *scope = req->route->scope, *header;
    struct visit *v = arena_alloc(req->arena, sizeof *v);

    req->caller = v;
    if (v == NULL)
        return err_no_memory(e);
    if (scope == NULL)
        return 0;
    header = request_header(req, "Authorization");
    if (header == NULL && strcmp(scope, SCOPE_METRICS) == 0 && is_local(req))
        return 0;
    if (bearer(header) == NULL)
        return refuse_without_key(v, req, e);
    if (find_key(app, v, req, bearer(header), e) != 0)
        return -1;
    return has_scope(v->caller.scopes, scope) ? 0 : refuse_scope(v, req, e);
}

static int unknown_scope(const char *word, size_t len, struct err *e)
{
    char list[256] = "";

    for (size_t i = 0; i < SCOPES_KNOWN; i++) {
        size_t used = strlen(list);

        (void)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", scopes_known[i]);
    }
    err_set(e, ERR_INVALID, "\"%.*s\" is no scope; there are: all, %s.",
            "没有权限范围 “%.*s”，可用的有：all, %s。", (int)(len < 40 ? len : 40), word, list);
    return err_field(e, "/scopes");
}

/* The words of the order, each once and in our order, separated by single spaces. */
static int scopes_write(char out[256], const char *text, struct err *e)
{
    bool wanted[SCOPES_KNOWN] = {false}, any = false;

    for (const char *at = text + strspn(text, ", "); *at != '\0'; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ", "), i = 0;
        bool all = len == 3 && strncmp(at, "all", 3) == 0;

        while (!all && i < SCOPES_KNOWN &&
               (strlen(scopes_known[i]) != len || strncmp(at, scopes_known[i], len) != 0))
            i++;
        if (!all && i == SCOPES_KNOWN)
            return unknown_scope(at, len, e);
        for (size_t k = 0; k < SCOPES_KNOWN; k++)
            wanted[k] = wanted[k] || all || k == i;
        any = true;
        at += len;
    }
    if (!any)
        return unknown_scope("", 0, e);
    out[0] = '\0';
    for (size_t i = 0; i < SCOPES_KNOWN; i++) {
        size_t used = strlen(out);

        if (wanted[i])
            (void)snprintf(out + used, 256 - used, "%s%s", used > 0 ? " " : "", scopes_known[i]);
    }
    return 0;
}

static int key_check(struct api_key *k, char scopes[256], struct store *s, const struct key_order *o,
                     struct arena *a, struct err *e)
{
    const struct text_rule rule = {KEY_NAME_MAX, false};
    struct organisation office;
    unsigned changes;

    if (o->name == NULL || o->name[0] == '\0') {
        err_set(e, ERR_INVALID, "The key needs a name, so that people know later whose it is.",
                "请为密钥命名，以便日后辨认其使用者。");
        return err_field(e, "/name");
    }
    if (text_clean(&k->name, &changes, o->name, &rule, a, e) != 0)
        return err_field(e, "/name");
    if (strcmp(o->organisation, "*") != 0 && store_organisation(&office, s, o->organisation, a, e) != 0)
        return err_field(e, "/organisation");
    k->organisation = o->organisation;
    k->scopes = scopes;
    if (o->days < 0 || o->days > 36500) {
        err_set(e, ERR_INVALID, "A key lasts 1 to 36500 days, or 0: without end.",
                "密钥有效期为 1 至 36500 天，0 表示长期有效。");
        return err_field(e, "/days");
    }
    return scopes_write(scopes, o->scopes, e);
}

int key_new(char key[KEY_TEXT_SIZE], char id[KEY_ID_SIZE], struct store *s, const struct key_order *o,
            int64_t now, struct err *e)
{
    uint8_t secret[KEY_SECRET_BYTES], name[KEY_ID_BYTES];
    char text[(4 * KEY_SECRET_BYTES + 2) / 3 + 1], scopes[256];
    struct api_key k = {.created = now};
    struct arena a = ARENA_INIT;
    int rc = -1;

    if (key_check(&k, scopes, s, o, &a, e) != 0 || random_bytes(secret, sizeof secret, e) != 0 ||
        random_bytes(name, sizeof name, e) != 0)
        goto out;
    hex_encode(k.id, (struct slice){name, sizeof name});
    base64url_encode(text, (struct slice){secret, sizeof secret});
    (void)snprintf(key, KEY_TEXT_SIZE, "sp_%s_%s", k.id, text);
    sha256(k.hash, slice_of(key));
    k.expires = o->days > 0 ? now + o->days * 86400 : 0;
    if (store_put_key(s, &k, e) != 0)
        goto out;
    memcpy(id, k.id, KEY_ID_SIZE);
    rc = 0;
out:
    arena_dispose(&a);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(text, sizeof text);
    return rc;
}
