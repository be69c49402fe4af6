/* render - a template and its data as PDF. No store, no seals: sealable documents are specimens. */
#include "base/file.h"
#include "base/language.h"
#include "cli/cli.h"
#include "image/photo.h"
#include "issue/press.h"

static const struct cli_help help = {
    "Usage: sealpress render NAME DATA.json -o OUT.pdf [--photo FILE]\n"
    "\n"
    "Makes the PDF of any template from a record, without data directory, number or seal. Documents that "
    "can\n"
    "bear seals get the watermark of a specimen. The same input gives the same bytes.\n"
    "\n"
    "  -o, --out FILE   where the PDF goes\n"
    "  --photo FILE     JPEG or PNG, cropped to 35 x 49 mm\n"
    "\n"
    "Example: sealpress render certificate templates/certificate/sample.json -o specimen.pdf\n",
    "用法：sealpress render 模板名 数据.json -o 输出.pdf [--photo 照片]\n"
    "\n"
    "按任一模板由数据生成 PDF，不需要数据目录，不编号，不盖章。可盖章的文书带“样张 无效”水印。\n"
    "输入相同，输出逐字节相同。\n"
    "\n"
    "  -o, --out 文件   PDF 输出位置\n"
    "  --photo 照片     JPEG 或 PNG，裁剪为 2 寸\n"
    "\n"
    "示例：sealpress render certificate templates/certificate/sample.json -o 样张.pdf\n",
    2, 2};

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

static int render(const char *name, const char *data, const char *out, const char *photo, struct err *e)
{
    struct buf pdf = BUF_INIT(DOCUMENT_MAX), jpeg = BUF_INIT(PHOTO_MAX_BYTES);
    const struct template *template;
    struct press *press = NULL;
    json_t *record = NULL;
    const char *host;
    int rc = -1;

    /* the photo first: its sandbox inherits what this process has in memory */
    if (json_read_file(&record, data, JSON_MAX_BYTES, e) != 0 ||
        (photo != NULL && read_photo(&jpeg, photo, e) != 0) || press_open(&press, e) != 0 ||
        press_template(&template, press, name, e) != 0)
        goto out;
    host = json_text(record, "host");
    if (press_specimen(&pdf, press, template, record, buf_view(&jpeg), host == NULL ? "zs.example.cn" : host,
                       e) == 0)
        rc = file_write(out, buf_view(&pdf), 0644, e);
out:
    press_close(press);
    json_decref(record);
    buf_dispose(&jpeg);
    buf_dispose(&pdf);
    return rc;
}

int cli_render(int argc, char **argv)
{
    const char *out = NULL, *photo = NULL;
    const struct cli_option options[] = {{"--out", "-o", &out, NULL}, {"--photo", NULL, &photo, NULL}};
    struct cli_words words;
    struct err e;
    int status = cli_parse(&words, argc, argv, options, sizeof options / sizeof options[0], &help);

    if (status != CLI_GO_ON)
        return status;
    if (out == NULL)
        return cli_misused(argv[0], "-o OUT.pdf is missing.", "缺少 -o 输出.pdf。");
    return render(words.list[0], words.list[1], out, photo, &e) == 0 ? CLI_FINE : cli_fail(&e);
}
