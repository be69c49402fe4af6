/* sealpress seal - makes, imports, lists, disables and grants seals, and checks the log of their use. */
#include "base/clock.h"
#include "base/file.h"
#include "base/language.h"
#include "cli/cli.h"
#include "sign/registry.h"
#include "sign/signer_log.h"
#include "store/store.h"
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char help_en[] =
    "Usage: sealpress seal new --owner OFFICE [--line TEXT] [--name NAME] [--diameter MM] [--color #RRGGBB]\n"
    "                          [--key rsa2048|rsa3072|p256] [--days N]\n"
    "                                       draws a test seal and makes its key; prints its id\n"
    "       sealpress seal import --owner OFFICE --picture FILE.png|FILE.svg --chain CHAIN.pem --key "
    "KEY.pem\n"
    "                          [--name NAME] [--diameter MM]\n"
    "       sealpress seal import --service --owner NAME --chain CHAIN.pem --key KEY.pem\n"
    "       sealpress seal list [--json]\n"
    "       sealpress seal grant ID --to PROFILE [--from YYYY-MM-DD] [--until YYYY-MM-DD] [--count N]\n"
    "                                       PROFILE: id of an issuing profile or kind of document, or \"*\"\n"
    "       sealpress seal grant ID --to " SIGNER_DELEGATE
    " [--from YYYY-MM-DD] [--until YYYY-MM-DD] [--count N]\n"
    "                                       lets those who manage grants through the service give grants for "
    "it,\n"
    "                                       N at most; they outlive this one, and revoke-grant ends each\n"
    "       sealpress seal revoke-grant GRANT\n"
    "       sealpress seal disable ID | enable ID\n"
    "       sealpress seal log [--head FILE]   checks the log of what was sealed; --head: a head kept "
    "elsewhere\n"
    "\nID: a seal's id or at least its first 6 digits. --data DIR: the data directory.\n"
    "\nExample: sealpress seal new --owner 安徽省虚构人力资源和社会保障厅（测试） --line 职称专用章\n";
static const char help_zh[] =
    "用法：sealpress seal new --owner 单位 [--line 文字] [--name 名称] [--diameter 毫米] [--color #RRGGBB]\n"
    "                          [--key rsa2048|rsa3072|p256] [--days 天数]\n"
    "                                       绘制测试印章并生成密钥，输出印章编号\n"
    "      sealpress seal import --owner 单位 --picture 图样.png|图样.svg --chain 证书链.pem --key 私钥.pem\n"
    "                          [--name 名称] [--diameter 毫米]\n"
    "      sealpress seal import --service --owner 名称 --chain 证书链.pem --key 私钥.pem\n"
    "      sealpress seal list [--json]\n"
    "      sealpress seal grant 编号 --to 授权对象 [--from YYYY-MM-DD] [--until YYYY-MM-DD] [--count 次数]\n"
    "                                       授权对象：发证配置或文书种类的编号，或 \"*\"\n"
    "      sealpress seal grant 编号 --to " SIGNER_DELEGATE
    " [--from YYYY-MM-DD] [--until YYYY-MM-DD] [--count 次数]\n"
    "                                       "
    "允许通过服务为该印章授权，至多所定次数；所授权限不随本项撤销而失效，\n"
    "                                       可用 revoke-grant 逐项撤销\n"
    "      sealpress seal revoke-grant 授权编号\n"
    "      sealpress seal disable 编号 | enable 编号\n"
    "      sealpress seal log [--head 文件]   检查签章日志；--head：另行保存的日志链头\n"
    "\n编号：印章编号，或其前 6 位以上。--data 目录：数据目录。\n"
    "\n示例：sealpress seal new --owner 安徽省虚构人力资源和社会保障厅（测试） --line 职称专用章\n";

static const struct cli_help no_words = {help_en, help_zh, 0, 0};
static const struct cli_help one_word = {help_en, help_zh, 1, 1};

/* A whole number of 1 to most; absent leaves *out. */
static bool read_number(int64_t *out, const char *text, int64_t most)
{
    char *end;

    if (text == NULL)
        return true;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= 1 && *out <= most;
}

static bool read_millimetres(double *out, const char *text)
{
    char *end;

    if (text == NULL)
        return true;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*out) && *out > 0;
}

static void open_registry(struct registry *r)
{
    registry_at(r, cli_data_dir());
}

static int seal_new(int argc, char **argv)
{
    const char *owner = NULL, *line = NULL, *name = NULL, *diameter = NULL, *color = NULL, *key = NULL,
               *days = NULL;
    const struct cli_option options[] = {
        {"--owner", NULL, &owner, NULL}, {"--line", NULL, &line, NULL},         {"--name", NULL, &name, NULL},
        {"--color", NULL, &color, NULL}, {"--diameter", NULL, &diameter, NULL}, {"--key", NULL, &key, NULL},
        {"--days", NULL, &days, NULL}};
    struct seal_order o = {.key = SEAL_KEY_RSA2048};
    char id[REGISTRY_ID_SIZE];
    struct cli_words words = {{NULL}, 0};
    struct registry r;
    struct err e = {0};
    int64_t day_count = 0;
    int status = cli_parse(&words, argc, argv, options, COUNT(options), &no_words);

    if (status != CLI_GO_ON)
        return status;
    if (owner == NULL)
        return cli_misused("seal", "new: --owner OFFICE is missing.", "new：缺少 --owner 单位。");
    if (!read_number(&day_count, days, 3650))
        return cli_misused("seal", "--days is a number from 1 to 3650.", "--days 应为 1 至 3650 的整数。");
    if (!read_millimetres(&o.diameter, diameter))
        return cli_misused("seal", "--diameter is a number of millimetres.", "--diameter 应为毫米数。");
    if (key != NULL && !seal_key_parse(&o.key, key))
        return cli_misused("seal", "--key is rsa2048, rsa3072 or p256.",
                           "--key 应为 rsa2048、rsa3072 或 p256。");
    o.owner = owner;
    o.line = line;
    o.name = name;
    o.color = color;
    o.days = (int)day_count;
    open_registry(&r);
    if (registry_new_test_ca(&r, &e) != 0 || registry_new_seal(id, &r, &o, NULL, &e) != 0)
        return cli_fail(&e);
    (void)puts(id);
    return CLI_FINE;
}

static int seal_import(int argc, char **argv)
{
    const char *diameter = NULL;
    struct seal_import o = {0};
    const struct cli_option options[] = {
        {"--owner", NULL, &o.owner, NULL},     {"--name", NULL, &o.name, NULL},
        {"--picture", NULL, &o.picture, NULL}, {"--chain", NULL, &o.chain, NULL},
        {"--key", NULL, &o.key, NULL},         {"--diameter", NULL, &diameter, NULL},
        {"--service", NULL, NULL, &o.service}};
    char id[REGISTRY_ID_SIZE];
    struct cli_words words = {{NULL}, 0};
    struct registry r;
    struct err e = {0};
    bool names_owner = false;
    int status = cli_parse(&words, argc, argv, options, COUNT(options), &no_words);

    if (status != CLI_GO_ON)
        return status;
    if (o.owner == NULL || o.chain == NULL || o.key == NULL || (o.picture == NULL && !o.service))
        return cli_misused("seal", "import: --owner, --picture, --chain and --key are needed.",
                           "import：需要 --owner、--picture、--chain 和 --key。");
    if (!read_millimetres(&o.diameter, diameter))
        return cli_misused("seal", "--diameter is a number of millimetres.", "--diameter 应为毫米数。");
    o.names_owner = &names_owner;
    open_registry(&r);
    if (registry_import(id, &r, &o, &e) != 0)
        return cli_fail(&e);
    if (!names_owner)
        cli_note(
            "the X.509 certificate was issued to another name than --owner; whoever verifies sees that name.",
            "签名证书上的单位名称与 --owner 不同，验证时显示的是证书上的名称。");
    (void)puts(id);
    return CLI_FINE;
}

static const char *text_of(const json_t *row, const char *member)
{
    const char *text = json_text(row, member);

    return text == NULL ? "-" : text;
}

static const char *state_text(const json_t *row)
{
    if (strcmp(text_of(row, "state"), "enabled") == 0)
        return language_pick("enabled", "启用");
    return language_pick("disabled", "停用");
}

static void print_warning(const json_t *row)
{
    const char *warning = json_text(row, "warning");

    if (warning == NULL)
        return;
    if (strcmp(warning, "ends-soon") == 0)
        (void)printf(language_is_chinese()
                         ? "    注意：证书链将在 %lld 天后到期，请尽快续期并重新导入\n"
                         : "    WARNING: its chain ends in %lld days; renew it and import it\n",
                     (long long)json_integer_value(json_object_get(row, "days_left")));
    else if (strcmp(warning, "expired") == 0)
        (void)puts(language_pick("    WARNING: its chain has expired; it seals nothing",
                                 "    注意：证书链已过期，不能盖章"));
    else if (strcmp(warning, "not-yet-valid") == 0)
        (void)puts(language_pick("    WARNING: its chain is not valid yet", "    注意：证书链尚未生效"));
    else
        (void)puts(language_pick("    WARNING: its chain cannot be read", "    注意：证书链无法读取"));
}

static void print_grant(const json_t *grant)
{
    const json_t *count = json_object_get(grant, "count");
    char most[32];

    if (json_is_null(count))
        (void)snprintf(most, sizeof most, "%s", language_pick("any number", "不限"));
    else
        (void)snprintf(most, sizeof most, "%lld", (long long)json_integer_value(count));
    (void)printf(language_is_chinese() ? "    授权 %s  给 %s  自 %s 至 %s  已用 %lld / %s%s\n"
                                       : "    grant %s  to %s  from %s until %s  used %lld of %s%s\n",
                 text_of(grant, "id"), text_of(grant, "to"), text_of(grant, "from"), text_of(grant, "until"),
                 (long long)json_integer_value(json_object_get(grant, "used")), most,
                 strcmp(text_of(grant, "by"), "service") == 0
                     ? language_pick("  given through the service", "  通过服务授权")
                     : "");
}

static void print_seal(const json_t *row)
{
    const json_t *grant;
    double diameter = json_number_value(json_object_get(row, "diameter_mm"));
    char size[32] = ""; /* the service's own seal is nowhere to be seen */
    size_t i;

    if (diameter > 0)
        (void)snprintf(size, sizeof size, "%.0f mm  ", diameter);
    (void)printf("%s  %s  %s\n", text_of(row, "id"), text_of(row, "owner"), text_of(row, "name"));
    (void)printf("    %s  %s%s  %s %.10s%s%s\n", state_text(row), size, text_of(row, "algorithm"),
                 language_pick("valid until", "有效期至"), text_of(row, "valid_until"),
                 json_is_true(json_object_get(row, "test")) ? language_pick("  test", "  测试") : "",
                 json_is_true(json_object_get(row, "service")) ? language_pick("  service", "  系统") : "");
    print_warning(row);
    json_array_foreach(json_object_get(row, "grants"), i, grant)
    {
        print_grant(grant);
    }
}

static int print_json(const json_t *list)
{
    struct buf text = BUF_INIT((size_t)16 * 1024 * 1024);
    struct err e = {0};
    int rc = json_write(&text, list, &e);

    if (rc == 0)
        (void)fwrite(text.data, 1, text.len, stdout);
    buf_dispose(&text);
    return rc == 0 ? CLI_FINE : cli_fail(&e);
}

/* A mistyped directory must not look like one without seals. */
static int check_there(struct err *e)
{
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/seals", cli_data_dir());
    if (file_exists(path))
        return 0;
    return err_set(e, ERR_NOT_FOUND,
                   "There are no seals in %s yet: is it the data directory? \"sealpress init\" makes one.",
                   "%s 中还没有印章：它是数据目录吗？可用 sealpress init 建立。", cli_data_dir());
}

/* keys/counts runs ahead of the uses, in blocks; a signer that runs knows them one by one. */
static void ask_uses(struct signer *signer, const char *seal_id, json_t *grants)
{
    struct signer_grant g;
    struct err unsaid;
    json_t *row;
    size_t at;

    for (size_t i = 0; signer_grant_at(&g, signer, seal_id, i, &unsaid) == 0; i++) {
        json_array_foreach(grants, at, row)
        {
            if (strcmp(json_text(row, "id"), g.id) == 0)
                (void)json_object_set_new(row, "used", json_integer(g.used));
        }
    }
}

static void put_exact_uses(json_t *list)
{
    struct signer *signer;
    struct err none_runs;
    json_t *row;
    size_t i;

    if (signer_connect(&signer, cli_data_dir(), &none_runs) != 0)
        return;
    json_array_foreach(json_object_get(list, "seals"), i, row)
    {
        ask_uses(signer, json_text(row, "id"), json_object_get(row, "grants"));
    }
    signer_close(signer);
}

static int seal_list(int argc, char **argv)
{
    bool as_json = false;
    const struct cli_option options[] = {{"--json", NULL, NULL, &as_json}};
    struct cli_words words = {{NULL}, 0};
    struct registry r;
    json_t *list, *row;
    struct err e = {0};
    size_t i;
    int status = cli_parse(&words, argc, argv, options, COUNT(options), &no_words);

    if (status != CLI_GO_ON)
        return status;
    open_registry(&r);
    if (check_there(&e) != 0 || registry_list(&list, &r, clock_now(), &e) != 0)
        return cli_fail(&e);
    put_exact_uses(list);
    if (as_json) {
        status = print_json(list);
    } else {
        status = CLI_FINE;
        json_array_foreach(json_object_get(list, "seals"), i, row)
        {
            print_seal(row);
        }
    }
    json_decref(list);
    return status;
}

/* As far as this user can see: whoever cannot read the register gets no advice about it. */
static bool is_profile(const char *id)
{
    struct arena a = ARENA_INIT;
    struct store *store = NULL;
    struct profile profile;
    struct err e;
    bool known = store_open_reading(&store, cli_data_dir(), &e) != 0 ||
                 store_profile(&profile, store, id, &a, &e) == 0 || e.code != ERR_NOT_FOUND;

    store_close(store);
    arena_dispose(&a);
    return known;
}

static int seal_grant(int argc, char **argv)
{
    const char *count = NULL;
    struct grant_order o = {0};
    const struct cli_option options[] = {{"--to", NULL, &o.to, NULL},
                                         {"--from", NULL, &o.from, NULL},
                                         {"--until", NULL, &o.until, NULL},
                                         {"--count", NULL, &count, NULL}};
    char id[REGISTRY_ID_SIZE];
    struct cli_words words = {{NULL}, 0};
    struct registry r;
    struct err e = {0};
    int status = cli_parse(&words, argc, argv, options, COUNT(options), &one_word);

    if (status != CLI_GO_ON)
        return status;
    if (o.to == NULL)
        return cli_misused("seal", "grant: --to PROFILE is missing.", "grant：缺少 --to 授权对象。");
    if (!read_number(&o.count, count, INT32_MAX))
        return cli_misused("seal", "--count is a positive number.", "--count 应为正整数。");
    o.seal = words.list[0];
    open_registry(&r);
    if (registry_grant(id, &r, &o, &e) != 0)
        return cli_fail(&e);
    if (strcmp(o.to, SIGNER_DELEGATE) != 0 && strcmp(o.to, "*") != 0 && !is_profile(o.to))
        cli_note(
            "no issuing profile has this id yet; the grant waits for one (\"sealpress init --offices\").",
            "目前没有该编号的发证方案，授权将在方案建立后生效（“sealpress init --offices”）。");
    (void)puts(id);
    return CLI_FINE;
}

/* disable, enable, revoke-grant: one word, no answer. */
static int seal_change(int argc, char **argv)
{
    struct cli_words words = {{NULL}, 0};
    struct registry r;
    struct err e = {0};
    int status = cli_parse(&words, argc, argv, NULL, 0, &one_word), rc;

    if (status != CLI_GO_ON)
        return status;
    open_registry(&r);
    if (strcmp(argv[0], "seal disable") == 0)
        rc = registry_disable(&r, words.list[0], &e);
    else if (strcmp(argv[0], "seal enable") == 0)
        rc = registry_enable(&r, words.list[0], &e);
    else
        rc = registry_revoke_grant(&r, words.list[0], &e);
    return rc == 0 ? CLI_FINE : cli_fail(&e);
}

static void print_log(const struct signer_log_report *r)
{
    (void)printf(language_is_chinese()
                     ? "日志完整：%lld 行，其中签章 %lld 次；签名链头 %lld 个，覆盖至第 %lld 行。\n"
                     : "The log is whole: %lld lines, %lld of them uses of seals; %lld signed heads, "
                       "the last for line %lld.\n",
                 (long long)r->lines, (long long)r->signatures, (long long)r->heads,
                 (long long)r->signed_lines);
    if (r->cuts > 0)
        (void)printf(language_is_chinese()
                         ? "其中 %lld 处因断电或异常退出截去了未写完的末尾。\n"
                         : "After power cuts or crashes a torn end was cut off %lld times.\n",
                     (long long)r->cuts);
}

static int seal_log(int argc, char **argv)
{
    const char *head = NULL;
    const struct cli_option options[] = {{"--head", NULL, &head, NULL}};
    struct buf kept = BUF_INIT(4096);
    struct signer_log_report report = {0};
    struct cli_words words = {{NULL}, 0};
    struct err e = {0};
    int status = cli_parse(&words, argc, argv, options, COUNT(options), &no_words);

    if (status != CLI_GO_ON)
        return status;
    if ((head != NULL && file_read(&kept, head, &e) != 0) ||
        signer_log_check(&report, cli_data_dir(), head == NULL ? NULL : buf_text(&kept), &e) != 0)
        status = cli_fail(&e);
    else
        status = CLI_FINE;
    if (status == CLI_FINE)
        print_log(&report);
    buf_dispose(&kept);
    return status;
}

int cli_seal(int argc, char **argv)
{
    static struct {
        char name[20]; /* as errors and help call it */
        int (*run)(int argc, char **argv);
    } verbs[] = {{"seal new", seal_new},
                 {"seal import", seal_import},
                 {"seal list", seal_list},
                 {"seal grant", seal_grant},
                 {"seal revoke-grant", seal_change},
                 {"seal disable", seal_change},
                 {"seal enable", seal_change},
                 {"seal log", seal_log}};

    for (size_t i = 0; argc > 1 && i < COUNT(verbs); i++) {
        if (strcmp(argv[1], verbs[i].name + strlen("seal ")) == 0) {
            argv[1] = verbs[i].name;
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        (void)fputs(language_pick(help_en, help_zh), stdout);
        return CLI_FINE;
    }
    return cli_misused("seal",
                       "say what to do: new, import, list, grant, revoke-grant, disable, enable or log.",
                       "请说明要做什么：new、import、list、grant、revoke-grant、disable、enable 或 log。");
}
