/* issue - one order and photo in, one sealed and signed certificate out.
 *
 * Three processes: this one reads the input and opens the output as whoever called it; the signer holds the
 * keys (that of the service, if one runs here); a worker, as the server's user, parses, prints, journals and
 * verifies. */
#include "issue/issue.h"
#include "backup/backup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/language.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/server_user.h"
#include "image/photo.h"
#include "records/order.h"
#include "store/config.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct cli_help help = {
    "Usage: sealpress issue ORDER.json --photo FILE -o OUT.pdf [--template NAME] [--json] [--data DIR]\n"
    "\n"
    "Makes one electronic certificate: checks the order, crops the photo, gives the number, seals, signs, "
    "verifies\n"
    "and files it. The same order again (same biz_no) gives the first certificate again; after an "
    "interruption it\n"
    "carries on.\n"
    "\n"
    "  --photo FILE       JPEG or PNG, at most 10 MB; cropped to 35 x 49 mm around its middle\n"
    "                     (\"sealpress photo\" crops as you like)\n"
    "  -o, --out FILE     where the PDF goes; a copy stays in the data directory\n"
    "  --template NAME    instead of the profile's, for instance certificate-portrait\n"
    "  --json             the answer as JSON: id, number, address, seals applied\n"
    "\n"
    "Example: sealpress issue samples/certificate.json --photo samples/photo.jpg -o certificate.pdf\n",
    "用法：sealpress issue 申请.json --photo 照片 -o 输出.pdf [--template 模板名] [--json] [--data 目录]\n"
    "\n"
    "办理一本电子证书：检查申请、裁剪照片、编号、盖章签名、自检、存档。相同的申请（业务编号 biz_no 相同）\n"
    "再次提交，得到的仍是第一次的证书；中断之后会接着办完。\n"
    "\n"
    "  --photo 照片       JPEG 或 PNG，最大 10 MB；居中裁剪为 2 寸（自行裁剪请用 “sealpress photo”）\n"
    "  -o, --out 文件     PDF 输出位置；数据目录中另有存档\n"
    "  --template 模板名  不用发证配置中的模板，例如 certificate-portrait\n"
    "  --json             以 JSON 输出结果：标识、编号、验证网址、所盖印章\n"
    "\n"
    "示例：sealpress issue samples/certificate.json --photo samples/photo.jpg -o 证书.pdf\n",
    1, 1};

struct task {
    const char *data_dir, *order_path, *photo_path, *out_path, *template_name;
    struct buf order, photo;
    struct cli_output out;
    bool json;
    struct signer_identity who;
    struct signer *signer;
};

/* Everything that needs the rights of the caller. */
static int take_input(struct task *t, struct err *e)
{
    struct config config;

    if (config_load(&config, t->data_dir, e) != 0 || file_read(&t->order, t->order_path, e) != 0)
        return -1;
    if (file_read(&t->photo, t->photo_path, e) != 0)
        return -1;
    signer_identity_find(&t->who);
    return cli_output_open(&t->out, t->out_path, e);
}

static int cannot_put_out(const struct task *t, struct err *e)
{
    return err_set(
        e, ERR_UNAVAILABLE,
        "The certificate is issued and stored, but %s cannot be written: %s. Run the same order again.",
        "证书已签发存档，但无法写入 %s：%s。请以同一申请再次运行。", t->out_path, strerror(errno));
}

static int write_output(const struct task *t, struct slice pdf, struct err *e)
{
    if (file_put(t->out.fd, pdf) == 0 && fsync(t->out.fd) == 0)
        return 0;
    return cannot_put_out(t, e);
}

static void print_answer(const struct task *t, const struct issue_answer *a)
{
    (void)printf("%s%s\n", language_pick("number     ", "证书编号  "), a->certificate_no);
    (void)printf("%s%s\n", language_pick("verify at  ", "验证网址  "), a->verify_url);
    for (size_t i = 0; i < a->seal_count; i++) {
        const struct issued_seal *s = &a->seals[i];

        if (strcmp(s->role, "service") == 0)
            (void)printf("%s\n",
                         language_pick("signed by  the service itself, invisibly (no office has an e-seal)",
                                       "平台签名  各单位均无电子印章，由平台签名（不可见）"));
        else
            (void)printf("%s%s\n",
                         s->applied ? language_pick("sealed by  ", "电子印章  ")
                                    : language_pick("no e-seal  ", "未盖电子章 "),
                         s->office);
    }
    if (a->test)
        (void)printf("%s\n", language_pick("           with test seals: for trials only",
                                           "          测试签章，仅供试用"));
    if (a->repeated)
        (void)printf("%s\n", language_pick("           issued before: this order's first certificate",
                                           "          此申请已办理过，这是第一次的证书"));
    (void)printf("%s%s/%s\n", language_pick("stored as  ", "存档文件  "), t->data_dir, a->file);
    (void)printf("%s%s\n", language_pick("PDF        ", "PDF 文件  "), t->out_path);
}

static int print_json(const struct task *t, const struct issue_answer *a, struct err *e)
{
    struct buf text = BUF_INIT(64 * 1024);
    json_t *answer =
        json_pack("{ss ss ss ss ss sb sb s[] s[]}", "id", a->id, "certificate_no", a->certificate_no,
                  "verify_url", a->verify_url, "file", a->file, "output", t->out_path, "test", a->test,
                  "repeated", a->repeated, "seals_applied", "seals_missing");
    int rc = answer == NULL ? err_no_memory(e) : 0;

    for (size_t i = 0; i < a->seal_count && rc == 0; i++) {
        const struct issued_seal *s = &a->seals[i];
        json_t *list = json_object_get(answer, s->applied ? "seals_applied" : "seals_missing");

        if (json_array_append_new(list, json_pack("{ss ss}", "role", s->role, "office", s->office)) != 0)
            rc = err_no_memory(e);
    }
    if (rc == 0 && (rc = json_write(&text, answer, e)) == 0)
        (void)fwrite(text.data, 1, text.len, stdout);
    json_decref(answer);
    buf_dispose(&text);
    return rc;
}

static int fail_all(const struct faults *faults, const struct err *e)
{
    for (size_t i = 0; i < faults->count; i++)
        (void)cli_fail(&faults->list[i]);
    if (faults->left_off > 0)
        (void)fprintf(stderr, "sealpress: %s %zu\n", language_pick("further faults:", "其他错误数："),
                      faults->left_off);
    return faults->count > 0 ? cli_status(faults->list[0].code) : cli_fail(e);
}

static int crop(struct buf *jpeg, struct slice picture, struct err *e)
{
    struct photo_crop whole = {.size = PHOTO_2_CUN};
    struct photo_report report;

    if (photo_crop(jpeg, picture, &whole, &report, e) != 0)
        return e->field[0] == '\0' ? err_field(e, "--photo") : -1;
    if (report.warn_upscaled)
        cli_note("the photo is small and was enlarged; a larger one prints better.",
                 "照片较小，已放大处理，建议使用更大的照片。");
    return 0;
}

static int issue(const struct task *t, struct issuer *issuer, const json_t *order, struct slice jpeg)
{
    struct issue_request request = {.order = order,
                                    .photo = jpeg,
                                    .photo_given = buf_view(&t->photo),
                                    .template_name = t->template_name,
                                    .now = clock_now(),
                                    .actor = "command line"};
    struct faults faults = {.count = 0};
    struct issue_answer answer;
    struct err e;
    int rc = issue_certificate(&answer, issuer, &request, &faults, &e);

    for (size_t i = 0; i < faults.note_count; i++)
        (void)fprintf(stderr, "sealpress: %s%s: %s\n", language_pick("note: ", "提示："),
                      faults.notes[i].field, err_text(&faults.notes[i]));
    if (rc != 0)
        return fail_all(&faults, &e);
    if (write_output(t, answer.pdf, &e) != 0)
        return cli_fail(&e);
    if (!t->json)
        print_answer(t, &answer);
    else if (print_json(t, &answer, &e) != 0)
        return cli_fail(&e);
    return CLI_FINE;
}

/* The worker. The shared data are read with the caller's rights, what came from outside never is. */
static int work(struct task *t)
{
    struct buf jpeg = BUF_INIT(PHOTO_MAX_BYTES);
    struct issuer *issuer = NULL;
    struct press *press = NULL;
    json_t *order = NULL;
    struct err e;
    int status;

    if (press_open(&press, &e) != 0 || signer_become_server(&t->who, &e) != 0 ||
        json_read(&order, buf_view(&t->order), ORDER_MAX_BYTES, &e) != 0 ||
        crop(&jpeg, buf_view(&t->photo), &e) != 0 ||
        issuer_open(&issuer, t->data_dir, press, t->signer, &e) != 0)
        status = cli_fail(&e);
    else
        status = issue(t, issuer, order, buf_view(&jpeg));
    issuer_close(issuer);
    press_close(press);
    json_decref(order);
    buf_dispose(&jpeg);
    return status;
}

static int run_worker(struct task *t, struct err *e)
{
    int status = 0;
    pid_t child = fork();

    if (child < 0)
        return err_set(e, ERR_UNAVAILABLE, "The system has no room for another process; try again.",
                       "系统无法再启动进程，请重试。");
    if (child == 0) {
        status = work(t);
        (void)fflush(stdout);
        (void)fflush(stderr);
        _exit(status);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    err_set(e, ERR_INTERNAL,
            "The work was interrupted (signal %d). Nothing is lost: run the same order again.",
            "办理过程中断（信号 %d）。没有数据丢失，请以同一申请再次运行。", WTERMSIG(status));
    return -1;
}

/* A running service's own, as there can be one only; the rows of the store are shared with it. */
static int find_signer(struct task *t, struct err *e)
{
    if (signer_connect(&t->signer, t->data_dir, e) == 0)
        return 0;
    if (e->code != ERR_NOT_FOUND)
        return -1;
    (void)backup_look_behind(
        t->data_dir); /* an older copy in the database's place says so itself from then on */
    return signer_spawn(&t->signer, t->data_dir, &t->who, e);
}

static int run(struct task *t)
{
    struct err e;
    int status = CLI_COULD_NOT;

    if (take_input(t, &e) != 0 || find_signer(t, &e) != 0) {
        status = cli_fail(&e);
    } else {
        status = run_worker(t, &e);
        if (status < 0 ||
            (status == CLI_FINE && cli_output_publish(&t->out) != 0 && cannot_put_out(t, &e) != 0))
            status = cli_fail(&e);
    }
    signer_close(t->signer);
    cli_output_end(&t->out);
    return status;
}

int cli_issue(int argc, char **argv)
{
    struct task t = {
        .order = BUF_INIT(ORDER_MAX_BYTES), .photo = BUF_INIT(PHOTO_MAX_BYTES), .out = {.fd = -1}};
    const struct cli_option options[] = {{"--out", "-o", &t.out_path, NULL},
                                         {"--photo", NULL, &t.photo_path, NULL},
                                         {"--template", NULL, &t.template_name, NULL},
                                         {"--json", NULL, NULL, &t.json}};
    struct cli_words words;
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    if (status != CLI_GO_ON)
        return status;
    if (t.photo_path == NULL)
        return cli_misused(argv[0], "--photo FILE is missing.", "缺少 --photo 照片。");
    if (t.out_path == NULL)
        return cli_misused(argv[0], "-o OUT.pdf is missing.", "缺少 -o 输出.pdf。");
    t.data_dir = cli_data_dir();
    t.order_path = words.list[0];
    status = run(&t);
    buf_dispose(&t.order);
    buf_dispose(&t.photo);
    return status;
}
