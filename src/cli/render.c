/* render - a template and its data as PDF. No store, no seals: what it makes bears the mark its template
 * says. */
#include "base/file.h"
#include "base/language.h"
#include "cli/cli.h"
#include "image/photo.h"
#include "issue/press.h"
#include <stdio.h>

static const struct cli_help help = {
    "Usage: sealpress render NAME DATA.json -o OUT.pdf [--photo FILE] [--draft | --void]\n"
    "       sealpress render NAME --blank -o OUT.pdf\n"
    "\n"
    "Makes the PDF of any template from a record, without data directory, number or seal. Certificates are\n"
    "specimens then, forms are drafts, and letters that ink makes valid bear nothing, as the template says.\n"
    "The same input gives the same bytes. NAME with a slash is a folder: ./my-template.\n"
    "\n"
    "  -o, --out FILE   where the PDF goes\n"
    "  --photo FILE     JPEG or PNG, cropped to 35 x 49 mm\n"
    "  --blank          without data, to be filled in by hand\n"
    "  --draft, --void  marked as a draft, as void (certificates stay specimens: they take neither)\n"
    "\n"
    "Example: sealpress render certificate templates/certificate/sample.json -o specimen.pdf\n",
    "用法：sealpress render 模板名 数据.json -o 输出.pdf [--photo 照片] [--draft | --void]\n"
    "      sealpress render 模板名 --blank -o 输出.pdf\n"
    "\n"
    "按任一模板由数据生成 PDF，不需要数据目录，不编号，不盖章。按模板的规定，证书带样张水印，表格带草稿\n"
    "水印，由手签盖章生效的文书不带水印。输入相同，输出逐字节相同。模板名含斜杠时是文件夹，例如 "
    "./my-template。\n"
    "\n"
    "  -o, --out 文件   PDF 输出位置\n"
    "  --photo 照片     JPEG 或 PNG，裁剪为 2 寸\n"
    "  --blank          不带数据的空白表，供手工填写\n"
    "  --draft、--void  标记为草稿、作废（证书只能是样张，不能使用）\n"
    "\n"
    "示例：sealpress render certificate templates/certificate/sample.json -o 样张.pdf\n",
    1, 2};

struct wishes {
    const char *name, *data, *out, *photo;
    bool blank, draft, is_void;
};

static int read_photo(struct buf *jpeg, const char *path, struct err *e)
{
    struct buf picture = BUF_INIT(PHOTO_MAX_BYTES);
    struct photo_crop crop = {.size = PHOTO_2_CUN};
    struct photo_report report;
    int rc = file_read(&picture, path, e);

    if (rc == 0)
        rc = photo_crop(jpeg, buf_view(&picture), &crop, &report, e);
    if (rc != 0 && e->field[0] == '\0')
        (void)err_field(e, "--photo");
    buf_dispose(&picture);
    return rc;
}

/* A member that the template does not know prints nothing; it may be another one misspelt. */
static void note_strangers(const struct template *t, const json_t *record)
{
    char en[240], zh[240];
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)record, name, value)
    {
        if (template_knows(t, name))
            continue;
        (void)snprintf(en, sizeof en, "the template knows no field \"%.60s\"; it is passed over.", name);
        (void)snprintf(zh, sizeof zh, "模板没有字段“%.60s”，已忽略。", name);
        cli_note(en, zh);
    }
}

static int render(const struct wishes *w, struct err *e)
{
    struct buf pdf = BUF_INIT(DOCUMENT_MAX), jpeg = BUF_INIT(PHOTO_MAX_BYTES);
    struct cli_template t = {NULL, NULL, NULL};
    struct proof proof = {.blank = w->blank};
    json_t *record = NULL;
    const char *host;
    int rc = -1;

    /* the photo first: its sandbox inherits what this process has in memory */
    if ((w->data != NULL && json_read_file(&record, w->data, JSON_MAX_BYTES, e) != 0) ||
        (w->photo != NULL && read_photo(&jpeg, w->photo, e) != 0) || cli_template_open(&t, w->name, e) != 0)
        goto out;
    host = json_text(record, "host");
    proof.template = t.template;
    proof.record = record;
    proof.photo = buf_view(&jpeg);
    proof.host = host == NULL ? "zs.example.cn" : host;
    proof.mark = w->is_void ? MARK_VOID : w->draft ? MARK_DRAFT : MARK_NONE;
    if (press_proof(&pdf, t.press, &proof, e) == 0)
        rc = file_write(w->out, buf_view(&pdf), 0644, e);
    if (rc == 0)
        note_strangers(t.template, record);
out:
    cli_template_close(&t);
    json_decref(record);
    buf_dispose(&jpeg);
    buf_dispose(&pdf);
    return rc;
}

/* CLI_GO_ON, or the status after saying what does not go together. */
static int judge(const struct wishes *w, const char *command)
{
    if (w->out == NULL)
        return cli_misused(command, "-o OUT.pdf is missing.", "缺少 -o 输出.pdf。");
    if (w->blank && w->data != NULL)
        return cli_misused(command, "--blank takes no data.", "--blank 生成空白表，不能再给数据。");
    if (w->blank && (w->photo != NULL || w->draft || w->is_void))
        return cli_misused(command, "--blank goes with no --photo, --draft or --void.",
                           "--blank 不能与 --photo、--draft、--void 同用。");
    if (w->draft && w->is_void)
        return cli_misused(command, "--draft and --void exclude each other.", "--draft 与 --void 不能同用。");
    if (!w->blank && w->data == NULL)
        return cli_misused(command, "DATA.json is missing; --blank makes a form without data.",
                           "缺少 数据.json；空白表请用 --blank。");
    return CLI_GO_ON;
}

int cli_render(int argc, char **argv)
{
    struct wishes w = {NULL, NULL, NULL, NULL, false, false, false};
    const struct cli_option options[] = {{"--out", "-o", &w.out, NULL},
                                         {"--photo", NULL, &w.photo, NULL},
                                         {"--blank", NULL, NULL, &w.blank},
                                         {"--draft", NULL, NULL, &w.draft},
                                         {"--void", NULL, NULL, &w.is_void}};
    struct cli_words words;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    if (status != CLI_GO_ON)
        return status;
    w.name = words.list[0];
    w.data = words.count > 1 ? words.list[1] : NULL;
    status = judge(&w, argv[0]);
    if (status != CLI_GO_ON)
        return status;
    return render(&w, &e) == 0 ? CLI_FINE : cli_fail(&e);
}
