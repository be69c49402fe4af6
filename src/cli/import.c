/* import - an approval filing with its list and photos in; checked, submitted, and, where the operator says
 * that the issuing authority approved it, its certificates out. */
#include "archive/zip.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/language.h"
#include "cli/import_task.h"
#include "cli/photo_folder.h"
#include "cli/server_user.h"
#include "store/config.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILING_MAX = 64 * 1024, APPROVAL_MAX = 50 * 1024 * 1024 };

static const struct cli_help help = {
    "Usage: sealpress import FILING.json [--entries LIST] [--photos ZIP|FOLDER] [--document APPROVAL.pdf]\n"
    "                        [--check] [--partial] [--draft] [--approved] [--json] [--data DIR]\n"
    "       sealpress import --old LIST --profile ID [--check] [--partial] [--json] [--data DIR]\n"
    "\n"
    "Takes an approval filing (批复备案) in: checks every row of its list, and, unless anything is wrong, "
    "keeps\n"
    "filing, list, approval document and photos, and submits it. With --approved it also makes all "
    "certificates.\n"
    "The same call again carries on where it was: one approval number of one organiser is one filing.\n"
    "\n"
    "  --entries LIST       XLSX (the workbook), CSV or JSON, at most 100,000 rows; takes the place of the "
    "list\n"
    "                       there was, while the filing is not submitted\n"
    "  --photos ZIP|FOLDER  JPEG or PNG, named by row (0052.jpg, 0052_NAME.jpg) or document number\n"
    "  --document FILE      the approval document (PDF), which submitting needs\n"
    "  --check              only checks the list, with every certificate laid out; keeps nothing\n"
    "  --partial            takes the good rows although others are at fault\n"
    "  --draft              does not submit\n"
    "  --approved           you state that the issuing authority has approved: passes in its name, gives "
    "numbers,\n"
    "                       makes the certificates and waits for the last one\n"
    "  --json               the outcome as JSON, with all rows at fault\n"
    "  --old LIST           old certificates (历史证书) for the register: 证书编号(历史) and 发证日期 are "
    "required\n"
    "  --profile ID         the issuing profile whose register they enter\n"
    "\n"
    "Works beside a running service, and without one. Exit status 1 where a row, photo or certificate "
    "failed.\n"
    "\n"
    "Example: sealpress import samples/filing.json --entries samples/entries.csv --document approval.pdf \\\n"
    "           --photos photos.zip --approved && sealpress export 皖测社秘〔2026〕1号 -o "
    "certificates.zip\n",
    "用法：sealpress import 备案.json [--entries 名单] [--photos 压缩包|文件夹] [--document 批复文件.pdf]\n"
    "                       [--check] [--partial] [--draft] [--approved] [--json] [--data 目录]\n"
    "      sealpress import --old 名单 --profile 发证配置 [--check] [--partial] [--json] [--data 目录]\n"
    "\n"
    "导入批复备案：逐行检查名单，全部无误后保存备案、名单、批复文件和照片，并提交审核。加 --approved "
    "则继续办理\n"
    "入库并生成全部证书。以同样的参数再次运行会接着办理：同一组建单位的同一批复文号只有一个备案。\n"
    "\n"
    "  --entries 名单       XLSX（名单模板）、CSV 或 JSON，最多 100,000 行；提交之前，替换原有名单\n"
    "  --photos 压缩包|文件夹  JPEG 或 PNG，按序号（0052.jpg、0052_张三.jpg）或证件号码命名\n"
    "  --document 文件      批复文件（PDF），提交审核时必须有\n"
    "  --check              只检查名单（逐份试排证书），不保存任何内容\n"
    "  --partial            有错误的行除外，其余照常导入\n"
    "  --draft              暂不提交\n"
    "  --approved           操作人确认发证机关已批准：以发证机关名义审核通过、入库编号，生成全部证书\n"
    "  --json               以 JSON 输出结果，列出全部错误行\n"
    "  --old 名单           历史证书登记：须有证书编号(历史)和发证日期\n"
    "  --profile 发证配置   登记到哪个发证配置\n"
    "\n"
    "服务运行与否均可使用。名单、照片或证书有失败的，退出状态为 1。\n"
    "\n"
    "示例：sealpress import samples/filing.json --entries samples/entries.csv --document 批复.pdf \\\n"
    "        --photos 照片.zip --approved && sealpress export 皖测社秘〔2026〕1号 -o 证书.zip\n",
    0, 1};

static int open_photos(struct import_task *t, struct err *e)
{
    struct stat st;

    if (t->photos_path == NULL)
        return 0;
    if (stat(t->photos_path, &st) == 0 && S_ISDIR(st.st_mode))
        return photo_folder_pack(&t->photos, &t->photos_size, t->photos_path, e);
    t->photos = open(t->photos_path, O_RDONLY | O_CLOEXEC);
    if (t->photos < 0 || fstat(t->photos, &st) != 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE, "Cannot read %s: %s.",
                       "无法读取 %s：%s。", t->photos_path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(e, ERR_INVALID, "%s is neither a ZIP archive nor a folder.",
                       "%s 既不是 ZIP 压缩包也不是文件夹。", t->photos_path);
    t->photos_size = (uint64_t)st.st_size;
    return 0;
}

static int read_pdf(struct buf *out, const char *path, struct err *e)
{
    if (path == NULL)
        return 0;
    if (file_read(out, path, e) != 0)
        return -1;
    if (out->len >= 5 && memcmp(out->data, "%PDF-", 5) == 0)
        return 0;
    return err_set(e, ERR_INVALID, "The approval document must be a PDF file; %s is none.",
                   "批复文件应为 PDF，%s 不是 PDF 文件。", path);
}

/* Everything that needs the rights of the caller. */
static int take_input(struct import_task *t, struct err *e)
{
    const char *list = t->old_path != NULL ? t->old_path : t->entries_path;
    struct config config;

    signer_identity_find(&t->who);
    if (config_load(&config, t->data_dir, e) != 0 ||
        (t->filing_path != NULL && file_read(&t->filing, t->filing_path, e) != 0) ||
        (list != NULL && file_read(&t->entries, list, e) != 0) ||
        read_pdf(&t->document, t->document_path, e) != 0)
        return -1;
    return open_photos(t, e);
}

/* A running service's, else one of our own at the same address: the threads of the workshop connect there.
 * *own is its process, or 0. */
static int find_signer(const struct import_task *t, int *listener, pid_t *own, struct err *e)
{
    struct signer *running = NULL;

    *own = 0;
    *listener = -1;
    if (!t->approved)
        return 0;
    if (signer_connect(&running, t->data_dir, e) == 0) {
        signer_close(running);
        return 0;
    }
    if (e->code != ERR_NOT_FOUND || signer_listen(listener, t->data_dir, &t->who, e) != 0)
        return e->code == ERR_CONFLICT ? 0 : -1; /* a service has just started */
    return signer_start(own, *listener, t->data_dir, &t->who, e);
}

static void end_signer(const struct import_task *t, int listener, pid_t own)
{
    char path[PATH_MAX];

    if (own > 0) {
        (void)kill(own, SIGTERM);
        while (waitpid(own, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    if (listener < 0)
        return;
    (void)snprintf(path, sizeof path, "%s/signer.socket", t->data_dir);
    (void)unlink(path);
    (void)close(listener);
}

static int run_worker(const struct import_task *t, int listener, struct err *e)
{
    int status = 0;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    if (child < 0)
        return err_set(e, ERR_UNAVAILABLE, "The system has no room for another process; try again.",
                       "系统无法再启动进程，请重试。");
    if (child == 0) {
        if (listener >= 0)
            (void)close(listener);
        status = import_work(t);
        (void)fflush(NULL);
        _exit(status);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    return err_set(e, ERR_INTERNAL,
                   "The work was interrupted (signal %d). What was done is kept: run the same command again.",
                   "办理过程中断（信号 %d）。已完成的部分已保存，请再次运行同一命令。", WTERMSIG(status));
}

static int run(struct import_task *t)
{
    int listener = -1, status = -1;
    pid_t own = 0;
    struct err e;

    /* Ctrl-C is the worker's, which ends in order; who began it waits */
    (void)signal(SIGINT, SIG_IGN);
    if (take_input(t, &e) == 0 && find_signer(t, &listener, &own, &e) == 0)
        status = run_worker(t, listener, &e);
    if (status < 0)
        status = cli_fail(&e);
    end_signer(t, listener, own);
    return status;
}

static int check_words(struct import_task *t, const struct cli_words *words)
{
    if (t->old_path != NULL) {
        if (t->profile == NULL || words->count != 0 || t->entries_path != NULL || t->photos_path != NULL ||
            t->document_path != NULL || t->approved || t->draft)
            return cli_misused("import", "--old takes LIST and --profile ID, and nothing of a filing.",
                               "--old 需要名单和 --profile，不能与备案的选项同时使用。");
        return CLI_GO_ON;
    }
    if (words->count != 1)
        return cli_misused("import", "FILING.json is missing.", "缺少 备案.json。");
    if (t->profile != NULL)
        return cli_misused("import", "--profile belongs to --old; a filing names its own.",
                           "--profile 只用于 --old，备案在文件中指明发证配置。");
    if (t->approved && t->draft)
        return cli_misused("import", "--draft and --approved exclude each other.",
                           "--draft 与 --approved 不能同时使用。");
    if (t->check && (t->entries_path == NULL || t->approved))
        return cli_misused("import", "--check checks the list of --entries, and nothing else.",
                           "--check 只检查 --entries 的名单。");
    t->filing_path = words->list[0];
    return CLI_GO_ON;
}

int cli_import(int argc, char **argv)
{
    struct import_task t = {.filing = BUF_INIT(FILING_MAX),
                            .entries = BUF_INIT(SHEET_PACKED_MAX),
                            .document = BUF_INIT(APPROVAL_MAX),
                            .photos = -1};
    const struct cli_option options[] = {
        {"--entries", NULL, &t.entries_path, NULL},   {"--photos", NULL, &t.photos_path, NULL},
        {"--document", NULL, &t.document_path, NULL}, {"--old", NULL, &t.old_path, NULL},
        {"--profile", NULL, &t.profile, NULL},        {"--check", NULL, NULL, &t.check},
        {"--partial", NULL, NULL, &t.partial},        {"--draft", NULL, NULL, &t.draft},
        {"--approved", NULL, NULL, &t.approved},      {"--json", NULL, NULL, &t.json}};
    struct cli_words words;
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    if (status == CLI_GO_ON)
        status = check_words(&t, &words);
    if (status != CLI_GO_ON)
        return status;
    t.data_dir = cli_data_dir();
    status = run(&t);
    if (t.photos >= 0)
        (void)close(t.photos);
    buf_dispose(&t.filing);
    buf_dispose(&t.entries);
    buf_dispose(&t.document);
    return status;
}
