/* backup.c - the commands backup, restore and recover. */
#include "backup/backup.h"
#include "base/clock.h"
#include "base/language.h"
#include "cli/cli.h"
#include <inttypes.h>
#include <stdlib.h>

static const struct cli_help backup_help = {
    "usage: sealpress backup DIRECTORY [--data DIR]\n"
    "Copies the data directory while it is in use: the database at one moment, every file, and as root also "
    "the\n"
    "keys and the signer's log. The same directory again gets only what is new. Keep it on another machine, "
    "and as\n"
    "safe as the keys that are in it.\n"
    "\n"
    "example: sealpress backup /mnt/backup/sealpress --data /var/lib/sealpress\n",
    "用法：sealpress backup 目录 [--data 数据目录]\n"
    "在服务运行时备份数据目录：某一时刻的数据库、全部文件；以 root 运行时还包括密钥和签章日志。\n"
    "再次备份到同一目录时只复制新增的文件。请把备份放在另一台机器上，并像密钥一样妥善保管。\n"
    "\n"
    "示例：sealpress backup /mnt/backup/sealpress --data /var/lib/sealpress\n",
    1, 1};

static const struct cli_help restore_help = {
    "usage: sealpress restore DIRECTORY [--over] [--data DIR]\n"
    "Puts a backup into a data directory. Nothing is issued there until \"sealpress recover\" has made sure "
    "that no\n"
    "number comes twice.\n"
    "\n"
    "  --over  into a directory that is in use: its database is put aside, its files, keys and log stay\n"
    "\n"
    "example: sealpress restore /mnt/backup/sealpress --data /var/lib/sealpress\n",
    "用法：sealpress restore 目录 [--over] [--data 数据目录]\n"
    "把备份恢复到数据目录。恢复后先运行 “sealpress recover”，确认编号不会重复，才能继续发证。\n"
    "\n"
    "  --over  恢复到已有数据的目录：原数据库改名保留，原有文件、密钥和日志不动\n"
    "\n"
    "示例：sealpress restore /mnt/backup/sealpress --data /var/lib/sealpress\n",
    1, 1};

static const struct cli_help recover_help = {
    "usage: sealpress recover [--margin N] [--data DIR]\n"
    "After a restore: raises every counter of numbers above what the signer's log and the files say was "
    "given out,\n"
    "takes in files that the database does not know, and opens issuing again. Run it as root.\n"
    "\n"
    "  --margin N  raises every counter by N more. Where the old machine is lost with its log and files, "
    "give more\n"
    "              than the certificates that were made since the backup\n"
    "\n"
    "example: sealpress recover --margin 5000 --data /var/lib/sealpress\n",
    "用法：sealpress recover [--margin N] [--data 数据目录]\n"
    "恢复备份之后运行：按签章日志和现有文件调高各编号流水，补登数据库中没有的文件，然后重新开放发证。请以 "
    "root 运行。\n"
    "\n"
    "  --margin N  各流水再多跳过 N 个号。原机器连同日志和文件全部丢失时，N 应大于备份之后发出的证书数\n"
    "\n"
    "示例：sealpress recover --margin 5000 --data /var/lib/sealpress\n",
    0, 0};

static void show_files(void *arg, uint64_t files)
{
    char en[80], zh[80];

    (void)arg;
    (void)snprintf(en, sizeof en, "%" PRIu64 " files ...", files);
    (void)snprintf(zh, sizeof zh, "已处理 %" PRIu64 " 个文件……", files);
    cli_progress(en, zh);
}

static void print_count(const char *en, const char *zh, uint64_t count)
{
    (void)printf("%s %" PRIu64 "\n", language_pick(en, zh), count);
}

static void note_without_keys(const struct backup_report *r)
{
    if (!r->keys)
        cli_note("keys and the signer's log are not in it: only root may read them.",
                 "不含密钥和签章日志：只有 root 可以读取。");
}

int cli_backup(int argc, char **argv)
{
    struct backup_report r;
    struct cli_words words;
    struct err e;
    int status = cli_parse(&words, argc, argv, NULL, 0, &backup_help);

    if (status != CLI_GO_ON)
        return status;
    status = backup_make(&r, cli_data_dir(), words.list[0], clock_now(), show_files, NULL, &e);
    cli_progress(NULL, NULL);
    if (status != 0)
        return cli_fail(&e);
    print_count("certificates:", "证书：", r.certificates);
    print_count("files:", "文件：", r.files);
    print_count("newly copied:", "本次新增：", r.copied);
    note_without_keys(&r);
    return CLI_FINE;
}

int cli_restore(int argc, char **argv)
{
    bool over = false;
    const struct cli_option options[] = {{"--over", NULL, NULL, &over}};
    struct backup_report r;
    struct cli_words words;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, 1, &restore_help);

    if (status != CLI_GO_ON)
        return status;
    status = backup_restore(&r, words.list[0], cli_data_dir(), over, clock_now(), show_files, NULL, &e);
    cli_progress(NULL, NULL);
    if (status != 0)
        return cli_fail(&e);
    print_count("files restored:", "恢复文件：", r.copied);
    note_without_keys(&r);
    (void)printf("%s\n", language_pick("issuing is closed until \"sealpress recover\" has run.",
                                       "发证暂停，请接着运行 “sealpress recover”。"));
    return CLI_FINE;
}

/* 0 to a billion; -1 for anything else. */
static int64_t read_margin(const char *text)
{
    char *end;
    long long n = strtoll(text, &end, 10);

    return *text >= '0' && *text <= '9' && *end == '\0' && n <= 1000000000 ? n : -1;
}

static void print_recovered(const struct recover_report *r)
{
    if (!r->log_read)
        cli_note("there is no signer's log here: only the files told what was given out.",
                 "没有签章日志，只能依据文件判断已发出的编号。");
    print_count("counters raised:", "调高的编号流水：", r->counters);
    print_count("sealed, but not in the database:", "已盖章但数据库中没有的证书：", r->signed_unknown);
    print_count("files of reserved numbers, now issued:", "补登为已签发（原已取号）：", r->files_adopted);
    print_count("files registered by their number:", "按编号补登的文件：", r->files_recorded);
    if (r->files_unreadable > 0)
        print_count("files left alone:", "未能补登的文件：", r->files_unreadable);
    (void)printf("%s\n", language_pick("issuing is open again.", "已重新开放发证。"));
}

int cli_recover(int argc, char **argv)
{
    const char *margin = NULL;
    const struct cli_option options[] = {{"--margin", NULL, &margin, NULL}};
    struct recover_report r;
    struct cli_words words;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, 1, &recover_help);

    if (status != CLI_GO_ON)
        return status;
    if (margin == NULL)
        margin = "0";
    if (read_margin(margin) < 0)
        return cli_misused("recover", "--margin takes a number from 0 to 1000000000.",
                           "--margin 应为 0 至 1000000000 的整数。");
    if (backup_recover(&r, cli_data_dir(), (uint64_t)read_margin(margin), clock_now(), &e) != 0)
        return cli_fail(&e);
    print_recovered(&r);
    return CLI_FINE;
}
