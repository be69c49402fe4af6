/* cli_template.c - the template a command was told: one of the installation, or an author's folder. */
#include "cli/cli.h"
#include "issue/press.h"
#include <string.h>

bool cli_is_folder(const char *word)
{
    return strchr(word, '/') != NULL;
}

int cli_template_open(struct cli_template *out, const char *word, struct err *e)
{
    bool folder = cli_is_folder(word);

    *out = (struct cli_template){NULL, NULL, NULL};
    if (press_open_only(&out->press, folder ? "" : word, e) != 0)
        return -1;
    if (folder ? press_load(&out->own, out->press, word, NULL, e) != 0
               : press_template(&out->template, out->press, word, e) != 0) {
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
