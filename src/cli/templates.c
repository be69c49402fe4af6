/* templates - lists and checks the templates. */
#include "base/language.h"
#include "cli/cli.h"
#include "issue/press.h"
#include <string.h>

static const struct cli_help help = {
    "Usage: sealpress templates list\n"
    "       sealpress templates check [NAME...]\n"
    "\n"
    "list names the templates, with title, seals and what a document bears that nobody issued; check loads\n"
    "each by itself, so that a mistake is told with file and line, renders its sample record and its blank\n"
    "form, and tells its pages and what each seal field takes. NAME with a slash is a folder: "
    "./my-template.\n"
    "\n"
    "Example: sealpress templates check certificate\n",
    "用法：sealpress templates list\n"
    "      sealpress templates check [模板名...]\n"
    "\n"
    "list 列出模板的标题、印章和未经签发时的标记；check 逐个加载模板（错误会指出文件和行号），用示例数据\n"
    "和空白表各生成一遍，并列出页数和每个签章位的容量。模板名含斜杠时是文件夹，例如 ./my-template。\n"
    "\n"
    "示例：sealpress templates check certificate\n",
    1, CLI_MAX_WORDS};

static const char *mark_word(const struct template *t)
{
    if (template_unsealed(t) == UNSEALED_DRAFT)
        return language_pick("unsealed: draft", "未盖章时：草稿");
    if (template_unsealed(t) == UNSEALED_SPECIMEN)
        return language_pick("unsealed: specimen", "未盖章时：样张");
    return language_pick("unsealed: plain", "未盖章时：无标记");
}

static void put_roles(const struct template *t)
{
    for (size_t k = 0; k < template_role_count(t); k++)
        (void)printf("%s%s", k == 0 ? language_pick("  seals: ", "  印章：") : ", ", template_role(t, k));
}

static void list(const struct press *press)
{
    struct arena a = ARENA_INIT;
    const char *title;
    struct err e;

    for (size_t i = 0; i < press_template_count(press); i++) {
        const struct template *t = press_template_at(press, i);

        if (template_blank_title(&title, t, &a, &e) != 0)
            title = "";
        (void)printf("%-24s %s\n    %s%s", template_name(t), title, mark_word(t),
                     template_has_blank(t) ? language_pick(", blank form", "，有空白表") : "");
        put_roles(t);
        (void)putchar('\n');
    }
    for (size_t i = 0; i < press_broken_count(press); i++) {
        const char *name = press_broken_at(press, i, &e);

        (void)printf("%-24s %s\n    ", name, language_pick("cannot be loaded:", "无法加载："));
        cli_put(stdout, err_text(&e));
        (void)putchar('\n');
    }
    arena_dispose(&a);
}

/* Where a seal goes and how much its office may say there. */
static void put_field(const struct seal_field *f)
{
    bool zh = language_is_chinese();

    (void)printf(zh ? "    %s  第 %zu 页 %.1f,%.1f %.1f×%.1f 毫米"
                    : "    %s  page %zu at %.1f,%.1f %.1f x %.1f mm",
                 f->role, f->page + 1, f->box.x, f->box.y, f->box.w, f->box.h);
    if (f->statement)
        (void)printf(zh ? "，意见 %zu/%zu/%zu 字" : ", opinion %zu/%zu/%zu characters", f->capacity[0],
                     f->capacity[1], f->capacity[2]);
    (void)putchar('\n');
}

static void put_report(const char *name, const struct pages *sample, size_t bytes, size_t blank_pages)
{
    bool zh = language_is_chinese();

    if (zh)
        (void)printf("%s  正常，%zu 页，%zu 字节", name, sample->count, bytes);
    else
        (void)printf("%s  fine, %zu page%s, %zu bytes", name, sample->count, sample->count == 1 ? "" : "s",
                     bytes);
    if (blank_pages > 0)
        (void)printf(zh ? "，空白表 %zu 页" : ", blank form %zu", blank_pages);
    (void)putchar('\n');
    for (size_t i = 0; i < sample->field_count; i++)
        put_field(&sample->fields[i]);
}

static int print(struct pages *pages, size_t *bytes, struct press *press, const struct proof *proof,
                 struct arena *a, struct err *e)
{
    struct buf pdf = BUF_INIT(DOCUMENT_MAX);
    struct print_order order;
    int rc = proof_lay_out(pages, &order, press, proof, a, e);

    if (rc == 0)
        rc = press_print(&pdf, press, pages, &order, a, e);
    *bytes = pdf.len;
    buf_dispose(&pdf);
    return rc;
}

/* The sample, and the blank form where there is one. */
static int check_template(struct press *press, const struct template *t, const char *name)
{
    struct proof proof = {.template = t, .record = template_sample(t), .host = "zs.example.cn"};
    struct pages sample, blank = {.count = 0};
    struct arena a = ARENA_INIT;
    const char *made = "sample.json";
    size_t bytes, blank_bytes;
    struct err e;
    int rc = print(&sample, &bytes, press, &proof, &a, &e);

    if (rc == 0 && template_has_blank(t)) {
        made = "--blank";
        proof.blank = true;
        rc = print(&blank, &blank_bytes, press, &proof, &a, &e);
    }
    if (rc == 0)
        put_report(name, &sample, bytes, blank.count);
    else
        (void)fprintf(stderr, "sealpress: %s/%s:\n", name, made);
    arena_dispose(&a);
    return rc == 0 ? CLI_FINE : cli_fail(&e);
}

static int check_word(const char *word)
{
    struct cli_template t;
    struct err e;
    int status;

    if (cli_template_open(&t, word, &e) != 0)
        return cli_fail(&e);
    status = check_template(t.press, t.template, word);
    cli_template_close(&t);
    return status;
}

static int check_all(struct press *press)
{
    int status = CLI_FINE, one;
    struct err e;

    for (size_t i = 0; i < press_template_count(press); i++) {
        one = check_template(press, press_template_at(press, i), template_name(press_template_at(press, i)));
        status = one > status ? one : status;
    }
    for (size_t i = 0; i < press_broken_count(press); i++) {
        (void)press_broken_at(press, i, &e);
        one = cli_fail(&e);
        status = one > status ? one : status;
    }
    return status;
}

static int check(const struct cli_words *words)
{
    int status = CLI_FINE, one;
    struct press *press;
    struct err e;

    for (size_t i = 1; i < words->count; i++) {
        one = check_word(words->list[i]);
        status = one > status ? one : status;
    }
    if (words->count > 1)
        return status;
    if (press_open(&press, &e) != 0)
        return cli_fail(&e);
    status = check_all(press);
    press_close(press);
    return status;
}

int cli_templates(int argc, char **argv)
{
    struct cli_words words;
    struct press *press;
    struct err e;
    int status = cli_parse(&words, argc, argv, NULL, 0, &help);

    if (status != CLI_GO_ON)
        return status;
    if (strcmp(words.list[0], "check") == 0)
        return check(&words);
    if (strcmp(words.list[0], "list") != 0)
        return cli_misused(argv[0], "say \"list\" or \"check\".", "请写 list 或 check。");
    if (words.count > 1)
        return cli_misused(argv[0], "list takes no name.", "list 后面不带模板名。");
    if (press_open(&press, &e) != 0)
        return cli_fail(&e);
    list(press);
    press_close(press);
    return CLI_FINE;
}
