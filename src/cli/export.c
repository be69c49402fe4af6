/* export - the certificates of a filing as one archive. */
#include "filing/export.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/language.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/server_user.h"
#include "store/config.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct cli_help help = {
    "Usage: sealpress export FILING -o CERTIFICATES.zip [--data DIR]\n"
    "\n"
    "Writes the certificates of a filing as one ZIP archive, in the order of its list, with manifest.csv "
    "(also of\n"
    "entries that have no certificate yet) and SHA256SUMS. FILING is its id or its approval number "
    "(批复文号).\n"
    "The file gets its name when it is complete.\n"
    "\n"
    "  -o, --out FILE     where the archive goes; - is standard output\n"
    "\n"
    "Example: sealpress export 皖测社秘〔2026〕1号 -o certificates.zip\n",
    "用法：sealpress export 备案 -o 证书.zip [--data 目录]\n"
    "\n"
    "将一个备案的全部证书导出为一个 ZIP，按名单顺序排列，附 manifest.csv（含尚无证书的人员）和 "
    "SHA256SUMS。\n"
    "备案可写备案标识或批复文号。文件完整写入后才以指定的名称出现。\n"
    "\n"
    "  -o, --out 文件     压缩包输出位置，- 表示标准输出\n"
    "\n"
    "示例：sealpress export 皖测社秘〔2026〕1号 -o 证书.zip\n",
    1, 1};

enum { PIECE = 1024 * 1024, FILINGS_MAX = 200, LOOK_MS = 200 };

struct export_task {
    const char *data_dir, *filing, *out_path;
    struct cli_output out;
    struct signer_identity who;
};

static int open_output(struct export_task *t, struct err *e)
{
    if (strcmp(t->out_path, "-") == 0) {
        t->out.fd = STDOUT_FILENO;
        if (!isatty(STDOUT_FILENO))
            return 0;
        return err_set(e, ERR_INVALID, "An archive is nothing for a terminal; name a file.",
                       "压缩包不能输出到终端，请指定文件名。");
    }
    return cli_output_open(&t->out, t->out_path, e);
}

static int cannot_write(const struct export_task *t, struct err *e)
{
    return err_set(e, ERR_UNAVAILABLE, "Cannot write %s: %s. Nothing is lost; run the command again.",
                   "无法写入 %s：%s。没有数据丢失，请再次运行。", t->out_path, strerror(errno));
}

/* --- the worker --- */

static bool is_id(const char *text)
{
    return strlen(text) == CERTIFICATE_ID_SIZE - 1 &&
           strspn(text, "0123456789abcdef") == CERTIFICATE_ID_SIZE - 1;
}

static int several(struct err *e, const char *word)
{
    return err_set(e, ERR_CONFLICT,
                   "Several filings have the approval number %s; name one by its id (\"sealpress import\" "
                   "and the console show it).",
                   "有多个备案的批复文号为 %s，请改用备案标识（导入结果和管理页面中可查）。", word);
}

static int find_filing(char id[CERTIFICATE_ID_SIZE], struct store *s, const char *word, struct arena *a,
                       struct err *e)
{
    struct filing_filter filter = {.approval_no = word};
    struct filing_row *list = arena_array(a, FILINGS_MAX, sizeof *list);
    size_t count, found = 0;

    if (is_id(word)) {
        (void)snprintf(id, CERTIFICATE_ID_SIZE, "%s", word);
        return 0;
    }
    if (list == NULL)
        return err_no_memory(e);
    if (store_list_filings(list, FILINGS_MAX, &count, s, &filter, a, e) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].approval_no, word) == 0 && found++ == 0)
            memcpy(id, list[i].id, CERTIFICATE_ID_SIZE);
    }
    if (found > 1)
        return several(e, word);
    if (found == 1)
        return 0;
    return err_set(e, ERR_NOT_FOUND, "There is no filing with the id or approval number %s.",
                   "没有标识或批复文号为 %s 的备案。", word);
}

static void show_progress(uint64_t at, uint64_t size, int64_t *shown)
{
    int64_t now = clock_monotonic_ms();
    char en[96], zh[96];

    if (now - *shown < LOOK_MS)
        return;
    *shown = now;
    (void)snprintf(en, sizeof en, "writing %llu / %llu MB", (unsigned long long)(at >> 20),
                   (unsigned long long)(size >> 20));
    (void)snprintf(zh, sizeof zh, "正在写入 %llu / %llu MB", (unsigned long long)(at >> 20),
                   (unsigned long long)(size >> 20));
    cli_progress(en, zh);
}

static int copy_out(const struct export_task *t, struct export_archive *x, struct err *e)
{
    struct export_reader *reader = NULL;
    uint64_t size = export_size(x);
    uint8_t *piece = malloc(PIECE);
    int64_t shown = 0;
    int rc = -1;

    if (piece == NULL) {
        (void)err_no_memory(e);
        goto out;
    }
    if (export_reader_open(&reader, export_ref(x), e) != 0)
        goto out;
    for (uint64_t at = 0; at < size;) {
        size_t len = size - at < PIECE ? (size_t)(size - at) : PIECE;

        if (export_read(reader, at, piece, len, e) != 0)
            goto out;
        if (file_put(t->out.fd, (struct slice){piece, len}) != 0) {
            (void)cannot_write(t, e);
            goto out;
        }
        at += len;
        show_progress(at, size, &shown);
    }
    rc = 0;
out:
    cli_progress(NULL, NULL);
    export_reader_close(reader);
    free(piece);
    return rc;
}

static void tell(const struct export_task *t, const struct export_row *x)
{
    if (x->missing > 0)
        (void)fprintf(stderr, "sealpress: %s%llu%s\n", language_pick("note: ", "提示：另有 "),
                      (unsigned long long)x->missing,
                      language_pick(" entries have no certificate yet; manifest.csv lists them.",
                                    " 人尚无证书，见 manifest.csv。"));
    if (t->out.temporary[0] != '\0')
        (void)printf(language_pick("%llu certificates in %s\n", "%llu 份证书，已写入 %s\n"),
                     (unsigned long long)x->files, t->out_path);
}

static int work(const struct export_task *t, struct err *e)
{
    struct filing_actor who = {"command line", NULL, clock_now()};
    struct arena a = ARENA_INIT;
    struct export_archive *archive = NULL;
    char filing[CERTIFICATE_ID_SIZE];
    struct export_order order = {.filing = filing};
    struct store *s = NULL;
    struct export_row row;
    int rc = -1;

    if (signer_become_server(&t->who, e) != 0 || store_open(&s, t->data_dir, false, e) != 0 ||
        find_filing(filing, s, t->filing, &a, e) != 0 || export_freeze(&row, s, &order, &who, &a, e) != 0 ||
        export_open(&archive, s, row.id, who.now, e) != 0 || copy_out(t, archive, e) != 0)
        goto out;
    tell(t, &row);
    rc = 0;
out:
    export_close(archive);
    store_close(s);
    arena_dispose(&a);
    return rc;
}

static int run_worker(const struct export_task *t, struct err *e)
{
    int status = 0;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    if (child < 0)
        return err_set(e, ERR_UNAVAILABLE, "The system has no room for another process; try again.",
                       "系统无法再启动进程，请重试。");
    if (child == 0) {
        status = work(t, e) == 0 ? CLI_FINE : cli_fail(e);
        (void)fflush(NULL);
        _exit(status);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    return err_set(e, ERR_INTERNAL, "The work was interrupted (signal %d); run the command again.",
                   "导出中断（信号 %d），请再次运行。", WTERMSIG(status));
}

int cli_export(int argc, char **argv)
{
    struct export_task t = {.out = {.fd = -1}};
    const struct cli_option options[] = {{"--out", "-o", &t.out_path, NULL}};
    struct config config;
    struct cli_words words;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    if (status != CLI_GO_ON)
        return status;
    if (t.out_path == NULL)
        return cli_misused(argv[0], "-o CERTIFICATES.zip is missing.", "缺少 -o 证书.zip。");
    t.data_dir = cli_data_dir();
    t.filing = words.list[0];
    signer_identity_find(&t.who);
    if (config_load(&config, t.data_dir, &e) != 0 || open_output(&t, &e) != 0) {
        status = cli_fail(&e);
    } else {
        status = run_worker(&t, &e);
        if (status < 0 ||
            (status == CLI_FINE && cli_output_publish(&t.out) != 0 && cannot_write(&t, &e) != 0))
            status = cli_fail(&e);
    }
    cli_output_end(&t.out);
    return status;
}
