/* cli_template.c - the template a command was told: one of the installation, or an author's folder. */
#include "cli/cli.h"
#include "issue/press.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool cli_is_folder(const char *word)
{
    return strchr(word, '/') != NULL;
}

/* A plain word is a template of the installation; who has a folder of that name here may have meant it. */
static int perhaps_folder(const struct press *press, const char *word, struct err *e)
{
    char path[512];
    struct err why;

    for (size_t i = 0; i < press_broken_count(press); i++)
        if (strcmp(press_broken_at(press, i, &why), word) == 0)
            return -1; /* it is one of the installation, with a mistake in it */
    if (e->code != ERR_NOT_FOUND || cli_is_folder(word) ||
        snprintf(path, sizeof path, "%s/template.md", word) >= (int)sizeof path || access(path, R_OK) != 0)
        return -1;
    return err_set(e, ERR_NOT_FOUND,
                   "The installation has no template \"%1$s\"; the folder here is written ./%1$s",
                   "安装中没有模板“%1$s”；当前目录下的文件夹请写作 ./%1$s", word);
}

int cli_template_open(struct cli_template *out, const char *word, struct err *e)
{
    bool folder = cli_is_folder(word);

    *out = (struct cli_template){NULL, NULL, NULL};
    if (press_open_only(&out->press, folder ? "" : word, e) != 0)
        return -1;
    if (folder ? press_load(&out->own, out->press, word, NULL, e) != 0
               : press_template(&out->template, out->press, word, e) != 0) {
        (void)perhaps_folder(out->press, word, e);
        cli_template_close(out);
        return -1;
    }
    if (folder)
        out->template = out->own;
    return 0;
}

void cli_template_close(struct cli_template *t)
{
    template_free(t->own);
    press_close(t->press);
    *t = (struct cli_template){NULL, NULL, NULL};
}
