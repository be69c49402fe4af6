/* init - makes a data directory, or adds offices to one. Running it again keeps everything. */
#include "api/app.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/language.h"
#include "base/share.h"
#include "cli/cli.h"
#include "cli/server_user.h"
#include "issue/lock.h"
#include "issue/press.h"
#include "records/office.h"
#include "seal/seal.h"
#include "sign/registry.h"
#include "store/config.h"
#include "store/store.h"
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char demo_url[] = "https://zs.example.cn";

static const struct cli_help help = {
    "Usage: sealpress init [--demo] [--public-url URL] [--offices FILE] [--data DIR]\n"
    "\n"
    "Makes a data directory: config.json, the database, files/, seals/, trust/, and keys/ that only the "
    "signer\n"
    "opens; prints a first key of the service once. Running it again keeps what is there.\n"
    "\n"
    "  --demo            adds sample offices, their test seals and a local test CA, for trials only\n"
    "  --public-url URL  https address that QR codes bear for ever (demo: https://zs.example.cn)\n"
    "  --offices FILE    adds or changes organisations and issuing profiles (JSON, see README.md)\n"
    "\n"
    "Example: sealpress init --demo --data ./sealpress-data\n",
    "用法：sealpress init [--demo] [--public-url 网址] [--offices 文件] [--data 目录]\n"
    "\n"
    "建立数据目录：config.json、数据库、files/、seals/、trust/，以及只有签名进程能打开的 keys/，\n"
    "并显示一次服务的首个密钥。再次运行会保留已有数据。\n"
    "\n"
    "  --demo             加入示例单位、测试印章和本地测试 CA，仅供试用\n"
    "  --public-url 网址  二维码永久使用的 https 网址（示例：https://zs.example.cn）\n"
    "  --offices 文件     添加或修改单位和发证配置（JSON，见 README.md）\n"
    "\n"
    "示例：sealpress init --demo --data ./sealpress-data\n",
    0, 0};

struct task {
    const char *data_dir, *public_url, *offices_path;
    bool demo;
    bool is_new;
    struct config config;
    struct registry registry;
    struct store *store;
    struct fonts *fonts; /* for drawing seals */
    struct arena a;
    struct faults faults;
    char key[KEY_TEXT_SIZE]; /* the first one, when it was made now */
};

static bool is_empty(const char *dir)
{
    DIR *d = opendir(dir);
    const struct dirent *entry;
    bool empty = true;

    if (d == NULL)
        return errno == ENOENT;
    while (empty && (entry = readdir(d)) != NULL) /* NOLINT(concurrency-mt-unsafe): one thread */
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    (void)closedir(d);
    return empty;
}

/* As root the server's user must get in, or nothing would work later. */
static int check_reach(const struct task *t, struct err *e)
{
    char copy[PATH_MAX], whole[PATH_MAX];
    const char *parent;

    (void)snprintf(copy, sizeof copy, "%s", t->data_dir);
    parent = realpath(dirname(copy), whole); /* every directory from the root on counts */
    if (parent == NULL)
        return err_set(e, ERR_UNAVAILABLE, "%s: %s. Make the directory above first.",
                       "%s：%s。请先建立上级目录。", t->data_dir, strerror(errno));
    if (server_user_reaches(&t->registry.who, parent))
        return 0;
    return err_set(e, ERR_INVALID,
                   "The user sealpress cannot enter %s, where the data directory would be; choose another "
                   "place, such as "
                   "/var/lib/sealpress, or allow it with chmod o+x on the directories above.",
                   "用户 sealpress 无法进入 %s（数据目录的上级目录），请改用 /var/lib/sealpress 等位置，或用 "
                   "chmod o+x 开放上级目录。",
                   parent);
}

static int settle_config(struct task *t, struct err *e)
{
    struct config *c = &t->config;
    struct config told = {.demo = false};

    if (t->public_url == NULL && t->demo && t->is_new)
        t->public_url = demo_url;
    if (t->demo && !t->is_new && !c->demo)
        return err_set(e, ERR_CONFLICT,
                       "%s is a directory for real certificates; make the demo in another one.",
                       "%s 是正式数据目录，请在其他目录建立示例。", t->data_dir);
    if (t->public_url != NULL) {
        if (config_set_url(&told, t->public_url, e) != 0)
            return -1;
        if (c->public_url[0] != '\0' && strcmp(c->public_url, told.public_url) != 0)
            return err_set(
                e, ERR_CONFLICT,
                "The public address is %s already, and QR codes bear it for ever. If nothing was issued yet, "
                "change config.json.",
                "公开网址已设为 %s，二维码将永久使用它。如尚未签发任何证书，可修改 config.json。",
                c->public_url);
        (void)snprintf(c->public_url, sizeof c->public_url, "%s", told.public_url);
        (void)snprintf(c->host, sizeof c->host, "%s", told.host);
    } else if (!t->is_new) {
        return 0;
    }
    c->demo = c->demo || t->demo;
    return config_save(c, t->data_dir, e);
}

/* Seals may be there before anything else: the service's own has to be imported before init makes one. */
static bool is_foreign(const char *data_dir)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/keys/registry.json", data_dir);
    return !file_exists(path) && !is_empty(data_dir);
}

/* A directory made without the two users: given to them by halves, nobody could use it any more. */
static int check_owner(const struct task *t, struct err *e)
{
    char path[PATH_MAX];
    struct stat keys;

    (void)snprintf(path, sizeof path, "%s/keys/registry.json", t->data_dir);
    if (!t->registry.who.isolated || lstat(path, &keys) != 0 || keys.st_uid == t->registry.who.signer_uid)
        return 0;
    return err_set(
        e, ERR_CONFLICT,
        "%s was made by another user (number %u): go on as that user, or give it to the program's "
        "users: cd there, chown -R sealpress-signer: keys seals trust && chown -R sealpress: files "
        "originals inbox sealpress.db* issue.lock",
        "%s 由其他用户（编号 %u）建立：请以该用户继续使用，或将其交给本程序的用户：进入该目录，执行 "
        "chown -R sealpress-signer: keys seals trust && chown -R sealpress: files originals inbox "
        "sealpress.db* "
        "issue.lock",
        t->data_dir, (unsigned)keys.st_uid);
}

/* config.json comes first: what is interrupted after it is taken up again by the next run. */
static int settle_directory(struct task *t, struct err *e)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/config.json", t->data_dir);
    t->is_new = !file_exists(path);
    if (t->is_new && is_foreign(t->data_dir))
        return err_set(e, ERR_CONFLICT, "%s is not empty and not ours; name an empty or new directory.",
                       "%s 不是空目录，也不是本程序的数据目录，请指定空目录或新目录。", t->data_dir);
    if (check_owner(t, e) != 0 || check_reach(t, e) != 0 || dir_make(t->data_dir, 0755, e) != 0)
        return -1;
    if (!t->is_new && config_load(&t->config, t->data_dir, e) != 0)
        return -1;
    return settle_config(t, e) != 0 || registry_prepare(&t->registry, e) != 0 ? -1 : 0;
}

/* The service's own seal: of the registry if it has one, else a new one. */
static int find_service_seal(char id[REGISTRY_ID_SIZE], struct task *t, struct err *e)
{
    struct seal_order order = {.owner = t->config.demo ? "Sealpress 平台签名（测试）" : "Sealpress 平台签名",
                               .name = "平台签名",
                               .key = SEAL_KEY_RSA2048};
    json_t *all = NULL, *seal;
    size_t index;
    int rc = registry_new_service_seal(id, &t->registry, &order, t->config.demo, e);

    if (rc == 0 || e->code != ERR_CONFLICT)
        return rc;
    if (registry_list(&all, &t->registry, clock_now(), e) != 0)
        return -1;
    json_array_foreach(json_object_get(all, "seals"), index, seal)
    {
        if (json_is_true(json_object_get(seal, "service")) && json_text(seal, "id") != NULL) {
            (void)snprintf(id, REGISTRY_ID_SIZE, "%s", json_text(seal, "id"));
            rc = 0;
        }
    }
    json_decref(all);
    return rc;
}

static int settle_service_seal(struct task *t, struct err *e)
{
    char id[REGISTRY_ID_SIZE];
    const char *known;

    if (store_setting(&known, t->store, "service_seal", &t->a, e) != 0)
        return -1;
    if (known != NULL)
        return 0;
    cli_progress("making the service's own key ...", "正在生成平台签名密钥……");
    if ((t->config.demo && registry_new_test_ca(&t->registry, e) != 0) || find_service_seal(id, t, e) != 0)
        return -1;
    return store_put_setting(t->store, "service_seal", id, e);
}

/* "rsa-2048" is written rsa2048 there. */
static int read_algorithm(enum seal_key *out, const char *text, struct err *e)
{
    char plain[16] = "";
    size_t used = 0;

    for (; *text != '\0' && used + 1 < sizeof plain; text++) {
        if (*text != '-')
            plain[used++] = *text;
    }
    if (seal_key_parse(out, plain))
        return 0;
    return err_set(e, ERR_INTERNAL, "Keys of kind \"%s\" cannot be made.", "无法生成 “%s” 类型的密钥。",
                   plain);
}

static int draw_seal(char id[REGISTRY_ID_SIZE], struct task *t, const struct organisation *o, struct err *e)
{
    const struct seal_plan *plan = o->seal_plan;
    struct seal_order order = {.owner = o->name, .line = plan->line, .diameter = plan->diameter};
    char en[160], zh[160], folder[PATH_MAX];

    if (!t->config.demo)
        return err_set(e, ERR_FORBIDDEN,
                       "draw_seal makes test seals and works in a demo directory only; for a real office use "
                       "\"sealpress "
                       "seal import\" and give its seal_id.",
                       "draw_seal 只能在示例目录中绘制测试印章；正式单位请用 “sealpress seal import” "
                       "导入并填写 seal_id。");
    if (t->fonts == NULL &&
        (share_path(folder, sizeof folder, "fonts", e) != 0 || fonts_open(&t->fonts, folder, e) != 0))
        return -1;
    (void)snprintf(en, sizeof en, "making the seal of %.90s ...", o->id);
    (void)snprintf(zh, sizeof zh, "正在制作印章：%.90s……", o->id);
    cli_progress(en, zh);
    if (read_algorithm(&order.key, plan->algorithm, e) != 0)
        return -1;
    return registry_new_seal(id, &t->registry, &order, t->fonts, e);
}

/* An office seals with its own seal only. */
static int check_seal(struct task *t, const struct organisation *o, struct err *e)
{
    struct seal *seal;
    int rc = 0;

    if (seal_load(&seal, t->data_dir, o->seal_id, e) != 0)
        return -1;
    if (!seal_belongs(seal, o->name))
        rc = err_set(
            e, ERR_INVALID, "The seal %s belongs to %s, not to %s; an office seals with its own seal only.",
            "印章 %s 属于“%s”，不属于“%s”；单位只能使用自己的印章。", seal->id, seal->owner, o->name);
    seal_free(seal);
    return rc;
}

/* Puts an office; one that has a seal already keeps it rather than getting another drawn. */
static int settle_organisation(struct task *t, const struct organisation *given, struct err *e)
{
    struct organisation o = *given, known;
    char id[REGISTRY_ID_SIZE];

    if (o.seal_plan != NULL) {
        if (store_organisation(&known, t->store, o.id, &t->a, e) == 0) {
            o.seal_id = known.seal_id;
        } else if (e->code != ERR_NOT_FOUND) {
            return -1;
        }
        if (o.seal_id == NULL) {
            if (draw_seal(id, t, &o, e) != 0)
                return -1;
            o.seal_id = id;
        }
    } else if (o.seal_id != NULL && check_seal(t, &o, e) != 0) {
        return -1;
    }
    return store_put_organisation(t->store, &o, e);
}

/* The demo's offices allow their profiles to use their seals; real offices say so themselves. */
static int grant_demo_seals(struct task *t, const struct profile *p, struct err *e)
{
    const char *ids[] = {p->issuer, p->committee};

    for (size_t i = 0; i < 2; i++) {
        struct grant_order grant = {.to = p->id};
        struct organisation o;
        char id[REGISTRY_ID_SIZE];

        if (ids[i] == NULL)
            continue;
        if (store_organisation(&o, t->store, ids[i], &t->a, e) != 0)
            return -1;
        grant.seal = o.seal_id;
        if (grant.seal != NULL && registry_grant(id, &t->registry, &grant, e) != 0)
            return -1;
    }
    return 0;
}

/* In the demo an authority that passes a filing can grant its seal for it; real offices let the service do so
 * themselves ("sealpress seal grant SEAL --to @grants"). */
static int delegate_demo_seals(struct task *t, const struct offices *offices, struct err *e)
{
    for (size_t i = 0; i < offices->organisation_count; i++) {
        struct grant_order grant = {.to = SIGNER_DELEGATE};
        struct organisation o;
        char id[REGISTRY_ID_SIZE];

        if (store_organisation(&o, t->store, offices->organisations[i].id, &t->a, e) != 0)
            return -1;
        grant.seal = o.seal_id;
        if (grant.seal != NULL && registry_grant(id, &t->registry, &grant, e) != 0)
            return -1;
    }
    return 0;
}

/* Names that no certificate has room for, and templates that do not exist, are said now and not at the first
 * order. */
static int check_prints(struct task *t, const struct offices *offices, struct err *e)
{
    struct press *press;
    int rc;

    if (offices->profile_count == 0)
        return 0;
    if (press_open(&press, e) != 0)
        return -1;
    rc = offices_fit(press, offices, &t->faults, e);
    press_close(press);
    return rc;
}

static int settle_offices(struct task *t, const char *path, bool is_demo, struct err *e)
{
    struct offices offices;
    json_t *json = NULL;
    int rc = -1;

    if (json_read_file(&json, path, JSON_MAX_BYTES, e) != 0 ||
        offices_read(&offices, json, &t->a, &t->faults, e) != 0 || check_prints(t, &offices, e) != 0)
        goto out;
    for (size_t i = 0; i < offices.organisation_count; i++) {
        if (settle_organisation(t, &offices.organisations[i], e) != 0)
            goto out;
    }
    for (size_t i = 0; i < offices.profile_count; i++) {
        if (store_put_profile(t->store, &offices.profiles[i], e) != 0 ||
            (is_demo && grant_demo_seals(t, &offices.profiles[i], e) != 0))
            goto out;
    }
    rc = is_demo ? delegate_demo_seals(t, &offices, e) : 0;
out:
    json_decref(json);
    return rc;
}

static int settle_demo(struct task *t, struct err *e)
{
    char path[PATH_MAX];
    const char *finished;

    if (!t->config.demo || store_setting(&finished, t->store, "demo", &t->a, e) != 0)
        return t->config.demo ? -1 : 0;
    if (finished != NULL)
        return 0;
    if (share_path(path, sizeof path, "samples/offices.json", e) != 0 ||
        settle_offices(t, path, true, e) != 0)
        return -1;
    return store_put_setting(t->store, "demo", "made", e);
}

/* A new directory gets a key that may do everything, so that the service can be tried at once. */
static int settle_first_key(struct task *t, struct err *e)
{
    static const struct key_order order = {
        .name = "first key / 首个密钥", .organisation = "*", .scopes = "all"};
    const char *made;
    struct api_key *keys;
    char id[KEY_ID_SIZE];
    size_t count;

    if (store_setting(&made, t->store, "first_key", &t->a, e) != 0 ||
        store_list_keys(&keys, &count, t->store, &t->a, e) != 0)
        return -1;
    if (made != NULL || count > 0)
        return 0;
    if (key_new(t->key, id, t->store, &order, clock_now(), e) != 0)
        return -1;
    return store_put_setting(t->store, "first_key", id, e);
}

/* What the server writes belongs to it. */
static int hand_over(const struct task *t, struct err *e)
{
    static const char *const names[] = {"sealpress.db", "files", "originals", "inbox", "issue.lock"};
    int lock;

    if (lock_open(&lock, t->data_dir, e) != 0)
        return -1;
    (void)close(lock);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (server_user_give(&t->registry.who, t->data_dir, names[i], e) != 0)
            return -1;
    }
    return 0;
}

static int init(struct task *t, struct err *e)
{
    int rc = -1;

    registry_at(&t->registry, t->data_dir);
    if (settle_directory(t, e) == 0 && store_open(&t->store, t->data_dir, true, e) == 0 &&
        settle_service_seal(t, e) == 0 && settle_demo(t, e) == 0 &&
        (t->offices_path == NULL || settle_offices(t, t->offices_path, false, e) == 0) &&
        settle_first_key(t, e) == 0)
        rc = 0;
    store_close(t->store);
    fonts_close(t->fonts);
    cli_progress(NULL, NULL);
    return rc == 0 ? hand_over(t, e) : -1;
}

static void report(const struct task *t)
{
    (void)printf("%s%s\n",
                 t->is_new ? language_pick("data directory made: ", "数据目录已建立：")
                           : language_pick("data directory kept: ", "数据目录已存在，数据保留："),
                 t->data_dir);
    if (t->config.public_url[0] != '\0')
        (void)printf("%s%s\n", language_pick("public address: ", "公开网址："), t->config.public_url);
    else
        cli_note("nothing can be issued before the public address is set (--public-url).",
                 "设置公开网址（--public-url）之前不能签发证书。");
    if (t->key[0] != '\0')
        (void)printf("%s%s\n",
                     language_pick("first key, shown this once (all rights): ",
                                   "首个密钥，仅显示这一次（全部权限）："),
                     t->key);
    if (t->config.demo)
        (void)printf("%s\n", language_pick("for trials only: sample offices, test seals, local test CA",
                                           "仅供试用：示例单位、测试印章、本地测试 CA"));
    if (!t->registry.who.isolated)
        cli_note(
            "keys are not isolated: run as root with the users sealpress and sealpress-signer to keep the "
            "server out "
            "of keys/.",
            "密钥未隔离：请以 root 运行并建立用户 sealpress 和 sealpress-signer，使服务进程无法读取 keys/。");
}

int cli_init(int argc, char **argv)
{
    struct task t = {.a = ARENA_INIT};
    const struct cli_option options[] = {{"--demo", NULL, NULL, &t.demo},
                                         {"--public-url", NULL, &t.public_url, NULL},
                                         {"--offices", NULL, &t.offices_path, NULL}};
    struct cli_words words;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    if (status != CLI_GO_ON)
        return status;
    t.data_dir = cli_data_dir();
    if (init(&t, &e) == 0) {
        report(&t);
        status = CLI_FINE;
    } else {
        for (size_t i = 1; i < t.faults.count; i++)
            (void)cli_fail(&t.faults.list[i - 1]);
        status = cli_fail(t.faults.count > 0 ? &t.faults.list[t.faults.count - 1] : &e);
    }
    arena_dispose(&t.a);
    return status;
}
