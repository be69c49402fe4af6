/* templates - lists and checks the templates. */
#include "base/language.h"
#include "cli/cli.h"
#include "issue/press.h"
#include <string.h>

static const struct cli_help help = {
    "Usage: sealpress templates list\n"
    "       sealpress templates check [NAME...]\n"
    "\n"
    "list names the templates; check loads every one, so that any mistake in it is told with file and line, "
    "and\n"
    "renders its sample record.\n"
    "\n"
    "Example: sealpress templates check certificate\n",
    "用法：sealpress templates list\n"
    "      sealpress templates check [模板名...]\n"
    "\n"
    "list 列出模板；check 加载全部模板（错误会指出文件和行号），并用示例数据各生成一遍。\n"
    "\n"
    "示例：sealpress templates check certificate\n",
    1, CLI_MAX_WORDS};

static void list(const struct press *press)
{
    for (size_t i = 0; i < press_template_count(press); i++) {
        const struct template *t = press_template_at(press, i);

        (void)printf("%s", template_name(t));
        for (size_t k = 0; k < template_role_count(t); k++)
            (void)printf("%s%s", k == 0 ? language_pick("  seals: ", "  印章：") : ", ", template_role(t, k));
        (void)putchar('\n');
    }
}

static bool wanted(const struct cli_words *words, const char *name)
{
    for (size_t i = 1; i < words->count; i++) {
        if (strcmp(words->list[i], name) == 0)
            return true;
    }
    return words->count == 1;
}

/* Every name that was given must be one of ours. */
static int check_names(const struct press *press, const struct cli_words *words, struct err *e)
{
    const struct template *unused;

    for (size_t i = 1; i < words->count; i++) {
        if (press_template(&unused, press, words->list[i], e) != 0)
            return -1;
    }
    return 0;
}

static int check(struct press *press, const struct cli_words *words)
{
    int status = CLI_FINE;
    struct err e;

    if (check_names(press, words, &e) != 0)
        return cli_fail(&e);
    for (size_t i = 0; i < press_template_count(press); i++) {
        const struct template *t = press_template_at(press, i);
        struct buf pdf = BUF_INIT(DOCUMENT_MAX);

        if (!wanted(words, template_name(t)))
            continue;
        if (press_specimen(&pdf, press, t, template_sample(t), (struct slice){NULL, 0}, "zs.example.cn",
                           &e) != 0) {
            (void)fprintf(stderr, "sealpress: %s/sample.json:\n", template_name(t));
            status = cli_fail(&e);
        } else {
            (void)printf(language_is_chinese() ? "%s  正常，%zu 字节\n" : "%s  fine, %zu bytes\n",
                         template_name(t), pdf.len);
        }
        buf_dispose(&pdf);
    }
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
    if (strcmp(words.list[0], "list") != 0 && strcmp(words.list[0], "check") != 0)
        return cli_misused(argv[0], "say \"list\" or \"check\".", "请写 list 或 check。");
    if (strcmp(words.list[0], "list") == 0 && words.count > 1)
        return cli_misused(argv[0], "list takes no name.", "list 后面不带模板名。");
    if (press_open(&press, &e) != 0)
        return cli_fail(&e);
    if (words.list[0][0] == 'l')
        list(press);
    else
        status = check(press, &words);
    press_close(press);
    return status == CLI_GO_ON ? CLI_FINE : status;
}
