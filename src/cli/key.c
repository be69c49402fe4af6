/* key - keys of the API: made, listed, revoked, rotated. Works beside a running service. */
#include "api/app.h"
#include "base/clock.h"
#include "base/language.h"
#include "cli/cli.h"
#include "cli/server_user.h"
#include "store/config.h"
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { DAY = 86400, DAYS_MAX = 36500, GRACE_MAX = 365 };

static const char default_scopes[] = SCOPE_ISSUE "," SCOPE_READ;

static const char help_en[] =
    "Usage: sealpress key new --name TEXT --organisation ID|'*' [--scopes A,B|all] [--days N]\n"
    "                         [--origins A,B]\n"
    "       sealpress key list [--json]\n"
    "       sealpress key revoke ID\n"
    "       sealpress key rotate ID [--grace DAYS]\n"
    "\n"
    "Keys open the service to programs: \"Authorization: Bearer KEY\". A key is shown once, when it is made; "
    "only\n"
    "its hash is kept. It sees the records of its organisation only; '*' is for all of them.\n"
    "\n"
    "  --scopes A,B    " SCOPE_ISSUE ", " SCOPE_READ ", " SCOPE_REVOKE ", " SCOPE_DOCUMENTS ",\n"
    "                  " SCOPE_FILINGS ", " SCOPE_APPROVE ", " SCOPE_PERSONS ",\n"
    "                  " SCOPE_VERIFY ", " SCOPE_OFFICES ", " SCOPE_GRANTS ", " SCOPE_METRICS
    " or all; else the first two\n"
    "  --days N        it ends after N days; else it does not end\n"
    "  --origins A,B   web pages that may embed this key's photo links: https://zjsq.example.cn\n"
    "  --grace DAYS    rotate makes a new key like the old one, which ends after DAYS; else at once\n"
    "\n"
    "Example: sealpress key new --name portal --organisation demo-issuer --scopes all\n";
static const char help_zh[] =
    "用法：sealpress key new --name 名称 --organisation 单位|'*' [--scopes 权限,权限|all] [--days 天数]\n"
    "                        [--origins 来源,来源]\n"
    "      sealpress key list [--json]\n"
    "      sealpress key revoke 密钥编号\n"
    "      sealpress key rotate 密钥编号 [--grace 天数]\n"
    "\n"
    "程序以密钥访问服务：“Authorization: Bearer 密钥”。密钥只在生成时显示一次，系统只保存其散列值。\n"
    "密钥只能看到本单位的记录，'*' 表示全部单位。\n"
    "\n"
    "  --scopes 权限   " SCOPE_ISSUE "、" SCOPE_READ "、" SCOPE_REVOKE "、" SCOPE_DOCUMENTS "、\n"
    "                  " SCOPE_FILINGS "、" SCOPE_APPROVE "、" SCOPE_PERSONS "、\n"
    "                  " SCOPE_VERIFY "、" SCOPE_OFFICES "、" SCOPE_GRANTS "、" SCOPE_METRICS
    " 或 all；默认为前两项\n"
    "  --days 天数     到期失效；默认长期有效\n"
    "  --origins 来源  可嵌入本密钥照片上传链接的网页来源，例如 https://zjsq.example.cn\n"
    "  --grace 天数    rotate 生成同样权限的新密钥，旧密钥在若干天后失效；默认立即失效\n"
    "\n"
    "示例：sealpress key new --name portal --organisation demo-issuer --scopes all\n";
static const struct cli_help no_words = {help_en, help_zh, 0, 0};
static const struct cli_help one_word = {help_en, help_zh, 1, 1};

/* As root the database is opened as the server's user, so that no file of it becomes root's. */
static int open_store(struct store **out, struct err *e)
{
    struct signer_identity who;
    struct config config;

    *out = NULL;
    signer_identity_find(&who);
    if (config_load(&config, cli_data_dir(), e) != 0 || signer_become_server(&who, e) != 0)
        return -1;
    return store_open(out, cli_data_dir(), false, e);
}

static bool read_days(int64_t *out, const char *text, int64_t least, int64_t most)
{
    char *end;

    *out = 0;
    if (text == NULL)
        return true;
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 6)
        return false;
    *out = strtoll(text, &end, 10);
    return *end == '\0' && *out >= least && *out <= most;
}

/* The key alone on standard output, for scripts; the rest is said beside it. */
static void print_key(const char *key, const char *id)
{
    char en[160], zh[160];

    (void)puts(key);
    (void)snprintf(en, sizeof en, "this is the only time the key is shown; its id is %s.", id);
    (void)snprintf(zh, sizeof zh, "密钥只显示这一次，请妥善保存；其编号为 %s。", id);
    cli_note(en, zh);
}

static int key_make(const struct key_order *o, struct err *e)
{
    char key[KEY_TEXT_SIZE], id[KEY_ID_SIZE];
    struct store *s;
    int rc = open_store(&s, e);

    if (rc == 0)
        rc = key_new(key, id, s, o, clock_now(), e);
    if (rc == 0)
        print_key(key, id);
    store_close(s);
    explicit_bzero(key, sizeof key);
    return rc;
}

/* A fault of the order, by the option's name. */
static int fail_option(struct err *e)
{
    char option[sizeof e->field];

    if (e->field[0] == '/') {
        (void)snprintf(option, sizeof option, "--%.80s", e->field + 1);
        (void)err_field(e, "%s", option);
    }
    return cli_fail(e);
}

static int new_key(int argc, char **argv)
{
    const char *days = NULL;
    struct key_order o = {.days = 0};
    const struct cli_option options[] = {{"--name", NULL, &o.name, NULL},
                                         {"--organisation", NULL, &o.organisation, NULL},
                                         {"--scopes", NULL, &o.scopes, NULL},
                                         {"--days", NULL, &days, NULL},
                                         {"--origins", NULL, &o.origins, NULL}};
    struct cli_words words;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, COUNT(options), &no_words);

    if (status != CLI_GO_ON)
        return status;
    if (o.name == NULL)
        return cli_misused("key", "new: --name TEXT is missing.", "new：缺少 --name 名称。");
    if (o.organisation == NULL)
        return cli_misused("key", "new: --organisation ID is missing; '*' is for all.",
                           "new：缺少 --organisation 单位，'*' 表示全部单位。");
    if (!read_days(&o.days, days, 1, DAYS_MAX))
        return cli_misused("key", "--days is a number from 1 to 36500.", "--days 应为 1 至 36500 的整数。");
    if (o.scopes == NULL)
        o.scopes = default_scopes;
    return key_make(&o, &e) == 0 ? CLI_FINE : fail_option(&e);
}

static const char *state_of(const struct api_key *k, int64_t now)
{
    if (k->revoked != 0 && k->revoked <= now)
        return "revoked";
    if (k->expires != 0 && k->expires <= now)
        return "expired";
    return k->revoked != 0 ? "ending" : "valid";
}

static const char *state_text(const char *state)
{
    static const char *const texts[][3] = {{"valid", "valid", "有效"},
                                           {"ending", "ends soon", "即将失效"},
                                           {"expired", "expired", "已过期"},
                                           {"revoked", "revoked", "已停用"}};

    for (size_t i = 0; i < COUNT(texts); i++) {
        if (strcmp(texts[i][0], state) == 0)
            return language_pick(texts[i][1], texts[i][2]);
    }
    return state;
}

/* When it ends, of its own or because somebody said so; 0: never. */
static int64_t end_of(const struct api_key *k)
{
    if (k->revoked != 0 && (k->expires == 0 || k->revoked < k->expires))
        return k->revoked;
    return k->expires;
}

static void print_row(const struct api_key *k, int64_t now)
{
    char moment[21];

    (void)printf("%s  %s  %s  ", k->id, state_text(state_of(k, now)), k->organisation);
    cli_put(stdout, k->name);
    clock_rfc3339(moment, k->created);
    (void)printf("\n    %s\n", k->scopes);
    if (k->origins != NULL)
        (void)printf("    %s\n", k->origins);
    (void)printf("    %s%.10s", language_pick("made ", "生成于 "), moment);
    if (end_of(k) != 0) {
        clock_rfc3339(moment, end_of(k));
        (void)printf("%s%.10s", language_pick(", ends ", "，失效日期 "), moment);
    }
    (void)putchar('\n');
}

static int print_json(const struct api_key *keys, size_t count, int64_t now, struct err *e)
{
    struct buf text = BUF_INIT((size_t)16 * 1024 * 1024);
    json_t *list = json_array();
    int rc;

    for (size_t i = 0; i < count; i++) {
        char created[21], ends[21] = "";

        clock_rfc3339(created, keys[i].created);
        if (end_of(&keys[i]) != 0)
            clock_rfc3339(ends, end_of(&keys[i]));
        (void)json_array_append_new(
            list, json_pack("{ss ss ss ss ss ss so ss*}", "id", keys[i].id, "name", keys[i].name,
                            "organisation", keys[i].organisation, "scopes", keys[i].scopes, "state",
                            state_of(&keys[i], now), "created", created, "ends",
                            ends[0] != '\0' ? json_string(ends) : json_null(), "origins", keys[i].origins));
    }
    rc = json_array_size(list) == count ? json_write(&text, list, e) : err_no_memory(e);
    if (rc == 0)
        (void)fwrite(text.data, 1, text.len, stdout);
    json_decref(list);
    buf_dispose(&text);
    return rc;
}

static int list_keys(int argc, char **argv)
{
    bool json = false;
    const struct cli_option options[] = {{"--json", NULL, NULL, &json}};
    struct arena a = ARENA_INIT;
    struct api_key *keys = NULL;
    struct cli_words words;
    struct store *s = NULL;
    size_t count = 0;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, COUNT(options), &no_words);

    if (status != CLI_GO_ON)
        return status;
    status = CLI_FINE;
    if (open_store(&s, &e) != 0 || store_list_keys(&keys, &count, s, &a, &e) != 0 ||
        (json && print_json(keys, count, clock_now(), &e) != 0))
        status = cli_fail(&e);
    else if (count == 0 && !json)
        (void)puts(language_pick("there are no keys yet", "尚无密钥"));
    for (size_t i = 0; i < count && !json && status == CLI_FINE; i++)
        print_row(&keys[i], clock_now());
    store_close(s);
    arena_dispose(&a);
    return status;
}

static int revoke(int argc, char **argv)
{
    struct store *s = NULL;
    struct cli_words words;
    struct err e;
    int status = cli_parse(&words, argc, argv, NULL, 0, &one_word);

    if (status != CLI_GO_ON)
        return status;
    status = CLI_FINE;
    if (open_store(&s, &e) != 0 || store_revoke_key(s, words.list[0], clock_now(), &e) != 0)
        status = cli_fail(&e);
    else
        (void)printf("%s%s\n", language_pick("revoked: ", "已停用："), words.list[0]);
    store_close(s);
    return status;
}

static int rotate_in(struct store *s, const char *id, int64_t grace, struct err *e)
{
    char key[KEY_TEXT_SIZE], fresh[KEY_ID_SIZE];
    struct arena a = ARENA_INIT;
    struct key_order o;
    int64_t now = clock_now();
    struct api_key old;
    int rc = store_key(&old, s, id, &a, e);

    if (rc == 0 && strcmp(state_of(&old, now), "valid") != 0)
        rc = err_set(e, ERR_CONFLICT,
                     "The key %s has ended or is about to; make a new one with \"sealpress key new\".",
                     "密钥 %s 已失效或即将失效，请用 “sealpress key new” 生成新密钥。", id);
    if (rc == 0) {
        o = (struct key_order){
            .name = old.name, .organisation = old.organisation, .scopes = old.scopes, .origins = old.origins};
        if (old.expires != 0) /* lasts as long as the old one was made for */
            o.days = (old.expires - old.created + DAY - 1) / DAY;
        rc = key_new(key, fresh, s, &o, now, e);
    }
    if (rc == 0) {
        print_key(key, fresh); /* first: were the old one ended before, a failure here would leave none */
        rc = store_revoke_key(s, id, now + grace * DAY, e);
    }
    explicit_bzero(key, sizeof key);
    arena_dispose(&a);
    return rc;
}

static int rotate(int argc, char **argv)
{
    const char *days = NULL;
    const struct cli_option options[] = {{"--grace", NULL, &days, NULL}};
    struct store *s = NULL;
    struct cli_words words;
    int64_t grace;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, COUNT(options), &one_word);

    if (status != CLI_GO_ON)
        return status;
    if (!read_days(&grace, days, 0, GRACE_MAX))
        return cli_misused("key", "--grace is a number of days from 0 to 365.",
                           "--grace 应为 0 至 365 的天数。");
    status = CLI_FINE;
    if (open_store(&s, &e) != 0 || rotate_in(s, words.list[0], grace, &e) != 0)
        status = cli_fail(&e);
    store_close(s);
    return status;
}

int cli_key(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } works[] = {{"new", new_key}, {"list", list_keys}, {"revoke", revoke}, {"rotate", rotate}};

    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        (void)fputs(language_pick(help_en, help_zh), stdout);
        return CLI_FINE;
    }
    for (size_t i = 0; argc >= 2 && i < COUNT(works); i++) {
        if (strcmp(argv[1], works[i].name) != 0)
            continue;
        argv[1] = argv[0]; /* the name that wrong usage is told under */
        return works[i].run(argc - 1, argv + 1);
    }
    return cli_misused("key", "say what: new, list, revoke or rotate.",
                       "请指明操作：new、list、revoke 或 rotate。");
}
