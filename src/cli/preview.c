/* preview - a template's pages beside its source, in the browser of who writes it. */
#include "preview/preview.h"
#include "base/language.h"
#include "cli/cli.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>

static const struct cli_help help = {
    "Usage: sealpress preview NAME|FOLDER [--listen 127.0.0.1:8090] [--record FILE]\n"
    "\n"
    "Serves the pages of a template beside its source and its mistakes, for your browser, and makes them "
    "anew\n"
    "whenever a file of its folder is saved. A word with a slash is a folder: ./my-template. Records to "
    "choose\n"
    "from are the folder's *.json. It listens on loopback only and changes nothing. Ctrl-C ends it.\n"
    "\n"
    "  --listen HOST:PORT  where (127.0.0.1:8090)\n"
    "  --record FILE       a record from elsewhere, shown first\n"
    "\n"
    "Example: sealpress preview certificate\n",
    "用法：sealpress preview 模板名|文件夹 [--listen 127.0.0.1:8090] [--record 文件]\n"
    "\n"
    "在浏览器里对照源文件显示模板生成的页面和其中的错误，文件夹内任何文件保存后自动重新生成。含斜杠的是\n"
    "文件夹，例如 ./my-template。可选数据是文件夹内的 *.json。只在本机回环地址上监听，不修改任何文件，\n"
    "按 Ctrl-C 结束。\n"
    "\n"
    "  --listen 主机:端口  监听地址（127.0.0.1:8090）\n"
    "  --record 文件       文件夹以外的数据，首先显示\n"
    "\n"
    "示例：sealpress preview certificate\n",
    1, 1};

/* Waits for Ctrl-C or SIGTERM, which every thread made before has blocked. */
static void await_end(const sigset_t *ends)
{
    int signal;

    while (sigwait(ends, &signal) != 0)
        continue;
}

int cli_preview(int argc, char **argv)
{
    struct preview_order o = {.listen = NULL};
    const struct cli_option options[] = {{"--listen", NULL, &o.listen, NULL},
                                         {"--record", NULL, &o.record, NULL}};
    struct preview *preview;
    struct cli_words words;
    sigset_t ends;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    if (status != CLI_GO_ON)
        return status;
    if (o.listen == NULL)
        o.listen = "127.0.0.1:8090";
    *(cli_is_folder(words.list[0]) ? &o.folder : &o.name) = words.list[0];
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL);
    if (preview_start(&preview, &o, &e) != 0)
        return cli_fail(&e);
    (void)printf("%s http://%.*s:%u/%s\n", language_pick("open", "请在浏览器打开"),
                 (int)(strrchr(o.listen, ':') - o.listen), o.listen, preview_port(preview),
                 language_pick(" in your browser; Ctrl-C ends the preview", "，按 Ctrl-C 结束预览"));
    (void)fflush(stdout);
    await_end(&ends);
    preview_stop(preview);
    return CLI_FINE;
}
