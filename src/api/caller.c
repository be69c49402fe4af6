/* caller.c - who calls, and may they? Keys look like "sp_<16 hex>_<43 base64url>". */
#include "api/visit.h"
#include "records/text.h"
#include <string.h>

enum { KEY_SECRET_BYTES = 32, KEY_ID_BYTES = 8, KEY_NAME_MAX = 60, ORIGINS_MAX = 1024 };

static const char *const scopes_known[] = {SCOPE_ISSUE,   SCOPE_READ,    SCOPE_REVOKE,    SCOPE_FILINGS,
                                           SCOPE_APPROVE, SCOPE_PERSONS, SCOPE_DOCUMENTS, SCOPE_VERIFY,
                                           SCOPE_OFFICES, SCOPE_GRANTS,  SCOPE_METRICS};
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

static bool key_lasts(const struct api_key *k, int64_t now)
{
    return (k->expires == 0 || now < k->expires) && (k->revoked == 0 || now < k->revoked);
}

static bool key_holds(const struct api_key *k, const char *text, int64_t now)
{
    uint8_t hash[SHA256_SIZE];

    sha256(hash, slice_of(text));
    return bytes_equal_constant_time(hash, k->hash, sizeof hash) && key_lasts(k, now);
}

int caller_check_key(struct api_key *out, struct app *app, struct request *req, const char *text,
                     struct err *e)
{
    const struct desk *d = req->thread;
    struct visit *v = visit_of(req);
    char id[KEY_ID_SIZE];

    if (key_id(id, text)) {
        if (store_key(out, d->store, id, req->arena, e) == 0) {
            if (key_holds(out, text, clock_now()))
                return 0;
        } else if (e->code != ERR_NOT_FOUND) {
            return -1;
        }
    }
    (void)refuse_wrong_key(app, v, req, e);
    return -1;
}

/* From here on the request is that key's. */
static int adopt(struct request *req, const struct api_key *k, struct err *e)
{
    struct visit *v = visit_of(req);

    v->caller.key_id = arena_text(req->arena, k->id);
    if (v->caller.key_id == NULL)
        return err_no_memory(e);
    v->caller.organisation = strcmp(k->organisation, "*") == 0 ? NULL : k->organisation;
    v->caller.scopes = k->scopes;
    v->caller.origins = k->origins;
    v->known = true;
    return 0;
}

int caller_adopt(struct request *req, const char *key_id, struct err *e)
{
    const struct desk *d = req->thread;
    struct api_key k;

    if (store_key(&k, d->store, key_id, req->arena, e) != 0)
        return -1;
    if (!key_lasts(&k, clock_now()))
        return err_set(e, ERR_NOT_FOUND, "The key of this session has ended; sign in with another one.",
                       "登录所用的密钥已失效，请使用其他密钥重新登录。");
    return adopt(req, &k, e);
}

struct filing_actor actor_of(const struct request *req)
{
    const struct caller *c = caller_of(req);

    /* of nobody: sees nothing */
    if (c == NULL)
        return (struct filing_actor){.id = "service", .organisation = "", .now = clock_now()};
    return (struct filing_actor){.id = c->key_id, .organisation = c->organisation, .now = clock_now()};
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

/* Whether a key with these scopes may use the route. An issuing authority's key, which passes and returns,
 * also looks at what it decides about. */
static bool may_enter(const char *scopes, const struct route *route)
{
    return has_scope(scopes, route->scope) ||
           (route->method == HTTP_GET && strcmp(route->scope, SCOPE_FILINGS) == 0 &&
            has_scope(scopes, SCOPE_APPROVE));
}

int caller_enter(void *app, struct request *req, struct err *e)
{
    const char *scope = req->route->scope, *header;
    struct visit *v = arena_alloc(req->arena, sizeof *v);
    struct api_key k;

    req->caller = v;
    if (v == NULL)
        return err_no_memory(e);
    if (scope == NULL) /* a file for the console lies on the disk before its page is asked */
        return (req->route->flags & ROUTE_SPOOL) != 0 ? signed_in_check(req, e) : 0;
    header = request_header(req, "Authorization");
    if (header == NULL && strcmp(scope, SCOPE_METRICS) == 0 && is_local(req))
        return 0;
    if (bearer(header) == NULL)
        return refuse_without_key(v, req, e);
    if (caller_check_key(&k, app, req, bearer(header), e) != 0 || adopt(req, &k, e) != 0)
        return -1;
    return may_enter(v->caller.scopes, req->route) ? 0 : refuse_scope(v, req, e);
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

/* Whether text is a host as it stands in an address: letters, digits, dots and hyphens, or [::1]. */
static bool is_host(const char *text, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";

    return (len == 5 && strncmp(text, "[::1]", 5) == 0) ||
           (len > 0 && len < 254 && strspn(text, allowed) >= len && text[0] != '.' && text[0] != '-' &&
            text[len - 1] != '.' && text[len - 1] != '-');
}

static bool is_loopback(const char *host, size_t len)
{
    return (len == 9 && strncmp(host, "localhost", 9) == 0) ||
           (len == 9 && strncmp(host, "127.0.0.1", 9) == 0) || (len == 5 && strncmp(host, "[::1]", 5) == 0);
}

/* "https://zjsq.example.cn:8443", as browsers write the origin of a page: no path, no upper case. Without TLS
 * only on this machine. */
static bool is_origin(const char *text, size_t len)
{
    bool secure = len > 8 && strncmp(text, "https://", 8) == 0;
    const char *host = text + (secure ? 8 : 7), *end = text + len;
    size_t host_len, digits;

    if (!secure && (len <= 7 || strncmp(text, "http://", 7) != 0))
        return false;
    host_len = host[0] == '[' ? strcspn(host, "], ") + 1 : strcspn(host, ":, ");
    if (host + host_len > end || !is_host(host, host_len) || (!secure && !is_loopback(host, host_len)))
        return false;
    if (host + host_len == end)
        return true;
    digits = strspn(host + host_len + 1, "0123456789");
    return host[host_len] == ':' && digits >= 1 && digits <= 5 && host + host_len + 1 + digits == end;
}

/* The words of the order, separated by single spaces; they end up in a header, so nothing else may be in
 * them. */
static int origins_write(char out[ORIGINS_MAX], const char *text, struct err *e)
{
    size_t used = 0;

    out[0] = '\0';
    for (const char *at = text + strspn(text, ", "); *at != '\0'; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ", ");

        if (!is_origin(at, len)) {
            err_set(e, ERR_INVALID,
                    "\"%.*s\" is no origin: write https://host or https://host:port, in small letters, "
                    "without a path; http:// only for localhost.",
                    "“%.*s” 不是网页来源：请写成 https://主机 或 "
                    "https://主机:端口（小写，不含路径），http:// 仅限本机。",
                    (int)(len < 60 ? len : 60), at);
            return err_field(e, "/origins");
        }
        if (used + len + 2 > ORIGINS_MAX) {
            err_set(e, ERR_TOO_LARGE, "These are too many origins; %d bytes are kept.",
                    "网页来源过多，最多 %d 字节。", ORIGINS_MAX);
            return err_field(e, "/origins");
        }
        used += (size_t)snprintf(out + used, ORIGINS_MAX - used, "%s%.*s", used > 0 ? " " : "", (int)len, at);
        at += len;
    }
    return 0;
}

static int key_check(struct api_key *k, char scopes[256], char origins[ORIGINS_MAX], struct store *s,
                     const struct key_order *o, struct arena *a, struct err *e)
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
    if (o->origins != NULL && origins_write(origins, o->origins, e) != 0)
        return -1;
    k->origins = o->origins != NULL && origins[0] != '\0' ? origins : NULL;
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
    char text[(4 * KEY_SECRET_BYTES + 2) / 3 + 1], scopes[256], origins[ORIGINS_MAX];
    struct api_key k = {.created = now};
    struct arena a = ARENA_INIT;
    int rc = -1;

    if (key_check(&k, scopes, origins, s, o, &a, e) != 0 || random_bytes(secret, sizeof secret, e) != 0 ||
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
