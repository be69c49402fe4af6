/* serve - the service: HTTP in front, the signer behind, a supervisor over both. */
#include "api/app.h"
#include "backup/backup.h"
#include "base/language.h"
#include "cli/cli.h"
#include "cli/supervisor.h"
#include "console/console.h"
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usual_address[] = "127.0.0.1:8080";

static const struct cli_help help = {
    "Usage: sealpress serve [--listen HOST:PORT] [-n] [--data DIR]\n"
    "\n"
    "Serves the data directory over HTTP until SIGTERM or Ctrl-C; then it ends what was begun and leaves.\n"
    "It says \"listening on ...\" on standard output when it is ready, and logs on standard error. TLS and "
    "the\n"
    "internet are a reverse proxy's: samples/nginx.conf, samples/Caddyfile.\n"
    "\n"
    "  --listen HOST:PORT  address to listen on; port 0 takes a free one (usually 127.0.0.1:8080)\n"
    "  -n, --check         only checks config.json, fonts and templates\n"
    "\n"
    "Example: sealpress serve --listen 127.0.0.1:8080 --data /var/lib/sealpress\n",
    "用法：sealpress serve [--listen 主机:端口] [-n] [--data 目录]\n"
    "\n"
    "通过 HTTP 提供服务，直到收到 SIGTERM 或 Ctrl-C；届时先完成已开始的工作再退出。\n"
    "就绪后在标准输出打印“正在监听 ...”，日志写到标准错误。TLS 和互联网接入由反向代理负责：\n"
    "samples/nginx.conf、samples/Caddyfile。\n"
    "\n"
    "  --listen 主机:端口  监听地址，端口 0 表示任取空闲端口（默认 127.0.0.1:8080）\n"
    "  -n, --check         只检查 config.json、字体和模板\n"
    "\n"
    "示例：sealpress serve --listen 127.0.0.1:8080 --data /var/lib/sealpress\n",
    0, 0};

/* Every thread has a heap of its own otherwise, each with the leftovers of its largest hour. */
static void keep_memory_flat(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    (void)mallopt(M_ARENA_MAX, cores < 2 ? 2 : cores > 8 ? 8 : (int)cores);
    (void)mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    (void)mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

/* The server process. What it holds when a start fails ends with it. */
static int serve(const struct supervisor_order *o, struct server_end *end)
{
    struct service_order order = {.data_dir = o->data_dir,
                                  .listen = end->listen,
                                  .keys_isolated = o->who.isolated,
                                  .routes = console_routes};
    struct app *app = NULL;
    struct err e;

    keep_memory_flat();
    if (service_load(&app, &order, &e) != 0 || signer_become_server(&o->who, &e) != 0 ||
        service_start(app, &e) != 0)
        return server_end_failed(end, &e);
    server_end_ready(end, service_port(app));
    server_end_wait(end);
    service_stop(app);
    return CLI_FINE;
}

/* HOST:PORT, [ADDRESS]:PORT. */
static bool is_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t digits = colon == NULL ? 0 : strspn(colon + 1, "0123456789");

    return colon != NULL && colon != text && colon - text < 200 && digits > 0 && digits <= 5 &&
           colon[1 + digits] == '\0' && strtoul(colon + 1, NULL, 10) <= 65535 &&
           (text[0] == '[' ? colon[-1] == ']' : memchr(text, ':', (size_t)(colon - text)) == NULL);
}

static int check(const struct supervisor_order *o)
{
    struct service_order order = {.data_dir = o->data_dir,
                                  .listen = o->listen,
                                  .keys_isolated = o->who.isolated,
                                  .routes = console_routes};
    struct config config;
    struct app *app = NULL;
    struct err e;

    if (config_load(&config, o->data_dir, &e) != 0)
        return cli_fail(&e);
    (void)printf("%s %s/config.json\n", language_pick("fine:", "正常："), o->data_dir);
    if (service_load(&app, &order, &e) != 0)
        return cli_fail(&e);
    (void)printf("%s\n", language_pick("fine: fonts, templates, routes", "正常：字体、模板、接口"));
    (void)printf("%s %s\n", language_pick("public address:", "公开网址："), config.public_url);
    for (size_t i = 0; i < config.proxy_count; i++)
        (void)printf("%s %s\n", language_pick("trusted proxy:", "信任的代理："), config.proxies[i]);
    service_stop(app);
    return CLI_FINE;
}

static int run(const struct supervisor_order *o)
{
    struct config config;
    struct err e;

    if (config_load(&config, o->data_dir, &e) != 0)
        return cli_fail(&e);
    if (!o->who.isolated)
        cli_note("keys are not isolated: run as root with the users sealpress and sealpress-signer to keep "
                 "the server out of keys/.",
                 "密钥未隔离：请以 root 运行并建立用户 sealpress 和 sealpress-signer，使服务进程无法读取 "
                 "keys/。");
    if (backup_look_behind(o->data_dir))
        cli_note("the signer's log is ahead of the database: an older copy was put in its place. Nothing is "
                 "issued "
                 "until \"sealpress recover\" has run; pages and downloads are served.",
                 "签章日志比数据库新：数据库被换成了旧副本。运行 “sealpress recover” "
                 "之前不能发证，查验和下载不受影响。");
    return supervisor_run(o);
}

int cli_serve(int argc, char **argv)
{
    struct supervisor_order o = {.serve = serve};
    bool only_check = false;
    const struct cli_option options[] = {{"--listen", NULL, &o.listen, NULL},
                                         {"--check", "-n", NULL, &only_check}};
    struct cli_words words;
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    if (status != CLI_GO_ON)
        return status;
    if (o.listen == NULL)
        o.listen = usual_address;
    if (!is_address(o.listen))
        return cli_misused("serve", "--listen takes HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080.",
                           "--listen 应为 主机:端口，例如 127.0.0.1:8080 或 [::1]:8080。");
    o.data_dir = cli_data_dir();
    signer_identity_find(&o.who);
    return only_check ? check(&o) : run(&o);
}
