/* main.c - finds the command. */
#include "base/language.h"
#include "cli/cli.h"
#include "cli/version.h"
#include <locale.h>
#include <signal.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *en, *zh;
} commands[] = {
    {"init", cli_init, "make a data directory", "建立数据目录"},
    {"serve", cli_serve, "the service: HTTP for portals, verify pages for phones",
     "提供服务：门户系统接口和手机查验页面"},
    {"issue", cli_issue, "one order and photo in, one sealed and signed certificate out",
     "一份办证申请和照片进，一本盖章签名的电子证书出"},
    {"import", cli_import, "an approval filing with its list in, its certificates out",
     "导入批复备案和名单，批量生成证书"},
    {"export", cli_export, "a filing's certificates as one archive", "将备案的全部证书导出为一个压缩包"},
    {"verify", cli_verify, "is this file genuine, and who sealed it?", "验证文件真伪和签章单位"},
    {"photo", cli_photo, "turn, crop and check a photo", "照片旋转、裁剪和检查"},
    {"seal", cli_seal, "make, import, list, disable and grant seals", "制作、导入、列出、停用和授权印章"},
    {"key", cli_key, "make, list, revoke and rotate keys of the service", "生成、列出、停用和轮换服务密钥"},
    {"backup", cli_backup, "copy a data directory while it is in use", "在服务运行时备份数据目录"},
    {"restore", cli_restore, "put a backup into a data directory", "把备份恢复到数据目录"},
    {"recover", cli_recover, "after a restore: no number comes twice; open issuing again",
     "恢复之后：确保编号不重复，重新开放发证"},
    {"render", cli_render, "a template and its data as PDF, without seals", "按模板生成 PDF（不盖章）"},
    {"preview", cli_preview, "a template's pages beside its source, in your browser",
     "在浏览器里对照源文件预览模板"},
    {"templates", cli_templates, "list and check the templates", "列出和检查模板"},
};

static int print_help(FILE *out)
{
    (void)fputs(language_pick("Usage: sealpress COMMAND [OPTION...]\n\nCommands:\n",
                              "用法：sealpress 命令 [选项...]\n\n命令：\n"),
                out);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        (void)fprintf(out, "  %-10s %s\n", commands[i].name, language_pick(commands[i].en, commands[i].zh));
    (void)fputs(language_pick(
                    "\nOptions everywhere: --data DIR (else $SEALPRESS_DATA, else ./sealpress-data), --help\n"
                    "Exit status: 0 fine, 1 refused or invalid, 2 wrong usage, 3 could not\n"
                    "\nExample: sealpress init --demo && sealpress issue samples/certificate.json "
                    "--photo samples/photo.jpg -o certificate.pdf\n",
                    "\n通用选项：--data 目录（否则 $SEALPRESS_DATA，否则 ./sealpress-data）、--help\n"
                    "退出状态：0 正常，1 被拒绝或无效，2 用法错误，3 无法完成\n"
                    "\n示例：sealpress init --demo && sealpress issue samples/certificate.json "
                    "--photo samples/photo.jpg -o certificate.pdf\n"),
                out);
    return out == stdout ? CLI_FINE : CLI_USAGE;
}

int main(int argc, char **argv)
{
    (void)setlocale(LC_CTYPE, "");
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2)
        return print_help(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
        return print_help(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("sealpress " SEALPRESS_VERSION);
        return CLI_FINE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    (void)fprintf(stderr, "sealpress: %s: %s\n", argv[1],
                  language_pick("there is no such command; \"sealpress --help\" lists them.",
                                "没有这个命令，“sealpress --help” 列出全部命令。"));
    return CLI_USAGE;
}
