/* verify - is this file genuine, and who sealed it? */
#include "sign/verify.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/language.h"
#include "cli/cli.h"
#include "store/store.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct cli_help help = {
    "Usage: sealpress verify FILE [--trust CA.pem] [--json]\n"
    "\n"
    "Says whether a PDF is genuine, who sealed it, and what was changed since. Opens no connection.\n"
    "\n"
    "  --trust CA.pem     believe these authorities (and revocation lists), no others;\n"
    "                     else those in the data directory's trust/\n"
    "  --json             the verdict as JSON\n"
    "\n"
    "The answer is genuine, test seals, altered, not trusted, not signed or unsupported. Exit status: 0 for\n"
    "genuine and for intact test seals, 1 for the others, 2 for wrong usage, 3 where the file cannot be "
    "read.\n"
    "Certificates are judged at the registered time for files of this data directory, else now.\n"
    "\n"
    "Example: sealpress verify certificate.pdf\n",
    "用法：sealpress verify 文件 [--trust CA.pem] [--json]\n"
    "\n"
    "说明 PDF 是否真实有效、由谁签章、签章后有何改动。不连接网络。\n"
    "\n"
    "  --trust CA.pem     只信任该文件中的证书机构（及吊销列表）；\n"
    "                     否则信任数据目录 trust/ 中的证书机构\n"
    "  --json             以 JSON 输出结论\n"
    "\n"
    "结论为：真实有效、测试签章、已被改动、不受信任、未签名 或 无法检查。退出码：真实有效或完整的测试签章\n"
    "为 0，其余结论为 1，用法错误为 2，无法读取文件为 3。\n"
    "本数据目录签发的文件按登记时间判断证书，其他文件按当前时间。\n"
    "\n"
    "示例：sealpress verify 证书.pdf\n",
    1, 1};

static int load_trust(struct trust **trust, const char *pem, struct err *e)
{
    char dir[4096];

    if (pem != NULL) {
        if (trust_load(trust, NULL, e) != 0)
            return -1;
        return trust_add_file(*trust, pem, e);
    }
    if (snprintf(dir, sizeof dir, "%s/trust", cli_data_dir()) >= (int)sizeof dir)
        return err_set(e, ERR_INVALID, "The path of the data directory is too long.", "数据目录路径过长。");
    if (file_exists(dir))
        return trust_load(trust, dir, e);
    cli_note("there is no data directory here, so no authority is trusted; name one by --data DIR or --trust "
             "CA.pem.",
             "此处没有数据目录，因此不信任任何证书机构；请用 --data 目录 或 --trust CA.pem 指定。");
    return trust_load(trust, NULL, e);
}

/* A file of our own counts as of when it was issued: its seals do not expire with their certificates. */
static int64_t moment_find(struct slice pdf)
{
    uint8_t digest[SHA256_SIZE];
    struct store *store = NULL;
    int64_t moment = 0;
    bool found = false;
    struct err e;

    sha256(digest, pdf);
    if (store_open_reading(&store, cli_data_dir(), &e) != 0) {
        if (e.code != ERR_NOT_FOUND)
            cli_note("the register of this data directory cannot be read; certificates are judged as of now.",
                     "无法读取本数据目录的登记记录，按当前时间判断证书。");
        return clock_now();
    }
    if (store_registered_time(&found, &moment, store, digest, &e) != 0)
        found = false;
    store_close(store);
    return found ? moment : clock_now();
}

/* --- for people --- */

static const char *state_text(enum verdict_kind kind)
{
    switch (kind) {
    case VERDICT_GENUINE:
        return language_pick("GENUINE", "真实有效");
    case VERDICT_TEST:
        return language_pick("TEST SEALS (intact)", "测试签章（文件完整）");
    case VERDICT_ALTERED:
        return language_pick("ALTERED", "已被改动");
    case VERDICT_NOT_TRUSTED:
        return language_pick("NOT TRUSTED", "不受信任");
    case VERDICT_NOT_SIGNED:
        return language_pick("NOT SIGNED", "未签名");
    default:
        return language_pick("UNSUPPORTED", "无法检查");
    }
}

static const char *chain_text(enum chain_state state)
{
    switch (state) {
    case CHAIN_TRUSTED:
        return language_pick("trusted", "受信任");
    case CHAIN_TEST:
        return language_pick("test authority", "测试机构");
    case CHAIN_EXPIRED:
        return language_pick("expired", "已过期");
    case CHAIN_NOT_YET_VALID:
        return language_pick("not valid yet", "尚未生效");
    case CHAIN_REVOKED:
        return language_pick("revoked", "已吊销");
    case CHAIN_NOT_FOR_SIGNING:
        return language_pick("not meant for seals", "不用于签章");
    default:
        return language_pick("unknown authority", "颁发机构不明");
    }
}

static void print_row(const char *en, const char *zh, const char *value)
{
    printf("   %s", language_pick(en, zh));
    cli_put(stdout, value);
    (void)putchar('\n');
}

static void print_time(const struct seal_verdict *s)
{
    char utc[21], local[64], text[128];
    time_t moment = (time_t)s->signed_at;
    struct tm tm;

    if (!s->has_time)
        return;
    clock_rfc3339(utc, s->signed_at);
    if (localtime_r(&moment, &tm) == NULL || strftime(local, sizeof local, "%Y-%m-%d %H:%M:%S %z", &tm) == 0)
        local[0] = '\0';
    (void)snprintf(text, sizeof text, "%s (%s)", local, utc);
    print_row("time:    ", "时间：", text);
}

static void print_chain(const struct seal_verdict *s)
{
    printf("   %s", language_pick("chain:   ", "证书链："));
    cli_put(stdout, s->issuer);
    if (s->root[0] != '\0' && strcmp(s->root, s->issuer) != 0) {
        printf(" < ");
        cli_put(stdout, s->root);
    }
    printf(" [%s]\n", chain_text(s->chain));
}

static void print_seal(const struct seal_verdict *s, size_t number)
{
    printf("\n%zu. %s", number,
           s->visible ? language_pick("Seal of ", "印章：")
                      : language_pick("System record, no office's seal: ", "系统记录，非单位签章："));
    cli_put(stdout, s->owner[0] != '\0' ? s->owner : "?");
    (void)putchar('\n');
    print_row("field:   ", "位置：", s->field);
    print_time(s);
    print_chain(s);
    print_row("method:  ", "算法：", s->algorithm);
    print_row("content: ", "内容：",
              s->intact ? language_pick("intact", "完整") : language_pick(s->problem_en, s->problem_zh));
    if (s->certifies)
        print_row("rule:    ", "规则：",
                  language_pick("only empty places may be filled afterwards", "此后仅允许在空白处签章"));
}

static void print_verdict(const struct verdict *v)
{
    printf("%s\n", state_text(v->kind));
    cli_put(stdout, language_pick(v->reason_en, v->reason_zh));
    (void)putchar('\n');
    for (size_t i = 0; i < v->seal_count; i++)
        print_seal(&v->seals[i], i + 1);
    if (v->revision_count > 0)
        printf("\n%s\n", language_pick("Revisions:", "版本："));
    for (size_t i = 0; i < v->revision_count; i++) {
        const struct revision_verdict *r = &v->revisions[i];

        printf("   %zu. %s", r->number, r->allowed ? "" : language_pick("NOT ALLOWED: ", "不允许："));
        cli_put(stdout, language_pick(r->change_en, r->change_zh));
        (void)putchar('\n');
    }
}

static int print_json(const struct verdict *v, struct err *e)
{
    struct buf out = BUF_INIT(16 * 1024 * 1024);
    int rc = verdict_json(&out, v, e);

    if (rc == 0)
        (void)fwrite(out.data, 1, out.len, stdout);
    buf_dispose(&out);
    return rc;
}

static int verify_file(const char *path, const char *pem, bool json)
{
    struct buf pdf = BUF_INIT(VERIFY_MAX_BYTES);
    struct arena arena = ARENA_INIT;
    struct verify_order order = {NULL, 0};
    struct trust *trust = NULL;
    struct verdict v;
    struct err e;
    int status = CLI_COULD_NOT;

    if (file_read(&pdf, path, &e) != 0) {
        status = e.code == ERR_TOO_LARGE ? CLI_REFUSED : CLI_COULD_NOT;
        (void)cli_fail(&e);
        goto out;
    }
    if (load_trust(&trust, pem, &e) != 0) {
        (void)cli_fail(&e);
        goto out;
    }
    order.trust = trust;
    order.moment = moment_find(buf_view(&pdf));
    if (verify_untrusted(&v, buf_view(&pdf), &order, &arena, &e) != 0 || (json && print_json(&v, &e) != 0)) {
        (void)cli_fail(&e);
        goto out;
    }
    if (!json)
        print_verdict(&v);
    status = v.kind == VERDICT_GENUINE || v.kind == VERDICT_TEST ? CLI_FINE : CLI_REFUSED;
out:
    trust_free(trust);
    arena_dispose(&arena);
    buf_dispose(&pdf);
    return status;
}

int cli_verify(int argc, char **argv)
{
    const char *pem = NULL;
    bool json = false;
    const struct cli_option options[] = {{"--trust", NULL, &pem, NULL}, {"--json", NULL, NULL, &json}};
    struct cli_words words;
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    return status != CLI_GO_ON ? status : verify_file(words.list[0], pem, json);
}
